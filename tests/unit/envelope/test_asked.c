/* request.json: written and read the same, and nothing else is read. */
#include "envelope/asked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"

#define TEXT(s) ((char *)(uintptr_t)(s))

static struct vls_status read_text(const char *json, struct vls_asked *out, struct vls_why *why)
{
    return vls_asked_read(vls_slice_text(json), out, why);
}

static void asked__written_and_read__same(void **state)
{
    struct vls_asked asked = {.symbol = TEXT("S/RES/2803 (2025)"),
                              .issuer = TEXT("un"),
                              .languages = {TEXT("fr"), TEXT("zh-Hans")},
                              .language_count = 2},
                     back;
    struct vls_buf json;
    (void)state;
    vls_buf_init(&json, VLS_ASKED_MAX);
    assert_int_equal(vls_asked_write(&asked, &json, NULL).code, VLS_OK);
    assert_int_equal(vls_asked_read(vls_buf_slice(&json), &back, NULL).code, VLS_OK);
    assert_string_equal(back.symbol, asked.symbol);
    assert_string_equal(back.issuer, "un");
    assert_int_equal(back.language_count, 2);
    assert_string_equal(back.languages[1], "zh-Hans");
    vls_asked_fini(&back);
    vls_buf_fini(&json);
}

static void asked__no_issuer_and_no_languages__whatever_there_is(void **state)
{
    struct vls_asked asked;
    (void)state;
    assert_int_equal(
        read_text("{\"document\":\"information-request\",\"version\":1,\"symbol\":\"A/1\"}", &asked,
                  NULL)
            .code,
        VLS_OK);
    assert_string_equal(asked.issuer, "");
    assert_int_equal(asked.language_count, 0);
    vls_asked_fini(&asked);
}

#define HEAD "{\"document\":\"information-request\",\"version\":1,"

static void asked__not_of_the_form__refused_with_the_member(void **state)
{
    static const struct {
        const char *json, *words;
    } CASES[] = {
        {"", "no JSON object"},
        {"[]", "no JSON object"},
        {"\"A/1\"", "no JSON object"},
        {HEAD "\"symbol\":\"A/1\"", "no JSON object"}, /* cut off */
        {HEAD "\"symbol\":\"A/1\"}}", "no JSON object"},
        {HEAD "\"symbol\":\"A/1\",\"symbol\":\"A/2\"}", "stands there twice"},
        {"{\"document\":\"order\",\"version\":1,\"symbol\":\"A/1\"}", "document is not"},
        {"{\"document\":\"information-request\",\"version\":2,\"symbol\":\"A/1\"}",
         "version is not 1"},
        {"{\"document\":\"information-request\",\"version\":\"1\",\"symbol\":\"A/1\"}",
         "version is not 1"},
        {HEAD "\"symbol\":\"A/1\",\"url\":\"https://a.example/\"}",
         "a member that version 1 does not know"},
        {HEAD "\"issuer\":\"un\"}", "symbol or issuer is no text"},
        {HEAD "\"symbol\":7}", "symbol or issuer is no text"},
        {HEAD "\"symbol\":\"\"}", "symbol is missing"},
        {HEAD "\"symbol\":\"A\\n1\"}", "symbol"},
        {HEAD "\"symbol\":\"A\\u0000B\"}", "no JSON object"},
        {HEAD "\"symbol\":\"A/1\",\"issuer\":\"United Nations\"}", "issuer"},
        {HEAD "\"symbol\":\"A/1\",\"languages\":\"fr\"}", "languages is no list"},
        {HEAD "\"symbol\":\"A/1\",\"languages\":[7]}", "what is no text"},
        {HEAD "\"symbol\":\"A/1\",\"languages\":[\"f r\"]}", "is no tag"},
        {HEAD "\"symbol\":\"A/1\",\"languages\":[\"-fr\"]}", "is no tag"},
        {HEAD "\"symbol\":\"A/1\",\"languages\":[\"fr\",\"fr\"]}", "stands there twice"},
        {HEAD "\"symbol\":\"A/"
              "1\",\"languages\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\","
              "\"k\",\"l\",\"m\",\"n\",\"o\",\"p\",\"q\"]}",
         "no list of at most 16"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_asked asked;
        struct vls_why why = {""};
        assert_int_equal(read_text(CASES[i].json, &asked, &why).code, VLS_ENVELOPE_DESCRIPTOR);
        if (strstr(why.text, CASES[i].words) == NULL)
            fail_msg("%s: %s, and not: %s", CASES[i].json, why.text, CASES[i].words);
    }
}

static void asked__too_large_or_deep__refused(void **state)
{
    struct vls_asked asked;
    struct vls_why why = {""};
    char *json = malloc(VLS_ASKED_MAX + 2);
    (void)state;
    memset(json, '[', VLS_ASKED_MAX + 1);
    json[VLS_ASKED_MAX + 1] = '\0';
    assert_int_equal(read_text(json, &asked, &why).code, VLS_ENVELOPE_DESCRIPTOR);
    json[VLS_ASKED_MAX] = '\0'; /* 4,096 deep */
    assert_int_equal(read_text(json, &asked, &why).code, VLS_ENVELOPE_DESCRIPTOR);
    free(json);
}

static void asked__bad_values__are_not_written_either(void **state)
{
    struct vls_asked asked = {.symbol = TEXT(""), .issuer = TEXT("")};
    struct vls_buf json;
    (void)state;
    vls_buf_init(&json, VLS_ASKED_MAX);
    assert_int_equal(vls_asked_write(&asked, &json, NULL).code, VLS_INPUT_MALFORMED);
    asked.symbol = TEXT("A/1");
    asked.languages[0] = TEXT("french language");
    asked.language_count = 1;
    assert_int_equal(vls_asked_write(&asked, &json, NULL).code, VLS_INPUT_MALFORMED);
    asked.language_count = VLS_ASKED_MAX_LANGUAGES + 1;
    assert_int_equal(vls_asked_write(&asked, &json, NULL).code, VLS_INPUT_LIMIT);
    assert_int_equal(json.len, 0);
    vls_buf_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asked__written_and_read__same),
        cmocka_unit_test(asked__no_issuer_and_no_languages__whatever_there_is),
        cmocka_unit_test(asked__not_of_the_form__refused_with_the_member),
        cmocka_unit_test(asked__too_large_or_deep__refused),
        cmocka_unit_test(asked__bad_values__are_not_written_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
