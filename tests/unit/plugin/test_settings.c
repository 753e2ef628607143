#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "plugin/settings.h"

static const struct vls_setting TABLE[] = {
    {.name = "text", .type = VLS_SETTING_TEXT, .min = 2, .max = 5, .help = "A text."},
    {.name = "number",
     .type = VLS_SETTING_NUMBER,
     .min = -3,
     .max = 9,
     .fallback = "4",
     .help = "A number."},
    {.name = "flag", .type = VLS_SETTING_BOOLEAN, .fallback = "false", .help = "A flag."},
    {.name = "path", .type = VLS_SETTING_PATH, .help = "A path."},
    {.name = "choice",
     .type = VLS_SETTING_CHOICE,
     .choices = "red|green|blue",
     .fallback = "green",
     .help = "A colour."},
    {.name = "secret", .type = VLS_SETTING_TEXT, .flags = VLS_SETTING_SECRET, .help = "A key."},
    {0},
};

static struct vls_status read_one(const struct vls_setting *table, const char *name,
                                  const char *value, struct vls_plugin_settings *out,
                                  struct vls_why *why)
{
    char *paths[] = {(char *)"/srv/a", (char *)"/tmp"};
    struct vls_config_setting setting = {(char *)name, (char *)value};
    struct vls_config_plugin config = {.name = (char *)"tested",
                                       .paths = paths,
                                       .paths_count = 2,
                                       .settings = &setting,
                                       .settings_count = name != NULL};
    struct vls_plugin plugin = {
        .id = "tested", .setting_bytes = sizeof(struct vls_setting), .settings = table};
    return vls_plugin_settings_read(&plugin, &config, out, why);
}

static void check_good(const char *name, const char *value, int64_t number)
{
    struct vls_plugin_settings s;
    struct vls_why why = {{0}};
    assert_true(vls_ok(read_one(TABLE, name, value, &s, &why)));
    assert_string_equal(vls_plugin_setting(&s, name)->text, value);
    assert_int_equal(vls_plugin_setting(&s, name)->number, number);
    vls_plugin_settings_fini(&s);
}

static void check_bad(const char *name, const char *value)
{
    struct vls_plugin_settings s;
    struct vls_why why = {{0}};
    struct vls_status status = read_one(TABLE, name, value, &s, &why);
    assert_int_equal(status.code, VLS_PLUGIN_SETTING);
    assert_non_null(strstr(why.text, name)); /* the operator reads which one */
}

static void settings__none_configured__have_their_defaults(void **state)
{
    (void)state;
    struct vls_plugin_settings s;
    assert_true(vls_ok(read_one(TABLE, NULL, NULL, &s, NULL)));
    assert_null(vls_plugin_setting(&s, "text")->text);
    assert_int_equal(vls_plugin_setting(&s, "number")->number, 4);
    assert_int_equal(vls_plugin_setting(&s, "flag")->number, 0);
    assert_int_equal(vls_plugin_setting(&s, "choice")->number, 1);
    assert_null(vls_plugin_setting(&s, "colour"));
    vls_plugin_settings_fini(&s);
}

static void settings__good_values__read(void **state)
{
    (void)state;
    check_good("text", "abcde", 0);
    check_good("number", "-3", -3);
    check_good("number", "9", 9);
    check_good("flag", "true", 1);
    check_good("path", "/srv/a", 0);
    check_good("path", "/srv/a/b", 0);
    check_good("choice", "blue", 2);
}

static void settings__bad_values__refused_by_name(void **state)
{
    (void)state;
    check_bad("text", "a");
    check_bad("text", "abcdef");
    check_bad("text", "a\nb");
    check_bad("text", "a\xff");
    check_bad("number", "-4");
    check_bad("number", "10");
    check_bad("number", "");
    check_bad("number", "--1");
    check_bad("number", "3x");
    check_bad("number", "99999999999999999999");
    check_bad("flag", "yes");
    check_bad("path", "srv/a");
    check_bad("path", "/srv/ab");
    check_bad("path", "/srv/a/../b");
    check_bad("path", "/srv/a/.");
    check_bad("choice", "gree");
    check_bad("choice", "red|green");
    check_bad("choice", "");
    check_bad("unheard-of", "1");
    check_bad("secret", "/nowhere/secret");
}

static void settings__required_and_missing__refused(void **state)
{
    (void)state;
    const struct vls_setting table[] = {{.name = "needed",
                                         .type = VLS_SETTING_TEXT,
                                         .flags = VLS_SETTING_REQUIRED,
                                         .help = "Needed."},
                                        {0}};
    struct vls_plugin_settings s;
    struct vls_why why;
    assert_int_equal(read_one(table, NULL, NULL, &s, &why).code, VLS_PLUGIN_SETTING);
    assert_non_null(strstr(why.text, "needed"));
}

static void settings__table_that_contradicts_itself__refused(void **state)
{
    (void)state;
    const struct vls_setting bad[] = {
        {.name = "Bad Name", .type = VLS_SETTING_TEXT, .help = ""},
        {.name = "a", .type = 0, .help = ""},
        {.name = "a", .type = 99, .help = ""},
        {.name = "a", .type = VLS_SETTING_NUMBER, .min = 2, .max = 1, .help = ""},
        {.name = "a", .type = VLS_SETTING_CHOICE, .help = ""},
        {.name = "a", .type = VLS_SETTING_NUMBER, .flags = VLS_SETTING_SECRET, .help = ""},
        {.name = "a",
         .type = VLS_SETTING_TEXT,
         .flags = VLS_SETTING_REQUIRED,
         .fallback = "x",
         .help = ""},
        {.name = "a", .type = VLS_SETTING_TEXT, .flags = 1u << 9, .help = ""},
        {.name = "a", .type = VLS_SETTING_TEXT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct vls_setting table[] = {bad[i], {0}};
        struct vls_plugin_settings s;
        assert_int_equal(read_one(table, NULL, NULL, &s, NULL).code, VLS_PLUGIN_INVALID);
    }
    const struct vls_setting twice[] = {TABLE[0], TABLE[0], {0}};
    struct vls_plugin_settings s;
    assert_int_equal(read_one(twice, NULL, NULL, &s, NULL).code, VLS_PLUGIN_INVALID);
}

static void settings__secret__is_the_content_of_a_private_file(void **state)
{
    (void)state;
    struct vls_plugin_settings s;
    char path[] = "/tmp/valise-secret-XXXXXX";
    int fd VLS_DEFER(vls_fd_close) = mkstemp(path);
    assert_true(vls_ok(vls_fd_write(fd, vls_slice_text("hidden\n"), NULL)));
    assert_int_equal(fchmod(fd, 0600), 0);
    assert_true(vls_ok(read_one(TABLE, "secret", path, &s, NULL)));
    assert_string_equal(vls_plugin_setting(&s, "secret")->text, "hidden");
    vls_plugin_settings_fini(&s);
    struct vls_why why;
    assert_int_equal(fchmod(fd, 0640), 0);
    assert_int_equal(read_one(TABLE, "secret", path, &s, &why).code, VLS_PLUGIN_SETTING);
    assert_null(strstr(why.text, "hidden"));
    remove(path);
}

/* A plugin that asks for no files keeps the file of its secret, and no directory. */
static void narrowed__a_path_with_a_secret__leaves_the_secret_alone(void **state)
{
    (void)state;
    struct vls_config_setting settings[] = {{"secret", "/srv/a/key"}, {"name", "/srv/a/other"}};
    struct vls_config_plugin config = {.name = "p",
                                       .paths = vls_mem_new(2 * sizeof(char *)),
                                       .paths_count = 2,
                                       .settings = settings,
                                       .settings_count = 2};
    config.paths[0] = vls_mem_dup("/srv/a");
    config.paths[1] = vls_mem_dup("/srv/b");
    vls_plugin_settings_narrow(TABLE, &config);
    assert_int_equal(config.paths_count, 1);
    assert_string_equal(config.paths[0], "/srv/a/key");
    settings[0].value = "/srv/b/../a/key";
    vls_plugin_settings_narrow(TABLE, &config);
    assert_int_equal(config.paths_count, 0);
    vls_mem_free(config.paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings__none_configured__have_their_defaults),
        cmocka_unit_test(settings__good_values__read),
        cmocka_unit_test(settings__bad_values__refused_by_name),
        cmocka_unit_test(settings__required_and_missing__refused),
        cmocka_unit_test(settings__table_that_contradicts_itself__refused),
        cmocka_unit_test(settings__secret__is_the_content_of_a_private_file),
        cmocka_unit_test(narrowed__a_path_with_a_secret__leaves_the_secret_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
