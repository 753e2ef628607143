/* Names of hosts in lists of what may be reached. */
#include "config/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool matches(const char *pattern, const char *host, uint16_t port)
{
    struct vls_host_pattern read;
    struct vls_why why;
    if (!vls_ok(vls_host_pattern_read(pattern, &read, &why)))
        fail_msg("%s: %s", pattern, why.text);
    return vls_host_pattern_matches(&read, host, port);
}

static void exact_name__that_host_and_port_alone(void **state)
{
    (void)state;
    assert_true(matches("docs.example.org", "docs.example.org", 443));
    assert_true(matches("Docs.Example.ORG", "docs.EXAMPLE.org", 443));
    assert_true(matches("docs.example.org:8443", "docs.example.org", 8443));
    assert_true(matches("[2001:db8::1]", "[2001:DB8::1]", 443));
    assert_true(matches("192.0.2.1:8443", "192.0.2.1", 8443));
    assert_false(matches("docs.example.org", "docs.example.org", 8443));
    assert_false(matches("docs.example.org:8443", "docs.example.org", 443));
    assert_false(matches("docs.example.org", "example.org", 443));
    assert_false(matches("example.org", "docs.example.org", 443));
    assert_false(matches("example.org", "badexample.org", 443));
    assert_false(matches("example.org", "example.org.evil.example", 443));
    assert_false(matches("example.org", "", 443));
}

static void wild_name__what_is_below_and_not_itself(void **state)
{
    (void)state;
    assert_true(matches("*.example.org", "a.example.org", 443));
    assert_true(matches("*.example.org", "a.b.Example.org", 443));
    assert_true(matches("*.example.org:8443", "a.example.org", 8443));
    assert_false(matches("*.example.org", "example.org", 443));
    assert_false(matches("*.example.org", ".example.org", 443));
    assert_false(matches("*.example.org", "badexample.org", 443));
    assert_false(matches("*.example.org", "a.example.org.evil.example", 443));
    assert_false(matches("*.example.org", "a.example.org", 444));
}

static void anything_else__refused_in_words(void **state)
{
    static const char *const TEXTS[] = {"",
                                        "*",
                                        "*.",
                                        "*.org",
                                        "*.*.example.org",
                                        "a.*.example.org",
                                        "a..b",
                                        ".a.example",
                                        "a.example.",
                                        "a b",
                                        "https://a.example",
                                        "a.example/x",
                                        "a.example:",
                                        "a.example:0",
                                        "a.example:65536",
                                        "a.example:443x",
                                        "user@a.example",
                                        "[::1",
                                        "[]",
                                        "*.[::1]",
                                        "\xc3\xbc.example",
                                        "a.example:-1",
                                        "*a.example.org"};
    struct vls_host_pattern read;
    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct vls_why why = {""};
        if (vls_host_pattern_read(TEXTS[i], &read, &why).code != VLS_INPUT_MALFORMED ||
            why.text[0] == '\0')
            fail_msg("'%s' is read", TEXTS[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_name__that_host_and_port_alone),
        cmocka_unit_test(wild_name__what_is_below_and_not_itself),
        cmocka_unit_test(anything_else__refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
