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

static VLS_STATUS make_path(const struct vls_config_check *check, const char *place, char **path)
{
    vls_config_otherwise(path, "");
    return **path != '\0' ? vls_config_make_absolute(check, place, path) : VLS_DONE;
}

/* -- witnesses --------------------------------------------------------------------------------- */

/* The part of "NAME+ID+BASE64" that tells witnesses apart. */
static size_t name_length(const char *key)
{
    return strcspn(key, "+");
}

static VLS_STATUS check_witness_key(const struct vls_config_check *check, unsigned number,
                                    const char *place)
{
    const struct vls_config_witness *all = check->config->attestation.witnesses;
    const char *key = all[number].key;
    if (key == NULL || *key == '\0')
        return complain(check, place, "is missing; who runs the witness gives it");
    size_t len = name_length(key);
    if (key[len] == '\0' || len == 0)
        return complain(check, place, "'%.60s' is not a key of the form NAME+ID+BASE64", key);
    for (unsigned i = 0; i < number; i++)
        if (name_length(all[i].key) == len && strncmp(all[i].key, key, len) == 0)
            return complain(check, place, "a witness '%.*s' is listed twice",
                            len > VLS_MAX_PARTY ? VLS_MAX_PARTY : (int)len, key);
    return VLS_DONE;
}

static VLS_STATUS check_witness(const struct vls_config_check *check, unsigned number)
{
    struct vls_config_witness *witness = &check->config->attestation.witnesses[number];
    char place[VLS_CONFIG_PLACE];
#define AT(key) (snprintf(place, sizeof place, "attestation.witnesses[%u]." key, number), place)
    VLS_TRY(check_witness_key(check, number, AT("key")));
    if (witness->url == NULL || *witness->url == '\0')
        return complain(check, AT("url"), "is missing; give where its add-checkpoint is");
    VLS_TRY(need_url(check, AT("url"), witness->url, false));
    return make_path(check, AT("tls-ca"), &witness->tls_ca);
#undef AT
}

static VLS_STATUS check_quorum(const struct vls_config_check *check)
{
    const struct vls_config *c = check->config;
    if (c->attestation.quorum > c->attestation.witnesses_count)
        return complain(check, "attestation.quorum", "is %u, and there are %u witnesses",
                        c->attestation.quorum, c->attestation.witnesses_count);
    if (c->attestation.quorum == 0 && c->attestation.witnesses_count != 0)
        return complain(check, "attestation.quorum",
                        "is missing; say how many of the %u witnesses make a checkpoint witnessed",
                        c->attestation.witnesses_count);
    return VLS_DONE;
}

/* -- time -------------------------------------------------------------------------------------- */

static VLS_STATUS check_time(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    vls_config_otherwise(&c->attestation.tsa_url, "");
    VLS_TRY(make_path(check, "attestation.tsa-ca", &c->attestation.tsa_ca));
    VLS_TRY(make_path(check, "attestation.tsa-tls-ca", &c->attestation.tsa_tls_ca));
    if (*c->attestation.tsa_url == '\0')
        return VLS_DONE;
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
