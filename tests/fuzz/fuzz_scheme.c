/* A scheme file, whoever wrote it. */
#include <stdlib.h>

#include "label/label.h"
#include "label/marking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A label has a marking at every place, in whatever language. */
static void check_markings(const struct vls_label *label)
{
    struct vls_buf out;
    vls_buf_init(&out, VLS_MAX_MARKING);
    for (size_t i = 0; vls_marking_place_name(i) != NULL; i++) {
        vls_buf_clear(&out);
        if (!vls_ok(vls_label_mark(label, (enum vls_marking_code)(1u << i), "fr-CH", &out)))
            abort();
    }
    vls_buf_fini(&out);
}

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
    bool is_valid = vls_ok(vls_label_check(&label, NULL));
    bool is_usable = vls_ok(vls_label_check_new(&label, NULL));
    bool is_read = vls_ok(vls_label_read(vls_buf_text(&text), &set, &again, &why));
    if (is_read != is_usable || (is_read && again.classification != c))
        abort();
    bool is_decoded = vls_ok(vls_label_decode(vls_buf_slice(&der), &set, &again, &why));
    if (is_decoded != is_valid || (is_decoded && again.classification != c))
        abort();
    check_markings(&label);
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
