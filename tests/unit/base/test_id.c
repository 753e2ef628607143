#include "base/base_test.h"

#include <ctype.h>

#include "base/id.h"

struct fake {
    uint64_t now_ms;
    uint8_t chance;
};

static uint64_t fake_ms(void *ctx)
{
    return ((struct fake *)ctx)->now_ms;
}

static void fake_random(void *ctx, uint8_t *at, size_t len)
{
    memset(at, ((struct fake *)ctx)->chance, len);
}

static void make__within_one_millisecond__strictly_grows(void **state)
{
    (void)state;
    struct fake fake = {1700000000000, 0xff};
    const struct vls_env env = {&fake, fake_ms, fake_ms, fake_random};
    struct vls_id_maker maker;
    vls_id_maker_init(&maker, &env);
    struct vls_id last = vls_id_make(&maker);
    assert_true(vls_id_ms(&last) == 1700000000000);
    for (int i = 0; i < 20000; i++) { /* more than the counter holds: it borrows from the future */
        struct vls_id next = vls_id_make(&maker);
        assert_true(memcmp(next.bytes, last.bytes, VLS_ID_BYTES) > 0);
        last = next;
    }
    assert_true(vls_id_ms(&last) < 1700000000000 + 20);
}

static void make__when_the_clock_steps_back__still_grows(void **state)
{
    (void)state;
    struct fake fake = {1700000000000, 0};
    const struct vls_env env = {&fake, fake_ms, fake_ms, fake_random};
    struct vls_id_maker maker;
    vls_id_maker_init(&maker, &env);
    struct vls_id a = vls_id_make(&maker);
    fake.now_ms -= 3600000;
    struct vls_id b = vls_id_make(&maker);
    fake.now_ms += 7200000;
    struct vls_id c = vls_id_make(&maker);
    assert_true(memcmp(a.bytes, b.bytes, VLS_ID_BYTES) < 0);
    assert_true(memcmp(b.bytes, c.bytes, VLS_ID_BYTES) < 0);
    assert_true(vls_id_ms(&c) == fake.now_ms);
}

static void make__is_of_version_7_and_reads_back(void **state)
{
    (void)state;
    struct vls_id_maker maker;
    vls_id_maker_init(&maker, vls_env_system());
    for (int i = 0; i < 100; i++) {
        struct vls_id id = vls_id_make(&maker), again;
        char text[VLS_ID_TEXT];
        vls_id_text(&id, text);
        assert_int_equal(strlen(text), VLS_ID_TEXT - 1);
        assert_int_equal(text[14], '7');
        assert_non_null(strchr("89ab", text[19]));
        assert_done(vls_id_read(text, &again));
        assert_true(vls_id_is_equal(&id, &again));
        assert_done(vls_id_from(vls_id_slice(&id), &again));
    }
}

static void read__of_the_example_of_rfc_9562__is_its_time(void **state)
{
    (void)state;
    static const char EXAMPLE[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    struct vls_id id, upper;
    char text[VLS_ID_TEXT];
    assert_done(vls_id_read(EXAMPLE, &id));
    assert_true(vls_id_ms(&id) == UINT64_C(1645557742000));
    vls_id_text(&id, text);
    assert_string_equal(text, EXAMPLE);
    for (size_t i = 0; text[i] != '\0'; i++)
        text[i] = (char)toupper(text[i]);
    assert_done(vls_id_read(text, &upper));
    assert_true(vls_id_is_equal(&id, &upper));
}

static void read__of_anything_else__is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-18c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",
        "017f22e279b0-7cc3-98c4-dc0c0c07398f0",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
        " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2 79b0 7cc3 98c4 dc0c0c07398f",
    };
    struct vls_id id = {{9}};
    for (size_t i = 0; i < COUNT(BAD); i++)
        assert_code(vls_id_read(BAD[i], &id), VLS_INPUT_MALFORMED);
    assert_code(vls_id_from(VLS_SLICE("0123456789abcde", 15), &id), VLS_INPUT_MALFORMED);
    assert_code(vls_id_from(VLS_SLICE("0123456789abcdef", 16), &id), VLS_INPUT_MALFORMED);
    assert_int_equal(id.bytes[0], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(make__within_one_millisecond__strictly_grows),
        cmocka_unit_test(make__when_the_clock_steps_back__still_grows),
        cmocka_unit_test(make__is_of_version_7_and_reads_back),
        cmocka_unit_test(read__of_the_example_of_rfc_9562__is_its_time),
        cmocka_unit_test(read__of_anything_else__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
