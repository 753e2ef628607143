#include "csv.h"

void csv_init(struct csv *csv, int (*on_row)(void *ctx, const struct csv_row *row), void *ctx)
{
    *csv = (struct csv){.on_row = on_row, .ctx = ctx};
}

static int fail(struct csv *csv, const char *what)
{
    csv->wrong = what;
    return -1;
}

static int put(struct csv *csv, char c)
{
    if (csv->used == CSV_ROW)
        return fail(csv, "a row is longer than 64 KiB: is a quote never closed?");
    csv->text[csv->used++] = c;
    return 0;
}

static int begin_field(struct csv *csv)
{
    if (csv->row.count == CSV_FIELDS)
        return fail(csv, "a row has more than 128 fields");
    csv->row.fields[csv->row.count++] = csv->text + csv->used;
    csv->has_field = true;
    return 0;
}

static int end_row(struct csv *csv)
{
    if (!csv->has_field)
        return 0; /* an empty line */
    if (put(csv, '\0') != 0)
        return -1;
    csv->row.number++;
    int result = csv->on_row(csv->ctx, &csv->row);
    csv->row.count = csv->used = 0;
    csv->has_field = csv->is_behind_quote = false;
    return result == 0 ? 0 : -1;
}

static int take_quoted(struct csv *csv, char c)
{
    if (c != '"')
        return put(csv, c);
    csv->is_quoted = false;
    csv->is_behind_quote = true;
    return 0;
}

/* Where a field begins, and within one that is not quoted. */
static int take_plain(struct csv *csv, char c)
{
    if (!csv->has_field && begin_field(csv) != 0)
        return -1;
    bool is_at_start = csv->row.fields[csv->row.count - 1] == csv->text + csv->used;
    if (c == '"' && csv->is_behind_quote) { /* "" within quotes is one */
        csv->is_quoted = true;
        csv->is_behind_quote = false;
        return put(csv, c);
    }
    if (c == ',') {
        csv->is_behind_quote = false;
        return put(csv, '\0') != 0 ? -1 : begin_field(csv);
    }
    if (csv->is_behind_quote)
        return fail(csv, "there is something behind a closing quote");
    if (c == '"' && !is_at_start)
        return fail(csv, "there is a quote within a field that is not quoted");
    if (c == '"') {
        csv->is_quoted = true;
        return 0;
    }
    return put(csv, c);
}

static int take_one(struct csv *csv, char c)
{
    static const char MARK[] = "\xef\xbb\xbf";
    if (c == '\0')
        return fail(csv, "there is a character NUL");
    if (csv->row.number == 0 && !csv->has_field && csv->mark < 3 && c == MARK[csv->mark]) {
        csv->mark++;
        return 0;
    }
    if (csv->is_quoted)
        return take_quoted(csv, c);
    bool is_second = csv->was_cr && c == '\n';
    csv->was_cr = c == '\r';
    if (is_second)
        return 0;
    return c == '\r' || c == '\n' ? end_row(csv) : take_plain(csv, c);
}

int csv_take(struct csv *csv, const void *bytes, size_t len)
{
    const char *at = bytes;
    for (size_t i = 0; i < len; i++)
        if (csv->wrong != NULL || take_one(csv, at[i]) != 0)
            return -1;
    return 0;
}

int csv_end(struct csv *csv)
{
    if (csv->wrong != NULL)
        return -1;
    if (csv->is_quoted)
        return fail(csv, "it ends within a quote");
    return end_row(csv);
}
