#ifndef VALISE_PROC_LANDLOCK_H
#define VALISE_PROC_LANDLOCK_H
/*
 * proc/landlock - the Landlock half of a sandbox, by raw system calls, since the C library has
 * none.
 *
 * Process: every role. Private to proc.
 */
#include "proc/sandbox.h"

/** Restrict this thread and all that it starts to the paths and ports. @return PROC_SANDBOX */
VLS_STATUS vls_landlock_close(const struct vls_sandbox *sandbox, unsigned abi, struct vls_why *why);

#endif
