#ifndef VALISE_ROUTE_REPORT_H
#define VALISE_ROUTE_REPORT_H
/*
 * route/report - what the files that answer operators share: report.c shows, operate.c acts, open.c
 * hands out documents. Not for anyone else.
 *
 * Process:   router.
 * Ownership: a report owns what is in its reply, and its descriptor, until vls_report_fini().
 * Start at:  vls_report_make().
 */
#include "route/route_internal.h"

/** What an operator asked to see. The parts of `reply` live until vls_report_fini(); `fd` is a file
 * that goes with it, or -1. */
struct vls_report {
    Valise__OperatorReply reply;
    struct vls_arena *arena;
    int fd;
    const char
        *actor; /* who will see it: subjects above his clearance are not shown, nor house rules */
};
VLS_STATUS vls_report_make(struct vls_route *route, const Valise__OperatorRequest *in,
                           struct vls_report *out, struct vls_why *why);
/** What goes with the documents of an opened message. */
VLS_STATUS vls_report_opened(struct vls_route *route, const struct vls_message *message,
                             const char *actor, struct vls_report *out, struct vls_why *why);
/** One message as every list shows it; it lives as long as the report. */
VLS_STATUS vls_report_row(struct vls_route *route, const struct vls_message *message,
                          struct vls_report *report, Valise__MessageRow **out, struct vls_why *why);
/** May whoever will see the report see the message's content, and the house rules that decided? */
bool vls_report_is_for_actor(const struct vls_route *route, const struct vls_report *report,
                             const struct vls_message *message);
/** What is asked for does not fit into one answer: the operator asks for less. */
VLS_STATUS vls_report_too_large(struct vls_why *why);
void vls_report_init(struct vls_report *report);
/** A copy that lives as long as the report. */
VLS_STATUS vls_report_text(struct vls_report *report, const char *from, char **out,
                           struct vls_why *why);
void vls_report_fini(struct vls_report *report);
/** Answer an operator: with what was made, or with a failure and nothing else. */
void vls_report_answer(struct vls_route *route, uint64_t handle, struct vls_status status,
                       const struct vls_why *why, struct vls_report *report);
/** Why a change is not on disk, in words; nothing when it is. */
void vls_report_uncommitted(struct vls_status commit, struct vls_why *why);
void vls_report_refuse(struct vls_route *route, uint64_t handle, struct vls_status status,
                       const struct vls_why *why);

/* -- log_show.c -------------------------------------------------------------------------------- */

/** Alarms, entries of the internal log, the state of the logs; and to let an exchange go on. */
void vls_route_log_ask(struct vls_route *route, uint64_t handle, const Valise__OperatorLog *in,
                       const char *actor);

/* -- operate.c, open.c ------------------------------------------------------------------------- */

/** What an operator did and the note that he gave, for the trace. @return INPUT_MALFORMED */
#define VLS_OPERATE_CAUSE 256
VLS_STATUS vls_operate_cause(const char *did, const char *note, char out[VLS_OPERATE_CAUSE],
                             struct vls_why *why);
/** Let a referred or held message go, with all that is checked before one leaves; approvals are the
 * caller's affair. In the open transaction. */
VLS_STATUS vls_operate_let_go(struct vls_route *route, const struct vls_message *m,
                              const char *cause, const char *actor, struct vls_why *why);
/** The documents of a message, for an operator who is cleared for its label. */
void vls_route_open(struct vls_route *route, uint64_t handle, const Valise__OperatorOpen *in,
                    const char *actor);

/** The whole id of a message whose beginning an operator named. */
VLS_STATUS vls_route_find(struct vls_route *route, ProtobufCBinaryData prefix, struct vls_id *out,
                          struct vls_why *why);

#endif
