#ifndef VALISE_LABEL_DER_INTERNAL_H
#define VALISE_LABEL_DER_INTERNAL_H
/*
 * label/der_internal - strict DER, as far as labels need it; offsets in messages count from the
 * first byte of the label.
 *
 * Start at: vls_der_take(); der.c.
 */
#include "label/scheme_internal.h"

#define DER_BOOLEAN    0x01
#define DER_INTEGER    0x02
#define DER_BITS       0x03
#define DER_NULL       0x05
#define DER_OID        0x06
#define DER_ENUMERATED 0x0a
#define DER_UTF8       0x0c
#define DER_PRINTABLE  0x13
#define DER_SEQUENCE   0x30
#define DER_SET        0x31

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
/** The elements within `rest`, whatever they mean, and within them, as far as DER can be judged
 * without knowing the type: tags, lengths, primitive or constructed, the values of simple types. */
VLS_STATUS vls_der_check_inside(const struct vls_der *d, struct vls_slice rest);
/** An element of a SET OF stands not before the one before it; it may be the same. */
VLS_STATUS vls_der_check_sorted(const struct vls_der *d, struct vls_slice before,
                                struct vls_slice element);
/** The same for elements of which none may come twice. */
VLS_STATUS vls_der_check_order(const struct vls_der *d, struct vls_slice before,
                               struct vls_slice element);
/** DER's order of two encodings: below, equal to or above 0. */
int vls_der_compare(struct vls_slice a, struct vls_slice b);

/** How many bytes from the front a PrintableString may hold. */
size_t vls_der_printable(struct vls_slice text);

/** Append an element. */
VLS_STATUS vls_der_put(struct vls_buf *out, uint8_t tag, struct vls_slice content);
VLS_STATUS vls_der_put_number(struct vls_buf *out, uint64_t value);

/* -- categories */

#define TAG_TYPE  0x80
#define TAG_VALUE 0xa1

#define VLS_CATEGORY_ACP145_LEN 9 /* the type of a category without its last arc */
#define VLS_CATEGORY_MISSI_LEN  9
extern const uint8_t vls_category_acp145[VLS_CATEGORY_ACP145_LEN];
extern const uint8_t vls_category_missi[VLS_CATEGORY_MISSI_LEN];

/** How tags of a type are written; in the order in which MISSI's tags of one tag set come. */
struct vls_category_form {
    uint8_t acp145, missi; /* last arc of the type; number of the tag */
    enum vls_tag_type type;
    bool is_bits; /* a bit string, not a set of integers */
};
#define VLS_CATEGORY_FORMS 6
extern const struct vls_category_form vls_category_forms[VLS_CATEGORY_FORMS];

/** Is `tag` written in that form? */
bool vls_category_form_has(const struct vls_category_form *form, const struct vls_tag *tag);

/** What may not come twice in one label. */
struct vls_category_key {
    struct vls_slice type;
    struct vls_slice tag_set; /* at NULL: it speaks of none, and may be repeated */
    bool is_bits;
};

/** Read one SecurityCategory, of content `body`, into `label`, or only its form when that is NULL;
 * what the scheme does not know is kept as unknown. */
VLS_STATUS vls_category_decode(const struct vls_der *d, struct vls_slice body,
                               struct vls_slice whole, struct vls_label *label,
                               struct vls_category_key *out);
/** Append the content of the SET OF SecurityCategory. */
VLS_STATUS vls_category_encode(const struct vls_label *label, struct vls_buf *out);

#endif
