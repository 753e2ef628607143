#ifndef VALISE_PLUGIN_STATE_H
#define VALISE_PLUGIN_STATE_H
/*
 * plugin/state - the private state of a plugin: small keys and values, all of them in memory, kept
 * by the router.
 *
 * Process:   host.
 * Ownership: keys and values are copied in; what vls_plugin_state_get() gives lives until the next
 * change.
 *
 * An item changes in one of two ways: by put(), and is then saved with the next StateSave; or
 * together with a document, in the document's own commit, and is then only noted here once that
 * commit is known. An item that was put to nothing stays as an empty one until the router has saved
 * that.
 */
#include <schemas/ipc.pb-c.h>

#include "base/bytes.h"

struct vls_plugin_state; /* opaque */

struct vls_plugin_state *vls_plugin_state_new(void);
void vls_plugin_state_free(struct vls_plugin_state **state);

/** Replace everything by what the router has. @return INPUT_LIMIT, INPUT_MALFORMED */
VLS_STATUS vls_plugin_state_load(struct vls_plugin_state *state, Valise__StateItem *const *items,
                                 size_t count, struct vls_why *why);

/** A key that may be used, and a value that fits. @return INPUT_MALFORMED, INPUT_LIMIT */
VLS_STATUS vls_plugin_state_check(const struct vls_plugin_state *state, const char *key,
                                  size_t value_len, struct vls_why *why);

/** @return as vls_plugin_state_check() */
VLS_STATUS vls_plugin_state_put(struct vls_plugin_state *state, const char *key,
                                struct vls_slice value, struct vls_why *why);

/** Note what a document's commit has saved. Never fails: it was checked when it was emitted. */
void vls_plugin_state_committed(struct vls_plugin_state *state, const char *key,
                                struct vls_slice value);

/** False when there is no value. */
bool vls_plugin_state_get(const struct vls_plugin_state *state, const char *key,
                          struct vls_slice *out);

/** The first key with a value behind `after` in byte order; NULL at the end. */
const char *vls_plugin_state_next(const struct vls_plugin_state *state, const char *after);

/* -- saving: one StateSave at a time ----------------------------------------------------------- */

bool vls_plugin_state_is_dirty(const struct vls_plugin_state *state);

/** Fill in all that is not saved yet. The message borrows from the state: send it at once, then
 * give its rows back with vls_plugin_state_sent(). */
void vls_plugin_state_begin_save(struct vls_plugin_state *state, Valise__StateSave *save);
void vls_plugin_state_sent(Valise__StateSave *save);

/** How the save that was begun went. */
void vls_plugin_state_end_save(struct vls_plugin_state *state, bool is_saved);

#endif
