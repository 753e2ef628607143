#ifndef VALISE_BASE_FILE_H
#define VALISE_BASE_FILE_H
/*
 * base/file - descriptors and files: owned, close-on-exec, written so that they are there after a
 * power cut.
 *
 * Process:   all, as far as the sandbox lets them.
 * Ownership: a descriptor is owned by exactly one variable; -1 owns nothing.
 */
#include <sys/types.h>

#include "base/bytes.h"

/** Close and set to -1; -1 is fine. For VLS_DEFER too. */
void vls_fd_close(int *fd);

/** Take the descriptor out of its variable, which then owns nothing. */
int vls_fd_move(int *from);

/** Write all, also through EINTR and short writes. The descriptor must block. */
VLS_STATUS vls_fd_write(int fd, struct vls_slice bytes, struct vls_why *why);

/** Read exactly `len` bytes at `offset`. @return INPUT_MALFORMED when the file is shorter */
VLS_STATUS vls_fd_read_at(int fd, uint8_t *at, size_t len, uint64_t offset, struct vls_why *why);

/** Size of a regular file. @return INPUT_MALFORMED when it is anything else */
VLS_STATUS vls_fd_size(int fd, uint64_t *out_size, struct vls_why *why);

/** An anonymous file in memory, close-on-exec, sealable; `name` is for /proc only. */
VLS_STATUS vls_fd_memory(const char *name, int *out_fd, struct vls_why *why);

/** An anonymous file in memory that holds `bytes` and cannot be changed any more. */
VLS_STATUS vls_fd_memory_of(const char *name, struct vls_slice bytes, int *out_fd,
                            struct vls_why *why);

/** An unlinked file in directory `dir` (O_TMPFILE), for content that must not be seen before it is
 * whole. */
VLS_STATUS vls_fd_temporary(const char *dir, int *out_fd, struct vls_why *why);

/** Append a whole regular file, at most what `out` may hold. @return SYSTEM_MISSING, INPUT_LIMIT,
 * SYSTEM_IO */
VLS_STATUS vls_file_read(const char *path, struct vls_buf *out, struct vls_why *why);

/** The same of a file with a secret: only if it is for its owner alone. Opened once: what is
 * checked is what is read. @return SYSTEM_ACCESS with the fix, when it is open to others; and as
 * vls_file_read()
 */
VLS_STATUS vls_file_read_private(const char *path, struct vls_buf *out, struct vls_why *why);

/** The same from an open descriptor, from its start. */
VLS_STATUS vls_fd_read_all(int fd, struct vls_buf *out, struct vls_why *why);

/** Make or replace a file: temporary, fsync, rename, fsync of the directory. */
VLS_STATUS vls_file_write(const char *path, struct vls_slice bytes, mode_t mode,
                          struct vls_why *why);

/** fsync the directory that holds `path`. */
VLS_STATUS vls_file_sync_parent(const char *path, struct vls_why *why);

/** Make a directory and its missing parents with `mode`. An existing one is fine. */
VLS_STATUS vls_dir_make(const char *path, mode_t mode, struct vls_why *why);

/** Join with one '/': an absolute `name` stands alone. @return INPUT_LIMIT above VLS_MAX_PATH */
VLS_STATUS vls_path_join(const char *dir, const char *name, char *out, size_t room);

#endif
