#ifndef VALISE_PLUGIN_H
#define VALISE_PLUGIN_H
/*
 * valise/plugin.h - all that a Valise plugin includes: plain C11, clean in C17 and C++17, nobody
 * else's types.
 *
 * A plugin is one shared object with one exported symbol, made by VLS_PLUGIN_EXPORT(). A host
 * process loads it, alone, and makes every call from one thread, in this order:
 *
 *     configure ─> start ─> serve: poll, committed, deliver_..., resolve, inspect_... ─> drain
 *                                                                ─> committed ... ─> stop
 *
 * Rules for all calls
 *   - Each callback has a deadline (30 s unless the operator set another): later, the process is
 * killed. A crash or a missed deadline counts as uncertain: the same thing is asked again, so a
 * plugin must bear being asked twice.
 *   - Pointers handed to you are lent for the call; pointers that you hand over are copied.
 * Exceptions are written out.
 *   - Text is UTF-8 with a NUL behind it; an optional one may be NULL. Times are milliseconds since
 * 1970, UTC.
 *   - `why` has room for `why_room` bytes: one sentence for the operator, without content and
 * without secrets.
 *   - No fork, no thread, no signal handler, no atexit(): the sandbox forbids most of it, and the
 * object is never unloaded.
 *
 * CHANGES   1.0  first layout
 *           1.1  labels of single parts: struct vls_part and emit_label(); struct vls_message has
 *                labels_xml. A host of 1.0 has no emit_label(): look at `size` of the service
 *           1.2  how a message is to be handled: struct vls_document and struct vls_message have
 *                distribution and what follows. A host of 1.1 would send without: look at its `abi`
 *           1.3  service "valise.http/1", with VLS_CAP_NET: https through a process of the gateway
 *           1.3  roles resolver and inspector: their calls at the end of struct vls_plugin,
 *                VLS_CAP_RESOLVE and VLS_CAP_INSPECT, the services "valise.resolver/1",
 *                "valise.report/1" and "valise.metrics/1", and `direction` of struct vls_message
 *           1.4  service "valise.about/1": what a document is, from sources and resolvers; `about`
 *                of struct vls_message and struct vls_part: the same to sinks and inspectors;
 *                `like` and `advice` of struct vls_commit, VLS_OUTCOME_UNWANTED. A
 *                document whose `to` is empty goes to whoever subscribes to what it is about; a
 *                host of 1.3 refuses it: look at its `abi`
 *
 * The promise: a struct only grows at its end and its `size` says how much of it is there; what is
 * missing reads as zero. Numbers are never reused. Only a new VLS_ABI_MAJOR refuses an old binary.
 */
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define VLS_ABI_MAJOR 1u
#define VLS_ABI_MINOR 4u
#define VLS_ABI       ((VLS_ABI_MAJOR << 16) | VLS_ABI_MINOR)

/* What a plugin is asked to do; any mix. A host below 1.3 refuses the last two. */
#define VLS_PLUGIN_SOURCE    (1u << 0) /* brings documents to send    */
#define VLS_PLUGIN_SINK      (1u << 1) /* takes received messages     */
#define VLS_PLUGIN_RESOLVER  (1u << 2) /* fetches by name             */
#define VLS_PLUGIN_INSPECTOR (1u << 3) /* looks and vetoes            */

/* What its process may do: (needed | wanted) and granted by the operator, by name. Nothing is
 * implied by anything. */
#define VLS_CAP_FILES                                                                              \
    (UINT64_C(1) << 0) /* "files": read and write below the directories granted in `paths` */
#define VLS_CAP_STATE                                                                              \
    (UINT64_C(1) << 1) /* "state": a small key-value store of its own                      */
#define VLS_CAP_NET                                                                                \
    (UINT64_C(1) << 2) /* "net": https to the hosts that the operator lists; no sockets    */

#define VLS_CAP_SEND                                                                               \
    (UINT64_C(1) << 3) /* "send": be a source: hand over documents to be sent              */
#define VLS_CAP_RECEIVE                                                                            \
    (UINT64_C(1) << 4) /* "receive": be a sink: be given what is in received messages      */
/* since 1.3 */
#define VLS_CAP_RESOLVE                                                                            \
    (UINT64_C(1) << 5) /* "resolve": be a resolver: be asked for documents                 */
#define VLS_CAP_INSPECT                                                                            \
    (UINT64_C(1) << 6) /* "inspect": be an inspector: be shown what leaves or is delivered */

enum vls_level { VLS_LEVEL_ERROR = 0, VLS_LEVEL_WARN = 1, VLS_LEVEL_INFO = 2, VLS_LEVEL_DEBUG = 3 };

/* -- settings: declared in a table, checked by the host before configure() --------------------- */

enum vls_setting_type {
    VLS_SETTING_TEXT = 1,    /* min and max: length in bytes; max 0 = 4096        */
    VLS_SETTING_NUMBER = 2,  /* min and max: the value                            */
    VLS_SETTING_BOOLEAN = 3, /* "true" or "false"; as a number 1 or 0             */
    VLS_SETTING_PATH = 4,    /* absolute, and below a directory that was granted  */
    VLS_SETTING_CHOICE = 5   /* one of `choices`; as a number its place, from 0   */
};
#define VLS_SETTING_REQUIRED (1u << 0) /* no default: the operator must set it             */
#define VLS_SETTING_SECRET                                                                         \
    (1u << 1) /* TEXT only: the configuration names a file, mode 0600 and below a directory of     \
                 `paths`, that holds the value; never logged. The host reads it: no grant is       \
                 needed */

struct vls_setting {
    const char *name;     /* [a-z0-9-]; NULL ends the table                            */
    uint32_t type, flags; /* enum vls_setting_type; VLS_SETTING_...                    */
    int64_t min, max;
    const char *fallback; /* default, as one would write it; NULL: none, reads as NULL */
    const char *choices;  /* of a CHOICE: "one|two|three"                              */
    const char *help;     /* one sentence, for the manual and `valise plugin describe` */
};

/* -- the host, as a plugin sees it ------------------------------------------------------------- */

struct vls_host { /* lent until stop() has returned */
    uint32_t size, abi;
    uint64_t caps; /* granted; within need | want                                  */
    void *ctx;     /* first argument of each function here                         */
    /** One line to the operator's log. Escaped, cut and rate-limited by the host. Never content or
     * secrets. */
    void (*log)(void *ctx, enum vls_level level, const char *text);
    /** The only clocks that a plugin uses: UTC, which may jump; and one that only grows, for
     * intervals. */
    uint64_t (*now_ms)(void *ctx);
    uint64_t (*steady_ms)(void *ctx);
    /** A declared setting as text, or as a number. NULL or 0 when it has no value. Lent until
     * stop(). */
    const char *(*setting)(void *ctx, const char *name);
    int64_t (*setting_number)(void *ctx, const char *name);
    /** A service by name and version, or NULL when this host has none or does not grant it. Lent
     * until stop(). */
    const void *(*service)(void *ctx, const char *name);
};

/** Service "valise.state/1", with VLS_CAP_STATE: what must be known after a restart. All of it is
 * loaded before start(). Keys: 1 to 128 bytes of clean text. All keys and values together: 64 KiB.
 */
struct vls_state_service {
    uint32_t size, reserved;
    /** The value, lent until the next call of this service; NULL when there is none. */
    const void *(*get)(void *ctx, const char *key, size_t *out_len);
    /** Set, or forget with len 0. Seen by get() at once, and saved after the callback returns, in
     * order with documents: a crash right after may lose it. What must not be lost goes with a
     * document: emit_state(). Returns 0, or -1 when it is too large. */
    int (*put)(void *ctx, const char *key, const void *value, size_t len);
    /** The first key behind `after` in byte order (NULL: the very first); NULL at the end. Lent
     * like get(). */
    const char *(*next)(void *ctx, const char *after);
};

/* -- HTTP (since 1.3) ----------------------------------------------------------------------------
 *
 * A plugin's process has no network, whatever is granted. With VLS_CAP_NET it asks another process
 * of the gateway, which runs no plugin's code and holds to what the operator configured for this
 * plugin (`http` in valise.conf(5)). That process
 *
 *   - speaks https alone, TLS 1.2 or later, and always verifies the server; what it trusts, a
 * proxy, a client certificate and a pinned key are the operator's business, not the plugin's;
 *   - reaches only the hosts that the operator listed, also when it follows a redirect;
 *   - attaches the operator's credentials (an API key) to requests for the host that they are for,
 *     and to no other. A plugin never sees them and need not know that there are any;
 *   - spaces requests to one host, over all plugins, and makes none before the time that a 429 or
 *     503 named in its Retry-After;
 *   - keeps no cookies, reads no .netrc and no environment.
 *
 * Calls block, and the time spent in them does not count against the deadline of the callback: a
 * request has a time limit of its own. They may be made in any callback from start() to drain(),
 * not in configure() and not in stop(). Up to 4 requests may be open at once, also from one
 * callback to the next: one that was begun in part_begin() can be written in part_bytes(). To one
 * host go only as many at once as the operator allows (2 unless set), over all plugins: a further
 * one waits, within its own time. So read or close what you have open before you wait for the next.
 *
 *     const struct vls_http_service *web = host->service(host->ctx, "valise.http/1");
 *     struct vls_http_request ask = {.size = sizeof ask, .url = "https://example.org/a.pdf"};
 *     struct vls_http_response said = {.size = sizeof said};
 *     struct vls_http *http;
 *     size_t len = 1;
 *     (void)web->open(host->ctx, &ask, &http);       // what failed, answer() says again
 *     enum vls_http_outcome how = web->answer(host->ctx, http, &said);
 *     if (how == VLS_HTTP_OK && said.status == 200)
 *         while (how == VLS_HTTP_OK && len > 0)
 *             how = web->read(host->ctx, http, bytes, sizeof bytes, &len);
 *     // whole only now: how is VLS_HTTP_OK and len 0. Otherwise said.why says what happened
 *     web->close(host->ctx, http);
 *
 * and to send something, with a key that lets the server know it again:
 *
 *     struct vls_http_header fields[] = {{"Content-Type", "application/json"},
 *                                        {"Idempotency-Key", message->id}};
 *     struct vls_http_request post = {.size = sizeof post, .method = "POST", .url = url,
 *                                     .headers = fields, .header_count = 2,
 *                                     .body = text, .body_bytes = strlen(text)};
 *
 * What to do about an outcome: BUSY, RATE, RESOLVE, CONNECT, TLS, TIMEOUT, SYSTEM: later, answering
 * VLS_ANSWER_RETRY in a delivery; not before retry_at_ms where it is set. BROKEN, and TIMEOUT with
 * is_sent: it may have arrived, so ask again only with an idempotency key that makes the second
 * time harmless (such as the message's id in a header). DENIED, REDIRECT, INVALID: an operator or
 * the plugin's author has to act. TOO_LARGE, MALFORMED: the answer is of no use; throw away what
 * was read of it. A status of 400 or above is OK here: what it means is the plugin's to know. */

enum vls_http_outcome {
    VLS_HTTP_OK = 0,        /* there is an answer, whatever its status is                     */
    VLS_HTTP_UNCHANGED = 1, /* 304 to a request with `etag` or `modified`: what is held holds */
    VLS_HTTP_TIMEOUT = 2,   /* not done within its time                                       */
    VLS_HTTP_TOO_LARGE = 3, /* more content, after decompression, than max_bytes              */
    VLS_HTTP_TLS = 4,       /* the certificate, name or key of the server is not accepted     */
    VLS_HTTP_RESOLVE = 5,   /* the host has no address                                        */
    VLS_HTTP_CONNECT = 6,   /* nobody answers there, or the proxy refuses                     */
    VLS_HTTP_REDIRECT = 7,  /* to http, to a host that is not listed, too many, or with a body
                               that cannot be sent again                                      */
    VLS_HTTP_RATE = 8,      /* not before retry_at_ms: the server said so, or its turn comes
                               after its time                                                 */
    VLS_HTTP_MALFORMED = 9, /* cut short, not the range that was asked for, bad compression,
                               too many header fields                                         */
    VLS_HTTP_DENIED = 10,   /* the operator did not list the host                             */
    VLS_HTTP_BUSY = 11,     /* too many requests are open or waiting                          */
    VLS_HTTP_BROKEN = 12,   /* the connection ended before the answer: it may have arrived    */
    VLS_HTTP_INVALID = 13,  /* a field of the request, or the order of calls, is wrong        */
    VLS_HTTP_SYSTEM = 14    /* no memory, or the other process is being started again         */
};

struct vls_http_header {
    const char *name, *value;
};

#define VLS_HTTP_RANGE                                                                             \
    (1u << 0) /* range_first and range_bytes count                               */
#define VLS_HTTP_NO_REDIRECT                                                                       \
    (1u << 1) /* a 3xx is an answer like any other; otherwise up to 5 are followed */
#define VLS_HTTP_STREAM                                                                            \
    (1u << 2) /* the body comes by write(); body is NULL, body_bytes its length or UNKNOWN */
#define VLS_HTTP_PLAIN                                                                             \
    (1u << 3) /* do not ask for compression: content comes as the server keeps it */
#define VLS_HTTP_UNKNOWN UINT64_MAX

struct vls_http_request { /* begin with { sizeof(struct vls_http_request) } */
    uint32_t size, flags; /* VLS_HTTP_...; other bits are 0, and checked */
    const char *method;   /* GET when NULL; HEAD, POST, PUT, PATCH, DELETE, OPTIONS           */
    const char *url;      /* https://HOST[:PORT]/..., at most 2047 bytes, no user, no password */
    /** Fields to send. Not these, which are made from what stands here or are nobody's to set:
     * Host, User-Agent, Range, If-..., Content-Length, Accept-Encoding, Connection,
     * Transfer-Encoding, Expect, Proxy-..., TE, Trailer, Upgrade, and the field of a credential.
     * After a redirect to another host only Accept, Accept-Language and Content-Type are sent
     * again. */
    const struct vls_http_header *headers;
    uint64_t header_count;
    /** Conditional: the validators of what is held, as an earlier answer gave them; NULL: none. */
    const char *etag, *modified;
    /** With VLS_HTTP_RANGE: the first byte that is wanted, and how many; 0 = to the end. With
     * if_range (an etag): only if the content is still that one, else all of it. */
    uint64_t range_first, range_bytes;
    const char *if_range;
    /** Body in memory, lent until answer() has returned; a body of up to 64 KiB can follow a
     * redirect (307, 308) within its host. */
    const void *body;
    uint64_t body_bytes;
    uint64_t max_bytes;  /* of content to accept; 0 or more than the operator's: the operator's */
    uint32_t timeout_ms; /* from open() to the end of the content; the same                     */
    uint32_t reserved;   /* 0, and checked */
};

struct vls_http_response { /* begin with { sizeof(struct vls_http_response) } */
    uint32_t size;
    uint32_t status;      /* 200, 404, ...; 0: there is none                                  */
    const char *why;      /* one sentence for the operator, without secrets; "" when all is well.
                             Texts here are lent until close()                                */
    uint64_t retry_at_ms; /* UTC: not before; of RATE, and of a 429 or 503. 0: not said       */
    uint32_t is_sent;     /* some of the request has left, so that it may have had its effect */
    uint32_t redirects;   /* that were followed                                               */
    const char *url;      /* where the answer comes from                                      */
    const char *content_type, *etag, *modified; /* "" when it does not say                    */
    uint64_t bytes; /* of content that read() will give, or VLS_HTTP_UNKNOWN            */
    /** 1: the whole resource, also when a range was asked for and the server gave all. 0: the
     * range, which is the one asked for (or what there is of it) and begins at range_first. */
    uint32_t is_whole, reserved;
    uint64_t range_first, range_total; /* range_total: of the whole resource; 0 = not known   */
};

struct vls_http; /* one request */

/** Service "valise.http/1", with VLS_CAP_NET. */
struct vls_http_service {
    uint32_t size, reserved;
    /** Begin a request. *out is to be closed, also after a failure, of which answer() then says
     * why; it is NULL only with BUSY, INVALID or SYSTEM, and every call here takes NULL. */
    enum vls_http_outcome (*open)(void *ctx, const struct vls_http_request *request,
                                  struct vls_http **out);
    /** With VLS_HTTP_STREAM: the next piece of the body. Waits while the server is slow. Anything
     * but OK: no more of it is wanted; answer() says why, or has what the server said early. */
    enum vls_http_outcome (*write)(void *ctx, struct vls_http *http, const void *bytes, size_t len);
    /** The body is complete (with a known length: exactly that long); wait for the answer's head.
     * `out` is filled in as far as its size goes, also on failure. May be called again, for what is
     * known by then: after read() failed, for `why`. */
    enum vls_http_outcome (*answer)(void *ctx, struct vls_http *http,
                                    struct vls_http_response *out);
    /** Content: waits for some, at most `room` bytes of it. OK with 0 bytes is the end, and that it
     * is whole: length, range and compression were checked. Nothing is kept for a reader that is
     * slow: the server waits. */
    enum vls_http_outcome (*read)(void *ctx, struct vls_http *http, void *to, size_t room,
                                  size_t *out_len);
    /** The value of a header field of the answer, whatever the case of its name; `n` counts, from
     * 0, those that come more than once. NULL when there is none. Lent until close(). */
    const char *(*header)(void *ctx, const struct vls_http *http, const char *name, uint32_t n);
    /** Forget it; before its end, that gives it up. */
    void (*close)(void *ctx, struct vls_http *http);
};

/* -- source: documents to send ----------------------------------------------------------------- */

/* What is handed over holds personal data. Other flags are 0, and checked. */
#define VLS_PERSONAL_DATA (UINT64_C(1) << 0)

struct vls_document { /* begin with { sizeof(struct vls_document) } */
    uint32_t size, reserved;
    const char *origin_key; /* 1 to 128 bytes: the same key again gives the same message, whenever.
                               Needed      */
    const char *kind;       /* "publication", ...: valise(7). Needed       */
    const char *to;         /* party. Needed; since 1.4 it may be empty: to every partner that
                               subscribes to what the document is about, be it none; then say what
                               it is by "valise.about/1". committed() names the first message */
    const char *body;       /* body or service within the party       */
    const char *label; /* "SCHEME/CLASSIFICATION;SET/CATEGORY..."; without one, and with a part that
                          has none of its own, the message is quarantined, never guessed */
    const char *subject;      /* at most 1024 bytes      */
    const char *conversation; /* at most 128 bytes */
    const char *in_reply_to;  /* id of a message, 36 characters  */
    uint64_t deadline_ms;     /* 0 = none     */
    /* since 1.2 */
    uint64_t flags;              /* VLS_PERSONAL_DATA                                             */
    const char *distribution;    /* "general", "limited", "restricted"; may be empty, as all here */
    const char *safeguards;      /* at most 256 bytes: reference of what protects personal data   */
    uint64_t embargo_until_ms;   /* not to be made known before; 0 = none                         */
    const char *const *audience; /* names such as "member-states": who may know of it            */
    uint64_t audience_count;     /* at most 16                                                   */
    const char *const *topics;   /* of the requesting side's competence                          */
    uint64_t topic_count;        /* at most 16                                                   */
    const char *answer_state;    /* of an answer: "full", "partial", ... as its kind has them    */
};

enum vls_emit {
    VLS_EMIT_OK = 0,
    VLS_EMIT_BUSY =
        1, /* too many are under way: return from poll(), it is called when there is room again */
    VLS_EMIT_INVALID =
        2, /* a field, a name or the order of calls is wrong (the log says which); draft is gone */
    VLS_EMIT_SYSTEM = 3 /* no memory, no descriptors: draft is gone, try again later */
};

/** Service "valise.source/1", for sources. The emit_... calls are for poll() alone, one document at
 * a time: begin, then its parts and state items in any number, then end. Any answer but OK gives
 * the draft up. */
struct vls_source_service {
    uint32_t size, reserved;
    /** Call poll() also when `fd` is readable (inotify, timerfd). One at a time; -1 ends it. fd
     * stays yours. 0 or -1. */
    int (*watch)(void *ctx, int fd);
    enum vls_emit (*emit_begin)(void *ctx, const struct vls_document *document);
    /** A part that is a whole regular file, read from its start by others after this call. `fd` is
     * taken, also on failure. A file that changes while it is read comes back as VLS_OUTCOME_RETRY.
     * `media_type` may be NULL. */
    enum vls_emit (*emit_file)(void *ctx, const char *name, const char *media_type, int fd);
    /** A part in pieces, kept in memory until the outcome: begin, and then bytes until anything
     * else is called. At most 256 MiB. */
    enum vls_emit (*emit_part)(void *ctx, const char *name, const char *media_type);
    enum vls_emit (*emit_bytes)(void *ctx, const void *bytes, size_t len);
    /** State that is saved in the same commit as the document, or not at all; get() sees it when
     * committed() is called. Do not put() the same key before that. len 0 forgets the key. */
    enum vls_emit (*emit_state)(void *ctx, const char *key, const void *value, size_t len);
    /** Hand the document over. `token` comes back in committed(). */
    enum vls_emit (*emit_end)(void *ctx, uint64_t token);
    /** Give the draft up; fine without one. */
    void (*emit_abort)(void *ctx);
    /* since 1.1 */
    /** The label of the part that was begun last, written as that of a document; the message gets
     * the join of all. Without it the part has the document's label. Once a part. */
    enum vls_emit (*emit_label)(void *ctx, const char *label);
};

enum vls_outcome { /* what became of a document; up to HELD: it is on disk and safe from a crash */
                   VLS_OUTCOME_ACCEPTED = 0,    /* released, or further on its way; may wait
                                                      for inspectors                          */
                   VLS_OUTCOME_REFERRED = 1,    /* waits for an officer                     */
                   VLS_OUTCOME_QUARANTINED = 2, /* label missing or not understood          */
                   VLS_OUTCOME_WITHHELD = 3,    /* will not leave                           */
                   VLS_OUTCOME_HELD = 4,        /* stopped, until an operator acts          */
                   VLS_OUTCOME_REFUSED = 5,     /* not taken, and will not be as it is      */
                   VLS_OUTCOME_RETRY = 6,       /* not taken now: emit it again later       */
                   /* since 1.4 */
                   VLS_OUTCOME_UNWANTED = 7 /* it went to whoever subscribes, and nobody does:
                                               not kept; its state items are saved          */
};

/** In what a document is like an earlier one that went to the same partner. Advice: it goes its way
 * in any case. Treat an unknown one like TEXT. */
enum vls_like {
    VLS_LIKE_NOTHING = 0,
    VLS_LIKE_BYTES = 1,    /* the same bytes                                     */
    VLS_LIKE_IDENTITY = 2, /* the same symbol, in the same language and version  */
    VLS_LIKE_TEXT = 3      /* nearly the same words                              */
};

struct vls_commit {
    uint32_t size;
    uint32_t outcome;         /* enum vls_outcome; treat an unknown one like HELD          */
    uint64_t token;           /* of emit_end()                                             */
    const char *id;           /* of the message, 36 characters; NULL where it is not kept  */
    const char *state;        /* name of its state; the same                               */
    const char *reason;       /* a sentence; may be empty                                  */
    const char *duplicate_of; /* id of an earlier message with the same bytes, or NULL; since
                                 1.4 also of one that is like it in another way            */
    /* since 1.4 */
    uint64_t like;      /* enum vls_like: in what                                    */
    const char *advice; /* a sentence of how it stands to earlier ones; may be empty */
};

/* -- sink: received messages ------------------------------------------------------------------- */

enum vls_answer {
    VLS_ANSWER_DONE = 0,   /* deliver_end(): it is safe from a crash. Others: go on   */
    VLS_ANSWER_RETRY = 1,  /* not now: it comes again later, after ever longer pauses */
    VLS_ANSWER_REFUSE = 2, /* never as it is: it is held until an operator acts       */
    VLS_ANSWER_HAVE =
        3 /* deliver_begin() alone: delivered before; nothing more of it is handed over */
};

struct vls_about; /* below */

struct vls_message {
    uint32_t size;
    uint32_t attempt; /* 1 = first; the same id may come again at any attempt, after a crash */
    const char *id;   /* 36 characters */
    const char *kind, *from, *to;
    const char *body;    /* may be empty, as may conversation and in_reply_to */
    const char *label;   /* "SCHEME/CLASSIFICATION;SET/CATEGORY...": of the message as a whole */
    const char *marking; /* the label as a person reads it */
    const char *subject, *conversation, *in_reply_to;
    uint64_t created_ms, received_ms;
    uint64_t part_count;
    /* since 1.1 */
    const void *labels_xml; /* ADatP-4778 binding of ADatP-4774 labels, as the sender sealed it and
                               the host has verified it; its references begin with "documents/" */
    uint64_t labels_bytes;
    /* since 1.2: how the sender states that it is to be handled, as in struct vls_document. An
     * embargo binds whoever has the message: it is delivered before its end, too */
    uint64_t flags;
    const char *distribution, *safeguards; /* may be empty, as answer_state */
    uint64_t embargo_until_ms;
    const char *const *audience;
    uint64_t audience_count;
    const char *const *topics;
    uint64_t topic_count;
    const char *answer_state;
    /* since 1.3 */
    uint64_t direction; /* enum vls_direction_of; a sink is given what is incoming alone */
    /* since 1.4 */
    const struct vls_about *about; /* what it is, as its sender says; NULL: it says nothing */
};

struct vls_part {
    uint32_t size, number;  /* from 0 */
    const char *name;       /* one safe path component, checked by the host */
    const char *media_type; /* the sender's word; may be empty */
    uint64_t bytes;         /* exactly so many come in part_bytes() */
    /* since 1.1 */
    const char *label;   /* its own; the message's, when it has none */
    const char *marking; /* the same as a person reads it */
    /* since 1.4 */
    const struct vls_about *about; /* what is said of this part by itself; may be NULL */
};

/* -- since 1.3: how an endpoint answered ------------------------------------------------------- */

/** Of one document that was asked for, or of one look at an endpoint: a 2xx is not a document.
 * Treat an unknown one like MALFORMED. */
enum vls_result {
    VLS_RESULT_NONE = 0,          /* no answer: a host takes it for a fault of the plugin     */
    VLS_RESULT_DELIVERED = 1,     /* here it is, whole. The host adds digest and sniffed type */
    VLS_RESULT_UNCHANGED = 2,     /* as it was when it was brought last                       */
    VLS_RESULT_PARTIAL = 3,       /* `got` of `total` are here                                */
    VLS_RESULT_NOT_PUBLISHED = 4, /* it exists, and is not given out (in this language, yet)  */
    VLS_RESULT_NOT_FOUND = 5,     /* the endpoint knows no such document                      */
    VLS_RESULT_BLOCKED = 6,       /* a challenge for robots, or an address that is shut out: a
                                     person has to speak with them. Never tried in a loop    */
    VLS_RESULT_NEEDS_KEY = 7,     /* it wants a key or an account that the settings lack      */
    VLS_RESULT_REFUSED = 8,       /* their terms do not allow it                              */
    VLS_RESULT_RETRY_AT = 9,      /* they asked to come back: at `retry_at_ms`                */
    VLS_RESULT_MALFORMED = 10,    /* what came is not what it says: `where`                   */
    VLS_RESULT_QUEUED = 11        /* they work on it: `receipt` is theirs                     */
};

struct vls_finding { /* begin with { sizeof(struct vls_finding), VLS_RESULT_... } */
    uint32_t size;
    uint32_t result;      /* enum vls_result                                              */
    uint64_t retry_at_ms; /* when to look again: of RETRY_AT, and where else it is known  */
    uint64_t got, total;  /* of PARTIAL                                                   */
    const char *where;    /* of MALFORMED: "page 2, record 17"; at most 256 bytes. Of BLOCKED
                             and RETRY_AT to a question: what alone it holds for, "this
                             document"; NULL: nothing of that endpoint is asked meanwhile  */
    const char *receipt;  /* of QUEUED; at most 128 bytes                                 */
    const char *url;      /* where it was looked for, without keys; at most 2048 bytes.
                             May be NULL, as the two before. Texts are copied once the call
                             is over: let them live so long                               */
};

/** Service "valise.report/1", for every role: how the endpoint is, for the operator's status. A
 * source says it once a poll: BLOCKED there is how "ask the library" reaches a person. The last one
 * counts; a plugin that says nothing is shown as saying nothing. */
struct vls_report_service {
    uint32_t size, reserved;
    /** `why`: one sentence, at most 256 bytes, or NULL. 0, or -1 when a field is wrong. */
    int (*report)(void *ctx, const struct vls_finding *finding, const char *why);
};

/** Service "valise.metrics/1", for every role: what the operator may want to plot. At most 64
 * names, each [a-z0-9] then [a-z0-9.-_], at most 64 bytes; a name is a counter or a gauge and stays
 * one. They start anew with the process. 0, or -1 when a name is wrong or one too many. */
struct vls_metrics_service {
    uint32_t size, reserved;
    int (*count)(void *ctx, const char *name, uint64_t add);  /* a counter only grows */
    int (*gauge)(void *ctx, const char *name, int64_t value); /* a gauge is what it is now */
};

/* -- since 1.3: resolver: one document by its name --------------------------------------------- */

struct vls_question {
    uint32_t size, reserved;
    const char *id;           /* of this question, 36 characters                             */
    const char *symbol;       /* "A/RES/79/1"; or empty, and there is a url                  */
    const char *url;          /* or empty, and there is a symbol                             */
    const char *language;     /* "fr"; empty: whatever there is, a part for each language    */
    const char *conversation; /* of the message that asks, for a log; may be empty           */
    const char *reason;       /* why it is asked for, for a log; may be empty                */
};

/** Service "valise.resolver/1", for resolvers: the documents of the answer, within resolve() alone.
 * The calls and their limits are those of struct vls_source_service; there is no begin and no end:
 * the question is one, and the finding the other. What was emitted counts with DELIVERED and
 * PARTIAL, and is given up with any other result. A label is needed where the document may be shown
 * to anyone or sent: nobody guesses one. */
struct vls_resolver_service {
    uint32_t size, reserved;
    enum vls_emit (*emit_file)(void *ctx, const char *name, const char *media_type, int fd);
    enum vls_emit (*emit_part)(void *ctx, const char *name, const char *media_type);
    enum vls_emit (*emit_bytes)(void *ctx, const void *bytes, size_t len);
    enum vls_emit (*emit_label)(void *ctx, const char *label);
};

/* -- since 1.4: what a document is ------------------------------------------------------------- */

/** How a document stands to another. What a host does not know counts as RELATED. */
enum vls_relates {
    VLS_RELATES_RELATED = 0,    /* names it, and no more is known                           */
    VLS_RELATES_SUPERSEDES = 1, /* is the revised text: Rev.                                */
    VLS_RELATES_ADDS = 2,       /* is added to it: Add.                                     */
    VLS_RELATES_AMENDS = 3,     /* changes it: Amend.                                       */
    VLS_RELATES_CORRECTS = 4,   /* corrects it: Corr.; in its own language alone            */
    VLS_RELATES_REISSUES = 5,   /* is it once more, for technical reasons                   */
    VLS_RELATES_TRANSLATES = 6, /* is the same in another language                          */
    VLS_RELATES_SUMMARIZES = 7, /* is its summary                                           */
    VLS_RELATES_PART_OF = 8,    /* is a part of it: a chapter, an annex                     */
    VLS_RELATES_ANSWERS = 9     /* answers it, or comes of it: a resolution of a draft      */
};

struct vls_relation { /* these three, for good */
    uint32_t relates; /* enum vls_relates */
    uint32_t reserved;
    const char *symbol; /* of the other document, as printed; of the same issuer */
};

/** As the endpoint states it and no more: nothing is made up. All may be NULL, empty or 0. Texts
 * are clean lines. All that is said of one document and its parts is at most 24 KiB. It is sealed
 * with the document, is under its label, and is found in the catalogue of either side. */
struct vls_about { /* begin with { sizeof(struct vls_about) } */
    uint32_t size, reserved;
    const char *issuer;          /* whose symbols they are, a name: "un", "iom"; needed with one */
    const char *const *symbols;  /* as printed: "S/RES/2803 (2025)"; each at most 128 bytes      */
    uint64_t symbol_count;       /* at most 8                                                    */
    const char *language;        /* BCP 47: "fr", "zh-Hans"                                      */
    const char *title;           /* in that language; at most 2048 bytes                         */
    const char *published;       /* as precise as known: "2025", "2025-11", "2025-11-17",
                                    "2025-11-17T15:00:00Z"                                       */
    const char *const *bodies;   /* organs and bodies, as the endpoint names them; 128 bytes     */
    uint64_t body_count;         /* at most 16                                                   */
    const char *const *subjects; /* the same of subject terms                                   */
    uint64_t subject_count;      /* at most 32                                                  */
    const char *url;             /* where it comes from, https or http, without keys; 2048 bytes */
    const char *licence;         /* as it is stated; at most 256 bytes                          */
    const char *record;          /* its id at that endpoint; at most 128 bytes                  */
    const struct vls_relation *relations;
    uint64_t relation_count; /* at most 32 */
};

/** Service "valise.about/1", for sources and resolvers: between emit_begin() and emit_end(), or
 * within resolve(), in any order, each once. Any answer but OK gives the draft up. */
struct vls_about_service {
    uint32_t size, reserved;
    /** Of the whole: it goes for each part, but for what is said of that part by itself. */
    enum vls_emit (*about)(void *ctx, const struct vls_about *about);
    /** Of the part that was begun last: its language and title, say. */
    enum vls_emit (*about_part)(void *ctx, const struct vls_about *about);
};

/* -- since 1.3: inspector: a look before it leaves or is delivered ----------------------------- */

enum vls_direction_of { VLS_INCOMING = 0, VLS_OUTGOING = 1 };

/** A veto stops the message, with its reason, until an operator has looked. Nothing that an
 * inspector says releases anything. Any other number counts as VETO. */
enum vls_verdict {
    VLS_VERDICT_PASS = 0,  /* inspect_end(): nothing against it. Others: go on              */
    VLS_VERDICT_RETRY = 1, /* cannot tell now: it waits, and is shown again later           */
    VLS_VERDICT_VETO = 2   /* it must not go on: why                                        */
};

/* -- the descriptor ---------------------------------------------------------------------------- */

struct vls_plugin {
    uint32_t size, abi;                 /* VLS_PLUGIN_HEAD */
    uint64_t caps_need;                 /* refused at load when not granted */
    uint64_t caps_want;                 /* used when granted */
    uint32_t roles;                     /* VLS_PLUGIN_... */
    uint32_t reserved;                  /* 0, and checked */
    const char *id;                     /* [a-z0-9] then [a-z0-9.-_] */
    const char *version;                /* of the plugin, as it likes */
    const char *summary;                /* one line */
    uint64_t setting_bytes;             /* sizeof(struct vls_setting) */
    const struct vls_setting *settings; /* NULL: none */

    /** Look at the settings and make the state that all other calls get. Opens nothing. May be
     * NULL. 0; or -1, and nothing else is called. */
    int (*configure)(const struct vls_host *host, void **out_state, char *why, size_t why_room);
    /** In the sandbox, connected, state loaded: open what is needed. 0; or -1, and the host ends
     * and is started again later. */
    int (*start)(const struct vls_host *host, void *state, char *why, size_t why_room);
    /** No poll() and no deliver_...() comes any more; committed() for what is under way does. May
     * be NULL. */
    void (*drain)(void *state);
    /** Release all, also when start() failed or was not called. The last call. */
    void (*stop)(void *state);

    /** Source: emit what is new. Returns after how many milliseconds to call again (at least 10, at
     * most a day). */
    uint32_t (*poll)(void *state);
    /** Source: what became of one document. Comes in any order, never within emit_end(). */
    void (*committed)(void *state, const struct vls_commit *commit);

    /** Sink: one message at a time; begin, then each part (begin, bytes ..., end), then end. RETRY
     * or REFUSE ends it at once. */
    enum vls_answer (*deliver_begin)(void *state, const struct vls_message *m, char *why,
                                     size_t why_room);
    enum vls_answer (*part_begin)(void *state, const struct vls_part *part, char *why,
                                  size_t why_room);
    enum vls_answer (*part_bytes)(void *state, const void *bytes, size_t len, char *why,
                                  size_t why_room);
    enum vls_answer (*part_end)(void *state, char *why, size_t why_room);
    /** All parts were whole. Answer DONE only when the message is safe on disk, or wherever it
     * goes. */
    enum vls_answer (*deliver_end)(void *state, char *why, size_t why_room);
    /** A delivery for which deliver_begin() answered DONE ends without deliver_end() answering so:
     * take back what was begun. */
    void (*deliver_abort)(void *state);

    /* since 1.3 */
    /** Resolver: fetch one document, or say exactly why not: emit its parts by "valise.resolver/1",
     * then fill in `finding`, whose result is NONE before. The host does not ask again by itself:
     * who asked decides that, but not before the time of RETRY_AT, nor within 15 minutes after
     * BLOCKED. */
    void (*resolve)(void *state, const struct vls_question *question, struct vls_finding *finding,
                    char *why, size_t why_room);

    /** Inspector: one message at a time, as to a sink: begin, then each part (begin, bytes ...,
     * end), then end. Its bytes are those that are sealed, or were. RETRY or VETO ends it at
     * once. */
    enum vls_verdict (*inspect_begin)(void *state, const struct vls_message *m, char *why,
                                      size_t why_room);
    enum vls_verdict (*inspect_part_begin)(void *state, const struct vls_part *part, char *why,
                                           size_t why_room);
    enum vls_verdict (*inspect_part_bytes)(void *state, const void *bytes, size_t len, char *why,
                                           size_t why_room);
    enum vls_verdict (*inspect_part_end)(void *state, char *why, size_t why_room);
    /** All parts were whole. */
    enum vls_verdict (*inspect_end)(void *state, char *why, size_t why_room);
    /** An inspection that began ends without inspect_end() answering: forget it. */
    void (*inspect_abort)(void *state);
    /* 1.5 and later append here */
};

#define VLS_PLUGIN_SIZE_1_0 (offsetof(struct vls_plugin, deliver_abort) + sizeof(void (*)(void *)))
/* The first two fields, in order: struct vls_plugin p = { VLS_PLUGIN_HEAD, .caps_need = ... }
 * (C++17 has no designators: set the fields one by one in a constexpr function, so that the next
 * header's new ones are no news to it). */
#define VLS_PLUGIN_HEAD (uint32_t)sizeof(struct vls_plugin), VLS_ABI

/* Defines the one symbol that a plugin exports. */
#define VLS_PLUGIN_EXPORT(descriptor)                                                              \
    const struct vls_plugin *vls_plugin_entry(void)                                                \
    {                                                                                              \
        return &(descriptor);                                                                      \
    }
__attribute__((visibility("default"))) const struct vls_plugin *vls_plugin_entry(void);

#ifdef __cplusplus
}
#endif
#endif
