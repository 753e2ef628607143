#include "help.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "table.h"

#define BOLD     "\033[1m"
#define NORMAL   "\033[0m"
#define CELL_MAX 512

#ifndef VALISE_VERSION
#error "the build gives VALISE_VERSION"
#endif

const struct cli_doc *vls_help_doc(const char *name)
{
    for (const struct cli_doc *doc = VLS_CLI_DOCS; doc->name != NULL; doc++)
        if (strcmp(doc->name, name) == 0)
            return doc;
    return NULL;
}

/** Markdown's backticks and the escapes of its table cells are for the manual; a terminal is shown
 * the bare text. */
static void strip_marks(const char *from, size_t len, char *to, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n + 1 < room; i++) {
        if (from[i] == '`' || (from[i] == '\\' && i + 1 < len && from[i + 1] == '|'))
            continue;
        to[n++] = from[i];
    }
    to[n] = '\0';
}

/** The end of a table's cell: the next '|' that is not escaped. */
static const char *cell_end(const char *at)
{
    for (; *at != '\0' && *at != '|'; at++)
        if (at[0] == '\\' && at[1] == '|')
            at++;
    return at;
}

static void add_row(struct table *table, const char *line)
{
    const char *at = line + 1;
    for (unsigned i = 0; i < 2; i++) {
        const char *end = cell_end(at);
        const char *from = at + strspn(at, " ");
        const char *to = end;
        while (to > from && to[-1] == ' ')
            to--;
        char cell[CELL_MAX];
        strip_marks(from, to > from ? (size_t)(to - from) : 0, cell + (i == 0 ? 2 : 0),
                    sizeof cell - 2);
        if (i == 0)
            cell[0] = cell[1] = ' ';
        vls_table_add(table, cell);
        at = *end == '|' ? end + 1 : end;
    }
}

/** Rows "| a | b |" behind a head and a rule. Returns the line behind the table. */
static const char *const *show_rows(struct cli *cli, const char *const *line)
{
    static const char *const TITLES[] = {"", "", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (line += 2; *line != NULL && **line == '|'; line++)
        add_row(&table, *line);
    vls_table_print(cli, &table);
    vls_table_fini(&table);
    return line;
}

static void show_heading(struct cli *cli, const char *heading)
{
    fprintf(cli->out, "%s%s%s\n", cli->is_terminal ? BOLD : "", heading,
            cli->is_terminal ? NORMAL : "");
}

static void show_doc(struct cli *cli, const struct cli_doc *doc)
{
    for (const char *const *line = doc->lines; *line != NULL;) {
        if (strncmp(*line, "# ", 2) == 0) {
            show_heading(cli, *line + 2);
        } else if (strncmp(*line, "## ", 3) == 0) {
            show_heading(cli, *line + 3);
        } else if (**line == '|' && line[1] != NULL) {
            line = show_rows(cli, line);
            continue;
        } else {
            char text[CELL_MAX];
            strip_marks(*line, strlen(*line), text, sizeof text);
            fprintf(cli->out, "%s%s\n", *text != '\0' && **line != ' ' ? "  " : "", text);
        }
        line++;
    }
}

/** "valise-send(1) - send documents to a partner" without what stands before the dash. */
static const char *summary_of(const struct cli_doc *doc)
{
    const char *dash = strstr(doc->lines[0], " - ");
    return dash != NULL ? dash + 3 : doc->lines[0];
}

static void show_commands(struct cli *cli)
{
    static const char *const TITLES[] = {"", "", NULL};
    struct table table;
    const struct cli_command *command = NULL;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; (command = vls_cli_command_at(i)) != NULL; i++) {
        const struct cli_doc *doc = vls_help_doc(command->name);
        vls_table_add_format(&table, "  %s", command->name);
        vls_table_add(&table, doc != NULL ? summary_of(doc) : "");
    }
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

struct vls_status vls_help_show(struct cli *cli, const char *command, struct vls_why *why)
{
    const struct cli_doc *global = vls_help_doc("global");
    if (command == NULL) {
        fputs("valise [--config FILE] [--socket PATH] [--json] COMMAND ...\n\n", cli->out);
        show_heading(cli, "Commands");
        show_commands(cli);
        fputc('\n', cli->out);
    } else {
        const struct cli_doc *doc = vls_help_doc(command);
        if (doc == NULL || vls_cli_command(command) == NULL)
            return vls_cli_usage(why, command, "is not a command; see 'valise help'");
        show_doc(cli, doc);
        fputc('\n', cli->out);
    }
    if (global != NULL)
        show_doc(cli, global);
    return VLS_DONE;
}

struct vls_status vls_cmd_help(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return vls_help_show(cli, args->operand_count > 0 ? args->operands[0] : NULL, why);
}

struct vls_status vls_cmd_version(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    (void)args;
    (void)why;
    fprintf(cli->out, "valise %s\n", VALISE_VERSION);
    return VLS_DONE;
}
