/* valise arrangement check: what is wrong with an arrangement, or with house rules, before anybody
 * signs it. */
#include <string.h>

#include "arrangement_books.h"
#include "arrangement_commands.h"
#include "labels.h"
#include "policy/survey.h"
#include "show.h"

static json_t *finding_json(const struct vls_finding *f)
{
    json_t *object = json_object();
    json_object_set_new(object, "what", vls_json_text("finding"));
    json_object_set_new(object, "severity", vls_json_text(vls_severity_name(f->severity)));
    json_object_set_new(object, "code", vls_json_text(f->code));
    json_object_set_new(object, "file", vls_json_text(f->file));
    json_object_set_new(object, "line", vls_json_number(f->line));
    json_object_set_new(object, "column", vls_json_number(f->column));
    json_object_set_new(object, "rule", *f->rule != '\0' ? vls_json_text(f->rule) : json_null());
    json_object_set_new(object, "words", vls_json_text(f->words));
    json_object_set_new(object, "remedy", vls_json_text(f->remedy));
    return object;
}

static void print_finding(struct cli *cli, const struct vls_finding *f)
{
    fprintf(cli->out, "%s:", f->file);
    if (f->line != 0)
        fprintf(cli->out, "%u:%u:", f->line, f->column);
    fprintf(cli->out, " %s: ", vls_severity_name(f->severity));
    if (*f->rule != '\0')
        fprintf(cli->out, "rule %s: ", f->rule);
    fprintf(cli->out, "%s%s%s\n", f->words, *f->remedy != '\0' ? "; " : "", f->remedy);
}

static void print_count(struct cli *cli, size_t count, enum vls_severity severity, const char *mark)
{
    fprintf(cli->out, "%zu %s%s%s", count, vls_severity_name(severity), count == 1 ? "" : "s",
            mark);
}

static VLS_STATUS print_result(struct cli *cli, const char *path, const struct vls_survey *survey,
                               struct vls_why *why)
{
    const size_t *counts = survey->counts;
    bool is_ok = counts[VLS_SEVERITY_ERROR] + counts[VLS_SEVERITY_WARNING] == 0;
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("result"));
        json_object_set_new(object, "file", vls_json_text(path));
        json_object_set_new(object, "result", vls_json_text(is_ok ? "ok" : "found"));
        json_object_set_new(object, "errors", vls_json_number(counts[VLS_SEVERITY_ERROR]));
        json_object_set_new(object, "warnings", vls_json_number(counts[VLS_SEVERITY_WARNING]));
        json_object_set_new(object, "notices", vls_json_number(counts[VLS_SEVERITY_NOTICE]));
        json_object_set_new(object, "left_out", vls_json_number(survey->left_out));
        json_object_set_new(object, "reason", vls_json_text(""));
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "%s: %s: ", path, is_ok ? "ok" : "found");
    print_count(cli, counts[VLS_SEVERITY_ERROR], VLS_SEVERITY_ERROR, ", ");
    print_count(cli, counts[VLS_SEVERITY_WARNING], VLS_SEVERITY_WARNING, ", ");
    print_count(cli, counts[VLS_SEVERITY_NOTICE], VLS_SEVERITY_NOTICE, "\n");
    if (survey->left_out != 0)
        fprintf(cli->out, "%s: %zu of them are not shown\n", path, survey->left_out);
    return VLS_DONE;
}

static VLS_STATUS print_survey(struct cli *cli, const char *path, const struct vls_survey *survey,
                               struct vls_why *why)
{
    for (size_t i = 0; i < survey->count; i++)
        if (cli->is_json)
            VLS_TRY(vls_json_line(cli, finding_json(&survey->at[i]), why));
        else
            print_finding(cli, &survey->at[i]);
    return print_result(cli, path, survey, why);
}

/** A file that cannot be read as an arrangement is a finding, too. */
static VLS_STATUS print_refusal(struct cli *cli, const char *path, struct vls_status status,
                                const struct vls_why *reason, struct vls_why *why)
{
    const char *words = *reason->text != '\0' ? reason->text : vls_status_text(status);
    cli->exit_status = vls_status_exit(status);
    if (!cli->is_json) {
        fprintf(cli->out, "%s\n%s: refused\n", words, path);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "what", vls_json_text("result"));
    json_object_set_new(object, "file", vls_json_text(path));
    json_object_set_new(object, "result", vls_json_text("refused"));
    json_object_set_new(object, "reason", vls_json_text(words));
    return vls_json_line(cli, object, why);
}

static VLS_STATUS check(struct cli *cli, const struct cli_books *books, uint64_t at_ms,
                        struct vls_why *why)
{
    const struct vls_survey_question question = {
        .joint = books->joint,
        .house = books->house,
        .file = books->path,
        .house_file = books->house_path,
        .yaml = vls_buf_slice(&books->bytes),
        .house_yaml = vls_buf_slice(&books->house_bytes),
        .at_ms = at_ms,
    };
    struct vls_survey survey;
    VLS_TRY(vls_survey_make(&question, &survey, why));
    if (survey.counts[VLS_SEVERITY_ERROR] + survey.counts[VLS_SEVERITY_WARNING] != 0)
        cli->exit_status = vls_status_exit((struct vls_status){VLS_POLICY_INVALID});
    struct vls_status status = print_survey(cli, books->path, &survey, why);
    vls_survey_fini(&survey);
    return status;
}

struct vls_status vls_arrangement_cmd_check(struct cli *cli, const struct cli_args *args,
                                            struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct vls_why reason = {""};
    struct cli_books books;
    uint64_t at_ms = 0;
    VLS_TRY(vls_cli_books_time(cli, args, &at_ms, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    struct vls_status status =
        vls_cli_books_load(args->operands[1], args, &schemes, &books, &reason);
    if (status.code == VLS_POLICY_INVALID)
        return print_refusal(cli, args->operands[1], status, &reason, why);
    if (!vls_ok(status)) {
        *why = reason;
        return status;
    }
    status = check(cli, &books, at_ms, why);
    vls_cli_books_fini(&books);
    return status;
}
