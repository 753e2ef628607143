#ifndef VALISE_LEDGER_FORK_H
#define VALISE_LEDGER_FORK_H
/*
 * ledger/fork - NAME.fork: that somebody signed two histories of one log. The format is
 * valise-fork(5).
 *
 * Process:   router (writes), command line (checks). Pure.
 * Ownership: what was read points into the text.
 * Start at:  vls_fork_verify().
 *
 * Two signed states of one size with different roots are a proof by themselves. Of different sizes
 * they are not: both may be true, and that a consistency proof does not verify says only that it is
 * a bad one. What proves the fork then is a path that leads to the root of the larger state, and to
 * another root than that of the smaller: the larger log itself commits to other first entries. Such
 * a path is had from the consistency proof that came with the larger state, unless the smaller size
 * is a power of two, where consistency proofs leave out what it needs; or from the inclusion proof
 * of the entry that follows the smaller state.
 */
#include "ledger/note.h"
#include "ledger/proof.h"

struct vls_fork {
    struct vls_slice smaller, larger; /* signed notes */
    struct vls_proof path;            /* count 0: none */
};

enum vls_fork_verdict {
    VLS_FORK_PROVEN,
    VLS_FORK_NOT_SHOWN /* both are signed; whether they contradict each other is not shown */
};

/** The path out of a consistency proof from `from` to `size`. @return whether it leads to `root` */
bool vls_fork_from_consistency(const struct vls_proof *proof, uint64_t from, uint64_t size,
                               const struct vls_digest *root, struct vls_proof *out);
/** The path out of the inclusion proof of leaf number `from`. @return whether it leads to `root` */
bool vls_fork_from_inclusion(const struct vls_proof *proof, const struct vls_digest *leaf_hash,
                             uint64_t from, uint64_t size, const struct vls_digest *root,
                             struct vls_proof *out);

/** Append the file. @return INPUT_LIMIT */
VLS_STATUS vls_fork_write(const struct vls_fork *fork, struct vls_buf *out, struct vls_why *why);

/** Whether bytes begin like such a file. */
bool vls_fork_is(struct vls_slice start);
#define VLS_FORK_START 15 /* so many bytes decide it */

/** Read the file strictly. @return LEDGER_PROOF, LEDGER_NOTE with section and line; INPUT_LIMIT */
VLS_STATUS vls_fork_read(struct vls_slice text, struct vls_fork *out, struct vls_why *why);

/** Whose log it is: "un" of "un/valise/iom/sent". @return LEDGER_NOTE for another origin */
VLS_STATUS vls_fork_party(const struct vls_fork *fork, char out[VLS_MAX_PARTY + 1],
                          struct vls_why *why);

/** Both states are signed by `key` for one log, and contradict each other, or at least may.
 * @param key   its name is set here: the origin
 * @param out   the two states, the smaller first
 * @return LEDGER_NOTE, LEDGER_SIGNATURE; LEDGER_PROOF for two states that agree and for a path that
 * leads elsewhere */
VLS_STATUS vls_fork_verify(const struct vls_fork *fork, struct vls_note_key *key,
                           struct vls_checkpoint out[2], enum vls_fork_verdict *out_verdict,
                           struct vls_why *why);

#endif
