#ifndef VALISE_ENVELOPE_INTERNAL_H
#define VALISE_ENVELOPE_INTERNAL_H
/*
 * envelope/internal - one entry of a gateway's internal log.
 *
 * Process:   router, command line. Pure.
 * Ownership: a struct vls_internal owns the decoded message until vls_internal_fini().
 * Schema:    schemas/envelope.proto, InternalRecord.
 */
#include <schemas/envelope.pb-c.h>

#include "base/bytes.h"
#include "base/limits.h"

#define VLS_INTERNAL_VERSION 1u

/* What Valise itself enters. Others are names of the same form. */
#define VLS_INTERNAL_DECISION "decision" /* body: SHA-256 of the DecisionRecord              */
#define VLS_INTERNAL_REVIEW   "review"   /* SHA-256 of the statement, then of the signature  */
#define VLS_INTERNAL_OPENING  "opening"  /* words                                            */
#define VLS_INTERNAL_ACT      "act"      /* words                                            */
#define VLS_INTERNAL_ALARM    "alarm"    /* SHA-256 of the evidence, then words              */

struct vls_internal {
    Valise__InternalRecord *fields; /* every field is within its limit and of its form */
};

/** @return ENVELOPE_VERSION, ENVELOPE_MALFORMED with the field */
VLS_STATUS vls_internal_read(struct vls_slice bytes, struct vls_internal *out, struct vls_why *why);
void vls_internal_fini(struct vls_internal *internal);

/** Append an entry that we make; checked by the same rules. */
VLS_STATUS vls_internal_write(const Valise__InternalRecord *fields, struct vls_buf *out,
                              struct vls_why *why);

#endif
