/* Writing ADatP-4774: the elements in the order of the schema. */
#include <string.h>

#include "base/text.h"
#include "label/xml4774.h"
#include "label/xml_internal.h"

#define INDENT "  "

/** " NAME="VALUE"", nothing for NULL. */
static VLS_STATUS add_attribute(struct vls_buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return VLS_DONE;
    VLS_TRY(vls_buf_add_format(out, " %s=\"", name));
    VLS_TRY(vls_xml_escape(value, out));
    return vls_buf_add_text(out, "\"");
}

static VLS_STATUS add_indent(struct vls_buf *out, size_t depth)
{
    for (; depth > 0; depth--)
        VLS_TRY(vls_buf_add_text(out, INDENT));
    return VLS_DONE;
}

/** <NAME ATTRIBUTE="...">TEXT</NAME>; nothing for a text that is NULL. */
static VLS_STATUS add_element(struct vls_buf *out, size_t depth, const char *name,
                              const char *attribute, const char *value, const char *text)
{
    if (text == NULL)
        return VLS_DONE;
    VLS_TRY(add_indent(out, depth));
    VLS_TRY(vls_buf_add_format(out, "<%s", name));
    VLS_TRY(add_attribute(out, attribute, value));
    VLS_TRY(vls_buf_add_text(out, ">"));
    VLS_TRY(vls_xml_escape(text, out));
    return vls_buf_add_format(out, "</%s>\n", name);
}

static VLS_STATUS add_tag(struct vls_buf *out, size_t depth, const char *tag)
{
    VLS_TRY(add_indent(out, depth));
    return vls_buf_add_format(out, "<%s>\n", tag);
}

static VLS_STATUS add_time(struct vls_buf *out, size_t depth, const char *name, uint64_t ms)
{
    char text[VLS_TIME_TEXT];
    vls_time_text(ms, text);
    return add_element(out, depth, name, NULL, NULL, text);
}

static VLS_STATUS add_category(struct vls_buf *out, size_t depth,
                               const struct vls_xml4774_category *category)
{
    static const char *const VALUES[] = {
        [VLS_XML4774_GENERIC] = "GenericValue",
        [VLS_XML4774_INTEGER] = "IntegerValue",
        [VLS_XML4774_BITS] = "BitStringValue",
    };
    VLS_TRY(add_indent(out, depth));
    VLS_TRY(vls_buf_add_text(out, "<Category"));
    VLS_TRY(add_attribute(out, "TagName", category->tag_name));
    VLS_TRY(add_attribute(out, "Type", vls_xml4774_type_name(category->type)));
    VLS_TRY(add_attribute(out, "URI", category->uri));
    if (category->count == 0)
        return vls_buf_add_text(out, "/>\n");
    VLS_TRY(vls_buf_add_text(out, ">\n"));
    for (size_t i = 0; i < category->count; i++)
        VLS_TRY(add_element(out, depth + 1, VALUES[category->values[i].form], NULL, NULL,
                            category->values[i].text));
    return add_tag(out, depth, "/Category");
}

static VLS_STATUS add_step(struct vls_buf *out, size_t depth, const struct vls_xml4774_step *step)
{
    VLS_TRY(add_tag(out, depth, "ConfidentialityInformation"));
    VLS_TRY(add_element(out, depth + 1, "PolicyIdentifier", "URI", step->policy_uri, step->policy));
    VLS_TRY(add_element(out, depth + 1, "Classification", "URI", step->classification_uri,
                        step->classification));
    VLS_TRY(add_element(out, depth + 1, "PrivacyMark", NULL, NULL, step->privacy_mark));
    for (size_t i = 0; i < step->count; i++)
        VLS_TRY(add_category(out, depth + 1, &step->categories[i]));
    VLS_TRY(add_tag(out, depth, "/ConfidentialityInformation"));
    VLS_TRY(
        add_element(out, depth, "OriginatorID", "IDType", step->originator_type, step->originator));
    return add_time(out, depth, "CreationDateTime", step->created_ms);
}

/** Each successor stands within the label that it succeeds. */
static VLS_STATUS add_steps(struct vls_buf *out, const struct vls_xml4774 *label)
{
    VLS_TRY(add_step(out, 1, &label->steps[0]));
    size_t depth = 1;
    for (size_t i = 1; i < label->step_count; i++, depth += 2) {
        VLS_TRY(add_tag(out, depth, "SuccessionHandling"));
        VLS_TRY(add_time(out, depth + 1, "SuccessionDateTime", label->steps[i].from_ms));
        VLS_TRY(add_tag(out, depth + 1, "SuccessorConfidentialityLabel"));
        VLS_TRY(add_step(out, depth + 2, &label->steps[i]));
    }
    while (depth > 1) {
        depth -= 2;
        VLS_TRY(add_tag(out, depth + 1, "/SuccessorConfidentialityLabel"));
        VLS_TRY(add_tag(out, depth, "/SuccessionHandling"));
    }
    return VLS_DONE;
}

static VLS_STATUS write_root(const struct vls_xml4774 *label, struct vls_buf *out)
{
    char review[VLS_TIME_TEXT];
    const char *root = vls_xml4774_root_name(label->root);
    VLS_TRY(vls_buf_add_format(out, "<%s xmlns=\"%s\"", root, VLS_XML4774_NAMESPACE));
    VLS_TRY(add_attribute(out, "Id", label->id));
    if (label->review_ms != 0) {
        vls_time_text(label->review_ms, review);
        VLS_TRY(add_attribute(out, "ReviewDateTime", review));
    }
    VLS_TRY(vls_buf_add_text(out, ">\n"));
    VLS_TRY(add_steps(out, label));
    return vls_buf_add_format(out, "</%s>\n", root);
}

/** What the reader would refuse is not written: it is held against the reader itself. */
static VLS_STATUS check_written(struct vls_slice element, struct vls_why *why)
{
    struct vls_xml4774 *again = NULL;
    struct vls_status s = vls_xml4774_read(element, "the label to be written", &again, why);
    vls_xml4774_free(&again);
    return s;
}

struct vls_status vls_xml4774_write_element(const struct vls_xml4774 *label, struct vls_buf *out,
                                            struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf element;
    vls_buf_init(&element, VLS_MAX_XML_LABEL);
    struct vls_status s = write_root(label, &element);
    if (s.code == VLS_INPUT_MALFORMED)
        return vls_fail(VLS_LABEL_XML, why, "a value of the label is not one line of UTF-8");
    if (!vls_ok(s))
        return vls_fail(s.code, why, "the label is too large for XML of %d bytes",
                        VLS_MAX_XML_LABEL);
    VLS_TRY(check_written(vls_buf_slice(&element), why));
    return vls_buf_add_slice(out, vls_buf_slice(&element));
}

struct vls_status vls_xml4774_write(const struct vls_xml4774 *label, struct vls_buf *out,
                                    struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    return vls_xml4774_write_element(label, out, why);
}
