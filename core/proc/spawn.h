#ifndef VALISE_PROC_SPAWN_H
#define VALISE_PROC_SPAWN_H
/*
 * proc/spawn - one role as a process: fork, fixed descriptors, exec of this same binary or of
 * valise-host.
 *
 * Process:   the supervisor starts; a role takes over (vls_start_take()).
 * Ownership: descriptors of an order are borrowed.
 * Start at:  vls_spawn().
 *
 * The new process has an empty environment, `valised --role NAME --instance N --name PLUGIN` as
 * arguments, and exactly these descriptors:
 *
 *     0 /dev/null    1, 2 and 4 the log    3 supervisor channel
 *     5 configuration    6 listener, when it has one
 *
 * It dies with its parent, and runs as node.run-as when that was resolved.
 */
#include <sys/types.h>

#include "base/log.h"
#include "config/config.h"
#include "proc/role.h"

#define VLS_FD_SUPERVISOR 3
#define VLS_FD_LOG        4
#define VLS_FD_CONFIG     5
#define VLS_FD_LISTENER   6
#define VLS_FD_FIRST_FREE 7

#define VLS_MAX_GROUPS 64

/** The user that roles run as. */
struct vls_user {
    bool is_set; /* false: stay who we are */
    uid_t uid;
    gid_t gid;
    gid_t groups[VLS_MAX_GROUPS];
    int groups_count;
};

/** `name` of the configuration, when this process is root; otherwise out->is_set is false. @return
 * CONFIG_INVALID for an unknown user */
VLS_STATUS vls_user_find(const char *name, struct vls_user *out, struct vls_why *why);

struct vls_spawn_order {
    enum vls_role_kind kind;
    unsigned instance;
    const char *name;
    int supervisor, log, config, listener; /* listener -1: none */
    int program;                           /* what it executes; -1: this same binary */
    const struct vls_user *user;
};

/** @return PROC_SPAWN, SYSTEM_BUSY, SYSTEM_MEMORY. A failure between fork and exec shows as exit
 * status 127 of the process. */
VLS_STATUS vls_spawn(const struct vls_spawn_order *order, pid_t *out_pid, struct vls_why *why);

/** Open valise-host, the program of the role host: beside this one, or in ../libexec/valise. Held
 * open, so that plugins are started by the program that came with this supervisor, also after an
 * upgrade.
 * @return PROC_SPAWN with where it was looked for */
VLS_STATUS vls_host_program_open(int *out_fd, struct vls_why *why);

/** The configuration as roles get it: a sealed memory file with the absolute path of the file, a
 * NUL, and its bytes. */
VLS_STATUS vls_start_pack(const char *path, struct vls_slice yaml, int *out_fd,
                          struct vls_why *why);
/** Read it back. @return CONFIG_INVALID, INPUT_MALFORMED */
VLS_STATUS vls_start_take(int fd, struct vls_config **out, struct vls_why *why);

/** log.level of the configuration. */
enum vls_log_level vls_start_log_level(const struct vls_config *config);

#endif
