#ifndef VALISE_FETCH_RATE_H
#define VALISE_FETCH_RATE_H
/*
 * fetch/rate - so many requests in a second, and no sooner: a token bucket of one second, kept as
 * one time (the generic cell rate algorithm).
 *
 * Process: fetch. Pure: the clock is handed in. Times are steady milliseconds.
 */
#include <stdint.h>

struct vls_rate {
    uint64_t per_second; /* 1 to 10000 */
    uint64_t due_us;     /* when the bucket is full again */
};

/** Milliseconds until a request may go; 0 = now. */
uint64_t vls_rate_wait_ms(const struct vls_rate *rate, uint64_t now_ms);

/** One goes now. */
void vls_rate_take(struct vls_rate *rate, uint64_t now_ms);

#endif
