/* peer/client - the partners that can be called, each with its pool of connections. See client.h.
 */
#include "peer/client.h"

#include "base/mem.h"
#include "base/text.h"
#include "peer/client_internal.h"

/* Connections of a partner's pool: one batch, the pushes, and those that just ended. */
#define MAX_KEPT 16L

/* -- targets ----------------------------------------------------------------------------------- */

/* Take the url apart: libcurl connects to its host, but speaks to the name in the partner's
 * certificate. */
static struct vls_status set_address(struct vls_target *target, CURLU *url, struct vls_why *why)
{
    const struct vls_config_partner *config = target->partner->config;
    char *host = NULL, *port = NULL;
    struct vls_status status = VLS_DONE;
    struct vls_buf text;

    vls_buf_init(&text, VLS_MAX_URL);
    if (curl_url_set(url, CURLUPART_URL, config->url, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK) {
        status =
            vls_fail(VLS_CONFIG_INVALID, why, "partner %s: %s is not of the form https://host:port",
                     config->party, config->url);
    } else {
        const char *name =
            config->tls_name != NULL && config->tls_name[0] != '\0' ? config->tls_name : host;

        status = vls_buf_add_format(&text, "https://%s:%s", name, port);
        target->base_url = vls_mem_dup(vls_buf_text(&text));
        vls_buf_clear(&text);
        if (vls_ok(status))
            status = vls_buf_add_format(&text, "%s:%s:%s:%s", name, port, host, port);
        target->connect_to = curl_slist_append(NULL, vls_buf_text(&text));
    }
    curl_free(host);
    curl_free(port);
    vls_buf_fini(&text);
    return status;
}

static void on_done(void *ctx, CURL *easy, CURLcode code)
{
    (void)ctx;
    vls_transfer_done(easy, code);
}

static struct vls_status open_target(struct vls_target *target, struct vls_why *why)
{
    CURLU *url = curl_url();
    struct vls_status status;

    if (url == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a url");
    status = set_address(target, url, why);
    curl_url_cleanup(url);
    VLS_TRY(status);
    if (target->connect_to == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a url");
    return vls_web_loop_init(&target->loop, target->client->base, MAX_KEPT, on_done, target, why);
}

static void close_target(struct vls_target *target)
{
    target->is_closing = true;
    vls_transfers_drop(target);
    vls_pushes_drop(target);
    vls_web_loop_fini(&target->loop);
    curl_slist_free_all(target->connect_to);
    vls_mem_free(target->base_url);
}

/* -- life -------------------------------------------------------------------------------------- */

static bool is_callable(const struct vls_trust_partner *partner)
{
    return partner->config->url != NULL && partner->config->url[0] != '\0';
}

struct vls_status vls_client_new(struct event_base *base, const struct vls_config *config,
                                 const struct vls_trust *trust, struct vls_client **out,
                                 struct vls_why *why)
{
    struct vls_client *client;
    struct vls_status status = VLS_DONE;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "libcurl cannot be initialized");
    client = vls_mem_new(sizeof *client);
    client->base = base;
    client->config = config;
    client->trust = trust;
    client->targets = vls_mem_new((trust->partner_count + 1) * sizeof *client->targets);
    for (size_t i = 0; vls_ok(status) && i < trust->partner_count; i++) {
        if (!is_callable(&trust->partners[i]))
            continue;
        client->targets[client->target_count].client = client;
        client->targets[client->target_count].partner = &trust->partners[i];
        status = open_target(&client->targets[client->target_count++], why);
    }
    if (!vls_ok(status)) {
        vls_client_free(&client);
        return status;
    }
    *out = client;
    return VLS_DONE;
}

void vls_client_free(struct vls_client **client)
{
    if (*client == NULL)
        return;
    for (size_t i = 0; i < (*client)->target_count; i++)
        close_target(&(*client)->targets[i]);
    vls_mem_free((*client)->targets);
    vls_mem_free(*client);
    curl_global_cleanup();
    *client = NULL;
}

struct vls_status vls_client_target(struct vls_client *client, const char *party,
                                    struct vls_target **out, struct vls_why *why)
{
    for (size_t i = 0; i < client->target_count; i++) {
        if (vls_text_is_equal(client->targets[i].partner->config->party, party)) {
            *out = &client->targets[i];
            return VLS_DONE;
        }
    }
    return vls_fail(VLS_PEER_UNREACHABLE, why, "%s is no partner with a url in the configuration",
                    party);
}

size_t vls_client_busy(const struct vls_client *client)
{
    size_t busy = 0;

    for (size_t i = 0; i < client->target_count; i++)
        busy += client->targets[i].transfer_count + client->targets[i].push_count;
    return busy;
}
