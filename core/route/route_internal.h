#ifndef VALISE_ROUTE_ROUTE_INTERNAL_H
#define VALISE_ROUTE_ROUTE_INTERNAL_H
/*
 * route/route_internal - what the files of route/ share. Not for anyone else.
 *
 * Process: router.
 */
#include <schemas/exchange.pb-c.h>

#include "base/map.h"
#include "envelope/manifest.h"
#include "policy/decide.h"
#include "route/logs.h"
#include "route/route.h"

#define VLS_MAX_SUBMISSIONS  256u  /* being sealed at one time                                */
#define VLS_MAX_DELIVERIES   32u   /* being opened or with a sink at one time                 */
#define VLS_MAX_OPENINGS     4u    /* being opened for operators at one time                  */
#define VLS_MAX_STATE_LOADED 1024u /* items of a plugin that one answer holds                  */
#define VLS_MAX_PUSHES       4u    /* contents on their way to one partner at one time        */
#define VLS_PUSH_QUEUE       256u  /* messages whose content waits for that                   */
#define VLS_EVIDENCE_MS      1000u /* an idle partner gets our cosignature after this long    */
#define VLS_STRANDED_MS      1000u /* behind a commit that failed, before the next                */
#define VLS_SINK_COMING_MS   200u  /* and then, when a plugin's process is about to be there    */
#define VLS_SINK_MISSING_MS  5000u /* a message that no plugin delivers is looked at again then */

struct vls_partner {
    struct vls_route *route;
    const struct vls_config_partner *config;
    struct vls_log sent, received;                   /* ours */
    struct vls_their_log their_sent, their_received; /* theirs */
    struct vls_note_key their_sent_key, their_received_key, their_witness_key;
    uint64_t cosigned_size; /* of our sent log, as the partner last cosigned it */
    char *cosignature;      /* for their received log, to go with the next batch; NULL = none */
    uint64_t cosignature_size;
    bool is_cosigning;

    struct vls_batch *batch; /* under way; NULL = none */
    uint32_t batch_limit;    /* 1 after a refused batch, to find the message that it is about */
    struct vls_push *pushes; /* contents that go ahead of their messages: carry_internal.h */
    size_t push_count, pushes_under_way;
    uint64_t next_try_ms;  /* steady clock */
    uint64_t confirmed_ms; /* the same: what is due waits until its log is confirmed: confirm.h */
    uint32_t failures;     /* in a row */
    uint32_t stale;        /* answers in a row that we knew another checkpoint */
    uint64_t last_exchange_ms, last_exchange_steady_ms;
    char trouble[256];
    bool is_stopped;         /* an alarm is open: nothing goes on until an operator has looked */
    struct vls_alarm *alarm; /* raised, and not on disk yet: alarms.h; NULL = none */
};

/** What waits for the commit. Called once: OK when it is on disk, or with what went wrong. */
typedef void (*vls_after_fn)(void *ctx, struct vls_status commit);
struct vls_after {
    struct vls_after *next;
    vls_after_fn fn;
    void *ctx;
};

/** When requests are due, as the store said last, and the uniform answers that are being made. */
struct vls_requests_watch {
    uint64_t slot_ms, remind_ms; /* of the wall clock; UINT64_MAX: none */
    bool is_known;               /* the two hold */
    size_t under_way;
    uint64_t retry_ms; /* steady clock: nothing before, behind a failure */
    uint32_t failures; /* in a row */
};

/** A message over which the crypto role's or a sink's process died. */
struct vls_death {
    struct vls_id id;
    uint32_t times;
    UT_hash_handle hh;
};

struct vls_route {
    struct vls_route_options o;
    const struct vls_arrangement *arrangement, *house; /* that decide now; house NULL: none */
    struct vls_route_life *life;                       /* life.h: what the versions are */
    bool is_unsettled; /* other rules are in force than those that what waits was decided by */
    struct vls_id_maker ids;
    struct vls_partner *partners;
    size_t partner_count;
    struct vls_after *after, **after_end;
    size_t after_count;
    struct vls_submission *submissions;
    size_t submission_count, delivery_count, exchange_count;
    uint64_t started_ms;
    bool is_stopping, is_flushing, is_erasing, has_inspections; /* there are inspectors, or were */
    bool is_stranded; /* a commit failed: stranded.c has to look before anything is started */
    struct vls_delivery *deliveries; /* under way: deliver.c */
    uint64_t next_delivery_ms;       /* steady clock */
    struct vls_death *deaths;
    struct vls_inspection *inspections; /* under way: inspect.c */
    size_t inspection_count;
    uint64_t inspectors_away_ms[3];   /* by enum vls_direction: nothing is shown before (steady) */
    struct vls_resolver_rests *rests; /* of each plugin */
    struct vls_said *said;            /* by plugins of themselves: said.c */
    struct vls_route_clearances *clearances; /* clearance.h */
    size_t opening_count, resolving_count;   /* for operators: open.c, resolve.c */
    struct vls_requests_watch requests;
    struct vls_route_plugin *plugins;        /* one a plugin of the configuration: plugins.h */
    struct vls_internal_log *internal;       /* internal.h */
    struct vls_confirmations *confirmations; /* confirm.h */
    struct vls_furnishing *furnishings;      /* under way: furnish.c */
    size_t furnishing_count, spread_count;   /* spread: subscribe.c */
};

/* -- route.c ----------------------------------------------------------------------------------- */

/** Open the transaction that the next flush commits. */
VLS_STATUS vls_route_begin(struct vls_route *route, struct vls_why *why);
/** Run fn behind the next commit. Commits at once when the batch is full. */
void vls_route_after(struct vls_route *route, vls_after_fn fn, void *ctx);
/** Move a message, if the table allows it. A cause longer than a reason may be is cut. */
VLS_STATUS vls_route_move(struct vls_route *route, const struct vls_id *id, enum vls_state from,
                          enum vls_state to, uint64_t due_ms, uint32_t add_attempts,
                          const char *cause, const char *actor, struct vls_why *why);
/** Ids of due messages of any partner; the store may be changed while they are worked on. */
struct vls_due {
    struct vls_id ids[VLS_BATCH_MESSAGES];
    size_t count;
};
VLS_STATUS vls_route_due(struct vls_route *route, enum vls_direction direction,
                         enum vls_state state, uint64_t now_ms, uint32_t limit, struct vls_due *out,
                         struct vls_why *why);
/** Move every message of a direction that is in state `from`; counts as an attempt. In the open
 * transaction. */
VLS_STATUS vls_route_move_every(struct vls_route *route, enum vls_direction direction,
                                enum vls_state from, enum vls_state to, const char *cause,
                                struct vls_why *why);
struct vls_partner *vls_route_partner(struct vls_route *route, const char *party);
uint64_t vls_route_wall(const struct vls_route *route);
uint64_t vls_route_steady(const struct vls_route *route);
/** How long to wait after so many failures, in milliseconds: the limits of the configuration, and
 * chance. */
uint64_t vls_route_backoff(const struct vls_route *route, uint32_t failures);
/** Answer with a frame of which only `outcome` counts. */
void vls_route_answer_done(struct vls_route *route, uint64_t handle, struct vls_status status,
                           const struct vls_why *why);

#define vls_route_log(route, level, event, ...)                                                    \
    (route)->o.ports.log(                                                                          \
        (route)->o.ports.ctx, (level), (event), (const struct vls_field[]){__VA_ARGS__},           \
        sizeof((const struct vls_field[]){__VA_ARGS__}) / sizeof(struct vls_field))

/* -- submit.c: more of it in submit.h ---------------------------------------------------------- */

/** Record a released message: its leaf goes into our "sent" log. In the open transaction. */
VLS_STATUS vls_route_record(struct vls_route *route, struct vls_partner *partner,
                            const struct vls_id *id, struct vls_slice manifest,
                            struct vls_why *why);

/* -- carry.c ----------------------------------------------------------------------------------- */

/** Bring contents and then what is due to this partner, unless something is under way or it is too
 * early. */
void vls_carry_start(struct vls_partner *partner);
/** When something will be due for this partner on the steady clock; UINT64_MAX = nothing is. */
uint64_t vls_carry_next_ms(struct vls_partner *partner);
/** What was under way in the last process is uncertain. */
VLS_STATUS vls_carry_recover(struct vls_route *route, struct vls_why *why);
void vls_carry_free(struct vls_partner *partner);

/* -- deliver.c --------------------------------------------------------------------------------- */

void vls_deliver_start(struct vls_route *route);
bool vls_deliver_is_under_way(const struct vls_route *route, const struct vls_id *id);
VLS_STATUS vls_deliver_recover(struct vls_route *route, struct vls_why *why);

static inline struct vls_slice vls_bytes(ProtobufCBinaryData data)
{
    return VLS_SLICE(data.data, data.len);
}

/** protobuf-c's structs are not const: it only reads these. */
static inline ProtobufCBinaryData vls_data(struct vls_slice slice)
{
    return (ProtobufCBinaryData){slice.len, (uint8_t *)(uintptr_t)slice.at};
}

static inline char *vls_field_text(const char *text)
{
    return (char *)(uintptr_t)(text != NULL ? text : "");
}

#endif
