#include "base/base_test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

struct fixture {
    char dir[200];
    char path[VLS_MAX_PATH];
    struct vls_buf buf;
    struct vls_why why;
};

static int set_up(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/valise-file-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(f->dir) == NULL)
        return -1;
    vls_buf_init(&f->buf, 1000);
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int result = nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    vls_buf_fini(&f->buf);
    vls_mem_free(f);
    return result;
}

static const char *in_dir(struct fixture *f, const char *name)
{
    assert_done(vls_path_join(f->dir, name, f->path, sizeof f->path));
    return f->path;
}

static void file_write__then_read__gives_the_bytes_and_leaves_no_temporary(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    char temporary[VLS_MAX_PATH + 32];
    const char *path = in_dir(f, "a");
    assert_done(vls_file_write(path, vls_slice_text("first"), 0600, &f->why));
    assert_done(vls_file_write(path, VLS_SLICE("sec\0nd", 6), 0600, &f->why));
    assert_done(vls_file_read(path, &f->buf, &f->why));
    assert_int_equal(f->buf.len, 6);
    assert_memory_equal(f->buf.at, "sec\0nd", 6);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    assert_int_equal(access(temporary, F_OK), -1);
}

static void file_write__over_the_rest_of_a_crash__succeeds(void **state)
{
    struct fixture *f = *state;
    char temporary[VLS_MAX_PATH + 32];
    const char *path = in_dir(f, "a");
    snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_done(vls_fd_write(fd, vls_slice_text("half a fi"), &f->why));
    vls_fd_close(&fd);
    assert_done(vls_file_write(path, vls_slice_text("whole"), 0600, &f->why));
    assert_done(vls_file_read(path, &f->buf, &f->why));
    assert_string_equal(vls_buf_text(&f->buf), "whole");
    assert_int_equal(access(temporary, F_OK), -1);
}

static void file_write__into_no_directory__says_where(void **state)
{
    struct fixture *f = *state;
    const char *path = in_dir(f, "no/such/file");
    assert_code(vls_file_write(path, vls_slice_text("x"), 0600, &f->why), VLS_SYSTEM_IO);
    assert_non_null(strstr(f->why.text, "no/such/file"));
    assert_non_null(strstr(f->why.text, "No such file"));
}

static void file_read__of_what_is_no_readable_file__is_refused(void **state)
{
    struct fixture *f = *state;
    assert_code(vls_file_read(in_dir(f, "none"), &f->buf, &f->why), VLS_SYSTEM_MISSING);
    assert_non_null(strstr(f->why.text, f->path));
    assert_code(vls_file_read(f->dir, &f->buf, &f->why), VLS_INPUT_MALFORMED);
    assert_non_null(strstr(f->why.text, "not a regular file"));
    assert_int_equal(mkfifo(in_dir(f, "fifo"), 0600), 0);
    assert_code(vls_file_read(f->path, &f->buf, &f->why),
                VLS_INPUT_MALFORMED); /* and does not wait */
    assert_int_equal(f->buf.len, 0);
}

static void file_read__at_the_limit__fits_and_one_more_does_not(void **state)
{
    struct fixture *f = *state;
    char bytes[1001];
    memset(bytes, 'q', sizeof bytes);
    assert_done(vls_file_write(in_dir(f, "a"), VLS_SLICE(bytes, 1000), 0600, &f->why));
    assert_done(vls_file_read(f->path, &f->buf, &f->why));
    assert_int_equal(f->buf.len, 1000);
    assert_code(vls_file_read(f->path, &f->buf, &f->why), VLS_INPUT_LIMIT);
    vls_buf_clear(&f->buf);
    assert_done(vls_file_write(f->path, VLS_SLICE(bytes, 1001), 0600, &f->why));
    assert_code(vls_file_read(f->path, &f->buf, &f->why), VLS_INPUT_LIMIT);
    assert_int_equal(f->buf.len, 0);
    assert_done(vls_file_write(f->path, VLS_SLICE(NULL, 0), 0600, &f->why));
    assert_done(vls_file_read(f->path, &f->buf, &f->why));
    assert_int_equal(f->buf.len, 0);
}

static void fd_memory_of__cannot_be_changed(void **state)
{
    struct fixture *f = *state;
    int fd = -1;
    uint64_t size = 0;
    uint8_t bytes[5];
    assert_done(vls_fd_memory_of("test", vls_slice_text("bytes"), &fd, &f->why));
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_done(vls_fd_size(fd, &size, &f->why));
    assert_int_equal(size, 5);
    assert_done(vls_fd_read_at(fd, bytes, 5, 0, &f->why));
    assert_memory_equal(bytes, "bytes", 5);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 1), -1);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    vls_fd_close(&fd);
    assert_int_equal(fd, -1);
    vls_fd_close(&fd);
}

static void fd_read_at__past_the_end__says_how_much_is_missing(void **state)
{
    struct fixture *f = *state;
    int fd = -1;
    uint8_t bytes[8];
    assert_done(vls_fd_memory_of("test", vls_slice_text("12345"), &fd, &f->why));
    assert_done(vls_fd_read_at(fd, bytes, 2, 3, &f->why));
    assert_memory_equal(bytes, "45", 2);
    assert_code(vls_fd_read_at(fd, bytes, 3, 3, &f->why), VLS_INPUT_MALFORMED);
    assert_non_null(strstr(f->why.text, "1 bytes early"));
    vls_fd_close(&fd);
}

static void fd_temporary__is_not_seen_in_its_directory(void **state)
{
    struct fixture *f = *state;
    int fd = -1;
    struct stat st;
    assert_done(vls_fd_temporary(f->dir, &fd, &f->why));
    assert_done(vls_fd_write(fd, vls_slice_text("hidden"), &f->why));
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_nlink, 0);
    assert_done(vls_fd_read_all(fd, &f->buf, &f->why));
    assert_string_equal(vls_buf_text(&f->buf), "hidden");
    vls_fd_close(&fd);
    assert_code(vls_fd_temporary(in_dir(f, "none"), &fd, &f->why), VLS_SYSTEM_IO);
    assert_int_equal(fd, -1);
}

static void fd_write__to_a_full_device__fails_with_the_reason(void **state)
{
    struct fixture *f = *state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        skip();
    assert_code(vls_fd_write(fd, vls_slice_text("x"), &f->why), VLS_SYSTEM_FULL);
    assert_non_null(strstr(f->why.text, "No space left"));
    vls_fd_close(&fd);
}

static void fd_move__empties_its_source(void **state)
{
    (void)state;
    int fd = 7, to = vls_fd_move(&fd);
    assert_int_equal(to, 7);
    assert_int_equal(fd, -1);
}

static void dir_make__makes_parents_and_takes_an_existing_one(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    assert_done(vls_dir_make(in_dir(f, "x/y/z"), 0700, &f->why));
    assert_done(vls_dir_make(f->path, 0700, &f->why));
    assert_done(vls_dir_make(in_dir(f, "x/y/z/"), 0700, &f->why));
    assert_int_equal(stat(f->path, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_done(vls_dir_make("/", 0700, &f->why));
    assert_false(vls_ok(vls_dir_make("", 0700, &f->why)));
}

static void dir_make__where_a_file_is__is_refused(void **state)
{
    struct fixture *f = *state;
    assert_done(vls_file_write(in_dir(f, "file"), vls_slice_text("x"), 0600, &f->why));
    assert_code(vls_dir_make(f->path, 0700, &f->why), VLS_SYSTEM_IO);
    assert_code(vls_dir_make(in_dir(f, "file/below"), 0700, &f->why), VLS_SYSTEM_IO);
}

static void path_join__joins_with_one_slash_within_the_room(void **state)
{
    (void)state;
    char out[8] = "before";
    static const struct {
        const char *dir, *name, *joined;
    } CASES[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"},
        {"", "b", "b"},    {"a", "/b", "/b"},  {"abc", "def", "abc/def"},
    };
    assert_code(vls_path_join("abc", "defg", out, sizeof out), VLS_INPUT_LIMIT);
    assert_code(vls_path_join("", "12345678", out, sizeof out), VLS_INPUT_LIMIT);
    assert_code(vls_path_join("", "", out, 0), VLS_INPUT_LIMIT);
    assert_string_equal(out, "before");
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_done(vls_path_join(CASES[i].dir, CASES[i].name, out, sizeof out));
        assert_string_equal(out, CASES[i].joined);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file_write__then_read__gives_the_bytes_and_leaves_no_temporary),
        TEST(file_write__over_the_rest_of_a_crash__succeeds),
        TEST(file_write__into_no_directory__says_where),
        TEST(file_read__of_what_is_no_readable_file__is_refused),
        TEST(file_read__at_the_limit__fits_and_one_more_does_not),
        TEST(fd_memory_of__cannot_be_changed),
        TEST(fd_read_at__past_the_end__says_how_much_is_missing),
        TEST(fd_temporary__is_not_seen_in_its_directory),
        TEST(fd_write__to_a_full_device__fails_with_the_reason),
        TEST(fd_move__empties_its_source),
        TEST(dir_make__makes_parents_and_takes_an_existing_one),
        TEST(dir_make__where_a_file_is__is_refused),
        TEST(path_join__joins_with_one_slash_within_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
