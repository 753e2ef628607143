#include "envelope/about.h"
#include "envelope/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "envelope/support.h"

/* -- descriptors ------------------------------------------------------------------------------- */

#define HEAD "{\"version\":2,\"subject\":\"s\",\"label\":\"un/x\",\"parts\":"

static void descriptor__written_and_read__same(void **state)
{
    (void)state;
    struct vls_descriptor_part parts[] = {
        {"a.pdf", "application/pdf", "", 12},
        {"Rapport \xc3\xa9t\xc3\xa9.txt", "text/plain; charset=utf-8", "un-x/low", 0}};
    struct vls_descriptor d = {.subject = "Ce sujet \"cit\xc3\xa9\"",
                               .label_text = "un-x/confidential",
                               .parts = parts,
                               .part_count = 2},
                          back;
    struct vls_buf json;
    vls_buf_init(&json, VLS_MAX_DESCRIPTOR);
    assert_int_equal(vls_descriptor_write(&d, &json, NULL).code, VLS_OK);
    assert_int_equal(vls_descriptor_read(vls_buf_slice(&json), &back, NULL).code, VLS_OK);
    assert_string_equal(back.subject, d.subject);
    assert_string_equal(back.label_text, d.label_text);
    assert_int_equal(back.part_count, 2);
    assert_string_equal(back.parts[1].name, parts[1].name);
    assert_string_equal(back.parts[1].media_type, parts[1].media_type);
    assert_int_equal(back.parts[0].bytes, 12);
    assert_string_equal(back.parts[1].label_text, "un-x/low");
    vls_descriptor_fini(&back);
    json.max = 20;
    json.len = 7;
    assert_int_equal(vls_descriptor_write(&d, &json, NULL).code, VLS_INPUT_LIMIT);
    assert_int_equal(json.len, 7);
    vls_buf_fini(&json);
}

static void descriptor__what_documents_are__written_and_read_the_same(void **state)
{
    char *symbols[] = {"S/RES/2803 (2025)", "A/C.3/78/L.1/Rev.1"}, *bodies[] = {"Assemblée"};
    Valise__Relation relation = VALISE__RELATION__INIT, *relations[] = {&relation};
    Valise__About whole = VALISE__ABOUT__INIT, second = VALISE__ABOUT__INIT;
    Valise__About *abouts[] = {&whole, &second};
    struct vls_descriptor_part parts[] = {{.name = "a", .media_type = "", .label_text = ""},
                                          {.name = "b", .media_type = "", .label_text = ""}};
    struct vls_descriptor d = {
        .subject = "s", .label_text = "l", .parts = parts, .part_count = 2, .abouts = {abouts, 2}};
    struct vls_descriptor back = {0};
    struct vls_buf json;
    (void)state;
    relation.relates = 4;
    relation.symbol = "A/70/976";
    whole.issuer = "un";
    whole.symbols = symbols;
    whole.n_symbols = 2;
    whole.bodies = bodies;
    whole.n_bodies = 1;
    whole.relations = relations;
    whole.n_relations = 1;
    second.part = 2;
    second.title = "العنوان \"بالعربية\"";
    second.language = "ar";
    vls_buf_init(&json, VLS_MAX_DESCRIPTOR);
    assert_int_equal(vls_descriptor_write(&d, &json, NULL).code, VLS_OK);
    assert_non_null(strstr(vls_buf_text(&json), "\"version\":2"));
    assert_int_equal(vls_descriptor_read(vls_buf_slice(&json), &back, NULL).code, VLS_OK);
    assert_int_equal(back.abouts.count, 2);
    const Valise__About *w = vls_abouts_of(back.abouts.at, back.abouts.count, 0);
    const Valise__About *s = vls_abouts_of(back.abouts.at, back.abouts.count, 2);
    assert_null(vls_abouts_of(back.abouts.at, back.abouts.count, 1));
    assert_string_equal(w->symbols[1], symbols[1]);
    assert_string_equal(w->bodies[0], bodies[0]);
    assert_int_equal(w->relations[0]->relates, 4);
    assert_string_equal(w->relations[0]->symbol, "A/70/976");
    assert_string_equal(s->title, second.title);
    assert_string_equal(s->language, "ar");
    vls_descriptor_fini(&back);
    second.part = 3;
    vls_buf_clear(&json);
    assert_int_equal(vls_descriptor_write(&d, &json, NULL).code, VLS_ENVELOPE_DESCRIPTOR);
    vls_buf_fini(&json);
}

static void descriptor__unknown_members__ignored(void **state)
{
    (void)state;
    struct vls_descriptor d;
    static const char json[] =
        HEAD "[{\"name\":\"a\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":1,\"new\":[]}],"
             "\"future\":{\"x\":null}}";
    assert_int_equal(vls_descriptor_read(vls_slice_text(json), &d, NULL).code, VLS_OK);
    vls_descriptor_fini(&d);
}

static void descriptor__bad__refused_with_the_member(void **state)
{
    (void)state;
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"", "line 1"},
        {"[]", "version"},
        {"{\"version\":1}", "version 1"},
        {"{\"version\":2,\"version\":2}", "duplicate"},
        {"{\"version\":2}", "subject"},
        {"{\"version\":2,\"subject\":\"a\\nb\",\"label\":\"\",\"parts\":[]}", "subject"},
        {"{\"version\":2,\"subject\":\"a\",\"label\":3,\"parts\":[]}", "label"},
        {HEAD "{}}", "parts is not a list"},
        {HEAD "[1]}", "parts[0].name"},
        {HEAD "[{\"name\":\"../x\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":1}]}",
         "parts[0].name"},
        {HEAD "[{\"name\":\"a\\u0000b\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":1}]}",
         "\\u0000"},
        {HEAD "[{\"name\":\"a\",\"mediaType\":\"text\",\"label\":\"\",\"bytes\":1}]}", "mediaType"},
        {HEAD "[{\"name\":\"a\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":-1}]}", "bytes"},
        {HEAD "[{\"name\":\"a\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":1.0}]}", "bytes"},
        {HEAD "[{\"name\":\"a\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":1099511627777}]}",
         "limit"},
        {HEAD "[{\"name\":\"a\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":1},"
              "{\"name\":\"a\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":1}]}",
         "twice"},
        {HEAD "[]} x", "end of file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vls_descriptor d = {0};
        struct vls_why why = {""};
        assert_int_equal(vls_descriptor_read(vls_slice_text(cases[i].json), &d, &why).code,
                         VLS_ENVELOPE_DESCRIPTOR);
        if (strstr(why.text, cases[i].words) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", why.text, cases[i].words);
        assert_null(d.parts);
    }
}

/* -- archives ---------------------------------------------------------------------------------- */

struct seen {
    size_t begun, ended;
    uint64_t bytes;
    bool refuses;
};

static struct vls_status on_begin(void *ctx, const struct vls_descriptor *d,
                                  struct vls_slice labels, struct vls_why *why)
{
    (void)ctx, (void)d, (void)labels, (void)why;
    return VLS_DONE;
}

static struct vls_status on_part(void *ctx, size_t number, struct vls_why *why)
{
    struct seen *seen = ctx;
    assert_int_equal(number, seen->begun++);
    return seen->refuses ? vls_fail(VLS_SYSTEM_FULL, why, "no room") : VLS_DONE;
}

static struct vls_status on_bytes(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    (void)why;
    ((struct seen *)ctx)->bytes += bytes.len;
    return VLS_DONE;
}

static struct vls_status on_end(void *ctx, struct vls_why *why)
{
    (void)why;
    ((struct seen *)ctx)->ended++;
    return VLS_DONE;
}

static uint32_t read_code(int fd, struct seen *seen, struct vls_why *why)
{
    struct vls_archive_events events = {seen, on_begin, on_part, on_bytes, on_end};
    lseek(fd, 0, SEEK_END);
    return vls_archive_read(fd, &events, why).code;
}

/** What one hostile or honest archive holds behind its descriptor. */
struct item {
    const char *name;
    unsigned type; /* AE_IFREG and so on */
    const char *link;
    const char *bytes;
    bool has_hole;
};

static void add_item(struct archive *a, const struct item *item)
{
    struct archive_entry *e = archive_entry_new();
    size_t len = strlen(item->bytes);
    archive_entry_copy_pathname(e, item->name);
    archive_entry_set_filetype(e, item->type);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, (la_int64_t)len);
    if (item->link != NULL && item->type == AE_IFLNK)
        archive_entry_copy_symlink(e, item->link);
    else if (item->link != NULL)
        archive_entry_copy_hardlink(e, item->link);
    if (item->has_hole)
        archive_entry_sparse_add_entry(e, 0, 1);
    assert_true(archive_write_header(a, e) >= ARCHIVE_WARN);
    if (item->type == AE_IFREG && item->link == NULL && len != 0)
        assert_true(archive_write_data(a, item->bytes, len) >= 0);
    archive_entry_free(e);
}

static int archive_of(const struct item *items, size_t count)
{
    int fd = file_new();
    struct archive *a = archive_write_new();
    archive_write_set_format_pax(a);
    archive_write_set_format_option(a, "pax", "hdrcharset", "BINARY");
    assert_int_equal(archive_write_open_fd(a, fd), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++)
        add_item(a, &items[i]);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    return fd;
}

#define TWO                                                                                        \
    HEAD "[{\"name\":\"a\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":3},"                        \
         "{\"name\":\"b\",\"mediaType\":\"\",\"label\":\"\",\"bytes\":0}]}"
#define D                                                                                          \
    {                                                                                              \
        "descriptor.json", AE_IFREG, NULL, TWO, false                                              \
    }
#define A                                                                                          \
    {                                                                                              \
        "documents/a", AE_IFREG, NULL, "abc", false                                                \
    }
#define B                                                                                          \
    {                                                                                              \
        "documents/b", AE_IFREG, NULL, "", false                                                   \
    }

#define L(bytes)                                                                                   \
    {                                                                                              \
        "labels.xml", AE_IFREG, NULL, bytes, false                                                 \
    }

static void archive__of_another_tool__read(void **state)
{
    (void)state;
    const struct item items[] = {D, A, B};
    struct seen seen = {0};
    struct vls_why why = {""};
    int fd = archive_of(items, 3); /* padded to 10240 bytes, with pax headers */
    assert_int_equal(read_code(fd, &seen, &why), VLS_OK);
    assert_int_equal(seen.ended, 2);
    assert_int_equal(seen.bytes, 3);
    seen = (struct seen){.refuses = true};
    assert_int_equal(read_code(fd, &seen, &why), VLS_SYSTEM_FULL);
    assert_string_equal(why.text, "no room");
    close(fd);
}

static void archive__hostile__refused(void **state)
{
    (void)state;
    static char huge[2000001], deep[300];
    memset(huge, 'x', sizeof huge - 1);
    memset(deep, 'y', sizeof deep - 1);
    const struct {
        struct item items[4];
        size_t count;
    } cases[] = {
        {{A, D, B}, 3},                                                       /* order */
        {{D, A}, 2},                                                          /* one missing */
        {{D, A, B, {"documents/c", AE_IFREG, NULL, "", false}}, 4},           /* one too many */
        {{D, A, B, {"documents/sub", AE_IFDIR, NULL, "", false}}, 4},         /* a folder */
        {{D, {"documents/../../a", AE_IFREG, NULL, "abc", false}, B}, 3},     /* way out */
        {{D, {"/documents/a", AE_IFREG, NULL, "abc", false}, B}, 3},          /* absolute */
        {{D, {"documents/a", AE_IFLNK, "/etc/passwd", "", false}, B}, 3},     /* symlink */
        {{D, {"documents/a", AE_IFREG, "descriptor.json", "", false}, B}, 3}, /* hard link */
        {{D, {"documents/a", AE_IFCHR, NULL, "", false}, B}, 3},              /* device */
        {{D, {"documents/a", AE_IFIFO, NULL, "", false}, B}, 3},              /* pipe */
        {{D, {"documents/a", AE_IFREG, NULL, "abcd", false}, B}, 3},          /* longer */
        {{D, {"documents/a", AE_IFREG, NULL, "ab", false}, B}, 3},            /* shorter */
        {{D, {"documents/a", AE_IFREG, NULL, "abc", true}, B}, 3},            /* with a hole */
        {{D, {huge, AE_IFREG, NULL, "abc", false}, B}, 3},                    /* huge header */
        {{D, {deep, AE_IFREG, NULL, "abc", false}, B}, 3},                    /* long name */
        {{D, L(huge), A, B}, 4},                                              /* oversize */
        {{D, L("<a/>"), L("<a/>"), A}, 4},                                    /* a second one */
        {{D, A, L("<a/>"), B}, 4},                                            /* too late */
        {{L("<a/>"), D, A, B}, 4},                                            /* too early */
        {{D, {"labels.xml", AE_IFLNK, "documents/a", "", false}, A, B}, 4},   /* a link */
        {{{"descriptor.json", AE_IFREG, NULL, "{}", false}, A, B}, 3},
        {{{"descriptor.json", AE_IFREG, NULL, huge, false}, A, B}, 3},
        {{{"descriptor.json", AE_IFLNK, "x", "", false}, A, B}, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = {0};
        struct vls_why why = {""};
        int fd = archive_of(cases[i].items, cases[i].count);
        uint32_t code = read_code(fd, &seen, &why);
        if (code != VLS_ENVELOPE_DESCRIPTOR && code != VLS_ENVELOPE_MALFORMED)
            fail_msg("case %zu gives %x: %s", i, code, why.text);
        assert_true(strlen(why.text) > 10);
        close(fd);
    }
}

static void archive__cut_off_or_followed_by_something__refused(void **state)
{
    (void)state;
    const struct item items[] = {D, A, B};
    struct seen seen = {0};
    int fd = archive_of(items, 3);
    struct vls_buf whole = file_bytes(fd);
    static const size_t cuts[] = {0, 1, 512, 700, 1500, 2000};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        seen = (struct seen){0};
        int cut = file_of(VLS_SLICE(whole.at, cuts[i]));
        assert_int_not_equal(read_code(cut, &seen, NULL), VLS_OK);
        close(cut);
    }
    seen = (struct seen){0};
    assert_int_equal(pwrite(fd, "x", 1, (off_t)whole.len - 1), 1);
    assert_int_equal(read_code(fd, &seen, NULL), VLS_ENVELOPE_MALFORMED);
    seen = (struct seen){0};
    assert_int_equal(pwrite(fd, "", 1, (off_t)whole.len - 1), 1);
    assert_int_equal(read_code(fd, &seen, NULL), VLS_OK);
    seen = (struct seen){0};
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    assert_int_equal(read_code(fd, &seen, NULL), VLS_ENVELOPE_MALFORMED);
    vls_buf_fini(&whole);
    close(fd);
}

static void archive__other_formats__refused(void **state)
{
    (void)state;
    static const char *const noise[] = {"PK\003\004 a zip", "070701 a cpio", "\x1f\x8b a gzip", ""};
    for (size_t i = 0; i < sizeof noise / sizeof noise[0]; i++) {
        struct seen seen = {0};
        int fd = file_of(vls_slice_text(noise[i]));
        assert_int_not_equal(read_code(fd, &seen, NULL), VLS_OK);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptor__written_and_read__same),
        cmocka_unit_test(descriptor__what_documents_are__written_and_read_the_same),
        cmocka_unit_test(descriptor__unknown_members__ignored),
        cmocka_unit_test(descriptor__bad__refused_with_the_member),
        cmocka_unit_test(archive__of_another_tool__read),
        cmocka_unit_test(archive__hostile__refused),
        cmocka_unit_test(archive__cut_off_or_followed_by_something__refused),
        cmocka_unit_test(archive__other_formats__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
