/*
 * bench/harvest - what a harvest costs: records and documents a second from the emulator on the
 * loopback, the memory of the host, also with a page of more than 100 MiB, and the share of
 * parsing.
 *
 * Process: bench_harvest, opposite one forked host with its sandbox and the role fetch; the router
 * is the kit's, and keeps nothing. The emulator is a script, and takes its part of the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bench.h"
#include "emulators/rig.h"
#include "kit/proc_of.h"
#include "marc/page.h"

#define HOST      "repository.test"
#define RECORDS   10000u
#define LARGE     15000u /* on one page: 108 MiB */
#define DOCUMENTS 1000u
#define PAGE      500u
#define FAR_MS    600000
#define OTHER_S   "300"

static struct rig rig;
static bool is_json;
static unsigned wanted;

static void say(const char *what, double value, const char *unit)
{
    if (is_json)
        printf("{\"what\": \"%s\", \"value\": %.3f, \"unit\": \"%s\"}\n", what, value, unit);
    else
        printf("%-44s %12.1f %s\n", what, value, unit);
    fflush(stdout);
}

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool has_all(struct kit_session *session)
{
    return session->is_over || session->asked >= wanted;
}

static void prepare(unsigned records, unsigned page, const char *deliver)
{
    rig_say(&rig, "set " HOST ":records=%u", records);
    rig_say(&rig, "set " HOST ":page=%u", page);
    rig_say(&rig, "set " HOST ":step=60");
    rig_set(&rig, "url", "https://" HOST "/oai/request");
    rig_set(&rig, "label", KIT_LABEL);
    rig_set(&rig, "window-days", "90");
    rig_set(&rig, "deliver", deliver);
    rig_set(&rig, "languages", "en");
}

/* Harvest all, and say how it went. Gives seconds. */
static double harvest(const char *what, unsigned records, unsigned page, const char *deliver)
{
    char words[96];
    prepare(records, page, deliver);
    rig.run->session.is_forgetful = true;
    wanted = records;
    double began = bench_now();
    rig_start(&rig);
    rig.run->session.is_forgetful = true;
    if (!kit_session_pump(&rig.run->session, has_all, FAR_MS) || rig.run->session.is_over) {
        fprintf(stderr, "bench: %s: %u of %u came\n", what, rig.run->session.asked, records);
        exit(1);
    }
    double seconds = bench_now() - began;
    snprintf(words, sizeof words, "%s", what);
    say(words, records / seconds, "documents/s");
    say(words, seconds, "s");
    say(words, (double)kit_proc_cpu_ms(rig.run->session.pid) / 1000, "s of processor in the host");
    say(words, (double)kit_proc_number(rig.run->session.pid, "VmHWM") / 1024,
        "MiB, peak of the host");
    return seconds;
}

/* -- parsing alone ----------------------------------------------------------------------------- */

/* The first page of the list into a file, by curl. */
static void fetch_page(const char *file)
{
    char proxy[64], ca[128];
    int status = 1;
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", rig.port);
    snprintf(ca, sizeof ca, "%s/pki/ca/root.pem", rig.directory);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("curl", "curl", "-sS", "--proxy", proxy, "--cacert", ca, "-o", file,
               "https://" HOST "/oai/request?verb=ListRecords&metadataPrefix=marcxml", NULL);
        _exit(127);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "bench: curl brings no page\n");
        exit(1);
    }
}

/* Seconds to read a page, and its size. */
static double parse(const char *file, uint64_t *out_bytes)
{
    static unsigned char piece[65536];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct page *page = page_new();
    ssize_t n;
    uint64_t records = 0;
    double began = bench_now();
    *out_bytes = 0;
    while (page != NULL && (n = read(fd, piece, sizeof piece)) > 0) {
        *out_bytes += (uint64_t)n;
        if (!vls_ok(page_feed(page, VLS_SLICE(piece, (size_t)n))))
            break;
        while (page_take(page) != NULL)
            records++;
    }
    if (page == NULL || !vls_ok(page_end(page)))
        exit(1);
    while (page_take(page) != NULL)
        records++;
    double seconds = bench_now() - began;
    close(fd);
    page_free(&page);
    if (records != PAGE) {
        fprintf(stderr, "bench: %llu records on a page of %u\n", (unsigned long long)records, PAGE);
        exit(1);
    }
    return seconds;
}

static void share_of_parsing(double seconds)
{
    char file[128];
    uint64_t bytes;
    snprintf(file, sizeof file, "%s/page.xml", rig.directory);
    prepare(RECORDS, PAGE, "records");
    fetch_page(file);
    double best = parse(file, &bytes);
    for (int i = 0; i < 4; i++) {
        double again = parse(file, &bytes);
        best = again < best ? again : best;
    }
    say("reading XML alone", (double)bytes / (1 << 20) / best, "MiB/s");
    say("its share of the harvest of records", 100 * best * RECORDS / PAGE / seconds, "%");
}

/* -- another harvester on the same server ------------------------------------------------------ */

/* HTTP::OAI of Debian (libhttp-oai-perl), which says its seconds and its memory itself. */
static void other_harvester(void)
{
    char proxy[64], ca[128];
    int status = 0;
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", rig.port);
    snprintf(ca, sizeof ca, "%s/pki/ca/root.pem", rig.directory);
    prepare(RECORDS, PAGE, "records");
    pid_t pid = fork();
    if (pid == 0) {
        setenv("https_proxy", proxy, 1);
        setenv("PERL_LWP_SSL_CA_FILE", ca, 1);
        execlp("timeout", "timeout", OTHER_S, "perl", VALISE_SOURCE_DIR "/tests/bench/harvest.pl",
               "https://" HOST "/oai/request", is_json ? "json" : "text", NULL);
        _exit(127);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        fprintf(stderr,
                "bench: no comparison: HTTP::OAI (libhttp-oai-perl, liblwp-protocol-https-perl) "
                "is not installed, failed, or needed more than " OTHER_S " s\n");
}

int main(int argc, char **argv)
{
    is_json = argc > 2 && strcmp(argv[2], "--json") == 0;
    if (argc < 2) {
        fprintf(stderr, "bench_harvest: PLUGIN.so [--json]\n");
        return 2;
    }
    rig_open(&rig, argv[1], HOST);
    rig_http(&rig, "max-bytes: 268435456\ntimeout-s: 300");
    double seconds = harvest("10,000 records, pages of 500", RECORDS, PAGE, "records");
    share_of_parsing(seconds);
    (void)harvest("1,000 records with a file each", DOCUMENTS, 100, "documents");
    (void)harvest("15,000 records, one page of 108 MiB", LARGE, LARGE, "records");
    other_harvester();
    rig_close(&rig);
    return 0;
}
