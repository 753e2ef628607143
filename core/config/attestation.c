/* config/attestation - the section `attestation`: who confirms our logs from outside, and what
 * waits for it. See config_internal.h. What keys and files hold, the roles say that read them. */
#include "config/attestation.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/config_internal.h"
#include "config/host.h"

#define complain(check, path, ...)                                                                 \
    vls_yaml_fail((check)->source, (check)->places, (path), (check)->why, __VA_ARGS__)

#define HTTPS "https://"
#define HTTP  "http://"
/* What an address is written with, behind its host (RFC 3986 section 3.3 and 3.4). */
#define PATH_CHARACTERS                                                                            \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@%/?"

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Who stamps signs what he says: there the way to him may be open. */
static VLS_STATUS need_url(const struct vls_config_check *check, const char *place,
                           const char *text, bool may_be_open)
{
    char host[VLS_MAX_HOST + 1];
    struct vls_host_pattern pattern;
    const char *from = has_prefix(text, HTTPS)                 ? text + strlen(HTTPS)
                       : may_be_open && has_prefix(text, HTTP) ? text + strlen(HTTP)
                                                               : NULL;
    size_t len = from != NULL ? strcspn(from, "/?") : 0;
    if (len != 0 && len < sizeof host) {
        vls_text_copy(host, len + 1, from);
        if (vls_ok(vls_host_pattern_read(host, &pattern, NULL)) && !pattern.is_wild &&
            from[len + strspn(from + len, PATH_CHARACTERS)] == '\0')
            return VLS_DONE;
    }
    return complain(check, place, "'%.60s' is not https://HOST[:PORT][/PATH]%s", text,
                    may_be_open ? ", or the same with http" : "");
}

/* -- witnesses --------------------------------------------------------------------------------- */

/* Of a verifier key, "NAME+ID+BASE64" (C2SP signed-note): eight hexadecimal digits; one byte that
 * says what the key is for, 4 of a witness (tlog-cosignature), and 32 of Ed25519. */
#define KEY_ID_DIGITS 8
#define KEY_BYTES     33
#define KEY_WITNESS   0x04
#define KEY_LOG       0x01

#define ADD_CHECKPOINT "/add-checkpoint"

/* The part of "NAME+ID+BASE64" that tells witnesses apart. */
static size_t name_length(const char *key)
{
    return strcspn(key, "+");
}

/* Of a key that is well formed the first byte behind the id, otherwise -1. Whether the id is that
 * of the key, the edge says, which can compute it. */
static int key_type(const char *key)
{
    uint8_t id[KEY_ID_DIGITS / 2];
    char digits[KEY_ID_DIGITS + 1];
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    size_t len = name_length(key);
    vls_buf_init(&bytes, KEY_BYTES);
    if (len == 0 || key[len] == '\0')
        return -1;
    key += len + 1;
    if (strcspn(key, "+") != KEY_ID_DIGITS || key[KEY_ID_DIGITS] == '\0')
        return -1;
    vls_text_copy(digits, sizeof digits, key);
    if (!vls_ok(vls_hex_read(digits, id, sizeof id)) ||
        !vls_ok(vls_base64_read(vls_slice_text(key + KEY_ID_DIGITS + 1), &bytes)) ||
        bytes.len != KEY_BYTES)
        return -1;
    return bytes.at[0];
}

static VLS_STATUS check_witness_key(const struct vls_config_check *check, unsigned number,
                                    const char *place)
{
    const struct vls_config_witness *all = check->config->attestation.witnesses;
    const char *key = all[number].key;
    if (key == NULL || *key == '\0')
        return complain(check, place, "is missing; who runs the witness gives it");
    size_t len = name_length(key);
    int type = key_type(key);
    if (type == KEY_LOG)
        return complain(check, place, "'%.60s' is the key of a log, not of a witness", key);
    if (type != KEY_WITNESS)
        return complain(check, place,
                        "'%.60s' is not the key of a witness, NAME+ID+BASE64: 8 hexadecimal digits "
                        "and base64 of 33 bytes, the first of which is 4",
                        key);
    for (unsigned i = 0; i < number; i++)
        if (name_length(all[i].key) == len && strncmp(all[i].key, key, len) == 0)
            return complain(check, place, "a witness '%.*s' is listed twice",
                            len > VLS_MAX_PARTY ? VLS_MAX_PARTY : (int)len, key);
    return VLS_DONE;
}

static VLS_STATUS check_witness_url(const struct vls_config_check *check, const char *place,
                                    const char *url)
{
    if (url == NULL || *url == '\0')
        return complain(check, place, "is missing; give where its add-checkpoint is");
    VLS_TRY(need_url(check, place, url, false));
    url += strlen(HTTPS);
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    size_t ending = strlen(ADD_CHECKPOINT);
    if (len >= ending && strncmp(url + len - ending, ADD_CHECKPOINT, ending) == 0)
        return complain(check, place,
                        "ends in add-checkpoint, which the gateway puts behind it "
                        "itself; leave that out");
    return VLS_DONE;
}

static VLS_STATUS check_witness(const struct vls_config_check *check, unsigned number)
{
    struct vls_config_witness *witness = &check->config->attestation.witnesses[number];
    char place[VLS_CONFIG_PLACE];
#define AT(key) (snprintf(place, sizeof place, "attestation.witnesses[%u]." key, number), place)
    VLS_TRY(check_witness_key(check, number, AT("key")));
    VLS_TRY(check_witness_url(check, AT("url"), witness->url));
    return vls_config_optional_path(check, AT("tls-ca"), &witness->tls_ca);
#undef AT
}

static VLS_STATUS check_quorum(const struct vls_config_check *check)
{
    const char *place = "attestation.quorum";
    unsigned quorum = check->config->attestation.quorum;
    unsigned count = check->config->attestation.witnesses_count;
    if (quorum == 0 && vls_yaml_place(check->places, place) != NULL)
        return complain(check, place, "0 is out of bounds; allowed is 1 to %u",
                        VLS_CONFIG_MAX_WITNESSES);
    if (quorum > count)
        return complain(check, place, "is %u, and %u %s listed", quorum, count,
                        count == 1 ? "witness is" : "witnesses are");
    if (quorum == 0 && count != 0)
        return complain(check, place,
                        "is missing; say how many of the %u witnesses make a checkpoint witnessed",
                        count);
    return VLS_DONE;
}

/* -- time -------------------------------------------------------------------------------------- */

/* Issuers of an authority that nobody asks: its url was forgotten. */
static VLS_STATUS check_no_time(const struct vls_config_check *check)
{
    const struct vls_config *c = check->config;
    if (*c->attestation.tsa_ca != '\0')
        return complain(check, "attestation.tsa-ca", "is given, and tsa-url is not");
    if (*c->attestation.tsa_tls_ca != '\0')
        return complain(check, "attestation.tsa-tls-ca", "is given, and tsa-url is not");
    return VLS_DONE;
}

static VLS_STATUS check_time(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    vls_config_otherwise(&c->attestation.tsa_url, "");
    VLS_TRY(vls_config_optional_path(check, "attestation.tsa-ca", &c->attestation.tsa_ca));
    VLS_TRY(vls_config_optional_path(check, "attestation.tsa-tls-ca", &c->attestation.tsa_tls_ca));
    if (*c->attestation.tsa_url == '\0')
        return check_no_time(check);
    VLS_TRY(need_url(check, "attestation.tsa-url", c->attestation.tsa_url, true));
    if (*c->attestation.tsa_ca == '\0')
        return complain(check, "attestation.tsa-ca",
                        "is missing; give the PEM file with the issuers of the authority's "
                        "certificate: without it no time stamp can be checked");
    return VLS_DONE;
}

/* -- what waits for it ------------------------------------------------------------------------- */

static VLS_STATUS check_required(const struct vls_config_check *check)
{
    const struct vls_config *c = check->config;
    for (unsigned i = 0; i < c->attestation.required_count; i++) {
        const char *word = c->attestation.required[i];
        bool is_time = strcmp(word, VLS_REQUIRED_TIME) == 0;
        char place[VLS_CONFIG_PLACE];
        snprintf(place, sizeof place, "attestation.required[%u]", i);
        if (!is_time && strcmp(word, VLS_REQUIRED_WITNESSES) != 0)
            return complain(check, place, "'%.40s' is neither witnesses nor time", word);
        for (unsigned k = 0; k < i; k++)
            if (strcmp(c->attestation.required[k], word) == 0)
                return complain(check, place, "'%s' is listed twice", word);
        if (is_time ? *c->attestation.tsa_url == '\0' : c->attestation.quorum == 0)
            return complain(check, place, "'%s' is required, and %s", word,
                            is_time ? "tsa-url is empty" : "no witnesses are listed");
    }
    return VLS_DONE;
}

struct vls_status vls_config_check_attestation(const struct vls_config_check *check)
{
    for (unsigned i = 0; i < check->config->attestation.witnesses_count; i++)
        VLS_TRY(check_witness(check, i));
    VLS_TRY(check_quorum(check));
    VLS_TRY(check_time(check));
    return check_required(check);
}

bool vls_config_requires(const struct vls_config *config, const char *what)
{
    for (unsigned i = 0; i < config->attestation.required_count; i++)
        if (strcmp(config->attestation.required[i], what) == 0)
            return true;
    return false;
}
