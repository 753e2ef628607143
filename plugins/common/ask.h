#ifndef VALISE_COMMON_ASK_H
#define VALISE_COMMON_ASK_H
/*
 * common/ask - one request to an endpoint, and what its answer means: an enum vls_result and a
 * sentence, from the outcome of the exchange, the status, some header fields and the first bytes.
 * A 2xx is not a document.
 *
 *     outcome of the exchange    not listed, no connection, TLS, too slow   RETRY_AT, with the fix
 *                                cut short, wrong length or range, too large,
 *                                led away (to http, to a host that is not listed)     MALFORMED
 *     status                     200 with content of a kind that is wanted           DELIVERED
 *                                200 with none                                       ask->empty
 *                                200 with another kind                               MALFORMED
 *                                202 with nothing, a challenge of a firewall         BLOCKED
 *                                304 UNCHANGED; 401, 407 NEEDS_KEY; 403 NEEDS_KEY when it speaks
 *                                of a key, BLOCKED when it is a challenge, else REFUSED;
 *                                404, 410 NOT_FOUND; 451 REFUSED; 408, 425, 429 and 5xx RETRY_AT;
 *                                all others                                          MALFORMED
 *
 * Nothing is tried again here: the host does that, not before the time of RETRY_AT.
 *
 * Process:   host; calls block, within ask->timeout_ms or the operator's.
 * Ownership: what an answer holds is its own, on the caller's storage.
 */
#include "kind.h"
#include "plug.h"

#define PLUG_BODY_START 1024u              /* of a refusal's body, kept to be looked at  */
#define PLUG_WAIT_MS    UINT64_C(60000)    /* when they say later, and not when          */
#define PLUG_FIX_MS     UINT64_C(900000)   /* when an operator has to act before         */
#define PLUG_WAIT_MOST  UINT64_C(86400000) /* a Retry-After beyond that is cut           */

struct plug_ask {
    const char *url;
    const char *method; /* NULL: GET */
    const struct vls_http_header *headers;
    uint64_t header_count;
    const void *body; /* of a POST or PUT */
    uint64_t body_bytes;
    const char *etag, *modified; /* validators of what is held; NULL: none */
    unsigned kinds;              /* enum plug_kind that are wanted, together; 0: any but EMPTY */
    uint32_t empty;              /* enum vls_result of a 200 without content; 0: MALFORMED */
    uint64_t max_bytes;          /* 0: the operator's */
    uint32_t timeout_ms;         /* 0: the operator's */
    bool is_accepted_good;       /* 201 and 202 are good here, whatever their content */
    /** The status does not matter when the content is of a kind that is wanted: the answer has an
     * error of its own format in it (OAI-PMH, JSON envelopes). 429 and 503 stay RETRY_AT. */
    bool any_status;
    bool no_redirect; /* a 3xx is an answer: see answer->location */
    /** Of plug_fetch(): so often it goes on where an answer broke off, when the server has the rest
     * of the same content: a 206 that fits, under the same etag or of the same length. One that
     * gives all again is taken from the start. */
    unsigned resumes;
    uint64_t range_first; /* ask for what comes from there, and judge no kind by it */
    const char *if_range; /* only of the content with this etag */
};

struct plug_answer {
    uint32_t result;           /* enum vls_result */
    enum vls_http_outcome how; /* of the exchange */
    unsigned status;           /* 0: no answer */
    enum plug_kind kind;       /* of the content; EMPTY when there is none, or it was not read */
    uint64_t bytes;            /* of content that was read, decompressed */
    uint64_t retry_at_ms;      /* of RETRY_AT */
    bool is_compressed_unsaid; /* gzip that no header field told: it was undone */
    bool is_range;             /* it begins at ask->range_first; otherwise it is all */
    uint64_t total;            /* of the whole content, as they say; 0: they do not */
    char why[PLUG_WHY];        /* one sentence, without content and secrets; "" for DELIVERED */
    char where[PLUG_WHERE];    /* of MALFORMED */
    char url[PLUG_URL];        /* where the answer comes from, without values of keys */
    char type[PLUG_FIELD];     /* what they say that it is */
    char etag[PLUG_FIELD], modified[PLUG_FIELD], location[PLUG_URL];
    char name[PLUG_FIELD];          /* the file's, in Content-Disposition */
    char body[PLUG_BODY_START + 1]; /* the start of what is no document, as text */
};

/** What takes content in pieces. The first piece holds PLUG_KIND_BYTES, or all there is, and comes
 * when the status and the kind are good. 0; or -1 to end it: then the taker has filled in
 * answer->result, why and where, if it wants another than MALFORMED. */
typedef int (*plug_take_fn)(void *ctx, struct plug_answer *answer, const void *bytes, size_t len);

/** Ask, and hand content over as it comes. What was handed over is of use with DELIVERED alone: the
 * end of a stream may show that it was none. Gives answer->result. */
uint32_t plug_stream(struct plug *plug, const struct plug_ask *ask, plug_take_fn take, void *ctx,
                     struct plug_answer *answer);

/** All content in memory, with a NUL behind it. */
struct plug_bytes {
    char *at;
    size_t len, room;
};
/** Release. Fine with { NULL }. */
void plug_bytes_fini(struct plug_bytes *bytes);

/** Ask, and gather what comes: at most `most` bytes. `out` is set with DELIVERED, empty otherwise.
 * Gives answer->result. */
uint32_t plug_gather(struct plug *plug, const struct plug_ask *ask, size_t most,
                     struct plug_bytes *out, struct plug_answer *answer);

/** The same for a document that is handed over afterwards: into a file in memory (see pile.h), so
 * that nothing is half handed over. One that has not the end of its kind is MALFORMED. `*out_fd` is
 * the caller's with DELIVERED, -1 otherwise. */
uint32_t plug_fetch(struct plug *plug, const struct plug_ask *ask, int *out_fd,
                    struct plug_answer *answer);

/** Put an answer into a finding; its texts are lent from the answer. */
void plug_finding(struct vls_finding *finding, const struct plug_answer *answer);

/** MALFORMED: give an answer that verdict. Gives it back. */
uint32_t plug_malformed(struct plug_answer *answer, const char *where, const char *fmt, ...)
    PLUG_PRINTF(3, 4);

#endif
