#include "label/validity.h"

#include <string.h>

#include "label/scheme_internal.h"

#define BROKEN(why, ...) vls_fail(VLS_LABEL_VALUE, why, __VA_ARGS__)

static struct vls_status check_required(const struct vls_label *label, const char *name,
                                        const struct vls_requirement *rules, size_t count,
                                        struct vls_why *why)
{
    for (size_t i = 0; i < count; i++) {
        const struct vls_requirement *rule = &rules[i];
        size_t held = 0;
        for (size_t j = 0; j < rule->place_count; j++)
            held += vls_bit_is_set(label->categories, rule->places[j]);
        const char *first = label->scheme->categories[rule->places[0]].name;
        if (rule->operation == VLS_REQUIRE_ALL && held != rule->place_count)
            return BROKEN(why, "%.60s requires all of %zu categories ('%.40s' ...), %zu are there",
                          name, rule->place_count, first, held);
        if (held == 0)
            return BROKEN(why, "%.60s is valid only with a category such as '%.40s'", name, first);
        if (rule->operation == VLS_REQUIRE_ONLY_ONE && held != 1)
            return BROKEN(why, "%.60s requires only one of '%.40s' ..., %zu are there", name, first,
                          held);
    }
    return VLS_DONE;
}

static struct vls_status check_category(const struct vls_label *label, const struct vls_category *c,
                                        struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    if (c->required_class != NULL && c->required_class != label->classification)
        return BROKEN(why, "category '%.40s' requires the classification '%.40s'", c->name,
                      c->required_class->name);
    for (size_t i = 0; i < c->excluded_class_count; i++)
        if (&s->classes[c->excluded_classes[i]] == label->classification)
            return BROKEN(why, "category '%.40s' excludes the classification '%.40s'", c->name,
                          label->classification->name);
    for (size_t i = 0; i < c->excluded_count; i++)
        if (vls_bit_is_set(label->categories, c->excluded[i]))
            return BROKEN(why, "category '%.40s' excludes category '%.40s'", c->name,
                          s->categories[c->excluded[i]].name);
    return check_required(label, c->name, c->requirements, c->requirement_count, why);
}

static struct vls_status check_counts(const struct vls_label *label, struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    for (size_t t = 0; t < s->tag_count; t++) {
        const struct vls_tag *tag = &s->tags[t];
        size_t held = 0;
        for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
            held += vls_bit_is_set(label->categories, i);
        bool is_nobody = (label->nobody >> t & 1) != 0;
        if (held > tag->max_selection || (held < tag->min_selection && !is_nobody))
            return BROKEN(why, "tag '%.40s' has %zu categories; the scheme allows %u to %u",
                          tag->name, held, tag->min_selection, tag->max_selection);
    }
    return VLS_DONE;
}

/** The scheme's entry of the label's privacy mark; NULL when there is no mark, or none such. */
static const struct vls_privacy_mark *listed_mark(const struct vls_label *label)
{
    const struct vls_scheme *s = label->scheme;
    const char *mark = label->details != NULL ? label->details->privacy_mark : NULL;
    for (size_t i = 0; mark != NULL && i < s->privacy_mark_count; i++)
        if (strcmp(s->privacy_marks[i].name, mark) == 0)
            return &s->privacy_marks[i];
    return NULL;
}

/** <privacyMarks> of a scheme are those that may be used; a scheme without it, like X.841, leaves
 * the words to whoever gives the label. */
static struct vls_status check_mark(const struct vls_label *label, struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    const char *mark = label->details != NULL ? label->details->privacy_mark : NULL;
    if (mark == NULL && s->min_privacy_marks != 0)
        return BROKEN(why,
                      "scheme %.60s requires a privacy mark such as '%.60s', and there is none",
                      s->name, s->privacy_marks[0].name);
    if (mark != NULL && s->max_privacy_marks == 0)
        return BROKEN(why, "scheme %.60s allows no privacy mark, and there is '%.60s'", s->name,
                      mark);
    if (mark != NULL && s->privacy_mark_count != 0 && listed_mark(label) == NULL)
        return BROKEN(why, "privacy mark '%.60s' is none of scheme %.60s: it has '%.60s' ...", mark,
                      s->name, s->privacy_marks[0].name);
    return VLS_DONE;
}

static struct vls_status check_dates(const struct vls_label *label, struct vls_why *why)
{
    const struct vls_label_details *d = label->details;
    if (d == NULL)
        return VLS_DONE;
    if (d->succession_ms != 0 && d->succession_ms < d->created_ms)
        return BROKEN(why, "the label is succeeded before it was created");
    if (d->successor != NULL && d->succession_ms == 0)
        return BROKEN(why, "the label has a successor and no date for it");
    if (d->review_ms != 0 && d->review_ms < d->created_ms)
        return BROKEN(why, "the label is to be reviewed before it was created");
    return VLS_DONE;
}

struct vls_status vls_label_check(const struct vls_label *label, struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    const struct vls_classification *c = label->classification;
    if (s == NULL || c == NULL)
        return vls_fail(VLS_LABEL_MISSING, why, "no label");
    if (vls_label_unknown_count(label) != 0)
        return BROKEN(why, "scheme %.60s does not know the category %.80s", s->name,
                      label->details->unknown[0].words);
    VLS_TRY(check_required(label, c->name, c->requirements, c->requirement_count, why));
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(label->categories, i))
            VLS_TRY(check_category(label, &s->categories[i], why));
    VLS_TRY(check_counts(label, why));
    VLS_TRY(check_mark(label, why));
    return check_dates(label, why);
}

struct vls_status vls_label_check_new(const struct vls_label *label, struct vls_why *why)
{
    const struct vls_scheme *s = label->scheme;
    if (s != NULL && label->classification->is_obsolete)
        return BROKEN(why, "%.60s/%.60s is obsolete: it may be read but not used anew", s->name,
                      label->classification->handle);
    for (size_t i = 0; s != NULL && i < s->category_count; i++)
        if (vls_bit_is_set(label->categories, i) && s->categories[i].is_obsolete)
            return BROKEN(why, "category '%.60s' is obsolete: it may be read but not used anew",
                          s->categories[i].name);
    const struct vls_privacy_mark *mark = s != NULL ? listed_mark(label) : NULL;
    if (mark != NULL && mark->is_obsolete)
        return BROKEN(why, "privacy mark '%.60s' is obsolete: it may be read but not used anew",
                      mark->name);
    return vls_label_check(label, why);
}

struct vls_status vls_label_check_at(const struct vls_label *label, uint64_t at_ms,
                                     struct vls_why *why)
{
    VLS_TRY(vls_label_check(label, why));
    const struct vls_scheme *s = label->scheme;
    if (!vls_scheme_is_valid_at(s, at_ms))
        return BROKEN(why, "scheme %.100s is not valid at this time", s->name);
    for (size_t i = 0; i < s->category_count; i++) {
        const struct vls_category *c = &s->categories[i];
        if (vls_bit_is_set(label->categories, i) &&
            (at_ms < c->not_before_ms || (c->not_after_ms != 0 && at_ms > c->not_after_ms)))
            return BROKEN(why, "category '%.60s' is not valid at this time", c->name);
    }
    const struct vls_label_details *d = label->details;
    if (d != NULL && d->created_ms > at_ms)
        return BROKEN(why, "the label was created after this time");
    if (d != NULL && d->succession_ms != 0 && d->succession_ms <= at_ms)
        return BROKEN(why, "the label has been succeeded: an officer gives the next one");
    return VLS_DONE;
}

struct vls_status vls_label_check_held(const struct vls_label *label, uint64_t now_ms,
                                       struct vls_why *why)
{
    if (label->details == NULL)
        return vls_label_check_at(label, now_ms, why);
    struct vls_label_details details = *label->details;
    struct vls_label held = *label;
    held.details = &details;
    if (details.created_ms > now_ms && details.created_ms - now_ms <= VLS_CLOCK_SKEW_MS)
        details.created_ms = now_ms;
    if (details.successor != NULL && vls_label_dominates(label, details.successor)) {
        details.succession_ms = 0;
        details.successor = NULL;
    }
    return vls_label_check_at(&held, now_ms, why);
}
