/*
 * The rules in the language of Cedar (cedarpolicy.com). Cedar knows permit and forbid, and no
 * referral: so every rule becomes a permit of its own, whose condition is the rule's; Cedar then
 * names all that hold, and the strictest effect among these is the outcome. The facts travel as
 * Cedar's context, prepared as ours are: a rank as a number, categories as sets.
 */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "policy.h"

#define MAX_POLICY 16384

struct writer {
    struct vls_buf *out;
    bool is_first;
};

/** " && " between the conditions. */
static VLS_STATUS next(struct writer *w)
{
    bool is_first = w->is_first;
    w->is_first = false;
    return is_first ? VLS_DONE : vls_buf_add_text(w->out, " && ");
}

static VLS_STATUS add_texts(struct vls_buf *out, char *const *at, size_t count)
{
    VLS_TRY(vls_buf_add_text(out, "["));
    for (size_t i = 0; i < count; i++)
        VLS_TRY(vls_buf_add_format(out, "%s\"%s\"", i == 0 ? "" : ", ", at[i]));
    return vls_buf_add_text(out, "]");
}

static VLS_STATUS add_any(struct writer *w, const char *name, char *const *at, size_t count)
{
    if (count == 0)
        return VLS_DONE;
    VLS_TRY(next(w));
    VLS_TRY(vls_buf_add_format(w->out, "context.%s.containsAny(", name));
    VLS_TRY(add_texts(w->out, at, count));
    return vls_buf_add_text(w->out, ")");
}

static VLS_STATUS add_wish(struct writer *w, const char *name, enum vls_wish wish)
{
    if (wish == VLS_WISH_ANY)
        return VLS_DONE;
    VLS_TRY(next(w));
    return vls_buf_add_format(w->out, "%scontext.%s", wish == VLS_WISH_NO ? "!" : "", name);
}

/** A set of small numbers. */
static VLS_STATUS add_set(struct writer *w, const char *name, uint32_t set)
{
    bool is_first = true;
    if (set == 0)
        return VLS_DONE;
    VLS_TRY(next(w));
    VLS_TRY(vls_buf_add_text(w->out, "["));
    for (unsigned i = 0; i < 32; i++)
        if ((set >> i & 1) != 0) {
            VLS_TRY(vls_buf_add_format(w->out, "%s%u", is_first ? "" : ", ", i));
            is_first = false;
        }
    return vls_buf_add_format(w->out, "].contains(context.%s)", name);
}

/* -- labels ------------------------------------------------------------------------------------ */

/** The restrictive categories of a label, or all of them. */
static size_t find_categories(const struct vls_label *label, bool are_all,
                              char *out[VLS_MAX_CATEGORIES])
{
    size_t count = 0;
    const struct vls_category *c;
    for (size_t i = 0; (c = vls_scheme_category(label->scheme, i)) != NULL; i++) {
        const struct vls_tag *tag = vls_scheme_tag(label->scheme, c->tag);
        if (vls_label_has(label, c) && (are_all || vls_tag_type_is_restrictive(tag->type)))
            out[count++] = (char *)c->name;
    }
    return count;
}

/** The label dominates the bound: "over"; the bound dominates the label: "under". */
static VLS_STATUS add_order(struct vls_buf *out, const struct vls_label *bound, bool is_over)
{
    char *names[VLS_MAX_CATEGORIES];
    size_t count = find_categories(bound, false, names);
    VLS_TRY(vls_buf_add_format(out, "(context.rank %s %u",
                               is_over ? ">=" : "<=", bound->classification->hierarchy));
    if (is_over && count != 0) {
        VLS_TRY(vls_buf_add_text(out, " && context.restrictive.containsAll("));
        VLS_TRY(add_texts(out, names, count));
        VLS_TRY(vls_buf_add_text(out, ")"));
    }
    if (!is_over && count == 0)
        VLS_TRY(vls_buf_add_text(out, " && context.restrictive.isEmpty()"));
    if (!is_over && count != 0) {
        VLS_TRY(vls_buf_add_text(out, " && "));
        VLS_TRY(add_texts(out, names, count));
        VLS_TRY(vls_buf_add_text(out, ".containsAll(context.restrictive)"));
    }
    return vls_buf_add_text(out, ")");
}

/** Met; for refer and withhold, also when the two cannot be compared. */
static VLS_STATUS add_bound(struct writer *w, const struct vls_label *bound, bool is_least,
                            bool is_release)
{
    if (bound->scheme == NULL)
        return VLS_DONE;
    VLS_TRY(next(w));
    VLS_TRY(vls_buf_add_text(w->out, "("));
    VLS_TRY(add_order(w->out, bound, is_least));
    if (!is_release) {
        VLS_TRY(vls_buf_add_text(w->out, " || !"));
        VLS_TRY(add_order(w->out, bound, !is_least));
    }
    return vls_buf_add_text(w->out, ")");
}

/* -- rules ------------------------------------------------------------------------------------- */

static VLS_STATUS add_head(struct vls_buf *out, const struct vls_condition *when)
{
    VLS_TRY(vls_buf_add_text(out, "permit (principal"));
    if (when->from != NULL)
        VLS_TRY(vls_buf_add_format(out, " == Party::\"%s\"", when->from->id));
    VLS_TRY(vls_buf_add_text(out, ", action"));
    if (when->kind_count != 0)
        VLS_TRY(vls_buf_add_text(out, " in ["));
    for (size_t i = 0; i < when->kind_count; i++)
        VLS_TRY(
            vls_buf_add_format(out, "%sAction::\"%s\"", i == 0 ? "" : ", ", when->kinds[i]->name));
    VLS_TRY(vls_buf_add_text(out, when->kind_count != 0 ? "], resource" : ", resource"));
    if (when->to != NULL)
        VLS_TRY(vls_buf_add_format(out, " == Party::\"%s\"", when->to->id));
    return vls_buf_add_text(out, ")");
}

static VLS_STATUS add_media_types(struct writer *w, const struct vls_condition *when)
{
    if (when->media_type_count == 0)
        return VLS_DONE;
    VLS_TRY(next(w));
    for (size_t i = 0; i < when->media_type_count; i++)
        VLS_TRY(vls_buf_add_format(w->out, "%scontext.media like \"%s\"", i == 0 ? "(" : " || ",
                                   when->media_types[i]));
    return vls_buf_add_text(w->out, ")");
}

static VLS_STATUS add_lists(struct writer *w, const struct vls_condition *when)
{
    char *names[VLS_MAX_RULE_LIST];
    for (size_t i = 0; i < when->body_count; i++)
        names[i] = when->bodies[i]->id;
    if (when->body_count != 0) {
        VLS_TRY(next(w));
        VLS_TRY(add_texts(w->out, names, when->body_count));
        VLS_TRY(vls_buf_add_text(w->out, ".contains(context.body)"));
    }
    for (size_t i = 0; i < when->category_count; i++)
        names[i] = (char *)when->categories[i].category->name;
    VLS_TRY(add_any(w, "categories", names, when->category_count));
    VLS_TRY(add_any(w, "audience", when->audiences, when->audience_count));
    VLS_TRY(add_any(w, "topics", when->topics, when->topic_count));
    VLS_TRY(add_any(w, "originators", when->originators, when->originator_count));
    return add_media_types(w, when);
}

static VLS_STATUS add_conditions(struct writer *w, const struct vls_rule *rule)
{
    const struct vls_condition *when = &rule->when;
    bool is_release = rule->effect == VLS_OUTCOME_RELEASE;
    VLS_TRY(add_wish(w, "incoming", when->incoming));
    VLS_TRY(add_wish(w, "personal", when->personal_data));
    VLS_TRY(add_wish(w, "safeguards", when->safeguards));
    VLS_TRY(add_wish(w, "embargo", when->embargo));
    VLS_TRY(add_wish(w, "thirdParty", when->third_party));
    VLS_TRY(add_wish(w, "duplicate", when->duplicate));
    VLS_TRY(add_set(w, "distribution", when->distributions));
    VLS_TRY(add_set(w, "answers", when->answers));
    VLS_TRY(add_bound(w, &when->at_most, false, is_release));
    VLS_TRY(add_bound(w, &when->at_least, true, is_release));
    VLS_TRY(add_lists(w, when));
    if (when->has_min_bytes) {
        VLS_TRY(next(w));
        VLS_TRY(vls_buf_add_format(w->out, "context.bytes >= %" PRIu64, when->min_bytes));
    }
    if (when->has_max_bytes) {
        VLS_TRY(next(w));
        VLS_TRY(vls_buf_add_format(w->out, "context.bytes <= %" PRIu64, when->max_bytes));
    }
    return VLS_DONE;
}

static VLS_STATUS add_policy(struct vls_buf *out, const struct vls_rule *rule)
{
    struct writer w = {.out = out, .is_first = true};
    vls_buf_clear(out);
    VLS_TRY(add_head(out, &rule->when));
    VLS_TRY(vls_buf_add_text(out, " when { "));
    VLS_TRY(add_conditions(&w, rule));
    return vls_buf_add_text(out, w.is_first ? "true };" : " };");
}

/* -- requests ---------------------------------------------------------------------------------- */

static json_t *texts(const char *const *at, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(at[i]));
    return list;
}

static bool has_third_party(const struct vls_arrangement *a, const struct vls_facts *f)
{
    const struct vls_label_details *d = f->label.details;
    for (size_t p = 0; p < a->party_count; p++)
        for (size_t i = 0;
             strcmp(a->parties[p].id, f->from) == 0 && d != NULL && i < d->originator_count; i++)
            if (strcmp(d->originators[i], f->from) != 0 &&
                strcmp(d->originators[i], a->parties[p].name) != 0)
                return true;
    return false;
}

static json_t *request_of(const struct vls_arrangement *a, const struct vls_facts *f)
{
    char *all[VLS_MAX_CATEGORIES], *restrictive[VLS_MAX_CATEGORIES];
    size_t all_count = find_categories(&f->label, true, all);
    size_t restrictive_count = find_categories(&f->label, false, restrictive);
    const struct vls_label_details *d = f->label.details;
    json_t *context = json_pack(
        "{s:b, s:b, s:b, s:b, s:b, s:b, s:i, s:i, s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
        "incoming", f->is_incoming, "personal", f->has_personal_data, "safeguards",
        f->safeguards != NULL && *f->safeguards != '\0', "embargo", f->embargo_until_ms > f->now_ms,
        "thirdParty", has_third_party(a, f), "duplicate", f->is_duplicate, "distribution",
        (int)f->distribution, "answers", (int)f->answers, "rank",
        (json_int_t)f->label.classification->hierarchy, "bytes", (json_int_t)f->bytes, "body",
        f->body != NULL ? f->body : "", "media",
        f->media_types.count != 0 ? f->media_types.at[0] : "", "audience",
        texts(f->audience.at, f->audience.count), "topics", texts(f->topics.at, f->topics.count),
        "originators",
        texts(d != NULL ? (const char *const *)d->originators : NULL,
              d != NULL ? d->originator_count : 0),
        "categories", texts((const char *const *)all, all_count), "restrictive",
        texts((const char *const *)restrictive, restrictive_count));
    return json_pack("{s:s, s:s, s:s, s:o}", "from", f->from, "kind", f->kind, "to", f->to,
                     "context", context);
}

static json_t *expected_of(const struct vls_arrangement *a, const struct vls_facts *f,
                           const struct vls_rule **room)
{
    struct vls_verdict v = vls_index_evaluate(a, f, room);
    json_t *ids = json_array();
    for (size_t i = 0; i < v.matched; i++)
        json_array_append_new(ids, json_string(room[i]->id));
    return json_pack("{s:i, s:o}", "outcome", (int)v.outcome, "matched", ids);
}

static VLS_STATUS fill(const struct policy_case *c, const struct vls_rule **room, json_t *to,
                       struct vls_why *why)
{
    const struct vls_arrangement *a = &c->generated->arrangement;
    json_t *policies = json_object(), *effects = json_object();
    json_t *requests = json_array(), *expected = json_array();
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, MAX_POLICY);
    json_object_set_new(to, "policies", policies);
    json_object_set_new(to, "effects", effects);
    json_object_set_new(to, "requests", requests);
    json_object_set_new(to, "expected", expected);
    for (size_t i = 0; i < a->rule_count; i++) {
        VLS_TRY(add_policy(&text, &a->rules[i]));
        const char *words = vls_buf_text(&text);
        if (words == NULL)
            return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a policy");
        json_object_set_new(policies, a->rules[i].id, json_string(words));
        json_object_set_new(effects, a->rules[i].id, json_integer(a->rules[i].effect));
    }
    for (size_t i = 0; i < POLICY_REQUESTS; i++)
        json_array_append_new(requests, request_of(a, &c->requests[i].facts));
    for (size_t i = 0; i < POLICY_SAMPLE; i++)
        json_array_append_new(expected, expected_of(a, &c->requests[i].facts, room));
    return VLS_DONE;
}

struct vls_status policy_write_cedar(const struct policy_case *c, const char *path,
                                     struct vls_why *why)
{
    const size_t rules = c->generated->arrangement.rule_count;
    const struct vls_rule **room = vls_mem_try(rules * sizeof *room);
    json_t *all = json_object();
    struct vls_status s =
        room != NULL && all != NULL
            ? fill(c, room, all, why)
            : vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for %zu policies", rules);
    if (vls_ok(s) && json_dump_file(all, path, JSON_COMPACT) != 0)
        s = vls_fail(VLS_SYSTEM_IO, why, "%s cannot be written", path);
    json_decref(all);
    vls_mem_free(room);
    return s;
}
