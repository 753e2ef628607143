#include "ledger/ledger_test.h"

#include "ledger/tlogproof.h"

#define ORIGIN "un/valise/iom/sent"
#define LEAVES 20
#define INDEX  13

struct fixture {
    struct signer log;
    struct naive *naive;
    struct vls_buf note, text, extra, work;
    struct vls_tlog_proof proof;
};

static int set_up(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    struct vls_checkpoint checkpoint = {.origin = ORIGIN, .size = LEAVES};
    f->naive = naive_new();
    signer_init(&f->log, ORIGIN, false, 1);
    vls_buf_init(&f->note, VLS_MAX_NOTE);
    vls_buf_init(&f->text, VLS_MAX_PROOF_FILE);
    vls_buf_init(&f->extra, VLS_MAX_PROOF_EXTRA);
    vls_buf_init(&f->work, 4 * VLS_MAX_PROOF_FILE);
    checkpoint.root = naive_root(f->naive, 0, LEAVES);
    assert_done(
        vls_checkpoint_sign(&checkpoint, &f->log.key, signer_sign, &f->log, &f->note, &why_));
    f->proof.index = INDEX;
    f->proof.checkpoint = vls_buf_slice(&f->note);
    f->proof.extra = vls_slice_text("a manifest");
    naive_path(f->naive, INDEX, 0, LEAVES, &f->proof.path);
    assert_done(vls_tlog_proof_write(&f->proof, &f->text, &why_));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    signer_fini(&f->log);
    vls_buf_fini(&f->note);
    vls_buf_fini(&f->text);
    vls_buf_fini(&f->extra);
    vls_buf_fini(&f->work);
    vls_mem_free(f->naive);
    vls_mem_free(f);
    return 0;
}

static struct vls_status read_text(struct fixture *f, struct vls_slice text)
{
    struct vls_tlog_proof proof;
    return vls_tlog_proof_read(text, &f->extra, &proof, NULL);
}

static void write__of_a_proof__has_the_lines_of_the_format(void **state)
{
    struct fixture *f = *state;
    struct vls_buf expected;
    vls_buf_init(&expected, VLS_MAX_PROOF_FILE);
    assert_done(
        vls_buf_add_text(&expected, "c2sp.org/tlog-proof@v1\nextra YSBtYW5pZmVzdA==\nindex 13\n"));
    for (size_t i = 0; i < f->proof.path.count; i++) {
        assert_done(vls_base64_add(vls_digest_slice(&f->proof.path.hashes[i]), &expected));
        assert_done(vls_buf_add_text(&expected, "\n"));
    }
    assert_done(vls_buf_add_text(&expected, "\n"));
    assert_done(vls_buf_add_slice(&expected, vls_buf_slice(&f->note)));
    assert_string_equal(vls_buf_text(&f->text), vls_buf_text(&expected));
    vls_buf_fini(&expected);
}

static void read__of_what_was_written__verifies(void **state)
{
    struct fixture *f = *state;
    struct vls_tlog_proof proof;
    struct vls_checkpoint checkpoint;
    assert_done(vls_tlog_proof_read(vls_buf_slice(&f->text), &f->extra, &proof, &why_));
    assert_int_equal(proof.index, INDEX);
    assert_same_proof(&proof.path, &f->proof.path);
    assert_true(vls_slice_is_equal(proof.extra, f->proof.extra));
    assert_true(vls_slice_is_equal(proof.checkpoint, f->proof.checkpoint));
    assert_done(
        vls_tlog_proof_verify(&proof, &f->naive->leaves[INDEX], &f->log.key, &checkpoint, &why_));
    assert_int_equal(checkpoint.size, LEAVES);
    assert_code(vls_tlog_proof_verify(&proof, &f->naive->leaves[0], &f->log.key, &checkpoint, NULL),
                VLS_LEDGER_PROOF);
    f->log.key.key[0] ^= 1;
    assert_code(
        vls_tlog_proof_verify(&proof, &f->naive->leaves[INDEX], &f->log.key, &checkpoint, NULL),
        VLS_LEDGER_SIGNATURE);
}

static void read__without_extra_data_or_path__is_fine(void **state)
{
    struct fixture *f = *state;
    struct vls_tlog_proof proof = {.index = 0}, read;
    struct vls_checkpoint checkpoint = {.origin = ORIGIN, .size = 1, .root = f->naive->leaves[0]};
    vls_buf_clear(&f->note);
    assert_done(
        vls_checkpoint_sign(&checkpoint, &f->log.key, signer_sign, &f->log, &f->note, &why_));
    proof.checkpoint = vls_buf_slice(&f->note);
    vls_buf_clear(&f->text);
    assert_done(vls_tlog_proof_write(&proof, &f->text, &why_));
    assert_ptr_equal(strstr(vls_buf_text(&f->text), "c2sp.org/tlog-proof@v1\nindex 0\n\nun/"),
                     f->text.at);
    assert_done(vls_tlog_proof_read(vls_buf_slice(&f->text), &f->extra, &read, &why_));
    assert_int_equal(read.extra.len, 0);
    assert_done(
        vls_tlog_proof_verify(&read, &f->naive->leaves[0], &f->log.key, &checkpoint, &why_));
}

static void verify__of_every_changed_byte__fails_outside_the_extra_data(void **state)
{
    struct fixture *f = *state;
    const char *start = vls_buf_text(&f->text), *extra = strstr(start, "YSBt");
    size_t extra_at = (size_t)(extra - start), extra_len = strlen("YSBtYW5pZmVzdA==");
    for (size_t i = 0; i < f->text.len; i++) {
        struct vls_tlog_proof proof;
        struct vls_checkpoint checkpoint;
        if (i >= extra_at && i < extra_at + extra_len)
            continue; /* nobody has signed it */
        f->text.at[i] ^= 1;
        struct vls_status s = vls_tlog_proof_read(vls_buf_slice(&f->text), &f->extra, &proof, NULL);
        if (vls_ok(s))
            s = vls_tlog_proof_verify(&proof, &f->naive->leaves[INDEX], &f->log.key, &checkpoint,
                                      NULL);
        assert_false(vls_ok(s));
        f->text.at[i] ^= 1;
    }
    for (size_t len = 0; len < f->text.len; len++)
        assert_false(vls_ok(read_text(f, VLS_SLICE(f->text.at, len))));
}

static void read__of_another_form__names_the_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *from, *to, *line;
    } CASES[] = {
        {"@v1", "@v2", "line 1 "},
        {"c2sp", "\nc2sp", "line 1 "},
        {"c2sp", " c2sp", "line 1 "},
        {"extra YSBtYW5pZmVzdA==", "extra ", "line 2 "},
        {"extra YSBtYW5pZmVzdA==", "extra", "line 2 "},
        {"extra YSBtYW5pZmVzdA==", "extra YSBtYW5pZmVzdA", "line 2 "},
        {"extra YSBtYW5pZmVzdA==", "extra  YSBtYW5pZmVzdA==", "line 2 "},
        {"extra YSBtYW5pZmVzdA==", "extra YSBtYW5pZmVzdA== ", "line 2 "},
        {"extra YSBtYW5pZmVzdA==", "extra YSBtYW5pZmVzdB==", "line 2 "},
        {"extra YSBtYW5pZmVzdA==", "other AAAA", "line 2 "},
        {"extra YSBtYW5pZmVzdA==", "extra AAAA\nextra AAAA", "line 3 "},
        {"index 13", "index 013", "line 3 "},
        {"index 13", "index 13 ", "line 3 "},
        {"index 13", "index 13\r", "line 3 "},
        {"index 13", "index -1", "line 3 "},
        {"index 13", "index ", "line 3 "},
        {"index 13", "index 0x1", "line 3 "},
        {"index 13", "index 99999999999999999999", "line 3 "},
        {"index 13", "Index 13", "line 3 "},
        {"index 13", "index 20", "line 9 "},
        {"index 13\n", "index 13\nAAAA\n", "line 4 "},
        {"index 13\n", "index 13\n\n", "line 2 of the signed note"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_why why = {""};
        struct vls_tlog_proof proof = {.index = 77};
        const char *text = vls_buf_text(&f->text), *at = strstr(text, CASES[i].from);
        assert_non_null(at);
        vls_buf_clear(&f->work);
        assert_done(vls_buf_add(&f->work, text, (size_t)(at - text)));
        assert_done(vls_buf_add_text(&f->work, CASES[i].to));
        assert_done(vls_buf_add_text(&f->work, at + strlen(CASES[i].from)));
        assert_false(vls_ok(vls_tlog_proof_read(vls_buf_slice(&f->work), &f->extra, &proof, &why)));
        if (strstr(why.text, CASES[i].line) == NULL)
            print_error("case %zu: %s\n", i, why.text);
        assert_non_null(strstr(why.text, CASES[i].line));
        assert_int_equal(proof.index, 77);
    }
}

static void read__of_too_much__is_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t *at;
    assert_done(vls_buf_reserve(&f->work, 2 * VLS_MAX_PROOF_FILE, &at));
    memset(at, 'A', 2 * VLS_MAX_PROOF_FILE);
    assert_code(read_text(f, VLS_SLICE(at, VLS_MAX_PROOF_FILE + 1)), VLS_INPUT_LIMIT);
    assert_code(read_text(f, VLS_SLICE(at, VLS_MAX_PROOF_FILE)), VLS_LEDGER_PROOF);

    /* extra data of the limit, and one byte more */
    struct vls_tlog_proof proof = f->proof, read;
    struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROOF_FILE);
    proof.extra = VLS_SLICE(at, VLS_MAX_PROOF_EXTRA);
    assert_done(vls_tlog_proof_write(&proof, &text, &why_));
    assert_done(vls_tlog_proof_read(vls_buf_slice(&text), &f->extra, &read, &why_));
    assert_true(vls_slice_is_equal(read.extra, proof.extra));
    proof.extra.len++;
    size_t len = text.len;
    assert_code(vls_tlog_proof_write(&proof, &text, NULL), VLS_INPUT_LIMIT);
    assert_int_equal(text.len, len);
    vls_buf_clear(&text);
    assert_done(vls_buf_add_text(&text, "c2sp.org/tlog-proof@v1\nextra "));
    assert_done(vls_base64_add(proof.extra, &text));
    assert_done(vls_buf_add_text(&text, "\nindex 13\n"));
    assert_code(read_text(f, vls_buf_slice(&text)), VLS_INPUT_LIMIT);
    vls_buf_fini(&text);
}

static void read__of_a_path_longer_than_any__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_tlog_proof proof = f->proof, read;
    proof.path.count = VLS_MAX_PROOF;
    vls_buf_clear(&f->text);
    assert_done(vls_tlog_proof_write(&proof, &f->text, &why_));
    assert_done(vls_tlog_proof_read(vls_buf_slice(&f->text), &f->extra, &read, &why_));
    assert_int_equal(read.path.count, VLS_MAX_PROOF);
    proof.path.count++;
    assert_code(vls_tlog_proof_write(&proof, &f->text, NULL), VLS_INPUT_LIMIT);
    const char *text = vls_buf_text(&f->text),
               *at = strstr(text, "index 13\n") + strlen("index 13\n");
    assert_done(vls_buf_add(&f->work, text, (size_t)(at - text)));
    assert_done(vls_buf_add(&f->work, at, 45)); /* one hash twice */
    assert_done(vls_buf_add_text(&f->work, at));
    assert_code(read_text(f, vls_buf_slice(&f->work)), VLS_LEDGER_PROOF);
}

static void write__of_what_could_not_be_read__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_tlog_proof proof = f->proof;
    size_t len = f->text.len;
    proof.index = LEAVES;
    assert_code(vls_tlog_proof_write(&proof, &f->text, NULL), VLS_LEDGER_PROOF);
    proof = f->proof;
    proof.checkpoint.len--;
    assert_code(vls_tlog_proof_write(&proof, &f->text, NULL), VLS_LEDGER_NOTE);
    assert_int_equal(f->text.len, len);
}

static void every_call__with_each_allocation_failing__says_so_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    uint64_t failures = 0;
    bool is_done = false;
    for (uint64_t n = 1; !is_done; n++) {
        struct vls_tlog_proof proof = {.index = 77};
        struct vls_buf out, extra;
        vls_buf_init(&out, VLS_MAX_PROOF_FILE);
        vls_buf_init(&extra, VLS_MAX_PROOF_EXTRA);
        vls_mem_fail_at(n);
        struct vls_status s = vls_tlog_proof_write(&f->proof, &out, NULL);
        if (!vls_ok(s))
            assert_int_equal(out.len, 0);
        else
            s = vls_tlog_proof_read(vls_buf_slice(&f->text), &extra, &proof, NULL);
        vls_mem_fail_at(0);
        is_done = vls_ok(s);
        assert_int_equal(proof.index, is_done ? INDEX : 77);
        if (!is_done)
            assert_int_equal(s.code, VLS_SYSTEM_MEMORY);
        failures += !is_done;
        vls_buf_fini(&out);
        vls_buf_fini(&extra);
    }
    assert_true(failures >= 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(write__of_a_proof__has_the_lines_of_the_format),
        TEST(read__of_what_was_written__verifies),
        TEST(read__without_extra_data_or_path__is_fine),
        TEST(verify__of_every_changed_byte__fails_outside_the_extra_data),
        TEST(read__of_another_form__names_the_line),
        TEST(read__of_too_much__is_refused),
        TEST(read__of_a_path_longer_than_any__is_refused),
        TEST(write__of_what_could_not_be_read__is_refused),
        TEST(every_call__with_each_allocation_failing__says_so_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
