#include "label/label_test.h"

#include <stdlib.h>

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

/* -- text -------------------------------------------------------------------------------------- */

static void text__each_level__both_ways(void **state)
{
    (void)state;
    struct vls_buf text;
    vls_buf_init(&text, 256);
    for (size_t i = 0; i < vls_scheme_count(schemes.un); i++) {
        struct vls_label label = {.scheme = schemes.un,
                                  .classification = vls_scheme_at(schemes.un, i)};
        vls_buf_clear(&text);
        assert_code(vls_label_text(&label, &text), OK);
        struct vls_label again = label_of(&schemes, vls_buf_text(&text));
        assert_ptr_equal(again.scheme, label.scheme);
        assert_ptr_equal(again.classification, label.classification);
    }
    vls_buf_fini(&text);
}

static void text__marking__is_what_a_page_shows(void **state)
{
    (void)state;
    struct vls_buf text;
    vls_buf_init(&text, 256);
    struct vls_label label = label_of(&schemes, "un-sgb-2007-6/confidential");
    assert_code(vls_label_marking(&label, &text), OK);
    assert_string_equal(vls_buf_text(&text), "UNITED NATIONS CONFIDENTIAL");
    vls_buf_clear(&text);
    label = label_of(&schemes, "other/high");
    assert_code(vls_label_marking(&label, &text), OK);
    assert_string_equal(vls_buf_text(&text), "Other HIGH");
    vls_buf_fini(&text);
}

static void text__bad__is_refused_with_a_hint(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t code;
        const char *words;
    } BAD[] = {
        {NULL, VLS_LABEL_MISSING, "SCHEME/CLASSIFICATION"},
        {"", VLS_LABEL_MISSING, "SCHEME/CLASSIFICATION"},
        {"confidential", VLS_LABEL_VALUE, "SCHEME/CLASSIFICATION"},
        {"un-sgb-2007-6/", VLS_LABEL_VALUE,
         "it has unclassified, confidential, strictly-confidential"},
        {"un-sgb-2007-6/secret", VLS_LABEL_VALUE, "has no 'secret'"},
        {"un-sgb-2007-6/confidential;", VLS_LABEL_VALUE, "ends with ';'"},
        {"un-sgb-2007-6/CONFIDENTIAL", VLS_LABEL_VALUE, "has no 'CONFIDENTIAL'"},
        {"un-sgb-2007-6/confidential ", VLS_LABEL_VALUE, "has no"},
        {"nato/secret", VLS_LABEL_SCHEME, "no scheme 'nato'"},
        {"/confidential", VLS_LABEL_SCHEME, "no scheme ''"},
        {"other/old", VLS_LABEL_VALUE, "obsolete"},
        {"other\n/low", VLS_LABEL_VALUE, "is not a label"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_label label = {.scheme = NULL, .classification = NULL};
        struct vls_why why = {""};
        struct vls_status s = vls_label_read(BAD[i].text, &schemes.set, &label, &why);
        assert_int_equal(s.code, BAD[i].code);
        assert_null(label.scheme);
        if (strstr(why.text, BAD[i].words) == NULL)
            fail_msg("'%s' does not say '%s'", why.text, BAD[i].words);
    }
}

static void text__obsolete__is_read_to_be_shown_and_not_for_use(void **state)
{
    (void)state;
    struct vls_label label = {.scheme = NULL};
    assert_code(vls_label_read("other/old", &schemes.set, &label, NULL), LABEL_VALUE);
    assert_null(label.scheme);
    assert_code(vls_label_read_any("other/old", &schemes.set, &label, NULL), OK);
    assert_ptr_equal(label.classification, vls_scheme_by_handle(schemes.other, "old"));
    assert_code(vls_label_read_any("other/none", &schemes.set, &label, NULL), LABEL_VALUE);
    assert_code(vls_label_read_any("none/old", &schemes.set, &label, NULL), LABEL_SCHEME);
    assert_code(vls_label_read_any("", &schemes.set, &label, NULL), LABEL_MISSING);
}

static void compare__rank_decides_and_never_the_wire_value(void **state)
{
    (void)state;
    struct vls_label low = label_of(&schemes, "other/low"), high = label_of(&schemes, "other/high");
    assert_true(low.classification->lacv > high.classification->lacv);
    assert_int_equal(vls_label_compare(&high, &low), VLS_LABEL_ABOVE);
    assert_int_equal(vls_label_compare(&low, &high), VLS_LABEL_BELOW);
    assert_int_equal(vls_label_compare(&low, &low), VLS_LABEL_EQUAL);
}

static void compare__two_schemes__are_incomparable(void **state)
{
    (void)state;
    struct vls_label a = label_of(&schemes, "other/low");
    struct vls_label b = label_of(&schemes, "un-sgb-2007-6/strictly-confidential");
    struct vls_label none = {.scheme = NULL, .classification = NULL};
    assert_int_equal(vls_label_compare(&a, &b), VLS_LABEL_INCOMPARABLE);
    assert_int_equal(vls_label_compare(&b, &a), VLS_LABEL_INCOMPARABLE);
    assert_int_equal(vls_label_compare(&none, &none), VLS_LABEL_INCOMPARABLE);
}

/* -- DER --------------------------------------------------------------------------------------- */

static struct vls_buf encoded(struct vls_label label)
{
    struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_LABEL);
    assert_code(vls_label_encode(&label, &der), OK);
    return der;
}

static void der__known_label__has_these_bytes(void **state)
{
    (void)state;
    /* 200, and the policy 1.3.6.1.4.1.32473.9 */
    static const uint8_t LOW[] = {0x31, 0x0f, 0x02, 0x02, 0x00, 0xc8, 0x06, 0x09, 0x2b,
                                  0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x09};
    struct vls_buf der = encoded(label_of(&schemes, "other/low"));
    assert_int_equal(der.len, sizeof LOW);
    assert_memory_equal(der.at, LOW, sizeof LOW);
    vls_buf_fini(&der);
}

static void der__each_level__round_trip(void **state)
{
    (void)state;
    for (size_t s = 0; s < schemes.set.count; s++)
        for (size_t i = 0; i < vls_scheme_count(schemes.set.schemes[s]); i++) {
            const struct vls_scheme *scheme = schemes.set.schemes[s];
            struct vls_buf der = encoded(vls_label_of(scheme, vls_scheme_at(scheme, i)));
            struct vls_label again = {.scheme = NULL, .classification = NULL};
            assert_code(vls_label_check_form(vls_buf_slice(&der), NULL), OK);
            assert_code(vls_label_decode(vls_buf_slice(&der), &schemes.set, &again, NULL), OK);
            assert_ptr_equal(again.scheme, scheme);
            assert_ptr_equal(again.classification, vls_scheme_at(scheme, i));
            vls_buf_fini(&der);
        }
}

/** Whatever was changed: never the label that it was, and what is accepted is written again byte
 * for byte. */
static void expect_other(struct vls_slice der, const struct vls_label *was)
{
    struct vls_label label = {.scheme = NULL, .classification = NULL};
    struct vls_why why = {""};
    struct vls_status s = vls_label_decode(der, &schemes.set, &label, &why);
    if (!vls_ok(s)) {
        assert_null(label.scheme);
        assert_true(why.text[0] != '\0');
        return;
    }
    assert_false(label.scheme == was->scheme && label.classification == was->classification);
    struct vls_buf again = encoded(label);
    assert_true(vls_slice_is_equal(vls_buf_slice(&again), der));
    vls_buf_fini(&again);
}

static void der__every_byte_changed__never_the_same_label(void **state)
{
    (void)state;
    for (size_t i = 0; i < vls_scheme_count(schemes.un); i++) {
        struct vls_label label = {.scheme = schemes.un,
                                  .classification = vls_scheme_at(schemes.un, i)};
        struct vls_buf der = encoded(label);
        for (size_t at = 0; at < der.len; at++)
            for (unsigned change = 1; change < 256; change++) {
                der.at[at] ^= (uint8_t)change;
                expect_other(vls_buf_slice(&der), &label);
                der.at[at] ^= (uint8_t)change;
            }
        vls_buf_fini(&der);
    }
}

static void der__one_bit_changed__is_no_label_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < vls_scheme_count(schemes.un); i++) {
        struct vls_buf der = encoded(vls_label_of(schemes.un, vls_scheme_at(schemes.un, i)));
        for (size_t bit = 0; bit < 8 * der.len; bit++) {
            struct vls_label label;
            der.at[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            assert_false(vls_ok(vls_label_decode(vls_buf_slice(&der), &schemes.set, &label, NULL)));
            der.at[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
        vls_buf_fini(&der);
    }
}

static void der__cut_or_lengthened__is_malformed(void **state)
{
    (void)state;
    struct vls_buf der = encoded(label_of(&schemes, "un-sgb-2007-6/confidential"));
    struct vls_label label;
    for (size_t len = 0; len < der.len; len++) {
        /* a copy of just that length, so that a read beyond it is seen */
        uint8_t *copy = vls_mem_try(len);
        vls_copy(copy, der.at, len);
        struct vls_status s = vls_label_decode(VLS_SLICE(copy, len), &schemes.set, &label, NULL);
        assert_code(s, LABEL_MALFORMED);
        vls_mem_free(copy);
    }
    assert_code(vls_buf_add(&der, "", 1), OK);
    assert_code(vls_label_decode(vls_buf_slice(&der), &schemes.set, &label, NULL), LABEL_MALFORMED);
    vls_buf_fini(&der);
}

static void der__not_strict__is_refused_with_its_offset(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t der[24];
        size_t len;
        const char *words;
    } BAD[] = {
        {"policy first", {0x31, 6, 0x06, 1, 0x29, 0x02, 1, 3}, 8, "byte 2: tag 06"},
        {"no policy", {0x31, 3, 0x02, 1, 3}, 5, "byte 5: ends where the policy"},
        {"no classification", {0x31, 3, 0x06, 1, 0x29}, 5, "byte 2: tag 06"},
        {"empty", {0x31, 0}, 2, "byte 2: ends where the classification"},
        {"a SEQUENCE", {0x30, 6, 0x02, 1, 3, 0x06, 1, 0x29}, 8, "byte 0: tag 30"},
        {"long length", {0x31, 0x81, 6, 0x02, 1, 3, 0x06, 1, 0x29}, 9, "byte 1: a length"},
        {"indefinite", {0x31, 0x80, 0x02, 1, 3, 0x06, 1, 0x29, 0, 0}, 10, "byte 1: a length"},
        {"beyond", {0x31, 7, 0x02, 1, 3, 0x06, 1, 0x29}, 8, "byte 1: a length that reaches"},
        {"inner beyond", {0x31, 6, 0x02, 1, 3, 0x06, 2, 0x29}, 8, "byte 6: a length that reaches"},
        {"trailing", {0x31, 6, 0x02, 1, 3, 0x06, 1, 0x29, 0}, 9, "byte 8: bytes behind"},
        {"padded", {0x31, 7, 0x02, 2, 0, 3, 0x06, 1, 0x29}, 9, "byte 4: an integer that is not"},
        {"negative", {0x31, 6, 0x02, 1, 0x83, 0x06, 1, 0x29}, 8, "byte 4: a negative"},
        {"257", {0x31, 7, 0x02, 2, 1, 1, 0x06, 1, 0x29}, 9, "byte 4: an integer outside"},
        {"no number", {0x31, 5, 0x02, 0, 0x06, 1, 0x29}, 7, "byte 4: an integer without"},
        {"padded policy", {0x31, 7, 0x02, 1, 3, 0x06, 2, 0x80, 0x29}, 9, "byte 7: a policy"},
        {"open policy", {0x31, 6, 0x02, 1, 3, 0x06, 1, 0xa9}, 8, "byte 7: a policy"},
        {"privacy mark that is empty",
         {0x31, 8, 0x02, 1, 3, 0x06, 1, 0x29, 0x0c, 0},
         10,
         "byte 10: a privacy mark that is empty"},
        {"privacy mark not printable",
         {0x31, 9, 0x02, 1, 3, 0x06, 1, 0x29, 0x13, 1, '_'},
         11,
         "byte 10: a character"},
        {"no categories",
         {0x31, 8, 0x02, 1, 3, 0x06, 1, 0x29, 0x31, 0},
         10,
         "byte 10: a set of categories"},
        {"twice", {0x31, 9, 0x02, 1, 3, 0x06, 1, 0x29, 0x06, 1, 0x29}, 11, "byte 8: an element"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_why why = {""};
        assert_code(vls_label_check_form(VLS_SLICE(BAD[i].der, BAD[i].len), &why), LABEL_MALFORMED);
        if (strstr(why.text, BAD[i].words) == NULL)
            fail_msg("%s: '%s' does not say '%s'", BAD[i].name, why.text, BAD[i].words);
    }
}

static void der__well_formed_but_unknown__says_what(void **state)
{
    (void)state;
    static const uint8_t FOREIGN[] = {0x31, 6, 0x02, 1, 3, 0x06, 1, 0x29};
    struct vls_label label;
    struct vls_why why = {""};
    struct vls_slice foreign = VLS_SLICE(FOREIGN, sizeof FOREIGN);
    assert_code(vls_label_check_form(foreign, NULL), OK);
    assert_code(vls_label_decode(foreign, &schemes.set, &label, &why), LABEL_SCHEME);
    assert_non_null(strstr(why.text, "policy 1.1 "));
    struct vls_buf der = encoded(label_of(&schemes, "un-sgb-2007-6/confidential"));
    der.at[4] = 21;
    assert_code(vls_label_decode(vls_buf_slice(&der), &schemes.set, &label, &why), LABEL_VALUE);
    assert_non_null(strstr(why.text, "no classification of value 21"));
    vls_buf_fini(&der);
}

static void der__obsolete_value__is_still_read(void **state)
{
    (void)state;
    const struct vls_classification *old = vls_scheme_by_handle(schemes.other, "old");
    struct vls_buf der = encoded(vls_label_of(schemes.other, old));
    struct vls_label label = {.scheme = NULL, .classification = NULL};
    assert_code(vls_label_decode(vls_buf_slice(&der), &schemes.set, &label, NULL), OK);
    assert_ptr_equal(label.classification, old);
    vls_buf_fini(&der);
}

static void der__samples_of_others__are_read_or_refused_for_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *name, *words; /* words NULL: strict DER */
    } SAMPLES[] = {
        {"label-1.ber", "tag 0c where the policy"},         /* a value and a text, no policy */
        {"label-3.ber", "tag 06 where the classification"}, /* BER order */
        {"stupid-label.ber", NULL},                         /* well formed, of a policy unknown */
    };
    const char *dir = getenv("VALISE_SAMPLES");
    if (dir == NULL)
        skip();
    for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
        char path[VLS_MAX_PATH];
        struct vls_buf der;
        struct vls_why why = {""};
        snprintf(path, sizeof path, "%s/labels/spif/%s", dir, SAMPLES[i].name);
        vls_buf_init(&der, VLS_MAX_LABEL);
        assert_code(vls_file_read(path, &der, NULL), OK);
        struct vls_label label;
        struct vls_status form = vls_label_check_form(vls_buf_slice(&der), &why);
        if (SAMPLES[i].words == NULL) {
            assert_code(form, OK);
            assert_code(vls_label_decode(vls_buf_slice(&der), &schemes.set, &label, &why),
                        LABEL_SCHEME);
        } else {
            assert_code(form, LABEL_MALFORMED);
            assert_non_null(strstr(why.text, SAMPLES[i].words));
        }
        vls_buf_fini(&der);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__each_level__both_ways),
        cmocka_unit_test(text__marking__is_what_a_page_shows),
        cmocka_unit_test(text__bad__is_refused_with_a_hint),
        cmocka_unit_test(text__obsolete__is_read_to_be_shown_and_not_for_use),
        cmocka_unit_test(compare__rank_decides_and_never_the_wire_value),
        cmocka_unit_test(compare__two_schemes__are_incomparable),
        cmocka_unit_test(der__known_label__has_these_bytes),
        cmocka_unit_test(der__each_level__round_trip),
        cmocka_unit_test(der__every_byte_changed__never_the_same_label),
        cmocka_unit_test(der__one_bit_changed__is_no_label_at_all),
        cmocka_unit_test(der__cut_or_lengthened__is_malformed),
        cmocka_unit_test(der__not_strict__is_refused_with_its_offset),
        cmocka_unit_test(der__well_formed_but_unknown__says_what),
        cmocka_unit_test(der__obsolete_value__is_still_read),
        cmocka_unit_test(der__samples_of_others__are_read_or_refused_for_a_reason),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
