/* Whether a file is the document that was asked for, as far as it says. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ods.h"

#define LOOKED_AT                                                                                  \
    (256u << 10) /* of the start and of the end of a PDF: where its information is                 \
                  */

/* Letters and digits alone, in upper case: the index has symbols so. */
static void squeeze(const char *text, size_t len, char *out, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < len && used + 1 < room; i++)
        if (isalnum((unsigned char)text[i]))
            out[used++] = (char)toupper((unsigned char)text[i]);
    out[used] = '\0';
}

/* The same but for what stands in parentheses at the end: a year, or (OR), the official record. */
static bool is_same(const char *asked, const char *found, size_t found_len)
{
    char whole[ODS_SYMBOL + 1], bare[ODS_SYMBOL + 1], other[ODS_SYMBOL + 1];
    const char *open = strrchr(asked, '(');
    size_t len = strlen(asked), stem = open != NULL ? (size_t)(open - asked) : len;
    squeeze(asked, len, whole, sizeof whole);
    squeeze(asked, stem, bare, sizeof bare);
    squeeze(found, found_len, other, sizeof other);
    if (strcmp(whole, other) == 0 || strcmp(bare, other) == 0)
        return true;
    open = memchr(found, '(', found_len);
    squeeze(found, open != NULL ? (size_t)(open - found) : found_len, other, sizeof other);
    return strcmp(whole, other) == 0 || strcmp(bare, other) == 0;
}

/* "A_79_PV.1-EN.pdf": a file as the UN names it. */
static bool is_in_name(const char *symbol, const char *name, bool *out_says)
{
    const char *dash = strrchr(name, '-');
    size_t len = dash != NULL ? (size_t)(dash - name) : strcspn(name, ".");
    *out_says = dash != NULL && len > 2 && memchr(name, '_', len) != NULL;
    return !*out_says || is_same(symbol, name, len);
}

/* A text of PDF: (literal), or <FEFF...> in UTF-16. */
static bool read_text(const char *at, size_t len, char *out, size_t room)
{
    size_t used = 0;
    unsigned value;
    out[0] = '\0';
    if (len > 1 && at[0] == '(') {
        for (size_t i = 1; i < len && used + 1 < room; i++) {
            if (at[i] == ')')
                break;
            if (at[i] == '\\' && i + 1 < len)
                i++;
            if (at[i] != '\0' && (unsigned char)at[i] < 0x80) /* of UTF-16, the low bytes */
                out[used++] = at[i];
        }
    } else if (len > 6 && at[0] == '<') {
        for (size_t i = 5; i + 4 <= len && used + 1 < room && at[i] != '>'; i += 4)
            if (sscanf(at + i, "%4x", &value) == 1 && value > 0 && value < 0x80)
                out[used++] = (char)value;
    }
    out[used] = '\0';
    plug_trim(out);
    return used > 0;
}

/* /Title of the document's information, in these bytes. */
static bool find_title(const char *bytes, size_t len, char *out, size_t room)
{
    static const char KEY[] = "/Title";
    const char *end = bytes + len;
    for (const char *at = bytes; (size_t)(end - at) > sizeof KEY + 2; at++) {
        at = memchr(at, '/', (size_t)(end - at) - sizeof KEY);
        if (at == NULL)
            return false;
        if (memcmp(at, KEY, sizeof KEY - 1) != 0)
            continue;
        const char *text = at + sizeof KEY - 1;
        while (text < end && *text == ' ')
            text++;
        if (read_text(text, (size_t)(end - text), out, room))
            return true;
    }
    return false;
}

static bool title_of(int fd, uint64_t bytes, char *out, size_t room)
{
    char *piece = malloc(LOOKED_AT);
    bool has_title = false;
    uint64_t from[] = {0, bytes > LOOKED_AT ? bytes - LOOKED_AT : 0};
    for (size_t i = 0; piece != NULL && i < 2 && !has_title; i++) {
        ssize_t n = pread(fd, piece, LOOKED_AT, (off_t)from[i]);
        has_title = n > 0 && find_title(piece, (size_t)n, out, room);
        if (bytes <= LOOKED_AT)
            break;
    }
    free(piece);
    return has_title;
}

bool ods_stated_symbol(int fd, uint64_t bytes, enum plug_kind kind, char *out, size_t room)
{
    char title[512];
    size_t len =
        kind == PLUG_PDF && title_of(fd, bytes, title, sizeof title) ? plug_symbol_at(title) : 0;
    title[len] = '\0';
    return len > 0 && plug_copy(out, room, title);
}

bool ods_is_the_one(const char *symbol, const char *file_name, int fd, uint64_t bytes,
                    enum plug_kind kind, char *out, size_t room)
{
    bool says = false;
    (void)plug_copy(out, room, file_name);
    if (file_name[0] != '\0' && !is_in_name(symbol, file_name, &says))
        return false;
    return says || !ods_stated_symbol(fd, bytes, kind, out, room) ||
           is_same(symbol, out, strlen(out));
}
