#include "evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "envelope/internal.h"
#include "envelope/manifest.h"
#include "envelope/parcel.h"
#include "envelope/proof.h"
#include "ledger/proof.h"
#include "outside.h"
#include "policy/extract.h"

/** Everything that the checks look at. */
struct check {
    const Valise__Evidence *evidence;
    const struct evidence_basis *basis;
    struct evidence_report *report;
    struct vls_manifest manifest;
};

static struct vls_slice slice_of(ProtobufCBinaryData bytes)
{
    return VLS_SLICE(bytes.data, bytes.len);
}

static void set(struct check *check, enum evidence_item item, enum evidence_result result,
                const char *words)
{
    check->report->lines[item].result = result;
    vls_text_copy(check->report->lines[item].words.text,
                  sizeof check->report->lines[item].words.text, words);
}

/** Ok, or failed with the words that `status` left in the line. */
static bool settle(struct check *check, enum evidence_item item, struct vls_status status)
{
    struct evidence_line *line = &check->report->lines[item];
    line->result = vls_ok(status) ? EVIDENCE_OK : EVIDENCE_FAILED;
    if (!vls_ok(status) && line->words.text[0] == '\0')
        vls_text_copy(line->words.text, sizeof line->words.text, vls_status_text(status));
    return vls_ok(status);
}

static bool is_future(const struct check *check, uint64_t ms)
{
    return check->basis->now_ms != 0 && ms > check->basis->now_ms + VLS_CLOCK_SKEW_MS;
}

static const struct evidence_key *find_key(const struct evidence_keys *keys, const char *party,
                                           bool is_witness)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->at[i].is_witness == is_witness && strcmp(keys->at[i].party, party) == 0)
            return &keys->at[i];
    return NULL;
}

static VLS_STATUS compare_digest(const struct vls_digest *have, ProtobufCBinaryData want,
                                 const char *what, struct vls_why *why)
{
    struct vls_digest wanted;
    VLS_TRY(vls_digest_from(slice_of(want), &wanted));
    if (!vls_digest_is_equal(have, &wanted))
        return vls_fail(VLS_ENVELOPE_DIGEST, why, "%s is not the one that the manifest names",
                        what);
    return VLS_DONE;
}

static void check_digests(struct check *check)
{
    const Valise__Manifest *fields = check->manifest.fields;
    if (check->basis->content_digest == NULL) {
        set(check, EVIDENCE_SEALED, EVIDENCE_ABSENT, "a proof holds its digest alone");
        set(check, EVIDENCE_CONTENT, EVIDENCE_ABSENT, "a proof holds its digest alone");
        return;
    }
    struct vls_digest sealed = vls_digest_of_slice(slice_of(check->evidence->sealed));
    struct vls_why *why = &check->report->lines[EVIDENCE_SEALED].words;
    (void)settle(check, EVIDENCE_SEALED,
                 compare_digest(&sealed, fields->sealed_digest, "the sealed structure", why));
    why = &check->report->lines[EVIDENCE_CONTENT].words;
    struct vls_status status =
        compare_digest(check->basis->content_digest, fields->content_digest, "the content", why);
    if (vls_ok(status) && check->evidence->content_bytes != fields->content_bytes)
        status = vls_fail(VLS_ENVELOPE_DIGEST, why,
                          "the content has %" PRIu64 " bytes, the manifest says %" PRIu64,
                          check->evidence->content_bytes, fields->content_bytes);
    (void)settle(check, EVIDENCE_CONTENT, status);
}

/** One record in one log: whose log it is, who cosigns it, and which lines of the report speak of
 * it. */
struct log_check {
    const Valise__InclusionEvidence *inclusion;
    const char *owner, *partner;
    bool is_received;
    enum vls_leaf_kind kind;
    struct vls_slice record;
    enum evidence_item log, leaf, witness, outside, time;
};

/** Verify the note of a log by the keys that its owner has and had: one must have signed it, and
 * none wrongly. @param out_key  the one that signed */
static VLS_STATUS signed_by(const struct evidence_keys *keys, const char *owner, const char *origin,
                            const char *text, struct vls_checkpoint *out,
                            const struct evidence_key **out_key, struct vls_why *why)
{
    const struct vls_slice note = vls_slice_text(text);
    const struct evidence_key *first = find_key(keys, owner, false), *found = NULL;
    struct vls_note_key note_key = {.is_cosigner = false};
    if (first == NULL)
        return vls_fail(VLS_CLI_EVIDENCE, why, "no key of %.64s; give --party-key", owner);
    vls_text_copy(note_key.name, sizeof note_key.name, origin);
    struct vls_status status = VLS_DONE;
    for (const struct evidence_key *key = first; key < keys->at + keys->count; key++) {
        struct vls_why words = {""};
        if (key->is_witness || strcmp(key->party, owner) != 0)
            continue;
        vls_copy(note_key.key, key->key, sizeof note_key.key);
        struct vls_status s = vls_checkpoint_verify(note, &note_key, out, &words);
        bool is_wrong = !vls_ok(s) && vls_note_bears(note, &note_key);
        if (vls_ok(s) && found == NULL)
            found = key;
        if (is_wrong || (!vls_ok(s) && key == first)) { /* the words to read are about the first */
            status = s;
            *why = words;
        }
        if (is_wrong)
            return status;
    }
    *out_key = found;
    return found != NULL ? VLS_DONE : status;
}

/** @param out_key  the one that signed */
static bool check_log_signature(struct check *check, const struct log_check *log,
                                struct vls_checkpoint *out, const struct evidence_key **out_key)
{
    const struct evidence_keys *keys = check->basis->keys;
    struct vls_why why = {""};
    char origin[VLS_MAX_ORIGIN];
    vls_log_origin(log->owner, log->partner, log->is_received, origin);
    struct vls_status status =
        signed_by(keys, log->owner, origin, log->inclusion->checkpoint, out, out_key, &why);
    if (vls_ok(status))
        return settle(check, log->log, status);
    bool is_known = find_key(keys, log->owner, false) != NULL;
    set(check, log->log, is_known ? EVIDENCE_FAILED : EVIDENCE_ABSENT, why.text);
    return false;
}

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms) /* 0: never */
{
    return a_ms == 0 || (b_ms != 0 && b_ms < a_ms) ? b_ms : a_ms;
}

/* A key that is not in use any more may be in other hands: it can have signed anything later, but
 * nobody cosigned that before, and nobody stamped it. Nothing is said of a key in use.
 * @param confirmed_ms  the earliest time that others say of what it signed */
static bool is_in_its_time(const struct evidence_key *key, uint64_t confirmed_ms,
                           struct vls_why *out)
{
    char until[VLS_TIME_TEXT];
    bool is_before = confirmed_ms != 0 && confirmed_ms <= key->until_ms;
    if (key->until_ms == 0)
        return true;
    vls_time_text(key->until_ms, until);
    snprintf(out->text, sizeof out->text, "by a key that was in use until %s%s", until,
             is_before ? "" : ", and neither cosignature nor time stamp was made before");
    return is_before;
}

static VLS_STATUS check_leaf(const struct log_check *log, const struct vls_checkpoint *checkpoint,
                             struct vls_why *why)
{
    struct vls_proof proof = {.count = log->inclusion->n_hashes};
    if (proof.count > VLS_MAX_PROOF)
        return vls_fail(VLS_LEDGER_PROOF, why, "the proof has more than %d hashes", VLS_MAX_PROOF);
    for (size_t i = 0; i < proof.count; i++)
        VLS_TRY(vls_digest_from(slice_of(log->inclusion->hashes[i]), &proof.hashes[i]));
    struct vls_digest leaf = vls_leaf_of_record(log->kind, log->record);
    return vls_proof_inclusion(&proof, &leaf, log->inclusion->leaf_index, checkpoint->size,
                               &checkpoint->root, why);
}

/** By that key or another one of the witness: it may have had several. The words are about the
 * first. @param key  the first of the witness; then the one that cosigned */
static VLS_STATUS cosigned_by(const struct check *check, const struct log_check *log,
                              const struct vls_checkpoint *checkpoint,
                              const struct evidence_key **key, uint64_t *out_time_s,
                              struct vls_why *why)
{
    const struct evidence_key *const first = *key;
    const struct evidence_keys *keys = check->basis->keys;
    struct vls_note_key note_key = {.is_cosigner = true};
    struct vls_why other;
    struct vls_status status = VLS_DONE;
    vls_witness_name(log->partner, note_key.name);
    for (; *key < keys->at + keys->count; (*key)++) {
        if (!(*key)->is_witness || strcmp((*key)->party, log->partner) != 0)
            continue;
        vls_copy(note_key.key, (*key)->key, sizeof note_key.key);
        struct vls_status s =
            vls_cosignature_verify(vls_slice_text(log->inclusion->checkpoint), checkpoint,
                                   &note_key, out_time_s, *key == first ? why : &other);
        if (vls_ok(s))
            return s;
        status = *key == first ? s : status;
    }
    return status;
}

/** @param out_ms  when it was cosigned; 0: it was not, or not rightly */
static void check_witness(struct check *check, const struct log_check *log,
                          const struct vls_checkpoint *checkpoint, uint64_t *out_ms)
{
    *out_ms = 0;
    const struct evidence_key *key = find_key(check->basis->keys, log->partner, true);
    struct vls_why *why = &check->report->lines[log->witness].words;
    struct vls_note_key note_key = {.is_cosigner = true};
    vls_witness_name(log->partner, note_key.name);
    char line_start[VLS_MAX_ORIGIN + 8];
    snprintf(line_start, sizeof line_start, "\n\u2014 %s ", note_key.name);
    if (strstr(log->inclusion->checkpoint, line_start) == NULL) {
        set(check, log->witness, EVIDENCE_ABSENT, "there is no cosignature");
        return;
    }
    if (key == NULL) {
        char words[2 * VLS_MAX_PARTY];
        snprintf(words, sizeof words, "no witness key of %.64s; give --witness-key", log->partner);
        set(check, log->witness, EVIDENCE_ABSENT, words);
        return;
    }
    uint64_t time_s = 0;
    if (!settle(check, log->witness, cosigned_by(check, log, checkpoint, &key, &time_s, why)))
        return;
    char time[VLS_TIME_TEXT], until[VLS_TIME_TEXT], words[128 + VLS_MAX_PARTY];
    uint64_t time_ms = time_s > UINT64_MAX / 1000 ? UINT64_MAX : time_s * 1000;
    vls_time_text(time_ms, time);
    vls_time_text(key->until_ms, until);
    if (is_future(check, time_ms))
        snprintf(words, sizeof words, "it is from the future: %s", time);
    else if (key->until_ms != 0)
        snprintf(words, sizeof words, "by %.64s at %s, with a key that was in use until %s",
                 log->partner, time, until);
    else
        snprintf(words, sizeof words, "by %.64s at %s", log->partner, time);
    set(check, log->witness, is_future(check, time_ms) ? EVIDENCE_FAILED : EVIDENCE_OK, words);
    *out_ms = is_future(check, time_ms) ? 0 : time_ms;
}

/* What others say of a checkpoint that its log signed, and the earliest time that one of them
 * vouches for. */
static uint64_t check_outside(struct check *check, const struct log_check *log,
                              const struct vls_checkpoint *checkpoint)
{
    const struct evidence_basis *basis = check->basis;
    uint64_t latest_ms = basis->now_ms != 0 ? basis->now_ms + VLS_CLOCK_SKEW_MS : UINT64_MAX;
    uint64_t cosigned_ms, stamped_ms;
    vls_outside_check_witnesses(basis->outside, log->owner, log->inclusion->checkpoint, checkpoint,
                                latest_ms, &check->report->lines[log->outside], &cosigned_ms);
    vls_outside_check_stamp(basis->outside, log->inclusion, latest_ms,
                            &check->report->lines[log->time], &stamped_ms);
    return earlier(cosigned_ms, stamped_ms);
}

static void check_log(struct check *check, const struct log_check *log)
{
    struct vls_checkpoint checkpoint;
    const struct evidence_key *key;
    uint64_t cosigned_ms;
    if (log->inclusion == NULL || *log->inclusion->checkpoint == '\0') {
        static const char NONE[] = "there is no proof";
        set(check, log->log, EVIDENCE_ABSENT, NONE);
        set(check, log->leaf, EVIDENCE_ABSENT, NONE);
        set(check, log->witness, EVIDENCE_ABSENT, NONE);
        return;
    }
    if (!check_log_signature(check, log, &checkpoint, &key)) {
        static const char UNSIGNED[] = "rests on the signature above";
        set(check, log->leaf, EVIDENCE_ABSENT, UNSIGNED);
        set(check, log->witness, EVIDENCE_ABSENT, UNSIGNED);
        return;
    }
    struct vls_why *why = &check->report->lines[log->leaf].words;
    if (settle(check, log->leaf, check_leaf(log, &checkpoint, why))) {
        char words[128];
        snprintf(words, sizeof words, "entry %" PRIu64 " of %" PRIu64, log->inclusion->leaf_index,
                 checkpoint.size);
        set(check, log->leaf, EVIDENCE_OK, words);
    }
    check_witness(check, log, &checkpoint, &cosigned_ms);
    uint64_t confirmed_ms = earlier(cosigned_ms, check_outside(check, log, &checkpoint));
    struct vls_why words = {""};
    bool is_good = is_in_its_time(key, confirmed_ms, &words);
    set(check, log->log, is_good ? EVIDENCE_OK : EVIDENCE_FAILED, words.text);
}

static VLS_STATUS compare_receipt(const struct check *check, const struct vls_receipt *receipt,
                                  struct vls_why *why)
{
    const Valise__Manifest *manifest = check->manifest.fields;
    if (!vls_id_is_equal(&receipt->id, &check->manifest.id) ||
        !vls_digest_is_equal(&receipt->manifest_digest, &check->manifest.digest))
        return vls_fail(VLS_CLI_EVIDENCE, why, "the receipt is of another message");
    if (strcmp(receipt->fields->from, manifest->from) != 0 ||
        strcmp(receipt->fields->to, manifest->to) != 0)
        return vls_fail(VLS_CLI_EVIDENCE, why, "the receipt names other parties");
    return VLS_DONE;
}

static bool check_receipt(struct check *check)
{
    struct vls_receipt receipt;
    struct vls_why *why = &check->report->lines[EVIDENCE_RECEIPT].words;
    if (check->evidence->receipt.len == 0) {
        set(check, EVIDENCE_RECEIPT, EVIDENCE_ABSENT, "there is no receipt");
        return false;
    }
    if (!settle(check, EVIDENCE_RECEIPT,
                vls_receipt_read(slice_of(check->evidence->receipt), &receipt, why)))
        return false;
    bool is_same = settle(check, EVIDENCE_RECEIPT, compare_receipt(check, &receipt, why));
    if (is_same) {
        char time[VLS_TIME_TEXT], words[2 * VLS_TIME_TEXT];
        bool is_early = is_future(check, receipt.fields->received_ms);
        vls_time_text(receipt.fields->received_ms, time);
        snprintf(words, sizeof words, is_early ? "it is from the future: %s" : "received %s", time);
        set(check, EVIDENCE_RECEIPT, is_early ? EVIDENCE_FAILED : EVIDENCE_OK, words);
        is_same = !is_early;
    }
    vls_receipt_fini(&receipt);
    return is_same;
}

/* A receipt is signed by the receiver's log and nothing else: whoever has the manifest can write
 * one. */
static void check_receipt_is_proved(struct check *check)
{
    struct evidence_line *line = &check->report->lines[EVIDENCE_RECEIPT];
    char words[sizeof line->words.text];
    if (check->report->lines[EVIDENCE_RECEIVED].result == EVIDENCE_OK)
        return;
    snprintf(words, sizeof words, "says \"%.60s\", and nothing proves it", line->words.text);
    set(check, EVIDENCE_RECEIPT, EVIDENCE_ABSENT, words);
}

/* The entry of the internal log is about this decision of this message. */
static VLS_STATUS compare_entry(const struct check *check, struct vls_why *why)
{
    const Valise__Evidence *e = check->evidence;
    struct vls_internal entry VLS_DEFER(vls_internal_fini) = {NULL};
    struct vls_digest digest = vls_digest_of_slice(slice_of(e->decision));
    VLS_TRY(vls_internal_read(slice_of(e->decision_entry), &entry, why));
    if (strcmp(entry.fields->kind, VLS_INTERNAL_DECISION) != 0 ||
        !vls_slice_is_equal(slice_of(entry.fields->id), vls_id_slice(&check->manifest.id)) ||
        !vls_slice_is_equal(slice_of(entry.fields->body), vls_digest_slice(&digest)))
        return vls_fail(VLS_CLI_EVIDENCE, why,
                        "the entry of the internal log is about another decision");
    return VLS_DONE;
}

/* By whichever of the two parties decided: its log says which. */
static VLS_STATUS check_internal_log(const struct check *check, struct vls_checkpoint *out,
                                     const char **out_owner, const struct evidence_key **out_key,
                                     struct vls_why *why)
{
    const Valise__Manifest *m = check->manifest.fields;
    const char *owners[] = {m->from, m->to}, *note = check->evidence->decided->checkpoint;
    char origin[VLS_MAX_ORIGIN];
    VLS_TRY(vls_checkpoint_read(vls_slice_text(note), out, why));
    for (size_t i = 0; i < 2; i++) {
        vls_internal_origin(owners[i], origin);
        if (strcmp(origin, out->origin) != 0)
            continue;
        *out_owner = owners[i];
        return signed_by(check->basis->keys, owners[i], origin, note, out, out_key, why);
    }
    return vls_fail(VLS_CLI_EVIDENCE, why, "log %.100s is no internal log of these parties",
                    out->origin);
}

static VLS_STATUS prove_decision(struct check *check, const char *outcome, struct vls_why *why)
{
    struct vls_checkpoint c;
    const struct evidence_key *key = NULL;
    struct vls_why former = {""};
    const Valise__InclusionEvidence *decided = check->evidence->decided;
    struct log_check log = {.inclusion = decided,
                            .kind = VLS_LEAF_INTERNAL,
                            .record = slice_of(check->evidence->decision_entry),
                            .outside = EVIDENCE_INTERNAL_OUTSIDE,
                            .time = EVIDENCE_INTERNAL_TIME};
    VLS_TRY(compare_entry(check, why));
    VLS_TRY(check_internal_log(check, &c, &log.owner, &key, why));
    bool is_good = is_in_its_time(key, check_outside(check, &log, &c), &former);
    VLS_TRY(check_leaf(&log, &c, why));
    if (!is_good)
        return vls_fail(VLS_CLI_EVIDENCE, why, "%s", former.text);
    snprintf(why->text, sizeof why->text,
             "%s, by %.64s: entry %" PRIu64 " of %" PRIu64 " of its internal log%s%s", outcome,
             log.owner, decided->leaf_index, c.size, former.text[0] != '\0' ? ", " : "",
             former.text);
    return VLS_DONE;
}

/* Whoever exported a decision wrote it: no check of it can be better than absent, unless the
 * internal log of whoever decided holds it. */
static void check_decision(struct check *check)
{
    static const char *const OUTCOMES[] = {"undecided", "release", "refer", "withhold",
                                           "quarantine"};
    struct vls_why *why = &check->report->lines[EVIDENCE_DECISION].words;
    Valise__DecisionRecord *record = NULL;
    if (check->evidence->decision.len == 0) {
        set(check, EVIDENCE_DECISION, EVIDENCE_ABSENT, "none is enclosed");
        return;
    }
    if (!settle(check, EVIDENCE_DECISION,
                vls_decision_record_read(slice_of(check->evidence->decision), &record, why)))
        return;
    if (vls_slice_is_equal(slice_of(record->id), vls_id_slice(&check->manifest.id))) {
        char words[64];
        unsigned number = (unsigned)record->outcome;
        const char *outcome =
            number < sizeof OUTCOMES / sizeof *OUTCOMES ? OUTCOMES[number] : "unknown";
        snprintf(words, sizeof words, "says \"%s\", and nothing proves it", outcome);
        if (check->evidence->decided == NULL)
            set(check, EVIDENCE_DECISION, EVIDENCE_ABSENT, words);
        else
            (void)settle(check, EVIDENCE_DECISION, prove_decision(check, outcome, why));
    } else {
        set(check, EVIDENCE_DECISION, EVIDENCE_FAILED, "it is of another message");
    }
    valise__decision_record__free_unpacked(record, NULL);
}

static void check_all(struct check *check)
{
    const Valise__Manifest *manifest = check->manifest.fields;
    check_digests(check);
    check_decision(check);
    const struct log_check sent = {check->evidence->sent, manifest->from,
                                   manifest->to,          false,
                                   VLS_LEAF_SENT,         slice_of(check->evidence->manifest),
                                   EVIDENCE_SENT_LOG,     EVIDENCE_SENT,
                                   EVIDENCE_SENT_WITNESS, EVIDENCE_SENT_OUTSIDE,
                                   EVIDENCE_SENT_TIME};
    check_log(check, &sent);
    if (!check_receipt(check))
        return;
    const struct log_check received = {check->evidence->received,
                                       manifest->to,
                                       manifest->from,
                                       true,
                                       VLS_LEAF_RECEIVED,
                                       slice_of(check->evidence->receipt),
                                       EVIDENCE_RECEIVED_LOG,
                                       EVIDENCE_RECEIVED,
                                       EVIDENCE_RECEIVED_WITNESS,
                                       EVIDENCE_RECEIVED_OUTSIDE,
                                       EVIDENCE_RECEIVED_TIME};
    check_log(check, &received);
    check_receipt_is_proved(check);
}

/* A quorum is asked for of logs that the checks may not have come to. */
static void demand_witnesses(struct check *check)
{
    const Valise__Manifest *m = check->manifest.fields;
    const Valise__Evidence *e = check->evidence;
    const struct evidence_outside *outside = check->basis->outside;
    struct evidence_line *lines = check->report->lines;
    vls_outside_demand(outside, m->from, e->sent != NULL, &lines[EVIDENCE_SENT_OUTSIDE]);
    vls_outside_demand(outside, m->to, e->received != NULL, &lines[EVIDENCE_RECEIVED_OUTSIDE]);
    if (e->decided == NULL) /* nobody need enclose it */
        return;
    vls_outside_demand(outside, m->from, true, &lines[EVIDENCE_INTERNAL_OUTSIDE]);
    vls_outside_demand(outside, m->to, true, &lines[EVIDENCE_INTERNAL_OUTSIDE]);
}

/* A time stamp is no part of what is signed, and nobody asked for it without issuers: junk in its
 * place is told, and takes nothing from the proof. */
static bool is_decisive(const struct evidence_basis *basis, int item)
{
    bool is_time = item >= EVIDENCE_SENT_TIME && item <= EVIDENCE_INTERNAL_TIME;
    return !is_time || (basis->outside != NULL && basis->outside->tsa != NULL);
}

static VLS_STATUS judge(const struct evidence_report *report, const struct evidence_basis *basis,
                        struct vls_why *why)
{
    bool has_content = basis->content_digest != NULL;
    for (int i = 0; i < EVIDENCE_COUNT; i++) {
        const struct evidence_line *line = &report->lines[i];
        bool is_content = i == EVIDENCE_SEALED || i == EVIDENCE_CONTENT;
        bool is_needed = i <= EVIDENCE_SENT && (has_content || !is_content);
        if (!is_decisive(basis, i))
            continue;
        if (line->result == EVIDENCE_FAILED || (is_needed && line->result == EVIDENCE_ABSENT))
            return vls_fail(VLS_CLI_EVIDENCE, why, "%s: %.160s",
                            vls_evidence_item_name((enum evidence_item)i), line->words.text);
    }
    return VLS_DONE;
}

struct vls_status vls_evidence_check(const Valise__Evidence *evidence,
                                     const struct evidence_basis *basis,
                                     struct evidence_report *out_report, struct vls_why *why)
{
    struct check check = {.evidence = evidence, .basis = basis, .report = out_report};
    *out_report = (struct evidence_report){.from = "", .to = ""};
    for (int i = 0; i < EVIDENCE_COUNT; i++)
        set(&check, (enum evidence_item)i, EVIDENCE_ABSENT, "");
    struct vls_why *words = &out_report->lines[EVIDENCE_MANIFEST].words;
    if (settle(&check, EVIDENCE_MANIFEST,
               vls_manifest_read(slice_of(evidence->manifest), &check.manifest, words))) {
        vls_text_copy(out_report->from, sizeof out_report->from, check.manifest.fields->from);
        vls_text_copy(out_report->to, sizeof out_report->to, check.manifest.fields->to);
        if (is_future(&check, check.manifest.fields->created_ms))
            set(&check, EVIDENCE_MANIFEST, EVIDENCE_FAILED, "it is from the future");
        else
            check_all(&check);
        demand_witnesses(&check);
        vls_manifest_fini(&check.manifest);
    }
    return judge(out_report, basis, why);
}

const char *vls_evidence_item_name(enum evidence_item item)
{
    static const char *const NAMES[EVIDENCE_COUNT] = {
        [EVIDENCE_MANIFEST] = "manifest",
        [EVIDENCE_SEALED] = "sealed structure",
        [EVIDENCE_CONTENT] = "sealed content",
        [EVIDENCE_SENT_LOG] = "sender's log",
        [EVIDENCE_SENT] = "proof of origin",
        [EVIDENCE_SENT_WITNESS] = "receiver's cosignature",
        [EVIDENCE_RECEIPT] = "receipt",
        [EVIDENCE_RECEIVED_LOG] = "receiver's log",
        [EVIDENCE_RECEIVED] = "proof of receipt",
        [EVIDENCE_RECEIVED_WITNESS] = "sender's cosignature",
        [EVIDENCE_DECISION] = "decision",
        [EVIDENCE_SENT_OUTSIDE] = "sender's witnesses",
        [EVIDENCE_RECEIVED_OUTSIDE] = "receiver's witnesses",
        [EVIDENCE_INTERNAL_OUTSIDE] = "decision's witnesses",
        [EVIDENCE_SENT_TIME] = "sender's time stamp",
        [EVIDENCE_RECEIVED_TIME] = "receiver's time stamp",
        [EVIDENCE_INTERNAL_TIME] = "decision's time stamp",
    };
    return item < EVIDENCE_COUNT ? NAMES[item] : "unknown";
}

bool vls_evidence_is_silent(const struct evidence_report *report, enum evidence_item item)
{
    const struct evidence_line *line = &report->lines[item];
    return item > EVIDENCE_DECISION && line->result == EVIDENCE_ABSENT &&
           line->words.text[0] == '\0';
}

const char *vls_evidence_result_name(enum evidence_result result)
{
    switch (result) {
    case EVIDENCE_OK:
        return "ok";
    case EVIDENCE_FAILED:
        return "failed";
    case EVIDENCE_ABSENT:
        return "absent";
    }
    return "unknown";
}

/* -- from a file ------------------------------------------------------------------------------ */

struct vls_status vls_evidence_read(int fd, Valise__Evidence **out, bool *out_has_content,
                                    struct vls_digest *out_content_digest, struct vls_why *why)
{
    uint8_t start[VLS_PROOF_START];
    ssize_t n = pread(fd, start, sizeof start, 0);
    *out_has_content = n < 0 || !vls_proof_is(VLS_SLICE(start, (size_t)n));
    if (*out_has_content)
        return vls_parcel_read(fd, -1, out, out_content_digest->bytes, why);
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROVEN_FILE);
    VLS_TRY(vls_fd_read_all(fd, &text, why));
    return vls_proof_read(vls_buf_slice(&text), out, why);
}

static VLS_STATUS check_has_decision(const Valise__Evidence *evidence, struct vls_why *why)
{
    struct vls_manifest manifest VLS_DEFER(vls_manifest_fini) = {.fields = NULL};
    Valise__DecisionRecord *record = NULL;
    if (evidence->decision.len == 0)
        return vls_fail(VLS_STORE_MISSING, why,
                        "encloses no decision; export it with 'valise export --with-decision'");
    VLS_TRY(vls_manifest_read(slice_of(evidence->manifest), &manifest, why));
    VLS_TRY(vls_decision_record_read(slice_of(evidence->decision), &record, why));
    bool is_of_it = vls_slice_is_equal(slice_of(record->id), vls_id_slice(&manifest.id));
    valise__decision_record__free_unpacked(record, NULL);
    return is_of_it ? VLS_DONE
                    : vls_fail(VLS_CLI_EVIDENCE, why,
                               "the decision that it encloses is of another message");
}

struct vls_status vls_evidence_decision(int fd, Valise__Evidence **out, struct vls_why *why)
{
    Valise__Evidence *evidence = NULL;
    struct vls_digest content_digest;
    bool has_content = false;
    VLS_TRY(vls_evidence_read(fd, &evidence, &has_content, &content_digest, why));
    struct vls_status status = check_has_decision(evidence, why);
    if (vls_ok(status))
        *out = evidence;
    else
        valise__evidence__free_unpacked(evidence, NULL);
    return status;
}

struct vls_status vls_evidence_without_house(Valise__Evidence *evidence, struct vls_buf *out,
                                             struct vls_why *why)
{
    if (evidence->decision.len == 0)
        return VLS_DONE;
    VLS_TRY(
        vls_decision_extract(slice_of(evidence->decision), VLS_EXTRACT_WITHOUT_HOUSE, out, why));
    evidence->decision = (ProtobufCBinaryData){out->len, out->at};
    return VLS_DONE;
}
