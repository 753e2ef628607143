#ifndef VALISE_PEER_SIGNER_H
#define VALISE_PEER_SIGNER_H
/*
 * peer/signer - a TLS private key that lives in another process: OpenSSL signs here, the crypto
 * role does it.
 *
 * Process:   edge. It faces the network, so it holds no private key; what a break-in gains is
 * signatures while it lasts. Threads:   one. Ownership: keys made here borrow their signer and must
 * be freed before it. Start at:  vls_signer_key().
 */
#include <openssl/types.h>

#include "base/bytes.h"

struct vls_signer; /* opaque */

#define VLS_SIGNER_WORKERS 64 /* crypto workers that can be attached */

struct vls_signer *vls_signer_new(void);
void vls_signer_free(struct vls_signer **signer);

/** The channel to a crypto worker, in place of an earlier one to the same instance. `fd` is taken,
 * also on failure.
 *  @return INPUT_LIMIT */
VLS_STATUS vls_signer_attach(struct vls_signer *signer, unsigned instance, int fd,
                             struct vls_why *why);

/** Workers whose channel is open. */
size_t vls_signer_workers(const struct vls_signer *signer);

/** A key with the public part of `certificate` that signs through the workers. Release with
 * EVP_PKEY_free().
 *  @return SYSTEM_CRYPTO when the certificate's key is not an elliptic-curve key */
VLS_STATUS vls_signer_key(struct vls_signer *signer, X509 *certificate, EVP_PKEY **out,
                          struct vls_why *why);

/** One signature (DER ECDSA) over a digest, appended to `out`. @return WIRE_GONE when no worker
 * answers, SYSTEM_BUSY when none does in time, or what the worker said */
VLS_STATUS vls_signer_sign(struct vls_signer *signer, struct vls_slice digest, struct vls_buf *out,
                           struct vls_why *why);

#endif
