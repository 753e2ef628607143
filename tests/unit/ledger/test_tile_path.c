#include "ledger/tile_path.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "ledger/ledger_test.h"

static void path__of_any_tile__in_groups_of_three(void **state)
{
    static const struct {
        unsigned level, width;
        uint64_t index;
        const char *path;
    } CASES[] = {{0, 256, 0, "tile/0/000"},
                 {2, 256, 999, "tile/2/999"},
                 {2, 256, 1000, "tile/2/x001/000"},
                 {2, 256, 999999, "tile/2/x999/999"},
                 {1, 256, 1000000, "tile/1/x001/x000/000"},
                 {0, 256, 1234067, "tile/0/x001/x234/067"}, /* the format's own example */
                 {63, 256, UINT64_C(72057594037927935), "tile/63/x072/x057/x594/x037/x927/935"}};
    char path[VLS_TILE_PATH];
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        vls_tile_path(CASES[i].level, CASES[i].index, CASES[i].width, path);
        assert_string_equal(path, CASES[i].path);
    }
}

static void path__of_a_tile_that_is_not_full__says_its_width(void **state)
{
    char path[VLS_TILE_PATH];
    (void)state;
    vls_tile_path(0, 0, 1, path);
    assert_string_equal(path, "tile/0/000.p/1");
    vls_tile_path(3, 1000, 255, path);
    assert_string_equal(path, "tile/3/x001/000.p/255");
}

static void path__of_the_largest_numbers__has_room(void **state)
{
    char path[VLS_TILE_PATH];
    (void)state;
    vls_tile_path(UINT_MAX, UINT64_MAX, VLS_TILE_WIDTH - 1, path);
    assert_string_equal(path, "tile/4294967295/x018/x446/x744/x073/x709/x551/615.p/255");
    assert_true(strlen(path) < VLS_TILE_PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path__of_any_tile__in_groups_of_three),
        cmocka_unit_test(path__of_a_tile_that_is_not_full__says_its_width),
        cmocka_unit_test(path__of_the_largest_numbers__has_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
