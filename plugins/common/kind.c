#include "kind.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct magic {
    enum plug_kind kind;
    const char *bytes;
    size_t len;
} MAGICS[] = {
    {PLUG_PDF, "%PDF-", 5},
    {PLUG_OLE, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8},
    {PLUG_ZIP, "PK\x03\x04", 4},
    {PLUG_RTF, "{\\rtf", 5},
    {PLUG_WORDPERFECT, "\xff\x57\x50\x43", 4},
    {PLUG_IMAGE, "\x89PNG\r\n\x1a\n", 8},
    {PLUG_IMAGE, "\xff\xd8\xff", 3},
    {PLUG_IMAGE, "GIF8", 4},
    {PLUG_GZIP, "\x1f\x8b\x08", 3},
    {PLUG_ZSTD, "\x28\xb5\x2f\xfd", 4},
};

static const struct named {
    enum plug_kind kind;
    const char *type, *ending, *words;
} NAMED[] = {
    {PLUG_EMPTY, "application/octet-stream", "bin", "nothing"},
    {PLUG_UNKNOWN, "application/octet-stream", "bin", "bytes of an unknown kind"},
    {PLUG_PDF, "application/pdf", "pdf", "PDF"},
    {PLUG_OLE, "application/msword", "doc", "a Word file of before 2007"},
    {PLUG_DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx",
     "a Word file"},
    {PLUG_XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
     "an Excel file"},
    {PLUG_ZIP, "application/zip", "zip", "a ZIP archive"},
    {PLUG_RTF, "application/rtf", "rtf", "RTF"},
    {PLUG_WORDPERFECT, "application/vnd.wordperfect", "wpd", "a WordPerfect file"},
    {PLUG_HTML, "text/html", "html", "an HTML page"},
    {PLUG_XML, "application/xml", "xml", "XML"},
    {PLUG_JSON, "application/json", "json", "JSON"},
    {PLUG_TEXT, "text/plain", "txt", "text"},
    {PLUG_IMAGE, "application/octet-stream", "bin", "an image"},
    {PLUG_GZIP, "application/gzip", "gz", "compressed bytes (gzip)"},
    {PLUG_ZSTD, "application/zstd", "zst", "compressed bytes (zstd)"},
};

struct span {
    const unsigned char *at;
    size_t len;
};

static bool begins(struct span in, const char *word)
{
    size_t len = strlen(word);
    return in.len >= len && strncasecmp((const char *)in.at, word, len) == 0;
}

static bool holds(struct span in, const char *word)
{
    for (; in.len >= strlen(word); in = (struct span){in.at + 1, in.len - 1})
        if (begins(in, word))
            return true;
    return false;
}

/* Behind a byte order mark, blanks, an XML declaration and comments. */
static struct span skip(struct span in, bool *out_is_xml)
{
    if (in.len >= 3 && memcmp(in.at, "\xef\xbb\xbf", 3) == 0)
        in = (struct span){in.at + 3, in.len - 3};
    for (;;) {
        while (in.len > 0 && memchr(" \t\r\n", in.at[0], 4) != NULL)
            in = (struct span){in.at + 1, in.len - 1};
        bool is_declaration = begins(in, "<?xml"), is_comment = begins(in, "<!--");
        if (!is_declaration && !is_comment)
            return in;
        *out_is_xml = *out_is_xml || is_declaration;
        const unsigned char *end = memchr(in.at, '>', in.len);
        while (is_comment && end != NULL && (end - in.at < 6 || memcmp(end - 2, "--", 2) != 0))
            end = memchr(end + 1, '>', in.len - (size_t)(end + 1 - in.at));
        if (end == NULL)
            return in;
        in = (struct span){end + 1, in.len - (size_t)(end + 1 - in.at)};
    }
}

static enum plug_kind markup(struct span in)
{
    static const char *const PAGES[] = {"<!doctype html", "<html", "<head",   "<body", "<script",
                                        "<title",         "<meta", "<center", "<h1"};
    for (size_t i = 0; i < COUNT(PAGES); i++)
        if (begins(in, PAGES[i]))
            return PLUG_HTML;
    return PLUG_XML;
}

/* What comes first in JSON: "{", "[", and then what may follow; a text, a number, true alone. */
static bool is_json(struct span in)
{
    if (in.len == 0)
        return false;
    struct span rest = {in.at + 1, in.len - 1};
    while (rest.len > 0 && memchr(" \t\r\n", rest.at[0], 4) != NULL)
        rest = (struct span){rest.at + 1, rest.len - 1};
    if (in.at[0] == '{')
        return rest.len == 0 || rest.at[0] == '"' || rest.at[0] == '}';
    if (in.at[0] == '[')
        return rest.len == 0 || memchr("{[\"]-0123456789tfn", rest.at[0], 19) != NULL;
    return in.at[0] == '"' && memchr(rest.at, '"', rest.len) != NULL;
}

static bool is_text(struct span in)
{
    for (size_t i = 0; i < in.len; i++)
        if (in.at[i] < 0x20 && memchr("\t\r\n\f", in.at[i], 4) == NULL)
            return false;
    return in.len > 0;
}

enum plug_kind plug_kind_of(const void *first, size_t len)
{
    struct span in = {first, len};
    bool is_xml = false;
    if (len == 0)
        return PLUG_EMPTY;
    for (size_t i = 0; i < COUNT(MAGICS); i++) {
        if (len < MAGICS[i].len || memcmp(first, MAGICS[i].bytes, MAGICS[i].len) != 0)
            continue;
        if (MAGICS[i].kind != PLUG_ZIP)
            return MAGICS[i].kind;
        return holds(in, "word/") ? PLUG_DOCX : holds(in, "xl/") ? PLUG_XLSX : PLUG_ZIP;
    }
    in = skip(in, &is_xml);
    if (in.len > 1 && in.at[0] == '<')
        return markup(in);
    if (is_xml)
        return PLUG_XML;
    if (is_json(in))
        return PLUG_JSON;
    return is_text((struct span){first, len}) ? PLUG_TEXT : PLUG_UNKNOWN;
}

static const struct named *named(enum plug_kind kind)
{
    for (size_t i = 0; i < COUNT(NAMED); i++)
        if (NAMED[i].kind == kind)
            return &NAMED[i];
    return &NAMED[1];
}

const char *plug_kind_type(enum plug_kind kind)
{
    return named(kind)->type;
}

const char *plug_kind_ending(enum plug_kind kind)
{
    return named(kind)->ending;
}

const char *plug_kind_words(enum plug_kind kind)
{
    return named(kind)->words;
}
