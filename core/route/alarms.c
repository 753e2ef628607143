#include "route/alarms.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/fork.h"
#include "route/internal.h"
#include "store/alarms.h"

#define WORDS 192

struct vls_alarm {
    const char *kind;
    char log[VLS_MAX_ORIGIN];
    char words[WORDS];
    struct vls_checkpoint smaller, larger;
    char *smaller_note, *larger_note; /* owned; NULL: nothing was signed */
    struct vls_proof path;
    uint64_t number; /* in the store, once it is in the open transaction */
};

/* -- raising ----------------------------------------------------------------------------------- */

static void alarm_free(struct vls_alarm *alarm)
{
    vls_mem_free(alarm->smaller_note);
    vls_mem_free(alarm->larger_note);
    vls_mem_free(alarm);
}

static void stop_exchange(struct vls_partner *partner, const char *kind, const char *words)
{
    partner->is_stopped = true;
    snprintf(partner->trouble, sizeof partner->trouble, "stopped by an alarm (%s): %s", kind,
             words);
}

/* The first one says it all: behind it nothing goes on. */
static struct vls_status raise(struct vls_partner *partner, struct vls_alarm *alarm,
                               struct vls_why *why)
{
    struct vls_status s = vls_fail(VLS_LEDGER_FORK, why, "%s", alarm->words);
    if (partner->alarm != NULL || partner->is_stopped) {
        alarm_free(alarm);
        return s;
    }
    partner->alarm = alarm;
    stop_exchange(partner, alarm->kind, alarm->words);
    vls_route_log(partner->route, VLS_LOG_ERROR, "alarm.raised",
                  VLS_F("party", partner->config->party), VLS_F("kind", alarm->kind),
                  VLS_F("log", alarm->log), VLS_F("why", alarm->words));
    partner->route->o.ports.flush_soon(partner->route->o.ports.ctx);
    return s;
}

static struct vls_alarm *new_alarm(const char *kind, const char *log)
{
    struct vls_alarm *alarm = vls_mem_new(sizeof *alarm);
    alarm->kind = kind;
    vls_text_copy(alarm->log, sizeof alarm->log, log);
    return alarm;
}

/* The kept note of exactly this size. */
static struct vls_status read_known(struct vls_partner *partner, const char *log, uint64_t size,
                                    struct vls_checkpoint *out, char **out_note,
                                    struct vls_why *why)
{
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    vls_buf_init(&note, VLS_MAX_NOTE);
    vls_text_copy(out->origin, sizeof out->origin, log);
    VLS_TRY(vls_store_checkpoint(partner->route->o.store, log, size, &out->size, &out->root, &note,
                                 why));
    if (out->size != size)
        return vls_fail(VLS_STORE_MISSING, why, "log %s: no checkpoint of size %" PRIu64, log,
                        size);
    *out_note = vls_mem_dup(vls_buf_text(&note));
    return VLS_DONE;
}

static void say_fork(struct vls_alarm *alarm)
{
    const char *proven = alarm->smaller.size == alarm->larger.size || alarm->path.count != 0
                             ? "the two signed states prove it"
                             : "no proof came with it";
    snprintf(alarm->words, sizeof alarm->words,
             "log %.70s: the state of size %" PRIu64 " does not continue the one of size %" PRIu64
             "; %s",
             alarm->log, alarm->larger.size, alarm->smaller.size, proven);
}

struct vls_status vls_alarm_fork(struct vls_partner *partner, const struct vls_their_log *log,
                                 uint64_t known, const struct vls_checkpoint *seen,
                                 const char *note, const struct vls_proof *proof,
                                 struct vls_why *why)
{
    struct vls_alarm *alarm = new_alarm(VLS_ALARM_FORK, log->origin);
    struct vls_status s =
        read_known(partner, log->origin, known, &alarm->smaller, &alarm->smaller_note, why);
    if (!vls_ok(s)) {
        alarm_free(alarm);
        return s;
    }
    alarm->larger = *seen;
    alarm->larger_note = vls_mem_dup(note);
    if (proof != NULL &&
        !vls_fork_from_consistency(proof, known, seen->size, &seen->root, &alarm->path))
        alarm->path.count = 0;
    say_fork(alarm);
    return raise(partner, alarm, why);
}

void vls_alarm_look_at(struct vls_partner *partner, enum vls_leaf_kind kind,
                       struct vls_slice record, const Valise__InclusionProof *inclusion)
{
    struct vls_alarm *alarm = partner->alarm;
    struct vls_proof proof, path;
    if (alarm == NULL || alarm->number != 0 || !vls_text_is_equal(alarm->kind, VLS_ALARM_FORK) ||
        alarm->path.count != 0 || inclusion == NULL ||
        inclusion->leaf_index != alarm->smaller.size ||
        !vls_ok(vls_proof_read(inclusion->n_hashes, inclusion->hashes, &proof, NULL)))
        return;
    struct vls_digest leaf = vls_leaf_of_record(kind, record);
    if (!vls_fork_from_inclusion(&proof, &leaf, alarm->smaller.size, alarm->larger.size,
                                 &alarm->larger.root, &path))
        return;
    alarm->path = path;
    say_fork(alarm);
    stop_exchange(partner, alarm->kind, alarm->words);
}

struct vls_status vls_alarm_rollback(struct vls_partner *partner, const struct vls_their_log *log,
                                     const char *note, struct vls_why *why)
{
    struct vls_alarm *alarm = new_alarm(VLS_ALARM_ROLLBACK, log->origin);
    struct vls_status s = vls_checkpoint_read(vls_slice_text(note), &alarm->smaller, why);
    if (vls_ok(s) && alarm->smaller.size >= log->size)
        s = vls_fail(VLS_LEDGER_STALE, why, "log %s: the proof does not start at size %" PRIu64,
                     log->origin, log->size);
    if (vls_ok(s))
        s = read_known(partner, log->origin, log->size, &alarm->larger, &alarm->larger_note, why);
    if (!vls_ok(s)) {
        alarm_free(alarm);
        return s;
    }
    alarm->smaller_note = vls_mem_dup(note);
    snprintf(alarm->words, sizeof alarm->words,
             "log %.70s has %" PRIu64 " entries now, and had %" PRIu64 " when %.40s signed it "
             "before",
             log->origin, alarm->smaller.size, log->size, partner->config->party);
    return raise(partner, alarm, why);
}

struct vls_status vls_alarm_behind(struct vls_partner *partner, const struct vls_log *log,
                                   uint64_t known, struct vls_why *why)
{
    struct vls_alarm *alarm = new_alarm(VLS_ALARM_BEHIND, log->origin);
    snprintf(alarm->words, sizeof alarm->words,
             "%.40s knows %" PRIu64 " entries of our log %.60s, and we have %" PRIu64
             ": is the store an old copy?",
             partner->config->party, known, log->origin, log->committed);
    return raise(partner, alarm, why);
}

struct vls_status vls_alarm_check(const struct vls_partner *partner, struct vls_why *why)
{
    if (!partner->is_stopped)
        return VLS_DONE;
    return vls_fail(VLS_LEDGER_FORK, why, "the exchange with %s is %.150s", partner->config->party,
                    partner->trouble);
}

/* -- on disk ----------------------------------------------------------------------------------- */

static struct vls_status write_evidence(const struct vls_alarm *alarm, struct vls_buf *out,
                                        struct vls_why *why)
{
    if (alarm->smaller_note == NULL)
        return VLS_DONE;
    const struct vls_fork fork = {vls_slice_text(alarm->smaller_note),
                                  vls_slice_text(alarm->larger_note), alarm->path};
    return vls_fork_write(&fork, out, why);
}

/* In the internal log: the digest of the evidence, then the words. */
static struct vls_status enter(struct vls_route *route, const struct vls_alarm *alarm,
                               struct vls_slice evidence, struct vls_why *why)
{
    uint8_t body[VLS_DIGEST_BYTES + WORDS];
    struct vls_slice words = vls_slice_text(alarm->words);
    struct vls_digest digest = vls_digest_of_slice(evidence);
    vls_copy(body, digest.bytes, VLS_DIGEST_BYTES);
    vls_copy(body + VLS_DIGEST_BYTES, words.at, words.len);
    const struct vls_internal_entry entry = {VLS_INTERNAL_ALARM, NULL, "router",
                                             VLS_SLICE(body, VLS_DIGEST_BYTES + words.len)};
    return vls_internal_append(route, &entry, why);
}

static struct vls_status save(struct vls_partner *partner, struct vls_why *why)
{
    struct vls_route *route = partner->route;
    struct vls_alarm *alarm = partner->alarm;
    struct vls_buf evidence VLS_DEFER(vls_buf_fini);
    vls_buf_init(&evidence, VLS_MAX_FORK_FILE);
    VLS_TRY(write_evidence(alarm, &evidence, why));
    const struct vls_alarm_row row = {.party = partner->config->party,
                                      .log = alarm->log,
                                      .kind = alarm->kind,
                                      .words = alarm->words,
                                      .evidence = vls_buf_text(&evidence),
                                      .raised_ms = vls_route_wall(route)};
    VLS_TRY(vls_store_begin(route->o.store, why));
    VLS_TRY(vls_store_alarm_add(route->o.store, &row, &alarm->number, why));
    return enter(route, alarm, vls_buf_slice(&evidence), why);
}

struct vls_status vls_alarms_save(struct vls_route *route, struct vls_why *why)
{
    for (size_t i = 0; i < route->partner_count; i++)
        if (route->partners[i].alarm != NULL)
            VLS_TRY(save(&route->partners[i], why));
    return VLS_DONE;
}

void vls_alarms_committed(struct vls_route *route)
{
    for (size_t i = 0; i < route->partner_count; i++)
        vls_alarms_free(&route->partners[i]);
}

void vls_alarms_free(struct vls_partner *partner)
{
    if (partner->alarm != NULL)
        alarm_free(partner->alarm);
    partner->alarm = NULL;
}

/* vls_alarm_fn */
static struct vls_status found_open(void *ctx, const struct vls_alarm_row *row, struct vls_why *why)
{
    struct vls_partner *partner = ctx;
    (void)why;
    stop_exchange(partner, row->kind, row->words);
    return VLS_DONE;
}

struct vls_status vls_alarms_open(struct vls_partner *partner, struct vls_why *why)
{
    const struct vls_alarm_filter filter = {.party = partner->config->party, .limit = 1};
    return vls_store_alarms(partner->route->o.store, &filter, found_open, partner, why);
}

/* -- an operator has looked -------------------------------------------------------------------- */

struct vls_status vls_alarms_close(struct vls_route *route, const char *party, const char *note,
                                   const char *actor, struct vls_why *why)
{
    char words[2 * VLS_MAX_PARTY + VLS_MAX_NAME];
    if (vls_route_partner(route, party) == NULL)
        return vls_fail(VLS_POLICY_PARTY, why, "'%.60s' is not a partner", party);
    if (note[0] == '\0' || !vls_text_is_clean(vls_slice_text(note), false) ||
        vls_slice_text(note).len > VLS_MAX_NAME)
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "a note of one line and up to %d bytes is needed: what was found out",
                        VLS_MAX_NAME);
    snprintf(words, sizeof words, "exchange with %s resumed: %s", party, note);
    VLS_TRY(vls_store_alarms_close(route->o.store, party, vls_route_wall(route), actor, note, why));
    return vls_internal_append_words(route, VLS_INTERNAL_ACT, NULL, actor, words, why);
}

void vls_alarms_resume(struct vls_route *route, const char *party)
{
    struct vls_partner *partner = vls_route_partner(route, party);
    partner->is_stopped = false;
    partner->trouble[0] = '\0';
    partner->failures = partner->stale = 0;
    partner->next_try_ms = 0;
    vls_route_log(route, VLS_LOG_WARN, "alarm.closed", VLS_F("party", party));
}
