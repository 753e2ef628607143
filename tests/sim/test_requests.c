/* What asks for an answer: due, reminded of, answered, and answered uniformly when nothing is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "world.h"

#define PUBLIC       "un-sgb-2007-6/unclassified"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define SECRET       "un-sgb-2007-6/strictly-confidential"
#define A_WHILE      60000u
#define HOUR         3600000u
#define DAY          (24u * HOUR)
#define TARGET       (10u * DAY)

static unsigned reminders[WORLD_GATEWAYS], unasked;

static void count_lines(struct gateway *g, const char *event, const struct vls_field *fields,
                        size_t count)
{
    (void)fields;
    (void)count;
    if (strcmp(event, "request.reminder") == 0)
        reminders[g - g->world->gateways]++;
    if (strcmp(event, "answer.unasked") == 0)
        unasked++;
}

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 11);
    w->on_log = count_lines;
    reminders[0] = reminders[1] = unasked = 0;
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

/* -- what a test does -------------------------------------------------------------------------- */

static struct submitted ask(struct world *w, uint64_t deadline_ms)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    struct submitted s;
    in.kind = (char *)(uintptr_t) "information-request";
    in.label = (char *)(uintptr_t)PUBLIC;
    in.conversation = (char *)(uintptr_t) "a-conversation";
    in.deadline_ms = deadline_ms;
    world_submit_filled(&w->gateways[0], &in, "What is known of it?", &s);
    world_run(w, A_WHILE);
    assert_string_equal(s.state, "released");
    return s;
}

static struct submitted answer(struct world *w, const char *kind, const char *label,
                               const struct vls_id *asked, const char *answer_state)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    struct submitted s;
    in.kind = (char *)(uintptr_t)kind;
    in.label = (char *)(uintptr_t)label;
    in.in_reply_to = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)asked->bytes};
    in.answer_state = (char *)(uintptr_t)answer_state;
    world_submit_filled(&w->gateways[1], &in, "This is.", &s);
    world_run(w, A_WHILE);
    assert_true(s.is_answered);
    return s;
}

static Valise__OperatorReply *requests(struct gateway *g, Valise__OperatorRequests *which)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_REQUESTS;
    in.requests = which;
    Valise__OperatorReply *reply = world_ask(g, &in);
    assert_int_equal(reply->outcome->code, 0);
    return reply;
}

/* The only request of a gateway, closed or not. */
static Valise__OperatorReply *the_request(struct gateway *g)
{
    Valise__OperatorRequests which = VALISE__OPERATOR_REQUESTS__INIT;
    which.with_closed = true;
    Valise__OperatorReply *reply = requests(g, &which);
    assert_int_equal(reply->n_requests, 1);
    return reply;
}

static void free_reply(Valise__OperatorReply *reply)
{
    valise__operator_reply__free_unpacked(reply, NULL);
}

/* How many messages of that kind came in there. */
static unsigned received(struct gateway *g, const char *kind)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorList list = VALISE__OPERATOR_LIST__INIT;
    unsigned count = 0;
    list.direction = (char *)(uintptr_t) "in";
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_LIST;
    in.list = &list;
    Valise__OperatorReply *reply = world_ask(g, &in);
    for (size_t i = 0; i < reply->n_rows; i++)
        count += strcmp(reply->rows[i]->kind, kind) == 0;
    free_reply(reply);
    return count;
}

static void answer_uniformly(struct world *w)
{
    w->gateways[1].config.answers.label = (char *)(uintptr_t)PUBLIC;
}

/* -- both sides know ----------------------------------------------------------------------------
 */

static void request__sent__both_sides_know_when_it_is_due(void **state)
{
    struct world *w = *state;
    struct submitted s = ask(w, 0);
    Valise__OperatorReply *un = the_request(&w->gateways[0]), *iom = the_request(&w->gateways[1]);
    assert_memory_equal(un->requests[0]->id.data, s.id.bytes, VLS_ID_BYTES);
    assert_memory_equal(iom->requests[0]->id.data, s.id.bytes, VLS_ID_BYTES);
    assert_false(un->requests[0]->is_owed);
    assert_true(iom->requests[0]->is_owed);
    assert_string_equal(iom->requests[0]->party, "un");
    assert_int_equal(un->requests[0]->due_ms, un->requests[0]->since_ms + TARGET);
    assert_int_equal(iom->requests[0]->due_ms, iom->requests[0]->since_ms + TARGET);
    assert_int_equal(iom->requests[0]->slot_ms, 0); /* nobody said that it is answered uniformly */
    assert_int_equal(iom->requests[0]->closed_ms, 0);
    assert_int_equal(iom->requests[0]->expected, 1);
    free_reply(un);
    free_reply(iom);
}

static void request__names_a_deadline__is_due_then(void **state)
{
    struct world *w = *state;
    uint64_t deadline = w->now_ms + 3 * DAY;
    ask(w, deadline);
    Valise__OperatorReply *iom = the_request(&w->gateways[1]);
    assert_int_equal(iom->requests[0]->due_ms, deadline);
    free_reply(iom);
}

static void request__deadline_beyond_all_time__counts_as_ten_years(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    ask(w, w->now_ms + 18250u * (uint64_t)DAY); /* fifty years */
    Valise__OperatorReply *iom = the_request(&w->gateways[1]);
    assert_true(iom->requests[0]->due_ms > w->now_ms + 3600u * (uint64_t)DAY);
    assert_true(iom->requests[0]->due_ms < w->now_ms + 3700u * (uint64_t)DAY);
    assert_true(iom->requests[0]->slot_ms - iom->requests[0]->due_ms < HOUR);
    free_reply(iom);
}

static void answer__partial__closes_it_on_both_sides(void **state)
{
    struct world *w = *state;
    struct submitted s = ask(w, 0);
    struct submitted a = answer(w, "information-response", PUBLIC, &s.id, "partial");
    assert_string_equal(a.state, "released");
    Valise__OperatorReply *un = the_request(&w->gateways[0]), *iom = the_request(&w->gateways[1]);
    assert_int_equal(un->requests[0]->steps, 1);
    assert_true(un->requests[0]->closed_ms != 0);
    assert_memory_equal(un->requests[0]->answer.data, a.id.bytes, VLS_ID_BYTES);
    assert_string_equal(un->requests[0]->answer_kind, "information-response");
    assert_string_equal(un->requests[0]->answer_state, ""); /* it is inside the seal */
    assert_string_equal(iom->requests[0]->answer_state, "partial");
    assert_string_equal(iom->requests[0]->answer_at, "receipted");
    assert_true(iom->requests[0]->closed_ms != 0);
    free_reply(un);
    free_reply(iom);
    Valise__OperatorRequests open = VALISE__OPERATOR_REQUESTS__INIT;
    un = requests(&w->gateways[0], &open);
    assert_int_equal(un->n_requests, 0);
    free_reply(un);
}

static void answer__special_study__closes_an_information_request(void **state)
{
    struct world *w = *state;
    struct submitted s = ask(w, 0);
    answer(w, "special-study", PUBLIC, &s.id, "full");
    Valise__OperatorReply *un = the_request(&w->gateways[0]);
    assert_true(un->requests[0]->closed_ms != 0);
    free_reply(un);
}

static void agenda_proposal__two_steps__the_last_closes_it(void **state)
{
    struct world *w = *state;
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    struct submitted s;
    in.kind = (char *)(uintptr_t) "agenda-proposal";
    in.label = (char *)(uintptr_t)PUBLIC;
    world_submit_filled(&w->gateways[0], &in, "An item.", &s);
    world_run(w, A_WHILE);
    assert_string_equal(s.state, "referred");
    assert_int_equal(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
                     0);
    world_run(w, A_WHILE);
    answer(w, "acknowledgement", PUBLIC, &s.id, "");
    Valise__OperatorReply *un = the_request(&w->gateways[0]);
    assert_int_equal(un->requests[0]->expected, 2);
    assert_int_equal(un->requests[0]->steps, 1);
    assert_int_equal(un->requests[0]->closed_ms, 0);
    free_reply(un);
    answer(w, "agenda-outcome", PUBLIC, &s.id, "placed");
    un = the_request(&w->gateways[0]);
    assert_int_equal(un->requests[0]->steps, 2);
    assert_true(un->requests[0]->closed_ms != 0);
    free_reply(un);
}

static void answer__to_nothing_that_was_asked__received_and_marked(void **state)
{
    struct world *w = *state;
    struct submitted p;
    world_submit(&w->gateways[0], "publication", PUBLIC, "", "Not a request.", &p);
    world_run(w, A_WHILE);
    struct submitted a = answer(w, "no-material-available", PUBLIC, &p.id, "");
    assert_string_equal(a.state, "released");
    assert_int_equal(world_state(&w->gateways[0], &a.id), VLS_STATE_DELIVERED);
    assert_int_equal(unasked, 1);
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorShow show = VALISE__OPERATOR_SHOW__INIT;
    show.id = (ProtobufCBinaryData){VLS_ID_BYTES, a.id.bytes};
    show.with_trace = true;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    in.show = &show;
    Valise__OperatorReply *reply = world_ask(&w->gateways[0], &in);
    unsigned marks = 0;
    for (size_t i = 0; i < reply->n_trace; i++)
        marks += strstr(reply->trace[i]->cause, "was not asked") != NULL;
    assert_int_equal(marks, 1);
    free_reply(reply);
}

/* -- reminders ----------------------------------------------------------------------------------
 */

static void target__passes__reminded_then_and_every_day(void **state)
{
    struct world *w = *state;
    ask(w, 0);
    world_run(w, TARGET - HOUR);
    assert_int_equal(reminders[0] + reminders[1], 0);
    world_run(w, 2 * HOUR);
    assert_int_equal(reminders[0], 1);
    assert_int_equal(reminders[1], 1);
    world_run(w, 3 * DAY);
    assert_int_equal(reminders[0], 4);
    assert_int_equal(reminders[1], 4);
    Valise__OperatorReply *iom = the_request(&w->gateways[1]);
    assert_true(iom->requests[0]->reminded_ms >= iom->requests[0]->due_ms + 3 * (uint64_t)DAY);
    assert_int_equal(iom->requests[0]->closed_ms, 0); /* a reminder, never a default answer */
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 0);
    free_reply(iom);
}

static void target__passes__status_says_so(void **state)
{
    struct world *w = *state;
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorStatus status = VALISE__OPERATOR_STATUS__INIT;
    unsigned owed = 0;
    ask(w, 0);
    ask(w, 0);
    world_run(w, TARGET + HOUR);
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    in.status = &status;
    Valise__OperatorReply *reply = world_ask(&w->gateways[1], &in);
    for (size_t i = 0; i < reply->status->n_notices; i++)
        owed += strncmp(reply->status->notices[i], "2 requests of un are past", 25) == 0;
    assert_int_equal(owed, 1);
    free_reply(reply);
}

static void reminder__of_an_answered_request__none(void **state)
{
    struct world *w = *state;
    struct submitted s = ask(w, 0);
    answer(w, "information-response", PUBLIC, &s.id, "full");
    world_run(w, 2 * (uint64_t)TARGET);
    assert_int_equal(reminders[0] + reminders[1], 0);
}

static void reminders__more_than_one_commit_takes__all_are_given(void **state)
{
    struct world *w = *state;
    struct submitted many[150];
    for (size_t i = 0; i < 150; i++) {
        char text[32];
        snprintf(text, sizeof text, "Question %zu", i);
        world_submit(&w->gateways[0], "information-request", PUBLIC, "", text, &many[i]);
    }
    world_run(w, TARGET + HOUR);
    assert_int_equal(reminders[0], 150);
    assert_int_equal(reminders[1], 150);
}

static void list__pages__each_once_in_the_order_of_their_targets(void **state)
{
    struct world *w = *state;
    Valise__OperatorRequests which = VALISE__OPERATOR_REQUESTS__INIT;
    uint8_t last[VLS_ID_BYTES];
    uint64_t due = 0;
    unsigned seen = 0;
    for (unsigned i = 0; i < 5; i++)
        ask(w, w->now_ms + (5 - i) * (uint64_t)DAY);
    which.limit = 2;
    for (bool has_more = true; has_more;) {
        Valise__OperatorReply *reply = requests(&w->gateways[0], &which);
        has_more = reply->has_more;
        for (size_t i = 0; i < reply->n_requests; i++, seen++) {
            assert_true(reply->requests[i]->due_ms > due);
            due = reply->requests[i]->due_ms;
            memcpy(last, reply->requests[i]->id.data, sizeof last);
        }
        which.after_due_ms = due;
        which.after = (ProtobufCBinaryData){sizeof last, last};
        free_reply(reply);
    }
    assert_int_equal(seen, 5);
}

/* -- the uniform answer -------------------------------------------------------------------------
 */

static void slot__nothing_was_answered__the_uniform_answer_goes(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    ask(w, 0);
    Valise__OperatorReply *iom = the_request(&w->gateways[1]);
    uint64_t slot = iom->requests[0]->slot_ms;
    assert_int_equal(slot % HOUR, 0);
    assert_true(slot >= iom->requests[0]->due_ms && slot - iom->requests[0]->due_ms < HOUR);
    free_reply(iom);
    world_run(w, slot - 1 - w->now_ms);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 0);
    world_run(w, HOUR);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 1);
    Valise__OperatorReply *un = the_request(&w->gateways[0]);
    assert_string_equal(un->requests[0]->answer_kind, "no-material-available");
    assert_true(un->requests[0]->closed_ms != 0);
    free_reply(un);
    world_run(w, 2 * DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 1);
    assert_int_equal(w->alarms, 0);
}

static void slot__answered_before__no_uniform_answer(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    struct submitted s = ask(w, 0);
    answer(w, "information-response", PUBLIC, &s.id, "full");
    world_run(w, TARGET + DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 0);
    assert_int_equal(received(&w->gateways[0], "information-response"), 1);
}

static void slot__answer_is_declined__kept_here_and_answered_uniformly(void **state)
{
    static const char *const STATES[] = {"declined", "no-answer-available"};
    struct world *w = *state;
    answer_uniformly(w);
    for (size_t i = 0; i < 2; i++) {
        struct submitted s = ask(w, 0);
        struct submitted a = answer(w, "information-response", PUBLIC, &s.id, STATES[i]);
        assert_string_equal(a.state, "withheld");
        assert_non_null(strstr(a.reason, "answered uniformly at 20"));
    }
    world_run(w, TARGET + DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 2);
    assert_int_equal(received(&w->gateways[0], "information-response"), 0);
}

static void uniform_kind__sent_by_hand__waits_for_the_slot(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    struct submitted s = ask(w, 0);
    struct submitted a = answer(w, "no-material-available", PUBLIC, &s.id, "");
    assert_string_equal(a.state, "withheld");
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 0);
    world_run(w, TARGET + DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 1);
}

static void declined__after_a_partial_answer__does_not_go_by_itself(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    struct submitted s = ask(w, 0);
    answer(w, "information-response", PUBLIC, &s.id, "partial");
    struct submitted a = answer(w, "information-response", PUBLIC, &s.id, "declined");
    assert_string_equal(a.state, "withheld");
    assert_non_null(strstr(a.reason, "has its answer"));
}

static void answer__after_the_slot__may_still_go(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    struct submitted s = ask(w, 0);
    struct submitted a = answer(w, "information-response", CONFIDENTIAL, &s.id, "full");
    assert_string_equal(a.state, "referred");
    world_run(w, TARGET + DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 1);
    assert_int_equal(world_act(&w->gateways[1], &a.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
                     0);
    world_run(w, A_WHILE);
    assert_int_equal(received(&w->gateways[0], "information-response"), 1);
    Valise__OperatorReply *un = the_request(&w->gateways[0]);
    assert_string_equal(un->requests[0]->answer_kind, "information-response");
    free_reply(un);
}

static void slot__crashes_around_it__exactly_one_uniform_answer(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    ask(w, 0);
    Valise__OperatorReply *iom = the_request(&w->gateways[1]);
    uint64_t slot = iom->requests[0]->slot_ms;
    free_reply(iom);
    world_run(w, slot - 1 - w->now_ms);
    for (unsigned i = 0; i < 12; i++) {
        world_step(w, i);
        world_crash(&w->gateways[1]);
    }
    world_run(w, HOUR);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 1);
}

static void slot__crypto_dies_again_and_again__goes_in_the_end(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    for (unsigned i = 0; i < 20; i++)
        ask(w, 0);
    w->faults = WORLD_CRYPTO_DIES;
    world_run(w, TARGET + DAY);
    w->faults = 0;
    world_run(w, HOUR);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 20);
}

static void slot__more_than_are_made_at_one_time__all_go(void **state)
{
    struct world *w = *state;
    struct submitted many[90];
    answer_uniformly(w);
    for (size_t i = 0; i < 90; i++) {
        char text[32];
        snprintf(text, sizeof text, "Question %zu", i);
        world_submit(&w->gateways[0], "information-request", PUBLIC, "", text, &many[i]);
    }
    world_run(w, TARGET + 2 * HOUR);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 90);
}

static void slot__label_is_not_set_any_more__goes_by_once(void **state)
{
    struct world *w = *state;
    answer_uniformly(w);
    ask(w, 0);
    w->gateways[1].config.answers.label = NULL;
    world_run(w, TARGET + DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 0);
    Valise__OperatorReply *iom = the_request(&w->gateways[1]);
    assert_int_equal(iom->requests[0]->slot_ms, 0);
    free_reply(iom);
}

static void slot__rules_do_not_release_its_label__kept_with_one_alarm(void **state)
{
    struct world *w = *state;
    w->gateways[1].config.answers.label = (char *)(uintptr_t)SECRET;
    ask(w, 0);
    world_run(w, TARGET + 2 * DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 0);
    assert_int_equal(w->alarms, 1);
    Valise__OperatorReply *iom = the_request(&w->gateways[1]);
    assert_string_equal(iom->requests[0]->answer_kind, "no-material-available");
    assert_string_equal(iom->requests[0]->answer_at, "withheld");
    assert_int_equal(iom->requests[0]->closed_ms, 0);
    free_reply(iom);
}

static void slot__agenda_proposal_only_acknowledged__the_outcome_is_answered_uniformly(void **state)
{
    struct world *w = *state;
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    struct submitted s;
    answer_uniformly(w);
    in.kind = (char *)(uintptr_t) "agenda-proposal";
    in.label = (char *)(uintptr_t)PUBLIC;
    world_submit_filled(&w->gateways[0], &in, "An item.", &s);
    world_run(w, A_WHILE);
    assert_int_equal(world_act(&w->gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
                     0);
    world_run(w, A_WHILE);
    answer(w, "acknowledgement", PUBLIC, &s.id, "");
    world_run(w, TARGET + DAY);
    assert_int_equal(received(&w->gateways[0], "no-material-available"), 1);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)
    const struct CMUnitTest tests[] = {
        ONE(request__sent__both_sides_know_when_it_is_due),
        ONE(request__names_a_deadline__is_due_then),
        ONE(request__deadline_beyond_all_time__counts_as_ten_years),
        ONE(answer__partial__closes_it_on_both_sides),
        ONE(answer__special_study__closes_an_information_request),
        ONE(agenda_proposal__two_steps__the_last_closes_it),
        ONE(answer__to_nothing_that_was_asked__received_and_marked),
        ONE(target__passes__reminded_then_and_every_day),
        ONE(target__passes__status_says_so),
        ONE(reminder__of_an_answered_request__none),
        ONE(reminders__more_than_one_commit_takes__all_are_given),
        ONE(list__pages__each_once_in_the_order_of_their_targets),
        ONE(slot__nothing_was_answered__the_uniform_answer_goes),
        ONE(slot__answered_before__no_uniform_answer),
        ONE(slot__answer_is_declined__kept_here_and_answered_uniformly),
        ONE(uniform_kind__sent_by_hand__waits_for_the_slot),
        ONE(declined__after_a_partial_answer__does_not_go_by_itself),
        ONE(answer__after_the_slot__may_still_go),
        ONE(slot__crashes_around_it__exactly_one_uniform_answer),
        ONE(slot__crypto_dies_again_and_again__goes_in_the_end),
        ONE(slot__more_than_are_made_at_one_time__all_go),
        ONE(slot__label_is_not_set_any_more__goes_by_once),
        ONE(slot__rules_do_not_release_its_label__kept_with_one_alarm),
        ONE(slot__agenda_proposal_only_acknowledged__the_outcome_is_answered_uniformly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
