#include "envelope/archive_labels.h"

#include <string.h>

#include "base/mem.h"
#include "label/xml4774_label.h"
#include "label/xml4778_internal.h"

#define ENTRY_ROOM (sizeof VLS_ARCHIVE_DOCUMENTS + VLS_MAX_FILE_NAME)

#define DISAGREES(why, ...) vls_fail(VLS_LABEL_DISAGREES, why, VLS_ARCHIVE_LABELS ": " __VA_ARGS__)

/* -- writing ----------------------------------------------------------------------------------- */

/** Both may be missing in a label, and the format wants the first. */
static struct vls_status complete(struct vls_label *label, uint64_t created_ms,
                                  const char *originator)
{
    struct vls_label_details *details = vls_label_details(label);
    if (details->created_ms == 0)
        details->created_ms = created_ms;
    if (details->originator_count == 0 && originator != NULL)
        return vls_label_add_originator(label, originator);
    return VLS_DONE;
}

static struct vls_status add_binding(struct vls_xml4778 *form, const struct vls_label *label,
                                     uint64_t created_ms, const char *originator,
                                     struct vls_xml4778_binding **out, struct vls_why *why)
{
    VLS_DEFER(vls_label_fini) struct vls_label copy = {.scheme = NULL};
    struct vls_xml4774 *xml = NULL;
    VLS_TRY(vls_label_copy(label, &copy));
    VLS_TRY(complete(&copy, created_ms, originator));
    VLS_TRY(vls_xml4778_add(form, out));
    VLS_TRY(vls_xml4774_of(&copy, &xml, why));
    return vls_xml4778_add_label(form, *out, xml);
}

static struct vls_status add_document(struct vls_xml4778 *form, struct vls_xml4778_binding *binding,
                                      const struct vls_descriptor_part *part)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf name;
    vls_buf_init(&name, ENTRY_ROOM);
    VLS_TRY(vls_buf_add_text(&name, VLS_ARCHIVE_DOCUMENTS));
    VLS_TRY(vls_buf_add_text(&name, part->name));
    const char *text = vls_buf_text(&name);
    if (text == NULL)
        return (struct vls_status){VLS_SYSTEM_MEMORY};
    return vls_xml4778_add_reference(form, binding, text, NULL);
}

static struct vls_status fill(struct vls_xml4778 *form, const struct vls_label *whole,
                              const struct vls_label *parts, const struct vls_descriptor *d,
                              uint64_t created_ms, const char *originator, struct vls_why *why)
{
    struct vls_xml4778_binding *binding = NULL;
    VLS_TRY(add_binding(form, whole, created_ms, originator, &binding, why));
    VLS_TRY(vls_xml4778_add_reference(form, binding, VLS_ARCHIVE_DESCRIPTOR, NULL));
    for (size_t i = 0; i < d->part_count; i++)
        if (parts[i].scheme == NULL)
            VLS_TRY(add_document(form, binding, &d->parts[i]));
    for (size_t i = 0; i < d->part_count; i++) {
        if (parts[i].scheme == NULL)
            continue;
        VLS_TRY(add_binding(form, &parts[i], created_ms, NULL, &binding, why));
        VLS_TRY(add_document(form, binding, &d->parts[i]));
    }
    return VLS_DONE;
}

/* Each label is held against the reader when it is written. Not the whole file once more, as every
 * message would pay for it: its names are encoded, and there is nothing else in it. */
static struct vls_status write_form(const struct vls_xml4778 *form, struct vls_buf *out,
                                    struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    return vls_xml4778_write_element(form, out, why);
}

struct vls_status vls_archive_labels_write(const struct vls_label *whole,
                                           const struct vls_label *parts,
                                           const struct vls_descriptor *descriptor,
                                           uint64_t created_ms, const char *originator,
                                           struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_xml4778_free) struct vls_xml4778 *form = vls_xml4778_new();
    struct vls_why reason = {""};
    struct vls_status s = fill(form, whole, parts, descriptor, created_ms, originator, &reason);
    if (vls_ok(s))
        s = write_form(form, out, &reason);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "%s cannot be written: %s", VLS_ARCHIVE_LABELS,
                        reason.text[0] != '\0' ? reason.text : vls_status_text(s));
    return VLS_DONE;
}

/* -- checking ---------------------------------------------------------------------------------- */

struct check {
    const struct vls_label *whole;
    const struct vls_descriptor *descriptor;
    const struct vls_scheme_set *schemes;
    uint64_t now_ms;
    const struct vls_xml4778 *form;
    struct vls_label
        *parts; /* those that have none of their own are without scheme until the end */
    bool is_bound[VLS_MAX_PARTS], has_own[VLS_MAX_PARTS];
    struct vls_label first; /* of the whole, as labels.xml has it */
    struct vls_why *why;
};

static struct vls_status check_text(struct check *c, const char *what, const char *text,
                                    const struct vls_label *label)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf own;
    vls_buf_init(&own, VLS_MAX_LABEL_TEXT);
    if (label != NULL)
        VLS_TRY(vls_label_text(label, &own));
    if (vls_slice_is_equal(vls_buf_slice(&own), vls_slice_text(text)))
        return VLS_DONE;
    return vls_fail(VLS_LABEL_DISAGREES, c->why,
                    VLS_ARCHIVE_DESCRIPTOR ": the label of %.80s is '%.80s', and elsewhere '%.*s'",
                    what, text, own.len < 80 ? (int)own.len : 80, (const char *)own.at);
}

static struct vls_status read_label(const struct check *c, size_t number, struct vls_label *out)
{
    const struct vls_xml4778_binding *binding = &c->form->bindings[number];
    if (binding->label_count != 1 || binding->labels[0]->root != VLS_XML4774_ORIGINATOR)
        return DISAGREES(c->why, "binding %zu has not one label, that of the originator",
                         number + 1);
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    VLS_TRY(vls_xml4774_label(binding->labels[0], c->schemes, &label, c->why));
    VLS_TRY(vls_label_check_held(&label, c->now_ms, c->why));
    *out = label;
    label = (struct vls_label){.scheme = NULL};
    return VLS_DONE;
}

static struct vls_status find_document(const struct check *c, const char *name, size_t *out)
{
    size_t folder = strlen(VLS_ARCHIVE_DOCUMENTS);
    for (size_t i = 0; i < c->descriptor->part_count; i++)
        if (strncmp(name, VLS_ARCHIVE_DOCUMENTS, folder) == 0 &&
            strcmp(name + folder, c->descriptor->parts[i].name) == 0) {
            *out = i;
            return VLS_DONE;
        }
    return DISAGREES(c->why, "a label is bound to '%.120s', which is no document of the archive",
                     name);
}

/** One piece of data: the descriptor, which only the first binding has, or a document. */
static struct vls_status check_data(struct check *c, size_t binding, size_t number, size_t *out)
{
    const struct vls_xml4778_data *data = &c->form->bindings[binding].data[number];
    bool is_whole = binding == 0 && number == 0;
    VLS_DEFER(vls_buf_fini) struct vls_buf name;
    vls_buf_init(&name, VLS_MAX_XML_TEXT);
    VLS_TRY(vls_xml4778_name(data, &name, c->why));
    const char *text = vls_buf_text(&name);
    if (text == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for a name");
    if (is_whole != (strcmp(text, VLS_ARCHIVE_DESCRIPTOR) == 0))
        return DISAGREES(c->why,
                         "the first label, and no other, is bound to %s first; here is %.80s",
                         VLS_ARCHIVE_DESCRIPTOR, text);
    if (is_whole)
        return VLS_DONE;
    VLS_TRY(find_document(c, text, out));
    const char *media_type = c->descriptor->parts[*out].media_type;
    if (data->media_type != NULL && strcmp(data->media_type, media_type) != 0)
        return DISAGREES(c->why,
                         "the media type of '%.80s' is '%.60s', and in the descriptor '%.60s'",
                         text, data->media_type, media_type);
    c->is_bound[*out] = true; /* not twice: the reader refuses that */
    return VLS_DONE;
}

static struct vls_status check_whole(struct check *c)
{
    size_t part = 0;
    if (c->form->count == 0 || c->form->bindings[0].data_count == 0)
        return DISAGREES(c->why, "nothing is bound to %s", VLS_ARCHIVE_DESCRIPTOR);
    VLS_TRY(read_label(c, 0, &c->first));
    if (!vls_label_is_same(&c->first, c->whole))
        return DISAGREES(c->why, "the label of the whole is not the one of the manifest");
    for (size_t i = 0; i < c->form->bindings[0].data_count; i++)
        VLS_TRY(check_data(c, 0, i, &part));
    return VLS_DONE;
}

/** What a privacy mark means, no order says: the whole has that of its documents. */
static bool is_covered(const struct vls_label *part, const struct vls_label *whole)
{
    const char *mark = part->details != NULL ? part->details->privacy_mark : NULL;
    const char *held = whole->details != NULL ? whole->details->privacy_mark : NULL;
    return vls_label_dominates(whole, part) &&
           (mark == NULL || (held != NULL && strcmp(mark, held) == 0));
}

static struct vls_status check_document(struct check *c, size_t binding)
{
    size_t part = 0;
    VLS_DEFER(vls_label_fini) struct vls_label label = {.scheme = NULL};
    if (c->form->bindings[binding].data_count != 1)
        return DISAGREES(c->why, "binding %zu is not of one document", binding + 1);
    VLS_TRY(check_data(c, binding, 0, &part));
    VLS_TRY(read_label(c, binding, &label));
    const char *name = c->descriptor->parts[part].name;
    if (!is_covered(&label, c->whole))
        return DISAGREES(c->why, "the label of '%.120s' is not covered by that of the whole", name);
    VLS_TRY(check_text(c, name, c->descriptor->parts[part].label_text, &label));
    c->has_own[part] = true;
    c->parts[part] = label;
    label = (struct vls_label){.scheme = NULL};
    return VLS_DONE;
}

static struct vls_status check_rest(struct check *c)
{
    for (size_t i = 0; i < c->descriptor->part_count; i++) {
        const struct vls_descriptor_part *part = &c->descriptor->parts[i];
        if (!c->is_bound[i])
            return DISAGREES(c->why, "no label is bound to '%.120s'", part->name);
        if (c->has_own[i])
            continue;
        VLS_TRY(check_text(c, part->name, part->label_text, NULL));
        VLS_TRY(vls_label_copy(&c->first, &c->parts[i]));
    }
    return VLS_DONE;
}

static struct vls_status check_form(struct check *c)
{
    if (c->form->is_signed)
        return vls_fail(VLS_LABEL_XML, c->why,
                        "%s is signed; the labels of an archive are not, as the manifest is what "
                        "counts",
                        VLS_ARCHIVE_LABELS);
    VLS_TRY(check_text(c, "the whole", c->descriptor->label_text, c->whole));
    VLS_TRY(check_whole(c));
    for (size_t i = 1; i < c->form->count; i++)
        VLS_TRY(check_document(c, i));
    return check_rest(c);
}

struct vls_status vls_archive_labels_check(struct vls_slice xml, const struct vls_label *whole,
                                           const struct vls_descriptor *descriptor,
                                           const struct vls_scheme_set *schemes, uint64_t now_ms,
                                           struct vls_label *out_parts, struct vls_why *why)
{
    struct vls_xml4778 *form VLS_DEFER(vls_xml4778_free) = NULL;
    struct vls_label parts[VLS_MAX_PARTS] = {{.scheme = NULL}};
    if (xml.len == 0)
        return DISAGREES(why, "the archive has none, and the manifest has a label");
    VLS_TRY(vls_xml4778_read(xml, VLS_ARCHIVE_LABELS, &form, why));
    struct check c = {.whole = whole,
                      .descriptor = descriptor,
                      .schemes = schemes,
                      .now_ms = now_ms,
                      .form = form,
                      .parts = parts,
                      .why = why};
    struct vls_status s = check_form(&c);
    vls_label_fini(&c.first);
    for (size_t i = 0; i < descriptor->part_count; i++)
        if (vls_ok(s))
            out_parts[i] = parts[i];
        else
            vls_label_fini(&parts[i]);
    return s;
}
