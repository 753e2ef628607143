/* Content on its way into a pipe: whole, at the pace of the reader, and decompressed in bounds. */
#include "fetch/flow.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"

#define MOST (UINT64_C(64) << 20)

static struct flow_test {
    struct event_base *base;
    struct vls_flow *flow;
    int reader;
    unsigned rooms, gone;
    struct vls_status status; /* of the last on_room */
} t;

static void on_room(void *ctx, struct vls_status status, const struct vls_why *why)
{
    (void)ctx;
    (void)why;
    t.rooms++;
    t.status = status;
}

static void on_gone(void *ctx)
{
    (void)ctx;
    t.gone++;
}

static void open_flow(uint64_t max_bytes)
{
    const struct vls_flow_events events = {.on_room = on_room, .on_gone = on_gone};
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    t = (struct flow_test){.base = event_base_new(), .reader = ends[0]};
    event_base_priority_init(t.base, 2);
    assert_true(vls_ok(vls_flow_open(t.base, ends[1], max_bytes, &events, &t.flow, NULL)));
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    open_flow(MOST);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_flow_close(&t.flow);
    event_base_free(t.base);
    if (t.reader >= 0)
        close(t.reader);
    return 0;
}

/* gzip of `len` bytes of 'a'; returns its length. */
static size_t compress_some(size_t len, uint8_t *to, size_t room)
{
    static uint8_t piece[1 << 16];
    z_stream z = {.next_out = to, .avail_out = (uInt)room};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    memset(piece, 'a', sizeof piece);
    while (len > 0) {
        z.next_in = piece;
        z.avail_in = (uInt)(len < sizeof piece ? len : sizeof piece);
        len -= z.avail_in;
        assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
    }
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

/* Read what the pipe has; all that comes while the loop runs. */
static uint64_t drain(void)
{
    static uint8_t bytes[1 << 16];
    uint64_t total = 0;
    ssize_t n;
    do {
        n = read(t.reader, bytes, sizeof bytes);
        total += n > 0 ? (uint64_t)n : 0;
        event_base_loop(t.base, EVLOOP_NONBLOCK);
    } while (n > 0);
    return total;
}

/* Feed in pieces, reading whenever it is full. */
static struct vls_status feed(const uint8_t *bytes, size_t len, size_t piece, uint64_t *total)
{
    while (len > 0) {
        size_t now = len < piece ? len : piece;
        struct vls_status status = vls_flow_feed(t.flow, VLS_SLICE(bytes, now), NULL);
        if (!vls_ok(status))
            return status;
        bytes += now;
        len -= now;
        while (vls_flow_is_full(t.flow)) {
            *total += drain();
            if (!vls_ok(t.status))
                return t.status;
        }
    }
    *total += drain();
    return VLS_DONE;
}

static void plain__more_than_the_pipe_holds__waits_for_its_reader(void **state)
{
    static uint8_t piece[VLS_IO_CHUNK];
    uint64_t fed = 0;
    (void)state;
    for (; !vls_flow_is_full(t.flow) && fed < MOST; fed += sizeof piece)
        assert_true(vls_ok(vls_flow_feed(t.flow, VLS_SLICE(piece, sizeof piece), NULL)));
    assert_in_range(fed, sizeof piece, MOST - 1);
    event_base_loop(t.base, EVLOOP_NONBLOCK);
    assert_int_equal(t.rooms, 0);
    assert_int_equal(drain(), fed);
    assert_int_equal(t.rooms, 1);
    assert_true(vls_ok(t.status));
    assert_int_equal(vls_flow_given(t.flow), fed);
}

static void gzip__in_pieces_of_any_size__comes_whole(void **state)
{
    static const size_t PIECES[] = {1, 7, 1000, VLS_IO_CHUNK};
    static uint8_t packed[1 << 16];
    size_t len = compress_some(3000000, packed, sizeof packed);
    (void)state;
    for (size_t i = 0; i < sizeof PIECES / sizeof PIECES[0]; i++) {
        uint64_t total = 0;
        tear_down(NULL);
        open_flow(MOST);
        assert_true(vls_ok(vls_flow_inflate(t.flow, NULL)));
        assert_true(vls_ok(feed(packed, len, PIECES[i], &total)));
        assert_true(vls_ok(vls_flow_end(t.flow, NULL)));
        assert_int_equal(total, 3000000);
        assert_int_equal(vls_flow_fed(t.flow), len);
    }
}

static void gzip__of_two_members__is_both(void **state)
{
    static uint8_t packed[4096];
    uint64_t total = 0;
    size_t len = compress_some(1000, packed, sizeof packed);
    (void)state;
    len += compress_some(500, packed + len, sizeof packed - len);
    assert_true(vls_ok(vls_flow_inflate(t.flow, NULL)));
    assert_true(vls_ok(feed(packed, len, VLS_IO_CHUNK, &total)));
    assert_true(vls_ok(vls_flow_end(t.flow, NULL)));
    assert_int_equal(total, 1500);
}

static void gzip__cut_or_damaged_or_longer__refused(void **state)
{
    static uint8_t packed[4096];
    uint64_t total = 0;
    size_t len = compress_some(1000, packed, sizeof packed);
    (void)state;
    for (size_t cut = 1; cut < len; cut++) { /* wherever it ends */
        tear_down(NULL);
        open_flow(MOST);
        assert_true(vls_ok(vls_flow_inflate(t.flow, NULL)));
        assert_true(vls_ok(feed(packed, cut, VLS_IO_CHUNK, &total)));
        assert_int_equal(vls_flow_end(t.flow, NULL).code, VLS_FETCH_MALFORMED);
    }
    tear_down(NULL);
    open_flow(MOST);
    assert_true(vls_ok(vls_flow_inflate(t.flow, NULL)));
    packed[len] = 'x'; /* behind its end */
    assert_int_equal(feed(packed, len + 1, VLS_IO_CHUNK, &total).code, VLS_OK);
    assert_int_equal(vls_flow_end(t.flow, NULL).code, VLS_FETCH_MALFORMED);
    tear_down(NULL);
    open_flow(MOST);
    assert_true(vls_ok(vls_flow_inflate(t.flow, NULL)));
    packed[len - 5] ^= 1; /* its checksum */
    assert_int_equal(feed(packed, len, VLS_IO_CHUNK, &total).code, VLS_FETCH_MALFORMED);
}

static void limit__to_the_byte(void **state)
{
    static uint8_t packed[4096], piece[1000];
    uint64_t total = 0;
    size_t len = compress_some(100000, packed, sizeof packed);
    (void)state;
    for (int more = 0; more < 2; more++) {
        tear_down(NULL);
        open_flow(1000 - (uint64_t)more);
        struct vls_status status = feed(piece, sizeof piece, sizeof piece, &total);
        assert_int_equal(status.code, more ? VLS_FETCH_LARGE : VLS_OK);
        tear_down(NULL);
        open_flow(100000 - (uint64_t)more);
        assert_true(vls_ok(vls_flow_inflate(t.flow, NULL)));
        status = feed(packed, len, sizeof packed, &total);
        assert_int_equal(status.code, more ? VLS_FETCH_LARGE : VLS_OK);
    }
}

static void reader__that_is_gone__is_noticed_with_and_without_bytes(void **state)
{
    (void)state;
    close(t.reader);
    t.reader = -1;
    assert_int_equal(vls_flow_feed(t.flow, VLS_SLICE("x", 1), NULL).code, VLS_WIRE_GONE);
    event_base_loop(t.base, EVLOOP_NONBLOCK);
    assert_int_equal(t.gone, 1);
    event_base_loop(t.base, EVLOOP_NONBLOCK);
    assert_int_equal(t.gone, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(plain__more_than_the_pipe_holds__waits_for_its_reader),
        TEST(gzip__in_pieces_of_any_size__comes_whole),
        TEST(gzip__of_two_members__is_both),
        TEST(gzip__cut_or_damaged_or_longer__refused),
        TEST(limit__to_the_byte),
        TEST(reader__that_is_gone__is_noticed_with_and_without_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
