/*
 * A document NAME is sent once its side-car NAME.meta is there and reads. Its identity is (name,
 * size, time of change, inode, digest of the side-car): the origin key made of it is the same
 * before and after a crash, and the router makes one message of one key.
 *
 *     waits for NAME.meta ──reads──> submitted ──outcome──> moved to sent/ or held/
 *            │  ^                        └──retry──> again later
 *            │  └── changes
 *            └─ does not read, and is the same an interval later ──> held/
 *
 * The state item of the same key is saved in the commit of the document. Found at a later start, it
 * says that the message exists: the router is asked under the same key what became of it, and
 * whatever it answers, the document is only moved.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/text.h"
#include "folder.h"
#include "sidecar.h"

#define KEY_PREFIX    "folder:"
#define KEY_ROOM      (sizeof KEY_PREFIX + 2 * VLS_DIGEST_BYTES)
#define RESULT_ENDING ".result"
#define REASON_ENDING ".reason"
#define REPORT_BYTES  16384
#define NS_PER_SECOND 1000000000u

/* What makes a document this one and no other. */
struct identity {
    uint64_t size, changed_ns, inode, device;
    struct vls_digest sidecar;
    char key[KEY_ROOM];
};

struct outbox_item {
    char name[NAME_ROOM];
    struct identity submitted; /* what the router was given               */
    struct vls_digest bad;     /* of a side-car that did not read         */
    uint64_t bad_since_ms;     /* 0: there was none                       */
    uint64_t not_before_ms;    /* after a retry                           */
    uint64_t scan;             /* the last one that saw it                */
    bool is_under_way, is_recorded, is_left_alone;
    UT_hash_handle hh;
};

static uint64_t now_ms(const struct folder *folder)
{
    return folder->host->steady_ms(folder->host->ctx);
}

static void identify(const char *name, const struct stat *st, struct vls_slice sidecar,
                     struct identity *out)
{
    struct identity id = {
        .size = (uint64_t)st->st_size,
        .changed_ns = (uint64_t)st->st_mtim.tv_sec * NS_PER_SECOND + (uint64_t)st->st_mtim.tv_nsec,
        .inode = (uint64_t)st->st_ino,
        .device = (uint64_t)st->st_dev,
        .sidecar = vls_digest_of_slice(sidecar),
    };
    uint8_t numbers[24];
    vls_put_u64(numbers, id.size);
    vls_put_u64(numbers + 8, id.changed_ns);
    vls_put_u64(numbers + 16, id.inode);
    struct vls_slice parts[] = {
        VLS_SLICE(numbers, sizeof numbers),
        vls_digest_slice(&id.sidecar),
        vls_slice_text(name),
    };
    struct vls_digest all = vls_digest_of(parts, sizeof parts / sizeof parts[0]);
    char hex[2 * VLS_DIGEST_BYTES + 1];
    vls_hex(vls_digest_slice(&all), hex);
    snprintf(id.key, sizeof id.key, "%s%s", KEY_PREFIX, hex);
    *out = id;
}

/* -- items ------------------------------------------------------------------------------------- */

static struct outbox_item *item_of(struct folder *folder, const char *name)
{
    struct outbox_item *item;
    HASH_FIND_STR(folder->items, name, item);
    if (item == NULL) {
        item = vls_mem_new(sizeof *item);
        vls_text_copy(item->name, sizeof item->name, name);
        HASH_ADD_STR(folder->items, name, item);
    }
    return item;
}

static void forget(struct folder *folder, struct outbox_item *item)
{
    HASH_DEL(folder->items, item);
    vls_mem_free(item);
}

static void forget_unseen(struct folder *folder)
{
    struct outbox_item *item, *next;
    VLS_MAP_EACH (folder->items, item, next) {
        if (item->scan != folder->scans && !item->is_under_way)
            forget(folder, item);
    }
}

/* -- out of the outbox ------------------------------------------------------------------------- */

/* A report that an earlier attempt wrote, which a crash kept from moving the document after it, is
 * ours. */
static bool is_own_report(int dir, const char *name, const char *origin)
{
    struct vls_why why;
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, REPORT_BYTES);
    return vls_ok(folder_read(dir, name, &text, &why)) &&
           sidecar_says(vls_buf_slice(&text), "origin", origin);
}

/* A name under which document, side-car and report can stand in `dir`. */
static struct vls_status free_name(int dir, const char *name, const char *ending,
                                   const char *origin, char out[NAME_ROOM], struct vls_why *why)
{
    char candidate[NAME_ROOM], other[NAME_ROOM];
    for (unsigned number = 1; number <= MOST_NUMBER; number++) {
        folder_numbered(name, number, candidate);
        folder_with(candidate, META_ENDING, other);
        if (folder_exists(dir, candidate) || folder_exists(dir, other))
            continue;
        folder_with(candidate, ending, other);
        if (folder_exists(dir, other)) {
            if (!is_own_report(dir, other, origin))
                continue;
            folder_remove(dir, other);
        }
        vls_text_copy(out, NAME_ROOM, candidate);
        return VLS_DONE;
    }
    return vls_fail(VLS_SYSTEM_FULL, why, "%d documents of this name are there already",
                    MOST_NUMBER);
}

/* What is in the outbox under this name may be another document by now; then it stays. */
static bool is_unchanged(const struct folder *folder, const struct outbox_item *item)
{
    struct stat st;
    struct identity now;
    if (fstatat(folder->outbox, item->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return true; /* taken away: there is nothing to mistake */
    identify(item->name, &st, VLS_SLICE(NULL, 0), &now);
    return now.size == item->submitted.size && now.changed_ns == item->submitted.changed_ns &&
           now.inode == item->submitted.inode && now.device == item->submitted.device;
}

/* The report first: whoever finds the document finds what became of it. */
static struct vls_status move_out(struct folder *folder, struct outbox_item *item, int dir,
                                  const char *ending, struct vls_slice report, struct vls_why *why)
{
    char name[NAME_ROOM], other[NAME_ROOM], meta[NAME_ROOM];
    VLS_TRY(free_name(dir, item->name, ending, item->submitted.key, name, why));
    folder_with(name, ending, other);
    VLS_TRY(folder_write_new(dir, other, report, why));
    if (!is_unchanged(folder, item)) {
        folder_log(folder, VLS_LEVEL_WARN, item->name,
                   "changed after it was submitted; what is there now counts as another document");
        return folder_sync(dir, why);
    }
    struct vls_status status = folder_move(folder->outbox, item->name, dir, name, why);
    if (!vls_ok(status) && status.code != VLS_SYSTEM_MISSING)
        return status;
    folder_with(item->name, META_ENDING, meta);
    folder_with(name, META_ENDING, other);
    status = folder_move(folder->outbox, meta, dir, other, why);
    if (!vls_ok(status) && status.code != VLS_SYSTEM_MISSING)
        return status;
    VLS_TRY(folder_sync(dir, why));
    return folder_sync(folder->outbox, why);
}

static struct vls_status write_report(struct folder *folder, const struct outbox_item *item,
                                      const char *id, const char *state, const char *reason,
                                      const char *duplicate_of, struct vls_buf *out)
{
    VLS_TRY(sidecar_add(out, "id", id));
    VLS_TRY(sidecar_add(out, "state", state));
    VLS_TRY(sidecar_add(out, "reason", reason));
    VLS_TRY(sidecar_add(out, "duplicate-of", duplicate_of));
    VLS_TRY(sidecar_add(out, "origin", item->submitted.key));
    return sidecar_add_time(out, "at", folder->host->now_ms(folder->host->ctx));
}

/* -- into the router --------------------------------------------------------------------------- */

static void hold_unread(struct folder *folder, struct outbox_item *item, const char *reason)
{
    struct vls_why why = {{0}};
    struct vls_buf report VLS_DEFER(vls_buf_fini);
    vls_buf_init(&report, REPORT_BYTES);
    folder_log(folder, VLS_LEVEL_WARN, item->name, reason);
    struct vls_status status =
        write_report(folder, item, NULL, "not submitted", reason, NULL, &report);
    if (vls_ok(status))
        status = move_out(folder, item, folder->held, REASON_ENDING, vls_buf_slice(&report), &why);
    if (vls_ok(status))
        return;
    folder_log(folder, VLS_LEVEL_ERROR, item->name, why.text);
    item->not_before_ms = now_ms(folder) + folder->poll_ms;
}

/* A side-car that does not read may be half written: only when it is the same an interval later is
 * it wrong. */
static void doubt(struct folder *folder, struct outbox_item *item, struct vls_slice content,
                  const struct stat *st, const char *reason)
{
    uint64_t now = now_ms(folder);
    struct identity seen;
    identify(item->name, st, content, &seen);
    bool is_same = item->bad_since_ms != 0 && vls_digest_is_equal(&item->bad, &seen.sidecar) &&
                   strcmp(item->submitted.key, seen.key) == 0;
    if (is_same && now - item->bad_since_ms >= folder->poll_ms) {
        hold_unread(folder, item, reason);
        item->bad_since_ms = 0;
    } else if (!is_same) {
        item->bad = seen.sidecar;
        item->bad_since_ms = now;
        item->submitted = seen;
    }
}

/* What the document is, as the side-car says and no more. */
static enum vls_emit emit_about(const struct folder *folder, const struct sidecar *sidecar)
{
    const char *symbol = sidecar->symbol;
    const struct vls_about about = {
        .size = sizeof about,
        .issuer = sidecar->issuer,
        .symbols = &symbol,
        .symbol_count = symbol != NULL && symbol[0] != '\0',
        .language = sidecar->language,
        .title = sidecar->title,
        .published = sidecar->published,
    };
    bool is_empty = about.symbol_count == 0 && about.issuer == NULL && about.language == NULL &&
                    about.title == NULL && about.published == NULL;
    if (is_empty)
        return VLS_EMIT_OK;
    return folder->about != NULL ? folder->about->about(folder->host->ctx, &about)
                                 : VLS_EMIT_INVALID;
}

static enum vls_emit emit(struct folder *folder, struct outbox_item *item,
                          const struct sidecar *sidecar, int *file)
{
    const struct vls_source_service *source = folder->source;
    void *ctx = folder->host->ctx;
    char value[2 * VLS_DIGEST_BYTES + 1 + NAME_ROOM];
    struct vls_document document = {
        .size = sizeof document,
        .origin_key = item->submitted.key,
        .kind = sidecar->kind,
        .to = sidecar->to,
        .body = sidecar->body,
        .label = sidecar->label,
        .subject = sidecar->subject,
        .conversation = sidecar->conversation,
        .in_reply_to = sidecar->in_reply_to,
        .flags = sidecar->personal_data ? VLS_PERSONAL_DATA : 0,
        .distribution = sidecar->distribution,
        .safeguards = sidecar->safeguards,
        .embargo_until_ms = sidecar->embargo_until_ms,
        .audience = (const char *const *)sidecar->audience,
        .audience_count = sidecar->audience_count,
        .topics = (const char *const *)sidecar->topics,
        .topic_count = sidecar->topics_count,
        .answer_state = sidecar->answer_state,
    };
    enum vls_emit answer = source->emit_begin(ctx, &document);
    if (answer != VLS_EMIT_OK)
        return answer;
    answer = emit_about(folder, sidecar);
    if (answer != VLS_EMIT_OK)
        return answer;
    answer = source->emit_file(ctx, item->name, sidecar->media_type, vls_fd_move(file));
    if (answer != VLS_EMIT_OK)
        return answer;
    vls_hex(vls_digest_slice(&item->submitted.sidecar), value);
    vls_text_copy(value + strlen(value), sizeof value - strlen(value), " ");
    vls_text_copy(value + strlen(value), sizeof value - strlen(value), item->name);
    answer = source->emit_state(ctx, item->submitted.key, value, strlen(value));
    if (answer != VLS_EMIT_OK)
        return answer;
    return source->emit_end(ctx, (uint64_t)(uintptr_t)item); /* an item under way is never freed */
}

/* False when there is no room for more. */
static bool submit(struct folder *folder, struct outbox_item *item, const struct sidecar *sidecar,
                   int *file)
{
    size_t len;
    item->is_recorded = folder->state->get(folder->host->ctx, item->submitted.key, &len) != NULL;
    switch (emit(folder, item, sidecar, file)) {
    case VLS_EMIT_OK:
        item->is_under_way = true;
        return true;
    case VLS_EMIT_BUSY:
        return false;
    case VLS_EMIT_INVALID:
        hold_unread(folder, item,
                    "a value of the side-car is refused; the gateway's log says which");
        return true;
    case VLS_EMIT_SYSTEM:
        break;
    }
    item->not_before_ms = now_ms(folder) + folder->poll_ms;
    return true;
}

static int open_document(const struct folder *folder, const char *name, struct stat *out)
{
    int fd = openat(folder->outbox, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, out) != 0 || !S_ISREG(out->st_mode)))
        vls_fd_close(&fd);
    return fd;
}

/* Look at one document; false when there is no room for more. */
static bool look(struct folder *folder, struct outbox_item *item)
{
    char meta[NAME_ROOM];
    struct stat st;
    struct vls_why why = {{0}};
    struct sidecar *sidecar = NULL;
    struct vls_buf content VLS_DEFER(vls_buf_fini);
    vls_buf_init(&content, SIDECAR_BYTES);
    folder_with(item->name, META_ENDING, meta);
    struct vls_status status = folder_read(folder->outbox, meta, &content, &why);
    if (status.code == VLS_SYSTEM_MISSING)
        return true;
    int file VLS_DEFER(vls_fd_close) = open_document(folder, item->name, &st);
    if (file < 0)
        return true;
    if (vls_ok(status))
        status = sidecar_read(vls_buf_slice(&content), &sidecar, &why);
    if (!vls_ok(status)) {
        doubt(folder, item, vls_buf_slice(&content), &st, why.text);
        return true;
    }
    item->bad_since_ms = 0;
    identify(item->name, &st, vls_buf_slice(&content), &item->submitted);
    bool has_room = submit(folder, item, sidecar, &file);
    sidecar_free(&sidecar);
    return has_room;
}

static bool is_document(const char *name)
{
    return name[0] != '.' && !folder_ends_in(name, META_ENDING) && !folder_ends_in(name, ".tmp") &&
           !folder_ends_in(name, ".part");
}

/* False when there is no room for more. */
static bool visit(struct folder *folder, const char *name)
{
    if (!is_document(name))
        return true;
    struct outbox_item *item = item_of(folder, name);
    item->scan = folder->scans;
    if (item->is_under_way || item->is_left_alone || item->not_before_ms > now_ms(folder))
        return true;
    if (!vls_text_is_file_name(name) || strlen(name) > LONGEST_NAME) {
        item->is_left_alone = true;
        folder_log(folder, VLS_LEVEL_WARN, name,
                   "is left alone: its name is too long or not clean UTF-8; rename it");
        return true;
    }
    return look(folder, item);
}

static void empty_notifications(const struct folder *folder)
{
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    while (folder->notify >= 0 && read(folder->notify, events, sizeof events) > 0)
        ;
}

uint32_t outbox_poll(void *state)
{
    struct folder *folder = state;
    empty_notifications(folder);
    int fd = openat(folder->outbox, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (list == NULL) {
        folder_log(folder, VLS_LEVEL_ERROR, "outbox", "cannot be listed; tried again later");
        vls_fd_close(&fd);
        return folder->poll_ms;
    }
    folder->scans++;
    bool has_room = true;
    for (const struct dirent *entry = readdir(list); entry != NULL && has_room;
         entry = readdir(list))
        has_room = visit(folder, entry->d_name);
    closedir(list);
    if (has_room)
        forget_unseen(folder);
    return folder->poll_ms;
}

/* -- back from the router ---------------------------------------------------------------------- */

static void settle(struct folder *folder, struct outbox_item *item, const struct vls_commit *commit,
                   bool is_sent)
{
    struct vls_why why = {{0}};
    struct vls_buf report VLS_DEFER(vls_buf_fini);
    vls_buf_init(&report, REPORT_BYTES);
    const char *state = commit->state;
    if (state == NULL)
        state = item->is_recorded ? "recorded" : "refused";
    struct vls_status status = write_report(folder, item, commit->id, state, commit->reason,
                                            commit->duplicate_of, &report);
    if (vls_ok(status))
        status = move_out(folder, item, is_sent ? folder->sent : folder->held,
                          is_sent ? RESULT_ENDING : REASON_ENDING, vls_buf_slice(&report), &why);
    if (!vls_ok(status)) {
        /* the state item stays: the next attempt asks under the same key */
        folder_log(folder, VLS_LEVEL_ERROR, item->name, why.text);
        item->not_before_ms = now_ms(folder) + folder->poll_ms;
        return;
    }
    folder->state->put(folder->host->ctx, item->submitted.key, NULL, 0);
    forget(folder, item);
}

void outbox_committed(void *state, const struct vls_commit *commit)
{
    struct folder *folder = state;
    struct outbox_item *item = (struct outbox_item *)(uintptr_t)commit->token;
    item->is_under_way = false;
    switch ((enum vls_outcome)commit->outcome) {
    case VLS_OUTCOME_ACCEPTED:
        settle(folder, item, commit, true);
        return;
    case VLS_OUTCOME_UNWANTED:
    case VLS_OUTCOME_REFUSED: /* of one that is recorded, only the question was refused */
        settle(folder, item, commit, item->is_recorded);
        return;
    case VLS_OUTCOME_RETRY:
        item->not_before_ms = now_ms(folder) + folder->poll_ms;
        return;
    case VLS_OUTCOME_REFERRED:
    case VLS_OUTCOME_QUARANTINED:
    case VLS_OUTCOME_WITHHELD:
    case VLS_OUTCOME_HELD:
        break;
    }
    settle(folder, item, commit, false);
}

/* -- after a crash ----------------------------------------------------------------------------- */

/* A state item whose document is gone from the outbox: the crash came between moving the document
 * and moving its side-car, which must not stay for the next document of that name. */
static void move_leftover(struct folder *folder, const char *name, const char *digest_hex)
{
    char meta[NAME_ROOM], hex[2 * VLS_DIGEST_BYTES + 1], target[NAME_ROOM], other[NAME_ROOM];
    struct vls_why why = {{0}};
    struct vls_buf content VLS_DEFER(vls_buf_fini);
    vls_buf_init(&content, SIDECAR_BYTES);
    folder_with(name, META_ENDING, meta);
    if (!vls_ok(folder_read(folder->outbox, meta, &content, &why)))
        return;
    struct vls_digest digest = vls_digest_of_slice(vls_buf_slice(&content));
    vls_hex(vls_digest_slice(&digest), hex);
    if (strcmp(hex, digest_hex) != 0)
        return;
    for (unsigned number = 1; number <= MOST_NUMBER; number++) {
        folder_numbered(name, number, target);
        folder_with(target, META_ENDING, other);
        struct vls_status status = folder_move(folder->outbox, meta, folder->sent, other, &why);
        if (status.code == VLS_STORE_EXISTS)
            continue;
        if (!vls_ok(status))
            folder_log(folder, VLS_LEVEL_ERROR, meta, why.text);
        return;
    }
}

/* True when the item still says something about a document in the outbox. */
static bool recover(struct folder *folder, const char *key, const char *value)
{
    char digest[2 * VLS_DIGEST_BYTES + 1], meta[NAME_ROOM];
    struct stat st;
    struct identity id;
    struct vls_why why;
    if (strlen(value) <= sizeof digest)
        return false;
    vls_text_copy(digest, sizeof digest, value);
    const char *name = value + sizeof digest; /* one space stands between them */
    if (!folder_exists(folder->outbox, name)) {
        move_leftover(folder, name, digest);
        return false;
    }
    struct vls_buf content VLS_DEFER(vls_buf_fini);
    vls_buf_init(&content, SIDECAR_BYTES);
    folder_with(name, META_ENDING, meta);
    int file VLS_DEFER(vls_fd_close) = open_document(folder, name, &st);
    if (file < 0 || !vls_ok(folder_read(folder->outbox, meta, &content, &why)))
        return false;
    identify(name, &st, vls_buf_slice(&content), &id);
    return strcmp(id.key, key) == 0;
}

static void recover_all(struct folder *folder)
{
    char key[VLS_MAX_NAME + 1] = "", value[2 * VLS_DIGEST_BYTES + 1 + NAME_ROOM];
    void *ctx = folder->host->ctx;
    for (const char *next = folder->state->next(ctx, KEY_PREFIX);
         next != NULL && strncmp(next, KEY_PREFIX, sizeof KEY_PREFIX - 1) == 0;
         next = folder->state->next(ctx, key)) {
        size_t len = 0;
        vls_text_copy(key, sizeof key, next);
        const void *at = folder->state->get(ctx, key, &len);
        bool fits = at != NULL && len < sizeof value;
        vls_copy(value, at, fits ? len : 0);
        value[fits ? len : 0] = '\0';
        if (!recover(folder, key, value))
            folder->state->put(ctx, key, NULL, 0);
    }
}

struct vls_status outbox_start(struct folder *folder, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    (void)why;
    recover_all(folder);
    VLS_TRY(folder_path(folder, "outbox", path, sizeof path));
    folder->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (folder->notify >= 0 &&
        inotify_add_watch(folder->notify, path, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
        vls_fd_close(&folder->notify);
    if (folder->notify < 0 || folder->source->watch(folder->host->ctx, folder->notify) != 0)
        folder_log(folder, VLS_LEVEL_INFO, "outbox", "is looked through at intervals only");
    return VLS_DONE;
}

void outbox_stop(struct folder *folder)
{
    struct outbox_item *item, *next;
    VLS_MAP_EACH (folder->items, item, next) {
        forget(folder, item);
    }
    if (folder->source != NULL)
        (void)folder->source->watch(folder->host->ctx, -1);
    vls_fd_close(&folder->notify);
}
