#ifndef VALISE_LABEL_MAP_H
#define VALISE_LABEL_MAP_H
/*
 * label/map - one label into another scheme, one way, through the equivalences that a scheme
 * declares. There is no default: what has no equivalent stops.
 *
 * The source's own equivalences to the target count when it has one for any classification
 * (applied "encrypt" or "both"), the target's equivalences to the source when it has ("decrypt" or
 * "both"). When both have, they must agree: the same, or less of the target where the source
 * requires categories in addition. Otherwise the mapping stops.
 *
 * A category goes by its own equivalents; one that has none goes by its tag set's, to the category
 * of the same type and value in the equivalent set. What a classification's, a tag set's or the
 * policy's equivalence requires is added. A list of which one suffices is filled from one place
 * only, because a second reason to be on it would widen it; only a tag set's own requirement adds
 * to the list that came from this tag set.
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
 * that leaves a choice; an unknown category; and a label there that is not valid or uses what is
 * obsolete, since it is given anew.
 *  @return LABEL_UNMAPPED with the reason */
VLS_STATUS vls_label_map(const struct vls_label *label, const struct vls_scheme *target,
                         const struct vls_map_permission *permission, struct vls_label *out,
                         struct vls_why *why);

/** Would a label of `a`, mapped to `b` and back without any permission, come out lower? OK says of
 * every label of `a` that it does not. @return LABEL_LOWERED with the first classification or
 * category that does */
VLS_STATUS vls_map_check_round_trip(const struct vls_scheme *a, const struct vls_scheme *b,
                                    struct vls_why *why);

#endif
