/* valise label convert: a label in another form, with what only some forms hold. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "label/xml4774_label.h"
#include "label_commands.h"
#include "label_show.h"
#include "labels.h"
#include "show.h"

#define BASE64_LINE 64

/* -- what the options add ---------------------------------------------------------------------- */

static VLS_STATUS read_time(const char *option, const char *text, uint64_t *out,
                            struct vls_why *why)
{
    if (!vls_ok(vls_time_read(text, out)) || *out == 0)
        return vls_cli_usage(why, option,
                             "'%.60s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z", text);
    return VLS_DONE;
}

static VLS_STATUS add_times(const struct cli_args *args, struct vls_label *label,
                            struct vls_why *why)
{
    const char *created = vls_cli_value(args, "created"), *review = vls_cli_value(args, "review");
    if (created != NULL)
        VLS_TRY(read_time("--created", created, &vls_label_details(label)->created_ms, why));
    if (review != NULL)
        VLS_TRY(read_time("--review", review, &vls_label_details(label)->review_ms, why));
    return VLS_DONE;
}

static VLS_STATUS add_originators(const struct cli_args *args, struct vls_label *label,
                                  struct vls_why *why)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const char *value = args->given[i].value;
        if (strcmp(args->given[i].option->name, "originator") != 0)
            continue;
        const char *colon = strchr(value, ':');
        if (colon == NULL || colon == value || colon[1] == '\0')
            return vls_cli_usage(
                why, "--originator",
                "'%.60s' is not TYPE:VALUE, such as rfc822Name:registry@un.example", value);
        if (!vls_ok(vls_label_add_originator(label, value)))
            return vls_cli_usage(why, "--originator",
                                 "'%.60s' is longer than %d bytes, holds control characters, or is "
                                 "one too many",
                                 value, VLS_MAX_NAME);
    }
    return VLS_DONE;
}

/** TIME=LABEL. A successor that gives no creation of its own was made when the label was. */
static VLS_STATUS add_succession(struct cli *cli, const struct cli_args *args,
                                 const struct vls_scheme_set *schemes, struct vls_label *label,
                                 struct vls_why *why)
{
    const char *value = vls_cli_value(args, "succession");
    char time[VLS_TIME_TEXT];
    struct cli_label next;
    if (value == NULL)
        return VLS_DONE;
    const char *equals = strchr(value, '=');
    if (equals == NULL || (size_t)(equals - value) >= sizeof time || equals[1] == '\0')
        return vls_cli_usage(why, "--succession", "'%.60s' is not TIME=LABEL", value);
    vls_text_copy(time, (size_t)(equals - value) + 1, value);
    struct vls_label_details *d = vls_label_details(label);
    VLS_TRY(read_time("--succession", time, &d->succession_ms, why));
    VLS_TRY(vls_cli_about(vls_cli_label(cli, equals + 1, schemes, true, &next, why), "--succession",
                          why));
    if (vls_label_details(&next.label)->created_ms == 0)
        next.label.details->created_ms = d->created_ms;
    if (d->successor == NULL)
        d->successor = vls_mem_new(sizeof *d->successor);
    vls_label_fini(d->successor);
    *d->successor = next.label;
    return VLS_DONE;
}

/* -- forms ------------------------------------------------------------------------------------- */

static VLS_STATUS put_text(const struct vls_label *label, struct vls_buf *out, struct vls_why *why)
{
    if (label->details != NULL && label->details->privacy_mark != NULL)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "the text form has no place for the privacy mark '%.80s'; take der or 4774",
                        label->details->privacy_mark);
    if (vls_label_unknown_count(label) != 0)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "the text form has no place for the unknown category %.80s; take der",
                        label->details->unknown[0].words);
    VLS_TRY(vls_label_text(label, out));
    return vls_buf_add_text(out, "\n");
}

static VLS_STATUS put_der(const struct vls_label *label, struct vls_buf *out, struct vls_why *why)
{
    struct vls_status status = vls_label_encode(label, out);
    if (!vls_ok(status))
        return vls_fail(status.code, why,
                        "the label does not fit into the %d bytes of its DER form", VLS_MAX_LABEL);
    return VLS_DONE;
}

static VLS_STATUS put_base64(const struct vls_label *label, struct vls_buf *out,
                             struct vls_why *why)
{
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&der, VLS_MAX_LABEL);
    vls_buf_init(&text, 2 * VLS_MAX_LABEL);
    VLS_TRY(put_der(label, &der, why));
    VLS_TRY(vls_base64_add(vls_buf_slice(&der), &text));
    for (size_t at = 0; at < text.len; at += BASE64_LINE) {
        size_t len = text.len - at < BASE64_LINE ? text.len - at : BASE64_LINE;
        VLS_TRY(vls_buf_add(out, text.at + at, len));
        VLS_TRY(vls_buf_add_text(out, "\n"));
    }
    return VLS_DONE;
}

static VLS_STATUS put_hex(const struct vls_label *label, struct vls_buf *out, struct vls_why *why)
{
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    char hex[2 * VLS_MAX_LABEL + 1];
    vls_buf_init(&der, VLS_MAX_LABEL);
    VLS_TRY(put_der(label, &der, why));
    vls_hex(vls_buf_slice(&der), hex);
    return vls_buf_add_format(out, "%s\n", hex);
}

static VLS_STATUS put_4774(const struct vls_label *label, struct vls_buf *out, struct vls_why *why)
{
    struct vls_xml4774 *form = NULL;
    if (label->details == NULL || label->details->created_ms == 0)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "the form 4774 must say when the label was made, and this label does not: "
                        "give --created TIME");
    VLS_TRY(vls_xml4774_of(label, &form, why));
    struct vls_status status = vls_xml4774_write(form, out, why);
    vls_xml4774_free(&form);
    return status;
}

/** What each form keeps beside classification, categories and privacy mark. */
static const struct form {
    const char *name;
    struct vls_status (*put)(const struct vls_label *, struct vls_buf *, struct vls_why *);
    bool has_dates;
} FORMS[] = {
    {"text", put_text, false}, {"der", put_der, false},  {"base64", put_base64, false},
    {"hex", put_hex, false},   {"4774", put_4774, true},
};

static VLS_STATUS find_form(const struct cli_args *args, const struct form **out,
                            struct vls_why *why)
{
    const char *name = NULL;
    VLS_TRY(vls_cli_need(args, "form", &name, why));
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++)
        if (strcmp(FORMS[i].name, name) == 0) {
            *out = &FORMS[i];
            return VLS_DONE;
        }
    return vls_cli_usage(why, "--form", "'%.40s' is not text, der, base64, hex or 4774", name);
}

/** What is left out is said, so that nobody takes the new form for all of the label. */
static void say_what_is_lost(struct cli *cli, const struct form *form,
                             const struct vls_label *label)
{
    const struct vls_label_details *d = label->details;
    if (form->has_dates || d == NULL)
        return;
    const char *const lost[] = {
        d->created_ms != 0 ? " creation" : "",
        d->review_ms != 0 ? " review" : "",
        d->succession_ms != 0 ? " succession" : "",
        d->originator_count != 0 ? " originator" : "",
    };
    if (d->created_ms != 0 || d->review_ms != 0 || d->succession_ms != 0 ||
        d->originator_count != 0)
        fprintf(cli->err, "valise label: the form %s has no place for:%s%s%s%s\n", form->name,
                lost[0], lost[1], lost[2], lost[3]);
}

static VLS_STATUS write_out(struct cli *cli, const char *path, const struct form *form,
                            struct vls_slice bytes, struct vls_why *why)
{
    if (path == NULL) {
        if (strcmp(form->name, "der") == 0 && cli->is_terminal)
            return vls_cli_usage(why, "--output",
                                 "DER is no text for a terminal; give a file, or --form base64");
        if (fwrite(bytes.at, 1, bytes.len, cli->out) != bytes.len)
            return vls_fail(VLS_SYSTEM_IO, why, "standard output takes no more");
        return VLS_DONE;
    }
    if (access(path, F_OK) == 0)
        return vls_cli_usage(why, path, "is there already; give another name");
    VLS_TRY(vls_file_write(path, bytes, 0644, why));
    if (!cli->is_json) {
        fprintf(cli->out, "%s\n", path);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "file", vls_json_text(path));
    json_object_set_new(object, "form", vls_json_text(form->name));
    return vls_json_line(cli, object, why);
}

/** Without a file: the form as one member, DER in base64. */
static VLS_STATUS write_json(struct cli *cli, const struct form *form, struct vls_slice bytes,
                             struct vls_why *why)
{
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, 2 * VLS_MAX_XML_LABEL);
    bool is_der = strcmp(form->name, "der") == 0;
    VLS_TRY(is_der ? vls_base64_add(bytes, &text) : vls_buf_add_slice(&text, bytes));
    json_t *object = json_object();
    json_object_set_new(object, "form", vls_json_text(is_der ? "base64" : form->name));
    json_object_set_new(object, "content", vls_json_text(vls_buf_text(&text)));
    return vls_json_line(cli, object, why);
}

static VLS_STATUS convert(struct cli *cli, const struct cli_args *args, const struct form *form,
                          const struct vls_scheme_set *schemes, struct vls_label *label,
                          struct vls_why *why)
{
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    const char *path = vls_cli_value(args, "output");
    vls_buf_init(&bytes, VLS_MAX_XML_LABEL);
    VLS_TRY(add_times(args, label, why));
    VLS_TRY(add_originators(args, label, why));
    VLS_TRY(add_succession(cli, args, schemes, label, why));
    VLS_TRY(vls_label_check(label, why));
    VLS_TRY(form->put(label, &bytes, why));
    say_what_is_lost(cli, form, label);
    if (path == NULL && cli->is_json)
        return write_json(cli, form, vls_buf_slice(&bytes), why);
    return write_out(cli, path, form, vls_buf_slice(&bytes), why);
}

struct vls_status vls_label_cmd_convert(struct cli *cli, const struct cli_args *args,
                                        struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct cli_label found;
    const struct form *form = NULL;
    VLS_TRY(find_form(args, &form, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_label(cli, args->operands[1], &schemes, true, &found, why));
    struct vls_status status = convert(cli, args, form, &schemes, &found.label, why);
    vls_label_fini(&found.label);
    return status;
}
