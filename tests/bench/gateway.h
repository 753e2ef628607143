#ifndef VALISE_BENCH_GATEWAY_H
#define VALISE_BENCH_GATEWAY_H
/*
 * bench/gateway - the frames between the benchmark and a gateway.
 *
 * Ownership: a frame that is received is released with valise__frame__free_unpacked().
 */
#include "load.h"
#include "wire/channel.h"

/** One document to send; borrows `to`, and may not be copied: its parts point into it. */
struct gateway_submission {
    Valise__OperatorRequest request;
    Valise__Submission submission;
    Valise__Part part, *list[1];
    char name[48]; /* of the document */
};

/** @param number  stands in the document's name */
void gateway_submission_init(struct gateway_submission *s, const char *to, uint64_t number,
                             uint64_t bytes);

VLS_STATUS gateway_ask(int fd, uint64_t serial, Valise__OperatorRequest *request,
                       const int *document_fd, struct vls_why *why);
/** @return SYSTEM_BUSY when nothing came in that time */
VLS_STATUS gateway_answer(int fd, int timeout_ms, Valise__Frame **out, struct vls_why *why);

/** How the request as a whole went. */
VLS_STATUS gateway_outcome(const Valise__Frame *frame, struct vls_why *why);
/** The answer to a submission says "released". @return POLICY_WITHHELD for any other state */
VLS_STATUS gateway_accepted(const Valise__Frame *frame, struct vls_why *why);

#endif
