/* valise open: the documents of a message, for an operator who is cleared for its label. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "about.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "client.h"
#include "envelope/about.h"
#include "envelope/archive_labels.h"
#include "label/marking.h"
#include "labels.h"
#include "opened.h"
#include "output.h"
#include "show.h"

#define DOCUMENTS "documents"

/** What is being written: a directory of another name, renamed when it is whole. Documents have a
 * directory of their own in it, as in the archive: one may be named labels.xml. */
struct opened {
    const char *path;
    char temporary[VLS_MAX_PATH]; /* "": not made yet */
    int dir_fd, documents_fd, fd;
    const struct vls_label *whole;
    const struct vls_scheme_set *schemes;
    uint64_t now_ms;
    struct vls_label labels[VLS_MAX_PARTS]; /* of the documents */
    char *names[VLS_MAX_PARTS];
    uint64_t bytes[VLS_MAX_PARTS];
    size_t count, begun;
    Valise__About *abouts[VLS_MAX_PARTS]; /* what they are; NULL: nothing is said */
    json_t *handling; /* how its sender states that it is to be handled: what is stated of it */
};

/* -- writing ----------------------------------------------------------------------------------- */

static VLS_STATUS make_directories(struct opened *o, struct vls_why *why)
{
    char temporary[VLS_MAX_PATH];
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", o->path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return vls_cli_usage(why, "--to", "the path is too long");
    if (mkdtemp(temporary) == NULL) /* mode 0700 */
        return vls_cli_output_failed(o->path, errno, why);
    vls_text_copy(o->temporary, sizeof o->temporary, temporary);
    o->dir_fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (o->dir_fd >= 0 && mkdirat(o->dir_fd, DOCUMENTS, 0700) == 0)
        o->documents_fd = openat(o->dir_fd, DOCUMENTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (o->documents_fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be made", temporary);
    return VLS_DONE;
}

static VLS_STATUS create(int dir_fd, const char *name, int *out_fd, struct vls_why *why)
{
    int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be made", name);
    *out_fd = fd;
    return VLS_DONE;
}

static VLS_STATUS finish_file(int *fd, const char *name, struct vls_why *why)
{
    struct vls_status status = fsync(*fd) == 0 ? VLS_DONE
                                               : vls_fail_errno(VLS_SYSTEM_IO, why, errno,
                                                                "%.120s: cannot be synced", name);
    vls_fd_close(fd);
    return status;
}

static void note(json_t *handling, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_object_set_new(handling, name, vls_json_text(value));
}

static void note_names(json_t *handling, const char *name, const struct vls_descriptor_names *names)
{
    json_t *list = names->count != 0 ? json_array() : NULL;
    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(list, vls_json_text(names->at[i]));
    if (list != NULL)
        json_object_set_new(handling, name, list);
}

static json_t *handling_of(const struct vls_descriptor *d)
{
    json_t *handling = json_object();
    note(handling, "distribution", d->distribution);
    if (d->has_personal_data)
        json_object_set_new(handling, "personal_data", json_true());
    note(handling, "safeguards", d->safeguards);
    if (d->embargo_until_ms != 0)
        json_object_set_new(handling, "embargo", vls_json_time(d->embargo_until_ms));
    note_names(handling, "audience", &d->audience);
    note_names(handling, "topics", &d->topics);
    note(handling, "answer_state", d->answer_state);
    return handling;
}

static Valise__About *about_of(const struct vls_descriptor *d, size_t i)
{
    const struct vls_descriptor_abouts *all = &d->abouts;
    Valise__About merged; /* borrows */
    vls_about_merge(vls_abouts_of(all->at, all->count, 0),
                    vls_abouts_of(all->at, all->count, (uint32_t)i + 1), &merged);
    return vls_about_is_empty(&merged) ? NULL : vls_about_copy(&merged);
}

/* Nothing is written before the labels inside have been held against the manifest's. */
static struct vls_status on_begin(void *ctx, const struct vls_descriptor *descriptor,
                                  struct vls_slice labels_xml, struct vls_why *why)
{
    struct opened *o = ctx;
    VLS_TRY(vls_archive_labels_check(labels_xml, o->whole, descriptor, o->schemes, o->now_ms,
                                     o->labels, why));
    o->count = descriptor->part_count;
    for (size_t i = 0; i < o->count; i++) {
        o->names[i] = vls_mem_dup(descriptor->parts[i].name);
        o->bytes[i] = descriptor->parts[i].bytes;
        o->abouts[i] = about_of(descriptor, i);
    }
    o->handling = handling_of(descriptor);
    VLS_TRY(make_directories(o, why));
    VLS_TRY(create(o->dir_fd, VLS_ARCHIVE_LABELS, &o->fd, why));
    VLS_TRY(vls_cli_about(vls_fd_write(o->fd, labels_xml, why), VLS_ARCHIVE_LABELS, why));
    return finish_file(&o->fd, VLS_ARCHIVE_LABELS, why);
}

static struct vls_status on_part_begin(void *ctx, size_t number, struct vls_why *why)
{
    struct opened *o = ctx;
    if (number >= o->count || !vls_text_is_file_name(o->names[number]))
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "the name of document %zu is not one safe path component", number);
    VLS_TRY(create(o->documents_fd, o->names[number], &o->fd, why));
    o->begun = number + 1;
    return VLS_DONE;
}

static struct vls_status on_part_bytes(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    struct opened *o = ctx;
    return vls_cli_about(vls_fd_write(o->fd, bytes, why), o->names[o->begun - 1], why);
}

static struct vls_status on_part_end(void *ctx, struct vls_why *why)
{
    struct opened *o = ctx;
    return finish_file(&o->fd, o->names[o->begun - 1], why);
}

/* rename() replaces nothing but an empty directory. */
static VLS_STATUS keep(struct opened *o, struct vls_why *why)
{
    if (fsync(o->documents_fd) != 0 || fsync(o->dir_fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be synced", o->temporary);
    if (rename(o->temporary, o->path) != 0)
        return vls_cli_output_failed(o->path, errno, why);
    o->temporary[0] = '\0';
    return vls_file_sync_parent(o->path, why);
}

static VLS_STATUS write_documents(struct opened *o, int archive_fd, struct vls_why *why)
{
    const struct vls_archive_events events = {.ctx = o,
                                              .begin = on_begin,
                                              .part_begin = on_part_begin,
                                              .part_bytes = on_part_bytes,
                                              .part_end = on_part_end};
    VLS_TRY(vls_archive_read(archive_fd, &events, why));
    return keep(o, why);
}

/* What did not become whole goes away. */
static void opened_fini(struct opened *o)
{
    vls_fd_close(&o->fd);
    if (o->temporary[0] != '\0') {
        for (size_t i = 0; i < o->begun; i++)
            unlinkat(o->documents_fd, o->names[i], 0);
        unlinkat(o->dir_fd, VLS_ARCHIVE_LABELS, 0);
        unlinkat(o->dir_fd, DOCUMENTS, AT_REMOVEDIR);
        rmdir(o->temporary);
    }
    vls_fd_close(&o->documents_fd);
    vls_fd_close(&o->dir_fd);
    for (size_t i = 0; i < o->count; i++) {
        vls_label_fini(&o->labels[i]);
        vls_mem_free(o->names[i]);
        vls_about_free(&o->abouts[i]);
    }
    json_decref(o->handling);
}

/* -- telling ----------------------------------------------------------------------------------- */

static VLS_STATUS add_row(struct cli *cli, const struct opened *o, size_t i, struct table *table,
                          struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf label, marking;
    vls_buf_init(&label, VLS_MAX_LABEL_TEXT);
    vls_buf_init(&marking, VLS_MAX_MARKING);
    VLS_TRY(vls_label_text(&o->labels[i], &label));
    VLS_TRY(vls_label_marking(&o->labels[i], &marking));
    if (cli->is_json) {
        char file[VLS_MAX_PATH + VLS_MAX_FILE_NAME + sizeof DOCUMENTS + 2];
        snprintf(file, sizeof file, "%s/" DOCUMENTS "/%s", o->path, o->names[i]);
        json_t *object = json_object();
        json_object_set_new(object, "name", vls_json_text(o->names[i]));
        json_object_set_new(object, "bytes", vls_json_number(o->bytes[i]));
        json_object_set_new(object, "label", vls_json_text(vls_buf_text(&label)));
        json_object_set_new(object, "marking", vls_json_text(vls_buf_text(&marking)));
        json_object_set_new(object, "file", vls_json_text(file));
        if (json_object_size(o->handling) != 0)
            json_object_set(object, "handling", o->handling);
        if (o->abouts[i] != NULL)
            json_object_set_new(object, "about", vls_about_json(o->abouts[i]));
        return vls_json_line(cli, object, why);
    }
    char size[TABLE_SIZE_TEXT];
    vls_size_text(o->bytes[i], size);
    vls_table_add(table, o->names[i]);
    vls_table_add(table, size);
    vls_table_add(table, vls_buf_text(&label));
    vls_table_add(table, vls_buf_text(&marking));
    return VLS_DONE;
}

/* "answer_state" is for programs. */
static void print_handling(struct cli *cli, const struct opened *o)
{
    json_t *all = o->handling;
    for (void *at = json_object_iter(all); at != NULL; at = json_object_iter_next(all, at)) {
        const json_t *value = json_object_iter_value(at);
        char *name VLS_DEFER(vls_mem_freep) = vls_mem_dup(json_object_iter_key(at));
        for (char *c = strchr(name, '_'); c != NULL; c = strchr(c, '_'))
            *c = ' ';
        if (!json_is_array(value))
            vls_print_field(cli, name, json_is_true(value) ? "yes" : json_string_value(value));
        for (size_t i = 0; i < json_array_size(value); i++)
            vls_print_field(cli, name, json_string_value(json_array_get(value, i)));
    }
    if (json_object_size(all) != 0)
        fputc('\n', cli->out);
}

static void print_about(struct cli *cli, const struct opened *o, size_t i)
{
    if (o->abouts[i] == NULL)
        return;
    fputc('\n', cli->out);
    vls_print_field(cli, "document", o->names[i]);
    vls_about_print(cli, o->abouts[i]);
}

static VLS_STATUS print(struct cli *cli, const struct opened *o, struct vls_why *why)
{
    static const char *const TITLES[] = {"NAME", ">SIZE", "LABEL", "MARKING", NULL};
    struct table table;
    struct vls_status status = VLS_DONE;
    vls_table_init(&table, TITLES);
    if (!cli->is_json)
        print_handling(cli, o);
    for (size_t i = 0; i < o->count && vls_ok(status); i++)
        status = add_row(cli, o, i, &table, why);
    if (vls_ok(status) && !cli->is_json)
        vls_table_print(cli, &table);
    vls_table_fini(&table);
    for (size_t i = 0; i < o->count && vls_ok(status) && !cli->is_json; i++)
        print_about(cli, o, i);
    return status;
}

/* -- asking ------------------------------------------------------------------------------------ */

/* A large message takes its time: there is no limit while the gateway lives. */
static void wait_on(void *ctx)
{
    (void)ctx;
}

static VLS_STATUS ask(struct cli *cli, struct vls_slice id, const char *note,
                      struct client_answer *out, struct vls_why *why)
{
    if (note != NULL && !vls_text_is_clean(vls_slice_text(note), false))
        return vls_cli_usage(why, "--note", "holds control characters; write one line of UTF-8");
    Valise__OperatorOpen open = VALISE__OPERATOR_OPEN__INIT;
    open.id = (ProtobufCBinaryData){id.len, (uint8_t *)(uintptr_t)id.at};
    if (note != NULL)
        open.note = (char *)note;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_OPEN;
    request.open = &open;
    const struct client_question question = {.request = &request, .on_wait = wait_on};
    return vls_client_ask(cli, &question, out, why);
}

static VLS_STATUS take(struct cli *cli, const char *path, const struct client_answer *answer,
                       const struct vls_scheme_set *schemes, bool is_told, struct vls_why *why)
{
    struct vls_label whole VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    const Valise__Opened *opened = answer->reply->opened;
    if (opened == NULL || answer->fds.count != 1)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no documents");
    VLS_TRY(vls_label_decode(VLS_SLICE(opened->label_der.data, opened->label_der.len), schemes,
                             &whole, why));
    struct opened *o = vls_mem_new(sizeof *o);
    *o = (struct opened){.path = path,
                         .dir_fd = -1,
                         .documents_fd = -1,
                         .fd = -1,
                         .whole = &whole,
                         .schemes = schemes,
                         .now_ms = vls_wall_ms(cli->env)};
    struct vls_status status = write_documents(o, answer->fds.fd[0], why);
    if (vls_ok(status) && is_told)
        status = print(cli, o, why);
    opened_fini(o);
    vls_mem_free(o);
    return status;
}

struct vls_status vls_open_into(struct cli *cli, struct vls_slice id, const char *note,
                                const char *path, const struct vls_scheme_set *schemes,
                                bool is_told, struct vls_why *why)
{
    struct client_answer answer;
    VLS_TRY(ask(cli, id, note, &answer, why));
    struct vls_status status = take(cli, path, &answer, schemes, is_told, why);
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_open(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *given = NULL;
    char path[VLS_MAX_PATH];
    VLS_TRY(vls_cli_need(args, "to", &given, why));
    if (strlen(given) >= sizeof path)
        return vls_cli_usage(why, "--to", "the path is too long");
    vls_text_copy(path, sizeof path, given);
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    VLS_TRY(vls_cli_output_check(path, why));
    struct vls_scheme_set schemes = {.count = 0};
    VLS_TRY(vls_cli_schemes_of_config(cli, &schemes, why));
    uint8_t id[VLS_ID_BYTES];
    size_t len = 0;
    struct vls_status status = vls_cli_id(args->operands[0], id, &len, why);
    if (vls_ok(status))
        status = vls_open_into(cli, VLS_SLICE(id, len), vls_cli_value(args, "note"), path, &schemes,
                               true, why);
    vls_scheme_set_free(&schemes);
    return status;
}
