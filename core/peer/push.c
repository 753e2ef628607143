/*
 * peer/push - content to a partner: HEAD says how much it has, PUT or PATCH sends the rest. See
 * client.h.
 *
 * A partner may have gone on from elsewhere between the two (another connection, a wrong digest):
 * then it answers 409 and is asked again.
 */
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "peer/client_internal.h"
#include "peer/problem.h"

#define MAX_ROUNDS 3u

struct vls_push {
    struct vls_target *target;
    struct vls_push *prev, *next;
    struct vls_digest digest;
    uint64_t bytes;
    int fd;
    bool is_running;
    unsigned rounds;
    vls_push_fn fn;
    void *ctx;
};

static void start_waiting(struct vls_target *target);

static void free_push(struct vls_push *push)
{
    DL_DELETE(push->target->pushes, push);
    push->target->push_count--;
    if (push->is_running)
        push->target->running--;
    vls_fd_close(&push->fd);
    vls_mem_free(push);
}

static void end_push(struct vls_push *push, struct vls_status status, const struct vls_why *why)
{
    struct vls_target *target = push->target;

    push->fn(push->ctx, status, why);
    free_push(push);
    start_waiting(target);
}

static void set_path(const struct vls_push *push, struct vls_call *call)
{
    char digits[2 * VLS_DIGEST_BYTES + 1];
    struct vls_buf path;

    vls_hex(vls_digest_slice(&push->digest), digits);
    vls_buf_init(&path, sizeof call->path);
    VLS_IGNORE(vls_buf_add_format(&path, "/v1/content/%s", digits), "76 bytes always fit");
    vls_text_copy(call->path, sizeof call->path, vls_buf_text(&path));
    vls_buf_fini(&path);
}

static void ask_offset(struct vls_push *push);

static void on_sent(void *ctx, const struct vls_call_result *result)
{
    struct vls_push *push = ctx;
    struct vls_why why = *result->why;
    struct vls_status status = result->status;

    if (!vls_ok(status)) {
        end_push(push, status, &why);
    } else if (result->http_status == 201 || (result->http_status == 204 && result->is_complete)) {
        end_push(push, VLS_DONE, &why);
    } else if ((result->http_status == 409 || result->http_status == 204) &&
               push->rounds < MAX_ROUNDS) {
        ask_offset(push);
    } else {
        status = vls_outcome_of_http(result, &why);
        end_push(push, status, &why);
    }
}

static void send_from(struct vls_push *push, uint64_t offset)
{
    struct vls_call call = {.method = offset == 0 ? "PUT" : "PATCH",
                            .body_fd = push->fd,
                            .body_at = offset,
                            .body_bytes = push->bytes - offset,
                            .media_type = "application/octet-stream",
                            .is_upload = true,
                            .upload_length = push->bytes,
                            .max_answer = VLS_MAX_PROBLEM};
    struct vls_why why;
    struct vls_status status;

    set_path(push, &call);
    status = vls_target_call(push->target, &call, on_sent, push, &why);
    if (!vls_ok(status))
        end_push(push, status, &why);
}

static void on_offset(void *ctx, const struct vls_call_result *result)
{
    struct vls_push *push = ctx;
    struct vls_why why = *result->why;
    struct vls_status status = result->status;

    if (vls_ok(status) && result->http_status != 200 && result->http_status != 204)
        status = vls_outcome_of_http(result, &why);
    else if (vls_ok(status) && (!result->has_offset || result->offset > push->bytes))
        status = vls_fail(VLS_PEER_PROTOCOL, &why,
                          "the partner's Upload-Offset is missing or too large");
    if (!vls_ok(status) || result->is_complete)
        end_push(push, status, &why);
    else
        send_from(push, result->offset);
}

static void ask_offset(struct vls_push *push)
{
    struct vls_call call = {.method = "HEAD",
                            .body_fd = -1,
                            .timeout_ms = VLS_CLIENT_ASK_MS,
                            .max_answer = VLS_MAX_PROBLEM};
    struct vls_why why;
    struct vls_status status;

    push->rounds++;
    set_path(push, &call);
    status = vls_target_call(push->target, &call, on_offset, push, &why);
    if (!vls_ok(status))
        end_push(push, status, &why);
}

static void start_waiting(struct vls_target *target)
{
    struct vls_push *push, *first = NULL;

    if (target->is_closing || target->running >= VLS_CLIENT_PUSHES)
        return;
    DL_FOREACH (target->pushes, push) {
        if (!push->is_running && first == NULL)
            first = push;
    }
    if (first == NULL)
        return;
    first->is_running = true;
    target->running++;
    ask_offset(first);
}

struct vls_status vls_client_push(struct vls_client *client, const char *party,
                                  const struct vls_digest *digest, uint64_t bytes, int content_fd,
                                  vls_push_fn fn, void *ctx, struct vls_why *why)
{
    struct vls_target *target;
    struct vls_push *push;

    VLS_TRY(vls_client_target(client, party, &target, why));
    if (target->push_count >= VLS_CLIENT_WAITING)
        return vls_fail(VLS_ROUTE_BUSY, why, "%zu contents wait to be sent to %s",
                        target->push_count, party);
    push = vls_mem_new(sizeof *push);
    push->target = target;
    push->digest = *digest;
    push->bytes = bytes;
    push->fd = content_fd;
    push->fn = fn;
    push->ctx = ctx;
    DL_APPEND(target->pushes, push);
    target->push_count++;
    start_waiting(target);
    return VLS_DONE;
}

void vls_pushes_drop(struct vls_target *target)
{
    struct vls_push *push, *next;
    struct vls_why why = {"the gateway is stopping"};

    DL_FOREACH_SAFE (target->pushes, push, next) {
        end_push(push, (struct vls_status){VLS_ROUTE_CLOSING}, &why);
    }
}
