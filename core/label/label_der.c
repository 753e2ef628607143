#include <string.h>

#include "base/text.h"
#include "label/der_internal.h"
#include "label/oid.h"

/*
 * ESSSecurityLabel:
 *
 *     31 len                     SET
 *        02 len classification   INTEGER 0..256
 *        06 len policy           OBJECT IDENTIFIER
 *        0c len privacy mark     UTF8String, optional
 *        31 len categories       SET OF SecurityCategory, optional
 *        13 len privacy mark     PrintableString, optional; not both of them
 *
 * DER orders the members of a SET by the number of the tag that each of them bears, and an untagged
 * CHOICE bears the one of the alternative taken (X.690 10.3). So the INTEGER comes first although
 * the standard names the policy first, and the kind of privacy mark settles on which side of the
 * categories it stands. The standard lets a label go without a classification; such a label has no
 * rank and is refused.
 */
struct form {
    struct vls_slice oid, mark, categories; /* at NULL: not there */
    bool is_printable;
    uint32_t lacv;
};

/** A PrintableString has at most 128 characters; a UTF8String has no bound in RFC 2634, and 128
 * characters in X.841, which are as many as 512 bytes. */
static struct vls_status check_mark(const struct vls_der *d, struct vls_slice mark,
                                    bool is_printable)
{
    if (mark.len == 0)
        return vls_der_fail(d, mark.at, "a privacy mark that is empty");
    if (is_printable && mark.len > VLS_MAX_PRIVACY_MARK)
        return vls_der_fail(d, mark.at, "a privacy mark that is longer than 128 characters");
    if (mark.len > VLS_MAX_PRIVACY_TEXT)
        return vls_der_fail(d, mark.at, "a privacy mark that is longer than 512 bytes");
    if (!vls_text_is_clean(mark, false))
        return vls_der_fail(d, mark.at, "a privacy mark that is not clean text");
    size_t good = vls_der_printable(mark);
    if (is_printable && good != mark.len)
        return vls_der_fail(d, mark.at + good, "a character that no PrintableString has");
    return VLS_DONE;
}

/** Take the privacy mark of kind `tag` off `rest` when it comes next. */
static struct vls_status take_mark(const struct vls_der *d, struct vls_slice *rest, uint8_t tag,
                                   struct form *f)
{
    if (rest->len == 0 || rest->at[0] != tag)
        return VLS_DONE;
    if (f->mark.at != NULL)
        return vls_der_fail(d, rest->at, "a second privacy mark");
    f->is_printable = tag == DER_PRINTABLE;
    VLS_TRY(vls_der_take(d, rest, tag, "a privacy mark", &f->mark, NULL));
    return check_mark(d, f->mark, f->is_printable);
}

static struct vls_status take_categories(const struct vls_der *d, struct vls_slice *rest,
                                         struct form *f)
{
    if (rest->len == 0 || rest->at[0] != DER_SET)
        return VLS_DONE;
    VLS_TRY(vls_der_take(d, rest, DER_SET, "the categories", &f->categories, NULL));
    if (f->categories.len == 0)
        return vls_der_fail(d, f->categories.at, "a set of categories without any");
    return VLS_DONE;
}

/** What stands behind the policy, in the order of the tags. */
static struct vls_status take_optional(const struct vls_der *d, struct vls_slice *rest,
                                       struct form *f)
{
    VLS_TRY(take_mark(d, rest, DER_UTF8, f));
    VLS_TRY(take_categories(d, rest, f));
    VLS_TRY(take_mark(d, rest, DER_PRINTABLE, f));
    if (rest->len != 0)
        return vls_der_fail(
            d, rest->at,
            "an element that no label has, or that stands out of order: DER has "
            "02, 06, then 0c (mark in UTF-8), 31 (categories), 13 (printable mark)");
    return VLS_DONE;
}

static struct vls_status read_form(const struct vls_der *d, struct vls_slice der, struct form *out)
{
    if (der.len == 0)
        return vls_fail(VLS_LABEL_MALFORMED, d->why, "label, byte 0: it is empty");
    if (der.len > VLS_MAX_LABEL)
        return vls_fail(VLS_LABEL_MALFORMED, d->why, "label: %zu bytes, at most %d are read",
                        der.len, VLS_MAX_LABEL);
    struct vls_slice set, integer;
    struct form f = {.lacv = 0};
    uint64_t lacv;
    VLS_TRY(vls_der_take(d, &der, DER_SET, "a SET", &set, NULL));
    if (der.len != 0)
        return vls_der_fail(d, der.at, "bytes behind the end");
    VLS_TRY(vls_der_take(d, &set, DER_INTEGER, "the classification", &integer, NULL));
    VLS_TRY(vls_der_number(d, integer, VLS_MAX_LACV, &lacv));
    VLS_TRY(vls_der_take(d, &set, DER_OID, "the policy", &f.oid, NULL));
    VLS_TRY(take_optional(d, &set, &f));
    f.lacv = (uint32_t)lacv;
    *out = f;
    return VLS_DONE;
}

static struct vls_status check_oid(const struct vls_der *d, struct vls_slice oid, char *dotted)
{
    if (!vls_ok(vls_oid_text(oid, dotted)))
        return vls_der_fail(d, oid.at,
                            "a policy identifier that is not in its shortest form, or too long");
    return VLS_DONE;
}

static bool is_same_key(const struct vls_category_key *a, const struct vls_category_key *b)
{
    return a->tag_set.at != NULL && b->tag_set.at != NULL && a->is_bits == b->is_bits &&
           vls_slice_is_equal(a->type, b->type) && vls_slice_is_equal(a->tag_set, b->tag_set);
}

/** Read the categories; each in its order, and no tag set and type twice. */
static struct vls_status read_categories(const struct vls_der *d, struct vls_slice rest,
                                         struct vls_label *label)
{
    struct vls_category_key keys[VLS_MAX_SECURITY_CATEGORIES];
    struct vls_slice body, whole, before = {NULL, 0};
    for (size_t n = 0; rest.len != 0; n++) {
        VLS_TRY(vls_der_take(d, &rest, DER_SEQUENCE, "a category", &body, &whole));
        VLS_TRY(vls_der_check_order(d, before, whole));
        if (n == VLS_MAX_SECURITY_CATEGORIES)
            return vls_der_fail(d, whole.at, "more than 64 categories");
        VLS_TRY(vls_category_decode(d, body, whole, label, &keys[n]));
        for (size_t i = 0; i < n; i++)
            if (is_same_key(&keys[i], &keys[n]))
                return vls_der_fail(d, whole.at, "a second tag of the same type and tag set");
        before = whole;
    }
    return VLS_DONE;
}

struct vls_status vls_label_check_form(struct vls_slice der, struct vls_why *why)
{
    struct vls_der d = {der.at, why};
    char dotted[VLS_MAX_OID_TEXT];
    struct form form;
    VLS_TRY(read_form(&d, der, &form));
    VLS_TRY(check_oid(&d, form.oid, dotted));
    return read_categories(&d, form.categories, NULL);
}

static const struct vls_scheme *find_scheme(const struct vls_scheme_set *schemes,
                                            struct vls_slice oid)
{
    for (size_t i = 0; i < schemes->count; i++) {
        const struct vls_scheme *s = schemes->schemes[i];
        if (vls_slice_is_equal(VLS_SLICE(s->oid_der, s->oid_der_len), oid))
            return s;
    }
    return NULL;
}

static struct vls_status take_rest(const struct vls_der *d, const struct form *form,
                                   struct vls_label *label)
{
    char mark[VLS_MAX_PRIVACY_TEXT + 1];
    if (form->mark.at != NULL) {
        vls_copy(mark, form->mark.at, form->mark.len);
        mark[form->mark.len] = '\0';
        VLS_TRY(vls_label_set_privacy_mark(label, mark));
        label->details->is_printable_mark = form->is_printable;
    }
    return read_categories(d, form->categories, label);
}

struct vls_status vls_label_decode_any(struct vls_slice der, const struct vls_scheme_set *schemes,
                                       struct vls_label *out, struct vls_why *why)
{
    struct vls_der d = {der.at, why};
    struct form form;
    VLS_TRY(read_form(&d, der, &form));
    const struct vls_scheme *scheme = find_scheme(schemes, form.oid);
    if (scheme == NULL) {
        char dotted[VLS_MAX_OID_TEXT] = "?";
        VLS_TRY(check_oid(&d, form.oid, dotted));
        return vls_fail(VLS_LABEL_SCHEME, why, "the label's policy %s is of no scheme loaded here",
                        dotted);
    }
    const struct vls_classification *c = vls_scheme_by_lacv(scheme, form.lacv);
    if (c == NULL)
        return vls_fail(VLS_LABEL_VALUE, why, "scheme %.80s has no classification of value %u",
                        scheme->name, form.lacv);
    struct vls_label label = vls_label_of(scheme, c);
    struct vls_status s = take_rest(&d, &form, &label);
    if (!vls_ok(s)) {
        vls_label_fini(&label);
        return s;
    }
    *out = label;
    return VLS_DONE;
}

struct vls_status vls_label_decode(struct vls_slice der, const struct vls_scheme_set *schemes,
                                   struct vls_label *out, struct vls_why *why)
{
    struct vls_label label;
    VLS_TRY(vls_label_decode_any(der, schemes, &label, why));
    struct vls_status s = vls_label_check(&label, why);
    if (!vls_ok(s)) {
        vls_label_fini(&label);
        return s;
    }
    *out = label;
    return VLS_DONE;
}

/** Append the label's privacy mark when it is of kind `tag`. */
static struct vls_status put_mark(const struct vls_label *label, uint8_t tag, struct vls_buf *body)
{
    const struct vls_label_details *d = label->details;
    if (d == NULL || d->privacy_mark == NULL ||
        tag != (d->is_printable_mark ? DER_PRINTABLE : DER_UTF8))
        return VLS_DONE;
    return vls_der_put(body, tag, vls_slice_text(d->privacy_mark));
}

struct vls_status vls_label_encode(const struct vls_label *label, struct vls_buf *out)
{
    const struct vls_scheme *scheme = label->scheme;
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    struct vls_buf categories VLS_DEFER(vls_buf_fini);
    vls_buf_init(&body, VLS_MAX_LABEL);
    vls_buf_init(&categories, VLS_MAX_LABEL);
    VLS_TRY(vls_der_put_number(&body, label->classification->lacv));
    VLS_TRY(vls_der_put(&body, DER_OID, VLS_SLICE(scheme->oid_der, scheme->oid_der_len)));
    VLS_TRY(put_mark(label, DER_UTF8, &body));
    VLS_TRY(vls_category_encode(label, &categories));
    if (categories.len != 0)
        VLS_TRY(vls_der_put(&body, DER_SET, vls_buf_slice(&categories)));
    VLS_TRY(put_mark(label, DER_PRINTABLE, &body));
    return vls_der_put(out, DER_SET, vls_buf_slice(&body));
}
