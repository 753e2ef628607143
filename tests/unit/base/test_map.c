#include "base/base_test.h"

#include <stdio.h>

#include "base/map.h"

struct item {
    char key[16];
    int value;
    UT_hash_handle hh;
};

static void map__of_many_items__finds_each_and_forgets_the_removed(void **state)
{
    (void)state;
    struct item *map = NULL, *found, *next;
    char key[16];
    int seen = 0;
    for (int i = 0; i < 5000; i++) {
        struct item *item = vls_mem_new(sizeof *item);
        snprintf(item->key, sizeof item->key, "key-%d", i);
        item->value = i;
        HASH_ADD_STR(map, key, item);
    }
    assert_int_equal(HASH_COUNT(map), 5000);
    for (int i = 0; i < 5000; i += 2) {
        snprintf(key, sizeof key, "key-%d", i);
        HASH_FIND_STR(map, key, found);
        assert_non_null(found);
        assert_int_equal(found->value, i);
        HASH_DEL(map, found);
        vls_mem_free(found);
    }
    HASH_FIND_STR(map, "key-4", found);
    assert_null(found);
    HASH_FIND_STR(map, "key-5", found);
    assert_non_null(found);
    VLS_MAP_EACH (map, found, next) {
        assert_int_equal(found->value % 2, 1);
        seen++;
        HASH_DEL(map, found);
        vls_mem_free(found);
    }
    assert_int_equal(seen, 2500);
    assert_null(map);
}

static void map_hash__of_equal_keys__is_equal_and_sees_every_byte_and_the_length(void **state)
{
    (void)state;
    uint8_t key[64] = {0}, same[65] = {0};
    for (size_t len = 0; len <= sizeof key; len++) {
        unsigned hash = vls_map_hash(key, len);
        assert_int_equal(hash, vls_map_hash(same + 1, len)); /* wherever it lies */
        assert_int_not_equal(hash, vls_map_hash(key, len == 64 ? 63 : len + 1));
        for (size_t i = 0; i < len; i++) {
            key[i] ^= 1;
            assert_int_not_equal(hash, vls_map_hash(key, len));
            key[i] ^= 1;
        }
    }
}

static void map_hash__of_counting_keys__spreads_over_the_buckets(void **state)
{
    (void)state;
    enum { BUCKETS = 64, KEYS = 64000 };
    unsigned filled[BUCKETS] = {0};
    for (uint64_t i = 0; i < KEYS; i++)
        filled[vls_map_hash(&i, sizeof i) % BUCKETS]++;
    for (size_t i = 0; i < BUCKETS;
         i++) { /* 1000 expected, its deviation is 31: eight of them on either side */
        assert_true(filled[i] > 750);
        assert_true(filled[i] < 1250);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map__of_many_items__finds_each_and_forgets_the_removed),
        cmocka_unit_test(map_hash__of_equal_keys__is_equal_and_sees_every_byte_and_the_length),
        cmocka_unit_test(map_hash__of_counting_keys__spreads_over_the_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
