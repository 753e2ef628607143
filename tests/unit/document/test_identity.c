/* How two documents stand to each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "document/identity.h"

static struct vls_standing stand(const char *issuer_a, const char *a, const char *language_a,
                                 const char *issuer_b, const char *b, const char *language_b)
{
    struct vls_symbol sa, sb;
    vls_symbol_parse(issuer_a, a, &sa);
    vls_symbol_parse(issuer_b, b, &sb);
    const struct vls_identity x = {issuer_a, &sa, language_a, NULL};
    const struct vls_identity y = {issuer_b, &sb, language_b, NULL};
    return vls_identity_relate(&x, &y);
}

static const struct row {
    const char *a, *language_a, *b, *language_b;
    enum vls_stands how;
    bool is_inverse;
} ROWS[] = {
    {"A/70/976", "en", "A/70/976", "en", VLS_STANDS_SAME, false},
    {"A/70/976", "", "a/70/976", "fr", VLS_STANDS_SAME, false},
    {"S/RES/2803 (2025)", "en", "S/RES/2803", "en", VLS_STANDS_SAME, false},
    {"A/70/976", "en", "A/70/976", "fr", VLS_STANDS_TRANSLATES, false},
    {"A/70/976*", "en", "A/70/976", "en", VLS_STANDS_REISSUES, false},
    {"A/70/976", "en", "A/70/976**", "en", VLS_STANDS_REISSUES, true},
    {"A/70/976/Rev.1", "en", "A/70/976", "en", VLS_STANDS_SUPERSEDES, false},
    {"A/70/976/Rev.1", "en", "A/70/976", "fr", VLS_STANDS_SUPERSEDES, false},
    {"A/70/976/Rev.2", "en", "A/70/976/Rev.1", "en", VLS_STANDS_SUPERSEDES, false},
    {"A/70/976/Rev.1", "en", "A/70/976/Rev.2", "en", VLS_STANDS_SUPERSEDES, true},
    {"A/70/976/Add.1", "en", "A/70/976", "en", VLS_STANDS_ADDS, false},
    {"A/70/976/Add.1/Rev.1", "en", "A/70/976/Add.1", "en", VLS_STANDS_SUPERSEDES, false},
    {"A/70/976/Add.1", "en", "A/70/976/Add.2", "en", VLS_STANDS_KIN, false},
    {"A/70/976/Amend.1", "en", "A/70/976", "en", VLS_STANDS_AMENDS, false},
    {"A/70/976/Summary", "en", "A/70/976", "en", VLS_STANDS_SUMMARIZES, false},
    {"A/70/976/Corr.1", "fr", "A/70/976", "fr", VLS_STANDS_CORRECTS, false},
    {"A/70/976/Corr.1", "fr", "A/70/976", "en", VLS_STANDS_APART, false},
    {"A/70/976/Corr.1 (E/F)", "fr", "A/70/976", "en", VLS_STANDS_CORRECTS, false},
    {"A/70/976/Corr.1 (E/F)", "fr", "A/70/976", "ru", VLS_STANDS_APART, false},
    {"A/70/976/Corr.1 (E/F)", "fr", "A/70/976", "", VLS_STANDS_CORRECTS, false},
    {"A/70/976", "fr", "A/70/976/Corr.1", "fr", VLS_STANDS_CORRECTS, true},
    {"A/70/976/Rev.1/Corr.1", "fr", "A/70/976/Rev.1", "fr", VLS_STANDS_CORRECTS, false},
    {"A/70/976/Rev.1/Corr.1", "fr", "A/70/976", "fr", VLS_STANDS_KIN, false},
    {"A/70/976", "en", "A/70/977", "en", VLS_STANDS_APART, false},
    {"A/RES/77/1", "en", "A/RES/77/10", "en", VLS_STANDS_APART, false},
    {"odd symbol 3", "en", "ODD  symbol 3", "en", VLS_STANDS_SAME, false},
};

static void identity__each_pair__stands_as_symbols_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct row *r = &ROWS[i];
        struct vls_standing s = stand("un", r->a, r->language_a, "un", r->b, r->language_b);
        if (s.how != r->how || s.is_inverse != r->is_inverse)
            fail_msg("%s %s %s %s", r->a, r->language_a, vls_standing_words(s), r->b);
    }
}

static void identity__the_other_way_round__is_the_inverse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct row *r = &ROWS[i];
        struct vls_standing s = stand("un", r->b, r->language_b, "un", r->a, r->language_a);
        assert_int_equal(s.how, r->how);
        bool is_directed = r->how != VLS_STANDS_SAME && r->how != VLS_STANDS_TRANSLATES &&
                           r->how != VLS_STANDS_KIN && r->how != VLS_STANDS_APART;
        assert_int_equal(s.is_inverse, is_directed ? !r->is_inverse : false);
    }
}

static void identity__same_letters_of_other_issuers__are_apart(void **state)
{
    (void)state;
    assert_int_equal(stand("iom", "C/106/54", "en", "un", "C/106/54", "en").how, VLS_STANDS_APART);
    assert_int_equal(stand("iom", "C/106/54/Rev.1", "en", "iom", "C/106/54", "en").how,
                     VLS_STANDS_SUPERSEDES);
}

static void identity__same_bytes__are_the_same_whatever_they_are_called(void **state)
{
    struct vls_symbol a, b;
    struct vls_digest digest = {{1}};
    (void)state;
    vls_symbol_parse("un", "A/1/1", &a);
    vls_symbol_parse("iom", "MC/1", &b);
    const struct vls_identity x = {"un", &a, "en", &digest}, y = {"iom", &b, "fr", &digest};
    assert_int_equal(vls_identity_relate(&x, &y).how, VLS_STANDS_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity__each_pair__stands_as_symbols_say),
        cmocka_unit_test(identity__the_other_way_round__is_the_inverse),
        cmocka_unit_test(identity__same_letters_of_other_issuers__are_apart),
        cmocka_unit_test(identity__same_bytes__are_the_same_whatever_they_are_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
