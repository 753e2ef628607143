/* Two gateways, one exchange: what a message goes through when all goes well, when something goes
 * wrong, and when everything does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <schemas/envelope.pb-c.h>
#include <schemas/exchange.pb-c.h>

#include "base/mem.h"
#include "store/store_internal.h"
#include "world.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define STRICT       "un-sgb-2007-6/strictly-confidential"
#define A_WHILE      60000u
#define AN_HOUR      3600000u

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 1);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

static struct submitted send_one(struct world *w, const char *kind, const char *label,
                                 const char *text)
{
    struct submitted s;
    world_submit(&w->gateways[0], kind, label, "", text, &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    return s;
}

static void publication__unclassified__receipted_and_delivered_once(void **state)
{
    struct world *w = *state;
    struct submitted s = send_one(w, "publication", PUBLIC, "For everyone.");
    assert_string_equal(s.state, "released");
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_DELIVERED);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
    assert_string_equal(w->gateways[1].delivered[0].first, "For everyone.");
    assert_int_equal(w->alarms, 0);
}

static void both_directions__at_once__all_arrive(void **state)
{
    struct world *w = *state;
    struct submitted s[2][300];
    char text[32];
    for (int i = 0; i < 300; i++)
        for (int side = 0; side < 2; side++) {
            snprintf(text, sizeof text, "document %d of %d", i, side);
            world_submit(&w->gateways[side], "publication", PUBLIC, "", text, &s[side][i]);
            if (i % 50 == 0)
                world_step(w, 200);
        }
    world_run(w, A_WHILE);
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 300; i++) {
            if (s[side][i].status.code == VLS_ROUTE_BUSY)
                continue;
            assert_int_equal(world_state(&w->gateways[side], &s[side][i].id), VLS_STATE_RECEIPTED);
            assert_int_equal(world_delivered(&w->gateways[1 - side], &s[side][i].id), 1);
        }
    assert_int_equal(w->alarms, 0);
}

static void plugin__without_receive__is_given_nothing(void **state)
{
    struct world *w = *state;
    w->gateways[1].plugin.grants_count = 0;
    struct submitted s = send_one(w, "publication", PUBLIC, "Not for every plugin.");
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 0);
    w->gateways[1].plugin.grants_count = 1;
    world_run(w, A_WHILE);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
}

static void confidential__referred__leaves_only_when_released(void **state)
{
    struct world *w = *state;
    struct submitted s = send_one(w, "information-request", CONFIDENTIAL, "Between us.");
    assert_string_equal(s.state, "referred");
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_NONE);
    assert_true(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(w, A_WHILE);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
}

static void strictly_confidential__withheld__never_leaves(void **state)
{
    struct world *w = *state;
    struct submitted s = send_one(w, "publication", STRICT, "Never.");
    assert_string_equal(s.state, "withheld");
    assert_int_equal(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
                     VLS_ROUTE_STATE);
    world_run(w, A_WHILE);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_WITHHELD);
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_NONE);
}

static void label__missing_or_unknown__quarantined(void **state)
{
    struct world *w = *state;
    static const char *const LABELS[] = {"", "no-such-scheme/secret", "un-sgb-2007-6/no-such-level",
                                         "secret"};
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        struct submitted s = send_one(w, "publication", LABELS[i], "What is it?");
        assert_true(vls_ok(s.status));
        assert_string_equal(s.state, "quarantined");
        assert_true(s.reason[0] != '\0');
        assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_NONE);
    }
}

static void kind__unknown__refused_with_its_name(void **state)
{
    struct world *w = *state;
    struct submitted s = send_one(w, "gossip", PUBLIC, "Have you heard?");
    assert_int_equal(s.status.code, VLS_POLICY_KIND);
    assert_non_null(strstr(s.reason, "gossip"));
}

static void same_key__sent_twice__one_message(void **state)
{
    struct world *w = *state;
    struct submitted first, second;
    world_submit(&w->gateways[0], "publication", PUBLIC, "key-1", "Once.", &first);
    world_run(w, A_WHILE);
    world_submit(&w->gateways[0], "publication", PUBLIC, "key-1", "Once.", &second);
    world_run(w, A_WHILE);
    assert_true(vls_id_is_equal(&first.id, &second.id));
    assert_string_equal(second.state, "receipted");
    assert_int_equal(world_delivered(&w->gateways[1], &first.id), 1);
}

static void same_bytes__sent_twice__said_to_be_a_duplicate(void **state)
{
    struct world *w = *state;
    struct submitted first = send_one(w, "publication", PUBLIC, "The same.");
    struct submitted second = send_one(w, "publication", PUBLIC, "The same.");
    assert_false(first.is_duplicate);
    assert_true(second.is_duplicate);
    assert_false(vls_id_is_equal(&first.id, &second.id));
}

static void large_content__as_file__pushed_before_its_batch(void **state)
{
    struct world *w = *state;
    size_t len = 3u << 20;
    char *text = vls_mem_new(len + 1);
    memset(text, 'x', len);
    struct submitted s = send_one(w, "publication", PUBLIC, text);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
    vls_mem_free(text);
}

/* -- tampering --------------------------------------------------------------------------------- */

static void flip_manifest(void *request)
{
    Valise__ExchangeRequest *r = request;
    for (size_t i = 0; i < r->n_messages; i++)
        r->messages[i]->manifest.data[r->messages[i]->manifest.len / 2] ^= 1;
}

static void flip_content(void *request)
{
    Valise__ExchangeRequest *r = request;
    for (size_t i = 0; i < r->n_messages; i++)
        r->messages[i]->content.data[0] ^= 1;
}

static void flip_proof(void *request)
{
    Valise__ExchangeRequest *r = request;
    for (size_t i = 0; i < r->n_messages; i++)
        r->messages[i]->inclusion->leaf_index += 1;
}

static void flip_checkpoint(void *request)
{
    Valise__ExchangeRequest *r = request;
    r->checkpoint[strlen(r->checkpoint) / 3] ^= 1;
}

/* Lines of signers that nobody knows are allowed, and are not to fill the store. */
static void pad_checkpoint(void *request)
{
    Valise__ExchangeRequest *r = request;
    struct vls_buf note;
    vls_buf_init(&note, VLS_MAX_NOTE);
    assert_true(vls_ok(vls_buf_add_text(&note, r->checkpoint)));
    while (note.len < VLS_MAX_NOTE - 64)
        assert_true(vls_ok(vls_buf_add_text(&note, "\u2014 nobody AAAAAAAAAAAAAAAAAAAAAAAA\n")));
    free(r->checkpoint);
    r->checkpoint = strdup(vls_buf_text(&note));
    vls_buf_fini(&note);
}

static void other_version(void *request)
{
    ((Valise__ExchangeRequest *)request)->version = 99;
}

static void tampered__in_any_way__refused_and_the_next_goes_through(void **state)
{
    static void (*const TAMPERINGS[])(void *) = {flip_manifest,   flip_content,   flip_proof,
                                                 flip_checkpoint, pad_checkpoint, other_version};
    (void)state;
    for (size_t i = 0; i < sizeof TAMPERINGS / sizeof TAMPERINGS[0]; i++) {
        struct world *w = vls_mem_new(sizeof *w);
        world_open(w, i + 1);
        w->tamper = TAMPERINGS[i];
        struct submitted bad = send_one(w, "publication", PUBLIC, "Look what they made of me.");
        assert_int_equal(world_delivered(&w->gateways[1], &bad.id), 0);
        assert_int_not_equal(world_state(&w->gateways[0], &bad.id), VLS_STATE_RECEIPTED);
        assert_true(w->last_warning.text[0] != '\0');
        w->tamper = NULL;
        struct submitted good = send_one(w, "publication", PUBLIC, "As I was.");
        world_run(w, AN_HOUR);
        assert_int_equal(world_state(&w->gateways[0], &good.id), VLS_STATE_RECEIPTED);
        assert_int_equal(world_delivered(&w->gateways[1], &good.id), 1);
        world_close(w);
        vls_mem_free(w);
    }
}

/* -- the same again, and another under the same id --------------------------------------------- */

/** The receipt that a gateway keeps of a message. Release with vls_mem_free(). */
static char *receipt_at(struct gateway *g, const struct vls_id *id, size_t *out_len)
{
    struct vls_message *m = NULL;
    struct vls_why why = {""};
    assert_true(vls_ok(vls_store_get(g->store, id, &m, &why)));
    assert_true(m->receipt.len > 0);
    char *receipt = vls_mem_text((const char *)m->receipt.at, m->receipt.len);
    *out_len = m->receipt.len;
    vls_message_free(&m);
    return receipt;
}

static void batch__repeated_after_its_answer_was_lost__same_receipt_bytes(void **state)
{
    struct world *w = *state;
    struct gateway *from = &w->gateways[0], *to = &w->gateways[1];
    struct submitted s;
    size_t first_len = 0, again_len = 0, kept_len = 0;
    world_submit(from, "publication", PUBLIC, "", "Did you get it?", &s);
    while (!s.is_answered || world_state(to, &s.id) == VLS_STATE_NONE)
        world_step(w, 1);
    assert_int_not_equal(world_state(from, &s.id), VLS_STATE_RECEIPTED);
    char *first = receipt_at(to, &s.id, &first_len);
    world_crash(from); /* whoever waited for the answer is no more */
    world_run(w, AN_HOUR);
    assert_int_equal(world_state(from, &s.id), VLS_STATE_RECEIPTED);
    char *again = receipt_at(to, &s.id, &again_len), *kept = receipt_at(from, &s.id, &kept_len);
    assert_int_equal(first_len, again_len);
    assert_memory_equal(first, again, first_len);
    assert_int_equal(first_len, kept_len);
    assert_memory_equal(first, kept, first_len);
    assert_int_equal(world_delivered(to, &s.id), 1);
    assert_int_equal(w->alarms, 0);
    vls_mem_free(first);
    vls_mem_free(again);
    vls_mem_free(kept);
}

/** What give_other_id() writes into the manifests of a batch. */
static struct vls_id known_id;

static void give_other_id(void *request)
{
    Valise__ExchangeRequest *r = request;
    for (size_t i = 0; i < r->n_messages; i++) {
        ProtobufCBinaryData *manifest = &r->messages[i]->manifest;
        Valise__Manifest *m = valise__manifest__unpack(NULL, manifest->len, manifest->data);
        assert_non_null(m);
        assert_int_equal(m->id.len, VLS_ID_BYTES);
        memcpy(m->id.data, known_id.bytes, VLS_ID_BYTES);
        assert_int_equal(valise__manifest__get_packed_size(m), manifest->len);
        valise__manifest__pack(m, manifest->data);
        valise__manifest__free_unpacked(m, NULL);
    }
}

static void same_id__with_another_manifest__refused_with_an_alarm(void **state)
{
    struct world *w = *state;
    struct gateway *from = &w->gateways[0], *to = &w->gateways[1];
    struct submitted first = send_one(w, "publication", PUBLIC, "The first of this id.");
    size_t before_len = 0, after_len = 0;
    char *before = receipt_at(to, &first.id, &before_len);
    known_id = first.id;
    w->tamper = give_other_id;
    struct submitted second;
    world_submit(from, "publication", PUBLIC, "", "Another under its id.", &second);
    while (w->alarms == 0)
        world_step(w, 1);
    assert_non_null(strstr(w->last_warning.text, "is known with another manifest"));
    world_run(w, A_WHILE);
    assert_int_not_equal(world_state(from, &second.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_state(to, &second.id), VLS_STATE_NONE);
    assert_int_equal(world_delivered(to, &first.id), 1);
    char *after = receipt_at(to, &first.id, &after_len);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);
    vls_mem_free(before);
    vls_mem_free(after);
    w->tamper = NULL;
    world_run(w, AN_HOUR);
    assert_int_equal(world_state(from, &second.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_delivered(to, &second.id), 1);
}

/* -- a partner that is away -------------------------------------------------------------------- */

static void partner__away__deferred_then_sent(void **state)
{
    struct world *w = *state;
    w->gateways[1].is_down = true;
    struct submitted s = send_one(w, "publication", PUBLIC, "Anyone there?");
    enum vls_state waiting = world_state(&w->gateways[0], &s.id);
    assert_true(waiting == VLS_STATE_DEFERRED || waiting == VLS_STATE_CARRYING);
    w->gateways[1].is_down = false;
    world_run(w, AN_HOUR);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
}

static void hold__then_release__goes_again(void **state)
{
    struct world *w = *state;
    w->gateways[1].is_down = true;
    struct submitted s = send_one(w, "publication", PUBLIC, "Wait.");
    while (world_state(&w->gateways[0], &s.id) != VLS_STATE_DEFERRED)
        world_step(w, 1);
    assert_true(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__HOLD)));
    w->gateways[1].is_down = false;
    world_run(w, AN_HOUR);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_HELD);
    assert_true(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(w, AN_HOUR);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
}

/* -- everything goes wrong --------------------------------------------------------------------- */

#define STORM_MESSAGES 60
#define STORM_SEEDS    12

/* Whatever is lost, repeated or killed: what was acknowledged arrives, and is one message. */
static void storm(uint64_t seed, bool with_crashes)
{
    struct world *w = vls_mem_new(sizeof *w);
    struct submitted s[STORM_MESSAGES];
    world_open(w, seed);
    w->faults =
        WORLD_LOSE_REQUEST | WORLD_LOSE_ANSWER | WORLD_REPEAT | WORLD_CRYPTO_DIES | WORLD_SINK_DIES;
    for (int i = 0; i < STORM_MESSAGES; i++) {
        char text[64], key[32];
        snprintf(text, sizeof text, "document %d of seed %llu", i, (unsigned long long)seed);
        snprintf(key, sizeof key, "key-%d", i);
        world_submit(&w->gateways[i % 2], "publication", PUBLIC, key, text, &s[i]);
        world_step(w, 1 + (unsigned)(seed + (uint64_t)i) % 40);
        if (with_crashes && i % 7 == 3)
            world_crash(&w->gateways[(unsigned)(seed + (uint64_t)i) % 2]);
    }
    world_run(w, A_WHILE);
    w->faults = 0;
    world_run(w, AN_HOUR);
    for (int i = 0; i < STORM_MESSAGES; i++) {
        struct gateway *from = &w->gateways[i % 2], *to = &w->gateways[1 - i % 2];
        if (!s[i].is_answered || !vls_ok(s[i].status))
            continue; /* nothing was promised */
        assert_int_equal(world_state(from, &s[i].id), VLS_STATE_RECEIPTED);
        assert_int_equal(world_state(to, &s[i].id), VLS_STATE_DELIVERED);
        assert_true(world_delivered(to, &s[i].id) >= 1);
    }
    assert_int_equal(w->alarms, 0);
    world_close(w);
    vls_mem_free(w);
}

static void storm__of_faults__nothing_lost_nothing_doubled(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= STORM_SEEDS; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        storm(seed, false);
    }
}

static void storm__with_crashes__nothing_lost_nothing_doubled(void **state)
{
    (void)state;
    for (uint64_t seed = 101; seed <= 100 + STORM_SEEDS; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        storm(seed, true);
    }
}

/* A step in which the disk takes nothing more: what is in the open transaction is lost. */
static void step_with_failing_commits(struct world *w, unsigned *number)
{
    world_step(w, 1);
    for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
        struct vls_store *store = w->gateways[i].store;
        if (store->is_open_transaction && ++*number % 3 == 0)
            store->broken = (struct vls_status){VLS_STORE_FULL};
    }
}

static void commits__that_fail__leave_nothing_behind_under_way(void **state)
{
    struct world *w = *state;
    struct submitted s[STORM_MESSAGES];
    unsigned number = 0;
    for (int i = 0; i < STORM_MESSAGES; i++) {
        char text[64], key[32];
        snprintf(text, sizeof text, "document %d", i);
        snprintf(key, sizeof key, "key-%d", i);
        world_submit(&w->gateways[i % 2], "publication", PUBLIC, key, text, &s[i]);
        for (int step = 0; step < 20; step++)
            step_with_failing_commits(w, &number);
    }
    world_run(w, AN_HOUR);
    for (int i = 0; i < STORM_MESSAGES; i++) {
        struct gateway *from = &w->gateways[i % 2], *to = &w->gateways[1 - i % 2];
        assert_true(s[i].is_answered);
        if (!vls_ok(s[i].status))
            continue;
        assert_int_equal(world_state(from, &s[i].id), VLS_STATE_RECEIPTED);
        assert_int_equal(world_state(to, &s[i].id), VLS_STATE_DELIVERED);
    }
    assert_true(w->alarms > 0); /* some did fail */
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(publication__unclassified__receipted_and_delivered_once),
        IN_WORLD(both_directions__at_once__all_arrive),
        IN_WORLD(plugin__without_receive__is_given_nothing),
        IN_WORLD(confidential__referred__leaves_only_when_released),
        IN_WORLD(strictly_confidential__withheld__never_leaves),
        IN_WORLD(label__missing_or_unknown__quarantined),
        IN_WORLD(kind__unknown__refused_with_its_name),
        IN_WORLD(same_key__sent_twice__one_message),
        IN_WORLD(same_bytes__sent_twice__said_to_be_a_duplicate),
        IN_WORLD(large_content__as_file__pushed_before_its_batch),
        cmocka_unit_test(tampered__in_any_way__refused_and_the_next_goes_through),
        IN_WORLD(batch__repeated_after_its_answer_was_lost__same_receipt_bytes),
        IN_WORLD(same_id__with_another_manifest__refused_with_an_alarm),
        IN_WORLD(partner__away__deferred_then_sent),
        IN_WORLD(hold__then_release__goes_again),
        IN_WORLD(commits__that_fail__leave_nothing_behind_under_way),
        cmocka_unit_test(storm__of_faults__nothing_lost_nothing_doubled),
        cmocka_unit_test(storm__with_crashes__nothing_lost_nothing_doubled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
