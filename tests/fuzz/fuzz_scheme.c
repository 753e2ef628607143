/* A scheme file, whoever wrote it. */
#include <stdlib.h>

#include "label/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each level that may be used is found again by its text and by its bytes. */
static void check_level(struct vls_scheme *scheme, const struct vls_classification *c)
{
    struct vls_scheme_set set = {&scheme, 1};
    struct vls_label label = vls_label_of(scheme, c), again;
    struct vls_why why;
    struct vls_buf text, der;
    vls_buf_init(&text, VLS_MAX_LABEL);
    vls_buf_init(&der, VLS_MAX_LABEL);
    if (!vls_ok(vls_label_text(&label, &text)) || !vls_ok(vls_label_encode(&label, &der)))
        abort();
    bool is_usable = !c->is_obsolete && !(c->requirement_count != 0);
    bool is_read = vls_ok(vls_label_read(vls_buf_text(&text), &set, &again, &why));
    if (is_read != is_usable || (is_read && again.classification != c))
        abort();
    bool is_decoded = vls_ok(vls_label_decode(vls_buf_slice(&der), &set, &again, &why));
    if (is_decoded == (c->requirement_count != 0) || (is_decoded && again.classification != c))
        abort();
    vls_buf_fini(&text);
    vls_buf_fini(&der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    struct vls_status s = vls_scheme_read(VLS_SLICE(data, size), "fuzz", &scheme, &why);
    if (!vls_ok(s)) {
        if (scheme != NULL || why.text[0] == '\0')
            abort();
        return 0;
    }
    if (vls_scheme_count(scheme) == 0)
        abort();
    for (size_t i = 0; i < vls_scheme_count(scheme); i++)
        check_level(scheme, vls_scheme_at(scheme, i));
    vls_scheme_free(&scheme);
    return 0;
}
