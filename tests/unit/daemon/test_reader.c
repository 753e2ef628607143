/* The reader: what it says of an archive, good or bad. */
#include "daemon/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "envelope/support.h"
#include "envelope/tar.h"

#define ASKED                                                                                      \
    "{\"document\":\"information-request\",\"version\":1,\"symbol\":\"A/70/"                       \
    "976\",\"languages\":[\"fr\"]}"
#define TEXT(s) ((char *)(uintptr_t)(s))

/* vls_tar_sink_fn */
static struct vls_status write_on(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    return vls_fd_write(*(int *)ctx, bytes, why);
}

/* An archive with these two documents. */
static int archive_of(const char *first, const char *first_text, const char *second,
                      const char *second_text)
{
    struct vls_descriptor_part parts[] = {
        {TEXT(first), TEXT("text/plain"), TEXT("un/low"), strlen(first_text)},
        {TEXT(second), TEXT(""), TEXT(""), strlen(second_text)}};
    char *topics[] = {TEXT("migration")}, *symbols[] = {TEXT("A/70/976")};
    Valise__About about = VALISE__ABOUT__INIT, *abouts[] = {&about};
    struct vls_descriptor d = {.subject = TEXT("s"),
                               .label_text = TEXT("un/low"),
                               .parts = parts,
                               .part_count = 2,
                               .distribution = TEXT("general"),
                               .embargo_until_ms = 1000,
                               .topics = {topics, 1},
                               .abouts = {abouts, 1}};
    struct vls_tar_writer *tar = NULL;
    struct vls_buf json;
    char name[64];
    int fd = file_new();
    about.issuer = TEXT("un");
    about.symbols = symbols;
    about.n_symbols = 1;
    vls_buf_init(&json, VLS_MAX_DESCRIPTOR);
    assert_true(vls_ok(vls_descriptor_write(&d, &json, NULL)));
    vls_tar_writer_new(0, write_on, &fd, &tar);
    assert_true(vls_ok(vls_tar_add(tar, VLS_ARCHIVE_DESCRIPTOR, vls_buf_slice(&json), NULL)));
    snprintf(name, sizeof name, "%s%s", VLS_ARCHIVE_DOCUMENTS, first);
    assert_true(vls_ok(vls_tar_add(tar, name, vls_slice_text(first_text), NULL)));
    snprintf(name, sizeof name, "%s%s", VLS_ARCHIVE_DOCUMENTS, second);
    assert_true(vls_ok(vls_tar_add(tar, name, vls_slice_text(second_text), NULL)));
    assert_true(vls_ok(vls_tar_finish(tar, NULL)));
    vls_tar_writer_free(&tar);
    vls_buf_fini(&json);
    return fd;
}

/* Ask with an archive, and files for so many documents; all are closed. */
static struct vls_status ask(int archive, int *out_fds, size_t out_count,
                             struct vls_reader_answer *out, struct vls_why *why)
{
    Valise__ReadArchive in = VALISE__READ_ARCHIVE__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    struct vls_fds fds = {.fd = {archive}, .count = 1};
    for (size_t i = 0; i < out_count; i++)
        fds.fd[fds.count++] = out_fds[i];
    in.with_documents = out_count != 0;
    frame.serial = 7;
    frame.body_case = VALISE__FRAME__BODY_READ_ARCHIVE;
    frame.read_archive = &in;
    struct vls_status s = vls_reader_answer(&frame, &fds, out, why);
    vls_fd_close(&fds.fd[0]);
    return s;
}

static void request__that_is_one__said_with_what_is_stated(void **state)
{
    struct vls_reader_answer a;
    struct vls_why why = {""};
    (void)state;
    assert_true(
        vls_ok(ask(archive_of("note.txt", "please", "request.json", ASKED), NULL, 0, &a, &why)));
    assert_int_equal(a.frame.reply_to, 7);
    assert_int_equal(a.result.outcome->code, VLS_OK);
    assert_non_null(a.result.asked);
    assert_string_equal(a.result.asked->symbol, "A/70/976");
    assert_int_equal(a.result.asked->n_languages, 1);
    assert_int_equal(a.result.stated->n_parts, 2);
    assert_string_equal(a.result.stated->parts[0]->name, "note.txt");
    assert_string_equal(a.result.stated->parts[0]->label, "un/low");
    assert_string_equal(a.result.stated->distribution, "general");
    assert_string_equal(a.result.stated->topics[0], "migration");
    assert_int_equal(a.result.stated->embargo_until_ms, 1000);
    assert_string_equal(a.result.stated->about[0]->symbols[0], "A/70/976");
    assert_true(valise__frame__get_packed_size(&a.frame) < VLS_MAX_FRAME);
    vls_reader_answer_fini(&a);
}

static void request__in_words_or_malformed__said_as_none(void **state)
{
    struct vls_reader_answer a;
    struct vls_why why = {""};
    (void)state;
    assert_true(
        vls_ok(ask(archive_of("note.txt", "please", "more.txt", "thanks"), NULL, 0, &a, &why)));
    assert_null(a.result.asked);
    assert_string_equal(a.result.not_asked, "");
    vls_reader_answer_fini(&a);
    assert_true(vls_ok(
        ask(archive_of("note.txt", "please", "request.json", "{\"a\":1}"), NULL, 0, &a, &why)));
    assert_int_equal(a.result.outcome->code, VLS_OK);
    assert_null(a.result.asked);
    assert_non_null(strstr(a.result.not_asked, "request.json: "));
    vls_reader_answer_fini(&a);
}

static void request__far_too_large__said_as_none_in_constant_memory(void **state)
{
    static char large[1u << 20];
    struct vls_reader_answer a;
    struct vls_why why = {""};
    (void)state;
    memset(large, ' ', sizeof large - 1);
    assert_true(
        vls_ok(ask(archive_of("note.txt", "please", "request.json", large), NULL, 0, &a, &why)));
    assert_null(a.result.asked);
    assert_non_null(strstr(a.result.not_asked, "larger than 4096"));
    vls_reader_answer_fini(&a);
}

static void documents__asked_for__each_in_its_file(void **state)
{
    struct vls_reader_answer a;
    struct vls_why why = {""};
    int out[] = {file_new(), file_new()};
    (void)state;
    assert_true(vls_ok(ask(archive_of("a.txt", "first", "b.txt", "second"), out, 2, &a, &why)));
    assert_int_equal(a.result.outcome->code, VLS_OK);
    for (size_t i = 0; i < 2; i++) {
        struct vls_buf bytes = file_bytes(out[i]);
        assert_true(
            vls_slice_is_equal(vls_buf_slice(&bytes), vls_slice_text(i == 0 ? "first" : "second")));
        vls_buf_fini(&bytes);
        vls_fd_close(&out[i]);
    }
    vls_reader_answer_fini(&a);
    out[0] = file_new(); /* another number of them than were sent */
    assert_true(vls_ok(ask(archive_of("a.txt", "first", "b.txt", "second"), out, 1, &a, &why)));
    assert_int_equal(a.result.outcome->code, VLS_ENVELOPE_DESCRIPTOR);
    assert_null(a.result.stated);
    vls_fd_close(&out[0]);
    vls_reader_answer_fini(&a);
}

static void archive__that_is_none__an_answer_too(void **state)
{
    struct vls_reader_answer a;
    struct vls_why why = {""};
    (void)state;
    assert_true(vls_ok(ask(file_of(vls_slice_text("no archive at all")), NULL, 0, &a, &why)));
    assert_int_not_equal(a.result.outcome->code, VLS_OK);
    assert_true(strlen(a.result.outcome->why) > 5);
    assert_null(a.result.stated);
    vls_reader_answer_fini(&a);
}

static void question__that_no_router_asks__refused(void **state)
{
    struct vls_reader_answer a;
    struct vls_why why = {""};
    struct vls_fds none = {.count = 0};
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    (void)state;
    frame.body_case = VALISE__FRAME__BODY_DONE;
    frame.done = &done;
    assert_int_equal(vls_reader_answer(&frame, &none, &a, &why).code, VLS_WIRE_MALFORMED);
    vls_reader_answer_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request__that_is_one__said_with_what_is_stated),
        cmocka_unit_test(request__in_words_or_malformed__said_as_none),
        cmocka_unit_test(request__far_too_large__said_as_none_in_constant_memory),
        cmocka_unit_test(documents__asked_for__each_in_its_file),
        cmocka_unit_test(archive__that_is_none__an_answer_too),
        cmocka_unit_test(question__that_no_router_asks__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
