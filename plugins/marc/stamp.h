#ifndef VALISE_MARC_STAMP_H
#define VALISE_MARC_STAMP_H
/*
 * marc/stamp - dates of catalogues: OAI-PMH's in UTC with a day or a second, field 005 in the local
 * time of New York, and days to count with.
 *
 * Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#define STAMP_TEXT 24
#define STAMP_DAY  INT64_C(86400)

/** Seconds since 1970 of "2026-09-14" or "2026-09-14T07:00:00Z" (a fraction is passed over). false:
 * it is neither, or no such day. */
bool stamp_read(const char *text, int64_t *out);
/** Of "20230919145513.0", field 005: the Library's clock shows US Eastern time. Of the hour
 * that comes twice a year the later one is meant. */
bool stamp_read_005(const char *text, int64_t *out);

/** "2026-09-14", or "2026-09-14T07:00:00Z" with seconds. */
void stamp_print(int64_t seconds, bool has_seconds, char out[STAMP_TEXT]);

/** Whether it is a date as precise as it is known: "2026", "2026-09", "2026-09-14". */
bool stamp_is_partial(const char *text);

#endif
