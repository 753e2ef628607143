/* Writing ADatP-4778: the elements in the order of the schema, a line each. No indents: such a file
 * is in every archive that is sent. */
#include "base/text.h"
#include "label/xml4778.h"
#include "label/xml4778_internal.h"

static VLS_STATUS add_label(const struct vls_xml4774 *label, struct vls_buf *out,
                            struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, "<Metadata>\n"));
    VLS_TRY(vls_xml4774_write_element(label, out, why));
    return vls_buf_add_text(out, "</Metadata>\n");
}

static VLS_STATUS add_media_type(const char *media_type, struct vls_buf *out)
{
    if (media_type == NULL)
        return VLS_DONE;
    VLS_TRY(vls_buf_add_text(out, " xmime:contentType=\""));
    VLS_TRY(vls_xml_escape(media_type, out));
    return vls_buf_add_text(out, "\"");
}

static VLS_STATUS add_data(const struct vls_xml4778_data *data, struct vls_buf *out)
{
    if (data->uri != NULL) {
        VLS_TRY(vls_buf_add_text(out, "<DataReference URI=\""));
        VLS_TRY(vls_xml_escape(data->uri, out));
        VLS_TRY(vls_buf_add_text(out, "\""));
        VLS_TRY(add_media_type(data->media_type, out));
        return vls_buf_add_text(out, "/>\n");
    }
    VLS_TRY(vls_buf_add_text(out, "<Data"));
    VLS_TRY(add_media_type(data->media_type, out));
    VLS_TRY(vls_buf_add_text(out,
                             ">\n<" VLS_XML4778_DATA " xmlns=\"" VLS_XML4778_DATA_NAMESPACE "\">"));
    VLS_TRY(vls_base64_add(data->bytes, out));
    return vls_buf_add_text(out, "</" VLS_XML4778_DATA ">\n</Data>\n");
}

static VLS_STATUS add_binding(const struct vls_xml4778_binding *binding, struct vls_buf *out,
                              struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, "<MetadataBinding>\n"));
    for (size_t i = 0; i < binding->label_count; i++)
        VLS_TRY(add_label(binding->labels[i], out, why));
    for (size_t i = 0; i < binding->data_count; i++)
        VLS_TRY(add_data(&binding->data[i], out));
    return vls_buf_add_text(out, "</MetadataBinding>\n");
}

struct vls_status vls_xml4778_write_element(const struct vls_xml4778 *form, struct vls_buf *out,
                                            struct vls_why *why)
{
    VLS_TRY(vls_buf_add_text(out, "<BindingInformation xmlns=\"" VLS_XML4778_NAMESPACE
                                  "\" xmlns:xmime=\"" VLS_XMLMIME_NAMESPACE "\">\n"
                                  "<MetadataBindingContainer>\n"));
    for (size_t i = 0; i < form->count; i++)
        VLS_TRY(add_binding(&form->bindings[i], out, why));
    return vls_buf_add_text(out, "</MetadataBindingContainer>\n</BindingInformation>\n");
}

/** What the reader would refuse is not written: it is held against the reader itself. */
static VLS_STATUS check_written(struct vls_slice file, struct vls_why *why)
{
    struct vls_xml4778 *again = NULL;
    struct vls_status s = vls_xml4778_read(file, "the binding to be written", &again, why);
    vls_xml4778_free(&again);
    return s;
}

struct vls_status vls_xml4778_write(const struct vls_xml4778 *form, struct vls_buf *out,
                                    struct vls_why *why)
{
    struct vls_why words = {""};
    VLS_DEFER(vls_buf_fini) struct vls_buf file;
    vls_buf_init(&file, VLS_MAX_XML_BINDING);
    struct vls_status s = vls_buf_add_text(&file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (vls_ok(s))
        s = vls_xml4778_write_element(form, &file, &words);
    if (!vls_ok(s) && words.text[0] != '\0')
        return vls_fail(s.code, why, "%s", words.text);
    if (s.code == VLS_INPUT_MALFORMED)
        return vls_fail(VLS_LABEL_XML, why, "a value of the binding is not one line of UTF-8");
    if (!vls_ok(s))
        return vls_fail(s.code, why, "the binding is too large for a file of %u bytes",
                        VLS_MAX_XML_BINDING);
    VLS_TRY(check_written(vls_buf_slice(&file), why));
    return vls_buf_add_slice(out, vls_buf_slice(&file));
}
