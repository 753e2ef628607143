#ifndef VALISE_BASE_ENV_H
#define VALISE_BASE_ENV_H
/*
 * base/env - the seam to what is not ours to decide: the clock and chance.
 *
 * Process: all. Whatever needs a time or a random number is handed a struct vls_env, so that a test
 * can be both.
 */
#include "base/bytes.h"

struct vls_env {
    void *ctx;
    /** Milliseconds since 1970, UTC. May jump. */
    uint64_t (*wall_ms)(void *ctx);
    /** Milliseconds that only grow; for deadlines and backoff. */
    uint64_t (*steady_ms)(void *ctx);
    /** Fill with random bytes fit for nonces. Cannot fail: the process ends when the system has
     * none. */
    void (*random)(void *ctx, uint8_t *at, size_t len);
};

/** The real one: clock_gettime() and getrandom(). */
const struct vls_env *vls_env_system(void);

static inline uint64_t vls_wall_ms(const struct vls_env *env)
{
    return env->wall_ms(env->ctx);
}

static inline uint64_t vls_steady_ms(const struct vls_env *env)
{
    return env->steady_ms(env->ctx);
}

static inline void vls_random(const struct vls_env *env, uint8_t *at, size_t len)
{
    env->random(env->ctx, at, len);
}

#endif
