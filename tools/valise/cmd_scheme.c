/* valise scheme: classification schemes as files, before a gateway loads them. */
#include <string.h>

#include "label/map.h"
#include "scheme_commands.h"
#include "show.h"
#include "sub.h"

static VLS_STATUS say_checked(struct cli *cli, const char *path, const struct vls_scheme *scheme,
                              struct vls_status status, const struct vls_why *reason,
                              struct vls_why *why)
{
    const char *words = *reason->text != '\0' ? reason->text : vls_status_text(status);
    const char *notice = scheme != NULL ? vls_scheme_notice(scheme) : NULL;
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "file", vls_json_text(path));
        json_object_set_new(object, "result", vls_json_text(vls_ok(status) ? "ok" : "refused"));
        json_object_set_new(object, "scheme",
                            scheme != NULL ? vls_json_text(vls_scheme_name(scheme)) : json_null());
        json_object_set_new(object, "notice", notice != NULL ? vls_json_text(notice) : json_null());
        json_object_set_new(object, "reason", vls_json_text(vls_ok(status) ? "" : words));
        return vls_json_line(cli, object, why);
    }
    if (!vls_ok(status))
        vls_print_refused(cli, path, words);
    else
        fprintf(cli->out, "%s: ok: %s, %zu classifications, %zu categories\n", path,
                vls_scheme_name(scheme), vls_scheme_count(scheme),
                vls_scheme_category_count(scheme));
    if (notice != NULL)
        fprintf(cli->out, "%s: note: %s\n", path, notice);
    return VLS_DONE;
}

static VLS_STATUS check_file(struct cli *cli, const char *path, struct vls_scheme **out,
                             struct vls_why *why)
{
    struct vls_why reason = {""};
    struct vls_status status = vls_scheme_load(path, out, &reason);
    int exit_status = vls_status_exit(status);
    if (exit_status > cli->exit_status)
        cli->exit_status = exit_status;
    return say_checked(cli, path, *out, status, &reason, why);
}

/** No round trip between two of the files may lower a label. */
static VLS_STATUS check_pairs(struct cli *cli, struct vls_scheme *const *schemes, size_t count,
                              struct vls_why *why)
{
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            struct vls_why reason = {""};
            if (i == j || schemes[i] == NULL || schemes[j] == NULL)
                continue;
            status = vls_map_check_round_trip(schemes[i], schemes[j], &reason);
            if (vls_ok(status))
                continue;
            cli->exit_status = vls_status_exit(status);
            VLS_TRY(say_checked(cli, vls_scheme_name(schemes[i]), NULL, status, &reason, why));
        }
    return VLS_DONE;
}

static struct vls_status cmd_check(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    struct vls_scheme *schemes[CLI_MAX_OPERANDS] = {NULL};
    struct vls_status status = VLS_DONE;
    size_t count = args->operand_count - 1;
    for (size_t i = 0; i < count && vls_ok(status); i++)
        status = check_file(cli, args->operands[i + 1], &schemes[i], why);
    if (vls_ok(status))
        status = check_pairs(cli, schemes, count, why);
    for (size_t i = 0; i < count; i++)
        vls_scheme_free(&schemes[i]);
    return status;
}

static const struct cli_sub SUBS[] = {
    {"check", "", 1, CLI_MAX_OPERANDS, "FILE...", cmd_check},
    {"show", "scheme", 0, 1, "SCHEME", vls_scheme_cmd_show},
    {"diff", "", 2, 2, "OLD NEW", vls_scheme_cmd_diff},
};

struct vls_status vls_cmd_scheme(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
