#include <sys/stat.h>

#include "approval/approval_test.h"

static struct vls_signer *signer_of(const char *key, const char *certificate)
{
    struct vls_why why = {""};
    struct vls_signer *signer = NULL;
    char key_path[TEST_PATH_ROOM], certificate_path[TEST_PATH_ROOM];
    snprintf(key_path, sizeof key_path, "%s", in_dir(key));
    snprintf(certificate_path, sizeof certificate_path, "%s", in_dir(certificate));
    struct vls_signer_options options = {.key = key_path, .certificate = certificate_path};
    struct vls_status s = vls_signer_open(&options, &signer, &why);
    if (!vls_ok(s))
        fail_msg("%s: %s", vls_status_name(s), why.text);
    return signer;
}

static struct vls_buf sign(const char *name)
{
    char key[TEST_PATH_ROOM], certificate[TEST_PATH_ROOM];
    struct vls_why why = {""};
    struct vls_buf der;
    snprintf(key, sizeof key, "%s.key", name);
    snprintf(certificate, sizeof certificate, "%s.pem", name);
    struct vls_signer *signer = signer_of(key, certificate);
    vls_buf_init(&der, VLS_MAX_SIGNATURE);
    assert_code(vls_signature_make(signer, vls_slice_text(STATEMENT), &der, &why), OK);
    vls_signer_free(&signer);
    return der;
}

static void refuses(struct vls_slice der, const char *text, const char *anchor, uint64_t at_ms,
                    uint32_t code, const char *words)
{
    struct vls_why why = {""};
    struct vls_signature who = {.signed_ms = 7};
    struct vls_status s = check(der, text, anchor, at_ms, &who, &why);
    if (s.code != code || strstr(why.text, words) == NULL)
        fail_msg("%s: %s, for '%s'", vls_status_name(s), why.text, words);
    assert_int_equal(who.signed_ms, 7);
}

/* -- agreement with openssl -------------------------------------------------------------------- */

static void signature__each_kind_of_key__verifies_here_and_with_openssl(void **state)
{
    static const char *const KINDS[][2] = {
        {"p256", "ec -pkeyopt ec_paramgen_curve:P-256"},
        {"p384", "ec -pkeyopt ec_paramgen_curve:P-384"},
        {"p521", "ec -pkeyopt ec_paramgen_curve:P-521"},
        {"rsa", "rsa:3072"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        struct vls_why why = {""};
        struct vls_signature who;
        char pem[16], subject[64];
        make_self(KINDS[i][0], KINDS[i][1]);
        snprintf(pem, sizeof pem, "%s.pem", KINDS[i][0]);
        snprintf(subject, sizeof subject, "CN=%s,O=Example", KINDS[i][0]);
        struct vls_buf der = sign(KINDS[i][0]);
        assert_code(check(vls_buf_slice(&der), STATEMENT, pem, now_ms(), &who, &why), OK);
        assert_string_equal(who.subject, subject);
        assert_true(who.is_anchor);
        assert_true(who.signed_ms <= now_ms() && who.signed_ms + 60000 > now_ms());
        put("ours.p7s", vls_buf_slice(&der));
        assert_int_equal(
            run("openssl cms -verify -binary -inform DER -in ours.p7s "
                "-content statement -CAfile %s -partial_chain -purpose any -out /dev/null",
                pem),
            0);
        put("other", vls_slice_text("exactly these byteS\n"));
        assert_int_not_equal(
            run("openssl cms -verify -binary -inform DER -in ours.p7s "
                "-content other -CAfile %s -partial_chain -purpose any -out /dev/null",
                pem),
            0);
        vls_buf_fini(&der);
    }
}

static void signature__made_by_openssl__verifies(void **state)
{
    (void)state;
    assert_code(openssl_signs("p256.pem", "-signer p256.pem -inkey p256.key"), OK);
    assert_code(openssl_signs("p384.pem", "-signer p384.pem -inkey p384.key -md sha384"), OK);
    assert_code(openssl_signs("rsa.pem", "-signer rsa.pem -inkey rsa.key -md sha512"), OK);
    assert_code(openssl_signs("p256.pem", "-signer p256.pem -inkey p256.key -cades -keyid"), OK);
}

/* -- what is not of the profile ---------------------------------------------------------------- */

static void signature__not_of_the_profile__refused(void **state)
{
    (void)state;
    make_self("weak", "rsa:1024");
    make_self("short", "rsa:2048");
    make_self("curve", "ec -pkeyopt ec_paramgen_curve:secp256k1");
    static const struct {
        const char *anchor, *options;
    } CASES[] = {
        {"p256.pem", "-signer p256.pem -inkey p256.key -md sha1"},
        {"p256.pem", "-signer p256.pem -inkey p256.key -md sha224"},
        {"weak.pem", "-signer weak.pem -inkey weak.key"},
        {"short.pem", "-signer short.pem -inkey short.key"},
        {"curve.pem", "-signer curve.pem -inkey curve.key"},
        {"rsa.pem", "-signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss"},
        {"p256.pem", "-signer p256.pem -inkey p256.key -noattr"},
        {"p256.pem", "-signer p256.pem -inkey p256.key -nocerts"},
        {"p256.pem", "-signer p256.pem -inkey p256.key -nodetach"},
        {"p256.pem", "-signer p256.pem -inkey p256.key -nodetach -stream"},
        {"p256.pem", "-signer p256.pem -inkey p256.key -econtent_type 1.2.3.4"},
        {"p256.pem", "-signer p256.pem -inkey p256.key -signer p384.pem -inkey p384.key"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_status s = openssl_signs(CASES[i].anchor, "%s", CASES[i].options);
        if (s.code != VLS_APPROVAL_FORM)
            fail_msg("%s: %s", CASES[i].options, vls_status_name(s));
    }
}

/** Where the first `needle` begins. */
static size_t find(const struct vls_buf *der, const uint8_t *needle, size_t len)
{
    const uint8_t *at = memmem(der->at, der->len, needle, len);
    assert_non_null(at);
    return (size_t)(at - der->at);
}

static void signature__without_signing_time__refused(void **state)
{
    /* the attribute's last arc 5 (signingTime) becomes 13, which is no attribute that matters here:
     * what remains is well formed and lacks the time */
    static const uint8_t SIGNING_TIME[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                           0xf7, 0x0d, 0x01, 0x09, 0x05};
    (void)state;
    struct vls_buf der = sign("p256");
    der.at[find(&der, SIGNING_TIME, sizeof SIGNING_TIME) + sizeof SIGNING_TIME - 1] = 13;
    refuses(vls_buf_slice(&der), STATEMENT, "p256.pem", now_ms(), VLS_APPROVAL_FORM, "signingTime");
    vls_buf_fini(&der);
}

static void signature__not_der__refused(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_buf der = sign("p256"), ber;
    vls_buf_init(&ber, 2 * VLS_MAX_SIGNATURE);
    /* the same with a trailing byte */
    assert_code(vls_buf_add_slice(&ber, vls_buf_slice(&der)), OK);
    assert_code(vls_buf_add(&ber, "", 1), OK);
    refuses(vls_buf_slice(&ber), STATEMENT, "p256.pem", now_ms(), VLS_APPROVAL_FORM, "DER");
    /* indefinite length instead of 30 82 nn nn */
    assert_memory_equal(der.at, "\x30\x82", 2);
    vls_buf_clear(&ber);
    assert_code(vls_buf_add(&ber, "\x30\x80", 2), OK);
    assert_code(vls_buf_add(&ber, der.at + 4, der.len - 4), OK);
    assert_code(vls_buf_add(&ber, "\0", 2), OK);
    refuses(vls_buf_slice(&ber), STATEMENT, "p256.pem", now_ms(), VLS_APPROVAL_FORM, "DER");
    /* cut short, at every length */
    for (size_t len = 0; len < der.len; len++) {
        struct vls_signature who;
        assert_code(check(VLS_SLICE(der.at, len), STATEMENT, "p256.pem", now_ms(), &who, &why),
                    APPROVAL_FORM);
    }
    vls_buf_fini(&ber);
    vls_buf_fini(&der);
}

/* what is outside the signature (version numbers, the list of digests) may change, and nothing that
 * is said by it does */
static void signature__any_byte_changed__says_the_same_or_is_refused(void **state)
{
    struct vls_anchor *anchor = NULL;
    struct vls_why why = {""};
    struct vls_signature first;
    size_t same = 0;
    (void)state;
    struct vls_buf der = sign("p256");
    assert_code(vls_anchor_load(in_dir("p256.pem"), &anchor, &why), OK);
    assert_code(check(vls_buf_slice(&der), STATEMENT, "p256.pem", now_ms(), &first, &why), OK);
    for (size_t i = 0; i < der.len; i++) {
        struct vls_signature who;
        der.at[i] ^= 0x01;
        if (vls_ok(vls_signature_verify(vls_slice_text(STATEMENT), vls_buf_slice(&der), anchor,
                                        now_ms(), &who, &why))) {
            same++;
            assert_string_equal(who.subject, first.subject);
            assert_int_equal(who.signed_ms, first.signed_ms);
            assert_true(vls_digest_is_equal(&who.certificate, &first.certificate));
        }
        der.at[i] ^= 0x01;
    }
    assert_true(same < 16);
    vls_anchor_free(&anchor);
    vls_buf_fini(&der);
}

static void signature__fifty_mebibytes_of_rubbish__refused_unread(void **state)
{
    const size_t len = 50u << 20;
    (void)state;
    uint8_t *rubbish = malloc(len);
    assert_non_null(rubbish);
    memset(rubbish, 0x30, len);
    refuses(VLS_SLICE(rubbish, len), STATEMENT, "p256.pem", now_ms(), VLS_APPROVAL_FORM, "bytes");
    free(rubbish);
}

/* -- other bytes, other people ----------------------------------------------------------------- */

static void signature__over_other_bytes__refused(void **state)
{
    (void)state;
    struct vls_buf der = sign("p384");
    refuses(vls_buf_slice(&der), STATEMENT " ", "p384.pem", now_ms(), VLS_APPROVAL_SIGNATURE,
            "digest differs");
    refuses(vls_buf_slice(&der), "", "p384.pem", now_ms(), VLS_APPROVAL_SIGNATURE,
            "digest differs");
    vls_buf_fini(&der);
}

static void signature__of_somebody_else__refused_with_the_name(void **state)
{
    (void)state;
    struct vls_buf der = sign("p384");
    refuses(vls_buf_slice(&der), STATEMENT, "p256.pem", now_ms(), VLS_APPROVAL_SIGNER,
            "CN=p384,O=Example");
    vls_buf_fini(&der);
}

/* the clock of the check is not that of the signature */
static void signature__certificate_not_valid_now__refused(void **state)
{
    (void)state;
    struct vls_buf der = sign("p256");
    refuses(vls_buf_slice(&der), STATEMENT, "p256.pem", now_ms() + 31 * DAY_MS, VLS_APPROVAL_SIGNER,
            "expired");
    refuses(vls_buf_slice(&der), STATEMENT, "p256.pem", now_ms() - DAY_MS, VLS_APPROVAL_SIGNER,
            "future");
    vls_buf_fini(&der);
}

static void signature__certificate_expired_before_signing__refused(void **state)
{
    (void)state;
    assert_int_equal(
        run("openssl req -new -key p256.key -subj /CN=old -out old.csr && "
            "mkdir -p ca && : >ca/index.txt && "
            "printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=ca/index.txt\\nnew_certs_dir=ca\\n"
            "rand_serial=yes\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' "
            ">ca/conf && "
            "openssl ca -batch -config ca/conf -selfsign -keyfile p256.key -in old.csr -out "
            "old.pem "
            "-notext -startdate 20200101000000Z -enddate 20210101000000Z"),
        0);
    assert_code(openssl_signs("old.pem", "-signer old.pem -inkey p256.key"), APPROVAL_SIGNER);
}

static void signature__issued_by_the_anchor__verifies_and_says_so(void **state)
{
    struct vls_why why = {""};
    struct vls_signature who;
    (void)state;
    assert_int_equal(
        run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key "
            "-out ca.pem -days 30 -subj /CN=Authority -addext keyUsage=keyCertSign && "
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key "
            "-subj '/O=Example/CN=leaf' -out leaf.csr && chmod 600 leaf.key && "
            "printf 'keyUsage=digitalSignature\\nbasicConstraints=CA:FALSE\\n' >ext && "
            "openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 20 -extfile ext "
            "-out leaf.pem && "
            "printf 'keyUsage=digitalSignature\\nextendedKeyUsage=serverAuth\\n' >ext && "
            "openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 20 -extfile ext "
            "-out server.pem && printf 'keyUsage=keyEncipherment\\n' >ext && "
            "openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 20 -extfile ext "
            "-out sealing.pem"),
        0);
    struct vls_buf der = sign("leaf");
    assert_code(check(vls_buf_slice(&der), STATEMENT, "ca.pem", now_ms(), &who, &why), OK);
    assert_false(who.is_anchor);
    assert_code(check(vls_buf_slice(&der), STATEMENT, "leaf.pem", now_ms(), &who, &why), OK);
    assert_true(who.is_anchor);
    vls_buf_fini(&der);
    assert_code(openssl_signs("ca.pem", "-signer server.pem -inkey leaf.key"), APPROVAL_SIGNER);
    assert_code(openssl_signs("ca.pem", "-signer sealing.pem -inkey leaf.key"), APPROVAL_SIGNER);
}

/* who is trusted for himself is no authority for others */
static void signature__issued_by_another_signer__refused(void **state)
{
    (void)state;
    assert_int_equal(
        run("printf 'keyUsage=digitalSignature\\n' >ext && openssl x509 -req -in leaf.csr "
            "-CA p384.pem -CAkey p384.key -days 20 -extfile ext -out child.pem"),
        0);
    assert_code(openssl_signs("p384.pem", "-signer child.pem -inkey leaf.key"), APPROVAL_SIGNER);
}

/* -- files ------------------------------------------------------------------------------------- */

static void opens_not(const struct vls_signer_options *options, uint32_t code, const char *words)
{
    struct vls_why why = {""};
    struct vls_signer *signer = NULL;
    struct vls_status s = vls_signer_open(options, &signer, &why);
    if (s.code != code || strstr(why.text, words) == NULL)
        fail_msg("%s: %s, for '%s'", vls_status_name(s), why.text, words);
    assert_null(signer);
}

static void signer__passphrase__needed_and_taken_from_its_file(void **state)
{
    struct vls_why why = {""};
    struct vls_signer *signer = NULL;
    char key[TEST_PATH_ROOM], certificate[TEST_PATH_ROOM], passphrase[TEST_PATH_ROOM];
    (void)state;
    assert_int_equal(run("openssl pkey -in p256.key -aes256 -passout pass:frog -out locked.key && "
                         "chmod 600 locked.key"),
                     0);
    snprintf(key, sizeof key, "%s", in_dir("locked.key"));
    snprintf(certificate, sizeof certificate, "%s", in_dir("p256.pem"));
    snprintf(passphrase, sizeof passphrase, "%s", in_dir("passphrase"));
    struct vls_signer_options options = {.key = key, .certificate = certificate};
    opens_not(&options, VLS_CONFIG_INVALID, "without a passphrase");
    options.passphrase_file = passphrase;
    put("passphrase", vls_slice_text("toad\n"));
    opens_not(&options, VLS_CONFIG_INVALID, "not with this passphrase");
    put("passphrase", vls_slice_text("\n"));
    opens_not(&options, VLS_CONFIG_INVALID, "no passphrase");
    put("passphrase", vls_slice_text("frog\nsecond line\n"));
    assert_code(vls_signer_open(&options, &signer, &why), OK);
    vls_signer_free(&signer);
}

static void signer__wrong_files__refused_with_their_name(void **state)
{
    char key[TEST_PATH_ROOM], certificate[TEST_PATH_ROOM], missing[TEST_PATH_ROOM];
    (void)state;
    snprintf(key, sizeof key, "%s", in_dir("p256.key"));
    snprintf(certificate, sizeof certificate, "%s", in_dir("p384.pem"));
    snprintf(missing, sizeof missing, "%s", in_dir("missing"));
    struct vls_signer_options options = {.key = key, .certificate = certificate};
    opens_not(&options, VLS_CONFIG_INVALID, "not the key of this certificate");
    options.certificate = NULL;
    opens_not(&options, VLS_CONFIG_INVALID, "certificate");
    options.certificate = missing;
    opens_not(&options, VLS_CONFIG_MISSING, "missing");
    options.certificate = key;
    opens_not(&options, VLS_CONFIG_INVALID, "p256.key: holds no certificate");
    snprintf(certificate, sizeof certificate, "%s", in_dir("p256.pem"));
    options.certificate = certificate;
    assert_int_equal(chmod(key, 0644), 0);
    opens_not(&options, VLS_CONFIG_INVALID, "chmod 600");
    assert_int_equal(chmod(key, 0600), 0);
    options =
        (struct vls_signer_options){.key = in_dir("weak.key"), .certificate = in_dir("weak.pem")};
    opens_not(&options, VLS_CONFIG_INVALID, "1024 bits");
}

static void anchor__not_one_certificate__refused(void **state)
{
    struct vls_why why = {""};
    struct vls_anchor *anchor = NULL;
    (void)state;
    assert_code(vls_anchor_load(in_dir("missing"), &anchor, &why), CONFIG_MISSING);
    assert_code(vls_anchor_load(in_dir("statement"), &anchor, &why), CONFIG_INVALID);
    assert_int_equal(run("cat p256.pem p384.pem >two.pem"), 0);
    assert_code(vls_anchor_load(in_dir("two.pem"), &anchor, &why), CONFIG_INVALID);
    assert_non_null(strstr(why.text, "more than one"));
    assert_null(anchor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signature__each_kind_of_key__verifies_here_and_with_openssl),
        cmocka_unit_test(signature__made_by_openssl__verifies),
        cmocka_unit_test(signature__not_of_the_profile__refused),
        cmocka_unit_test(signature__without_signing_time__refused),
        cmocka_unit_test(signature__not_der__refused),
        cmocka_unit_test(signature__any_byte_changed__says_the_same_or_is_refused),
        cmocka_unit_test(signature__fifty_mebibytes_of_rubbish__refused_unread),
        cmocka_unit_test(signature__over_other_bytes__refused),
        cmocka_unit_test(signature__of_somebody_else__refused_with_the_name),
        cmocka_unit_test(signature__certificate_not_valid_now__refused),
        cmocka_unit_test(signature__certificate_expired_before_signing__refused),
        cmocka_unit_test(signature__issued_by_the_anchor__verifies_and_says_so),
        cmocka_unit_test(signature__issued_by_another_signer__refused),
        cmocka_unit_test(signer__passphrase__needed_and_taken_from_its_file),
        cmocka_unit_test(signer__wrong_files__refused_with_their_name),
        cmocka_unit_test(anchor__not_one_certificate__refused),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
