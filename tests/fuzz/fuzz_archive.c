/* A plain archive as it comes out of a partner's sealed part, and the labels in it. */
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "envelope/archive_labels.h"

static const char SPIF[] = "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
                           "<securityPolicyId name='T' id='2.999.1'/><securityClassifications>"
                           "<securityClassification name='LOW' lacv='9' hierarchy='1'/>"
                           "<securityClassification name='HIGH' lacv='17' hierarchy='2'/>"
                           "</securityClassifications></SPIF>";

static struct vls_scheme *scheme;
static const struct vls_scheme_set SCHEMES = {&scheme, 1};
static struct vls_label whole; /* t/high, as the manifest would have it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_label(void)
{
    if (scheme == NULL && (!vls_ok(vls_scheme_read(vls_slice_text(SPIF), "spif", &scheme, NULL)) ||
                           !vls_ok(vls_label_read("t/high", &SCHEMES, &whole, NULL))))
        abort();
}

/* Whatever stands in labels.xml: no document comes out of it above the whole. */
static struct vls_status begin(void *ctx, const struct vls_descriptor *descriptor,
                               struct vls_slice labels_xml, struct vls_why *why)
{
    struct vls_label parts[VLS_MAX_PARTS];
    (void)ctx;
    VLS_TRY(vls_archive_labels_check(labels_xml, &whole, descriptor, &SCHEMES,
                                     UINT64_C(1800000000000), parts, why));
    for (size_t i = 0; i < descriptor->part_count; i++) {
        if (!vls_label_dominates(&whole, &parts[i]))
            abort();
        vls_label_fini(&parts[i]);
    }
    return VLS_DONE;
}

static struct vls_status pass_number(void *ctx, size_t number, struct vls_why *why)
{
    (void)ctx;
    (void)number;
    (void)why;
    return VLS_DONE;
}

static struct vls_status pass_bytes(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    (void)ctx;
    (void)bytes;
    (void)why;
    return VLS_DONE;
}

static struct vls_status pass_end(void *ctx, struct vls_why *why)
{
    (void)ctx;
    (void)why;
    return VLS_DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct vls_archive_events EVENTS = {NULL, begin, pass_number, pass_bytes,
                                                     pass_end};
    struct vls_why why = {""};
    int fd VLS_DEFER(vls_fd_close) = -1;
    make_label();
    if (!vls_ok(vls_fd_memory_of("archive", VLS_SLICE(data, size), &fd, NULL)))
        return 0;
    if (!vls_ok(vls_archive_read(fd, &EVENTS, &why)) && why.text[0] == '\0')
        abort();
    return 0;
}
