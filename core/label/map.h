#ifndef VALISE_LABEL_MAP_H
#define VALISE_LABEL_MAP_H
/*
 * label/map - one label into another scheme, one way, through the equivalences that a scheme
 * declares. There is no default: what has no equivalent stops.
 *
 * The source's own equivalences to the target count when it declares the target ("encrypt"), the
 * target's equivalences to the source when it declares the source ("decrypt"). When both do and
 * they disagree, the mapping stops.
 */
#include "label/label.h"

/** What a signed rule of the arrangement permits in addition. */
struct vls_map_permission {
    bool may_discard; /* leave out a category whose equivalence says `action="discard"` */
};

/** Map `label` into `target`; `out` owns its details. Dates, originators and privacy mark go
 * along; a successor label is mapped too. Gaps stop: a classification or category without an
 * equivalent; a category to be discarded without permission (NULL permits nothing); a permissive
 * list of which some have no equivalent is not shortened; an empty list; a required category there
 * that leaves a choice; an unknown category.
 *  @return LABEL_UNMAPPED with the reason */
VLS_STATUS vls_label_map(const struct vls_label *label, const struct vls_scheme *target,
                         const struct vls_map_permission *permission, struct vls_label *out,
                         struct vls_why *why);

/** Would a label of `a`, mapped to `b` and back, come out lower? Every classification that maps
 * both ways is tried, alone and with each category. @return LABEL_LOWERED with the first that does
 */
VLS_STATUS vls_map_check_round_trip(const struct vls_scheme *a, const struct vls_scheme *b,
                                    struct vls_why *why);

#endif
