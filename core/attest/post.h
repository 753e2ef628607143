#ifndef VALISE_ATTEST_POST_H
#define VALISE_ATTEST_POST_H
/*
 * attest/post - one POST with a small answer, to who is no partner.
 *
 * Process:   edge.
 * Ownership: a call is owned by its vls_posts until its result was told.
 * Start at:  vls_posts_send().
 *
 * No redirect is followed, no proxy asked, no cookie kept, nothing of ours shown but the body: the
 * certificate of the own node is for partners.
 */
#include "base/bytes.h"
#include "base/limits.h"
#include "web/loop.h"

#define VLS_POST_TYPE 64 /* bytes of a media type */

/** Where to, and whom to believe. Borrowed for the life of the posts. */
struct vls_post_to {
    const char *url;        /* https; http when may_be_open */
    bool may_be_open;       /* what comes back proves itself */
    struct vls_slice ca;    /* PEM of the issuers of its TLS certificate; empty: the system's */
    const char *ca_setting; /* what the configuration calls it, for words */
    uint32_t timeout_ms;    /* of the whole call */
    const char *asks;       /* media types of the question and the answer; NULL: none is said */
    const char *accepts;
};

struct vls_post_result {
    struct vls_status status; /* ATTEST_UNREACHABLE: there is no answer; otherwise OK */
    const struct vls_why *why;
    long http_status;
    char type[VLS_POST_TYPE]; /* of the answer, lower case, without parameters; may be empty */
    struct vls_slice body;
    uint64_t retry_after_ms; /* that it asked for; 0 = nothing */
};
typedef void (*vls_post_fn)(void *ctx, const struct vls_post_result *result);

struct vls_posts {
    struct vls_web_loop loop;
    struct vls_post *calls;
    size_t count; /* of them */
};

/** @return SYSTEM_MEMORY */
VLS_STATUS vls_posts_init(struct vls_posts *posts, struct event_base *base, struct vls_why *why);
/** Ends what is under way with ROUTE_CLOSING. */
void vls_posts_fini(struct vls_posts *posts);

/** Send `body`, of which a copy is made; fn comes later, once. At most `max_answer` bytes are
 * taken.
 * @return SYSTEM_MEMORY */
VLS_STATUS vls_posts_send(struct vls_posts *posts, const struct vls_post_to *to,
                          struct vls_slice body, size_t max_answer, vls_post_fn fn, void *ctx,
                          struct vls_why *why);

#endif
