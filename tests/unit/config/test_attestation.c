/* The section attestation: what is read, its defaults, and in which words it is refused. */
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
    "arrangement: arrangement.yaml\n"
/* 33 bytes: what it is for, and a key. */
#define COSIGNER "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
#define OF_A_LOG "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
#define ONE      "{key: w1.example.org+00112233+" COSIGNER ", url: 'https://w1.example.org/log'}"
#define TWO      "{key: w2.example.org+00112233+" COSIGNER ", url: 'https://[::1]:8443', tls-ca: w2.pem}"
#define AT(url)  "quorum: 1, witnesses: [{key: w+00112233+" COSIGNER ", url: '" url "'}]"
#define BY(key)  "quorum: 1, witnesses: [{key: '" key "', url: 'https://w'}]"
#define STAMP    "tsa-url: 'http://tsa.example.org/tsr', tsa-ca: tsa.pem"

static struct vls_status read_text(const char *yaml, struct vls_config **out, struct vls_why *why)
{
    return vls_config_read(vls_slice_text(yaml), "/etc/valise/valise.yaml", out, why);
}

static struct vls_config *read_whole(const char *yaml)
{
    struct vls_config *config = NULL;
    struct vls_why why = {""};
    if (!vls_ok(read_text(yaml, &config, &why)))
        fail_msg("%s", why.text);
    return config;
}

static void read__without_the_section__asks_nobody(void **state)
{
    struct vls_config *config = read_whole(HEAD);
    (void)state;
    assert_int_equal(config->attestation.witnesses_count, 0);
    assert_int_equal(config->attestation.quorum, 0);
    assert_string_equal(config->attestation.tsa_url, "");
    assert_int_equal(config->attestation.every_s, 60);
    assert_int_equal(config->attestation.timeout_s, 30);
    assert_false(vls_config_requires(config, VLS_REQUIRED_WITNESSES));
    vls_config_free(&config);
}

static void read__everything__as_it_stands(void **state)
{
    struct vls_config *config =
        read_whole(HEAD "attestation: {every-s: 5, timeout-s: 3, quorum: 1, witnesses: [" ONE
                        ", " TWO "], " STAMP ", tsa-tls-ca: /etc/tsa.pem, required: [time]}\n");
    (void)state;
    assert_int_equal(config->attestation.witnesses_count, 2);
    assert_string_equal(config->attestation.witnesses[0].tls_ca, "");
    assert_string_equal(config->attestation.witnesses[1].tls_ca, "/etc/valise/w2.pem");
    assert_string_equal(config->attestation.tsa_ca, "/etc/valise/tsa.pem");
    assert_string_equal(config->attestation.tsa_tls_ca, "/etc/tsa.pem");
    assert_int_equal(config->attestation.every_s, 5);
    assert_int_equal(config->attestation.timeout_s, 3);
    assert_true(vls_config_requires(config, VLS_REQUIRED_TIME));
    assert_false(vls_config_requires(config, VLS_REQUIRED_WITNESSES));
    vls_config_free(&config);
}

static void read__what_does_not_hold_together__says_what_and_where(void **state)
{
    static const struct {
        const char *section, *words;
    } CASES[] = {
        {"quorum: 2, witnesses: [" ONE "]", "attestation.quorum: is 2, and 1 witness is listed"},
        {"witnesses: [" ONE "]", "attestation.quorum: is missing"},
        {"quorum: 0, witnesses: [" ONE "]", "0 is out of bounds; allowed is 1 to 8"},
        {"quorum: 9, witnesses: [" ONE "]", "9 is out of bounds"},
        {"quorum: 1", "0 witnesses are listed"},
        {"quorum: 1, witnesses: [" ONE ", " ONE "]", "witnesses[1].key: a witness"},
        {"quorum: 1, witnesses: [{url: 'https://w'}]", "witnesses[0].key: is missing"},
        {BY("w1"), "is not the key of a witness, NAME+ID+BASE64"},
        {BY("+00112233+" COSIGNER), "is not the key of a witness"},
        {BY("w+0011223+" COSIGNER), "is not the key of a witness"},
        {BY("w+001122334+" COSIGNER), "is not the key of a witness"},
        {BY("w+0011223g+" COSIGNER), "is not the key of a witness"},
        {BY("w+00112233"), "is not the key of a witness"},
        {BY("w+00112233+AAAA"), "is not the key of a witness"},
        {BY("w+00112233+" COSIGNER "AAAA"), "is not the key of a witness"},
        {BY("w+00112233+" OF_A_LOG), "is the key of a log, not of a witness"},
        {"quorum: 1, witnesses: [{key: w+00112233+" COSIGNER "}]", "witnesses[0].url: is missing"},
        {AT("http://w"), "'http://w' is not https://HOST[:PORT][/PATH]"},
        {AT("https://u:p@w"), "is not https://HOST"},
        {AT("https://w/a b"), "is not https://HOST"},
        {AT("https://*.w.example"), "is not https://HOST"},
        {AT("https://w/log/add-checkpoint"), "witnesses[0].url: ends in add-checkpoint"},
        {AT("https://w/add-checkpoint/"), "witnesses[0].url: ends in add-checkpoint"},
        {"tsa-ca: a", "attestation.tsa-ca: is given, and tsa-url is not"},
        {"tsa-tls-ca: a", "attestation.tsa-tls-ca: is given, and tsa-url is not"},
        {"required: [time, time], " STAMP, "required[1]: 'time' is listed twice"},
        {"tsa-url: 'https://tsa.example.org'", "attestation.tsa-ca: is missing"},
        {"tsa-url: 'ftp://tsa.example.org', tsa-ca: a", "or the same with http"},
        {"required: [time]", "required[0]: 'time' is required, and tsa-url is empty"},
        {"required: [witnesses], " STAMP, "is required, and no witnesses are listed"},
        {"required: [both], " STAMP, "'both' is neither witnesses nor time"},
        {"every-s: 0", "attestation.every-s: 0 is out of bounds"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char yaml[1024];
        struct vls_config *config = NULL;
        struct vls_why why = {""};
        snprintf(yaml, sizeof yaml, "%sattestation: {%s}\n", HEAD, CASES[i].section);
        assert_int_equal(read_text(yaml, &config, &why).code, VLS_CONFIG_INVALID);
        if (strstr(why.text, CASES[i].words) == NULL)
            fail_msg("%s: %s", CASES[i].section, why.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__without_the_section__asks_nobody),
        cmocka_unit_test(read__everything__as_it_stands),
        cmocka_unit_test(read__what_does_not_hold_together__says_what_and_where),
    };
    return cmocka_run_group_tests_name("config/attestation", tests, NULL, NULL);
}
