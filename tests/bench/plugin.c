/*
 * bench/plugin - what the host of a plugin costs: documents and bytes through it, both ways, the
 * time that it adds to one, and its memory.
 *
 * Process: bench_plugin, opposite one forked host; the router is the kit's, and keeps nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "bench.h"
#include "kit/kit.h"
#include "kit/proc_of.h"

#define KIB       1024u
#define MIB       (1u << 20)
#define SMALL     20000u /* documents of 1 KiB */
#define LARGE     20u    /* of 100 MiB */
#define FAR_MS    600000
#define IDLE_MS   500
#define WARM      200u
#define GIB_PARTS 1024u

static struct vls_scheme_set schemes;
static struct kit kit;
static bool is_json;

static void fail(const char *what, const struct vls_why *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why->text);
    kit_close(&kit);
    _exit(1);
}

static void say(const char *what, double value, const char *unit)
{
    if (is_json)
        printf("{\"what\": \"%s\", \"value\": %.3f, \"unit\": \"%s\"}\n", what, value, unit);
    else
        printf("%-44s %12.1f %s\n", what, value, unit);
    fflush(stdout);
}

static struct kit_run *begin(unsigned count, uint64_t bytes)
{
    struct vls_why why = {""};
    char text[24];
    struct kit_run *run = vls_mem_new(sizeof *run);
    if (!vls_ok(kit_run_init(&kit, run, &why)))
        fail("a run", &why);
    snprintf(text, sizeof text, "%u", count);
    kit_run_set(run, "count", text);
    snprintf(text, sizeof text, "%" PRIu64, bytes);
    kit_run_set(run, "bytes", text);
    run->plan.call_ms = FAR_MS / 10;
    run->plan.log_fd = -1;
    if (!vls_ok(kit_session_open(&run->session, &run->plan, &run->memory, &why)))
        fail("a host", &why);
    run->session.is_forgetful = true;
    return run;
}

static void end(struct kit_run *run)
{
    kit_run_fini(run);
    vls_mem_free(run);
}

/* -- source ------------------------------------------------------------------------------------ */

static unsigned wanted;

static bool has_all(struct kit_session *session)
{
    return session->is_over || session->asked >= wanted;
}

static void source(const char *what, unsigned count, uint64_t bytes)
{
    struct vls_why why = {""};
    char words[80];
    struct kit_run *run = begin(count, bytes);
    wanted = count;
    double began = bench_now();
    if (!vls_ok(kit_session_connect(&run->session, &why)) ||
        !kit_session_pump(&run->session, has_all, FAR_MS) || run->session.is_over)
        fail(what, &run->session.failure_why);
    double seconds = bench_now() - began;
    snprintf(words, sizeof words, "source, %s", what);
    say(words, count / seconds, "documents/s");
    say(words, (double)run->session.bytes / MIB / seconds, "MiB/s");
    end(run);
}

/* -- sink -------------------------------------------------------------------------------------- */

static bool is_delivered(struct kit_session *session)
{
    return session->is_over || session->is_delivered;
}

struct archive {
    int fd;
    struct vls_buf der;
};

static void make_archive(uint64_t times, size_t bytes, struct archive *out)
{
    struct vls_why why = {""};
    uint8_t *piece = vls_mem_new(bytes);
    const struct kit_part part = {
        .name = "m.bin", .bytes = VLS_SLICE(piece, bytes), .times = times};
    struct kit_mail mail = {
        .schemes = &schemes, .label = KIT_LABEL, .subject = "m", .parts = &part, .count = 1};
    vls_buf_init(&out->der, VLS_MAX_LABEL);
    if (!vls_ok(kit_mail_label(&mail, &out->der, &why)) ||
        !vls_ok(kit_mail_archive(&mail, &out->fd, &why)))
        fail("an archive", &why);
    vls_mem_free(piece);
}

static void archive_fini(struct archive *archive)
{
    vls_fd_close(&archive->fd);
    vls_buf_fini(&archive->der);
}

/* One delivery, from the frame to the answer, in seconds. */
static double deliver(struct kit_run *run, const struct archive *archive, unsigned number)
{
    struct vls_why why = {""};
    struct vls_id id = kit_id(number);
    double began = bench_now();
    if (!vls_ok(kit_session_hand_over(&run->session, archive->fd, vls_buf_slice(&archive->der), &id,
                                      1, &why)) ||
        !kit_session_pump(&run->session, is_delivered, FAR_MS) || !run->session.is_delivered ||
        !vls_ok(run->session.delivery))
        fail("a delivery", run->session.is_delivered ? &run->session.delivery_why : &why);
    return bench_now() - began;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static bool has_loaded(struct kit_session *session)
{
    return session->is_over || session->has_loaded;
}

static struct kit_run *begin_sink(void)
{
    struct vls_why why = {""};
    struct kit_run *run = begin(0, 0);
    if (!vls_ok(kit_session_connect(&run->session, &why)) ||
        !kit_session_pump(&run->session, has_loaded, FAR_MS))
        fail("a sink", &why);
    return run;
}

static void sink_small(void)
{
    struct archive archive;
    struct kit_run *run = begin_sink();
    double *each = vls_mem_new(SMALL * sizeof *each), sum = 0;
    make_archive(1, KIB, &archive);
    for (unsigned i = 0; i < WARM; i++)
        (void)deliver(run, &archive, i);
    for (unsigned i = 0; i < SMALL; i++)
        sum += each[i] = deliver(run, &archive, i);
    qsort(each, SMALL, sizeof *each, compare_doubles);
    say("sink, 1 KiB, one after the other", SMALL / sum, "documents/s");
    say("sink, 1 KiB", SMALL / sum / KIB, "MiB/s");
    say("latency added to one document, median", each[SMALL / 2] * 1e6, "us");
    say("latency added to one document, 99 of 100", each[SMALL * 99 / 100] * 1e6, "us");
    archive_fini(&archive);
    vls_mem_free(each);
    end(run);
}

static void sink_large(const char *what, uint64_t mib, unsigned count)
{
    struct archive archive;
    char words[80];
    double sum = 0;
    struct kit_run *run = begin_sink();
    make_archive(mib, MIB, &archive);
    for (unsigned i = 0; i < count; i++)
        sum += deliver(run, &archive, i);
    snprintf(words, sizeof words, "sink, %s", what);
    say(words, count / sum, "documents/s");
    say(words, (double)mib * count / sum, "MiB/s");
    snprintf(words, sizeof words, "memory of the host at its peak, %s", what);
    say(words, (double)kit_proc_number(run->session.pid, "VmHWM") / KIB, "MiB");
    archive_fini(&archive);
    end(run);
}

static bool never(struct kit_session *session)
{
    return session->is_over;
}

static void idle(void)
{
    struct kit_run *run = begin_sink();
    (void)kit_session_pump(&run->session, never, IDLE_MS);
    say("memory of an idle host, of its own",
        (double)kit_proc_number(run->session.pid, "RssAnon") / KIB, "MiB");
    say("memory of an idle host, with what is shared",
        (double)kit_proc_number(run->session.pid, "VmRSS") / KIB, "MiB");
    end(run);
}

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct vls_why why = {""};
    if (argc < 3 || !vls_ok(vls_scheme_set_load(&schemes, argv[2], &why))) {
        fprintf(stderr, "usage: bench_plugin METER.so SCHEME [--json] %s\n", why.text);
        return 2;
    }
    is_json = argc > 3 && strcmp(argv[3], "--json") == 0;
    vls_log_open(STDERR_FILENO, "bench", VLS_LOG_ERROR);
    struct kit_options options = {.file = argv[1], .schemes = &schemes};
    if (!vls_ok(kit_open(&options, &kit, &why)) || !kit.is_described)
        fail("the meter", kit.is_described ? &why : &kit.undescribed);
    source("1 KiB", SMALL, KIB);
    source("100 MiB", LARGE, 100 * MIB);
    sink_small();
    sink_large("100 MiB", 100, LARGE);
    sink_large("1 GiB", GIB_PARTS, 1);
    idle();
    kit_close(&kit);
    vls_scheme_set_free(&schemes);
    return 0;
}
