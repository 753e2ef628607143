#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/text.h"
#include "store/store_internal.h"

/*
 * incoming/PARTY/DIGEST.part is a content that a partner uploads, across connections and restarts.
 * Its whole size is set aside when the upload begins, so that what was promised to one partner is
 * not given to another. What a partner began and never ended makes room for what it begins next.
 */

struct vls_reservation {
    UT_hash_handle hh;
    uint64_t bytes, turn; /* turn: when it was opened last */
    char path[VLS_INCOMING_PATH];
};

/* -- room that is set aside -------------------------------------------------------------------- */

static struct vls_reservation *find(const struct vls_store *store, const char *path)
{
    struct vls_reservation *found = NULL;
    HASH_FIND_STR(store->reservations, path, found);
    return found;
}

static void set_aside(struct vls_store *store, const char *path, uint64_t bytes)
{
    struct vls_reservation *r = find(store, path);
    if (r == NULL) {
        r = vls_mem_new(sizeof *r);
        vls_text_copy(r->path, sizeof r->path, path);
        HASH_ADD_STR(store->reservations, path, r);
    }
    store->reserved_bytes += bytes - r->bytes;
    r->bytes = bytes;
    r->turn = ++store->incoming_turn;
}

static void release(struct vls_store *store, struct vls_reservation *r)
{
    HASH_DEL(store->reservations, r);
    store->reserved_bytes -= r->bytes;
    vls_mem_free(r);
}

void vls_incoming_found(struct vls_store *store, const char *path, uint64_t bytes)
{
    set_aside(store, path, bytes);
}

void vls_incoming_forget(struct vls_store *store)
{
    struct vls_reservation *r, *next;
    VLS_MAP_EACH (store->reservations, r, next) {
        release(store, r);
    }
}

static bool is_of_party(const struct vls_reservation *r, const char *party)
{
    size_t len = strlen(party);
    return strncmp(r->path, party, len) == 0 && r->path[len] == '/';
}

/* A partner that begins uploads without end pays with its own: the one it opened least recently
 * goes. */
static void make_place(struct vls_store *store, const char *party, const char *path)
{
    struct vls_reservation *r, *next, *oldest = NULL;
    unsigned count = 0;
    if (find(store, path) != NULL)
        return;
    VLS_MAP_EACH (store->reservations, r, next) {
        if (!is_of_party(r, party))
            continue;
        count++;
        if (oldest == NULL || r->turn < oldest->turn)
            oldest = r;
    }
    if (count < VLS_STORE_PARTY_INCOMING)
        return;
    if (unlinkat(store->incoming_fd, oldest->path, 0) == 0 || errno == ENOENT)
        release(store, oldest);
}

static struct vls_status check_room(const struct vls_store *store, const char *path, uint64_t bytes,
                                    struct vls_why *why)
{
    const struct vls_reservation *r = find(store, path);
    uint64_t has = r != NULL ? r->bytes : 0;
    if (r == NULL && HASH_COUNT(store->reservations) >= VLS_STORE_MAX_INCOMING)
        return vls_fail(VLS_STORE_FULL, why, "%u uploads are under way already",
                        VLS_STORE_MAX_INCOMING);
    return bytes > has ? vls_store_room(store, bytes - has, why) : VLS_DONE;
}

/* -- the files --------------------------------------------------------------------------------- */

static struct vls_status make_path(const char *party, const struct vls_digest *digest,
                                   char out[VLS_INCOMING_PATH], struct vls_why *why)
{
    char name[VLS_CONTENT_NAME];
    if (!vls_text_is_name(party, VLS_MAX_PARTY))
        return vls_fail(VLS_INPUT_MALFORMED, why, "the uploading party's name is no name");
    vls_hex(vls_digest_slice(digest), name);
    snprintf(out, VLS_INCOMING_PATH, "%s/%s.part", party, name);
    return VLS_DONE;
}

/** It was kept already: then its size has to be the same. */
static struct vls_status check_kept(const struct vls_store *store, const struct vls_digest *digest,
                                    uint64_t bytes, bool *out_is_kept, struct vls_why *why)
{
    uint64_t there;
    struct vls_status s = vls_content_size(store, digest, &there, why);
    if (s.code == VLS_STORE_MISSING) {
        *out_is_kept = false;
        return VLS_DONE;
    }
    VLS_TRY(s);
    if (there != bytes)
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "the content with this digest has %" PRIu64 " bytes, not %" PRIu64, there,
                        bytes);
    *out_is_kept = true;
    return VLS_DONE;
}

static struct vls_status open_part(const struct vls_store *store, const char *party,
                                   const char *path, int *out_fd, struct vls_why *why)
{
    if (mkdirat(store->incoming_fd, party, 0700) != 0 && errno != EEXIST)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "make directory incoming/%s", party);
    int fd = openat(store->incoming_fd, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "incoming/%s", path);
    *out_fd = fd;
    return VLS_DONE;
}

struct vls_status vls_incoming_open(struct vls_store *store, const char *party,
                                    const struct vls_digest *digest, uint64_t bytes, int *out_fd,
                                    uint64_t *out_bytes, bool *out_is_complete, struct vls_why *why)
{
    char path[VLS_INCOMING_PATH];
    VLS_DEFER(vls_fd_close) int fd = -1;
    uint64_t there = bytes;
    bool is_kept;
    VLS_TRY(make_path(party, digest, path, why));
    VLS_TRY(check_kept(store, digest, bytes, &is_kept, why));
    if (!is_kept) {
        make_place(store, party, path);
        VLS_TRY(check_room(store, path, bytes, why));
        VLS_TRY(open_part(store, party, path, &fd, why));
        VLS_TRY(vls_fd_size(fd, &there, why));
        if (there > bytes)
            return vls_fail(VLS_INPUT_LIMIT, why,
                            "%" PRIu64 " bytes of this content are here, of %" PRIu64 " announced",
                            there, bytes);
        set_aside(store, path, bytes);
    }
    *out_fd = vls_fd_move(&fd);
    *out_bytes = there;
    *out_is_complete = is_kept;
    return VLS_DONE;
}

struct vls_status vls_incoming_ask(struct vls_store *store, const char *party,
                                   const struct vls_digest *digest, uint64_t *out_bytes,
                                   bool *out_is_complete, struct vls_why *why)
{
    char path[VLS_INCOMING_PATH];
    struct stat st;
    uint64_t there = 0;
    VLS_TRY(make_path(party, digest, path, why));
    struct vls_status s = vls_content_size(store, digest, &there, why);
    bool is_kept = vls_ok(s);
    if (!is_kept && s.code != VLS_STORE_MISSING)
        return s;
    if (!is_kept && fstatat(store->incoming_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
        there = (uint64_t)st.st_size;
    else if (!is_kept && errno != ENOENT)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "incoming/%s", path);
    *out_bytes = there;
    *out_is_complete = is_kept;
    return VLS_DONE;
}

static struct vls_status sync_part(const struct vls_store *store, const char *path, uint64_t bytes,
                                   struct vls_why *why)
{
    uint64_t there;
    VLS_DEFER(vls_fd_close)
    int fd = openat(store->incoming_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return vls_fail(VLS_STORE_MISSING, why, "nothing of this content was uploaded");
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "incoming/%s", path);
    VLS_TRY(vls_fd_size(fd, &there, why));
    if (there != bytes)
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "%" PRIu64 " bytes were uploaded, and %" PRIu64 " announced", there, bytes);
    /* Costs nothing when whoever wrote it did sync it, and then nothing rests on that. */
    if (fsync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync incoming/%s", path);
    return VLS_DONE;
}

struct vls_status vls_incoming_keep(struct vls_store *store, const char *party,
                                    const struct vls_digest *digest, uint64_t bytes,
                                    struct vls_why *why)
{
    char from[VLS_INCOMING_PATH], to[VLS_CONTENT_PATH];
    bool is_kept;
    VLS_TRY(make_path(party, digest, from, why));
    VLS_TRY(check_kept(store, digest, bytes, &is_kept, why));
    if (is_kept) {
        unlinkat(store->incoming_fd, from,
                 0); /* of a second upload of the same; mostly not there */
    } else {
        vls_content_path(digest, to);
        VLS_TRY(sync_part(store, from, bytes, why));
        VLS_TRY(vls_content_make_shard(store, digest, why));
        if (renameat(store->incoming_fd, from, store->content_fd, to) != 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "move incoming/%s to content", from);
        vls_store_pass(store, VLS_POINT_INCOMING_MOVED);
        vls_content_touch_shard(store, digest);
        store->content_bytes += bytes;
    }
    struct vls_reservation *r = find(store, from);
    if (r != NULL)
        release(store, r);
    return VLS_DONE;
}
