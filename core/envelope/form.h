#ifndef VALISE_ENVELOPE_FORM_H
#define VALISE_ENVELOPE_FORM_H
/*
 * envelope/form - the one form of CMS that Valise takes: strict DER, and object identifiers from a
 * list of allowed ones.
 *
 * Process: crypto, edge. Pure. Only used inside core/envelope; others call vls_sealed_check().
 *
 * OpenSSL reads far more than is agreed on: BER, SHA-1 key derivation, RSA, password recipients,
 * CBC. This walk over the bytes comes first, so that nothing else ever reaches a private key.
 */
#include <openssl/types.h>

#include "base/bytes.h"

/** Recipients in one CMS structure: the partner, the own archive, and room for bodies with keys of
 * their own. */
#define VLS_MAX_RECIPIENTS 16u

/** The key is an EC key on P-256. */
bool vls_is_p256(const EVP_PKEY *key);

/** @return ENVELOPE_MALFORMED, ENVELOPE_ALGORITHM */
VLS_STATUS vls_form_check(struct vls_slice cms, struct vls_why *why);

#endif
