#ifndef VALISE_POLICY_SPACE_INTERNAL_H
#define VALISE_POLICY_SPACE_INTERNAL_H
/* policy/space_internal - the inside of making a space, for the files space*.c only. */
#include "base/arena.h"
#include "policy/space.h"

/* Memory of the sets of one space. */
#define VLS_SPACE_MEMORY ((size_t)256 << 20)

/** What a space is made from. */
struct vls_space_maker {
    const struct vls_arrangement **books; /* arrangements and house rules, flat */
    size_t book_count;
    uint64_t at_ms;
    struct vls_space *out;
};

/** @return false without memory */
bool vls_space_add(struct vls_space *space, enum vls_axis axis, struct vls_space_value value);

/** Axes whose values are sets: labels, originators, audience, topics, media types. @return false
 * without memory */
bool vls_space_add_labels(const struct vls_space_maker *maker);
bool vls_space_add_lists(const struct vls_space_maker *maker);

/* -- subsets ----------------------------------------------------------------------------------- */

/** Places of the elements of one set, rising. */
struct vls_space_subset {
    size_t *at;
    size_t count;
};
/** Called for each; false ends it. */
typedef bool vls_space_subset_fn(void *ctx, const struct vls_space_subset *subset);

/** The most elements at once for which the sets of `elements` are no more than `room`; 1 at least.
 */
size_t vls_space_most(size_t elements, size_t room);
/** All sets of exactly `size` elements, in the order of their places. @return false when the
 * function said so, or without memory */
bool vls_space_subsets(size_t elements, size_t size, vls_space_subset_fn *visit, void *ctx);

#endif
