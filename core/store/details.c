/* Own messages whose label says more than its text. */
#include "store/details.h"

#include "store/store_internal.h"

struct vls_status vls_store_details_add(struct vls_store *store, const struct vls_id *message,
                                        struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_DETAILS_ADD, &q, why));
    vls_query_blob(&q, vls_id_slice(message));
    return vls_query_run(&q, why);
}

struct vls_status vls_store_has_details(struct vls_store *store, const struct vls_id *message,
                                        bool *out, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_DETAILS, &q, why));
    vls_query_blob(&q, vls_id_slice(message));
    return vls_query_next(&q, out, why);
}
