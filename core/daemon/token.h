#ifndef VALISE_DAEMON_TOKEN_H
#define VALISE_DAEMON_TOKEN_H
/*
 * daemon/token - keys that never leave their token (PKCS #11): the log key signs there, the sealing
 * key agrees on secrets there.
 *
 * Process:   crypto alone; opened before its sandbox closes, which lets it reach
 * `keys.token-paths`. Ownership: keys of a token borrow it; release them first. Start at:
 * vls_token_open(), then vls_token_log_key() or vls_token_seal_key().
 *
 * The interface is called directly: libp11's engine knows no Ed25519 (0.4.12). A key is named
 * "pkcs11:token=LABEL;object=LABEL" (RFC 7512; these two attributes, each as it is).
 */
#include <openssl/types.h>

#include "base/bytes.h"
#include "ledger/note.h"

#define VLS_TOKEN_URI   "pkcs11:"
#define VLS_TOKEN_LABEL 32 /* characters of a token's label in PKCS #11 */

struct vls_token; /* opaque */

/** Whether a setting names a key on a token, and not a file. */
bool vls_token_is_uri(const char *setting);

/** Load the module and log in to the token that `uri` names. @param pin_file  a line, mode 0600
 * @return CONFIG_INVALID, SYSTEM_ACCESS, SYSTEM_MISSING */
VLS_STATUS vls_token_open(const char *module, const char *uri, const char *pin_file,
                          struct vls_token **out, struct vls_why *why);
/** Sets *token to NULL; NULL is fine. */
void vls_token_free(struct vls_token **token);

/** The Ed25519 key that `uri` names. @param out_handle  for vls_token_sign() @return CONFIG_INVALID
 */
VLS_STATUS vls_token_log_key(struct vls_token *token, const char *uri, unsigned long *out_handle,
                             uint8_t out_public[VLS_ED25519_KEY], struct vls_why *why);
/** @return SYSTEM_CRYPTO with what the token says */
VLS_STATUS vls_token_sign(struct vls_token *token, unsigned long handle, struct vls_slice message,
                          uint8_t out_signature[VLS_ED25519_SIGNATURE], struct vls_why *why);

/** The P-256 key that `uri` names, as OpenSSL uses keys: ECDH happens on the token, nothing else
 * can be done with it. @return CONFIG_INVALID */
VLS_STATUS vls_token_seal_key(struct vls_token *token, const char *uri, EVP_PKEY **out,
                              struct vls_why *why);

#endif
