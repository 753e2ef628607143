#include "plugin/finding.h"

#include "base/text.h"
#include "wire/result.h"

/* Of a struct vls_finding of ABI 1.3. */
#define SIZE_1_3 (offsetof(struct vls_finding, url) + sizeof(const char *))

static struct vls_status take_text(const char *field, const char *from, char *out, size_t room,
                                   struct vls_why *why)
{
    struct vls_slice text = vls_slice_text(from != NULL ? from : "");
    if (text.len >= room || !vls_text_is_clean(text, false))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "the finding's %s is above %zu bytes or not clean UTF-8", field, room - 1);
    vls_text_copy(out, room, from != NULL ? from : "");
    return VLS_DONE;
}

/* An outcome without what makes it one would send a person looking for it. */
static struct vls_status check_whole(const struct vls_kept_finding *f, struct vls_why *why)
{
    if (vls_found_name(f->result) == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why, "%u is no result of a finding", f->result);
    if (f->result == VLS_RESULT_PARTIAL && (f->got == 0 || f->got >= f->total))
        return vls_fail(VLS_PLUGIN_INVALID, why, "partial: %llu of %llu",
                        (unsigned long long)f->got, (unsigned long long)f->total);
    if (f->result == VLS_RESULT_RETRY_AT && f->retry_at_ms == 0)
        return vls_fail(VLS_PLUGIN_INVALID, why, "retry-at without a time");
    if (f->result == VLS_RESULT_MALFORMED && f->where[0] == '\0')
        return vls_fail(VLS_PLUGIN_INVALID, why, "malformed without saying where");
    if (f->result == VLS_RESULT_QUEUED && f->receipt[0] == '\0')
        return vls_fail(VLS_PLUGIN_INVALID, why, "queued without a receipt");
    return VLS_DONE;
}

struct vls_status vls_finding_take(const struct vls_finding *from, const char *words,
                                   struct vls_kept_finding *out, struct vls_why *why)
{
    struct vls_finding mine = {0};
    struct vls_kept_finding f;
    if (from->size < SIZE_1_3)
        return vls_fail(VLS_PLUGIN_INVALID, why, "struct vls_finding: size is not set to its size");
    vls_copy(&mine, from, from->size < sizeof mine ? from->size : sizeof mine);
    f = (struct vls_kept_finding){.result = mine.result,
                                  .retry_at_ms = mine.retry_at_ms,
                                  .got = mine.got,
                                  .total = mine.total};
    VLS_TRY(take_text("where", mine.where, f.where, sizeof f.where, why));
    VLS_TRY(take_text("receipt", mine.receipt, f.receipt, sizeof f.receipt, why));
    VLS_TRY(take_text("url", mine.url, f.url, sizeof f.url, why));
    VLS_TRY(take_text("why", words, f.why, sizeof f.why, why));
    VLS_TRY(check_whole(&f, why));
    *out = f;
    return VLS_DONE;
}

void vls_finding_fill(const struct vls_kept_finding *finding, Valise__Finding *out)
{
    valise__finding__init(out);
    out->result = finding->result;
    out->retry_at_ms = finding->retry_at_ms;
    out->got = finding->got;
    out->total = finding->total;
    out->where = (char *)(uintptr_t)finding->where;
    out->receipt = (char *)(uintptr_t)finding->receipt;
    out->url = (char *)(uintptr_t)finding->url;
    out->why = (char *)(uintptr_t)finding->why;
}
