#include "sub.h"

#include <string.h>

static const struct cli_sub *find_sub(const struct cli_sub *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

/** "show, check, diff" */
static void list_subs(const struct cli_sub *table, size_t count, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < room; i++) {
        int n = snprintf(out + used, room - used, "%s%s", i > 0 ? ", " : "", table[i].name);
        used += n > 0 ? (size_t)n : 0;
    }
}

static bool takes(const struct cli_sub *sub, const char *option)
{
    size_t len = strlen(option);
    for (const char *at = sub->options; (at = strstr(at, option)) != NULL; at += len)
        if ((at == sub->options || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static bool is_global(const struct cli_option *option)
{
    for (size_t i = 0; i < CLI_GLOBALS_COUNT; i++)
        if (option == &CLI_GLOBALS[i])
            return true;
    return false;
}

static VLS_STATUS check_sub(const struct cli *cli, const struct cli_sub *sub,
                            const struct cli_args *args, struct vls_why *why)
{
    char option[64];
    for (size_t i = 0; i < args->given_count; i++) {
        const struct cli_option *given = args->given[i].option;
        snprintf(option, sizeof option, "--%s", given->name);
        if (!is_global(given) && !takes(sub, given->name))
            return vls_cli_usage(why, option, "is not an option of '%s %s'; see 'valise help %s'",
                                 cli->command, sub->name, cli->command);
    }
    if (args->operand_count - 1 < sub->operands_min)
        return vls_cli_usage(why, sub->operands, "is missing; see 'valise help %s'", cli->command);
    if (args->operand_count - 1 > sub->operands_max)
        return vls_cli_usage(why, args->operands[sub->operands_max + 1],
                             "is one argument too many; see 'valise help %s'", cli->command);
    return VLS_DONE;
}

struct vls_status vls_cli_sub(struct cli *cli, const struct cli_args *args,
                              const struct cli_sub *table, size_t count, struct vls_why *why)
{
    const struct cli_sub *sub = find_sub(table, count, args->operands[0]);
    if (sub == NULL) {
        char names[128];
        list_subs(table, count, names, sizeof names);
        return vls_cli_usage(why, args->operands[0], "is not known to 'valise %s'; it has %s",
                             cli->command, names);
    }
    VLS_TRY(check_sub(cli, sub, args, why));
    return sub->run(cli, args, why);
}
