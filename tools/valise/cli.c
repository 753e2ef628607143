#include "cli.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "help.h"
#include "output.h"

#define DEFAULT_CONFIG  "/etc/valise/valise.yaml"
#define DEFAULT_COLUMNS 80u
#define LONG_MAX_COUNT  32
/** getopt_long() gives FIRST_VALUE + index for an option of the table. */
#define FIRST_VALUE      1000
#define ID_PREFIX_DIGITS 8

struct vls_status vls_cli_usage(struct vls_why *why, const char *argument, const char *fmt, ...)
{
    char words[sizeof why->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    return vls_fail(VLS_CLI_USAGE, why, "%.80s: %s", argument, words);
}

struct vls_status vls_cli_about(struct vls_status status, const char *what, struct vls_why *why)
{
    if (vls_ok(status) || why == NULL)
        return status;
    char words[sizeof why->text];
    vls_text_copy(words, sizeof words, why->text);
    return vls_fail(status.code, why, "%.80s: %s", what, words);
}

const char *vls_cli_value(const struct cli_args *args, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, name) == 0)
            value = args->given[i].value;
    return value;
}

bool vls_cli_has(const struct cli_args *args, const char *name)
{
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, name) == 0)
            return true;
    return false;
}

struct vls_status vls_cli_need(const struct cli_args *args, const char *name, const char **out,
                               struct vls_why *why)
{
    const char *value = vls_cli_value(args, name);
    if (value == NULL || *value == '\0')
        return vls_fail(VLS_CLI_USAGE, why, "--%s: is missing; see --help", name);
    *out = value;
    return VLS_DONE;
}

struct vls_status vls_cli_agree_to_sign(const struct cli *cli, struct vls_why *why)
{
    char answer[16] = "";
    fprintf(cli->err, "Sign? [y/N] ");
    fflush(cli->err);
    if (fgets(answer, sizeof answer, stdin) != NULL &&
        (strcmp(answer, "y\n") == 0 || strcmp(answer, "Y\n") == 0))
        return VLS_DONE;
    return vls_fail(VLS_CLI_USAGE, why, "not signed: nothing has changed");
}

struct vls_status vls_cli_id(const char *text, uint8_t out[VLS_ID_BYTES], size_t *out_len,
                             struct vls_why *why)
{
    char digits[2 * VLS_ID_BYTES + 1];
    size_t count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '-' && at != text)
            continue;
        if (count == sizeof digits - 1)
            return vls_cli_usage(why, text, "is longer than an id; copy it from 'valise list'");
        digits[count++] = *at;
    }
    digits[count] = '\0';
    if (count < ID_PREFIX_DIGITS)
        return vls_cli_usage(why, text, "is too short for an id; give at least %d digits",
                             ID_PREFIX_DIGITS);
    digits[count &= ~(size_t)1] = '\0'; /* whole bytes */
    if (!vls_ok(vls_hex_read(digits, out, count / 2)))
        return vls_cli_usage(why, text, "is not an id; copy it from 'valise list'");
    *out_len = count / 2;
    return VLS_DONE;
}

/* -- the command line -------------------------------------------------------------------------- */

/** Options of a command and the global ones behind them, as getopt_long() wants them. */
struct option_table {
    const struct cli_option *options[LONG_MAX_COUNT];
    struct option longs[LONG_MAX_COUNT + 1];
    char shorts[3 + 2 * LONG_MAX_COUNT];
    size_t count;
};

static void add_options(struct option_table *table, const struct cli_option *options, size_t count)
{
    size_t at = strlen(table->shorts);
    for (size_t i = 0; i < count && table->count < LONG_MAX_COUNT; i++) {
        bool has_argument = options[i].argument != NULL;
        table->options[table->count] = &options[i];
        table->longs[table->count] =
            (struct option){options[i].name, has_argument ? required_argument : no_argument, NULL,
                            FIRST_VALUE + (int)table->count};
        if (options[i].letter != 0) {
            table->shorts[at++] = options[i].letter;
            if (has_argument)
                table->shorts[at++] = ':';
        }
        table->count++;
    }
    table->shorts[at] = '\0';
}

static const struct cli_option *option_of(const struct option_table *table, int value)
{
    if (value >= FIRST_VALUE && (size_t)(value - FIRST_VALUE) < table->count)
        return table->options[value - FIRST_VALUE];
    for (size_t i = 0; i < table->count; i++)
        if (table->options[i]->letter == value)
            return table->options[i];
    return NULL;
}

static VLS_STATUS parse(const struct option_table *table, int argc, char **argv,
                        struct cli_args *out, struct vls_why *why)
{
    opterr = 0;
    optind = 0; /* the GNU way to start anew */
    for (int value; (value = getopt_long(argc, argv, table->shorts, table->longs, NULL)) != -1;) {
        const char *word = argv[optind - 1];
        if (value == ':')
            return vls_cli_usage(why, word, "needs a value");
        const struct cli_option *option = option_of(table, value);
        if (option == NULL)
            return vls_cli_usage(why, word, "is not an option here; see 'valise help'");
        if (out->given_count == CLI_MAX_GIVEN)
            return vls_cli_usage(why, word, "more than %d options", CLI_MAX_GIVEN);
        out->given[out->given_count++] =
            (struct cli_given){option, option->argument != NULL ? optarg : NULL};
    }
    for (int i = optind; i < argc; i++) {
        if (out->operand_count == CLI_MAX_OPERANDS)
            return vls_cli_usage(why, argv[i], "more than %d arguments", CLI_MAX_OPERANDS);
        out->operands[out->operand_count++] = argv[i];
    }
    return VLS_DONE;
}

static void take_globals(struct cli *cli, const struct cli_args *args)
{
    const char *config = vls_cli_value(args, "config");
    const char *socket = vls_cli_value(args, "socket");
    if (config != NULL) {
        cli->config = config;
        cli->is_config_given = true;
    }
    if (socket != NULL)
        cli->socket = socket;
    cli->is_json = cli->is_json || vls_cli_has(args, "json");
}

static VLS_STATUS check_operands(const struct cli_command *command, const struct cli_args *args,
                                 struct vls_why *why)
{
    if (args->operand_count < command->operands_min)
        return vls_cli_usage(why, command->operands, "is missing; see 'valise help %s'",
                             command->name);
    if (args->operand_count > command->operands_max)
        return vls_cli_usage(why, args->operands[command->operands_max],
                             "is one argument too many; see 'valise help %s'", command->name);
    return VLS_DONE;
}

static VLS_STATUS run_command(struct cli *cli, int argc, char **argv, struct vls_why *why)
{
    const struct cli_command *command = vls_cli_command(argv[0]);
    if (command == NULL)
        return vls_cli_usage(why, argv[0], "is not a command; see 'valise help'");
    cli->command = command->name;
    struct option_table table = {.shorts = ":"};
    struct cli_args args = {.operand_count = 0};
    add_options(&table, command->options, command->option_count);
    add_options(&table, CLI_GLOBALS, CLI_GLOBALS_COUNT);
    VLS_TRY(parse(&table, argc, argv, &args, why));
    take_globals(cli, &args);
    if (vls_cli_has(&args, "help"))
        return vls_help_show(cli, command->name, why);
    VLS_TRY(check_operands(command, &args, why));
    return command->run(cli, &args, why);
}

static VLS_STATUS run(struct cli *cli, int argc, char **argv, struct vls_why *why)
{
    struct option_table table = {.shorts = "+:"};
    struct cli_args args = {.operand_count = 0};
    static const struct cli_option VERSION[] = {{"version", 'V', NULL}};
    add_options(&table, CLI_GLOBALS, CLI_GLOBALS_COUNT);
    add_options(&table, VERSION, 1);
    VLS_TRY(parse(&table, argc, argv, &args, why));
    take_globals(cli, &args);
    if (vls_cli_has(&args, "version"))
        return vls_cmd_version(cli, &args, why);
    if (vls_cli_has(&args, "help"))
        return vls_help_show(cli, NULL, why);
    if (args.operand_count == 0)
        return vls_cli_usage(why, "COMMAND", "is missing; see 'valise help'");
    int first = argc - (int)args.operand_count;
    return run_command(cli, argc - first, argv + first, why);
}

static unsigned terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return DEFAULT_COLUMNS;
}

int vls_cli_main(int argc, char **argv)
{
    vls_cli_output_guard();
    const char *config = getenv("VALISE_CONFIG");
    struct cli cli = {
        .config = config != NULL && *config != '\0' ? config : DEFAULT_CONFIG,
        .is_terminal = isatty(STDOUT_FILENO) == 1,
        .columns = DEFAULT_COLUMNS,
        .out = stdout,
        .err = stderr,
        .env = vls_env_system(),
    };
    if (cli.is_terminal)
        cli.columns = terminal_columns();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a gateway that hangs up is an answer, not an end */
    signal(SIGXFSZ, SIG_IGN); /* a file that grows above a limit, too: half of it has to go away */
    struct vls_why why = {""};
    struct vls_status status = run(&cli, argc, argv, &why);
    if (vls_ok(status))
        status = vls_cli_output_printed(&cli, &why);
    if (!vls_ok(status))
        fprintf(cli.err, "valise%s%s: %s%s\n", cli.command != NULL ? " " : "",
                cli.command != NULL ? cli.command : "",
                why.text[0] != '\0' ? why.text : vls_status_text(status),
                status.code == VLS_SYSTEM_FULL ? "; make room, then give the command again" : "");
    return cli.exit_status != 0 ? cli.exit_status : vls_status_exit(status);
}
