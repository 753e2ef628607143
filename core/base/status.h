#ifndef VALISE_BASE_STATUS_H
#define VALISE_BASE_STATUS_H
/*
 * base/status - the one way in which a function of Valise says how it went.
 *
 * Process:   all.
 * Threads:   no shared state.
 * Ownership: a status is a value; a struct vls_why belongs to whoever declared it.
 * Start at:  VLS_STATUS_TABLE for what can go wrong, vls_fail() for how to say so,
 *            VLS_TRY() for how to pass it on.
 *
 * The class of a status answers the only question that a gateway asks about a failure: what happens
 * to the message? The action that follows from a class stands in one place, route/disposition.c.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VLS_MUST_USE     __attribute__((warn_unused_result))
#define VLS_STATUS       VLS_MUST_USE struct vls_status
#define VLS_PRINTF(f, a) __attribute__((format(printf, f, a)))

/** A struct, so that an int cannot pass for it. */
struct vls_status {
    uint32_t code;
};

/** Bits 24..31 of a code. The numbers are on the wire between roles: they never change. */
enum vls_class {
    VLS_CLASS_OK = 0,
    VLS_CLASS_TRANSIENT = 1, /* retry with backoff                                     */
    VLS_CLASS_PERMANENT = 2, /* hold it, tell the sender                               */
    VLS_CLASS_DENIED = 3,    /* policy said no: record, no retry                       */
    VLS_CLASS_CORRUPT = 4,   /* quarantine, alert the operator                         */
    VLS_CLASS_RESOURCE = 5,  /* push back on the producer                              */
    VLS_CLASS_UNCERTAIN = 6, /* may have happened: retry only under the same identity  */
    VLS_CLASS_MISUSE = 7,    /* our bug                                                */
};

#include "base/status_table.h"

#define VLS_X(name, cls, num, text) VLS_##name = ((uint32_t)VLS_CLASS_##cls << 24) | (num),
enum vls_code { VLS_OK = 0, VLS_STATUS_TABLE(VLS_X) };
#undef VLS_X

/** Why it failed, in words, for the operator. NULL is allowed wherever a function takes one. Holds
 * neither content nor secrets. Written by the function that fails, and only then. */
struct vls_why {
    char text[256];
};

#define VLS_DONE ((struct vls_status){VLS_OK})

static inline bool vls_ok(struct vls_status s)
{
    return s.code == VLS_OK;
}

static inline enum vls_class vls_class_of(struct vls_status s)
{
    return (enum vls_class)(s.code >> 24);
}

/** A failure with words: fills `why` (when not NULL) and returns the code as a status. Line breaks
 * and control characters in the words become spaces. */
VLS_STATUS vls_fail(uint32_t code, struct vls_why *why, const char *fmt, ...) VLS_PRINTF(3, 4);

/** The same for a failed system call: appends ": " and the text of `errno_value`. EAGAIN, EINTR,
 * ENOSPC, EDQUOT, EMFILE, ENFILE and ENOMEM keep their class whatever `code` says: VLS_SYSTEM_BUSY,
 * _FULL or _MEMORY. */
VLS_STATUS vls_fail_errno(uint32_t code, struct vls_why *why, int errno_value, const char *fmt, ...)
    VLS_PRINTF(4, 5);

/** "STORE_BUSY"; "UNKNOWN" for a code that is not in the table. Never NULL. */
const char *vls_status_name(struct vls_status s);

/** The operator's sentence of the table. Never NULL. */
const char *vls_status_text(struct vls_status s);

/** "transient", "permanent" and so on. Never NULL. */
const char *vls_class_name(enum vls_class c);

/** A status from a number that came from another process: a code that is not in the table becomes
 *  VLS_SYSTEM_BUG, so that a foreign number never passes for success. */
VLS_STATUS vls_status_from_code(uint32_t code);

/** The exit status of a command that ended with `s`: 0 for success, otherwise 10 + class. */
int vls_status_exit(struct vls_status s);

/** Call fn for each row of the table, in order (golden file, manual). */
void vls_status_each(void (*fn)(void *ctx, struct vls_status s), void *ctx);

#define VLS_TRY(call)                                                                              \
    do {                                                                                           \
        struct vls_status vls_try_ = (call);                                                       \
        if (!vls_ok(vls_try_))                                                                     \
            return vls_try_;                                                                       \
    } while (0)

/** Give a status up on purpose; the text says why that is right. */
#define VLS_IGNORE(call, reason)                                                                   \
    do {                                                                                           \
        struct vls_status vls_ignored_ = (call);                                                   \
        (void)vls_ignored_;                                                                        \
    } while (0)

/** Run fn(&variable) when the variable goes out of scope. */
#define VLS_DEFER(fn) __attribute__((cleanup(fn)))

#endif
