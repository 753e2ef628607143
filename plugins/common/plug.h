#ifndef VALISE_COMMON_PLUG_H
#define VALISE_COMMON_PLUG_H
/*
 * common/plug - what a plugin of a document endpoint holds of its host, and words about it.
 *
 * This folder is a static library that is linked into plugins: it stands on <valise/plugin.h>,
 * libxml2, yajl, jansson and zlib, and on nothing of Valise's core.
 *
 * Process:   host.
 * Ownership: a plug borrows everything from the host, until stop().
 * Start at:  plug_open() in start(); ask.h to fetch, xml.h and json.h to read, pile.h to hand over.
 */
#include <valise/plugin.h>

#include <stdbool.h>

#define PLUG_WHY   256  /* a sentence for the operator, as the interface has it            */
#define PLUG_WHERE 128  /* a place in an answer: "line 3, column 17"                       */
#define PLUG_URL   2048 /* as the interface has it                                         */
#define PLUG_FIELD 256  /* a header field that is kept                                     */

#define PLUG_PRINTF(f, a) __attribute__((format(printf, f, a)))

struct plug {
    const struct vls_host *host;
    void *ctx;
    const struct vls_http_service *web;
    const struct vls_state_service *state;
    const struct vls_source_service *source;
    const struct vls_resolver_service *resolver;
    const struct vls_about_service *about; /* NULL below 1.4 */
    const struct vls_report_service *report;
    const struct vls_metrics_service *metrics;
    char reported[PLUG_WHY + 32]; /* what plug_report() said last */
};

/* What a plugin cannot do without. */
#define PLUG_WEB      (1u << 0)
#define PLUG_STATE    (1u << 1)
#define PLUG_SOURCE   (1u << 2)
#define PLUG_RESOLVER (1u << 3)

/** Look up all services. 0; or -1 with `why` when one of `needs` (PLUG_...) is not there. */
int plug_open(struct plug *plug, const struct vls_host *host, unsigned needs, char *why,
              size_t room);

void plug_log(const struct plug *plug, enum vls_level level, const char *fmt, ...)
    PLUG_PRINTF(3, 4);

/** A sentence into a buffer, cut at a whole character and without controls. Fine with NULL. */
void plug_say(char *why, size_t room, const char *fmt, ...) PLUG_PRINTF(3, 4);

/** Tell how the endpoint is ("valise.report/1"), and log a line when that is news. */
void plug_report(struct plug *plug, const struct vls_finding *finding, const char *why);

/** Counters of "valise.metrics/1"; fine without the service. */
void plug_count(const struct plug *plug, const char *name, uint64_t add);

/** "delivered", "not-published", ...: as valise-resolve(1) has them. Never NULL. */
const char *plug_result_name(uint32_t result);

#endif
