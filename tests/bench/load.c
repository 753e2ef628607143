#include "load.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>

#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"
#include "gateway.h"

#define POLL_MS 1000

struct vls_status load_init(struct load *load, const char *socket, const char *to, uint64_t count,
                            uint64_t size, unsigned window, struct vls_why *why)
{
    *load =
        (struct load){.socket = socket, .to = to, .count = count, .size = size, .window = window};
    load->sent_ms = vls_mem_new((count + 1) * sizeof *load->sent_ms);
    load->samples = vls_mem_new(LOAD_MAX_SAMPLES * sizeof *load->samples);
    unsigned wanted = (window + LOAD_PER_CONNECTION - 1) / LOAD_PER_CONNECTION;
    while (load->connection_count < wanted) {
        VLS_TRY(gateway_connect(socket, &load->fds[load->connection_count], why));
        load->connection_count++;
    }
    return VLS_DONE;
}

void load_fini(struct load *load)
{
    for (unsigned i = 0; i < load->connection_count; i++)
        vls_fd_close(&load->fds[i]);
    vls_mem_free(load->sent_ms);
    vls_mem_free(load->samples);
    *load = (struct load){0};
}

/* No two documents are the same: the gateway knows a duplicate when it sees one. */
static VLS_STATUS make_document(const struct load *load, int *out_fd, struct vls_why *why)
{
    uint8_t *bytes = vls_mem_try(load->size);
    if (bytes == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "a document of %" PRIu64 " bytes", load->size);
    vls_random(vls_env_system(), bytes, load->size < 32 ? load->size : 32);
    struct vls_status s =
        vls_fd_memory_of("bench-document", VLS_SLICE(bytes, load->size), out_fd, why);
    vls_mem_free(bytes);
    return s;
}

static VLS_STATUS send_one(struct load *load, unsigned connection, struct vls_why *why)
{
    struct gateway_submission s;
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(make_document(load, &fd, why));
    uint64_t serial = load->sent + 1;
    gateway_submission_init(&s, load->to, serial, load->size);
    load->sent_ms[serial - 1] = vls_wall_ms(vls_env_system());
    VLS_TRY(gateway_ask(load->fds[connection], serial, &s.request, &fd, why));
    load->sent++;
    load->under_way++;
    load->open[connection]++;
    return VLS_DONE;
}

static VLS_STATUS fill_window(struct load *load, struct vls_why *why)
{
    for (unsigned c = 0; c < load->connection_count; c++)
        while (load->open[c] < LOAD_PER_CONNECTION && load->under_way < load->window &&
               load->accepted + load->under_way < load->count)
            VLS_TRY(send_one(load, c, why));
    return VLS_DONE;
}

static void add_sample(struct load *load, const Valise__Frame *frame)
{
    uint64_t every = load->count / LOAD_MAX_SAMPLES + 1;
    const Valise__SubmissionResult *sent = frame->operator_reply->sent;
    if (load->accepted % every != 0 || load->sample_count == LOAD_MAX_SAMPLES ||
        frame->reply_to == 0 || frame->reply_to > load->sent || sent->id.len != 16)
        return;
    struct load_sample *sample = &load->samples[load->sample_count++];
    vls_copy(sample->id, sent->id.data, sizeof sample->id);
    sample->sent_ms = load->sent_ms[frame->reply_to - 1];
}

/* One that is pushed back goes again, under a new serial. */
static VLS_STATUS push_back(struct load *load, struct vls_why *why)
{
    uint64_t *more = vls_mem_resize(load->sent_ms,
                                    (load->count + load->pushed_back + 2) * sizeof *load->sent_ms);
    if (more == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory");
    load->sent_ms = more;
    load->pushed_back++;
    return VLS_DONE;
}

static VLS_STATUS take(struct load *load, unsigned connection, struct vls_why *why)
{
    Valise__Frame *frame = NULL;
    while (load->open[connection] != 0) {
        struct vls_status s = gateway_answer(load->fds[connection], 0, &frame, why);
        if (s.code == VLS_SYSTEM_BUSY)
            return VLS_DONE;
        VLS_TRY(s);
        load->open[connection]--;
        load->under_way--;
        s = gateway_accepted(frame, why);
        if (vls_ok(s)) {
            add_sample(load, frame);
            load->accepted++;
        } else if (vls_class_of(s) == VLS_CLASS_RESOURCE || s.code == VLS_ROUTE_BUSY) {
            s = push_back(load, why);
        }
        valise__frame__free_unpacked(frame, NULL);
        VLS_TRY(s);
    }
    return VLS_DONE;
}

struct watched {
    struct pollfd polls[BENCH_NODES * LOAD_MAX_CONNECTIONS];
    struct load *loads[BENCH_NODES * LOAD_MAX_CONNECTIONS];
    unsigned connections[BENCH_NODES * LOAD_MAX_CONNECTIONS];
    nfds_t count;
};

static void watch(struct watched *w, struct load *loads, size_t count)
{
    w->count = 0;
    for (size_t i = 0; i < count; i++)
        for (unsigned c = 0; c < loads[i].connection_count; c++) {
            if (loads[i].open[c] == 0)
                continue;
            w->polls[w->count] = (struct pollfd){.fd = loads[i].fds[c], .events = POLLIN};
            w->loads[w->count] = &loads[i];
            w->connections[w->count++] = c;
        }
}

struct vls_status load_run(struct load *loads, size_t count, double deadline_s, struct vls_why *why)
{
    struct watched w;
    for (size_t i = 0; i < count; i++)
        loads[i].began_s = bench_now();
    for (;;) {
        for (size_t i = 0; i < count; i++)
            VLS_TRY(fill_window(&loads[i], why));
        watch(&w, loads, count);
        if (w.count == 0)
            return VLS_DONE;
        if (bench_now() > deadline_s)
            return vls_fail(VLS_SYSTEM_BUSY, why, "the gateways are not done in time");
        if (poll(w.polls, w.count, POLL_MS) < 0 && errno != EINTR)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "poll");
        for (nfds_t i = 0; i < w.count; i++)
            if (w.polls[i].revents != 0)
                VLS_TRY(take(w.loads[i], w.connections[i], why));
    }
}
