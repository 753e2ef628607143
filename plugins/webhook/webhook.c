/* webhook - POSTs each received message to an https address, signed, once for each id. What a
 * receiver gets and how it verifies that is in valise-webhook(7); the interface is
 * valise-plugin(3).
 *
 * One request a message, multipart/form-data, written on as the documents come: their digests are
 * known only behind their bytes, so what describes them comes last, and is what is signed.
 *
 *     deliver_begin  open()                        headers, signed: time and id
 *     part_begin     write()                       form field "document": its head
 *     part_bytes     write()                       its bytes, which are digested as well
 *     deliver_end    write() write(), answer()     "message" (JSON), "signature"; then the status
 */
#include <valise/plugin.h>

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define URL_MAX      2047 /* as the interface has it */
#define SECRET_LEAST 16
#define DIGEST_BYTES 32
#define HEX_ROOM     (2 * DIGEST_BYTES + 1)
#define BOUNDARY     "valise-0123456789abcdef0123456789abcdef"
#define NAME_ROOM    (3 * 255 + 1) /* a file name, each byte escaped */
#define HEAD_ROOM    2048

static const struct vls_setting SETTINGS[] = {
    {.name = "url",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 1,
     .max = URL_MAX,
     .help = "Where messages are posted to: https://HOST[:PORT]/..., of the hosts in http.hosts."},
    {.name = "secret",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED | VLS_SETTING_SECRET,
     .min = SECRET_LEAST,
     .max = 1024,
     .help = "File with the key of the signatures, which the receiver has, too."},
    {0},
};

struct plugin {
    const struct vls_host *host;
    const struct vls_http_service *web;
    EVP_MD_CTX *digest;
    /* of the message that is being delivered */
    struct vls_http *http;
    bool is_over;    /* the receiver has it, and said so before it had all bytes of this attempt */
    json_t *message; /* what describes it, with the documents so far */
    json_t *document;
    char boundary[sizeof BOUNDARY];
};

/* -- signatures -------------------------------------------------------------------------------- */

static void hex_of(const unsigned char *bytes, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* "t=SECONDS, v1=HEX": HEX is HMAC-SHA256 of "SECONDS." and the text. */
static bool sign(const struct plugin *p, const char *text, char *out, size_t room)
{
    const char *secret = p->host->setting(p->host->ctx, "secret");
    unsigned char mac[EVP_MAX_MD_SIZE];
    char hex[HEX_ROOM], at[24];
    unsigned len = 0;
    size_t text_len = strlen(text);
    int at_len = snprintf(at, sizeof at, "%" PRIu64 ".", p->host->now_ms(p->host->ctx) / 1000);
    unsigned char *signed_text = malloc((size_t)at_len + text_len);
    if (signed_text == NULL)
        return false;
    memcpy(signed_text, at, (size_t)at_len);
    memcpy(signed_text + at_len, text, text_len);
    bool is_made = HMAC(EVP_sha256(), secret, (int)strlen(secret), signed_text,
                        (size_t)at_len + text_len, mac, &len) != NULL &&
                   len == DIGEST_BYTES;
    free(signed_text);
    if (!is_made)
        return false;
    hex_of(mac, DIGEST_BYTES, hex);
    snprintf(out, room, "t=%.*s, v1=%s", at_len - 1, at, hex);
    return true;
}

/* -- life -------------------------------------------------------------------------------------- */

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    const char *url = host->setting(host->ctx, "url");
    if (strncmp(url, "https://", 8) != 0 || url[8] == '\0' || url[8] == '/') {
        snprintf(why, room, "setting url must be https://HOST[:PORT]/...");
        return -1;
    }
    /* no openssl.cnf: it lies outside of what the sandbox lets a plugin read */
    struct plugin *p = calloc(1, sizeof *p);
    if (p == NULL || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
        (p->digest = EVP_MD_CTX_new()) == NULL) {
        free(p);
        snprintf(why, room, "no memory");
        return -1;
    }
    p->host = host;
    *out_state = p;
    return 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct plugin *p = state;
    char signature[HEX_ROOM + 32];
    p->web = host->service(host->ctx, "valise.http/1");
    if (p->web == NULL || !sign(p, "", signature, sizeof signature)) {
        snprintf(why, room,
                 p->web == NULL ? "this host has no valise.http/1"
                                : "libcrypto makes no HMAC-SHA256");
        return -1;
    }
    return 0;
}

static void forget(struct plugin *p)
{
    if (p->http != NULL)
        p->web->close(p->host->ctx, p->http);
    json_decref(p->message); /* document is in it */
    p->http = NULL;
    p->message = p->document = NULL;
    p->is_over = false;
}

static void stop(void *state)
{
    struct plugin *p = state;
    json_decref(p->message);
    EVP_MD_CTX_free(p->digest);
    free(p);
}

/* -- what an outcome and a status mean --------------------------------------------------------- */

static enum vls_answer say(enum vls_answer answer, char *why, size_t room, const char *words)
{
    snprintf(why, room, "%s", words);
    return answer;
}

static enum vls_answer of_status(unsigned status, bool is_whole, char *why, size_t room)
{
    if (status == 409) /* the id was used before: a former attempt was taken */
        return VLS_ANSWER_DONE;
    if (status >= 200 && status < 300 && is_whole)
        return VLS_ANSWER_DONE;
    bool is_later = status == 408 || status == 425 || status == 429 || status >= 500 ||
                    (status >= 200 && status < 300);
    snprintf(why, room,
             is_whole ? "the receiver answered %u"
                      : "the receiver answered %u before it had the whole message",
             status);
    return is_later ? VLS_ANSWER_RETRY : VLS_ANSWER_REFUSE;
}

static enum vls_answer of_outcome(enum vls_http_outcome outcome,
                                  const struct vls_http_response *said, char *why, size_t room)
{
    snprintf(why, room, "%s", said->why[0] != '\0' ? said->why : "the request failed");
    switch (outcome) {
    case VLS_HTTP_DENIED:
    case VLS_HTTP_REDIRECT:
    case VLS_HTTP_INVALID:
    case VLS_HTTP_TOO_LARGE: /* of the request: nobody reads the answer's content */
        return VLS_ANSWER_REFUSE;
    default: /* it may have arrived: the next attempt has the same key */
        return VLS_ANSWER_RETRY;
    }
}

static enum vls_answer ask(struct plugin *p, bool is_whole, char *why, size_t room)
{
    struct vls_http_response said = {.size = sizeof said, .why = ""};
    enum vls_http_outcome outcome = p->web->answer(p->host->ctx, p->http, &said);
    return outcome == VLS_HTTP_OK ? of_status(said.status, is_whole, why, room)
                                  : of_outcome(outcome, &said, why, room);
}

/* -- the body ---------------------------------------------------------------------------------- */

/* A receiver need not wait for the end to say that it has the message, or does not want it. */
static enum vls_answer put(struct plugin *p, const void *bytes, size_t len, char *why, size_t room)
{
    if (p->is_over || len == 0 || p->web->write(p->host->ctx, p->http, bytes, len) == VLS_HTTP_OK)
        return VLS_ANSWER_DONE;
    enum vls_answer answer = ask(p, false, why, room);
    p->is_over = answer == VLS_ANSWER_DONE;
    return answer;
}

static enum vls_answer put_text(struct plugin *p, const char *text, char *why, size_t room)
{
    return put(p, text, strlen(text), why, room);
}

/* As browsers write the name of a file in a form: no quote and no end of line within it. */
static void escape(const char *name, char out[NAME_ROOM])
{
    size_t used = 0;
    for (; *name != '\0' && used + 4 < NAME_ROOM; name++) {
        unsigned char c = (unsigned char)*name;
        bool is_plain = c >= ' ' && c != '"' && c != 0x7f;
        used += (size_t)snprintf(out + used, 4, is_plain ? "%c" : "%%%02X", c);
    }
    out[used] = '\0';
}

/* It is the sender's word: nothing that would end a line of ours. */
static const char *media_type(const struct vls_part *part)
{
    for (const char *at = part->media_type; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            return "application/octet-stream";
    size_t len = strlen(part->media_type);
    return len > 0 && len < 256 ? part->media_type : "application/octet-stream";
}

/* -- what describes it ------------------------------------------------------------------------- */

static json_t *list_of(const char *const *names, uint64_t count)
{
    json_t *list = json_array();
    for (uint64_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *describe(const struct vls_message *m)
{
    return json_pack(
        "{ss ss ss ss ss ss ss ss ss ss ss sI sI ss sb ss sI so so ss so}", "format",
        "valise-webhook/1", "id", m->id, "kind", m->kind, "from", m->from, "to", m->to, "body",
        m->body, "label", m->label, "marking", m->marking, "subject", m->subject, "conversation",
        m->conversation, "in_reply_to", m->in_reply_to, "created_ms", (json_int_t)m->created_ms,
        "received_ms", (json_int_t)m->received_ms, "distribution", m->distribution, "personal_data",
        (m->flags & VLS_PERSONAL_DATA) != 0, "safeguards", m->safeguards, "embargo_until_ms",
        (json_int_t)m->embargo_until_ms, "audience", list_of(m->audience, m->audience_count),
        "topics", list_of(m->topics, m->topic_count), "answer_state", m->answer_state, "documents",
        json_array());
}

/* -- sink -------------------------------------------------------------------------------------- */

static bool make_boundary(struct plugin *p)
{
    unsigned char random[16];
    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    memcpy(p->boundary, BOUNDARY, sizeof BOUNDARY);
    hex_of(random, sizeof random, p->boundary + strlen("valise-"));
    return true;
}

static enum vls_answer deliver_begin(void *state, const struct vls_message *m, char *why,
                                     size_t room)
{
    struct plugin *p = state;
    char type[sizeof BOUNDARY + 40], signature[HEX_ROOM + 32];
    forget(p);
    p->message = describe(m);
    if (p->message == NULL || !make_boundary(p) || !sign(p, m->id, signature, sizeof signature))
        return say(VLS_ANSWER_RETRY, why, room, "no memory for the message");
    snprintf(type, sizeof type, "multipart/form-data; boundary=%s", p->boundary);
    const struct vls_http_header fields[] = {
        {"Content-Type", type}, {"Idempotency-Key", m->id}, {"Valise-Signature", signature}};
    struct vls_http_request post = {.size = sizeof post,
                                    .flags = VLS_HTTP_STREAM | VLS_HTTP_NO_REDIRECT,
                                    .method = "POST",
                                    .url = p->host->setting(p->host->ctx, "url"),
                                    .headers = fields,
                                    .header_count = sizeof fields / sizeof fields[0],
                                    .body_bytes = VLS_HTTP_UNKNOWN};
    if (p->web->open(p->host->ctx, &post, &p->http) == VLS_HTTP_OK)
        return VLS_ANSWER_DONE;
    enum vls_answer answer = ask(p, false, why, room);
    p->is_over = answer == VLS_ANSWER_DONE;
    if (p->is_over)
        answer = VLS_ANSWER_HAVE;
    forget(p); /* deliver_abort() comes only after DONE */
    return answer;
}

static enum vls_answer part_begin(void *state, const struct vls_part *part, char *why, size_t room)
{
    struct plugin *p = state;
    char name[NAME_ROOM], head[HEAD_ROOM];
    escape(part->name, name);
    snprintf(head, sizeof head,
             "--%s\r\nContent-Disposition: form-data; name=\"document\"; filename=\"%s\"\r\n"
             "Content-Type: %s\r\n\r\n",
             p->boundary, name, media_type(part));
    p->document =
        json_pack("{ss ss sI ss ss}", "name", part->name, "media_type", part->media_type, "bytes",
                  (json_int_t)part->bytes, "label", part->label, "marking", part->marking);
    if (json_array_append_new(json_object_get(p->message, "documents"), p->document) != 0 ||
        EVP_DigestInit_ex(p->digest, EVP_sha256(), NULL) != 1)
        return say(VLS_ANSWER_RETRY, why, room, "no memory for a document");
    return put_text(p, head, why, room);
}

static enum vls_answer part_bytes(void *state, const void *bytes, size_t len, char *why,
                                  size_t room)
{
    struct plugin *p = state;
    if (EVP_DigestUpdate(p->digest, bytes, len) != 1)
        return say(VLS_ANSWER_RETRY, why, room, "libcrypto makes no digest");
    return put(p, bytes, len, why, room);
}

static enum vls_answer part_end(void *state, char *why, size_t room)
{
    struct plugin *p = state;
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[HEX_ROOM];
    if (EVP_DigestFinal_ex(p->digest, digest, NULL) != 1)
        return say(VLS_ANSWER_RETRY, why, room, "libcrypto makes no digest");
    hex_of(digest, DIGEST_BYTES, hex);
    if (json_object_set_new(p->document, "sha256", json_string(hex)) != 0)
        return say(VLS_ANSWER_RETRY, why, room, "no memory for a document");
    return put_text(p, "\r\n", why, room);
}

/* The last two fields: the description, and the signature over its very bytes. */
static enum vls_answer put_description(struct plugin *p, const char *json, char *why, size_t room)
{
    char head[HEAD_ROOM], signature[HEX_ROOM + 32];
    if (!sign(p, json, signature, sizeof signature))
        return say(VLS_ANSWER_RETRY, why, room, "libcrypto makes no signature");
    snprintf(head, sizeof head,
             "--%s\r\nContent-Disposition: form-data; name=\"message\"\r\n"
             "Content-Type: application/json\r\n\r\n",
             p->boundary);
    enum vls_answer answer = put_text(p, head, why, room);
    if (answer == VLS_ANSWER_DONE)
        answer = put_text(p, json, why, room);
    snprintf(head, sizeof head,
             "\r\n--%s\r\nContent-Disposition: form-data; name=\"signature\"\r\n\r\n%s\r\n"
             "--%s--\r\n",
             p->boundary, signature, p->boundary);
    return answer == VLS_ANSWER_DONE ? put_text(p, head, why, room) : answer;
}

static enum vls_answer deliver_end(void *state, char *why, size_t room)
{
    struct plugin *p = state;
    char *json = json_dumps(p->message, JSON_COMPACT);
    if (json == NULL)
        return say(VLS_ANSWER_RETRY, why, room, "no memory for the description");
    enum vls_answer answer = put_description(p, json, why, room);
    free(json);
    if (answer == VLS_ANSWER_DONE && !p->is_over)
        answer = ask(p, true, why, room);
    if (answer == VLS_ANSWER_DONE) /* otherwise deliver_abort() comes */
        forget(p);
    return answer;
}

static void deliver_abort(void *state)
{
    forget(state);
}

/* -- the descriptor ---------------------------------------------------------------------------- */

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_RECEIVE,
    .roles = VLS_PLUGIN_SINK,
    .id = "webhook",
    .version = "1.0",
    .summary = "Posts received messages to an https address, signed.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .deliver_begin = deliver_begin,
    .part_begin = part_begin,
    .part_bytes = part_bytes,
    .part_end = part_end,
    .deliver_end = deliver_end,
    .deliver_abort = deliver_abort,
};

VLS_PLUGIN_EXPORT(PLUGIN)
