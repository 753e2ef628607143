#ifndef VALISE_LABEL_DER_INTERNAL_H
#define VALISE_LABEL_DER_INTERNAL_H
/*
 * label/der_internal - strict DER, as far as labels need it; offsets in messages count from the
 * first byte of the label.
 *
 * Start at: vls_der_take(); der.c.
 */
#include "label/scheme_internal.h"

#define DER_INTEGER   0x02
#define DER_BITS      0x03
#define DER_OID       0x06
#define DER_UTF8      0x0c
#define DER_PRINTABLE 0x13
#define DER_SEQUENCE  0x30
#define DER_SET       0x31

struct vls_der {
    const uint8_t *base; /* of the label */
    struct vls_why *why;
};

/** What went wrong at `at`. @return LABEL_MALFORMED */
VLS_STATUS vls_der_fail(const struct vls_der *d, const uint8_t *at, const char *words);
/** Take one element with tag `tag` (0: any) off the front of `rest`: its content, and the whole. */
VLS_STATUS vls_der_take(const struct vls_der *d, struct vls_slice *rest, uint8_t tag,
                        const char *name, struct vls_slice *out, struct vls_slice *out_whole);
/** A non-negative INTEGER of at most `max`. */
VLS_STATUS vls_der_number(const struct vls_der *d, struct vls_slice content, uint64_t max,
                          uint64_t *out);
/** Every element within, as far as elements hold elements. */
VLS_STATUS vls_der_check_all(const struct vls_der *d, struct vls_slice content, int depth);
/** An element of a SET OF stands behind the one before it. */
VLS_STATUS vls_der_check_order(const struct vls_der *d, struct vls_slice before,
                               struct vls_slice element);
/** DER's order of two encodings: below, equal to or above 0. */
int vls_der_compare(struct vls_slice a, struct vls_slice b);

/** Append an element. */
VLS_STATUS vls_der_put(struct vls_buf *out, uint8_t tag, struct vls_slice content);
VLS_STATUS vls_der_put_number(struct vls_buf *out, uint64_t value);

/** Read one SecurityCategory into `label`, or only its form when that is NULL; what the scheme does
 * not know is kept as unknown. *out_name is the tag set that it speaks of, if any. */
VLS_STATUS vls_category_decode(const struct vls_der *d, struct vls_slice whole,
                               struct vls_label *label, struct vls_slice *out_type,
                               struct vls_slice *out_name);
/** Append the content of the SET OF SecurityCategory. */
VLS_STATUS vls_category_encode(const struct vls_label *label, struct vls_buf *out);

#endif
