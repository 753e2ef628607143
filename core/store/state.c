#include "store/state.h"

#include <string.h>

#define VLS_X(name, number, text) {VLS_STATE_##name, text},
static const struct {
    enum vls_state state;
    const char *name;
} STATES[] = {VLS_STATE_TABLE(VLS_X)};
#undef VLS_X

#define STATE_COUNT (sizeof STATES / sizeof STATES[0])

const char *vls_state_name(enum vls_state state)
{
    if (state == VLS_STATE_NONE)
        return "";
    for (size_t i = 0; i < STATE_COUNT; i++)
        if (STATES[i].state == state)
            return STATES[i].name;
    return "unknown";
}

enum vls_state vls_state_by_name(const char *name)
{
    for (size_t i = 0; i < STATE_COUNT; i++)
        if (strcmp(STATES[i].name, name) == 0)
            return STATES[i].state;
    return VLS_STATE_NONE;
}
