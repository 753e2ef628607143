#ifndef VALISE_LEDGER_STAMP_H
#define VALISE_LEDGER_STAMP_H
/*
 * ledger/stamp - time stamps of a time stamping authority on signed checkpoints (RFC 3161, with
 * RFC 5816 for the certificate's identifier).
 *
 * Process:   edge (ask and take), command line (verify). Pure: no network and no clock; the
 * caller carries the request and the answer, and says what time it is. Ownership: answers go into
 * the caller's buffers; a struct vls_stamp holds text of its own. Errors:    LEDGER_STAMP for what
 * is not well formed, about something else, or not of a TSA that is trusted; LEDGER_UNSTAMPED for a
 * TSA that answered properly, and did not stamp. Start at:  vls_stamp_subject(), which says what is
 * stamped.
 *
 * Who does what. Here: form, digest, nonce, signature, and the chain from the TSA's certificate, as
 * both stood at the stamp's own time, so that an old stamp still verifies when certificates have
 * expired since. The caller, who has a clock: a stamp later than now and VLS_CLOCK_SKEW_MS is not
 * accepted; nor, from vls_stamp_take(), one earlier than the request by more than that. Revocation
 * is not asked for: a TSA whose key is lost is taken out of the file of issuers.
 */
#include "base/digest.h"
#include "base/limits.h"

#define VLS_STAMP_NONCE  8   /* bytes: RFC 3161 section 2.4.1 names a 64 bit integer     */
#define VLS_STAMP_SERIAL 32  /* bytes: section 2.4.2 asks for 20                         */
#define VLS_STAMP_TSA    256 /* bytes of the text that names a TSA                       */

/** What a time stamp says, and who says it. */
struct vls_stamp {
    uint64_t time_ms;
    bool has_accuracy;
    uint64_t accuracy_us;                  /* the time is right within this, either way */
    char serial[2 * VLS_STAMP_SERIAL + 1]; /* hexadecimal */
    char policy[VLS_MAX_OID_TEXT];         /* under which it was made: dotted */
    char tsa[VLS_STAMP_TSA]; /* the subject of its certificate, as RFC 2253 writes it */
};

/* -- whom to believe --------------------------------------------------------------------------- */

struct vls_stamp_trust; /* opaque: certificates */

/** Certificates in PEM, one to VLS_MAX_STAMP_ISSUERS: a TSA's own or any of its issuers. Words call
 * them `name`. Release with vls_stamp_trust_free(). @return CONFIG_INVALID */
VLS_STATUS vls_stamp_trust_read(struct vls_slice pem, const char *name,
                                struct vls_stamp_trust **out, struct vls_why *why);
/** The same from a file. @return CONFIG_MISSING, CONFIG_INVALID */
VLS_STATUS vls_stamp_trust_load(const char *path, struct vls_stamp_trust **out,
                                struct vls_why *why);
void vls_stamp_trust_free(struct vls_stamp_trust **trust);

/* -- what is stamped --------------------------------------------------------------------------- */

/** SHA-256 of the note as its log signed it, vls_checkpoint_signed(): cosignatures may come later,
 * and the stamp stays right. @return LEDGER_NOTE */
VLS_STATUS vls_stamp_subject(struct vls_slice note, struct vls_digest *out, struct vls_why *why);

/* -- asking ------------------------------------------------------------------------------------ */

/** Append a TimeStampReq in DER for POST as application/timestamp-query: SHA-256, the nonce, and
 * the wish that the TSA's certificate be in the answer. */
VLS_STATUS vls_stamp_ask(const struct vls_digest *digest, const uint8_t nonce[VLS_STAMP_NONCE],
                         struct vls_buf *out, struct vls_why *why);

/** Check a TimeStampResp (application/timestamp-reply) to vls_stamp_ask() with this digest and
 * nonce, and append its token in DER, which is what is kept. `out_token` is unchanged after a
 * failure. @return LEDGER_STAMP; LEDGER_UNSTAMPED with the TSA's words */
VLS_STATUS vls_stamp_take(struct vls_slice answer, const struct vls_digest *digest,
                          const uint8_t nonce[VLS_STAMP_NONCE], const struct vls_stamp_trust *trust,
                          struct vls_buf *out_token, struct vls_stamp *out, struct vls_why *why);

/* -- a token that was kept --------------------------------------------------------------------- */

/** Read a token and check that it is about `digest`; nobody's signature is looked at, and what is
 * in `out` is only what the token says. @return LEDGER_STAMP */
VLS_STATUS vls_stamp_read(struct vls_slice token, const struct vls_digest *digest,
                          struct vls_stamp *out, struct vls_why *why);

/** The same, and that a TSA signed it whom `trust` leads to. @return LEDGER_STAMP */
VLS_STATUS vls_stamp_verify(struct vls_slice token, const struct vls_digest *digest,
                            const struct vls_stamp_trust *trust, struct vls_stamp *out,
                            struct vls_why *why);

#endif
