/*
 * What follows from what. The sender signed a state of its log (SENT_LOG) that holds the manifest
 * (SENT): so it sent the message. The receiver signed a state of its log (RECEIVED_LOG) that holds
 * a receipt (RECEIVED) of this very manifest (RECEIPT): so it had the message. Each cosigned the
 * state of the other's log (..._WITNESS): so neither can show different logs to different people.
 * If witnesses outside are named, they may have done so as well (..._OUTSIDE).
 */
#include "witness.h"

#include <stdio.h>
#include <string.h>

#define RECORD_SENT     0x01
#define RECORD_RECEIVED 0x02
#define RECORD_INTERNAL 0x03

/* One record in one log: whose log it is, who cosigns it, and which lines speak of it. */
struct log {
    const struct section *section;
    const char *owner, *partner, *word;
    uint8_t kind;
    enum item log, leaf, witness, outside;
};

struct checking {
    const struct given *given;
    struct report *report;
};

static struct why *words(const struct checking *c, enum item item)
{
    return &c->report->lines[item].why;
}

static bool settle(const struct checking *c, enum item item, bool is_good)
{
    c->report->lines[item].result = is_good ? OK : FAILED;
    return is_good;
}

static void absent(const struct checking *c, enum item item, const char *text)
{
    accept(words(c, item), "%s", text);
    c->report->lines[item].result = ABSENT;
}

static bool is_future(const struct checking *c, uint64_t time_s)
{
    return time_s > c->given->now_s + SKEW_S;
}

static bool has_key(const struct given *given, const char *party, enum key_type type)
{
    for (size_t i = 0; i < given->key_count; i++)
        if (given->keys[i].type == type && strcmp(given->keys[i].party, party) == 0)
            return true;
    return false;
}

/* A party may have several keys, old and new. */
bool is_signed_by(const struct given *given, const struct section *section, const char *party,
                  enum key_type type, const char *name, uint64_t *time_s, struct why *why)
{
    unsigned found = 0;
    for (size_t i = 0; i < given->key_count; i++) {
        const struct key *key = &given->keys[i];
        if (key->type == type && strcmp(key->party, party) == 0 &&
            !check_signatures(section, name, type, key->key, &found, time_s, why))
            return false;
    }
    return found > 0 || refuse(why, "there is no signature by the known key of %s", name);
}

/* -- one log ----------------------------------------------------------------------------------- */

static bool check_log_signature(const struct checking *c, const struct log *log, struct why *why)
{
    char name[MAX_NAME];
    uint64_t time_s = 0;
    snprintf(name, sizeof name, "%s/valise/%s/%s", log->owner, log->partner, log->word);
    if (strcmp(log->section->origin, name) != 0)
        return refuse(why, "the checkpoint is of the log %s, not of %s", log->section->origin,
                      name);
    return is_signed_by(c->given, log->section, log->owner, KEY_LOG, name, &time_s, why);
}

/* Leaf: what kind of record it is, and its digest (valise-proof(5)). */
static bool check_leaf(const struct log *log, struct why *why)
{
    static const uint8_t LEAF = 0x00;
    const struct section *s = log->section;
    struct hash record = sha256_of((struct bytes){s->record, s->record_len});
    const struct bytes parts[] = {{&LEAF, 1}, {&log->kind, 1}, {record.at, HASH_BYTES}};
    struct hash leaf = sha256(parts, 3);
    return check_path(&leaf, s->index, s->size, s->path, s->path_len, &s->root, why) &&
           accept(why, "entry %llu of %llu", (unsigned long long)s->index,
                  (unsigned long long)s->size);
}

static void check_witness(const struct checking *c, const struct log *log)
{
    char name[MAX_NAME], time[TIME_TEXT];
    uint64_t time_s = 0;
    struct why *why = words(c, log->witness);
    snprintf(name, sizeof name, "%s/valise/witness", log->partner);
    if (!names_signer(log->section, name)) {
        absent(c, log->witness, "there is no cosignature");
        return;
    }
    if (!has_key(c->given, log->partner, KEY_WITNESS)) {
        accept(why, "no --witness-key of %s is given", log->partner);
        return;
    }
    if (!settle(
            c, log->witness,
            is_signed_by(c->given, log->section, log->partner, KEY_WITNESS, name, &time_s, why)))
        return;
    write_time(time_s > MAX_TIME_MS / 1000 ? UINT64_MAX : time_s * 1000, time);
    if (is_future(c, time_s))
        settle(c, log->witness, refuse(why, "it is from the future: %s", time));
    else
        accept(why, "by %s at %s", log->partner, time);
}

static void check_outside(const struct checking *c, const struct log *log)
{
    c->report->lines[log->outside].result = count_witnesses(
        c->given->outside, log->section, log->owner, c->given->now_s, words(c, log->outside));
}

/* What is asked of a log is not granted by leaving it out. */
static void demand(const struct checking *c, const char *owner, bool is_there, enum item item)
{
    uint64_t quorum = quorum_of(c->given->outside, owner, !is_there);
    if (quorum > 0 && c->report->lines[item].result == ABSENT)
        settle(c, item,
               refuse(words(c, item), "%s%s, and %llu must have cosigned it",
                      is_there ? "the log is not verified" : "the file has no log of ",
                      is_there ? "" : owner, (unsigned long long)quorum));
}

static void check_log(const struct checking *c, const struct log *log)
{
    if (!has_key(c->given, log->owner, KEY_LOG)) {
        accept(words(c, log->log), "no --party-key of %s is given", log->owner);
    } else if (settle(c, log->log, check_log_signature(c, log, words(c, log->log)))) {
        settle(c, log->leaf, check_leaf(log, words(c, log->leaf)));
        check_witness(c, log);
        check_outside(c, log);
        return;
    }
    absent(c, log->leaf, "rests on the signature above");
    absent(c, log->witness, "rests on the signature above");
}

/* -- manifest, receipt, decision, files -------------------------------------------------------- */

static bool check_manifest(const struct checking *c, const struct section *s)
{
    struct manifest *m = &c->report->manifest;
    struct why *why = words(c, MANIFEST);
    if (!read_manifest((struct bytes){s->record, s->record_len}, m, why))
        return false;
    return !is_future(c, m->created_ms / 1000) || refuse(why, "it is from the future");
}

static bool check_receipt(const struct checking *c, const struct proof *proof)
{
    const struct manifest *m = &c->report->manifest;
    struct receipt *r = &c->report->receipt;
    struct why *why = words(c, RECEIPT);
    struct hash digest = sha256_of((struct bytes){proof->sent.record, proof->sent.record_len});
    char time[TIME_TEXT];
    if (!read_receipt((struct bytes){proof->received.record, proof->received.record_len}, r, why))
        return false;
    if (memcmp(r->id, m->id, ID_BYTES) != 0 || !is_same_hash(&r->manifest_digest, &digest))
        return refuse(why, "it is of another message");
    if (strcmp(r->from, m->from) != 0 || strcmp(r->to, m->to) != 0)
        return refuse(why, "it names other parties");
    write_time(r->received_ms, time);
    if (is_future(c, r->received_ms / 1000))
        return refuse(why, "it is from the future: %s", time);
    return accept(why, "received %s", time);
}

/* The internal log of one of the two parties holds the entry about this very decision. */
static bool prove_decision(const struct checking *c, const struct proof *proof, struct why *why)
{
    const struct manifest *m = &c->report->manifest;
    const struct section *s = &proof->internal;
    struct log log = {
        .section = s, .owner = m->to, .kind = RECORD_INTERNAL, .outside = INTERNAL_OUTSIDE};
    struct hash digest = sha256_of((struct bytes){proof->decision, proof->decision_len}), named;
    char name[MAX_NAME];
    uint64_t time_s = 0;
    snprintf(name, sizeof name, "%s/valise/internal", m->from);
    if (strcmp(s->origin, name) == 0)
        log.owner = m->from;
    else
        snprintf(name, sizeof name, "%s/valise/internal", m->to);
    if (!read_entry((struct bytes){s->record, s->record_len}, m->id, &named, why))
        return false;
    if (!is_same_hash(&named, &digest))
        return refuse(why, "the internal log has another decision");
    if (strcmp(s->origin, name) != 0)
        return refuse(why, "%s is no internal log of these parties", s->origin);
    if (!is_signed_by(c->given, s, log.owner, KEY_LOG, name, &time_s, why))
        return false;
    check_outside(c, &log);
    return check_leaf(&log, why) &&
           accept(why, "by %s: entry %llu of %llu of its internal log", log.owner,
                  (unsigned long long)s->index, (unsigned long long)s->size);
}

static void check_decision(const struct checking *c, const struct proof *proof)
{
    uint8_t id[ID_BYTES];
    struct why *why = words(c, DECISION);
    absent(c, DECISION,
           proof->decision_len > 0 ? "enclosed, and nothing proves it" : "none is enclosed");
    if (proof->decision_len == 0)
        return;
    if (!read_decision_id((struct bytes){proof->decision, proof->decision_len}, id, why))
        settle(c, DECISION, false);
    else if (memcmp(id, c->report->manifest.id, ID_BYTES) != 0)
        settle(c, DECISION, refuse(why, "it is of another message"));
    else if (proof->has_internal)
        settle(c, DECISION, prove_decision(c, proof, why));
}

static bool check_file(const char *path, const struct hash *digest, const uint64_t *len,
                       struct why *why)
{
    struct hash have;
    uint64_t have_len = 0;
    if (!sha256_file(path, &have, &have_len, why))
        return false;
    if (len != NULL && *len != have_len)
        return refuse(why, "the file has %llu bytes, the manifest says %llu",
                      (unsigned long long)have_len, (unsigned long long)*len);
    return is_same_hash(&have, digest) ? accept(why, "the file is what the manifest names")
                                       : refuse(why, "the file is not what the manifest names");
}

static void check_files(const struct checking *c)
{
    const struct manifest *m = &c->report->manifest;
    absent(c, SEALED, "no --sealed is given; the manifest names its digest");
    absent(c, CONTENT, "no --content is given; the manifest names its digest");
    if (c->given->sealed != NULL)
        settle(c, SEALED, check_file(c->given->sealed, &m->sealed_digest, NULL, words(c, SEALED)));
    if (c->given->content != NULL)
        settle(c, CONTENT,
               check_file(c->given->content, &m->content_digest, &m->content_bytes,
                          words(c, CONTENT)));
}

/* -- the verdict ------------------------------------------------------------------------------- */

static void judge(struct report *report)
{
    static const enum item NEEDED[] = {RECEIVED_LOG, RECEIVED, RECEIPT, SENT_WITNESS,
                                       RECEIVED_WITNESS};
    report->verdict = REFUSED;
    for (int i = 0; i < ITEMS; i++) {
        report->reason = (enum item)i;
        if (report->lines[i].result == FAILED)
            return;
    }
    for (int i = SENT_LOG; i <= SENT; i++) {
        report->reason = (enum item)i;
        if (report->lines[i].result != OK)
            return;
    }
    report->verdict = PROVEN_IN_PART;
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
        report->reason = NEEDED[i];
        if (report->lines[NEEDED[i]].result != OK)
            return;
    }
    report->verdict = PROVEN;
}

static void check_all(const struct checking *c, const struct proof *proof)
{
    char time[TIME_TEXT];
    const struct manifest *m = &c->report->manifest;
    struct log sent = {&proof->sent, m->from, m->to,        "sent",      RECORD_SENT,
                       SENT_LOG,     SENT,    SENT_WITNESS, SENT_OUTSIDE};
    struct log received = {&proof->received, m->to,        m->from,  "received",
                           RECORD_RECEIVED,  RECEIVED_LOG, RECEIVED, RECEIVED_WITNESS,
                           RECEIVED_OUTSIDE};
    check_files(c);
    check_log(c, &sent);
    check_decision(c, proof);
    if (!proof->has_received) {
        for (int i = RECEIPT; i <= RECEIVED_WITNESS; i++)
            absent(c, (enum item)i, "there is no receipt");
        return;
    }
    if (!settle(c, RECEIPT, check_receipt(c, proof)))
        return;
    check_log(c, &received);
    if (c->report->lines[RECEIVED].result == OK)
        return;
    write_time(c->report->receipt.received_ms, time); /* anybody can write a receipt */
    absent(c, RECEIPT, "");
    accept(words(c, RECEIPT), "says \"received %s\", and nothing proves it", time);
}

void check_proof(const struct proof *proof, const struct given *given, struct report *out)
{
    const struct checking c = {given, out};
    *out = (struct report){.reason = MANIFEST};
    for (int i = 0; i < ITEMS; i++)
        absent(&c, (enum item)i, "");
    if (settle(&c, MANIFEST, check_manifest(&c, &proof->sent))) {
        check_all(&c, proof);
        demand(&c, out->manifest.from, true, SENT_OUTSIDE);
        demand(&c, out->manifest.to, proof->has_received, RECEIVED_OUTSIDE);
    }
    judge(out);
}

const char *item_name(enum item item)
{
    static const char *const NAMES[ITEMS] = {
        [MANIFEST] = "manifest",
        [SEALED] = "sealed structure",
        [CONTENT] = "sealed content",
        [SENT_LOG] = "sender's log",
        [SENT] = "proof of origin",
        [SENT_WITNESS] = "receiver's cosignature",
        [RECEIPT] = "receipt",
        [RECEIVED_LOG] = "receiver's log",
        [RECEIVED] = "proof of receipt",
        [RECEIVED_WITNESS] = "sender's cosignature",
        [DECISION] = "decision",
        [SENT_OUTSIDE] = "sender's witnesses",
        [RECEIVED_OUTSIDE] = "receiver's witnesses",
        [INTERNAL_OUTSIDE] = "decision's witnesses",
    };
    return NAMES[item];
}
