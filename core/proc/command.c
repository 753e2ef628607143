#include "proc/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "proc/roles.h"
#include "proc/supervisor.h"

enum {
    OPT_CONFIG = 256,
    OPT_FOREGROUND,
    OPT_CHECK,
    OPT_VERSION,
    OPT_HELP,
    OPT_ROLE,
    OPT_INSTANCE,
    OPT_NAME
};

/* The last three are for the supervisor itself, and not in the help. */
static const struct option OPTIONS[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"foreground", no_argument, NULL, OPT_FOREGROUND},
    {"check", no_argument, NULL, OPT_CHECK},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {"role", required_argument, NULL, OPT_ROLE},
    {"instance", required_argument, NULL, OPT_INSTANCE},
    {"name", required_argument, NULL, OPT_NAME},
    {NULL, 0, NULL, 0},
};

static const char HELP[] =
    "Usage: valised [--config FILE] [--foreground]\n"
    "       valised [--config FILE] --check\n"
    "\n"
    "  --config FILE   the configuration (default " VLS_CONFIG_DEFAULT ")\n"
    "  --foreground    stay attached, log to standard error unless log.file is set\n"
    "  --check         say whether the configuration is valid, with the schemes, the arrangement\n"
    "                  and the house rules that it names, and end\n"
    "  --version       print the version\n"
    "  --help          print this\n"
    "\n"
    "The manual is valised(8); the configuration's is valise.conf(5).\n";

struct command {
    const char *config, *role, *name;
    uint64_t instance;
    bool is_foreground, is_check, is_version, is_help;
};

static struct vls_status read_command(int argc, char **argv, struct command *out,
                                      struct vls_why *why)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case OPT_CONFIG:
            out->config = optarg;
            break;
        case OPT_FOREGROUND:
            out->is_foreground = true;
            break;
        case OPT_CHECK:
            out->is_check = true;
            break;
        case OPT_VERSION:
            out->is_version = true;
            break;
        case OPT_HELP:
            out->is_help = true;
            break;
        case OPT_ROLE:
            out->role = optarg;
            break;
        case OPT_NAME:
            out->name = optarg;
            break;
        case OPT_INSTANCE:
            if (!vls_ok(vls_number_read(optarg, 0, UINT16_MAX, &out->instance)))
                return vls_fail(VLS_CLI_USAGE, why, "--instance %s is no number", optarg);
            break;
        default:
            return vls_fail(VLS_CLI_USAGE, why,
                            "%s is not an option, or lacks its value; see --help",
                            argv[optind - 1]);
        }
    }
    if (optind < argc)
        return vls_fail(VLS_CLI_USAGE, why, "%s: no arguments are taken; see --help", argv[optind]);
    return VLS_DONE;
}

static int fail(struct vls_status status, const struct vls_why *why)
{
    fprintf(stderr, "valised: %s\n", why->text);
    return vls_status_exit(status);
}

static int run_role(const struct command *command, vls_ops_of_fn ops_of)
{
    enum vls_role_kind kind;
    struct vls_why why;
    struct vls_status s = vls_role_from_name(command->role, &kind);
    const struct vls_role_ops *ops = vls_ok(s) ? ops_of(kind) : NULL;
    if (ops == NULL)
        return fail(
            vls_fail(VLS_CLI_USAGE, &why, "--role %s: there is no such role", command->role), &why);
    return vls_role_main(kind, (unsigned)command->instance,
                         command->name != NULL ? command->name : command->role, ops);
}

static int check(const struct command *command, vls_check_fn check_files)
{
    struct vls_config *config;
    struct vls_why why;
    struct vls_status s = vls_config_load(command->config, &config, &why);
    if (!vls_ok(s))
        return fail(s, &why);
    s = check_files(config, &why);
    vls_config_free(&config);
    if (!vls_ok(s))
        return fail(s, &why);
    printf("%s: valid\n", command->config);
    return 0;
}

int vls_command_run(int argc, char **argv, vls_ops_of_fn ops_of, vls_check_fn check_files)
{
    struct command command = {.config = VLS_CONFIG_DEFAULT};
    struct vls_why why;
    struct vls_status s = read_command(argc, argv, &command, &why);
    if (!vls_ok(s))
        return fail(s, &why);
    if (command.role != NULL)
        return run_role(&command, ops_of);
    if (command.is_help)
        return fputs(HELP, stdout) < 0;
    if (command.is_version)
        return printf("valised %s\n", VALISE_VERSION) < 0;
    if (command.is_check)
        return check(&command, check_files);
    struct vls_supervisor_options options = {.config = command.config,
                                             .is_foreground = command.is_foreground,
                                             .has_host = ops_of(VLS_ROLE_HOST) != NULL};
    return vls_supervisor_run(&options);
}
