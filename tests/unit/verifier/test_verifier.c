/* valise-verify: its parts, and a proof of real gateways in which every bit matters. */
#include "fork.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "verifier/corpus_keys.h"

#define NOW_S UINT64_C(1800000000)

static uint8_t file[MAX_FILE];
static size_t file_len;
static struct given given;
static struct proof proof;
static struct report report;

static void add_key(const char *party, const char *base64, enum key_type type)
{
    struct key *key = &given.keys[given.key_count++];
    size_t len = 0;
    assert_true(copy_text(key->party, sizeof key->party,
                          (struct bytes){(const uint8_t *)party, strlen(party)}));
    key->type = type;
    assert_true(read_base64((struct bytes){(const uint8_t *)base64, strlen(base64)}, key->key,
                            sizeof key->key, &len));
}

static int setup(void **state)
{
    (void)state;
    FILE *in = fopen(VALISE_SOURCE_DIR "/tests/fuzz/corpus/proof/with-decision", "rb");
    assert_non_null(in);
    file_len = fread(file, 1, sizeof file, in);
    fclose(in);
    given = (struct given){.now_s = NOW_S};
    for (size_t i = 0; i < sizeof CORPUS_PARTIES / sizeof CORPUS_PARTIES[0]; i++) {
        add_key(CORPUS_PARTIES[i].party, CORPUS_PARTIES[i].log, KEY_LOG);
        add_key(CORPUS_PARTIES[i].party, CORPUS_PARTIES[i].witness, KEY_WITNESS);
    }
    return 0;
}

/* One letter an item; "" when the file does not even read. */
static const char *check(void)
{
    static char results[ITEMS + 1];
    struct why why;
    results[0] = '\0';
    report.verdict = REFUSED;
    if (!read_proof((struct bytes){file, file_len}, &proof, &why))
        return results;
    check_proof(&proof, &given, &report);
    for (int i = 0; i < ITEMS; i++)
        results[i] = "ofa"[report.lines[i].result];
    results[ITEMS] = '\0';
    return results;
}

static void proof__good__proven(void **state)
{
    (void)state;
    assert_string_equal(check(), "oaaoooooooa");
    assert_int_equal(report.verdict, PROVEN);
    assert_string_equal(report.manifest.from, "un");
    assert_string_equal(report.manifest.kind, "publication");
}

static void proof__keys_missing__proven_in_part_or_refused(void **state)
{
    (void)state;
    given.keys[1].party[0] = 'x'; /* un cosigns */
    assert_string_equal(check(), "oaaooooooaa");
    assert_int_equal(report.verdict, PROVEN_IN_PART);
    assert_int_equal(report.reason, RECEIVED_WITNESS);
    given.keys[2].party[0] = 'x'; /* iom signs */
    assert_string_equal(check(), "oaaoooaaaaa");
    assert_int_equal(report.verdict, PROVEN_IN_PART);
    given.keys[0].party[0] = 'x'; /* un signs: nothing at all is proven */
    assert_string_equal(check(), "oaaaaaaaaaa");
    assert_int_equal(report.verdict, REFUSED);
    assert_int_equal(report.reason, SENT_LOG);
}

static void proof__key_changed__either_will_do(void **state)
{
    (void)state;
    struct key *old = &given.keys[given.key_count];
    *old = given.keys[0];
    given.key_count++;
    given.keys[0].key[3] ^= 1; /* the new one, which signed nothing here */
    assert_string_equal(check(), "oaaoooooooa");
    old->key[3] ^= 1; /* and so neither did */
    assert_string_equal(check(), "oaafaaooooa");
}

static void proof__ahead_of_the_clock__refused(void **state)
{
    (void)state;
    given.now_s = 1000000;
    assert_string_equal(check(), "faaaaaaaaaa");
    assert_non_null(strstr(report.lines[MANIFEST].why.words, "future"));
}

/* In the decision a bit need not matter: nothing proves it. Where the name of a cosigner is another
 * one there is no cosignature by the one that is known. */
static void proof__every_bit__matters(void **state)
{
    (void)state;
    const char *decision = strstr((const char *)file, "\ndecision\n");
    size_t end = (size_t)(decision - (const char *)file);
    for (size_t i = 0; i < end * 8; i++) {
        file[i / 8] ^= (uint8_t)(1u << i % 8);
        check();
        if (report.verdict == PROVEN)
            fail_msg("bit %zu of byte %zu does not matter", i % 8, i / 8);
        if (report.verdict == PROVEN_IN_PART)
            assert_true(report.reason == SENT_WITNESS || report.reason == RECEIVED_WITNESS);
        file[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_string_equal(check(), "oaaoooooooa");
}

static void proof__every_prefix__refused_or_without_what_is_cut_off(void **state)
{
    (void)state;
    while (--file_len > 0) {
        const char *results = check();
        if (results[0] != '\0')
            assert_true(results[RECEIPT] == 'a' || results[DECISION] == 'a');
    }
}

static void base64__forms__strict(void **state)
{
    static const char *const GOOD[] = {"", "AA==", "AAA=", "AAAA", "/+8=", "AAECAwQ="};
    static const char *const BAD[] = {
        "A", "AA", "AA=", "AB==", "AAB=", "A===", "====", "AA==AAAA", "AA-_", "AA\n="};
    uint8_t out[16];
    size_t len = 0;
    (void)state;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
        assert_true(read_base64((struct bytes){(const uint8_t *)GOOD[i], strlen(GOOD[i])}, out,
                                sizeof out, &len));
    assert_int_equal(len, 5);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        if (read_base64((struct bytes){(const uint8_t *)BAD[i], strlen(BAD[i])}, out, sizeof out,
                        &len))
            fail_msg("%s is taken", BAD[i]);
}

static void decimal__forms__strict(void **state)
{
    static const char *const BAD[] = {
        "", "00", "01", "-1", "+1", "1 ", "4611686018427387905", "99999999999999999999"};
    uint64_t number = 0;
    (void)state;
    assert_true(read_decimal((struct bytes){(const uint8_t *)"0", 1}, &number));
    assert_true(read_decimal((struct bytes){(const uint8_t *)"4611686018427387904", 19}, &number));
    assert_int_equal(number, MAX_LEAVES);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(
            read_decimal((struct bytes){(const uint8_t *)BAD[i], strlen(BAD[i])}, &number));
}

static void time__any__as_the_gateway_writes_it(void **state)
{
    char ours[TIME_TEXT], theirs[VLS_TIME_TEXT];
    (void)state;
    for (uint64_t ms = 0; ms <= MAX_TIME_MS; ms += UINT64_C(86400000) * 13 + 7654321) {
        write_time(ms, ours);
        vls_time_text(ms, theirs);
        assert_string_equal(ours, theirs);
    }
}

/* -- forks ------------------------------------------------------------------------------------- */

/* Who signed what lies in tests/fuzz/corpus/fork. */
#define FORK_KEY "YzQVjF89cHS/y+1N0o7ZSM71MEaBEmD+nKI+kQcr+1w="

static void read_corpus(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, VALISE_SOURCE_DIR "/tests/fuzz/corpus/fork/%s", name);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    file_len = fread(file, 1, sizeof file, in);
    fclose(in);
    given = (struct given){.now_s = NOW_S};
    add_key("un", FORK_KEY, KEY_LOG);
}

static enum verdict fork_verdict(void)
{
    static struct fork fork;
    struct why why = {""};
    struct bytes text = {file, file_len};
    if (!is_fork(text) || !read_fork(text, &fork, &why))
        return REFUSED;
    return check_fork(&fork, &given, &why);
}

static void fork__of_the_corpus__proven_in_part_or_refused(void **state)
{
    static const struct {
        const char *name;
        enum verdict verdict;
    } CASES[] = {{"one-size", PROVEN},        {"path", PROVEN},        {"power-of-two", PROVEN},
                 {"no-path", PROVEN_IN_PART}, {"empty-path", REFUSED}, {"behind", REFUSED}};
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        read_corpus(CASES[i].name);
        assert_int_equal(fork_verdict(), CASES[i].verdict);
    }
    read_corpus("path");
    given.keys[0].key[0] ^= 1;
    assert_int_equal(fork_verdict(), REFUSED);
}

static void fork__any_bit_changed__not_proven(void **state)
{
    static const char *const NAMES[] = {"one-size", "path", "power-of-two"};
    (void)state;
    for (size_t n = 0; n < sizeof NAMES / sizeof *NAMES; n++) {
        read_corpus(NAMES[n]);
        for (size_t i = 0; i < file_len; i++)
            for (unsigned bit = 0; bit < 8; bit++) {
                file[i] ^= (uint8_t)(1u << bit);
                assert_int_equal(fork_verdict(), REFUSED);
                file[i] ^= (uint8_t)(1u << bit);
            }
        assert_int_equal(fork_verdict(), PROVEN);
    }
}

static void fork__every_prefix__refused_or_in_part(void **state)
{
    (void)state;
    read_corpus("path");
    for (size_t whole = file_len--; file_len > 0; file_len--) {
        enum verdict verdict = fork_verdict();
        assert_true(verdict == REFUSED || verdict == PROVEN_IN_PART);
        assert_true(file_len < whole);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(proof__good__proven),
        TEST(proof__keys_missing__proven_in_part_or_refused),
        TEST(proof__key_changed__either_will_do),
        TEST(proof__ahead_of_the_clock__refused),
        TEST(proof__every_bit__matters),
        TEST(proof__every_prefix__refused_or_without_what_is_cut_off),
        cmocka_unit_test(fork__of_the_corpus__proven_in_part_or_refused),
        cmocka_unit_test(fork__any_bit_changed__not_proven),
        cmocka_unit_test(fork__every_prefix__refused_or_in_part),
        cmocka_unit_test(base64__forms__strict),
        cmocka_unit_test(decimal__forms__strict),
        cmocka_unit_test(time__any__as_the_gateway_writes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
