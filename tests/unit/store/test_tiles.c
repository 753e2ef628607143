#include "store/tiles.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_fixture.h"

#define LOG  "un/valise/iom/sent"
#define TILE "logs/" LOG "/tile/0/000"

static uint8_t hashes[VLS_TILE_BYTES];

static void fill(uint8_t seed)
{
    for (size_t i = 0; i < sizeof hashes; i++)
        hashes[i] = (uint8_t)(i / 32 + i + seed);
}

static void write_tile(struct fixture *f, unsigned level, uint64_t index, unsigned width)
{
    fixture_begin(f);
    assert_done(f, vls_store_tile_write(f->store, LOG, level, index, width, hashes, &f->why));
    fixture_commit(f);
}

static bool settle(struct fixture *f)
{
    bool is_done = false;
    assert_done(f, vls_store_tiles_settle(f->store, 4, &is_done, &f->why));
    return is_done;
}

static void assert_reads(struct fixture *f, unsigned level, uint64_t index)
{
    uint8_t there[VLS_TILE_BYTES] = {0};
    assert_done(f, vls_store_tile_read(f->store, LOG, level, index, 256, there, &f->why));
    assert_memory_equal(there, hashes, sizeof hashes);
    memset(there, 0, sizeof there);
    assert_done(f, vls_store_tile_read(f->store, LOG, level, index, 3, there, &f->why));
    assert_memory_equal(there, hashes, 96);
    assert_int_equal(there[96], 0);
}

static int64_t rows(struct fixture *f)
{
    int64_t count = -1;
    assert_done(f, vls_sqlite_number(f->store->db, "SELECT count(*) FROM tile", &count, &f->why));
    return count;
}

static off_t size_of(struct fixture *f, const char *name)
{
    char path[256];
    struct stat st;
    path_in(f, name, path);
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static void tile__full__becomes_a_file_and_its_row_goes(void **state)
{
    struct fixture *f = *state;
    fill(0);
    write_tile(f, 0, 0, 255);
    assert_true(settle(f));
    assert_int_equal(size_of(f, TILE), -1);
    write_tile(f, 0, 0, 256);
    assert_reads(f, 0, 0);
    assert_true(settle(f));
    assert_int_equal(size_of(f, TILE), 8192);
    assert_int_equal(rows(f), 1); /* until the next commit */
    write_tile(f, 0, 1, 1);
    assert_int_equal(rows(f), 1);
    assert_reads(f, 0, 0);
    fixture_reopen(f);
    assert_reads(f, 0, 0);
    assert_int_equal(size_of(f, TILE ".new"), -1);
}

static void tile__inside_a_transaction__waits_for_its_commit(void **state)
{
    struct fixture *f = *state;
    fill(0);
    fixture_begin(f);
    assert_done(f, vls_store_tile_write(f->store, LOG, 0, 0, 256, hashes, &f->why));
    assert_false(settle(f));
    assert_int_equal(size_of(f, TILE), -1);
    vls_store_rollback(f->store);
    assert_true(settle(f));
    assert_int_equal(size_of(f, TILE), -1);
}

static void tiles__more_than_one_step_takes__follow(void **state)
{
    struct fixture *f = *state;
    char name[128];
    fill(0);
    fixture_begin(f);
    for (uint64_t i = 995; i < 1005; i++)
        assert_done(f, vls_store_tile_write(f->store, LOG, 0, i, 256, hashes, &f->why));
    fixture_commit(f);
    for (unsigned step = 0; step < 10 && !settle(f); step++)
        write_tile(f, 1, 0, 1);
    write_tile(f, 1, 0, 1);
    assert_int_equal(rows(f), 1);
    for (uint64_t i = 995; i < 1005; i++) {
        assert_reads(f, 0, i);
        snprintf(name, sizeof name,
                 i < 1000 ? "logs/" LOG "/tile/0/%03u" : "logs/" LOG "/tile/0/x001/%03u",
                 (unsigned)(i % 1000));
        assert_int_equal(size_of(f, name), 8192);
    }
}

/* -- crashes ----------------------------------------------------------------------------------- */

static void end_here(void *ctx, enum vls_store_point point)
{
    if (point == *(enum vls_store_point *)ctx)
        _exit(0);
}

/* In a process of its own: it ends at this point of making a tile a file. */
static void crash_at(struct fixture *f, enum vls_store_point point)
{
    vls_store_free(&f->store);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool is_done;
        const struct vls_store_options options = {.dir = f->dir};
        if (!vls_ok(vls_store_open(&options, &f->store, NULL)))
            _exit(2);
        f->store->at_point = end_here;
        f->store->at_point_ctx = &point;
        (void)vls_store_tiles_settle(f->store, 4, &is_done, NULL).code;
        if (vls_ok(vls_store_begin(f->store, NULL)) &&
            vls_ok(vls_store_tile_write(f->store, LOG, 1, 0, 1, hashes, NULL)))
            (void)vls_store_commit(f->store, NULL).code;
        _exit(3); /* it was to end before */
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fixture_open(f);
}

static void crash__between_any_two_steps__heals(void **state)
{
    static const enum vls_store_point POINTS[] = {VLS_POINT_TILE_WRITTEN, VLS_POINT_TILE_NAMED,
                                                  VLS_POINT_FOLDERS_SYNCED, VLS_POINT_COMMITTED};
    struct fixture *f = *state;
    fill(0);
    for (uint64_t i = 0; i < sizeof POINTS / sizeof POINTS[0]; i++) {
        write_tile(f, 0, i, 256);
        crash_at(f, POINTS[i]);
        assert_reads(f, 0, i);
        assert_true(settle(f));
        write_tile(f, 2, 0, 1); /* the commit that drops its row */
        int64_t full = -1;
        assert_done(f, vls_sqlite_number(f->store->db,
                                         "SELECT count(*) FROM tile WHERE length(hashes) = 8192",
                                         &full, &f->why));
        assert_int_equal(full, 0);
        assert_reads(f, 0, i);
    }
}

/* -- damage ------------------------------------------------------------------------------------ */

static void make_file_tile(struct fixture *f)
{
    fill(0);
    write_tile(f, 0, 0, 256);
    assert_true(settle(f));
    write_tile(f, 1, 0, 1);
}

static void file__truncated_or_missing__is_damage_and_says_where(void **state)
{
    struct fixture *f = *state;
    uint8_t there[VLS_TILE_BYTES];
    char path[256];
    make_file_tile(f);
    path_in(f, TILE, path);
    assert_int_equal(truncate(path, 8160), 0);
    assert_code(f, VLS_STORE_DAMAGED, vls_store_tile_read(f->store, LOG, 0, 0, 1, there, &f->why));
    assert_non_null(strstr(f->why.text, "tile/0/000 has 8160 bytes"));
    assert_int_equal(unlink(path), 0);
    assert_code(f, VLS_STORE_DAMAGED, vls_store_tile_read(f->store, LOG, 0, 0, 1, there, &f->why));
    assert_non_null(strstr(f->why.text, "tile 0/0 has 0 hashes"));
}

static void file__of_a_tile__is_never_written_over(void **state)
{
    struct fixture *f = *state;
    make_file_tile(f);
    fill(1);
    fixture_begin(f);
    assert_code(f, VLS_STORE_CONFLICT,
                vls_store_tile_write(f->store, LOG, 0, 0, 1, hashes, &f->why));
    assert_code(f, VLS_STORE_CONFLICT,
                vls_store_tile_write(f->store, LOG, 0, 0, 256, hashes, &f->why));
    fixture_commit(f);
    fill(0);
    assert_reads(f, 0, 0);
}

static void file__with_other_hashes_than_the_row__is_damage(void **state)
{
    struct fixture *f = *state;
    char path[256];
    bool is_done;
    make_file_tile(f);
    write_tile(f, 0, 1, 256);
    path_in(f, "logs/" LOG "/tile/0/001", path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, 8192), 0);
    close(fd);
    assert_code(f, VLS_STORE_DAMAGED, vls_store_tiles_settle(f->store, 4, &is_done, &f->why));
    assert_non_null(strstr(f->why.text, "tile/0/001 holds other hashes"));
    assert_reads(f, 0, 1); /* what is in the database stays */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tile__full__becomes_a_file_and_its_row_goes),
        TEST(tile__inside_a_transaction__waits_for_its_commit),
        TEST(tiles__more_than_one_step_takes__follow),
        TEST(crash__between_any_two_steps__heals),
        TEST(file__truncated_or_missing__is_damage_and_says_where),
        TEST(file__of_a_tile__is_never_written_over),
        TEST(file__with_other_hashes_than_the_row__is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
