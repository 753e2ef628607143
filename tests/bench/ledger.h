#ifndef VALISE_BENCH_LEDGER_H
#define VALISE_BENCH_LEDGER_H
/*
 * bench/ledger - a log in a store, as the router keeps it, and the keys that sign for it.
 *
 * Process:   bench_ledger.
 * Ownership: a struct ledger borrows its store and owns its tree and key.
 * Start at:  ledger_append_batch().
 */
#include <openssl/evp.h>

#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/tree.h"
#include "store/store.h"
#include "store/tiles.h"

#define TILES_A_FLUSH 4u /* as core/route/route.c has it */

struct ledger_signer {
    EVP_PKEY *pair;
    struct vls_note_key key;
};

struct ledger {
    struct vls_store *store;
    char origin[VLS_MAX_ORIGIN];
    struct vls_tile_io io;
    struct vls_tree *tree;
    struct ledger_signer log, witness; /* its own key, and that of the partner who cosigns */
};

double ledger_now(void);
double ledger_cpu(void);

/** The log of `origin` as it lies in the store, with keys from its name. */
VLS_STATUS ledger_open(struct vls_store *store, const char *origin, const char *witness,
                       struct ledger *out, struct vls_why *why);
void ledger_close(struct ledger *ledger);

/** The leaf of record number `i`. */
struct vls_digest ledger_leaf(uint64_t i);

/** Add `count` leaves and put the log into the open transaction. */
VLS_STATUS ledger_append_batch(struct ledger *ledger, uint64_t count, struct vls_why *why);

/** Sign the state of the log, keep the note in the open transaction, and append it to `out`. */
VLS_STATUS ledger_sign(struct ledger *ledger, struct vls_buf *out_note, struct vls_checkpoint *out,
                       struct vls_why *why);

vls_note_sign_fn ledger_signature(void);

/** Processor time of one message's evidence, on both sides together, in batches of `batch`: what an
 * exchange does besides sealing, carrying and storing. */
VLS_STATUS ledger_exchange(struct vls_store *store, uint64_t batch, double *out_s,
                           struct vls_why *why);

/** Processor time of a commit of one small row: what each batch costs before there is any evidence.
 */
VLS_STATUS ledger_commit(struct vls_store *store, double *out_s, struct vls_why *why);

#endif
