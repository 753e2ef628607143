#include "route/disposition.h"

/* What a class of failure means for a try: it can be made again, it may have been made, or it is of
 * no use. */
enum verdict { TRY_AGAIN, MAY_BE_DONE, GIVE_UP };

static enum verdict verdict_on(struct vls_status status)
{
    switch (vls_class_of(status)) {
    case VLS_CLASS_UNCERTAIN:
        return MAY_BE_DONE;
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
        return TRY_AGAIN;
    case VLS_CLASS_OK:
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_DENIED:
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_MISUSE:
        break;
    }
    return GIVE_UP;
}

enum vls_state vls_disposition_out(struct vls_status status)
{
    static const enum vls_state STATES[] = {[TRY_AGAIN] = VLS_STATE_DEFERRED,
                                            [MAY_BE_DONE] = VLS_STATE_UNCERTAIN,
                                            [GIVE_UP] = VLS_STATE_HELD};
    return STATES[verdict_on(status)];
}

enum vls_state vls_disposition_in(struct vls_status status, uint32_t deaths)
{
    enum verdict verdict = verdict_on(status);
    bool is_poison = verdict == MAY_BE_DONE && deaths >= VLS_DELIVERY_DEATHS;
    return verdict == GIVE_UP || is_poison ? VLS_STATE_HELD : VLS_STATE_RECEIVED;
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
