#ifndef VALISE_ROUTE_DISTRIBUTION_INTERNAL_H
#define VALISE_ROUTE_DISTRIBUTION_INTERNAL_H
/*
 * route/distribution_internal - what distribution.c (shows, records) and certificate.c (certifies)
 * share.
 *
 * Process: router.
 */
#include "route/distribution.h"
#include "store/members.h"

#define VLS_CERTIFICATE_KIND "distribution-certificate"

/** A statement that is kept longer than a callback's time. */
struct vls_statement_kept {
    struct vls_written_statement row; /* its text points into what follows */
    char party[VLS_MAX_PARTY + 1], body[VLS_MAX_NAME + 1], certificate_kind[VLS_MAX_NAME + 1];
    struct vls_id certificate;
};

/** The received statement whose id begins so. @return STORE_MISSING */
VLS_STATUS vls_statement_find(struct vls_route *route, ProtobufCBinaryData prefix,
                              struct vls_statement_kept *out, struct vls_why *why);
/** It alone, as the reply of a report, with room for so many receipts. */
VLS_STATUS vls_statement_describe(struct vls_route *route, const struct vls_statement_kept *of,
                                  size_t receipts, struct vls_report *out, struct vls_why *why);
/** Answer it with the certificate, once every member has its receipt; answered through the ports as
 * a submission is. */
void vls_statement_certify(struct vls_route *route, uint64_t handle,
                           const Valise__OperatorDistribution *in, const char *actor);

#endif
