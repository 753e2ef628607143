/* Labels of a message and of its documents: joined when it is sent, checked when it is received,
 * and again before anybody is given it. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <schemas/exchange.pb-c.h>

#include "base/mem.h"
#include "label/scheme_internal.h"
#include "world.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define STRICT       "un-sgb-2007-6/strictly-confidential"
#define OTHER_SCHEME "tlp-2-0/clear"
#define A_WHILE      60000u

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 1);
    assert_true(vls_ok(vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/tlp-2-0.xml",
                                       &w->schemes.schemes[w->schemes.count++], NULL)));
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

static struct submitted send_parts(struct world *w, const char *label, const char *const *parts,
                                   size_t count)
{
    struct submitted s;
    world_submit_parts(&w->gateways[0], "information-request", label, parts, count, &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    return s;
}

static struct submitted send_public(struct world *w, const char *text)
{
    struct submitted s;
    world_submit(&w->gateways[0], "publication", PUBLIC, "", text, &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    assert_true(vls_ok(s.status));
    return s;
}

static void parts__different_labels__message_has_the_join(void **state)
{
    static const char *const PARTS[] = {PUBLIC, CONFIDENTIAL, ""};
    struct world *w = *state;
    struct submitted s = send_parts(w, PUBLIC, PARTS, 3);
    assert_string_equal(s.state, "referred"); /* an unclassified one would have been released */
    assert_true(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(w, A_WHILE);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
    assert_string_equal(w->gateways[1].delivered[0].label, CONFIDENTIAL);
    assert_non_null(strstr(w->gateways[1].delivered[0].marking, "CONFIDENTIAL"));
    assert_int_equal(w->alarms, 0);
}

static void parts__all_labelled__message_needs_none(void **state)
{
    static const char *const PARTS[] = {PUBLIC, PUBLIC};
    struct world *w = *state;
    struct submitted s;
    world_submit_parts(&w->gateways[0], "publication", "", PARTS, 2, &s);
    world_run(w, A_WHILE);
    assert_string_equal(s.state, "released");
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
    assert_string_equal(w->gateways[1].delivered[0].label, PUBLIC);
}

static void parts__lower_than_given__message_keeps_what_was_given(void **state)
{
    static const char *const PARTS[] = {PUBLIC, PUBLIC};
    struct submitted s = send_parts(*state, STRICT, PARTS, 2);
    assert_string_equal(s.state, "withheld");
}

static void part__without_any_label__quarantined_by_name(void **state)
{
    static const char *const PARTS[] = {PUBLIC, ""};
    struct submitted s = send_parts(*state, "", PARTS, 2);
    assert_string_equal(s.state, "quarantined");
    assert_non_null(strstr(s.reason, "2.txt"));
}

static void part__unknown_label__quarantined_by_name(void **state)
{
    static const char *const PARTS[] = {PUBLIC, "un-sgb-2007-6/secret"};
    struct submitted s = send_parts(*state, PUBLIC, PARTS, 2);
    assert_string_equal(s.state, "quarantined");
    assert_non_null(strstr(s.reason, "2.txt"));
}

static void parts__two_schemes__quarantined(void **state)
{
    static const char *const PARTS[] = {PUBLIC, OTHER_SCHEME};
    struct submitted s = send_parts(*state, "", PARTS, 2);
    assert_string_equal(s.state, "quarantined");
    assert_non_null(strstr(s.reason, "two schemes"));
}

static void message__of_a_scheme_that_is_not_the_senders__quarantined(void **state)
{
    static const char *const PARTS[] = {""};
    struct submitted s = send_parts(*state, OTHER_SCHEME, PARTS, 1);
    assert_string_equal(s.state, "quarantined");
    assert_non_null(strstr(s.reason, "does not label by it"));
}

/* As long as what it replaces, so that nothing else changes. */
static void say_confidential_inside(Valise__SealRequest *request)
{
    static const char FROM[] = ">UNCLASSIFIED<", TO[] = ">CONFIDENTIAL<";
    uint8_t *at = memmem(request->labels_xml.data, request->labels_xml.len, FROM, sizeof FROM - 1);
    assert_non_null(at);
    memcpy(at, TO, sizeof TO - 1);
}

static void say_nothing_inside(Valise__SealRequest *request)
{
    request->labels_xml.len = 0;
}

static void check_held_alone(struct world *w, void (*lie)(Valise__SealRequest *))
{
    w->tamper_inside = lie;
    struct submitted liar = send_public(w, "One thing.");
    w->tamper_inside = NULL;
    assert_int_equal(world_state(&w->gateways[1], &liar.id), VLS_STATE_HELD);
    assert_int_equal(world_delivered(&w->gateways[1], &liar.id), 0);
    assert_int_equal(w->alarms, 1);
    struct submitted honest = send_public(w, "Another thing.");
    assert_int_equal(world_state(&w->gateways[1], &honest.id), VLS_STATE_DELIVERED);
    assert_int_equal(world_delivered(&w->gateways[1], &honest.id), 1);
    assert_int_equal(w->alarms, 1);
}

static void label_inside__another_than_in_the_manifest__held_with_alarm(void **state)
{
    check_held_alone(*state, say_confidential_inside);
}

static void labels_inside__missing__held_with_alarm(void **state)
{
    check_held_alone(*state, say_nothing_inside);
}

static void scheme__gone_between_receipt_and_delivery__held(void **state)
{
    struct world *w = *state;
    struct submitted s;
    struct vls_scheme *good = w->schemes.schemes[0];
    w->gateways[1].plugin.grants_count = 0; /* no sink yet: it waits */
    world_submit(&w->gateways[0], "publication", PUBLIC, "", "For everyone.", &s);
    world_run(w, A_WHILE);
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_RECEIVED);
    w->gateways[1].plugin.grants_count = 1;
    w->schemes.schemes[0] = w->schemes.schemes[1]; /* the one it is labelled by is not loaded */
    w->schemes.count = 1;
    world_run(w, A_WHILE);
    w->schemes.schemes[0] = good;
    w->schemes.count = 2;
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_HELD);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 0);
    assert_true(vls_ok(world_act(&w->gateways[1], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(w, A_WHILE);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
}

/* -- time and clearance ------------------------------------------------------------------------ */

static void scheme__expired_between_receipt_and_delivery__held(void **state)
{
    struct world *w = *state;
    struct submitted s;
    w->gateways[1].plugin.grants_count = 0; /* no sink yet: it waits */
    world_submit(&w->gateways[0], "publication", PUBLIC, "", "For everyone.", &s);
    world_run(w, A_WHILE);
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_RECEIVED);
    w->gateways[1].plugin.grants_count = 1;
    w->schemes.schemes[0]->not_after_ms = w->now_ms;
    world_run(w, A_WHILE);
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_HELD);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 0);
}

static char *const PUBLIC_ONLY[] = {(char *)(uintptr_t)PUBLIC};

/* As an administrator does: the configuration, then a restart. */
static void clear_partner_for_public(struct gateway *g)
{
    g->partner.clearance = (char **)(uintptr_t)PUBLIC_ONLY;
    g->partner.clearance_count = 1;
    world_crash(g);
}

static void clear_sink_for_public(struct gateway *g)
{
    g->plugin.clearance = (char **)(uintptr_t)PUBLIC_ONLY;
    g->plugin.clearance_count = 1;
    world_crash(g);
}

static struct submitted send_confidential(struct world *w)
{
    static const char *const PARTS[] = {CONFIDENTIAL};
    return send_parts(w, "", PARTS, 1);
}

static void partner__not_cleared__withheld_with_that_reason(void **state)
{
    struct world *w = *state;
    clear_partner_for_public(&w->gateways[0]);
    struct submitted s = send_confidential(w);
    assert_string_equal(s.state, "withheld");
    assert_non_null(strstr(s.reason, "may not hold this"));
    struct submitted open = send_public(w, "This it may hold.");
    assert_int_equal(world_delivered(&w->gateways[1], &open.id), 1);
}

static void release__partner_not_cleared_any_more__refused_and_still_referred(void **state)
{
    struct world *w = *state;
    struct submitted s = send_confidential(w);
    assert_string_equal(s.state, "referred");
    clear_partner_for_public(&w->gateways[0]);
    assert_int_equal(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
                     VLS_LABEL_CLEARANCE);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_REFERRED);
}

static void release__scheme_expired_since__refused_and_still_referred(void **state)
{
    struct world *w = *state;
    struct submitted s = send_confidential(w);
    assert_string_equal(s.state, "referred");
    w->schemes.schemes[0]->not_after_ms = w->now_ms - 1;
    assert_int_equal(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
                     VLS_LABEL_VALUE);
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_REFERRED);
    w->schemes.schemes[0]->not_after_ms = 0;
    assert_true(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(w, A_WHILE);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 1);
}

static struct submitted send_released(struct world *w)
{
    struct submitted s = send_confidential(w);
    assert_true(vls_ok(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(w, A_WHILE);
    return s;
}

static void sinks__first_not_cleared__next_one_is_given_it(void **state)
{
    struct world *w = *state;
    struct gateway *g = &w->gateways[1];
    struct vls_config_plugin sinks[] = {g->plugin, g->plugin};
    sinks[0].clearance = (char **)(uintptr_t)PUBLIC_ONLY;
    sinks[0].clearance_count = 1;
    g->config.plugins = sinks;
    g->config.plugins_count = 2;
    world_crash(g);
    struct submitted s = send_released(w), open = send_public(w, "For the first sink.");
    assert_int_equal(world_delivered(g, &s.id), 1);
    assert_int_equal(world_delivered(g, &open.id), 1);
    assert_int_equal(g->delivered[0].host, 1);
    assert_int_equal(g->delivered[1].host, 0);
}

static void sinks__none_cleared__held(void **state)
{
    struct world *w = *state;
    clear_sink_for_public(&w->gateways[1]);
    struct submitted s = send_released(w);
    assert_int_equal(world_state(&w->gateways[1], &s.id), VLS_STATE_HELD);
    assert_int_equal(world_delivered(&w->gateways[1], &s.id), 0);
    struct submitted open = send_public(w, "This it may be given.");
    assert_int_equal(world_delivered(&w->gateways[1], &open.id), 1);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(parts__different_labels__message_has_the_join),
        IN_A_WORLD(parts__all_labelled__message_needs_none),
        IN_A_WORLD(parts__lower_than_given__message_keeps_what_was_given),
        IN_A_WORLD(part__without_any_label__quarantined_by_name),
        IN_A_WORLD(part__unknown_label__quarantined_by_name),
        IN_A_WORLD(parts__two_schemes__quarantined),
        IN_A_WORLD(message__of_a_scheme_that_is_not_the_senders__quarantined),
        IN_A_WORLD(label_inside__another_than_in_the_manifest__held_with_alarm),
        IN_A_WORLD(labels_inside__missing__held_with_alarm),
        IN_A_WORLD(scheme__gone_between_receipt_and_delivery__held),
        IN_A_WORLD(scheme__expired_between_receipt_and_delivery__held),
        IN_A_WORLD(partner__not_cleared__withheld_with_that_reason),
        IN_A_WORLD(release__partner_not_cleared_any_more__refused_and_still_referred),
        IN_A_WORLD(release__scheme_expired_since__refused_and_still_referred),
        IN_A_WORLD(sinks__first_not_cleared__next_one_is_given_it),
        IN_A_WORLD(sinks__none_cleared__held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
