#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/oid.h"
#include "label/spif_internal.h"

/* "&amp;" comes from libxml2's SAX2 interface as this reference, undecoded, whenever entities are
 * not substituted. */
#define AMPERSAND "&#38;"

/* What an element that is read may carry without a prefix; anything else is a slip that could
 * loosen the scheme. */
static const char *const ROOT_ATTRIBUTES[] = {
    "schemaVersion", "version",    "creationDate", "originatorDN", "keyIdentifier", "privilegeId",
    "rbacId",        "userRefURI", "docRefURI",    "notBefore",    "notAfter",      NULL};
static const char *const POLICY_ATTRIBUTES[] = {"name", "id", NULL};
static const char *const CLASS_ATTRIBUTES[] = {"name",      "color",    "lacv",
                                               "hierarchy", "obsolete", NULL};

/* -- attributes -------------------------------------------------------------------------------- */

static const char *name_of(struct spif_attributes a, int i)
{
    return (const char *)a.at[5 * i];
}

static bool has_prefix(struct spif_attributes a, int i)
{
    return a.at[5 * i + 1] != NULL;
}

static bool is_listed(const char *const *list, const char *name)
{
    for (; *list != NULL; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static bool check_attributes(struct spif_reader *r, struct spif_attributes a,
                             const char *const *allowed)
{
    for (int i = 0; i < a.count; i++) {
        if (has_prefix(a, i) || is_listed(allowed, name_of(a, i)))
            continue;
        vls_spif_fail(r, "an attribute '%.40s' that the format does not have", name_of(a, i));
        return false;
    }
    return true;
}

/** Copy an attribute's value, with its one possible reference decoded. @return false when it is not
 * given; when it does not fit or is not clean text, the failure is noted too */
static bool get(struct spif_reader *r, struct spif_attributes a, const char *prefix,
                const char *name, char *out, size_t room)
{
    for (int i = 0; i < a.count; i++) {
        const char *found = (const char *)a.at[5 * i + 1];
        if (strcmp(name_of(a, i), name) != 0 || strcmp(found != NULL ? found : "", prefix) != 0)
            continue;
        const char *at = (const char *)a.at[5 * i + 3];
        const char *end = (const char *)a.at[5 * i + 4];
        size_t len = 0;
        while (at < end && len + 1 < room) {
            bool is_reference = (size_t)(end - at) >= sizeof AMPERSAND - 1 &&
                                strncmp(at, AMPERSAND, sizeof AMPERSAND - 1) == 0;
            out[len++] = *at;
            at += is_reference ? sizeof AMPERSAND - 1 : 1;
        }
        out[len] = '\0';
        if (at < end)
            vls_spif_fail(r, "'%s' is longer than %zu bytes", name, room - 1);
        else if (!vls_text_is_clean(VLS_SLICE(out, len), false))
            vls_spif_fail(r, "'%s' holds control characters", name);
        return vls_ok(r->status);
    }
    return false;
}

/** The same for one that must be there and hold something. */
static bool need(struct spif_reader *r, struct spif_attributes a, const char *name, char *out,
                 size_t room)
{
    out[0] = '\0';
    bool is_given = get(r, a, "", name, out, room);
    if (!is_given || out[0] == '\0')
        vls_spif_fail(r, "'%s' is missing", name);
    return vls_ok(r->status);
}

static bool need_number(struct spif_reader *r, struct spif_attributes a, const char *name,
                        uint32_t max, uint32_t *out)
{
    char text[VLS_MAX_NAME];
    uint64_t value = 0;
    if (!need(r, a, name, text, sizeof text))
        return false;
    if (!vls_ok(vls_number_read(text, 0, max, &value))) {
        vls_spif_fail(r, "%s='%.20s' is not a number from 0 to %u", name, text, max);
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

static char *copy_text(const char *text)
{
    return vls_mem_text(text, strlen(text));
}

/** "STRICTLY CONFIDENTIAL" to "strictly-confidential"; `handle` is as long as `name` at most. */
static bool make_handle(struct spif_reader *r, const char *name, char *handle)
{
    size_t len = 0;
    bool is_dash_due = false;
    for (const char *p = name; *p != '\0'; p++) {
        char c = *p;
        if ((c & 0x80) != 0) {
            vls_spif_fail(r, "the name '%.60s' holds other than ASCII characters", name);
            return false;
        }
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool is_kept =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (is_kept && is_dash_due && len != 0)
            handle[len++] = '-';
        if (is_kept)
            handle[len++] = c;
        is_dash_due = !is_kept;
    }
    handle[len] = '\0';
    if (!vls_text_is_name(handle, VLS_MAX_NAME)) {
        vls_spif_fail(r, "the name '%.60s' gives no handle; begin it with a letter or digit", name);
        return false;
    }
    return true;
}

/* -- elements ---------------------------------------------------------------------------------- */

static void take_bound(struct spif_reader *r, struct spif_attributes a, const char *name,
                       uint64_t *out)
{
    char text[VLS_MAX_NAME];
    if (get(r, a, "", name, text, sizeof text) && !vls_ok(vls_time_read(text, out)))
        vls_spif_fail(r, "%s='%.40s' is not a time such as 2026-12-31T00:00:00Z", name, text);
}

static void take_root(struct spif_reader *r, struct spif_attributes a)
{
    char version[VLS_MAX_NAME];
    const char *encoding = (const char *)r->xml->encoding;
    if (encoding != NULL && !xmlStrEqual(BAD_CAST encoding, BAD_CAST "UTF-8") &&
        !xmlStrEqual(BAD_CAST encoding, BAD_CAST "utf-8")) {
        vls_spif_fail(r, "encoding '%.40s'; write the file in UTF-8", encoding);
        return;
    }
    if (!check_attributes(r, a, ROOT_ATTRIBUTES) ||
        !need(r, a, "schemaVersion", version, sizeof version))
        return;
    if (strcmp(version, "2.0") != 0 && strcmp(version, "2.1") != 0) {
        vls_spif_fail(r, "schemaVersion='%.20s'; 2.0 and 2.1 are read", version);
        return;
    }
    take_bound(r, a, "notBefore", &r->scheme->not_before_ms);
    take_bound(r, a, "notAfter", &r->scheme->not_after_ms);
}

static void take_policy(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char title[VLS_MAX_NAME + 1], oid[VLS_MAX_OID_TEXT], handle[VLS_MAX_NAME + 1];
    if (s->name != NULL) {
        vls_spif_fail(r, "given twice; a scheme file holds one policy");
        return;
    }
    if (!check_attributes(r, a, POLICY_ATTRIBUTES) || !need(r, a, "name", title, sizeof title) ||
        !need(r, a, "id", oid, sizeof oid) || !make_handle(r, title, handle))
        return;
    struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_OID);
    bool is_oid = vls_ok(vls_oid_encode(oid, &der));
    if (is_oid) {
        vls_copy(s->oid_der, der.at, der.len);
        s->oid_der_len = der.len;
        s->title = copy_text(title);
        s->oid = copy_text(oid);
        s->name = copy_text(handle);
    }
    vls_buf_fini(&der);
    if (!is_oid)
        vls_spif_fail(r, "id='%.60s' is not an object identifier such as 2.25.1234", oid);
}

static void take_classes(struct spif_reader *r)
{
    if (r->scheme->classes != NULL) {
        vls_spif_fail(r, "given twice");
        return;
    }
    r->scheme->classes = vls_mem_try(VLS_MAX_CLASSIFICATIONS * sizeof r->scheme->classes[0]);
    if (r->scheme->classes == NULL)
        vls_spif_fail(r, "no memory for its classifications");
}

/** No two classifications may be taken for each other, by name, on the wire or in rank. */
static bool is_distinct(struct spif_reader *r, const struct vls_classification *c)
{
    const struct vls_scheme *s = r->scheme;
    for (size_t i = 0; i < s->count; i++) {
        const struct vls_classification *other = &s->classes[i];
        if (strcmp(other->name, c->name) == 0)
            vls_spif_fail(r, "two classifications have the name '%.60s'", c->name);
        else if (strcmp(other->handle, c->handle) == 0)
            vls_spif_fail(r, "'%.40s' and '%.40s' have the same handle '%.40s'", other->name,
                          c->name, c->handle);
        else if (other->lacv == c->lacv)
            vls_spif_fail(r, "'%.40s' and '%.40s' have the same lacv %u", other->name, c->name,
                          c->lacv);
        else if (other->hierarchy == c->hierarchy)
            vls_spif_fail(r, "'%.40s' and '%.40s' have the same hierarchy %u", other->name, c->name,
                          c->hierarchy);
    }
    return vls_ok(r->status);
}

static bool get_obsolete(struct spif_reader *r, struct spif_attributes a)
{
    char text[VLS_MAX_NAME];
    if (!get(r, a, "", "obsolete", text, sizeof text))
        return false;
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
        return true;
    if (strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        vls_spif_fail(r, "obsolete='%.20s' is neither true nor false", text);
    return false;
}

static void take_class(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char name[VLS_MAX_NAME + 1], handle[VLS_MAX_NAME + 1], color[VLS_MAX_NAME + 1] = "";
    struct vls_classification c = {.name = name, .handle = handle};
    if (s->count == VLS_MAX_CLASSIFICATIONS) {
        vls_spif_fail(r, "more than %d classifications", VLS_MAX_CLASSIFICATIONS);
        return;
    }
    if (!check_attributes(r, a, CLASS_ATTRIBUTES) || !need(r, a, "name", name, sizeof name) ||
        !need_number(r, a, "lacv", VLS_MAX_LACV, &c.lacv) ||
        !need_number(r, a, "hierarchy", UINT32_MAX, &c.hierarchy) || !make_handle(r, name, handle))
        return;
    (void)get(r, a, "", "color", color, sizeof color);
    c.is_obsolete = get_obsolete(r, a);
    if (!vls_ok(r->status) || !is_distinct(r, &c))
        return;
    c.name = copy_text(name);
    c.handle = copy_text(handle);
    c.color = copy_text(color);
    c.marking = copy_text(name);
    s->classes[s->count++] = c;
}

static struct vls_classification *last_class(struct spif_reader *r)
{
    return r->scheme->count > 0 ? &r->scheme->classes[r->scheme->count - 1] : NULL;
}

/* -- markings ---------------------------------------------------------------------------------- */

static void take_marking(struct spif_reader *r, struct spif_attributes a)
{
    char language[VLS_MAX_NAME];
    r->has_phrase = get(r, a, "", "phrase", r->phrase, sizeof r->phrase);
    r->is_page_top = false;
    r->is_policy = false;
    /* one language so far: the others are left out */
    if (get(r, a, "xml", "lang", language, sizeof language) && strncmp(language, "en", 2) != 0)
        r->has_phrase = false;
}

static bool is_page_top(const char *code)
{
    return strcmp(code, "pageTop") == 0 || strcmp(code, "pageTopBottom") == 0;
}

static void end_code(struct spif_reader *r, const char *code)
{
    r->is_page_top = r->is_page_top || is_page_top(code);
    r->is_policy = r->is_policy || strcmp(code, "replacePolicy") == 0;
}

static void end_marking(struct spif_reader *r)
{
    struct vls_scheme *s = r->scheme;
    enum spif_element parent = vls_spif_parent(r);
    if (!r->has_phrase)
        return;
    if (parent == SPIF_ROOT && r->is_policy && s->phrase == NULL)
        s->phrase = copy_text(r->phrase);
    struct vls_classification *c = last_class(r);
    if (parent == SPIF_CLASS && c != NULL && r->is_page_top && r->phrase[0] != '\0') {
        vls_mem_free((char *)c->marking);
        c->marking = copy_text(r->phrase);
    }
}

static void take_marking_qualifier(struct spif_reader *r, struct spif_attributes a)
{
    char code[VLS_MAX_NAME];
    bool has_code = get(r, a, "", "markingCode", code, sizeof code);
    r->is_qualifier_used = vls_spif_parent(r) == SPIF_ROOT && (!has_code || is_page_top(code));
}

static void take_qualifier(struct spif_reader *r, struct spif_attributes a)
{
    char text[2 * VLS_MAX_NAME], code[VLS_MAX_NAME];
    if (!r->is_qualifier_used || !get(r, a, "", "markingQualifier", text, sizeof text) ||
        !get(r, a, "", "qualifierCode", code, sizeof code))
        return;
    struct vls_scheme *s = r->scheme;
    if (strcmp(code, "prefix") == 0 && s->prefix == NULL)
        s->prefix = copy_text(text);
    else if (strcmp(code, "suffix") == 0 && s->suffix == NULL)
        s->suffix = copy_text(text);
}

/** Runs of blanks and line breaks become one blank, as text in an element may be broken into lines.
 */
static void end_notice(struct spif_reader *r, const char *text)
{
    if (r->scheme->notice != NULL) {
        vls_spif_fail(r, "given twice");
        return;
    }
    char *notice = copy_text(text);
    size_t len = 0;
    bool is_blank_due = false;
    for (const char *p = text; *p != '\0'; p++) {
        bool is_blank = strchr(" \t\r\n", *p) != NULL;
        if (!is_blank && is_blank_due && len != 0)
            notice[len++] = ' ';
        if (!is_blank)
            notice[len++] = *p;
        is_blank_due = is_blank;
    }
    notice[len] = '\0';
    r->scheme->notice = notice;
    if (len == 0 || !vls_text_is_clean(VLS_SLICE(notice, len), false))
        vls_spif_fail(r, "an empty notice, or one with control characters");
}

void vls_spif_take_start(struct spif_reader *r, struct spif_attributes attributes)
{
    struct vls_classification *c = last_class(r);
    switch (r->stack[r->depth - 1]) {
    case SPIF_ROOT:
        take_root(r, attributes);
        break;
    case SPIF_POLICY:
        take_policy(r, attributes);
        break;
    case SPIF_CLASSES:
        take_classes(r);
        break;
    case SPIF_CLASS:
        take_class(r, attributes);
        break;
    case SPIF_MARKING:
        take_marking(r, attributes);
        break;
    case SPIF_MARKING_QUALIFIER:
        take_marking_qualifier(r, attributes);
        break;
    case SPIF_QUALIFIER:
        take_qualifier(r, attributes);
        break;
    case SPIF_REQUIRED_CATEGORY:
        if (vls_spif_parent(r) == SPIF_CLASS && c != NULL)
            c->needs_category = true;
        break;
    default: /* held against the format only */
        break;
    }
}

void vls_spif_take_end(struct spif_reader *r)
{
    enum spif_element element = r->stack[r->depth - 1];
    const char *text = vls_buf_text(&r->text);
    if (text == NULL)
        vls_spif_fail(r, "no memory for its text");
    else if (element == SPIF_CODE)
        end_code(r, text);
    else if (element == SPIF_NOTICE)
        end_notice(r, text);
    else if (element == SPIF_MARKING)
        end_marking(r);
}
