#ifndef VALISE_COMMON_POUR_H
#define VALISE_COMMON_POUR_H
/*
 * common/pour - content on its way from a connection to who takes it, and through gzip where the
 * server did not say that it is. Of use to ask.c alone.
 *
 * Process: host.
 */
#include <zlib.h>

#include "ask.h"

#define PLUG_POUR_ROOM 65536u
#define PLUG_POUR_MOST (UINT64_C(1) << 30) /* unpacked, unless the ask has a cap of its own */

struct plug_pour {
    plug_take_fn take;
    void *ctx;
    struct plug_answer *answer;
    uint64_t bytes, most;
    z_stream *unpack;    /* NULL: as it comes */
    unsigned char *room; /* of what is unpacked */
    bool is_end;         /* of the compressed stream */
};

void plug_pour_init(struct plug_pour *pour, plug_take_fn take, void *ctx,
                    struct plug_answer *answer, uint64_t most);
void plug_pour_fini(struct plug_pour *pour);

/** The content is compressed: the first bytes of what is in it, which are lent until
 * plug_pour_first(). 0; or -1, MALFORMED. */
int plug_pour_unpack(struct plug_pour *pour, const void *piece, size_t len, const void **out_first,
                     size_t *out_len);
/** The first bytes, which were looked at, and what of their piece is still to be unpacked. */
int plug_pour_first(struct plug_pour *pour, const void *first, size_t len);
/** What comes then. 0; or -1, and the answer says why. */
int plug_pour(struct plug_pour *pour, const void *piece, size_t len);
/** Nothing more comes: was a compressed stream whole? */
int plug_pour_end(struct plug_pour *pour);

#endif
