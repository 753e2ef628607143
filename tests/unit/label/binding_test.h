#ifndef VALISE_TESTS_BINDING_TEST_H
#define VALISE_TESTS_BINDING_TEST_H
/* What the tests of signed bindings share: officers with keys made for the test, files in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/mem.h"
#include "label/binding.h"

#define assert_code(status, expected)                                                              \
    assert_string_equal(vls_status_name(status),                                                   \
                        vls_status_name((struct vls_status){VLS_##expected}))

static inline void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/** What may be wrong with a certificate; all zero is a good one. */
struct made_of {
    const char *usage, *extended; /* NULL: digitalSignature; none */
    long from_s, to_s;            /* against now; 0: an hour ago, in an hour */
    const EVP_MD *digest;         /* NULL: SHA-256 */
};

/** A certificate of `key`, by `issuer`; by itself when that has none. */
static inline struct vls_binding_key make_officer(EVP_PKEY *key, const char *name,
                                                  const struct vls_binding_key *issuer,
                                                  struct made_of of)
{
    static long serial;
    X509 *c = X509_new();
    assert_non_null(c);
    assert_non_null(key);
    X509_set_version(c, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(c), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(c), of.from_s != 0 ? of.from_s : -3600);
    X509_gmtime_adj(X509_getm_notAfter(c), of.to_s != 0 ? of.to_s : 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509 *by = issuer != NULL ? issuer->certificate : c;
    X509_set_issuer_name(c, X509_get_subject_name(by));
    X509_set_pubkey(c, key);
    add_extension(c, by, NID_basic_constraints, issuer == NULL ? "critical,CA:TRUE" : "CA:FALSE");
    if (issuer == NULL)
        add_extension(c, by, NID_key_usage, "critical,keyCertSign,digitalSignature");
    else if (of.usage == NULL || of.usage[0] != '\0')
        add_extension(c, by, NID_key_usage,
                      of.usage != NULL ? of.usage : "critical,digitalSignature");
    if (of.extended != NULL)
        add_extension(c, by, NID_ext_key_usage, of.extended);
    assert_true(X509_sign(c, issuer != NULL ? issuer->key : key,
                          of.digest != NULL ? of.digest : EVP_sha256()) > 0);
    return (struct vls_binding_key){key, c};
}

static inline void free_officer(struct vls_binding_key *officer)
{
    EVP_PKEY_free(officer->key);
    X509_free(officer->certificate);
}

/** One authority, one officer, and whom they are trusted by. */
struct parties {
    struct vls_binding_key authority, officer;
    X509_STORE *trust;
};

static inline int set_up(void **state)
{
    struct parties *p = vls_mem_new(sizeof *p);
    p->authority = make_officer(EVP_EC_gen("P-256"), "Authority", NULL, (struct made_of){0});
    p->officer = make_officer(EVP_EC_gen("P-256"), "Officer", &p->authority, (struct made_of){0});
    p->trust = X509_STORE_new();
    assert_int_equal(X509_STORE_add_cert(p->trust, p->authority.certificate), 1);
    *state = p;
    return 0;
}

static inline int tear_down(void **state)
{
    struct parties *p = *state;
    X509_STORE_free(p->trust);
    free_officer(&p->authority);
    free_officer(&p->officer);
    vls_mem_free(p);
    return 0;
}

static inline int file_of(const char *text)
{
    int fd = -1;
    assert_code(vls_fd_memory_of("data", vls_slice_text(text), &fd, NULL), OK);
    return fd;
}

#endif
