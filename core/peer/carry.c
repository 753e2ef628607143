/* peer/carry - one batch to a partner and its answer back. See client.h. */
#include "base/file.h"
#include "base/mem.h"
#include "peer/client_internal.h"
#include "peer/form.h"

struct carry {
    int body_fd;
    vls_carry_fn fn;
    void *ctx;
};

/* The answer's body, checked and sealed. */
static struct vls_status take_body(const struct vls_call_result *result, int *out_fd,
                                   struct vls_why *why)
{
    if (result->http_status == 200)
        VLS_TRY(vls_form_response(result->body, why));
    else if (result->http_status == 409)
        VLS_TRY(vls_form_stale(result->body, why));
    else
        return vls_outcome_of_http(result, why);
    return vls_fd_memory_of("answer", result->body, out_fd, why);
}

static void on_result(void *ctx, const struct vls_call_result *result)
{
    struct carry *carry = ctx;
    struct vls_status status = result->status;
    struct vls_why why = *result->why;
    int fd = -1;

    if (vls_ok(status))
        status = take_body(result, &fd, &why);
    if (vls_ok(status) && result->http_status == 409)
        status = vls_fail(VLS_PEER_STALE, &why, "the partner knows another checkpoint");
    carry->fn(carry->ctx, status, &why, result->retry_after_ms, &fd);
    vls_fd_close(&fd);
    vls_fd_close(&carry->body_fd);
    vls_mem_free(carry);
}

struct vls_status vls_client_carry(struct vls_client *client, const char *party, int body_fd,
                                   vls_carry_fn fn, void *ctx, struct vls_why *why)
{
    struct vls_call call = {.method = "POST",
                            .path = "/v1/exchange",
                            .body_fd = body_fd,
                            .media_type = "application/x-protobuf",
                            .timeout_ms = client->config->limits.exchange_timeout_s * 1000u,
                            .max_answer = VLS_MAX_EXCHANGE};
    struct vls_target *target;
    struct vls_status status;
    struct carry *carry;

    VLS_TRY(vls_client_target(client, party, &target, why));
    VLS_TRY(vls_fd_size(body_fd, &call.body_bytes, why));
    if (call.body_bytes > VLS_MAX_EXCHANGE)
        return vls_fail(VLS_INPUT_LIMIT, why, "an exchange of %llu bytes, at most %u are carried",
                        (unsigned long long)call.body_bytes, VLS_MAX_EXCHANGE);
    carry = vls_mem_new(sizeof *carry);
    *carry = (struct carry){body_fd, fn, ctx};
    status = vls_target_call(target, &call, on_result, carry, why);
    if (!vls_ok(status))
        vls_mem_free(carry);
    return status;
}
