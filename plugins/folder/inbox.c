/*
 * A received message appears at once or not at all: written as .tmp-ID, synced, renamed. Its
 * side-car appears before it.
 *
 * The mark inbox/.delivered/ID holds the name that was chosen, and is on disk before the renames.
 * The rename of .tmp-ID is the moment of delivery; so when the message comes again after a crash:
 * mark and no .tmp-ID = delivered, anything else = not delivered.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "folder.h"
#include "sidecar.h"

#define MARKS_NAME     ".delivered"
#define MARKS_KEEP_MS  (30ull * 86400000ull) /* no message comes again after so long */
#define DIRECTORY_MODE 0750
#define DOCUMENT_MODE  0640
#define ID_PREFIX      13 /* of an id: the 48 bits of its time */

static enum vls_answer answer_of(struct vls_status status, const struct vls_why *from, char *why,
                                 size_t room)
{
    if (vls_ok(status))
        return VLS_ANSWER_DONE;
    vls_text_copy(why, room, from->text);
    return VLS_ANSWER_RETRY; /* what fails here is the disk: it may have room or rights again later
                              */
}

static void remove_old_marks(struct folder *folder)
{
    uint64_t now = folder->host->now_ms(folder->host->ctx);
    int fd = openat(folder->marks, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (list == NULL) {
        vls_fd_close(&fd);
        return;
    }
    struct stat st;
    for (const struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list))
        if (fstatat(folder->marks, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode) && (uint64_t)st.st_mtim.tv_sec * 1000 + MARKS_KEEP_MS < now)
            unlinkat(folder->marks, entry->d_name, 0);
    closedir(list);
}

struct vls_status inbox_start(struct folder *folder, struct vls_why *why)
{
    if (mkdirat(folder->inbox, MARKS_NAME, DIRECTORY_MODE) != 0 && errno != EEXIST)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "inbox/%s", MARKS_NAME);
    folder->marks = openat(folder->inbox, MARKS_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->marks < 0)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "inbox/%s", MARKS_NAME);
    vls_buf_init(&folder->sidecar, SIDECAR_RECEIVED_BYTES);
    remove_old_marks(folder);
    return folder_sync(folder->inbox, why);
}

void inbox_stop(struct folder *folder)
{
    vls_buf_fini(&folder->sidecar);
    vls_fd_close(&folder->part);
    vls_fd_close(&folder->parts);
    vls_fd_close(&folder->marks);
}

/* Take back the side-car that an attempt before a crash put beside a document that did not follow.
 */
static void take_back_sidecar(struct folder *folder, const char *name, const char *id)
{
    char meta[NAME_ROOM];
    struct vls_why why;
    struct vls_buf content VLS_DEFER(vls_buf_fini);
    vls_buf_init(&content, SIDECAR_RECEIVED_BYTES);
    folder_with(name, META_ENDING, meta);
    if (!folder_exists(folder->inbox, name) &&
        vls_ok(folder_read(folder->inbox, meta, &content, &why)) &&
        sidecar_says(vls_buf_slice(&content), "id", id))
        folder_remove(folder->inbox, meta);
}

/* True when the message is there, or was and has been taken away. Otherwise nothing of an earlier
 * attempt is left. */
static bool was_delivered(struct folder *folder)
{
    struct vls_why why;
    struct vls_buf name VLS_DEFER(vls_buf_fini);
    vls_buf_init(&name, NAME_ROOM);
    bool is_written = folder_exists(folder->inbox, folder->temporary);
    if (vls_ok(folder_read(folder->marks, folder->id, &name, &why))) {
        if (!is_written)
            return true;
        const char *text = vls_buf_text(&name);
        if (text != NULL && vls_text_is_file_name(text))
            take_back_sidecar(folder, text, folder->id);
        folder_remove(folder->marks, folder->id);
    }
    folder_remove(folder->inbox, folder->temporary);
    return false;
}

/* How its sender states that it is to be handled. A host of an earlier ABI hands over less. */
static struct vls_status write_handling(struct vls_buf *out, const struct vls_message *message)
{
    struct vls_message m = {.size = 0};
    vls_copy(&m, message, message->size < sizeof m ? message->size : sizeof m);
    VLS_TRY(sidecar_add(out, "distribution", m.distribution));
    if ((m.flags & VLS_PERSONAL_DATA) != 0)
        VLS_TRY(vls_buf_add_text(out, "personal-data: true\n"));
    VLS_TRY(sidecar_add(out, "safeguards", m.safeguards));
    if (m.embargo_until_ms != 0)
        VLS_TRY(sidecar_add_time(out, "embargo", m.embargo_until_ms));
    VLS_TRY(sidecar_add_list(out, "audience", m.audience, m.audience_count));
    VLS_TRY(sidecar_add_list(out, "topics", m.topics, m.topic_count));
    return sidecar_add(out, "answer-state", m.answer_state);
}

/** A line of what a document is, unless it was said already of the message as a whole. */
static struct vls_status add_once(struct vls_buf *out, const char *indent, const char *key,
                                  const char *value)
{
    char whole[64];
    if (indent[0] == '\0' && sidecar_has(vls_buf_slice(out), key))
        return VLS_DONE;
    snprintf(whole, sizeof whole, "%s%s", indent, key);
    return sidecar_add(out, whole, value);
}

static struct vls_status write_about(struct vls_buf *out, const struct vls_about *about,
                                     const char *indent)
{
    if (about == NULL)
        return VLS_DONE;
    VLS_TRY(add_once(out, indent, "issuer", about->issuer));
    VLS_TRY(add_once(out, indent, "symbol", about->symbol_count > 0 ? about->symbols[0] : NULL));
    VLS_TRY(add_once(out, indent, "language", about->language));
    VLS_TRY(add_once(out, indent, "title", about->title));
    return add_once(out, indent, "published", about->published);
}

static struct vls_status write_sidecar(struct vls_buf *out, const struct vls_message *m)
{
    struct vls_message mine = {.size = 0};
    vls_copy(&mine, m, m->size < sizeof mine ? m->size : sizeof mine);
    vls_buf_clear(out);
    VLS_TRY(sidecar_add(out, "id", m->id));
    VLS_TRY(sidecar_add(out, "from", m->from));
    VLS_TRY(sidecar_add(out, "to", m->to));
    VLS_TRY(sidecar_add(out, "body", m->body));
    VLS_TRY(sidecar_add(out, "kind", m->kind));
    VLS_TRY(sidecar_add(out, "label", m->label));
    VLS_TRY(sidecar_add(out, "marking", m->marking));
    VLS_TRY(sidecar_add(out, "subject", m->subject));
    VLS_TRY(sidecar_add(out, "conversation", m->conversation));
    VLS_TRY(sidecar_add(out, "in-reply-to", m->in_reply_to));
    VLS_TRY(write_handling(out, m));
    VLS_TRY(write_about(out, mine.about, ""));
    VLS_TRY(sidecar_add_time(out, "created", m->created_ms));
    return sidecar_add_time(out, "received", m->received_ms);
}

static struct vls_status begin(struct folder *folder, const struct vls_message *message,
                               struct vls_why *why)
{
    struct vls_status status = write_sidecar(&folder->sidecar, message);
    if (!vls_ok(status))
        return vls_fail(status.code, why, "the side-car does not fit");
    if (message->part_count == 1)
        return VLS_DONE;
    VLS_TRY(vls_buf_add_text(&folder->sidecar, "documents:\n"));
    snprintf(folder->wanted, sizeof folder->wanted, "%.*s", ID_PREFIX, message->id);
    if (mkdirat(folder->inbox, folder->temporary, DIRECTORY_MODE) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "directory for %s", message->id);
    folder->parts =
        openat(folder->inbox, folder->temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->parts < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "directory for %s", message->id);
    return VLS_DONE;
}

enum vls_answer inbox_begin(void *state, const struct vls_message *message, char *why, size_t room)
{
    struct folder *folder = state;
    struct vls_why words = {{0}};
    vls_fd_close(&folder->part);
    vls_fd_close(&folder->parts);
    vls_text_copy(folder->id, sizeof folder->id, message->id);
    snprintf(folder->temporary, sizeof folder->temporary, ".tmp-%s", message->id);
    struct vls_status status;
    if (was_delivered(folder)) {
        status = folder_sync(folder->inbox, &words);
        return vls_ok(status) ? VLS_ANSWER_HAVE : answer_of(status, &words, why, room);
    }
    status = begin(folder, message, &words);
    if (!vls_ok(status))
        inbox_abort(folder);
    return answer_of(status, &words, why, room);
}

/* Of a single document all stands at the top; its label only where it is not the message's. */
static struct vls_status describe(struct vls_buf *sidecar, const struct vls_part *part,
                                  bool is_alone)
{
    bool is_same = sidecar_says(vls_buf_slice(sidecar), "label", part->label);
    struct vls_part mine = {.size = 0};
    vls_copy(&mine, part, part->size < sizeof mine ? part->size : sizeof mine);
    VLS_TRY(sidecar_add(sidecar, is_alone ? "name" : "  - name", part->name));
    VLS_TRY(sidecar_add(sidecar, is_alone ? "media-type" : "    media-type", part->media_type));
    VLS_TRY(write_about(sidecar, mine.about, is_alone ? "" : "    "));
    if (is_alone && is_same)
        return VLS_DONE;
    VLS_TRY(sidecar_add(sidecar, is_alone ? "document-label" : "    label", part->label));
    return sidecar_add(sidecar, is_alone ? "document-marking" : "    marking", part->marking);
}

enum vls_answer inbox_part_begin(void *state, const struct vls_part *part, char *why, size_t room)
{
    struct folder *folder = state;
    bool is_alone = folder->parts < 0;
    if (!vls_text_is_file_name(part->name)) {
        vls_text_copy(why, room, "a document's name is not one safe path component");
        return VLS_ANSWER_REFUSE;
    }
    if (is_alone)
        folder_document_name(part->name, folder->wanted);
    if (!vls_ok(describe(&folder->sidecar, part, is_alone))) {
        vls_text_copy(why, room, "the side-car does not fit");
        return VLS_ANSWER_REFUSE;
    }
    folder->part =
        openat(is_alone ? folder->inbox : folder->parts, is_alone ? folder->temporary : part->name,
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, DOCUMENT_MODE);
    if (folder->part >= 0)
        return VLS_ANSWER_DONE;
    snprintf(why, room, "%s cannot be made: %s", part->name, strerror(errno));
    return VLS_ANSWER_RETRY;
}

enum vls_answer inbox_part_bytes(void *state, const void *bytes, size_t len, char *why, size_t room)
{
    struct folder *folder = state;
    struct vls_why words = {{0}};
    struct vls_status status = vls_fd_write(folder->part, VLS_SLICE(bytes, len), &words);
    return answer_of(status, &words, why, room);
}

enum vls_answer inbox_part_end(void *state, char *why, size_t room)
{
    struct folder *folder = state;
    bool is_synced = fsync(folder->part) == 0;
    int number = errno;
    vls_fd_close(&folder->part);
    if (is_synced)
        return VLS_ANSWER_DONE;
    snprintf(why, room, "fsync: %s", strerror(number));
    return VLS_ANSWER_RETRY;
}

/* Mark, side-car, message, in this order. @return STORE_EXISTS when somebody else took the name
 * meanwhile */
static struct vls_status publish_as(struct folder *folder, const char *name, struct vls_why *why)
{
    char meta[NAME_ROOM];
    folder_with(name, META_ENDING, meta);
    folder_remove(folder->marks, folder->id);
    VLS_TRY(folder_write_new(folder->marks, folder->id, vls_slice_text(name), why));
    VLS_TRY(folder_sync(folder->marks, why));
    VLS_TRY(folder_sync(folder->inbox, why)); /* .tmp-ID is on disk before what it is measured by */
    VLS_TRY(folder_write_new(folder->inbox, meta, vls_buf_slice(&folder->sidecar), why));
    struct vls_status status =
        folder_move(folder->inbox, folder->temporary, folder->inbox, name, why);
    if (!vls_ok(status)) {
        folder_remove(folder->inbox, meta);
        return status;
    }
    return folder_sync(folder->inbox, why);
}

static struct vls_status publish(struct folder *folder, struct vls_why *why)
{
    char name[NAME_ROOM], meta[NAME_ROOM];
    if (folder->parts >= 0)
        VLS_TRY(folder_sync(folder->parts, why));
    for (unsigned number = 1; number <= MOST_NUMBER; number++) {
        folder_numbered(folder->wanted, number, name);
        folder_with(name, META_ENDING, meta);
        if (folder_exists(folder->inbox, name) || folder_exists(folder->inbox, meta))
            continue;
        struct vls_status status = publish_as(folder, name, why);
        if (status.code != VLS_STORE_EXISTS)
            return status;
    }
    return vls_fail(VLS_SYSTEM_FULL, why, "%d messages are named %s already", MOST_NUMBER,
                    folder->wanted);
}

enum vls_answer inbox_end(void *state, char *why, size_t room)
{
    struct folder *folder = state;
    struct vls_why words = {{0}};
    struct vls_status status = publish(folder, &words);
    if (vls_ok(status))
        vls_fd_close(&folder->parts);
    return answer_of(status, &words, why, room);
}

void inbox_abort(void *state)
{
    struct folder *folder = state;
    vls_fd_close(&folder->part);
    vls_fd_close(&folder->parts);
    /* a message that was renamed stays, and so does its mark: only the sync of the directory has
     * failed, and is done again */
    if (!folder_exists(folder->inbox, folder->temporary))
        return;
    /* the mark goes first: without it, what is left of .tmp-ID says "not delivered" */
    folder_remove(folder->marks, folder->id);
    folder_remove(folder->inbox, folder->temporary);
}
