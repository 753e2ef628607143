#ifndef VALISE_TESTS_LABEL_TEST_H
#define VALISE_TESTS_LABEL_TEST_H
/* What the tests of labels and policy share: cmocka with its headers, and the shipped scheme. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "label/label.h"

#define UN_SCHEME VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml"

#define assert_code(status, expected)                                                              \
    assert_string_equal(vls_status_name(status),                                                   \
                        vls_status_name((struct vls_status){VLS_##expected}))

/* A scheme set of the shipped scheme and a second one whose lacv run against its ranks. */
struct label_schemes {
    struct vls_scheme_set set;
    const struct vls_scheme *un, *other;
};

static const char OTHER_SCHEME[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.0'>"
    "<securityPolicyId name='Other' id='1.3.6.1.4.1.32473.9'/>"
    "<securityClassifications>"
    "<securityClassification name='LOW' lacv='200' hierarchy='1'/>"
    "<securityClassification name='OLD' lacv='128' hierarchy='2' obsolete='true'/>"
    "<securityClassification name='HIGH' lacv='0' hierarchy='3'/>"
    "<securityClassification name='TOP' lacv='256' hierarchy='4'/>"
    "</securityClassifications></SPIF>";

static inline struct label_schemes load_schemes(void)
{
    struct label_schemes s = {.set = {.schemes = vls_mem_new(2 * sizeof(struct vls_scheme *))}};
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_load(UN_SCHEME, &s.set.schemes[0], &why)))
        fail_msg("%s", why.text);
    if (!vls_ok(
            vls_scheme_read(vls_slice_text(OTHER_SCHEME), "other.xml", &s.set.schemes[1], &why)))
        fail_msg("%s", why.text);
    s.set.count = 2;
    s.un = s.set.schemes[0];
    s.other = s.set.schemes[1];
    return s;
}

static inline struct vls_label label_of(const struct label_schemes *s, const char *text)
{
    struct vls_label label = {.scheme = NULL, .classification = NULL};
    struct vls_why why = {""};
    if (!vls_ok(vls_label_read(text, &s->set, &label, &why)))
        fail_msg("%s: %s", text, why.text);
    return label;
}

#endif
