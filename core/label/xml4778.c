/* Bindings in XML as a plain struct: made, filled, released; and the names of data as URIs. */
#include "label/xml4778.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "label/xml4778_internal.h"

/* Embedded data as bytes, and then the lists and texts. */
#define MEMORY_MAX (VLS_MAX_XML_BINDING + VLS_MAX_XML_MEMORY)

struct vls_xml4778 *vls_xml4778_new(void)
{
    struct vls_xml4778 *form = vls_mem_new(sizeof *form);
    form->bindings = vls_mem_new(VLS_MAX_XML_BINDINGS * sizeof *form->bindings);
    form->arena = vls_arena_new(MEMORY_MAX);
    return form;
}

void vls_xml4778_free(struct vls_xml4778 **form)
{
    if (*form == NULL)
        return;
    for (size_t i = 0; i < (*form)->count; i++) {
        struct vls_xml4778_binding *binding = &(*form)->bindings[i];
        for (size_t j = 0; j < binding->label_count; j++)
            vls_xml4774_free(&binding->labels[j]);
    }
    vls_arena_free(&(*form)->arena);
    vls_mem_free((*form)->bindings);
    vls_mem_free(*form);
    *form = NULL;
}

static VLS_STATUS no_memory(void)
{
    return vls_fail(VLS_SYSTEM_MEMORY, NULL, "no memory for a binding");
}

/** Room for one more in a list that is full at every power of two; the arena bounds it all. */
static VLS_STATUS grow(struct vls_xml4778 *form, void **list, size_t count, size_t each)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return VLS_DONE;
    void *larger = vls_arena_take(form->arena, (count == 0 ? 1 : 2 * count) * each);
    if (larger == NULL)
        return no_memory();
    vls_copy(larger, *list, count * each);
    *list = larger;
    return VLS_DONE;
}

struct vls_status vls_xml4778_add(struct vls_xml4778 *form, struct vls_xml4778_binding **out)
{
    if (form->count == VLS_MAX_XML_BINDINGS)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many bindings");
    *out = &form->bindings[form->count++];
    return VLS_DONE;
}

static size_t count_labels(const struct vls_xml4778 *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->count; i++)
        count += form->bindings[i].label_count;
    return count;
}

static size_t count_data(const struct vls_xml4778 *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->count; i++)
        count += form->bindings[i].data_count;
    return count;
}

static VLS_STATUS add_label(struct vls_xml4778 *form, struct vls_xml4778_binding *binding,
                            struct vls_xml4774 *label)
{
    if (count_labels(form) == VLS_MAX_XML_BOUND)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many labels");
    void *list = binding->labels;
    VLS_TRY(grow(form, &list, binding->label_count, sizeof(struct vls_xml4774 *)));
    binding->labels = list;
    size_t at = binding->label_count++;
    for (; at > 0 && binding->labels[at - 1]->root > label->root; at--)
        binding->labels[at] = binding->labels[at - 1];
    binding->labels[at] = label;
    return VLS_DONE;
}

struct vls_status vls_xml4778_add_label(struct vls_xml4778 *form,
                                        struct vls_xml4778_binding *binding,
                                        struct vls_xml4774 *label)
{
    struct vls_status s = add_label(form, binding, label);
    if (!vls_ok(s))
        vls_xml4774_free(&label);
    return s;
}

struct vls_status vls_xml4778_text(struct vls_xml4778 *form, const char *text, const char **out)
{
    const char *copy = NULL;
    if (text != NULL && (copy = vls_arena_text(form->arena, text)) == NULL)
        return no_memory();
    *out = copy;
    return VLS_DONE;
}

struct vls_status vls_xml4778_add_data(struct vls_xml4778 *form,
                                       struct vls_xml4778_binding *binding, const char *uri,
                                       struct vls_slice bytes, const char *media_type)
{
    if (count_data(form) == VLS_MAX_XML_BOUND)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many pieces of data");
    void *list = binding->data;
    struct vls_xml4778_data data = {.bytes = bytes};
    VLS_TRY(vls_xml4778_text(form, uri, &data.uri));
    VLS_TRY(vls_xml4778_text(form, media_type, &data.media_type));
    VLS_TRY(grow(form, &list, binding->data_count, sizeof data));
    binding->data = list;
    binding->data[binding->data_count++] = data;
    return VLS_DONE;
}

struct vls_status vls_xml4778_add_document(struct vls_xml4778 *form,
                                           struct vls_xml4778_binding *binding,
                                           const char *media_type)
{
    return vls_xml4778_add_data(form, binding, "", VLS_SLICE(NULL, 0), media_type);
}

struct vls_status vls_xml4778_add_embedded(struct vls_xml4778 *form,
                                           struct vls_xml4778_binding *binding,
                                           struct vls_slice bytes, const char *media_type)
{
    if (bytes.len > VLS_MAX_XML_EMBEDDED)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "embedded data of more than %u bytes",
                        VLS_MAX_XML_EMBEDDED);
    const uint8_t *copy = vls_arena_copy(form->arena, bytes.at, bytes.len);
    if (copy == NULL)
        return no_memory();
    return vls_xml4778_add_data(form, binding, NULL, VLS_SLICE(copy, bytes.len), media_type);
}

/* -- names ------------------------------------------------------------------------------------- */

#define UNRESERVED                                                                                 \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                                                   \
    "abcdefghijklmnopqrstuvwxyz"                                                                   \
    "0123456789-._~"
#define SUB_DELIMITERS "!$&'()*+,;="

/** A relative path whose every component names a file: what a URI of it cannot lead out of. */
static bool is_plain_path(const char *name)
{
    if (!vls_text_is_clean(vls_slice_text(name), false))
        return false;
    for (;; name++) {
        size_t len = strcspn(name, "/");
        if (len == 0 || len > VLS_MAX_FILE_NAME || (len == 1 && name[0] == '.') ||
            (len == 2 && name[0] == '.' && name[1] == '.'))
            return false;
        name += len;
        if (*name == '\0')
            return true;
    }
}

static VLS_STATUS encode(const char *name, struct vls_buf *out)
{
    for (; *name != '\0'; name++) {
        bool is_kept = *name == '/' || strchr(UNRESERVED, *name) != NULL;
        VLS_TRY(is_kept ? vls_buf_add(out, name, 1)
                        : vls_buf_add_format(out, "%%%02X", (unsigned)(uint8_t)*name));
    }
    return VLS_DONE;
}

struct vls_status vls_xml4778_add_reference(struct vls_xml4778 *form,
                                            struct vls_xml4778_binding *binding, const char *name,
                                            const char *media_type)
{
    if (!is_plain_path(name))
        return vls_fail(VLS_LABEL_XML, NULL, "not a relative path");
    VLS_DEFER(vls_buf_fini) struct vls_buf uri;
    vls_buf_init(&uri, VLS_MAX_XML_TEXT);
    VLS_TRY(encode(name, &uri));
    const char *text = vls_buf_text(&uri);
    if (text == NULL)
        return no_memory();
    return vls_xml4778_add_data(form, binding, text, VLS_SLICE(NULL, 0), media_type);
}

/** The characters of a relative path without scheme, host, query and fragment, decoded. A character
 * outside of ASCII stands for itself, as xs:anyURI allows. */
static VLS_STATUS decode(const char *uri, struct vls_buf *out)
{
    bool is_first = true;
    for (; *uri != '\0'; uri++) {
        uint8_t byte = (uint8_t)*uri;
        if (byte == '%') {
            char digits[3] = {uri[1], uri[1] != '\0' ? uri[2] : '\0', '\0'};
            VLS_TRY(vls_hex_read(digits, &byte, 1));
            if (byte == '/' || byte == '\0')
                return vls_fail(VLS_INPUT_MALFORMED, NULL, "an encoded separator");
            uri += 2;
        } else if (byte == '/') {
            is_first = false;
        } else if (byte < 0x80 && strchr(UNRESERVED SUB_DELIMITERS "@", byte) == NULL &&
                   (byte != ':' || is_first)) {
            return vls_fail(VLS_INPUT_MALFORMED, NULL, "not a character of a path");
        }
        VLS_TRY(vls_buf_add(out, &byte, 1));
    }
    return VLS_DONE;
}

struct vls_status vls_xml4778_name(const struct vls_xml4778_data *data, struct vls_buf *out,
                                   struct vls_why *why)
{
    if (data->uri == NULL)
        return vls_fail(VLS_LABEL_XML, why, "embedded data has no name");
    VLS_DEFER(vls_buf_fini) struct vls_buf name;
    vls_buf_init(&name, VLS_MAX_XML_TEXT);
    struct vls_status s = decode(data->uri, &name);
    const char *text = vls_ok(s) ? vls_buf_text(&name) : NULL;
    if (s.code == VLS_SYSTEM_MEMORY || (vls_ok(s) && text == NULL))
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a name");
    if (text == NULL || strlen(text) != name.len || !is_plain_path(text))
        return vls_fail(VLS_LABEL_XML, why,
                        "the reference '%.60s' is not a relative path to a file; nothing else is "
                        "followed",
                        data->uri);
    return vls_buf_add_slice(out, vls_buf_slice(&name));
}
