/* peer/signer - see signer.h. */

/* EC_KEY_METHOD is the one way of OpenSSL 3.0 to bring a foreign signing function without writing a
 * whole provider (key management, signature and their dispatch tables). It is marked deprecated
 * since 3.0 and still there in all of 3.x. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "peer/signer.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "base/mem.h"
#include "wire/channel.h"

/* A worker that seals a large document cannot answer meanwhile: the first round asks each one with
 * little patience, the second waits longer. */
static const int patience_ms[] = {250, 1500};
#define ROUNDS (sizeof patience_ms / sizeof patience_ms[0])

#define MAX_SIGNATURE 512

struct vls_signer {
    int fds[VLS_SIGNER_WORKERS];
    unsigned last; /* the worker that answered last is asked first */
    uint64_t serial;
    EC_KEY_METHOD *method;
};

static int key_index = -1; /* where an EC_KEY remembers its signer */

struct vls_signer *vls_signer_new(void)
{
    struct vls_signer *signer = vls_mem_new(sizeof *signer);

    for (size_t i = 0; i < VLS_SIGNER_WORKERS; i++)
        signer->fds[i] = -1;
    return signer;
}

void vls_signer_free(struct vls_signer **signer)
{
    if (*signer == NULL)
        return;
    for (size_t i = 0; i < VLS_SIGNER_WORKERS; i++)
        vls_fd_close(&(*signer)->fds[i]);
    if ((*signer)->method != NULL)
        EC_KEY_METHOD_free((*signer)->method);
    vls_mem_free(*signer);
    *signer = NULL;
}

struct vls_status vls_signer_attach(struct vls_signer *signer, unsigned instance, int fd,
                                    struct vls_why *why)
{
    if (instance >= VLS_SIGNER_WORKERS) {
        vls_fd_close(&fd);
        return vls_fail(VLS_INPUT_LIMIT, why, "crypto worker %u: at most %d can be attached",
                        instance, VLS_SIGNER_WORKERS);
    }
    vls_fd_close(&signer->fds[instance]);
    signer->fds[instance] = fd;
    return VLS_DONE;
}

size_t vls_signer_workers(const struct vls_signer *signer)
{
    size_t count = 0;

    for (size_t i = 0; i < VLS_SIGNER_WORKERS; i++)
        count += signer->fds[i] >= 0;
    return count;
}

/* Take the signature out of an answer. */
static struct vls_status take_signature(const Valise__Frame *frame, struct vls_buf *out,
                                        struct vls_why *why)
{
    const Valise__SignResult *result = frame->sign_result;

    if (frame->body_case != VALISE__FRAME__BODY_SIGN_RESULT || result->outcome == NULL)
        return vls_fail(VLS_WIRE_MALFORMED, why,
                        "the crypto role answered a TLS signature with something else");
    VLS_TRY(vls_outcome_status(result->outcome, why));
    if (result->signature.len == 0 || result->signature.len > MAX_SIGNATURE)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the crypto role gave a signature of %zu bytes",
                        result->signature.len);
    return vls_buf_add(out, result->signature.data, result->signature.len);
}

/* Wait for the answer to `serial`; answers to questions that ran out of time earlier are passed
 * over. */
static struct vls_status await(int fd, uint64_t serial, int timeout_ms, struct vls_buf *out,
                               struct vls_why *why)
{
    struct vls_fds fds = {.count = 0};
    struct vls_status status;
    Valise__Frame *frame;
    bool is_ours;

    do {
        VLS_TRY(vls_wire_receive(fd, timeout_ms, &frame, &fds, why));
        vls_fds_close(&fds);
        is_ours = frame->reply_to == serial;
        status = is_ours ? take_signature(frame, out, why) : VLS_DONE;
        valise__frame__free_unpacked(frame, NULL);
    } while (!is_ours);
    return status;
}

static struct vls_status ask_worker(struct vls_signer *signer, int fd, struct vls_slice digest,
                                    int timeout_ms, struct vls_buf *out, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__TlsSignRequest request = VALISE__TLS_SIGN_REQUEST__INIT;

    request.digest.data = (uint8_t *)(uintptr_t)digest.at;
    request.digest.len = digest.len;
    frame.serial = ++signer->serial;
    frame.body_case = VALISE__FRAME__BODY_TLS_SIGN;
    frame.tls_sign = &request;
    VLS_TRY(vls_wire_send(fd, &frame, NULL, 0, why));
    return await(fd, frame.serial, timeout_ms, out, why);
}

/* This blocks the loop for one round trip. That is fine here and nowhere else: it happens once a
 * handshake, takes some 100 us beside the 800 us that OpenSSL spends on the handshake in this very
 * process, is bounded by patience_ms, and connections between gateways live long. The other way,
 * SSL_ERROR_WANT_ASYNC, needs stacks that are switched under the event loop. */
struct vls_status vls_signer_sign(struct vls_signer *signer, struct vls_slice digest,
                                  struct vls_buf *out, struct vls_why *why)
{
    struct vls_status status =
        vls_fail(VLS_WIRE_GONE, why, "no crypto worker is attached: the TLS key is out of reach");

    for (size_t round = 0; round < ROUNDS; round++) {
        unsigned first = signer->last;

        for (unsigned i = 0; i < VLS_SIGNER_WORKERS; i++) {
            unsigned worker = (first + i) % VLS_SIGNER_WORKERS;

            if (signer->fds[worker] < 0)
                continue;
            status = ask_worker(signer, signer->fds[worker], digest, patience_ms[round], out, why);
            if (vls_ok(status)) {
                signer->last = worker;
                return status;
            }
            /* Whatever is wrong with a channel besides slowness stays wrong; the supervisor brings
             * the next one. */
            if (status.code != VLS_SYSTEM_BUSY)
                vls_fd_close(&signer->fds[worker]);
        }
    }
    return status;
}

/* -- as OpenSSL sees it ------------------------------------------------------------------------ */

static int sign_for_openssl(int type, const unsigned char *digest, int digest_len,
                            unsigned char *signature, unsigned int *signature_len,
                            const BIGNUM *inverse, const BIGNUM *r, EC_KEY *key)
{
    struct vls_signer *signer = EC_KEY_get_ex_data(key, key_index);
    int room = ECDSA_size(key);
    struct vls_buf out;
    struct vls_why why;
    int done = 0;

    (void)type, (void)inverse, (void)r;
    if (signer == NULL || digest_len <= 0 || room <= 0)
        return 0;
    vls_buf_init(&out, MAX_SIGNATURE);
    if (vls_ok(vls_signer_sign(signer, VLS_SLICE(digest, (size_t)digest_len), &out, &why)) &&
        out.len <= (size_t)room) {
        vls_copy(signature, out.at, out.len);
        *signature_len = (unsigned)out.len;
        done = 1;
    }
    vls_buf_fini(&out);
    return done;
}

static EC_KEY_METHOD *make_method(void)
{
    int (*sign)(int, const unsigned char *, int, unsigned char *, unsigned int *, const BIGNUM *,
                const BIGNUM *, EC_KEY *);
    int (*setup)(EC_KEY *, BN_CTX *, BIGNUM **, BIGNUM **);
    ECDSA_SIG *(*sign_sig)(const unsigned char *, int, const BIGNUM *, const BIGNUM *, EC_KEY *);
    EC_KEY_METHOD *method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());

    if (method == NULL)
        return NULL;
    EC_KEY_METHOD_get_sign(method, &sign, &setup, &sign_sig);
    EC_KEY_METHOD_set_sign(method, sign_for_openssl, setup, sign_sig);
    return method;
}

static EC_KEY *make_ec_key(struct vls_signer *signer, X509 *certificate)
{
    EVP_PKEY *public_key = X509_get0_pubkey(certificate);
    const EC_KEY *from = public_key != NULL ? EVP_PKEY_get0_EC_KEY(public_key) : NULL;
    EC_KEY *key = from != NULL ? EC_KEY_dup(from) : NULL;

    if (key != NULL && EC_KEY_set_method(key, signer->method) == 1 &&
        EC_KEY_set_ex_data(key, key_index, signer) == 1)
        return key;
    EC_KEY_free(key);
    return NULL;
}

struct vls_status vls_signer_key(struct vls_signer *signer, X509 *certificate, EVP_PKEY **out,
                                 struct vls_why *why)
{
    EVP_PKEY *key;
    EC_KEY *ec;

    if (key_index < 0)
        key_index = EC_KEY_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    if (signer->method == NULL)
        signer->method = make_method();
    if (key_index < 0 || signer->method == NULL)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "OpenSSL gives no method for a remote key");
    ec = make_ec_key(signer, certificate);
    if (ec == NULL)
        return vls_fail(VLS_SYSTEM_CRYPTO, why,
                        "the own TLS certificate has no elliptic-curve key: make one on P-256");
    key = EVP_PKEY_new();
    if (key == NULL || EVP_PKEY_assign_EC_KEY(key, ec) != 1) {
        EC_KEY_free(ec);
        EVP_PKEY_free(key);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a key");
    }
    *out = key;
    return VLS_DONE;
}
