#include <sys/wait.h>

#include <openssl/cms.h>
#include <openssl/pem.h>

#include "label/binding_test.h"

/* SET { INTEGER 3, OBJECT IDENTIFIER 2.999.1 } */
static const uint8_t LABEL[] = {0x31, 0x08, 0x02, 0x01, 0x03, 0x06, 0x03, 0x88, 0x37, 0x01};
#define LABEL_DER VLS_SLICE(LABEL, sizeof LABEL)

static struct vls_buf sign_text(const char *text, const struct vls_binding_key *key)
{
    struct vls_why why = {""};
    struct vls_buf cms;
    int fd = file_of(text);
    vls_buf_init(&cms, VLS_MAX_CMS_BINDING);
    struct vls_status s = vls_binding_cms_sign(fd, LABEL_DER, key, &cms, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    vls_fd_close(&fd);
    return cms;
}

static struct vls_status verify_text(struct vls_slice cms, const char *text, X509_STORE *trust,
                                     struct vls_why *why)
{
    struct vls_binding_signer signer;
    struct vls_buf label;
    int fd = file_of(text);
    vls_buf_init(&label, VLS_MAX_LABEL);
    struct vls_status s = vls_binding_cms_verify(cms, fd, trust, &label, &signer, why);
    if (vls_ok(s)) {
        assert_true(vls_slice_is_equal(vls_buf_slice(&label), LABEL_DER));
        assert_non_null(strstr(signer.subject, "Officer"));
    } else {
        assert_int_equal(label.len, 0);
    }
    vls_buf_fini(&label);
    vls_fd_close(&fd);
    return s;
}

static void cms__each_kind_of_key__verifies_with_the_same_label(void **state)
{
    const struct parties *p = *state;
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_RSA_gen(3072)};
    for (size_t i = 0; i < 3; i++) {
        struct vls_why why = {""};
        struct vls_buf label;
        struct vls_binding_key officer =
            make_officer(keys[i], "Officer", &p->authority, (struct made_of){0});
        struct vls_buf cms = sign_text("some data", &officer);
        vls_buf_init(&label, VLS_MAX_LABEL);
        assert_code(verify_text(vls_buf_slice(&cms), "some data", p->trust, &why), OK);
        assert_code(verify_text(vls_buf_slice(&cms), "some date", p->trust, &why), LABEL_BINDING);
        assert_non_null(strstr(why.text, "digest differs"));
        assert_code(verify_text(vls_buf_slice(&cms), "", p->trust, &why), LABEL_BINDING);
        assert_code(vls_binding_cms_label(vls_buf_slice(&cms), &label, &why), OK);
        assert_true(vls_slice_is_equal(vls_buf_slice(&label), LABEL_DER));
        vls_buf_fini(&label);
        vls_buf_fini(&cms);
        free_officer(&officer);
    }
}

static void cms__each_byte_changed__never_another_label(void **state)
{
    const struct parties *p = *state;
    struct vls_buf cms = sign_text("some data", &p->officer);
    struct vls_why why = {""};
    for (size_t i = 0; i < cms.len; i++) {
        cms.at[i] ^= 0x01;
        /* what the signature does not cover may pass, and then with the same label */
        VLS_IGNORE(verify_text(vls_buf_slice(&cms), "some data", p->trust, &why), "see above");
        cms.at[i] ^= 0x01;
        assert_false(vls_ok(verify_text(VLS_SLICE(cms.at, i), "some data", p->trust, &why)));
    }
    assert_code(vls_buf_add(&cms, "", 1), OK);
    assert_code(verify_text(vls_buf_slice(&cms), "some data", p->trust, &why), LABEL_BINDING);
    vls_buf_fini(&cms);
}

static void cms__signers_and_labels_that_do_not_count__refused(void **state)
{
    const struct parties *p = *state;
    struct vls_why why = {""};
    X509_STORE *nobody = X509_STORE_new();
    struct vls_buf cms = sign_text("a", &p->officer), out;
    int fd = file_of("a");
    vls_buf_init(&out, VLS_MAX_CMS_BINDING);
    assert_code(verify_text(vls_buf_slice(&cms), "a", nobody, &why), LABEL_BINDING);
    struct vls_binding_key weak =
        make_officer(EVP_RSA_gen(2048), "Officer", &p->authority, (struct made_of){0});
    assert_code(vls_binding_cms_sign(fd, LABEL_DER, &weak, &out, &why), LABEL_BINDING);
    assert_code(vls_binding_cms_sign(fd, VLS_SLICE(LABEL, 9), &p->officer, &out, &why),
                LABEL_MALFORMED);
    assert_int_equal(out.len, 0);
    free_officer(&weak);
    X509_STORE_free(nobody);
    vls_fd_close(&fd);
    vls_buf_fini(&cms);
    vls_buf_fini(&out);
}

/** Made by OpenSSL's own functions: as many signers and labels as asked for, attached or not. */
static struct vls_buf foreign(const struct parties *p, int signers, int labels, const EVP_MD *md,
                              unsigned flags)
{
    struct vls_buf out;
    BIO *data = BIO_new_mem_buf("a", 1);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL | CMS_BINARY);
    assert_non_null(cms);
    for (int i = 0; i < signers; i++) {
        const struct vls_binding_key *key = i == 0 ? &p->officer : &p->authority;
        CMS_SignerInfo *si =
            CMS_add1_signer(cms, key->certificate, key->key, md, CMS_PARTIAL | CMS_BINARY);
        assert_non_null(si);
        for (int j = 0; j < labels; j++)
            assert_int_equal(CMS_signed_add1_attr_by_NID(si, NID_id_smime_aa_securityLabel,
                                                         V_ASN1_SET, LABEL, sizeof LABEL),
                             1);
    }
    assert_int_equal(CMS_final(cms, data, NULL, flags | CMS_BINARY), 1);
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);
    assert_true(len > 0);
    vls_buf_init(&out, VLS_MAX_CMS_BINDING);
    assert_code(vls_buf_add(&out, der, (size_t)len), OK);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(data);
    return out;
}

static void cms__of_others__judged_by_the_profile(void **state)
{
    const struct parties *p = *state;
    const struct {
        int signers, labels;
        const EVP_MD *md;
        unsigned flags;
        const char *words; /* NULL: good */
    } CASES[] = {
        {1, 1, EVP_sha256(), CMS_DETACHED, NULL},
        {1, 0, EVP_sha256(), CMS_DETACHED, "has no label"},
        {1, 2, EVP_sha256(), CMS_DETACHED, "other than one label"},
        {2, 1, EVP_sha256(), CMS_DETACHED, "2 signers"},
        {1, 1, EVP_sha1(), CMS_DETACHED, "neither SHA-256"},
        {1, 1, EVP_sha256(), 0, "not a detached"},
        {1, 1, EVP_sha384(), CMS_DETACHED, NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_why why = {""};
        struct vls_buf cms =
            foreign(p, CASES[i].signers, CASES[i].labels, CASES[i].md, CASES[i].flags);
        struct vls_status s = verify_text(vls_buf_slice(&cms), "a", p->trust, &why);
        if (CASES[i].words == NULL && !vls_ok(s))
            fail_msg("case %zu: %s", i, why.text);
        if (CASES[i].words != NULL && (vls_ok(s) || strstr(why.text, CASES[i].words) == NULL))
            fail_msg("case %zu: '%s' has no '%s'", i, why.text, CASES[i].words);
        vls_buf_fini(&cms);
    }
}

/** Run openssl; its output goes to `output`, when not NULL. */
static int run_openssl(char *const *argv, const char *output)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        FILE *to = freopen(output != NULL ? output : "/dev/null", "w", stdout);
        if (to != NULL)
            execvp("openssl", argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void put(const char *path, struct vls_slice bytes)
{
    assert_code(vls_file_write(path, bytes, 0600, NULL), OK);
}

static void cms__written_here__openssl_agrees(void **state)
{
    const struct parties *p = *state;
    char dir[] = "/tmp/valise-cms-XXXXXX", paths[4][64];
    static const char *const NAMES[] = {"a.p7s", "a", "ca.pem", "parsed"};
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < 4; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%s", dir, NAMES[i]);
    struct vls_buf cms = sign_text("some data", &p->officer), parsed;
    put(paths[0], vls_buf_slice(&cms));
    put(paths[1], vls_slice_text("some data"));
    FILE *pem = fopen(paths[2], "w");
    assert_int_equal(PEM_write_X509(pem, p->authority.certificate), 1);
    assert_int_equal(fclose(pem), 0);
    char *verify[] = {"openssl",    "cms",      "-verify",  "-binary",     "-inform", "DER",
                      "-in",        paths[0],   "-content", paths[1],      "-CAfile", paths[2],
                      "-no-CApath", "-purpose", "any",      "-no-CAstore", NULL};
    char *parse[] = {"openssl", "asn1parse", "-inform", "DER", "-in", paths[0], NULL};
    int verdict = run_openssl(verify, NULL), parse_verdict = run_openssl(parse, paths[3]);
    put(paths[1], vls_slice_text("some date"));
    int other = run_openssl(verify, NULL);
    vls_buf_init(&parsed, 1u << 20);
    assert_code(vls_file_read(paths[3], &parsed, NULL), OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(unlink(paths[i]), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(verdict, 0);
    assert_int_not_equal(other, 0);
    assert_int_equal(parse_verdict, 0);
    const char *at = strstr(vls_buf_text(&parsed), "id-smime-aa-securityLabel");
    assert_non_null(at);
    at = strstr(at, "INTEGER           :03");
    assert_non_null(at);
    assert_non_null(strstr(at, "2.999.1"));
    vls_buf_fini(&cms);
    vls_buf_fini(&parsed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cms__each_kind_of_key__verifies_with_the_same_label),
        cmocka_unit_test(cms__each_byte_changed__never_another_label),
        cmocka_unit_test(cms__signers_and_labels_that_do_not_count__refused),
        cmocka_unit_test(cms__of_others__judged_by_the_profile),
        cmocka_unit_test(cms__written_here__openssl_agrees),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
