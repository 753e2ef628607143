/* A label in XML as a plain struct: made, filled, released; and the words of the format. */
#include "label/xml4774.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

const char *vls_xml4774_root_name(enum vls_xml4774_root root)
{
    switch (root) {
    case VLS_XML4774_ORIGINATOR:
        return "originatorConfidentialityLabel";
    case VLS_XML4774_ALTERNATIVE:
        return "alternativeConfidentialityLabel";
    case VLS_XML4774_METADATA:
        return "metadataConfidentialityLabel";
    }
    return "";
}

const char *vls_xml4774_type_name(enum vls_xml4774_type type)
{
    switch (type) {
    case VLS_XML4774_RESTRICTIVE:
        return "RESTRICTIVE";
    case VLS_XML4774_PERMISSIVE:
        return "PERMISSIVE";
    case VLS_XML4774_INFORMATIVE:
        return "INFORMATIVE";
    }
    return "";
}

struct vls_xml4774 *vls_xml4774_new(void)
{
    struct vls_xml4774 *label = vls_mem_new(sizeof *label);
    label->arena = vls_arena_new(VLS_MAX_XML_MEMORY);
    label->step_count = 1;
    return label;
}

void vls_xml4774_free(struct vls_xml4774 **label)
{
    if (*label == NULL)
        return;
    vls_arena_free(&(*label)->arena);
    vls_mem_free(*label);
    *label = NULL;
}

struct vls_status vls_xml4774_text(struct vls_xml4774 *label, const char *text, const char **out)
{
    const char *copy = NULL;
    if (text != NULL && (copy = vls_arena_text(label->arena, text)) == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, NULL, "no memory for a label");
    *out = copy;
    return VLS_DONE;
}

/** Room for one more in a list that is full at every power of two. An arena releases nothing before
 * its end: what a list has outgrown stays, and the maximum of the arena bounds it all. */
static VLS_STATUS grow(struct vls_xml4774 *label, void **list, size_t count, size_t each)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return VLS_DONE;
    void *larger = vls_arena_take(label->arena, (count == 0 ? 1 : 2 * count) * each);
    if (larger == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, NULL, "no memory for a label");
    vls_copy(larger, *list, count * each);
    *list = larger;
    return VLS_DONE;
}

struct vls_status vls_xml4774_add_category(struct vls_xml4774 *label, struct vls_xml4774_step *step,
                                           enum vls_xml4774_type type, const char *tag_name,
                                           struct vls_xml4774_category **out)
{
    if (step->count == VLS_MAX_XML_CATEGORIES)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many categories");
    void *list = step->categories;
    const char *name = NULL;
    VLS_TRY(vls_xml4774_text(label, tag_name, &name));
    VLS_TRY(grow(label, &list, step->count, sizeof *step->categories));
    step->categories = list;
    *out = &step->categories[step->count++];
    **out = (struct vls_xml4774_category){.type = type, .tag_name = name};
    return VLS_DONE;
}

struct vls_status vls_xml4774_add_value(struct vls_xml4774 *label,
                                        struct vls_xml4774_category *category,
                                        enum vls_xml4774_form form, const char *text)
{
    if (category->count == VLS_MAX_XML_VALUES)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many values");
    void *list = category->values;
    const char *copy = NULL;
    VLS_TRY(vls_xml4774_text(label, text, &copy));
    VLS_TRY(grow(label, &list, category->count, sizeof *category->values));
    category->values = list;
    category->values[category->count++] = (struct vls_xml4774_value){form, copy};
    return VLS_DONE;
}
