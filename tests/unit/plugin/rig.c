#include "rig.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "kit/mail.h"

#define PATIENCE_MS 20000

static const int FROM_HOST[] = {VALISE__FRAME__BODY_SUBMISSION,    VALISE__FRAME__BODY_STATE_LOAD,
                                VALISE__FRAME__BODY_STATE_SAVE,    VALISE__FRAME__BODY_WORKING,
                                VALISE__FRAME__BODY_PLUGIN_REPORT, 0};
static const int FROM_ROUTER[] = {VALISE__FRAME__BODY_DELIVER, VALISE__FRAME__BODY_INSPECT,
                                  VALISE__FRAME__BODY_RESOLVE, 0};

/* -- the router -------------------------------------------------------------------------------- */

struct vls_id rig_id(unsigned number)
{
    struct vls_id id = {{0x01, 0x93, 0x5a, 0x10, 0x20, 0x30, 0x70, 0x00, 0x80}};
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static struct rig_item *item_of(struct rig *rig, const char *key)
{
    for (unsigned i = 0; i < rig->item_count; i++)
        if (strcmp(rig->items[i].key, key) == 0)
            return &rig->items[i];
    assert_true(rig->item_count < RIG_STATE);
    rig->items[rig->item_count] = (struct rig_item){.key = vls_mem_dup(key)};
    return &rig->items[rig->item_count++];
}

static void save(struct rig *rig, Valise__StateItem *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rig_item *item = item_of(rig, items[i]->key);
        vls_mem_free(item->value);
        item->value = items[i]->value.len > 0
                          ? vls_mem_text((const char *)items[i]->value.data, items[i]->value.len)
                          : NULL;
    }
}

const char *rig_state(const struct rig *rig, const char *key)
{
    for (unsigned i = 0; i < rig->item_count; i++)
        if (strcmp(rig->items[i].key, key) == 0)
            return rig->items[i].value;
    return NULL;
}

static struct vls_digest digest_of(int fd, uint64_t bytes)
{
    static uint8_t chunk[VLS_IO_CHUNK];
    struct vls_hash *hash = vls_hash_new();
    for (uint64_t at = 0; at < bytes;) {
        size_t len = bytes - at < sizeof chunk ? (size_t)(bytes - at) : sizeof chunk;
        assert_true(vls_ok(vls_fd_read_at(fd, chunk, len, at, NULL)));
        vls_hash_add(hash, VLS_SLICE(chunk, len));
        at += len;
    }
    struct vls_digest digest = vls_hash_finish(hash);
    vls_hash_free(&hash);
    return digest;
}

static const struct rig_message *commit(struct rig *rig, const Valise__Submission *s,
                                        struct vls_fds *fds)
{
    for (unsigned i = 0; i < rig->message_count; i++)
        if (strcmp(rig->messages[i].origin, s->origin_key) == 0)
            return &rig->messages[i];
    assert_true(rig->message_count < RIG_MESSAGES);
    struct rig_message *m = &rig->messages[rig->message_count];
    *m = (struct rig_message){
        .id = rig_id(++rig->message_count),
        .origin = vls_mem_dup(s->origin_key),
        .kind = vls_mem_dup(s->kind),
        .to = vls_mem_dup(s->to),
        .label = vls_mem_dup(s->label),
        .subject = vls_mem_dup(s->subject),
        .conversation = vls_mem_dup(s->conversation),
        .parts = s->n_parts,
    };
    assert_int_equal(s->n_parts, fds->count);
    if (s->n_parts > 0) {
        m->part_name = vls_mem_dup(s->parts[0]->name);
        m->part_label = vls_mem_dup(s->parts[0]->label);
        m->bytes = s->parts[0]->bytes;
        m->digest = digest_of(fds->fd[0], m->bytes);
    }
    save(rig, s->state, s->n_state);
    return m;
}

static void answer(struct rig *rig, const Valise__Frame *to, Valise__Frame *frame)
{
    struct vls_why why;
    frame->reply_to = to->serial;
    assert_true(vls_ok(vls_channel_send(rig->router, frame, NULL, 0, &why)));
}

static void on_submission(struct rig *rig, const Valise__Frame *frame, struct vls_fds *fds)
{
    Valise__Frame reply = VALISE__FRAME__INIT;
    Valise__SubmissionResult result = VALISE__SUBMISSION_RESULT__INIT;
    Valise__Outcome outcome;
    struct vls_why why = {"as the test wants it"};
    struct vls_status status = VLS_DONE;
    rig->asked++;
    if (rig->refusals > 0) {
        rig->refusals--;
        status = (struct vls_status){rig->refusal};
    } else {
        const struct rig_message *m = commit(rig, frame->submission, fds);
        result.id.data = (uint8_t *)m->id.bytes;
        result.id.len = VLS_ID_BYTES;
        result.state = (char *)(rig->state != NULL ? rig->state : "released");
        result.reason = (char *)(rig->reason != NULL ? rig->reason : "");
    }
    if (rig->is_mute)
        return;
    vls_outcome_init(&outcome, status, &why);
    result.outcome = &outcome;
    reply.body_case = VALISE__FRAME__BODY_SUBMISSION_RESULT;
    reply.submission_result = &result;
    answer(rig, frame, &reply);
}

static void on_state_load(struct rig *rig, const Valise__Frame *frame)
{
    Valise__Frame reply = VALISE__FRAME__INIT;
    Valise__StateLoadResult result = VALISE__STATE_LOAD_RESULT__INIT;
    Valise__Outcome outcome;
    static Valise__StateItem rows[RIG_STATE];
    static Valise__StateItem *pointers[RIG_STATE];
    for (unsigned i = 0; i < rig->item_count; i++) {
        if (rig->items[i].value == NULL)
            continue;
        valise__state_item__init(&rows[result.n_items]);
        rows[result.n_items].key = rig->items[i].key;
        rows[result.n_items].value.data = (uint8_t *)rig->items[i].value;
        rows[result.n_items].value.len = strlen(rig->items[i].value);
        pointers[result.n_items] = &rows[result.n_items];
        result.n_items++;
    }
    vls_outcome_init(&outcome, VLS_DONE, NULL);
    result.outcome = &outcome;
    result.items = pointers;
    reply.body_case = VALISE__FRAME__BODY_STATE_LOAD_RESULT;
    reply.state_load_result = &result;
    answer(rig, frame, &reply);
}

static void on_state_save(struct rig *rig, const Valise__Frame *frame)
{
    Valise__Frame reply = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome;
    save(rig, frame->state_save->items, frame->state_save->n_items);
    rig->saves++;
    vls_outcome_init(&outcome, VLS_DONE, NULL);
    done.outcome = &outcome;
    reply.body_case = VALISE__FRAME__BODY_DONE;
    reply.done = &done;
    answer(rig, frame, &reply);
}

static void on_report(struct rig *rig, const Valise__PluginReport *report)
{
    uint8_t bytes[65536];
    size_t size = valise__plugin_report__pack(report, bytes);
    if (rig->report != NULL)
        valise__plugin_report__free_unpacked(rig->report, NULL);
    rig->report = valise__plugin_report__unpack(NULL, size, bytes);
    rig->reports++;
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct rig *rig = ctx;
    (void)channel;
    if (frame->body_case == VALISE__FRAME__BODY_SUBMISSION)
        on_submission(rig, frame, fds);
    else if (frame->body_case == VALISE__FRAME__BODY_STATE_LOAD)
        on_state_load(rig, frame);
    else if (frame->body_case == VALISE__FRAME__BODY_STATE_SAVE)
        on_state_save(rig, frame);
    else if (frame->body_case == VALISE__FRAME__BODY_PLUGIN_REPORT)
        on_report(rig, frame->plugin_report);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct rig *rig = ctx;
    (void)channel;
    (void)cause;
    vls_channel_free(&rig->router);
}

void rig_connect(struct rig *rig)
{
    struct vls_why why;
    struct vls_channel_events events = {.ctx = rig, .on_frame = on_frame, .on_gone = on_gone};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(vls_ok(
        vls_channel_new(rig->base, pair[0], "host", FROM_HOST, &events, &rig->router, &why)));
    assert_true(vls_ok(vls_plugin_host_attach(rig->host, pair[1], &why)));
}

void rig_kill_router(struct rig *rig)
{
    vls_channel_free(&rig->router);
}

static void on_delivered(void *ctx, struct vls_status status, const Valise__Frame *frame,
                         struct vls_fds *fds)
{
    struct rig *rig = ctx;
    (void)fds;
    rig->delivered++;
    rig->delivery_why.text[0] = '\0';
    rig->delivery = status;
    if (vls_ok(status))
        rig->delivery = vls_outcome_status(frame->deliver_result->outcome, &rig->delivery_why);
}

static struct kit_mail mail_of(const struct rig *rig, const struct rig_part *parts, size_t count,
                               struct kit_part rows[VLS_MAX_PARTS])
{
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct kit_part){
            .name = parts[i].name, .bytes = vls_slice_text(parts[i].text), .label = parts[i].label};
    return (struct kit_mail){.schemes = &rig->schemes,
                             .label = RIG_LABEL,
                             .subject = "A subject",
                             .parts = rows,
                             .count = count,
                             .is_without_labels = rig->has_no_labels};
}

static bool is_delivered(struct rig *rig)
{
    return rig->delivered > 0;
}

static void fill_deliver(Valise__Deliver *deliver, const struct vls_id *id, uint32_t attempt,
                         const struct vls_buf *der)
{
    valise__deliver__init(deliver);
    deliver->label_der = (ProtobufCBinaryData){der->len, der->at};
    deliver->id.data = (uint8_t *)id->bytes;
    deliver->id.len = VLS_ID_BYTES;
    deliver->kind = (char *)"publication";
    deliver->from = (char *)"iom";
    deliver->to = (char *)"un";
    deliver->label = (char *)RIG_LABEL;
    deliver->marking = (char *)"UNITED NATIONS CONFIDENTIAL";
    deliver->attempt = attempt;
    deliver->created_ms = 1700000000000u;
    deliver->received_ms = 1700000001000u;
}

void rig_deliver(struct rig *rig, const struct vls_id *id, uint32_t attempt,
                 const struct rig_part *parts, size_t count)
{
    struct vls_why why;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Deliver deliver;
    struct kit_part rows[VLS_MAX_PARTS];
    struct kit_mail mail = mail_of(rig, parts, count, rows);
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    int fd VLS_DEFER(vls_fd_close) = -1;
    vls_buf_init(&der, VLS_MAX_LABEL);
    assert_true(vls_ok(kit_mail_label(&mail, &der, &why)));
    assert_true(vls_ok(kit_mail_archive(&mail, &fd, &why)));
    fill_deliver(&deliver, id, attempt, &der);
    frame.body_case = VALISE__FRAME__BODY_DELIVER;
    frame.deliver = &deliver;
    rig_run(rig, rig_is_serving);
    rig->delivered = 0;
    assert_true(vls_ok(vls_channel_ask(
        rig->router, &frame, &fd, 1, VALISE__FRAME__BODY_DELIVER_RESULT, on_delivered, rig, &why)));
    rig_run(rig, is_delivered);
}

/* -- inspectors and resolvers ------------------------------------------------------------------ */

static void forget_answers(struct rig *rig)
{
    if (rig->inspected != NULL)
        valise__inspect_result__free_unpacked(rig->inspected, NULL);
    if (rig->resolved != NULL)
        valise__resolve_result__free_unpacked(rig->resolved, NULL);
    if (rig->report != NULL)
        valise__plugin_report__free_unpacked(rig->report, NULL);
    rig->inspected = NULL;
    rig->resolved = NULL;
    rig->report = NULL;
    vls_fds_close(&rig->resolved_fds);
}

static void on_inspected(void *ctx, struct vls_status status, const Valise__Frame *frame,
                         struct vls_fds *fds)
{
    struct rig *rig = ctx;
    uint8_t bytes[4096];
    (void)fds;
    rig->delivered++;
    rig->delivery = status;
    if (!vls_ok(status))
        return;
    rig->delivery = vls_outcome_status(frame->inspect_result->outcome, &rig->delivery_why);
    size_t size = valise__inspect_result__pack(frame->inspect_result, bytes);
    rig->inspected = valise__inspect_result__unpack(NULL, size, bytes);
}

void rig_inspect(struct rig *rig, const struct vls_id *id, bool is_outgoing,
                 const struct rig_part *parts, size_t count)
{
    struct vls_why why;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Inspect inspect = VALISE__INSPECT__INIT;
    Valise__Deliver message;
    struct kit_part rows[VLS_MAX_PARTS];
    struct kit_mail mail = mail_of(rig, parts, count, rows);
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    int fd VLS_DEFER(vls_fd_close) = -1;
    vls_buf_init(&der, VLS_MAX_LABEL);
    assert_true(vls_ok(kit_mail_label(&mail, &der, &why)));
    assert_true(vls_ok(kit_mail_archive(&mail, &fd, &why)));
    fill_deliver(&message, id, 1, &der);
    inspect.message = &message;
    inspect.is_outgoing = is_outgoing;
    frame.body_case = VALISE__FRAME__BODY_INSPECT;
    frame.inspect = &inspect;
    rig_run(rig, rig_is_serving);
    forget_answers(rig);
    rig->delivered = 0;
    assert_true(vls_ok(vls_channel_ask(
        rig->router, &frame, &fd, 1, VALISE__FRAME__BODY_INSPECT_RESULT, on_inspected, rig, &why)));
    rig_run(rig, is_delivered);
}

static void on_resolved(void *ctx, struct vls_status status, const Valise__Frame *frame,
                        struct vls_fds *fds)
{
    struct rig *rig = ctx;
    uint8_t bytes[VLS_MAX_FRAME];
    rig->delivered++;
    rig->resolution = status;
    if (!vls_ok(status))
        return;
    rig->resolution = vls_outcome_status(frame->resolve_result->outcome, &rig->delivery_why);
    size_t size = valise__resolve_result__pack(frame->resolve_result, bytes);
    rig->resolved = valise__resolve_result__unpack(NULL, size, bytes);
    for (size_t i = 0; i < fds->count; i++)
        rig->resolved_fds.fd[rig->resolved_fds.count++] = vls_fd_move(&fds->fd[i]);
}

void rig_resolve(struct rig *rig, const char *symbol, const char *language)
{
    struct vls_why why;
    struct vls_id id = rig_id(77);
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Resolve resolve = VALISE__RESOLVE__INIT;
    resolve.id = (ProtobufCBinaryData){VLS_ID_BYTES, id.bytes};
    resolve.symbol = (char *)(uintptr_t)symbol;
    resolve.language = (char *)(uintptr_t)language;
    frame.body_case = VALISE__FRAME__BODY_RESOLVE;
    frame.resolve = &resolve;
    rig_run(rig, rig_is_serving);
    forget_answers(rig);
    rig->delivered = 0;
    assert_true(vls_ok(vls_channel_ask(
        rig->router, &frame, NULL, 0, VALISE__FRAME__BODY_RESOLVE_RESULT, on_resolved, rig, &why)));
    rig_run(rig, is_delivered);
}

/* -- the rest ---------------------------------------------------------------------------------- */

static uint64_t rig_steady(void *ctx)
{
    return ((struct rig *)ctx)->steady_ms;
}

static uint64_t rig_wall(void *ctx)
{
    (void)ctx;
    return vls_wall_ms(vls_env_system());
}

static void rig_random(void *ctx, uint8_t *at, size_t len)
{
    (void)ctx;
    vls_random(vls_env_system(), at, len);
}

/* Wakes the loop, so that what a test waits for may also be a file. */
static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)ctx;
}

void rig_init(struct rig *rig, const char *plugin_file)
{
    const char *tmp = getenv("TMPDIR");
    struct timeval interval = {.tv_usec = 5000};
    *rig = (struct rig){.steady_ms = 1000000, .delivery = VLS_DONE};
    snprintf(rig->directory, sizeof rig->directory, "%s/valise-plugin-XXXXXX",
             tmp != NULL && strlen(tmp) < 32 ? tmp : "/tmp");
    assert_non_null(mkdtemp(rig->directory));
    rig->schemes.schemes = vls_mem_new(sizeof *rig->schemes.schemes);
    assert_true(vls_ok(vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml",
                                       &rig->schemes.schemes[rig->schemes.count++], NULL)));
    rig->env = (struct vls_env){rig, rig_wall, rig_steady, rig_random};
    rig->base = event_base_new();
    assert_non_null(rig->base);
    rig->tick = event_new(rig->base, -1, EV_PERSIST, on_tick, NULL);
    event_add(rig->tick, &interval);
    rig->paths[0] = rig->directory;
    rig->grants[0] = (char *)"files";
    rig->grants[1] = (char *)"state";
    rig->grants[2] = (char *)"send";
    rig->grants[3] = (char *)"receive";
    rig->grants[4] = (char *)"resolve";
    rig->grants[5] = (char *)"inspect";
    rig->config = (struct vls_config_plugin){
        .name = (char *)"tested",
        .file = (char *)plugin_file,
        .grants = rig->grants,
        .grants_count = sizeof rig->grants / sizeof rig->grants[0],
        .paths = rig->paths,
        .paths_count = 1,
        .settings = rig->settings,
    };
}

void rig_set(struct rig *rig, const char *name, const char *value)
{
    rig->settings[rig->config.settings_count++] =
        (struct vls_config_setting){(char *)name, (char *)value};
}

static void on_failed(void *ctx, struct vls_status status, const struct vls_why *why)
{
    (void)status;
    (void)why;
    ((struct rig *)ctx)->failed++;
}

static void on_drained(void *ctx)
{
    ((struct rig *)ctx)->drained++;
}

void rig_start(struct rig *rig)
{
    struct vls_why why = {{0}};
    struct vls_plugin_host_options options = {
        .config = &rig->config,
        .schemes = &rig->schemes,
        .base = rig->base,
        .env = &rig->env,
        .accepts = FROM_ROUTER,
        .call_ms = rig->call_ms,
        .window = rig->window,
        .ctx = rig,
        .on_failed = on_failed,
        .on_drained = on_drained,
    };
    struct vls_status status = vls_plugin_host_open(&options, &rig->host, &why);
    if (!vls_ok(status))
        fail_msg("the plugin does not load: %s", why.text);
    rig_connect(rig);
}

void rig_kill_host(struct rig *rig)
{
    vls_plugin_host_free(&rig->host);
    vls_channel_free(&rig->router);
}

void rig_run(struct rig *rig, bool (*is_done)(struct rig *rig))
{
    uint64_t end = vls_steady_ms(vls_env_system()) + PATIENCE_MS;
    while (!is_done(rig)) {
        assert_true(vls_steady_ms(vls_env_system()) < end);
        assert_int_equal(event_base_loop(rig->base, EVLOOP_ONCE), 0);
    }
}

bool rig_is_serving(struct rig *rig)
{
    return vls_plugin_host_is_serving(rig->host);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void rig_fini(struct rig *rig)
{
    rig_kill_host(rig);
    vls_scheme_set_free(&rig->schemes);
    for (unsigned i = 0; i < rig->message_count; i++) {
        struct rig_message *m = &rig->messages[i];
        char *texts[] = {m->origin,  m->kind,      m->to,         m->label,
                         m->subject, m->part_name, m->part_label, m->conversation};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            vls_mem_free(texts[k]);
    }
    for (unsigned i = 0; i < rig->item_count; i++) {
        vls_mem_free(rig->items[i].key);
        vls_mem_free(rig->items[i].value);
    }
    forget_answers(rig);
    event_free(rig->tick);
    event_base_free(rig->base);
    nftw(rig->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* -- files ------------------------------------------------------------------------------------- */

static void full_path(const struct rig *rig, const char *path, char out[VLS_MAX_PATH])
{
    assert_true(vls_ok(vls_path_join(rig->directory, path, out, VLS_MAX_PATH)));
}

void rig_write(struct rig *rig, const char *path, const char *text)
{
    char full[VLS_MAX_PATH];
    full_path(rig, path, full);
    char *slash = strrchr(full, '/');
    *slash = '\0';
    assert_true(vls_ok(vls_dir_make(full, 0700, NULL)));
    *slash = '/';
    assert_true(vls_ok(vls_file_write(full, vls_slice_text(text), 0600, NULL)));
}

char *rig_read(struct rig *rig, const char *path)
{
    char full[VLS_MAX_PATH];
    struct vls_buf buf VLS_DEFER(vls_buf_fini);
    full_path(rig, path, full);
    vls_buf_init(&buf, 1u << 20);
    if (!vls_ok(vls_file_read(full, &buf, NULL)))
        return NULL;
    return vls_mem_text((const char *)buf.at, buf.len);
}

bool rig_has(struct rig *rig, const char *path)
{
    char full[VLS_MAX_PATH];
    struct stat st;
    full_path(rig, path, full);
    return lstat(full, &st) == 0;
}

unsigned rig_count(struct rig *rig, const char *path)
{
    char full[VLS_MAX_PATH];
    unsigned count = 0;
    full_path(rig, path, full);
    DIR *list = opendir(full);
    assert_non_null(list);
    for (const struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list))
        count += entry->d_name[0] != '.';
    closedir(list);
    return count;
}
