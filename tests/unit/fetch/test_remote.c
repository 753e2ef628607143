/* Whose turn it is at a host, with clocks that the test moves. */
#include "fetch/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"

#define WALL UINT64_C(1795431600000)

static struct world {
    struct event_base *base;
    struct vls_env env;
    uint64_t ms; /* since the start, of both clocks */
    struct vls_config config;
    struct vls_config_plugin plugins[2];
    struct vls_config_http http[2];
    struct vls_remotes *remotes;
} world;

static uint64_t wall(void *ctx)
{
    return WALL + ((struct world *)ctx)->ms;
}

static uint64_t steady(void *ctx)
{
    return 1000000 + ((struct world *)ctx)->ms;
}

static char *ONE[] = {(char *)"a.example.org", (char *)"*.b.example.org:8443"};

static int set_up(void **state)
{
    (void)state;
    world = (struct world){.base = event_base_new()};
    world.env = (struct vls_env){.ctx = &world, .wall_ms = wall, .steady_ms = steady};
    world.http[0] = (struct vls_config_http){
        .hosts = ONE, .hosts_count = 2, .per_second = 100, .connections = 3};
    world.http[1] = (struct vls_config_http){
        .hosts = ONE, .hosts_count = 1, .per_second = 50, .connections = 8};
    for (int i = 0; i < 2; i++)
        world.plugins[i].http = &world.http[i];
    world.config.plugins = world.plugins;
    world.config.plugins_count = 2;
    world.remotes = vls_remotes_new(world.base, &world.env, &world.config);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_remotes_free(&world.remotes);
    event_base_free(world.base);
    return 0;
}

struct turn {
    struct vls_turn turn;
    unsigned calls;
    struct vls_status status;
};

static void on_turn(void *ctx, struct vls_status status)
{
    struct turn *turn = ctx;
    turn->calls++;
    turn->status = status;
}

static struct vls_remote *find(const char *host, uint16_t port)
{
    struct vls_remote *remote = NULL;
    assert_true(vls_ok(vls_remote_find(world.remotes, host, port, &remote, NULL)));
    return remote;
}

static void wait_all(struct turn *turns, unsigned count, struct vls_remote *remote)
{
    for (unsigned i = 0; i < count; i++) {
        turns[i] = (struct turn){.turn = {.fn = on_turn, .ctx = &turns[i]}};
        assert_true(vls_ok(vls_turn_wait(&turns[i].turn, remote, NULL)));
    }
}

static unsigned running(const struct turn *turns, unsigned count)
{
    unsigned n = 0;
    event_base_loop(world.base, EVLOOP_NONBLOCK);
    for (unsigned i = 0; i < count; i++)
        n += turns[i].turn.is_running;
    return n;
}

static void end_all(struct turn *turns, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        vls_turn_end(&turns[i].turn);
}

static void turns__the_least_number_of_all_plugins__in_order(void **state)
{
    struct turn turns[6];
    (void)state;
    struct vls_remote *remote = find("a.example.org", 443);
    assert_ptr_equal(remote, find("a.example.org", 443));
    assert_ptr_not_equal(remote, find("a.example.org", 8443));
    wait_all(turns, 6, remote);
    assert_int_equal(running(turns, 6), 3);
    assert_true(turns[0].turn.is_running && turns[1].turn.is_running && turns[2].turn.is_running);
    vls_turn_end(&turns[1].turn);
    assert_int_equal(running(turns, 6), 3);
    assert_true(turns[3].turn.is_running);
    vls_turn_end(&turns[4].turn); /* gave up while it waited */
    vls_turn_end(&turns[0].turn);
    assert_int_equal(running(turns, 6), 3);
    assert_true(turns[5].turn.is_running);
    assert_int_equal(turns[4].calls, 0);
    end_all(turns, 6);
}

static void turns__the_least_rate_of_all_plugins(void **state)
{
    unsigned gone = 0;
    (void)state;
    struct vls_remote *remote = find("a.example.org", 443);
    for (; gone < 200; gone++) {
        struct turn turn;
        wait_all(&turn, 1, remote);
        bool is_running = running(&turn, 1) == 1;
        end_all(&turn, 1);
        if (!is_running)
            break;
    }
    assert_int_equal(gone, 50);
    assert_int_equal(vls_remote_free_at_ms(remote), WALL + 20);
}

static void block__refuses_who_waits_and_who_comes_until_its_time(void **state)
{
    struct turn turns[5];
    uint64_t retry_at = 0;
    struct vls_why why;
    (void)state;
    struct vls_remote *remote = find("x.b.example.org", 8443);
    wait_all(turns, 5, remote);
    assert_int_equal(running(turns, 5), 3);
    vls_remote_block(remote, WALL + 30000);
    assert_int_equal(running(turns, 5), 3); /* those go on */
    assert_int_equal(turns[3].status.code, VLS_FETCH_RATE);
    assert_int_equal(turns[4].status.code, VLS_FETCH_RATE);
    assert_int_equal(vls_remote_check(remote, &retry_at, &why).code, VLS_FETCH_RATE);
    assert_int_equal(retry_at, WALL + 30000);
    assert_string_equal(
        why.text, "x.b.example.org:8443 asked for no request before 2026-11-23T11:00:30.000Z");
    world.ms = 29999;
    assert_int_equal(vls_remote_check(remote, &retry_at, &why).code, VLS_FETCH_RATE);
    world.ms = 30000;
    assert_true(vls_ok(vls_remote_check(remote, &retry_at, &why)));
    vls_remote_block(remote, WALL + 20000); /* in the past */
    assert_true(vls_ok(vls_remote_check(remote, &retry_at, &why)));
    end_all(turns, 5);
}

static void waiting__too_many__is_busy(void **state)
{
    static struct turn turns[VLS_FETCH_WAITING + 4];
    (void)state;
    struct vls_remote *remote = find("a.example.org", 443);
    wait_all(turns, 3, remote);
    assert_int_equal(running(turns, 3), 3);
    wait_all(turns + 3, VLS_FETCH_WAITING, remote);
    struct turn *last = &turns[VLS_FETCH_WAITING + 3];
    *last = (struct turn){.turn = {.fn = on_turn, .ctx = last}};
    assert_int_equal(vls_turn_wait(&last->turn, remote, NULL).code, VLS_FETCH_BUSY);
    end_all(turns, VLS_FETCH_WAITING + 4);
}

static void hosts__too_many__idle_ones_are_forgotten(void **state)
{
    struct turn turn;
    (void)state;
    struct vls_remote *kept = find("a.example.org", 443), *other = NULL;
    wait_all(&turn, 1, kept);
    assert_int_equal(running(&turn, 1), 1);
    for (uint16_t port = 1; port < 3 * VLS_FETCH_REMOTES; port++)
        find("c.b.example.org", port);
    assert_ptr_equal(find("a.example.org", 443), kept);
    end_all(&turn, 1);
    for (uint16_t port = 1; port < 2 * VLS_FETCH_REMOTES; port++) {
        struct vls_status status =
            vls_remote_find(world.remotes, "d.b.example.org", port, &other, NULL);
        if (!vls_ok(status)) {
            assert_int_equal(status.code, VLS_FETCH_BUSY);
            return;
        }
        vls_remote_block(other, WALL + 1000);
    }
    fail_msg("hosts that are blocked were forgotten");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(turns__the_least_number_of_all_plugins__in_order),
        TEST(turns__the_least_rate_of_all_plugins),
        TEST(block__refuses_who_waits_and_who_comes_until_its_time),
        TEST(waiting__too_many__is_busy),
        TEST(hosts__too_many__idle_ones_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
