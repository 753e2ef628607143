#include "kit/mail.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "envelope/archive_labels.h"

#define CREATED_MS UINT64_C(1700000000000)

/* What is made on the way, released together. */
struct making {
    const struct kit_mail *mail;
    struct vls_label whole, labels[VLS_MAX_PARTS];
    struct vls_descriptor_part rows[VLS_MAX_PARTS];
    char names[VLS_MAX_PARTS][16];
    struct vls_buf json, named, xml;
    struct archive *tar;
};

static char *lent(const char *text)
{
    return (char *)(uintptr_t)(text != NULL ? text : "");
}

static uint64_t bytes_of(const struct kit_part *part)
{
    return part->bytes.len * (part->times != 0 ? part->times : 1);
}

static void making_fini(struct making *m)
{
    vls_label_fini(&m->whole);
    for (size_t i = 0; i < m->mail->count && i < VLS_MAX_PARTS; i++)
        vls_label_fini(&m->labels[i]);
    vls_buf_fini(&m->json);
    vls_buf_fini(&m->named);
    vls_buf_fini(&m->xml);
    if (m->tar != NULL)
        archive_write_free(m->tar);
}

/* -- descriptor and labels --------------------------------------------------------------------- */

/* The descriptor is written with harmless names, which are then replaced: its writer would refuse
 * the names that some checks need. */
static struct vls_status put_names(struct making *m, struct vls_why *why)
{
    const char *at = vls_buf_text(&m->json);
    for (size_t i = 0; at != NULL && i < m->mail->count; i++) {
        char placeholder[32];
        snprintf(placeholder, sizeof placeholder, "\"part-%zu\"", i);
        const char *found = strstr(at, placeholder);
        if (found == NULL)
            return vls_fail(VLS_SYSTEM_BUG, why, "the descriptor lacks part %zu", i);
        VLS_TRY(vls_buf_add(&m->named, at, (size_t)(found - at)));
        VLS_TRY(vls_buf_add_format(&m->named, "\"%s\"", m->mail->parts[i].name));
        at = found + strlen(placeholder);
    }
    return at != NULL ? vls_buf_add_text(&m->named, at)
                      : vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a descriptor");
}

static struct vls_status write_descriptor(struct making *m, struct vls_why *why)
{
    const struct kit_mail *mail = m->mail;
    struct vls_descriptor descriptor = {
        .subject = lent(mail->subject),
        .label_text = lent(mail->label),
        .parts = m->rows,
        .part_count = mail->count,
        .has_personal_data = mail->has_personal_data,
        .distribution = (char *)(uintptr_t)mail->distribution,
        .safeguards = (char *)(uintptr_t)mail->safeguards,
        .answer_state = (char *)(uintptr_t)mail->answer_state,
        .embargo_until_ms = mail->embargo_until_ms,
        .abouts = {(Valise__About **)(uintptr_t)mail->abouts, mail->about_count},
    };
    for (size_t i = 0; i < mail->count; i++) {
        const struct kit_part *part = &mail->parts[i];
        snprintf(m->names[i], sizeof m->names[i], "part-%zu", i);
        m->rows[i] = (struct vls_descriptor_part){
            .name = m->names[i],
            .media_type = lent(part->media_type != NULL ? part->media_type : "text/plain"),
            .bytes = bytes_of(part),
            .label_text = lent(part->label)};
    }
    VLS_TRY(vls_descriptor_write(&descriptor, &m->json, why));
    return put_names(m, why);
}

/* With the names that the documents have; where they are none that can be bound, there is no
 * labels.xml, and it is the descriptor that is refused. */
static void write_labels(struct making *m)
{
    struct vls_descriptor_part rows[VLS_MAX_PARTS] = {{0}};
    struct vls_descriptor descriptor = {.parts = rows, .part_count = m->mail->count};
    struct vls_why why;
    for (size_t i = 0; i < m->mail->count; i++)
        rows[i].name = lent(m->mail->parts[i].name);
    VLS_IGNORE(vls_archive_labels_write(&m->whole, m->labels, &descriptor, CREATED_MS, NULL,
                                        &m->xml, &why),
               "a name that cannot be bound is what is wanted");
}

/* -- the archive ------------------------------------------------------------------------------- */

static struct vls_status begin_entry(struct archive *tar, const char *name, uint64_t bytes,
                                     struct vls_why *why)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)bytes);
    int result = archive_write_header(tar, entry);
    archive_entry_free(entry);
    if (result != ARCHIVE_OK)
        return vls_fail(VLS_SYSTEM_IO, why, "archive: %s", archive_error_string(tar));
    return VLS_DONE;
}

static struct vls_status add_bytes(struct archive *tar, struct vls_slice bytes, struct vls_why *why)
{
    if (bytes.len != 0 && archive_write_data(tar, bytes.at, bytes.len) != (la_ssize_t)bytes.len)
        return vls_fail(VLS_SYSTEM_IO, why, "archive: %s", archive_error_string(tar));
    return VLS_DONE;
}

static struct vls_status add_text(struct archive *tar, const char *name, struct vls_slice bytes,
                                  struct vls_why *why)
{
    VLS_TRY(begin_entry(tar, name, bytes.len, why));
    return add_bytes(tar, bytes, why);
}

static struct vls_status add_part(struct archive *tar, const struct kit_part *part,
                                  struct vls_why *why)
{
    char name[VLS_MAX_PATH];
    snprintf(name, sizeof name, "documents/%s", part->name);
    VLS_TRY(begin_entry(tar, name, bytes_of(part), why));
    for (uint64_t i = 0; i < (part->times != 0 ? part->times : 1); i++)
        VLS_TRY(add_bytes(tar, part->bytes, why));
    return VLS_DONE;
}

static struct vls_status write_archive(struct making *m, int fd, struct vls_why *why)
{
    m->tar = archive_write_new();
    if (archive_write_set_format_pax_restricted(m->tar) != ARCHIVE_OK ||
        archive_write_open_fd(m->tar, fd) != ARCHIVE_OK)
        return vls_fail(VLS_SYSTEM_IO, why, "archive: %s", archive_error_string(m->tar));
    VLS_TRY(add_text(m->tar, "descriptor.json", vls_buf_slice(&m->named), why));
    if (m->xml.len != 0)
        VLS_TRY(add_text(m->tar, "labels.xml", vls_buf_slice(&m->xml), why));
    for (size_t i = 0; i < m->mail->count; i++)
        VLS_TRY(add_part(m->tar, &m->mail->parts[i], why));
    if (archive_write_close(m->tar) != ARCHIVE_OK)
        return vls_fail(VLS_SYSTEM_IO, why, "archive: %s", archive_error_string(m->tar));
    return VLS_DONE;
}

/* Somewhere within the bytes of the last part. */
static struct vls_status cut(const struct kit_mail *mail, int fd, struct vls_why *why)
{
    uint64_t size;
    VLS_TRY(vls_fd_size(fd, &size, why));
    uint64_t last = mail->count > 0 ? bytes_of(&mail->parts[mail->count - 1]) : 0;
    uint64_t behind =
        2 * 512 + last / 2; /* the end of a tar archive is two empty blocks at least */
    if (ftruncate(fd, size > behind ? (off_t)(size - behind) : 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "cut an archive");
    return VLS_DONE;
}

static struct vls_status make(struct making *m, int fd, struct vls_why *why)
{
    const struct kit_mail *mail = m->mail;
    if (mail->count > VLS_MAX_PARTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %d parts", VLS_MAX_PARTS);
    VLS_TRY(vls_label_read(mail->label, mail->schemes, &m->whole, why));
    for (size_t i = 0; i < mail->count; i++)
        if (mail->parts[i].label != NULL)
            VLS_TRY(vls_label_read(mail->parts[i].label, mail->schemes, &m->labels[i], why));
    VLS_TRY(write_descriptor(m, why));
    if (!mail->is_without_labels)
        write_labels(m);
    VLS_TRY(write_archive(m, fd, why));
    return mail->is_cut ? cut(mail, fd, why) : VLS_DONE;
}

struct vls_status kit_mail_archive(const struct kit_mail *mail, int *out_fd, struct vls_why *why)
{
    VLS_DEFER(making_fini) struct making m = {.mail = mail};
    int fd VLS_DEFER(vls_fd_close) = -1;
    vls_buf_init(&m.json, VLS_MAX_DESCRIPTOR);
    vls_buf_init(&m.named, VLS_MAX_DESCRIPTOR);
    vls_buf_init(&m.xml, VLS_MAX_LABELS_XML);
    VLS_TRY(vls_fd_memory("archive", &fd, why));
    VLS_TRY(make(&m, fd, why));
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

struct vls_status kit_mail_label(const struct kit_mail *mail, struct vls_buf *out,
                                 struct vls_why *why)
{
    VLS_DEFER(vls_label_fini) struct vls_label label = {.scheme = NULL};
    VLS_TRY(vls_label_read(mail->label, mail->schemes, &label, why));
    return vls_label_encode(&label, out);
}
