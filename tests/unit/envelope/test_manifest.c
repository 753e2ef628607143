#include "envelope/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* UUID version 7 */
static uint8_t id_a[16] = {1, 2, 3, 4, 5, 6, 0x77, 8, 0x89, 10, 11, 12, 13, 14, 15, 16};
static uint8_t id_b[16] = {1, 2, 3, 4, 5, 7, 0x77, 8, 0x89, 10, 11, 12, 13, 14, 15, 16};
static uint8_t thirty_two[32] = {42};
/* SET { INTEGER 1, OID 1.3.6.1.4.1.99999.1 } */
static uint8_t label[] = {0x31, 0x0f, 0x02, 0x01, 0x01, 0x06, 0x0a, 0x2b, 0x06,
                          0x01, 0x04, 0x01, 0x86, 0x8d, 0x1f, 0x01, 0x01};

#define BYTES(array) ((ProtobufCBinaryData){sizeof(array), (array)})

static Valise__Manifest good(void)
{
    Valise__Manifest m = VALISE__MANIFEST__INIT;
    m.version = 1;
    m.id = BYTES(id_a);
    m.nonce = BYTES(thirty_two);
    m.kind = "publication";
    m.from = "un";
    m.to = "iom";
    m.created_ms = 1764000000000;
    m.deadline_ms = 1764000001000;
    m.conversation = "c-1";
    m.in_reply_to = BYTES(id_b);
    m.arrangement = "un-iom/document-exchange";
    m.arrangement_version = 1;
    m.arrangement_digest = BYTES(thirty_two);
    m.label = BYTES(label);
    m.sealed_digest = BYTES(thirty_two);
    m.content_digest = BYTES(thirty_two);
    m.content_bytes = 2048;
    m.body = "un/ceb/iasmn";
    return m;
}

static struct vls_buf written(const Valise__Manifest *m)
{
    struct vls_buf bytes;
    struct vls_why why = {""};
    vls_buf_init(&bytes, VLS_MAX_MANIFEST);
    struct vls_status s = vls_manifest_write(m, &bytes, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(s.code, VLS_OK);
    return bytes;
}

static void manifest__written_and_read__same(void **state)
{
    (void)state;
    Valise__Manifest m = good();
    struct vls_buf bytes = written(&m);
    struct vls_manifest back;
    assert_int_equal(vls_manifest_read(vls_buf_slice(&bytes), &back, NULL).code, VLS_OK);
    struct vls_digest digest = vls_digest_of_slice(vls_buf_slice(&bytes));
    assert_true(vls_digest_is_equal(&digest, &back.digest));
    assert_memory_equal(back.id.bytes, id_a, 16);
    assert_string_equal(back.fields->kind, "publication");
    assert_int_equal(back.fields->content_bytes, 2048);
    vls_manifest_fini(&back);
    vls_buf_fini(&bytes);
}

static void manifest__optional_fields_left_out__read(void **state)
{
    (void)state;
    Valise__Manifest m = good();
    struct vls_manifest back;
    m.deadline_ms = 0;
    m.conversation = "";
    m.in_reply_to = (ProtobufCBinaryData){0, NULL};
    m.body = "";
    struct vls_buf bytes = written(&m);
    assert_int_equal(vls_manifest_read(vls_buf_slice(&bytes), &back, NULL).code, VLS_OK);
    vls_manifest_fini(&back);
    vls_buf_fini(&bytes);
}

/** One change that makes a manifest bad, and the word that the refusal begins with. */
struct spoiled {
    const char *word;
    void (*spoil)(Valise__Manifest *m);
};

#define SPOIL(name, change)                                                                        \
    static void name(Valise__Manifest *m)                                                          \
    {                                                                                              \
        change;                                                                                    \
    }
static char long_line[200];
static uint8_t bad_label[] = {0x31, 0x00, 0x01};
SPOIL(no_id, m->id.len = 0)
SPOIL(short_id, m->id.len = 15)
SPOIL(nil_id, m->id.data = thirty_two; m->id.len = 16)
SPOIL(short_nonce, m->nonce.len = 31)
SPOIL(no_kind, m->kind = "")
SPOIL(odd_kind, m->kind = "Not A Name")
SPOIL(no_from, m->from = "")
SPOIL(long_to, m->to = long_line)
SPOIL(same_party, m->to = "un")
SPOIL(no_time, m->created_ms = 0)
SPOIL(far_time, m->created_ms = UINT64_MAX)
SPOIL(far_deadline, m->deadline_ms = UINT64_MAX)
SPOIL(long_conversation, m->conversation = long_line)
SPOIL(two_lines, m->conversation = "a\nb")
SPOIL(bad_reply, m->in_reply_to.len = 3)
SPOIL(own_reply, m->in_reply_to = m->id)
SPOIL(no_arrangement, m->arrangement = "")
SPOIL(empty_step, m->arrangement = "un-iom//x")
SPOIL(end_slash, m->arrangement = "un-iom/")
SPOIL(long_arrangement, m->arrangement = long_line)
SPOIL(no_arrangement_version, m->arrangement_version = 0)
SPOIL(short_arrangement_digest, m->arrangement_digest.len = 1)
SPOIL(no_label, m->label.len = 0)
SPOIL(broken_label, m->label = BYTES(bad_label))
SPOIL(no_sealed, m->sealed_digest.len = 0)
SPOIL(no_content, m->content_digest.len = 0)
SPOIL(no_bytes, m->content_bytes = 0)
SPOIL(many_bytes, m->content_bytes = VLS_MAX_CONTENT + 1)
SPOIL(odd_body, m->body = "a b")
SPOIL(nameless_body, m->body = "un//ga")

static const struct spoiled spoiled[] = {
    {"id", no_id},
    {"id", short_id},
    {"id", nil_id},
    {"nonce", short_nonce},
    {"kind", no_kind},
    {"kind", odd_kind},
    {"from", no_from},
    {"to", long_to},
    {"from and to", same_party},
    {"created_ms", no_time},
    {"created_ms", far_time},
    {"deadline_ms", far_deadline},
    {"conversation", long_conversation},
    {"conversation", two_lines},
    {"in_reply_to", bad_reply},
    {"in_reply_to", own_reply},
    {"arrangement", no_arrangement},
    {"arrangement", empty_step},
    {"arrangement", end_slash},
    {"arrangement", long_arrangement},
    {"arrangement_version", no_arrangement_version},
    {"arrangement_digest", short_arrangement_digest},
    {"label", no_label},
    {"label", broken_label},
    {"sealed_digest", no_sealed},
    {"content_digest", no_content},
    {"content_bytes", no_bytes},
    {"content_bytes", many_bytes},
    {"body", odd_body},
    {"body", nameless_body},
};

static void manifest__each_field_spoiled__refused_by_name(void **state)
{
    (void)state;
    memset(long_line, 'a', sizeof long_line - 1);
    for (size_t i = 0; i < sizeof spoiled / sizeof spoiled[0]; i++) {
        Valise__Manifest m = good();
        struct vls_manifest back;
        struct vls_why why = {""}, write_why = {""};
        uint8_t bytes[1024];
        struct vls_buf out;
        spoiled[i].spoil(&m);
        size_t len = valise__manifest__pack(&m, bytes);
        assert_int_equal(vls_manifest_read(VLS_SLICE(bytes, len), &back, &why).code,
                         VLS_ENVELOPE_MALFORMED);
        if (strncmp(why.text, spoiled[i].word, strlen(spoiled[i].word)) != 0)
            fail_msg("\"%s\" does not begin with \"%s\"", why.text, spoiled[i].word);
        vls_buf_init(&out, VLS_MAX_MANIFEST);
        assert_int_equal(vls_manifest_write(&m, &out, &write_why).code, VLS_ENVELOPE_MALFORMED);
        assert_string_equal(write_why.text, why.text);
        assert_int_equal(out.len, 0);
        vls_buf_fini(&out);
    }
}

static void manifest__other_version__named_even_with_new_fields(void **state)
{
    (void)state;
    Valise__Manifest m = good();
    struct vls_manifest back;
    struct vls_why why = {""};
    uint8_t bytes[1024];
    m.version = 2;
    size_t len = valise__manifest__pack(&m, bytes);
    bytes[len++] = 0xf8; /* field 31, a number */
    bytes[len++] = 0x01;
    bytes[len++] = 0x05;
    assert_int_equal(vls_manifest_read(VLS_SLICE(bytes, len), &back, &why).code,
                     VLS_ENVELOPE_VERSION);
    assert_non_null(strstr(why.text, "version 2"));
}

static void manifest__something_hidden__refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[14];
        size_t len;
        const char *words;
    } tails[] = {
        {{0xf8, 0x01, 0x05}, 3, "field 31 is not known"},
        {{0x98, 0x01, 0x05}, 3, "field 19 is not known"},
        {{0x80, 0xf0, 0xff, 0x7f, 0x05}, 5, "is not known"},
        {{0x22, 0x01, 'x'}, 3, "kind occurs twice"},
        {{0x22, 0x05, 'x'}, 3, "decode"},
    };
    Valise__Manifest m = good();
    struct vls_buf whole = written(&m);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct vls_manifest back;
        struct vls_why why = {""};
        size_t before = whole.len;
        assert_int_equal(vls_buf_add(&whole, tails[i].bytes, tails[i].len).code, VLS_OK);
        assert_int_equal(vls_manifest_read(vls_buf_slice(&whole), &back, &why).code,
                         VLS_ENVELOPE_MALFORMED);
        if (strstr(why.text, tails[i].words) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", why.text, tails[i].words);
        whole.len = before;
    }
    vls_buf_fini(&whole);
}

/* Replaces the encoding of one field, and gives what reading says. */
static uint32_t read_with(const uint8_t *field, size_t len, Valise__Manifest m, struct vls_why *why)
{
    struct vls_manifest back;
    uint8_t bytes[1024];
    size_t at = valise__manifest__pack(&m, bytes);
    vls_copy(bytes + at, field, len);
    return vls_manifest_read(VLS_SLICE(bytes, at + len), &back, why).code;
}

static void manifest__decoder_would_forgive__refused(void **state)
{
    (void)state;
    struct vls_why why = {""};
    Valise__Manifest m = good();
    m.arrangement_version = 0;
    static const uint8_t wide[] = {0x60, 0x81, 0x80, 0x80, 0x80, 0x10}; /* 2^32 + 1 */
    assert_int_equal(read_with(wide, sizeof wide, m, &why), VLS_ENVELOPE_MALFORMED);
    assert_non_null(strstr(why.text, "arrangement_version is above 32 bits"));
    static const uint8_t padded[] = {0x60, 0x81, 0x00};
    assert_int_equal(read_with(padded, sizeof padded, m, &why), VLS_ENVELOPE_MALFORMED);
    assert_non_null(strstr(why.text, "arrangement_version"));
    m = good();
    m.body = "";
    static const uint8_t cut[] = {0x92, 0x01, 0x05, 'c', 'e', 'b', 0x00, 'x'};
    assert_int_equal(read_with(cut, sizeof cut, m, &why), VLS_ENVELOPE_MALFORMED);
    assert_non_null(strstr(why.text, "body"));
}

static void manifest__cut_off_or_too_long__refused(void **state)
{
    (void)state;
    static uint8_t zeros[VLS_MAX_MANIFEST + 1];
    Valise__Manifest m = good();
    m.body = ""; /* the last field that is there is one that must be */
    struct vls_buf whole = written(&m);
    struct vls_manifest back;
    for (size_t len = 0; len < whole.len; len++)
        assert_false(vls_ok(vls_manifest_read(VLS_SLICE(whole.at, len), &back, NULL)));
    assert_int_equal(vls_manifest_read(VLS_SLICE(zeros, sizeof zeros), &back, NULL).code,
                     VLS_ENVELOPE_MALFORMED);
    vls_buf_fini(&whole);
}

static void receipt__written_read_and_spoiled(void **state)
{
    (void)state;
    Valise__ReceiptRecord r = VALISE__RECEIPT_RECORD__INIT;
    struct vls_receipt back;
    struct vls_why why = {""};
    struct vls_buf bytes;
    r.version = 1;
    r.id = BYTES(id_a);
    r.manifest_digest = BYTES(thirty_two);
    r.from = "un";
    r.to = "iom";
    r.received_ms = 1764000000000;
    r.nonce = BYTES(thirty_two);
    vls_buf_init(&bytes, VLS_MAX_MANIFEST);
    assert_int_equal(vls_receipt_write(&r, &bytes, NULL).code, VLS_OK);
    assert_int_equal(vls_receipt_read(vls_buf_slice(&bytes), &back, NULL).code, VLS_OK);
    assert_memory_equal(back.manifest_digest.bytes, thirty_two, 32);
    assert_memory_equal(back.id.bytes, id_a, 16);
    vls_receipt_fini(&back);
    assert_int_equal(vls_buf_add(&bytes, "\x40\x01", 2).code, VLS_OK); /* field 8 */
    assert_int_equal(vls_receipt_read(vls_buf_slice(&bytes), &back, &why).code,
                     VLS_ENVELOPE_MALFORMED);
    assert_non_null(strstr(why.text, "field 8"));
    r.received_ms = 0;
    assert_int_equal(vls_receipt_write(&r, &bytes, &why).code, VLS_ENVELOPE_MALFORMED);
    r.version = 3;
    assert_int_equal(vls_receipt_write(&r, &bytes, &why).code, VLS_ENVELOPE_VERSION);
    vls_buf_fini(&bytes);
}

static void decision_record__read_or_refused(void **state)
{
    (void)state;
    Valise__DecisionRecord *record;
    static const uint8_t bytes[] = {0x08, 0x01, 0x18, 0x03};
    static uint8_t zeros[VLS_MAX_DECISION + 1];
    assert_int_equal(vls_decision_record_read(VLS_SLICE(bytes, sizeof bytes), &record, NULL).code,
                     VLS_OK);
    assert_int_equal(record->outcome, VALISE__DECISION_RECORD__OUTCOME__WITHHOLD);
    valise__decision_record__free_unpacked(record, NULL);
    assert_int_equal(vls_decision_record_read(VLS_SLICE(bytes, 3), &record, NULL).code,
                     VLS_ENVELOPE_MALFORMED);
    assert_int_equal(vls_decision_record_read(VLS_SLICE(zeros, sizeof zeros), &record, NULL).code,
                     VLS_ENVELOPE_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifest__written_and_read__same),
        cmocka_unit_test(manifest__optional_fields_left_out__read),
        cmocka_unit_test(manifest__each_field_spoiled__refused_by_name),
        cmocka_unit_test(manifest__other_version__named_even_with_new_fields),
        cmocka_unit_test(manifest__something_hidden__refused),
        cmocka_unit_test(manifest__decoder_would_forgive__refused),
        cmocka_unit_test(manifest__cut_off_or_too_long__refused),
        cmocka_unit_test(receipt__written_read_and_spoiled),
        cmocka_unit_test(decision_record__read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
