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

static bool is_of(const struct vls_scheme *s, const struct vls_category *c,
                  const struct vls_category_ref *ref, const struct vls_tag_set *set)
{
    const struct vls_tag *tag = &s->tags[c->tag];
    return &s->tag_sets[tag->tag_set] == set && tag->type == ref->type &&
           (ref->is_all || c->lacv == ref->lacv);
}

/** Add the places that `ref` names to a list, without `self`. */
static void add_places(struct spif_reader *r, const struct vls_category_ref *ref,
                       const struct vls_category *self, const char *element, uint16_t **places,
                       size_t *count)
{
    struct vls_scheme *s = r->scheme;
    const struct vls_tag_set *set = find_set(s, ref->tag_set);
    size_t found = 0;
    for (size_t i = 0; set != NULL && i < s->category_count; i++) {
        if (!is_of(s, &s->categories[i], ref, set))
            continue;
        found++;
        if (ref->is_all && &s->categories[i] == self)
            continue;
        uint16_t *grown = vls_spif_grow(r, *places, *count, sizeof **places);
        if (grown == NULL)
            return;
        *places = grown;
        grown[(*count)++] = (uint16_t)i;
    }
    if (set == NULL)
        vls_spif_fail_at(r, ref->line, element, "no tag set '%.60s'", ref->tag_set);
    else if (found == 0)
        vls_spif_fail_at(r, ref->line, element, "tag set '%.40s' has no %s category %llu",
                         ref->tag_set, vls_tag_type_name(ref->type), (unsigned long long)ref->lacv);
}

static void resolve_rules(struct spif_reader *r, struct vls_requirement *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].ref_count == 0)
            vls_spif_fail(r, "a <requiredCategory> without any <categoryGroup>");
        for (size_t j = 0; j < rules[i].ref_count; j++)
            add_places(r, &rules[i].refs[j], NULL, "categoryGroup", &rules[i].places,
                       &rules[i].place_count);
    }
}

static void resolve_category(struct spif_reader *r, struct vls_category *c)
{
    const struct vls_scheme *s = r->scheme;
    resolve_rules(r, c->requirements, c->requirement_count);
    for (size_t i = 0; i < c->excluded_ref_count; i++)
        add_places(r, &c->excluded_refs[i], c, "excludedCategory", &c->excluded,
                   &c->excluded_count);
    if (c->required_class_name != NULL) {
        c->required_class = vls_scheme_by_name(s, c->required_class_name);
        if (c->required_class == NULL)
            vls_spif_fail_at(r, c->line, "tagCategory", "requiredClass='%.60s' is not there",
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
            vls_spif_fail_at(r, c->line, "excludedClass", "no classification '%.60s'",
                             c->excluded_class_names[i]);
        else
            c->excluded_classes[i] = (uint16_t)(class - s->classes);
    }
}

/** Fill in the object identifier of the policy that each names. */
static void resolve_policies(struct spif_reader *r, struct vls_equivalence *list, size_t count,
                             const char *element)
{
    const struct vls_scheme *s = r->scheme;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < s->equivalent_count && list[i].policy_oid == NULL; j++)
            if (strcmp(s->equivalents[j].policy, list[i].policy) == 0)
                list[i].policy_oid = s->equivalents[j].policy_oid;
        if (list[i].policy_oid == NULL)
            vls_spif_fail_at(r, list[i].line, element, "no <equivalentPolicy> '%.60s'",
                             list[i].policy);
    }
}

static void resolve_policy_list(struct spif_reader *r)
{
    struct vls_scheme *s = r->scheme;
    for (size_t i = 0; i < s->equivalent_count; i++) {
        struct vls_equivalence *e = &s->equivalents[i];
        if (e->policy_oid == NULL || strcmp(e->policy_oid, s->oid) == 0)
            vls_spif_fail_at(r, e->line, "equivalentPolicy",
                             "'id' is missing or this policy's own");
        for (size_t j = 0; j < i && vls_ok(r->status); j++)
            if (strcmp(s->equivalents[j].policy, e->policy) == 0 ||
                strcmp(s->equivalents[j].policy_oid, e->policy_oid) == 0)
                vls_spif_fail_at(r, e->line, "equivalentPolicy", "'%.60s' is given twice",
                                 e->policy);
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
                                 "'%.40s' has a second equivalent in '%.60s'", c->name,
                                 c->equivalents[i].policy);
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
    for (size_t i = 0; i < s->tag_set_count && vls_ok(r->status); i++)
        resolve_policies(r, s->tag_sets[i].equivalents, s->tag_sets[i].equivalent_count,
                         "equivalentSecurityCategoryTagSet");
    for (size_t i = 0; i < s->category_count && vls_ok(r->status); i++) {
        struct vls_category *c = &s->categories[i];
        resolve_category(r, c);
        resolve_policies(r, c->equivalents, c->equivalent_count, "equivalentSecCategoryTag");
        enum vls_tag_type type = s->tags[c->tag].type;
        if (vls_tag_type_is_restrictive(type))
            vls_bit_set(s->restrictive, i);
        else if (vls_tag_type_is_permissive(type))
            vls_bit_set(s->permissive, i);
    }
}

/* -- rules that can be kept */

static bool is_forced(const struct vls_requirement *rule)
{
    return rule->operation == VLS_REQUIRE_ALL || rule->place_count == 1;
}

struct walk {
    struct spif_reader *r;
    uint64_t seen[VLS_LABEL_WORDS], open[VLS_LABEL_WORDS];
    uint32_t line;
    const char *element;
};

/** All that `rules` force to be there, into `seen`; a way back to where one came from is circular.
 */
static void force(struct walk *w, const struct vls_requirement *rules, size_t count)
{
    const struct vls_scheme *s = w->r->scheme;
    for (size_t i = 0; i < count && vls_ok(w->r->status); i++)
        for (size_t j = 0; is_forced(&rules[i]) && j < rules[i].place_count; j++) {
            const struct vls_category *c = &s->categories[rules[i].places[j]];
            if (vls_bit_is_set(w->open, c->place)) {
                vls_spif_fail_at(w->r, c->line, "tagCategory",
                                 "circular: '%.60s' requires itself in the end", c->name);
                return;
            }
            if (vls_bit_is_set(w->seen, c->place))
                continue;
            vls_bit_set(w->seen, c->place);
            vls_bit_set(w->open, c->place);
            force(w, c->requirements, c->requirement_count);
            vls_bit_clear(w->open, c->place);
        }
}

static bool excludes(const struct vls_category *a, size_t place)
{
    for (size_t i = 0; i < a->excluded_count; i++)
        if (a->excluded[i] == place)
            return true;
    return false;
}

static bool excludes_class(const struct vls_category *a, size_t class)
{
    for (size_t i = 0; i < a->excluded_class_count; i++)
        if (a->excluded_classes[i] == class)
            return true;
    return false;
}

static bool is_excluded(const struct walk *w, const struct vls_category *c)
{
    const struct vls_scheme *s = w->r->scheme;
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(w->seen, i) && (excludes(&s->categories[i], c->place) || excludes(c, i)))
            return true;
    return false;
}

/** What is forced together may not exclude each other, and needs a classification in common. */
static void check_forced(struct walk *w, const char *name, const struct vls_classification *class)
{
    const struct vls_scheme *s = w->r->scheme;
    for (size_t i = 0; i < s->category_count && vls_ok(w->r->status); i++) {
        const struct vls_category *c = &s->categories[i];
        if (!vls_bit_is_set(w->seen, i))
            continue;
        if (is_excluded(w, c))
            vls_spif_fail_at(w->r, w->line, w->element,
                             "contradictory: '%.60s' requires '%.60s', which is excluded", name,
                             c->name);
        if (c->required_class != NULL && class == NULL)
            class = c->required_class;
        if ((c->required_class != NULL && c->required_class != class))
            vls_spif_fail_at(w->r, w->line, w->element,
                             "contradictory: '%.60s' requires '%.60s', which requires another "
                             "classification",
                             name, c->name);
    }
    for (size_t i = 0; class != NULL && i < s->category_count; i++)
        if (vls_bit_is_set(w->seen, i) &&
            excludes_class(&s->categories[i], (size_t)(class - s->classes)))
            vls_spif_fail_at(w->r, w->line, w->element,
                             "contradictory: '%.60s' requires '%.60s', which excludes '%.60s'",
                             name, s->categories[i].name, class->name);
}

/** Of each choice something must be left. */
static void check_choices(struct walk *w, const struct vls_requirement *rules, size_t count,
                          const char *name)
{
    const struct vls_scheme *s = w->r->scheme;
    for (size_t i = 0; i < count && vls_ok(w->r->status); i++) {
        size_t left = 0;
        for (size_t j = 0; j < rules[i].place_count; j++)
            left += !is_excluded(w, &s->categories[rules[i].places[j]]);
        if (left == 0)
            vls_spif_fail_at(w->r, rules[i].refs[0].line, "categoryGroup",
                             "contradictory: all that '%.60s' may choose from is excluded", name);
    }
}

void vls_spif_check_rules(struct spif_reader *r)
{
    const struct vls_scheme *s = r->scheme;
    for (size_t i = 0; i < s->category_count && vls_ok(r->status); i++) {
        const struct vls_category *c = &s->categories[i];
        if (c->requirement_count == 0 && c->required_class == NULL && c->excluded_count == 0)
            continue;
        struct walk w = {.r = r, .line = c->line, .element = "tagCategory"};
        vls_bit_set(w.seen, i);
        vls_bit_set(w.open, i);
        force(&w, c->requirements, c->requirement_count);
        check_forced(&w, c->name, c->required_class);
        check_choices(&w, c->requirements, c->requirement_count, c->name);
    }
    for (size_t i = 0; i < s->count && vls_ok(r->status); i++) {
        const struct vls_classification *c = &s->classes[i];
        if (c->requirement_count == 0)
            continue;
        struct walk w = {
            .r = r, .line = c->requirements[0].refs[0].line, .element = "requiredCategory"};
        force(&w, c->requirements, c->requirement_count);
        check_forced(&w, c->name, c);
        check_choices(&w, c->requirements, c->requirement_count, c->name);
    }
}
