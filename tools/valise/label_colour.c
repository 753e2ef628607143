#include "label_colour.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

struct colour {
    unsigned red, green, blue;
};

/** The names that the format lists, one of them in its own spelling too; and two that are met. */
static const struct {
    const char *name;
    struct colour colour;
} NAMES[] = {
    {"aqua", {0, 255, 255}},    {"black", {0, 0, 0}},        {"blue", {0, 0, 255}},
    {"fuchsia", {255, 0, 255}}, {"fuschia", {255, 0, 255}},  {"gray", {128, 128, 128}},
    {"green", {0, 128, 0}},     {"lime", {0, 255, 0}},       {"maroon", {128, 0, 0}},
    {"navy", {0, 0, 128}},      {"olive", {128, 128, 0}},    {"purple", {128, 0, 128}},
    {"red", {255, 0, 0}},       {"silver", {192, 192, 192}}, {"teal", {0, 128, 128}},
    {"white", {255, 255, 255}}, {"yellow", {255, 255, 0}},   {"orange", {255, 165, 0}},
    {"gold", {255, 215, 0}},
};

static bool find_colour(const char *text, struct colour *out)
{
    uint8_t bytes[3];
    if (text[0] == '#' && vls_ok(vls_hex_read(text + 1, bytes, sizeof bytes))) {
        *out = (struct colour){bytes[0], bytes[1], bytes[2]};
        return true;
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (strcasecmp(NAMES[i].name, text) == 0) {
            *out = NAMES[i].colour;
            return true;
        }
    return false;
}

static bool is_environment(const char *name, const char *value)
{
    const char *is = getenv(name);
    return is != NULL && strcmp(is, value) == 0;
}

static bool is_shown(const struct cli *cli)
{
    const char *off = getenv("NO_COLOR");
    return cli->is_terminal && (off == NULL || *off == '\0') && !is_environment("TERM", "dumb");
}

/** Black letters on what is bright: weights of red, green and blue as in ITU-R BT.601. */
static bool is_bright(struct colour c)
{
    return 299 * c.red + 587 * c.green + 114 * c.blue > 128 * 1000;
}

/** The nearest of the six levels that 256-colour terminals have of each of red, green and blue. */
static unsigned level_of(unsigned value)
{
    static const unsigned LEVELS[] = {0, 95, 135, 175, 215, 255};
    unsigned nearest = 0;
    for (unsigned i = 1; i < sizeof LEVELS / sizeof LEVELS[0]; i++)
        if (2 * value > LEVELS[i - 1] + LEVELS[i])
            nearest = i;
    return nearest;
}

/** Number of the nearest colour in their cube, behind the 16 that a person may have changed. */
static unsigned cube_of(struct colour c)
{
    return 16 + 36 * level_of(c.red) + 6 * level_of(c.green) + level_of(c.blue);
}

void vls_label_colour(const struct cli *cli, const char *colour, char out[LABEL_COLOUR_TEXT])
{
    struct colour c = {0, 0, 0};
    out[0] = '\0';
    if (!is_shown(cli) || colour == NULL || !find_colour(colour, &c))
        return;
    unsigned letters = is_bright(c) ? 30 : 97;
    if (is_environment("COLORTERM", "truecolor") || is_environment("COLORTERM", "24bit"))
        snprintf(out, LABEL_COLOUR_TEXT, "\033[%u;48;2;%u;%u;%um", letters, c.red, c.green, c.blue);
    else
        snprintf(out, LABEL_COLOUR_TEXT, "\033[%u;48;5;%um", letters, cube_of(c));
}

void vls_label_print_coloured(struct cli *cli, const char *colour, const char *text)
{
    char on[LABEL_COLOUR_TEXT];
    char *clean = vls_mem_dup(text);
    vls_label_colour(cli, colour, on);
    for (char *at = clean; !vls_text_is_clean(vls_slice_text(clean), false) && *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
            *at = '?';
    if (*on == '\0')
        fputs(clean, cli->out);
    else
        fprintf(cli->out, "%s %s %s", on, clean, LABEL_COLOUR_OFF);
    vls_mem_free(clean);
}
