#ifndef VALISE_ATTEST_ATTEST_H
#define VALISE_ATTEST_ATTEST_H
/*
 * attest - calls to those outside who confirm our logs: witnesses (C2SP tlog-witness) and a time
 * stamping authority (RFC 3161).
 *
 * Process:   edge. What comes back is verified here, before the router sees it: of a witness the
 *            line by its key, of the authority the token with its signature. Keys and issuers are
 *            read by vls_attest_new(), before the sandbox closes.
 * Ownership: borrows configuration and environment.
 * Start at:  vls_attest_witness(), vls_attest_stamp().
 */
#include <schemas/ipc.pb-c.h>

#include "base/bytes.h"
#include "base/env.h"
#include "config/config.h"

struct event_base;
struct vls_attest; /* opaque */

/** @return CONFIG_INVALID, CONFIG_MISSING with place and fix */
VLS_STATUS vls_attest_new(struct event_base *base, const struct vls_env *env,
                          const struct vls_config *config, struct vls_attest **out,
                          struct vls_why *why);
/** Ends what is under way with ROUTE_CLOSING. */
void vls_attest_free(struct vls_attest **attest);

/** The answer to a WitnessRequest. The outcome's codes: ATTEST_UNREACHABLE; ATTEST_REFUSED;
 * ATTEST_STALE with the size that it cosigned last; ATTEST_CONTRADICTED when it does not find that
 * the checkpoint continues that one; LEDGER_NOTE, LEDGER_SIGNATURE for what it signed. */
typedef void (*vls_attest_witness_fn)(void *ctx, const Valise__WitnessResult *result);
/** Always answered, at once when the request cannot be made. */
void vls_attest_witness(struct vls_attest *attest, const Valise__WitnessRequest *request,
                        vls_attest_witness_fn fn, void *ctx);

/** The answer to a StampRequest. The outcome's codes: ATTEST_UNREACHABLE; ATTEST_REFUSED;
 * LEDGER_STAMP, LEDGER_UNSTAMPED. A stamp of another time than that of the call is refused. */
typedef void (*vls_attest_stamp_fn)(void *ctx, const Valise__StampResult *result);
void vls_attest_stamp(struct vls_attest *attest, const Valise__StampRequest *request,
                      vls_attest_stamp_fn fn, void *ctx);

#endif
