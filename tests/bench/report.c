#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIB 1048576.0
#define KIB 1024.0

/* A sink's share is counted when there is one: it has every message opened. */
double report_ceiling(const struct report *report)
{
    const struct limits *l = &report->limits;
    double seconds = 1 / l->seal;
    if (report->nodes[1].status_after.delivered > report->nodes[1].status_before.delivered)
        seconds += 1 / l->open;
    return (double)sysconf(_SC_NPROCESSORS_ONLN) / seconds;
}

static double cpu_us(const struct report *report, const struct report_node *node,
                     const struct proc *after)
{
    const struct proc *before = procs_find(&node->before, after->pid);
    double seconds = after->cpu_s - (before != NULL ? before->cpu_s : 0);
    return seconds * 1e6 / (double)report->messages;
}

static double commits_per_message(const struct report *report, const struct report_node *node)
{
    return (double)(node->status_after.commits - node->status_before.commits) /
           (double)report->messages;
}

static double mb_per_s(const struct report *report, double seconds)
{
    return (double)report->size / 1e6 / seconds;
}

/* -- for people -------------------------------------------------------------------------------- */

static void print_processes(const struct report *report, const struct report_node *node)
{
    double cpu = 0;
    printf("\n%-14s %12s %10s %10s %10s %10s\n", node->party,
           report->is_large ? "cpu s" : "cpu us/msg", "idle rss", "idle pss", "rss", "peak MiB");
    for (size_t i = 0; i < node->after.count; i++) {
        const struct proc *p = &node->after.of[i];
        const struct proc *idle = procs_find(&node->idle, p->pid);
        double us = cpu_us(report, node, p);
        cpu += us;
        printf("  %-12s %12.*f %10.1f %10.1f %10.1f %10.1f\n", p->role, report->is_large ? 2 : 1,
               report->is_large ? us / 1e6 : us, idle != NULL ? (double)idle->rss_kib / KIB : 0,
               idle != NULL ? (double)idle->pss_kib / KIB : 0, (double)p->rss_kib / KIB,
               (double)p->peak_kib / KIB);
    }
    printf("  %-12s %12.*f %10s %10.1f\n", "all", report->is_large ? 2 : 1,
           report->is_large ? cpu / 1e6 : cpu, "", (double)procs_pss_kib(&node->idle) / KIB);
    if (!report->is_large)
        printf("  %-12s %12.3f a message\n", "commits", commits_per_message(report, node));
}

static void print_limits(const struct report *report)
{
    const struct limits *l = &report->limits;
    printf("\nthis machine, at the same time: %ld cores, load %.1f\n",
           sysconf(_SC_NPROCESSORS_ONLN), report->load_average);
    printf("  disk          %10.0f fdatasync/s   %.0f MB/s appended\n", l->fdatasync,
           l->append / 1e6);
    printf("  ECDH P-256    %10.0f /s a core\n", l->ecdh);
    printf("  AES-256-GCM   %10.0f /s a core, 4 KiB\n", l->aes_4k);
    printf("  SHA-256       %10.0f /s a core, 4 KiB\n", l->sha_4k);
    printf("  Ed25519       %10.0f sign/s, %.0f verify/s a core\n", l->ed25519_sign,
           l->ed25519_verify);
    printf("  seal, open    %10.0f /s, %.0f /s a core%s\n", l->seal, l->open,
           report->is_large ? ", 1 KiB" : ", this size");
}

static void print_people(const struct report *report)
{
    if (report->is_large) {
        printf("one file of %.0f MiB\n", (double)report->size / MIB);
        printf("  sealed, on disk   %8.2f s  %8.1f MB/s\n", report->accepted_s,
               mb_per_s(report, report->accepted_s));
        printf("  receipted         %8.2f s  %8.1f MB/s\n", report->receipted_s,
               mb_per_s(report, report->receipted_s));
        if (report->is_delivered)
            printf("  delivered         %8.2f s  %8.1f MB/s\n", report->delivered_s,
                   mb_per_s(report, report->delivered_s));
    } else {
        double rate = (double)report->messages / report->seconds;
        printf("%" PRIu64 " messages of %" PRIu64 " bytes%s, window %u\n", report->messages,
               report->size, report->is_both ? ", half of them each way" : "", report->window);
        printf("  %.0f messages/s in %.2f s, %.0f %% of the %.0f/s that the cores could seal\n",
               rate, report->seconds, 100 * rate / report_ceiling(report), report_ceiling(report));
        printf("  submit to receipt: p50 %.0f ms, p99 %.0f ms with a full window; %.0f ms alone\n",
               report->p50_ms, report->p99_ms, report->alone_p50_ms);
        if (report->until_delivered_s > 0)
            printf("  delivered by a plugin: %.0f messages/s in %.2f s\n",
                   (double)report->messages / report->until_delivered_s, report->until_delivered_s);
        printf("  this program: %.1f us of processor a message; %" PRIu64 " pushed back\n",
               report->driver_cpu_s * 1e6 / (double)report->messages, report->pushed_back);
    }
    for (size_t i = 0; i < BENCH_NODES; i++)
        print_processes(report, &report->nodes[i]);
    print_limits(report);
}

/* -- for programs ------------------------------------------------------------------------------ */

static void print_json_node(const struct report *report, const struct report_node *node)
{
    for (size_t i = 0; i < node->after.count; i++) {
        const struct proc *p = &node->after.of[i];
        const struct proc *idle = procs_find(&node->idle, p->pid);
        printf("{\"what\":\"process\",\"party\":\"%s\",\"role\":\"%s\",\"cpu_us_per_message\":%.2f,"
               "\"idle_rss_kib\":%" PRIu64 ",\"idle_pss_kib\":%" PRIu64 ",\"rss_kib\":%" PRIu64
               ",\"peak_kib\":%" PRIu64 "}\n",
               node->party, p->role, cpu_us(report, node, p), idle != NULL ? idle->rss_kib : 0,
               idle != NULL ? idle->pss_kib : 0, p->rss_kib, p->peak_kib);
    }
    printf("{\"what\":\"gateway\",\"party\":\"%s\",\"idle_pss_kib\":%" PRIu64
           ",\"commits_per_message\":%.4f}\n",
           node->party, procs_pss_kib(&node->idle), commits_per_message(report, node));
}

static void print_json(const struct report *report)
{
    const struct limits *l = &report->limits;
    if (report->is_large)
        printf("{\"what\":\"large\",\"bytes\":%" PRIu64
               ",\"accepted_s\":%.3f,\"receipted_s\":%.3f,\"delivered_s\":%.3f}\n",
               report->size, report->accepted_s, report->receipted_s,
               report->is_delivered ? report->delivered_s : 0);
    else
        printf("{\"what\":\"messages\",\"count\":%" PRIu64 ",\"bytes\":%" PRIu64
               ",\"window\":%u,\"both\":%s,\"seconds\":%.3f,\"per_second\":%.1f,\"ceiling\":%.1f,"
               "\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"alone_p50_ms\":%.1f,\"delivered_s\":%.3f,"
               "\"pushed_back\":%" PRIu64 "}\n",
               report->messages, report->size, report->window, report->is_both ? "true" : "false",
               report->seconds, (double)report->messages / report->seconds, report_ceiling(report),
               report->p50_ms, report->p99_ms, report->alone_p50_ms, report->until_delivered_s,
               report->pushed_back);
    for (size_t i = 0; i < BENCH_NODES; i++)
        print_json_node(report, &report->nodes[i]);
    printf(
        "{\"what\":\"machine\",\"cores\":%ld,\"load\":%.2f,\"fdatasync\":%.0f,\"append_bytes\":%."
        "0f,\"ecdh\":%.0f,\"aes_gcm_4k\":%.0f,\"sha256_4k\":%.0f,\"ed25519_sign\":%.0f,"
        "\"ed25519_verify\":%.0f,\"seal\":%.0f,\"open\":%.0f}\n",
        sysconf(_SC_NPROCESSORS_ONLN), report->load_average, l->fdatasync, l->append, l->ecdh,
        l->aes_4k, l->sha_4k, l->ed25519_sign, l->ed25519_verify, l->seal, l->open);
}

void report_print(const struct report *report)
{
    if (report->is_json)
        print_json(report);
    else
        print_people(report);
}
