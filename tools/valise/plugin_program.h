#ifndef VALISE_CLI_PLUGIN_PROGRAM_H
#define VALISE_CLI_PLUGIN_PROGRAM_H
/*
 * cli/plugin_program - valise plugin as a program of its own, called by valise(1).
 *
 * Process: valise(1).
 */
#include "cli.h"

/** What this program was called with; it is handed on unchanged. Lent until the program ends. */
void vls_plugin_program_arguments(char *const *argv);

#endif
