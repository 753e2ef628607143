#ifndef VALISE_CONFIG_ATTESTATION_H
#define VALISE_CONFIG_ATTESTATION_H
/*
 * config/attestation - the section `attestation`: who confirms the checkpoints of our logs from
 * outside, and what waits for it.
 *
 * Process: as config.h.
 */
#include "base/status.h"

struct vls_config;

/** A witness that is no partner (C2SP tlog-witness). */
struct vls_config_witness {
    char *key;    /* "NAME+ID+BASE64": its verifier key */
    char *url;    /* "https://HOST[:PORT][/PREFIX]": what add-checkpoint is put behind */
    char *tls_ca; /* PEM file: issuer of its TLS certificate; empty: the system's */
};

/* Words of `attestation.required`. */
#define VLS_REQUIRED_WITNESSES "witnesses"
#define VLS_REQUIRED_TIME      "time"

struct vls_config_attestation {
    uint32_t every_s;        /* at most one checkpoint of a log in this time, unless required */
    uint32_t timeout_s;      /* of one request */
    uint32_t quorum;         /* so many witnesses make a checkpoint witnessed; 0: there are none */
    char **required;         /* what a message waits for before it leaves: VLS_REQUIRED_... */
    unsigned required_count; /* 0: it waits for nothing */
    struct vls_config_witness *witnesses;
    unsigned witnesses_count;
    char *tsa_url;    /* of a time stamping authority (RFC 3161), https or http; empty: none */
    char *tsa_ca;     /* PEM file: issuers of the certificate that it signs with */
    char *tsa_tls_ca; /* PEM file: issuer of its TLS certificate; empty: the system's */
};

/** Whether messages wait for this before they leave: VLS_REQUIRED_... */
bool vls_config_requires(const struct vls_config *config, const char *what);

#endif
