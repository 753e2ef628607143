#include "proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compat.h"
#include "base/mem.h"
#include "proc/calls.h"
#include "proc/landlock.h"

/* Flags of clone() that make anything but a thread, or a thread elsewhere. */
#define CLONE_ELSEWHERE                                                                            \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
#define SOCKET_TYPE_MASK 0xfu

/* -- what is granted --------------------------------------------------------------------------- */

void vls_sandbox_init(struct vls_sandbox *sandbox)
{
    *sandbox = (struct vls_sandbox){.calls = VLS_CALLS_BASE};
}

void vls_sandbox_fini(struct vls_sandbox *sandbox)
{
    for (size_t i = 0; i < sandbox->paths_count; i++)
        vls_mem_free(sandbox->paths[i].path);
    vls_mem_free(sandbox->paths);
    vls_mem_free(sandbox->ports);
    *sandbox = (struct vls_sandbox){.calls = 0};
}

void vls_sandbox_add_path(struct vls_sandbox *sandbox, const char *path, unsigned access,
                          bool is_optional)
{
    struct vls_sandbox_path *grown =
        vls_mem_new((sandbox->paths_count + 1) * sizeof *sandbox->paths);
    vls_copy(grown, sandbox->paths, sandbox->paths_count * sizeof *grown);
    vls_mem_free(sandbox->paths);
    sandbox->paths = grown;
    grown[sandbox->paths_count++] =
        (struct vls_sandbox_path){vls_mem_dup(path), access, is_optional};
}

void vls_sandbox_add_port(struct vls_sandbox *sandbox, uint16_t port)
{
    uint16_t *grown = vls_mem_new((sandbox->ports_count + 1) * sizeof *grown);
    vls_copy(grown, sandbox->ports, sandbox->ports_count * sizeof *grown);
    vls_mem_free(sandbox->ports);
    sandbox->ports = grown;
    grown[sandbox->ports_count++] = port;
}

/* -- limits ------------------------------------------------------------------------------------ */

/* Never above what the process was given: an operator may have set it lower. */
static struct vls_status limit(int resource, uint64_t value, const char *name, struct vls_why *why)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "read %s", name);
    rlim_t most = now.rlim_max == RLIM_INFINITY || now.rlim_max > value ? value : now.rlim_max;
    struct rlimit limits = {.rlim_cur = most, .rlim_max = most};
    if (setrlimit((__rlimit_resource_t)resource, &limits) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "set %s", name);
    return VLS_DONE;
}

struct vls_status vls_sandbox_harden(const struct vls_sandbox *sandbox, struct vls_why *why)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "no new privileges");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "not to be dumped");
    VLS_TRY(limit(RLIMIT_CORE, 0, "RLIMIT_CORE", why));
    if (sandbox->descriptors != 0)
        VLS_TRY(limit(RLIMIT_NOFILE, sandbox->descriptors, "RLIMIT_NOFILE", why));
    if (sandbox->data_bytes != 0 && !vls_is_sanitized())
        VLS_TRY(limit(RLIMIT_DATA, sandbox->data_bytes, "RLIMIT_DATA", why));
    return VLS_DONE;
}

/* -- seccomp ----------------------------------------------------------------------------------- */

/* A filter while it is built: the first rule that fails is kept, and the end tells. */
struct filter {
    scmp_filter_ctx ctx;
    int failed; /* errno of the first failure */
    const char *failed_at;
};

static void free_filter(struct filter *filter)
{
    if (filter->ctx != NULL)
        seccomp_release(filter->ctx);
}

static void add(struct filter *filter, uint32_t action, const char *name, unsigned count,
                const struct scmp_arg_cmp *args)
{
    int number = seccomp_syscall_resolve_name(name);
    if (filter->failed != 0 || number == __NR_SCMP_ERROR)
        return;
    int result = seccomp_rule_add_array(filter->ctx, action, number, count, args);
    if (result != 0 && result != -EEXIST) {
        filter->failed = -result;
        filter->failed_at = name;
    }
}

static bool is_of_sanitizers(const char *name)
{
    for (const char *const *n = VLS_CALLS_OF_SANITIZERS; *n != NULL; n++)
        if (strcmp(*n, name) == 0)
            return true;
    return false;
}

static void add_sets(struct filter *filter, unsigned calls)
{
    for (const struct vls_call_set *set = VLS_CALL_SETS; set->group != 0; set++)
        for (const char *const *n = set->names; (calls & set->group) != 0 && *n != NULL; n++)
            add(filter, SCMP_ACT_ALLOW, *n, 0, NULL);
    for (const char *const *n = VLS_CALLS_OF_SANITIZERS; *n != NULL; n++)
        add(filter, SCMP_ACT_ALLOW, *n, 0, NULL);
    for (const char *const *n = VLS_CALLS_THAT_KILL; *n != NULL; n++)
        if (!is_of_sanitizers(*n))
            add(filter, SCMP_ACT_KILL_PROCESS, *n, 0, NULL);
}

/* fstat() is newfstatat() with an empty path in this C library. A filter cannot look at the path,
 * but a name tells no more than Landlock lets anyone learn. */
static void add_descriptors(struct filter *filter)
{
    struct scmp_arg_cmp empty = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);
    add(filter, SCMP_ACT_ALLOW, "newfstatat", 1, &empty);
}

/* Code is mapped only while a plugin is loaded. */
static void add_memory(struct filter *filter, unsigned calls)
{
    unsigned count = (calls & VLS_CALLS_LOAD) != 0 ? 0 : 1;
    struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    add(filter, SCMP_ACT_ALLOW, "mmap", count, &no_code);
    add(filter, SCMP_ACT_ALLOW, "mprotect", count, &no_code);
}

static void add_sockets(struct filter *filter)
{
    static const int FAMILIES[] = {AF_INET, AF_INET6};
    static const int TYPES[] = {SOCK_STREAM, SOCK_DGRAM};
    for (size_t f = 0; f < sizeof FAMILIES / sizeof FAMILIES[0]; f++)
        for (size_t t = 0; t < sizeof TYPES / sizeof TYPES[0]; t++) {
            struct scmp_arg_cmp args[] = {
                SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)FAMILIES[f], 0),
                SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK, (scmp_datum_t)TYPES[t])};
            add(filter, SCMP_ACT_ALLOW, "socket", 2, args);
        }
    /* libcurl wakes its own loop with a pair, of streams: datagrams could be sent from one to any
     * socket of the system. The resolver asks how much a datagram holds. */
    struct scmp_arg_cmp unix_pair[] = {SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0),
                                       SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK, SOCK_STREAM)};
    add(filter, SCMP_ACT_ALLOW, "socketpair", 2, unix_pair);
    struct scmp_arg_cmp how_much = SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0);
    add(filter, SCMP_ACT_ALLOW, "ioctl", 1, &how_much);
}

static void add_processes(struct filter *filter, unsigned calls)
{
    /* abort() signals itself; nobody else is in reach */
    struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    add(filter, SCMP_ACT_ALLOW, "tgkill", 1, &self);
    /* its arguments lie in memory, where no filter can look: the C library falls back to clone() */
    add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
    struct scmp_arg_cmp thread =
        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_ELSEWHERE, CLONE_THREAD);
    if ((calls & VLS_CALLS_THREADS) != 0 && !is_of_sanitizers("clone"))
        add(filter, SCMP_ACT_ALLOW, "clone", 1, &thread);
}

static struct vls_status load(struct filter *filter, struct vls_why *why)
{
    if (filter->failed != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, filter->failed, "seccomp rule for %s",
                              filter->failed_at);
    int result = seccomp_load(filter->ctx);
    if (result != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, -result, "seccomp filter");
    return VLS_DONE;
}

static struct vls_status open_filter(uint32_t otherwise, struct filter *filter, struct vls_why *why)
{
    filter->ctx = seccomp_init(otherwise);
    if (filter->ctx == NULL)
        return vls_fail(VLS_PROC_SANDBOX, why, "seccomp: no filter can be made");
    int result = seccomp_attr_set(filter->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (result == 0)
        result = seccomp_attr_set(filter->ctx, SCMP_FLTATR_CTL_LOG, 1);
    if (result == 0)
        result = seccomp_attr_set(filter->ctx, SCMP_FLTATR_CTL_TSYNC, 1);
    if (result == 0)
        result = seccomp_attr_set(filter->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (result != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, -result, "seccomp attributes");
    return VLS_DONE;
}

static struct vls_status close_calls(unsigned calls, struct vls_why *why)
{
    VLS_DEFER(free_filter) struct filter filter = {NULL, 0, NULL};
    VLS_TRY(open_filter(SCMP_ACT_ERRNO(EPERM), &filter, why));
    add_sets(&filter, calls);
    add_descriptors(&filter);
    add_memory(&filter, calls);
    add_processes(&filter, calls);
    if ((calls & VLS_CALLS_CONNECT) != 0)
        add_sockets(&filter);
    return load(&filter, why);
}

struct vls_status vls_sandbox_tighten(struct vls_why *why)
{
    VLS_DEFER(free_filter) struct filter filter = {NULL, 0, NULL};
    struct scmp_arg_cmp code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    VLS_TRY(open_filter(SCMP_ACT_ALLOW, &filter, why));
    add(&filter, SCMP_ACT_ERRNO(EPERM), "mmap", 1, &code);
    add(&filter, SCMP_ACT_ERRNO(EPERM), "mprotect", 1, &code);
    add(&filter, SCMP_ACT_ERRNO(EPERM), "pkey_mprotect", 1, &code);
    if (!is_of_sanitizers("prctl")) {
        add(&filter, SCMP_ACT_ERRNO(EPERM), "prctl", 0, NULL);
        add(&filter, SCMP_ACT_ERRNO(EPERM), "seccomp", 0, NULL);
    }
    return load(&filter, why);
}

struct vls_status vls_sandbox_close(const struct vls_sandbox *sandbox, unsigned *out_abi,
                                    struct vls_why *why)
{
    unsigned abi = vls_sandbox_landlock_abi();
    if (abi == 0)
        return vls_fail(VLS_PROC_SANDBOX, why,
                        "this kernel has no Landlock: start it with lsm=landlock,... (Debian 12's "
                        "own kernel has it)");
    VLS_TRY(vls_sandbox_harden(sandbox, why));
    VLS_TRY(vls_landlock_close(sandbox, abi, why));
    VLS_TRY(close_calls(sandbox->calls, why));
    if (out_abi != NULL)
        *out_abi = abi;
    return VLS_DONE;
}
