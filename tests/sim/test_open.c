/* An operator asks to see documents: who is shown them, what is written down first, and what is
 * left when something breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "route/route_internal.h"
#include "store/store_internal.h"
#include "world.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define STRICT       "un-sgb-2007-6/strictly-confidential"
#define A_WHILE      60000u
#define ROOT         "uid:0"
#define OPENED       "opened by an operator: for the audit"

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 11);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

/* Both gateways start again with root as the one operator who sees content, and root asks. */
static void clear_root(struct world *w, const char *clearance)
{
    static char *words[1];
    static struct vls_config_operator operators[1];
    words[0] = (char *)(uintptr_t)clearance;
    operators[0] = (struct vls_config_operator){
        .user = (char *)(uintptr_t) "root", .clearance = words, .clearance_count = 1};
    for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
        w->gateways[i].config.operators = operators;
        w->gateways[i].config.operators_count = 1;
        world_crash(&w->gateways[i]);
    }
    w->actor = ROOT;
}

static struct vls_id send_one(struct world *w, const char *label, const char *text)
{
    struct submitted s;
    world_submit(&w->gateways[0], "publication", label, "", text, &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    return s.id;
}

struct asking {
    Valise__OperatorRequest in;
    Valise__OperatorOpen open;
    Valise__OperatorReply *reply;
};

static void ask_only(struct gateway *g, const struct vls_id *id, struct asking *a)
{
    valise__operator_request__init(&a->in);
    valise__operator_open__init(&a->open);
    a->reply = NULL;
    a->open.id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    a->open.note = (char *)(uintptr_t) "for the audit";
    a->in.ask_case = VALISE__OPERATOR_REQUEST__ASK_OPEN;
    a->in.open = &a->open;
    world_ask_only(g, &a->in, &a->reply);
}

static void await(struct world *w, struct asking *a)
{
    for (unsigned i = 0; i < 100 && a->reply == NULL; i++)
        world_step(w, 1);
    assert_non_null(a->reply);
}

/* Runs until it is answered; what was shown is in w->shown. */
static uint32_t ask_open(struct gateway *g, const struct vls_id *id)
{
    struct asking a;
    ask_only(g, id, &a);
    await(g->world, &a);
    uint32_t code = a.reply->outcome->code;
    if (code == VLS_OK) {
        assert_memory_equal(a.reply->opened->row->id.data, id->bytes, VLS_ID_BYTES);
        assert_true(a.reply->opened->label_der.len != 0);
    } else {
        assert_null(a.reply->opened);
        assert_string_equal(g->world->shown, "");
    }
    valise__operator_reply__free_unpacked(a.reply, NULL);
    return code;
}

struct rows {
    const char *cause, *actor;
    unsigned count;
};

static struct vls_status count_rows(void *ctx, uint64_t at_ms, const char *from, const char *to,
                                    const char *cause, const char *actor, struct vls_why *why)
{
    struct rows *rows = ctx;
    (void)at_ms;
    (void)why;
    if (strncmp(cause, rows->cause, strlen(rows->cause)) == 0 && strcmp(actor, rows->actor) == 0) {
        assert_string_equal(from, to);
        rows->count++;
    }
    return VLS_DONE;
}

/* How many rows of the trace that is on disk begin with this cause. */
static unsigned traced(struct gateway *g, const struct vls_id *id, const char *cause)
{
    struct rows rows = {cause, g->world->actor, 0};
    assert_false(g->store->is_open_transaction);
    assert_true(vls_ok(vls_store_trace(g->store, id, count_rows, &rows, NULL)));
    return rows.count;
}

/* -- who -----------------------------------------------------------------------------------------
 */

static void open__cleared__received_and_sent_are_shown_and_traced(void **state)
{
    struct world *w = *state;
    clear_root(w, "un-sgb-2007-6/up-to:confidential");
    struct vls_id id = send_one(w, PUBLIC, "To be read.");
    struct vls_id inside = send_one(w, CONFIDENTIAL, "Not to leave.");
    for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
        enum vls_state before = world_state(&w->gateways[i], &id);
        assert_int_equal(ask_open(&w->gateways[i], &id), VLS_OK);
        assert_string_equal(w->shown, "To be read.");
        assert_int_equal(traced(&w->gateways[i], &id, OPENED), 1);
        assert_int_equal(world_state(&w->gateways[i], &id), before);
    }
    assert_int_equal(ask_open(&w->gateways[0], &inside), VLS_OK);
    assert_string_equal(w->shown, "Not to leave.");
    assert_int_equal(w->alarms, 0);
}

static void open__no_entry__refused_and_not_told_of_the_label(void **state)
{
    struct world *w = *state;
    struct asking a;
    struct vls_id id = send_one(w, PUBLIC, "Nobody may.");
    w->actor = ROOT;
    ask_only(&w->gateways[0], &id, &a);
    await(w, &a);
    assert_int_equal(a.reply->outcome->code, VLS_LABEL_CLEARANCE);
    assert_null(strstr(a.reply->outcome->why, "nclassified"));
    assert_null(strstr(a.reply->outcome->why, "UNCLASSIFIED"));
    assert_null(strstr(a.reply->outcome->why, "A document")); /* its subject */
    assert_int_equal(a.reply->n_rows, 0);
    assert_null(a.reply->opened);
    assert_string_equal(w->shown, "");
    valise__operator_reply__free_unpacked(a.reply, NULL);
    clear_root(w, "un-sgb-2007-6/up-to:strictly-confidential");
    assert_int_equal(traced(&w->gateways[0], &id, OPENED), 0);
    w->actor = "uid:7";
    assert_int_equal(ask_open(&w->gateways[0], &id), VLS_LABEL_CLEARANCE);
}

static void open__levels__are_a_set_and_no_range(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *clearance;
        uint32_t low, middle, high;
    } CASES[] = {
        {"un-sgb-2007-6/confidential", VLS_LABEL_CLEARANCE, VLS_OK, VLS_LABEL_CLEARANCE},
        {"un-sgb-2007-6/unclassified", VLS_OK, VLS_LABEL_CLEARANCE, VLS_LABEL_CLEARANCE},
        {"un-sgb-2007-6/unclassified,strictly-confidential", VLS_OK, VLS_LABEL_CLEARANCE, VLS_OK},
        {"un-sgb-2007-6/up-to:strictly-confidential", VLS_OK, VLS_OK, VLS_OK},
    };
    struct vls_id low = send_one(w, PUBLIC, "Low."), middle = send_one(w, CONFIDENTIAL, "Middle."),
                  high = send_one(w, STRICT, "High.");
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        clear_root(w, CASES[i].clearance);
        assert_int_equal(ask_open(&w->gateways[0], &low), CASES[i].low);
        assert_int_equal(ask_open(&w->gateways[0], &middle), CASES[i].middle);
        assert_int_equal(ask_open(&w->gateways[0], &high), CASES[i].high);
    }
}

static void open__no_label__shown_to_nobody(void **state)
{
    struct world *w = *state;
    clear_root(w, "un-sgb-2007-6/up-to:strictly-confidential");
    struct vls_id id = send_one(w, "", "What is it?");
    assert_int_equal(world_state(&w->gateways[0], &id), VLS_STATE_QUARANTINED);
    assert_int_equal(ask_open(&w->gateways[0], &id), VLS_LABEL_CLEARANCE);
}

static void open__no_such_message__is_missing(void **state)
{
    struct world *w = *state;
    struct vls_id id = {{1}};
    clear_root(w, "un-sgb-2007-6/up-to:confidential");
    assert_int_equal(ask_open(&w->gateways[0], &id), VLS_STORE_MISSING);
}

/* -- what breaks ---------------------------------------------------------------------------------
 */

static void open__commit_fails__nothing_is_shown_or_asked_for(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct asking a;
    clear_root(w, "un-sgb-2007-6/up-to:confidential");
    struct vls_id id = send_one(w, PUBLIC, "The disk is full.");
    ask_only(un, &id, &a);
    assert_true(un->store->is_open_transaction);
    un->store->broken = (struct vls_status){VLS_STORE_FULL};
    await(w, &a);
    assert_int_equal(a.reply->outcome->code, VLS_STORE_FULL);
    assert_null(a.reply->opened);
    assert_string_equal(w->shown, "");
    valise__operator_reply__free_unpacked(a.reply, NULL);
    world_run(w, A_WHILE);
    assert_int_equal(traced(un, &id, OPENED), 0);
    assert_int_equal(ask_open(un, &id), VLS_OK); /* and goes when the disk works again */
    assert_int_equal(traced(un, &id, OPENED), 1);
}

static void open__crash_behind_the_record__it_is_kept_and_the_message_is_whole(void **state)
{
    struct world *w = *state;
    struct gateway *iom = &w->gateways[1];
    struct asking a;
    clear_root(w, "un-sgb-2007-6/up-to:confidential");
    struct vls_id id = send_one(w, PUBLIC, "Broken off.");
    ask_only(iom, &id, &a);
    world_step(w, 1); /* the commit, and the question to the crypto role */
    assert_null(a.reply);
    assert_int_equal(traced(iom, &id, OPENED), 1);
    world_crash(iom);
    world_run(w, A_WHILE);
    assert_null(a.reply);
    assert_int_equal(traced(iom, &id, OPENED), 1);
    assert_int_equal(world_state(iom, &id), VLS_STATE_DELIVERED);
    assert_int_equal(ask_open(iom, &id), VLS_OK);
    assert_string_equal(w->shown, "Broken off.");
}

static void open__crash_before_the_commit__neither_record_nor_content(void **state)
{
    struct world *w = *state;
    struct gateway *iom = &w->gateways[1];
    struct asking a;
    clear_root(w, "un-sgb-2007-6/up-to:confidential");
    struct vls_id id = send_one(w, PUBLIC, "Too early.");
    ask_only(iom, &id, &a);
    world_crash(iom);
    world_run(w, A_WHILE);
    assert_null(a.reply);
    assert_int_equal(traced(iom, &id, OPENED), 0);
    assert_int_equal(ask_open(iom, &id), VLS_OK);
}

static void open__crypto_role_dies__recorded_as_failed_and_to_be_tried_again(void **state)
{
    struct world *w = *state;
    struct gateway *iom = &w->gateways[1];
    unsigned shown = 0, failed = 0;
    clear_root(w, "un-sgb-2007-6/up-to:confidential");
    struct vls_id id = send_one(w, PUBLIC, "Now and then.");
    w->faults = WORLD_CRYPTO_DIES;
    while ((shown == 0 || failed == 0) && shown + failed < 200) {
        uint32_t code = ask_open(iom, &id);
        assert_true(code == VLS_OK || code == VLS_SYSTEM_BUSY);
        if (code == VLS_OK)
            shown++;
        else
            failed++;
    }
    w->faults = 0;
    world_run(w, A_WHILE);
    assert_true(shown != 0 && failed != 0);
    assert_int_equal(traced(iom, &id, OPENED), shown + failed);
    assert_int_equal(traced(iom, &id, "could not be opened"), failed);
}

static void open__more_at_once_than_allowed__pushed_back(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    struct asking a[VLS_MAX_OPENINGS + 1];
    clear_root(w, "un-sgb-2007-6/up-to:confidential");
    struct vls_id id = send_one(w, PUBLIC, "Much wanted.");
    for (size_t i = 0; i <= VLS_MAX_OPENINGS; i++)
        ask_only(un, &id, &a[i]);
    await(w, &a[VLS_MAX_OPENINGS]);
    assert_int_equal(a[VLS_MAX_OPENINGS].reply->outcome->code, VLS_ROUTE_BUSY);
    for (size_t i = 0; i <= VLS_MAX_OPENINGS; i++) {
        await(w, &a[i]);
        assert_int_equal(a[i].reply->outcome->code,
                         i < VLS_MAX_OPENINGS ? (uint32_t)VLS_OK : (uint32_t)VLS_ROUTE_BUSY);
        valise__operator_reply__free_unpacked(a[i].reply, NULL);
    }
    assert_int_equal(un->route->opening_count, 0);
    assert_int_equal(ask_open(un, &id), VLS_OK);
}

/* -- subjects ------------------------------------------------------------------------------------
 */

static void assert_subject(struct gateway *g, const char *expected)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorList list = VALISE__OPERATOR_LIST__INIT;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_LIST;
    in.list = &list;
    Valise__OperatorReply *reply = world_ask(g, &in);
    assert_int_equal(reply->n_rows, 1);
    assert_string_equal(reply->rows[0]->subject, expected);
    assert_string_equal(reply->rows[0]->label, CONFIDENTIAL);
    valise__operator_reply__free_unpacked(reply, NULL);
}

static void list__operators_are_named__subject_is_shown_to_the_cleared_alone(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    send_one(w, CONFIDENTIAL, "Of some matter.");
    assert_subject(un, "A document"); /* nobody is named: as before */
    clear_root(w, "un-sgb-2007-6/unclassified");
    assert_subject(un, "(not shown)");
    clear_root(w, "un-sgb-2007-6/confidential");
    assert_subject(un, "A document");
    w->actor = "uid:7";
    assert_subject(un, "(not shown)");
}

static void act__answer__keeps_to_what_the_actor_may_see(void **state)
{
    struct world *w = *state;
    struct gateway *un = &w->gateways[0];
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorAct act = VALISE__OPERATOR_ACT__INIT;
    clear_root(w, "un-sgb-2007-6/unclassified");
    struct vls_id id = send_one(w, "", "What is it?");
    act.verb = VALISE__OPERATOR_ACT__VERB__WITHHOLD;
    act.id = (ProtobufCBinaryData){VLS_ID_BYTES, id.bytes};
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_ACT;
    in.act = &act;
    Valise__OperatorReply *reply = world_ask(un, &in);
    assert_int_equal(reply->outcome->code, VLS_OK);
    assert_string_equal(reply->rows[0]->subject, "(not shown)");
    valise__operator_reply__free_unpacked(reply, NULL);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(open__cleared__received_and_sent_are_shown_and_traced),
        IN_WORLD(open__no_entry__refused_and_not_told_of_the_label),
        IN_WORLD(open__levels__are_a_set_and_no_range),
        IN_WORLD(open__no_label__shown_to_nobody),
        IN_WORLD(open__no_such_message__is_missing),
        IN_WORLD(open__commit_fails__nothing_is_shown_or_asked_for),
        IN_WORLD(open__crash_behind_the_record__it_is_kept_and_the_message_is_whole),
        IN_WORLD(open__crash_before_the_commit__neither_record_nor_content),
        IN_WORLD(open__crypto_role_dies__recorded_as_failed_and_to_be_tried_again),
        IN_WORLD(open__more_at_once_than_allowed__pushed_back),
        IN_WORLD(list__operators_are_named__subject_is_shown_to_the_cleared_alone),
        IN_WORLD(act__answer__keeps_to_what_the_actor_may_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
