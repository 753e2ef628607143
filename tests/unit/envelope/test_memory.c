#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compat.h"
#include "envelope/archive.h"
#include "envelope/support.h"

#define BIG_BYTES      (UINT64_C(256) << 20)
#define MAX_GROWTH_KIB (32L << 10)
/* The sanitizers keep shadow memory and a quarantine of their own. */
#define MAX_SANITIZED_GROWTH_KIB (512L << 10)

static long peak_kib(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : -1;
}

static struct vls_status ignore_begin(void *ctx, const struct vls_descriptor *d,
                                      struct vls_slice labels, struct vls_why *why)
{
    (void)ctx, (void)d, (void)labels, (void)why;
    return VLS_DONE;
}

static struct vls_status ignore_part(void *ctx, size_t number, struct vls_why *why)
{
    (void)ctx, (void)number, (void)why;
    return VLS_DONE;
}

static struct vls_status count_bytes(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    (void)why;
    *(uint64_t *)ctx += bytes.len;
    return VLS_DONE;
}

static struct vls_status ignore_end(void *ctx, struct vls_why *why)
{
    (void)ctx, (void)why;
    return VLS_DONE;
}

/* In the child: files on disk, so that no page of them counts as ours. Gives 0, or where it went
 * wrong. */
static int seal_open_and_read(const char *dir)
{
    struct holder h = holder_new("P-256", "big");
    int source = -1, content = -1, plain = -1;
    uint64_t bytes = 0, read = 0;
    static const char descriptor[] =
        "{\"version\":2,\"subject\":\"\",\"label\":\"\",\"parts\":[{\"name\":\"big.bin\","
        "\"mediaType\":\"\",\"label\":\"\",\"bytes\":268435456}]}";
    if (!vls_ok(vls_fd_temporary(dir, &source, NULL)) ||
        !vls_ok(vls_fd_temporary(dir, &content, NULL)) ||
        !vls_ok(vls_fd_temporary(dir, &plain, NULL)) || ftruncate(source, (off_t)BIG_BYTES) != 0)
        return 1;
    struct vls_seal_part part = {.fd = source, .name = "big.bin", .bytes = BIG_BYTES};
    struct vls_sealed sealed;
    if (!vls_ok(vls_seal(vls_slice_text(descriptor), VLS_SLICE(NULL, 0), &part, 1, &h.certificate,
                         1, 0, content, NULL, &sealed, NULL)))
        return 2;
    struct vls_open_input in = {.cms = vls_buf_slice(&sealed.cms),
                                .content_fd = content,
                                .content_bytes = sealed.content_bytes,
                                .content_digest = sealed.content_digest};
    if (!vls_ok(vls_open(&in, h.key, h.certificate, plain, &bytes, NULL)))
        return 3;
    struct vls_archive_events events = {&read, ignore_begin, ignore_part, count_bytes, ignore_end};
    if (!vls_ok(vls_archive_read(plain, &events, NULL)) || read != BIG_BYTES)
        return 4;
    vls_sealed_fini(&sealed);
    holder_free(&h);
    return peak_kib() < (vls_is_sanitized() ? MAX_SANITIZED_GROWTH_KIB : MAX_GROWTH_KIB) ? 0 : 5;
}

static void seal_open_read__256_mib__peak_memory_below_32_mib(void **state)
{
    (void)state;
    char dir[64];
    int status;
    scratch_dir(dir);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(seal_open_and_read(dir));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seal_open_read__256_mib__peak_memory_below_32_mib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
