/* What a record of the catalogue says of itself: of one made for this, and of a recorded one where
 * the samples are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "package.h"

#define SITE "https://data.example.org"

static void record__without_a_licence__says_so(void **state)
{
    static struct package package;
    (void)state;
    json_t *row = json_loads("{\"id\":\"32d0365c\",\"name\":\"n\",\"metadata_modified\":"
                             "\"2026-01-02T00:00:00.5\",\"license_title\":null}",
                             0, NULL);
    package_read(row, SITE, &package);
    assert_non_null(strstr(package.licence, "not stated"));
    assert_string_equal(package.title, "n");
    assert_string_equal(package.url, SITE "/dataset/32d0365c");
    json_decref(row);
}

static void record__without_an_id_or_a_date__passed_over(void **state)
{
    static const char *const ROWS[] = {
        "{}", "{\"id\":\"32d0\"}", "{\"id\":\"a/b\",\"metadata_modified\":\"2026-01-02T00:00:00\"}",
        "{\"id\":17,\"metadata_modified\":\"2026-01-02T00:00:00\"}",
        "{\"id\":\"32d0\",\"metadata_modified\":\"yesterday\"}"};
    char id[FEED_NAME], at[STREAM_TIME];
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        json_t *row = json_loads(ROWS[i], 0, NULL);
        assert_false(package_name(row, id, at));
        json_decref(row);
    }
}

static void record__private_or_deleted__not_public(void **state)
{
    (void)state;
    json_t *hidden = json_loads("{\"private\":true,\"state\":\"active\"}", 0, NULL);
    json_t *gone = json_loads("{\"private\":false,\"state\":\"deleted\"}", 0, NULL);
    json_t *open = json_loads("{\"private\":false,\"state\":\"active\"}", 0, NULL);
    assert_false(package_is_public(hidden));
    assert_false(package_is_public(gone));
    assert_true(package_is_public(open));
    json_decref(hidden);
    json_decref(gone);
    json_decref(open);
}

static void recorded__data_set_of_iom__read(void **state)
{
    static struct package package;
    char path[512], id[FEED_NAME], at[STREAM_TIME];
    const char *samples = getenv("VALISE_SAMPLES");
    (void)state;
    snprintf(path, sizeof path, "%s/hdx-ckan/dataset-global-iom-dtm-from-api.json",
             samples != NULL ? samples : VALISE_SOURCE_DIR "/../shared/samples");
    json_t *row = json_load_file(path, 0, NULL);
    if (row == NULL)
        skip();
    assert_true(package_name(row, id, at) && package_is_public(row));
    assert_string_equal(at, "2025-02-02T11:26:46.465598");
    package_read(row, SITE, &package);
    assert_non_null(strstr(package.licence, "Other: Copyright"));
    assert_string_equal(package.updated, "2025-02-02");
    assert_string_equal(package.name, "global-iom-dtm-from-api");
    assert_true(package.tag_count == 6 && package.organization[0] != '\0');
    json_decref(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record__without_a_licence__says_so),
        cmocka_unit_test(record__without_an_id_or_a_date__passed_over),
        cmocka_unit_test(record__private_or_deleted__not_public),
        cmocka_unit_test(recorded__data_set_of_iom__read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
