#ifndef VALISE_ROUTE_ROUTE_H
#define VALISE_ROUTE_ROUTE_H
/*
 * route - the life of every message: submitted, decided, sealed, recorded, carried, receipted;
 * received, recorded, delivered.
 *
 * Process:   router alone. It holds the store and the policy; it has no private key and no network.
 * Threads:   one.
 * Ownership: a route borrows what struct vls_route_options names until vls_route_free(). Frames
 * handed in are borrowed for the call; descriptors are taken out of `fds` where they are kept.
 * Start at:  route.c, read top to bottom; then submit.c, carry.c, receive.c, deliver.c, operate.c.
 *
 * The rule that holds it together: *commit before you answer*. Handlers change the store inside one
 * open transaction and queue their answers; vls_route_flush() commits once for all of them (one
 * fsync) and only then lets the answers go. The loop calls it when nothing more is readable, so a
 * batch is whatever came in meanwhile: no timer.
 */
#include "base/env.h"
#include "base/log.h"
#include "config/config.h"
#include "policy/arrangement.h"
#include "store/store.h"
#include "wire/channel.h"

struct vls_route; /* opaque */

/** Whom the router can ask. */
enum vls_route_target { VLS_ASK_CRYPTO, VLS_ASK_EDGE, VLS_ASK_HOST, VLS_ASK_READER };

/** Everything outside the store that the router acts on. A test plays all of it. */
struct vls_route_ports {
    void *ctx;
    /** As vls_channel_ask(). `host` is the instance for VLS_ASK_HOST. @return WIRE_GONE when that
     * role is not there */
    struct vls_status (*ask)(void *ctx, enum vls_route_target target, unsigned host,
                             Valise__Frame *frame, const int *fds, size_t fd_count, int expects,
                             vls_answer_fn answer, void *answer_ctx, struct vls_why *why);
    /** Answer a request that was handed in with this handle. Does nothing when its asker is gone.
     */
    void (*answer)(void *ctx, uint64_t handle, Valise__Frame *frame, const int *fds,
                   size_t fd_count);
    /** Call vls_route_flush() soon, behind all that is readable now. */
    void (*flush_soon)(void *ctx);
    /** Call vls_route_tick() at this time of the steady clock; replaces the time of an earlier
     * call. */
    void (*tick_at)(void *ctx, uint64_t steady_ms);
    /** Ask the supervisor: as vls_channel_ask(), with Done for an answer. NULL: there is none. */
    struct vls_status (*order)(void *ctx, Valise__Frame *frame, vls_answer_fn answer,
                               void *answer_ctx, struct vls_why *why);
    /** As vls_log_fields(). */
    void (*log)(void *ctx, enum vls_log_level level, const char *event,
                const struct vls_field *fields, size_t count);
    /** Is the signature that of the officer's certificate in the configuration, valid when it was
     * made and now? NULL: whoever is among config->officers is. @return APPROVAL_* */
    struct vls_status (*officer_stands)(void *ctx, const char *officer, struct vls_slice statement,
                                        struct vls_slice signature, struct vls_why *why);
};

/** A party's signature over the installed arrangement; verified. */
struct vls_route_approval {
    const char *party;
    uint64_t signed_ms;
    struct vls_slice signature; /* CMS, DER */
};

struct vls_route_options {
    const struct vls_config *config;
    struct vls_store *store;
    const struct vls_scheme_set *schemes;
    const struct vls_arrangement *arrangement;  /* as installed; a later version may be in force */
    struct vls_slice arrangement_bytes;         /* its file */
    const struct vls_route_approval *approvals; /* of each party, when approvers are configured */
    size_t approval_count;
    const struct vls_arrangement *house; /* own house rules, read with it; NULL: none */
    struct vls_slice house_bytes;        /* their file: they are read again with a later version */
    const struct vls_env *env;
    struct vls_route_ports ports;
};

/** Take up where the last process left off: what was under way becomes uncertain, what was with a
 * sink is delivered again. */
VLS_STATUS vls_route_new(const struct vls_route_options *options, struct vls_route **out,
                         struct vls_why *why);
void vls_route_free(struct vls_route **route);

/* -- requests; each is answered through ports.answer with its handle --------------------------- */

/** A document to send. `origin` is who submits: "plugin:NAME" or "uid:N". */
void vls_route_submit(struct vls_route *route, uint64_t handle, const char *origin,
                      const Valise__Submission *submission, struct vls_fds *fds);
/** A batch from a partner; fds holds its body. */
void vls_route_exchange_in(struct vls_route *route, uint64_t handle, const Valise__ExchangeIn *in,
                           struct vls_fds *fds);
void vls_route_upload_open(struct vls_route *route, uint64_t handle, const Valise__UploadOpen *in);
void vls_route_upload_done(struct vls_route *route, uint64_t handle, const Valise__UploadDone *in);
void vls_route_state_load(struct vls_route *route, uint64_t handle, uint32_t instance,
                          const char *plugin, const Valise__StateLoad *in);
void vls_route_state_save(struct vls_route *route, uint64_t handle, const char *plugin,
                          const Valise__StateSave *in);
/** What a plugin, by its place in the configuration, says of itself. Not answered. */
void vls_route_plugin_said(struct vls_route *route, unsigned plugin,
                           const Valise__PluginReport *in);
/** Anything but a submission from an operator. */
void vls_route_operate(struct vls_route *route, uint64_t handle, const Valise__OperatorRequest *in,
                       struct vls_fds *fds);

/* -- plugins, by their place in the configuration: core/route/plugins.h ------------------------ */

/** How its process is. */
void vls_route_plugin_state(struct vls_route *route, const Valise__PluginState *state);
/** What it is about to do. */
void vls_route_plugin_working(struct vls_route *route, uint32_t instance,
                              const Valise__Working *working);
/** It hands a document over: whatever happens to it from here on, that document is whole. */
void vls_route_plugin_submits(struct vls_route *route, uint32_t instance, const char *origin_key);
/** Its process is gone. After the questions to it were answered. */
void vls_route_plugin_gone(struct vls_route *route, uint32_t instance);

/* -- the loop ---------------------------------------------------------------------------------- */

/** Commit all that is open, let the answers go, then start what can be started. */
void vls_route_flush(struct vls_route *route);
/** Something is due. */
void vls_route_tick(struct vls_route *route);
/** A role came (back), the edge or another: what waited for it can go on. */
void vls_route_attached(struct vls_route *route, bool is_edge);
/** Start nothing new. */
void vls_route_stop(struct vls_route *route);
/** Nothing is under way and nothing waits for a commit. */
bool vls_route_is_idle(const struct vls_route *route);

#endif
