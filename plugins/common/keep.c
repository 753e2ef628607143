#include "keep.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

const char *plug_keep_get(const struct plug *plug, const char *key, char *out, size_t room)
{
    size_t len = 0;
    const void *value = plug->state->get(plug->ctx, key, &len);
    if (value == NULL || len >= room)
        len = 0;
    if (len > 0)
        memcpy(out, value, len);
    out[len] = '\0';
    return out;
}

int plug_keep_put(const struct plug *plug, const char *key, const char *value)
{
    return plug->state->put(plug->ctx, key, value, strlen(value));
}

int plug_keep_with(const struct plug *plug, const char *key, const char *value)
{
    return plug->source->emit_state(plug->ctx, key, value, strlen(value)) == VLS_EMIT_OK ? 0 : -1;
}

uint64_t plug_keep_number(const struct plug *plug, const char *key, uint64_t otherwise)
{
    char text[24];
    uint64_t value = 0;
    plug_keep_get(plug, key, text, sizeof text);
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
        return otherwise;
    return sscanf(text, "%19" SCNu64, &value) == 1 ? value : otherwise;
}

int plug_keep_put_number(const struct plug *plug, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return plug_keep_put(plug, key, text);
}

/* -- what was seen ----------------------------------------------------------------------------- */

uint64_t plug_mark(const char *text)
{
    uint64_t mark = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++)
        mark = (mark ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    mark ^= mark >> 33;
    mark *= UINT64_C(0xff51afd7ed558ccd);
    mark ^= mark >> 33;
    return mark != 0 ? mark : 1;
}

void plug_seen_load(struct plug_seen *seen, const struct plug *plug, const char *key, unsigned most)
{
    size_t len = 0;
    const void *value = plug->state->get(plug->ctx, key, &len);
    seen->most = most > 0 && most < PLUG_SEEN_MOST ? most : PLUG_SEEN_MOST;
    seen->count = 0;
    if (value == NULL || len % sizeof seen->marks[0] != 0 || len > sizeof seen->marks)
        return;
    memcpy(seen->marks, value, len);
    seen->count = (unsigned)(len / sizeof seen->marks[0]);
}

static unsigned place_of(const struct plug_seen *seen, uint64_t mark)
{
    unsigned i = 0;
    while (i < seen->count && seen->marks[i] != mark)
        i++;
    return i;
}

bool plug_seen_has(const struct plug_seen *seen, const char *item)
{
    return place_of(seen, plug_mark(item)) < seen->count;
}

void plug_seen_add(struct plug_seen *seen, const char *item)
{
    uint64_t mark = plug_mark(item);
    unsigned at = place_of(seen, mark);
    if (at == seen->count && seen->count < seen->most)
        seen->count++;
    else if (at == seen->count)
        at = 0; /* the oldest goes */
    unsigned last = seen->count - 1;
    if (at < last)
        memmove(&seen->marks[at], &seen->marks[at + 1], (last - at) * sizeof seen->marks[0]);
    seen->marks[last] = mark;
}

int plug_seen_put(const struct plug_seen *seen, const struct plug *plug, const char *key)
{
    return plug->state->put(plug->ctx, key, seen->marks, seen->count * sizeof seen->marks[0]);
}

int plug_seen_with(const struct plug_seen *seen, const struct plug *plug, const char *key)
{
    return plug->source->emit_state(plug->ctx, key, seen->marks,
                                    seen->count * sizeof seen->marks[0]) == VLS_EMIT_OK
               ? 0
               : -1;
}
