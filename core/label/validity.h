#ifndef VALISE_LABEL_VALIDITY_H
#define VALISE_LABEL_VALIDITY_H
/*
 * label/validity - does a label keep the rules of its scheme? Allocates nothing.
 */
#include "base/status.h"

struct vls_label;

/** For a label that exists: required and excluded combinations, number of categories of each tag,
 * no unknown category, a privacy mark that the scheme lists when it lists any, and as many as it
 * says, succession not before creation. Obsolete values pass: an old document keeps
 * its label. @return LABEL_VALUE with the rule that is broken */
VLS_STATUS vls_label_check(const struct vls_label *label, struct vls_why *why);

/** For a label that is given now: the same, and nothing obsolete. @return LABEL_VALUE */
VLS_STATUS vls_label_check_new(const struct vls_label *label, struct vls_why *why);

/** At a time: scheme and each category within their validity, both ends included, the label created
 * and not yet succeeded. @return LABEL_VALUE */
VLS_STATUS vls_label_check_at(const struct vls_label *label, uint64_t at_ms, struct vls_why *why);

/** For a label that came with a document, when the document is about to be shown or delivered: as
 * vls_label_check_at(), except that a succession by a label that this one dominates changes
 * nothing. Such a label is a proposal that waits for an officer, and the old one, which protects
 * more, holds until then. A succession that raises stops. A creation up to VLS_CLOCK_SKEW_MS ahead
 * is another clock's. @return LABEL_VALUE */
VLS_STATUS vls_label_check_held(const struct vls_label *label, uint64_t now_ms,
                                struct vls_why *why);

#endif
