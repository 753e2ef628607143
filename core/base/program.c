#include "base/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct vls_status vls_program_places(const char *name, struct vls_program_places *out,
                                     struct vls_why *why)
{
    static const char *const FOLDERS[VLS_PROGRAM_PLACES] = {"", "../libexec/valise/"};
    char path[VLS_MAX_PATH];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0 || len == sizeof path - 1)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "/proc/self/exe");
    path[len] = '\0';
    strrchr(path, '/')[1] = '\0';
    for (size_t i = 0; i < VLS_PROGRAM_PLACES; i++)
        snprintf(out->at[i], sizeof out->at[i], "%s%s%s", path, FOLDERS[i], name);
    return VLS_DONE;
}
