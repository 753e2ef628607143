#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "fetch/fetch.h"
#include "proc/roles.h"

#define NAMES                                                                                      \
    "one.test.localhost,two.test.localhost,three.test.localhost,four.test.localhost,"              \
    "five.test.localhost,six.test.localhost"

/* The least of all plugins that reach a host holds: so that it is not in the way. */
#define QUICK "requests-per-second: 10000, connections: 16, "

/* -- other programs ---------------------------------------------------------------------------- */

static pid_t spawn(char *const *arguments, int input, int output)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    if (input >= 0)
        dup2(input, 0);
    if (output >= 0)
        dup2(output, 1);
    execvp(arguments[0], arguments);
    _exit(127);
}

static void run(char *const *arguments)
{
    int status = 0;
    pid_t pid = spawn(arguments, -1, -1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s ends with %d", arguments[0], status);
}

static const char *path_of(const struct rig *rig, const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", rig->directory, name);
    return path;
}

static void make_pki(struct rig *rig)
{
    char *tool = (char *)VALISE_SOURCE_DIR "/certs/make-test-pki";
    char *pki = (char *)path_of(rig, "pki");
    run((char *[]){tool, pki, (char *)"site=" NAMES, (char *)"caller", NULL});
    run((char *[]){tool, (char *)"--expired", (char *)"--as", (char *)"expired", pki,
                   (char *)"site=" NAMES, NULL});
    run((char *[]){tool, (char *)"--ca", (char *)"foreign", (char *)"--as", (char *)"stranger", pki,
                   (char *)"site=" NAMES, NULL});
}

static void start_server(struct rig *rig)
{
    int input[2], output[2];
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    char *arguments[] = {(char *)VALISE_SOURCE_DIR "/tests/fetch/server",
                         (char *)path_of(rig, "pki"), (char *)path_of(rig, "server.log"), NULL};
    rig->server = spawn(arguments, input[0], output[1]);
    close(input[0]);
    close(output[1]);
    rig->server_input = input[1];
    FILE *lines = fdopen(output[0], "r");
    char name[32];
    unsigned port;
    while (fscanf(lines, "%31s", name) == 1 && strcmp(name, "ready") != 0) {
        assert_int_equal(fscanf(lines, "%u", &port), 1);
        unsigned *to = strcmp(name, "main") == 0       ? &rig->main
                       : strcmp(name, "expired") == 0  ? &rig->expired
                       : strcmp(name, "stranger") == 0 ? &rig->stranger
                       : strcmp(name, "client") == 0   ? &rig->client
                       : strcmp(name, "old") == 0      ? &rig->old
                                                       : &rig->proxy;
        *to = port;
    }
    assert_string_equal(name, "ready");
    fclose(lines);
}

/* -- configuration ----------------------------------------------------------------------------- */

static void write_secret(const struct rig *rig, const char *name, const char *value)
{
    assert_true(vls_ok(vls_file_write(path_of(rig, name), vls_slice_text(value), 0600, NULL)));
}

/* The pin of the server's key, as openssl makes it. */
static void read_pin(const struct rig *rig, char pin[64])
{
    char command[512];
    snprintf(
        command, sizeof command,
        "openssl x509 -in %s/pki/site/tls.pem -noout -pubkey | openssl pkey -pubin -outform DER "
        "| openssl dgst -sha256 -binary | openssl base64 -A",
        rig->directory);
    int output[2];
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    pid_t pid = spawn((char *[]){(char *)"sh", (char *)"-c", command, NULL}, -1, output[1]);
    close(output[1]);
    ssize_t len = read(output[0], pin, 63);
    pin[len > 0 ? len : 0] = '\0';
    close(output[0]);
    waitpid(pid, NULL, 0);
    assert_int_equal(strlen(pin), 44);
}

static void add_plugins(const struct rig *rig, struct vls_buf *yaml)
{
    const unsigned m = rig->main;
    char pin[64];
    read_pin(rig, pin);
    assert_true(vls_ok(vls_buf_add_format(
        yaml,
        "plugins:\n"
        "  - {name: web, file: /none.so, grants: [net], http: {hosts: ['*.test.localhost:%u',\n"
        "     'wrong.localhost:%u', 'one.test.localhost:%u', 'one.test.localhost:%u',\n"
        "     'one.test.localhost:%u', 'one.test.localhost:%u', 'one.test.localhost:1',\n"
        "     'nowhere.invalid'], ca: pki/ca/root.pem, requests-per-second: 10000,\n"
        "     connections: 16, max-bytes: 4294967296, timeout-s: 600, user-agent: Tester/1,\n"
        "     credentials: [{name: one, host: 'one.test.localhost:%u', header: X-Api-Key,\n"
        "       file: one.secret}, {name: three, host: 'three.test.localhost:%u', query: key,\n"
        "       file: three.secret}]}}\n",
        m, m, rig->expired, rig->stranger, rig->client, rig->old, m, m)));
    assert_true(vls_ok(vls_buf_add_format(
        yaml,
        "  - {name: client, file: /none.so, grants: [net], http: {hosts: "
        "['one.test.localhost:%u'],\n     ca: pki/ca/root.pem, " QUICK
        "client-certificate: pki/caller/tls.pem, client-key: pki/caller/tls.key}}\n"
        "  - {name: pin, file: /none.so, grants: [net], http: {hosts: ['two.test.localhost:%u'],\n"
        "     ca: pki/ca/root.pem, " QUICK " pin: 'sha256//%s'}}\n"
        "  - {name: mispin, file: /none.so, grants: [net], http: {hosts: "
        "['two.test.localhost:%u'],\n     ca: pki/ca/root.pem, " QUICK
        "pin: 'sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='}}\n"
        "  - {name: slow, file: /none.so, grants: [net], http: {hosts: "
        "['five.test.localhost:%u'],\n     ca: pki/ca/root.pem, "
        "requests-per-second: 1, connections: 1}}\n"
        "  - {name: proxied, file: /none.so, grants: [net], http: {hosts: "
        "['two.test.localhost:%u'],\n     ca: pki/ca/root.pem, " QUICK
        " proxy: 'http://127.0.0.1:%u'}}\n"
        "  - {name: system, file: /none.so, grants: [net], http: {hosts: "
        "['two.test.localhost:%u'],\n     requests-per-second: 10000, connections: 16}}\n",
        rig->client, m, pin, m, m, m, rig->proxy, m)));
}

static void read_config(struct rig *rig)
{
    struct vls_why why = {""};
    struct vls_buf yaml;
    vls_buf_init(&yaml, 65536);
    assert_true(vls_ok(vls_buf_add_text(
        &yaml, "node: {party: un, data: data}\nlisten: {tls-certificate: tls.pem}\n"
               "keys: {tls: k, seal: k, archive: k, log: k, witness: k, seal-certificate: s,\n"
               "       archive-certificate: a}\n"
               "schemes: [un.xml]\narrangement: arrangement.yaml\n")));
    add_plugins(rig, &yaml);
    struct vls_status status =
        vls_config_read(vls_buf_slice(&yaml), path_of(rig, "valise.yaml"), &rig->config, &why);
    if (!vls_ok(status))
        fail_msg("%s", why.text);
    vls_buf_fini(&yaml);
}

/* -- fetch ------------------------------------------------------------------------------------- */

static void on_request(void *ctx, const struct vls_fetch_record *record)
{
    (void)ctx;
    vls_log(VLS_LOG_INFO, "fetch.request", VLS_F("plugin", record->plugin),
            VLS_F("method", record->method), VLS_F("host", record->host),
            VLS_FN("status", record->http_status), VLS_FAILURE(record->status, record->why));
}

static void on_gone(void *ctx, const char *plugin, struct vls_status cause, const char *words)
{
    (void)ctx;
    vls_log(VLS_LOG_INFO, "fetch.host-gone", VLS_F("plugin", plugin),
            VLS_F("code", vls_status_name(cause)), VLS_F("why", words));
}

static void be_fetch(struct rig *rig, const int *fds)
{
    struct vls_why why = {""};
    struct vls_fetch *fetch = NULL;
    int log = open(path_of(rig, "fetch.log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    vls_log_open(log, "fetch", VLS_LOG_DEBUG);
    signal(SIGPIPE, SIG_IGN);
    const struct vls_fetch_options options = {
        .base = event_base_new(),
        .env = vls_env_system(),
        .config = rig->config,
        .accepts = vls_role_accepts(VLS_ROLE_HOST, VLS_ROLE_FETCH),
        .on_request = on_request,
        .on_gone = on_gone,
    };
    event_base_priority_init(options.base, 2);
    struct vls_status status = vls_fetch_new(&options, &fetch, &why);
    for (unsigned i = 0; vls_ok(status) && i < RIG_PLUGINS; i++)
        status = vls_fetch_attach(fetch, i, fds[i], &why);
    if (!vls_ok(status)) {
        fprintf(stderr, "fetch: %s\n", why.text);
        _exit(1);
    }
    event_base_dispatch(options.base); /* until no channel is left */
    vls_fetch_free(&fetch);
    event_base_free(options.base);
    exit(0);
}

void rig_start_fetch(struct rig *rig)
{
    int ours[RIG_PLUGINS], theirs[RIG_PLUGINS];
    for (unsigned i = 0; i < RIG_PLUGINS; i++) {
        int ends[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        ours[i] = ends[0];
        theirs[i] = ends[1];
    }
    rig->fetch = fork();
    assert_true(rig->fetch >= 0);
    if (rig->fetch == 0) {
        for (unsigned i = 0; i < RIG_PLUGINS; i++) {
            close(ours[i]);
            vls_fd_close(&rig->hosts[i].http.channel);
        }
        be_fetch(rig, theirs);
    }
    for (unsigned i = 0; i < RIG_PLUGINS; i++) {
        close(theirs[i]);
        vls_plugin_http_attach(&rig->hosts[i].http, ours[i]);
    }
}

void rig_kill_fetch(struct rig *rig)
{
    kill(rig->fetch, SIGKILL);
    waitpid(rig->fetch, NULL, 0);
    rig->fetch = 0;
}

/* -- life -------------------------------------------------------------------------------------- */

void rig_start(struct rig *rig)
{
    *rig = (struct rig){.directory = "/tmp/valise-fetch.XXXXXX"};
    assert_non_null(mkdtemp(rig->directory));
    signal(SIGPIPE, SIG_IGN);
    make_pki(rig);
    start_server(rig);
    write_secret(rig, "one.secret", RIG_SECRET "\n");
    write_secret(rig, "three.secret", RIG_SECRET_QUERY "\n");
    read_config(rig);
    for (unsigned i = 0; i < RIG_PLUGINS; i++) {
        rig->hosts[i].phase = HOST_SERVING;
        rig->hosts[i].options.env = vls_env_system();
        vls_plugin_http_init(&rig->hosts[i].http);
    }
    rig_start_fetch(rig);
}

void rig_stop(struct rig *rig)
{
    int status = 0;
    for (unsigned i = 0; i < RIG_PLUGINS; i++)
        vls_plugin_http_fini(&rig->hosts[i].http);
    if (rig->fetch > 0) {
        waitpid(rig->fetch, &status, 0);
        assert_int_equal(status, 0); /* a sanitizer that found something says so here */
    }
    close(rig->server_input);
    waitpid(rig->server, NULL, 0);
    vls_config_free(&rig->config);
    run((char *[]){(char *)"rm", (char *)"-rf", rig->directory, NULL});
}

/* -- asking ------------------------------------------------------------------------------------ */

const char *rig_url(const char *name, unsigned port, const char *path)
{
    static char urls[8][4096];
    static unsigned next;
    char *url = urls[next++ % 8];
    snprintf(url, sizeof urls[0], "https://%s:%u%s", name, port, path);
    return url;
}

static void keep_texts(struct rig_got *got)
{
    snprintf(got->why, sizeof got->why, "%s", got->response.why);
    snprintf(got->url, sizeof got->url, "%s", got->response.url);
    snprintf(got->type, sizeof got->type, "%s", got->response.content_type);
    snprintf(got->etag, sizeof got->etag, "%s", got->response.etag);
}

struct rig_got rig_finish(struct rig *rig, enum rig_plugin plugin, struct vls_http *http)
{
    static uint8_t bytes[65536];
    void *ctx = &rig->hosts[plugin];
    struct rig_got got = {.response = {.size = sizeof got.response, .why = "", .url = ""}};
    got.response.content_type = got.response.etag = "";
    size_t len = 1;
    got.outcome = VLS_PLUGIN_HTTP.answer(ctx, http, &got.response);
    while (got.outcome == VLS_HTTP_OK && len > 0) {
        got.outcome = VLS_PLUGIN_HTTP.read(ctx, http, bytes, sizeof bytes, &len);
        for (size_t i = 0; i < len && got.bytes + i < sizeof got.text - 1; i++)
            got.text[got.bytes + i] = (char)bytes[i];
        got.bytes += len;
    }
    if (got.outcome != VLS_HTTP_OK && got.outcome != VLS_HTTP_UNCHANGED)
        assert_int_equal(VLS_PLUGIN_HTTP.answer(ctx, http, &got.response), got.outcome);
    keep_texts(&got);
    VLS_PLUGIN_HTTP.close(ctx, http);
    return got;
}

struct rig_got rig_ask(struct rig *rig, enum rig_plugin plugin,
                       const struct vls_http_request *request)
{
    struct vls_http *http = NULL;
    enum vls_http_outcome outcome = VLS_PLUGIN_HTTP.open(&rig->hosts[plugin], request, &http);
    if (http == NULL)
        return (struct rig_got){.outcome = outcome};
    return rig_finish(rig, plugin, http);
}

struct rig_got rig_get(struct rig *rig, enum rig_plugin plugin, const char *url)
{
    struct vls_http_request request = {.size = sizeof request, .url = url, .timeout_ms = 20000};
    return rig_ask(rig, plugin, &request);
}

/* -- looking ----------------------------------------------------------------------------------- */

char *rig_read(struct rig *rig, const char *name)
{
    struct vls_buf bytes;
    vls_buf_init(&bytes, 64u << 20);
    VLS_IGNORE(vls_file_read(path_of(rig, name), &bytes, NULL), "one that is not there is empty");
    char *text = vls_mem_text((const char *)bytes.at, bytes.len);
    vls_buf_fini(&bytes);
    return text;
}

unsigned rig_seen(struct rig *rig, const char *text)
{
    char *log = rig_read(rig, "server.log");
    unsigned count = 0;
    for (char *line = log, *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        char kept = *end;
        *end = '\0';
        count += strstr(line, text) != NULL;
        end += kept != '\0';
    }
    vls_mem_free(log);
    return count;
}

unsigned long rig_memory(struct rig *rig, const char *field)
{
    char path[64], line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)rig->fetch);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, field, strlen(field)) == 0)
            kib = strtoul(line + strlen(field) + 1, NULL, 10);
    fclose(file);
    return kib;
}
