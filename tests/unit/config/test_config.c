/* valise.yaml: what is read, what defaults it gets, and in which words it is refused. */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/schema.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

#define NODE   "node: {party: un, data: ../data}\n"
#define LISTEN "listen: {tls-certificate: tls.pem}\n"
#define KEYS                                                                                       \
    "keys: {tls: k/tls, seal: k/seal, archive: k/archive, log: k/log, witness: k/witness,\n"       \
    "       seal-certificate: s.pem, archive-certificate: a.pem}\n"
#define REST  "schemes: [un.xml]\narrangement: arrangement.yaml\n"
#define SMALL NODE LISTEN KEYS REST
#define PARTNER                                                                                    \
    "partners:\n"                                                                                  \
    "  - party: iom\n"                                                                             \
    "    url: https://[2001:db8::1]:8443\n"                                                        \
    "    tls-ca: ca.pem\n"                                                                         \
    "    seal-certificate: iom.pem\n"                                                              \
    "    log-key: " KEY_A "\n"                                                                     \
    "    witness-key: " KEY_A "\n"

static struct vls_status read_text(const char *yaml, struct vls_config **out, struct vls_why *why)
{
    return vls_config_read(vls_slice_text(yaml), "/etc/valise/valise.yaml", out, why);
}

static void assert_refused(const char *yaml, const char *words)
{
    struct vls_why why = {""};
    struct vls_config *config = NULL;
    struct vls_status status = read_text(yaml, &config, &why);
    assert_null(config);
    if (status.code != VLS_CONFIG_INVALID || strstr(why.text, words) == NULL)
        fail_msg("%s: \"%s\" instead of \"%s\"", vls_status_name(status), why.text, words);
}

static void read__smallest_file__gets_defaults(void **state)
{
    (void)state;
    struct vls_config *c = NULL;
    assert_true(vls_ok(read_text(SMALL, &c, NULL)));
    assert_string_equal(c->node.party, "un");
    assert_string_equal(c->node.name, "un");
    assert_string_equal(c->node.run_as, "");
    assert_string_equal(c->node.data, "/etc/data");
    assert_string_equal(c->keys.tls, "/etc/valise/k/tls");
    assert_string_equal(c->listen.address, "");
    assert_int_equal(c->listen.max_content_bytes, UINT64_C(16) << 30);
    assert_int_equal(c->listen.min_rate, 1024);
    assert_int_equal(c->listen.idle_timeout_s, 60);
    assert_string_equal(c->control.socket, "/run/valise/control.sock");
    assert_int_equal(c->keys.crypto_workers, 0);
    assert_int_equal(c->limits.retry_first_ms, 1000);
    assert_int_equal(c->limits.retry_most_ms, 600000);
    assert_string_equal(c->log.level, "info");
    assert_string_equal(c->log.file, "");
    assert_int_equal(c->partners_count, 0);
    vls_config_free(&c);
    assert_null(c);
}

static void read__whole_file__every_part_is_there(void **state)
{
    (void)state;
    struct vls_config *c = NULL;
    struct vls_why why = {""};
    const char *yaml =
        "node: {party: un, name: United Nations, data: /var/lib/valise, run-as: valise}\n"
        "listen: {address: '[::1]:8443', tls-certificate: /t.pem, max-content-bytes: 1048576,\n"
        "  idle-timeout-s: 5, min-rate: 0}\n"
        "control: {socket: ../run/c.sock, users: [registry, www-data]}\n" KEYS REST PARTNER
        "plugins:\n"
        "  - {name: out, file: folder.so, grants: [state], paths: [/srv/out, in],\n"
        "     settings: [{name: directory, value: /srv/out}, {name: empty, value: }]}\n"
        "limits: {store-bytes: 1000, retry-first-ms: 100, retry-most-ms: 100}\n"
        "log: {file: v.log, level: debug}\n";
    struct vls_status status = read_text(yaml, &c, &why);
    if (!vls_ok(status))
        fail_msg("%s", why.text);
    assert_int_equal(c->listen.min_rate, 0);
    assert_string_equal(c->control.socket, "/etc/run/c.sock");
    assert_int_equal(c->control.users_count, 2);
    assert_string_equal(c->control.users[1], "www-data");
    const struct vls_config_partner *iom = vls_config_partner(c, "iom");
    assert_non_null(iom);
    assert_string_equal(iom->tls_name, "2001:db8::1");
    assert_string_equal(iom->tls_ca, "/etc/valise/ca.pem");
    assert_null(vls_config_partner(c, "un"));
    assert_string_equal(c->plugins[0].paths[1], "/etc/valise/in");
    assert_string_equal(c->plugins[0].settings[1].value, "");
    assert_string_equal(c->log.file, "/etc/valise/v.log");
    vls_config_free(&c);
}

static void read__slip_in_a_key__names_place_and_nearest(void **state)
{
    (void)state;
    assert_refused(SMALL "lisen: {}\n",
                   "/etc/valise/valise.yaml:7:1: unknown key 'lisen'; did you mean 'listen'?");
    assert_refused("node: {party: un, dta: x}\n" LISTEN KEYS REST, ":1:19: unknown key 'dta'");
    assert_refused(SMALL "zzzzzzzzzzzz: 1\n", "unknown key 'zzzzzzzzzzzz'; see valise.conf(5)");
    assert_refused(SMALL "arrangement: b.yaml\n", ":7:1: 'arrangement' is given twice");
}

static void read__values_out_of_form__say_what_and_where(void **state)
{
    (void)state;
    assert_refused(SMALL "limits: {retry-first-ms: 5x}\n", ":7:26: limits.retry-first-ms: '5x'");
    assert_refused(SMALL "limits: {retry-first-ms: -5}\n", "not a whole number");
    assert_refused(SMALL "limits: {retry-first-ms: 99}\n", "99 is out of bounds; allowed is 100");
    assert_refused(SMALL "limits: {retry-first-ms: 99999999999}\n",
                   ":7:26: limits.retry-first-ms: '99999999999' is too large");
    assert_refused(SMALL "limits: {retry-first-ms: 5000, retry-most-ms: 4999}\n", "is less than");
    assert_refused(SMALL "log: {level: loud}\n", "'loud' is none of error, warn");
    assert_refused(NODE "listen: {tls-certificate: t, address: localhost:1}\n" KEYS REST,
                   "numeric address");
    assert_refused(NODE "listen: {tls-certificate: t, address: '127.0.0.1:65536'}\n" KEYS REST,
                   "ADDRESS:PORT");
    assert_refused("node: {party: UN, data: d}\n" LISTEN KEYS REST, "'UN' is not a name");
    assert_refused("node: [un]\n", ":1:7: node: this is a list; write a group of keys");
}

static void read__missing_values__are_named(void **state)
{
    (void)state;
    assert_refused("", "the file is empty");
    assert_refused("# nothing\n", "the file is empty");
    assert_refused("node: {data: d}\n", ":1:7: node.party: is missing");
    assert_refused(NODE LISTEN KEYS "arrangement: a\n", "schemes: is missing");
    assert_refused(NODE LISTEN "keys: {tls: t}\n" REST, "keys.seal: is missing");
}

static void read__partners__are_checked_one_by_one(void **state)
{
    (void)state;
    assert_refused(SMALL PARTNER "  - party: iom\n", ":14:12: partners[1].party: 'iom' is listed");
    assert_refused(SMALL "partners: [{party: un}]\n", "'un' is this node itself");
    assert_refused(SMALL "partners: [{party: iom, url: 'http://x'}]\n", "is not https://HOST");
    assert_refused(SMALL "partners: [{party: iom, url: 'https://x/path'}]\n", "not https://HOST");
    assert_refused(SMALL
                   "partners: [{party: iom, tls-ca: c, seal-certificate: s, log-key: AAAA}]\n",
                   "holds 3 bytes");
    assert_refused(SMALL "partners: [{party: iom, tls-ca: c, seal-certificate: s, log-key: '?'}]\n",
                   "is not base64");
    assert_refused(SMALL "partners: [{party: iom, tls-ca: c, seal-certificate: s}]\n",
                   "partners[0].log-key: is missing");
}

static void read__inspectors__say_what_they_are_shown(void **state)
{
    struct vls_config *c = NULL;
    assert_true(vls_ok(
        read_text(SMALL "plugins: [{name: a, file: f, grants: [inspect], inspect: [incoming, "
                        "outgoing]}, {name: b, file: f, grants: [send]}]\n",
                  &c, NULL)));
    (void)state;
    assert_true(vls_config_inspects(&c->plugins[0], VLS_INSPECT_OUTGOING));
    assert_true(vls_config_inspects(&c->plugins[0], VLS_INSPECT_INCOMING));
    assert_false(vls_config_inspects(&c->plugins[1], VLS_INSPECT_OUTGOING));
    vls_config_free(&c);
    assert_refused(SMALL "plugins: [{name: a, file: f, grants: [inspect]}]\n",
                   "plugins[0].inspect: is missing");
    assert_refused(SMALL "plugins: [{name: a, file: f, inspect: [outgoing]}]\n",
                   "plugins[0].inspect: needs 'inspect'");
    assert_refused(SMALL "plugins: [{name: a, file: f, grants: [inspect], inspect: [sideways]}]\n",
                   "plugins[0].inspect[0]: 'sideways' is neither");
    assert_refused(
        SMALL "plugins: [{name: a, file: f, grants: [inspect], inspect: [outgoing, outgoing]}]\n",
        "plugins[0].inspect[1]: 'outgoing' is listed twice");
}

static void read__plugins__are_checked_one_by_one(void **state)
{
    (void)state;
    assert_refused(SMALL "plugins: [{name: a, file: f}, {name: a, file: f}]\n", "listed twice");
    assert_refused(SMALL "plugins: [{name: a}]\n", "plugins[0].file: is missing");
    assert_refused(SMALL
                   "plugins: [{name: a, file: f, settings: [{name: b, value: 1}, {name: b}]}]\n",
                   "'b' is set twice");
}

static void read__clearances__are_kept_as_written(void **state)
{
    (void)state;
    struct vls_config *c = NULL;
    struct vls_why why = {""};
    const char *yaml = SMALL PARTNER "    clearance: ['s/up-to:low;t/a', r/x]\n"
                                     "plugins: [{name: a, file: f, clearance: [s/low]}]\n"
                                     "operators: [{user: registry, clearance: [s/low]}]\n";
    if (!vls_ok(read_text(yaml, &c, &why)))
        fail_msg("%s", why.text);
    assert_int_equal(c->partners[0].clearance_count, 2);
    assert_string_equal(c->partners[0].clearance[0], "s/up-to:low;t/a");
    assert_string_equal(c->plugins[0].clearance[0], "s/low");
    assert_int_equal(c->operators_count, 1);
    assert_string_equal(c->operators[0].user, "registry");
    assert_string_equal(c->operators[0].clearance[0], "s/low");
    vls_config_free(&c);
}

static void read__clearances_that_say_nothing__refused(void **state)
{
    (void)state;
    assert_refused(SMALL PARTNER "    clearance: []\n",
                   ":14:16: partners[0].clearance: is empty; name a level");
    assert_refused(SMALL "plugins: [{name: a, file: f, clearance: []}]\n",
                   "plugins[0].clearance: is empty");
    assert_refused(SMALL "plugins: [{name: a, file: f, clearance: [\"a\\tb\"]}]\n",
                   "plugins[0].clearance[0]: holds control characters");
    assert_refused(SMALL "operators: [{user: registry}]\n", "operators[0].clearance: is missing");
    assert_refused(SMALL "operators: [{user: registry, clearance: []}]\n",
                   "operators[0].clearance: is missing");
    assert_refused(SMALL "operators: [{clearance: [s/l]}]\n", "operators[0].user: is missing");
    assert_refused(SMALL "operators:\n"
                         "  - {user: a, clearance: [s/l]}\n"
                         "  - {user: a, clearance: [s/l]}\n",
                   ":9:12: operators[1].user: 'a' is listed twice");
    assert_refused(SMALL "operators: [{user: a, clearence: [s/l]}]\n",
                   "unknown key 'clearence'; did you mean 'clearance'?");
}

static void complain__of_a_value__as_the_reader_does(void **state)
{
    (void)state;
    struct vls_config *c = NULL;
    struct vls_config made = {.places = NULL};
    struct vls_why why = {""};
    const char *yaml = SMALL "operators: [{user: registry, clearance: [s/low]}]\n";
    assert_true(vls_ok(read_text(yaml, &c, NULL)));
    struct vls_status status =
        vls_config_complain(c, "operators[0].clearance[0]", &why, "no scheme '%s'", "s");
    assert_int_equal(status.code, VLS_CONFIG_INVALID);
    assert_string_equal(why.text,
                        "/etc/valise/valise.yaml:7:42: operators[0].clearance[0]: no scheme 's'");
    vls_config_free(&c);
    status = vls_config_complain(&made, "operators[0]", &why, "is wrong");
    assert_int_equal(status.code, VLS_CONFIG_INVALID);
    assert_string_equal(why.text, "the configuration: operators[0]: is wrong");
}

static void read__yaml_that_means_more_than_it_says__refused(void **state)
{
    (void)state;
    assert_refused("node: &a {party: un}\n", "anchors are not allowed");
    assert_refused(SMALL "log: *a\n", "alias");
    assert_refused(SMALL "---\nnode: {}\n", "a second document");
    assert_refused("node: {party: un\n", ":2:1: did not find expected");
    assert_refused("node:\n\tparty: un\n", "cannot start any token");
    assert_refused("? [a, b]\n: c\n", "a key must be a plain word");
    assert_refused("node: {party: \"a\\0b\"}\n", "NUL");
    assert_refused("node: {party: '\xff\xfe'}\n", "byte 15");
}

static void read__deep_nesting__refused_at_once(void **state)
{
    (void)state;
    char yaml[4096];
    memset(yaml, '[', sizeof yaml);
    yaml[sizeof yaml - 1] = '\0';
    assert_refused(yaml, ":1:1: the file: this is a list; write a group of keys");
}

static void read__too_large__refused(void **state)
{
    (void)state;
    char *yaml = vls_mem_try(VLS_MAX_CONFIG_FILE + 2);
    assert_non_null(yaml);
    memset(yaml, '#', VLS_MAX_CONFIG_FILE + 1);
    assert_refused(yaml, "larger than 1048576 bytes");
    vls_mem_free(yaml);
}

static void load__missing_file__says_how_to_make_one(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_config *c = NULL;
    struct vls_status status = vls_config_load("/nonexistent/valise.yaml", &c, &why);
    assert_int_equal(status.code, VLS_CONFIG_MISSING);
    assert_non_null(strstr(why.text, "valise init"));
    assert_null(c);
}

static void load__relative_path__counts_from_the_file(void **state)
{
    (void)state;
    char dir[] = "/tmp/valise-config-XXXXXX";
    char path[128], expected[128];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/valise.yaml", dir);
    snprintf(expected, sizeof expected, "%s/un.xml", dir);
    assert_true(vls_ok(vls_file_write(path, vls_slice_text(SMALL), 0600, NULL)));
    struct vls_config *c = NULL;
    assert_true(vls_ok(vls_config_load(path, &c, NULL)));
    assert_string_equal(c->file, path);
    assert_string_equal(c->schemes[0], expected);
    vls_config_free(&c);
    unlink(path);
    rmdir(dir);
}

/** Every allocation that may fail does so once: no leak, no half-read configuration. */
static void read__memory_runs_out__fails_cleanly(void **state)
{
    (void)state;
    bool has_succeeded = false;
    for (uint64_t n = 1; n < 500 && !has_succeeded; n++) {
        struct vls_config *c = NULL;
        vls_mem_fail_at(n);
        struct vls_status status = read_text(SMALL PARTNER, &c, NULL);
        vls_mem_fail_at(0);
        has_succeeded = vls_ok(status);
        assert_int_equal(has_succeeded, c != NULL);
        vls_config_free(&c);
    }
    assert_true(has_succeeded);
}

static void assert_in_manual(const char *manual, const cyaml_schema_value_t *schema,
                             const char *prefix)
{
    if (schema->type == CYAML_SEQUENCE) {
        assert_in_manual(manual, schema->sequence.entry, prefix);
        return;
    }
    if (schema->type != CYAML_MAPPING)
        return;
    for (const cyaml_schema_field_t *f = schema->mapping.fields; f->key != NULL; f++) {
        char path[128], quoted[140];
        snprintf(path, sizeof path, "%s%s%s", prefix, *prefix != '\0' ? "." : "", f->key);
        snprintf(quoted, sizeof quoted, "| `%s`", path);
        if (strstr(manual, quoted) == NULL)
            fail_msg("valise.conf.md has no row for %s", path);
        assert_in_manual(manual, &f->value, path);
    }
}

static void manual__every_key__has_its_row(void **state)
{
    (void)state;
    struct vls_buf manual;
    vls_buf_init(&manual, 1 << 20);
    assert_true(vls_ok(
        vls_file_read(VALISE_SOURCE_DIR "/tools/valise/manual/valise.conf.md", &manual, NULL)));
    assert_in_manual(vls_buf_text(&manual), &VLS_CONFIG_SCHEMA, "");
    vls_buf_fini(&manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__smallest_file__gets_defaults),
        cmocka_unit_test(read__whole_file__every_part_is_there),
        cmocka_unit_test(read__slip_in_a_key__names_place_and_nearest),
        cmocka_unit_test(read__values_out_of_form__say_what_and_where),
        cmocka_unit_test(read__missing_values__are_named),
        cmocka_unit_test(read__partners__are_checked_one_by_one),
        cmocka_unit_test(read__plugins__are_checked_one_by_one),
        cmocka_unit_test(read__inspectors__say_what_they_are_shown),
        cmocka_unit_test(read__clearances__are_kept_as_written),
        cmocka_unit_test(read__clearances_that_say_nothing__refused),
        cmocka_unit_test(complain__of_a_value__as_the_reader_does),
        cmocka_unit_test(read__yaml_that_means_more_than_it_says__refused),
        cmocka_unit_test(read__deep_nesting__refused_at_once),
        cmocka_unit_test(read__too_large__refused),
        cmocka_unit_test(load__missing_file__says_how_to_make_one),
        cmocka_unit_test(load__relative_path__counts_from_the_file),
        cmocka_unit_test(read__memory_runs_out__fails_cleanly),
        cmocka_unit_test(manual__every_key__has_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
