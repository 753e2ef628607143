#include <string.h>

#include "label/spif_internal.h"

/*
 * What can be said of a scheme only when all of it is known: that what is named is there, and that
 * its rules can be kept. A rule that nobody could keep would make a level unusable at the worst
 * moment, so such a file does not load.
 */

static const struct vls_tag_set *find_set(const struct vls_scheme *s, const char *name)
{
    return vls_scheme_tag_set_by_name(s, name);
}

static bool is_named(const struct vls_category *c, const struct vls_category_ref *ref)
{
    return ref->is_all || c->lacv == ref->lacv;
}

/** Set the places that `ref` names. */
static void find_places(struct spif_reader *r, const struct vls_category_ref *ref,
                        const char *element, uint64_t *out)
{
    const struct vls_scheme *s = r->scheme;
    const struct vls_tag_set *set = find_set(s, ref->tag_set);
    size_t found = 0;
    for (size_t t = 0; set != NULL && t < set->count; t++) {
        const struct vls_tag *tag = &s->tags[set->first + t];
        for (size_t i = tag->first; tag->type == ref->type && i < (size_t)tag->first + tag->count;
             i++)
            if (is_named(&s->categories[i], ref)) {
                vls_bit_set(out, i);
                found++;
            }
    }
    if (set == NULL)
        vls_spif_fail_at(r, ref->line, element, "no tag set '%.60s'; correct tagSetRef",
                         ref->tag_set);
    else if (found == 0 && ref->is_all)
        vls_spif_fail_at(r, ref->line, element, "tag set '%.40s' has no %s category at all",
                         ref->tag_set, vls_tag_type_name(ref->type));
    else if (found == 0)
        vls_spif_fail_at(r, ref->line, element, "tag set '%.40s' has no %s category %llu",
                         ref->tag_set, vls_tag_type_name(ref->type), (unsigned long long)ref->lacv);
}

/** The set as a list in the scheme's memory, each place once. */
static void take_places(struct spif_reader *r, const uint64_t *set, uint16_t **out,
                        size_t *out_count)
{
    size_t count = 0;
    for (size_t i = 0; i < VLS_LABEL_WORDS; i++)
        count += (size_t)__builtin_popcountll(set[i]);
    uint16_t *places = vls_arena_take(r->scheme->arena, count * sizeof *places + 1);
    if (places == NULL) {
        vls_spif_fail_at(r, 0, "SPIF", "its rules take more memory than %u bytes; use fewer",
                         VLS_MAX_SCHEME_MEMORY);
        return;
    }
    *out = places;
    *out_count = count;
    for (size_t i = 0; i < r->scheme->category_count; i++)
        if (vls_bit_is_set(set, i))
            *places++ = (uint16_t)i;
}

static void resolve_rules(struct spif_reader *r, struct vls_requirement *rules, size_t count)
{
    for (size_t i = 0; i < count && vls_ok(r->status); i++) {
        uint64_t set[VLS_LABEL_WORDS] = {0};
        for (size_t j = 0; j < rules[i].ref_count && vls_ok(r->status); j++)
            find_places(r, &rules[i].refs[j], "categoryGroup", set);
        if (vls_ok(r->status))
            take_places(r, set, &rules[i].places, &rules[i].place_count);
    }
}

/** "All" excludes all others, not the category itself. */
static void resolve_excluded(struct spif_reader *r, struct vls_category *c)
{
    uint64_t all[VLS_LABEL_WORDS] = {0}, named[VLS_LABEL_WORDS] = {0};
    for (size_t i = 0; i < c->excluded_ref_count && vls_ok(r->status); i++)
        find_places(r, &c->excluded_refs[i], "excludedCategory",
                    c->excluded_refs[i].is_all ? all : named);
    vls_bit_clear(all, c->place);
    if (vls_ok(r->status) && vls_bit_is_set(named, c->place))
        vls_spif_fail_at(r, c->line, "tagCategory", "contradictory: '%.60s' excludes itself",
                         c->name);
    for (size_t i = 0; i < VLS_LABEL_WORDS; i++)
        all[i] |= named[i];
    if (vls_ok(r->status))
        take_places(r, all, &c->excluded, &c->excluded_count);
}

static void resolve_category(struct spif_reader *r, struct vls_category *c)
{
    const struct vls_scheme *s = r->scheme;
    resolve_rules(r, c->requirements, c->requirement_count);
    resolve_excluded(r, c);
    if (c->required_class_name != NULL) {
        c->required_class = vls_scheme_by_name(s, c->required_class_name);
        if (c->required_class == NULL)
            vls_spif_fail_at(r, c->line, "tagCategory",
                             "no classification '%.60s'; correct requiredClass",
                             c->required_class_name);
    }
    size_t bytes = c->excluded_class_count * sizeof *c->excluded_classes;
    c->excluded_classes = vls_arena_take(s->arena, bytes + 1);
    if (c->excluded_classes == NULL) {
        vls_spif_fail_at(r, c->line, "tagCategory", "no memory for it");
        return;
    }
    for (size_t i = 0; i < c->excluded_class_count; i++) {
        const struct vls_classification *class = vls_scheme_by_name(s, c->excluded_class_names[i]);
        if (class == NULL)
            vls_spif_fail_at(r, c->line, "excludedClass", "no classification '%.60s'; correct it",
                             c->excluded_class_names[i]);
        else
            c->excluded_classes[i] = (uint16_t)(class - s->classes);
    }
}

/** The policy of that name: one of <equivalentPolicies>, or the default one. */
static const char *find_policy(const struct vls_scheme *s, const char *name)
{
    for (size_t i = 0; i < s->equivalent_count; i++)
        if (strcmp(s->equivalents[i].policy, name) == 0)
            return s->equivalents[i].policy_oid;
    return s->default_policy != NULL && strcmp(s->default_policy, name) == 0 ? s->default_policy_oid
                                                                             : NULL;
}

/** Fill in the object identifier of the policy that each names. */
static void resolve_policies(struct spif_reader *r, struct vls_equivalence *list, size_t count,
                             const char *element)
{
    const struct vls_scheme *s = r->scheme;
    for (size_t i = 0; i < count && vls_ok(r->status); i++) {
        list[i].policy_oid = find_policy(s, list[i].policy);
        if (list[i].policy_oid == NULL)
            vls_spif_fail_at(r, list[i].line, element, "no <equivalentPolicy> '%.60s'; add it",
                             list[i].policy);
        else if (strcmp(list[i].policy_oid, s->oid) == 0)
            vls_spif_fail_at(r, list[i].line, element,
                             "circular: '%.60s' is this policy itself; remove the equivalent",
                             list[i].policy);
    }
}

static void resolve_policy_list(struct spif_reader *r)
{
    struct vls_scheme *s = r->scheme;
    for (size_t i = 0; i < s->equivalent_count; i++) {
        struct vls_equivalence *e = &s->equivalents[i];
        bool is_twice =
            s->default_policy != NULL && (strcmp(s->default_policy, e->policy) == 0 ||
                                          strcmp(s->default_policy_oid, e->policy_oid) == 0);
        for (size_t j = 0; j < i; j++)
            is_twice = is_twice || strcmp(s->equivalents[j].policy, e->policy) == 0 ||
                       strcmp(s->equivalents[j].policy_oid, e->policy_oid) == 0;
        if (strcmp(e->policy_oid, s->oid) == 0)
            vls_spif_fail_at(r, e->line, "equivalentPolicy",
                             "circular: 'id' is this policy's own; give the other's");
        if (is_twice)
            vls_spif_fail_at(r, e->line, "equivalentPolicy",
                             "'%.60s' or its id is given twice; keep one", e->policy);
    }
}

/** One counterpart in each direction, or it would be a matter of luck which one counts. */
static void check_one_counterpart(struct spif_reader *r, const struct vls_classification *c)
{
    for (size_t i = 0; i < c->equivalent_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->equivalents[i].policy, c->equivalents[j].policy) == 0 &&
                (c->equivalents[i].applied & c->equivalents[j].applied & VLS_APPLIED_ENCRYPT) != 0)
                vls_spif_fail_at(r, c->equivalents[i].line, "equivalentClassification",
                                 "'%.40s' has a second equivalent in '%.60s'; keep one", c->name,
                                 c->equivalents[i].policy);
}

/** What is thrown away has no counterpart, and what has one is not thrown away. */
static void check_discard(struct spif_reader *r, const struct vls_category *c)
{
    for (size_t i = 0; i < c->equivalent_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct vls_equivalence *a = &c->equivalents[i], *b = &c->equivalents[j];
            if (a->is_discard != b->is_discard && ((unsigned)a->applied & b->applied) != 0 &&
                strcmp(a->policy, b->policy) == 0)
                vls_spif_fail_at(r, a->line, "equivalentSecCategoryTag",
                                 "contradictory: '%.40s' is both mapped to '%.60s' and discarded",
                                 c->name, a->policy);
        }
}

void vls_spif_resolve(struct spif_reader *r)
{
    struct vls_scheme *s = r->scheme;
    resolve_policy_list(r);
    for (size_t i = 0; i < s->count && vls_ok(r->status); i++) {
        struct vls_classification *c = &s->classes[i];
        resolve_rules(r, c->requirements, c->requirement_count);
        resolve_policies(r, c->equivalents, c->equivalent_count, "equivalentClassification");
        if (vls_ok(r->status))
            check_one_counterpart(r, c);
    }
    for (size_t i = 0; i < s->tag_count && vls_ok(r->status); i++)
        if (s->tags[i].min_selection > s->tags[i].count)
            vls_spif_fail_at(r, s->tags[i].line, "securityCategoryTag",
                             "contradictory: at least %u categories, and it has %u of them",
                             s->tags[i].min_selection, s->tags[i].count);
    for (size_t i = 0; i < s->tag_set_count && vls_ok(r->status); i++)
        resolve_policies(r, s->tag_sets[i].equivalents, s->tag_sets[i].equivalent_count,
                         "equivalentSecurityCategoryTagSet");
    for (size_t i = 0; i < s->category_count && vls_ok(r->status); i++) {
        struct vls_category *c = &s->categories[i];
        resolve_category(r, c);
        resolve_policies(r, c->equivalents, c->equivalent_count, "equivalentSecCategoryTag");
        if (vls_ok(r->status))
            check_discard(r, c);
        enum vls_tag_type type = s->tags[c->tag].type;
        if (vls_tag_type_is_restrictive(type))
            vls_bit_set(s->restrictive, i);
        else if (vls_tag_type_is_permissive(type))
            vls_bit_set(s->permissive, i);
    }
}
