#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store_fixture.h"

static struct vls_status try_open(struct fixture *f, const char *dir)
{
    struct vls_store_options options = {.dir = dir};
    struct vls_store *other = NULL;
    struct vls_status s = vls_store_open(&options, &other, &f->why);
    assert_true(vls_ok(s) == (other != NULL));
    vls_store_free(&other);
    return s;
}

/** Run SQL on the closed database behind the store's back. */
static void run_sql(struct fixture *f, const char *sql)
{
    char path[256];
    sqlite3 *db = NULL;
    vls_store_free(&f->store);
    path_in(f, "valise.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void read_database(struct fixture *f, struct vls_buf *out)
{
    char path[256];
    path_in(f, "valise.db", path);
    vls_buf_init(out, 4u << 20);
    assert_done(f, vls_file_read(path, out, &f->why));
}

/** Refused with this code, and every byte of the database is what it was. */
static void assert_refused_untouched(struct fixture *f, uint32_t code)
{
    struct vls_buf before, after;
    read_database(f, &before);
    assert_code(f, code, try_open(f, f->dir));
    read_database(f, &after);
    assert_true(vls_slice_is_equal(vls_buf_slice(&before), vls_buf_slice(&after)));
    vls_buf_fini(&before);
    vls_buf_fini(&after);
}

static void add(struct fixture *f, uint32_t number)
{
    static uint8_t bytes[20000];
    struct vls_message m = make_message(number);
    m.content = VLS_SLICE(bytes, sizeof bytes);
    m.content_bytes = sizeof bytes;
    fixture_begin(f);
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    fixture_commit(f);
}

static void open__new_directory__is_private_and_durable(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct stat st;
    int64_t value;
    path_in(f, "valise.db", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    path_in(f, "content", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_done(f, vls_sqlite_number(f->store->db, "PRAGMA synchronous", &value, &f->why));
    assert_int_equal(value, 2);
    assert_done(f, vls_sqlite_number(f->store->db, "PRAGMA foreign_keys", &value, &f->why));
    assert_int_equal(value, 1);
    assert_done(f, vls_sqlite_number(f->store->db, "PRAGMA mmap_size", &value, &f->why));
    assert_int_equal(value, 0);
    assert_done(f, vls_sqlite_number(f->store->db, "PRAGMA trusted_schema", &value, &f->why));
    assert_int_equal(value, 0);
    assert_done(f, vls_sqlite_number(f->store->db, "PRAGMA wal_autocheckpoint", &value, &f->why));
    assert_int_equal(value, VLS_STORE_WAL_PAGES);
    assert_done(f, vls_sqlite_number(f->store->db, "PRAGMA user_version", &value, &f->why));
    assert_int_equal(value, VLS_SCHEMA_VERSION);
}

static void open__second_in_this_or_another_process__is_busy(void **state)
{
    struct fixture *f = *state;
    int status = -1;
    add(f, 1);
    assert_code(f, VLS_STORE_BUSY, try_open(f, f->dir));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(try_open(f, f->dir).code == VLS_STORE_BUSY ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    add(f, 2);
}

static void open__newer_schema__is_refused_untouched(void **state)
{
    struct fixture *f = *state;
    add(f, 1);
    char newer[64], ours[64];
    snprintf(newer, sizeof newer, "PRAGMA user_version = %u", VLS_SCHEMA_VERSION + 1);
    snprintf(ours, sizeof ours, "PRAGMA user_version = %u", VLS_SCHEMA_VERSION);
    run_sql(f, newer);
    assert_refused_untouched(f, VLS_STORE_VERSION);
    run_sql(f, ours);
    fixture_open(f);
}

static void open__someone_elses_database__is_refused_untouched(void **state)
{
    struct fixture *f = *state;
    run_sql(f, "PRAGMA application_id = 7");
    assert_refused_untouched(f, VLS_STORE_DAMAGED);
}

static void open__no_database_at_all__is_refused_untouched(void **state)
{
    struct fixture *f = *state;
    char path[256];
    static uint8_t noise[5000];
    memset(noise, 'n', sizeof noise);
    vls_store_free(&f->store);
    path_in(f, "valise.db", path);
    assert_done(f, vls_file_write(path, VLS_SLICE(noise, sizeof noise), 0600, &f->why));
    assert_refused_untouched(f, VLS_STORE_DAMAGED);
}

/** Overwrite or cut the closed database. */
static void damage(struct fixture *f, off_t at, size_t bytes, off_t cut_to)
{
    char path[256];
    uint8_t noise[4096];
    memset(noise, 0x5a, sizeof noise);
    vls_store_free(&f->store);
    path_in(f, "valise.db", path);
    if (cut_to != 0)
        assert_int_equal(truncate(path, cut_to), 0);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(noise, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static void open__page_overwritten__is_damaged_and_untouched(void **state)
{
    struct fixture *f = *state;
    add(f, 1);
    damage(f, 4096, 4096, 0);
    assert_refused_untouched(f, VLS_STORE_DAMAGED);
}

static void open__file_cut_short__is_damaged_and_untouched(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 1; i < 20; i++)
        add(f, i);
    damage(f, 0, 0, 81920);
    assert_refused_untouched(f, VLS_STORE_DAMAGED);
}

static void open__content_beside_a_damaged_database__is_left_alone(void **state)
{
    struct fixture *f = *state;
    keep_content(f, vls_slice_text("nobody names this"));
    damage(f, 4096, 4096, 0);
    assert_refused_untouched(f, VLS_STORE_DAMAGED);
    assert_int_equal(count_files(f, "content"), 1);
}

static void open__empty_database_file__begins_anew(void **state)
{
    struct fixture *f = *state;
    vls_store_free(&f->store);
    char path[256];
    path_in(f, "valise.db", path);
    assert_int_equal(truncate(path, 0), 0);
    fixture_open(f);
    add(f, 1);
    fixture_reopen(f);
}

static void open__directory_cannot_be__says_which(void **state)
{
    struct fixture *f = *state;
    char path[256], below[300];
    path_in(f, "valise.db", path);
    snprintf(below, sizeof below, "%s/store", path);
    struct vls_status s = try_open(f, below);
    assert_false(vls_ok(s));
    assert_non_null(strstr(f->why.text, "valise.db"));
}

static void free__nothing__is_fine(void **state)
{
    struct vls_store *none = NULL;
    (void)state;
    vls_store_free(&none);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open__new_directory__is_private_and_durable),
        TEST(open__second_in_this_or_another_process__is_busy),
        TEST(open__newer_schema__is_refused_untouched),
        TEST(open__someone_elses_database__is_refused_untouched),
        TEST(open__no_database_at_all__is_refused_untouched),
        TEST(open__page_overwritten__is_damaged_and_untouched),
        TEST(open__file_cut_short__is_damaged_and_untouched),
        TEST(open__content_beside_a_damaged_database__is_left_alone),
        TEST(open__empty_database_file__begins_anew),
        TEST(open__directory_cannot_be__says_which),
        cmocka_unit_test(free__nothing__is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
