#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store_fixture.h"

static void assert_content(struct fixture *f, const struct vls_digest *digest, const char *expected)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    uint64_t bytes;
    char read_back[64] = "";
    assert_done(f, vls_content_open(f->store, digest, &fd, &bytes, &f->why));
    assert_int_equal(bytes, strlen(expected));
    assert_done(f, vls_fd_read_at(fd, (uint8_t *)read_back, bytes, 0, &f->why));
    assert_string_equal(read_back, expected);
    assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

static struct vls_message message_of(uint32_t number, struct vls_digest digest, uint64_t bytes)
{
    struct vls_message m = make_message(number);
    m.content_digest = digest;
    m.content_bytes = bytes;
    return m;
}

static void add_named(struct fixture *f, uint32_t number, const char *content)
{
    struct vls_message m =
        message_of(number, keep_content(f, vls_slice_text(content)), strlen(content));
    assert_done(f, vls_store_add(f->store, &m, &f->why));
}

/* -- keep and open ----------------------------------------------------------------------------- */

static void keep__named_by_a_row__is_there_after_reopening(void **state)
{
    struct fixture *f = *state;
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text("sealed bytes"));
    char hex[65], name[256], path[256];
    struct stat st;
    fixture_begin(f);
    add_named(f, 1, "sealed bytes");
    assert_content(f, &digest, "sealed bytes");
    fixture_commit(f);
    fixture_reopen(f);
    assert_content(f, &digest, "sealed bytes");
    vls_hex(vls_digest_slice(&digest), hex);
    snprintf(name, sizeof name, "content/%.2s/%s", hex, hex);
    path_in(f, name, path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void keep__same_digest_twice__is_one_file(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    add_named(f, 1, "same");
    add_named(f, 2, "same");
    fixture_commit(f);
    fixture_begin(f);
    add_named(f, 3, "same");
    fixture_commit(f);
    assert_int_equal(count_files(f, "content"), 1);
    assert_int_equal(f->store->content_bytes, 4);
}

static void keep__digest_of_another_size__is_a_conflict(void **state)
{
    struct fixture *f = *state;
    VLS_DEFER(vls_fd_close) int fd = -1;
    struct vls_digest digest = keep_content(f, vls_slice_text("right"));
    assert_done(f, vls_content_new(f->store, &fd, &f->why));
    assert_done(f, vls_fd_write(fd, vls_slice_text("wrong size"), &f->why));
    assert_code(f, VLS_STORE_CONFLICT, vls_content_keep(f->store, fd, &digest, &f->why));
    assert_content(f, &digest, "right");
}

/* Before Linux 6.10 this is the only way without privileges; here it is taken because the first one
 * is closed. */
static void keep__by_proc__gives_the_name_too(void **state)
{
    struct fixture *f = *state;
    VLS_DEFER(vls_fd_close) int fd = -1;
    char number[16];
    assert_done(f, vls_content_new(f->store, &fd, &f->why));
    assert_done(f, vls_fd_write(fd, vls_slice_text("x"), &f->why));
    snprintf(number, sizeof number, "%d", fd);
    assert_true(f->store->links_fd >= 0);
    assert_int_equal(
        linkat(f->store->links_fd, number, f->store->content_fd, "probe", AT_SYMLINK_FOLLOW), 0);
    assert_int_equal(count_files(f, "content"), 1);
}

static void plain__cannot_be_given_a_name(void **state)
{
    struct fixture *f = *state;
    VLS_DEFER(vls_fd_close) int fd = -1;
    struct vls_digest digest = make_digest(1);
    assert_done(f, vls_content_plain(f->store, &fd, &f->why));
    assert_done(f, vls_fd_write(fd, vls_slice_text("plaintext"), &f->why));
    assert_int_equal(count_files(f, "content"), 0);
    struct vls_status s = vls_content_keep(f->store, fd, &digest, &f->why);
    assert_false(vls_ok(s));
    assert_int_equal(count_files(f, "content"), 0);
}

static void open__unknown_digest__is_missing(void **state)
{
    struct fixture *f = *state;
    struct vls_digest digest = make_digest(9);
    uint64_t bytes;
    int fd = -1;
    assert_code(f, VLS_STORE_MISSING, vls_content_open(f->store, &digest, &fd, &bytes, &f->why));
    assert_int_equal(fd, -1);
}

static void add__content_file_not_kept_or_of_another_size__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_message *got = NULL;
    struct vls_message m = message_of(1, make_digest(9), 5);
    fixture_begin(f);
    assert_code(f, VLS_STORE_MISSING, vls_store_add(f->store, &m, &f->why));
    m.content_digest = keep_content(f, vls_slice_text("four"));
    assert_code(f, VLS_STORE_CONFLICT, vls_store_add(f->store, &m, &f->why));
    fixture_commit(f);
    assert_code(f, VLS_STORE_MISSING, vls_store_get(f->store, &m.id, &got, &f->why));
}

/* -- what no row names ------------------------------------------------------------------------- */

static void rollback__kept_in_the_transaction__goes_unless_older_rows_name_it(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    add_named(f, 1, "stays");
    fixture_commit(f);
    fixture_begin(f);
    add_named(f, 2, "goes");
    add_named(f, 3, "stays");
    vls_store_rollback(f->store);
    assert_int_equal(count_files(f, "content"), 1);
    assert_int_equal(f->store->content_bytes, 5);
    fixture_begin(f);
    add_named(f, 2, "goes");
    fixture_commit(f);
    assert_int_equal(count_files(f, "content"), 2);
}

static void undo__kept_behind_the_mark__goes(void **state)
{
    struct fixture *f = *state;
    struct vls_digest before = vls_digest_of_slice(vls_slice_text("before"));
    fixture_begin(f);
    add_named(f, 1, "before");
    assert_done(f, vls_store_mark(f->store, &f->why));
    add_named(f, 2, "behind");
    add_named(f, 3, "before");
    vls_store_undo(f->store);
    assert_int_equal(count_files(f, "content"), 1);
    fixture_commit(f);
    fixture_reopen(f);
    assert_int_equal(count_files(f, "content"), 1);
    assert_content(f, &before, "before");
}

static void open_store__orphans__are_removed_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    char path[256];
    struct vls_digest kept = vls_digest_of_slice(vls_slice_text("named"));
    fixture_begin(f);
    add_named(f, 1, "named");
    fixture_commit(f);
    keep_content(f, vls_slice_text("orphan 1"));
    keep_content(f, vls_slice_text("orphan 2"));
    path_in(f, "content/README", path);
    assert_done(f, vls_file_write(path, vls_slice_text("by hand"), 0600, &f->why));
    assert_int_equal(count_files(f, "content"), 4);
    fixture_reopen(f);
    assert_int_equal(count_files(f, "content"), 2);
    assert_content(f, &kept, "named");
    assert_int_equal(f->store->content_bytes, 5);
}

static void freeze__file_and_memory__can_be_read_and_not_written(void **state)
{
    struct fixture *f = *state;
    int fds[2];
    assert_done(f, vls_content_plain(f->store, &fds[0], &f->why));
    assert_done(f, vls_fd_memory("plain", &fds[1], &f->why));
    for (size_t i = 0; i < 2; i++) {
        uint8_t text[4];
        assert_done(f, vls_fd_write(fds[i], vls_slice_text("text"), &f->why));
        assert_done(f, vls_content_freeze(f->store, &fds[i], &f->why));
        assert_done(f, vls_fd_read_at(fds[i], text, sizeof text, 0, &f->why));
        assert_memory_equal(text, "text", sizeof text);
        assert_true(pwrite(fds[i], "x", 1, 0) < 0);
        assert_true(ftruncate(fds[i], 0) < 0);
        vls_fd_close(&fds[i]);
    }
}

/* -- uploads ----------------------------------------------------------------------------------- */

static int open_upload(struct fixture *f, const char *party, const struct vls_digest *digest,
                       uint64_t bytes, uint64_t expected_there)
{
    int fd = -1;
    uint64_t there = 99;
    bool is_complete = true;
    assert_done(
        f, vls_incoming_open(f->store, party, digest, bytes, &fd, &there, &is_complete, &f->why));
    assert_false(is_complete);
    assert_true(fd >= 0);
    assert_int_equal(there, expected_there);
    return fd;
}

static void append(struct fixture *f, int fd, const char *text)
{
    assert_true(lseek(fd, 0, SEEK_END) >= 0);
    assert_done(f, vls_fd_write(fd, vls_slice_text(text), &f->why));
    vls_fd_close(&fd);
}

static void incoming__in_pieces_and_across_reopening__becomes_a_content(void **state)
{
    struct fixture *f = *state;
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text("first second"));
    int fd = -1;
    uint64_t there;
    bool is_complete = false;
    append(f, open_upload(f, "un", &digest, 12, 0), "first ");
    assert_code(f, VLS_INPUT_MALFORMED, vls_incoming_keep(f->store, "un", &digest, 12, &f->why));
    fixture_reopen(f);
    append(f, open_upload(f, "un", &digest, 12, 6), "second");
    append(f, open_upload(f, "un", &digest, 12, 12), "");
    fixture_begin(f);
    assert_done(f, vls_incoming_keep(f->store, "un", &digest, 12, &f->why));
    struct vls_message m = message_of(1, digest, 12);
    m.direction = VLS_IN;
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_content(f, &digest, "first second");
    assert_int_equal(count_files(f, "incoming"), 0);
    assert_done(f,
                vls_incoming_open(f->store, "un", &digest, 12, &fd, &there, &is_complete, &f->why));
    assert_true(is_complete);
    assert_int_equal(fd, -1);
    assert_int_equal(there, 12);
    assert_done(f, vls_incoming_keep(f->store, "un", &digest, 12, &f->why));
    assert_int_equal(f->store->reserved_bytes, 0);
}

static void incoming__two_parties__do_not_share_a_part(void **state)
{
    struct fixture *f = *state;
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text("text"));
    append(f, open_upload(f, "un", &digest, 4, 0), "te");
    append(f, open_upload(f, "iom", &digest, 4, 0), "text");
    assert_done(f, vls_incoming_keep(f->store, "iom", &digest, 4, &f->why));
    assert_content(f, &digest, "text");
    assert_done(f, vls_incoming_keep(f->store, "un", &digest, 4, &f->why));
    assert_int_equal(count_files(f, "incoming"), 0);
    assert_int_equal(f->store->reserved_bytes, 0);
}

static void assert_asked(struct fixture *f, const struct vls_digest *digest, uint64_t expected,
                         bool expected_complete)
{
    uint64_t there = 99;
    bool is_complete = !expected_complete;
    assert_done(f, vls_incoming_ask(f->store, "un", digest, &there, &is_complete, &f->why));
    assert_int_equal(there, expected);
    assert_int_equal(is_complete, expected_complete);
}

static void incoming__only_asked_for__nothing_is_made_or_set_aside(void **state)
{
    struct fixture *f = *state;
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text("text"));
    assert_asked(f, &digest, 0, false);
    assert_int_equal(count_files(f, "incoming"), 0);
    assert_int_equal(f->store->reserved_bytes, 0);
    append(f, open_upload(f, "un", &digest, 4, 0), "te");
    assert_asked(f, &digest, 2, false);
    append(f, open_upload(f, "un", &digest, 4, 2), "xt");
    assert_done(f, vls_incoming_keep(f->store, "un", &digest, 4, &f->why));
    assert_asked(f, &digest, 4, true);
}

static void incoming__begun_without_end__own_oldest_gives_way(void **state)
{
    struct fixture *f = *state;
    struct vls_digest other = vls_digest_of_slice(vls_slice_text("other")), digest = {{0}};
    append(f, open_upload(f, "iom", &other, 5, 0), "oth");
    for (unsigned i = 0; i < VLS_STORE_PARTY_INCOMING + 3; i++) {
        digest.bytes[0] = (uint8_t)i;
        digest.bytes[1] = (uint8_t)(i >> 8);
        append(f, open_upload(f, "un", &digest, 10, 0), "x");
        if (i == VLS_STORE_PARTY_INCOMING - 1) { /* the first is taken up again */
            digest.bytes[0] = digest.bytes[1] = 0;
            append(f, open_upload(f, "un", &digest, 10, 1), "y");
        }
    }
    assert_int_equal(f->store->reserved_bytes, 5 + 10 * VLS_STORE_PARTY_INCOMING);
    assert_int_equal(count_files(f, "incoming"), 1 + VLS_STORE_PARTY_INCOMING);
    append(f, open_upload(f, "iom", &other, 5, 3), "er");
    digest.bytes[0] = digest.bytes[1] = 0;
    append(f, open_upload(f, "un", &digest, 10, 2), "");
    digest.bytes[0] = 1;
    append(f, open_upload(f, "un", &digest, 10, 0), "");
}

static void incoming__wrong_input__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text("text")), none = make_digest(3);
    int fd = -1;
    uint64_t there = 0;
    bool is_complete;
    append(f, open_upload(f, "un", &digest, 9, 0), "text");
    assert_code(f, VLS_INPUT_LIMIT,
                vls_incoming_open(f->store, "un", &digest, 3, &fd, &there, &is_complete, &f->why));
    assert_code(f, VLS_STORE_MISSING, vls_incoming_keep(f->store, "un", &none, 4, &f->why));
    assert_code(
        f, VLS_INPUT_MALFORMED,
        vls_incoming_open(f->store, "../content", &digest, 9, &fd, &there, &is_complete, &f->why));
    assert_code(f, VLS_INPUT_MALFORMED, vls_incoming_keep(f->store, "UN/x", &digest, 4, &f->why));
    assert_done(f, vls_incoming_keep(f->store, "un", &digest, 4, &f->why));
    assert_code(f, VLS_INPUT_MALFORMED,
                vls_incoming_open(f->store, "un", &digest, 5, &fd, &there, &is_complete, &f->why));
    assert_int_equal(fd, -1);
}

/* -- the limit of the store -------------------------------------------------------------------- */

#define ROOM 100000u

static void reopen_with_room(struct fixture *f)
{
    fixture_begin(f);
    fixture_commit(f);
    f->max_bytes = 1;
    fixture_reopen(f);
    fixture_begin(f);
    fixture_commit(f);
    f->max_bytes = f->store->database_bytes + ROOM;
    fixture_reopen(f);
}

static void limit__content_and_inline_and_uploads__all_count(void **state)
{
    struct fixture *f = *state;
    static uint8_t bytes[60000];
    VLS_DEFER(vls_fd_close) int fd = -1;
    struct vls_digest upload = make_digest(1), other = make_digest(2), digest;
    uint64_t there;
    bool is_complete;
    reopen_with_room(f);
    fixture_begin(f);
    struct vls_digest kept = keep_content(f, VLS_SLICE(bytes, sizeof bytes));
    struct vls_message file = message_of(1, kept, sizeof bytes), inline_one = make_message(2);
    assert_done(f, vls_store_add(f->store, &file, &f->why));
    assert_done(f, vls_content_new(f->store, &fd, &f->why));
    assert_done(f, vls_fd_write(fd, VLS_SLICE(bytes, 50000), &f->why));
    digest = vls_digest_of_slice(VLS_SLICE(bytes, 50000));
    assert_code(f, VLS_STORE_FULL, vls_content_keep(f->store, fd, &digest, &f->why));
    inline_one.content = VLS_SLICE(bytes, 50000);
    inline_one.content_bytes = 50000;
    assert_code(f, VLS_STORE_FULL, vls_store_add(f->store, &inline_one, &f->why));
    vls_fd_close(&fd);
    assert_code(
        f, VLS_STORE_FULL,
        vls_incoming_open(f->store, "un", &upload, 50000, &fd, &there, &is_complete, &f->why));
    assert_int_equal(count_files(f, "incoming"), 0);
    append(f, open_upload(f, "un", &upload, 30000, 0), "begun");
    assert_code(
        f, VLS_STORE_FULL,
        vls_incoming_open(f->store, "un", &other, 30000, &fd, &there, &is_complete, &f->why));
    append(f, open_upload(f, "un", &upload, 31000, 5), "");
    assert_int_equal(f->store->reserved_bytes, 31000);
    struct vls_message small = make_message(3);
    assert_done(f, vls_store_add(f->store, &small, &f->why));
    fixture_commit(f);
}

static void limit__survives_reopening__counts_what_is_there(void **state)
{
    struct fixture *f = *state;
    struct vls_digest upload = make_digest(1);
    fixture_begin(f);
    add_named(f, 1, "seven b");
    fixture_commit(f);
    append(f, open_upload(f, "un", &upload, 30000, 0), "begun");
    fixture_reopen(f);
    assert_int_equal(f->store->content_bytes, 7);
    assert_int_equal(f->store->reserved_bytes, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keep__named_by_a_row__is_there_after_reopening),
        TEST(keep__same_digest_twice__is_one_file),
        TEST(keep__digest_of_another_size__is_a_conflict),
        TEST(keep__by_proc__gives_the_name_too),
        TEST(plain__cannot_be_given_a_name),
        TEST(open__unknown_digest__is_missing),
        TEST(add__content_file_not_kept_or_of_another_size__is_refused),
        TEST(rollback__kept_in_the_transaction__goes_unless_older_rows_name_it),
        TEST(undo__kept_behind_the_mark__goes),
        TEST(open_store__orphans__are_removed_and_nothing_else),
        TEST(freeze__file_and_memory__can_be_read_and_not_written),
        TEST(incoming__in_pieces_and_across_reopening__becomes_a_content),
        TEST(incoming__two_parties__do_not_share_a_part),
        TEST(incoming__only_asked_for__nothing_is_made_or_set_aside),
        TEST(incoming__begun_without_end__own_oldest_gives_way),
        TEST(incoming__wrong_input__is_refused),
        TEST(limit__content_and_inline_and_uploads__all_count),
        TEST(limit__survives_reopening__counts_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
