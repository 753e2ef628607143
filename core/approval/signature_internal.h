#ifndef VALISE_APPROVAL_SIGNATURE_INTERNAL_H
#define VALISE_APPROVAL_SIGNATURE_INTERNAL_H
/*
 * approval/signature_internal - what the files of approval/ share. Not for anyone else.
 *
 * Process: command line, control, router.
 */
#include <openssl/x509.h>

#include "approval/signature.h"

#define VLS_SIGNER_RSA_BITS     3072
#define VLS_SIGNER_RSA_BITS_MAX 16384 /* above that, checking one costs too much */
#define VLS_SIGNER_PEM          65536u
/** First bytes of a key that is on a token. */
#define VLS_TOKEN_SCHEME "pkcs11:"

struct vls_anchor {
    X509 *certificate;
    X509_STORE *trust; /* holds it alone */
};

/* -- profile.c --------------------------------------------------------------------------------- */

/** Is it a key of the profile? @return APPROVAL_FORM */
VLS_STATUS vls_profile_key(const EVP_PKEY *key, struct vls_why *why);
/** May the certificate sign for its person, as far as it says so? @return APPROVAL_SIGNER */
VLS_STATUS vls_profile_use(X509 *certificate, struct vls_why *why);

/* -- token.c ----------------------------------------------------------------------------------- */

/** The key that a URI of RFC 7512 names, and when `out_certificate` is not NULL the certificate
 * beside it. @return CONFIG_INVALID */
VLS_STATUS vls_token_open(const char *uri, const char *pin, EVP_PKEY **out_key,
                          X509 **out_certificate, struct vls_why *why);

#endif
