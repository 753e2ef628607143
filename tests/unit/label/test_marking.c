#include "label/label_test.h"

#include "label/marking.h"

#define HEAD                                                                                       \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"                               \
    "<securityPolicyId name='POLICY' id='2.999.1'>"
#define CLASSES "</securityPolicyId><securityClassifications>"
#define CLASS   "<securityClassification name='SECRET' lacv='1' hierarchy='1'>"
#define END     "</securityClassification></securityClassifications>"
#define PLAIN   HEAD CLASSES CLASS END
#define TAG                                                                                        \
    "<securityCategoryTagSets><securityCategoryTagSet name='Set' id='2.999.1.1'>"                  \
    "<securityCategoryTag name='Tag' tagType='restrictive'>"
#define TAG_END "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets>"

#define PHRASE(lang, text, codes) "<markingData " lang " phrase='" text "'>" codes "</markingData>"
#define CODE(name)                "<code>" name "</code>"

static void expect(const char *spif, const char *label_text, enum vls_marking_code where,
                   const char *language, const char *words)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(spif), "t.xml", &scheme, &why)))
        fail_msg("%s", why.text);
    struct vls_scheme_set set = {&scheme, 1};
    struct vls_label label;
    if (!vls_ok(vls_label_read(label_text, &set, &label, &why)))
        fail_msg("%s", why.text);
    struct vls_buf out;
    vls_buf_init(&out, VLS_MAX_MARKING);
    assert_code(vls_label_mark(&label, where, language, &out), OK);
    const char *text = vls_buf_text(&out);
    assert_string_equal(text != NULL ? text : "", words);
    vls_buf_fini(&out);
    vls_label_fini(&label);
    vls_scheme_free(&scheme);
}

static void marking__no_marking_data__is_the_names(void **state)
{
    (void)state;
    expect(PLAIN "</SPIF>", "policy/secret", VLS_MARK_PAGE_TOP, NULL, "POLICY SECRET");
    expect(PLAIN TAG "<tagCategory name='One' lacv='1'/><tagCategory name='Two' lacv='2'/>" TAG_END
                     "</SPIF>",
           "policy/secret;set/one;set/two", VLS_MARK_PORTION, NULL, "POLICY SECRET One Two");
}

static void marking__every_place__has_its_phrase_and_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        uint32_t places;
    } PLACES[] = {{"pageTop", VLS_MARK_PAGE_TOP},
                  {"pageBottom", VLS_MARK_PAGE_BOTTOM},
                  {"pageTopBottom", VLS_MARK_PAGE_TOP | VLS_MARK_PAGE_BOTTOM},
                  {"documentStart", VLS_MARK_DOCUMENT_START},
                  {"documentEnd", VLS_MARK_DOCUMENT_END},
                  {"portionMarking", VLS_MARK_PORTION},
                  {"firstLineOfText", VLS_MARK_FIRST_LINE},
                  {"lastLineOfText", VLS_MARK_LAST_LINE},
                  {"subject", VLS_MARK_SUBJECT},
                  {"xHeader", VLS_MARK_X_HEADER},
                  {"inputTitle", VLS_MARK_INPUT_TITLE},
                  {"waterMark", VLS_MARK_WATERMARK}};
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        char spif[1024];
        snprintf(spif, sizeof spif,
                 HEAD CLASSES CLASS "<markingData phrase='S'><code>%s</code></markingData>" END
                                    "</SPIF>",
                 PLACES[i].code);
        for (size_t k = 0; vls_marking_place_name(k) != NULL; k++) {
            enum vls_marking_code where = (enum vls_marking_code)(1u << k);
            assert_int_equal(vls_marking_place(vls_marking_place_name(k)), where);
            expect(spif, "policy/secret", where, NULL,
                   (PLACES[i].places & where) != 0 ? "POLICY S" : "POLICY SECRET");
        }
    }
    assert_int_equal(vls_marking_place("pageTop"), 0);
}

#define IN_LANGUAGES                                                                               \
    HEAD CLASSES CLASS PHRASE("xml:lang='en'", "english", CODE("pageTop"))                         \
        PHRASE("xml:lang='fr'", "français", CODE("pageTop"))                                       \
            PHRASE("xml:lang='pt-BR'", "do brasil", CODE("pageTop"))                               \
                PHRASE("xml:lang='pt'", "português", CODE("pageTop")) END "</SPIF>"

static void marking__language__falls_back_in_its_order(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"fr", "POLICY français"},     {"fr-CH", "POLICY français"}, {"FR", "POLICY français"},
        {"pt-BR", "POLICY do brasil"}, {"pt", "POLICY português"},   {"en-GB", "POLICY english"},
        {"ru", "POLICY english"}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        expect(IN_LANGUAGES, "policy/secret", VLS_MARK_PAGE_TOP, CASES[i][0], CASES[i][1]);
    /* one of no language comes before English, and a name before a foreign phrase */
    expect(HEAD CLASSES CLASS PHRASE("xml:lang='en'", "english", CODE("pageTop"))
               PHRASE("", "anyone", CODE("pageTop")) END "</SPIF>",
           "policy/secret", VLS_MARK_PAGE_TOP, "ru", "POLICY anyone");
    expect(HEAD CLASSES CLASS PHRASE("xml:lang='fr'", "français", CODE("pageTop")) END "</SPIF>",
           "policy/secret", VLS_MARK_PAGE_TOP, "ru", "POLICY SECRET");
    /* a language is inherited, as everywhere in XML */
    expect(HEAD CLASSES "<securityClassification name='SECRET' lacv='1' hierarchy='1' "
                        "xml:lang='fr'>" PHRASE("", "secret", CODE("pageTop")) END "</SPIF>",
           "policy/secret", VLS_MARK_PAGE_TOP, "ru", "POLICY SECRET");
}

static void marking__right_to_left__is_passed_on_byte_for_byte(void **state)
{
    (void)state;
    expect(HEAD CLASSES CLASS PHRASE("xml:lang='ar'", "سري للغاية", CODE("pageTop"))
               END PHRASE("xml:lang='ar'", "الأمم المتحدة", CODE("replacePolicy")) "</SPIF>",
           "policy/secret", VLS_MARK_PAGE_TOP, "ar", "الأمم المتحدة سري للغاية");
}

static void marking__replace_policy__the_most_particular_wins(void **state)
{
    (void)state;
#define ROOT     PHRASE("", "ROOT", CODE("replacePolicy"))
#define CATEGORY "<tagCategory name='One' lacv='1'>"
    expect(PLAIN ROOT "</SPIF>", "policy/secret", VLS_MARK_PORTION, NULL, "ROOT SECRET");
    expect(PLAIN PHRASE("", "", CODE("replacePolicy")) "</SPIF>", "policy/secret", VLS_MARK_PORTION,
           NULL, "SECRET");
    expect(PLAIN "<markingData><code>replacePolicy</code></markingData></SPIF>", "policy/secret",
           VLS_MARK_PORTION, NULL, "POLICY SECRET");
    expect(HEAD CLASSES CLASS PHRASE("", "COSMIC", CODE("replacePolicy")) END ROOT "</SPIF>",
           "policy/secret", VLS_MARK_PORTION, NULL, "COSMIC SECRET");
    expect(PLAIN TAG CATEGORY PHRASE(
               "", "ATOMIC", CODE("replacePolicy") CODE("pageTop")) "</tagCategory>" TAG_END ROOT
                                                                    "</SPIF>",
           "policy/secret;set/one", VLS_MARK_PAGE_TOP, NULL, "ATOMIC SECRET One");
    expect(PLAIN TAG CATEGORY PHRASE(
               "", "ATOMIC", CODE("replacePolicy") CODE("pageTop")) "</tagCategory>" TAG_END ROOT
                                                                    "</SPIF>",
           "policy/secret;set/one", VLS_MARK_PORTION, NULL, "ROOT SECRET One");
    /* a place of its own comes before one of no place */
    expect(PLAIN PHRASE("xml:lang='en'", "ROOT", CODE("replacePolicy"))
               PHRASE("", "", CODE("replacePolicy") CODE("portionMarking")) "</SPIF>",
           "policy/secret", VLS_MARK_PORTION, "en", "SECRET");
    expect(HEAD PHRASE("", "P", CODE("pageTop")) CLASSES CLASS END "</SPIF>", "policy/secret",
           VLS_MARK_PAGE_TOP, NULL, "P SECRET");
}

static void marking__names_not_shown__are_left_out_where_the_codes_say(void **state)
{
    (void)state;
#define CASE(codes, where, words)                                                                  \
    expect(HEAD CLASSES CLASS codes END "</SPIF>", "policy/secret", where, NULL, words)
    CASE("<markingData><code>noNameDisplay</code></markingData>", VLS_MARK_PAGE_TOP, "POLICY");
    CASE(PHRASE("", "S", CODE("noNameDisplay")), VLS_MARK_PAGE_TOP, "POLICY S");
    CASE(PHRASE("", "S", CODE("noNameDisplay") CODE("pageTop")), VLS_MARK_PAGE_TOP, "POLICY S");
    CASE(PHRASE("", "S", CODE("noNameDisplay") CODE("pageTop")), VLS_MARK_PORTION, "POLICY SECRET");
    CASE(PHRASE("", "S", CODE("pageTop")) "<markingData><code>noNameDisplay</code></markingData>",
         VLS_MARK_PAGE_TOP, "POLICY S");
    CASE(PHRASE("", "S", CODE("pageTop")) "<markingData><code>noNameDisplay</code></markingData>",
         VLS_MARK_PORTION, "POLICY");
    CASE(PHRASE("", "S", CODE("noMarkingDisplay")), VLS_MARK_PAGE_TOP, "POLICY");
    CASE(PHRASE("", "S", CODE("noMarkingDisplay")), VLS_MARK_INPUT_TITLE, "POLICY S");
    CASE(PHRASE("", "S", CODE("noMarkingDisplay") CODE("subject")), VLS_MARK_PAGE_TOP,
         "POLICY SECRET");
    CASE(PHRASE("", "", CODE("pageTop")), VLS_MARK_PAGE_TOP, "POLICY");
    CASE("<markingData><code>suppressClassName</code></markingData>", VLS_MARK_PAGE_TOP, "POLICY");
#undef CASE
    expect(PLAIN TAG CATEGORY PHRASE("", "ONE-SECRET",
                                     CODE("suppressClassName")) "</tagCategory>" TAG_END "</SPIF>",
           "policy/secret;set/one", VLS_MARK_PAGE_TOP, NULL, "POLICY ONE-SECRET");
    expect(PLAIN TAG CATEGORY PHRASE(
               "", "ONE-SECRET", CODE("suppressClassName") CODE("subject")) "</tagCategory>" TAG_END
                                                                            "</SPIF>",
           "policy/secret;set/one", VLS_MARK_PAGE_TOP, NULL, "POLICY SECRET One");
}

#define QUALIFIER(attributes, text, kind)                                                          \
    "<qualifier " attributes " markingQualifier='" text "' qualifierCode='" kind "'/>"

static void marking__qualifiers__stand_around_what_they_belong_to(void **state)
{
    (void)state;
#define TWO                                                                                        \
    "<tagCategory name='One' lacv='1'/><tagCategory name='Two' lacv='2'>"                          \
    "<markingQualifier>" QUALIFIER("", "&lt;", "prefix")                                           \
        QUALIFIER("", "&gt;", "suffix") "</markingQualifier></tagCategory>"                        \
                                        "<markingQualifier>" QUALIFIER("", "[", "prefix")          \
                                            QUALIFIER("", "]", "suffix")                           \
                                                QUALIFIER("", " &amp; ", "separator")              \
                                                    QUALIFIER("xml:lang='fr'", "{",                \
                                                              "prefix") "</markingQualifier>"
#define OUTER                                                                                      \
    "<markingQualifier markingCode='pageTopBottom'>" QUALIFIER("", "* ", "prefix")                 \
        QUALIFIER("", " *", "suffix")                                                              \
            QUALIFIER("", "//", "separator") "</markingQualifier></SPIF>"
    const char *label = "policy/secret;set/one;set/two";
    expect(PLAIN TAG TWO TAG_END OUTER, label, VLS_MARK_PAGE_TOP, NULL,
           "* POLICY//SECRET//[One & <Two>] *");
    expect(PLAIN TAG TWO TAG_END OUTER, label, VLS_MARK_PAGE_BOTTOM, "fr",
           "* POLICY//SECRET//{One & <Two>] *");
    expect(PLAIN TAG TWO TAG_END OUTER, label, VLS_MARK_PORTION, NULL,
           "POLICY SECRET [One & <Two>]");
    expect(PLAIN TAG TWO TAG_END OUTER, "policy/secret", VLS_MARK_PORTION, NULL, "POLICY SECRET");
    expect(HEAD "<markingQualifier>" QUALIFIER("", "p:", "prefix") QUALIFIER(
               "", ":p", "suffix") "</markingQualifier>" CLASSES CLASS
                                   "<markingQualifier>" QUALIFIER("", "c:", "prefix")
                                       QUALIFIER("", ":c", "suffix") "</markingQualifier>" END
                                                                     "</SPIF>",
           "policy/secret", VLS_MARK_PORTION, NULL, "p:POLICY:p c:SECRET:c");
}

static void shipped__united_nations__is_marked_in_six_languages(void **state)
{
    (void)state;
    static const char *const LANGUAGES[] = {"ar", "en", "es", "fr", "ru", "zh"};
    struct label_schemes s = load_schemes();
    struct vls_buf out;
    vls_buf_init(&out, VLS_MAX_MARKING);
    for (size_t i = 0; i < sizeof LANGUAGES / sizeof LANGUAGES[0]; i++)
        assert_true(vls_scheme_speaks(s.un, LANGUAGES[i]));
    assert_false(vls_scheme_speaks(s.un, "de"));
    struct vls_label label = label_of(&s, "un-sgb-2007-6/strictly-confidential");
    static const struct {
        enum vls_marking_code where;
        const char *language, *words;
    } CASES[] = {{VLS_MARK_PAGE_TOP, "en", "UNITED NATIONS STRICTLY CONFIDENTIAL"},
                 {VLS_MARK_DOCUMENT_END, "de", "UNITED NATIONS STRICTLY CONFIDENTIAL"},
                 {VLS_MARK_PAGE_BOTTOM, "fr", "NATIONS UNIES STRICTEMENT CONFIDENTIEL"},
                 {VLS_MARK_DOCUMENT_START, "ar", "الأمم المتحدة سري للغاية"},
                 {VLS_MARK_PORTION, "en", "(SC)"},
                 {VLS_MARK_PORTION, "ar", "(SC)"}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        vls_buf_clear(&out);
        assert_code(vls_label_mark(&label, CASES[i].where, CASES[i].language, &out), OK);
        assert_string_equal(vls_buf_text(&out), CASES[i].words);
    }
    vls_buf_fini(&out);
    vls_scheme_set_free(&s.set);
}

static void shipped__tlp__is_never_translated_and_has_the_colours_of_first(void **state)
{
    (void)state;
    static const char *const LABELS[][3] = {{"clear", "TLP:CLEAR", "#FFFFFF"},
                                            {"green", "TLP:GREEN", "#33FF00"},
                                            {"amber", "TLP:AMBER", "#FFC000"},
                                            {"amber-strict", "TLP:AMBER+STRICT", "#ffc000"},
                                            {"red", "TLP:RED", "#FF2B2B"}};
    struct vls_scheme *s = NULL;
    assert_code(vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/tlp-2-0.xml", &s, NULL), OK);
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        const struct vls_classification *c = vls_scheme_by_handle(s, LABELS[i][0]);
        assert_ptr_equal(c, vls_scheme_at(s, i));
        assert_string_equal(c->color, LABELS[i][2]);
        struct vls_label label = vls_label_of(s, c);
        struct vls_buf out;
        vls_buf_init(&out, VLS_MAX_MARKING);
        assert_code(vls_label_mark(&label, VLS_MARK_PAGE_TOP, "ar", &out), OK);
        assert_string_equal(vls_buf_text(&out), LABELS[i][1]);
        vls_buf_fini(&out);
    }
    vls_scheme_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marking__no_marking_data__is_the_names),
        cmocka_unit_test(marking__every_place__has_its_phrase_and_no_other),
        cmocka_unit_test(marking__language__falls_back_in_its_order),
        cmocka_unit_test(marking__right_to_left__is_passed_on_byte_for_byte),
        cmocka_unit_test(marking__replace_policy__the_most_particular_wins),
        cmocka_unit_test(marking__names_not_shown__are_left_out_where_the_codes_say),
        cmocka_unit_test(marking__qualifiers__stand_around_what_they_belong_to),
        cmocka_unit_test(shipped__united_nations__is_marked_in_six_languages),
        cmocka_unit_test(shipped__tlp__is_never_translated_and_has_the_colours_of_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
