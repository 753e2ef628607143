#ifndef VALISE_ROUTE_GATHER_H
#define VALISE_ROUTE_GATHER_H
/*
 * route/gather - what a submitter states of a message besides its label: checked, and put among the
 * facts that policy is asked with.
 *
 * Process:   router.
 * Start at:  vls_gather_check(), then vls_gather_stated().
 */
#include "policy/facts.h"
#include "route/route_internal.h"

/** Of all documents, each type once: in lower case, without parameters. */
struct vls_media_types {
    char *at[VLS_MAX_PARTS]; /* owned */
    size_t count;
};

/** Distribution, personal data and safeguards, embargo, audience, topics, and what an answer says
 * of itself. An embargo that is over is none. @return INPUT_LIMIT, INPUT_MALFORMED */
VLS_STATUS vls_gather_check(const Valise__Submission *in, struct vls_why *why);

/** A document that states no type counts as application/octet-stream: unknown is a type too, and
 * must be on a rule's list like any other. */
void vls_gather_media_types(const Valise__Submission *in, struct vls_media_types *out);
void vls_media_types_fini(struct vls_media_types *types);

/** Set those facts, which then borrow from both. */
void vls_gather_stated(const Valise__Submission *in, const struct vls_media_types *types,
                       struct vls_facts *out);

/** It holds personal data: the submitter says so, or the kind is about a person by its nature. */
bool vls_gather_is_personal(const Valise__Submission *in);

/** The word for a descriptor; NULL: not stated. */
const char *vls_gather_distribution(const Valise__Submission *in);

/** What a message of `kind` answers that says `in_reply_to`: something that went the other way,
 * `asked_direction`, between us and `party`. */
enum vls_answers vls_gather_answers(struct vls_route *route, const char *kind, const char *party,
                                    enum vls_direction asked_direction,
                                    struct vls_slice in_reply_to);

#endif
