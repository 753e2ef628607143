#include "route/uniform.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/kinds.h"
#include "route/requests.h"
#include "route/submit.h"

#define MS 1000u

/* The whole content, the same in each. It says nothing about what exists. */
static const char TEXT[] =
    "No material is available in answer to the request that this message refers to.\n"
    "It states nothing about whether such material exists.\n";

static bool is_on(const struct vls_route *route)
{
    const char *label = route->o.config->answers.label;
    return label != NULL && label[0] != '\0';
}

struct vls_status vls_uniform_check(const struct vls_route *route, struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    struct vls_why reason = {""};
    const struct vls_config *config = route->o.config;
    if (!is_on(route) ||
        vls_ok(vls_label_read(config->answers.label, route->o.schemes, &label, &reason)))
        return VLS_DONE;
    return vls_config_complain(config, "answers.label", why, "%s", reason.text);
}

uint64_t vls_uniform_slot(const struct vls_route *route, uint64_t since_ms, uint64_t due_ms)
{
    uint64_t slot = (uint64_t)route->o.config->answers.slot_s * MS;
    uint64_t first = due_ms > since_ms ? due_ms : since_ms;
    if (!is_on(route) || slot == 0)
        return 0;
    return (first + slot - 1) / slot * slot;
}

/* -- instead of any other "no" ----------------------------------------------------------------- */

static bool says_no(const Valise__Submission *in)
{
    const struct vls_kind *kind = vls_kind_by_name(in->kind);
    if (kind == NULL || !kind->is_answer)
        return false;
    return kind->is_uniform || strcmp(in->answer_state, "declined") == 0 ||
           strcmp(in->answer_state, "no-answer-available") == 0;
}

bool vls_uniform_replaces(struct vls_route *route, const char *origin, const Valise__Submission *in,
                          char *reason, size_t room)
{
    struct vls_request_kept request;
    char time[VLS_TIME_TEXT];
    if (!is_on(route) || strcmp(origin, VLS_UNIFORM_ORIGIN) == 0 || !says_no(in) ||
        !vls_ok(
            vls_requests_find(route, vls_bytes(in->in_reply_to), VLS_IN, in->to, &request, NULL)))
        return false;
    if (request.row.slot_ms == 0) {
        snprintf(reason, room,
                 "kept here: the request has its answer, and a refusal never goes "
                 "by itself");
        return true;
    }
    vls_time_text(request.row.slot_ms, time);
    snprintf(reason, room, "kept here: the request is answered uniformly at %s", time);
    return true;
}

/* -- at the slot ------------------------------------------------------------------------------- */

struct due {
    struct vls_request_kept *at;
    size_t count;
};

/* vls_request_fn */
static struct vls_status keep(void *ctx, const struct vls_request *request, struct vls_why *why)
{
    struct due *due = ctx;
    (void)why;
    vls_requests_keep(request, &due->at[due->count++]);
    return VLS_DONE;
}

/* Without a partner or a label to answer with, the slot goes by: once, not at every tick. */
static struct vls_status let_go_by(struct vls_route *route, struct vls_request *request,
                                   struct vls_why *why)
{
    char id[VLS_ID_TEXT];
    vls_id_text(&request->id, id);
    vls_route_log(route, VLS_LOG_WARN, "request.no_uniform_answer", VLS_F("id", id),
                  VLS_F("party", request->party),
                  VLS_F("why", is_on(route) ? "it is not a partner any more"
                                            : "answers.label is not set any more"));
    VLS_TRY(vls_route_begin(route, why));
    request->slot_ms = 0;
    return vls_store_request_change(route->o.store, request, why);
}

/* vls_submitted_fn: it is on disk, or could not be made */
static void on_made(void *ctx, struct vls_status status, const struct vls_why *why,
                    const Valise__SubmissionResult *result)
{
    struct vls_route *route = ctx;
    struct vls_requests_watch *watch = &route->requests;
    (void)why;
    (void)result;
    watch->under_way--;
    watch->is_known = false;
    if (vls_ok(status))
        watch->failures = 0;
    else
        watch->retry_ms = vls_route_steady(route) + vls_route_backoff(route, ++watch->failures);
    route->o.ports.flush_soon(route->o.ports.ctx);
}

/* The conversation is the request's own: the partner knows it. Everything else is constant. */
static struct vls_status submit(struct vls_route *route, const struct vls_request *request,
                                struct vls_why *why)
{
    char id[VLS_ID_TEXT], key[sizeof "uniform:" + VLS_ID_TEXT];
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__Part part = VALISE__PART__INIT, *parts[] = {&part};
    struct vls_message *asked = NULL;
    struct vls_fds fds = {.count = 1};
    VLS_TRY(vls_store_get(route->o.store, &request->id, &asked, why));
    struct vls_status s = vls_fd_memory_of("valise-uniform", vls_slice_text(TEXT), &fds.fd[0], why);
    if (vls_ok(s)) {
        vls_id_text(&request->id, id);
        snprintf(key, sizeof key, "uniform:%s", id);
        part.name = vls_field_text("no-material-available.txt");
        part.media_type = vls_field_text("text/plain");
        part.bytes = sizeof TEXT - 1;
        in.origin_key = key;
        in.kind = vls_field_text(VLS_UNIFORM_KIND);
        in.to = vls_field_text(request->party);
        in.label = route->o.config->answers.label;
        in.conversation = vls_field_text(asked->conversation);
        in.in_reply_to = vls_data(vls_id_slice(&request->id));
        in.n_parts = 1;
        in.parts = parts;
        route->requests.under_way++;
        vls_route_submit_own(route, VLS_UNIFORM_ORIGIN, &in, &fds, on_made, route);
        vls_fd_close(&fds.fd[0]);
    }
    vls_message_free(&asked);
    return s;
}

struct vls_status vls_uniform_start(struct vls_route *route, struct vls_why *why)
{
    struct vls_requests_watch *watch = &route->requests;
    if (watch->under_way != 0 || watch->retry_ms > vls_route_steady(route))
        return VLS_DONE;
    struct vls_request_kept *rows VLS_DEFER(vls_mem_freep) =
        vls_mem_new(VLS_UNIFORM_BATCH * sizeof *rows);
    struct due due = {.at = rows};
    VLS_TRY(vls_store_request_due(route->o.store, true, vls_route_wall(route), VLS_UNIFORM_BATCH,
                                  keep, &due, why));
    for (size_t i = 0; i < due.count; i++) {
        struct vls_request *request = &due.at[i].row;
        if (is_on(route) && vls_route_partner(route, request->party) != NULL)
            VLS_TRY(submit(route, request, why));
        else
            VLS_TRY(let_go_by(route, request, why));
    }
    return VLS_DONE;
}
