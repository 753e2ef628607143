#ifndef VALISE_LABEL_BINDING_H
#define VALISE_LABEL_BINDING_H
/*
 * label/binding - a label bound to a file so that a third person can check it: an ADatP-4778
 * binding with an XML signature over it and over the data's digest, or a CMS signature that carries
 * the label as a signed attribute (id-aa-securityLabel, RFC 2634 section 3).
 *
 * Process:   command line alone: here is the key of an officer, and libxmlsec1. No gateway role
 *            links this.
 * Threads:   one: libxmlsec1 keeps whom it reads data from for the whole process.
 * Ownership: keys, certificates and descriptors are borrowed.
 * Start at:  vls_binding_sign() and vls_binding_verify(); vls_binding_embed() and
 *            vls_binding_verify_embedded(); vls_binding_cms_sign() and vls_binding_cms_verify().
 *
 * Profile of the XML signature, and nothing else is accepted: one ds:Signature; exclusive
 * canonicalization; SHA-256 digests; ECDSA with P-256 or P-384, or RSA of at least 3072 bits, with
 * SHA-256 or SHA-384; one enveloped reference to the whole file (URI="") and one reference to each
 * external piece of data, by the URI that the binding uses, so that its digest is signed; X509Data
 * with the signer's certificate alone. A URI is never followed: only data that the caller gave
 * under that URI is read, in pieces; the binding itself, with what is embedded in it, is in memory
 * and no larger than VLS_MAX_XML_BINDING.
 *
 * The same keys and digests hold for CMS, where the certificates between the signer's and the
 * trusted one may stand in the file.
 *
 * A signer's certificate chains to a certificate of the `trust` that the caller gives, and never to
 * those of the system; it is valid, now or at the time that `trust` is set to; names
 * digitalSignature as its use; and is meant for e-mail, documents or anything, where it says so.
 * Nothing in the chain is signed with SHA-1. Revocation is checked when `trust` has lists and
 * flags for that; nothing is fetched.
 */
#include <openssl/types.h>

#include "label/label.h"
#include "label/xml4778.h"

#define VLS_BINDING_RSA_BITS 3072 /* the smallest key */

/** Data that a binding refers to, as the caller has it: a file, read from offset 0, in constant
 * memory. Its own offset does not move. */
struct vls_binding_source {
    const char *name; /* as given to vls_xml4778_add_reference() */
    int fd;
};

struct vls_binding_key {
    EVP_PKEY *key;
    X509 *certificate;
};

/** Who signed: the certificate's subject as RFC 2253 text, and SHA-256 of its DER. */
struct vls_binding_signer {
    char subject[256];
    struct vls_digest fingerprint;
};

/** Sign a binding. Every reference needs its source, and every source its reference. Appends the
 * signed file. @return LABEL_BINDING, LABEL_XML, INPUT_LIMIT, SYSTEM_CRYPTO, SYSTEM_IO */
VLS_STATUS vls_binding_sign(const struct vls_xml4778 *form, const struct vls_binding_key *key,
                            const struct vls_binding_source *sources, size_t count,
                            struct vls_buf *out, struct vls_why *why);

/** Check form, signature, digests and the signer's chain to `trust`. On success the binding is what
 * the signer bound to exactly these bytes. @return LABEL_XML, LABEL_BINDING with what is wrong,
 * SYSTEM_IO */
VLS_STATUS vls_binding_verify(struct vls_slice xml, const char *file,
                              const struct vls_binding_source *sources, size_t count,
                              X509_STORE *trust, struct vls_xml4778 **out,
                              struct vls_binding_signer *out_signer, struct vls_why *why);

/** Put a binding into an XML document, as the last child of its root, and sign the document.
 * `form` holds one binding of one piece of data: vls_xml4778_add_document(). Appends the document.
 * The signature does not cover comments, and so a document must have none; nor a document type.
 * @return as vls_binding_sign() */
VLS_STATUS vls_binding_embed(struct vls_slice document, const char *file,
                             const struct vls_xml4778 *form, const struct vls_binding_key *key,
                             struct vls_buf *out, struct vls_why *why);

/** Check a document with the one binding that its root holds. @return as vls_binding_verify() */
VLS_STATUS vls_binding_verify_embedded(struct vls_slice document, const char *file,
                                       X509_STORE *trust, struct vls_xml4778 **out,
                                       struct vls_binding_signer *out_signer, struct vls_why *why);

/** A CMS SignedData, detached, over the bytes of `fd`, with the DER label as signed attribute.
 * Appends DER. @return LABEL_MALFORMED, LABEL_BINDING, SYSTEM_CRYPTO, SYSTEM_IO */
VLS_STATUS vls_binding_cms_sign(int fd, struct vls_slice label_der,
                                const struct vls_binding_key *key, struct vls_buf *out,
                                struct vls_why *why);

/** Check it against the bytes of `fd`. Exactly one signer with exactly one label; the label is in
 * strict DER. Appends the label. @return LABEL_BINDING, LABEL_MALFORMED, SYSTEM_IO */
VLS_STATUS vls_binding_cms_verify(struct vls_slice cms, int fd, X509_STORE *trust,
                                  struct vls_buf *out_label_der,
                                  struct vls_binding_signer *out_signer, struct vls_why *why);

/** Only read the label of a CMS SignedData, nothing verified: for `valise label show`, which says
 * so. @return LABEL_BINDING when there is none, LABEL_MALFORMED */
VLS_STATUS vls_binding_cms_label(struct vls_slice cms, struct vls_buf *out_label_der,
                                 struct vls_why *why);

#endif
