#ifndef VALISE_LABEL_CLEARANCE_H
#define VALISE_LABEL_CLEARANCE_H
/*
 * label/clearance - what a recipient may hold, and the decision whether that covers a label.
 *
 * The levels held are a set, not "up to": a recipient who may hold CONFIDENTIAL need not be one who
 * may hold UNCLASSIFIED of another compartment. A clearance is a value; it borrows its scheme.
 */
#include "label/label.h"

struct vls_clearance {
    const struct vls_scheme *scheme;
    uint64_t levels[VLS_MAX_CLASSIFICATIONS / 64]; /* set of places among the classifications */
    uint64_t categories[VLS_LABEL_WORDS];          /* set of places in the scheme             */
};

/** A clearance that holds nothing. */
struct vls_clearance vls_clearance_of(const struct vls_scheme *scheme);
/** Hold that level; it must be one of the clearance's scheme. */
void vls_clearance_add_level(struct vls_clearance *clearance, const struct vls_classification *c);
void vls_clearance_add_category(struct vls_clearance *clearance,
                                const struct vls_category *category);
/** Read "SCHEME/LEVEL,LEVEL;TAG-SET/CATEGORY;..." or "SCHEME/up-to:LEVEL;...", which holds that
 * level and all below. @return LABEL_MISSING, LABEL_SCHEME, LABEL_VALUE */
VLS_STATUS vls_clearance_read(const char *text, const struct vls_scheme_set *schemes,
                              struct vls_clearance *out, struct vls_why *why);

/** May the holder of `clearance` hold what is labelled `label`? The same scheme; the level held;
 * every restrictive category held; of each permissive tag with a list, one on it held; of an empty
 * list, nobody; of an unknown category, nobody. @return LABEL_CLEARANCE with the reason */
VLS_STATUS vls_clearance_decide(const struct vls_clearance *clearance,
                                const struct vls_label *label, struct vls_why *why);

#endif
