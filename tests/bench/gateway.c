/* Questions to one gateway, one at a time, and the message that both kinds of sending share. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/text.h"
#include "gateway.h"

#define ANSWER_MS 600000

struct vls_status gateway_connect(const char *socket_path, int *out_fd, struct vls_why *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof address.sun_path)
        return vls_fail(VLS_INPUT_LIMIT, why, "%.120s: too long for a socket's path", socket_path);
    vls_text_copy(address.sun_path, sizeof address.sun_path, socket_path);
    VLS_DEFER(vls_fd_close) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return vls_fail_errno(VLS_CLI_UNREACHABLE, why, errno, "%s", socket_path);
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

struct vls_status gateway_ask(int fd, uint64_t serial, Valise__OperatorRequest *request,
                              const int *document_fd, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    request->version = 1;
    frame.serial = serial;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REQUEST;
    frame.operator_request = request;
    return vls_wire_send(fd, &frame, document_fd, document_fd != NULL ? 1 : 0, why);
}

struct vls_status gateway_answer(int fd, int timeout_ms, Valise__Frame **out, struct vls_why *why)
{
    struct vls_fds fds = {.count = 0};
    Valise__Frame *frame = NULL;
    VLS_TRY(vls_wire_receive(fd, timeout_ms, &frame, &fds, why));
    vls_fds_close(&fds);
    if (frame->body_case == VALISE__FRAME__BODY_OPERATOR_REPLY) {
        *out = frame;
        return VLS_DONE;
    }
    valise__frame__free_unpacked(frame, NULL);
    return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer is not understood");
}

struct vls_status gateway_outcome(const Valise__Frame *frame, struct vls_why *why)
{
    const Valise__OperatorReply *reply = frame->operator_reply;
    return reply->outcome != NULL ? vls_outcome_status(reply->outcome, why) : VLS_DONE;
}

static VLS_STATUS question(int fd, Valise__OperatorRequest *request, const int *document_fd,
                           Valise__Frame **out, struct vls_why *why)
{
    Valise__Frame *frame = NULL;
    VLS_TRY(gateway_ask(fd, 1, request, document_fd, why));
    VLS_TRY(gateway_answer(fd, ANSWER_MS, &frame, why));
    struct vls_status s = gateway_outcome(frame, why);
    if (vls_ok(s))
        *out = frame;
    else
        valise__frame__free_unpacked(frame, NULL);
    return s;
}

static void add_count(struct gateway_status *status, const Valise__StateCount *count)
{
    static const char *const STUCK[] = {"held", "refused", "withheld", "referred", "quarantined"};
    bool is_out = strcmp(count->direction, "out") == 0;
    if (is_out && strcmp(count->state, "receipted") == 0)
        status->receipted += count->count;
    if (!is_out)
        status->received += count->count;
    if (!is_out && strcmp(count->state, "delivered") == 0)
        status->delivered += count->count;
    for (size_t i = 0; i < sizeof STUCK / sizeof STUCK[0]; i++)
        if (strcmp(count->state, STUCK[i]) == 0)
            status->stuck += count->count;
}

struct vls_status gateway_status(int fd, struct gateway_status *out, struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorStatus ask = VALISE__OPERATOR_STATUS__INIT;
    Valise__Frame *frame = NULL;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    request.status = &ask;
    VLS_TRY(question(fd, &request, NULL, &frame, why));
    const Valise__StatusReport *report = frame->operator_reply->status;
    struct gateway_status status = {0};
    if (report != NULL) {
        status.commits = report->commits;
        for (size_t i = 0; i < report->n_counts; i++)
            add_count(&status, report->counts[i]);
    }
    valise__frame__free_unpacked(frame, NULL);
    *out = status;
    return VLS_DONE;
}

struct vls_status gateway_receipted_ms(int fd, const uint8_t id[16], uint64_t *out_ms,
                                       struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorShow ask = VALISE__OPERATOR_SHOW__INIT;
    Valise__Frame *frame = NULL;
    ask.id = (ProtobufCBinaryData){16, (uint8_t *)(uintptr_t)id};
    ask.with_trace = true;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    request.show = &ask;
    VLS_TRY(question(fd, &request, NULL, &frame, why));
    uint64_t at_ms = 0;
    for (size_t i = 0; i < frame->operator_reply->n_trace; i++)
        if (strcmp(frame->operator_reply->trace[i]->to_state, "receipted") == 0)
            at_ms = frame->operator_reply->trace[i]->at_ms;
    valise__frame__free_unpacked(frame, NULL);
    if (at_ms == 0)
        return vls_fail(VLS_STORE_MISSING, why, "a message has no receipt in its trace");
    *out_ms = at_ms;
    return VLS_DONE;
}

void gateway_submission_init(struct gateway_submission *s, const char *to, uint64_t number,
                             uint64_t bytes)
{
    valise__operator_request__init(&s->request);
    valise__submission__init(&s->submission);
    valise__part__init(&s->part);
    snprintf(s->name, sizeof s->name, "figures-%" PRIu64 ".bin", number);
    s->part.name = s->name;
    s->part.bytes = bytes;
    s->list[0] = &s->part;
    s->submission.kind = (char *)(uintptr_t) "publication";
    s->submission.to = (char *)(uintptr_t)to;
    s->submission.label = (char *)(uintptr_t) "un-sgb-2007-6/unclassified";
    s->submission.subject = (char *)(uintptr_t) "Figures of a benchmark";
    s->submission.n_parts = 1;
    s->submission.parts = s->list;
    s->request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SEND;
    s->request.send = &s->submission;
}

struct vls_status gateway_accepted(const Valise__Frame *frame, struct vls_why *why)
{
    const Valise__SubmissionResult *sent = frame->operator_reply->sent;
    VLS_TRY(gateway_outcome(frame, why));
    if (sent == NULL)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer names no message");
    if (strcmp(sent->state, "released") == 0)
        return VLS_DONE;
    return vls_fail(VLS_POLICY_WITHHELD, why, "a message is %.20s, not released: %.150s",
                    sent->state, sent->reason);
}

struct vls_status gateway_send_file(int fd, const char *to, int document_fd, uint64_t bytes,
                                    struct vls_why *why)
{
    struct gateway_submission s;
    Valise__Frame *frame = NULL;
    gateway_submission_init(&s, to, 0, bytes);
    VLS_TRY(question(fd, &s.request, &document_fd, &frame, why));
    struct vls_status status = gateway_accepted(frame, why);
    valise__frame__free_unpacked(frame, NULL);
    return status;
}
