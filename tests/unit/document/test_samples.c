/* Every symbol in recorded catalogue records, where they are at hand: what share is taken apart.
 * The records are looked through as text; this is no reader of MARC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "document/symbol.h"

#define ROOM (8u << 20)

static struct counted {
    unsigned all, parsed;
} counted;

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = vls_mem_new(ROOM);
    size_t len = fread(text, 1, ROOM - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static void count(const char *symbol)
{
    struct vls_symbol s;
    vls_symbol_parse("un", symbol, &s);
    assert_string_equal(s.printed, symbol);
    counted.all++;
    counted.parsed += s.grammar == VLS_SYMBOL_UN;
    if (s.grammar != VLS_SYMBOL_UN)
        print_message("kept as it is: %s\n", symbol);
}

/* Subfields a of 191 (the symbol) and of 993 (related symbols), up to the end of the field. */
static void count_field(const char *from, const char *end)
{
    static const char OPEN[] = "subfield code=\"a\">";
    for (const char *at = strstr(from, OPEN); at != NULL && at < end; at = strstr(at + 1, OPEN)) {
        char symbol[VLS_MAX_SYMBOL + 1];
        const char *text = at + sizeof OPEN - 1;
        size_t len = strcspn(text, "<");
        if (len > 0 && len < sizeof symbol && strchr("\n &", text[0]) == NULL) {
            snprintf(symbol, sizeof symbol, "%.*s", (int)len, text);
            count(symbol);
        }
    }
}

static void symbols__of_recorded_records__are_taken_apart(void **state)
{
    static const char *const TAGS[] = {"tag=\"191\"", "tag=\"993\""};
    const char *samples = getenv("VALISE_SAMPLES");
    char path[4096];
    (void)state;
    snprintf(path, sizeof path, "%s/un-digital-library/session_78_committee_3_drafts.xml",
             samples != NULL ? samples : VALISE_SOURCE_DIR "/../shared/samples");
    char *text = read_file(path);
    if (text == NULL)
        skip();
    for (size_t i = 0; i < sizeof TAGS / sizeof TAGS[0]; i++)
        for (char *at = strstr(text, TAGS[i]); at != NULL; at = strstr(at + 1, TAGS[i])) {
            const char *end = strstr(at, "datafield>"); /* under whatever prefix */
            assert_non_null(end);
            count_field(at, end);
        }
    print_message("%u of %u symbols are taken apart\n", counted.parsed, counted.all);
    assert_true(counted.all > 100);
    assert_int_equal(counted.parsed, counted.all);
    vls_mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols__of_recorded_records__are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
