#ifndef VALISE_ENVELOPE_ARCHIVE_H
#define VALISE_ENVELOPE_ARCHIVE_H
/*
 * envelope/archive - take apart the plain archive that comes out of vls_open(), and read its
 * descriptor.
 *
 * Process:   host (with a sink), command line; never a process that holds keys or the database,
 * since the archive comes from the partner. Start at:  vls_archive_read().
 */
#include <schemas/about.pb-c.h>

#include "base/bytes.h"
#include "base/limits.h"

/** What the archive holds: the descriptor first, then the labels (unless the message has none that
 * is understood), then the documents in the order of the descriptor. */
#define VLS_ARCHIVE_DESCRIPTOR "descriptor.json"
#define VLS_ARCHIVE_LABELS     "labels.xml" /* archive_labels.h */
#define VLS_ARCHIVE_DOCUMENTS  "documents/"

/** Names such as "member-states". */
struct vls_descriptor_names {
    char **at;
    size_t count;
};

/** descriptor.json, checked. Strings are owned. What is behind the parts the recipient has to know
 * to handle the message as its sender does; NULL or empty: not stated. */
struct vls_descriptor {
    char *subject;
    char *label_text; /* readable label; must agree with the manifest's */
    struct vls_descriptor_part {
        char *name, *media_type;
        char *label_text; /* empty: it has none of its own, and the whole's holds */
        uint64_t bytes;
    } * parts;
    size_t part_count;
    char *distribution; /* how far its issuer distributes it: "general", ... */
    bool has_personal_data;
    char *safeguards;          /* reference of what protects the personal data */
    uint64_t embargo_until_ms; /* 0: none */
    struct vls_descriptor_names audience, topics;
    char *answer_state; /* of an answer: "full", "partial", ... */
    /* what the documents are: of the whole (part 0) and of single ones, each at most once */
    struct vls_descriptor_abouts {
        Valise__About **at;
        size_t count;
    } abouts;
};

/** Make the JSON of a descriptor. Appends to `out`. */
VLS_STATUS vls_descriptor_write(const struct vls_descriptor *descriptor, struct vls_buf *out,
                                struct vls_why *why);
/** @return ENVELOPE_DESCRIPTOR with the member */
VLS_STATUS vls_descriptor_read(struct vls_slice json, struct vls_descriptor *out,
                               struct vls_why *why);
void vls_descriptor_fini(struct vls_descriptor *descriptor);

/** Called in the order of the archive; each may fail to stop the reading. The bytes of labels.xml,
 * empty when there is none, live until vls_archive_read() returns. */
struct vls_archive_events {
    void *ctx;
    struct vls_status (*begin)(void *ctx, const struct vls_descriptor *descriptor,
                               struct vls_slice labels_xml, struct vls_why *why);
    struct vls_status (*part_begin)(void *ctx, size_t number, struct vls_why *why);
    struct vls_status (*part_bytes)(void *ctx, struct vls_slice bytes, struct vls_why *why);
    struct vls_status (*part_end)(void *ctx, struct vls_why *why);
};

/** Read the archive from the start of `fd`. Names, sizes and number of parts must be exactly those
 * of the descriptor; anything else in the archive (links, devices, other names, trailing entries)
 * is refused. Memory is constant.
 *  @return ENVELOPE_DESCRIPTOR, ENVELOPE_MALFORMED, or what an event returned */
VLS_STATUS vls_archive_read(int fd, const struct vls_archive_events *events, struct vls_why *why);

#endif
