#include "base/env.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static uint64_t system_wall(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

static uint64_t system_steady(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_BOOTTIME);
}

static void system_random(void *ctx, uint8_t *at, size_t len)
{
    (void)ctx;
    while (len != 0) {
        ssize_t n = getrandom(at, len < 256 ? len : 256, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            abort();
        at += n;
        len -= (size_t)n;
    }
}

const struct vls_env *vls_env_system(void)
{
    static const struct vls_env SYSTEM = {NULL, system_wall, system_steady, system_random};
    return &SYSTEM;
}
