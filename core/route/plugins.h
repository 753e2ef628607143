#ifndef VALISE_ROUTE_PLUGINS_H
#define VALISE_ROUTE_PLUGINS_H
/*
 * route/plugins - what the router knows of each plugin: how its process is, what it works on, and
 * what it died over too often.
 *
 * Process: router. The supervisor says how processes are, the host what it is about to do: a host
 *          that dies has said before what over. So one message that kills a plugin is held, and
 *          all others go on.
 * Start at: vls_route_plugin_gone().
 */
#include "route/report.h"

/** The state is forgotten with the router; what is held or set aside stays so. */
struct vls_route_plugin {
    char state[16];
    struct vls_why reason;
    uint32_t deaths;
    uint64_t since_ms;
    bool is_known; /* the next four are */
    char id[VLS_MAX_NAME + 1], version[VLS_MAX_NAME + 1];
    uint32_t abi, roles;
    uint64_t caps;
    /* what it works on: nothing, a message or a document */
    char call[32];
    struct vls_id message;
    bool has_message;
    char origin[VLS_MAX_ORIGIN_KEY + 1];
    struct vls_item_deaths *items; /* documents it died over */
    size_t set_aside;              /* of them */
};

void vls_route_plugins_new(struct vls_route *route);
/** Read what was set aside before. */
VLS_STATUS vls_route_plugins_open(struct vls_route *route, struct vls_why *why);
void vls_route_plugins_free(struct vls_route *route);

/** Its process works on this message at this moment: when it is gone now, that is what over. */
bool vls_route_plugin_works_on(const struct vls_route *route, unsigned instance,
                               const struct vls_id *message);
/** It answered for that message. */
void vls_route_plugin_idle(struct vls_route *route, unsigned instance);
/** A message was held as the plugin died over it: those deaths say nothing of the plugin as a
 * whole. */
void vls_route_plugin_forgive(struct vls_route *route, unsigned instance);
/** Its process is about to be there again: what waits for it need not wait long. */
bool vls_route_plugin_is_coming(const struct vls_route *route, unsigned instance);

/** What the plugin is, as its host loaded it. */
void vls_route_plugin_identity(struct vls_route *route, uint32_t instance,
                               const Valise__PluginIdentity *identity);
/** Origin keys that it is not to emit; lent until the next call about plugins. */
size_t vls_route_plugin_set_aside(const struct vls_route *route, uint32_t instance,
                                  char *out[VLS_PLUGIN_SET_ASIDE]);

/** Rows and notices of the status. */
VLS_STATUS vls_route_plugins_report(struct vls_route *route, struct vls_report *out,
                                    Valise__StatusReport *status, struct vls_why *why);
size_t vls_route_plugins_notices(const struct vls_route *route);

/** An operator's order; answered when the supervisor has answered. */
void vls_route_plugin_order(struct vls_route *route, uint64_t handle,
                            const Valise__OperatorPlugin *in, const char *actor);

#endif
