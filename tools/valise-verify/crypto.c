/* Hashes, the way from a leaf to the root, signatures. */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

bool start_crypto(struct why *why)
{
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 || EVP_sha256() == NULL)
        return refuse(why, "OpenSSL does not start");
    return true;
}

/* -- SHA-256 ----------------------------------------------------------------------------------- */

/* OpenSSL fails here only without memory: a hash of zeros is that of nothing, so that no check can
 * succeed by it. */
struct hash sha256(const struct bytes *parts, size_t count)
{
    struct hash hash = {{0}};
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_done = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; is_done && i < count; i++)
        is_done = EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) == 1;
    if (!is_done || EVP_DigestFinal_ex(ctx, hash.at, NULL) != 1)
        hash = (struct hash){{0}};
    EVP_MD_CTX_free(ctx);
    return hash;
}

struct hash sha256_of(struct bytes bytes)
{
    return sha256(&bytes, 1);
}

bool is_same_hash(const struct hash *a, const struct hash *b)
{
    static const struct hash NOTHING = {{0}};
    return memcmp(a->at, b->at, HASH_BYTES) == 0 && memcmp(a->at, NOTHING.at, HASH_BYTES) != 0;
}

static bool hash_descriptor(int fd, EVP_MD_CTX *ctx, uint64_t *out_len)
{
    static uint8_t chunk[CHUNK];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n == 0)
            return true;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || EVP_DigestUpdate(ctx, chunk, (size_t)n) != 1)
            return false;
        *out_len += (uint64_t)n;
    }
}

bool sha256_file(const char *path, struct hash *out, uint64_t *out_len, struct why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(why, "%.120s: %s", path, strerror(errno));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    *out_len = 0;
    bool is_done = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
                   hash_descriptor(fd, ctx, out_len) && EVP_DigestFinal_ex(ctx, out->at, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    close(fd);
    return is_done || refuse(why, "%.120s: cannot be read: %s", path, strerror(errno));
}

/* -- the tree ---------------------------------------------------------------------------------- */

static struct hash node(const struct hash *left, const struct hash *right)
{
    static const uint8_t NODE = 0x01;
    const struct bytes parts[] = {{&NODE, 1}, {left->at, HASH_BYTES}, {right->at, HASH_BYTES}};
    return sha256(parts, 3);
}

bool check_path(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path,
                size_t count, const struct hash *root, struct why *why)
{
    if (index >= size)
        return refuse(why, "entry %llu is outside a log of %llu", (unsigned long long)index,
                      (unsigned long long)size);
    struct hash hash = *leaf;
    uint64_t at = index, last = size - 1; /* numbers of our node and of the last one in this row */
    for (size_t i = 0; i < count; i++) {
        if (last == 0)
            return refuse(why, "the path is too long for a log of %llu", (unsigned long long)size);
        if (at % 2 == 1 || at == last) {
            hash = node(&path[i], &hash);
            for (; at % 2 == 0 && at != 0; at /= 2) /* the last of an uneven row stands alone */
                last /= 2;
        } else {
            hash = node(&hash, &path[i]);
        }
        at /= 2;
        last /= 2;
    }
    if (last != 0)
        return refuse(why, "the path is too short for a log of %llu", (unsigned long long)size);
    return is_same_hash(&hash, root) || refuse(why, "the path leads to another root");
}

/* -- signatures -------------------------------------------------------------------------------- */

bool follow_prefix(const struct hash *path, size_t count, uint64_t from, uint64_t size,
                   struct hash *older, struct hash *newer, struct why *why)
{
    if (count == 0 || from == 0 || from >= size)
        return refuse(why, "there is no such path between %llu and %llu entries",
                      (unsigned long long)from, (unsigned long long)size);
    uint64_t at = from - 1, last = size - 1;
    for (; at % 2 == 1; at /= 2)
        last /= 2;
    *older = *newer = path[0];
    for (size_t i = 1; i < count; i++) {
        if (last == 0)
            return refuse(why, "the path is too long");
        if (at % 2 == 1 || at == last) {
            *older = node(&path[i], older);
            *newer = node(&path[i], newer);
            for (; at % 2 == 0 && at != 0; at /= 2)
                last /= 2;
        } else {
            *newer = node(newer, &path[i]);
        }
        at /= 2;
        last /= 2;
    }
    return last == 0 || refuse(why, "the path is too short");
}

bool is_signed(const uint8_t key[KEY_BYTES], struct bytes message, const uint8_t *signature)
{
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, KEY_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_valid = public != NULL && ctx != NULL &&
                    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
                    EVP_DigestVerify(ctx, signature, SIGNATURE, message.at, message.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public);
    ERR_clear_error();
    return is_valid;
}

void make_key_id(const char *name, enum key_type type, const uint8_t key[KEY_BYTES],
                 uint8_t out[KEY_ID_BYTES])
{
    const uint8_t middle[] = {'\n', (uint8_t)type};
    const struct bytes parts[] = {
        {(const uint8_t *)name, strlen(name)}, {middle, sizeof middle}, {key, KEY_BYTES}};
    struct hash hash = sha256(parts, 3);
    copy(out, hash.at, KEY_ID_BYTES);
}
