/* Words, search forms and fingerprints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "document/shingle.h"

#define WORDS 2000

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % n);
}

/* Words by number, of which every `changed`-th is another one; 0: none. */
static void make_text(struct vls_buf *out, uint64_t from, uint32_t changed)
{
    seed = from;
    vls_buf_clear(out);
    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t word = random_below(5000);
        assert_true(vls_ok(vls_buf_add_format(
            out, "w%u%s ", word, changed != 0 && i % changed == changed - 1 ? "x" : "")));
    }
}

static void fingerprint(struct vls_slice text, size_t piece, uint8_t *out)
{
    struct vls_shingler s;
    vls_shingler_init(&s);
    for (size_t at = 0; at < text.len; at += piece)
        vls_shingler_add(&s,
                         VLS_SLICE(text.at + at, text.len - at < piece ? text.len - at : piece));
    assert_true(vls_shingler_finish(&s, out));
}

static void minhash__layout_case_and_marks__do_not_count(void **state)
{
    static const char PLAIN[] =
        "The Secretary-General presents, in six languages, the report that the Assembly has asked "
        "for at its seventy-eighth session: Отчёт о миграции; تقرير الهجرة الدولية; 国际移民报告, "
        "résumé et annexes.";
    static const char OTHER[] =
        "THE SECRETARY GENERAL  presents in six\nlanguages the report -- that the assembly\t has "
        "asked for at its seventy-eighth session: отчЁт О МИГРАЦИИ تَقريرُ الهجـــرة الدولية 国际 "
        "移民 报告 RÉSUMÉ et annexes";
    uint8_t a[VLS_MINHASH_BYTES], b[VLS_MINHASH_BYTES];
    (void)state;
    struct vls_buf plain, other;
    vls_buf_init(&plain, 8192);
    vls_buf_init(&other, 8192);
    for (int i = 0; i < 3; i++) {
        assert_true(vls_ok(vls_buf_add_format(&plain, "%s %d. ", PLAIN, i)));
        assert_true(vls_ok(vls_buf_add_format(&other, "%s (%d)\n", OTHER, i)));
    }
    fingerprint(vls_buf_slice(&plain), 64, a);
    fingerprint(vls_buf_slice(&other), 64, b);
    vls_buf_fini(&plain);
    vls_buf_fini(&other);
    assert_memory_equal(a, b, sizeof a);
}

static void minhash__pieces_cut_anywhere__are_the_same(void **state)
{
    static const char TEXT[] = "Доклад 国际移民 تقرير résumé ";
    struct vls_buf text;
    uint8_t whole[VLS_MINHASH_BYTES], cut[VLS_MINHASH_BYTES];
    (void)state;
    vls_buf_init(&text, 65536);
    for (int i = 0; i < 40; i++)
        assert_true(vls_ok(vls_buf_add_format(&text, "%s%d ", TEXT, i)));
    fingerprint(vls_buf_slice(&text), text.len, whole);
    for (size_t piece = 1; piece < 9; piece++) {
        fingerprint(vls_buf_slice(&text), piece, cut);
        assert_memory_equal(whole, cut, sizeof cut);
    }
    vls_buf_fini(&text);
}

/* Each changed word takes five shingles: of 2,000 with every k-th changed about 1 - 5/k stay, and
 * the likeness is that over what is not common. */
static void minhash__estimate__is_near_the_truth(void **state)
{
    static const uint32_t CHANGED[] = {20, 50, 100, 400};
    struct vls_buf a, b;
    (void)state;
    vls_buf_init(&a, 1u << 20);
    vls_buf_init(&b, 1u << 20);
    for (uint64_t from = 1; from <= 20; from++) {
        uint8_t x[VLS_MINHASH_BYTES], y[VLS_MINHASH_BYTES];
        make_text(&a, from, 0);
        fingerprint(vls_buf_slice(&a), 4096, x);
        for (size_t i = 0; i < sizeof CHANGED / sizeof CHANGED[0]; i++) {
            make_text(&b, from, CHANGED[i]);
            fingerprint(vls_buf_slice(&b), 4096, y);
            double kept = 1 - 5.0 / CHANGED[i], truth = kept / (2 - kept);
            double found = vls_minhash_likeness(x, y);
            assert_true(found > truth - 0.15 && found < truth + 0.15);
        }
    }
    vls_buf_fini(&a);
    vls_buf_fini(&b);
}

static unsigned common_bands(const uint8_t *x, const uint8_t *y)
{
    uint64_t a[VLS_MINHASH_BANDS], b[VLS_MINHASH_BANDS];
    unsigned equal = 0;
    vls_minhash_bands(x, a);
    vls_minhash_bands(y, b);
    for (size_t i = 0; i < VLS_MINHASH_BANDS; i++)
        equal += a[i] == b[i];
    return equal;
}

static void minhash__near_texts__share_a_band_and_others_none(void **state)
{
    struct vls_buf a, b;
    unsigned found = 0;
    (void)state;
    vls_buf_init(&a, 1u << 20);
    vls_buf_init(&b, 1u << 20);
    for (uint64_t from = 1; from <= 50; from++) {
        uint8_t x[VLS_MINHASH_BYTES], y[VLS_MINHASH_BYTES], z[VLS_MINHASH_BYTES];
        make_text(&a, from, 0);
        fingerprint(vls_buf_slice(&a), 4096, x);
        make_text(&b, from, 100); /* a likeness of about 0.9 */
        fingerprint(vls_buf_slice(&b), 4096, y);
        make_text(&b, from + 1000, 0);
        fingerprint(vls_buf_slice(&b), 4096, z);
        found += common_bands(x, y) > 0;
        assert_int_equal(common_bands(x, z), 0);
        assert_true(vls_minhash_likeness(x, z) < 0.1);
    }
    assert_true(found >= 48);
    vls_buf_fini(&a);
    vls_buf_fini(&b);
}

static void minhash__too_few_words__has_none(void **state)
{
    uint8_t out[VLS_MINHASH_BYTES];
    struct vls_shingler s;
    (void)state;
    vls_shingler_init(&s);
    vls_shingler_add(&s, vls_slice_text("only a few words \xff\xfe and no more than these"));
    assert_false(vls_shingler_finish(&s, out));
}

static void search_form__each_language__is_found_as_it_is_typed(void **state)
{
    static const struct {
        const char *text, *form;
    } ROWS[] = {
        {"  A/C.3/78/L.12, Rev. 1 ", "a c 3 78 l 12 rev 1"},
        {"Ordre du jour — Étude", "ordre du jour étude"},
        {"ДОКЛАД Ёлка", "доклад ёлка"},
        {"تَقْريرُ الهجـــرة", "تقرير الهجرة"},
        {"أعمال إدارة", "اعمال ادارة"},
        {"国际移民report", "国 际 移 民 report"},
        {"٢٠٢٥", "2025"},
        {"", ""},
        {"\xff\xfe", ""},
    };
    struct vls_buf out;
    (void)state;
    vls_buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        vls_buf_clear(&out);
        assert_true(vls_ok(vls_text_search_form(ROWS[i].text, false, &out)));
        assert_string_equal(vls_buf_text(&out), ROWS[i].form);
    }
    vls_buf_clear(&out);
    assert_true(vls_ok(vls_text_search_form("migr* \"x\" * y", true, &out)));
    assert_string_equal(vls_buf_text(&out), "migr* x y");
    vls_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minhash__layout_case_and_marks__do_not_count),
        cmocka_unit_test(minhash__pieces_cut_anywhere__are_the_same),
        cmocka_unit_test(minhash__estimate__is_near_the_truth),
        cmocka_unit_test(minhash__near_texts__share_a_band_and_others_none),
        cmocka_unit_test(minhash__too_few_words__has_none),
        cmocka_unit_test(search_form__each_language__is_found_as_it_is_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
