#include "label/label_test.h"

#include "label/oid.h"

static const struct {
    const char *dotted;
    uint8_t content[VLS_MAX_OID];
    size_t len;
} GOOD[] = {
    {"0.0", {0x00}, 1},
    {"1.1", {0x29}, 1},
    {"1.39", {0x4f}, 1},
    {"2.0", {0x50}, 1},
    {"2.999.1", {0x88, 0x37, 0x01}, 3},
    {"1.2.840.113549.1.9.16.2.2",
     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x02},
     11},
    /* the highest UUID: 128 bits set */
    {"2.25.340282366920938463463374607431768211455",
     {0x69, 0x83, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
     20},
};

static void oid__known_values__both_ways(void **state)
{
    (void)state;
    struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_OID);
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        char text[VLS_MAX_OID_TEXT];
        assert_code(vls_oid_encode(GOOD[i].dotted, &der), OK);
        assert_int_equal(der.len, GOOD[i].len);
        assert_memory_equal(der.at, GOOD[i].content, der.len);
        assert_code(vls_oid_text(vls_buf_slice(&der), text), OK);
        assert_string_equal(text, GOOD[i].dotted);
    }
    vls_buf_fini(&der);
}

static void oid__bad_text__is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",     "1",     ".1.2",  "1.2.",    "1..2",  "3.1",
                                      "1.40", "0.040", "1.2.x", "1.2 ",    "-1.2",  "1.-2",
                                      "1.2.", "2",     "01.2",  "1.2.3\n", "1.2,3", "1.2.00"};
    struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_OID);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_code(vls_oid_encode(BAD[i], &der), INPUT_MALFORMED);
    vls_buf_fini(&der);
}

static void oid__too_long_text__is_refused(void **state)
{
    (void)state;
    char text[VLS_MAX_OID_TEXT + 1];
    struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_OID);
    for (size_t i = 0; i < VLS_MAX_OID_TEXT; i++)
        text[i] = i % 2 == 0 ? '1' : '.';
    text[VLS_MAX_OID_TEXT] = '\0';
    assert_code(vls_oid_encode(text, &der), INPUT_LIMIT);
    vls_buf_fini(&der);
}

static void oid__bad_content__is_refused(void **state)
{
    (void)state;
    static const uint8_t PADDED[] = {0x2a, 0x80, 0x01};
    static const uint8_t CUT[] = {0x2a, 0x86};
    uint8_t endless[40];
    char text[VLS_MAX_OID_TEXT] = "unchanged";
    memset(endless, 0xff, sizeof endless);
    assert_code(vls_oid_text(VLS_SLICE(PADDED, sizeof PADDED), text), INPUT_MALFORMED);
    assert_code(vls_oid_text(VLS_SLICE(CUT, sizeof CUT), text), INPUT_MALFORMED);
    assert_code(vls_oid_text(VLS_SLICE(endless, sizeof endless), text), INPUT_MALFORMED);
    assert_code(vls_oid_text(VLS_SLICE(NULL, 0), text), INPUT_MALFORMED);
    assert_string_equal(text, "unchanged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oid__known_values__both_ways),
        cmocka_unit_test(oid__bad_text__is_refused),
        cmocka_unit_test(oid__too_long_text__is_refused),
        cmocka_unit_test(oid__bad_content__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
