/* valise-verify: its parts, and a proof of real gateways in which every bit matters. */
#include "fork.h"
#include "witness.h"

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
    for (int i = 0; i <= DECISION; i++)
        results[i] = "ofa"[report.lines[i].result];
    results[DECISION + 1] = '\0';
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

/* -- who is outside ---------------------------------------------------------------------------- */

/* The verifier key of a party's witness, as it would be given if it were one outside. */
static const char *vkey_of(size_t party, struct vls_buf *out)
{
    uint8_t typed[1 + KEY_BYTES] = {KEY_WITNESS}, id[KEY_ID_BYTES];
    char name[MAX_NAME], hex[2 * KEY_ID_BYTES + 1];
    const char *base64 = CORPUS_PARTIES[party].witness;
    size_t len = 0;
    snprintf(name, sizeof name, "%s/valise/witness", CORPUS_PARTIES[party].party);
    assert_true(read_base64((struct bytes){(const uint8_t *)base64, strlen(base64)}, typed + 1,
                            KEY_BYTES, &len));
    make_key_id(name, KEY_WITNESS, typed + 1, id);
    write_hex((struct bytes){id, sizeof id}, hex);
    vls_buf_clear(out);
    assert_true(vls_ok(vls_buf_add_format(out, "%s+%s+", name, hex)));
    assert_true(vls_ok(vls_base64_add(VLS_SLICE(typed, sizeof typed), out)));
    return vls_buf_text(out);
}

static void witness__of_one_log__counts_for_that_log(void **state)
{
    static struct outside outside;
    struct vls_buf text;
    struct why why = {""};
    (void)state;
    outside = (struct outside){.count = 0};
    vls_buf_init(&text, 1024);
    for (size_t i = 0; i < 2; i++) /* iom cosigns what un keeps */
        if (strcmp(CORPUS_PARTIES[i].party, "iom") == 0)
            assert_true(add_witness(vkey_of(i, &text), &outside, &why));
    assert_false(add_witness(vls_buf_text(&text), &outside, &why)); /* twice */
    given.outside = &outside;
    check();
    assert_int_equal(report.lines[SENT_OUTSIDE].result, OK);
    assert_non_null(strstr(report.lines[SENT_OUTSIDE].why.words, "1 of 1 cosigned it, last at 2"));
    assert_int_equal(report.lines[RECEIVED_OUTSIDE].result, ABSENT);
    assert_int_equal(report.verdict, PROVEN);
    assert_true(add_quorum("un=1", &outside, &why) && check_quorums(&outside, &why));
    check();
    assert_int_equal(report.verdict, PROVEN);
    assert_true(add_quorum("1", &outside, &why));
    check();
    assert_int_equal(report.verdict, REFUSED);
    assert_int_equal(report.reason, RECEIVED_OUTSIDE);
    assert_string_equal(report.lines[RECEIVED_OUTSIDE].why.words,
                        "0 of 1 cosigned it, and 1 are asked for");
    vls_buf_fini(&text);
}

static void witness__with_a_wrong_signature__refused(void **state)
{
    static struct outside outside;
    struct vls_buf text;
    struct why why = {""};
    const char *start = "\n\xe2\x80\x94 iom/valise/witness ";
    (void)state;
    outside = (struct outside){.count = 0};
    vls_buf_init(&text, 1024);
    for (size_t i = 0; i < 2; i++)
        if (strcmp(CORPUS_PARTIES[i].party, "iom") == 0)
            assert_true(add_witness(vkey_of(i, &text), &outside, &why));
    given.outside = &outside;
    char *line = strstr((char *)file, start);
    assert_non_null(line);
    line[strlen(start) + 30] = line[strlen(start) + 30] == 'A' ? 'B' : 'A';
    given.keys[1].party[0] = given.keys[3].party[0] = 'x'; /* the partner's is not looked at */
    check();
    assert_int_equal(report.lines[SENT_OUTSIDE].result, FAILED);
    assert_int_equal(report.reason, SENT_OUTSIDE);
    vls_buf_fini(&text);
}

static void witness__keys_and_quorums_that_are_none__refused(void **state)
{
    static struct outside outside;
    struct why why = {""};
    static const char *const KEYS[] = {
        "",
        "name",
        "name+00000000",
        "name+00000000+AAAA",
        "a name+00000000+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "name+00000000+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* its id is another one */
        "name+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    static const char *const QUORUMS[] = {"",    "0",    "-1",   "1 ",   "=1",
                                          "un=", "un=0", "UN=1", "1=1=1"};
    (void)state;
    outside = (struct outside){.count = 0};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        assert_false(add_witness(KEYS[i], &outside, &why));
    for (size_t i = 0; i < sizeof QUORUMS / sizeof *QUORUMS; i++)
        assert_false(add_quorum(QUORUMS[i], &outside, &why));
    assert_true(add_quorum("2", &outside, &why));
    assert_false(check_quorums(&outside, &why)); /* there is nobody */
}

/* The second is of the same name, as while it changes them. */
static void witness__with_two_keys__is_one(void **state)
{
    static struct outside outside;
    struct vls_buf text;
    struct why why = {""};
    (void)state;
    outside = (struct outside){.count = 0};
    vls_buf_init(&text, 1024);
    for (size_t i = 0; i < 2; i++)
        if (strcmp(CORPUS_PARTIES[i].party, "iom") == 0)
            assert_true(add_witness(vkey_of(i, &text), &outside, &why));
    outside.witnesses[0].key[3] ^= 1; /* the key that signed is the second */
    for (size_t i = 0; i < 2; i++)
        if (strcmp(CORPUS_PARTIES[i].party, "iom") == 0)
            assert_true(add_witness(vkey_of(i, &text), &outside, &why));
    given.outside = &outside;
    check();
    assert_non_null(strstr(report.lines[SENT_OUTSIDE].why.words, "1 of 1 cosigned it"));
    assert_int_equal(report.lines[SENT_OUTSIDE].result, OK);
    assert_true(add_quorum("2", &outside, &why));
    assert_false(check_quorums(&outside, &why));
    assert_string_equal(why.words, "--quorum: 2 are asked for, and 1 given by --witness");
    vls_buf_fini(&text);
}

static void insert(const char *behind, const char *text)
{
    static char copy_of[MAX_FILE + 1];
    file[file_len] = '\0';
    const char *at = strstr((char *)file, behind);
    assert_non_null(at);
    size_t before = (size_t)(at - (char *)file);
    int n = snprintf(copy_of, sizeof copy_of, "%.*s%s%s", (int)before, (char *)file, text, at);
    memcpy(file, copy_of, (size_t)n);
    file_len = (size_t)n;
}

/* Another line by the key that signed as `name`, with junk: anybody can write it. */
static void spoil(const char *name)
{
    char start[MAX_NAME + 16], line[512];
    snprintf(start, sizeof start, "\n\xe2\x80\x94 %s ", name);
    const char *at = strstr((char *)file, start);
    assert_non_null(at);
    snprintf(line, sizeof line, "%.*s", (int)(1 + strcspn(at + 1, "\n")), at);
    char *digit = &line[strlen(start) + 30];
    *digit = *digit == 'A' ? 'B' : 'A';
    insert(start, line);
}

static void cosignature__that_is_junk__fails_its_cosigner_and_no_log(void **state)
{
    static struct outside outside;
    struct vls_buf text;
    struct why why = {""};
    (void)state;
    outside = (struct outside){.count = 0};
    vls_buf_init(&text, 1024);
    spoil("iom/valise/witness");
    assert_string_equal(check(), "oaaoofooooa");
    assert_int_equal(report.reason, SENT_WITNESS);
    given.keys[3].party[0] = 'x'; /* whoever does not ask for it has the rest */
    assert_int_equal(check()[SENT], 'o');
    assert_int_equal(report.verdict, PROVEN_IN_PART);
    for (size_t i = 0; i < 2; i++)
        assert_true(add_witness(vkey_of(i, &text), &outside, &why));
    given.outside = &outside;
    check();
    assert_int_equal(report.lines[SENT_OUTSIDE].result, FAILED);
    outside.witnesses[0] = outside.witnesses[strstr(outside.witnesses[0].name, "iom") == NULL];
    outside.witnesses[0].first = 0;
    outside.count = outside.names = 1;
    assert_true(add_quorum("un=1", &outside, &why));
    check();
    assert_string_equal(report.lines[SENT_OUTSIDE].why.words,
                        "0 of 1 cosigned it, and 1 are asked for");
    vls_buf_fini(&text);
}

static void log_line__that_is_junk__refused(void **state)
{
    (void)state;
    spoil("un/valise/iom/sent");
    assert_string_equal(check(), "oaafaaooooa");
}

/* A witness that signed nothing here, and so many are asked for. */
static void ask_witnesses(struct outside *outside, const char *quorum)
{
    struct why why = {""};
    *outside = (struct outside){.count = 1, .names = 1, .witnesses = {{.name = "witness.test/w1"}}};
    assert_true(add_quorum(quorum, outside, &why) && check_quorums(outside, &why));
    given.outside = outside;
}

static void assert_received_quorum_fails(const char *words)
{
    check();
    assert_int_equal(report.verdict, REFUSED);
    assert_int_equal(report.lines[RECEIVED_OUTSIDE].result, FAILED);
    assert_string_equal(report.lines[RECEIVED_OUTSIDE].why.words, words);
}

static void quorum__of_a_log_that_is_not_verified_or_not_there__refused(void **state)
{
    static struct outside outside;
    (void)state;
    ask_witnesses(&outside, "iom=1");
    given.keys[2].party[0] = 'x'; /* iom signs */
    assert_received_quorum_fails("the log is not verified, and 1 must have cosigned it");
    char *received = strstr((char *)file, "\nreceived\n");
    assert_non_null(received);
    file_len = (size_t)(received - (char *)file);
    assert_received_quorum_fails("the file has no log of iom, and 1 must have cosigned it");
    ask_witnesses(&outside, "1"); /* each log in the file, and that one is not */
    check();
    assert_int_equal(report.lines[SENT_OUTSIDE].result, FAILED);
    assert_int_equal(report.lines[RECEIVED_OUTSIDE].result, ABSENT);
}

static void quorum__of_who_is_no_party__is_told(void **state)
{
    static struct outside outside;
    struct why why = {""};
    (void)state;
    ask_witnesses(&outside, "imo=1");
    check();
    assert_false(check_quorum_parties(&outside, &report.manifest, &why));
    assert_string_equal(why.words, "--quorum: the message is neither from nor to imo");
    ask_witnesses(&outside, "iom=1");
    assert_true(check_quorum_parties(&outside, &report.manifest, &why));
}

/* -- time stamps ------------------------------------------------------------------------------- */

static void time_stamp__in_its_place__is_taken_and_told(void **state)
{
    (void)state;
    check();
    assert_false(proof.has_stamp);
    insert("\nreceived\n", "\nsent-time\nAAAA\n");
    insert("\ndecision\n", "\nreceived-time\nAAAA\n");
    assert_string_equal(check(), "oaaoooooooa");
    assert_true(proof.has_stamp);
}

static void time_stamp__that_is_none__refused(void **state)
{
    static const char *const WRONG[] = {"\nsent-time\n\n", "\nsent-time\n!\n",
                                        "\nreceived-time\nAAAA\n", "\nsent-time\nAAAA\nAAAA\n",
                                        "\nsent-time\n"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        setup(state);
        insert("\nreceived\n", WRONG[i]);
        assert_string_equal(check(), "");
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
        TEST(witness__of_one_log__counts_for_that_log),
        TEST(witness__with_a_wrong_signature__refused),
        TEST(witness__keys_and_quorums_that_are_none__refused),
        TEST(witness__with_two_keys__is_one),
        TEST(cosignature__that_is_junk__fails_its_cosigner_and_no_log),
        TEST(log_line__that_is_junk__refused),
        TEST(quorum__of_a_log_that_is_not_verified_or_not_there__refused),
        TEST(quorum__of_who_is_no_party__is_told),
        TEST(time_stamp__in_its_place__is_taken_and_told),
        TEST(time_stamp__that_is_none__refused),
        cmocka_unit_test(fork__of_the_corpus__proven_in_part_or_refused),
        cmocka_unit_test(fork__any_bit_changed__not_proven),
        cmocka_unit_test(fork__every_prefix__refused_or_in_part),
        cmocka_unit_test(base64__forms__strict),
        cmocka_unit_test(decimal__forms__strict),
        cmocka_unit_test(time__any__as_the_gateway_writes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
