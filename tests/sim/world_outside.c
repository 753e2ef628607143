#include "world_outside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/proof.h"

static const char *const NAMES[OUTSIDE_WITNESSES] = {"w1.example.org", "w2.example.org",
                                                     "w3.example.org"};

static struct vls_note_key key_of(const struct world_witness *w)
{
    struct vls_note_key key = {.is_cosigner = true};
    vls_text_copy(key.name, sizeof key.name, w->name);
    world_public_half(w->key, key.key);
    return key;
}

void outside_open(struct world_outside *o, struct gateway *g, unsigned quorum, bool has_tsa)
{
    *o = (struct world_outside){.stamped = 0};
    for (size_t i = 0; i < OUTSIDE_WITNESSES; i++) {
        struct world_witness *w = &o->witnesses[i];
        struct vls_buf text;
        vls_buf_init(&text, sizeof w->vkey);
        w->key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        vls_text_copy(w->name, sizeof w->name, NAMES[i]);
        struct vls_note_key key = key_of(w);
        assert_true(vls_ok(vls_note_key_text(&key, &text)));
        vls_text_copy(w->vkey, sizeof w->vkey, vls_buf_text(&text));
        vls_buf_fini(&text);
        o->config[i] = (struct vls_config_witness){.key = w->vkey};
    }
    g->world->outside = o;
    g->config.attestation.every_s = 60;
    g->config.attestation.quorum = quorum;
    g->config.attestation.witnesses = o->config;
    g->config.attestation.witnesses_count = quorum != 0 ? OUTSIDE_WITNESSES : 0;
    if (has_tsa)
        g->config.attestation.tsa_url = (char *)(uintptr_t) "https://tsa.example.org";
}

void outside_close(struct world_outside *o)
{
    for (size_t i = 0; i < OUTSIDE_WITNESSES; i++)
        EVP_PKEY_free(o->witnesses[i].key);
}

struct world_seen *outside_seen(struct world_witness *witness, const char *origin)
{
    for (size_t i = 0; i < OUTSIDE_LOGS; i++)
        if (strcmp(witness->seen[i].origin, origin) == 0)
            return &witness->seen[i];
    return NULL;
}

static struct world_seen *seen_or_new(struct world_witness *witness, const char *origin)
{
    struct world_seen *seen = outside_seen(witness, origin);
    if (seen == NULL) {
        seen = outside_seen(witness, "");
        assert_non_null(seen);
        vls_text_copy(seen->origin, sizeof seen->origin, origin);
    }
    return seen;
}

/* What the edge makes of a witness's answer. */
static uint32_t cosign(struct world_witness *w, struct gateway *g, const Valise__WitnessRequest *in,
                       Valise__WitnessResult *result, struct vls_buf *line)
{
    struct vls_checkpoint c;
    struct vls_note_key log = {.is_cosigner = false}, key = key_of(w);
    struct vls_proof proof = {.count = in->n_hashes};
    assert_true(vls_ok(vls_checkpoint_read(vls_slice_text(in->note), &c, NULL)));
    vls_text_copy(log.name, sizeof log.name, c.origin);
    world_public_half(g->log_key, log.key);
    assert_true(vls_ok(vls_checkpoint_verify(vls_slice_text(in->note), &log, &c, NULL)));
    for (size_t i = 0; i < in->n_hashes; i++)
        assert_true(vls_ok(
            vls_digest_from(VLS_SLICE(in->hashes[i].data, in->hashes[i].len), &proof.hashes[i])));
    struct world_seen *seen = seen_or_new(w, c.origin);
    result->size = seen->size;
    if (in->old_size != seen->size)
        return VLS_ATTEST_STALE;
    if (!vls_ok(vls_proof_consistency(&proof, seen->size, &seen->root, c.size, &c.root, NULL)))
        return VLS_ATTEST_CONTRADICTED;
    seen->size = c.size;
    seen->root = c.root;
    w->cosigned++;
    assert_true(vls_ok(vls_checkpoint_cosign(&c, g->world->now_ms / 1000 + w->ahead_s, &key,
                                             world_sign_bytes, w->key, line, NULL)));
    result->cosignature = (char *)(uintptr_t)vls_buf_text(line);
    return VLS_OK;
}

void world_play_witness(struct gateway *g, const struct question *q,
                        const Valise__WitnessRequest *in)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__WitnessResult result = VALISE__WITNESS_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    struct world_witness *w = &g->world->outside->witnesses[in->witness];
    struct vls_buf line;
    vls_buf_init(&line, VLS_MAX_NOTE);
    w->asked++;
    outcome.code = w->is_away ? VLS_ATTEST_UNREACHABLE : cosign(w, g, in, &result, &line);
    result.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_WITNESS_RESULT;
    frame.witness_result = &result;
    world_answer_after(g->world, q, &frame, w->slow_ms);
    vls_buf_fini(&line);
}

void world_play_stamp(struct gateway *g, const struct question *q, const Valise__StampRequest *in)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__StampResult result = VALISE__STAMP_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    struct world_outside *o = g->world->outside;
    outcome.code = o->is_tsa_away ? VLS_ATTEST_UNREACHABLE : VLS_OK;
    if (outcome.code == VLS_OK) {
        o->stamped++;
        result.token = in->digest;
        result.time_ms = g->world->now_ms;
    }
    result.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_STAMP_RESULT;
    frame.stamp_result = &result;
    world_answer_later(g->world, q, &frame, -1);
}
