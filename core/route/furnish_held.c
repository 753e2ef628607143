/*
 * route/furnish_held - what is asked for, among the documents of own messages: what has left once
 * under the rules, to whomever, is submitted once more, and decided for this partner.
 *
 * From one message, the one that has the most of the languages and of those the newest: so there is
 * one statement of how it is to be handled. What was withheld, held or quarantined is not looked
 * at, and what others sent us neither: passing that on is for its originator to allow.
 */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "document/symbol.h"
#include "route/furnish_internal.h"
#include "route/unseal.h"
#include "store/catalogue.h"
#include "store/details.h"

#define MOST_HOLDINGS 256u

struct candidates {
    struct vls_furnishing *f;
    struct vls_symbol symbol; /* that is asked for */
    struct {
        struct vls_id message;
        uint32_t part;
        int language; /* -1: none of those that are asked for */
    } at[MOST_HOLDINGS];
    size_t count;
};

/* It has left under the rules, and nobody stops it: released, carried or receipted. */
static bool has_left(enum vls_state state)
{
    return state == VLS_STATE_RELEASED || state == VLS_STATE_CARRYING ||
           state == VLS_STATE_UNCERTAIN || state == VLS_STATE_DEFERRED ||
           state == VLS_STATE_RECEIPTED;
}

/* vls_holding_fn: one of those with the same base; STORE_FULL means enough */
static struct vls_status keep(void *ctx, const struct vls_holding *holding,
                              const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct candidates *all = ctx;
    struct vls_furnishing *f = all->f;
    int language = vls_furnish_language(f, holding->language);
    bool is_detailed = false;
    if (name == NULL || strcmp(name->canonical, all->symbol.canonical) != 0 || holding->part == 0 ||
        !has_left(holding->state) || (f->asked->n_languages != 0 && language < 0))
        return VLS_DONE;
    VLS_TRY(vls_store_has_details(f->route->o.store, &holding->id, &is_detailed, why));
    if (is_detailed) /* its label could not be said once more */
        return VLS_DONE;
    all->at[all->count].message = holding->id;
    all->at[all->count].part = holding->part - 1;
    all->at[all->count].language = language;
    return ++all->count < MOST_HOLDINGS ? VLS_DONE : (struct vls_status){VLS_STORE_FULL};
}

/* How many of the languages the message of candidate `i` has. */
static size_t languages_of(const struct candidates *all, size_t i)
{
    uint32_t seen = 0;
    size_t count = 0;
    for (size_t k = 0; k < all->count; k++) {
        uint32_t bit = UINT32_C(1) << (all->at[k].language < 0 ? 31 : all->at[k].language);
        if (!vls_id_is_equal(&all->at[k].message, &all->at[i].message) || (seen & bit) != 0)
            continue;
        seen |= bit;
        count++;
    }
    return count;
}

static size_t best_of(const struct candidates *all)
{
    size_t best = 0;
    for (size_t i = 1; i < all->count; i++)
        if (languages_of(all, i) > languages_of(all, best))
            best = i;
    return best;
}

static bool is_chosen(const struct vls_furnishing *f, int language)
{
    for (size_t i = 0; i < f->held_count; i++)
        if (language >= 0 && f->held_language[i] == language)
            return true;
    return false;
}

static void choose(struct candidates *all)
{
    struct vls_furnishing *f = all->f;
    const struct vls_id message = all->at[best_of(all)].message;
    for (size_t i = 0; i < all->count && f->held_count < VLS_MAX_PARTS; i++) {
        if (!vls_id_is_equal(&all->at[i].message, &message) || is_chosen(f, all->at[i].language))
            continue;
        f->held_parts[f->held_count] = all->at[i].part;
        f->held_language[f->held_count] = all->at[i].language;
        f->held_count++;
    }
}

/* -- its documents ----------------------------------------------------------------------------- */

static void give_up(struct vls_furnishing *f, const char *words)
{
    vls_furnish_say(f, "%s", words);
    f->is_for_person = true;
    vls_furnish_held_done(f);
}

static Valise__Submission *copy_of(const Valise__Submission *stated)
{
    size_t size = valise__submission__get_packed_size(stated);
    uint8_t *bytes = size <= VLS_MAX_FRAME ? vls_mem_try(size + 1) : NULL;
    if (bytes == NULL)
        return NULL;
    valise__submission__pack(stated, bytes);
    Valise__Submission *copy = valise__submission__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    return copy;
}

static struct vls_status take_part(struct vls_furnishing *f, size_t i, struct vls_why *why)
{
    uint32_t number = f->held_parts[i];
    const char *language = f->held_language[i] >= 0 ? f->asked->languages[f->held_language[i]] : "";
    if (number >= f->held_fd_count || number >= f->stated->n_parts)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "a document that is known is not in it");
    const struct vls_furnish_offer offer = {
        .part = f->stated->parts[number],
        .label = f->held->label,
        .digest = VLS_SLICE(f->held->part_digests.at + (size_t)number * VLS_DIGEST_BYTES,
                            VLS_DIGEST_BYTES),
        .abouts = f->stated->about,
        .about_count = f->stated->n_about,
        .number = number + 1,
        .fd = &f->held_fds[number]};
    return vls_furnish_add(f, language, &offer, why);
}

/* vls_answer_fn */
static void on_read(void *ctx, struct vls_status status, const Valise__Frame *frame,
                    struct vls_fds *fds)
{
    struct vls_furnishing *f = ctx;
    struct vls_why why = {""};
    (void)fds;
    if (vls_ok(status))
        status = vls_outcome_status(frame->read_archive_result->outcome, &why);
    if (vls_ok(status) && frame->read_archive_result->stated != NULL)
        f->stated = copy_of(frame->read_archive_result->stated);
    if (f->stated == NULL) {
        give_up(f, "held: what is here could not be read");
        return;
    }
    for (size_t i = 0; i < f->held_count && vls_ok(status); i++)
        status = take_part(f, i, &why);
    if (vls_ok(status))
        vls_furnish_say(f, "held: %zu of %zu are here", f->found, vls_furnish_wanted(f));
    else
        vls_furnish_say(f, "held: %s", why.text);
    vls_furnish_held_done(f);
}

static struct vls_status ask_reader(struct vls_furnishing *f, int archive_fd, struct vls_why *why)
{
    size_t count = f->held->part_digests.len / VLS_DIGEST_BYTES;
    if (count == 0 || count > VLS_MAX_PARTS)
        return vls_fail(VLS_STORE_DAMAGED, why, "its documents are not known");
    f->held_fds = vls_mem_new(count * sizeof *f->held_fds);
    for (size_t i = 0; i < count; i++) {
        f->held_fds[i] = -1;
        f->held_fd_count = i + 1;
        VLS_TRY(vls_content_plain(f->route->o.store, &f->held_fds[i], why));
    }
    return vls_furnish_read(f, &f->held->id, archive_fd, f->held_fds, count, on_read, why);
}

/* vls_unsealed_fn */
static void on_opened(void *ctx, struct vls_status status, const struct vls_why *why, int *fd)
{
    struct vls_furnishing *f = ctx;
    struct vls_why reason = *why;
    if (vls_ok(status))
        status = ask_reader(f, *fd, &reason);
    if (!vls_ok(status))
        give_up(f, "held: what is here could not be opened");
}

static struct vls_status find_of(struct candidates *all, const char *issuer, struct vls_why *why)
{
    vls_symbol_parse(issuer, all->f->asked->symbol, &all->symbol);
    return vls_catalogue_kin(all->f->route->o.store, issuer, all->symbol.base, NULL, VLS_OUT, keep,
                             all, why);
}

/* Who names no issuer means ours, or else one of a partner: the same letters are other documents
 * with each. */
static struct vls_status find_any(struct candidates *all, struct vls_why *why)
{
    const struct vls_config *config = all->f->route->o.config;
    if (all->f->asked->issuer[0] != '\0')
        return find_of(all, all->f->asked->issuer, why);
    VLS_TRY(find_of(all, config->node.party, why));
    for (unsigned i = 0; i < config->partners_count && all->count == 0; i++)
        VLS_TRY(find_of(all, config->partners[i].party, why));
    return VLS_DONE;
}

void vls_furnish_held(struct vls_furnishing *f)
{
    struct vls_why why = {""};
    struct candidates *all VLS_DEFER(vls_mem_freep) = vls_mem_new(sizeof *all);
    all->f = f;
    if (!vls_config_answers_from(f->route->o.config, VLS_ANSWER_HELD)) {
        vls_furnish_held_done(f);
        return;
    }
    struct vls_status s = find_any(all, &why);
    if (vls_ok(s) && all->count == 0) {
        vls_furnish_say(f, "held: nothing is here");
        vls_furnish_held_done(f);
        return;
    }
    if (vls_ok(s)) {
        choose(all);
        s = vls_store_get(f->route->o.store, &all->at[best_of(all)].message, &f->held, &why);
    }
    if (vls_ok(s))
        s = vls_route_unseal(f->route, f->held, on_opened, f, &why);
    if (!vls_ok(s))
        give_up(f, "held: what is here could not be opened");
}
