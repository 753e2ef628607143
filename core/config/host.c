#include "config/host.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
#define ADDRESS_6       "0123456789abcdefABCDEF:."

/* Length of the host at the start of `text`, 0 when there is none. An address of version 6 keeps
 * its brackets, as libcurl gives them. */
static size_t host_length(const char *text)
{
    if (text[0] != '[')
        return strspn(text, HOST_CHARACTERS);
    size_t len = strspn(text + 1, ADDRESS_6);
    return len > 0 && text[1 + len] == ']' ? len + 2 : 0;
}

/* Labels are not empty: no "..", no dot at an end. */
static bool has_whole_labels(const char *host)
{
    size_t len = strlen(host);
    return host[0] != '.' && host[len - 1] != '.' && strstr(host, "..") == NULL;
}

static struct vls_status read_port(const char *text, uint16_t *out, struct vls_why *why)
{
    uint64_t port = VLS_PORT_HTTPS;
    if (*text != '\0' && (*text != ':' || !vls_ok(vls_number_read(text + 1, 1, UINT16_MAX, &port))))
        return vls_fail(VLS_INPUT_MALFORMED, why, "'%.40s' is no port behind a host", text);
    *out = (uint16_t)port;
    return VLS_DONE;
}

struct vls_status vls_host_pattern_read(const char *text, struct vls_host_pattern *out,
                                        struct vls_why *why)
{
    struct vls_host_pattern pattern = {.is_wild = strncmp(text, "*.", 2) == 0};
    const char *host = pattern.is_wild ? text + 2 : text;
    size_t len = host_length(host);
    if (len == 0 || len >= VLS_MAX_HOST)
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "'%.60s' is no host; write example.org, *.example.org or [2001:db8::1], "
                        "with :PORT behind it unless that is 443",
                        text);
    char *to = pattern.host + pattern.is_wild;
    pattern.host[0] = '.';
    vls_text_copy(to, len + 1, host);
    for (char *at = to; *at != '\0'; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    if (!has_whole_labels(to))
        return vls_fail(VLS_INPUT_MALFORMED, why, "'%.60s' has an empty label between dots", text);
    if (pattern.is_wild && (to[0] == '[' || strchr(to, '.') == NULL))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "'%.60s' is too wide; a '*' needs two labels behind it", text);
    VLS_TRY(read_port(host + len, &pattern.port, why));
    *out = pattern;
    return VLS_DONE;
}

bool vls_host_pattern_matches(const struct vls_host_pattern *pattern, const char *host,
                              uint16_t port)
{
    if (port != pattern->port)
        return false;
    if (!pattern->is_wild)
        return strcasecmp(host, pattern->host) == 0;
    size_t len = strlen(host), end = strlen(pattern->host);
    return len > end && strcasecmp(host + len - end, pattern->host) == 0;
}
