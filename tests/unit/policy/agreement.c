#include "policy/agreement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Many small arrangements find more than few large ones; some are large enough for several blocks
 * of the index, and for values that only a few of the rules list. */
static const struct {
    unsigned percent;
    size_t most_rules;
    uint64_t cases;
} MIX[] = {{55, 12, 200}, {35, 60, 300}, {8, 300, 300}, {2, 1400, 300}};

/* -- one question ------------------------------------------------------------------------------ */

struct question {
    struct generate_arrangement *generated;
    struct generate_facts facts;
    agreement_fn first, second;
    const struct vls_rule **matched[2]; /* room for all rules */
    struct vls_verdict verdict[2];
};

static bool is_same_verdict(const struct vls_verdict *a, const struct vls_verdict *b)
{
    return a->outcome == b->outcome && a->cause == b->cause && a->approvals == b->approvals &&
           a->matched == b->matched;
}

/** The verdict must be the same whether the rules are asked for or not. */
static bool do_agree(struct question *q)
{
    const struct vls_arrangement *a = &q->generated->arrangement;
    const agreement_fn ask[2] = {q->first, q->second};
    for (int i = 0; i < 2; i++) {
        q->verdict[i] = ask[i](a, &q->facts.facts, q->matched[i]);
        struct vls_verdict alone = ask[i](a, &q->facts.facts, NULL);
        if (!is_same_verdict(&alone, &q->verdict[i]))
            return false;
    }
    if (!is_same_verdict(&q->verdict[0], &q->verdict[1]))
        return false;
    for (size_t i = 0; i < q->verdict[0].matched; i++)
        if (q->matched[0][i] != q->matched[1][i])
            return false;
    return true;
}

/* -- to shrink --------------------------------------------------------------------------------- */

#define ASKED(member)                                                                              \
    {                                                                                              \
#member, offsetof(struct vls_condition, member),                                           \
            sizeof(((struct vls_condition *)NULL)->member)                                         \
    }

/* What a rule asks for; zeroed, it asks for that no more. */
static const struct {
    const char *name;
    size_t at, bytes;
} ASKED_FOR[] = {
    ASKED(kind_count),
    ASKED(incoming),
    ASKED(from),
    ASKED(to),
    ASKED(body_count),
    ASKED(at_most),
    ASKED(at_least),
    ASKED(category_count),
    ASKED(distributions),
    ASKED(personal_data),
    ASKED(safeguards),
    ASKED(embargo),
    ASKED(audience_count),
    ASKED(topic_count),
    ASKED(media_type_count),
    ASKED(originator_count),
    ASKED(third_party),
    ASKED(answers),
    ASKED(duplicate),
    ASKED(has_min_bytes),
    ASKED(has_max_bytes),
};
#define ASKED_COUNT (sizeof ASKED_FOR / sizeof ASKED_FOR[0])

static bool differs_still(struct question *q)
{
    return vls_ok(generate_index(q->generated, NULL)) && !do_agree(q);
}

/** Take out ever smaller runs of rules that the difference does not need. */
static void shrink_rules(struct question *q)
{
    struct vls_arrangement *a = &q->generated->arrangement;
    struct vls_rule *saved = vls_mem_try(a->rule_count * sizeof *saved + 1);
    for (size_t run = a->rule_count; run > 0 && saved != NULL; run = run > 1 ? (run + 1) / 2 : 0)
        for (size_t at = 0; at + run <= a->rule_count;) {
            const size_t count = a->rule_count;
            vls_copy(saved, a->rules, count * sizeof *saved);
            vls_copy(&a->rules[at], &saved[at + run], (count - at - run) * sizeof *saved);
            a->rule_count = count - run;
            if (differs_still(q))
                continue;
            vls_copy(a->rules, saved, count * sizeof *saved);
            a->rule_count = count;
            at += run;
        }
    vls_mem_free(saved);
}

static void shrink_conditions(struct question *q)
{
    struct vls_arrangement *a = &q->generated->arrangement;
    for (size_t r = 0; r < a->rule_count; r++)
        for (size_t i = 0; i < ASKED_COUNT; i++) {
            uint8_t saved[sizeof(struct vls_label)];
            uint8_t *at = (uint8_t *)&a->rules[r].when + ASKED_FOR[i].at;
            vls_copy(saved, at, ASKED_FOR[i].bytes);
            memset(at, 0, ASKED_FOR[i].bytes);
            if (!differs_still(q))
                vls_copy(at, saved, ASKED_FOR[i].bytes);
        }
}

/* -- to tell ----------------------------------------------------------------------------------- */

static void tell_rule(const struct vls_rule *rule, struct vls_buf *out)
{
    static const uint8_t NONE[sizeof(struct vls_label)] = {0};
    VLS_IGNORE(vls_buf_add_format(out, "rule %s, effect %d, asks for", rule->id, (int)rule->effect),
               "it is cut where there is no more room");
    for (size_t i = 0; i < ASKED_COUNT; i++)
        if (memcmp((const uint8_t *)&rule->when + ASKED_FOR[i].at, NONE, ASKED_FOR[i].bytes) != 0)
            VLS_IGNORE(vls_buf_add_format(out, " %s", ASKED_FOR[i].name), "as above");
    VLS_IGNORE(vls_buf_add_text(out, "\n"), "as above");
}

static void tell_facts(const struct vls_facts *f, struct vls_buf *out)
{
    const struct vls_label *l = &f->label;
    VLS_IGNORE(
        vls_buf_add_format(
            out,
            "facts: %s from %s to %s body %s, label %s/%s categories %016" PRIx64 " %016" PRIx64
            " nobody %" PRIx64 " unknown %zu originators %zu\n"
            "  bytes %" PRIu64 " distribution %d answers %d audience %zu topics %zu media %zu\n",
            f->kind, f->from, f->to, f->body != NULL ? f->body : "",
            l->scheme != NULL ? vls_scheme_name(l->scheme) : "",
            l->classification != NULL ? l->classification->handle : "", l->categories[0],
            l->categories[1], l->nobody, vls_label_unknown_count(l),
            l->details != NULL ? l->details->originator_count : 0, f->bytes, (int)f->distribution,
            (int)f->answers, f->audience.count, f->topics.count, f->media_types.count),
        "as above");
}

static void tell(const struct question *q, uint64_t seed, struct agreement_difference *out)
{
    const struct vls_arrangement *a = &q->generated->arrangement;
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, sizeof out->text - 1);
    VLS_IGNORE(
        vls_buf_add_format(&text, "seed %" PRIu64 ", case %" PRIu64 "\n", seed, out->case_number),
        "as above");
    for (int i = 0; i < 2; i++) {
        const struct vls_verdict *v = &q->verdict[i];
        VLS_IGNORE(vls_buf_add_format(
                       &text, "the %s says outcome %d, cause %d, approvals %u, matched %zu\n",
                       i == 0 ? "first" : "second", (int)v->outcome, (int)v->cause, v->approvals,
                       v->matched),
                   "as above");
    }
    tell_facts(&q->facts.facts, &text);
    for (size_t r = 0; r < a->rule_count; r++)
        tell_rule(&a->rules[r], &text);
    snprintf(out->text, sizeof out->text, "%s", vls_buf_text(&text));
    out->rules = a->rule_count;
}

/* -- many questions ---------------------------------------------------------------------------- */

static struct generate_shape some_shape(struct generate_random *random, uint64_t *out_cases)
{
    size_t kind = 0;
    for (unsigned roll = (unsigned)generate_number(random, 100); roll >= MIX[kind].percent; kind++)
        roll -= MIX[kind].percent;
    *out_cases = MIX[kind].cases;
    return (struct generate_shape){.rules =
                                       (size_t)generate_number(random, MIX[kind].most_rules + 1),
                                   .asks = (unsigned)generate_number(random, 30),
                                   .categories = (unsigned)generate_number(random, 100),
                                   .odd = (unsigned)generate_number(random, 30),
                                   .has_broad_pools = generate_chance(random, 30)};
}

static void ask_some(struct question *q, struct generate_random *random, uint64_t seed,
                     uint64_t cases, struct agreement_difference *out)
{
    for (uint64_t i = 0; i < cases && !out->is_found; i++) {
        generate_facts(q->generated, random, &q->facts);
        out->case_number++;
        if (do_agree(q))
            continue;
        out->is_found = true;
        shrink_rules(q);
        shrink_conditions(q);
        VLS_IGNORE(generate_index(q->generated, NULL), "then the last index tells as well");
        do_agree(q);
        tell(q, seed, out);
    }
}

static VLS_STATUS ask_one_arrangement(const struct generate_world *world,
                                      struct generate_random *random, uint64_t seed, uint64_t most,
                                      struct question *q, struct agreement_difference *out)
{
    uint64_t cases = 0;
    struct generate_shape shape = some_shape(random, &cases);
    VLS_DEFER(generate_arrangement_free)
    struct generate_arrangement *generated = generate_arrangement(world, random, shape);
    if (generated == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, NULL, "no memory for an arrangement");
    VLS_TRY(generate_index(generated, NULL));
    q->generated = generated;
    ask_some(q, random, seed, cases < most ? cases : most, out);
    return VLS_DONE;
}

struct vls_status agreement_run(const struct generate_world *world, uint64_t seed, uint64_t cases,
                                agreement_fn first, agreement_fn second,
                                struct agreement_difference *out)
{
    struct generate_random random = {seed};
    struct question q = {.first = first, .second = second};
    struct agreement_difference found = {.is_found = false};
    const size_t room = MIX[sizeof MIX / sizeof MIX[0] - 1].most_rules;
    q.matched[0] = vls_mem_new(room * sizeof q.matched[0][0]);
    q.matched[1] = vls_mem_new(room * sizeof q.matched[1][0]);
    struct vls_status s = VLS_DONE;
    while (vls_ok(s) && found.case_number < cases && !found.is_found)
        s = ask_one_arrangement(world, &random, seed, cases - found.case_number, &q, &found);
    vls_mem_free(q.matched[0]);
    vls_mem_free(q.matched[1]);
    if (vls_ok(s))
        *out = found;
    return s;
}
