/* NAME.proof: written, read again, and refused with its place when anything is amiss. */
#include "envelope/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static uint8_t manifest[] = "a manifest", receipt[] = "a receipt", decision[] = "a decision";
static uint8_t hash_a[32] = {1}, hash_b[32] = {2};
static char note[] =
    "un/valise/iom/sent\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
    "\xe2\x80\x94 un/valise/iom/sent "
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAA=\n";
static ProtobufCBinaryData hashes[] = {{32, hash_a}, {32, hash_b}};

#define BYTES(array) ((ProtobufCBinaryData){sizeof(array), (array)})

struct proven {
    Valise__InclusionEvidence sent, received;
    Valise__Evidence evidence;
    struct vls_buf text;
};

static int setup(void **state)
{
    struct proven *p = vls_mem_new(sizeof *p);
    valise__inclusion_evidence__init(&p->sent);
    p->sent.leaf_index = 2;
    p->sent.hashes = hashes;
    p->sent.n_hashes = 2;
    p->sent.checkpoint = note;
    p->received = p->sent;
    p->received.n_hashes = 1;
    valise__evidence__init(&p->evidence);
    p->evidence.manifest = BYTES(manifest);
    p->evidence.receipt = BYTES(receipt);
    p->evidence.decision = BYTES(decision);
    p->evidence.sent = &p->sent;
    p->evidence.received = &p->received;
    vls_buf_init(&p->text, VLS_MAX_PROVEN_FILE);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct proven *p = *state;
    vls_buf_fini(&p->text);
    vls_mem_free(p);
    return 0;
}

static void write_it(struct proven *p)
{
    struct vls_why why = {""};
    vls_buf_clear(&p->text);
    if (!vls_ok(vls_proof_write(&p->evidence, &p->text, &why)))
        fail_msg("%s", why.text);
}

static Valise__Evidence *read_it(struct vls_slice text)
{
    struct vls_why why = {""};
    Valise__Evidence *back = NULL;
    if (!vls_ok(vls_proof_read(text, &back, &why)))
        fail_msg("%s", why.text);
    return back;
}

/* Replace the first `from` by `to`: then it is refused with these words. */
static void assert_refused(struct proven *p, const char *from, const char *to, const char *words)
{
    struct vls_why why = {""};
    Valise__Evidence *back = NULL;
    struct vls_buf altered;
    write_it(p);
    vls_buf_init(&altered, 2 * VLS_MAX_PROVEN_FILE);
    const char *text = vls_buf_text(&p->text), *at = strstr(text, from);
    assert_non_null(at);
    assert_true(vls_ok(vls_buf_add(&altered, text, (size_t)(at - text))));
    assert_true(vls_ok(vls_buf_add_text(&altered, to)));
    assert_true(vls_ok(vls_buf_add_text(&altered, at + strlen(from))));
    assert_false(vls_ok(vls_proof_read(vls_buf_slice(&altered), &back, &why)));
    if (strstr(why.text, words) == NULL)
        fail_msg("says \"%s\", not \"%s\"", why.text, words);
    vls_buf_fini(&altered);
}

static void proof__all_sections__same_again(void **state)
{
    struct proven *p = *state;
    write_it(p);
    Valise__Evidence *back = read_it(vls_buf_slice(&p->text));
    assert_int_equal(back->manifest.len, sizeof manifest);
    assert_memory_equal(back->manifest.data, manifest, sizeof manifest);
    assert_memory_equal(back->receipt.data, receipt, sizeof receipt);
    assert_memory_equal(back->decision.data, decision, sizeof decision);
    assert_int_equal(back->sent->leaf_index, 2);
    assert_int_equal(back->sent->n_hashes, 2);
    assert_int_equal(back->received->n_hashes, 1);
    assert_string_equal(back->received->checkpoint, note);
    assert_int_equal(back->sealed.len + back->content.len, 0);
    valise__evidence__free_unpacked(back, NULL);
}

static void proof__no_receipt_no_decision__first_section_alone(void **state)
{
    struct proven *p = *state;
    p->evidence.decision.len = 0;
    p->evidence.received = NULL; /* and so the receipt proves nothing */
    write_it(p);
    assert_null(strstr(vls_buf_text(&p->text), "\nreceived\n"));
    Valise__Evidence *back = read_it(vls_buf_slice(&p->text));
    assert_null(back->received);
    assert_int_equal(back->receipt.len, 0);
    valise__evidence__free_unpacked(back, NULL);
}

static void proof__not_logged_yet__nothing_is_written(void **state)
{
    struct proven *p = *state;
    p->evidence.sent = NULL;
    assert_int_equal(vls_proof_write(&p->evidence, &p->text, NULL).code, VLS_STORE_MISSING);
    assert_int_equal(p->text.len, 0);
}

static void proof__longest_decision__fits(void **state)
{
    struct proven *p = *state;
    static uint8_t longest[VLS_MAX_DECISION], full[VLS_MAX_MANIFEST];
    p->evidence.decision = BYTES(longest);
    p->evidence.manifest = p->evidence.receipt = BYTES(full);
    write_it(p);
    valise__evidence__free_unpacked(read_it(vls_buf_slice(&p->text)), NULL);
}

static void proof__with_time_stamps__same_again_in_their_order(void **state)
{
    struct proven *p = *state;
    static uint8_t first[] = "first token", second[] = "second token", third[] = "third token";
    Valise__InclusionEvidence decided = p->received;
    p->sent.stamp = BYTES(first);
    p->received.stamp = BYTES(second);
    decided.stamp = BYTES(third);
    p->evidence.decided = &decided;
    p->evidence.decision_entry = BYTES(decision);
    write_it(p);
    const char *text = vls_buf_text(&p->text), *last = text;
    static const char *const HEADS[] = {"\nsent\n",          "\nsent-time\n", "\nreceived\n",
                                        "\nreceived-time\n", "\ndecision\n",  "\ninternal\n",
                                        "\ninternal-time\n"};
    for (size_t i = 0; i < sizeof HEADS / sizeof HEADS[0]; i++) {
        const char *at = strstr(text, HEADS[i]);
        assert_true(at != NULL && at > last);
        last = at;
    }
    Valise__Evidence *back = read_it(vls_buf_slice(&p->text));
    assert_memory_equal(back->sent->stamp.data, first, sizeof first);
    assert_memory_equal(back->received->stamp.data, second, sizeof second);
    assert_memory_equal(back->decided->stamp.data, third, sizeof third);
    valise__evidence__free_unpacked(back, NULL);
    p->received.stamp.len = 0;
    assert_refused(p, "sent-time", "received-time", "has no place");
    assert_refused(p, "\nsent-time\n", "\nsent-time\n\n", "is not the base64 of a time stamp");
    assert_refused(p, "Zmlyc3QgdG9rZW4A\n", "Zmlyc3QgdG9rZW4A\nZmly\n", "has no place");
    assert_refused(p, "Zmlyc3QgdG9rZW4A\n", "!\n", "line 17 is not the base64 of a time stamp");
}

static void proof__longest_of_everything__fits(void **state)
{
    struct proven *p = *state;
    static uint8_t longest[VLS_MAX_DECISION], full[VLS_MAX_MANIFEST], stamp[VLS_MAX_STAMP + 1];
    Valise__InclusionEvidence decided = p->received;
    p->evidence.decision = BYTES(longest);
    p->evidence.manifest = p->evidence.receipt = p->evidence.decision_entry = BYTES(full);
    p->evidence.decided = &decided;
    p->sent.stamp = p->received.stamp = decided.stamp = (ProtobufCBinaryData){VLS_MAX_STAMP, stamp};
    write_it(p);
    valise__evidence__free_unpacked(read_it(vls_buf_slice(&p->text)), NULL);
    p->sent.stamp.len++;
    vls_buf_clear(&p->text);
    assert_int_equal(vls_proof_write(&p->evidence, &p->text, NULL).code, VLS_INPUT_LIMIT);
}

static void proof__altered_form__refused_with_its_place(void **state)
{
    struct proven *p = *state;
    assert_refused(p, "proof/v1", "proof/v2", "line 1 is not");
    assert_refused(p, "\nsent\n", "\nreceived\n", "line 2 does not begin the section sent");
    assert_refused(p, "\nsent\n", "\n\nsent\n", "line 2 ");
    assert_refused(p, "tlog-proof@v1", "tlog-proof@v2", "section sent from line 4: line 1");
    assert_refused(p, "\nextra YSBtYW5pZmVzdAA=", "", "has no line \"extra\"");
    assert_refused(p, "\nreceived\n", "\nreceipt\n", "line 15 has no place");
    assert_refused(p, "\nreceived\n", "\n\nreceived\n", "line 15 has no place");
    assert_refused(p, "\ndecision\n", "\ndecision\n!", "is not the base64 of a decision");
    assert_refused(p, "YSBkZWNpc2lvbgA=\n", "YSBkZWNpc2lvbgA=\nmore\n", "has no place");
    assert_refused(p, "index 2", "index 02", "section sent from line 4: line 3");
    assert_refused(p, "index 2", "index 3", "outside the log");
    assert_refused(p, "\n3\n", "\n3\r\n", "line 2 of the signed note");
}

static void proof__extra_lines_in_the_note__refused(void **state)
{
    struct proven *p = *state;
    assert_refused(p, "AAA=\n\n\xe2", "AAA=\nmore\n\n\xe2", "extension lines");
}

static void proof__origin_of_a_mebibyte__refused(void **state)
{
    struct proven *p = *state;
    char *origin = vls_mem_try((1u << 16) + 1);
    assert_non_null(origin);
    memset(origin, 'a', 1u << 16);
    assert_refused(p, "un/valise/iom/sent\n3", origin, "limit");
    vls_mem_free(origin);
}

static void proof__every_prefix__refused(void **state)
{
    struct proven *p = *state;
    p->evidence.received = NULL;
    p->evidence.decision.len = 0;
    write_it(p);
    for (size_t len = 0; len < p->text.len; len++) {
        Valise__Evidence *back = NULL;
        assert_false(vls_ok(vls_proof_read(VLS_SLICE(p->text.at, len), &back, NULL)));
    }
}

static void start__parcel_or_proof__told_apart(void **state)
{
    (void)state;
    assert_true(vls_proof_is(VLS_SLICE("valise-proof/v1\n", VLS_PROOF_START)));
    assert_false(vls_proof_is(VLS_SLICE("valise-proof/v1", VLS_PROOF_START - 1)));
    assert_false(vls_proof_is(VLS_SLICE("manifest.pb\0\0\0\0\0", VLS_PROOF_START)));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(proof__all_sections__same_again),
        TEST(proof__no_receipt_no_decision__first_section_alone),
        TEST(proof__not_logged_yet__nothing_is_written),
        TEST(proof__longest_decision__fits),
        TEST(proof__with_time_stamps__same_again_in_their_order),
        TEST(proof__longest_of_everything__fits),
        TEST(proof__altered_form__refused_with_its_place),
        TEST(proof__extra_lines_in_the_note__refused),
        TEST(proof__origin_of_a_mebibyte__refused),
        TEST(proof__every_prefix__refused),
        TEST(start__parcel_or_proof__told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
