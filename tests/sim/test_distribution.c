/* Written statements to all members of a body (Article 5(3)), and what is counted of the exchange
 * (Article 12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "world.h"

#define PUBLIC  "un-sgb-2007-6/unclassified"
#define A_WHILE 60000u
#define HOUR    UINT64_C(3600000)
#define DAY     (24 * HOUR)

static int open_world(void **state)
{
    struct world *w = vls_mem_new(sizeof *w);
    world_open(w, 12);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    world_close(*state);
    vls_mem_free(*state);
    return 0;
}

static ProtobufCBinaryData id_of(const struct vls_id *id)
{
    return (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
}

/** un sends a statement to the members of IOM's Council; it is there. */
static struct submitted state_to(struct world *w, const char *body)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    struct submitted s;
    in.kind = (char *)(uintptr_t) "written-statement";
    in.label = (char *)(uintptr_t)PUBLIC;
    in.body = (char *)(uintptr_t)body;
    world_submit_filled(&w->gateways[0], &in, "We note with concern.", &s);
    world_run(w, A_WHILE);
    assert_string_equal(s.state, "released");
    assert_int_equal(world_state(&w->gateways[0], &s.id), VLS_STATE_RECEIPTED);
    return s;
}

static Valise__OperatorReply *ask(struct world *w, Valise__OperatorDistribution *what)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_DISTRIBUTION;
    in.distribution = what;
    return world_ask(&w->gateways[1], &in);
}

static Valise__OperatorReply *shown(struct world *w, const struct vls_id *id)
{
    Valise__OperatorDistribution what = VALISE__OPERATOR_DISTRIBUTION__INIT;
    what.id = id_of(id);
    Valise__OperatorReply *reply = ask(w, &what);
    assert_int_equal(reply->outcome->code, VLS_OK);
    assert_int_equal(reply->n_distributions, 1);
    return reply;
}

static void free_reply(Valise__OperatorReply *reply)
{
    valise__operator_reply__free_unpacked(reply, NULL);
}

/** @return the code of the answer; its words are kept in the world */
static uint32_t record_at(struct world *w, const struct vls_id *id, const char *member,
                          const char *reference, uint64_t received_ms)
{
    Valise__MemberReceipt one = VALISE__MEMBER_RECEIPT__INIT, *list[] = {&one};
    Valise__OperatorDistribution what = VALISE__OPERATOR_DISTRIBUTION__INIT;
    one.member = (char *)(uintptr_t)member;
    one.reference = (char *)(uintptr_t)reference;
    one.received_ms = received_ms;
    what.id = id_of(id);
    what.receipts = list;
    what.n_receipts = 1;
    Valise__OperatorReply *reply = ask(w, &what);
    uint32_t code = reply->outcome->code;
    vls_text_copy(w->last_warning.text, sizeof w->last_warning.text, reply->outcome->why);
    free_reply(reply);
    return code;
}

static uint32_t record(struct world *w, const struct vls_id *id, const char *member)
{
    return record_at(w, id, member, "note verbale 12/26", 0);
}

/** @return its code; *out_id is the certificate's */
static uint32_t certify(struct world *w, const struct vls_id *id, uint32_t expected,
                        struct vls_id *out_id)
{
    Valise__OperatorDistribution what = VALISE__OPERATOR_DISTRIBUTION__INIT;
    what.id = id_of(id);
    what.certify = true;
    what.expected = expected;
    what.label = (char *)(uintptr_t)PUBLIC;
    Valise__OperatorReply *reply = ask(w, &what);
    const Valise__Outcome *outcome = reply->sent != NULL ? reply->sent->outcome : reply->outcome;
    uint32_t code = outcome->code;
    vls_text_copy(w->last_warning.text, sizeof w->last_warning.text, outcome->why);
    if (reply->sent != NULL && code == VLS_OK)
        assert_true(
            vls_ok(vls_id_from(VLS_SLICE(reply->sent->id.data, reply->sent->id.len), out_id)));
    free_reply(reply);
    return code;
}

/* -- distribution ------------------------------------------------------------------------------ */

static void statement__received__is_listed_with_its_members_until_certified(void **state)
{
    struct world *w = *state;
    struct submitted s = state_to(w, "iom/council");
    Valise__OperatorReply *reply = shown(w, &s.id);
    const Valise__Distribution *d = reply->distributions[0];
    assert_string_equal(d->body, "iom/council");
    assert_int_equal(d->n_members, 1);
    assert_string_equal(d->members[0], "iom/member-states");
    assert_int_equal(d->n_missing, 1);
    assert_int_equal(d->certificate.len, 0);
    free_reply(reply);
}

static void certificate__before_every_member_has_it__is_refused(void **state)
{
    struct world *w = *state;
    struct vls_id certificate;
    struct submitted s = state_to(w, "iom/council");
    assert_int_equal(certify(w, &s.id, 0, &certificate), VLS_ROUTE_STATE);
    assert_string_equal(w->last_warning.text,
                        "not every member has its receipt: iom/member-states is missing");
    assert_int_equal(record(w, &s.id, "iom/member-states/che"), VLS_OK);
    assert_int_equal(certify(w, &s.id, 0, &certificate), VLS_CLI_USAGE); /* how many are there? */
    assert_int_equal(certify(w, &s.id, 2, &certificate), VLS_ROUTE_STATE);
    assert_string_equal(w->last_warning.text, "1 receipts are recorded, and 2 are expected");
}

static void certificate__of_all_members__answers_the_statement_on_both_sides_and_once(void **state)
{
    struct world *w = *state;
    struct vls_id first, again;
    struct submitted s = state_to(w, "iom/council");
    assert_int_equal(record(w, &s.id, "iom/member-states/che"), VLS_OK);
    assert_int_equal(record_at(w, &s.id, "iom/member-states/ken", "mail 4711", w->now_ms), VLS_OK);
    assert_int_equal(certify(w, &s.id, 2, &first), VLS_OK);
    assert_int_equal(certify(w, &s.id, 2, &again), VLS_OK);
    assert_true(vls_id_is_equal(&first, &again));
    world_run(w, A_WHILE);
    assert_int_equal(world_state(&w->gateways[1], &first), VLS_STATE_RECEIPTED);
    const struct world_delivered *there = NULL;
    for (size_t i = 0; i < w->gateways[0].delivered_count; i++)
        if (vls_id_is_equal(&w->gateways[0].delivered[i].id, &first))
            there = &w->gateways[0].delivered[i];
    assert_non_null(there);
    assert_non_null(strstr(there->first, "distribution-certificate"));
    Valise__OperatorReply *reply = shown(w, &s.id);
    const Valise__Distribution *d = reply->distributions[0];
    assert_true(d->closed_ms != 0);
    assert_string_equal(d->certificate_state, "receipted");
    assert_int_equal(d->n_receipts, 2);
    assert_string_equal(d->receipts[0]->member, "iom/member-states/che");
    free_reply(reply);
}

static void receipt__recorded_again_or_after_a_crash__stays_as_it_was(void **state)
{
    struct world *w = *state;
    struct submitted s = state_to(w, "iom/council");
    assert_int_equal(record_at(w, &s.id, "iom/member-states/che", "first", 0), VLS_OK);
    assert_int_equal(record_at(w, &s.id, "iom/member-states/che", "second", 0), VLS_OK);
    world_crash(&w->gateways[1]);
    Valise__OperatorReply *reply = shown(w, &s.id);
    assert_int_equal(reply->distributions[0]->n_receipts, 1);
    assert_string_equal(reply->distributions[0]->receipts[0]->reference, "first");
    assert_string_equal(reply->distributions[0]->receipts[0]->actor, "uid:7");
    free_reply(reply);
}

static void receipt__of_no_member_or_impossible__is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *member, *reference, *words;
        int64_t hours; /* from now; 0: not given */
    } BAD[] = {
        {"un/member-states/che", "r", "'un/member-states/che' is not a member of iom/council", 0},
        {"iom/member-statesmen", "r", "is not a member of", 0},
        {"iom/member-states//che", "r", "is not the name of a member", 0},
        {"iom/member-states/che", "", "has 1 to 128 bytes", 0},
        {"iom/member-states/che", "a\nb", "without control characters", 0},
        {"iom/member-states/che", "r", "in the future", 1},
        {"iom/member-states/che", "r", "before the statement came in", -48},
    };
    struct world *w = *state;
    struct submitted s = state_to(w, "iom/council");
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        uint64_t at = BAD[i].hours == 0 ? 0 : w->now_ms + (uint64_t)(BAD[i].hours * (int64_t)HOUR);
        uint32_t code = record_at(w, &s.id, BAD[i].member, BAD[i].reference, at);
        assert_int_equal(code, VLS_CLI_USAGE);
        if (strstr(w->last_warning.text, BAD[i].words) == NULL)
            fail_msg("%s: %s", BAD[i].member, w->last_warning.text);
    }
    Valise__OperatorReply *reply = shown(w, &s.id);
    assert_int_equal(reply->distributions[0]->recorded, 0);
    free_reply(reply);
}

static void member__one_or_a_list__is_not_both(void **state)
{
    struct world *w = *state;
    struct submitted s = state_to(w, "iom/council");
    assert_int_equal(record(w, &s.id, "iom/member-states"), VLS_OK);
    assert_int_equal(record(w, &s.id, "iom/member-states/che"), VLS_CLI_USAGE);
    assert_non_null(strstr(w->last_warning.text, "is recorded as one member already"));
}

static void many__one_of_them_bad__none_is_recorded(void **state)
{
    struct world *w = *state;
    struct submitted s = state_to(w, "iom/council");
    Valise__MemberReceipt one = VALISE__MEMBER_RECEIPT__INIT, bad = VALISE__MEMBER_RECEIPT__INIT,
                          *list[] = {&one, &bad};
    Valise__OperatorDistribution what = VALISE__OPERATOR_DISTRIBUTION__INIT;
    one.member = (char *)(uintptr_t) "iom/member-states/che";
    bad.member = (char *)(uintptr_t) "elsewhere";
    one.reference = bad.reference = (char *)(uintptr_t) "r";
    what.id = id_of(&s.id);
    what.receipts = list;
    what.n_receipts = 2;
    Valise__OperatorReply *reply = ask(w, &what);
    assert_int_equal(reply->outcome->code, VLS_CLI_USAGE);
    free_reply(reply);
    reply = shown(w, &s.id);
    assert_int_equal(reply->distributions[0]->recorded, 0);
    free_reply(reply);
}

static void other_message__is_no_statement(void **state)
{
    struct world *w = *state;
    struct submitted s;
    world_submit(&w->gateways[0], "publication", PUBLIC, "", "A report.", &s);
    world_run(w, A_WHILE);
    assert_int_equal(record(w, &s.id, "iom/member-states"), VLS_STORE_MISSING);
}

/* -- metering ---------------------------------------------------------------------------------- */

static uint64_t counted(struct gateway *g, bool is_received, const char *kind, uint32_t month,
                        uint64_t *out_bytes)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorMeter meter = VALISE__OPERATOR_METER__INIT;
    uint64_t messages = 0;
    meter.from_month = meter.to_month = month;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_METER;
    in.meter = &meter;
    Valise__OperatorReply *reply = world_ask(g, &in);
    assert_int_equal(reply->outcome->code, VLS_OK);
    for (size_t i = 0; i < reply->n_meter; i++)
        if (reply->meter[i]->is_received == is_received &&
            strcmp(reply->meter[i]->kind, kind) == 0) {
            messages += reply->meter[i]->messages;
            *out_bytes += reply->meter[i]->bytes;
        }
    free_reply(reply);
    return messages;
}

static void exchanged__with_losses_repeats_and_crashes__both_sides_count_each_once(void **state)
{
    struct world *w = *state;
    uint64_t sent = 0, received = 0;
    struct submitted s[8];
    w->faults = WORLD_LOSE_ANSWER | WORLD_REPEAT | WORLD_LOSE_REQUEST;
    for (size_t i = 0; i < 8; i++) {
        char text[16];
        snprintf(text, sizeof text, "Report %zu.", i);
        world_submit(&w->gateways[0], "publication", PUBLIC, "", text, &s[i]);
    }
    world_run(w, A_WHILE);
    world_crash(&w->gateways[1]);
    world_crash(&w->gateways[0]);
    w->faults = 0;
    world_run(w, 60 * A_WHILE);
    assert_int_equal(counted(&w->gateways[0], false, "publication", 0, &sent), 8);
    assert_int_equal(counted(&w->gateways[1], true, "publication", 0, &received), 8);
    assert_true(sent == received && sent > 0);
    assert_int_equal(counted(&w->gateways[1], false, "publication", 0, &received), 0);
}

static void month__turns__later_ones_are_counted_there(void **state)
{
    struct world *w = *state;
    uint64_t bytes = 0;
    struct submitted s;
    char time[VLS_TIME_TEXT];
    world_submit(&w->gateways[0], "publication", PUBLIC, "", "This month.", &s);
    world_run(w, A_WHILE);
    vls_time_text(w->now_ms, time);
    uint32_t month =
        (uint32_t)((time[0] - '0') * 100000 + (time[1] - '0') * 10000 + (time[2] - '0') * 1000 +
                   (time[3] - '0') * 100 + (time[5] - '0') * 10 + (time[6] - '0'));
    w->now_ms += 32 * DAY;
    world_submit(&w->gateways[0], "publication", PUBLIC, "", "The next month.", &s);
    world_run(w, A_WHILE);
    assert_int_equal(counted(&w->gateways[0], false, "publication", month, &bytes), 1);
    assert_int_equal(counted(&w->gateways[0], false, "publication", 0, &bytes), 2);
}

static void withheld_or_on_its_way__is_not_counted(void **state)
{
    struct world *w = *state;
    uint64_t bytes = 0;
    struct submitted s;
    world_submit(&w->gateways[0], "publication", "un-sgb-2007-6/strictly-confidential", "", "No.",
                 &s);
    world_run(w, A_WHILE);
    assert_string_equal(s.state, "withheld");
    w->gateways[1].is_down = true;
    world_submit(&w->gateways[0], "publication", PUBLIC, "", "Later.", &s);
    world_run(w, A_WHILE);
    assert_int_equal(counted(&w->gateways[0], false, "publication", 0, &bytes), 0);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(statement__received__is_listed_with_its_members_until_certified),
        IN_A_WORLD(certificate__before_every_member_has_it__is_refused),
        IN_A_WORLD(certificate__of_all_members__answers_the_statement_on_both_sides_and_once),
        IN_A_WORLD(receipt__recorded_again_or_after_a_crash__stays_as_it_was),
        IN_A_WORLD(receipt__of_no_member_or_impossible__is_refused_with_the_reason),
        IN_A_WORLD(member__one_or_a_list__is_not_both),
        IN_A_WORLD(many__one_of_them_bad__none_is_recorded),
        IN_A_WORLD(other_message__is_no_statement),
        IN_A_WORLD(exchanged__with_losses_repeats_and_crashes__both_sides_count_each_once),
        IN_A_WORLD(month__turns__later_ones_are_counted_there),
        IN_A_WORLD(withheld_or_on_its_way__is_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
