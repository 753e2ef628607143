/* Writing ADatP-4774: the elements in the order of the schema. */
#include <string.h>

#include "base/text.h"
#include "label/xml4774.h"
#include "label/xml_internal.h"

#define INDENT "  "
#define FLAT   SIZE_MAX /* the depth of all that stands within another file: no indents */
#define PLAIN  256      /* bytes of a text whose tag is short, whatever is escaped in it */

/** " NAME="VALUE"", nothing for NULL. */
static VLS_STATUS add_attribute(struct vls_buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return VLS_DONE;
    VLS_TRY(vls_buf_add_text(out, " "));
    VLS_TRY(vls_buf_add_text(out, name));
    VLS_TRY(vls_buf_add_text(out, "=\""));
    VLS_TRY(vls_xml_escape(value, out));
    return vls_buf_add_text(out, "\"");
}

static VLS_STATUS add_indent(struct vls_buf *out, size_t depth)
{
    for (; depth > 0 && depth != FLAT; depth--)
        VLS_TRY(vls_buf_add_text(out, INDENT));
    return VLS_DONE;
}

static size_t below(size_t depth)
{
    return depth == FLAT ? FLAT : depth + 1;
}

/** <NAME ATTRIBUTE="...">TEXT</NAME>; nothing for a text that is NULL. */
static VLS_STATUS add_element(struct vls_buf *out, size_t depth, const char *name,
                              const char *attribute, const char *value, const char *text)
{
    if (text == NULL)
        return VLS_DONE;
    VLS_TRY(add_indent(out, depth));
    VLS_TRY(vls_buf_add_text(out, "<"));
    VLS_TRY(vls_buf_add_text(out, name));
    VLS_TRY(add_attribute(out, attribute, value));
    VLS_TRY(vls_buf_add_text(out, ">"));
    VLS_TRY(vls_xml_escape(text, out));
    VLS_TRY(vls_buf_add_text(out, "</"));
    VLS_TRY(vls_buf_add_text(out, name));
    return vls_buf_add_text(out, ">\n");
}

static VLS_STATUS add_tag(struct vls_buf *out, size_t depth, const char *tag)
{
    VLS_TRY(add_indent(out, depth));
    VLS_TRY(vls_buf_add_text(out, "<"));
    VLS_TRY(vls_buf_add_text(out, tag));
    return vls_buf_add_text(out, ">\n");
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
        VLS_TRY(add_element(out, below(depth), VALUES[category->values[i].form], NULL, NULL,
                            category->values[i].text));
    return add_tag(out, depth, "/Category");
}

static VLS_STATUS add_step(struct vls_buf *out, size_t depth, const struct vls_xml4774_step *step)
{
    VLS_TRY(add_tag(out, depth, "ConfidentialityInformation"));
    VLS_TRY(
        add_element(out, below(depth), "PolicyIdentifier", "URI", step->policy_uri, step->policy));
    VLS_TRY(add_element(out, below(depth), "Classification", "URI", step->classification_uri,
                        step->classification));
    VLS_TRY(add_element(out, below(depth), "PrivacyMark", NULL, NULL, step->privacy_mark));
    for (size_t i = 0; i < step->count; i++)
        VLS_TRY(add_category(out, below(depth), &step->categories[i]));
    VLS_TRY(add_tag(out, depth, "/ConfidentialityInformation"));
    VLS_TRY(
        add_element(out, depth, "OriginatorID", "IDType", step->originator_type, step->originator));
    return add_time(out, depth, "CreationDateTime", step->created_ms);
}

/** Each successor stands within the label that it succeeds. */
static VLS_STATUS add_steps(struct vls_buf *out, size_t top, const struct vls_xml4774 *label)
{
    size_t depths[1 + VLS_MAX_XML_SUCCESSORS] = {top};
    VLS_TRY(add_step(out, top, &label->steps[0]));
    for (size_t i = 1; i < label->step_count; i++) {
        size_t depth = depths[i - 1];
        depths[i] = below(below(depth));
        VLS_TRY(add_tag(out, depth, "SuccessionHandling"));
        VLS_TRY(add_time(out, below(depth), "SuccessionDateTime", label->steps[i].from_ms));
        VLS_TRY(add_tag(out, below(depth), "SuccessorConfidentialityLabel"));
        VLS_TRY(add_step(out, depths[i], &label->steps[i]));
    }
    for (size_t i = label->step_count - 1; i > 0; i--) {
        VLS_TRY(add_tag(out, below(depths[i - 1]), "/SuccessorConfidentialityLabel"));
        VLS_TRY(add_tag(out, depths[i - 1], "/SuccessionHandling"));
    }
    return VLS_DONE;
}

static VLS_STATUS write_root(const struct vls_xml4774 *label, size_t depth, struct vls_buf *out)
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
    VLS_TRY(add_steps(out, depth, label));
    return vls_buf_add_format(out, "</%s>\n", root);
}

/* -- only what can be read --------------------------------------------------------------------- */

/** The escape refuses what is not a line of UTF-8; U+FFFE and U+FFFF, which XML has no place for,
 * begin with these two bytes. */
static bool is_plain(const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    return len != 0 && len < PLAIN && text[0] != ' ' && text[len - 1] != ' ' &&
           strstr(text, "\xef\xbf") == NULL;
}

static bool is_plain_uri(const char *uri)
{
    return uri == NULL || (is_plain(uri) && strchr(uri, ' ') == NULL);
}

static bool has_plain_values(const struct vls_xml4774_category *category)
{
    if (category->count > VLS_MAX_XML_VALUES)
        return false;
    for (size_t i = 0; i < category->count; i++) {
        if (category->values[i].form != VLS_XML4774_GENERIC || !is_plain(category->values[i].text))
            return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(category->values[i].text, category->values[k].text) == 0)
                return false;
    }
    return true;
}

static bool has_plain_categories(const struct vls_xml4774_step *step)
{
    if (step->count > VLS_MAX_XML_CATEGORIES)
        return false;
    for (size_t i = 0; i < step->count; i++) {
        const struct vls_xml4774_category *c = &step->categories[i];
        if (!is_plain(c->tag_name) || !is_plain_uri(c->uri) || !has_plain_values(c))
            return false;
        for (size_t k = 0; k < i; k++) /* a finer look than at the names is the reader's */
            if (strcmp(c->tag_name, step->categories[k].tag_name) == 0)
                return false;
    }
    return true;
}

/** The originator that a gateway puts in, or none: the other types are the reader's to know. */
static bool has_plain_originator(const struct vls_xml4774_step *step)
{
    if (step->originator_type == NULL)
        return step->originator == NULL;
    return strcmp(step->originator_type, "uniformResourceIdentifier") == 0 &&
           is_plain(step->originator);
}

/** Nothing in it that the reader could refuse? True only where that is seen without reading it:
 * nearly every label of a message, whose sender would otherwise pay for an XML parser. */
static bool is_readable_at_sight(const struct vls_xml4774 *label)
{
    const struct vls_xml4774_step *step = &label->steps[0];
    return label->step_count == 1 && label->id == NULL && label->review_ms == 0 &&
           is_plain(step->policy) && is_plain_uri(step->policy_uri) &&
           is_plain(step->classification) && is_plain_uri(step->classification_uri) &&
           (step->privacy_mark == NULL || is_plain(step->privacy_mark)) &&
           has_plain_categories(step) && has_plain_originator(step);
}

/** What the reader would refuse is not written: it is held against the reader itself. */
static VLS_STATUS check_written(struct vls_slice element, struct vls_why *why)
{
    struct vls_xml4774 *again = NULL;
    struct vls_status s = vls_xml4774_read(element, "the label to be written", &again, why);
    vls_xml4774_free(&again);
    return s;
}

static VLS_STATUS write_checked(const struct vls_xml4774 *label, size_t depth, struct vls_buf *out,
                                struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf element;
    vls_buf_init(&element, VLS_MAX_XML_LABEL);
    struct vls_status s = write_root(label, depth, &element);
    if (s.code == VLS_INPUT_MALFORMED)
        return vls_fail(VLS_LABEL_XML, why, "a value of the label is not one line of UTF-8");
    if (!vls_ok(s))
        return vls_fail(s.code, why, "the label is too large for XML of %d bytes",
                        VLS_MAX_XML_LABEL);
    if (!is_readable_at_sight(label))
        VLS_TRY(check_written(vls_buf_slice(&element), why));
    return vls_buf_add_slice(out, vls_buf_slice(&element));
}

struct vls_status vls_xml4774_write_element(const struct vls_xml4774 *label, struct vls_buf *out,
                                            struct vls_why *why)
{
    return write_checked(label, FLAT, out, why);
}

struct vls_status vls_xml4774_write(const struct vls_xml4774 *label, struct vls_buf *out,
                                    struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    return write_checked(label, 1, out, why);
}
