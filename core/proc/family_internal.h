#ifndef VALISE_PROC_FAMILY_INTERNAL_H
#define VALISE_PROC_FAMILY_INTERNAL_H
/*
 * proc/family_internal - what family.c (processes) and family_plugins.c (what becomes of a plugin
 * whose process ends, and what an operator wants of it) share.
 *
 * Process: supervisor.
 */
#include "proc/family.h"
#include "wire/channel.h"

/*
 * One role process.
 *
 *     absent --spawn--> starting --Ready--> serving
 *        ^                  |                  |
 *        +---- reaped and channel gone --------+
 */
enum child_state { CHILD_ABSENT, CHILD_STARTING, CHILD_SERVING };

/*
 * A plugin, across its processes.
 *
 *     starting ──Ready──> serving ──reload──> reloading ──> serving
 *      │   ^                 │  ^
 *      │   └── restarting <──┘  └── enable, reload ──┐
 *      ├──> refused    it said why it cannot start   │
 *      └──> disabled   it crashed too often ─────────┘
 */
enum plugin_life {
    PLUGIN_STARTING,
    PLUGIN_SERVING,
    PLUGIN_RESTARTING,
    PLUGIN_REFUSED,
    PLUGIN_DISABLED,
    PLUGIN_RELOADING,
};

struct child {
    struct vls_family *family;
    enum vls_role_kind kind;
    unsigned instance;
    const char *name;
    enum child_state state;
    pid_t pid; /* 0: reaped, or not there */
    struct vls_channel *channel;
    int wait_status;
    uint64_t started_ms;
    unsigned deaths;           /* in a row */
    struct event *timer;       /* absent: the restart; otherwise: the end of its patience */
    struct vls_status failure; /* what it said of its end */
    struct vls_why failure_why;

    /* of a host */
    enum plugin_life life;
    uint64_t life_since_ms; /* UTC */
    struct vls_why life_why;
    unsigned crashes;   /* in a row: deaths about which it could say nothing */
    bool is_retiring;   /* told to end, as its successor is ready */
    struct child *heir; /* started beside this one by a reload */
    bool is_heir;       /* not connected yet, and in no place of the family */
    int config_fd;      /* of its own, after a reload; -1: the family's */
    unsigned config_at; /* its place in that configuration */
    uint64_t order;     /* serial of the router's question about it; 0: none waits */
    pid_t order_of;     /* the router that asked */
};

struct vls_family {
    struct event_base *base;
    const struct vls_env *env;
    struct vls_family_options options;
    struct vls_family_events events;
    struct child **children;
    size_t count;
    struct event
        *stopped; /* on_stopped comes from the loop, never from within a callback of a child */
    bool was_ready, has_failed, is_stopping;
    size_t stop_step; /* index in the order of the stop */
    bool is_step_told;
};

#define VLS_HOW_TEXT 64

/* -- family.c ---------------------------------------------------------------------------------- */

struct child *vls_child_new(struct vls_family *family, enum vls_role_kind kind, unsigned instance);
/** Ends its process, if there is one. */
void vls_child_free(struct child **child);
/** Spawn it, without a channel to anybody but the supervisor. */
VLS_STATUS vls_child_spawn(struct child *child, struct vls_why *why);
/** Channels to all siblings that are there. */
VLS_STATUS vls_child_connect(struct child *child, struct vls_why *why);
/** Both; one that cannot be started is tried again later. */
void vls_child_start(struct child *child);
void vls_child_restart_later(struct child *child);
void vls_child_stop(struct child *child);
bool vls_child_is_alive(const struct child *child);
void vls_family_check_ready(struct vls_family *family);

/* -- family_plugins.c -------------------------------------------------------------------------- */

/** The process of a host serves. */
void vls_family_plugin_ready(struct child *child);
/** It has ended, and the family does not stop. Decides what comes next; an heir is freed by it. */
void vls_family_plugin_ended(struct child *child, const char *how);
/** Tell a router that has just started how all plugins are. */
void vls_family_tell_plugins(struct vls_family *family);
/** An order of the router. */
void vls_family_order(struct vls_family *family, struct child *router, const Valise__Frame *frame);
/** The place in its configuration and the descriptor of it that a process of this child gets. */
int vls_child_config(const struct child *child, unsigned *out_at);

#endif
