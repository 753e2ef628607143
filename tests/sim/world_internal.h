#ifndef VALISE_TESTS_SIM_WORLD_INTERNAL_H
#define VALISE_TESTS_SIM_WORLD_INTERNAL_H
/*
 * tests/sim/world_internal - what the world and the roles that it plays have in common.
 *
 * Start at:  port_ask() of world.c, which hands a route's question to a role; the role answers with
 *            world_answer_later().
 */
#include <schemas/ipc.pb-c.h>

#include "ledger/note.h"

#include "world.h"

/* A question that a route asked, and whom to tell the answer. */
struct question {
    struct gateway *asker;
    uint64_t generation;
    vls_answer_fn answer;
    void *ctx;
};

/* -- of world.c -------------------------------------------------------------------------------- */

uint64_t world_roll(struct world *w);
bool world_goes_wrong(struct world *w, enum world_fault fault);
/** `fd` is borrowed; -1: none. */
void world_answer_later(struct world *w, const struct question *q, const Valise__Frame *frame,
                        int fd);
void world_answer_after(struct world *w, const struct question *q, const Valise__Frame *frame,
                        uint64_t ms);
void world_break_off_later(struct world *w, const struct question *q);
/** Its process is gone: what it was asked and what has not arrived of its answers. */
void world_break_off_host(struct gateway *g, unsigned host);

/* -- of world_roles.c -------------------------------------------------------------------------- */

/** The whole file; release with vls_buf_fini(). */
void world_read_file(int fd, struct vls_buf *out);
/** The next packed piece of what is sealed: the descriptor, then labels.xml. */
struct vls_slice world_unpack(struct vls_reader *r);
/** vls_note_sign_fn; ctx is an EVP_PKEY. */
struct vls_status world_sign_bytes(void *ctx, struct vls_slice message, uint8_t *out,
                                   struct vls_why *why);
void world_public_half(EVP_PKEY *key, uint8_t out[VLS_ED25519_KEY]);

void world_play_seal(struct gateway *g, const struct question *q, const Valise__SealRequest *in,
                     const int *fds, size_t fd_count);
void world_play_open_content(struct gateway *g, const struct question *q,
                             const Valise__OpenRequest *in, const int *fds, size_t fd_count);
void world_play_sign(struct gateway *g, const struct question *q, const Valise__SignRequest *in);
void world_play_inspect(struct gateway *g, const struct question *q, unsigned host,
                        const Valise__Inspect *in, int fd);
void world_play_resolve(struct gateway *g, const struct question *q, unsigned host,
                        const Valise__Resolve *in);
void world_play_read(struct gateway *g, const struct question *q, const Valise__ReadArchive *in,
                     const int *fds, size_t fd_count);
void world_play_deliver(struct gateway *g, const struct question *q, unsigned host,
                        const Valise__Deliver *in, int fd);

#endif
