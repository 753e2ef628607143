#include "policy/survey_view.h"

#include <inttypes.h>
#include <stdio.h>

#include "policy/rules.h"

bool vls_view_rule(const struct vls_arrangement *a, size_t i, struct vls_view_rule *out)
{
    if (i >= a->rule_count)
        return false;
    const struct vls_rule *rule = &a->rules[i];
    *out = (struct vls_view_rule){.id = rule->id,
                                  .basis = rule->basis,
                                  .effect = vls_outcome_name(rule->effect),
                                  .approvals = rule->approvals,
                                  .retain_years = rule->retain_years,
                                  .duties = {rule->duties, rule->duty_count},
                                  .is_broad = rule->is_broad,
                                  .line = rule->line};
    return true;
}

bool vls_view_body(const struct vls_arrangement *a, size_t i, struct vls_view_body *out)
{
    if (i >= a->body_count)
        return false;
    const struct vls_rule_body *body = &a->bodies[i];
    *out = (struct vls_view_body){.id = body->id,
                                  .name = body->name,
                                  .through = body->through,
                                  .members = {body->members, body->member_count},
                                  .from_ms = body->from_ms,
                                  .until_ms = body->until_ms};
    return true;
}

bool vls_view_equivalence(const struct vls_arrangement *a, size_t i,
                          struct vls_view_equivalence *out)
{
    if (i >= a->equivalence_count)
        return false;
    const struct vls_rule_equivalence *e = &a->equivalences[i];
    *out = (struct vls_view_equivalence){.from_scheme = vls_scheme_name(e->from_scheme),
                                         .from = e->from->handle,
                                         .to_scheme = vls_scheme_name(e->to_scheme),
                                         .to = e->to->handle,
                                         .adds = {e->adds, e->add_count}};
    return true;
}

uint32_t vls_view_supersedes(const struct vls_arrangement *a)
{
    return a->supersedes;
}

/* -- conditions in words ----------------------------------------------------------------------- */

struct words {
    struct vls_buf *out;
    bool is_first; /* nothing is written yet */
};

static VLS_STATUS begin(struct words *w, const char *what)
{
    const char *mark = w->is_first ? "" : "; ";
    w->is_first = false;
    return vls_buf_add_format(w->out, "%s%s", mark, what);
}

/** "what A, B or C" */
static VLS_STATUS add_item(struct words *w, const char *what, size_t i, size_t count,
                           const char *text)
{
    if (i == 0)
        VLS_TRY(begin(w, what));
    const char *mark = i == 0 ? " " : i + 1 == count ? " or " : ", ";
    return vls_buf_add_format(w->out, "%s%s", mark, text);
}

static VLS_STATUS add_texts(struct words *w, const char *what, char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        VLS_TRY(add_item(w, what, i, count, texts[i]));
    return VLS_DONE;
}

static VLS_STATUS add_wish(struct words *w, enum vls_wish wish, const char *yes, const char *no)
{
    if (wish == VLS_WISH_ANY)
        return VLS_DONE;
    return begin(w, wish == VLS_WISH_YES ? yes : no);
}

static VLS_STATUS add_set(struct words *w, const char *what, uint32_t set,
                          const char *(*name_at)(unsigned))
{
    size_t count = 0, done = 0;
    for (unsigned i = 0; name_at(i) != NULL; i++)
        count += (set >> i) & 1;
    for (unsigned i = 0; name_at(i) != NULL; i++)
        if (((set >> i) & 1) != 0)
            VLS_TRY(add_item(w, what, done++, count, name_at(i)));
    return VLS_DONE;
}

static VLS_STATUS add_bound(struct words *w, const char *what, const struct vls_label *bound)
{
    if (bound->scheme == NULL)
        return VLS_DONE;
    VLS_TRY(begin(w, what));
    VLS_TRY(vls_buf_add_text(w->out, " "));
    return vls_label_text(bound, w->out);
}

static VLS_STATUS add_categories(struct words *w, const struct vls_condition *when)
{
    for (size_t i = 0; i < when->category_count; i++) {
        const struct vls_rule_category *c = &when->categories[i];
        const struct vls_tag *tag = vls_scheme_tag(c->scheme, c->category->tag);
        VLS_TRY(add_item(w, "category", i, when->category_count, vls_scheme_name(c->scheme)));
        VLS_TRY(vls_buf_add_format(w->out, ";%s/%s",
                                   vls_scheme_tag_set(c->scheme, tag->tag_set)->handle,
                                   c->category->handle));
    }
    return VLS_DONE;
}

static VLS_STATUS add_who(struct words *w, const struct vls_condition *when)
{
    for (size_t i = 0; i < when->kind_count; i++)
        VLS_TRY(add_item(w, "kind", i, when->kind_count, when->kinds[i]->name));
    VLS_TRY(add_wish(w, when->incoming, "incoming", "outgoing"));
    if (when->from != NULL)
        VLS_TRY(add_item(w, "from", 0, 1, when->from->id));
    if (when->to != NULL)
        VLS_TRY(add_item(w, "to", 0, 1, when->to->id));
    for (size_t i = 0; i < when->body_count; i++)
        VLS_TRY(add_item(w, "body", i, when->body_count, when->bodies[i]->id));
    return VLS_DONE;
}

static VLS_STATUS add_lists(struct words *w, const struct vls_condition *when)
{
    VLS_TRY(add_texts(w, "audience", when->audiences, when->audience_count));
    VLS_TRY(add_texts(w, "topic", when->topics, when->topic_count));
    VLS_TRY(add_texts(w, "all documents of type", when->media_types, when->media_type_count));
    VLS_TRY(add_texts(w, "originator", when->originators, when->originator_count));
    return add_wish(w, when->third_party, "of a third party", "of no third party");
}

static VLS_STATUS add_bytes(struct words *w, const struct vls_condition *when)
{
    char text[32];
    if (when->has_min_bytes) {
        snprintf(text, sizeof text, "%" PRIu64, when->min_bytes);
        VLS_TRY(add_item(w, "bytes at least", 0, 1, text));
    }
    if (when->has_max_bytes) {
        snprintf(text, sizeof text, "%" PRIu64, when->max_bytes);
        VLS_TRY(add_item(w, "bytes at most", 0, 1, text));
    }
    return VLS_DONE;
}

struct vls_status vls_view_conditions(const struct vls_arrangement *a, size_t i,
                                      struct vls_buf *out)
{
    const struct vls_condition *when = &a->rules[i].when;
    struct words w = {.out = out, .is_first = true};
    VLS_TRY(add_who(&w, when));
    VLS_TRY(add_bound(&w, "label at least", &when->at_least));
    VLS_TRY(add_bound(&w, "label at most", &when->at_most));
    VLS_TRY(add_categories(&w, when));
    VLS_TRY(add_set(&w, "distribution", when->distributions, vls_distribution_at));
    VLS_TRY(add_wish(&w, when->personal_data, "personal data", "no personal data"));
    VLS_TRY(add_wish(&w, when->safeguards, "safeguards named", "no safeguards named"));
    VLS_TRY(add_wish(&w, when->embargo, "under embargo", "no embargo"));
    VLS_TRY(add_lists(&w, when));
    VLS_TRY(add_set(&w, "answers", when->answers, vls_answers_at));
    VLS_TRY(add_wish(&w, when->duplicate, "a duplicate", "no duplicate"));
    VLS_TRY(add_bytes(&w, when));
    return w.is_first ? vls_buf_add_text(out, "always") : VLS_DONE;
}
