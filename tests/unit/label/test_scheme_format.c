#include "label/label_test.h"

#include <stdlib.h>
#include <unistd.h>

/* The format, element by element and attribute by attribute: what is refused, and with what words.
 */

#define NS           "xmlns='http://www.xmlspif.org/spif'"
#define SPIF         "<SPIF " NS " schemaVersion='2.1'>"
#define POLICY       "<securityPolicyId name='Test' id='2.999.1'/>"
#define CLASS        "<securityClassification name='A' lacv='1' hierarchy='1'"
#define HEAD         SPIF POLICY "<securityClassifications>"
#define TAIL         "</securityClassifications></SPIF>"
#define ROOT(inner)  HEAD CLASS "/></securityClassifications>" inner "</SPIF>"
#define LEVEL(inner) HEAD CLASS ">" inner "</securityClassification>" TAIL
#define SETS(inner)  ROOT("<securityCategoryTagSets>" inner "</securityCategoryTagSets>")
#define TAG(attributes, inner)                                                                     \
    SETS("<securityCategoryTagSet name='S' id='2.999.1.1'><securityCategoryTag " attributes        \
         ">" inner "</securityCategoryTag></securityCategoryTagSet>")
#define CAT(attributes, inner)                                                                     \
    TAG("tagType='permissive'", "<tagCategory " attributes ">" inner "</tagCategory>")
#define MARK(inner) LEVEL("<markingData phrase='x'>" inner "</markingData>")

static const struct {
    const char *spif, *words;
} BAD[] = {
    /* names and namespaces */
    {"<SPIF xmlns='http://www.xmlspif.org/spif/' schemaVersion='2.1'/>", "of namespace"},
    {ROOT("<x xmlns='urn:x'/>"), "of namespace 'urn:x'"},
    {ROOT("<unknown/>"), "<unknown>: such an element may not stand here"},
    {LEVEL("<tagCategory name='a' lacv='1'/>"), "such an element may not stand here"},
    {ROOT("<extensions><SPIF/></extensions>"), "says nothing within extensions"},
    {ROOT("<extensions a='b'/>"), "an attribute 'a'"},
    {SPIF "<securityPolicyId name='Test' id='2.999.1' x:y='1' xmlns:x='urn:x'/>",
     "an attribute 'x:y'"},
    {LEVEL("<markingData phrase='x' xml:long='fr'><code>pageTop</code></markingData>"),
     "an attribute 'xml:long'"},
    {MARK("<code xml:lang='fr'>pageTop</code>"), "an attribute 'xml:lang'"},
    {HEAD CLASS " xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='x'/>" TAIL,
     "an attribute 'i:type'"},
    {HEAD CLASS " u:v='1'/>" TAIL, "not well-formed"},
    {ROOT("<updateInfo when='now'/>"), "an attribute 'when'"},
    {ROOT("<updateInfo>now</updateInfo>"), "text where only elements"},
    /* what is not followed */
    {ROOT("<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>"),
     "a signature is not verified here"},
    {ROOT("<extensions><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/></extensions>"),
     "a signature is not verified here"},
    {ROOT("<extensions><include xmlns='http://www.w3.org/2001/XInclude' href='/etc/passwd'/>"
          "</extensions>"),
     "nothing is included"},
    {HEAD "<include xmlns='http://www.w3.org/2001/XInclude' href='/etc/passwd'/>" TAIL,
     "nothing is included"},
    {"<?xml-stylesheet href='x.xsl'?>" ROOT(""), "a processing instruction (<?xml-stylesheet?>)"},
    {HEAD "<?php x?>" CLASS "/>" TAIL, "a processing instruction (<?php?>)"},
    {ROOT("<extensions><?php x?></extensions>"), "a processing instruction"},
    /* how many */
    {SPIF "<securityClassifications>" CLASS "/>" TAIL, "no <securityPolicyId> in it"},
    {SPIF POLICY "</SPIF>", "no <securityClassifications> in it"},
    {ROOT("<updateInfo/><updateInfo/>"), "given twice"},
    {ROOT("<extensions/><extensions/>"), "given twice"},
    {ROOT("<securityCategoryTagSets/>"), "no <securityCategoryTagSet> in it"},
    {SETS("<securityCategoryTagSet name='S' id='2.999.1.1'/>"), "no <securityCategoryTag> in it"},
    {ROOT("<equivalentPolicies/>"), "no <equivalentPolicy> in it"},
    {ROOT("<privacyMarks/>"), "no <privacyMark> in it"},
    {LEVEL("<markingData phrase='x'/>"), "no <code> in it"},
    {LEVEL("<markingQualifier/>"), "no <qualifier> in it"},
    {LEVEL("<requiredCategory operation='all'/>"), "no <categoryGroup> in it"},
    /* the root */
    {"<SPIF " NS " schemaVersion=' 2.1'/>", "2.0 and 2.1 are read"},
    {"<SPIF " NS " schemaVersion='2.1' version='+1'/>", "version='+1' is not a number"},
    {"<SPIF " NS " schemaVersion='2.1' notBefore='2026-01-01'/>", "is not a time such as"},
    {"<SPIF " NS " schemaVersion='2.1' notBefore='2026-01-01T00:00:00'/>", "has no time zone"},
    {"<SPIF " NS " schemaVersion='2.1' notBefore='2026-02-30T00:00:00Z'/>", "is not a time"},
    {"<SPIF " NS " schemaVersion='2.1' notBefore=' 2026-02-03T00:00:00Z'/>", "is not a time"},
    {"<SPIF " NS " schemaVersion='2.1' notBefore='2026-02-03T00:00:00Z' "
     "notAfter='2026-02-02T00:00:00Z'/>",
     "notAfter lies before notBefore"},
    {SPIF "<securityPolicyId name='Test' id='3.1'/>", "id='3.1' is not an object identifier"},
    {SPIF "<securityPolicyId name='Test' id='2.999.1 '/>", "is not an object identifier"},
    {SPIF "<securityPolicyId name='Test'/>", "'id' is missing"},
    {SPIF "<securityPolicyId id='2.999.1'/>", "'name' is missing"},
    {SPIF "<defaultSecurityPolicyId name='x' id='y'/>", "is not an object identifier"},
    /* numbers and colours of a classification */
    {HEAD "<securityClassification name='A' lacv=' 1' hierarchy='1'/>" TAIL, "lacv=' 1'"},
    {HEAD "<securityClassification name='A' lacv='+1' hierarchy='1'/>" TAIL, "lacv='+1'"},
    {HEAD "<securityClassification name='A' lacv='1.0' hierarchy='1'/>" TAIL, "lacv='1.0'"},
    {HEAD "<securityClassification name='A' lacv='1' hierarchy='-1'/>" TAIL, "hierarchy='-1'"},
    {HEAD "<securityClassification name='A' lacv='1' hierarchy='99999999999999999999'/>" TAIL,
     "is not a number from 0 to 4294967295"},
    {HEAD CLASS " color='beige'/>" TAIL, "color='beige' is neither"},
    {HEAD CLASS " color='#12345'/>" TAIL, "color='#12345' is neither"},
    {HEAD CLASS " color='#12345g'/>" TAIL, "is neither"},
    {HEAD CLASS " color='red'/><securityClassification name='B' lacv='2' hierarchy='2' "
                "color='red'/>" TAIL,
     "'A' has the colour 'red' too"},
    /* markings */
    {MARK("<code>pagetop</code>"), "'pagetop' is not a marking code"},
    {MARK("<code> pageTop</code>"), "' pageTop' is not a marking code"},
    {LEVEL("<markingQualifier markingCode='replacePolicy'><qualifier markingQualifier='x' "
           "qualifierCode='prefix'/></markingQualifier>"),
     "is not a place"},
    {LEVEL("<markingQualifier code='pageTop'><qualifier markingQualifier='x' "
           "qualifierCode='prefix'/></markingQualifier>"),
     "an attribute 'code'"},
    {LEVEL("<markingQualifier><qualifier markingQualifier='x'/></markingQualifier>"), "is missing"},
    {LEVEL("<markingQualifier><qualifier markingQualifier='x' qualifierCode='infix'/>"
           "</markingQualifier>"),
     "qualifierCode='infix' is not one of prefix, suffix, separator"},
    {LEVEL("<markingQualifier><qualifier markingQualifier='x' qualifierCode='prefix'/><qualifier "
           "markingQualifier='y' qualifierCode='prefix'/></markingQualifier>"),
     "a second prefix"},
    {LEVEL("<markingData phrase='a&#10;b'><code>pageTop</code></markingData>"),
     "holds control characters"},
    /* tag sets and tags */
    {SETS("<securityCategoryTagSet name='S' id='2.999'><securityCategoryTag tagType='permissive'/>"
          "</securityCategoryTagSet><securityCategoryTagSet name='S' id='2.998'/>"),
     "a second tag set 'S'"},
    {SETS("<securityCategoryTagSet name='S' id='2.999'><securityCategoryTag tagType='permissive'/>"
          "</securityCategoryTagSet><securityCategoryTagSet name='T' id='2.999'/>"),
     "a second tag set 'T' (2.999)"},
    {SETS("<securityCategoryTagSet name='S' id='2'/>"), "is not an object identifier"},
    {TAG("", ""), "'tagType' is missing"},
    {TAG("tagType='Restrictive'", ""), "tagType='Restrictive' is not one of restrictive"},
    {TAG("tagType='enumerated'", ""), "'enumType' is missing"},
    {TAG("tagType='permissive' enumType='permissive'", ""), "'enumType' is for enumerated"},
    {TAG("tagType='tagType7'", ""), "'tag7Encoding' is missing"},
    {TAG("tagType='permissive' tag7Encoding='bitSetAttributes'", ""), "for tags of type tagType7"},
    {TAG("tagType='tagType7' tag7Encoding='bitSetAttributes'",
         "</securityCategoryTag><securityCategoryTag tagType='tagType7' "
         "tag7Encoding='securityAttributes'>"),
     "two 'tag7Encoding' in one tag set"},
    {TAG("tagType='permissive' maxSelection='-1'", ""), "maxSelection='-1' is neither"},
    {TAG("tagType='permissive' maxSelection='many'", ""), "maxSelection='many' is neither"},
    {TAG("tagType='permissive' singleSelection='yes'", ""), "neither true nor false"},
    /* categories */
    {CAT("lacv='1'", ""), "'name' is missing"},
    {CAT("name='c'", ""), "'lacv' is missing"},
    {CAT("name='c' lacv='16384'", ""), "lacv='16384' is not a number that fits"},
    {CAT("name='c' lacv='-1'", ""), "lacv='-1' is not a number that fits"},
    {CAT("name='c' lacv=' 1'", ""), "lacv=' 1' is not a number that fits"},
    {CAT("name='c' lacv='x'", ""), "lacv='x' is not a number that fits"},
    {CAT("name='c' lacv='1'/><tagCategory name='d' lacv='01'", ""), "have the same value 1"},
    {CAT("name='c' lacv='1' userInput='text'", ""), "userInput='text' is not one of string"},
    {CAT("name='c' lacv='1' notAfter='soon'", ""), "notAfter='soon'"},
    {CAT("name='c' lacv='1'", "<excludedCategory tagSetRef='S' tagType='permissive' lacv='1' "
                              "all='true'/>"),
     "'lacv' and 'all' contradict"},
    {CAT("name='c' lacv='1'", "<excludedCategory tagSetRef='S' tagType='permissive'/>"),
     "'lacv' is missing"},
    {CAT("name='c' lacv='1'", "<excludedCategory tagType='permissive' lacv='1'/>"),
     "'tagSetRef' is missing"},
    {CAT("name='c' lacv='1'", "<requiredCategory operation='any'/>"),
     "operation='any' is not one of onlyOne, oneOrMore, all"},
    /* equivalents */
    {LEVEL("<equivalentClassification lacv='1' applied='both'/>"), "it names no policy"},
    {LEVEL("<equivalentClassification policyRef='P' applied='both'/>"), "'lacv' is missing"},
    {LEVEL("<equivalentClassification policyRef='P' lacv='1'/>"), "'applied' is missing"},
    {LEVEL("<equivalentClassification policyRef='P' lacv='1' applied='never'/>"),
     "applied='never' is not one of encrypt, decrypt, both"},
    {CAT("name='c' lacv='1'", "<equivalentSecCategoryTag policyRef='P' tagSetId='x' "
                              "tagType='permissive' lacv='1' applied='both'/>"),
     "tagSetId='x' is not an object identifier"},
    {CAT("name='c' lacv='1'", "<equivalentSecCategoryTag policyRef='P' tagSetId='2.999' "
                              "tagType='permissive' lacv='1' applied='both' action='keep'/>"),
     "action='keep' is not one of discard"},
    {CAT("name='c' lacv='1'", "<equivalentSecCategoryTag policyRef='P' tagSetId='2.999' "
                              "applied='both' action='discard'/>"),
     "'tagType' or 'lacv' is missing"},
    {SETS("<securityCategoryTagSet name='S' id='2.999'><securityCategoryTag tagType='permissive'/>"
          "<equivalentSecurityCategoryTagSet policyRef='P' id='x'/></securityCategoryTagSet>"),
     "id='x' is not an object identifier"},
    /* privacy marks */
    {ROOT("<privacyMarks><privacyMark/></privacyMarks>"), "'name' is missing"},
    {ROOT("<privacyMarks><privacyMark name='m'/><privacyMark name='m'/></privacyMarks>"),
     "a second privacy mark 'm'"},
    {ROOT("<privacyMarks minSelection='2'><privacyMark name='m'/></privacyMarks>"),
     "room for one privacy mark"},
    {ROOT("<privacyMarks minSelection='1' maxSelection='0'><privacyMark name='m'/></privacyMarks>"),
     "contradictory: asks for"},
    /* bytes */
    {SPIF "<securityPolicyId name='\xff\xfe' id='2.999.1'/>", "not well-formed"},
    {SPIF "<securityPolicyId name='\xc0\x80' id='2.999.1'/>", "not well-formed"},
    {SPIF "<!-- \xed\xa0\x80 -->" POLICY, "not well-formed"},
    {"\xfe\xff", "not in UTF-8"},
    {"\xff\xfe<", "not in UTF-8"},
    {"<?xml version='1.0' encoding='UTF-16'?>" ROOT(""), "t.xml:1: "},
};

static void expect_refused(struct vls_slice spif, const char *words)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    struct vls_status s = vls_scheme_read(spif, "t.xml", &scheme, &why);
    if (vls_ok(s))
        fail_msg("loads, without '%s'", words);
    assert_code(s, SCHEME_INVALID);
    assert_null(scheme);
    if (strstr(why.text, words) == NULL || strncmp(why.text, "t.xml:", 6) != 0)
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static struct vls_scheme *read_good(const char *spif)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(spif), "t.xml", &scheme, &why)))
        fail_msg("%s", why.text);
    return scheme;
}

static void format__what_it_forbids__is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        expect_refused(vls_slice_text(BAD[i].spif), BAD[i].words);
}

static void format__other_encodings__are_refused(void **state)
{
    (void)state;
    static const uint8_t UTF16[] = {'<', 0, 'S', 0, '/', 0, '>', 0}, BIG[] = {0, '<', 0, 'S'};
    expect_refused(VLS_SLICE(UTF16, sizeof UTF16), "not in UTF-8");
    expect_refused(VLS_SLICE(BIG, sizeof BIG), "not in UTF-8");
    struct vls_scheme *s = read_good("\xef\xbb\xbf<?xml version='1.0'?>" ROOT(""));
    vls_scheme_free(&s);
}

static void format__all_that_it_has__loads(void **state)
{
    (void)state;
    struct vls_scheme *s = read_good(
        "<s:SPIF xmlns:s='http://www.xmlspif.org/spif' xml:lang='en' version='7' "
        "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='x y' "
        "schemaVersion='2.0' creationDate='20261123000000Z' originatorDN='' keyIdentifier='' "
        "privilegeId='2.999' rbacId='2.999' userRefURI='urn:u' docRefURI='urn:d'>"
        "<s:defaultSecurityPolicyId name='D' id='2.998'/>"
        "<s:securityPolicyId name='Test' id='2.999.1'><s:markingQualifier><s:qualifier "
        "markingQualifier='' qualifierCode='suffix'/></s:markingQualifier></s:securityPolicyId>"
        "<s:updateInfo/><s:securityClassifications name='levels'>"
        "<s:securityClassification name='A' lacv='1' hierarchy='1' color='fuschia'/>"
        "<s:securityClassification name='B' lacv='2' hierarchy='2' color='#ABCDEF'/>"
        "<s:securityClassification name='C' lacv='3' hierarchy='3' color='#abcdef'/>"
        "</s:securityClassifications><s:securityCategoryTagSets>"
        "<s:securityCategoryTagSet name='S' id='2.999.2'>"
        "<s:securityCategoryTag tagType='notApplicable'><s:tagCategory name='x' lacv='any text'/>"
        "</s:securityCategoryTag><s:securityCategoryTag tagType='enumerated' "
        "enumType='permissive'><s:tagCategory name='y' lacv='840' userInput='date' "
        "dateFormat='YYYY' obsolete='1' notBefore='2026-01-01T00:00:00+02:00'/>"
        "</s:securityCategoryTag><s:equivalentSecurityCategoryTagSet policyRef='P'/>"
        "</s:securityCategoryTagSet></s:securityCategoryTagSets>"
        "<s:privacyMarks minSelection='0' maxSelection='1'><s:privacyMark name='m' "
        "obsolete='true'/></s:privacyMarks>"
        "<s:equivalentPolicies><s:equivalentPolicy name='P' id='2.997' userRefURI='' "
        "docRefURI=''/></s:equivalentPolicies><s:extensions><x xmlns=''>1</x></s:extensions>"
        "</s:SPIF>");
    assert_int_equal(vls_scheme_version(s), 7);
    assert_string_equal(vls_scheme_schema_version(s), "2.0");
    assert_int_equal(vls_scheme_category_count(s), 2);
    const struct vls_category *y = vls_scheme_category(s, 1);
    assert_string_equal(y->user_input, "date");
    assert_true(y->is_obsolete);
    assert_int_equal(y->not_before_ms, UINT64_C(1767218400000));
    assert_true(vls_scheme_privacy_mark(s, 0)->is_obsolete);
    vls_scheme_free(&s);
}

static void format__names_of_256_letters_in_any_script__load(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct vls_buf spif;
        vls_buf_init(&spif, VLS_MAX_SCHEME_FILE);
        assert_code(vls_buf_add_text(&spif, HEAD "<securityClassification lacv='9' hierarchy='1' "
                                                 "name='"),
                    OK);
        for (int i = 0; i < VLS_MAX_PHRASE_LETTERS + more; i++)
            assert_code(vls_buf_add_text(&spif, "密"), OK);
        assert_code(vls_buf_add_text(&spif, "'/>" TAIL), OK);
        if (more == 1) {
            expect_refused(vls_buf_slice(&spif), "'name' is longer than 256 characters");
        } else {
            struct vls_scheme *s = read_good(vls_buf_text(&spif));
            assert_string_equal(vls_scheme_at(s, 0)->handle, "class-9");
            vls_scheme_free(&s);
        }
        vls_buf_fini(&spif);
    }
    struct vls_scheme *s = read_good(SPIF "<securityPolicyId name='Организация' id='2.999.1'/>"
                                          "<securityClassifications>" CLASS "/>" TAIL);
    assert_string_equal(vls_scheme_name(s), "2.999.1");
    assert_string_equal(vls_scheme_title(s), "Организация");
    vls_scheme_free(&s);
}

/* A sparse file: nothing of its 100 MiB is on the disk, and nothing of it may be read into memory.
 */
static void scheme__file_of_100_mib__is_refused_before_it_is_read(void **state)
{
    (void)state;
    char path[] = "/tmp/vls-scheme-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 100L << 20), 0);
    struct vls_scheme *s = NULL;
    struct vls_why why = {""};
    struct vls_status status = vls_scheme_load(path, &s, &why);
    (void)close(fd);
    (void)unlink(path);
    assert_code(status, SCHEME_INVALID);
    assert_null(s);
    assert_non_null(strstr(why.text, "has at most"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(format__what_it_forbids__is_refused_with_its_place),
        cmocka_unit_test(format__other_encodings__are_refused),
        cmocka_unit_test(format__all_that_it_has__loads),
        cmocka_unit_test(format__names_of_256_letters_in_any_script__load),
        cmocka_unit_test(scheme__file_of_100_mib__is_refused_before_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
