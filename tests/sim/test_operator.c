/* What an operator sees and may do, asked of a real route. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/mem.h"
#include "envelope/manifest.h"
#include "ledger/note.h"
#include "world.h"

#define PUBLIC  "un-sgb-2007-6/unclassified"
#define STRICT  "un-sgb-2007-6/strictly-confidential"
#define A_WHILE 60000u

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 7);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

static struct submitted send_one(struct world *w, const char *label, const char *text)
{
    struct submitted s;
    world_submit(&w->gateways[0], "publication", label, "", text, &s);
    world_run(w, A_WHILE);
    return s;
}

static Valise__OperatorReply *list(struct world *w, const char *state, uint32_t limit)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorList list = VALISE__OPERATOR_LIST__INIT;
    list.state = (char *)(uintptr_t)state;
    list.limit = limit;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_LIST;
    in.list = &list;
    return world_ask(&w->gateways[0], &in);
}

static void list__open__leaves_out_what_has_ended(void **state)
{
    struct world *w = *state;
    send_one(w, PUBLIC, "Goes.");
    send_one(w, STRICT, "Stays.");
    struct submitted unlabelled = send_one(w, "", "What is it?");
    Valise__OperatorReply *reply = list(w, "open", 0);
    assert_int_equal(reply->outcome->code, 0);
    assert_int_equal(reply->n_rows, 1);
    assert_memory_equal(reply->rows[0]->id.data, unlabelled.id.bytes, VLS_ID_BYTES);
    assert_string_equal(reply->rows[0]->state, "quarantined");
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void list__limit__newest_first_and_more_to_come(void **state)
{
    struct world *w = *state;
    send_one(w, PUBLIC, "First.");
    struct submitted second = send_one(w, PUBLIC, "Second.");
    Valise__OperatorReply *reply = list(w, "", 1);
    assert_int_equal(reply->n_rows, 1);
    assert_true(reply->has_more);
    assert_memory_equal(reply->rows[0]->id.data, second.id.bytes, VLS_ID_BYTES);
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void list__unknown_state__refused_with_its_name(void **state)
{
    Valise__OperatorReply *reply = list(*state, "lost", 0);
    assert_int_equal(reply->outcome->code, VLS_CLI_USAGE);
    assert_non_null(strstr(reply->outcome->why, "lost"));
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void show__with_trace_and_decision__tells_the_whole_life(void **state)
{
    struct world *w = *state;
    struct submitted s = send_one(w, PUBLIC, "Followed.");
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorShow show = VALISE__OPERATOR_SHOW__INIT;
    show.id = (ProtobufCBinaryData){6, s.id.bytes}; /* its beginning is enough */
    show.with_trace = show.with_decision = true;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    in.show = &show;
    Valise__OperatorReply *reply = world_ask(&w->gateways[0], &in);
    static const char *const LIFE[] = {"released", "carrying", "receipted"};
    assert_int_equal(reply->n_trace, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(reply->trace[i]->to_state, LIFE[i]);
    Valise__DecisionRecord *record;
    struct vls_why why;
    assert_true(vls_ok(vls_decision_record_read(
        VLS_SLICE(reply->decision.data, reply->decision.len), &record, &why)));
    assert_int_equal(record->outcome, VALISE__DECISION_RECORD__OUTCOME__RELEASE);
    assert_true(record->n_rules >= 1);
    valise__decision_record__free_unpacked(record, NULL);
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void status__after_an_exchange__counts_logs_and_notices(void **state)
{
    struct world *w = *state;
    send_one(w, PUBLIC, "Counted.");
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorStatus ask = VALISE__OPERATOR_STATUS__INIT;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    in.status = &ask;
    Valise__OperatorReply *reply = world_ask(&w->gateways[0], &in);
    assert_int_equal(reply->status->n_partners, 1);
    assert_int_equal(reply->status->partners[0]->sent_size, 1);
    assert_true(reply->status->partners[0]->last_exchange_ms != 0);
    assert_true(reply->status->commits > 0);
    assert_int_equal(reply->status->n_notices, w->schemes.count); /* both are drafts */
    assert_non_null(strstr(reply->status->notices[0], "verified"));
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void check_note(struct gateway *owner, const char *origin, const char *text,
                       const struct gateway *witness)
{
    struct vls_note_key key = {.is_cosigner = false}, cosigner = {.is_cosigner = true};
    struct vls_checkpoint checkpoint;
    struct vls_why why = {""};
    uint64_t time_s;
    size_t len = VLS_ED25519_KEY;
    snprintf(key.name, sizeof key.name, "%s", origin);
    EVP_PKEY_get_raw_public_key(owner->log_key, key.key, &len);
    assert_true(vls_ok(vls_checkpoint_verify(vls_slice_text(text), &key, &checkpoint, &why)));
    vls_witness_name(witness->party, cosigner.name);
    EVP_PKEY_get_raw_public_key(witness->witness_key, cosigner.key, &len);
    if (!vls_ok(
            vls_cosignature_verify(vls_slice_text(text), &checkpoint, &cosigner, &time_s, &why)))
        fail_msg("%s: %s", origin, why.text);
}

/* Either side alone holds both logs' checkpoints, each signed by its owner and cosigned by the
 * other. */
static void export__either_side__holds_cosigned_checkpoints_of_both_logs(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    struct submitted s = send_one(w, PUBLIC, "To be proved.");
    for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
        Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
        Valise__OperatorExport ask = VALISE__OPERATOR_EXPORT__INIT;
        ask.id = (ProtobufCBinaryData){VLS_ID_BYTES, s.id.bytes};
        in.ask_case = VALISE__OPERATOR_REQUEST__ASK_EXPORT;
        in.export = &ask;
        Valise__OperatorReply *reply = world_ask(&w->gateways[i], &in);
        assert_int_equal(reply->outcome->code, 0);
        assert_non_null(reply->evidence->sent);
        assert_non_null(reply->evidence->received);
        check_note(un, "un/valise/iom/sent", reply->evidence->sent->checkpoint, iom);
        check_note(iom, "iom/valise/un/received", reply->evidence->received->checkpoint, un);
        valise__operator_reply__free_unpacked(reply, NULL);
    }
}

static void act__wrong_state__refused_and_nothing_changed(void **state)
{
    struct world *w = *state;
    struct submitted s = send_one(w, PUBLIC, "Done and gone.");
    static const int VERBS[] = {
        VALISE__OPERATOR_ACT__VERB__HOLD, VALISE__OPERATOR_ACT__VERB__RELEASE,
        VALISE__OPERATOR_ACT__VERB__RETRY, VALISE__OPERATOR_ACT__VERB__WITHHOLD, 99};
    for (size_t i = 0; i < sizeof VERBS / sizeof VERBS[0]; i++)
        assert_false(vls_ok(world_act(&w->gateways[0], &s.id, VERBS[i])));
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
}

static void withhold__quarantined__is_the_end(void **state)
{
    struct world *w = *state;
    struct submitted s = send_one(w, "", "Nobody knows.");
    assert_true(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__WITHHOLD)));
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_WITHHELD);
    assert_false(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(list__open__leaves_out_what_has_ended),
        IN_WORLD(list__limit__newest_first_and_more_to_come),
        IN_WORLD(list__unknown_state__refused_with_its_name),
        IN_WORLD(show__with_trace_and_decision__tells_the_whole_life),
        IN_WORLD(status__after_an_exchange__counts_logs_and_notices),
        IN_WORLD(export__either_side__holds_cosigned_checkpoints_of_both_logs),
        IN_WORLD(act__wrong_state__refused_and_nothing_changed),
        IN_WORLD(withhold__quarantined__is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
