#ifndef VALISE_ATTEST_ATTEST_INTERNAL_H
#define VALISE_ATTEST_ATTEST_INTERNAL_H
/*
 * attest/attest_internal - what the files of this folder share.
 *
 * Process: edge.
 */
#include "attest/attest.h"
#include "attest/post.h"
#include "ledger/note.h"
#include "ledger/stamp.h"

struct vls_attest_witness {
    struct vls_note_key key;
    struct vls_buf url, ca;
    struct vls_post_to to;
};

struct vls_attest {
    const struct vls_env *env;
    struct vls_posts posts;
    struct vls_attest_witness *witnesses;
    size_t witness_count;
    struct vls_buf tsa_ca;
    struct vls_post_to tsa; /* url NULL: there is none */
    struct vls_stamp_trust *trust;
};

#endif
