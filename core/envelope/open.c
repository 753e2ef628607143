#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "envelope/form.h"
#include "envelope/seal.h"
#include "envelope/stream.h"

/** Everything of one opening, released in one place. */
struct opening {
    CMS_ContentInfo *cms;
    BIO *chain; /* cipher over the source */
    struct vls_source source;
    int plain_fd;
    uint64_t written;
};

static void opening_fini(struct opening *o)
{
    BIO_free_all(o->chain);
    CMS_ContentInfo_free(o->cms);
    vls_source_fini(&o->source);
    ERR_clear_error();
}

static struct vls_status check_length(const struct vls_open_input *in, struct vls_why *why)
{
    uint64_t have = in->content.len;
    if (in->content_fd >= 0)
        VLS_TRY(vls_fd_size(in->content_fd, &have, why));
    if (have == in->content_bytes)
        return VLS_DONE;
    return vls_fail(VLS_ENVELOPE_DIGEST, why,
                    "the sealed content has %llu bytes, and %llu were announced",
                    (unsigned long long)have, (unsigned long long)in->content_bytes);
}

/* The key encryption key of the one recipient that is meant for us: anything that fails here is not
 * ours to open. */
static struct vls_status use_key(struct opening *o, EVP_PKEY *key, X509 *certificate,
                                 struct vls_why *why)
{
    STACK_OF(CMS_RecipientInfo) *recipients = CMS_get0_RecipientInfos(o->cms);
    bool is_named = false;
    for (int i = 0; i < sk_CMS_RecipientInfo_num(recipients) && !is_named; i++) {
        CMS_RecipientInfo *recipient = sk_CMS_RecipientInfo_value(recipients, i);
        if (CMS_RecipientInfo_type(recipient) != CMS_RECIPINFO_AGREE)
            continue;
        STACK_OF(CMS_RecipientEncryptedKey) *keys = CMS_RecipientInfo_kari_get0_reks(recipient);
        for (int k = 0; k < sk_CMS_RecipientEncryptedKey_num(keys) && !is_named; k++)
            is_named = CMS_RecipientEncryptedKey_cert_cmp(
                           sk_CMS_RecipientEncryptedKey_value(keys, k), certificate) == 0;
    }
    if (!is_named)
        return vls_fail(VLS_ENVELOPE_KEY, why,
                        "no recipient of the content is this key's certificate");
    if (CMS_decrypt_set1_pkey_and_peer(o->cms, key, certificate, NULL) != 1)
        return vls_fail(VLS_ENVELOPE_KEY, why,
                        "the content key does not open with the key of the certificate it names");
    return VLS_DONE;
}

static struct vls_status start(struct opening *o, const struct vls_open_input *in, EVP_PKEY *key,
                               X509 *certificate, struct vls_why *why)
{
    const uint8_t *at = in->cms.at;
    o->cms = d2i_CMS_ContentInfo(NULL, &at, (long)in->cms.len);
    if (o->cms == NULL || at != in->cms.at + in->cms.len)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "the CMS structure does not decode");
    VLS_TRY(use_key(o, key, certificate, why));
    BIO *source = vls_source_bio(&o->source);
    if (source == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to open the content");
    o->chain = CMS_dataInit(o->cms, source);
    if (o->chain == NULL) {
        BIO_free(source);
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "the cipher cannot be set up");
    }
    return VLS_DONE;
}

/* Everything is read before anything is judged: a wrong digest says more than the wrong tag that it
 * brings along. */
static struct vls_status pump(struct opening *o, uint8_t *chunk, size_t room, struct vls_why *why)
{
    int n;
    while ((n = BIO_read(o->chain, chunk, (int)room)) > 0)
        VLS_TRY(vls_write_at(o->plain_fd, VLS_SLICE(chunk, (size_t)n), &o->written, why));
    if (!vls_ok(o->source.failed))
        return vls_fail(o->source.failed.code, why, "%s", o->source.why.text);
    return VLS_DONE;
}

static struct vls_status copy(struct opening *o, size_t room, struct vls_why *why)
{
    uint8_t *chunk = vls_mem_new(room);
    struct vls_status s = pump(o, chunk, room, why);
    vls_mem_wipe(chunk, room);
    vls_mem_free(chunk);
    return s;
}

static struct vls_status judge(struct opening *o, const struct vls_digest *expected,
                               struct vls_why *why)
{
    struct vls_digest found = vls_hash_finish(o->source.hash);
    if (!vls_digest_is_equal(&found, expected))
        return vls_fail(VLS_ENVELOPE_DIGEST, why, "the sealed content is not the one announced");
    if (BIO_get_cipher_status(o->chain) != 1)
        return vls_fail(VLS_ENVELOPE_TAG, why,
                        "the sealed content does not match its authentication tag");
    return VLS_DONE;
}

static struct vls_status open_into(struct opening *o, const struct vls_open_input *in,
                                   EVP_PKEY *key, X509 *certificate, struct vls_why *why)
{
    size_t room = in->content_bytes < VLS_IO_CHUNK ? (size_t)in->content_bytes + 1 : VLS_IO_CHUNK;
    VLS_TRY(start(o, in, key, certificate, why));
    VLS_TRY(copy(o, room, why));
    return judge(o, &in->content_digest, why);
}

struct vls_status vls_open(const struct vls_open_input *in, EVP_PKEY *key, X509 *certificate,
                           int plain_fd, uint64_t *out_plain_bytes, struct vls_why *why)
{
    VLS_DEFER(opening_fini) struct opening o = {.plain_fd = plain_fd};
    if (ftruncate(plain_fd, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "empty the output file");
    VLS_TRY(vls_form_check(in->cms, why));
    VLS_TRY(check_length(in, why));
    vls_source_init(&o.source, in->content_fd, in->content, in->content_bytes);
    struct vls_status s = open_into(&o, in, key, certificate, why);
    if (vls_ok(s))
        *out_plain_bytes = o.written;
    else if (ftruncate(plain_fd, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "empty the output file after a failure");
    return s;
}
