/* fetch/request - the life of one request: its turn, its hops, its end. See fetch_internal.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "fetch/fetch_internal.h"

/* The host counts, too; here those count besides that it has just closed, and we do not know it
 * yet. */
#define MOST_OPEN (2 * VLS_HTTP_OPEN)

/* -- the end ----------------------------------------------------------------------------------- */

static void free_request(struct vls_fetch_request *request)
{
    vls_fetch_hop_stop(request);
    vls_turn_end(&request->turn);
    vls_flow_close(&request->content);
    if (request->body_event != NULL)
        event_free(request->body_event);
    if (request->deadline != NULL)
        event_free(request->deadline);
    vls_fd_close(&request->body_fd);
    curl_url_cleanup(request->url);
    for (size_t i = 0; i < request->line_count; i++)
        vls_mem_free(request->lines[i].text);
    vls_mem_free(request->lines);
    vls_buf_fini(&request->body);
    vls_head_fini(&request->head);
    vls_mem_free(request);
}

void vls_fetch_drop(struct vls_fetch_request *request)
{
    DL_DELETE(request->client->requests, request);
    request->client->request_count--;
    free_request(request);
}

static void end(struct vls_fetch_request *request, struct vls_status status,
                const struct vls_why *why)
{
    vls_fetch_hop_stop(request); /* it tells whether anything was sent */
    vls_fetch_report(request, status, why);
    vls_fetch_drop(request);
}

/* All of the content has gone into the pipe: the pipe's end says so, and the frame that it is
 * whole.
 */
static void end_whole(struct vls_fetch_request *request)
{
    end(request, VLS_DONE, &(struct vls_why){""});
}

/* -- turns and hops ---------------------------------------------------------------------------- */

static void on_turn(void *ctx, struct vls_status status);

static struct vls_status queue(struct vls_fetch_request *request, uint64_t *out_retry_at_ms,
                               struct vls_why *why)
{
    struct vls_remote *remote;
    VLS_TRY(vls_remote_find(request->client->fetch->remotes, request->host, request->port, &remote,
                            why));
    VLS_TRY(vls_remote_check(remote, out_retry_at_ms, why));
    request->state = VLS_REQUEST_WAITING;
    return vls_turn_wait(&request->turn, remote, why);
}

static void on_turn(void *ctx, struct vls_status status)
{
    struct vls_fetch_request *request = ctx;
    struct vls_why why = {""};
    if (vls_ok(status)) {
        request->state = VLS_REQUEST_RUNNING;
        status = vls_fetch_hop_start(request, &why);
    } else { /* until when, queueing again says; unless that time has just come */
        status = queue(request, &request->retry_at_ms, &why);
    }
    if (!vls_ok(status))
        end(request, status, &why);
}

static struct vls_status follow(struct vls_fetch_request *request, struct vls_why *why)
{
    VLS_TRY(vls_fetch_answer_follow(request, why));
    return queue(request, &request->retry_at_ms, why);
}

static struct vls_status finish_hop(struct vls_fetch_request *request, CURLcode code,
                                    struct vls_why *why)
{
    bool is_cut = code == CURLE_WRITE_ERROR && request->discarded > VLS_FETCH_DISCARDED;
    if (!vls_ok(request->failure)) {
        *why = request->why;
        return request->failure;
    }
    if (code != CURLE_OK && !(request->is_redirect && is_cut))
        return vls_fetch_hop_outcome(request, code, why);
    vls_turn_end(&request->turn);
    if (request->is_redirect)
        return follow(request, why);
    VLS_TRY(vls_fetch_answer_check(request, why));
    request->state = VLS_REQUEST_DRAINING;
    return VLS_DONE;
}

void vls_fetch_hop_ended(struct vls_fetch_request *request, CURLcode code)
{
    struct vls_why why = {""};
    vls_fetch_hop_stop(request);
    /* what zlib still holds back is not whole before it was poured out: the check is made then */
    if (code == CURLE_OK && vls_ok(request->failure) && !request->is_redirect &&
        vls_flow_is_full(request->content)) {
        vls_turn_end(&request->turn);
        request->state = VLS_REQUEST_DRAINING;
        return;
    }
    struct vls_status status = finish_hop(request, code, &why);
    if (!vls_ok(status))
        end(request, status, &why);
    else if (request->state == VLS_REQUEST_DRAINING)
        end_whole(request);
}

/* -- what happens besides ---------------------------------------------------------------------- */

static void on_room(void *ctx, struct vls_status status, const struct vls_why *why)
{
    struct vls_fetch_request *request = ctx;
    struct vls_why words = *why;
    if (vls_ok(status) && request->state == VLS_REQUEST_RUNNING) {
        vls_fetch_hop_resume(request);
        return;
    }
    if (vls_ok(status))
        status = vls_fetch_answer_check(request, &words);
    if (vls_ok(status))
        end_whole(request);
    else
        end(request, status, &words);
}

static void on_reader_gone(void *ctx)
{
    struct vls_fetch_request *request = ctx;
    struct vls_why why = {"the plugin has given it up"};
    end(request, (struct vls_status){VLS_WIRE_GONE}, &why);
}

static void on_body(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    vls_fetch_hop_resume(ctx);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_fetch_request *request = ctx;
    struct vls_why why;
    struct vls_status status;
    (void)fd;
    (void)what;
    if (request->state == VLS_REQUEST_WAITING && request->turn.remote != NULL) {
        request->retry_at_ms = vls_remote_free_at_ms(request->turn.remote);
        status = vls_fail(VLS_FETCH_RATE, &why,
                          "%s:%u: its turn did not come within %llu ms: too many requests",
                          request->host, request->port, (unsigned long long)request->limit_ms);
    } else {
        status = vls_fail(VLS_FETCH_TIMEOUT, &why, "%s:%u: not done within its %llu ms",
                          request->host, request->port, (unsigned long long)request->limit_ms);
    }
    end(request, status, &why);
}

/* -- the beginning ----------------------------------------------------------------------------- */

/* Our end does not block; the other is the plugin's host's, and is as it likes. Pipes are made here
 * so that nobody else has our end. */
static struct vls_status make_pipe(int *out_read, int *out_write, bool is_read_ours,
                                   struct vls_why *why)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return vls_fail_errno(VLS_SYSTEM_MEMORY, why, errno, "a pipe");
    int ours = is_read_ours ? ends[0] : ends[1];
    (void)fcntl(ours, F_SETPIPE_SZ, VLS_FETCH_PIPE); /* it is faster with it, and works without */
    *out_read = ends[0];
    *out_write = ends[1];
    if (fcntl(ours, F_SETFL, O_NONBLOCK) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "a pipe that does not block");
    return VLS_DONE;
}

static struct vls_status open_body(struct vls_fetch_request *request, struct vls_fds *out_fds,
                                   struct vls_why *why)
{
    int theirs = -1;
    if (!request->is_streamed)
        return VLS_DONE;
    struct vls_status status = make_pipe(&request->body_fd, &theirs, true, why);
    if (theirs >= 0)
        out_fds->fd[out_fds->count++] = theirs;
    VLS_TRY(status);
    request->body_event = event_new(request->client->fetch->options.base, request->body_fd, EV_READ,
                                    on_body, request);
    if (request->body_event == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for an event");
    return VLS_DONE;
}

static struct vls_status open_pipes(struct vls_fetch_request *request, struct vls_fds *out_fds,
                                    struct vls_why *why)
{
    const struct vls_flow_events events = {
        .ctx = request, .on_room = on_room, .on_gone = on_reader_gone};
    int theirs = -1;
    VLS_DEFER(vls_fd_close) int ours = -1;
    struct vls_status status = make_pipe(&theirs, &ours, false, why);
    if (theirs >= 0)
        out_fds->fd[out_fds->count++] = theirs;
    VLS_TRY(status);
    VLS_TRY(vls_flow_open(request->client->fetch->options.base, vls_fd_move(&ours),
                          request->max_bytes, &events, &request->content, why));
    return open_body(request, out_fds, why);
}

static struct vls_status start_clock(struct vls_fetch_request *request, struct vls_why *why)
{
    struct vls_fetch *fetch = request->client->fetch;
    struct timeval in = {.tv_sec = (time_t)(request->limit_ms / 1000),
                         .tv_usec = (suseconds_t)(request->limit_ms % 1000) * 1000};
    request->began_ms = vls_steady_ms(fetch->options.env);
    request->deadline = evtimer_new(fetch->options.base, on_deadline, request);
    if (request->deadline == NULL || event_add(request->deadline, &in) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a timer");
    return VLS_DONE;
}

static struct vls_status check_room(const struct vls_fetch_client *client, struct vls_why *why)
{
    if (client->fetch->is_stopping)
        return vls_fail(VLS_FETCH_BUSY, why, "the gateway is stopping");
    if (client->request_count > MOST_OPEN)
        return vls_fail(VLS_FETCH_BUSY, why, "plugin %s has %d requests open already",
                        client->config->name, MOST_OPEN);
    return VLS_DONE;
}

static struct vls_status prepare(struct vls_fetch_request *request, const Valise__HttpRequest *ask,
                                 struct vls_fds *out_fds, uint64_t *out_retry_at_ms,
                                 struct vls_why *why)
{
    VLS_TRY(check_room(request->client, why));
    VLS_TRY(vls_fetch_ask(request, ask, why));
    VLS_TRY(open_pipes(request, out_fds, why));
    VLS_TRY(start_clock(request, why));
    return queue(request, out_retry_at_ms, why);
}

struct vls_status vls_fetch_begin(struct vls_fetch_client *client, const Valise__HttpRequest *ask,
                                  struct vls_fds *out_fds, uint32_t *out_limit_ms,
                                  uint64_t *out_retry_at_ms, struct vls_why *why)
{
    struct vls_fetch_request *request = vls_mem_new(sizeof *request);
    request->client = client;
    request->id = ask->id;
    request->body_fd = -1;
    request->turn.fn = on_turn;
    request->turn.ctx = request;
    vls_buf_init(&request->body, VLS_HTTP_INLINE);
    DL_APPEND(client->requests, request);
    client->request_count++;
    struct vls_status status = prepare(request, ask, out_fds, out_retry_at_ms, why);
    if (!vls_ok(status)) {
        vls_fds_close(out_fds);
        vls_fetch_drop(request);
        return status;
    }
    *out_limit_ms = (uint32_t)request->limit_ms;
    return VLS_DONE;
}
