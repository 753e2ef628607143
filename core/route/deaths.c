#include "route/deaths.h"

#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"

/* No name of a plugin has a colon. */
#define OF_MESSAGES "deaths:"
#define OF_ITEMS    "deaths:%.64s"
#define NAME_ROOM   96

/* -- in the store ------------------------------------------------------------------------------ */

static void keep(struct vls_route *route, const char *whose, const char *key, uint32_t times)
{
    struct vls_why why = {""};
    uint8_t value[] = {(uint8_t)(times > UINT8_MAX ? UINT8_MAX : times)};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_state_put(route->o.store, whose, key,
                                VLS_SLICE(value, times != 0 ? sizeof value : 0), &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_WARN, "deaths.not_kept", VLS_F("of", key),
                      VLS_FAILURE(s, &why));
    route->o.ports.flush_soon(route->o.ports.ctx);
}

/* -- messages ---------------------------------------------------------------------------------- */

static struct vls_death *death_of(struct vls_route *route, const struct vls_id *id)
{
    struct vls_death *death;
    HASH_FIND(hh, route->deaths, id, sizeof *id, death);
    if (death != NULL)
        return death;
    death = vls_mem_new(sizeof *death);
    death->id = *id;
    HASH_ADD(hh, route->deaths, id, sizeof death->id, death);
    return death;
}

uint32_t vls_deaths_count(struct vls_route *route, const struct vls_id *id)
{
    struct vls_death *death = death_of(route, id);
    char key[VLS_ID_TEXT];
    vls_id_text(id, key);
    death->times++;
    keep(route, OF_MESSAGES, key, death->times);
    return death->times;
}

void vls_deaths_forget(struct vls_route *route, const struct vls_id *id)
{
    struct vls_death *death;
    char key[VLS_ID_TEXT];
    HASH_FIND(hh, route->deaths, id, sizeof *id, death);
    if (death == NULL)
        return;
    HASH_DEL(route->deaths, death);
    vls_mem_free(death);
    vls_id_text(id, key);
    keep(route, OF_MESSAGES, key, 0);
}

void vls_deaths_free(struct vls_route *route)
{
    struct vls_death *death, *next;
    VLS_MAP_EACH (route->deaths, death, next) {
        HASH_DEL(route->deaths, death);
        vls_mem_free(death);
    }
}

/* vls_state_fn */
static struct vls_status take_message(void *ctx, const char *key, struct vls_slice value,
                                      struct vls_why *why)
{
    struct vls_id id;
    if (!vls_ok(vls_id_read(key, &id)) || value.len != 1)
        return vls_fail(VLS_STORE_DAMAGED, why, "a count of deaths in the database is not one");
    death_of(ctx, &id)->times = value.at[0];
    return VLS_DONE;
}

struct vls_status vls_deaths_open(struct vls_route *route, struct vls_why *why)
{
    return vls_store_state_each(route->o.store, OF_MESSAGES, take_message, route, why);
}

/* -- documents of plugins ---------------------------------------------------------------------- */

void vls_deaths_keep_item(struct vls_route *route, const char *plugin, const char *origin,
                          uint32_t times)
{
    char whose[NAME_ROOM];
    snprintf(whose, sizeof whose, OF_ITEMS, plugin);
    keep(route, whose, origin, times);
}

struct items {
    vls_deaths_fn fn;
    void *ctx;
};

/* vls_state_fn */
static struct vls_status take_item(void *ctx, const char *key, struct vls_slice value,
                                   struct vls_why *why)
{
    const struct items *items = ctx;
    if (value.len != 1)
        return vls_fail(VLS_STORE_DAMAGED, why, "a count of deaths in the database is not one");
    items->fn(items->ctx, key, value.at[0]);
    return VLS_DONE;
}

struct vls_status vls_deaths_items(struct vls_route *route, const char *plugin, vls_deaths_fn fn,
                                   void *ctx, struct vls_why *why)
{
    char whose[NAME_ROOM];
    struct items items = {fn, ctx};
    snprintf(whose, sizeof whose, OF_ITEMS, plugin);
    return vls_store_state_each(route->o.store, whose, take_item, &items, why);
}
