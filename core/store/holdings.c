/* Which documents of own messages have which symbol. */
#include "store/holdings.h"

#include "store/store_internal.h"

struct vls_status vls_store_holding_add(struct vls_store *store, const struct vls_holding *holding,
                                        struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_ADD, &q, why));
    vls_query_text(&q, holding->symbol);
    vls_query_blob(&q, vls_id_slice(&holding->message));
    vls_query_number(&q, holding->part);
    vls_query_text(&q, holding->issuer);
    vls_query_text(&q, holding->language);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_holdings(struct vls_store *store, const char *issuer,
                                     const char *symbol, uint32_t limit, vls_holding_fn fn,
                                     void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDINGS, &q, why));
    vls_query_text(&q, symbol);
    vls_query_text(&q, issuer);
    vls_query_number(&q, limit);
    for (;;) {
        struct vls_holding holding = {.symbol = symbol};
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        if (!vls_ok(vls_id_from(vls_query_get_blob(&q, 0), &holding.message)))
            return vls_fail(VLS_STORE_DAMAGED, why, "a holding in the database has no message");
        holding.part = (uint32_t)vls_query_get_number(&q, 1);
        holding.issuer = vls_query_get_text(&q, 2);
        holding.language = vls_query_get_text(&q, 3);
        VLS_TRY(fn(ctx, &holding, why));
    }
}
