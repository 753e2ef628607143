#ifndef VALISE_PROC_ROLES_H
#define VALISE_PROC_ROLES_H
/*
 * proc/roles - the two tables a reviewer reads in a minute: who may talk to whom, and what each
 * role may do.
 *
 * Process:   all.
 * Ownership: what vls_role_sandbox() builds is released with vls_sandbox_fini().
 * Start at:  the tables at the head of roles.c.
 */
#include "config/config.h"
#include "proc/role.h"
#include "proc/sandbox.h"

/** Which files a role may open after its sandbox has closed. */
enum vls_role_files {
    VLS_FILES_NONE,
    VLS_FILES_STORE, /* the data directory, reading and writing                                   */
    VLS_FILES_PARTNERS, /* certificates of partners, and what looking up a host name reads */
    VLS_FILES_LOOK_UP,  /* what looking up a host name and checking a certificate reads */
    VLS_FILES_PLUGIN,   /* the plugin, libraries (reading), and the directories its operator granted
                         */
};

/** Which TCP ports it may connect to. No role binds one: listening sockets come from the
 * supervisor. */
enum vls_role_net {
    VLS_NET_NONE,
    VLS_NET_PARTNERS, /* ports of the partners' addresses */
    VLS_NET_PLUGINS,  /* ports of the hosts that plugins may reach */
};

struct vls_role_profile {
    const char *name;
    unsigned calls; /* enum vls_call_group, or-ed */
    enum vls_role_files files;
    enum vls_role_net net;
    bool is_closed_before_init; /* its init runs foreign code: the sandbox closes before */
    uint64_t descriptors;       /* RLIMIT_NOFILE */
    uint64_t data_bytes;        /* RLIMIT_DATA   */
};

const struct vls_role_profile *vls_role_profile(enum vls_role_kind kind);

/** @return INPUT_MALFORMED when there is no such role */
VLS_STATUS vls_role_from_name(const char *name, enum vls_role_kind *out);

/** There is a channel between the two, in whichever direction frames go. Not with the supervisor,
 * which has one to each. */
bool vls_roles_are_linked(enum vls_role_kind a, enum vls_role_kind b);

/** These two processes get a channel: as vls_roles_are_linked(), but a host meets fetch only when
 * its plugin is granted the network. */
bool vls_roles_are_to_meet(const struct vls_config *config, enum vls_role_kind a,
                           unsigned instance_a, enum vls_role_kind b, unsigned instance_b);

/** The sandbox of one role under this configuration. */
void vls_role_sandbox(enum vls_role_kind kind, unsigned instance, const struct vls_config *config,
                      struct vls_sandbox *out);

/** The sandbox of a process that looks at a plugin's object: it may load it, and nothing else. */
void vls_describe_sandbox(const char *file, struct vls_sandbox *out);

/** How many processes of the role this configuration asks for. */
unsigned vls_role_instances(enum vls_role_kind kind, const struct vls_config *config);

#endif
