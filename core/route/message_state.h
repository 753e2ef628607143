#ifndef VALISE_ROUTE_MESSAGE_STATE_H
#define VALISE_ROUTE_MESSAGE_STATE_H
/*
 * route/message_state - which moves a message may make. All moves go through vls_route_move() of
 * route_internal.h, which asks here.
 *
 * Process: router. Pure.
 *
 * A referred message may stay referred: each officer's approval is a move. It ends as released,
 * withheld or returned.
 *
 *   outbound
 *
 *   (submitted)--> quarantined --------> withheld
 *        |                                ^   ^
 *        +--> inspecting <----> held -----+   |
 *        |     |      |                       |
 *        |     v      |                       |
 *        +-> referred ------------------------+
 *        |     |      |
 *        |     v      v
 *        +--> released <------> held ------> withheld
 *                  |    ^         ^
 *                  v    |         |
 *               carrying+-> deferred      deferred, uncertain: to carrying again when due, to
 *                  |    +-> uncertain     released by an operator, to held
 *                  v
 *              receipted
 *
 *   inbound
 *
 *   (received)--> inspecting --> received <----> delivering --> delivered
 *        |           |  ^          |  ^             |
 *        +------>    v  |          v  |             |
 *                   held <-------------------------- +
 */
#include "store/state.h"

bool vls_state_may_move(enum vls_state from, enum vls_state to);

/** Nothing happens to it any more. */
bool vls_state_is_final(enum vls_state state);

#endif
