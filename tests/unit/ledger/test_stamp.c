#include "ledger/authority.h"
#include "ledger/ledger_test.h"
#include "ledger/stamp.h"

#define ORIGIN "un/valise/iom/sent"
#define NONCE  UINT64_C(0x8000000000000001) /* the highest bit: it must not become negative */
#define DAY_S  86400

static const struct authority_like CA = {.name = "Test CA", .is_ca = true};
static const struct authority_like TSA = {.name = "Test TSA", .usage = "critical,timeStamping"};

struct fixture {
    struct authority ca, tsa;
    struct signer log, witness;
    struct vls_checkpoint checkpoint;
    struct vls_digest digest;
    struct vls_stamp_trust *trust;
    struct vls_buf note, token, answer, work;
    uint8_t nonce[VLS_STAMP_NONCE];
    struct vls_why why;
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
    struct fixture *f = vls_mem_new(sizeof *f);
    authority_init(&f->ca, NULL, &CA);
    authority_init(&f->tsa, &f->ca, &TSA);
    signer_init(&f->log, ORIGIN, false, 1);
    signer_init(&f->witness, "iom/valise/witness", true, 2);
    vls_text_copy(f->checkpoint.origin, sizeof f->checkpoint.origin, ORIGIN);
    f->checkpoint.size = 7;
    f->checkpoint.root = vls_leaf_hash(vls_slice_text("root"));
    vls_buf_init(&f->note, VLS_MAX_NOTE);
    vls_buf_init(&f->token, 2u << 20);
    vls_buf_init(&f->answer, 2u << 20);
    vls_buf_init(&f->work, 2u << 20);
    assert_done(
        vls_checkpoint_sign(&f->checkpoint, &f->log.key, signer_sign, &f->log, &f->note, &why_));
    assert_done(vls_stamp_subject(vls_buf_slice(&f->note), &f->digest, &why_));
    f->trust = trust_in(&f->ca);
    vls_put_u64(f->nonce, NONCE);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    vls_stamp_trust_free(&f->trust);
    signer_fini(&f->log);
    signer_fini(&f->witness);
    authority_fini(&f->ca);
    authority_fini(&f->tsa);
    vls_buf_fini(&f->note);
    vls_buf_fini(&f->token);
    vls_buf_fini(&f->answer);
    vls_buf_fini(&f->work);
    vls_mem_free(f);
    return 0;
}

/* A token that is right, to be made wrong. */
static struct token_like good(const struct fixture *f)
{
    return (struct token_like){.signer = &f->tsa, .digest = f->digest, .nonce = NONCE};
}

static struct vls_status verify(struct fixture *f, const struct token_like *like,
                                struct vls_stamp *out)
{
    vls_buf_clear(&f->token);
    token_make(like, &f->token);
    return vls_stamp_verify(vls_buf_slice(&f->token), &f->digest, f->trust, out, &f->why);
}

static struct vls_status take(struct fixture *f, struct vls_slice answer, struct vls_stamp *out)
{
    vls_buf_clear(&f->work);
    return vls_stamp_take(answer, &f->digest, f->nonce, f->trust, &f->work, out, &f->why);
}

static struct vls_status take_token(struct fixture *f, const struct token_like *like)
{
    struct vls_stamp stamp;
    vls_buf_clear(&f->token);
    vls_buf_clear(&f->answer);
    token_make(like, &f->token);
    response_make(0, -1, NULL, vls_buf_slice(&f->token), &f->answer);
    return take(f, vls_buf_slice(&f->answer), &stamp);
}

static void assert_refused(struct fixture *f, struct vls_status s, const char *words)
{
    assert_code(s, VLS_LEDGER_STAMP);
    if (strstr(f->why.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", f->why.text, words);
}

/* -- what is stamped --------------------------------------------------------------------------- */

static void subject__of_a_note__is_the_digest_of_all_of_it(void **state)
{
    struct fixture *f = *state;
    assert_digest(f->digest, vls_digest_of_slice(vls_buf_slice(&f->note)));
}

static void subject__with_cosignatures__stays_the_same(void **state)
{
    struct fixture *f = *state;
    struct vls_digest with;
    assert_done(vls_checkpoint_cosign(&f->checkpoint, 1679315147, &f->witness.key, signer_sign,
                                      &f->witness, &f->note, &why_));
    assert_done(vls_stamp_subject(vls_buf_slice(&f->note), &with, &why_));
    assert_digest(with, f->digest);
}

static void subject__of_a_log_between_two_keys__is_with_both_signatures(void **state)
{
    struct fixture *f = *state;
    struct signer next;
    struct vls_digest with;
    signer_init(&next, ORIGIN, false, 9);
    assert_done(
        vls_checkpoint_sign_also(&f->checkpoint, &next.key, signer_sign, &next, &f->note, &why_));
    assert_done(vls_stamp_subject(vls_buf_slice(&f->note), &with, &why_));
    assert_digest(with, vls_digest_of_slice(vls_buf_slice(&f->note)));
    signer_fini(&next);
}

static void subject__of_a_note_that_its_log_did_not_sign__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_digest out;
    char *text = strstr((char *)vls_buf_text(&f->note), "\n\n\xe2\x80\x94 un/");
    assert_non_null(text);
    text[6] = 'x'; /* the key's name */
    assert_code(vls_stamp_subject(vls_buf_slice(&f->note), &out, &f->why), VLS_LEDGER_NOTE);
    assert_non_null(strstr(f->why.text, ORIGIN));
}

static void subject__of_a_note_that_is_cut__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_digest out;
    for (size_t len = 0; len < f->note.len; len++)
        assert_code(vls_stamp_subject(VLS_SLICE(f->note.at, len), &out, &f->why), VLS_LEDGER_NOTE);
}

/* -- asking ------------------------------------------------------------------------------------ */

static void ask__with_a_nonce__is_a_request_that_openssl_reads(void **state)
{
    struct fixture *f = *state;
    uint64_t nonce = 0;
    assert_done(vls_stamp_ask(&f->digest, f->nonce, &f->work, &why_));
    const unsigned char *at = f->work.at;
    TS_REQ *request = d2i_TS_REQ(NULL, &at, (long)f->work.len);
    assert_non_null(request);
    assert_ptr_equal(at, f->work.at + f->work.len);
    assert_int_equal(TS_REQ_get_cert_req(request), 1);
    assert_int_equal(ASN1_INTEGER_get_uint64(&nonce, TS_REQ_get_nonce(request)), 1);
    assert_true(nonce == NONCE);
    const ASN1_OCTET_STRING *digest = TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(request));
    assert_int_equal(ASN1_STRING_length(digest), VLS_DIGEST_BYTES);
    assert_memory_equal(ASN1_STRING_get0_data(digest), f->digest.bytes, VLS_DIGEST_BYTES);
    TS_REQ_free(request);
}

/* -- tokens that are right --------------------------------------------------------------------- */

static void take__of_a_good_answer__gives_the_token_and_what_it_says(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp, again;
    like.time = "20260314092653.589Z";
    like.accuracy_ms = 1500;
    token_make(&like, &f->token);
    response_make(0, -1, NULL, vls_buf_slice(&f->token), &f->answer);
    assert_done(take(f, vls_buf_slice(&f->answer), &stamp));
    assert_true(stamp.time_ms == UINT64_C(1773480413589));
    assert_true(stamp.has_accuracy && stamp.accuracy_us == 1500000);
    assert_string_equal(stamp.serial, "0123456789abcdef");
    assert_string_equal(stamp.policy, "1.3.6.1.4.1.32473.2.1");
    assert_string_equal(stamp.tsa, "CN=Test TSA");
    assert_true(vls_slice_is_equal(vls_buf_slice(&f->work), vls_buf_slice(&f->token)));
    assert_done(vls_stamp_verify(vls_buf_slice(&f->work), &f->digest, f->trust, &again, &why_));
    assert_true(again.time_ms == stamp.time_ms);
}

static void take__of_one_granted_with_modifications__takes_it(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    token_make(&like, &f->token);
    response_make(1, -1, "other policy", vls_buf_slice(&f->token), &f->answer);
    assert_done(take(f, vls_buf_slice(&f->answer), &stamp));
    assert_false(stamp.has_accuracy);
}

static void take__with_something_in_the_buffer__puts_the_token_behind_it(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    token_make(&like, &f->token);
    response_make(0, -1, NULL, vls_buf_slice(&f->token), &f->answer);
    assert_done(vls_buf_add_text(&f->work, "before"));
    assert_done(vls_stamp_take(vls_buf_slice(&f->answer), &f->digest, f->nonce, f->trust, &f->work,
                               &stamp, &why_));
    assert_int_equal(f->work.len, 6 + f->token.len);
}

static void verify__with_the_authoritys_own_certificate_as_trust__accepts(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    vls_stamp_trust_free(&f->trust);
    f->trust = trust_in(&f->tsa);
    assert_done(verify(f, &like, &stamp));
}

static void verify__with_sha512_and_a_named_authority__accepts(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    like.md = "SHA512";
    like.tsa = TSA.name;
    assert_done(verify(f, &like, &stamp));
}

static void verify__of_a_certificate_that_expired_since__accepts(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct authority old;
    struct authority_like then = TSA;
    struct vls_stamp stamp;
    then.from_s = 1577836800; /* 2020 */
    then.to_s = 1609459200;   /* 2021 */
    struct authority_like root = CA;
    root.from_s = then.from_s;
    root.to_s = then.to_s;
    struct authority old_ca;
    authority_init(&old_ca, NULL, &root);
    authority_init(&old, &old_ca, &then);
    vls_stamp_trust_free(&f->trust);
    f->trust = trust_in(&old_ca);
    like.signer = &old;
    like.time = "20200601000000Z";
    assert_done(verify(f, &like, &stamp));
    like.time = "20210601000000Z"; /* neither was valid any more */
    assert_refused(f, verify(f, &like, &stamp), "expired");
    like.time = "20190601000000Z";
    assert_refused(f, verify(f, &like, &stamp), "not yet valid");
    authority_fini(&old);
    authority_fini(&old_ca);
}

static void verify__under_a_ca_that_had_expired_then__refuses(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct authority_like root = CA;
    struct authority old_ca, tsa;
    struct vls_stamp stamp;
    root.from_s = authority_now_s() - 20 * DAY_S;
    root.to_s = authority_now_s() - 10 * DAY_S;
    authority_init(&old_ca, NULL, &root);
    authority_init(&tsa, &old_ca, &TSA);
    vls_stamp_trust_free(&f->trust);
    f->trust = trust_in(&old_ca);
    like.signer = &tsa;
    assert_refused(f, verify(f, &like, &stamp), "expired");
    authority_fini(&tsa);
    authority_fini(&old_ca);
}

static void read__without_trust__says_what_it_says_and_about_what(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    struct vls_digest other = vls_leaf_hash(vls_slice_text("other"));
    like.time = "20260314092653Z";
    token_make(&like, &f->token);
    assert_done(vls_stamp_read(vls_buf_slice(&f->token), &f->digest, &stamp, &why_));
    assert_true(stamp.time_ms == UINT64_C(1773480413000));
    assert_string_equal(stamp.tsa, "CN=Test TSA");
    assert_refused(f, vls_stamp_read(vls_buf_slice(&f->token), &other, &stamp, &f->why),
                   "another checkpoint");
}

/* -- tokens that are wrong --------------------------------------------------------------------- */

static void take__with_another_nonce__refuses(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    like.nonce = NONCE + 1;
    assert_refused(f, take_token(f, &like), "nonce");
    like.nonce = 0;
    assert_refused(f, take_token(f, &like), "nonce");
    assert_int_equal(f->work.len, 0);
}

static void take__about_something_else__refuses(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    like.digest = vls_leaf_hash(vls_slice_text("other"));
    assert_refused(f, take_token(f, &like), "another checkpoint");
    like = good(f);
    like.imprint = "SHA512-256";
    assert_refused(f, take_token(f, &like), "another digest than SHA-256");
}

struct wrong {
    const char *usage, *words;
};

static void verify__with_a_certificate_for_something_else__refuses(void **state)
{
    struct fixture *f = *state;
    static const struct wrong USAGES[] = {
        {NULL, "not for time stamping alone"},
        {"timeStamping", "not for time stamping alone"}, /* not critical */
        {"critical,timeStamping,serverAuth", "not for time stamping alone"},
        {"critical,serverAuth", "not for time stamping alone"},
    };
    for (size_t i = 0; i < sizeof USAGES / sizeof USAGES[0]; i++) {
        struct token_like like = good(f);
        struct authority_like other = TSA;
        struct authority tsa;
        struct vls_stamp stamp;
        other.usage = USAGES[i].usage;
        authority_init(&tsa, &f->ca, &other);
        like.signer = &tsa;
        assert_refused(f, verify(f, &like, &stamp), USAGES[i].words);
        authority_fini(&tsa);
    }
}

static void verify__under_another_ca__refuses(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct authority ca, tsa;
    struct vls_stamp stamp;
    authority_init(&ca, NULL, &CA); /* of the same name */
    authority_init(&tsa, &ca, &TSA);
    like.signer = &tsa;
    assert_refused(f, verify(f, &like, &stamp), "is not accepted");
    vls_buf_clear(&f->answer);
    response_make(0, -1, NULL, vls_buf_slice(&f->token), &f->answer);
    assert_refused(f, take(f, vls_buf_slice(&f->answer), &stamp), "is not accepted");
    authority_fini(&tsa);
    authority_fini(&ca);
}

static void verify__of_other_wrong_tokens__refuses(void **state)
{
    struct fixture *f = *state;
    struct vls_stamp stamp;
    struct token_like like = good(f);
    like.flags = CMS_NOCERTS;
    assert_refused(f, verify(f, &like, &stamp), "does not hold the certificate");
    like = good(f);
    like.second = &f->ca;
    assert_refused(f, verify(f, &like, &stamp), "not exactly one signer");
    like = good(f);
    like.without_ess = true;
    assert_refused(f, verify(f, &like, &stamp), "is not accepted");
    like = good(f);
    like.md = "SHA1";
    assert_refused(f, verify(f, &like, &stamp), "signed over another digest");
    like = good(f);
    like.version = 2;
    assert_refused(f, verify(f, &like, &stamp), "version 1");
    like = good(f);
    like.with_critical = true;
    assert_refused(f, verify(f, &like, &stamp), "critical extension");
    like = good(f);
    like.tsa = "Somebody Else";
    assert_refused(f, verify(f, &like, &stamp), "is not accepted");
    like = good(f);
    like.flags = CMS_DETACHED;
    assert_refused(f, verify(f, &like, &stamp), "is not a signed TSTInfo");
}

static void verify__of_a_time_that_is_none__refuses(void **state)
{
    struct fixture *f = *state;
    static const char *const TIMES[] = {
        "20260314092653+0100", "20260314092653.Z",
        "202603140926Z",       "20260314092653.1234567890Z",
        "20261314092653Z",     "",
        "19690101000000Z",
    };
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        struct token_like like = good(f);
        struct vls_stamp stamp;
        like.time = TIMES[i];
        vls_buf_clear(&f->token);
        token_make(&like, &f->token);
        assert_code(vls_stamp_read(vls_buf_slice(&f->token), &f->digest, &stamp, &f->why),
                    VLS_LEDGER_STAMP);
    }
}

/* CMS leaves two numbers outside of what is signed: the versions of SignedData and of SignerInfo.
 */
static void verify__with_any_byte_changed__accepts_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp, changed;
    unsigned accepted = 0;
    assert_done(verify(f, &like, &stamp));
    for (size_t i = 0; i < f->token.len; i++) {
        struct vls_slice token = vls_buf_slice(&f->token);
        f->token.at[i] ^= 0x01;
        if (vls_ok(vls_stamp_verify(token, &f->digest, f->trust, &changed, NULL))) {
            accepted++;
            assert_memory_equal(&changed, &stamp, sizeof stamp);
        }
        f->token.at[i] ^= 0x01;
    }
    assert_int_equal(accepted, 2);
}

static void verify__of_a_token_cut_anywhere_or_longer__refuses(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    token_make(&like, &f->token);
    for (size_t len = 0; len < f->token.len; len++)
        assert_code(
            vls_stamp_verify(VLS_SLICE(f->token.at, len), &f->digest, f->trust, &stamp, NULL),
            VLS_LEDGER_STAMP);
    assert_done(vls_buf_add(&f->token, "", 1));
    assert_refused(
        f, vls_stamp_verify(vls_buf_slice(&f->token), &f->digest, f->trust, &stamp, &f->why),
        "nothing behind it");
}

/* -- answers that are wrong -------------------------------------------------------------------- */

static void take__of_a_rejection__says_why_in_clean_words(void **state)
{
    struct fixture *f = *state;
    struct vls_stamp stamp;
    response_make(2, TS_INFO_TIME_NOT_AVAILABLE, "clock\x1b[31m gone", VLS_SLICE(NULL, 0),
                  &f->answer);
    assert_code(take(f, vls_buf_slice(&f->answer), &stamp), VLS_LEDGER_UNSTAMPED);
    assert_non_null(strstr(f->why.text, "rejected"));
    assert_non_null(strstr(f->why.text, "source of time is not available"));
    assert_non_null(strstr(f->why.text, "(\"clock [31m gone\")"));
}

static void take__of_any_status_but_granted__takes_nothing(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    token_make(&like, &f->token);
    for (int status = 2; status < 256; status++) {
        vls_buf_clear(&f->answer);
        response_make(status, -1, NULL, VLS_SLICE(NULL, 0), &f->answer);
        assert_code(take(f, vls_buf_slice(&f->answer), &stamp),
                    status < 6 ? VLS_LEDGER_UNSTAMPED : VLS_LEDGER_STAMP);
        vls_buf_clear(&f->answer); /* with a token none of them is an answer at all */
        response_make(status, -1, NULL, vls_buf_slice(&f->token), &f->answer);
        assert_code(take(f, vls_buf_slice(&f->answer), &stamp), VLS_LEDGER_STAMP);
    }
    assert_int_equal(f->work.len, 0);
}

static void take__granted_without_a_token__refuses(void **state)
{
    struct fixture *f = *state;
    struct vls_stamp stamp;
    response_make(0, -1, NULL, VLS_SLICE(NULL, 0), &f->answer);
    assert_code(take(f, vls_buf_slice(&f->answer), &stamp), VLS_LEDGER_STAMP);
}

static void take__of_an_answer_cut_anywhere_or_longer__refuses(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    struct vls_stamp stamp;
    token_make(&like, &f->token);
    response_make(0, -1, NULL, vls_buf_slice(&f->token), &f->answer);
    for (size_t len = 0; len < f->answer.len; len++)
        assert_code(take(f, VLS_SLICE(f->answer.at, len), &stamp), VLS_LEDGER_STAMP);
    assert_done(vls_buf_add_text(&f->answer, "x"));
    assert_refused(f, take(f, vls_buf_slice(&f->answer), &stamp), "nothing behind it");
}

static void take__of_a_mebibyte__refuses_before_it_reads(void **state)
{
    struct fixture *f = *state;
    struct vls_stamp stamp;
    uint8_t *room;
    assert_done(vls_buf_reserve(&f->answer, 1u << 20, &room));
    memset(room, 0x30, 1u << 20);
    vls_buf_took(&f->answer, 1u << 20);
    assert_refused(f, take(f, vls_buf_slice(&f->answer), &stamp), "1048576 bytes");
    assert_refused(
        f, vls_stamp_verify(vls_buf_slice(&f->answer), &f->digest, f->trust, &stamp, &f->why),
        "1048576 bytes");
}

static void every_call__with_each_allocation_failing__says_so_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct token_like like = good(f);
    uint64_t failures = 0;
    bool is_done = false;
    token_make(&like, &f->token);
    response_make(0, -1, NULL, vls_buf_slice(&f->token), &f->answer);
    for (uint64_t n = 1; !is_done; n++) {
        struct vls_stamp stamp = {.time_ms = 77};
        struct vls_digest subject = {{7}};
        vls_buf_fini(&f->work);
        vls_mem_fail_at(n);
        struct vls_status s = vls_stamp_subject(vls_buf_slice(&f->note), &subject, NULL);
        assert_int_equal(subject.bytes[0] == 7, !vls_ok(s));
        if (vls_ok(s))
            s = vls_stamp_take(vls_buf_slice(&f->answer), &f->digest, f->nonce, f->trust, &f->work,
                               &stamp, NULL);
        vls_mem_fail_at(0);
        is_done = vls_ok(s);
        if (!is_done) {
            assert_int_equal(s.code, VLS_SYSTEM_MEMORY);
            assert_int_equal(f->work.len, 0);
            assert_int_equal(stamp.time_ms, 77);
        }
        failures += !is_done;
    }
    assert_true(failures >= 3);
}

/* -- whom to believe --------------------------------------------------------------------------- */

static void assert_no_trust(const char *pem, const char *words)
{
    struct vls_stamp_trust *trust = NULL;
    struct vls_why why = {""};
    assert_code(vls_stamp_trust_read(vls_slice_text(pem), "issuers.pem", &trust, &why),
                VLS_CONFIG_INVALID);
    assert_null(trust);
    assert_non_null(strstr(why.text, "issuers.pem"));
    assert_non_null(strstr(why.text, words));
}

static void trust__of_files_that_are_none__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_stamp_trust *trust = NULL;
    assert_no_trust("", "no certificate");
    assert_no_trust("words\n", "no certificate");
    assert_no_trust("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                    "no certificate in PEM");
    authority_pem(&f->ca, &f->work);
    assert_done(vls_buf_add_text(&f->work, "-----BEGIN CERTIFICATE-----\n!!\n"));
    assert_no_trust(vls_buf_text(&f->work), "no certificate in PEM");
    vls_buf_clear(&f->work);
    for (int i = 0; i < VLS_MAX_STAMP_ISSUERS + 1; i++)
        authority_pem(&f->ca, &f->work);
    assert_no_trust(vls_buf_text(&f->work), "too many");
    assert_code(vls_stamp_trust_load("/nonexistent/issuers.pem", &trust, &f->why),
                VLS_CONFIG_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(subject__of_a_note__is_the_digest_of_all_of_it),
        TEST(subject__with_cosignatures__stays_the_same),
        TEST(subject__of_a_log_between_two_keys__is_with_both_signatures),
        TEST(subject__of_a_note_that_its_log_did_not_sign__is_refused),
        TEST(subject__of_a_note_that_is_cut__is_refused),
        TEST(ask__with_a_nonce__is_a_request_that_openssl_reads),
        TEST(take__of_a_good_answer__gives_the_token_and_what_it_says),
        TEST(take__of_one_granted_with_modifications__takes_it),
        TEST(take__with_something_in_the_buffer__puts_the_token_behind_it),
        TEST(verify__with_the_authoritys_own_certificate_as_trust__accepts),
        TEST(verify__with_sha512_and_a_named_authority__accepts),
        TEST(verify__of_a_certificate_that_expired_since__accepts),
        TEST(verify__under_a_ca_that_had_expired_then__refuses),
        TEST(read__without_trust__says_what_it_says_and_about_what),
        TEST(take__with_another_nonce__refuses),
        TEST(take__about_something_else__refuses),
        TEST(verify__with_a_certificate_for_something_else__refuses),
        TEST(verify__under_another_ca__refuses),
        TEST(verify__of_other_wrong_tokens__refuses),
        TEST(verify__of_a_time_that_is_none__refuses),
        TEST(verify__with_any_byte_changed__accepts_nothing_else),
        TEST(verify__of_a_token_cut_anywhere_or_longer__refuses),
        TEST(take__of_a_rejection__says_why_in_clean_words),
        TEST(take__of_any_status_but_granted__takes_nothing),
        TEST(take__granted_without_a_token__refuses),
        TEST(take__of_an_answer_cut_anywhere_or_longer__refuses),
        TEST(take__of_a_mebibyte__refuses_before_it_reads),
        TEST(every_call__with_each_allocation_failing__says_so_and_changes_nothing),
        TEST(trust__of_files_that_are_none__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
