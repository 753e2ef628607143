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

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

struct vls_status vls_hex_read(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len)
        return (struct vls_status){VLS_INPUT_MALFORMED};
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return (struct vls_status){VLS_INPUT_MALFORMED};
        out[i] = (uint8_t)(high << 4 | low);
    }
    return VLS_DONE;
}

struct vls_status vls_base64_add(struct vls_slice bytes, struct vls_buf *out)
{
    size_t len = (bytes.len + 2) / 3 * 4;
    uint8_t *at;
    if (bytes.len > INT32_MAX / 2)
        return (struct vls_status){VLS_INPUT_LIMIT};
    VLS_TRY(vls_buf_reserve(out, len + 1, &at)); /* EVP writes a NUL */
    EVP_EncodeBlock(at, bytes.at, (int)bytes.len);
    vls_buf_took(out, len);
    return VLS_DONE;
}

static bool is_canonical_base64(struct vls_slice text, size_t padding, const uint8_t *decoded,
                                size_t len)
{
    /* encode the last group again: unused bits that are not zero come back different */
    uint8_t again[5];
    size_t tail = (len - 1) / 3 * 3;
    (void)padding;
    EVP_EncodeBlock(again, decoded + tail, (int)(len - tail));
    return memcmp(again, text.at + text.len - 4, 4) == 0;
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
    uint8_t *at;
    VLS_TRY(vls_buf_reserve(out, text.len / 4 * 3, &at));
    size_t len = text.len / 4 * 3 - padding;
    if (EVP_DecodeBlock(at, text.at, (int)text.len) < 0 ||
        !is_canonical_base64(text, padding, at, len))
        return (struct vls_status){VLS_INPUT_MALFORMED};
    vls_buf_took(out, len);
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

/* "+02:00", "-05:30" or "Z" to seconds; false when it is none of them */
static bool read_zone(const char *at, long *out_seconds)
{
    *out_seconds = 0;
    if (strcmp(at, "Z") == 0)
        return true;
    int hours, minutes, used = 0;
    if (sscanf(at, "%*[+-]%2d:%2d%n", &hours, &minutes, &used) != 2 || at[used] != '\0' ||
        used != 6 || hours > 23 || minutes > 59)
        return false;
    *out_seconds = (hours * 3600L + minutes * 60L) * (at[0] == '-' ? -1 : 1);
    return true;
}

struct vls_status vls_time_read(const char *text, uint64_t *out_ms)
{
    const struct vls_status malformed = {VLS_INPUT_MALFORMED};
    struct tm tm = {0};
    unsigned ms = 0;
    long zone = 0;
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest == NULL || rest - text != 10)
        return malformed;
    if (*rest != '\0') {
        const char *clock = strptime(rest, "T%H:%M:%S", &tm);
        if (clock == NULL || clock - rest != 9)
            return malformed;
        rest = clock;
        if (*rest == '.') {
            unsigned scale = 100;
            for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
                ms += (unsigned)(*rest - '0') * scale;
        }
        if (!read_zone(rest, &zone))
            return malformed;
    }
    int month = tm.tm_mon, day = tm.tm_mday;
    time_t seconds = timegm(&tm) - zone;
    if (seconds < 0 || (zone == 0 && (tm.tm_mon != month || tm.tm_mday != day)))
        return malformed;
    *out_ms = (uint64_t)seconds * MS_PER_SECOND + ms;
    return VLS_DONE;
}

/* length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7), 0 when there is none */
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

bool vls_text_is_name(const char *text, size_t max)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (len == 0 || len > max || strchr(".-_", text[0]) != NULL)
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
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
    if (len >= room)
        len = room - 1;
    vls_copy(to, from, len);
    to[len] = '\0';
}
