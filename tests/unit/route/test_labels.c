/* A label given in full travels whole, and a received one is held against its sender's scheme. */
#include "route/labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "envelope/archive_labels.h"

#define NOW_MS       1790000000000u /* within the example arrangement's time in force */
#define DAY_MS       86400000u
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define PUBLIC       "un-sgb-2007-6/unclassified"
#define OTHER_SCHEME "tlp-2-0/clear"
#define AUTHOR       "rfc822Name:registry@example.org"

/* One document; the message's label in full. */
struct fixture {
    struct vls_scheme_set schemes;
    struct vls_arrangement *arrangement;
    struct vls_buf der, later_der;
    Valise__Submission in;
    Valise__Part part, *parts[1];
    Valise__LabelDetails full, later, *all[2];
    char *originators[1];
};

static void load(struct fixture *f, const char *path)
{
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_load(path, &f->schemes.schemes[f->schemes.count++], &why)))
        fail_msg("%s", why.text);
}

static void encode(struct fixture *f, const char *text, struct vls_buf *der)
{
    struct vls_label label;
    vls_buf_init(der, VLS_MAX_LABEL);
    assert_true(vls_ok(vls_label_read(text, &f->schemes, &label, NULL)));
    assert_true(vls_ok(vls_label_encode(&label, der)));
    vls_label_fini(&label);
}

static int set_up(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    f->schemes.schemes = vls_mem_new(2 * sizeof *f->schemes.schemes);
    load(f, VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml");
    load(f, VALISE_SOURCE_DIR "/schemas/spif/tlp-2-0.xml");
    assert_true(vls_ok(vls_arrangement_load(VALISE_SOURCE_DIR "/schemas/arrangements/un-iom.yaml",
                                            &f->schemes, &f->arrangement, NULL)));
    encode(f, CONFIDENTIAL, &f->der);
    encode(f, PUBLIC, &f->later_der);
    valise__submission__init(&f->in);
    valise__part__init(&f->part);
    valise__label_details__init(&f->full);
    valise__label_details__init(&f->later);
    f->part.name = (char *)(uintptr_t) "a.txt";
    f->parts[0] = &f->part;
    f->in.parts = f->parts;
    f->in.n_parts = 1;
    f->all[0] = &f->full;
    f->all[1] = &f->later;
    f->in.full_label = f->all;
    f->in.n_full_label = 1;
    f->originators[0] = (char *)(uintptr_t)AUTHOR;
    f->full.der = (ProtobufCBinaryData){f->der.len, f->der.at};
    f->full.originators = f->originators;
    f->full.n_originators = 1;
    f->full.created_ms = NOW_MS - DAY_MS;
    f->later.der = (ProtobufCBinaryData){f->later_der.len, f->later_der.at};
    f->later.created_ms = NOW_MS - DAY_MS;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    vls_buf_fini(&f->der);
    vls_buf_fini(&f->later_der);
    vls_arrangement_free(&f->arrangement);
    vls_scheme_set_free(&f->schemes);
    vls_mem_free(f);
    return 0;
}

/* -- given in full ----------------------------------------------------------------------------- */

/* What the other side's sink finds in labels.xml. */
static void send_and_open(struct fixture *f, struct vls_label *out)
{
    struct vls_labels labels;
    struct vls_why why = {""};
    struct vls_descriptor_part row = {f->part.name, (char *)(uintptr_t) "", (char *)(uintptr_t) "",
                                      1};
    struct vls_buf xml VLS_DEFER(vls_buf_fini);
    vls_buf_init(&xml, VLS_MAX_LABELS_XML);
    if (!vls_ok(vls_labels_read(&f->in, &f->schemes, NOW_MS, &labels, &why)))
        fail_msg("%s", why.text);
    struct vls_descriptor descriptor = {.subject = (char *)(uintptr_t) "",
                                        .label_text = (char *)(uintptr_t)vls_buf_text(&labels.text),
                                        .parts = &row,
                                        .part_count = 1};
    if (!vls_ok(vls_labels_xml(&labels, &descriptor, NOW_MS, "un", &xml, &why)) ||
        !vls_ok(vls_archive_labels_check(vls_buf_slice(&xml), &labels.whole, &descriptor,
                                         &f->schemes, NOW_MS, out, &why)))
        fail_msg("%s", why.text);
    vls_labels_fini(&labels);
}

static void assert_refused(struct fixture *f, const char *words)
{
    struct vls_labels labels;
    struct vls_why why = {""};
    assert_int_equal(vls_labels_read(&f->in, &f->schemes, NOW_MS, &labels, &why).code,
                     VLS_LABEL_VALUE);
    if (strstr(why.text, words) == NULL)
        fail_msg("\"%s\" instead of \"%s\"", why.text, words);
}

static void full_label__dates_and_originator__travel_to_the_sink(void **state)
{
    struct fixture *f = *state;
    struct vls_label found;
    f->full.review_ms = NOW_MS + DAY_MS;
    send_and_open(f, &found);
    assert_int_equal(found.details->created_ms, NOW_MS - DAY_MS);
    assert_int_equal(found.details->review_ms, NOW_MS + DAY_MS);
    assert_int_equal(found.details->originator_count, 1);
    assert_string_equal(found.details->originators[0], AUTHOR);
    vls_label_fini(&found);
}

static void full_label__nothing_but_der__gets_message_time_and_party(void **state)
{
    struct fixture *f = *state;
    struct vls_label found;
    f->full.n_originators = 0;
    f->full.created_ms = 0;
    send_and_open(f, &found);
    assert_int_equal(found.details->created_ms, NOW_MS);
    assert_string_equal(found.details->originators[0],
                        "uniformResourceIdentifier:urn:valise:party:un");
    vls_label_fini(&found);
}

static void full_label__successor__travels_and_lowers_nothing(void **state)
{
    struct fixture *f = *state;
    struct vls_label found, later;
    f->full.succession_ms = NOW_MS + DAY_MS;
    f->in.n_full_label = 2;
    send_and_open(f, &found);
    assert_true(vls_ok(vls_label_read(PUBLIC, &f->schemes, &later, NULL)));
    assert_int_equal(found.details->succession_ms, NOW_MS + DAY_MS);
    assert_non_null(found.details->successor);
    assert_true(vls_label_is_same(found.details->successor, &later));
    assert_false(vls_label_is_same(&found, &later));
    vls_label_fini(&later);
    vls_label_fini(&found);
}

static void full_label__succeeded_already__refused_not_lowered(void **state)
{
    struct fixture *f = *state;
    f->full.succession_ms = NOW_MS;
    f->in.n_full_label = 2;
    assert_refused(f, "has been succeeded");
}

static void full_label__what_labels_xml_cannot_hold__refused(void **state)
{
    struct fixture *f = *state;
    f->full.succession_ms = NOW_MS + DAY_MS;
    assert_refused(f, "give the successor too");
    f->in.n_full_label = 2;
    f->later.review_ms = NOW_MS + DAY_MS;
    assert_refused(f, "a successor has no review date");
}

static void full_label__beside_a_text__refused(void **state)
{
    struct fixture *f = *state;
    f->in.label = (char *)(uintptr_t)CONFIDENTIAL;
    assert_refused(f, "labelled twice");
}

/* -- received ---------------------------------------------------------------------------------- */

static uint32_t receive(struct fixture *f, struct vls_slice der, const char *party, uint64_t now_ms)
{
    struct vls_label label;
    struct vls_status s =
        vls_labels_received(der, &f->schemes, f->arrangement, party, now_ms, &label, NULL);
    if (vls_ok(s))
        vls_label_fini(&label);
    return s.code;
}

static void received__senders_scheme__accepted(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(receive(f, vls_buf_slice(&f->der), "un", NOW_MS), VLS_OK);
}

static void received__of_another_scheme__refused(void **state)
{
    struct fixture *f = *state;
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    encode(f, OTHER_SCHEME, &der);
    assert_int_equal(receive(f, vls_buf_slice(&der), "un", NOW_MS), VLS_LABEL_SCHEME);
}

static void received__from_no_party__refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(receive(f, vls_buf_slice(&f->der), "who", NOW_MS), VLS_LABEL_SCHEME);
}

static void received__broken_der__refused(void **state)
{
    struct fixture *f = *state;
    for (size_t len = 0; len < f->der.len; len++)
        assert_int_equal(receive(f, VLS_SLICE(f->der.at, len), "un", NOW_MS), VLS_LABEL_MALFORMED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(full_label__dates_and_originator__travel_to_the_sink),
        TEST(full_label__nothing_but_der__gets_message_time_and_party),
        TEST(full_label__successor__travels_and_lowers_nothing),
        TEST(full_label__succeeded_already__refused_not_lowered),
        TEST(full_label__what_labels_xml_cannot_hold__refused),
        TEST(full_label__beside_a_text__refused),
        TEST(received__senders_scheme__accepted),
        TEST(received__of_another_scheme__refused),
        TEST(received__from_no_party__refused),
        TEST(received__broken_der__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
