/* bench_policy - how many decisions a second the two evaluators make. tests/bench/policy runs it.
 */
#include "policy.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "policy/vocabulary.h"
#include "policy/walk.h"
#include "policy_decide.h"

#define SEED       20161116
#define ENOUGH_S   0.5 /* each figure is taken over so long at least */
#define MAKE_TIMES 5   /* the shortest counts */

static const size_t RULES[] = {10, 100, 1000, 10000};

static const char USAGE[] = "usage: bench_policy [--cedar DIRECTORY] [--json]\n";

struct figures {
    size_t rules, index_bytes, rule_bytes;
    double make_ms, matched, first, second, both; /* decisions a second */
    size_t differences;
    struct policy_costs costs;
};

/* -- what is asked ----------------------------------------------------------------------------- */

/** Requests that come to the rules, with at most one document: Cedar has no word for "each". */
static void make_requests(struct policy_case *c, struct generate_random *random)
{
    for (size_t i = 0; i < POLICY_REQUESTS;) {
        struct generate_facts *request = &c->requests[i];
        generate_facts(c->generated, random, request);
        enum vls_cause cause =
            vls_index_evaluate(&c->generated->arrangement, &request->facts, NULL).cause;
        /* and its numbers are signed */
        i += request->facts.media_types.count <= 1 && request->facts.bytes <= INT64_MAX &&
             (cause == VLS_CAUSE_RULE || cause == VLS_CAUSE_NO_RULE);
    }
}

static void free_case(struct policy_case *c)
{
    if (c->generated != NULL)
        vls_mem_free(c->generated->arrangement.vocabulary);
    generate_arrangement_free(&c->generated);
    vls_mem_free(c->requests);
    c->requests = NULL;
}

static VLS_STATUS make_case(const struct generate_world *world, size_t rules, struct policy_case *c,
                            struct figures *out, struct vls_why *why)
{
    struct generate_random random = {SEED + rules};
    const struct generate_shape shape = {.rules = rules,
                                         .asks = 30,
                                         .categories = 25,
                                         .has_broad_pools = true,
                                         .has_no_lists = true};
    c->generated = generate_arrangement(world, &random, shape);
    c->requests = vls_mem_try(POLICY_REQUESTS * sizeof *c->requests);
    if (c->generated == NULL || c->requests == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for %zu rules", rules);
    for (int i = 0; i < MAKE_TIMES; i++) {
        double began = policy_now();
        VLS_TRY(generate_index(c->generated, why));
        double ms = (policy_now() - began) * 1e3;
        out->make_ms = i == 0 || ms < out->make_ms ? ms : out->make_ms;
    }
    VLS_TRY(vls_vocabulary_make(&c->generated->arrangement, &c->generated->arrangement.vocabulary,
                                why));
    make_requests(c, &random);
    out->rules = rules;
    out->index_bytes = vls_index_bytes(c->generated->arrangement.index);
    out->rule_bytes = rules * sizeof(struct vls_rule);
    return VLS_DONE;
}

/* -- asking ------------------------------------------------------------------------------------ */

struct asking {
    const struct policy_case *c;
    const struct vls_rule **room[2];
    size_t matched, differences;
};

static void ask_first(struct asking *k, size_t i)
{
    const struct vls_facts *facts = &k->c->requests[i].facts;
    k->matched += vls_index_evaluate(&k->c->generated->arrangement, facts, k->room[0]).matched;
}

static void ask_second(struct asking *k, size_t i)
{
    const struct vls_facts *facts = &k->c->requests[i].facts;
    k->matched += vls_walk_evaluate(&k->c->generated->arrangement, facts, k->room[1]).matched;
}

static void ask_both(struct asking *k, size_t i)
{
    const struct vls_arrangement *a = &k->c->generated->arrangement;
    const struct vls_facts *facts = &k->c->requests[i].facts;
    struct vls_verdict first = vls_index_evaluate(a, facts, k->room[0]);
    struct vls_verdict second = vls_walk_evaluate(a, facts, k->room[1]);
    bool is_same = first.outcome == second.outcome && first.cause == second.cause &&
                   first.approvals == second.approvals && first.matched == second.matched &&
                   memcmp(k->room[0], k->room[1], first.matched * sizeof *k->room[0]) == 0;
    k->differences += !is_same;
    k->matched += first.matched;
}

/** @return decisions a second of processor time */
static double measure(struct asking *k, void (*ask)(struct asking *k, size_t i),
                      double *out_matched)
{
    size_t count = 0;
    double began = policy_now(), took = 0;
    k->matched = 0;
    do {
        /* a few at a time, so that the clock costs nothing, and 10,000 rules do not take minutes */
        for (size_t i = 0; i < 64; i++)
            ask(k, count++ % POLICY_REQUESTS);
        took = policy_now() - began;
    } while (took < ENOUGH_S);
    *out_matched = (double)k->matched / (double)count;
    return (double)count / took;
}

static void measure_all(const struct policy_case *c, const struct vls_rule **room,
                        struct figures *out)
{
    double ignored = 0;
    struct asking k = {.c = c, .room = {room, room + out->rules}};
    out->first = measure(&k, ask_first, &out->matched);
    out->second = measure(&k, ask_second, &ignored);
    out->both = measure(&k, ask_both, &ignored);
    out->differences = k.differences;
}

/* -- report ------------------------------------------------------------------------------------ */

static void report(const struct figures *f, bool is_json)
{
    if (is_json)
        printf("{\"engine\":\"valise\",\"rules\":%zu,\"index_per_s\":%.0f,\"walk_per_s\":%.0f,"
               "\"both_per_s\":%.0f,\"compile_ms\":%.3f,\"index_bytes\":%zu,\"rule_bytes\":%zu,"
               "\"matched\":%.1f,\"replay_per_s\":%.0f,\"differences\":%zu}\n",
               f->rules, f->first, f->second, f->both, f->make_ms, f->index_bytes, f->rule_bytes,
               f->matched, f->costs.replay_per_s, f->differences);
    else
        printf("%8zu %14.0f %14.0f %14.0f %14.0f %12.3f %12zu %12zu %9.1f\n", f->rules, f->first,
               f->second, f->both, f->costs.replay_per_s, f->make_ms, f->index_bytes, f->rule_bytes,
               f->matched);
    fflush(stdout);
}

static VLS_STATUS run_one(const struct generate_world *world, size_t rules, const char *cedar,
                          bool is_json, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct figures figures = {.rules = rules};
    VLS_DEFER(free_case) struct policy_case c = {.generated = NULL};
    VLS_TRY(make_case(world, rules, &c, &figures, why));
    const struct vls_rule **room = vls_mem_try(2 * rules * sizeof *room);
    if (room == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for %zu rules", rules);
    measure_all(&c, room, &figures);
    vls_mem_free(room);
    VLS_TRY(policy_measure_case(&c, &figures.costs, why));
    report(&figures, is_json);
    if (figures.differences != 0)
        return vls_fail(VLS_SYSTEM_BUG, why, "the evaluators differ in %zu decisions",
                        figures.differences);
    if (cedar == NULL)
        return VLS_DONE;
    if (snprintf(path, sizeof path, "%s/%zu.json", cedar, rules) >= (int)sizeof path)
        return vls_fail(VLS_INPUT_LIMIT, why, "--cedar: the path is too long");
    return policy_write_cedar(&c, path, why);
}

/** What is always on, at the size of arrangement that is exchanged under. */
static VLS_STATUS run_un_iom(bool is_json, struct vls_why *why)
{
    struct policy_costs c = {.decisions = 0};
    VLS_TRY(policy_measure_un_iom(VALISE_SOURCE_DIR, &c, why));
    if (is_json)
        printf("{\"engine\":\"valise\",\"arrangement\":\"un-iom\",\"messages\":%zu,"
               "\"judge_us\":%.2f,\"decide_us\":%.2f,\"explain_us\":%.2f,"
               "\"record_bytes\":%zu,\"replay_per_s\":%.0f}\n",
               c.decisions, c.judge_us, c.decide_us, c.decide_us - c.judge_us, c.record_bytes,
               c.replay_per_s);
    else
        printf(
            "\nun-iom, %zu messages of all kinds, in the mean: both evaluators %.2f us, the whole "
            "decision with record\nof %zu bytes and nearest change %.2f us (the explanation "
            "alone: %.2f us); %.0f records decided again a second\n",
            c.decisions, c.judge_us, c.record_bytes, c.decide_us, c.decide_us - c.judge_us,
            c.replay_per_s);
    return VLS_DONE;
}

static VLS_STATUS run(const char *cedar, bool is_json, struct vls_why *why)
{
    VLS_DEFER(generate_world_free) struct generate_world world = {.schemes = {NULL}};
    VLS_TRY(generate_world_make(&world, why));
    if (!is_json)
        printf("%8s %14s %14s %14s %14s %12s %12s %12s %9s\n", "rules", "index/s", "walk/s",
               "both/s", "replay/s", "compile ms", "index bytes", "rule bytes", "matching");
    for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++)
        VLS_TRY(run_one(&world, RULES[i], cedar, is_json, why));
    return run_un_iom(is_json, why);
}

int main(int argc, char **argv)
{
    static const struct option LONG[] = {{"cedar", required_argument, NULL, 'c'},
                                         {"json", no_argument, NULL, 'j'},
                                         {NULL, 0, NULL, 0}};
    const char *cedar = NULL;
    bool is_json = false, is_usage = false;
    struct vls_why why = {""};
    for (int option; (option = getopt_long(argc, argv, "", LONG, NULL)) != -1;) {
        cedar = option == 'c' ? optarg : cedar;
        is_json |= option == 'j';
        is_usage |= option == '?';
    }
    if (is_usage || optind != argc) {
        fputs(USAGE, stderr);
        return vls_status_exit((struct vls_status){VLS_CLI_USAGE});
    }
    struct vls_status s = run(cedar, is_json, &why);
    if (!vls_ok(s))
        fprintf(stderr, "bench_policy: %s\n", why.text);
    return vls_status_exit(s);
}
