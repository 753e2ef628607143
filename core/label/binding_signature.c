/* ds:Signature as an element: the one form of it that is written, and the one that is accepted.
 * What libxmlsec1 would understand besides never comes to it. */
#include <string.h>

#include <openssl/x509.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmltree.h>

#include "base/text.h"
#include "label/binding_internal.h"

#define DS       VLS_XMLDSIG_NAMESPACE
#define C14N     "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ENVELOPE DS "enveloped-signature"
#define SHA256   "http://www.w3.org/2001/04/xmlenc#sha256"
#define MORE     "http://www.w3.org/2001/04/xmldsig-more#"
#define TEXT_MAX VLS_MAX_KEY_FILE

/* -- reading ----------------------------------------------------------------------------------- */

static const char *const NONE[] = {NULL};

/** The next element, which has no attributes. */
static VLS_STATUS need(const struct vls_xml *x, struct vls_xml_walk *walk, const char *name,
                       xmlNodePtr *out)
{
    VLS_TRY(vls_xml_need(x, walk, name, DS, out));
    return vls_xml_attributes(x, *out, NONE, false);
}

/** The next element, which names one of these algorithms and holds nothing: no parameters. */
static VLS_STATUS need_algorithm(const struct vls_xml *x, struct vls_xml_walk *walk,
                                 const char *name, const char *const *algorithms)
{
    static const char *const NAMES[] = {"Algorithm", NULL};
    struct vls_xml_walk within;
    xmlNodePtr node = NULL;
    bool is_there = false, is_known = false;
    VLS_TRY(vls_xml_need(x, walk, name, DS, &node));
    VLS_TRY(vls_xml_attributes(x, node, NAMES, false));
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_XML_TEXT);
    VLS_TRY(vls_xml_attribute(x, node, "Algorithm", &text, &is_there));
    for (; *algorithms != NULL; algorithms++)
        is_known =
            is_known || vls_slice_is_equal(vls_buf_slice(&text), vls_slice_text(*algorithms));
    const char *shown = vls_buf_text(&text);
    if (!is_known)
        return vls_xml_fail(x, node, "its algorithm '%.80s' is not accepted",
                            shown != NULL ? shown : "");
    VLS_TRY(vls_xml_first(x, node, &within));
    return vls_xml_end(x, &within);
}

/** The next element, which holds base64. */
static VLS_STATUS need_value(const struct vls_xml *x, struct vls_xml_walk *walk, const char *name,
                             struct vls_buf *out)
{
    xmlNodePtr node = NULL;
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, TEXT_MAX);
    VLS_TRY(need(x, walk, name, &node));
    VLS_TRY(vls_xml_content(x, node, &text));
    size_t to = 0;
    for (size_t from = 0; from < text.len; from++)
        if (strchr(" \t\r\n", text.at[from]) == NULL)
            text.at[to++] = text.at[from];
    text.len = to;
    if (to == 0 || !vls_ok(vls_base64_read(vls_buf_slice(&text), out)))
        return vls_xml_fail(x, node, "is not base64");
    return VLS_DONE;
}

static VLS_STATUS take_transforms(const struct vls_xml *x, struct vls_xml_walk *walk)
{
    static const char *const FIRST[] = {ENVELOPE, NULL}, *const SECOND[] = {C14N, NULL};
    struct vls_xml_walk within;
    xmlNodePtr node = NULL;
    VLS_TRY(need(x, walk, "Transforms", &node));
    VLS_TRY(vls_xml_first(x, node, &within));
    VLS_TRY(need_algorithm(x, &within, "Transform", FIRST));
    VLS_TRY(need_algorithm(x, &within, "Transform", SECOND));
    return vls_xml_end(x, &within);
}

/** Which of the URIs is it? `outside->count` for the file itself. */
static VLS_STATUS find_uri(const struct vls_xml *x, xmlNodePtr node,
                           const struct vls_binding_outside *outside, size_t *out)
{
    static const char *const NAMES[] = {"URI", NULL};
    bool is_there = false;
    VLS_TRY(vls_xml_attributes(x, node, NAMES, false));
    VLS_DEFER(vls_buf_fini) struct vls_buf uri;
    vls_buf_init(&uri, VLS_MAX_XML_TEXT);
    VLS_TRY(vls_xml_attribute(x, node, "URI", &uri, &is_there));
    if (!is_there)
        return vls_xml_fail(x, node, "has no attribute URI");
    size_t i = 0;
    if (uri.len == 0)
        i = outside->count;
    while (i < outside->count &&
           !vls_slice_is_equal(vls_slice_text(outside->uris[i]), vls_buf_slice(&uri)))
        i++;
    const char *shown = vls_buf_text(&uri);
    if (i == outside->count && uri.len != 0)
        return vls_xml_fail(x, node, "its URI '%.80s' is not one that the binding refers to",
                            shown != NULL ? shown : "");
    *out = i;
    return VLS_DONE;
}

static VLS_STATUS take_reference(const struct vls_xml *x, struct vls_xml_walk *walk,
                                 const struct vls_binding_outside *outside,
                                 bool *is_there /* of each */)
{
    static const char *const DIGESTS[] = {SHA256, NULL};
    struct vls_xml_walk within;
    xmlNodePtr node = NULL;
    size_t which = 0;
    VLS_DEFER(vls_buf_fini) struct vls_buf digest;
    vls_buf_init(&digest, TEXT_MAX);
    VLS_TRY(vls_xml_need(x, walk, "Reference", DS, &node));
    VLS_TRY(find_uri(x, node, outside, &which));
    if (is_there[which])
        return vls_xml_fail(x, node, "stands here twice for the same data");
    is_there[which] = true;
    VLS_TRY(vls_xml_first(x, node, &within));
    if (which == outside->count)
        VLS_TRY(take_transforms(x, &within));
    VLS_TRY(need_algorithm(x, &within, "DigestMethod", DIGESTS));
    VLS_TRY(need_value(x, &within, "DigestValue", &digest));
    if (digest.len != VLS_DIGEST_BYTES)
        return vls_xml_fail(x, node, "its DigestValue has another length than the digest");
    return vls_xml_end(x, &within);
}

static VLS_STATUS take_signed_info(const struct vls_xml *x, struct vls_xml_walk *walk,
                                   const struct vls_binding_outside *outside)
{
    static const char *const FORMS[] = {C14N, NULL};
    static const char *const METHODS[] = {MORE "ecdsa-sha256", MORE "ecdsa-sha384",
                                          MORE "rsa-sha256", MORE "rsa-sha384", NULL};
    bool is_there[VLS_MAX_XML_BOUND + 1] = {false};
    struct vls_xml_walk within;
    xmlNodePtr node = NULL;
    VLS_TRY(need(x, walk, "SignedInfo", &node));
    VLS_TRY(vls_xml_first(x, node, &within));
    VLS_TRY(need_algorithm(x, &within, "CanonicalizationMethod", FORMS));
    VLS_TRY(need_algorithm(x, &within, "SignatureMethod", METHODS));
    while (within.at != NULL)
        VLS_TRY(take_reference(x, &within, outside, is_there));
    for (size_t i = 0; i < outside->count; i++)
        if (!is_there[i])
            return vls_xml_fail(x, node, "holds no digest of '%.80s'", outside->uris[i]);
    if (!is_there[outside->count])
        return vls_xml_fail(x, node, "does not cover the binding itself (URI=\"\")");
    return VLS_DONE;
}

static VLS_STATUS take_key_info(const struct vls_xml *x, struct vls_xml_walk *walk,
                                struct vls_buf *out_certificate)
{
    struct vls_xml_walk info, data;
    xmlNodePtr node = NULL;
    VLS_TRY(need(x, walk, "KeyInfo", &node));
    VLS_TRY(vls_xml_first(x, node, &info));
    VLS_TRY(need(x, &info, "X509Data", &node));
    VLS_TRY(vls_xml_end(x, &info));
    VLS_TRY(vls_xml_first(x, node, &data));
    VLS_TRY(need_value(x, &data, "X509Certificate", out_certificate));
    return vls_xml_end(x, &data);
}

struct vls_status vls_binding_check_signature(const struct vls_xml *x, xmlNodePtr signature,
                                              const struct vls_binding_outside *outside,
                                              struct vls_buf *out_certificate)
{
    struct vls_xml_walk walk;
    VLS_DEFER(vls_buf_fini) struct vls_buf value;
    vls_buf_init(&value, TEXT_MAX);
    VLS_TRY(vls_xml_attributes(x, signature, NONE, false));
    VLS_TRY(vls_xml_first(x, signature, &walk));
    VLS_TRY(take_signed_info(x, &walk, outside));
    VLS_TRY(need_value(x, &walk, "SignatureValue", &value));
    VLS_TRY(take_key_info(x, &walk, out_certificate));
    return vls_xml_end(x, &walk);
}

/* -- writing ----------------------------------------------------------------------------------- */

/** ECDSA takes the digest of its curve's size. */
static xmlSecTransformId method_of(EVP_PKEY *key)
{
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
        return xmlSecTransformRsaSha256Id;
    return EVP_PKEY_get_bits(key) > 256 ? xmlSecTransformEcdsaSha384Id
                                        : xmlSecTransformEcdsaSha256Id;
}

static bool add_references(xmlNodePtr signature, const struct vls_binding_outside *outside)
{
    xmlNodePtr own = xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, NULL,
                                                     BAD_CAST "", NULL);
    if (own == NULL || xmlSecTmplReferenceAddTransform(own, xmlSecTransformEnvelopedId) == NULL ||
        xmlSecTmplReferenceAddTransform(own, xmlSecTransformExclC14NId) == NULL)
        return false;
    for (size_t i = 0; i < outside->count; i++)
        if (xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, NULL,
                                            BAD_CAST outside->uris[i], NULL) == NULL)
            return false;
    return true;
}

static VLS_STATUS certificate_text(X509 *certificate, struct vls_buf *out)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len < 0)
        return vls_fail(VLS_SYSTEM_CRYPTO, NULL, "the certificate cannot be encoded");
    struct vls_status s = vls_base64_add(VLS_SLICE(der, (size_t)len), out);
    OPENSSL_free(der);
    return s;
}

static bool add_certificate(xmlNodePtr signature, const char *text)
{
    xmlNodePtr info = xmlSecTmplSignatureEnsureKeyInfo(signature, NULL);
    xmlNodePtr data = info != NULL ? xmlSecTmplKeyInfoAddX509Data(info) : NULL;
    xmlNodePtr node = data != NULL ? xmlSecTmplX509DataAddCertificate(data) : NULL;
    if (node != NULL)
        xmlNodeSetContent(node, BAD_CAST text);
    return node != NULL;
}

struct vls_status vls_binding_add_signature(const struct vls_xml *x, xmlNodePtr binding,
                                            const struct vls_binding_outside *outside,
                                            const struct vls_binding_key *key, xmlNodePtr *out)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, TEXT_MAX);
    struct vls_status s = certificate_text(key->certificate, &text);
    if (!vls_ok(s))
        return vls_fail(s.code, x->why, "the certificate is too large");
    xmlNodePtr signature = xmlSecTmplSignatureCreateNsPref(
        x->doc, xmlSecTransformExclC14NId, method_of(key->key), NULL, BAD_CAST "ds");
    if (signature == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, x->why, "no memory for a signature");
    if (binding->children != NULL)
        xmlAddPrevSibling(binding->children, signature);
    else
        xmlAddChild(binding, signature);
    const char *certificate = vls_buf_text(&text);
    if (certificate == NULL || !add_references(signature, outside) ||
        !add_certificate(signature, certificate))
        return vls_fail(VLS_SYSTEM_MEMORY, x->why, "no memory for a signature");
    *out = signature;
    return VLS_DONE;
}
