#ifndef VALISE_FETCH_HEAD_H
#define VALISE_FETCH_HEAD_H
/*
 * fetch/head - the head of an answer, line by line as libcurl hands it over: status and fields.
 *
 * Process:   fetch.
 * Ownership: a head owns its fields until vls_head_fini().
 */
#include "base/bytes.h"
#include "base/limits.h"

struct vls_head_field {
    char *name; /* in lower case */
    char *value;
};

struct vls_head {
    unsigned status; /* 0: no line yet */
    struct vls_head_field fields[VLS_FETCH_HEADERS];
    size_t count, bytes;
    bool is_complete; /* further lines are trailers, which nobody asked for */
};

/** Take a line, with its end. A status line begins anew: what came before was an interim answer. An
 * empty line completes the head, unless it is an interim one.
 *  @return FETCH_MALFORMED for too many, for too long, and for a value that is no clean text */
VLS_STATUS vls_head_add(struct vls_head *head, struct vls_slice line, struct vls_why *why);

/** The n-th value of a field, by its name in lower case; NULL when there is none. */
const char *vls_head_get(const struct vls_head *head, const char *name, size_t n);

void vls_head_fini(struct vls_head *head);

#endif
