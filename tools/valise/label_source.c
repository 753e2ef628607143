/* The label that a file holds, recognized by its content. */
#include <ctype.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/binding.h"
#include "label/xml4774_label.h"
#include "label/xml4778.h"
#include "labels.h"

#define DER_SEQUENCE 0x30 /* CMS                */
#define DER_SET      0x31 /* ESS security label */

/** One file on its way to a label. */
struct source {
    const char *name; /* for messages */
    const struct vls_scheme_set *schemes;
    bool is_checked;
    struct cli_label *out;
    struct vls_why *why;
};

/* -- DER, bare or wrapped ---------------------------------------------------------------------- */

static VLS_STATUS take_ess(const struct source *s, struct vls_slice der)
{
    struct vls_status status = s->is_checked
                                   ? vls_label_decode(der, s->schemes, &s->out->label, s->why)
                                   : vls_label_decode_any(der, s->schemes, &s->out->label, s->why);
    return vls_cli_about(status, s->name, s->why);
}

static VLS_STATUS take_cms(const struct source *s, struct vls_slice cms)
{
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    vls_buf_init(&der, VLS_MAX_LABEL);
    s->out->form = CLI_LABEL_CMS;
    VLS_TRY(vls_cli_about(vls_binding_cms_label(cms, &der, s->why), s->name, s->why));
    return take_ess(s, vls_buf_slice(&der));
}

static VLS_STATUS take_der(const struct source *s, struct vls_slice der)
{
    if (der.len > 0 && der.at[0] == DER_SET) {
        s->out->form = CLI_LABEL_DER;
        return take_ess(s, der);
    }
    if (der.len > 0 && der.at[0] == DER_SEQUENCE)
        return take_cms(s, der);
    return vls_fail(VLS_LABEL_MALFORMED, s->why,
                    "%.100s: holds no label of a form known here: text, DER (also in base64, PEM "
                    "or hexadecimal), ADatP-4774, ADatP-4778, CMS, parcel",
                    s->name);
}

static VLS_STATUS take_pem(const struct source *s, struct vls_slice pem)
{
    char *kind = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    BIO *bio = pem.len <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;
    if (bio == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, s->why, "no memory to read %.100s", s->name);
    bool is_read = PEM_read_bio(bio, &kind, &header, &data, &len) == 1;
    struct vls_status status =
        is_read ? take_der(s, VLS_SLICE(data, (size_t)len))
                : vls_fail(VLS_LABEL_MALFORMED, s->why,
                           "%.100s: begins as PEM and is not well formed", s->name);
    OPENSSL_free(kind);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(bio);
    return status;
}

/* -- text -------------------------------------------------------------------------------------- */

/** Append the text without white space. */
static VLS_STATUS squeeze(struct vls_slice text, struct vls_buf *out)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isspace(text.at[i]))
            VLS_TRY(vls_buf_add(out, &text.at[i], 1));
    return VLS_DONE;
}

static bool is_hex(struct vls_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isxdigit(text.at[i]))
            return false;
    return text.len > 0 && text.at[0] == '3';
}

/** DER of a SET or a SEQUENCE begins in base64 with this letter, and a scheme's name never does. */
static bool is_base64(struct vls_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum(text.at[i]) && strchr("+/=", text.at[i]) == NULL)
            return false;
    return text.len > 0 && text.at[0] == 'M';
}

static VLS_STATUS take_hex(const struct source *s, struct vls_buf *text)
{
    size_t len = text->len / 2;
    uint8_t *der = vls_mem_try(len + 1);
    if (der == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, s->why, "no memory to read %.100s", s->name);
    const char *digits = vls_buf_text(text);
    struct vls_status status =
        digits != NULL && vls_ok(vls_hex_read(digits, der, len))
            ? take_der(s, VLS_SLICE(der, len))
            : vls_fail(VLS_LABEL_MALFORMED, s->why, "%.100s: an odd number of hexadecimal digits",
                       s->name);
    vls_mem_free(der);
    return status;
}

static VLS_STATUS take_base64(const struct source *s, struct vls_slice text)
{
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    vls_buf_init(&der, text.len);
    if (!vls_ok(vls_base64_read(text, &der)))
        return vls_fail(VLS_LABEL_MALFORMED, s->why, "%.100s: is not well-formed base64", s->name);
    return take_der(s, vls_buf_slice(&der));
}

/** One line in the text form, in a file. */
static VLS_STATUS take_line(const struct source *s, struct vls_slice text)
{
    while (text.len > 0 && isspace(text.at[text.len - 1]))
        text.len--;
    if (text.len > VLS_MAX_XML_LABEL || memchr(text.at, '/', text.len) == NULL ||
        !vls_text_is_clean(text, false))
        return take_der(s, text);
    char *line = vls_mem_text((const char *)text.at, text.len);
    s->out->form = CLI_LABEL_TEXT;
    struct vls_status status = vls_label_read(line, s->schemes, &s->out->label, s->why);
    vls_mem_free(line);
    return vls_cli_about(status, s->name, s->why);
}

static VLS_STATUS take_text(const struct source *s, struct vls_slice text)
{
    struct vls_buf dense VLS_DEFER(vls_buf_fini);
    vls_buf_init(&dense, text.len);
    VLS_TRY(squeeze(text, &dense));
    if (is_hex(vls_buf_slice(&dense)))
        return take_hex(s, &dense);
    if (is_base64(vls_buf_slice(&dense)))
        return take_base64(s, vls_buf_slice(&dense));
    return take_line(s, text);
}

/* -- XML --------------------------------------------------------------------------------------- */

static bool starts_with(struct vls_slice text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.at, with, len) == 0;
}

static void skip(struct vls_slice *text, size_t count)
{
    text->at += count;
    text->len -= count;
}

/** Behind the next `end`; at the end of the text when there is none. */
static void skip_behind(struct vls_slice *text, const char *end)
{
    while (text->len > 0 && !starts_with(*text, end))
        skip(text, 1);
    skip(text, text->len > 0 ? strlen(end) : 0);
}

/** Name of the root element without its prefix, as far as that is seen without a parser: the
 * reader that is chosen by it decides by itself. */
static void find_root(struct vls_slice text, char *out, size_t room)
{
    size_t len = 0;
    for (skip_behind(&text, "<"); text.len > 0 && strchr("?!", text.at[0]) != NULL;
         skip_behind(&text, "<"))
        skip_behind(&text, starts_with(text, "!--") ? "-->" : ">");
    for (size_t i = 0; i < text.len && strchr(" \t\r\n/>", text.at[i]) == NULL; i++) {
        if (text.at[i] == ':')
            len = 0;
        else if (len + 1 < room)
            out[len++] = (char)text.at[i];
    }
    out[len] = '\0';
}

static VLS_STATUS take_form(const struct source *s, const struct vls_xml4774 *form)
{
    struct vls_status status =
        s->is_checked ? vls_xml4774_label(form, s->schemes, &s->out->label, s->why)
                      : vls_xml4774_label_any(form, s->schemes, &s->out->label, s->why);
    return vls_cli_about(status, s->name, s->why);
}

static VLS_STATUS take_4774(const struct source *s, struct vls_slice xml)
{
    struct vls_xml4774 *form = NULL;
    s->out->form = CLI_LABEL_4774;
    VLS_TRY(vls_xml4774_read(xml, s->name, &form, s->why));
    struct vls_status status = take_form(s, form);
    vls_xml4774_free(&form);
    return status;
}

static VLS_STATUS take_4778(const struct source *s, struct vls_slice xml)
{
    struct vls_xml4778 *binding = NULL;
    s->out->form = CLI_LABEL_4778;
    VLS_TRY(vls_xml4778_read(xml, s->name, &binding, s->why));
    struct vls_status status =
        binding->count == 1
            ? take_form(s, binding->bindings[0].labels[0])
            : vls_fail(VLS_LABEL_XML, s->why,
                       "%.100s: binds %zu labels; 'valise label verify' says which to what",
                       s->name, binding->count);
    vls_xml4778_free(&binding);
    return status;
}

static VLS_STATUS take_xml(const struct source *s, struct vls_slice xml)
{
    char root[VLS_MAX_NAME];
    find_root(xml, root, sizeof root);
    if (strcmp(root, "SPIF") == 0)
        return vls_fail(VLS_LABEL_XML, s->why,
                        "%.100s: is a scheme, not a label; see 'valise scheme show'", s->name);
    return strcmp(root, "BindingInformation") == 0 ? take_4778(s, xml) : take_4774(s, xml);
}

/** Also in UTF-16 and with a byte order mark, so that the reader of XML says what is wrong. */
static bool is_xml(struct vls_slice bytes)
{
    static const char *const STARTS[] = {"<", "\xef\xbb\xbf<", "\xff\xfe", "\xfe\xff"};
    while (bytes.len > 0 && isspace(bytes.at[0]))
        skip(&bytes, 1);
    for (size_t i = 0; i < sizeof STARTS / sizeof STARTS[0]; i++)
        if (starts_with(bytes, STARTS[i]))
            return true;
    return false;
}

static VLS_STATUS take_any(const struct source *s, struct vls_slice bytes)
{
    if (bytes.len == 0)
        return vls_fail(VLS_LABEL_MISSING, s->why, "%.100s: is empty: no label", s->name);
    if (is_xml(bytes))
        return take_xml(s, bytes);
    if (starts_with(bytes, "-----BEGIN "))
        return take_pem(s, bytes);
    if (bytes.at[0] == DER_SEQUENCE || bytes.at[0] == DER_SET) {
        /* "0" and "1" begin text too: only hexadecimal digits and names go on in such letters */
        if (!vls_text_is_clean(bytes, true))
            return take_der(s, bytes);
    }
    return take_text(s, bytes);
}

struct vls_status vls_cli_label_bytes(struct vls_slice bytes, const char *name,
                                      const struct vls_scheme_set *schemes, bool is_checked,
                                      struct cli_label *out, struct vls_why *why)
{
    struct cli_label found = {.form = CLI_LABEL_DER};
    struct source source = {name, schemes, is_checked, &found, why};
    VLS_TRY(take_any(&source, bytes));
    *out = found;
    return VLS_DONE;
}
