/* The head of an answer, line by line. */
#include "fetch/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct vls_head head;

static struct vls_status add(const char *line, struct vls_why *why)
{
    return vls_head_add(&head, vls_slice_text(line), why);
}

static int tear_down(void **state)
{
    (void)state;
    vls_head_fini(&head);
    return 0;
}

static void assert_added(const char *line)
{
    struct vls_why why;
    if (!vls_ok(add(line, &why)))
        fail_msg("'%s': %s", line, why.text);
}

static void fields__in_order_and_without_blanks(void **state)
{
    (void)state;
    assert_added("HTTP/1.1 200 OK\r\n");
    assert_added("ETag:\"v1\"\r\n");
    assert_added("X-Two:  a b \t\r\n");
    assert_added("x-two: c\r\n");
    assert_added("Empty:\r\n");
    assert_false(head.is_complete);
    assert_added("\r\n");
    assert_true(head.is_complete);
    assert_int_equal(head.status, 200);
    assert_string_equal(vls_head_get(&head, "etag", 0), "\"v1\"");
    assert_string_equal(vls_head_get(&head, "x-two", 0), "a b");
    assert_string_equal(vls_head_get(&head, "x-two", 1), "c");
    assert_string_equal(vls_head_get(&head, "empty", 0), "");
    assert_null(vls_head_get(&head, "x-two", 2));
    assert_added("Trailer: late\r\n");
    assert_null(vls_head_get(&head, "trailer", 0));
}

static void interim__is_forgotten(void **state)
{
    (void)state;
    assert_added("HTTP/1.1 103 Early Hints\r\n");
    assert_added("Link: </x>\r\n");
    assert_added("\r\n");
    assert_false(head.is_complete);
    assert_added("HTTP/2 404 \r\n");
    assert_added("\r\n");
    assert_true(head.is_complete);
    assert_int_equal(head.status, 404);
    assert_null(vls_head_get(&head, "link", 0));
}

static void fields__not_clean__mean_nothing(void **state)
{
    (void)state;
    assert_added("HTTP/1.1 200 OK\r\n");
    assert_added("X-Bad: a\x01z\r\n");
    assert_added("X-Latin: \xe9\r\n");
    assert_int_equal(head.count, 0);
}

static void lines__that_are_none__refused(void **state)
{
    (void)state;
    assert_int_equal(add("HTTP/1.1 99 Low\r\n", NULL).code, VLS_FETCH_MALFORMED);
    assert_int_equal(add("HTTP/1.1\r\n", NULL).code, VLS_FETCH_MALFORMED);
    assert_added("HTTP/1.1 200 OK\r\n");
    assert_int_equal(add("no colon\r\n", NULL).code, VLS_FETCH_MALFORMED);
    assert_int_equal(add(": no name\r\n", NULL).code, VLS_FETCH_MALFORMED);
}

static void heads__without_end__refused(void **state)
{
    char line[64];
    struct vls_why why;
    unsigned i = 0;
    (void)state;
    assert_added("HTTP/1.1 200 OK\r\n");
    for (; i < VLS_FETCH_HEADERS; i++) {
        snprintf(line, sizeof line, "X-%u: %u\r\n", i, i);
        assert_added(line);
    }
    assert_int_equal(add("One: more\r\n", &why).code, VLS_FETCH_MALFORMED);
    vls_head_fini(&head);
    /* interim answers count, too */
    struct vls_status status = VLS_DONE;
    for (i = 0; vls_ok(status) && i < 10000; i++)
        status = add("HTTP/1.1 100 Continue\r\n", &why);
    assert_int_equal(status.code, VLS_FETCH_MALFORMED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(fields__in_order_and_without_blanks), TEST(interim__is_forgotten),
        TEST(fields__not_clean__mean_nothing),     TEST(lines__that_are_none__refused),
        TEST(heads__without_end__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
