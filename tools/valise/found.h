#ifndef VALISE_CLI_FOUND_H
#define VALISE_CLI_FOUND_H
/*
 * cli/found - how an endpoint answered a plugin, in words: for valise resolve and valise status.
 *
 * Process: valise(1).
 */
#include <jansson.h>
#include <schemas/ipc.pb-c.h>

#include "table.h"

/** "not-found" and so on; "no answer" for none. */
const char *vls_found_word(const Valise__Finding *finding);
enum table_colour vls_found_colour(const Valise__Finding *finding);
/** What belongs to it, and why, in one line. Room for FOUND_TEXT. */
#define FOUND_TEXT 1024
void vls_found_text(const Valise__Finding *finding, char *out);
/** Its members, into an object. */
void vls_found_json(const Valise__Finding *finding, json_t *object);

#endif
