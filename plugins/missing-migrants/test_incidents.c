/* What an officer is told of the incidents of a year. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "incidents.h"

static uint32_t read_all(struct incidents *incidents, const char *text, struct plug_answer *answer)
{
    *answer = (struct plug_answer){.result = VLS_RESULT_DELIVERED};
    assert_true(incidents_init(incidents));
    for (const char *at = text; *at != '\0'; at++)
        if (incidents_take(incidents, at, 1) != 0)
            break;
    incidents_end(incidents, answer);
    return answer->result;
}

static void values__texts_and_empty__unknown_is_counted(void **state)
{
    struct incidents all;
    struct plug_answer answer;
    (void)state;
    assert_int_equal(read_all(&all,
                              "[{\"number_dead\":\"\",\"url\":\"https:\\/\\/x\"},"
                              "{\"number_dead\":\"3\",\"url\":\"\"},{\"number_dead\":4}]\n",
                              &answer),
                     VLS_RESULT_DELIVERED);
    assert_int_equal(all.count, 3);
    assert_int_equal(all.field_count, 2);
    assert_string_equal(all.fields[0].name, "number_dead");
    assert_int_equal(all.fields[0].unknown, 1);
    assert_int_equal(all.no_texts, 1);
    incidents_fini(&all);
}

static void coordinates__misspelt_and_spelt__both_count(void **state)
{
    struct incidents all;
    struct plug_answer answer;
    (void)state;
    (void)read_all(&all,
                   "[{\"location_coodinates\":\"1,2\"},{\"location_coordinates\":\"1,2\"},"
                   "{\"location_coodinates\":\"\"},{}]",
                   &answer);
    assert_true(all.is_misspelt);
    assert_int_equal(all.without_place, 2);
    incidents_fini(&all);
}

static void fields__of_a_later_year__counted_by_their_names(void **state)
{
    struct incidents all;
    struct plug_answer answer;
    (void)state;
    (void)read_all(&all, "[{\"a\":\"1\"},{\"a\":\"1\",\"region_origin\":\"\"}]", &answer);
    assert_int_equal(all.field_count, 2);
    assert_string_equal(all.fields[1].name, "region_origin");
    assert_int_equal(all.fields[1].present, 1);
    incidents_fini(&all);
}

static void incident__no_object__malformed_with_its_place(void **state)
{
    struct incidents all;
    struct plug_answer answer;
    (void)state;
    assert_int_equal(read_all(&all, "[{},17]", &answer), VLS_RESULT_MALFORMED);
    assert_true(answer.where[0] != '\0');
    incidents_fini(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values__texts_and_empty__unknown_is_counted),
        cmocka_unit_test(coordinates__misspelt_and_spelt__both_count),
        cmocka_unit_test(fields__of_a_later_year__counted_by_their_names),
        cmocka_unit_test(incident__no_object__malformed_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
