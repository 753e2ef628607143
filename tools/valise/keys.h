#ifndef VALISE_CLI_KEYS_H
#define VALISE_CLI_KEYS_H
/*
 * cli/keys - make the keys and certificates of a node.
 *
 * Process:   valise(1), commands init and keys. Keys are made here, written once with mode 0600 and
 * released. Ownership: EVP_PKEY handed out is the caller's: EVP_PKEY_free().
 */
#include <openssl/types.h>

#include "base/bytes.h"

enum key_kind { KEY_P256, KEY_ED25519 };

/** @return SYSTEM_CRYPTO */
VLS_STATUS vls_key_make(enum key_kind kind, EVP_PKEY **out, struct vls_why *why);
/** PEM, PKCS #8, mode 0600. */
VLS_STATUS vls_key_write(EVP_PKEY *key, const char *path, struct vls_why *why);
/** Read a private key from PEM. @return SYSTEM_ACCESS, SYSTEM_CRYPTO */
VLS_STATUS vls_key_read(const char *path, EVP_PKEY **out, struct vls_why *why);
/** The public half of an Ed25519 key, 32 bytes. @return SYSTEM_CRYPTO */
VLS_STATUS vls_key_public_bytes(EVP_PKEY *key, uint8_t *out, struct vls_why *why);
/** Append its base64. */
VLS_STATUS vls_key_public(EVP_PKEY *key, struct vls_buf *out, struct vls_why *why);

/** What a certificate says. Extensions are in the words of x509v3_config(5). */
struct certificate_plan {
    const char *organization, *common_name;
    const char *key_usage;
    const char *extended_usage; /* NULL: none */
    const char *alternative_names;
    uint64_t now_ms;
};

/** Write a self-signed certificate, and to `request_path`, unless NULL, a request for a certificate
 * of a CA with the same contents. */
VLS_STATUS vls_certificate_make(EVP_PKEY *key, const struct certificate_plan *plan,
                                const char *path, const char *request_path, struct vls_why *why);

/** Write a request for a certificate of `key` that says the same as `certificate` does: its names
 * and uses. */
VLS_STATUS vls_certificate_request_like(EVP_PKEY *key, const X509 *certificate, const char *path,
                                        struct vls_why *why);
/** Read the first certificate of a PEM file. The caller's: X509_free(). */
VLS_STATUS vls_certificate_read(const char *path, X509 **out, struct vls_why *why);

#endif
