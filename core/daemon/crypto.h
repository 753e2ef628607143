#ifndef VALISE_DAEMON_CRYPTO_H
#define VALISE_DAEMON_CRYPTO_H
/*
 * daemon/crypto - the role that holds the private keys: seals, opens, signs, and does nothing else.
 *
 * Process:   crypto; one that signs, and as many as cores that seal and open.
 * Ownership: a worker owns its keys.
 * Start at:  vls_crypto_ops(); vls_crypto_answer() is one question.
 *
 * What a socket may ask is bound to who is at its other end: the router seals, opens and signs
 * states of logs; the edge gets signatures of the TLS key over digests that a handshake made.
 * Neither can ask for the other's.
 */
#include "daemon/keys.h"
#include "daemon/signing.h"
#include "envelope/seal.h"
#include "proc/role.h"

const struct vls_role_ops *vls_crypto_ops(void);

struct vls_crypto {
    struct vls_keys *keys;
    struct vls_note_signer signer;
};

/** One answer, with what it points to. */
struct vls_crypto_answer {
    Valise__Frame frame;
    Valise__Outcome outcome;
    union {
        Valise__SealResult seal;
        Valise__OpenResult open;
        Valise__SignResult sign;
    } result;
    struct vls_why why;
    struct vls_sealed sealed;
    struct vls_buf bytes; /* inline content, a note, or a signature */
    struct vls_digest part_digests[VLS_MAX_PARTS];
    ProtobufCBinaryData part_digest_data[VLS_MAX_PARTS];
};

/** Takes the keys. */
void vls_crypto_init(struct vls_crypto *crypto, struct vls_keys *keys);
void vls_crypto_fini(struct vls_crypto *crypto);

/** Do what a frame asks and fill the answer, which holds the outcome also when that is a failure.
 * Release with vls_crypto_answer_fini(), whatever it returned.
 *  @param fds  borrowed
 *  @return WIRE_REFUSED for a question that is not one of this peer: nothing was done, and there is
 * no answer */
VLS_STATUS vls_crypto_answer(struct vls_crypto *crypto, enum vls_role_kind peer,
                             const Valise__Frame *frame, const struct vls_fds *fds,
                             struct vls_crypto_answer *out, struct vls_why *why);
void vls_crypto_answer_fini(struct vls_crypto_answer *answer);

#endif
