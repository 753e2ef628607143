/* A label as a partner's manifest carries it. */
#include <stdlib.h>

#include "label/clearance.h"
#include "label/join.h"
#include "label/marking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TAGS(oid)                                                                                  \
    "<securityClassifications>"                                                                    \
    "<securityClassification name='LOW' lacv='10' hierarchy='1'/>"                                 \
    "<securityClassification name='MIDDLE' lacv='200' hierarchy='2' obsolete='true'/>"             \
    "<securityClassification name='HIGH' lacv='256' hierarchy='3'/></securityClassifications>"     \
    "<securityCategoryTagSets><securityCategoryTagSet name='S' id='" oid ".1'>"                    \
    "<securityCategoryTag name='r' tagType='restrictive'><tagCategory name='R0' lacv='0'/>"        \
    "<tagCategory name='R9' lacv='9'/></securityCategoryTag>"                                      \
    "<securityCategoryTag name='p' tagType='permissive'><tagCategory name='P1' lacv='1'/>"         \
    "<tagCategory name='P2' lacv='2'/></securityCategoryTag>"                                      \
    "<securityCategoryTag name='i' tagType='tagType7' tag7Encoding='bitSetAttributes'>"            \
    "<tagCategory name='I3' lacv='3'/></securityCategoryTag></securityCategoryTagSet>"             \
    "<securityCategoryTagSet name='E' id='" oid ".2'>"                                             \
    "<securityCategoryTag name='e' tagType='enumerated' enumType='permissive'>"                    \
    "<tagCategory name='E7' lacv='7'/><tagCategory name='E900' lacv='900'/></securityCategoryTag>" \
    "</securityCategoryTagSet><securityCategoryTagSet name='F' id='" oid ".3'>"                    \
    "<securityCategoryTag name='f' tagType='enumerated' enumType='restrictive'>"                   \
    "<tagCategory name='F1' lacv='1'/></securityCategoryTag></securityCategoryTagSet>"             \
    "</securityCategoryTagSets></SPIF>"

static const char *const SCHEMES[] = {
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
    " rbacId='2.16.840.1.101.2.1.8.3'>"
    "<securityPolicyId name='Fuzz' id='2.999.1'/>" TAGS("2.999.1"),
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
    " rbacId='2.16.840.1.101.2.1.8.1'>"
    "<securityPolicyId name='Fuzz M' id='2.999.2'/>" TAGS("2.999.2"),
};

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

/* Zero bits at the end, the order of tags and an integer given twice are not kept, so what is
 * written may be shorter than what was read; it is the same label, and written always alike. */
static void check_same(const struct vls_label *label, struct vls_slice der,
                       const struct vls_scheme_set *set)
{
    struct vls_buf first, second;
    struct vls_label again;
    vls_buf_init(&first, VLS_MAX_LABEL);
    vls_buf_init(&second, VLS_MAX_LABEL);
    must(vls_ok(vls_label_encode(label, &first)));
    must(first.len <= der.len && vls_ok(vls_label_check_form(vls_buf_slice(&first), NULL)));
    must(vls_ok(vls_label_decode_any(vls_buf_slice(&first), set, &again, NULL)));
    must(vls_label_is_same(label, &again) &&
         vls_ok(vls_label_check(label, NULL)) == vls_ok(vls_label_check(&again, NULL)));
    must(vls_ok(vls_label_encode(&again, &second)));
    must(vls_slice_is_equal(vls_buf_slice(&first), vls_buf_slice(&second)));
    vls_label_fini(&again);
    vls_buf_fini(&first);
    vls_buf_fini(&second);
}

/* With itself a label is equal, and joined it is what it was; an unknown category stops the join
 * and every clearance. */
static void check_lattice(const struct vls_label *label)
{
    struct vls_label sum;
    struct vls_clearance nothing = vls_clearance_of(label->scheme);
    bool is_known = vls_label_unknown_count(label) == 0;
    must(vls_label_compare(label, label) == VLS_LABEL_EQUAL);
    must(!vls_ok(vls_clearance_decide(&nothing, label, NULL)));
    must(vls_ok(vls_label_join(label, label, &sum, NULL)) == is_known);
    if (!is_known)
        return;
    must(vls_label_is_same(label, &sum) && vls_label_compare(label, &sum) == VLS_LABEL_EQUAL);
    vls_label_fini(&sum);
}

/* The text form holds class and categories; read for use anew it is checked as the label is. */
static void check_text(const struct vls_label *label, const struct vls_scheme_set *set)
{
    struct vls_buf text;
    struct vls_label again;
    vls_buf_init(&text, VLS_MAX_LABEL);
    bool is_known = vls_label_unknown_count(label) == 0;
    must(vls_ok(vls_label_text(label, &text)) == is_known);
    if (is_known) {
        must(vls_ok(vls_label_read_any(vls_buf_text(&text), set, &again, NULL)));
        must(again.classification == label->classification && again.nobody == label->nobody &&
             vls_label_compare(&again, label) == VLS_LABEL_EQUAL);
        must(vls_ok(vls_label_read(vls_buf_text(&text), set, &again, NULL)) ==
             vls_ok(vls_label_check_new(label, NULL)));
    }
    vls_buf_fini(&text);
}

static void check_marking(const struct vls_label *label)
{
    struct vls_buf mark;
    vls_buf_init(&mark, VLS_MAX_MARKING);
    uint32_t code = vls_label_mark(label, VLS_MARK_PAGE_TOP, "ar", &mark).code;
    must(code == VLS_OK || code == VLS_INPUT_LIMIT);
    vls_buf_fini(&mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vls_scheme *schemes[2];
    struct vls_why why;
    for (size_t i = 0; i < 2 && schemes[i] == NULL; i++)
        must(vls_ok(vls_scheme_read(vls_slice_text(SCHEMES[i]), "fuzz", &schemes[i], &why)));
    struct vls_scheme_set set = {schemes, 2};
    struct vls_slice der = VLS_SLICE(data, size);
    struct vls_label label;
    bool has_form = vls_ok(vls_label_check_form(der, &why));
    if (!vls_ok(vls_label_decode_any(der, &set, &label, &why)))
        return 0;
    must(has_form);
    check_same(&label, der, &set);
    check_lattice(&label);
    check_text(&label, &set);
    check_marking(&label);
    vls_label_fini(&label);
    return 0;
}
