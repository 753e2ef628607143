/* peer/trust - see trust.h. */
#include "peer/trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "peer/revocation.h"

#define PARTY_SCHEME   "valise:"
#define MAX_CHAIN      8 /* certificates in one PEM file */
#define MAX_CHAIN_DEEP 4 /* issuers between a partner's certificate and its tls_ca */

/* -- reading files ----------------------------------------------------------------------------- */

/* All certificates of a PEM file, in order; at least one. */
static struct vls_status read_certificates(const char *path, STACK_OF(X509) * *out,
                                           struct vls_why *why)
{
    STACK_OF(X509) *list = sk_X509_new_null();
    BIO *bio = NULL;
    struct vls_buf pem;
    X509 *one;

    if (list == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "%s: no memory", path);
    vls_buf_init(&pem, VLS_MAX_KEY_FILE);
    struct vls_status status = vls_file_read(path, &pem, why);

    if (vls_ok(status))
        bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    while (bio != NULL && sk_X509_num(list) < MAX_CHAIN &&
           (one = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_push(list, one) == 0)
            X509_free(one);
    }
    ERR_clear_error(); /* the end of the file is an error to the PEM reader */
    BIO_free(bio);
    vls_buf_fini(&pem);
    if (vls_ok(status) && sk_X509_num(list) == 0)
        status = vls_fail(VLS_CONFIG_INVALID, why, "%s: holds no certificate in PEM form", path);
    if (!vls_ok(status)) {
        sk_X509_pop_free(list, X509_free);
        return status;
    }
    *out = list;
    return VLS_DONE;
}

static struct vls_status load_own(struct vls_trust *trust, struct vls_signer *signer,
                                  struct vls_why *why)
{
    const char *path = trust->config->listen.tls_certificate;
    char party[VLS_MAX_PARTY + 1];

    if (path == NULL || path[0] == '\0')
        return VLS_DONE;
    VLS_TRY(read_certificates(path, &trust->chain, why));
    trust->certificate = sk_X509_shift(trust->chain);
    VLS_TRY(vls_certificate_party(trust->certificate, party, why));
    if (!vls_text_is_equal(party, trust->config->node.party))
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%s: names the party %s, but this gateway is %s: fix node.party or "
                        "listen.tls_certificate",
                        path, party, trust->config->node.party);
    return vls_signer_key(signer, trust->certificate, &trust->key, why);
}

static struct vls_status fill_store(struct vls_trust_partner *partner, STACK_OF(X509) * issuers,
                                    struct vls_why *why)
{
    const struct vls_config_partner *config = partner->config;
    bool is_good = partner->store != NULL;

    for (int i = 0; is_good && i < sk_X509_num(issuers); i++)
        is_good = X509_STORE_add_cert(partner->store, sk_X509_value(issuers, i)) == 1;
    /* The file may pin an issuing CA without its root: what stands in it is trusted as it is. */
    if (!is_good || X509_STORE_set_flags(partner->store, X509_V_FLAG_PARTIAL_CHAIN) != 1)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "%s: OpenSSL does not take these certificates",
                        config->tls_ca);
    X509_STORE_set_depth(partner->store, MAX_CHAIN_DEEP);
    if (config->crl == NULL || config->crl[0] == '\0')
        return VLS_DONE;
    return vls_revocation_load(config->crl, issuers, partner->store, &partner->crl_until_ms, why);
}

static struct vls_status load_partner(struct vls_trust_partner *partner,
                                      const struct vls_config_partner *config, struct vls_why *why)
{
    STACK_OF(X509) *issuers = NULL;

    partner->config = config;
    partner->crl_until_ms = UINT64_MAX;
    VLS_TRY(read_certificates(config->tls_ca, &issuers, why));
    partner->store = X509_STORE_new();
    struct vls_status status = fill_store(partner, issuers, why);
    sk_X509_pop_free(issuers, X509_free);
    return status;
}

struct vls_status vls_trust_load(const struct vls_config *config, struct vls_signer *signer,
                                 struct vls_trust **out, struct vls_why *why)
{
    struct vls_trust *trust = vls_mem_new(sizeof *trust);
    struct vls_status status;

    trust->config = config;
    trust->partners = vls_mem_new((config->partners_count + 1) * sizeof *trust->partners);
    status = load_own(trust, signer, why);
    for (unsigned i = 0; vls_ok(status) && i < config->partners_count; i++) {
        trust->partner_count = i + 1u;
        status = load_partner(&trust->partners[i], &config->partners[i], why);
    }
    if (!vls_ok(status)) {
        vls_trust_free(&trust);
        return status;
    }
    *out = trust;
    return VLS_DONE;
}

void vls_trust_free(struct vls_trust **trust)
{
    if (*trust == NULL)
        return;
    for (size_t i = 0; i < (*trust)->partner_count; i++) {
        X509_STORE_free((*trust)->partners[i].store);
    }
    vls_mem_free((*trust)->partners);
    EVP_PKEY_free((*trust)->key);
    X509_free((*trust)->certificate);
    sk_X509_pop_free((*trust)->chain, X509_free);
    vls_mem_free(*trust);
    *trust = NULL;
}

const struct vls_trust_partner *vls_trust_partner(const struct vls_trust *trust, const char *party)
{
    for (size_t i = 0; i < trust->partner_count; i++)
        if (vls_text_is_equal(trust->partners[i].config->party, party))
            return &trust->partners[i];
    return NULL;
}

/* -- certificates ------------------------------------------------------------------------------ */

static bool has_prefix(struct vls_slice text, struct vls_slice prefix)
{
    return text.len > prefix.len && vls_slice_is_equal(VLS_SLICE(text.at, prefix.len), prefix);
}

static struct vls_status party_of_names(const GENERAL_NAMES *names, char *out, struct vls_why *why)
{
    const struct vls_slice prefix = vls_slice_text(PARTY_SCHEME);
    char party[VLS_MAX_PARTY + 1];
    unsigned found = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_URI)
            continue;
        const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
        struct vls_slice text =
            VLS_SLICE(ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri));

        if (!has_prefix(text, prefix))
            continue;
        text = VLS_SLICE(text.at + prefix.len, text.len - prefix.len);
        if (text.len > VLS_MAX_PARTY)
            return vls_fail(VLS_PEER_CERTIFICATE, why, "the certificate's party is too long");
        vls_copy(party, text.at, text.len);
        party[text.len] = '\0';
        /* A NUL within would make the name read shorter than it was certified. */
        if (vls_slice_text(party).len != text.len || !vls_text_is_name(party, VLS_MAX_PARTY))
            return vls_fail(VLS_PEER_CERTIFICATE, why, "the certificate's party is not a name");
        found++;
    }
    if (found != 1)
        return vls_fail(VLS_PEER_CERTIFICATE, why,
                        "the certificate has %u URIs " PARTY_SCHEME "PARTY and must have one",
                        found);
    vls_text_copy(out, VLS_MAX_PARTY + 1, party);
    return VLS_DONE;
}

struct vls_status vls_certificate_party(X509 *certificate, char *out, struct vls_why *why)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    struct vls_status status;

    if (names == NULL)
        return vls_fail(VLS_PEER_CERTIFICATE, why, "the certificate has no subjectAltName");
    status = party_of_names(names, out, why);
    GENERAL_NAMES_free(names);
    return status;
}

/* Verify under one partner's CA; the outcome also goes into `presented`, where the TLS alert comes
 * from. */
static struct vls_status verify_chain(const struct vls_trust_partner *partner, X509 *leaf,
                                      X509_STORE_CTX *presented, struct vls_why *why)
{
    X509_STORE_CTX *own = X509_STORE_CTX_new();
    int error = X509_V_ERR_OUT_OF_MEM;

    if (own != NULL &&
        X509_STORE_CTX_init(own, partner->store, leaf, X509_STORE_CTX_get0_untrusted(presented)) ==
            1 &&
        X509_STORE_CTX_set_default(own, "ssl_client") == 1)
        error = X509_verify_cert(own) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(own);
    X509_STORE_CTX_free(own);
    if (error == X509_V_OK)
        return VLS_DONE;
    X509_STORE_CTX_set_error(presented, error);
    return vls_fail(VLS_PEER_CERTIFICATE, why, "party %s: %s", partner->config->party,
                    X509_verify_cert_error_string(error));
}

struct vls_status vls_trust_verify(const struct vls_trust *trust, X509_STORE_CTX *presented,
                                   const struct vls_trust_partner **out, struct vls_why *why)
{
    X509 *leaf = X509_STORE_CTX_get0_cert(presented);
    const struct vls_trust_partner *partner;
    char party[VLS_MAX_PARTY + 1];

    X509_STORE_CTX_set_error(presented, X509_V_ERR_APPLICATION_VERIFICATION);
    if (leaf == NULL)
        return vls_fail(VLS_PEER_CERTIFICATE, why, "no certificate");
    VLS_TRY(vls_certificate_party(leaf, party, why));
    partner = vls_trust_partner(trust, party);
    if (partner == NULL)
        return vls_fail(VLS_PEER_CERTIFICATE, why, "party %s is not one of the partners", party);
    VLS_TRY(verify_chain(partner, leaf, presented, why));
    X509_STORE_CTX_set_error(presented, X509_V_OK);
    *out = partner;
    return VLS_DONE;
}

struct vls_status vls_trust_identify(const struct vls_trust *trust, SSL_CTX *context,
                                     struct vls_why *why)
{
    if (trust->certificate == NULL)
        return vls_fail(
            VLS_CONFIG_INVALID, why,
            "listen.tls_certificate is empty: a gateway needs a certificate to call or be called");
    if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_use_certificate(context, trust->certificate) != 1 ||
        SSL_CTX_set1_chain(context, trust->chain) != 1 ||
        SSL_CTX_use_PrivateKey(context, trust->key) != 1) {
        ERR_clear_error();
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "OpenSSL does not take the own certificate");
    }
    return VLS_DONE;
}
