/* Categories: DER, order, join, clearance, and the rules of a scheme. */
#include "label/label_test.h"

#include "label/clearance.h"
#include "label/join.h"

#define OPEN                                                                                       \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' rbacId='%s'>"                   \
    "<securityPolicyId name='T' id='2.999.1'/><securityClassifications>"                           \
    "<securityClassification name='LOW' lacv='9' hierarchy='1'/>"                                  \
    "<securityClassification name='HIGH' lacv='3' hierarchy='2'/>"                                 \
    "</securityClassifications><securityCategoryTagSets>"                                          \
    "<securityCategoryTagSet name='S' id='2.999.1.1'>"                                             \
    "<securityCategoryTag name='r' tagType='restrictive'><tagCategory name='R0' lacv='0'/>"        \
    "<tagCategory name='R9' lacv='9'/></securityCategoryTag>"                                      \
    "<securityCategoryTag name='p' tagType='permissive'><tagCategory name='P1' lacv='1'/>"         \
    "<tagCategory name='P2' lacv='2'/></securityCategoryTag></securityCategoryTagSet>"             \
    "<securityCategoryTagSet name='E' id='2.999.1.2'>"                                             \
    "<securityCategoryTag name='e' tagType='enumerated' enumType='permissive'>"                    \
    "<tagCategory name='E7' lacv='7'/><tagCategory name='E900' lacv='900'/>"                       \
    "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets></SPIF>"

#define ACP145 "2.16.840.1.101.2.1.8.3"
#define MISSI  "2.16.840.1.101.2.1.8.1"
#define COUNT  (2 * 4 * 5 * 5)

static struct vls_scheme *load(const char *rbac)
{
    char spif[4096];
    struct vls_scheme *s = NULL;
    struct vls_why why = {""};
    snprintf(spif, sizeof spif, OPEN, rbac);
    if (!vls_ok(vls_scheme_read(vls_slice_text(spif), "t.xml", &s, &why)))
        fail_msg("%s", why.text);
    return s;
}

static void put(struct vls_label *l, const struct vls_tag *tag, size_t which)
{
    if (which == 4)
        vls_label_set_nobody(l, tag);
    for (size_t i = 0; which < 4 && i < 2; i++)
        if ((which >> i & 1) != 0)
            vls_label_add(l, vls_scheme_category(l->scheme, tag->first + i));
}

/* Every label of the scheme, one for each i below COUNT. */
static struct vls_label make(const struct vls_scheme *s, size_t i)
{
    struct vls_label l = vls_label_of(s, vls_scheme_at(s, i % 2));
    put(&l, vls_scheme_tag(s, 0), i / 2 % 4);
    put(&l, vls_scheme_tag(s, 1), i / 8 % 5);
    put(&l, vls_scheme_tag(s, 2), i / 40 % 5);
    return l;
}

static void check_der(const char *rbac)
{
    struct vls_scheme *s = load(rbac);
    struct vls_scheme_set set = {&s, 1};
    for (size_t i = 0; i < COUNT; i++) {
        struct vls_label l = make(s, i), again;
        struct vls_buf der;
        struct vls_why why = {""};
        vls_buf_init(&der, VLS_MAX_LABEL);
        assert_code(vls_label_encode(&l, &der), OK);
        if (!vls_ok(vls_label_decode(vls_buf_slice(&der), &set, &again, &why)))
            fail_msg("%zu: %s", i, why.text);
        assert_true(vls_label_is_same(&l, &again));
        assert_int_equal(vls_label_unknown_count(&again), 0);
        vls_buf_fini(&der);
    }
    vls_scheme_free(&s);
}

static void der__every_label__both_ways(void **state)
{
    (void)state;
    check_der(ACP145);
    check_der(MISSI);
}

static void text__every_label__both_ways(void **state)
{
    (void)state;
    struct vls_scheme *s = load(ACP145);
    struct vls_scheme_set set = {&s, 1};
    for (size_t i = 0; i < COUNT; i++) {
        struct vls_label l = make(s, i), again;
        struct vls_buf text;
        vls_buf_init(&text, VLS_MAX_LABEL);
        assert_code(vls_label_text(&l, &text), OK);
        assert_code(vls_label_read(vls_buf_text(&text), &set, &again, NULL), OK);
        assert_true(vls_label_is_same(&l, &again));
        vls_buf_fini(&text);
    }
    vls_scheme_free(&s);
}

static void order__every_pair__reflexive_antisymmetric_transitive(void **state)
{
    (void)state;
    struct vls_scheme *s = load(ACP145);
    static bool is_above[COUNT][COUNT];
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            struct vls_label a = make(s, i), b = make(s, j);
            is_above[i][j] = vls_label_dominates(&a, &b);
        }
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(is_above[i][i]);
        for (size_t j = 0; j < COUNT; j++) {
            assert_false(i != j && is_above[i][j] && is_above[j][i]);
            for (size_t k = 0; k < COUNT; k++)
                if (is_above[i][j] && is_above[j][k] && !is_above[i][k])
                    fail_msg("%zu %zu %zu", i, j, k);
        }
    }
    vls_scheme_free(&s);
}

static void join__every_pair__is_the_least_upper_bound(void **state)
{
    (void)state;
    struct vls_scheme *s = load(ACP145);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            struct vls_label a = make(s, i), b = make(s, j), sum;
            assert_code(vls_label_join(&a, &b, &sum, NULL), OK);
            assert_true(vls_label_dominates(&sum, &a) && vls_label_dominates(&sum, &b));
            for (size_t k = 0; k < COUNT; k++) {
                struct vls_label c = make(s, k);
                if (vls_label_dominates(&c, &a) && vls_label_dominates(&c, &b) &&
                    !vls_label_dominates(&c, &sum))
                    fail_msg("%zu %zu %zu", i, j, k);
            }
        }
    vls_scheme_free(&s);
}

static void clearance__every_part__is_asked_for(void **state)
{
    (void)state;
    struct vls_scheme *s = load(ACP145);
    struct vls_scheme_set set = {&s, 1};
    static const struct {
        const char *clearance, *label;
        bool is_held;
    } CASES[] = {
        {"t/high", "t/high", true},
        {"t/high", "t/low", false}, /* a set, not "up to" */
        {"t/up-to:high", "t/low", true},
        {"t/low", "t/low;s/r0", false},
        {"t/low;s/r0", "t/low;s/r0", true},
        {"t/low;s/r0", "t/low;s/r0;s/r9", false},
        {"t/low;s/p1", "t/low;s/p1;s/p2", true},
        {"t/low", "t/low;s/p1", false},
        {"t/low;s/p1;s/p2", "t/low;s/permissive=nobody", false},
        {"t/low;s/p1", "t/low;s/p1;e/e7", false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_clearance k;
        struct vls_label l;
        assert_code(vls_clearance_read(CASES[i].clearance, &set, &k, NULL), OK);
        assert_code(vls_label_read(CASES[i].label, &set, &l, NULL), OK);
        assert_int_equal(vls_ok(vls_clearance_decide(&k, &l, NULL)), CASES[i].is_held);
    }
    vls_scheme_free(&s);
}

static void der__unknown_category__is_kept_and_stops(void **state)
{
    (void)state;
    static const uint8_t DER[] = {0x31, 22, 0x02, 1, 9,    0x06, 3,    0x88, 0x37, 1, 0x31, 12,
                                  0x30, 10, 0x80, 2, 0x88, 0x37, 0xa1, 4,    0x04, 2, 1,    2};
    struct vls_scheme *s = load(ACP145);
    struct vls_scheme_set set = {&s, 1};
    struct vls_label l, sum;
    struct vls_buf again;
    struct vls_why why = {""};
    struct vls_slice der = VLS_SLICE(DER, sizeof DER);
    vls_buf_init(&again, VLS_MAX_LABEL);
    assert_code(vls_label_check_form(der, NULL), OK);
    assert_code(vls_label_decode(der, &set, &l, &why), LABEL_VALUE);
    assert_non_null(strstr(why.text, "does not know the category 2.999"));
    assert_code(vls_label_decode_any(der, &set, &l, NULL), OK);
    assert_int_equal(vls_label_unknown_count(&l), 1);
    assert_code(vls_label_encode(&l, &again), OK);
    assert_true(vls_slice_is_equal(vls_buf_slice(&again), der));
    struct vls_label plain = vls_label_of(s, l.classification);
    assert_int_equal(vls_label_compare(&l, &l), VLS_LABEL_EQUAL);
    assert_int_equal(vls_label_compare(&l, &plain), VLS_LABEL_INCOMPARABLE);
    assert_code(vls_label_join(&l, &plain, &sum, NULL), LABEL_VALUE);
    vls_buf_fini(&again);
    vls_label_fini(&l);
    vls_scheme_free(&s);
}

static void shipped__traffic_lights__load_and_are_marked(void **state)
{
    (void)state;
    struct vls_scheme *s = NULL;
    struct vls_buf mark;
    assert_code(vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/tlp-2-0.xml", &s, NULL), OK);
    struct vls_label label = vls_label_of(s, vls_scheme_by_handle(s, "amber-strict"));
    assert_non_null(label.classification);
    vls_buf_init(&mark, VLS_MAX_MARKING);
    assert_code(vls_label_marking(&label, &mark), OK);
    assert_string_equal(vls_buf_text(&mark), "TLP:AMBER+STRICT");
    vls_buf_fini(&mark);
    vls_scheme_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(der__every_label__both_ways),
        cmocka_unit_test(text__every_label__both_ways),
        cmocka_unit_test(order__every_pair__reflexive_antisymmetric_transitive),
        cmocka_unit_test(join__every_pair__is_the_least_upper_bound),
        cmocka_unit_test(clearance__every_part__is_asked_for),
        cmocka_unit_test(der__unknown_category__is_kept_and_stops),
        cmocka_unit_test(shipped__traffic_lights__load_and_are_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
