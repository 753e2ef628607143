#include "route/message_state.h"

#define TO(state) (UINT64_C(1) << VLS_STATE_##state)

/* index: from; bits: to */
static const uint64_t MOVES[] = {
    [VLS_STATE_QUARANTINED] = TO(WITHHELD),
    [VLS_STATE_REFERRED] = TO(REFERRED) | TO(RELEASED) | TO(WITHHELD) | TO(RETURNED),
    [VLS_STATE_WITHHELD] = 0,
    [VLS_STATE_RELEASED] = TO(CARRYING) | TO(HELD) | TO(REFERRED),
    [VLS_STATE_CARRYING] = TO(RECEIPTED) | TO(UNCERTAIN) | TO(DEFERRED) | TO(HELD) | TO(RELEASED),
    [VLS_STATE_UNCERTAIN] = TO(CARRYING) | TO(RELEASED) | TO(HELD),
    [VLS_STATE_DEFERRED] = TO(CARRYING) | TO(RELEASED) | TO(HELD) | TO(REFERRED),
    [VLS_STATE_RECEIPTED] = 0,
    [VLS_STATE_RETURNED] = 0,
    [VLS_STATE_RECEIVED] = TO(DELIVERING) | TO(HELD) | TO(RECEIVED),
    [VLS_STATE_DELIVERING] = TO(DELIVERED) | TO(RECEIVED) | TO(HELD),
    [VLS_STATE_DELIVERED] = 0,
    [VLS_STATE_HELD] = TO(RELEASED) | TO(RECEIVED) | TO(WITHHELD) | TO(INSPECTING) | TO(REFERRED),
    [VLS_STATE_INSPECTING] =
        TO(RELEASED) | TO(REFERRED) | TO(RECEIVED) | TO(HELD) | TO(WITHHELD) | TO(INSPECTING),
};

bool vls_state_may_move(enum vls_state from, enum vls_state to)
{
    if ((unsigned)from >= sizeof MOVES / sizeof MOVES[0])
        return false;
    return (MOVES[from] & UINT64_C(1) << to) != 0;
}

bool vls_state_is_final(enum vls_state state)
{
    return state == VLS_STATE_WITHHELD || state == VLS_STATE_RETURNED ||
           state == VLS_STATE_RECEIPTED || state == VLS_STATE_DELIVERED;
}
