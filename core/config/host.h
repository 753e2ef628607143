#ifndef VALISE_CONFIG_HOST_H
#define VALISE_CONFIG_HOST_H
/*
 * config/host - names of hosts in lists of what may be reached: "documents.example.org",
 * "*.example.org", "[2001:db8::1]:8443".
 *
 * Process: all that read the configuration; fetch holds requests against them. Pure.
 */
#include "base/bytes.h"

#define VLS_MAX_HOST   253 /* a DNS name, or an address in text */
#define VLS_PORT_HTTPS 443

/** One entry of a list. */
struct vls_host_pattern {
    char host[VLS_MAX_HOST + 1]; /* in lower case; of "*.example.org": ".example.org" */
    uint16_t port;
    bool is_wild;
};

/** "HOST", "HOST:PORT", "*.HOST", "*.HOST:PORT"; without a port: 443. A '*' stands for one or more
 * whole labels and needs two behind it, so that no list opens a top-level domain.
 *  @return INPUT_MALFORMED; `why` says what is wrong */
VLS_STATUS vls_host_pattern_read(const char *text, struct vls_host_pattern *out,
                                 struct vls_why *why);

/** `host` in whichever case. */
bool vls_host_pattern_matches(const struct vls_host_pattern *pattern, const char *host,
                              uint16_t port);

#endif
