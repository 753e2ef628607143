/* JSON as rows, in pieces of every size, and whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/json.h"

static char seen[4096], envelope[4096];

static int on_row(void *ctx, json_t *row, uint64_t number)
{
    char *text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    size_t used = strlen(seen);
    (void)ctx;
    snprintf(seen + used, sizeof seen - used, "%llu:%s ", (unsigned long long)number, text);
    free(text);
    return 0;
}

static const char *read_in(const char *text, const char *rows, size_t piece)
{
    static char said[512];
    const struct plug_json_options options = {.rows = rows, .on_row = on_row};
    struct plug_json *json = plug_json_new(&options);
    size_t len = strlen(text);
    int bad = 0;
    seen[0] = envelope[0] = '\0';
    for (size_t at = 0; at < len && bad == 0; at += piece)
        bad = plug_json_feed(json, text + at, len - at < piece ? len - at : piece);
    if (bad == 0)
        bad = plug_json_finish(json);
    if (bad == 0 && plug_json_envelope(json) != NULL) {
        char *around = json_dumps(plug_json_envelope(json), JSON_COMPACT | JSON_ENCODE_ANY);
        snprintf(envelope, sizeof envelope, "%s", around);
        free(around);
    }
    snprintf(said, sizeof said, "%s: %s", plug_json_where(json), plug_json_why(json));
    plug_json_free(&json);
    return bad == 0 ? NULL : said;
}

static void rows__in_pieces__come_one_by_one(void **state)
{
    static const char TEXT[] =
        "\xef\xbb\xbf{\"help\":\"x\",\"result\":{\"count\":3,\"results\":[{\"a\":1,"
        "\"b\":[2,{\"c\":null}]},\"two\",[3]],\"last\":true},\"n\":1.5}\n";
    (void)state;
    for (size_t piece = 3; piece < sizeof TEXT; piece++) {
        assert_null(read_in(TEXT, "result.results", piece));
        assert_string_equal(seen, "0:{\"a\":1,\"b\":[2,{\"c\":null}]} 1:\"two\" 2:[3] ");
        assert_string_equal(envelope, "{\"help\":\"x\",\"result\":{\"count\":3,\"results\":[],"
                                      "\"last\":true},\"n\":1.5}");
    }
}

static void rows__that_are_the_document__come_too(void **state)
{
    (void)state;
    assert_null(read_in("[{\"a\":\"b\\/c\"},{}]\n", "", 5));
    assert_string_equal(seen, "0:{\"a\":\"b/c\"} 1:{} ");
    assert_string_equal(envelope, "");
}

static void number__of_any_size__is_kept_as_near_as_it_goes(void **state)
{
    (void)state;
    assert_null(read_in("[9223372036854775807,-9223372036854775808,-0,1.5e3,18446744073709551616,"
                        "1e999]",
                        "", 7));
    assert_string_equal(seen, "0:9223372036854775807 1:-9223372036854775808 2:0 3:1500.0 "
                              "4:1.8446744073709552e19 5:\"1e999\" ");
}

static void rows__that_are_not_there__leave_the_envelope(void **state)
{
    (void)state;
    assert_null(
        read_in("{\"isSuccess\":false,\"result\":null,\"data\":{\"result\":[1]}}", "result", 9));
    assert_string_equal(seen, "");
    assert_string_equal(envelope,
                        "{\"isSuccess\":false,\"result\":null,\"data\":{\"result\":[1]}}");
}

static void json__that_is_wrong__is_told_with_its_place(void **state)
{
    (void)state;
    const char *why = read_in("{\"result\":[{\"a\":1},{\"a\":oops}]}", "result", 64);
    assert_non_null(why);
    assert_non_null(strstr(why, "row 2, byte "));
    assert_non_null(strstr(why, "not JSON"));
    assert_non_null(read_in("[\"\xe9\"]", "", 64));
    assert_non_null(read_in("{\"a\":1}x", "a", 64));
    why = read_in("[{\"a\":1,\"a\":2}]", "", 64);
    assert_non_null(why);
    assert_non_null(strstr(why, "two members"));
}

static void json__that_breaks_off__is_none(void **state)
{
    static const char TEXT[] = "{\"result\":[{\"a\":1},{\"b\":[2]}],\"n\":1}";
    char part[sizeof TEXT];
    (void)state;
    for (size_t len = 0; len < sizeof TEXT - 1; len++) {
        snprintf(part, len + 1, "%s", TEXT);
        assert_non_null(read_in(part, "result", 8));
    }
}

static void depth_of_10000__is_refused(void **state)
{
    char text[20001];
    struct plug_bytes bytes = {.at = text, .len = 20000};
    struct plug_answer answer = {.result = VLS_RESULT_DELIVERED};
    (void)state;
    memset(text, '[', 10000);
    memset(text + 10000, ']', 10000);
    text[20000] = '\0';
    const char *why = read_in(text, "", 4096);
    assert_non_null(why);
    assert_non_null(strstr(why, "64 deep"));
    assert_null(plug_json_read(&bytes, &answer));
    assert_int_equal(answer.result, VLS_RESULT_MALFORMED);
}

static void row__above_the_cap__is_refused(void **state)
{
    const struct plug_json_options options = {.rows = "", .on_row = on_row, .max_row = 8};
    struct plug_json *json = plug_json_new(&options);
    (void)state;
    seen[0] = '\0';
    assert_int_equal(plug_json_feed(json, "[\"12345678\",\"12345678\",", 23), 0);
    assert_int_equal(plug_json_feed(json, "\"123456789\"]", 12), -1);
    assert_non_null(strstr(plug_json_why(json), "more than 8 bytes"));
    plug_json_free(&json);
}

static void document__whole__is_read_or_told(void **state)
{
    char good[] = "\xef\xbb\xbf\"Document processed.\"", bad[] = "{\"a\":";
    struct plug_bytes bytes = {.at = good, .len = strlen(good)};
    struct plug_answer answer = {.result = VLS_RESULT_DELIVERED};
    (void)state;
    json_t *value = plug_json_read(&bytes, &answer);
    assert_string_equal(json_string_value(value), "Document processed.");
    json_decref(value);
    bytes = (struct plug_bytes){.at = bad, .len = strlen(bad)};
    assert_null(plug_json_read(&bytes, &answer));
    assert_int_equal(answer.result, VLS_RESULT_MALFORMED);
    assert_true(strncmp(answer.where, "byte ", 5) == 0);
}

static void members__of_any_type__have_a_value(void **state)
{
    json_t *o = json_loads("{\"n\":3,\"t\":\"42\",\"r\":2.9,\"x\":\"4x\",\"u\":null,"
                           "\"links\":{\"next\":{\"href\":\"h\"}}}",
                           0, NULL);
    (void)state;
    assert_int_equal(plug_json_number(o, "n", -1), 3);
    assert_int_equal(plug_json_number(o, "t", -1), 42);
    assert_int_equal(plug_json_number(o, "r", -1), 2);
    assert_int_equal(plug_json_number(o, "x", -1), -1);
    assert_int_equal(plug_json_number(o, "none", -1), -1);
    assert_string_equal(plug_json_text(o, "u"), "");
    assert_string_equal(json_string_value(plug_json_at(o, "links.next.href")), "h");
    assert_null(plug_json_at(o, "links.none.href"));
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows__in_pieces__come_one_by_one),
        cmocka_unit_test(rows__that_are_the_document__come_too),
        cmocka_unit_test(number__of_any_size__is_kept_as_near_as_it_goes),
        cmocka_unit_test(rows__that_are_not_there__leave_the_envelope),
        cmocka_unit_test(json__that_is_wrong__is_told_with_its_place),
        cmocka_unit_test(json__that_breaks_off__is_none),
        cmocka_unit_test(depth_of_10000__is_refused),
        cmocka_unit_test(row__above_the_cap__is_refused),
        cmocka_unit_test(document__whole__is_read_or_told),
        cmocka_unit_test(members__of_any_type__have_a_value),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
