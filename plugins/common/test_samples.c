/* What endpoints were recorded to answer, and what was made of it that is broken: read by the
 * readers that plugins have. The files are no part of this tree: they are looked for in
 * VALISE_SAMPLES, or beside the tree, and passed over where they are not. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/common.h"

#define MOST (4u << 20)

static unsigned elements, comments;

static int on_end(void *ctx, const char *name, const char *space, const char *text, size_t len)
{
    (void)space;
    (void)text;
    (void)len;
    elements += ctx == NULL || strcmp(name, ctx) == 0;
    return 0;
}

static int on_comment(void *ctx, const char *text)
{
    (void)ctx;
    comments += strstr(text, "Search-Engine-Total-Number-Of-Results:") != NULL;
    return 0;
}

static struct plug_bytes sample(const char *name)
{
    const char *root = getenv("VALISE_SAMPLES");
    struct plug_bytes bytes = {.at = malloc(MOST)};
    char path[512];
    snprintf(path, sizeof path, "%s/%s",
             root != NULL ? root : VALISE_SOURCE_DIR "/../shared/samples", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        free(bytes.at);
        skip();
    }
    ssize_t len = read(fd, bytes.at, MOST - 1);
    close(fd);
    bytes.len = len > 0 ? (size_t)len : 0;
    bytes.at[bytes.len] = '\0';
    return bytes;
}

/* NULL: well. */
static const char *read_xml(const char *name, const char *counted)
{
    static char said[PLUG_WHERE + PLUG_WHY + 4];
    const struct plug_xml_options options = {.on = {.end = on_end, .comment = on_comment},
                                             .ctx = (void *)(uintptr_t)counted};
    struct plug_bytes bytes = sample(name);
    struct plug_xml *xml = plug_xml_new(&options);
    int bad = 0;
    elements = comments = 0;
    for (size_t at = 0; at < bytes.len && bad == 0; at += 1000)
        bad = plug_xml_feed(xml, bytes.at + at, bytes.len - at < 1000 ? bytes.len - at : 1000);
    bad = bad == 0 ? plug_xml_finish(xml) : bad;
    snprintf(said, sizeof said, "%s: %s", plug_xml_where(xml), plug_xml_why(xml));
    plug_xml_free(&xml);
    plug_bytes_fini(&bytes);
    return bad == 0 ? NULL : said;
}

static const char *read_rows(const char *name, const char *rows, uint64_t *out_count)
{
    static char said[PLUG_WHERE + PLUG_WHY + 4];
    const struct plug_json_options options = {.rows = rows};
    struct plug_bytes bytes = sample(name);
    struct plug_json *json = plug_json_new(&options);
    int bad = 0;
    for (size_t at = 0; at < bytes.len && bad == 0; at += 1000)
        bad = plug_json_feed(json, bytes.at + at, bytes.len - at < 1000 ? bytes.len - at : 1000);
    bad = bad == 0 ? plug_json_finish(json) : bad;
    *out_count = plug_json_count(json);
    snprintf(said, sizeof said, "%s: %s", plug_json_where(json), plug_json_why(json));
    plug_json_free(&json);
    plug_bytes_fini(&bytes);
    return bad == 0 ? NULL : said;
}

static void recorded_xml__is_read_whole(void **state)
{
    static const struct {
        const char *name, *counted;
        unsigned count;
    } CASES[] = {
        {"un-digital-library/session_78_committee_3_drafts.xml", "record", 94},
        {"tind-platform-sibling/records-api-search-p1.xml", "record", 100},
        {"tind-platform-sibling/records-api-search-p7.xml", "record", 0},
        {"oai-pmh/sickle/ListRecords.xml", "record", 2},
        {"derived-broken/undl-no-ns-prefix.xml", "record", 1},
        {"derived-broken/undl-no-total-comment.xml", "record", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const char *why = read_xml(CASES[i].name, CASES[i].counted);
        if (why != NULL)
            fail_msg("%s: %s", CASES[i].name, why);
        if (elements != CASES[i].count)
            fail_msg("%s has %u", CASES[i].name, elements);
        if (i == 0)
            assert_int_equal(comments, 1);
    }
}

static void broken_xml__is_told_with_its_place(void **state)
{
    (void)state;
    const char *why = read_xml("derived-broken/undl-ctrl-char.xml", "record");
    assert_non_null(why);
    assert_non_null(strstr(why, "control character"));
    why = read_xml("derived-broken/undl-truncated-mid-record.xml", "record");
    assert_non_null(why);
    assert_non_null(strstr(why, "breaks off"));
    assert_non_null(read_xml("oai-pmh/sickle/ListRecordsBroken.xml", "record"));
}

static void recorded_json__comes_row_by_row(void **state)
{
    uint64_t count = 0;
    (void)state;
    assert_null(read_rows("iom-dtm-v3/displacement-admin0-admin0pcode-afg.json", "result", &count));
    assert_int_equal(count, 133);
    assert_null(read_rows("iom-dtm-v3/displacement-admin1-admin0pcode-hti.json", "result", &count));
    assert_int_equal(count, 235);
    assert_null(
        read_rows("reliefweb/v1-disasters-appname-vocabulary-preset-external-limit-1000.json",
                  "data", &count));
    assert_int_equal(count, 1000);
    const char *why = read_rows("derived-broken/dtm-truncated.json", "result", &count);
    assert_non_null(why);
    assert_true(count > 0);
}

static void pages__are_told_from_documents(void **state)
{
    static const struct {
        const char *name;
        enum plug_kind kind;
    } CASES[] = {
        {"un-ods-xpages-2024/not_found.3-get-home.html", PLUG_HTML},
        {"un-ods-xpages-2024/not_found.5-get-xpSearchResultsM.html", PLUG_HTML},
        {"derived-broken/zero-byte-body", PLUG_EMPTY},
        {"tind-platform-sibling/records-api-search-p7.xml", PLUG_XML},
        {"iom-dtm-v3/displacement-country-list.json", PLUG_JSON},
        {"oai-pmh/sickle/Identify.xml", PLUG_XML},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct plug_bytes bytes = sample(CASES[i].name);
        enum plug_kind kind = plug_kind_of(bytes.at, bytes.len);
        plug_bytes_fini(&bytes);
        if (kind != CASES[i].kind)
            fail_msg("%s is %s", CASES[i].name, plug_kind_words(kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_xml__is_read_whole),
        cmocka_unit_test(broken_xml__is_told_with_its_place),
        cmocka_unit_test(recorded_json__comes_row_by_row),
        cmocka_unit_test(pages__are_told_from_documents),
    };
    return cmocka_run_group_tests_name("samples", tests, NULL, NULL);
}
