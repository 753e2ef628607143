/* Order, join and clearance over every label of a small scheme with all kinds of tags. */
#include <stdlib.h>

#include "label/label_test.h"

#include "label/clearance.h"
#include "label/join.h"

static const char SPIF[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
    " rbacId='2.16.840.1.101.2.1.8.3'><securityPolicyId name='T' id='2.999.1'/>"
    "<securityClassifications><securityClassification name='LOW' lacv='9' hierarchy='1'/>"
    "<securityClassification name='HIGH' lacv='3' hierarchy='2'/></securityClassifications>"
    "<securityCategoryTagSets><securityCategoryTagSet name='S' id='2.999.1.1'>"
    "<securityCategoryTag name='r' tagType='restrictive'><tagCategory name='R0' lacv='0'/>"
    "<tagCategory name='R9' lacv='9'/></securityCategoryTag>"
    "<securityCategoryTag name='p' tagType='permissive'><tagCategory name='P1' lacv='1'/>"
    "<tagCategory name='P2' lacv='2'/></securityCategoryTag>"
    "<securityCategoryTag name='i' tagType='tagType7' tag7Encoding='bitSetAttributes'>"
    "<tagCategory name='I0' lacv='0'/></securityCategoryTag></securityCategoryTagSet>"
    "<securityCategoryTagSet name='E' id='2.999.1.2'>"
    "<securityCategoryTag name='e' tagType='enumerated' enumType='permissive'>"
    "<tagCategory name='E7' lacv='7'/></securityCategoryTag></securityCategoryTagSet>"
    "</securityCategoryTagSets></SPIF>";

#define COUNT      (2 * 4 * 5 * 3 * 2) /* class, r, p with nobody, e with nobody, i */
#define CLEARANCES (2 * 4 * 4 * 2)     /* up to a class, of r, of p, of e           */

static struct vls_scheme *scheme;

/* The categories of tag `t` by the bits of `which`; beyond them, nobody. */
static void put(struct vls_label *l, size_t t, size_t which)
{
    const struct vls_tag *tag = vls_scheme_tag(scheme, t);
    if (which >> tag->count != 0)
        vls_label_set_nobody(l, tag);
    for (size_t i = 0; which >> tag->count == 0 && i < tag->count; i++)
        if ((which >> i & 1) != 0)
            vls_label_add(l, vls_scheme_category(scheme, tag->first + i));
}

static struct vls_label make(size_t i)
{
    struct vls_label l = vls_label_of(scheme, vls_scheme_at(scheme, i % 2));
    put(&l, 0, i / 2 % 4);
    put(&l, 1, i / 8 % 5);
    put(&l, 3, i / 40 % 3);
    put(&l, 2, i / 120 % 2);
    return l;
}

static struct vls_clearance clearance(size_t i)
{
    struct vls_clearance k = vls_clearance_of(scheme);
    static const size_t TAG[] = {0, 1, 3};
    const size_t which[] = {i / 2 % 4, i / 8 % 4, i / 32 % 2};
    for (size_t c = 0; c <= i % 2; c++)
        vls_clearance_add_level(&k, vls_scheme_at(scheme, c));
    for (size_t t = 0; t < 3; t++) {
        const struct vls_tag *tag = vls_scheme_tag(scheme, TAG[t]);
        for (size_t c = 0; c < tag->count; c++)
            if ((which[t] >> c & 1) != 0)
                vls_clearance_add_category(&k, vls_scheme_category(scheme, tag->first + c));
    }
    return k;
}

/* Labels that differ in information only protect the same. */
static bool is_same_but_information(size_t i, size_t j)
{
    return i % 120 == j % 120;
}

/* Every label and clearance, made once: none has details. */
static struct vls_label all[COUNT];
static struct vls_clearance holders[CLEARANCES];
static bool is_above[COUNT][COUNT], is_held[CLEARANCES][COUNT];

static int set_up(void **state)
{
    (void)state;
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(SPIF), "t.xml", &scheme, &why)))
        fail_msg("%s", why.text);
    for (size_t i = 0; i < COUNT; i++)
        all[i] = make(i);
    for (size_t k = 0; k < CLEARANCES; k++)
        holders[k] = clearance(k);
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++)
            is_above[i][j] = vls_label_dominates(&all[i], &all[j]);
        for (size_t k = 0; k < CLEARANCES; k++)
            is_held[k][i] = vls_ok(vls_clearance_decide(&holders[k], &all[i], NULL));
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_scheme_free(&scheme);
    return 0;
}

static void compare__every_label__partial_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(is_above[i][i]);
        for (size_t j = 0; j < COUNT; j++) {
            enum vls_label_order order = vls_label_compare(&all[i], &all[j]);
            assert_int_equal(is_above[i][j] && is_above[j][i], is_same_but_information(i, j));
            assert_int_equal(order == VLS_LABEL_EQUAL, is_same_but_information(i, j));
            assert_int_equal(order == VLS_LABEL_INCOMPARABLE, !is_above[i][j] && !is_above[j][i]);
            for (size_t k = 0; is_above[i][j] && k < COUNT; k++)
                if (is_above[j][k] && !is_above[i][k])
                    fail_msg("%zu above %zu above %zu", i, j, k);
        }
    }
}

/* What make() puts into a tag: its categories as bits, or the number above them for nobody. */
static size_t found(const struct vls_label *l, size_t t)
{
    const struct vls_tag *tag = vls_scheme_tag(scheme, t);
    size_t which = 0;
    if (vls_label_list(l, tag) == VLS_LIST_EMPTY)
        return (size_t)1 << tag->count;
    for (size_t i = 0; i < tag->count; i++)
        which |= (size_t)vls_label_has(l, vls_scheme_category(scheme, tag->first + i)) << i;
    return which;
}

/* The place of a label among all of them: make() the other way. */
static size_t index_of(const struct vls_label *l)
{
    size_t class = l->classification == vls_scheme_at(scheme, 1);
    size_t i = class + 2 * found(l, 0) + 8 * found(l, 1) + 40 * found(l, 3) + 120 * found(l, 2);
    if (i >= COUNT || !vls_label_is_same(l, &all[i]))
        fail_msg("a label that cannot be made");
    return i;
}

static void join__every_pair__least_upper_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            struct vls_label sum, other_way;
            assert_code(vls_label_join(&all[i], &all[j], &sum, NULL), OK);
            assert_code(vls_label_join(&all[j], &all[i], &other_way, NULL), OK);
            assert_true(vls_label_is_same(&sum, &other_way));
            size_t at = index_of(&sum);
            assert_true(is_above[at][i] && is_above[at][j]);
            for (size_t k = 0; k < COUNT; k++)
                if (is_above[k][i] && is_above[k][j] && !is_above[k][at])
                    fail_msg("%zu is an upper bound below the join of %zu and %zu", k, i, j);
            assert_int_equal(at / 120, i / 120 | j / 120); /* information is united */
        }
}

static void clearance__every_pair__agrees_with_the_order(void **state)
{
    (void)state;
    for (size_t k = 0; k < CLEARANCES; k++)
        for (size_t i = 0; i < COUNT; i++)
            assert_false(is_held[k][i] && all[i].nobody != 0);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++)
            for (size_t k = 0; is_above[i][j] && k < CLEARANCES; k++)
                if (is_held[k][i] && !is_held[k][j])
                    fail_msg("clearance %zu holds %zu and not %zu below it", k, i, j);
}

/* The reverse: where the order says no, and somebody may read the one, somebody who may read it may
 * not read the other; so the order is not stricter than it must be. */
static void clearance__not_dominated__somebody_tells_them_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            bool is_told_apart = is_above[i][j] || all[i].nobody != 0;
            for (size_t k = 0; k < CLEARANCES && !is_told_apart; k++)
                is_told_apart = is_held[k][i] && !is_held[k][j];
            if (!is_told_apart)
                fail_msg("%zu is not above %zu, and nobody can tell", i, j);
        }
}

static void clearance__one_level__is_not_the_levels_below(void **state)
{
    (void)state;
    struct vls_clearance high = vls_clearance_of(scheme);
    struct vls_label low = make(0), top = make(1);
    struct vls_why why = {""};
    vls_clearance_add_level(&high, vls_scheme_at(scheme, 1));
    assert_code(vls_clearance_decide(&high, &top, NULL), OK);
    assert_code(vls_clearance_decide(&high, &low, &why), LABEL_CLEARANCE);
    assert_non_null(strstr(why.text, "level LOW"));
}

static void unknown__category__stops_join_and_every_clearance(void **state)
{
    (void)state;
    struct vls_label known = make(1), odd = make(1), sum;
    const struct vls_clearance *most = &holders[CLEARANCES - 1];
    assert_code(vls_label_add_unknown(&odd, true, "2.999", vls_slice_text("x")), OK);
    assert_int_equal(vls_label_compare(&odd, &odd), VLS_LABEL_EQUAL);
    assert_int_equal(vls_label_compare(&odd, &known), VLS_LABEL_INCOMPARABLE);
    assert_int_equal(vls_label_compare(&known, &odd), VLS_LABEL_INCOMPARABLE);
    assert_code(vls_label_join(&odd, &known, &sum, NULL), LABEL_VALUE);
    assert_code(vls_label_join(&odd, &odd, &sum, NULL), LABEL_VALUE);
    assert_code(vls_clearance_decide(most, &known, NULL), OK);
    assert_code(vls_clearance_decide(most, &odd, NULL), LABEL_CLEARANCE);
    vls_label_fini(&odd);
}

/* -- allocations: the linker puts these before the C library's, for this program only */

static size_t allocations;
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    allocations++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    allocations++;
    return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    allocations++;
    return __real_realloc(old, bytes);
}

static void compare__every_pair__allocates_nothing(void **state)
{
    (void)state;
    struct vls_label marked = make(7);
    assert_code(vls_label_set_privacy_mark(&marked, "MARK"), OK);
    assert_true(allocations != 0); /* so it is counted at all */
    size_t before = allocations;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            (void)vls_label_compare(&all[i], &all[j]);
            (void)vls_label_compare(&all[i], &marked);
            VLS_IGNORE(vls_clearance_decide(&holders[j % CLEARANCES], &all[i], NULL),
                       "only what it costs counts");
            VLS_IGNORE(vls_label_check_new(&all[i], NULL), "only what it costs counts");
        }
    assert_int_equal(allocations, before);
    vls_label_fini(&marked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare__every_label__partial_order),
        cmocka_unit_test(join__every_pair__least_upper_bound),
        cmocka_unit_test(clearance__every_pair__agrees_with_the_order),
        cmocka_unit_test(clearance__not_dominated__somebody_tells_them_apart),
        cmocka_unit_test(clearance__one_level__is_not_the_levels_below),
        cmocka_unit_test(unknown__category__stops_join_and_every_clearance),
        cmocka_unit_test(compare__every_pair__allocates_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
