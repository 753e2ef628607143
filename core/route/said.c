#include "route/said.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"

struct vls_said {
    unsigned count;
    Valise__PluginReport *reports[]; /* the last of each plugin; NULL: nothing */
};

static struct vls_status check_text(const char *what, const char *text, size_t max,
                                    struct vls_why *why)
{
    struct vls_slice bytes = vls_slice_text(text);
    if (bytes.len > max || !vls_text_is_clean(bytes, false))
        return vls_fail(VLS_WIRE_MALFORMED, why, "%s is above %zu bytes or not clean UTF-8", what,
                        max);
    return VLS_DONE;
}

struct vls_status vls_said_check_finding(const Valise__Finding *finding, struct vls_why *why)
{
    VLS_TRY(check_text("where", finding->where, VLS_PLUGIN_WORDS, why));
    VLS_TRY(check_text("why", finding->why, VLS_PLUGIN_WORDS, why));
    VLS_TRY(check_text("the receipt", finding->receipt, VLS_MAX_NAME, why));
    return check_text("the url", finding->url, VLS_MAX_URL, why);
}

static struct vls_status check(const Valise__PluginReport *in, struct vls_why *why)
{
    if (in->n_metrics > VLS_PLUGIN_METRICS)
        return vls_fail(VLS_WIRE_MALFORMED, why, "%zu metrics, and %d is the most", in->n_metrics,
                        VLS_PLUGIN_METRICS);
    for (size_t i = 0; i < in->n_metrics; i++)
        if (!vls_text_is_name(in->metrics[i]->name, VLS_PLUGIN_METRIC_NAME))
            return vls_fail(VLS_WIRE_MALFORMED, why, "metric %zu has no name", i);
    return in->last != NULL ? vls_said_check_finding(in->last, why) : VLS_DONE;
}

static Valise__PluginReport *copy_of(const Valise__PluginReport *in)
{
    size_t size = valise__plugin_report__get_packed_size(in);
    uint8_t *bytes = size <= VLS_MAX_FRAME ? vls_mem_try(size + 1) : NULL;
    if (bytes == NULL)
        return NULL;
    valise__plugin_report__pack(in, bytes);
    Valise__PluginReport *copy = valise__plugin_report__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    return copy;
}

static void forget(Valise__PluginReport **report)
{
    if (*report != NULL)
        valise__plugin_report__free_unpacked(*report, NULL);
    *report = NULL;
}

void vls_route_plugin_said(struct vls_route *route, unsigned plugin, const Valise__PluginReport *in)
{
    struct vls_why why = {""};
    if (plugin >= route->said->count)
        return;
    struct vls_status s = check(in, &why);
    if (!vls_ok(s)) {
        vls_route_log(route, VLS_LOG_ERROR, "plugin.report_refused",
                      VLS_F("plugin", route->o.config->plugins[plugin].name), VLS_FAILURE(s, &why));
        return;
    }
    forget(&route->said->reports[plugin]);
    route->said->reports[plugin] = copy_of(in); /* without memory it is known with the next */
}

struct vls_status vls_said_report(struct vls_route *route, struct vls_report *out,
                                  Valise__StatusReport *status, struct vls_why *why)
{
    const struct vls_config *config = route->o.config;
    Valise__PluginSaid **rows =
        vls_arena_take(out->arena, (config->plugins_count + 1) * sizeof *rows);
    Valise__PluginSaid *room =
        vls_arena_take(out->arena, (config->plugins_count + 1) * sizeof *room);
    if (rows == NULL || room == NULL)
        return vls_fail(VLS_INPUT_LIMIT, why, "the answer is larger than a frame; ask for less");
    status->plugin_reports = rows;
    for (unsigned i = 0; i < config->plugins_count; i++) {
        if (route->said->reports[i] == NULL)
            continue;
        Valise__PluginSaid *row = &room[status->n_plugin_reports];
        valise__plugin_said__init(row);
        row->name = config->plugins[i].name;
        row->report = route->said->reports[i];
        rows[status->n_plugin_reports++] = row;
    }
    return VLS_DONE;
}

void vls_said_init(struct vls_route *route)
{
    unsigned count = route->o.config->plugins_count;
    route->said = vls_mem_new(sizeof *route->said + count * sizeof(Valise__PluginReport *));
    route->said->count = count;
}

void vls_said_free(struct vls_route *route)
{
    for (unsigned i = 0; route->said != NULL && i < route->said->count; i++)
        forget(&route->said->reports[i]);
    vls_mem_free(route->said);
}
