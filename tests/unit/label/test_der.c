/* Vectors of ESSSecurityLabel, each for one rule; made by encoders that are not this program's:
 * those of FOREIGN, those with marks and those of RFC 3114 by pyasn1's DER encoder from the ASN.1
 * of the RFC, the others by hand.
 * A label begins 31 L, 02 01 0a at byte 2, 06 03 (the policy 2.999.1 or 2.999.2) at byte 5, and
 * then the set of categories at byte 10, its first one at byte 12 while L is one byte. */
#include <stdlib.h>

#include "label/label_test.h"

#define TAGS(oid)                                                                                  \
    "<securityClassifications>"                                                                    \
    "<securityClassification name='LOW' lacv='10' hierarchy='1'/>"                                 \
    "<securityClassification name='HIGH' lacv='256' hierarchy='3'/></securityClassifications>"     \
    "<securityCategoryTagSets><securityCategoryTagSet name='S' id='" oid ".1'>"                    \
    "<securityCategoryTag name='r' tagType='restrictive'><tagCategory name='R0' lacv='0'/>"        \
    "<tagCategory name='R9' lacv='9'/></securityCategoryTag>"                                      \
    "<securityCategoryTag name='p' tagType='permissive'><tagCategory name='P1' lacv='1'/>"         \
    "<tagCategory name='P2' lacv='2'/></securityCategoryTag>"                                      \
    "<securityCategoryTag name='i' tagType='tagType7' tag7Encoding='bitSetAttributes'>"            \
    "<tagCategory name='I3' lacv='3'/></securityCategoryTag></securityCategoryTagSet>"             \
    "<securityCategoryTagSet name='E' id='" oid ".2'>"                                             \
    "<securityCategoryTag name='e' tagType='enumerated' enumType='permissive'>"                    \
    "<tagCategory name='E7' lacv='7'/><tagCategory name='E900' lacv='900'/></securityCategoryTag>" \
    "</securityCategoryTagSet><securityCategoryTagSet name='F' id='" oid ".3'>"                    \
    "<securityCategoryTag name='f' tagType='enumerated' enumType='restrictive'>"                   \
    "<tagCategory name='F1' lacv='1'/></securityCategoryTag></securityCategoryTagSet>"             \
    "</securityCategoryTagSets></SPIF>"

static const char *const SCHEMES[] = {
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
    " rbacId='2.16.840.1.101.2.1.8.3'>"
    "<securityPolicyId name='A' id='2.999.1'/>" TAGS("2.999.1"),
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
    " rbacId='2.16.840.1.101.2.1.8.1'>"
    "<securityPolicyId name='M' id='2.999.2'/>" TAGS("2.999.2"),
};

static struct vls_scheme *both[2];
static const struct vls_scheme_set set = {both, 2};

static int set_up(void **state)
{
    (void)state;
    struct vls_why why = {""};
    for (size_t i = 0; i < 2; i++)
        if (!vls_ok(vls_scheme_read(vls_slice_text(SCHEMES[i]), "s.xml", &both[i], &why)))
            fail_msg("%s", why.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_scheme_free(&both[0]);
    vls_scheme_free(&both[1]);
    return 0;
}

/* A block of exactly the bytes, so that a read behind them is seen. */
static struct vls_slice from_hex(const char *hex)
{
    size_t len = strlen(hex) / 2;
    uint8_t *at = vls_mem_try(len);
    for (size_t i = 0; i < len; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        at[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return VLS_SLICE(at, len);
}

static void free_bytes(struct vls_slice bytes)
{
    vls_mem_free((void *)(uintptr_t)bytes.at);
}

static void assert_written(const struct vls_label *label, struct vls_slice der)
{
    struct vls_buf again;
    vls_buf_init(&again, VLS_MAX_LABEL);
    assert_code(vls_label_encode(label, &again), OK);
    assert_true(vls_slice_is_equal(vls_buf_slice(&again), der));
    vls_buf_fini(&again);
}

static const struct {
    const char *name, *hex, *text;
} GOOD[] = {
    {"restrictive",
     "312702010a0603883701311d301b800a60864801650201080300a10d300b060488370101"
     "0303068040",
     "a/low;s/r0;s/r9"},
    {"permissive",
     "312602010a0603883701311c301a800a60864801650201080302a10c300a060488370101"
     "03020560",
     "a/low;s/p1;s/p2"},
    {"enumerated permissive, 900 in two bytes",
     "312b02010a06038837013121301f800a60864801650201080301a111300f060488370102"
     "310702010702020384",
     "a/low;e/e7;e/e900"},
    {"enumerated restrictive",
     "312702010a0603883701311d301b800a60864801650201080304a10d300b060488370103"
     "3103020101",
     "a/low;f/f1"},
    {"informative",
     "312602010a0603883701311c301a800a60864801650201080303a10c300a060488370101"
     "03020410",
     "a/low;s/i3"},
    {"nobody, twice",
     "313f02010a060388370131353018800a60864801650201080301a10a3008060488370102"
     "31003019800a60864801650201080302a10b3009060488370101030100",
     "a/low;s/permissive=nobody;e/enum-permissive=nobody"},
    {"all, with a printable mark and 256",
     "3181a602020100060388370131818f301a800a60864801650201080302a10c300a060488"
     "37010103020640301a800a60864801650201080303a10c300a0604883701010302041030"
     "1b800a60864801650201080300a10d300b0604883701010303060040301b800a60864801"
     "650201080301a10d300b0604883701023103020107301b800a60864801650201080304a1"
     "0d300b06048837010331030201011309464f52205354414646",
     "a/high;s/r9;s/p1;s/i3;e/e7;f/f1"},
    {"all, with a mark in UTF-8",
     "3181a60202010006038837010c09464f5220535441464631818f301a800a608648016502"
     "01080302a10c300a06048837010103020640301a800a60864801650201080303a10c300a"
     "06048837010103020410301b800a60864801650201080300a10d300b0604883701010303"
     "060040301b800a60864801650201080301a10d300b0604883701023103020107301b800a"
     "60864801650201080304a10d300b0604883701033103020101",
     "a/high;s/r9;s/p1;s/i3;e/e7;f/f1"},
    {"MISSI, three tag sets",
     "315a02010a06038837023150304e8009608648016502010801a141313f300f0604883702"
     "023007a2053103020107300f0604883702033007a2053103020101301b06048837020130"
     "13a1050303068040a60403020640a70403020410",
     "m/low;s/r0;s/r9;s/p1;s/i3;e/e7;f/f1"},
    {"MISSI, nobody",
     "312a02010a06038837023120301e8009608648016502010801a111310f300d0604883702"
     "013005a603030100",
     "m/low;s/permissive=nobody"},
};

static void der__valid__is_read_and_written_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        struct vls_slice der = from_hex(GOOD[i].hex);
        struct vls_label label;
        struct vls_buf text;
        struct vls_why why = {""};
        vls_buf_init(&text, VLS_MAX_LABEL);
        assert_code(vls_label_check_form(der, NULL), OK);
        if (!vls_ok(vls_label_decode(der, &set, &label, &why)))
            fail_msg("%s: %s", GOOD[i].name, why.text);
        assert_written(&label, der);
        assert_code(vls_label_text(&label, &text), OK);
        assert_string_equal(vls_buf_text(&text), GOOD[i].text);
        vls_buf_fini(&text);
        vls_label_fini(&label);
        free_bytes(der);
    }
}

/* What other encoders write: the same label as `shortest`, which is how this program writes it. */
static const struct {
    const char *name, *hex, *text, *shortest;
} FOREIGN[] = {
    {"a bit string in whole octets",
     "312702010a0603883701311d301b800a60864801650201080300a10d300b060488370101"
     "0303008000",
     "a/low;s/r0",
     "312602010a0603883701311c301a800a60864801650201080300a10c300a060488370101"
     "03020780"},
    {"a list in whole octets",
     "312602010a0603883701311c301a800a60864801650201080302a10c300a060488370101"
     "03020060",
     "a/low;s/p1;s/p2",
     "312602010a0603883701311c301a800a60864801650201080302a10c300a060488370101"
     "03020560"},
    {"a restrictive bit string of zeros says nothing",
     "312602010a0603883701311c301a800a60864801650201080300a10c300a060488370101"
     "03020000",
     "a/low", "310802010a0603883701"},
    {"nor does an empty one",
     "312502010a0603883701311b3019800a60864801650201080300a10b3009060488370101"
     "030100",
     "a/low", "310802010a0603883701"},
    {"a permissive bit string of zeros is nobody",
     "312602010a0603883701311c301a800a60864801650201080302a10c300a060488370101"
     "03020400",
     "a/low;s/permissive=nobody",
     "312502010a0603883701311b3019800a60864801650201080302a10b3009060488370101"
     "030100"},
    {"an integer twice is there once",
     "312a02010a06038837013120301e800a60864801650201080301a110300e060488370102"
     "3106020107020107",
     "a/low;e/e7",
     "312702010a0603883701311d301b800a60864801650201080301a10d300b060488370102"
     "3103020107"},
    {"a restrictive set without integers says nothing",
     "312402010a0603883701311a3018800a60864801650201080304a10a3008060488370103"
     "3100",
     "a/low", "310802010a0603883701"},
    {"MISSI, whole octets",
     "313202010a0603883702312830268009608648016502010801a119311730150604883702"
     "01300da1050303008000a60403020040",
     "m/low;s/r0;s/p1",
     "313102010a0603883702312730258009608648016502010801a118311630140604883702"
     "01300ca10403020780a60403020640"},
    {"MISSI, tags in any order",
     "313702010a0603883702312d302b8009608648016502010801a11e311c301a0604883702"
     "013012a70403020410a60403020040a10403020780",
     "m/low;s/r0;s/p1;s/i3",
     "313702010a0603883702312d302b8009608648016502010801a11e311c301a0604883702"
     "013012a10403020780a60403020640a70403020410"},
    {"MISSI, a list of zeros is nobody",
     "312b02010a06038837023121301f8009608648016502010801a1123110300e0604883702"
     "013006a60403020000",
     "m/low;s/permissive=nobody",
     "312a02010a06038837023120301e8009608648016502010801a111310f300d0604883702"
     "013005a603030100"},
    {"MISSI, restrictive tags without a value",
     "313902010a0603883702312f302d8009608648016502010801a120311e300c0604883702"
     "033004a2023100300e0604883702013006a10403020700",
     "m/low", "310802010a0603883702"},
};

static void der__not_the_shortest__is_the_same_label(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FOREIGN / sizeof FOREIGN[0]; i++) {
        struct vls_slice der = from_hex(FOREIGN[i].hex), shortest = from_hex(FOREIGN[i].shortest);
        struct vls_label label, again;
        struct vls_buf text;
        struct vls_why why = {""};
        vls_buf_init(&text, VLS_MAX_LABEL);
        assert_code(vls_label_check_form(der, NULL), OK);
        if (!vls_ok(vls_label_decode(der, &set, &label, &why)))
            fail_msg("%s: %s", FOREIGN[i].name, why.text);
        assert_code(vls_label_text(&label, &text), OK);
        assert_string_equal(vls_buf_text(&text), FOREIGN[i].text);
        assert_written(&label, shortest);
        assert_code(vls_label_decode(shortest, &set, &again, NULL), OK);
        assert_true(vls_label_is_same(&label, &again));
        assert_int_equal(vls_label_compare(&label, &again), VLS_LABEL_EQUAL);
        vls_buf_fini(&text);
        free_bytes(der);
        free_bytes(shortest);
    }
}

static const struct {
    const char *name, *hex, *words;
} UNKNOWN[] = {
    {"a bit that no category has",
     "312602010a0603883701311c301a800a60864801650201080300a10c300a060488370101"
     "03020284",
     "2.16.840.1.101.2.1.8.3.0 of tag set 2.999.1.1"},
    {"an integer that no category has",
     "312702010a0603883701311d301b800a60864801650201080301a10d300b060488370102"
     "3103020108",
     "2.16.840.1.101.2.1.8.3.1 of tag set 2.999.1.2"},
    {"a type of the family in a tag set without it",
     "312702010a0603883701311d301b800a60864801650201080304a10d300b060488370102"
     "3103020107",
     "8.3.4 of tag set 2.999.1.2"},
    {"a tag set that is not there",
     "312602010a0603883701311c301a800a60864801650201080302a10c300a060488370109"
     "03020640",
     "of tag set 2.999.1.9"},
    {"a bit string of a type that the tag set does not have, zeros only",
     "312602010a0603883701311c301a800a60864801650201080300a10c300a060488370102"
     "03020400",
     "8.3.0 of tag set 2.999.1.2"},
    {"an unknown list of nobody",
     "312502010a0603883701311b3019800a60864801650201080302a10b3009060488370102"
     "030100",
     "8.3.2 of tag set 2.999.1.2"},
    {"a type of its own", "311702010a0603883701310d300b8003883701a10404026162", "2.999.1"},
    {"a member of the family that is not assigned",
     "312602010a0603883701311c301a800a60864801650201080305a10c300a060488370101"
     "03020780",
     "2.16.840.1.101.2.1.8.3.5"},
    {"information as integers, where the scheme has bits",
     "312702010a0603883701311d301b800a60864801650201080303a10d300b060488370101"
     "3103020103",
     "8.3.3 of tag set 2.999.1.1"},
    {"MISSI under a scheme of ACP 145",
     "312b02010a06038837013121301f8009608648016502010801a1123110300e0604883701"
     "013006a10403020780",
     "2.16.840.1.101.2.1.8.1"},
    {"ACP 145 under a scheme of MISSI",
     "312602010a0603883702311c301a800a60864801650201080300a10c300a060488370201"
     "03020780",
     "8.3.0 of tag set 2.999.2.1"},
    {"MISSI, a level of its own",
     "312e02010a0603883702312430228009608648016502010801a115311330110604883702"
     "013009a10702010303020780",
     "2.16.840.1.101.2.1.8.1"},
    {"MISSI, a local policy",
     "312302010a0603883702311930178009608648016502010801a10a300806048837020131"
     "00",
     "2.16.840.1.101.2.1.8.1"},
    {"MISSI, a tag set without tags",
     "312502010a0603883702311b30198009608648016502010801a10c310a30080604883702"
     "013000",
     "2.16.840.1.101.2.1.8.1"},
    {"MISSI, a type that is not assigned",
     "312b02010a06038837023121301f8009608648016502010801a1123110300e0604883702"
     "013006a30403020780",
     "2.16.840.1.101.2.1.8.1"},
};

static void der__unknown__is_kept_byte_for_byte_and_stops(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++) {
        struct vls_slice der = from_hex(UNKNOWN[i].hex);
        struct vls_label label;
        struct vls_why why = {""};
        assert_code(vls_label_check_form(der, NULL), OK);
        assert_code(vls_label_decode(der, &set, &label, &why), LABEL_VALUE);
        if (strstr(why.text, UNKNOWN[i].words) == NULL)
            fail_msg("%s: '%s' does not say '%s'", UNKNOWN[i].name, why.text, UNKNOWN[i].words);
        assert_code(vls_label_decode_any(der, &set, &label, NULL), OK);
        assert_int_equal(vls_label_unknown_count(&label), 1);
        assert_written(&label, der);
        vls_label_fini(&label);
        free_bytes(der);
    }
}

static const struct {
    const char *name, *hex, *words;
} BAD[] = {
    {"bits: unused ones",
     "312602010a0603883701311c301a800a60864801650201080300a10c300a060488370101"
     "03020781",
     "byte 39: a bit string whose unused bits are not zero"},
    {"bits: eight unused",
     "312602010a0603883701311c301a800a60864801650201080300a10c300a060488370101"
     "03020880",
     "byte 38: a bit string with a wrong number"},
    {"bits: unused ones of none",
     "312502010a0603883701311b3019800a60864801650201080302a10b3009060488370101"
     "030101",
     "byte 38: a bit string with a wrong number"},
    {"bits: no count",
     "312402010a0603883701311a3018800a60864801650201080302a10a3008060488370101"
     "0300",
     "byte 38: a bit string with a wrong number"},
    {"bits: constructed",
     "312802010a0603883701311e301c800a60864801650201080302a10e300c060488370101"
     "230403020780",
     "byte 36: tag 23 where a bit string"},
    {"integers: order",
     "312b02010a06038837013121301f800a60864801650201080301a111300f060488370102"
     "310702020384020107",
     "byte 42: an element that stands out of order"},
    {"integers: padded",
     "312802010a0603883701311e301c800a60864801650201080301a10e300c060488370102"
     "310402020007",
     "byte 40: an integer that is not in its shortest form"},
    {"integers: negative",
     "312702010a0603883701311d301b800a60864801650201080301a10d300b060488370102"
     "31030201ff",
     "byte 40: a negative integer"},
    {"integers: 200 bytes",
     "3181f402010a06038837013181e93081e6800a60864801650201080301a181d73081d406"
     "04883701023181cb0281c801010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "01010101010101010101010101010101010101010101010101010101010101",
     "byte 47: an integer outside 0 to"},
    {"integers: bits instead",
     "312602010a0603883701311c301a800a60864801650201080301a10c300a060488370102"
     "03020640",
     "byte 36: tag 03 where a set of integers"},
    {"tag set: padded",
     "312402010a0603883701311a3018800a60864801650201080300a10a3008060280370302"
     "0780",
     "byte 32: a tag set's identifier"},
    {"type: padded", "311702010a0603883701310d300b80058880018001a1020500",
     "byte 16: a category's type that is not well formed"},
    {"type: open end", "311302010a060388370131093007800188a1020500",
     "byte 16: a category's type that is not well formed"},
    {"type: explicit tag", "311702010a0603883701310d300ba0050603883701a1020500",
     "byte 14: tag a0 where a category"},
    {"value: implicit tag", "311302010a06038837013109300780028837810101",
     "byte 18: tag 81 where a category"},
    {"value: none", "311202010a06038837013108300680028837a100", "byte 20: ends where a category"},
    {"value: two", "311602010a0603883701310c300a80028837a10405000500",
     "byte 22: bytes behind the end"},
    {"category: three members", "311602010a0603883701310c300a80028837a10205000500",
     "byte 22: bytes behind the end"},
    {"category: no type", "311002010a060388370131063004a1020500",
     "byte 14: tag a1 where a category"},
    {"tag: three members",
     "312802010a0603883701311e301c800a60864801650201080300a10e300c060488370101"
     "030207800500",
     "byte 40: bytes behind the end"},
    {"tag: twice",
     "314302010a06038837013139301a800a60864801650201080300a10c300a060488370101"
     "03020780301b800a60864801650201080300a10d300b0604883701010303060040",
     "byte 40: a second tag of the same type and tag set"},
    {"category: twice",
     "314202010a06038837013138301a800a60864801650201080300a10c300a060488370101"
     "03020780301a800a60864801650201080300a10c300a06048837010103020780",
     "byte 40: the same element twice"},
    {"categories: order",
     "314202010a06038837013138301a800a60864801650201080302a10c300a060488370101"
     "03020640301a800a60864801650201080300a10c300a06048837010103020780",
     "byte 40: an element that stands out of order"},
    {"categories: 65",
     "3182031802010a06038837013182030c300a800488370100a1020500300a800488370101"
     "a1020500300a800488370102a1020500300a800488370103a1020500300a800488370104"
     "a1020500300a800488370105a1020500300a800488370106a1020500300a800488370107"
     "a1020500300a800488370108a1020500300a800488370109a1020500300a80048837010a"
     "a1020500300a80048837010ba1020500300a80048837010ca1020500300a80048837010d"
     "a1020500300a80048837010ea1020500300a80048837010fa1020500300a800488370110"
     "a1020500300a800488370111a1020500300a800488370112a1020500300a800488370113"
     "a1020500300a800488370114a1020500300a800488370115a1020500300a800488370116"
     "a1020500300a800488370117a1020500300a800488370118a1020500300a800488370119"
     "a1020500300a80048837011aa1020500300a80048837011ba1020500300a80048837011c"
     "a1020500300a80048837011da1020500300a80048837011ea1020500300a80048837011f"
     "a1020500300a800488370120a1020500300a800488370121a1020500300a800488370122"
     "a1020500300a800488370123a1020500300a800488370124a1020500300a800488370125"
     "a1020500300a800488370126a1020500300a800488370127a1020500300a800488370128"
     "a1020500300a800488370129a1020500300a80048837012aa1020500300a80048837012b"
     "a1020500300a80048837012ca1020500300a80048837012da1020500300a80048837012e"
     "a1020500300a80048837012fa1020500300a800488370130a1020500300a800488370131"
     "a1020500300a800488370132a1020500300a800488370133a1020500300a800488370134"
     "a1020500300a800488370135a1020500300a800488370136a1020500300a800488370137"
     "a1020500300a800488370138a1020500300a800488370139a1020500300a80048837013a"
     "a1020500300a80048837013ba1020500300a80048837013ca1020500300a80048837013d"
     "a1020500300a80048837013ea1020500300a80048837013fa1020500300a800488370140"
     "a1020500",
     "byte 784: more than 64 categories"},
    {"mark: 129 characters",
     "31818c02010a060388370113818158585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "5858585858585858585858585858585858585858585858585858585858585858585858",
     "byte 14: a privacy mark that is longer than 128"},
    {"mark: 513 bytes",
     "3182020d02010a06038837010c8202015858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "585858585858585858585858585858585858585858585858585858585858585858585858"
     "58585858585858585858585858585858585858585858585858",
     "byte 16: a privacy mark that is longer than 512"},
    {"mark: half a character", "310b02010a06038837010c01c3",
     "byte 12: a privacy mark that is not clean"},
    {"mark: a line break", "310d02010a06038837010c03610a62",
     "byte 12: a privacy mark that is not clean"},
    {"mark: IA5String", "310c02010a060388370116026162", "byte 10: an element that no label has"},
    {"mark: in UTF-8 behind the categories",
     "312b02010a0603883701311c301a800a60864801650201080300a10c300a060488370101"
     "030207800c03414243",
     "byte 40: an element that no label has, or that stands out of order: DER has 02, 06, then "
     "0c (mark in UTF-8), 31 (categories), 13 (printable mark)"},
    {"mark: printable before the categories",
     "312b02010a06038837011303414243311c301a800a60864801650201080300a10c300a06"
     "048837010103020780",
     "byte 15: an element that no label has, or that stands out of order: DER has 02, 06"},
    {"mark: one of each kind",
     "313002010a06038837010c03414243311c301a800a60864801650201080300a10c300a06"
     "0488370101030207801303414243",
     "byte 45: a second privacy mark"},
    {"mark: two", "311002010a0603883701130261620c026162", "byte 14: an element that no label has"},
    {"classification: two", "310b02010a02010a0603883701", "byte 5: tag 02 where the policy"},
    {"classification: 200 bytes",
     "3181d00281c8010101010101010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "010101010101010101010101010101010101010101010101010101010101010101010101"
     "01010101010101010101010101010101010101010101010101010603883701",
     "byte 6: an integer outside 0 to 256"},
    {"policy: empty", "310502010a0600", "byte 7: a policy identifier"},
    {"inside: indefinite", "311602010a0603883701310c300a80028837a10430800000",
     "byte 21: a length that is missing"},
    {"inside: constructed octets", "311702010a0603883701310d300b80028837a1052403040161",
     "byte 20: a type in a form"},
    {"inside: primitive sequence", "311502010a0603883701310b300980028837a103100161",
     "byte 20: a type in a form"},
    {"inside: boolean 01", "311502010a0603883701310b300980028837a103010101", "byte 22: a boolean"},
    {"inside: padded integer", "311602010a0603883701310c300a80028837a10402020001",
     "byte 22: an integer that is not"},
    {"inside: null with a value", "311502010a0603883701310b300980028837a103050100",
     "byte 22: a null"},
    {"inside: padded identifier", "311602010a0603883701310c300a80028837a10406028001",
     "byte 22: an object identifier"},
    {"inside: unused bits", "311602010a0603883701310c300a80028837a10403020101",
     "byte 22: a bit string with wrong"},
    {"inside: end of contents", "311402010a0603883701310a300880028837a1020000",
     "byte 20: an end of contents"},
    {"inside: long tag", "311502010a0603883701310b300980028837a1039f1f00",
     "byte 20: a tag of more than one byte"},
    {"inside: set of out of order", "311a02010a06038837013110300e80028837a1083106020102020101",
     "byte 25: an element that stands out of order"},
    {"inside: too deep",
     "312602010a0603883701311c301a80028837a11430123010300e300c300a300830063004"
     "30020500",
     "byte 36: elements that are nested too deep"},
    {"MISSI: a type twice",
     "313202010a0603883702312830268009608648016502010801a119311730150604883702"
     "01300da10403020780a1050303060040",
     "byte 45: a second tag of the same type"},
    {"MISSI: a tag set twice",
     "313b02010a06038837023131302f8009608648016502010801a1223120300e0604883702"
     "013006a10403020780300e0604883702013006a60403020640",
     "byte 49: a second tag set of the same name"},
    {"MISSI: order",
     "313c02010a0603883702313230308009608648016502010801a1233121300f0604883702"
     "023007a2053103020107300e0604883702013006a10403020780",
     "byte 46: an element that stands out of order"},
    {"MISSI: two lists",
     "314d02010a06038837023143301f8009608648016502010801a1123110300e0604883702"
     "013006a1040302078030208009608648016502010801a1133111300f0604883702023007"
     "a2053103020107",
     "byte 45: a second tag of the same type and tag set"},
};

static void der__broken__is_refused_with_its_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_slice der = from_hex(BAD[i].hex);
        struct vls_label label;
        struct vls_why why = {""};
        assert_code(vls_label_check_form(der, &why), LABEL_MALFORMED);
        if (strstr(why.text, BAD[i].words) == NULL)
            fail_msg("%s: '%s' does not say '%s'", BAD[i].name, why.text, BAD[i].words);
        assert_code(vls_label_decode_any(der, &set, &label, NULL), LABEL_MALFORMED);
        free_bytes(der);
    }
}

/* Any label cut anywhere is malformed, and so is one with a byte more. */
static void der__cut_or_longer__is_malformed(void **state)
{
    (void)state;
    struct vls_label label = vls_label_of(both[0], vls_scheme_at(both[0], 0));
    struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_LABEL);
    for (size_t i = 0; i < vls_scheme_category_count(both[0]); i++)
        vls_label_add(&label, vls_scheme_category(both[0], i));
    assert_code(vls_label_encode(&label, &der), OK);
    for (size_t len = 0; len < der.len; len++) {
        uint8_t *copy = vls_mem_try(len);
        vls_copy(copy, der.at, len);
        assert_code(vls_label_check_form(VLS_SLICE(copy, len), NULL), LABEL_MALFORMED);
        vls_mem_free(copy);
    }
    assert_code(vls_buf_add(&der, "", 1), OK);
    assert_code(vls_label_check_form(vls_buf_slice(&der), NULL), LABEL_MALFORMED);
    vls_buf_fini(&der);
}

static void privacy_mark__both_kinds__written_as_they_came(void **state)
{
    (void)state;
    /* the bounds: 128 characters printable, 512 bytes of UTF-8; RFC 2634 gives the latter none */
    static const struct {
        uint8_t tag;
        size_t len;
        char fill;
    } MARKS[] = {
        {0x13, 1, 'A'}, {0x13, 128, '?'}, {0x0c, 1, 'A'}, {0x0c, 129, 'A'}, {0x0c, 512, '_'}};
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        uint8_t der[600] = {0x31, 0x82, 0, 0, 0x02, 1, 10, 0x06, 3, 0x88, 0x37, 1};
        size_t at = 12, len = MARKS[i].len, head = len < 128 ? 2 : len < 256 ? 3 : 4;
        size_t body = 8 + head + len, outer = body < 128 ? 2 : body < 256 ? 3 : 4;
        der[at] = MARKS[i].tag;
        der[at + 1] = (uint8_t)(head == 2 ? len : 0x80 + head - 2);
        der[at + 2] = (uint8_t)(head == 3 ? len : len >> 8);
        der[at + 3] = (uint8_t)len;
        memset(der + at + head, MARKS[i].fill, len);
        uint8_t *start = der + 4 - outer;
        start[0] = 0x31;
        start[1] = (uint8_t)(outer == 2 ? body : 0x80 + outer - 2);
        if (outer > 2)
            start[2] = (uint8_t)(outer == 3 ? body : body >> 8);
        if (outer > 3)
            start[3] = (uint8_t)body;
        struct vls_label label, sum;
        struct vls_why why = {""};
        if (!vls_ok(vls_label_decode(VLS_SLICE(start, outer + body), &set, &label, &why)))
            fail_msg("%zu: %s", i, why.text);
        assert_written(&label, VLS_SLICE(start, outer + body));
        assert_code(vls_label_copy(&label, &sum), OK);
        assert_written(&sum, VLS_SLICE(start, outer + body));
        vls_label_fini(&sum);
        vls_label_fini(&label);
    }
}

/* -- the example policies of RFC 3114: values for humans of three firms, and one syntax of
 * categories that is none of the families known here */

#define FIRM(name, arc, classes)                                                                   \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"                               \
    "<securityPolicyId name='" name "' id='1.2.840.113549.1.9.16.7." arc "'/>"                     \
    "<securityClassifications>" classes "</securityClassifications></SPIF>"
#define LEVEL(name, value)                                                                         \
    "<securityClassification name='" name "' lacv='" value "' hierarchy='" value "'/>"

static const char *const FIRMS[] = {
    FIRM("amoco", "1",
         LEVEL("GENERAL", "6") LEVEL("CONFIDENTIAL", "7") LEVEL("HIGHLY CONFIDENTIAL", "8")),
    FIRM("caterpillar", "2",
         LEVEL("PUBLIC", "6") LEVEL("GREEN", "7") LEVEL("YELLOW", "8") LEVEL("RED", "9")),
    FIRM("whirlpool", "3", LEVEL("PUBLIC", "6") LEVEL("INTERNAL", "7") LEVEL("CONFIDENTIAL", "8")),
};

static void rfc3114__examples__are_schemes_and_labels_of_them(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *text, *mark, *unknown;
    } LABELS[] = {
        {"3110020107060b2a864886f70d0109100701", "amoco/confidential", NULL, NULL},
        {"3116020108060b2a864886f70d01091007010c044d41524b", "amoco/highly-confidential", "MARK",
         NULL},
        {"3110020109060b2a864886f70d0109100702", "caterpillar/red", NULL, NULL},
        {"3124020107060b2a864886f70d01091007031312574849524c504f4f4c20494e5445524e"
         "414c",
         "whirlpool/internal", "WHIRLPOOL INTERNAL", NULL},
        {"313e020108060b2a864886f70d0109100703312c302a800b2a864886f70d0109100704a1"
         "1b30190c174c4157204445504152544d454e5420555345204f4e4c59",
         "whirlpool/confidential", NULL, "1.2.840.113549.1.9.16.7.4"},
    };
    struct vls_scheme *firms[3];
    struct vls_scheme_set of_firms = {firms, 3};
    for (size_t i = 0; i < 3; i++)
        assert_code(vls_scheme_read(vls_slice_text(FIRMS[i]), "f.xml", &firms[i], NULL), OK);
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        struct vls_slice der = from_hex(LABELS[i].hex);
        struct vls_label label, expected;
        bool is_known = LABELS[i].unknown == NULL;
        assert_code(vls_label_decode_any(der, &of_firms, &label, NULL), OK);
        assert_code(vls_label_read(LABELS[i].text, &of_firms, &expected, NULL), OK);
        assert_ptr_equal(label.classification, expected.classification);
        assert_int_equal(vls_label_unknown_count(&label), is_known ? 0 : 1);
        assert_int_equal(vls_ok(vls_label_check(&label, NULL)), is_known);
        if (!is_known)
            assert_string_equal(label.details->unknown[0].words, LABELS[i].unknown);
        if (LABELS[i].mark != NULL)
            assert_string_equal(label.details->privacy_mark, LABELS[i].mark);
        assert_written(&label, der);
        vls_label_fini(&label);
        free_bytes(der);
    }
    for (size_t i = 0; i < 3; i++)
        vls_scheme_free(&firms[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(der__valid__is_read_and_written_again),
        cmocka_unit_test(der__not_the_shortest__is_the_same_label),
        cmocka_unit_test(der__unknown__is_kept_byte_for_byte_and_stops),
        cmocka_unit_test(der__broken__is_refused_with_its_offset),
        cmocka_unit_test(der__cut_or_longer__is_malformed),
        cmocka_unit_test(privacy_mark__both_kinds__written_as_they_came),
        cmocka_unit_test(rfc3114__examples__are_schemes_and_labels_of_them),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
