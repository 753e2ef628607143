#include "route/catalogue.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "document/shingle.h"
#include "document/symbol.h"
#include "envelope/about.h"

#define MAX_WORDS 8192 /* of one column in search form */

struct vls_slice vls_catalogue_fingerprint(Valise__Fingerprint *const *fingerprints, size_t count,
                                           size_t part)
{
    for (size_t i = 0; i < count; i++)
        if (fingerprints[i]->part == part && fingerprints[i]->minhash.len == VLS_MINHASH_BYTES &&
            strcmp(fingerprints[i]->method, VLS_MINHASH_METHOD) == 0)
            return vls_bytes(fingerprints[i]->minhash);
    return VLS_SLICE(NULL, 0);
}

/* -- names and words of one document ----------------------------------------------------------- */

struct document {
    Valise__About about; /* borrows */
    struct vls_symbol symbols[VLS_MAX_SYMBOLS], others[VLS_MAX_RELATIONS];
    struct vls_catalogue_name names[VLS_MAX_SYMBOLS], relations[VLS_MAX_RELATIONS];
    struct vls_buf words[4], packed; /* symbols, title, bodies, subjects */
};

static void document_init(struct document *d)
{
    for (size_t i = 0; i < sizeof d->words / sizeof d->words[0]; i++)
        vls_buf_init(&d->words[i], MAX_WORDS);
    vls_buf_init(&d->packed, VLS_MAX_ABOUT);
}

static void document_fini(struct document *d)
{
    for (size_t i = 0; i < sizeof d->words / sizeof d->words[0]; i++)
        vls_buf_fini(&d->words[i]);
    vls_buf_fini(&d->packed);
}

static struct vls_catalogue_name name_of(const struct vls_symbol *symbol, uint32_t relates)
{
    return (struct vls_catalogue_name){.printed = symbol->printed,
                                       .canonical = symbol->canonical,
                                       .base = symbol->base,
                                       .relates = relates,
                                       .reissue = symbol->reissue};
}

static void read_symbols(struct document *d)
{
    const Valise__About *a = &d->about;
    for (size_t i = 0; i < a->n_symbols; i++) {
        vls_symbol_parse(a->issuer, a->symbols[i], &d->symbols[i]);
        d->names[i] = name_of(&d->symbols[i], 0);
    }
    for (size_t i = 0; i < a->n_relations; i++) {
        vls_symbol_parse(a->issuer, a->relations[i]->symbol, &d->others[i]);
        d->relations[i] = name_of(&d->others[i], a->relations[i]->relates);
    }
}

/* What does not fit any more is not searched for: that is no reason to refuse a message. */
static void add_words(char *const *texts, size_t count, struct vls_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        if (out->len > 0 && !vls_ok(vls_buf_add_text(out, " ")))
            return;
        if (!vls_ok(vls_text_search_form(texts[i], false, out)))
            return;
    }
}

static struct vls_status pack(struct document *d, struct vls_why *why)
{
    uint8_t *at;
    size_t len = valise__about__get_packed_size(&d->about);
    if (!vls_ok(vls_buf_reserve(&d->packed, len, &at)))
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for what a document is");
    valise__about__pack(&d->about, at);
    vls_buf_took(&d->packed, len);
    return VLS_DONE;
}

static void take_words(struct document *d)
{
    Valise__About *a = &d->about;
    add_words(a->symbols, a->n_symbols, &d->words[0]);
    add_words(&a->title, 1, &d->words[1]);
    add_words(a->bodies, a->n_bodies, &d->words[2]);
    add_words(a->subjects, a->n_subjects, &d->words[3]);
}

/* -- entering ---------------------------------------------------------------------------------- */

static struct vls_status enter(struct vls_route *route, const struct vls_catalogue_entry *e,
                               size_t i, struct document *d, struct vls_slice minhash,
                               struct vls_why *why)
{
    const char *label = e->label_of(e->ctx, i);
    const Valise__About *a = &d->about;
    struct vls_holding h = {.id = *e->id,
                            .part = (uint32_t)i + 1,
                            .direction = e->direction,
                            .party = e->party,
                            .kind = e->kind,
                            .label = label[0] != '\0' ? label : e->label,
                            .name = e->name_of(e->ctx, i),
                            .issuer = a->issuer,
                            .language = a->language,
                            .title = a->title[0] != '\0' ? a->title : e->title,
                            .published = a->published,
                            .held_ms = e->held_ms,
                            .digest = e->digest_of(e->ctx, i),
                            .minhash = minhash};
    struct vls_holding_more more = {.symbols = d->names,
                                    .symbol_count = a->n_symbols,
                                    .relations = d->relations,
                                    .relation_count = a->n_relations};
    d->about.title = vls_field_text(h.title);
    read_symbols(d);
    take_words(d);
    VLS_TRY(pack(d, why));
    h.about = vls_buf_slice(&d->packed);
    more.text_symbols = vls_buf_text(&d->words[0]);
    more.text_title = vls_buf_text(&d->words[1]);
    more.text_bodies = vls_buf_text(&d->words[2]);
    more.text_subjects = vls_buf_text(&d->words[3]);
    if (minhash.len != 0)
        vls_minhash_bands(minhash.at, more.bands);
    return vls_catalogue_add(route->o.store, &h, &more, why);
}

struct vls_status vls_catalogue_enter(struct vls_route *route, const struct vls_catalogue_entry *e,
                                      struct vls_why *why)
{
    const Valise__About *whole = vls_abouts_of(e->abouts, e->about_count, 0);
    struct vls_status s = VLS_DONE;
    for (size_t i = 0; i < e->part_count && vls_ok(s); i++) {
        struct vls_slice minhash =
            vls_catalogue_fingerprint(e->fingerprints, e->fingerprint_count, i + 1);
        struct document *d = vls_mem_new(sizeof *d);
        document_init(d);
        vls_about_merge(whole, vls_abouts_of(e->abouts, e->about_count, (uint32_t)i + 1),
                        &d->about);
        if (!vls_about_is_empty(&d->about) || e->title[0] != '\0' || minhash.len != 0)
            s = enter(route, e, i, d, minhash, why);
        document_fini(d);
        vls_mem_free(d);
    }
    return s;
}

/* -- received ---------------------------------------------------------------------------------- */

static const char *held_name(const void *ctx, size_t i)
{
    return ((const Valise__DeliverResult *)ctx)->held[i]->name;
}

static const char *held_label(const void *ctx, size_t i)
{
    return ((const Valise__DeliverResult *)ctx)->held[i]->label;
}

static struct vls_slice held_digest(const void *ctx, size_t i)
{
    struct vls_slice digest = vls_bytes(((const Valise__DeliverResult *)ctx)->held[i]->digest);
    return digest.len == VLS_DIGEST_BYTES ? digest : VLS_SLICE(NULL, 0);
}

static struct vls_status check_told(const Valise__DeliverResult *told, struct vls_why *why)
{
    if (told->n_held > VLS_MAX_PARTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu documents", told->n_held);
    for (size_t i = 0; i < told->n_held; i++) {
        if (!vls_text_is_file_name(told->held[i]->name))
            return vls_fail(VLS_INPUT_MALFORMED, why, "a document whose name is none");
        VLS_TRY(vls_text_check("label", told->held[i]->label, VLS_MAX_LABEL_TEXT, why));
    }
    return vls_abouts_check(told->about, told->n_about, told->n_held, why);
}

struct vls_status vls_catalogue_delivered(struct vls_route *route, const struct vls_message *m,
                                          const char *plugin, const Valise__DeliverResult *told,
                                          struct vls_why *why)
{
    struct vls_why words = {""};
    const struct vls_catalogue_entry entry = {.id = &m->id,
                                              .direction = VLS_IN,
                                              .party = m->party,
                                              .kind = m->kind,
                                              .label = m->label,
                                              .title = "",
                                              .held_ms = vls_route_wall(route),
                                              .abouts = told->about,
                                              .about_count = told->n_about,
                                              .part_count = told->n_held,
                                              .name_of = held_name,
                                              .label_of = held_label,
                                              .digest_of = held_digest,
                                              .ctx = told,
                                              .fingerprints = told->fingerprints,
                                              .fingerprint_count = told->n_fingerprints};
    struct vls_status s = check_told(told, &words);
    if (!vls_ok(s)) {
        vls_route_log(route, VLS_LOG_WARN, "catalogue.left_out", VLS_F("plugin", plugin),
                      VLS_FAILURE(s, &words));
        return VLS_DONE;
    }
    /* entered at an earlier delivery, whose answer was lost */
    VLS_TRY(vls_catalogue_forget(route->o.store, &m->id, why));
    return vls_catalogue_enter(route, &entry, why);
}
