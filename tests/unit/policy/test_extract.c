#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "policy/extract.h"
#include "schemas/envelope.pb-c.h"

#define HOUSE_ID "rule-of-the-house"

static Valise__MatchedRule rule(const char *id, bool is_house)
{
    Valise__MatchedRule r = VALISE__MATCHED_RULE__INIT;
    r.id = (char *)(uintptr_t)id;
    r.basis = (char *)(uintptr_t)(is_house ? "own" : "7(1)");
    r.house = is_house;
    return r;
}

static Valise__Fact fact(const char *name, const char *value)
{
    Valise__Fact f = VALISE__FACT__INIT;
    f.name = (char *)(uintptr_t)name;
    f.value = (char *)(uintptr_t)value;
    return f;
}

/** A record with everything in it, or without what the house says. */
static void write_record(bool has_house, struct vls_buf *out)
{
    static uint8_t digest[32];
    static char *duties[] = {(char *)(uintptr_t) "seal"};
    Valise__MatchedRule rules[] = {rule(HOUSE_ID, true), rule("second-of-the-house", true),
                                   rule("exchange-publications", false)};
    Valise__Fact facts[] = {fact("kind", "publication"), fact("topic", "a-topic")};
    Valise__MatchedRule *rule_list[] = {&rules[0], &rules[1], &rules[2]};
    Valise__Fact *fact_list[] = {&facts[0], &facts[1]};
    Valise__DecisionRecord record = VALISE__DECISION_RECORD__INIT;
    record.rules = has_house ? rule_list : rule_list + 2;
    record.n_rules = has_house ? 3 : 1;
    record.facts = fact_list;
    record.n_facts = 2;
    record.duties = duties;
    record.n_duties = 1;
    record.nearest_change = (char *)(uintptr_t) "release, were it of another topic";
    if (has_house) {
        record.house_rules = (char *)(uintptr_t) "un/house";
        record.house_rules_version = 3;
        record.house_rules_digest = (ProtobufCBinaryData){sizeof digest, digest};
    }
    uint8_t *at;
    vls_buf_init(out, VLS_MAX_DECISION);
    assert_true(
        vls_ok(vls_buf_reserve(out, valise__decision_record__get_packed_size(&record), &at)));
    vls_buf_took(out, valise__decision_record__pack(&record, at));
}

static Valise__DecisionRecord *extract(bool has_house, enum vls_extract what, struct vls_buf *bytes)
{
    struct vls_buf whole VLS_DEFER(vls_buf_fini);
    write_record(has_house, &whole);
    vls_buf_init(bytes, VLS_MAX_DECISION);
    assert_true(vls_ok(vls_decision_extract(vls_buf_slice(&whole), what, bytes, NULL)));
    Valise__DecisionRecord *record = valise__decision_record__unpack(NULL, bytes->len, bytes->at);
    assert_non_null(record);
    return record;
}

static bool holds(const struct vls_buf *bytes, const char *text)
{
    return memmem(bytes->at, bytes->len, text, strlen(text)) != NULL;
}

static void for_others__house_rules_asked__nothing_of_them_is_left(void **state)
{
    (void)state;
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    Valise__DecisionRecord *record = extract(true, VLS_EXTRACT_WITHOUT_HOUSE, &bytes);
    assert_int_equal(record->n_rules, 2); /* one stands for both of the house */
    assert_string_equal(record->rules[0]->id, VLS_NOT_SHOWN);
    assert_string_equal(record->rules[0]->basis, "");
    assert_int_equal(record->n_facts, 2);
    assert_int_equal(record->n_duties, 0);
    assert_false(holds(&bytes, HOUSE_ID) || holds(&bytes, "second-of") ||
                 holds(&bytes, "un/house") || holds(&bytes, "another topic"));
    valise__decision_record__free_unpacked(record, NULL);
}

static void for_others__no_house_rules__byte_for_byte(void **state)
{
    (void)state;
    struct vls_buf whole VLS_DEFER(vls_buf_fini), bytes VLS_DEFER(vls_buf_fini);
    Valise__DecisionRecord *record = extract(false, VLS_EXTRACT_WITHOUT_HOUSE, &bytes);
    write_record(false, &whole);
    assert_int_equal(whole.len, bytes.len);
    assert_memory_equal(whole.at, bytes.at, whole.len);
    valise__decision_record__free_unpacked(record, NULL);
}

static void for_one_not_cleared__only_facts_that_a_list_shows(void **state)
{
    (void)state;
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    Valise__DecisionRecord *record = extract(false, VLS_EXTRACT_LISTED, &bytes);
    assert_int_equal(record->n_facts, 1);
    assert_string_equal(record->facts[0]->name, "kind");
    assert_string_equal(record->nearest_change, "");
    assert_string_equal(record->rules[0]->id, "exchange-publications");
    assert_false(holds(&bytes, "topic"));
    valise__decision_record__free_unpacked(record, NULL);
}

static void what_is_no_record__refused(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_buf out VLS_DEFER(vls_buf_fini);
    vls_buf_init(&out, VLS_MAX_DECISION);
    assert_int_equal(
        vls_decision_extract(vls_slice_text("\xff\xff\xff"), VLS_EXTRACT_LISTED, &out, &why).code,
        VLS_INPUT_MALFORMED);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_others__house_rules_asked__nothing_of_them_is_left),
        cmocka_unit_test(for_others__no_house_rules__byte_for_byte),
        cmocka_unit_test(for_one_not_cleared__only_facts_that_a_list_shows),
        cmocka_unit_test(what_is_no_record__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
