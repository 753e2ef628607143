#include <stdio.h>
#include <string.h>

#include "store_fixture.h"

struct seen {
    uint32_t numbers[512];
    unsigned count, stop_after;
    size_t body_bytes;
    char text[512];
};

static uint32_t number_of(const struct vls_id *id)
{
    struct vls_reader r = vls_reader_of(VLS_SLICE(id->bytes + 2, 4));
    return vls_reader_u32(&r);
}

static struct vls_status see(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct seen *seen = ctx;
    assert_in_range(seen->count, 0, 511);
    seen->numbers[seen->count++] = number_of(&m->id);
    seen->body_bytes += m->manifest.len + m->sealed.len + m->content.len + m->part_digests.len;
    if (seen->count == seen->stop_after)
        return vls_fail(VLS_ROUTE_BUSY, why, "enough");
    return VLS_DONE;
}

static void add(struct fixture *f, uint32_t number, enum vls_direction direction, enum vls_state in,
                const char *party, uint64_t due_ms)
{
    struct vls_message m = make_message(number);
    m.direction = direction;
    m.state = in;
    m.party = party;
    m.due_ms = due_ms;
    m.manifest = vls_slice_text("manifest");
    m.sealed = vls_slice_text("sealed");
    m.content = vls_slice_text("content");
    m.content_bytes = m.content.len;
    assert_done(f, vls_store_add(f->store, &m, &f->why));
}

static struct seen due(struct fixture *f, enum vls_direction direction, const char *party,
                       enum vls_state in, uint64_t now_ms, uint32_t limit, bool with_bodies)
{
    struct seen seen = {.count = 0};
    assert_done(f, vls_store_due(f->store, direction, party, in, now_ms, limit, with_bodies, see,
                                 &seen, &f->why));
    return seen;
}

static void assert_numbers(const struct seen *seen, const uint32_t *numbers, unsigned count)
{
    assert_int_equal(seen->count, count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(seen->numbers[i], numbers[i]);
}

#define SAW(seen, ...)                                                                             \
    assert_numbers(&(seen), (const uint32_t[]){__VA_ARGS__},                                       \
                   sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* -- due --------------------------------------------------------------------------------------- */

static void fill_due(struct fixture *f)
{
    fixture_begin(f);
    add(f, 1, VLS_OUT, VLS_STATE_RELEASED, "iom", 300);
    add(f, 2, VLS_OUT, VLS_STATE_RELEASED, "iom", 100);
    add(f, 3, VLS_OUT, VLS_STATE_RELEASED, "un", 100);
    add(f, 4, VLS_OUT, VLS_STATE_DEFERRED, "iom", 50);
    add(f, 5, VLS_IN, VLS_STATE_RECEIVED, "iom", 100);
    add(f, 6, VLS_IN, VLS_STATE_RECEIVED, "un", 20);
    add(f, 7, VLS_OUT, VLS_STATE_RELEASED, "iom", 100);
    add(f, 8, VLS_OUT, VLS_STATE_RELEASED, "iom", UINT64_MAX);
    add(f, 9, VLS_OUT, VLS_STATE_RECEIPTED, "iom", 10);
    fixture_commit(f);
    fixture_reopen(f);
}

static void due__of_one_party__comes_by_time_then_id(void **state)
{
    struct fixture *f = *state;
    struct seen seen;
    fill_due(f);
    seen = due(f, VLS_OUT, "iom", VLS_STATE_RELEASED, 300, 10, false);
    SAW(seen, 2, 7, 1);
    assert_int_equal(seen.body_bytes, 0);
    seen = due(f, VLS_OUT, "iom", VLS_STATE_RELEASED, 299, 10, false);
    SAW(seen, 2, 7);
    seen = due(f, VLS_OUT, "iom", VLS_STATE_RELEASED, 300, 2, false);
    SAW(seen, 2, 7);
    seen = due(f, VLS_OUT, "iom", VLS_STATE_DEFERRED, 300, 10, false);
    SAW(seen, 4);
}

static void due__of_any_party_and_inbound__comes_by_time_then_id(void **state)
{
    struct fixture *f = *state;
    struct seen seen;
    fill_due(f);
    seen = due(f, VLS_OUT, NULL, VLS_STATE_RELEASED, 300, 10, false);
    SAW(seen, 2, 3, 7, 1);
    seen = due(f, VLS_IN, NULL, VLS_STATE_RECEIVED, 300, 10, false);
    SAW(seen, 6, 5);
    seen = due(f, VLS_IN, "iom", VLS_STATE_RECEIVED, 300, 10, false);
    SAW(seen, 5);
}

static void due__with_bodies__brings_them_for_every_kind_of_question(void **state)
{
    struct fixture *f = *state;
    size_t each = strlen("manifest") + strlen("sealed") + strlen("content");
    fill_due(f);
    assert_int_equal(due(f, VLS_OUT, "iom", VLS_STATE_RELEASED, 300, 10, true).body_bytes,
                     3 * each);
    assert_int_equal(due(f, VLS_OUT, NULL, VLS_STATE_RELEASED, 300, 10, true).body_bytes, 4 * each);
    assert_int_equal(due(f, VLS_IN, "un", VLS_STATE_RECEIVED, 300, 10, true).body_bytes, each);
}

static void due__all_that_there_is__holds_the_far_future_but_no_receipted(void **state)
{
    struct fixture *f = *state;
    fill_due(f);
    assert_int_equal(due(f, VLS_OUT, "iom", VLS_STATE_RELEASED, UINT64_MAX - 1, 10, false).count,
                     4);
    assert_int_equal(due(f, VLS_OUT, "iom", VLS_STATE_RECEIPTED, 300, 10, false).count, 0);
}

static void due__callback_fails__stops_with_its_status(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.stop_after = 1};
    fill_due(f);
    assert_code(f, VLS_ROUTE_BUSY,
                vls_store_due(f->store, VLS_OUT, "iom", VLS_STATE_RELEASED, 300, 10, false, see,
                              &seen, &f->why));
    assert_int_equal(seen.count, 1);
    assert_int_equal(due(f, VLS_OUT, "iom", VLS_STATE_RELEASED, 300, 10, false).count, 3);
}

static void next_due__each_question__gives_the_smallest_or_never(void **state)
{
    struct fixture *f = *state;
    uint64_t ms;
    fill_due(f);
    assert_done(f, vls_store_next_due(f->store, VLS_OUT, "iom", VLS_STATE_RELEASED, &ms, &f->why));
    assert_int_equal(ms, 100);
    assert_done(f, vls_store_next_due(f->store, VLS_OUT, NULL, VLS_STATE_DEFERRED, &ms, &f->why));
    assert_int_equal(ms, 50);
    assert_done(f, vls_store_next_due(f->store, VLS_IN, NULL, VLS_STATE_RECEIVED, &ms, &f->why));
    assert_int_equal(ms, 20);
    assert_done(f, vls_store_next_due(f->store, VLS_IN, "iom", VLS_STATE_RECEIVED, &ms, &f->why));
    assert_int_equal(ms, 100);
    assert_done(f, vls_store_next_due(f->store, VLS_IN, "iom", VLS_STATE_HELD, &ms, &f->why));
    assert_true(ms == UINT64_MAX);
}

/* -- list -------------------------------------------------------------------------------------- */

static void fill_list(struct fixture *f)
{
    static const enum vls_state OUT[] = {VLS_STATE_RECEIPTED, VLS_STATE_RELEASED, VLS_STATE_HELD,
                                         VLS_STATE_WITHHELD};
    fixture_begin(f);
    for (uint32_t i = 1; i <= 400; i++)
        add(f, i, i % 2 != 0 ? VLS_OUT : VLS_IN,
            i % 2 != 0 ? OUT[i / 2 % 4] : (i % 4 == 0 ? VLS_STATE_DELIVERED : VLS_STATE_HELD),
            i % 5 == 0 ? "un" : "iom", 1000);
    fixture_commit(f);
    fixture_reopen(f);
}

/** Read a list page by page and hold it against what fill_list() did. */
static unsigned page_through(struct fixture *f, struct vls_filter filter, unsigned *out_pages)
{
    unsigned total = 0;
    uint32_t last = UINT32_MAX;
    struct vls_id before;
    for (*out_pages = 0;; ++*out_pages) {
        struct seen seen = {.count = 0};
        assert_done(f, vls_store_list(f->store, &filter, see, &seen, &f->why));
        assert_int_equal(seen.body_bytes, 0);
        if (seen.count == 0)
            return total;
        assert_in_range(seen.count, 1, filter.limit);
        for (unsigned i = 0; i < seen.count; i++) {
            assert_true(seen.numbers[i] < last);
            last = seen.numbers[i];
        }
        total += seen.count;
        before = make_id(last);
        filter.before = &before;
    }
}

static void list__four_hundred_rows__pages_newest_first(void **state)
{
    struct fixture *f = *state;
    unsigned pages;
    fill_list(f);
    assert_int_equal(page_through(f, (struct vls_filter){.limit = 37}, &pages), 400);
    assert_int_equal(pages, 11);
    assert_int_equal(page_through(f, (struct vls_filter){.limit = 400}, &pages), 400);
    assert_int_equal(pages, 1);
}

static void list__filters__select_alone_and_together(void **state)
{
    struct fixture *f = *state;
    uint64_t held = UINT64_C(1) << VLS_STATE_HELD;
    uint64_t ended = UINT64_C(1) << VLS_STATE_RECEIPTED | UINT64_C(1) << VLS_STATE_DELIVERED;
    unsigned pages;
    fill_list(f);
    assert_int_equal(page_through(f, (struct vls_filter){.limit = 9, .direction = VLS_OUT}, &pages),
                     200);
    assert_int_equal(page_through(f, (struct vls_filter){.limit = 9, .party = "un"}, &pages), 80);
    assert_int_equal(page_through(f, (struct vls_filter){.limit = 9, .states = held}, &pages), 150);
    assert_int_equal(pages, 17);
    assert_int_equal(
        page_through(
            f, (struct vls_filter){.limit = 9, .states = held, .direction = VLS_IN, .party = "un"},
            &pages),
        20);
    assert_int_equal(page_through(f, (struct vls_filter){.limit = 9, .states = ended}, &pages),
                     150);
    assert_int_equal(
        page_through(f, (struct vls_filter){.limit = 9, .states = ended | held}, &pages), 300);
    assert_int_equal(
        page_through(f,
                     (struct vls_filter){.limit = 9, .states = UINT64_C(1) << VLS_STATE_WITHHELD},
                     &pages),
        50);
    assert_int_equal(page_through(f, (struct vls_filter){.limit = 9, .party = "who"}, &pages), 0);
}

/* -- trace and counts -------------------------------------------------------------------------- */

static struct vls_status see_step(void *ctx, uint64_t at_ms, const char *from, const char *to,
                                  const char *cause, const char *actor, struct vls_why *why)
{
    struct seen *seen = ctx;
    size_t at = strlen(seen->text);
    (void)why;
    snprintf(seen->text + at, sizeof seen->text - at, "%llu %s>%s %s by %s;",
             (unsigned long long)at_ms, from, to, cause, actor);
    return VLS_DONE;
}

static void trace__added_and_moved__tells_it_in_order(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0}, none = {.count = 0};
    struct vls_message m = make_message(1);
    struct vls_id unknown = make_id(2);
    m.reason = "rule 3";
    m.origin = "uid:0";
    fixture_begin(f);
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    move_message(f, &m.id, VLS_STATE_RELEASED, VLS_STATE_CARRYING, 0);
    move_message(f, &m.id, VLS_STATE_CARRYING, VLS_STATE_RECEIPTED, 0);
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_trace(f->store, &m.id, see_step, &seen, &f->why));
    assert_string_equal(seen.text, "900 >released rule 3 by uid:0;"
                                   "1100 released>carrying moved by router;"
                                   "1100 carrying>receipted moved by router;");
    assert_done(f, vls_store_trace(f->store, &unknown, see_step, &none, &f->why));
    assert_string_equal(none.text, "");
}

static void remark__known_message__is_in_its_trace_and_changes_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    struct vls_message m = make_message(1), *got = NULL;
    struct vls_id unknown = make_id(2);
    m.reason = "rule 3";
    m.origin = "uid:0";
    fixture_begin(f);
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    assert_done(f, vls_store_remark(f->store, &m.id, 950, "opened", "uid:7", &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_remark(f->store, &unknown, 950, "opened", "uid:7", &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_trace(f->store, &m.id, see_step, &seen, &f->why));
    assert_string_equal(seen.text, "900 >released rule 3 by uid:0;"
                                   "950 released>released opened by uid:7;");
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_string_equal(got->reason, "rule 3");
    assert_int_equal(got->changed_ms, m.changed_ms);
    assert_int_equal(got->attempts, m.attempts);
    vls_message_free(&got);
}

static struct vls_status see_count(void *ctx, enum vls_direction direction, enum vls_state in,
                                   const char *party, uint64_t count, struct vls_why *why)
{
    struct seen *seen = ctx;
    size_t at = strlen(seen->text);
    (void)why;
    snprintf(seen->text + at, sizeof seen->text - at, "%d %s %s %llu;", direction,
             vls_state_name(in), party, (unsigned long long)count);
    return VLS_DONE;
}

static void counts__added_moved_undone__are_what_is_there(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    struct vls_id two = make_id(2);
    fixture_begin(f);
    add(f, 1, VLS_OUT, VLS_STATE_RELEASED, "iom", 0);
    add(f, 2, VLS_OUT, VLS_STATE_RELEASED, "iom", 0);
    add(f, 3, VLS_IN, VLS_STATE_RECEIVED, "un", 0);
    add(f, 4, VLS_OUT, VLS_STATE_REFERRED, "un", 0);
    struct vls_id four = make_id(4);
    move_message(f, &four, VLS_STATE_REFERRED, VLS_STATE_RELEASED, 0);
    assert_done(f, vls_store_mark(f->store, &f->why));
    add(f, 5, VLS_OUT, VLS_STATE_RELEASED, "iom", 0);
    move_message(f, &two, VLS_STATE_RELEASED, VLS_STATE_HELD, 0);
    vls_store_undo(f->store);
    fixture_commit(f);
    fixture_begin(f);
    move_message(f, &two, VLS_STATE_RELEASED, VLS_STATE_CARRYING, 0);
    vls_store_rollback(f->store);
    fixture_reopen(f);
    assert_done(f, vls_store_counts(f->store, see_count, &seen, &f->why));
    assert_string_equal(seen.text, "1 released iom 2;1 released un 1;2 received un 1;");
}

/* -- callbacks --------------------------------------------------------------------------------- */

static struct vls_status look_further(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct fixture *f = ctx;
    struct seen seen = {.count = 0};
    struct vls_filter filter = {.limit = 5};
    VLS_TRY(vls_store_trace(f->store, &m->id, see_step, &seen, why));
    assert_true(seen.text[0] != '\0');
    return vls_store_list(f->store, &filter, see, &seen, why);
}

static void list__callback_lists_again__is_refused_not_confused(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    struct vls_filter filter = {.limit = 5};
    fill_due(f);
    assert_code(f, VLS_SYSTEM_BUG, vls_store_list(f->store, &filter, look_further, f, &f->why));
    assert_done(f, vls_store_list(f->store, &filter, see, &seen, &f->why));
    assert_int_equal(seen.count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(due__of_one_party__comes_by_time_then_id),
        TEST(due__of_any_party_and_inbound__comes_by_time_then_id),
        TEST(due__with_bodies__brings_them_for_every_kind_of_question),
        TEST(due__all_that_there_is__holds_the_far_future_but_no_receipted),
        TEST(due__callback_fails__stops_with_its_status),
        TEST(next_due__each_question__gives_the_smallest_or_never),
        TEST(list__four_hundred_rows__pages_newest_first),
        TEST(list__filters__select_alone_and_together),
        TEST(trace__added_and_moved__tells_it_in_order),
        TEST(remark__known_message__is_in_its_trace_and_changes_nothing_else),
        TEST(counts__added_moved_undone__are_what_is_there),
        TEST(list__callback_lists_again__is_refused_not_confused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
