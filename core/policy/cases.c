#include "policy/cases.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/cases_yaml.h"
#include "policy/facts_text.h"
#include "policy/rules.h"
#include "schemas/envelope.pb-c.h"

/* A rule of the house rules, in a list of rules. */
static const char HOUSE[] = "house:";

#define CASE_PATH 96 /* "cases[8191].facts.unknown-category[63]" */

struct vls_cases {
    struct vls_cases_books books;
    char *file;
    struct vls_buf yaml;
    struct vls_yaml_source source;
    struct vls_yaml_places places;
    struct vls_raw_cases *raw;
    uint64_t now_ms; /* where a case gives no time */
};

struct path {
    char text[CASE_PATH];
};

static struct path path_of(size_t i, const char *key)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "cases[%zu]%s%s", i, *key != '\0' ? "." : "", key);
    return path;
}

static struct path path_of_item(size_t i, const char *key, size_t k)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "cases[%zu].%s[%zu]", i, key, k);
    return path;
}

#define FAIL(cases, path, why, ...)                                                                \
    vls_yaml_fail(&(cases)->source, &(cases)->places, (path).text, (why), __VA_ARGS__)

/* -- facts ------------------------------------------------------------------------------------- */

static VLS_STATUS set_fact(const struct vls_cases *c, struct path at, const char *name,
                           const char *value, struct vls_facts_text *out, struct vls_why *why)
{
    struct vls_why reason = {""};
    struct vls_status s = vls_facts_text_set(out, name, value != NULL ? value : "", &reason);
    if (vls_ok(s))
        return VLS_DONE;
    return FAIL(c, at, why, "%.180s", reason.text);
}

static VLS_STATUS set_list(const struct vls_cases *c, size_t i, const struct vls_raw_fact *fact,
                           const struct vls_raw_case_list *list, struct vls_facts_text *out,
                           struct vls_why *why)
{
    char key[CASE_PATH];
    snprintf(key, sizeof key, "facts.%s", fact->name);
    for (unsigned k = 0; k < list->count; k++)
        VLS_TRY(set_fact(c, path_of_item(i, key, k), fact->name, list->at[k], out, why));
    return VLS_DONE;
}

static VLS_STATUS set_facts(const struct vls_cases *c, size_t i, struct vls_facts_text *out,
                            struct vls_why *why)
{
    const char *facts = (const char *)c->raw->cases[i].facts;
    for (const struct vls_raw_fact *f = VLS_CASE_FACTS; f->name != NULL; f++) {
        char key[CASE_PATH];
        snprintf(key, sizeof key, "facts.%s", f->name);
        const void *member = facts + f->offset;
        if (f->is_list)
            VLS_TRY(set_list(c, i, f, member, out, why));
        else if (*(char *const *)member != NULL)
            VLS_TRY(set_fact(c, path_of(i, key), f->name, *(char *const *)member, out, why));
    }
    return vls_facts_text_end(out, why);
}

static VLS_STATUS read_time(const struct vls_cases *c, struct path at, const char *text,
                            uint64_t *out, struct vls_why *why)
{
    if (text != NULL && !vls_ok(vls_time_read(text, out)))
        return FAIL(c, at, why, "'%.40s' is not a date such as 2026-12-01 or a time with its zone",
                    text);
    return VLS_DONE;
}

/* -- what is expected -------------------------------------------------------------------------- */

static enum vls_outcome outcome_by_name(const char *name)
{
    static const enum vls_outcome ALL[] = {VLS_OUTCOME_RELEASE, VLS_OUTCOME_REFER,
                                           VLS_OUTCOME_WITHHOLD, VLS_OUTCOME_QUARANTINE};
    for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++)
        if (strcmp(vls_outcome_name(ALL[i]), name) == 0)
            return ALL[i];
    return 0;
}

/** Place of the rule in its book, or the number of its rules. */
static size_t find_rule(const struct vls_arrangement *a, const char *id)
{
    size_t i = 0;
    while (i < a->rule_count && strcmp(a->rules[i].id, id) != 0)
        i++;
    return i;
}

static VLS_STATUS check_rule(const struct vls_cases *c, struct path at, const char *text,
                             struct vls_why *why)
{
    const char *id = text != NULL ? text : "";
    bool is_house = strncmp(id, HOUSE, sizeof HOUSE - 1) == 0;
    const struct vls_arrangement *a = is_house ? c->books.house : c->books.joint;
    if (is_house && a == NULL)
        return FAIL(c, at, why, "'%.80s' is of house rules, and there are none; give --house FILE",
                    id);
    id += is_house ? sizeof HOUSE - 1 : 0;
    if (find_rule(a, id) == a->rule_count)
        return FAIL(c, at, why, "'%.80s' is not a rule of %.60s", id, a->name);
    return VLS_DONE;
}

static VLS_STATUS check_expected(const struct vls_cases *c, size_t i, struct vls_why *why)
{
    const struct vls_raw_case *one = &c->raw->cases[i];
    if (one->expect == NULL)
        return FAIL(c, path_of(i, ""), why,
                    "has no expect; write release, refer, withhold or quarantine");
    if (outcome_by_name(one->expect) == 0)
        return FAIL(c, path_of(i, "expect"), why,
                    "'%.40s' is none of release, refer, withhold, quarantine", one->expect);
    if (one->approvals != NULL && strcmp(one->expect, "refer") != 0 && *one->approvals != 0)
        return FAIL(c, path_of(i, "approvals"), why, "only what is referred asks for approvals");
    for (unsigned k = 0; k < one->rules.count; k++)
        VLS_TRY(check_rule(c, path_of_item(i, "rules", k), one->rules.at[k], why));
    for (unsigned k = 0; k < one->duties.count; k++)
        if (one->duties.at[k] == NULL || *one->duties.at[k] == '\0')
            return FAIL(c, path_of_item(i, "duties", k), why, "is empty");
    return VLS_DONE;
}

/** All of it is looked at before the first case runs. */
static VLS_STATUS check_case(const struct vls_cases *c, size_t i, struct vls_why *why)
{
    const struct vls_raw_case *one = &c->raw->cases[i];
    uint64_t at_ms = 0;
    if (one->name == NULL || *one->name == '\0')
        return FAIL(c, path_of(i, ""), why, "has no name");
    if (!vls_text_is_clean(vls_slice_text(one->name), false))
        return FAIL(c, path_of(i, "name"), why, "holds control characters");
    if (one->facts == NULL)
        return FAIL(c, path_of(i, ""), why, "has no facts");
    VLS_TRY(read_time(c, path_of(i, "at"), one->at, &at_ms, why));
    VLS_TRY(check_expected(c, i, why));
    struct vls_facts_text text;
    struct vls_status s = vls_facts_text_begin(c->books.schemes, &text, why);
    if (vls_ok(s))
        s = set_facts(c, i, &text, why);
    vls_facts_text_fini(&text);
    return s;
}

/* -- to read ----------------------------------------------------------------------------------- */

static VLS_STATUS read_cases(struct vls_cases *c, struct vls_why *why)
{
    void *document = NULL;
    VLS_TRY(vls_yaml_scan(&c->source, &c->places, why));
    VLS_TRY(vls_yaml_load(&c->source, &document, why));
    c->raw = document;
    c->now_ms = vls_arrangement_not_before(c->books.joint);
    VLS_TRY(read_time(c, (struct path){"now"}, c->raw->now, &c->now_ms, why));
    if (c->raw->cases_count == 0)
        return FAIL(c, (struct path){"cases"}, why, "there is no case");
    for (size_t i = 0; i < c->raw->cases_count; i++)
        VLS_TRY(check_case(c, i, why));
    return VLS_DONE;
}

/** Takes the bytes. */
static VLS_STATUS make_cases(struct vls_buf *yaml, const char *file,
                             const struct vls_cases_books *books, struct vls_cases **out,
                             struct vls_why *why)
{
    struct vls_cases *c = vls_mem_new(sizeof *c);
    struct vls_why own;
    c->books = *books;
    c->file = vls_mem_dup(file);
    c->yaml = *yaml;
    c->source = (struct vls_yaml_source){.yaml = vls_buf_slice(&c->yaml),
                                         .file = c->file,
                                         .schema = &VLS_CASES_SCHEMA,
                                         .code = VLS_POLICY_INVALID,
                                         .manual = "valise-arrangement(1)"};
    struct vls_status s = read_cases(c, why != NULL ? why : &own);
    if (!vls_ok(s)) {
        vls_cases_free(&c);
        return s;
    }
    *out = c;
    return VLS_DONE;
}

struct vls_status vls_cases_read(struct vls_slice yaml, const char *file,
                                 const struct vls_cases_books *books, struct vls_cases **out,
                                 struct vls_why *why)
{
    struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_MAX_CASES_FILE);
    struct vls_status s = vls_buf_add_slice(&bytes, yaml);
    if (vls_ok(s))
        return make_cases(&bytes, file, books, out, why);
    vls_buf_fini(&bytes);
    return vls_fail(VLS_POLICY_INVALID, why, "%.100s: a file of cases has at most %u bytes", file,
                    VLS_MAX_CASES_FILE);
}

struct vls_status vls_cases_load(const char *path, const struct vls_cases_books *books,
                                 struct vls_cases **out, struct vls_why *why)
{
    struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_MAX_CASES_FILE);
    struct vls_status s = vls_file_read(path, &bytes, why);
    if (vls_ok(s))
        return make_cases(&bytes, path, books, out, why);
    vls_buf_fini(&bytes);
    if (s.code == VLS_INPUT_LIMIT)
        return vls_fail(VLS_POLICY_INVALID, why, "%.100s: a file of cases has at most %u bytes",
                        path, VLS_MAX_CASES_FILE);
    if (s.code == VLS_INPUT_MALFORMED) /* no regular file */
        s.code = VLS_POLICY_INVALID;
    return s;
}

void vls_cases_free(struct vls_cases **cases)
{
    struct vls_cases *c = *cases;
    if (c == NULL)
        return;
    if (c->raw != NULL)
        vls_yaml_free(&VLS_CASES_SCHEMA, c->raw);
    vls_yaml_places_fini(&c->places);
    vls_buf_fini(&c->yaml);
    vls_mem_free(c->file);
    vls_mem_free(c);
    *cases = NULL;
}

size_t vls_cases_count(const struct vls_cases *cases)
{
    return cases->raw->cases_count;
}

/* -- coverage ---------------------------------------------------------------------------------- */

struct vls_status vls_coverage_init(struct vls_coverage *coverage,
                                    const struct vls_cases_books *books, struct vls_why *why)
{
    struct vls_coverage c = {.joint_count = books->joint->rule_count,
                             .house_count = books->house != NULL ? books->house->rule_count : 0};
    c.joint = vls_mem_try((c.joint_count + 1) * sizeof c.joint[0]);
    c.house = vls_mem_try((c.house_count + 1) * sizeof c.house[0]);
    if (c.joint == NULL || c.house == NULL) {
        vls_coverage_fini(&c);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to count rules");
    }
    *coverage = c;
    return VLS_DONE;
}

void vls_coverage_fini(struct vls_coverage *coverage)
{
    vls_mem_free(coverage->joint);
    vls_mem_free(coverage->house);
    *coverage = (struct vls_coverage){.joint = NULL};
}

static void cover(const struct vls_cases *c, const Valise__DecisionRecord *record,
                  struct vls_coverage *coverage)
{
    for (size_t i = 0; i < record->n_rules; i++) {
        const Valise__MatchedRule *rule = record->rules[i];
        const struct vls_arrangement *a = rule->house ? c->books.house : c->books.joint;
        struct vls_rule_coverage *counts = rule->house ? coverage->house : coverage->joint;
        size_t place = find_rule(a, rule->id);
        counts[place].matched++;
        counts[place].decided += rule->effect == record->outcome;
    }
}

/* -- to compare -------------------------------------------------------------------------------- */

static void say(struct vls_case_result *r, const char *fmt, ...) VLS_PRINTF(2, 3);
static void say(struct vls_case_result *r, const char *fmt, ...)
{
    size_t used = strlen(r->words);
    va_list args;
    int n = snprintf(r->words + used, sizeof r->words - used, "%s", used != 0 ? "; " : "");
    used += n > 0 && (size_t)n < sizeof r->words - used ? (size_t)n : 0;
    va_start(args, fmt);
    vsnprintf(r->words + used, sizeof r->words - used, fmt, args);
    va_end(args);
}

static void list_rules(const Valise__DecisionRecord *record, char out[VLS_CASE_TEXT])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < record->n_rules && used < VLS_CASE_TEXT; i++) {
        int n = snprintf(out + used, VLS_CASE_TEXT - used, "%s%s%s", i > 0 ? ", " : "",
                         record->rules[i]->house ? HOUSE : "", record->rules[i]->id);
        used += n > 0 ? (size_t)n : 0;
    }
}

static bool is_rule(const Valise__MatchedRule *rule, const char *text)
{
    if (!rule->house)
        return strcmp(rule->id, text) == 0;
    return strncmp(text, HOUSE, sizeof HOUSE - 1) == 0 &&
           strcmp(rule->id, text + sizeof HOUSE - 1) == 0;
}

static void compare_rules(const struct vls_raw_case_list *expected,
                          const Valise__DecisionRecord *record, struct vls_case_result *r)
{
    for (unsigned k = 0; k < expected->count; k++) {
        bool is_found = false;
        for (size_t i = 0; i < record->n_rules && !is_found; i++)
            is_found = is_rule(record->rules[i], expected->at[k]);
        if (!is_found && record->rules_left_out == 0)
            say(r, "rule %.80s does not match", expected->at[k]);
    }
    for (size_t i = 0; i < record->n_rules; i++) {
        bool is_found = false;
        for (unsigned k = 0; k < expected->count && !is_found; k++)
            is_found = is_rule(record->rules[i], expected->at[k]);
        if (!is_found)
            say(r, "rule %s%.80s matches, too", record->rules[i]->house ? HOUSE : "",
                record->rules[i]->id);
    }
}

static void compare_duties(const struct vls_raw_case_list *expected,
                           const Valise__DecisionRecord *record, struct vls_case_result *r)
{
    for (unsigned k = 0; k < expected->count; k++) {
        bool is_found = false;
        for (size_t i = 0; i < record->n_duties && !is_found; i++)
            is_found = strcmp(record->duties[i], expected->at[k]) == 0;
        if (!is_found)
            say(r, "%.80s is not among the duties", expected->at[k]);
    }
}

static void compare(const struct vls_cases *c, size_t i, const struct vls_decision *d,
                    const Valise__DecisionRecord *record, struct vls_case_result *r)
{
    const struct vls_raw_case *one = &c->raw->cases[i];
    if (d->is_alarm)
        say(r, "the two evaluators disagree: this is a fault of the program, please report it");
    if (r->outcome != r->expected)
        say(r, "%s, not %s", vls_outcome_name(r->outcome), vls_outcome_name(r->expected));
    if (vls_yaml_place(&c->places, path_of(i, "rules").text) != NULL)
        compare_rules(&one->rules, record, r);
    if (one->approvals != NULL && *one->approvals != d->approvals)
        say(r, "%" PRIu32 " approvals, not %" PRIu32, d->approvals, *one->approvals);
    compare_duties(&one->duties, record, r);
    if (one->reason != NULL && strstr(d->reason, one->reason) == NULL)
        say(r, "'%.200s' is not in the reason", one->reason);
    r->is_ok = r->words[0] == '\0';
}

/* -- to run ------------------------------------------------------------------------------------ */

static VLS_STATUS look_at_decision(const struct vls_cases *c, size_t i,
                                   const struct vls_decision *d, struct vls_coverage *coverage,
                                   struct vls_case_result *r, struct vls_why *why)
{
    Valise__DecisionRecord *record =
        valise__decision_record__unpack(NULL, d->record.len, d->record.at);
    if (record == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a decision record");
    r->outcome = d->outcome;
    vls_text_copy(r->reason, sizeof r->reason, d->reason);
    list_rules(record, r->rules);
    compare(c, i, d, record, r);
    cover(c, record, coverage);
    valise__decision_record__free_unpacked(record, NULL);
    return VLS_DONE;
}

static VLS_STATUS decide(const struct vls_cases *c, const struct vls_facts *facts,
                         struct vls_decision *out, struct vls_why *why)
{
    if (facts->is_incoming && c->books.house != NULL)
        return vls_decide_incoming(c->books.joint, c->books.house, facts, out, why);
    return vls_decide(c->books.joint, c->books.house, facts, out, why);
}

static VLS_STATUS run(const struct vls_cases *c, size_t i, struct vls_facts_text *text,
                      struct vls_coverage *coverage, struct vls_case_result *r, struct vls_why *why)
{
    struct vls_decision d;
    text->facts.now_ms = c->now_ms;
    VLS_TRY(set_facts(c, i, text, why));
    VLS_TRY(read_time(c, path_of(i, "at"), c->raw->cases[i].at, &text->facts.now_ms, why));
    VLS_TRY(decide(c, &text->facts, &d, why));
    struct vls_status s = look_at_decision(c, i, &d, coverage, r, why);
    vls_decision_fini(&d);
    return s;
}

struct vls_status vls_cases_run(const struct vls_cases *cases, size_t i,
                                struct vls_coverage *coverage, struct vls_case_result *out,
                                struct vls_why *why)
{
    const struct vls_yaml_place *place = vls_yaml_place(&cases->places, path_of(i, "").text);
    struct vls_facts_text text;
    *out = (struct vls_case_result){.name = cases->raw->cases[i].name,
                                    .line = place != NULL ? place->line : 0,
                                    .column = place != NULL ? place->column : 0,
                                    .expected = outcome_by_name(cases->raw->cases[i].expect)};
    struct vls_status s = vls_facts_text_begin(cases->books.schemes, &text, why);
    if (vls_ok(s))
        s = run(cases, i, &text, coverage, out, why);
    vls_facts_text_fini(&text);
    return s;
}
