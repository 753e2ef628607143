#ifndef VALISE_TESTS_FAULT_WORKLOAD_H
#define VALISE_TESTS_FAULT_WORKLOAD_H
/*
 * workload - what the child of the crash test does to a store, so computed that its parent knows
 * what must be there.
 *
 * Batch b adds BATCH_MESSAGES messages and moves those of the batch before. All bytes follow from
 * the message's number. After each commit the child writes one struct acknowledgment to a pipe:
 * what it says is what the parent may rely on.
 */
#include "store/store_internal.h"

#define WORKLOAD_BATCH   6u     /* messages of one batch                                */
#define WORKLOAD_BATCHES 200u   /* the child's whole work, if nobody ends it             */
#define WORKLOAD_CONTENT 70000u /* bytes of a content that is a file                    */
#define WORKLOAD_LOG     "un.example/valise/iom/sent"

/** How message `number` carries its content. */
enum workload_content { CONTENT_INLINE, CONTENT_FILE, CONTENT_UPLOADED };

struct acknowledgment {
    uint32_t batch;
};

enum workload_content workload_content_of(uint32_t number);
struct vls_id workload_id(uint32_t number);
uint64_t workload_content_bytes(uint32_t number);
/** The whole content of a message; room for WORKLOAD_CONTENT. */
void workload_content(uint32_t number, uint8_t *out);
/** Hash of leaf `index` in the log. */
void workload_leaf(uint64_t index, uint8_t out[VLS_DIGEST_BYTES]);

/** Where the child ends itself: the n-th time that it passes a point; n = 0: nowhere. */
struct workload_crash {
    enum vls_store_point point;
    unsigned n;
};

/** Continue in `dir` with the batch behind those that are there; an acknowledgment a batch goes to
 * `pipe_fd`. Returns an exit status. */
int workload_run(const char *dir, uint32_t first_batch, struct workload_crash crash, int pipe_fd);

/** Hold a store against what was acknowledged up to `acknowledged` batches: all of these, at most
 * one more, nothing by halves.
 *  `*out_batches` is how many are there. Returns false, with words on standard error. */
bool workload_check(const char *dir, uint32_t acknowledged, uint32_t *out_batches);

#endif
