#include "outside.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* -- the command line -------------------------------------------------------------------------- */

static VLS_STATUS add_witness(const char *vkey, struct evidence_outside *out, struct vls_why *why)
{
    struct vls_why inner = {""};
    struct vls_note_key key;
    if (out->count == OUTSIDE_MAX_WITNESSES)
        return vls_cli_usage(why, "--witness", "more than %d witnesses", OUTSIDE_MAX_WITNESSES);
    if (!vls_ok(vls_note_key_read(vkey, &key, &inner)))
        return vls_cli_usage(why, "--witness", "%.60s: %.120s", vkey, inner.text);
    if (!key.is_cosigner)
        return vls_cli_usage(why, "--witness",
                             "%.60s: is the key of a log; a witness has one of type 4", vkey);
    for (size_t i = 0; i < out->count; i++)
        if (memcmp(out->witnesses[i].key, key.key, sizeof key.key) == 0)
            return vls_cli_usage(why, "--witness", "%.60s: is given twice", vkey);
    out->witnesses[out->count++] = key;
    return VLS_DONE;
}

/* The first with its name: the others are further keys of the same witness, which has two while it
 * changes them. */
static size_t first_of(const struct evidence_outside *outside, size_t witness)
{
    size_t first = 0;
    while (strcmp(outside->witnesses[first].name, outside->witnesses[witness].name) != 0)
        first++;
    return first;
}

static size_t count_names(const struct evidence_outside *outside)
{
    size_t count = 0;
    for (size_t i = 0; i < outside->count; i++)
        count += first_of(outside, i) == i;
    return count;
}

/** "2", or "un=2" */
static VLS_STATUS add_quorum(const char *text, struct evidence_outside *out, struct vls_why *why)
{
    const char *equals = strchr(text, '=');
    struct outside_quorum *quorum = &out->quorums[out->quorum_count];
    uint64_t number;
    if (out->quorum_count == OUTSIDE_MAX_QUORUMS)
        return vls_cli_usage(why, "--quorum", "more than %d of them", OUTSIDE_MAX_QUORUMS);
    quorum->party[0] = '\0';
    if (equals != NULL && (equals == text || (size_t)(equals - text) > VLS_MAX_PARTY))
        return vls_cli_usage(why, "--quorum", "%.60s: is not N or PARTY=N", text);
    if (equals != NULL)
        vls_text_copy(quorum->party, (size_t)(equals - text) + 1, text);
    if (!vls_ok(
            vls_number_read(equals != NULL ? equals + 1 : text, 1, OUTSIDE_MAX_WITNESSES, &number)))
        return vls_cli_usage(why, "--quorum", "%.60s: is not N or PARTY=N, with N from 1 to %d",
                             text, OUTSIDE_MAX_WITNESSES);
    quorum->witnesses = (unsigned)number;
    out->quorum_count++;
    return VLS_DONE;
}

static VLS_STATUS gather(const struct cli_args *args, struct evidence_outside *out,
                         struct vls_why *why)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const struct cli_given *given = &args->given[i];
        if (strcmp(given->option->name, "witness") == 0)
            VLS_TRY(add_witness(given->value, out, why));
        if (strcmp(given->option->name, "quorum") == 0)
            VLS_TRY(add_quorum(given->value, out, why));
    }
    for (size_t i = 0; i < out->quorum_count; i++)
        if (out->quorums[i].witnesses > count_names(out))
            return vls_cli_usage(why, "--quorum", "%u are asked for, and %zu given by --witness",
                                 out->quorums[i].witnesses, count_names(out));
    const char *tsa = vls_cli_value(args, "tsa");
    return tsa != NULL ? vls_stamp_trust_load(tsa, &out->tsa, why) : VLS_DONE;
}

struct vls_status vls_outside_gather(const struct cli_args *args, struct evidence_outside *out,
                                     struct vls_why *why)
{
    *out = (struct evidence_outside){.count = 0};
    return gather(args, out, why);
}

void vls_outside_fini(struct evidence_outside *outside)
{
    vls_stamp_trust_free(&outside->tsa);
}

/* -- witnesses --------------------------------------------------------------------------------- */

/** @param is_named  count only what is asked of this owner by name */
static unsigned quorum_of(const struct evidence_outside *outside, const char *owner, bool is_named)
{
    unsigned most = 0;
    for (size_t i = 0; i < outside->quorum_count; i++) {
        const struct outside_quorum *q = &outside->quorums[i];
        bool is_of = (q->party[0] == '\0' && !is_named) || strcmp(q->party, owner) == 0;
        if (is_of && q->witnesses > most)
            most = q->witnesses;
    }
    return most;
}

/** What the witnesses said so far. */
struct tally {
    unsigned good;
    uint64_t last_ms;
    char names[96]; /* of those who cosigned; cut when they are too many */
};

static void count_one(struct tally *tally, const char *name, uint64_t ms)
{
    size_t len = strlen(tally->names);
    snprintf(tally->names + len, sizeof tally->names - len, "%s%s", len > 0 ? ", " : "", name);
    tally->good++;
    tally->last_ms = ms > tally->last_ms ? ms : tally->last_ms;
}

/** By all the keys with the name of this one, the first of them. It counts when one signed, and
 * none wrongly. @return LEDGER_SIGNATURE when a line by them is wrong, or of the future */
static VLS_STATUS ask_witness(const struct evidence_outside *outside, size_t first,
                              const char *text, const struct vls_checkpoint *checkpoint,
                              uint64_t latest_ms, struct tally *tally, struct vls_why *why)
{
    const struct vls_slice note = vls_slice_text(text);
    uint64_t last_s = 0, time_s = 0;
    char time[VLS_TIME_TEXT];
    bool is_found = false;
    for (size_t i = first; i < outside->count; i++) {
        const struct vls_note_key *key = &outside->witnesses[i];
        if (first_of(outside, i) != first || !vls_note_bears(note, key))
            continue;
        VLS_TRY(vls_cosignature_verify(note, checkpoint, key, &time_s, why));
        last_s = time_s > last_s ? time_s : last_s;
        is_found = true;
    }
    uint64_t ms = last_s > UINT64_MAX / 1000 ? UINT64_MAX : last_s * 1000;
    vls_time_text(ms, time);
    if (ms > latest_ms)
        return vls_fail(VLS_LEDGER_SIGNATURE, why,
                        "the cosignature by %.80s is from the future: %s",
                        outside->witnesses[first].name, time);
    if (is_found)
        count_one(tally, outside->witnesses[first].name, ms);
    return VLS_DONE;
}

static void say(const struct tally *tally, size_t given, unsigned quorum, struct vls_why *out)
{
    char time[VLS_TIME_TEXT];
    vls_time_text(tally->last_ms, time);
    if (tally->good < quorum)
        snprintf(out->text, sizeof out->text, "%u of %zu cosigned it, and %u are asked for",
                 tally->good, given, quorum);
    else if (tally->good == 0)
        snprintf(out->text, sizeof out->text, "none of %zu cosigned it", given);
    else
        snprintf(out->text, sizeof out->text, "%u of %zu: %s; last at %s", tally->good, given,
                 tally->names, time);
}

void vls_outside_check_witnesses(const struct evidence_outside *outside, const char *owner,
                                 const char *note, const struct vls_checkpoint *checkpoint,
                                 uint64_t latest_ms, struct evidence_line *out, uint64_t *out_ms)
{
    *out_ms = 0;
    struct tally tally = {.good = 0};
    *out = (struct evidence_line){EVIDENCE_ABSENT, {""}};
    if (outside == NULL || outside->count == 0)
        return;
    unsigned quorum = quorum_of(outside, owner, false);
    for (size_t i = 0; i < outside->count; i++)
        if (first_of(outside, i) == i &&
            !vls_ok(ask_witness(outside, i, note, checkpoint, latest_ms, &tally, &out->words)) &&
            quorum == 0) {
            out->result = EVIDENCE_FAILED;
            return;
        }
    out->result = tally.good < quorum ? EVIDENCE_FAILED
                  : tally.good == 0   ? EVIDENCE_ABSENT
                                      : EVIDENCE_OK;
    if (out->result == EVIDENCE_OK)
        *out_ms = tally.last_ms;
    say(&tally, count_names(outside), quorum, &out->words);
}

void vls_outside_demand(const struct evidence_outside *outside, const char *owner, bool is_there,
                        struct evidence_line *out)
{
    unsigned quorum = outside != NULL ? quorum_of(outside, owner, !is_there) : 0;
    if (quorum == 0 || out->result != EVIDENCE_ABSENT)
        return;
    out->result = EVIDENCE_FAILED;
    if (is_there)
        snprintf(out->words.text, sizeof out->words.text,
                 "the log is not verified, and %u must have cosigned it", quorum);
    else
        snprintf(out->words.text, sizeof out->words.text,
                 "the file has no log of %.64s, and %u must have cosigned it", owner, quorum);
}

uint32_t vls_outside_strangers(const struct evidence_outside *outside,
                               const struct evidence_report *report)
{
    uint32_t strangers = 0;
    for (size_t i = 0; outside != NULL && i < outside->quorum_count; i++) {
        const char *party = outside->quorums[i].party;
        if (party[0] != '\0' && strcmp(party, report->from) != 0 && strcmp(party, report->to) != 0)
            strangers |= UINT32_C(1) << i;
    }
    return strangers;
}

struct vls_status vls_outside_refuse_strangers(const struct evidence_outside *outside,
                                               uint32_t strangers, struct vls_why *why)
{
    for (size_t i = 0; outside != NULL && i < outside->quorum_count; i++) {
        const struct outside_quorum *q = &outside->quorums[i];
        if ((strangers >> i & 1) != 0 && q->party[0] != '\0')
            return vls_cli_usage(why, "--quorum", "%.64s=%u: no message here is from or to %.64s",
                                 q->party, q->witnesses, q->party);
    }
    return VLS_DONE;
}

/* -- the time ---------------------------------------------------------------------------------- */

static void say_time(const struct vls_stamp *stamp, bool is_checked, bool is_future,
                     struct vls_why *out)
{
    char time[VLS_TIME_TEXT], accuracy[48] = "";
    vls_time_text(stamp->time_ms, time);
    if (stamp->has_accuracy)
        snprintf(accuracy, sizeof accuracy, " (within %" PRIu64 ".%03" PRIu64 " s)",
                 stamp->accuracy_us / 1000000, stamp->accuracy_us / 1000 % 1000);
    if (is_future)
        snprintf(out->text, sizeof out->text, "it is from the future: %s", time);
    else if (is_checked)
        snprintf(out->text, sizeof out->text, "%s%s, by %.120s", time, accuracy, stamp->tsa);
    else
        snprintf(out->text, sizeof out->text, "says %s, by %.100s; not checked: give --tsa", time,
                 stamp->tsa[0] != '\0' ? stamp->tsa : "nobody that it names");
}

/* The authority may be wrong by its accuracy, either way: so late it may have been.
 * Both are limited where the token is read. */
static uint64_t latest_of(const struct vls_stamp *stamp)
{
    return stamp->time_ms + (stamp->has_accuracy ? (stamp->accuracy_us + 999) / 1000 : 0);
}

void vls_outside_check_stamp(const struct evidence_outside *outside,
                             const Valise__InclusionEvidence *inclusion, uint64_t latest_ms,
                             struct evidence_line *out, uint64_t *out_ms)
{
    const struct vls_slice token = VLS_SLICE(inclusion->stamp.data, inclusion->stamp.len);
    const struct vls_stamp_trust *tsa = outside != NULL ? outside->tsa : NULL;
    struct vls_digest subject;
    struct vls_stamp stamp;
    *out_ms = 0;
    *out = (struct evidence_line){EVIDENCE_ABSENT, {""}};
    if (token.len == 0) {
        vls_text_copy(out->words.text, sizeof out->words.text,
                      tsa != NULL ? "there is no time stamp" : "");
        return;
    }
    struct vls_status s =
        vls_stamp_subject(vls_slice_text(inclusion->checkpoint), &subject, &out->words);
    if (vls_ok(s))
        s = tsa != NULL ? vls_stamp_verify(token, &subject, tsa, &stamp, &out->words)
                        : vls_stamp_read(token, &subject, &stamp, &out->words);
    if (!vls_ok(s)) {
        out->result = EVIDENCE_FAILED;
        return;
    }
    bool is_future = stamp.time_ms > latest_ms;
    if (is_future)
        out->result = EVIDENCE_FAILED;
    else if (tsa != NULL)
        out->result = EVIDENCE_OK;
    if (out->result == EVIDENCE_OK)
        *out_ms = latest_of(&stamp);
    say_time(&stamp, tsa != NULL, is_future, &out->words);
}
