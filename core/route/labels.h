#ifndef VALISE_ROUTE_LABELS_H
#define VALISE_ROUTE_LABELS_H
/*
 * route/labels - the labels of one submission: of each document, and their join, which the message
 * carries.
 *
 * Process:   router.
 * Ownership: what vls_labels_read() fills is the caller's, to be released by vls_labels_fini(); the
 *            labels borrow the schemes.
 * Start at:  vls_labels_read().
 *
 * The message's label is the join of the label given for it and of all documents' own. A document
 * without one of its own has the label given for the message; where that is lower than the join, it
 * is written down as the document's own, so that the others do not raise it.
 */
#include <schemas/ipc.pb-c.h>

#include "envelope/archive.h"
#include "label/label.h"
#include "policy/arrangement.h"

struct vls_labels {
    struct vls_label whole;  /* scheme NULL: none that is understood                       */
    struct vls_label *parts; /* one a document; scheme NULL: none of its own, as the whole  */
    size_t count;
    struct vls_buf der, text; /* of the whole; empty when there is none                      */
};

/** Read what a submission says. Nothing is guessed: a failure means that the message has no label
 * that is understood, and `why` says of which document; `out` is then empty and needs no release.
 *  @return LABEL_MISSING, LABEL_MALFORMED, LABEL_SCHEME, LABEL_VALUE (also for labels of two
 * schemes, for a join that its scheme does not allow, and for what is not valid now) */
VLS_STATUS vls_labels_read(const Valise__Submission *in, const struct vls_scheme_set *schemes,
                           uint64_t now_ms, struct vls_labels *out, struct vls_why *why);
void vls_labels_fini(struct vls_labels *labels);

/** Append labels.xml of a submission by that party; nothing when there is no label.
 *  @return as vls_archive_labels_write() */
VLS_STATUS vls_labels_xml(const struct vls_labels *labels, const struct vls_descriptor *descriptor,
                          uint64_t created_ms, const char *party, struct vls_buf *out,
                          struct vls_why *why);

/** The label of a message from `party`, as its manifest has it: strict DER, of the scheme that this
 * party labels by, and valid at this time. `out` owns its details.
 *  @return LABEL_MALFORMED, LABEL_SCHEME, LABEL_VALUE */
VLS_STATUS vls_labels_received(struct vls_slice der, const struct vls_scheme_set *schemes,
                               const struct vls_arrangement *arrangement, const char *party,
                               uint64_t now_ms, struct vls_label *out, struct vls_why *why);

#endif
