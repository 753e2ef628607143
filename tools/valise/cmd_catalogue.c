/* valise catalogue: what is held, by words, symbols and how documents stand to each other. */
#include <inttypes.h>
#include <string.h>

#include "about.h"
#include "base/text.h"
#include "client.h"
#include "envelope/about.h"
#include "show.h"
#include "sub.h"

static const char *const FOUND[] = {"ID",       "WAY",  "PARTNER", "SYMBOL",
                                    "LANGUAGE", "DATE", "TITLE",   NULL};
static const char *const STANDING[] = {"ID",        "PARTNER", "SYMBOL", "LANGUAGE",
                                       "IT STANDS", "SAYS",    "TITLE",  NULL};
static const char *const BOTH[] = {"SYMBOL",   "LANGUAGE", "PARTNER", "SENT",
                                   "RECEIVED", "TITLE",    NULL};

/* -- asking ------------------------------------------------------------------------------------ */

static void take_option(const struct cli_args *args, const char *option, char **out)
{
    const char *value = vls_cli_value(args, option);
    if (value != NULL)
        *out = (char *)(uintptr_t)value;
}

static VLS_STATUS read_options(const struct cli_args *args, Valise__OperatorCatalogue *out,
                               struct vls_why *why)
{
    const char *limit = vls_cli_value(args, "limit");
    uint64_t number = 0;
    take_option(args, "symbol", &out->symbol);
    take_option(args, "issuer", &out->issuer);
    take_option(args, "body", &out->body);
    take_option(args, "subject", &out->subject);
    take_option(args, "language", &out->language);
    take_option(args, "party", &out->party);
    take_option(args, "direction", &out->direction);
    if (limit != NULL && !vls_ok(vls_number_read(limit, 1, 100, &number)))
        return vls_cli_usage(why, "--limit", "'%.40s' is not a number from 1 to 100", limit);
    out->limit = (uint32_t)number;
    return VLS_DONE;
}

static VLS_STATUS ask(struct cli *cli, Valise__OperatorCatalogue *what, struct client_answer *out,
                      struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_CATALOGUE;
    request.catalogue = what;
    return vls_client_ask(cli, &(struct client_question){.request = &request}, out, why);
}

/* -- one document ------------------------------------------------------------------------------ */

/* All its symbols, as printed. */
static void symbols_text(const Valise__About *about, struct vls_buf *out)
{
    struct vls_status s = VLS_DONE;
    for (size_t i = 0; about != NULL && i < about->n_symbols && vls_ok(s); i++)
        s = vls_buf_add_format(out, "%s%s", i > 0 ? "; " : "", about->symbols[i]);
    if (out->len == 0)
        VLS_IGNORE(vls_buf_add_text(out, "-"), "it has the room");
}

static void add_symbols(struct table *table, const Valise__About *about)
{
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, 1024);
    symbols_text(about, &text);
    vls_table_add(table, vls_buf_text(&text));
}

static const char *or_dash(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "-";
}

static void add_id(const struct cli *cli, struct table *table, ProtobufCBinaryData bytes)
{
    char id[VLS_ID_TEXT];
    vls_show_id(bytes, id);
    if (cli->is_terminal && id[0] != '\0')
        id[18] = '\0'; /* as valise list shortens it */
    vls_table_add(table, or_dash(id));
}

static const char *title_of(const Valise__CatalogueRow *row)
{
    return row->about != NULL && row->about->title[0] != '\0' ? row->about->title : row->name;
}

static const char *language_of(const Valise__CatalogueRow *row)
{
    return or_dash(row->about != NULL ? row->about->language : "");
}

json_t *vls_catalogue_json(const Valise__CatalogueRow *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", vls_json_id(row->id));
    json_object_set_new(object, "part", json_integer(row->part));
    json_object_set_new(object, "direction", vls_json_text(row->direction));
    json_object_set_new(object, "party", vls_json_text(row->party));
    json_object_set_new(object, "kind", vls_json_text(row->kind));
    json_object_set_new(object, "label", vls_json_text(row->label));
    json_object_set_new(object, "state", vls_json_text(row->state));
    json_object_set_new(object, "name", vls_json_text(row->name));
    json_object_set_new(object, "held", vls_json_time(row->held_ms));
    json_object_set_new(object, "about",
                        row->about != NULL ? vls_about_json(row->about) : json_object());
    if (row->stands[0] != '\0') {
        json_object_set_new(object, "stands", vls_json_text(row->stands));
        json_object_set_new(object, "by", vls_json_text(row->by));
        json_object_set_new(object, "percent", json_integer(row->percent));
    }
    if (row->other.len != 0) {
        json_object_set_new(object, "other", vls_json_id(row->other));
        json_object_set_new(object, "other_name", vls_json_text(row->other_name));
    }
    return object;
}

/* -- tables ------------------------------------------------------------------------------------ */

static void add_found(const struct cli *cli, struct table *table, const Valise__CatalogueRow *row)
{
    add_id(cli, table, row->id);
    vls_table_add(table, row->direction);
    vls_table_add(table, row->party);
    add_symbols(table, row->about);
    vls_table_add(table, language_of(row));
    vls_table_add(table, or_dash(row->about != NULL ? row->about->published : ""));
    vls_table_add(table, title_of(row));
}

static void add_standing(const struct cli *cli, struct table *table,
                         const Valise__CatalogueRow *row)
{
    add_id(cli, table, row->id);
    vls_table_add(table, or_dash(row->party));
    add_symbols(table, row->about);
    vls_table_add(table, language_of(row));
    if (row->percent != 0)
        vls_table_add_format(table, "%s (%" PRIu32 " %%)", row->stands, row->percent);
    else
        vls_table_add(table, row->stands);
    vls_table_add(table, row->by);
    vls_table_add(table, row->id.len != 0 ? title_of(row) : "not held");
}

static void add_both(const struct cli *cli, struct table *table, const Valise__CatalogueRow *row)
{
    add_symbols(table, row->about);
    vls_table_add(table, language_of(row));
    vls_table_add(table, row->party);
    add_id(cli, table, row->id);
    add_id(cli, table, row->other);
    vls_table_add(table, title_of(row));
}

typedef void (*add_fn)(const struct cli *, struct table *, const Valise__CatalogueRow *);

static VLS_STATUS print_rows(struct cli *cli, const Valise__OperatorReply *reply,
                             const char *const *titles, add_fn add, struct vls_why *why)
{
    struct table table;
    struct vls_status status = VLS_DONE;
    vls_table_init(&table, titles);
    table.is_fitted = true;
    for (size_t i = 0; i < reply->n_catalogue && vls_ok(status); i++) {
        if (cli->is_json)
            status = vls_json_line(cli, vls_catalogue_json(reply->catalogue[i]), why);
        else
            add(cli, &table, reply->catalogue[i]);
    }
    if (vls_ok(status) && !cli->is_json && reply->n_catalogue > 0)
        vls_table_print(cli, &table);
    else if (vls_ok(status) && !cli->is_json)
        fprintf(cli->err, "valise %s: there is nothing that this user may see\n", cli->command);
    if (reply->has_more)
        fprintf(cli->err, "valise %s: there is more; narrow it down\n", cli->command);
    vls_table_fini(&table);
    return status;
}

static VLS_STATUS ask_and_print(struct cli *cli, Valise__OperatorCatalogue *what,
                                const char *const *titles, add_fn add, struct vls_why *why)
{
    struct client_answer answer;
    VLS_TRY(ask(cli, what, &answer, why));
    struct vls_status status = print_rows(cli, answer.reply, titles, add, why);
    vls_client_answer_fini(&answer);
    return status;
}

/* -- sub-commands ------------------------------------------------------------------------------ */

static struct vls_status cmd_search(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf words;
    Valise__OperatorCatalogue what = VALISE__OPERATOR_CATALOGUE__INIT;
    what.verb = VALISE__OPERATOR_CATALOGUE__VERB__SEARCH;
    vls_buf_init(&words, 4096);
    for (size_t i = 1; i < args->operand_count; i++)
        VLS_TRY(vls_buf_add_format(&words, "%s%s", i > 1 ? " " : "", args->operands[i]));
    VLS_TRY(read_options(args, &what, why));
    if (words.len > 0)
        what.text = (char *)(uintptr_t)vls_buf_text(&words);
    return ask_and_print(cli, &what, FOUND, add_found, why);
}

static void print_document(struct cli *cli, const Valise__CatalogueRow *row)
{
    char id[VLS_ID_TEXT], time[VLS_TIME_TEXT];
    vls_show_id(row->id, id);
    vls_time_for_people(row->held_ms, time);
    vls_print_field(cli, "document", row->name);
    vls_print_field(cli, "message", id);
    vls_print_field(cli, strcmp(row->direction, "in") == 0 ? "received from" : "sent to",
                    row->party);
    vls_print_field(cli, "kind", row->kind);
    vls_print_field(cli, "label", row->label);
    vls_print_field(cli, "state", row->state);
    vls_print_field(cli, "held since", time);
    if (row->about != NULL)
        vls_about_print(cli, row->about);
}

static struct vls_status cmd_show(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t id[VLS_ID_BYTES];
    size_t len = 0;
    struct client_answer answer;
    Valise__OperatorCatalogue what = VALISE__OPERATOR_CATALOGUE__INIT;
    VLS_TRY(vls_cli_id(args->operands[1], id, &len, why));
    what.verb = VALISE__OPERATOR_CATALOGUE__VERB__SHOW;
    what.id = (ProtobufCBinaryData){len, id};
    VLS_TRY(ask(cli, &what, &answer, why));
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < answer.reply->n_catalogue && vls_ok(status); i++) {
        if (cli->is_json)
            status = vls_json_line(cli, vls_catalogue_json(answer.reply->catalogue[i]), why);
        else
            print_document(cli, answer.reply->catalogue[i]);
        if (!cli->is_json && i + 1 < answer.reply->n_catalogue)
            fputc('\n', cli->out);
    }
    if (vls_ok(status) && answer.reply->n_catalogue == 0)
        status = vls_fail(VLS_STORE_MISSING, why,
                          "%.40s: the catalogue has no document of it that this user may see",
                          args->operands[1]);
    vls_client_answer_fini(&answer);
    return status;
}

static struct vls_status cmd_relations(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why)
{
    uint8_t id[VLS_ID_BYTES];
    size_t len = 0;
    Valise__OperatorCatalogue what = VALISE__OPERATOR_CATALOGUE__INIT;
    VLS_TRY(read_options(args, &what, why));
    what.verb = VALISE__OPERATOR_CATALOGUE__VERB__RELATIONS;
    if (strchr(args->operands[1], '/') == NULL &&
        vls_ok(vls_cli_id(args->operands[1], id, &len, NULL)))
        what.id = (ProtobufCBinaryData){len, id};
    else
        what.symbol = (char *)(uintptr_t)args->operands[1];
    return ask_and_print(cli, &what, STANDING, add_standing, why);
}

static struct vls_status cmd_overlap(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why)
{
    Valise__OperatorCatalogue what = VALISE__OPERATOR_CATALOGUE__INIT;
    VLS_TRY(read_options(args, &what, why));
    what.verb = VALISE__OPERATOR_CATALOGUE__VERB__OVERLAP;
    return ask_and_print(cli, &what, BOTH, add_both, why);
}

struct vls_status vls_cmd_catalogue(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    static const struct cli_sub SUBS[] = {
        {"search", "symbol issuer body subject language party direction limit", 0, CLI_MAX_OPERANDS,
         "WORD...", cmd_search},
        {"show", "", 1, 1, "ID", cmd_show},
        {"relations", "issuer language limit", 1, 1, "ID or SYMBOL", cmd_relations},
        {"overlap", "party limit", 0, 0, "", cmd_overlap},
    };
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
