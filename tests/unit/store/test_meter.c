#include "store/meter.h"

#include <string.h>

#include "store_fixture.h"

struct seen {
    size_t count;
    uint64_t messages, bytes;
    enum vls_direction direction;
    char kind[64];
};

/* vls_meter_fn */
static struct vls_status see(void *ctx, const struct vls_metered *row, struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    seen->count++;
    seen->messages += row->messages;
    seen->bytes += row->bytes;
    seen->direction = row->direction;
    strncpy(seen->kind, row->kind, sizeof seen->kind - 1);
    return VLS_DONE;
}

static void add(struct fixture *f, uint32_t month, enum vls_direction direction, const char *party,
                const char *kind)
{
    const struct vls_metered what = {direction, party, kind, "", 1, 100};
    assert_done(f, vls_store_meter_add(f->store, month, &what, &f->why));
}

static struct seen list(struct fixture *f, const struct vls_meter_filter *filter)
{
    struct seen seen = {.count = 0};
    assert_done(f, vls_store_meter_list(f->store, filter, see, &seen, &f->why));
    return seen;
}

static void counts__of_several_months__summed_by_service(void **state)
{
    struct fixture *f = *state;
    struct vls_meter_filter filter = {.from_month = 0, .to_month = 999912, .limit = 10};
    fixture_begin(f);
    add(f, 202611, VLS_OUT, "iom", "publication");
    add(f, 202612, VLS_OUT, "iom", "publication");
    add(f, 202612, VLS_OUT, "iom", "publication");
    add(f, 202612, VLS_IN, "iom", "report");
    add(f, 202612, VLS_OUT, "wfp", "publication");
    fixture_commit(f);
    fixture_reopen(f);
    struct seen seen = list(f, &filter);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.messages, 5);
    assert_int_equal(seen.bytes, 500);
    filter.from_month = 202612;
    assert_int_equal(list(f, &filter).messages, 4);
    filter.to_month = 202611;
    assert_int_equal(list(f, &filter).count, 0);
    filter =
        (struct vls_meter_filter){.from_month = 0, .to_month = 202611, .party = "iom", .limit = 10};
    assert_int_equal(list(f, &filter).messages, 1);
}

static void pages__each_behind_the_last__hold_every_service_once(void **state)
{
    static const char *const KINDS[] = {"a", "b", "c"};
    struct fixture *f = *state;
    struct vls_meter_filter filter = {.to_month = 999912, .limit = 1};
    struct vls_metered after;
    fixture_begin(f);
    for (size_t i = 0; i < 3; i++)
        add(f, 202612, i == 0 ? VLS_IN : VLS_OUT, "iom", KINDS[i]);
    struct seen seen = list(f, &filter);
    char kinds[5] = "";
    for (size_t page = 0; seen.count == 1 && page < 4; page++) {
        kinds[page] = seen.kind[0];
        after = (struct vls_metered){seen.direction, "iom", seen.kind, "", 0, 0};
        filter.after = &after;
        struct seen next = list(f, &filter);
        seen = next;
    }
    assert_int_equal(strlen(kinds), 3);
    assert_true(strchr(kinds, 'a') && strchr(kinds, 'b') && strchr(kinds, 'c'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts__of_several_months__summed_by_service),
        TEST(pages__each_behind_the_last__hold_every_service_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
