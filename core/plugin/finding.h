#ifndef VALISE_PLUGIN_FINDING_H
#define VALISE_PLUGIN_FINDING_H
/*
 * plugin/finding - how an endpoint answered, as a plugin says it: checked, and kept beyond the
 * call.
 *
 * Process:   host.
 * Ownership: a kept finding owns its texts; what vls_finding_fill() sets borrows them.
 * Start at:  vls_finding_take().
 */
#include <schemas/ipc.pb-c.h>
#include <valise/plugin.h>

#include "base/limits.h"
#include "base/status.h"

struct vls_kept_finding {
    uint32_t result; /* enum vls_result */
    uint64_t retry_at_ms, got, total;
    char where[VLS_PLUGIN_WORDS + 1], why[VLS_PLUGIN_WORDS + 1];
    char receipt[VLS_MAX_NAME + 1];
    char url[VLS_MAX_URL + 1];
};

/** @param from  as long as its `size` says; missing fields read as zero
 *  @param words may be NULL
 *  @return PLUGIN_INVALID when the result is none, lacks what belongs to it, or a text is not clean
 */
VLS_STATUS vls_finding_take(const struct vls_finding *from, const char *words,
                            struct vls_kept_finding *out, struct vls_why *why);
void vls_finding_fill(const struct vls_kept_finding *finding, Valise__Finding *out);

#endif
