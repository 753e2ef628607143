#ifndef VALISE_POLICY_SPACE_H
#define VALISE_POLICY_SPACE_H
/*
 * policy/space - the finite space of facts that the rules of some arrangements can tell apart: for
 * each axis one representative of each class of values. For the files of core/policy, and for the
 * commands that search it.
 *
 * Ownership: a space owns its values; it borrows names from the arrangements and labels from their
 *            schemes, which must live longer.
 * Start at:  vls_space_make(), then vls_space_facts() for one choice of a value on each axis.
 *
 * What is in it, axis by axis:
 *   kind          every kind
 *   way           every two parties, either way, incoming and outgoing
 *   time          one in each interval between the dates of the arrangements, bodies and schemes
 *   body          none, every body; and one that nobody knows, where an arrangement has no bodies
 *   label         of every scheme of a party: each level, alone and with the categories that rules
 *                 mention, one that no rule mentions, an empty list, an unknown category
 *   originators   none, each that is mentioned, each party, one that is not mentioned; and sets
 *   audience, topics, media types  likewise; of a pattern a type that it alone allows
 *   distribution, personal data, safeguards, embargo, answers, duplicate  every value
 *   bytes         both sides of each bound
 * Sets of several values (labels with categories, lists) grow as powers: they are in it up to
 * `most` of their `elements` at once, as far as VLS_SPACE_MAX_VALUES allows. Not in it: a message
 * without an understood label, of an unknown kind or party, or to a recipient that may not hold it.
 * No rule is asked for those.
 */
#include "policy/judge.h"
#include "policy/kinds.h"

/* Labels of one scheme, and sets of one list. */
#define VLS_SPACE_MAX_VALUES 1024u

enum vls_axis {
    VLS_AXIS_KIND,
    VLS_AXIS_WAY,
    VLS_AXIS_TIME,
    VLS_AXIS_BODY,
    VLS_AXIS_LABEL,
    VLS_AXIS_ORIGINATORS,
    VLS_AXIS_DISTRIBUTION,
    VLS_AXIS_PERSONAL_DATA,
    VLS_AXIS_SAFEGUARDS,
    VLS_AXIS_EMBARGO,
    VLS_AXIS_AUDIENCE,
    VLS_AXIS_TOPICS,
    VLS_AXIS_MEDIA_TYPES,
    VLS_AXIS_ANSWERS,
    VLS_AXIS_DUPLICATE,
    VLS_AXIS_BYTES,
    VLS_AXES
};

/** One value of an axis; only the members of that axis mean anything. */
struct vls_space_value {
    uint32_t cost;               /* how many facts it is away from what is usual */
    const struct vls_kind *kind; /* KIND */
    const char *from, *to;       /* WAY */
    bool is_incoming;            /* WAY */
    bool has_unknown;            /* LABEL: a category that its scheme does not know */
    const char *body;            /* BODY: "" for none */
    struct vls_label label;      /* LABEL, without details */
    struct vls_texts list;       /* ORIGINATORS, AUDIENCE, TOPICS, MEDIA_TYPES */
    uint64_t number; /* TIME, BYTES; enum of DISTRIBUTION, ANSWERS; else 0 for no, 1 for yes */
};

struct vls_space_axis {
    struct vls_space_value *values; /* in an order that only the rules decide */
    size_t count, room;
    size_t elements, most; /* sets: of so many, up to so many at once; most < elements: not whole */
};

struct vls_space {
    struct vls_space_axis axes[VLS_AXES];
    struct vls_arena *arena;
};

/** The space that all of these arrangements and house rules can tell apart.
 * @param at_ms  the usual time of a decision
 * @return SYSTEM_MEMORY */
VLS_STATUS vls_space_make(const struct vls_books *books, size_t count, uint64_t at_ms,
                          struct vls_space **out, struct vls_why *why);
void vls_space_free(struct vls_space **space);
/** Only what goes out, which is held against arrangement and house rules; or only what comes in,
 * which is held against house rules alone (decide.h), as far as it is known without opening it.
 * @param party  that it comes in to; NULL: any */
void vls_space_keep_outgoing(struct vls_space *space);
void vls_space_keep_incoming(struct vls_space *space, const char *party);

/** "kind", "way" and so on. */
const char *vls_axis_name(enum vls_axis axis);

/** One value of each axis: places in the axes. */
struct vls_point {
    uint32_t at[VLS_AXES];
};

/** Facts away from what is usual. */
uint32_t vls_space_cost(const struct vls_space *space, const struct vls_point *point);

/** Facts, with what they point to. */
struct vls_space_facts {
    struct vls_facts facts;
    struct vls_label_details details;
    struct vls_label_unknown unknown;
};
/** `out` must stay where it is while the facts are used. */
void vls_space_facts(const struct vls_space *space, const struct vls_point *point,
                     struct vls_space_facts *out);

/** Does a rule's condition let this value of one axis by? What cannot be judged passes with refer
 * and withhold, and not with release (verdict.h). A rule that asks for third-party matches facts
 * when all axes let it by and vls_space_is_third_party() says what it asks. */
bool vls_space_admits(const struct vls_rule *rule, enum vls_axis axis,
                      const struct vls_space_value *value);
/** Does the condition ask anything on this axis? */
bool vls_space_asks(const struct vls_condition *when, enum vls_axis axis);
/** An originator of the list is not that party. */
bool vls_space_is_third_party(const struct vls_texts *originators,
                              const struct vls_rule_party *from);

#endif
