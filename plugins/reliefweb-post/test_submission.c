/* What is submitted to ReliefWeb: identifiers, checksums, and what is refused before it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "submission.h"

#define SUM   "42fffa6c0e84ebab15f0f1ead8319efc448d0d883a0b492528997b4f17989755"
#define OTHER "0b071d7d2a430d5f4ecbd919995a8a6e18a248bccbad4dc910c9dd1e906a2e79"
#define HEAD                                                                                       \
    "{\"url\":\"https://example.org/r/1\",\"title\":\"Update of the week\","                       \
    "\"source\":[1],\"country\":[13],\"format\":[10],\"language\":[267],"
#define DATED       "\"published\":\"2026-06-06T01:00:00+00:00\","
#define BODY        "\"body\":\"Some words of it.\""
#define FILES(list) HEAD DATED BODY ",\"file\":[" list "]}"
#define FILE_1      "{\"url\":\"https://example.org/f/one.pdf\",\"language\":\"en\"}"

static char why[PLUG_WHY];

static bool make(struct submission *s, const char *text)
{
    struct plug_bytes bytes = {strdup(text), strlen(text), strlen(text) + 1};
    why[0] = '\0';
    bool is_made = submission_make(s, &bytes, why, sizeof why);
    free(bytes.at);
    return is_made;
}

static void is_refused(const char *text, const char *words)
{
    struct submission s = {.json = NULL};
    assert_false(make(&s, text));
    if (strstr(why, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why, words);
    submission_fini(&s);
}

static struct submission with_file(const char *name)
{
    struct submission s = {.file_count = 1};
    plug_copy(s.files[0].name, SUBMISSION_NAME, name);
    plug_copy(s.files[0].sha256, SUBMISSION_HEX, SUM);
    return s;
}

/* -- identifiers ------------------------------------------------------------------------------- */

/* Of RFC 9562, appendix A.4. */
static void uuid__of_the_standard__as_documented(void **state)
{
    char out[UUID_ROOM];
    (void)state;
    assert_true(uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com", out));
    assert_string_equal(out, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    assert_false(uuid5("no name space", "www.example.com", out));
}

static void uuids__of_document_and_file__one_within_the_other(void **state)
{
    char own[UUID_ROOM], file[UUID_ROOM];
    struct submission s = with_file("one.pdf");
    (void)state;
    assert_true(make(&s, FILES(FILE_1)));
    assert_true(uuid5(RELIEFWEB_DOCUMENTS, "https://example.org/r/1", own));
    assert_true(uuid5(own, "https://example.org/f/one.pdf", file));
    assert_string_equal(s.uuid, own);
    const json_t *one = json_array_get(json_object_get(s.json, "file"), 0);
    assert_string_equal(plug_json_text(one, "uuid"), file);
    assert_string_equal(plug_json_text(one, "checksum"), SUM);
    assert_string_equal(plug_json_text(one, "filename"), "one.pdf");
    submission_fini(&s);
}

static void uuid__that_is_another__refused(void **state)
{
    (void)state;
    is_refused(HEAD DATED BODY ",\"uuid\":\"2ed6657d-e927-568b-95e1-2665a8aea6a2\"}",
               "its uuid is not the one of its url");
}

/* -- files ------------------------------------------------------------------------------------- */

static void file__not_in_the_message_and_without_checksum__refused(void **state)
{
    (void)state;
    is_refused(FILES(FILE_1), "the message has no document of that name");
}

static void file__with_another_checksum__refused(void **state)
{
    struct submission s = with_file("one.pdf");
    (void)state;
    assert_false(
        make(&s, FILES("{\"url\":\"https://example.org/f/one.pdf\",\"checksum\":\"" OTHER "\"}")));
    assert_non_null(strstr(why, "not that of the document"));
    submission_fini(&s);
}

static void document__that_no_file_names__refused(void **state)
{
    struct submission s = with_file("two.pdf");
    (void)state;
    assert_false(make(&s, HEAD DATED BODY "}"));
    assert_non_null(strstr(why, "two.pdf is named by no file"));
    submission_fini(&s);
}

static void file__in_chinese__refused_with_the_fix(void **state)
{
    (void)state;
    is_refused(FILES("{\"url\":\"https://example.org/f/one.pdf\",\"language\":\"zh\",\"checksum\":"
                     "\"" SUM "\"}"),
               "Chinese");
}

static void files__eleven__refused(void **state)
{
    (void)state;
    is_refused(FILES("{},{},{},{},{},{},{},{},{},{},{}"), "at most 10");
}

static void file__that_is_no_pdf_by_its_address__refused(void **state)
{
    (void)state;
    is_refused(FILES("{\"url\":\"https://example.org/f/one.docx\"}"), ".pdf");
}

/* -- the description --------------------------------------------------------------------------- */

static void member__misspelt__refused_by_its_name(void **state)
{
    (void)state;
    is_refused(HEAD DATED BODY ",\"titel\":\"x\"}", "\"titel\"");
    is_refused(FILES("{\"url\":\"https://example.org/f/one.pdf\",\"file_name\":\"x\"}"),
               "\"file_name\"");
}

static void member__missing__refused_by_its_name(void **state)
{
    (void)state;
    is_refused(HEAD BODY "}", "published");
    is_refused(HEAD DATED "\"origin\":\"https://example.org/\"}", "body: is missing");
}

static void ids__that_are_texts__refused(void **state)
{
    (void)state;
    is_refused("{\"url\":\"https://example.org/r/1\",\"title\":\"Update of the week\","
               "\"source\":[\"IOM\"]," DATED BODY "}",
               "source: holds something else");
}

static void title__too_short_or_with_controls__refused(void **state)
{
    (void)state;
    is_refused("{\"url\":\"https://example.org/r/1\",\"title\":\"Short\"," DATED BODY "}",
               "title: is too short");
    is_refused("{\"url\":\"https://example.org/r/1\",\"title\":\"With\\ta tabulator\"," DATED BODY
               "}",
               "title: holds a control character");
    is_refused("{\"url\":\"https://example.org/r/1\",\"title\":\" begins with a blank\"," DATED BODY
               "}",
               "title: begins with a blank");
    is_refused("{\"url\":\"https://example.org/r/1\",\"title\":\"1234 - 567890\"," DATED BODY "}",
               "title: holds no letter");
}

static void title__in_arabic__taken(void **state)
{
    struct submission s = {.json = NULL};
    (void)state;
    assert_true(make(
        &s, "{\"url\":\"https://example.org/r/1\",\"title\":"
            "\"\u062a\u0642\u0631\u064a\u0631 \u0627\u0644\u0648\u0636\u0639\","
            "\"source\":[1],\"country\":[13],\"format\":[10],\"language\":[6]," DATED BODY "}"));
    submission_fini(&s);
}

static void body__with_line_ends_of_another_system__made_one(void **state)
{
    struct submission s = {.json = NULL};
    (void)state;
    assert_true(make(&s, HEAD DATED "\"body\":\"Some words.\\r\\n\\r\\nAnd more.\"}"));
    assert_string_equal(plug_json_text(s.json, "body"), "Some words.\n\nAnd more.");
    submission_fini(&s);
}

static void text__cut_or_deep_or_no_object__refused(void **state)
{
    char deep[20001];
    (void)state;
    is_refused(HEAD, "reliefweb.json");
    is_refused("[]", "is no object");
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    deep[20000] = '\0';
    is_refused(deep, "deep");
}

/* -- their own tests, where the samples are there ---------------------------------------------- */

static void sample(const char *name)
{
    char path[512];
    struct submission s = {.json = NULL};
    const char *samples = getenv("VALISE_SAMPLES");
    snprintf(path, sizeof path, "%s/reliefweb-post-api/%s",
             samples != NULL ? samples : VALISE_SOURCE_DIR "/../shared/samples", name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        skip();
    char *text = calloc(1, 1u << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1u << 20) - 1, file) > 0);
    fclose(file);
    if (!make(&s, text)) /* uuids that stand there are held against ours */
        fail_msg("%s", why);
    free(text);
    submission_fini(&s);
}

static void their_report__is_what_we_would_send(void **state)
{
    (void)state;
    sample("data-report.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid__of_the_standard__as_documented),
        cmocka_unit_test(uuids__of_document_and_file__one_within_the_other),
        cmocka_unit_test(uuid__that_is_another__refused),
        cmocka_unit_test(file__not_in_the_message_and_without_checksum__refused),
        cmocka_unit_test(file__with_another_checksum__refused),
        cmocka_unit_test(document__that_no_file_names__refused),
        cmocka_unit_test(file__in_chinese__refused_with_the_fix),
        cmocka_unit_test(files__eleven__refused),
        cmocka_unit_test(file__that_is_no_pdf_by_its_address__refused),
        cmocka_unit_test(member__misspelt__refused_by_its_name),
        cmocka_unit_test(member__missing__refused_by_its_name),
        cmocka_unit_test(ids__that_are_texts__refused),
        cmocka_unit_test(title__too_short_or_with_controls__refused),
        cmocka_unit_test(title__in_arabic__taken),
        cmocka_unit_test(body__with_line_ends_of_another_system__made_one),
        cmocka_unit_test(text__cut_or_deep_or_no_object__refused),
        cmocka_unit_test(their_report__is_what_we_would_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
