#include "machine.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/env.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "envelope/seal.h"
#include "ledger/note.h"

#define MEASURE_S    0.4 /* of each operation */
#define BLOCK        4096
#define ROUND        16 /* operations between two looks at the clock */
#define APPEND_BYTES (64 << 20)

typedef struct vls_status (*operation_fn)(void *ctx, struct vls_why *why);

static VLS_STATUS measure(operation_fn operation, void *ctx, double *out_rate, struct vls_why *why)
{
    double began = bench_cpu(), now;
    uint64_t count = 0;
    do {
        for (unsigned i = 0; i < ROUND; i++)
            VLS_TRY(operation(ctx, why));
        count += ROUND;
        now = bench_cpu();
    } while (now - began < MEASURE_S);
    *out_rate = (double)count / (now - began);
    return VLS_DONE;
}

static VLS_STATUS failed(const char *what, struct vls_why *why)
{
    return vls_fail(VLS_SYSTEM_CRYPTO, why, "%s failed", what);
}

/* -- the disk ---------------------------------------------------------------------------------- */

static VLS_STATUS measure_disk(const char *directory, struct limits *out, struct vls_why *why)
{
    uint8_t block[BLOCK] = {1};
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(vls_fd_temporary(directory, &fd, why));
    double began = bench_now(), now;
    uint64_t count = 0;
    do {
        VLS_TRY(vls_fd_write(fd, VLS_SLICE(block, sizeof block), why));
        if (fdatasync(fd) != 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "fdatasync in %s", directory);
        count++;
        now = bench_now();
    } while (now - began < 2 * MEASURE_S);
    out->fdatasync = (double)count / (now - began);
    began = bench_now();
    for (uint64_t done = 0; done < APPEND_BYTES; done += sizeof block)
        VLS_TRY(vls_fd_write(fd, VLS_SLICE(block, sizeof block), why));
    if (fdatasync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "fdatasync in %s", directory);
    out->append = APPEND_BYTES / (bench_now() - began);
    return VLS_DONE;
}

/* -- primitives -------------------------------------------------------------------------------- */

static struct vls_status derive(void *ctx, struct vls_why *why)
{
    uint8_t secret[32];
    size_t len = sizeof secret;
    return EVP_PKEY_derive(ctx, secret, &len) == 1 ? VLS_DONE : failed("ECDH", why);
}

static VLS_STATUS measure_ecdh(double *out, struct vls_why *why)
{
    EVP_PKEY *own = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *ctx = own != NULL ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    struct vls_status s = failed("ECDH", why);
    if (ctx != NULL && other != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
        EVP_PKEY_derive_set_peer(ctx, other) == 1)
        s = measure(derive, ctx, out, why);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
    return s;
}

static struct vls_status encrypt(void *ctx, struct vls_why *why)
{
    static const uint8_t KEY[32] = {1}, IV[12] = {2}, PLAIN[BLOCK] = {3};
    uint8_t cipher[BLOCK], tag[16];
    int len;
    bool is_done = EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, KEY, IV) == 1 &&
                   EVP_EncryptUpdate(ctx, cipher, &len, PLAIN, BLOCK) == 1 &&
                   EVP_EncryptFinal_ex(ctx, cipher, &len) == 1 &&
                   EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1;
    return is_done ? VLS_DONE : failed("AES-256-GCM", why);
}

static struct vls_status digest(void *ctx, struct vls_why *why)
{
    static const uint8_t PLAIN[BLOCK] = {3};
    (void)ctx;
    (void)why;
    struct vls_digest d = vls_digest_of_slice(VLS_SLICE(PLAIN, sizeof PLAIN));
    __asm__ volatile("" : : "r"(&d) : "memory"); /* the result counts for nobody else */
    return VLS_DONE;
}

struct signing {
    EVP_PKEY *key;
    EVP_MD_CTX *ctx;
    uint8_t public[VLS_ED25519_KEY], signature[VLS_ED25519_SIGNATURE];
};

/* As long as a checkpoint's text. */
static const uint8_t NOTE[96] = {4};

static struct vls_status sign(void *ctx, struct vls_why *why)
{
    struct signing *s = ctx;
    size_t len = sizeof s->signature;
    bool is_done = EVP_DigestSignInit(s->ctx, NULL, NULL, NULL, s->key) == 1 &&
                   EVP_DigestSign(s->ctx, s->signature, &len, NOTE, sizeof NOTE) == 1;
    return is_done ? VLS_DONE : failed("Ed25519", why);
}

static struct vls_status verify(void *ctx, struct vls_why *why)
{
    struct signing *s = ctx;
    return vls_ed25519_is_valid(s->public, VLS_SLICE(NOTE, sizeof NOTE), s->signature)
               ? VLS_DONE
               : failed("verifying Ed25519", why);
}

static VLS_STATUS measure_signing(struct limits *out, struct vls_why *why)
{
    struct signing s = {.key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), .ctx = EVP_MD_CTX_new()};
    size_t len = sizeof s.public;
    struct vls_status status = failed("Ed25519", why);
    if (s.key != NULL && s.ctx != NULL && EVP_PKEY_get_raw_public_key(s.key, s.public, &len) == 1)
        status = measure(sign, &s, &out->ed25519_sign, why);
    if (vls_ok(status))
        status = measure(verify, &s, &out->ed25519_verify, why);
    EVP_MD_CTX_free(s.ctx);
    EVP_PKEY_free(s.key);
    return status;
}

static VLS_STATUS measure_primitives(struct limits *out, struct vls_why *why)
{
    VLS_TRY(measure_ecdh(&out->ecdh, why));
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    struct vls_status s =
        ctx != NULL ? measure(encrypt, ctx, &out->aes_4k, why) : failed("AES-256-GCM", why);
    EVP_CIPHER_CTX_free(ctx);
    VLS_TRY(s);
    VLS_TRY(measure(digest, NULL, &out->sha_4k, why));
    return measure_signing(out, why);
}

/* -- seal and open ----------------------------------------------------------------------------- */

struct envelope {
    X509 *recipients[2]; /* the partner, the own archive */
    EVP_PKEY *key;       /* the partner's */
    struct vls_buf content;
    struct vls_sealed sealed;
    uint64_t bytes;
    int document_fd, plain_fd;
};

static struct vls_status seal(void *ctx, struct vls_why *why)
{
    static const char DESCRIPTOR[] =
        "{\"version\":1,\"subject\":\"Figures of a benchmark\",\"label\":\"un-sgb-2007-6/"
        "unclassified\",\"parts\":[{\"name\":\"figures.bin\",\"bytes\":1024}]}";
    struct envelope *e = ctx;
    struct vls_seal_part part = {.fd = e->document_fd, .name = "figures.bin", .bytes = e->bytes};
    vls_buf_clear(&e->content);
    vls_sealed_fini(&e->sealed);
    return vls_seal(VLS_SLICE(DESCRIPTOR, sizeof DESCRIPTOR - 1), VLS_SLICE(NULL, 0), &part, 1,
                    e->recipients, 2, vls_wall_ms(vls_env_system()), -1, &e->content, &e->sealed,
                    why);
}

static struct vls_status open_again(void *ctx, struct vls_why *why)
{
    struct envelope *e = ctx;
    struct vls_open_input in = {.cms = vls_buf_slice(&e->sealed.cms),
                                .content = vls_buf_slice(&e->content),
                                .content_fd = -1,
                                .content_bytes = e->sealed.content_bytes,
                                .content_digest = e->sealed.content_digest};
    uint64_t plain_bytes;
    return vls_open(&in, e->key, e->recipients[0], e->plain_fd, &plain_bytes, why);
}

static VLS_STATUS open_pem(const char *pki, const char *name, FILE **out, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    VLS_TRY(vls_path_join(pki, name, path, sizeof path));
    *out = fopen(path, "re");
    return *out != NULL ? VLS_DONE : vls_fail_errno(VLS_SYSTEM_MISSING, why, errno, "%s", path);
}

static VLS_STATUS read_certificate(const char *pki, const char *name, X509 **out,
                                   struct vls_why *why)
{
    FILE *file;
    VLS_TRY(open_pem(pki, name, &file, why));
    *out = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    return *out != NULL ? VLS_DONE : vls_fail(VLS_INPUT_MALFORMED, why, "%s: no certificate", name);
}

static VLS_STATUS read_key(const char *pki, const char *name, EVP_PKEY **out, struct vls_why *why)
{
    FILE *file;
    VLS_TRY(open_pem(pki, name, &file, why));
    *out = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    return *out != NULL ? VLS_DONE : vls_fail(VLS_INPUT_MALFORMED, why, "%s: no key", name);
}

static void envelope_fini(struct envelope *e)
{
    vls_sealed_fini(&e->sealed);
    vls_buf_fini(&e->content);
    vls_fd_close(&e->document_fd);
    vls_fd_close(&e->plain_fd);
    X509_free(e->recipients[0]);
    X509_free(e->recipients[1]);
    EVP_PKEY_free(e->key);
}

static VLS_STATUS make_document(struct envelope *e, struct vls_why *why)
{
    uint8_t *bytes = vls_mem_try(e->bytes);
    if (bytes == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "a document of %zu bytes", (size_t)e->bytes);
    struct vls_status s =
        vls_fd_memory_of("bench-document", VLS_SLICE(bytes, e->bytes), &e->document_fd, why);
    vls_mem_free(bytes);
    return s;
}

static VLS_STATUS measure_envelope(const char *pki, uint64_t bytes, struct limits *out,
                                   struct vls_why *why)
{
    VLS_DEFER(envelope_fini)
    struct envelope e = {.bytes = bytes, .document_fd = -1, .plain_fd = -1};
    vls_buf_init(&e.content, 2 * VLS_INLINE_CONTENT);
    VLS_TRY(read_certificate(pki, "iom/seal.pem", &e.recipients[0], why));
    VLS_TRY(read_certificate(pki, "un/archive.pem", &e.recipients[1], why));
    VLS_TRY(read_key(pki, "iom/seal.key", &e.key, why));
    VLS_TRY(make_document(&e, why));
    VLS_TRY(vls_fd_memory("bench-plain", &e.plain_fd, why));
    VLS_TRY(measure(seal, &e, &out->seal, why));
    return measure(open_again, &e, &out->open, why);
}

struct vls_status limits_measure(const char *directory, const char *pki, uint64_t bytes,
                                 struct limits *out, struct vls_why *why)
{
    struct limits limits = {0};
    VLS_TRY(measure_disk(directory, &limits, why));
    VLS_TRY(measure_primitives(&limits, why));
    VLS_TRY(measure_envelope(pki, bytes, &limits, why));
    *out = limits;
    return VLS_DONE;
}
