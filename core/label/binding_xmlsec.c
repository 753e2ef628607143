/* libxmlsec1: made ready once, given no way to a file or to the network, and run on one signature.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "base/mem.h"
#include "label/binding_internal.h"

/* -- data -------------------------------------------------------------------------------------- */

/* Whose data may be read just now. The callbacks of libxmlsec1 know nothing of a context. */
static struct {
    const struct vls_binding_outside *outside;
    int error; /* errno of a read that failed; 0: none */
} reading;

struct stream {
    int fd;
    off_t offset;
};

static const struct vls_binding_source *source_of(const char *name)
{
    for (size_t i = 0; reading.outside != NULL && i < reading.outside->source_count; i++)
        if (strcmp(reading.outside->sources[i].name, name) == 0)
            return &reading.outside->sources[i];
    return NULL;
}

/* libxmlsec1 asks with the URI decoded, which is the name of a source; the caller has seen to it
 * that every reference has one, so it never comes to ask for the URI as it stands. */
static int on_match(const char *name)
{
    return source_of(name) != NULL;
}

static void *on_open(const char *name)
{
    const struct vls_binding_source *source = source_of(name);
    if (source == NULL)
        return NULL;
    struct stream *stream = vls_mem_new(sizeof *stream);
    stream->fd = source->fd;
    return stream;
}

static int on_read(void *context, char *buffer, int room)
{
    struct stream *stream = context;
    ssize_t got;
    do
        got = pread(stream->fd, buffer, (size_t)room, stream->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        reading.error = errno;
    else
        stream->offset += got;
    return (int)got;
}

static int on_close(void *context)
{
    vls_mem_free(context);
    return 0;
}

/* -- ready ------------------------------------------------------------------------------------- */

/* Its own words name functions of libraries; what is wrong is said by who called it. */
static void on_error(const char *file, int line, const char *function, const char *object,
                     const char *subject, int reason, const char *message)
{
    (void)file, (void)line, (void)function, (void)object, (void)subject, (void)reason;
    (void)message;
}

struct vls_status vls_binding_xmlsec_ready(struct vls_why *why)
{
    static bool is_ready;
    if (is_ready)
        return VLS_DONE;
    if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || xmlSecCryptoInit() < 0)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "libxmlsec1 cannot be used");
    xmlSecErrorsSetCallback(on_error);
    /* it comes with readers of files, FTP and HTTP */
    xmlSecIOCleanupCallbacks();
    if (xmlSecIORegisterCallbacks(on_match, on_open, on_read, on_close) < 0)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "libxmlsec1 cannot be used");
    is_ready = true;
    return VLS_DONE;
}

/** Once more what the profile says, in the terms of libxmlsec1. */
static bool restrict_to_profile(xmlSecDSigCtxPtr context)
{
    /* a relative path counts as remote; whom it is read from, the callbacks decide */
    context->enabledReferenceUris = xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeRemote;
    return xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformEnvelopedId) == 0 &&
           xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformExclC14NId) == 0 &&
           xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformSha256Id) == 0 &&
           xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformExclC14NId) == 0 &&
           xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformEcdsaSha256Id) == 0 &&
           xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformEcdsaSha384Id) == 0 &&
           xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformRsaSha256Id) == 0 &&
           xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformRsaSha384Id) == 0;
}

/** A context with the key, so that it never looks for one in the file. */
static VLS_STATUS open_context(EVP_PKEY *key, xmlSecDSigCtxPtr *out, struct vls_why *why)
{
    VLS_TRY(vls_binding_xmlsec_ready(why));
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    xmlSecKeyDataPtr data = NULL;
    if (context != NULL && EVP_PKEY_up_ref(key) == 1) {
        data = xmlSecOpenSSLEvpKeyAdopt(key);
        if (data == NULL)
            EVP_PKEY_free(key);
    }
    xmlSecKeyPtr holder = data != NULL ? xmlSecKeyCreate() : NULL;
    bool is_good = holder != NULL && xmlSecKeySetValue(holder, data) == 0;
    if (!is_good) {
        if (data != NULL)
            xmlSecKeyDataDestroy(data);
        if (holder != NULL)
            xmlSecKeyDestroy(holder);
    } else {
        context->signKey = holder;
        is_good = restrict_to_profile(context);
    }
    if (!is_good) {
        if (context != NULL)
            xmlSecDSigCtxDestroy(context);
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "libxmlsec1 does not take the key");
    }
    *out = context;
    return VLS_DONE;
}

/* -- one signature ----------------------------------------------------------------------------- */

static VLS_STATUS read_failure(struct vls_why *why)
{
    return vls_fail_errno(VLS_SYSTEM_IO, why, reading.error, "data of the binding cannot be read");
}

struct vls_status vls_binding_xmlsec_sign(xmlNodePtr signature, EVP_PKEY *key,
                                          const struct vls_binding_outside *outside,
                                          struct vls_why *why)
{
    xmlSecDSigCtxPtr context = NULL;
    VLS_TRY(open_context(key, &context, why));
    reading.outside = outside;
    reading.error = 0;
    bool is_signed =
        xmlSecDSigCtxSign(context, signature) == 0 && context->status == xmlSecDSigStatusSucceeded;
    reading.outside = NULL;
    xmlSecDSigCtxDestroy(context);
    ERR_clear_error();
    if (reading.error != 0)
        return read_failure(why);
    if (!is_signed)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "the binding cannot be signed");
    return VLS_DONE;
}

/** What did not hold. */
static VLS_STATUS verify_failure(xmlSecDSigCtxPtr context, struct vls_why *why)
{
    for (xmlSecSize i = 0; i < xmlSecPtrListGetSize(&context->signedInfoReferences); i++) {
        xmlSecDSigReferenceCtxPtr one = xmlSecPtrListGetItem(&context->signedInfoReferences, i);
        if (one == NULL || one->status == xmlSecDSigStatusSucceeded)
            continue;
        if (one->uri == NULL || one->uri[0] == '\0')
            return vls_fail(VLS_LABEL_BINDING, why,
                            "the binding was changed after it was signed: its digest differs");
        return vls_fail(VLS_LABEL_BINDING, why,
                        "'%.120s' is not what was bound: its digest differs",
                        (const char *)one->uri);
    }
    return vls_fail(VLS_LABEL_BINDING, why,
                    "the signature does not verify with the key of its certificate");
}

struct vls_status vls_binding_xmlsec_verify(xmlNodePtr signature, EVP_PKEY *key,
                                            const struct vls_binding_outside *outside,
                                            struct vls_why *why)
{
    xmlSecDSigCtxPtr context = NULL;
    VLS_TRY(open_context(key, &context, why));
    reading.outside = outside;
    reading.error = 0;
    bool is_good = xmlSecDSigCtxVerify(context, signature) == 0 &&
                   context->status == xmlSecDSigStatusSucceeded;
    reading.outside = NULL;
    struct vls_status s = is_good ? VLS_DONE : verify_failure(context, why);
    xmlSecDSigCtxDestroy(context);
    ERR_clear_error();
    return reading.error != 0 ? read_failure(why) : s;
}
