#ifndef VALISE_COMMON_JSON_H
#define VALISE_COMMON_JSON_H
/*
 * common/json - JSON from outside: whole and bounded, by jansson; or a stream of rows, by yajl, for
 * answers that are one long array in an envelope ("result", "data", "result.results", or the whole
 * document).
 *
 *   - caps on depth (before anything recurses), on one row, on the envelope, on the number of rows;
 *   - strict UTF-8, no comments, no duplicate keys within a row, nothing behind the end;
 *   - an error says the byte at which it is.
 *
 * Process:   host.
 * Ownership: rows are lent to on_row(); json_incref() keeps one.
 */
#include <jansson.h>

#include "ask.h"

#define PLUG_JSON_DEPTH    64u
#define PLUG_JSON_ROW      (4u << 20)   /* bytes of text of one row                              */
#define PLUG_JSON_ENVELOPE (256u << 10) /* and of all that is around the rows                  */
#define PLUG_JSON_ROWS     (4u << 20)

/** NULL, with answer->result MALFORMED, where and why. `bytes` as plug_gather() gave them. */
json_t *plug_json_read(const struct plug_bytes *bytes, struct plug_answer *answer);

struct plug_json_options {
    /** Where the array of rows is: "result", "result.results", "" for the whole document. What is
     * there and no array is left in the envelope. */
    const char *rows;
    /** One member of that array, whatever it is. `number` counts from 0. 0; or -1 to end it, having
     * said why with plug_json_refuse(). */
    int (*on_row)(void *ctx, json_t *row, uint64_t number);
    void *ctx;
    size_t max_row; /* 0: PLUG_JSON_ROW */
};

struct plug_json; /* opaque */

/** NULL without memory. */
struct plug_json *plug_json_new(const struct plug_json_options *options);
void plug_json_free(struct plug_json **json);

/** 0 or -1; then plug_json_why() and plug_json_where() say what is wrong. */
int plug_json_feed(struct plug_json *json, const void *bytes, size_t len);
int plug_json_finish(struct plug_json *json);
void plug_json_refuse(struct plug_json *json, const char *fmt, ...) PLUG_PRINTF(2, 3);
const char *plug_json_why(const struct plug_json *json);
/** "byte 1042", "row 17, byte 1042" */
const char *plug_json_where(const struct plug_json *json);

/** What stood around the rows, without them (an empty array in their place); complete behind
 * plug_json_finish(), and as far as it came before. Lent until plug_json_free(); NULL when the
 * document is the array itself. */
const json_t *plug_json_envelope(const struct plug_json *json);
uint64_t plug_json_count(const struct plug_json *json);
/** The array was there. */
bool plug_json_has_rows(const struct plug_json *json);

/** For plug_stream(), as in xml.h. */
int plug_json_take(void *ctx, struct plug_answer *answer, const void *bytes, size_t len);
uint32_t plug_json_end(struct plug_json *json, struct plug_answer *answer);

/* -- members, of whatever type they are -------------------------------------------------------- */

/** Text of a member: "" when it is missing, null, or no text. Lent from the object. */
const char *plug_json_text(const json_t *object, const char *name);
/** A number that stands there as one or as text; `otherwise` when it is neither. */
int64_t plug_json_number(const json_t *object, const char *name, int64_t otherwise);
/** By a path, "links.next.href". NULL when there is none. */
const json_t *plug_json_at(const json_t *object, const char *path);

#endif
