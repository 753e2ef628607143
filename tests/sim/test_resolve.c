/* Resolvers: who is asked in which order, who is left alone, and what an operator gets of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/result.h"
#include "world.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define MINUTE_MS    60000u

enum { FIRST, SINK, SECOND, PLUGINS };

struct scene {
    struct world w;
    struct vls_config_plugin plugins[PLUGINS];
    struct vls_config_operator operators[1];
};

static char *GRANT_RESOLVE[] = {(char *)VLS_GRANT_RESOLVE};
static char *GRANT_RECEIVE[] = {(char *)VLS_GRANT_RECEIVE};
static char *UP_TO[] = {(char *)"un-sgb-2007-6/up-to:unclassified"};

/* The last question to each. */
static struct {
    unsigned times;
    char symbol[64], url[64], language[16], id[VLS_ID_TEXT];
} asked[PLUGINS];

/* What is found is in the symbol: "first=5 second=1". */
static uint32_t find(struct gateway *g, unsigned host, const Valise__Resolve *in,
                     Valise__Finding *out, const char **words, const char **label)
{
    const char *at = strstr(in->symbol, host == FIRST ? "first=" : "second=");
    unsigned result = VLS_FOUND_NOT_FOUND;
    asked[host].times++;
    snprintf(asked[host].symbol, sizeof asked[host].symbol, "%s", in->symbol);
    snprintf(asked[host].url, sizeof asked[host].url, "%s", in->url);
    snprintf(asked[host].language, sizeof asked[host].language, "%s", in->language);
    if (at != NULL)
        (void)sscanf(strchr(at, '=') + 1, "%u", &result);
    out->result = result;
    out->retry_at_ms = result == VLS_FOUND_RETRY_AT ? g->world->now_ms + 2 * MINUTE_MS : 0;
    out->got = 1;
    out->total = 2;
    out->where = (char *)(uintptr_t)(strstr(in->symbol, "alone") != NULL ? "this document" : "");
    *words = "A resolution.";
    *label = strstr(in->symbol, "unlabelled") != NULL     ? ""
             : strstr(in->symbol, "confidential") != NULL ? CONFIDENTIAL
                                                          : PUBLIC;
    return strstr(in->symbol, "broken") != NULL ? VLS_PLUGIN_INVALID : VLS_OK;
}

static int open_scene(void **state)
{
    static const char *const NAMES[] = {"first", "sink", "second"};
    struct scene *s = vls_mem_new(sizeof *s);
    world_open(&s->w, 3);
    memset(asked, 0, sizeof asked);
    for (size_t i = 0; i < PLUGINS; i++)
        s->plugins[i] =
            (struct vls_config_plugin){.name = (char *)(uintptr_t)NAMES[i],
                                       .grants = i == SINK ? GRANT_RECEIVE : GRANT_RESOLVE,
                                       .grants_count = 1};
    s->operators[0] = (struct vls_config_operator){(char *)"root", UP_TO, 1};
    s->w.gateways[0].config.operators = s->operators;
    s->w.gateways[0].config.operators_count = 1;
    s->w.find = find;
    s->w.actor = "uid:0";
    world_give_plugins(&s->w.gateways[0], s->plugins, PLUGINS);
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *s = *state;
    world_close(&s->w);
    vls_mem_free(s);
    return 0;
}

static Valise__OperatorReply *ask(struct scene *s, const char *symbol, const char *url,
                                  const char *plugin, const char *const *languages, size_t count)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorResolve resolve = VALISE__OPERATOR_RESOLVE__INIT;
    resolve.symbol = (char *)(uintptr_t)symbol;
    resolve.url = (char *)(uintptr_t)url;
    resolve.plugin = (char *)(uintptr_t)plugin;
    resolve.languages = (char **)(uintptr_t)languages;
    resolve.n_languages = count;
    resolve.with_documents = true;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_RESOLVE;
    in.resolve = &resolve;
    return world_ask(&s->w.gateways[0], &in);
}

static void check_row(const Valise__ResolveRow *row, const char *language, const char *plugin,
                      uint32_t result)
{
    assert_string_equal(row->language, language);
    assert_string_equal(row->plugin, plugin);
    assert_int_equal(row->finding->result, result);
}

static void resolve__first_has_it__second_is_not_asked(void **state)
{
    struct scene *s = *state;
    static const char *const LANGUAGES[] = {"en", "fr"};
    Valise__OperatorReply *reply = ask(s, "first=1", "", "", LANGUAGES, 2);
    assert_int_equal(reply->n_resolved, 2);
    check_row(reply->resolved[0], "en", "first", VLS_FOUND_DELIVERED);
    check_row(reply->resolved[1], "fr", "first", VLS_FOUND_DELIVERED);
    assert_true(reply->resolved[1]->has_documents);
    assert_string_equal(reply->resolved[1]->parts[0]->part->name, "found.txt");
    assert_int_equal(asked[FIRST].times, 2);
    assert_int_equal(asked[SECOND].times, 0);
    assert_string_equal(asked[FIRST].language, "fr");
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void resolve__first_has_it_not__second_is_asked_and_both_are_told(void **state)
{
    struct scene *s = *state;
    static const uint32_t NOT[] = {VLS_FOUND_NOT_PUBLISHED, VLS_FOUND_NOT_FOUND,
                                   VLS_FOUND_NEEDS_KEY, VLS_FOUND_REFUSED, VLS_FOUND_MALFORMED};
    for (size_t i = 0; i < sizeof NOT / sizeof NOT[0]; i++) {
        char symbol[32];
        snprintf(symbol, sizeof symbol, "first=%u second=1", NOT[i]);
        Valise__OperatorReply *reply = ask(s, symbol, "", "", NULL, 0);
        assert_int_equal(reply->n_resolved, 2);
        check_row(reply->resolved[0], "", "first", NOT[i]);
        check_row(reply->resolved[1], "", "second", VLS_FOUND_DELIVERED);
        valise__operator_reply__free_unpacked(reply, NULL);
    }
}

static void resolve__blocked__not_asked_again_for_a_while(void **state)
{
    struct scene *s = *state;
    for (unsigned i = 0; i < 5; i++) {
        Valise__OperatorReply *reply = ask(s, "first=6 second=5", "", "", NULL, 0);
        check_row(reply->resolved[0], "", "first", VLS_FOUND_BLOCKED);
        check_row(reply->resolved[1], "", "second", VLS_FOUND_NOT_FOUND);
        if (i > 0)
            assert_non_null(strstr(reply->resolved[0]->finding->why, "not asked again until"));
        valise__operator_reply__free_unpacked(reply, NULL);
        world_run(&s->w, MINUTE_MS);
        s->w.now_ms += MINUTE_MS;
    }
    assert_int_equal(asked[FIRST].times, 1);
    assert_int_equal(asked[SECOND].times, 5);
    s->w.now_ms += VLS_PLUGIN_BLOCKED_MS;
    valise__operator_reply__free_unpacked(ask(s, "first=1", "", "", NULL, 0), NULL);
    assert_int_equal(asked[FIRST].times, 2);
}

static void resolve__blocked_for_this_document_alone__others_and_other_languages_are_asked(
    void **state)
{
    struct scene *s = *state;
    static const char *const LANGUAGES[] = {"fr", "en", "fr"};
    for (size_t i = 0; i < 3; i++) {
        Valise__OperatorReply *reply = ask(s, "alone first=6", "", "first", &LANGUAGES[i], 1);
        check_row(reply->resolved[0], LANGUAGES[i], "first", VLS_FOUND_BLOCKED);
        valise__operator_reply__free_unpacked(reply, NULL);
    }
    assert_int_equal(asked[FIRST].times, 2);
    valise__operator_reply__free_unpacked(ask(s, "another first=1", "", "first", NULL, 0), NULL);
    assert_int_equal(asked[FIRST].times, 3);
    s->w.now_ms += VLS_PLUGIN_BLOCKED_MS;
    valise__operator_reply__free_unpacked(ask(s, "alone first=6", "", "first", LANGUAGES, 1), NULL);
    assert_int_equal(asked[FIRST].times, 4);
}

static void resolve__retry_at__not_asked_before_that_time(void **state)
{
    struct scene *s = *state;
    for (unsigned i = 0; i < 3; i++)
        valise__operator_reply__free_unpacked(ask(s, "first=9", "", "first", NULL, 0), NULL);
    assert_int_equal(asked[FIRST].times, 1);
    s->w.now_ms += 3 * MINUTE_MS;
    Valise__OperatorReply *reply = ask(s, "first=11", "", "first", NULL, 0);
    check_row(reply->resolved[0], "", "first", VLS_FOUND_QUEUED);
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void resolve__one_that_is_away_or_broken__the_next_is_asked(void **state)
{
    struct scene *s = *state;
    s->w.gateways[0].hosts_away = 1u << FIRST;
    Valise__OperatorReply *reply = ask(s, "second=3", "", "", NULL, 0);
    check_row(reply->resolved[0], "", "first", 0);
    assert_non_null(strstr(reply->resolved[0]->finding->why, "not running"));
    check_row(reply->resolved[1], "", "second", VLS_FOUND_PARTIAL);
    valise__operator_reply__free_unpacked(reply, NULL);
    s->w.gateways[0].hosts_away = 0;
    reply = ask(s, "broken", "", "", NULL, 0);
    check_row(reply->resolved[0], "", "first", 0);
    check_row(reply->resolved[1], "", "second", 0);
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void resolve__documents__for_who_is_cleared_for_their_label_alone(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *actor, *symbol;
        const char *kept_back; /* NULL: shown */
    } CASES[] = {
        {"uid:0", "first=1", NULL},
        {"uid:0", "first=1 unlabelled", "no label"},
        {"uid:0", "first=1 confidential", "not cleared"},
        {"uid:4711", "first=1", "not cleared"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        s->w.actor = CASES[i].actor;
        Valise__OperatorReply *reply = ask(s, CASES[i].symbol, "", "", NULL, 0);
        const Valise__ResolveRow *row = reply->resolved[0];
        assert_int_equal(row->n_parts, 1); /* that it is there, each may know */
        assert_int_equal(row->has_documents, CASES[i].kept_back == NULL);
        if (CASES[i].kept_back != NULL)
            assert_non_null(strstr(row->kept_back, CASES[i].kept_back));
        valise__operator_reply__free_unpacked(reply, NULL);
    }
}

static uint32_t refusal(struct scene *s, const char *symbol, const char *url, const char *plugin)
{
    Valise__OperatorReply *reply = ask(s, symbol, url, plugin, NULL, 0);
    uint32_t code = reply->outcome->code;
    valise__operator_reply__free_unpacked(reply, NULL);
    return code;
}

static void resolve__questions_that_are_none__refused(void **state)
{
    struct scene *s = *state;
    assert_int_equal(refusal(s, "", "", ""), VLS_INPUT_MALFORMED);
    assert_int_equal(refusal(s, "A", "https://b", ""), VLS_INPUT_MALFORMED);
    assert_int_equal(refusal(s, "a\nb", "", ""), VLS_INPUT_MALFORMED);
    assert_int_equal(refusal(s, "A", "", "sink"), VLS_CLI_USAGE);
    assert_int_equal(refusal(s, "A", "", "nobody"), VLS_CLI_USAGE);
    assert_int_equal(asked[FIRST].times + asked[SECOND].times, 0);
    assert_int_equal(refusal(s, "", "https://documents.example/a", "second"), VLS_OK);
    assert_string_equal(asked[SECOND].url, "https://documents.example/a");
    assert_int_equal(asked[FIRST].times, 0);
}

static void said__by_a_plugin__stands_in_the_status(void **state)
{
    struct scene *s = *state;
    Valise__PluginReport report = VALISE__PLUGIN_REPORT__INIT;
    Valise__Finding last = VALISE__FINDING__INIT;
    Valise__Metric metric = VALISE__METRIC__INIT, *metrics[] = {&metric};
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorStatus status = VALISE__OPERATOR_STATUS__INIT;
    metric.name = (char *)(uintptr_t) "documents";
    metric.count = 7;
    last.result = VLS_FOUND_BLOCKED;
    last.why = (char *)(uintptr_t) "a challenge";
    report.metrics = metrics;
    report.n_metrics = 1;
    report.last = &last;
    report.last_ms = s->w.now_ms;
    vls_route_plugin_said(s->w.gateways[0].route, SECOND, &report);
    metric.name = (char *)(uintptr_t) "No Name"; /* what is not as it has to be changes nothing */
    vls_route_plugin_said(s->w.gateways[0].route, SECOND, &report);
    vls_route_plugin_said(s->w.gateways[0].route, 99, &report);
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    in.status = &status;
    Valise__OperatorReply *reply = world_ask(&s->w.gateways[0], &in);
    assert_int_equal(reply->status->n_plugin_reports, 1);
    assert_string_equal(reply->status->plugin_reports[0]->name, "second");
    assert_string_equal(reply->status->plugin_reports[0]->report->metrics[0]->name, "documents");
    assert_int_equal(reply->status->plugin_reports[0]->report->last->result, VLS_FOUND_BLOCKED);
    valise__operator_reply__free_unpacked(reply, NULL);
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)
    const struct CMUnitTest tests[] = {
        IN_SCENE(resolve__first_has_it__second_is_not_asked),
        IN_SCENE(resolve__first_has_it_not__second_is_asked_and_both_are_told),
        IN_SCENE(resolve__blocked__not_asked_again_for_a_while),
        IN_SCENE(resolve__blocked_for_this_document_alone__others_and_other_languages_are_asked),
        IN_SCENE(resolve__retry_at__not_asked_before_that_time),
        IN_SCENE(resolve__one_that_is_away_or_broken__the_next_is_asked),
        IN_SCENE(resolve__documents__for_who_is_cleared_for_their_label_alone),
        IN_SCENE(resolve__questions_that_are_none__refused),
        IN_SCENE(said__by_a_plugin__stands_in_the_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
