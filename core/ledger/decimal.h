#ifndef VALISE_LEDGER_DECIMAL_H
#define VALISE_LEDGER_DECIMAL_H
/*
 * ledger/decimal - sizes and indexes as the C2SP formats write them.
 *
 * Process: those of ledger/note and ledger/tlogproof; nobody else includes this.
 */
#include "base/bytes.h"

/** The whole of `text`, decimal, without sign and leading zeros, up to VLS_MAX_LEAVES. */
bool vls_decimal_read(struct vls_slice text, uint64_t *out);

#endif
