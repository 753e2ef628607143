#include "ledger/witness.h"

#include "ledger/ledger_test.h"

#define ORIGIN  "un/valise/iom/sent"
#define WITNESS "witness.example.org/w1"
#define TIME_S  UINT64_C(1679315147)

struct fixture {
    struct signer log, witness, stranger;
    struct vls_checkpoint checkpoint;
    struct vls_buf note, answer, line;
};

static int set_up(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    signer_init(&f->log, ORIGIN, false, 1);
    signer_init(&f->witness, WITNESS, true, 2);
    signer_init(&f->stranger, WITNESS, true, 3); /* another key of the same name */
    vls_text_copy(f->checkpoint.origin, sizeof f->checkpoint.origin, ORIGIN);
    f->checkpoint.size = 7;
    f->checkpoint.root = vls_leaf_hash(vls_slice_text("root"));
    vls_buf_init(&f->note, VLS_MAX_NOTE);
    vls_buf_init(&f->answer, VLS_MAX_WITNESS_ASK);
    vls_buf_init(&f->line, VLS_MAX_NOTE);
    assert_done(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note, &why_));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    signer_fini(&f->log);
    signer_fini(&f->witness);
    signer_fini(&f->stranger);
    vls_buf_fini(&f->note);
    vls_buf_fini(&f->answer);
    vls_buf_fini(&f->line);
    vls_mem_free(f);
    return 0;
}

static void cosign(struct fixture *f, struct signer *by, uint64_t time_s)
{
    assert_done(vls_checkpoint_cosign(&f->checkpoint, time_s, &by->key, signer_sign, by, &f->answer,
                                      &why_));
}

static struct vls_status take(struct fixture *f, uint64_t *out_time_s)
{
    return vls_witness_take(vls_buf_slice(&f->answer), &f->checkpoint, &f->witness.key, &f->line,
                            out_time_s, NULL);
}

/* -- what is asked ----------------------------------------------------------------------------- */

static void ask__with_a_proof__is_the_body_of_the_specification(void **state)
{
    struct fixture *f = *state;
    struct vls_proof proof = {.count = 2};
    vls_buf_init(&f->line, VLS_MAX_WITNESS_ASK);
    proof.hashes[0].bytes[0] = 0xff;
    assert_done(vls_witness_ask(3, &proof, vls_buf_slice(&f->note), &f->line, &why_));
    assert_done(vls_buf_add_text(&f->answer, "old 3\n"
                                             "/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                                             "\n"));
    assert_done(vls_buf_add_slice(&f->answer, vls_buf_slice(&f->note)));
    assert_string_equal(vls_buf_text(&f->line), vls_buf_text(&f->answer));
}

static void ask__for_the_first_time__has_no_proof(void **state)
{
    struct fixture *f = *state;
    struct vls_proof proof = {.count = 0};
    assert_done(vls_witness_ask(0, &proof, vls_buf_slice(&f->note), &f->line, &why_));
    assert_ptr_equal(strstr(vls_buf_text(&f->line), "old 0\n\n" ORIGIN "\n7\n"),
                     vls_buf_text(&f->line));
    proof.count = 1;
    assert_code(vls_witness_ask(0, &proof, vls_buf_slice(&f->note), &f->line, NULL),
                VLS_LEDGER_PROOF);
}

static void ask__with_more_hashes_than_the_call_takes__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_proof proof = {.count = 63};
    assert_done(vls_witness_ask(3, &proof, vls_buf_slice(&f->note), &f->answer, &why_));
    proof.count = 64;
    assert_code(vls_witness_ask(3, &proof, vls_buf_slice(&f->note), &f->answer, NULL),
                VLS_LEDGER_PROOF);
}

/* -- what is answered -------------------------------------------------------------------------- */

static void take__among_lines_of_other_keys__is_the_line_by_the_known_one(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s = 0;
    cosign(f, &f->stranger, TIME_S + 1);
    cosign(f, &f->witness, TIME_S);
    cosign(f, &f->stranger, TIME_S + 2);
    assert_done(take(f, &time_s));
    assert_int_equal(time_s, TIME_S);
    assert_done(vls_cosignature_verify(vls_buf_slice(&f->line), &f->checkpoint, &f->witness.key,
                                       &time_s, &why_));
    assert_null(strchr(strchr(vls_buf_text(&f->line), '\n') + 1, '\n'));
}

static void take__without_a_line_by_the_known_key__is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s;
    assert_code(take(f, &time_s), VLS_LEDGER_SIGNATURE);
    cosign(f, &f->stranger, TIME_S);
    assert_code(take(f, &time_s), VLS_LEDGER_SIGNATURE);
    assert_int_equal(f->line.len, 0);
}

static void take__of_a_cosignature_over_another_state__is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s;
    cosign(f, &f->witness, TIME_S);
    f->checkpoint.size++;
    assert_code(take(f, &time_s), VLS_LEDGER_SIGNATURE);
    assert_int_equal(f->line.len, 0);
}

static void take__cut_short_anywhere__is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s;
    cosign(f, &f->witness, TIME_S);
    for (size_t len = f->answer.len; len-- > 1;) {
        f->answer.len = len;
        assert_code(take(f, &time_s), VLS_LEDGER_NOTE);
    }
}

static void take__of_what_is_no_signature_line__is_refused(void **state)
{
    static const char *const ANSWERS[] = {"\n", "ok\n", "<html>\n", "\xe2\x80\x94 a\n",
                                          "\xe2\x80\x94 a AAAA\n"};
    struct fixture *f = *state;
    uint64_t time_s;
    for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
        vls_buf_clear(&f->answer);
        assert_done(vls_buf_add_text(&f->answer, ANSWERS[i]));
        cosign(f, &f->witness, TIME_S);
        assert_code(take(f, &time_s), VLS_LEDGER_NOTE);
    }
}

static void size__as_decimal_with_a_line_feed__is_read(void **state)
{
    uint64_t size = 9;
    (void)state;
    assert_done(vls_witness_take_size(vls_slice_text("0\n"), &size, &why_));
    assert_int_equal(size, 0);
    assert_done(vls_witness_take_size(vls_slice_text("20852014\n"), &size, &why_));
    assert_int_equal(size, 20852014);
}

static void size__otherwise__is_refused(void **state)
{
    static const char *const ANSWERS[] = {"",     "7",     "\n",   "07\n",
                                          "-1\n", "7\n\n", "7 \n", "99999999999999999999\n"};
    uint64_t size;
    (void)state;
    for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++)
        assert_code(vls_witness_take_size(vls_slice_text(ANSWERS[i]), &size, NULL),
                    VLS_LEDGER_NOTE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ask__with_a_proof__is_the_body_of_the_specification),
        TEST(ask__for_the_first_time__has_no_proof),
        TEST(ask__with_more_hashes_than_the_call_takes__is_refused),
        TEST(take__among_lines_of_other_keys__is_the_line_by_the_known_one),
        TEST(take__without_a_line_by_the_known_key__is_refused),
        TEST(take__of_a_cosignature_over_another_state__is_refused),
        TEST(take__cut_short_anywhere__is_refused),
        TEST(take__of_what_is_no_signature_line__is_refused),
        cmocka_unit_test(size__as_decimal_with_a_line_feed__is_read),
        cmocka_unit_test(size__otherwise__is_refused),
    };
    return cmocka_run_group_tests_name("ledger/witness", tests, NULL, NULL);
}
