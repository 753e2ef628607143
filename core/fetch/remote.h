#ifndef VALISE_FETCH_REMOTE_H
#define VALISE_FETCH_REMOTE_H
/*
 * fetch/remote - hosts out there, and whose turn it is to ask them: rate, number at once, and times
 * before which they asked not to be asked. One for all plugins.
 *
 * Process:   fetch.
 * Ownership: remotes live until vls_remotes_free(), or until they are idle and another needs the
 *            room. A turn is on the caller's storage, from vls_turn_wait() to vls_turn_end().
 * Start at:  vls_remote_find(), vls_turn_wait().
 */
#include <event2/event.h>

#include "base/env.h"
#include "config/config.h"

struct vls_remotes; /* opaque */
struct vls_remote;  /* opaque */

/** One request at one host: waits, then runs. */
struct vls_turn {
    struct vls_turn *prev, *next;
    struct vls_remote *remote; /* NULL: neither */
    bool is_running;
    /** From the loop, once. OK: it runs now, until vls_turn_end(). FETCH_RATE: the host has just
     * asked not to be asked, and the turn is over. */
    void (*fn)(void *ctx, struct vls_status status);
    void *ctx;
};

struct vls_remotes *vls_remotes_new(struct event_base *base, const struct vls_env *env,
                                    const struct vls_config *config);
/** No turn is left. */
void vls_remotes_free(struct vls_remotes **remotes);

/** The host, with the least rate and number of all plugins whose list has it.
 *  @return FETCH_BUSY when too many are remembered */
VLS_STATUS vls_remote_find(struct vls_remotes *remotes, const char *host, uint16_t port,
                           struct vls_remote **out, struct vls_why *why);

/** @return FETCH_RATE when it asked not to be asked before `*out_retry_at_ms`, UTC */
VLS_STATUS vls_remote_check(const struct vls_remote *remote, uint64_t *out_retry_at_ms,
                            struct vls_why *why);

/** Not before this time, UTC: what a 429 or 503 said. */
void vls_remote_block(struct vls_remote *remote, uint64_t until_ms);

/** When, UTC, another request would have its turn, as far as the rate goes. */
uint64_t vls_remote_free_at_ms(const struct vls_remote *remote);

/** Wait for a turn. @return FETCH_BUSY when too many wait */
VLS_STATUS vls_turn_wait(struct vls_turn *turn, struct vls_remote *remote, struct vls_why *why);

/** Over, or given up; fine without one. */
void vls_turn_end(struct vls_turn *turn);

#endif
