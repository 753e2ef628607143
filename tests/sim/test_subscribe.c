/* Subscriptions: what a source brings goes once to whom it concerns, whatever breaks off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/subscriptions.h"
#include "world.h"

#define PUBLIC    "un-sgb-2007-6/unclassified"
#define MINUTE_MS 60000u
#define DOCUMENTS 12u
#define SEEDS     30u
#define SOURCE    "plugin:harvest"

/* -- what a test does -------------------------------------------------------------------------- */

static void subscribe(struct gateway *g, const char *name, const char *pattern)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorSubscription ask = VALISE__OPERATOR_SUBSCRIPTION__INIT;
    Valise__Subscription one = VALISE__SUBSCRIPTION__INIT;
    char *patterns[] = {(char *)(uintptr_t)pattern};
    one.name = (char *)(uintptr_t)name;
    one.party = (char *)(uintptr_t) "iom";
    one.symbols = patterns;
    one.n_symbols = 1;
    ask.verb = VALISE__OPERATOR_SUBSCRIPTION__VERB__ADD;
    ask.subscription = &one;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_SUBSCRIPTION;
    in.subscription = &ask;
    Valise__OperatorReply *reply = world_ask(g, &in);
    assert_int_equal(reply->outcome->code, VLS_OK);
    valise__operator_reply__free_unpacked(reply, NULL);
}

/* Document `n` of the harvest, with the cursor behind it. */
static void bring(struct gateway *g, unsigned n, struct submitted *out)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__About about = VALISE__ABOUT__INIT, *abouts[] = {&about};
    Valise__StateItem item = VALISE__STATE_ITEM__INIT, *items[] = {&item};
    char symbol[32], key[32], cursor[16], text[32], *symbols[] = {symbol};
    snprintf(symbol, sizeof symbol, n % 3 == 0 ? "S/%u" : "A/%u", n);
    snprintf(key, sizeof key, "record-%u", n);
    snprintf(cursor, sizeof cursor, "%u", n);
    snprintf(text, sizeof text, "This is document %u.", n);
    about.issuer = (char *)(uintptr_t) "un";
    about.symbols = symbols;
    about.n_symbols = 1;
    item.key = (char *)(uintptr_t) "cursor";
    item.value = (ProtobufCBinaryData){strlen(cursor), (uint8_t *)cursor};
    in.kind = (char *)(uintptr_t) "publication";
    in.label = (char *)(uintptr_t)PUBLIC;
    in.origin_key = key;
    in.about = abouts;
    in.n_about = 1;
    in.state = items;
    in.n_state = 1;
    world_bring(g, SOURCE, &in, text, out);
}

/* vls_state_fn */
static struct vls_status take_cursor(void *ctx, const char *key, struct vls_slice value,
                                     struct vls_why *why)
{
    (void)why;
    assert_string_equal(key, "cursor");
    snprintf(ctx, 16, "%.*s", (int)value.len, value.at);
    return VLS_DONE;
}

/* As the source finds it when it starts: 0 for none. */
static unsigned cursor_of(struct gateway *g)
{
    char text[16] = "0";
    uint64_t cursor = 0;
    assert_true(vls_ok(vls_store_state_each(g->store, "harvest", take_cursor, text, NULL)));
    assert_true(vls_ok(vls_number_read(text, 0, 1000, &cursor)));
    return (unsigned)cursor;
}

/* What iom has of the harvest: each of those that it wants, once. */
static void check_arrived(struct world *w, unsigned documents)
{
    const struct gateway *iom = &w->gateways[1];
    unsigned wanted = 0;
    for (unsigned n = 1; n <= documents; n++) {
        char text[32];
        unsigned times = 0;
        snprintf(text, sizeof text, "This is document %u.", n);
        for (size_t i = 0; i < iom->delivered_count; i++)
            times += strcmp(iom->delivered[i].first, text) == 0;
        assert_int_equal(times, n % 3 != 0);
        wanted += n % 3 != 0;
    }
    assert_int_equal(iom->delivered_count, wanted);
}

/* -- tests ------------------------------------------------------------------------------------- */

static void document__wanted_twice__goes_once_and_the_cursor_with_it(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct submitted out;
    subscribe(un, "all-a", "A/*");
    subscribe(un, "the-first", "A/1");
    bring(un, 1, &out);
    world_run(w, MINUTE_MS);
    assert_true(out.is_answered && vls_ok(out.status));
    assert_string_equal(out.state, "released");
    assert_int_equal(cursor_of(un), 1);
    check_arrived(w, 1);
    bring(un, 1, &out); /* the answer was lost on its way to the source */
    world_run(w, MINUTE_MS);
    assert_string_equal(out.state, "receipted");
    check_arrived(w, 1);
}

static void document__that_nobody_wants__is_not_kept_and_the_cursor_goes_on(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct submitted out;
    subscribe(un, "all-a", "A/*");
    bring(un, 3, &out); /* S/3 */
    world_run(w, MINUTE_MS);
    assert_true(out.is_answered && vls_ok(out.status));
    assert_string_equal(out.state, "unwanted");
    assert_int_equal(cursor_of(un), 3);
    assert_int_equal(w->gateways[1].delivered_count, 0);
}

static void document__sealing_fails__comes_again_and_the_cursor_stays(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct submitted out;
    subscribe(un, "all-a", "A/*");
    w->faults = WORLD_CRYPTO_DIES;
    w->is_always_wrong = true;
    bring(un, 1, &out);
    world_run(w, MINUTE_MS);
    assert_true(out.is_answered);
    assert_false(vls_ok(out.status));
    assert_int_equal(vls_class_of(out.status), VLS_CLASS_UNCERTAIN); /* for the source: again */
    assert_int_equal(cursor_of(un), 0);
    w->faults = 0;
    bring(un, 1, &out);
    world_run(w, MINUTE_MS);
    assert_int_equal(cursor_of(un), 1);
    check_arrived(w, 1);
}

/* The source goes on behind the cursor that is on disk, as its host does after a crash. */
static void harvest(struct world *w, uint64_t seed)
{
    struct gateway *un = &w->gateways[0];
    struct submitted out[DOCUMENTS + 1];
    unsigned crashes = 0;
    while (cursor_of(un) < DOCUMENTS) {
        unsigned next = cursor_of(un) + 1;
        bring(un, next, &out[next]);
        if (crashes < DOCUMENTS && (next + seed) % 2 == 0) {
            world_step(w, (unsigned)((seed + crashes) % 5));
            world_crash(un);
            crashes++;
            continue;
        }
        for (unsigned i = 0; i < 1000 && !out[next].is_answered; i++)
            world_step(w, 1);
        assert_true(out[next].is_answered);
    }
}

static void harvest__the_power_fails_again_and_again__none_missed_and_none_twice(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world *w = vls_mem_new(sizeof *w);
        world_open(w, seed);
        subscribe(&w->gateways[0], "all-a", "A/*");
        w->faults = WORLD_CRYPTO_DIES | WORLD_LOSE_ANSWER | WORLD_LOSE_REQUEST | WORLD_REPEAT;
        harvest(w, seed);
        w->faults = 0;
        world_run(w, 60 * MINUTE_MS);
        check_arrived(w, DOCUMENTS);
        world_close(w);
        vls_mem_free(w);
    }
}

static int open_one(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 9);
    *state = w;
    return 0;
}

static int close_one(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_one, close_one)
    const struct CMUnitTest tests[] = {
        TEST(document__wanted_twice__goes_once_and_the_cursor_with_it),
        TEST(document__that_nobody_wants__is_not_kept_and_the_cursor_goes_on),
        TEST(document__sealing_fails__comes_again_and_the_cursor_stays),
        cmocka_unit_test(harvest__the_power_fails_again_and_again__none_missed_and_none_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
