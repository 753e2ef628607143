/* Over thousands of generated pairs of schemes: what passes the check of the round trip lowers no
 * label at all, and pairs that lower one are found. */
#include "label/label_test.h"

#include "label/map.h"

#define PAIRS   500
#define CLASSES 3
#define TAGS    4 /* two of restrictive type r and s, two of permissive p and q */
#define EACH    2
#define LABELS  (CLASSES * 4 * 4 * 4 * 4)

/* Numbers that are the same in every run. */
static uint32_t next_number(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static const char *const TYPES[TAGS] = {"restrictive", "restrictive", "permissive", "permissive"};
static const char *const APPLIED[] = {"encrypt", "decrypt", "both"};

/* Each tag has a tag set of its own, so that any category may be another's equivalent. */
static void write_equivalent(struct vls_buf *out, uint32_t *seed, unsigned other, unsigned tag,
                             unsigned value, uint32_t chaos)
{
    if (next_number(seed, chaos) == 0) {
        tag = next_number(seed, TAGS);
        value = next_number(seed, EACH);
    }
    const char *applied = APPLIED[next_number(seed, chaos) == 0 ? next_number(seed, 3) : 0];
    assert_code(
        vls_buf_add_format(out,
                           "<equivalentSecCategoryTag policyRef='N%u' tagSetId='2.999.%u.%u'"
                           " tagType='%s' lacv='%u' applied='%s'/>",
                           other, other, tag + 1, TYPES[tag], value, applied),
        OK);
}

static void write_classes(struct vls_buf *out, uint32_t *seed, unsigned other, uint32_t chaos)
{
    assert_code(vls_buf_add_text(out, "<securityClassifications>"), OK);
    for (unsigned i = 0; i < CLASSES; i++) {
        unsigned there = next_number(seed, chaos) == 0 ? next_number(seed, CLASSES) : i;
        assert_code(
            vls_buf_add_format(out,
                               "<securityClassification name='C%u' lacv='%u' hierarchy='%u'>"
                               "<equivalentClassification policyRef='N%u' lacv='%u'"
                               " applied='encrypt'>",
                               i, 9 - i, i + 1, other, 9 - there),
            OK);
        if (next_number(seed, 3 * chaos) == 0)
            assert_code(vls_buf_add_format(
                            out,
                            "<requiredCategory operation='all'><categoryGroup tagSetRef='S%u'"
                            " tagType='permissive' lacv='%u'/></requiredCategory>",
                            2 + next_number(seed, 2), next_number(seed, EACH)),
                        OK);
        assert_code(vls_buf_add_text(out, "</equivalentClassification></securityClassification>"),
                    OK);
    }
    assert_code(vls_buf_add_text(out, "</securityClassifications><securityCategoryTagSets>"), OK);
}

static void write_set(struct vls_buf *out, uint32_t *seed, unsigned own, unsigned tag,
                      uint32_t chaos)
{
    unsigned other = 3 - own;
    bool is_by_set = next_number(seed, 3) == 0;
    assert_code(vls_buf_add_format(out,
                                   "<securityCategoryTagSet name='S%u' id='2.999.%u.%u'>"
                                   "<securityCategoryTag name='t' tagType='%s'>",
                                   tag, own, tag + 1, TYPES[tag]),
                OK);
    for (unsigned i = 0; i < EACH; i++) {
        assert_code(vls_buf_add_format(out, "<tagCategory name='K%u' lacv='%u'>", i, i), OK);
        if (!is_by_set)
            write_equivalent(out, seed, other, tag, i, chaos);
        if (next_number(seed, 2 * chaos) == 0)
            write_equivalent(out, seed, other, tag, i, chaos);
        /* valid only beside another: alone it cannot be tried */
        if (next_number(seed, 2 * chaos) == 0)
            assert_code(vls_buf_add_format(
                            out,
                            "<requiredCategory operation='all'><categoryGroup tagSetRef='S%u'"
                            " tagType='%s' lacv='%u'/></requiredCategory>",
                            (tag + 1) % TAGS, TYPES[(tag + 1) % TAGS], i),
                        OK);
        assert_code(vls_buf_add_text(out, "</tagCategory>"), OK);
    }
    assert_code(vls_buf_add_text(out, "</securityCategoryTag>"), OK);
    if (is_by_set) {
        unsigned there = next_number(seed, chaos) == 0 ? next_number(seed, TAGS) : tag;
        assert_code(vls_buf_add_format(out,
                                       "<equivalentSecurityCategoryTagSet policyRef='N%u'"
                                       " id='2.999.%u.%u'>",
                                       other, other, there + 1),
                    OK);
        if (next_number(seed, chaos) == 0)
            assert_code(vls_buf_add_format(
                            out,
                            "<requiredCategory operation='all'><categoryGroup tagSetRef='S%u'"
                            " tagType='%s' lacv='1'/></requiredCategory>",
                            there, TYPES[there]),
                        OK);
        assert_code(vls_buf_add_text(out, "</equivalentSecurityCategoryTagSet>"), OK);
    }
    assert_code(vls_buf_add_text(out, "</securityCategoryTagSet>"), OK);
}

/* NULL when the rules that came out contradict each other. */
static struct vls_scheme *generate(uint32_t *seed, unsigned own, uint32_t chaos)
{
    struct vls_buf spif;
    struct vls_scheme *s = NULL;
    struct vls_why why = {""};
    vls_buf_init(&spif, 65536);
    assert_code(vls_buf_add_format(&spif,
                                   "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
                                   " rbacId='2.16.840.1.101.2.1.8.3'>"
                                   "<securityPolicyId name='N%u' id='2.999.%u'/>",
                                   own, own),
                OK);
    write_classes(&spif, seed, 3 - own, chaos);
    for (unsigned t = 0; t < TAGS; t++)
        write_set(&spif, seed, own, t, chaos);
    assert_code(vls_buf_add_format(&spif,
                                   "</securityCategoryTagSets><equivalentPolicies>"
                                   "<equivalentPolicy name='N%u' id='2.999.%u'/>"
                                   "</equivalentPolicies></SPIF>",
                                   3 - own, 3 - own),
                OK);
    if (!vls_ok(vls_scheme_read(vls_buf_slice(&spif), "n.xml", &s, &why)) &&
        strstr(why.text, "contradict") == NULL && strstr(why.text, "circular") == NULL)
        fail_msg("%s", why.text);
    vls_buf_fini(&spif);
    return s;
}

/* Every class with every set of categories. */
static struct vls_label make(const struct vls_scheme *s, size_t i)
{
    struct vls_label l = vls_label_of(s, vls_scheme_at(s, i % CLASSES));
    for (size_t bit = 0; bit < (size_t)TAGS * EACH; bit++)
        if ((i / CLASSES >> bit & 1) != 0)
            vls_label_add(&l, vls_scheme_category(s, bit));
    return l;
}

struct tally {
    size_t there_and_back, lowered;
};

static struct tally go_there_and_back(const struct vls_scheme *a, const struct vls_scheme *b)
{
    struct tally tally = {0, 0};
    for (size_t i = 0; i < LABELS; i++) {
        struct vls_label label = make(a, i), there, back;
        if (!vls_ok(vls_label_check(&label, NULL)) ||
            !vls_ok(vls_label_map(&label, b, NULL, &there, NULL)) ||
            !vls_ok(vls_label_map(&there, a, NULL, &back, NULL)))
            continue;
        tally.there_and_back++;
        tally.lowered += !vls_label_dominates(&back, &label);
    }
    return tally;
}

static void round_trip__generated_schemes__passed_means_never_lowered(void **state)
{
    (void)state;
    uint32_t seed = 1;
    size_t passed = 0, found = 0, lowering = 0, trips = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        uint32_t begun = seed, chaos = 2 + (uint32_t)(i % 8) * 4;
        struct vls_scheme *a = generate(&seed, 1, chaos), *b = generate(&seed, 2, chaos);
        if (a != NULL && b != NULL) {
            bool is_passed = vls_ok(vls_map_check_round_trip(a, b, NULL));
            struct tally tally = go_there_and_back(a, b);
            if (is_passed && tally.lowered != 0)
                fail_msg("pair %zu, seed %u, lowers %zu labels unseen", i, begun, tally.lowered);
            passed += is_passed && tally.there_and_back > CLASSES;
            found += !is_passed;
            lowering += tally.lowered != 0;
            trips += tally.there_and_back;
        }
        vls_scheme_free(&a);
        vls_scheme_free(&b);
    }
    print_message("%zu passed with categories, %zu refused, %zu lower, %zu round trips\n", passed,
                  found, lowering, trips);
    assert_true(passed > PAIRS / 50 && found > PAIRS / 50);
    assert_true(lowering > PAIRS / 50 && lowering <= found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip__generated_schemes__passed_means_never_lowered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
