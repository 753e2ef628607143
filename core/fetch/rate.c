#include "fetch/rate.h"

#define SECOND_US UINT64_C(1000000)

static uint64_t interval_us(const struct vls_rate *rate)
{
    return SECOND_US / rate->per_second;
}

uint64_t vls_rate_wait_ms(const struct vls_rate *rate, uint64_t now_ms)
{
    uint64_t now_us = now_ms * 1000;
    /* with one more it would be a second ahead, at most */
    uint64_t ahead_us = rate->due_us > now_us ? rate->due_us - now_us : 0;
    uint64_t after_us = ahead_us + interval_us(rate);
    return after_us <= SECOND_US ? 0 : (after_us - SECOND_US + 999) / 1000;
}

void vls_rate_take(struct vls_rate *rate, uint64_t now_ms)
{
    uint64_t now_us = now_ms * 1000;
    rate->due_us = (rate->due_us > now_us ? rate->due_us : now_us) + interval_us(rate);
}
