#ifndef VALISE_POLICY_KINDS_H
#define VALISE_POLICY_KINDS_H
/*
 * policy/kinds - the kinds of message, as data: the article that each rests on, who sends it, what
 * answers it, what it binds to.
 *
 * Process: all. Pure.
 *
 * Which party may send a report, or to which body, the rules of an arrangement say: the table knows
 * roles and no parties.
 */
#include "base/status.h"

#define VLS_KIND_LIST 6 /* entries of a list below, with the NULL behind the last */

enum vls_sender {
    VLS_SENDER_EITHER,
    VLS_SENDER_REQUESTED,  /* the side that was asked: it answers what the other side sent */
    VLS_SENDER_ORIGINATOR, /* who originated what is corrected, superseded or recalled     */
    VLS_SENDER_REPORTER,   /* the side that the arrangement lets report to a body of the other */
    VLS_SENDER_HEAD,       /* executive head to executive head                             */
};

/** What a deadline that a message names means. */
enum vls_deadline {
    VLS_DEADLINE_NONE,   /* nothing is expected of the other side                         */
    VLS_DEADLINE_TARGET, /* a service target: reminders, never a default answer            */
};

struct vls_kind {
    const char *name;  /* "publication" */
    const char *basis; /* "7(1)" */
    enum vls_sender sender;
    enum vls_deadline deadline;
    bool is_answer;        /* must say which message it answers                            */
    bool needs_body;       /* is addressed to a body or service                            */
    bool fans_out;         /* goes to all members of the body                              */
    bool is_personal;      /* is about a person by its nature                              */
    bool needs_safeguards; /* must name what protects the personal data                    */
    bool is_droppable;     /* advice on duplicates may suggest to skip it                  */
    bool brings_in;        /* what it carries may bring the version that it names into force */
    bool is_uniform; /* the one answer for all that is not furnished: same fields, size, time */
    const char *expects[VLS_KIND_LIST]; /* kinds of the answers, in the order of their coming */
    const char
        *answers[VLS_KIND_LIST]; /* kinds that it answers; the uniform one: any that expects some */
    const char *states[VLS_KIND_LIST]; /* what an answer may say of itself; none: nothing    */
    const char *duties[VLS_KIND_LIST]; /* built in: no rule need give them                   */
};

/** NULL when there is none. */
const struct vls_kind *vls_kind_by_name(const char *name);
/** The i-th, NULL behind the last. */
const struct vls_kind *vls_kind_at(size_t i);

/** May a message of kind `answer` answer one of kind `asked`? Every kind that expects some answer
 * may also be answered by the uniform one. */
bool vls_kind_is_answer_to(const struct vls_kind *answer, const struct vls_kind *asked);

#endif
