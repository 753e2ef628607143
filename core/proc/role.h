#ifndef VALISE_PROC_ROLE_H
#define VALISE_PROC_ROLE_H
/*
 * proc/role - what every role's process has in common: how it is started, closed in, connected
 * and stopped.
 *
 * Process:   all roles but the supervisor.
 * Start at:  vls_role_main(); the table of roles is in proc/roles.h.
 *
 * The seven steps of each role:
 *     1 take over the fixed descriptors   3 supervisor channel, 4 log, 5 configuration, 6 listener
 *     2 read the configuration            the same bytes for all roles
 *     3 init()                            open files by path: store, keys, certificates
 *     4 close the sandbox                 before the first foreign byte; of a host, whose init runs
 *                                         the code of its plugin, before init()
 *     5 tell the supervisor               Ready, or Done with the reason why not
 *     6 serve                             channels to other roles come as Attach, also anew after
 *                                         one of them died
 *     7 stop()                            finish what is under way, then vls_role_finish()
 *
 * When the supervisor's channel closes, the process ends at once. A role that loses a channel to a
 * sibling waits for the next Attach.
 */
#include <event2/event.h>

#include "base/env.h"
#include "config/config.h"
#include "wire/channel.h"

enum vls_role_kind {
    VLS_ROLE_SUPERVISOR,
    VLS_ROLE_EDGE,
    VLS_ROLE_ROUTER,
    VLS_ROLE_CRYPTO,
    VLS_ROLE_CONTROL,
    VLS_ROLE_FETCH,
    VLS_ROLE_READER,
    VLS_ROLE_HOST,
    VLS_ROLE_COUNT
};

/** "router" and so on. */
const char *vls_role_name(enum vls_role_kind kind);

struct vls_role {
    enum vls_role_kind kind;
    unsigned instance; /* of crypto: 0..; of host: index in config->plugins */
    const char *name;  /* of host: the plugin's name; otherwise the role's name */
    struct vls_config *config;
    struct event_base *base; /* two priorities: 0 for channels, 1 for work that follows a batch */
    const struct vls_env *env;
    int listener; /* edge, control: a listening socket; -1 otherwise. Owned by the role */
    void *state;  /* of init() */
};

/** What a role brings along. All calls come from the loop's thread. */
struct vls_role_ops {
    /** Before the sandbox: may open files by path (of a host: within it). Sets role->state. Fails =
     *  the process ends with the words in the log and on the supervisor's standard error. */
    struct vls_status (*init)(struct vls_role *role, struct vls_why *why);
    /** A channel to another role, in place of an earlier one to the same kind and instance. fd is
     * taken. */
    struct vls_status (*attach)(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why);
    /** Take nothing new, finish what is under way, then call vls_role_finish(). At most
     * VLS_STOP_MS. */
    void (*stop)(struct vls_role *role);
    /** Release all; for the sanitizers' sake. */
    void (*fini)(struct vls_role *role);
    /** Before init and before the sandbox, also of a role that is closed in before its init: reads
     * what belongs to the gateway and must be open to no foreign code. Sets role->state. May be
     * NULL; fails as init does. */
    struct vls_status (*prepare)(struct vls_role *role, struct vls_why *why);
    /** A notice of the supervisor beside Attach and Stop: core/proc/roles.c says who gets which.
     * May be NULL for a role that gets none. */
    void (*notice)(struct vls_role *role, const Valise__Frame *frame);
};

/** Ask the supervisor. Once the role serves; @return as vls_channel_ask() */
VLS_STATUS vls_role_ask_supervisor(struct vls_role *role, Valise__Frame *frame, int expects,
                                   vls_answer_fn answer, void *ctx, struct vls_why *why);

#define VLS_STOP_MS 10000u

/** Leave the loop and end with status 0. */
void vls_role_finish(struct vls_role *role);

/** End this process at once because a sibling broke the protocol or the role cannot go on; logs it,
 * and tells the supervisor why. */
void vls_role_die(struct vls_role *role, struct vls_status status, const struct vls_why *why)
    __attribute__((noreturn));

/** The main of a role: the seven steps. `instance` and `name` come from the command line that the
 * supervisor wrote. Returns the exit status. */
int vls_role_main(enum vls_role_kind kind, unsigned instance, const char *name,
                  const struct vls_role_ops *ops);

/** Which body cases the role `from` may send to `to` as requests or notices; ended by 0. For
 * vls_channel_new(). */
const int *vls_role_accepts(enum vls_role_kind from, enum vls_role_kind to);

#endif
