#include "bag.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "output.h"

#define MANIFEST     "manifest-sha256.txt"
#define TAG_MANIFEST "tagmanifest-sha256.txt"
#define PAYLOAD      "data/"
#define MAX_MANIFEST ((size_t)1 << 30)
#define PIECE        65536

static const char BAGIT[] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/* -- files of a bag ---------------------------------------------------------------------------- */

static VLS_STATUS hash_file(const char *path, struct vls_digest *out, uint64_t *out_bytes,
                            struct vls_why *why)
{
    uint8_t piece[PIECE];
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s", path);
    struct vls_hash *hash = vls_hash_new();
    for (*out_bytes = 0;;) {
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            *out = vls_hash_finish(hash);
            vls_hash_free(&hash);
            return n == 0 ? VLS_DONE : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s", path);
        }
        vls_hash_add(hash, VLS_SLICE(piece, (size_t)n));
        *out_bytes += (uint64_t)n;
    }
}

typedef struct vls_status (*file_fn)(void *ctx, const char *path, const char *name,
                                     struct vls_why *why);

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void close_walk(FTS **walk)
{
    if (*walk != NULL)
        fts_close(*walk);
}

/** Call fn for each file, by name; anything else but directories has no place in a bag. */
static VLS_STATUS each_file(const char *root, file_fn fn, void *ctx, struct vls_why *why)
{
    char *const roots[] = {(char *)(uintptr_t)root, NULL};
    VLS_DEFER(close_walk) FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (walk == NULL)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s", root);
    for (;;) {
        errno = 0;
        const FTSENT *entry = fts_read(walk);
        if (entry == NULL)
            return errno == 0 ? VLS_DONE
                              : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s", root);
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP)
            continue;
        if (entry->fts_info != FTS_F)
            return vls_fail(VLS_INPUT_MALFORMED, why, "%.150s: is no plain file", entry->fts_path);
        VLS_TRY(fn(ctx, entry->fts_path, entry->fts_path + strlen(root) + 1, why));
    }
}

static bool is_payload(const char *name)
{
    return strncmp(name, PAYLOAD, sizeof PAYLOAD - 1) == 0;
}

/* -- making ------------------------------------------------------------------------------------ */

struct vls_status vls_bag_begin(struct bag *bag, const char *path, struct vls_why *why)
{
    char temporary[VLS_MAX_PATH];
    *bag = (struct bag){.path = path};
    VLS_TRY(vls_cli_output_check(path, why));
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return vls_cli_usage(why, path, "the path is too long");
    if (mkdtemp(temporary) == NULL) /* mode 0700 */
        return vls_cli_output_failed(path, errno, why);
    vls_text_copy(bag->temporary, sizeof bag->temporary, temporary);
    return VLS_DONE;
}

struct vls_status vls_bag_path(const struct bag *bag, const char *name, char out[VLS_MAX_PATH],
                               struct vls_why *why)
{
    char dir[VLS_MAX_PATH];
    if (!vls_ok(vls_path_join(bag->temporary, name, out, VLS_MAX_PATH)))
        return vls_cli_usage(why, name, "the path is too long");
    vls_text_copy(dir, sizeof dir, out);
    *strrchr(dir, '/') = '\0';
    return vls_dir_make(dir, 0700, why);
}

struct vls_status vls_bag_write(const struct bag *bag, const char *name, struct vls_slice bytes,
                                struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    VLS_TRY(vls_bag_path(bag, name, path, why));
    return vls_file_write(path, bytes, 0600, why);
}

struct listing {
    struct vls_buf lines;
    bool is_payload;
    uint64_t files, bytes;
};

/* RFC 8493, 2.1.3: CR, LF and the sign itself are written with percent. */
static VLS_STATUS add_name(struct vls_buf *out, const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        const char *word = *c == '%' ? "%25" : *c == '\n' ? "%0A" : *c == '\r' ? "%0D" : NULL;
        VLS_TRY(vls_buf_add_slice(out, word != NULL ? vls_slice_text(word) : VLS_SLICE(c, 1)));
    }
    return vls_buf_add_slice(out, vls_slice_text("\n"));
}

/* file_fn */
static struct vls_status list_file(void *ctx, const char *path, const char *name,
                                   struct vls_why *why)
{
    struct listing *listing = ctx;
    struct vls_digest digest;
    uint64_t bytes;
    char hex[2 * VLS_DIGEST_BYTES + 1];
    if (is_payload(name) != listing->is_payload || strcmp(name, TAG_MANIFEST) == 0)
        return VLS_DONE;
    VLS_TRY(hash_file(path, &digest, &bytes, why));
    listing->files++;
    listing->bytes += bytes;
    vls_hex(vls_digest_slice(&digest), hex);
    struct vls_status s = vls_buf_add_slice(&listing->lines, vls_slice_text(hex));
    if (vls_ok(s))
        s = vls_buf_add_slice(&listing->lines, vls_slice_text("  "));
    if (vls_ok(s))
        s = add_name(&listing->lines, name);
    return vls_ok(s) ? s : vls_fail(s.code, why, "too many files for one bag");
}

static VLS_STATUS write_manifest(const struct bag *bag, bool of_payload, struct listing *listing,
                                 struct vls_why *why)
{
    *listing = (struct listing){.is_payload = of_payload};
    vls_buf_init(&listing->lines, MAX_MANIFEST);
    struct vls_status s = each_file(bag->temporary, list_file, listing, why);
    if (vls_ok(s))
        s = vls_bag_write(bag, of_payload ? MANIFEST : TAG_MANIFEST, vls_buf_slice(&listing->lines),
                          why);
    vls_buf_fini(&listing->lines);
    return s;
}

static VLS_STATUS write_info(const struct bag *bag, struct vls_slice info,
                             const struct listing *payload, struct vls_why *why)
{
    char oxum[64];
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, MAX_MANIFEST);
    snprintf(oxum, sizeof oxum, "Payload-Oxum: %" PRIu64 ".%" PRIu64 "\n", payload->bytes,
             payload->files);
    VLS_TRY(vls_buf_add_slice(&text, info));
    VLS_TRY(vls_buf_add_slice(&text, vls_slice_text(oxum)));
    return vls_bag_write(bag, "bag-info.txt", vls_buf_slice(&text), why);
}

struct vls_status vls_bag_finish(struct bag *bag, struct vls_slice info, struct vls_why *why)
{
    struct listing payload, tags;
    VLS_TRY(write_manifest(bag, true, &payload, why));
    VLS_TRY(vls_bag_write(bag, "bagit.txt", VLS_SLICE(BAGIT, sizeof BAGIT - 1), why));
    VLS_TRY(write_info(bag, info, &payload, why));
    VLS_TRY(write_manifest(bag, false, &tags, why));
    if (rename(bag->temporary, bag->path) != 0) /* nothing but an empty directory is replaced */
        return vls_cli_output_failed(bag->path, errno, why);
    bag->temporary[0] = '\0';
    return vls_file_sync_parent(bag->path, why);
}

/* What did not become whole goes away. */
void vls_bag_fini(struct bag *bag)
{
    char *const roots[] = {bag->temporary, NULL};
    if (bag->temporary[0] == '\0')
        return;
    VLS_DEFER(close_walk) FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    const FTSENT *entry;
    while (walk != NULL && (entry = fts_read(walk)) != NULL)
        if (entry->fts_info != FTS_D)
            (void)remove(entry->fts_path); /* what cannot be stays, under its other name */
    bag->temporary[0] = '\0';
}

/* -- checking ---------------------------------------------------------------------------------- */

struct check {
    const char *root;
    struct vls_buf lines; /* of the manifest that is checked against */
    size_t next;          /* behind the line found last: the next stands there, mostly */
    bool is_payload;
    uint64_t files;
};

/** The line that ends like this, from that place on: where its digest begins. */
static const char *find_from(const struct vls_buf *lines, size_t from, const struct vls_buf *tail)
{
    const char *text = (const char *)lines->at, *end = text + lines->len;
    for (const char *at = text + from; at < end;) {
        at = memmem(at, (size_t)(end - at), tail->at, tail->len);
        if (at == NULL)
            return NULL;
        if (at - text >= 2 * VLS_DIGEST_BYTES &&
            (at - text == 2 * VLS_DIGEST_BYTES || at[-2 * VLS_DIGEST_BYTES - 1] == '\n'))
            return at - 2 * VLS_DIGEST_BYTES;
        at++;
    }
    return NULL;
}

/** The line about a file. NULL: it is not listed. */
static const char *find_line(struct check *check, const char *name)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf tail;
    vls_buf_init(&tail, 4 * VLS_MAX_PATH);
    if (!vls_ok(vls_buf_add_slice(&tail, vls_slice_text("  "))) || !vls_ok(add_name(&tail, name)))
        return NULL;
    const char *line = find_from(&check->lines, check->next, &tail);
    if (line == NULL)
        line = find_from(&check->lines, 0, &tail);
    if (line != NULL)
        check->next =
            (size_t)(line - (const char *)check->lines.at) + 2 * VLS_DIGEST_BYTES + tail.len;
    return line;
}

/* file_fn */
static struct vls_status check_file(void *ctx, const char *path, const char *name,
                                    struct vls_why *why)
{
    struct check *check = ctx;
    struct vls_digest digest;
    uint64_t bytes;
    char hex[2 * VLS_DIGEST_BYTES + 1];
    if (is_payload(name) != check->is_payload || strcmp(name, TAG_MANIFEST) == 0)
        return VLS_DONE;
    const char *line = find_line(check, name);
    if (line == NULL)
        return vls_fail(VLS_INPUT_MALFORMED, why, "%.150s: is not listed in the manifest", name);
    VLS_TRY(hash_file(path, &digest, &bytes, why));
    vls_hex(vls_digest_slice(&digest), hex);
    if (memcmp(hex, line, sizeof hex - 1) != 0)
        return vls_fail(VLS_ENVELOPE_DIGEST, why, "%.150s: was changed: its digest is another",
                        name);
    check->files++;
    return VLS_DONE;
}

static uint64_t count_lines(const struct vls_buf *text)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < text->len; i++)
        lines += text->at[i] == '\n';
    return lines;
}

static VLS_STATUS check_manifest(const char *root, bool of_payload, uint64_t *out_files,
                                 struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    const char *name = of_payload ? MANIFEST : TAG_MANIFEST;
    struct check check = {.root = root, .is_payload = of_payload};
    if (!vls_ok(vls_path_join(root, name, path, sizeof path)))
        return vls_cli_usage(why, root, "the path is too long");
    vls_buf_init(&check.lines, MAX_MANIFEST);
    struct vls_status s = vls_file_read(path, &check.lines, why);
    if (vls_ok(s))
        s = each_file(root, check_file, &check, why);
    if (vls_ok(s) && count_lines(&check.lines) != check.files)
        s = vls_fail(VLS_INPUT_MALFORMED, why,
                     "%s lists %" PRIu64 " files, and %" PRIu64 " of them are there", name,
                     count_lines(&check.lines), check.files);
    vls_buf_fini(&check.lines);
    *out_files = check.files;
    return s;
}

struct vls_status vls_bag_check(const char *path, uint64_t *out_files, struct vls_why *why)
{
    char bagit[VLS_MAX_PATH];
    uint64_t tags;
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, sizeof BAGIT);
    if (!vls_ok(vls_path_join(path, "bagit.txt", bagit, sizeof bagit)))
        return vls_cli_usage(why, path, "the path is too long");
    if (!vls_ok(vls_file_read(bagit, &text, why)) ||
        !vls_slice_is_equal(vls_buf_slice(&text), VLS_SLICE(BAGIT, sizeof BAGIT - 1)))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "%.120s: is no archive of valise-archive(1): bagit.txt is missing or of "
                        "another version",
                        path);
    VLS_TRY(check_manifest(path, false, &tags, why));
    return check_manifest(path, true, out_files, why);
}
