#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "plugin/accept.h"

#define ALL (VLS_CAP_FILES | VLS_CAP_STATE)

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)host;
    (void)state;
    (void)why;
    (void)room;
    return 0;
}
static void stop(void *state)
{
    (void)state;
}
static uint32_t poll_nothing(void *state)
{
    (void)state;
    return 1000;
}
static void committed(void *state, const struct vls_commit *commit)
{
    (void)state;
    (void)commit;
}

static struct vls_plugin source(void)
{
    return (struct vls_plugin){
        VLS_PLUGIN_HEAD,
        .caps_need = VLS_CAP_STATE,
        .roles = VLS_PLUGIN_SOURCE,
        .id = "a-source",
        .version = "1",
        .summary = "For a test.",
        .start = start,
        .stop = stop,
        .poll = poll_nothing,
        .committed = committed,
    };
}

static uint32_t code_of(const struct vls_plugin *plugin, uint64_t granted)
{
    struct vls_plugin out = {0};
    struct vls_why why = {{0}};
    struct vls_status status = vls_plugin_accept(plugin, granted, &out, &why);
    if (vls_ok(status))
        assert_string_equal(out.id, plugin->id);
    else
        assert_true(why.text[0] != '\0' && out.id == NULL);
    return status.code;
}

static void accept__plugin_of_this_release__taken(void **state)
{
    (void)state;
    struct vls_plugin p = source();
    assert_int_equal(code_of(&p, ALL), VLS_OK);
}

static void accept__longer_and_newer_descriptor__loses_its_tail(void **state)
{
    (void)state;
    struct {
        struct vls_plugin known;
        uint8_t tail[64];
    } newer = {.known = source()};
    newer.known.size = sizeof newer;
    newer.known.abi = VLS_ABI + 7;
    for (size_t i = 0; i < sizeof newer.tail; i++)
        newer.tail[i] = 0xff;
    struct vls_plugin out;
    assert_true(vls_ok(vls_plugin_accept(&newer.known, ALL, &out, NULL)));
    assert_ptr_equal(out.poll, poll_nothing);
}

static void accept__shorter_than_the_first_layout__refused(void **state)
{
    (void)state;
    struct vls_plugin p = source();
    p.size = VLS_PLUGIN_SIZE_1_0 - 1;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_ABI);
    p.size = 0;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_ABI);
}

static void accept__other_major_version__refused(void **state)
{
    (void)state;
    struct vls_plugin p = source();
    p.abi = (VLS_ABI_MAJOR + 1) << 16;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_ABI);
    p.abi = 0;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_ABI);
}

static void accept__reserved_field_or_role_in_use__refused(void **state)
{
    (void)state;
    struct vls_plugin p = source();
    p.reserved = 1;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
    p = source();
    p.roles |= 1u << 31;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
    p = source();
    p.roles = 0;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
}

static void accept__calls_of_a_role_missing__refused(void **state)
{
    (void)state;
    struct vls_plugin p = source();
    p.committed = NULL;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
    p = source();
    p.stop = NULL;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
    static const uint32_t ROLES[] = {VLS_PLUGIN_SINK, VLS_PLUGIN_RESOLVER, VLS_PLUGIN_INSPECTOR};
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
        p = source();
        p.roles |= ROLES[i];
        assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
    }
}

/* A plugin of 1.2 ends before these calls: it has none of them. */
static void accept__older_descriptor__has_no_calls_of_newer_roles(void **state)
{
    struct vls_plugin p = source(), out;
    (void)state;
    p.size = VLS_PLUGIN_SIZE_1_0;
    p.abi = (VLS_ABI_MAJOR << 16) | 2u;
    assert_true(vls_ok(vls_plugin_accept(&p, ALL, &out, NULL)));
    assert_null(out.resolve);
    assert_null(out.inspect_begin);
    p.roles |= VLS_PLUGIN_RESOLVER;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
}

static void accept__bad_texts__refused(void **state)
{
    (void)state;
    const char *ids[] = {NULL, "", "Has Blanks", "../up"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct vls_plugin p = source();
        p.id = ids[i];
        assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
    }
    struct vls_plugin p = source();
    p.summary = NULL;
    assert_int_equal(code_of(&p, ALL), VLS_PLUGIN_INVALID);
}

static void accept__needed_capability_not_granted__names_it(void **state)
{
    (void)state;
    struct vls_plugin p = source(), out;
    struct vls_why why;
    struct vls_status status = vls_plugin_accept(&p, VLS_CAP_FILES, &out, &why);
    assert_int_equal(status.code, VLS_PLUGIN_CAPABILITY);
    assert_non_null(strstr(why.text, "'state'"));
    p.caps_need = 0;
    p.caps_want = VLS_CAP_NET;
    assert_int_equal(code_of(&p, 0), VLS_OK);
}

static uint32_t grants_of(const char *grant, bool has_path, uint64_t *out)
{
    char *grants[] = {(char *)grant}, *paths[] = {(char *)"/srv"};
    struct vls_config_plugin config = {.name = (char *)"p",
                                       .grants = grants,
                                       .grants_count = 1,
                                       .paths = paths,
                                       .paths_count = has_path};
    struct vls_why why;
    return vls_plugin_grants(&config, out, &why).code;
}

static void grants__each_name__its_bit_or_a_refusal(void **state)
{
    (void)state;
    uint64_t bits = 0;
    assert_int_equal(grants_of("files", true, &bits), VLS_OK);
    assert_int_equal(bits, VLS_CAP_FILES);
    assert_int_equal(grants_of("state", false, &bits), VLS_OK);
    assert_int_equal(bits, VLS_CAP_STATE);
    assert_int_equal(grants_of("files", false, &bits), VLS_PLUGIN_CAPABILITY);
    assert_int_equal(grants_of("net", false, &bits), VLS_OK);
    assert_int_equal(bits, VLS_CAP_NET);
    assert_int_equal(grants_of("resolve", false, &bits), VLS_OK);
    assert_int_equal(bits, VLS_CAP_RESOLVE);
    assert_int_equal(grants_of("inspect", false, &bits), VLS_OK);
    assert_int_equal(bits, VLS_CAP_INSPECT);
    assert_int_equal(grants_of("everything", false, &bits), VLS_PLUGIN_CAPABILITY);
}

static void roles__not_granted__taken_away(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_plugin p = {.id = "p", .roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK};
    assert_true(vls_ok(vls_plugin_limit_roles(&p, VLS_CAP_SEND | VLS_CAP_RECEIVE, &why)));
    assert_int_equal(p.roles, VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK);
    assert_true(vls_ok(vls_plugin_limit_roles(&p, VLS_CAP_RECEIVE, &why)));
    assert_int_equal(p.roles, VLS_PLUGIN_SINK);
    assert_int_equal(vls_plugin_limit_roles(&p, VLS_CAP_SEND | VLS_CAP_FILES, &why).code,
                     VLS_PLUGIN_CAPABILITY);
    p.roles = VLS_PLUGIN_SOURCE | VLS_PLUGIN_RESOLVER | VLS_PLUGIN_INSPECTOR;
    assert_true(vls_ok(vls_plugin_limit_roles(&p, VLS_CAP_SEND | VLS_CAP_INSPECT, &why)));
    assert_int_equal(p.roles, VLS_PLUGIN_SOURCE | VLS_PLUGIN_INSPECTOR);
    assert_true(vls_ok(vls_plugin_limit_roles(&p, VLS_CAP_INSPECT | VLS_CAP_RESOLVE, &why)));
    assert_int_equal(p.roles, VLS_PLUGIN_INSPECTOR);
}

static void load__no_plugin__says_what_it_is(void **state)
{
    (void)state;
    const struct vls_plugin *p;
    char path[] = "/tmp/valise-accept-XXXXXX";
    int fd VLS_DEFER(vls_fd_close) = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(vls_plugin_load("/nowhere/x.so", &p, NULL).code, VLS_SYSTEM_MISSING);
    assert_int_equal(vls_plugin_load(path, &p, NULL).code, VLS_PLUGIN_INVALID);
    assert_int_equal(fchmod(fd, 0666), 0);
    assert_int_equal(vls_plugin_load(path, &p, NULL).code, VLS_SYSTEM_ACCESS);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept__plugin_of_this_release__taken),
        cmocka_unit_test(accept__longer_and_newer_descriptor__loses_its_tail),
        cmocka_unit_test(accept__shorter_than_the_first_layout__refused),
        cmocka_unit_test(accept__other_major_version__refused),
        cmocka_unit_test(accept__reserved_field_or_role_in_use__refused),
        cmocka_unit_test(accept__calls_of_a_role_missing__refused),
        cmocka_unit_test(accept__older_descriptor__has_no_calls_of_newer_roles),
        cmocka_unit_test(accept__bad_texts__refused),
        cmocka_unit_test(accept__needed_capability_not_granted__names_it),
        cmocka_unit_test(grants__each_name__its_bit_or_a_refusal),
        cmocka_unit_test(roles__not_granted__taken_away),
        cmocka_unit_test(load__no_plugin__says_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
