/* valise keys rotate, retire: the keys that sign, and those that content is sealed to. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "keys.h"
#include "keys_commands.h"
#include "output.h"
#include "rotation.h"
#include "show.h"

/* -- files ------------------------------------------------------------------------------------- */

struct vls_status vls_keys_path(char *out, struct vls_why *why, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(out, VLS_MAX_PATH, fmt, args);
    va_end(args);
    return n >= 0 && n < VLS_MAX_PATH ? VLS_DONE
                                      : vls_fail(VLS_INPUT_LIMIT, why, "a path is too long");
}

struct vls_status vls_keys_copy(const char *from, const char *to, mode_t mode, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_MAX_KEY_FILE);
    VLS_TRY(vls_file_read(from, &bytes, why));
    return vls_file_write(to, vls_buf_slice(&bytes), mode, why);
}

struct vls_status vls_keys_destroy(const char *path, struct vls_why *why)
{
    uint8_t zeros[VLS_MAX_KEY_FILE] = {0};
    uint64_t bytes;
    VLS_DEFER(vls_fd_close) int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s", path);
    VLS_TRY(vls_fd_size(fd, &bytes, why));
    VLS_TRY(vls_fd_write(fd, VLS_SLICE(zeros, bytes < sizeof zeros ? bytes : sizeof zeros), why));
    if (fsync(fd) != 0 || unlink(path) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be removed", path);
    return vls_file_sync_parent(path, why);
}

struct vls_status vls_keys_tell(struct cli *cli, const char *what, const char *file,
                                const char *next, struct vls_why *why)
{
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "key", vls_json_text(what));
        json_object_set_new(object, "file", vls_json_text(file));
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "%s\n", file);
    fprintf(cli->err, "valise keys: %s\n", next);
    return VLS_DONE;
}

/** "20261123T184501123Z": sorts by time, and has no character that a file name may not. */
static void stamp_of(uint64_t ms, char out[VLS_TIME_TEXT])
{
    char text[VLS_TIME_TEXT], *to = out;
    vls_time_text(ms, text);
    for (const char *c = text; *c != '\0'; c++)
        if (*c != '-' && *c != ':' && *c != '.')
            *to++ = *c;
    *to = '\0';
}

/* -- the statement for the partner ------------------------------------------------------------- */

static VLS_STATUS write_statement(const struct rotation *r, EVP_PKEY *const *keys, size_t count,
                                  const char *path, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, ROTATION_MAX);
    VLS_TRY(vls_rotation_sign(r, keys, count, &text, why));
    return vls_file_write(path, vls_buf_slice(&text), 0644, why);
}

/** --output, or "PARTY-WHAT-rotation.txt" in the working directory; not there yet. */
static VLS_STATUS statement_path(const struct cli_args *args, const struct vls_config *config,
                                 const char *what, char out[VLS_MAX_PATH], struct vls_why *why)
{
    const char *given = vls_cli_value(args, "output");
    VLS_TRY(given != NULL
                ? vls_keys_path(out, why, "%s", given)
                : vls_keys_path(out, why, "%s-%s-rotation.txt", config->node.party, what));
    return vls_cli_output_check(out, why);
}

/* -- the log and the witness key --------------------------------------------------------------- */

/** A key that signs, of logs or for cosignatures. */
struct signer {
    const char *what, *key, *former; /* ROTATION_..., its file, and the list of those before it */
};

static struct signer signer_of(const struct vls_config *config, const char *what)
{
    if (strcmp(what, ROTATION_WITNESS) == 0)
        return (struct signer){ROTATION_WITNESS, config->keys.witness, VLS_KEY_FORMER_WITNESS};
    return (struct signer){ROTATION_LOG, config->keys.log, VLS_KEY_FORMER_LOG};
}

static bool is_signer(const char *what)
{
    return strcmp(what, ROTATION_LOG) == 0 || strcmp(what, ROTATION_WITNESS) == 0;
}

/** Who vouches: the log key, also the one that follows it, as a partner may know either. */
struct vouchers {
    EVP_PKEY *keys[3];
    size_t count;
};

static VLS_STATUS vouchers_read(const struct vls_config *config, struct vouchers *out,
                                struct vls_why *why)
{
    char next[VLS_MAX_PATH];
    *out = (struct vouchers){.count = 0};
    VLS_TRY(vls_keys_path(next, why, "%s" VLS_KEY_NEXT, config->keys.log));
    VLS_TRY(vls_key_read(config->keys.log, &out->keys[out->count++], why));
    return access(next, F_OK) == 0 ? vls_key_read(next, &out->keys[out->count++], why) : VLS_DONE;
}

static void vouchers_fini(struct vouchers *vouchers)
{
    for (size_t i = 0; i < vouchers->count; i++)
        EVP_PKEY_free(vouchers->keys[i]);
}

static VLS_STATUS state_signer(struct cli *cli, const struct vls_config *config,
                               const struct signer *signer, EVP_PKEY *next, const char *path,
                               struct vls_why *why)
{
    struct rotation r = {.made_ms = vls_wall_ms(cli->env)};
    struct vouchers vouchers = {.count = 0};
    uint8_t new[VLS_ED25519_KEY];
    EVP_PKEY *old = NULL;
    vls_text_copy(r.party, sizeof r.party, config->node.party);
    vls_text_copy(r.what, sizeof r.what, signer->what);
    vls_buf_init(&r.new, ROTATION_MAX);
    struct vls_status s = vls_key_read(signer->key, &old, why);
    if (vls_ok(s))
        s = vls_key_public_bytes(old, r.old, why);
    if (vls_ok(s))
        s = vls_key_public_bytes(next, new, why);
    if (vls_ok(s))
        s = vls_buf_add_slice(&r.new, VLS_SLICE(new, sizeof new));
    if (vls_ok(s))
        s = vouchers_read(config, &vouchers, why);
    if (vls_ok(s)) {
        vouchers.keys[vouchers.count] = next;
        s = write_statement(&r, vouchers.keys, vouchers.count + 1, path, why);
    }
    EVP_PKEY_free(old);
    vouchers_fini(&vouchers);
    vls_rotation_fini(&r);
    return s;
}

static VLS_STATUS rotate_signer(struct cli *cli, const struct cli_args *args,
                                const struct vls_config *config, const struct signer *signer,
                                struct vls_why *why)
{
    char next_path[VLS_MAX_PATH], statement[VLS_MAX_PATH], words[320];
    EVP_PKEY *next = NULL;
    VLS_TRY(vls_keys_path(next_path, why, "%s" VLS_KEY_NEXT, signer->key));
    VLS_TRY(statement_path(args, config, signer->what, statement, why));
    if (access(next_path, F_OK) == 0)
        return vls_cli_usage(why, next_path,
                             "is there: the %s key is being rotated; 'valise keys retire %s' ends "
                             "it",
                             signer->what, signer->what);
    VLS_TRY(vls_key_make(KEY_ED25519, &next, why));
    struct vls_status s = state_signer(cli, config, signer, next, statement, why);
    if (vls_ok(s))
        s = vls_key_write(next, next_path, why);
    if (!vls_ok(s))
        unlink(statement); /* of a key that nobody has */
    EVP_PKEY_free(next);
    VLS_TRY(s);
    snprintf(words, sizeof words,
             "give this file to each partner, for 'valise partner rotate', and reload valised; "
             "%swhen all have taken it: valise keys retire %s",
             config->attestation.witnesses_count != 0 && strcmp(signer->what, ROTATION_LOG) == 0
                 ? "give who runs each witness what 'valise log keys' prints now; "
                 : "",
             signer->what);
    return vls_keys_tell(cli, signer->what, statement, words, why);
}

/** Into the list of own keys that ended: old evidence is verified with it. */
static VLS_STATUS note_former(struct cli *cli, const struct vls_config *config,
                              const struct signer *signer, struct vls_why *why)
{
    char path[VLS_MAX_PATH], now[VLS_TIME_TEXT];
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    EVP_PKEY *old = NULL;
    vls_buf_init(&text, VLS_MAX_CONFIG_FILE);
    VLS_TRY(vls_keys_path(path, why, "%s/%s", config->keys.former, signer->former));
    if (access(path, F_OK) == 0)
        VLS_TRY(vls_file_read(path, &text, why));
    vls_time_text(vls_wall_ms(cli->env), now);
    VLS_TRY(vls_key_read(signer->key, &old, why));
    struct vls_status s = vls_key_public(old, &text, why);
    EVP_PKEY_free(old);
    VLS_TRY(s);
    VLS_TRY(vls_buf_add_format(&text, " until %s\n", now));
    VLS_TRY(vls_dir_make(config->keys.former, 0700, why));
    return vls_file_write(path, vls_buf_slice(&text), 0644, why);
}

/* The list first: a crash behind it leaves a key in it that is still in use, and that is right. */
static VLS_STATUS retire(struct cli *cli, const struct vls_config *config,
                         const struct signer *signer, struct vls_why *why)
{
    char next_path[VLS_MAX_PATH], old_path[VLS_MAX_PATH];
    VLS_TRY(vls_keys_path(next_path, why, "%s" VLS_KEY_NEXT, signer->key));
    VLS_TRY(vls_keys_path(old_path, why, "%s.old", signer->key));
    if (access(next_path, F_OK) != 0)
        return vls_cli_usage(why, next_path,
                             "is not there: nothing follows the %s key; 'valise keys rotate %s' "
                             "makes it",
                             signer->what, signer->what);
    VLS_TRY(note_former(cli, config, signer, why));
    if (link(signer->key, old_path) != 0 && errno != EEXIST)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be made", old_path);
    if (rename(next_path, signer->key) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be renamed", next_path);
    VLS_TRY(vls_file_sync_parent(signer->key, why));
    VLS_TRY(vls_keys_destroy(old_path, why));
    return vls_keys_tell(cli, signer->what, signer->key,
                         "the former key is destroyed; reload valised", why);
}

struct vls_status vls_keys_cmd_retire(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    const char *what = args->operands[1];
    struct vls_config *config = NULL;
    if (!is_signer(what))
        return vls_cli_usage(why, what, "is not retired; 'log' and 'witness' are");
    VLS_TRY(vls_config_load(cli->config, &config, why));
    const struct signer signer = signer_of(config, what);
    struct vls_status s = retire(cli, config, &signer, why);
    vls_config_free(&config);
    return s;
}

/* -- keys that content is sealed to ------------------------------------------------------------ */

/** A pair of files in use. */
struct pair {
    const char *what, *key, *certificate; /* "seal"; paths */
};

/* A pair that does not fit would be kept for ever as one that opens nothing. */
static VLS_STATUS check_pair(const struct pair *pair, X509 **out_certificate, struct vls_why *why)
{
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    VLS_TRY(vls_key_read(pair->key, &key, why));
    struct vls_status s = vls_certificate_read(pair->certificate, &certificate, why);
    if (vls_ok(s) && X509_check_private_key(certificate, key) != 1)
        s = vls_fail(VLS_CONFIG_INVALID, why,
                     "%.80s does not belong to %.80s; put the pair back from keys.former first",
                     pair->key, pair->certificate);
    EVP_PKEY_free(key);
    if (vls_ok(s))
        *out_certificate = certificate;
    else
        X509_free(certificate);
    return s;
}

/** Made under other names: they come into use by two renames. */
static VLS_STATUS make_pair(struct cli *cli, const struct vls_config *config,
                            const struct pair *pair, char key_path[VLS_MAX_PATH],
                            char certificate_path[VLS_MAX_PATH], struct vls_why *why)
{
    char common_name[VLS_MAX_NAME], names[VLS_MAX_NAME];
    EVP_PKEY *key = NULL;
    snprintf(common_name, sizeof common_name, "%.40s %s", config->node.party, pair->what);
    snprintf(names, sizeof names, "URI:valise:%.64s", config->node.party);
    const struct certificate_plan plan = {.organization = config->node.name,
                                          .common_name = common_name,
                                          .key_usage = "critical,keyAgreement",
                                          .alternative_names = names,
                                          .now_ms = vls_wall_ms(cli->env)};
    VLS_TRY(vls_keys_path(key_path, why, "%s" VLS_KEY_NEXT, pair->key));
    VLS_TRY(vls_keys_path(certificate_path, why, "%s" VLS_KEY_NEXT, pair->certificate));
    VLS_TRY(vls_key_make(KEY_P256, &key, why));
    struct vls_status s = vls_key_write(key, key_path, why);
    if (vls_ok(s))
        s = vls_certificate_make(key, &plan, certificate_path, NULL, why);
    EVP_PKEY_free(key);
    return s;
}

static VLS_STATUS keep_former(struct cli *cli, const struct vls_config *config,
                              const struct pair *pair, struct vls_why *why)
{
    char stamp[VLS_TIME_TEXT], key[VLS_MAX_PATH], certificate[VLS_MAX_PATH];
    stamp_of(vls_wall_ms(cli->env), stamp);
    VLS_TRY(vls_dir_make(config->keys.former, 0700, why));
    VLS_TRY(vls_keys_path(key, why, "%s/%s-%s.key", config->keys.former, pair->what, stamp));
    VLS_TRY(
        vls_keys_path(certificate, why, "%s/%s-%s.pem", config->keys.former, pair->what, stamp));
    VLS_TRY(vls_keys_copy(pair->certificate, certificate, 0644, why)); /* a key needs its own */
    return vls_keys_copy(pair->key, key, 0600, why);
}

static VLS_STATUS add_der(const X509 *certificate, struct vls_buf *out, struct vls_why *why)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    struct vls_status s = len > 0
                              ? vls_buf_add_slice(out, VLS_SLICE(der, (size_t)len))
                              : vls_fail(VLS_SYSTEM_CRYPTO, why, "a certificate is not encoded");
    OPENSSL_free(der);
    return s;
}

static VLS_STATUS state_seal(struct cli *cli, const struct vls_config *config, const X509 *old,
                             const char *new_path, const char *path, struct vls_why *why)
{
    struct rotation r = {.what = ROTATION_SEAL, .made_ms = vls_wall_ms(cli->env)};
    VLS_DEFER(vls_buf_fini) struct vls_buf der;
    struct vouchers vouchers = {.count = 0};
    X509 *new = NULL;
    vls_buf_init(&der, ROTATION_MAX);
    vls_buf_init(&r.new, ROTATION_MAX);
    vls_text_copy(r.party, sizeof r.party, config->node.party);
    struct vls_status s = add_der(old, &der, why);
    if (vls_ok(s))
        s = vls_certificate_read(new_path, &new, why);
    if (vls_ok(s))
        s = add_der(new, &r.new, why);
    if (vls_ok(s))
        s = vouchers_read(config, &vouchers, why);
    if (vls_ok(s)) {
        struct vls_digest digest = vls_digest_of_slice(vls_buf_slice(&der));
        vls_copy(r.old, digest.bytes, sizeof r.old);
        s = write_statement(&r, vouchers.keys, vouchers.count, path, why);
    }
    vouchers_fini(&vouchers);
    X509_free(new);
    vls_rotation_fini(&r);
    return s;
}

/* What was sealed to the old key stays readable at every moment: it is kept before it is replaced.
 */
static VLS_STATUS replace_pair(struct cli *cli, const struct vls_config *config,
                               const struct pair *pair, const char *statement, struct vls_why *why)
{
    char key_path[VLS_MAX_PATH] = "", certificate_path[VLS_MAX_PATH] = "";
    X509 *old = NULL;
    VLS_TRY(check_pair(pair, &old, why));
    struct vls_status s = make_pair(cli, config, pair, key_path, certificate_path, why);
    if (vls_ok(s) && statement != NULL)
        s = state_seal(cli, config, old, certificate_path, statement, why);
    X509_free(old);
    if (vls_ok(s))
        s = keep_former(cli, config, pair, why);
    if (vls_ok(s) &&
        (rename(key_path, pair->key) != 0 || rename(certificate_path, pair->certificate) != 0))
        s = vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be replaced", pair->key);
    if (!vls_ok(s)) {
        unlink(key_path);
        unlink(certificate_path);
        if (statement != NULL)
            unlink(statement);
        return s;
    }
    return vls_file_sync_parent(pair->key, why);
}

static VLS_STATUS rotate_seal(struct cli *cli, const struct cli_args *args,
                              const struct vls_config *config, struct vls_why *why)
{
    const struct pair pair = {ROTATION_SEAL, config->keys.seal, config->keys.seal_certificate};
    char statement[VLS_MAX_PATH];
    VLS_TRY(statement_path(args, config, ROTATION_SEAL, statement, why));
    VLS_TRY(replace_pair(cli, config, &pair, statement, why));
    return vls_keys_tell(cli, ROTATION_SEAL, statement,
                         "reload valised, then give this file to each partner, for 'valise partner "
                         "rotate'; what is sealed to the former key is still opened",
                         why);
}

static VLS_STATUS rotate_archive(struct cli *cli, const struct vls_config *config,
                                 struct vls_why *why)
{
    const struct pair pair = {"archive", config->keys.archive, config->keys.archive_certificate};
    VLS_TRY(replace_pair(cli, config, &pair, NULL, why));
    return vls_keys_tell(cli, "archive", config->keys.archive_certificate,
                         "reload valised; what is sealed to the former key is still opened", why);
}

/** A key on a token is made there; and a statement needs the log key in a file. */
static VLS_STATUS check_files(const struct vls_config *config, const char *what,
                              struct vls_why *why)
{
    const bool is_seal = strcmp(what, ROTATION_SEAL) == 0;
    const char *const files[] = {config->keys.log, is_seal ? config->keys.seal : ""};
    for (size_t i = 0; (is_seal || is_signer(what)) && i < 2; i++)
        if (strncmp(files[i], "pkcs11:", 7) == 0)
            return vls_cli_usage(why, files[i],
                                 "is on a token: see valise-keys(7), Keys on a token");
    return VLS_DONE;
}

static VLS_STATUS rotate(struct cli *cli, const struct cli_args *args,
                         const struct vls_config *config, const char *what, struct vls_why *why)
{
    const struct signer signer = signer_of(config, what);
    VLS_TRY(check_files(config, what, why));
    if (is_signer(what))
        return rotate_signer(cli, args, config, &signer, why);
    if (strcmp(what, ROTATION_SEAL) == 0)
        return rotate_seal(cli, args, config, why);
    if (strcmp(what, "archive") == 0)
        return rotate_archive(cli, config, why);
    if (strcmp(what, "tls") == 0)
        return vls_keys_rotate_tls(cli, config, why);
    return vls_cli_usage(why, what, "is none of log, witness, seal, archive, tls");
}

struct vls_status vls_keys_cmd_rotate(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    struct vls_config *config = NULL;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    struct vls_status s = rotate(cli, args, config, args->operands[1], why);
    vls_config_free(&config);
    return s;
}
