#ifndef VALISE_PEER_REVOCATION_H
#define VALISE_PEER_REVOCATION_H
/*
 * peer/revocation - which certificates of a partner's authority count no more: its revocation lists
 * (RFC 5280), from a file that the operator keeps fresh.
 *
 * Process:   edge. Read by vls_trust_load(), before the sandbox closes.
 * Ownership: the store takes what is read.
 * Start at:  vls_revocation_load().
 *
 * The check fails closed: in each handshake the certificate at the other end must be of an
 * authority whose list is there, which is not over (nextUpdate), and does not name it. Nothing is
 * fetched: a list that cannot be had must not keep anybody waiting.
 */
#include <openssl/x509.h>

#include "base/bytes.h"

/** Take the lists of a PEM file. @param issuers  the partner's tls_ca: each list is signed by one
 * @param out_until_ms  when the first of them is over
 *  @return SYSTEM_MISSING, SYSTEM_IO, INPUT_LIMIT; CONFIG_INVALID no list, one of another authority
 *  or that says not until when it holds */
VLS_STATUS vls_revocation_load(const char *path, STACK_OF(X509) * issuers, X509_STORE *store,
                               uint64_t *out_until_ms, struct vls_why *why);

#endif
