/* What a document is called, and whether a file is the one that was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ods.h"

static void expect_name(const char *given, bool is_job, const char *text, const char *language)
{
    struct ods_name name;
    char why[PLUG_WHY] = "";
    if (!ods_name_read(given, NULL, &name, why, sizeof why))
        fail_msg("%s: %s", given, why);
    if (name.is_job != is_job || strcmp(name.text, text) != 0 ||
        strcmp(name.language != NULL ? name.language->code : "", language) != 0)
        fail_msg("%s is %s %s in '%s'", given, name.is_job ? "job" : "symbol", name.text,
                 name.language != NULL ? name.language->code : "");
}

static void symbol__as_printed__is_kept(void **state)
{
    (void)state;
    expect_name("A/RES/79/1", false, "A/RES/79/1", "");
    expect_name("  S/RES/2803  (2025) ", false, "S/RES/2803 (2025)", "");
    expect_name("A/RES/14(I)", false, "A/RES/14(I)", "");
    expect_name("TRADE/CEFACT/2004/32/Rev.1/Add.2/Corr.1", false,
                "TRADE/CEFACT/2004/32/Rev.1/Add.2/Corr.1", "");
}

static void job_number__with_or_without_its_letter__is_told(void **state)
{
    char path[128];
    (void)state;
    expect_name("N2427222", true, "N2427222", "");
    expect_name("n2321733 F", true, "N2321733", "fr");
    expect_name("G0430683", true, "G0430683", "");
    expect_name("N24272222", false, "N24272222", "");
    ods_job_path("N2427222", "pdf", path, sizeof path);
    assert_string_equal(path, "/doc/undoc/gen/n24/272/22/pdf/n2427222.pdf");
    ods_job_path("G0430683", "doc", path, sizeof path);
    assert_string_equal(path, "/doc/undoc/gen/g04/306/83/doc/g0430683.doc");
}

static void old_address__of_any_era__is_mapped(void **state)
{
    (void)state;
    expect_name("https://documents-dds-ny.un.org/doc/UNDOC/GEN/G04/306/83/pdf/"
                "G0430683.pdf?OpenElement",
                true, "G0430683", "");
    expect_name("http://documents-dds-ny.un.org/doc/UNDOC/GEN/G04/306/83/doc/"
                "G0430683.DOC?OpenElement",
                true, "G0430683", "");
    expect_name("https://documents.un.org/doc/undoc/gen/n24/272/22/pdf/n2427222.pdf", true,
                "N2427222", "");
    expect_name("https://documents.un.org/api/symbol/access?s=A%2FRES%2F79%2F1&l=fr&t=pdf", false,
                "A/RES/79/1", "fr");
    expect_name("https://documents.un.org/api/symbol/access?j=N2427222&amp;t=pdf", true, "N2427222",
                "");
    expect_name("https://undocs.org/A/70/976", false, "A/70/976", "");
    expect_name("http://undocs.org/en/A/70/976", false, "A/70/976", "en");
    expect_name("https://docs.un.org/ot/A/RES/79/1", false, "A/RES/79/1", "de");
    expect_name("https://undocs.org/en/S/RES/2803%20(2025)", false, "S/RES/2803 (2025)", "en");
    expect_name("https://undocs.org/Home/Mobile?FinalSymbol=A%2F70%2F976&Language=E", false,
                "A/70/976", "en");
    expect_name("https://daccess-ods.un.org/access.nsf/Get?Open&DS=A/70/976&Lang=E", false,
                "A/70/976", "en");
    expect_name("https://daccess-ods.un.org/access.nsf/GetFile?Open&DS=A/70/976&Lang=F&Type=DOC",
                false, "A/70/976", "fr");
}

static void name__that_is_none__is_refused_with_a_reason(void **state)
{
    static const char *const CASES[] = {
        "",
        "   ",
        "https://example.org/A/70/976",
        "ftp://undocs.org/A/70/976",
        "https://undocs.org/",
        "https://undocs.org/xx/A/70/976",
        "https://user@undocs.org/A/70/976",
        "https://documents.un.org/doc/undoc/gen/n24/",
        "https://documents.un.org/api/symbol/access?l=en",
        "https://undocs.org/en/A%00",
        "A\xff/1",
    };
    struct ods_name name;
    char why[PLUG_WHY], longest[400];
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        why[0] = '\0';
        if (ods_name_read(CASES[i], NULL, &name, why, sizeof why))
            fail_msg("'%s' is taken as %s", CASES[i], name.text);
        if (CASES[i][0] != '\0')
            assert_true(why[0] != '\0');
    }
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(ods_name_read(longest, NULL, &name, why, sizeof why));
}

static void language__by_any_of_its_names__is_found(void **state)
{
    (void)state;
    assert_string_equal(ods_language("FR")->api, "fr");
    assert_string_equal(ods_language("de")->api, "O");
    assert_string_equal(ods_language("ot")->code, "de");
    assert_string_equal(ods_language("C")->code, "zh");
    assert_null(ods_language("pt"));
    assert_null(ods_language(""));
}

/* -- whether it is the one --------------------------------------------------------------------- */

static bool is_the_one(const char *symbol, const char *name, const char *content)
{
    char other[256];
    int fd = plug_memory_file();
    assert_int_equal(plug_write(fd, content, strlen(content)), 0);
    bool is_it = ods_is_the_one(symbol, name, fd, strlen(content), PLUG_PDF, other, sizeof other);
    close(fd);
    return is_it;
}

static void file__that_names_another_symbol__is_told(void **state)
{
    (void)state;
    assert_true(is_the_one("A/79/PV.1", "A_79_PV.1-EN.pdf", ""));
    assert_false(is_the_one("A/79/PV.1", "A_79_PV.10-EN.pdf", ""));
    assert_true(is_the_one("S/RES/2803 (2025)", "S_RES_2803_(2025)-FR.pdf", ""));
    assert_true(is_the_one("A/79/PV.1", "n2427222.pdf", ""));
    assert_true(is_the_one("A/79/PV.1", "download.pdf", ""));
}

static void pdf__whose_title_is_another_symbol__is_told(void **state)
{
    (void)state;
    assert_true(is_the_one("A/RES/77/1", "", "%PDF-1.4 << /Title (A/RES/77/1) >>"));
    assert_false(is_the_one("A/RES/77/1", "", "%PDF-1.4 << /Title (A/RES/77/10) >>"));
    assert_false(is_the_one("A/70/976", "", "%PDF-1.4 << /Title (A/70/976/Corr.1 - text) >>"));
    assert_true(is_the_one("A/70/976", "", "%PDF-1.4 << /Title (A/70/976 - Report) >>"));
    assert_true(is_the_one("S/RES/2803 (2025)", "", "%PDF << /Title (S/RES/2803 \\(2025\\)) >>"));
    assert_true(is_the_one("S/RES/2803 (2025)", "", "%PDF << /Title (S/RES/2803) >>"));
    assert_true(is_the_one("S/PV.2970", "", "%PDF << /Title (S/PV.2970\\(OR\\)) >>"));
    assert_true(is_the_one("A/RES/77/1", "", "%PDF << /Title (Microsoft Word - draft.docx) >>"));
    assert_true(is_the_one("A/RES/77/1", "", "%PDF << /Title () >> and /Title"));
    assert_true(is_the_one("A/RES/77/1", "", "%PDF no title"));
    assert_false(is_the_one(
        "A/70/1", "",
        "%PDF << /Title <FEFF0041002F00370030002F00310030> >>")); /* A/70/10, in UTF-16 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbol__as_printed__is_kept),
        cmocka_unit_test(job_number__with_or_without_its_letter__is_told),
        cmocka_unit_test(old_address__of_any_era__is_mapped),
        cmocka_unit_test(name__that_is_none__is_refused_with_a_reason),
        cmocka_unit_test(language__by_any_of_its_names__is_found),
        cmocka_unit_test(file__that_names_another_symbol__is_told),
        cmocka_unit_test(pdf__whose_title_is_another_symbol__is_told),
    };
    return cmocka_run_group_tests_name("un-ods names", tests, NULL, NULL);
}
