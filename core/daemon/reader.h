#ifndef VALISE_DAEMON_READER_H
#define VALISE_DAEMON_READER_H
/*
 * daemon/reader - the role that takes opened archives apart for the router: what a partner packed
 * is parsed where there is no store, no key, no network, no file and no foreign code.
 *
 * Process:   reader; there is one when answers.from says that requests are answered from something.
 * Ownership: an answer owns what its frame points to, until vls_reader_answer_fini().
 * Start at:  vls_reader_answer().
 */
#include <schemas/ipc.pb-c.h>

#include "envelope/archive.h"
#include "envelope/asked.h"
#include "proc/role.h"

const struct vls_role_ops *vls_reader_ops(void);

/** What it says to one question. */
struct vls_reader_answer {
    Valise__Frame frame;
    Valise__ReadArchiveResult result;
    Valise__Outcome outcome;
    Valise__Asked asked;
    Valise__Submission stated;
    struct vls_asked form;      /* request.json */
    struct vls_arena *arena;    /* what the frame points to otherwise */
    struct vls_why why, reason; /* of the outcome; why no program can answer it */
};

/** Take one archive apart. Whatever is wrong with it is an answer as well.
 *  @return WIRE_MALFORMED for a question that no router asks */
VLS_STATUS vls_reader_answer(const Valise__Frame *frame, struct vls_fds *fds,
                             struct vls_reader_answer *out, struct vls_why *why);
void vls_reader_answer_fini(struct vls_reader_answer *answer);

#endif
