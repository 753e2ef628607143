/* fetch/ask - what a plugin asks for, held against what it may. See fetch_internal.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "fetch/fetch_internal.h"

#define VISIBLE_FIRST 0x21
#define VISIBLE_LAST  0x7e

/* -- the url ----------------------------------------------------------------------------------- */

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

static bool is_https(CURLU *url)
{
    char *scheme = NULL;
    bool is = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              strcasecmp(scheme, "https") == 0;
    curl_free(scheme);
    return is;
}

static struct vls_status read_host(struct vls_fetch_request *request, struct vls_why *why)
{
    char *host = NULL, *port = NULL;
    uint64_t number = 0;
    bool is_good =
        curl_url_get(request->url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(request->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        vls_ok(vls_number_read(port, 1, UINT16_MAX, &number)) && host[0] != '\0' &&
        strlen(host) <= VLS_MAX_HOST;
    if (is_good) {
        vls_text_copy(request->host, sizeof request->host, host);
        for (char *at = request->host; *at != '\0'; at++)
            *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
        request->port = (uint16_t)number;
    }
    curl_free(host);
    curl_free(port);
    if (!is_good)
        return vls_fail(VLS_FETCH_INVALID, why, "the url names no host");
    return VLS_DONE;
}

static bool is_listed(const struct vls_fetch_request *request)
{
    const struct vls_fetch_client *client = request->client;
    for (unsigned i = 0; i < client->config->http->hosts_count; i++)
        if (vls_host_pattern_matches(&client->hosts[i], request->host, request->port))
            return true;
    return false;
}

struct vls_status vls_fetch_look_at_url(struct vls_fetch_request *request, struct vls_why *why)
{
    if (!is_https(request->url))
        return vls_fail(VLS_FETCH_INVALID, why, "the url is not https");
    if (has_part(request->url, CURLUPART_USER) || has_part(request->url, CURLUPART_PASSWORD) ||
        has_part(request->url, CURLUPART_OPTIONS) || has_part(request->url, CURLUPART_ZONEID))
        return vls_fail(VLS_FETCH_INVALID, why,
                        "the url holds a user, a password or a zone; credentials are the "
                        "operator's to configure");
    VLS_TRY(read_host(request, why));
    if (!is_listed(request))
        return vls_fail(VLS_FETCH_DENIED, why,
                        "%s:%u is not one of the hosts in the configuration of plugin %s",
                        request->host, request->port, request->client->config->name);
    (void)curl_url_set(request->url, CURLUPART_FRAGMENT, NULL, 0);
    return VLS_DONE;
}

/* What libcurl would quietly encode or cut is refused. */
static bool is_visible(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < VISIBLE_FIRST || *at > VISIBLE_LAST)
            return false;
    return true;
}

static struct vls_status take_url(struct vls_fetch_request *request, const char *text,
                                  struct vls_why *why)
{
    request->url = curl_url();
    if (request->url == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a url");
    if (text[0] == '\0' || strlen(text) >= VLS_MAX_URL || !is_visible(text))
        return vls_fail(VLS_FETCH_INVALID, why,
                        "the url is missing, has %d bytes or more, or holds blanks or letters that "
                        "must be encoded",
                        VLS_MAX_URL);
    CURLUcode code = curl_url_set(request->url, CURLUPART_URL, text, 0);
    if (code != CURLUE_OK)
        return vls_fail(VLS_FETCH_INVALID, why, "the url is not well formed: %s",
                        curl_url_strerror(code));
    return vls_fetch_look_at_url(request, why);
}

/* -- fields ------------------------------------------------------------------------------------ */

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcasecmp(name, *list) == 0)
            return true;
    return false;
}

/* Made from other parts of the request, or of the connection, which is not the plugin's. */
static bool is_reserved(const char *name)
{
    static const char *const NAMES[] = {"host",
                                        "user-agent",
                                        "range",
                                        "content-length",
                                        "accept-encoding",
                                        "connection",
                                        "expect",
                                        "te",
                                        "trailer",
                                        "transfer-encoding",
                                        "upgrade",
                                        "keep-alive",
                                        "http2-settings",
                                        NULL};
    return is_one_of(name, NAMES) || strncasecmp(name, "if-", 3) == 0 ||
           strncasecmp(name, "proxy-", 6) == 0;
}

static bool is_for_all(const char *name)
{
    static const char *const NAMES[] = {"accept", "accept-language", "content-type", NULL};
    return is_one_of(name, NAMES);
}

static bool is_of_credential(const struct vls_fetch_client *client, const char *name)
{
    for (size_t i = 0; i < client->secrets.count; i++)
        if (strcasecmp(name, client->secrets.credentials[i].config->header) == 0)
            return true;
    return false;
}

static bool is_token(const char *text)
{
    static const char TOKEN[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t len = strspn(text, TOKEN);
    return len > 0 && len <= VLS_MAX_NAME && text[len] == '\0';
}

static struct vls_status add_line(struct vls_fetch_request *request, const char *name,
                                  const char *value, bool is_for_all_hosts, struct vls_why *why)
{
    struct vls_buf text;
    vls_buf_init(&text, VLS_FETCH_HEAD_BYTES);
    /* of an empty value libcurl would make no field at all, but for the semicolon */
    struct vls_status status = value[0] != '\0' ? vls_buf_add_format(&text, "%s: %s", name, value)
                                                : vls_buf_add_format(&text, "%s;", name);
    if (vls_ok(status) && vls_buf_text(&text) == NULL)
        status = (struct vls_status){VLS_SYSTEM_MEMORY};
    if (!vls_ok(status)) {
        vls_buf_fini(&text);
        return vls_fail(VLS_FETCH_INVALID, why, "the field %.40s is too long", name);
    }
    request->lines[request->line_count++] =
        (struct vls_fetch_line){vls_mem_dup(vls_buf_text(&text)), is_for_all_hosts};
    vls_buf_fini(&text);
    return VLS_DONE;
}

static struct vls_status take_fields(struct vls_fetch_request *request,
                                     const Valise__HttpRequest *ask, struct vls_why *why)
{
    size_t bytes = 0;
    if (ask->n_headers > VLS_FETCH_HEADERS)
        return vls_fail(VLS_FETCH_INVALID, why, "the request has more than %d fields",
                        VLS_FETCH_HEADERS);
    for (size_t i = 0; i < ask->n_headers; i++) {
        const char *name = ask->headers[i]->name, *value = ask->headers[i]->value;
        bytes += strlen(name) + strlen(value);
        if (!is_token(name) || !vls_text_is_clean(vls_slice_text(value), false) ||
            bytes > VLS_FETCH_HEAD_BYTES)
            return vls_fail(VLS_FETCH_INVALID, why,
                            "field %zu of the request is no field, or they are longer than %d "
                            "bytes together",
                            i, VLS_FETCH_HEAD_BYTES);
        if (is_reserved(name) || is_of_credential(request->client, name))
            return vls_fail(VLS_FETCH_INVALID, why, "the field %.40s is not the plugin's to set",
                            name);
        VLS_TRY(add_line(request, name, value, is_for_all(name), why));
    }
    return VLS_DONE;
}

static struct vls_status take_condition(struct vls_fetch_request *request, const char *name,
                                        const char *value, struct vls_why *why)
{
    if (value[0] == '\0')
        return VLS_DONE;
    if (!vls_text_is_clean(vls_slice_text(value), false))
        return vls_fail(VLS_FETCH_INVALID, why, "the value of %s is no clean text", name);
    return add_line(request, name, value, true, why);
}

static struct vls_status take_range(struct vls_fetch_request *request,
                                    const Valise__HttpRequest *ask, struct vls_why *why)
{
    char value[64];
    request->range = (struct vls_range_asked){ask->has_range, ask->range_first, ask->range_bytes};
    if (!ask->has_range) {
        if (ask->if_range[0] != '\0')
            return vls_fail(VLS_FETCH_INVALID, why, "if_range stands without a range");
        return VLS_DONE;
    }
    uint64_t first = ask->range_first;
    if (first >= VLS_MAX_CONTENT || ask->range_bytes > VLS_MAX_CONTENT)
        return vls_fail(VLS_FETCH_INVALID, why, "the range lies beyond all content");
    if (ask->range_bytes == 0)
        snprintf(value, sizeof value, "bytes=%llu-", (unsigned long long)first);
    else
        snprintf(value, sizeof value, "bytes=%llu-%llu", (unsigned long long)first,
                 (unsigned long long)(first + ask->range_bytes - 1));
    VLS_TRY(add_line(request, "Range", value, true, why));
    return take_condition(request, "If-Range", ask->if_range, why);
}

/* -- the rest ---------------------------------------------------------------------------------- */

static struct vls_status take_method(struct vls_fetch_request *request, const char *method,
                                     struct vls_why *why)
{
    static const char *const METHODS[] = {"GET",   "HEAD",   "POST",    "PUT",
                                          "PATCH", "DELETE", "OPTIONS", NULL};
    if (method[0] == '\0')
        method = METHODS[0];
    if (!is_one_of(method, METHODS))
        return vls_fail(VLS_FETCH_INVALID, why, "the method is none of those that can be used");
    vls_text_copy(request->method, sizeof request->method, method);
    for (char *at = request->method; *at != '\0'; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    return VLS_DONE;
}

static struct vls_status take_body(struct vls_fetch_request *request,
                                   const Valise__HttpRequest *ask, struct vls_why *why)
{
    static const char *const WITH_BODY[] = {"POST", "PUT", "PATCH", NULL};
    const struct vls_config_http *http = request->client->config->http;
    bool is_bodiless = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    request->is_streamed = ask->is_streamed;
    request->has_length = !ask->is_streamed || ask->has_length;
    request->length = ask->is_streamed ? ask->length : ask->body.len;
    request->has_body =
        ask->is_streamed || ask->body.len > 0 || is_one_of(request->method, WITH_BODY);
    if ((ask->is_streamed && ask->body.len > 0) || ask->body.len > VLS_HTTP_INLINE)
        return vls_fail(VLS_FETCH_INVALID, why, "the body is neither small nor a stream");
    if (is_bodiless && request->has_body)
        return vls_fail(VLS_FETCH_INVALID, why, "a %s has no body", request->method);
    if (request->has_length && request->length > http->max_bytes)
        return vls_fail(VLS_FETCH_INVALID, why,
                        "the body has %llu bytes, and max-bytes allows %llu",
                        (unsigned long long)request->length, (unsigned long long)http->max_bytes);
    return vls_buf_add(&request->body, ask->body.data, ask->body.len);
}

static void take_limits(struct vls_fetch_request *request, const Valise__HttpRequest *ask)
{
    const struct vls_config_http *http = request->client->config->http;
    request->max_bytes =
        ask->max_bytes != 0 && ask->max_bytes < http->max_bytes ? ask->max_bytes : http->max_bytes;
    request->limit_ms = http->timeout_s * 1000;
    if (ask->timeout_ms != 0 && ask->timeout_ms < request->limit_ms)
        request->limit_ms = ask->timeout_ms;
    request->no_redirect = ask->no_redirect;
    request->no_compression = ask->no_compression || ask->has_range;
    request->has_condition = ask->etag[0] != '\0' || ask->modified[0] != '\0';
}

struct vls_status vls_fetch_ask(struct vls_fetch_request *request, const Valise__HttpRequest *ask,
                                struct vls_why *why)
{
    /* its fields, and two conditions, a range and its condition */
    request->lines = vls_mem_new((VLS_FETCH_HEADERS + 4) * sizeof *request->lines);
    take_limits(request, ask);
    VLS_TRY(take_method(request, ask->method, why));
    VLS_TRY(take_url(request, ask->url, why));
    VLS_TRY(take_fields(request, ask, why));
    VLS_TRY(take_condition(request, "If-None-Match", ask->etag, why));
    VLS_TRY(take_condition(request, "If-Modified-Since", ask->modified, why));
    VLS_TRY(take_range(request, ask, why));
    return take_body(request, ask, why);
}
