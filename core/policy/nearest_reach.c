#include "policy/nearest_reach.h"

#include <string.h>

#include "base/mem.h"
#include "policy/index.h"

#define BIT(what) (UINT32_C(1) << VLS_WHAT_##what)
#define ANY       ((UINT32_C(1) << VLS_WHATS) - 1)

/* A rule that is stopped by so many facts and more is not met by changing two. */
#define MAX_STOPS 3

/** What stops a rule: of each set, one must change. */
struct stops {
    uint32_t sets[MAX_STOPS];
    unsigned count;
};

static bool is_given(const char *text)
{
    return text != NULL && *text != '\0';
}

static bool is_all_hit(const uint32_t *sets, size_t count, uint32_t changed)
{
    for (size_t i = 0; i < count; i++)
        if ((sets[i] & changed) == 0)
            return false;
    return true;
}

/* -- what stops a milder rule ------------------------------------------------------------------ */

static void stop(struct stops *s, bool is_stopped, uint32_t changes)
{
    if (is_stopped && s->count < MAX_STOPS)
        s->sets[s->count++] = changes;
}

static bool is_unwished(enum vls_wish wish, bool fact)
{
    return wish != VLS_WISH_ANY && (wish == VLS_WISH_YES) != fact;
}

static bool is_outside(uint32_t set, unsigned fact)
{
    return set != 0 && (set >> fact & 1) == 0;
}

static bool is_other_kind(const struct vls_condition *when, const char *kind)
{
    for (size_t i = 0; i < when->kind_count; i++)
        if (strcmp(when->kinds[i]->name, kind) == 0)
            return false;
    return when->kind_count != 0;
}

static bool is_other_body(const struct vls_condition *when, const char *body)
{
    for (size_t i = 0; i < when->body_count; i++)
        if (strcmp(when->bodies[i]->id, body != NULL ? body : "") == 0)
            return false;
    return when->body_count != 0;
}

static bool is_off_list(char *const *list, size_t count, const struct vls_texts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        for (size_t k = 0; k < count; k++)
            if (strcmp(list[k], facts->at[i]) == 0)
                return false;
    return count != 0;
}

static bool is_beyond(const struct vls_label *bound, const struct vls_label *label,
                      enum vls_label_order outside)
{
    return bound->scheme == label->scheme && vls_label_compare(label, bound) == outside;
}

static struct stops find_stops(const struct vls_condition *when, const struct vls_facts *f)
{
    struct stops s = {.count = 0};
    stop(&s, is_other_kind(when, f->kind), BIT(KIND));
    stop(&s, when->from != NULL && strcmp(when->from->id, f->from) != 0, BIT(DIRECTION));
    stop(&s, when->to != NULL && strcmp(when->to->id, f->to) != 0, BIT(DIRECTION));
    stop(&s, is_unwished(when->incoming, f->is_incoming), BIT(DIRECTION));
    stop(&s, is_other_body(when, f->body), BIT(BODY));
    stop(&s, is_unwished(when->personal_data, f->has_personal_data), BIT(PERSONAL_DATA));
    stop(&s, is_unwished(when->safeguards, is_given(f->safeguards)), BIT(SAFEGUARDS));
    stop(&s, is_unwished(when->embargo, f->embargo_until_ms > f->now_ms), BIT(EMBARGO));
    stop(&s, is_unwished(when->duplicate, f->is_duplicate), BIT(DUPLICATE));
    stop(&s, is_outside(when->distributions, f->distribution), BIT(DISTRIBUTION));
    stop(&s, is_outside(when->answers, f->answers), BIT(ANSWERS));
    stop(&s, when->has_min_bytes && f->bytes < when->min_bytes, BIT(SIZE));
    stop(&s, when->has_max_bytes && f->bytes > when->max_bytes, BIT(SIZE));
    if (s.count == MAX_STOPS && (s.sets[0] & s.sets[1] & s.sets[2]) == 0)
        return s;
    stop(&s, is_off_list(when->audiences, when->audience_count, &f->audience), BIT(AUDIENCE));
    stop(&s, is_off_list(when->topics, when->topic_count, &f->topics), BIT(TOPIC));
    stop(&s, is_beyond(&when->at_most, &f->label, VLS_LABEL_ABOVE), BIT(LEVEL) | BIT(CATEGORY));
    stop(&s, is_beyond(&when->at_least, &f->label, VLS_LABEL_BELOW), BIT(LEVEL) | BIT(CATEGORY));
    return s;
}

/* -- what stops a strict rule from going on ---------------------------------------------------- */

/** The facts that the rule asks for. */
static uint32_t asked_by(const struct vls_condition *when)
{
    bool is_label = when->at_most.scheme != NULL || when->at_least.scheme != NULL;
    uint32_t asked = 0;
    asked |= when->kind_count != 0 ? BIT(KIND) : 0;
    asked |= when->from != NULL || when->to != NULL || when->incoming != VLS_WISH_ANY
                 ? BIT(DIRECTION)
                 : 0;
    asked |= when->body_count != 0 ? BIT(BODY) : 0;
    asked |= is_label ? BIT(LEVEL) | BIT(CATEGORY) : 0;
    asked |= when->category_count != 0 ? BIT(CATEGORY) : 0;
    asked |= when->distributions != 0 ? BIT(DISTRIBUTION) : 0;
    asked |= when->personal_data != VLS_WISH_ANY ? BIT(PERSONAL_DATA) : 0;
    asked |= when->safeguards != VLS_WISH_ANY ? BIT(SAFEGUARDS) : 0;
    asked |= when->embargo != VLS_WISH_ANY ? BIT(EMBARGO) : 0;
    asked |= when->audience_count != 0 ? BIT(AUDIENCE) : 0;
    asked |= when->topic_count != 0 ? BIT(TOPIC) : 0;
    asked |= when->media_type_count != 0 ? BIT(MEDIA_TYPE) : 0;
    asked |= when->originator_count != 0 ? BIT(ORIGINATOR) : 0;
    asked |= when->third_party != VLS_WISH_ANY ? BIT(ORIGINATOR) | BIT(DIRECTION) : 0;
    asked |= when->answers != 0 ? BIT(ANSWERS) : 0;
    asked |= when->duplicate != VLS_WISH_ANY ? BIT(DUPLICATE) : 0;
    asked |= when->has_min_bytes || when->has_max_bytes ? BIT(SIZE) : 0;
    return asked;
}

/** What may heal that which stops a message before the rules; 0: nothing does. */
static uint32_t healed_by(enum vls_cause cause)
{
    switch (cause) {
    case VLS_CAUSE_FOREIGN_LABEL:
        return BIT(DIRECTION);
    case VLS_CAUSE_KIND:
        return BIT(KIND);
    case VLS_CAUSE_NO_REQUEST:
        return BIT(ANSWERS) | BIT(KIND);
    case VLS_CAUSE_BODY:
        return BIT(BODY) | BIT(KIND);
    case VLS_CAUSE_SENDER:
        return BIT(ORIGINATOR) | BIT(DIRECTION) | BIT(KIND);
    case VLS_CAUSE_SAFEGUARDS:
        return BIT(SAFEGUARDS) | BIT(KIND);
    case VLS_CAUSE_UNLABELLED:
    case VLS_CAUSE_OLD_SCHEME:
    case VLS_CAUSE_NOT_IN_FORCE:
    case VLS_CAUSE_PARTY:
    case VLS_CAUSE_CLEARANCE:
        return 0;
    case VLS_CAUSE_RULE:
    case VLS_CAUSE_NO_RULE:
    case VLS_CAUSE_DISAGREEMENT:
        break;
    }
    return ANY;
}

/* -- the whole --------------------------------------------------------------------------------- */

/** Sets of changes: of each, one must be made. Those of many rules are few different ones. */
#define MAX_NEEDS 32

struct needs {
    uint32_t sets[MAX_NEEDS];
    size_t count;
};

static void need(struct needs *needs, uint32_t set)
{
    for (size_t i = 0; i < needs->count; i++)
        if (needs->sets[i] == set)
            return;
    if (needs->count < MAX_NEEDS)
        needs->sets[needs->count++] = set;
}

static bool find_needs(const struct vls_arrangement *a, const struct vls_facts *facts,
                       enum vls_outcome outcome, struct needs *out)
{
    const struct vls_rule **matched VLS_DEFER(vls_mem_freep) =
        vls_mem_try((a->rule_count + 1) * sizeof *matched);
    if (matched == NULL)
        return false;
    struct vls_verdict v = vls_index_evaluate(a, facts, matched);
    if (healed_by(v.cause) != ANY)
        need(out, healed_by(v.cause));
    for (size_t i = 0; i < v.matched && matched[i]->effect >= outcome; i++)
        need(out, asked_by(&matched[i]->when));
    return true;
}

static void allow(struct vls_reach *reach, const struct stops *stops)
{
    for (unsigned a = 0; a < VLS_WHATS; a++) {
        if (stops->count != 0 && (stops->sets[0] >> a & 1) == 0)
            continue;
        for (unsigned b = 0; b < VLS_WHATS; b++)
            if (is_all_hit(stops->sets, stops->count, UINT32_C(1) << a | UINT32_C(1) << b)) {
                reach->with[a] |= UINT32_C(1) << b;
                reach->with[b] |= UINT32_C(1) << a;
            }
    }
}

/** Without the pairs that leave a need. @return some pair is left */
static bool restrict_to(struct vls_reach *reach, const struct needs *needs)
{
    uint32_t left = 0;
    for (unsigned a = 0; a < VLS_WHATS; a++) {
        for (unsigned b = 0; b < VLS_WHATS; b++)
            if (!is_all_hit(needs->sets, needs->count, UINT32_C(1) << a | UINT32_C(1) << b))
                reach->with[a] &= ~(UINT32_C(1) << b);
        left |= reach->with[a];
    }
    return left != 0;
}

bool vls_reach_find(const struct vls_books *books, const struct vls_facts *facts,
                    enum vls_outcome outcome, struct vls_reach *out)
{
    const struct vls_arrangement *a = books->joint;
    struct needs needs = {.count = 0};
    *out = (struct vls_reach){.with = {0}};
    if (!find_needs(a, facts, outcome, &needs) ||
        (books->house != NULL && !find_needs(books->house, facts, outcome, &needs)))
        return false;
    for (unsigned i = 0; i < VLS_WHATS && a->is_house; i++)
        out->with[i] = ANY; /* no rule need match */
    for (size_t i = 0; i < a->rule_count && !a->is_house; i++) {
        if (a->rules[i].effect >= outcome)
            continue;
        struct stops stops = find_stops(&a->rules[i].when, facts);
        allow(out, &stops);
    }
    return restrict_to(out, &needs);
}
