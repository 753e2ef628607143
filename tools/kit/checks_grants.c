/* Capabilities: without what it needs it must not start, without what it wants it must. */
#include <string.h>

#include "kit/checks.h"
#include "plugin/accept.h"

static struct vls_status grants_of(const char *const *names, unsigned count, unsigned paths,
                                   uint64_t *out, struct vls_why *why)
{
    char *path[] = {(char *)(uintptr_t) "/tmp"};
    struct vls_config_plugin config = {.name = (char *)(uintptr_t) "tested",
                                       .grants = (char **)(uintptr_t)names,
                                       .grants_count = count,
                                       .paths = path,
                                       .paths_count = paths};
    return vls_plugin_grants(&config, out, why);
}

static enum kit_verdict no_paths(struct kit *kit, const struct kit_check *check,
                                 struct vls_why *why)
{
    const char *const names[] = {"files"};
    struct vls_why words;
    uint64_t bits;
    (void)kit;
    (void)check;
    KIT_NEED(!vls_ok(grants_of(names, 1, 0, &bits, &words)), "'files' is granted for no directory");
    return KIT_PASSED;
}

static enum kit_verdict no_such(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    const char *const names[] = {"everything"};
    struct vls_why words;
    uint64_t bits;
    (void)kit;
    (void)check;
    KIT_NEED(!vls_ok(grants_of(names, 1, 1, &bits, &words)), "'everything' is granted");
    KIT_NEED(strstr(words.text, "everything") != NULL, "the reason does not name it");
    return KIT_PASSED;
}

static enum kit_verdict none(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    struct vls_why words = {""};
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    run.plan.grants[0] = NULL;
    KIT_NEED(!vls_ok(kit_session_open(&run.session, &run.plan, &run.memory, &words)),
             "it starts with nothing granted");
    KIT_NEED(words.text[0] != '\0', "it is not said why");
    return KIT_PASSED;
}

/* The role that a capability is for; 0: none. */
static uint32_t role_of(uint64_t bit)
{
    return bit == VLS_CAP_SEND      ? VLS_PLUGIN_SOURCE
           : bit == VLS_CAP_RECEIVE ? VLS_PLUGIN_SINK
           : bit == VLS_CAP_RESOLVE ? VLS_PLUGIN_RESOLVER
           : bit == VLS_CAP_INSPECT ? VLS_PLUGIN_INSPECTOR
                                    : 0;
}

/* A source that may not send, a sink that may not receive and so on have nothing left to do when
 * that is their only role. */
static bool is_left_over(const struct kit *kit, uint64_t bit)
{
    return (kit->described.plugin.roles & ~role_of(bit)) != 0;
}

/* check->text: the capability that is not granted */
static enum kit_verdict without(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    struct vls_why words = {""};
    uint64_t bit = (uint64_t)check->number;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_NEED(kit->is_described, "it cannot be described");
    const struct vls_plugin *p = &kit->described.plugin;
    if (((p->caps_need | p->caps_want) & bit) == 0)
        KIT_SKIP("it does not ask for it");
    kit_run_take_grant(&run, check->text);
    struct vls_status s = kit_run_start(&run, &words);
    if ((p->caps_need & bit) == 0 && is_left_over(kit, bit)) {
        KIT_NEED(vls_ok(s), "it wants '%s' and does not start without: %s", check->text,
                 words.text);
        KIT_TRY(kit_session_stop(&run.session, why));
        return KIT_PASSED;
    }
    KIT_NEED(!vls_ok(s), "it starts without '%s'", check->text);
    KIT_NEED(s.code == VLS_PLUGIN_CAPABILITY, "the reason is not the capability: %s", words.text);
    return KIT_PASSED;
}

static enum kit_verdict needed_alone(struct kit *kit, const struct kit_check *check,
                                     struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    uint64_t bit;
    const char *name;
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_NEED(kit->is_described, "it cannot be described");
    uint32_t roles = kit->described.plugin.roles; /* that are left */
    for (unsigned i = 0; (name = kit_cap_name(i, &bit)) != NULL; i++)
        if ((kit->described.plugin.caps_want & bit) != 0 && (roles & ~role_of(bit)) != 0) {
            kit_run_take_grant(&run, name);
            roles &= ~role_of(bit);
        }
    KIT_TRY(kit_run_start(&run, why));
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict not_offered(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    (void)check;
    KIT_NEED(kit->is_described, "it cannot be described");
    const uint64_t offered = VLS_CAP_FILES | VLS_CAP_STATE | VLS_CAP_NET | VLS_CAP_SEND |
                             VLS_CAP_RECEIVE | VLS_CAP_RESOLVE | VLS_CAP_INSPECT;
    KIT_NEED((kit->described.plugin.caps_need & ~offered) == 0,
             "it needs a capability that this release does not offer");
    return KIT_PASSED;
}

const struct kit_check KIT_GRANT_CHECKS[] = {
    {"grants.files-without-paths", "'files' without a directory is refused", no_paths, 0, NULL},
    {"grants.unknown", "a grant that does not exist is refused by name", no_such, 0, NULL},
    {"grants.offered", "needs only what this release offers", not_offered, 0, NULL},
    {"grants.none", "does not start with nothing granted", none, 0, NULL},
    {"grants.without-files", "refused or well without 'files'", without, VLS_CAP_FILES, "files"},
    {"grants.without-state", "refused or well without 'state'", without, VLS_CAP_STATE, "state"},
    {"grants.without-net", "refused or well without 'net'", without, VLS_CAP_NET, "net"},
    {"grants.without-send", "refused or well without 'send'", without, VLS_CAP_SEND, "send"},
    {"grants.without-receive", "refused or well without 'receive'", without, VLS_CAP_RECEIVE,
     "receive"},
    {"grants.without-resolve", "refused or well without 'resolve'", without, VLS_CAP_RESOLVE,
     "resolve"},
    {"grants.without-inspect", "refused or well without 'inspect'", without, VLS_CAP_INSPECT,
     "inspect"},
    {"grants.needed-alone", "starts with what it needs and one role", needed_alone, 0, NULL},
};
const size_t KIT_GRANT_COUNT = sizeof KIT_GRANT_CHECKS / sizeof KIT_GRANT_CHECKS[0];
