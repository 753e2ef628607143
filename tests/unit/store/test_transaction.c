#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

static bool is_there(struct fixture *f, uint32_t number)
{
    struct vls_message *got = NULL;
    struct vls_id id = make_id(number);
    struct vls_status s = vls_store_get(f->store, &id, &got, &f->why);
    vls_message_free(&got);
    return vls_ok(s);
}

static void add(struct fixture *f, uint32_t number)
{
    struct vls_message m = make_message(number);
    assert_done(f, vls_store_add(f->store, &m, &f->why));
}

static struct vls_status add_big(struct fixture *f, uint32_t number)
{
    static uint8_t bytes[VLS_INLINE_CONTENT];
    struct vls_message m = make_message(number);
    m.content = VLS_SLICE(bytes, sizeof bytes);
    m.content_bytes = sizeof bytes;
    return vls_store_add(f->store, &m, &f->why);
}

/* -- the plain way ----------------------------------------------------------------------------- */

static void commit__nothing_open__does_nothing(void **state)
{
    struct fixture *f = *state;
    fixture_commit(f);
    vls_store_rollback(f->store);
    vls_store_undo(f->store);
    assert_code(f, VLS_SYSTEM_BUG, vls_store_mark(f->store, &f->why));
    assert_int_equal(vls_store_commits(f->store), 0);
}

static void commit__batches__are_counted_when_they_wrote(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    fixture_begin(f);
    add(f, 1);
    add(f, 2);
    fixture_commit(f);
    fixture_begin(f);
    fixture_commit(f);
    assert_int_equal(vls_store_commits(f->store), 1);
    fixture_reopen(f);
    assert_true(is_there(f, 1) && is_there(f, 2));
}

static void rollback__and_closing__take_all_back(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    add(f, 1);
    assert_true(is_there(f, 1));
    vls_store_rollback(f->store);
    assert_false(is_there(f, 1));
    fixture_begin(f);
    add(f, 2);
    fixture_reopen(f);
    assert_false(is_there(f, 2));
}

static void undo__mark_moved_and_used_twice__takes_back_what_came_behind(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    add(f, 1);
    assert_done(f, vls_store_mark(f->store, &f->why));
    add(f, 2);
    assert_done(f, vls_store_mark(f->store, &f->why));
    add(f, 3);
    vls_store_undo(f->store);
    add(f, 4);
    vls_store_undo(f->store);
    add(f, 5);
    fixture_commit(f);
    vls_store_undo(f->store);
    fixture_reopen(f);
    assert_true(is_there(f, 1) && is_there(f, 2) && is_there(f, 5));
    assert_false(is_there(f, 3) || is_there(f, 4));
}

/* -- when the disk is full --------------------------------------------------------------------- */

/** Let the database grow by this many pages and no further; 0 = for good. */
static void limit_pages(struct fixture *f, int64_t pages)
{
    char sql[64];
    int64_t now, set;
    assert_done(f, vls_sqlite_number(f->store->db, "PRAGMA page_count", &now, &f->why));
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
             (long long)(pages != 0 ? now + pages : 1000000));
    assert_done(f, vls_sqlite_number(f->store->db, sql, &set, &f->why));
}

static void full__in_a_change__fails_the_commit_and_the_next_batch_works(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    add(f, 1);
    fixture_commit(f);
    limit_pages(f, 20);
    fixture_begin(f);
    add(f, 2);
    assert_done(f, add_big(f, 3));
    assert_code(f, VLS_SYSTEM_FULL, add_big(f, 4));
    struct vls_message m = make_message(5);
    assert_code(f, VLS_SYSTEM_FULL, vls_store_add(f->store, &m, &f->why));
    assert_code(f, VLS_SYSTEM_FULL, vls_store_mark(f->store, &f->why));
    assert_code(f, VLS_SYSTEM_FULL, vls_store_commit(f->store, &f->why));
    assert_true(is_there(f, 1));
    assert_false(is_there(f, 2) || is_there(f, 3) || is_there(f, 4));
    limit_pages(f, 0);
    fixture_begin(f);
    assert_done(f, add_big(f, 4));
    fixture_commit(f);
    fixture_reopen(f);
    assert_true(is_there(f, 1) && is_there(f, 4));
    assert_false(is_there(f, 2) || is_there(f, 3));
}

static void full__behind_a_mark__undo_saves_what_came_before(void **state)
{
    struct fixture *f = *state;
    limit_pages(f, 20);
    fixture_begin(f);
    add(f, 1);
    assert_done(f, vls_store_mark(f->store, &f->why));
    assert_done(f, add_big(f, 2));
    assert_code(f, VLS_SYSTEM_FULL, add_big(f, 3));
    vls_store_undo(f->store);
    /* SQLite may have given the whole transaction up; then the commit says so, and nothing is half
     * there. */
    struct vls_status s = vls_store_commit(f->store, &f->why);
    fixture_reopen(f);
    assert_int_equal(is_there(f, 1), vls_ok(s));
    assert_false(is_there(f, 2) || is_there(f, 3));
}

/** In a child, whose files may not grow beyond a limit: the write itself fails, as on a full disk.
 * Returns what went wrong. */
static int fill_until_refused(struct fixture *f)
{
    struct rlimit limit = {.rlim_cur = 3u << 20, .rlim_max = 8u << 20};
    struct vls_status s = VLS_DONE;
    uint32_t number = 100;
    signal(SIGXFSZ, SIG_IGN);
    fixture_open(f);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    while (vls_ok(s) && number < 1000) {
        fixture_begin(f);
        s = add_big(f, number);
        if (vls_ok(s))
            s = vls_store_commit(f->store, &f->why);
        else
            vls_store_rollback(f->store);
        number++;
    }
    if (s.code != VLS_SYSTEM_FULL || is_there(f, number - 1) || !is_there(f, number - 2))
        return 2;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 3;
    fixture_begin(f);
    add(f, 1);
    fixture_commit(f);
    return is_there(f, 1) ? 0 : 4;
}

static void full__file_cannot_grow__is_system_full_and_the_store_goes_on(void **state)
{
    struct fixture *f = *state;
    int status = -1;
    vls_store_free(&f->store);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(fill_until_refused(
            f)); /* without closing: as if it died right behind its last commit */
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    fixture_open(f);
    assert_true(is_there(f, 1) && is_there(f, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commit__nothing_open__does_nothing),
        TEST(commit__batches__are_counted_when_they_wrote),
        TEST(rollback__and_closing__take_all_back),
        TEST(undo__mark_moved_and_used_twice__takes_back_what_came_behind),
        TEST(full__in_a_change__fails_the_commit_and_the_next_batch_works),
        TEST(full__behind_a_mark__undo_saves_what_came_before),
        TEST(full__file_cannot_grow__is_system_full_and_the_store_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
