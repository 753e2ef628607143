#include "label/map.h"

#include <string.h>

#include "label/scheme_internal.h"

#define STOP(why, ...) vls_fail(VLS_LABEL_UNMAPPED, why, __VA_ARGS__)

/** One mapping under way: through the source's own equivalences, or backwards through the target's.
 */
struct map {
    const struct vls_label *from;
    const struct vls_scheme *target;
    bool is_backwards, may_discard;
    uint32_t sources[VLS_MAX_TAGS]; /* of each permissive tag there: what fills its list, or 0 */
    uint32_t requirements;          /* added so far */
    struct vls_label *to;
    struct vls_why *why;
};

/** Does `e`, of one of the two schemes, speak of the other in the direction of the mapping? */
static bool counts(const struct map *m, const struct vls_equivalence *e)
{
    const struct vls_scheme *other = m->is_backwards ? m->from->scheme : m->target;
    enum vls_applied wanted = m->is_backwards ? VLS_APPLIED_DECRYPT : VLS_APPLIED_ENCRYPT;
    return strcmp(e->policy_oid, other->oid) == 0 && ((unsigned)e->applied & wanted) != 0;
}

/** Does `s` say what a classification is in `other`, in that direction? */
static bool speaks(const struct vls_scheme *s, const struct vls_scheme *other,
                   enum vls_applied wanted)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t j = 0; j < s->classes[i].equivalent_count; j++) {
            const struct vls_equivalence *e = &s->classes[i].equivalents[j];
            if (strcmp(e->policy_oid, other->oid) == 0 && ((unsigned)e->applied & wanted) != 0)
                return true;
        }
    return false;
}

/* What fills a permissive list there: a tag here, a category here, or what an equivalence requires.
 */
static uint32_t source_of_tag(size_t tag)
{
    return 1u + (uint32_t)tag;
}

static uint32_t source_of_category(size_t place)
{
    return 1u + VLS_MAX_TAGS + (uint32_t)place;
}

static uint32_t source_of_requirement(uint32_t n)
{
    return 1u + VLS_MAX_TAGS + VLS_MAX_CATEGORIES + n;
}

/** May `source` put `c` on its list? Whoever holds one of a list may read, so that two reasons to
 * be on it would widen what each of them alone allows. */
static struct vls_status take_list(struct map *m, const struct vls_category *c, uint32_t source)
{
    const struct vls_tag *tag = &m->target->tags[c->tag];
    if (!vls_tag_type_is_permissive(tag->type))
        return VLS_DONE;
    if (m->sources[tag->place] != 0 && m->sources[tag->place] != source)
        return STOP(m->why, "category '%.60s' would widen the list '%.60s' there", c->name,
                    tag->name);
    m->sources[tag->place] = source;
    return VLS_DONE;
}

/** Is `c` all that its list holds? */
static bool is_whole_list(const struct map *m, const struct vls_category *c)
{
    const struct vls_tag *tag = &m->target->tags[c->tag];
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
        if (vls_bit_is_set(m->to->categories, i) != (i == c->place))
            return false;
    return true;
}

static struct vls_status add_required_one(struct map *m, const struct vls_category_ref *ref,
                                          const struct vls_tag_set *beside, uint32_t source)
{
    const struct vls_tag_set *set = vls_scheme_tag_set_by_name(m->target, ref->tag_set);
    const struct vls_category *c =
        set != NULL && !ref->is_all
            ? vls_scheme_category_by_lacv(m->target, set, ref->type, ref->lacv)
            : NULL;
    if (c == NULL)
        return STOP(m->why,
                    "the equivalence requires a category of '%.60s' that %.60s does not have",
                    ref->tag_set, m->target->name);
    /* to a list that came from the very tag set, the scheme's author adds on purpose */
    uint32_t has = m->sources[c->tag];
    bool is_beside =
        beside != NULL && has > beside->first && has <= (uint32_t)beside->first + beside->count;
    if (!is_beside && !is_whole_list(m, c))
        VLS_TRY(take_list(m, c, source));
    vls_label_add(m->to, c);
    return VLS_DONE;
}

/** Add what an equivalence requires there; a choice is nobody's to make here. `beside`: the tag set
 * whose presence asks for it, or NULL. */
static struct vls_status add_required(struct map *m, const struct vls_equivalence *e,
                                      const struct vls_tag_set *beside)
{
    uint32_t source = source_of_requirement(m->requirements++);
    for (size_t i = 0; i < e->requirement_count; i++) {
        const struct vls_requirement *rule = &e->requirements[i];
        if (rule->operation != VLS_REQUIRE_ALL && (rule->ref_count != 1 || rule->refs[0].is_all))
            return STOP(m->why, "the equivalence requires a choice of categories in %.60s",
                        m->target->name);
        for (size_t j = 0; j < rule->ref_count; j++)
            VLS_TRY(add_required_one(m, &rule->refs[j], beside, source));
    }
    return VLS_DONE;
}

static struct vls_status map_class(struct map *m)
{
    const struct vls_classification *c = m->from->classification, *found = NULL;
    const struct vls_equivalence *by = NULL;
    const struct vls_scheme *owner = m->is_backwards ? m->target : m->from->scheme;
    for (size_t i = 0; i < owner->count; i++)
        for (size_t j = 0; j < owner->classes[i].equivalent_count; j++) {
            const struct vls_equivalence *e = &owner->classes[i].equivalents[j];
            bool is_ours = m->is_backwards ? e->lacv == c->lacv : &owner->classes[i] == c;
            if (!is_ours || !counts(m, e))
                continue;
            if (by != NULL)
                return STOP(m->why, "%.60s has more than one equivalent for %.60s", owner->name,
                            c->name);
            by = e;
            found = m->is_backwards ? &owner->classes[i]
                                    : vls_scheme_by_lacv(m->target, (uint32_t)e->lacv);
        }
    if (found == NULL)
        return STOP(m->why, "%.60s/%.60s has no equivalent in %.60s", m->from->scheme->name,
                    c->handle, m->target->name);
    *m->to = vls_label_of(m->target, found);
    return m->is_backwards ? VLS_DONE : add_required(m, by, NULL);
}

/** Is the source's category `c` the one that `e` of the target names? */
static bool is_named(const struct map *m, const struct vls_equivalence *e,
                     const struct vls_category *c)
{
    const struct vls_scheme *s = m->from->scheme;
    const struct vls_tag *tag = &s->tags[c->tag];
    return strcmp(s->tag_sets[tag->tag_set].oid, e->tag_set_oid) == 0 && tag->type == e->type &&
           c->lacv == e->lacv;
}

/** Add the counterpart of `c`. What must all be held here may not become a list there of which one
 * suffices, and what counts here may not become mere information. */
static struct vls_status add_counterpart(struct map *m, const struct vls_category *c,
                                         const struct vls_category *there)
{
    if (there == NULL)
        return STOP(m->why, "the equivalent of category '%.60s' is not in %.60s", c->name,
                    m->target->name);
    const struct vls_tag *from = &m->from->scheme->tags[c->tag], *to = &m->target->tags[there->tag];
    if (to->type == VLS_TAG_INFORMATIVE && from->type != VLS_TAG_INFORMATIVE && !m->may_discard)
        return STOP(m->why, "category '%.60s' would become mere information; no rule permits that",
                    c->name);
    VLS_TRY(take_list(m, there,
                      vls_tag_type_is_permissive(from->type) ? source_of_tag(c->tag)
                                                             : source_of_category(c->place)));
    vls_label_add(m->to, there);
    return VLS_DONE;
}

/** Everything that `owned`, a category of the scheme that holds the equivalences, says of `c`. */
static struct vls_status map_by(struct map *m, const struct vls_category *owned,
                                const struct vls_category *c, size_t *found)
{
    for (size_t i = 0; i < owned->equivalent_count; i++) {
        const struct vls_equivalence *e = &owned->equivalents[i];
        /* what the target may discard it does not name: the format gives such an equivalent no
         * value */
        if (!counts(m, e) || (m->is_backwards && (e->is_discard || !is_named(m, e, c))))
            continue;
        (*found)++;
        if (e->is_discard && !m->may_discard)
            return STOP(m->why, "category '%.60s' would be discarded; no rule permits that",
                        c->name);
        if (e->is_discard)
            continue;
        const struct vls_tag_set *set = vls_scheme_tag_set_by_oid(m->target, e->tag_set_oid);
        const struct vls_category *there = owned;
        if (!m->is_backwards)
            there =
                set != NULL ? vls_scheme_category_by_lacv(m->target, set, e->type, e->lacv) : NULL;
        VLS_TRY(add_counterpart(m, c, there));
    }
    return VLS_DONE;
}

/** By the tag sets: where one is said to be another's equivalent, what has no equivalent of its own
 * has the category of the same type and value there. */
static struct vls_status map_by_set(struct map *m, const struct vls_category *c, size_t *found)
{
    const struct vls_scheme *s = m->from->scheme, *owner = m->is_backwards ? m->target : s;
    const struct vls_tag *tag = &s->tags[c->tag];
    const struct vls_tag_set *own = &s->tag_sets[tag->tag_set];
    for (size_t i = 0; i < owner->tag_set_count; i++)
        for (size_t j = 0; j < owner->tag_sets[i].equivalent_count; j++) {
            const struct vls_tag_set *set = &owner->tag_sets[i];
            const struct vls_equivalence *e = &set->equivalents[j];
            bool is_ours = e->tag_set_oid != NULL &&
                           (m->is_backwards ? strcmp(e->tag_set_oid, own->oid) == 0 : set == own);
            if (!is_ours || !counts(m, e))
                continue;
            if (!m->is_backwards)
                set = vls_scheme_tag_set_by_oid(m->target, e->tag_set_oid);
            (*found)++;
            VLS_TRY(add_counterpart(
                m, c,
                set != NULL ? vls_scheme_category_by_lacv(m->target, set, tag->type, c->lacv)
                            : NULL));
        }
    return VLS_DONE;
}

static struct vls_status map_category(struct map *m, const struct vls_category *c)
{
    size_t found = 0;
    if (!m->is_backwards)
        VLS_TRY(map_by(m, c, c, &found));
    for (size_t i = 0; m->is_backwards && i < m->target->category_count; i++)
        VLS_TRY(map_by(m, &m->target->categories[i], c, &found));
    if (found == 0)
        VLS_TRY(map_by_set(m, c, &found));
    if (found == 0)
        return STOP(m->why, "category '%.60s' has no equivalent in %.60s", c->name,
                    m->target->name);
    return VLS_DONE;
}

/** What the tag sets that the label speaks of, and the policy as a whole, require there. */
static struct vls_status add_all_required(struct map *m)
{
    const struct vls_scheme *s = m->from->scheme;
    for (size_t i = 0; i < s->tag_set_count; i++) {
        const struct vls_tag_set *set = &s->tag_sets[i];
        bool is_present = false;
        for (size_t c = 0; c < s->category_count; c++)
            is_present = is_present || (vls_bit_is_set(m->from->categories, c) &&
                                        s->tags[s->categories[c].tag].tag_set == i);
        for (size_t j = 0; is_present && j < set->equivalent_count; j++)
            if (counts(m, &set->equivalents[j]))
                VLS_TRY(add_required(m, &set->equivalents[j], set));
    }
    for (size_t i = 0; i < s->equivalent_count; i++)
        if (counts(m, &s->equivalents[i]))
            VLS_TRY(add_required(m, &s->equivalents[i], NULL));
    return VLS_DONE;
}

static struct vls_status map_categories(struct map *m)
{
    const struct vls_scheme *s = m->from->scheme;
    if (m->from->nobody != 0)
        return STOP(m->why, "a list with nobody on it has no equivalent in %.60s", m->target->name);
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(m->from->categories, i))
            VLS_TRY(map_category(m, &s->categories[i]));
    return m->is_backwards ? VLS_DONE : add_all_required(m);
}

static struct vls_status map_details(const struct vls_label *from, const struct vls_scheme *target,
                                     const struct vls_map_permission *permission,
                                     struct vls_label *out, struct vls_why *why)
{
    struct vls_label copy, successor;
    if (from->details == NULL)
        return VLS_DONE;
    VLS_TRY(vls_label_copy(from, &copy));
    out->details = copy.details;
    if (out->details->successor == NULL)
        return VLS_DONE;
    struct vls_status s =
        vls_label_map(from->details->successor, target, permission, &successor, why);
    if (!vls_ok(s))
        return s;
    vls_label_fini(out->details->successor);
    *out->details->successor = successor;
    return VLS_DONE;
}

/** What the target makes of the label, `back`, is the same as what the source makes of it, `there`,
 * or less because the source requires categories in addition. */
static bool agree(const struct vls_label *there, const struct vls_label *back)
{
    const struct vls_scheme *s = there->scheme;
    for (size_t i = 0; i < VLS_LABEL_WORDS; i++)
        if ((back->categories[i] & ~there->categories[i] & ~s->permissive[i]) != 0)
            return false;
    return there->classification == back->classification && vls_label_dominates(there, back);
}

/** Class and categories, through the equivalences of one of the two schemes. */
static struct vls_status map_through(const struct map *how, bool is_backwards,
                                     struct vls_label *out)
{
    struct map m = *how;
    m.is_backwards = is_backwards;
    m.to = out;
    VLS_TRY(map_class(&m));
    return map_categories(&m);
}

/** The label there, as one that is given anew: it keeps the rules there, and uses nothing obsolete.
 */
static struct vls_status check_there(const struct vls_label *there, struct vls_why *why)
{
    struct vls_why broken = {""};
    if (vls_ok(vls_label_check_new(there, &broken)))
        return VLS_DONE;
    return STOP(why, "its equivalent in %.40s is not valid there: %.150s", there->scheme->name,
                broken.text);
}

struct vls_status vls_label_map(const struct vls_label *label, const struct vls_scheme *target,
                                const struct vls_map_permission *permission, struct vls_label *out,
                                struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    if (s == NULL || vls_label_unknown_count(label) != 0)
        return STOP(why, "no label, or one with an unknown category, is not mapped");
    if (s == target)
        return vls_label_copy(label, out);
    bool is_ours = speaks(s, target, VLS_APPLIED_ENCRYPT);
    bool is_theirs = speaks(target, s, VLS_APPLIED_DECRYPT);
    struct vls_label there = {.scheme = NULL}, back = {.scheme = NULL};
    struct map m = {.from = label,
                    .target = target,
                    .may_discard = permission != NULL && permission->may_discard,
                    .why = why};
    if (!is_ours && !is_theirs)
        return STOP(why, "neither %.60s nor %.60s has an equivalent for the other", s->name,
                    target->name);
    VLS_TRY(map_through(&m, !is_ours, &there));
    if (is_ours && is_theirs) {
        VLS_TRY(map_through(&m, true, &back));
        if (!agree(&there, &back))
            return STOP(why, "%.60s and %.60s disagree about the equivalent", s->name,
                        target->name);
    }
    struct vls_status status = map_details(label, target, permission, &there, why);
    if (vls_ok(status))
        status = check_there(&there, why);
    if (!vls_ok(status)) {
        vls_label_fini(&there);
        return status;
    }
    *out = there;
    return VLS_DONE;
}

/* -- there and back */

/*
 * Classification and categories are mapped apart from each other, and what two of a label's
 * categories make of one list stops; so no label is lowered when no classification and no category
 * alone is. They are tried without the schemes' rules of validity: a category that is valid only
 * beside another one would escape otherwise.
 */
static struct map step(const struct vls_label *from, struct vls_label *to)
{
    return (struct map){.from = from,
                        .target = to->scheme,
                        .is_backwards = !speaks(from->scheme, to->scheme, VLS_APPLIED_ENCRYPT),
                        .to = to};
}

static struct vls_status check_class(const struct vls_scheme *a, const struct vls_scheme *b,
                                     const struct vls_classification *c, struct vls_why *why)
{
    struct vls_label label = vls_label_of(a, c), there = {.scheme = b}, back = {.scheme = a};
    struct map go = step(&label, &there), come = step(&there, &back);
    if (!vls_ok(map_class(&go)) || !vls_ok(map_class(&come)) ||
        back.classification->hierarchy >= c->hierarchy)
        return VLS_DONE;
    return vls_fail(VLS_LABEL_LOWERED, why, "%.60s, mapped to %.60s and back, becomes %.60s",
                    c->name, b->name, back.classification->name);
}

static struct vls_status check_category(const struct vls_scheme *a, const struct vls_scheme *b,
                                        const struct vls_category *c, struct vls_why *why)
{
    struct vls_label label = {.scheme = a, .classification = &a->classes[0]};
    struct vls_label there = {.scheme = b}, back = {.scheme = a};
    vls_label_add(&label, c);
    struct map go = step(&label, &there), come = step(&there, &back);
    if (!vls_ok(map_categories(&go)) || !vls_ok(map_categories(&come)))
        return VLS_DONE;
    back.classification = label.classification;
    if (vls_label_dominates(&back, &label))
        return VLS_DONE;
    return vls_fail(
        VLS_LABEL_LOWERED, why,
        "category '%.60s' of %.60s, mapped to %.60s and back, is lost or its list wider", c->name,
        a->name, b->name);
}

struct vls_status vls_map_check_round_trip(const struct vls_scheme *a, const struct vls_scheme *b,
                                           struct vls_why *why)
{
    for (size_t i = 0; i < a->count; i++)
        VLS_TRY(check_class(a, b, &a->classes[i], why));
    for (size_t i = 0; i < a->category_count; i++)
        VLS_TRY(check_category(a, b, &a->categories[i], why));
    return VLS_DONE;
}
