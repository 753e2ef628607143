#ifndef VALISE_LABEL_JOIN_H
#define VALISE_LABEL_JOIN_H
/*
 * label/join - the label of a whole whose parts have labels of their own: the lowest that is not
 * lower than any part.
 *
 * The highest rank; restrictive categories united; permissive lists intersected, where no list
 * leaves the other's as it is and an empty result means nobody; informative categories and
 * originators united; the latest creation. A review and a succession date are kept only when all
 * parts have the same, as one part's date says nothing about the others. A privacy mark that only
 * some parts have is kept; two different ones are refused, since a label holds one.
 */
#include "label/label.h"

/** The join of `a` and `b`; `out` owns its details. Whether the result is valid in its scheme is a
 * question of its own: vls_label_check().
 *  @return LABEL_SCHEME for two schemes, LABEL_VALUE for unknown categories or two privacy marks */
VLS_STATUS vls_label_join(const struct vls_label *a, const struct vls_label *b,
                          struct vls_label *out, struct vls_why *why);

/** The same for `count` parts, at least one. */
VLS_STATUS vls_label_join_all(const struct vls_label *parts, size_t count, struct vls_label *out,
                              struct vls_why *why);

#endif
