/* valise verify: a parcel made by hand from two parties' keys, whole and then spoilt in every
 * place. */
#include "evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <openssl/evp.h>

#include "base/env.h"
#include "base/file.h"
#include "base/id.h"
#include "base/text.h"
#include "cli.h"
#include "envelope/internal.h"
#include "envelope/manifest.h"
#include "envelope/parcel.h"
#include "ledger/authority.h"
#include "ledger/proof.h"
#include "outside.h"

#define BYTES(slice) ((ProtobufCBinaryData){(slice).len, (uint8_t *)(uintptr_t)(slice).at})

enum who { UN_LOG, UN_WITNESS, IOM_LOG, IOM_WITNESS, WHO_COUNT };

/** One parcel with all that it rests on. */
struct parcel {
    EVP_PKEY *pkeys[WHO_COUNT];
    struct evidence_keys keys;
    Valise__Evidence evidence;
    Valise__InclusionEvidence sent, received;
    struct vls_buf manifest, receipt, sent_note, received_note;
    struct vls_digest neighbour, content_digest;
    ProtobufCBinaryData hashes[1];
    struct vls_id id;
};

static uint8_t sealed_bytes[] = "stands for a CMS structure";
static uint8_t content_bytes[] = "stands for sealed content";
/* SET { INTEGER 1, OBJECT IDENTIFIER 1.2.3.4 } */
static uint8_t label[] = {0x31, 0x08, 0x02, 0x01, 0x01, 0x06, 0x03, 0x2a, 0x03, 0x04};

static struct vls_status sign(void *ctx, struct vls_slice message,
                              uint8_t out[VLS_ED25519_SIGNATURE], struct vls_why *why)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    size_t len = VLS_ED25519_SIGNATURE;
    (void)why;
    assert_int_equal(EVP_DigestSignInit(md, NULL, NULL, NULL, ctx), 1);
    assert_int_equal(EVP_DigestSign(md, out, &len, message.at, message.len), 1);
    EVP_MD_CTX_free(md);
    return VLS_DONE;
}

static void make_keys(struct parcel *p)
{
    static const char *const PARTIES[WHO_COUNT] = {"un", "un", "iom", "iom"};
    p->keys.count = WHO_COUNT;
    for (int i = 0; i < WHO_COUNT; i++) {
        size_t len = VLS_ED25519_KEY;
        p->pkeys[i] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        assert_non_null(p->pkeys[i]);
        vls_text_copy(p->keys.at[i].party, sizeof p->keys.at[i].party, PARTIES[i]);
        p->keys.at[i].is_witness = i == UN_WITNESS || i == IOM_WITNESS;
        assert_int_equal(EVP_PKEY_get_raw_public_key(p->pkeys[i], p->keys.at[i].key, &len), 1);
    }
}

/** A log of two leaves: the record, then a neighbour; signed by its owner, cosigned by the partner.
 */
static void make_log(struct parcel *p, enum who owner, enum who witness, bool is_received,
                     struct vls_slice record, struct vls_buf *out_note)
{
    const char *own = p->keys.at[owner].party, *partner = p->keys.at[witness].party;
    struct vls_digest leaf =
        vls_leaf_of_record(is_received ? VLS_LEAF_RECEIVED : VLS_LEAF_SENT, record);
    static const uint8_t NODE = 1;
    const struct vls_slice node[] = {
        {&NODE, 1}, vls_digest_slice(&leaf), vls_digest_slice(&p->neighbour)};
    struct vls_checkpoint checkpoint = {.size = 2, .root = vls_digest_of(node, 3)};
    struct vls_note_key key = {.is_cosigner = false};
    vls_log_origin(own, partner, is_received, checkpoint.origin);
    vls_log_origin(own, partner, is_received, key.name);
    memcpy(key.key, p->keys.at[owner].key, sizeof key.key);
    vls_buf_init(out_note, VLS_MAX_NOTE);
    assert_true(
        vls_ok(vls_checkpoint_sign(&checkpoint, &key, sign, p->pkeys[owner], out_note, NULL)));
    key.is_cosigner = true;
    vls_witness_name(partner, key.name);
    memcpy(key.key, p->keys.at[witness].key, sizeof key.key);
    assert_true(vls_ok(vls_checkpoint_cosign(&checkpoint, 1700000000, &key, sign, p->pkeys[witness],
                                             out_note, NULL)));
}

static void make_manifest(struct parcel *p)
{
    static uint8_t nonce[VLS_NONCE_BYTES] = {7}, digest[VLS_DIGEST_BYTES] = {9};
    struct vls_digest sealed = vls_digest_of_slice(VLS_SLICE(sealed_bytes, sizeof sealed_bytes));
    Valise__Manifest m = VALISE__MANIFEST__INIT;
    m.version = VLS_MANIFEST_VERSION;
    m.id = BYTES(vls_id_slice(&p->id));
    m.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    m.kind = (char[]){"publication"};
    m.from = (char[]){"un"};
    m.to = (char[]){"iom"};
    m.created_ms = 1700000000000;
    m.arrangement = (char[]){"un-iom/document-exchange"};
    m.arrangement_version = 1;
    m.arrangement_digest = (ProtobufCBinaryData){sizeof digest, digest};
    m.label = (ProtobufCBinaryData){sizeof label, label};
    m.sealed_digest = BYTES(vls_digest_slice(&sealed));
    m.content_digest = BYTES(vls_digest_slice(&p->content_digest));
    m.content_bytes = sizeof content_bytes;
    struct vls_why why = {""};
    vls_buf_init(&p->manifest, VLS_MAX_MANIFEST);
    if (!vls_ok(vls_manifest_write(&m, &p->manifest, &why)))
        fail_msg("%s", why.text);
}

static void make_receipt(struct parcel *p)
{
    static uint8_t nonce[VLS_NONCE_BYTES] = {8};
    struct vls_digest manifest = vls_digest_of_slice(vls_buf_slice(&p->manifest));
    Valise__ReceiptRecord r = VALISE__RECEIPT_RECORD__INIT;
    r.version = 1;
    r.id = BYTES(vls_id_slice(&p->id));
    r.manifest_digest = BYTES(vls_digest_slice(&manifest));
    r.from = (char[]){"un"};
    r.to = (char[]){"iom"};
    r.received_ms = 1700000000000;
    r.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    struct vls_why why = {""};
    vls_buf_init(&p->receipt, VLS_MAX_MANIFEST);
    if (!vls_ok(vls_receipt_write(&r, &p->receipt, &why)))
        fail_msg("%s", why.text);
}

static void point_at_notes(struct parcel *p)
{
    p->sent.checkpoint = (char *)(uintptr_t)vls_buf_text(&p->sent_note);
    p->received.checkpoint = (char *)(uintptr_t)vls_buf_text(&p->received_note);
}

static int setup(void **state)
{
    struct parcel *p = calloc(1, sizeof *p);
    struct vls_id_maker maker;
    vls_id_maker_init(&maker, vls_env_system());
    p->id = vls_id_make(&maker);
    p->neighbour.bytes[0] = 42;
    p->content_digest = vls_digest_of_slice(VLS_SLICE(content_bytes, sizeof content_bytes));
    make_keys(p);
    make_manifest(p);
    make_receipt(p);
    make_log(p, UN_LOG, IOM_WITNESS, false, vls_buf_slice(&p->manifest), &p->sent_note);
    make_log(p, IOM_LOG, UN_WITNESS, true, vls_buf_slice(&p->receipt), &p->received_note);
    valise__evidence__init(&p->evidence);
    valise__inclusion_evidence__init(&p->sent);
    valise__inclusion_evidence__init(&p->received);
    p->hashes[0] = BYTES(vls_digest_slice(&p->neighbour));
    p->sent.n_hashes = p->received.n_hashes = 1;
    p->sent.hashes = p->received.hashes = p->hashes;
    point_at_notes(p);
    p->evidence.manifest = BYTES(vls_buf_slice(&p->manifest));
    p->evidence.sealed = (ProtobufCBinaryData){sizeof sealed_bytes, sealed_bytes};
    p->evidence.content = (ProtobufCBinaryData){sizeof content_bytes, content_bytes};
    p->evidence.content_bytes = sizeof content_bytes;
    p->evidence.sent = &p->sent;
    p->evidence.receipt = BYTES(vls_buf_slice(&p->receipt));
    p->evidence.received = &p->received;
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct parcel *p = *state;
    for (int i = 0; i < WHO_COUNT; i++)
        EVP_PKEY_free(p->pkeys[i]);
    vls_buf_fini(&p->manifest);
    vls_buf_fini(&p->receipt);
    vls_buf_fini(&p->sent_note);
    vls_buf_fini(&p->received_note);
    free(p);
    return 0;
}

static struct evidence_basis basis_of(const struct parcel *p)
{
    return (struct evidence_basis){.keys = &p->keys, .content_digest = &p->content_digest};
}

/** Check, and compare the results with one letter an item: o, f, a. Nobody outside is asked. */
static void assert_results(const struct parcel *p, const char *expected, uint32_t code)
{
    struct evidence_report report;
    const struct evidence_basis basis = basis_of(p);
    char results[EVIDENCE_COUNT + 1] = "";
    struct vls_why why = {""};
    struct vls_status status = vls_evidence_check(&p->evidence, &basis, &report, &why);
    for (int i = 0; i <= EVIDENCE_DECISION; i++)
        results[i] = "ofa"[report.lines[i].result];
    for (int i = EVIDENCE_DECISION + 1; i < EVIDENCE_COUNT; i++)
        assert_true(vls_evidence_is_silent(&report, (enum evidence_item)i));
    if (strcmp(results, expected) != 0 || status.code != code)
        fail_msg("%s instead of %s; %s: %s", results, expected, vls_status_name(status), why.text);
    assert_int_equal(why.text[0] != '\0', !vls_ok(status));
}

static void check__whole_parcel__all_ok(void **state)
{
    assert_results(*state, "ooooooooooa", VLS_OK);
}

static void check__no_receipt_yet__origin_is_proved(void **state)
{
    struct parcel *p = *state;
    p->evidence.receipt = (ProtobufCBinaryData){0, NULL};
    p->evidence.received = NULL;
    assert_results(p, "ooooooaaaaa", VLS_OK);
}

static void check__no_witness_keys__origin_and_receipt_stand(void **state)
{
    struct parcel *p = *state;
    p->keys.at[UN_WITNESS].party[0] = 'x';
    p->keys.at[IOM_WITNESS].party[0] = 'x';
    assert_results(p, "oooooaoooaa", VLS_OK);
}

static void check__no_key_of_the_sender__nothing_is_proved(void **state)
{
    struct parcel *p = *state;
    p->keys.at[UN_LOG].party[0] = 'x';
    assert_results(p, "oooaaaooooa", VLS_CLI_EVIDENCE);
}

static void check__no_key_of_the_receiver__origin_stands(void **state)
{
    struct parcel *p = *state;
    p->keys.at[IOM_LOG].party[0] = 'x';
    assert_results(p, "ooooooaaaaa", VLS_OK);
}

static void check__receipt_without_proof__is_none(void **state)
{
    struct parcel *p = *state;
    p->evidence.received = NULL;
    assert_results(p, "ooooooaaaaa", VLS_OK);
}

static void check__other_log_key__signature_fails(void **state)
{
    struct parcel *p = *state;
    p->keys.at[UN_LOG].key[5] ^= 1;
    struct evidence_report report;
    const struct evidence_basis basis = basis_of(p);
    struct vls_status status = vls_evidence_check(&p->evidence, &basis, &report, NULL);
    assert_int_equal(status.code, VLS_CLI_EVIDENCE);
    assert_int_equal(report.lines[EVIDENCE_SENT_LOG].result, EVIDENCE_FAILED);
    assert_int_not_equal(report.lines[EVIDENCE_SENT].result, EVIDENCE_OK);
}

static void check__other_witness_key__cosignature_fails(void **state)
{
    struct parcel *p = *state;
    memcpy(p->keys.at[IOM_WITNESS].key, p->keys.at[UN_WITNESS].key, VLS_ED25519_KEY);
    assert_results(p, "ooooofooooa", VLS_CLI_EVIDENCE);
}

static void check__former_witness_key__cosignature_stands_and_its_end_is_told(void **state)
{
    struct parcel *p = *state;
    struct evidence_report report;
    p->keys.at[p->keys.count] = p->keys.at[IOM_WITNESS];
    p->keys.at[p->keys.count++].until_ms = 1000;
    p->keys.at[IOM_WITNESS].key[5] ^= 1;
    assert_results(p, "ooooooooooa", VLS_OK);
    const struct evidence_basis basis = basis_of(p);
    assert_int_equal(vls_evidence_check(&p->evidence, &basis, &report, NULL).code, VLS_OK);
    assert_non_null(strstr(report.lines[EVIDENCE_SENT_WITNESS].words.text,
                           "with a key that was in use until 1970-01-01T00:00:01.000Z"));
}

static void check__sealed_or_content_changed__found(void **state)
{
    struct parcel *p = *state;
    p->evidence.sealed.len--;
    p->content_digest.bytes[3] ^= 1;
    assert_results(p, "offoooooooa", VLS_CLI_EVIDENCE);
}

static void check__content_of_other_length__found(void **state)
{
    struct parcel *p = *state;
    p->evidence.content_bytes++;
    assert_results(p, "oofoooooooa", VLS_CLI_EVIDENCE);
}

static void check__proof_of_other_leaf__found(void **state)
{
    struct parcel *p = *state;
    p->sent.leaf_index = 1;
    assert_results(p, "oooofoooooa", VLS_CLI_EVIDENCE);
    p->sent.leaf_index = 7;
    assert_results(p, "oooofoooooa", VLS_CLI_EVIDENCE);
}

static void check__hash_of_wrong_length__found(void **state)
{
    struct parcel *p = *state;
    p->hashes[0].len = 31;
    assert_results(p, "oooofoaofoa", VLS_CLI_EVIDENCE);
}

static void check__logs_exchanged__found(void **state)
{
    struct parcel *p = *state;
    p->evidence.sent = &p->received;
    p->evidence.received = &p->sent;
    assert_results(p, "ooofaaafaaa", VLS_CLI_EVIDENCE);
}

static void check__receipt_of_other_message__found(void **state)
{
    struct parcel *p = *state;
    p->id.bytes[15] ^= 1;
    vls_buf_fini(&p->receipt);
    make_receipt(p);
    p->evidence.receipt = BYTES(vls_buf_slice(&p->receipt));
    assert_results(p, "oooooofaaaa", VLS_CLI_EVIDENCE);
}

static void check__every_bit_of_the_notes__matters_or_is_refused(void **state)
{
    struct parcel *p = *state;
    for (size_t i = 0; i < p->sent_note.len; i++) {
        struct evidence_report report;
        const struct evidence_basis basis = basis_of(p);
        char *at = p->sent.checkpoint + i;
        *at ^= 1;
        struct vls_status status = vls_evidence_check(&p->evidence, &basis, &report, NULL);
        /* a cosignature line whose name is changed is one by somebody unknown: absent, not wrong */
        if (vls_ok(status))
            assert_int_equal(report.lines[EVIDENCE_SENT_WITNESS].result, EVIDENCE_ABSENT);
        *at ^= 1;
    }
    assert_results(p, "ooooooooooa", VLS_OK);
}

/* A proof file holds neither sealed structure nor content. */
static void check__proof_without_content__origin_and_receipt_stand(void **state)
{
    struct parcel *p = *state;
    struct evidence_report report;
    const struct evidence_basis basis = {.keys = &p->keys};
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    for (int i = 0; i < EVIDENCE_COUNT; i++) {
        bool is_absent = i == EVIDENCE_SEALED || i == EVIDENCE_CONTENT || i >= EVIDENCE_DECISION;
        assert_int_equal(report.lines[i].result, is_absent ? EVIDENCE_ABSENT : EVIDENCE_OK);
    }
}

static void check__times_ahead_of_the_clock__found(void **state)
{
    struct parcel *p = *state;
    struct evidence_report report;
    struct evidence_basis basis = basis_of(p);
    basis.now_ms = 1700000000000 - VLS_CLOCK_SKEW_MS;
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    basis.now_ms--;
    assert_int_equal(vls_evidence_check(&p->evidence, &basis, &report, NULL).code,
                     VLS_CLI_EVIDENCE);
    assert_int_equal(report.lines[EVIDENCE_MANIFEST].result, EVIDENCE_FAILED);
    assert_string_equal(report.lines[EVIDENCE_MANIFEST].words.text, "it is from the future");
}

/* The partner cosigned it later only; a time stamp from before tells it from what the key signed in
 * other hands. */
static void check__log_key_of_before__stands_by_a_time_stamp_too(void **state)
{
    static const struct authority_like CA = {.name = "Test CA", .is_ca = true};
    static const struct authority_like TSA = {.name = "Test TSA", .usage = "critical,timeStamping"};
    struct parcel *p = *state;
    struct evidence_report report;
    struct evidence_outside outside = {.count = 0};
    struct evidence_basis basis = basis_of(p);
    struct authority ca, tsa;
    struct vls_buf pem, token;
    basis.outside = &outside;
    vls_buf_init(&pem, VLS_MAX_KEY_FILE);
    vls_buf_init(&token, VLS_MAX_STAMP);
    authority_init(&ca, NULL, &CA);
    authority_init(&tsa, &ca, &TSA);
    struct token_like like = {.signer = &tsa, .time = "20231114221319Z"};
    assert_true(vls_ok(vls_stamp_subject(vls_buf_slice(&p->sent_note), &like.digest, NULL)));
    token_make(&like, &token);
    p->sent.stamp = (ProtobufCBinaryData){token.len, token.at};
    p->keys.at[UN_LOG].until_ms = 1700000000000 - 500; /* half a second before the cosignature */
    assert_int_equal(vls_evidence_check(&p->evidence, &basis, &report, NULL).code,
                     VLS_CLI_EVIDENCE);
    assert_int_equal(report.lines[EVIDENCE_SENT_LOG].result,
                     EVIDENCE_FAILED); /* nobody is trusted */
    authority_pem(&ca, &pem);
    assert_true(vls_ok(vls_stamp_trust_read(vls_buf_slice(&pem), "ca", &outside.tsa, NULL)));
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    assert_int_equal(report.lines[EVIDENCE_SENT_TIME].result, EVIDENCE_OK);
    p->received.stamp = p->sent.stamp; /* about another checkpoint */
    assert_int_equal(vls_evidence_check(&p->evidence, &basis, &report, NULL).code,
                     VLS_CLI_EVIDENCE);
    assert_int_equal(report.lines[EVIDENCE_RECEIVED_TIME].result, EVIDENCE_FAILED);
    vls_outside_fini(&outside);
    authority_fini(&tsa);
    authority_fini(&ca);
    vls_buf_fini(&token);
    vls_buf_fini(&pem);
}

static void check__decision__shown_and_never_ok(void **state)
{
    struct parcel *p = *state;
    struct evidence_report report;
    const struct evidence_basis basis = basis_of(p);
    uint8_t bytes[256];
    Valise__DecisionRecord record = VALISE__DECISION_RECORD__INIT;
    record.version = 1;
    record.id = BYTES(vls_id_slice(&p->id));
    record.outcome = VALISE__DECISION_RECORD__OUTCOME__REFER;
    p->evidence.decision =
        (ProtobufCBinaryData){valise__decision_record__pack(&record, bytes), bytes};
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    assert_int_equal(report.lines[EVIDENCE_DECISION].result, EVIDENCE_ABSENT);
    assert_string_equal(report.lines[EVIDENCE_DECISION].words.text,
                        "says \"refer\", and nothing proves it");
    bytes[19] ^= 1; /* the last byte of the id */
    assert_results(p, "oooooooooof", VLS_CLI_EVIDENCE);
}

/* The decision of un, and its entry in the internal log, which a witness outside cosigned. */
struct decided {
    uint8_t bytes[256];
    struct vls_buf entry, note;
    Valise__InclusionEvidence inclusion;
    EVP_PKEY *witness;
    struct vls_note_key key;
};

static void decide(struct parcel *p, struct decided *d)
{
    static uint8_t nonce[VLS_NONCE_BYTES] = {6};
    static const uint8_t NODE = 1;
    Valise__DecisionRecord record = VALISE__DECISION_RECORD__INIT;
    Valise__InternalRecord entry = VALISE__INTERNAL_RECORD__INIT;
    record.version = 1;
    record.id = BYTES(vls_id_slice(&p->id));
    record.outcome = VALISE__DECISION_RECORD__OUTCOME__RELEASE;
    size_t len = valise__decision_record__pack(&record, d->bytes);
    struct vls_digest digest = vls_digest_of_slice(VLS_SLICE(d->bytes, len));
    entry.version = VLS_INTERNAL_VERSION;
    entry.kind = (char[]){VLS_INTERNAL_DECISION};
    entry.at_ms = 1700000000000;
    entry.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    entry.id = BYTES(vls_id_slice(&p->id));
    entry.body = BYTES(vls_digest_slice(&digest));
    vls_buf_init(&d->entry, VLS_MAX_INTERNAL);
    vls_buf_init(&d->note, VLS_MAX_NOTE);
    assert_true(vls_ok(vls_internal_write(&entry, &d->entry, NULL)));
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_INTERNAL, vls_buf_slice(&d->entry));
    const struct vls_slice node[] = {
        {&NODE, 1}, vls_digest_slice(&leaf), vls_digest_slice(&p->neighbour)};
    struct vls_checkpoint checkpoint = {.size = 2, .root = vls_digest_of(node, 3)};
    struct vls_note_key key = {.is_cosigner = false};
    vls_internal_origin("un", checkpoint.origin);
    vls_internal_origin("un", key.name);
    memcpy(key.key, p->keys.at[UN_LOG].key, sizeof key.key);
    assert_true(
        vls_ok(vls_checkpoint_sign(&checkpoint, &key, sign, p->pkeys[UN_LOG], &d->note, NULL)));
    d->witness = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    d->key = (struct vls_note_key){.name = "witness.test/w1", .is_cosigner = true};
    len = sizeof d->key.key;
    assert_int_equal(EVP_PKEY_get_raw_public_key(d->witness, d->key.key, &len), 1);
    assert_true(vls_ok(
        vls_checkpoint_cosign(&checkpoint, 1700000000, &d->key, sign, d->witness, &d->note, NULL)));
    valise__inclusion_evidence__init(&d->inclusion);
    d->inclusion.n_hashes = 1;
    d->inclusion.hashes = p->hashes;
    d->inclusion.checkpoint = (char *)(uintptr_t)vls_buf_text(&d->note);
    p->evidence.decision =
        (ProtobufCBinaryData){valise__decision_record__pack(&record, d->bytes), d->bytes};
    p->evidence.decision_entry = BYTES(vls_buf_slice(&d->entry));
    p->evidence.decided = &d->inclusion;
}

static void check__decision_that_is_logged__proven_and_confirmed_from_outside(void **state)
{
    static const struct authority_like TSA = {.name = "Test TSA", .usage = "critical,timeStamping"};
    struct parcel *p = *state;
    struct decided d;
    struct evidence_report report;
    struct evidence_outside outside = {.count = 1, .quorum_count = 1};
    struct evidence_basis basis = basis_of(p);
    struct authority tsa;
    struct vls_buf token;
    decide(p, &d);
    assert_results(p, "ooooooooooo", VLS_OK);
    outside.witnesses[0] = d.key;
    outside.quorums[0].witnesses = 1; /* of all: and the two other logs have no witness */
    basis.outside = &outside;
    authority_init(&tsa, NULL, &TSA);
    vls_buf_init(&token, VLS_MAX_STAMP);
    struct token_like like = {.signer = &tsa};
    assert_true(vls_ok(vls_stamp_subject(vls_buf_slice(&d.note), &like.digest, NULL)));
    token_make(&like, &token);
    d.inclusion.stamp = (ProtobufCBinaryData){token.len, token.at};
    assert_int_equal(vls_evidence_check(&p->evidence, &basis, &report, NULL).code,
                     VLS_CLI_EVIDENCE);
    assert_int_equal(report.lines[EVIDENCE_SENT_OUTSIDE].result, EVIDENCE_FAILED);
    assert_int_equal(report.lines[EVIDENCE_RECEIVED_OUTSIDE].result, EVIDENCE_FAILED);
    assert_int_equal(report.lines[EVIDENCE_INTERNAL_OUTSIDE].result, EVIDENCE_OK);
    assert_int_equal(report.lines[EVIDENCE_INTERNAL_TIME].result, EVIDENCE_ABSENT);
    assert_non_null(strstr(report.lines[EVIDENCE_INTERNAL_TIME].words.text, "by CN=Test TSA"));
    outside.quorum_count = 0;
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    token.at[token.len - 1] ^= 1; /* the signature, which nobody looks at without issuers */
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    d.inclusion.stamp.len--;
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    assert_int_equal(report.lines[EVIDENCE_INTERNAL_TIME].result, EVIDENCE_FAILED);
    authority_fini(&tsa);
    EVP_PKEY_free(d.witness);
    vls_buf_fini(&token);
    vls_buf_fini(&d.entry);
    vls_buf_fini(&d.note);
}

static const struct evidence_line *decision_line(const struct parcel *p,
                                                 const struct evidence_outside *outside,
                                                 enum evidence_result expected)
{
    static struct evidence_report report;
    const struct evidence_line *line = &report.lines[EVIDENCE_DECISION];
    struct evidence_basis basis = basis_of(p);
    basis.outside = outside;
    assert_int_equal(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)),
                     expected == EVIDENCE_OK);
    if (line->result != expected)
        fail_msg("%s: %s", vls_evidence_result_name(line->result), line->words.text);
    return line;
}

/* The party changed its key, and the new one is named first. */
static void check__decision_by_a_key_of_before__stands_when_confirmed_in_its_time(void **state)
{
    struct parcel *p = *state;
    struct decided d;
    struct evidence_outside outside = {.count = 1};
    decide(p, &d);
    outside.witnesses[0] = d.key;
    struct evidence_key *former = &p->keys.at[p->keys.count++];
    *former = p->keys.at[UN_LOG];
    p->keys.at[UN_LOG].key[5] ^= 1;
    decision_line(p, NULL, EVIDENCE_OK); /* given without a time: in use */
    former->until_ms = 1700000000000;    /* just when the witness cosigned */
    assert_non_null(strstr(decision_line(p, NULL, EVIDENCE_FAILED)->words.text,
                           "by a key that was in use until 2023-11-14T22:13:20.000Z, and neither "
                           "cosignature nor time stamp was made before"));
    assert_non_null(
        strstr(decision_line(p, &outside, EVIDENCE_OK)->words.text,
               "of its internal log, by a key that was in use until 2023-11-14T22:13:20.000Z"));
    former->until_ms--;
    decision_line(p, &outside, EVIDENCE_FAILED);
    EVP_PKEY_free(d.witness);
    vls_buf_fini(&d.entry);
    vls_buf_fini(&d.note);
}

/* Junk under the name and key id of a key, which anybody can write below a checkpoint. */
static void add_junk_line(struct vls_buf *note, const struct vls_note_key *key)
{
    uint8_t junk[VLS_KEY_ID + 8 + VLS_ED25519_SIGNATURE] = {0};
    size_t len = key->is_cosigner ? sizeof junk : sizeof junk - 8;
    vls_note_key_id(key, junk);
    assert_true(vls_ok(vls_buf_add_format(note, "\u2014 %s ", key->name)));
    assert_true(vls_ok(vls_base64_add(VLS_SLICE(junk, len), note)));
    assert_true(vls_ok(vls_buf_add_text(note, "\n")));
}

/* A bad line by any key of the log refuses, whichever other one is good. */
static void check__log_line_by_a_known_key_that_is_wrong__refused(void **state)
{
    struct parcel *p = *state;
    struct vls_note_key key = {.is_cosigner = false};
    struct evidence_key *other = &p->keys.at[p->keys.count++];
    *other = p->keys.at[UN_LOG];
    other->key[5] ^= 1;
    vls_log_origin("un", "iom", false, key.name);
    memcpy(key.key, other->key, sizeof key.key);
    add_junk_line(&p->sent_note, &key);
    point_at_notes(p);
    assert_results(p, "ooofaaooooa", VLS_CLI_EVIDENCE);
}

static void check__junk_cosignature__fails_its_cosigner_and_no_log(void **state)
{
    struct parcel *p = *state;
    struct vls_note_key key = {.is_cosigner = true};
    vls_witness_name("iom", key.name);
    memcpy(key.key, p->keys.at[IOM_WITNESS].key, sizeof key.key);
    add_junk_line(&p->sent_note, &key);
    point_at_notes(p);
    assert_results(p, "ooooofooooa", VLS_CLI_EVIDENCE);
    p->keys.count = 3; /* whoever does not ask for it has the rest */
    assert_results(p, "oooooaooooa", VLS_OK);
}

static void check__junk_as_a_time_stamp__decides_nothing_without_issuers(void **state)
{
    struct parcel *p = *state;
    struct evidence_report report;
    struct evidence_outside outside = {.count = 0};
    struct evidence_basis basis = basis_of(p);
    static uint8_t junk[] = "junk";
    p->received.stamp = (ProtobufCBinaryData){sizeof junk, junk};
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    assert_int_equal(report.lines[EVIDENCE_RECEIVED_TIME].result, EVIDENCE_FAILED);
    basis.outside = &outside;
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
}

static void check__no_manifest__one_failure(void **state)
{
    struct parcel *p = *state;
    p->evidence.manifest.len = 3;
    assert_results(p, "faaaaaaaaaa", VLS_CLI_EVIDENCE);
}

/* -- quorums ----------------------------------------------------------------------------------- */

/* `party` asks for one witness, which signs nothing here. */
static struct evidence_outside ask_witness_of(const char *party)
{
    struct evidence_outside outside = {.count = 1, .quorum_count = 1};
    outside.witnesses[0] = (struct vls_note_key){.name = "witness.test/w1", .is_cosigner = true};
    outside.quorums[0].witnesses = 1;
    vls_text_copy(outside.quorums[0].party, sizeof outside.quorums[0].party, party);
    return outside;
}

/* @return the words of the line when it failed, and the whole with it */
static const char *assert_quorum_fails(const struct parcel *p, const char *party,
                                       enum evidence_item item)
{
    static struct evidence_report report;
    const struct evidence_outside outside = ask_witness_of(party);
    struct evidence_basis basis = basis_of(p);
    basis.outside = &outside;
    assert_int_equal(vls_evidence_check(&p->evidence, &basis, &report, NULL).code,
                     VLS_CLI_EVIDENCE);
    assert_int_equal(report.lines[item].result, EVIDENCE_FAILED);
    return report.lines[item].words.text;
}

static void quorum__of_a_log_without_a_key__fails(void **state)
{
    struct parcel *p = *state;
    p->keys.at[IOM_LOG].party[0] = 'x';
    assert_string_equal(assert_quorum_fails(p, "iom", EVIDENCE_RECEIVED_OUTSIDE),
                        "the log is not verified, and 1 must have cosigned it");
    assert_quorum_fails(p, "", EVIDENCE_RECEIVED_OUTSIDE);
}

static void quorum__of_a_log_that_was_cut_out__fails(void **state)
{
    struct parcel *p = *state;
    p->evidence.receipt.len = 0;
    assert_quorum_fails(p, "iom", EVIDENCE_RECEIVED_OUTSIDE); /* its log is there unread */
    p->evidence.received = NULL;
    assert_string_equal(assert_quorum_fails(p, "iom", EVIDENCE_RECEIVED_OUTSIDE),
                        "the file has no log of iom, and 1 must have cosigned it");
}

static void quorum__of_each_log_in_the_file__asks_nothing_of_one_that_is_not(void **state)
{
    struct parcel *p = *state;
    struct evidence_report report;
    const struct evidence_outside outside = ask_witness_of("");
    struct evidence_basis basis = basis_of(p);
    p->evidence.receipt.len = 0;
    p->evidence.received = NULL;
    basis.outside = &outside;
    assert_false(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    assert_int_equal(report.lines[EVIDENCE_SENT_OUTSIDE].result, EVIDENCE_FAILED);
    assert_int_equal(report.lines[EVIDENCE_RECEIVED_OUTSIDE].result, EVIDENCE_ABSENT);
}

static void quorum__of_a_decision_that_is_not_enclosed__fails(void **state)
{
    struct parcel *p = *state;
    p->evidence.decided = &p->sent;
    assert_quorum_fails(p, "", EVIDENCE_INTERNAL_OUTSIDE);
}

static void quorum__of_who_is_no_party__is_told_of_each_file(void **state)
{
    struct parcel *p = *state;
    struct evidence_report report;
    struct vls_why why = {""};
    struct evidence_outside outside = ask_witness_of("imo");
    struct evidence_basis basis = basis_of(p);
    basis.outside = &outside;
    assert_true(vls_ok(vls_evidence_check(&p->evidence, &basis, &report, NULL)));
    assert_int_equal(vls_outside_strangers(&outside, &report), 1);
    assert_int_equal(vls_outside_refuse_strangers(&outside, 1, &why).code, VLS_CLI_USAGE);
    assert_non_null(strstr(why.text, "imo=1: no message here is from or to imo"));
    vls_text_copy(outside.quorums[0].party, sizeof outside.quorums[0].party, "iom");
    assert_int_equal(vls_outside_strangers(&outside, &report), 0);
    assert_true(vls_ok(vls_outside_refuse_strangers(&outside, 0, &why)));
}

static void add_key_argument(const struct parcel *p, enum who who, char *out, size_t room)
{
    struct vls_buf text;
    vls_buf_init(&text, 64);
    assert_true(vls_ok(vls_base64_add(VLS_SLICE(p->keys.at[who].key, VLS_ED25519_KEY), &text)));
    snprintf(out, room, "%s=%s", p->keys.at[who].party, vls_buf_text(&text));
    vls_buf_fini(&text);
}

static void command__parcel_file__exit_status_says_it(void **state)
{
    struct parcel *p = *state;
    char path[] = "/tmp/valise-parcel-XXXXXX", un[128], iom[128];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(vls_ok(vls_parcel_write(fd, &p->evidence, -1, NULL)));
    close(fd);
    add_key_argument(p, UN_LOG, un, sizeof un);
    add_key_argument(p, IOM_LOG, iom, sizeof iom);
    char *good[] = {(char[]){"valise"},
                    (char[]){"--json"},
                    (char[]){"verify"},
                    path,
                    (char[]){"-k"},
                    un,
                    (char[]){"-k"},
                    iom,
                    NULL};
    assert_int_equal(vls_cli_main(8, good), 0);
    un[4] = un[4] == 'A' ? 'B' : 'A';
    assert_int_equal(vls_cli_main(8, good), 14);
    char *bad[] = {(char[]){"valise"}, (char[]){"verify"}, path,
                   (char[]){"-k"},     (char[]){"un"},     NULL};
    assert_int_equal(vls_cli_main(5, bad), 12);
    unlink(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(check__whole_parcel__all_ok),
        TEST(check__no_receipt_yet__origin_is_proved),
        TEST(check__no_witness_keys__origin_and_receipt_stand),
        TEST(check__no_key_of_the_sender__nothing_is_proved),
        TEST(check__no_key_of_the_receiver__origin_stands),
        TEST(check__other_log_key__signature_fails),
        TEST(check__other_witness_key__cosignature_fails),
        TEST(check__former_witness_key__cosignature_stands_and_its_end_is_told),
        TEST(check__sealed_or_content_changed__found),
        TEST(check__content_of_other_length__found),
        TEST(check__proof_of_other_leaf__found),
        TEST(check__hash_of_wrong_length__found),
        TEST(check__logs_exchanged__found),
        TEST(check__receipt_without_proof__is_none),
        TEST(check__receipt_of_other_message__found),
        TEST(check__every_bit_of_the_notes__matters_or_is_refused),
        TEST(check__proof_without_content__origin_and_receipt_stand),
        TEST(check__times_ahead_of_the_clock__found),
        TEST(check__log_key_of_before__stands_by_a_time_stamp_too),
        TEST(check__decision__shown_and_never_ok),
        TEST(check__decision_that_is_logged__proven_and_confirmed_from_outside),
        TEST(check__decision_by_a_key_of_before__stands_when_confirmed_in_its_time),
        TEST(check__log_line_by_a_known_key_that_is_wrong__refused),
        TEST(check__junk_cosignature__fails_its_cosigner_and_no_log),
        TEST(check__junk_as_a_time_stamp__decides_nothing_without_issuers),
        TEST(check__no_manifest__one_failure),
        TEST(quorum__of_a_log_without_a_key__fails),
        TEST(quorum__of_a_log_that_was_cut_out__fails),
        TEST(quorum__of_each_log_in_the_file__asks_nothing_of_one_that_is_not),
        TEST(quorum__of_a_decision_that_is_not_enclosed__fails),
        TEST(quorum__of_who_is_no_party__is_told_of_each_file),
        TEST(command__parcel_file__exit_status_says_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
