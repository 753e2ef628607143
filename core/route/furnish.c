/* A request for a document, from its row to its answer. */
#include "route/furnish.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/about.h"
#include "route/furnish_internal.h"
#include "route/requests.h"
#include "route/resolve.h"
#include "route/submit.h"
#include "route/unseal.h"
#include "wire/result.h"

#define PLACE_ROOM 64

static bool is_on(const struct vls_route *route)
{
    return vls_config_answers_from(route->o.config, NULL);
}

struct vls_status vls_furnish_check(const struct vls_route *route, struct vls_why *why)
{
    const struct vls_config *config = route->o.config;
    for (unsigned i = 0; i < config->plugins_count; i++) {
        struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
        const char *text = config->plugins[i].resolve_label;
        struct vls_why reason = {""};
        char place[PLACE_ROOM];
        if (text == NULL || text[0] == '\0' ||
            vls_ok(vls_label_read(text, route->o.schemes, &label, &reason)))
            continue;
        snprintf(place, sizeof place, "plugins[%u].resolve-label", i);
        return vls_config_complain(config, place, why, "%s", reason.text);
    }
    return VLS_DONE;
}

struct vls_status vls_furnish_received(struct vls_route *route, const char *party,
                                       const struct vls_manifest *m, struct vls_why *why)
{
    uint64_t now = vls_route_wall(route);
    const struct vls_search search = {.id = m->id,
                                      .party = party,
                                      .state = VLS_SEARCH_WAITING,
                                      .due_ms = now,
                                      .changed_ms = now,
                                      .reason = "not looked for yet"};
    if (!is_on(route) || strcmp(m->fields->kind, VLS_FURNISH_KIND) != 0)
        return VLS_DONE;
    return vls_store_search_add(route->o.store, &search, why);
}

/* -- one search -------------------------------------------------------------------------------- */

void vls_furnish_say(struct vls_furnishing *f, const char *format, ...)
{
    size_t used = strlen(f->said);
    va_list args;
    if (used + 2 >= sizeof f->said)
        return;
    if (used != 0) {
        vls_copy(f->said + used, "; ", sizeof "; ");
        used += 2;
    }
    va_start(args, format);
    vsnprintf(f->said + used, sizeof f->said - used, format, args);
    va_end(args);
}

size_t vls_furnish_wanted(const struct vls_furnishing *f)
{
    return f->asked->n_languages != 0 ? f->asked->n_languages : 1;
}

int vls_furnish_language(const struct vls_furnishing *f, const char *language)
{
    for (size_t i = 0; i < f->asked->n_languages; i++)
        if (strcmp(f->asked->languages[i], language) == 0)
            return (int)i;
    return -1;
}

static void furnishing_free(struct vls_furnishing *f)
{
    DL_DELETE(f->route->furnishings, f);
    f->route->furnishing_count--;
    for (size_t i = 0; i < f->part_count; i++) {
        vls_mem_free(f->parts[i].name);
        vls_mem_free(f->parts[i].media_type);
        vls_mem_free(f->parts[i].label);
        if (f->parts[i].about != NULL)
            valise__about__free_unpacked(f->parts[i].about, NULL);
        vls_fd_close(&f->parts[i].fd);
    }
    for (size_t i = 0; i < f->held_fd_count; i++)
        vls_fd_close(&f->held_fds[i]);
    vls_mem_free(f->held_fds);
    if (f->asked != NULL)
        valise__asked__free_unpacked(f->asked, NULL);
    if (f->stated != NULL)
        valise__submission__free_unpacked(f->stated, NULL);
    vls_message_free(&f->message);
    vls_message_free(&f->held);
    vls_shown_fini(&f->shown);
    vls_mem_free(f);
}

static struct vls_furnishing *find(const struct vls_route *route, const struct vls_id *id)
{
    struct vls_furnishing *f;
    DL_FOREACH (route->furnishings, f)
        if (vls_id_is_equal(&f->search.row.id, id))
            return f;
    return NULL;
}

/* -- its end, or a pause ------------------------------------------------------------------------
 */

/* In the open transaction. */
static struct vls_status record(struct vls_furnishing *f, enum vls_search_state state,
                                uint64_t due_ms, const char *reason, struct vls_why *why)
{
    struct vls_route *route = f->route;
    struct vls_search *row = &f->search.row;
    char cause[VLS_FURNISH_REASON + 32];
    vls_text_copy(f->search.reason, sizeof f->search.reason, reason);
    row->state = state;
    row->due_ms = due_ms;
    row->changed_ms = vls_route_wall(route);
    snprintf(cause, sizeof cause, "looked for an answer: %s", f->search.reason);
    VLS_TRY(vls_store_search_change(route->o.store, row, why));
    return vls_store_remark(route->o.store, &row->id, row->changed_ms, cause, "router", why);
}

static void log_end(const struct vls_furnishing *f)
{
    char id[VLS_ID_TEXT];
    vls_id_text(&f->search.row.id, id);
    vls_route_log(f->route, f->search.row.state == VLS_SEARCH_PERSON ? VLS_LOG_WARN : VLS_LOG_INFO,
                  "request.search", VLS_F("id", id), VLS_F("party", f->search.party),
                  VLS_F("state", vls_search_state_name(f->search.row.state)),
                  VLS_F("why", f->search.reason));
}

static void end(struct vls_furnishing *f, enum vls_search_state state, uint64_t due_ms,
                const char *reason)
{
    struct vls_route *route = f->route;
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = record(f, state, due_ms, reason, &why);
    if (vls_ok(s))
        log_end(f);
    else
        vls_route_log(route, VLS_LOG_ERROR, "request.search_not_kept", VLS_FAILURE(s, &why));
    furnishing_free(f);
    route->o.ports.flush_soon(route->o.ports.ctx);
}

/* Something broke off that is none of the request's fault. */
static void put_off(struct vls_furnishing *f, const char *reason)
{
    uint64_t now = vls_route_wall(f->route);
    if (f->search.row.tries >= VLS_FURNISH_TRIES)
        end(f, VLS_SEARCH_PERSON, 0, reason);
    else
        end(f, VLS_SEARCH_WAITING, now + vls_route_backoff(f->route, f->search.row.tries), reason);
}

/* -- the answer -------------------------------------------------------------------------------- */

/* vls_submitted_fn: the row has ended in the commit that made the answer */
static void on_submitted(void *ctx, struct vls_status status, const struct vls_why *why,
                         const Valise__SubmissionResult *result)
{
    struct vls_furnishing *f = ctx;
    char reason[VLS_FURNISH_REASON];
    (void)result;
    if (vls_ok(status)) {
        log_end(f);
        furnishing_free(f);
        return;
    }
    snprintf(reason, sizeof reason, "the answer could not be made: %s", why->text);
    switch (vls_class_of(status)) {
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
    case VLS_CLASS_UNCERTAIN:
        put_off(f, reason);
        return;
    case VLS_CLASS_OK:
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_DENIED:
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_MISUSE:
        break;
    }
    end(f, VLS_SEARCH_PERSON, 0, reason);
}

/* How it is to be handled, of what was sent before; what resolvers found goes the same way. */
static void state_handling(const struct vls_furnishing *f, Valise__Submission *out)
{
    const Valise__Submission *stated = f->stated;
    if (stated == NULL)
        return;
    out->distribution = stated->distribution;
    out->personal_data = stated->personal_data;
    out->safeguards = stated->safeguards;
    out->embargo_until_ms = stated->embargo_until_ms;
    out->n_audience = stated->n_audience;
    out->audience = stated->audience;
    out->n_topics = stated->n_topics;
    out->topics = stated->topics;
}

static void fill_parts(const struct vls_furnishing *f, Valise__Part *parts, Valise__Part **list,
                       struct vls_fds *fds)
{
    for (size_t i = 0; i < f->part_count; i++) {
        const struct vls_furnish_part *from = &f->parts[i];
        valise__part__init(&parts[i]);
        parts[i].name = from->name;
        parts[i].media_type = from->media_type;
        parts[i].label = from->label;
        parts[i].bytes = from->bytes;
        parts[i].digest = vls_data(vls_digest_slice(&from->digest));
        list[i] = &parts[i];
        fds->fd[fds->count++] = from->fd; /* lent */
    }
}

/* What is too much to be said of so many documents is not said of any. */
static void fill_abouts(const struct vls_furnishing *f, Valise__About **list,
                        Valise__Submission *out)
{
    struct vls_why why;
    for (size_t i = 0; i < f->part_count; i++)
        if (f->parts[i].about != NULL)
            list[out->n_about++] = f->parts[i].about;
    out->about = list;
    if (!vls_ok(vls_abouts_check(list, out->n_about, f->part_count, &why)))
        out->n_about = 0;
}

static bool is_full(const struct vls_furnishing *f)
{
    return f->found == vls_furnish_wanted(f) && !f->is_partial;
}

static void answer(struct vls_furnishing *f)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__Part parts[VLS_MAX_PARTS], *list[VLS_MAX_PARTS];
    Valise__About *abouts[VLS_MAX_PARTS];
    char key[VLS_ID_TEXT], subject[sizeof "Answer to your request for " + VLS_ASKED_MAX_SYMBOL];
    struct vls_fds fds = {.count = 0};
    fill_parts(f, parts, list, &fds);
    vls_id_text(&f->search.row.id, key);
    snprintf(subject, sizeof subject, "Answer to your request for %s", f->asked->symbol);
    in.origin_key = key;
    in.kind = vls_field_text(VLS_FURNISH_ANSWER);
    in.to = f->search.party;
    in.subject = subject;
    in.conversation = vls_field_text(f->message->conversation);
    in.in_reply_to = vls_data(vls_id_slice(&f->search.row.id));
    in.answer_state = vls_field_text(is_full(f) ? "full" : "partial");
    in.n_parts = f->part_count;
    in.parts = list;
    fill_abouts(f, abouts, &in);
    state_handling(f, &in);
    vls_route_submit_own(f->route, VLS_FURNISH_ORIGIN, &in, &fds, on_submitted, f);
}

struct vls_status vls_furnish_submitted(struct vls_route *route, const char *origin,
                                        const Valise__Submission *in, enum vls_state state,
                                        struct vls_why *why)
{
    struct vls_id id;
    char reason[VLS_FURNISH_REASON];
    bool is_stopped = state == VLS_STATE_QUARANTINED || state == VLS_STATE_HELD;
    if (strcmp(origin, VLS_FURNISH_ORIGIN) != 0 ||
        !vls_ok(vls_id_from(vls_bytes(in->in_reply_to), &id)))
        return VLS_DONE;
    struct vls_furnishing *f = find(route, &id);
    if (f == NULL)
        return vls_fail(VLS_SYSTEM_BUG, why, "an answer that nobody makes");
    snprintf(reason, sizeof reason, "%s, %zu of %zu: the answer is %s%s (%s)", in->answer_state,
             f->found, vls_furnish_wanted(f), vls_state_name(state),
             state == VLS_STATE_QUARANTINED ? ", as no label of it is understood" : "", f->said);
    return record(f, is_stopped ? VLS_SEARCH_PERSON : VLS_SEARCH_ANSWERED, 0, reason, why);
}

/* A person was faster, or the slot was: there is one answer. */
static bool is_answered(struct vls_furnishing *f, struct vls_request_kept *out, struct vls_why *why)
{
    if (!vls_ok(vls_requests_find(f->route, vls_id_slice(&f->search.row.id), VLS_IN,
                                  f->search.party, out, why)))
        return true;
    return out->row.closed_ms != 0 || out->row.answer.len != 0;
}

/* When to come back, if there is a point in it before the request is due. */
static bool is_worth_waiting(const struct vls_furnishing *f)
{
    return f->again_ms != UINT64_MAX && f->again_ms < f->due_ms &&
           f->search.row.tries < VLS_FURNISH_TRIES;
}

static void conclude(struct vls_furnishing *f)
{
    struct vls_request_kept request;
    struct vls_why why = {""};
    if (f->route->is_stopping)
        furnishing_free(f); /* the row waits for the next start */
    else if (is_answered(f, &request, &why))
        end(f, VLS_SEARCH_NOTHING, 0, "it was answered meanwhile");
    else if (!is_full(f) && is_worth_waiting(f))
        end(f, VLS_SEARCH_WAITING, f->again_ms, f->said);
    else if (f->part_count != 0)
        answer(f);
    else if (f->is_for_person || f->again_ms != UINT64_MAX)
        end(f, VLS_SEARCH_PERSON, 0, f->said);
    else
        end(f, VLS_SEARCH_NOTHING, 0, f->said);
}

/* -- documents --------------------------------------------------------------------------------- */

static bool is_name_taken(const struct vls_furnishing *f, const char *name)
{
    for (size_t i = 0; i < f->part_count; i++)
        if (strcmp(f->parts[i].name, name) == 0)
            return true;
    return false;
}

/* Two endpoints may call two documents alike, as may one in two languages. */
static char *free_name(const struct vls_furnishing *f, const char *language, const char *name)
{
    char other[VLS_MAX_FILE_NAME + 1], cut[VLS_MAX_FILE_NAME + 1];
    if (!is_name_taken(f, name))
        return vls_mem_dup(name);
    vls_text_copy(cut, sizeof cut - VLS_ASKED_MAX_LANGUAGE - 8, name);
    snprintf(other, sizeof other, "%.35s-%.200s", language[0] != '\0' ? language : "other", cut);
    for (size_t i = 2; is_name_taken(f, other); i++)
        snprintf(other, sizeof other, "%zu-%.200s", i, cut);
    return vls_mem_dup(other);
}

static char *text_or(char *own, char *whole)
{
    return own[0] != '\0' ? own : whole;
}

/* Lists are taken as a whole: what is said of one document counts before what is said of all. */
static void fill_from_whole(Valise__About *own, const Valise__About *whole)
{
    if (own->n_symbols == 0) {
        own->issuer = whole->issuer;
        own->n_symbols = whole->n_symbols;
        own->symbols = whole->symbols;
        own->n_relations = whole->n_relations;
        own->relations = whole->relations;
    }
    if (own->n_bodies == 0) {
        own->n_bodies = whole->n_bodies;
        own->bodies = whole->bodies;
    }
    if (own->n_subjects == 0) {
        own->n_subjects = whole->n_subjects;
        own->subjects = whole->subjects;
    }
    own->language = text_or(own->language, whole->language);
    own->title = text_or(own->title, whole->title);
    own->published = text_or(own->published, whole->published);
    own->url = text_or(own->url, whole->url);
    own->licence = text_or(own->licence, whole->licence);
    own->record = text_or(own->record, whole->record);
}

/* What is stated of this document, in the words of whoever has it; NULL: nothing is. */
static Valise__About *about_of(const struct vls_furnish_offer *offer)
{
    const Valise__About *own = vls_abouts_of(offer->abouts, offer->about_count, offer->number);
    const Valise__About *whole = vls_abouts_of(offer->abouts, offer->about_count, 0);
    Valise__About both = VALISE__ABOUT__INIT;
    if (own != NULL)
        both = *own; /* borrows: packed before it goes */
    if (whole != NULL)
        fill_from_whole(&both, whole);
    size_t size = own != NULL || whole != NULL ? valise__about__get_packed_size(&both) : 0;
    if (size == 0 || size > VLS_MAX_ABOUT)
        return NULL;
    uint8_t *bytes = vls_mem_new(size);
    valise__about__pack(&both, bytes);
    Valise__About *copy = valise__about__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    return copy;
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text[0] != '\0' || otherwise == NULL ? text : otherwise;
}

struct vls_status vls_furnish_add(struct vls_furnishing *f, const char *language,
                                  const struct vls_furnish_offer *offer, struct vls_why *why)
{
    struct vls_furnish_part *part = &f->parts[f->part_count];
    int place = vls_furnish_language(f, language);
    if (f->part_count == VLS_MAX_PARTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %d documents", VLS_MAX_PARTS);
    VLS_TRY(vls_digest_from(offer->digest, &part->digest));
    part->name = free_name(f, language, offer->part->name);
    part->media_type = vls_mem_dup(or_else(offer->part->media_type, offer->media_type));
    part->label = vls_mem_dup(or_else(offer->part->label, offer->label));
    part->bytes = offer->part->bytes;
    part->about = about_of(offer);
    part->fd = vls_fd_move(offer->fd);
    f->part_count++;
    if (part->about != NULL)
        part->about->part = (uint32_t)f->part_count;
    if (place >= 0 && !f->is_there[place]) {
        f->is_there[place] = true;
        f->found++;
    }
    if (f->asked->n_languages == 0)
        f->found = 1;
    return VLS_DONE;
}

/* -- resolvers --------------------------------------------------------------------------------- */

static void come_back(struct vls_furnishing *f, uint64_t at_ms)
{
    uint64_t soon = vls_route_wall(f->route) + VLS_FURNISH_SOON_MS;
    if (at_ms == 0)
        at_ms = soon;
    if (at_ms < f->again_ms)
        f->again_ms = at_ms;
}

/* Words of ours: those of a plugin may name what is asked for. */
static const char *words_of(uint32_t result)
{
    switch ((enum vls_found)result) {
    case VLS_FOUND_BLOCKED:
        return "blocked: ask the library";
    case VLS_FOUND_NEEDS_KEY:
        return "needs a key or an account";
    case VLS_FOUND_REFUSED:
        return "refused: their terms do not allow it";
    case VLS_FOUND_DELIVERED:
    case VLS_FOUND_UNCHANGED:
    case VLS_FOUND_PARTIAL:
    case VLS_FOUND_NOT_PUBLISHED:
    case VLS_FOUND_NOT_FOUND:
    case VLS_FOUND_RETRY_AT:
    case VLS_FOUND_MALFORMED:
    case VLS_FOUND_QUEUED:
        break;
    }
    return vls_found_name(result);
}

static void take_documents(struct vls_furnishing *f, struct vls_resolved_row *row)
{
    struct vls_why why = {""};
    for (size_t i = 0; i < row->fd_count; i++) {
        const Valise__ResolvedPart *from = row->result->parts[i];
        const struct vls_furnish_offer offer = {
            .part = from->part,
            .media_type = from->sniffed,
            .label = f->route->o.config->plugins[row->plugin].resolve_label,
            .digest = vls_bytes(from->digest),
            .abouts = row->result->about,
            .about_count = row->result->n_about,
            .number = (uint32_t)i + 1,
            .fd = &row->fds[i]};
        if (vls_ok(vls_furnish_add(f, row->language, &offer, &why)))
            continue;
        f->is_partial = true;
        vls_furnish_say(f, "a document is left out: %s", why.text);
    }
    f->is_partial = f->is_partial || row->result->finding->result == VLS_FOUND_PARTIAL;
}

static void take_row(struct vls_furnishing *f, struct vls_resolved_row *row)
{
    const char *plugin = f->route->o.config->plugins[row->plugin].name;
    const char *space = row->language[0] != '\0' ? " " : "";
    if (row->result == NULL) {
        vls_furnish_say(f, "%s%s%s did not answer", plugin, space, row->language);
        come_back(f, vls_route_wall(f->route) + vls_route_backoff(f->route, f->search.row.tries));
        return;
    }
    const Valise__Finding *finding = row->result->finding;
    vls_furnish_say(f, "%s%s%s %s", plugin, space, row->language, words_of(finding->result));
    switch ((enum vls_found)finding->result) {
    case VLS_FOUND_DELIVERED:
    case VLS_FOUND_PARTIAL:
        take_documents(f, row);
        break;
    case VLS_FOUND_RETRY_AT:
    case VLS_FOUND_QUEUED:
        come_back(f, finding->retry_at_ms);
        break;
    case VLS_FOUND_BLOCKED:
    case VLS_FOUND_NEEDS_KEY:
    case VLS_FOUND_REFUSED:
    case VLS_FOUND_MALFORMED:
    case VLS_FOUND_UNCHANGED: /* since when? nothing was brought for this request */
        f->is_for_person = true;
        break;
    case VLS_FOUND_NOT_PUBLISHED:
    case VLS_FOUND_NOT_FOUND:
        break;
    }
}

/* vls_resolved_fn */
static void on_resolved(void *ctx, struct vls_resolved *resolved)
{
    struct vls_furnishing *f = ctx;
    for (size_t i = 0; i < resolved->count; i++)
        take_row(f, &resolved->rows[i]);
    vls_resolve_free(&resolved);
    conclude(f);
}

static void ask_resolvers(struct vls_furnishing *f)
{
    char *lacking[VLS_ASKED_MAX_LANGUAGES];
    struct vls_why why = {""};
    struct vls_resolve_ask ask = {.symbol = f->asked->symbol,
                                  .url = "",
                                  .plugin = "",
                                  .languages = lacking,
                                  .conversation = f->message->conversation,
                                  .reason = "a partner's request",
                                  .label = &f->shown.label};
    for (size_t i = 0; i < f->asked->n_languages; i++)
        if (!f->is_there[i])
            lacking[ask.language_count++] = f->asked->languages[i];
    struct vls_status s = vls_resolve(f->route, &ask, on_resolved, f, &why);
    if (vls_ok(s))
        return;
    vls_furnish_say(f, "%s", why.text);
    if (s.code == VLS_ROUTE_BUSY || s.code == VLS_ROUTE_CLOSING)
        come_back(f, 0);
    else
        f->is_for_person = true;
    conclude(f);
}

void vls_furnish_held_done(struct vls_furnishing *f)
{
    bool is_asked = vls_config_answers_from(f->route->o.config, VLS_ANSWER_RESOLVERS);
    if (f->found == vls_furnish_wanted(f) || !is_asked || f->route->is_stopping)
        conclude(f);
    else
        ask_resolvers(f);
}

/* -- what is asked for ------------------------------------------------------------------------- */

/* Our own code, and still: it has read what a partner wrote. */
static struct vls_status check_asked(const Valise__Asked *asked, struct vls_why *why)
{
    VLS_TRY(vls_text_check("symbol", asked->symbol, VLS_ASKED_MAX_SYMBOL, why));
    VLS_TRY(vls_text_check("issuer", asked->issuer, VLS_MAX_PARTY, why));
    if (asked->symbol[0] == '\0' || asked->n_languages > VLS_ASKED_MAX_LANGUAGES)
        return vls_fail(VLS_INPUT_LIMIT, why, "no symbol, or too many languages");
    for (size_t i = 0; i < asked->n_languages; i++)
        if (!vls_asked_is_language(asked->languages[i]))
            return vls_fail(VLS_INPUT_MALFORMED, why, "a language is no tag");
    return VLS_DONE;
}

static Valise__Asked *copy_of(const Valise__Asked *asked)
{
    size_t size = valise__asked__get_packed_size(asked);
    uint8_t *bytes = vls_mem_new(size + 1);
    valise__asked__pack(asked, bytes);
    Valise__Asked *copy = valise__asked__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    return copy;
}

/* vls_answer_fn */
static void on_read(void *ctx, struct vls_status status, const Valise__Frame *frame,
                    struct vls_fds *fds)
{
    struct vls_furnishing *f = ctx;
    struct vls_why why = {"the reader went away while it read the request"};
    const Valise__ReadArchiveResult *result = vls_ok(status) ? frame->read_archive_result : NULL;
    (void)fds;
    if (f->route->is_stopping) {
        furnishing_free(f);
        return;
    }
    if (vls_ok(status))
        status = vls_outcome_status(result->outcome, &why);
    if (vls_class_of(status) == VLS_CLASS_UNCERTAIN) {
        put_off(f, why.text);
        return;
    }
    if (vls_ok(status) && result->asked == NULL) {
        vls_furnish_say(f, "left to a person: %s%.200s",
                        result->not_asked[0] != '\0' ? "" : "it holds no request.json",
                        result->not_asked);
        end(f, VLS_SEARCH_PERSON, 0, f->said);
        return;
    }
    if (vls_ok(status))
        status = check_asked(result->asked, &why);
    f->asked = vls_ok(status) ? copy_of(result->asked) : NULL;
    if (f->asked == NULL) {
        vls_furnish_say(f, "left to a person: it could not be read: %s", vls_status_text(status));
        end(f, VLS_SEARCH_PERSON, 0, f->said);
        return;
    }
    vls_furnish_held(f);
}

struct vls_status vls_furnish_read(struct vls_furnishing *f, const struct vls_id *id,
                                   int archive_fd, const int *out_fds, size_t out_count,
                                   vls_answer_fn done, struct vls_why *why)
{
    Valise__ReadArchive ask = VALISE__READ_ARCHIVE__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    int fds[1 + VLS_MAX_PARTS] = {archive_fd};
    for (size_t i = 0; i < out_count; i++)
        fds[1 + i] = out_fds[i];
    ask.id = vls_data(vls_id_slice(id));
    ask.with_documents = out_count != 0;
    frame.body_case = VALISE__FRAME__BODY_READ_ARCHIVE;
    frame.read_archive = &ask;
    return f->route->o.ports.ask(f->route->o.ports.ctx, VLS_ASK_READER, 0, &frame, fds,
                                 1 + out_count, VALISE__FRAME__BODY_READ_ARCHIVE_RESULT, done, f,
                                 why);
}

/* vls_unsealed_fn */
static void on_opened(void *ctx, struct vls_status status, const struct vls_why *why, int *fd)
{
    struct vls_furnishing *f = ctx;
    struct vls_why reason = *why;
    if (f->route->is_stopping) {
        furnishing_free(f);
        return;
    }
    if (vls_ok(status))
        status = vls_furnish_read(f, &f->search.row.id, *fd, NULL, 0, on_read, &reason);
    if (!vls_ok(status))
        put_off(f, reason.text);
}

/* -- begin ------------------------------------------------------------------------------------- */

static void keep_search(const struct vls_search *search, struct vls_search_kept *out)
{
    out->row = *search;
    vls_text_copy(out->party, sizeof out->party, search->party);
    vls_text_copy(out->reason, sizeof out->reason, search->reason);
    out->row.party = out->party;
    out->row.reason = out->reason;
}

static struct vls_furnishing *new_furnishing(struct vls_route *route,
                                             const struct vls_search *search)
{
    struct vls_furnishing *f = vls_mem_new(sizeof *f);
    *f = (struct vls_furnishing){.route = route, .again_ms = UINT64_MAX};
    vls_shown_init(&f->shown);
    keep_search(search, &f->search);
    DL_APPEND(route->furnishings, f);
    route->furnishing_count++;
    return f;
}

/* More than so many a day are not looked for: the others wait for the next day, or a person. */
static struct vls_status check_daily(struct vls_furnishing *f, uint64_t *out_later_ms,
                                     struct vls_why *why)
{
    uint64_t count, first, now = vls_route_wall(f->route);
    uint64_t since = now > VLS_FURNISH_DAY_MS ? now - VLS_FURNISH_DAY_MS : 0;
    *out_later_ms = 0;
    if (f->search.row.began_ms != 0)
        return VLS_DONE;
    VLS_TRY(vls_store_search_begun(f->route->o.store, f->search.party, since, &count, &first, why));
    if (count >= f->route->o.config->answers.daily)
        *out_later_ms = first + VLS_FURNISH_DAY_MS;
    return VLS_DONE;
}

static struct vls_status prepare(struct vls_furnishing *f, struct vls_request_kept *request,
                                 struct vls_why *why)
{
    struct vls_route *route = f->route;
    const struct vls_request *row = &request->row;
    VLS_TRY(vls_store_get(route->o.store, &f->search.row.id, &f->message, why));
    VLS_TRY(vls_shown_read(route, f->message, &f->shown, why));
    f->due_ms = row->slot_ms != 0 && row->slot_ms < row->due_ms ? row->slot_ms : row->due_ms;
    VLS_TRY(vls_route_begin(route, why));
    f->search.row.tries++;
    if (f->search.row.began_ms == 0)
        f->search.row.began_ms = vls_route_wall(route);
    return vls_store_search_change(route->o.store, &f->search.row, why);
}

static void furnish(struct vls_route *route, const struct vls_search *search)
{
    struct vls_request_kept request;
    struct vls_why why = {""};
    uint64_t later = 0;
    struct vls_furnishing *f = new_furnishing(route, search);
    if (is_answered(f, &request, &why)) {
        end(f, VLS_SEARCH_NOTHING, 0, "it was answered before it was looked for");
        return;
    }
    struct vls_status s = check_daily(f, &later, &why);
    if (vls_ok(s) && later != 0) {
        end(f, VLS_SEARCH_WAITING, later, "answers.daily is reached for this partner");
        return;
    }
    if (vls_ok(s))
        s = prepare(f, &request, &why);
    if (vls_ok(s))
        s = vls_route_unseal(route, f->message, on_opened, f, &why);
    if (!vls_ok(s))
        put_off(f, why.text[0] != '\0' ? why.text : vls_status_text(s));
}

struct due {
    struct vls_route *route;
    struct vls_search_kept at[VLS_FURNISH_AT_ONCE * 2];
    size_t count;
};

/* vls_search_fn */
static struct vls_status keep_due(void *ctx, const struct vls_search *search, struct vls_why *why)
{
    struct due *due = ctx;
    (void)why;
    if (find(due->route, &search->id) == NULL)
        keep_search(search, &due->at[due->count++]);
    return VLS_DONE;
}

void vls_furnish_start(struct vls_route *route)
{
    struct due due = {.route = route};
    struct vls_why why = {""};
    if (!is_on(route) || route->is_stopping || route->furnishing_count >= VLS_FURNISH_AT_ONCE)
        return;
    struct vls_status s = vls_store_search_due(route->o.store, vls_route_wall(route),
                                               VLS_FURNISH_AT_ONCE * 2, keep_due, &due, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "request.search_not_started", VLS_FAILURE(s, &why));
    for (size_t i = 0; i < due.count && route->furnishing_count < VLS_FURNISH_AT_ONCE; i++)
        furnish(route, &due.at[i].row);
}

uint64_t vls_furnish_next_ms(struct vls_route *route)
{
    uint64_t due, wall = vls_route_wall(route);
    struct vls_why why;
    if (!is_on(route) || route->furnishing_count >= VLS_FURNISH_AT_ONCE)
        return UINT64_MAX;            /* the next that ends starts the next */
    if (route->furnishing_count != 0) /* its row is due as well: look whether others are */
        return vls_route_steady(route) + VLS_REQUESTS_RETRY_MS;
    if (!vls_ok(vls_store_search_next(route->o.store, &due, &why)))
        return vls_route_steady(route) + VLS_REQUESTS_RETRY_MS;
    if (due == UINT64_MAX)
        return UINT64_MAX;
    return vls_route_steady(route) + (due > wall ? due - wall : 0);
}
