#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "plugin/state.h"

static void put(struct vls_plugin_state *s, const char *key, const char *value)
{
    assert_true(vls_ok(vls_plugin_state_put(s, key, vls_slice_text(value), NULL)));
}

static void check(struct vls_plugin_state *s, const char *key, const char *value)
{
    struct vls_slice found;
    bool is_there = vls_plugin_state_get(s, key, &found);
    assert_int_equal(is_there, value != NULL);
    if (is_there)
        assert_true(vls_slice_is_equal(found, vls_slice_text(value)));
}

static size_t save_all(struct vls_plugin_state *s, bool is_saved)
{
    Valise__StateSave save = VALISE__STATE_SAVE__INIT;
    vls_plugin_state_begin_save(s, &save);
    size_t count = save.n_items;
    vls_plugin_state_sent(&save);
    vls_plugin_state_end_save(s, is_saved);
    return count;
}

static void state__put_and_forgotten__both_are_saved(void **state)
{
    (void)state;
    struct vls_plugin_state *s = vls_plugin_state_new();
    put(s, "b", "2");
    put(s, "a", "1");
    put(s, "a", "one");
    check(s, "a", "one");
    assert_true(vls_plugin_state_is_dirty(s));
    assert_int_equal(save_all(s, true), 2);
    assert_false(vls_plugin_state_is_dirty(s));
    put(s, "a", "");
    check(s, "a", NULL);
    assert_int_equal(save_all(s, true), 1); /* that it was forgotten */
    assert_int_equal(save_all(s, true), 0);
    assert_string_equal(vls_plugin_state_next(s, NULL), "b");
    assert_null(vls_plugin_state_next(s, "b"));
    vls_plugin_state_free(&s);
}

static void state__save_that_failed__is_saved_again(void **state)
{
    (void)state;
    struct vls_plugin_state *s = vls_plugin_state_new();
    put(s, "a", "1");
    assert_int_equal(save_all(s, false), 1);
    assert_true(vls_plugin_state_is_dirty(s));
    assert_int_equal(save_all(s, true), 1);
    vls_plugin_state_free(&s);
}

static void state__changed_while_it_is_saved__stays_dirty(void **state)
{
    (void)state;
    struct vls_plugin_state *s = vls_plugin_state_new();
    Valise__StateSave save = VALISE__STATE_SAVE__INIT;
    put(s, "a", "1");
    vls_plugin_state_begin_save(s, &save);
    vls_plugin_state_sent(&save);
    put(s, "a", "2");
    vls_plugin_state_end_save(s, true);
    assert_true(vls_plugin_state_is_dirty(s));
    check(s, "a", "2");
    vls_plugin_state_free(&s);
}

static void state__committed_with_a_document__is_clean(void **state)
{
    (void)state;
    struct vls_plugin_state *s = vls_plugin_state_new();
    vls_plugin_state_committed(s, "k", vls_slice_text("v"));
    check(s, "k", "v");
    assert_false(vls_plugin_state_is_dirty(s));
    vls_plugin_state_committed(s, "k", vls_slice_text(""));
    check(s, "k", NULL);
    vls_plugin_state_free(&s);
}

static void state__limits__limit_fits_and_one_more_does_not(void **state)
{
    (void)state;
    struct vls_plugin_state *s = vls_plugin_state_new();
    size_t most = VLS_PLUGIN_MAX_STATE - VLS_PLUGIN_STATE_ITEM - 1;
    uint8_t *bytes = vls_mem_new(most + 1);
    assert_int_equal(vls_plugin_state_put(s, "k", VLS_SLICE(bytes, most + 1), NULL).code,
                     VLS_INPUT_LIMIT);
    assert_true(vls_ok(vls_plugin_state_put(s, "k", VLS_SLICE(bytes, most), NULL)));
    assert_int_equal(vls_plugin_state_put(s, "l", VLS_SLICE(bytes, 1), NULL).code, VLS_INPUT_LIMIT);
    assert_true(vls_ok(vls_plugin_state_put(s, "k", VLS_SLICE(bytes, most), NULL)));
    vls_mem_free(bytes);
    vls_plugin_state_free(&s);
}

static void state__bad_keys__refused(void **state)
{
    (void)state;
    struct vls_plugin_state *s = vls_plugin_state_new();
    char longest[VLS_MAX_NAME + 2] = {0};
    for (size_t i = 0; i <= VLS_MAX_NAME; i++)
        longest[i] = 'k';
    const char *bad[] = {NULL, "", "a\nb", "\xff", longest};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(vls_plugin_state_put(s, bad[i], vls_slice_text("v"), NULL).code,
                         VLS_INPUT_MALFORMED);
    longest[VLS_MAX_NAME] = '\0';
    put(s, longest, "v");
    vls_plugin_state_free(&s);
}

static void state__loaded__replaces_all(void **state)
{
    (void)state;
    struct vls_plugin_state *s = vls_plugin_state_new();
    Valise__StateItem item = VALISE__STATE_ITEM__INIT;
    Valise__StateItem *items[] = {&item};
    item.key = (char *)"new";
    item.value.data = (uint8_t *)"v";
    item.value.len = 1;
    put(s, "old", "1");
    assert_true(vls_ok(vls_plugin_state_load(s, items, 1, NULL)));
    check(s, "old", NULL);
    check(s, "new", "v");
    assert_false(vls_plugin_state_is_dirty(s));
    vls_plugin_state_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state__put_and_forgotten__both_are_saved),
        cmocka_unit_test(state__save_that_failed__is_saved_again),
        cmocka_unit_test(state__changed_while_it_is_saved__stays_dirty),
        cmocka_unit_test(state__committed_with_a_document__is_clean),
        cmocka_unit_test(state__limits__limit_fits_and_one_more_does_not),
        cmocka_unit_test(state__bad_keys__refused),
        cmocka_unit_test(state__loaded__replaces_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
