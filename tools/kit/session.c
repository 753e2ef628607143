#include "kit/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "kit/about.h"
#include "kit/child.h"
#include "kit/net.h"
#include "kit/web.h"

#define END_MS 12000

struct vls_id kit_id(unsigned number)
{
    struct vls_id id = {{0x01, 0x93, 0x5a, 0x10, 0x20, 0x30, 0x70, 0x00, 0x80}};
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

/* -- the router's memory ----------------------------------------------------------------------- */

static void message_free(struct kit_message *m)
{
    char *texts[] = {m->origin, m->kind, m->to, m->label, m->subject};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        vls_mem_free(texts[i]);
    for (size_t i = 0; i < m->parts; i++) {
        vls_mem_free(m->part[i].name);
        vls_mem_free(m->part[i].media_type);
        vls_mem_free(m->part[i].label);
    }
    kit_about_free(m->abouts, m->about_count);
    vls_mem_free(m);
}

void kit_memory_fini(struct kit_memory *memory)
{
    for (unsigned i = 0; i < memory->count; i++)
        message_free(memory->messages[i]);
    for (unsigned i = 0; i < memory->item_count; i++) {
        vls_mem_free(memory->items[i].key);
        vls_mem_free(memory->items[i].value);
    }
    memory->count = memory->item_count = 0;
}

const struct kit_item *kit_memory_item(const struct kit_memory *memory, const char *key)
{
    for (unsigned i = 0; i < memory->item_count; i++)
        if (strcmp(memory->items[i].key, key) == 0 && memory->items[i].len > 0)
            return &memory->items[i];
    return NULL;
}

static void save_item(struct kit_memory *memory, const Valise__StateItem *from)
{
    struct kit_item *item = NULL;
    for (unsigned i = 0; i < memory->item_count && item == NULL; i++)
        if (strcmp(memory->items[i].key, from->key) == 0)
            item = &memory->items[i];
    if (item == NULL && memory->item_count < KIT_MAX_ITEMS) {
        item = &memory->items[memory->item_count++];
        *item = (struct kit_item){.key = vls_mem_dup(from->key)};
    }
    if (item == NULL)
        return;
    vls_mem_free(item->value);
    item->len = from->value.len;
    item->value = item->len > 0 ? vls_mem_new(item->len) : NULL;
    vls_copy(item->value, from->value.data, item->len);
}

static struct vls_status digest_file(int fd, uint64_t bytes, struct vls_digest *out)
{
    uint8_t *piece = vls_mem_new(VLS_IO_CHUNK);
    struct vls_hash *hash = vls_hash_new();
    struct vls_status s = VLS_DONE;
    for (uint64_t at = 0; at < bytes && vls_ok(s);) {
        size_t len = bytes - at < VLS_IO_CHUNK ? (size_t)(bytes - at) : VLS_IO_CHUNK;
        s = vls_fd_read_at(fd, piece, len, at, NULL);
        vls_hash_add(hash, VLS_SLICE(piece, len));
        at += len;
    }
    *out = vls_hash_finish(hash);
    vls_hash_free(&hash);
    vls_mem_free(piece);
    return s;
}

static struct kit_message *known(const struct kit_memory *memory, const char *origin)
{
    for (unsigned i = 0; i < memory->count; i++)
        if (strcmp(memory->messages[i]->origin, origin) == 0)
            return memory->messages[i];
    return NULL;
}

static struct vls_status take_parts(struct kit_message *m, const Valise__Submission *s,
                                    const struct vls_fds *fds)
{
    for (size_t i = 0; i < s->n_parts && i < VLS_MAX_PARTS; i++) {
        m->part[i] = (struct kit_emitted){.name = vls_mem_dup(s->parts[i]->name),
                                          .media_type = vls_mem_dup(s->parts[i]->media_type),
                                          .label = vls_mem_dup(s->parts[i]->label),
                                          .bytes = s->parts[i]->bytes};
        m->parts++;
        if (i < fds->count)
            VLS_TRY(digest_file(fds->fd[i], m->part[i].bytes, &m->part[i].digest));
    }
    return VLS_DONE;
}

/* The message under that key: the one that is there, or a new one with the state that goes with it.
 */
static struct vls_status commit(struct kit_session *session, const Valise__Submission *s,
                                const struct vls_fds *fds, struct kit_message **out)
{
    struct kit_memory *memory = session->memory;
    struct kit_message *m = known(memory, s->origin_key);
    if (m != NULL) {
        m->times++;
        *out = m;
        return VLS_DONE;
    }
    if (memory->count == KIT_MAX_MESSAGES)
        return (struct vls_status){VLS_WIRE_FULL};
    m = vls_mem_new(sizeof *m);
    *m = (struct kit_message){.id = kit_id(memory->count + 1),
                              .origin = vls_mem_dup(s->origin_key),
                              .kind = vls_mem_dup(s->kind),
                              .to = vls_mem_dup(s->to),
                              .label = vls_mem_dup(s->label),
                              .subject = vls_mem_dup(s->subject),
                              .embargo_until_ms = s->embargo_until_ms,
                              .state = s->n_state,
                              .abouts = kit_about_copy(s->about, s->n_about),
                              .about_count = s->n_about,
                              .times = 1};
    struct vls_status status = take_parts(m, s, fds);
    if (!vls_ok(status)) { /* the file is shorter than it was: it changed meanwhile */
        message_free(m);
        return (struct vls_status){VLS_SYSTEM_BUSY};
    }
    memory->messages[memory->count++] = m;
    for (size_t i = 0; i < s->n_state; i++)
        save_item(memory, s->state[i]);
    *out = m;
    return VLS_DONE;
}

/* As if it were committed. */
static struct vls_status forget(struct kit_session *session, const Valise__Submission *s,
                                struct kit_message **out)
{
    static struct kit_message taken;
    taken.id = kit_id(session->asked);
    for (size_t i = 0; i < s->n_parts; i++)
        session->bytes += s->parts[i]->bytes;
    *out = &taken;
    return VLS_DONE;
}

/* -- answers ----------------------------------------------------------------------------------- */

static void answer(struct kit_session *session, const Valise__Frame *to, Valise__Frame *frame)
{
    frame->reply_to = to->serial;
    VLS_IGNORE(vls_wire_send(session->router, frame, NULL, 0, NULL),
               "its end is noticed elsewhere");
}

static void on_submission(struct kit_session *session, const Valise__Frame *frame,
                          const struct vls_fds *fds)
{
    Valise__Frame reply = VALISE__FRAME__INIT;
    Valise__SubmissionResult result = VALISE__SUBMISSION_RESULT__INIT;
    Valise__Outcome outcome;
    struct vls_why why = {"as the check wants it"};
    struct vls_status status = {session->refusal};
    struct kit_message *m = NULL;
    session->asked++;
    vls_text_copy(session->last_origin, sizeof session->last_origin, frame->submission->origin_key);
    if (session->refusals > 0)
        session->refusals--;
    else if (session->is_forgetful)
        status = forget(session, frame->submission, &m);
    else
        status = commit(session, frame->submission, fds, &m);
    if (session->is_mute)
        return;
    if (m != NULL) {
        result.id = (ProtobufCBinaryData){VLS_ID_BYTES, m->id.bytes};
        if (session->is_duplicate)
            result.duplicate_of = result.id;
    }
    result.state = (char *)(uintptr_t)(session->state != NULL ? session->state : "released");
    result.reason = (char *)(uintptr_t)(session->reason != NULL ? session->reason : "");
    vls_outcome_init(&outcome, status, &why);
    result.outcome = &outcome;
    reply.body_case = VALISE__FRAME__BODY_SUBMISSION_RESULT;
    reply.submission_result = &result;
    answer(session, frame, &reply);
}

static void on_state_load(struct kit_session *session, const Valise__Frame *frame)
{
    const struct kit_memory *memory = session->memory;
    Valise__Frame reply = VALISE__FRAME__INIT;
    Valise__StateLoadResult result = VALISE__STATE_LOAD_RESULT__INIT;
    Valise__Outcome outcome;
    Valise__StateItem *rows = vls_mem_new((KIT_MAX_ITEMS + 1) * sizeof *rows);
    Valise__StateItem **pointers = vls_mem_new((KIT_MAX_ITEMS + 1) * sizeof *pointers);
    for (unsigned i = 0; i < memory->item_count; i++) {
        if (memory->items[i].len == 0)
            continue;
        Valise__StateItem *row = &rows[result.n_items];
        valise__state_item__init(row);
        row->key = memory->items[i].key;
        row->value = (ProtobufCBinaryData){memory->items[i].len, memory->items[i].value};
        pointers[result.n_items++] = row;
    }
    vls_outcome_init(&outcome, VLS_DONE, NULL);
    result.outcome = &outcome;
    result.items = pointers;
    while (session->set_aside != NULL && session->set_aside[result.n_set_aside] != NULL)
        result.n_set_aside++;
    result.set_aside = (char **)(uintptr_t)session->set_aside;
    reply.body_case = VALISE__FRAME__BODY_STATE_LOAD_RESULT;
    reply.state_load_result = &result;
    answer(session, frame, &reply);
    session->has_loaded = true;
    vls_mem_free(rows);
    vls_mem_free(pointers);
}

static void on_state_save(struct kit_session *session, const Valise__Frame *frame)
{
    Valise__Frame reply = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome;
    for (size_t i = 0; i < frame->state_save->n_items; i++)
        save_item(session->memory, frame->state_save->items[i]);
    session->saved++;
    vls_outcome_init(&outcome, VLS_DONE, NULL);
    done.outcome = &outcome;
    reply.body_case = VALISE__FRAME__BODY_DONE;
    reply.done = &done;
    answer(session, frame, &reply);
}

static void on_answer(struct kit_session *session, const Valise__Frame *frame,
                      const Valise__Outcome *outcome)
{
    if (frame->reply_to != session->delivery_serial)
        return;
    session->is_delivered = true;
    session->delivery = vls_outcome_status(outcome, &session->delivery_why);
}

static void on_frame(struct kit_session *session, const Valise__Frame *frame,
                     const struct vls_fds *fds)
{
    switch (frame->body_case) {
    case VALISE__FRAME__BODY_SUBMISSION:
        on_submission(session, frame, fds);
        break;
    case VALISE__FRAME__BODY_STATE_LOAD:
        on_state_load(session, frame);
        break;
    case VALISE__FRAME__BODY_STATE_SAVE:
        on_state_save(session, frame);
        break;
    case VALISE__FRAME__BODY_WORKING:
        session->working++;
        break;
    case VALISE__FRAME__BODY_DELIVER_RESULT:
        on_answer(session, frame, frame->deliver_result->outcome);
        break;
    case VALISE__FRAME__BODY_RESOLVE_RESULT:
        on_answer(session, frame, frame->resolve_result->outcome);
        break;
    case VALISE__FRAME__BODY_INSPECT_RESULT:
        on_answer(session, frame, frame->inspect_result->outcome);
        break;
    default:
        break;
    }
}

static void on_command(struct kit_session *session, const Valise__Frame *frame)
{
    if (frame->body_case == VALISE__FRAME__BODY_READY) {
        session->is_ready = true;
    } else if (frame->body_case == VALISE__FRAME__BODY_DONE) {
        session->has_failed = true;
        session->failure = vls_outcome_status(frame->done->outcome, &session->failure_why);
    }
}

/* -- waiting ----------------------------------------------------------------------------------- */

/* What was found stays, with its documents, for who asked. */
static void keep(struct kit_session *session, Valise__Frame **frame, struct vls_fds *fds)
{
    if ((*frame)->body_case != VALISE__FRAME__BODY_RESOLVE_RESULT &&
        (*frame)->body_case != VALISE__FRAME__BODY_INSPECT_RESULT)
        return;
    kit_session_forget(session);
    session->answer = *frame;
    session->answer_fds = *fds;
    *frame = NULL;
    fds->count = 0;
}

void kit_session_forget(struct kit_session *session)
{
    if (session->answer != NULL)
        valise__frame__free_unpacked(session->answer, NULL);
    session->answer = NULL;
    vls_fds_close(&session->answer_fds);
}

static void receive(struct kit_session *session, int *fd, bool is_router)
{
    Valise__Frame *frame = NULL;
    struct vls_fds fds = {.count = 0};
    struct vls_why why;
    struct vls_status s = vls_wire_receive(*fd, 0, &frame, &fds, &why);
    if (vls_ok(s) && is_router) {
        on_frame(session, frame, &fds);
        keep(session, &frame, &fds);
    } else if (vls_ok(s)) {
        on_command(session, frame);
    } else if (s.code != VLS_SYSTEM_BUSY) {
        vls_fd_close(fd);
    }
    if (frame != NULL)
        valise__frame__free_unpacked(frame, NULL);
    vls_fds_close(&fds);
}

static void reap(struct kit_session *session, int flags)
{
    if (session->pid <= 0 || session->is_over)
        return;
    if (waitpid(session->pid, &session->wait_status, flags) == session->pid)
        session->is_over = true;
}

bool kit_session_pump(struct kit_session *session, bool (*is_done)(struct kit_session *), int ms)
{
    uint64_t end = vls_steady_ms(vls_env_system()) + (uint64_t)ms;
    while (!is_done(session)) {
        uint64_t now = vls_steady_ms(vls_env_system());
        struct pollfd fds[2] = {{.fd = session->commands, .events = POLLIN},
                                {.fd = session->router, .events = POLLIN}};
        if (now >= end)
            return false;
        if (session->commands < 0) { /* it has ended, or is about to */
            reap(session, 0);
            return is_done(session);
        }
        if (poll(fds, 2, (int)(end - now)) < 0 && errno != EINTR)
            return false;
        if (fds[1].revents != 0)
            receive(session, &session->router, true);
        if (fds[0].revents != 0)
            receive(session, &session->commands, false);
    }
    return true;
}

static bool is_known(struct kit_session *session)
{
    return session->is_ready || session->is_over;
}

static bool is_over(struct kit_session *session)
{
    return session->is_over;
}

struct vls_status kit_session_died(const struct kit_session *session, struct vls_why *why)
{
    if (session->has_failed) {
        *why = session->failure_why;
        return session->failure;
    }
    if (!session->is_over)
        return vls_fail(VLS_PLUGIN_DIED, why, "the process says nothing");
    if (WIFSIGNALED(session->wait_status) && WTERMSIG(session->wait_status) == SIGALRM)
        return vls_fail(VLS_PLUGIN_DIED, why,
                        "the process was ended: a call did not come back in time");
    if (WIFSIGNALED(session->wait_status))
        return vls_fail(VLS_PLUGIN_DIED, why, "the process died of signal %s",
                        sigabbrev_np(WTERMSIG(session->wait_status)));
    return vls_fail(VLS_PLUGIN_DIED, why, "the process ended with status %d",
                    WEXITSTATUS(session->wait_status));
}

/* -- life -------------------------------------------------------------------------------------- */

static struct vls_config_plugin *make_config(struct kit_session *session)
{
    struct kit_plan *plan = &session->plan;
    struct vls_config_plugin *config = vls_mem_new(sizeof *config);
    *config = (struct vls_config_plugin){
        .name = (char[]){""},
        .file = (char *)(uintptr_t)plan->file,
        .grants = (char **)(uintptr_t)plan->grants,
        .settings = plan->settings,
        .settings_count = plan->settings_count,
    };
    config->name = (char *)(uintptr_t) "tested";
    while (config->grants_count < KIT_MAX_GRANTS && plan->grants[config->grants_count] != NULL)
        config->grants_count++;
    if (plan->directory != NULL) {
        config->paths = (char **)(uintptr_t)&plan->directory;
        config->paths_count = 1;
    }
    return config;
}

static bool is_granted(const struct vls_config_plugin *config, const char *name)
{
    for (unsigned i = 0; i < config->grants_count; i++)
        if (strcmp(config->grants[i], name) == 0)
            return true;
    return false;
}

struct vls_status kit_session_open(struct kit_session *session, const struct kit_plan *plan,
                                   struct kit_memory *memory, struct vls_why *why)
{
    int ends[2];
    *session = (struct kit_session){.plan = *plan,
                                    .memory = memory,
                                    .commands = -1,
                                    .router = -1,
                                    .delivery = VLS_DONE,
                                    .failure = VLS_DONE};
    session->config = make_config(session);
    int fetch VLS_DEFER(vls_fd_close) = -1;
    if (is_granted(session->config, "net"))
        VLS_TRY(plan->http != NULL
                    ? kit_net_start(plan->http, plan->log_fd, &session->web, &fetch, why)
                    : kit_web_start(&session->web, &fetch, why));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "no channel can be made");
    session->commands = ends[0];
    pid_t parent = getpid();
    session->pid = fork();
    if (session->pid == 0)
        kit_child_run(&session->plan, session->config, ends[1], fetch, parent);
    vls_fd_close(&ends[1]);
    if (session->pid < 0)
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "fork");
    (void)kit_session_pump(session, is_known, (int)KIT_START_MS);
    return session->is_ready && !session->has_failed ? VLS_DONE : kit_session_died(session, why);
}

struct vls_status kit_session_connect(struct kit_session *session, struct vls_why *why)
{
    int ends[2];
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Attach attach = VALISE__ATTACH__INIT;
    kit_session_disconnect(session);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "no channel can be made");
    session->router = ends[0];
    int theirs VLS_DEFER(vls_fd_close) = ends[1];
    frame.body_case = VALISE__FRAME__BODY_ATTACH;
    frame.attach = &attach;
    return vls_wire_send(session->commands, &frame, &theirs, 1, why);
}

void kit_session_disconnect(struct kit_session *session)
{
    vls_fd_close(&session->router);
}

static bool has_loaded(struct kit_session *session)
{
    return session->has_loaded || session->is_over;
}

struct vls_status kit_session_start(struct kit_session *session, const struct kit_plan *plan,
                                    struct kit_memory *memory, struct vls_why *why)
{
    VLS_TRY(kit_session_open(session, plan, memory, why));
    VLS_TRY(kit_session_connect(session, why));
    if (!kit_session_pump(session, has_loaded, (int)KIT_START_MS) || session->is_over)
        return kit_session_died(session, why);
    return VLS_DONE;
}

struct vls_status kit_session_stop(struct kit_session *session, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Stop stop = VALISE__STOP__INIT;
    frame.body_case = VALISE__FRAME__BODY_STOP;
    frame.stop = &stop;
    if (session->commands >= 0)
        VLS_IGNORE(vls_wire_send(session->commands, &frame, NULL, 0, NULL), "its end says more");
    (void)kit_session_pump(session, is_over, END_MS);
    if (!session->is_over || session->wait_status != 0)
        return kit_session_died(session, why);
    return VLS_DONE;
}

void kit_session_kill(struct kit_session *session)
{
    if (session->pid > 0 && !session->is_over) {
        kill(session->pid, SIGKILL);
        reap(session, 0);
    }
    vls_fd_close(&session->commands);
    vls_fd_close(&session->router);
}

void kit_session_close(struct kit_session *session)
{
    kit_session_kill(session);
    kit_web_stop(&session->web);
    kit_session_forget(session);
    vls_mem_free(session->config);
    session->config = NULL;
}
