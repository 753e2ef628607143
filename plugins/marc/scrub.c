#include "scrub.h"

#include <string.h>
#include <strings.h>

#define REPLACEMENT "\xEF\xBF\xBD"

void scrub_init(struct scrub *s)
{
    memset(s, 0, sizeof *s);
    s->is_utf8 = true;
}

/* XML 1.0 section 2.2: Char */
static bool is_char(uint32_t c)
{
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

static struct vls_status replace(uint64_t *count, struct vls_buf *out)
{
    ++*count;
    return vls_buf_add_text(out, REPLACEMENT);
}

/* -- character references ---------------------------------------------------------------------- */

/* The number of "&#12" or "&#xC"; false when it is none. */
static bool ref_value(const uint8_t *ref, size_t len, uint32_t *out)
{
    bool is_hex = len > 2 && ref[2] == 'x';
    uint32_t value = 0;
    size_t first = is_hex ? 3 : 2;
    if (len <= first)
        return false;
    for (size_t i = first; i < len; i++) {
        uint8_t c = ref[i];
        uint32_t digit = c >= '0' && c <= '9'             ? c - (uint32_t)'0'
                         : is_hex && c >= 'a' && c <= 'f' ? c - (uint32_t)'a' + 10u
                         : is_hex && c >= 'A' && c <= 'F' ? c - (uint32_t)'A' + 10u
                                                          : 99;
        if (digit == 99)
            return false;
        value = value > 0x110000 ? value : value * (is_hex ? 16 : 10) + digit;
    }
    *out = value;
    return true;
}

static struct vls_status flush_ref(struct scrub *s, struct vls_buf *out)
{
    size_t len = s->ref_len;
    s->ref_len = 0;
    return vls_buf_add(out, s->ref, len);
}

/* A byte while "&..." is held. `out_taken`: it belongs to it. */
static struct vls_status ref_byte(struct scrub *s, uint8_t c, struct vls_buf *out, bool *out_taken)
{
    uint32_t value;
    *out_taken = true;
    if (c == ';' && ref_value(s->ref, s->ref_len, &value) && !is_char(value)) {
        s->ref_len = 0;
        return replace(&s->forbidden, out);
    }
    bool is_ref = s->ref_len == 1 ? c == '#'
                                  : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == 'x' ||
                                        (c >= 'A' && c <= 'F');
    if (is_ref && s->ref_len < SCRUB_REF) {
        s->ref[s->ref_len++] = c;
        return VLS_DONE;
    }
    *out_taken = false;
    return flush_ref(s, out);
}

/* -- UTF-8 ------------------------------------------------------------------------------------- */

static size_t sequence_of(uint8_t lead)
{
    return lead >= 0xC2 && lead <= 0xDF   ? 2
           : (lead & 0xF0) == 0xE0        ? 3
           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                          : 0;
}

/* The second byte tells overlong forms, surrogates and what is above U+10FFFF (RFC 3629). */
static bool continues(const struct scrub *s, uint8_t c)
{
    uint8_t lead = s->wide[0];
    if (s->wide_len > 1)
        return (c & 0xC0) == 0x80;
    uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return c >= least && c <= most;
}

/* A sequence that does not go on. */
static struct vls_status flush_wide(struct scrub *s, struct vls_buf *out)
{
    s->wide_len = 0;
    return replace(&s->invalid, out);
}

static struct vls_status wide_byte(struct scrub *s, uint8_t c, struct vls_buf *out)
{
    s->wide[s->wide_len++] = c;
    if (s->wide_len < s->wide_need)
        return VLS_DONE;
    s->wide_len = 0;
    /* U+FFFE and U+FFFF are well-formed UTF-8 and no characters of XML */
    if (s->wide_need == 3 && s->wide[0] == 0xEF && s->wide[1] == 0xBF && s->wide[2] >= 0xBE)
        return replace(&s->forbidden, out);
    return vls_buf_add(out, s->wide, s->wide_need);
}

static struct vls_status one_byte(struct scrub *s, uint8_t c, struct vls_buf *out)
{
    if (s->wide_len > 0) {
        if (continues(s, c))
            return wide_byte(s, c, out);
        VLS_TRY(flush_wide(s, out));
    }
    if (s->ref_len > 0) {
        bool is_taken;
        VLS_TRY(ref_byte(s, c, out, &is_taken));
        if (is_taken)
            return VLS_DONE;
    }
    if (c == '&') {
        s->ref[s->ref_len++] = c;
        return VLS_DONE;
    }
    if (c < 0x20 && !is_char(c))
        return replace(&s->forbidden, out);
    if (c < 0x80 || !s->is_utf8)
        return vls_buf_add(out, &c, 1);
    s->wide_need = sequence_of(c);
    if (s->wide_need == 0)
        return replace(&s->invalid, out);
    s->wide[s->wide_len++] = c;
    return VLS_DONE;
}

/* Most of it is plain: copied in one go. */
static size_t plain_run(const uint8_t *at, size_t len)
{
    size_t i = 0;
    while (i < len && at[i] < 0x80 && at[i] != '&' && (at[i] >= 0x20 || at[i] == '\n'))
        i++;
    return i;
}

static struct vls_status feed_body(struct scrub *s, struct vls_slice in, struct vls_buf *out)
{
    if (s->is_raw)
        return vls_buf_add_slice(out, in);
    for (size_t i = 0; i < in.len;) {
        size_t run = s->wide_len == 0 && s->ref_len == 0 ? plain_run(in.at + i, in.len - i) : 0;
        if (run > 0)
            VLS_TRY(vls_buf_add(out, in.at + i, run));
        else
            VLS_TRY(one_byte(s, in.at[i++], out));
        i += run;
    }
    return VLS_DONE;
}

/* -- the head ---------------------------------------------------------------------------------- */

static bool begins(const struct scrub *s, const void *bytes, size_t len)
{
    return s->head_len >= len && memcmp(s->head, bytes, len) == 0;
}

static const uint8_t *find(const uint8_t *at, size_t len, const char *text)
{
    return memmem(at, len, text, strlen(text));
}

/* The encoding that the XML declaration names, if it is not UTF-8 or a part of it. */
static bool names_another(const struct scrub *s)
{
    const uint8_t *end = find(s->head, s->head_len, "?>");
    const uint8_t *at = end != NULL ? find(s->head, (size_t)(end - s->head), "encoding") : NULL;
    if (at == NULL)
        return false;
    at += strlen("encoding");
    while (at < end && (*at == ' ' || *at == '=' || *at == '"' || *at == '\'' || *at == '\n'))
        at++;
    size_t len = (size_t)(end - at);
    return !(len >= 5 && strncasecmp((const char *)at, "utf-8", 5) == 0) &&
           !(len >= 4 && strncasecmp((const char *)at, "utf8", 4) == 0) &&
           !(len >= 8 && strncasecmp((const char *)at, "us-ascii", 8) == 0);
}

/* false: more of it is needed */
static bool knows_encoding(struct scrub *s, bool is_end)
{
    bool is_declared = begins(s, "<?xml", 5);
    bool is_enough = is_end || s->head_len == SCRUB_HEAD || (!is_declared && s->head_len >= 5) ||
                     find(s->head, s->head_len, "?>") != NULL;
    if (!is_enough)
        return false;
    s->is_begun = true;
    s->is_raw = begins(s, "\xFF\xFE", 2) || begins(s, "\xFE\xFF", 2);
    s->is_utf8 = !names_another(s);
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct vls_status feed_head(struct scrub *s, struct vls_slice *in, bool is_end,
                                   struct vls_buf *out)
{
    while (in->len > 0 && s->head_len < SCRUB_HEAD) {
        if (s->head_len > 0 || !is_blank(in->at[0]))
            s->head[s->head_len++] = in->at[0];
        if (begins(s, "\xEF\xBB\xBF", 3))
            s->head_len = 0;
        *in = VLS_SLICE(in->at + 1, in->len - 1);
    }
    if (!knows_encoding(s, is_end))
        return VLS_DONE;
    return feed_body(s, VLS_SLICE(s->head, s->head_len), out);
}

struct vls_status scrub_feed(struct scrub *s, struct vls_slice in, bool is_end, struct vls_buf *out)
{
    if (!s->is_begun)
        VLS_TRY(feed_head(s, &in, is_end, out));
    if (s->is_begun)
        VLS_TRY(feed_body(s, in, out));
    if (is_end && s->wide_len > 0)
        VLS_TRY(flush_wide(s, out));
    return is_end ? flush_ref(s, out) : VLS_DONE;
}
