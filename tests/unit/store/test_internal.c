#include "store/internal.h"

#include <string.h>

#include "base/text.h"
#include "store/store_fixture.h"

#define MOST 8u

struct seen {
    size_t count;
    uint64_t places[MOST];
    char records[MOST][32];
};

/* vls_internal_fn */
static struct vls_status see(void *ctx, const struct vls_internal_row *row, struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    assert_true(seen->count < MOST);
    seen->places[seen->count] = row->place;
    memcpy(seen->records[seen->count++], row->record.at, row->record.len);
    return VLS_DONE;
}

static struct seen listed(struct fixture *f, uint64_t from, const char *kind,
                          const struct vls_id *id)
{
    const struct vls_internal_filter filter = {.from = from, .kind = kind, .id = id, .limit = MOST};
    struct seen seen = {.count = 0};
    assert_done(f, vls_store_internal_each(f->store, &filter, see, &seen, &f->why));
    return seen;
}

static void add(struct fixture *f, const char *kind, const struct vls_id *id, const char *record)
{
    struct vls_internal_row row = {.at_ms = 1000, .kind = kind, .record = vls_slice_text(record)};
    if (id != NULL)
        row.id = vls_id_slice(id);
    assert_done(f, vls_store_internal_next(f->store, &row.place, &f->why));
    assert_done(f, vls_store_internal_add(f->store, &row, &f->why));
}

static void fill(struct fixture *f, const struct vls_id *first, const struct vls_id *second)
{
    fixture_begin(f);
    add(f, "decision", first, "decided 1");
    add(f, "decision", second, "decided 2");
    add(f, "opening", first, "opened 1");
    add(f, "act", NULL, "of no message");
    fixture_commit(f);
}

static void entries__added__numbered_from_0_and_kept(void **state)
{
    struct fixture *f = *state;
    struct vls_id first = make_id(1), second = make_id(2);
    fill(f, &first, &second);
    fixture_reopen(f);
    struct seen seen = listed(f, 0, NULL, NULL);
    assert_int_equal(seen.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(seen.places[i], i);
    assert_string_equal(seen.records[2], "opened 1");
}

static void entries__filtered__by_number_kind_and_message(void **state)
{
    struct fixture *f = *state;
    struct vls_id first = make_id(1), second = make_id(2);
    fill(f, &first, &second);
    assert_int_equal(listed(f, 3, NULL, NULL).count, 1);
    assert_int_equal(listed(f, 0, "decision", NULL).count, 2);
    assert_int_equal(listed(f, 0, "opening", NULL).count, 1);
    assert_int_equal(listed(f, 3, "opening", NULL).count, 0);
    assert_int_equal(listed(f, 0, NULL, &first).count, 2);
    assert_string_equal(listed(f, 0, "decision", &second).records[0], "decided 2");
}

static void entry__taken_back__leaves_its_number_to_the_next(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    add(f, "act", NULL, "stays");
    assert_done(f, vls_store_mark(f->store, &f->why));
    add(f, "act", NULL, "goes");
    vls_store_undo(f->store);
    add(f, "act", NULL, "comes");
    fixture_commit(f);
    struct seen seen = listed(f, 0, NULL, NULL);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.records[1], "comes");
}

static void entry__under_a_number_that_is_taken__refused(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    add(f, "act", NULL, "first");
    const struct vls_internal_row row = {
        .place = 0, .kind = "act", .record = vls_slice_text("other")};
    assert_code(f, VLS_STORE_EXISTS, vls_store_internal_add(f->store, &row, &f->why));
    fixture_commit(f);
    assert_string_equal(listed(f, 0, NULL, NULL).records[0], "first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entries__added__numbered_from_0_and_kept),
        TEST(entries__filtered__by_number_kind_and_message),
        TEST(entry__taken_back__leaves_its_number_to_the_next),
        TEST(entry__under_a_number_that_is_taken__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
