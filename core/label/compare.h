#ifndef VALISE_LABEL_COMPARE_H
#define VALISE_LABEL_COMPARE_H
/*
 * label/compare - which of two labels protects more. Allocates nothing.
 *
 * One label dominates another of the same scheme when whoever may read it, and holds the levels
 * below his own (clearance.h: levels are held one by one), may read the other: its rank is at least
 * as high, it has every restrictive category of the other, and where the other has a permissive
 * list it has one too, with nobody on it who is not on the other's. An empty list (nobody) stands
 * above every list, no list below. Informative categories, privacy marks and dates have no part in
 * it. Labels of two schemes, and labels with unknown categories unless they are the same, are
 * incomparable.
 */
#include <stdbool.h>

struct vls_label;

enum vls_label_order { VLS_LABEL_EQUAL, VLS_LABEL_ABOVE, VLS_LABEL_BELOW, VLS_LABEL_INCOMPARABLE };

/** `a` against `b`: ABOVE when `a` dominates `b` and not the reverse. */
enum vls_label_order vls_label_compare(const struct vls_label *a, const struct vls_label *b);

/** `a` protects at least as much as `b`: above or equal. */
bool vls_label_dominates(const struct vls_label *a, const struct vls_label *b);

/** "equal", "above", "below", "incomparable". */
const char *vls_label_order_name(enum vls_label_order order);

#endif
