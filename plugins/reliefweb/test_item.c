/* What an item of the API says of itself: of one made for this, and of a recorded one where the
 * samples are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "item.h"

static void item__id_as_text_or_number__the_same(void **state)
{
    static const char *const ROWS[] = {
        "{\"id\":\"4001\",\"fields\":{\"date\":{\"changed\":\"2026-01-02T00:00:00+00:00\"}}}",
        "{\"id\":4001,\"fields\":{\"date\":{\"changed\":\"2026-01-02T00:00:00+00:00\"}}}",
        "{\"fields\":{\"id\":4001,\"date\":{\"created\":\"2026-01-02T00:00:00+00:00\"}}}"};
    char id[FEED_NAME], at[STREAM_TIME];
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        json_t *row = json_loads(ROWS[i], 0, NULL);
        assert_true(item_name(row, id, at));
        assert_string_equal(id, "4001");
        assert_string_equal(at, "2026-01-02T00:00:00+00:00");
        json_decref(row);
    }
}

static void item__without_id_or_date__passed_over(void **state)
{
    static const char *const ROWS[] = {
        "{}", "[]", "{\"id\":\"4001\",\"fields\":{}}",
        "{\"id\":\"../1\",\"fields\":{\"date\":{\"changed\":\"2026-01-02\"}}}"};
    char id[FEED_NAME], at[STREAM_TIME];
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        json_t *row = json_loads(ROWS[i], 0, NULL);
        assert_false(item_name(row, id, at));
        json_decref(row);
    }
}

static void recorded__item_of_version_1__its_id_and_time(void **state)
{
    char path[512], id[FEED_NAME], at[STREAM_TIME];
    const char *samples = getenv("VALISE_SAMPLES");
    (void)state;
    snprintf(path, sizeof path, "%s/reliefweb/disasters-25846.json",
             samples != NULL ? samples : VALISE_SOURCE_DIR "/../shared/samples");
    json_t *answer = json_load_file(path, 0, NULL);
    if (answer == NULL)
        skip();
    const json_t *row = json_array_get(json_object_get(answer, "data"), 0);
    assert_true(item_name(row, id, at)); /* data is an array of one, the id a text */
    assert_string_equal(id, "25846");
    assert_string_equal(at, "2018-05-22T17:01:25+00:00");
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(item__id_as_text_or_number__the_same),
        cmocka_unit_test(item__without_id_or_date__passed_over),
        cmocka_unit_test(recorded__item_of_version_1__its_id_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
