/* valise plugin run: a plugin in its real host, with nobody behind it: what it emits is printed, a
 * sink is given files as a message, an inspector is shown them, and a resolver is asked. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin_commands.h"
#include "show.h"

#define FIRST_MS         3000 /* for the first document */
#define QUIET_MS         500  /* nothing more comes */
#define MAX_MESSAGE_FILE (256u << 20)

static bool has_more(struct kit_session *session)
{
    return session->is_over || session->memory->count > session->asked_shown;
}

static VLS_STATUS print_message(struct cli *cli, const struct kit_message *m, struct vls_why *why)
{
    char digest[2 * VLS_DIGEST_BYTES + 1];
    json_t *parts = json_array(), *object = json_object();
    if (!cli->is_json)
        fprintf(cli->out, "document %s\n  kind %s to %s, label %s, subject \"%s\"\n", m->origin,
                m->kind, m->to, m->label[0] != '\0' ? m->label : "(none: quarantine)", m->subject);
    for (size_t i = 0; i < m->parts; i++) {
        json_t *part = json_object();
        vls_hex(vls_digest_slice(&m->part[i].digest), digest);
        if (!cli->is_json)
            fprintf(cli->out, "  part %s %" PRIu64 " bytes %s sha256 %s\n", m->part[i].name,
                    m->part[i].bytes, m->part[i].media_type, digest);
        json_object_set_new(part, "name", vls_json_text(m->part[i].name));
        json_object_set_new(part, "media_type", vls_json_text(m->part[i].media_type));
        json_object_set_new(part, "label", vls_json_text(m->part[i].label));
        json_object_set_new(part, "bytes", vls_json_number(m->part[i].bytes));
        json_object_set_new(part, "sha256", vls_json_text(digest));
        json_array_append_new(parts, part);
    }
    json_object_set_new(object, "key", vls_json_text(m->origin));
    json_object_set_new(object, "kind", vls_json_text(m->kind));
    json_object_set_new(object, "to", vls_json_text(m->to));
    json_object_set_new(object, "label", vls_json_text(m->label));
    json_object_set_new(object, "subject", vls_json_text(m->subject));
    json_object_set_new(object, "state_items", vls_json_number(m->state));
    json_object_set_new(object, "parts", parts);
    if (cli->is_json)
        return vls_json_line(cli, object, why);
    json_decref(object);
    return VLS_DONE;
}

static VLS_STATUS print_emitted(struct cli *cli, struct kit_run *run, bool is_once,
                                struct vls_why *why)
{
    struct kit_session *session = &run->session;
    int ms = FIRST_MS;
    while (kit_session_pump(session, has_more, is_once ? ms : INT32_MAX) && !session->is_over) {
        while (session->asked_shown < session->memory->count)
            VLS_TRY(print_message(cli, session->memory->messages[session->asked_shown++], why));
        fflush(cli->out);
        ms = QUIET_MS;
    }
    return VLS_DONE;
}

/* Files of the command line, as the parts of one message. */
struct letter {
    struct kit_part parts[VLS_MAX_PARTS];
    struct vls_buf bytes[VLS_MAX_PARTS];
    struct kit_mail mail;
};

static void letter_fini(struct letter *letter)
{
    for (size_t i = 0; i < letter->mail.count; i++)
        vls_buf_fini(&letter->bytes[i]);
}

/* Those of --message or --inspect. Release with letter_fini(), also when it fails. */
static VLS_STATUS read_letter(const struct cli_args *args, const char *option,
                              const struct kit *kit, struct letter *out, struct vls_why *why)
{
    out->mail = (struct kit_mail){.schemes = kit->options.schemes,
                                  .label = KIT_LABEL,
                                  .subject = "A message from valise plugin run",
                                  .parts = out->parts};
    for (size_t i = 0; i < args->given_count; i++) {
        const char *path = args->given[i].value;
        size_t at = out->mail.count;
        if (strcmp(args->given[i].option->name, option) != 0 || at == VLS_MAX_PARTS)
            continue;
        const char *slash = strrchr(path, '/');
        vls_buf_init(&out->bytes[at], MAX_MESSAGE_FILE);
        out->mail.count++;
        VLS_TRY(vls_file_read(path, &out->bytes[at], why));
        out->parts[at] = (struct kit_part){.name = slash != NULL ? slash + 1 : path,
                                           .bytes = vls_buf_slice(&out->bytes[at])};
    }
    return VLS_DONE;
}

static VLS_STATUS deliver(struct cli *cli, const struct cli_args *args, struct kit *kit,
                          struct kit_run *run, struct vls_why *why)
{
    VLS_DEFER(letter_fini) struct letter letter = {.mail = {.count = 0}};
    struct vls_id id = kit_id(1);
    VLS_TRY(read_letter(args, "message", kit, &letter, why));
    if (letter.mail.count == 0)
        return VLS_DONE;
    struct vls_status s = kit_session_deliver(&run->session, &letter.mail, &id, 1, why);
    fprintf(cli->err, "delivered: %s%s%s\n", vls_ok(s) ? "done" : vls_status_name(s),
            vls_ok(s) ? "" : ": ", vls_ok(s) ? "" : why->text);
    return s;
}

/* A verdict is an answer, whichever it is. */
static VLS_STATUS inspect(struct cli *cli, const struct cli_args *args, struct kit *kit,
                          struct kit_run *run, struct vls_why *why)
{
    VLS_DEFER(letter_fini) struct letter letter = {.mail = {.count = 0}};
    struct vls_id id = kit_id(1);
    VLS_TRY(read_letter(args, "inspect", kit, &letter, why));
    if (letter.mail.count == 0)
        return VLS_DONE;
    struct vls_status s = kit_session_inspect(&run->session, &letter.mail, &id, true, why);
    if (!vls_ok(s) && s.code != VLS_PLUGIN_VETO && s.code != VLS_PLUGIN_RETRY)
        return s;
    const char *verdict = vls_ok(s) ? "pass" : s.code == VLS_PLUGIN_VETO ? "veto" : "retry";
    if (!cli->is_json) {
        fprintf(cli->out, "inspected: %s%s%s\n", verdict, vls_ok(s) ? "" : ": ",
                vls_ok(s) ? "" : why->text);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "verdict", vls_json_text(verdict));
    json_object_set_new(object, "reason", vls_json_text(vls_ok(s) ? "" : why->text));
    return vls_json_line(cli, object, why);
}

static VLS_STATUS run_it(struct cli *cli, const struct cli_args *args, struct kit *kit,
                         struct kit_run *run, struct vls_why *why)
{
    VLS_TRY(kit_run_init(kit, run, why));
    VLS_TRY(kit_run_start(run, why));
    if (kit_is_sink(kit))
        VLS_TRY(deliver(cli, args, kit, run, why));
    if (kit_is_inspector(kit))
        VLS_TRY(inspect(cli, args, kit, run, why));
    if (kit_is_resolver(kit))
        VLS_TRY(vls_plugin_resolve(cli, kit, run, why));
    if (kit_is_source(kit))
        VLS_TRY(print_emitted(cli, run, vls_cli_has(args, "once"), why));
    return kit_session_stop(&run->session, why);
}

static VLS_STATUS run_kit(struct cli *cli, const struct cli_args *args, struct kit *kit,
                          struct vls_why *why)
{
    struct kit_run *run = vls_mem_new(sizeof *run);
    if (!kit->is_described) {
        vls_mem_free(run);
        return vls_fail(VLS_PLUGIN_INVALID, why, "%s", kit->undescribed.text);
    }
    struct vls_status s = run_it(cli, args, kit, run, why);
    char *log =
        run->log >= 0 && (vls_cli_has(args, "verbose") || !vls_ok(s)) ? kit_run_log(run) : NULL;
    if (log != NULL)
        fprintf(cli->err, "%s", log);
    vls_mem_free(log);
    kit_run_fini(run);
    vls_mem_free(run);
    return s;
}

struct vls_status vls_plugin_cmd_run(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why)
{
    return vls_plugin_in_kit(cli, args, run_kit, why);
}
