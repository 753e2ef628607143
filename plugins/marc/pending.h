#ifndef VALISE_MARC_PENDING_H
#define VALISE_MARC_PENDING_H
/*
 * marc/pending - documents that were handed over and have no outcome yet, and how far a harvest has
 * come for certain.
 *
 * Outcomes come in any order. What is saved as the cursor is the place behind which nothing is
 * open: a crash leads back to it, what was handed over behind it is handed over once more, and has
 * the same origin key. So nothing is missed, nothing comes twice, and nothing waits for an outcome.
 *
 *     handed over    1 2 3 4 5 6 7        state saved with 7: the cursor behind 2
 *     outcome        + + - + . . .        3 is to be handed over again: back to the cursor behind 2
 *
 * Process:   host. Pure but for memory.
 * Ownership: cursors are texts of the caller's making, copied.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PENDING_MOST   64   /* as many as a host lets be under way */
#define PENDING_CURSOR 4096 /* of a cursor, with its NUL */

struct pending {
    struct pending_item {
        uint64_t token;
        char *cursor; /* the place behind it */
        bool is_settled;
    } items[PENDING_MOST];
    unsigned count;
    char *frontier; /* the place behind which all is open; NULL: the beginning */
    uint64_t next_token;
    bool must_go_back; /* one of them has to be handed over again */
};

void pending_fini(struct pending *p);
/** Forget all, and be at this place; NULL: at the beginning. */
void pending_reset(struct pending *p, const char *cursor);

bool pending_has_room(const struct pending *p);
/** One more was handed over, or is about to be. Gives its token. */
uint64_t pending_add(struct pending *p, const char *cursor);
/** It was not, after all: the last one that was added. */
void pending_take_back(struct pending *p);
/** Its outcome is known. One that was forgotten and is safe is passed over. */
void pending_settle(struct pending *p, uint64_t token, bool is_safe);
/** The place moves on without a document: behind the end of a page. */
void pending_move(struct pending *p, const char *cursor);

#endif
