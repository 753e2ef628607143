/* What it costs that a plugin's requests are made by another process: the service beside libcurl
 * alone, in one run, against the same server (tests/fetch/server), over TLS on the loopback. */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "rig.h"

#define HOST    "two.test.localhost"
#define WARM_UP 50
#define MIB     1048576.0

static struct rig rig;
static bool is_json;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void report(const char *what, double service, double alone, const char *unit)
{
    if (is_json)
        printf("{\"what\":\"%s\",\"service\":%.1f,\"curl\":%.1f,\"unit\":\"%s\"}\n", what, service,
               alone, unit);
    else
        printf("  %-34s %12.1f %12.1f  %s\n", what, service, alone, unit);
    fflush(stdout);
}

/* -- libcurl alone, in this process --------------------------------------------------------------
 */

static size_t drop(char *from, size_t size, size_t count, void *ctx)
{
    (void)from;
    *(uint64_t *)ctx += size * count;
    return size * count;
}

static size_t fill(char *to, size_t size, size_t count, void *ctx)
{
    uint64_t *left = ctx;
    size_t len = *left < size * count ? (size_t)*left : size * count;
    memset(to, 0, len);
    *left -= len;
    return len;
}

static CURL *curl_alone(uint64_t *received)
{
    static char ca[128];
    CURL *easy = curl_easy_init();
    snprintf(ca, sizeof ca, "%s/pki/ca/root.pem", rig.directory);
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, received);
    return easy;
}

static void get_alone(CURL *easy, const char *path)
{
    curl_easy_setopt(easy, CURLOPT_URL, rig_url(HOST, rig.main, path));
    if (curl_easy_perform(easy) != CURLE_OK)
        fail_msg("libcurl fails");
}

static void put_alone(CURL *easy, uint64_t bytes)
{
    uint64_t left = bytes;
    struct curl_slist *fields = curl_slist_append(NULL, "Expect:");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 65536L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, fill);
    curl_easy_setopt(easy, CURLOPT_READDATA, &left);
    get_alone(easy, "/echo");
    curl_slist_free_all(fields);
}

/* -- the service ----------------------------------------------------------------------------------
 */

static void get_service(const char *path)
{
    struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(HOST, rig.main, path));
    if (got.outcome != VLS_HTTP_OK)
        fail_msg("outcome %d: %s", got.outcome, got.why);
}

static void put_service(uint64_t bytes)
{
    static uint8_t piece[65536];
    struct vls_http_request request = {.size = sizeof request,
                                       .url = rig_url(HOST, rig.main, "/echo"),
                                       .method = "PUT",
                                       .flags = VLS_HTTP_STREAM,
                                       .body_bytes = bytes};
    struct vls_http *http;
    enum vls_http_outcome outcome = VLS_PLUGIN_HTTP.open(&rig.hosts[RIG_WEB], &request, &http);
    for (uint64_t at = 0; at < bytes && outcome == VLS_HTTP_OK; at += sizeof piece)
        outcome = VLS_PLUGIN_HTTP.write(&rig.hosts[RIG_WEB], http, piece, sizeof piece);
    struct rig_got got = rig_finish(&rig, RIG_WEB, http);
    if (outcome != VLS_HTTP_OK || got.outcome != VLS_HTTP_OK)
        fail_msg("outcomes %d and %d: %s", outcome, got.outcome, got.why);
}

/* -- measuring ------------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure_requests(unsigned count)
{
    uint64_t received = 0;
    CURL *easy = curl_alone(&received);
    double *took[2] = {calloc(count, sizeof(double)), calloc(count, sizeof(double))};
    double total[2] = {0, 0};
    for (unsigned i = 0; i < count + WARM_UP;
         i++) { /* in turns: the machine is the same for both */
        for (int alone = 0; alone < 2; alone++) {
            double began = now();
            if (alone)
                get_alone(easy, "/ok");
            else
                get_service("/ok");
            double took_now = now() - began;
            if (i < WARM_UP)
                continue;
            took[alone][i - WARM_UP] = took_now;
            total[alone] += took_now;
        }
    }
    for (int alone = 0; alone < 2; alone++)
        qsort(took[alone], count, sizeof(double), compare);
    report("GET of 5 bytes, kept connection", count / total[0], count / total[1], "requests/s");
    report("  median", took[0][count / 2] * 1e6, took[1][count / 2] * 1e6, "us");
    report("  99 of 100", took[0][count * 99 / 100] * 1e6, took[1][count * 99 / 100] * 1e6, "us");
    free(took[0]);
    free(took[1]);
    curl_easy_cleanup(easy);
}

static void measure_content(uint64_t bytes)
{
    char path[64];
    uint64_t received = 0;
    double mib = (double)bytes / MIB;
    CURL *easy = curl_alone(&received);
    unsigned long before = rig_memory(&rig, "VmHWM");
    snprintf(path, sizeof path, "/big?%llu", (unsigned long long)bytes);
    double began = now();
    get_service(path);
    double service = now() - began;
    began = now();
    get_alone(easy, path);
    double alone = now() - began;
    report("content down", mib / service, mib / alone, "MiB/s");
    began = now();
    put_service(bytes);
    service = now() - began;
    began = now();
    put_alone(easy, bytes);
    alone = now() - began;
    report("content up", mib / service, mib / alone, "MiB/s");
    unsigned long after = rig_memory(&rig, "VmHWM");
    report("memory of fetch, before and at most", (double)before, (double)after, "KiB");
    curl_easy_cleanup(easy);
}

int main(int argc, char **argv)
{
    unsigned count = 2000;
    unsigned long mib = 1024;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            is_json = true;
        else if (strncmp(argv[i], "--requests=", 11) == 0)
            count = (unsigned)strtoul(argv[i] + 11, NULL, 10);
        else if (strncmp(argv[i], "--mib=", 6) == 0)
            mib = strtoul(argv[i] + 6, NULL, 10);
    }
    rig_start(&rig);
    if (!is_json)
        printf("  %-34s %12s %12s\n", "", "service", "curl alone");
    measure_requests(count);
    measure_content((uint64_t)mib << 20);
    rig_stop(&rig);
    return 0;
}
