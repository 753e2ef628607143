#ifndef VALISE_BENCH_H
#define VALISE_BENCH_H
/*
 * bench - what the parts of bench_exchange share: clocks, and the words in which it fails.
 *
 * Process:  bench_exchange. Not run by ctest: a benchmark has a result, not a verdict.
 * Start at: exchange.c; load.h sends, machine.h measures the machine, procs.h the gateways.
 */
#include "base/status.h"

#define BENCH_NODES 2 /* the two gateways; the first one sends */

/** Seconds on a clock that only grows. */
double bench_now(void);

/** Seconds of processor time that this thread has used: a rate by it does not depend on who else
 * runs on the machine. */
double bench_cpu(void);

#endif
