/* What witnesses and a time stamping authority say of a checkpoint, and what is asked for. */
#include "outside.h"

#include "ledger/authority.h"
#include "ledger/ledger_test.h"

#define ORIGIN    "un/valise/iom/sent"
#define MADE_S    UINT64_C(1700000000)
#define WITNESSES 3

struct fixture {
    struct signer log, witnesses[WITNESSES];
    struct authority ca, tsa, other_ca;
    struct vls_checkpoint checkpoint;
    struct vls_buf note, token;
    struct evidence_outside outside;
    Valise__InclusionEvidence inclusion;
    struct evidence_line line;
};

static struct vls_stamp_trust *trust_in(const struct authority *a)
{
    struct vls_stamp_trust *trust = NULL;
    struct vls_buf pem;
    vls_buf_init(&pem, VLS_MAX_KEY_FILE);
    authority_pem(a, &pem);
    assert_done(vls_stamp_trust_read(vls_buf_slice(&pem), "issuers.pem", &trust, &why_));
    vls_buf_fini(&pem);
    return trust;
}

static int set_up(void **state)
{
    static const char *const NAMES[WITNESSES] = {"one.test/w", "two.test/w", "three.test/w"};
    static const struct authority_like CA = {.name = "Test CA", .is_ca = true};
    static const struct authority_like TSA = {.name = "Test TSA", .usage = "critical,timeStamping"};
    struct fixture *f = vls_mem_new(sizeof *f);
    authority_init(&f->ca, NULL, &CA);
    authority_init(&f->other_ca, NULL, &CA);
    authority_init(&f->tsa, &f->ca, &TSA);
    signer_init(&f->log, ORIGIN, false, 1);
    for (uint8_t i = 0; i < WITNESSES; i++) {
        signer_init(&f->witnesses[i], NAMES[i], true, (uint8_t)(10 + i));
        f->outside.witnesses[f->outside.count++] = f->witnesses[i].key;
    }
    vls_text_copy(f->checkpoint.origin, sizeof f->checkpoint.origin, ORIGIN);
    f->checkpoint.size = 7;
    f->checkpoint.root = vls_leaf_hash(vls_slice_text("root"));
    vls_buf_init(&f->note, VLS_MAX_NOTE);
    vls_buf_init(&f->token, VLS_MAX_STAMP);
    assert_done(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note, &why_));
    valise__inclusion_evidence__init(&f->inclusion);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    vls_outside_fini(&f->outside);
    signer_fini(&f->log);
    for (int i = 0; i < WITNESSES; i++)
        signer_fini(&f->witnesses[i]);
    authority_fini(&f->ca);
    authority_fini(&f->other_ca);
    authority_fini(&f->tsa);
    vls_buf_fini(&f->note);
    vls_buf_fini(&f->token);
    vls_mem_free(f);
    return 0;
}

static void cosign(struct fixture *f, int witness, uint64_t time_s)
{
    struct signer *s = &f->witnesses[witness];
    assert_done(
        vls_checkpoint_cosign(&f->checkpoint, time_s, &s->key, signer_sign, s, &f->note, &why_));
}

static void demand(struct fixture *f, const char *party, unsigned witnesses)
{
    struct outside_quorum *q = &f->outside.quorums[f->outside.quorum_count++];
    vls_text_copy(q->party, sizeof q->party, party);
    q->witnesses = witnesses;
}

static void assert_line(const struct fixture *f, enum evidence_result result, const char *words)
{
    if (f->line.result != result || strstr(f->line.words.text, words) == NULL)
        fail_msg("%s: %s", vls_evidence_result_name(f->line.result), f->line.words.text);
}

/* -- witnesses --------------------------------------------------------------------------------- */

static void assert_witnesses(struct fixture *f, enum evidence_result result, const char *words)
{
    uint64_t ms = 77;
    vls_outside_check_witnesses(&f->outside, "un", vls_buf_text(&f->note), &f->checkpoint,
                                MADE_S * 1000 + VLS_CLOCK_SKEW_MS, &f->line, &ms);
    assert_line(f, result, words);
    assert_true((ms != 0) == (result == EVIDENCE_OK));
}

static void witnesses__none_given__say_nothing(void **state)
{
    struct fixture *f = *state;
    cosign(f, 0, MADE_S);
    f->outside.count = 0;
    assert_witnesses(f, EVIDENCE_ABSENT, "");
    assert_string_equal(f->line.words.text, "");
}

static void witnesses__that_cosigned__are_counted_and_named(void **state)
{
    struct fixture *f = *state;
    assert_witnesses(f, EVIDENCE_ABSENT, "none of 3 cosigned it");
    cosign(f, 0, MADE_S - 60);
    cosign(f, 2, MADE_S);
    cosign(f, 2, MADE_S - 5); /* twice is one */
    assert_witnesses(f, EVIDENCE_OK,
                     "2 of 3: one.test/w, three.test/w; last at 2023-11-14T22:13:20.000Z");
}

static void quorum__of_any_party__must_be_reached(void **state)
{
    struct fixture *f = *state;
    demand(f, "", 2);
    assert_witnesses(f, EVIDENCE_FAILED, "0 of 3 cosigned it, and 2 are asked for");
    cosign(f, 0, MADE_S);
    assert_witnesses(f, EVIDENCE_FAILED, "1 of 3 cosigned it, and 2 are asked for");
    cosign(f, 1, MADE_S);
    assert_witnesses(f, EVIDENCE_OK, "2 of 3");
}

static void quorum__of_another_party__does_not_count(void **state)
{
    struct fixture *f = *state;
    demand(f, "iom", 3);
    assert_witnesses(f, EVIDENCE_ABSENT, "none of 3");
    demand(f, "un", 1);
    assert_witnesses(f, EVIDENCE_FAILED, "1 are asked for");
}

static void witnesses__with_a_wrong_line__are_a_failure(void **state)
{
    struct fixture *f = *state;
    cosign(f, 0, MADE_S);
    f->checkpoint.size++;
    cosign(f, 1, MADE_S); /* over something else */
    f->checkpoint.size--;
    assert_witnesses(f, EVIDENCE_FAILED, "the signature by two.test/w does not verify");
}

/* Anybody can write such a line below a checkpoint: it must not undo what others signed. */
static void quorum__with_a_wrong_line__is_reached_by_the_others(void **state)
{
    struct fixture *f = *state;
    cosign(f, 0, MADE_S);
    cosign(f, 2, MADE_S);
    f->checkpoint.size++;
    cosign(f, 1, MADE_S);
    f->checkpoint.size--;
    assert_witnesses(f, EVIDENCE_FAILED, "by two.test/w does not verify"); /* nobody asks less */
    demand(f, "", 2);
    assert_witnesses(f, EVIDENCE_OK, "2 of 3: one.test/w, three.test/w; last at");
    demand(f, "", 3);
    assert_witnesses(f, EVIDENCE_FAILED, "2 of 3 cosigned it, and 3 are asked for");
}

static void witnesses__of_the_future__are_a_failure(void **state)
{
    struct fixture *f = *state;
    cosign(f, 0, MADE_S + VLS_CLOCK_SKEW_MS / 1000);
    assert_witnesses(f, EVIDENCE_OK, "1 of 3");
    cosign(f, 1, MADE_S + VLS_CLOCK_SKEW_MS / 1000 + 1);
    assert_witnesses(f, EVIDENCE_FAILED, "by two.test/w is from the future");
}

static void witnesses__of_the_name_with_another_key__do_not_count(void **state)
{
    struct fixture *f = *state;
    cosign(f, 0, MADE_S);
    f->outside.witnesses[0].key[3] ^= 1;
    assert_witnesses(f, EVIDENCE_ABSENT, "none of 3");
}

/* It changes its key, and cosigns with both until everybody has the new one. */
static void witness__with_two_keys__is_one(void **state)
{
    struct fixture *f = *state;
    struct signer other;
    signer_init(&other, f->witnesses[0].key.name, true, 77);
    f->outside.witnesses[f->outside.count++] = other.key;
    cosign(f, 0, MADE_S);
    assert_done(vls_checkpoint_cosign(&f->checkpoint, MADE_S, &other.key, signer_sign, &other,
                                      &f->note, &why_));
    assert_witnesses(f, EVIDENCE_OK, "1 of 3: one.test/w; last at");
    demand(f, "un", 2);
    assert_witnesses(f, EVIDENCE_FAILED, "1 of 3 cosigned it, and 2 are asked for");
    f->outside.witnesses[0].key[3] ^= 1; /* the other key alone will do */
    cosign(f, 2, MADE_S);
    assert_witnesses(f, EVIDENCE_OK, "2 of 3: one.test/w, three.test/w");
    signer_fini(&other);
}

/* -- the time ---------------------------------------------------------------------------------- */

static void stamp(struct fixture *f, const char *time)
{
    struct token_like like = {.signer = &f->tsa, .time = time};
    assert_done(vls_stamp_subject(vls_buf_slice(&f->note), &like.digest, &why_));
    vls_buf_clear(&f->token);
    token_make(&like, &f->token);
    f->inclusion.stamp = (ProtobufCBinaryData){f->token.len, f->token.at};
}

static uint64_t assert_stamp(struct fixture *f, enum evidence_result result, const char *words)
{
    uint64_t ms = 77;
    f->inclusion.checkpoint = (char *)(uintptr_t)vls_buf_text(&f->note);
    vls_outside_check_stamp(&f->outside, &f->inclusion, UINT64_C(1800000000000), &f->line, &ms);
    assert_line(f, result, words);
    return ms;
}

static void stamp__not_there__is_told_to_who_asks(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(assert_stamp(f, EVIDENCE_ABSENT, ""), 0);
    assert_string_equal(f->line.words.text, "");
    f->outside.tsa = trust_in(&f->ca);
    assert_int_equal(assert_stamp(f, EVIDENCE_ABSENT, "there is no time stamp"), 0);
}

static void stamp__without_issuers__is_shown_and_not_believed(void **state)
{
    struct fixture *f = *state;
    stamp(f, "20260314092653.5Z");
    uint64_t ms =
        assert_stamp(f, EVIDENCE_ABSENT,
                     "says 2026-03-14T09:26:53.500Z, by CN=Test TSA; not checked: give --tsa");
    assert_int_equal(ms, 0);
}

static void stamp__by_a_trusted_authority__gives_the_time(void **state)
{
    struct fixture *f = *state;
    f->outside.tsa = trust_in(&f->ca);
    stamp(f, "20260314092653.5Z");
    cosign(f, 0, MADE_S); /* and what is cosigned later is the same checkpoint */
    assert_true(assert_stamp(f, EVIDENCE_OK, "2026-03-14T09:26:53.500Z, by CN=Test TSA") ==
                UINT64_C(1773480413500));
}

/* Whatever rests on the time must hold for the latest that it may have been. */
static void stamp__with_an_accuracy__may_be_that_much_later(void **state)
{
    struct fixture *f = *state;
    struct token_like like = {.signer = &f->tsa, .time = "20260314092653.5Z", .accuracy_ms = 1500};
    f->outside.tsa = trust_in(&f->ca);
    assert_done(vls_stamp_subject(vls_buf_slice(&f->note), &like.digest, &why_));
    token_make(&like, &f->token);
    f->inclusion.stamp = (ProtobufCBinaryData){f->token.len, f->token.at};
    assert_true(assert_stamp(f, EVIDENCE_OK, "09:26:53.500Z (within 1.500 s)") ==
                UINT64_C(1773480415000));
}

static void stamp__by_another_authority__is_a_failure(void **state)
{
    struct fixture *f = *state;
    f->outside.tsa = trust_in(&f->other_ca);
    stamp(f, NULL);
    assert_int_equal(assert_stamp(f, EVIDENCE_FAILED, "is not accepted"), 0);
}

static void stamp__on_another_checkpoint__is_a_failure_either_way(void **state)
{
    struct fixture *f = *state;
    stamp(f, "20260314092653Z");
    f->checkpoint.size++;
    vls_buf_clear(&f->note);
    assert_done(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note, &why_));
    assert_int_equal(assert_stamp(f, EVIDENCE_FAILED, "about another checkpoint"), 0);
    f->outside.tsa = trust_in(&f->ca);
    assert_int_equal(assert_stamp(f, EVIDENCE_FAILED, "about another checkpoint"), 0);
}

static void stamp__of_the_future__is_a_failure_either_way(void **state)
{
    struct fixture *f = *state;
    stamp(f, "20300101000000Z");
    assert_int_equal(assert_stamp(f, EVIDENCE_FAILED, "it is from the future"), 0);
    f->outside.tsa = trust_in(&f->ca);
    assert_int_equal(assert_stamp(f, EVIDENCE_FAILED, "it is from the future"), 0);
}

static void stamp__that_is_nothing__is_a_failure(void **state)
{
    struct fixture *f = *state;
    static uint8_t nothing[] = "nothing";
    f->inclusion.stamp = (ProtobufCBinaryData){sizeof nothing, nothing};
    assert_int_equal(assert_stamp(f, EVIDENCE_FAILED, "is not one CMS structure"), 0);
}

/* -- the command line -------------------------------------------------------------------------- */

#define MAX_WORDS 8

/* Options by name and value, in pairs, NULL behind the last. */
static struct vls_status gather(struct fixture *f, const char *const words[MAX_WORDS],
                                struct vls_why *why)
{
    static struct cli_option options[MAX_WORDS];
    struct cli_args args = {.given_count = 0};
    for (size_t i = 0; words[i] != NULL; i += 2) {
        struct cli_given *given = &args.given[args.given_count];
        options[args.given_count] = (struct cli_option){.name = words[i], .argument = "X"};
        given->option = &options[args.given_count++];
        given->value = words[i + 1];
    }
    vls_outside_fini(&f->outside);
    return vls_outside_gather(&args, &f->outside, why);
}

static void assert_usage(struct fixture *f, const char *const words[MAX_WORDS], const char *said)
{
    struct vls_why why = {""};
    assert_code(gather(f, words, &why), VLS_CLI_USAGE);
    if (strstr(why.text, said) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.text, said);
}

static void options__of_every_kind__are_taken_or_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_why why = {""};
    char one[256], two[256], log[256];
    struct vls_buf text;
    vls_buf_init(&text, 256);
    struct {
        const struct vls_note_key *key;
        char *to;
    } keys[] = {{&f->witnesses[0].key, one}, {&f->witnesses[1].key, two}, {&f->log.key, log}};
    for (size_t i = 0; i < 3; i++) {
        vls_buf_clear(&text);
        assert_done(vls_note_key_text(keys[i].key, &text));
        vls_text_copy(keys[i].to, sizeof one, vls_buf_text(&text));
    }
    struct signer other;
    signer_init(&other, f->witnesses[0].key.name, true, 77);
    vls_buf_clear(&text);
    assert_done(vls_note_key_text(&other.key, &text));
    signer_fini(&other);
    const char *const good[MAX_WORDS] = {"witness", one, "witness", two, "quorum", "un=2", NULL};
    assert_done(gather(f, good, &why));
    assert_int_equal(f->outside.count, 2);
    assert_string_equal(f->outside.quorums[0].party, "un");
    assert_int_equal(f->outside.quorums[0].witnesses, 2);
    assert_usage(f, (const char *[MAX_WORDS]){"witness", "un=AAAA"}, "NAME+ID+BASE64");
    assert_usage(f, (const char *[MAX_WORDS]){"witness", log}, "is the key of a log");
    assert_usage(f, (const char *[MAX_WORDS]){"witness", one, "witness", one}, "is given twice");
    assert_usage(f, (const char *[MAX_WORDS]){"witness", one, "quorum", "2"},
                 "2 are asked for, and 1 given");
    assert_usage(
        f, (const char *[MAX_WORDS]){"witness", one, "witness", vls_buf_text(&text), "quorum", "2"},
        "2 are asked for, and 1 given");
    assert_usage(f, (const char *[MAX_WORDS]){"witness", one, "quorum", "0"}, "from 1 to");
    assert_usage(f, (const char *[MAX_WORDS]){"witness", one, "quorum", "=1"}, "PARTY=N");
    assert_usage(f, (const char *[MAX_WORDS]){"witness", one, "quorum", "un="}, "PARTY=N");
    assert_code(gather(f, (const char *[MAX_WORDS]){"tsa", "/nonexistent.pem"}, &why),
                VLS_CONFIG_MISSING);
    assert_non_null(strstr(why.text, "/nonexistent.pem"));
    vls_buf_fini(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(witnesses__none_given__say_nothing),
        TEST(witnesses__that_cosigned__are_counted_and_named),
        TEST(quorum__of_any_party__must_be_reached),
        TEST(quorum__of_another_party__does_not_count),
        TEST(witnesses__with_a_wrong_line__are_a_failure),
        TEST(quorum__with_a_wrong_line__is_reached_by_the_others),
        TEST(witnesses__of_the_future__are_a_failure),
        TEST(witnesses__of_the_name_with_another_key__do_not_count),
        TEST(witness__with_two_keys__is_one),
        TEST(stamp__not_there__is_told_to_who_asks),
        TEST(stamp__without_issuers__is_shown_and_not_believed),
        TEST(stamp__by_a_trusted_authority__gives_the_time),
        TEST(stamp__with_an_accuracy__may_be_that_much_later),
        TEST(stamp__by_another_authority__is_a_failure),
        TEST(stamp__on_another_checkpoint__is_a_failure_either_way),
        TEST(stamp__of_the_future__is_a_failure_either_way),
        TEST(stamp__that_is_nothing__is_a_failure),
        TEST(options__of_every_kind__are_taken_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
