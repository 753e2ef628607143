/* Requests that are answered without a person: what is found leaves once, whatever breaks off, and
 * nobody is asked who is not cleared for the question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/asked.h"
#include "store/searches.h"
#include "wire/result.h"
#include "world.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define MINUTE_MS    60000u
#define HOUR_MS      (60u * MINUTE_MS)
#define DAY_MS       (24u * HOUR_MS)
#define SEEDS        40u

enum { SINK, NEAR, OPEN, PLUGINS }; /* OPEN: a resolver that the configuration gives no clearance */

struct scene {
    struct world w;
    struct vls_config_plugin plugins[PLUGINS];
    unsigned questions[PLUGINS];
};

static char *GRANT_RESOLVE[] = {(char *)VLS_GRANT_RESOLVE};
static char *GRANT_RECEIVE[] = {(char *)VLS_GRANT_RECEIVE};
static char *UP_TO[] = {(char *)"un-sgb-2007-6/up-to:unclassified"};
static char *FROM[] = {(char *)VLS_ANSWER_HELD, (char *)VLS_ANSWER_RESOLVERS};

static struct scene *scene; /* of the test that runs */

/* A/RESULT: found with that result; in Russian it is never published. */
static uint32_t find(struct gateway *g, unsigned host, const Valise__Resolve *in,
                     Valise__Finding *out, const char **words, const char **label)
{
    unsigned result = VLS_FOUND_DELIVERED;
    scene->questions[host]++;
    assert_true(in->is_private);
    (void)sscanf(in->symbol, "A/%u", &result);
    out->result = strcmp(in->language, "ru") == 0 ? VLS_FOUND_NOT_PUBLISHED : result;
    out->retry_at_ms = result == VLS_FOUND_RETRY_AT ? g->world->now_ms + HOUR_MS : 0;
    *words = in->language[0] != '\0' ? in->language : "The document.";
    *label = "";
    return VLS_OK;
}

static void open_scene(struct scene *s, uint64_t seed)
{
    static const char *const NAMES[] = {"sink", "near", "open"};
    world_open(&s->w, seed);
    scene = s;
    for (size_t i = 0; i < PLUGINS; i++)
        s->plugins[i] =
            (struct vls_config_plugin){.name = (char *)(uintptr_t)NAMES[i],
                                       .grants = i == SINK ? GRANT_RECEIVE : GRANT_RESOLVE,
                                       .grants_count = 1,
                                       .resolve_label = i == SINK ? NULL : (char *)PUBLIC};
    s->plugins[NEAR].clearance = UP_TO;
    s->plugins[NEAR].clearance_count = 1;
    s->w.gateways[1].config.answers.from = FROM;
    s->w.gateways[1].config.answers.from_count = 2;
    s->w.gateways[1].config.answers.daily = 100;
    s->w.find = find;
    world_give_plugins(&s->w.gateways[1], s->plugins, PLUGINS);
}

static int open_one(void **state)
{
    struct scene *s = vls_mem_new(sizeof *s);
    open_scene(s, 5);
    *state = s;
    return 0;
}

static int close_one(void **state)
{
    struct scene *s = *state;
    world_close(&s->w);
    vls_mem_free(s);
    return 0;
}

/* -- what a test does -------------------------------------------------------------------------- */

static void request(struct scene *s, const char *symbol, const char *label,
                    const char *const *languages, size_t count, struct submitted *out)
{
    struct vls_asked asked = {.symbol = (char *)(uintptr_t)symbol,
                              .issuer = (char *)(uintptr_t) "",
                              .language_count = count};
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__Part part = VALISE__PART__INIT, *parts[] = {&part};
    struct vls_buf json;
    vls_buf_init(&json, VLS_ASKED_MAX);
    for (size_t i = 0; i < count; i++)
        asked.languages[i] = (char *)(uintptr_t)languages[i];
    assert_true(vls_ok(vls_asked_write(&asked, &json, NULL)));
    part.name = (char *)(uintptr_t)VLS_ASKED_FILE;
    part.media_type = (char *)(uintptr_t)VLS_ASKED_MEDIA;
    in.kind = (char *)(uintptr_t) "information-request";
    in.label = (char *)(uintptr_t)label;
    in.n_parts = 1;
    in.parts = parts;
    world_submit_filled(&s->w.gateways[0], &in, vls_buf_text(&json), out);
    vls_buf_fini(&json);
}

/* vls_search_fn */
static struct vls_status take_state(void *ctx, const struct vls_search *search, struct vls_why *why)
{
    (void)why;
    *(enum vls_search_state *)ctx = search->state;
    return VLS_DONE;
}

static enum vls_search_state search_of(struct scene *s, const struct vls_id *id)
{
    enum vls_search_state state = (enum vls_search_state)0;
    (void)!vls_ok(vls_store_search_get(s->w.gateways[1].store, id, take_state, &state, NULL));
    return state;
}

struct answers {
    unsigned count;
    enum vls_state state;
};

/* vls_message_fn */
static struct vls_status count_answer(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct answers *a = ctx;
    (void)why;
    if (strcmp(m->kind, "information-response") == 0) {
        a->count++;
        a->state = m->state;
    }
    return VLS_DONE;
}

static struct answers answers_of(struct gateway *g, enum vls_direction direction)
{
    struct answers a = {0, VLS_STATE_NONE};
    const struct vls_filter filter = {.direction = direction, .limit = 100};
    assert_true(vls_ok(vls_store_list(g->store, &filter, count_answer, &a, NULL)));
    return a;
}

/* Of the only answer that un has. */
static const struct world_delivered *the_answer(struct scene *s)
{
    const struct gateway *un = &s->w.gateways[0];
    assert_int_equal(un->delivered_count, 1);
    return &un->delivered[0];
}

/* -- what is found ----------------------------------------------------------------------------- */

static void resolver__has_it__answered_once_and_in_full(void **state)
{
    struct scene *s = *state;
    static const char *const LANGUAGES[] = {"en", "fr"};
    struct submitted asked;
    request(s, "A/1", PUBLIC, LANGUAGES, 2, &asked);
    world_run(&s->w, 5 * MINUTE_MS);
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_ANSWERED);
    assert_non_null(strstr(the_answer(s)->descriptor, "\"answerState\":\"full\""));
    assert_string_equal(the_answer(s)->first, "enfr");
    assert_non_null(strstr(the_answer(s)->descriptor, "\"fr-found.txt\"")); /* both had one name */
    assert_int_equal(answers_of(&s->w.gateways[1], VLS_OUT).count, 1);
    assert_int_equal(s->questions[OPEN], 0);
    assert_int_equal(s->w.alarms, 0);
}

static void resolver__lacks_a_language__answered_in_part(void **state)
{
    struct scene *s = *state;
    static const char *const LANGUAGES[] = {"en", "ru", "fr"};
    struct submitted asked;
    request(s, "A/1", PUBLIC, LANGUAGES, 3, &asked);
    world_run(&s->w, 5 * MINUTE_MS);
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_ANSWERED);
    assert_non_null(strstr(the_answer(s)->descriptor, "\"answerState\":\"partial\""));
    assert_string_equal(the_answer(s)->first, "enfr");
}

static void held__left_before__is_found_without_a_question(void **state)
{
    struct scene *s = *state;
    struct gateway *iom = &s->w.gateways[1];
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__About about = VALISE__ABOUT__INIT, *abouts[] = {&about};
    char *symbols[] = {(char *)"MC/2398"};
    struct submitted sent;
    about.issuer = (char *)(uintptr_t) "iom";
    about.symbols = symbols;
    about.n_symbols = 1;
    in.kind = (char *)(uintptr_t) "publication";
    in.label = (char *)(uintptr_t)PUBLIC;
    in.distribution = (char *)(uintptr_t) "general";
    in.about = abouts;
    in.n_about = 1;
    world_submit_filled(iom, &in, "As it was sent.", &sent);
    world_run(&s->w, 5 * MINUTE_MS);
    assert_int_equal(s->w.gateways[0].delivered_count, 1);
    struct submitted asked;
    request(s, "mc/2398", PUBLIC, NULL, 0, &asked);
    world_run(&s->w, 5 * MINUTE_MS);
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_ANSWERED);
    assert_int_equal(s->w.gateways[0].delivered_count, 2);
    const struct world_delivered *answer = &s->w.gateways[0].delivered[1];
    assert_string_equal(answer->first, "As it was sent.");
    assert_non_null(
        strstr(answer->descriptor, "\"distribution\":\"general\"")); /* as it was sent */
    assert_non_null(strstr(answer->descriptor, "MC/2398"));
    assert_int_equal(s->questions[NEAR], 0);
}

static void held__withheld_by_an_operator__is_not_found(void **state)
{
    struct scene *s = *state;
    struct gateway *iom = &s->w.gateways[1];
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__About about = VALISE__ABOUT__INIT, *abouts[] = {&about};
    char *symbols[] = {(char *)"MC/2398"};
    struct submitted sent;
    about.issuer = (char *)(uintptr_t) "iom";
    about.symbols = symbols;
    about.n_symbols = 1;
    in.kind = (char *)(uintptr_t) "publication";
    in.label = (char *)(uintptr_t)CONFIDENTIAL; /* referred */
    in.about = abouts;
    in.n_about = 1;
    world_submit_filled(iom, &in, "Not for them.", &sent);
    world_run(&s->w, MINUTE_MS);
    assert_string_equal(sent.state, "referred");
    assert_int_equal(world_act(iom, &sent.id, VALISE__OPERATOR_ACT__VERB__WITHHOLD).code, VLS_OK);
    struct submitted asked;
    request(s, "MC/2398", PUBLIC, NULL, 0, &asked);
    world_run(&s->w, 5 * MINUTE_MS);
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_ANSWERED); /* by the resolver */
    assert_string_equal(the_answer(s)->first, "The document.");
}

/* -- what is not ------------------------------------------------------------------------------- */

static void nothing__said_by_the_resolver__no_answer_leaves(void **state)
{
    struct scene *s = *state;
    static const struct {
        uint32_t found;
        enum vls_search_state state;
    } CASES[] = {{VLS_FOUND_NOT_FOUND, VLS_SEARCH_NOTHING},
                 {VLS_FOUND_NOT_PUBLISHED, VLS_SEARCH_NOTHING},
                 {VLS_FOUND_NEEDS_KEY, VLS_SEARCH_PERSON},
                 {VLS_FOUND_REFUSED, VLS_SEARCH_PERSON},
                 {VLS_FOUND_MALFORMED, VLS_SEARCH_PERSON},
                 {VLS_FOUND_BLOCKED, VLS_SEARCH_PERSON}}; /* the last: it rests then */
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char symbol[16];
        snprintf(symbol, sizeof symbol, "A/%u", CASES[i].found);
        struct submitted asked;
        request(s, symbol, PUBLIC, NULL, 0, &asked);
        world_run(&s->w, 5 * MINUTE_MS);
        assert_int_equal(search_of(s, &asked.id), CASES[i].state);
    }
    assert_int_equal(answers_of(&s->w.gateways[1], VLS_OUT).count, 0);
}

static void later__said_by_the_resolver__asked_at_that_time_and_not_before(void **state)
{
    struct scene *s = *state;
    struct submitted asked;
    request(s, "A/9", PUBLIC, NULL, 0, &asked);
    world_run(&s->w, HOUR_MS - MINUTE_MS);
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_WAITING);
    assert_int_equal(s->questions[NEAR], 1);
    world_run(&s->w, HOUR_MS + MINUTE_MS); /* from when something happened last */
    assert_int_equal(s->questions[NEAR], 2);
    world_run(&s->w, 2 * DAY_MS); /* not for ever */
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_PERSON);
    assert_int_equal(s->questions[NEAR], 8);
}

static void confidential__request__nobody_is_asked(void **state)
{
    struct scene *s = *state;
    struct submitted asked;
    request(s, "A/1", CONFIDENTIAL, NULL, 0, &asked);
    world_run(&s->w, MINUTE_MS);
    assert_int_equal(
        world_act(&s->w.gateways[0], &asked.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code, VLS_OK);
    world_run(&s->w, 5 * MINUTE_MS);
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_PERSON);
    assert_int_equal(s->questions[NEAR] + s->questions[OPEN], 0);
}

static void daily__reached__the_others_wait_for_the_next_day(void **state)
{
    struct scene *s = *state;
    unsigned answered = 0;
    struct submitted asked[4];
    s->w.gateways[1].config.answers.daily = 2;
    for (size_t i = 0; i < 4; i++) {
        request(s, "A/1", PUBLIC, NULL, 0, &asked[i]);
        world_run(&s->w, MINUTE_MS);
    }
    for (size_t i = 0; i < 4; i++)
        answered += search_of(s, &asked[i].id) == VLS_SEARCH_ANSWERED;
    assert_int_equal(answered, 2);
    world_run(&s->w, DAY_MS + HOUR_MS);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(search_of(s, &asked[i].id), VLS_SEARCH_ANSWERED);
}

static void person__answers_first__the_search_ends(void **state)
{
    struct scene *s = *state;
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    struct submitted answered, asked;
    request(s, "A/9", PUBLIC, NULL, 0, &asked); /* come back later */
    world_run(&s->w, MINUTE_MS);
    in.kind = (char *)(uintptr_t) "information-response";
    in.label = (char *)(uintptr_t)PUBLIC;
    in.answer_state = (char *)(uintptr_t) "full";
    in.in_reply_to = (ProtobufCBinaryData){VLS_ID_BYTES, asked.id.bytes};
    world_submit_filled(&s->w.gateways[1], &in, "By a person.", &answered);
    world_run(&s->w, 2 * HOUR_MS);
    assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_NOTHING);
    assert_string_equal(the_answer(s)->first, "By a person.");
    assert_int_equal(s->questions[NEAR], 1);
}

/* -- everything breaks off --------------------------------------------------------------------- */

static void crashes__anywhere__one_answer(void **state)
{
    static const char *const LANGUAGES[] = {"en", "fr", "ru"};
    unsigned answered = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct scene *s = vls_mem_new(sizeof *s);
        open_scene(s, seed);
        s->w.faults = WORLD_CRYPTO_DIES | WORLD_READER_DIES | WORLD_RESOLVER_DIES |
                      WORLD_LOSE_ANSWER | WORLD_REPEAT;
        struct submitted asked;
        request(s, "A/1", PUBLIC, LANGUAGES, 3, &asked);
        for (unsigned i = 0; i < 6; i++) { /* the power fails at one step after the other */
            world_step(&s->w, (unsigned)(seed % 7) + i);
            world_crash(&s->w.gateways[1]);
        }
        s->w.faults = 0;
        world_run(&s->w, 2 * DAY_MS);
        if (!vls_ok(asked.status)) { /* un's own crypto role died over it: it was never asked */
            world_close(&s->w);
            vls_mem_free(s);
            continue;
        }
        assert_int_equal(search_of(s, &asked.id), VLS_SEARCH_ANSWERED);
        assert_int_equal(answers_of(&s->w.gateways[1], VLS_OUT).count, 1);
        assert_int_equal(answers_of(&s->w.gateways[1], VLS_OUT).state, VLS_STATE_RECEIPTED);
        assert_int_equal(answers_of(&s->w.gateways[0], VLS_IN).count, 1);
        assert_int_equal(s->questions[OPEN], 0);
        answered++;
        world_close(&s->w);
        vls_mem_free(s);
    }
    assert_true(answered > SEEDS / 2);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_one, close_one)
    const struct CMUnitTest tests[] = {
        TEST(resolver__has_it__answered_once_and_in_full),
        TEST(resolver__lacks_a_language__answered_in_part),
        TEST(held__left_before__is_found_without_a_question),
        TEST(held__withheld_by_an_operator__is_not_found),
        TEST(nothing__said_by_the_resolver__no_answer_leaves),
        TEST(later__said_by_the_resolver__asked_at_that_time_and_not_before),
        TEST(confidential__request__nobody_is_asked),
        TEST(daily__reached__the_others_wait_for_the_next_day),
        TEST(person__answers_first__the_search_ends),
        cmocka_unit_test(crashes__anywhere__one_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
