#ifndef VALISE_CONFIG_CONFIG_H
#define VALISE_CONFIG_CONFIG_H
/*
 * config - valise.yaml: what a gateway is told by its operator.
 *
 * Process:   all roles read the same bytes, which the supervisor took once; command line.
 * Ownership: a config owns all it points to.
 * Start at:  vls_config_read(). The manual is valise.conf(5); a test holds it against the table in
 *            config/schema.c.
 *
 * Every path is absolute after reading: relative ones count from the directory of the file.
 */
#include "base/bytes.h"
#include "base/limits.h"
#include "config/attestation.h"

struct vls_yaml_places; /* config/yaml.h */

struct vls_config_partner {
    char *party;
    char *url;              /* "https://host:port"; empty: the partner calls us, we never call it */
    char *tls_ca;           /* PEM file: issuer of the partner's TLS certificate */
    char *crl;              /* PEM file: revocation lists of that issuer; empty: none */
    char *tls_name;         /* name in its certificate to expect; default: the host of the url */
    char *seal_certificate; /* PEM file: the partner's sealing certificate (P-256) */
    char *log_key;          /* base64, 32 bytes: Ed25519 public key of its logs */
    char *witness_key;      /* base64: Ed25519 public key of its cosignatures */
    char **former_log_keys; /* "BASE64 until TIME": keys of its logs before; for old evidence */
    unsigned former_log_keys_count;
    char **former_witness_keys; /* the same of its cosignatures */
    unsigned former_witness_keys_count;
    char **clearance;         /* what it may hold, one text form of label/clearance.h a scheme */
    unsigned clearance_count; /* 0: whatever the arrangement lets go */
};

/* Names of key files. */
#define VLS_KEY_NEXT    ".next" /* behind the name of a key: its successor */
#define VLS_KEY_SUFFIX  ".key"
#define VLS_KEY_SEAL    "seal-"    /* in keys.former, with a time and .key or .pem */
#define VLS_KEY_ARCHIVE "archive-" /* the same */
#define VLS_KEY_FORMER_LOG                                                                         \
    "log-keys.txt" /* there: own public log keys before, "BASE64 until TIME" */
#define VLS_KEY_FORMER_WITNESS "witness-keys.txt" /* and those that cosigned */

struct vls_config_setting {
    char *name, *value;
};

/* Grants that the router itself holds to; the others are the host's. */
#define VLS_GRANT_SEND    "send"
#define VLS_GRANT_RECEIVE "receive"
/* And the one that fetch holds to. */
#define VLS_GRANT_NET "net"

/** What is attached to requests for one host, and never shown to the plugin. */
struct vls_config_credential {
    char *name;           /* for messages */
    char *host;           /* HOST[:PORT], exactly this one */
    char *header, *query; /* where it goes: one of the two, the other is empty */
    char *file;           /* holds its value, mode 0600; read by fetch alone */
};

/** How a plugin may use HTTP. */
struct vls_config_http {
    char **hosts; /* as config/host.h reads them; never empty */
    unsigned hosts_count;
    char *ca;                              /* PEM file; empty: the system's */
    char *client_certificate, *client_key; /* PEM files, 0600 the key; empty: none */
    char *proxy;                           /* "http://HOST:PORT", "https://HOST:PORT"; or empty */
    char *pin;                             /* "sha256//BASE64"; empty: any key */
    char *user_agent;
    uint64_t per_second, connections; /* to one host, of all plugins that reach it the least */
    uint64_t max_bytes, timeout_s;    /* of one request, at most */
    struct vls_config_credential *credentials;
    unsigned credentials_count;
};
#define VLS_GRANT_RESOLVE "resolve"
#define VLS_GRANT_INSPECT "inspect"

/* Words of `answers.from`. */
#define VLS_ANSWER_HELD      "held"
#define VLS_ANSWER_RESOLVERS "resolvers"

/* Words of `inspect` of a plugin. */
#define VLS_INSPECT_OUTGOING "outgoing"
#define VLS_INSPECT_INCOMING "incoming"

struct vls_config_plugin {
    char *name;    /* of this instance, unique */
    char *file;    /* the .so */
    char **grants; /* capabilities granted, by name */
    unsigned grants_count;
    char **paths; /* directories that the sandbox lets it read and write */
    unsigned paths_count;
    struct vls_config_setting *settings;
    unsigned settings_count;
    char **clearance; /* what it may be given, as of a partner */
    unsigned clearance_count;
    struct vls_config_http *http; /* NULL unless VLS_GRANT_NET is granted */
    char **inspect;               /* what it is shown: VLS_INSPECT_...; none: nothing */
    unsigned inspect_count;
    char *resolve_label; /* of what it resolves and says no label of itself; empty: none */
};

/** Who may see the content of messages, and up to what. */
struct vls_config_operator {
    char *user;       /* of the system, listed once */
    char **clearance; /* never empty: as of a partner */
    unsigned clearance_count;
};

/** Whose signature makes an arrangement approved by a party. */
struct vls_config_approver {
    char *party;
    char *certificate; /* PEM file: the certificate itself, or the authority that issues it */
};

/** Who may release what the rules refer to officers, and with which key he signs it. */
struct vls_config_officer {
    char *user;        /* of the system, listed once */
    char *certificate; /* PEM file: his certificate */
};

/** How long the content of messages is kept that are all of what is named here. */
struct vls_config_retention {
    char *label; /* "SCHEME" or "SCHEME/CLASSIFICATION"; empty: any, as the next two */
    char *kind, *party;
    uint32_t days; /* from the end of the message's way on */
};

struct vls_config {
    char *file; /* where it was read from */
    struct {
        char *party;  /* "un" */
        char *name;   /* "United Nations" */
        char *data;   /* directory of the store */
        char *run_as; /* user to become when started as root; empty: stay */
    } node;
    struct {
        char *address;         /* "127.0.0.1:8443", "[::1]:8443"; empty: nobody may call us */
        char *tls_certificate; /* PEM: own certificate and its chain */
        uint64_t max_content_bytes;
        uint32_t idle_timeout_s; /* a connection on which nothing happens */
        uint64_t min_rate;       /* bytes a second that an upload must reach over 30 s */
    } listen;
    struct {
        char *socket; /* path of the operator's socket */
        char **users; /* besides root and the own user */
        unsigned users_count;
    } control;
    struct {
        char *tls, *seal, *archive, *log,
            *witness; /* private keys, PEM, 0600: read by the crypto role alone */
        char *seal_certificate, *archive_certificate;
        char *token_module, *token_pin; /* PKCS #11; for keys.log and keys.seal "pkcs11:..." */
        char **token_paths;             /* what that module reads and writes; none: nothing */
        unsigned token_paths_count;
        struct vls_config_setting *token_environment; /* what that module asks its settings of */
        unsigned token_environment_count;
        char *former; /* directory of keys that were in use before; default: beside keys.seal */
        uint32_t crypto_workers; /* 0 = one a core, at most 8 */
    } keys;
    char **schemes; /* SPIF files */
    unsigned schemes_count;
    char *arrangement; /* YAML file */
    char *house_rules; /* YAML file; empty: none */
    struct vls_config_approver *approvers;
    unsigned
        approvers_count; /* 0: the arrangement needs no signatures, and says so in its status */
    struct vls_config_officer *officers;
    unsigned officers_count; /* 0: an operator releases by command what asks for one officer */
    struct {
        uint32_t slot_s;           /* requests are answered at multiples of this */
        uint32_t target_s;         /* service target of a request that names no deadline */
        uint32_t reminder_s;       /* of a passed service target: reminded again after this */
        uint32_t approval_valid_s; /* how long an officer's approval holds */
        char *label;               /* of the uniform answer; empty: requests are answered by hand */
        char **from;         /* where a document that is asked for is looked for: VLS_ANSWER_... */
        unsigned from_count; /* 0: nowhere, people answer */
        uint32_t daily;      /* requests of one partner that are looked for in 24 hours */
    } answers;
    struct vls_config_partner *partners;
    unsigned partners_count;
    struct vls_config_plugin *plugins;
    unsigned plugins_count;
    struct vls_config_operator *operators;
    unsigned operators_count; /* 0: nobody sees content */
    struct vls_config_attestation attestation;
    struct vls_config_retention *retention;
    unsigned retention_count; /* 0: everything is kept */
    struct {
        uint64_t store_bytes;    /* 0 = no limit but the disk */
        uint32_t retry_first_ms; /* backoff starts here and doubles ... */
        uint32_t retry_most_ms;  /* ... up to here */
        uint32_t exchange_timeout_s;
    } limits;
    struct {
        char *file;  /* empty: standard error */
        char *level; /* error, warn, info, debug */
    } log;
    struct vls_yaml_places *places; /* where each value stands; NULL: not read from a file */
};

/** Read the bytes of a configuration; `path` is where they come from, for messages and for relative
 * paths. Unknown keys, wrong types, values out of bounds and duplicate names are refused with line
 * and column, and a hint where one can be given. Missing settings get their defaults.
 *  @return CONFIG_INVALID */
VLS_STATUS vls_config_read(struct vls_slice yaml, const char *path, struct vls_config **out,
                           struct vls_why *why);
/** @return CONFIG_MISSING, CONFIG_INVALID */
VLS_STATUS vls_config_load(const char *path, struct vls_config **out, struct vls_why *why);
void vls_config_free(struct vls_config **config);

/** A complaint about a value that only a role can judge, because it takes more than the file: with
 * file, line and column, as vls_config_read() says it. `path` as "partners[0].clearance[1]".
 *  @return CONFIG_INVALID */
VLS_STATUS vls_config_complain(const struct vls_config *config, const char *path,
                               struct vls_why *why, const char *fmt, ...) VLS_PRINTF(4, 5);

/** Whether the operator granted this to the plugin, by name. */
bool vls_config_grants(const struct vls_config_plugin *plugin, const char *grant);
/** Whether two sections `http` say the same; NULL: there is none. Both have been checked. */
bool vls_config_http_is_same(const struct vls_config_http *a, const struct vls_config_http *b);

/** Whether the plugin is an inspector of what goes this way, VLS_INSPECT_...: granted, and asked
 * for. */
bool vls_config_inspects(const struct vls_config_plugin *plugin, const char *way);

/** Whether requests are answered from there: VLS_ANSWER_...; NULL: from anywhere. */
bool vls_config_answers_from(const struct vls_config *config, const char *from);
/** A key that was in use before. What one of a log signed counts if it was cosigned until then. */
struct vls_config_former_key {
    uint8_t key[32]; /* Ed25519 */
    uint64_t until_ms;
};
/** Read "BASE64 until TIME". @return CONFIG_INVALID */
VLS_STATUS vls_config_former_key(const char *text, struct vls_config_former_key *out);

/** NULL when there is none. */
const struct vls_config_partner *vls_config_partner(const struct vls_config *config,
                                                    const char *party);

#endif
