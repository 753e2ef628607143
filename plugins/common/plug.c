#include "plug.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

#define LINE 512

int plug_open(struct plug *plug, const struct vls_host *host, unsigned needs, char *why,
              size_t room)
{
    void *ctx = host->ctx;
    *plug = (struct plug){.host = host, .ctx = ctx};
    plug->web = host->service(ctx, "valise.http/1");
    plug->state = host->service(ctx, "valise.state/1");
    plug->source = host->service(ctx, "valise.source/1");
    plug->resolver = host->service(ctx, "valise.resolver/1");
    plug->about = host->service(ctx, "valise.about/1");
    plug->report = host->service(ctx, "valise.report/1");
    plug->metrics = host->service(ctx, "valise.metrics/1");
    const char *missing = (needs & PLUG_WEB) != 0 && plug->web == NULL             ? "net"
                          : (needs & PLUG_STATE) != 0 && plug->state == NULL       ? "state"
                          : (needs & PLUG_SOURCE) != 0 && plug->source == NULL     ? "send"
                          : (needs & PLUG_RESOLVER) != 0 && plug->resolver == NULL ? "resolve"
                                                                                   : NULL;
    if (missing == NULL)
        return 0;
    plug_say(why, room, "the grant %s is missing, or this host is below 1.3", missing);
    return -1;
}

__attribute__((format(printf, 3, 0))) static void say(char *why, size_t room, const char *fmt,
                                                      va_list list)
{
    char words[LINE];
    if (why == NULL || room == 0)
        return;
    vsnprintf(words, sizeof words, fmt, list);
    plug_trim(words);
    (void)plug_copy(why, room, words);
}

void plug_say(char *why, size_t room, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    say(why, room, fmt, list);
    va_end(list);
}

void plug_log(const struct plug *plug, enum vls_level level, const char *fmt, ...)
{
    char words[LINE];
    va_list list;
    va_start(list, fmt);
    say(words, sizeof words, fmt, list);
    va_end(list);
    plug->host->log(plug->ctx, level, words);
}

void plug_report(struct plug *plug, const struct vls_finding *finding, const char *why)
{
    char said[sizeof plug->reported];
    const char *words = why != NULL ? why : "";
    snprintf(said, sizeof said, "%s: %s", plug_result_name(finding->result), words);
    if (plug->report != NULL)
        (void)plug->report->report(plug->ctx, finding, words[0] != '\0' ? words : NULL);
    if (strcmp(said, plug->reported) == 0)
        return;
    bool is_fine = finding->result == VLS_RESULT_DELIVERED ||
                   finding->result == VLS_RESULT_UNCHANGED || finding->result == VLS_RESULT_QUEUED;
    if (!is_fine || plug->reported[0] != '\0') /* that all is well at the start is no news */
        plug_log(plug, is_fine ? VLS_LEVEL_INFO : VLS_LEVEL_WARN, "the endpoint: %s", said);
    (void)plug_copy(plug->reported, sizeof plug->reported, said);
}

void plug_count(const struct plug *plug, const char *name, uint64_t add)
{
    if (plug->metrics != NULL)
        (void)plug->metrics->count(plug->ctx, name, add);
}

const char *plug_result_name(uint32_t result)
{
    static const char *const NAMES[] = {"none",          "delivered", "unchanged", "partial",
                                        "not-published", "not-found", "blocked",   "needs-key",
                                        "refused",       "retry-at",  "malformed", "queued"};
    return result < sizeof NAMES / sizeof NAMES[0] ? NAMES[result] : "unknown";
}
