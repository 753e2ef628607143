/* valise label: what labels say, whether they hold, how they stand to each other. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/clearance.h"
#include "label/join.h"
#include "label/marking.h"
#include "label_bind.h"
#include "label_colour.h"
#include "label_commands.h"
#include "label_show.h"
#include "labels.h"
#include "show.h"
#include "sub.h"

struct vls_status vls_label_time(struct cli *cli, const struct cli_args *args, uint64_t *out,
                                 struct vls_why *why)
{
    const char *at = vls_cli_value(args, "at");
    *out = vls_wall_ms(cli->env);
    if (at != NULL && !vls_ok(vls_time_read(at, out)))
        return vls_cli_usage(why, "--at",
                             "'%.60s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z", at);
    return VLS_DONE;
}

/** The language asked for; NULL when none is. */
static VLS_STATUS language_of(const struct cli_args *args, const char **out, struct vls_why *why)
{
    const char *language = vls_cli_value(args, "language");
    if (language != NULL &&
        (*language == '\0' || strlen(language) > VLS_MAX_NAME ||
         strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") !=
             strlen(language)))
        return vls_cli_usage(why, "--language", "'%.40s' is no language; write fr, zh-Hans or all",
                             language);
    *out = language;
    return VLS_DONE;
}

/* -- show -------------------------------------------------------------------------------------- */

static VLS_STATUS show_all(struct cli *cli, const struct cli_args *args,
                           const struct vls_scheme_set *schemes, struct vls_why *why)
{
    const char *language = NULL;
    uint64_t at_ms = 0;
    VLS_TRY(language_of(args, &language, why));
    VLS_TRY(vls_label_time(cli, args, &at_ms, why));
    for (size_t i = 1; i < args->operand_count; i++) {
        const char *what = args->operands[i];
        struct cli_label found;
        struct vls_status status = vls_cli_label(cli, what, schemes, false, &found, why);
        VLS_TRY(status);
        if (cli->is_json) {
            status = vls_json_line(cli, vls_label_show_json(what, &found, language, at_ms), why);
        } else {
            if (i > 1)
                fputc('\n', cli->out);
            vls_label_show(cli, what, &found, language, at_ms);
        }
        vls_label_fini(&found.label);
        VLS_TRY(status);
    }
    return VLS_DONE;
}

static struct vls_status cmd_show(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    return show_all(cli, args, &schemes, why);
}

/* -- check ------------------------------------------------------------------------------------- */

struct check {
    const struct vls_scheme_set *schemes;
    uint64_t at_ms;
    bool is_new;
    const struct vls_clearance *clearance; /* NULL: none */
};

static VLS_STATUS check_label(struct cli *cli, const struct check *check, const char *what,
                              struct vls_why *why)
{
    struct cli_label found;
    VLS_TRY(vls_cli_label(cli, what, check->schemes, true, &found, why));
    struct vls_status status = vls_label_check_at(&found.label, check->at_ms, why);
    if (vls_ok(status) && check->is_new)
        status = vls_label_check_new(&found.label, why);
    if (vls_ok(status) && check->clearance != NULL)
        status = vls_clearance_decide(check->clearance, &found.label, why);
    vls_label_fini(&found.label);
    return status;
}

static VLS_STATUS check_and_say(struct cli *cli, const struct check *check, const char *what,
                                struct vls_why *why)
{
    struct vls_why reason = {""};
    struct vls_status status = check_label(cli, check, what, &reason);
    int exit_status = vls_status_exit(status);
    const char *words = *reason.text != '\0' ? reason.text : vls_status_text(status);
    if (exit_status > cli->exit_status)
        cli->exit_status = exit_status;
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "label", vls_json_text(what));
        json_object_set_new(object, "result", vls_json_text(vls_ok(status) ? "ok" : "refused"));
        json_object_set_new(object, "status",
                            vls_json_text(vls_ok(status) ? "OK" : vls_status_name(status)));
        json_object_set_new(object, "reason", vls_json_text(vls_ok(status) ? "" : words));
        return vls_json_line(cli, object, why);
    }
    if (vls_ok(status))
        fprintf(cli->out, "%s: ok\n", what);
    else
        vls_print_refused(cli, what, words);
    return VLS_DONE;
}

static struct vls_status cmd_check(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct vls_clearance clearance;
    const char *cleared = vls_cli_value(args, "clearance");
    struct check check = {.schemes = &schemes, .is_new = vls_cli_has(args, "new")};
    VLS_TRY(vls_label_time(cli, args, &check.at_ms, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    if (cleared != NULL) {
        VLS_TRY(vls_cli_about(vls_clearance_read(cleared, &schemes, &clearance, why), "--clearance",
                              why));
        check.clearance = &clearance;
    }
    for (size_t i = 1; i < args->operand_count; i++)
        VLS_TRY(check_and_say(cli, &check, args->operands[i], why));
    return VLS_DONE;
}

/* -- join -------------------------------------------------------------------------------------- */

static VLS_STATUS join_all(struct cli *cli, const struct cli_args *args,
                           const struct vls_scheme_set *schemes, struct vls_label *parts,
                           size_t *count, struct vls_why *why)
{
    struct cli_label join = {.form = CLI_LABEL_TEXT};
    const char *language = NULL;
    VLS_TRY(language_of(args, &language, why));
    for (size_t i = 1; i < args->operand_count; i++) {
        struct cli_label found;
        VLS_TRY(vls_cli_label(cli, args->operands[i], schemes, true, &found, why));
        parts[(*count)++] = found.label;
    }
    VLS_TRY(vls_label_join_all(parts, *count, &join.label, why));
    struct vls_status status = VLS_DONE;
    uint64_t now_ms = vls_wall_ms(cli->env);
    if (cli->is_json)
        status = vls_json_line(cli, vls_label_show_json("join", &join, language, now_ms), why);
    else
        vls_label_show(cli, "join", &join, language, now_ms);
    if (vls_ok(status)) { /* a whole that breaks a rule of its scheme is shown, and refused */
        status = vls_label_check(&join.label, why);
        status = vls_cli_about(status, "the join", why);
    }
    vls_label_fini(&join.label);
    return status;
}

static struct vls_status cmd_join(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    size_t count = 0;
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    struct vls_label *parts = vls_mem_new(CLI_MAX_OPERANDS * sizeof *parts);
    struct vls_status status = join_all(cli, args, &schemes, parts, &count, why);
    for (size_t i = 0; i < count; i++)
        vls_label_fini(&parts[i]);
    vls_mem_free(parts);
    return status;
}

/* -- mark -------------------------------------------------------------------------------------- */

static VLS_STATUS place_of(const struct cli_args *args, uint32_t *out, const char **out_name,
                           struct vls_why *why)
{
    const char *name = vls_cli_value(args, "place");
    if (name == NULL)
        name = "page-top";
    *out = vls_marking_place(name);
    *out_name = name;
    char places[160];
    size_t used = 0;
    for (size_t i = 0; vls_marking_place_name(i) != NULL && used < sizeof places; i++) {
        int n = snprintf(places + used, sizeof places - used, "%s%s", i > 0 ? ", " : "",
                         vls_marking_place_name(i));
        used += n > 0 ? (size_t)n : 0;
    }
    if (*out == 0)
        return vls_cli_usage(why, "--place", "'%.40s' is not one of %s", name, places);
    return VLS_DONE;
}

static VLS_STATUS mark_one(struct cli *cli, const struct vls_label *label, uint32_t place,
                           const char *place_name, const char *language, struct vls_why *why)
{
    struct vls_status status = VLS_DONE;
    char *text = vls_label_show_marking(label, place, language);
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "place", vls_json_text(place_name));
        json_object_set_new(object, "language", vls_json_text(language));
        json_object_set_new(object, "marking", vls_json_text(text));
        json_object_set_new(object, "color", vls_json_text(label->classification->color));
        status = vls_json_line(cli, object, why);
    } else {
        vls_label_print_coloured(cli, label->classification->color, text);
        fputc('\n', cli->out);
    }
    vls_mem_free(text);
    return status;
}

static struct vls_status cmd_mark(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    const char *language = NULL, *place_name = NULL, *all[LABEL_LANGUAGES_MAX] = {"en"};
    uint32_t place = 0;
    struct cli_label found;
    size_t count = 1;
    VLS_TRY(language_of(args, &language, why));
    VLS_TRY(place_of(args, &place, &place_name, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_label(cli, args->operands[1], &schemes, true, &found, why));
    if (language != NULL && strcmp(language, "all") == 0)
        count = vls_label_languages(found.label.scheme, all);
    else if (language != NULL)
        all[0] = language;
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < (count > 0 ? count : 1) && vls_ok(status); i++)
        status = mark_one(cli, &found.label, place, place_name, all[i], why);
    vls_label_fini(&found.label);
    return status;
}

/* -- all of them ------------------------------------------------------------------------------- */

static const struct cli_sub SUBS[] = {
    {"show", "scheme language at", 1, CLI_MAX_OPERANDS, "LABEL...", cmd_show},
    {"check", "scheme at new clearance", 1, CLI_MAX_OPERANDS, "LABEL...", cmd_check},
    {"compare", "scheme", 2, 2, "A B", vls_label_cmd_compare},
    {"join", "scheme language", 1, CLI_MAX_OPERANDS, "LABEL...", cmd_join},
    {"map", "scheme into allow-discard", 1, 1, "LABEL", vls_label_cmd_map},
    {"mark", "scheme place language", 1, 1, "LABEL", cmd_mark},
    {"convert", "scheme form output created originator review succession", 1, 1, "LABEL",
     vls_label_cmd_convert},
    {"bind", "scheme label key certificate passphrase-file form output", 1, CLI_MAX_OPERANDS,
     "FILE...", vls_label_bind},
    {"verify", "scheme ca at", 1, CLI_MAX_OPERANDS, "BINDING...", vls_label_verify},
};

struct vls_status vls_cmd_label(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
