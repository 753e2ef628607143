#ifndef VALISE_ENVELOPE_SEAL_H
#define VALISE_ENVELOPE_SEAL_H
/*
 * envelope/seal - seal documents to their recipients, and open them again: CMS AuthEnvelopedData
 * with detached content.
 *
 * Process:   crypto alone (private keys); tests and bench.
 * Ownership: keys are borrowed; buffers and descriptors stay the caller's.
 * Start at:  vls_seal(), vls_open().
 *
 * Profile, and nothing else is accepted (RFC 5083, RFC 5753, RFC 8418's hashes): AuthEnvelopedData,
 * AES-256-GCM, recipients by KeyAgreeRecipientInfo with ephemeral-static ECDH on P-256, X9.63 KDF
 * with SHA-256, AES-256 key wrap; encryptedContent absent. The object identifiers are checked
 * before a private key is touched. KEKRecipientInfo with AES-256 wrap is allowed for by the
 * reader's recipient table, so that one key agreement can serve a batch later.
 *
 * What is sealed is a POSIX pax archive (tar): "descriptor.json" first, then
 * "labels.xml", then the documents under "documents/". So `openssl cms -decrypt ... | tar x` gives
 * an organization its documents without us. Both directions stream in constant memory.
 */
#include <openssl/types.h>

#include "base/digest.h"
#include "base/limits.h"

/** Recipients in one CMS structure: the partner, the own archive, and room for bodies with keys of
 * their own. */
#define VLS_MAX_RECIPIENTS 16u

/** One document to seal: read from `fd` at offset 0, exactly `bytes`. */
struct vls_seal_part {
    int fd;
    const char *name;
    uint64_t bytes;
    struct vls_digest digest; /* out: of the bytes as read */
};

struct vls_sealed {
    struct vls_buf
        cms; /* DER without content; init by vls_seal(), release with vls_sealed_fini() */
    struct vls_digest cms_digest;
    struct vls_digest content_digest;
    uint64_t content_bytes;
};

/** An upper bound for the encrypted content of parts with these sizes: exact but for the archive's
 * headers. */
uint64_t vls_seal_content_bound(const struct vls_seal_part *parts, size_t count,
                                size_t descriptor_bytes, size_t labels_bytes);

/** Seal. `labels_xml` is copied into the archive as it is, and left out when it is empty. The
 * encrypted content goes to `content_fd` from its start (then fdatasync()ed), or to
 * `content` when content_fd is -1.
 *  @return ENVELOPE_SOURCE when a part is shorter or longer than it says, SYSTEM_FULL,
 * SYSTEM_CRYPTO, INPUT_LIMIT */
VLS_STATUS vls_seal(struct vls_slice descriptor_json, struct vls_slice labels_xml,
                    struct vls_seal_part *parts, size_t count, X509 *const *recipients,
                    size_t recipient_count, uint64_t created_ms, int content_fd,
                    struct vls_buf *content, struct vls_sealed *out, struct vls_why *why);
void vls_sealed_fini(struct vls_sealed *sealed);

/** What to open: the CMS structure, and the content as bytes or, when content_fd is not -1, as a
 * file. */
struct vls_open_input {
    struct vls_slice cms;
    struct vls_slice content;
    int content_fd;
    uint64_t content_bytes;
    struct vls_digest content_digest;
};

/** Open into `plain_fd`, which nobody else may see: bytes are written before the tag at the end is
 * checked. On failure plain_fd is truncated to 0. @return ENVELOPE_MALFORMED, ENVELOPE_ALGORITHM,
 * ENVELOPE_KEY, ENVELOPE_DIGEST, ENVELOPE_TAG, SYSTEM_FULL */
VLS_STATUS vls_open(const struct vls_open_input *in, EVP_PKEY *key, X509 *certificate, int plain_fd,
                    uint64_t *out_plain_bytes, struct vls_why *why);

/** Only the form of a CMS structure from outside, no key needed: the checks of vls_open() up to the
 * key.
 *  @return ENVELOPE_MALFORMED, ENVELOPE_ALGORITHM */
VLS_STATUS vls_sealed_check(struct vls_slice cms, struct vls_why *why);

#endif
