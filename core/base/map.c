#include "base/map.h"

#include <stdbool.h>

#include "base/bytes.h"
#include "base/env.h"

static uint64_t rotl(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

static const uint64_t *secret(void)
{
    static uint64_t key[2];
    static bool is_drawn;
    if (!is_drawn) {
        vls_random(vls_env_system(), (uint8_t *)key, sizeof key);
        is_drawn = true;
    }
    return key;
}

static uint64_t little_endian(const uint8_t *at, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)at[i] << (8 * i);
    return word;
}

unsigned vls_map_hash(const void *key, size_t len)
{
    const uint64_t *k = secret();
    const uint8_t *at = key;
    uint64_t v[4] = {k[0] ^ 0x736f6d6570736575u, k[1] ^ 0x646f72616e646f6du,
                     k[0] ^ 0x6c7967656e657261u, k[1] ^ 0x7465646279746573u};
    for (size_t done = 0; done <= len; done += 8) {
        size_t left = len - done < 8 ? len - done : 8;
        uint64_t word = little_endian(at + done, left);
        if (left < 8)
            word |= (uint64_t)len << 56;
        v[3] ^= word;
        sip_round(v);
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return (unsigned)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}
