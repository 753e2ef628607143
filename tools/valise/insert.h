#ifndef VALISE_CLI_INSERT_H
#define VALISE_CLI_INSERT_H
/*
 * cli/insert - add an entry to a list of a YAML file as text, so that a person's comments and order
 * stay.
 *
 * Process: valise(1), command partner.
 */
#include "base/bytes.h"

/** Append to `out` the text of `yaml` with one more entry in the top-level list `key`. The lines of
 * `entry` are indented as the list is; the first gets the dash. The list may be missing, empty or
 * in block form. @return CONFIG_INVALID for one in flow form with entries */
VLS_STATUS vls_yaml_insert(struct vls_slice yaml, const char *key, const char *const *entry,
                           struct vls_buf *out, struct vls_why *why);

#endif
