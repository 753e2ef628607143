/* Lines, numbers, base64, times. */
#include "verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool say(struct why *why, bool result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->words, sizeof why->words, format, args);
    va_end(args);
    for (char *c = why->words; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return result;
}

/* -- lines ------------------------------------------------------------------------------------- */

bool take_line(struct lines *lines, struct bytes *out)
{
    const uint8_t *end = lines->rest.len > 0 ? memchr(lines->rest.at, '\n', lines->rest.len) : NULL;
    lines->number++;
    if (end == NULL)
        return false;
    *out = (struct bytes){lines->rest.at, (size_t)(end - lines->rest.at)};
    lines->rest.at += out->len + 1;
    lines->rest.len -= out->len + 1;
    return true;
}

bool take_this_line(struct lines *lines, const char *line)
{
    struct lines ahead = *lines;
    struct bytes found;
    if (!take_line(&ahead, &found) || !is_text(found, line))
        return false;
    *lines = ahead;
    return true;
}

/* -- bytes ------------------------------------------------------------------------------------- */

bool is_same(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool is_text(struct bytes bytes, const char *text)
{
    return is_same(bytes, (struct bytes){(const uint8_t *)text, strlen(text)});
}

bool starts_with(struct bytes *bytes, const char *start)
{
    size_t len = strlen(start);
    if (bytes->len < len || memcmp(bytes->at, start, len) != 0)
        return false;
    bytes->at += len;
    bytes->len -= len;
    return true;
}

void copy(void *to, const void *from, size_t len)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    for (size_t i = 0; i < len; i++)
        out[i] = in[i];
}

bool copy_text(char *to, size_t room, struct bytes from)
{
    if (from.len >= room || (from.len > 0 && memchr(from.at, 0, from.len) != NULL))
        return false;
    copy(to, from.at, from.len);
    to[from.len] = '\0';
    return true;
}

/* Bytes of the well-formed UTF-8 sequence at the front; 0 when there is none (RFC 3629 section 4).
 */
static size_t utf8_len(struct bytes text, uint32_t *out_code)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text.at[0];
    size_t len = first < 0x80             ? 1
                 : (first & 0xe0) == 0xc0 ? 2
                 : (first & 0xf0) == 0xe0 ? 3
                 : (first & 0xf8) == 0xf0 ? 4
                                          : 0;
    if (len == 0 || len > text.len)
        return 0;
    uint32_t code = len == 1 ? first : first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((text.at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text.at[i] & 0x3fu);
    }
    bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < LEAST[len] || code > 0x10ffff || is_surrogate)
        return 0;
    *out_code = code;
    return len;
}

bool is_line(struct bytes text)
{
    uint32_t code = 0;
    while (text.len > 0) {
        size_t len = utf8_len(text, &code);
        if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
            return false;
        text.at += len;
        text.len -= len;
    }
    return true;
}

bool is_party(const char *text, size_t max)
{
    size_t len = strlen(text);
    return len > 0 && len <= max && strchr(".-_", text[0]) == NULL &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
}

/* -- numbers ----------------------------------------------------------------------------------- */

bool read_decimal(struct bytes text, uint64_t *out)
{
    uint64_t number = 0;
    if (text.len == 0 || text.len > 19 || (text.len > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.at[i] - '0'); /* 19 digits fit */
    }
    *out = number;
    return number <= MAX_LEAVES;
}

static int base64_value(uint8_t c)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c != 0 ? strchr(DIGITS, c) : NULL;
    return found != NULL ? (int)(found - DIGITS) : -1;
}

/* RFC 4648 section 4: padding is there, and the bits that no byte has are zero. */
bool read_base64(struct bytes text, uint8_t *out, size_t room, size_t *out_len)
{
    size_t len = 0, digits = text.len;
    uint32_t bits = 0;
    unsigned count = 0;
    if (text.len % 4 != 0)
        return false;
    for (unsigned pad = 0; pad < 2 && digits > 0 && text.at[digits - 1] == '='; pad++)
        digits--;
    for (size_t i = 0; i < digits; i++) {
        int value = base64_value(text.at[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xfff;
        count += 6;
        if (count >= 8) {
            if (len == room)
                return false;
            count -= 8;
            out[len++] = (uint8_t)(bits >> count);
        }
    }
    *out_len = len;
    return (bits & ((1u << count) - 1)) == 0;
}

void write_hex(struct bytes bytes, char *out)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        *out++ = DIGITS[bytes.at[i] >> 4];
        *out++ = DIGITS[bytes.at[i] & 15];
    }
    *out = '\0';
}

/* The calendar in days since 1970, by eras of 400 years that begin on the first of March. */
void write_time(uint64_t ms, char out[TIME_TEXT])
{
    if (ms > MAX_TIME_MS) {
        snprintf(out, TIME_TEXT, "after the year 9999");
        return;
    }
    uint64_t seconds = ms / 1000, days = seconds / 86400 + 719468; /* since the first era began */
    unsigned era = (unsigned)(days / 146097), day = (unsigned)(days % 146097);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned of_year = day - (365 * year + year / 4 - year / 100);
    unsigned march = (5 * of_year + 2) / 153; /* months since March */
    unsigned month = march < 10 ? march + 3 : march - 9;
    unsigned second = (unsigned)(seconds % 86400);
    snprintf(out, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year + 400 * era + (month <= 2),
             month, of_year - (153 * march + 2) / 5 + 1, second / 3600, second / 60 % 60,
             second % 60, (unsigned)(ms % 1000));
}
