#ifndef VALISE_BENCH_REPORT_H
#define VALISE_BENCH_REPORT_H
/*
 * bench/report - what was measured, as a table for people or as JSON Lines.
 */
#include "load.h"
#include "machine.h"
#include "procs.h"

/** One gateway before and after the load. */
struct report_node {
    const char *party;
    struct procs idle, before, after;
    struct gateway_status status_before, status_after;
};

struct report {
    bool is_json, is_both;
    struct report_node nodes[BENCH_NODES];
    double seconds, until_delivered_s; /* the second 0 without sinks */
    uint64_t messages;                 /* of all senders */
    uint64_t size, pushed_back;
    unsigned window;
    double alone_p50_ms; /* latency of a message that is the only one */
    double p50_ms, p99_ms;
    double driver_cpu_s;
    double load_average;
    struct limits limits;
    /* of one large file, instead of messages */
    bool is_large, is_delivered;
    double accepted_s, receipted_s, delivered_s;
};

/** Messages a second that the processors of this machine could seal, with nothing else to do. */
double report_ceiling(const struct report *report);

void report_print(const struct report *report);

#endif
