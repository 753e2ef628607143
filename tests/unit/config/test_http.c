/* The section http of a plugin: what is read, its defaults, and in which words it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"

#define HEAD                                                                                       \
    "node: {party: un, data: ../data}\n"                                                           \
    "listen: {tls-certificate: tls.pem}\n"                                                         \
    "keys: {tls: k, seal: k, archive: k, log: k, witness: k, seal-certificate: s,\n"               \
    "       archive-certificate: a}\n"                                                             \
    "schemes: [un.xml]\n"                                                                          \
    "arrangement: arrangement.yaml\n"                                                              \
    "plugins:\n"                                                                                   \
    "  - name: web\n"                                                                              \
    "    file: web.so\n"
#define NET "    grants: [net, state]\n"
#define HTTP                                                                                       \
    "    http:\n"                                                                                  \
    "      hosts: [docs.example.org, '*.example.net:8443']\n"

static struct vls_status read_text(const char *yaml, struct vls_config **out, struct vls_why *why)
{
    return vls_config_read(vls_slice_text(yaml), "/etc/valise/valise.yaml", out, why);
}

static void read__hosts_alone__get_defaults(void **state)
{
    struct vls_config *config = NULL;
    struct vls_why why = {""};
    (void)state;
    if (!vls_ok(read_text(HEAD NET HTTP, &config, &why)))
        fail_msg("%s", why.text);
    const struct vls_config_http *http = config->plugins[0].http;
    assert_int_equal(http->hosts_count, 2);
    assert_string_equal(http->ca, "");
    assert_string_equal(http->proxy, "");
    assert_string_equal(http->pin, "");
    assert_string_equal(http->user_agent, "Valise (un)"); /* the node's name, or its party */
    assert_int_equal(http->per_second, 5);
    assert_int_equal(http->connections, 2);
    assert_int_equal(http->max_bytes, 1 << 30);
    assert_int_equal(http->timeout_s, 300);
    assert_int_equal(http->credentials_count, 0);
    vls_config_free(&config);
}

static void read__everything__as_it_stands(void **state)
{
    struct vls_config *config = NULL;
    struct vls_why why = {""};
    (void)state;
    struct vls_status status = read_text(
        HEAD NET HTTP
        "      ca: ca.pem\n      client-certificate: own.pem\n      client-key: /k/own.key\n"
        "      proxy: http://proxy.example.org:3128\n"
        "      pin: sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        "      user-agent: Registry/2\n      requests-per-second: 1\n      connections: 4\n"
        "      max-bytes: 1048576\n      timeout-s: 20\n"
        "      credentials:\n"
        "        - {name: ods, host: docs.example.org, header: X-Api-Key, file: secrets/ods}\n"
        "        - {name: net, host: 'a.example.net:8443', query: key, file: /s/net}\n",
        &config, &why);
    if (!vls_ok(status))
        fail_msg("%s", why.text);
    const struct vls_config_http *http = config->plugins[0].http;
    assert_string_equal(http->ca, "/etc/valise/ca.pem");
    assert_string_equal(http->client_certificate, "/etc/valise/own.pem");
    assert_string_equal(http->client_key, "/k/own.key");
    assert_int_equal(http->max_bytes, 1048576);
    assert_int_equal(http->credentials_count, 2);
    assert_string_equal(http->credentials[0].file, "/etc/valise/secrets/ods");
    assert_string_equal(http->credentials[0].query, "");
    assert_string_equal(http->credentials[1].query, "key");
    vls_config_free(&config);
}

/* What differs in one value only is another section. */
static void sections__compared__each_value_counts(void **state)
{
    static const char *const OTHERS[] = {
        HEAD NET "    http: {hosts: [docs.example.org]}\n",
        HEAD NET HTTP "      proxy: http://p.example.org:1\n",
        HEAD NET HTTP "      connections: 3\n",
        HEAD NET HTTP
        "      credentials: [{name: a, host: docs.example.org, header: X, file: f}]\n"};
    struct vls_config *one = NULL, *same = NULL;
    (void)state;
    assert_true(vls_ok(read_text(HEAD NET HTTP, &one, NULL)));
    assert_true(vls_ok(read_text(HEAD NET HTTP, &same, NULL)));
    assert_true(vls_config_http_is_same(one->plugins[0].http, same->plugins[0].http));
    assert_true(vls_config_http_is_same(NULL, NULL));
    assert_false(vls_config_http_is_same(one->plugins[0].http, NULL));
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        struct vls_config *other = NULL;
        struct vls_why why = {""};
        if (!vls_ok(read_text(OTHERS[i], &other, &why)))
            fail_msg("%s", why.text);
        assert_false(vls_config_http_is_same(one->plugins[0].http, other->plugins[0].http));
        vls_config_free(&other);
    }
    vls_config_free(&same);
    vls_config_free(&one);
}

static void read__no_grant__needs_no_section(void **state)
{
    struct vls_config *config = NULL;
    (void)state;
    assert_true(vls_ok(read_text(HEAD "    grants: [state]\n", &config, NULL)));
    assert_null(config->plugins[0].http);
    vls_config_free(&config);
}

/* Each with its place, and what to do about it. */
static void read__wrong_values__refused_with_place_and_fix(void **state)
{
#define CREDENTIAL(text) NET HTTP "      credentials: [{" text "}]\n"
    static const struct {
        const char *yaml, *words;
    } CASES[] = {
        {NET, ":10:13: plugins[0].grants: 'net' is granted without a section http"},
        {"    grants: [state]\n" HTTP, "plugins[0].http: is set, but 'net' is not granted"},
        {NET "    http: {ca: x}\n", "plugins[0].http.hosts: is missing; list the hosts"},
        {NET "    http: {hosts: []}\n", "plugins[0].http.hosts: is missing; list the hosts"},
        {NET "    http: {hosts: [a.example, '*.org']}\n",
         ":11:31: plugins[0].http.hosts[1]: '*.org' is too wide"},
        {NET "    http: {hosts: ['https://a.example/']}\n", "plugins[0].http.hosts[0]: "},
        {NET HTTP "      prox: x\n", "did you mean 'proxy'"},
        {NET HTTP "      proxy: proxy.example:3128\n",
         "plugins[0].http.proxy: 'proxy.example:3128' is not http://HOST:PORT"},
        {NET HTTP "      proxy: http://user:word@proxy.example:3128\n", "plugins[0].http.proxy: "},
        {NET HTTP "      proxy: http://proxy.example\n", "plugins[0].http.proxy: "},
        {NET HTTP "      pin: sha256//AAAA\n", "plugins[0].http.pin: is not sha256// and"},
        {NET HTTP "      pin: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
         "plugins[0].http.pin: "},
        {NET HTTP "      client-certificate: a.pem\n",
         "plugins[0].http.client-key: is missing; a client certificate"},
        {NET HTTP "      client-key: a.key\n",
         "plugins[0].http.client-certificate: is missing; a client key"},
        {NET HTTP "      requests-per-second: 0\n",
         "plugins[0].http.requests-per-second: 0 is out of bounds; allowed is 1 to 10000"},
        {NET HTTP "      connections: 65\n", "plugins[0].http.connections: 65 is out of bounds"},
        {NET HTTP "      max-bytes: 10\n", "plugins[0].http.max-bytes: 10 is out of bounds"},
        {NET HTTP "      timeout-s: 86401\n", "plugins[0].http.timeout-s: 86401 is out of bounds"},
        {NET HTTP "      timeout-s: 5s\n", "timeout-s"},
        {NET HTTP "      user-agent: \"a\\nb\"\n", "plugins[0].http.user-agent: "},
        {CREDENTIAL("name: A b, host: docs.example.org, header: X, file: f"),
         "plugins[0].http.credentials[0].name: "},
        {CREDENTIAL("name: a, header: X, file: f"),
         "plugins[0].http.credentials[0].host: is missing; name the one host"},
        {CREDENTIAL("name: a, host: '*.example.net:8443', header: X, file: f"), "is not one host"},
        {CREDENTIAL("name: a, host: other.example.org, header: X, file: f"),
         "credentials[0].host: 'other.example.org' is not one of the hosts listed above"},
        {CREDENTIAL("name: a, host: docs.example.org, file: f"),
         "credentials[0].header: name either a header field or"},
        {CREDENTIAL("name: a, host: docs.example.org, header: X, query: k, file: f"),
         "credentials[0].header: name either a header field or"},
        {CREDENTIAL("name: a, host: docs.example.org, header: 'X: y', file: f"),
         "credentials[0].header: is no name of that kind"},
        {CREDENTIAL("name: a, host: docs.example.org, query: 'k&l', file: f"),
         "credentials[0].query: is no name of that kind"},
        {CREDENTIAL("name: a, host: docs.example.org, header: X"),
         "credentials[0].file: is missing; give the file"},
        {CREDENTIAL("name: a, host: docs.example.org, header: X, file: f}, "
                    "{name: a, host: docs.example.org, header: Y, file: g"),
         "credentials[1].name: 'a' is listed twice"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char yaml[4096];
        struct vls_config *config = NULL;
        struct vls_why why = {""};
        snprintf(yaml, sizeof yaml, "%s%s", HEAD, CASES[i].yaml);
        struct vls_status status = read_text(yaml, &config, &why);
        if (status.code != VLS_CONFIG_INVALID || strstr(why.text, CASES[i].words) == NULL)
            fail_msg("\"%s\" instead of \"%s\"", why.text, CASES[i].words);
        assert_null(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__hosts_alone__get_defaults),
        cmocka_unit_test(read__everything__as_it_stands),
        cmocka_unit_test(sections__compared__each_value_counts),
        cmocka_unit_test(read__no_grant__needs_no_section),
        cmocka_unit_test(read__wrong_values__refused_with_place_and_fix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
