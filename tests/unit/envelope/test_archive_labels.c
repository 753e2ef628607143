/* labels.xml of an archive: written as it is read, and every way in which it may say something else
 * than the manifest. */
#include "envelope/archive_labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define CREATED_MS   1790000000000u
#define ORIGINATOR   "uniformResourceIdentifier:urn:valise:party:un"
#define CONFIDENTIAL "un-sgb-2007-6/confidential"
#define PUBLIC       "un-sgb-2007-6/unclassified"

static struct vls_scheme_set schemes;

/* Two documents; the second one has a label of its own. */
struct fixture {
    struct vls_label whole, parts[2];
    struct vls_descriptor_part rows[2];
    struct vls_descriptor descriptor;
    struct vls_buf xml;
    uint64_t now_ms;
};

static int load_schemes(void **state)
{
    (void)state;
    schemes.schemes = vls_mem_new(sizeof *schemes.schemes);
    return vls_ok(vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml",
                                  &schemes.schemes[schemes.count++], NULL))
               ? 0
               : -1;
}

static int free_schemes(void **state)
{
    (void)state;
    vls_scheme_set_free(&schemes);
    return 0;
}

static void read_text(const char *text, struct vls_label *out)
{
    assert_true(vls_ok(vls_label_read(text, &schemes, out, NULL)));
}

static void write_xml(struct fixture *f)
{
    vls_buf_clear(&f->xml);
    assert_true(vls_ok(vls_archive_labels_write(&f->whole, f->parts, &f->descriptor, CREATED_MS,
                                                ORIGINATOR, &f->xml, NULL)));
}

static int set_up(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    f->now_ms = CREATED_MS;
    f->rows[0] = (struct vls_descriptor_part){(char *)"a b.pdf", (char *)"", (char *)"", 1};
    f->rows[1] = (struct vls_descriptor_part){(char *)"c.csv", (char *)"", (char *)PUBLIC, 1};
    f->descriptor = (struct vls_descriptor){.subject = (char *)"",
                                            .label_text = (char *)CONFIDENTIAL,
                                            .parts = f->rows,
                                            .part_count = 2};
    vls_buf_init(&f->xml, VLS_MAX_LABELS_XML);
    read_text(CONFIDENTIAL, &f->whole);
    read_text(PUBLIC, &f->parts[1]);
    write_xml(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    vls_label_fini(&f->whole);
    vls_label_fini(&f->parts[1]);
    vls_buf_fini(&f->xml);
    vls_mem_free(f);
    return 0;
}

static uint32_t check(struct fixture *f)
{
    struct vls_label out[2];
    struct vls_status s = vls_archive_labels_check(vls_buf_slice(&f->xml), &f->whole,
                                                   &f->descriptor, &schemes, f->now_ms, out, NULL);
    for (size_t i = 0; i < 2 && vls_ok(s); i++)
        vls_label_fini(&out[i]);
    return s.code;
}

/* `to` may be of another length. */
static void replace(struct fixture *f, const char *from, const char *to)
{
    struct vls_buf changed;
    vls_buf_init(&changed, VLS_MAX_LABELS_XML);
    const char *text = vls_buf_text(&f->xml), *found = strstr(text, from);
    assert_non_null(found);
    assert_true(vls_ok(vls_buf_add(&changed, text, (size_t)(found - text))));
    assert_true(vls_ok(vls_buf_add_text(&changed, to)));
    assert_true(vls_ok(vls_buf_add_text(&changed, found + strlen(from))));
    vls_buf_fini(&f->xml);
    f->xml = changed;
}

/* The manifest's DER has no dates: only labels.xml says that a label has been succeeded. */
static void label__succeeded_by_a_higher_one__stops_from_then_on(void **state)
{
    struct fixture *f = *state;
    struct vls_label higher;
    struct vls_label_details *details = vls_label_details(&f->parts[1]);
    details->created_ms = CREATED_MS;
    details->succession_ms = CREATED_MS + 1000;
    read_text(CONFIDENTIAL, &higher);
    vls_label_details(&higher)->created_ms = CREATED_MS;
    details->successor = vls_mem_new(sizeof higher);
    *details->successor = higher;
    write_xml(f);
    assert_int_equal(check(f), VLS_OK);
    f->now_ms = CREATED_MS + 1000;
    assert_int_equal(check(f), VLS_LABEL_VALUE);
}

static void labels__as_written__agree_and_are_handed_out(void **state)
{
    struct fixture *f = *state;
    struct vls_label out[2];
    assert_true(vls_ok(vls_archive_labels_check(vls_buf_slice(&f->xml), &f->whole, &f->descriptor,
                                                &schemes, f->now_ms, out, NULL)));
    assert_true(vls_label_is_same(&out[0], &f->whole));
    assert_true(vls_label_is_same(&out[1], &f->parts[1]));
    assert_int_equal(out[0].details->created_ms, CREATED_MS);
    assert_string_equal(out[0].details->originators[0], ORIGINATOR);
    vls_label_fini(&out[0]);
    vls_label_fini(&out[1]);
}

static void whole__other_classification__disagrees(void **state)
{
    replace(*state, ">CONFIDENTIAL<", ">UNCLASSIFIED<");
    assert_int_equal(check(*state), VLS_LABEL_DISAGREES);
}

static void whole__privacy_mark_only_in_the_manifest__disagrees(void **state)
{
    struct fixture *f = *state;
    assert_true(vls_ok(vls_label_set_privacy_mark(&f->whole, "staff matters")));
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
    write_xml(f);
    assert_int_equal(check(f), VLS_OK);
}

static void part__above_the_whole__disagrees(void **state)
{
    struct fixture *f = *state;
    read_text("un-sgb-2007-6/strictly-confidential", &f->parts[1]);
    f->rows[1].label_text = (char *)"un-sgb-2007-6/strictly-confidential";
    write_xml(f);
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
}

static void part__privacy_mark_that_the_whole_has_not__disagrees(void **state)
{
    struct fixture *f = *state;
    assert_true(vls_ok(vls_label_set_privacy_mark(&f->parts[1], "staff matters")));
    write_xml(f);
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
}

static void part__without_binding__disagrees(void **state)
{
    struct fixture *f = *state;
    f->descriptor.part_count = 1;
    write_xml(f);
    f->descriptor.part_count = 2;
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
}

static void binding__of_what_is_not_in_the_archive__disagrees(void **state)
{
    struct fixture *f = *state;
    f->descriptor.part_count = 1;
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
}

static void part__other_file_name__disagrees(void **state)
{
    replace(*state, "documents/c.csv", "documents/d.csv");
    assert_int_equal(check(*state), VLS_LABEL_DISAGREES);
}

static void descriptor__other_text_of_the_whole_or_a_part__disagrees(void **state)
{
    struct fixture *f = *state;
    f->descriptor.label_text = (char *)PUBLIC;
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
    f->descriptor.label_text = (char *)CONFIDENTIAL;
    f->rows[1].label_text = (char *)"";
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
    f->rows[1].label_text = (char *)PUBLIC;
    f->rows[0].label_text = (char *)CONFIDENTIAL;
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
}

static void labels__bound_twice_or_no_xml__refused(void **state)
{
    struct fixture *f = *state;
    replace(f, "documents/a%20b.pdf", "documents/c.csv");
    assert_int_equal(check(f), VLS_LABEL_XML);
    replace(f, "<BindingInformation", "<Other");
    assert_int_equal(check(f), VLS_LABEL_XML);
}

static void labels__missing__disagree(void **state)
{
    struct fixture *f = *state;
    vls_buf_clear(&f->xml);
    assert_int_equal(check(f), VLS_LABEL_DISAGREES);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(labels__as_written__agree_and_are_handed_out),
        WITH(label__succeeded_by_a_higher_one__stops_from_then_on),
        WITH(whole__other_classification__disagrees),
        WITH(whole__privacy_mark_only_in_the_manifest__disagrees),
        WITH(part__above_the_whole__disagrees),
        WITH(part__privacy_mark_that_the_whole_has_not__disagrees),
        WITH(part__without_binding__disagrees),
        WITH(binding__of_what_is_not_in_the_archive__disagrees),
        WITH(part__other_file_name__disagrees),
        WITH(descriptor__other_text_of_the_whole_or_a_part__disagrees),
        WITH(labels__bound_twice_or_no_xml__refused),
        WITH(labels__missing__disagree),
    };
    return cmocka_run_group_tests(tests, load_schemes, free_schemes);
}
