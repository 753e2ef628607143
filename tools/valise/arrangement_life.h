#ifndef VALISE_CLI_ARRANGEMENT_LIFE_H
#define VALISE_CLI_ARRANGEMENT_LIFE_H
/*
 * cli/arrangement_life - what the sub-commands of valise arrangement share that sign versions and
 * bring them to the gateway.
 *
 * Process:   valise(1). An approver's key is opened here, by his own command, and nowhere else.
 * Ownership: a version owns what it holds: vls_cli_version_fini().
 */
#include "arrangement_books.h"
#include "client.h"

/** An arrangement file, with the signatures that stand beside it. */
struct cli_version {
    struct vls_scheme_set schemes;
    struct cli_books books;
    struct {
        const char *party;
        char path[VLS_MAX_PATH];
        struct vls_buf signature; /* empty: there is none */
    } signatures[VLS_MAX_PARTIES];
    size_t party_count;
};

/** Read the file, check it against the schemes, and read the signatures. Release in either case. */
VLS_STATUS vls_cli_version_load(struct cli *cli, const struct cli_args *args, const char *path,
                                struct cli_version *out, struct vls_why *why);
void vls_cli_version_fini(struct cli_version *version);

/** Bring the version and all signatures beside it to the gateway, which takes what is new.
 *  @param own  party whose signature has to be there; NULL: none has to */
VLS_STATUS vls_cli_version_hand_in(struct cli *cli, const struct cli_version *version,
                                   const char *own, struct client_answer *out, struct vls_why *why);

/** The own party, as the configuration says. `out` has room for VLS_MAX_PARTY + 1. */
VLS_STATUS vls_cli_own_party(struct cli *cli, char *out, struct vls_why *why);

/** Say what became of the versions: the rows of an answer. */
VLS_STATUS vls_cli_versions_print(struct cli *cli, const Valise__OperatorReply *reply,
                                  struct vls_why *why);

#endif
