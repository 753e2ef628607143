/* valise plugin: the plugins of a gateway, and the kit for who writes one. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin_commands.h"
#include "share.h"
#include "show.h"
#include "sub.h"

#define SCHEME_FILE "spif/un-sgb-2007-6.xml"
#define MAX_OBJECT  (64u << 20)

/* -- names of bits ----------------------------------------------------------------------------- */

static const struct bit {
    uint64_t bit;
    const char *name;
} ROLES[] = {{VLS_PLUGIN_SOURCE, "source"},
             {VLS_PLUGIN_SINK, "sink"},
             {VLS_PLUGIN_RESOLVER, "resolver"},
             {VLS_PLUGIN_INSPECTOR, "inspector"}},
  CAPS[] = {{VLS_CAP_FILES, "files"},    {VLS_CAP_STATE, "state"},     {VLS_CAP_NET, "net"},
            {VLS_CAP_SEND, "send"},      {VLS_CAP_RECEIVE, "receive"}, {VLS_CAP_RESOLVE, "resolve"},
            {VLS_CAP_INSPECT, "inspect"}};
#define COUNT(table) (sizeof table / sizeof table[0])

static void bits_text(const struct bit *table, size_t count, uint64_t bits, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < room; i++) {
        if ((bits & table[i].bit) == 0)
            continue;
        int n = snprintf(out + used, room - used, "%s%s", used > 0 ? ", " : "", table[i].name);
        used += n > 0 ? (size_t)n : 0;
    }
}

static json_t *bits_json(const struct bit *table, size_t count, uint64_t bits)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (bits & table[i].bit)
            json_array_append_new(list, vls_json_text(table[i].name));
    return list;
}

void vls_plugin_roles_text(uint32_t roles, char *out, size_t room)
{
    bits_text(ROLES, COUNT(ROLES), roles, out, room);
}

void vls_plugin_caps_text(uint64_t caps, char *out, size_t room)
{
    bits_text(CAPS, COUNT(CAPS), caps, out, room);
}

json_t *vls_plugin_roles_json(uint32_t roles)
{
    return bits_json(ROLES, COUNT(ROLES), roles);
}

json_t *vls_plugin_caps_json(uint64_t caps)
{
    return bits_json(CAPS, COUNT(CAPS), caps);
}

struct vls_status vls_plugin_digest(const char *file, char *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, MAX_OBJECT);
    VLS_TRY(vls_file_read(file, &bytes, why));
    struct vls_digest digest = vls_digest_of_slice(vls_buf_slice(&bytes));
    vls_hex(vls_digest_slice(&digest), out);
    return VLS_DONE;
}

/* -- the subject ------------------------------------------------------------------------------- */

/** A plugin as the command line names it, with what it is run with. */
struct plugin_subject {
    char file[VLS_MAX_PATH], seed[VLS_MAX_PATH], http[VLS_MAX_PATH];
    struct vls_scheme_set schemes;
    struct vls_config_setting settings[KIT_MAX_SETTINGS];
    char names[KIT_MAX_SETTINGS][VLS_MAX_NAME + 1];
    const char *symbols[KIT_MAX_SYMBOLS]; /* of the command line */
    const char *message[KIT_SAMPLE_PARTS];
    struct kit_options options;
};

static VLS_STATUS absolute(const char *given, char out[VLS_MAX_PATH], struct vls_why *why)
{
    char real[PATH_MAX];
    if (realpath(given, real) == NULL || strlen(real) >= VLS_MAX_PATH)
        return vls_cli_usage(why, given, "is not there, or its path is too long");
    vls_text_copy(out, VLS_MAX_PATH, real);
    return VLS_DONE;
}

static VLS_STATUS add_setting(struct plugin_subject *subject, const char *given,
                              struct vls_why *why)
{
    const char *equals = strchr(given, '=');
    size_t i = subject->options.settings_count;
    if (equals == NULL || equals == given || (size_t)(equals - given) > VLS_MAX_NAME)
        return vls_cli_usage(why, "--set", "'%.60s' is not NAME=VALUE", given);
    if (i == KIT_MAX_SETTINGS)
        return vls_cli_usage(why, "--set", "comes more than %d times", KIT_MAX_SETTINGS);
    vls_text_copy(subject->names[i], (size_t)(equals - given) + 1, given);
    subject->settings[i] =
        (struct vls_config_setting){subject->names[i], (char *)(uintptr_t)(equals + 1)};
    subject->options.settings_count++;
    return VLS_DONE;
}

static VLS_STATUS add_symbol(struct plugin_subject *subject, const char *given, struct vls_why *why)
{
    if (subject->options.symbols_count == KIT_MAX_SYMBOLS)
        return vls_cli_usage(why, "--resolve", "comes more than %d times", KIT_MAX_SYMBOLS);
    subject->symbols[subject->options.symbols_count++] = given;
    return VLS_DONE;
}

static VLS_STATUS add_document(struct plugin_subject *subject, const char *given,
                               struct vls_why *why)
{
    if (subject->options.message_count == KIT_SAMPLE_PARTS)
        return vls_cli_usage(why, "--message", "comes more than %d times", KIT_SAMPLE_PARTS);
    subject->message[subject->options.message_count++] = given;
    return VLS_DONE;
}

static VLS_STATUS load_scheme(const struct cli_args *args, struct plugin_subject *subject,
                              struct vls_why *why)
{
    char share[VLS_MAX_PATH], path[VLS_MAX_PATH];
    const char *given = vls_cli_value(args, "scheme");
    if (given == NULL) {
        VLS_TRY(vls_cli_share(NULL, share, why));
        VLS_TRY(vls_path_join(share, SCHEME_FILE, path, sizeof path));
        given = path;
    }
    return vls_scheme_set_load(&subject->schemes, given, why);
}

static VLS_STATUS read_subject(const struct cli_args *args, struct plugin_subject *out,
                               struct vls_why *why)
{
    const char *seed = vls_cli_value(args, "seed"), *http = vls_cli_value(args, "http");
    VLS_TRY(absolute(args->operands[1], out->file, why));
    if (seed != NULL)
        VLS_TRY(absolute(seed, out->seed, why));
    if (http != NULL)
        VLS_TRY(absolute(http, out->http, why));
    VLS_TRY(load_scheme(args, out, why));
    out->options = (struct kit_options){.file = out->file,
                                        .schemes = &out->schemes,
                                        .settings = out->settings,
                                        .seed = seed != NULL ? out->seed : NULL,
                                        .only = vls_cli_value(args, "only"),
                                        .symbols = out->symbols,
                                        .language = vls_cli_value(args, "language"),
                                        .message = out->message,
                                        .veto = vls_cli_value(args, "veto"),
                                        .http = http != NULL ? out->http : NULL};
    for (size_t i = 0; i < args->given_count; i++) {
        const char *name = args->given[i].option->name;
        if (strcmp(name, "set") == 0)
            VLS_TRY(add_setting(out, args->given[i].value, why));
        else if (strcmp(name, "resolve") == 0)
            VLS_TRY(add_symbol(out, args->given[i].value, why));
        else if (strcmp(name, "message") == 0)
            VLS_TRY(add_document(out, args->given[i].value, why));
    }
    return VLS_DONE;
}

struct vls_status vls_plugin_in_kit(struct cli *cli, const struct cli_args *args,
                                    vls_plugin_in_kit_fn fn, struct vls_why *why)
{
    struct plugin_subject *subject = vls_mem_new(sizeof *subject);
    struct kit kit = {.base = ""};
    struct vls_status s = read_subject(args, subject, why);
    if (vls_ok(s))
        s = kit_open(&subject->options, &kit, why);
    if (vls_ok(s))
        s = fn(cli, args, &kit, why);
    kit_close(&kit);
    vls_scheme_set_free(&subject->schemes);
    vls_mem_free(subject);
    return s;
}

static const struct cli_sub SUBS[] = {
    {"list", "", 0, 0, "", vls_plugin_cmd_list},
    {"describe", "", 1, 1, "PLUGIN.so", vls_plugin_cmd_describe},
    {"reload", "", 1, 1, "NAME", vls_plugin_cmd_reload},
    {"enable", "", 1, 1, "NAME", vls_plugin_cmd_enable},
    {"new", "role dir", 1, 1, "NAME", vls_plugin_cmd_new},
    {"check", "seed set only scheme verbose output resolve language message veto http", 1, 1,
     "PLUGIN.so", vls_plugin_cmd_check},
    {"run", "seed set scheme once message verbose resolve language inspect http", 1, 1, "PLUGIN.so",
     vls_plugin_cmd_run},
};

struct vls_status vls_cmd_plugin(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, COUNT(SUBS), why);
}
