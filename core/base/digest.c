#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

struct vls_hash {
    EVP_MD_CTX *ctx;
};

/* OpenSSL 3.0 looks an algorithm up anew at each use of EVP_sha256(): fetch it once. */
static const EVP_MD *sha256(void)
{
    static EVP_MD *fetched;
    if (fetched == NULL)
        fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
    return fetched;
}

/* A digest fails only when memory is out or the library is broken: the same end as in base/mem. */
static void must(int ok)
{
    if (ok != 1) {
        fputs("valise: SHA-256 is not available\n", stderr);
        abort();
    }
}

static EVP_MD_CTX *shared_context(void)
{
    static EVP_MD_CTX *ctx;
    if (ctx == NULL)
        ctx = EVP_MD_CTX_new();
    must(ctx != NULL);
    return ctx;
}

struct vls_digest vls_digest_of(const struct vls_slice *parts, size_t count)
{
    EVP_MD_CTX *ctx = shared_context();
    struct vls_digest d;
    must(EVP_DigestInit_ex(ctx, sha256(), NULL));
    for (size_t i = 0; i < count; i++)
        must(EVP_DigestUpdate(ctx, parts[i].at, parts[i].len));
    must(EVP_DigestFinal_ex(ctx, d.bytes, NULL));
    return d;
}

struct vls_digest vls_digest_of_slice(struct vls_slice bytes)
{
    return vls_digest_of(&bytes, 1);
}

bool vls_digest_is_equal(const struct vls_digest *a, const struct vls_digest *b)
{
    return vls_slice_is_equal(vls_digest_slice(a), vls_digest_slice(b));
}

struct vls_slice vls_digest_slice(const struct vls_digest *d)
{
    return VLS_SLICE(d->bytes, sizeof d->bytes);
}

struct vls_status vls_digest_from(struct vls_slice bytes, struct vls_digest *out)
{
    if (bytes.len != sizeof out->bytes)
        return (struct vls_status){VLS_INPUT_MALFORMED};
    vls_copy(out->bytes, bytes.at, bytes.len);
    return VLS_DONE;
}

struct vls_hash *vls_hash_new(void)
{
    struct vls_hash *h = vls_mem_new(sizeof *h);
    h->ctx = EVP_MD_CTX_new();
    must(h->ctx != NULL);
    must(EVP_DigestInit_ex(h->ctx, sha256(), NULL));
    return h;
}

void vls_hash_free(struct vls_hash **h)
{
    if (*h != NULL)
        EVP_MD_CTX_free((*h)->ctx);
    vls_mem_free(*h);
    *h = NULL;
}

void vls_hash_add(struct vls_hash *h, struct vls_slice bytes)
{
    must(EVP_DigestUpdate(h->ctx, bytes.at, bytes.len));
}

struct vls_digest vls_hash_finish(struct vls_hash *h)
{
    struct vls_digest d;
    must(EVP_DigestFinal_ex(h->ctx, d.bytes, NULL));
    must(EVP_DigestInit_ex(h->ctx, sha256(), NULL));
    return d;
}
