#ifndef VALISE_PROC_THROWAWAY_H
#define VALISE_PROC_THROWAWAY_H
/*
 * proc/throwaway - let foreign code say something about itself in a process that has nothing: no
 * descriptor but the one that it writes to, a sandbox, a deadline; then it is gone.
 *
 * Process:   a host before it is closed in, and valise(1) plugin. The caller must have no thread.
 * Ownership: what is written is the caller's, and comes from foreign code: it is to be read as
 *            everything from outside.
 * Start at:  vls_throwaway_run().
 */
#include "base/bytes.h"
#include "proc/sandbox.h"

struct vls_throwaway {
    const struct vls_sandbox *sandbox;
    uint32_t deadline_ms;
    const char *what; /* "the plugin object /x.so", for messages */
    /** In the new process, closed in. Fails = the reason goes to the caller instead of `out`. */
    struct vls_status (*work)(void *ctx, struct vls_buf *out, struct vls_why *why);
    void *ctx;
};

/** @param out  what work() wrote, appended; its maximum holds.
 *  @return PLUGIN_INVALID when the process crashes, hangs or writes too much, SYSTEM_IO, and what
 *  work() and vls_sandbox_close() return */
VLS_STATUS vls_throwaway_run(const struct vls_throwaway *options, struct vls_buf *out,
                             struct vls_why *why);

#endif
