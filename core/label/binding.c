/* ADatP-4778 bindings with an XML signature: beside their data, or around it. */
#include "label/binding.h"

#include <string.h>

#include "label/binding_internal.h"

/* -- what is outside --------------------------------------------------------------------------- */

static VLS_STATUS find_source(const struct vls_xml4778_data *data,
                              const struct vls_binding_outside *outside, bool *is_used,
                              struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf name;
    vls_buf_init(&name, VLS_MAX_XML_TEXT);
    struct vls_status s = vls_xml4778_name(data, &name, why);
    if (s.code == VLS_LABEL_XML)
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the binding refers to '%.80s', which is not a relative path to a file",
                        data->uri);
    VLS_TRY(s);
    const char *text = vls_buf_text(&name);
    if (text == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a name");
    for (size_t i = 0; i < outside->source_count; i++)
        if (strcmp(outside->sources[i].name, text) == 0) {
            is_used[i] = true;
            return VLS_DONE;
        }
    return vls_fail(VLS_LABEL_BINDING, why,
                    "the binding refers to '%.120s', which is not given; give that file too", text);
}

/** Every reference has its source, and every source its reference: otherwise someone would take for
 * checked what is not. */
static VLS_STATUS gather(const struct vls_xml4778 *form, const struct vls_binding_source *sources,
                         size_t count, struct vls_binding_outside *out, struct vls_why *why)
{
    bool is_used[VLS_MAX_XML_BOUND] = {false};
    *out = (struct vls_binding_outside){.sources = sources, .source_count = count};
    if (count > VLS_MAX_XML_BOUND)
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %d files in one binding",
                        VLS_MAX_XML_BOUND);
    for (size_t i = 0; i < form->count; i++)
        for (size_t j = 0; j < form->bindings[i].data_count; j++) {
            const struct vls_xml4778_data *data = &form->bindings[i].data[j];
            if (data->uri == NULL)
                continue;
            if (out->count == VLS_MAX_XML_BOUND)
                return vls_fail(VLS_INPUT_LIMIT, why, "more than %d files in one binding",
                                VLS_MAX_XML_BOUND);
            VLS_TRY(find_source(data, out, is_used, why));
            out->uris[out->count++] = data->uri;
        }
    for (size_t i = 0; i < count; i++)
        if (!is_used[i])
            return vls_fail(VLS_LABEL_BINDING, why, "the binding says nothing about '%.120s'",
                            sources[i].name);
    return VLS_DONE;
}

/* -- a tree ------------------------------------------------------------------------------------ */

struct vls_status vls_binding_sign_tree(struct vls_xml *x, xmlNodePtr binding,
                                        const struct vls_binding_outside *outside,
                                        const struct vls_binding_key *key, struct vls_buf *out)
{
    xmlNodePtr signature = NULL;
    VLS_TRY(vls_binding_check_pair(key, x->why));
    VLS_TRY(vls_binding_xmlsec_ready(x->why));
    VLS_TRY(vls_binding_add_signature(x, binding, outside, key, &signature));
    VLS_TRY(vls_binding_xmlsec_sign(signature, key->key, outside, x->why));
    xmlChar *text = NULL;
    int len = 0;
    xmlDocDumpMemoryEnc(x->doc, &text, &len, "UTF-8");
    if (text == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, x->why, "no memory to write a binding");
    struct vls_status s = VLS_DONE;
    if ((size_t)len > VLS_MAX_XML_BINDING)
        s = vls_fail(VLS_INPUT_LIMIT, x->why, "the signed binding is larger than %u bytes",
                     VLS_MAX_XML_BINDING);
    else
        s = vls_buf_add(out, text, (size_t)len);
    xmlFree(text);
    return s;
}

static VLS_STATUS read_certificate(const struct vls_buf *der, X509 **out, struct vls_why *why)
{
    const unsigned char *at = der->at;
    X509 *certificate = d2i_X509(NULL, &at, (long)der->len);
    if (certificate == NULL || at != der->at + der->len) {
        X509_free(certificate);
        return vls_fail(VLS_LABEL_BINDING, why, "the signer's certificate cannot be read");
    }
    *out = certificate;
    return VLS_DONE;
}

static VLS_STATUS verify_with(xmlNodePtr signature, X509 *certificate,
                              const struct vls_binding_outside *outside, X509_STORE *trust,
                              struct vls_binding_signer *out_signer, struct vls_why *why)
{
    struct vls_binding_signer signer;
    VLS_TRY(vls_binding_check_certificate(certificate, NULL, trust, why));
    VLS_TRY(vls_binding_xmlsec_verify(signature, X509_get0_pubkey(certificate), outside, why));
    VLS_TRY(vls_binding_signer_of(certificate, &signer, why));
    *out_signer = signer;
    return VLS_DONE;
}

struct vls_status vls_binding_verify_tree(const struct vls_xml *x, xmlNodePtr binding,
                                          const struct vls_binding_outside *outside,
                                          X509_STORE *trust, struct vls_binding_signer *out_signer)
{
    struct vls_xml_walk walk;
    xmlNodePtr signature = NULL;
    X509 *certificate = NULL;
    struct vls_xml of_signature = *x;
    of_signature.code = VLS_LABEL_BINDING;
    VLS_TRY(vls_xml_first(x, binding, &walk));
    VLS_TRY(vls_xml_take(x, &walk, "Signature", VLS_XMLDSIG_NAMESPACE, &signature));
    if (signature == NULL)
        return vls_xml_fail(&of_signature, binding, "is not signed, and so proves nothing");
    VLS_DEFER(vls_buf_fini) struct vls_buf der;
    vls_buf_init(&der, VLS_MAX_KEY_FILE);
    VLS_TRY(vls_binding_check_signature(&of_signature, signature, outside, &der));
    VLS_TRY(read_certificate(&der, &certificate, x->why));
    struct vls_status s = verify_with(signature, certificate, outside, trust, out_signer, x->why);
    X509_free(certificate);
    return s;
}

/* -- a binding of its own ---------------------------------------------------------------------- */

struct vls_status vls_binding_sign(const struct vls_xml4778 *form,
                                   const struct vls_binding_key *key,
                                   const struct vls_binding_source *sources, size_t count,
                                   struct vls_buf *out, struct vls_why *why)
{
    struct vls_why own;
    struct vls_xml x = {.file = "the binding to be signed",
                        .max_bytes = VLS_MAX_XML_BINDING,
                        .code = VLS_LABEL_XML,
                        .why = why != NULL ? why : &own};
    struct vls_binding_outside outside;
    VLS_TRY(gather(form, sources, count, &outside, x.why));
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_XML_BINDING);
    VLS_TRY(vls_xml4778_write(form, &text, x.why));
    VLS_TRY(vls_xml_open(&x, vls_buf_slice(&text)));
    struct vls_status s =
        vls_binding_sign_tree(&x, xmlDocGetRootElement(x.doc), &outside, key, out);
    vls_xml_close(&x);
    return s;
}

static VLS_STATUS verify(const struct vls_xml *x, const struct vls_binding_source *sources,
                         size_t count, X509_STORE *trust, struct vls_xml4778 **out,
                         struct vls_binding_signer *out_signer)
{
    struct vls_xml4778 *form = NULL;
    struct vls_binding_outside outside;
    xmlNodePtr root = xmlDocGetRootElement(x->doc);
    VLS_TRY(vls_xml_alone(x));
    VLS_TRY(vls_xml4778_read_node(x, root, &form));
    struct vls_status s = gather(form, sources, count, &outside, x->why);
    if (vls_ok(s))
        s = vls_binding_verify_tree(x, root, &outside, trust, out_signer);
    if (vls_ok(s))
        *out = form;
    else
        vls_xml4778_free(&form);
    return s;
}

struct vls_status vls_binding_verify(struct vls_slice xml, const char *file,
                                     const struct vls_binding_source *sources, size_t count,
                                     X509_STORE *trust, struct vls_xml4778 **out,
                                     struct vls_binding_signer *out_signer, struct vls_why *why)
{
    struct vls_why own;
    struct vls_xml x = {.file = file,
                        .max_bytes = VLS_MAX_XML_BINDING,
                        .code = VLS_LABEL_XML,
                        .why = why != NULL ? why : &own};
    VLS_TRY(vls_xml_open(&x, xml));
    struct vls_status s = verify(&x, sources, count, trust, out, out_signer);
    vls_xml_close(&x);
    return s;
}
