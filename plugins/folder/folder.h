#ifndef VALISE_FOLDER_FOLDER_H
#define VALISE_FOLDER_FOLDER_H
/*
 * folder/folder - what the two halves of the plugin share: outbox.c sends what is put into a
 * directory, inbox.c puts there what is received. The manual is valise-folder(7).
 *
 * Process:   host.
 * Ownership: the folder owns its descriptors and items.
 */
#include <valise/plugin.h>

#include "base/digest.h"
#include "files.h"

#define META_ENDING ".meta"

struct outbox_item; /* one document in the outbox */

struct folder {
    const struct vls_host *host;
    const struct vls_source_service *source;
    const struct vls_state_service *state;
    const struct vls_about_service *about; /* NULL: the gateway is older than 1.4 */
    uint32_t poll_ms;
    int notify; /* inotify on the outbox; -1: only the interval */
    int outbox, sent, held, inbox;
    struct outbox_item *items;
    uint64_t scans;

    /* the message that is being received */
    int marks; /* inbox/.delivered: one file for each message that was received */
    int part;  /* the document that is being written; -1: none */
    int parts; /* its directory, when there are several documents; -1: there is one */
    char temporary[NAME_ROOM], wanted[NAME_ROOM], id[64];
    struct vls_buf sidecar;
};

/** Where one of the four directories is, by its setting. */
VLS_STATUS folder_path(const struct folder *folder, const char *setting, char *out, size_t room);

void folder_log(const struct folder *folder, enum vls_level level, const char *name,
                const char *text);

/* outbox.c */
VLS_STATUS outbox_start(struct folder *folder, struct vls_why *why);
void outbox_stop(struct folder *folder);
uint32_t outbox_poll(void *state);
void outbox_committed(void *state, const struct vls_commit *commit);

/* inbox.c */
VLS_STATUS inbox_start(struct folder *folder, struct vls_why *why);
void inbox_stop(struct folder *folder);
enum vls_answer inbox_begin(void *state, const struct vls_message *message, char *why, size_t room);
enum vls_answer inbox_part_begin(void *state, const struct vls_part *part, char *why, size_t room);
enum vls_answer inbox_part_bytes(void *state, const void *bytes, size_t len, char *why,
                                 size_t room);
enum vls_answer inbox_part_end(void *state, char *why, size_t room);
enum vls_answer inbox_end(void *state, char *why, size_t room);
void inbox_abort(void *state);

#endif
