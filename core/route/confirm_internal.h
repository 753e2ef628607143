#ifndef VALISE_ROUTE_CONFIRM_INTERNAL_H
#define VALISE_ROUTE_CONFIRM_INTERNAL_H
/*
 * route/confirm_internal - what confirm.c, confirm_ask.c and confirm_show.c share.
 *
 * Process: router.
 */
#include "route/confirm.h"
#include "route/route_internal.h"
#include "store/attestation.h"

#define VLS_MAX_CONFIRMING 4u /* calls to one of those outside that are under way at one time */
#define VLS_CONFIRM_RETRY_MS                                                                       \
    5000u /* behind a signature, or something of the store, not to be had */
#define VLS_CONTRADICTED_MS 600000u /* who has seen another history is asked again this late */
#define VLS_CONFIRM_WORDS   192

struct vls_round;

/** One who is asked about one log. */
struct vls_confirmer {
    struct vls_round *round;
    unsigned witness; /* place in the configuration; with is_stamp of no meaning */
    bool is_stamp;    /* the time stamping authority */
    bool is_under_way, is_done;
    bool has_answered_stale;     /* in this round, once */
    uint32_t failures;           /* in a row */
    uint64_t next_ms;            /* steady clock: not asked before */
    uint64_t known;              /* size that this witness cosigned last, as far as we know */
    struct vls_checkpoint asked; /* about which a call is under way: the round may have gone on */
    char trouble[VLS_CONFIRM_WORDS];
};

/** One log, and the round that is about it. */
struct vls_round {
    struct vls_route *route;
    struct vls_partner *partner; /* NULL: the internal log */
    const struct vls_log *ours;  /* one of the two; theirs is stamped alone */
    const struct vls_their_log *theirs;
    struct vls_checkpoint at; /* size 0: no round yet */
    char *note;               /* of it, as the log signed it; owned */
    uint64_t began_ms;        /* steady clock */
    uint64_t covered;         /* size of the last checkpoint that has what is required */
    struct vls_confirmer *confirmers;
    size_t count, under_way, cosigned;
    bool is_signing;             /* our "sent" log, since messages wait for it */
    struct vls_checkpoint asked; /* what is being signed */
    uint64_t retry_ms;           /* steady clock: behind a failure of our own, nothing before */
};

struct vls_confirmations {
    struct vls_round *rounds;
    size_t count;
    size_t turn;                    /* the round that is looked at first */
    unsigned *under_way;            /* calls, by the witness's place; behind them the authority's */
    struct vls_note_key *witnesses; /* by their place in the configuration */
    struct vls_attested required;
    bool is_required;
};

/** The origin of the log, and the size of its last checkpoint that is kept. */
const char *vls_round_origin(const struct vls_round *round);
uint64_t vls_round_latest(const struct vls_round *round);
/** Calls to this one that are under way, of all logs. */
unsigned *vls_confirmer_calls(const struct vls_confirmer *confirmer);
/** Messages wait for this log. */
bool vls_round_is_awaited(const struct vls_round *round);

/* -- confirm_ask.c ----------------------------------------------------------------------------- */

/** Ask one who is to be asked. What comes of it is in *confirmer. */
void vls_confirmer_ask(struct vls_confirmer *confirmer);
/** Have the log signed, and keep that. */
void vls_round_sign(struct vls_round *round);

#endif
