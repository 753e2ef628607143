/* The time of messages passes: what is erased by rule, what is not, and what a crash leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "route/route_internal.h"
#include "store/store_internal.h"
#include "world.h"

#define PUBLIC  "un-sgb-2007-6/unclassified"
#define A_WHILE 60000u
#define DAY_MS  (UINT64_C(24) * 3600 * 1000)

static struct vls_config_retention rules[2];

/* Both start again with these rules: publications for ten days, everything unclassified for two. */
static void set_rules(struct world *w)
{
    rules[0] = (struct vls_config_retention){
        .label = "", .kind = (char *)(uintptr_t) "publication", .party = "", .days = 10};
    rules[1] = (struct vls_config_retention){
        .label = (char *)(uintptr_t)PUBLIC, .kind = "", .party = "", .days = 2};
    for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
        w->gateways[i].config.retention = rules;
        w->gateways[i].config.retention_count = 2;
        world_crash(&w->gateways[i]);
    }
    w->actor = "uid:0";
}

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 12);
    set_rules(w);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

static struct vls_id send_one(struct world *w, const char *text)
{
    struct submitted s;
    world_submit(&w->gateways[0], "publication", PUBLIC, "", text, &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
    return s.id;
}

static Valise__OperatorReply *ask(struct gateway *g, Valise__OperatorRetention *in)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_RETENTION;
    request.retention = in;
    return world_ask(g, &request);
}

static uint32_t erase_by_rule(struct gateway *g, const struct vls_id *id)
{
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    in.verb = VALISE__OPERATOR_RETENTION__VERB__ERASE;
    in.id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    in.is_by_rule = true;
    Valise__OperatorReply *reply = ask(g, &in);
    uint32_t code = reply->outcome->code;
    if (code == VLS_OK) {
        assert_int_equal(reply->n_retention, 1);
        assert_string_equal(reply->retention[0]->row->subject, "");
    }
    valise__operator_reply__free_unpacked(reply, NULL);
    return code;
}

static size_t count_due(struct gateway *g)
{
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    in.verb = VALISE__OPERATOR_RETENTION__VERB__LIST;
    in.only_due = true;
    Valise__OperatorReply *reply = ask(g, &in);
    size_t count = reply->n_retention;
    assert_int_equal(reply->outcome->code, VLS_OK);
    assert_int_equal(reply->next.len, 0);
    valise__operator_reply__free_unpacked(reply, NULL);
    return count;
}

static size_t sealed_bytes(struct gateway *g, const struct vls_id *id)
{
    struct vls_message *m;
    assert_true(vls_ok(vls_store_get(g->store, id, &m, NULL)));
    size_t bytes = m->sealed.len + m->content.len;
    assert_true(m->manifest.len != 0);
    vls_message_free(&m);
    return bytes;
}

static void rule__the_longest_that_fits__ends_its_time(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    struct vls_id id = send_one(w, "For ten days.");
    w->now_ms += 9 * DAY_MS;
    assert_int_equal(count_due(un), 0);
    assert_int_equal(erase_by_rule(un, &id), VLS_ROUTE_KEPT);
    w->now_ms += DAY_MS;
    assert_int_equal(count_due(un), 1);
    assert_int_equal(erase_by_rule(un, &id), VLS_OK);
    assert_int_equal(sealed_bytes(un, &id), 0);
    assert_int_equal(count_due(un), 0);
    assert_int_equal(erase_by_rule(un, &id), VLS_ROUTE_ERASED);
    assert_true(sealed_bytes(iom, &id) != 0); /* each side keeps by its own rules */
    assert_int_equal(w->alarms, 0);
}

static void rule__message_is_held__kept_until_it_is_released(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct vls_id id = send_one(w, "For a court.");
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    in.verb = VALISE__OPERATOR_RETENTION__VERB__HOLD;
    in.name = (char *)(uintptr_t) "case";
    in.kind = (char *)(uintptr_t) "publication";
    Valise__OperatorReply *reply = ask(un, &in);
    assert_int_equal(reply->outcome->code, VLS_OK);
    assert_int_equal(reply->n_holds, 1);
    valise__operator_reply__free_unpacked(reply, NULL);
    w->now_ms += 20 * DAY_MS;
    assert_int_equal(count_due(un), 0);
    assert_int_equal(erase_by_rule(un, &id), VLS_ROUTE_KEPT);
    in.verb = VALISE__OPERATOR_RETENTION__VERB__UNHOLD;
    reply = ask(un, &in);
    assert_int_equal(reply->outcome->code, VLS_OK);
    assert_true(reply->holds[0]->released_ms != 0);
    valise__operator_reply__free_unpacked(reply, NULL);
    assert_int_equal(count_due(un), 1);
    assert_int_equal(erase_by_rule(un, &id), VLS_OK);
}

static void erase__commit_fails__the_message_is_whole_and_can_be_erased_later(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct vls_id id = send_one(w, "The disk is full.");
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    Valise__OperatorReply *reply = NULL;
    w->now_ms += 20 * DAY_MS;
    in.verb = VALISE__OPERATOR_RETENTION__VERB__ERASE;
    in.id = (ProtobufCBinaryData){VLS_ID_BYTES, id.bytes};
    in.is_by_rule = true;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_RETENTION;
    request.retention = &in;
    world_ask_only(un, &request, &reply);
    assert_true(un->store->is_open_transaction);
    un->store->broken = (struct vls_status){VLS_STORE_FULL};
    world_run(w, A_WHILE);
    assert_non_null(reply);
    assert_int_equal(reply->outcome->code, VLS_STORE_FULL);
    valise__operator_reply__free_unpacked(reply, NULL);
    assert_true(sealed_bytes(un, &id) != 0);
    assert_int_equal(erase_by_rule(un, &id), VLS_OK);
    assert_int_equal(sealed_bytes(un, &id), 0);
}

static void erased__same_message_again__the_receipt_again_and_nothing_new(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    struct submitted s;
    world_submit(un, "publication", PUBLIC, "a-key", "Once.", &s);
    w->faults = WORLD_REPEAT;
    w->is_always_wrong = true;
    world_run(w, A_WHILE);
    w->faults = 0;
    w->now_ms += 20 * DAY_MS;
    assert_int_equal(erase_by_rule(iom, &s.id), VLS_OK);
    assert_int_equal(erase_by_rule(un, &s.id), VLS_OK);
    struct vls_id first = s.id;
    world_submit(un, "publication", PUBLIC, "a-key", "Once.", &s);
    world_run(w, A_WHILE);
    assert_true(vls_id_is_equal(&first, &s.id));
    assert_int_equal(world_delivered(iom, &first), 1);
    assert_int_equal(w->alarms, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(rule__the_longest_that_fits__ends_its_time),
        TEST(rule__message_is_held__kept_until_it_is_released),
        TEST(erase__commit_fails__the_message_is_whole_and_can_be_erased_later),
        TEST(erased__same_message_again__the_receipt_again_and_nothing_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
