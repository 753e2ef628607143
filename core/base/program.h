#ifndef VALISE_BASE_PROGRAM_H
#define VALISE_BASE_PROGRAM_H
/*
 * base/program - where another program of ours lies.
 *
 * Process: supervisor, command line.
 */
#include "base/limits.h"
#include "base/status.h"

#define VLS_PROGRAM_PLACES 2

struct vls_program_places {
    char at[VLS_PROGRAM_PLACES][VLS_MAX_PATH + 64];
};

/** Beside the program that runs, as where they are built, and where it is installed to. Neither is
 * looked at. @return SYSTEM_IO */
VLS_STATUS vls_program_places(const char *name, struct vls_program_places *out,
                              struct vls_why *why);

#endif
