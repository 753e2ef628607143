#ifndef VALISE_ROUTE_RETENTION_H
#define VALISE_ROUTE_RETENTION_H
/*
 * route/retention - how long the content of messages is kept, what keeps it longer, and its
 * erasure.
 *
 * Process:   router.
 * Start at:  vls_route_retention(), which answers operators; vls_retention_of() judges one message.
 *
 * A message is kept while it is under way, while its answer is expected, while a hold is about it,
 * and until the longest of all that is said about it is over: what fits of `retention` in the
 * configuration, and the years that the rules of its decision ask for. Where nothing is said it is
 * kept. Erasing takes content and keys; manifest, receipts, proofs, decision and trace stay.
 */
#include "route/report.h"

/* Entries of the internal log; words. */
#define VLS_INTERNAL_ERASURE "erasure"
#define VLS_INTERNAL_HOLD    "hold" /* set or released */

#define VLS_RETENTION_RULE 48 /* room for "retention[63]" */

/** What is said about keeping one message. */
struct vls_retention {
    uint64_t ended_ms;             /* when its way ended; 0: it has not */
    uint64_t until_ms;             /* kept until then; 0: no rule says, it is kept */
    char rule[VLS_RETENTION_RULE]; /* what says so */
    char hold[VLS_MAX_NAME + 1];   /* name of a hold; "": none */
    const char *obstacle;          /* why it cannot be erased yet, whatever the rules; "": it can */
    bool is_due;                   /* it may be erased by rule, now */
};

/** Hold `retention` of the configuration against schemes and kinds. @return CONFIG_INVALID with the
 * place */
VLS_STATUS vls_retention_check(const struct vls_route *route, struct vls_why *why);
/** @param m  narrow or whole; its decision is read from the store */
VLS_STATUS vls_retention_of(struct vls_route *route, const struct vls_message *m,
                            struct vls_retention *out, struct vls_why *why);

/** Its content is here. @return ROUTE_ERASED with when */
VLS_STATUS vls_retention_not_erased(struct vls_route *route, const struct vls_message *m,
                                    struct vls_why *why);

/** What an operator asks; answered through the ports. */
void vls_route_retention(struct vls_route *route, uint64_t handle,
                         const Valise__OperatorRetention *in, const char *actor);

/** Behind a commit: overwrite what was erased in it, or what is left of earlier ones. */
void vls_erase_committed(struct vls_route *route);

/* -- retention_show.c, for erase.c ------------------------------------------------------------- */

VLS_STATUS vls_retention_row(struct vls_route *route, const struct vls_message *m,
                             uint64_t erased_ms, const struct vls_retention *retention,
                             struct vls_report *report, Valise__RetentionRow **out,
                             struct vls_why *why);
/** The row of that hold, released or not. */
VLS_STATUS vls_retention_hold(struct vls_route *route, const char *name, struct vls_report *out,
                              struct vls_why *why);
VLS_STATUS vls_retention_show(struct vls_route *route, const Valise__OperatorRetention *in,
                              struct vls_report *out, struct vls_why *why);

#endif
