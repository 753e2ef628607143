/*
 * rewrite_log - write a log of a gateway that does not run anew, with another entry in place of
 * number INDEX. With KEEP, the log has so many entries afterwards. For tests of who notices.
 *
 *     rewrite_log STORE ORIGIN INDEX [KEEP]
 */
#include <stdio.h>
#include <stdlib.h>

#include "rewrite.h"

int main(int argc, char **argv)
{
    struct vls_why why = {""};
    struct vls_store *store = NULL;
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: rewrite_log STORE ORIGIN INDEX [KEEP]\n");
        return 2;
    }
    const struct vls_store_options options = {.dir = argv[1]};
    uint64_t keep = argc == 5 ? strtoull(argv[4], NULL, 10) : UINT64_MAX;
    struct vls_status status = vls_store_open(&options, &store, &why);
    if (vls_ok(status))
        status = rewrite_log(store, argv[2], strtoull(argv[3], NULL, 10), keep, &why);
    vls_store_free(&store);
    if (!vls_ok(status))
        fprintf(stderr, "rewrite_log: %s\n", why.text);
    return vls_ok(status) ? 0 : 1;
}
