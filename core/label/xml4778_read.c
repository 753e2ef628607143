/* The strict reader of ADatP-4778: element by element in the order of the schema, and nothing else.
 */
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "label/xml4774_internal.h"
#include "label/xml4778.h"
#include "label/xml4778_internal.h"

#define NS           VLS_XML4778_NAMESPACE
#define CONTENT_TYPE "{" VLS_XMLMIME_NAMESPACE "}contentType"
#define BASE64_MAX   (((size_t)VLS_MAX_XML_EMBEDDED + 2) / 3 * 4)
#define ID_MAX       (2 * VLS_MAX_XML_BINDINGS + VLS_MAX_XML_BOUND)

struct reader {
    const struct vls_xml *xml;
    struct vls_xml4778 *form;
    struct vls_xml4778_binding *binding;
    struct vls_buf text;     /* of what is being read */
    const char *ids[ID_MAX]; /* of the file: each stands once */
    size_t id_count;
    const char *names[VLS_MAX_XML_BOUND]; /* of the data in order; NULL: embedded */
    size_t name_count;
};

/** The value of an attribute; NULL when there is none. An empty one is refused unless `is_open`. */
static VLS_STATUS take_attribute(struct reader *r, xmlNodePtr node, const char *name, bool is_open,
                                 const char **out)
{
    bool is_there = false;
    vls_buf_clear(&r->text);
    VLS_TRY(vls_xml_attribute(r->xml, node, name, &r->text, &is_there));
    *out = NULL;
    if (!is_there)
        return VLS_DONE;
    if (strcmp(name, CONTENT_TYPE) != 0) /* that one is a string, the others are not */
        vls_xml_collapse(&r->text);
    if (r->text.len == 0 && !is_open)
        return vls_xml_fail(r->xml, node, "its attribute %s is empty", name);
    if (!vls_text_is_clean(vls_buf_slice(&r->text), false))
        return vls_xml_fail(r->xml, node, "a value holds line breaks or control characters");
    const char *text = vls_buf_text(&r->text);
    if (text == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, r->xml->why, "no memory for a value");
    return vls_xml4778_text(r->form, text, out);
}

/** An xs:ID: a name that the file has once. */
static VLS_STATUS check_id(struct reader *r, xmlNodePtr node, const char *id)
{
    if (id == NULL)
        return VLS_DONE;
    if (xmlValidateNCName((const xmlChar *)id, 0) != 0)
        return vls_xml_fail(r->xml, node, "its Id '%.40s' is not an XML name", id);
    for (size_t i = 0; i < r->id_count; i++)
        if (strcmp(r->ids[i], id) == 0)
            return vls_xml_fail(r->xml, node, "its Id '%.40s' stands in the file twice", id);
    r->ids[r->id_count++] = id;
    return VLS_DONE;
}

static VLS_STATUS take_id(struct reader *r, xmlNodePtr node)
{
    static const char *const NAMES[] = {"Id", NULL};
    const char *id = NULL;
    VLS_TRY(vls_xml_attributes(r->xml, node, NAMES, false));
    VLS_TRY(take_attribute(r, node, "Id", false, &id));
    return check_id(r, node, id);
}

/** xmime:contentType as "type/subtype" with parameters or none; NULL when there is none. */
static VLS_STATUS take_media_type(struct reader *r, xmlNodePtr node, const char **out)
{
    VLS_TRY(take_attribute(r, node, CONTENT_TYPE, false, out));
    const char *slash = *out != NULL ? strchr(*out, '/') : NULL;
    if (*out != NULL && (slash == NULL || slash == *out || slash[1] == '\0'))
        return vls_xml_fail(r->xml, node, "its contentType '%.40s' is not a media type", *out);
    return VLS_DONE;
}

/* -- labels ------------------------------------------------------------------------------------ */

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/** Would data with both labels be labelled twice? One label of the originator, one of the metadata,
 * and one alternative a policy. */
static bool is_rival(const struct vls_xml4774 *a, const struct vls_xml4774 *b)
{
    if (a->root == VLS_XML4774_METADATA || b->root == VLS_XML4774_METADATA)
        return a->root == b->root;
    return (a->root == VLS_XML4774_ORIGINATOR && b->root == VLS_XML4774_ORIGINATOR) ||
           (is_same(a->steps[0].policy_uri, b->steps[0].policy_uri) &&
            is_same(a->steps[0].policy, b->steps[0].policy));
}

static VLS_STATUS add_label(struct reader *r, xmlNodePtr node, struct vls_xml4774 *label)
{
    for (size_t i = 0; i < r->binding->label_count; i++)
        if (is_rival(r->binding->labels[i], label)) {
            vls_xml4774_free(&label);
            return vls_xml_fail(r->xml, node,
                                "a second such label of one policy for the same data");
        }
    return vls_xml4778_add_label(r->form, r->binding, label);
}

static size_t count_labels(const struct vls_xml4778 *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->count; i++)
        count += form->bindings[i].label_count;
    return count;
}

/** Metadata says of itself at most that it is XML. */
static VLS_STATUS check_metadata(struct reader *r, xmlNodePtr metadata)
{
    static const char *const NAMES[] = {CONTENT_TYPE, NULL};
    const char *type = NULL;
    VLS_TRY(vls_xml_attributes(r->xml, metadata, NAMES, false));
    VLS_TRY(take_media_type(r, metadata, &type));
    if (type != NULL && strcmp(type, "application/xml") != 0 && strcmp(type, "text/xml") != 0)
        return vls_xml_fail(r->xml, metadata, "its contentType '%.40s' is not that of a label",
                            type);
    return VLS_DONE;
}

static VLS_STATUS take_metadata(struct reader *r, xmlNodePtr metadata)
{
    struct vls_xml_walk walk;
    struct vls_xml4774 *label = NULL;
    VLS_TRY(check_metadata(r, metadata));
    VLS_TRY(vls_xml_first(r->xml, metadata, &walk));
    xmlNodePtr node = walk.at;
    if (node == NULL)
        return vls_xml_fail(r->xml, metadata, "is empty; one ADatP-4774 label must stand here");
    if (count_labels(r->form) == VLS_MAX_XML_BOUND)
        return vls_fail(VLS_INPUT_LIMIT, r->xml->why, "%.90s: more than %d labels", r->xml->file,
                        VLS_MAX_XML_BOUND);
    VLS_TRY(vls_xml_take(r->xml, &walk, (const char *)node->name, VLS_XML4774_NAMESPACE, &node));
    if (node == NULL)
        return vls_xml_fail(r->xml, walk.at,
                            "is not an ADatP-4774 label; other metadata has no "
                            "meaning here");
    VLS_TRY(vls_xml_end(r->xml, &walk));
    VLS_TRY(vls_xml4774_read_node(r->xml, node, &label));
    struct vls_status s = check_id(r, node, label->id);
    if (vls_ok(s))
        return add_label(r, node, label);
    vls_xml4774_free(&label);
    return s;
}

/* -- data -------------------------------------------------------------------------------------- */

/** Make room for one more piece of data, called `name`; the same data is bound once. */
static VLS_STATUS check_name(struct reader *r, xmlNodePtr node, const char *name)
{
    if (r->name_count == VLS_MAX_XML_BOUND)
        return vls_fail(VLS_INPUT_LIMIT, r->xml->why, "%.90s: more than %d pieces of data",
                        r->xml->file, VLS_MAX_XML_BOUND);
    for (size_t i = 0; name != NULL && i < r->name_count; i++)
        if (r->names[i] != NULL && strcmp(r->names[i], name) == 0)
            return vls_xml_fail(r->xml, node, "'%.60s' is bound twice", name);
    r->names[r->name_count++] = name;
    return VLS_DONE;
}

/** The characters that RFC 3986 lets stand in a URI, and those that xs:anyURI allows besides. */
static bool is_uri(const char *uri)
{
    for (; *uri != '\0'; uri++)
        if (*uri == ' ' || strchr("\"<>\\^`{|}", *uri) != NULL)
            return false;
    return true;
}

static VLS_STATUS take_reference(struct reader *r, xmlNodePtr node)
{
    static const char *const NAMES[] = {"URI", CONTENT_TYPE, NULL};
    struct vls_xml_walk walk;
    const char *uri = NULL, *type = NULL, *name = NULL;
    VLS_TRY(vls_xml_attributes(r->xml, node, NAMES, false));
    VLS_TRY(take_attribute(r, node, "URI", true, &uri));
    if (uri == NULL)
        return vls_xml_fail(r->xml, node, "has no attribute URI");
    if (!is_uri(uri))
        return vls_xml_fail(r->xml, node, "its URI '%.60s' is not one", uri);
    VLS_TRY(take_media_type(r, node, &type));
    VLS_TRY(vls_xml_first(r->xml, node, &walk));
    VLS_TRY(vls_xml_end(r->xml, &walk));

    struct vls_xml4778_data data = {.uri = uri};
    vls_buf_clear(&r->text);
    struct vls_status s = vls_xml4778_name(&data, &r->text, NULL);
    if (s.code == VLS_SYSTEM_MEMORY)
        return s;
    const char *text = vls_ok(s) ? vls_buf_text(&r->text) : uri;
    if (text == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, r->xml->why, "no memory for a name");
    VLS_TRY(vls_xml4778_text(r->form, text, &name));
    VLS_TRY(check_name(r, node, name));
    return vls_xml4778_add_data(r->form, r->binding, uri, VLS_SLICE(NULL, 0), type);
}

/** The same bytes under two labels would be labelled twice, as the same name would. */
static bool is_embedded(const struct vls_xml4778 *form, struct vls_slice bytes)
{
    for (size_t i = 0; i < form->count; i++)
        for (size_t j = 0; j < form->bindings[i].data_count; j++) {
            const struct vls_xml4778_data *data = &form->bindings[i].data[j];
            if (data->uri == NULL && data->bytes.len == bytes.len &&
                (bytes.len == 0 || memcmp(data->bytes.at, bytes.at, bytes.len) == 0))
                return true;
        }
    return false;
}

/** Decode base64; no white space in it, and one way to write it. */
static VLS_STATUS decode(struct reader *r, xmlNodePtr node, struct vls_buf *out)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, BASE64_MAX);
    VLS_TRY(vls_xml_content(r->xml, node, &text));
    struct vls_status s = vls_base64_read(vls_buf_slice(&text), out);
    if (s.code == VLS_SYSTEM_MEMORY)
        return s;
    if (!vls_ok(s))
        return vls_xml_fail(r->xml, node, "is not base64 without white space, of at most %u bytes",
                            VLS_MAX_XML_EMBEDDED);
    return VLS_DONE;
}

static VLS_STATUS take_data(struct reader *r, xmlNodePtr data)
{
    static const char *const NAMES[] = {CONTENT_TYPE, NULL};
    static const char *const NONE[] = {NULL};
    struct vls_xml_walk walk;
    xmlNodePtr node = NULL;
    const char *type = NULL;
    VLS_TRY(vls_xml_attributes(r->xml, data, NAMES, false));
    VLS_TRY(take_media_type(r, data, &type));
    VLS_TRY(vls_xml_first(r->xml, data, &walk));
    VLS_TRY(vls_xml_need(r->xml, &walk, VLS_XML4778_DATA, VLS_XML4778_DATA_NAMESPACE, &node));
    VLS_TRY(vls_xml_end(r->xml, &walk));
    VLS_TRY(vls_xml_attributes(r->xml, node, NONE, false));

    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_MAX_XML_EMBEDDED);
    VLS_TRY(decode(r, node, &bytes));
    if (is_embedded(r->form, vls_buf_slice(&bytes)))
        return vls_xml_fail(r->xml, node, "the same bytes are bound twice");
    VLS_TRY(check_name(r, node, NULL));
    return vls_xml4778_add_embedded(r->form, r->binding, vls_buf_slice(&bytes), type);
}

/* -- bindings ---------------------------------------------------------------------------------- */

static VLS_STATUS take_labels(struct reader *r, struct vls_xml_walk *walk)
{
    xmlNodePtr node = NULL;
    VLS_TRY(vls_xml_need(r->xml, walk, "Metadata", NS, &node));
    while (node != NULL) {
        VLS_TRY(take_metadata(r, node));
        VLS_TRY(vls_xml_take(r->xml, walk, "Metadata", NS, &node));
    }
    return VLS_DONE;
}

static VLS_STATUS take_all_data(struct reader *r, struct vls_xml_walk *walk)
{
    for (;;) {
        xmlNodePtr node = NULL;
        VLS_TRY(vls_xml_take(r->xml, walk, "DataReference", NS, &node));
        if (node != NULL) {
            VLS_TRY(take_reference(r, node));
            continue;
        }
        VLS_TRY(vls_xml_take(r->xml, walk, "Data", NS, &node));
        if (node == NULL)
            return VLS_DONE;
        VLS_TRY(take_data(r, node));
    }
}

static VLS_STATUS take_binding(struct reader *r, xmlNodePtr element)
{
    struct vls_xml_walk walk;
    if (r->form->count == VLS_MAX_XML_BINDINGS)
        return vls_fail(VLS_INPUT_LIMIT, r->xml->why, "%.90s: more than %d bindings", r->xml->file,
                        VLS_MAX_XML_BINDINGS);
    VLS_TRY(vls_xml4778_add(r->form, &r->binding));
    VLS_TRY(take_id(r, element));
    VLS_TRY(vls_xml_first(r->xml, element, &walk));
    VLS_TRY(take_labels(r, &walk));
    if (r->binding->labels[0]->root != VLS_XML4774_ORIGINATOR)
        return vls_xml_fail(r->xml, element, "holds no <%s>",
                            vls_xml4774_root_name(VLS_XML4774_ORIGINATOR));
    VLS_TRY(take_all_data(r, &walk));
    VLS_TRY(vls_xml_end(r->xml, &walk));
    if (r->binding->data_count == 0)
        return vls_xml_fail(r->xml, element, "ends without <Data> or <DataReference>");
    return VLS_DONE;
}

static VLS_STATUS take_container(struct reader *r, xmlNodePtr container)
{
    struct vls_xml_walk walk;
    xmlNodePtr node = NULL;
    VLS_TRY(take_id(r, container));
    VLS_TRY(vls_xml_first(r->xml, container, &walk));
    VLS_TRY(vls_xml_need(r->xml, &walk, "MetadataBinding", NS, &node));
    while (node != NULL) {
        VLS_TRY(take_binding(r, node));
        VLS_TRY(vls_xml_take(r->xml, &walk, "MetadataBinding", NS, &node));
    }
    return vls_xml_end(r->xml, &walk);
}

static VLS_STATUS take_root(struct reader *r, xmlNodePtr root)
{
    static const char *const NONE[] = {NULL};
    struct vls_xml_walk walk;
    xmlNodePtr node = NULL;
    if (!vls_xml_is(root, "BindingInformation", NS))
        return vls_xml_fail(r->xml, root, "of namespace '%.60s' is not <BindingInformation>",
                            root->ns != NULL ? (const char *)root->ns->href : "");
    VLS_TRY(vls_xml_attributes(r->xml, root, NONE, true));
    VLS_TRY(vls_xml_first(r->xml, root, &walk));
    VLS_TRY(vls_xml_take(r->xml, &walk, "Signature", VLS_XMLDSIG_NAMESPACE, &node));
    r->form->is_signed = node != NULL;
    VLS_TRY(vls_xml_need(r->xml, &walk, "MetadataBindingContainer", NS, &node));
    while (node != NULL) {
        VLS_TRY(take_container(r, node));
        VLS_TRY(vls_xml_take(r->xml, &walk, "MetadataBindingContainer", NS, &node));
    }
    return vls_xml_end(r->xml, &walk);
}

struct vls_status vls_xml4778_read_node(const struct vls_xml *x, xmlNodePtr root,
                                        struct vls_xml4778 **out)
{
    struct reader r = {.xml = x, .form = vls_xml4778_new()};
    vls_buf_init(&r.text, VLS_MAX_XML_TEXT);
    struct vls_status s = take_root(&r, root);
    vls_buf_fini(&r.text);
    if (vls_ok(s))
        *out = r.form;
    else
        vls_xml4778_free(&r.form);
    if (s.code == VLS_SYSTEM_MEMORY)
        return vls_fail(s.code, x->why, "no memory to read %.90s", x->file);
    return s;
}

struct vls_status vls_xml4778_read(struct vls_slice bytes, const char *file,
                                   struct vls_xml4778 **out, struct vls_why *why)
{
    struct vls_why own;
    struct vls_xml x = {.file = file,
                        .max_bytes = VLS_MAX_XML_BINDING,
                        .code = VLS_LABEL_XML,
                        .why = why != NULL ? why : &own};
    VLS_TRY(vls_xml_open(&x, bytes));
    struct vls_status s = vls_xml_alone(&x);
    if (vls_ok(s))
        s = vls_xml4778_read_node(&x, xmlDocGetRootElement(x.doc), out);
    vls_xml_close(&x);
    return s;
}
