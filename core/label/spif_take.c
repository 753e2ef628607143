#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/spif_internal.h"

/* The rbacId of schemes whose categories are in MISSI's form. */
#define MISSI_OID "2.16.840.1.101.2.1.8.1"

/* W3C's names of colours: the sixteen that the format lists, "fuchsia" in both spellings, and the
 * two further ones that files in circulation use. */
static const char *const COLORS[] = {
    "aqua",  "black",  "blue", "fuschia", "fuchsia", "gray",  "green",  "lime",   "maroon", "navy",
    "olive", "purple", "red",  "silver",  "teal",    "white", "yellow", "orange", "gold"};

/** The handle of a name in ASCII; any other name is not spelled in one, and `otherwise` is. */
static bool make_handle(struct spif_reader *r, const char *name, const char *otherwise,
                        char *handle)
{
    bool is_ascii = true;
    for (const char *p = name; *p != '\0'; p++)
        is_ascii = is_ascii && (*p & 0x80) == 0;
    if (vls_spif_handle(is_ascii ? name : otherwise, handle))
        return true;
    vls_spif_fail(r, "the name '%.60s' gives no handle; begin it with a letter or digit", name);
    return false;
}

/** A name of its element that must be there. */
static char *need_name(struct spif_reader *r, struct spif_attributes a)
{
    char *name = vls_spif_get_phrase(r, a, "name");
    if (name == NULL || *name == '\0')
        vls_spif_fail(r, "'name' is missing; give one");
    return vls_ok(r->status) ? name : NULL;
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
        vls_spif_fail(r, "schemaVersion='%.20s'; 2.0 and 2.1 are read, convert the file", version);
        return;
    }
    char rbac[VLS_MAX_OID_TEXT] = "", number[VLS_MAX_NAME];
    r->scheme->schema_version = vls_spif_copy(r, version);
    r->scheme->version = 1;
    r->scheme->max_privacy_marks = VLS_SELECTION_UNBOUNDED;
    if (vls_spif_get(r, a, "", "version", number, sizeof number) &&
        !vls_ok(vls_number_read(number, 0, INT64_MAX, &r->scheme->version)))
        vls_spif_fail(r, "version='%.20s' is not a number, in digits alone", number);
    (void)vls_spif_get(r, a, "", "rbacId", rbac, sizeof rbac);
    r->scheme->is_missi = strcmp(rbac, MISSI_OID) == 0;
    vls_spif_get_validity(r, a, &r->scheme->not_before_ms, &r->scheme->not_after_ms);
}

/** The policy of data without a label. Nothing here goes by it, since there is no default: but
 * equivalents may name it. */
static void take_default_policy(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    s->default_policy = need_name(r, a);
    s->default_policy_oid = vls_spif_need_oid(r, a, "id", NULL, NULL);
}

static void take_policy(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char handle[VLS_MAX_NAME + 1];
    s->title = need_name(r, a);
    if (s->title == NULL)
        return;
    s->oid = vls_spif_need_oid(r, a, "id", s->oid_der, &s->oid_der_len);
    if (s->oid != NULL && make_handle(r, s->title, s->oid, handle))
        s->name = vls_spif_copy(r, handle);
}

/** No two classifications may be taken for each other, by name, on the wire or in rank. */
static bool is_distinct(struct spif_reader *r, const struct vls_classification *c)
{
    const struct vls_scheme *s = r->scheme;
    for (size_t i = 0; i < s->count; i++) {
        const struct vls_classification *other = &s->classes[i];
        if (strcmp(other->name, c->name) == 0)
            vls_spif_fail(r, "two classifications have the name '%.60s'; rename one", c->name);
        else if (strcmp(other->handle, c->handle) == 0)
            vls_spif_fail(r, "'%.40s' and '%.40s' have the same handle '%.40s'; rename one",
                          other->name, c->name, c->handle);
        else if (other->lacv == c->lacv)
            vls_spif_fail(r, "'%.40s' and '%.40s' have the same lacv %u; change one", other->name,
                          c->name, c->lacv);
        else if (other->hierarchy == c->hierarchy)
            vls_spif_fail(r, "'%.40s' and '%.40s' have the same hierarchy %u; change one",
                          other->name, c->name, c->hierarchy);
    }
    return vls_ok(r->status);
}

static bool is_hex_color(const char *text)
{
    return text[0] == '#' && strlen(text) == 7 && strspn(text + 1, "0123456789abcdefABCDEF") == 6;
}

/** The format wants each colour once, spelled the same: so "#FFC000" and "#ffc000" are two. */
static char *get_color(struct spif_reader *r, struct spif_attributes a)
{
    const struct vls_scheme *s = r->scheme;
    char *color = vls_spif_get_text(r, a, "color");
    if (color == NULL)
        return vls_spif_copy(r, "");
    bool is_known = is_hex_color(color);
    for (size_t i = 0; i < sizeof COLORS / sizeof COLORS[0]; i++)
        is_known = is_known || strcmp(COLORS[i], color) == 0;
    if (!is_known)
        vls_spif_fail(r, "color='%.40s' is neither a colour's name nor #rrggbb", color);
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->classes[i].color, color) == 0)
            vls_spif_fail(r, "'%.40s' has the colour '%.40s' too; give each its own",
                          s->classes[i].name, color);
    return color;
}

static void take_class(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    char handle[VLS_MAX_NAME + 1], otherwise[VLS_MAX_NAME];
    struct vls_classification c = {.name = need_name(r, a), .handle = handle};
    if (s->count == VLS_MAX_CLASSIFICATIONS) {
        vls_spif_fail(r, "more than %d classifications", VLS_MAX_CLASSIFICATIONS);
        return;
    }
    if (c.name == NULL || !vls_spif_need_number(r, a, "lacv", VLS_MAX_LACV, &c.lacv) ||
        !vls_spif_need_number(r, a, "hierarchy", UINT32_MAX, &c.hierarchy))
        return;
    snprintf(otherwise, sizeof otherwise, "class-%u", c.lacv);
    if (!make_handle(r, c.name, otherwise, handle))
        return;
    c.color = get_color(r, a);
    c.is_obsolete = vls_spif_get_bool(r, a, "obsolete");
    if (!vls_ok(r->status) || !is_distinct(r, &c))
        return;
    c.handle = vls_spif_copy(r, handle);
    struct vls_classification *grown = vls_spif_grow(r, s->classes, s->count, sizeof c);
    if (grown == NULL || !vls_ok(r->status))
        return;
    s->classes = grown;
    s->classes[s->count++] = c;
}

/** How many a label carries; it has room for one. */
static void take_privacy_marks(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    vls_spif_get_selection(r, a, &s->min_privacy_marks, &s->max_privacy_marks);
    if (s->min_privacy_marks > 1)
        vls_spif_fail(r, "minSelection='%u', but a label has room for one privacy mark; lower it",
                      s->min_privacy_marks);
}

static void take_privacy_mark(struct spif_reader *r, struct spif_attributes a)
{
    struct vls_scheme *s = r->scheme;
    struct vls_privacy_mark mark = {.name = vls_spif_get_text(r, a, "name"),
                                    .is_obsolete = vls_spif_get_bool(r, a, "obsolete")};
    if (mark.name == NULL || *mark.name == '\0')
        vls_spif_fail(r, "'name' is missing; give one");
    if (s->privacy_mark_count == VLS_MAX_PRIVACY_MARKS)
        vls_spif_fail(r, "more than %d privacy marks", VLS_MAX_PRIVACY_MARKS);
    for (size_t i = 0; i < s->privacy_mark_count && vls_ok(r->status); i++)
        if (strcmp(s->privacy_marks[i].name, mark.name) == 0)
            vls_spif_fail(r, "a second privacy mark '%.60s'; keep one", mark.name);
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
    char language[VLS_MAX_NAME];
    if (!vls_spif_check_attributes(r, element, attributes))
        return;
    if (vls_spif_get(r, attributes, "xml", "lang", language, sizeof language))
        r->language[r->depth - 1] = vls_spif_copy(r, language);
    if (!vls_ok(r->status))
        return;
    switch (element) {
    case SPIF_ROOT:
        take_root(r, attributes);
        break;
    case SPIF_POLICY:
        take_policy(r, attributes);
        break;
    case SPIF_DEFAULT_POLICY:
        take_default_policy(r, attributes);
        break;
    case SPIF_PRIVACY_MARKS:
        take_privacy_marks(r, attributes);
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
