/* Content in pieces: whole, resumed, wrong, too large, broken off. */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compat.h"
#include "base/text.h"

#define MIB (1u << 20)

static void content_path(const struct vls_digest *digest, char *out, size_t room)
{
    char hex[2 * VLS_DIGEST_BYTES + 1];

    vls_hex(vls_digest_slice(digest), hex);
    (void)snprintf(out, room, "/v1/content/%s", hex);
}

static uint64_t file_size(const char *path)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return (uint64_t)info.st_size;
}

static void assert_arrived(const struct bench *b, const struct vls_digest *digest)
{
    struct vls_digest there = digest_of_file(b->router.file);

    assert_true(vls_digest_is_equal(&there, digest));
    assert_int_equal(b->router.dones, 1);
}

static void upload__whole__arrives(void **state)
{
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    int fd = make_content(3 * MIB + 17, &digest);

    assert_true(vls_ok(push(&b, fd, &digest, 3 * MIB + 17, &why)));
    assert_arrived(&b, &digest);
    bench_close(&b);
}

static void upload__part_is_there__only_the_rest_is_sent(void **state)
{
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;
    static uint8_t half[2 * MIB + 1];

    (void)state;
    bench_open(&b, NULL);
    int fd = make_content(5 * MIB, &digest);
    int to = open(b.router.file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(vls_ok(vls_fd_read_at(fd, half, sizeof half, 0, NULL)));
    assert_true(vls_ok(vls_fd_write(to, VLS_SLICE(half, sizeof half), NULL)));
    close(to);
    assert_true(vls_ok(push(&b, fd, &digest, 5 * MIB, &why)));
    assert_arrived(&b, &digest);
    assert_int_equal(b.last_bytes_in, 5 * MIB - sizeof half);
    bench_close(&b);
}

static void upload__all_is_there_but_not_said_so__is_finished_without_a_byte(void **state)
{
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;
    static uint8_t all[MIB];

    (void)state;
    bench_open(&b, NULL);
    int fd = make_content(sizeof all, &digest);
    int to = open(b.router.file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(vls_ok(vls_fd_read_at(fd, all, sizeof all, 0, NULL)));
    assert_true(vls_ok(vls_fd_write(to, VLS_SLICE(all, sizeof all), NULL)));
    close(to);
    assert_true(vls_ok(push(&b, fd, &digest, sizeof all, &why)));
    assert_arrived(&b, &digest);
    assert_int_equal(b.last_bytes_in, 0);
    bench_close(&b);
}

static void upload__complete_already__is_not_sent(void **state)
{
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    b.router.is_complete = true;
    assert_true(vls_ok(push(&b, make_content(MIB, &digest), &digest, MIB, &why)));
    assert_int_equal(b.requests, 1);
    assert_int_equal(b.last_bytes_in, 0);
    bench_close(&b);
}

static void upload__broken_off__goes_on_where_it_stopped(void **state)
{
    struct probe_result result;
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;
    char path[128];

    (void)state;
    bench_open(&b, NULL);
    int fd = make_content(4 * MIB, &digest);

    content_path(&digest, path, sizeof path);
    probe(&b,
          &(struct probe){.folder = "iom",
                          .method = "PUT",
                          .path = path,
                          .body_fd = fd,
                          .body_bytes = 4 * MIB,
                          .abort_after = 2 * MIB},
          &result);
    assert_int_equal(result.curl, CURLE_ABORTED_BY_CALLBACK);
    assert_int_equal(b.router.dones, 0);
    probe(&b, &(struct probe){.folder = "iom", .method = "HEAD", .path = path}, &result);
    assert_int_equal(result.http_status, 204);
    assert_true(result.upload_offset > 0 && result.upload_offset < 4 * MIB);
    assert_int_equal(result.upload_offset, file_size(b.router.file));
    assert_true(vls_ok(push(&b, fd, &digest, 4 * MIB, &why)));
    assert_arrived(&b, &digest);
    assert_int_equal(b.last_bytes_in, 4 * MIB - (uint64_t)result.upload_offset);
    bench_close(&b);
}

static void upload__wrong_digest__is_refused_and_removed(void **state)
{
    struct vls_digest digest, other = {{1}};
    struct vls_why why;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    assert_int_equal(push(&b, make_content(MIB, &digest), &other, MIB, &why).code,
                     VLS_PEER_REFUSED);
    assert_non_null(strstr(why.text, "does not have the digest"));
    assert_int_equal(b.router.dones, 0);
    assert_int_equal(file_size(b.router.file), 0);
    bench_close(&b);
}

static void upload__above_the_limit__is_refused_unread(void **state)
{
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;

    (void)state;
    bench_open(&b, &(struct bench_options){.max_content = MIB});
    assert_int_equal(push(&b, make_content(MIB + 1, &digest), &digest, MIB + 1, &why).code,
                     VLS_PEER_REFUSED);
    assert_non_null(strstr(why.text, "413"));
    assert_int_equal(b.router.opens, 1); /* the question, not the upload */
    bench_close(&b);
}

static void upload__store_is_full__partner_comes_back_later(void **state)
{
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    b.router.open_code = VLS_STORE_FULL;
    assert_int_equal(push(&b, make_content(MIB, &digest), &digest, MIB, &why).code, VLS_PEER_BUSY);
    bench_close(&b);
}

static void upload__offset_behind_what_is_there__is_told_where_to_go_on(void **state)
{
    struct probe_result result;
    struct vls_digest digest = {{1}};
    struct bench b;
    char path[128];

    (void)state;
    bench_open(&b, NULL);
    content_path(&digest, path, sizeof path);
    probe(&b,
          &(struct probe){.folder = "iom",
                          .method = "PATCH",
                          .path = path,
                          .body_bytes = 100,
                          .headers = {"Upload-Offset: 50", "Upload-Length: 150"}},
          &result);
    assert_int_equal(result.http_status, 409);
    assert_int_equal(result.upload_offset, 0);
    assert_int_equal(b.router.dones, 0);
    bench_close(&b);
}

static void upload__content_longer_than_it_says__is_refused(void **state)
{
    struct probe_result result;
    struct vls_digest digest = {{1}};
    struct bench b;
    char path[128];

    (void)state;
    bench_open(&b, NULL);
    content_path(&digest, path, sizeof path);
    probe(&b,
          &(struct probe){.folder = "iom",
                          .method = "PUT",
                          .path = path,
                          .body_bytes = 200000,
                          .headers = {"Upload-Length: 100000", "Content-Length:"}},
          &result);
    assert_int_equal(result.http_status, 400);
    assert_int_equal(b.router.dones, 0);
    bench_close(&b);
}

static void upload__two_pieces__second_completes(void **state)
{
    struct probe_result result;
    struct vls_digest digest;
    struct bench b;
    char path[128];

    (void)state;
    bench_open(&b, NULL);
    int fd = make_content(300000, &digest);

    content_path(&digest, path, sizeof path);
    probe(&b,
          &(struct probe){.folder = "iom",
                          .method = "PUT",
                          .path = path,
                          .body_fd = fd,
                          .body_bytes = 123457,
                          .headers = {"Upload-Length: 300000"}},
          &result);
    assert_int_equal(result.http_status, 204);
    assert_int_equal(result.upload_offset, 123457);
    probe(&b,
          &(struct probe){.folder = "iom",
                          .method = "PATCH",
                          .path = path,
                          .body_fd = fd,
                          .body_at = 123457,
                          .body_bytes = 176543,
                          .headers = {"Upload-Offset: 123457", "Upload-Length: 300000"}},
          &result);
    assert_int_equal(result.http_status, 201);
    assert_arrived(&b, &digest);
    close(fd);
    bench_close(&b);
}

static long peak_rss_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

#define MAX_GROWTH_KIB           (16 * 1024)
#define MAX_SANITIZED_GROWTH_KIB (512 * 1024) /* what was freed is kept for a while */

/* Both ends live in this process: what grows is the sum of both. */
static void upload__256_mib__takes_constant_memory(void **state)
{
    const uint64_t bytes = 256ull * MIB;
    struct vls_digest digest;
    struct vls_why why;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    int small = make_content(8 * MIB, &digest);

    assert_true(vls_ok(push(&b, small, &digest, 8 * MIB, &why)));
    assert_int_equal(truncate(b.router.file, 0), 0);
    b.router.is_complete = false;
    b.router.dones = 0;
    long before = peak_rss_kib();
    int fd = make_content(bytes, &digest);

    assert_true(vls_ok(push(&b, fd, &digest, bytes, &why)));
    assert_arrived(&b, &digest);
    assert_true(peak_rss_kib() - before <
                (vls_is_sanitized() ? MAX_SANITIZED_GROWTH_KIB : MAX_GROWTH_KIB));
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upload__whole__arrives),
        cmocka_unit_test(upload__part_is_there__only_the_rest_is_sent),
        cmocka_unit_test(upload__all_is_there_but_not_said_so__is_finished_without_a_byte),
        cmocka_unit_test(upload__complete_already__is_not_sent),
        cmocka_unit_test(upload__broken_off__goes_on_where_it_stopped),
        cmocka_unit_test(upload__wrong_digest__is_refused_and_removed),
        cmocka_unit_test(upload__above_the_limit__is_refused_unread),
        cmocka_unit_test(upload__store_is_full__partner_comes_back_later),
        cmocka_unit_test(upload__offset_behind_what_is_there__is_told_where_to_go_on),
        cmocka_unit_test(upload__content_longer_than_it_says__is_refused),
        cmocka_unit_test(upload__two_pieces__second_completes),
        cmocka_unit_test(upload__256_mib__takes_constant_memory),
    };

    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
