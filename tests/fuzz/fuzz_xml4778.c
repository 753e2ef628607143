/* A binding in XML, whoever wrote it: read, named, written, read again. No signatures. */
#include <stdlib.h>

#include "label/xml4778.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name leads nowhere, and makes a reference of the same name. */
static void check_names(const struct vls_xml4778 *form)
{
    struct vls_buf name;
    vls_buf_init(&name, VLS_MAX_XML_TEXT);
    for (size_t i = 0; i < form->count; i++)
        for (size_t j = 0; j < form->bindings[i].data_count; j++) {
            vls_buf_clear(&name);
            if (!vls_ok(vls_xml4778_name(&form->bindings[i].data[j], &name, NULL)))
                continue;
            if (name.len == 0 || name.at[0] == '/')
                abort();
        }
    vls_buf_fini(&name);
}

static void check_same(const struct vls_xml4778 *form)
{
    struct vls_xml4778 *again = NULL;
    struct vls_why why;
    struct vls_buf first, second;
    vls_buf_init(&first, VLS_MAX_XML_BINDING);
    vls_buf_init(&second, VLS_MAX_XML_BINDING);
    struct vls_status s = vls_xml4778_write(form, &first, &why);
    /* escapes and indents may carry a large binding over the limit */
    if (vls_ok(s)) {
        if (!vls_ok(vls_xml4778_read(vls_buf_slice(&first), "again", &again, &why)) ||
            !vls_ok(vls_xml4778_write(again, &second, &why)) ||
            !vls_slice_is_equal(vls_buf_slice(&first), vls_buf_slice(&second)))
            abort();
    } else if (s.code != VLS_INPUT_LIMIT) {
        abort();
    }
    vls_xml4778_free(&again);
    vls_buf_fini(&first);
    vls_buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_xml4778 *form = NULL;
    struct vls_why why = {""};
    bool is_read = vls_ok(vls_xml4778_read(VLS_SLICE(data, size), "fuzz", &form, &why));
    if (!is_read && (form != NULL || why.text[0] == '\0'))
        abort();
    if (is_read) {
        check_names(form);
        check_same(form);
    }
    vls_xml4778_free(&form);
    return 0;
}
