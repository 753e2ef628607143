#include "store/store_fixture.h"

#include <string.h>

#include "base/text.h"

struct seen {
    size_t count;
    char officers[4][32];
    char statements[4][32];
    uint64_t expires_ms[4];
};

/* vls_review_fn */
static struct vls_status see(void *ctx, const struct vls_review *review, struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    assert_true(seen->count < 4);
    vls_text_copy(seen->officers[seen->count], 32, review->officer);
    memcpy(seen->statements[seen->count], review->statement.at, review->statement.len);
    assert_memory_equal(review->signature.at, "signature", 9);
    seen->expires_ms[seen->count++] = review->expires_ms;
    return VLS_DONE;
}

static struct seen all_of(struct fixture *f, const struct vls_id *id)
{
    struct seen seen = {.count = 0};
    assert_done(f, vls_store_reviews(f->store, id, see, &seen, &f->why));
    return seen;
}

static struct vls_id add_one(struct fixture *f, uint32_t number)
{
    struct vls_message m = make_message(number);
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    return m.id;
}

static struct vls_status put(struct fixture *f, const struct vls_id *id, const char *officer,
                             const char *statement, uint64_t signed_ms)
{
    const struct vls_review review = {.officer = officer,
                                      .signed_ms = signed_ms,
                                      .expires_ms = signed_ms + 60,
                                      .statement = vls_slice_text(statement),
                                      .signature = vls_slice_text("signature")};
    return vls_store_review_put(f->store, id, &review, &f->why);
}

static void reviews__several_officers__oldest_first_and_kept(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    struct vls_id id = add_one(f, 1), other = add_one(f, 2);
    assert_done(f, put(f, &id, "b", "of b", 200));
    assert_done(f, put(f, &id, "a", "of a", 300));
    assert_done(f, put(f, &other, "a", "of another", 100));
    fixture_commit(f);
    fixture_reopen(f);
    struct seen seen = all_of(f, &id);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.officers[0], "b");
    assert_string_equal(seen.statements[1], "of a");
    assert_int_equal(seen.expires_ms[1], 360);
}

static void reviews__same_officer_again__replaces_his_own(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    struct vls_id id = add_one(f, 1);
    assert_done(f, put(f, &id, "a", "first", 100));
    assert_done(f, put(f, &id, "a", "second", 200));
    fixture_commit(f);
    struct seen seen = all_of(f, &id);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.statements[0], "second");
}

static void reviews__transaction_taken_back__none(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    struct vls_id id = add_one(f, 1);
    fixture_commit(f);
    fixture_begin(f);
    assert_done(f, put(f, &id, "a", "first", 100));
    vls_store_rollback(f->store);
    assert_int_equal(all_of(f, &id).count, 0);
}

static void reviews__no_transaction__refused(void **state)
{
    struct fixture *f = *state;
    struct vls_id unknown = make_id(77);
    assert_code(f, VLS_SYSTEM_BUG, put(f, &unknown, "a", "first", 100));
    assert_int_equal(all_of(f, &unknown).count, 0);
}

int main(void)
{
#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        IN_STORE(reviews__several_officers__oldest_first_and_kept),
        IN_STORE(reviews__same_officer_again__replaces_his_own),
        IN_STORE(reviews__transaction_taken_back__none),
        IN_STORE(reviews__no_transaction__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
