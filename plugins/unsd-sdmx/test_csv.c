/* CSV as it streams, cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

static char seen[4096];

static int on_row(void *ctx, const struct csv_row *row)
{
    (void)ctx;
    for (size_t i = 0; i < row->count; i++) {
        strncat(seen, i > 0 ? "|" : "", sizeof seen - strlen(seen) - 1);
        strncat(seen, row->fields[i], sizeof seen - strlen(seen) - 1);
    }
    strncat(seen, ";", sizeof seen - strlen(seen) - 1);
    return 0;
}

/* Whole and byte by byte it must be the same. */
static int reads(const char *text, const char *rows)
{
    int result = 0;
    struct csv *csv = malloc(sizeof *csv);
    assert_non_null(csv);
    for (int round = 0; round < 2; round++) {
        size_t step = round == 0 ? strlen(text) : 1;
        seen[0] = '\0';
        csv_init(csv, on_row, NULL);
        result = 0;
        for (size_t at = 0; at < strlen(text) && result == 0; at += step)
            result = csv_take(csv, text + at, step);
        if (result == 0)
            result = csv_end(csv);
        if (rows != NULL)
            assert_string_equal(seen, rows);
    }
    assert_true(result == 0 || csv->wrong != NULL);
    free(csv);
    return result;
}

static void rows__of_both_line_ends__read(void **state)
{
    (void)state;
    assert_int_equal(reads("a,b\r\n1,2\n3,\n\n,4", "a|b;1|2;3|;|4;"), 0);
}

static void order_mark__at_the_start__not_of_the_first_name(void **state)
{
    (void)state;
    assert_int_equal(reads("\xef\xbb\xbf"
                           "a,b\r\n",
                           "a|b;"),
                     0);
}

static void quotes__with_commas_lines_and_quotes_within__one_field(void **state)
{
    (void)state;
    assert_int_equal(reads("\"a,\r\n\"\"b\"\"\",c\r\n\"\",d\r\n", "a,\r\n\"b\"|c;|d;"), 0);
}

static void quotes__that_are_wrong__refused(void **state)
{
    (void)state;
    assert_int_equal(reads("\"a", NULL), -1);
    assert_int_equal(reads("\"a\"b,c\n", NULL), -1);
    assert_int_equal(reads("a\"b,c\n", NULL), -1);
}

static void row__without_an_end__refused_within_bounds(void **state)
{
    (void)state;
    char *text = malloc(2 * CSV_ROW + 1);
    assert_non_null(text);
    memset(text, 'x', 2 * CSV_ROW);
    text[0] = '"';
    text[2 * CSV_ROW] = '\0';
    assert_int_equal(reads(text, NULL), -1);
    memset(text, ',', 2 * CSV_ROW);
    assert_int_equal(reads(text, NULL), -1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows__of_both_line_ends__read),
        cmocka_unit_test(order_mark__at_the_start__not_of_the_first_name),
        cmocka_unit_test(quotes__with_commas_lines_and_quotes_within__one_field),
        cmocka_unit_test(quotes__that_are_wrong__refused),
        cmocka_unit_test(row__without_an_end__refused_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
