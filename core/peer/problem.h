#ifndef VALISE_PEER_PROBLEM_H
#define VALISE_PEER_PROBLEM_H
/*
 * peer/problem - problem documents (RFC 9457): what a partner is told when its call is refused.
 *
 * Process: edge. One fixed text a kind of problem: a document never says what the gateway knows or
 * holds. Start at: vls_problem_of_code() for what to answer, vls_problem_write(),
 * vls_problem_read() for the other side.
 */
#include "base/bytes.h"

/* name, HTTP status, last part of its type, title */
#define VLS_PROBLEM_TABLE(X)                                                                       \
    X(MALFORMED, 400, "malformed", "the request is not well formed")                               \
    X(VERSION, 400, "version", "the protocol version is not supported")                            \
    X(EVIDENCE, 400, "evidence", "a proof, checkpoint or signature does not verify")               \
    X(FORBIDDEN, 403, "forbidden", "the request is refused")                                       \
    X(NOT_FOUND, 404, "not-found", "there is nothing here")                                        \
    X(OFFSET, 409, "offset", "the upload continues at another offset")                             \
    X(STALE, 409, "stale", "the proof starts from another checkpoint")                             \
    X(TOO_LARGE, 413, "too-large", "the body is above the limit")                                  \
    X(DIGEST, 422, "digest", "the content does not have the digest it is named by")                \
    X(HEADERS, 431, "headers", "the header fields are above the limit")                            \
    X(INTERNAL, 500, "internal", "the gateway failed")                                             \
    X(UNAVAILABLE, 503, "unavailable", "the gateway cannot take this now")

#define VLS_X(name, status, slug, title) VLS_PROBLEM_##name,
enum vls_problem { VLS_PROBLEM_NONE = 0, VLS_PROBLEM_TABLE(VLS_X) };
#undef VLS_X

#define VLS_PROBLEM_MEDIA_TYPE "application/problem+json"
#define VLS_MAX_PROBLEM        8192 /* bytes of a problem document from outside */
#define VLS_MAX_PROBLEM_TITLE  160

unsigned vls_problem_status(enum vls_problem problem);
const char *vls_problem_title(enum vls_problem problem);

/** The problem to answer with when the router refused with this status. */
enum vls_problem vls_problem_of_code(uint32_t code);
/** The problem for an HTTP status that the router chose, made precise by its code. */
enum vls_problem vls_problem_of_http(unsigned http_status, uint32_t code);

/** Append the document. */
VLS_STATUS vls_problem_write(enum vls_problem problem, struct vls_buf *out);

/** A partner's document: its title (cut, "" when there is none) and whether it speaks of versions.
 * Anything that is no problem document reads as one without a title. `title` has room for
 * VLS_MAX_PROBLEM_TITLE. */
void vls_problem_read(struct vls_slice json, char *title, bool *out_is_version);

#endif
