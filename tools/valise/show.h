#ifndef VALISE_CLI_SHOW_H
#define VALISE_CLI_SHOW_H
/*
 * cli/show - messages, times and ids as people and as programs read them.
 *
 * Process: valise(1).
 */
#include <jansson.h>
#include <schemas/ipc.pb-c.h>

#include "cli.h"
#include "table.h"

/** The id as 36 characters, "" when it is none; room for VLS_ID_TEXT. */
void vls_show_id(ProtobufCBinaryData bytes, char *out);

enum table_colour vls_state_colour(const char *state);

/** A message as a JSON object with the members of valise-list(1); the caller owns it. */
json_t *vls_message_json(const Valise__MessageRow *row);
/** As "name: value" lines. */
/** A document of the catalogue, as valise catalogue prints it; the caller owns it. */
json_t *vls_catalogue_json(const Valise__CatalogueRow *row);
/** "duplicate of" and "advice", where there is any. */
void vls_print_like(struct cli *cli, uint32_t like, ProtobufCBinaryData other, const char *advice);
void vls_message_print(struct cli *cli, const Valise__MessageRow *row);

/** Print "WHAT: refused: WORDS". Words that begin with WHAT say it once, and their line before
 * "refused": "WHAT:7: refused: ...". */
void vls_print_refused(struct cli *cli, const char *what, const char *words);

/** RFC 3339, or null for 0. */
json_t *vls_json_time(uint64_t ms);
json_t *vls_json_id(ProtobufCBinaryData bytes);
json_t *vls_json_hex(ProtobufCBinaryData bytes);
/** A string; text that is not UTF-8 becomes "". */
json_t *vls_json_text(const char *text);
json_t *vls_json_number(uint64_t number);

/** Print one object as one line and release it. @return SYSTEM_MEMORY */
VLS_STATUS vls_json_line(struct cli *cli, json_t *object, struct vls_why *why);

#endif
