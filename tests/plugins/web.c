/* A source that brings one document from an address, and again when it has changed; and tries what
 * its process must not be able to do. For tests/e2e/http. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <valise/plugin.h>

#define AGAIN_MS 200
#define ETAG     "etag"

static const struct vls_setting SETTINGS[] = {
    {.name = "url",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .help = "Where the document is."},
    {0},
};

static struct web {
    const struct vls_host *host;
    const struct vls_http_service *http;
    const struct vls_source_service *source;
    const struct vls_state_service *state;
    enum vls_http_outcome last;
    uint64_t next_token;
} web;

static void say(const char *what, const char *words)
{
    char text[256];
    snprintf(text, sizeof text, "%s: %s", what, words);
    web.host->log(web.host->ctx, VLS_LEVEL_INFO, text);
}

static void try_sockets(void)
{
    static const int FAMILIES[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(443)};
    for (size_t i = 0; i < sizeof FAMILIES / sizeof FAMILIES[0]; i++) {
        int fd = socket(FAMILIES[i], SOCK_STREAM, 0);
        say(fd < 0 ? "socket refused" : "SOCKET GIVEN", fd < 0 ? strerror(errno) : "");
    }
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    int result = connect(0, (struct sockaddr *)&to, sizeof to);
    say(errno == EPERM && result != 0 ? "connect refused" : "CONNECT TRIED", strerror(errno));
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    (void)why;
    (void)room;
    web = (struct web){.host = host, .last = VLS_HTTP_OK};
    *out_state = &web;
    return 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    (void)state;
    web.http = host->service(host->ctx, "valise.http/1");
    web.source = host->service(host->ctx, "valise.source/1");
    web.state = host->service(host->ctx, "valise.state/1");
    snprintf(why, room, "it lacks a service");
    try_sockets();
    return web.http != NULL && web.source != NULL && web.state != NULL ? 0 : -1;
}

/* The content into the part that is begun, in pieces. */
static enum vls_http_outcome copy(struct vls_http *http)
{
    static unsigned char piece[65536];
    size_t len = 1;
    enum vls_http_outcome outcome = VLS_HTTP_OK;
    while (outcome == VLS_HTTP_OK && len > 0) {
        outcome = web.http->read(web.host->ctx, http, piece, sizeof piece, &len);
        if (len > 0 && web.source->emit_bytes(web.host->ctx, piece, len) != VLS_EMIT_OK)
            return VLS_HTTP_SYSTEM;
    }
    return outcome;
}

static enum vls_http_outcome emit(struct vls_http *http, const struct vls_http_response *said)
{
    void *ctx = web.host->ctx;
    char key[128];
    snprintf(key, sizeof key, "web %s", said->etag);
    struct vls_document document = {.size = sizeof document,
                                    .origin_key = key,
                                    .kind = "publication",
                                    .to = "iom",
                                    .label = "un-sgb-2007-6/unclassified"};
    if (web.source->emit_begin(ctx, &document) != VLS_EMIT_OK ||
        web.source->emit_part(ctx, "from-the-web.txt", "text/plain") != VLS_EMIT_OK)
        return VLS_HTTP_SYSTEM;
    enum vls_http_outcome outcome = copy(http);
    if (outcome != VLS_HTTP_OK) {
        web.source->emit_abort(ctx);
        return outcome;
    }
    (void)web.source->emit_state(ctx, ETAG, said->etag, strlen(said->etag));
    (void)web.source->emit_end(ctx, ++web.next_token);
    return VLS_HTTP_OK;
}

static uint32_t poll_web(void *state)
{
    void *ctx = web.host->ctx;
    char etag[128] = "", words[256];
    size_t len = 0;
    struct vls_http *http;
    struct vls_http_response said = {.size = sizeof said, .why = ""};
    (void)state;
    const char *known = web.state->get(ctx, ETAG, &len);
    if (known != NULL && len < sizeof etag)
        memcpy(etag, known, len);
    struct vls_http_request request = {.size = sizeof request,
                                       .url = web.host->setting(ctx, "url"),
                                       .etag = etag,
                                       .timeout_ms = 10000};
    (void)web.http->open(ctx, &request, &http);
    enum vls_http_outcome outcome = web.http->answer(ctx, http, &said);
    if (outcome == VLS_HTTP_OK && said.status == 200)
        outcome = emit(http, &said);
    if (outcome != web.last) {
        snprintf(words, sizeof words, "%d status %u %s", (int)outcome, said.status, said.why);
        say("outcome", words);
    }
    web.last = outcome;
    web.http->close(ctx, http);
    return AGAIN_MS;
}

static void committed(void *state, const struct vls_commit *commit)
{
    (void)state;
    (void)commit;
}

static void stop(void *state)
{
    (void)state;
}

static const struct vls_plugin WEB = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "web",
    .version = "1",
    .summary = "Brings one document from an address.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_web,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(WEB)
