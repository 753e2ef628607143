#ifndef VALISE_FETCH_SECRET_H
#define VALISE_FETCH_SECRET_H
/*
 * fetch/secret - what the operator gives requests of a plugin along: credentials, a client
 * certificate with its key, an issuer of its own.
 *
 * Process:   fetch. Read before the sandbox closes; nothing here is ever sent to a host process.
 * Ownership: on the caller's storage until vls_secrets_fini(), which wipes.
 */
#include "base/bytes.h"
#include "config/config.h"
#include "config/host.h"

struct vls_secret {
    const struct vls_config_credential *config;
    struct vls_host_pattern host;
    char *value;
};

struct vls_secrets {
    struct vls_secret *credentials;
    size_t count;
    struct vls_buf ca, certificate, key; /* PEM; empty: none */
};

/** @return CONFIG_INVALID with place and fix */
VLS_STATUS vls_secrets_read(const struct vls_config *config, unsigned plugin,
                            struct vls_secrets *out, struct vls_why *why);
void vls_secrets_fini(struct vls_secrets *secrets);

/** The one for this host, from `*at` on, which is moved behind it; NULL when there is none. */
const struct vls_secret *vls_secret_for(const struct vls_secrets *secrets, const char *host,
                                        uint16_t port, size_t *at);

/** Any of the values stands in `text`, as it is or percent-encoded: a server gave it back. */
bool vls_secrets_are_in(const struct vls_secrets *secrets, const char *text);

#endif
