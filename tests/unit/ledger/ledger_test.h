#ifndef VALISE_TESTS_LEDGER_TEST_H
#define VALISE_TESTS_LEDGER_TEST_H
/*
 * What the tests of the ledger share: tiles in memory, the definitions of RFC 6962 written down as
 * they stand there, and a key that signs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/tree.h"

#define assert_done(call)                                                                          \
    do {                                                                                           \
        struct vls_why why_ = {""};                                                                \
        struct vls_status status_ = (call);                                                        \
        if (!vls_ok(status_))                                                                      \
            print_error("%s: %s\n", vls_status_name(status_), why_.text);                          \
        assert_true(vls_ok(status_));                                                              \
    } while (0)

#define assert_code(call, expected) assert_int_equal((call).code, (expected))

#define assert_digest(a, b) assert_memory_equal((a).bytes, (b).bytes, VLS_DIGEST_BYTES)

#define NEAR_TEST __attribute__((unused)) static

/* -- tiles in memory --------------------------------------------------------------------------- */

#define STORE_LEVELS 3
#define STORE_TILES  300

struct tiles {
    uint8_t hashes[STORE_LEVELS][STORE_TILES][VLS_TILE_WIDTH * VLS_DIGEST_BYTES];
    unsigned width[STORE_LEVELS][STORE_TILES];
    unsigned reads, writes;
    unsigned fail_write; /* the n-th write from now fails; 0: none */
};

NEAR_TEST struct vls_status tiles_read(void *ctx, unsigned level, uint64_t index, unsigned width,
                                       uint8_t *out, struct vls_why *why)
{
    struct tiles *tiles = ctx;
    tiles->reads++;
    if (level >= STORE_LEVELS || index >= STORE_TILES || tiles->width[level][index] < width)
        return vls_fail(VLS_STORE_DAMAGED, why, "tile %u/%u is not there", level, (unsigned)index);
    vls_copy(out, tiles->hashes[level][index], (size_t)width * VLS_DIGEST_BYTES);
    return VLS_DONE;
}

NEAR_TEST struct vls_status tiles_write(void *ctx, unsigned level, uint64_t index, unsigned width,
                                        const uint8_t *hashes, struct vls_why *why)
{
    struct tiles *tiles = ctx;
    if (tiles->fail_write != 0 && --tiles->fail_write == 0)
        return vls_fail(VLS_STORE_FULL, why, "made to fail");
    assert_true(level < STORE_LEVELS && index < STORE_TILES && width <= VLS_TILE_WIDTH);
    assert_true(width >= tiles->width[level][index]);
    vls_copy(tiles->hashes[level][index], hashes, (size_t)width * VLS_DIGEST_BYTES);
    tiles->width[level][index] = width;
    tiles->writes++;
    return VLS_DONE;
}

NEAR_TEST struct vls_tile_io tiles_io(struct tiles *tiles)
{
    return (struct vls_tile_io){tiles, tiles_read, tiles_write};
}

/* -- RFC 6962 as it is written ----------------------------------------------------------------- */

#define NAIVE_MAX 601

/* MTH(D[from:to]) of leaves whose hashes are given, remembered. */
struct naive {
    struct vls_digest leaves[NAIVE_MAX];
    struct vls_digest known[NAIVE_MAX + 1][NAIVE_MAX + 1];
    bool is_known[NAIVE_MAX + 1][NAIVE_MAX + 1];
};

NEAR_TEST struct vls_digest naive_pair(struct vls_digest left, struct vls_digest right)
{
    static const uint8_t ONE = 1;
    const struct vls_slice parts[] = {VLS_SLICE(&ONE, 1), vls_digest_slice(&left),
                                      vls_digest_slice(&right)};
    return vls_digest_of(parts, 3);
}

NEAR_TEST size_t naive_split(size_t count)
{
    size_t half = 1;
    while (half * 2 < count)
        half *= 2;
    return half;
}

NEAR_TEST struct vls_digest naive_root(struct naive *n, size_t from, size_t to)
{
    if (from == to)
        return vls_digest_of(NULL, 0);
    if (to - from == 1)
        return n->leaves[from];
    if (!n->is_known[from][to]) {
        size_t split = from + naive_split(to - from);
        n->known[from][to] = naive_pair(naive_root(n, from, split), naive_root(n, split, to));
        n->is_known[from][to] = true;
    }
    return n->known[from][to];
}

/* PATH(index, D[from:to]); index counts from `from` */
NEAR_TEST void naive_path(struct naive *n, size_t index, size_t from, size_t to,
                          struct vls_proof *out)
{
    if (to - from == 1)
        return;
    size_t half = naive_split(to - from);
    if (index < half) {
        naive_path(n, index, from, from + half, out);
        out->hashes[out->count++] = naive_root(n, from + half, to);
    } else {
        naive_path(n, index - half, from + half, to, out);
        out->hashes[out->count++] = naive_root(n, from, from + half);
    }
}

/* SUBPROOF(count, D[from:to], is_whole) */
NEAR_TEST void naive_subproof(struct naive *n, size_t count, size_t from, size_t to, bool is_whole,
                              struct vls_proof *out)
{
    if (count == to - from) {
        if (!is_whole)
            out->hashes[out->count++] = naive_root(n, from, to);
        return;
    }
    size_t half = naive_split(to - from);
    if (count <= half) {
        naive_subproof(n, count, from, from + half, is_whole, out);
        out->hashes[out->count++] = naive_root(n, from + half, to);
    } else {
        naive_subproof(n, count - half, from + half, to, false, out);
        out->hashes[out->count++] = naive_root(n, from, from + half);
    }
}

NEAR_TEST void assert_same_proof(const struct vls_proof *a, const struct vls_proof *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->hashes, b->hashes, a->count * sizeof a->hashes[0]);
}

/* Leaf hash of the number `i`, two bytes, the lower one first: the test vectors of several
 * implementations use it. */
NEAR_TEST struct vls_digest numbered_leaf(size_t i)
{
    const uint8_t data[] = {(uint8_t)i, (uint8_t)(i >> 8)};
    return vls_leaf_hash(VLS_SLICE(data, sizeof data));
}

NEAR_TEST struct naive *naive_new(void)
{
    struct naive *n = vls_mem_new(sizeof *n);
    for (size_t i = 0; i < NAIVE_MAX; i++)
        n->leaves[i] = numbered_leaf(i);
    return n;
}

NEAR_TEST struct vls_digest digest_of_hex(const char *hex)
{
    struct vls_digest d;
    assert_done(vls_hex_read(hex, d.bytes, sizeof d.bytes));
    return d;
}

/* -- a key that signs -------------------------------------------------------------------------- */

struct signer {
    EVP_PKEY *pair;
    struct vls_note_key key;
    unsigned calls;
    bool fails;
};

NEAR_TEST void signer_init(struct signer *s, const char *name, bool is_cosigner, uint8_t seed)
{
    uint8_t secret[32];
    size_t len = VLS_ED25519_KEY;
    memset(secret, seed, sizeof secret);
    *s = (struct signer){.key = {.is_cosigner = is_cosigner}};
    vls_text_copy(s->key.name, sizeof s->key.name, name);
    s->pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof secret);
    assert_non_null(s->pair);
    assert_int_equal(EVP_PKEY_get_raw_public_key(s->pair, s->key.key, &len), 1);
}

NEAR_TEST void signer_fini(struct signer *s)
{
    EVP_PKEY_free(s->pair);
}

NEAR_TEST struct vls_status signer_sign(void *ctx, struct vls_slice message,
                                        uint8_t out[VLS_ED25519_SIGNATURE], struct vls_why *why)
{
    struct signer *s = ctx;
    size_t len = VLS_ED25519_SIGNATURE;
    s->calls++;
    if (s->fails)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "made to fail");
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(md, NULL, NULL, NULL, s->pair), 1);
    assert_int_equal(EVP_DigestSign(md, out, &len, message.at, message.len), 1);
    EVP_MD_CTX_free(md);
    return VLS_DONE;
}

#endif
