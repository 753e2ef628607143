#include "client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "config/config.h"

#define ANSWER_MS 60000
#define TICK_MS   500

static VLS_STATUS connect_to(const char *path, int *out_fd, struct vls_why *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return vls_cli_usage(why, path, "is too long for a socket's path");
    vls_text_copy(address.sun_path, sizeof address.sun_path, path);
    VLS_DEFER(vls_fd_close) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "no socket can be made");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        if (errno == EACCES || errno == EPERM)
            return vls_fail(VLS_CLI_DENIED, why,
                            "%s: this user may not open it; see control.users in valise.conf(5)",
                            path);
        return vls_fail(VLS_CLI_UNREACHABLE, why,
                        "%s: no gateway answers there; start valised, or give --socket", path);
    }
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

static VLS_STATUS connect_gateway(struct cli *cli, int *out_fd, struct vls_why *why)
{
    if (cli->socket != NULL)
        return connect_to(cli->socket, out_fd, why);
    struct vls_config *config = NULL;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    struct vls_status status = connect_to(config->control.socket, out_fd, why);
    vls_config_free(&config);
    return status;
}

static VLS_STATUS await(int fd, const struct client_question *question, Valise__Frame **out,
                        struct vls_fds *fds, struct vls_why *why)
{
    if (question->on_wait == NULL)
        return vls_wire_receive(fd, ANSWER_MS, out, fds, why);
    for (;;) {
        struct vls_status status = vls_wire_receive(fd, TICK_MS, out, fds, why);
        if (status.code != VLS_SYSTEM_BUSY)
            return status;
        question->on_wait(question->ctx);
    }
}

struct vls_status vls_client_ask(struct cli *cli, const struct client_question *question,
                                 struct client_answer *out, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(connect_gateway(cli, &fd, why));
    Valise__Frame frame = VALISE__FRAME__INIT;
    frame.serial = 1;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REQUEST;
    frame.operator_request = question->request;
    question->request->version = 1;
    VLS_TRY(vls_wire_send(fd, &frame, question->fds, question->fd_count, why));
    struct client_answer answer = {.frame = NULL};
    struct vls_status status = await(fd, question, &answer.frame, &answer.fds, why);
    if (status.code == VLS_WIRE_GONE)
        return vls_fail(VLS_WIRE_GONE, why,
                        "the gateway went away before it answered; see 'valise list'");
    if (status.code == VLS_SYSTEM_BUSY)
        return vls_fail(
            VLS_SYSTEM_BUSY, why,
            "no answer within %d s: the gateway is busy or stuck, see its log; what was "
            "asked may still be done",
            ANSWER_MS / 1000);
    VLS_TRY(status);
    if (answer.frame->body_case != VALISE__FRAME__BODY_OPERATOR_REPLY)
        status = vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer is not understood");
    else if (answer.frame->operator_reply->outcome == NULL)
        status = VLS_DONE;
    else
        status = vls_outcome_status(answer.frame->operator_reply->outcome, why);
    if (!vls_ok(status)) {
        vls_client_answer_fini(&answer);
        return status;
    }
    answer.reply = answer.frame->operator_reply;
    *out = answer;
    return VLS_DONE;
}

void vls_client_answer_fini(struct client_answer *answer)
{
    if (answer->frame != NULL)
        valise__frame__free_unpacked(answer->frame, NULL);
    vls_fds_close(&answer->fds);
    *answer = (struct client_answer){.frame = NULL};
}
