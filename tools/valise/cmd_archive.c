/* valise archive: messages with all that proves them, as one bag for a records office. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "bag.h"
#include "base/file.h"
#include "base/text.h"
#include "config/config.h"
#include "envelope/parcel.h"
#include "envelope/proof.h"
#include "evidence_out.h"
#include "labels.h"
#include "opened.h"
#include "registry.h"
#include "show.h"

#define NOTE_ROOM 128

struct archive {
    struct cli *cli;
    const struct cli_args *args;
    struct bag bag;
    struct registry registry;
    struct vls_scheme_set schemes;
    const char *note;
    bool with_documents;
    size_t proven, opened, erased, unfinished;
};

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

/* -- which ------------------------------------------------------------------------------------- */

static VLS_STATUS time_of(const struct cli_args *args, const char *name, uint64_t *out,
                          struct vls_why *why)
{
    const char *text = vls_cli_value(args, name);
    if (text == NULL || vls_ok(vls_time_read(text, out)))
        return VLS_DONE;
    return vls_cli_usage(why, text, "is no time; write 2026-11-23T00:00:00Z");
}

/* What is under way has no receipt yet, and would be archived without what proves it. */
static bool has_ended(const json_t *row)
{
    static const char *const ENDS[] = {"receipted", "delivered", "withheld", "returned"};
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++)
        if (strcmp(text_of(row, "state"), ENDS[i]) == 0)
            return true;
    return false;
}

static bool is_named(const struct cli_args *args, const json_t *row)
{
    if (args->operand_count == 1)
        return true;
    for (size_t i = 1; i < args->operand_count; i++)
        if (strncmp(text_of(row, "id"), args->operands[i], strlen(args->operands[i])) == 0)
            return true;
    return false;
}

static VLS_STATUS choose(struct archive *a, struct vls_why *why)
{
    Valise__OperatorRegistry which = VALISE__OPERATOR_REGISTRY__INIT;
    which.with_lowest = true;
    if (vls_cli_value(a->args, "party") != NULL)
        which.party = (char *)vls_cli_value(a->args, "party");
    VLS_TRY(time_of(a->args, "from", &which.from_ms, why));
    VLS_TRY(time_of(a->args, "to", &which.to_ms, why));
    VLS_TRY(vls_registry_collect(a->cli, &which, &a->registry, why));
    for (size_t i = json_array_size(a->registry.rows); i > 0; i--) {
        const json_t *row = json_array_get(a->registry.rows, i - 1);
        a->unfinished += is_named(a->args, row) && !has_ended(row);
        if (!is_named(a->args, row) || !has_ended(row))
            json_array_remove(a->registry.rows, i - 1);
    }
    return json_array_size(a->registry.rows) > 0
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why,
                          "no message that has ended, and that you may see, is to be archived");
}

/* -- one message ------------------------------------------------------------------------------- */

static VLS_STATUS path_of(const struct archive *a, const char *id, const char *file,
                          char out[VLS_MAX_PATH], struct vls_why *why)
{
    char name[VLS_MAX_PATH];
    snprintf(name, sizeof name, ARCHIVE_MESSAGES "/%s/%s", id, file);
    return vls_bag_path(&a->bag, name, out, why);
}

static VLS_STATUS write_parcel(const char *path, const struct evidence_asked *asked,
                               struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be made", path);
    VLS_TRY(vls_parcel_write(fd, &asked->evidence, asked->content_fd, why));
    return fsync(fd) == 0
               ? VLS_DONE
               : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be synced", path);
}

static VLS_STATUS write_proof(struct archive *a, const char *path,
                              const struct evidence_asked *asked, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROVEN_FILE);
    if (asked->evidence.sent == NULL) /* it was never recorded as sent: withheld */
        return VLS_DONE;
    VLS_TRY(vls_proof_write(&asked->evidence, &text, why));
    a->proven++;
    return vls_file_write(path, vls_buf_slice(&text), 0600, why);
}

static VLS_STATUS write_files(struct archive *a, const char *id, bool is_erased,
                              const struct evidence_asked *asked, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    VLS_TRY(path_of(a, id, ARCHIVE_PROOF, path, why));
    VLS_TRY(write_proof(a, path, asked, why));
    if (!is_erased) {
        VLS_TRY(path_of(a, id, ARCHIVE_PARCEL, path, why));
        VLS_TRY(write_parcel(path, asked, why));
    }
    if (asked->evidence.decision.len == 0)
        return VLS_DONE;
    VLS_TRY(path_of(a, id, ARCHIVE_DECISION, path, why));
    return vls_file_write(
        path, VLS_SLICE(asked->evidence.decision.data, asked->evidence.decision.len), 0600, why);
}

/* The decision goes whole into the own archive: its digest is what the internal log holds. */
static VLS_STATUS ask_evidence(struct archive *a, const char *id, bool with_content,
                               struct evidence_asked *out, struct vls_why *why)
{
    static const struct cli_option WHOLE = {"with-house-rules", 0, NULL};
    struct cli_args args = {.operands = {id}, .operand_count = 1, .given_count = 1};
    args.given[0] = (struct cli_given){&WHOLE, NULL};
    return vls_evidence_ask(a->cli, &args, with_content, out, why);
}

static VLS_STATUS open_documents(struct archive *a, const char *id, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    VLS_TRY(vls_cli_id(id, bytes, &len, why));
    VLS_TRY(path_of(a, id, ARCHIVE_OPENED, path, why));
    VLS_TRY(vls_open_into(a->cli, VLS_SLICE(bytes, len), a->note, path, &a->schemes, false, why));
    a->opened++;
    return VLS_DONE;
}

static VLS_STATUS archive_message(struct archive *a, const json_t *row, struct vls_why *why)
{
    const char *id = text_of(row, "id");
    bool is_erased = !json_is_null(json_object_get(row, "erased"));
    struct evidence_asked asked;
    VLS_TRY(vls_cli_about(ask_evidence(a, id, !is_erased, &asked, why), id, why));
    struct vls_status status = write_files(a, id, is_erased, &asked, why);
    vls_evidence_asked_fini(&asked);
    VLS_TRY(status);
    a->erased += is_erased;
    return a->with_documents && !is_erased ? vls_cli_about(open_documents(a, id, why), id, why)
                                           : VLS_DONE;
}

/* -- the bag ----------------------------------------------------------------------------------- */

static VLS_STATUS write_registry(const struct archive *a, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf csv;
    vls_buf_init(&csv, REGISTRY_MAX_CSV);
    VLS_TRY(vls_registry_csv(&a->registry, &csv, why));
    return vls_bag_write(&a->bag, ARCHIVE_REGISTRY, vls_buf_slice(&csv), why);
}

static VLS_STATUS finish(struct archive *a, struct vls_why *why)
{
    char info[1024 + 2 * REGISTRY_LABELS], now[VLS_TIME_TEXT];
    struct vls_config *config = NULL;
    VLS_TRY(vls_config_load(a->cli->config, &config, why));
    vls_time_text(vls_wall_ms(a->cli->env), now);
    now[sizeof "2026-11-23" - 1] = '\0';
    int n =
        snprintf(info, sizeof info,
                 "Source-Organization: %s\n"
                 "Bagging-Date: %s\n"
                 "Bag-Software-Agent: valise " VALISE_VERSION "\n"
                 "External-Description: %zu messages of %s with what proves them, %s\n"
                 "Valise-Label: %s\n"
                 "Valise-Marking: %s\n",
                 config->node.name, now, json_array_size(a->registry.rows), config->node.party,
                 a->with_documents ? "opened" : "sealed", a->registry.label, a->registry.marking);
    vls_config_free(&config);
    if (n < 0 || (size_t)n >= sizeof info)
        return vls_fail(VLS_INPUT_LIMIT, why, "the name of the node is too long");
    return vls_bag_finish(&a->bag, VLS_SLICE(info, (size_t)n), why);
}

static VLS_STATUS tell(const struct archive *a, struct vls_why *why)
{
    struct cli *cli = a->cli;
    size_t messages = json_array_size(a->registry.rows);
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "archive", vls_json_text(a->bag.path));
        json_object_set_new(object, "messages", vls_json_number(messages));
        json_object_set_new(object, "proven", vls_json_number(a->proven));
        json_object_set_new(object, "opened", vls_json_number(a->opened));
        json_object_set_new(object, "erased", vls_json_number(a->erased));
        json_object_set_new(object, "under_way", vls_json_number(a->unfinished));
        json_object_set_new(object, "label", vls_json_text(a->registry.label));
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "%s: %zu messages, %zu with their proof, %zu opened; %s\n", a->bag.path,
            messages, a->proven, a->opened, a->registry.marking);
    if (a->erased > 0)
        fprintf(cli->err, "valise archive: the content of %zu was erased before\n", a->erased);
    if (a->unfinished > 0)
        fprintf(cli->err, "valise archive: %zu are under way and were left out\n", a->unfinished);
    return VLS_DONE;
}

static VLS_STATUS make(struct archive *a, struct vls_why *why)
{
    VLS_TRY(vls_bag_begin(&a->bag, a->args->operands[0], why));
    VLS_TRY(choose(a, why));
    for (size_t i = 0; i < json_array_size(a->registry.rows); i++)
        VLS_TRY(archive_message(a, json_array_get(a->registry.rows, i), why));
    VLS_TRY(write_registry(a, why));
    VLS_TRY(finish(a, why));
    return tell(a, why);
}

struct vls_status vls_cmd_archive(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *note = vls_cli_value(args, "note");
    struct archive a = {.cli = cli,
                        .args = args,
                        .note = note != NULL ? note : "for the archive",
                        .with_documents = vls_cli_has(args, "documents")};
    for (size_t i = 1; i < args->operand_count; i++) {
        uint8_t bytes[VLS_ID_BYTES];
        size_t len = 0;
        VLS_TRY(vls_cli_id(args->operands[i], bytes, &len, why));
    }
    VLS_TRY(vls_cli_schemes_of_config(cli, &a.schemes, why));
    struct vls_status status = make(&a, why);
    vls_bag_fini(&a.bag);
    vls_registry_fini(&a.registry);
    vls_scheme_set_free(&a.schemes);
    return status;
}
