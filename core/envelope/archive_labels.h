#ifndef VALISE_ENVELOPE_ARCHIVE_LABELS_H
#define VALISE_ENVELOPE_ARCHIVE_LABELS_H
/*
 * envelope/archive_labels - labels.xml of an archive: the label of the whole and of each document,
 * as an ADatP-4778 binding of ADatP-4774 labels, so that whoever opens the archive with common
 * tools finds them in the standard's form.
 *
 * Process:   router (writing); host and command line (checking), which read what the partner wrote.
 * Ownership: labels are borrowed.
 * Start at:  vls_archive_labels_write(), vls_archive_labels_check().
 *
 * The DER label in the manifest is authoritative. labels.xml says the same or the message is
 * refused. The first binding is of the whole: its label is that of the manifest, its data the
 * descriptor, which stands for the whole, and all documents without a label of their own. Then one
 * binding follows for each document that has one. So everything in the archive is bound once, as
 * the format wants it. No document's label is above the whole's.
 */
#include "envelope/archive.h"
#include "label/label.h"

/** `parts[i].scheme` NULL: the document has no label of its own; the whole's holds. A label without
 * creation time gets `created_ms`, the whole one without originator `originator` ("IDType:value").
 * The texts in the descriptor are not looked at. Appends.
 *  @return LABEL_VALUE when ADatP-4774 has no place for a label, LABEL_XML, INPUT_LIMIT */
VLS_STATUS vls_archive_labels_write(const struct vls_label *whole, const struct vls_label *parts,
                                    const struct vls_descriptor *descriptor, uint64_t created_ms,
                                    const char *originator, struct vls_buf *out,
                                    struct vls_why *why);

/** Hold labels.xml and the texts in the descriptor against the manifest's label. `out_parts` has
 * room for descriptor->part_count; each becomes a copy with details of its own (the whole's, where
 * a document has none of its own), to be released by vls_label_fini(); on failure there is nothing
 * to release. An empty `xml` is an archive without labels.xml: it disagrees.
 *  @return LABEL_DISAGREES with what differs, LABEL_XML, LABEL_SCHEME, LABEL_VALUE */
VLS_STATUS vls_archive_labels_check(struct vls_slice xml, const struct vls_label *whole,
                                    const struct vls_descriptor *descriptor,
                                    const struct vls_scheme_set *schemes, uint64_t now_ms,
                                    struct vls_label *out_parts, struct vls_why *why);

#endif
