#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/archive.h"

#define DESCRIPTOR_VERSION 2 /* 2: documents have labels of their own */

static struct vls_status VLS_PRINTF(2, 3) bad(struct vls_why *why, const char *fmt, ...)
{
    char text[sizeof why->text];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "descriptor.json: %s", text);
}

static bool is_clean(const char *text, size_t max)
{
    struct vls_slice bytes = vls_slice_text(text);
    return bytes.len <= max && vls_text_is_clean(bytes, false);
}

static bool is_token(const char *at, size_t len)
{
    static const char others[] = "!#$&-^_.+";
    for (size_t i = 0; i < len; i++) {
        char c = at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            strchr(others, c) == NULL)
            return false;
    }
    return len != 0;
}

/* "type/subtype" of RFC 6838, and parameters as any clean text; empty = unknown. */
static bool is_media_type(const char *text)
{
    size_t len = strcspn(text, "; ");
    const char *slash = memchr(text, '/', len);
    if (text[0] == '\0')
        return true;
    return slash != NULL && is_clean(text, VLS_MAX_MEDIA_TYPE) &&
           is_token(text, (size_t)(slash - text)) &&
           is_token(slash + 1, len - 1 - (size_t)(slash - text));
}

static struct vls_status check_part(const struct vls_descriptor *d, size_t i, struct vls_why *why)
{
    const struct vls_descriptor_part *part = &d->parts[i];
    if (!vls_text_is_file_name(part->name))
        return bad(why, "parts[%zu].name is not a plain file name", i);
    if (!is_media_type(part->media_type))
        return bad(why, "parts[%zu].mediaType is not a media type", i);
    if (!is_clean(part->label_text, VLS_MAX_LABEL_TEXT))
        return bad(why, "parts[%zu].label is not one line of at most %d bytes", i,
                   VLS_MAX_LABEL_TEXT);
    if (part->bytes > VLS_MAX_CONTENT)
        return bad(why, "parts[%zu].bytes is above the limit", i);
    for (size_t k = 0; k < i; k++)
        if (strcmp(d->parts[k].name, part->name) == 0)
            return bad(why, "parts[%zu].name occurs twice", i);
    return VLS_DONE;
}

/* The same rules for what we write and what we read. */
static struct vls_status check(const struct vls_descriptor *d, struct vls_why *why)
{
    if (!is_clean(d->subject, VLS_MAX_SUBJECT))
        return bad(why, "subject is not one line of at most %d bytes", VLS_MAX_SUBJECT);
    if (!is_clean(d->label_text, VLS_MAX_LABEL_TEXT))
        return bad(why, "label is not one line of at most %d bytes", VLS_MAX_LABEL_TEXT);
    if (d->part_count > VLS_MAX_PARTS)
        return bad(why, "%zu parts, and the limit is %d", d->part_count, VLS_MAX_PARTS);
    for (size_t i = 0; i < d->part_count; i++)
        VLS_TRY(check_part(d, i, why));
    return VLS_DONE;
}

static void json_release(json_t **value)
{
    json_decref(*value);
}

/* -- writing ----------------------------------------------------------------------------------- */

static int add_text(const char *at, size_t len, void *ctx)
{
    return vls_ok(vls_buf_add((struct vls_buf *)ctx, at, len)) ? 0 : -1;
}

static json_t *parts_of(const struct vls_descriptor *d)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < d->part_count; i++) {
        const struct vls_descriptor_part *p = &d->parts[i];
        json_t *one = json_pack("{s:s, s:s, s:I, s:s}", "name", p->name, "mediaType", p->media_type,
                                "bytes", (json_int_t)p->bytes, "label", p->label_text);
        if (json_array_append_new(parts, one) != 0) {
            json_decref(parts);
            return NULL;
        }
    }
    return parts;
}

struct vls_status vls_descriptor_write(const struct vls_descriptor *descriptor, struct vls_buf *out,
                                       struct vls_why *why)
{
    VLS_TRY(check(descriptor, why));
    json_t *parts = parts_of(descriptor);
    VLS_DEFER(json_release)
    json_t *root = parts == NULL ? NULL
                                 : json_pack("{s:i, s:s, s:s, s:o}", "version", DESCRIPTOR_VERSION,
                                             "subject", descriptor->subject, "label",
                                             descriptor->label_text, "parts", parts);
    if (root == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the descriptor");
    size_t before = out->len;
    if (json_dump_callback(root, add_text, out, JSON_COMPACT) == 0)
        return VLS_DONE;
    out->len = before;
    return vls_fail(VLS_INPUT_LIMIT, why, "the descriptor is above %zu bytes", out->max);
}

/* -- reading ----------------------------------------------------------------------------------- */

/* A text without NUL: jansson refuses an escaped NUL, and the length tells if one slipped in. */
static bool take_text(const json_t *object, const char *member, char **out)
{
    const json_t *value = json_object_get(object, member);
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return false;
    *out = vls_mem_text(json_string_value(value), json_string_length(value));
    return true;
}

static struct vls_status read_part(const json_t *value, size_t i, struct vls_descriptor_part *out,
                                   struct vls_why *why)
{
    const json_t *bytes = json_object_get(value, "bytes");
    if (!take_text(value, "name", &out->name))
        return bad(why, "parts[%zu].name is not a text", i);
    if (!take_text(value, "mediaType", &out->media_type))
        return bad(why, "parts[%zu].mediaType is not a text", i);
    if (!take_text(value, "label", &out->label_text))
        return bad(why, "parts[%zu].label is not a text", i);
    if (!json_is_integer(bytes) || json_integer_value(bytes) < 0)
        return bad(why, "parts[%zu].bytes is not a size", i);
    out->bytes = (uint64_t)json_integer_value(bytes);
    return VLS_DONE;
}

static struct vls_status read_parts(const json_t *parts, struct vls_descriptor *out,
                                    struct vls_why *why)
{
    if (!json_is_array(parts))
        return bad(why, "parts is not a list");
    size_t count = json_array_size(parts);
    if (count > VLS_MAX_PARTS)
        return bad(why, "%zu parts, and the limit is %d", count, VLS_MAX_PARTS);
    if (count != 0)
        out->parts = vls_mem_new(count * sizeof *out->parts);
    out->part_count = count;
    for (size_t i = 0; i < count; i++)
        VLS_TRY(read_part(json_array_get(parts, i), i, &out->parts[i], why));
    return VLS_DONE;
}

static struct vls_status read_root(const json_t *root, struct vls_descriptor *out,
                                   struct vls_why *why)
{
    const json_t *version = json_object_get(root, "version");
    if (!json_is_integer(version))
        return bad(why, "version is not a number");
    if (json_integer_value(version) != DESCRIPTOR_VERSION)
        return bad(why, "version %lld is not understood, only %d",
                   (long long)json_integer_value(version), DESCRIPTOR_VERSION);
    if (!take_text(root, "subject", &out->subject))
        return bad(why, "subject is not a text");
    if (!take_text(root, "label", &out->label_text))
        return bad(why, "label is not a text");
    VLS_TRY(read_parts(json_object_get(root, "parts"), out, why));
    return check(out, why);
}

struct vls_status vls_descriptor_read(struct vls_slice json, struct vls_descriptor *out,
                                      struct vls_why *why)
{
    json_error_t error;
    if (json.len > VLS_MAX_DESCRIPTOR)
        return bad(why, "%zu bytes, and the limit is %d", json.len, VLS_MAX_DESCRIPTOR);
    VLS_DEFER(json_release)
    json_t *root = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return bad(why, "line %d, column %d: %s", error.line, error.column, error.text);
    struct vls_descriptor d = {0};
    struct vls_status s = read_root(root, &d, why);
    if (vls_ok(s))
        *out = d;
    else
        vls_descriptor_fini(&d);
    return s;
}

void vls_descriptor_fini(struct vls_descriptor *descriptor)
{
    for (size_t i = 0; i < descriptor->part_count; i++) {
        vls_mem_free(descriptor->parts[i].name);
        vls_mem_free(descriptor->parts[i].media_type);
        vls_mem_free(descriptor->parts[i].label_text);
    }
    vls_mem_free(descriptor->parts);
    vls_mem_free(descriptor->subject);
    vls_mem_free(descriptor->label_text);
    *descriptor = (struct vls_descriptor){0};
}
