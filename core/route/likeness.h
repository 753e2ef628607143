#ifndef VALISE_ROUTE_LIKENESS_H
#define VALISE_ROUTE_LIKENESS_H
/*
 * route/likeness - whether what is sent is with its recipient already, or how it stands to what is:
 * the duplicate advice of Article 7(4).
 *
 * Process:   router.
 * Ownership: borrowed for the call.
 * Start at:  vls_likeness_find().
 *
 * Compared is with what went to that partner or came from it, and with nothing else: the advice
 * tells nothing that the two do not both know. It is advice: it drops and delays nothing.
 *
 * In this order: the same bytes; the same symbol in the same language and version; how it stands to
 * a document with the same base symbol (Rev., Corr., Add., another language, issued again), which
 * is no duplicate however near its text; nearly the same text.
 */
#include "route/route_internal.h"

/** The numbers of enum vls_like of the plugin interface; a test holds them together. */
enum vls_likeness_kind {
    VLS_LIKENESS_NONE = 0,
    VLS_LIKENESS_BYTES = 1,
    VLS_LIKENESS_IDENTITY = 2,
    VLS_LIKENESS_TEXT = 3
};
/** "bytes", "identity", "text"; "" for none or an unknown one. */
const char *vls_likeness_name(uint32_t like);

#define VLS_LIKENESS_ADVICE 512

struct vls_likeness_found {
    enum vls_likeness_kind like;
    struct vls_id other;              /* when like is not NONE */
    char advice[VLS_LIKENESS_ADVICE]; /* empty: there is nothing to say */
};

/** `bytes_of`: the earlier message with the same bytes, or NULL. */
VLS_STATUS vls_likeness_find(struct vls_route *route, const Valise__Submission *in,
                             const struct vls_id *bytes_of, struct vls_likeness_found *out,
                             struct vls_why *why);

#endif
