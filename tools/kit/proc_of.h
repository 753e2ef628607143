#ifndef VALISE_KIT_PROC_OF_H
#define VALISE_KIT_PROC_OF_H
/*
 * kit/proc_of - what the kernel says of the process of a session.
 *
 * Process: valise(1) plugin, and the bench of plugins.
 */
#include <sys/types.h>

#include "base/bytes.h"

/** A number of /proc/PID/status, "Threads", "VmRSS" (KiB) ...; -1 when it is not there. */
int64_t kit_proc_number(pid_t pid, const char *field);
/** A field of /proc/PID/status as it stands. */
bool kit_proc_text(pid_t pid, const char *field, char *out, size_t room);
/** User and system time in milliseconds; -1 when it is gone. */
int64_t kit_proc_cpu_ms(pid_t pid);
/** Open descriptors; `each` (may be NULL) gets where each leads. -1 when they may not be seen. */
int kit_proc_fds(pid_t pid, bool (*each)(void *ctx, const char *where), void *ctx);
/** The soft limit of /proc/PID/limits; -1 for none. */
int64_t kit_proc_limit(pid_t pid, const char *name);
/** Children of the process. */
int kit_proc_children(pid_t pid);

#endif
