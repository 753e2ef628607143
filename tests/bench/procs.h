#ifndef VALISE_BENCH_PROCS_H
#define VALISE_BENCH_PROCS_H
/*
 * bench/procs - what the processes of a gateway cost, as /proc tells it.
 *
 * Ownership: a set holds no resources.
 * Start at:  procs_read() before and after; the difference is what the load cost.
 */
#include <sys/types.h>

#include "bench.h"

#define PROCS_MAX  64
#define PROCS_NAME 32

struct proc {
    pid_t pid;
    char role[PROCS_NAME];
    double cpu_s;      /* user and system, since it started */
    uint64_t rss_kib;  /* resident now */
    uint64_t pss_kib;  /* its share of what is resident; 0 = the kernel does not tell us */
    uint64_t peak_kib; /* resident at most, since it started or since procs_forget_peaks() */
};

struct procs {
    struct proc of[PROCS_MAX];
    size_t count;
};

/** The supervisor and its children. @return SYSTEM_MISSING when it is not running */
VLS_STATUS procs_read(pid_t supervisor, struct procs *out, struct vls_why *why);

/** Let the peaks start from now, where the kernel allows it. */
void procs_forget_peaks(const struct procs *procs);

/** The same process in another set; NULL when it is not there. */
const struct proc *procs_find(const struct procs *procs, pid_t pid);

uint64_t procs_pss_kib(const struct procs *procs);

#endif
