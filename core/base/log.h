#ifndef VALISE_BASE_LOG_H
#define VALISE_BASE_LOG_H
/*
 * base/log - one line an event: time, level, role, event name, fields.
 *
 * Process:   all roles write to the descriptor that the supervisor gave them; the command line to
 * standard error. Threads:   one thread a process. Rules:     only daemon, proc, plugin and tools
 * log above debug; everything else returns a status. Never content, keys or credentials. Text from
 * outside is escaped and cut here, so a caller need not think of it. Start at:  vls_log().
 *
 *     2026-11-23T18:45:01.123Z info router event=message.recorded id=0193... to=iom state=released
 */
#include "base/status.h"

enum vls_log_level { VLS_LOG_ERROR, VLS_LOG_WARN, VLS_LOG_INFO, VLS_LOG_DEBUG };

struct vls_field {
    const char *key;
    const char *text; /* NULL: the number counts */
    uint64_t number;
};

#define VLS_F(name, value)  ((struct vls_field){(name), (value) != NULL ? (value) : "", 0})
#define VLS_FN(name, value) ((struct vls_field){(name), NULL, (uint64_t)(value)})

/** Where lines go and who writes them; `role` is kept. Lines above `level` are left out. Default:
 * 2, "valise", info. */
void vls_log_open(int fd, const char *role, enum vls_log_level level);

#define vls_log(level, event, ...)                                                                 \
    vls_log_fields((level), (event), (const struct vls_field[]){__VA_ARGS__},                      \
                   sizeof((const struct vls_field[]){__VA_ARGS__}) / sizeof(struct vls_field))

/** One line, one write(). Called through vls_log(). */
void vls_log_fields(enum vls_log_level level, const char *event, const struct vls_field *fields,
                    size_t count);

/** The two fields that every failure has: code=STORE_BUSY why="...". */
#define VLS_FAILURE(status, why_) VLS_F("code", vls_status_name(status)), VLS_F("why", (why_)->text)

#endif
