#include "store/attestation.h"

#include <inttypes.h>

#include "store/store_internal.h"

struct vls_status vls_store_witnessed(struct vls_store *store, const char *log, uint64_t size,
                                      uint64_t at_ms, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_checkpoint_need(store, log, size, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_WITNESSED, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    vls_query_number(&q, at_ms);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_stamp_put(struct vls_store *store, const char *log, uint64_t size,
                                      struct vls_slice token, uint64_t time_ms, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_checkpoint_need(store, log, size, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_STAMP_PUT, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    vls_query_blob(&q, token);
    vls_query_number(&q, time_ms);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_stamp(struct vls_store *store, const char *log, uint64_t size,
                                  struct vls_buf *out_token, uint64_t *out_time_ms,
                                  struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_STAMP, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "no time stamp of log %s at %" PRIu64, log, size);
    *out_time_ms = vls_query_get_number(&q, 1);
    return vls_buf_add_slice(out_token, vls_query_get_blob(&q, 0));
}

static struct vls_status find(struct vls_store *store, enum vls_sql which, const char *log,
                              uint64_t from, struct vls_attested what, uint64_t *out_size,
                              struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, which, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, from);
    vls_query_number(&q, what.is_witnessed);
    vls_query_number(&q, what.is_stamped);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    *out_size = has_row ? vls_query_get_number(&q, 0) : 0;
    return VLS_DONE;
}

struct vls_status vls_store_attested_first(struct vls_store *store, const char *log, uint64_t from,
                                           struct vls_attested what, uint64_t *out_size,
                                           struct vls_why *why)
{
    return find(store, VLS_SQL_ATTESTED_FIRST, log, from, what, out_size, why);
}

struct vls_status vls_store_attested_last(struct vls_store *store, const char *log,
                                          struct vls_attested what, uint64_t *out_size,
                                          struct vls_why *why)
{
    return find(store, VLS_SQL_ATTESTED_LAST, log, 0, what, out_size, why);
}
