/* Symbols of both organizations: taken apart, compared, and written again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "document/symbol.h"

#define UN  VLS_SYMBOL_UN
#define IOM VLS_SYMBOL_IOM
#define NO  VLS_SYMBOL_UNPARSED

/* One letter a component: organ, body, session, year, nature, number, modifier. */
static void kinds_of(const struct vls_symbol *s, char *out)
{
    static const char LETTERS[] = "?obsyanm";
    for (size_t i = 0; i < s->count; i++)
        *out++ = LETTERS[s->components[i].kind];
    *out = '\0';
}

static const struct row {
    const char *issuer, *printed, *canonical, *kinds, *session;
    enum vls_symbol_grammar grammar;
} ROWS[] = {
    {"un", "A/70/976", "A/70/976", "osn", "70", UN},
    {"un", "A/RES/79/1", "A/RES/79/1", "oasn", "79", UN},
    {"un", "A/RES/78/183 A", "A/RES/78/183A", "oasn", "78", UN},
    {"un", "A/RES/60/283A-C", "A/RES/60/283A-C", "oasn", "60", UN},
    {"un", "A/RES/14(I)", "A/RES/14(I)", "oan", "I", UN},
    {"un", "A/RES/217 A (III)", "A/RES/217A(III)", "oan", "III", UN},
    {"un", "A/RES/3340 (XXIX) A", "A/RES/3340A(XXIX)", "oan", "XXIX", UN},
    {"un", "A/RES/S-27/2", "A/RES/S-27/2", "oasn", "S-27", UN},
    {"un", "A/ES-10/PV.1", "A/ES-10/PV.1", "osa", "ES-10", UN},
    {"un", "S/RES/2803 (2025)", "S/RES/2803", "oan", "2025", UN},
    {"un", "S/RES/1325(2000)", "S/RES/1325", "oan", "2000", UN},
    {"un", "S/RES/1325\xc2\xa0(2000)", "S/RES/1325", "oan", "2000", UN},
    {"un", "S/2025/1", "S/2025/1", "oyn", "2025", UN},
    {"un", "S/PV.9453 (Resumption 1)", "S/PV.9453(RESUMPTION 1)", "oa", "", UN},
    {"un", "S/PRST/2024/1", "S/PRST/2024/1", "oayn", "2024", UN},
    {"un", "A/C.3/78/L.12/Rev.1", "A/C.3/78/L.12/REV.1", "obsam", "78", UN},
    {"un", "A/78/481/Add.2", "A/78/481/ADD.2", "osnm", "78", UN},
    {"un", "A/78/5 (Vol. I)/Corr.1", "A/78/5(VOL. I)/CORR.1", "osnm", "78", UN},
    {"un", "A/520/Rev.20", "A/520/REV.20", "onm", "", UN},
    {"un", "A/CONF.48/14/REV.1", "A/CONF.48/14/REV.1", "obnm", "", UN},
    {"un", "A/HRC/43/71", "A/HRC/43/71", "obsn", "43", UN},
    {"un", "A/HRC/WG.6/45/CHN/1", "A/HRC/WG.6/45/CHN/1", "obbsbn", "45", UN},
    {"un", "A/HRC/55/NGO/12", "A/HRC/55/NGO/12", "obsan", "55", UN},
    {"un", "A/BUR/78/1", "A/BUR/78/1", "oasn", "78", UN},
    {"un", "A/INF/78/4", "A/INF/78/4", "oasn", "78", UN},
    {"un", "E/CN.4/Sub.2/AC.2/1987/WP.4/Add.1", "E/CN.4/SUB.2/AC.2/1987/WP.4/ADD.1", "obbbyam",
     "1987", UN},
    {"un", "E/2024/12", "E/2024/12", "oyn", "2024", UN},
    {"un", "E/5715/Add.2", "E/5715/ADD.2", "onm", "", UN},
    {"un", "E/CONF.105/2022/CRP.3", "E/CONF.105/2022/CRP.3", "obya", "2022", UN},
    {"un", "ST/SGB/2007/6", "ST/SGB/2007/6", "obyn", "2007", UN},
    {"un", "ST/SG/AC.10/1/Rev.23 (Vol. I)", "ST/SG/AC.10/1/REV.23(VOL. I)", "obbnm", "", UN},
    {"un", "TRADE/CEFACT/2004/32", "TRADE/CEFACT/2004/32", "obyn", "2004", UN},
    {"un", "TRADE/WP.4/1068", "TRADE/WP.4/1068", "obn", "", UN},
    {"un", "TRADE/WP.4/R.1068", "TRADE/WP.4/R.1068", "oba", "", UN},
    {"un", "CRC/C/GC/25", "CRC/C/GC/25", "obbn", "", UN},
    {"un", "CRC/C/SR.2703", "CRC/C/SR.2703", "oba", "", UN},
    {"un", "DP/2024/1/Amend.1", "DP/2024/1/AMEND.1", "oynm", "2024", UN},
    {"un", "UNEP/GC.SS.XII/3", "UNEP/GC.SS.XII/3", "obn", "", UN},
    {"un", "A/64/309/Summary", "A/64/309/SUMMARY", "osnm", "64", UN},
    {"un", "A/70/976/Add.1/Rev.2/Corr.1 (E/F)", "A/70/976/ADD.1/REV.2/CORR.1", "osnmmm", "70", UN},
    {"un", "A/70/976/Corr.", "A/70/976/CORR", "osnm", "70", UN},
    {"un", "A/70/976/Rev1", "A/70/976/REV.1", "osnm", "70", UN},
    {"un", "A/70/976*", "A/70/976", "osn", "70", UN},
    {"un", "A/70/976 **", "A/70/976", "osn", "70", UN},
    {"un", "A/70/976(OR)", "A/70/976", "osn", "70", UN},
    {"un", " a/70/0976 ", "A/70/976", "osn", "70", UN},
    {"iom", "C/106/54/Rev.1", "C/106/54/REV.1", "osnm", "106", IOM},
    {"iom", "C/109/L/1", "C/109/L/1", "osan", "109", IOM},
    {"iom", "MC/2398", "MC/2398", "on", "", IOM},
    {"iom", "MC/2398/Rev.1", "MC/2398/REV.1", "onm", "", IOM},
    {"iom", "S/15/5", "S/15/5", "osn", "15", IOM},
    {"iom", "C/Sp/1/7", "C/SP/1/7", "obsn", "1", IOM},
    {"iom", "No. 1309", "NO/1309", "on", "", IOM},
    {"iom", "Resolution No. 1309 (CVI)", "NO/1309", "on", "CVI", IOM},
    {"iom", "Council Resolution No. 1338 of 5 December 2016", "NO/1338", "on", "", IOM},
    /* kept, and compared as they are printed */
    {"un", "TRADE/WP.4/1068-TRADE/WP.4/R.1068", "TRADE/WP.4/1068-TRADE/WP.4/R.1068", "", "", NO},
    {"un", "A", "A", "", "", NO},
    {"un", "A//1", "A//1", "", "", NO},
    {"un", "A/RES", "A/RES", "", "", NO},
    {"un", "A/78/6 (Sect. 1", "A/78/6 (SECT. 1", "", "", NO},
    {"un", "Letter  dated 3 May", "LETTER DATED 3 MAY", "", "", NO},
    {"un", "وثيقة/1", "وثيقة/1", "", "", NO},
    {"un", "", "", "", "", NO},
    {"un", "A/99999999999999999999", "A/99999999999999999999", "", "", NO},
    {"wfp", "WFP/EB.1/2024/1", "WFP/EB.1/2024/1", "", "", NO},
};

static void symbol__of_each_kind__taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct vls_symbol s;
        char kinds[VLS_SYMBOL_COMPONENTS + 1], session[VLS_MAX_SYMBOL];
        vls_symbol_parse(ROWS[i].issuer, ROWS[i].printed, &s);
        kinds_of(&s, kinds);
        assert_string_equal(s.printed, ROWS[i].printed);
        assert_string_equal(s.canonical, ROWS[i].canonical);
        assert_string_equal(kinds, ROWS[i].kinds);
        assert_int_equal(s.grammar, ROWS[i].grammar);
        assert_string_equal(vls_symbol_session(&s, session, sizeof session), ROWS[i].session);
    }
}

static void symbol__canonical_form__reads_as_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct vls_symbol s;
        if (strncmp(ROWS[i].canonical, "NO/", 3) == 0)
            continue; /* "No. 1309": what it is compared by is not how it is printed */
        vls_symbol_parse(ROWS[i].issuer, ROWS[i].canonical, &s);
        assert_string_equal(s.canonical, ROWS[i].canonical);
    }
}

static void symbol__marks__counted_and_not_compared(void **state)
{
    struct vls_symbol s;
    (void)state;
    vls_symbol_parse("un", "A/70/976**", &s);
    assert_int_equal(s.reissue, 2);
    vls_symbol_parse("un", "A/C.1/PV.3 (OR)", &s);
    assert_true(s.is_official_record);
    assert_string_equal(s.canonical, "A/C.1/PV.3");
    assert_string_equal(s.base, "A/C.1/PV.3");
    vls_symbol_parse("un", "A/70/976/Add.1/Rev.2", &s);
    assert_string_equal(s.base, "A/70/976");
    assert_int_equal(s.modifiers, 2);
}

static void symbol__same_letters_of_two_issuers__are_two(void **state)
{
    struct vls_symbol council, committee;
    (void)state;
    vls_symbol_parse("iom", "C/106/54", &council);
    vls_symbol_parse("un", "C/106/54", &committee);
    assert_int_equal(council.grammar, VLS_SYMBOL_IOM);
    assert_int_equal(committee.grammar, VLS_SYMBOL_UN);
}

static void symbol__corr_for_some_languages__says_which(void **state)
{
    struct vls_symbol s;
    (void)state;
    vls_symbol_parse("un", "A/70/976/Corr.1 (E/F)", &s);
    assert_int_equal(vls_symbol_languages(&s), vls_language_bit("en") | vls_language_bit("fr-CH"));
    vls_symbol_parse("un", "A/70/976/Corr.1 (F only)", &s);
    assert_int_equal(vls_symbol_languages(&s), vls_language_bit("FR"));
    vls_symbol_parse("un", "A/70/976/Corr.1", &s);
    assert_int_equal(vls_symbol_languages(&s), 0);
    vls_symbol_parse("un", "A/70/976/Corr.1 (Part I)", &s);
    assert_int_equal(vls_symbol_languages(&s), 0);
    assert_int_equal(vls_language_bit("tlh"), 0);
}

static void symbol__pattern__matches_what_begins_so(void **state)
{
    struct vls_symbol s;
    (void)state;
    vls_symbol_parse("un", "A/C.3/78/L.12/Rev.1", &s);
    assert_true(vls_symbol_matches("un", "A/C.3/78/L.12/Rev.1", &s));
    assert_true(vls_symbol_matches("un", "a/c.3/78/*", &s));
    assert_true(vls_symbol_matches("un", "*", &s));
    assert_false(vls_symbol_matches("un", "A/C.3/78/L.1", &s));
    assert_false(vls_symbol_matches("un", "A/C.3/7", &s));
    assert_false(vls_symbol_matches("un", "A/C.2/*", &s));
    assert_false(vls_symbol_matches("un", "", &s));
}

/* -- properties -------------------------------------------------------------------------------- */

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % n);
}

static void random_component(struct vls_symbol_component *c)
{
    static const char *const NAMES[] = {"C", "CONF", "CN", "HRC", "RES", "L", "PV", "WP", "SUB"};
    static const char *const WITHIN[] = {"III", "2025", "VOL. I", "PART 2, SECT. B"};
    static const char *const LETTERS[] = {"A", "B", "A-C", "BIS"};
    *c = (struct vls_symbol_component){.name = ""};
    if (random_below(2) == 0)
        snprintf(c->name, sizeof c->name, "%s", NAMES[random_below(9)]);
    c->has_number = c->name[0] == '\0' || random_below(3) != 0;
    if (c->has_number) {
        c->number = random_below(3) == 0 ? random_below(999999999) : random_below(3000);
        c->joint = c->name[0] != '\0' ? '.' : '\0';
        if (random_below(6) == 0)
            snprintf(c->letters, sizeof c->letters, "%s", LETTERS[random_below(4)]);
    }
    if (random_below(6) == 0)
        snprintf(c->within, sizeof c->within, "%s", WITHIN[random_below(4)]);
}

static void random_symbol(struct vls_symbol *s)
{
    static const char *const MODIFIERS[] = {"ADD", "AMEND", "CORR", "REV"};
    *s = (struct vls_symbol){.count = 1};
    snprintf(s->components[0].name, VLS_SYMBOL_WORD, "%s", random_below(2) == 0 ? "A" : "TRADE");
    for (uint32_t n = 1 + random_below(5); n > 0; n--)
        random_component(&s->components[s->count++]);
    s->components[s->count++] =
        (struct vls_symbol_component){.has_number = true, .number = random_below(2000)};
    for (uint32_t n = random_below(4); n > 0; n--, s->modifiers++) {
        struct vls_symbol_component *c = &s->components[s->count++];
        *c = (struct vls_symbol_component){
            .joint = '.', .has_number = true, .number = 1 + random_below(40)};
        snprintf(c->name, sizeof c->name, "%s", MODIFIERS[random_below(4)]);
    }
}

static void same_component(const struct vls_symbol_component *a,
                           const struct vls_symbol_component *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->joint, b->joint);
    assert_int_equal(a->has_number, b->has_number);
    assert_int_equal(a->number, b->number);
    assert_string_equal(a->letters, b->letters);
    assert_string_equal(a->within, b->within);
}

static void symbol__written_and_read__is_the_same(void **state)
{
    (void)state;
    for (seed = 1; seed < 400000; seed += 20) {
        uint64_t kept = seed;
        struct vls_symbol s, back;
        char text[VLS_MAX_SYMBOL + 1], again[VLS_MAX_SYMBOL + 1];
        random_symbol(&s);
        seed = kept;
        if (!vls_symbol_write(&s, s.count, text, sizeof text))
            continue;
        vls_symbol_parse("un", text, &back);
        if (back.grammar != VLS_SYMBOL_UN || back.count != s.count)
            fail_msg("%s", text);
        for (size_t i = 0; i < s.count; i++)
            same_component(&s.components[i], &back.components[i]);
        assert_int_equal(back.modifiers, s.modifiers);
        assert_true(vls_symbol_write(&back, back.count, again, sizeof again));
        assert_string_equal(again, text);
    }
}

/* Whatever is printed is kept, and its canonical form is a fixed point. */
static void symbol__any_text__kept_verbatim(void **state)
{
    static const char ALPHABET[] = "AaC./() *-123RevCorrAdd SL\xc3\xa9\xc2\xa0No";
    (void)state;
    for (seed = 7; seed < 2000000; seed += 40) {
        uint64_t kept = seed;
        char text[40];
        struct vls_symbol s, again;
        size_t len = random_below(sizeof text);
        for (size_t i = 0; i < len; i++)
            text[i] = ALPHABET[random_below(sizeof ALPHABET - 1)];
        text[len] = '\0';
        seed = kept;
        vls_symbol_parse(kept % 80 == 7 ? "un" : "iom", text, &s);
        assert_string_equal(s.printed, text);
        if (s.grammar == VLS_SYMBOL_UNPARSED || strncmp(s.canonical, "NO/", 3) == 0)
            continue;
        vls_symbol_parse(kept % 80 == 7 ? "un" : "iom", s.canonical, &again);
        assert_string_equal(again.canonical, s.canonical);
        assert_string_equal(again.base, s.base);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbol__of_each_kind__taken_apart),
        cmocka_unit_test(symbol__canonical_form__reads_as_itself),
        cmocka_unit_test(symbol__marks__counted_and_not_compared),
        cmocka_unit_test(symbol__same_letters_of_two_issuers__are_two),
        cmocka_unit_test(symbol__corr_for_some_languages__says_which),
        cmocka_unit_test(symbol__pattern__matches_what_begins_so),
        cmocka_unit_test(symbol__written_and_read__is_the_same),
        cmocka_unit_test(symbol__any_text__kept_verbatim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
