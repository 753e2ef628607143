#ifndef VALISE_POLICY_KINDS_H
#define VALISE_POLICY_KINDS_H
/*
 * policy/kinds - the kinds of message, as data: name, article that each rests on, what is asked of
 * it.
 *
 * Process: all. Pure.
 */
#include "base/status.h"

struct vls_kind {
    const char *name;  /* "publication" */
    const char *basis; /* "7(1)" */
    bool is_answer;    /* must say which message it answers */
};

/** NULL when there is none. */
const struct vls_kind *vls_kind_by_name(const char *name);
/** The i-th, NULL behind the last. */
const struct vls_kind *vls_kind_at(size_t i);

#endif
