#include <stdio.h>
#include <string.h>

#include <libxml/SAX2.h>

#include "base/text.h"
#include "label/spif_internal.h"

static const char *const TAG_TYPES[] = {"restrictive", "permissive",    "enumerated",
                                        "tagType7",    "notApplicable", NULL};
static const char *const ENUM_TYPES[] = {"restrictive", "permissive", NULL};
static const char *const APPLIED[] = {"encrypt", "decrypt", "both", NULL};
static const char *const ACTIONS[] = {"discard", NULL};
static const char *const OPERATIONS[] = {"onlyOne", "oneOrMore", "all", NULL};
static const char *const INPUTS[] = {"string", "integer", "date", NULL};
static const char *const TAG7_ENCODINGS[] = {"bitSetAttributes", "securityAttributes", NULL};

static uint32_t line_of(const struct spif_reader *r)
{
    return (uint32_t)xmlSAX2GetLineNumber(r->xml);
}

/** tagType and enumType together. */
static enum vls_tag_type get_type(struct spif_reader *r, struct spif_attributes a)
{
    static const enum vls_tag_type PLAIN[] = {VLS_TAG_RESTRICTIVE, VLS_TAG_PERMISSIVE,
                                              VLS_TAG_ENUM_RESTRICTIVE, VLS_TAG_INFORMATIVE,
                                              VLS_TAG_NOT_APPLICABLE};
    int type = vls_spif_get_word(r, a, "tagType", TAG_TYPES);
    int kind = vls_spif_get_word(r, a, "enumType", ENUM_TYPES);
    bool is_enumerated = type >= 0 && PLAIN[type] == VLS_TAG_ENUM_RESTRICTIVE;
    if (type < 0)
        vls_spif_fail(r, "'tagType' is missing; say restrictive, permissive or another");
    else if (is_enumerated && kind < 0)
        vls_spif_fail(r, "'enumType' is missing: say whether it is restrictive or permissive");
    else if (!is_enumerated && kind >= 0)
        vls_spif_fail(r, "'enumType' is for enumerated tags only; remove it");
    if (!vls_ok(r->status))
        return VLS_TAG_RESTRICTIVE;
    return is_enumerated && kind == 1 ? VLS_TAG_ENUM_PERMISSIVE : PLAIN[type];
}

static bool get_lacv(struct spif_reader *r, struct spif_attributes a, enum vls_tag_type type,
                     bool is_bits, const char **out_text, uint64_t *out)
{
    bool is_bit = type == VLS_TAG_RESTRICTIVE || type == VLS_TAG_PERMISSIVE || is_bits;
    char *text = vls_spif_get_text(r, a, "lacv");
    if (text == NULL || *text == '\0') {
        vls_spif_fail(
            r, "'lacv' is missing; give the value that a label carries, or all='true' in a rule");
        return false;
    }
    *out_text = text;
    bool is_number =
        vls_ok(vls_number_read(text, 0, is_bit ? VLS_MAX_TAG_BIT : (uint64_t)INT64_MAX, out));
    if (!is_number && type != VLS_TAG_NOT_APPLICABLE)
        vls_spif_fail(r, "lacv='%.40s' is not a number that fits this type of tag; from 0 to %s",
                      text, is_bit ? "16383" : "2^63 - 1");
    return vls_ok(r->status);
}

static bool has_set_handle(const struct vls_scheme *s, const char *handle)
{
    for (size_t i = 0; i < s->tag_set_count; i++)
        if (strcmp(s->tag_sets[i].handle, handle) == 0)
            return true;
    return false;
}

/** A handle that no other tag set has: text forms find a set by it. */
static void make_set_handle(struct spif_reader *r, const struct vls_tag_set *set, char *handle)
{
    const struct vls_scheme *s = r->scheme;
    if (vls_spif_handle(set->name, handle) && !has_set_handle(s, handle))
        return;
    snprintf(handle, VLS_MAX_NAME, "set-%zu", s->tag_set_count + 1);
    if (has_set_handle(s, handle))
        vls_spif_fail(r, "'%.60s' would be written '%s', as another tag set is; rename one",
                      set->name, handle);
}

void vls_spif_take_tag_set(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char handle[VLS_MAX_NAME + 1];
    struct vls_tag_set set = {.name = vls_spif_get_phrase(r, a, "name"),
                              .first = (uint16_t)s->tag_count};
    if (set.name == NULL || *set.name == '\0')
        vls_spif_fail(r, "'name' is missing; give one");
    set.oid = vls_spif_need_oid(r, a, "id", set.oid_der, &set.oid_der_len);
    if (s->tag_set_count == VLS_MAX_TAG_SETS)
        vls_spif_fail(r, "more than %d tag sets", VLS_MAX_TAG_SETS);
    for (size_t i = 0; vls_ok(r->status) && i < s->tag_set_count; i++)
        if (strcmp(s->tag_sets[i].name, set.name) == 0 || strcmp(s->tag_sets[i].oid, set.oid) == 0)
            vls_spif_fail(r, "a second tag set '%.60s' (%.60s); give each its own name and id",
                          set.name, set.oid);
    if (!vls_ok(r->status))
        return;
    make_set_handle(r, &set, handle);
    set.handle = vls_spif_copy(r, handle);
    struct vls_tag_set *grown = vls_spif_grow(r, s->tag_sets, s->tag_set_count, sizeof set);
    if (grown == NULL || !vls_ok(r->status))
        return;
    s->tag_sets = grown;
    s->tag_sets[s->tag_set_count++] = set;
}

void vls_spif_take_tag(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char *name = vls_spif_get_text(r, a, "name");
    struct vls_tag tag = {.name = name != NULL ? name : "",
                          .type = get_type(r, a),
                          .line = line_of(r),
                          .place = (uint16_t)s->tag_count,
                          .tag_set = (uint16_t)(s->tag_set_count - 1),
                          .first = (uint16_t)s->category_count};
    int encoding = vls_spif_get_word(r, a, "tag7Encoding", TAG7_ENCODINGS);
    if (tag.type == VLS_TAG_INFORMATIVE && encoding < 0)
        vls_spif_fail(r, "'tag7Encoding' is missing: say bitSetAttributes or securityAttributes");
    if (tag.type != VLS_TAG_INFORMATIVE && encoding >= 0)
        vls_spif_fail(r, "'tag7Encoding' is for tags of type tagType7 only; remove it");
    tag.is_bits = encoding == 0;
    vls_spif_get_selection(r, a, &tag.min_selection, &tag.max_selection);
    for (size_t i = s->tag_sets[tag.tag_set].first; i < s->tag_count; i++)
        if (tag.type == VLS_TAG_INFORMATIVE && s->tags[i].type == VLS_TAG_INFORMATIVE &&
            s->tags[i].is_bits != tag.is_bits)
            vls_spif_fail(r, "two 'tag7Encoding' in one tag set; the format allows one");
    if (s->tag_count == VLS_MAX_TAGS)
        vls_spif_fail(r, "more than %d tags", VLS_MAX_TAGS);
    struct vls_tag *grown = vls_spif_grow(r, s->tags, s->tag_count, sizeof tag);
    if (grown == NULL || !vls_ok(r->status))
        return;
    s->tags = grown;
    s->tags[s->tag_count++] = tag;
    s->tag_sets[tag.tag_set].count++;
}

static bool has_category_handle(const struct vls_scheme *s, uint16_t tag_set, const char *handle)
{
    for (size_t i = 0; i < s->category_count; i++)
        if (s->tags[s->categories[i].tag].tag_set == tag_set &&
            strcmp(s->categories[i].handle, handle) == 0)
            return true;
    return false;
}

/** A handle that no other category of the tag set has: two alike, and the text form of a label
 * would name another category than the label has. */
static void make_handle(struct spif_reader *r, const struct vls_category *c, char *handle)
{
    const struct vls_scheme *s = r->scheme;
    uint16_t tag_set = (uint16_t)(s->tag_set_count - 1);
    if (vls_spif_handle(c->name, handle) && !has_category_handle(s, tag_set, handle))
        return;
    snprintf(handle, VLS_MAX_NAME, "category-%u", c->place + 1u);
    if (has_category_handle(s, tag_set, handle))
        vls_spif_fail(r, "'%.60s' would be written '%s', as another category is; rename one",
                      c->name, handle);
}

static void check_value(struct spif_reader *r, const struct vls_category *c)
{
    const struct vls_scheme *s = r->scheme;
    const struct vls_tag *tag = &s->tags[c->tag];
    for (size_t i = 0; i < s->category_count; i++) {
        const struct vls_category *o = &s->categories[i];
        const struct vls_tag *other = &s->tags[o->tag];
        if (other->tag_set == tag->tag_set && other->type == tag->type &&
            strcmp(o->text, c->text) == 0)
            vls_spif_fail(r, "'%.40s' and '%.40s' have the same value %.20s; change one", o->name,
                          c->name, c->text);
    }
}

void vls_spif_take_category(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    struct vls_tag *tag = &s->tags[s->tag_count - 1];
    char handle[VLS_MAX_NAME + 1], number[VLS_TIME_TEXT];
    struct vls_category c = {.place = (uint16_t)s->category_count,
                             .tag = tag->place,
                             .line = line_of(r),
                             .name = vls_spif_get_text(r, a, "name")};
    if (c.name == NULL || *c.name == '\0')
        vls_spif_fail(r, "'name' is missing; give one");
    if (s->category_count == VLS_MAX_CATEGORIES)
        vls_spif_fail(r, "more than %d categories", VLS_MAX_CATEGORIES);
    if (!vls_ok(r->status) || !get_lacv(r, a, tag->type, tag->is_bits, &c.text, &c.lacv))
        return;
    if (tag->type != VLS_TAG_NOT_APPLICABLE) { /* "007" and "7" are one value */
        snprintf(number, sizeof number, "%llu", (unsigned long long)c.lacv);
        c.text = vls_spif_copy(r, number);
    }
    int input = vls_spif_get_word(r, a, "userInput", INPUTS);
    c.user_input = input >= 0 ? INPUTS[input] : NULL;
    c.is_obsolete = vls_spif_get_bool(r, a, "obsolete");
    c.required_class_name = vls_spif_get_phrase(r, a, "requiredClass");
    vls_spif_get_validity(r, a, &c.not_before_ms, &c.not_after_ms);
    if (!vls_ok(r->status))
        return;
    check_value(r, &c);
    make_handle(r, &c, handle);
    c.handle = vls_spif_copy(r, handle);
    struct vls_category *grown = vls_spif_grow(r, s->categories, s->category_count, sizeof c);
    if (grown == NULL || !vls_ok(r->status))
        return;
    s->categories = grown;
    s->categories[s->category_count++] = c;
    tag->count++;
}

/* -- references */

static bool get_ref(struct spif_reader *r, struct spif_attributes a, struct vls_category_ref *out)
{
    const char *text;
    *out = (struct vls_category_ref){.tag_set = vls_spif_get_phrase(r, a, "tagSetRef"),
                                     .type = get_type(r, a),
                                     .line = line_of(r)};
    if (out->tag_set == NULL)
        vls_spif_fail(r, "'tagSetRef' is missing; name a tag set");
    if (r->ref_count++ == VLS_MAX_SCHEME_REFS)
        vls_spif_fail(r, "its rules name more than %d categories in all", VLS_MAX_SCHEME_REFS);
    out->is_all = vls_spif_get_bool(r, a, "all");
    if (out->is_all && vls_spif_get_text(r, a, "lacv") != NULL)
        vls_spif_fail(r, "'lacv' and 'all' contradict each other; keep one");
    return vls_ok(r->status) &&
           (out->is_all || get_lacv(r, a, out->type, false, &text, &out->lacv));
}

void vls_spif_take_excluded(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_category *c = &r->scheme->categories[r->scheme->category_count - 1];
    struct vls_category_ref ref;
    if (!get_ref(r, a, &ref))
        return;
    struct vls_category_ref *grown =
        vls_spif_grow(r, c->excluded_refs, c->excluded_ref_count, sizeof ref);
    if (grown == NULL)
        return;
    c->excluded_refs = grown;
    c->excluded_refs[c->excluded_ref_count++] = ref;
}

void vls_spif_end_excluded_class(struct spif_reader *r, const char *text)
{
    struct vls_category *c = &r->scheme->categories[r->scheme->category_count - 1];
    if (c->excluded_class_count == VLS_MAX_CLASSIFICATIONS)
        vls_spif_fail(r, "excludes more than %d classifications", VLS_MAX_CLASSIFICATIONS);
    for (size_t i = 0; i < c->excluded_class_count; i++)
        if (strcmp(c->excluded_class_names[i], text) == 0)
            vls_spif_fail(r, "'%.60s' is excluded twice; remove one", text);
    const char **grown =
        vls_spif_grow(r, c->excluded_class_names, c->excluded_class_count, sizeof *grown);
    char *name = vls_spif_copy(r, text);
    if (grown == NULL || name == NULL)
        return;
    c->excluded_class_names = grown;
    c->excluded_class_names[c->excluded_class_count++] = name;
}

/** The list of requirements that an element of kind `owner` has. */
static struct vls_requirement **requirements_of(struct spif_reader *r, enum spif_element owner,
                                                size_t **out_count)
{
    struct vls_scheme *s = r->scheme;
    struct vls_equivalence *e;
    switch (owner) {
    case SPIF_CLASS:
        *out_count = &s->classes[s->count - 1].requirement_count;
        return &s->classes[s->count - 1].requirements;
    case SPIF_TAG_CATEGORY:
        *out_count = &s->categories[s->category_count - 1].requirement_count;
        return &s->categories[s->category_count - 1].requirements;
    case SPIF_EQUIVALENT_CLASS: {
        struct vls_classification *class = &s->classes[s->count - 1];
        e = &class->equivalents[class->equivalent_count - 1];
        break;
    }
    case SPIF_EQUIVALENT_TAG_SET: {
        struct vls_tag_set *set = &s->tag_sets[s->tag_set_count - 1];
        e = &set->equivalents[set->equivalent_count - 1];
        break;
    }
    default:
        e = &s->equivalents[s->equivalent_count - 1];
        break;
    }
    *out_count = &e->requirement_count;
    return &e->requirements;
}

void vls_spif_take_required(struct spif_reader *r, struct spif_attributes a)
{
    int operation = vls_spif_get_word(r, a, "operation", OPERATIONS);
    if (operation < 0) {
        vls_spif_fail(r, "'operation' is missing; say onlyOne, oneOrMore or all");
        return;
    }
    size_t *count;
    struct vls_requirement **list = requirements_of(r, vls_spif_parent(r), &count);
    struct vls_requirement *grown = vls_spif_grow(r, *list, *count, sizeof **list);
    if (grown == NULL)
        return;
    *list = grown;
    grown[(*count)++] = (struct vls_requirement){.operation = (enum vls_operation)operation};
}

void vls_spif_take_group(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_category_ref ref;
    size_t *count;
    if (!get_ref(r, a, &ref))
        return;
    struct vls_requirement **list = requirements_of(r, r->stack[r->depth - 3], &count);
    struct vls_requirement *rule = &(*list)[*count - 1];
    struct vls_category_ref *grown = vls_spif_grow(r, rule->refs, rule->ref_count, sizeof ref);
    if (grown == NULL)
        return;
    rule->refs = grown;
    rule->refs[rule->ref_count++] = ref;
}

/* -- equivalences */

static struct vls_equivalence **equivalents_of(struct spif_reader *r, size_t **out_count)
{
    struct vls_scheme *s = r->scheme;
    switch (r->stack[r->depth - 1]) {
    case SPIF_EQUIVALENT_CLASS:
        *out_count = &s->classes[s->count - 1].equivalent_count;
        return &s->classes[s->count - 1].equivalents;
    case SPIF_EQUIVALENT_TAG:
        *out_count = &s->categories[s->category_count - 1].equivalent_count;
        return &s->categories[s->category_count - 1].equivalents;
    case SPIF_EQUIVALENT_TAG_SET:
        *out_count = &s->tag_sets[s->tag_set_count - 1].equivalent_count;
        return &s->tag_sets[s->tag_set_count - 1].equivalents;
    default:
        *out_count = &s->equivalent_count;
        return &s->equivalents;
    }
}

static bool get_applied(struct spif_reader *r, struct spif_attributes a, enum vls_applied *out)
{
    int applied = vls_spif_get_word(r, a, "applied", APPLIED);
    if (applied < 0)
        vls_spif_fail(r, "'applied' is missing; say encrypt, decrypt or both");
    *out = (enum vls_applied)(applied + 1);
    return vls_ok(r->status);
}

/** A category's counterpart. One that is discarded has none: the format wants tag set, type and
 * value all the same, and gives them no meaning. */
static void get_equivalent_tag(struct spif_reader *r, struct spif_attributes a,
                               struct vls_equivalence *e)
{
    const char *text;
    e->tag_set_oid = vls_spif_need_oid(r, a, "tagSetId", NULL, NULL);
    e->is_discard = vls_spif_get_word(r, a, "action", ACTIONS) == 0;
    if (e->is_discard) {
        if (vls_spif_get_word(r, a, "tagType", TAG_TYPES) < 0 ||
            vls_spif_get_text(r, a, "lacv") == NULL)
            vls_spif_fail(r, "'tagType' or 'lacv' is missing; the format wants them here too");
        (void)vls_spif_get_word(r, a, "enumType", ENUM_TYPES);
        return;
    }
    e->type = get_type(r, a);
    if (vls_ok(r->status))
        (void)get_lacv(r, a, e->type, false, &text, &e->lacv);
}

static bool get_equivalence(struct spif_reader *r, struct spif_attributes a,
                            struct vls_equivalence *e)
{
    enum spif_element element = r->stack[r->depth - 1];
    bool is_policy = element == SPIF_EQUIVALENT_POLICY;
    uint32_t lacv;
    e->line = line_of(r);
    e->applied = VLS_APPLIED_BOTH;
    e->policy = vls_spif_get_phrase(r, a, is_policy ? "name" : "policyRef");
    if (e->policy == NULL || *e->policy == '\0')
        vls_spif_fail(r, "it names no policy; give '%s'", is_policy ? "name" : "policyRef");
    if (is_policy) {
        e->policy_oid = vls_spif_need_oid(r, a, "id", NULL, NULL);
    } else if (element == SPIF_EQUIVALENT_TAG) {
        get_equivalent_tag(r, a, e);
    } else if (element == SPIF_EQUIVALENT_CLASS) {
        if (vls_spif_need_number(r, a, "lacv", VLS_MAX_LACV, &lacv))
            e->lacv = lacv;
    } else if (vls_spif_get_text(r, a, "id") != NULL) {
        e->tag_set_oid = vls_spif_need_oid(r, a, "id", NULL, NULL);
    }
    if (!vls_ok(r->status))
        return false;
    return is_policy || element == SPIF_EQUIVALENT_TAG_SET || get_applied(r, a, &e->applied);
}

void vls_spif_take_equivalent(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_equivalence e = {0};
    size_t *count;
    if (!get_equivalence(r, a, &e))
        return;
    struct vls_equivalence **list = equivalents_of(r, &count);
    if (*count == VLS_MAX_EQUIVALENTS) {
        vls_spif_fail(r, "more than %d of them", VLS_MAX_EQUIVALENTS);
        return;
    }
    struct vls_equivalence *grown = vls_spif_grow(r, *list, *count, sizeof e);
    if (grown == NULL)
        return;
    *list = grown;
    grown[(*count)++] = e;
}
