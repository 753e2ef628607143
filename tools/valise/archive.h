#ifndef VALISE_CLI_ARCHIVE_H
#define VALISE_CLI_ARCHIVE_H
/*
 * cli/archive - what valise archive wrote, checked again: archive_verify.c.
 *
 * Process: valise(1).
 */
#include "cli.h"
#include "evidence.h"

/* The files of a bag. */
#define ARCHIVE_MESSAGES "data/messages"
#define ARCHIVE_REGISTRY "data/registry.csv"
#define ARCHIVE_PROOF    "message.proof"
#define ARCHIVE_PARCEL   "message.valise"
#define ARCHIVE_DECISION "decision.pb"
#define ARCHIVE_OPENED   "opened"

/** Fixity of the bag, then the evidence of each of its messages; prints both.
 * @param basis  without a content digest, which is of one message
 * @return CLI_EVIDENCE with the first that fails */
VLS_STATUS vls_archive_verify(struct cli *cli, const char *path, const struct evidence_basis *basis,
                              struct vls_why *why);

#endif
