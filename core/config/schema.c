#include "config/schema.h"

#include "config/host.h"

#define MEBIBYTE (UINT64_C(1) << 20)
#define GIBIBYTE (UINT64_C(1) << 30)
#define DAY_S    86400

/* A text that may be left out or left empty; what must be there is said by check.c, in better
 * words. */
#define TEXT(key, structure, member, max)                                                          \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, structure, member,  \
                           0, max)
#define NUMBER(key, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, struct vls_config, member)
#define LIST(key, structure, member, entry, most)                                                  \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, structure, member,    \
                         entry, 0, most)
/* Fields of a group count from the start of struct vls_config, so the group itself stands at 0. */
#define GROUP(name, fields)                                                                        \
    {                                                                                              \
        .key = name, .data_offset = 0, .value = {                                                  \
            CYAML_VALUE_MAPPING(CYAML_FLAG_OPTIONAL, struct vls_config, fields)                    \
        }                                                                                          \
    }

static const cyaml_schema_value_t ONE_NAME = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, VLS_MAX_NAME)};
static const cyaml_schema_value_t ONE_PATH = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, VLS_MAX_PATH - 1)};
static const cyaml_schema_value_t ONE_HOST = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, VLS_MAX_HOST)};
static const cyaml_schema_value_t ONE_CLEARANCE = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, VLS_CONFIG_MAX_CLEARANCE)};
/* at most one clearance a scheme */
#define CLEARANCE(structure)                                                                       \
    LIST("clearance", structure, clearance, &ONE_CLEARANCE, VLS_CONFIG_MAX_SCHEMES)

static const cyaml_schema_field_t NODE[] = {
    TEXT("party", struct vls_config, node.party, VLS_MAX_PARTY),
    TEXT("name", struct vls_config, node.name, VLS_MAX_NAME),
    TEXT("data", struct vls_config, node.data, VLS_MAX_PATH - 1),
    TEXT("run-as", struct vls_config, node.run_as, VLS_MAX_NAME),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t LISTEN[] = {
    TEXT("address", struct vls_config, listen.address, VLS_MAX_NAME),
    TEXT("tls-certificate", struct vls_config, listen.tls_certificate, VLS_MAX_PATH - 1),
    NUMBER("max-content-bytes", listen.max_content_bytes),
    NUMBER("idle-timeout-s", listen.idle_timeout_s),
    NUMBER("min-rate", listen.min_rate),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t CONTROL[] = {
    TEXT("socket", struct vls_config, control.socket, VLS_MAX_PATH - 1),
    LIST("users", struct vls_config, control.users, &ONE_NAME, VLS_CONFIG_MAX_ITEMS),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t SETTING[] = {
    TEXT("name", struct vls_config_setting, name, VLS_MAX_NAME),
    TEXT("value", struct vls_config_setting, value, VLS_CONFIG_MAX_SETTING),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_SETTING = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_setting, SETTING)};

static const cyaml_schema_field_t KEYS[] = {
    TEXT("tls", struct vls_config, keys.tls, VLS_MAX_PATH - 1),
    TEXT("seal", struct vls_config, keys.seal, VLS_MAX_PATH - 1),
    TEXT("archive", struct vls_config, keys.archive, VLS_MAX_PATH - 1),
    TEXT("log", struct vls_config, keys.log, VLS_MAX_PATH - 1),
    TEXT("witness", struct vls_config, keys.witness, VLS_MAX_PATH - 1),
    TEXT("seal-certificate", struct vls_config, keys.seal_certificate, VLS_MAX_PATH - 1),
    TEXT("archive-certificate", struct vls_config, keys.archive_certificate, VLS_MAX_PATH - 1),
    TEXT("former", struct vls_config, keys.former, VLS_MAX_PATH - 1),
    TEXT("token-module", struct vls_config, keys.token_module, VLS_MAX_PATH - 1),
    TEXT("token-pin", struct vls_config, keys.token_pin, VLS_MAX_PATH - 1),
    LIST("token-paths", struct vls_config, keys.token_paths, &ONE_PATH, VLS_CONFIG_MAX_ITEMS),
    LIST("token-environment", struct vls_config, keys.token_environment, &ONE_SETTING,
         VLS_CONFIG_MAX_ITEMS),
    NUMBER("crypto-workers", keys.crypto_workers),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t PARTNER[] = {
    TEXT("party", struct vls_config_partner, party, VLS_MAX_PARTY),
    TEXT("url", struct vls_config_partner, url, VLS_MAX_URL),
    TEXT("tls-ca", struct vls_config_partner, tls_ca, VLS_MAX_PATH - 1),
    TEXT("crl", struct vls_config_partner, crl, VLS_MAX_PATH - 1),
    TEXT("tls-name", struct vls_config_partner, tls_name, VLS_MAX_NAME),
    TEXT("seal-certificate", struct vls_config_partner, seal_certificate, VLS_MAX_PATH - 1),
    TEXT("log-key", struct vls_config_partner, log_key, VLS_MAX_NAME),
    TEXT("witness-key", struct vls_config_partner, witness_key, VLS_MAX_NAME),
    LIST("former-log-keys", struct vls_config_partner, former_log_keys, &ONE_NAME,
         VLS_CONFIG_MAX_FORMER),
    LIST("former-witness-keys", struct vls_config_partner, former_witness_keys, &ONE_NAME,
         VLS_CONFIG_MAX_FORMER),
    CLEARANCE(struct vls_config_partner),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_PARTNER = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_partner, PARTNER)};

static const cyaml_schema_field_t CREDENTIAL[] = {
    TEXT("name", struct vls_config_credential, name, VLS_MAX_NAME),
    TEXT("host", struct vls_config_credential, host, VLS_MAX_HOST),
    TEXT("header", struct vls_config_credential, header, VLS_MAX_NAME),
    TEXT("query", struct vls_config_credential, query, VLS_MAX_NAME),
    TEXT("file", struct vls_config_credential, file, VLS_MAX_PATH - 1),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_CREDENTIAL = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_credential, CREDENTIAL)};

#define HTTP_NUMBER(key, member)                                                                   \
    CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, struct vls_config_http, member)
static const cyaml_schema_field_t HTTP[] = {
    LIST("hosts", struct vls_config_http, hosts, &ONE_HOST, VLS_CONFIG_MAX_ITEMS),
    TEXT("ca", struct vls_config_http, ca, VLS_MAX_PATH - 1),
    TEXT("client-certificate", struct vls_config_http, client_certificate, VLS_MAX_PATH - 1),
    TEXT("client-key", struct vls_config_http, client_key, VLS_MAX_PATH - 1),
    TEXT("proxy", struct vls_config_http, proxy, VLS_MAX_HOST),
    TEXT("pin", struct vls_config_http, pin, VLS_MAX_NAME),
    TEXT("user-agent", struct vls_config_http, user_agent, VLS_MAX_NAME),
    HTTP_NUMBER("requests-per-second", per_second),
    HTTP_NUMBER("connections", connections),
    HTTP_NUMBER("max-bytes", max_bytes),
    HTTP_NUMBER("timeout-s", timeout_s),
    LIST("credentials", struct vls_config_http, credentials, &ONE_CREDENTIAL, VLS_CONFIG_MAX_ITEMS),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t PLUGIN[] = {
    TEXT("name", struct vls_config_plugin, name, VLS_MAX_NAME),
    TEXT("file", struct vls_config_plugin, file, VLS_MAX_PATH - 1),
    LIST("grants", struct vls_config_plugin, grants, &ONE_NAME, VLS_CONFIG_MAX_ITEMS),
    LIST("paths", struct vls_config_plugin, paths, &ONE_PATH, VLS_CONFIG_MAX_ITEMS),
    LIST("settings", struct vls_config_plugin, settings, &ONE_SETTING, VLS_CONFIG_MAX_ITEMS),
    CLEARANCE(struct vls_config_plugin),
    CYAML_FIELD_MAPPING_PTR("http", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                            struct vls_config_plugin, http, HTTP),
    LIST("inspect", struct vls_config_plugin, inspect, &ONE_NAME, 2),
    TEXT("resolve-label", struct vls_config_plugin, resolve_label, VLS_CONFIG_MAX_CLEARANCE),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_PLUGIN = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_plugin, PLUGIN)};

static const cyaml_schema_field_t OPERATOR[] = {
    TEXT("user", struct vls_config_operator, user, VLS_MAX_NAME),
    CLEARANCE(struct vls_config_operator),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_OPERATOR = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_operator, OPERATOR)};

static const cyaml_schema_field_t APPROVER[] = {
    TEXT("party", struct vls_config_approver, party, VLS_MAX_PARTY),
    TEXT("certificate", struct vls_config_approver, certificate, VLS_MAX_PATH - 1),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_APPROVER = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_approver, APPROVER)};

static const cyaml_schema_field_t OFFICER[] = {
    TEXT("user", struct vls_config_officer, user, VLS_MAX_NAME),
    TEXT("certificate", struct vls_config_officer, certificate, VLS_MAX_PATH - 1),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_OFFICER = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_officer, OFFICER)};

static const cyaml_schema_field_t ANSWERS[] = {
    NUMBER("slot-s", answers.slot_s),
    NUMBER("target-s", answers.target_s),
    NUMBER("reminder-s", answers.reminder_s),
    NUMBER("approval-valid-s", answers.approval_valid_s),
    TEXT("label", struct vls_config, answers.label, VLS_CONFIG_MAX_CLEARANCE),
    LIST("from", struct vls_config, answers.from, &ONE_NAME, 2),
    NUMBER("daily", answers.daily),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t WITNESS[] = {
    TEXT("key", struct vls_config_witness, key, VLS_MAX_NAME),
    TEXT("url", struct vls_config_witness, url, VLS_MAX_URL),
    TEXT("tls-ca", struct vls_config_witness, tls_ca, VLS_MAX_PATH - 1),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_WITNESS = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_witness, WITNESS)};

static const cyaml_schema_field_t ATTESTATION[] = {
    NUMBER("every-s", attestation.every_s),
    NUMBER("timeout-s", attestation.timeout_s),
    NUMBER("quorum", attestation.quorum),
    LIST("required", struct vls_config, attestation.required, &ONE_NAME, 2),
    LIST("witnesses", struct vls_config, attestation.witnesses, &ONE_WITNESS,
         VLS_CONFIG_MAX_WITNESSES),
    TEXT("tsa-url", struct vls_config, attestation.tsa_url, VLS_MAX_URL),
    TEXT("tsa-ca", struct vls_config, attestation.tsa_ca, VLS_MAX_PATH - 1),
    TEXT("tsa-tls-ca", struct vls_config, attestation.tsa_tls_ca, VLS_MAX_PATH - 1),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t RETENTION[] = {
    TEXT("label", struct vls_config_retention, label, VLS_CONFIG_MAX_CLEARANCE),
    TEXT("kind", struct vls_config_retention, kind, VLS_MAX_NAME),
    TEXT("party", struct vls_config_retention, party, VLS_MAX_PARTY),
    CYAML_FIELD_UINT("days", CYAML_FLAG_OPTIONAL, struct vls_config_retention, days),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t ONE_RETENTION = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_config_retention, RETENTION)};

static const cyaml_schema_field_t LIMITS[] = {
    NUMBER("store-bytes", limits.store_bytes),
    NUMBER("retry-first-ms", limits.retry_first_ms),
    NUMBER("retry-most-ms", limits.retry_most_ms),
    NUMBER("exchange-timeout-s", limits.exchange_timeout_s),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t LOG[] = {
    TEXT("file", struct vls_config, log.file, VLS_MAX_PATH - 1),
    TEXT("level", struct vls_config, log.level, VLS_MAX_NAME),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t TOP[] = {
    GROUP("node", NODE),
    GROUP("listen", LISTEN),
    GROUP("control", CONTROL),
    GROUP("keys", KEYS),
    LIST("schemes", struct vls_config, schemes, &ONE_PATH, VLS_CONFIG_MAX_SCHEMES),
    TEXT("arrangement", struct vls_config, arrangement, VLS_MAX_PATH - 1),
    TEXT("house-rules", struct vls_config, house_rules, VLS_MAX_PATH - 1),
    LIST("approvers", struct vls_config, approvers, &ONE_APPROVER, VLS_MAX_PARTIES),
    LIST("officers", struct vls_config, officers, &ONE_OFFICER, VLS_CONFIG_MAX_OPERATORS),
    GROUP("answers", ANSWERS),
    GROUP("attestation", ATTESTATION),
    LIST("partners", struct vls_config, partners, &ONE_PARTNER, VLS_CONFIG_MAX_PARTNERS),
    LIST("plugins", struct vls_config, plugins, &ONE_PLUGIN, VLS_CONFIG_MAX_PLUGINS),
    LIST("operators", struct vls_config, operators, &ONE_OPERATOR, VLS_CONFIG_MAX_OPERATORS),
    LIST("retention", struct vls_config, retention, &ONE_RETENTION, VLS_CONFIG_MAX_ITEMS),
    GROUP("limits", LIMITS),
    GROUP("log", LOG),
    CYAML_FIELD_END,
};

const cyaml_schema_value_t VLS_CONFIG_SCHEMA = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct vls_config, TOP)};

#define BOUNDS(path, member, min, max, otherwise)                                                  \
    {                                                                                              \
        path, offsetof(struct vls_config, member), sizeof(((struct vls_config *)NULL)->member),    \
            min, max, otherwise                                                                    \
    }

const struct vls_config_number VLS_CONFIG_NUMBERS[] = {
    BOUNDS("listen.max-content-bytes", listen.max_content_bytes, MEBIBYTE, VLS_MAX_CONTENT,
           16 * GIBIBYTE),
    BOUNDS("listen.idle-timeout-s", listen.idle_timeout_s, 5, 3600, 60),
    BOUNDS("listen.min-rate", listen.min_rate, 0, GIBIBYTE, 1024),
    BOUNDS("keys.crypto-workers", keys.crypto_workers, 0, 8, 0),
    BOUNDS("answers.slot-s", answers.slot_s, 1, 7 * DAY_S, 3600),
    BOUNDS("answers.target-s", answers.target_s, 1, 366 * DAY_S, 10 * DAY_S),
    BOUNDS("answers.reminder-s", answers.reminder_s, 1, 366 * DAY_S, DAY_S),
    BOUNDS("answers.approval-valid-s", answers.approval_valid_s, 60, 366 * DAY_S, 7 * DAY_S),
    BOUNDS("answers.daily", answers.daily, 1, 100000, 200),
    BOUNDS("attestation.every-s", attestation.every_s, 1, DAY_S, 60),
    BOUNDS("attestation.timeout-s", attestation.timeout_s, 1, 600, 30),
    BOUNDS("attestation.quorum", attestation.quorum, 0, VLS_CONFIG_MAX_WITNESSES, 0),
    BOUNDS("limits.store-bytes", limits.store_bytes, 0, UINT64_MAX >> 1, 0),
    BOUNDS("limits.retry-first-ms", limits.retry_first_ms, 100, 3600000, 1000),
    BOUNDS("limits.retry-most-ms", limits.retry_most_ms, 100, 86400000, 600000),
    BOUNDS("limits.exchange-timeout-s", limits.exchange_timeout_s, 5, 3600, 60),
};
const size_t VLS_CONFIG_NUMBERS_COUNT = sizeof VLS_CONFIG_NUMBERS / sizeof VLS_CONFIG_NUMBERS[0];

#define HTTP_BOUNDS(key, member, min, max, otherwise)                                              \
    {                                                                                              \
        key, offsetof(struct vls_config_http, member),                                             \
            sizeof(((struct vls_config_http *)NULL)->member), min, max, otherwise                  \
    }

const struct vls_config_number VLS_CONFIG_HTTP_NUMBERS[] = {
    HTTP_BOUNDS("requests-per-second", per_second, 1, 10000, VLS_FETCH_PER_SECOND),
    HTTP_BOUNDS("connections", connections, 1, 64, VLS_FETCH_CONNECTIONS),
    HTTP_BOUNDS("max-bytes", max_bytes, 1024, VLS_MAX_CONTENT, VLS_FETCH_MAX_BYTES),
    HTTP_BOUNDS("timeout-s", timeout_s, 1, DAY_S, VLS_FETCH_TIMEOUT_S),
};
const size_t VLS_CONFIG_HTTP_NUMBERS_COUNT =
    sizeof VLS_CONFIG_HTTP_NUMBERS / sizeof VLS_CONFIG_HTTP_NUMBERS[0];
