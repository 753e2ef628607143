/* An item of a feed becomes a message: a notice in plain text, or the document that it links to. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

#define NOTICE_ROOM (16u << 10)
#define SUBJECT     1024u
#define TITLE       2048u
#define SYMBOL      128u

void item_state_key(const struct feed *feed, const char *id, char out[WATCH_STATE])
{
    snprintf(out, WATCH_STATE, "i %.16s %016" PRIx64, feed->mark, plug_mark(id));
}

/* What the feed calls it, within the room of a key: the same in every feed that has it. */
static void origin_key(const struct item *item, char out[WATCH_KEY + 1])
{
    char cut[101];
    if (strlen(item->id) + 4 <= WATCH_KEY) {
        snprintf(out, WATCH_KEY + 1, "rss %s", item->id);
        return;
    }
    (void)plug_copy(cut, sizeof cut, item->id);
    snprintf(out, WATCH_KEY + 1, "rss %s %016" PRIx64, cut, plug_mark(item->id));
}

/* Of the title, where feeds of the UN have it, or of a link to undocs.org. "": not stated. */
static void symbol_of(const struct item *item, char out[SYMBOL + 1])
{
    static const char *const HOSTS[] = {"https://undocs.org/", "https://docs.un.org/"};
    char path[TITLE];
    size_t len = plug_symbol_at(item->title);
    out[0] = '\0';
    if (len > 0 && len <= SYMBOL) {
        snprintf(out, SYMBOL + 1, "%.*s", (int)len, item->title);
        return;
    }
    for (size_t i = 0; item->link != NULL && i < sizeof HOSTS / sizeof HOSTS[0]; i++) {
        const char *at = item->link + strlen(HOSTS[i]);
        if (strncmp(item->link, HOSTS[i], strlen(HOSTS[i])) != 0)
            continue;
        if (strlen(at) > 3 && at[2] == '/' && at[0] >= 'a' && at[0] <= 'z')
            at += 3;
        if (plug_unescape(path, sizeof path, at, strcspn(at, "?#")) &&
            plug_symbol_at(path) == strlen(path))
            (void)plug_copy(out, SYMBOL + 1, path);
        return;
    }
}

/* -- the notice -------------------------------------------------------------------------------- */

static void write_notice(const struct item *item, const char *missing, char *out, size_t room)
{
    char at[21] = "";
    (void)plug_copy(out, room, item->title);
    if (item->published_ms != 0) {
        plug_time_print(item->published_ms, at);
        (void)plug_add(out, room, "\nPublished: ");
        (void)plug_add(out, room, at);
    }
    if (item->link != NULL) {
        (void)plug_add(out, room, "\nAddress: ");
        (void)plug_add(out, room, item->link);
    }
    if (item->summary != NULL && item->summary[0] != '\0' &&
        strcmp(item->summary, item->title) != 0) {
        (void)plug_add(out, room, "\n\n");
        (void)plug_add(out, room, item->summary);
    }
    if (missing[0] != '\0') {
        (void)plug_add(out, room, "\n\nThe document itself is not with it: ");
        (void)plug_add(out, room, missing);
    }
    (void)plug_add(out, room, "\n");
}

static int add_notice(struct plug_pile *pile, const struct item *item, const char *missing)
{
    char name[PLUG_NAME], stem[PLUG_NAME / 2];
    char *text = malloc(NOTICE_ROOM);
    if (text == NULL)
        return -1;
    write_notice(item, missing, text, NOTICE_ROOM);
    plug_file_name(stem, sizeof stem, item->title);
    snprintf(name, sizeof name, "%s.txt", stem);
    int bad = plug_pile_add_bytes(pile, name, "text/plain", text, strlen(text));
    free(text);
    return bad;
}

/* -- the document ------------------------------------------------------------------------------ */

/* DELIVERED: it is in the pile. RETRY_AT: not now. Otherwise `missing` says why it does not come.
 */
static uint32_t fetch_document(struct watch *w, struct item *item, struct plug_pile *pile,
                               char missing[PLUG_WHY], uint64_t *out_later_ms)
{
    char name[PLUG_NAME], stem[PLUG_NAME / 2];
    int fd = -1;
    struct plug_answer answer;
    const struct plug_ask ask = {.url = item->link,
                                 .kinds = PLUG_DOCUMENTS,
                                 .empty = VLS_RESULT_NOT_PUBLISHED,
                                 .max_bytes = WATCH_FILE,
                                 .resumes = 2};
    if (item->link == NULL || strncmp(item->link, "https://", 8) != 0) {
        (void)plug_copy(missing, PLUG_WHY, "its address is none by https");
        return VLS_RESULT_NOT_FOUND;
    }
    uint32_t result = plug_fetch(&w->plug, &ask, &fd, &answer);
    (void)plug_copy(missing, PLUG_WHY, answer.why);
    if (result == VLS_RESULT_RETRY_AT && ++item->fetches < WATCH_TRIES) {
        uint64_t now = w->plug.host->now_ms(w->plug.ctx);
        *out_later_ms = answer.retry_at_ms > now ? answer.retry_at_ms - now : PLUG_WAIT_MS;
        return VLS_RESULT_RETRY_AT;
    }
    if (result != VLS_RESULT_DELIVERED)
        return VLS_RESULT_NOT_FOUND;
    plug_file_name(stem, sizeof stem, item->title);
    snprintf(name, sizeof name, "%s.%s", stem, plug_kind_ending(answer.kind));
    return plug_pile_add(pile, name, NULL, answer.kind, fd, answer.bytes) == 0
               ? VLS_RESULT_DELIVERED
               : VLS_RESULT_NOT_FOUND;
}

static enum vls_emit make_pile(struct watch *w, struct item *item, struct plug_pile *pile,
                               uint64_t *out_later_ms)
{
    char missing[PLUG_WHY] = "";
    uint32_t result = VLS_RESULT_NOT_FOUND;
    *out_later_ms = 0;
    if (w->brings_documents)
        result = fetch_document(w, item, pile, missing, out_later_ms);
    if (result == VLS_RESULT_RETRY_AT)
        return VLS_EMIT_BUSY;
    if (result != VLS_RESULT_DELIVERED && add_notice(pile, item, missing) != 0)
        return VLS_EMIT_SYSTEM;
    return VLS_EMIT_OK;
}

/* -- the message ------------------------------------------------------------------------------- */

static enum vls_emit say_what_it_is(const struct watch *w, const struct item *item)
{
    char symbol[SYMBOL + 1], title[TITLE + 1], at[21], url[PLUG_URL];
    const char *symbols[] = {symbol};
    struct vls_about about = {.size = sizeof about, .title = title};
    if (w->plug.about == NULL)
        return VLS_EMIT_OK;
    symbol_of(item, symbol);
    (void)plug_copy(title, sizeof title, item->title);
    if (symbol[0] != '\0' && w->issuer[0] != '\0') {
        about.issuer = w->issuer;
        about.symbols = symbols;
        about.symbol_count = 1;
    }
    plug_time_print(item->published_ms, at);
    about.published = item->published_ms != 0 ? at : NULL;
    if (item->link != NULL && strncmp(item->link, "http", 4) == 0) {
        plug_url_public(url, sizeof url, item->link);
        about.url = strchr(url, '*') == NULL ? url : NULL;
    }
    return w->plug.about->about(w->plug.ctx, &about);
}

static enum vls_emit begin(const struct watch *w, const struct item *item)
{
    char key[WATCH_KEY + 1], subject[SUBJECT + 1];
    origin_key(item, key);
    (void)plug_copy(subject, sizeof subject, item->title);
    const struct vls_document document = {.size = sizeof document,
                                          .origin_key = key,
                                          .kind = w->kind,
                                          .to = w->to,
                                          .label = w->label,
                                          .subject = subject};
    return w->plug.source->emit_begin(w->plug.ctx, &document);
}

/* Behind begin(), so that nothing is fetched for which there is no room. */
static enum vls_emit finish(struct watch *w, struct item *item, struct plug_pile *pile,
                            uint64_t *out_later_ms)
{
    char state[WATCH_STATE];
    const struct vls_source_service *source = w->plug.source;
    enum vls_emit how = make_pile(w, item, pile, out_later_ms);
    if (how == VLS_EMIT_OK)
        how = say_what_it_is(w, item);
    if (how == VLS_EMIT_OK)
        how = plug_pile_emit(pile, &w->plug, NULL);
    item_state_key(item->feed, item->id, state);
    if (how == VLS_EMIT_OK && w->known < WATCH_KNOWN)
        how = source->emit_state(w->plug.ctx, state, "1", 1);
    if (how == VLS_EMIT_OK)
        how = source->emit_end(w->plug.ctx, w->next_token + 1);
    else
        source->emit_abort(w->plug.ctx);
    return how;
}

enum vls_emit item_emit(struct watch *w, struct item *item, uint64_t *out_later_ms)
{
    struct plug_pile *pile = calloc(1, sizeof *pile);
    *out_later_ms = 0;
    enum vls_emit how = pile != NULL ? begin(w, item) : VLS_EMIT_SYSTEM;
    if (how == VLS_EMIT_OK)
        how = finish(w, item, pile, out_later_ms);
    if (how == VLS_EMIT_OK) {
        item->token = ++w->next_token;
        w->known++;
    }
    if (pile != NULL)
        plug_pile_fini(pile);
    free(pile);
    return how;
}
