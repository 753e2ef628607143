/* attest/open - keys and issuers of those outside, read before the sandbox closes. See attest.h. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>

#include "attest/attest_internal.h"
#include "base/file.h"
#include "base/mem.h"
#include "ledger/witness.h"

#define MAX_ISSUERS (1u << 20) /* bytes of a PEM file */
#define PLACE       64

static bool holds_certificate(struct vls_slice pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *one = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool is_there = one != NULL;
    X509_free(one);
    BIO_free(bio);
    ERR_clear_error(); /* what is no PEM left its traces */
    return is_there;
}

/* The issuers of a TLS certificate; none when no file is given. `place` is the setting. */
static struct vls_status read_issuers(const struct vls_config *config, const char *place,
                                      const char *path, struct vls_buf *out, struct vls_why *why)
{
    struct vls_why words = {""};
    if (*path == '\0')
        return VLS_DONE;
    if (!vls_ok(vls_file_read(path, out, &words)))
        return vls_config_complain(config, place, why, "%s", words.text);
    if (!holds_certificate(vls_buf_slice(out)))
        return vls_config_complain(config, place, why, "%.160s holds no certificate in PEM", path);
    return VLS_DONE;
}

static struct vls_status read_key(const struct vls_config *config, size_t number,
                                  struct vls_note_key *out, struct vls_why *why)
{
    const char *key = config->attestation.witnesses[number].key;
    struct vls_why words = {""};
    char place[PLACE];
    snprintf(place, sizeof place, "attestation.witnesses[%zu].key", number);
    if (!vls_ok(vls_note_key_read(key, out, &words)))
        return vls_config_complain(config, place, why, "%s", words.text);
    return VLS_DONE;
}

static struct vls_status open_witness(const struct vls_config *config, size_t number,
                                      struct vls_attest_witness *to, struct vls_why *why)
{
    const struct vls_config_witness *from = &config->attestation.witnesses[number];
    size_t len = vls_slice_text(from->url).len;
    char place[PLACE];
    snprintf(place, sizeof place, "attestation.witnesses[%zu].tls-ca", number);
    VLS_TRY(read_key(config, number, &to->key, why));
    VLS_TRY(read_issuers(config, place, from->tls_ca, &to->ca, why));
    while (len > 0 && from->url[len - 1] == '/')
        len--;
    VLS_TRY(vls_buf_add_format(&to->url, "%.*s" VLS_WITNESS_PATH, (int)len, from->url));
    to->to = (struct vls_post_to){.url = vls_buf_text(&to->url),
                                  .ca = vls_buf_slice(&to->ca),
                                  .ca_setting = "tls-ca",
                                  .timeout_ms = config->attestation.timeout_s * 1000};
    return VLS_DONE;
}

static struct vls_status open_tsa(struct vls_attest *attest, const struct vls_config *all,
                                  struct vls_why *why)
{
    const struct vls_config_attestation *config = &all->attestation;
    struct vls_why words = {""};
    if (*config->tsa_url == '\0')
        return VLS_DONE;
    if (!vls_ok(vls_stamp_trust_load(config->tsa_ca, &attest->trust, &words)))
        return vls_config_complain(all, "attestation.tsa-ca", why, "%s", words.text);
    VLS_TRY(read_issuers(all, "attestation.tsa-tls-ca", config->tsa_tls_ca, &attest->tsa_ca, why));
    attest->tsa = (struct vls_post_to){.url = config->tsa_url,
                                       .may_be_open = true,
                                       .ca = vls_buf_slice(&attest->tsa_ca),
                                       .ca_setting = "tsa-tls-ca",
                                       .timeout_ms = config->timeout_s * 1000,
                                       .asks = "application/timestamp-query",
                                       .accepts = "application/timestamp-reply"};
    return VLS_DONE;
}

static struct vls_status open_all(struct vls_attest *attest, struct event_base *base,
                                  const struct vls_config *config, struct vls_why *why)
{
    VLS_TRY(vls_posts_init(&attest->posts, base, why));
    for (size_t i = 0; i < attest->witness_count; i++)
        VLS_TRY(open_witness(config, i, &attest->witnesses[i], why));
    return open_tsa(attest, config, why);
}

struct vls_status vls_attest_new(struct event_base *base, const struct vls_env *env,
                                 const struct vls_config *config, struct vls_attest **out,
                                 struct vls_why *why)
{
    struct vls_attest *attest = vls_mem_new(sizeof *attest);
    attest->env = env;
    attest->witness_count = config->attestation.witnesses_count;
    attest->witnesses = vls_mem_new((attest->witness_count + 1) * sizeof *attest->witnesses);
    vls_buf_init(&attest->tsa_ca, MAX_ISSUERS);
    for (size_t i = 0; i < attest->witness_count; i++) {
        vls_buf_init(&attest->witnesses[i].url, VLS_MAX_URL + sizeof VLS_WITNESS_PATH);
        vls_buf_init(&attest->witnesses[i].ca, MAX_ISSUERS);
    }
    struct vls_status s = open_all(attest, base, config, why);
    if (!vls_ok(s)) {
        vls_attest_free(&attest);
        return s;
    }
    *out = attest;
    return VLS_DONE;
}

void vls_attest_free(struct vls_attest **attest)
{
    struct vls_attest *a = *attest;
    if (a == NULL)
        return;
    vls_posts_fini(&a->posts);
    for (size_t i = 0; i < a->witness_count; i++) {
        vls_buf_fini(&a->witnesses[i].url);
        vls_buf_fini(&a->witnesses[i].ca);
    }
    vls_buf_fini(&a->tsa_ca);
    vls_stamp_trust_free(&a->trust);
    vls_mem_free(a->witnesses);
    vls_mem_free(a);
    *attest = NULL;
}
