#include "envelope/seal.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/archive.h"
#include "envelope/form.h"
#include "envelope/stream.h"
#include "envelope/tar.h"

#define MAX_ENTRY_NAME (sizeof VLS_ARCHIVE_DOCUMENTS + VLS_MAX_FILE_NAME)

/** Everything of one sealing, released in one place. */
struct sealing {
    CMS_ContentInfo *cms;
    BIO *chain; /* cipher over the sink */
    struct vls_sink sink;
    struct vls_tar_writer *tar;
};

/* OpenSSL 3.0 looks algorithms up by name at each use: fetch what can be kept. */
static const EVP_CIPHER *aes_256_gcm(void)
{
    static EVP_CIPHER *fetched;
    if (fetched == NULL)
        fetched = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    return fetched;
}

static const EVP_MD *sha256(void)
{
    static EVP_MD *fetched;
    if (fetched == NULL)
        fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
    return fetched;
}

static struct vls_status crypto_failure(struct vls_why *why, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    struct vls_status s = vls_fail(VLS_SYSTEM_CRYPTO, why, "%s: %s", what,
                                   reason != NULL ? reason : "no reason given");
    ERR_clear_error();
    return s;
}

static void sealing_fini(struct sealing *s)
{
    vls_tar_writer_free(&s->tar);
    BIO_free_all(s->chain);
    CMS_ContentInfo_free(s->cms);
    vls_sink_fini(&s->sink);
}

/* CMS_KEY_PARAM is what gives access to the key derivation: its default hash is SHA-1. */
static struct vls_status add_recipient(CMS_ContentInfo *cms, X509 *certificate, struct vls_why *why)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL || !vls_is_p256(key))
        return vls_fail(VLS_SYSTEM_CRYPTO, why,
                        "a recipient's sealing certificate does not hold a P-256 key");
    CMS_RecipientInfo *recipient = CMS_add1_recipient_cert(cms, certificate, CMS_KEY_PARAM);
    if (recipient == NULL || CMS_RecipientInfo_type(recipient) != CMS_RECIPINFO_AGREE)
        return crypto_failure(why, "add a recipient");
    EVP_PKEY_CTX *ctx = CMS_RecipientInfo_get0_pkey_ctx(recipient);
    if (ctx == NULL || EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, sha256()) <= 0)
        return crypto_failure(why, "set the key derivation");
    return VLS_DONE;
}

static struct vls_status start(struct sealing *s, X509 *const *recipients, size_t count,
                               struct vls_why *why)
{
    if (count == 0 || count > VLS_MAX_RECIPIENTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu recipients, and 1 to %u are allowed", count,
                        VLS_MAX_RECIPIENTS);
    s->cms = CMS_AuthEnvelopedData_create(aes_256_gcm());
    if (s->cms == NULL)
        return crypto_failure(why, "make the CMS structure");
    for (size_t i = 0; i < count; i++)
        VLS_TRY(add_recipient(s->cms, recipients[i], why));
    BIO *sink = vls_sink_bio(&s->sink);
    if (sink == NULL || !CMS_set_detached(s->cms, 1)) {
        BIO_free(sink);
        return crypto_failure(why, "make the CMS structure");
    }
    s->chain = CMS_dataInit(s->cms, sink);
    if (s->chain == NULL) {
        BIO_free(sink);
        return crypto_failure(why, "encrypt the content key");
    }
    return VLS_DONE;
}

/* What stands in the archive before the documents. */
struct papers {
    struct vls_slice descriptor_json, labels_xml;
};

/* What the archive's writer gives goes through the cipher into the sink. */
static struct vls_status encrypt(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    struct sealing *s = ctx;
    size_t done = 0;
    if (BIO_write_ex(s->chain, bytes.at, bytes.len, &done) == 1 && done == bytes.len)
        return VLS_DONE;
    if (!vls_ok(s->sink.failed))
        return vls_fail(s->sink.failed.code, why, "%s", s->sink.why.text);
    return crypto_failure(why, "encrypt");
}

static void entry_name(const struct vls_seal_part *part, char out[MAX_ENTRY_NAME])
{
    vls_text_copy(out, MAX_ENTRY_NAME, VLS_ARCHIVE_DOCUMENTS);
    vls_text_copy(out + strlen(VLS_ARCHIVE_DOCUMENTS),
                  MAX_ENTRY_NAME - strlen(VLS_ARCHIVE_DOCUMENTS), part->name);
}

static struct vls_status check_parts(const struct vls_seal_part *parts, size_t count,
                                     struct vls_why *why)
{
    for (size_t i = 0; i < count; i++) {
        if (!vls_text_is_file_name(parts[i].name))
            return vls_fail(VLS_INPUT_MALFORMED, why,
                            "the name of document %zu is not a plain file name", i + 1);
    }
    return VLS_DONE;
}

static struct vls_status pack(struct sealing *s, const struct papers *papers,
                              struct vls_seal_part *parts, size_t count, uint64_t created_ms,
                              struct vls_why *why)
{
    VLS_TRY(check_parts(parts, count, why));
    vls_tar_writer_new(created_ms, encrypt, s, &s->tar);
    VLS_TRY(vls_tar_add(s->tar, VLS_ARCHIVE_DESCRIPTOR, papers->descriptor_json, why));
    if (papers->labels_xml.len != 0)
        VLS_TRY(vls_tar_add(s->tar, VLS_ARCHIVE_LABELS, papers->labels_xml, why));
    for (size_t i = 0; i < count; i++) {
        char name[MAX_ENTRY_NAME];
        entry_name(&parts[i], name);
        VLS_TRY(vls_tar_add_file(s->tar, name, parts[i].fd, parts[i].bytes, &parts[i].digest, why));
    }
    return vls_tar_finish(s->tar, why);
}

static struct vls_status finish(struct sealing *s, struct vls_sealed *out, struct vls_why *why)
{
    if (BIO_flush(s->chain) != 1 || CMS_dataFinal(s->cms, s->chain) != 1)
        return vls_ok(s->sink.failed) ? crypto_failure(why, "finish the CMS structure")
                                      : vls_fail(s->sink.failed.code, why, "%s", s->sink.why.text);
    VLS_TRY(vls_sink_finish(&s->sink, why));
    int len = i2d_CMS_ContentInfo(s->cms, NULL);
    if (len <= 0)
        return crypto_failure(why, "encode the CMS structure");
    if (len > VLS_MAX_SEALED_DER)
        return vls_fail(VLS_INPUT_LIMIT, why, "the CMS structure has %d bytes, and the limit is %d",
                        len, VLS_MAX_SEALED_DER);
    vls_buf_init(&out->cms, VLS_MAX_SEALED_DER);
    uint8_t *at;
    VLS_TRY(vls_buf_reserve(&out->cms, (size_t)len, &at));
    len = i2d_CMS_ContentInfo(s->cms, &at);
    vls_buf_took(&out->cms, (size_t)len);
    out->cms_digest = vls_digest_of_slice(vls_buf_slice(&out->cms));
    out->content_digest = vls_hash_finish(s->sink.hash);
    out->content_bytes = s->sink.written;
    return VLS_DONE;
}

static struct vls_status seal(struct sealing *s, const struct papers *papers,
                              struct vls_seal_part *parts, size_t count, X509 *const *recipients,
                              size_t recipient_count, uint64_t created_ms, struct vls_sealed *out,
                              struct vls_why *why)
{
    VLS_TRY(start(s, recipients, recipient_count, why));
    VLS_TRY(pack(s, papers, parts, count, created_ms, why));
    return finish(s, out, why);
}

struct vls_status vls_seal(struct vls_slice descriptor_json, struct vls_slice labels_xml,
                           struct vls_seal_part *parts, size_t count, X509 *const *recipients,
                           size_t recipient_count, uint64_t created_ms, int content_fd,
                           struct vls_buf *content, struct vls_sealed *out, struct vls_why *why)
{
    if (count > VLS_MAX_PARTS || descriptor_json.len > VLS_MAX_DESCRIPTOR)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "%zu documents with %zu bytes of descriptor, and the limits are %d and %d",
                        count, descriptor_json.len, VLS_MAX_PARTS, VLS_MAX_DESCRIPTOR);
    if (labels_xml.len > VLS_MAX_LABELS_XML)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu bytes of labels, and the limit is %u",
                        labels_xml.len, VLS_MAX_LABELS_XML);
    const struct papers papers = {descriptor_json, labels_xml};
    size_t before = content_fd < 0 ? content->len : 0;
    VLS_DEFER(sealing_fini) struct sealing s = {0};
    VLS_TRY(vls_sink_init(&s.sink, content_fd, content, why));
    struct vls_sealed made = {0};
    struct vls_status status =
        seal(&s, &papers, parts, count, recipients, recipient_count, created_ms, &made, why);
    if (vls_ok(status)) {
        *out = made;
        return status;
    }
    vls_sealed_fini(&made);
    if (content_fd < 0)
        content->len = before;
    else if (ftruncate(content_fd, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "empty the output file after a failure");
    return status;
}

void vls_sealed_fini(struct vls_sealed *sealed)
{
    vls_buf_fini(&sealed->cms);
}

static uint64_t entry_bound(uint64_t bytes)
{
    return VLS_TAR_ENTRY_HEADER + (bytes + VLS_TAR_BLOCK - 1) / VLS_TAR_BLOCK * VLS_TAR_BLOCK;
}

uint64_t vls_seal_content_bound(const struct vls_seal_part *parts, size_t count,
                                size_t descriptor_bytes, size_t labels_bytes)
{
    uint64_t bound = VLS_TAR_END + entry_bound(descriptor_bytes) + entry_bound(labels_bytes);
    for (size_t i = 0; i < count; i++)
        bound += entry_bound(parts[i].bytes);
    return bound;
}
