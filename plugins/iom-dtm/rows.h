#ifndef VALISE_IOM_DTM_ROWS_H
#define VALISE_IOM_DTM_ROWS_H
/*
 * iom-dtm/rows - one answer of the DTM API, read as it streams: whether it is one, and what an
 * officer should know of it. Nothing of it is changed: a null, a "Not available", a date without a
 * zone, a reason in another case and two rows of one place and date stay as they came, and are
 * counted.
 *
 * Both envelopes are read: {"result": [...], "isSuccess": ...}, and the double one of the HNA
 * service, {"result": {"result": {"data": [...], "pagination": ...}, "isSuccess": ...}}.
 *
 * Pure but for what it keeps in memory: 8 bytes a row, bounded.
 */
#include "common/common.h"

#define DTM_NAME      128u /* a country, an operation */
#define DTM_DATE      11u
#define DTM_PLACES    (1u << 20) /* rows that are looked through for places that come twice */
#define DTM_OPERATION 4u         /* names that are kept */

struct dtm_rows {
    uint64_t count, total;   /* total: of all pages, as far as they state it */
    uint64_t without_number; /* numPresentIdpInd is null, missing, or no number    */
    uint64_t number_as_text; /* it is a number that is written as a text           */
    uint64_t without_sex;    /* numberMales and numberFemales are null             */
    uint64_t without_origin; /* "Not available", null or missing                   */
    uint64_t without_date;
    uint64_t not_assessed_as_known;       /* assessmentType is none of BA, SA, ETT       */
    char first[DTM_DATE], last[DTM_DATE]; /* reportingDate, the date as it is written    */
    int64_t first_round, last_round;      /* 0: none */
    char country[DTM_NAME];
    char operations[DTM_OPERATION][DTM_NAME];
    unsigned operation_count; /* may be above DTM_OPERATION */
    uint64_t *places;         /* a mark of each row's place and date */
    size_t place_count, place_room;
    struct plug_json *json;
};

/** false without memory */
bool dtm_rows_init(struct dtm_rows *rows);
void dtm_rows_fini(struct dtm_rows *rows);

/** For feed_scan(). */
int dtm_rows_take(void *rows, const void *bytes, size_t len);

/** That was all: the answer's verdict, DELIVERED, PARTIAL or MALFORMED, with why. */
void dtm_rows_end(struct dtm_rows *rows, struct plug_answer *answer);

/** Rows whose place and date come more than once. */
uint64_t dtm_rows_repeated(struct dtm_rows *rows);

#endif
