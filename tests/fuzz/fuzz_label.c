/* A label as a partner's manifest carries it. */
#include <stdlib.h>

#include "label/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char SCHEME[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
    "<securityPolicyId name='Fuzz' id='2.999.1'/><securityClassifications>"
    "<securityClassification name='LOW' lacv='10' hierarchy='1'/>"
    "<securityClassification name='MIDDLE' lacv='200' hierarchy='2' obsolete='true'/>"
    "<securityClassification name='HIGH' lacv='256' hierarchy='3'/>"
    "</securityClassifications></SPIF>";

/* What was read is written again byte for byte: there is one encoding of a label. */
static void check_same(const struct vls_label *label, struct vls_slice der)
{
    struct vls_buf again;
    vls_buf_init(&again, VLS_MAX_LABEL);
    if (!vls_ok(vls_label_encode(label, &again)) || !vls_slice_is_equal(vls_buf_slice(&again), der))
        abort();
    vls_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vls_scheme *scheme;
    struct vls_why why;
    if (scheme == NULL && !vls_ok(vls_scheme_read(vls_slice_text(SCHEME), "fuzz", &scheme, &why)))
        abort();
    struct vls_scheme_set set = {&scheme, 1};
    struct vls_slice der = VLS_SLICE(data, size);
    struct vls_label label;
    bool has_form = vls_ok(vls_label_check_form(der, &why));
    bool is_known = vls_ok(vls_label_decode(der, &set, &label, &why));
    if (is_known && !has_form)
        abort();
    if (is_known)
        check_same(&label, der);
    return 0;
}
