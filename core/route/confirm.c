#include "route/confirm.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "route/confirm_internal.h"
#include "route/internal.h"

static const struct vls_config_attestation *config_of(const struct vls_route *route)
{
    return &route->o.config->attestation;
}

const char *vls_round_origin(const struct vls_round *round)
{
    return round->ours != NULL ? round->ours->origin : round->theirs->origin;
}

uint64_t vls_round_latest(const struct vls_round *round)
{
    return round->ours != NULL ? round->ours->kept : round->theirs->size;
}

bool vls_round_is_awaited(const struct vls_round *round)
{
    return round->route->confirmations->is_required && round->partner != NULL &&
           round->ours == &round->partner->sent;
}

/* -- rounds ------------------------------------------------------------------------------------ */

unsigned *vls_confirmer_calls(const struct vls_confirmer *c)
{
    const struct vls_route *route = c->round->route;
    return &route->confirmations
                ->under_way[c->is_stamp ? config_of(route)->witnesses_count : c->witness];
}

/* Everybody was heard, or has failed at least once; or messages wait, and may go: then nobody waits
 * for who is slow. */
static bool is_settled(const struct vls_round *round)
{
    if (round->at.size != 0 && vls_round_is_awaited(round) && round->covered >= round->at.size)
        return true;
    for (size_t i = 0; i < round->count && round->at.size != 0; i++)
        if (!round->confirmers[i].is_done && round->confirmers[i].failures == 0)
            return false;
    return round->under_way == 0;
}

/* When the next round may begin; UINT64_MAX: there is nothing for it to be about. */
static uint64_t next_round_ms(const struct vls_round *round)
{
    if (vls_round_latest(round) <= round->at.size || !is_settled(round))
        return UINT64_MAX;
    if (round->at.size == 0 || vls_round_is_awaited(round))
        return round->retry_ms;
    return round->began_ms + (uint64_t)config_of(round->route)->every_s * 1000;
}

/* A smaller quorum than before may be complete with what is there. */
static struct vls_status mark_witnessed(struct vls_round *round, struct vls_why *why)
{
    struct vls_route *route = round->route;
    unsigned quorum = config_of(route)->quorum;
    if (quorum == 0 || round->cosigned < quorum)
        return VLS_DONE;
    VLS_TRY(vls_route_begin(route, why));
    return vls_store_witnessed(route->o.store, round->at.origin, round->at.size,
                               vls_route_wall(route), why);
}

/* Who has confirmed this checkpoint already, as after a restart within a round. */
static struct vls_status look_back(struct vls_round *round, struct vls_slice note,
                                   struct vls_why *why)
{
    struct vls_confirmations *all = round->route->confirmations;
    struct vls_buf token VLS_DEFER(vls_buf_fini);
    uint64_t time;
    vls_buf_init(&token, VLS_MAX_STAMP);
    round->cosigned = 0;
    for (size_t i = 0; i < round->count; i++) {
        struct vls_confirmer *c = &round->confirmers[i];
        struct vls_status s =
            c->is_stamp ? vls_store_stamp(round->route->o.store, vls_round_origin(round),
                                          round->at.size, &token, &time, NULL)
                        : vls_cosignature_verify(note, &round->at, &all->witnesses[c->witness],
                                                 &time, NULL);
        if (c->is_stamp && !vls_ok(s) && s.code != VLS_STORE_MISSING)
            return vls_fail(s.code, why, "log %s: its time stamp cannot be read",
                            vls_round_origin(round));
        c->is_done = vls_ok(s);
        c->has_answered_stale = false;
        if (c->is_done && !c->is_stamp) {
            c->known = round->at.size;
            round->cosigned++;
        }
    }
    return mark_witnessed(round, why);
}

static struct vls_status begin(struct vls_round *round, struct vls_why *why)
{
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    struct vls_buf bare VLS_DEFER(vls_buf_fini);
    vls_buf_init(&note, VLS_MAX_NOTE);
    vls_buf_init(&bare, VLS_MAX_NOTE);
    vls_text_copy(round->at.origin, sizeof round->at.origin, vls_round_origin(round));
    VLS_TRY(vls_store_checkpoint(round->route->o.store, round->at.origin, vls_round_latest(round),
                                 &round->at.size, &round->at.root, &note, why));
    VLS_TRY(vls_checkpoint_signed(vls_buf_slice(&note), &bare, why));
    vls_mem_free(round->note);
    round->note = vls_mem_dup(vls_buf_text(&bare));
    return look_back(round, vls_buf_slice(&note), why);
}

/* The last checkpoint that has what is required. */
static struct vls_status look_covered(struct vls_round *round, struct vls_why *why)
{
    uint64_t size;
    if (!vls_round_is_awaited(round))
        return VLS_DONE;
    VLS_TRY(vls_store_attested_last(round->route->o.store, vls_round_origin(round),
                                    round->route->confirmations->required, &size, why));
    if (size > round->covered) {
        round->covered = size;
        round->partner->confirmed_ms = 0;
    }
    return VLS_DONE;
}

/* -- when -------------------------------------------------------------------------------------- */

/* Our "sent" log has entries that are not under a checkpoint yet, and messages wait for one. */
static uint64_t next_signature_ms(const struct vls_round *round)
{
    if (!vls_round_is_awaited(round) || round->is_signing || round->partner->is_stopped ||
        round->ours->committed <= round->ours->kept || !is_settled(round))
        return UINT64_MAX;
    return round->retry_ms;
}

static uint64_t next_call_ms(const struct vls_confirmer *c)
{
    if (c->round->at.size == 0 || c->is_done || c->is_under_way ||
        *vls_confirmer_calls(c) >= VLS_MAX_CONFIRMING)
        return UINT64_MAX;
    return c->next_ms;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t vls_confirm_next_ms(const struct vls_route *route)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < route->confirmations->count; i++) {
        const struct vls_round *round = &route->confirmations->rounds[i];
        next = earlier(next, earlier(next_round_ms(round), next_signature_ms(round)));
        for (size_t k = 0; k < round->count; k++)
            next = earlier(next, next_call_ms(&round->confirmers[k]));
    }
    return next;
}

static void start(struct vls_round *round)
{
    struct vls_route *route = round->route;
    uint64_t now = vls_route_steady(route);
    struct vls_why why = {""};
    struct vls_status s = look_covered(round, &why);
    if (vls_ok(s) && next_signature_ms(round) <= now)
        vls_round_sign(round);
    if (vls_ok(s) && next_round_ms(round) <= now) {
        round->began_ms = now;
        s = begin(round, &why);
    }
    if (!vls_ok(s)) {
        round->at.size = 0;
        round->retry_ms = now + VLS_CONFIRM_RETRY_MS;
        vls_route_log(route, VLS_LOG_ERROR, "confirm.not_begun",
                      VLS_F("log", vls_round_origin(round)), VLS_FAILURE(s, &why));
        return;
    }
    for (size_t i = 0; i < round->count; i++)
        if (next_call_ms(&round->confirmers[i]) <= now)
            vls_confirmer_ask(&round->confirmers[i]);
}

/* What messages wait for goes first; of the others another one each time, so that who is slow holds
 * up none of them for good. */
void vls_confirm_start(struct vls_route *route)
{
    struct vls_confirmations *all = route->confirmations;
    for (size_t i = 0; i < all->count; i++)
        if (vls_round_is_awaited(&all->rounds[i]))
            start(&all->rounds[i]);
    for (size_t i = 0; i < all->count; i++) {
        struct vls_round *round = &all->rounds[(all->turn + i) % all->count];
        if (!vls_round_is_awaited(round))
            start(round);
    }
    all->turn++;
}

void vls_confirm_retry(struct vls_route *route)
{
    for (size_t i = 0; i < route->confirmations->count; i++)
        for (size_t k = 0; k < route->confirmations->rounds[i].count; k++)
            route->confirmations->rounds[i].confirmers[k].next_ms = 0;
}

/* What is under way is answered into a round that is not there any more. */
void vls_confirm_reload(struct vls_route *route)
{
    for (size_t i = 0; i < route->confirmations->count; i++)
        route->confirmations->rounds[i].at.size = 0;
}

/* -- what waits for it ------------------------------------------------------------------------- */

bool vls_confirm_is_required(const struct vls_route *route)
{
    return route->confirmations->is_required;
}

struct vls_status vls_confirm_checkpoint(const struct vls_partner *partner,
                                         struct vls_checkpoint *out, struct vls_why *why)
{
    const struct vls_confirmations *all = partner->route->confirmations;
    struct vls_store *store = partner->route->o.store;
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    uint64_t size;
    vls_buf_init(&note, VLS_MAX_NOTE);
    VLS_TRY(vls_store_attested_last(store, partner->sent.origin, all->required, &size, why));
    if (size == 0 || size < partner->cosigned_size)
        return vls_fail(VLS_STORE_MISSING, why, "log %s: no checkpoint has what is required yet",
                        partner->sent.origin);
    vls_text_copy(out->origin, sizeof out->origin, partner->sent.origin);
    return vls_store_checkpoint(store, out->origin, size, &out->size, &out->root, &note, why);
}

/* -- open and close ---------------------------------------------------------------------------- */

/* Below a note nobody could tell two of one name apart, nor a witness that is called like a log. */
static bool is_taken(const char *name, const char *party)
{
    size_t len = strlen(party);
    return strncmp(name, party, len) == 0 && strncmp(name + len, "/valise/", 8) == 0;
}

static struct vls_status read_witness(const struct vls_route *route, unsigned number,
                                      struct vls_why *why)
{
    const struct vls_config *config = route->o.config;
    struct vls_note_key *keys = route->confirmations->witnesses, *key = &keys[number];
    struct vls_why words = {""};
    char place[64];
    snprintf(place, sizeof place, "attestation.witnesses[%u].key", number);
    if (!vls_ok(vls_note_key_read(config->attestation.witnesses[number].key, key, &words)))
        return vls_config_complain(config, place, why, "%s", words.text);
    bool is_ours = is_taken(key->name, config->node.party);
    for (unsigned i = 0; i < config->partners_count; i++)
        is_ours = is_ours || is_taken(key->name, config->partners[i].party);
    if (is_ours)
        return vls_config_complain(config, place, why,
                                   "'%.60s' is a name of a partner's or of this node's; a witness "
                                   "is somebody else",
                                   key->name);
    for (unsigned i = 0; i < number; i++)
        if (memcmp(keys[i].key, key->key, sizeof key->key) == 0)
            return vls_config_complain(config, place, why,
                                       "is the key of '%.60s' under another "
                                       "name: one witness does not count twice",
                                       keys[i].name);
    return VLS_DONE;
}

static struct vls_status read_witnesses(struct vls_route *route, struct vls_why *why)
{
    const struct vls_config_attestation *config = config_of(route);
    struct vls_confirmations *all = route->confirmations;
    all->under_way = vls_mem_new((config->witnesses_count + 1) * sizeof *all->under_way);
    all->witnesses = vls_mem_new((config->witnesses_count + 1) * sizeof *all->witnesses);
    for (unsigned i = 0; i < config->witnesses_count; i++)
        VLS_TRY(read_witness(route, i, why));
    return VLS_DONE;
}

/* Where nobody confirms the log there is none: every commit looks at all of them. */
static void add_round(struct vls_route *route, struct vls_partner *partner,
                      const struct vls_log *ours, const struct vls_their_log *theirs)
{
    const struct vls_config_attestation *config = config_of(route);
    bool has_tsa = *config->tsa_url != '\0';
    if (!has_tsa && (ours == NULL || config->witnesses_count == 0))
        return;
    struct vls_round *round = &route->confirmations->rounds[route->confirmations->count++];
    *round = (struct vls_round){.route = route, .partner = partner, .ours = ours, .theirs = theirs};
    round->confirmers = vls_mem_new((config->witnesses_count + 1) * sizeof *round->confirmers);
    if (ours != NULL)
        for (unsigned i = 0; i < config->witnesses_count; i++)
            round->confirmers[round->count++] =
                (struct vls_confirmer){.round = round, .witness = i};
    if (has_tsa)
        round->confirmers[round->count++] =
            (struct vls_confirmer){.round = round, .is_stamp = true};
}

struct vls_status vls_confirm_open(struct vls_route *route, struct vls_why *why)
{
    struct vls_confirmations *all = vls_mem_new(sizeof *all);
    route->confirmations = all;
    all->required = (struct vls_attested){
        .is_witnessed = vls_config_requires(route->o.config, VLS_REQUIRED_WITNESSES),
        .is_stamped = vls_config_requires(route->o.config, VLS_REQUIRED_TIME)};
    all->is_required = all->required.is_witnessed || all->required.is_stamped;
    all->rounds = vls_mem_new((1 + 4 * route->partner_count) * sizeof *all->rounds);
    VLS_TRY(read_witnesses(route, why));
    add_round(route, NULL, vls_internal_tree(route), NULL);
    for (size_t i = 0; i < route->partner_count; i++) {
        struct vls_partner *partner = &route->partners[i];
        add_round(route, partner, &partner->sent, NULL);
        add_round(route, partner, &partner->received, NULL);
        add_round(route, partner, NULL, &partner->their_sent);
        add_round(route, partner, NULL, &partner->their_received);
    }
    return VLS_DONE;
}

void vls_confirm_close(struct vls_route *route)
{
    struct vls_confirmations *all = route->confirmations;
    if (all == NULL)
        return;
    for (size_t i = 0; i < all->count; i++) {
        vls_mem_free(all->rounds[i].note);
        vls_mem_free(all->rounds[i].confirmers);
    }
    vls_mem_free(all->rounds);
    vls_mem_free(all->witnesses);
    vls_mem_free(all->under_way);
    vls_mem_free(all);
    route->confirmations = NULL;
}
