/* The strict reader of ADatP-4774: element by element in the order of the schema, and nothing else.
 */
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "label/xml4774.h"
#include "label/xml4774_internal.h"
#include "label/xml_internal.h"

#define NS VLS_XML4774_NAMESPACE

/* What a value counts besides its text. Less than its tags take, so that a file within its limit is
 * within this one too: it holds for a label that stands within a larger file. */
#define VALUE_BYTES 24

struct reader {
    const struct vls_xml *xml;
    struct vls_xml4774 *label;
    struct vls_buf text; /* of what is being read */
    size_t kept_bytes;
};

/** What stands in r->text, as a text of the label. */
static VLS_STATUS keep(struct reader *r, const xmlNode *node, const char **out)
{
    if (!vls_text_is_clean(vls_buf_slice(&r->text), false))
        return vls_xml_fail(r->xml, node, "a value holds line breaks or control characters");
    r->kept_bytes += r->text.len;
    if (r->kept_bytes > VLS_MAX_XML_LABEL)
        return vls_fail(VLS_INPUT_LIMIT, r->xml->why, "%.90s: a label of more than %d bytes",
                        r->xml->file, VLS_MAX_XML_LABEL);
    const char *text = vls_buf_text(&r->text);
    if (text == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, r->xml->why, "no memory for a value");
    return vls_xml4774_text(r->label, text, out);
}

/** The text of an element; `is_collapsed` with the white space of xs:token and not empty. */
static VLS_STATUS take_content(struct reader *r, xmlNodePtr node, bool is_collapsed,
                               const char **out)
{
    vls_buf_clear(&r->text);
    VLS_TRY(vls_xml_content(r->xml, node, &r->text));
    if (is_collapsed) {
        vls_xml_collapse(&r->text);
        if (r->text.len == 0)
            return vls_xml_fail(r->xml, node, "is empty");
    }
    return keep(r, node, out);
}

/** Those attributes whose type of the schema collapses white space; the others are strings. */
static bool is_token(const char *attribute)
{
    return strcmp(attribute, "Id") == 0 || strcmp(attribute, "Type") == 0 ||
           strcmp(attribute, "URI") == 0;
}

/** The value of an attribute; NULL when there is none. An empty one is refused. */
static VLS_STATUS take_attribute(struct reader *r, xmlNodePtr node, const char *name,
                                 const char **out)
{
    bool is_there = false;
    vls_buf_clear(&r->text);
    VLS_TRY(vls_xml_attribute(r->xml, node, name, &r->text, &is_there));
    if (!is_there)
        return VLS_DONE;
    if (is_token(name))
        vls_xml_collapse(&r->text);
    if (r->text.len == 0)
        return vls_xml_fail(r->xml, node, "its attribute %s is empty", name);
    return keep(r, node, out);
}

static VLS_STATUS need_attribute(struct reader *r, xmlNodePtr node, const char *name,
                                 const char **out)
{
    *out = NULL;
    VLS_TRY(take_attribute(r, node, name, out));
    if (*out == NULL)
        return vls_xml_fail(r->xml, node, "has no attribute %s", name);
    return VLS_DONE;
}

static VLS_STATUS take_uri(struct reader *r, xmlNodePtr node, const char **out)
{
    VLS_TRY(take_attribute(r, node, "URI", out));
    if (*out != NULL && strchr(*out, ' ') != NULL)
        return vls_xml_fail(r->xml, node, "its URI holds blanks");
    return VLS_DONE;
}

static VLS_STATUS take_time(struct reader *r, xmlNodePtr node, uint64_t *out_ms)
{
    static const char *const NONE[] = {NULL};
    VLS_TRY(vls_xml_attributes(r->xml, node, NONE, false));
    vls_buf_clear(&r->text);
    VLS_TRY(vls_xml_content(r->xml, node, &r->text));
    return vls_xml_time(r->xml, node, &r->text, out_ms);
}

/* -- categories -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum vls_xml4774_form form;
    const char *digits; /* NULL: any text */
} VALUES[] = {
    {"GenericValue", VLS_XML4774_GENERIC, NULL},
    {"IntegerValue", VLS_XML4774_INTEGER, "0123456789"},
    {"BitStringValue", VLS_XML4774_BITS, "01"},
};
#define VALUE_COUNT (sizeof VALUES / sizeof VALUES[0])

static VLS_STATUS add_value(struct reader *r, xmlNodePtr node, size_t kind,
                            struct vls_xml4774_category *category)
{
    static const char *const NONE[] = {NULL};
    const char *text = NULL;
    r->kept_bytes += VALUE_BYTES;
    VLS_TRY(vls_xml_attributes(r->xml, node, NONE, false));
    VLS_TRY(take_content(r, node, false, &text));
    if (*text == '\0')
        return vls_xml_fail(r->xml, node, "is empty");
    if (VALUES[kind].digits != NULL && text[strspn(text, VALUES[kind].digits)] != '\0')
        return vls_xml_fail(r->xml, node, "'%.40s' holds other than the digits %s", text,
                            VALUES[kind].digits);
    for (size_t i = 0; i < category->count; i++)
        if (category->values[i].form == VALUES[kind].form &&
            strcmp(category->values[i].text, text) == 0)
            return vls_xml_fail(r->xml, node, "'%.40s' stands here twice", text);
    if (category->count == VLS_MAX_XML_VALUES)
        return vls_xml_fail(r->xml, node, "more than %d values", VLS_MAX_XML_VALUES);
    return vls_xml4774_add_value(r->label, category, VALUES[kind].form, text);
}

static VLS_STATUS take_values(struct reader *r, xmlNodePtr node,
                              struct vls_xml4774_category *category)
{
    struct vls_xml_walk walk;
    VLS_TRY(vls_xml_first(r->xml, node, &walk));
    while (walk.at != NULL) {
        xmlNodePtr value = NULL;
        size_t kind = 0;
        for (; kind < VALUE_COUNT && value == NULL; kind++)
            VLS_TRY(vls_xml_take(r->xml, &walk, VALUES[kind].name, NS, &value));
        if (value == NULL)
            break;
        VLS_TRY(add_value(r, value, kind - 1, category));
    }
    return vls_xml_end(r->xml, &walk);
}

static VLS_STATUS read_type(struct reader *r, xmlNodePtr node, enum vls_xml4774_type *out)
{
    const char *name = NULL;
    VLS_TRY(need_attribute(r, node, "Type", &name));
    for (int t = VLS_XML4774_RESTRICTIVE; t <= VLS_XML4774_INFORMATIVE; t++)
        if (strcmp(vls_xml4774_type_name((enum vls_xml4774_type)t), name) == 0) {
            *out = (enum vls_xml4774_type)t;
            return VLS_DONE;
        }
    return vls_xml_fail(r->xml, node,
                        "its Type '%.40s' is none of RESTRICTIVE, PERMISSIVE, INFORMATIVE", name);
}

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static VLS_STATUS take_category(struct reader *r, xmlNodePtr node, struct vls_xml4774_step *step)
{
    static const char *const NAMES[] = {"Type", "TagName", "URI", NULL};
    enum vls_xml4774_type type = VLS_XML4774_RESTRICTIVE;
    const char *tag_name = NULL, *uri = NULL;
    VLS_TRY(vls_xml_attributes(r->xml, node, NAMES, false));
    VLS_TRY(read_type(r, node, &type));
    VLS_TRY(need_attribute(r, node, "TagName", &tag_name));
    VLS_TRY(take_uri(r, node, &uri));
    for (size_t i = 0; i < step->count; i++) {
        const struct vls_xml4774_category *other = &step->categories[i];
        if (other->type == type && strcmp(other->tag_name, tag_name) == 0 &&
            is_same(other->uri, uri))
            return vls_xml_fail(r->xml, node, "the category '%.40s' stands here twice", tag_name);
    }
    if (step->count == VLS_MAX_XML_CATEGORIES)
        return vls_xml_fail(r->xml, node, "more than %d categories", VLS_MAX_XML_CATEGORIES);
    struct vls_xml4774_category *category = NULL;
    VLS_TRY(vls_xml4774_add_category(r->label, step, type, tag_name, &category));
    category->uri = uri;
    return take_values(r, node, category);
}

/* -- a label ----------------------------------------------------------------------------------- */

static VLS_STATUS take_information(struct reader *r, xmlNodePtr information,
                                   struct vls_xml4774_step *step)
{
    static const char *const NONE[] = {NULL};
    static const char *const URI[] = {"URI", NULL};
    struct vls_xml_walk walk;
    xmlNodePtr node = NULL;
    VLS_TRY(vls_xml_attributes(r->xml, information, NONE, false));
    VLS_TRY(vls_xml_first(r->xml, information, &walk));
    VLS_TRY(vls_xml_need(r->xml, &walk, "PolicyIdentifier", NS, &node));
    VLS_TRY(vls_xml_attributes(r->xml, node, URI, false));
    VLS_TRY(take_uri(r, node, &step->policy_uri));
    VLS_TRY(take_content(r, node, true, &step->policy));
    VLS_TRY(vls_xml_need(r->xml, &walk, "Classification", NS, &node));
    VLS_TRY(vls_xml_attributes(r->xml, node, URI, false));
    VLS_TRY(take_uri(r, node, &step->classification_uri));
    VLS_TRY(take_content(r, node, true, &step->classification));
    VLS_TRY(vls_xml_take(r->xml, &walk, "PrivacyMark", NS, &node));
    if (node != NULL) {
        VLS_TRY(vls_xml_attributes(r->xml, node, NONE, false));
        VLS_TRY(take_content(r, node, false, &step->privacy_mark));
    }
    VLS_TRY(vls_xml_take(r->xml, &walk, "Category", NS, &node));
    while (node != NULL) {
        VLS_TRY(take_category(r, node, step));
        VLS_TRY(vls_xml_take(r->xml, &walk, "Category", NS, &node));
    }
    return vls_xml_end(r->xml, &walk);
}

static VLS_STATUS take_originator(struct reader *r, xmlNodePtr node, struct vls_xml4774_step *step)
{
    static const char *const NAMES[] = {"IDType", NULL};
    static const char *const TYPES[] = {
        "rfc822Name", "dNSName",     "directoryName",     "uniformResourceIdentifier",
        "iPAddress",  "x400Address", "userPrincipalName", "jID"};
    VLS_TRY(vls_xml_attributes(r->xml, node, NAMES, false));
    VLS_TRY(need_attribute(r, node, "IDType", &step->originator_type));
    bool is_known = false;
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        is_known = is_known || strcmp(TYPES[i], step->originator_type) == 0;
    if (!is_known)
        return vls_xml_fail(r->xml, node, "its IDType '%.40s' is not one of the format",
                            step->originator_type);
    VLS_TRY(take_content(r, node, false, &step->originator));
    if (*step->originator == '\0')
        return vls_xml_fail(r->xml, node, "is empty");
    return VLS_DONE;
}

/** What a label and a successor have in common. *out_next is the SuccessionHandling, or NULL. */
static VLS_STATUS take_step(struct reader *r, xmlNodePtr parent, struct vls_xml4774_step *step,
                            xmlNodePtr *out_next)
{
    struct vls_xml_walk walk;
    xmlNodePtr node = NULL;
    VLS_TRY(vls_xml_first(r->xml, parent, &walk));
    VLS_TRY(vls_xml_need(r->xml, &walk, "ConfidentialityInformation", NS, &node));
    VLS_TRY(take_information(r, node, step));
    VLS_TRY(vls_xml_take(r->xml, &walk, "OriginatorID", NS, &node));
    if (node != NULL)
        VLS_TRY(take_originator(r, node, step));
    VLS_TRY(vls_xml_need(r->xml, &walk, "CreationDateTime", NS, &node));
    VLS_TRY(take_time(r, node, &step->created_ms));
    VLS_TRY(vls_xml_take(r->xml, &walk, "SuccessionHandling", NS, out_next));
    return vls_xml_end(r->xml, &walk);
}

/** The next label of the chain: when it is proposed, and *out_label, the element that holds it. */
static VLS_STATUS take_succession(struct reader *r, xmlNodePtr handling, xmlNodePtr *out_label)
{
    static const char *const NONE[] = {NULL};
    struct vls_xml4774 *label = r->label;
    struct vls_xml_walk walk;
    xmlNodePtr node = NULL;
    if (label->step_count == sizeof label->steps / sizeof label->steps[0])
        return vls_xml_fail(r->xml, handling, "more than %d labels succeed each other",
                            VLS_MAX_XML_SUCCESSORS);
    const struct vls_xml4774_step *before = &label->steps[label->step_count - 1];
    struct vls_xml4774_step *step = &label->steps[label->step_count++];
    VLS_TRY(vls_xml_attributes(r->xml, handling, NONE, false));
    VLS_TRY(vls_xml_first(r->xml, handling, &walk));
    VLS_TRY(vls_xml_need(r->xml, &walk, "SuccessionDateTime", NS, &node));
    VLS_TRY(take_time(r, node, &step->from_ms));
    if (step->from_ms < before->created_ms)
        return vls_xml_fail(r->xml, node, "lies before the label's creation");
    if (step->from_ms < before->from_ms)
        return vls_xml_fail(r->xml, node, "lies before the succession that it follows");
    VLS_TRY(vls_xml_need(r->xml, &walk, "SuccessorConfidentialityLabel", NS, out_label));
    VLS_TRY(vls_xml_attributes(r->xml, *out_label, NONE, false));
    return vls_xml_end(r->xml, &walk);
}

static VLS_STATUS take_root(struct reader *r, xmlNodePtr root)
{
    static const char *const NAMES[] = {"Id", "ReviewDateTime", NULL};
    bool is_there = false;
    for (int i = VLS_XML4774_ORIGINATOR; !is_there && i <= VLS_XML4774_METADATA; i++) {
        r->label->root = (enum vls_xml4774_root)i;
        is_there = vls_xml_is(root, vls_xml4774_root_name(r->label->root), NS);
    }
    if (!is_there)
        return vls_xml_fail(r->xml, root,
                            "of namespace '%.60s' is not a label's root, such as <%s>",
                            root->ns != NULL ? (const char *)root->ns->href : "",
                            vls_xml4774_root_name(VLS_XML4774_ORIGINATOR));
    VLS_TRY(vls_xml_attributes(r->xml, root, NAMES, true));
    VLS_TRY(take_attribute(r, root, "Id", &r->label->id));
    if (r->label->id != NULL && xmlValidateNCName((const xmlChar *)r->label->id, 0) != 0)
        return vls_xml_fail(r->xml, root, "its Id '%.40s' is not an XML name", r->label->id);
    vls_buf_clear(&r->text);
    VLS_TRY(vls_xml_attribute(r->xml, root, "ReviewDateTime", &r->text, &is_there));
    return is_there ? vls_xml_time(r->xml, root, &r->text, &r->label->review_ms) : VLS_DONE;
}

static VLS_STATUS take_label(struct reader *r, xmlNodePtr root)
{
    xmlNodePtr at = root, next = NULL;
    VLS_TRY(take_root(r, root));
    VLS_TRY(take_step(r, at, &r->label->steps[0], &next));
    while (next != NULL) {
        VLS_TRY(take_succession(r, next, &at));
        VLS_TRY(take_step(r, at, &r->label->steps[r->label->step_count - 1], &next));
    }
    if (r->label->review_ms != 0 && r->label->review_ms < r->label->steps[0].created_ms)
        return vls_xml_fail(r->xml, root, "its ReviewDateTime lies before its creation");
    return VLS_DONE;
}

struct vls_status vls_xml4774_read_node(const struct vls_xml *x, xmlNodePtr root,
                                        struct vls_xml4774 **out)
{
    struct reader r = {.xml = x, .label = vls_xml4774_new()};
    vls_buf_init(&r.text, VLS_MAX_XML_TEXT);
    struct vls_status s = take_label(&r, root);
    vls_buf_fini(&r.text);
    if (vls_ok(s))
        *out = r.label;
    else
        vls_xml4774_free(&r.label);
    if (s.code == VLS_SYSTEM_MEMORY)
        return vls_fail(s.code, x->why, "no memory to read %.90s", x->file);
    return s;
}

struct vls_status vls_xml4774_read(struct vls_slice bytes, const char *file,
                                   struct vls_xml4774 **out, struct vls_why *why)
{
    struct vls_why own;
    struct vls_xml x = {.file = file,
                        .max_bytes = VLS_MAX_XML_LABEL,
                        .code = VLS_LABEL_XML,
                        .why = why != NULL ? why : &own};
    VLS_TRY(vls_xml_open(&x, bytes));
    struct vls_status s = vls_xml_alone(&x);
    if (vls_ok(s))
        s = vls_xml4774_read_node(&x, xmlDocGetRootElement(x.doc), out);
    vls_xml_close(&x);
    return s;
}
