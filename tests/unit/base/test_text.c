#include "base/base_test.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

static void hex__there_and_back__is_the_same(void **state)
{
    (void)state;
    static const uint8_t BYTES[] = {0x00, 0x1f, 0xab, 0xff};
    char hex[9];
    uint8_t back[4] = {9, 9, 9, 9};
    vls_hex(VLS_SLICE(BYTES, 4), hex);
    assert_string_equal(hex, "001fabff");
    vls_hex(VLS_SLICE(NULL, 0), hex);
    assert_string_equal(hex, "");
    static const char *const BAD[] = {"",         "001fabf",  "001fabfff", "001fabfg",
                                      "0x1fabff", "001fab f", "001fab:f",  "001fab@f"};
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_code(vls_hex_read(BAD[i], back, 4), VLS_INPUT_MALFORMED);
    assert_memory_equal(back, "\t\t\t\t", 4);
    assert_done(vls_hex_read("001FabfF", back, 4));
    assert_memory_equal(back, BYTES, 4);
}

/* RFC 4648 section 10 */
static void base64__of_the_published_vectors__is_theirs(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *base64;
    } CASES[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct vls_buf exact, back;
        vls_buf_init(&exact, strlen(CASES[i].base64)); /* a maximum of just that fits */
        vls_buf_init(&back, strlen(CASES[i].bytes));
        assert_done(vls_base64_add(vls_slice_text(CASES[i].bytes), &exact));
        assert_string_equal(vls_buf_text(&exact), CASES[i].base64);
        assert_done(vls_base64_read(vls_slice_text(CASES[i].base64), &back));
        assert_string_equal(vls_buf_text(&back), CASES[i].bytes);
        vls_buf_fini(&exact);
        vls_buf_fini(&back);
    }
}

static void base64_read__of_anything_not_canonical__is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "Z",        "Zg",   "Zg=",  "Zh==",    "Zm9=",  "Zm9vZh==", "====",   "=",
        "Zg==Zg==", "Zm=v", "Z===", "=Zg=",    " Zg==", "Zg== ",    "Zg==\n", "Zm9v\n",
        "\nZm9v",   "Zm-v", "Zm_v", "Zm9\xc3", "Zm 9",  "A=B=",     "AA=A",
    };
    struct vls_buf out;
    vls_buf_init(&out, 100);
    assert_done(vls_buf_add_text(&out, "kept"));
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_code(vls_base64_read(vls_slice_text(BAD[i]), &out), VLS_INPUT_MALFORMED);
    assert_code(vls_base64_read(VLS_SLICE("Zm\0v", 4), &out), VLS_INPUT_MALFORMED);
    assert_string_equal(vls_buf_text(&out), "kept");
    vls_buf_fini(&out);
    vls_buf_init(&out, 5);
    assert_code(vls_base64_read(vls_slice_text("Zm9vYmFy"), &out), VLS_INPUT_LIMIT);
    assert_code(vls_base64_add(vls_slice_text("foob"), &out), VLS_INPUT_LIMIT);
    vls_buf_fini(&out);
}

static void base64__of_all_lengths__comes_back(void **state)
{
    (void)state;
    uint8_t bytes[300];
    struct vls_buf text, back;
    vls_buf_init(&text, 1000);
    vls_buf_init(&back, 1000);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 151);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        vls_buf_clear(&text);
        vls_buf_clear(&back);
        assert_done(vls_base64_add(VLS_SLICE(bytes, len), &text));
        assert_done(vls_base64_read(vls_buf_slice(&text), &back));
        assert_true(vls_slice_is_equal(vls_buf_slice(&back), VLS_SLICE(bytes, len)));
    }
    vls_buf_fini(&text);
    vls_buf_fini(&back);
}

static void time__there_and_back__is_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ms;
    } CASES[] = {
        {"1970-01-01T00:00:00.000Z", 0},
        {"2026-11-23T18:45:01.123Z", UINT64_C(1795459501123)},
        {"2024-02-29T23:59:59.999Z", UINT64_C(1709251199999)},
        {"9999-12-31T23:59:59.999Z", UINT64_C(253402300799999)},
    };
    char text[VLS_TIME_TEXT];
    for (size_t i = 0; i < COUNT(CASES); i++) {
        uint64_t ms = 1;
        vls_time_text(CASES[i].ms, text);
        assert_string_equal(text, CASES[i].text);
        assert_done(vls_time_read(text, &ms));
        assert_true(ms == CASES[i].ms);
    }
    vls_time_text(UINT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void time_read__of_other_spellings__is_the_same_moment(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ms;
    } CASES[] = {
        {"2026-11-23", UINT64_C(1795392000000)},
        {"2026-11-23T00:00:00Z", UINT64_C(1795392000000)},
        {"2026-11-23T02:00:00+02:00", UINT64_C(1795392000000)},
        {"2026-11-22T18:30:00-05:30", UINT64_C(1795392000000)},
        {"2026-11-23T00:00:00-00:00", UINT64_C(1795392000000)},
        {"2026-11-23T00:00:00.5Z", UINT64_C(1795392000500)},
        {"2026-11-23T00:00:00.123456789Z", UINT64_C(1795392000123)},
        {"1970-01-01T01:00:00+01:00", 0},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        uint64_t ms = 1;
        assert_done(vls_time_read(CASES[i].text, &ms));
        assert_true(ms == CASES[i].ms);
    }
}

static void time_read__of_anything_else__is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "2026",
        "2026-11",
        "2026-11-2",
        "2026-1-23",
        "26-11-23",
        " 202-01-01",
        "2026- 1- 1",
        "+202-01-01",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-02-30T00:00:00+01:00",
        "2026-04-31",
        "2026-01-00",
        "2026-11-23 ",
        "2026-11-23T",
        "2026-11-23T00:00:00",
        "2026-11-23T00:00Z",
        "2026-11-23t00:00:00Z",
        "2026-11-23 00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T00:60:00Z",
        "2026-12-31T23:59:60Z",
        "2026-11-23T 1:02:03Z",
        "2026-11-23T00:00:00.Z",
        "2026-11-23T00:00:00,5Z",
        "2026-11-23T00:00:00z",
        "2026-11-23T00:00:00ZZ",
        "2026-11-23T00:00:00+0200",
        "2026-11-23T00:00:00+24:00",
        "2026-11-23T00:00:00+02:60",
        "2026-11-23T00:00:00+-2:00",
        "2026-11-23T00:00:00+ 2:00",
        "2026-11-23T00:00:00+02:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "0000-01-01",
    };
    uint64_t ms = 77;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct vls_status s = vls_time_read(BAD[i], &ms);
        if (vls_ok(s))
            print_error("accepted: %s\n", BAD[i]);
        assert_code(s, VLS_INPUT_MALFORMED);
    }
    assert_int_equal(ms, 77);
}

static void is_clean__of_text__allows_utf8_and_no_controls(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"",
                                       "plain",
                                       "\xc3\xa9t\xc3\xa9",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\x98\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "\xc2\xa0"};
    static const char *const BAD[] = {
        "\x01",
        "a\x7f",
        "\r",
        "\xc2\x80",
        "\xc2\x9f",
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xed\xa0\x80",
        "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xe2\x28\xa1",
        "\xc3(",
    };
    for (size_t i = 0; i < COUNT(GOOD); i++)
        assert_true(vls_text_is_clean(vls_slice_text(GOOD[i]), false));
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_false(vls_text_is_clean(vls_slice_text(BAD[i]), true));
    assert_false(vls_text_is_clean(VLS_SLICE("a\0b", 3), true));
    assert_true(vls_text_is_clean(vls_slice_text("two\n\tlines"), true));
    assert_false(vls_text_is_clean(vls_slice_text("two\nlines"), false));
    /* a sequence that is cut by the end of the slice, not by a NUL */
    assert_false(vls_text_is_clean(VLS_SLICE("\xe2\x82\xac", 2), false));
}

static void is_name__allows_what_the_header_says(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"un", "iom", "0", "a.b-c_d", "x9"};
    static const char *const BAD[] = {"",    ".a",  "-a",       "_a",     "A",
                                      "a b", "a/b", "\xc3\xa9", "toolong"};
    for (size_t i = 0; i < COUNT(GOOD); i++)
        assert_true(vls_text_is_name(GOOD[i], 8));
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_false(vls_text_is_name(BAD[i], 6));
    assert_true(vls_text_is_name("sixsix", 6));
    assert_false(vls_text_is_name(NULL, 6));
}

static void is_file_name__refuses_what_leaves_the_directory(void **state)
{
    (void)state;
    char longest[VLS_MAX_FILE_NAME + 2];
    static const char *const BAD[] = {"", ".", "..", ".hidden", "a/b", "/", "a\nb", "\xff"};
    memset(longest, 'n', sizeof longest);
    longest[VLS_MAX_FILE_NAME + 1] = '\0';
    assert_false(vls_text_is_file_name(longest));
    longest[VLS_MAX_FILE_NAME] = '\0';
    assert_true(vls_text_is_file_name(longest));
    assert_true(vls_text_is_file_name("A.70.296 annexe \xc3\xa9.pdf"));
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_false(vls_text_is_file_name(BAD[i]));
    assert_false(vls_text_is_file_name(NULL));
}

static void number_read__is_whole_and_within_its_range(void **state)
{
    (void)state;
    static const char *const BAD[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "a", "1a"};
    uint64_t n = 77;
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_code(vls_number_read(BAD[i], 0, UINT64_MAX, &n), VLS_INPUT_MALFORMED);
    assert_code(vls_number_read("4", 5, 10, &n), VLS_INPUT_LIMIT);
    assert_code(vls_number_read("11", 5, 10, &n), VLS_INPUT_LIMIT);
    assert_code(vls_number_read("18446744073709551616", 0, UINT64_MAX, &n), VLS_INPUT_LIMIT);
    assert_int_equal(n, 77);
    assert_done(vls_number_read("18446744073709551615", 0, UINT64_MAX, &n));
    assert_true(n == UINT64_MAX);
    assert_done(vls_number_read("5", 5, 10, &n));
    assert_int_equal(n, 5);
}

static void text_copy__cuts_to_fit_between_characters(void **state)
{
    (void)state;
    char to[6] = "-----";
    vls_text_copy(to, sizeof to, "abc");
    assert_string_equal(to, "abc");
    vls_text_copy(to, sizeof to, "abcdefgh");
    assert_string_equal(to, "abcde");
    vls_text_copy(to, sizeof to, "abcd\xe2\x82\xac");
    assert_string_equal(to, "abcd");
    vls_text_copy(to, sizeof to, "ab\xe2\x82\xac");
    assert_string_equal(to, "ab\xe2\x82\xac");
    vls_text_copy(to, 1, "abc");
    assert_string_equal(to, "");
    to[0] = 'x';
    vls_text_copy(to, 0, "abc");
    assert_int_equal(to[0], 'x');
}

static void is_equal__null__counts_as_empty(void **state)
{
    (void)state;
    assert_true(vls_text_is_equal("un", "un"));
    assert_false(vls_text_is_equal("un", "un "));
    assert_true(vls_text_is_equal(NULL, ""));
    assert_false(vls_text_is_equal(NULL, "un"));
}

static void path_name__any_path__is_behind_the_last_slash(void **state)
{
    char path[VLS_PATH_SHOWN + 8];
    (void)state;
    assert_string_equal(vls_path_name("/srv/a/b.xml"), "b.xml");
    assert_string_equal(vls_path_name("b.xml"), "b.xml");
    assert_string_equal(vls_path_name("a/"), "");
    assert_string_equal(vls_path_shown("/srv/a/b.xml"), "/srv/a/b.xml");
    memset(path, 'a', sizeof path);
    memcpy(path + VLS_PATH_SHOWN, "/b.xml", sizeof "/b.xml");
    assert_string_equal(vls_path_shown(path), "b.xml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex__there_and_back__is_the_same),
        cmocka_unit_test(base64__of_the_published_vectors__is_theirs),
        cmocka_unit_test(base64_read__of_anything_not_canonical__is_refused),
        cmocka_unit_test(base64__of_all_lengths__comes_back),
        cmocka_unit_test(time__there_and_back__is_the_same),
        cmocka_unit_test(time_read__of_other_spellings__is_the_same_moment),
        cmocka_unit_test(time_read__of_anything_else__is_refused),
        cmocka_unit_test(is_clean__of_text__allows_utf8_and_no_controls),
        cmocka_unit_test(is_name__allows_what_the_header_says),
        cmocka_unit_test(is_file_name__refuses_what_leaves_the_directory),
        cmocka_unit_test(number_read__is_whole_and_within_its_range),
        cmocka_unit_test(text_copy__cuts_to_fit_between_characters),
        cmocka_unit_test(is_equal__null__counts_as_empty),
        cmocka_unit_test(path_name__any_path__is_behind_the_last_slash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
