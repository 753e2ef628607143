/* What two versions of an arrangement say otherwise, part by part. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/difference.h"

/* One part as text: lists of VLS_MAX_RULE_LIST names, or members of a body, or a label. */
#define PART_MAX (2 * VLS_MAX_MEMBERS * (VLS_MAX_NAME + 2))

struct teller {
    vls_declared_fn *tell;
    void *ctx;
    struct vls_buf before, after; /* the part that is looked at */
    struct vls_why *why;
};

/** The part of each is in `before` and `after`: tell when they differ, and empty them. */
static VLS_STATUS compare(struct teller *t, const char *what, const char *name, const char *change)
{
    const char *before = vls_buf_text(&t->before), *after = vls_buf_text(&t->after);
    struct vls_status s = VLS_DONE;
    if (before == NULL || after == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, t->why, "no memory to compare the rules");
    if (strcmp(before, after) != 0)
        s = t->tell(t->ctx, &(struct vls_declared){what, name, change, before, after});
    vls_buf_clear(&t->before);
    vls_buf_clear(&t->after);
    return s;
}

static VLS_STATUS compare_texts(struct teller *t, const char *what, const char *name,
                                const char *change, const char *before, const char *after)
{
    VLS_TRY(vls_buf_add_text(&t->before, before));
    VLS_TRY(vls_buf_add_text(&t->after, after));
    return compare(t, what, name, change);
}

/* -- parts of a condition as text -------------------------------------------------------------- */

#define LIST_MAX VLS_MAX_MEMBERS

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** In order: which one comes first in a list means nothing. Sorts `names`. */
static VLS_STATUS add_names(struct vls_buf *out, const char **names, size_t count)
{
    if (count != 0)
        qsort(names, count, sizeof names[0], by_text);
    for (size_t i = 0; i < count; i++)
        VLS_TRY(vls_buf_add_format(out, "%s%s", i != 0 ? ", " : "", names[i]));
    return VLS_DONE;
}

static VLS_STATUS add_texts(struct vls_buf *out, char *const *texts, size_t count)
{
    const char *names[LIST_MAX];
    for (size_t i = 0; i < count; i++)
        names[i] = texts[i];
    return add_names(out, names, count);
}

static VLS_STATUS add_wish(struct vls_buf *out, enum vls_wish wish, const char *yes, const char *no)
{
    return vls_buf_add_text(out, wish == VLS_WISH_ANY ? "" : wish == VLS_WISH_YES ? yes : no);
}

/** What differs in what vls_label_text() has no word for differs nowhere else: bounds have none. */
static VLS_STATUS add_bound(struct vls_buf *out, const struct vls_label *bound)
{
    return bound->scheme != NULL ? vls_label_text(bound, out) : VLS_DONE;
}

typedef const char *word_fn(unsigned i);

static VLS_STATUS add_set(struct vls_buf *out, uint32_t set, word_fn *word)
{
    const char *between = "";
    for (unsigned i = 0; word(i) != NULL; i++)
        if ((set >> i & 1) != 0) {
            VLS_TRY(vls_buf_add_format(out, "%s%s", between, word(i)));
            between = ", ";
        }
    return VLS_DONE;
}

static VLS_STATUS add_number_if(struct vls_buf *out, bool is_given, uint64_t number)
{
    return is_given ? vls_buf_add_format(out, "%" PRIu64, number) : VLS_DONE;
}

static VLS_STATUS add_categories(struct vls_buf *out, const struct vls_condition *c)
{
    char texts[VLS_MAX_RULE_LIST][3 * (VLS_MAX_NAME + 2)];
    const char *names[VLS_MAX_RULE_LIST];
    for (size_t i = 0; i < c->category_count; i++) {
        const struct vls_scheme *s = c->categories[i].scheme;
        const struct vls_category *category = c->categories[i].category;
        const struct vls_tag *tag = vls_scheme_tag(s, category->tag);
        snprintf(texts[i], sizeof texts[i], "%.128s;%.128s/%.128s", vls_scheme_name(s),
                 vls_scheme_tag_set(s, tag->tag_set)->handle, category->handle);
        names[i] = texts[i];
    }
    return add_names(out, names, c->category_count);
}

/* The parts, by the keys of the file. */
enum part {
    PART_KINDS,
    PART_DIRECTION,
    PART_FROM,
    PART_TO,
    PART_BODIES,
    PART_AT_MOST,
    PART_AT_LEAST,
    PART_CATEGORY,
    PART_DISTRIBUTION,
    PART_PERSONAL_DATA,
    PART_SAFEGUARDS,
    PART_EMBARGO,
    PART_AUDIENCE,
    PART_TOPIC,
    PART_MEDIA_TYPE,
    PART_ORIGINATOR,
    PART_THIRD_PARTY,
    PART_ANSWERS,
    PART_DUPLICATE,
    PART_MIN_BYTES,
    PART_MAX_BYTES,
    PARTS
};

static const char *const PART_NAMES[PARTS] = {
    "kinds",         "direction",      "from",     "to",           "bodies",
    "label at-most", "label at-least", "category", "distribution", "personal-data",
    "safeguards",    "embargo",        "audience", "topic",        "media-type",
    "originator",    "third-party",    "answers",  "duplicate",    "min-bytes",
    "max-bytes"};

static VLS_STATUS add_kinds(struct vls_buf *out, const struct vls_condition *c)
{
    const char *names[VLS_MAX_RULE_LIST];
    for (size_t i = 0; i < c->kind_count; i++)
        names[i] = c->kinds[i]->name;
    return add_names(out, names, c->kind_count);
}

static VLS_STATUS add_bodies(struct vls_buf *out, const struct vls_condition *c)
{
    const char *names[VLS_MAX_RULE_LIST];
    for (size_t i = 0; i < c->body_count; i++)
        names[i] = c->bodies[i]->id;
    return add_names(out, names, c->body_count);
}

static VLS_STATUS add_part(struct vls_buf *out, const struct vls_condition *c, enum part part)
{
    switch (part) {
    case PART_KINDS:
        return add_kinds(out, c);
    case PART_DIRECTION:
        return add_wish(out, c->incoming, "in", "out");
    case PART_FROM:
        return vls_buf_add_text(out, c->from != NULL ? c->from->id : "");
    case PART_TO:
        return vls_buf_add_text(out, c->to != NULL ? c->to->id : "");
    case PART_BODIES:
        return add_bodies(out, c);
    case PART_AT_MOST:
        return add_bound(out, &c->at_most);
    case PART_AT_LEAST:
        return add_bound(out, &c->at_least);
    case PART_CATEGORY:
        return add_categories(out, c);
    case PART_DISTRIBUTION:
        return add_set(out, c->distributions, vls_distribution_at);
    case PART_PERSONAL_DATA:
        return add_wish(out, c->personal_data, "yes", "no");
    case PART_SAFEGUARDS:
        return add_wish(out, c->safeguards, "given", "missing");
    case PART_EMBARGO:
        return add_wish(out, c->embargo, "pending", "none");
    case PART_AUDIENCE:
        return add_texts(out, c->audiences, c->audience_count);
    case PART_TOPIC:
        return add_texts(out, c->topics, c->topic_count);
    case PART_MEDIA_TYPE:
        return add_texts(out, c->media_types, c->media_type_count);
    case PART_ORIGINATOR:
        return add_texts(out, c->originators, c->originator_count);
    case PART_THIRD_PARTY:
        return add_wish(out, c->third_party, "yes", "no");
    case PART_ANSWERS:
        return add_set(out, c->answers, vls_answers_at);
    case PART_DUPLICATE:
        return add_wish(out, c->duplicate, "yes", "no");
    case PART_MIN_BYTES:
        return add_number_if(out, c->has_min_bytes, c->min_bytes);
    case PART_MAX_BYTES:
        return add_number_if(out, c->has_max_bytes, c->max_bytes);
    case PARTS:
        break;
    }
    return VLS_DONE;
}

/* -- rules ------------------------------------------------------------------------------------- */

static VLS_STATUS compare_rule(struct teller *t, const char *what, const struct vls_rule *a,
                               const struct vls_rule *b)
{
    VLS_TRY(compare_texts(t, what, a->id, "effect", vls_outcome_name(a->effect),
                          vls_outcome_name(b->effect)));
    VLS_TRY(compare_texts(t, what, a->id, "basis", a->basis, b->basis));
    for (unsigned part = 0; part < PARTS; part++) {
        VLS_TRY(add_part(&t->before, &a->when, (enum part)part));
        VLS_TRY(add_part(&t->after, &b->when, (enum part)part));
        VLS_TRY(compare(t, what, a->id, PART_NAMES[part]));
    }
    VLS_TRY(add_number_if(&t->before, a->approvals != 0, a->approvals));
    VLS_TRY(add_number_if(&t->after, b->approvals != 0, b->approvals));
    VLS_TRY(compare(t, what, a->id, "approvals"));
    VLS_TRY(add_texts(&t->before, a->duties, a->duty_count));
    VLS_TRY(add_texts(&t->after, b->duties, b->duty_count));
    VLS_TRY(compare(t, what, a->id, "duties"));
    VLS_TRY(add_number_if(&t->before, a->retain_years != 0, a->retain_years));
    VLS_TRY(add_number_if(&t->after, b->retain_years != 0, b->retain_years));
    return compare(t, what, a->id, "retain-years");
}

/** "release, 7(1)" */
static VLS_STATUS tell_rule(struct teller *t, const char *what, const struct vls_rule *rule,
                            bool is_added)
{
    VLS_TRY(vls_buf_add_format(is_added ? &t->after : &t->before, "%s, %s",
                               vls_outcome_name(rule->effect), rule->basis));
    return compare(t, what, rule->id, is_added ? "added" : "removed");
}

struct by_id {
    const char *id;
    const struct vls_rule *rule;
};

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct by_id *)a)->id, ((const struct by_id *)b)->id);
}

static struct by_id *sorted_rules(const struct vls_arrangement *a)
{
    struct by_id *list = vls_mem_try((a->rule_count + 1) * sizeof *list);
    for (size_t i = 0; list != NULL && i < a->rule_count; i++)
        list[i] = (struct by_id){a->rules[i].id, &a->rules[i]};
    if (list != NULL)
        qsort(list, a->rule_count, sizeof *list, compare_ids);
    return list;
}

/** In the order of their ids. */
static VLS_STATUS merge_rules(struct teller *t, const char *what, const struct by_id *a,
                              size_t a_count, const struct by_id *b, size_t b_count)
{
    for (size_t i = 0, k = 0; i < a_count || k < b_count;) {
        int order = i == a_count ? 1 : k == b_count ? -1 : strcmp(a[i].id, b[k].id);
        if (order == 0)
            VLS_TRY(compare_rule(t, what, a[i].rule, b[k].rule));
        else
            VLS_TRY(tell_rule(t, what, order < 0 ? a[i].rule : b[k].rule, order > 0));
        i += order <= 0;
        k += order >= 0;
    }
    return VLS_DONE;
}

static VLS_STATUS compare_rules(struct teller *t, const char *what, const struct vls_arrangement *a,
                                const struct vls_arrangement *b)
{
    struct by_id *of_a VLS_DEFER(vls_mem_freep) = sorted_rules(a);
    struct by_id *of_b VLS_DEFER(vls_mem_freep) = sorted_rules(b);
    if (of_a == NULL || of_b == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, t->why, "no memory to compare the rules");
    return merge_rules(t, what, of_a, a->rule_count, of_b, b->rule_count);
}

/* -- parties, bodies, equivalences ------------------------------------------------------------- */

static VLS_STATUS compare_parties(struct teller *t, const struct vls_arrangement *a,
                                  const struct vls_arrangement *b)
{
    for (size_t i = 0; i < a->party_count; i++) {
        const struct vls_rule_party *x = &a->parties[i], *y = vls_rule_party(b, x->id);
        if (y == NULL) {
            VLS_TRY(compare_texts(t, "party", x->id, "removed", x->name, ""));
            continue;
        }
        VLS_TRY(compare_texts(t, "party", x->id, "name", x->name, y->name));
        VLS_TRY(compare_texts(t, "party", x->id, "domain", x->domain, y->domain));
        VLS_TRY(compare_texts(t, "party", x->id, "approver", x->approver, y->approver));
        VLS_TRY(compare_texts(t, "party", x->id, "scheme", vls_scheme_name(x->scheme),
                              vls_scheme_name(y->scheme)));
    }
    for (size_t i = 0; i < b->party_count; i++)
        if (vls_rule_party(a, b->parties[i].id) == NULL)
            VLS_TRY(compare_texts(t, "party", b->parties[i].id, "added", "", b->parties[i].name));
    return VLS_DONE;
}

static VLS_STATUS add_time(struct vls_buf *out, uint64_t ms)
{
    char text[VLS_TIME_TEXT] = "";
    if (ms != 0 && ms != UINT64_MAX)
        vls_time_text(ms, text);
    return vls_buf_add_text(out, text);
}

static VLS_STATUS compare_times(struct teller *t, const char *what, const char *name,
                                const char *change, uint64_t before, uint64_t after)
{
    VLS_TRY(add_time(&t->before, before));
    VLS_TRY(add_time(&t->after, after));
    return compare(t, what, name, change);
}

static VLS_STATUS compare_body(struct teller *t, const struct vls_rule_body *x,
                               const struct vls_rule_body *y)
{
    VLS_TRY(compare_texts(t, "body", x->id, "name", x->name, y->name));
    VLS_TRY(compare_texts(t, "body", x->id, "through", x->through, y->through));
    VLS_TRY(add_texts(&t->before, x->members, x->member_count));
    VLS_TRY(add_texts(&t->after, y->members, y->member_count));
    VLS_TRY(compare(t, "body", x->id, "members"));
    VLS_TRY(compare_times(t, "body", x->id, "from", x->from_ms, y->from_ms));
    return compare_times(t, "body", x->id, "until", x->until_ms, y->until_ms);
}

static VLS_STATUS compare_bodies(struct teller *t, const struct vls_arrangement *a,
                                 const struct vls_arrangement *b)
{
    for (size_t i = 0; i < a->body_count; i++) {
        const struct vls_rule_body *x = &a->bodies[i], *y = vls_rule_body(b, x->id);
        VLS_TRY(y != NULL ? compare_body(t, x, y)
                          : compare_texts(t, "body", x->id, "removed", x->name, ""));
    }
    for (size_t i = 0; i < b->body_count; i++)
        if (vls_rule_body(a, b->bodies[i].id) == NULL)
            VLS_TRY(compare_texts(t, "body", b->bodies[i].id, "added", "", b->bodies[i].name));
    return VLS_DONE;
}

#define EQUIVALENCE_TEXT (4 * (VLS_MAX_NAME + 4))

static void equivalence_text(const struct vls_rule_equivalence *e, char out[EQUIVALENCE_TEXT])
{
    snprintf(out, EQUIVALENCE_TEXT, "%.128s/%.128s to %.128s/%.128s",
             vls_scheme_name(e->from_scheme), e->from->handle, vls_scheme_name(e->to_scheme),
             e->to->handle);
}

static const struct vls_rule_equivalence *equivalence_there(const struct vls_arrangement *a,
                                                            const char *text)
{
    char other[EQUIVALENCE_TEXT];
    for (size_t i = 0; i < a->equivalence_count; i++) {
        equivalence_text(&a->equivalences[i], other);
        if (strcmp(other, text) == 0)
            return &a->equivalences[i];
    }
    return NULL;
}

static VLS_STATUS compare_equivalences(struct teller *t, const struct vls_arrangement *a,
                                       const struct vls_arrangement *b)
{
    char text[EQUIVALENCE_TEXT];
    for (size_t i = 0; i < a->equivalence_count; i++) {
        const struct vls_rule_equivalence *x = &a->equivalences[i];
        equivalence_text(x, text);
        const struct vls_rule_equivalence *y = equivalence_there(b, text);
        if (y == NULL) {
            VLS_TRY(compare_texts(t, "equivalence", text, "removed", "there", ""));
            continue;
        }
        VLS_TRY(add_texts(&t->before, x->adds, x->add_count));
        VLS_TRY(add_texts(&t->after, y->adds, y->add_count));
        VLS_TRY(compare(t, "equivalence", text, "adds"));
    }
    for (size_t i = 0; i < b->equivalence_count; i++) {
        equivalence_text(&b->equivalences[i], text);
        if (equivalence_there(a, text) == NULL)
            VLS_TRY(compare_texts(t, "equivalence", text, "added", "", "there"));
    }
    return VLS_DONE;
}

/* -- the whole --------------------------------------------------------------------------------- */

static VLS_STATUS compare_heads(struct teller *t, const char *what, const struct vls_arrangement *a,
                                const struct vls_arrangement *b)
{
    VLS_TRY(compare_texts(t, what, a->name, "name", a->name, b->name));
    VLS_TRY(add_number_if(&t->before, true, a->version));
    VLS_TRY(add_number_if(&t->after, true, b->version));
    VLS_TRY(compare(t, what, a->name, "version"));
    VLS_TRY(compare_texts(t, what, a->name, "basis", a->basis, b->basis));
    VLS_TRY(compare_texts(t, what, a->name, "in force by",
                          vls_arrangement_is_by_approval(a) ? "later approval" : "date",
                          vls_arrangement_is_by_approval(b) ? "later approval" : "date"));
    VLS_TRY(compare_times(t, what, a->name, "not-before", a->not_before_ms, b->not_before_ms));
    VLS_TRY(compare_times(t, what, a->name, "approve-by", a->approve_by_ms, b->approve_by_ms));
    return compare_times(t, what, a->name, "expires", a->expires_ms, b->expires_ms);
}

static VLS_STATUS compare_house(struct teller *t, const struct vls_arrangement *a,
                                const struct vls_arrangement *b)
{
    static const struct vls_arrangement NO_RULES = {.rule_count = 0};
    if (a == NULL && b == NULL)
        return VLS_DONE;
    if (a != NULL && b != NULL)
        VLS_TRY(compare_heads(t, "house rules", a, b));
    else
        VLS_TRY(compare_texts(t, "house rules", a != NULL ? a->name : b->name,
                              a != NULL ? "removed" : "added", a != NULL ? "there" : "",
                              a != NULL ? "" : "there"));
    return compare_rules(t, "house rule", a != NULL ? a : &NO_RULES, b != NULL ? b : &NO_RULES);
}

static VLS_STATUS compare_all(struct teller *t, const struct vls_books *before,
                              const struct vls_books *after)
{
    const struct vls_arrangement *a = before->joint, *b = after->joint;
    VLS_TRY(compare_heads(t, "arrangement", a, b));
    VLS_TRY(compare_parties(t, a, b));
    VLS_TRY(compare_bodies(t, a, b));
    VLS_TRY(compare_equivalences(t, a, b));
    VLS_TRY(compare_rules(t, "rule", a, b));
    return compare_house(t, before->house, after->house);
}

struct vls_status vls_difference_declared(const struct vls_books *before,
                                          const struct vls_books *after, vls_declared_fn *tell,
                                          void *ctx, struct vls_why *why)
{
    struct teller t = {.tell = tell, .ctx = ctx, .why = why};
    vls_buf_init(&t.before, PART_MAX);
    vls_buf_init(&t.after, PART_MAX);
    struct vls_status s = compare_all(&t, before, after);
    vls_buf_fini(&t.before);
    vls_buf_fini(&t.after);
    return s;
}
