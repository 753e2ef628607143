#include "plugin/sniff.h"

#include <string.h>
#include <strings.h>

#define HTML  "text/html"
#define XHTML "application/xhtml+xml"

/* Types that nothing else begins like: stated, and not seen, is a contradiction. */
static const struct magic {
    const char *type;
    const char *bytes;
    size_t len;
} MAGICS[] = {
    {"application/pdf", "%PDF-", 5},
    {"image/png", "\x89PNG\r\n\x1a\n", 8},
    {"image/jpeg", "\xff\xd8\xff", 3},
    {"image/gif", "GIF8", 4},
    {"application/zip", "PK\x03\x04", 4},
    {"application/gzip", "\x1f\x8b", 2},
    {"application/rtf", "{\\rtf", 5},
    {"application/x-ole-storage", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8},
};
#define MAGIC_COUNT (sizeof MAGICS / sizeof MAGICS[0])

static bool begins(struct vls_slice at, const char *word)
{
    size_t len = strlen(word);
    return at.len >= len && strncasecmp((const char *)at.at, word, len) == 0;
}

static struct vls_slice skip_blanks(struct vls_slice at)
{
    if (at.len >= 3 && memcmp(at.at, "\xef\xbb\xbf", 3) == 0)
        at = VLS_SLICE(at.at + 3, at.len - 3);
    while (at.len > 0 && memchr(" \t\r\n", at.at[0], 4) != NULL)
        at = VLS_SLICE(at.at + 1, at.len - 1);
    return at;
}

static bool contains(struct vls_slice in, const char *word)
{
    for (; in.len >= strlen(word); in = VLS_SLICE(in.at + 1, in.len - 1))
        if (begins(in, word))
            return true;
    return false;
}

/* In whatever character set: without the controls that only other formats have. */
static bool is_text(struct vls_slice first)
{
    for (size_t i = 0; i < first.len; i++)
        if (first.at[i] < 0x20 && memchr("\t\r\n\f", first.at[i], 4) == NULL)
            return false;
    return first.len > 0;
}

const char *vls_sniff(struct vls_slice first)
{
    for (size_t i = 0; i < MAGIC_COUNT; i++)
        if (first.len >= MAGICS[i].len && memcmp(first.at, MAGICS[i].bytes, MAGICS[i].len) == 0)
            return MAGICS[i].type;
    struct vls_slice at = skip_blanks(first);
    if (begins(at, "<!doctype html") || begins(at, "<html") || begins(at, "<head") ||
        begins(at, "<script"))
        return HTML;
    if (begins(at, "<?xml"))
        return contains(at, "<html") ? HTML : "application/xml";
    if (begins(at, "{\"") || begins(at, "[{") || begins(at, "{\n") || begins(at, "{}"))
        return "application/json";
    return is_text(first) ? "text/plain" : "";
}

static bool is_type(const char *stated, size_t len, const char *type)
{
    return strlen(type) == len && strncasecmp(stated, type, len) == 0;
}

bool vls_sniff_contradicts(const char *stated, const char *sniffed)
{
    size_t len = strcspn(stated, "; ");
    if (len == 0 || is_type(stated, len, sniffed))
        return false;
    if (strcmp(sniffed, HTML) == 0)
        return !is_type(stated, len, XHTML) && !is_type(stated, len, "text/plain");
    for (size_t i = 0; i < MAGIC_COUNT; i++)
        if (is_type(stated, len, MAGICS[i].type))
            return true;
    return false;
}
