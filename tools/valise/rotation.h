#ifndef VALISE_CLI_ROTATION_H
#define VALISE_CLI_ROTATION_H
/*
 * cli/rotation - a party says that one of its keys follows another, in a file that its partner can
 * check with the key that it has.
 *
 * Process:   valise(1). Pure but for the signing keys.
 * Ownership: a struct rotation owns its bytes until vls_rotation_fini().
 * Start at:  vls_rotation_sign(), vls_rotation_read().
 *
 * The file is a signed note (C2SP signed-note) of these lines:
 *     valise-key-rotation/v1
 *     party un
 *     key log
 *     old BASE64
 *     new BASE64
 *     made 2026-11-23T18:45:01.123Z
 * under the key name "un/valise/keys". The log key that the partner has signs in each case. Of a
 * log or witness key, old and new are 32 bytes, and the new one signs, too. Of a sealing key they
 * are certificates (DER; of the old one its SHA-256).
 */
#include <openssl/types.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "ledger/note.h"

#define ROTATION_MAX     16384
#define ROTATION_LOG     "log"
#define ROTATION_WITNESS "witness"
#define ROTATION_SEAL    "seal"

struct rotation {
    char party[VLS_MAX_PARTY + 1];
    char what[8];                  /* ROTATION_... */
    uint8_t old[VLS_DIGEST_BYTES]; /* the key, or SHA-256 of the certificate */
    struct vls_buf new;            /* the key, or the certificate in DER */
    uint64_t made_ms;
};

/** Append the signed statement. @param keys  Ed25519 */
VLS_STATUS vls_rotation_sign(const struct rotation *rotation, EVP_PKEY *const *keys, size_t count,
                             struct vls_buf *out, struct vls_why *why);
/** Read it, and verify that `key` signed it, and of a log or witness key the new one, too.
 * @return INPUT_MALFORMED with the line, LEDGER_SIGNATURE */
VLS_STATUS vls_rotation_read(struct vls_slice text, const uint8_t key[VLS_ED25519_KEY],
                             struct rotation *out, struct vls_why *why);
/** The party that a statement is said to be of, before anything is verified. @return
 * INPUT_MALFORMED */
VLS_STATUS vls_rotation_party(struct vls_slice text, char out[VLS_MAX_PARTY + 1],
                              struct vls_why *why);
/** Whether it speaks of a key that signs, of a log or for cosignatures: then `new` is its public
 * half.
 */
bool vls_rotation_is_signer(const struct rotation *rotation);
void vls_rotation_fini(struct rotation *rotation);

#endif
