#ifndef VALISE_LABEL_XML4778_H
#define VALISE_LABEL_XML4778_H
/*
 * label/xml4778 - bindings of labels to data in XML (NATO ADatP-4778, STANAG 4778): read strictly,
 * written valid against the schema.
 *
 * Process:   router (writing), host and command line (reading). Pure: no network, no entities, no
 *            file but what it is given.
 * Ownership: a binding in XML owns all that it points to; release with vls_xml4778_free().
 * Start at:  vls_xml4778_read(), or vls_xml4778_new() and the functions that add.
 *
 * This is the form alone. A binding says which label belongs to which data, and proves nothing by
 * itself: a reference has no digest. Where it must stand by itself, label/binding.h signs it
 * together with the digests of the data.
 *
 * Stricter than the schema, which leaves extension points where a gateway must have a rule: each
 * Metadata holds one ADatP-4774 label, a binding one of the originator, at most one of the metadata
 * and at most one a policy; MetadataReference, other metadata, a second signature, the attribute
 * encoding and what the schema does not name are refused; a DataReference has no Transforms;
 * embedded data is one element of our own namespace with base64 in it, as the schema wants an
 * element there; the same data is bound once. The Id of a container or a binding must be right, and
 * is not kept.
 */
#include "label/xml4774.h"

#define VLS_XML4778_NAMESPACE      "urn:nato:stanag:4778:bindinginformation:1:0"
#define VLS_XML4778_DATA_NAMESPACE "urn:valise:data:1" /* of embedded data */
#define VLS_XML4778_DATA           "base64"

/** What a label is bound to. */
struct vls_xml4778_data {
    const char *uri; /* of a reference, as it stands; NULL: embedded. See vls_xml4778_name() */
    const char *media_type; /* NULL: none */
    struct vls_slice bytes; /* of embedded data */
};

/** One MetadataBinding: the originator's label first, then alternative ones, then that of the
 * metadata itself, if it has one; each of all the data. */
struct vls_xml4778_binding {
    struct vls_xml4774 **labels;
    size_t label_count;
    struct vls_xml4778_data *data;
    size_t data_count;
};

struct vls_xml4778 {
    struct vls_xml4778_binding *bindings;
    size_t count;
    bool is_signed; /* a ds:Signature is there; whether it is good, label/binding.h says */
    struct vls_arena *arena;
};

/** Read a file whose root is BindingInformation. Nothing is forgiven; words name file, line and
 * element. @return LABEL_XML, INPUT_LIMIT above VLS_MAX_XML_BINDING, SYSTEM_MEMORY */
VLS_STATUS vls_xml4778_read(struct vls_slice xml, const char *file, struct vls_xml4778 **out,
                            struct vls_why *why);

struct vls_xml4778 *vls_xml4778_new(void);
void vls_xml4778_free(struct vls_xml4778 **form);

/** Append a binding that is empty; it stays where it is. @return INPUT_LIMIT above
 * VLS_MAX_XML_BINDINGS, SYSTEM_MEMORY */
VLS_STATUS vls_xml4778_add(struct vls_xml4778 *form, struct vls_xml4778_binding **out);
/** `label` is taken, also on failure. It takes its place among the others by its root. */
VLS_STATUS vls_xml4778_add_label(struct vls_xml4778 *form, struct vls_xml4778_binding *binding,
                                 struct vls_xml4774 *label);
/** `name` is a relative path such as "documents/a b.pdf"; it is percent-encoded here.
 *  @return LABEL_XML when it is not, INPUT_LIMIT above VLS_MAX_XML_TEXT, SYSTEM_MEMORY */
VLS_STATUS vls_xml4778_add_reference(struct vls_xml4778 *form, struct vls_xml4778_binding *binding,
                                     const char *name, const char *media_type);
/** The XML document that the binding stands in: URI="". */
VLS_STATUS vls_xml4778_add_document(struct vls_xml4778 *form, struct vls_xml4778_binding *binding,
                                    const char *media_type);
/** The bytes are copied. @return INPUT_LIMIT above VLS_MAX_XML_EMBEDDED */
VLS_STATUS vls_xml4778_add_embedded(struct vls_xml4778 *form, struct vls_xml4778_binding *binding,
                                    struct vls_slice bytes, const char *media_type);
/** The name that a reference was made of: its URI decoded. @return LABEL_XML for a URI that is not
 * a plain relative path */
VLS_STATUS vls_xml4778_name(const struct vls_xml4778_data *data, struct vls_buf *out,
                            struct vls_why *why);

/** Append the file, unsigned. What is written is read again as the same.
 *  @return LABEL_XML, INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_xml4778_write(const struct vls_xml4778 *form, struct vls_buf *out,
                             struct vls_why *why);

#endif
