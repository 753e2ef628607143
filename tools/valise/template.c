#include "template.h"

#include <string.h>

static const char *value_of(const struct template_value *values, size_t count, const char *name,
                            size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0)
            return values[i].value;
    return NULL;
}

static VLS_STATUS add_escaped(struct vls_buf *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            VLS_TRY(vls_buf_add_text(out, "\\"));
        VLS_TRY(vls_buf_add(out, value, 1));
    }
    return VLS_DONE;
}

static VLS_STATUS fill_line(const char *line, const struct template_value *values, size_t count,
                            struct vls_buf *out, struct vls_why *why)
{
    for (const char *place; (place = strchr(line, '@')) != NULL;) {
        size_t len = strspn(place + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        if (len == 0 || place[1 + len] != '@') {
            VLS_TRY(vls_buf_add(out, line, (size_t)(place - line) + 1));
            line = place + 1;
            continue;
        }
        const char *value = value_of(values, count, place + 1, len);
        if (value == NULL)
            return vls_fail(VLS_SYSTEM_BUG, why, "the template asks for %.*s", (int)len, place + 1);
        VLS_TRY(vls_buf_add(out, line, (size_t)(place - line)));
        VLS_TRY(add_escaped(out, value));
        line = place + len + 2;
    }
    VLS_TRY(vls_buf_add_text(out, line));
    return vls_buf_add_text(out, "\n");
}

struct vls_status vls_template_fill(const char *const *lines, const struct template_value *values,
                                    size_t count, struct vls_buf *out, struct vls_why *why)
{
    for (; *lines != NULL; lines++)
        VLS_TRY(fill_line(*lines, values, count, out, why));
    return VLS_DONE;
}
