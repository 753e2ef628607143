#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "approval/statement.h"

#define assert_code(status, expected)                                                              \
    assert_string_equal(vls_status_name(status),                                                   \
                        vls_status_name((struct vls_status){VLS_##expected}))

static struct vls_statement example(void)
{
    return (struct vls_statement){.act = VLS_ACT_RELEASE,
                                  .id = {{1}},
                                  .kind = "publication",
                                  .from = "un",
                                  .to = "iom",
                                  .body = "",
                                  .label = "un-sgb-2007-6/confidential",
                                  .manifest = {{2}},
                                  .sealed = {{3}},
                                  .content = {{4}},
                                  .sealed_bytes = 541,
                                  .content_bytes = 4608,
                                  .arrangement = "un-iom/document-exchange",
                                  .arrangement_version = 3,
                                  .arrangement_digest = {{5}},
                                  .house_rules = "un/own",
                                  .house_rules_version = 2,
                                  .house_rules_digest = {{6}},
                                  .decision = {{7}},
                                  .officer = "anna",
                                  .expires_ms = 1800000000000,
                                  .note = "agreed"};
}

static struct vls_buf write(const struct vls_statement *s)
{
    struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_STATEMENT);
    assert_code(vls_statement_write(s, &text), OK);
    return text;
}

static void statement__written__is_these_lines(void **state)
{
    (void)state;
    struct vls_statement s = example();
    struct vls_buf text = write(&s);
#define REST "00000000000000000000000000000000000000000000000000000000000000"
    assert_string_equal(vls_buf_text(&text),
                        "Valise review 1\n"
                        "act: release\n"
                        "message: 01000000-0000-0000-0000-000000000000\n"
                        "kind: publication\n"
                        "from: un\n"
                        "to: iom\n"
                        "body: \n"
                        "label before: un-sgb-2007-6/confidential\n"
                        "label after: un-sgb-2007-6/confidential\n"
                        "manifest: sha256:02" REST "\n"
                        "sealed keys: sha256:03" REST ", 541 bytes\n"
                        "sealed content: sha256:04" REST ", 4608 bytes\n"
                        "arrangement: un-iom/document-exchange, version 3, sha256:05" REST "\n"
                        "house rules: un/own, version 2, sha256:06" REST "\n"
                        "decision: sha256:07" REST "\n"
                        "officer: anna\n"
                        "holds until: 2027-01-15T08:00:00.000Z\n"
                        "note: agreed\n");
    vls_buf_fini(&text);
}

/* every field counts */
static void compare__any_field_changed__refused_with_its_line(void **state)
{
    (void)state;
    const struct vls_statement s = example();
    struct vls_buf text = write(&s);
    struct vls_statement c[18];
    static const char *const LINES[] = {
        "'act'",         "'message'",     "'kind'",           "'from'",
        "'to'",          "'body'",        "'label before'",   "'manifest'",
        "'sealed keys'", "'sealed keys'", "'sealed content'", "'sealed content'",
        "'arrangement'", "'arrangement'", "'house rules'",    "'decision'",
        "'officer'",     "'holds until'"};
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++)
        c[i] = s;
    c[0].act = VLS_ACT_WITHHOLD;
    c[1].id.bytes[15] = 1;
    c[2].kind = "report";
    c[3].from = "iom";
    c[4].to = "un";
    c[5].body = "un/ga";
    c[6].label = "un-sgb-2007-6/unclassified";
    c[7].manifest.bytes[31] = 1;
    c[8].sealed.bytes[31] = 1;
    c[9].sealed_bytes++;
    c[10].content.bytes[31] = 1;
    c[11].content_bytes++;
    c[12].arrangement_version++;
    c[13].arrangement_digest.bytes[31] = 1;
    c[14].house_rules = NULL;
    c[15].decision.bytes[31] = 1;
    c[16].officer = "bernard";
    c[17].expires_ms++;
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        struct vls_why why = {""};
        assert_code(vls_statement_compare(&c[i], vls_buf_slice(&text), &why), APPROVAL_SIGNATURE);
        if (strstr(why.text, LINES[i]) == NULL)
            fail_msg("%zu: %s", i, why.text);
    }
    vls_buf_fini(&text);
}

static void compare__note__counts_unless_it_is_any(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_statement s = example();
    struct vls_buf text = write(&s);
    assert_code(vls_statement_compare(&s, vls_buf_slice(&text), &why), OK);
    s.note = "other";
    assert_code(vls_statement_compare(&s, vls_buf_slice(&text), &why), APPROVAL_SIGNATURE);
    assert_non_null(strstr(why.text, "'note'"));
    s.note = NULL;
    assert_code(vls_statement_compare(&s, vls_buf_slice(&text), &why), OK);
    /* but there is one note, and nothing behind it */
    assert_code(vls_buf_add_text(&text, "note: more\n"), OK);
    assert_code(vls_statement_compare(&s, vls_buf_slice(&text), &why), APPROVAL_SIGNATURE);
    s.note = "agreed";
    assert_code(vls_statement_compare(&s, vls_buf_slice(&text), &why), APPROVAL_SIGNATURE);
    vls_buf_fini(&text);
}

static void compare__cut_short__refused_at_every_length(void **state)
{
    (void)state;
    struct vls_statement s = example();
    struct vls_buf text = write(&s);
    for (size_t len = 0; len < text.len; len++) {
        struct vls_why why = {""};
        s.note = "agreed";
        assert_code(vls_statement_compare(&s, VLS_SLICE(text.at, len), &why), APPROVAL_SIGNATURE);
        s.note = NULL;
        assert_code(vls_statement_compare(&s, VLS_SLICE(text.at, len), &why), APPROVAL_SIGNATURE);
    }
    vls_buf_fini(&text);
}

/* a field cannot begin a line of its own */
static void write__line_feed_in_a_field__refused(void **state)
{
    (void)state;
    struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_STATEMENT);
    struct vls_statement s = example();
    s.body = "un/ga\nofficer: bernard";
    assert_code(vls_statement_write(&s, &text), INPUT_MALFORMED);
    s = example();
    s.note = "agreed\nact: withhold";
    vls_buf_clear(&text);
    assert_code(vls_statement_write(&s, &text), INPUT_MALFORMED);
    vls_buf_fini(&text);
}

static void is__another_act_message_or_note__refused_before_it_is_signed(void **state)
{
    (void)state;
    struct vls_why why = {""};
    const struct vls_statement s = example();
    struct vls_id other = {{9}};
    struct vls_buf text = write(&s);
    struct vls_slice bytes = vls_buf_slice(&text);
    assert_code(vls_statement_is(bytes, VLS_ACT_RELEASE, &s.id, "agreed", &why), OK);
    assert_code(vls_statement_is(bytes, VLS_ACT_RETURN, &s.id, "agreed", &why), APPROVAL_FORM);
    assert_code(vls_statement_is(bytes, VLS_ACT_RELEASE, &other, "agreed", &why), APPROVAL_FORM);
    assert_code(vls_statement_is(bytes, VLS_ACT_RELEASE, &s.id, "", &why), APPROVAL_FORM);
    assert_code(vls_statement_is(VLS_SLICE(bytes.at, 0), VLS_ACT_RELEASE, &s.id, "agreed", &why),
                APPROVAL_FORM);
    text.at[text.len / 2] = 0x1b; /* what would move a terminal's cursor */
    assert_code(vls_statement_is(bytes, VLS_ACT_RELEASE, &s.id, "agreed", &why), APPROVAL_FORM);
    vls_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statement__written__is_these_lines),
        cmocka_unit_test(compare__any_field_changed__refused_with_its_line),
        cmocka_unit_test(compare__note__counts_unless_it_is_any),
        cmocka_unit_test(compare__cut_short__refused_at_every_length),
        cmocka_unit_test(write__line_feed_in_a_field__refused),
        cmocka_unit_test(is__another_act_message_or_note__refused_before_it_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
