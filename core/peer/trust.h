#ifndef VALISE_PEER_TRUST_H
#define VALISE_PEER_TRUST_H
/*
 * peer/trust - who is at the other end: the own certificate, the partners' issuers, and the party
 * that a certificate names.
 *
 * Process:   edge. All files are read by vls_trust_load(), before the sandbox closes.
 * Ownership: a trust borrows the configuration and the signer, and owns the rest.
 * Start at:  vls_trust_load(), vls_trust_verify(). The profile of the certificates:
 * certs/README.md.
 *
 * A partner is the party named by the one URI "valise:PARTY" of its certificate's subjectAltName,
 * when that certificate was issued under the tls_ca of this very partner. The CA of one partner can
 * therefore never speak for another.
 */
#include <openssl/types.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "config/config.h"
#include "peer/signer.h"

struct vls_trust_partner {
    const struct vls_config_partner *config;
    X509_STORE *store;     /* its tls_ca, for both directions */
    uint64_t crl_until_ms; /* when its revocation lists are over; UINT64_MAX: it has none */
};

struct vls_trust {
    const struct vls_config *config;
    X509 *certificate;      /* own */
    STACK_OF(X509) * chain; /* what goes with it */
    EVP_PKEY *key;          /* signs through the crypto role */
    struct vls_trust_partner *partners;
    size_t partner_count;
};

/** Read the own certificate (unless listen.tls_certificate is empty) and each partner's tls_ca and
 * crl.
 *  @return SYSTEM_MISSING, SYSTEM_ACCESS, CONFIG_INVALID with the file */
VLS_STATUS vls_trust_load(const struct vls_config *config, struct vls_signer *signer,
                          struct vls_trust **out, struct vls_why *why);
void vls_trust_free(struct vls_trust **trust);

/** NULL when there is none. */
const struct vls_trust_partner *vls_trust_partner(const struct vls_trust *trust, const char *party);

/** The party that a certificate names. `out` has room for VLS_MAX_PARTY + 1.
 *  @return PEER_CERTIFICATE when it names none, several, or no well-formed one */
VLS_STATUS vls_certificate_party(X509 *certificate, char *out, struct vls_why *why);

/** A client's certificate, as OpenSSL collected it: finds its partner and verifies the chain under
 * that partner's CA alone.
 *  @return PEER_CERTIFICATE */
VLS_STATUS vls_trust_verify(const struct vls_trust *trust, X509_STORE_CTX *presented,
                            const struct vls_trust_partner **out, struct vls_why *why);

/** Put the own certificate, its chain and the remote key into a context, and leave only TLS 1.3.
 *  @return SYSTEM_CRYPTO */
VLS_STATUS vls_trust_identify(const struct vls_trust *trust, SSL_CTX *context, struct vls_why *why);

#endif
