#ifndef VALISE_CLI_CLI_H
#define VALISE_CLI_CLI_H
/*
 * cli - what all commands of valise(1) share: the table of commands, options, messages, ids.
 *
 * Process:   valise(1). Results go to standard output, everything else to standard error.
 * Ownership: arguments are borrowed from argv; a struct cli_args lives for the command's call.
 * Start at:  vls_cli_main(). The commands stand in commands.c, what they say about themselves in
 * commands/NAME.md.
 */
#include <stdio.h>

#include "base/env.h"
#include "base/id.h"
#include "base/limits.h"

struct cli {
    const char *command;  /* its name, for messages */
    const char *config;   /* path of valise.yaml */
    bool is_config_given; /* on the command line: it must be there */
    const char *socket;   /* NULL: as the configuration says */
    bool is_json;
    bool is_terminal; /* standard output is one: colour, fitted tables */
    unsigned columns; /* of the terminal */
    int exit_status;  /* when not 0: instead of the status's own, see commands/send.md */
    FILE *out, *err;
    const struct vls_env *env;
};

struct cli_option {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: takes none */
};

#define CLI_MAX_OPERANDS 256
#define CLI_MAX_GIVEN    256

/** A parsed command line. */
struct cli_args {
    const char *operands[CLI_MAX_OPERANDS];
    size_t operand_count;
    struct cli_given {
        const struct cli_option *option;
        const char *value; /* NULL for an option without argument */
    } given[CLI_MAX_GIVEN];
    size_t given_count;
};

struct cli_command {
    const char *name;
    const struct cli_option *options;
    size_t option_count;
    size_t operands_min, operands_max;
    const char *operands; /* "FILE...", for the message when they are missing */
    struct vls_status (*run)(struct cli *cli, const struct cli_args *args, struct vls_why *why);
};

/** The options that every command takes; documented in commands/global.inc. */
extern const struct cli_option CLI_GLOBALS[];
extern const size_t CLI_GLOBALS_COUNT;

/** The i-th command, NULL behind the last. */
const struct cli_command *vls_cli_command_at(size_t i);
/** NULL when there is none. */
const struct cli_command *vls_cli_command(const char *name);

/** Run a command line. Returns the exit status. */
int vls_cli_main(int argc, char **argv);

/* -- for commands ------------------------------------------------------------------------------ */

/** The last value given for an option; NULL when it was not given. */
const char *vls_cli_value(const struct cli_args *args, const char *name);
bool vls_cli_has(const struct cli_args *args, const char *name);

/** A failure about one argument: "ARGUMENT: what is wrong; what to do". */
VLS_STATUS vls_cli_usage(struct vls_why *why, const char *argument, const char *fmt, ...)
    VLS_PRINTF(3, 4);

/** Put the name of a file before the words of a failure about it. */
VLS_STATUS vls_cli_about(struct vls_status status, const char *what, struct vls_why *why);

/** A value that must be there. @return CLI_USAGE */
VLS_STATUS vls_cli_need(const struct cli_args *args, const char *name, const char **out,
                        struct vls_why *why);

/** Ask at the terminal whether to sign what was just shown. @return CLI_USAGE: no */
VLS_STATUS vls_cli_agree_to_sign(const struct cli *cli, struct vls_why *why);

/** An id, or at least 8 hexadecimal digits of its beginning, with or without dashes: appends 4 to
 * 16 bytes. @return CLI_USAGE */
VLS_STATUS vls_cli_id(const char *text, uint8_t out[VLS_ID_BYTES], size_t *out_len,
                      struct vls_why *why);

/** The commands, one function each. */
struct vls_status vls_cmd_init(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_partner(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_send(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_list(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_requests(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_distribution(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_meter(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_queue(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_show(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_trace(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_explain(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_hold(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_release(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_retry(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_withhold(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_review(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_status(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_resolve(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_export(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_prove(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_open(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_registry(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_archive(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_keys(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_retention(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_erase(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_inspect(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_verify(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_log(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_label(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_scheme(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_arrangement(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_plugin(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_help(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_cmd_version(struct cli *, const struct cli_args *, struct vls_why *);

#endif
