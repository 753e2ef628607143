#ifndef VALISE_CLI_LABEL_COLOUR_H
#define VALISE_CLI_LABEL_COLOUR_H
/*
 * cli/label_colour - markings in the colour that the scheme gives them, where a terminal shows it.
 *
 * Process: valise(1).
 */
#include "cli.h"

#define LABEL_COLOUR_TEXT 48
#define LABEL_COLOUR_OFF  "\033[0m"

/** What switches a terminal to `colour` as background and to black or white letters, whichever is
 * read better on it: in 24 bits when COLORTERM says that the terminal knows them, otherwise the
 * nearest of 256 colours. "" when standard output is no terminal, NO_COLOR is set, TERM is dumb, or
 * the colour is neither #rrggbb nor one of the names of the format. */
void vls_label_colour(const struct cli *cli, const char *colour, char out[LABEL_COLOUR_TEXT]);

/** Print `text` between two blanks in that colour, and as it is where there is none. Control
 * characters are replaced. */
void vls_label_print_coloured(struct cli *cli, const char *colour, const char *text);

#endif
