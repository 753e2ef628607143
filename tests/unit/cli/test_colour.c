/* Markings in colour: what a terminal is sent, and what anything else is. */
#include "label_colour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/** A terminal of that kind, or none; each variable NULL: not set. */
static void environment(const char *term, const char *colorterm, const char *no_color)
{
    static const char *const NAMES[] = {"TERM", "COLORTERM", "NO_COLOR"};
    const char *values[] = {term, colorterm, no_color};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(values[i] != NULL ? setenv(NAMES[i], values[i], 1) : unsetenv(NAMES[i]),
                         0);
}

static void assert_colour(bool is_terminal, const char *colour, const char *expected)
{
    const struct cli cli = {.is_terminal = is_terminal};
    char out[LABEL_COLOUR_TEXT];
    vls_label_colour(&cli, colour, out);
    assert_string_equal(out, expected);
}

static void colour__terminal_of_256_colours__nearest_one(void **state)
{
    (void)state;
    environment("xterm", NULL, NULL);
    assert_colour(true, "red", "\033[97;48;5;196m");
    assert_colour(true, "#FF0000", "\033[97;48;5;196m");
    assert_colour(true, "Yellow", "\033[30;48;5;226m");
    assert_colour(true, "black", "\033[97;48;5;16m");
    assert_colour(true, "white", "\033[30;48;5;231m");
    assert_colour(true, "#336699", "\033[97;48;5;60m");
}

static void colour__terminal_of_24_bits__exact_one(void **state)
{
    (void)state;
    environment("xterm", "truecolor", NULL);
    assert_colour(true, "#ffC000", "\033[30;48;2;255;192;0m");
    environment("xterm", "24bit", "");
    assert_colour(true, "navy", "\033[97;48;2;0;0;128m");
}

static void colour__no_terminal_or_none_wanted__nothing(void **state)
{
    (void)state;
    environment("xterm", "truecolor", NULL);
    assert_colour(false, "red", "");
    environment("xterm", "truecolor", "1");
    assert_colour(true, "red", "");
    environment("dumb", "truecolor", NULL);
    assert_colour(true, "red", "");
}

static void colour__not_one_of_the_format__nothing(void **state)
{
    static const char *const WRONG[] = {"",       "#ff00",    "#ff00000", "#gg0000",
                                        "redder", "\033[31m", "#+12345",  "rgb(1,2,3)"};
    (void)state;
    environment("xterm", NULL, NULL);
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
        assert_colour(true, WRONG[i], "");
    assert_colour(true, NULL, "");
}

static void assert_printed(bool is_terminal, const char *colour, const char *text,
                           const char *expected)
{
    char *out = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&out, &len);
    struct cli cli = {.is_terminal = is_terminal, .out = file};
    assert_non_null(file);
    vls_label_print_coloured(&cli, colour, text);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(out, expected);
    free(out);
}

static void print__marking__between_escapes_and_never_with_its_own(void **state)
{
    (void)state;
    environment("xterm", NULL, NULL);
    assert_printed(true, "green", "OPEN", "\033[97;48;5;28m OPEN \033[0m");
    assert_printed(false, "green", "OPEN", "OPEN");
    assert_printed(true, "", "OPEN", "OPEN");
    assert_printed(true, "red", "A\033[2J\nB", "\033[97;48;5;196m A?[2J?B \033[0m");
    assert_printed(false, "red", "\xd8\xb3\xd8\xb1\xd9\x8a", "\xd8\xb3\xd8\xb1\xd9\x8a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour__terminal_of_256_colours__nearest_one),
        cmocka_unit_test(colour__terminal_of_24_bits__exact_one),
        cmocka_unit_test(colour__no_terminal_or_none_wanted__nothing),
        cmocka_unit_test(colour__not_one_of_the_format__nothing),
        cmocka_unit_test(print__marking__between_escapes_and_never_with_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
