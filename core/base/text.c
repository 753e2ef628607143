#include "base/text.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"

#define MS_PER_SECOND 1000u

void vls_hex(struct vls_slice bytes, char *out)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        *out++ = DIGITS[bytes.at[i] >> 4];
        *out++ = DIGITS[bytes.at[i] & 15];
    }
    *out = '\0';
}

/* of a character that is a hexadecimal digit */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 0x20) - 'a' + 10;
}

struct vls_status vls_hex_read(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len || strspn(text, "0123456789abcdefABCDEF") != 2 * len)
        return (struct vls_status){VLS_INPUT_MALFORMED};
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    return VLS_DONE;
}

struct vls_status vls_base64_add(struct vls_slice bytes, struct vls_buf *out)
{
    size_t len = (bytes.len + 2) / 3 * 4;
    uint8_t *at;
    if (bytes.len > INT32_MAX / 2)
        return (struct vls_status){VLS_INPUT_LIMIT};
    VLS_TRY(vls_buf_reserve(out, len, &at));
    EVP_EncodeBlock(at, bytes.at, (int)bytes.len);
    vls_buf_took(out, len);
    return VLS_DONE;
}

/* The last four characters, which may hold padding: `len` bytes of them. Encoded again, unused bits
 * that were not zero come back different. */
static bool decode_last_group(const uint8_t group[4], uint8_t *out, size_t len)
{
    uint8_t decoded[3], again[5];
    if (EVP_DecodeBlock(decoded, group, 4) != 3)
        return false;
    EVP_EncodeBlock(again, decoded, (int)len);
    vls_copy(out, decoded, len);
    return memcmp(again, group, 4) == 0;
}

struct vls_status vls_base64_read(struct vls_slice text, struct vls_buf *out)
{
    static const char ALPHABET[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.len % 4 != 0 || text.len > INT32_MAX / 2)
        return (struct vls_status){VLS_INPUT_MALFORMED};
    if (text.len == 0)
        return VLS_DONE;
    size_t padding = (text.at[text.len - 1] == '=') + (size_t)(text.at[text.len - 2] == '=');
    for (size_t i = 0; i < text.len - padding; i++)
        if (text.at[i] == '\0' || strchr(ALPHABET, text.at[i]) == NULL)
            return (struct vls_status){VLS_INPUT_MALFORMED};
    size_t whole = text.len / 4 - 1, last = 3 - padding;
    uint8_t *at;
    VLS_TRY(vls_buf_reserve(out, whole * 3 + last, &at));
    if ((whole != 0 && EVP_DecodeBlock(at, text.at, (int)(whole * 4)) < 0) ||
        !decode_last_group(text.at + whole * 4, at + whole * 3, last))
        return (struct vls_status){VLS_INPUT_MALFORMED};
    vls_buf_took(out, whole * 3 + last);
    return VLS_DONE;
}

void vls_time_text(uint64_t ms, char *out)
{
    time_t seconds = (time_t)(ms / MS_PER_SECOND);
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 8099) {
        vls_text_copy(out, VLS_TIME_TEXT, "9999-12-31T23:59:59.999Z");
        return;
    }
    size_t n = strftime(out, VLS_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, VLS_TIME_TEXT - n, ".%03uZ", (unsigned)(ms % MS_PER_SECOND));
}

/* Exactly `count` digits. strptime() and sscanf() would let blanks and signs pass for digits. */
static bool take_digits(const char **at, size_t count, int *out)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return false;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += count;
    *out = value;
    return true;
}

static bool take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* "+02:00", "-05:30" or "Z", to the end of the text */
static bool read_zone(const char *at, long *out_seconds)
{
    *out_seconds = 0;
    if (strcmp(at, "Z") == 0)
        return true;
    long sign = *at == '-' ? -1 : 1;
    int hours, minutes;
    if (!take_char(&at, '+') && !take_char(&at, '-'))
        return false;
    if (!take_digits(&at, 2, &hours) || !take_char(&at, ':') || !take_digits(&at, 2, &minutes) ||
        *at != '\0' || hours > 23 || minutes > 59)
        return false;
    *out_seconds = sign * (hours * 3600L + minutes * 60L);
    return true;
}

/* ".5", ".125", ".123456789": what is finer than a millisecond is cut */
static bool take_fraction(const char **at, unsigned *out_ms)
{
    unsigned ms = 0, scale = 100;
    if (!take_char(at, '.')) {
        *out_ms = 0;
        return true;
    }
    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
        ms += (unsigned)(**at - '0') * scale;
    *out_ms = ms;
    return true;
}

static bool take_date(const char **at, struct tm *tm)
{
    if (!take_digits(at, 4, &tm->tm_year) || !take_char(at, '-') ||
        !take_digits(at, 2, &tm->tm_mon) || !take_char(at, '-') ||
        !take_digits(at, 2, &tm->tm_mday))
        return false;
    tm->tm_year -= 1900;
    tm->tm_mon -= 1;
    return true;
}

static bool take_clock(const char **at, struct tm *tm)
{
    return take_char(at, 'T') && take_digits(at, 2, &tm->tm_hour) && take_char(at, ':') &&
           take_digits(at, 2, &tm->tm_min) && take_char(at, ':') &&
           take_digits(at, 2, &tm->tm_sec) && tm->tm_hour <= 23 && tm->tm_min <= 59 &&
           tm->tm_sec <= 59;
}

struct vls_status vls_time_read(const char *text, uint64_t *out_ms)
{
    const struct vls_status malformed = {VLS_INPUT_MALFORMED};
    struct tm tm = {0};
    unsigned ms = 0;
    long zone = 0;
    if (!take_date(&text, &tm))
        return malformed;
    if (*text != '\0' &&
        (!take_clock(&text, &tm) || !take_fraction(&text, &ms) || !read_zone(text, &zone)))
        return malformed;
    int month = tm.tm_mon, day = tm.tm_mday;
    time_t seconds = timegm(&tm); /* makes the third of March of the 31st of February: compare */
    if (tm.tm_mon != month || tm.tm_mday != day || seconds < zone)
        return malformed;
    *out_ms = (uint64_t)(seconds - zone) * MS_PER_SECOND + ms;
    return VLS_DONE;
}

/* length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7), 0 when there is
 * none */
static size_t utf8_length(struct vls_slice s)
{
    uint8_t lead = s.at[0];
    if (lead < 0x80)
        return 1;
    size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || need > s.len)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((s.at[i] & 0xc0) != 0x80)
            return 0;
    uint8_t second = s.at[1];
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
        return 0;
    return need;
}

static bool is_control(struct vls_slice s, bool is_multiline)
{
    uint8_t c = s.at[0];
    if (is_multiline && (c == '\t' || c == '\n'))
        return false;
    return c < 0x20 || c == 0x7f || (c == 0xc2 && s.at[1] < 0xa0); /* C0, DEL, C1 */
}

bool vls_text_is_clean(struct vls_slice text, bool is_multiline)
{
    while (text.len != 0) {
        size_t n = utf8_length(text);
        if (n == 0 || is_control(text, is_multiline))
            return false;
        text.at += n;
        text.len -= n;
    }
    return true;
}

struct vls_status vls_text_check(const char *what, const char *text, size_t max,
                                 struct vls_why *why)
{
    struct vls_slice bytes = vls_slice_text(text);
    if (bytes.len > max)
        return vls_fail(VLS_INPUT_LIMIT, why, "the %s has %zu bytes, and %zu is the most", what,
                        bytes.len, max);
    if (!vls_text_is_clean(bytes, false))
        return vls_fail(VLS_INPUT_MALFORMED, why, "the %s is not UTF-8 without control characters",
                        what);
    return VLS_DONE;
}

bool vls_text_is_name(const char *text, size_t max)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len == 0 || len > max || strchr(".-_", text[0]) != NULL)
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
}

bool vls_text_is_equal(const char *a, const char *b)
{
    return vls_slice_is_equal(vls_slice_text(a), vls_slice_text(b));
}

const char *vls_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

const char *vls_path_shown(const char *path)
{
    return strlen(path) > VLS_PATH_SHOWN ? vls_path_name(path) : path;
}

bool vls_text_is_file_name(const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len == 0 || len > VLS_MAX_FILE_NAME || text[0] == '.' || strchr(text, '/') != NULL)
        return false;
    return vls_text_is_clean(vls_slice_text(text), false);
}

struct vls_status vls_number_read(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    if (text[0] < '0' || text[0] > '9')
        return (struct vls_status){VLS_INPUT_MALFORMED};
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end != '\0')
        return (struct vls_status){VLS_INPUT_MALFORMED};
    if (errno == ERANGE || value < min || value > max)
        return (struct vls_status){VLS_INPUT_LIMIT};
    *out = value;
    return VLS_DONE;
}

void vls_text_copy(char *to, size_t room, const char *from)
{
    size_t len = strlen(from);
    if (room == 0)
        return;
    if (len >= room) {
        len = room - 1;
        while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
            len--; /* not through a UTF-8 sequence */
    }
    vls_copy(to, from, len);
    to[len] = '\0';
}
