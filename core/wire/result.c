#include "wire/result.h"

#include <stddef.h>

const char *vls_found_name(uint32_t result)
{
#define VLS_X(name, number, text) [VLS_FOUND_##name] = text,
    static const char *const NAMES[] = {VLS_FOUND_TABLE(VLS_X)};
#undef VLS_X
    return result < sizeof NAMES / sizeof NAMES[0] ? NAMES[result] : NULL;
}

const char *vls_likeness_name(uint32_t like)
{
#define VLS_X(name, number, text) [VLS_LIKENESS_##name] = text,
    static const char *const NAMES[] = {VLS_LIKENESS_TABLE(VLS_X)};
#undef VLS_X
    return like < sizeof NAMES / sizeof NAMES[0] ? NAMES[like] : "";
}

bool vls_found_has_documents(uint32_t result)
{
    return result == VLS_FOUND_DELIVERED || result == VLS_FOUND_PARTIAL;
}
