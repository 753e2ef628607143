#include "pour.h"

#include <stdio.h>
#include <stdlib.h>

#define GZIP_ALONE (15 + 16) /* the window of zlib, and its way to say gzip */

void plug_pour_init(struct plug_pour *pour, plug_take_fn take, void *ctx,
                    struct plug_answer *answer, uint64_t most)
{
    *pour = (struct plug_pour){
        .take = take, .ctx = ctx, .answer = answer, .most = most != 0 ? most : PLUG_POUR_MOST};
}

void plug_pour_fini(struct plug_pour *pour)
{
    if (pour->unpack != NULL)
        (void)inflateEnd(pour->unpack);
    free(pour->unpack);
    free(pour->room);
    pour->unpack = NULL;
    pour->room = NULL;
}

static int malformed(struct plug_pour *pour, const char *words)
{
    char where[32];
    snprintf(where, sizeof where, "byte %llu", (unsigned long long)pour->bytes);
    (void)plug_malformed(pour->answer, where, "%s", words);
    return -1;
}

static int give(struct plug_pour *pour, const void *bytes, size_t len)
{
    if (len == 0)
        return 0;
    if (len > pour->most - pour->bytes)
        return malformed(pour, "the answer is larger than this plugin takes");
    pour->bytes += len;
    return pour->take(pour->ctx, pour->answer, bytes, len);
}

/* One piece of what is compressed, unpacked into `room` until that is full or nothing is left.
 * Gives the bytes, or -1. */
static int unpack_some(struct plug_pour *pour)
{
    z_stream *z = pour->unpack;
    z->next_out = pour->room;
    z->avail_out = PLUG_POUR_ROOM;
    int code = inflate(z, Z_NO_FLUSH);
    if (code == Z_STREAM_END)
        pour->is_end = true;
    else if (code != Z_OK && code != Z_BUF_ERROR)
        return malformed(pour, "its compression (gzip) is damaged");
    return (int)(PLUG_POUR_ROOM - z->avail_out);
}

int plug_pour_unpack(struct plug_pour *pour, const void *piece, size_t len, const void **out_first,
                     size_t *out_len)
{
    pour->unpack = calloc(1, sizeof *pour->unpack);
    pour->room = malloc(PLUG_POUR_ROOM);
    if (pour->unpack == NULL || pour->room == NULL ||
        inflateInit2(pour->unpack, GZIP_ALONE) != Z_OK)
        return malformed(pour, "no memory to undo its compression");
    pour->unpack->next_in = (unsigned char *)(uintptr_t)piece;
    pour->unpack->avail_in = (unsigned)len;
    int got = unpack_some(pour);
    if (got < 0)
        return -1;
    *out_first = pour->room;
    *out_len = (size_t)got;
    return 0;
}

static int unpack_rest(struct plug_pour *pour)
{
    int got = 1;
    while (!pour->is_end && got > 0) {
        got = unpack_some(pour);
        if (got < 0 || give(pour, pour->room, (size_t)got) != 0)
            return -1;
    }
    return 0;
}

int plug_pour_first(struct plug_pour *pour, const void *first, size_t len)
{
    if (give(pour, first, len) != 0)
        return -1;
    return pour->unpack != NULL ? unpack_rest(pour) : 0;
}

int plug_pour(struct plug_pour *pour, const void *piece, size_t len)
{
    if (pour->unpack == NULL)
        return give(pour, piece, len);
    if (pour->is_end)
        return malformed(pour, "there is something behind the end of its compression (gzip)");
    pour->unpack->next_in = (unsigned char *)(uintptr_t)piece;
    pour->unpack->avail_in = (unsigned)len;
    return unpack_rest(pour);
}

int plug_pour_end(struct plug_pour *pour)
{
    if (pour->unpack == NULL || pour->is_end)
        return 0;
    return malformed(pour, "its compression (gzip) breaks off");
}
