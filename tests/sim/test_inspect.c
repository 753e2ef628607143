/* Inspectors: what they pass, stop and keep waiting, in both directions, through crashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "route/disposition.h"
#include "world.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define A_WHILE      60000u

enum { SCANNER, WORDS, SINK, PLUGINS };

struct scene {
    struct world w;
    struct vls_config_plugin plugins[WORLD_GATEWAYS][PLUGINS];
    struct vls_arrangement *house;
};

static char *GRANT_INSPECT[] = {(char *)VLS_GRANT_INSPECT};
static char *GRANT_RECEIVE[] = {(char *)VLS_GRANT_RECEIVE};
static char *BOTH_WAYS[] = {(char *)VLS_INSPECT_OUTGOING, (char *)VLS_INSPECT_INCOMING};

/* Stops what says "veto", and cannot tell what says "later" before the world says so. */
static bool is_later;

static uint32_t judge(struct gateway *g, unsigned host, const Valise__Inspect *in, const char *text,
                      struct vls_why *why)
{
    (void)in;
    if (strstr(text, "veto") != NULL && host == WORDS) {
        snprintf(why->text, sizeof why->text, "vetoed by inspector words: a word of %s", g->party);
        return VLS_PLUGIN_VETO;
    }
    snprintf(why->text, sizeof why->text, "cannot tell yet");
    return is_later && strstr(text, "later") != NULL ? VLS_PLUGIN_RETRY : VLS_OK;
}

/* `ways` of the two inspectors at this gateway: 1 = outgoing, 2 = incoming. */
static void configure(struct scene *s, size_t at, unsigned ways)
{
    static const char *const NAMES[] = {"scanner", "words", "sink"};
    struct gateway *g = &s->w.gateways[at];
    for (size_t i = 0; i < PLUGINS; i++) {
        struct vls_config_plugin *p = &s->plugins[at][i];
        *p = (struct vls_config_plugin){.name = (char *)(uintptr_t)NAMES[i],
                                        .grants = i == SINK ? GRANT_RECEIVE : GRANT_INSPECT,
                                        .grants_count = 1};
        if (i != SINK && ways != 0) {
            p->inspect = ways == 2 ? BOTH_WAYS + 1 : BOTH_WAYS;
            p->inspect_count = ways == 3 ? 2 : 1;
        }
    }
    world_give_plugins(g, s->plugins[at], PLUGINS);
}

static int open_scene(void **state)
{
    struct scene *s = vls_mem_new(sizeof *s);
    is_later = false;
    world_open(&s->w, 23);
    s->w.verdict = judge;
    configure(s, 0, 1);
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *s = *state;
    world_close(&s->w);
    vls_arrangement_free(&s->house);
    vls_mem_free(s);
    return 0;
}

static struct vls_id send_words(struct scene *s, const char *words)
{
    struct submitted sent;
    world_submit(&s->w.gateways[0], "publication", PUBLIC, "", words, &sent);
    world_run(&s->w, A_WHILE);
    assert_true(sent.is_answered);
    assert_true(vls_ok(sent.status));
    return sent.id;
}

static void check_reason(struct gateway *g, const struct vls_id *id, const char *word)
{
    struct vls_message *m;
    assert_true(vls_ok(vls_store_get(g->store, id, &m, NULL)));
    if (strstr(m->reason, word) == NULL)
        fail_msg("'%s' says nothing of '%s'", m->reason, word);
    vls_message_free(&m);
}

/* vls_trace_fn */
static struct vls_status count_one(void *ctx, uint64_t at_ms, const char *from, const char *to,
                                   const char *cause, const char *actor, struct vls_why *why)
{
    (void)at_ms;
    (void)from;
    (void)to;
    (void)cause;
    (void)actor;
    (void)why;
    ++*(unsigned *)ctx;
    return VLS_DONE;
}

static unsigned trace_rows(struct gateway *g, const struct vls_id *id)
{
    unsigned rows = 0;
    assert_true(vls_ok(vls_store_trace(g->store, id, count_one, &rows, NULL)));
    return rows;
}

static bool is_recorded(struct gateway *g, const struct vls_id *id)
{
    struct vls_message *m;
    assert_true(vls_ok(vls_store_get(g->store, id, &m, NULL)));
    bool is = m->log_index != VLS_NO_INDEX;
    vls_message_free(&m);
    return is;
}

static struct vls_status overrule(struct gateway *g, const struct vls_id *id)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorAct act = VALISE__OPERATOR_ACT__INIT;
    act.verb = VALISE__OPERATOR_ACT__VERB__RELEASE;
    act.is_overruling = true;
    act.note = (char *)(uintptr_t) "a false alarm";
    act.id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_ACT;
    in.act = &act;
    Valise__OperatorReply *reply = world_ask(g, &in);
    struct vls_status status = {reply->outcome->code};
    valise__operator_reply__free_unpacked(reply, NULL);
    return status;
}

/* -- outgoing ---------------------------------------------------------------------------------- */

static void outgoing__nothing_against_it__shown_to_each_and_then_on_its_way(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0], *iom = &s->w.gateways[1];
    struct submitted sent;
    world_submit(un, "publication", PUBLIC, "k", "A report.", &sent);
    for (unsigned i = 0; i < 100 && !sent.is_answered; i++)
        world_step(&s->w, 1);
    assert_string_equal(sent.state, "inspecting"); /* on disk, and not yet recorded */
    assert_false(is_recorded(un, &sent.id));
    world_run(&s->w, A_WHILE);
    assert_int_equal(un->inspected, 2);
    assert_int_equal(world_state(un, &sent.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_delivered(iom, &sent.id), 1);
    assert_true(is_recorded(un, &sent.id));
    assert_int_equal(s->w.alarms, 0);
}

static void outgoing__veto__held_with_its_reason_and_nothing_has_left(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0], *iom = &s->w.gateways[1];
    struct vls_id id = send_words(s, "A report to veto.");
    assert_int_equal(world_state(un, &id), VLS_STATE_HELD);
    check_reason(un, &id, "vetoed by inspector words: a word of un");
    assert_false(is_recorded(un, &id));
    assert_int_equal(world_state(iom, &id), VLS_STATE_NONE);
    /* released: they look again, and say the same */
    unsigned before = un->inspected;
    assert_true(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_HELD);
    assert_int_equal(un->inspected, before + 2);
    /* kept here for good */
    assert_true(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__WITHHOLD)));
    assert_int_equal(world_state(un, &id), VLS_STATE_WITHHELD);
    assert_false(vls_ok(overrule(un, &id)));
}

static void outgoing__overruled_veto__leaves_recorded_once(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0], *iom = &s->w.gateways[1];
    struct vls_id id = send_words(s, "A report to veto.");
    world_crash(un);
    assert_int_equal(world_state(un, &id), VLS_STATE_HELD);
    assert_true(vls_ok(overrule(un, &id)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_delivered(iom, &id), 1);
    assert_false(vls_ok(overrule(un, &id))); /* nothing has stopped it any more */
}

static void outgoing__inspector_away__waits_through_crashes_and_leaves_when_it_is_back(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    un->hosts_away = 1u << WORDS;
    struct vls_id id = send_words(s, "A patient report.");
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(world_state(un, &id), VLS_STATE_INSPECTING);
        check_reason(un, &id, "waits for inspector words");
        assert_false(is_recorded(un, &id));
        world_crash(un);
        world_run(&s->w, 10 * A_WHILE);
    }
    assert_int_equal(trace_rows(un, &id), 2); /* it came, and for whom it waits: said once */
    un->hosts_away = 0;
    vls_route_attached(un->route, false);
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
}

static void outgoing__away_and_overruled__goes_without_them(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    un->hosts_away = 1u << SCANNER;
    struct vls_id id = send_words(s, "An urgent report.");
    assert_false(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    assert_true(vls_ok(overrule(un, &id)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    assert_int_equal(un->inspected, 0);
}

static void outgoing__held_while_it_waits__not_shown_and_released_to_be_shown(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    un->hosts_away = 1u << SCANNER;
    struct vls_id id = send_words(s, "A report on hold.");
    assert_true(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__HOLD)));
    un->hosts_away = 0;
    vls_route_attached(un->route, false);
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_HELD);
    assert_int_equal(un->inspected, 0);
    assert_true(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    assert_int_equal(un->inspected, 2);
}

static void outgoing__cannot_tell_yet__asked_again_later(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    is_later = true;
    struct vls_id id = send_words(s, "A report for later.");
    assert_int_equal(world_state(un, &id), VLS_STATE_INSPECTING);
    check_reason(un, &id, "cannot tell yet");
    assert_true(un->inspected > 1);
    is_later = false;
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
}

static void outgoing__not_cleared_inspector__holds_what_it_may_not_see(void **state)
{
    static char *UP_TO[] = {(char *)"un-sgb-2007-6/unclassified"};
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    struct submitted sent;
    s->plugins[0][WORDS].clearance = UP_TO;
    s->plugins[0][WORDS].clearance_count = 1;
    world_crash(un);
    world_submit(un, "information-request", CONFIDENTIAL, "", "For few eyes.", &sent);
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &sent.id), VLS_STATE_HELD);
    assert_int_equal(un->inspected, 1); /* the other one may */
}

static void outgoing__kept_here_anyway__shown_to_nobody(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    struct submitted sent;
    world_submit(un, "publication", "", "", "What is it?", &sent);
    world_run(&s->w, A_WHILE);
    assert_string_equal(sent.state, "quarantined");
    assert_int_equal(un->inspected, 0);
}

static void outgoing__other_bytes_were_shown__held_with_an_alarm(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    s->w.is_other_shown = true;
    struct vls_id id = send_words(s, "These words.");
    assert_int_equal(world_state(un, &id), VLS_STATE_HELD);
    check_reason(un, &id, "other documents");
    assert_int_equal(s->w.alarms, 1);
}

static void outgoing__no_inspector_configured_any_more__goes_on(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    un->hosts_away = 1u << WORDS;
    struct vls_id id = send_words(s, "Left over.");
    assert_int_equal(world_state(un, &id), VLS_STATE_INSPECTING);
    configure(s, 0, 0);
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
}

static const char REFER[] = "house-rules: un/own\n"
                            "version: 1\n"
                            "party: un\n"
                            "basis: Article 13(1)\n"
                            "rules:\n"
                            "  - id: publications-by-two\n"
                            "    effect: refer\n"
                            "    basis: \"13(1)\"\n"
                            "    when: { kind: publication, direction: out }\n"
                            "    approvals: 2\n";

static void outgoing__rules_that_refer__still_do_whoever_lets_it_go(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    struct vls_why why = {""};
    un->hosts_away = 1u << WORDS;
    struct vls_id earlier = send_words(s, "Decided to leave, and not gone.");
    assert_true(vls_ok(vls_house_rules_read(vls_slice_text(REFER), "house.yaml", &s->w.schemes,
                                            s->w.arrangement, &s->house, &why)));
    un->house = s->house;
    un->hosts_away = 0;
    world_crash(un);
    struct vls_id passed = send_words(s, "For officers.");
    struct vls_id vetoed = send_words(s, "For officers, to veto.");
    assert_int_equal(world_state(un, &passed), VLS_STATE_REFERRED);
    assert_int_equal(world_state(un, &vetoed), VLS_STATE_HELD);
    assert_true(vls_ok(overrule(un, &vetoed)));
    assert_int_equal(world_state(un, &vetoed), VLS_STATE_REFERRED);
    /* the rules have become stricter while it waited */
    assert_int_equal(world_state(un, &earlier), VLS_STATE_HELD);
    check_reason(un, &earlier, "officers");
    assert_false(vls_ok(overrule(un, &earlier)));
    assert_int_equal(world_state(un, &earlier), VLS_STATE_HELD);
}

/* -- incoming ---------------------------------------------------------------------------------- */

static void incoming__veto__receipted_held_and_given_to_no_sink(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0], *iom = &s->w.gateways[1];
    configure(s, 0, 0);
    configure(s, 1, 2);
    struct vls_id id = send_words(s, "Something to veto."), good = send_words(s, "Something.");
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_state(iom, &id), VLS_STATE_HELD);
    check_reason(iom, &id, "a word of iom");
    assert_int_equal(world_delivered(iom, &id), 0);
    assert_int_equal(world_delivered(iom, &good), 1);
    assert_true(vls_ok(world_act(iom, &id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(iom, &id), VLS_STATE_HELD);
    assert_int_equal(world_delivered(iom, &id), 0);
    assert_true(vls_ok(overrule(iom, &id)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_delivered(iom, &id), 1);
}

static void incoming__inspector_away__waits_through_crashes(void **state)
{
    struct scene *s = *state;
    struct gateway *iom = &s->w.gateways[1];
    configure(s, 1, 2);
    iom->hosts_away = 1u << SCANNER;
    struct vls_id id = send_words(s, "Something that waits.");
    world_crash(iom);
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(iom, &id), VLS_STATE_INSPECTING);
    check_reason(iom, &id, "waits for inspector scanner");
    assert_int_equal(world_delivered(iom, &id), 0);
    iom->hosts_away = 0;
    vls_route_attached(iom->route, false);
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_delivered(iom, &id), 1);
}

static void incoming__sink_away__not_shown_again_for_each_try(void **state)
{
    struct scene *s = *state;
    struct gateway *iom = &s->w.gateways[1];
    configure(s, 1, 3);
    iom->hosts_away = 1u << SINK;
    struct vls_id id = send_words(s, "Something for nobody.");
    assert_int_equal(world_state(iom, &id), VLS_STATE_RECEIVED);
    assert_int_equal(iom->inspected, 2);
}

static void act__that_inspectors_have_no_part_in__is_not_overruled(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    configure(s, 0, 0);
    un->config.partners[0].url[0] = '\0'; /* it waits for the partner to call */
    struct vls_id id = send_words(s, "On its way.");
    assert_int_equal(world_state(un, &id), VLS_STATE_RELEASED);
    assert_false(vls_ok(overrule(un, &id)));
    assert_true(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__HOLD)));
    assert_false(vls_ok(overrule(un, &id)));
}

/* -- processes that die ------------------------------------------------------------------------ */

static unsigned deaths;

static void count_deaths(struct gateway *g, const char *event, const struct vls_field *fields,
                         size_t count)
{
    (void)g;
    (void)fields;
    (void)count;
    deaths += strcmp(event, "message.held") == 0;
}

static void outgoing__always_dies_over_it__held_after_so_many_times(void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    deaths = 0;
    s->w.on_log = count_deaths;
    s->w.faults = WORLD_INSPECTOR_DIES;
    s->w.is_always_wrong = true;
    struct vls_id id = send_words(s, "It ends those who look.");
    s->w.faults = 0;
    assert_int_equal(world_state(un, &id), VLS_STATE_HELD);
    check_reason(un, &id, "went away while it looked");
    assert_int_equal(deaths, 1);
    assert_true(vls_ok(world_act(un, &id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &id), VLS_STATE_RECEIPTED);
}

/* Its process dies whenever it is shown this one, and only then. */
static uint32_t die_over_one(struct gateway *g, unsigned host, const Valise__Inspect *in,
                             const char *text, struct vls_why *why)
{
    (void)in;
    (void)why;
    g->hosts_dead = strstr(text, "deadly") != NULL ? UINT64_C(1) << host : 0;
    return VLS_OK;
}

static void outgoing__dies_over_one_of_many__only_that_one_is_held(void **state)
{
    enum { MANY = 20 };
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    struct submitted sent[MANY];
    s->w.verdict = die_over_one;
    for (unsigned i = 0; i < MANY; i++) {
        char words[64];
        snprintf(words, sizeof words, "%s %u", i == 3 ? "deadly" : "harmless", i);
        world_submit(un, "publication", PUBLIC, "", words, &sent[i]);
    }
    world_run(&s->w, 10 * A_WHILE);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(world_state(un, &sent[i].id),
                         i == 3 ? VLS_STATE_HELD : VLS_STATE_RECEIPTED);
    for (unsigned i = 0; i < MANY;
         i++) /* inspecting, released, carrying, receipted: never failed */
        if (i != 3)
            assert_int_equal(trace_rows(un, &sent[i].id), 4);
}

/* The router ends after each death, too: the message has its three chances, and not three more. */
static void outgoing__dies_over_it_and_the_router_restarts__is_held_after_three_all_the_same(
    void **state)
{
    struct scene *s = *state;
    struct gateway *un = &s->w.gateways[0];
    struct submitted sent;
    s->w.verdict = die_over_one;
    world_submit(un, "publication", PUBLIC, "", "deadly", &sent);
    world_run(&s->w, 100);
    assert_true(sent.is_answered);
    for (unsigned n = un->inspected, i = 0; un->inspected < 6 && i < 2000; i++) {
        world_run(&s->w, 20);
        if (un->inspected != n)
            world_crash(un);
        n = un->inspected;
    }
    world_run(&s->w, 10 * A_WHILE);
    assert_int_equal(un->inspected, 3);
    assert_int_equal(world_state(un, &sent.id), VLS_STATE_HELD);
    check_reason(un, &sent.id, "3 times");
    /* and it has them again when an operator says so */
    s->w.verdict = NULL;
    assert_true(vls_ok(world_act(un, &sent.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(un, &sent.id), VLS_STATE_RECEIPTED);
}

enum { MESSAGES = 40 };

/* Whatever fails and whenever the power does: each message is either with the partner's sink, which
 * was given it after all inspectors of both sides had passed it, or held here by a veto. */
static void both_ways__crashes_and_deaths__nothing_lost_and_nothing_slips_by(void **state)
{
    struct scene *s = *state;
    struct submitted sent[MESSAGES];
    struct gateway *un = &s->w.gateways[0], *iom = &s->w.gateways[1];
    configure(s, 0, 1);
    configure(s, 1, 2);
    s->w.faults = WORLD_INSPECTOR_DIES | WORLD_SINK_DIES | WORLD_CRYPTO_DIES | WORLD_LOSE_ANSWER;
    for (unsigned i = 0; i < MESSAGES; i++) {
        char words[64], key[16];
        snprintf(words, sizeof words, "%s %u", i % 5 == 0 ? "veto" : "pass", i);
        snprintf(key, sizeof key, "key-%u", i);
        for (unsigned tries = 0; tries < 50; tries++) { /* as a submitter who heard no good news */
            world_submit(un, "publication", PUBLIC, key, words, &sent[i]);
            world_step(&s->w, 1 + i % 7);
            if (i % 6 == 3 && tries == 0)
                world_crash(i % 4 == 3 ? iom : un);
            world_run(&s->w, 200);
            if (sent[i].is_answered && vls_ok(sent[i].status))
                break;
        }
        assert_true(sent[i].is_answered && vls_ok(sent[i].status));
    }
    world_run(&s->w, 60 * A_WHILE);
    s->w.faults = 0;
    world_run(&s->w, 60 * A_WHILE);
    for (unsigned i = 0; i < MESSAGES; i++) {
        bool is_vetoed = i % 5 == 0;
        if (world_state(un, &sent[i].id) == VLS_STATE_HELD && !is_vetoed) {
            check_reason(un, &sent[i].id, "times"); /* chance was against it: it is not lost */
            continue;
        }
        assert_int_equal(world_state(un, &sent[i].id),
                         is_vetoed ? VLS_STATE_HELD : VLS_STATE_RECEIPTED);
        if (is_vetoed)
            assert_int_equal(world_state(iom, &sent[i].id), VLS_STATE_NONE);
        else
            assert_true(world_delivered(iom, &sent[i].id) > 0 ||
                        world_state(iom, &sent[i].id) == VLS_STATE_HELD);
    }
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)
    const struct CMUnitTest tests[] = {
        IN_SCENE(outgoing__nothing_against_it__shown_to_each_and_then_on_its_way),
        IN_SCENE(outgoing__veto__held_with_its_reason_and_nothing_has_left),
        IN_SCENE(outgoing__overruled_veto__leaves_recorded_once),
        IN_SCENE(outgoing__inspector_away__waits_through_crashes_and_leaves_when_it_is_back),
        IN_SCENE(outgoing__away_and_overruled__goes_without_them),
        IN_SCENE(outgoing__held_while_it_waits__not_shown_and_released_to_be_shown),
        IN_SCENE(outgoing__cannot_tell_yet__asked_again_later),
        IN_SCENE(outgoing__not_cleared_inspector__holds_what_it_may_not_see),
        IN_SCENE(outgoing__kept_here_anyway__shown_to_nobody),
        IN_SCENE(outgoing__other_bytes_were_shown__held_with_an_alarm),
        IN_SCENE(outgoing__no_inspector_configured_any_more__goes_on),
        IN_SCENE(outgoing__rules_that_refer__still_do_whoever_lets_it_go),
        IN_SCENE(incoming__veto__receipted_held_and_given_to_no_sink),
        IN_SCENE(incoming__inspector_away__waits_through_crashes),
        IN_SCENE(incoming__sink_away__not_shown_again_for_each_try),
        IN_SCENE(act__that_inspectors_have_no_part_in__is_not_overruled),
        IN_SCENE(outgoing__always_dies_over_it__held_after_so_many_times),
        IN_SCENE(outgoing__dies_over_one_of_many__only_that_one_is_held),
        IN_SCENE(outgoing__dies_over_it_and_the_router_restarts__is_held_after_three_all_the_same),
        IN_SCENE(both_ways__crashes_and_deaths__nothing_lost_and_nothing_slips_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
