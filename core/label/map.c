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
    uint32_t *sources; /* of each permissive tag there: what fills its list, 0 for nothing yet */
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

static bool declares(const struct vls_scheme *s, const struct vls_scheme *other)
{
    for (size_t i = 0; i < s->equivalent_count; i++)
        if (strcmp(s->equivalents[i].policy_oid, other->oid) == 0)
            return true;
    return false;
}

/** Add what an equivalence requires there; a choice is nobody's to make here. */
static struct vls_status add_required(const struct map *m, const struct vls_equivalence *e)
{
    for (size_t i = 0; i < e->requirement_count; i++) {
        const struct vls_requirement *rule = &e->requirements[i];
        if (rule->operation != VLS_REQUIRE_ALL && (rule->ref_count != 1 || rule->refs[0].is_all))
            return STOP(m->why, "the equivalence requires a choice of categories in %.60s",
                        m->target->name);
        for (size_t j = 0; j < rule->ref_count; j++) {
            const struct vls_category_ref *ref = &rule->refs[j];
            const struct vls_tag_set *set = vls_scheme_tag_set_by_name(m->target, ref->tag_set);
            const struct vls_category *c =
                set != NULL && !ref->is_all
                    ? vls_scheme_category_by_lacv(m->target, set, ref->type, ref->lacv)
                    : NULL;
            if (c == NULL)
                return STOP(m->why,
                            "the equivalence requires a category of '%.60s' that %.60s "
                            "does not have",
                            ref->tag_set, m->target->name);
            vls_label_add(m->to, c);
        }
    }
    return VLS_DONE;
}

static struct vls_status map_class(const struct map *m)
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
    return m->is_backwards ? VLS_DONE : add_required(m, by);
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

/** What must all be held here may not become a list there of which one suffices, and what counts
 * here may not become mere information. */
static struct vls_status check_strength(const struct map *m, const struct vls_category *c,
                                        const struct vls_category *there)
{
    const struct vls_tag *from = &m->from->scheme->tags[c->tag], *to = &m->target->tags[there->tag];
    if (to->type == VLS_TAG_INFORMATIVE && from->type != VLS_TAG_INFORMATIVE && !m->may_discard)
        return STOP(m->why, "category '%.60s' would become mere information; no rule permits that",
                    c->name);
    if (!vls_tag_type_is_permissive(to->type))
        return VLS_DONE;
    uint32_t source =
        vls_tag_type_is_permissive(from->type) ? 1u + c->tag : 1u + VLS_MAX_TAGS + c->place;
    if (m->sources[to->place] != 0 && m->sources[to->place] != source)
        return STOP(m->why, "category '%.60s' would widen the list '%.60s' there", c->name,
                    to->name);
    m->sources[to->place] = source;
    return VLS_DONE;
}

/** Everything that `owned`, a category of the scheme that holds the equivalences, says of `c`. */
static struct vls_status map_by(const struct map *m, const struct vls_category *owned,
                                const struct vls_category *c, size_t *found)
{
    for (size_t i = 0; i < owned->equivalent_count; i++) {
        const struct vls_equivalence *e = &owned->equivalents[i];
        if (!counts(m, e) || (m->is_backwards && !is_named(m, e, c)))
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
        if (there == NULL)
            return STOP(m->why, "the equivalent of category '%.60s' is not in %.60s", c->name,
                        m->target->name);
        VLS_TRY(check_strength(m, c, there));
        vls_label_add(m->to, there);
    }
    return VLS_DONE;
}

static struct vls_status map_category(const struct map *m, const struct vls_category *c)
{
    size_t found = 0;
    if (!m->is_backwards)
        VLS_TRY(map_by(m, c, c, &found));
    for (size_t i = 0; m->is_backwards && i < m->target->category_count; i++)
        VLS_TRY(map_by(m, &m->target->categories[i], c, &found));
    if (found == 0)
        return STOP(m->why, "category '%.60s' has no equivalent in %.60s", c->name,
                    m->target->name);
    return VLS_DONE;
}

static struct vls_status map_all(const struct map *m)
{
    const struct vls_scheme *s = m->from->scheme;
    for (size_t i = 0; i < VLS_MAX_TAGS; i++)
        m->sources[i] = 0;
    VLS_TRY(map_class(m));
    if (m->from->nobody != 0)
        return STOP(m->why, "a list with nobody on it has no equivalent in %.60s", m->target->name);
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(m->from->categories, i))
            VLS_TRY(map_category(m, &s->categories[i]));
    for (size_t i = 0; !m->is_backwards && i < s->equivalent_count; i++)
        if (counts(m, &s->equivalents[i]))
            VLS_TRY(add_required(m, &s->equivalents[i]));
    return VLS_DONE;
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

struct vls_status vls_label_map(const struct vls_label *label, const struct vls_scheme *target,
                                const struct vls_map_permission *permission, struct vls_label *out,
                                struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    if (s == NULL || vls_label_unknown_count(label) != 0)
        return STOP(why, "no label, or one with an unknown category, is not mapped");
    if (s == target)
        return vls_label_copy(label, out);
    bool is_ours = declares(s, target), is_theirs = declares(target, s);
    struct vls_label there = {.scheme = NULL}, back = {.scheme = NULL};
    uint32_t sources[VLS_MAX_TAGS];
    struct map m = {.from = label,
                    .target = target,
                    .sources = sources,
                    .may_discard = permission != NULL && permission->may_discard,
                    .to = &there,
                    .why = why};
    if (!is_ours && !is_theirs)
        return STOP(why, "neither %.60s nor %.60s declares the other", s->name, target->name);
    if (is_ours)
        VLS_TRY(map_all(&m));
    m.is_backwards = true;
    m.to = is_ours ? &back : &there;
    if (is_theirs)
        VLS_TRY(map_all(&m));
    if (is_ours && is_theirs && !vls_label_is_same(&there, &back))
        return STOP(why, "%.60s and %.60s disagree about the equivalent", s->name, target->name);
    VLS_TRY(vls_label_check(&there, why));
    struct vls_status status = map_details(label, target, permission, &there, why);
    if (!vls_ok(status)) {
        vls_label_fini(&there);
        return status;
    }
    *out = there;
    return VLS_DONE;
}

/** A label that cannot be mapped both ways is never lowered. */
static struct vls_status check_one(const struct vls_label *label, const struct vls_scheme *b,
                                   struct vls_why *why)
{
    struct vls_label there, back;
    if (!vls_ok(vls_label_map(label, b, NULL, &there, NULL)) ||
        !vls_ok(vls_label_map(&there, label->scheme, NULL, &back, NULL)))
        return VLS_DONE;
    if (vls_label_dominates(&back, label))
        return VLS_DONE;
    return vls_fail(VLS_LABEL_LOWERED, why, "%.60s, mapped to %.60s and back, becomes %.60s",
                    label->classification->name, b->name, back.classification->name);
}

struct vls_status vls_map_check_round_trip(const struct vls_scheme *a, const struct vls_scheme *b,
                                           struct vls_why *why)
{
    for (size_t i = 0; i < a->count; i++) {
        struct vls_label label = vls_label_of(a, &a->classes[i]);
        VLS_TRY(check_one(&label, b, why));
        for (size_t j = 0; j < a->category_count; j++) {
            struct vls_label with = label;
            vls_label_add(&with, &a->categories[j]);
            VLS_TRY(check_one(&with, b, why));
        }
    }
    return VLS_DONE;
}
