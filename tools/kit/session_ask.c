/* What a router asks of a plugin: to take a message, to look at one, to find a document. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "kit/session.h"

#define STARTING_TRIES 50
#define STARTING_MS    20

/* One of the three, so that it can be asked again. */
struct asking {
    const struct kit_mail *mail; /* of a delivery or an inspection */
    const struct kit_question *question;
    const struct vls_id *id;
    uint32_t attempt; /* of a delivery */
    bool is_inspection, is_outgoing;
};

static char *lent(const char *text)
{
    return (char *)(uintptr_t)(text != NULL ? text : "");
}

static bool is_delivered(struct kit_session *session)
{
    return session->is_over || session->is_delivered;
}

static bool is_over(struct kit_session *session)
{
    return session->is_over;
}

/* -- handing over ------------------------------------------------------------------------------ */

static struct vls_status ask(struct kit_session *session, Valise__Frame *frame, int *fd,
                             struct vls_why *why)
{
    kit_session_forget(session);
    frame->serial = session->delivery_serial = ++session->serial;
    session->is_delivered = false;
    session->delivery_why.text[0] = '\0';
    return vls_wire_send(session->router, frame, fd, fd != NULL ? 1 : 0, why);
}

static void fill_deliver(struct vls_slice label, const struct vls_id *id, uint32_t attempt,
                         Valise__Deliver *out)
{
    valise__deliver__init(out);
    out->label_der = (ProtobufCBinaryData){label.len, (uint8_t *)(uintptr_t)label.at};
    out->id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    out->kind = lent("publication");
    out->from = lent("iom");
    out->to = lent("un");
    out->label = lent(KIT_LABEL);
    out->marking = lent(KIT_LABEL);
    out->attempt = attempt;
    out->created_ms = UINT64_C(1700000000000);
    out->received_ms = UINT64_C(1700000001000);
}

struct vls_status kit_session_hand_over(struct kit_session *session, int archive,
                                        struct vls_slice label, const struct vls_id *id,
                                        uint32_t attempt, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Deliver deliver;
    fill_deliver(label, id, attempt, &deliver);
    frame.body_case = VALISE__FRAME__BODY_DELIVER;
    frame.deliver = &deliver;
    return ask(session, &frame, &archive, why);
}

static struct vls_status show(struct kit_session *session, int archive, struct vls_slice label,
                              const struct vls_id *id, bool is_outgoing, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Inspect inspect = VALISE__INSPECT__INIT;
    Valise__Deliver deliver;
    fill_deliver(label, id, 1, &deliver);
    inspect.message = &deliver;
    inspect.is_outgoing = is_outgoing;
    frame.body_case = VALISE__FRAME__BODY_INSPECT;
    frame.inspect = &inspect;
    return ask(session, &frame, &archive, why);
}

static struct vls_status send_mail(struct kit_session *session, const struct asking *a,
                                   struct vls_why *why)
{
    int fd VLS_DEFER(vls_fd_close) = -1;
    VLS_DEFER(vls_buf_fini) struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_LABEL);
    VLS_TRY(kit_mail_label(a->mail, &der, why));
    VLS_TRY(kit_mail_archive(a->mail, &fd, why));
    return a->is_inspection
               ? show(session, fd, vls_buf_slice(&der), a->id, a->is_outgoing, why)
               : kit_session_hand_over(session, fd, vls_buf_slice(&der), a->id, a->attempt, why);
}

static struct vls_status send_question(struct kit_session *session, const struct asking *a,
                                       struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Resolve resolve = VALISE__RESOLVE__INIT;
    resolve.id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)a->id->bytes};
    resolve.symbol = lent(a->question->symbol);
    resolve.url = lent(a->question->url);
    resolve.language = lent(a->question->language);
    resolve.conversation = lent("");
    resolve.reason = lent("asked by the kit");
    frame.body_case = VALISE__FRAME__BODY_RESOLVE;
    frame.resolve = &resolve;
    return ask(session, &frame, NULL, why);
}

static struct vls_status hand(struct kit_session *session, const struct asking *a,
                              struct vls_why *why)
{
    return a->question != NULL ? send_question(session, a, why) : send_mail(session, a, why);
}

/* A host that starts again says that it is not there yet, and the router asks again. */
static struct vls_status hand_and_wait(struct kit_session *session, const struct asking *a,
                                       struct vls_why *why)
{
    for (int tries = 0;; tries++) {
        VLS_TRY(hand(session, a, why));
        (void)kit_session_pump(session, is_delivered, (int)KIT_START_MS);
        if (!session->is_delivered)
            return kit_session_died(session, why);
        bool is_starting = session->delivery.code == VLS_PLUGIN_RETRY &&
                           strstr(session->delivery_why.text, "is starting or stopping") != NULL;
        if (!is_starting || tries == STARTING_TRIES)
            break;
        (void)kit_session_pump(session, is_over, STARTING_MS);
    }
    *why = session->delivery_why;
    return session->delivery;
}

/* -- the three --------------------------------------------------------------------------------- */

struct vls_status kit_session_send(struct kit_session *session, const struct kit_mail *mail,
                                   const struct vls_id *id, uint32_t attempt, struct vls_why *why)
{
    const struct asking a = {.mail = mail, .id = id, .attempt = attempt};
    return hand(session, &a, why);
}

struct vls_status kit_session_deliver(struct kit_session *session, const struct kit_mail *mail,
                                      const struct vls_id *id, uint32_t attempt,
                                      struct vls_why *why)
{
    const struct asking a = {.mail = mail, .id = id, .attempt = attempt};
    return hand_and_wait(session, &a, why);
}

struct vls_status kit_session_show(struct kit_session *session, const struct kit_mail *mail,
                                   const struct vls_id *id, bool is_outgoing, struct vls_why *why)
{
    const struct asking a = {
        .mail = mail, .id = id, .is_inspection = true, .is_outgoing = is_outgoing};
    return hand(session, &a, why);
}

struct vls_status kit_session_inspect(struct kit_session *session, const struct kit_mail *mail,
                                      const struct vls_id *id, bool is_outgoing,
                                      struct vls_why *why)
{
    const struct asking a = {
        .mail = mail, .id = id, .is_inspection = true, .is_outgoing = is_outgoing};
    return hand_and_wait(session, &a, why);
}

struct vls_status kit_session_question(struct kit_session *session,
                                       const struct kit_question *question, const struct vls_id *id,
                                       struct vls_why *why)
{
    const struct asking a = {.question = question, .id = id};
    return hand(session, &a, why);
}

struct vls_status kit_session_resolve(struct kit_session *session,
                                      const struct kit_question *question, const struct vls_id *id,
                                      struct vls_why *why)
{
    const struct asking a = {.question = question, .id = id};
    return hand_and_wait(session, &a, why);
}

const Valise__ResolveResult *kit_session_found(const struct kit_session *session)
{
    if (session->answer == NULL ||
        session->answer->body_case != VALISE__FRAME__BODY_RESOLVE_RESULT ||
        session->answer->resolve_result->finding == NULL)
        return NULL;
    return session->answer->resolve_result;
}
