#ifndef VALISE_STORE_CONTENT_H
#define VALISE_STORE_CONTENT_H
/*
 * store/content - contents above VLS_INLINE_CONTENT, and uploads on their way to be one: files,
 * named by their digest. Part of store/store.h, which includes this.
 *
 * Process:   router. Descriptors may be handed to other roles; names are given here alone.
 * Ownership: a descriptor handed out is the caller's.
 * Start at:  vls_content_new(), vls_content_keep(), a message that names it, vls_store_commit().
 */
#include "base/digest.h"

struct vls_store;

/** A file without a name in the content directory, for sealed content that is being made. */
VLS_STATUS vls_content_new(struct vls_store *store, int *out_fd, struct vls_why *why);
/** Give it its name, which is its digest. Its bytes are on disk when this returns, its name is
 * after vls_store_commit(): one sync of the folder covers the batch, before any row that names it.
 * Same digest twice is fine. @return STORE_FULL */
VLS_STATUS vls_content_keep(struct vls_store *store, int fd, const struct vls_digest *digest,
                            struct vls_why *why);
/** Open a kept content for reading. @return STORE_MISSING */
VLS_STATUS vls_content_open(struct vls_store *store, const struct vls_digest *digest, int *out_fd,
                            uint64_t *out_bytes, struct vls_why *why);
/** Content of `party` that arrives in pieces: opened for writing, made if missing. `*out_bytes` is
 * what is there. `is_complete`: it was kept already, *out_fd becomes -1. @return STORE_FULL,
 * INPUT_LIMIT when more is there than `bytes`, INPUT_MALFORMED for a party's name that is none or a
 * kept content of another size. A party that has VLS_STORE_PARTY_INCOMING under way loses the one
 * that it opened least recently. */
VLS_STATUS vls_incoming_open(struct vls_store *store, const char *party,
                             const struct vls_digest *digest, uint64_t bytes, int *out_fd,
                             uint64_t *out_bytes, bool *out_is_complete, struct vls_why *why);
/** How much of it is there? Makes nothing and sets nothing aside. @return INPUT_MALFORMED for a
 * party's name that is none */
VLS_STATUS vls_incoming_ask(struct vls_store *store, const char *party,
                            const struct vls_digest *digest, uint64_t *out_bytes,
                            bool *out_is_complete, struct vls_why *why);
/** It is whole: sync it and move it to the contents; as durable as vls_content_keep(). A content
 * that no row names when the store is opened is removed. @return STORE_MISSING, INPUT_MALFORMED
 * when its size is another */
VLS_STATUS vls_incoming_keep(struct vls_store *store, const char *party,
                             const struct vls_digest *digest, uint64_t bytes, struct vls_why *why);
/** An unlinked file for plaintext that is being opened; never gets a name. */
VLS_STATUS vls_content_plain(struct vls_store *store, int *out_fd, struct vls_why *why);
/** Plaintext is whole, in such a file or in memory: from here on the descriptor cannot change it.
 */
VLS_STATUS vls_content_freeze(struct vls_store *store, int *fd, struct vls_why *why);

#endif
