/* The service by which a source or a resolver says what a document is. */
#include "envelope/about.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin/host_internal.h"

/* Of a struct vls_about of ABI 1.4. */
#define SIZE_1_4 (offsetof(struct vls_about, relation_count) + sizeof(uint64_t))

/* Before a text of the plugin's is copied: its length is bounded here, its form is checked by
 * vls_about_check(). */
static struct vls_status take_text(const char *field, const char *from, size_t max, char **out,
                                   struct vls_why *why)
{
    if (from == NULL || from[0] == '\0')
        return VLS_DONE;
    VLS_TRY(vls_text_check(field, from, max, why));
    *out = vls_mem_dup(from);
    return VLS_DONE;
}

static struct vls_status take_texts(const char *field, const char *const *from, uint64_t count,
                                    uint64_t max, size_t room, char ***out, size_t *out_count,
                                    struct vls_why *why)
{
    if (count > max || (count != 0 && from == NULL))
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %llu of %s, or they are not there",
                        (unsigned long long)max, field);
    *out = count != 0 ? vls_mem_new(count * sizeof **out) : NULL;
    for (uint64_t i = 0; i < count; i++) {
        if (from[i] == NULL)
            return vls_fail(VLS_INPUT_MALFORMED, why, "number %llu of %s is NULL",
                            (unsigned long long)i, field);
        VLS_TRY(vls_text_check(field, from[i], room, why));
        (*out)[(*out_count)++] = vls_mem_dup(from[i]);
    }
    return VLS_DONE;
}

static struct vls_status take_relations(const struct vls_about *from, Valise__About *to,
                                        struct vls_why *why)
{
    if (from->relation_count > VLS_MAX_RELATIONS ||
        (from->relation_count != 0 && from->relations == NULL))
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %d relations, or they are not there",
                        VLS_MAX_RELATIONS);
    to->relations = from->relation_count != 0
                        ? vls_mem_new(from->relation_count * sizeof *to->relations)
                        : NULL;
    for (uint64_t i = 0; i < from->relation_count; i++) {
        Valise__Relation *relation = vls_mem_new(sizeof *relation);
        valise__relation__init(relation);
        to->relations[to->n_relations++] = relation;
        relation->relates = from->relations[i].relates;
        VLS_TRY(take_text("symbol of a relation", from->relations[i].symbol, VLS_MAX_SYMBOL,
                          &relation->symbol, why));
    }
    return VLS_DONE;
}

static struct vls_status take_fields(const struct vls_about *from, Valise__About *to,
                                     struct vls_why *why)
{
    VLS_TRY(take_text("issuer", from->issuer, VLS_MAX_NAME, &to->issuer, why));
    VLS_TRY(take_texts("symbols", from->symbols, from->symbol_count, VLS_MAX_SYMBOLS,
                       VLS_MAX_SYMBOL, &to->symbols, &to->n_symbols, why));
    VLS_TRY(take_text("language", from->language, VLS_MAX_LANGUAGE, &to->language, why));
    VLS_TRY(take_text("title", from->title, VLS_MAX_TITLE, &to->title, why));
    VLS_TRY(take_text("published", from->published, VLS_TIME_TEXT, &to->published, why));
    VLS_TRY(take_texts("bodies", from->bodies, from->body_count, VLS_MAX_TOPICS, VLS_MAX_NAME,
                       &to->bodies, &to->n_bodies, why));
    VLS_TRY(take_texts("subjects", from->subjects, from->subject_count, VLS_MAX_SUBJECTS,
                       VLS_MAX_NAME, &to->subjects, &to->n_subjects, why));
    VLS_TRY(take_text("url", from->url, VLS_MAX_URL, &to->url, why));
    VLS_TRY(take_text("licence", from->licence, VLS_MAX_LICENCE, &to->licence, why));
    VLS_TRY(take_text("record", from->record, VLS_MAX_NAME, &to->record, why));
    VLS_TRY(take_relations(from, to, why));
    return vls_about_check(to, why);
}

static struct vls_status take(const struct vls_about *from, Valise__About *to, struct vls_why *why)
{
    struct vls_about mine = {0};
    if (from == NULL || from->size < SIZE_1_4)
        return vls_fail(VLS_PLUGIN_INVALID, why, "struct vls_about: size is not set to its size");
    vls_copy(&mine, from, from->size < sizeof mine ? from->size : sizeof mine);
    if (mine.reserved != 0)
        return vls_fail(VLS_PLUGIN_INVALID, why, "struct vls_about: reserved is not 0");
    return take_fields(&mine, to, why);
}

static struct vls_status add(struct document *d, size_t part, const struct vls_about *from,
                             struct vls_why *why)
{
    Valise__Submission *m = &d->message;
    Valise__About *about = vls_mem_new(sizeof *about);
    valise__about__init(about);
    about->part = (uint32_t)part;
    if (m->about == NULL)
        m->about = vls_mem_new((VLS_MAX_PARTS + 1) * sizeof *m->about);
    struct vls_status status = take(from, about, why);
    if (!vls_ok(status)) {
        vls_about_free(&about);
        return status;
    }
    m->about[m->n_about++] = about;
    return vls_abouts_check(m->about, m->n_about, m->n_parts, why);
}

static enum vls_emit say(struct vls_plugin_host *host, bool is_part, const struct vls_about *from)
{
    struct document *d = host->draft;
    struct vls_why why = {""};
    struct vls_status status = VLS_DONE;
    size_t part = d != NULL && is_part ? d->message.n_parts : 0;
    if (d == NULL || (is_part && part == 0))
        status =
            vls_fail(VLS_PLUGIN_INVALID, &why, "about() without a document, or without a part");
    else if (vls_abouts_of(d->message.about, d->message.n_about, (uint32_t)part) != NULL)
        status = vls_fail(VLS_PLUGIN_INVALID, &why, "about() twice of the same");
    if (vls_ok(status))
        status = add(d, part, from, &why);
    if (vls_ok(status))
        return VLS_EMIT_OK;
    return vls_host_give_up(host, VLS_EMIT_INVALID, status, &why);
}

static enum vls_emit about(void *ctx, const struct vls_about *from)
{
    return say(ctx, false, from);
}

static enum vls_emit about_part(void *ctx, const struct vls_about *from)
{
    return say(ctx, true, from);
}

const struct vls_about_service VLS_HOST_ABOUT = {
    .size = sizeof(struct vls_about_service),
    .about = about,
    .about_part = about_part,
};
