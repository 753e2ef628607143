/* What a command says about itself is what it does: options, exit statuses and sections of
 * commands/NAME.md against the table of commands. */
#include "cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "help.h"

/** The row of an option as the manual must have it. */
static void row_of(const struct cli_option *option, char *out, size_t room)
{
    char argument[64] = "";
    size_t n = 0;
    if (option->argument != NULL) {
        argument[n++] = ' ';
        for (const char *at = option->argument; *at != '\0'; at++) {
            if (*at == '|')
                argument[n++] = '\\';
            argument[n++] = *at;
        }
    }
    if (option->letter != 0)
        snprintf(out, room, "| `-%c, --%s%s` | ", option->letter, option->name, argument);
    else
        snprintf(out, room, "| `--%s%s` | ", option->name, argument);
}

static bool has_line(const struct cli_doc *doc, const char *start)
{
    for (const char *const *line = doc->lines; *line != NULL; line++)
        if (strncmp(*line, start, strlen(start)) == 0)
            return true;
    return false;
}

static void assert_documented(const struct cli_doc *doc, const struct cli_option *options,
                              size_t count)
{
    size_t rows = 0;
    bool is_options = false;
    for (size_t i = 0; i < count; i++) {
        char row[128];
        row_of(&options[i], row, sizeof row);
        if (!has_line(doc, row))
            fail_msg("%s: no row %s", doc->name, row);
    }
    for (const char *const *line = doc->lines; *line != NULL; line++) {
        if (strncmp(*line, "## ", 3) == 0)
            is_options = strstr(*line, "ptions") != NULL;
        rows += is_options && strncmp(*line, "| `-", 4) == 0;
    }
    if (rows != count)
        fail_msg("%s: %zu options in the manual, %zu in the program", doc->name, rows, count);
}

static void docs__every_option__is_in_code_and_manual(void **state)
{
    const struct cli_command *command = NULL;
    (void)state;
    for (size_t i = 0; (command = vls_cli_command_at(i)) != NULL; i++) {
        const struct cli_doc *doc = vls_help_doc(command->name);
        if (doc == NULL)
            fail_msg("%s has no manual", command->name);
        assert_documented(doc, command->options, command->option_count);
    }
    assert_documented(vls_help_doc("global"), CLI_GLOBALS, CLI_GLOBALS_COUNT);
}

static void docs__every_command__has_title_and_sections(void **state)
{
    static const char *const SECTIONS[] = {"## Synopsis", "## Exit status", "## Examples"};
    const struct cli_command *command = NULL;
    (void)state;
    for (size_t i = 0; (command = vls_cli_command_at(i)) != NULL; i++) {
        const struct cli_doc *doc = vls_help_doc(command->name);
        char title[64];
        snprintf(title, sizeof title, "# valise-%s(1) - ", command->name);
        if (strncmp(doc->lines[0], title, strlen(title)) != 0)
            fail_msg("%s: the title is '%s'", command->name, doc->lines[0]);
        for (size_t s = 0; s < sizeof SECTIONS / sizeof SECTIONS[0]; s++)
            if (!has_line(doc, SECTIONS[s]))
                fail_msg("%s: no section %s", command->name, SECTIONS[s]);
    }
}

static void options__letters_and_names__are_unique(void **state)
{
    const struct cli_command *command = NULL;
    (void)state;
    for (size_t i = 0; (command = vls_cli_command_at(i)) != NULL; i++) {
        for (size_t a = 0; a < command->option_count; a++) {
            const struct cli_option *option = &command->options[a];
            for (size_t b = 0; b < a; b++) {
                assert_string_not_equal(option->name, command->options[b].name);
                assert_false(option->letter != 0 && option->letter == command->options[b].letter);
            }
            for (size_t b = 0; b < CLI_GLOBALS_COUNT; b++) {
                assert_string_not_equal(option->name, CLI_GLOBALS[b].name);
                assert_int_not_equal(option->letter, CLI_GLOBALS[b].letter);
            }
        }
    }
}

static void id__forms_and_lengths__read_or_refused(void **state)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    struct vls_why why = {""};
    (void)state;
    assert_true(vls_ok(vls_cli_id("0193a7c2-1b4d-7e3f-8a5b-6c7d8e9f0a1b", bytes, &len, &why)));
    assert_int_equal(len, 16);
    assert_int_equal(bytes[15], 0x1b);
    assert_true(vls_ok(vls_cli_id("0193a7c2", bytes, &len, &why)));
    assert_int_equal(len, 4);
    assert_true(vls_ok(vls_cli_id("0193A7C21b4", bytes, &len, &why)));
    assert_int_equal(len, 5);
    assert_int_equal(vls_cli_id("0193a7c", bytes, &len, &why).code, VLS_CLI_USAGE);
    assert_int_equal(vls_cli_id("0193a7cg", bytes, &len, &why).code, VLS_CLI_USAGE);
    assert_int_equal(vls_cli_id("0193a7c2-1b4d-7e3f-8a5b-6c7d8e9f0a1b00", bytes, &len, &why).code,
                     VLS_CLI_USAGE);
    assert_int_equal(len, 5); /* out is written on success alone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(docs__every_option__is_in_code_and_manual),
        cmocka_unit_test(docs__every_command__has_title_and_sections),
        cmocka_unit_test(options__letters_and_names__are_unique),
        cmocka_unit_test(id__forms_and_lengths__read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
