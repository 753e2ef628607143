#include "ask.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "pile.h"
#include "pour.h"
#include "words.h"

#define PIECE      65536u
#define FIRST_ROOM 4096u /* the least that plug_gather() takes */

_Static_assert(PIECE >= PLUG_KIND_BYTES, "the first bytes fit into one piece");

/* One request under way. */
struct asking {
    struct plug *plug;
    const struct plug_ask *ask;
    struct plug_answer *answer;
    struct vls_http *http;
    struct plug_pour pour;
    char host[PLUG_FIELD];
};

/* -- words ------------------------------------------------------------------------------------- */

static uint32_t conclude(struct asking *a, uint32_t result, const char *words)
{
    a->answer->result = result;
    plug_say(a->answer->why, sizeof a->answer->why, "%s: %s", a->host, words);
    return result;
}

uint32_t plug_malformed(struct plug_answer *answer, const char *where, const char *fmt, ...)
{
    char words[PLUG_WHY * 2];
    va_list list;
    va_start(list, fmt);
    vsnprintf(words, sizeof words, fmt, list);
    va_end(list);
    plug_say(answer->why, sizeof answer->why, "%s", words);
    (void)plug_copy(answer->where, sizeof answer->where, where);
    return answer->result = VLS_RESULT_MALFORMED;
}

/* When to come again: what they said, within reason; or a while from now. */
static void later(struct asking *a, uint64_t said_ms, uint64_t otherwise_ms)
{
    uint64_t now = a->plug->host->now_ms(a->plug->ctx);
    uint64_t most = now + PLUG_WAIT_MOST;
    a->answer->retry_at_ms = said_ms <= now ? now + otherwise_ms : said_ms < most ? said_ms : most;
}

/* -- the exchange ------------------------------------------------------------------------------ */

/* inline; filename="A_79_PV.1-EN.pdf", or filename=NAME */
static void keep_name(struct plug_answer *answer, const char *disposition)
{
    const char *at = disposition != NULL ? strcasestr(disposition, "filename=") : NULL;
    if (at == NULL)
        return;
    at += strlen("filename=");
    bool is_quoted = *at == '"';
    at += is_quoted;
    size_t len = strcspn(at, is_quoted ? "\"" : "; ");
    if (len < sizeof answer->name)
        (void)plug_copy(answer->name, len + 1, at);
}

static void keep(struct asking *a, const struct vls_http_response *said)
{
    struct plug_answer *answer = a->answer;
    const char *location =
        a->http != NULL ? a->plug->web->header(a->plug->ctx, a->http, "Location", 0) : NULL;
    if (a->http != NULL)
        keep_name(answer, a->plug->web->header(a->plug->ctx, a->http, "Content-Disposition", 0));
    answer->is_range = a->ask->range_first > 0 && said->is_whole == 0 && said->status == 206;
    answer->total = answer->is_range                  ? said->range_total
                    : said->bytes != VLS_HTTP_UNKNOWN ? said->bytes
                                                      : 0;
    answer->status = said->status;
    plug_url_public(answer->url, sizeof answer->url,
                    said->url != NULL && said->url[0] != '\0' ? said->url : a->ask->url);
    (void)plug_copy(answer->type, sizeof answer->type, said->content_type);
    (void)plug_copy(answer->etag, sizeof answer->etag, said->etag);
    (void)plug_copy(answer->modified, sizeof answer->modified, said->modified);
    (void)plug_copy(answer->location, sizeof answer->location, location != NULL ? location : "");
}

/* What an exchange that failed means; fetch has said why. */
static uint32_t failed(struct asking *a, enum vls_http_outcome how,
                       const struct vls_http_response *said)
{
    char words[PLUG_WHY];
    a->answer->how = how;
    plug_say(words, sizeof words, "%s",
             said->why != NULL && said->why[0] != '\0' ? said->why : "the request was not made");
    switch (how) {
    case VLS_HTTP_UNCHANGED:
        a->answer->why[0] = '\0';
        return a->answer->result = VLS_RESULT_UNCHANGED;
    case VLS_HTTP_TOO_LARGE:
    case VLS_HTTP_MALFORMED:
    case VLS_HTTP_REDIRECT:
    case VLS_HTTP_INVALID:
        if (how == VLS_HTTP_REDIRECT)
            snprintf(a->answer->where, sizeof a->answer->where, "redirect");
        else
            snprintf(a->answer->where, sizeof a->answer->where, "byte %" PRIu64, a->pour.bytes);
        return conclude(a, VLS_RESULT_MALFORMED, words);
    case VLS_HTTP_DENIED:
        later(a, 0, PLUG_FIX_MS);
        return conclude(a, VLS_RESULT_RETRY_AT, words);
    case VLS_HTTP_OK: /* none of these: it did not fail */
    case VLS_HTTP_TIMEOUT:
    case VLS_HTTP_RESOLVE:
    case VLS_HTTP_TLS:
    case VLS_HTTP_CONNECT:
    case VLS_HTTP_RATE:
    case VLS_HTTP_BUSY:
    case VLS_HTTP_BROKEN:
    case VLS_HTTP_SYSTEM:
        break;
    }
    later(a, said->retry_at_ms, PLUG_WAIT_MS);
    return conclude(a, VLS_RESULT_RETRY_AT, words);
}

/* -- what a status means ----------------------------------------------------------------------- */

static bool mentions(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(text, *words) != NULL)
            return true;
    return false;
}

/* A firewall wants a browser: its field, its script, or an answer that promises and has nothing. */
static bool is_challenge(const struct asking *a)
{
    static const char *const SCRIPTS[] = {"gokuProps",   "challenge.js", "cf-chl",
                                          "_Incapsula_", "g-recaptcha",  NULL};
    static const char *const FIELDS[] = {"x-amzn-waf-action", "cf-mitigated"};
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++)
        if (a->plug->web->header(a->plug->ctx, a->http, FIELDS[i], 0) != NULL)
            return true;
    if (a->answer->status == 202 && !a->ask->is_accepted_good)
        return true;
    return a->answer->kind == PLUG_HTML && mentions(a->answer->body, SCRIPTS);
}

static bool wants_key(const struct asking *a)
{
    static const char *const WORDS[] = {
        "api key",      "apikey",     "api_key",          "subscription key", "appname", "token",
        "guest is not", "credential", "subscription-key", "log in",           NULL};
    return mentions(a->answer->body, WORDS);
}

static bool is_login(const struct asking *a)
{
    static const char *const PLACES[] = {"/login", "youraccount", "/signin", "/sso/", NULL};
    return a->answer->kind == PLUG_HTML && mentions(a->answer->url, PLACES);
}

static uint32_t by_status(struct asking *a, const struct vls_http_response *said)
{
    char words[64];
    unsigned status = said->status;
    snprintf(words, sizeof words, "it answered %u", status);
    switch (status) {
    case 401:
    case 407:
        return conclude(a, VLS_RESULT_NEEDS_KEY, "it wants a key, or another than it was given");
    case 403:
        return wants_key(a)
                   ? conclude(a, VLS_RESULT_NEEDS_KEY, "it wants a key or name that it knows (403)")
                   : conclude(a, VLS_RESULT_REFUSED, "it refuses this request (403)");
    case 404:
        return conclude(a, VLS_RESULT_NOT_FOUND, "it has no such document (404)");
    case 410:
        return conclude(a, VLS_RESULT_NOT_FOUND, "it no longer has that (410)");
    case 451:
        return conclude(a, VLS_RESULT_REFUSED, "it may not give that out (451)");
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        later(a, said->retry_at_ms, PLUG_WAIT_MS);
        snprintf(words, sizeof words, "it asked to come again later (%u)", status);
        return conclude(a, VLS_RESULT_RETRY_AT, words);
    default:
        if (status > 504 && status < 600) {
            later(a, said->retry_at_ms, PLUG_WAIT_MS);
            return conclude(a, VLS_RESULT_RETRY_AT, words);
        }
        snprintf(a->answer->where, sizeof a->answer->where, "status %u", status);
        return conclude(a, VLS_RESULT_MALFORMED, words);
    }
}

static bool is_wanted(const struct asking *a)
{
    unsigned kind = a->answer->kind;
    return a->ask->kinds == 0 ? kind != PLUG_EMPTY : (a->ask->kinds & kind) != 0;
}

static bool is_good_status(const struct asking *a, unsigned status)
{
    return status == 200 || status == 206 || status == 203 ||
           (a->ask->is_accepted_good && (status == 201 || status == 202)) ||
           (a->ask->no_redirect && status >= 300 && status < 400) ||
           (a->ask->any_status && status != 429 && status != 503 && is_wanted(a));
}

/* Status and first bytes are known: is it what was asked for? Sets result; DELIVERED: go on. */
static uint32_t judge(struct asking *a, const struct vls_http_response *said)
{
    char words[PLUG_WHY];
    struct plug_answer *answer = a->answer;
    if (is_challenge(a))
        return conclude(a, VLS_RESULT_BLOCKED,
                        "a challenge for programs: not worked around; ask who runs it for access");
    if (!is_good_status(a, said->status))
        return by_status(a, said);
    if (is_wanted(a) || (a->ask->no_redirect && said->status >= 300) || a->ask->is_accepted_good)
        return answer->result = VLS_RESULT_DELIVERED;
    if (is_login(a))
        return conclude(a, VLS_RESULT_NEEDS_KEY, "it leads to a page to log in at");
    if (answer->kind == PLUG_EMPTY && a->ask->empty != VLS_RESULT_NONE)
        return conclude(a, a->ask->empty, "it answered 200 with nothing in it");
    snprintf(answer->where, sizeof answer->where, "byte 0");
    snprintf(words, sizeof words, "it answered %u with %s, which is not what was asked for",
             said->status, plug_kind_words(answer->kind));
    return conclude(a, VLS_RESULT_MALFORMED, words);
}

/* -- content ----------------------------------------------------------------------------------- */

/* Until `room` is full or the end. */
static enum vls_http_outcome read_first(struct asking *a, unsigned char *to, size_t room,
                                        size_t *out_len)
{
    enum vls_http_outcome how = VLS_HTTP_OK;
    size_t len = 1;
    *out_len = 0;
    while (how == VLS_HTTP_OK && len > 0 && *out_len < room) {
        len = 0;
        how = a->plug->web->read(a->plug->ctx, a->http, to + *out_len, room - *out_len, &len);
        *out_len += how == VLS_HTTP_OK ? len : 0;
    }
    return how;
}

/* The start of what is no document, for who looks for words in it. */
static void keep_body(struct plug_answer *answer, const void *first, size_t len)
{
    const char *from = first;
    size_t kept = len < PLUG_BODY_START ? len : PLUG_BODY_START;
    for (size_t i = 0; i < kept; i++)
        answer->body[i] = from[i];
    for (size_t i = 0; i < kept; i++)
        if ((unsigned char)answer->body[i] < ' ')
            answer->body[i] = ' ';
    answer->body[kept] = '\0';
}

static uint32_t refused_by_taker(struct asking *a)
{
    if (a->answer->result == VLS_RESULT_DELIVERED)
        a->answer->result = VLS_RESULT_MALFORMED;
    return a->answer->result;
}

static uint32_t pour_rest(struct asking *a, unsigned char *piece, struct vls_http_response *said)
{
    enum vls_http_outcome how = VLS_HTTP_OK;
    size_t len = 1;
    while (how == VLS_HTTP_OK && len > 0) {
        len = 0;
        how = a->plug->web->read(a->plug->ctx, a->http, piece, PIECE, &len);
        if (how == VLS_HTTP_OK && len > 0 && plug_pour(&a->pour, piece, len) != 0)
            return refused_by_taker(a);
    }
    if (how == VLS_HTTP_OK)
        return plug_pour_end(&a->pour) == 0 ? a->answer->result : refused_by_taker(a);
    (void)a->plug->web->answer(a->plug->ctx, a->http, said);
    return failed(a, how, said);
}

static uint32_t take_content(struct asking *a, unsigned char *piece, struct vls_http_response *said)
{
    size_t len = 0;
    const void *first = piece;
    if (a->answer->is_range) {
        a->answer->result = VLS_RESULT_DELIVERED;
        return pour_rest(a, piece, said);
    }
    size_t first_len;
    enum vls_http_outcome how = read_first(a, piece, PLUG_KIND_BYTES, &len);
    if (how != VLS_HTTP_OK) {
        (void)a->plug->web->answer(a->plug->ctx, a->http, said);
        return failed(a, how, said);
    }
    first_len = len;
    a->answer->kind = plug_kind_of(piece, len);
    if (a->answer->kind == PLUG_GZIP && (a->ask->kinds & PLUG_GZIP) == 0 && a->ask->kinds != 0) {
        if (plug_pour_unpack(&a->pour, piece, len, &first, &first_len) != 0)
            return a->answer->result;
        a->answer->kind = plug_kind_of(first, first_len);
        a->answer->is_compressed_unsaid = true;
    }
    keep_body(a->answer, first, first_len);
    if (judge(a, said) != VLS_RESULT_DELIVERED)
        return a->answer->result;
    a->answer->body[0] = '\0';
    if (plug_pour_first(&a->pour, first, first_len) != 0)
        return refused_by_taker(a);
    return pour_rest(a, piece, said);
}

/* What may be resumed must come as the server keeps it. */
static uint32_t flags_of(const struct plug_ask *ask)
{
    return (ask->no_redirect ? VLS_HTTP_NO_REDIRECT : 0) |
           (ask->range_first > 0 ? VLS_HTTP_RANGE : 0) |
           (ask->resumes > 0 || ask->range_first > 0 ? VLS_HTTP_PLAIN : 0);
}

static uint32_t exchange(struct asking *a)
{
    const struct plug_ask *ask = a->ask;
    struct vls_http_request request = {.size = sizeof request,
                                       .flags = flags_of(ask),
                                       .method = ask->method,
                                       .url = ask->url,
                                       .headers = ask->headers,
                                       .header_count = ask->header_count,
                                       .etag = ask->etag,
                                       .modified = ask->modified,
                                       .body = ask->body,
                                       .body_bytes = ask->body_bytes,
                                       .range_first = ask->range_first,
                                       .if_range = ask->if_range,
                                       .max_bytes = ask->max_bytes,
                                       .timeout_ms = ask->timeout_ms};
    struct vls_http_response said = {
        .size = sizeof said, .why = "", .url = "", .content_type = "", .etag = "", .modified = ""};
    enum vls_http_outcome how = a->plug->web->open(a->plug->ctx, &request, &a->http);
    if (a->http != NULL)
        how = a->plug->web->answer(a->plug->ctx, a->http, &said);
    keep(a, &said);
    a->answer->how = how;
    if (how != VLS_HTTP_OK)
        return failed(a, how, &said);
    unsigned char *piece = malloc(PIECE);
    if (piece == NULL)
        return failed(a, VLS_HTTP_SYSTEM, &said);
    uint32_t result = take_content(a, piece, &said);
    free(piece);
    return result;
}

uint32_t plug_stream(struct plug *plug, const struct plug_ask *ask, plug_take_fn take, void *ctx,
                     struct plug_answer *answer)
{
    struct asking a = {.plug = plug, .ask = ask, .answer = answer};
    *answer = (struct plug_answer){.kind = PLUG_EMPTY};
    if (!plug_url_host(a.host, sizeof a.host, ask->url))
        (void)plug_copy(a.host, sizeof a.host, "the endpoint");
    plug_pour_init(&a.pour, take, ctx, answer, ask->max_bytes);
    uint32_t result = exchange(&a);
    answer->bytes = a.pour.bytes;
    plug_pour_fini(&a.pour);
    plug->web->close(plug->ctx, a.http);
    return result;
}

void plug_finding(struct vls_finding *finding, const struct plug_answer *answer)
{
    finding->result = answer->result;
    finding->retry_at_ms = answer->retry_at_ms;
    finding->where = answer->where[0] != '\0' ? answer->where : NULL;
    finding->url = answer->url[0] != '\0' ? answer->url : NULL;
}

/* -- all of it --------------------------------------------------------------------------------- */

struct gathering {
    struct plug_bytes *bytes;
    size_t most;
};

void plug_bytes_fini(struct plug_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct plug_bytes){.at = NULL};
}

static int gather(void *ctx, struct plug_answer *answer, const void *piece, size_t len)
{
    struct gathering *g = ctx;
    struct plug_bytes *bytes = g->bytes;
    if (len > g->most - bytes->len) {
        plug_malformed(answer, "length", "the answer is larger than %zu bytes", g->most);
        return -1;
    }
    size_t needed = bytes->len + len + 1, room = bytes->room > 0 ? bytes->room : FIRST_ROOM;
    while (room < needed)
        room *= 2;
    if (room > bytes->room) {
        char *grown = realloc(bytes->at, room);
        if (grown == NULL) {
            plug_malformed(answer, "length", "no memory for an answer of %zu bytes", needed);
            return -1;
        }
        bytes->at = grown;
        bytes->room = room;
    }
    memcpy(bytes->at + bytes->len, piece, len);
    bytes->len += len;
    bytes->at[bytes->len] = '\0';
    return 0;
}

uint32_t plug_gather(struct plug *plug, const struct plug_ask *ask, size_t most,
                     struct plug_bytes *out, struct plug_answer *answer)
{
    struct gathering g = {.bytes = out, .most = most};
    *out = (struct plug_bytes){.at = NULL};
    if (plug_stream(plug, ask, gather, &g, answer) != VLS_RESULT_DELIVERED)
        plug_bytes_fini(out);
    return answer->result;
}

/* -- into a file ------------------------------------------------------------------------------- */

struct filing {
    int fd;
    bool has_begun; /* with this answer */
    uint64_t bytes, total;
    enum plug_kind kind;
    char etag[PLUG_FIELD];
};

/* The first piece of an answer: the rest of what is there, or all from the start. */
static int begin_file(struct filing *file, struct plug_answer *answer)
{
    file->has_begun = true;
    if (answer->is_range) {
        answer->kind = file->kind;
        if (file->etag[0] != '\0' || (file->total != 0 && file->total == answer->total))
            return 0;
        (void)plug_malformed(answer, "range", "the rest that was asked for is of other content");
        return -1;
    }
    file->kind = answer->kind;
    file->total = answer->total;
    (void)plug_copy(file->etag, sizeof file->etag,
                    strncmp(answer->etag, "W/", 2) != 0 ? answer->etag : "");
    if (file->bytes == 0)
        return 0;
    file->bytes = 0;
    if (ftruncate(file->fd, 0) == 0 && lseek(file->fd, 0, SEEK_SET) == 0)
        return 0;
    (void)plug_malformed(answer, "length", "no room for the document");
    return -1;
}

static int pour_to_file(void *ctx, struct plug_answer *answer, const void *piece, size_t len)
{
    struct filing *file = ctx;
    if (!file->has_begun && begin_file(file, answer) != 0)
        return -1;
    if (plug_write(file->fd, piece, len) == 0) {
        file->bytes += len;
        return 0;
    }
    (void)plug_malformed(answer, "length", "no memory for a document of this size");
    return -1;
}

static bool may_go_on(const struct filing *file, const struct plug_answer *answer)
{
    return (answer->how == VLS_HTTP_MALFORMED || answer->how == VLS_HTTP_BROKEN) &&
           file->bytes > 0 && (file->etag[0] != '\0' || file->total != 0);
}

static uint32_t fetch(struct plug *plug, const struct plug_ask *ask, struct filing *file,
                      struct plug_answer *answer)
{
    struct plug_ask now = *ask;
    for (unsigned left = ask->resumes;; left--) {
        file->has_begun = false;
        uint32_t result = plug_stream(plug, &now, pour_to_file, file, answer);
        if (result == VLS_RESULT_DELIVERED)
            answer->bytes = file->bytes;
        if (result == VLS_RESULT_DELIVERED || left == 0 || !may_go_on(file, answer))
            return result;
        now.range_first = file->bytes;
        now.if_range = file->etag[0] != '\0' ? file->etag : NULL;
    }
}

uint32_t plug_fetch(struct plug *plug, const struct plug_ask *ask, int *out_fd,
                    struct plug_answer *answer)
{
    struct filing file = {.fd = plug_memory_file(), .kind = PLUG_EMPTY};
    *out_fd = -1;
    if (file.fd < 0) {
        *answer = (struct plug_answer){.kind = PLUG_EMPTY};
        return plug_malformed(answer, "length", "no memory for a document");
    }
    if (fetch(plug, ask, &file, answer) == VLS_RESULT_DELIVERED &&
        !plug_has_end(file.fd, file.bytes, answer->kind))
        (void)plug_malformed(answer, "end", "%s that breaks off, in an answer that does not",
                             plug_kind_words(answer->kind));
    if (answer->result == VLS_RESULT_DELIVERED)
        *out_fd = file.fd;
    else
        close(file.fd);
    return answer->result;
}
