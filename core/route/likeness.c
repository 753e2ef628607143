#include "route/likeness.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "document/identity.h"
#include "document/shingle.h"
#include "envelope/about.h"
#include "route/catalogue.h"

#define PERCENT 100.0

const char *vls_likeness_name(uint32_t like)
{
    static const char *const NAMES[] = {"", "bytes", "identity", "text"};
    return NAMES[like < sizeof NAMES / sizeof NAMES[0] ? like : 0];
}

/* One document of the submission, and what is found for it. */
struct looking {
    struct vls_route *route;
    Valise__About about; /* of this document */
    struct vls_symbol symbol;
    const char *printed; /* the symbol under way */
    struct vls_slice minhash;
    struct vls_likeness_found *found;
    enum vls_stands best;
    double nearest;
};

/* What was stopped here did not get there. */
static bool is_with_partner(const struct vls_holding *h)
{
    return h->direction == VLS_IN ||
           (h->state != VLS_STATE_WITHHELD && h->state != VLS_STATE_QUARANTINED &&
            h->state != VLS_STATE_RETURNED);
}

static const char *way_of(const struct vls_holding *h)
{
    return h->direction == VLS_IN ? "received from the partner as" : "sent as";
}

static void say_how_it_stands(struct looking *l, const struct vls_holding *h,
                              struct vls_standing standing, const char *other)
{
    char id[VLS_ID_TEXT], which[VLS_MAX_LANGUAGE + 4] = "";
    vls_id_text(&h->id, id);
    if (h->language[0] != '\0')
        snprintf(which, sizeof which, " (%.35s)", h->language);
    snprintf(l->found->advice, sizeof l->found->advice, "%s %s %s%s, %s %s", l->printed,
             vls_standing_words(standing), other, which, way_of(h), id);
}

/* -- by symbol --------------------------------------------------------------------------------- */

/* Which of several is said: the lower the number of a standing, the more it says. */
static bool says_more(enum vls_stands how, enum vls_stands best)
{
    return how != VLS_STANDS_APART && how != VLS_STANDS_KIN &&
           (best == VLS_STANDS_APART || how < best);
}

/* vls_holding_fn */
static struct vls_status look_at_kin(void *ctx, const struct vls_holding *h,
                                     const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct looking *l = ctx;
    struct vls_symbol other;
    (void)why;
    if (!is_with_partner(h))
        return VLS_DONE;
    vls_symbol_parse(h->issuer, name->printed, &other);
    const struct vls_identity mine = {l->about.issuer, &l->symbol, l->about.language, NULL};
    const struct vls_identity theirs = {h->issuer, &other, h->language, NULL};
    struct vls_standing standing = vls_identity_relate(&mine, &theirs);
    if (!says_more(standing.how, l->best))
        return VLS_DONE;
    l->best = standing.how;
    say_how_it_stands(l, h, standing, name->printed);
    if (standing.how == VLS_STANDS_SAME) {
        l->found->like = VLS_LIKENESS_IDENTITY;
        l->found->other = h->id;
        return (struct vls_status){VLS_STORE_FULL}; /* enough */
    }
    return VLS_DONE;
}

static struct vls_status by_symbols(struct looking *l, const char *party, struct vls_why *why)
{
    for (size_t i = 0; i < l->about.n_symbols && l->best != VLS_STANDS_SAME; i++) {
        l->printed = l->about.symbols[i];
        vls_symbol_parse(l->about.issuer, l->printed, &l->symbol);
        VLS_TRY(vls_catalogue_kin(l->route->o.store, l->about.issuer, l->symbol.base, party, 0,
                                  look_at_kin, l, why));
    }
    return VLS_DONE;
}

/* -- by text ----------------------------------------------------------------------------------- */

/* vls_holding_fn */
static struct vls_status look_at_text(void *ctx, const struct vls_holding *h,
                                      const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct looking *l = ctx;
    char id[VLS_ID_TEXT];
    (void)name;
    (void)why;
    if (!is_with_partner(h) || h->minhash.len != VLS_MINHASH_BYTES ||
        !vls_language_is_same(l->about.language, h->language))
        return VLS_DONE;
    double likeness = vls_minhash_likeness(l->minhash.at, h->minhash.at);
    if (likeness < VLS_MINHASH_NEAR || likeness <= l->nearest)
        return VLS_DONE;
    l->nearest = likeness;
    l->found->like = VLS_LIKENESS_TEXT;
    l->found->other = h->id;
    vls_id_text(&h->id, id);
    snprintf(l->found->advice, sizeof l->found->advice,
             "about %.0f %% of its words in a row are those of a document %s %s",
             likeness * PERCENT, way_of(h), id);
    return VLS_DONE;
}

static struct vls_status by_text(struct looking *l, const char *party, struct vls_why *why)
{
    uint64_t bands[VLS_MINHASH_BANDS];
    if (l->minhash.len == 0)
        return VLS_DONE;
    vls_minhash_bands(l->minhash.at, bands);
    return vls_catalogue_candidates(l->route->o.store, bands, party, 0, look_at_text, l, why);
}

/* -- a submission ------------------------------------------------------------------------------ */

static struct vls_status look(struct vls_route *route, const Valise__Submission *in, uint32_t part,
                              struct vls_likeness_found *out, struct vls_why *why)
{
    struct looking l = {.route = route, .found = out, .best = VLS_STANDS_APART};
    vls_about_merge(vls_abouts_of(in->about, in->n_about, 0),
                    vls_abouts_of(in->about, in->n_about, part), &l.about);
    l.minhash = vls_catalogue_fingerprint(in->fingerprints, in->n_fingerprints, part);
    VLS_TRY(by_symbols(&l, in->to, why));
    return l.best == VLS_STANDS_APART ? by_text(&l, in->to, why) : VLS_DONE;
}

struct vls_status vls_likeness_find(struct vls_route *route, const Valise__Submission *in,
                                    const struct vls_id *bytes_of, struct vls_likeness_found *out,
                                    struct vls_why *why)
{
    char id[VLS_ID_TEXT];
    *out = (struct vls_likeness_found){.like = VLS_LIKENESS_NONE};
    if (bytes_of != NULL) {
        vls_id_text(bytes_of, id);
        out->like = VLS_LIKENESS_BYTES;
        out->other = *bytes_of;
        snprintf(out->advice, sizeof out->advice, "the same bytes were sent as %s", id);
        return VLS_DONE;
    }
    for (uint32_t part = 1; part <= in->n_parts && out->like == VLS_LIKENESS_NONE; part++) {
        struct vls_likeness_found found = {.like = VLS_LIKENESS_NONE};
        VLS_TRY(look(route, in, part, &found, why));
        if (found.like != VLS_LIKENESS_NONE || out->advice[0] == '\0')
            *out = found;
    }
    return VLS_DONE;
}
