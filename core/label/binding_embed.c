/* A binding within the XML document that it labels. */
#include <string.h>

#include "label/binding.h"
#include "label/binding_internal.h"

/** The node that follows in the order of the file. */
static xmlNodePtr after(xmlNodePtr node)
{
    if (node->type == XML_ELEMENT_NODE && node->children != NULL)
        return node->children;
    while (node != NULL && node->next == NULL)
        node = node->parent != NULL && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
    return node != NULL ? node->next : NULL;
}

/** What no signature covers may not be there: comments. And a binding stands where we look for it,
 * or nowhere: *out is the one that is there, NULL when there is none. */
static VLS_STATUS check_document(const struct vls_xml *x, xmlNodePtr *out)
{
    xmlNodePtr root = xmlDocGetRootElement(x->doc), found = NULL;
    for (xmlNodePtr node = x->doc->children; node != NULL; node = after(node)) {
        if (node->type == XML_COMMENT_NODE)
            return vls_xml_fail(x, node, "a comment, which no signature covers; remove it");
        if (!vls_xml_is(node, "BindingInformation", VLS_XML4778_NAMESPACE))
            continue;
        if (found != NULL)
            return vls_xml_fail(x, node, "a second binding in one document");
        if (node->parent != root)
            return vls_xml_fail(x, node, "may stand in the root alone");
        found = node;
    }
    *out = found;
    return VLS_DONE;
}

/** One binding, of the document and nothing else. */
static VLS_STATUS check_form(const struct vls_xml4778 *form, struct vls_why *why)
{
    const struct vls_xml4778_binding *binding = form->bindings;
    if (form->count != 1 || binding->data_count != 1 || binding->data[0].uri == NULL ||
        binding->data[0].uri[0] != '\0')
        return vls_fail(VLS_LABEL_BINDING, why,
                        "a binding within a document must bind that document (URI=\"\") and "
                        "nothing else");
    return VLS_DONE;
}

/** The binding as a tree of its own, moved to the end of the root. */
static VLS_STATUS add_binding(struct vls_xml *x, const struct vls_xml4778 *form, xmlNodePtr *out)
{
    struct vls_xml of_binding = *x;
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_XML_BINDING);
    VLS_TRY(vls_xml4778_write(form, &text, x->why));
    of_binding.file = "the binding to be signed";
    VLS_TRY(vls_xml_open(&of_binding, vls_buf_slice(&text)));
    xmlNodePtr copy = xmlDocCopyNode(xmlDocGetRootElement(of_binding.doc), x->doc, 1);
    vls_xml_close(&of_binding);
    if (copy == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, x->why, "no memory for a binding");
    *out = xmlAddChild(xmlDocGetRootElement(x->doc), copy);
    return VLS_DONE;
}

static VLS_STATUS embed(struct vls_xml *x, const struct vls_xml4778 *form,
                        const struct vls_binding_key *key, struct vls_buf *out)
{
    static const struct vls_binding_outside NOTHING;
    xmlNodePtr binding = NULL;
    VLS_TRY(check_form(form, x->why));
    VLS_TRY(check_document(x, &binding));
    if (binding != NULL)
        return vls_xml_fail(x, binding, "is there already; the document is labelled");
    VLS_TRY(add_binding(x, form, &binding));
    return vls_binding_sign_tree(x, binding, &NOTHING, key, out);
}

struct vls_status vls_binding_embed(struct vls_slice document, const char *file,
                                    const struct vls_xml4778 *form,
                                    const struct vls_binding_key *key, struct vls_buf *out,
                                    struct vls_why *why)
{
    struct vls_why own;
    struct vls_xml x = {.file = file,
                        .max_bytes = VLS_MAX_XML_BINDING,
                        .code = VLS_LABEL_BINDING,
                        .why = why != NULL ? why : &own};
    VLS_TRY(vls_xml_open(&x, document));
    struct vls_status s = embed(&x, form, key, out);
    vls_xml_close(&x);
    return s;
}

static VLS_STATUS verify(const struct vls_xml *x, X509_STORE *trust, struct vls_xml4778 **out,
                         struct vls_binding_signer *out_signer)
{
    static const struct vls_binding_outside NOTHING;
    struct vls_xml4778 *form = NULL;
    struct vls_xml of_form = *x;
    xmlNodePtr binding = NULL;
    of_form.code = VLS_LABEL_XML;
    VLS_TRY(check_document(x, &binding));
    if (binding == NULL)
        return vls_xml_fail(x, xmlDocGetRootElement(x->doc), "holds no <BindingInformation>");
    VLS_TRY(vls_xml4778_read_node(&of_form, binding, &form));
    struct vls_status s = check_form(form, x->why);
    if (vls_ok(s))
        s = vls_binding_verify_tree(x, binding, &NOTHING, trust, out_signer);
    if (vls_ok(s))
        *out = form;
    else
        vls_xml4778_free(&form);
    return s;
}

struct vls_status vls_binding_verify_embedded(struct vls_slice document, const char *file,
                                              X509_STORE *trust, struct vls_xml4778 **out,
                                              struct vls_binding_signer *out_signer,
                                              struct vls_why *why)
{
    struct vls_why own;
    struct vls_xml x = {.file = file,
                        .max_bytes = VLS_MAX_XML_BINDING,
                        .code = VLS_LABEL_BINDING,
                        .why = why != NULL ? why : &own};
    VLS_TRY(vls_xml_open(&x, document));
    struct vls_status s = verify(&x, trust, out, out_signer);
    vls_xml_close(&x);
    return s;
}
