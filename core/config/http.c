/* config/http - the section `http` of a plugin: what it may reach, and how. See config_internal.h.
 * What its files hold, the role fetch says: it is the one that reads them. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/config_internal.h"
#include "config/host.h"

#define PIN_PREFIX "sha256//"
#define PIN_BYTES  32

#define complain(check, path, ...)                                                                 \
    vls_yaml_fail((check)->source, (check)->places, (path), (check)->why, __VA_ARGS__)

/* "plugins[63].http.credentials[63].header" and the like. */
struct place {
    char text[VLS_CONFIG_PLACE];
};

static const char *at(struct place *place, unsigned plugin, const char *key)
{
    snprintf(place->text, sizeof place->text, "plugins[%u].http.%s", plugin, key);
    return place->text;
}

static VLS_STATUS check_numbers(const struct vls_config_check *check, unsigned number,
                                struct vls_config_http *http)
{
    struct place place;
    for (size_t i = 0; i < VLS_CONFIG_HTTP_NUMBERS_COUNT; i++) {
        const struct vls_config_number *n = &VLS_CONFIG_HTTP_NUMBERS[i];
        uint64_t *value = (uint64_t *)(void *)((uint8_t *)http + n->offset);
        at(&place, number, n->path);
        if (vls_yaml_place(check->places, place.text) == NULL)
            *value = n->otherwise;
        if (*value < n->min || *value > n->max)
            return complain(check, place.text, "%ju is out of bounds; allowed is %ju to %ju",
                            (uintmax_t)*value, (uintmax_t)n->min, (uintmax_t)n->max);
    }
    return VLS_DONE;
}

static VLS_STATUS check_hosts(const struct vls_config_check *check, unsigned number,
                              const struct vls_config_http *http)
{
    struct vls_host_pattern pattern;
    struct vls_why words;
    struct place place;
    if (http->hosts_count == 0)
        return complain(check, at(&place, number, "hosts"),
                        "is missing; list the hosts that the plugin may reach, such as "
                        "documents.example.org");
    for (unsigned i = 0; i < http->hosts_count; i++) {
        snprintf(place.text, sizeof place.text, "plugins[%u].http.hosts[%u]", number, i);
        if (!vls_ok(vls_host_pattern_read(http->hosts[i], &pattern, &words)))
            return complain(check, place.text, "%s", words.text);
    }
    return VLS_DONE;
}

/* "http://HOST:PORT" or with https, and nothing else: a user and a password have no place here. */
static VLS_STATUS check_proxy(const struct vls_config_check *check, unsigned number,
                              const char *proxy)
{
    struct vls_host_pattern pattern;
    struct vls_why words;
    struct place place;
    const char *host = strncmp(proxy, "https://", 8) == 0  ? proxy + 8
                       : strncmp(proxy, "http://", 7) == 0 ? proxy + 7
                                                           : NULL;
    if (*proxy == '\0')
        return VLS_DONE;
    if (host == NULL || !vls_ok(vls_host_pattern_read(host, &pattern, &words)) || pattern.is_wild ||
        strrchr(host, ':') == NULL || host[strlen(host) - 1] == ']')
        return complain(check, at(&place, number, "proxy"),
                        "'%.60s' is not http://HOST:PORT or https://HOST:PORT", proxy);
    return VLS_DONE;
}

static VLS_STATUS check_pin(const struct vls_config_check *check, unsigned number, const char *pin)
{
    struct place place;
    struct vls_buf key;
    if (*pin == '\0')
        return VLS_DONE;
    vls_buf_init(&key, VLS_MAX_NAME);
    bool is_good = strncmp(pin, PIN_PREFIX, strlen(PIN_PREFIX)) == 0 &&
                   vls_ok(vls_base64_read(vls_slice_text(pin + strlen(PIN_PREFIX)), &key)) &&
                   key.len == PIN_BYTES;
    vls_buf_fini(&key);
    if (!is_good)
        return complain(check, at(&place, number, "pin"),
                        "is not sha256// and the base64 of a SHA-256 of the server's public key");
    return VLS_DONE;
}

static VLS_STATUS check_tls(const struct vls_config_check *check, unsigned number,
                            struct vls_config_http *http)
{
    struct place place;
    VLS_TRY(vls_config_optional_path(check, at(&place, number, "ca"), &http->ca));
    VLS_TRY(vls_config_optional_path(check, at(&place, number, "client-certificate"),
                                     &http->client_certificate));
    VLS_TRY(vls_config_optional_path(check, at(&place, number, "client-key"), &http->client_key));
    if (*http->client_certificate != '\0' && *http->client_key == '\0')
        return complain(check, at(&place, number, "client-key"),
                        "is missing; a client certificate is of no use without its key");
    if (*http->client_certificate == '\0' && *http->client_key != '\0')
        return complain(check, at(&place, number, "client-certificate"),
                        "is missing; a client key is of no use without its certificate");
    vls_config_otherwise(&http->pin, "");
    return check_pin(check, number, http->pin);
}

/* A field name that only an operator's credential may have; it is not looked at further here. */
static bool is_token(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    return len > 0 && text[len] == '\0';
}

static bool is_listed(const struct vls_config_http *http, const struct vls_host_pattern *host)
{
    struct vls_host_pattern pattern;
    for (unsigned i = 0; i < http->hosts_count; i++)
        if (vls_ok(vls_host_pattern_read(http->hosts[i], &pattern, NULL)) &&
            vls_host_pattern_matches(&pattern, host->host, host->port))
            return true;
    return false;
}

static VLS_STATUS check_credential_host(const struct vls_config_check *check, const char *place,
                                        const struct vls_config_http *http, const char *text)
{
    struct vls_host_pattern host;
    struct vls_why words;
    if (*text == '\0')
        return complain(check, place, "is missing; name the one host that the credential is for");
    if (!vls_ok(vls_host_pattern_read(text, &host, &words)))
        return complain(check, place, "%s", words.text);
    if (host.is_wild)
        return complain(check, place, "'%.60s' is not one host; a credential is for exactly one",
                        text);
    if (!is_listed(http, &host))
        return complain(check, place, "'%.60s' is not one of the hosts listed above", text);
    return VLS_DONE;
}

static VLS_STATUS check_credential(const struct vls_config_check *check, unsigned number,
                                   const struct vls_config_http *http, unsigned which)
{
    struct vls_config_credential *one = &http->credentials[which];
    struct place place;
#define AT(key)                                                                                    \
    (snprintf(place.text, sizeof place.text, "plugins[%u].http.credentials[%u]." key, number,      \
              which),                                                                              \
     place.text)
    if (one->name == NULL || !vls_text_is_name(one->name, VLS_MAX_NAME))
        return complain(check, AT("name"), "is missing or not a name; use a-z, 0-9, '.', '-', '_'");
    for (unsigned i = 0; i < which; i++)
        if (strcmp(http->credentials[i].name, one->name) == 0)
            return complain(check, AT("name"), "'%s' is listed twice", one->name);
    vls_config_otherwise(&one->host, "");
    vls_config_otherwise(&one->header, "");
    vls_config_otherwise(&one->query, "");
    VLS_TRY(check_credential_host(check, AT("host"), http, one->host));
    if ((*one->header != '\0') == (*one->query != '\0'))
        return complain(check, AT("header"),
                        "name either a header field or, with 'query', a parameter of the url");
    if (!is_token(*one->header != '\0' ? one->header : one->query))
        return complain(check, *one->header != '\0' ? AT("header") : AT("query"),
                        "is no name of that kind; use letters, digits, '-' and '_'");
    if (one->file == NULL || *one->file == '\0')
        return complain(check, AT("file"), "is missing; give the file that holds the credential");
    return vls_config_make_absolute(check, AT("file"), &one->file);
#undef AT
}

/** Whoever runs the endpoint sees who asks, and can write to them before it shuts them out. */
static char *own_agent(const struct vls_config *config)
{
    char agent[VLS_MAX_NAME + 1];
    const char *name = config->node.name;
    for (const char *at = name; *at != '\0'; at++)
        if (*at < ' ' || *at > '~') /* a field of HTTP is ASCII */
            name = config->node.party;
    snprintf(agent, sizeof agent, "Valise (%.*s)", (int)(sizeof agent - sizeof "Valise ()"), name);
    return vls_mem_dup(agent);
}

struct vls_status vls_config_check_http(const struct vls_config_check *check, unsigned number)
{
    struct vls_config_plugin *plugin = &check->config->plugins[number];
    struct vls_config_http *http = plugin->http;
    bool is_granted = vls_config_grants(plugin, VLS_GRANT_NET);
    struct place place;
    snprintf(place.text, sizeof place.text, "plugins[%u].%s", number,
             is_granted ? "grants" : "http");
    if (is_granted && http == NULL)
        return complain(check, place.text,
                        "'net' is granted without a section http; list in it the hosts that the "
                        "plugin may reach");
    if (!is_granted && http != NULL)
        return complain(check, place.text, "is set, but 'net' is not granted; add it to grants");
    if (http == NULL)
        return VLS_DONE;
    VLS_TRY(check_hosts(check, number, http));
    VLS_TRY(check_tls(check, number, http));
    vls_config_otherwise(&http->proxy, "");
    VLS_TRY(check_proxy(check, number, http->proxy));
    if (http->user_agent == NULL)
        http->user_agent = own_agent(check->config);
    if (!vls_text_is_clean(vls_slice_text(http->user_agent), false) || *http->user_agent == '\0')
        return complain(check, at(&place, number, "user-agent"),
                        "is empty or holds control characters");
    for (unsigned i = 0; i < http->credentials_count; i++)
        VLS_TRY(check_credential(check, number, http, i));
    return check_numbers(check, number, http);
}

/* -- two versions of it ------------------------------------------------------------------------ */

static bool is_same_credential(const struct vls_config_credential *a,
                               const struct vls_config_credential *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->host, b->host) == 0 &&
           strcmp(a->header, b->header) == 0 && strcmp(a->query, b->query) == 0 &&
           strcmp(a->file, b->file) == 0;
}

static bool has_same_lists(const struct vls_config_http *a, const struct vls_config_http *b)
{
    if (a->hosts_count != b->hosts_count || a->credentials_count != b->credentials_count)
        return false;
    for (unsigned i = 0; i < a->hosts_count; i++)
        if (strcmp(a->hosts[i], b->hosts[i]) != 0)
            return false;
    for (unsigned i = 0; i < a->credentials_count; i++)
        if (!is_same_credential(&a->credentials[i], &b->credentials[i]))
            return false;
    return true;
}

bool vls_config_http_is_same(const struct vls_config_http *a, const struct vls_config_http *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return has_same_lists(a, b) && strcmp(a->ca, b->ca) == 0 &&
           strcmp(a->client_certificate, b->client_certificate) == 0 &&
           strcmp(a->client_key, b->client_key) == 0 && strcmp(a->proxy, b->proxy) == 0 &&
           strcmp(a->pin, b->pin) == 0 && strcmp(a->user_agent, b->user_agent) == 0 &&
           a->per_second == b->per_second && a->connections == b->connections &&
           a->max_bytes == b->max_bytes && a->timeout_s == b->timeout_s;
}
