#include "base/status.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** First exit status that names a class; 1 and 2 are left to the shell's customs. */
#define EXIT_BASE 10

struct row {
    uint32_t code;
    const char *name;
    const char *text;
};

#define VLS_X(name, cls, num, text) {VLS_##name, #name, text},
static const struct row TABLE[] = {{VLS_OK, "OK", "done"}, VLS_STATUS_TABLE(VLS_X)};
#undef VLS_X

#define ROWS (sizeof TABLE / sizeof TABLE[0])

static const struct row *find(uint32_t code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (TABLE[i].code == code)
            return &TABLE[i];
    return NULL;
}

static void flatten(char *text)
{
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text))
            *text = ' ';
}

struct vls_status vls_fail(uint32_t code, struct vls_why *why, const char *fmt, ...)
{
    if (why != NULL) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(why->text, sizeof why->text, fmt, args);
        va_end(args);
        flatten(why->text);
    }
    return (struct vls_status){code};
}

static uint32_t code_of_errno(int errno_value, uint32_t otherwise)
{
    switch (errno_value) {
    case EAGAIN:
    case EINTR:
        return VLS_SYSTEM_BUSY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* a limit of the process, or of the file system */
        return VLS_SYSTEM_FULL;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return VLS_SYSTEM_MEMORY;
    default:
        return otherwise;
    }
}

struct vls_status vls_fail_errno(uint32_t code, struct vls_why *why, int errno_value,
                                 const char *fmt, ...)
{
    if (why != NULL) {
        va_list args;
        va_start(args, fmt);
        int n = vsnprintf(why->text, sizeof why->text, fmt, args);
        va_end(args);
        size_t at = n < 0 ? 0 : (size_t)n;
        const char *reason = strerrordesc_np(errno_value);
        if (at < sizeof why->text)
            snprintf(why->text + at, sizeof why->text - at, ": %s",
                     reason != NULL ? reason : "unknown error");
        flatten(why->text);
    }
    return (struct vls_status){code_of_errno(errno_value, code)};
}

const char *vls_status_name(struct vls_status s)
{
    const struct row *row = find(s.code);
    return row != NULL ? row->name : "UNKNOWN";
}

const char *vls_status_text(struct vls_status s)
{
    const struct row *row = find(s.code);
    return row != NULL ? row->text : "unknown status";
}

const char *vls_class_name(enum vls_class c)
{
    static const char *const NAMES[] = {"ok",      "transient", "permanent", "denied",
                                        "corrupt", "resource",  "uncertain", "misuse"};
    return (size_t)c < sizeof NAMES / sizeof NAMES[0] ? NAMES[c] : "unknown";
}

struct vls_status vls_status_from_code(uint32_t code)
{
    return (struct vls_status){find(code) != NULL ? code : VLS_SYSTEM_BUG};
}

int vls_status_exit(struct vls_status s)
{
    return vls_ok(s) ? 0 : EXIT_BASE + (int)vls_class_of(s);
}

void vls_status_each(void (*fn)(void *ctx, struct vls_status s), void *ctx)
{
    for (size_t i = 0; i < ROWS; i++)
        fn(ctx, (struct vls_status){TABLE[i].code});
}
