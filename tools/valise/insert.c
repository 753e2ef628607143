#include "insert.h"

#include <string.h>

#define INDENT_OTHERWISE 2

/** One line without its line feed; `text` moves behind it. */
static bool take_line(struct vls_slice *text, struct vls_slice *out)
{
    if (text->len == 0)
        return false;
    const uint8_t *end = memchr(text->at, '\n', text->len);
    out->at = text->at;
    out->len = end != NULL ? (size_t)(end - text->at) : text->len;
    size_t taken = out->len + (end != NULL ? 1 : 0);
    text->at += taken;
    text->len -= taken;
    return true;
}

static size_t indent_of(struct vls_slice line)
{
    size_t n = 0;
    while (n < line.len && line.at[n] == ' ')
        n++;
    return n;
}

static bool is_blank_or_comment(struct vls_slice line)
{
    size_t n = indent_of(line);
    return n == line.len || line.at[n] == '#' || line.at[n] == '\r';
}

/** What stands behind "key:" up to a comment, without blanks; false when the line is not of that
 * key. */
static bool value_of(struct vls_slice line, const char *key, struct vls_slice *out)
{
    size_t len = strlen(key);
    if (line.len <= len || strncmp((const char *)line.at, key, len) != 0 || line.at[len] != ':')
        return false;
    struct vls_slice value = {line.at + len + 1, line.len - len - 1};
    while (value.len > 0 && (*value.at == ' ' || *value.at == '\t')) {
        value.at++;
        value.len--;
    }
    const uint8_t *comment = value.len > 0 ? memchr(value.at, '#', value.len) : NULL;
    if (comment != NULL)
        value.len = (size_t)(comment - value.at);
    while (value.len > 0 && strchr(" \t\r", value.at[value.len - 1]) != NULL)
        value.len--;
    *out = value;
    return true;
}

/** Indentation of the list's entries, and how many bytes of `rest` belong to it (without the blank
 * and comment lines behind it). */
static size_t measure_list(struct vls_slice rest, size_t *out_bytes)
{
    const uint8_t *start = rest.at;
    size_t indent = INDENT_OTHERWISE;
    bool has_entry = false;
    struct vls_slice line;
    *out_bytes = 0;
    while (take_line(&rest, &line)) {
        size_t n = indent_of(line);
        if (is_blank_or_comment(line))
            continue;
        bool is_dash = line.at[n] == '-';
        if (n == 0 && !is_dash)
            break;
        if (!has_entry && is_dash) {
            indent = n;
            has_entry = true;
        }
        *out_bytes = (size_t)(rest.at - start);
    }
    return indent;
}

static VLS_STATUS add_entry(const char *const *entry, size_t indent, struct vls_buf *out)
{
    if (out->len > 0 && out->at[out->len - 1] != '\n')
        VLS_TRY(vls_buf_add_text(out, "\n"));
    for (size_t i = 0; entry[i] != NULL; i++)
        VLS_TRY(
            vls_buf_add_format(out, "%*s%s%s\n", (int)indent, "", i == 0 ? "- " : "  ", entry[i]));
    return VLS_DONE;
}

struct vls_status vls_yaml_insert(struct vls_slice yaml, const char *key, const char *const *entry,
                                  struct vls_buf *out, struct vls_why *why)
{
    struct vls_slice rest = yaml, line, value;
    while (take_line(&rest, &line)) {
        if (!value_of(line, key, &value)) {
            VLS_TRY(vls_buf_add(out, line.at, (size_t)(rest.at - line.at)));
            continue;
        }
        bool is_empty_list = value.len == 2 && value.at[0] == '[' && value.at[1] == ']';
        if (value.len > 0 && !is_empty_list)
            return vls_fail(VLS_CONFIG_INVALID, why,
                            "%s: stands in one line; write it as a list with one '- ' an entry",
                            key);
        size_t bytes = 0;
        size_t indent = measure_list(rest, &bytes);
        if (is_empty_list)
            VLS_TRY(vls_buf_add_format(out, "%s:\n", key));
        else
            VLS_TRY(vls_buf_add(out, line.at, (size_t)(rest.at - line.at)));
        VLS_TRY(vls_buf_add(out, rest.at, bytes));
        VLS_TRY(add_entry(entry, indent, out));
        return vls_buf_add(out, rest.at + bytes, rest.len - bytes);
    }
    if (out->len > 0 && out->at[out->len - 1] != '\n')
        VLS_TRY(vls_buf_add_text(out, "\n"));
    VLS_TRY(vls_buf_add_format(out, "\n%s:\n", key));
    return add_entry(entry, INDENT_OTHERWISE, out);
}
