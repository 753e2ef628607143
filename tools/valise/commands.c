/* The table of commands: a command that is not here does not exist. Options are held against
 * commands/NAME.md by a test. */
#include <string.h>

#include "cli.h"

const struct cli_option CLI_GLOBALS[] = {
    {"config", 'c', "FILE"},
    {"socket", 's', "PATH"},
    {"json", 'j', NULL},
    {"help", 'h', NULL},
};
const size_t CLI_GLOBALS_COUNT = sizeof CLI_GLOBALS / sizeof CLI_GLOBALS[0];

static const struct cli_option INIT[] = {
    {"party", 'p', "PARTY"},    {"name", 'n', "NAME"},   {"listen", 'l', "ADDRESS:PORT"},
    {"host", 0, "NAME"},        {"pki", 0, "DIRECTORY"}, {"share", 0, "DIRECTORY"},
    {"arrangement", 0, "FILE"},
};
static const struct cli_option PARTNER[] = {
    {"party", 'p', "PARTY"},  {"url", 'u', "URL"},          {"tls-ca", 0, "FILE"},
    {"crl", 0, "FILE"},       {"tls-name", 0, "NAME"},      {"seal-certificate", 0, "FILE"},
    {"log-key", 0, "BASE64"}, {"witness-key", 0, "BASE64"}, {"note", 'm', "TEXT"},
};
static const struct cli_option LOG[] = {
    {"all", 'a', NULL},   {"party", 'p', "PARTY"}, {"kind", 'k', "KIND"},
    {"message", 0, "ID"}, {"from", 'f', "NUMBER"}, {"output", 'o', "FILE"},
};
static const struct cli_option SEND[] = {
    {"to", 't', "PARTY"},          {"kind", 'k', "KIND"},
    {"label", 'l', "LABEL"},       {"subject", 'S', "TEXT"},
    {"body", 'b', "BODY"},         {"in-reply-to", 'r', "ID"},
    {"conversation", 0, "NAME"},   {"key", 'K', "KEY"},
    {"deadline", 'd', "TIME"},     {"part-label", 0, "NAME=LABEL"},
    {"scheme", 0, "FILE"},         {"media-type", 0, "NAME=TYPE"},
    {"distribution", 0, "WORD"},   {"personal-data", 0, NULL},
    {"safeguards", 0, "REF"},      {"embargo", 0, "TIME"},
    {"audience", 0, "NAME"},       {"topic", 0, "NAME"},
    {"state", 0, "STATE"},         {"issuer", 0, "NAME"},
    {"symbol", 0, "SYMBOL"},       {"language", 0, "NAME=TAG"},
    {"title", 0, "NAME=TEXT"},     {"published", 0, "DATE"},
    {"relates", 0, "WORD=SYMBOL"},
};
static const struct cli_option LIST[] = {
    {"direction", 'd', "out|in"}, {"state", 0, "STATE"}, {"party", 'p', "PARTY"},
    {"limit", 'n', "NUMBER"},     {"all", 'a', NULL},
};
static const struct cli_option QUEUE[] = {
    {"direction", 'd', "out|in"},
    {"party", 'p', "PARTY"},
    {"limit", 'n', "NUMBER"},
    {"all", 'a', NULL},
};
static const struct cli_option CATALOGUE[] = {
    {"symbol", 0, "SYMBOL"},      {"issuer", 0, "NAME"},    {"body", 0, "WORDS"},
    {"subject", 0, "WORDS"},      {"language", 'l', "TAG"}, {"party", 'p', "PARTY"},
    {"direction", 'd', "out|in"}, {"limit", 'n', "NUMBER"},
};
static const struct cli_option REQUESTS[] = {
    {"owed", 0, NULL},  {"awaited", 0, NULL}, {"party", 'p', "PARTY"},
    {"all", 'a', NULL}, {"again", 0, "ID"},
};
static const struct cli_option REQUEST[] = {
    {"to", 't', "PARTY"},        {"label", 'l', "LABEL"},   {"language", 'L', "LANGUAGE"},
    {"issuer", 'i', "ISSUER"},   {"subject", 'S', "TEXT"},  {"body", 'b', "BODY"},
    {"conversation", 0, "NAME"}, {"deadline", 'd', "TIME"}, {"key", 'K', "KEY"},
    {"topic", 0, "NAME"},
};
static const struct cli_option SUBSCRIPTION[] = {
    {"to", 't', "PARTY"},  {"symbol", 0, "PATTERN"},      {"body", 'b', "BODY"},
    {"topic", 0, "TOPIC"}, {"language", 'L', "LANGUAGE"}, {"from", 0, "DATE"},
    {"note", 'm', "TEXT"},
};
static const struct cli_option NOTE[] = {{"note", 'm', "TEXT"}};
static const struct cli_option REVIEW[] = {
    {"key", 0, "KEY"},
    {"certificate", 0, "PEM"},
    {"passphrase-file", 0, "FILE"},
    {"note", 'm', "TEXT"},
    {"valid", 0, "TIME"},
    {"yes", 'y', NULL},
    {"output", 'o', "DIRECTORY"},
};
static const struct cli_option RELEASE[] = {{"note", 'm', "TEXT"}, {"overrule", 0, NULL}};
static const struct cli_option RESOLVE[] = {
    {"language", 'l', "LANGUAGE"},
    {"plugin", 'p', "NAME"},
    {"output", 'o', "DIRECTORY"},
    {"note", 'm', "TEXT"},
};
static const struct cli_option OPEN[] = {{"to", 't', "DIRECTORY"}, {"note", 'm', "TEXT"}};
static const struct cli_option EXPORT[] = {
    {"output", 'o', "FILE"},
    {"with-decision", 0, NULL},
    {"with-house-rules", 0, NULL},
};
static const struct cli_option PROVE[] = {
    {"output", 'o', "FILE"},
    {"with-decision", 0, NULL},
    {"with-house-rules", 0, NULL},
};
static const struct cli_option DISTRIBUTION[] = {
    {"all", 'a', NULL},       {"member", 0, "MEMBER"}, {"reference", 0, "TEXT"},
    {"received", 0, "TIME"},  {"file", 'f', "FILE"},   {"label", 'l', "LABEL"},
    {"expected", 0, "COUNT"},
};
static const struct cli_option METER[] = {
    {"from", 0, "MONTH"},
    {"to", 0, "MONTH"},
    {"party", 'p', "PARTY"},
};
static const struct cli_option VERIFY[] = {
    {"party-key", 'k', "PARTY=BASE64"},
    {"witness-key", 'w', "PARTY=BASE64"},
    {"witness", 0, "VKEY"},
    {"quorum", 0, "N"},
    {"tsa", 0, "FILE"},
};

static const struct cli_option LABEL[] = {
    {"scheme", 0, "FILE"},      {"language", 0, "LANGUAGE"},     {"at", 0, "TIME"},
    {"new", 0, NULL},           {"clearance", 0, "CLEARANCE"},   {"into", 0, "SCHEME"},
    {"allow-discard", 0, NULL}, {"place", 0, "PLACE"},           {"form", 0, "FORM"},
    {"output", 'o', "FILE"},    {"created", 0, "TIME"},          {"originator", 0, "TYPE:VALUE"},
    {"review", 0, "TIME"},      {"succession", 0, "TIME=LABEL"}, {"label", 0, "LABEL"},
    {"key", 0, "PEM"},          {"certificate", 0, "PEM"},       {"passphrase-file", 0, "FILE"},
    {"ca", 0, "PEM"},
};
static const struct cli_option SCHEME[] = {{"scheme", 0, "FILE"}};
static const struct cli_option ARRANGEMENT[] = {
    {"scheme", 0, "FILE"},   {"house", 0, "FILE"},      {"house-a", 0, "FILE"},
    {"house-b", 0, "FILE"},  {"at", 0, "TIME"},         {"party", 'p', "PARTY"},
    {"key", 0, "KEY"},       {"certificate", 0, "PEM"}, {"passphrase-file", 0, "FILE"},
    {"yes", 'y', NULL},      {"label", 'l', "LABEL"},   {"in-reply-to", 'r', "ID"},
    {"output", 'o', "FILE"},
};
static const struct cli_option PLUGIN[] = {
    {"role", 0, "ROLE"},      {"dir", 'd', "DIRECTORY"}, {"seed", 0, "DIRECTORY"},
    {"set", 0, "NAME=VALUE"}, {"only", 0, "CHECK"},      {"scheme", 0, "FILE"},
    {"verbose", 'v', NULL},   {"output", 'o', "FILE"},   {"once", 0, NULL},
    {"message", 0, "FILE"},   {"resolve", 0, "SYMBOL"},  {"language", 'l', "LANGUAGE"},
    {"inspect", 0, "FILE"},   {"veto", 0, "FILE"},       {"http", 0, "FILE"},
};
static const struct cli_option RETENTION[] = {
    {"due", 0, NULL},      {"party", 'p', "PARTY"}, {"kind", 'k', "KIND"},
    {"note", 'm', "TEXT"}, {"all", 'a', NULL},
};
static const struct cli_option REGISTRY[] = {
    {"party", 'p', "PARTY"}, {"from", 0, "TIME"},     {"to", 0, "TIME"},
    {"all", 'a', NULL},      {"output", 'o', "FILE"},
};
static const struct cli_option ARCHIVE[] = {
    {"party", 'p', "PARTY"}, {"from", 0, "TIME"},   {"to", 0, "TIME"},
    {"documents", 0, NULL},  {"note", 'm', "TEXT"},
};
static const struct cli_option KEYS[] = {{"output", 'o', "FILE"}};
static const struct cli_option ERASE[] = {{"note", 'm', "TEXT"}, {"early", 0, NULL}};
static const struct cli_option INSPECT[] = {{"lenient", 0, NULL}, {"scheme", 0, "FILE"}};

#define OPTIONS(table) table, sizeof table / sizeof table[0]
#define NO_OPTIONS     NULL, 0

static const struct cli_command COMMANDS[] = {
    {"init", OPTIONS(INIT), 1, 1, "DIRECTORY", vls_cmd_init},
    {"partner", OPTIONS(PARTNER), 1, 2, "SUB-COMMAND", vls_cmd_partner},
    {"send", OPTIONS(SEND), 1, VLS_MAX_PARTS, "FILE...", vls_cmd_send},
    {"list", OPTIONS(LIST), 0, 0, "", vls_cmd_list},
    {"queue", OPTIONS(QUEUE), 0, 0, "", vls_cmd_queue},
    {"request", OPTIONS(REQUEST), 1, 1, "SYMBOL", vls_cmd_request},
    {"requests", OPTIONS(REQUESTS), 0, 0, "", vls_cmd_requests},
    {"subscription", OPTIONS(SUBSCRIPTION), 1, CLI_MAX_OPERANDS, "SUB-COMMAND",
     vls_cmd_subscription},
    {"catalogue", OPTIONS(CATALOGUE), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_catalogue},
    {"meter", OPTIONS(METER), 0, 0, "", vls_cmd_meter},
    {"distribution", OPTIONS(DISTRIBUTION), 1, CLI_MAX_OPERANDS, "SUB-COMMAND",
     vls_cmd_distribution},
    {"show", NO_OPTIONS, 1, 1, "ID", vls_cmd_show},
    {"trace", NO_OPTIONS, 1, 1, "ID", vls_cmd_trace},
    {"explain", NO_OPTIONS, 1, 1, "ID or FILE", vls_cmd_explain},
    {"hold", OPTIONS(NOTE), 1, 1, "ID", vls_cmd_hold},
    {"release", OPTIONS(RELEASE), 1, 1, "ID", vls_cmd_release},
    {"retry", OPTIONS(NOTE), 1, 1, "ID", vls_cmd_retry},
    {"withhold", OPTIONS(NOTE), 1, 1, "ID", vls_cmd_withhold},
    {"review", OPTIONS(REVIEW), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_review},
    {"status", NO_OPTIONS, 0, 0, "", vls_cmd_status},
    {"resolve", OPTIONS(RESOLVE), 1, 1, "SYMBOL or URL", vls_cmd_resolve},
    {"open", OPTIONS(OPEN), 1, 1, "ID", vls_cmd_open},
    {"export", OPTIONS(EXPORT), 1, 1, "ID", vls_cmd_export},
    {"prove", OPTIONS(PROVE), 1, 1, "ID", vls_cmd_prove},
    {"registry", OPTIONS(REGISTRY), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_registry},
    {"archive", OPTIONS(ARCHIVE), 1, CLI_MAX_OPERANDS, "DIRECTORY", vls_cmd_archive},
    {"keys", OPTIONS(KEYS), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_keys},
    {"retention", OPTIONS(RETENTION), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_retention},
    {"erase", OPTIONS(ERASE), 1, 1, "ID", vls_cmd_erase},
    {"inspect", OPTIONS(INSPECT), 1, 1, "ID or FILE", vls_cmd_inspect},
    {"verify", OPTIONS(VERIFY), 1, 1, "FILE", vls_cmd_verify},
    {"log", OPTIONS(LOG), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_log},
    {"label", OPTIONS(LABEL), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_label},
    {"scheme", OPTIONS(SCHEME), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_scheme},
    {"arrangement", OPTIONS(ARRANGEMENT), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_arrangement},
    {"plugin", OPTIONS(PLUGIN), 1, CLI_MAX_OPERANDS, "SUB-COMMAND", vls_cmd_plugin},
    {"help", NO_OPTIONS, 0, 1, "COMMAND", vls_cmd_help},
    {"version", NO_OPTIONS, 0, 0, "", vls_cmd_version},
};

const struct cli_command *vls_cli_command_at(size_t i)
{
    return i < sizeof COMMANDS / sizeof COMMANDS[0] ? &COMMANDS[i] : NULL;
}

const struct cli_command *vls_cli_command(const char *name)
{
    const struct cli_command *command = NULL;
    for (size_t i = 0; (command = vls_cli_command_at(i)) != NULL; i++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}
