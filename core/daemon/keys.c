#include "daemon/keys.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

enum key_type { KEY_P256, KEY_ED25519 };

static const char *type_name(enum key_type type)
{
    return type == KEY_P256 ? "a P-256 key" : "an Ed25519 key";
}

static bool is_of_type(const EVP_PKEY *key, enum key_type type)
{
    char group[32];
    size_t len;
    if (type == KEY_ED25519)
        return EVP_PKEY_is_a(key, "ED25519");
    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static struct vls_status check_set(const char *path, const char *setting, struct vls_why *why)
{
    if (path != NULL && path[0] != '\0')
        return VLS_DONE;
    return vls_fail(VLS_CONFIG_INVALID, why, "%s is not set: give the path of a PEM file", setting);
}

/* An encrypted key would make OpenSSL ask on a terminal that a daemon does not have. */
static int no_password(char *to, int room, int is_writing, void *ctx)
{
    (void)to, (void)room, (void)is_writing, (void)ctx;
    return -1;
}

static struct vls_status read_private(const char *path, const char *setting, struct vls_buf *pem,
                                      struct vls_why *why)
{
    struct vls_why inner = {""};
    struct vls_status s = vls_file_read_private(path, pem, &inner);
    return vls_ok(s) ? s : vls_fail(s.code, why, "%s: %s", setting, inner.text);
}

static struct vls_status load_private(const char *path, const char *setting, enum key_type type,
                                      EVP_PKEY **out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf pem;
    vls_buf_init(&pem, VLS_MAX_KEY_FILE);
    VLS_TRY(check_set(path, setting, why));
    VLS_TRY(read_private(path, setting, &pem, why));
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    if (key == NULL)
        return vls_fail(VLS_CONFIG_INVALID, why, "%s: %s is not an unencrypted PEM private key",
                        setting, path);
    if (!is_of_type(key, type)) {
        EVP_PKEY_free(key);
        return vls_fail(VLS_CONFIG_INVALID, why, "%s: %s is not %s", setting, path,
                        type_name(type));
    }
    *out = key;
    return VLS_DONE;
}

/* The first certificate of a PEM file; those behind it are its chain. */
static struct vls_status load_certificate(const char *path, const char *setting, X509 **out,
                                          struct vls_why *why)
{
    struct vls_why inner = {""};
    VLS_DEFER(vls_buf_fini) struct vls_buf pem;
    vls_buf_init(&pem, VLS_MAX_KEY_FILE);
    VLS_TRY(check_set(path, setting, why));
    struct vls_status s = vls_file_read(path, &pem, &inner);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "%s: %s", setting, inner.text);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    if (certificate == NULL)
        return vls_fail(VLS_CONFIG_INVALID, why, "%s: %s is not a PEM certificate", setting, path);
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL || !is_of_type(key, KEY_P256)) {
        X509_free(certificate);
        return vls_fail(VLS_CONFIG_INVALID, why, "%s: the certificate %s does not hold a P-256 key",
                        setting, path);
    }
    *out = certificate;
    return VLS_DONE;
}

static struct vls_status check_pair(const EVP_PKEY *key, const char *key_path, X509 *certificate,
                                    const char *certificate_path, struct vls_why *why)
{
    if (X509_check_private_key(certificate, key) == 1)
        return VLS_DONE;
    ERR_clear_error();
    return vls_fail(VLS_CONFIG_INVALID, why, "the key %s does not belong to the certificate %s",
                    key_path, certificate_path);
}

static struct vls_status load_log_key(const char *path, const char *setting,
                                      struct vls_log_key *out, struct vls_why *why)
{
    size_t len = sizeof out->public_key;
    VLS_TRY(load_private(path, setting, KEY_ED25519, &out->key, why));
    if (EVP_PKEY_get_raw_public_key(out->key, out->public_key, &len) != 1)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "%s: %s has no public half", setting, path);
    return VLS_DONE;
}

/* -- keys on a token --------------------------------------------------------------------------- */

static struct vls_status open_token(const struct vls_config *config, struct vls_keys *keys,
                                    const char *uri, struct vls_why *why)
{
    if (keys->token != NULL)
        return VLS_DONE;
    VLS_TRY(check_set(config->keys.token_module, "keys.token-module", why));
    VLS_TRY(check_set(config->keys.token_pin, "keys.token-pin", why));
    for (unsigned i = 0; i < config->keys.token_environment_count; i++)
        if (setenv(config->keys.token_environment[i].name, config->keys.token_environment[i].value,
                   1) != 0)
            return vls_fail_errno(VLS_SYSTEM_MEMORY, why, errno, "keys.token-environment");
    return vls_token_open(config->keys.token_module, uri, config->keys.token_pin, &keys->token,
                          why);
}

static struct vls_status load_seal(const struct vls_config *config, struct vls_keys *keys,
                                   struct vls_why *why)
{
    const char *setting = config->keys.seal;
    if (!vls_token_is_uri(setting))
        return load_private(setting, "keys.seal", KEY_P256, &keys->seal, why);
    VLS_TRY(open_token(config, keys, setting, why));
    return vls_token_seal_key(keys->token, setting, &keys->seal, why);
}

static struct vls_status load_log(const struct vls_config *config, struct vls_keys *keys,
                                  struct vls_why *why)
{
    const char *setting = config->keys.log;
    if (!vls_token_is_uri(setting))
        return load_log_key(setting, "keys.log", &keys->log, why);
    VLS_TRY(open_token(config, keys, setting, why));
    keys->log.token = keys->token;
    return vls_token_log_key(keys->token, setting, &keys->log.handle, keys->log.public_key, why);
}

static struct vls_status load_tls(const struct vls_config *config, struct vls_keys *keys,
                                  struct vls_why *why)
{
    X509 *certificate;
    VLS_TRY(load_private(config->keys.tls, "keys.tls", KEY_P256, &keys->tls, why));
    VLS_TRY(load_certificate(config->listen.tls_certificate, "listen.tls-certificate", &certificate,
                             why));
    struct vls_status s =
        check_pair(keys->tls, config->keys.tls, certificate, config->listen.tls_certificate, why);
    X509_free(certificate);
    return s;
}

/* The key that follows, if there is one. */
static struct vls_status load_next(const char *former, const char *setting, struct vls_log_key *out,
                                   struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    int n = snprintf(path, sizeof path, "%s" VLS_KEY_NEXT, former);
    if (n < 0 || (size_t)n >= sizeof path || access(path, F_OK) != 0)
        return VLS_DONE;
    return load_log_key(path, setting, out, why);
}

/* -- keys that were in use before -------------------------------------------------------------- */

static bool begins_with(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

static struct vls_status load_former(const char *dir, const char *name, struct vls_keys *keys,
                                     struct vls_why *why)
{
    char key_path[VLS_MAX_PATH], certificate_path[VLS_MAX_PATH];
    size_t stem = strlen(name) - sizeof VLS_KEY_SUFFIX + 1;
    if (keys->former_count == VLS_MAX_FORMER_KEYS)
        return vls_fail(VLS_INPUT_LIMIT, why, "keys.former: more than %u pairs in %s",
                        VLS_MAX_FORMER_KEYS, dir);
    int n = snprintf(key_path, sizeof key_path, "%s/%s", dir, name);
    int m =
        snprintf(certificate_path, sizeof certificate_path, "%s/%.*s.pem", dir, (int)stem, name);
    if (n < 0 || (size_t)n >= sizeof key_path || m < 0 || (size_t)m >= sizeof certificate_path)
        return vls_fail(VLS_INPUT_LIMIT, why, "keys.former: the path is too long");
    struct vls_former_key *former = &keys->former[keys->former_count++];
    former->is_archive = begins_with(name, VLS_KEY_ARCHIVE);
    VLS_TRY(load_private(key_path, "keys.former", KEY_P256, &former->key, why));
    VLS_TRY(load_certificate(certificate_path, "keys.former", &former->certificate, why));
    return check_pair(former->key, key_path, former->certificate, certificate_path, why);
}

static bool is_former(const char *name)
{
    size_t len = strlen(name);
    return len > sizeof VLS_KEY_SUFFIX &&
           strcmp(name + len - sizeof VLS_KEY_SUFFIX + 1, VLS_KEY_SUFFIX) == 0 &&
           (begins_with(name, VLS_KEY_SEAL) || begins_with(name, VLS_KEY_ARCHIVE));
}

static void close_directory(DIR **directory)
{
    if (*directory != NULL)
        closedir(*directory);
}

static struct vls_status load_all_former(const struct vls_config *config, struct vls_keys *keys,
                                         struct vls_why *why)
{
    VLS_DEFER(close_directory) DIR *directory = opendir(config->keys.former);
    if (directory == NULL)
        return errno == ENOENT ? VLS_DONE
                               : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "keys.former: %s",
                                                config->keys.former);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (is_former(entry->d_name))
            VLS_TRY(load_former(config->keys.former, entry->d_name, keys, why));
    return VLS_DONE;
}

static struct vls_status load_own(const struct vls_config *config, struct vls_keys *keys,
                                  struct vls_why *why)
{
    keys->party = vls_mem_dup(config->node.party);
    VLS_TRY(load_tls(config, keys, why));
    VLS_TRY(load_seal(config, keys, why));
    VLS_TRY(load_private(config->keys.archive, "keys.archive", KEY_P256, &keys->archive, why));
    VLS_TRY(load_certificate(config->keys.seal_certificate, "keys.seal-certificate",
                             &keys->seal_certificate, why));
    VLS_TRY(load_certificate(config->keys.archive_certificate, "keys.archive-certificate",
                             &keys->archive_certificate, why));
    VLS_TRY(check_pair(keys->seal, config->keys.seal, keys->seal_certificate,
                       config->keys.seal_certificate, why));
    VLS_TRY(check_pair(keys->archive, config->keys.archive, keys->archive_certificate,
                       config->keys.archive_certificate, why));
    VLS_TRY(load_log(config, keys, why));
    VLS_TRY(load_next(config->keys.log, "the successor of keys.log", &keys->log_next, why));
    VLS_TRY(load_log_key(config->keys.witness, "keys.witness", &keys->witness, why));
    VLS_TRY(
        load_next(config->keys.witness, "the successor of keys.witness", &keys->witness_next, why));
    return load_all_former(config, keys, why);
}

static struct vls_status load_partners(const struct vls_config *config, struct vls_keys *keys,
                                       struct vls_why *why)
{
    struct vls_why inner = {""};
    if (config->partners_count == 0)
        return VLS_DONE;
    keys->partners = vls_mem_new(config->partners_count * sizeof *keys->partners);
    for (unsigned i = 0; i < config->partners_count; i++) {
        struct vls_partner_key *partner = &keys->partners[keys->partner_count++];
        partner->party = vls_mem_dup(config->partners[i].party);
        struct vls_status s =
            load_certificate(config->partners[i].seal_certificate, "seal-certificate",
                             &partner->seal_certificate, &inner);
        if (!vls_ok(s))
            return vls_fail(s.code, why, "partner %s: %s", partner->party, inner.text);
    }
    return VLS_DONE;
}

struct vls_status vls_keys_load(const struct vls_config *config, struct vls_keys **out,
                                struct vls_why *why)
{
    struct vls_keys *keys = vls_mem_new(sizeof *keys);
    struct vls_status s = load_own(config, keys, why);
    if (vls_ok(s))
        s = load_partners(config, keys, why);
    if (vls_ok(s))
        *out = keys;
    else
        vls_keys_free(&keys);
    return s;
}

void vls_keys_free(struct vls_keys **keys)
{
    struct vls_keys *k = *keys;
    if (k == NULL)
        return;
    for (size_t i = 0; i < k->partner_count; i++) {
        vls_mem_free(k->partners[i].party);
        X509_free(k->partners[i].seal_certificate);
    }
    vls_mem_free(k->partners);
    vls_mem_free(k->party);
    EVP_PKEY_free(k->tls);
    EVP_PKEY_free(k->seal);
    EVP_PKEY_free(k->archive);
    EVP_PKEY_free(k->log.key);
    EVP_PKEY_free(k->log_next.key);
    EVP_PKEY_free(k->witness.key);
    EVP_PKEY_free(k->witness_next.key);
    for (size_t i = 0; i < k->former_count; i++) {
        EVP_PKEY_free(k->former[i].key);
        X509_free(k->former[i].certificate);
    }
    X509_free(k->seal_certificate);
    X509_free(k->archive_certificate);
    vls_token_free(&k->token); /* behind its keys */
    vls_mem_free(k);
    *keys = NULL;
}

static const struct vls_partner_key *find_partner(const struct vls_keys *keys, const char *party)
{
    for (size_t i = 0; i < keys->partner_count; i++)
        if (strcmp(keys->partners[i].party, party) == 0)
            return &keys->partners[i];
    return NULL;
}

X509 *vls_keys_recipient(const struct vls_keys *keys, const char *party)
{
    const struct vls_partner_key *partner = find_partner(keys, party);
    if (partner != NULL)
        return partner->seal_certificate;
    return strcmp(keys->party, party) == 0 ? keys->seal_certificate : NULL;
}

bool vls_keys_has_partner(const struct vls_keys *keys, const char *party)
{
    return find_partner(keys, party) != NULL;
}
