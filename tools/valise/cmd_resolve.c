/* valise resolve: one document by its symbol or address, through the plugins that can fetch it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "client.h"
#include "found.h"
#include "output.h"
#include "show.h"
#include "wire/result.h"

#define EXIT_INCOMPLETE 23 /* something that was asked for is not there */
#define MAX_LANGUAGES   16

/* -- writing ----------------------------------------------------------------------------------- */

/** A directory under another name, renamed when it is whole: in it one for each language. */
struct output {
    const char *path;             /* NULL: nothing is written */
    char temporary[VLS_MAX_PATH]; /* "": not made yet */
    int dir_fd;
    char *files[VLS_MAX_FRAME_FDS]; /* below it, as they were made */
    char *dirs[MAX_LANGUAGES + 1];
    size_t file_count, dir_count;
};

static VLS_STATUS make_directory(struct output *o, struct vls_why *why)
{
    char temporary[VLS_MAX_PATH];
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", o->path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return vls_cli_usage(why, "--output", "the path is too long");
    if (mkdtemp(temporary) == NULL) /* mode 0700 */
        return vls_cli_output_failed(o->path, errno, why);
    vls_text_copy(o->temporary, sizeof o->temporary, temporary);
    o->dir_fd = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return o->dir_fd >= 0 ? VLS_DONE
                          : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s", temporary);
}

/* The gateway's answer says what the bytes have to be. */
static VLS_STATUS copy(int from, int to, const Valise__ResolvedPart *part, struct vls_why *why)
{
    uint8_t *chunk VLS_DEFER(vls_mem_freep) = vls_mem_new(VLS_IO_CHUNK);
    struct vls_hash *hash VLS_DEFER(vls_hash_free) = vls_hash_new();
    for (uint64_t at = 0; at < part->part->bytes;) {
        uint64_t left = part->part->bytes - at;
        size_t len = left < VLS_IO_CHUNK ? (size_t)left : VLS_IO_CHUNK;
        VLS_TRY(vls_fd_read_at(from, chunk, len, at, why));
        VLS_TRY(vls_fd_write(to, VLS_SLICE(chunk, len), why));
        vls_hash_add(hash, VLS_SLICE(chunk, len));
        at += len;
    }
    struct vls_digest digest = vls_hash_finish(hash);
    if (!vls_slice_is_equal(vls_digest_slice(&digest),
                            VLS_SLICE(part->digest.data, part->digest.len)))
        return vls_fail(VLS_ENVELOPE_DIGEST, why, "%.120s has changed since it was fetched",
                        part->part->name);
    return fsync(to) == 0 ? VLS_DONE
                          : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be synced",
                                           part->part->name);
}

static VLS_STATUS write_file(struct output *o, const char *name, int from,
                             const Valise__ResolvedPart *part, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close)
    int fd = openat(o->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be made", name);
    o->files[o->file_count++] = vls_mem_dup(name);
    return copy(from, fd, part, why);
}

static VLS_STATUS write_row(struct output *o, const Valise__ResolveRow *row, const int *fds,
                            struct vls_why *why)
{
    char name[2 * VLS_MAX_FILE_NAME + 2];
    bool has_language = row->language[0] != '\0';
    if (o->temporary[0] == '\0')
        VLS_TRY(make_directory(o, why));
    if (has_language) {
        if (o->dir_count > MAX_LANGUAGES || !vls_text_is_file_name(row->language) ||
            mkdirat(o->dir_fd, row->language, 0700) != 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.80s: cannot be made",
                                  row->language);
        o->dirs[o->dir_count++] = vls_mem_dup(row->language);
    }
    for (size_t i = 0; i < row->n_parts; i++) {
        const Valise__ResolvedPart *part = row->parts[i];
        if (!vls_text_is_file_name(part->part->name))
            return vls_fail(VLS_WIRE_MALFORMED, why,
                            "the name of a document is not one safe path component");
        snprintf(name, sizeof name, "%s%s%s", row->language, has_language ? "/" : "",
                 part->part->name);
        VLS_TRY(write_file(o, name, fds[i], part, why));
    }
    return VLS_DONE;
}

static VLS_STATUS keep(struct output *o, struct vls_why *why)
{
    if (o->temporary[0] == '\0')
        return VLS_DONE;
    if (fsync(o->dir_fd) != 0 || rename(o->temporary, o->path) != 0)
        return vls_cli_output_failed(o->path, errno, why);
    o->temporary[0] = '\0';
    return vls_file_sync_parent(o->path, why);
}

static VLS_STATUS write_all(struct output *o, const struct client_answer *answer,
                            struct vls_why *why)
{
    size_t used = 0;
    for (size_t i = 0; i < answer->reply->n_resolved; i++) {
        const Valise__ResolveRow *row = answer->reply->resolved[i];
        if (!row->has_documents)
            continue;
        if (row->n_parts > answer->fds.count - used)
            return vls_fail(VLS_WIRE_MALFORMED, why, "documents are missing in the answer");
        VLS_TRY(write_row(o, row, answer->fds.fd + used, why));
        used += row->n_parts;
    }
    return keep(o, why);
}

/* What did not become whole goes away. */
static void output_fini(struct output *o)
{
    for (size_t i = 0; i < o->file_count; i++) {
        if (o->temporary[0] != '\0')
            unlinkat(o->dir_fd, o->files[i], 0);
        vls_mem_free(o->files[i]);
    }
    for (size_t i = 0; i < o->dir_count; i++) {
        if (o->temporary[0] != '\0')
            unlinkat(o->dir_fd, o->dirs[i], AT_REMOVEDIR);
        vls_mem_free(o->dirs[i]);
    }
    if (o->temporary[0] != '\0')
        rmdir(o->temporary);
    vls_fd_close(&o->dir_fd);
}

/* -- telling ----------------------------------------------------------------------------------- */

static json_t *part_json(const struct output *o, const Valise__ResolveRow *row,
                         const Valise__ResolvedPart *part)
{
    json_t *object = json_object();
    char file[VLS_MAX_PATH + 2 * VLS_MAX_FILE_NAME + 3];
    json_object_set_new(object, "name", vls_json_text(part->part->name));
    json_object_set_new(object, "media_type", vls_json_text(part->part->media_type));
    json_object_set_new(object, "sniffed", vls_json_text(part->sniffed));
    json_object_set_new(object, "bytes", vls_json_number(part->part->bytes));
    json_object_set_new(object, "sha256", vls_json_hex(part->digest));
    json_object_set_new(object, "label", vls_json_text(part->part->label));
    snprintf(file, sizeof file, "%s/%s%s%s", o->path != NULL ? o->path : "", row->language,
             row->language[0] != '\0' ? "/" : "", part->part->name);
    if (row->has_documents)
        json_object_set_new(object, "file", vls_json_text(file));
    return object;
}

static json_t *row_json(const struct output *o, const Valise__ResolveRow *row)
{
    json_t *object = json_object(), *documents = json_array();
    json_object_set_new(object, "language", vls_json_text(row->language));
    json_object_set_new(object, "plugin", vls_json_text(row->plugin));
    vls_found_json(row->finding, object);
    for (size_t i = 0; i < row->n_parts; i++)
        json_array_append_new(documents, part_json(o, row, row->parts[i]));
    json_object_set_new(object, "documents", documents);
    json_object_set_new(object, "kept_back", vls_json_text(row->kept_back));
    return object;
}

static void add_row(struct table *table, const Valise__ResolveRow *row)
{
    char text[FOUND_TEXT], size[TABLE_SIZE_TEXT];
    vls_found_text(row->finding, text);
    for (size_t i = 0; i < row->n_parts || i == 0; i++) {
        const Valise__ResolvedPart *part = row->n_parts != 0 ? row->parts[i] : NULL;
        vls_table_add(table, row->language[0] != '\0' ? row->language : "-");
        vls_table_add(table, row->plugin);
        vls_table_add_coloured(table, vls_found_word(row->finding), vls_found_colour(row->finding));
        vls_size_text(part != NULL ? part->part->bytes : 0, size);
        vls_table_add(table, part != NULL ? part->part->name : "-");
        vls_table_add(table, part != NULL ? size : "-");
        vls_table_add(table, part != NULL && part->sniffed[0] != '\0' ? part->sniffed : "-");
        vls_table_add(table, row->kept_back[0] != '\0' ? row->kept_back : text);
    }
}

static VLS_STATUS show(struct cli *cli, const struct output *o, const Valise__OperatorReply *reply,
                       struct vls_why *why)
{
    static const char *const TITLES[] = {"LANGUAGE", "PLUGIN", "OUTCOME", "DOCUMENT",
                                         ">SIZE",    "TYPE",   "WHY",     NULL};
    struct vls_status status = VLS_DONE;
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; vls_ok(status) && i < reply->n_resolved; i++) {
        if (cli->is_json)
            status = vls_json_line(cli, row_json(o, reply->resolved[i]), why);
        else
            add_row(&table, reply->resolved[i]);
    }
    if (!cli->is_json)
        vls_table_print(cli, &table);
    vls_table_fini(&table);
    return status;
}

/* -- asking ------------------------------------------------------------------------------------ */

static bool was_delivered(const Valise__OperatorReply *reply, const char *language)
{
    for (size_t i = 0; i < reply->n_resolved; i++)
        if (strcmp(reply->resolved[i]->language, language) == 0 &&
            reply->resolved[i]->finding != NULL &&
            reply->resolved[i]->finding->result == VLS_FOUND_DELIVERED)
            return true;
    return false;
}

/* Of a document that is kept back nothing was written, whatever was found. */
static bool is_complete(const Valise__OperatorReply *reply, const Valise__OperatorResolve *asked)
{
    bool is_there = asked->n_languages != 0 || was_delivered(reply, "");
    for (size_t i = 0; i < asked->n_languages; i++)
        is_there = is_there && was_delivered(reply, asked->languages[i]);
    for (size_t i = 0; i < reply->n_resolved; i++)
        is_there = is_there && reply->resolved[i]->kept_back[0] == '\0';
    return is_there;
}

static VLS_STATUS read_languages(const struct cli_args *args, const char *languages[MAX_LANGUAGES],
                                 Valise__OperatorResolve *out, struct vls_why *why)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const struct cli_given *given = &args->given[i];
        if (strcmp(given->option->name, "language") != 0)
            continue;
        if (out->n_languages == MAX_LANGUAGES)
            return vls_cli_usage(why, "--language", "%d at most", MAX_LANGUAGES);
        if (!vls_text_is_file_name(given->value))
            return vls_cli_usage(why, "--language",
                                 "'%.40s' is no name of a language; write \"fr\"", given->value);
        for (size_t k = 0; k < out->n_languages; k++)
            if (strcmp(languages[k], given->value) == 0)
                return vls_cli_usage(why, "--language", "'%.40s' is given twice", given->value);
        languages[out->n_languages++] = given->value;
    }
    out->languages = (char **)(uintptr_t)languages;
    return VLS_DONE;
}

/* As long as a resolver takes. */
static void keep_waiting(void *ctx)
{
    (void)ctx;
}

struct vls_status vls_cmd_resolve(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    Valise__OperatorResolve resolve = VALISE__OPERATOR_RESOLVE__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    const char *languages[MAX_LANGUAGES];
    VLS_DEFER(output_fini)
    struct output output = {.path = vls_cli_value(args, "output"), .dir_fd = -1};
    char *what = (char *)(uintptr_t)args->operands[0];
    struct client_answer answer;
    if (strstr(what, "://") != NULL)
        resolve.url = what;
    else
        resolve.symbol = what;
    VLS_TRY(read_languages(args, languages, &resolve, why));
    if (output.path != NULL)
        VLS_TRY(vls_cli_output_check(output.path, why));
    if (vls_cli_has(args, "plugin"))
        resolve.plugin = (char *)(uintptr_t)vls_cli_value(args, "plugin");
    if (vls_cli_has(args, "note"))
        resolve.reason = (char *)(uintptr_t)vls_cli_value(args, "note");
    resolve.with_documents = output.path != NULL;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_RESOLVE;
    request.resolve = &resolve;
    const struct client_question question = {.request = &request, .on_wait = keep_waiting};
    VLS_TRY(vls_client_ask(cli, &question, &answer, why));
    struct vls_status status = VLS_DONE;
    if (output.path != NULL)
        status = write_all(&output, &answer, why);
    if (vls_ok(status))
        status = show(cli, &output, answer.reply, why);
    if (vls_ok(status) && !is_complete(answer.reply, &resolve))
        cli->exit_status = EXIT_INCOMPLETE;
    vls_client_answer_fini(&answer);
    return status;
}
