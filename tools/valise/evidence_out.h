#ifndef VALISE_CLI_EVIDENCE_OUT_H
#define VALISE_CLI_EVIDENCE_OUT_H
/*
 * cli/evidence_out - the gateway's evidence of one message, written to a file: what valise export
 * and valise prove share.
 *
 * Process:   valise(1).
 * Ownership: a struct evidence_asked owns what its evidence looks at, until
 * vls_evidence_asked_fini().
 */
#include "base/bytes.h"
#include "client.h"
#include "evidence.h"
#include "output.h"

struct evidence_asked {
    struct client_answer answer;
    Valise__Evidence evidence; /* a view */
    struct vls_buf decision;
    int content_fd; /* of the answer; -1: none */
};

/** Ask for the message that the operand names. Its decision stays only as far as --with-decision
 * and --with-house-rules ask for it. Nothing is to be released after a failure. */
VLS_STATUS vls_evidence_ask(struct cli *cli, const struct cli_args *args, bool with_content,
                            struct evidence_asked *out, struct vls_why *why);
void vls_evidence_asked_fini(struct evidence_asked *asked);

/** Write evidence to an open file. */
typedef struct vls_status (*evidence_write_fn)(int fd, const struct evidence_asked *asked,
                                               struct vls_why *why);

/** Make the file `path`, whole or not at all, and print its name. What is there is not replaced. */
VLS_STATUS vls_cli_save(struct cli *cli, const char *path, file_write_fn write, const void *ctx,
                        struct vls_why *why);
/** The same for evidence. */
VLS_STATUS vls_evidence_save(struct cli *cli, const char *path, evidence_write_fn write,
                             const struct evidence_asked *asked, struct vls_why *why);

#endif
