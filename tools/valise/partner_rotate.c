/* valise partner rotate: take what a partner signed about a key of its own into the configuration.
 */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "config/config.h"
#include "keys.h"
#include "partner_rotate.h"
#include "rotation.h"
#include "show.h"

/* -- what is known of the party ---------------------------------------------------------------- */

/** A public key of a partner as the configuration has it, and those before it. */
struct entered {
    const char *party, *setting, *former_setting; /* "log-key", "former-log-keys" */
    const char *key;
    char *const *former;
    unsigned former_count;
};

static struct entered entered_of(const struct vls_config_partner *p, const char *what)
{
    if (strcmp(what, ROTATION_WITNESS) == 0)
        return (struct entered){
            p->party,       "witness-key",          "former-witness-keys",
            p->witness_key, p->former_witness_keys, p->former_witness_keys_count};
    return (struct entered){p->party,   "log-key",          "former-log-keys",
                            p->log_key, p->former_log_keys, p->former_log_keys_count};
}

static VLS_STATUS known_key(const struct entered *entered, uint8_t out[VLS_ED25519_KEY],
                            struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf key;
    vls_buf_init(&key, VLS_MAX_NAME);
    if (!vls_ok(vls_base64_read(vls_slice_text(entered->key), &key)) || key.len != VLS_ED25519_KEY)
        return vls_fail(VLS_CONFIG_INVALID, why, "%s of %s is not an Ed25519 key", entered->setting,
                        entered->party);
    vls_copy(out, key.at, VLS_ED25519_KEY);
    return VLS_DONE;
}

/** Read the statement and verify it with the key that its party has in the configuration. */
static VLS_STATUS read_statement(const char *path, const struct vls_config *config,
                                 struct rotation *out,
                                 const struct vls_config_partner **out_partner, struct vls_why *why)
{
    char party[VLS_MAX_PARTY + 1];
    uint8_t key[VLS_ED25519_KEY];
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, ROTATION_MAX);
    VLS_TRY(vls_cli_about(vls_file_read(path, &text, why), path, why));
    VLS_TRY(vls_cli_about(vls_rotation_party(vls_buf_slice(&text), party, why), path, why));
    *out_partner = vls_config_partner(config, party);
    if (*out_partner == NULL)
        return vls_cli_usage(why, path, "is of %.60s, which is not a partner of this gateway",
                             party);
    const struct entered log = entered_of(*out_partner, ROTATION_LOG);
    VLS_TRY(known_key(&log, key, why));
    return vls_cli_about(vls_rotation_read(vls_buf_slice(&text), key, out, why), path, why);
}

/* -- a key that signs -------------------------------------------------------------------------- */

/** A line "log-key: VALUE" with that value, quoted or not. @return where it begins, and the indent
 */
static const char *find_line(struct vls_slice yaml, const struct entered *e, size_t *out_len,
                             size_t *out_indent)
{
    const char *text = (const char *)yaml.at, *end = text + yaml.len;
    size_t name = strlen(e->setting);
    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = stop != NULL ? (size_t)(stop - line) : (size_t)(end - line);
        size_t indent = 0;
        while (indent < len && (line[indent] == ' ' || line[indent] == '-'))
            indent++;
        if (len - indent > name + 1 && memcmp(line + indent, e->setting, name) == 0 &&
            line[indent + name] == ':' &&
            memmem(line + indent, len - indent, e->key, strlen(e->key)) != NULL) {
            *out_len = len;
            *out_indent = indent;
            return line;
        }
        line = stop != NULL ? stop + 1 : end;
    }
    return NULL;
}

/** The text with the new key in place of the old, and the old one among those that ended. */
static VLS_STATUS edit(struct vls_slice yaml, const struct entered *e, const char *key,
                       const char *until, struct vls_buf *out, struct vls_why *why)
{
    size_t len, indent;
    const char *text = (const char *)yaml.at, *line = find_line(yaml, e, &len, &indent);
    if (line == NULL)
        return vls_fail(
            VLS_CONFIG_INVALID, why,
            "the entry of %s has its %s not in a line of its own; enter the new key and %s by "
            "hand: valise.conf(5)",
            e->party, e->setting, e->former_setting);
    VLS_TRY(vls_buf_add_slice(out, VLS_SLICE(text, (size_t)(line - text) + indent)));
    VLS_TRY(vls_buf_add_format(out, "%s: \"%s\"\n%*s%s: [", e->setting, key, (int)indent, "",
                               e->former_setting));
    for (unsigned i = 0; i < e->former_count; i++)
        VLS_TRY(vls_buf_add_format(out, "\"%s\", ", e->former[i]));
    VLS_TRY(vls_buf_add_format(out, "\"%s until %s\"]", e->key, until));
    struct vls_slice rest = VLS_SLICE(line + len, yaml.len - (size_t)(line - text) - len);
    /* the list as it was, in the next line: it is in the new one */
    const char *next = (const char *)rest.at + 1;
    size_t next_len = rest.len > 1 ? strcspn(next, "\n") : 0;
    if (e->former_count > 0 && rest.len > 1 &&
        memmem(next, next_len, e->former_setting, strlen(e->former_setting)) != NULL)
        rest = VLS_SLICE(next + next_len, rest.len - 1 - next_len);
    return vls_buf_add_slice(out, rest);
}

/** The new text must be a configuration before it replaces the old one. */
static VLS_STATUS replace(const char *path, struct vls_slice text, struct vls_why *why)
{
    struct vls_config *config = NULL;
    struct stat old;
    VLS_TRY(vls_config_read(text, path, &config, why));
    vls_config_free(&config);
    return vls_file_write(path, text, stat(path, &old) == 0 ? old.st_mode & 0777 : 0600, why);
}

static VLS_STATUS take_key(struct cli *cli, const struct vls_config *config,
                           const struct vls_config_partner *partner, const struct rotation *r,
                           struct vls_why *why)
{
    const struct entered entered = entered_of(partner, r->what);
    char until[VLS_TIME_TEXT];
    uint8_t known[VLS_ED25519_KEY];
    VLS_DEFER(vls_buf_fini) struct vls_buf before, after, key;
    vls_buf_init(&before, VLS_MAX_CONFIG_FILE);
    vls_buf_init(&after, VLS_MAX_CONFIG_FILE);
    vls_buf_init(&key, VLS_MAX_NAME);
    VLS_TRY(known_key(&entered, known, why));
    if (memcmp(known, r->old, sizeof known) != 0)
        return vls_fail(VLS_LEDGER_SIGNATURE, why,
                        "it speaks of another key of %s than the one "
                        "that is known",
                        r->party);
    VLS_TRY(vls_base64_add(vls_buf_slice(&r->new), &key));
    VLS_TRY(vls_file_read(config->file, &before, why));
    vls_time_text(vls_wall_ms(cli->env), until);
    VLS_TRY(edit(vls_buf_slice(&before), &entered, vls_buf_text(&key), until, &after, why));
    return replace(config->file, vls_buf_slice(&after), why);
}

/* -- the sealing certificate ------------------------------------------------------------------- */

static VLS_STATUS digest_of(const X509 *certificate, struct vls_digest *out, struct vls_why *why)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len <= 0)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a certificate cannot be encoded");
    *out = vls_digest_of_slice(VLS_SLICE(der, (size_t)len));
    OPENSSL_free(der);
    return VLS_DONE;
}

static VLS_STATUS write_certificate(const struct rotation *r, const char *path, struct vls_why *why)
{
    const unsigned char *der = r->new.at;
    X509 *certificate = d2i_X509(NULL, &der, (long)r->new.len);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;
    struct vls_status s;
    if (certificate == NULL || der != r->new.at + r->new.len || bio == NULL ||
        PEM_write_bio_X509(bio, certificate) != 1)
        s = vls_fail(VLS_INPUT_MALFORMED, why, "line 5 of the statement is not one certificate");
    else {
        long len = BIO_get_mem_data(bio, &pem);
        s = vls_file_write(path, VLS_SLICE(pem, (size_t)len), 0644, why);
    }
    BIO_free(bio);
    X509_free(certificate);
    return s;
}

static VLS_STATUS take_seal(const struct vls_config_partner *partner, const struct rotation *r,
                            struct vls_why *why)
{
    X509 *known = NULL;
    struct vls_digest digest;
    VLS_TRY(vls_certificate_read(partner->seal_certificate, &known, why));
    struct vls_status s = digest_of(known, &digest, why);
    X509_free(known);
    VLS_TRY(s);
    if (memcmp(digest.bytes, r->old, sizeof r->old) != 0)
        return vls_fail(VLS_LEDGER_SIGNATURE, why,
                        "it speaks of another certificate of %s than the one that is known",
                        r->party);
    return write_certificate(r, partner->seal_certificate, why);
}

/* -- the command ------------------------------------------------------------------------------- */

static VLS_STATUS tell(struct cli *cli, const struct rotation *r, const char *file,
                       struct vls_why *why)
{
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "party", vls_json_text(r->party));
        json_object_set_new(object, "key", vls_json_text(r->what));
        json_object_set_new(object, "file", vls_json_text(file));
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "%s: the new %s key of %s is entered; reload valised\n", file, r->what,
            r->party);
    return VLS_DONE;
}

struct vls_status vls_partner_rotate(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why)
{
    struct vls_config *config = NULL;
    const struct vls_config_partner *partner = NULL;
    struct rotation r = {.what = ""};
    if (args->operand_count != 2)
        return vls_cli_usage(why, "FILE", "is missing; the partner gives it: 'valise keys rotate'");
    VLS_TRY(vls_config_load(cli->config, &config, why));
    struct vls_status s = read_statement(args->operands[1], config, &r, &partner, why);
    if (vls_ok(s)) {
        bool is_signer = vls_rotation_is_signer(&r);
        s = is_signer ? take_key(cli, config, partner, &r, why) : take_seal(partner, &r, why);
        if (vls_ok(s))
            s = tell(cli, &r, is_signer ? config->file : partner->seal_certificate, why);
        vls_rotation_fini(&r);
    }
    vls_config_free(&config);
    return s;
}
