#ifndef VALISE_LABEL_BINDING_INTERNAL_H
#define VALISE_LABEL_BINDING_INTERNAL_H
/*
 * label/binding_internal - what the forms of bindings share: certificates, the XML signature as an
 * element, and libxmlsec1.
 *
 * Process: command line. One thread.
 */
#include <openssl/x509.h>

#include "label/binding.h"
#include "label/xml4778_internal.h"

/** The URIs of data outside of the file that is signed, and their names. */
struct vls_binding_outside {
    const char *uris[VLS_MAX_XML_BOUND];
    size_t count;
    const struct vls_binding_source *sources;
    size_t source_count;
};

/* -- certificates ------------------------------------------------------------------------------ */

/** A key of the profile. @return LABEL_BINDING */
VLS_STATUS vls_binding_check_key(EVP_PKEY *key, struct vls_why *why);
/** A key of the profile, and the certificate of that key, which may sign. @return LABEL_BINDING */
VLS_STATUS vls_binding_check_pair(const struct vls_binding_key *key, struct vls_why *why);
/** It may sign, and chains to `trust` over `others`, which may be NULL. @return LABEL_BINDING */
VLS_STATUS vls_binding_check_certificate(X509 *certificate, STACK_OF(X509) * others,
                                         X509_STORE *trust, struct vls_why *why);
/** @return SYSTEM_CRYPTO */
VLS_STATUS vls_binding_signer_of(X509 *certificate, struct vls_binding_signer *out,
                                 struct vls_why *why);

/* -- XML signature ----------------------------------------------------------------------------- */

/** Hold ds:Signature against the profile, with a reference to the file and one to each URI, and
 * nothing else. Appends the certificate's DER. @return x->code */
VLS_STATUS vls_binding_check_signature(const struct vls_xml *x, xmlNodePtr signature,
                                       const struct vls_binding_outside *outside,
                                       struct vls_buf *out_certificate);

/** Once, before anything of libxmlsec1 is used. @return SYSTEM_CRYPTO */
VLS_STATUS vls_binding_xmlsec_ready(struct vls_why *why);

/** Put an empty ds:Signature of the profile as the first child of `binding`. */
VLS_STATUS vls_binding_add_signature(const struct vls_xml *x, xmlNodePtr binding,
                                     const struct vls_binding_outside *outside,
                                     const struct vls_binding_key *key, xmlNodePtr *out);

/** Fill in digests and value. @return SYSTEM_CRYPTO, SYSTEM_IO */
VLS_STATUS vls_binding_xmlsec_sign(xmlNodePtr signature, EVP_PKEY *key,
                                   const struct vls_binding_outside *outside, struct vls_why *why);
/** Check digests and value. @return LABEL_BINDING, SYSTEM_CRYPTO, SYSTEM_IO */
VLS_STATUS vls_binding_xmlsec_verify(xmlNodePtr signature, EVP_PKEY *key,
                                     const struct vls_binding_outside *outside,
                                     struct vls_why *why);

/** Sign the file that `x` holds, within `binding`, and append it. */
VLS_STATUS vls_binding_sign_tree(struct vls_xml *x, xmlNodePtr binding,
                                 const struct vls_binding_outside *outside,
                                 const struct vls_binding_key *key, struct vls_buf *out);
/** Check the signature within `binding`. */
VLS_STATUS vls_binding_verify_tree(const struct vls_xml *x, xmlNodePtr binding,
                                   const struct vls_binding_outside *outside, X509_STORE *trust,
                                   struct vls_binding_signer *out_signer);

#endif
