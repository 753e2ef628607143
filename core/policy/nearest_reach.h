#ifndef VALISE_POLICY_NEAREST_REACH_H
#define VALISE_POLICY_NEAREST_REACH_H
/*
 * policy/nearest_reach - which facts a change must touch to give a milder outcome at all, so that
 * the search of nearest.c decides only what can help. For nearest*.c only.
 *
 * A milder outcome needs a milder rule that matches, so the change touches each fact that now stops
 * that rule; and it needs that no rule as strict as the outcome goes on matching, so it touches a
 * fact that each of these asks for. Where this cannot be told, nothing is ruled out.
 */
#include "policy/judge.h"

/** What is changed, in the order of how little it asks for. */
enum vls_what {
    VLS_WHAT_DUPLICATE,
    VLS_WHAT_SAFEGUARDS,
    VLS_WHAT_EMBARGO,
    VLS_WHAT_ANSWERS,
    VLS_WHAT_SIZE,
    VLS_WHAT_DISTRIBUTION,
    VLS_WHAT_AUDIENCE,
    VLS_WHAT_TOPIC,
    VLS_WHAT_MEDIA_TYPE,
    VLS_WHAT_ORIGINATOR,
    VLS_WHAT_BODY,
    VLS_WHAT_PERSONAL_DATA,
    VLS_WHAT_CATEGORY,
    VLS_WHAT_LEVEL,
    VLS_WHAT_DIRECTION,
    VLS_WHAT_KIND,
    VLS_WHAT_LARGE = VLS_WHAT_DIRECTION, /* from here on it is another message altogether */
};
#define VLS_WHATS (VLS_WHAT_KIND + 1)

struct vls_reach {
    uint32_t with[VLS_WHATS]; /* by a change: those that may help together with it; itself: alone */
};

/** @return false when no change of at most two facts can help */
bool vls_reach_find(const struct vls_books *books, const struct vls_facts *facts,
                    enum vls_outcome outcome, struct vls_reach *out);

static inline bool vls_reach_may_help(const struct vls_reach *reach, enum vls_what a,
                                      enum vls_what b)
{
    return (reach->with[a] >> b & 1) != 0;
}

#endif
