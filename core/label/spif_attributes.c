#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/oid.h"
#include "label/spif_internal.h"

/* "&amp;" comes from libxml2's SAX2 interface as this reference, undecoded, whenever entities are
 * not substituted. */
#define AMPERSAND "&#38;"

#define XML_SPACE       "http://www.w3.org/XML/1998/namespace"
#define SCHEMA_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"

/* Elements that take xml:lang and its like; the format closes the others to them. */
static const uint32_t CLOSED = 1u << SPIF_UPDATE_INFO | 1u << SPIF_TAG_SETS |
                               1u << SPIF_PRIVACY_MARKS | 1u << SPIF_EQUIVALENT_POLICIES |
                               1u << SPIF_EXTENSIONS | 1u << SPIF_CODE | 1u << SPIF_EXCLUDED_CLASS;

/* What an element may carry without a prefix; anything else is a slip that could loosen the scheme.
 */
#define MAX_ATTRIBUTES 12
static const char *const ATTRIBUTES[SPIF_EXTENSION][MAX_ATTRIBUTES] = {
    [SPIF_ROOT] = {"schemaVersion", "version", "creationDate", "originatorDN", "keyIdentifier",
                   "privilegeId", "rbacId", "userRefURI", "docRefURI", "notBefore", "notAfter"},
    [SPIF_DEFAULT_POLICY] = {"name", "id"},
    [SPIF_POLICY] = {"name", "id"},
    [SPIF_CLASSES] = {"name"},
    [SPIF_CLASS] = {"name", "color", "lacv", "hierarchy", "obsolete"},
    [SPIF_EQUIVALENT_CLASS] = {"policyRef", "lacv", "applied"},
    [SPIF_MARKING] = {"phrase"},
    [SPIF_MARKING_QUALIFIER] = {"markingCode"},
    [SPIF_QUALIFIER] = {"markingQualifier", "qualifierCode"},
    [SPIF_REQUIRED_CATEGORY] = {"operation"},
    [SPIF_CATEGORY_GROUP] = {"tagSetRef", "tagType", "enumType", "lacv", "all"},
    [SPIF_EXCLUDED_CATEGORY] = {"tagSetRef", "tagType", "enumType", "lacv", "all"},
    [SPIF_TAG_SET] = {"name", "id"},
    [SPIF_EQUIVALENT_TAG_SET] = {"policyRef", "name", "id"},
    [SPIF_TAG] = {"name", "tagType", "enumType", "tag7Encoding", "singleSelection", "maxSelection",
                  "minSelection"},
    [SPIF_TAG_CATEGORY] = {"name", "lacv", "userInput", "requiredClass", "obsolete", "dateFormat",
                           "notBefore", "notAfter"},
    [SPIF_EQUIVALENT_TAG] = {"policyRef", "tagSetId", "tagType", "enumType", "lacv", "applied",
                             "action"},
    [SPIF_PRIVACY_MARKS] = {"maxSelection", "minSelection"},
    [SPIF_PRIVACY_MARK] = {"name", "obsolete"},
    [SPIF_EQUIVALENT_POLICY] = {"name", "id", "userRefURI", "docRefURI"},
};

static const char *name_of(struct spif_attributes a, int i)
{
    return (const char *)a.at[5 * i];
}

/** An attribute of a namespace: those of XML itself, and the hint where a schema lies. What any
 * other of them says, nobody here would heed. */
static bool is_known_space(enum spif_element element, struct spif_attributes a, int i)
{
    const char *space = (const char *)a.at[5 * i + 2], *name = name_of(a, i);
    if (strcmp(space, SCHEMA_INSTANCE) == 0)
        return strcmp(name, "schemaLocation") == 0 ||
               strcmp(name, "noNamespaceSchemaLocation") == 0;
    return strcmp(space, XML_SPACE) == 0 && (CLOSED >> element & 1) == 0 &&
           (strcmp(name, "lang") == 0 || strcmp(name, "space") == 0 || strcmp(name, "base") == 0 ||
            strcmp(name, "id") == 0);
}

static bool is_listed(const char *const *list, const char *name)
{
    for (size_t i = 0; i < MAX_ATTRIBUTES && list[i] != NULL; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

bool vls_spif_check_attributes(struct spif_reader *r, enum spif_element element,
                               struct spif_attributes a)
{
    if (element == SPIF_EXTENSION || element == SPIF_NOTICE)
        return true;
    for (int i = 0; i < a.count; i++) {
        bool is_plain = a.at[5 * i + 1] == NULL;
        if (is_plain ? is_listed(ATTRIBUTES[element], name_of(a, i))
                     : is_known_space(element, a, i))
            continue;
        vls_spif_fail(r, "an attribute '%.40s%s%.40s' that the format does not have; remove it",
                      is_plain ? "" : (const char *)a.at[5 * i + 1], is_plain ? "" : ":",
                      name_of(a, i));
        return false;
    }
    return true;
}

bool vls_spif_get(struct spif_reader *r, struct spif_attributes a, const char *prefix,
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
            vls_spif_fail(r, "'%s' is longer than %zu bytes; shorten it", name, room - 1);
        else if (!vls_text_is_clean(VLS_SLICE(out, len), false))
            vls_spif_fail(r, "'%s' holds control characters; remove them", name);
        return vls_ok(r->status);
    }
    return false;
}

char *vls_spif_get_text(struct spif_reader *r, struct spif_attributes a, const char *name)
{
    char text[VLS_MAX_PHRASE + 1];
    return vls_spif_get(r, a, "", name, text, sizeof text) ? vls_spif_copy(r, text) : NULL;
}

char *vls_spif_get_phrase(struct spif_reader *r, struct spif_attributes a, const char *name)
{
    char *text = vls_spif_get_text(r, a, name);
    size_t letters = 0;
    for (const char *p = text; p != NULL && *p != '\0'; p++)
        letters += (*p & 0xc0) != 0x80; /* the first byte of each character */
    if (letters > VLS_MAX_PHRASE_LETTERS)
        vls_spif_fail(r, "'%s' is longer than %d characters; shorten it", name,
                      VLS_MAX_PHRASE_LETTERS);
    return text;
}

char *vls_spif_need_oid(struct spif_reader *r, struct spif_attributes a, const char *name,
                        uint8_t *der, size_t *der_len)
{
    char *text = vls_spif_get_text(r, a, name);
    struct vls_buf content VLS_DEFER(vls_buf_fini);
    vls_buf_init(&content, VLS_MAX_OID);
    if (text == NULL)
        vls_spif_fail(r, "'%s' is missing; give an object identifier such as 2.25.1234", name);
    else if (!vls_ok(vls_oid_encode(text, &content)))
        vls_spif_fail(r, "%s='%.60s' is not an object identifier such as 2.25.1234", name, text);
    if (!vls_ok(r->status))
        return NULL;
    if (der != NULL)
        vls_copy(der, content.at, *der_len = content.len);
    return text;
}

bool vls_spif_need(struct spif_reader *r, struct spif_attributes a, const char *name, char *out,
                   size_t room)
{
    out[0] = '\0';
    bool is_given = vls_spif_get(r, a, "", name, out, room);
    if (!is_given || out[0] == '\0')
        vls_spif_fail(r, "'%s' is missing; give one", name);
    return vls_ok(r->status);
}

bool vls_spif_need_number(struct spif_reader *r, struct spif_attributes a, const char *name,
                          uint32_t max, uint32_t *out)
{
    char text[VLS_MAX_NAME];
    uint64_t value = 0;
    if (!vls_spif_need(r, a, name, text, sizeof text))
        return false;
    if (!vls_ok(vls_number_read(text, 0, max, &value))) {
        vls_spif_fail(r, "%s='%.20s' is not a number from 0 to %u, in digits alone", name, text,
                      max);
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

bool vls_spif_get_bool(struct spif_reader *r, struct spif_attributes a, const char *name)
{
    char text[VLS_MAX_NAME];
    if (!vls_spif_get(r, a, "", name, text, sizeof text))
        return false;
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
        return true;
    if (strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        vls_spif_fail(r, "%s='%.20s' is neither true nor false; write one of them", name, text);
    return false;
}

/** A time with its zone: without one it would mean another instant in each place. */
static bool get_time(struct spif_reader *r, struct spif_attributes a, const char *name,
                     uint64_t *out)
{
    char text[VLS_MAX_NAME];
    if (!vls_spif_get(r, a, "", name, text, sizeof text))
        return false;
    const char *clock = strchr(text, 'T');
    if (clock != NULL && strpbrk(clock, "Z+-") == NULL)
        vls_spif_fail(r, "%s='%.40s' has no time zone; end it with Z or +hh:mm", name, text);
    else if (clock == NULL || !vls_ok(vls_time_read(text, out)))
        vls_spif_fail(r, "%s='%.40s' is not a time such as 2026-12-31T00:00:00Z", name, text);
    return vls_ok(r->status);
}

void vls_spif_get_validity(struct spif_reader *r, struct spif_attributes a, uint64_t *not_before,
                           uint64_t *not_after)
{
    bool has_start = get_time(r, a, "notBefore", not_before);
    bool has_end = get_time(r, a, "notAfter", not_after);
    if (has_end && *not_after == 0)
        vls_spif_fail(r, "notAfter lies at the beginning of 1970; give a later one");
    if (has_start && has_end && *not_after < *not_before)
        vls_spif_fail(r, "notAfter lies before notBefore; correct one of them");
}

/** A number, "unbounded", or nothing. @return is a number given? */
static bool get_bound(struct spif_reader *r, struct spif_attributes a, const char *name,
                      uint32_t *out)
{
    char text[VLS_MAX_NAME];
    uint64_t value = 0;
    if (!vls_spif_get(r, a, "", name, text, sizeof text) || strcmp(text, "unbounded") == 0)
        return false;
    if (!vls_ok(vls_number_read(text, 0, VLS_MAX_CATEGORIES, &value)))
        vls_spif_fail(r, "%s='%.20s' is neither a number from 0 to %d nor unbounded", name, text,
                      VLS_MAX_CATEGORIES);
    *out = (uint32_t)value;
    return true;
}

void vls_spif_get_selection(struct spif_reader *r, struct spif_attributes a, uint32_t *min,
                            uint32_t *max)
{
    *min = 0;
    *max = VLS_SELECTION_UNBOUNDED;
    (void)get_bound(r, a, "minSelection", min);
    bool has_maximum = get_bound(r, a, "maxSelection", max);
    if (vls_spif_get_bool(r, a, "singleSelection")) {
        if (has_maximum && *max != 1)
            vls_spif_fail(r, "contradictory: singleSelection and maxSelection='%u'; keep one",
                          *max);
        *max = 1;
    }
    if (*min > *max)
        vls_spif_fail(r, "contradictory: asks for at least %u and at most %u categories", *min,
                      *max);
}

int vls_spif_get_word(struct spif_reader *r, struct spif_attributes a, const char *name,
                      const char *const *words)
{
    char text[VLS_MAX_NAME];
    if (!vls_spif_get(r, a, "", name, text, sizeof text))
        return -1;
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    char list[VLS_MAX_NAME] = "";
    for (size_t i = 0, len = 0; words[i] != NULL && len < sizeof list; i++)
        len +=
            (size_t)snprintf(list + len, sizeof list - len, "%s%s", i != 0 ? ", " : "", words[i]);
    vls_spif_fail(r, "%s='%.40s' is not one of %s", name, text, list);
    return -1;
}

bool vls_spif_handle(const char *name, char *handle)
{
    size_t len = 0;
    bool is_dash_due = false;
    for (const char *p = name; *p != '\0' && len + 2 < VLS_MAX_NAME; p++) {
        char c = *p;
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
    return vls_text_is_name(handle, VLS_MAX_NAME);
}

void *vls_spif_grow(struct spif_reader *r, void *array, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return array; /* room up to the next power of two */
    uint8_t *grown = vls_arena_take(r->scheme->arena, (count != 0 ? 2 * count : 1) * size);
    if (grown == NULL) {
        r->status = vls_ok(r->status) ? vls_fail(VLS_SYSTEM_MEMORY, r->why,
                                                 "no memory for the scheme in %.90s", r->file)
                                      : r->status;
        return NULL;
    }
    vls_copy(grown, array, count * size);
    return grown;
}

char *vls_spif_copy(struct spif_reader *r, const char *text)
{
    char *copy = vls_arena_text(r->scheme->arena, text);
    if (copy == NULL && vls_ok(r->status))
        r->status =
            vls_fail(VLS_SYSTEM_MEMORY, r->why, "no memory for the scheme in %.90s", r->file);
    return copy;
}
