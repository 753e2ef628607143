#include "ledger/fork.h"

#include "ledger/ledger_test.h"

#define SIZES 40

struct fixture {
    struct naive *honest, *other; /* differ in leaf number 0 */
    struct signer signer;
    struct vls_buf text;
};

static int setup(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    f->honest = naive_new();
    f->other = naive_new();
    f->other->leaves[0] = numbered_leaf(9999);
    signer_init(&f->signer, "un/valise/iom/sent", false, 7);
    vls_buf_init(&f->text, VLS_MAX_FORK_FILE);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    signer_fini(&f->signer);
    vls_buf_fini(&f->text);
    vls_mem_free(f->honest);
    vls_mem_free(f->other);
    vls_mem_free(f);
    return 0;
}

static void sign(struct fixture *f, const char *origin, struct vls_digest root, uint64_t size,
                 struct vls_buf *out)
{
    struct vls_checkpoint c = {.size = size, .root = root};
    struct vls_note_key key = f->signer.key;
    vls_text_copy(c.origin, sizeof c.origin, origin);
    vls_text_copy(key.name, sizeof key.name, origin);
    vls_buf_init(out, VLS_MAX_NOTE);
    assert_done(vls_checkpoint_sign(&c, &key, signer_sign, &f->signer, out, NULL));
}

/* The honest log of size m against a log of size n, by this path; through the file. */
static struct vls_status check(struct fixture *f, uint64_t m, struct naive *n_log, uint64_t n,
                               const struct vls_proof *path, enum vls_fork_verdict *out)
{
    struct vls_buf smaller, larger;
    struct vls_fork fork = {.path = {.count = 0}}, read;
    struct vls_checkpoint c[2];
    struct vls_note_key key = f->signer.key;
    struct vls_why why = {""};
    sign(f, "un/valise/iom/sent", naive_root(f->honest, 0, (size_t)m), m, &smaller);
    sign(f, "un/valise/iom/sent", naive_root(n_log, 0, (size_t)n), n, &larger);
    fork.smaller = vls_buf_slice(&smaller);
    fork.larger = vls_buf_slice(&larger);
    if (path != NULL)
        fork.path = *path;
    vls_buf_clear(&f->text);
    assert_done(vls_fork_write(&fork, &f->text, &why));
    assert_true(vls_fork_is(vls_buf_slice(&f->text)));
    assert_done(vls_fork_read(vls_buf_slice(&f->text), &read, &why));
    struct vls_status s = vls_fork_verify(&read, &key, c, out, &why);
    vls_buf_fini(&smaller);
    vls_buf_fini(&larger);
    return s;
}

static void fork__of_one_size__proven_by_the_signatures(void **state)
{
    struct fixture *f = *state;
    enum vls_fork_verdict verdict;
    assert_done(check(f, 5, f->other, 5, NULL, &verdict));
    assert_int_equal(verdict, VLS_FORK_PROVEN);
    assert_code(check(f, 5, f->honest, 5, NULL, &verdict), VLS_LEDGER_PROOF);
}

static void fork__of_two_sizes_without_a_path__not_shown(void **state)
{
    struct fixture *f = *state;
    enum vls_fork_verdict verdict;
    assert_done(check(f, 5, f->other, 9, NULL, &verdict));
    assert_int_equal(verdict, VLS_FORK_NOT_SHOWN);
}

static void fork__by_the_consistency_proof__proven_unless_the_size_is_a_power_of_two(void **state)
{
    struct fixture *f = *state;
    for (size_t n = 2; n <= SIZES; n++)
        for (size_t m = 1; m < n; m++) {
            struct vls_proof proof = {.count = 0}, path;
            struct vls_digest root = naive_root(f->other, 0, n);
            enum vls_fork_verdict verdict;
            naive_subproof(f->other, m, 0, n, true, &proof);
            bool has_path = vls_fork_from_consistency(&proof, m, n, &root, &path);
            assert_int_equal(has_path, (m & (m - 1)) != 0);
            if (!has_path)
                continue;
            assert_done(check(f, m, f->other, n, &path, &verdict));
            assert_int_equal(verdict, VLS_FORK_PROVEN);
        }
}

static void fork__by_the_inclusion_of_the_next_entry__proven_at_every_size(void **state)
{
    struct fixture *f = *state;
    for (size_t n = 2; n <= SIZES; n++)
        for (size_t m = 1; m < n; m++) {
            struct vls_proof proof = {.count = 0}, path;
            struct vls_digest root = naive_root(f->other, 0, n);
            enum vls_fork_verdict verdict;
            naive_path(f->other, m, 0, n, &proof);
            assert_true(vls_fork_from_inclusion(&proof, &f->other->leaves[m], m, n, &root, &path));
            assert_done(check(f, m, f->other, n, &path, &verdict));
            assert_int_equal(verdict, VLS_FORK_PROVEN);
        }
}

static void fork__of_an_honest_log__never_proven(void **state)
{
    struct fixture *f = *state;
    for (size_t n = 2; n <= SIZES; n++)
        for (size_t m = 1; m < n; m++) {
            struct vls_proof proof = {.count = 0}, path;
            struct vls_digest root = naive_root(f->honest, 0, n);
            enum vls_fork_verdict verdict;
            naive_path(f->honest, m, 0, n, &proof);
            assert_true(vls_fork_from_inclusion(&proof, &f->honest->leaves[m], m, n, &root, &path));
            assert_code(check(f, m, f->honest, n, &path, &verdict), VLS_LEDGER_PROOF);
            path.hashes[0].bytes[3] ^= 1; /* then it leads to another larger log, too */
            assert_code(check(f, m, f->honest, n, &path, &verdict), VLS_LEDGER_PROOF);
        }
}

static void fork__signed_by_another_or_of_two_logs__refused(void **state)
{
    struct fixture *f = *state;
    enum vls_fork_verdict verdict;
    struct vls_checkpoint c[2];
    struct vls_buf smaller, larger;
    struct vls_note_key stranger = f->signer.key;
    assert_done(check(f, 5, f->other, 5, NULL, &verdict));
    struct vls_fork fork;
    assert_done(vls_fork_read(vls_buf_slice(&f->text), &fork, NULL));
    stranger.key[0] ^= 1;
    assert_code(vls_fork_verify(&fork, &stranger, c, &verdict, NULL), VLS_LEDGER_SIGNATURE);
    sign(f, "un/valise/iom/sent", naive_root(f->honest, 0, 5), 5, &smaller);
    sign(f, "un/valise/iom/received", naive_root(f->other, 0, 5), 5, &larger);
    fork = (struct vls_fork){vls_buf_slice(&smaller), vls_buf_slice(&larger), {.count = 0}};
    struct vls_note_key key = f->signer.key;
    assert_false(vls_ok(vls_fork_verify(&fork, &key, c, &verdict, NULL)));
    vls_buf_fini(&smaller);
    vls_buf_fini(&larger);
}

static void file__cut_or_longer__refused(void **state)
{
    struct fixture *f = *state;
    enum vls_fork_verdict verdict;
    struct vls_fork fork;
    struct vls_proof proof = {.count = 0}, path;
    struct vls_digest root = naive_root(f->other, 0, 9);
    naive_path(f->other, 5, 0, 9, &proof);
    assert_true(vls_fork_from_inclusion(&proof, &f->other->leaves[5], 5, 9, &root, &path));
    assert_done(check(f, 5, f->other, 9, &path, &verdict));
    for (size_t len = 0; len < f->text.len; len++) {
        struct vls_status s = vls_fork_read(VLS_SLICE(f->text.at, len), &fork, NULL);
        if (vls_ok(s)) /* at the end of a line of the path, or of the signatures */
            assert_int_equal(f->text.at[len - 1], '\n');
    }
    assert_done(vls_buf_add_text(&f->text, "\n"));
    assert_code(vls_fork_read(vls_buf_slice(&f->text), &fork, NULL), VLS_LEDGER_PROOF);
}

static void party__of_the_origin__its_first_part(void **state)
{
    struct fixture *f = *state;
    enum vls_fork_verdict verdict;
    struct vls_fork fork;
    char party[VLS_MAX_PARTY + 1];
    assert_done(check(f, 5, f->other, 5, NULL, &verdict));
    assert_done(vls_fork_read(vls_buf_slice(&f->text), &fork, NULL));
    assert_done(vls_fork_party(&fork, party, NULL));
    assert_string_equal(party, "un");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(fork__of_one_size__proven_by_the_signatures),
        TEST(fork__of_two_sizes_without_a_path__not_shown),
        TEST(fork__by_the_consistency_proof__proven_unless_the_size_is_a_power_of_two),
        TEST(fork__by_the_inclusion_of_the_next_entry__proven_at_every_size),
        TEST(fork__of_an_honest_log__never_proven),
        TEST(fork__signed_by_another_or_of_two_logs__refused),
        TEST(file__cut_or_longer__refused),
        TEST(party__of_the_origin__its_first_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
