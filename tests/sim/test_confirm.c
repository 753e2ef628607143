/* Witnesses and a time stamping authority confirm the logs; what waits for that, and what does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/stamp.h"
#include "route/confirm_internal.h"
#include "store/attestation.h"
#include "store/store_internal.h"
#include "world_outside.h"

#define PUBLIC  "un-sgb-2007-6/unclassified"
#define A_WHILE 30000u /* less than attestation.every-s: each log is shown once in it */
#define LONGER  600000u
#define SENT    "un/valise/iom/sent"

struct scene {
    struct world w;
    struct world_outside o;
    char *required[2];
};

static struct scene *open_scene(unsigned quorum, bool has_tsa, const char *required)
{
    struct scene *s = vls_mem_new(sizeof *s);
    world_open(&s->w, 31);
    outside_open(&s->o, &s->w.gateways[0], quorum, has_tsa);
    s->required[0] = (char *)(uintptr_t)required;
    s->w.gateways[0].config.attestation.required = s->required;
    s->w.gateways[0].config.attestation.required_count = required != NULL;
    world_crash(&s->w.gateways[0]);
    return s;
}

static void close_scene(struct scene *s)
{
    world_close(&s->w);
    outside_close(&s->o);
    vls_mem_free(s);
}

/* The text of each is another, or it would be a duplicate. */
static struct vls_id send_one(struct scene *s, const char *what, uint64_t ms)
{
    static unsigned number;
    char text[64];
    struct submitted sent;
    snprintf(text, sizeof text, "%s %u", what, number++);
    world_submit(&s->w.gateways[0], "publication", PUBLIC, "", text, &sent);
    world_run(&s->w, ms);
    assert_true(sent.is_answered);
    assert_true(vls_ok(sent.status));
    return sent.id;
}

static uint64_t attested(struct scene *s, const char *log, bool is_witnessed, bool is_stamped)
{
    const struct vls_attested what = {is_witnessed, is_stamped};
    struct vls_why why = {""};
    uint64_t size = 0;
    assert_true(vls_ok(vls_store_attested_last(s->w.gateways[0].store, log, what, &size, &why)));
    return size;
}

static void note_of(struct scene *s, const char *log, uint64_t at_least, struct vls_buf *out)
{
    struct vls_digest root;
    struct vls_why why = {""};
    uint64_t size;
    vls_buf_init(out, VLS_MAX_NOTE);
    assert_true(vls_ok(
        vls_store_checkpoint(s->w.gateways[0].store, log, at_least, &size, &root, out, &why)));
}

/* -- rounds ------------------------------------------------------------------------------------ */

static void round__all_there__own_logs_are_cosigned_and_stamped(void **state)
{
    static const char *const OWN[] = {SENT, "un/valise/internal"};
    struct scene *s = open_scene(2, true, NULL);
    (void)state;
    send_one(s, "One.", A_WHILE);
    for (size_t i = 0; i < 2; i++) {
        struct vls_buf note;
        assert_int_equal(attested(s, OWN[i], true, true), 1);
        note_of(s, OWN[i], 1, &note);
        for (size_t k = 0; k < OUTSIDE_WITNESSES; k++)
            assert_non_null(strstr(vls_buf_text(&note), s->o.witnesses[k].name));
        vls_buf_fini(&note);
    }
    /* of the partner's log nothing but the time, and of what is empty nothing */
    assert_int_equal(attested(s, "iom/valise/un/received", false, true), 1);
    assert_null(outside_seen(&s->o.witnesses[0], "iom/valise/un/received"));
    assert_int_equal(attested(s, "un/valise/iom/received", false, false), 0);
    assert_int_equal(s->w.alarms, 0);
    close_scene(s);
}

static void round__stamp__is_about_the_note_as_its_log_signed_it(void **state)
{
    struct scene *s = open_scene(2, true, NULL);
    struct vls_digest digest;
    struct vls_buf note, token;
    struct vls_why why = {""};
    uint64_t time_ms;
    (void)state;
    send_one(s, "One.", A_WHILE);
    note_of(s, SENT, 1, &note);
    vls_buf_init(&token, VLS_MAX_STAMP);
    assert_true(vls_ok(vls_store_stamp(s->w.gateways[0].store, SENT, 1, &token, &time_ms, &why)));
    assert_true(vls_ok(vls_stamp_subject(vls_buf_slice(&note), &digest, &why)));
    assert_int_equal(token.len, VLS_DIGEST_BYTES); /* the played authority gives it back */
    assert_memory_equal(token.at, digest.bytes, VLS_DIGEST_BYTES);
    vls_buf_fini(&note);
    vls_buf_fini(&token);
    close_scene(s);
}

static void round__one_of_three_away__quorum_is_reached_and_it_catches_up(void **state)
{
    struct scene *s = open_scene(2, false, NULL);
    struct world_witness *away = &s->o.witnesses[1];
    (void)state;
    away->is_away = true;
    send_one(s, "One.", A_WHILE);
    assert_int_equal(attested(s, SENT, true, false), 1);
    assert_null(outside_seen(away, SENT));
    away->is_away = false;
    world_run(&s->w, A_WHILE);
    assert_int_equal(outside_seen(away, SENT)->size, 1);
    close_scene(s);
}

static void round__too_few__is_not_witnessed_and_messages_go_all_the_same(void **state)
{
    struct scene *s = open_scene(2, false, NULL);
    (void)state;
    s->o.witnesses[0].is_away = s->o.witnesses[2].is_away = true;
    struct vls_id id = send_one(s, "One.", A_WHILE);
    assert_int_equal(world_state(&s->w.gateways[0], &id), VLS_STATE_RECEIPTED);
    assert_int_equal(attested(s, SENT, true, false), 0);
    assert_int_equal(outside_seen(&s->o.witnesses[1], SENT)->size, 1);
    close_scene(s);
}

/* A witness away is not called without end. */
static void round__witness_away_for_long__is_asked_less_and_less(void **state)
{
    struct scene *s = open_scene(2, false, NULL);
    (void)state;
    s->o.witnesses[1].is_away = true;
    send_one(s, "One.", LONGER);
    assert_true(s->o.witnesses[1].asked > 10);
    assert_true(s->o.witnesses[1].asked < 2 * 3 * LONGER / 2500); /* two logs; 2.5 to 5 s at last */
    close_scene(s);
}

static void round__many_messages__one_checkpoint_in_its_time(void **state)
{
    struct scene *s = open_scene(2, true, NULL);
    (void)state;
    for (unsigned i = 0; i < 20; i++)
        send_one(s, "Again.", 1000);
    assert_int_equal(outside_seen(&s->o.witnesses[0], SENT)->size, 1);
    world_run(&s->w, 2 * LONGER);
    assert_int_equal(outside_seen(&s->o.witnesses[0], SENT)->size, 20);
    assert_int_equal(attested(s, SENT, true, true), 20);
    assert_true(s->o.stamped < 12); /* a few of each log, not one a message */
    close_scene(s);
}

static void round__restarted__goes_on_from_what_each_knows(void **state)
{
    struct scene *s = open_scene(3, true, NULL);
    (void)state;
    s->o.witnesses[2].is_away = true;
    send_one(s, "One.", A_WHILE);
    unsigned stamped = s->o.stamped, cosigned = s->o.witnesses[0].cosigned;
    world_crash(&s->w.gateways[0]);
    s->o.witnesses[2].is_away = false;
    world_run(&s->w, A_WHILE);
    assert_int_equal(s->o.stamped, stamped); /* what was said is not asked for again */
    assert_int_equal(s->o.witnesses[0].cosigned, cosigned);
    assert_int_equal(attested(s, SENT, true, true), 1);
    send_one(s, "Two.", 2 * 60000u + A_WHILE);
    assert_int_equal(outside_seen(&s->o.witnesses[2], SENT)->size, 2);
    assert_int_equal(attested(s, SENT, true, true), 2);
    assert_int_equal(s->w.alarms, 0);
    close_scene(s);
}

static void round__crash_at_every_step__heals(void **state)
{
    (void)state;
    for (unsigned steps = 1; steps < 60; steps += 2) {
        struct scene *s = open_scene(2, true, NULL);
        struct submitted sent;
        world_submit(&s->w.gateways[0], "publication", PUBLIC, "k", "Once.", &sent);
        world_step(&s->w, steps);
        world_crash(&s->w.gateways[0]);
        world_submit(&s->w.gateways[0], "publication", PUBLIC, "k", "Once.", &sent);
        world_run(&s->w, LONGER);
        assert_int_equal(attested(s, SENT, true, true), 1);
        assert_int_equal(s->w.alarms, 0);
        close_scene(s);
    }
}

/* The disk is full again and again: what was said and not kept is asked for again, and what waits
 * for it leaves once. */
static void round__commits_that_fail__is_asked_again_and_nothing_is_lost(void **state)
{
    struct scene *s = open_scene(2, true, VLS_REQUIRED_WITNESSES);
    struct gateway *un = &s->w.gateways[0];
    struct submitted sent[8];
    unsigned number = 0, accepted = 0;
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        char text[32];
        snprintf(text, sizeof text, "Number %zu.", i);
        world_submit(un, "publication", PUBLIC, "", text, &sent[i]);
        for (unsigned step = 0; step < 20; step++) {
            world_step(&s->w, 1);
            if (un->store->is_open_transaction && ++number % 4 == 0)
                un->store->broken = (struct vls_status){VLS_STORE_FULL};
        }
    }
    world_run(&s->w, LONGER);
    for (size_t i = 0; i < 8; i++) {
        if (!sent[i].is_answered || !vls_ok(sent[i].status))
            continue;
        accepted++;
        assert_int_equal(world_state(un, &sent[i].id), VLS_STATE_RECEIPTED);
        assert_int_equal(world_delivered(&s->w.gateways[1], &sent[i].id), 1);
    }
    assert_true(accepted > 0 && accepted < 8);
    assert_true(s->w.alarms > 0); /* commits failed, and it was said */
    assert_true(attested(s, SENT, true, true) >= accepted);
    close_scene(s);
}

static void round__clock_of_a_witness_ahead__its_line_is_not_kept(void **state)
{
    struct scene *s = open_scene(3, false, NULL);
    (void)state;
    s->o.witnesses[0].ahead_s = 2 * VLS_CLOCK_SKEW_MS / 1000;
    send_one(s, "One.", A_WHILE);
    assert_int_equal(attested(s, SENT, true, false), 0);
    s->o.witnesses[0].ahead_s = 0;
    world_run(&s->w, A_WHILE);
    assert_int_equal(attested(s, SENT, true, false), 1);
    close_scene(s);
}

/* Who has cosigned before the quorum was made smaller counts. */
static void round__quorum_made_smaller__counts_what_is_there(void **state)
{
    struct scene *s = open_scene(2, false, VLS_REQUIRED_WITNESSES);
    struct gateway *un = &s->w.gateways[0];
    (void)state;
    s->o.witnesses[1].is_away = s->o.witnesses[2].is_away = true;
    struct vls_id id = send_one(s, "One.", A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RELEASED);
    un->config.attestation.quorum = 1;
    world_crash(un);
    world_run(&s->w, A_WHILE);
    assert_int_equal(attested(s, SENT, true, false), 1);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    close_scene(s);
}

/* A size that is not true spoils a witness for no longer than it says so. */
static void round__wrong_size_once__is_asked_again_and_believed(void **state)
{
    struct scene *s = open_scene(3, false, NULL);
    struct world_seen *seen;
    (void)state;
    send_one(s, "One.", A_WHILE);
    seen = outside_seen(&s->o.witnesses[0], SENT);
    seen->size = UINT64_C(1) << 50;
    send_one(s, "Two.", 2 * 60000u);
    assert_int_equal(attested(s, SENT, true, false), 1);
    seen->size = 1;
    world_run(&s->w, 2 * VLS_CONTRADICTED_MS);
    assert_int_equal(attested(s, SENT, true, false), 2);
    close_scene(s);
}

/* -- a store that was set back ----------------------------------------------------------------- */

static void history__another_than_a_witness_has_seen__is_an_error_and_stops_nothing(void **state)
{
    struct scene *s = open_scene(2, false, NULL);
    (void)state;
    send_one(s, "One.", A_WHILE);
    outside_seen(&s->o.witnesses[0], SENT)->root.bytes[0] ^= 1;
    struct vls_id id = send_one(s, "Two.", 2 * 60000u);
    assert_int_equal(world_state(&s->w.gateways[0], &id), VLS_STATE_RECEIPTED);
    assert_int_equal(outside_seen(&s->o.witnesses[0], SENT)->size, 1);
    assert_true(s->w.alarms > 0);
    assert_int_equal(attested(s, SENT, true, false), 2); /* the two others */
    close_scene(s);
}

static void history__longer_than_ours__is_an_error(void **state)
{
    struct scene *s = open_scene(2, false, NULL);
    (void)state;
    send_one(s, "One.", A_WHILE);
    outside_seen(&s->o.witnesses[0], SENT)->size = 9;
    send_one(s, "Two.", 2 * 60000u);
    assert_int_equal(outside_seen(&s->o.witnesses[0], SENT)->size, 9);
    assert_true(s->w.alarms > 0);
    close_scene(s);
}

/* -- what is required -------------------------------------------------------------------------- */

static void required__witnesses_there__messages_leave_at_once_under_a_witnessed_checkpoint(
    void **state)
{
    struct scene *s = open_scene(2, false, VLS_REQUIRED_WITNESSES);
    (void)state;
    for (uint64_t i = 1; i <= 5; i++) {
        struct vls_id id = send_one(s, "One.", 2000); /* not only every minute */
        assert_int_equal(world_state(&s->w.gateways[0], &id), VLS_STATE_RECEIPTED);
        assert_int_equal(attested(s, SENT, true, false), i);
    }
    assert_int_equal(s->w.alarms, 0);
    close_scene(s);
}

static void required__quorum_away__messages_wait_and_leave_when_it_is_back(void **state)
{
    struct scene *s = open_scene(2, false, VLS_REQUIRED_WITNESSES);
    struct gateway *un = &s->w.gateways[0];
    (void)state;
    struct vls_id first = send_one(s, "One.", A_WHILE);
    s->o.witnesses[0].is_away = s->o.witnesses[1].is_away = true;
    struct vls_id second = send_one(s, "Two.", LONGER);
    assert_int_equal(world_state(un, &first), VLS_STATE_RECEIPTED);
    assert_int_equal(world_state(un, &second), VLS_STATE_RELEASED);
    assert_int_equal(world_state(&s->w.gateways[1], &second), VLS_STATE_NONE);
    s->o.witnesses[0].is_away = false;
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &second), VLS_STATE_RECEIPTED);
    assert_int_equal(s->w.alarms, 0);
    close_scene(s);
}

/* Beyond the quorum nobody is waited for; what comes late is kept. */
static void required__one_witness_slow__messages_do_not_wait_for_it(void **state)
{
    struct scene *s = open_scene(2, false, VLS_REQUIRED_WITNESSES);
    (void)state;
    s->o.witnesses[2].slow_ms = 29000;
    for (uint64_t i = 1; i <= 6; i++) {
        struct vls_id id = send_one(s, "One.", 3000);
        assert_int_equal(world_state(&s->w.gateways[0], &id), VLS_STATE_RECEIPTED);
    }
    world_run(&s->w, LONGER);
    assert_int_equal(outside_seen(&s->o.witnesses[2], SENT)->size, 6);
    assert_int_equal(s->w.alarms, 0);
    close_scene(s);
}

static void required__quorum_away__an_operator_reads_why_and_retries(void **state)
{
    struct scene *s = open_scene(2, false, VLS_REQUIRED_WITNESSES);
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorShow show = VALISE__OPERATOR_SHOW__INIT;
    (void)state;
    s->w.gateways[0].config.limits.retry_most_ms = 3600000;
    s->o.witnesses[0].is_away = s->o.witnesses[1].is_away = true;
    struct vls_id id = send_one(s, "One.", LONGER);
    show.id = (ProtobufCBinaryData){VLS_ID_BYTES, id.bytes};
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    in.show = &show;
    Valise__OperatorReply *reply = world_ask(&s->w.gateways[0], &in);
    assert_string_equal(reply->rows[0]->reason,
                        "waits until log un/valise/iom/sent is confirmed: 0 of its 1 entries are; "
                        "1 of the 2 witnesses that are needed; see 'valise log state'");
    assert_int_equal(reply->rows[0]->due_ms, 0);
    valise__operator_reply__free_unpacked(reply, NULL);
    s->o.witnesses[0].is_away = false;
    world_run(&s->w, 2000);
    assert_int_equal(world_state(&s->w.gateways[0], &id), VLS_STATE_RELEASED);
    assert_true(vls_ok(world_act(&s->w.gateways[0], &id, VALISE__OPERATOR_ACT__VERB__RETRY)));
    world_run(&s->w, 2000);
    assert_int_equal(world_state(&s->w.gateways[0], &id), VLS_STATE_RECEIPTED);
    close_scene(s);
}

static void required__time_away_and_a_crash__nothing_leaves_and_nothing_is_lost(void **state)
{
    struct scene *s = open_scene(2, true, VLS_REQUIRED_TIME);
    struct gateway *un = &s->w.gateways[0];
    struct vls_id ids[8];
    (void)state;
    s->o.is_tsa_away = true;
    for (unsigned i = 0; i < 8; i++) {
        ids[i] = send_one(s, "One.", 5000);
        world_crash(un);
    }
    world_run(&s->w, LONGER);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(world_state(un, &ids[i]), VLS_STATE_RELEASED);
    s->o.is_tsa_away = false;
    world_run(&s->w, A_WHILE);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(world_state(un, &ids[i]), VLS_STATE_RECEIPTED);
        assert_int_equal(world_delivered(&s->w.gateways[1], &ids[i]), 1);
    }
    close_scene(s);
}

/* -- evidence and words ------------------------------------------------------------------------ */

static void evidence__of_a_message__is_under_the_checkpoint_that_was_confirmed(void **state)
{
    struct scene *s = open_scene(2, true, NULL);
    struct vls_id ids[3];
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        ids[i] = send_one(s, "One.", 1000);
    world_run(&s->w, LONGER);
    for (unsigned i = 0; i < 3; i++) {
        Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
        Valise__OperatorExport export = VALISE__OPERATOR_EXPORT__INIT;
        export.id = (ProtobufCBinaryData){VLS_ID_BYTES, ids[i].bytes};
        export.without_content = true;
        in.ask_case = VALISE__OPERATOR_REQUEST__ASK_EXPORT;
        in.export = &export;
        Valise__OperatorReply *reply = world_ask(&s->w.gateways[0], &in);
        assert_int_equal(reply->outcome->code, 0);
        assert_non_null(strstr(reply->evidence->sent->checkpoint, "w1.example.org"));
        valise__operator_reply__free_unpacked(reply, NULL);
    }
    close_scene(s);
}

static bool has_notice(struct scene *s, const char *words)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorStatus ask = VALISE__OPERATOR_STATUS__INIT;
    bool has = false;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    in.status = &ask;
    Valise__OperatorReply *reply = world_ask(&s->w.gateways[0], &in);
    for (size_t i = 0; i < reply->status->n_notices; i++)
        has = has || strstr(reply->status->notices[i], words) != NULL;
    valise__operator_reply__free_unpacked(reply, NULL);
    return has;
}

static void status__of_who_is_away__says_so_and_what_waits(void **state)
{
    struct scene *s = open_scene(3, false, VLS_REQUIRED_WITNESSES);
    (void)state;
    send_one(s, "One.", A_WHILE);
    assert_false(has_notice(s, "does not confirm"));
    s->o.witnesses[1].is_away = true;
    send_one(s, "Two.", A_WHILE);
    assert_true(has_notice(s, "witness w2.example.org does not confirm"));
    assert_true(has_notice(s, "messages to iom wait until log un/valise/iom/sent is confirmed: "
                              "1 of its 2 entries are"));
    close_scene(s);
}

/* A gateway that has this key as its second witness does not start, and says why. */
static void assert_key_refused(const char *key, const char *words)
{
    struct scene *s = open_scene(2, false, NULL);
    struct gateway *un = &s->w.gateways[0];
    struct vls_why why = {""};
    struct vls_route *route = NULL;
    s->o.config[1].key = (char *)(uintptr_t)key;
    const struct vls_route_options options = {.config = &un->config,
                                              .store = un->store,
                                              .schemes = &s->w.schemes,
                                              .arrangement = s->w.arrangement,
                                              .env = &s->w.env};
    struct vls_status opened = vls_route_new(&options, &route, &why);
    assert_int_equal(opened.code, VLS_CONFIG_INVALID);
    if (strstr(why.text, "attestation.witnesses[1].key") == NULL || strstr(why.text, words) == NULL)
        fail_msg("%s", why.text);
    close_scene(s);
}

static void open__witness_that_is_called_as_a_partner__is_refused(void **state)
{
    struct vls_note_key key = {.name = "iom/valise/witness", .is_cosigner = true};
    struct vls_buf text;
    (void)state;
    vls_buf_init(&text, 256);
    assert_true(vls_ok(vls_note_key_text(&key, &text)));
    assert_key_refused(vls_buf_text(&text), "'iom/valise/witness' is a name of a partner's");
    vls_buf_fini(&text);
}

static void open__key_with_the_id_of_another__is_refused_with_its_place(void **state)
{
    (void)state;
    assert_key_refused("w2.example.org+00112233+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                       "the id is not that of this name and key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round__all_there__own_logs_are_cosigned_and_stamped),
        cmocka_unit_test(round__stamp__is_about_the_note_as_its_log_signed_it),
        cmocka_unit_test(round__one_of_three_away__quorum_is_reached_and_it_catches_up),
        cmocka_unit_test(round__too_few__is_not_witnessed_and_messages_go_all_the_same),
        cmocka_unit_test(round__witness_away_for_long__is_asked_less_and_less),
        cmocka_unit_test(round__many_messages__one_checkpoint_in_its_time),
        cmocka_unit_test(round__restarted__goes_on_from_what_each_knows),
        cmocka_unit_test(round__crash_at_every_step__heals),
        cmocka_unit_test(round__commits_that_fail__is_asked_again_and_nothing_is_lost),
        cmocka_unit_test(round__clock_of_a_witness_ahead__its_line_is_not_kept),
        cmocka_unit_test(round__quorum_made_smaller__counts_what_is_there),
        cmocka_unit_test(round__wrong_size_once__is_asked_again_and_believed),
        cmocka_unit_test(history__another_than_a_witness_has_seen__is_an_error_and_stops_nothing),
        cmocka_unit_test(history__longer_than_ours__is_an_error),
        cmocka_unit_test(
            required__witnesses_there__messages_leave_at_once_under_a_witnessed_checkpoint),
        cmocka_unit_test(required__quorum_away__messages_wait_and_leave_when_it_is_back),
        cmocka_unit_test(required__one_witness_slow__messages_do_not_wait_for_it),
        cmocka_unit_test(required__quorum_away__an_operator_reads_why_and_retries),
        cmocka_unit_test(required__time_away_and_a_crash__nothing_leaves_and_nothing_is_lost),
        cmocka_unit_test(evidence__of_a_message__is_under_the_checkpoint_that_was_confirmed),
        cmocka_unit_test(status__of_who_is_away__says_so_and_what_waits),
        cmocka_unit_test(open__witness_that_is_called_as_a_partner__is_refused),
        cmocka_unit_test(open__key_with_the_id_of_another__is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
