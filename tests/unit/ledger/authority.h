#ifndef VALISE_TESTS_LEDGER_AUTHORITY_H
#define VALISE_TESTS_LEDGER_AUTHORITY_H
/*
 * A certification authority and time stamping authorities for tests, made when they run. Tokens are
 * made with OpenSSL's CMS, not with its TS: what is wrong in a token can be chosen then.
 */
#include <openssl/cms.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "base/digest.h"

/** Somebody with a key and a certificate. */
struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

/** What its certificate is to say. */
struct authority_like {
    const char *name;
    const char *usage;    /* extended key usage as OpenSSL's configuration writes it; NULL: none */
    bool is_ca;           /* may sign certificates */
    int64_t from_s, to_s; /* validity; both 0: ten years about now */
};

/** A key (P-256) and its certificate by `issuer`; NULL: by itself. */
void authority_init(struct authority *a, const struct authority *issuer,
                    const struct authority_like *like);
void authority_fini(struct authority *a);

/** What certificates are valid about. */
int64_t authority_now_s(void);

/** Append the certificate in PEM. */
void authority_pem(const struct authority *a, struct vls_buf *out);

/** A token as it is to be. */
struct token_like {
    const struct authority *signer;
    const struct authority *second; /* a second signer, or NULL */
    struct vls_digest digest;
    const char *imprint; /* name of its algorithm; NULL: SHA256 */
    const char *time;    /* GeneralizedTime; NULL: now */
    const char *md;      /* the signature's digest; NULL: SHA256 */
    uint64_t nonce;      /* 0: none */
    int version;         /* 0: 1 */
    int accuracy_ms;     /* 0: none */
    unsigned flags;      /* of CMS_sign, besides those that every token has */
    bool without_ess;    /* no signing-certificate attribute */
    bool with_critical;  /* an extension that nobody knows */
    const char *tsa;     /* common name in its `tsa` field, or NULL */
};

/** Append the token in DER. */
void token_make(const struct token_like *like, struct vls_buf *out);

/** Append a TimeStampResp in DER: a status, a failure bit (-1: none), words (NULL: none), a token
 * (of length 0: none). */
void response_make(int status, int failure, const char *words, struct vls_slice token,
                   struct vls_buf *out);

#endif
