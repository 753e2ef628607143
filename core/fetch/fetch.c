#include "fetch/fetch.h"

#include "base/file.h"
#include "base/mem.h"
#include "fetch/fetch_internal.h"

/* -- to a host --------------------------------------------------------------------------------- */

struct vls_status vls_fetch_tell(struct vls_fetch_client *client, Valise__Frame *frame,
                                 struct vls_why *why)
{
    if (client->channel == NULL)
        return vls_fail(VLS_WIRE_GONE, why, "the host of plugin %s is gone", client->config->name);
    return vls_channel_send(client->channel, frame, NULL, 0, why);
}

static void record(const struct vls_fetch_request *request, struct vls_status status,
                   const struct vls_why *why)
{
    const struct vls_fetch_options *options = &request->client->fetch->options;
    const struct vls_fetch_record one = {
        .plugin = request->client->config->name,
        .method = request->method,
        .host = request->host,
        .port = request->port,
        .http_status = request->head.status,
        .redirects = request->redirects,
        .bytes_in = request->content != NULL ? vls_flow_fed(request->content) : 0,
        .bytes_out = request->body_sent,
        .ms = vls_steady_ms(options->env) - request->began_ms,
        .status = status,
        .why = why,
    };
    if (options->on_request != NULL)
        options->on_request(options->ctx, &one);
}

void vls_fetch_report(const struct vls_fetch_request *request, struct vls_status status,
                      const struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__HttpEnd end = VALISE__HTTP_END__INIT;
    Valise__Outcome outcome;
    vls_outcome_init(&outcome, status, why);
    end.id = request->id;
    end.outcome = &outcome;
    end.retry_at_ms = request->retry_at_ms;
    end.is_sent = request->is_sent;
    end.bytes = request->content != NULL ? vls_flow_given(request->content) : 0;
    frame.body_case = VALISE__FRAME__BODY_HTTP_END;
    frame.http_end = &end;
    record(request, status, why);
    if (status.code != VLS_WIRE_GONE)
        VLS_IGNORE(vls_fetch_tell(request->client, &frame, NULL),
                   "a host that does not hear it is gone");
}

/* -- from a host ------------------------------------------------------------------------------- */

static void record_refusal(const struct vls_fetch_client *client, struct vls_status status,
                           const struct vls_why *why)
{
    const struct vls_fetch_options *options = &client->fetch->options;
    const struct vls_fetch_record one = {
        .plugin = client->config->name, .method = "", .host = "", .status = status, .why = why};
    if (options->on_request != NULL)
        options->on_request(options->ctx, &one);
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct vls_fetch_client *client = ctx;
    Valise__Frame answer = VALISE__FRAME__INIT;
    Valise__HttpOpened opened = VALISE__HTTP_OPENED__INIT;
    Valise__Outcome outcome;
    struct vls_fds theirs = {.count = 0};
    struct vls_why why = {""};
    (void)fds; /* none is expected: what came is closed */
    struct vls_status status = vls_fetch_begin(client, frame->http_request, &theirs,
                                               &opened.limit_ms, &opened.retry_at_ms, &why);
    vls_outcome_init(&outcome, status, &why);
    opened.id = frame->http_request->id;
    opened.outcome = &outcome;
    answer.reply_to = frame->serial;
    answer.body_case = VALISE__FRAME__BODY_HTTP_OPENED;
    answer.http_opened = &opened;
    if (!vls_ok(status))
        record_refusal(client, status, &why);
    /* a request whose host does not hear of it ends when its pipe is closed below */
    VLS_IGNORE(vls_channel_send(channel, &answer, theirs.fd, theirs.count, NULL),
               "its pipe has no reader then");
    vls_fds_close(&theirs);
}

static void drop_requests(struct vls_fetch_client *client)
{
    while (client->requests != NULL)
        vls_fetch_drop(client->requests);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct vls_fetch_client *client = ctx;
    const struct vls_fetch_options *options = &client->fetch->options;
    if (options->on_gone != NULL)
        options->on_gone(options->ctx, client->config->name, cause, vls_channel_cause(channel));
    drop_requests(client);
    vls_channel_free(&client->channel);
}

struct vls_status vls_fetch_attach(struct vls_fetch *fetch, unsigned plugin, int fd,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int owned = fd;
    if (plugin >= fetch->options.config->plugins_count || fetch->clients[plugin].fetch == NULL)
        return vls_fail(VLS_WIRE_REFUSED, why, "plugin number %u is not granted the network",
                        plugin);
    struct vls_fetch_client *client = &fetch->clients[plugin];
    const struct vls_channel_events events = {
        .ctx = client, .on_frame = on_frame, .on_gone = on_gone};
    drop_requests(client);
    vls_channel_free(&client->channel);
    return vls_channel_new(fetch->options.base, vls_fd_move(&owned), client->config->name,
                           fetch->options.accepts, &events, &client->channel, why);
}

/* -- life -------------------------------------------------------------------------------------- */

static void on_done(void *ctx, CURL *easy, CURLcode code)
{
    struct vls_fetch_request *request = NULL;
    (void)ctx;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
    vls_fetch_hop_ended(request, code);
}

static struct vls_status open_client(struct vls_fetch *fetch, unsigned number, struct vls_why *why)
{
    struct vls_fetch_client *client = &fetch->clients[number];
    client->config = &fetch->options.config->plugins[number];
    const struct vls_config_http *http = client->config->http;
    client->fetch = fetch;
    client->hosts = vls_mem_new(http->hosts_count * sizeof *client->hosts);
    for (unsigned i = 0; i < http->hosts_count; i++)
        VLS_TRY(vls_host_pattern_read(http->hosts[i], &client->hosts[i], why));
    VLS_TRY(vls_secrets_read(fetch->options.config, number, &client->secrets, why));
    return vls_web_loop_init(&client->loop, fetch->options.base, VLS_FETCH_KEPT, on_done, client,
                             why);
}

struct vls_status vls_fetch_new(const struct vls_fetch_options *options, struct vls_fetch **out,
                                struct vls_why *why)
{
    const struct vls_config *config = options->config;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "libcurl cannot be initialized");
    struct vls_fetch *fetch = vls_mem_new(sizeof *fetch);
    fetch->options = *options;
    fetch->remotes = vls_remotes_new(options->base, options->env, config);
    fetch->clients = vls_mem_new((config->plugins_count + 1) * sizeof *fetch->clients);
    struct vls_status status = VLS_DONE;
    for (unsigned i = 0; vls_ok(status) && i < config->plugins_count; i++)
        if (config->plugins[i].http != NULL)
            status = open_client(fetch, i, why);
    if (!vls_ok(status)) {
        vls_fetch_free(&fetch);
        return status;
    }
    *out = fetch;
    return VLS_DONE;
}

void vls_fetch_stop(struct vls_fetch *fetch)
{
    fetch->is_stopping = true;
}

size_t vls_fetch_busy(const struct vls_fetch *fetch)
{
    size_t busy = 0;
    for (unsigned i = 0; i < fetch->options.config->plugins_count; i++)
        busy += fetch->clients[i].request_count;
    return busy;
}

void vls_fetch_free(struct vls_fetch **pointer)
{
    struct vls_fetch *fetch = *pointer;
    if (fetch == NULL)
        return;
    for (unsigned i = 0; i < fetch->options.config->plugins_count; i++) {
        struct vls_fetch_client *client = &fetch->clients[i];
        drop_requests(client);
        vls_channel_free(&client->channel);
        vls_web_loop_fini(&client->loop);
        vls_secrets_fini(&client->secrets);
        vls_mem_free(client->hosts);
    }
    vls_mem_free(fetch->clients);
    vls_remotes_free(&fetch->remotes);
    vls_mem_free(fetch);
    curl_global_cleanup();
    *pointer = NULL;
}
