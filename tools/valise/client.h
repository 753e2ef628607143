#ifndef VALISE_CLI_CLIENT_H
#define VALISE_CLI_CLIENT_H
/*
 * cli/client - one question to the gateway over its control socket, and the answer.
 *
 * Process:   valise(1).
 * Ownership: an answer owns its frame and descriptors until vls_client_answer_fini().
 */
#include "cli.h"
#include "wire/channel.h"

struct client_answer {
    Valise__Frame *frame;
    const Valise__OperatorReply *reply; /* in the frame */
    struct vls_fds fds;
};

struct client_question {
    Valise__OperatorRequest *request; /* version is filled in */
    const int *fds;
    size_t fd_count;
    /** Called about twice a second while the answer is awaited; may be NULL. Then there is no time
     * limit. */
    void (*on_wait)(void *ctx);
    void *ctx;
};

/** Ask and wait. @return CLI_UNREACHABLE, CLI_DENIED, and whatever the gateway answers */
VLS_STATUS vls_client_ask(struct cli *cli, const struct client_question *question,
                          struct client_answer *out, struct vls_why *why);
void vls_client_answer_fini(struct client_answer *answer);

#endif
