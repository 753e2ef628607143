#include "label/label.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "label/scheme_internal.h"

/** "a, b, c": the levels that may be used, for a message; cut when they do not fit. */
static void list_levels(const struct vls_scheme *scheme, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < scheme->count && used < room; i++) {
        const struct vls_classification *c = &scheme->classes[i];
        if (c->is_obsolete || c->needs_category)
            continue;
        int n = snprintf(out + used, room - used, "%s%s", used != 0 ? ", " : "", c->handle);
        used += n > 0 ? (size_t)n : 0;
    }
}

/** May a new label have this value? */
static struct vls_status check_usable(const struct vls_scheme *scheme,
                                      const struct vls_classification *c, struct vls_why *why)
{
    if (c->is_obsolete)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "%.60s/%.60s is obsolete: it may be read but not used anew", scheme->name,
                        c->handle);
    if (c->needs_category)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "%.60s/%.60s is valid only with a category, and labels here carry none",
                        scheme->name, c->handle);
    return VLS_DONE;
}

struct vls_status vls_label_read(const char *text, const struct vls_scheme_set *schemes,
                                 struct vls_label *out, struct vls_why *why)
{
    if (text == NULL || *text == '\0')
        return vls_fail(VLS_LABEL_MISSING, why, "no label; write SCHEME/CLASSIFICATION");
    const char *slash = strchr(text, '/');
    char name[VLS_MAX_NAME + 1];
    if (slash == NULL || (size_t)(slash - text) > VLS_MAX_NAME ||
        strlen(slash + 1) > VLS_MAX_NAME || !vls_text_is_clean(vls_slice_text(text), false))
        return vls_fail(VLS_LABEL_VALUE, why, "'%.80s' is not a label; write SCHEME/CLASSIFICATION",
                        text);
    vls_text_copy(name, (size_t)(slash - text) + 1, text);
    const struct vls_scheme *scheme = vls_scheme_set_by_name(schemes, name);
    if (scheme == NULL)
        return vls_fail(VLS_LABEL_SCHEME, why, "label '%.80s': no scheme '%.60s' is loaded", text,
                        name);
    const struct vls_classification *c = vls_scheme_by_handle(scheme, slash + 1);
    if (c == NULL) {
        char levels[120];
        list_levels(scheme, levels, sizeof levels);
        return vls_fail(VLS_LABEL_VALUE, why, "scheme %.40s has no '%.40s'; it has %s", name,
                        slash + 1, levels);
    }
    VLS_TRY(check_usable(scheme, c, why));
    *out = (struct vls_label){scheme, c};
    return VLS_DONE;
}

struct vls_status vls_label_text(const struct vls_label *label, struct vls_buf *out)
{
    return vls_buf_add_format(out, "%s/%s", label->scheme->name, label->classification->handle);
}

struct vls_status vls_label_marking(const struct vls_label *label, struct vls_buf *out)
{
    const struct vls_scheme *s = label->scheme;
    const char *phrase = s->phrase != NULL ? s->phrase : s->title;
    return vls_buf_add_format(out, "%s%s%s%s%s", s->prefix != NULL ? s->prefix : "", phrase,
                              *phrase != '\0' ? " " : "", label->classification->marking,
                              s->suffix != NULL ? s->suffix : "");
}

enum vls_label_order vls_label_compare(const struct vls_label *a, const struct vls_label *b)
{
    if (a->scheme == NULL || a->scheme != b->scheme)
        return VLS_LABEL_INCOMPARABLE;
    uint32_t of_a = a->classification->hierarchy;
    uint32_t of_b = b->classification->hierarchy;
    if (of_a == of_b)
        return VLS_LABEL_EQUAL;
    return of_a > of_b ? VLS_LABEL_ABOVE : VLS_LABEL_BELOW;
}
