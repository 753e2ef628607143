#include "proc/roles.h"

#include <string.h>
#include <unistd.h>

#include "base/compat.h"
#include "base/text.h"
#include "config/host.h"

/*~ Table 1: who may talk to whom, with what. A pair of roles that is not here has no channel. What
 * is not listed ends the process that sent it. Answers are not listed: they are matched to the
 * question that expects them. */
struct link {
    enum vls_role_kind from, to;
    int bodies[8]; /* ended by 0 */
};

#define BODY(name) VALISE__FRAME__BODY_##name
static const struct link LINKS[] = {
    {VLS_ROLE_ROUTER, VLS_ROLE_CRYPTO, {BODY(SEAL), BODY(OPEN), BODY(SIGN), 0}},
    {VLS_ROLE_CRYPTO, VLS_ROLE_ROUTER, {0}},
    {VLS_ROLE_ROUTER, VLS_ROLE_READER, {BODY(READ_ARCHIVE), 0}},
    {VLS_ROLE_READER, VLS_ROLE_ROUTER, {0}},
    {VLS_ROLE_EDGE, VLS_ROLE_CRYPTO, {BODY(TLS_SIGN), 0}},
    {VLS_ROLE_CRYPTO, VLS_ROLE_EDGE, {0}},
    {VLS_ROLE_EDGE, VLS_ROLE_ROUTER, {BODY(EXCHANGE_IN), BODY(UPLOAD_OPEN), BODY(UPLOAD_DONE), 0}},
    {VLS_ROLE_ROUTER, VLS_ROLE_EDGE, {BODY(CARRY), BODY(PUSH), BODY(WITNESS), BODY(STAMP), 0}},
    {VLS_ROLE_HOST,
     VLS_ROLE_ROUTER,
     {BODY(SUBMISSION), BODY(STATE_LOAD), BODY(STATE_SAVE), BODY(WORKING), BODY(PLUGIN_REPORT), 0}},
    {VLS_ROLE_ROUTER, VLS_ROLE_HOST, {BODY(DELIVER), BODY(INSPECT), BODY(RESOLVE), 0}},
    {VLS_ROLE_HOST, VLS_ROLE_FETCH, {BODY(HTTP_REQUEST), 0}},
    {VLS_ROLE_FETCH, VLS_ROLE_HOST, {BODY(HTTP_HEAD), BODY(HTTP_END), 0}},
    {VLS_ROLE_CONTROL, VLS_ROLE_ROUTER, {BODY(OPERATOR_REQUEST), 0}},
    {VLS_ROLE_ROUTER, VLS_ROLE_CONTROL, {0}},
};
/* Every role and the supervisor. Done says why a role could not start or go on; Ready that it
 * serves. The router also passes on what an operator wants of a plugin, and hears how plugins are.
 */
static const int FROM_SUPERVISOR[] = {BODY(ATTACH), BODY(STOP), 0};
static const int TO_SUPERVISOR[] = {BODY(READY), BODY(DONE), 0};
static const int SUPERVISOR_TO_ROUTER[] = {BODY(ATTACH), BODY(STOP), BODY(PLUGIN_STATE), 0};
static const int ROUTER_TO_SUPERVISOR[] = {BODY(READY), BODY(DONE), BODY(PLUGIN_ORDER), 0};
static const int NOTHING[] = {0};

/*~ Table 2: what each role may do once it is closed in. */
#define CALLS_FILES (VLS_CALLS_READ_FILES | VLS_CALLS_WRITE_FILES)
#define GIB         (UINT64_C(1) << 30)
static const struct vls_role_profile PROFILES[VLS_ROLE_COUNT] = {
    [VLS_ROLE_SUPERVISOR] = {.name = "supervisor"},
    [VLS_ROLE_EDGE] = {.name = "edge",
                       .calls = VLS_CALLS_BASE | VLS_CALLS_READ_FILES | VLS_CALLS_MEMORY_FILES |
                                VLS_CALLS_ACCEPT | VLS_CALLS_CONNECT | VLS_CALLS_THREADS,
                       .files = VLS_FILES_PARTNERS,
                       .net = VLS_NET_PARTNERS,
                       .descriptors = 16384,
                       .data_bytes = 4 * GIB},
    [VLS_ROLE_ROUTER] = {.name = "router",
                         .calls = VLS_CALLS_BASE | CALLS_FILES | VLS_CALLS_MEMORY_FILES,
                         .files = VLS_FILES_STORE,
                         .net = VLS_NET_NONE,
                         .descriptors = 16384,
                         .data_bytes = 8 * GIB},
    [VLS_ROLE_CRYPTO] = {.name = "crypto",
                         .calls = VLS_CALLS_BASE | VLS_CALLS_LOCK_MEMORY,
                         .files = VLS_FILES_NONE,
                         .net = VLS_NET_NONE,
                         .descriptors = 4096,
                         .data_bytes = 2 * GIB},
    [VLS_ROLE_CONTROL] = {.name = "control",
                          .calls = VLS_CALLS_BASE | VLS_CALLS_ACCEPT | VLS_CALLS_MEMORY_FILES,
                          .files = VLS_FILES_NONE,
                          .net = VLS_NET_NONE,
                          .descriptors = 4096,
                          .data_bytes = 1 * GIB},
    [VLS_ROLE_FETCH] = {.name = "fetch",
                        .calls = VLS_CALLS_BASE | VLS_CALLS_READ_FILES | VLS_CALLS_CONNECT |
                                 VLS_CALLS_THREADS,
                        .files = VLS_FILES_LOOK_UP,
                        .net = VLS_NET_PLUGINS,
                        .descriptors = 4096,
                        .data_bytes = 1 * GIB},
    [VLS_ROLE_READER] = {.name = "reader",
                         .calls = VLS_CALLS_BASE,
                         .files = VLS_FILES_NONE,
                         .net = VLS_NET_NONE,
                         .descriptors = 256,
                         .data_bytes = 1 * GIB},
    [VLS_ROLE_HOST] = {.name = "host",
                       .calls = VLS_CALLS_BASE | CALLS_FILES | VLS_CALLS_MEMORY_FILES |
                                VLS_CALLS_WATCH | VLS_CALLS_LOAD,
                       .files = VLS_FILES_PLUGIN,
                       .net = VLS_NET_NONE, /* whatever is granted: fetch asks for it */
                       .is_closed_before_init = true,
                       .descriptors = 4096,
                       .data_bytes = 2 * GIB},
};

#define MAX_CRYPTO_WORKERS   8
#define DESCRIBE_DESCRIPTORS 64
#define PORT_DNS             53
#define PORT_HTTPS           443
#define PORT_HTTP            80

const struct vls_role_profile *vls_role_profile(enum vls_role_kind kind)
{
    return &PROFILES[kind];
}

const char *vls_role_name(enum vls_role_kind kind)
{
    return PROFILES[kind].name;
}

struct vls_status vls_role_from_name(const char *name, enum vls_role_kind *out)
{
    for (unsigned i = 0; i < VLS_ROLE_COUNT; i++)
        if (strcmp(PROFILES[i].name, name) == 0) {
            *out = (enum vls_role_kind)i;
            return VLS_DONE;
        }
    return (struct vls_status){VLS_INPUT_MALFORMED};
}

static const struct link *find_link(enum vls_role_kind from, enum vls_role_kind to)
{
    for (size_t i = 0; i < sizeof LINKS / sizeof LINKS[0]; i++)
        if (LINKS[i].from == from && LINKS[i].to == to)
            return &LINKS[i];
    return NULL;
}

const int *vls_role_accepts(enum vls_role_kind from, enum vls_role_kind to)
{
    if (from == VLS_ROLE_SUPERVISOR)
        return to == VLS_ROLE_ROUTER ? SUPERVISOR_TO_ROUTER : FROM_SUPERVISOR;
    if (to == VLS_ROLE_SUPERVISOR)
        return from == VLS_ROLE_ROUTER ? ROUTER_TO_SUPERVISOR : TO_SUPERVISOR;
    const struct link *link = find_link(from, to);
    return link != NULL ? link->bodies : NOTHING;
}

bool vls_roles_are_linked(enum vls_role_kind a, enum vls_role_kind b)
{
    return find_link(a, b) != NULL || find_link(b, a) != NULL;
}

static bool is_granted_net(const struct vls_config *config, unsigned plugin)
{
    return plugin < config->plugins_count && config->plugins[plugin].http != NULL;
}

static bool has_plugin_with_net(const struct vls_config *config)
{
    for (unsigned i = 0; i < config->plugins_count; i++)
        if (is_granted_net(config, i))
            return true;
    return false;
}

bool vls_roles_are_to_meet(const struct vls_config *config, enum vls_role_kind a,
                           unsigned instance_a, enum vls_role_kind b, unsigned instance_b)
{
    if (!vls_roles_are_linked(a, b))
        return false;
    if (a == VLS_ROLE_HOST && b == VLS_ROLE_FETCH)
        return is_granted_net(config, instance_a);
    if (a == VLS_ROLE_FETCH && b == VLS_ROLE_HOST)
        return is_granted_net(config, instance_b);
    return true;
}

unsigned vls_role_instances(enum vls_role_kind kind, const struct vls_config *config)
{
    if (kind == VLS_ROLE_HOST)
        return config->plugins_count;
    if (kind == VLS_ROLE_FETCH)
        return has_plugin_with_net(config) ? 1 : 0;
    if (kind == VLS_ROLE_READER)
        return vls_config_answers_from(config, NULL) ? 1 : 0;
    if (kind != VLS_ROLE_CRYPTO)
        return 1;
    unsigned workers = config->keys.crypto_workers;
    if (workers == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        workers = cores < 1 ? 1 : (unsigned)cores;
    }
    return 1 + (workers < MAX_CRYPTO_WORKERS ? workers : MAX_CRYPTO_WORKERS); /* and one signs */
}

/* -- the sandbox of one role ------------------------------------------------------------------- */

/* Port of "scheme://host[:port][/...]"; 0 when the text is no such address. */
static uint16_t port_of(const char *url)
{
    uint64_t port;
    char digits[6];
    const char *host = strstr(url, "://");
    if (host == NULL)
        return 0;
    host += 3;
    size_t len = strcspn(host, "/?#");
    const char *bracket = memchr(host, ']', len);
    const char *after = bracket != NULL ? bracket : host;
    const char *colon = memchr(after, ':', len - (size_t)(after - host));
    if (colon == NULL)
        return strncmp(url, "http:", 5) == 0 ? PORT_HTTP : PORT_HTTPS;
    size_t digits_len = len - (size_t)(colon + 1 - host);
    if (digits_len >= sizeof digits)
        return 0;
    vls_text_copy(digits, digits_len + 1, colon + 1);
    return vls_ok(vls_number_read(digits, 1, UINT16_MAX, &port)) ? (uint16_t)port : 0;
}

static void grant_port_of(const char *url, struct vls_sandbox *out)
{
    uint16_t port = url != NULL ? port_of(url) : 0;
    if (port != 0)
        vls_sandbox_add_port(out, port);
}

/* What the C library and libcurl read to look up a name and check a certificate. A file that is
 * replaced after the start is out of reach until the next one: the kernel's rule is for the file,
 * not for its name. */
static void grant_look_up(struct vls_sandbox *out)
{
    static const char *const FILES[] = {
        "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
        "/etc/gai.conf",    "/etc/ssl",   "/usr/lib/ssl",       "/usr/share/ca-certificates"};
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        vls_sandbox_add_path(out, FILES[i], VLS_PATH_READ, true);
    vls_sandbox_add_port(out, PORT_DNS);
}

static void grant_partners(const struct vls_config *config, struct vls_sandbox *out)
{
    grant_look_up(out);
    for (unsigned i = 0; i < config->partners_count; i++) {
        const struct vls_config_partner *partner = &config->partners[i];
        grant_port_of(partner->url, out);
        if (partner->tls_ca != NULL && partner->tls_ca[0] != '\0')
            vls_sandbox_add_path(out, partner->tls_ca, VLS_PATH_READ, true);
        if (partner->crl != NULL && partner->crl[0] != '\0')
            vls_sandbox_add_path(out, partner->crl, VLS_PATH_READ, true);
    }
    for (unsigned i = 0; i < config->attestation.witnesses_count; i++)
        grant_port_of(config->attestation.witnesses[i].url, out);
    grant_port_of(config->attestation.tsa_url, out);
}

static void grant_object(const char *file, struct vls_sandbox *out)
{
    static const char *const LIBRARIES[] = {"/lib", "/lib64", "/usr/lib", "/usr/lib64",
                                            "/usr/local/lib"};
    static const char *const FILES[] = {"/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo",
                                        "/dev/urandom", "/dev/null"};
    for (size_t i = 0; i < sizeof LIBRARIES / sizeof LIBRARIES[0]; i++)
        vls_sandbox_add_path(out, LIBRARIES[i], VLS_PATH_READ | VLS_PATH_EXECUTE, true);
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        vls_sandbox_add_path(out, FILES[i], VLS_PATH_READ, true);
    vls_sandbox_add_path(out, file, VLS_PATH_READ | VLS_PATH_EXECUTE, true);
}

static void grant_plugin(const struct vls_config_plugin *plugin, struct vls_sandbox *out)
{
    /* without the grant they are there for what the host itself reads: secrets */
    bool has_files = false;
    for (unsigned i = 0; i < plugin->grants_count; i++)
        has_files = has_files || strcmp(plugin->grants[i], "files") == 0;
    grant_object(plugin->file, out);
    for (unsigned i = 0; i < plugin->paths_count; i++)
        vls_sandbox_add_path(out, plugin->paths[i],
                             has_files ? VLS_PATH_READ | VLS_PATH_WRITE : VLS_PATH_READ, false);
}

/* Ports of the hosts that plugins may reach; of a proxy, its own. */
static void grant_plugins_net(const struct vls_config *config, struct vls_sandbox *out)
{
    struct vls_host_pattern pattern;
    grant_look_up(out);
    for (unsigned i = 0; i < config->plugins_count; i++) {
        const struct vls_config_http *http = config->plugins[i].http;
        if (http == NULL)
            continue;
        for (unsigned k = 0; k < http->hosts_count; k++)
            if (vls_ok(vls_host_pattern_read(http->hosts[k], &pattern, NULL)))
                vls_sandbox_add_port(out, pattern.port);
        if (http->proxy != NULL && http->proxy[0] != '\0')
            grant_port_of(http->proxy, out);
    }
}

/* A token in software is files, which its module reads at each use. Without token-paths the role
 * opens none. */
static void grant_token(const struct vls_config *config, struct vls_sandbox *out)
{
    out->calls |= CALLS_FILES;
    for (unsigned i = 0; i < config->keys.token_paths_count; i++)
        vls_sandbox_add_path(out, config->keys.token_paths[i], VLS_PATH_READ | VLS_PATH_WRITE,
                             false);
}

void vls_describe_sandbox(const char *file, struct vls_sandbox *out)
{
    vls_sandbox_init(out);
    out->calls = VLS_CALLS_BASE | VLS_CALLS_READ_FILES | VLS_CALLS_LOAD;
    out->descriptors = DESCRIBE_DESCRIPTORS;
    out->data_bytes = GIB / 4;
    grant_object(file, out);
    if (vls_is_sanitized())
        vls_sandbox_add_path(out, "/proc", VLS_PATH_READ, true);
}

void vls_role_sandbox(enum vls_role_kind kind, unsigned instance, const struct vls_config *config,
                      struct vls_sandbox *out)
{
    const struct vls_role_profile *profile = &PROFILES[kind];
    vls_sandbox_init(out);
    out->calls = profile->calls;
    out->descriptors = profile->descriptors;
    out->data_bytes = profile->data_bytes;
    if (profile->files == VLS_FILES_STORE) {
        vls_sandbox_add_path(out, config->node.data, VLS_PATH_READ | VLS_PATH_WRITE, false);
        vls_sandbox_add_path(out, "/dev/urandom", VLS_PATH_READ, true);
    }
    if (profile->net == VLS_NET_PARTNERS)
        grant_partners(config, out);
    if (profile->net == VLS_NET_PLUGINS)
        grant_plugins_net(config, out);
    if (kind == VLS_ROLE_CRYPTO && config->keys.token_paths_count > 0)
        grant_token(config, out);
    if (kind == VLS_ROLE_HOST && instance < config->plugins_count)
        grant_plugin(&config->plugins[instance], out);
    /* the leak check at the end of a sanitized process reads its own map */
    if (vls_is_sanitized())
        vls_sandbox_add_path(out, "/proc", VLS_PATH_READ, true);
}
