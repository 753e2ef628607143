#ifndef VALISE_UNSD_SDMX_CSV_H
#define VALISE_UNSD_SDMX_CSV_H
/*
 * unsd-sdmx/csv - CSV (RFC 4180) as it streams: rows of fields, of both line ends, with a byte
 * order mark or without. Bounded: a quote that is never closed cannot grow.
 *
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_FIELDS 128u
#define CSV_ROW    65536u /* bytes of one row */

struct csv_row {
    uint64_t number; /* from 1: that of the names */
    size_t count;
    const char *fields[CSV_FIELDS]; /* lent for the call */
};

struct csv {
    /** 0 goes on. */
    int (*on_row)(void *ctx, const struct csv_row *row);
    void *ctx;
    const char *wrong; /* what is; NULL: nothing */
    struct csv_row row;
    char text[CSV_ROW];
    size_t used, mark;                                  /* mark: bytes of the order mark so far */
    bool is_quoted, is_behind_quote, was_cr, has_field; /* has_field: the row has begun */
};

void csv_init(struct csv *csv, int (*on_row)(void *ctx, const struct csv_row *row), void *ctx);
/** 0; or -1, when something is wrong or on_row() ended it. */
int csv_take(struct csv *csv, const void *bytes, size_t len);
/** That was all: a last row without a line end counts. */
int csv_end(struct csv *csv);

#endif
