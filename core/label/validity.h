#ifndef VALISE_LABEL_VALIDITY_H
#define VALISE_LABEL_VALIDITY_H
/*
 * label/validity - does a label keep the rules of its scheme? Allocates nothing.
 */
#include "base/status.h"

struct vls_label;

/** For a label that exists: required and excluded combinations, number of categories of each tag,
 * no unknown category, succession not before creation. Obsolete values pass: an old document keeps
 * its label. @return LABEL_VALUE with the rule that is broken */
VLS_STATUS vls_label_check(const struct vls_label *label, struct vls_why *why);

/** For a label that is given now: the same, and nothing obsolete. @return LABEL_VALUE */
VLS_STATUS vls_label_check_new(const struct vls_label *label, struct vls_why *why);

/** At a time: scheme and each category within their validity, the label created and not yet
 * succeeded. @return LABEL_VALUE */
VLS_STATUS vls_label_check_at(const struct vls_label *label, uint64_t at_ms, struct vls_why *why);

#endif
