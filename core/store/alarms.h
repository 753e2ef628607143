#ifndef VALISE_STORE_ALARMS_H
#define VALISE_STORE_ALARMS_H
/*
 * store/alarms - that a partner's log and what it said before do not fit together, with what proves
 * it. While one is open the exchange with that partner is stopped.
 *
 * Process: router.
 */
#include "store/store.h"

struct vls_alarm_row {
    uint64_t number; /* from 1 */
    const char *party, *log, *kind, *words;
    const char *evidence; /* a file of valise-fork(5), or empty */
    uint64_t raised_ms;
    uint64_t closed_ms; /* 0: open */
    const char *closed_by, *note;
};

/** Add an open alarm; what belongs to its end is not read. */
VLS_STATUS vls_store_alarm_add(struct vls_store *store, const struct vls_alarm_row *row,
                               uint64_t *out_number, struct vls_why *why);
/** Close all open alarms of a partner. @return STORE_MISSING when there is none */
VLS_STATUS vls_store_alarms_close(struct vls_store *store, const char *party, uint64_t at_ms,
                                  const char *actor, const char *note, struct vls_why *why);

struct vls_alarm_filter {
    const char *party; /* NULL: of all */
    bool with_closed;
    uint64_t from; /* the first number */
    uint32_t limit;
};
typedef struct vls_status (*vls_alarm_fn)(void *ctx, const struct vls_alarm_row *row,
                                          struct vls_why *why);
/** Oldest first. The callback may not change the store. */
VLS_STATUS vls_store_alarms(struct vls_store *store, const struct vls_alarm_filter *filter,
                            vls_alarm_fn fn, void *ctx, struct vls_why *why);

#endif
