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
 * refused: the first binding is of the whole (its label is that of the manifest, its data all
 * documents); then one binding for each document with a label of its own. No document's label is
 * above the whole's.
 */
#include "envelope/archive.h"
#include "label/label.h"

/** `parts[i].scheme` NULL: the document has no label of its own; the whole's holds. A label without
 * creation time gets `created_ms`. Appends. */
VLS_STATUS vls_archive_labels_write(const struct vls_label *whole, const struct vls_label *parts,
                                    const struct vls_descriptor *descriptor, uint64_t created_ms,
                                    struct vls_buf *out, struct vls_why *why);

/** Hold labels.xml against the manifest's label and the descriptor. `out_parts` has room for
 * descriptor->part_count; each becomes a copy with details of its own (the whole's, where a
 * document has none of its own), to be released by vls_label_fini(); on failure there is nothing to
 * release.
 *  @return LABEL_DISAGREES with what differs, LABEL_XML, LABEL_SCHEME, LABEL_VALUE */
VLS_STATUS vls_archive_labels_check(struct vls_slice xml, const struct vls_label *whole,
                                    const struct vls_descriptor *descriptor,
                                    const struct vls_scheme_set *schemes,
                                    struct vls_label *out_parts, struct vls_why *why);

#endif
