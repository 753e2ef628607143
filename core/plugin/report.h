#ifndef VALISE_PLUGIN_REPORT_H
#define VALISE_PLUGIN_REPORT_H
/*
 * plugin/report - what a plugin says of itself for the operator's status: counters, gauges, and how
 * its endpoint answered last.
 *
 * Process:   host.
 * Ownership: the host owns its reports; nothing of them is stored, and they start anew with the
 * process. Start at:  vls_reports_new(); the services are in report.c.
 *
 * What has changed goes to the router at most once a second, behind the callback that changed it.
 */
#include <stdbool.h>
#include <stdint.h>

struct vls_plugin_host;
struct vls_reports; /* opaque */

/** NULL: no memory for a timer. */
struct vls_reports *vls_reports_new(struct vls_plugin_host *host);
/** Sets *reports to NULL; NULL is fine. */
void vls_reports_free(struct vls_reports **reports);

/** Something may have changed: send it, now or within a second. */
void vls_reports_send(struct vls_reports *reports);
/** A router that knows nothing of them yet. */
void vls_reports_attached(struct vls_reports *reports);

#endif
