#include "fetch/remote.h"

#include <stdio.h>
#include <utlist.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/host.h"
#include "fetch/rate.h"

#define KEY_ROOM (VLS_MAX_HOST + 8)

struct vls_remote {
    struct vls_remotes *all;
    char key[KEY_ROOM]; /* "host:port" */
    struct vls_rate rate;
    uint64_t connections;
    uint64_t blocked_ms, blocked_wall_ms; /* steady, and as it was said */
    struct vls_turn *waiting;
    size_t waiting_count;
    uint64_t running;
    struct event *timer;
    UT_hash_handle hh;
};

struct vls_remotes {
    struct event_base *base;
    const struct vls_env *env;
    const struct vls_config *config;
    struct vls_remote *map;
};

static uint64_t steady(const struct vls_remote *remote)
{
    return vls_steady_ms(remote->all->env);
}

/* -- whose turn it is -------------------------------------------------------------------------- */

static bool is_blocked(const struct vls_remote *remote)
{
    return remote->blocked_ms > steady(remote);
}

static struct vls_turn *take_first(struct vls_remote *remote)
{
    struct vls_turn *turn = remote->waiting;
    DL_DELETE(remote->waiting, turn);
    remote->waiting_count--;
    return turn;
}

static void wake_in(struct vls_remote *remote, uint64_t ms)
{
    struct timeval in = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    (void)event_add(remote->timer, &in); /* fails only without memory, which ends the process */
}

static void refuse_all(struct vls_remote *remote)
{
    while (remote->waiting != NULL) {
        struct vls_turn *turn = take_first(remote);
        turn->remote = NULL;
        turn->fn(turn->ctx, (struct vls_status){VLS_FETCH_RATE});
    }
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_remote *remote = ctx;
    (void)fd;
    (void)what;
    if (is_blocked(remote))
        refuse_all(remote);
    while (remote->waiting != NULL && remote->running < remote->connections) {
        uint64_t now = steady(remote);
        uint64_t wait = vls_rate_wait_ms(&remote->rate, now);
        if (wait > 0) {
            wake_in(remote, wait);
            return;
        }
        struct vls_turn *turn = take_first(remote);
        vls_rate_take(&remote->rate, now);
        remote->running++;
        turn->is_running = true;
        turn->fn(turn->ctx, VLS_DONE);
    }
}

struct vls_status vls_turn_wait(struct vls_turn *turn, struct vls_remote *remote,
                                struct vls_why *why)
{
    if (remote->waiting_count >= VLS_FETCH_WAITING)
        return vls_fail(VLS_FETCH_BUSY, why, "%zu requests wait for %s already",
                        remote->waiting_count, remote->key);
    turn->remote = remote;
    turn->is_running = false;
    DL_APPEND(remote->waiting, turn);
    remote->waiting_count++;
    if (!event_pending(remote->timer, EV_TIMEOUT, NULL))
        wake_in(remote, 0);
    return VLS_DONE;
}

void vls_turn_end(struct vls_turn *turn)
{
    struct vls_remote *remote = turn->remote;
    if (remote == NULL)
        return;
    if (turn->is_running) {
        remote->running--;
    } else {
        DL_DELETE(remote->waiting, turn);
        remote->waiting_count--;
    }
    turn->remote = NULL;
    turn->is_running = false;
    if (remote->waiting != NULL && !event_pending(remote->timer, EV_TIMEOUT, NULL))
        wake_in(remote, 0);
}

/* -- what a host asked for --------------------------------------------------------------------- */

struct vls_status vls_remote_check(const struct vls_remote *remote, uint64_t *out_retry_at_ms,
                                   struct vls_why *why)
{
    char text[VLS_TIME_TEXT];
    if (!is_blocked(remote))
        return VLS_DONE;
    *out_retry_at_ms = remote->blocked_wall_ms;
    vls_time_text(remote->blocked_wall_ms, text);
    return vls_fail(VLS_FETCH_RATE, why, "%s asked for no request before %s", remote->key, text);
}

void vls_remote_block(struct vls_remote *remote, uint64_t until_ms)
{
    uint64_t now = vls_wall_ms(remote->all->env);
    if (until_ms <= now)
        return;
    remote->blocked_ms = steady(remote) + (until_ms - now);
    remote->blocked_wall_ms = until_ms;
    if (remote->waiting != NULL)
        wake_in(remote, 0);
}

uint64_t vls_remote_free_at_ms(const struct vls_remote *remote)
{
    return vls_wall_ms(remote->all->env) + vls_rate_wait_ms(&remote->rate, steady(remote));
}

/* -- the table --------------------------------------------------------------------------------- */

static bool reaches(const struct vls_config_http *http, const char *host, uint16_t port)
{
    struct vls_host_pattern pattern;
    for (unsigned i = 0; http != NULL && i < http->hosts_count; i++)
        if (vls_ok(vls_host_pattern_read(http->hosts[i], &pattern, NULL)) &&
            vls_host_pattern_matches(&pattern, host, port))
            return true;
    return false;
}

static void set_limits(struct vls_remote *remote, const char *host, uint16_t port)
{
    const struct vls_config *config = remote->all->config;
    for (unsigned i = 0; i < config->plugins_count; i++) {
        const struct vls_config_http *http = config->plugins[i].http;
        if (!reaches(http, host, port))
            continue;
        if (remote->rate.per_second == 0 || http->per_second < remote->rate.per_second)
            remote->rate.per_second = http->per_second;
        if (remote->connections == 0 || http->connections < remote->connections)
            remote->connections = http->connections;
    }
    if (remote->rate.per_second == 0) /* on nobody's list: nobody comes here */
        remote->rate.per_second = remote->connections = 1;
}

static void free_remote(struct vls_remote *remote)
{
    HASH_DEL(remote->all->map, remote);
    event_free(remote->timer);
    vls_mem_free(remote);
}

/* Nothing that is forgotten with it would let a request go sooner. */
static bool is_idle(const struct vls_remote *remote)
{
    return remote->running == 0 && remote->waiting == NULL && !is_blocked(remote) &&
           vls_rate_wait_ms(&remote->rate, steady(remote)) == 0;
}

static void make_room(struct vls_remotes *remotes)
{
    struct vls_remote *remote, *next;
    if (HASH_COUNT(remotes->map) < VLS_FETCH_REMOTES)
        return;
    VLS_MAP_EACH (remotes->map, remote, next)
        if (is_idle(remote))
            free_remote(remote);
}

struct vls_status vls_remote_find(struct vls_remotes *remotes, const char *host, uint16_t port,
                                  struct vls_remote **out, struct vls_why *why)
{
    char key[KEY_ROOM];
    struct vls_remote *remote;
    snprintf(key, sizeof key, "%s:%u", host, port);
    HASH_FIND_STR(remotes->map, key, remote);
    if (remote == NULL) {
        make_room(remotes);
        if (HASH_COUNT(remotes->map) >= VLS_FETCH_REMOTES)
            return vls_fail(VLS_FETCH_BUSY, why, "%u hosts are being asked already",
                            HASH_COUNT(remotes->map));
        remote = vls_mem_new(sizeof *remote);
        remote->all = remotes;
        vls_text_copy(remote->key, sizeof remote->key, key);
        set_limits(remote, host, port);
        remote->timer = evtimer_new(remotes->base, on_timer, remote);
        if (remote->timer == NULL) {
            vls_mem_free(remote);
            return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a timer");
        }
        HASH_ADD_STR(remotes->map, key, remote);
    }
    *out = remote;
    return VLS_DONE;
}

struct vls_remotes *vls_remotes_new(struct event_base *base, const struct vls_env *env,
                                    const struct vls_config *config)
{
    struct vls_remotes *remotes = vls_mem_new(sizeof *remotes);
    remotes->base = base;
    remotes->env = env;
    remotes->config = config;
    return remotes;
}

void vls_remotes_free(struct vls_remotes **remotes)
{
    struct vls_remote *remote, *next;
    if (*remotes == NULL)
        return;
    VLS_MAP_EACH ((*remotes)->map, remote, next)
        free_remote(remote);
    vls_mem_free(*remotes);
    *remotes = NULL;
}
