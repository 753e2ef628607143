#include "ledger/ledger_test.h"

#define ORIGIN  "un/valise/iom/sent"
#define WITNESS "iom/valise/witness"
#define TIME_S  UINT64_C(1679315147)

struct fixture {
    struct signer log, witness, stranger;
    struct vls_checkpoint checkpoint;
    struct vls_buf note, work;
};

static int set_up(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    signer_init(&f->log, ORIGIN, false, 1);
    signer_init(&f->witness, WITNESS, true, 2);
    signer_init(&f->stranger, "example.org/somebody", true, 3);
    vls_text_copy(f->checkpoint.origin, sizeof f->checkpoint.origin, ORIGIN);
    f->checkpoint.size = 20852163;
    f->checkpoint.root = vls_leaf_hash(vls_slice_text("root"));
    vls_buf_init(&f->note, VLS_MAX_NOTE);
    vls_buf_init(&f->work, 2u << 20);
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
    vls_buf_fini(&f->work);
    vls_mem_free(f);
    return 0;
}

static struct vls_status verify(struct fixture *f, struct vls_slice note)
{
    struct vls_checkpoint out;
    return vls_checkpoint_verify(note, &f->log.key, &out, NULL);
}

static void cosign(struct fixture *f, struct signer *by, uint64_t time_s, struct vls_buf *out)
{
    assert_done(
        vls_checkpoint_cosign(&f->checkpoint, time_s, &by->key, signer_sign, by, out, &why_));
}

/* The note with the first `from` in it replaced. */
static struct vls_slice edit(struct fixture *f, const char *from, const char *to)
{
    const char *note = vls_buf_text(&f->note);
    const char *at = strstr(note, from);
    assert_non_null(at);
    vls_buf_clear(&f->work);
    assert_done(vls_buf_add(&f->work, note, (size_t)(at - note)));
    assert_done(vls_buf_add_text(&f->work, to));
    assert_done(vls_buf_add_text(&f->work, at + strlen(from)));
    return vls_buf_slice(&f->work);
}

/* -- the log's signature ----------------------------------------------------------------------- */

static void sign__of_a_checkpoint__is_a_note_that_verifies(void **state)
{
    struct fixture *f = *state;
    struct vls_checkpoint read, verified;
    const char *text = vls_buf_text(&f->note);
    assert_ptr_equal(strstr(text, ORIGIN "\n20852163\n"), text);
    assert_non_null(strstr(text, "=\n\n\xe2\x80\x94 " ORIGIN " "));
    assert_done(vls_checkpoint_verify(vls_buf_slice(&f->note), &f->log.key, &verified, &why_));
    assert_done(vls_checkpoint_read(vls_buf_slice(&f->note), &read, &why_));
    assert_string_equal(verified.origin, ORIGIN);
    assert_int_equal(verified.size, 20852163);
    assert_digest(verified.root, f->checkpoint.root);
    assert_memory_equal(&read, &verified, sizeof read);
}

static void sign__of_the_empty_and_the_largest_log__verifies(void **state)
{
    struct fixture *f = *state;
    const uint64_t SIZES[] = {0, VLS_MAX_LEAVES};
    for (size_t i = 0; i < 2; i++) {
        f->checkpoint.size = SIZES[i];
        f->checkpoint.root = vls_digest_of(NULL, 0);
        vls_buf_clear(&f->note);
        assert_done(vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note,
                                        &why_));
        assert_done(verify(f, vls_buf_slice(&f->note)));
    }
    f->checkpoint.size = VLS_MAX_LEAVES + 1;
    assert_code(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note, NULL),
        VLS_LEDGER_NOTE);
}

static void sign__that_fails__leaves_the_buffer_as_it_was(void **state)
{
    struct fixture *f = *state;
    size_t len = f->note.len;
    f->log.fails = f->witness.fails = true;
    assert_code(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note, NULL),
        VLS_SYSTEM_CRYPTO);
    assert_code(vls_checkpoint_cosign(&f->checkpoint, 1, &f->witness.key, signer_sign, &f->witness,
                                      &f->note, NULL),
                VLS_SYSTEM_CRYPTO);
    assert_int_equal(f->note.len, len);
}

static void sign__with_a_key_of_another_name_or_kind__is_refused_unsigned(void **state)
{
    struct fixture *f = *state;
    f->log.calls = 0;
    assert_code(
        vls_checkpoint_sign(&f->checkpoint, &f->witness.key, signer_sign, &f->log, &f->note, NULL),
        VLS_LEDGER_NOTE);
    assert_code(
        vls_checkpoint_cosign(&f->checkpoint, 1, &f->log.key, signer_sign, &f->log, &f->note, NULL),
        VLS_LEDGER_NOTE);
    assert_code(vls_checkpoint_cosign(&f->checkpoint, UINT64_C(1) << 63, &f->witness.key,
                                      signer_sign, &f->log, &f->note, NULL),
                VLS_LEDGER_NOTE);
    vls_text_copy(f->checkpoint.origin, sizeof f->checkpoint.origin, "two\nlines");
    vls_text_copy(f->log.key.name, sizeof f->log.key.name, "two\nlines");
    assert_code(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note, NULL),
        VLS_LEDGER_NOTE);
    assert_int_equal(f->log.calls, 0);
}

static void verify__of_every_changed_byte__fails(void **state)
{
    struct fixture *f = *state;
    struct vls_checkpoint out;
    for (size_t i = 0; i < f->note.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            f->note.at[i] ^= (uint8_t)(1u << bit);
            assert_false(
                vls_ok(vls_checkpoint_verify(vls_buf_slice(&f->note), &f->log.key, &out, NULL)));
            f->note.at[i] ^= (uint8_t)(1u << bit);
        }
    for (size_t len = 0; len < f->note.len; len++)
        assert_code(verify(f, VLS_SLICE(f->note.at, len)), VLS_LEDGER_NOTE);
    assert_done(verify(f, vls_buf_slice(&f->note)));
}

static void verify__of_a_note_in_another_form__names_the_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *from, *to, *line;
    } CASES[] = {
        {ORIGIN, "", "line 1 "},
        {ORIGIN, "un/valise iom", "line 1 "},
        {"\n20852163", "\n020852163", "line 2 "},
        {"\n20852163", "\n+20852163", "line 2 "},
        {"\n20852163", "\n-1", "line 2 "},
        {"\n20852163", "\n 20852163", "line 2 "},
        {"\n20852163", "\n20852163 ", "line 2 "},
        {"\n20852163", "\n", "line 2 "},
        {"\n20852163", "\n0x12", "line 2 "},
        {"\n20852163", "\n00", "line 2 "},
        {"\n20852163", "\n18446744073709551616", "line 2 "},
        {"\n20852163", "\n20852163\r", "line 2 "},
        {"\n20852163", "\n0", "line 3 "}, /* not the root of an empty log */
        {"=\n\n", "\n\n", "line 3 "},
        {"=\n\n", "==\n\n", "line 3 "},
        {"=\n\n", "= \n\n", "line 3 "},
        {"20852163\n", "20852163\nAAAA", "line 3 "},
        {"=\n\n", "=\nextension\n\n", "line 4 "},
        {"=\n\n", "=\n", "line 4 "},
        {"=\n\n", "=\n\n\n", "line 5 "},
        {"\xe2\x80\x94 ", "- ", "line 5 "},
        {"\xe2\x80\x94 ", "", "line 5 "},
        {"\xe2\x80\x94 ", "\xe2\x80\x94", "line 5 "},
        {"\xe2\x80\x94 ", "\xe2\x80\x94  ", "line 5 "},
        {"\xe2\x80\x94 " ORIGIN " ", "\xe2\x80\x94 " ORIGIN "  ", "line 5 "},
        {"\xe2\x80\x94 " ORIGIN " ", "\xe2\x80\x94 " ORIGIN "+ ", "line 5 "},
        {"\xe2\x80\x94 " ORIGIN " ", "\xe2\x80\x94 " ORIGIN " !", "line 5 "},
        {"\xe2\x80\x94 " ORIGIN " ", "\xe2\x80\x94 x AAAA\n\xe2\x80\x94 " ORIGIN " ", "line 5 "},
        {"\xe2\x80\x94 " ORIGIN " ", "\xe2\x80\x94 x AAAAAAA=\n\n\xe2\x80\x94 " ORIGIN " ",
         "line 6 "},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_why why = {""};
        struct vls_checkpoint out = {.size = 77};
        struct vls_slice note = edit(f, CASES[i].from, CASES[i].to);
        assert_code(vls_checkpoint_verify(note, &f->log.key, &out, &why), VLS_LEDGER_NOTE);
        if (strstr(why.text, CASES[i].line) == NULL)
            print_error("case %zu: %s\n", i, why.text);
        assert_non_null(strstr(why.text, CASES[i].line));
        assert_int_equal(out.size, 77);
        assert_code(vls_checkpoint_read(note, &out, NULL), VLS_LEDGER_NOTE);
    }
}

static void verify__of_trailing_bytes__is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const TAILS[] = {"x", "\n", " ", "\xe2\x80\x94 ", "\xe2\x80\x94 a AAAAAAA="};
    size_t len = f->note.len;
    for (size_t i = 0; i < sizeof TAILS / sizeof TAILS[0]; i++) {
        assert_done(vls_buf_add_text(&f->note, TAILS[i]));
        assert_code(verify(f, vls_buf_slice(&f->note)), VLS_LEDGER_NOTE);
        f->note.len = len;
    }
    assert_done(vls_buf_add(&f->note, "", 1));
    assert_code(verify(f, vls_buf_slice(&f->note)), VLS_LEDGER_NOTE);
}

static void verify__of_an_origin_of_a_mebibyte__is_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t *at;
    assert_done(vls_buf_reserve(&f->work, 1u << 20, &at));
    memset(at, 'a', 1u << 20);
    vls_buf_took(&f->work, 1u << 20);
    assert_code(verify(f, vls_buf_slice(&f->work)), VLS_LEDGER_NOTE);
    assert_done(vls_buf_add_slice(&f->work, vls_buf_slice(&f->note)));
    assert_code(verify(f, vls_buf_slice(&f->work)), VLS_LEDGER_NOTE);
    assert_code(verify(f, VLS_SLICE(f->work.at + (1u << 20) - VLS_MAX_ORIGIN,
                                    VLS_MAX_ORIGIN + f->note.len)),
                VLS_LEDGER_NOTE);
}

static void verify__under_the_key_of_another__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_checkpoint out;
    struct vls_note_key key = f->log.key;
    struct vls_slice note = vls_buf_slice(&f->note);
    key.key[0] ^= 1; /* same name, other key: its line is not there */
    assert_code(vls_checkpoint_verify(note, &key, &out, NULL), VLS_LEDGER_SIGNATURE);
    key = f->log.key;
    vls_text_copy(key.name, sizeof key.name, "un/valise/iom/received");
    assert_code(vls_checkpoint_verify(note, &key, &out, NULL), VLS_LEDGER_SIGNATURE);
    key = f->log.key;
    key.is_cosigner = true;
    assert_code(vls_checkpoint_verify(note, &key, &out, NULL), VLS_LEDGER_SIGNATURE);
    assert_code(vls_checkpoint_verify(note, NULL, &out, NULL), VLS_SYSTEM_BUG);
}

static void verify__with_lines_by_unknown_keys__ignores_them(void **state)
{
    struct fixture *f = *state;
    cosign(f, &f->stranger, TIME_S, &f->note);
    cosign(f, &f->witness, TIME_S, &f->note);
    assert_done(verify(f, vls_buf_slice(&f->note)));
    /* one under the log's name with another id, one of another size, in front of the log's own */
    assert_done(verify(f, edit(f, "\n\n\xe2\x80\x94 ",
                               "\n\n\xe2\x80\x94 " ORIGIN
                               " AAAAAAA=\n\xe2\x80\x94 zz AAAAAAAA\n\xe2\x80\x94 ")));
}

static void verify__of_a_bad_signature_beside_a_good_one__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_buf other;
    vls_buf_init(&other, VLS_MAX_NOTE);
    f->checkpoint.size++;
    assert_done(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &other, &why_));
    const char *line = strstr(vls_buf_text(&other), "\n\n") + 2;
    assert_done(vls_buf_add_text(&f->note, line));
    assert_code(verify(f, vls_buf_slice(&f->note)), VLS_LEDGER_SIGNATURE);
    vls_buf_fini(&other);
}

static void verify__of_sixteen_cosignatures__is_accepted(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s;
    for (unsigned i = 0; i < 16; i++)
        cosign(f, i == 7 ? &f->witness : &f->stranger, TIME_S + i, &f->note);
    assert_done(verify(f, vls_buf_slice(&f->note)));
    assert_done(vls_cosignature_verify(vls_buf_slice(&f->note), &f->checkpoint, &f->witness.key,
                                       &time_s, &why_));
    assert_int_equal(time_s, TIME_S + 7);
}

/* -- cosignatures ------------------------------------------------------------------------------ */

static void cosignature__alone_or_behind_a_note__verifies_with_its_time(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s = 0;
    cosign(f, &f->witness, TIME_S, &f->work);
    assert_done(vls_cosignature_verify(vls_buf_slice(&f->work), &f->checkpoint, &f->witness.key,
                                       &time_s, &why_));
    assert_int_equal(time_s, TIME_S);
    time_s = 0;
    assert_done(vls_buf_add_slice(&f->note, vls_buf_slice(&f->work)));
    assert_done(vls_cosignature_verify(vls_buf_slice(&f->note), &f->checkpoint, &f->witness.key,
                                       &time_s, &why_));
    assert_int_equal(time_s, TIME_S);
    assert_done(verify(f, vls_buf_slice(&f->note)));
}

/* What is signed, byte for byte as the format's own example has it. */
static struct vls_status expect_example(void *ctx, struct vls_slice message,
                                        uint8_t out[VLS_ED25519_SIGNATURE], struct vls_why *why)
{
    const char *expected = ctx;
    (void)why;
    assert_int_equal(message.len, strlen(expected));
    assert_memory_equal(message.at, expected, message.len);
    memset(out, 0xab, VLS_ED25519_SIGNATURE);
    return VLS_DONE;
}

#define EXAMPLE                                                                                    \
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static void sign__of_the_published_example__signs_the_published_text(void **state)
{
    struct fixture *f = *state;
    struct vls_checkpoint checkpoint;
    struct vls_note_key log = {.name = "example.com/behind-the-sofa"};
    struct vls_note_key witness = {.name = "witness.example.com/w1", .is_cosigner = true};
    struct vls_slice note = vls_slice_text(
        EXAMPLE
        "\n\xe2\x80\x94 example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4U"
        "RYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\xe2\x80\x94 witness.example.com/w1 "
        "jWbPPwAAAABkGFDLEZ"
        "MHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n");
    char body[] = EXAMPLE, timed[] = "cosignature/v1\ntime 1679315147\n" EXAMPLE;
    assert_done(vls_checkpoint_read(note, &checkpoint, &why_));
    assert_int_equal(checkpoint.size, 20852163);
    assert_done(vls_checkpoint_sign(&checkpoint, &log, expect_example, body, &f->work, &why_));
    vls_buf_clear(&f->work);
    assert_done(vls_checkpoint_cosign(&checkpoint, TIME_S, &witness, expect_example, timed,
                                      &f->work, &why_));
    /* id, time and signature stand where the example has them: 4, 8 and 64 bytes */
    const char *line = vls_buf_text(&f->work);
    assert_int_equal(strlen(line), strlen("\xe2\x80\x94 witness.example.com/w1 ") + 104 + 1);
    assert_non_null(strstr(line, "AAAABkGFDLq6urq6")); /* the time, then 0xab */
}

static void line__by_a_key__is_found_whether_it_is_good_or_not(void **state)
{
    struct fixture *f = *state;
    assert_true(vls_note_bears(vls_buf_slice(&f->note), &f->log.key));
    assert_false(vls_note_bears(vls_buf_slice(&f->note), &f->witness.key));
    f->checkpoint.size++; /* a cosignature over something else */
    cosign(f, &f->witness, TIME_S, &f->note);
    assert_true(vls_note_bears(vls_buf_slice(&f->note), &f->witness.key));
    assert_false(vls_note_bears(vls_buf_slice(&f->note), &f->stranger.key));
    struct vls_note_key other = f->witness.key; /* of the same name */
    other.key[0] ^= 1;
    assert_false(vls_note_bears(vls_buf_slice(&f->note), &other));
    assert_false(vls_note_bears(VLS_SLICE(f->note.at, f->note.len - 1), &f->witness.key));
}

static void cosignature__over_another_state_or_time__is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s = 77;
    struct vls_checkpoint other = f->checkpoint;
    cosign(f, &f->witness, TIME_S, &f->work);
    other.size++;
    assert_code(
        vls_cosignature_verify(vls_buf_slice(&f->work), &other, &f->witness.key, &time_s, NULL),
        VLS_LEDGER_SIGNATURE);
    other = f->checkpoint;
    other.root.bytes[0] ^= 1;
    assert_code(
        vls_cosignature_verify(vls_buf_slice(&f->work), &other, &f->witness.key, &time_s, NULL),
        VLS_LEDGER_SIGNATURE);
    other = f->checkpoint;
    vls_text_copy(other.origin, sizeof other.origin, "un/valise/iom/received");
    assert_code(
        vls_cosignature_verify(vls_buf_slice(&f->work), &other, &f->witness.key, &time_s, NULL),
        VLS_LEDGER_SIGNATURE);
    for (size_t i = 0; i < f->work.len; i++) {
        f->work.at[i] ^= 1;
        assert_false(vls_ok(vls_cosignature_verify(vls_buf_slice(&f->work), &f->checkpoint,
                                                   &f->witness.key, &time_s, NULL)));
        f->work.at[i] ^= 1;
    }
    assert_int_equal(time_s, 77);
}

static void cosignature__by_nobody_known__is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s;
    assert_code(
        vls_cosignature_verify(VLS_SLICE(NULL, 0), &f->checkpoint, &f->witness.key, &time_s, NULL),
        VLS_LEDGER_SIGNATURE);
    assert_code(vls_cosignature_verify(vls_buf_slice(&f->note), &f->checkpoint, &f->witness.key,
                                       &time_s, NULL),
                VLS_LEDGER_SIGNATURE);
    cosign(f, &f->stranger, TIME_S, &f->work);
    assert_code(vls_cosignature_verify(vls_buf_slice(&f->work), &f->checkpoint, &f->witness.key,
                                       &time_s, NULL),
                VLS_LEDGER_SIGNATURE);
    assert_code(
        vls_cosignature_verify(vls_buf_slice(&f->note), &f->checkpoint, &f->log.key, &time_s, NULL),
        VLS_LEDGER_SIGNATURE);
}

static void cosignature__several_by_one_key__gives_the_latest_time(void **state)
{
    struct fixture *f = *state;
    uint64_t time_s;
    cosign(f, &f->witness, TIME_S + 5, &f->work);
    cosign(f, &f->witness, TIME_S, &f->work);
    assert_done(vls_cosignature_verify(vls_buf_slice(&f->work), &f->checkpoint, &f->witness.key,
                                       &time_s, &why_));
    assert_int_equal(time_s, TIME_S + 5);
    f->checkpoint.size++;
    cosign(f, &f->witness, TIME_S, &f->work); /* one of them over another state: all are refused */
    f->checkpoint.size--;
    assert_code(vls_cosignature_verify(vls_buf_slice(&f->work), &f->checkpoint, &f->witness.key,
                                       &time_s, NULL),
                VLS_LEDGER_SIGNATURE);
}

/* -- memory ------------------------------------------------------------------------------------ */

static void every_call__with_each_allocation_failing__says_so_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    uint64_t failures = 0;
    bool is_done = false;
    cosign(f, &f->witness, TIME_S, &f->note);
    for (uint64_t n = 1; !is_done; n++) {
        struct vls_checkpoint read;
        struct vls_buf out;
        uint64_t time_s = 77;
        vls_buf_init(&out, VLS_MAX_NOTE);
        vls_mem_fail_at(n);
        struct vls_status s =
            vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &out, NULL);
        if (!vls_ok(s))
            assert_int_equal(out.len, 0);
        else
            s = vls_checkpoint_verify(vls_buf_slice(&f->note), &f->log.key, &read, NULL);
        if (vls_ok(s)) {
            s = vls_cosignature_verify(vls_buf_slice(&f->note), &f->checkpoint, &f->witness.key,
                                       &time_s, NULL);
            assert_int_equal(time_s, vls_ok(s) ? TIME_S : 77);
        }
        vls_mem_fail_at(0);
        is_done = vls_ok(s);
        if (!is_done)
            assert_int_equal(s.code, VLS_SYSTEM_MEMORY);
        failures += !is_done;
        vls_buf_fini(&out);
    }
    assert_true(failures >= 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sign__of_a_checkpoint__is_a_note_that_verifies),
        TEST(sign__of_the_empty_and_the_largest_log__verifies),
        TEST(sign__that_fails__leaves_the_buffer_as_it_was),
        TEST(sign__with_a_key_of_another_name_or_kind__is_refused_unsigned),
        TEST(sign__of_the_published_example__signs_the_published_text),
        TEST(verify__of_every_changed_byte__fails),
        TEST(verify__of_a_note_in_another_form__names_the_line),
        TEST(verify__of_trailing_bytes__is_refused),
        TEST(verify__of_an_origin_of_a_mebibyte__is_refused),
        TEST(verify__under_the_key_of_another__is_refused),
        TEST(verify__with_lines_by_unknown_keys__ignores_them),
        TEST(verify__of_a_bad_signature_beside_a_good_one__is_refused),
        TEST(verify__of_sixteen_cosignatures__is_accepted),
        TEST(cosignature__alone_or_behind_a_note__verifies_with_its_time),
        TEST(line__by_a_key__is_found_whether_it_is_good_or_not),
        TEST(cosignature__over_another_state_or_time__is_refused),
        TEST(cosignature__by_nobody_known__is_refused),
        TEST(cosignature__several_by_one_key__gives_the_latest_time),
        TEST(every_call__with_each_allocation_failing__says_so_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
