/* valise init: make a node that works, in one directory. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/config.h"
#include "help.h"
#include "keys.h"
#include "share.h"
#include "show.h"
#include "template.h"

#define DEFAULT_LISTEN "127.0.0.1:8443"
#define SCHEMES_MAX    32
#define NAMES_ROOM     512

struct node {
    struct cli *cli;
    const char *dir, *party, *name, *listen, *host, *pki, *arrangement;
    char share[VLS_MAX_PATH];
    char listen_host[VLS_MAX_NAME]; /* without port and brackets */
    const char *port;
    char *schemes[SCHEMES_MAX]; /* names of the SPIF files */
    size_t scheme_count;
};

static void free_schemes(struct node *node)
{
    for (size_t i = 0; i < node->scheme_count; i++)
        vls_mem_free(node->schemes[i]);
}

static VLS_STATUS path_in(const char *dir, const char *name, char out[VLS_MAX_PATH],
                          struct vls_why *why)
{
    if (!vls_ok(vls_path_join(dir, name, out, VLS_MAX_PATH)))
        return vls_cli_usage(why, dir, "the path is too long");
    return VLS_DONE;
}

/* -- arguments --------------------------------------------------------------------------------- */

static VLS_STATUS read_listen(struct node *node, struct vls_why *why)
{
    const char *colon = strrchr(node->listen, ':');
    uint64_t port = 0;
    unsigned char address[sizeof(struct in6_addr)];
    bool has_brackets = *node->listen == '[' && colon != NULL && colon[-1] == ']';
    size_t from = has_brackets ? 1 : 0;
    size_t len = colon != NULL ? (size_t)(colon - node->listen) - 2 * from : 0;
    if (colon == NULL || len >= sizeof node->listen_host ||
        !vls_ok(vls_number_read(colon + 1, 1, 65535, &port)))
        return vls_cli_usage(why, "--listen", "'%.60s' is not ADDRESS:PORT", node->listen);
    vls_text_copy(node->listen_host, len + 1, node->listen + from);
    if (inet_pton(has_brackets ? AF_INET6 : AF_INET, node->listen_host, address) != 1)
        return vls_cli_usage(why, "--listen", "'%.60s' is not a numeric address; IPv6 in [ ]",
                             node->listen);
    node->port = colon + 1;
    return VLS_DONE;
}

static VLS_STATUS read_arguments(struct cli *cli, const struct cli_args *args, struct node *out,
                                 struct vls_why *why)
{
    out->cli = cli;
    out->dir = args->operands[0];
    VLS_TRY(vls_cli_need(args, "party", &out->party, why));
    if (!vls_text_is_name(out->party, VLS_MAX_PARTY))
        return vls_cli_usage(why, "--party", "'%.40s' is not a name; use a-z, 0-9, '.', '-', '_'",
                             out->party);
    out->name = vls_cli_value(args, "name");
    if (out->name == NULL)
        out->name = out->party;
    if (*out->name == '\0' || strlen(out->name) > VLS_MAX_PARTY ||
        !vls_text_is_clean(vls_slice_text(out->name), false))
        return vls_cli_usage(why, "--name", "must be 1 to %d bytes of one line", VLS_MAX_PARTY);
    out->listen = vls_cli_value(args, "listen");
    if (out->listen == NULL)
        out->listen = DEFAULT_LISTEN;
    VLS_TRY(read_listen(out, why));
    out->host = vls_cli_value(args, "host");
    if (out->host != NULL &&
        (*out->host == '\0' || strlen(out->host) > VLS_MAX_NAME ||
         strspn(out->host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != strlen(out->host)))
        return vls_cli_usage(why, "--host", "'%.60s' is not a host name", out->host);
    out->pki = vls_cli_value(args, "pki");
    out->arrangement = vls_cli_value(args, "arrangement");
    return VLS_DONE;
}

/* -- what comes along: schemes and arrangement ------------------------------------------------- */

static VLS_STATUS copy_file(const char *from, const char *to, mode_t mode, size_t max,
                            struct vls_why *why)
{
    struct vls_buf bytes;
    vls_buf_init(&bytes, max);
    struct vls_status status = vls_file_read(from, &bytes, why);
    if (vls_ok(status))
        status = vls_file_write(to, vls_buf_slice(&bytes), mode, why);
    vls_buf_fini(&bytes);
    return status;
}

static VLS_STATUS copy_schemes(struct node *node, struct vls_why *why)
{
    char from_dir[VLS_MAX_PATH], to_dir[VLS_MAX_PATH], from[VLS_MAX_PATH], to[VLS_MAX_PATH];
    VLS_TRY(path_in(node->share, "spif", from_dir, why));
    VLS_TRY(path_in(node->dir, "config/schemes", to_dir, why));
    VLS_TRY(
        vls_cli_list_files(from_dir, ".xml", node->schemes, SCHEMES_MAX, &node->scheme_count, why));
    if (node->scheme_count == 0)
        return vls_cli_usage(why, "--share", "%.120s holds no scheme", from_dir);
    for (size_t i = 0; i < node->scheme_count; i++) {
        VLS_TRY(path_in(from_dir, node->schemes[i], from, why));
        VLS_TRY(path_in(to_dir, node->schemes[i], to, why));
        VLS_TRY(copy_file(from, to, 0644, VLS_MAX_SCHEME_FILE, why));
    }
    return VLS_DONE;
}

static VLS_STATUS copy_arrangement(const struct node *node, struct vls_why *why)
{
    char dir[VLS_MAX_PATH], from[VLS_MAX_PATH], to[VLS_MAX_PATH];
    VLS_TRY(path_in(node->dir, "config/arrangement.yaml", to, why));
    if (node->arrangement != NULL)
        return copy_file(node->arrangement, to, 0644, VLS_MAX_CONFIG_FILE, why);
    char *files[2] = {NULL, NULL};
    size_t count = 0;
    VLS_TRY(path_in(node->share, "arrangements", dir, why));
    VLS_TRY(vls_cli_list_files(dir, ".yaml", files, 2, &count, why));
    struct vls_status status = VLS_DONE;
    if (count != 1)
        status = vls_fail(VLS_CLI_USAGE, why, "--arrangement: is missing; %.120s holds %s", dir,
                          count == 0 ? "none" : "several");
    else
        status = path_in(dir, files[0], from, why);
    if (vls_ok(status))
        status = copy_file(from, to, 0644, VLS_MAX_CONFIG_FILE, why);
    vls_mem_free(files[0]);
    vls_mem_free(files[1]);
    return status;
}

/* -- keys and certificates --------------------------------------------------------------------- */

static VLS_STATUS copy_pki(const struct node *node, struct vls_why *why)
{
    static const struct {
        const char *name;
        mode_t mode;
    } FILES[] = {{"tls.key", 0600},  {"tls.pem", 0644},     {"seal.key", 0600},
                 {"seal.pem", 0644}, {"archive.key", 0600}, {"archive.pem", 0644},
                 {"log.key", 0600},  {"witness.key", 0600}};
    char from_dir[VLS_MAX_PATH], to_dir[VLS_MAX_PATH], from[VLS_MAX_PATH], to[VLS_MAX_PATH];
    VLS_TRY(path_in(node->pki, node->party, from_dir, why));
    VLS_TRY(path_in(node->dir, "keys", to_dir, why));
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        VLS_TRY(path_in(from_dir, FILES[i].name, from, why));
        VLS_TRY(path_in(to_dir, FILES[i].name, to, why));
        VLS_TRY(copy_file(from, to, FILES[i].mode, VLS_MAX_KEY_FILE, why));
    }
    VLS_TRY(path_in(node->pki, "ca/chain.pem", from, why));
    VLS_TRY(path_in(to_dir, "tls-ca.pem", to, why));
    return copy_file(from, to, 0644, VLS_MAX_KEY_FILE, why);
}

/** What a new certificate is for. */
struct new_key {
    const char *name; /* of its files */
    enum key_kind kind;
    const char *key_usage, *extended_usage; /* key_usage NULL: no certificate */
    const char *alternative_names;
    bool has_request;
};

static VLS_STATUS make_key(const struct node *node, const struct new_key *plan, struct vls_why *why)
{
    char dir[VLS_MAX_PATH], path[VLS_MAX_PATH], request[VLS_MAX_PATH], file[VLS_MAX_NAME];
    VLS_TRY(path_in(node->dir, "keys", dir, why));
    snprintf(file, sizeof file, "%s.key", plan->name);
    VLS_TRY(path_in(dir, file, path, why));
    EVP_PKEY *key = NULL;
    VLS_TRY(vls_key_make(plan->kind, &key, why));
    struct vls_status status = vls_key_write(key, path, why);
    if (vls_ok(status) && plan->key_usage != NULL) {
        char common_name[VLS_MAX_NAME];
        snprintf(common_name, sizeof common_name, "%.40s %s", node->party, plan->name);
        snprintf(file, sizeof file, "%s.pem", plan->name);
        status = path_in(dir, file, path, why);
        snprintf(file, sizeof file, "%s.csr", plan->name);
        if (vls_ok(status))
            status = path_in(dir, file, request, why);
        const struct certificate_plan certificate = {.organization = node->name,
                                                     .common_name = common_name,
                                                     .key_usage = plan->key_usage,
                                                     .extended_usage = plan->extended_usage,
                                                     .alternative_names = plan->alternative_names,
                                                     .now_ms = vls_wall_ms(node->cli->env)};
        if (vls_ok(status))
            status = vls_certificate_make(key, &certificate, path,
                                          plan->has_request ? request : NULL, why);
    }
    EVP_PKEY_free(key);
    return status;
}

static bool is_any_address(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static VLS_STATUS make_keys(const struct node *node, struct vls_why *why)
{
    char party_name[VLS_MAX_NAME], tls_names[NAMES_ROOM];
    snprintf(party_name, sizeof party_name, "URI:valise:%s", node->party);
    snprintf(tls_names, sizeof tls_names, "%s%s%s%s%s%s", party_name,
             is_any_address(node->listen_host) ? "" : ",IP:",
             is_any_address(node->listen_host) ? "" : node->listen_host,
             is_loopback(node->listen_host) ? ",DNS:localhost" : "",
             node->host != NULL ? ",DNS:" : "", node->host != NULL ? node->host : "");
    const struct new_key keys[] = {
        {"tls", KEY_P256, "critical,digitalSignature", "serverAuth,clientAuth", tls_names, true},
        {"seal", KEY_P256, "critical,keyAgreement", NULL, party_name, false},
        {"archive", KEY_P256, "critical,keyAgreement", NULL, party_name, false},
        {"log", KEY_ED25519, NULL, NULL, NULL, false},
        {"witness", KEY_ED25519, NULL, NULL, NULL, false},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        VLS_TRY(make_key(node, &keys[i], why));
    char from[VLS_MAX_PATH], to[VLS_MAX_PATH];
    VLS_TRY(path_in(node->dir, "keys/tls.pem", from, why));
    VLS_TRY(path_in(node->dir, "keys/tls-ca.pem", to, why));
    return copy_file(from, to, 0644, VLS_MAX_KEY_FILE, why); /* it is its own issuer */
}

/* -- configuration ----------------------------------------------------------------------------- */

static VLS_STATUS write_template(const struct node *node, const char *name, const char *to,
                                 const struct template_value *values, size_t count,
                                 struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct vls_buf text;
    VLS_TRY(path_in(node->dir, to, path, why));
    vls_buf_init(&text, VLS_MAX_CONFIG_FILE);
    struct vls_status status =
        vls_template_fill(vls_help_doc(name)->lines, values, count, &text, why);
    if (vls_ok(status))
        status = vls_file_write(path, vls_buf_slice(&text), 0644, why);
    vls_buf_fini(&text);
    return status;
}

static VLS_STATUS write_config(const struct node *node, struct vls_why *why)
{
    struct vls_buf schemes;
    vls_buf_init(&schemes, VLS_MAX_CONFIG_FILE);
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < node->scheme_count && vls_ok(status); i++)
        status =
            vls_buf_add_format(&schemes, "%s  - schemes/%s", i > 0 ? "\n" : "", node->schemes[i]);
    const char *list = vls_buf_text(&schemes);
    const struct template_value values[] = {{"PARTY", node->party},
                                            {"NAME", node->name},
                                            {"LISTEN", node->listen},
                                            {"SCHEMES", list != NULL ? list : ""}};
    if (vls_ok(status))
        status = write_template(node, "valise.yaml", "config/valise.yaml", values,
                                sizeof values / sizeof values[0], why);
    vls_buf_fini(&schemes);
    return status;
}

static VLS_STATUS public_key(const struct node *node, const char *file, struct vls_buf *out,
                             struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    EVP_PKEY *key = NULL;
    VLS_TRY(path_in(node->dir, file, path, why));
    VLS_TRY(vls_key_read(path, &key, why));
    struct vls_status status = vls_key_public(key, out, why);
    EVP_PKEY_free(key);
    return status;
}

static VLS_STATUS write_partner_file(const struct node *node, struct vls_buf *log_key,
                                     struct vls_buf *witness_key, struct vls_why *why)
{
    char host[VLS_MAX_NAME * 2];
    bool has_name = node->host != NULL;
    if (has_name)
        snprintf(host, sizeof host, "%s:%s", node->host, node->port);
    VLS_TRY(public_key(node, "keys/log.key", log_key, why));
    VLS_TRY(public_key(node, "keys/witness.key", witness_key, why));
    const char *log_text = vls_buf_text(log_key), *witness_text = vls_buf_text(witness_key);
    if (log_text == NULL || witness_text == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a key");
    const struct template_value values[] = {{"PARTY", node->party},
                                            {"URL_HOST", has_name ? host : node->listen},
                                            {"LOG_KEY", log_text},
                                            {"WITNESS_KEY", witness_text}};
    return write_template(node, "partner.yaml", "for-partner/partner.yaml", values,
                          sizeof values / sizeof values[0], why);
}

static VLS_STATUS write_for_partner(const struct node *node, struct vls_why *why)
{
    struct vls_buf log_key, witness_key;
    vls_buf_init(&log_key, VLS_MAX_NAME);
    vls_buf_init(&witness_key, VLS_MAX_NAME);
    struct vls_status status = write_partner_file(node, &log_key, &witness_key, why);
    vls_buf_fini(&log_key);
    vls_buf_fini(&witness_key);
    VLS_TRY(status);
    static const struct {
        const char *from, *to;
    } FILES[] = {{"keys/seal.pem", "seal.pem"}, {"keys/tls-ca.pem", "tls-ca.pem"}};
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        char from[VLS_MAX_PATH], to[VLS_MAX_PATH], name[VLS_MAX_NAME * 2];
        snprintf(name, sizeof name, "for-partner/%s-%s", node->party, FILES[i].to);
        VLS_TRY(path_in(node->dir, FILES[i].from, from, why));
        VLS_TRY(path_in(node->dir, name, to, why));
        VLS_TRY(copy_file(from, to, 0644, VLS_MAX_KEY_FILE, why));
    }
    return VLS_DONE;
}

/** What will be copied must be there before a directory is made that a second try would trip over.
 */
static VLS_STATUS check_sources(const struct node *node, struct vls_why *why)
{
    char path[VLS_MAX_PATH], key[VLS_MAX_PATH];
    if (node->arrangement != NULL && access(node->arrangement, R_OK) != 0)
        return vls_cli_usage(why, "--arrangement", "%.120s cannot be read", node->arrangement);
    if (node->pki == NULL)
        return VLS_DONE;
    VLS_TRY(path_in(node->pki, node->party, path, why));
    VLS_TRY(path_in(path, "tls.key", key, why));
    if (access(key, R_OK) != 0)
        return vls_cli_usage(why, "--pki", "%.120s is not there; make it with make-test-pki", key);
    return VLS_DONE;
}

/** Nothing is ever written into a directory that holds something already. */
static VLS_STATUS make_directories(const struct node *node, struct vls_why *why)
{
    static const char *const FOLDERS[] = {
        "config", "config/schemes", "config/partners", "keys", "data", "run", "for-partner"};
    VLS_TRY(vls_dir_make(node->dir, 0700, why));
    DIR *stream = opendir(node->dir);
    if (stream == NULL)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "%.160s", node->dir);
    bool is_empty = true;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            is_empty = false;
    closedir(stream);
    if (!is_empty)
        return vls_cli_usage(why, node->dir, "is not empty; give a new directory");
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) {
        char path[VLS_MAX_PATH];
        VLS_TRY(path_in(node->dir, FOLDERS[i], path, why));
        VLS_TRY(vls_dir_make(path, 0700, why));
    }
    return VLS_DONE;
}

static VLS_STATUS report(const struct node *node, const char *config, struct vls_why *why)
{
    if (node->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "directory", vls_json_text(node->dir));
        json_object_set_new(object, "config", vls_json_text(config));
        json_object_set_new(object, "party", vls_json_text(node->party));
        return vls_json_line(node->cli, object, why);
    }
    fprintf(node->cli->out,
            "%s\n\nNext: give the files in %s/for-partner to your partner,\n"
            "enter theirs with 'valise --config %s partner add', then start the gateway:\n"
            "  valised --foreground --config %s\n",
            config, node->dir, config, config);
    return VLS_DONE;
}

struct vls_status vls_cmd_init(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    VLS_DEFER(free_schemes) struct node node = {.dir = NULL};
    VLS_TRY(read_arguments(cli, args, &node, why));
    VLS_TRY(vls_cli_share(vls_cli_value(args, "share"), node.share, why));
    VLS_TRY(check_sources(&node, why));
    VLS_TRY(make_directories(&node, why));
    VLS_TRY(copy_schemes(&node, why));
    VLS_TRY(copy_arrangement(&node, why));
    VLS_TRY(node.pki != NULL ? copy_pki(&node, why) : make_keys(&node, why));
    VLS_TRY(write_config(&node, why));
    VLS_TRY(write_for_partner(&node, why));
    char path[VLS_MAX_PATH];
    struct vls_config *config = NULL;
    VLS_TRY(path_in(node.dir, "config/valise.yaml", path, why));
    VLS_TRY(vls_config_load(path, &config, why)); /* what was made must be what valised takes */
    vls_config_free(&config);
    return report(&node, path, why);
}
