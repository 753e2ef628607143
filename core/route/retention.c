#include "route/retention.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/kinds.h"
#include "route/message_state.h"
#include "route/requests.h"
#include "store/retention.h"

#define DAY_MS  (UINT64_C(24) * 3600 * 1000)
#define YEAR_MS (UINT64_C(31557600) * 1000) /* of 365.25 days */

/* -- the configuration ------------------------------------------------------------------------- */

/** "SCHEME" of "SCHEME/CLASSIFICATION". */
static const struct vls_scheme *scheme_of(const struct vls_route *route, const char *label)
{
    char name[VLS_MAX_NAME + 1];
    size_t len = strcspn(label, "/");
    if (len > VLS_MAX_NAME)
        return NULL;
    vls_text_copy(name, len + 1, label);
    return vls_scheme_set_by_name(route->o.schemes, name);
}

static struct vls_status check_rule(const struct vls_route *route, unsigned number,
                                    struct vls_why *why)
{
    const struct vls_config *config = route->o.config;
    const struct vls_config_retention *rule = &config->retention[number];
    const char *slash = strchr(rule->label, '/');
    char path[48];
    snprintf(path, sizeof path, "retention[%u].label", number);
    if (rule->label[0] != '\0') {
        const struct vls_scheme *scheme = scheme_of(route, rule->label);
        if (scheme == NULL)
            return vls_config_complain(config, path, why, "no scheme of '%.60s' is loaded",
                                       rule->label);
        if (slash != NULL && vls_scheme_by_handle(scheme, slash + 1) == NULL)
            return vls_config_complain(config, path, why, "there is no level '%.60s'", slash + 1);
    }
    snprintf(path, sizeof path, "retention[%u].kind", number);
    if (rule->kind[0] != '\0' && vls_kind_by_name(rule->kind) == NULL)
        return vls_config_complain(config, path, why, "'%.60s' is not a kind of message",
                                   rule->kind);
    return VLS_DONE;
}

struct vls_status vls_retention_check(const struct vls_route *route, struct vls_why *why)
{
    for (unsigned i = 0; i < route->o.config->retention_count; i++)
        VLS_TRY(check_rule(route, i, why));
    return VLS_DONE;
}

/** Of "SCHEME/CLASSIFICATION;CATEGORIES" the first or the first two words. */
static bool fits_label(const char *rule, const char *label)
{
    size_t len = strlen(rule);
    if (strncmp(rule, label, len) != 0)
        return false;
    return strchr(rule, '/') != NULL ? label[len] == '\0' || label[len] == ';' : label[len] == '/';
}

static bool fits(const struct vls_config_retention *rule, const struct vls_message *m)
{
    return (rule->label[0] == '\0' || fits_label(rule->label, m->label)) &&
           (rule->kind[0] == '\0' || strcmp(rule->kind, m->kind) == 0) &&
           (rule->party[0] == '\0' || strcmp(rule->party, m->party) == 0);
}

/* -- one message ------------------------------------------------------------------------------- */

static struct vls_status years_of(struct vls_route *route, const struct vls_id *id, uint32_t *out,
                                  struct vls_why *why)
{
    struct vls_message *whole;
    Valise__DecisionRecord *record;
    *out = 0;
    VLS_TRY(vls_store_get(route->o.store, id, &whole, why));
    struct vls_status s = whole->decision.len != 0
                              ? vls_decision_record_read(whole->decision, &record, why)
                              : VLS_DONE;
    if (vls_ok(s) && whole->decision.len != 0) {
        *out = record->retain_years;
        valise__decision_record__free_unpacked(record, NULL);
    }
    vls_message_free(&whole);
    return s;
}

/* The longest counts. The decision's years alone are a least and no end: they say that it is kept
 * so long, not that it goes then. */
static struct vls_status find_end(struct vls_route *route, const struct vls_message *m,
                                  struct vls_retention *out, struct vls_why *why)
{
    const struct vls_config *config = route->o.config;
    uint32_t years;
    uint64_t longest = 0;
    for (unsigned i = 0; i < config->retention_count; i++)
        if (fits(&config->retention[i], m) && config->retention[i].days * DAY_MS > longest) {
            longest = config->retention[i].days * DAY_MS;
            snprintf(out->rule, sizeof out->rule, "retention[%u]", i);
        }
    if (longest == 0)
        return VLS_DONE;
    VLS_TRY(years_of(route, &m->id, &years, why));
    if (years * YEAR_MS > longest) {
        longest = years * YEAR_MS;
        snprintf(out->rule, sizeof out->rule, "decision: %u years", years);
    }
    out->until_ms = out->ended_ms + longest;
    return VLS_DONE;
}

/* vls_request_fn */
static struct vls_status see_request(void *ctx, const struct vls_request *request,
                                     struct vls_why *why)
{
    (void)why;
    *(bool *)ctx = request->closed_ms == 0;
    return VLS_DONE;
}

struct vls_status vls_retention_of(struct vls_route *route, const struct vls_message *m,
                                   struct vls_retention *out, struct vls_why *why)
{
    bool is_expecting = false;
    struct vls_why missing;
    *out = (struct vls_retention){.obstacle = ""};
    VLS_TRY(vls_store_hold_of(route->o.store, m, out->hold, why));
    if (!vls_state_is_final(m->state)) {
        out->obstacle = "it has not ended";
        return VLS_DONE;
    }
    out->ended_ms = m->changed_ms;
    struct vls_status s =
        vls_store_request_get(route->o.store, &m->id, see_request, &is_expecting, &missing);
    if (!vls_ok(s) && s.code != VLS_STORE_MISSING)
        return vls_fail(s.code, why, "%s", missing.text);
    if (is_expecting && m->state != VLS_STATE_WITHHELD && m->state != VLS_STATE_RETURNED)
        out->obstacle = "its answer is still expected";
    VLS_TRY(find_end(route, m, out, why));
    out->is_due = out->until_ms != 0 && out->until_ms <= vls_route_wall(route) &&
                  out->obstacle[0] == '\0' && out->hold[0] == '\0';
    return VLS_DONE;
}

/* vls_erasure_fn */
static struct vls_status say_erased(void *ctx, const struct vls_erasure *erasure,
                                    struct vls_why *why)
{
    char at[VLS_TIME_TEXT];
    (void)ctx;
    vls_time_text(erasure->at_ms, at);
    return vls_fail(VLS_ROUTE_ERASED, why,
                    "its content was erased at %s; what proves it is still here: valise prove", at);
}

struct vls_status vls_retention_not_erased(struct vls_route *route, const struct vls_message *m,
                                           struct vls_why *why)
{
    struct vls_why missing;
    if (m->sealed.len != 0)
        return VLS_DONE;
    struct vls_status s = vls_store_erasure(route->o.store, &m->id, say_erased, NULL, &missing);
    if (s.code == VLS_STORE_MISSING)
        return VLS_DONE;
    *why = missing;
    return s;
}
