/* valise plugin describe, check: what a plugin says it is, and whether it keeps to the interface.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin_commands.h"
#include "show.h"

#define CERTIFICATE_BYTES (64u << 10)

static const char *const TYPES[] = {"?", "text", "number", "boolean", "path", "choice"};

static const char *type_name(uint32_t type)
{
    return type < sizeof TYPES / sizeof TYPES[0] ? TYPES[type] : "?";
}

/* -- describe ---------------------------------------------------------------------------------- */

static json_t *setting_json(const struct vls_setting *s)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", vls_json_text(s->name));
    json_object_set_new(object, "type", vls_json_text(type_name(s->type)));
    json_object_set_new(object, "required", json_boolean(s->flags & VLS_SETTING_REQUIRED));
    json_object_set_new(object, "secret", json_boolean(s->flags & VLS_SETTING_SECRET));
    json_object_set_new(object, "min", json_integer(s->min));
    json_object_set_new(object, "max", json_integer(s->max));
    json_object_set_new(object, "default",
                        s->fallback != NULL ? vls_json_text(s->fallback) : json_null());
    json_object_set_new(object, "choices",
                        s->choices != NULL ? vls_json_text(s->choices) : json_null());
    json_object_set_new(object, "help", vls_json_text(s->help != NULL ? s->help : ""));
    return object;
}

static json_t *description_json(const char *file, const struct vls_plugin_description *d)
{
    json_t *object = json_object(), *settings = json_array();
    char abi[24];
    snprintf(abi, sizeof abi, "%u.%u", d->message->abi >> 16, d->message->abi & 0xffffu);
    for (const struct vls_setting *s = d->settings; s->name != NULL; s++)
        json_array_append_new(settings, setting_json(s));
    json_object_set_new(object, "file", vls_json_text(file));
    json_object_set_new(object, "id", vls_json_text(d->message->id));
    json_object_set_new(object, "version", vls_json_text(d->message->version));
    json_object_set_new(object, "summary", vls_json_text(d->message->summary));
    json_object_set_new(object, "abi", vls_json_text(abi));
    json_object_set_new(object, "size", json_integer(d->message->size));
    json_object_set_new(object, "roles", vls_plugin_roles_json(d->plugin.roles));
    json_object_set_new(object, "needs", vls_plugin_caps_json(d->plugin.caps_need));
    json_object_set_new(object, "wants", vls_plugin_caps_json(d->plugin.caps_want));
    json_object_set_new(object, "settings", settings);
    return object;
}

static void print_settings(struct cli *cli, const struct vls_setting *settings)
{
    static const char *const TITLES[] = {"SETTING", "TYPE", "DEFAULT", "HELP", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (const struct vls_setting *s = settings; s->name != NULL; s++) {
        vls_table_add(&table, s->name);
        vls_table_add(&table, s->type == VLS_SETTING_CHOICE && s->choices != NULL
                                  ? s->choices
                                  : type_name(s->type));
        vls_table_add(&table, (s->flags & VLS_SETTING_REQUIRED) != 0 ? "required"
                              : s->fallback != NULL                  ? s->fallback
                                                                     : "-");
        vls_table_add(&table, s->help);
    }
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static void print_head(struct cli *cli, const struct vls_plugin_description *d)
{
    char text[VLS_MAX_NAME + 64];
    snprintf(text, sizeof text, "%.64s %.64s", d->message->id, d->message->version);
    vls_print_field(cli, "plugin", text);
    vls_print_field(cli, "summary", d->message->summary);
    snprintf(text, sizeof text, "%u.%u, %u bytes", d->message->abi >> 16, d->message->abi & 0xffffu,
             d->message->size);
    vls_print_field(cli, "abi", text);
    vls_plugin_roles_text(d->plugin.roles, text, sizeof text);
    vls_print_field(cli, "roles", text);
    vls_plugin_caps_text(d->plugin.caps_need, text, sizeof text);
    vls_print_field(cli, "needs", text[0] != '\0' ? text : "nothing");
    vls_plugin_caps_text(d->plugin.caps_want, text, sizeof text);
    vls_print_field(cli, "wants", text[0] != '\0' ? text : "nothing");
}

struct vls_status vls_plugin_cmd_describe(struct cli *cli, const struct cli_args *args,
                                          struct vls_why *why)
{
    struct vls_plugin_description d = {.message = NULL};
    const char *file = args->operands[1];
    struct vls_status status = kit_describe(file, &d, why);
    if (vls_ok(status) && cli->is_json) {
        status = vls_json_line(cli, description_json(file, &d), why);
    } else if (vls_ok(status)) {
        print_head(cli, &d);
        if (d.settings->name != NULL)
            fputc('\n', cli->out);
        if (d.settings->name != NULL)
            print_settings(cli, d.settings);
    }
    vls_plugin_description_fini(&d);
    return status;
}

/* -- check ------------------------------------------------------------------------------------- */

/* What has been found out so far. */
struct findings {
    struct cli *cli;
    bool is_verbose;
    unsigned count[3]; /* by enum kit_verdict */
    uint64_t began_ms;
    json_t *names; /* of what was tested, by group: [passed, failed, skipped] */
};

static const char *const VERDICTS[] = {"passed", "failed", "skipped"};

static void say_checked(const struct findings *f, const struct kit_check *check,
                        enum kit_verdict verdict, const char *words, uint64_t ms)
{
    struct vls_why why;
    if (f->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "check", vls_json_text(check->name));
        json_object_set_new(object, "what", vls_json_text(check->what));
        json_object_set_new(object, "result", vls_json_text(VERDICTS[verdict]));
        json_object_set_new(object, "reason", vls_json_text(words));
        json_object_set_new(object, "ms", vls_json_number(ms));
        VLS_IGNORE(vls_json_line(f->cli, object, &why), "the certificate has the result");
    } else if (f->is_verbose || verdict == KIT_FAILED) {
        fprintf(f->cli->out, "%-8s %-28s %s%s%s\n", VERDICTS[verdict], check->name, check->what,
                words[0] != '\0' ? ": " : "", words);
        fflush(f->cli->out);
    }
}

static void on_checked(void *ctx, const struct kit_group *group, const struct kit_check *check,
                       enum kit_verdict verdict, const char *words, uint64_t ms)
{
    struct findings *f = ctx;
    json_t *of_group = json_object_get(f->names, group->name);
    f->count[verdict]++;
    if (of_group == NULL) {
        of_group = json_pack("[iii]", 0, 0, 0);
        json_object_set_new(f->names, group->name, of_group);
    }
    json_t *number = json_array_get(of_group, verdict);
    json_integer_set(number, json_integer_value(number) + 1);
    say_checked(f, check, verdict, words, ms);
}

/* The certificate: one object, which the text is made of, too. */
static json_t *certificate(const struct findings *f, const struct kit *kit, const char *digest)
{
    struct utsname system_name;
    json_t *object = json_object();
    const Valise__PluginDescription *d = kit->described.message;
    char text[64];
    bool is_good = f->count[KIT_FAILED] == 0 && kit->is_described;
    json_object_set_new(object, "result", vls_json_text(is_good ? "certified" : "refused"));
    json_object_set_new(object, "plugin", vls_json_text(d != NULL ? d->id : ""));
    json_object_set_new(object, "version", vls_json_text(d != NULL ? d->version : ""));
    snprintf(text, sizeof text, "%u.%u", d != NULL ? d->abi >> 16 : 0,
             d != NULL ? d->abi & 0xffffu : 0);
    json_object_set_new(object, "abi", vls_json_text(text));
    json_object_set_new(object, "roles", vls_plugin_roles_json(kit->described.plugin.roles));
    json_object_set_new(object, "needs", vls_plugin_caps_json(kit->described.plugin.caps_need));
    json_object_set_new(object, "wants", vls_plugin_caps_json(kit->described.plugin.caps_want));
    json_object_set_new(object, "sha256", vls_json_text(digest));
    snprintf(text, sizeof text, "%u.%u", VLS_ABI_MAJOR, VLS_ABI_MINOR);
    json_object_set_new(object, "host_abi", vls_json_text(text));
    json_object_set_new(object, "host_version", vls_json_text(VALISE_VERSION));
    if (uname(&system_name) == 0) {
        json_object_set_new(object, "kernel", vls_json_text(system_name.release));
        json_object_set_new(object, "machine", vls_json_text(system_name.machine));
    }
    json_object_set_new(object, "at", vls_json_time(vls_wall_ms(f->cli->env)));
    json_object_set_new(object, "documents", json_integer(kit->brought));
    for (size_t i = 0; i < 3; i++)
        json_object_set_new(object, VERDICTS[i], json_integer(f->count[i]));
    json_object_set(object, "tested", f->names);
    return object;
}

static const char *text_in(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static void print_tested(struct cli *cli, json_t *tested)
{
    const char *name;
    json_t *counts;
    json_object_foreach(tested, name, counts)
    {
        char text[96];
        long long n[3];
        for (size_t i = 0; i < 3; i++)
            n[i] = (long long)json_integer_value(json_array_get(counts, i));
        snprintf(text, sizeof text, "%s: %lld passed, %lld failed, %lld skipped", name, n[0], n[1],
                 n[2]);
        vls_print_field(cli, "tested", text);
    }
}

static void print_certificate(struct cli *cli, json_t *c, const struct findings *f)
{
    char text[256];
    if (f->is_verbose || f->count[KIT_FAILED] > 0)
        fputc('\n', cli->out);
    snprintf(text, sizeof text, "%s: %u checks passed, %u failed, %u skipped", text_in(c, "result"),
             f->count[KIT_PASSED], f->count[KIT_FAILED], f->count[KIT_SKIPPED]);
    vls_print_field(cli, "result", text);
    snprintf(text, sizeof text, "%.64s %.64s", text_in(c, "plugin"), text_in(c, "version"));
    vls_print_field(cli, "plugin", text);
    vls_print_field(cli, "sha256", text_in(c, "sha256"));
    snprintf(text, sizeof text, "%s; host %s of valise %s", text_in(c, "abi"),
             text_in(c, "host_abi"), text_in(c, "host_version"));
    vls_print_field(cli, "abi", text);
    snprintf(text, sizeof text, "Linux %.80s, %.20s", text_in(c, "kernel"), text_in(c, "machine"));
    vls_print_field(cli, "machine", text);
    vls_print_field(cli, "at", text_in(c, "at"));
    print_tested(cli, json_object_get(c, "tested"));
}

static VLS_STATUS write_certificate(const char *path, json_t *object, struct vls_why *why)
{
    char *text = vls_mem_new(CERTIFICATE_BYTES);
    size_t len = json_dumpb(object, text, CERTIFICATE_BYTES, JSON_INDENT(2));
    struct vls_status s = len > 0 && len <= CERTIFICATE_BYTES
                              ? vls_file_write(path, VLS_SLICE(text, len), 0644, why)
                              : vls_fail(VLS_SYSTEM_BUG, why, "the certificate is too long");
    vls_mem_free(text);
    return s;
}

static VLS_STATUS check(struct cli *cli, const struct cli_args *args, struct kit *kit,
                        struct vls_why *why)
{
    char digest[2 * VLS_DIGEST_BYTES + 1];
    struct findings f = {.cli = cli, .is_verbose = vls_cli_has(args, "verbose")};
    VLS_TRY(vls_plugin_digest(kit->options.file, digest, why));
    f.names = json_object();
    kit_run(kit, on_checked, &f);
    json_t *object = certificate(&f, kit, digest);
    const char *path = vls_cli_value(args, "output");
    struct vls_status s = path != NULL ? write_certificate(path, object, why) : VLS_DONE;
    if (f.count[KIT_FAILED] > 0)
        cli->exit_status = 1;
    if (vls_ok(s) && cli->is_json)
        s = vls_json_line(cli, json_incref(object), why);
    else if (vls_ok(s))
        print_certificate(cli, object, &f);
    json_decref(object);
    json_decref(f.names);
    return s;
}

struct vls_status vls_plugin_cmd_check(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why)
{
    return vls_plugin_in_kit(cli, args, check, why);
}
