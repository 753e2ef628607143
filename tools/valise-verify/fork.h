#ifndef VALISE_VERIFY_FORK_H
#define VALISE_VERIFY_FORK_H
/* Evidence that a party signed two histories of one log, valise-fork(5). */
#include "verify.h"

/** Two signed states of one log, the smaller first, and the path between them. */
struct fork {
    struct section states[2];
    char party[MAX_PARTY + 1];
    struct hash path[MAX_PATH];
    size_t path_len; /* 0: none */
};

bool is_fork(struct bytes file);
bool read_fork(struct bytes file, struct fork *out, struct why *why);
/** PROVEN: the party signed two histories. PROVEN_IN_PART: it signed both states, and nothing shows
 * that they contradict each other. */
enum verdict check_fork(const struct fork *fork, const struct given *given, struct why *why);

#endif
