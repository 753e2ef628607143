#ifndef VALISE_CLI_LABELS_H
#define VALISE_CLI_LABELS_H
/*
 * cli/labels - the labels and schemes that a command line names.
 *
 * Process:   valise(1).
 * Ownership: the set owns its schemes: vls_scheme_set_free(); a label borrows them and owns its
 *            details: vls_label_fini().
 * Start at:  vls_cli_schemes(), then vls_cli_label().
 */
#include "cli.h"
#include "label/label.h"

/** Where a label came from. */
enum cli_label_form {
    CLI_LABEL_TEXT,    /* "SCHEME/LEVEL;SET/CATEGORY", on the command line or in a file */
    CLI_LABEL_DER,     /* ESS label, DER or its base64, PEM or hexadecimal               */
    CLI_LABEL_4774,    /* XML label                                                      */
    CLI_LABEL_4778,    /* binding with one label, not verified                           */
    CLI_LABEL_CMS,     /* signed attribute of a CMS file, not verified                   */
    CLI_LABEL_PARCEL,  /* NAME.valise                                                    */
    CLI_LABEL_MESSAGE, /* of a message, by its id, from the gateway                      */
};

struct cli_label {
    struct vls_label label;
    enum cli_label_form form;
};

/** The schemes to read labels with: of --scheme FILE (as often as given), else of the
 * configuration, else those installed with the program. What a scheme says about itself (a draft)
 * goes to standard error once. @return as vls_scheme_load(), CONFIG_INVALID, CLI_USAGE when two of
 * them have one name or one object identifier */
VLS_STATUS vls_cli_schemes(struct cli *cli, const struct cli_args *args, struct vls_scheme_set *out,
                           struct vls_why *why);

/** The schemes of the configuration, else those installed; nothing is said about them. For what
 * shows a label besides other things. */
VLS_STATUS vls_cli_schemes_of_config(struct cli *cli, struct vls_scheme_set *out,
                                     struct vls_why *why);

/** Read the label that `what` names: a text form when its beginning is the name of a scheme, else
 * "-" (standard input) or a file of any form above, else a message's id. A file is recognized by
 * its content. `is_checked` as vls_label_decode(), otherwise as vls_label_decode_any(); the text
 * form is always checked. */
VLS_STATUS vls_cli_label(struct cli *cli, const char *what, const struct vls_scheme_set *schemes,
                         bool is_checked, struct cli_label *out, struct vls_why *why);

/** The label that bytes are, of any form but parcels and messages. `name` is for messages. */
VLS_STATUS vls_cli_label_bytes(struct vls_slice bytes, const char *name,
                               const struct vls_scheme_set *schemes, bool is_checked,
                               struct cli_label *out, struct vls_why *why);

/** Append what a file, or "-" for standard input, holds; at most the buffer's maximum. Words name
 * the file. @return CLI_USAGE, INPUT_LIMIT, SYSTEM_IO */
VLS_STATUS vls_cli_read(const char *path, struct vls_buf *out, struct vls_why *why);

/** "ESS label (DER)" and so on. */
const char *vls_cli_label_form_name(enum cli_label_form form);

#endif
