#include "store/members.h"

#include <string.h>

#include "store/requests.h"
#include "store_fixture.h"

struct seen {
    size_t count;
    char last[64];
    uint64_t recorded;
    enum vls_state certificate_at;
    bool is_certified;
};

/* vls_member_fn */
static struct vls_status see_member(void *ctx, const struct vls_member *member, struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    seen->count++;
    strncpy(seen->last, member->member, sizeof seen->last - 1);
    return VLS_DONE;
}

/* vls_written_statement_fn */
static struct vls_status see_statement(void *ctx, const struct vls_written_statement *one,
                                       struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    seen->count++;
    seen->recorded = one->recorded;
    seen->certificate_at = one->certificate_at;
    seen->is_certified = one->certificate.len != 0;
    return VLS_DONE;
}

static struct vls_id add_statement(struct fixture *f, uint32_t number, const char *kind)
{
    struct vls_message m = make_message(number);
    const struct vls_request request = {.id = m.id,
                                        .direction = VLS_IN,
                                        .party = "iom",
                                        .kind = kind,
                                        .since_ms = 10,
                                        .due_ms = 100};
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    assert_done(f, vls_store_request_add(f->store, &request, &f->why));
    return m.id;
}

static struct vls_status add_member(struct fixture *f, const struct vls_id *id, const char *name)
{
    const struct vls_member member = {name, 50, "a note", "uid:7"};
    return vls_store_member_add(f->store, id, &member, &f->why);
}

static void members__added__read_by_name_and_only_once(void **state)
{
    struct fixture *f = *state;
    struct seen all = {.count = 0}, behind = {.count = 0}, one = {.count = 0};
    fixture_begin(f);
    struct vls_id id = add_statement(f, 1, "written-statement");
    assert_done(f, add_member(f, &id, "states/ken"));
    assert_done(f, add_member(f, &id, "states/che"));
    assert_code(f, VLS_STORE_EXISTS, add_member(f, &id, "states/che"));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_members(f->store, &id, NULL, 10, see_member, &all, &f->why));
    assert_int_equal(all.count, 2);
    assert_string_equal(all.last, "states/ken");
    assert_done(f, vls_store_members(f->store, &id, "states/che", 1, see_member, &behind, &f->why));
    assert_int_equal(behind.count, 1);
    assert_done(f, vls_store_member_get(f->store, &id, "states/che", see_member, &one, &f->why));
    assert_string_equal(one.last, "states/che");
    assert_code(f, VLS_STORE_MISSING,
                vls_store_member_get(f->store, &id, "states", see_member, &one, &f->why));
}

static void statements__of_one_kind__with_their_certificate_until_closed(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0}, none = {.count = 0};
    fixture_begin(f);
    struct vls_id id = add_statement(f, 1, "written-statement");
    add_statement(f, 2, "information-request");
    assert_done(f, add_member(f, &id, "states/che"));
    struct vls_message certificate = make_message(3);
    assert_done(f, vls_store_add(f->store, &certificate, &f->why));
    struct vls_request request = {.id = id,
                                  .direction = VLS_IN,
                                  .party = "iom",
                                  .kind = "written-statement",
                                  .answer = vls_id_slice(&certificate.id),
                                  .answer_kind = "distribution-certificate",
                                  .answer_state = "",
                                  .steps = 1};
    assert_done(f, vls_store_request_change(f->store, &request, &f->why));
    struct vls_written_statement_filter filter = {.kind = "written-statement", .limit = 10};
    assert_done(f, vls_store_distributions(f->store, &filter, see_statement, &seen, &f->why));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.recorded, 1);
    assert_true(seen.is_certified);
    assert_int_equal(seen.certificate_at, VLS_STATE_RELEASED);
    request.closed_ms = 90;
    assert_done(f, vls_store_request_change(f->store, &request, &f->why));
    assert_done(f, vls_store_distributions(f->store, &filter, see_statement, &none, &f->why));
    assert_int_equal(none.count, 0);
    filter.with_closed = true;
    filter.after = &id;
    assert_done(f, vls_store_distributions(f->store, &filter, see_statement, &none, &f->why));
    assert_int_equal(none.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(members__added__read_by_name_and_only_once),
        TEST(statements__of_one_kind__with_their_certificate_until_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
