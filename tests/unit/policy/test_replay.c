#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy_test.h"
#include "policy/replay.h"

#define REFER_PUBLICATION                                                                          \
    "  - { id: look, effect: refer, basis: '13(1)', when: { kind: publication } }\n"
#define HOUSE_HEAD                                                                                 \
    "house-rules: test/house\nparty: un\nversion: 1\nrules:\n"                                     \
    "  - { id: hold, effect: refer, basis: '13(1)', when: { direction: in, kind: publication } "   \
    "}\n"

static struct label_schemes schemes;

static int set_up(void **state)
{
    (void)state;
    schemes = load_schemes();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_scheme_set_free(&schemes.set);
    return 0;
}

static struct vls_replay *replay_of(const struct vls_arrangement *a,
                                    const struct vls_arrangement *house)
{
    struct vls_replay *replay = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_replay_new(&schemes.set, a, house, &replay, &why)))
        fail_msg("%s", why.text);
    return replay;
}

static struct vls_replayed again(struct vls_replay *replay, const struct vls_decision *d,
                                 uint64_t at_ms)
{
    struct vls_replayed r = {.before = 0};
    struct vls_why why = {""};
    if (!vls_ok(vls_replay_one(replay, vls_buf_slice(&d->record), at_ms, &r, &why)))
        fail_msg("%s", why.text);
    return r;
}

static void replay__same_rules__same_outcome(void **state)
{
    (void)state;
    static const char *const KINDS[] = {"publication", "report", "travel-document", "recall",
                                        "information-response"};
    static const char *const LABELS[] = {LOW, MIDDLE, HIGH, NULL};
    struct vls_arrangement *a = load_arrangement(&schemes);
    struct vls_replay *replay = replay_of(a, NULL);
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        for (size_t k = 0; k < sizeof LABELS / sizeof LABELS[0]; k++) {
            struct vls_facts facts = facts_of(&schemes, KINDS[i], LABELS[k]);
            struct vls_decision d = decide(a, &facts);
            struct vls_replayed r = again(replay, &d, 0);
            assert_int_equal(r.before, d.outcome);
            assert_int_equal(r.now, d.outcome);
            assert_int_equal(r.decided_ms, NOW_MS);
            vls_decision_fini(&d);
        }
    vls_replay_free(&replay);
    vls_arrangement_free(&a);
}

static void replay__stricter_rules__say_so(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION);
    struct vls_arrangement *b =
        read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION REFER_PUBLICATION);
    struct vls_replay *replay = replay_of(b, NULL);
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision before = decide(a, &facts), now = {.outcome = VLS_OUTCOME_RELEASE};
    struct vls_why why = {""};
    struct vls_replayed r = again(replay, &before, 0);
    assert_int_equal(r.before, VLS_OUTCOME_RELEASE);
    assert_int_equal(r.now, VLS_OUTCOME_REFER);
    assert_true(vls_ok(vls_redecide(replay, vls_buf_slice(&before.record), NULL, 0, &now, &why)));
    assert_int_equal(now.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(now.approvals, 1);
    Valise__DecisionRecord *record = unpacked(&now);
    assert_string_equal(record->rules[0]->id, "look");
    assert_memory_equal(record->id.data, facts.id.bytes, sizeof facts.id.bytes);
    valise__decision_record__free_unpacked(record, NULL);
    vls_decision_fini(&before);
    vls_decision_fini(&now);
    vls_replay_free(&replay);
    vls_arrangement_free(&a);
    vls_arrangement_free(&b);
}

static void redecide__other_time_or_clearance__counts(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION);
    struct vls_replay *replay = replay_of(a, NULL);
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision before = decide(a, &facts), now = {.outcome = VLS_OUTCOME_RELEASE};
    struct vls_slice record = vls_buf_slice(&before.record);
    struct vls_why why = {""};
    assert_int_equal(again(replay, &before, UINT64_C(1893456000000)).now, VLS_OUTCOME_WITHHOLD);
    assert_true(vls_ok(vls_redecide(replay, record, "", 0, &now, &why)));
    assert_int_equal(now.outcome, VLS_OUTCOME_RELEASE);
    vls_decision_fini(&now);
    assert_true(vls_ok(vls_redecide(replay, record, "cleared up to nothing", 0, &now, &why)));
    assert_int_equal(now.outcome, VLS_OUTCOME_WITHHOLD);
    assert_string_equal(now.reason, "iom may not hold this: cleared up to nothing");
    vls_decision_fini(&now);
    vls_decision_fini(&before);
    vls_replay_free(&replay);
    vls_arrangement_free(&a);
}

static void replay__incoming__is_for_the_house_rules(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION);
    struct vls_arrangement *house = read_house(&schemes, a, HOUSE_HEAD);
    struct vls_replay *without = replay_of(a, NULL), *with = replay_of(a, house);
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d = {.outcome = VLS_OUTCOME_RELEASE};
    struct vls_why why = {""};
    facts.from = "iom";
    facts.to = "un";
    assert_true(vls_ok(vls_decide_incoming(a, house, &facts, &d, &why)));
    assert_int_equal(d.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(again(with, &d, 0).now, VLS_OUTCOME_REFER);
    assert_int_equal(again(without, &d, 0).now, VLS_OUTCOME_RELEASE);
    vls_decision_fini(&d);
    vls_replay_free(&with);
    vls_replay_free(&without);
    vls_arrangement_free(&house);
    vls_arrangement_free(&a);
}

static void replay__what_is_no_record__is_refused(void **state)
{
    (void)state;
    static uint8_t large[VLS_MAX_DECISION + 1];
    struct vls_arrangement *a = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION);
    struct vls_replay *replay = replay_of(a, NULL);
    struct vls_why why = {""};
    struct vls_replayed r;
    Valise__Fact fact = VALISE__FACT__INIT, *facts[] = {&fact};
    Valise__DecisionRecord record = VALISE__DECISION_RECORD__INIT;
    uint8_t bytes[256];
#define GIVE(at, len) vls_replay_one(replay, VLS_SLICE(at, len), 0, &r, &why).code
    assert_int_equal(GIVE("\xff", 1), VLS_INPUT_MALFORMED);
    assert_int_equal(GIVE(large, sizeof large), VLS_INPUT_LIMIT);
    record.version = 2;
    assert_int_equal(GIVE(bytes, valise__decision_record__pack(&record, bytes)),
                     VLS_INPUT_MALFORMED);
    assert_string_equal(why.text, "a decision record of version 2; 1 is known");
    record.version = 1;
    assert_int_equal(GIVE(bytes, valise__decision_record__pack(&record, bytes)),
                     VLS_INPUT_MALFORMED);
    assert_string_equal(why.text, "a decision record without the message's id");
    fact.name = (char[]){"colour"};
    fact.value = (char[]){"green"};
    record.facts = facts;
    record.n_facts = 1;
    assert_int_equal(GIVE(bytes, valise__decision_record__pack(&record, bytes)),
                     VLS_INPUT_MALFORMED);
    vls_replay_free(&replay);
    vls_arrangement_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay__same_rules__same_outcome),
        cmocka_unit_test(replay__stricter_rules__say_so),
        cmocka_unit_test(redecide__other_time_or_clearance__counts),
        cmocka_unit_test(replay__incoming__is_for_the_house_rules),
        cmocka_unit_test(replay__what_is_no_record__is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
