/* What an officer is told of the rows of an answer: of rows made for this, and of recorded answers
 * where the samples are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/feed.h"
#include "rows.h"

#define ROW(date, figure, males, origin, type)                                                     \
    "{\"operation\":\"Op\",\"admin0Name\":\"Haiti\",\"admin0Pcode\":\"HTI\","                      \
    "\"numPresentIdpInd\":" figure ",\"reportingDate\":\"" date                                    \
    "\",\"roundNumber\":3,\"numberMales\":" males                                                  \
    ",\"numberFemales\":null,\"idpOriginAdmin1Name\":" origin ",\"assessmentType\":\"" type "\"}"
#define DAY "2017-09-30T00:00:00"
#define ENVELOPE(rows, count)                                                                      \
    "{\"result\":[" rows "],\"statusCode\":200,\"isSuccess\":true,\"errorMessages\":[],"           \
    "\"totalRecordsCount\":" count "}"

static uint32_t read_rows(struct dtm_rows *rows, const char *text, struct plug_answer *answer)
{
    *answer = (struct plug_answer){.result = VLS_RESULT_DELIVERED};
    assert_true(dtm_rows_init(rows));
    for (const char *at = text; *at != '\0'; at++) /* byte by byte: no place is special */
        if (dtm_rows_take(rows, at, 1) != 0)
            break;
    dtm_rows_end(rows, answer);
    return answer->result;
}

static void date__without_a_zone__the_day_as_written(void **state)
{
    struct dtm_rows rows;
    struct plug_answer answer;
    (void)state;
    assert_int_equal(read_rows(&rows, ENVELOPE(ROW(DAY, "5", "1", "\"x\"", "BA"), "1"), &answer),
                     VLS_RESULT_DELIVERED);
    assert_string_equal(rows.first, "2017-09-30");
    assert_string_equal(rows.last, "2017-09-30");
    dtm_rows_fini(&rows);
}

static void values__null_and_not_available__counted(void **state)
{
    struct dtm_rows rows;
    struct plug_answer answer;
    (void)state;
    (void)read_rows(&rows,
                    ENVELOPE(ROW(DAY, "null", "null", "null",
                                 "BA") "," ROW(DAY, "7", "3", "\"Not available\"",
                                               "XX") "," ROW("", "\"8\"", "null", "\"y\"", "SA"),
                             "3"),
                    &answer);
    assert_int_equal(rows.count, 3);
    assert_int_equal(rows.without_number, 1);
    assert_int_equal(rows.number_as_text, 1);
    assert_int_equal(rows.without_sex, 2);
    assert_int_equal(rows.without_origin, 2);
    assert_int_equal(rows.without_date, 1);
    assert_int_equal(rows.not_assessed_as_known, 1);
    dtm_rows_fini(&rows);
}

static void rows__of_one_place_and_day__counted_not_dropped(void **state)
{
    struct dtm_rows rows;
    struct plug_answer answer;
    (void)state;
    (void)read_rows(
        &rows,
        ENVELOPE(ROW(DAY, "5", "1", "\"x\"", "BA") "," ROW(DAY, "6", "1", "\"y\"", "SA"), "2"),
        &answer);
    assert_int_equal(rows.count, 2);
    assert_int_equal(dtm_rows_repeated(&rows), 1);
    dtm_rows_fini(&rows);
}

static void envelope__is_success_false__not_found_with_their_words(void **state)
{
    struct dtm_rows rows;
    struct plug_answer answer;
    (void)state;
    assert_int_equal(
        read_rows(&rows, "{\"isSuccess\": false, \"errorMessages\": [\"bad country\"]}", &answer),
        VLS_RESULT_NOT_FOUND);
    assert_non_null(strstr(answer.why, "bad country"));
    dtm_rows_fini(&rows);
}

static void envelope__double__its_rows_are_read(void **state)
{
    struct dtm_rows rows;
    struct plug_answer answer;
    (void)state;
    assert_int_equal(
        read_rows(&rows,
                  "{\"result\":{\"result\":{\"data\":[{\"m0302_meta_adm0_pcode\":\"NGA\"}],"
                  "\"pagination\":{\"totalItems\":1,\"hasNextPage\":false}},\"isSuccess\":true,"
                  "\"errorMessages\":[],\"totalRecordsCount\":1},\"id\":103}",
                  &answer),
        VLS_RESULT_DELIVERED);
    assert_int_equal(rows.count, 1);
    dtm_rows_fini(&rows);
}

static void row__that_is_no_object__malformed_with_its_place(void **state)
{
    struct dtm_rows rows;
    struct plug_answer answer;
    (void)state;
    assert_int_equal(read_rows(&rows, ENVELOPE("17", "1"), &answer), VLS_RESULT_MALFORMED);
    assert_true(answer.where[0] != '\0');
    dtm_rows_fini(&rows);
}

/* -- recorded answers -------------------------------------------------------------------------- */

static void sample(const char *name, uint64_t *out_rows)
{
    char path[512];
    struct dtm_rows rows;
    struct plug_answer answer = {.result = VLS_RESULT_DELIVERED};
    const char *samples = getenv("VALISE_SAMPLES");
    snprintf(path, sizeof path, "%s/iom-dtm-v3/%s",
             samples != NULL ? samples : VALISE_SOURCE_DIR "/../shared/samples", name);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        skip();
    assert_true(dtm_rows_init(&rows));
    assert_true(feed_scan(fd, dtm_rows_take, &rows));
    close(fd);
    dtm_rows_end(&rows, &answer);
    assert_int_equal(answer.result, VLS_RESULT_DELIVERED);
    *out_rows = rows.count;
    assert_true(rows.without_origin > 0 && rows.without_date == 0 && rows.first[0] != '\0');
    print_message("%s: %llu rows, %s to %s, %llu of a place and day that came before\n", name,
                  (unsigned long long)rows.count, rows.first, rows.last,
                  (unsigned long long)dtm_rows_repeated(&rows));
    dtm_rows_fini(&rows);
}

static void recorded__country_level__read_whole(void **state)
{
    uint64_t count = 0;
    (void)state;
    sample("displacement-admin0-admin0pcode-afg.json", &count);
    assert_true(count > 50);
}

static void recorded__first_level__read_whole(void **state)
{
    uint64_t count = 0;
    (void)state;
    sample("displacement-admin1-admin0pcode-hti.json", &count);
    assert_true(count > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date__without_a_zone__the_day_as_written),
        cmocka_unit_test(values__null_and_not_available__counted),
        cmocka_unit_test(rows__of_one_place_and_day__counted_not_dropped),
        cmocka_unit_test(envelope__is_success_false__not_found_with_their_words),
        cmocka_unit_test(envelope__double__its_rows_are_read),
        cmocka_unit_test(row__that_is_no_object__malformed_with_its_place),
        cmocka_unit_test(recorded__country_level__read_whole),
        cmocka_unit_test(recorded__first_level__read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
