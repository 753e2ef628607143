/* Searches, detailed labels and subscriptions: what stands behind requests that are answered by
 * themselves. */
#include <stdio.h>
#include <string.h>

#include "store/details.h"
#include "store/requests.h"
#include "store/searches.h"
#include "store/subscriptions.h"
#include "store_fixture.h"

/* -- searches ---------------------------------------------------------------------------------- */

struct seen {
    uint32_t numbers[16];
    size_t count;
    enum vls_search_state state;
    uint32_t tries;
};

/* vls_search_fn */
static struct vls_status see(void *ctx, const struct vls_search *search, struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    assert_string_equal(search->party, "iom");
    for (uint32_t n = 1; n < 16; n++) {
        struct vls_id id = make_id(n);
        if (vls_id_is_equal(&id, &search->id))
            seen->numbers[seen->count] = n;
    }
    seen->count++;
    seen->state = search->state;
    seen->tries = search->tries;
    return VLS_DONE;
}

static void add_message(struct fixture *f, uint32_t number, enum vls_direction direction,
                        enum vls_state state)
{
    struct vls_message message = make_message(number);
    message.direction = direction;
    message.state = state;
    assert_done(f, vls_store_add(f->store, &message, &f->why));
}

static struct vls_search make_search(uint32_t number, uint64_t due_ms)
{
    return (struct vls_search){.id = make_id(number),
                               .party = "iom",
                               .state = VLS_SEARCH_WAITING,
                               .due_ms = due_ms,
                               .reason = "not looked for yet"};
}

static struct seen due(struct fixture *f, uint64_t now_ms, uint32_t limit)
{
    struct seen seen = {.count = 0};
    assert_done(f, vls_store_search_due(f->store, now_ms, limit, see, &seen, &f->why));
    return seen;
}

static void search__due__first_first_and_none_that_is_held(void **state)
{
    struct fixture *f = *state;
    static const enum vls_state STATES[] = {VLS_STATE_RECEIVED, VLS_STATE_DELIVERED, VLS_STATE_HELD,
                                            VLS_STATE_INSPECTING, VLS_STATE_DELIVERING};
    uint64_t next;
    fixture_begin(f);
    for (uint32_t n = 1; n <= 5; n++) {
        struct vls_search search = make_search(n, 100 - n);
        add_message(f, n, VLS_IN, STATES[n - 1]);
        assert_done(f, vls_store_search_add(f->store, &search, &f->why));
        assert_code(f, VLS_STORE_EXISTS, vls_store_search_add(f->store, &search, &f->why));
    }
    struct seen seen = due(f, 100, 8);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.numbers[0], 5);
    assert_int_equal(seen.numbers[1], 2);
    assert_int_equal(seen.numbers[2], 1);
    assert_int_equal(due(f, 100, 2).count, 2);
    assert_int_equal(due(f, 94, 8).count, 0);
    assert_done(f, vls_store_search_next(f->store, &next, &f->why));
    assert_int_equal(next, 95);
    fixture_commit(f);
    fixture_reopen(f); /* it survives */
    assert_int_equal(due(f, 100, 8).count, 3);
}

static void search__changed__read_as_changed_and_not_due(void **state)
{
    struct fixture *f = *state;
    struct vls_search search = make_search(1, 5);
    struct vls_id other = make_id(2);
    struct seen seen = {.count = 0};
    uint64_t next;
    fixture_begin(f);
    add_message(f, 1, VLS_IN, VLS_STATE_DELIVERED);
    assert_done(f, vls_store_search_add(f->store, &search, &f->why));
    search.state = VLS_SEARCH_ANSWERED;
    search.tries = 3;
    assert_done(f, vls_store_search_change(f->store, &search, &f->why));
    assert_done(f, vls_store_search_get(f->store, &search.id, see, &seen, &f->why));
    assert_int_equal(seen.state, VLS_SEARCH_ANSWERED);
    assert_int_equal(seen.tries, 3);
    assert_int_equal(due(f, 100, 8).count, 0);
    assert_done(f, vls_store_search_next(f->store, &next, &f->why));
    assert_true(next == UINT64_MAX);
    search.id = other;
    assert_code(f, VLS_STORE_MISSING, vls_store_search_change(f->store, &search, &f->why));
    assert_code(f, VLS_STORE_MISSING, vls_store_search_get(f->store, &other, see, &seen, &f->why));
    fixture_commit(f);
}

/* vls_search_person_fn */
static struct vls_status count_persons(void *ctx, const char *party, uint64_t count,
                                       const char *reason, struct vls_why *why)
{
    (void)why;
    assert_string_equal(party, "iom");
    assert_string_equal(reason, "the last");
    *(uint64_t *)ctx = count;
    return VLS_DONE;
}

static void search__of_a_day_and_for_persons__counted(void **state)
{
    struct fixture *f = *state;
    uint64_t count = 0, first = 0, persons = 0;
    fixture_begin(f);
    for (uint32_t n = 1; n <= 3; n++) {
        struct vls_search search = make_search(n, 5);
        struct vls_request request = {.id = make_id(n),
                                      .direction = VLS_IN,
                                      .party = "iom",
                                      .kind = "information-request",
                                      .closed_ms = n == 1 ? 9 : 0}; /* it has its answer */
        search.state = VLS_SEARCH_PERSON;
        search.began_ms = 10 * n;
        search.changed_ms = n;
        search.reason = n == 3 ? "the last" : "an earlier one";
        add_message(f, n, VLS_IN, VLS_STATE_DELIVERED);
        assert_done(f, vls_store_request_add(f->store, &request, &f->why));
        assert_done(f, vls_store_search_add(f->store, &search, &f->why));
    }
    assert_done(f, vls_store_search_begun(f->store, "iom", 10, &count, &first, &f->why));
    assert_int_equal(count, 2);
    assert_int_equal(first, 20);
    assert_done(f, vls_store_search_begun(f->store, "un", 0, &count, &first, &f->why));
    assert_int_equal(count, 0);
    assert_done(f, vls_store_search_persons(f->store, count_persons, &persons, &f->why));
    assert_int_equal(persons, 2);
    fixture_commit(f);
}

/* -- labels that say more than text -------------------------------------------------------------
 */

static void details__added__known_of_that_message_alone(void **state)
{
    struct fixture *f = *state;
    struct vls_id ids[] = {make_id(1), make_id(2)};
    bool has_details = false;
    fixture_begin(f);
    add_message(f, 1, VLS_OUT, VLS_STATE_RECEIPTED);
    assert_done(f, vls_store_details_add(f->store, &ids[0], &f->why));
    assert_done(f, vls_store_details_add(f->store, &ids[0], &f->why)); /* again is fine */
    fixture_commit(f);
    assert_done(f, vls_store_has_details(f->store, &ids[0], &has_details, &f->why));
    assert_true(has_details);
    assert_done(f, vls_store_has_details(f->store, &ids[1], &has_details, &f->why));
    assert_false(has_details);
}

/* -- subscriptions ----------------------------------------------------------------------------- */

struct names {
    char text[256];
    uint64_t last_ms;
};

/* vls_subscription_fn */
static struct vls_status add_name(void *ctx, const struct vls_subscription *one,
                                  struct vls_why *why)
{
    struct names *names = ctx;
    size_t used = strlen(names->text);
    (void)why;
    assert_string_equal(one->symbols, "A/*\nS/*\n");
    snprintf(names->text + used, sizeof names->text - used, "%s:%s ", one->party, one->name);
    names->last_ms = one->last_ms;
    return VLS_DONE;
}

static void subscription__added_served_removed__as_it_was(void **state)
{
    struct fixture *f = *state;
    struct names names = {.text = ""};
    struct vls_id id = make_id(7);
    static const char *const NAMES[] = {"b", "a"};
    fixture_begin(f);
    for (size_t i = 0; i < 2; i++) {
        struct vls_subscription one = {
            .name = NAMES[i], .party = "iom", .symbols = "A/*\nS/*\n", .actor = "uid:0"};
        assert_done(f, vls_store_subscription_add(f->store, &one, &f->why));
        assert_code(f, VLS_STORE_EXISTS, vls_store_subscription_add(f->store, &one, &f->why));
    }
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_subscriptions(f->store, add_name, &names, &f->why));
    assert_string_equal(names.text, "iom:a iom:b ");
    assert_int_equal(names.last_ms, 0);
    fixture_begin(f);
    assert_done(f, vls_store_subscription_served(f->store, "b", 99, &id, &f->why));
    assert_done(f, vls_store_subscription_remove(f->store, "a", &f->why));
    assert_code(f, VLS_STORE_MISSING, vls_store_subscription_remove(f->store, "a", &f->why));
    names.text[0] = '\0';
    assert_done(f, vls_store_subscriptions(f->store, add_name, &names, &f->why));
    assert_string_equal(names.text, "iom:b ");
    assert_int_equal(names.last_ms, 99);
    fixture_commit(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(search__due__first_first_and_none_that_is_held),
        TEST(search__changed__read_as_changed_and_not_due),
        TEST(search__of_a_day_and_for_persons__counted),
        TEST(details__added__known_of_that_message_alone),
        TEST(subscription__added_served_removed__as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
