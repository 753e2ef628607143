#ifndef VALISE_LEDGER_STAMP_INTERNAL_H
#define VALISE_LEDGER_STAMP_INTERNAL_H
/*
 * ledger/stamp_internal - what the files of ledger/stamp share. Not for anyone else.
 *
 * Process: those of ledger/stamp.
 */
#include <openssl/x509.h>

#include "ledger/stamp.h"

struct vls_stamp_trust {
    STACK_OF(X509) * certificates;
};

/** A store of the trusted certificates for a signature that was made at `at_ms`. NULL without
 * memory; release with X509_STORE_free(). */
X509_STORE *vls_stamp_trust_at(const struct vls_stamp_trust *trust, uint64_t at_ms);

/* -- stamp_token.c ----------------------------------------------------------------------------- */

/** A token taken apart; whatever is in it is borrowed from `pkcs7`. */
struct vls_stamp_token {
    PKCS7 *pkcs7;
    struct TS_tst_info_st *info; /* what it says */
    X509 *certificate;           /* the TSA's; NULL when it is not in there */
};

void vls_stamp_token_fini(struct vls_stamp_token *token);

/** Read one token, which is all of `der`, and what it says. @return LEDGER_STAMP */
VLS_STATUS vls_stamp_token_read(struct vls_slice der, struct vls_stamp_token *out,
                                struct vls_stamp *out_stamp, struct vls_why *why);

/** Is it about `digest`? @return LEDGER_STAMP */
VLS_STATUS vls_stamp_token_is_about(const struct vls_stamp_token *token,
                                    const struct vls_digest *digest, struct vls_why *why);

#endif
