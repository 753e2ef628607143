#include "route/resolve.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/clearance.h"
#include "route/said.h"
#include "wire/result.h"

#define MAX_SYMBOL 256

struct resolving {
    struct vls_route *route;
    char *symbol, *url, *plugin, *conversation, *reason;
    char *languages[VLS_RESOLVE_LANGUAGES];
    size_t language_count, at; /* the language that is asked for */
    unsigned next;             /* the plugin that is looked at */
    struct vls_resolved *resolved;
    const struct vls_label *label; /* of what asks; NULL: an operator does */
    vls_resolved_fn done;
    void *ctx;
};

void vls_resolve_free(struct vls_resolved **resolved)
{
    struct vls_resolved *r = *resolved;
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->count; i++) {
        struct vls_resolved_row *row = &r->rows[i];
        vls_mem_free(row->language);
        if (row->result != NULL)
            valise__resolve_result__free_unpacked(row->result, NULL);
        for (size_t k = 0; k < row->fd_count; k++)
            vls_fd_close(&row->fds[k]);
        vls_mem_free(row->fds);
    }
    vls_mem_free(r->rows);
    vls_mem_free(r);
    *resolved = NULL;
}

static void finish(struct resolving *r)
{
    r->route->resolving_count--;
    r->done(r->ctx, r->resolved);
    for (size_t i = 0; i < r->language_count; i++)
        vls_mem_free(r->languages[i]);
    vls_mem_free(r->symbol);
    vls_mem_free(r->url);
    vls_mem_free(r->plugin);
    vls_mem_free(r->conversation);
    vls_mem_free(r->reason);
    vls_mem_free(r);
}

/* -- rows -------------------------------------------------------------------------------------- */

static const char *language_of(const struct resolving *r)
{
    return r->language_count != 0 ? r->languages[r->at] : "";
}

/* There is room for each plugin once a language. */
static struct vls_resolved_row *add_row(struct resolving *r)
{
    struct vls_resolved_row *row = &r->resolved->rows[r->resolved->count++];
    *row = (struct vls_resolved_row){.language = vls_mem_dup(language_of(r)), .plugin = r->next};
    return row;
}

static Valise__ResolveResult *copy_of(const Valise__ResolveResult *in)
{
    size_t size = valise__resolve_result__get_packed_size(in);
    uint8_t *bytes = size <= VLS_MAX_FRAME ? vls_mem_try(size + 1) : NULL;
    if (bytes == NULL)
        return NULL;
    valise__resolve_result__pack(in, bytes);
    Valise__ResolveResult *copy = valise__resolve_result__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    return copy;
}

/* It comes from a process that runs foreign code. */
static struct vls_status check_part(const Valise__ResolvedPart *in, struct vls_why *why)
{
    if (in->part == NULL || !vls_text_is_file_name(in->part->name) ||
        in->digest.len != VLS_DIGEST_BYTES || strlen(in->sniffed) > VLS_MAX_MEDIA_TYPE ||
        strlen(in->part->media_type) > VLS_MAX_MEDIA_TYPE ||
        strlen(in->part->label) > VLS_MAX_LABEL_TEXT)
        return vls_fail(VLS_WIRE_MALFORMED, why, "a part is not as it has to be");
    return VLS_DONE;
}

static struct vls_status check_result(const Valise__ResolveResult *in, size_t fd_count,
                                      struct vls_why *why)
{
    if (in->finding == NULL || vls_found_name(in->finding->result) == NULL)
        return vls_fail(VLS_WIRE_MALFORMED, why, "an answer without a finding");
    VLS_TRY(vls_said_check_finding(in->finding, why));
    if (in->n_parts != fd_count || in->n_parts > VLS_MAX_PARTS ||
        (in->n_parts != 0) != vls_found_has_documents(in->finding->result))
        return vls_fail(VLS_WIRE_MALFORMED, why, "result %u with %zu parts and %zu descriptors",
                        in->finding->result, in->n_parts, fd_count);
    for (size_t i = 0; i < in->n_parts; i++)
        VLS_TRY(check_part(in->parts[i], why));
    return VLS_DONE;
}

static struct vls_status keep(struct vls_resolved_row *row, const Valise__ResolveResult *in,
                              struct vls_fds *fds, struct vls_why *why)
{
    size_t count = fds != NULL ? fds->count : 0;
    VLS_TRY(check_result(in, count, why));
    Valise__ResolveResult *copy = copy_of(in);
    if (copy == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for an answer");
    row->result = copy;
    row->fds = count != 0 ? vls_mem_new(count * sizeof *row->fds) : NULL;
    for (size_t i = 0; i < count; i++)
        row->fds[row->fd_count++] = vls_fd_move(&fds->fd[i]);
    return VLS_DONE;
}

/* -- who is left alone ------------------------------------------------------------------------- */

/* Languages too: a document may be there in one, and not yet in another. */
static struct vls_digest question_of(const struct resolving *r)
{
    const char *const words[] = {r->symbol, r->url, language_of(r)};
    struct vls_hash *hash VLS_DEFER(vls_hash_free) = vls_hash_new();
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        vls_hash_add(hash, VLS_SLICE(words[i], strlen(words[i]) + 1)); /* with its end */
    return vls_hash_finish(hash);
}

static uint64_t rest_until(const Valise__Finding *finding, uint64_t now_ms)
{
    if (finding->result == VLS_FOUND_BLOCKED)
        return now_ms + VLS_PLUGIN_BLOCKED_MS;
    uint64_t most_ms = now_ms + VLS_MAX_RETRY_AT_MS;
    return finding->retry_at_ms < most_ms ? finding->retry_at_ms : most_ms;
}

static void remember_rest(struct resolving *r, const Valise__Finding *finding)
{
    struct vls_resolver_rests *rests = &r->route->rests[r->next];
    if (finding->result != VLS_FOUND_BLOCKED && finding->result != VLS_FOUND_RETRY_AT)
        return;
    const struct vls_resolver_rest rest = {rest_until(finding, vls_route_wall(r->route)),
                                           finding->result, question_of(r)};
    if (finding->where[0] == '\0') {
        rests->all = rest;
        return;
    }
    rests->of[rests->next] = rest;
    rests->next = (rests->next + 1) % VLS_RESOLVE_RESTS;
}

/** NULL: it may be asked. */
static const struct vls_resolver_rest *rest_of(const struct resolving *r)
{
    const struct vls_resolver_rests *rests = &r->route->rests[r->next];
    const struct vls_digest question = question_of(r);
    uint64_t now = vls_route_wall(r->route);
    if (rests->all.until_ms > now)
        return &rests->all;
    for (size_t i = 0; i < VLS_RESOLVE_RESTS; i++)
        if (rests->of[i].until_ms > now && vls_digest_is_equal(&rests->of[i].question, &question))
            return &rests->of[i];
    return NULL;
}

/* What it said last holds still. */
static void add_rest(struct resolving *r, const struct vls_resolver_rest *rest)
{
    Valise__ResolveResult result = VALISE__RESOLVE_RESULT__INIT;
    Valise__Finding finding = VALISE__FINDING__INIT;
    struct vls_resolved_row *row = add_row(r);
    finding.result = rest->result;
    finding.retry_at_ms = rest->until_ms;
    finding.why = vls_field_text("not asked again until then");
    result.finding = &finding;
    row->result = copy_of(&result);
    if (row->result == NULL)
        row->trouble = (struct vls_why){"no memory for an answer"};
}

/* -- asking ------------------------------------------------------------------------------------ */

static void go_on(struct resolving *r);

/* The next resolver would have it as well, at best. */
static bool is_conclusive(const struct vls_resolved_row *row)
{
    if (row->result == NULL)
        return false;
    uint32_t result = row->result->finding->result;
    return vls_found_has_documents(result) || result == VLS_FOUND_UNCHANGED ||
           result == VLS_FOUND_QUEUED;
}

static void next_plugin(struct resolving *r)
{
    const struct vls_resolved_row *last = &r->resolved->rows[r->resolved->count - 1];
    r->next++;
    if (is_conclusive(last)) {
        r->at++;
        r->next = 0;
    }
    go_on(r);
}

/* vls_answer_fn */
static void on_resolved(void *ctx, struct vls_status status, const Valise__Frame *frame,
                        struct vls_fds *fds)
{
    struct resolving *r = ctx;
    struct vls_resolved_row *row = add_row(r);
    struct vls_why why = {"its process went away while it looked; the log says why"};
    if (vls_ok(status))
        status = vls_outcome_status(frame->resolve_result->outcome, &why);
    if (vls_ok(status))
        status = keep(row, frame->resolve_result, fds, &why);
    if (vls_ok(status)) {
        remember_rest(r, row->result->finding);
    } else {
        row->trouble = why;
        vls_route_log(r->route, VLS_LOG_WARN, "resolve.failed",
                      VLS_F("plugin", r->route->o.config->plugins[r->next].name),
                      VLS_FAILURE(status, &why));
    }
    next_plugin(r);
}

static struct vls_status ask(struct resolving *r, struct vls_why *why)
{
    struct vls_route *route = r->route;
    struct vls_id id = vls_id_make(&route->ids);
    Valise__Resolve resolve = VALISE__RESOLVE__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    resolve.id = vls_data(vls_id_slice(&id));
    resolve.symbol = r->symbol;
    resolve.url = r->url;
    resolve.language = vls_field_text(language_of(r));
    resolve.conversation = r->conversation;
    resolve.reason = r->reason;
    resolve.is_private = r->label != NULL;
    frame.body_case = VALISE__FRAME__BODY_RESOLVE;
    frame.resolve = &resolve;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_HOST, r->next, &frame, NULL, 0,
                              VALISE__FRAME__BODY_RESOLVE_RESULT, on_resolved, r, why);
}

static bool is_asked(const struct vls_config_plugin *plugin, const char *only)
{
    return vls_config_grants(plugin, VLS_GRANT_RESOLVE) &&
           (only[0] == '\0' || strcmp(only, plugin->name) == 0);
}

/* What a request asks for is as confidential as the request: the question leaves for an endpoint
 * that need not be ours. So here, as nowhere else, no clearance means none. */
static bool is_cleared(const struct vls_route *route, unsigned plugin,
                       const struct vls_label *label)
{
    struct vls_why why;
    return label == NULL || (route->o.config->plugins[plugin].clearance_count != 0 &&
                             vls_ok(vls_route_clearance_plugin(route, plugin, label, &why)));
}

/* Of the plugin that is next. @return whether an answer comes */
static bool start_one(struct resolving *r)
{
    struct vls_why why = {""};
    const struct vls_resolver_rest *rest = rest_of(r);
    if (rest != NULL) {
        add_rest(r, rest);
        return false;
    }
    if (vls_ok(ask(r, &why)))
        return true;
    add_row(r)->trouble = why;
    return false;
}

static void go_on(struct resolving *r)
{
    const struct vls_config *config = r->route->o.config;
    size_t languages = r->language_count != 0 ? r->language_count : 1;
    while (r->at < languages && !r->route->is_stopping) {
        if (r->next == config->plugins_count) { /* nobody has it in this language */
            r->at++;
            r->next = 0;
            continue;
        }
        if (is_asked(&config->plugins[r->next], r->plugin) &&
            is_cleared(r->route, r->next, r->label) && start_one(r))
            return;
        r->next++;
    }
    finish(r);
}

/* -- the question ------------------------------------------------------------------------------ */

static struct vls_status check(const struct vls_route *route, const struct vls_resolve_ask *ask,
                               size_t *out_resolvers, struct vls_why *why)
{
    const struct vls_config *config = route->o.config;
    size_t count = 0, cleared = 0;
    if ((ask->symbol[0] == '\0') == (ask->url[0] == '\0'))
        return vls_fail(VLS_INPUT_MALFORMED, why, "name a symbol or an address, and one of them");
    VLS_TRY(vls_text_check("symbol", ask->symbol, MAX_SYMBOL, why));
    VLS_TRY(vls_text_check("address", ask->url, VLS_MAX_URL, why));
    VLS_TRY(vls_text_check("reason", ask->reason, VLS_PLUGIN_WORDS, why));
    VLS_TRY(vls_text_check("conversation", ask->conversation, VLS_MAX_NAME, why));
    if (ask->language_count > VLS_RESOLVE_LANGUAGES)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu languages, and %u is the most",
                        ask->language_count, VLS_RESOLVE_LANGUAGES);
    for (size_t i = 0; i < ask->language_count; i++)
        VLS_TRY(vls_text_check("language", ask->languages[i], VLS_MAX_NAME, why));
    for (unsigned i = 0; i < config->plugins_count; i++) {
        count += is_asked(&config->plugins[i], ask->plugin);
        cleared += is_asked(&config->plugins[i], ask->plugin) && is_cleared(route, i, ask->label);
    }
    if (count == 0 && ask->plugin[0] != '\0')
        return vls_fail(VLS_CLI_USAGE, why,
                        "no plugin '%.60s' is configured with the grant 'resolve'", ask->plugin);
    if (count == 0)
        return vls_fail(VLS_CLI_USAGE, why, "no plugin is configured with the grant 'resolve'");
    if (cleared == 0)
        return vls_fail(VLS_LABEL_CLEARANCE, why,
                        "no resolver is cleared for what the request is labelled");
    *out_resolvers = cleared;
    return VLS_DONE;
}

static struct resolving *new_resolving(struct vls_route *route, const struct vls_resolve_ask *ask)
{
    struct resolving *r = vls_mem_new(sizeof *r);
    *r = (struct resolving){.route = route,
                            .symbol = vls_mem_dup(ask->symbol),
                            .url = vls_mem_dup(ask->url),
                            .plugin = vls_mem_dup(ask->plugin),
                            .conversation = vls_mem_dup(ask->conversation),
                            .reason = vls_mem_dup(ask->reason),
                            .language_count = ask->language_count};
    for (size_t i = 0; i < ask->language_count; i++)
        r->languages[i] = vls_mem_dup(ask->languages[i]);
    return r;
}

struct vls_status vls_resolve(struct vls_route *route, const struct vls_resolve_ask *ask,
                              vls_resolved_fn done, void *ctx, struct vls_why *why)
{
    size_t resolvers = 0;
    if (route->is_stopping)
        return vls_fail(VLS_ROUTE_CLOSING, why, "the gateway is stopping; ask again later");
    if (route->resolving_count >= VLS_MAX_RESOLVING)
        return vls_fail(VLS_ROUTE_BUSY, why, "%u documents are being looked for; ask again",
                        VLS_MAX_RESOLVING);
    VLS_TRY(check(route, ask, &resolvers, why));
    struct resolving *r = new_resolving(route, ask);
    size_t languages = ask->language_count != 0 ? ask->language_count : 1;
    r->label = ask->label;
    r->done = done;
    r->ctx = ctx;
    r->resolved = vls_mem_new(sizeof *r->resolved);
    r->resolved->rows = vls_mem_new(languages * resolvers * sizeof *r->resolved->rows);
    route->resolving_count++;
    go_on(r);
    return VLS_DONE;
}
