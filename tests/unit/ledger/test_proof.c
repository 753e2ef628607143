#include "ledger/ledger_test.h"

/* All sizes up to here: they go through every case of the two walks. */
#define SIZES 70

struct fixture {
    struct naive *naive;
    struct vls_digest other;
};

static struct vls_status check_inclusion(struct fixture *f, const struct vls_proof *proof,
                                         size_t leaf, uint64_t index, uint64_t size)
{
    struct vls_digest root = naive_root(f->naive, 0, size < NAIVE_MAX ? (size_t)size : 0);
    return vls_proof_inclusion(proof, &f->naive->leaves[leaf], index, size, &root, NULL);
}

static void inclusion__of_every_leaf__verifies_and_damaged_does_not(void **state)
{
    struct fixture *f = *state;
    for (size_t size = 1; size <= SIZES; size++)
        for (size_t index = 0; index < size; index++) {
            struct vls_proof good = {.count = 0}, bad;
            naive_path(f->naive, index, 0, size, &good);
            assert_done(check_inclusion(f, &good, index, index, size));
            for (size_t i = 0; i < good.count; i++) {
                bad = good;
                bad.hashes[i].bytes[i % VLS_DIGEST_BYTES] ^= 0x10;
                assert_code(check_inclusion(f, &bad, index, index, size), VLS_LEDGER_PROOF);
            }
            bad = good;
            bad.hashes[bad.count++] = f->other;
            assert_code(check_inclusion(f, &bad, index, index, size), VLS_LEDGER_PROOF);
            bad.hashes[good.count] = naive_root(f->naive, 0, size);
            assert_code(check_inclusion(f, &bad, index, index, size), VLS_LEDGER_PROOF);
            if (good.count > 0) {
                bad = good;
                bad.count--;
                assert_code(check_inclusion(f, &bad, index, index, size), VLS_LEDGER_PROOF);
                memmove(bad.hashes, good.hashes + 1, bad.count * sizeof bad.hashes[0]);
                assert_code(check_inclusion(f, &bad, index, index, size), VLS_LEDGER_PROOF);
            }
        }
}

static void inclusion__under_a_wrong_index_size_leaf_or_root__is_refused(void **state)
{
    struct fixture *f = *state;
    for (size_t size = 1; size <= 33; size++)
        for (size_t index = 0; index < size; index++) {
            struct vls_proof proof = {.count = 0};
            struct vls_digest root = naive_root(f->naive, 0, size);
            const struct vls_digest *leaf = &f->naive->leaves[index];
            naive_path(f->naive, index, 0, size, &proof);
            for (size_t other = 0; other < size + 3; other++)
                if (other != index)
                    assert_code(vls_proof_inclusion(&proof, leaf, other, size, &root, NULL),
                                VLS_LEDGER_PROOF);
            for (size_t other = 0; other < SIZES; other++)
                if (other != size)
                    assert_code(check_inclusion(f, &proof, index, index, other), VLS_LEDGER_PROOF);
            assert_code(vls_proof_inclusion(&proof, &f->other, index, size, &root, NULL),
                        VLS_LEDGER_PROOF);
            assert_code(vls_proof_inclusion(&proof, leaf, index, size, &f->other, NULL),
                        VLS_LEDGER_PROOF);
        }
}

static void inclusion__at_the_ends_of_the_numbers__is_refused_and_harmless(void **state)
{
    struct fixture *f = *state;
    static const uint64_t NUMBERS[] = {
        0, 1, UINT64_C(1) << 62, UINT64_C(1) << 63, UINT64_MAX - 1, UINT64_MAX};
    struct vls_proof proof = {.count = 0};
    for (proof.count = 0; proof.count <= VLS_MAX_PROOF; proof.count++)
        for (size_t i = 0; i < 6; i++)
            for (size_t j = 0; j < 6; j++)
                assert_code(vls_proof_inclusion(&proof, &f->other, NUMBERS[i], NUMBERS[j],
                                                &f->naive->leaves[0], NULL),
                            VLS_LEDGER_PROOF);
    proof.count = VLS_MAX_PROOF + 1;
    assert_code(vls_proof_inclusion(&proof, &f->other, 0, UINT64_MAX, &f->other, NULL),
                VLS_LEDGER_PROOF);
}

static struct vls_status check_consistency(struct fixture *f, const struct vls_proof *proof,
                                           size_t from, size_t size)
{
    struct vls_digest older = naive_root(f->naive, 0, from), newer = naive_root(f->naive, 0, size);
    return vls_proof_consistency(proof, from, &older, size, &newer, NULL);
}

static void consistency__of_every_pair__verifies_and_damaged_does_not(void **state)
{
    struct fixture *f = *state;
    for (size_t size = 1; size <= SIZES; size++)
        for (size_t from = 1; from < size; from++) {
            struct vls_proof good = {.count = 0}, bad;
            naive_subproof(f->naive, from, 0, size, true, &good);
            assert_done(check_consistency(f, &good, from, size));
            for (size_t i = 0; i < good.count; i++) {
                bad = good;
                bad.hashes[i].bytes[31 - i] ^= 1;
                assert_code(check_consistency(f, &bad, from, size), VLS_LEDGER_PROOF);
            }
            bad = good;
            bad.hashes[bad.count++] = f->other;
            assert_code(check_consistency(f, &bad, from, size), VLS_LEDGER_PROOF);
            bad = good;
            bad.count--;
            assert_code(check_consistency(f, &bad, from, size), VLS_LEDGER_PROOF);
            memmove(bad.hashes, good.hashes + 1, bad.count * sizeof bad.hashes[0]);
            assert_code(check_consistency(f, &bad, from, size), VLS_LEDGER_PROOF);
        }
}

static void consistency__under_wrong_sizes_or_roots__is_refused(void **state)
{
    struct fixture *f = *state;
    for (size_t size = 2; size <= 33; size++)
        for (size_t from = 1; from < size; from++) {
            struct vls_proof proof = {.count = 0};
            struct vls_digest older = naive_root(f->naive, 0, from);
            struct vls_digest newer = naive_root(f->naive, 0, size);
            naive_subproof(f->naive, from, 0, size, true, &proof);
            for (size_t other = 1; other < size; other++)
                if (other != from)
                    assert_code(check_consistency(f, &proof, other, size), VLS_LEDGER_PROOF);
            for (size_t other = from + 1; other <= SIZES; other++)
                if (other != size)
                    assert_code(check_consistency(f, &proof, from, other), VLS_LEDGER_PROOF);
            assert_code(vls_proof_consistency(&proof, from, &f->other, size, &newer, NULL),
                        VLS_LEDGER_PROOF);
            assert_code(vls_proof_consistency(&proof, from, &older, size, &f->other, NULL),
                        VLS_LEDGER_PROOF);
        }
}

static void consistency__of_a_log_that_became_smaller__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_proof none = {.count = 0};
    assert_code(check_consistency(f, &none, 5, 4), VLS_LEDGER_PROOF);
    assert_code(check_consistency(f, &none, 1, 0), VLS_LEDGER_PROOF);
}

static void consistency__of_equal_sizes__is_a_fork_unless_the_roots_are_equal(void **state)
{
    struct fixture *f = *state;
    struct vls_proof proof = {.count = 0};
    struct vls_digest root = naive_root(f->naive, 0, 7);
    assert_done(vls_proof_consistency(&proof, 7, &root, 7, &root, NULL));
    assert_code(vls_proof_consistency(&proof, 7, &root, 7, &f->other, NULL), VLS_LEDGER_FORK);
    proof.count = 1;
    assert_code(vls_proof_consistency(&proof, 7, &root, 7, &root, NULL), VLS_LEDGER_PROOF);
}

static void consistency__from_nothing__is_given_by_an_empty_proof(void **state)
{
    struct fixture *f = *state;
    struct vls_proof proof = {.count = 0};
    assert_done(vls_proof_consistency(&proof, 0, &f->other, 7, &f->other, NULL));
    proof.count = 1;
    assert_code(vls_proof_consistency(&proof, 0, &f->other, 7, &f->other, NULL), VLS_LEDGER_PROOF);
}

static void consistency__at_the_ends_of_the_numbers__is_refused_and_harmless(void **state)
{
    struct fixture *f = *state;
    static const uint64_t NUMBERS[] = {1, UINT64_C(1) << 62, UINT64_C(1) << 63, UINT64_MAX};
    struct vls_proof proof = {.count = 0};
    for (proof.count = 0; proof.count <= VLS_MAX_PROOF; proof.count++)
        for (size_t i = 0; i < 4; i++)
            for (size_t j = i + 1; j < 4; j++)
                assert_code(vls_proof_consistency(&proof, NUMBERS[i], &f->other, NUMBERS[j],
                                                  &f->naive->leaves[0], NULL),
                            VLS_LEDGER_PROOF);
}

static void leaf_of_record__is_the_leaf_of_kind_and_digest(void **state)
{
    (void)state;
    struct vls_slice record = vls_slice_text("a record");
    struct vls_digest digest = vls_digest_of_slice(record);
    const uint8_t zero = 0, sent = 1, received = 2;
    const struct vls_slice a[] = {VLS_SLICE(&zero, 1), VLS_SLICE(&sent, 1),
                                  vls_digest_slice(&digest)};
    const struct vls_slice b[] = {VLS_SLICE(&zero, 1), VLS_SLICE(&received, 1),
                                  vls_digest_slice(&digest)};
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_SENT, record);
    struct vls_digest expected = vls_digest_of(a, 3);
    assert_digest(leaf, expected);
    leaf = vls_leaf_of_record(VLS_LEAF_RECEIVED, record);
    expected = vls_digest_of(b, 3);
    assert_digest(leaf, expected);
}

static int set_up(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    f->naive = naive_new();
    f->other = vls_leaf_hash(vls_slice_text("another"));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    vls_mem_free(f->naive);
    vls_mem_free(f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inclusion__of_every_leaf__verifies_and_damaged_does_not),
        cmocka_unit_test(inclusion__under_a_wrong_index_size_leaf_or_root__is_refused),
        cmocka_unit_test(inclusion__at_the_ends_of_the_numbers__is_refused_and_harmless),
        cmocka_unit_test(consistency__of_every_pair__verifies_and_damaged_does_not),
        cmocka_unit_test(consistency__under_wrong_sizes_or_roots__is_refused),
        cmocka_unit_test(consistency__of_a_log_that_became_smaller__is_refused),
        cmocka_unit_test(consistency__of_equal_sizes__is_a_fork_unless_the_roots_are_equal),
        cmocka_unit_test(consistency__from_nothing__is_given_by_an_empty_proof),
        cmocka_unit_test(consistency__at_the_ends_of_the_numbers__is_refused_and_harmless),
        cmocka_unit_test(leaf_of_record__is_the_leaf_of_kind_and_digest),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
