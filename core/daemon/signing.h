#ifndef VALISE_DAEMON_SIGNING_H
#define VALISE_DAEMON_SIGNING_H
/*
 * daemon/signing - what the evidence keys sign: states of logs, each log only growing.
 *
 * Process:   crypto.
 * Ownership: a signer borrows the keys.
 * Start at:  vls_note_signer_sign().
 *
 * The role writes the note itself from origin, size and root, so that these keys sign nothing else.
 * It remembers the last state that it signed of each log: a smaller size, or another root for the
 * same size, would be a fork with our signature under it.
 */
#include <schemas/ipc.pb-c.h>

#include "daemon/keys.h"

/** Logs that one process may sign for. Two a partner, and internal ones. */
#define VLS_MAX_SIGNED_LOGS 4096u

struct vls_signed_log; /* opaque */

struct vls_note_signer {
    const struct vls_keys *keys;
    struct vls_signed_log *logs;
};

void vls_note_signer_init(struct vls_note_signer *signer, const struct vls_keys *keys);
void vls_note_signer_fini(struct vls_note_signer *signer);

/** Append the signed note, or the cosignature, to `out`; by two keys while one follows another.
 *  @return INPUT_MALFORMED for a log that this key does not speak for, LEDGER_FORK, INPUT_LIMIT,
 * SYSTEM_CRYPTO */
VLS_STATUS vls_note_signer_sign(struct vls_note_signer *signer, const Valise__SignRequest *request,
                                struct vls_buf *out, struct vls_why *why);

#endif
