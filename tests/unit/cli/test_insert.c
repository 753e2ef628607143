/* valise partner add: text goes into a list of a YAML file, and nothing else of the file changes.
 */
#include "insert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "template.h"

static const char *const ENTRY[] = {"a: 1", "b: 2", NULL};

static void assert_inserted(const char *before, const char *after)
{
    struct vls_buf out;
    vls_buf_init(&out, 4096);
    assert_true(vls_ok(vls_yaml_insert(vls_slice_text(before), "list", ENTRY, &out, NULL)));
    assert_string_equal(vls_buf_text(&out), after);
    vls_buf_fini(&out);
}

static void insert__empty_list__filled(void **state)
{
    (void)state;
    assert_inserted("x: 1\nlist:\n\ny: 2\n", "x: 1\nlist:\n  - a: 1\n    b: 2\n\ny: 2\n");
    assert_inserted("list: []  # none yet\ny: 2\n", "list:\n  - a: 1\n    b: 2\ny: 2\n");
    assert_inserted("list:   # none\n# y\n", "list:   # none\n  - a: 1\n    b: 2\n# y\n");
}

static void insert__list_with_entries__added_behind_the_last(void **state)
{
    (void)state;
    assert_inserted("list:\n    - a: 0\n      # note\n      b: 0\n\n# next\ny: 2\n",
                    "list:\n    - a: 0\n      # note\n      b: 0\n    - a: 1\n      b: 2\n\n"
                    "# next\ny: 2\n");
    assert_inserted("list:\n- a: 0\ny: 2\n", "list:\n- a: 0\n- a: 1\n  b: 2\ny: 2\n");
    assert_inserted("list:\n  - a: 0", "list:\n  - a: 0\n  - a: 1\n    b: 2\n");
}

static void insert__no_list__made_at_the_end(void **state)
{
    (void)state;
    assert_inserted("x: 1\n", "x: 1\n\nlist:\n  - a: 1\n    b: 2\n");
    assert_inserted("lists: 1", "lists: 1\n\nlist:\n  - a: 1\n    b: 2\n");
    assert_inserted("x:\n  list: 3\n", "x:\n  list: 3\n\nlist:\n  - a: 1\n    b: 2\n");
}

static void insert__list_in_one_line__refused(void **state)
{
    (void)state;
    struct vls_buf out;
    struct vls_why why = {""};
    vls_buf_init(&out, 4096);
    struct vls_status status =
        vls_yaml_insert(vls_slice_text("list: [{a: 0}]\n"), "list", ENTRY, &out, &why);
    assert_int_equal(status.code, VLS_CONFIG_INVALID);
    assert_non_null(strstr(why.text, "in one line"));
    vls_buf_fini(&out);
}

static void template__places__filled_and_escaped(void **state)
{
    (void)state;
    static const char *const LINES[] = {"name: \"@NAME@\" # a@b @ @x@", "@P@@P@", NULL};
    static const char *const UNKNOWN[] = {"@Q@", NULL};
    const struct template_value values[] = {{"NAME", "a \"b\" \\"}, {"P", "un"}};
    struct vls_buf out;
    vls_buf_init(&out, 4096);
    assert_true(vls_ok(vls_template_fill(LINES, values, 2, &out, NULL)));
    assert_string_equal(vls_buf_text(&out), "name: \"a \\\"b\\\" \\\\\" # a@b @ @x@\nunun\n");
    assert_int_equal(vls_template_fill(UNKNOWN, values, 2, &out, NULL).code, VLS_SYSTEM_BUG);
    vls_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(insert__empty_list__filled),
        cmocka_unit_test(insert__list_with_entries__added_behind_the_last),
        cmocka_unit_test(insert__no_list__made_at_the_end),
        cmocka_unit_test(insert__list_in_one_line__refused),
        cmocka_unit_test(template__places__filled_and_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
