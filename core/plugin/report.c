#include "plugin/report.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin/finding.h"
#include "plugin/host_internal.h"
#include "wire/result.h"

#define EVERY_MS 1000u

struct metric {
    char name[VLS_PLUGIN_METRIC_NAME + 1];
    bool is_gauge;
    uint64_t count;
    int64_t gauge;
};

struct vls_reports {
    struct vls_plugin_host *host;
    struct event *timer;
    uint64_t sent_ms; /* steady; 0: never */
    bool is_dirty;
    struct metric metrics[VLS_PLUGIN_METRICS];
    size_t metric_count;
    struct vls_kept_finding last;
    uint64_t last_ms; /* wall; 0: it has not said */
};

/* -- to the router ----------------------------------------------------------------------------- */

static void send_now(struct vls_reports *r)
{
    struct vls_plugin_host *host = r->host;
    struct vls_why why;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__PluginReport report = VALISE__PLUGIN_REPORT__INIT;
    Valise__Finding last;
    Valise__Metric metrics[VLS_PLUGIN_METRICS], *pointers[VLS_PLUGIN_METRICS];
    for (size_t i = 0; i < r->metric_count; i++) {
        valise__metric__init(&metrics[i]);
        metrics[i].name = r->metrics[i].name;
        metrics[i].is_gauge = r->metrics[i].is_gauge;
        metrics[i].count = r->metrics[i].count;
        metrics[i].gauge = r->metrics[i].gauge;
        pointers[i] = &metrics[i];
    }
    report.metrics = pointers;
    report.n_metrics = r->metric_count;
    if (r->last_ms != 0) {
        vls_finding_fill(&r->last, &last);
        report.last = &last;
        report.last_ms = r->last_ms;
    }
    frame.body_case = VALISE__FRAME__BODY_PLUGIN_REPORT;
    frame.plugin_report = &report;
    r->sent_ms = vls_steady_ms(host->options.env);
    r->is_dirty = !vls_ok(vls_channel_send(host->channel, &frame, NULL, 0, &why));
}

void vls_reports_send(struct vls_reports *reports)
{
    if (!reports->is_dirty || reports->host->channel == NULL ||
        event_pending(reports->timer, EV_TIMEOUT, NULL))
        return;
    uint64_t now = vls_steady_ms(reports->host->options.env);
    uint64_t next = reports->sent_ms + EVERY_MS;
    uint64_t wait = reports->sent_ms != 0 && next > now ? next - now : 0;
    struct timeval in = {.tv_sec = (time_t)(wait / 1000),
                         .tv_usec = (suseconds_t)(wait % 1000) * 1000};
    (void)event_add(reports->timer, &in);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_reports *r = ctx;
    (void)fd;
    (void)what;
    if (r->is_dirty && r->host->channel != NULL)
        send_now(r);
}

void vls_reports_attached(struct vls_reports *reports)
{
    reports->is_dirty = reports->metric_count > 0 || reports->last_ms != 0;
    reports->sent_ms = 0;
    vls_reports_send(reports);
}

/* -- "valise.metrics/1" ------------------------------------------------------------------------ */

static struct metric *metric_of(struct vls_reports *r, const char *name, bool is_gauge,
                                struct vls_why *why)
{
    for (size_t i = 0; name != NULL && i < r->metric_count; i++) {
        struct metric *m = &r->metrics[i];
        if (strcmp(m->name, name) != 0)
            continue;
        if (m->is_gauge == is_gauge)
            return m;
        *why = (struct vls_why){"a metric is a counter or a gauge, and stays one"};
        return NULL;
    }
    if (!vls_text_is_name(name, VLS_PLUGIN_METRIC_NAME) || r->metric_count == VLS_PLUGIN_METRICS) {
        *why = (struct vls_why){"a metric's name is no name, or one too many"};
        return NULL;
    }
    struct metric *m = &r->metrics[r->metric_count++];
    *m = (struct metric){.is_gauge = is_gauge};
    vls_text_copy(m->name, sizeof m->name, name);
    return m;
}

static struct metric *take_metric(struct vls_plugin_host *host, const char *name, bool is_gauge)
{
    struct vls_why why;
    struct metric *m = metric_of(host->reports, name, is_gauge, &why);
    if (m == NULL)
        vls_log(VLS_LOG_WARN, "plugin.metric", VLS_F("plugin", host->options.config->name),
                VLS_F("name", name), VLS_F("why", why.text));
    else
        host->reports->is_dirty = true;
    return m;
}

static int count(void *ctx, const char *name, uint64_t add)
{
    struct metric *m = take_metric(ctx, name, false);
    if (m == NULL)
        return -1;
    m->count = add > UINT64_MAX - m->count ? UINT64_MAX : m->count + add;
    return 0;
}

static int gauge(void *ctx, const char *name, int64_t value)
{
    struct metric *m = take_metric(ctx, name, true);
    if (m == NULL)
        return -1;
    m->gauge = value;
    return 0;
}

const struct vls_metrics_service VLS_HOST_METRICS = {
    .size = sizeof VLS_HOST_METRICS,
    .count = count,
    .gauge = gauge,
};

/* -- "valise.report/1" ------------------------------------------------------------------------- */

static int report(void *ctx, const struct vls_finding *finding, const char *words)
{
    struct vls_plugin_host *host = ctx;
    struct vls_reports *r = host->reports;
    struct vls_why why;
    uint32_t before = r->last.result;
    struct vls_status status = vls_finding_take(finding, words, &r->last, &why);
    if (!vls_ok(status)) {
        vls_log(VLS_LOG_WARN, "plugin.report", VLS_F("plugin", host->options.config->name),
                VLS_FAILURE(status, &why));
        return -1;
    }
    bool is_well = r->last.result <= VLS_RESULT_PARTIAL;
    if (r->last.result != before)
        vls_log(is_well ? VLS_LOG_INFO : VLS_LOG_WARN, "plugin.endpoint",
                VLS_F("plugin", host->options.config->name),
                VLS_F("result", vls_found_name(r->last.result)), VLS_F("why", r->last.why));
    r->last_ms = vls_wall_ms(host->options.env);
    r->is_dirty = true;
    return 0;
}

const struct vls_report_service VLS_HOST_REPORT = {
    .size = sizeof VLS_HOST_REPORT,
    .report = report,
};

/* -- life -------------------------------------------------------------------------------------- */

struct vls_reports *vls_reports_new(struct vls_plugin_host *host)
{
    struct vls_reports *r = vls_mem_new(sizeof *r);
    r->host = host;
    r->timer = evtimer_new(host->options.base, on_timer, r);
    if (r->timer != NULL)
        return r;
    vls_mem_free(r);
    return NULL;
}

void vls_reports_free(struct vls_reports **reports)
{
    if (*reports == NULL)
        return;
    event_free((*reports)->timer);
    vls_mem_free(*reports);
    *reports = NULL;
}
