/* A small plugin that uses what each release of the interface had: the objects in 1.0, 1.1, ...
 * were made of this file with the header beside them, by ./keep, and are never made again. */
#include <valise/plugin.h>

#include <stdio.h>
#include <string.h>

#define DOCUMENTS 3

static const struct vls_setting SETTINGS[] = {
    {.name = "word",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 16,
     .fallback = "kept",
     .help = "Begins each key."},
    {0},
};

static const struct vls_host *host;
static const struct vls_source_service *source;
static const struct vls_state_service *state;
static int next, delivered;
static unsigned long long bytes;

static int configure(const struct vls_host *given, void **out, char *why, size_t room)
{
    (void)why;
    (void)room;
    host = given;
    *out = NULL;
    return 0;
}

static int start(const struct vls_host *given, void *plugin, char *why, size_t room)
{
    size_t len;
    (void)plugin;
    source = given->service(given->ctx, "valise.source/1");
    state = given->service(given->ctx, "valise.state/1");
    if (source == NULL || state == NULL) {
        snprintf(why, room, "a service is missing");
        return -1;
    }
    const char *at = state->get(host->ctx, "next", &len);
    next = at != NULL && len == 1 ? at[0] - '0' : 0;
    return 0;
}

#if VLS_ABI_MINOR >= 4
static const char *const SYMBOLS[] = {"S/RES/2803 (2025)"}, *const BODIES[] = {"Security Council"},
                         *const SUBJECTS[] = {"MIGRATION"};
static const struct vls_relation RELATIONS[] = {{VLS_RELATES_SUPERSEDES, 0, "S/2025/1"}};

static enum vls_emit say_what_it_is(void)
{
    const struct vls_about_service *service =
        (const struct vls_about_service *)host->service(host->ctx, "valise.about/1");
    struct vls_about whole = {.size = sizeof whole,
                              .issuer = "un",
                              .symbols = SYMBOLS,
                              .symbol_count = 1,
                              .language = "en",
                              .title = "A kept title",
                              .published = "2025-11-17",
                              .bodies = BODIES,
                              .body_count = 1,
                              .subjects = SUBJECTS,
                              .subject_count = 1,
                              .url = "https://keeper.example/1",
                              .licence = "none stated",
                              .record = "1",
                              .relations = RELATIONS,
                              .relation_count = 1};
    struct vls_about part = {.size = sizeof part, .language = "fr", .title = "Un titre"};
    enum vls_emit e = service->about(host->ctx, &whole);
    return e == VLS_EMIT_OK ? service->about_part(host->ctx, &part) : e;
}
#endif

static enum vls_emit emit(void)
{
    char key[64], at = (char)('1' + next);
    struct vls_document d = {.size = sizeof d,
                             .origin_key = key,
                             .kind = "publication",
                             .to = "iom",
                             .label = "un-sgb-2007-6/confidential",
                             .subject = "A kept document"};
    snprintf(key, sizeof key, "%s-%d", host->setting(host->ctx, "word"), next);
#if VLS_ABI_MINOR >= 2
    d.distribution = "limited";
#endif
    enum vls_emit e = source->emit_begin(host->ctx, &d);
    if (e == VLS_EMIT_OK)
        e = source->emit_part(host->ctx, "kept.txt", "text/plain");
    if (e == VLS_EMIT_OK)
        e = source->emit_bytes(host->ctx, key, strlen(key));
#if VLS_ABI_MINOR >= 1
    if (e == VLS_EMIT_OK)
        e = source->emit_label(host->ctx, "un-sgb-2007-6/unclassified");
#endif
#if VLS_ABI_MINOR >= 4
    if (e == VLS_EMIT_OK)
        e = say_what_it_is();
#endif
    if (e == VLS_EMIT_OK)
        e = source->emit_state(host->ctx, "next", &at, 1);
    if (e == VLS_EMIT_OK)
        e = source->emit_end(host->ctx, (uint64_t)next);
    return e;
}

static uint32_t poll_next(void *plugin)
{
    (void)plugin;
    while (next < DOCUMENTS && emit() == VLS_EMIT_OK)
        next++;
    return 1000;
}

static void committed(void *plugin, const struct vls_commit *c)
{
    char text[80];
    (void)plugin;
    int len = snprintf(text, sizeof text, "%u %s", c->outcome, c->id != NULL ? c->id : "-");
    (void)state->put(host->ctx, "committed", text, (size_t)len);
}

static void stop(void *plugin)
{
    (void)plugin;
}

static enum vls_answer begin(void *plugin, const struct vls_message *m, char *why, size_t room)
{
    char text[200];
    (void)plugin;
    (void)why;
    (void)room;
    int len = snprintf(text, sizeof text, "%s from %s: %s", m->kind, m->from, m->subject);
#if VLS_ABI_MINOR >= 1
    len += snprintf(text + len, sizeof text - (size_t)len, ", labels %s",
                    m->labels_bytes > 0 ? "there" : "missing");
#endif
#if VLS_ABI_MINOR >= 2
    len += snprintf(text + len, sizeof text - (size_t)len, ", distribution %s", m->distribution);
#endif
#if VLS_ABI_MINOR >= 4
    len += snprintf(text + len, sizeof text - (size_t)len, ", about %s",
                    m->about != NULL ? m->about->symbols[0] : "nothing");
#endif
    (void)state->put(host->ctx, "message", text, (size_t)len);
    bytes = 0;
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_begin(void *plugin, const struct vls_part *p, char *why, size_t room)
{
    (void)plugin;
    (void)why;
    (void)room;
    (void)state->put(host->ctx, "part", p->name, strlen(p->name));
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_bytes(void *plugin, const void *at, size_t len, char *why, size_t room)
{
    (void)plugin;
    (void)at;
    (void)why;
    (void)room;
    bytes += len;
    return VLS_ANSWER_DONE;
}

static enum vls_answer part_end(void *plugin, char *why, size_t room)
{
    (void)plugin;
    (void)why;
    (void)room;
    return VLS_ANSWER_DONE;
}

static enum vls_answer end(void *plugin, char *why, size_t room)
{
    char text[48];
    (void)plugin;
    (void)why;
    (void)room;
    int len = snprintf(text, sizeof text, "%d %llu", ++delivered, bytes);
    (void)state->put(host->ctx, "delivered", text, (size_t)len);
    return VLS_ANSWER_DONE;
}

static void give_up(void *plugin)
{
    (void)plugin;
}

#if VLS_ABI_MINOR >= 3
static const struct vls_resolver_service *resolver;
static const struct vls_report_service *report;
static const struct vls_metrics_service *metrics;

static void resolve(void *plugin, const struct vls_question *q, struct vls_finding *finding,
                    char *why, size_t room)
{
    void *ctx = host->ctx;
    (void)plugin;
    resolver = (const struct vls_resolver_service *)host->service(ctx, "valise.resolver/1");
    report = (const struct vls_report_service *)host->service(ctx, "valise.report/1");
    finding->url = "https://keeper.example/";
    finding->result = VLS_RESULT_NOT_PUBLISHED;
    if (strcmp(q->symbol, "KEPT/1") == 0 && strcmp(q->language, "fr") == 0 &&
        resolver->emit_part(ctx, "kept.fr.txt", "text/plain") == VLS_EMIT_OK &&
        resolver->emit_label(ctx, "un-sgb-2007-6/unclassified") == VLS_EMIT_OK &&
        resolver->emit_bytes(ctx, "kept", 4) == VLS_EMIT_OK
#if VLS_ABI_MINOR >= 4
        && say_what_it_is() == VLS_EMIT_OK
#endif
    )
        finding->result = VLS_RESULT_DELIVERED;
    snprintf(why, room, "as it was kept");
    (void)report->report(ctx, finding, why);
}

static enum vls_verdict inspect_begin(void *plugin, const struct vls_message *m, char *why,
                                      size_t room)
{
    (void)plugin;
    metrics = (const struct vls_metrics_service *)host->service(host->ctx, "valise.metrics/1");
    (void)metrics->count(host->ctx, m->direction == VLS_OUTGOING ? "outgoing" : "incoming", 1);
    snprintf(why, room, "nothing comes in here");
    return m->direction == VLS_OUTGOING ? VLS_VERDICT_PASS : VLS_VERDICT_RETRY;
}

static enum vls_verdict inspect_part_begin(void *plugin, const struct vls_part *p, char *why,
                                           size_t room)
{
    (void)plugin;
    snprintf(why, room, "%s is not to be seen", p->name);
    return strcmp(p->name, "hidden.txt") == 0 ? VLS_VERDICT_VETO : VLS_VERDICT_PASS;
}

static enum vls_verdict inspect_part_bytes(void *plugin, const void *at, size_t len, char *why,
                                           size_t room)
{
    (void)plugin;
    snprintf(why, room, "it is to be kept");
    return len >= 4 && memcmp(at, "keep", 4) == 0 ? VLS_VERDICT_VETO : VLS_VERDICT_PASS;
}

static enum vls_verdict inspect_end(void *plugin, char *why, size_t room)
{
    (void)plugin;
    (void)why;
    (void)room;
    return VLS_VERDICT_PASS;
}
#endif

static const struct vls_plugin KEEPER = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_STATE,
#if VLS_ABI_MINOR >= 3
    .caps_want = VLS_CAP_SEND | VLS_CAP_RECEIVE | VLS_CAP_RESOLVE | VLS_CAP_INSPECT,
    .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK | VLS_PLUGIN_RESOLVER | VLS_PLUGIN_INSPECTOR,
#else
    .caps_want = VLS_CAP_SEND | VLS_CAP_RECEIVE,
    .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK,
#endif
    .id = "keeper",
    .version = "1",
    .summary = "Uses all that its release of the interface had.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_next,
    .committed = committed,
    .deliver_begin = begin,
    .part_begin = part_begin,
    .part_bytes = part_bytes,
    .part_end = part_end,
    .deliver_end = end,
    .deliver_abort = give_up,
#if VLS_ABI_MINOR >= 3
    .resolve = resolve,
    .inspect_begin = inspect_begin,
    .inspect_part_begin = inspect_part_begin,
    .inspect_part_bytes = inspect_part_bytes,
    .inspect_part_end = inspect_end,
    .inspect_end = inspect_end,
    .inspect_abort = give_up,
#endif
};

VLS_PLUGIN_EXPORT(KEEPER)
