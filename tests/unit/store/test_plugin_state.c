#include <stdio.h>
#include <string.h>

#include "store_fixture.h"

struct seen {
    char text[256];
    unsigned count;
};

static struct vls_status see(void *ctx, const char *key, struct vls_slice value,
                             struct vls_why *why)
{
    struct seen *seen = ctx;
    size_t at = strlen(seen->text);
    (void)why;
    seen->count++;
    if (at < 200)
        snprintf(seen->text + at, sizeof seen->text - at, "%s=%.*s;", key, (int)value.len,
                 (const char *)value.at);
    return VLS_DONE;
}

static struct seen read_all(struct fixture *f, const char *plugin)
{
    struct seen seen = {.count = 0};
    assert_done(f, vls_store_state_each(f->store, plugin, see, &seen, &f->why));
    return seen;
}

static void put(struct fixture *f, const char *plugin, const char *key, const char *value)
{
    assert_done(f, vls_store_state_put(f->store, plugin, key, vls_slice_text(value), &f->why));
}

static void state__set_change_forget__is_what_was_set_last(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    put(f, "ods", "b", "1");
    put(f, "ods", "a", "2");
    put(f, "dtm", "a", "other");
    put(f, "ods", "b", "three");
    put(f, "ods", "c", "4");
    fixture_commit(f);
    fixture_reopen(f);
    assert_string_equal(read_all(f, "ods").text, "a=2;b=three;c=4;");
    assert_string_equal(read_all(f, "dtm").text, "a=other;");
    assert_string_equal(read_all(f, "none").text, "");
    fixture_begin(f);
    put(f, "ods", "b", "");
    put(f, "ods", "never there", "");
    fixture_commit(f);
    fixture_reopen(f);
    assert_string_equal(read_all(f, "ods").text, "a=2;c=4;");
}

static void state__rolled_back__is_as_before(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    put(f, "ods", "cursor", "10");
    fixture_commit(f);
    fixture_begin(f);
    put(f, "ods", "cursor", "20");
    vls_store_rollback(f->store);
    assert_string_equal(read_all(f, "ods").text, "cursor=10;");
}

static void state__value_or_key_at_and_above_its_limit__is_taken_or_refused(void **state)
{
    struct fixture *f = *state;
    static uint8_t value[VLS_MAX_STATE_VALUE + 1];
    char key[VLS_MAX_STATE_KEY + 2];
    memset(key, 'k', sizeof key);
    key[VLS_MAX_STATE_KEY] = '\0';
    fixture_begin(f);
    assert_done(f, vls_store_state_put(f->store, "ods", key, VLS_SLICE(value, VLS_MAX_STATE_VALUE),
                                       &f->why));
    assert_code(f, VLS_INPUT_LIMIT,
                vls_store_state_put(f->store, "ods", "x", VLS_SLICE(value, sizeof value), &f->why));
    key[VLS_MAX_STATE_KEY] = 'k';
    key[VLS_MAX_STATE_KEY + 1] = '\0';
    assert_code(f, VLS_INPUT_LIMIT,
                vls_store_state_put(f->store, "ods", key, vls_slice_text("x"), &f->why));
    fixture_commit(f);
    assert_int_equal(read_all(f, "ods").count, 1);
}

static void state__as_many_items_as_may_be__takes_no_more_but_changes_and_forgets(void **state)
{
    struct fixture *f = *state;
    char key[32];
    fixture_begin(f);
    for (unsigned i = 0; i < VLS_MAX_STATE_ITEMS; i++) {
        snprintf(key, sizeof key, "key-%06u", i);
        put(f, "ods", key, "v");
    }
    assert_code(f, VLS_INPUT_LIMIT,
                vls_store_state_put(f->store, "ods", "more", vls_slice_text("v"), &f->why));
    put(f, "dtm", "more", "v");
    put(f, "ods", "key-000007", "changed");
    put(f, "ods", "key-000008", "");
    put(f, "ods", "more", "v");
    assert_code(f, VLS_INPUT_LIMIT,
                vls_store_state_put(f->store, "ods", "even more", vls_slice_text("v"), &f->why));
    fixture_commit(f);
    assert_int_equal(read_all(f, "ods").count, VLS_MAX_STATE_ITEMS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(state__set_change_forget__is_what_was_set_last),
        TEST(state__rolled_back__is_as_before),
        TEST(state__value_or_key_at_and_above_its_limit__is_taken_or_refused),
        TEST(state__as_many_items_as_may_be__takes_no_more_but_changes_and_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
