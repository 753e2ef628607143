/* What a gateway keeps so that nobody can rewrite what happened: its internal log, and what it does
 * when a partner shows it two histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/fork.h"
#include "rewrite.h"
#include "route/alarms.h"
#include "route/internal.h"
#include "store/alarms.h"
#include "store/internal.h"
#include "store/store_internal.h"
#include "world_internal.h"

#include <schemas/exchange.pb-c.h>

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define A_WHILE      60000u
#define MOST         64u

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 23);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

static struct vls_id send_one(struct world *w, unsigned from, const char *label, const char *text)
{
    struct submitted s;
    world_submit(&w->gateways[from], "publication", label, "", text, &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    return s.id;
}

/* -- the internal log -------------------------------------------------------------------------- */

struct entries {
    size_t count;
    struct vls_internal read[MOST];
    struct vls_digest leaves[MOST];
};

/* vls_internal_fn */
static struct vls_status take_entry(void *ctx, const struct vls_internal_row *row,
                                    struct vls_why *why)
{
    struct entries *e = ctx;
    assert_true(e->count < MOST);
    assert_int_equal(row->place, e->count);
    assert_true(vls_ok(vls_internal_read(row->record, &e->read[e->count], why)));
    e->leaves[e->count++] = vls_leaf_of_record(VLS_LEAF_INTERNAL, row->record);
    return VLS_DONE;
}

static void read_entries(struct gateway *g, struct entries *out)
{
    const struct vls_internal_filter all = {.limit = MOST};
    struct vls_why why = {""};
    out->count = 0;
    if (!vls_ok(vls_store_internal_each(g->store, &all, take_entry, out, &why)))
        fail_msg("%s", why.text);
}

static void free_entries(struct entries *e)
{
    for (size_t i = 0; i < e->count; i++)
        vls_internal_fini(&e->read[i]);
}

static bool is_about(const Valise__InternalRecord *r, const char *kind, const struct vls_id *id)
{
    return strcmp(r->kind, kind) == 0 &&
           vls_slice_is_equal(VLS_SLICE(r->id.data, r->id.len), vls_id_slice(id));
}

static unsigned count_of(const struct entries *e, const char *kind, const struct vls_id *id)
{
    unsigned count = 0;
    for (size_t i = 0; i < e->count; i++)
        count += is_about(e->read[i].fields, kind, id);
    return count;
}

/* The last signed state of the internal log covers all entries, and its root is that of their
 * leaves. */
static void assert_signed(struct gateway *g, const struct entries *e)
{
    struct vls_log *log = vls_internal_tree(g->route);
    struct vls_why why = {""};
    struct vls_note_key key = {.is_cosigner = false};
    struct vls_checkpoint c;
    struct vls_buf note;
    struct vls_digest root;
    uint64_t size = 0;
    vls_buf_init(&note, VLS_MAX_NOTE);
    assert_true(vls_ok(vls_store_checkpoint(g->store, log->origin, 0, &size, &root, &note, &why)));
    assert_int_equal(size, e->count);
    snprintf(key.name, sizeof key.name, "%s/valise/internal", g->party);
    world_public_half(g->log_key, key.key);
    if (!vls_ok(vls_checkpoint_verify(vls_buf_slice(&note), &key, &c, &why)))
        fail_msg("%s", why.text);
    for (size_t i = 0; i < e->count; i++) {
        struct vls_proof proof;
        assert_true(vls_ok(vls_tree_inclusion(log->tree, i, c.size, &proof, &why)));
        assert_true(vls_ok(vls_proof_inclusion(&proof, &e->leaves[i], i, c.size, &c.root, &why)));
    }
    vls_buf_fini(&note);
}

static void internal__decisions_and_acts__entered_signed_and_provable(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct entries e;
    struct vls_id open = send_one(w, 0, PUBLIC, "For all.");
    struct vls_id referred = send_one(w, 0, CONFIDENTIAL, "For some.");
    assert_true(vls_ok(world_act(un, &referred, VALISE__OPERATOR_ACT__VERB__WITHHOLD)));
    world_run(w, A_WHILE);
    read_entries(un, &e);
    assert_int_equal(count_of(&e, VLS_INTERNAL_DECISION, &open), 1);
    assert_int_equal(count_of(&e, VLS_INTERNAL_DECISION, &referred), 1);
    assert_int_equal(count_of(&e, VLS_INTERNAL_ACT, &referred), 1);
    assert_signed(un, &e);
    free_entries(&e);
}

static void internal__decision__is_the_digest_of_its_record(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct vls_message *m = NULL;
    struct vls_why why = {""};
    struct entries e;
    struct vls_id id = send_one(w, 0, PUBLIC, "Why?");
    assert_true(vls_ok(vls_store_get(un->store, &id, &m, &why)));
    struct vls_digest digest = vls_digest_of_slice(m->decision);
    read_entries(un, &e);
    assert_int_equal(e.count, 1);
    assert_int_equal(e.read[0].fields->body.len, VLS_DIGEST_BYTES);
    assert_memory_equal(e.read[0].fields->body.data, digest.bytes, VLS_DIGEST_BYTES);
    free_entries(&e);
    vls_message_free(&m);
}

static void internal__act_that_is_refused__leaves_no_entry(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct entries e;
    struct vls_id id = send_one(w, 0, PUBLIC, "Gone already.");
    assert_false(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__WITHHOLD)));
    world_run(w, A_WHILE);
    read_entries(un, &e);
    assert_int_equal(count_of(&e, VLS_INTERNAL_ACT, &id), 0);
    assert_signed(un, &e);
    free_entries(&e);
}

/* Wherever the power fails, entries, tree and signature fit together afterwards. */
static void internal__crash_at_every_step__heals(void **state)
{
    (void)state;
    for (unsigned steps = 1; steps < 24; steps++) {
        struct world *w = vls_mem_new(sizeof *w);
        struct submitted first, second;
        struct entries e;
        world_open(w, steps);
        world_submit(&w->gateways[0], "publication", PUBLIC, "a", "One.", &first);
        world_submit(&w->gateways[0], "publication", CONFIDENTIAL, "b", "Two.", &second);
        world_step(w, steps);
        world_crash(&w->gateways[0]);
        send_one(w, 0, PUBLIC, "After it.");
        world_run(w, A_WHILE);
        read_entries(&w->gateways[0], &e);
        assert_true(e.count >= 1);
        assert_signed(&w->gateways[0], &e);
        free_entries(&e);
        world_close(w);
        vls_mem_free(w);
    }
}

/* A step in which the disk takes nothing more: what is in the open transaction is lost. */
static void internal__commits_that_fail__take_entries_back_with_the_rest(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct submitted s[8];
    struct entries e;
    unsigned number = 0;
    for (size_t i = 0; i < 8; i++) {
        char text[32];
        snprintf(text, sizeof text, "number %zu", i);
        world_submit(un, "publication", PUBLIC, "", text, &s[i]);
        for (unsigned step = 0; step < 12; step++) {
            world_step(w, 1);
            if (un->store->is_open_transaction && ++number % 3 == 0)
                un->store->broken = (struct vls_status){VLS_STORE_FULL};
        }
    }
    world_run(w, A_WHILE);
    read_entries(un, &e);
    for (size_t i = 0; i < 8; i++)
        if (s[i].is_answered && vls_ok(s[i].status))
            assert_int_equal(count_of(&e, VLS_INTERNAL_DECISION, &s[i].id), 1);
    assert_signed(un, &e);
    free_entries(&e);
}

/* Different documents, each receipted. */
static void send_many(struct world *w, unsigned from, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char text[48];
        snprintf(text, sizeof text, "As it was, number %u.", i);
        struct vls_id id = send_one(w, from, PUBLIC, text);
        assert_int_equal(world_state(&w->gateways[from], &id), VLS_STATE_RECEIPTED);
    }
}

/* -- two histories ----------------------------------------------------------------------------- */

struct alarms {
    size_t count;
    char kind[32], words[256], evidence[VLS_MAX_FORK_FILE];
    uint64_t closed_ms;
};

/* vls_alarm_fn */
static struct vls_status take_alarm(void *ctx, const struct vls_alarm_row *row, struct vls_why *why)
{
    struct alarms *a = ctx;
    (void)why;
    a->count++;
    vls_text_copy(a->kind, sizeof a->kind, row->kind);
    vls_text_copy(a->words, sizeof a->words, row->words);
    vls_text_copy(a->evidence, sizeof a->evidence, row->evidence);
    a->closed_ms = row->closed_ms;
    return VLS_DONE;
}

static struct alarms alarms_of(struct gateway *g)
{
    const struct vls_alarm_filter all = {.with_closed = true, .limit = 10};
    struct alarms a = {.count = 0};
    struct vls_why why = {""};
    assert_true(vls_ok(vls_store_alarms(g->store, &all, take_alarm, &a, &why)));
    return a;
}

/* The evidence that `at` keeps, by the key of `of`. */
static enum vls_fork_verdict verdict_of(const struct alarms *a, struct gateway *of)
{
    struct vls_fork fork;
    struct vls_checkpoint c[2];
    struct vls_note_key key = {.is_cosigner = false};
    enum vls_fork_verdict verdict = VLS_FORK_NOT_SHOWN;
    struct vls_why why = {""};
    world_public_half(of->log_key, key.key);
    struct vls_status s = vls_fork_read(vls_slice_text(a->evidence), &fork, &why);
    if (vls_ok(s))
        s = vls_fork_verify(&fork, &key, c, &verdict, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    return verdict;
}

static void rewrite(struct gateway *g, const char *origin, uint64_t index, uint64_t keep)
{
    struct vls_why why = {""};
    if (!vls_ok(rewrite_log(g->store, origin, index, keep, &why)))
        fail_msg("%s", why.text);
    world_crash(g);
}

/* Nothing goes any more, either way, and nothing is lost. */
static void assert_stopped(struct world *w)
{
    struct vls_id to = send_one(w, 0, PUBLIC, "Still there?"),
                  from = send_one(w, 1, PUBLIC, "Hello?");
    assert_int_equal(world_state(&w->gateways[1], &to), VLS_STATE_NONE);
    assert_int_equal(world_state(&w->gateways[0], &from), VLS_STATE_NONE);
}

/* After any number of messages: at powers of two the consistency proof alone shows nothing. */
static void fork__sent_log_rewritten__caught_with_the_next_batch_and_proven(void **state)
{
    (void)state;
    for (unsigned before = 1; before <= 9; before++) {
        struct world *w = vls_mem_new(sizeof *w);
        world_open(w, before);
        struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
        send_many(w, 0, before);
        rewrite(un, "un/valise/iom/sent", 0, UINT64_MAX);
        struct vls_id id = send_one(w, 0, PUBLIC, "As it never was.");
        assert_int_equal(world_state(iom, &id), VLS_STATE_NONE);
        struct alarms a = alarms_of(iom);
        assert_int_equal(a.count, 1);
        assert_string_equal(a.kind, VLS_ALARM_FORK);
        assert_int_equal(verdict_of(&a, un), VLS_FORK_PROVEN);
        assert_stopped(w);
        world_close(w);
        vls_mem_free(w);
    }
}

static void fork__received_log_rewritten__caught_with_the_next_answer_and_proven(void **state)
{
    (void)state;
    for (unsigned before = 1; before <= 5; before++) {
        struct world *w = vls_mem_new(sizeof *w);
        world_open(w, before);
        struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
        send_many(w, 0, before);
        rewrite(iom, "iom/valise/un/received", 0, UINT64_MAX);
        struct vls_id id = send_one(w, 0, PUBLIC, "The next.");
        assert_int_not_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
        struct alarms a = alarms_of(un);
        assert_int_equal(a.count, 1);
        assert_string_equal(a.kind, VLS_ALARM_FORK);
        assert_int_equal(verdict_of(&a, iom), VLS_FORK_PROVEN);
        assert_stopped(w);
        world_close(w);
        vls_mem_free(w);
    }
}

/* Rewritten to the very size that is known, or shorter and grown again to it. */
static void fork__of_one_size__proven_by_two_signatures(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    send_many(w, 0, 4);
    rewrite(un, "un/valise/iom/sent", 1, 3);
    send_one(w, 0, PUBLIC, "The fourth, again.");
    struct alarms a = alarms_of(iom);
    assert_int_equal(a.count, 1);
    assert_string_equal(a.kind, VLS_ALARM_FORK);
    assert_int_equal(verdict_of(&a, un), VLS_FORK_PROVEN);
}

static void rollback__of_the_partner__caught_by_both(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    send_many(w, 0, 5);
    rewrite(iom, "iom/valise/un/received", 4, 4); /* the fifth is gone */
    send_one(w, 0, PUBLIC, "The next.");
    struct alarms a = alarms_of(iom);
    assert_int_equal(a.count, 1);
    assert_string_equal(a.kind, VLS_ALARM_BEHIND);
    assert_string_equal(a.evidence, "");
    assert_non_null(strstr(a.words, "knows 5 entries"));
    assert_int_equal(alarms_of(un).count, 0); /* it was refused, and has seen nothing itself */
    assert_stopped(w);
}

static void alarm__after_a_crash__is_still_open_and_the_exchange_stopped(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    struct entries e;
    send_one(w, 0, PUBLIC, "One.");
    rewrite(un, "un/valise/iom/sent", 0, UINT64_MAX);
    struct submitted s;
    world_submit(un, "publication", PUBLIC, "", "Two.", &s);
    while (w->alarms == 0)
        world_step(w, 1);
    world_step(w, 4); /* its commit, and the refusal behind it */
    world_crash(iom);
    assert_int_equal(alarms_of(iom).count, 1);
    assert_stopped(w);
    read_entries(iom, &e);
    unsigned entered = 0;
    for (size_t i = 0; i < e.count; i++)
        entered += strcmp(e.read[i].fields->kind, VLS_INTERNAL_ALARM) == 0;
    assert_int_equal(entered, 1);
    assert_signed(iom, &e);
    free_entries(&e);
}

static Valise__OperatorReply *ask_log(struct gateway *g, int verb, const char *note)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorLog log = VALISE__OPERATOR_LOG__INIT;
    log.verb = (Valise__OperatorLog__Verb)verb;
    log.party = (char *)(uintptr_t)(g == &g->world->gateways[0] ? "iom" : "un");
    log.note = (char *)(uintptr_t)note;
    log.with_evidence = log.with_closed = true;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_LOG;
    in.log = &log;
    return world_ask(g, &in);
}

static uint32_t resume(struct gateway *g, const char *note)
{
    Valise__OperatorReply *reply = ask_log(g, VALISE__OPERATOR_LOG__VERB__RESUME, note);
    uint32_t code = reply->outcome->code;
    valise__operator_reply__free_unpacked(reply, NULL);
    return code;
}

static void alarm__closed_with_a_note__exchange_goes_on(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    struct vls_why why = {""};
    send_many(w, 0, 3);
    rewrite(un, "un/valise/iom/sent", 0, UINT64_MAX);
    struct vls_id id = send_one(w, 0, PUBLIC, "Held up.");
    assert_int_equal(alarms_of(iom).count, 1);
    assert_int_equal(resume(iom, ""), VLS_INPUT_MALFORMED);
    assert_int_equal(resume(un, "not stopped"), VLS_STORE_MISSING);
    /* un puts its own log right: the same leaf is changed back */
    if (!vls_ok(rewrite_log(un->store, "un/valise/iom/sent", 0, UINT64_MAX, &why)))
        fail_msg("%s", why.text);
    world_crash(un);
    assert_int_equal(resume(iom, "un restored its log; spoke to its registry"), 0);
    assert_true(alarms_of(iom).closed_ms != 0);
    enum vls_state at = world_state(un, &id);
    if (at == VLS_STATE_HELD)
        assert_true(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(w, 60 * A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    world_crash(iom);
    id = send_one(w, 0, PUBLIC, "And the next.");
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
}

static void alarm__asked_for__shown_with_its_evidence(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    send_many(w, 0, 3);
    rewrite(un, "un/valise/iom/sent", 0, UINT64_MAX);
    send_one(w, 0, PUBLIC, "Caught.");
    Valise__OperatorReply *reply = ask_log(iom, VALISE__OPERATOR_LOG__VERB__ALARMS, "");
    assert_int_equal(reply->n_alarms, 1);
    assert_string_equal(reply->alarms[0]->party, "un");
    assert_int_equal(reply->alarms[0]->closed_ms, 0);
    assert_true(vls_fork_is(vls_slice_text(reply->alarms[0]->evidence)));
    valise__operator_reply__free_unpacked(reply, NULL);
    reply = ask_log(iom, VALISE__OPERATOR_LOG__VERB__ENTRIES, "");
    assert_true(reply->n_entries >= 1);
    valise__operator_reply__free_unpacked(reply, NULL);
}

/* -- bad input --------------------------------------------------------------------------------- */

static void set_checkpoint(char **checkpoint, struct vls_buf *note)
{
    free(*checkpoint);
    *checkpoint = strdup(vls_buf_text(note));
    vls_buf_fini(note);
}

static void extra_lines(char **checkpoint)
{
    char *end = strstr(*checkpoint, "\n\n");
    struct vls_buf note;
    vls_buf_init(&note, VLS_MAX_NOTE);
    assert_true(vls_ok(vls_buf_add_format(&note, "%.*s\nextension%s", (int)(end - *checkpoint),
                                          *checkpoint, end)));
    set_checkpoint(checkpoint, &note);
}

static struct gateway *forged_for;

static void long_origin(char **checkpoint)
{
    struct vls_buf note;
    vls_buf_init(&note, 2u << 20);
    for (size_t i = 0; i < 1u << 20; i += 16)
        assert_true(vls_ok(vls_buf_add_text(&note, "aaaaaaaaaaaaaaaa")));
    assert_true(vls_ok(vls_buf_add_text(&note, strchr(*checkpoint, '\n'))));
    set_checkpoint(checkpoint, &note);
}

/* By a key that nobody knows: the base64 of the key's number is another one. */
static void unknown_key(char **checkpoint)
{
    char *signature = strrchr(*checkpoint, ' ') + 1;
    signature[0] = signature[0] == 'A' ? 'B' : 'A';
}

static void other_size(char **checkpoint)
{
    char *size = strchr(*checkpoint, '\n') + 1;
    size[0] = size[0] == '9' ? '8' : '9';
}

static void drop_hash(Valise__InclusionProof *proof)
{
    if (proof->n_hashes > 0)
        free(proof->hashes[--proof->n_hashes].data);
}

static void proof_of_another_size(void *request)
{
    Valise__ExchangeRequest *r = request;
    for (size_t i = 0; i < r->n_messages; i++)
        drop_hash(r->messages[i]->inclusion);
}

/* As well formed as it was: only the proof can tell. */
static void altered_leaf(void *request)
{
    Valise__ExchangeRequest *r = request;
    for (size_t i = 0; i < r->n_messages; i++) {
        ProtobufCBinaryData *bytes = &r->messages[i]->manifest;
        Valise__Manifest *manifest = valise__manifest__unpack(NULL, bytes->len, bytes->data);
        assert_non_null(manifest);
        manifest->nonce.data[0] ^= 1;
        assert_int_equal(valise__manifest__pack(manifest, bytes->data), bytes->len);
        valise__manifest__free_unpacked(manifest, NULL);
    }
}

static void receipt_of_another_size(void *response)
{
    Valise__ExchangeResponse *r = response;
    for (size_t i = 0; i < r->n_receipts; i++)
        drop_hash(r->receipts[i]->inclusion);
}

/* The last of its nonce: as well formed as it was. */
static void altered_receipt(void *response)
{
    Valise__ExchangeResponse *r = response;
    for (size_t i = 0; i < r->n_receipts; i++)
        r->receipts[i]->record.data[r->receipts[i]->record.len - 1] ^= 1;
}

/* The base64 of what was signed, not of the key's number. */
static void swap_signature(char *line)
{
    char *base64 = strrchr(line, ' ');
    if (base64 != NULL)
        base64[40] = base64[40] == 'A' ? 'B' : 'A';
}

static void swapped_cosignature(void *response)
{
    swap_signature(((Valise__ExchangeResponse *)response)->cosignature);
}

static void (*spoil)(char **checkpoint);

static void spoil_request(void *request)
{
    spoil(&((Valise__ExchangeRequest *)request)->checkpoint);
}

static void spoil_response(void *response)
{
    spoil(&((Valise__ExchangeResponse *)response)->checkpoint);
}

static struct {
    const char *party, *event; /* whose log lines, and which */
    char text[4096];
} reasons;

static void note_reason(struct gateway *g, const char *event, const struct vls_field *fields,
                        size_t count)
{
    size_t len = strlen(reasons.text);
    if (strcmp(g->party, reasons.party) != 0 || strstr(event, reasons.event) == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].key, "why") == 0)
            snprintf(reasons.text + len, sizeof reasons.text - len, "%s\n", fields[i].text);
}

static void assert_reason(size_t number, const char *words)
{
    assert_true(reasons.text[0] != '\0');
    if (strstr(reasons.text, words) == NULL)
        fail_msg("case %zu: %s", number, reasons.text);
}

/* Refused with words that say why, and it is no alarm: nothing of it was signed. */
static void input__bad__refused_with_the_reason_and_without_an_alarm(void **state)
{
    static const struct {
        void (*tamper)(void *);
        void (*spoil)(char **);
        const char *words;
    } CASES[] = {{spoil_request, extra_lines, "extension lines"},
                 {spoil_request, long_origin, "a checkpoint of"},
                 {spoil_request, unknown_key, "no signature by the known key"},
                 {spoil_request, other_size, "does not verify"},
                 {proof_of_another_size, NULL, "inclusion proof"},
                 {altered_leaf, NULL, "inclusion proof"}};
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct world *w = vls_mem_new(sizeof *w);
        world_open(w, i + 1);
        struct gateway *iom = &w->gateways[1];
        send_many(w, 0, 2);
        spoil = CASES[i].spoil;
        w->tamper = CASES[i].tamper;
        w->on_log = note_reason;
        reasons.party = "iom", reasons.event = ".refused", reasons.text[0] = '\0';
        struct vls_id id = send_one(w, 0, PUBLIC, "Not as it was.");
        assert_int_equal(world_state(iom, &id), VLS_STATE_NONE);
        assert_reason(i, CASES[i].words);
        assert_int_equal(alarms_of(iom).count, 0);
        world_close(w);
        vls_mem_free(w);
    }
}

static uint64_t log_size(struct gateway *g, const char *log)
{
    uint64_t size = 0;
    assert_true(vls_ok(vls_store_log_size(g->store, log, &size, NULL)));
    return size;
}

/* No receipt is taken from it. The partner has the message, so the same goes again, once. */
static void answer__bad__refused_with_the_reason_and_nothing_is_lost_or_doubled(void **state)
{
    static const struct {
        void (*tamper)(void *);
        void (*spoil)(char **);
        const char *words;
    } CASES[] = {{spoil_response, extra_lines, "extension lines"},
                 {spoil_response, long_origin, "a checkpoint of"},
                 {spoil_response, unknown_key, "no signature by the known key"},
                 {spoil_response, other_size, "does not verify"},
                 {swapped_cosignature, NULL, "does not verify"},
                 {receipt_of_another_size, NULL, "inclusion proof"},
                 {altered_receipt, NULL, "root"}};
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct world *w = vls_mem_new(sizeof *w);
        world_open(w, i + 1);
        struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
        send_many(w, 0, 2);
        spoil = CASES[i].spoil;
        w->tamper_answer = CASES[i].tamper;
        w->on_log = note_reason;
        reasons.party = "un", reasons.event = "exchange.failed", reasons.text[0] = '\0';
        struct vls_id id = send_one(w, 0, PUBLIC, "Its receipt is not as it was.");
        assert_reason(i, CASES[i].words);
        assert_int_not_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
        w->tamper_answer = NULL;
        world_run(w, 60 * A_WHILE);
        assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
        assert_int_equal(log_size(iom, "iom/valise/un/received"), 3);
        assert_int_equal(alarms_of(un).count + alarms_of(iom).count, 0);
        world_close(w);
        vls_mem_free(w);
    }
}

/* A line in our own name that nobody of us made: in our proof it would be one that does not verify.
 */
static void line_in_our_name(char **checkpoint)
{
    struct vls_note_key key = {.is_cosigner = true};
    uint8_t line[4 + 8 + VLS_ED25519_SIGNATURE] = {0};
    struct vls_buf note;
    vls_buf_init(&note, VLS_MAX_NOTE);
    vls_witness_name("un", key.name);
    world_public_half(forged_for->witness_key, key.key);
    vls_note_key_id(&key, line);
    assert_true(vls_ok(vls_buf_add_format(&note, "%s\xe2\x80\x94 %s ", *checkpoint, key.name)));
    assert_true(vls_ok(vls_base64_add(VLS_SLICE(line, sizeof line), &note)));
    assert_true(vls_ok(vls_buf_add_text(&note, "\n")));
    set_checkpoint(checkpoint, &note);
}

static void note__of_the_partner_with_lines_in_our_name__is_kept_without_them(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct vls_buf note;
    struct vls_digest root;
    struct vls_why why = {""};
    uint64_t size;
    forged_for = un;
    spoil = line_in_our_name;
    w->tamper_answer = spoil_response;
    struct vls_id id = send_one(w, 0, PUBLIC, "One.");
    w->tamper_answer = NULL;
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    vls_buf_init(&note, VLS_MAX_NOTE);
    assert_true(vls_ok(
        vls_store_checkpoint(un->store, "iom/valise/un/received", 1, &size, &root, &note, &why)));
    char *ours = strstr(vls_buf_text(&note), "un/valise/witness"); /* the one that we made */
    assert_non_null(ours);
    assert_null(strstr(ours + 1, "un/valise/witness"));
    assert_null(strstr(vls_buf_text(&note), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    vls_buf_fini(&note);
}

/* Of somebody else, or made later than now: the messages go through, and the line is not kept. */
static void swap_cosignature(void *request)
{
    swap_signature(((Valise__ExchangeRequest *)request)->cosignature);
}

static uint64_t cosigned_size(struct gateway *g, const char *log)
{
    uint64_t size = 0;
    struct vls_why why = {""};
    assert_true(vls_ok(vls_store_cosigned_size(
        g->store, log, log[0] == 'u' ? "iom/valise/witness" : "un/valise/witness", &size, &why)));
    return size;
}

static void cosignature__swapped__not_kept_and_nothing_lost(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0], *iom = &w->gateways[1];
    w->tamper = swap_cosignature;
    struct vls_id id = send_one(w, 0, PUBLIC, "One."), next = send_one(w, 0, PUBLIC, "Two.");
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_state(un, &next), VLS_STATE_RECEIPTED);
    assert_int_equal(cosigned_size(iom, "iom/valise/un/received"), 0);
    w->tamper = NULL;
    send_one(w, 0, PUBLIC, "Three.");
    assert_true(cosigned_size(iom, "iom/valise/un/received") > 0);
}

/* As while one key of a witness follows another: a second line, by a key that is not known yet. */
static void add_unknown_line(void *request)
{
    Valise__ExchangeRequest *r = request;
    const char *base64 = strrchr(r->cosignature, ' ');
    if (base64 == NULL)
        return;
    size_t len = strlen(r->cosignature), id = (size_t)(base64 + 1 - r->cosignature);
    char *both = malloc(2 * len + 1); /* the message frees it */
    assert_non_null(both);
    memcpy(both, r->cosignature, len);
    memcpy(both + len, r->cosignature, len + 1);
    both[id] = both[id] == 'A' ? 'B' : 'A';
    free(r->cosignature);
    r->cosignature = both;
}

static void cosignature__by_two_keys__the_known_one_is_kept(void **state)
{
    struct world *w = *state;
    struct gateway *iom = &w->gateways[1];
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    struct vls_digest root;
    uint64_t size = 0;
    unsigned lines = 0;
    w->tamper = add_unknown_line;
    send_one(w, 0, PUBLIC, "One.");
    send_one(w, 0, PUBLIC, "Two.");
    w->tamper = NULL;
    const uint64_t cosigned_at = cosigned_size(iom, "iom/valise/un/received");
    assert_true(cosigned_at > 0);
    vls_buf_init(&note, VLS_MAX_NOTE);
    assert_true(vls_ok(vls_store_checkpoint(iom->store, "iom/valise/un/received", cosigned_at,
                                            &size, &root, &note, NULL)));
    for (const char *at = vls_buf_text(&note); (at = strstr(at, "un/valise/witness ")) != NULL;
         at++)
        lines++;
    assert_int_equal(lines, 1);
}

static uint64_t ahead_ms; /* of un's clock as a witness */

static void sign_ahead(struct gateway *g, const char *log, uint64_t size, const uint8_t *root,
                       bool is_cosignature)
{
    (void)log;
    (void)size;
    (void)root;
    g->world->ahead_s = is_cosignature ? ahead_ms / 1000 : 0;
}

static void cosignature__from_the_future__not_kept(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    w->on_sign = sign_ahead;
    ahead_ms = 2 * VLS_CLOCK_SKEW_MS;
    struct vls_id id = send_one(w, 0, PUBLIC, "One.");
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    assert_int_equal(cosigned_size(un, "un/valise/iom/sent"), 0);
    ahead_ms = VLS_CLOCK_SKEW_MS / 2;
    send_one(w, 0, PUBLIC, "Two.");
    assert_int_equal(cosigned_size(un, "un/valise/iom/sent"), 2);
    w->on_sign = NULL;
}

/* -- what is cosigned is on disk --------------------------------------------------------------- */

static struct cosigned {
    struct gateway *by;
    char log[VLS_MAX_ORIGIN];
    uint64_t size;
    struct vls_digest root;
    unsigned count, wanted;
} cosigned;

static void note_cosigned(struct gateway *g, const char *log, uint64_t size, const uint8_t *root,
                          bool is_cosignature)
{
    if (!is_cosignature || size == 0 || ++cosigned.count != cosigned.wanted)
        return;
    cosigned.by = g;
    vls_text_copy(cosigned.log, sizeof cosigned.log, log);
    cosigned.size = size;
    vls_copy(cosigned.root.bytes, root, VLS_DIGEST_BYTES);
}

/* The moment that a cosignature is asked for, before any could leave, the power fails: the state
 * that it would have been over is on the disk. */
static void cosignature__asked_for__its_state_is_on_disk(void **state)
{
    (void)state;
    for (unsigned nth = 1; nth <= 12; nth++) {
        struct world *w = vls_mem_new(sizeof *w);
        struct submitted s[8];
        world_open(w, nth);
        w->on_sign = note_cosigned;
        cosigned = (struct cosigned){.wanted = nth};
        for (unsigned i = 0; i < 8; i++)
            world_submit(&w->gateways[i % 2], "publication", PUBLIC, "", "Witness it.", &s[i]);
        for (unsigned step = 0; step < 400 && cosigned.by == NULL; step++)
            world_step(w, 1);
        if (cosigned.by != NULL) {
            struct vls_buf note;
            struct vls_digest root;
            struct vls_why why = {""};
            uint64_t size = 0;
            world_crash(cosigned.by);
            vls_buf_init(&note, VLS_MAX_NOTE);
            assert_true(vls_ok(vls_store_checkpoint(cosigned.by->store, cosigned.log, cosigned.size,
                                                    &size, &root, &note, &why)));
            assert_int_equal(size, cosigned.size);
            assert_memory_equal(root.bytes, cosigned.root.bytes, VLS_DIGEST_BYTES);
            vls_buf_fini(&note);
        } else {
            assert_true(nth > 2);
        }
        w->on_sign = NULL;
        world_close(w);
        vls_mem_free(w);
    }
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(internal__decisions_and_acts__entered_signed_and_provable),
        IN_WORLD(internal__decision__is_the_digest_of_its_record),
        IN_WORLD(internal__act_that_is_refused__leaves_no_entry),
        cmocka_unit_test(internal__crash_at_every_step__heals),
        IN_WORLD(internal__commits_that_fail__take_entries_back_with_the_rest),
        cmocka_unit_test(fork__sent_log_rewritten__caught_with_the_next_batch_and_proven),
        cmocka_unit_test(fork__received_log_rewritten__caught_with_the_next_answer_and_proven),
        IN_WORLD(fork__of_one_size__proven_by_two_signatures),
        IN_WORLD(rollback__of_the_partner__caught_by_both),
        IN_WORLD(alarm__after_a_crash__is_still_open_and_the_exchange_stopped),
        IN_WORLD(alarm__closed_with_a_note__exchange_goes_on),
        IN_WORLD(alarm__asked_for__shown_with_its_evidence),
        cmocka_unit_test(input__bad__refused_with_the_reason_and_without_an_alarm),
        cmocka_unit_test(answer__bad__refused_with_the_reason_and_nothing_is_lost_or_doubled),
        IN_WORLD(note__of_the_partner_with_lines_in_our_name__is_kept_without_them),
        IN_WORLD(cosignature__swapped__not_kept_and_nothing_lost),
        IN_WORLD(cosignature__by_two_keys__the_known_one_is_kept),
        IN_WORLD(cosignature__from_the_future__not_kept),
        cmocka_unit_test(cosignature__asked_for__its_state_is_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
