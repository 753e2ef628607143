#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/config_internal.h"

#define KEY_BYTES 32 /* Ed25519 */
#define PATH_ROOM VLS_CONFIG_PLACE
/** An address with its port as text: "[" 45 characters of IPv6 "]:65535". */
#define ADDRESS_ROOM 64

#define complain(check, path, ...)                                                                 \
    vls_yaml_fail((check)->source, (check)->places, (path), (check)->why, __VA_ARGS__)

static bool is_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

void vls_config_otherwise(char **text, const char *value)
{
    if (*text == NULL)
        *text = vls_mem_dup(value);
}

static VLS_STATUS need_clean(const struct vls_config_check *check, const char *path,
                             const char *text)
{
    if (!vls_text_is_clean(vls_slice_text(text), false))
        return complain(check, path, "holds control characters or is not UTF-8");
    return VLS_DONE;
}

static VLS_STATUS need_name(const struct vls_config_check *check, const char *path,
                            const char *text, size_t max)
{
    if (is_empty(text))
        return complain(check, path, "is missing");
    if (!vls_text_is_name(text, max))
        return complain(check, path, "'%.40s' is not a name; use a-z, 0-9, '.', '-', '_'", text);
    return VLS_DONE;
}

/** Make a path absolute; leading "./" and "../" of a relative one are taken away with their
 * directories, so that a socket's path stays short. */
struct vls_status vls_config_make_absolute(const struct vls_config_check *check, const char *path,
                                           char **text)
{
    VLS_TRY(need_clean(check, path, *text));
    if (**text == '/')
        return VLS_DONE;
    char dir[VLS_MAX_PATH];
    vls_text_copy(dir, sizeof dir, check->dir);
    const char *rest = *text;
    for (;;) {
        if (strncmp(rest, "./", 2) == 0) {
            rest += 2;
        } else if (strncmp(rest, "../", 3) == 0 && dir[0] == '/') {
            rest += 3;
            char *slash = strrchr(dir, '/');
            slash[slash == dir] = '\0';
        } else {
            break;
        }
    }
    char joined[VLS_MAX_PATH];
    if (!vls_ok(vls_path_join(dir, rest, joined, sizeof joined)))
        return complain(check, path, "the path is too long");
    vls_mem_free(*text);
    *text = vls_mem_dup(joined);
    return VLS_DONE;
}

struct vls_status vls_config_optional_path(const struct vls_config_check *check, const char *place,
                                           char **path)
{
    vls_config_otherwise(path, "");
    return **path != '\0' ? vls_config_make_absolute(check, place, path) : VLS_DONE;
}

/** A key on a token is no path. */
static bool is_on_token(const char *path, const char *text)
{
    return (strcmp(path, "keys.log") == 0 || strcmp(path, "keys.seal") == 0) &&
           strncmp(text, "pkcs11:", 7) == 0;
}

static VLS_STATUS need_path(const struct vls_config_check *check, const char *path, char **text,
                            const char *what)
{
    if (is_empty(*text))
        return complain(check, path, "is missing; give %s", what);
    if (is_on_token(path, *text))
        return need_clean(check, path, *text);
    return vls_config_make_absolute(check, path, text);
}

static VLS_STATUS need_key(const struct vls_config_check *check, const char *path, const char *text)
{
    if (is_empty(text))
        return complain(check, path, "is missing; the partner gives it (its partner.yaml)");
    struct vls_buf key;
    vls_buf_init(&key, VLS_MAX_NAME);
    bool is_base64 = vls_ok(vls_base64_read(vls_slice_text(text), &key));
    size_t len = key.len;
    vls_buf_fini(&key);
    if (!is_base64)
        return complain(check, path, "is not base64; an Ed25519 key has 44 characters");
    if (len != KEY_BYTES)
        return complain(check, path, "holds %zu bytes; an Ed25519 public key has %d", len,
                        KEY_BYTES);
    return VLS_DONE;
}

/** Keys that were in use before: read by who verifies, with the time at which each ended. */
static VLS_STATUS check_former_keys(const struct vls_config_check *check, const char *path,
                                    char *const *keys, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char item[PATH_ROOM];
        struct vls_config_former_key former;
        snprintf(item, sizeof item, "%s[%u]", path, i);
        if (!vls_ok(vls_config_former_key(keys[i], &former)))
            return complain(check, item,
                            "'%.60s' is not 'BASE64 until TIME', such as '... until "
                            "2026-11-23T18:45:01Z'",
                            keys[i]);
    }
    return VLS_DONE;
}

/** Of a token: needed as soon as a key is on it, which the crypto role says. */
static VLS_STATUS check_token(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    VLS_TRY(vls_config_optional_path(check, "keys.token-module", &c->keys.token_module));
    VLS_TRY(vls_config_optional_path(check, "keys.token-pin", &c->keys.token_pin));
    for (unsigned i = 0; i < c->keys.token_paths_count; i++) {
        char path[PATH_ROOM];
        snprintf(path, sizeof path, "keys.token-paths[%u]", i);
        VLS_TRY(vls_config_make_absolute(check, path, &c->keys.token_paths[i]));
    }
    for (unsigned i = 0; i < c->keys.token_environment_count; i++) {
        struct vls_config_setting *one = &c->keys.token_environment[i];
        char path[PATH_ROOM];
        snprintf(path, sizeof path, "keys.token-environment[%u].name", i);
        if (is_empty(one->name) || strpbrk(one->name, "= ") != NULL)
            return complain(check, path, "is not the name of a variable");
        VLS_TRY(need_clean(check, path, one->name));
        vls_config_otherwise(&one->value, "");
        snprintf(path, sizeof path, "keys.token-environment[%u].value", i);
        VLS_TRY(need_clean(check, path, one->value));
    }
    return VLS_DONE;
}

/** The directory "former" beside the sealing certificate. */
static VLS_STATUS default_former(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    char path[VLS_MAX_PATH];
    if (c->keys.former != NULL && *c->keys.former != '\0')
        return vls_config_make_absolute(check, "keys.former", &c->keys.former);
    int n = snprintf(path, sizeof path, "%.*sformer",
                     (int)(strrchr(c->keys.seal_certificate, '/') + 1 - c->keys.seal_certificate),
                     c->keys.seal_certificate);
    if (n < 0 || (size_t)n >= sizeof path)
        return complain(check, "keys.seal-certificate", "the path is too long");
    vls_mem_free(c->keys.former);
    c->keys.former = vls_mem_dup(path);
    return VLS_DONE;
}

/** "127.0.0.1:8443" or "[::1]:8443". */
static VLS_STATUS need_address(const struct vls_config_check *check, const char *path,
                               const char *text)
{
    char host[ADDRESS_ROOM];
    const char *colon = strrchr(text, ':');
    bool has_brackets = text[0] == '[' && colon != NULL && colon > text && colon[-1] == ']';
    size_t from = has_brackets ? 1 : 0;
    size_t len = colon == NULL ? 0 : (size_t)(colon - text) - 2 * from;
    uint64_t port = 0;
    unsigned char bytes[sizeof(struct in6_addr)];
    if (colon == NULL || len >= sizeof host || !vls_ok(vls_number_read(colon + 1, 1, 65535, &port)))
        return complain(check, path, "'%.60s' is not ADDRESS:PORT, such as 127.0.0.1:8443", text);
    vls_text_copy(host, len + 1, text + from);
    if (inet_pton(has_brackets ? AF_INET6 : AF_INET, host, bytes) != 1)
        return complain(check, path, "'%.60s' is not a numeric address; IPv6 stands in [ ]", text);
    return VLS_DONE;
}

/** Length of the host in "https://HOST[:PORT][/]", 0 when the text is not of that form. */
static size_t url_host(const char *url, const char **out_host)
{
    static const char SCHEME[] = "https://";
    if (strncmp(url, SCHEME, sizeof SCHEME - 1) != 0)
        return 0;
    const char *host = url + sizeof SCHEME - 1;
    size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    if (*host == '[' && host[len - 1] != ']')
        return 0;
    const char *rest = host + len;
    uint64_t port = 0;
    if (*rest == ':') {
        char number[8];
        size_t digits = strcspn(++rest, "/");
        if (digits >= sizeof number)
            return 0;
        vls_text_copy(number, digits + 1, rest);
        if (!vls_ok(vls_number_read(number, 1, 65535, &port)))
            return 0;
        rest += digits;
    }
    if (*rest != '\0' && strcmp(rest, "/") != 0)
        return 0;
    if (strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:") < len)
        return 0;
    *out_host = host;
    return len;
}

static VLS_STATUS check_numbers(const struct vls_config_check *check)
{
    for (size_t i = 0; i < VLS_CONFIG_NUMBERS_COUNT; i++) {
        const struct vls_config_number *number = &VLS_CONFIG_NUMBERS[i];
        uint8_t *at = (uint8_t *)check->config + number->offset;
        uint32_t narrow = 0;
        uint64_t value = number->otherwise;
        if (vls_yaml_place(check->places, number->path) != NULL) {
            vls_copy(number->bytes == sizeof narrow ? (void *)&narrow : (void *)&value, at,
                     number->bytes);
            if (number->bytes == sizeof narrow)
                value = narrow;
        }
        if (value < number->min || value > number->max)
            return complain(check, number->path, "%ju is out of bounds; allowed is %ju to %ju",
                            (uintmax_t)value, (uintmax_t)number->min, (uintmax_t)number->max);
        narrow = (uint32_t)value;
        vls_copy(at, number->bytes == sizeof narrow ? (void *)&narrow : (void *)&value,
                 number->bytes);
    }
    if (check->config->limits.retry_most_ms < check->config->limits.retry_first_ms)
        return complain(check, "limits.retry-most-ms", "is less than retry-first-ms");
    return VLS_DONE;
}

static VLS_STATUS check_node(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    VLS_TRY(need_name(check, "node.party", c->node.party, VLS_MAX_PARTY));
    vls_config_otherwise(&c->node.name, c->node.party);
    vls_config_otherwise(&c->node.run_as, "");
    VLS_TRY(need_clean(check, "node.name", c->node.name));
    VLS_TRY(need_path(check, "node.data", &c->node.data, "the directory of the store"));
    if (*c->node.run_as != '\0')
        VLS_TRY(need_name(check, "node.run-as", c->node.run_as, VLS_MAX_NAME));
    vls_config_otherwise(&c->listen.address, "");
    if (*c->listen.address != '\0')
        VLS_TRY(need_address(check, "listen.address", c->listen.address));
    return need_path(check, "listen.tls-certificate", &c->listen.tls_certificate,
                     "the PEM file of the own TLS certificate");
}

static VLS_STATUS check_control(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    vls_config_otherwise(&c->control.socket, "/run/valise/control.sock");
    VLS_TRY(need_path(check, "control.socket", &c->control.socket, "a path"));
    const size_t room = sizeof((struct sockaddr_un *)NULL)->sun_path;
    if (strlen(c->control.socket) >= room)
        return complain(check, "control.socket", "longer than the %zu bytes of a socket's path",
                        room - 1);
    for (unsigned i = 0; i < c->control.users_count; i++) {
        char path[PATH_ROOM];
        snprintf(path, sizeof path, "control.users[%u]", i);
        VLS_TRY(need_name(check, path, c->control.users[i], VLS_MAX_NAME));
    }
    return VLS_DONE;
}

static VLS_STATUS check_files(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    const struct {
        const char *path;
        char **text;
        const char *what;
    } files[] = {
        {"keys.tls", &c->keys.tls, "the PEM file of the TLS key"},
        {"keys.seal", &c->keys.seal, "the PEM file of the sealing key"},
        {"keys.archive", &c->keys.archive, "the PEM file of the archive key"},
        {"keys.log", &c->keys.log, "the PEM file of the log key"},
        {"keys.witness", &c->keys.witness, "the PEM file of the witness key"},
        {"keys.seal-certificate", &c->keys.seal_certificate, "a PEM file"},
        {"keys.archive-certificate", &c->keys.archive_certificate, "a PEM file"},
        {"arrangement", &c->arrangement, "the arrangement with the partner, a YAML file"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        VLS_TRY(need_path(check, files[i].path, files[i].text, files[i].what));
    VLS_TRY(default_former(check));
    VLS_TRY(check_token(check));
    if (c->schemes_count == 0)
        return complain(check, "schemes", "is missing; list at least the own scheme's SPIF file");
    for (unsigned i = 0; i < c->schemes_count; i++) {
        char path[PATH_ROOM];
        snprintf(path, sizeof path, "schemes[%u]", i);
        VLS_TRY(vls_config_make_absolute(check, path, &c->schemes[i]));
    }
    return VLS_DONE;
}

/** What the words mean, the router says: it has the schemes. An empty list would hold nothing, and
 * no list knows no limit: a person who writes the first means something else. */
static VLS_STATUS check_clearance(const struct vls_config_check *check, const char *path,
                                  char *const *clearance, unsigned count)
{
    if (count == 0 && vls_yaml_place(check->places, path) != NULL)
        return complain(check, path, "is empty; name a level, such as SCHEME/up-to:LEVEL");
    for (unsigned i = 0; i < count; i++) {
        char item[PATH_ROOM];
        snprintf(item, sizeof item, "%s[%u]", path, i);
        VLS_TRY(need_clean(check, item, clearance[i]));
    }
    return VLS_DONE;
}

static VLS_STATUS check_operator(const struct vls_config_check *check, unsigned number)
{
    const struct vls_config *c = check->config;
    const struct vls_config_operator *one = &c->operators[number];
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "operators[%u].user", number);
    VLS_TRY(need_name(check, path, one->user, VLS_MAX_NAME));
    for (unsigned i = 0; i < number; i++)
        if (strcmp(c->operators[i].user, one->user) == 0)
            return complain(check, path, "'%s' is listed twice", one->user);
    snprintf(path, sizeof path, "operators[%u].clearance", number);
    if (one->clearance_count == 0)
        return complain(check, path, "is missing; name a level, such as SCHEME/up-to:LEVEL");
    return check_clearance(check, path, one->clearance, one->clearance_count);
}

static VLS_STATUS check_approver(const struct vls_config_check *check, unsigned number)
{
    const struct vls_config *c = check->config;
    struct vls_config_approver *one = &c->approvers[number];
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "approvers[%u].party", number);
    VLS_TRY(need_name(check, path, one->party, VLS_MAX_PARTY));
    for (unsigned i = 0; i < number; i++)
        if (strcmp(c->approvers[i].party, one->party) == 0)
            return complain(check, path, "'%s' is listed twice", one->party);
    snprintf(path, sizeof path, "approvers[%u].certificate", number);
    return need_path(check, path, &one->certificate, "the PEM file of who signs for the party");
}

static VLS_STATUS check_officer(const struct vls_config_check *check, unsigned number)
{
    const struct vls_config *c = check->config;
    struct vls_config_officer *one = &c->officers[number];
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "officers[%u].user", number);
    VLS_TRY(need_name(check, path, one->user, VLS_MAX_NAME));
    for (unsigned i = 0; i < number; i++)
        if (strcmp(c->officers[i].user, one->user) == 0)
            return complain(check, path, "'%s' is listed twice", one->user);
    snprintf(path, sizeof path, "officers[%u].certificate", number);
    return need_path(check, path, &one->certificate, "the PEM file of the officer's certificate");
}

static VLS_STATUS check_answers(const struct vls_config_check *check)
{
    const struct vls_config *c = check->config;
    for (unsigned i = 0; i < c->answers.from_count; i++) {
        const char *word = c->answers.from[i];
        char path[PATH_ROOM];
        snprintf(path, sizeof path, "answers.from[%u]", i);
        if (strcmp(word, VLS_ANSWER_HELD) != 0 && strcmp(word, VLS_ANSWER_RESOLVERS) != 0)
            return complain(check, path,
                            "'%.40s' is neither " VLS_ANSWER_HELD " nor " VLS_ANSWER_RESOLVERS,
                            word);
        if (i > 0 && strcmp(word, c->answers.from[0]) == 0)
            return complain(check, path, "'%.40s' is listed twice", word);
    }
    return VLS_DONE;
}

static VLS_STATUS check_policy(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    VLS_TRY(vls_config_optional_path(check, "house-rules", &c->house_rules));
    vls_config_otherwise(&c->answers.label, "");
    VLS_TRY(need_clean(check, "answers.label", c->answers.label));
    VLS_TRY(check_answers(check));
    for (unsigned i = 0; i < c->approvers_count; i++)
        VLS_TRY(check_approver(check, i));
    for (unsigned i = 0; i < c->officers_count; i++)
        VLS_TRY(check_officer(check, i));
    return VLS_DONE;
}

static VLS_STATUS check_partner_url(const struct vls_config_check *check, unsigned number,
                                    struct vls_config_partner *partner)
{
    char path[PATH_ROOM];
    const char *host = NULL;
    size_t len = url_host(partner->url, &host);
    snprintf(path, sizeof path, "partners[%u].url", number);
    if (len == 0)
        return complain(check, path, "'%.60s' is not https://HOST[:PORT]", partner->url);
    if (partner->tls_name == NULL) {
        bool has_brackets = *host == '[';
        partner->tls_name =
            vls_mem_text(has_brackets ? host + 1 : host, has_brackets ? len - 2 : len);
    }
    return VLS_DONE;
}

static VLS_STATUS check_partner(const struct vls_config_check *check, unsigned number)
{
    struct vls_config *c = check->config;
    struct vls_config_partner *partner = &c->partners[number];
    char path[PATH_ROOM];
#define AT(key) (snprintf(path, sizeof path, "partners[%u]." key, number), path)
    VLS_TRY(need_name(check, AT("party"), partner->party, VLS_MAX_PARTY));
    if (strcmp(partner->party, c->node.party) == 0)
        return complain(check, AT("party"), "'%s' is this node itself", partner->party);
    for (unsigned i = 0; i < number; i++)
        if (strcmp(c->partners[i].party, partner->party) == 0)
            return complain(check, AT("party"), "'%s' is listed twice", partner->party);
    vls_config_otherwise(&partner->url, "");
    if (*partner->url != '\0')
        VLS_TRY(check_partner_url(check, number, partner));
    vls_config_otherwise(&partner->tls_name, "");
    VLS_TRY(need_clean(check, AT("tls-name"), partner->tls_name));
    VLS_TRY(need_path(check, AT("tls-ca"), &partner->tls_ca, "the PEM file of its issuer"));
    VLS_TRY(vls_config_optional_path(check, AT("crl"), &partner->crl));
    VLS_TRY(need_path(check, AT("seal-certificate"), &partner->seal_certificate,
                      "the PEM file that the partner gave"));
    VLS_TRY(need_key(check, AT("log-key"), partner->log_key));
    VLS_TRY(need_key(check, AT("witness-key"), partner->witness_key));
    VLS_TRY(check_former_keys(check, AT("former-log-keys"), partner->former_log_keys,
                              partner->former_log_keys_count));
    VLS_TRY(check_former_keys(check, AT("former-witness-keys"), partner->former_witness_keys,
                              partner->former_witness_keys_count));
    return check_clearance(check, AT("clearance"), partner->clearance, partner->clearance_count);
#undef AT
}

static VLS_STATUS check_setting(const struct vls_config_check *check, unsigned number,
                                unsigned setting)
{
    struct vls_config_setting *settings = check->config->plugins[number].settings;
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "plugins[%u].settings[%u].name", number, setting);
    VLS_TRY(need_name(check, path, settings[setting].name, VLS_MAX_NAME));
    for (unsigned i = 0; i < setting; i++)
        if (strcmp(settings[i].name, settings[setting].name) == 0)
            return complain(check, path, "'%s' is set twice", settings[i].name);
    vls_config_otherwise(&settings[setting].value, "");
    snprintf(path, sizeof path, "plugins[%u].settings[%u].value", number, setting);
    return need_clean(check, path, settings[setting].value);
}

/** Granted and told nothing to look at, or the other way round: a person who writes one means both.
 */
static VLS_STATUS check_inspect(const struct vls_config_check *check, unsigned number)
{
    const struct vls_config_plugin *plugin = &check->config->plugins[number];
    bool is_granted = vls_config_grants(plugin, VLS_GRANT_INSPECT);
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "plugins[%u].inspect", number);
    if (is_granted && plugin->inspect_count == 0)
        return complain(check, path,
                        "is missing, and 'inspect' is granted; say what it is shown: "
                        "[" VLS_INSPECT_OUTGOING ", " VLS_INSPECT_INCOMING "]");
    if (!is_granted && plugin->inspect_count != 0)
        return complain(check, path, "needs 'inspect' among the plugin's grants");
    for (unsigned i = 0; i < plugin->inspect_count; i++) {
        const char *word = plugin->inspect[i];
        snprintf(path, sizeof path, "plugins[%u].inspect[%u]", number, i);
        if (strcmp(word, VLS_INSPECT_OUTGOING) != 0 && strcmp(word, VLS_INSPECT_INCOMING) != 0)
            return complain(check, path,
                            "'%.40s' is neither " VLS_INSPECT_OUTGOING " nor " VLS_INSPECT_INCOMING,
                            word);
        if (i > 0 && strcmp(word, plugin->inspect[0]) == 0)
            return complain(check, path, "'%.40s' is listed twice", word);
    }
    return VLS_DONE;
}

/** What the words mean, the router says. */
static VLS_STATUS check_resolve_label(const struct vls_config_check *check, unsigned number)
{
    struct vls_config_plugin *plugin = &check->config->plugins[number];
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "plugins[%u].resolve-label", number);
    vls_config_otherwise(&plugin->resolve_label, "");
    if (*plugin->resolve_label != '\0' && !vls_config_grants(plugin, VLS_GRANT_RESOLVE))
        return complain(check, path, "needs 'resolve' among the plugin's grants");
    return need_clean(check, path, plugin->resolve_label);
}

static VLS_STATUS check_plugin(const struct vls_config_check *check, unsigned number)
{
    struct vls_config *c = check->config;
    struct vls_config_plugin *plugin = &c->plugins[number];
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "plugins[%u].name", number);
    VLS_TRY(need_name(check, path, plugin->name, VLS_MAX_NAME));
    for (unsigned i = 0; i < number; i++)
        if (strcmp(c->plugins[i].name, plugin->name) == 0)
            return complain(check, path, "'%s' is listed twice", plugin->name);
    snprintf(path, sizeof path, "plugins[%u].file", number);
    VLS_TRY(need_path(check, path, &plugin->file, "the plugin's .so"));
    for (unsigned i = 0; i < plugin->grants_count; i++) {
        snprintf(path, sizeof path, "plugins[%u].grants[%u]", number, i);
        VLS_TRY(need_name(check, path, plugin->grants[i], VLS_MAX_NAME));
    }
    for (unsigned i = 0; i < plugin->paths_count; i++) {
        snprintf(path, sizeof path, "plugins[%u].paths[%u]", number, i);
        VLS_TRY(vls_config_make_absolute(check, path, &plugin->paths[i]));
    }
    for (unsigned i = 0; i < plugin->settings_count; i++)
        VLS_TRY(check_setting(check, number, i));
    VLS_TRY(check_inspect(check, number));
    VLS_TRY(check_resolve_label(check, number));
    snprintf(path, sizeof path, "plugins[%u].clearance", number);
    VLS_TRY(check_clearance(check, path, plugin->clearance, plugin->clearance_count));
    return vls_config_check_http(check, number);
}

/** Whether scheme and kind are known, the router says. */
static VLS_STATUS check_retention(const struct vls_config_check *check, unsigned number)
{
    struct vls_config_retention *one = &check->config->retention[number];
    char path[PATH_ROOM];
#define AT(key) (snprintf(path, sizeof path, "retention[%u]." key, number), path)
    vls_config_otherwise(&one->label, "");
    vls_config_otherwise(&one->kind, "");
    vls_config_otherwise(&one->party, "");
    VLS_TRY(need_clean(check, AT("label"), one->label));
    if (*one->kind != '\0')
        VLS_TRY(need_name(check, AT("kind"), one->kind, VLS_MAX_NAME));
    if (*one->party != '\0')
        VLS_TRY(need_name(check, AT("party"), one->party, VLS_MAX_PARTY));
    if (one->days == 0 || one->days > VLS_CONFIG_MAX_RETENTION)
        return complain(check, AT("days"), "%ju is out of bounds; allowed is 1 to %u",
                        (uintmax_t)one->days, VLS_CONFIG_MAX_RETENTION);
    return VLS_DONE;
#undef AT
}

static VLS_STATUS check_log(const struct vls_config_check *check)
{
    struct vls_config *c = check->config;
    static const char *const LEVELS[] = {"error", "warn", "info", "debug"};
    VLS_TRY(vls_config_optional_path(check, "log.file", &c->log.file));
    vls_config_otherwise(&c->log.level, "info");
    for (size_t i = 0; i < sizeof LEVELS / sizeof LEVELS[0]; i++)
        if (strcmp(LEVELS[i], c->log.level) == 0)
            return VLS_DONE;
    return complain(check, "log.level", "'%.20s' is none of error, warn, info, debug",
                    c->log.level);
}

struct vls_status vls_config_check(const struct vls_config_check *check)
{
    VLS_TRY(check_numbers(check));
    VLS_TRY(check_node(check));
    VLS_TRY(check_control(check));
    VLS_TRY(check_files(check));
    VLS_TRY(check_policy(check));
    for (unsigned i = 0; i < check->config->partners_count; i++)
        VLS_TRY(check_partner(check, i));
    for (unsigned i = 0; i < check->config->plugins_count; i++)
        VLS_TRY(check_plugin(check, i));
    for (unsigned i = 0; i < check->config->operators_count; i++)
        VLS_TRY(check_operator(check, i));
    for (unsigned i = 0; i < check->config->retention_count; i++)
        VLS_TRY(check_retention(check, i));
    VLS_TRY(vls_config_check_attestation(check));
    return check_log(check);
}
