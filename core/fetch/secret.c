#include "fetch/secret.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#define PLACE_ROOM 96
/* A shorter one would be found in every other text, and keeps nobody out. */
#define VALUE_LEAST 8

/* One line of clean text: it goes into a field or a parameter as it is. */
static struct vls_status keep_value(struct vls_buf *bytes, const char *file, struct vls_secret *to,
                                    struct vls_why *why)
{
    while (bytes->len > 0 &&
           (bytes->at[bytes->len - 1] == '\n' || bytes->at[bytes->len - 1] == '\r'))
        bytes->len--;
    if (bytes->len < VALUE_LEAST || !vls_text_is_clean(vls_buf_slice(bytes), false))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "%s must hold one line of clean text, of at least %d bytes", file,
                        VALUE_LEAST);
    to->value = vls_mem_text((const char *)bytes->at, bytes->len);
    return VLS_DONE;
}

static struct vls_status read_credential(const struct vls_config_credential *config,
                                         struct vls_secret *to, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_FETCH_SECRET);
    to->config = config;
    VLS_TRY(vls_host_pattern_read(config->host, &to->host, why));
    VLS_TRY(vls_file_read_private(config->file, &bytes, why));
    return keep_value(&bytes, config->file, to, why);
}

static struct vls_status read_credentials(const struct vls_config *config, unsigned plugin,
                                          struct vls_secrets *to, struct vls_why *why)
{
    const struct vls_config_http *http = config->plugins[plugin].http;
    struct vls_why words;
    char place[PLACE_ROOM];
    to->credentials = vls_mem_new((http->credentials_count + 1) * sizeof *to->credentials);
    for (unsigned i = 0; i < http->credentials_count; i++) {
        struct vls_secret *secret = &to->credentials[to->count++];
        snprintf(place, sizeof place, "plugins[%u].http.credentials[%u].file", plugin, i);
        if (!vls_ok(read_credential(&http->credentials[i], secret, &words)))
            return vls_config_complain(config, place, why, "%s", words.text);
    }
    return VLS_DONE;
}

static struct vls_status read_pem(const struct vls_config *config, unsigned plugin, const char *key,
                                  const char *file, bool is_private, struct vls_buf *to,
                                  struct vls_why *why)
{
    struct vls_why words;
    char place[PLACE_ROOM];
    vls_buf_init(to, VLS_MAX_CONFIG_FILE);
    if (*file == '\0')
        return VLS_DONE;
    snprintf(place, sizeof place, "plugins[%u].http.%s", plugin, key);
    struct vls_status status =
        is_private ? vls_file_read_private(file, to, &words) : vls_file_read(file, to, &words);
    if (!vls_ok(status))
        return vls_config_complain(config, place, why, "%s", words.text);
    const char *text = vls_buf_text(to);
    if (text == NULL || strstr(text, "-----BEGIN ") == NULL)
        return vls_config_complain(config, place, why, "%s is not a PEM file", file);
    return VLS_DONE;
}

struct vls_status vls_secrets_read(const struct vls_config *config, unsigned plugin,
                                   struct vls_secrets *out, struct vls_why *why)
{
    const struct vls_config_http *http = config->plugins[plugin].http;
    VLS_TRY(read_pem(config, plugin, "ca", http->ca, false, &out->ca, why));
    VLS_TRY(read_pem(config, plugin, "client-certificate", http->client_certificate, false,
                     &out->certificate, why));
    VLS_TRY(read_pem(config, plugin, "client-key", http->client_key, true, &out->key, why));
    return read_credentials(config, plugin, out, why);
}

void vls_secrets_fini(struct vls_secrets *secrets)
{
    for (size_t i = 0; i < secrets->count; i++) {
        char *value = secrets->credentials[i].value;
        if (value != NULL)
            vls_mem_wipe(value, strlen(value));
        vls_mem_free(value);
    }
    vls_mem_free(secrets->credentials);
    vls_buf_fini(&secrets->ca);
    vls_buf_fini(&secrets->certificate);
    vls_buf_fini(&secrets->key);
    *secrets = (struct vls_secrets){.count = 0};
}

const struct vls_secret *vls_secret_for(const struct vls_secrets *secrets, const char *host,
                                        uint16_t port, size_t *at)
{
    while (*at < secrets->count) {
        const struct vls_secret *secret = &secrets->credentials[(*at)++];
        if (vls_host_pattern_matches(&secret->host, host, port))
            return secret;
    }
    return NULL;
}

bool vls_secrets_are_in(const struct vls_secrets *secrets, const char *text)
{
    for (size_t i = 0; i < secrets->count; i++) {
        const char *value = secrets->credentials[i].value;
        char *encoded = curl_easy_escape(NULL, value, 0);
        bool is_in =
            strstr(text, value) != NULL || encoded == NULL || strstr(text, encoded) != NULL;
        if (encoded != NULL)
            vls_mem_wipe(encoded, strlen(encoded));
        curl_free(encoded);
        if (is_in)
            return true;
    }
    return false;
}
