/* valise partner: enter a partner and its keys into valise.yaml, keeping what a person wrote there;
 * and let a stopped exchange go on. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "client.h"
#include "config/config.h"
#include "insert.h"
#include "partner_rotate.h"
#include "show.h"
#include "sub.h"

#define LINES_MAX 8

/** The lines of the entry: "key: value" each. */
struct entry {
    char *lines[LINES_MAX + 1];
    size_t count;
};

static void free_entry(struct entry *entry)
{
    for (size_t i = 0; i < entry->count; i++)
        vls_mem_free(entry->lines[i]);
}

/** `key: "value"`; what YAML would take for an end of the quotes is refused. */
static VLS_STATUS add_line(struct entry *entry, const char *key, const char *value,
                           struct vls_why *why)
{
    if (!vls_text_is_clean(vls_slice_text(value), false) || strpbrk(value, "\"\\") != NULL)
        return vls_fail(VLS_CLI_USAGE, why, "--%s: holds characters that it may not", key);
    struct vls_buf line;
    vls_buf_init(&line, VLS_MAX_PATH + VLS_MAX_NAME);
    struct vls_status status = vls_buf_add_format(&line, "%s: \"%s\"", key, value);
    if (vls_ok(status))
        entry->lines[entry->count++] = vls_mem_text((const char *)line.at, line.len);
    vls_buf_fini(&line);
    return status;
}

static VLS_STATUS add_file(struct entry *entry, const char *key, const char *path,
                           struct vls_why *why)
{
    char *real = realpath(path, NULL);
    if (real == NULL)
        return vls_fail(VLS_CLI_USAGE, why, "--%s: %.120s cannot be read; give the partner's file",
                        key, path);
    struct vls_status status = add_line(entry, key, real, why);
    free(real); /* of the C library */
    return status;
}

static VLS_STATUS make_entry(const struct cli_args *args, struct entry *out, struct vls_why *why)
{
    static const struct {
        const char *name;
        bool is_file, is_needed;
    } PARTS[] = {
        {"party", false, true},           {"url", false, false},
        {"tls-ca", true, true},           {"tls-name", false, false},
        {"seal-certificate", true, true}, {"log-key", false, true},
        {"witness-key", false, true},     {"crl", true, false},
    };
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        const char *value = vls_cli_value(args, PARTS[i].name);
        if (PARTS[i].is_needed)
            VLS_TRY(vls_cli_need(args, PARTS[i].name, &value, why));
        if (value == NULL)
            continue;
        VLS_TRY(PARTS[i].is_file ? add_file(out, PARTS[i].name, value, why)
                                 : add_line(out, PARTS[i].name, value, why));
    }
    return VLS_DONE;
}

/** The new text must be a configuration before it replaces the old one. */
static VLS_STATUS replace(const char *path, struct vls_slice text, struct vls_why *why)
{
    struct vls_config *config = NULL;
    VLS_TRY(vls_config_read(text, path, &config, why));
    vls_config_free(&config);
    struct stat old;
    mode_t mode = stat(path, &old) == 0 ? old.st_mode & 0777 : 0600;
    return vls_file_write(path, text, mode, why);
}

static VLS_STATUS add_partner(const char *path, const struct entry *entry, struct vls_why *why)
{
    struct vls_buf before, after;
    vls_buf_init(&before, VLS_MAX_CONFIG_FILE);
    vls_buf_init(&after, VLS_MAX_CONFIG_FILE);
    struct vls_status status = vls_file_read(path, &before, why);
    if (vls_ok(status))
        status = vls_yaml_insert(vls_buf_slice(&before), "partners",
                                 (const char *const *)entry->lines, &after, why);
    if (vls_ok(status))
        status = replace(path, vls_buf_slice(&after), why);
    vls_buf_fini(&before);
    vls_buf_fini(&after);
    return status;
}

static struct vls_status add(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    VLS_DEFER(free_entry) struct entry entry = {.count = 0};
    VLS_TRY(make_entry(args, &entry, why));
    /* the configuration as it is must be sound, so that a complaint below is about the new entry */
    struct vls_config *config = NULL;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    struct vls_status status = add_partner(config->file, &entry, why);
    char file[VLS_MAX_PATH];
    vls_text_copy(file, sizeof file, config->file);
    vls_config_free(&config);
    VLS_TRY(status);
    if (!cli->is_json) {
        fprintf(cli->out,
                "%s: partner %s is entered; it counts once valised has read this again "
                "(systemctl reload valised)\n",
                file, vls_cli_value(args, "party"));
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "config", vls_json_text(file));
    json_object_set_new(object, "party", vls_json_text(vls_cli_value(args, "party")));
    return vls_json_line(cli, object, why);
}

static struct vls_status resume(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *note = NULL;
    Valise__OperatorLog ask = VALISE__OPERATOR_LOG__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    struct client_answer answer;
    VLS_TRY(vls_cli_need(args, "note", &note, why));
    ask.verb = VALISE__OPERATOR_LOG__VERB__RESUME;
    ask.party = (char *)args->operands[1];
    ask.note = (char *)note;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_LOG;
    request.log = &ask;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    vls_client_answer_fini(&answer);
    if (!cli->is_json) {
        fprintf(cli->out, "the exchange with %s goes on; its alarms are closed\n", ask.party);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "party", vls_json_text(ask.party));
    return vls_json_line(cli, object, why);
}

struct vls_status vls_cmd_partner(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const struct cli_sub SUBS[] = {
        {"add", "party url tls-ca crl tls-name seal-certificate log-key witness-key", 0, 0, "",
         add},
        {"rotate", "", 0, 1, "FILE", vls_partner_rotate},
        {"resume", "note", 1, 1, "PARTY", resume},
    };
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
