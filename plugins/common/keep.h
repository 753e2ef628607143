#ifndef VALISE_COMMON_KEEP_H
#define VALISE_COMMON_KEEP_H
/*
 * common/keep - what a source remembers across a restart: cursors, validators, and which of the
 * newest items it has handed over. Saved with the document that it belongs to, so that none is
 * missed and none comes twice.
 *
 * Process: host. All state of a plugin is at most 64 KiB: one set of 1,000 items takes 8 KiB.
 */
#include "plug.h"

/** Text of a key into `out`: "" when there is none. */
const char *plug_keep_get(const struct plug *plug, const char *key, char *out, size_t room);
/** Set now, or with the document that is begun (emit_state). "" forgets. 0 or -1. */
int plug_keep_put(const struct plug *plug, const char *key, const char *value);
int plug_keep_with(const struct plug *plug, const char *key, const char *value);

uint64_t plug_keep_number(const struct plug *plug, const char *key, uint64_t otherwise);
int plug_keep_put_number(const struct plug *plug, const char *key, uint64_t value);

#define PLUG_SEEN_MOST 1000u

/** Items that were handed over, by a digest of their key; the oldest are forgotten beyond `most`.
 */
struct plug_seen {
    uint64_t marks[PLUG_SEEN_MOST]; /* oldest first */
    unsigned count, most;
};

void plug_seen_load(struct plug_seen *seen, const struct plug *plug, const char *key,
                    unsigned most);
bool plug_seen_has(const struct plug_seen *seen, const char *item);
/** Remember; an item that is there becomes the newest. */
void plug_seen_add(struct plug_seen *seen, const char *item);
int plug_seen_put(const struct plug_seen *seen, const struct plug *plug, const char *key);
int plug_seen_with(const struct plug_seen *seen, const struct plug *plug, const char *key);

/** 64 bits that two items of one feed do not share by chance (FNV-1a, mixed). */
uint64_t plug_mark(const char *text);

#endif
