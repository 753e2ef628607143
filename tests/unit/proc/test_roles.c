/* The two tables: what stands in them is what the architecture says, and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/compat.h"
#include "proc/family.h"
#include "proc/roles.h"

#define BODY(name) VALISE__FRAME__BODY_##name

static size_t count(const int *bodies)
{
    size_t n = 0;
    while (bodies[n] != 0)
        n++;
    return n;
}

static void links__only_those_of_the_architecture(void **state)
{
    static const bool LINKED[VLS_ROLE_COUNT][VLS_ROLE_COUNT] = {
        [VLS_ROLE_EDGE] = {[VLS_ROLE_ROUTER] = true, [VLS_ROLE_CRYPTO] = true},
        [VLS_ROLE_ROUTER] = {[VLS_ROLE_EDGE] = true,
                             [VLS_ROLE_CRYPTO] = true,
                             [VLS_ROLE_CONTROL] = true,
                             [VLS_ROLE_READER] = true,
                             [VLS_ROLE_HOST] = true},
        [VLS_ROLE_CRYPTO] = {[VLS_ROLE_EDGE] = true, [VLS_ROLE_ROUTER] = true},
        [VLS_ROLE_CONTROL] = {[VLS_ROLE_ROUTER] = true},
        [VLS_ROLE_FETCH] = {[VLS_ROLE_HOST] = true},
        [VLS_ROLE_READER] = {[VLS_ROLE_ROUTER] = true},
        [VLS_ROLE_HOST] = {[VLS_ROLE_ROUTER] = true, [VLS_ROLE_FETCH] = true},
    };
    (void)state;
    for (unsigned a = VLS_ROLE_EDGE; a < VLS_ROLE_COUNT; a++)
        for (unsigned b = VLS_ROLE_EDGE; b < VLS_ROLE_COUNT; b++) {
            assert_int_equal(vls_roles_are_linked((enum vls_role_kind)a, (enum vls_role_kind)b),
                             LINKED[a][b]);
            if (!LINKED[a][b])
                assert_int_equal(
                    count(vls_role_accepts((enum vls_role_kind)a, (enum vls_role_kind)b)), 0);
        }
}

static void accepts__crypto_and_the_edge__say_nothing_unasked(void **state)
{
    (void)state;
    assert_int_equal(count(vls_role_accepts(VLS_ROLE_CRYPTO, VLS_ROLE_ROUTER)), 0);
    assert_int_equal(count(vls_role_accepts(VLS_ROLE_CRYPTO, VLS_ROLE_EDGE)), 0);
    /* the edge reaches one key alone, and none of the evidence */
    const int *edge = vls_role_accepts(VLS_ROLE_EDGE, VLS_ROLE_CRYPTO);
    assert_int_equal(count(edge), 1);
    assert_int_equal(edge[0], BODY(TLS_SIGN));
    assert_int_equal(count(vls_role_accepts(VLS_ROLE_ROUTER, VLS_ROLE_CRYPTO)), 3);
    assert_int_equal(count(vls_role_accepts(VLS_ROLE_EDGE, VLS_ROLE_SUPERVISOR)), 2);
}

static void names__there_and_back__are_the_same(void **state)
{
    enum vls_role_kind kind;
    (void)state;
    for (unsigned i = 0; i < VLS_ROLE_COUNT; i++) {
        assert_true(vls_ok(vls_role_from_name(vls_role_name((enum vls_role_kind)i), &kind)));
        assert_int_equal(kind, i);
    }
    assert_int_equal(vls_role_from_name("oracle", &kind).code, VLS_INPUT_MALFORMED);
}

static bool has_port(const struct vls_sandbox *sandbox, uint16_t port)
{
    for (size_t i = 0; i < sandbox->ports_count; i++)
        if (sandbox->ports[i] == port)
            return true;
    return false;
}

static unsigned access_to(const struct vls_sandbox *sandbox, const char *path)
{
    for (size_t i = 0; i < sandbox->paths_count; i++)
        if (strcmp(sandbox->paths[i].path, path) == 0)
            return sandbox->paths[i].access;
    return 0;
}

static struct vls_config some_config(void)
{
    static struct vls_config_partner partners[] = {
        {.party = "a", .url = "https://a.example"},
        {.party = "b", .url = "https://[2001:db8::1]:9443/", .tls_ca = "/etc/b.pem"},
        {.party = "c", .url = ""},
    };
    static char *net[] = {"net"}, *files[] = {"files"};
    static char *paths[] = {"/srv/out"};
    static char *hosts[] = {"a.example", "*.api.example:8444"};
    static struct vls_config_http http = {
        .hosts = hosts, .hosts_count = 2, .proxy = "http://proxy.example:3128"};
    static struct vls_config_plugin plugins[] = {
        {.name = "folder",
         .file = "/lib/folder.so",
         .grants = files,
         .grants_count = 1,
         .paths = paths,
         .paths_count = 1},
        {.name = "web", .file = "/lib/web.so", .grants = net, .grants_count = 1, .http = &http},
    };
    struct vls_config config = {
        .partners = partners, .partners_count = 3, .plugins = plugins, .plugins_count = 2};
    config.node.data = "/var/lib/valise";
    return config;
}

static void reader__of_what_partners_pack__has_nothing_and_says_nothing_unasked(void **state)
{
    char *from[] = {(char *)(uintptr_t)VLS_ANSWER_HELD};
    struct vls_config config = some_config();
    struct vls_sandbox sandbox;
    (void)state;
    assert_int_equal(count(vls_role_accepts(VLS_ROLE_READER, VLS_ROLE_ROUTER)), 0);
    assert_int_equal(count(vls_role_accepts(VLS_ROLE_ROUTER, VLS_ROLE_READER)), 1);
    vls_role_sandbox(VLS_ROLE_READER, 0, &config, &sandbox);
    assert_int_equal(sandbox.calls, VLS_CALLS_BASE);
    assert_int_equal(sandbox.ports_count, 0);
    assert_int_equal(sandbox.paths_count, vls_is_sanitized() ? 1 : 0);
    vls_sandbox_fini(&sandbox);
    assert_int_equal(vls_role_instances(VLS_ROLE_READER, &config), 0); /* nothing is to be read */
    config.answers.from = from;
    config.answers.from_count = 1;
    assert_int_equal(vls_role_instances(VLS_ROLE_READER, &config), 1);
}

static void sandbox__of_the_edge__reaches_partners_and_no_store(void **state)
{
    struct vls_config config = some_config();
    struct vls_sandbox sandbox;
    (void)state;
    vls_role_sandbox(VLS_ROLE_EDGE, 0, &config, &sandbox);
    assert_true(has_port(&sandbox, 443));
    assert_true(has_port(&sandbox, 9443));
    assert_false(has_port(&sandbox, 80));
    assert_int_equal(access_to(&sandbox, "/etc/b.pem"), VLS_PATH_READ);
    assert_int_equal(access_to(&sandbox, "/var/lib/valise"), 0);
    assert_int_equal(sandbox.calls & VLS_CALLS_WRITE_FILES, 0);
    vls_sandbox_fini(&sandbox);
}

static void sandbox__of_router_and_crypto__has_no_network(void **state)
{
    struct vls_config config = some_config();
    struct vls_sandbox sandbox;
    (void)state;
    vls_role_sandbox(VLS_ROLE_ROUTER, 0, &config, &sandbox);
    assert_int_equal(sandbox.calls & VLS_CALLS_CONNECT, 0);
    assert_int_equal(sandbox.ports_count, 0);
    assert_int_equal(access_to(&sandbox, "/var/lib/valise"), VLS_PATH_READ | VLS_PATH_WRITE);
    vls_sandbox_fini(&sandbox);
    vls_role_sandbox(VLS_ROLE_CRYPTO, 0, &config, &sandbox);
    assert_int_equal(sandbox.calls, VLS_CALLS_BASE | VLS_CALLS_LOCK_MEMORY);
    assert_int_equal(sandbox.paths_count, vls_is_sanitized() ? 1 : 0);
    vls_sandbox_fini(&sandbox);
}

static void sandbox__of_a_host__has_what_was_granted(void **state)
{
    struct vls_config config = some_config();
    struct vls_sandbox sandbox;
    (void)state;
    vls_role_sandbox(VLS_ROLE_HOST, 0, &config, &sandbox);
    assert_int_equal(sandbox.calls & VLS_CALLS_CONNECT, 0);
    assert_int_equal(access_to(&sandbox, "/srv/out"), VLS_PATH_READ | VLS_PATH_WRITE);
    assert_int_equal(access_to(&sandbox, "/lib/folder.so"), VLS_PATH_READ | VLS_PATH_EXECUTE);
    assert_int_equal(access_to(&sandbox, "/var/lib/valise"), 0);
    vls_sandbox_fini(&sandbox);
    vls_role_sandbox(VLS_ROLE_HOST, 1, &config, &sandbox);
    assert_int_equal(access_to(&sandbox, "/srv/out"), 0);
    vls_sandbox_fini(&sandbox);
    assert_true(vls_role_profile(VLS_ROLE_HOST)->is_closed_before_init);
}

/* Paths are then where the files of its secrets lie. */
static void sandbox__of_a_host_without_files__only_reads_its_paths(void **state)
{
    struct vls_config config = some_config();
    struct vls_sandbox sandbox;
    (void)state;
    config.plugins[0].grants_count = 0;
    vls_role_sandbox(VLS_ROLE_HOST, 0, &config, &sandbox);
    assert_int_equal(access_to(&sandbox, "/srv/out"), VLS_PATH_READ);
    vls_sandbox_fini(&sandbox);
    config.plugins[0].grants_count = 1;
}

/* The network is never a host's, whatever its plugin is granted: it meets fetch instead. */
static void network__granted_to_a_plugin__is_that_of_fetch(void **state)
{
    struct vls_config config = some_config();
    struct vls_sandbox sandbox;
    (void)state;
    vls_role_sandbox(VLS_ROLE_HOST, 1, &config, &sandbox);
    assert_int_equal(sandbox.calls & (VLS_CALLS_CONNECT | VLS_CALLS_ACCEPT), 0);
    assert_int_equal(sandbox.ports_count, 0);
    vls_sandbox_fini(&sandbox);
    vls_role_sandbox(VLS_ROLE_FETCH, 0, &config, &sandbox);
    assert_int_not_equal(sandbox.calls & VLS_CALLS_CONNECT, 0);
    assert_int_equal(sandbox.calls & (VLS_CALLS_ACCEPT | VLS_CALLS_WRITE_FILES | VLS_CALLS_LOAD),
                     0);
    assert_true(has_port(&sandbox, 443));
    assert_true(has_port(&sandbox, 8444));
    assert_true(has_port(&sandbox, 3128));
    assert_false(has_port(&sandbox, 80));
    assert_int_equal(access_to(&sandbox, "/var/lib/valise"), 0);
    assert_int_equal(access_to(&sandbox, "/lib/web.so"), 0);
    vls_sandbox_fini(&sandbox);
    assert_false(vls_roles_are_to_meet(&config, VLS_ROLE_HOST, 0, VLS_ROLE_FETCH, 0));
    assert_false(vls_roles_are_to_meet(&config, VLS_ROLE_FETCH, 0, VLS_ROLE_HOST, 0));
    assert_true(vls_roles_are_to_meet(&config, VLS_ROLE_HOST, 1, VLS_ROLE_FETCH, 0));
    assert_true(vls_roles_are_to_meet(&config, VLS_ROLE_FETCH, 0, VLS_ROLE_HOST, 1));
    assert_true(vls_roles_are_to_meet(&config, VLS_ROLE_HOST, 0, VLS_ROLE_ROUTER, 0));
    assert_false(vls_roles_are_to_meet(&config, VLS_ROLE_FETCH, 0, VLS_ROLE_ROUTER, 0));
    assert_int_equal(vls_role_instances(VLS_ROLE_FETCH, &config), 1);
    config.plugins_count = 1;
    assert_int_equal(vls_role_instances(VLS_ROLE_FETCH, &config), 0);
}

static void instances__of_crypto__are_bounded(void **state)
{
    struct vls_config config = some_config();
    (void)state;
    assert_true(vls_role_instances(VLS_ROLE_CRYPTO, &config) >= 2);
    assert_true(vls_role_instances(VLS_ROLE_CRYPTO, &config) <= 9);
    config.keys.crypto_workers = 3;
    assert_int_equal(vls_role_instances(VLS_ROLE_CRYPTO, &config), 4); /* one of them signs */
    config.keys.crypto_workers = 99;
    assert_int_equal(vls_role_instances(VLS_ROLE_CRYPTO, &config), 9);
    assert_int_equal(vls_role_instances(VLS_ROLE_HOST, &config), 2);
    assert_int_equal(vls_role_instances(VLS_ROLE_ROUTER, &config), 1);
}

static void backoff__at_once_then_doubles_to_a_limit(void **state)
{
    (void)state;
    assert_int_equal(vls_family_backoff_ms(1), 0);
    assert_int_equal(vls_family_backoff_ms(2), 100);
    assert_int_equal(vls_family_backoff_ms(3), 200);
    assert_int_equal(vls_family_backoff_ms(10), 25600);
    assert_int_equal(vls_family_backoff_ms(11), 30000);
    assert_int_equal(vls_family_backoff_ms(4000000000u), 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links__only_those_of_the_architecture),
        cmocka_unit_test(accepts__crypto_and_the_edge__say_nothing_unasked),
        cmocka_unit_test(reader__of_what_partners_pack__has_nothing_and_says_nothing_unasked),
        cmocka_unit_test(names__there_and_back__are_the_same),
        cmocka_unit_test(sandbox__of_the_edge__reaches_partners_and_no_store),
        cmocka_unit_test(sandbox__of_router_and_crypto__has_no_network),
        cmocka_unit_test(sandbox__of_a_host__has_what_was_granted),
        cmocka_unit_test(sandbox__of_a_host_without_files__only_reads_its_paths),
        cmocka_unit_test(network__granted_to_a_plugin__is_that_of_fetch),
        cmocka_unit_test(instances__of_crypto__are_bounded),
        cmocka_unit_test(backoff__at_once_then_doubles_to_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
