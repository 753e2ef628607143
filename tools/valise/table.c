#include "table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/text.h"

#define GAP         2  /* blanks between columns */
#define LAST_MIN    12 /* the last column never gets narrower */
#define CELL_ROOM   1024
#define FIELD_WIDTH 14

static const char *const COLOURS[] = {"", "\033[32m", "\033[33m", "\033[31m"};

void vls_table_init(struct table *table, const char *const *titles)
{
    *table = (struct table){.columns = 0};
    for (; titles[table->columns] != NULL && table->columns < TABLE_MAX_COLUMNS; table->columns++) {
        const char *title = titles[table->columns];
        table->is_right[table->columns] = *title == '>';
        table->titles[table->columns] = *title == '>' ? title + 1 : title;
    }
}

void vls_table_fini(struct table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        vls_mem_free(table->cells[i]);
    vls_mem_free(table->cells);
    vls_mem_free(table->colours);
    *table = (struct table){.columns = 0};
}

/** A copy that a terminal can be shown: no control characters, no bytes that are not UTF-8. */
static char *clean_copy(const char *text)
{
    size_t len = strlen(text);
    char *copy = vls_mem_text(text, len < CELL_ROOM ? len : CELL_ROOM);
    if (vls_text_is_clean(vls_slice_text(copy), false))
        return copy;
    for (char *at = copy; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
            *at = '?';
    return copy;
}

void vls_table_add_coloured(struct table *table, const char *text, enum table_colour colour)
{
    if (table->cell_count == table->room) {
        size_t room = table->room == 0 ? 64 : 2 * table->room;
        char **cells = vls_mem_resize(table->cells, room * sizeof *cells);
        if (cells == NULL)
            return;
        table->cells = cells;
        enum table_colour *colours = vls_mem_resize(table->colours, room * sizeof *colours);
        if (colours == NULL)
            return;
        table->colours = colours;
        table->room = room;
    }
    table->colours[table->cell_count] = colour;
    table->cells[table->cell_count++] = clean_copy(text != NULL ? text : "");
}

void vls_table_add(struct table *table, const char *text)
{
    vls_table_add_coloured(table, text, TABLE_PLAIN);
}

void vls_table_add_format(struct table *table, const char *fmt, ...)
{
    char text[CELL_ROOM];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    vls_table_add(table, text);
}

/** Columns of a terminal that a text takes; at most `max` of them: *out_bytes is where to cut. */
static size_t width_of(const char *text, size_t max, size_t *out_bytes)
{
    size_t width = 0, at = 0, len = strlen(text);
    mbstate_t state = {0};
    while (at < len) {
        wchar_t c = 0;
        size_t n = mbrtowc(&c, text + at, len - at, &state);
        int w = 1;
        if (n == 0 || n > len - at) { /* not of this locale: count bytes */
            n = 1;
            state = (mbstate_t){0};
        } else {
            w = wcwidth(c);
        }
        if (w < 0)
            w = 1;
        if (width + (size_t)w > max)
            break;
        width += (size_t)w;
        at += n;
    }
    *out_bytes = at;
    return width;
}

static void put_blanks(FILE *out, size_t count)
{
    for (; count > 0; count--)
        fputc(' ', out);
}

static void put_cell(struct cli *cli, const char *text, enum table_colour colour, size_t width,
                     bool is_right, bool is_last)
{
    size_t bytes = 0;
    size_t taken = width_of(text, width, &bytes);
    if (is_right)
        put_blanks(cli->out, width - taken);
    const char *on = cli->is_terminal && colour != TABLE_PLAIN ? COLOURS[colour] : "";
    fprintf(cli->out, "%s%.*s%s", on, (int)bytes, text, *on != '\0' ? "\033[0m" : "");
    if (!is_last)
        put_blanks(cli->out, GAP + (is_right ? 0 : width - taken));
}

/** The last cell of a row that holds anything: nothing is printed behind it. */
static unsigned last_of(const char *const *cells, unsigned columns)
{
    unsigned last = columns - 1;
    while (last > 0 && *cells[last] == '\0')
        last--;
    return last;
}

static void find_widths(const struct cli *cli, const struct table *table, size_t *widths)
{
    size_t total = 0, unused = 0;
    for (unsigned c = 0; c < table->columns; c++) {
        widths[c] = width_of(table->titles[c], SIZE_MAX, &unused);
        for (size_t i = c; i < table->cell_count; i += table->columns) {
            size_t width = width_of(table->cells[i], SIZE_MAX, &unused);
            if (width > widths[c])
                widths[c] = width;
        }
        total += widths[c] + (c > 0 ? GAP : 0);
    }
    size_t *last = &widths[table->columns - 1];
    if (table->is_fitted && cli->is_terminal && total > cli->columns) {
        size_t over = total - cli->columns;
        *last = *last > over + LAST_MIN ? *last - over : LAST_MIN;
    }
}

void vls_table_print(struct cli *cli, const struct table *table)
{
    size_t widths[TABLE_MAX_COLUMNS] = {0};
    bool has_titles = false;
    if (table->columns == 0)
        return;
    find_widths(cli, table, widths);
    for (unsigned c = 0; c < table->columns; c++)
        has_titles = has_titles || *table->titles[c] != '\0';
    unsigned last = last_of(table->titles, table->columns);
    for (unsigned c = 0; has_titles && c <= last; c++)
        put_cell(cli, table->titles[c], TABLE_PLAIN, widths[c], table->is_right[c], c == last);
    if (has_titles)
        fputc('\n', cli->out);
    for (size_t row = 0; row + table->columns <= table->cell_count; row += table->columns) {
        const char *const *cells = (const char *const *)&table->cells[row];
        last = last_of(cells, table->columns);
        for (unsigned c = 0; c <= last; c++)
            put_cell(cli, cells[c], table->colours[row + c], widths[c], table->is_right[c],
                     c == last);
        fputc('\n', cli->out);
    }
}

void vls_size_text(uint64_t bytes, char *out)
{
    static const char *const UNITS[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    double value = (double)bytes;
    while (value >= 1024 && unit + 1 < sizeof UNITS / sizeof UNITS[0]) {
        value /= 1024;
        unit++;
    }
    if (unit == 0)
        snprintf(out, TABLE_SIZE_TEXT, "%" PRIu64 " B", bytes);
    else
        snprintf(out, TABLE_SIZE_TEXT, "%.1f %s", value, UNITS[unit]);
}

void vls_time_for_people(uint64_t ms, char *out)
{
    if (ms == 0) {
        vls_text_copy(out, VLS_TIME_TEXT, "-");
        return;
    }
    vls_time_text(ms, out);
    if (strlen(out) == strlen("2026-11-23T18:45:01.123Z")) {
        out[10] = ' ';
        vls_text_copy(out + 19, VLS_TIME_TEXT - 19, "Z");
    }
}

void vls_print_field(struct cli *cli, const char *name, const char *value)
{
    char *clean = clean_copy(value != NULL && *value != '\0' ? value : "-");
    fprintf(cli->out, "%-*s %s\n", FIELD_WIDTH, name, clean);
    vls_mem_free(clean);
}
