#ifndef VALISE_FOLDER_FILES_H
#define VALISE_FOLDER_FILES_H
/*
 * folder/files - files below an open directory: made whole, moved without overwriting, named so
 * that they do not collide.
 *
 * Process: host. All names are single components; nothing follows a symbolic link.
 */
#include <stdbool.h>

#include "base/bytes.h"

#define NAME_ROOM 256 /* NAME_MAX and a NUL */
#define LONGEST_NAME                                                                               \
    230 /* leaves room for " (9999)" and the longest ending that is put behind a name */
#define MOST_NUMBER 9999

/** Open a directory, made with mode 0700 when it is missing. */
VLS_STATUS folder_open_directory(const char *path, int *out_fd, struct vls_why *why);

bool folder_exists(int dir, const char *name);

/** Make a file with these bytes under a name that is not taken: temporary ".tmp-NAME", fsync,
 * rename. The directory is not synced.
 *  @return STORE_EXISTS when the name is taken */
VLS_STATUS folder_write_new(int dir, const char *name, struct vls_slice bytes, struct vls_why *why);

/** Append a regular file of at most what `out` may hold. @return SYSTEM_MISSING, INPUT_LIMIT,
 * INPUT_MALFORMED for no regular file */
VLS_STATUS folder_read(int dir, const char *name, struct vls_buf *out, struct vls_why *why);

/** Rename without overwriting. @return STORE_EXISTS when the new name is taken, SYSTEM_MISSING when
 * the old one is not there */
VLS_STATUS folder_move(int from, const char *name, int to, const char *new_name,
                       struct vls_why *why);

/** Remove a file, or a directory that holds only files. One that is not there is fine. */
void folder_remove(int dir, const char *name);

VLS_STATUS folder_sync(int dir, struct vls_why *why);

/** "report.pdf", 2 -> "report (2).pdf"; 1 -> the name itself. */
void folder_numbered(const char *name, unsigned number, char out[NAME_ROOM]);

/** Name and ending in one; both bounded by LONGEST_NAME and NAME_ROOM. */
void folder_with(const char *name, const char *ending, char out[NAME_ROOM]);

bool folder_ends_in(const char *name, const char *ending);

/** A name under which a received document may stand beside side-cars: cut to LONGEST_NAME, and not
 * one that means something here. */
void folder_document_name(const char *name, char out[NAME_ROOM]);

#endif
