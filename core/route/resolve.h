#ifndef VALISE_ROUTE_RESOLVE_H
#define VALISE_ROUTE_RESOLVE_H
/*
 * route/resolve - a document is fetched by its name: the resolvers are asked in the order of the
 * configuration, for one language after the other.
 *
 * Process:   router.
 * Ownership: what comes of it belongs to the caller of vls_resolve_free().
 * Start at:  vls_resolve(); resolve_show.c calls it for operators.
 *
 * The next resolver is asked when one could not give the document; a resolver that is blocked, or
 * was asked to come back later, is left alone until then: for all questions, or where it said so
 * for that one alone. None is asked twice for one thing. The
 * parts of a row, with their descriptors, are those of a submission. Nothing of it is stored.
 */
#include "route/route_internal.h"

#define VLS_RESOLVE_LANGUAGES 16u /* of one question        */
#define VLS_MAX_RESOLVING     8u  /* questions at one time  */
#define VLS_RESOLVE_RESTS     32u /* questions that one resolver is not asked again for a while */

/** Not asked before this time of the wall clock, and why. */
struct vls_resolver_rest {
    uint64_t until_ms;
    uint32_t result;            /* BLOCKED or RETRY_AT */
    struct vls_digest question; /* symbol, address and language that it holds for */
};

/** What one plugin is not asked: nothing at all, or these questions. */
struct vls_resolver_rests {
    struct vls_resolver_rest all, of[VLS_RESOLVE_RESTS];
    size_t next; /* the place in `of` that is written next: the oldest is forgotten first */
};

struct vls_resolve_ask {      /* copied */
    const char *symbol, *url; /* one of them; the other is empty */
    char *const *languages;
    size_t language_count; /* 0: whatever there is */
    const char *plugin;    /* that one alone; empty: all */
    const char *conversation, *reason;
    /** Of the message that asks, which lives until it is answered: only resolvers whose clearance
     * covers it are asked, and one without a clearance is not. NULL: an operator asks. */
    const struct vls_label *label;
};

/** What one resolver answered for one language. */
struct vls_resolved_row {
    char *language;
    unsigned plugin;               /* by its place in the configuration */
    Valise__ResolveResult *result; /* with a finding; NULL: it did not answer, and `trouble` why */
    struct vls_why trouble;
    int *fds; /* one a part of the result */
    size_t fd_count;
};

struct vls_resolved {
    struct vls_resolved_row *rows; /* in the order in which they were asked */
    size_t count;
};

/** Called once, with all that was answered. `resolved` is the caller's then. */
typedef void (*vls_resolved_fn)(void *ctx, struct vls_resolved *resolved);

/** @return INPUT_MALFORMED, INPUT_LIMIT, CLI_USAGE when there is no (such) resolver,
 * LABEL_CLEARANCE when none is cleared for what asks, ROUTE_BUSY; `done` is not called then */
VLS_STATUS vls_resolve(struct vls_route *route, const struct vls_resolve_ask *ask,
                       vls_resolved_fn done, void *ctx, struct vls_why *why);
void vls_resolve_free(struct vls_resolved **resolved);

/** For an operator: as a reply. */
void vls_route_resolve(struct vls_route *route, uint64_t handle, const Valise__OperatorResolve *in,
                       const char *actor);

#endif
