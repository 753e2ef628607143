/*~ bench_exchange: how fast two gateways exchange messages, what that costs, and how far it is from
 * what the machine could do. Started by tests/bench/exchange, which makes the gateways.
 */
#include <getopt.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "report.h"

#define DEFAULT_COUNT  20000u
#define DEFAULT_SIZE   1024u
#define DEFAULT_WINDOW 192u
#define MAX_COUNT      10000000u
#define MAX_WINDOW     (LOAD_MAX_CONNECTIONS * LOAD_PER_CONNECTION)
#define LARGE_BYTES    (UINT64_C(1) << 30)
#define ALONE          50u /* messages sent one at a time, before the load */
#define LOOK_MS        10  /* between two questions for the counts */
#define PATIENCE_S     900.0

static const char USAGE[] =
    "usage: bench_exchange --nodes DIRECTORY [--count N] [--size BYTES] [--window N] [--both]\n"
    "                      [--large[=BYTES]] [--delivered] [--json]\n";

struct options {
    const char *nodes;
    uint64_t count, size, window, large;
    bool is_both, is_delivered, is_json;
};

struct node {
    char socket[VLS_MAX_PATH];
    pid_t supervisor;
    int fd; /* for questions */
};

struct bench {
    struct options options;
    struct node nodes[BENCH_NODES];
    struct report report;
};

static const char *const PARTIES[BENCH_NODES] = {"un", "iom"};

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* -- options ----------------------------------------------------------------------------------- */

static VLS_STATUS number(const char *name, const char *text, uint64_t min, uint64_t max,
                         uint64_t *out, struct vls_why *why)
{
    if (vls_ok(vls_number_read(text, min, max, out)))
        return VLS_DONE;
    return vls_fail(VLS_CLI_USAGE, why,
                    "--%s: '%.40s' is not a number from %" PRIu64 " to %" PRIu64, name, text, min,
                    max);
}

enum choice { NODES, COUNT, SIZE, WINDOW, BOTH, LARGE, DELIVERED, JSON };

static VLS_STATUS take_option(int option, struct options *out, struct vls_why *why)
{
    switch ((enum choice)option) {
    case NODES:
        out->nodes = optarg;
        return VLS_DONE;
    case COUNT:
        return number("count", optarg, 1, MAX_COUNT, &out->count, why);
    case SIZE:
        return number("size", optarg, 1, VLS_INLINE_CONTENT - 8192, &out->size, why);
    case WINDOW:
        return number("window", optarg, 1, MAX_WINDOW, &out->window, why);
    case LARGE:
        out->large = LARGE_BYTES;
        return optarg != NULL
                   ? number("large", optarg, VLS_INLINE_CONTENT, VLS_MAX_CONTENT, &out->large, why)
                   : VLS_DONE;
    case BOTH:
        out->is_both = true;
        return VLS_DONE;
    case DELIVERED:
        out->is_delivered = true;
        return VLS_DONE;
    case JSON:
        out->is_json = true;
        return VLS_DONE;
    }
    return vls_fail(VLS_CLI_USAGE, why, "an option is not known or lacks its value");
}

static VLS_STATUS read_options(int argc, char **argv, struct options *out, struct vls_why *why)
{
    static const struct option LONG[] = {{"nodes", required_argument, NULL, NODES},
                                         {"count", required_argument, NULL, COUNT},
                                         {"size", required_argument, NULL, SIZE},
                                         {"window", required_argument, NULL, WINDOW},
                                         {"both", no_argument, NULL, BOTH},
                                         {"large", optional_argument, NULL, LARGE},
                                         {"delivered", no_argument, NULL, DELIVERED},
                                         {"json", no_argument, NULL, JSON},
                                         {NULL, 0, NULL, 0}};
    int option;
    *out = (struct options){.count = DEFAULT_COUNT, .size = DEFAULT_SIZE, .window = DEFAULT_WINDOW};
    while ((option = getopt_long(argc, argv, "", LONG, NULL)) != -1)
        VLS_TRY(take_option(option, out, why));
    if (out->nodes == NULL || optind != argc)
        return vls_fail(VLS_CLI_USAGE, why, "--nodes names the directory of the two gateways");
    return VLS_DONE;
}

/* -- the gateways ------------------------------------------------------------------------------ */

static VLS_STATUS node_path(const char *nodes, const char *party, const char *name,
                            char out[VLS_MAX_PATH], struct vls_why *why)
{
    if (snprintf(out, VLS_MAX_PATH, "%s/%s/%s", nodes, party, name) >= VLS_MAX_PATH)
        return vls_fail(VLS_INPUT_LIMIT, why, "--nodes: the path is too long");
    return VLS_DONE;
}

static VLS_STATUS find_node(const char *nodes, const char *party, struct node *out,
                            struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct vls_buf text;
    uint64_t pid = 0;
    VLS_TRY(node_path(nodes, party, "run/control.sock", out->socket, why));
    VLS_TRY(node_path(nodes, party, "pid", path, why));
    vls_buf_init(&text, VLS_MAX_NAME);
    struct vls_status s = vls_file_read(path, &text, why);
    if (vls_ok(s) && text.len != 0 && text.at[text.len - 1] == '\n')
        text.len--;
    const char *words = vls_buf_text(&text);
    if (vls_ok(s) && (words == NULL || !vls_ok(vls_number_read(words, 1, INT32_MAX, &pid))))
        s = vls_fail(VLS_INPUT_MALFORMED, why, "%s holds no process id", path);
    vls_buf_fini(&text);
    out->supervisor = (pid_t)pid;
    return vls_ok(s) ? gateway_connect(out->socket, &out->fd, why) : s;
}

static VLS_STATUS look(struct bench *b, bool is_before, struct vls_why *why)
{
    for (size_t i = 0; i < BENCH_NODES; i++) {
        struct report_node *node = &b->report.nodes[i];
        VLS_TRY(gateway_status(b->nodes[i].fd,
                               is_before ? &node->status_before : &node->status_after, why));
        VLS_TRY(procs_read(b->nodes[i].supervisor, is_before ? &node->before : &node->after, why));
    }
    return VLS_DONE;
}

/* -- waiting for receipts ---------------------------------------------------------------------- */

/* What is to be reached above the counts at the beginning. */
struct goal {
    uint64_t receipted[BENCH_NODES], delivered[BENCH_NODES];
};

static bool is_reached(const struct bench *b, const struct goal *goal,
                       const struct gateway_status *now)
{
    for (size_t i = 0; i < BENCH_NODES; i++) {
        const struct gateway_status *before = &b->report.nodes[i].status_before;
        if (now[i].receipted < before->receipted + goal->receipted[i] ||
            now[i].delivered < before->delivered + goal->delivered[i])
            return false;
    }
    return true;
}

static VLS_STATUS await(struct bench *b, const struct goal *goal, struct vls_why *why)
{
    const struct itimerspec every = {{0, LOOK_MS * 1000000}, {0, LOOK_MS * 1000000}};
    double deadline = bench_now() + PATIENCE_S;
    VLS_DEFER(vls_fd_close) int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (timer < 0 || timerfd_settime(timer, 0, &every, NULL) != 0)
        return vls_fail(VLS_SYSTEM_IO, why, "no timer");
    for (;;) {
        struct gateway_status now[BENCH_NODES];
        uint64_t ticks;
        for (size_t i = 0; i < BENCH_NODES; i++) {
            VLS_TRY(gateway_status(b->nodes[i].fd, &now[i], why));
            if (now[i].stuck > b->report.nodes[i].status_before.stuck)
                return vls_fail(VLS_POLICY_WITHHELD, why,
                                "a message of %s is stuck: see valise list", PARTIES[i]);
        }
        if (is_reached(b, goal, now))
            return VLS_DONE;
        if (bench_now() > deadline || read(timer, &ticks, sizeof ticks) < 0)
            return vls_fail(VLS_SYSTEM_BUSY, why, "the gateways are not done in time");
    }
}

/* -- messages ---------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Latencies of a load's samples, appended. */
static VLS_STATUS add_latencies(const struct load *load, int fd, uint64_t *out, size_t *count,
                                struct vls_why *why)
{
    for (size_t i = 0; i < load->sample_count; i++) {
        uint64_t at_ms;
        VLS_TRY(gateway_receipted_ms(fd, load->samples[i].id, &at_ms, why));
        uint64_t sent_ms = load->samples[i].sent_ms;
        out[(*count)++] = at_ms > sent_ms ? at_ms - sent_ms : 0;
    }
    return VLS_DONE;
}

static VLS_STATUS read_latencies(struct bench *b, const struct load *loads, size_t load_count,
                                 double *out_p50, double *out_p99, struct vls_why *why)
{
    uint64_t found[BENCH_NODES * LOAD_MAX_SAMPLES];
    size_t count = 0;
    for (size_t i = 0; i < load_count; i++)
        VLS_TRY(add_latencies(&loads[i], b->nodes[i].fd, found, &count, why));
    if (count == 0)
        return vls_fail(VLS_SYSTEM_BUG, why, "no message was sampled");
    qsort(found, count, sizeof found[0], compare);
    *out_p50 = (double)found[count / 2];
    *out_p99 = (double)found[count - 1 - count / 100];
    return VLS_DONE;
}

/* One at a time: what one message takes when nothing else is there. The connection between the
 * gateways is up afterwards. */
static VLS_STATUS send_alone(struct bench *b, struct vls_why *why)
{
    uint64_t took[ALONE];
    for (unsigned i = 0; i < ALONE; i++) {
        struct load load;
        struct goal goal = {.receipted = {1, 0}};
        VLS_TRY(look(b, true, why));
        struct vls_status s =
            load_init(&load, b->nodes[0].socket, PARTIES[1], 1, b->options.size, 1, why);
        if (vls_ok(s))
            s = load_run(&load, 1, bench_now() + PATIENCE_S, why);
        if (vls_ok(s))
            s = await(b, &goal, why);
        size_t count = 0;
        if (vls_ok(s))
            s = add_latencies(&load, b->nodes[0].fd, &took[i], &count, why);
        load_fini(&load);
        VLS_TRY(s);
    }
    qsort(took, ALONE, sizeof took[0], compare);
    b->report.alone_p50_ms = (double)took[ALONE / 2];
    return VLS_DONE;
}

static VLS_STATUS init_loads(struct bench *b, struct load *loads, size_t count, struct vls_why *why)
{
    for (size_t i = 0; i < count; i++)
        VLS_TRY(load_init(&loads[i], b->nodes[i].socket, PARTIES[1 - i], b->options.count / count,
                          b->options.size, (unsigned)b->options.window, why));
    return VLS_DONE;
}

static VLS_STATUS run_loads(struct bench *b, struct load *loads, size_t count, struct vls_why *why)
{
    struct report *r = &b->report;
    struct goal goal = {.receipted = {0, 0}};
    VLS_TRY(look(b, true, why));
    double began = bench_now(), cpu = bench_cpu();
    VLS_TRY(load_run(loads, count, began + PATIENCE_S, why));
    for (size_t i = 0; i < count; i++) {
        goal.receipted[i] = loads[i].count;
        r->messages += loads[i].count;
        r->pushed_back += loads[i].pushed_back;
    }
    VLS_TRY(await(b, &goal, why));
    r->seconds = bench_now() - began;
    r->driver_cpu_s = bench_cpu() - cpu;
    for (size_t i = 0; i < count && b->options.is_delivered; i++)
        goal.delivered[1 - i] = loads[i].count;
    VLS_TRY(await(b, &goal, why));
    r->until_delivered_s = b->options.is_delivered ? bench_now() - began : 0;
    VLS_TRY(look(b, false, why));
    return read_latencies(b, loads, count, &r->p50_ms, &r->p99_ms, why);
}

static VLS_STATUS run_messages(struct bench *b, struct vls_why *why)
{
    struct load loads[BENCH_NODES] = {{.count = 0}};
    size_t count = b->options.is_both ? 2 : 1;
    VLS_TRY(send_alone(b, why));
    struct vls_status s = init_loads(b, loads, count, why);
    if (vls_ok(s))
        s = run_loads(b, loads, count, why);
    for (size_t i = 0; i < count; i++)
        load_fini(&loads[i]);
    return s;
}

/* -- one large file ---------------------------------------------------------------------------- */

/* Bytes that no compression and no sparse file makes smaller. */
static VLS_STATUS fill_file(int fd, uint64_t bytes, struct vls_why *why)
{
    static const uint8_t KEY[32] = {7}, ZERO[VLS_IO_CHUNK];
    uint8_t iv[16], block[VLS_IO_CHUNK];
    int len;
    vls_random(vls_env_system(), iv, sizeof iv);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    struct vls_status s =
        ctx != NULL && EVP_EncryptInit_ex(ctx, EVP_aes_256_ctr(), NULL, KEY, iv) == 1
            ? VLS_DONE
            : vls_fail(VLS_SYSTEM_CRYPTO, why, "AES-256-CTR");
    for (uint64_t done = 0; done < bytes && vls_ok(s); done += sizeof block) {
        uint64_t n = bytes - done < sizeof block ? bytes - done : sizeof block;
        s = EVP_EncryptUpdate(ctx, block, &len, ZERO, (int)n) == 1
                ? vls_fd_write(fd, VLS_SLICE(block, n), why)
                : vls_fail(VLS_SYSTEM_CRYPTO, why, "AES-256-CTR");
    }
    EVP_CIPHER_CTX_free(ctx);
    if (vls_ok(s) && fdatasync(fd) != 0) /* its write-back is not part of what is measured */
        s = vls_fail(VLS_SYSTEM_IO, why, "the file cannot be synced");
    return s;
}

static VLS_STATUS run_large(struct bench *b, struct vls_why *why)
{
    struct report *r = &b->report;
    struct goal goal = {.receipted = {1, 0}};
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(vls_fd_temporary(b->options.nodes, &fd, why));
    VLS_TRY(fill_file(fd, b->options.large, why));
    VLS_TRY(look(b, true, why));
    double began = bench_now();
    VLS_TRY(gateway_send_file(b->nodes[0].fd, PARTIES[1], fd, b->options.large, why));
    r->accepted_s = bench_now() - began;
    VLS_TRY(await(b, &goal, why));
    r->receipted_s = bench_now() - began;
    if (b->options.is_delivered) {
        goal.delivered[1] = 1;
        VLS_TRY(await(b, &goal, why));
        r->delivered_s = bench_now() - began;
        r->is_delivered = true;
    }
    r->messages = 1;
    return look(b, false, why);
}

/* -- all of it --------------------------------------------------------------------------------- */

static VLS_STATUS run(struct bench *b, struct vls_why *why)
{
    char pki[VLS_MAX_PATH];
    struct report *r = &b->report;
    VLS_TRY(vls_path_join(b->options.nodes, "pki", pki, sizeof pki));
    for (size_t i = 0; i < BENCH_NODES; i++) {
        VLS_TRY(find_node(b->options.nodes, PARTIES[i], &b->nodes[i], why));
        r->nodes[i].party = PARTIES[i];
        VLS_TRY(procs_read(b->nodes[i].supervisor, &r->nodes[i].idle, why));
    }
    r->is_json = b->options.is_json;
    r->is_both = b->options.is_both;
    r->is_large = b->options.large != 0;
    r->size = r->is_large ? b->options.large : b->options.size;
    r->window = (unsigned)b->options.window;
    VLS_TRY(limits_measure(b->options.nodes, pki, b->options.size, &r->limits, why));
    if (getloadavg(&r->load_average, 1) != 1)
        r->load_average = 0;
    for (size_t i = 0; i < BENCH_NODES; i++)
        procs_forget_peaks(&r->nodes[i].idle);
    return r->is_large ? run_large(b, why) : run_messages(b, why);
}

int main(int argc, char **argv)
{
    struct vls_why why = {""};
    struct bench *b = vls_mem_new(sizeof *b);
    for (size_t i = 0; i < BENCH_NODES; i++)
        b->nodes[i].fd = -1;
    struct vls_status s = read_options(argc, argv, &b->options, &why);
    if (vls_ok(s))
        s = run(b, &why);
    if (vls_ok(s))
        report_print(&b->report);
    else
        fprintf(stderr, "bench_exchange: %s\n", why.text);
    if (s.code == VLS_CLI_USAGE)
        fputs(USAGE, stderr);
    for (size_t i = 0; i < BENCH_NODES; i++)
        vls_fd_close(&b->nodes[i].fd);
    vls_mem_free(b);
    return vls_status_exit(s);
}
