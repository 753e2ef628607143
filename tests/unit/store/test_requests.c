#include "store/requests.h"

#include <string.h>

#include "store_fixture.h"

/* What a callback was shown: numbers of the ids, in their order. */
struct seen {
    uint32_t numbers[16];
    size_t count;
    struct vls_request last; /* its text is not to be looked at any more */
    enum vls_state answer_at;
    bool is_partial;
};

static struct vls_status see(void *ctx, const struct vls_request *request, struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    for (uint32_t n = 1; n < 16; n++) {
        struct vls_id id = make_id(n);
        if (vls_id_is_equal(&id, &request->id))
            seen->numbers[seen->count] = n;
    }
    seen->count++;
    seen->last = *request;
    seen->answer_at = request->answer_at;
    seen->is_partial = strcmp(request->answer_state, "partial") == 0;
    return VLS_DONE;
}

static struct vls_request make_request(uint32_t number, uint64_t due_ms)
{
    return (struct vls_request){.id = make_id(number),
                                .direction = VLS_IN,
                                .party = "iom",
                                .kind = "information-request",
                                .since_ms = 10,
                                .due_ms = due_ms,
                                .slot_ms = due_ms + 5,
                                .remind_ms = due_ms};
}

static void add(struct fixture *f, const struct vls_request *request)
{
    struct vls_message message = make_message((uint32_t)vls_id_ms(&request->id));
    message.id = request->id;
    assert_done(f, vls_store_add(f->store, &message, &f->why));
    assert_done(f, vls_store_request_add(f->store, request, &f->why));
}

static struct seen list(struct fixture *f, const struct vls_request_filter *filter)
{
    struct seen seen = {.count = 0};
    assert_done(f, vls_store_request_list(f->store, filter, see, &seen, &f->why));
    return seen;
}

static void request__added__read_again_and_only_once(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    struct vls_request request = make_request(3, 100);
    fixture_begin(f);
    add(f, &request);
    assert_code(f, VLS_STORE_EXISTS, vls_store_request_add(f->store, &request, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_request_get(f->store, &request.id, see, &seen, &f->why));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.last.direction, VLS_IN);
    assert_int_equal(seen.last.due_ms, 100);
    assert_int_equal(seen.last.slot_ms, 105);
    assert_int_equal(seen.last.closed_ms, 0);
    assert_int_equal(seen.answer_at, VLS_STATE_NONE);
    struct vls_id unknown = make_id(9);
    assert_code(f, VLS_STORE_MISSING,
                vls_store_request_get(f->store, &unknown, see, &seen, &f->why));
}

static void request__of_no_message__refused(void **state)
{
    struct fixture *f = *state;
    struct vls_request request = make_request(3, 100);
    fixture_begin(f);
    assert_false(vls_ok(vls_store_request_add(f->store, &request, &f->why)));
}

static void request__changed__shows_the_state_of_its_answer(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    struct vls_request request = make_request(1, 100);
    struct vls_message answer = make_message(2);
    fixture_begin(f);
    add(f, &request);
    assert_done(f, vls_store_add(f->store, &answer, &f->why));
    request.answer = vls_id_slice(&answer.id);
    request.answer_kind = "information-response";
    request.answer_state = "partial";
    request.steps = 1;
    assert_done(f, vls_store_request_change(f->store, &request, &f->why));
    assert_done(f, vls_store_request_get(f->store, &request.id, see, &seen, &f->why));
    assert_int_equal(seen.last.steps, 1);
    assert_int_equal(seen.answer_at, VLS_STATE_RELEASED);
    assert_true(seen.is_partial);
    request.id = make_id(9);
    assert_code(f, VLS_STORE_MISSING, vls_store_request_change(f->store, &request, &f->why));
}

static void due__by_slot_and_by_reminder__longest_first_up_to_the_limit(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    uint64_t slot, remind;
    assert_done(f, vls_store_request_next(f->store, &slot, &remind, &f->why));
    assert_true(slot == UINT64_MAX && remind == UINT64_MAX);
    struct vls_request late = make_request(1, 300), early = make_request(2, 100),
                       never = make_request(3, 50);
    never.slot_ms = never.remind_ms = 0;
    fixture_begin(f);
    add(f, &late);
    add(f, &early);
    add(f, &never);
    assert_done(f, vls_store_request_next(f->store, &slot, &remind, &f->why));
    assert_int_equal(slot, 105);
    assert_int_equal(remind, 100);
    assert_done(f, vls_store_request_due(f->store, true, 1000, 10, see, &seen, &f->why));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.numbers[0], 2);
    assert_int_equal(seen.numbers[1], 1);
    seen.count = 0;
    assert_done(f, vls_store_request_due(f->store, false, 299, 10, see, &seen, &f->why));
    assert_int_equal(seen.count, 1);
    seen.count = 0;
    assert_done(f, vls_store_request_due(f->store, false, 1000, 1, see, &seen, &f->why));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.numbers[0], 2);
}

static void list__filters_and_pages__in_the_order_of_targets(void **state)
{
    struct fixture *f = *state;
    struct vls_request a = make_request(1, 300), b = make_request(2, 100), c = make_request(3, 300),
                       closed = make_request(4, 200);
    a.direction = VLS_OUT;
    c.party = "other";
    closed.closed_ms = 250;
    fixture_begin(f);
    add(f, &a);
    add(f, &b);
    add(f, &c);
    add(f, &closed);
    struct seen seen = list(f, &(struct vls_request_filter){.limit = 10});
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.numbers[0], 2);
    assert_int_equal(seen.numbers[1], 1); /* due with the third, and older */
    seen = list(f, &(struct vls_request_filter){.limit = 10, .with_closed = true});
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.numbers[1], 4);
    seen = list(f, &(struct vls_request_filter){.limit = 10, .direction = VLS_OUT});
    assert_int_equal(seen.count, 1);
    seen = list(f, &(struct vls_request_filter){.limit = 10, .party = "other"});
    assert_int_equal(seen.count, 1);
    seen = list(f, &(struct vls_request_filter){
                       .limit = 10, .after_due_ms = 300, .after = vls_id_slice(&a.id)});
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.numbers[0], 3);
}

struct counted {
    uint64_t in, out;
};

static struct vls_status count(void *ctx, enum vls_direction direction, const char *party,
                               uint64_t number, struct vls_why *why)
{
    struct counted *counted = ctx;
    (void)why;
    assert_string_equal(party, "iom");
    *(direction == VLS_IN ? &counted->in : &counted->out) += number;
    return VLS_DONE;
}

static void late__counts_what_is_open_and_past_its_target(void **state)
{
    struct fixture *f = *state;
    struct counted counted = {0, 0};
    struct vls_request a = make_request(1, 300), b = make_request(2, 100), c = make_request(3, 150),
                       closed = make_request(4, 100);
    c.direction = VLS_OUT;
    closed.closed_ms = 250;
    fixture_begin(f);
    add(f, &a);
    add(f, &b);
    add(f, &c);
    add(f, &closed);
    assert_done(f, vls_store_request_late(f->store, 200, count, &counted, &f->why));
    assert_int_equal(counted.in, 1);
    assert_int_equal(counted.out, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(request__added__read_again_and_only_once),
        TEST(request__of_no_message__refused),
        TEST(request__changed__shows_the_state_of_its_answer),
        TEST(due__by_slot_and_by_reminder__longest_first_up_to_the_limit),
        TEST(list__filters_and_pages__in_the_order_of_targets),
        TEST(late__counts_what_is_open_and_past_its_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
