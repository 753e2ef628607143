/* valise arrangement test: the decisions that an author expects, held against those that come. */
#include <inttypes.h>
#include <string.h>

#include "arrangement_books.h"
#include "arrangement_commands.h"
#include "labels.h"
#include "policy/cases.h"
#include "policy/survey_view.h"
#include "show.h"

/* Exit status when a case came out otherwise. */
#define EXIT_FAILED 1

struct testing {
    struct cli *cli;
    const struct cli_books *books;
    struct vls_cases_books with;
    struct vls_coverage coverage;
    size_t cases, failed;
};

/* -- cases ------------------------------------------------------------------------------------- */

static json_t *case_json(const char *path, const struct vls_case_result *r)
{
    json_t *object = json_object();
    json_object_set_new(object, "what", vls_json_text("case"));
    json_object_set_new(object, "file", vls_json_text(path));
    json_object_set_new(object, "line", vls_json_number(r->line));
    json_object_set_new(object, "name", vls_json_text(r->name));
    json_object_set_new(object, "result", vls_json_text(r->is_ok ? "ok" : "failed"));
    json_object_set_new(object, "expected", vls_json_text(vls_outcome_name(r->expected)));
    json_object_set_new(object, "outcome", vls_json_text(vls_outcome_name(r->outcome)));
    json_object_set_new(object, "rules", vls_json_text(r->rules));
    json_object_set_new(object, "reason", vls_json_text(r->reason));
    json_object_set_new(object, "words", vls_json_text(r->words));
    return object;
}

static void print_failure(struct cli *cli, const char *path, const struct vls_case_result *r)
{
    fprintf(cli->out, "%s:%u:%u: failed: %s: %s\n", path, r->line, r->column, r->name, r->words);
    fprintf(cli->out, "    came: %s", vls_outcome_name(r->outcome));
    if (*r->rules != '\0')
        fprintf(cli->out, ", by %s", r->rules);
    fprintf(cli->out, "%s%s\n", *r->reason != '\0' ? ": " : "", r->reason);
}

static VLS_STATUS run_case(struct testing *t, const char *path, const struct vls_cases *cases,
                           size_t i, struct vls_why *why)
{
    struct vls_case_result r;
    VLS_TRY(vls_cases_run(cases, i, &t->coverage, &r, why));
    t->cases++;
    t->failed += !r.is_ok;
    if (t->cli->is_json)
        return vls_json_line(t->cli, case_json(path, &r), why);
    if (!r.is_ok)
        print_failure(t->cli, path, &r);
    return VLS_DONE;
}

static VLS_STATUS run_file(struct testing *t, const char *path, struct vls_why *why)
{
    struct vls_cases *cases = NULL;
    struct vls_status status = vls_cases_load(path, &t->with, &cases, why);
    VLS_TRY(status);
    for (size_t i = 0; i < vls_cases_count(cases) && vls_ok(status); i++)
        status = run_case(t, path, cases, i, why);
    vls_cases_free(&cases);
    return status;
}

/* -- coverage ---------------------------------------------------------------------------------- */

struct total {
    size_t rules, matched, decided;
};

static VLS_STATUS say_rule(struct testing *t, const char *path, const struct vls_view_rule *rule,
                           const struct vls_rule_coverage *c, bool is_house, struct vls_why *why)
{
    struct cli *cli = t->cli;
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("rule"));
        json_object_set_new(object, "id", vls_json_text(rule->id));
        json_object_set_new(object, "house", json_boolean(is_house));
        json_object_set_new(object, "matched", vls_json_number(c->matched));
        json_object_set_new(object, "decided", vls_json_number(c->decided));
        return vls_json_line(cli, object, why);
    }
    if (c->matched == 0)
        fprintf(cli->out, "%s:%" PRIu32 ": not covered: %s matches in no case\n", path, rule->line,
                rule->id);
    else if (c->decided == 0)
        fprintf(cli->out, "%s:%" PRIu32 ": not covered: %s matches, and decides in no case\n", path,
                rule->line, rule->id);
    return VLS_DONE;
}

static VLS_STATUS say_coverage(struct testing *t, const struct vls_arrangement *a, const char *path,
                               const struct vls_rule_coverage *counts, struct total *total,
                               struct vls_why *why)
{
    struct vls_view_rule rule;
    for (size_t i = 0; vls_view_rule(a, i, &rule); i++) {
        VLS_TRY(say_rule(t, path, &rule, &counts[i], a == t->with.house, why));
        total->rules++;
        total->matched += counts[i].matched != 0;
        total->decided += counts[i].decided != 0;
    }
    return VLS_DONE;
}

static VLS_STATUS say_result(struct testing *t, const struct total *total, struct vls_why *why)
{
    struct cli *cli = t->cli;
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("result"));
        json_object_set_new(object, "result", vls_json_text(t->failed == 0 ? "ok" : "failed"));
        json_object_set_new(object, "cases", vls_json_number(t->cases));
        json_object_set_new(object, "failed", vls_json_number(t->failed));
        json_object_set_new(object, "rules", vls_json_number(total->rules));
        json_object_set_new(object, "matched", vls_json_number(total->matched));
        json_object_set_new(object, "decided", vls_json_number(total->decided));
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "%zu cases, %zu failed; of %zu rules %zu match in some case, %zu decide\n",
            t->cases, t->failed, total->rules, total->matched, total->decided);
    return VLS_DONE;
}

/* -- the whole --------------------------------------------------------------------------------- */

static VLS_STATUS test(struct testing *t, const struct cli_args *args, struct vls_why *why)
{
    struct total total = {0};
    for (size_t i = 2; i < args->operand_count; i++)
        VLS_TRY(run_file(t, args->operands[i], why));
    if (t->failed != 0)
        t->cli->exit_status = EXIT_FAILED;
    VLS_TRY(say_coverage(t, t->with.joint, t->books->path, t->coverage.joint, &total, why));
    if (t->with.house != NULL)
        VLS_TRY(
            say_coverage(t, t->with.house, t->books->house_path, t->coverage.house, &total, why));
    return say_result(t, &total, why);
}

struct vls_status vls_arrangement_cmd_test(struct cli *cli, const struct cli_args *args,
                                           struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct cli_books books;
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_books_load(args->operands[1], args, &schemes, &books, why));
    struct testing t = {.cli = cli,
                        .books = &books,
                        .with = {.joint = books.joint, .house = books.house, .schemes = &schemes}};
    struct vls_status status = vls_coverage_init(&t.coverage, &t.with, why);
    if (vls_ok(status))
        status = test(&t, args, why);
    vls_coverage_fini(&t.coverage);
    vls_cli_books_fini(&books);
    return status;
}
