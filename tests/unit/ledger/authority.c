#include "ledger/authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/env.h"
#include "base/text.h"

#define YEAR_S  31557600
#define SERIALS 1000 /* the first of the serial numbers */

/* -- certificates ------------------------------------------------------------------------------ */

static void add_extension(X509 *certificate, const X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, (X509 *)issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void name_it(X509 *certificate, const char *name)
{
    X509_NAME *subject = X509_NAME_new();
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_subject_name(certificate, subject), 1);
    X509_NAME_free(subject);
}

int64_t authority_now_s(void)
{
    return (int64_t)(vls_wall_ms(vls_env_system()) / 1000);
}

static void set_validity(X509 *certificate, const struct authority_like *like)
{
    int64_t now = authority_now_s();
    bool is_given = like->from_s != 0 || like->to_s != 0;
    int64_t from = is_given ? like->from_s : now - 5 * YEAR_S;
    int64_t to = is_given ? like->to_s : now + 5 * YEAR_S;
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), from));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), to));
}

void authority_init(struct authority *a, const struct authority *issuer,
                    const struct authority_like *like)
{
    static long serial = SERIALS;
    a->key = EVP_EC_gen("P-256");
    a->certificate = X509_new();
    assert_non_null(a->key);
    const X509 *by = issuer != NULL ? issuer->certificate : a->certificate;
    assert_int_equal(X509_set_version(a->certificate, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(a->certificate), ++serial), 1);
    name_it(a->certificate, like->name);
    assert_int_equal(X509_set_issuer_name(a->certificate, X509_get_subject_name(by)), 1);
    assert_int_equal(X509_set_pubkey(a->certificate, a->key), 1);
    set_validity(a->certificate, like);
    add_extension(a->certificate, by, NID_basic_constraints,
                  like->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(a->certificate, by, NID_key_usage,
                  like->is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    if (like->usage != NULL)
        add_extension(a->certificate, by, NID_ext_key_usage, like->usage);
    assert_true(X509_sign(a->certificate, issuer != NULL ? issuer->key : a->key, EVP_sha256()) > 0);
}

void authority_fini(struct authority *a)
{
    X509_free(a->certificate);
    EVP_PKEY_free(a->key);
}

void authority_pem(const struct authority *a, struct vls_buf *out)
{
    char *at = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, a->certificate), 1);
    long len = BIO_get_mem_data(bio, &at);
    assert_true(vls_ok(vls_buf_add(out, at, (size_t)len)));
    BIO_free(bio);
}

/* -- tokens ------------------------------------------------------------------------------------ */

static void set_imprint(TS_TST_INFO *info, const struct token_like *like)
{
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    const char *name = like->imprint != NULL ? like->imprint : "SHA256";
    struct vls_digest digest = like->digest;
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(OBJ_sn2nid(name)), V_ASN1_NULL, NULL);
    assert_int_equal(TS_MSG_IMPRINT_set_algo(imprint, algorithm), 1);
    assert_int_equal(TS_MSG_IMPRINT_set_msg(imprint, digest.bytes, sizeof digest.bytes), 1);
    assert_int_equal(TS_TST_INFO_set_msg_imprint(info, imprint), 1);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
}

static void set_numbers(TS_TST_INFO *info, const struct token_like *like)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_INTEGER_set_uint64(number, 0x0123456789abcdef);
    assert_int_equal(TS_TST_INFO_set_serial(info, number), 1);
    if (like->nonce != 0) {
        ASN1_INTEGER_set_uint64(number, like->nonce);
        assert_int_equal(TS_TST_INFO_set_nonce(info, number), 1);
    }
    if (like->accuracy_ms != 0) {
        TS_ACCURACY *accuracy = TS_ACCURACY_new();
        ASN1_INTEGER_set(number, like->accuracy_ms / 1000);
        assert_int_equal(TS_ACCURACY_set_seconds(accuracy, number), 1);
        ASN1_INTEGER_set(number, like->accuracy_ms % 1000);
        assert_int_equal(TS_ACCURACY_set_millis(accuracy, number), 1);
        assert_int_equal(TS_TST_INFO_set_accuracy(info, accuracy), 1);
        TS_ACCURACY_free(accuracy);
    }
    ASN1_INTEGER_free(number);
}

static void set_time(TS_TST_INFO *info, const char *text)
{
    ASN1_GENERALIZEDTIME *at = ASN1_GENERALIZEDTIME_new();
    if (text != NULL)
        assert_int_equal(ASN1_STRING_set(at, text, -1), 1);
    else
        assert_non_null(ASN1_GENERALIZEDTIME_set(at, authority_now_s()));
    assert_int_equal(TS_TST_INFO_set_time(info, at), 1);
    ASN1_GENERALIZEDTIME_free(at);
}

static void set_tsa(TS_TST_INFO *info, const char *name)
{
    GENERAL_NAME *general = GENERAL_NAME_new();
    X509_NAME *directory = X509_NAME_new();
    X509_NAME_add_entry_by_txt(directory, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    GENERAL_NAME_set0_value(general, GEN_DIRNAME, directory);
    assert_int_equal(TS_TST_INFO_set_tsa(info, general), 1);
    GENERAL_NAME_free(general);
}

static void set_critical(TS_TST_INFO *info)
{
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *name = OBJ_txt2obj("1.3.6.1.4.1.32473.1", 1);
    ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, name, 1, value);
    assert_int_equal(TS_TST_INFO_add_ext(info, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(name);
    ASN1_OCTET_STRING_free(value);
}

/* TSTInfo in DER, for the caller to free with OPENSSL_free(). */
static int info_of(const struct token_like *like, unsigned char **out)
{
    TS_TST_INFO *info = TS_TST_INFO_new();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.3.6.1.4.1.32473.2.1", 1);
    TS_TST_INFO_set_version(info, like->version != 0 ? like->version : 1);
    assert_int_equal(TS_TST_INFO_set_policy_id(info, policy), 1);
    set_imprint(info, like);
    set_numbers(info, like);
    set_time(info, like->time);
    if (like->tsa != NULL)
        set_tsa(info, like->tsa);
    if (like->with_critical)
        set_critical(info);
    int len = i2d_TS_TST_INFO(info, out);
    ASN1_OBJECT_free(policy);
    TS_TST_INFO_free(info);
    return len;
}

void token_make(const struct token_like *like, struct vls_buf *out)
{
    unsigned char *info = NULL, *der = NULL;
    int len = info_of(like, &info);
    BIO *content = BIO_new_mem_buf(info, len);
    const EVP_MD *md = like->md != NULL ? EVP_get_digestbyname(like->md) : EVP_sha256();
    unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP | like->flags;
    unsigned each = flags | (like->without_ess ? 0 : CMS_CADES);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    assert_int_equal(CMS_set1_eContentType(cms, OBJ_nid2obj(NID_id_smime_ct_TSTInfo)), 1);
    assert_non_null(CMS_add1_signer(cms, like->signer->certificate, like->signer->key, md, each));
    if (like->second != NULL)
        assert_non_null(
            CMS_add1_signer(cms, like->second->certificate, like->second->key, md, each));
    assert_int_equal(CMS_final(cms, content, NULL, flags), 1);
    len = i2d_CMS_ContentInfo(cms, &der);
    assert_true(len > 0);
    assert_true(vls_ok(vls_buf_add(out, der, (size_t)len)));
    OPENSSL_free(der);
    OPENSSL_free(info);
    CMS_ContentInfo_free(cms);
    BIO_free(content);
}

/* -- responses --------------------------------------------------------------------------------- */

/* One DER element: tag, length in three bytes, content. */
static void add_element(uint8_t tag, struct vls_slice content, struct vls_buf *out)
{
    const uint8_t head[] = {tag, 0x82, (uint8_t)(content.len >> 8), (uint8_t)content.len};
    assert_true(content.len <= 0xffff);
    assert_true(vls_ok(vls_buf_add(out, head, sizeof head)));
    assert_true(vls_ok(vls_buf_add_slice(out, content)));
}

/* Lengths may be longer than need be: OpenSSL reads that, as it would what some TSA sends. */
void response_make(int status, int failure, const char *words, struct vls_slice token,
                   struct vls_buf *out)
{
    struct vls_buf info, text, both;
    uint8_t number = (uint8_t)status, bits[5] = {0};
    vls_buf_init(&info, 1u << 16);
    vls_buf_init(&text, 1u << 16);
    vls_buf_init(&both, 1u << 16);
    add_element(0x02, VLS_SLICE(&number, 1), &info);
    if (words != NULL) {
        add_element(0x0c, vls_slice_text(words), &text);
        add_element(0x30, vls_buf_slice(&text), &info);
    }
    if (failure >= 0) {
        bits[1 + failure / 8] = (uint8_t)(0x80 >> failure % 8);
        add_element(0x03, VLS_SLICE(bits, sizeof bits), &info);
    }
    add_element(0x30, vls_buf_slice(&info), &both);
    assert_true(vls_ok(vls_buf_add_slice(&both, token)));
    add_element(0x30, vls_buf_slice(&both), out);
    vls_buf_fini(&both);
    vls_buf_fini(&text);
    vls_buf_fini(&info);
}
