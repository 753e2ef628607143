#ifndef VALISE_APPROVAL_SIGNATURE_H
#define VALISE_APPROVAL_SIGNATURE_H
/*
 * approval/signature - what a person signed with a key of his own: a detached CMS signature
 * (RFC 5652) over exact bytes. Parties approve arrangements so, and officers releases.
 *
 * Process:   command line (makes them: the only place with such a key); control (checks what
 *            operators hand in: it has neither gateway keys nor the store); router, at its start,
 *            for files of its own configuration.
 * Ownership: a signer and an anchor own what they hold.
 * Start at:  vls_signer_open() and vls_signature_make(); vls_anchor_load() and
 *            vls_signature_verify(). `openssl cms -verify -binary` agrees, and tests hold it to
 * that.
 *
 * Profile: DER; one SignerInfo, SHA-256 or better, RSA (PKCS #1 v1.5) of 3072 bits or more, or
 * ECDSA on P-256, P-384 or P-521; signed attributes with content type, message digest and signing
 * time, no unsigned ones; the signer's certificate inside, and those between it and its authority.
 * Anything else is refused. (OpenSSL 3.0 makes and reads no Ed25519 in CMS.)
 */
#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"

#define VLS_MAX_SIGNATURE     16384u  /* bytes of one, certificate included                       */
#define VLS_SIGNER_SUBJECT    256u    /* text of a certificate's subject                          */
#define VLS_SIGNATURE_SKEW_MS 300000u /* a signing time may lie so far ahead of our clock       */

/** Where a party's signature of a file stands: NAME.PARTY.p7s beside NAME.yaml. @return INPUT_LIMIT
 */
VLS_STATUS vls_signature_path(const char *file, const char *party, char *out, size_t room,
                              struct vls_why *why);

/* -- making ------------------------------------------------------------------------------------ */

struct vls_signer;

struct vls_signer_options {
    const char *key;             /* PEM file, or "pkcs11:..." (RFC 7512) */
    const char *certificate;     /* PEM file; NULL with PKCS#11: the token's */
    const char *passphrase_file; /* of the PEM file, or the token's PIN; NULL: none */
};

/** @return CONFIG_MISSING, CONFIG_INVALID: the file or token, and what is wrong with it */
VLS_STATUS vls_signer_open(const struct vls_signer_options *options, struct vls_signer **out,
                           struct vls_why *why);
void vls_signer_free(struct vls_signer **signer);
/** DER of the CMS structure, signed now by the system's clock. */
VLS_STATUS vls_signature_make(const struct vls_signer *signer, struct vls_slice bytes,
                              struct vls_buf *out, struct vls_why *why);

/* -- checking ---------------------------------------------------------------------------------- */

/** A certificate that is trusted for one purpose: that of the signer itself, or of the authority
 * that issued it. */
struct vls_anchor;
VLS_STATUS vls_anchor_load(const char *pem_file, struct vls_anchor **out, struct vls_why *why);
void vls_anchor_free(struct vls_anchor **anchor);
/** Two certificates of one key are of one person. */
bool vls_anchor_is_same_key(const struct vls_anchor *a, const struct vls_anchor *b);

struct vls_signature {
    char subject[VLS_SIGNER_SUBJECT]; /* of the signer's certificate, RFC 2253 */
    struct vls_digest certificate;    /* SHA-256 of its DER */
    uint64_t signed_ms;               /* what the signer says */
    bool is_anchor; /* the certificate is the anchor itself, not one that it issued */
};

/** Check `der` over exactly `bytes`: the profile, the signature, the certificate against the anchor
 * (itself, or a chain to it), its validity at the time of signing and at now_ms, a signing time
 * that does not lie ahead.
 *  @return APPROVAL_FORM not of the profile; APPROVAL_SIGNATURE over other bytes; APPROVAL_SIGNER
 * by somebody else, or with a certificate that is not valid */
VLS_STATUS vls_signature_verify(struct vls_slice bytes, struct vls_slice der,
                                const struct vls_anchor *anchor, uint64_t now_ms,
                                struct vls_signature *out, struct vls_why *why);

/** When it says that it was made. Nothing about it has been checked but its form.
 * @return APPROVAL_FORM */
VLS_STATUS vls_signature_time(struct vls_slice der, uint64_t *out_ms, struct vls_why *why);

#endif
