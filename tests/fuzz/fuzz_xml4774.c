/* A label in XML, whoever wrote it. */
#include <stdlib.h>

#include "label/xml4774.h"
#include "label/xml4774_lenient.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written, and what was written is read as the same. */
static void check_same(const struct vls_xml4774 *label)
{
    struct vls_xml4774 *again = NULL;
    struct vls_why why;
    struct vls_buf first, second;
    vls_buf_init(&first, 4 * VLS_MAX_XML_LABEL);
    vls_buf_init(&second, 4 * VLS_MAX_XML_LABEL);
    struct vls_status s = vls_xml4774_write(label, &first, &why);
    /* escapes and indents may carry a large label over the limit */
    if (vls_ok(s)) {
        if (!vls_ok(vls_xml4774_read(vls_buf_slice(&first), "again", &again, &why)) ||
            !vls_ok(vls_xml4774_write(again, &second, &why)) ||
            !vls_slice_is_equal(vls_buf_slice(&first), vls_buf_slice(&second)))
            abort();
    } else if (s.code != VLS_INPUT_LIMIT) {
        abort();
    }
    vls_xml4774_free(&again);
    vls_buf_fini(&first);
    vls_buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_xml4774 *label = NULL, *lenient = NULL;
    struct vls_forgiven forgiven;
    struct vls_why why = {""};
    struct vls_slice bytes = VLS_SLICE(data, size);
    bool is_read = vls_ok(vls_xml4774_read(bytes, "fuzz", &label, &why));
    if (!is_read && (label != NULL || why.text[0] == '\0'))
        abort();
    /* what the strict reader reads, the lenient one reads without forgiving */
    bool is_lenient = vls_ok(vls_xml4774_read_lenient(bytes, "fuzz", &lenient, &forgiven, &why));
    if (is_read && is_lenient && forgiven.count != 0)
        abort();
    if (is_read)
        check_same(label);
    vls_xml4774_free(&label);
    vls_xml4774_free(&lenient);
    return 0;
}
