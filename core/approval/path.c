#include <stdio.h>
#include <string.h>

#include "approval/signature.h"

#define YAML ".yaml"

struct vls_status vls_signature_path(const char *file, const char *party, char *out, size_t room,
                                     struct vls_why *why)
{
    size_t len = strlen(file), tail = strlen(YAML);
    if (len > tail && strcmp(file + len - tail, YAML) == 0)
        len -= tail;
    int n = snprintf(out, room, "%.*s.%s.p7s", (int)len, file, party);
    if (n < 0 || (size_t)n >= room)
        return vls_fail(VLS_INPUT_LIMIT, why, "%.160s: the path is too long", file);
    return VLS_DONE;
}
