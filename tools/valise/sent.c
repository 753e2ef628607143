#include "sent.h"

#include <string.h>

#include "show.h"
#include "wire/channel.h"

/* Exit statuses of a message that is on disk and does not leave by itself; see commands/send.md. */
#define EXIT_REFERRED    20
#define EXIT_QUARANTINED 21
#define EXIT_STOPPED     22

static void set_exit_status(struct cli *cli, const char *state)
{
    static const struct {
        const char *state;
        int status;
    } STATUSES[] = {
        {"referred", EXIT_REFERRED}, {"quarantined", EXIT_QUARANTINED}, {"held", EXIT_STOPPED}};
    for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++)
        if (strcmp(STATUSES[i].state, state) == 0)
            cli->exit_status = STATUSES[i].status;
    if (strcmp(state, "withheld") == 0)
        cli->exit_status = vls_status_exit((struct vls_status){VLS_POLICY_WITHHELD});
}

struct vls_status vls_sent_print(struct cli *cli, const Valise__SubmissionResult *sent,
                                 struct vls_why *why)
{
    if (sent == NULL)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer names no message");
    if (sent->outcome != NULL && sent->outcome->code != VLS_OK)
        return vls_outcome_status(sent->outcome, why);
    set_exit_status(cli, sent->state);
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "id", vls_json_id(sent->id));
        json_object_set_new(object, "state", vls_json_text(sent->state));
        json_object_set_new(object, "reason", vls_json_text(sent->reason));
        json_object_set_new(object, "duplicate_of", vls_json_id(sent->duplicate_of));
        json_object_set_new(object, "like", vls_json_text(vls_like_name(sent->like)));
        json_object_set_new(object, "advice", vls_json_text(sent->advice));
        return vls_json_line(cli, object, why);
    }
    char id[VLS_ID_TEXT];
    vls_show_id(sent->id, id);
    vls_print_field(cli, "id", id);
    vls_print_field(cli, "state", sent->state);
    if (*sent->reason != '\0')
        vls_print_field(cli, "reason", sent->reason);
    vls_print_like(cli, sent->like, sent->duplicate_of, sent->advice);
    return VLS_DONE;
}
