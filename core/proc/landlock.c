#include "proc/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compat.h"
#include "base/file.h"

/* Rights that a file can have; the others are of directories. */
#define FILE_RIGHTS                                                                                \
    (VLS_LANDLOCK_FS_EXECUTE | VLS_LANDLOCK_FS_READ_FILE | VLS_LANDLOCK_FS_WRITE_FILE |            \
     VLS_LANDLOCK_FS_TRUNCATE)

/* Sockets, devices, pipes and symbolic links are made by nobody. */
#define WRITE_RIGHTS                                                                               \
    (VLS_LANDLOCK_FS_WRITE_FILE | VLS_LANDLOCK_FS_TRUNCATE | VLS_LANDLOCK_FS_REMOVE_FILE |         \
     VLS_LANDLOCK_FS_REMOVE_DIR | VLS_LANDLOCK_FS_MAKE_REG | VLS_LANDLOCK_FS_MAKE_DIR |            \
     VLS_LANDLOCK_FS_REFER)

unsigned vls_sandbox_landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VLS_LANDLOCK_ASK_VERSION);
    return abi > 0 ? (unsigned)abi : 0;
}

static uint64_t handled_files(unsigned abi)
{
    return VLS_LANDLOCK_FS_ABI_1 | (abi >= 2 ? VLS_LANDLOCK_FS_REFER : 0) |
           (abi >= 3 ? VLS_LANDLOCK_FS_TRUNCATE : 0) | (abi >= 5 ? VLS_LANDLOCK_FS_IOCTL_DEV : 0);
}

static uint64_t rights_of(unsigned access)
{
    uint64_t rights = 0;
    if ((access & VLS_PATH_READ) != 0)
        rights |= VLS_LANDLOCK_FS_READ_FILE | VLS_LANDLOCK_FS_READ_DIR;
    if ((access & VLS_PATH_WRITE) != 0)
        rights |= WRITE_RIGHTS;
    if ((access & VLS_PATH_EXECUTE) != 0)
        rights |= VLS_LANDLOCK_FS_EXECUTE;
    return rights;
}

static struct vls_status grant_path(int ruleset, const struct vls_sandbox_path *path, unsigned abi,
                                    struct vls_why *why)
{
    struct stat st;
    VLS_DEFER(vls_fd_close) int fd = open(path->path, O_PATH | O_CLOEXEC);
    if (fd < 0 && path->is_optional)
        return VLS_DONE;
    if (fd < 0 || fstat(fd, &st) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "the sandbox grants %s", path->path);
    struct vls_landlock_path rule = {
        .allowed = rights_of(path->access) & handled_files(abi),
        .parent_fd = fd,
    };
    if (!S_ISDIR(st.st_mode))
        rule.allowed &= FILE_RIGHTS;
    if (syscall(SYS_landlock_add_rule, ruleset, VLS_LANDLOCK_RULE_PATH, &rule, 0) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "Landlock rule for %s", path->path);
    return VLS_DONE;
}

static struct vls_status grant_port(int ruleset, uint16_t port, struct vls_why *why)
{
    struct vls_landlock_port rule = {.allowed = VLS_LANDLOCK_NET_CONNECT_TCP, .port = port};
    if (syscall(SYS_landlock_add_rule, ruleset, VLS_LANDLOCK_RULE_NET_PORT, &rule, 0) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "Landlock rule for port %u", port);
    return VLS_DONE;
}

struct vls_status vls_landlock_close(const struct vls_sandbox *sandbox, unsigned abi,
                                     struct vls_why *why)
{
    struct vls_landlock_ruleset attributes = {
        .handled_fs = handled_files(abi),
        .handled_net = abi >= 4 ? VLS_LANDLOCK_NET_BIND_TCP | VLS_LANDLOCK_NET_CONNECT_TCP : 0,
        .scoped = abi >= 6 ? VLS_LANDLOCK_SCOPE_ABSTRACT_UNIX | VLS_LANDLOCK_SCOPE_SIGNAL : 0,
    };
    VLS_DEFER(vls_fd_close)
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (ruleset < 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "Landlock rule set of ABI %u", abi);
    for (size_t i = 0; i < sandbox->paths_count; i++)
        VLS_TRY(grant_path(ruleset, &sandbox->paths[i], abi, why));
    for (size_t i = 0; abi >= 4 && i < sandbox->ports_count; i++)
        VLS_TRY(grant_port(ruleset, sandbox->ports[i], why));
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "Landlock");
    return VLS_DONE;
}
