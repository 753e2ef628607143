/* Subscriptions as operators list, add and remove them. */
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/asked.h"
#include "route/subscribe.h"

#define LIST_BYTES ((size_t)VLS_SUBSCRIPTION_LIST * (VLS_MAX_NAME + 1))

/* -- adding and removing ----------------------------------------------------------------------- */

static struct vls_status pack_list(const char *what, char *const *values, size_t count,
                                   struct vls_buf *out, struct vls_why *why)
{
    vls_buf_init(out, LIST_BYTES);
    if (count > VLS_SUBSCRIPTION_LIST)
        return vls_fail(VLS_CLI_USAGE, why, "%zu values of %s, and %u is the most", count, what,
                        VLS_SUBSCRIPTION_LIST);
    for (size_t i = 0; i < count; i++) {
        if (values[i][0] == '\0')
            return vls_fail(VLS_CLI_USAGE, why, "a %s is empty", what);
        VLS_TRY(vls_text_check(what, values[i], VLS_MAX_NAME, why));
        VLS_TRY(vls_buf_add_text(out, values[i]));
        VLS_TRY(vls_buf_add_text(out, "\n"));
    }
    return VLS_DONE;
}

struct lists {
    struct vls_buf symbols, bodies, topics, languages;
};

static void lists_fini(struct lists *lists)
{
    vls_buf_fini(&lists->symbols);
    vls_buf_fini(&lists->bodies);
    vls_buf_fini(&lists->topics);
    vls_buf_fini(&lists->languages);
}

static struct vls_status pack_lists(const Valise__Subscription *in, struct lists *out,
                                    struct vls_why *why)
{
    VLS_TRY(pack_list("symbol", in->symbols, in->n_symbols, &out->symbols, why));
    VLS_TRY(pack_list("body", in->bodies, in->n_bodies, &out->bodies, why));
    VLS_TRY(pack_list("topic", in->topics, in->n_topics, &out->topics, why));
    for (size_t i = 0; i < in->n_languages; i++)
        if (!vls_asked_is_language(in->languages[i]))
            return vls_fail(VLS_CLI_USAGE, why, "'%.40s' is no language such as fr",
                            in->languages[i]);
    return pack_list("language", in->languages, in->n_languages, &out->languages, why);
}

static struct vls_status check(const struct vls_route *route, const Valise__Subscription *in,
                               struct vls_why *why)
{
    uint64_t since_ms;
    if (!vls_text_is_name(in->name, VLS_MAX_NAME / 2))
        return vls_fail(VLS_CLI_USAGE, why,
                        "'%.40s' is no name of at most %d letters a-z, digits, '.', '-' and '_'",
                        in->name, VLS_MAX_NAME / 2);
    if (vls_route_partner((struct vls_route *)route, in->party) == NULL)
        return vls_fail(VLS_CLI_USAGE, why, "'%.60s' is not a partner of this gateway", in->party);
    if (in->n_symbols == 0 && in->n_bodies == 0 && in->n_topics == 0)
        return vls_fail(VLS_CLI_USAGE, why,
                        "it says nothing of what is wanted: name symbols ('*' for all), bodies or "
                        "topics");
    if (in->since[0] != '\0' && (strlen(in->since) != sizeof "2026-12-01" - 1 ||
                                 !vls_ok(vls_time_read(in->since, &since_ms))))
        return vls_fail(VLS_CLI_USAGE, why, "'%.40s' is no date such as 2026-12-01", in->since);
    return vls_text_check("note", in->note, VLS_MAX_SUBJECT, why);
}

struct counting {
    size_t count;
};

/* vls_subscription_fn */
static struct vls_status count_one(void *ctx, const struct vls_subscription *one,
                                   struct vls_why *why)
{
    (void)one;
    (void)why;
    ((struct counting *)ctx)->count++;
    return VLS_DONE;
}

static struct vls_status add(struct vls_route *route, const Valise__Subscription *in,
                             const char *actor, struct vls_why *why)
{
    struct lists lists VLS_DEFER(lists_fini) = {.symbols = {0}};
    struct counting counting = {0};
    VLS_TRY(check(route, in, why));
    VLS_TRY(pack_lists(in, &lists, why));
    VLS_TRY(vls_store_subscriptions(route->o.store, count_one, &counting, why));
    if (counting.count >= VLS_MAX_SUBSCRIPTIONS)
        return vls_fail(VLS_INPUT_LIMIT, why, "there are %u subscriptions; remove one",
                        VLS_MAX_SUBSCRIPTIONS);
    const struct vls_subscription one = {.name = in->name,
                                         .party = in->party,
                                         .symbols = vls_buf_text(&lists.symbols),
                                         .bodies = vls_buf_text(&lists.bodies),
                                         .topics = vls_buf_text(&lists.topics),
                                         .languages = vls_buf_text(&lists.languages),
                                         .since = in->since,
                                         .note = in->note,
                                         .added_ms = vls_route_wall(route),
                                         .actor = actor};
    VLS_TRY(vls_route_begin(route, why));
    struct vls_status s = vls_store_subscription_add(route->o.store, &one, why);
    if (s.code == VLS_STORE_EXISTS)
        return vls_fail(VLS_CLI_USAGE, why, "there is a subscription '%.60s'; remove it first",
                        in->name);
    return s;
}

static struct vls_status change(struct vls_route *route, const Valise__OperatorSubscription *in,
                                const char *actor, struct vls_why *why)
{
    bool is_add = in->verb == VALISE__OPERATOR_SUBSCRIPTION__VERB__ADD;
    if (in->subscription == NULL)
        return vls_fail(VLS_CLI_USAGE, why, "no subscription is named");
    if (is_add) {
        VLS_TRY(add(route, in->subscription, actor, why));
    } else {
        VLS_TRY(vls_route_begin(route, why));
        struct vls_status s =
            vls_store_subscription_remove(route->o.store, in->subscription->name, why);
        if (s.code == VLS_STORE_MISSING)
            s.code = VLS_CLI_USAGE;
        VLS_TRY(s);
    }
    vls_route_log(route, VLS_LOG_INFO, is_add ? "subscription.added" : "subscription.removed",
                  VLS_F("name", in->subscription->name), VLS_F("actor", actor));
    return VLS_DONE;
}

struct changed {
    struct vls_route *route;
    uint64_t handle;
};

/* vls_after_fn */
static void answer_changed(void *ctx, struct vls_status commit)
{
    struct changed *changed = ctx;
    struct vls_why why;
    struct vls_report report;
    vls_report_uncommitted(commit, &why);
    vls_report_init(&report);
    vls_report_answer(changed->route, changed->handle, commit, &why, &report);
    vls_report_fini(&report);
    vls_mem_free(changed);
}

/* -- listing ----------------------------------------------------------------------------------- */

struct listing {
    struct vls_report *report;
    Valise__Subscription **rows;
};

static struct vls_status unpack_list(struct vls_report *report, const char *list, size_t *out_count,
                                     char ***out, struct vls_why *why)
{
    struct vls_reader lines = vls_reader_of(vls_slice_text(list));
    *out = vls_arena_take(report->arena, VLS_SUBSCRIPTION_LIST * sizeof **out);
    if (*out == NULL)
        return vls_report_too_large(why);
    while (lines.rest.len != 0 && *out_count < VLS_SUBSCRIPTION_LIST) {
        struct vls_slice line = vls_reader_until(&lines, '\n');
        if (lines.failed)
            return vls_fail(VLS_STORE_DAMAGED, why, "a subscription in the database is cut off");
        char *value = vls_arena_copy(report->arena, line.at, line.len);
        if (value == NULL)
            return vls_report_too_large(why);
        (*out)[(*out_count)++] = value;
    }
    return VLS_DONE;
}

static struct vls_status fill(struct vls_report *report, const struct vls_subscription *one,
                              Valise__Subscription *row, struct vls_why *why)
{
    VLS_TRY(vls_report_text(report, one->name, &row->name, why));
    VLS_TRY(vls_report_text(report, one->party, &row->party, why));
    VLS_TRY(vls_report_text(report, one->since, &row->since, why));
    VLS_TRY(vls_report_text(report, one->note, &row->note, why));
    VLS_TRY(vls_report_text(report, one->actor, &row->actor, why));
    VLS_TRY(unpack_list(report, one->symbols, &row->n_symbols, &row->symbols, why));
    VLS_TRY(unpack_list(report, one->bodies, &row->n_bodies, &row->bodies, why));
    VLS_TRY(unpack_list(report, one->topics, &row->n_topics, &row->topics, why));
    VLS_TRY(unpack_list(report, one->languages, &row->n_languages, &row->languages, why));
    row->added_ms = one->added_ms;
    row->last_ms = one->last_ms;
    row->last.len = one->last.len;
    row->last.data = vls_arena_copy(report->arena, one->last.at, one->last.len);
    return row->last.data != NULL ? VLS_DONE : vls_report_too_large(why);
}

/* vls_subscription_fn */
static struct vls_status add_row(void *ctx, const struct vls_subscription *one, struct vls_why *why)
{
    struct listing *list = ctx;
    Valise__Subscription *row = vls_arena_take(list->report->arena, sizeof *row);
    size_t at = list->report->reply.n_subscriptions;
    if (row == NULL || at == VLS_MAX_SUBSCRIPTIONS)
        return vls_report_too_large(why);
    valise__subscription__init(row);
    VLS_TRY(fill(list->report, one, row, why));
    list->rows[at] = row;
    list->report->reply.n_subscriptions = at + 1;
    return VLS_DONE;
}

static void list(struct vls_route *route, uint64_t handle)
{
    struct vls_why why = {""};
    struct vls_report report;
    struct listing listing = {.report = &report};
    vls_report_init(&report);
    listing.rows = vls_arena_take(report.arena, VLS_MAX_SUBSCRIPTIONS * sizeof *listing.rows);
    struct vls_status s = listing.rows != NULL
                              ? vls_store_subscriptions(route->o.store, add_row, &listing, &why)
                              : vls_report_too_large(&why);
    report.reply.subscriptions = listing.rows;
    vls_report_answer(route, handle, s, &why, &report);
    vls_report_fini(&report);
}

void vls_subscribe_operate(struct vls_route *route, uint64_t handle,
                           const Valise__OperatorSubscription *in, const char *actor)
{
    struct vls_why why = {""};
    if (in->verb == VALISE__OPERATOR_SUBSCRIPTION__VERB__LIST) {
        list(route, handle);
        return;
    }
    struct vls_status s = change(route, in, actor, &why);
    if (!vls_ok(s)) {
        vls_report_refuse(route, handle, s, &why);
        return;
    }
    struct changed *changed = vls_mem_new(sizeof *changed);
    *changed = (struct changed){route, handle};
    vls_route_after(route, answer_changed, changed);
}
