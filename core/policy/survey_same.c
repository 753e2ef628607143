/* Rules of the same conditions: two effects contradict each other, one effect twice says it twice.
 */
#include <string.h>

#include "policy/survey_internal.h"

/** Of sets without doubles: as many, and each among the others. */
static bool is_same_texts(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        size_t k = 0;
        while (k < b_count && strcmp(a[i], b[k]) != 0)
            k++;
        if (k == b_count)
            return false;
    }
    return true;
}

static bool is_same_pointers(const void *const *a, size_t a_count, const void *const *b,
                             size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        size_t k = 0;
        while (k < b_count && a[i] != b[k])
            k++;
        if (k == b_count)
            return false;
    }
    return true;
}

static bool is_same_bound(const struct vls_label *a, const struct vls_label *b)
{
    return a->scheme == b->scheme && (a->scheme == NULL || vls_label_is_same(a, b));
}

static bool is_same_who(const struct vls_condition *a, const struct vls_condition *b)
{
    const void *kinds[2][VLS_MAX_RULE_LIST], *bodies[2][VLS_MAX_RULE_LIST],
        *categories[2][VLS_MAX_RULE_LIST];
    const struct vls_condition *const both[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < both[i]->kind_count; k++)
            kinds[i][k] = both[i]->kinds[k];
        for (size_t k = 0; k < both[i]->body_count; k++)
            bodies[i][k] = both[i]->bodies[k];
        for (size_t k = 0; k < both[i]->category_count; k++)
            categories[i][k] = both[i]->categories[k].category;
    }
    return a->incoming == b->incoming && a->from == b->from && a->to == b->to &&
           is_same_pointers(kinds[0], a->kind_count, kinds[1], b->kind_count) &&
           is_same_pointers(bodies[0], a->body_count, bodies[1], b->body_count) &&
           is_same_pointers(categories[0], a->category_count, categories[1], b->category_count) &&
           is_same_bound(&a->at_most, &b->at_most) && is_same_bound(&a->at_least, &b->at_least);
}

static bool is_same_wishes(const struct vls_condition *a, const struct vls_condition *b)
{
    return a->distributions == b->distributions && a->answers == b->answers &&
           a->personal_data == b->personal_data && a->safeguards == b->safeguards &&
           a->embargo == b->embargo && a->third_party == b->third_party &&
           a->duplicate == b->duplicate && a->has_min_bytes == b->has_min_bytes &&
           a->has_max_bytes == b->has_max_bytes && a->min_bytes == b->min_bytes &&
           a->max_bytes == b->max_bytes;
}

static bool is_same(const struct vls_condition *a, const struct vls_condition *b)
{
    return is_same_wishes(a, b) &&
           is_same_texts(a->audiences, a->audience_count, b->audiences, b->audience_count) &&
           is_same_texts(a->topics, a->topic_count, b->topics, b->topic_count) &&
           is_same_texts(a->media_types, a->media_type_count, b->media_types,
                         b->media_type_count) &&
           is_same_texts(a->originators, a->originator_count, b->originators,
                         b->originator_count) &&
           is_same_who(a, b); /* the dearest comparison */
}

static void report(struct vls_surveying *s, const struct vls_survey_file *file, size_t i, size_t k)
{
    const struct vls_rule *first = &file->book->rules[i], *second = &file->book->rules[k];
    const struct vls_survey_path path = vls_survey_at("rules", k);
    if (first->effect == second->effect) {
        struct vls_finding *f =
            vls_survey_add(s, file, VLS_SEVERITY_WARNING, "doubled", path.text,
                           "has the same conditions and the same effect as %.60s (line %u)",
                           first->id, first->line);
        vls_survey_remedy(f, "make one rule of them, with the duties of both");
        return;
    }
    const struct vls_rule *strict = first->effect > second->effect ? first : second;
    struct vls_finding *f = vls_survey_add(
        s, file, VLS_SEVERITY_ERROR, "contradiction", path.text,
        "has the same conditions as %.60s (line %u), and says %s where that says %s; it is always "
        "%.60s that decides",
        first->id, first->line, vls_outcome_name(second->effect), vls_outcome_name(first->effect),
        strict->id);
    vls_survey_remedy(f, "remove one of them, or give them conditions that differ");
}

static void compare_all(struct vls_surveying *s, const struct vls_survey_file *file)
{
    if (file->book == NULL)
        return;
    for (size_t k = 1; k < file->book->rule_count; k++)
        for (size_t i = 0; i < k; i++)
            if (is_same(&file->book->rules[i].when, &file->book->rules[k].when)) {
                report(s, file, i, k);
                break;
            }
}

bool vls_survey_is_same(const struct vls_rule *a, const struct vls_rule *b)
{
    return is_same(&a->when, &b->when);
}

void vls_survey_same(struct vls_surveying *s)
{
    compare_all(s, &s->joint);
    compare_all(s, &s->house);
}
