#include "label/xml_cost.h"

#include <string.h>

#include "base/limits.h"

#define FILE_SHOWN 100

static const char NAMESPACE[] = "xmlns";
static const char DOCUMENT_TYPE[] = "!DOCTYPE";

struct scan {
    const uint8_t *at, *stop;
    size_t namespaces;
    bool has_tag;
    const char *file;
    uint32_t malformed, above; /* codes of failures */
    struct vls_why *why;
};

static bool is_next(const struct scan *s, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(s->stop - s->at) >= len && memcmp(s->at, text, len) == 0;
}

/** Stand behind the next `end`, or at the end of the bytes. */
static void pass(struct scan *s, const char *end)
{
    const uint8_t *found = memmem(s->at, (size_t)(s->stop - s->at), end, strlen(end));
    s->at = found != NULL ? found + strlen(end) : s->stop;
}

/** Stand behind a tag, whose values may hold '>'. */
static struct vls_status pass_tag(struct scan *s)
{
    uint8_t quote = 0;
    s->has_tag = true;
    for (const uint8_t *start = s->at; s->at < s->stop; s->at++) {
        if (s->at - start > VLS_MAX_XML_TAG)
            return vls_fail(s->above, s->why, "%.*s: a tag of more than %d bytes; shorten it",
                            FILE_SHOWN, s->file, VLS_MAX_XML_TAG);
        if (quote == 0 && *s->at == '>')
            break;
        if (quote == 0 && (*s->at == '"' || *s->at == '\''))
            quote = *s->at;
        else if (*s->at == quote)
            quote = 0;
        if (is_next(s, NAMESPACE) && ++s->namespaces > VLS_MAX_XML_NAMESPACES)
            return vls_fail(s->above, s->why,
                            "%.*s: more than %d declarations of namespaces; declare each once, in "
                            "the root",
                            FILE_SHOWN, s->file, VLS_MAX_XML_NAMESPACES);
    }
    return VLS_DONE;
}

struct vls_status vls_xml_cost(struct vls_slice bytes, const char *file, uint32_t malformed,
                               uint32_t above, struct vls_why *why)
{
    struct scan s = {.at = bytes.at,
                     .stop = bytes.at + bytes.len,
                     .file = file,
                     .malformed = malformed,
                     .above = above,
                     .why = why};
    for (pass(&s, "<"); s.at < s.stop; pass(&s, "<")) {
        if (is_next(&s, "!--")) {
            s.at += strlen("!--");
            pass(&s, "-->");
        } else if (is_next(&s, "![CDATA[")) {
            pass(&s, "]]>");
        } else if (*s.at == '?') {
            pass(&s, "?>");
        } else if (*s.at != '!') {
            VLS_TRY(pass_tag(&s));
        } else if (is_next(&s, DOCUMENT_TYPE) && !s.has_tag) {
            return VLS_DONE;
        } else {
            return vls_fail(s.malformed, why,
                            "%.*s: a declaration ('<!') that has no place there; remove it",
                            FILE_SHOWN, file);
        }
    }
    return VLS_DONE;
}
