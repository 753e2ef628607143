/* valise keys: the keys of a gateway, which of them are in use, and the TLS key's rotation. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "keys.h"
#include "keys_commands.h"
#include "share.h"
#include "show.h"
#include "sub.h"

/* -- list -------------------------------------------------------------------------------------- */

struct listing {
    struct cli *cli;
    struct table table;
};

static VLS_STATUS add(struct listing *l, const char *use, const char *state, const char *key,
                      const char *ends, const char *file, struct vls_why *why)
{
    if (l->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "use", vls_json_text(use));
        json_object_set_new(object, "state", vls_json_text(state));
        json_object_set_new(object, "key", vls_json_text(key));
        json_object_set_new(object, "ends", vls_json_text(ends));
        json_object_set_new(object, "file", vls_json_text(file));
        return vls_json_line(l->cli, object, why);
    }
    vls_table_add(&l->table, use);
    vls_table_add(&l->table, state);
    vls_table_add(&l->table, key);
    vls_table_add(&l->table, ends);
    vls_table_add(&l->table, file);
    return VLS_DONE;
}

/** An Ed25519 key file: its public half. */
static VLS_STATUS add_log_key(struct listing *l, const char *use, const char *state,
                              const char *path, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    EVP_PKEY *key = NULL;
    vls_buf_init(&text, VLS_MAX_NAME);
    if (strncmp(path, "pkcs11:", 7) == 0)
        return add(l, use, state, "on the token", "", path, why);
    VLS_TRY(vls_key_read(path, &key, why));
    struct vls_status s = vls_key_public(key, &text, why);
    EVP_PKEY_free(key);
    VLS_TRY(s);
    return add(l, use, state, vls_buf_text(&text), "", path, why);
}

/** Its SHA-256, and when it ends: "Nov 23 18:45:01 2026 GMT". */
static VLS_STATUS add_certificate(struct listing *l, const char *use, const char *state,
                                  const char *path, struct vls_why *why)
{
    unsigned char *der = NULL;
    X509 *certificate = NULL;
    char hex[2 * VLS_DIGEST_BYTES + 1], ends[64] = "";
    VLS_TRY(vls_certificate_read(path, &certificate, why));
    int len = i2d_X509(certificate, &der);
    struct vls_digest digest = vls_digest_of_slice(VLS_SLICE(der, len > 0 ? (size_t)len : 0));
    OPENSSL_free(der);
    vls_hex(vls_digest_slice(&digest), hex);
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && ASN1_TIME_print(bio, X509_get0_notAfter(certificate)) == 1) {
        int n = BIO_read(bio, ends, sizeof ends - 1);
        ends[n > 0 ? n : 0] = '\0';
    }
    BIO_free(bio);
    X509_free(certificate);
    return add(l, use, state, hex, ends, path, why);
}

#define FORMER_MAX 256

static VLS_STATUS list_former(struct listing *l, const char *dir, struct vls_why *why)
{
    char *names[FORMER_MAX] = {NULL}, path[VLS_MAX_PATH];
    size_t count = 0;
    if (access(dir, F_OK) != 0)
        return VLS_DONE;
    VLS_TRY(vls_cli_list_files(dir, ".pem", names, FORMER_MAX, &count, why));
    struct vls_status s = VLS_DONE;
    for (size_t i = 0; i < count; i++) {
        bool is_archive = strncmp(names[i], VLS_KEY_ARCHIVE, sizeof VLS_KEY_ARCHIVE - 1) == 0;
        if (vls_ok(s))
            s = vls_keys_path(path, why, "%s/%s", dir, names[i]);
        if (vls_ok(s))
            s = add_certificate(l, is_archive ? "archive" : "seal", "former", path, why);
        vls_mem_free(names[i]);
    }
    return s;
}

static VLS_STATUS list_former_signers(struct listing *l, const char *use, const char *dir,
                                      const char *name, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_CONFIG_FILE);
    VLS_TRY(vls_keys_path(path, why, "%s/%s", dir, name));
    if (access(path, F_OK) != 0)
        return VLS_DONE;
    VLS_TRY(vls_file_read(path, &text, why));
    struct vls_reader lines = vls_reader_of(vls_buf_slice(&text));
    while (!vls_reader_is_at_end(&lines)) {
        char line[VLS_MAX_NAME];
        struct vls_slice one = vls_reader_until(&lines, '\n');
        if (lines.failed || one.len >= sizeof line)
            break;
        vls_copy((uint8_t *)line, one.at, one.len);
        line[one.len] = '\0';
        char *until = strstr(line, " until ");
        if (until == NULL)
            continue;
        *until = '\0';
        VLS_TRY(add(l, use, "former", line, until + sizeof " until " - 1, path, why));
    }
    return VLS_DONE;
}

/** The key in use, what follows it, and what was before it. */
static VLS_STATUS list_signers(struct listing *l, const char *use, const char *key, const char *dir,
                               const char *former, struct vls_why *why)
{
    char next[VLS_MAX_PATH];
    VLS_TRY(add_log_key(l, use, "in use", key, why));
    VLS_TRY(vls_keys_path(next, why, "%s" VLS_KEY_NEXT, key));
    if (access(next, F_OK) == 0)
        VLS_TRY(add_log_key(l, use, "next", next, why));
    return list_former_signers(l, use, dir, former, why);
}

static VLS_STATUS list_all(struct listing *l, const struct vls_config *c, struct vls_why *why)
{
    VLS_TRY(add_certificate(l, "tls", "in use", c->listen.tls_certificate, why));
    VLS_TRY(add_certificate(l, "seal", "in use", c->keys.seal_certificate, why));
    VLS_TRY(add_certificate(l, "archive", "in use", c->keys.archive_certificate, why));
    VLS_TRY(list_former(l, c->keys.former, why));
    VLS_TRY(list_signers(l, "log", c->keys.log, c->keys.former, VLS_KEY_FORMER_LOG, why));
    VLS_TRY(
        list_signers(l, "witness", c->keys.witness, c->keys.former, VLS_KEY_FORMER_WITNESS, why));
    for (unsigned i = 0; i < c->officers_count; i++)
        VLS_TRY(
            add_certificate(l, "officer", c->officers[i].user, c->officers[i].certificate, why));
    return VLS_DONE;
}

static struct vls_status cmd_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const char *const TITLES[] = {"USE", "STATE", "KEY", "ENDS", "FILE", NULL};
    struct listing listing = {.cli = cli};
    struct vls_config *config = NULL;
    (void)args;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    vls_table_init(&listing.table, TITLES);
    struct vls_status s = list_all(&listing, config, why);
    if (vls_ok(s) && !cli->is_json)
        vls_table_print(cli, &listing.table);
    vls_table_fini(&listing.table);
    vls_config_free(&config);
    return s;
}

/* -- the TLS key ------------------------------------------------------------------------------- */

struct vls_status vls_keys_rotate_tls(struct cli *cli, const struct vls_config *config,
                                      struct vls_why *why)
{
    char key_path[VLS_MAX_PATH], request[VLS_MAX_PATH];
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    VLS_TRY(vls_keys_path(key_path, why, "%s" VLS_KEY_NEXT, config->keys.tls));
    VLS_TRY(vls_keys_path(request, why, "%s.csr", config->listen.tls_certificate));
    VLS_TRY(vls_certificate_read(config->listen.tls_certificate, &certificate, why));
    struct vls_status s = vls_key_make(KEY_P256, &key, why);
    if (vls_ok(s))
        s = vls_key_write(key, key_path, why);
    if (vls_ok(s))
        s = vls_certificate_request_like(key, certificate, request, why);
    EVP_PKEY_free(key);
    X509_free(certificate);
    VLS_TRY(s);
    return vls_keys_tell(cli, "tls", request,
                         "have this request signed, then: valise keys install CERTIFICATE", why);
}

/* All that can fail for want of room or permission comes before the first rename. */
static VLS_STATUS install_pair(const struct vls_config *config, const char *file,
                               const char *key_path, struct vls_why *why)
{
    char next[VLS_MAX_PATH];
    const char *certificate = config->listen.tls_certificate;
    VLS_TRY(vls_keys_path(next, why, "%s" VLS_KEY_NEXT, certificate));
    VLS_TRY(vls_keys_copy(file, next, 0644, why));
    struct vls_status s = VLS_DONE;
    if (rename(key_path, config->keys.tls) != 0)
        s = vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be renamed", key_path);
    else if (rename(next, certificate) != 0)
        s = vls_fail_errno(VLS_SYSTEM_IO, why, errno,
                           "the key is in place, and the certificate %.120s is not; copy it there",
                           next);
    else
        s = vls_file_sync_parent(certificate, why);
    if (!vls_ok(s) && access(key_path, F_OK) == 0)
        unlink(next);
    return s;
}

struct vls_status vls_keys_cmd_install(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why)
{
    char key_path[VLS_MAX_PATH];
    const char *file = args->operands[1];
    struct vls_config *config = NULL;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    struct vls_status s = vls_keys_path(key_path, why, "%s" VLS_KEY_NEXT, config->keys.tls);
    if (vls_ok(s))
        s = vls_certificate_read(file, &certificate, why);
    if (vls_ok(s))
        s = vls_key_read(key_path, &key, why);
    if (vls_ok(s) && X509_check_private_key(certificate, key) != 1)
        s = vls_cli_usage(why, file, "is not a certificate of the key %.120s", key_path);
    if (vls_ok(s))
        s = install_pair(config, file, key_path, why);
    if (vls_ok(s))
        s = vls_keys_tell(cli, "tls", config->listen.tls_certificate, "reload valised", why);
    EVP_PKEY_free(key);
    X509_free(certificate);
    vls_config_free(&config);
    return s;
}

static const struct cli_sub SUBS[] = {
    {"list", "", 0, 0, "", cmd_list},
    {"rotate", "output", 1, 1, "log|witness|seal|archive|tls", vls_keys_cmd_rotate},
    {"retire", "", 1, 1, "log|witness", vls_keys_cmd_retire},
    {"install", "", 1, 1, "CERTIFICATE", vls_keys_cmd_install},
};

struct vls_status vls_cmd_keys(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
