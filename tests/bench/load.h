#ifndef VALISE_BENCH_LOAD_H
#define VALISE_BENCH_LOAD_H
/*
 * bench/load - documents go to a gateway as fast as it takes them, over its control socket.
 *
 * Ownership: a load owns its connections and samples until load_fini().
 * Start at:  load_run(). A window of requests is under way; each connection carries as many as the
 *            control role lets it ask.
 */
#include "base/bytes.h"
#include "bench.h"

#define LOAD_MAX_CONNECTIONS 31 /* of the control role's 32: one is for the questions */
#define LOAD_PER_CONNECTION  16 /* requests of one connection that may wait for their answer */
#define LOAD_MAX_SAMPLES     1000

struct load_sample {
    uint8_t id[16];
    uint64_t sent_ms; /* wall clock, when it was submitted */
};

struct load {
    const char *socket, *to; /* the sender's control socket; the party it sends to */
    uint64_t count, size;
    unsigned window;

    int fds[LOAD_MAX_CONNECTIONS];
    unsigned open[LOAD_MAX_CONNECTIONS];
    unsigned connection_count, under_way;
    uint64_t *sent_ms; /* by serial */
    uint64_t sent, accepted, pushed_back;
    struct load_sample *samples;
    size_t sample_count;
    double began_s;
};

VLS_STATUS load_init(struct load *load, const char *socket, const char *to, uint64_t count,
                     uint64_t size, unsigned window, struct vls_why *why);
void load_fini(struct load *load);

/** Send all of all loads at the same time; returns when the last is accepted, which means on disk.
 * `deadline_s` by bench_now(). */
VLS_STATUS load_run(struct load *loads, size_t count, double deadline_s, struct vls_why *why);

/** What a gateway says of itself. */
struct gateway_status {
    uint64_t commits;
    uint64_t receipted, received, delivered, stuck; /* stuck: held, refused, withheld, referred */
};

VLS_STATUS gateway_connect(const char *socket, int *out_fd, struct vls_why *why);
VLS_STATUS gateway_status(int fd, struct gateway_status *out, struct vls_why *why);

/** When a message became receipted, by its trace. */
VLS_STATUS gateway_receipted_ms(int fd, const uint8_t id[16], uint64_t *out_ms,
                                struct vls_why *why);

/** Send one file and wait until it is accepted. */
VLS_STATUS gateway_send_file(int fd, const char *to, int document_fd, uint64_t bytes,
                             struct vls_why *why);

#endif
