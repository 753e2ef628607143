#ifndef VALISE_CLI_BAG_H
#define VALISE_CLI_BAG_H
/*
 * cli/bag - BagIt 1.0 (RFC 8493): a directory with fixity, made whole or not at all, and checked.
 *
 * Process:   valise(1).
 * Ownership: a struct bag owns its directory until it is finished: vls_bag_fini() removes what was
 *            not.
 * Start at:  vls_bag_begin(), files below vls_bag_path(), vls_bag_finish(); vls_bag_check().
 */
#include "base/bytes.h"
#include "base/limits.h"

struct bag {
    const char *path;
    char temporary[VLS_MAX_PATH]; /* "": none, or finished */
};

/** Make an empty bag under another name beside `path`. @return CLI_USAGE when `path` is there */
VLS_STATUS vls_bag_begin(struct bag *bag, const char *path, struct vls_why *why);
/** Where a file of the bag goes, "data/x"; its directories are made. */
VLS_STATUS vls_bag_path(const struct bag *bag, const char *name, char out[VLS_MAX_PATH],
                        struct vls_why *why);
/** Write a file of the bag. */
VLS_STATUS vls_bag_write(const struct bag *bag, const char *name, struct vls_slice bytes,
                         struct vls_why *why);
/** Write bagit.txt and the manifests, sync all, and give the bag its name. `info` is bag-info.txt
 * but for Payload-Oxum. */
VLS_STATUS vls_bag_finish(struct bag *bag, struct vls_slice info, struct vls_why *why);
void vls_bag_fini(struct bag *bag);

/** Every file is listed, every listed file is there, and all digests hold. @param out_files  those
 * of the payload @return INPUT_MALFORMED, ENVELOPE_DIGEST with the file */
VLS_STATUS vls_bag_check(const char *path, uint64_t *out_files, struct vls_why *why);

#endif
