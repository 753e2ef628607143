#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/env.h"
#include "base/text.h"

#define LINE_MAX_BYTES                                                                             \
    4096 /* PIPE_BUF: up to here one write() is one line, whoever else writes                      \
          */
#define FIELD_MAX_BYTES                                                                            \
    300 /* of one field as written: text from outside cannot push the next fields off the line */

static int log_fd = STDERR_FILENO;
static const char *log_role = "valise";
static enum vls_log_level log_level = VLS_LOG_INFO;

struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

void vls_log_open(int fd, const char *role, enum vls_log_level level)
{
    log_fd = fd;
    log_role = role;
    log_level = level;
}

static void put(struct line *line, const char *bytes, size_t len)
{
    size_t room = sizeof line->text - 1 - line->len; /* one byte stays for the line feed */
    if (len > room)
        len = room;
    vls_copy(line->text + line->len, bytes, len);
    line->len += len;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

static bool is_plain(const char *text)
{
    return *text != '\0' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@+,") ==
               strlen(text);
}

static void put_quoted(struct line *line, const char *text)
{
    size_t end = line->len + FIELD_MAX_BYTES;
    put(line, "\"", 1);
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (line->len >= end) {
            put_text(line, "...");
            break;
        }
        unsigned char c = (unsigned char)text[i];
        char escaped[8];
        if (c == '"' || c == '\\')
            snprintf(escaped, sizeof escaped, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            snprintf(escaped, sizeof escaped, "\\x%02x", c);
        else
            snprintf(escaped, sizeof escaped, "%c", c);
        put_text(line, escaped);
    }
    put(line, "\"", 1);
}

static void put_field(struct line *line, const struct vls_field *field)
{
    char number[24];
    put(line, " ", 1);
    put_text(line, field->key);
    put(line, "=", 1);
    if (field->text == NULL) {
        snprintf(number, sizeof number, "%" PRIu64, field->number);
        put_text(line, number);
    } else if (is_plain(field->text) && strlen(field->text) <= FIELD_MAX_BYTES) {
        put_text(line, field->text);
    } else {
        put_quoted(line, field->text);
    }
}

void vls_log_fields(enum vls_log_level level, const char *event, const struct vls_field *fields,
                    size_t count)
{
    static const char *const LEVELS[] = {"error", "warn", "info", "debug"};
    if (level > log_level)
        return;
    struct line line = {.len = 0};
    char now[VLS_TIME_TEXT];
    vls_time_text(vls_wall_ms(vls_env_system()), now);
    put_text(&line, now);
    put(&line, " ", 1);
    put_text(&line, LEVELS[level]);
    put(&line, " ", 1);
    put_text(&line, log_role);
    put_text(&line, " event=");
    put_text(&line, event);
    for (size_t i = 0; i < count; i++)
        put_field(&line, &fields[i]);
    line.text[line.len++] = '\n';
    /* a line that cannot be written is lost: there is nobody left to tell */
    while (write(log_fd, line.text, line.len) < 0 && errno == EINTR)
        ;
}
