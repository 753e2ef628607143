#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/oid.h"
#include "label/spif_internal.h"

/* The rbacId of schemes whose categories are in MISSI's form. */
#define MISSI_OID "2.16.840.1.101.2.1.8.1"

/* -- elements
 * -------------------------------------------------------------------------------------------- */

static bool make_handle(struct spif_reader *r, const char *name, char *handle)
{
    for (const char *p = name; *p != '\0'; p++)
        if ((*p & 0x80) != 0) {
            vls_spif_fail(r, "the name '%.60s' holds other than ASCII characters", name);
            return false;
        }
    if (vls_spif_handle(name, handle))
        return true;
    vls_spif_fail(r, "the name '%.60s' gives no handle; begin it with a letter or digit", name);
    return false;
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
    if (!vls_spif_need(r, a, "schemaVersion", version, sizeof version))
        return;
    if (strcmp(version, "2.0") != 0 && strcmp(version, "2.1") != 0) {
        vls_spif_fail(r, "schemaVersion='%.20s'; 2.0 and 2.1 are read", version);
        return;
    }
    char rbac[VLS_MAX_OID_TEXT] = "", number[VLS_MAX_NAME];
    r->scheme->schema_version = vls_spif_copy(r, version);
    r->scheme->version = 1;
    if (vls_spif_get(r, a, "", "version", number, sizeof number) &&
        !vls_ok(vls_number_read(number, 0, INT64_MAX, &r->scheme->version)))
        vls_spif_fail(r, "version='%.20s' is not a number", number);
    (void)vls_spif_get(r, a, "", "rbacId", rbac, sizeof rbac);
    r->scheme->is_missi = strcmp(rbac, MISSI_OID) == 0;
    vls_spif_get_time(r, a, "notBefore", &r->scheme->not_before_ms);
    vls_spif_get_time(r, a, "notAfter", &r->scheme->not_after_ms);
}

static void take_policy(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char title[VLS_MAX_NAME + 1], oid[VLS_MAX_OID_TEXT], handle[VLS_MAX_NAME + 1];
    if (s->name != NULL) {
        vls_spif_fail(r, "given twice; a scheme file holds one policy");
        return;
    }
    if (!vls_spif_need(r, a, "name", title, sizeof title) ||
        !vls_spif_need(r, a, "id", oid, sizeof oid) || !make_handle(r, title, handle))
        return;
    struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_OID);
    bool is_oid = vls_ok(vls_oid_encode(oid, &der));
    if (is_oid) {
        vls_copy(s->oid_der, der.at, der.len);
        s->oid_der_len = der.len;
        s->title = vls_spif_copy(r, title);
        s->oid = vls_spif_copy(r, oid);
        s->name = vls_spif_copy(r, handle);
    }
    vls_buf_fini(&der);
    if (!is_oid)
        vls_spif_fail(r, "id='%.60s' is not an object identifier such as 2.25.1234", oid);
}

static void take_once(struct spif_reader *r, bool *is_taken)
{
    if (*is_taken)
        vls_spif_fail(r, "given twice");
    *is_taken = true;
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

static void take_class(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char name[VLS_MAX_NAME + 1], handle[VLS_MAX_NAME + 1], color[VLS_MAX_NAME + 1] = "";
    struct vls_classification c = {.name = name, .handle = handle};
    if (s->count == VLS_MAX_CLASSIFICATIONS) {
        vls_spif_fail(r, "more than %d classifications", VLS_MAX_CLASSIFICATIONS);
        return;
    }
    if (!vls_spif_need(r, a, "name", name, sizeof name) ||
        !vls_spif_need_number(r, a, "lacv", VLS_MAX_LACV, &c.lacv) ||
        !vls_spif_need_number(r, a, "hierarchy", UINT32_MAX, &c.hierarchy) ||
        !make_handle(r, name, handle))
        return;
    (void)vls_spif_get(r, a, "", "color", color, sizeof color);
    c.is_obsolete = vls_spif_get_bool(r, a, "obsolete");
    if (!vls_ok(r->status) || !is_distinct(r, &c))
        return;
    c.name = vls_spif_copy(r, name);
    c.handle = vls_spif_copy(r, handle);
    c.color = vls_spif_copy(r, color);
    struct vls_classification *grown = vls_spif_grow(r, s->classes, s->count, sizeof c);
    if (grown == NULL || !vls_ok(r->status))
        return;
    s->classes = grown;
    s->classes[s->count++] = c;
}

static void take_privacy_mark(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    struct vls_privacy_mark mark = {.name = vls_spif_get_text(r, a, "name"),
                                    .is_obsolete = vls_spif_get_bool(r, a, "obsolete")};
    if (mark.name == NULL)
        vls_spif_fail(r, "'name' is missing");
    struct vls_privacy_mark *grown =
        vls_spif_grow(r, s->privacy_marks, s->privacy_mark_count, sizeof mark);
    if (grown == NULL || !vls_ok(r->status))
        return;
    s->privacy_marks = grown;
    s->privacy_marks[s->privacy_mark_count++] = mark;
}

/** Runs of blanks and line breaks become one blank, as text in an element may be broken into lines.
 */
static void end_notice(struct spif_reader *r, const char *text)
{
    if (r->scheme->notice != NULL) {
        vls_spif_fail(r, "given twice");
        return;
    }
    char *notice = vls_spif_copy(r, text);
    if (notice == NULL)
        return;
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
    enum spif_element element = r->stack[r->depth - 1];
    if (!vls_spif_check_attributes(r, element, attributes))
        return;
    switch (element) {
    case SPIF_ROOT:
        take_root(r, attributes);
        break;
    case SPIF_POLICY:
        take_policy(r, attributes);
        break;
    case SPIF_CLASSES:
        take_once(r, &r->has_classes);
        break;
    case SPIF_TAG_SETS:
        take_once(r, &r->has_tag_sets);
        break;
    case SPIF_CLASS:
        take_class(r, attributes);
        break;
    case SPIF_TAG_SET:
        vls_spif_take_tag_set(r, attributes);
        break;
    case SPIF_TAG:
        vls_spif_take_tag(r, attributes);
        break;
    case SPIF_TAG_CATEGORY:
        vls_spif_take_category(r, attributes);
        break;
    case SPIF_EXCLUDED_CATEGORY:
        vls_spif_take_excluded(r, attributes);
        break;
    case SPIF_REQUIRED_CATEGORY:
        vls_spif_take_required(r, attributes);
        break;
    case SPIF_CATEGORY_GROUP:
        vls_spif_take_group(r, attributes);
        break;
    case SPIF_EQUIVALENT_CLASS:
    case SPIF_EQUIVALENT_TAG:
    case SPIF_EQUIVALENT_TAG_SET:
    case SPIF_EQUIVALENT_POLICY:
        vls_spif_take_equivalent(r, attributes);
        break;
    case SPIF_MARKING:
        vls_spif_take_marking(r, attributes);
        break;
    case SPIF_MARKING_QUALIFIER:
        vls_spif_take_marking_qualifier(r, attributes);
        break;
    case SPIF_QUALIFIER:
        vls_spif_take_qualifier(r, attributes);
        break;
    case SPIF_PRIVACY_MARK:
        take_privacy_mark(r, attributes);
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
        vls_spif_end_code(r, text);
    else if (element == SPIF_NOTICE)
        end_notice(r, text);
    else if (element == SPIF_EXCLUDED_CLASS)
        vls_spif_end_excluded_class(r, text);
}
