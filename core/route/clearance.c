/*
 * route/clearance - compiled once at the start; a decision is a look into bit sets.
 */
#include "route/clearance.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "route/route_internal.h"

#define ACTOR_USER "uid:"
/** "operators[63].clearance[31]" and the like. */
#define PLACE_ROOM 64

/** What one may hold: at most one clearance of each scheme. */
struct holder {
    struct vls_clearance *held;
    unsigned count;
    uint64_t uid; /* of an operator */
};

struct vls_route_clearances {
    struct holder *partners, *plugins, *operators;
    unsigned partner_count, plugin_count, operator_count;
};

/* -- compiling --------------------------------------------------------------------------------- */

static struct vls_status refuse_words(const struct vls_config *config, const char *place,
                                      struct vls_status status, const struct vls_why *words,
                                      struct vls_why *why)
{
    const char *hint = status.code == VLS_LABEL_SCHEME ? "; list its file under schemes"
                       : status.code == VLS_LABEL_VALUE
                           ? "; 'valise scheme show' lists what a scheme has"
                           : "";
    return vls_config_complain(config, place, why, "%s%s", words->text, hint);
}

/* `place` is where the list stands: "partners[0]". */
static struct vls_status compile(const struct vls_config *config,
                                 const struct vls_scheme_set *schemes, const char *place,
                                 char *const *texts, unsigned count, struct holder *out,
                                 struct vls_why *why)
{
    out->held = vls_mem_new((count + 1) * sizeof *out->held);
    for (unsigned i = 0; i < count; i++) {
        struct vls_why words = {""};
        char item[PLACE_ROOM];
        snprintf(item, sizeof item, "%s.clearance[%u]", place, i);
        struct vls_status s = vls_clearance_read(texts[i], schemes, &out->held[i], &words);
        if (!vls_ok(s))
            return refuse_words(config, item, s, &words, why);
        for (unsigned earlier = 0; earlier < i; earlier++)
            if (out->held[earlier].scheme == out->held[i].scheme)
                return vls_config_complain(
                    config, item, why, "a second clearance of the scheme %s; write one with all",
                    vls_scheme_name(out->held[i].scheme));
        out->count = i + 1;
    }
    return VLS_DONE;
}

static struct vls_status find_user(const struct vls_config *config,
                                   struct vls_route_clearances *all, unsigned number,
                                   struct vls_why *why)
{
    const char *name = config->operators[number].user;
    char place[PLACE_ROOM];
    snprintf(place, sizeof place, "operators[%u].user", number);
    errno = 0;
    const struct passwd *user = getpwnam(name);
    if (user == NULL)
        return vls_config_complain(config, place, why,
                                   "there is no user '%.60s' on this system%s%s", name,
                                   errno != 0 ? ": " : "; make one, or take the entry out",
                                   errno != 0 ? strerror(errno) : "");
    for (unsigned i = 0; i < number; i++)
        if (all->operators[i].uid == user->pw_uid)
            return vls_config_complain(config, place, why, "'%.60s' and '%.60s' are one user", name,
                                       config->operators[i].user);
    all->operators[number].uid = user->pw_uid;
    return VLS_DONE;
}

static struct vls_status compile_all(const struct vls_config *config,
                                     const struct vls_scheme_set *schemes,
                                     struct vls_route_clearances *all, struct vls_why *why)
{
    char place[PLACE_ROOM];
    for (unsigned i = 0; i < config->partners_count; i++) {
        const struct vls_config_partner *partner = &config->partners[i];
        snprintf(place, sizeof place, "partners[%u]", i);
        VLS_TRY(compile(config, schemes, place, partner->clearance, partner->clearance_count,
                        &all->partners[i], why));
    }
    for (unsigned i = 0; i < config->plugins_count; i++) {
        const struct vls_config_plugin *plugin = &config->plugins[i];
        snprintf(place, sizeof place, "plugins[%u]", i);
        VLS_TRY(compile(config, schemes, place, plugin->clearance, plugin->clearance_count,
                        &all->plugins[i], why));
    }
    for (unsigned i = 0; i < config->operators_count; i++) {
        const struct vls_config_operator *one = &config->operators[i];
        snprintf(place, sizeof place, "operators[%u]", i);
        VLS_TRY(find_user(config, all, i, why));
        VLS_TRY(compile(config, schemes, place, one->clearance, one->clearance_count,
                        &all->operators[i], why));
    }
    return VLS_DONE;
}

struct vls_status vls_route_clearances_new(const struct vls_config *config,
                                           const struct vls_scheme_set *schemes,
                                           struct vls_route_clearances **out, struct vls_why *why)
{
    struct vls_route_clearances *all = vls_mem_new(sizeof *all);
    all->partner_count = config->partners_count;
    all->plugin_count = config->plugins_count;
    all->operator_count = config->operators_count;
    all->partners = vls_mem_new((all->partner_count + 1) * sizeof *all->partners);
    all->plugins = vls_mem_new((all->plugin_count + 1) * sizeof *all->plugins);
    all->operators = vls_mem_new((all->operator_count + 1) * sizeof *all->operators);
    struct vls_status s = compile_all(config, schemes, all, why);
    if (!vls_ok(s))
        vls_route_clearances_free(&all);
    else
        *out = all;
    return s;
}

static void holders_free(struct holder *holders, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        vls_mem_free(holders[i].held);
    vls_mem_free(holders);
}

void vls_route_clearances_free(struct vls_route_clearances **clearances)
{
    struct vls_route_clearances *all = *clearances;
    if (all == NULL)
        return;
    holders_free(all->partners, all->partner_count);
    holders_free(all->plugins, all->plugin_count);
    holders_free(all->operators, all->operator_count);
    vls_mem_free(all);
    *clearances = NULL;
}

/* -- deciding ---------------------------------------------------------------------------------- */

static struct vls_status decide(const struct holder *holder, const struct vls_label *label,
                                struct vls_why *why)
{
    for (unsigned i = 0; i < holder->count; i++)
        if (holder->held[i].scheme == label->scheme)
            return vls_clearance_decide(&holder->held[i], label, why);
    return vls_fail(VLS_LABEL_CLEARANCE, why, "the recipient holds nothing of the scheme %.60s",
                    label->scheme != NULL ? vls_scheme_name(label->scheme) : "that it names");
}

/* Of partners and plugins: without any clearance there is no limit. */
static struct vls_status decide_if_limited(const struct holder *holder,
                                           const struct vls_label *label, struct vls_why *why)
{
    return holder->count == 0 ? VLS_DONE : decide(holder, label, why);
}

struct vls_status vls_route_clearance_partner(const struct vls_route *route,
                                              const struct vls_partner *partner,
                                              const struct vls_label *label, struct vls_why *why)
{
    return decide_if_limited(&route->clearances->partners[partner - route->partners], label, why);
}

struct vls_status vls_route_clearance_plugin(const struct vls_route *route, unsigned plugin,
                                             const struct vls_label *label, struct vls_why *why)
{
    if (plugin >= route->clearances->plugin_count)
        return vls_fail(VLS_LABEL_CLEARANCE, why, "there is no plugin %u", plugin);
    return decide_if_limited(&route->clearances->plugins[plugin], label, why);
}

struct vls_status vls_route_clearance_actor(const struct vls_route *route, const char *actor,
                                            const struct vls_label *label, struct vls_why *why)
{
    const struct vls_route_clearances *all = route->clearances;
    uint64_t uid;
    bool is_user = strncmp(actor, ACTOR_USER, sizeof ACTOR_USER - 1) == 0 &&
                   vls_ok(vls_number_read(actor + sizeof ACTOR_USER - 1, 0, UINT32_MAX, &uid));
    for (unsigned i = 0; is_user && i < all->operator_count; i++)
        if (all->operators[i].uid == uid)
            return decide(&all->operators[i], label, why);
    return vls_fail(VLS_LABEL_CLEARANCE, why, "%.40s is none of the operators who see content",
                    actor);
}

struct vls_status vls_route_clearance_operator(const struct vls_route *route, unsigned number,
                                               const struct vls_label *label, struct vls_why *why)
{
    return decide(&route->clearances->operators[number], label, why);
}
