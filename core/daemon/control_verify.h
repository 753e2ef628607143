#ifndef VALISE_DAEMON_CONTROL_VERIFY_H
#define VALISE_DAEMON_CONTROL_VERIFY_H
/*
 * daemon/control_verify - signatures that operators hand in, checked where there are neither keys
 * nor the store: what a crafted CMS structure could break into is worth nothing.
 *
 * Process:   control. The router trusts what arrives from here: the officer's name, that the
 *            signature is his (or the party's), when it was made and by which certificate.
 * Ownership: a verifier owns its certificates; what vls_vouch() sets in the request points into the
 *            verifier and into `room`, which must outlive the request.
 * Start at:  vls_verifier_new() before the sandbox closes; vls_vouch() for each request.
 *
 * A request that carries a signature gets a case in vls_vouch(): it overwrites the fields that
 * control alone sets, whatever the operator wrote into them, calls vls_verify_officer() or
 * vls_verify_party(), and fills them in. What does not verify is answered here and goes no further.
 */
#include <sys/types.h>

#include "approval/signature.h"
#include "config/config.h"
#include "wire/channel.h"

struct vls_verifier; /* opaque */

/** Load the certificates of officers and approvers. The user database is asked.
 *  @return CONFIG_INVALID, CONFIG_MISSING: an officer who is no user, may not connect, or is
 * another one under a second name; a certificate that is not there, or is two officers' */
VLS_STATUS vls_verifier_new(const struct vls_config *config, struct vls_verifier **out,
                            struct vls_why *why);
void vls_verifier_free(struct vls_verifier **verifier);

/** Is it signed by the officer whose user this is, with exactly his certificate?
 * @return CLI_DENIED when he is no officer; as vls_signature_verify() */
VLS_STATUS vls_verify_officer(const struct vls_verifier *verifier, uid_t uid,
                              struct vls_slice bytes, struct vls_slice der, uint64_t now_ms,
                              struct vls_signature *out, struct vls_why *why);
/** Is it signed for this party, by who is configured as its approver?
 * @return POLICY_PARTY when none is; as vls_signature_verify() */
VLS_STATUS vls_verify_party(const struct vls_verifier *verifier, const char *party,
                            struct vls_slice bytes, struct vls_slice der, uint64_t now_ms,
                            struct vls_signature *out, struct vls_why *why);

/** Where what is set in a request lives. */
struct vls_vouched {
    Valise__OperatorReview review;
    Valise__OperatorArrange arrange;
    Valise__PartySignature parties[VLS_MAX_PARTIES];
    Valise__PartySignature *party_list[VLS_MAX_PARTIES];
    struct vls_signature signatures[VLS_MAX_PARTIES]; /* of an officer: the first */
    struct vls_digest digest;
};
/** Set what control alone may say in a request of that user, and check the signatures in it. The
 * request is a copy of the caller's; its parts are replaced, not changed.
 *  @param fds  that came with the request; they stay the caller's */
VLS_STATUS vls_vouch(const struct vls_verifier *verifier, uid_t uid, uint64_t now_ms,
                     const struct vls_fds *fds, Valise__OperatorRequest *request,
                     struct vls_vouched *room, struct vls_why *why);

#endif
