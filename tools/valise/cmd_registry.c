/* valise registry: who exchanged what is classified, when, who may open it, and who did. */
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "output.h"
#include "registry.h"
#include "show.h"
#include "sub.h"

#define SHORT_ID 18 /* as valise list cuts it */

static VLS_STATUS time_of(const struct cli_args *args, const char *name, uint64_t *out,
                          struct vls_why *why)
{
    char option[16];
    const char *text = vls_cli_value(args, name);
    snprintf(option, sizeof option, "--%s", name);
    if (text == NULL || vls_ok(vls_time_read(text, out)))
        return VLS_DONE;
    return vls_cli_usage(why, option, "'%.40s' is no time; write 2026-11-23T00:00:00Z", text);
}

static VLS_STATUS read_which(const struct cli_args *args, Valise__OperatorRegistry *out,
                             struct vls_why *why)
{
    VLS_TRY(time_of(args, "from", &out->from_ms, why));
    VLS_TRY(time_of(args, "to", &out->to_ms, why));
    out->with_lowest = vls_cli_has(args, "all");
    if (vls_cli_value(args, "party") != NULL)
        out->party = (char *)vls_cli_value(args, "party");
    return VLS_DONE;
}

/* -- for people -------------------------------------------------------------------------------- */

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

static void add_number(struct table *table, const json_t *row, const char *name)
{
    vls_table_add_format(table, "%lld", (long long)json_integer_value(json_object_get(row, name)));
}

/** "2026-11-23T18:45:01.123Z" to the second, "-" for null. */
static void add_time(struct table *table, const json_t *row, const char *name)
{
    char shown[VLS_TIME_TEXT];
    uint64_t ms = 0;
    if (!vls_ok(vls_time_read(text_of(row, name), &ms)))
        ms = 0;
    vls_time_for_people(ms, shown);
    vls_table_add(table, shown);
}

static void add_readers(struct table *table, const json_t *row)
{
    char all[512] = "";
    const json_t *readers = json_object_get(row, "readers");
    for (size_t i = 0; i < json_array_size(readers); i++) {
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i != 0 ? ", " : "",
                 json_string_value(json_array_get(readers, i)));
    }
    vls_table_add(table, all);
}

static void add_row(const struct cli *cli, struct table *table, const json_t *row)
{
    char id[VLS_ID_TEXT];
    vls_text_copy(id, sizeof id, text_of(row, "id"));
    if (cli->is_terminal)
        id[SHORT_ID] = '\0';
    vls_table_add(table, id);
    vls_table_add(table, text_of(row, "direction"));
    vls_table_add(table, text_of(row, "party"));
    vls_table_add(table, text_of(row, "kind"));
    vls_table_add(table, text_of(row, "label"));
    vls_table_add(table, text_of(row, "origin"));
    add_time(table, row, "created");
    add_time(table, row, "receipted");
    add_number(table, row, "copies");
    add_number(table, row, "openings");
    vls_table_add(table, json_is_null(json_object_get(row, "erased")) ? "" : "erased");
    add_readers(table, row);
}

/* As on paper: the marking stands above and below. */
static void print_marked(struct cli *cli, const struct registry *registry,
                         const struct table *table)
{
    fprintf(cli->out, "%s\n\n", registry->marking);
    vls_table_print(cli, table);
    fprintf(cli->out, "\n%s\n", registry->marking);
}

static void print_list(struct cli *cli, const struct registry *registry)
{
    static const char *const TITLES[] = {"ID",   "WAY",     "PARTNER",   "KIND",    "LABEL",
                                         "FROM", "CREATED", "RECEIPTED", ">COPIES", ">OPENINGS",
                                         "",     "READERS", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    for (size_t i = 0; i < json_array_size(registry->rows); i++)
        add_row(cli, &table, json_array_get(registry->rows, i));
    if (table.cell_count > 0)
        print_marked(cli, registry, &table);
    else
        fprintf(cli->err, "valise %s: nothing that you may see is classified\n", cli->command);
    vls_table_fini(&table);
}

static VLS_STATUS print_json(struct cli *cli, const struct registry *registry, struct vls_why *why)
{
    for (size_t i = 0; i < json_array_size(registry->rows); i++)
        VLS_TRY(vls_json_line(cli, json_incref(json_array_get(registry->rows, i)), why));
    return VLS_DONE;
}

static struct vls_status cmd_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    Valise__OperatorRegistry which = VALISE__OPERATOR_REGISTRY__INIT;
    struct registry registry;
    struct vls_status status = VLS_DONE;
    VLS_TRY(read_which(args, &which, why));
    VLS_TRY(vls_registry_collect(cli, &which, &registry, why));
    if (cli->is_json)
        status = print_json(cli, &registry, why);
    else
        print_list(cli, &registry);
    vls_registry_fini(&registry);
    return status;
}

static void print_entries(struct cli *cli, const struct registry *registry)
{
    static const char *const TITLES[] = {">ENTRY", "TIME", "KIND", "BY", "WORDS", NULL};
    const json_t *row = json_array_get(registry->rows, 0), *entries;
    struct table table;
    entries = json_object_get(row, "entries");
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        add_number(&table, entry, "place");
        add_time(&table, entry, "at");
        vls_table_add(&table, text_of(entry, "kind"));
        vls_table_add(&table, text_of(entry, "actor"));
        vls_table_add(&table, text_of(entry, "words"));
    }
    print_marked(cli, registry, &table);
    vls_table_fini(&table);
}

static struct vls_status cmd_show(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    Valise__OperatorRegistry which = VALISE__OPERATOR_REGISTRY__INIT;
    struct registry registry;
    struct vls_status status = VLS_DONE;
    VLS_TRY(vls_cli_id(args->operands[1], bytes, &len, why));
    which.id = (ProtobufCBinaryData){len, bytes};
    which.with_lowest = true;
    VLS_TRY(vls_registry_collect(cli, &which, &registry, why));
    if (cli->is_json)
        status = print_json(cli, &registry, why);
    else
        print_entries(cli, &registry);
    vls_registry_fini(&registry);
    return status;
}

/* -- export ------------------------------------------------------------------------------------ */

/* file_write_fn */
static struct vls_status write_csv(int fd, const void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf csv;
    vls_buf_init(&csv, REGISTRY_MAX_CSV);
    VLS_TRY(vls_registry_csv(ctx, &csv, why));
    return vls_fd_write(fd, vls_buf_slice(&csv), why);
}

static struct vls_status cmd_export(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    const char *path;
    Valise__OperatorRegistry which = VALISE__OPERATOR_REGISTRY__INIT;
    struct registry registry;
    VLS_TRY(vls_cli_need(args, "output", &path, why));
    VLS_TRY(read_which(args, &which, why));
    VLS_TRY(vls_cli_output_check(path, why));
    VLS_TRY(vls_registry_collect(cli, &which, &registry, why));
    struct vls_status status = vls_cli_output_make(path, write_csv, &registry, why);
    if (vls_ok(status) && cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "file", vls_json_text(path));
        json_object_set_new(object, "messages", vls_json_number(json_array_size(registry.rows)));
        json_object_set_new(object, "label", vls_json_text(registry.label));
        json_object_set_new(object, "marking", vls_json_text(registry.marking));
        status = vls_json_line(cli, object, why);
    } else if (vls_ok(status)) {
        fprintf(cli->out, "%s: %zu messages; %s\n", path, json_array_size(registry.rows),
                registry.marking[0] != '\0' ? registry.marking : "nothing labelled");
    }
    vls_registry_fini(&registry);
    return status;
}

static const struct cli_sub SUBS[] = {
    {"list", "all party from to", 0, 0, "", cmd_list},
    {"show", "", 1, 1, "ID", cmd_show},
    {"export", "output all party from to", 0, 0, "", cmd_export},
};

struct vls_status vls_cmd_registry(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
