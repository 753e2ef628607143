#include "route/disposition.h"

enum vls_state vls_disposition_out(struct vls_status status)
{
    switch (vls_class_of(status)) {
    case VLS_CLASS_UNCERTAIN:
        return VLS_STATE_UNCERTAIN;
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
        return VLS_STATE_DEFERRED;
    case VLS_CLASS_OK:
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_DENIED:
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_MISUSE:
        break;
    }
    return VLS_STATE_HELD;
}

enum vls_state vls_disposition_in(struct vls_status status, uint32_t deaths)
{
    switch (vls_class_of(status)) {
    case VLS_CLASS_UNCERTAIN:
        return deaths >= VLS_DELIVERY_DEATHS ? VLS_STATE_HELD : VLS_STATE_RECEIVED;
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
        return VLS_STATE_RECEIVED;
    case VLS_CLASS_OK:
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_DENIED:
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_MISUSE:
        break;
    }
    return VLS_STATE_HELD;
}

uint64_t vls_backoff_ms(uint32_t failures, uint32_t first_ms, uint32_t most_ms, uint32_t chance)
{
    uint64_t wait = first_ms;
    for (uint32_t i = 1; i < failures && wait < most_ms; i++)
        wait *= 2;
    if (wait > most_ms)
        wait = most_ms;
    return wait / 2 + (uint64_t)chance % (wait / 2 + 1);
}
