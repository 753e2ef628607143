#include "base/base_test.h"

#include <errno.h>

static void fail__fills_the_reason_and_keeps_it_on_one_line(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_status s = vls_fail(VLS_STORE_BUSY, &why, "%s\r\n\x1b[1m%d", "two", 7);
    assert_int_equal(s.code, VLS_STORE_BUSY);
    assert_string_equal(why.text, "two   [1m7");
    assert_int_equal(vls_fail(VLS_STORE_FULL, NULL, "%d", 1).code, VLS_STORE_FULL);
}

static void fail__with_a_long_reason__cuts_it(void **state)
{
    (void)state;
    struct vls_why why;
    char words[1000];
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    (void)vls_fail(VLS_STORE_BUSY, &why, "%s", words).code;
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
    (void)vls_fail_errno(VLS_STORE_BUSY, &why, EIO, "%s", words).code;
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
}

static void fail_errno__names_the_error(void **state)
{
    (void)state;
    struct vls_why why;
    assert_code(vls_fail_errno(VLS_SYSTEM_IO, &why, ENOENT, "open %s", "x"), VLS_SYSTEM_IO);
    assert_string_equal(why.text, "open x: No such file or directory");
    assert_code(vls_fail_errno(VLS_SYSTEM_IO, &why, 99999, "odd"), VLS_SYSTEM_IO);
    assert_string_equal(why.text, "odd: unknown error");
    assert_code(vls_fail_errno(VLS_SYSTEM_IO, NULL, ENOENT, "x"), VLS_SYSTEM_IO);
}

static void fail_errno__of_some_errors__keeps_their_class(void **state)
{
    (void)state;
    static const struct {
        int error;
        uint32_t code;
    } CASES[] = {
        {EAGAIN, VLS_SYSTEM_BUSY},   {EINTR, VLS_SYSTEM_BUSY},    {ENOSPC, VLS_SYSTEM_FULL},
        {EDQUOT, VLS_SYSTEM_FULL},   {ENOMEM, VLS_SYSTEM_MEMORY}, {EMFILE, VLS_SYSTEM_MEMORY},
        {ENFILE, VLS_SYSTEM_MEMORY}, {EACCES, VLS_STORE_DAMAGED}, {EFBIG, VLS_SYSTEM_FULL},
    };
    for (size_t i = 0; i < COUNT(CASES); i++)
        assert_code(vls_fail_errno(VLS_STORE_DAMAGED, NULL, CASES[i].error, "x"), CASES[i].code);
}

static void name_and_text__of_an_unknown_code__are_never_null(void **state)
{
    (void)state;
    struct vls_status odd = {0x7f123456};
    assert_string_equal(vls_status_name(VLS_DONE), "OK");
    assert_string_equal(vls_status_name((struct vls_status){VLS_LEDGER_FORK}), "LEDGER_FORK");
    assert_string_equal(vls_status_name(odd), "UNKNOWN");
    assert_non_null(vls_status_text(odd));
    assert_string_equal(vls_class_name(VLS_CLASS_UNCERTAIN), "uncertain");
    assert_string_equal(vls_class_name(vls_class_of(odd)), "unknown");
}

static void from_code__of_a_foreign_number__is_never_success(void **state)
{
    (void)state;
    assert_code(vls_status_from_code(VLS_STORE_BUSY), VLS_STORE_BUSY);
    assert_code(vls_status_from_code(0), VLS_OK);
    assert_code(vls_status_from_code(1), VLS_SYSTEM_BUG);
    assert_code(vls_status_from_code(UINT32_MAX), VLS_SYSTEM_BUG);
    assert_code(vls_status_from_code(VLS_STORE_BUSY ^ (1u << 24)),
                VLS_SYSTEM_BUG); /* another class */
}

static void exit__of_each_class__is_its_own(void **state)
{
    (void)state;
    assert_int_equal(vls_status_exit(VLS_DONE), 0);
    assert_int_equal(vls_status_exit((struct vls_status){VLS_STORE_BUSY}), 11);
    assert_int_equal(vls_status_exit((struct vls_status){VLS_SYSTEM_BUG}), 17);
}

struct rows {
    uint32_t codes[512];
    size_t count;
};

static void collect(void *ctx, struct vls_status s)
{
    struct rows *rows = ctx;
    assert_true(rows->count < COUNT(rows->codes));
    for (size_t i = 0; i < rows->count; i++) {
        assert_int_not_equal(rows->codes[i] & 0xffffff,
                             s.code & 0xffffff); /* numbers are not used twice */
        assert_string_not_equal(vls_status_name((struct vls_status){rows->codes[i]}),
                                vls_status_name(s));
    }
    rows->codes[rows->count++] = s.code;
    assert_code(vls_status_from_code(s.code), s.code);
    assert_true(strlen(vls_status_text(s)) > 3);
    assert_string_not_equal(vls_class_name(vls_class_of(s)), "unknown");
    assert_int_equal(vls_ok(s), vls_class_of(s) == VLS_CLASS_OK);
}

static void each__row__has_its_own_number_and_name(void **state)
{
    (void)state;
    struct rows rows = {.count = 0};
    vls_status_each(collect, &rows);
    assert_true(rows.count > 50);
    assert_int_equal(rows.codes[0], VLS_OK);
}

static struct vls_status try_it(struct vls_status s, bool *out_is_after)
{
    *out_is_after = false;
    VLS_TRY(s);
    *out_is_after = true;
    return VLS_DONE;
}

static void try__of_a_failure__returns_it_at_once(void **state)
{
    (void)state;
    bool is_after;
    assert_code(try_it((struct vls_status){VLS_STORE_FULL}, &is_after), VLS_STORE_FULL);
    assert_false(is_after);
    assert_done(try_it(VLS_DONE, &is_after));
    assert_true(is_after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__fills_the_reason_and_keeps_it_on_one_line),
        cmocka_unit_test(fail__with_a_long_reason__cuts_it),
        cmocka_unit_test(fail_errno__names_the_error),
        cmocka_unit_test(fail_errno__of_some_errors__keeps_their_class),
        cmocka_unit_test(name_and_text__of_an_unknown_code__are_never_null),
        cmocka_unit_test(from_code__of_a_foreign_number__is_never_success),
        cmocka_unit_test(exit__of_each_class__is_its_own),
        cmocka_unit_test(each__row__has_its_own_number_and_name),
        cmocka_unit_test(try__of_a_failure__returns_it_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
