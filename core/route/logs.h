#ifndef VALISE_ROUTE_LOGS_H
#define VALISE_ROUTE_LOGS_H
/*
 * route/logs - our own logs, which are trees in the store, and what we know of those of partners.
 *
 * Process:   router.
 * Start at:  vls_log_append(), vls_their_log_advance().
 */
#include <schemas/exchange.pb-c.h>

#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/tree.h"
#include "route/route.h"

struct vls_partner;

/** One of our two logs for a partner. */
struct vls_log {
    struct vls_route *route;
    char origin[VLS_MAX_ORIGIN];
    struct vls_tile_io io;
    struct vls_tree *tree;
    uint64_t committed; /* leaves that are on disk: only these are shown to anyone */
    uint64_t saved;     /* leaves whose tiles were written in the open transaction or before */
    uint64_t kept;      /* size of the last checkpoint of it that is kept; 0: none is */
};

/** What we know of one of the partner's two logs: the last checkpoint that we verified. */
struct vls_their_log {
    char origin[VLS_MAX_ORIGIN];
    uint64_t size;
    struct vls_digest root;
};

VLS_STATUS vls_log_open_tree(struct vls_log *log, struct vls_route *route, const char *origin,
                             struct vls_why *why);
void vls_log_close_tree(struct vls_log *log);
/** Index that the next leaf gets. */
uint64_t vls_log_next(const struct vls_log *log);
VLS_STATUS vls_log_append(struct vls_log *log, const struct vls_digest *leaf, struct vls_why *why);
/** Write the tiles and the size into the open transaction. */
VLS_STATUS vls_log_save(struct vls_log *log, struct vls_why *why);
/** The commit went well: all saved leaves may be shown. */
void vls_log_committed(struct vls_log *log);
/** The commit failed: back to what is on disk. */
VLS_STATUS vls_log_reload(struct vls_log *log, struct vls_why *why);

/** The state that is on disk: what may be signed. */
VLS_STATUS vls_log_checkpoint(const struct vls_log *log, struct vls_checkpoint *out,
                              struct vls_why *why);
/** Have the crypto role sign a checkpoint of ours, or cosign one of a partner's, as of now; `fn`
 * gets the SignResult. */
VLS_STATUS vls_checkpoint_ask(struct vls_route *route, const struct vls_checkpoint *checkpoint,
                              bool is_cosignature, vls_answer_fn fn, void *ctx,
                              struct vls_why *why);
/** Keep a checkpoint of ours, signed, in the open transaction. @return LEDGER_FORK when another
 * root is kept for that size */
VLS_STATUS vls_log_keep(struct vls_log *log, const struct vls_checkpoint *checkpoint,
                        const char *note, struct vls_why *why);

/** What the store knows of a partner's log. */
VLS_STATUS vls_their_log_reload(struct vls_route *route, struct vls_their_log *log,
                                struct vls_why *why);
/** Check a partner's checkpoint and its consistency with the one that we know, and keep both in the
 * open transaction. @return LEDGER_STALE when the proof starts elsewhere, or the state is an older
 * one; LEDGER_FORK behind an alarm (alarms.h): the exchange is stopped */
VLS_STATUS vls_their_log_advance(struct vls_partner *partner, struct vls_their_log *log,
                                 const struct vls_note_key *key, const char *note,
                                 const Valise__ConsistencyProof *proof, struct vls_checkpoint *out,
                                 struct vls_why *why);

/** A cosignature by `who` that was made later than now: it is logged, and not to be kept. */
bool vls_cosignature_is_early(const struct vls_route *route, const char *who, uint64_t time_s);
/** Keep our own cosignature of a partner's checkpoint: a line, or two while our keys change. In the
 * open transaction; may fail, logged. */
void vls_keep_cosignature(struct vls_route *route, const struct vls_their_log *log, uint64_t size,
                          const char *lines);

/** A proof from the wire. @return LEDGER_PROOF: too many hashes, or one of another length */
VLS_STATUS vls_proof_read(size_t count, const ProtobufCBinaryData *hashes, struct vls_proof *out,
                          struct vls_why *why);
/** Hashes one behind the other, as the store keeps them. `out` has room for 32 * VLS_MAX_PROOF. */
struct vls_slice vls_proof_pack(const struct vls_proof *proof, uint8_t *out);
/** Point protobuf fields at the hashes of a proof. `out` has room for VLS_MAX_PROOF. */
void vls_proof_fields(const struct vls_proof *proof, ProtobufCBinaryData *out);

#endif
