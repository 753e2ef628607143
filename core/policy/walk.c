#include "policy/walk.h"

#include <stdlib.h>
#include <string.h>

/** The facts with their names looked up, once for all rules. */
struct walk {
    const struct vls_arrangement *arrangement;
    const struct vls_facts *facts;
    const struct vls_kind *kind;            /* NULL: not known */
    const struct vls_rule_party *from, *to; /* NULL: not of the arrangement */
    const struct vls_rule_body *body;       /* NULL: none, or not of the arrangement */
};

enum match { NO, YES, UNKNOWN };

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool is_originated_by(const char *originator, const struct vls_rule_party *party)
{
    return strcmp(originator, party->id) == 0 || strcmp(originator, party->name) == 0;
}

/* -- before the rules -------------------------------------------------------------------------- */

static bool exists(const struct vls_rule_body *body, uint64_t now_ms)
{
    return now_ms >= body->from_ms && (body->until_ms == 0 || now_ms < body->until_ms);
}

static bool is_body_right(const struct walk *w)
{
    if (w->arrangement->body_count == 0)
        return true;
    if (!is_given(w->facts->body))
        return !w->kind->needs_body;
    if (w->body == NULL || !exists(w->body, w->facts->now_ms))
        return false;
    return !w->kind->fans_out || w->body->member_count != 0;
}

static bool is_sender_right(const struct walk *w)
{
    const struct vls_label_details *details = w->facts->label.details;
    if (w->kind->sender != VLS_SENDER_ORIGINATOR || details == NULL ||
        details->originator_count == 0)
        return true;
    for (size_t i = 0; i < details->originator_count; i++)
        if (is_originated_by(details->originators[i], w->from))
            return true;
    return false;
}

/** @return VLS_CAUSE_RULE when all of it holds */
static enum vls_cause check_before(const struct walk *w)
{
    const struct vls_arrangement *a = w->arrangement;
    const struct vls_facts *facts = w->facts;
    const struct vls_scheme *scheme = facts->label.scheme;
    if (scheme == NULL || facts->label.classification == NULL)
        return VLS_CAUSE_UNLABELLED;
    if (w->from != NULL && w->from->scheme != scheme)
        return VLS_CAUSE_FOREIGN_LABEL;
    if (!vls_scheme_is_valid_at(scheme, facts->now_ms))
        return VLS_CAUSE_OLD_SCHEME;
    if (facts->now_ms < a->not_before_ms || facts->now_ms >= a->expires_ms)
        return VLS_CAUSE_NOT_IN_FORCE;
    if (w->from == NULL || w->to == NULL || w->from == w->to)
        return VLS_CAUSE_PARTY;
    if (w->kind == NULL)
        return VLS_CAUSE_KIND;
    if (w->kind->is_answer && facts->answers == VLS_ANSWERS_NOTHING)
        return VLS_CAUSE_NO_REQUEST;
    if (!is_body_right(w))
        return VLS_CAUSE_BODY;
    if (!is_sender_right(w))
        return VLS_CAUSE_SENDER;
    if (w->kind->needs_safeguards && !is_given(facts->safeguards))
        return VLS_CAUSE_SAFEGUARDS;
    if (is_given(facts->clearance))
        return VLS_CAUSE_CLEARANCE;
    return VLS_CAUSE_RULE;
}

static enum vls_outcome outcome_before(enum vls_cause cause)
{
    bool is_label = cause == VLS_CAUSE_UNLABELLED || cause == VLS_CAUSE_FOREIGN_LABEL ||
                    cause == VLS_CAUSE_OLD_SCHEME;
    return is_label ? VLS_OUTCOME_QUARANTINE : VLS_OUTCOME_WITHHOLD;
}

/* -- conditions -------------------------------------------------------------------------------- */

static enum match match_kind(const struct vls_condition *when, const struct walk *w)
{
    for (size_t i = 0; i < when->kind_count; i++)
        if (when->kinds[i] == w->kind)
            return YES;
    return when->kind_count == 0 ? YES : NO;
}

static enum match match_wish(enum vls_wish wish, bool fact)
{
    if (wish == VLS_WISH_ANY)
        return YES;
    return (wish == VLS_WISH_YES) == fact ? YES : NO;
}

static enum match match_parties(const struct vls_condition *when, const struct walk *w)
{
    if (when->from != NULL && when->from != w->from)
        return NO;
    return when->to == NULL || when->to == w->to ? YES : NO;
}

static enum match match_body(const struct vls_condition *when, const struct walk *w)
{
    for (size_t i = 0; i < when->body_count; i++)
        if (when->bodies[i] == w->body)
            return YES;
    return when->body_count == 0 ? YES : NO;
}

/** @param outside  where a label lies that the bound shuts out */
static enum match match_bound(const struct vls_label *bound, const struct vls_label *label,
                              enum vls_label_order outside)
{
    if (bound->scheme == NULL)
        return YES;
    enum vls_label_order order = vls_label_compare(label, bound);
    if (order == VLS_LABEL_INCOMPARABLE)
        return UNKNOWN;
    return order == outside ? NO : YES;
}

static enum match match_categories(const struct vls_condition *when, const struct walk *w)
{
    const struct vls_label *label = &w->facts->label;
    if (when->category_count == 0)
        return YES;
    bool is_unknown = vls_label_unknown_count(label) != 0;
    for (size_t i = 0; i < when->category_count; i++) {
        if (when->categories[i].scheme != label->scheme)
            is_unknown = true;
        else if (vls_label_has(label, when->categories[i].category))
            return YES;
    }
    return is_unknown ? UNKNOWN : NO;
}

static enum match match_set(uint32_t set, unsigned fact)
{
    return set == 0 || (set & (UINT32_C(1) << fact)) != 0 ? YES : NO;
}

static bool is_listed(char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

static enum match match_texts(char *const *list, size_t count, const struct vls_texts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        if (is_listed(list, count, facts->at[i]))
            return YES;
    return count == 0 ? YES : NO;
}

static bool is_of_type(const char *media_type, const char *pattern)
{
    size_t len = strlen(pattern);
    if (len >= 2 && strcmp(pattern + len - 2, "/*") == 0)
        return strncmp(media_type, pattern, len - 1) == 0;
    return strcmp(media_type, pattern) == 0;
}

static enum match match_media_types(const struct vls_condition *when, const struct walk *w)
{
    const struct vls_facts *facts = w->facts;
    size_t listed = 0;
    if (when->media_type_count == 0)
        return YES;
    for (size_t i = 0; i < facts->media_types.count; i++) {
        bool is_found = false;
        for (size_t k = 0; k < when->media_type_count && !is_found; k++)
            is_found = is_of_type(facts->media_types.at[i], when->media_types[k]);
        listed += is_found;
    }
    if (listed == 0)
        return NO;
    return listed == facts->media_types.count ? YES : UNKNOWN;
}

static enum match match_originators(const struct vls_condition *when, const struct walk *w)
{
    const struct vls_label_details *details = w->facts->label.details;
    size_t count = details != NULL ? details->originator_count : 0;
    bool is_listed_one = false, is_third_party = false;
    for (size_t i = 0; i < count; i++) {
        const char *originator = details->originators[i];
        if (is_listed(when->originators, when->originator_count, originator))
            is_listed_one = true;
        if (!is_originated_by(originator, w->from))
            is_third_party = true;
    }
    if (when->originator_count != 0 && !is_listed_one)
        return NO;
    return match_wish(when->third_party, is_third_party);
}

static enum match match_bytes(const struct vls_condition *when, uint64_t bytes)
{
    if (when->has_min_bytes && bytes < when->min_bytes)
        return NO;
    return when->has_max_bytes && bytes > when->max_bytes ? NO : YES;
}

typedef enum match match_fn(const struct vls_condition *when, const struct walk *w);

static enum match match_label(const struct vls_condition *when, const struct walk *w)
{
    const struct vls_label *label = &w->facts->label;
    enum match most = match_bound(&when->at_most, label, VLS_LABEL_ABOVE);
    enum match least = match_bound(&when->at_least, label, VLS_LABEL_BELOW);
    if (most == NO || least == NO)
        return NO;
    return most == UNKNOWN || least == UNKNOWN ? UNKNOWN : YES;
}

static enum match match_handling(const struct vls_condition *when, const struct walk *w)
{
    const struct vls_facts *facts = w->facts;
    bool is_met = match_set(when->distributions, facts->distribution) == YES &&
                  match_wish(when->personal_data, facts->has_personal_data) == YES &&
                  match_wish(when->safeguards, is_given(facts->safeguards)) == YES &&
                  match_wish(when->embargo, facts->embargo_until_ms > facts->now_ms) == YES &&
                  match_texts(when->audiences, when->audience_count, &facts->audience) == YES &&
                  match_texts(when->topics, when->topic_count, &facts->topics) == YES;
    return is_met ? YES : NO;
}

static enum match match_message(const struct vls_condition *when, const struct walk *w)
{
    bool is_met = match_wish(when->incoming, w->facts->is_incoming) == YES &&
                  match_set(when->answers, w->facts->answers) == YES &&
                  match_wish(when->duplicate, w->facts->is_duplicate) == YES &&
                  match_bytes(when, w->facts->bytes) == YES;
    return is_met ? YES : NO;
}

/** All of them together: one that is not met decides at once, else one that cannot be judged. */
static enum match match_rule(const struct vls_condition *when, const struct walk *w)
{
    static match_fn *const EACH[] = {match_kind,        match_parties,    match_body,
                                     match_message,     match_handling,   match_label,
                                     match_originators, match_categories, match_media_types};
    enum match all = YES;
    for (size_t i = 0; i < sizeof EACH / sizeof EACH[0]; i++) {
        enum match match = EACH[i](when, w);
        if (match == NO)
            return NO;
        if (match == UNKNOWN)
            all = UNKNOWN;
    }
    return all;
}

/* -- the whole --------------------------------------------------------------------------------- */

/** What cannot be judged counts against the message: it never helps to release it. */
static bool applies(const struct vls_rule *rule, const struct walk *w)
{
    enum match match = match_rule(&rule->when, w);
    return match == YES || (match == UNKNOWN && rule->effect != VLS_OUTCOME_RELEASE);
}

/** The most restrictive first, then by id; no two rules have the same. */
static int compare_rules(const void *a, const void *b)
{
    const struct vls_rule *x = *(const struct vls_rule *const *)a;
    const struct vls_rule *y = *(const struct vls_rule *const *)b;
    if (x->effect != y->effect)
        return (x->effect < y->effect) - (x->effect > y->effect);
    return strcmp(x->id, y->id);
}

struct vls_verdict vls_walk_evaluate(const struct vls_arrangement *a, const struct vls_facts *facts,
                                     const struct vls_rule **out_matched)
{
    struct walk w = {.arrangement = a,
                     .facts = facts,
                     .kind = is_given(facts->kind) ? vls_kind_by_name(facts->kind) : NULL,
                     .from = is_given(facts->from) ? vls_rule_party(a, facts->from) : NULL,
                     .to = is_given(facts->to) ? vls_rule_party(a, facts->to) : NULL,
                     .body = is_given(facts->body) ? vls_rule_body(a, facts->body) : NULL};
    enum vls_cause before = check_before(&w);
    if (before != VLS_CAUSE_RULE)
        return (struct vls_verdict){.outcome = outcome_before(before), .cause = before};
    struct vls_verdict v = {.cause = VLS_CAUSE_RULE};
    uint32_t approvals = 0;
    for (size_t i = 0; i < a->rule_count; i++) {
        const struct vls_rule *rule = &a->rules[i];
        if (!applies(rule, &w))
            continue;
        if (out_matched != NULL)
            out_matched[v.matched] = rule;
        v.matched++;
        if (rule->effect > v.outcome)
            v.outcome = rule->effect;
        if (rule->approvals > approvals)
            approvals = rule->approvals;
    }
    if (out_matched != NULL && v.matched != 0)
        qsort(out_matched, v.matched, sizeof *out_matched, compare_rules);
    if (v.matched == 0) {
        v.cause = VLS_CAUSE_NO_RULE;
        v.outcome = a->is_house ? VLS_OUTCOME_RELEASE : VLS_OUTCOME_WITHHOLD;
    }
    if (v.outcome == VLS_OUTCOME_REFER)
        v.approvals = approvals;
    return v;
}
