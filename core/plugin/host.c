#include "plugin/host.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "plugin/accept.h"
#include "plugin/host_internal.h"
#include "plugin/watchdog.h"

#define POLL_LEAST_MS 10
#define POLL_MOST_MS  86400000u
#define STARVED_MS                                                                                 \
    1000 /* looks again for room in the window, besides when an outcome makes some                 \
          */

/* -- what the plugin may call ------------------------------------------------------------------ */

static void sdk_log(void *ctx, enum vls_level level, const char *text)
{
    static const enum vls_log_level LEVELS[] = {VLS_LOG_ERROR, VLS_LOG_WARN, VLS_LOG_INFO,
                                                VLS_LOG_DEBUG};
    struct vls_plugin_host *host = ctx;
    uint64_t second = vls_steady_ms(host->options.env) / 1000;
    if (second != host->log_second) {
        if (host->log_dropped > 0)
            vls_log(VLS_LOG_WARN, "plugin.log-dropped", VLS_F("plugin", host->options.config->name),
                    VLS_FN("lines", host->log_dropped));
        host->log_second = second;
        host->log_lines = host->log_dropped = 0;
    }
    if (host->log_lines++ >= VLS_PLUGIN_LOG_LINES) {
        host->log_dropped++;
        return;
    }
    bool is_known = level <= VLS_LEVEL_DEBUG;
    vls_log(LEVELS[is_known ? level : VLS_LEVEL_INFO], "plugin.log",
            VLS_F("plugin", host->options.config->name), VLS_F("text", text));
}

static uint64_t sdk_now_ms(void *ctx)
{
    struct vls_plugin_host *host = ctx;
    return vls_wall_ms(host->options.env);
}

static uint64_t sdk_steady_ms(void *ctx)
{
    struct vls_plugin_host *host = ctx;
    return vls_steady_ms(host->options.env);
}

static const char *sdk_setting(void *ctx, const char *name)
{
    struct vls_plugin_host *host = ctx;
    const struct vls_plugin_value *value = vls_plugin_setting(&host->settings, name);
    return value != NULL ? value->text : NULL;
}

static int64_t sdk_setting_number(void *ctx, const char *name)
{
    struct vls_plugin_host *host = ctx;
    const struct vls_plugin_value *value = vls_plugin_setting(&host->settings, name);
    return value != NULL ? value->number : 0;
}

static const void *state_get(void *ctx, const char *key, size_t *out_len)
{
    struct vls_plugin_host *host = ctx;
    struct vls_slice value;
    if (!vls_plugin_state_get(host->items, key, &value))
        return NULL;
    *out_len = value.len;
    return value.at;
}

static int state_put(void *ctx, const char *key, const void *value, size_t len)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    struct vls_status status = vls_plugin_state_put(host->items, key, VLS_SLICE(value, len), &why);
    if (vls_ok(status))
        return 0;
    vls_log(VLS_LOG_WARN, "plugin.state", VLS_F("plugin", host->options.config->name),
            VLS_FAILURE(status, &why));
    return -1;
}

static const char *state_next(void *ctx, const char *after)
{
    struct vls_plugin_host *host = ctx;
    return vls_plugin_state_next(host->items, after);
}

static const struct vls_state_service STATE_SERVICE = {
    .size = sizeof STATE_SERVICE,
    .get = state_get,
    .put = state_put,
    .next = state_next,
};

static const void *sdk_service(void *ctx, const char *name)
{
    struct vls_plugin_host *host = ctx;
    if (strcmp(name, "valise.state/1") == 0 && (host->sdk.caps & VLS_CAP_STATE) != 0)
        return &STATE_SERVICE;
    if (strcmp(name, "valise.source/1") == 0 && (host->plugin.roles & VLS_PLUGIN_SOURCE) != 0)
        return &VLS_HOST_SOURCE;
    if (strcmp(name, "valise.http/1") == 0 && (host->sdk.caps & VLS_CAP_NET) != 0)
        return &VLS_PLUGIN_HTTP;
    if (strcmp(name, "valise.resolver/1") == 0 && (host->plugin.roles & VLS_PLUGIN_RESOLVER) != 0)
        return &VLS_HOST_RESOLVER;
    if (strcmp(name, "valise.about/1") == 0 &&
        (host->plugin.roles & (VLS_PLUGIN_SOURCE | VLS_PLUGIN_RESOLVER)) != 0)
        return &VLS_HOST_ABOUT;
    if (strcmp(name, "valise.report/1") == 0)
        return &VLS_HOST_REPORT;
    if (strcmp(name, "valise.metrics/1") == 0)
        return &VLS_HOST_METRICS;
    return NULL;
}

/* -- calls into the plugin --------------------------------------------------------------------- */

void vls_host_enter(struct vls_plugin_host *host)
{
    vls_watchdog_begin(host->options.call_ms);
}

void vls_host_leave(struct vls_plugin_host *host)
{
    vls_watchdog_end();
    if (vls_plugin_state_is_dirty(host->items))
        vls_host_flush(host);
    vls_reports_send(host->reports);
}

void vls_host_working(struct vls_plugin_host *host, const char *call, struct vls_slice id,
                      const char *origin_key)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Working working = VALISE__WORKING__INIT;
    bool is_something = id.len > 0 || origin_key != NULL;
    if (host->channel == NULL || (!is_something && !host->is_told))
        return;
    working.call = (char *)(uintptr_t)call;
    working.id = (ProtobufCBinaryData){id.len, (uint8_t *)(uintptr_t)id.at};
    working.origin_key = (char *)(uintptr_t)(origin_key != NULL ? origin_key : "");
    frame.body_case = VALISE__FRAME__BODY_WORKING;
    frame.working = &working;
    VLS_IGNORE(vls_channel_send(host->channel, &frame, NULL, 0, NULL),
               "a router that does not hear it holds nothing for this process's death");
    host->is_told = is_something;
}

void vls_host_fail(struct vls_plugin_host *host, struct vls_status status,
                   const struct vls_why *why)
{
    if (host->phase == HOST_FAILED)
        return;
    host->phase = HOST_FAILED;
    vls_log(VLS_LOG_ERROR, "plugin.failed", VLS_F("plugin", host->options.config->name),
            VLS_FAILURE(status, why));
    if (host->options.on_failed != NULL)
        host->options.on_failed(host->options.ctx, status, why);
}

void vls_host_poll_in(struct vls_plugin_host *host, uint32_t ms)
{
    uint64_t now = vls_steady_ms(host->options.env);
    uint64_t earliest = host->polled_ms + POLL_LEAST_MS;
    uint64_t wait = ms;
    if (host->polled_ms != 0 && now + wait < earliest)
        wait = earliest - now;
    struct timeval in = {.tv_sec = (time_t)(wait / 1000),
                         .tv_usec = (suseconds_t)(wait % 1000) * 1000};
    (void)event_add(host->poll_timer,
                    &in); /* fails only without memory, which ends the process elsewhere */
}

static void call_poll(struct vls_plugin_host *host)
{
    vls_host_working(host, "poll", (struct vls_slice){NULL, 0}, NULL);
    host->is_polling = true;
    vls_host_enter(host);
    uint32_t next_ms = host->plugin.poll(host->state);
    vls_host_leave(host);
    host->is_polling = false;
    host->polled_ms = vls_steady_ms(host->options.env);
    if (host->draft != NULL) {
        vls_log(VLS_LOG_WARN, "plugin.emit", VLS_F("plugin", host->options.config->name),
                VLS_F("why", "poll() came back without ending its document; it is given up"));
        vls_document_free(&host->draft);
    }
    if (next_ms < POLL_LEAST_MS)
        next_ms = POLL_LEAST_MS;
    vls_host_poll_in(host, next_ms < POLL_MOST_MS ? next_ms : POLL_MOST_MS);
    if (host->watch != NULL)
        (void)event_add(host->watch, NULL);
}

static void on_poll_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_plugin_host *host = ctx;
    (void)fd;
    (void)what;
    if (host->phase != HOST_SERVING || (host->plugin.roles & VLS_PLUGIN_SOURCE) == 0)
        return;
    vls_host_flush(host);
    if (vls_host_has_room(host)) {
        call_poll(host);
    } else {
        host->is_starved = true;
        vls_host_poll_in(host, STARVED_MS);
    }
}

/* -- life -------------------------------------------------------------------------------------- */

static struct vls_status configure(struct vls_plugin_host *host, struct vls_why *why)
{
    char words[sizeof why->text] = "";
    if (host->plugin.configure != NULL) {
        vls_host_enter(host);
        int result = host->plugin.configure(&host->sdk, &host->state, words, sizeof words);
        vls_host_leave(host);
        words[sizeof words - 1] = '\0';
        if (result != 0)
            return vls_fail(VLS_PLUGIN_SETTING, why, "plugin %s: %s", host->options.config->name,
                            words[0] != '\0' ? words : "refuses its settings without saying why");
    }
    host->is_configured = true;
    return VLS_DONE;
}

static struct vls_status open_plugin(struct vls_plugin_host *host, struct vls_why *why)
{
    const struct vls_config_plugin *config = host->options.config;
    const struct vls_plugin *theirs;
    VLS_TRY(vls_plugin_grants(config, &host->granted, why));
    VLS_TRY(vls_watchdog_init(why));
    VLS_TRY(vls_plugin_load(config->file, &theirs, why));
    VLS_TRY(vls_plugin_accept(theirs, host->granted, &host->plugin, why));
    VLS_TRY(vls_plugin_limit_roles(&host->plugin, host->granted, why));
    VLS_TRY(vls_plugin_settings_read(&host->plugin, config, &host->settings, why));
    host->granted &= host->plugin.caps_need | host->plugin.caps_want;
    host->sdk.caps = host->granted;
    host->poll_timer = evtimer_new(host->options.base, on_poll_timer, host);
    host->reports = vls_reports_new(host);
    if (host->poll_timer == NULL || host->reports == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a timer");
    return configure(host, why);
}

struct vls_status vls_plugin_host_open(const struct vls_plugin_host_options *options,
                                       struct vls_plugin_host **out, struct vls_why *why)
{
    struct vls_plugin_host *host = vls_mem_new(sizeof *host);
    host->options = *options;
    if (host->options.call_ms == 0)
        host->options.call_ms = VLS_PLUGIN_CALL_MS;
    if (host->options.window == 0 || host->options.window > VLS_PLUGIN_WINDOW)
        host->options.window = VLS_PLUGIN_WINDOW;
    host->items = vls_plugin_state_new();
    vls_plugin_http_init(&host->http);
    host->sdk = (struct vls_host){
        .size = sizeof host->sdk,
        .abi = VLS_ABI,
        .ctx = host,
        .log = sdk_log,
        .now_ms = sdk_now_ms,
        .steady_ms = sdk_steady_ms,
        .setting = sdk_setting,
        .setting_number = sdk_setting_number,
        .service = sdk_service,
    };
    struct vls_status status = open_plugin(host, why);
    if (!vls_ok(status)) {
        vls_plugin_host_free(&host);
        return status;
    }
    vls_log(VLS_LOG_INFO, "plugin.loaded", VLS_F("plugin", options->config->name),
            VLS_F("id", host->plugin.id), VLS_F("version", host->plugin.version),
            VLS_FN("roles", host->plugin.roles), VLS_FN("caps", host->granted));
    *out = host;
    return VLS_DONE;
}

static void free_set_aside(struct vls_plugin_host *host)
{
    for (size_t i = 0; host->set_aside != NULL && host->set_aside[i] != NULL; i++)
        vls_mem_free(host->set_aside[i]);
    vls_mem_free(host->set_aside);
    host->set_aside = NULL;
}

static void take_set_aside(struct vls_plugin_host *host, char *const *keys, size_t count)
{
    free_set_aside(host);
    host->set_aside = vls_mem_new((count + 1) * sizeof *host->set_aside);
    for (size_t i = 0; i < count; i++)
        host->set_aside[i] = vls_mem_dup(keys[i]);
}

static void start(struct vls_plugin_host *host)
{
    struct vls_why why;
    char words[sizeof why.text] = "";
    host->phase = HOST_SERVING;
    host->is_started = true;
    vls_host_enter(host);
    int result = host->plugin.start(&host->sdk, host->state, words, sizeof words);
    vls_host_leave(host);
    words[sizeof words - 1] = '\0';
    if (result != 0) {
        struct vls_status status =
            vls_fail(VLS_PLUGIN_INVALID, &why, "plugin %s does not start: %s",
                     host->options.config->name, words[0] != '\0' ? words : "it does not say why");
        vls_host_fail(host, status, &why);
        return;
    }
    vls_log(VLS_LOG_INFO, "plugin.started", VLS_F("plugin", host->options.config->name));
    if (host->plugin.roles & VLS_PLUGIN_SOURCE)
        vls_host_poll_in(host, 0);
}

static void on_loaded(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why = {{0}};
    (void)fds;
    if (host->phase != HOST_LOADING)
        return;
    if (!vls_ok(status) || frame == NULL) { /* the router is gone: again at the next attach */
        host->phase = HOST_LOADED;
        return;
    }
    const Valise__StateLoadResult *result = frame->state_load_result;
    status = vls_outcome_status(result->outcome, &why);
    if (vls_ok(status))
        status = vls_plugin_state_load(host->items, result->items, result->n_items, &why);
    if (!vls_ok(status)) {
        vls_host_fail(host, status, &why);
        return;
    }
    take_set_aside(host, result->set_aside, result->n_set_aside);
    start(host);
}

static struct vls_status ask_for_state(struct vls_plugin_host *host, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__StateLoad load = VALISE__STATE_LOAD__INIT;
    Valise__PluginIdentity identity = VALISE__PLUGIN_IDENTITY__INIT;
    identity.id = (char *)(uintptr_t)host->plugin.id;
    identity.version = (char *)(uintptr_t)host->plugin.version;
    identity.abi = host->plugin.abi;
    identity.roles = host->plugin.roles;
    identity.caps = host->granted;
    load.identity = &identity;
    frame.body_case = VALISE__FRAME__BODY_STATE_LOAD;
    frame.state_load = &load;
    host->phase = HOST_LOADING;
    return vls_channel_ask(host->channel, &frame, NULL, 0, VALISE__FRAME__BODY_STATE_LOAD_RESULT,
                           on_loaded, host, why);
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    if (frame->body_case == VALISE__FRAME__BODY_DELIVER) {
        vls_host_deliver(host, channel, frame, fds);
        return;
    }
    if (frame->body_case == VALISE__FRAME__BODY_INSPECT) {
        vls_host_inspect(host, channel, frame, fds);
        return;
    }
    if (frame->body_case == VALISE__FRAME__BODY_RESOLVE) {
        vls_host_resolve(host, channel, frame);
        return;
    }
    struct vls_status status =
        vls_fail(VLS_WIRE_REFUSED, &why, "the router sent frame %d to a host", frame->body_case);
    vls_host_fail(host, status, &why);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct vls_plugin_host *host = ctx;
    (void)channel;
    vls_log(VLS_LOG_WARN, "plugin.router-gone", VLS_F("plugin", host->options.config->name),
            VLS_F("code", vls_status_name(cause)), VLS_FN("under-way", host->under_way));
    vls_channel_free(&host->channel);
    host->is_told = false;
    if (host->phase == HOST_LOADING)
        host->phase = HOST_LOADED;
    vls_host_unsend(host);
    if (host->options.on_router_gone != NULL)
        host->options.on_router_gone(host->options.ctx);
}

struct vls_status vls_plugin_host_attach(struct vls_plugin_host *host, int fd, struct vls_why *why)
{
    struct vls_channel_events events = {.ctx = host, .on_frame = on_frame, .on_gone = on_gone};
    vls_channel_free(&host->channel);
    vls_host_unsend(host);
    VLS_TRY(vls_channel_new(host->options.base, fd, "router", host->options.accepts, &events,
                            &host->channel, why));
    vls_reports_attached(host->reports);
    switch (host->phase) {
    case HOST_LOADED:
    case HOST_LOADING: {
        struct vls_status s = ask_for_state(host, why);
        if (s.code != VLS_WIRE_GONE)
            return s;
        host->phase = HOST_LOADED; /* it is gone already: again at the next attach */
        return VLS_DONE;
    }
    case HOST_SERVING:
        vls_host_flush(host);
        break;
    case HOST_DRAINING:
    case HOST_DRAINED:
    case HOST_FAILED:
        break;
    }
    return VLS_DONE;
}

void vls_plugin_host_attach_fetch(struct vls_plugin_host *host, int fd)
{
    vls_plugin_http_attach(&host->http, fd);
}

void vls_plugin_host_drain(struct vls_plugin_host *host)
{
    if (host->phase == HOST_DRAINING || host->phase == HOST_DRAINED)
        return;
    bool is_serving = host->phase == HOST_SERVING;
    host->phase = HOST_DRAINING;
    (void)event_del(host->poll_timer);
    if (host->watch != NULL)
        (void)event_del(host->watch);
    if (is_serving && host->plugin.drain != NULL) {
        vls_host_enter(host);
        host->plugin.drain(host->state);
        vls_host_leave(host);
    }
    vls_host_check_drained(host);
}

void vls_plugin_host_free(struct vls_plugin_host **host_at)
{
    struct vls_plugin_host *host = *host_at;
    if (host == NULL)
        return;
    host->phase = HOST_DRAINED; /* nothing is sent from here on */
    if (host->is_configured) {
        vls_host_enter(host);
        host->plugin.stop(host->state);
        vls_host_leave(host);
    }
    vls_plugin_http_fini(&host->http);
    vls_channel_free(&host->channel);
    vls_reports_free(&host->reports);
    if (host->watch != NULL)
        event_free(host->watch);
    if (host->poll_timer != NULL)
        event_free(host->poll_timer);
    vls_document_free(&host->draft);
    for (unsigned i = 0; i < host->under_way; i++)
        vls_document_free(&host->window[i]);
    vls_plugin_state_free(&host->items);
    vls_plugin_settings_fini(&host->settings);
    free_set_aside(host);
    vls_mem_free(host);
    *host_at = NULL;
}

unsigned vls_plugin_host_under_way(const struct vls_plugin_host *host)
{
    return host->under_way;
}

bool vls_plugin_host_is_serving(const struct vls_plugin_host *host)
{
    return host->phase == HOST_SERVING;
}
