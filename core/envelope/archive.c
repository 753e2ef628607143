#include "envelope/archive.h"

#include <string.h>

#include "envelope/tar.h"

static struct vls_status read_descriptor(struct vls_tar_reader *tar, struct vls_descriptor *out,
                                         struct vls_why *why)
{
    const char *name;
    uint64_t bytes;
    VLS_TRY(vls_tar_next(tar, &name, &bytes, why));
    if (name == NULL || strcmp(name, VLS_ARCHIVE_DESCRIPTOR) != 0)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "the archive does not begin with descriptor.json");
    if (bytes > VLS_MAX_DESCRIPTOR)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "descriptor.json has %llu bytes, and the limit is %d",
                        (unsigned long long)bytes, VLS_MAX_DESCRIPTOR);
    VLS_DEFER(vls_buf_fini) struct vls_buf json;
    vls_buf_init(&json, VLS_MAX_DESCRIPTOR);
    VLS_TRY(vls_tar_read_all(tar, &json, why));
    return vls_descriptor_read(vls_buf_slice(&json), out, why);
}

static struct vls_status check_entry(const struct vls_descriptor *descriptor, size_t number,
                                     const char *name, uint64_t bytes, struct vls_why *why)
{
    const struct vls_descriptor_part *part = &descriptor->parts[number];
    size_t folder = strlen(VLS_ARCHIVE_DOCUMENTS);
    if (name == NULL)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "the archive ends before document %zu, %s",
                        number + 1, part->name);
    if (strncmp(name, VLS_ARCHIVE_DOCUMENTS, folder) != 0 || strcmp(name + folder, part->name) != 0)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "document %zu is %s in the archive and documents/%s in the descriptor",
                        number + 1, name, part->name);
    if (bytes != part->bytes)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "%s has %llu bytes in the archive and %llu in the descriptor", part->name,
                        (unsigned long long)bytes, (unsigned long long)part->bytes);
    return VLS_DONE;
}

/* Of the entry at which the reader stands: its name and length. */
struct entry {
    const char *name; /* NULL: the end of the archive */
    uint64_t bytes;
};

static struct vls_status read_part(struct vls_tar_reader *tar,
                                   const struct vls_descriptor *descriptor, size_t number,
                                   struct entry *entry, const struct vls_archive_events *events,
                                   struct vls_why *why)
{
    VLS_TRY(check_entry(descriptor, number, entry->name, entry->bytes, why));
    VLS_TRY(events->part_begin(events->ctx, number, why));
    for (;;) {
        struct vls_slice piece;
        VLS_TRY(vls_tar_read(tar, &piece, why));
        if (piece.len == 0)
            break;
        VLS_TRY(events->part_bytes(events->ctx, piece, why));
    }
    VLS_TRY(events->part_end(events->ctx, why));
    return vls_tar_next(tar, &entry->name, &entry->bytes, why);
}

static struct vls_status read_labels(struct vls_tar_reader *tar, struct entry *entry,
                                     struct vls_buf *out, struct vls_why *why)
{
    VLS_TRY(vls_tar_next(tar, &entry->name, &entry->bytes, why));
    if (entry->name == NULL || strcmp(entry->name, VLS_ARCHIVE_LABELS) != 0)
        return VLS_DONE;
    if (entry->bytes == 0 || entry->bytes > VLS_MAX_LABELS_XML)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "%s has %llu bytes; 1 to %u are allowed",
                        VLS_ARCHIVE_LABELS, (unsigned long long)entry->bytes, VLS_MAX_LABELS_XML);
    VLS_TRY(vls_tar_read_all(tar, out, why));
    return vls_tar_next(tar, &entry->name, &entry->bytes, why);
}

static struct vls_status read_all(struct vls_tar_reader *tar,
                                  const struct vls_descriptor *descriptor,
                                  const struct vls_archive_events *events, struct vls_why *why)
{
    struct entry entry;
    VLS_DEFER(vls_buf_fini) struct vls_buf labels;
    vls_buf_init(&labels, VLS_MAX_LABELS_XML);
    VLS_TRY(read_labels(tar, &entry, &labels, why));
    VLS_TRY(events->begin(events->ctx, descriptor, vls_buf_slice(&labels), why));
    for (size_t i = 0; i < descriptor->part_count; i++)
        VLS_TRY(read_part(tar, descriptor, i, &entry, events, why));
    if (entry.name != NULL)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "%s is in the archive and not in the descriptor", entry.name);
    return VLS_DONE;
}

struct vls_status vls_archive_read(int fd, const struct vls_archive_events *events,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_tar_reader_free) struct vls_tar_reader *tar = NULL;
    VLS_DEFER(vls_descriptor_fini) struct vls_descriptor descriptor = {0};
    VLS_TRY(vls_tar_reader_new(fd, VLS_ENVELOPE_MALFORMED, &tar, why));
    VLS_TRY(read_descriptor(tar, &descriptor, why));
    return read_all(tar, &descriptor, events, why);
}
