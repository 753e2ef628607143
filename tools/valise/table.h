#ifndef VALISE_CLI_TABLE_H
#define VALISE_CLI_TABLE_H
/*
 * cli/table - tables for people: columns as wide as what is in them; the last one gives way at a
 * terminal.
 *
 * Process:   valise(1).
 * Ownership: a table copies its cells; release with vls_table_fini().
 *
 * Cells may hold text from a partner: control characters are replaced before they reach a terminal.
 */
#include "cli.h"

#define TABLE_MAX_COLUMNS 12

enum table_colour { TABLE_PLAIN, TABLE_GOOD, TABLE_WARN, TABLE_BAD };

struct table {
    const char *titles[TABLE_MAX_COLUMNS];
    bool is_right[TABLE_MAX_COLUMNS]; /* numbers */
    unsigned columns;
    bool is_fitted; /* at a terminal the last column is cut to fit: for lists of many rows */
    char **cells;   /* row by row */
    enum table_colour *colours;
    size_t cell_count, room;
};

/** `titles` ends with NULL; a title that starts with '>' is of a column of numbers, aligned to the
 * right. */
void vls_table_init(struct table *table, const char *const *titles);
void vls_table_fini(struct table *table);
/** Add the next cell; NULL is empty. */
void vls_table_add(struct table *table, const char *text);
void vls_table_add_coloured(struct table *table, const char *text, enum table_colour colour);
void vls_table_add_format(struct table *table, const char *fmt, ...) VLS_PRINTF(2, 3);
/** Print it, with its titles when there are any. */
void vls_table_print(struct cli *cli, const struct table *table);

/** "12.3 MiB" and "812 B". `out` has room for TABLE_SIZE_TEXT. */
#define TABLE_SIZE_TEXT 24
void vls_size_text(uint64_t bytes, char *out);
/** "2026-11-23 18:45:01Z", "-" for 0; room for VLS_TIME_TEXT. */
void vls_time_for_people(uint64_t ms, char *out);
/** Print "name: value" lines for people. */
void vls_print_field(struct cli *cli, const char *name, const char *value);

#endif
