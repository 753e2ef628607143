#ifndef VALISE_DAEMON_KEYS_H
#define VALISE_DAEMON_KEYS_H
/*
 * daemon/keys - the private keys of a gateway and the certificates that content is sealed to.
 *
 * Process:   crypto alone, before its sandbox closes.
 * Ownership: a set of keys owns all of them; they are released, and wiped by OpenSSL, with
 * vls_keys_free(). Start at:  vls_keys_load().
 *
 * A key file is refused when it is not there, can be read by group or others, holds another type of
 * key than its use asks for, or does not belong to its certificate. Messages name the file and the
 * fix, never what is in it.
 *
 * A file "LOG-KEY.next" beside the log key is its successor, and so of the witness key. In the
 * directory keys.former lie pairs "seal-TIME.key" with "seal-TIME.pem", and the same of the
 * archive: valise-keys(7).
 */
#include <openssl/types.h>

#include "config/config.h"
#include "daemon/token.h"
#include "ledger/note.h"

/** A signing key of logs or cosignatures. */
struct vls_log_key {
    EVP_PKEY *key;           /* NULL: it is on the token, or there is none */
    struct vls_token *token; /* borrowed; with handle */
    unsigned long handle;
    uint8_t public_key[VLS_ED25519_KEY];
};

/** A pair that was in use before: what was sealed to it is still opened. */
struct vls_former_key {
    bool is_archive;
    EVP_PKEY *key;
    X509 *certificate;
};
#define VLS_MAX_FORMER_KEYS 64u

struct vls_keys {
    char *party;
    struct vls_token *token; /* of the log or the sealing key, or both; NULL: all are files */
    EVP_PKEY *tls, *seal, *archive;
    X509 *seal_certificate, *archive_certificate;
    struct vls_log_key log, witness;
    /* follow them: notes bear both signatures; key NULL: none */
    struct vls_log_key log_next, witness_next;
    struct vls_former_key former[VLS_MAX_FORMER_KEYS];
    size_t former_count;
    struct vls_partner_key {
        char *party;
        X509 *seal_certificate;
    } * partners;
    size_t partner_count;
};

/** @return SYSTEM_MISSING, SYSTEM_ACCESS, CONFIG_INVALID, INPUT_LIMIT */
VLS_STATUS vls_keys_load(const struct vls_config *config, struct vls_keys **out,
                         struct vls_why *why);
void vls_keys_free(struct vls_keys **keys);

/** The certificate that content for this party is sealed to; NULL when the party is not known. */
X509 *vls_keys_recipient(const struct vls_keys *keys, const char *party);

/** This party is a configured partner. */
bool vls_keys_has_partner(const struct vls_keys *keys, const char *party);

#endif
