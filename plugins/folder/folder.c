#include "folder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

#define ABI_WITH_HANDLING                                                                          \
    2u /* the minor version since which a host takes all that a side-car states */

static const struct vls_setting SETTINGS[] = {
    {.name = "directory",
     .type = VLS_SETTING_PATH,
     .flags = VLS_SETTING_REQUIRED,
     .help = "Directory that holds the four others, unless those are set."},
    {.name = "outbox",
     .type = VLS_SETTING_PATH,
     .help = "Where documents to send are put. Default: outbox in directory."},
    {.name = "sent",
     .type = VLS_SETTING_PATH,
     .help = "Where sent documents go; on the same file system as outbox. Default: sent in "
             "directory."},
    {.name = "held",
     .type = VLS_SETTING_PATH,
     .help = "Where documents go that did not leave; on the same file system as outbox. Default: "
             "held in directory."},
    {.name = "inbox",
     .type = VLS_SETTING_PATH,
     .help = "Where received documents appear. Default: inbox in directory."},
    {.name = "poll-ms",
     .type = VLS_SETTING_NUMBER,
     .min = 10,
     .max = 3600000,
     .fallback = "5000",
     .help = "How often the outbox is looked through when the system reports no change, in "
             "milliseconds."},
    {0},
};

void folder_log(const struct folder *folder, enum vls_level level, const char *name,
                const char *text)
{
    char line[NAME_ROOM + sizeof((struct vls_why *)NULL)->text];
    snprintf(line, sizeof line, "%s: %s", name, text);
    folder->host->log(folder->host->ctx, level, line);
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t why_room)
{
    struct folder *folder = vls_mem_new(sizeof *folder);
    (void)why;
    (void)why_room;
    folder->host = host;
    folder->poll_ms = (uint32_t)host->setting_number(host->ctx, "poll-ms");
    folder->notify = folder->outbox = folder->sent = folder->held = folder->inbox = -1;
    folder->marks = folder->part = folder->parts = -1;
    *out_state = folder;
    return 0;
}

struct vls_status folder_path(const struct folder *folder, const char *setting, char *out,
                              size_t room)
{
    const char *set = folder->host->setting(folder->host->ctx, setting);
    const char *base = folder->host->setting(folder->host->ctx, "directory");
    return vls_path_join(base, set != NULL ? set : setting, out, room);
}

static struct vls_status open_one(struct folder *folder, const char *name, int *out_fd,
                                  struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    VLS_TRY(folder_path(folder, name, path, sizeof path));
    return folder_open_directory(path, out_fd, why);
}

static struct vls_status check_one_file_system(const struct folder *folder, struct vls_why *why)
{
    struct stat outbox, sent, held;
    if (fstat(folder->outbox, &outbox) != 0 || fstat(folder->sent, &sent) != 0 ||
        fstat(folder->held, &held) != 0 || outbox.st_dev != sent.st_dev ||
        outbox.st_dev != held.st_dev)
        return vls_fail(VLS_SYSTEM_ACCESS, why,
                        "outbox, sent and held must be on one file system, so that a document is "
                        "moved at once or not at all");
    if (outbox.st_ino == sent.st_ino || outbox.st_ino == held.st_ino)
        return vls_fail(VLS_SYSTEM_ACCESS, why,
                        "outbox must be another directory than sent and held");
    return VLS_DONE;
}

static struct vls_status open_all(struct folder *folder, struct vls_why *why)
{
    VLS_TRY(open_one(folder, "outbox", &folder->outbox, why));
    VLS_TRY(open_one(folder, "sent", &folder->sent, why));
    VLS_TRY(open_one(folder, "held", &folder->held, why));
    VLS_TRY(open_one(folder, "inbox", &folder->inbox, why));
    VLS_TRY(check_one_file_system(folder, why));
    VLS_TRY(inbox_start(folder, why));
    /* one that may not send takes messages all the same */
    return folder->source != NULL ? outbox_start(folder, why) : VLS_DONE;
}

static int start(const struct vls_host *host, void *state, char *why_text, size_t why_room)
{
    struct folder *folder = state;
    struct vls_why why = {{0}};
    folder->source = host->service(host->ctx, "valise.source/1");
    folder->state = host->service(host->ctx, "valise.state/1");
    folder->about = host->service(host->ctx, "valise.about/1");
    bool may_send = (host->caps & VLS_CAP_SEND) != 0;
    if ((folder->source == NULL && may_send) || folder->state == NULL) {
        vls_text_copy(why_text, why_room, "this host lacks valise.source/1 or valise.state/1");
        return -1;
    }
    if ((host->abi & 0xffffu) < ABI_WITH_HANDLING) {
        vls_text_copy(why_text, why_room,
                      "this host would send a document without its embargo and what else a "
                      "side-car states; the plugin needs a newer gateway");
        return -1;
    }
    if (vls_ok(open_all(folder, &why)))
        return 0;
    vls_text_copy(why_text, why_room, why.text);
    return -1;
}

static void stop(void *state)
{
    struct folder *folder = state;
    outbox_stop(folder);
    inbox_stop(folder);
    int *fds[] = {&folder->outbox, &folder->sent, &folder->held, &folder->inbox};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        vls_fd_close(fds[i]);
    vls_mem_free(folder);
}

static const struct vls_plugin FOLDER = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_FILES | VLS_CAP_STATE,
    .caps_want = VLS_CAP_SEND | VLS_CAP_RECEIVE,
    .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK,
    .id = "folder",
    .version = "1.0",
    .summary =
        "Sends documents that are put into a directory, and puts received ones into another.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = outbox_poll,
    .committed = outbox_committed,
    .deliver_begin = inbox_begin,
    .part_begin = inbox_part_begin,
    .part_bytes = inbox_part_bytes,
    .part_end = inbox_part_end,
    .deliver_end = inbox_end,
    .deliver_abort = inbox_abort,
};

VLS_PLUGIN_EXPORT(FOLDER)
