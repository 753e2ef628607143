#ifndef VALISE_PROC_CALLS_H
#define VALISE_PROC_CALLS_H
/*
 * proc/calls - the sets of system calls behind enum vls_call_group, as names; and those that end
 * the process.
 *
 * Process: every role. Private to proc. A name that this architecture does not have is passed over.
 */
#include "proc/sandbox.h"

struct vls_call_set {
    unsigned group;           /* one of enum vls_call_group */
    const char *const *names; /* ended by NULL */
};

/** All groups; ended by group 0. Calls whose arguments matter are not in it: sandbox.c has the
 * rules for these. */
extern const struct vls_call_set VLS_CALL_SETS[];

/** No gateway ever makes these: the process ends. */
extern const char *const VLS_CALLS_THAT_KILL[];

/** Of a sanitizer's run time; empty in every other build. */
extern const char *const VLS_CALLS_OF_SANITIZERS[];

#endif
