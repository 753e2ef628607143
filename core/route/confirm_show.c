/*
 * route/confirm_show - what operators are told of who confirms the logs from outside.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/text.h"
#include "policy/explain.h"
#include "route/confirm_internal.h"

#define WORDS 512

/* -- notices of the status --------------------------------------------------------------------- */

size_t vls_confirm_notice_count(const struct vls_route *route)
{
    return route->partner_count + route->o.config->attestation.witnesses_count + 1;
}

static bool is_same(const struct vls_confirmer *c, unsigned witness, bool is_stamp)
{
    return c->is_stamp == is_stamp && (is_stamp || c->witness == witness);
}

/* One notice for one who fails, of however many logs. */
static struct vls_status add_trouble(struct vls_route *route, unsigned witness, bool is_stamp,
                                     struct vls_report *out, Valise__StatusReport *status,
                                     struct vls_why *why)
{
    const struct vls_confirmations *all = route->confirmations;
    const struct vls_confirmer *failed = NULL;
    unsigned logs = 0;
    char words[WORDS];
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->rounds[i].count; k++) {
            const struct vls_confirmer *c = &all->rounds[i].confirmers[k];
            if (!is_same(c, witness, is_stamp) || c->failures == 0)
                continue;
            failed = failed != NULL ? failed : c;
            logs++;
        }
    if (failed == NULL)
        return VLS_DONE;
    snprintf(words, sizeof words, "%s%.100s does not confirm %u log%s, such as %s: %s",
             is_stamp ? "the time stamping authority" : "witness ",
             is_stamp ? "" : all->witnesses[witness].name, logs, logs == 1 ? "" : "s",
             vls_round_origin(failed->round), failed->trouble);
    return vls_report_text(out, words, &status->notices[status->n_notices++], why);
}

/* What still has to come for the newest state. */
static void say_missing(const struct vls_round *round, char *out, size_t room)
{
    const struct vls_confirmations *all = round->route->confirmations;
    unsigned quorum = round->route->o.config->attestation.quorum;
    int len =
        snprintf(out, room, "%llu of its %llu entries are", (unsigned long long)round->covered,
                 (unsigned long long)round->ours->committed);
    if (all->required.is_witnessed && len > 0 && (size_t)len < room)
        snprintf(out + len, room - (size_t)len, "; %zu of the %u witnesses that are needed",
                 round->cosigned, quorum);
}

static struct vls_status add_waiting(const struct vls_round *round, struct vls_report *out,
                                     Valise__StatusReport *status, struct vls_why *why)
{
    char words[WORDS], missing[WORDS / 2];
    if (!vls_round_is_awaited(round) || round->covered >= round->ours->committed)
        return VLS_DONE;
    say_missing(round, missing, sizeof missing);
    snprintf(words, sizeof words, "messages to %s wait until log %s is confirmed: %s",
             round->partner->config->party, round->ours->origin, missing);
    return vls_report_text(out, words, &status->notices[status->n_notices++], why);
}

struct vls_status vls_confirm_notices(struct vls_route *route, struct vls_report *out,
                                      Valise__StatusReport *status, struct vls_why *why)
{
    for (unsigned i = 0; i < route->o.config->attestation.witnesses_count; i++)
        VLS_TRY(add_trouble(route, i, false, out, status, why));
    VLS_TRY(add_trouble(route, 0, true, out, status, why));
    for (size_t i = 0; i < route->confirmations->count; i++)
        VLS_TRY(add_waiting(&route->confirmations->rounds[i], out, status, why));
    return VLS_DONE;
}

bool vls_confirm_is_awaited_by(const struct vls_route *route, const struct vls_message *m,
                               char *out)
{
    for (size_t i = 0; i < route->confirmations->count; i++) {
        const struct vls_round *round = &route->confirmations->rounds[i];
        char missing[WORDS / 2];
        if (!vls_round_is_awaited(round) || m->direction != VLS_OUT ||
            m->state != VLS_STATE_RELEASED || m->log_index == VLS_NO_INDEX ||
            m->log_index < round->covered ||
            !vls_text_is_equal(m->party, round->partner->config->party))
            continue;
        say_missing(round, missing, sizeof missing);
        snprintf(out, VLS_REASON_TEXT,
                 "waits until log %s is confirmed: %s; see 'valise log state'", round->ours->origin,
                 missing);
        return true;
    }
    return false;
}

/* -- one log ----------------------------------------------------------------------------------- */

static const struct vls_round *find_round(const struct vls_route *route, const char *origin)
{
    for (size_t i = 0; i < route->confirmations->count; i++)
        if (vls_text_is_equal(vls_round_origin(&route->confirmations->rounds[i]), origin))
            return &route->confirmations->rounds[i];
    return NULL;
}

static struct vls_status add_failures(const struct vls_round *round, struct vls_report *out,
                                      Valise__LogState *state, struct vls_why *why)
{
    state->unconfirmed =
        vls_arena_take(out->arena, (round->count + 1) * sizeof *state->unconfirmed);
    if (state->unconfirmed == NULL)
        return vls_report_too_large(why);
    for (size_t i = 0; i < round->count; i++) {
        const struct vls_confirmer *c = &round->confirmers[i];
        char words[WORDS];
        if (c->failures == 0)
            continue;
        snprintf(words, sizeof words, "%.100s: %s",
                 c->is_stamp ? "time stamp"
                             : round->route->confirmations->witnesses[c->witness].name,
                 c->trouble);
        VLS_TRY(vls_report_text(out, words, &state->unconfirmed[state->n_unconfirmed++], why));
    }
    return VLS_DONE;
}

struct vls_status vls_confirm_show(struct vls_route *route, const char *origin,
                                   struct vls_report *out, Valise__LogState *state,
                                   struct vls_why *why)
{
    const struct vls_round *round = find_round(route, origin);
    struct vls_store *store = route->o.store;
    struct vls_buf token VLS_DEFER(vls_buf_fini);
    vls_buf_init(&token, VLS_MAX_STAMP);
    VLS_TRY(vls_store_attested_last(store, origin, (struct vls_attested){.is_witnessed = true},
                                    &state->witnessed_size, why));
    VLS_TRY(vls_store_attested_last(store, origin, (struct vls_attested){.is_stamped = true},
                                    &state->stamped_size, why));
    if (state->stamped_size != 0)
        VLS_TRY(
            vls_store_stamp(store, origin, state->stamped_size, &token, &state->stamped_ms, why));
    return round != NULL ? add_failures(round, out, state, why) : VLS_DONE;
}
