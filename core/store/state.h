#ifndef VALISE_STORE_STATE_H
#define VALISE_STORE_STATE_H
/*
 * store/state - the states of a message: their numbers (in the database, never changed) and names.
 * Which moves are allowed is route/message_state.h.
 */
#include "base/status.h"

#define VLS_STATE_TABLE(X)                                                                         \
    /* outbound */                                                                                 \
    X(QUARANTINED, 1, "quarantined") /* no label, or one that is not understood            */      \
    X(REFERRED, 2, "referred")       /* waits for an officer                               */      \
    X(WITHHELD, 3, "withheld")       /* will not leave; the end                            */      \
    X(RELEASED, 4, "released")       /* recorded in the log, may leave when due            */      \
    X(CARRYING, 5, "carrying")       /* under way; after a crash: nobody knows             */      \
    X(UNCERTAIN, 6, "uncertain")     /* may have arrived: goes again under the same id     */      \
    X(DEFERRED, 7, "deferred")       /* failed for now, goes again when due                */      \
    X(RECEIPTED, 8, "receipted")     /* the partner has it and said so; the end            */      \
    X(RETURNED, 9, "returned")       /* given back to whoever submitted it; the end        */      \
    /* inbound */                                                                                  \
    X(RECEIVED, 20, "received")     /* on disk and receipted, to be delivered when due    */       \
    X(DELIVERING, 21, "delivering") /* with a sink; after a crash: delivered again        */       \
    X(DELIVERED, 22, "delivered")   /* the sink has it; the end                           */       \
    /* both */                                                                                     \
    X(HELD, 30, "held")             /* stopped with a reason, until an operator acts      */       \
    X(INSPECTING, 31, "inspecting") /* sealed or received, and shown to inspectors when due */

#define VLS_X(name, number, text) VLS_STATE_##name = (number),
enum vls_state { VLS_STATE_NONE = 0, VLS_STATE_TABLE(VLS_X) };
#undef VLS_X

/** "released" and so on; "" for none, "unknown" for a number that is no state. */
const char *vls_state_name(enum vls_state state);
/** VLS_STATE_NONE when there is no such name. */
enum vls_state vls_state_by_name(const char *name);

#endif
