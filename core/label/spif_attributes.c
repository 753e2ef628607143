#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/spif_internal.h"

/* "&amp;" comes from libxml2's SAX2 interface as this reference, undecoded, whenever entities are
 * not substituted. */
#define AMPERSAND "&#38;"

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

static bool has_prefix(struct spif_attributes a, int i)
{
    return a.at[5 * i + 1] != NULL;
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
    if (element == SPIF_EXTENSION || element == SPIF_NOTICE || element == SPIF_UPDATE_INFO)
        return true;
    for (int i = 0; i < a.count; i++) {
        if (has_prefix(a, i) || is_listed(ATTRIBUTES[element], name_of(a, i)))
            continue;
        vls_spif_fail(r, "an attribute '%.40s' that the format does not have", name_of(a, i));
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
            vls_spif_fail(r, "'%s' is longer than %zu bytes", name, room - 1);
        else if (!vls_text_is_clean(VLS_SLICE(out, len), false))
            vls_spif_fail(r, "'%s' holds control characters", name);
        return vls_ok(r->status);
    }
    return false;
}

char *vls_spif_get_text(struct spif_reader *r, struct spif_attributes a, const char *name)
{
    char text[VLS_MAX_PHRASE + 1];
    return vls_spif_get(r, a, "", name, text, sizeof text) ? vls_spif_copy(r, text) : NULL;
}

bool vls_spif_need(struct spif_reader *r, struct spif_attributes a, const char *name, char *out,
                   size_t room)
{
    out[0] = '\0';
    bool is_given = vls_spif_get(r, a, "", name, out, room);
    if (!is_given || out[0] == '\0')
        vls_spif_fail(r, "'%s' is missing", name);
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
        vls_spif_fail(r, "%s='%.20s' is not a number from 0 to %u", name, text, max);
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
        vls_spif_fail(r, "%s='%.20s' is neither true nor false", name, text);
    return false;
}

void vls_spif_get_time(struct spif_reader *r, struct spif_attributes a, const char *name,
                       uint64_t *out)
{
    char text[VLS_MAX_NAME];
    if (vls_spif_get(r, a, "", name, text, sizeof text) && !vls_ok(vls_time_read(text, out)))
        vls_spif_fail(r, "%s='%.40s' is not a time such as 2026-12-31T00:00:00Z", name, text);
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
    vls_spif_fail(r, "%s='%.40s' is not a value of the format", name, text);
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
