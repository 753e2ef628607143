#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/about.h"
#include "envelope/archive.h"
#include "envelope/record.h"

/* 2: documents have labels of their own. 3: what the recipient has to know to handle it. A
 * descriptor has the lowest version that says all of it, so that a partner's older gateway goes on
 * reading what it can understand and refuses what it would not heed. */
#define OLDEST_VERSION   2
#define HANDLING_VERSION 3

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

static bool is_stated(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static struct vls_status check_word(const char *member, const char *text, size_t max,
                                    struct vls_why *why)
{
    if (is_stated(text) && !is_clean(text, max))
        return bad(why, "%s is not one line of at most %zu bytes", member, max);
    return VLS_DONE;
}

static struct vls_status check_names(const char *member, const struct vls_descriptor_names *names,
                                     size_t max, struct vls_why *why)
{
    if (names->count > max)
        return bad(why, "%s holds %zu names, and the limit is %zu", member, names->count, max);
    for (size_t i = 0; i < names->count; i++)
        if (!is_stated(names->at[i]) || !is_clean(names->at[i], VLS_MAX_NAME))
            return bad(why, "%s[%zu] is not a name of at most %d bytes", member, i, VLS_MAX_NAME);
    return VLS_DONE;
}

static struct vls_status check_handling(const struct vls_descriptor *d, struct vls_why *why)
{
    VLS_TRY(check_word("distribution", d->distribution, VLS_MAX_NAME, why));
    VLS_TRY(check_word("safeguards", d->safeguards, VLS_MAX_SAFEGUARDS, why));
    VLS_TRY(check_word("answerState", d->answer_state, VLS_MAX_NAME, why));
    VLS_TRY(check_names("audience", &d->audience, VLS_MAX_AUDIENCE, why));
    VLS_TRY(check_names("topics", &d->topics, VLS_MAX_TOPICS, why));
    if (d->embargo_until_ms > VLS_MAX_TIME_MS)
        return bad(why, "embargo ends after the year 9999");
    return VLS_DONE;
}

static struct vls_status check_abouts(const struct vls_descriptor *d, struct vls_why *why)
{
    struct vls_why words = {""};
    struct vls_status s = vls_abouts_check(d->abouts.at, d->abouts.count, d->part_count, &words);
    return vls_ok(s) ? s : bad(why, "%s", words.text);
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
    VLS_TRY(check_abouts(d, why));
    return check_handling(d, why);
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

static bool add_about(json_t *object, const struct vls_descriptor *d, size_t part)
{
    const Valise__About *about = vls_abouts_of(d->abouts.at, d->abouts.count, (uint32_t)part);
    return about == NULL || json_object_set_new(object, "about", vls_about_json(about)) == 0;
}

static json_t *parts_of(const struct vls_descriptor *d)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < d->part_count; i++) {
        const struct vls_descriptor_part *p = &d->parts[i];
        json_t *one = json_pack("{s:s, s:s, s:I, s:s}", "name", p->name, "mediaType", p->media_type,
                                "bytes", (json_int_t)p->bytes, "label", p->label_text);
        if (json_array_append_new(parts, one) != 0 || !add_about(one, d, i + 1)) {
            json_decref(parts);
            return NULL;
        }
    }
    return parts;
}

static int version_of(const struct vls_descriptor *d)
{
    bool is_handling = is_stated(d->distribution) || d->has_personal_data ||
                       is_stated(d->safeguards) || d->embargo_until_ms != 0 ||
                       d->audience.count != 0 || d->topics.count != 0 || is_stated(d->answer_state);
    return is_handling ? HANDLING_VERSION : OLDEST_VERSION;
}

static bool add_word(json_t *object, const char *member, const char *text)
{
    return !is_stated(text) || json_object_set_new(object, member, json_string(text)) == 0;
}

static bool add_names(json_t *object, const char *member, const struct vls_descriptor_names *names)
{
    json_t *list = names->count != 0 ? json_array() : NULL;
    if (names->count == 0)
        return true;
    for (size_t i = 0; i < names->count; i++)
        if (json_array_append_new(list, json_string(names->at[i])) != 0) {
            json_decref(list);
            return false;
        }
    return json_object_set_new(object, member, list) == 0;
}

/* What is not stated is not written. */
static bool add_handling(json_t *root, const struct vls_descriptor *d)
{
    char embargo[VLS_TIME_TEXT] = "";
    if (d->embargo_until_ms != 0)
        vls_time_text(d->embargo_until_ms, embargo);
    return add_word(root, "distribution", d->distribution) &&
           (!d->has_personal_data || json_object_set_new(root, "personalData", json_true()) == 0) &&
           add_word(root, "safeguards", d->safeguards) && add_word(root, "embargo", embargo) &&
           add_names(root, "audience", &d->audience) && add_names(root, "topics", &d->topics) &&
           add_word(root, "answerState", d->answer_state);
}

struct vls_status vls_descriptor_write(const struct vls_descriptor *descriptor, struct vls_buf *out,
                                       struct vls_why *why)
{
    VLS_TRY(check(descriptor, why));
    json_t *parts = parts_of(descriptor);
    VLS_DEFER(json_release)
    json_t *root = parts == NULL ? NULL
                                 : json_pack("{s:i, s:s, s:s, s:o}", "version",
                                             version_of(descriptor), "subject", descriptor->subject,
                                             "label", descriptor->label_text, "parts", parts);
    if (root == NULL || !add_about(root, descriptor, 0) || !add_handling(root, descriptor))
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

static struct vls_status read_about(const json_t *object, size_t part, struct vls_descriptor *out,
                                    struct vls_why *why)
{
    const json_t *value = json_object_get(object, "about");
    struct vls_why words = {""};
    if (value == NULL)
        return VLS_DONE;
    if (out->abouts.at == NULL)
        out->abouts.at = vls_mem_new((VLS_MAX_PARTS + 1) * sizeof *out->abouts.at);
    if (!vls_ok(vls_about_read(value, (uint32_t)part, &out->abouts.at[out->abouts.count], &words)))
        return bad(why, "%s", words.text);
    out->abouts.count++;
    return VLS_DONE;
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
    for (size_t i = 0; i < count; i++)
        VLS_TRY(read_about(json_array_get(parts, i), i + 1, out, why));
    return VLS_DONE;
}

/* A member that may be left out; and then *out stays as it is. */
static struct vls_status read_word(const json_t *root, const char *member, char **out,
                                   struct vls_why *why)
{
    if (json_object_get(root, member) != NULL && !take_text(root, member, out))
        return bad(why, "%s is not a text", member);
    return VLS_DONE;
}

static struct vls_status read_names(const json_t *root, const char *member, size_t max,
                                    struct vls_descriptor_names *out, struct vls_why *why)
{
    const json_t *list = json_object_get(root, member);
    size_t count = json_array_size(list);
    if (list == NULL)
        return VLS_DONE;
    if (!json_is_array(list))
        return bad(why, "%s is not a list", member);
    if (count > max)
        return bad(why, "%s holds %zu names, and the limit is %zu", member, count, max);
    out->at = count != 0 ? vls_mem_new(count * sizeof *out->at) : NULL;
    for (; out->count < count; out->count++) {
        const json_t *name = json_array_get(list, out->count);
        if (!json_is_string(name) || strlen(json_string_value(name)) != json_string_length(name))
            return bad(why, "%s[%zu] is not a text", member, out->count);
        out->at[out->count] = vls_mem_text(json_string_value(name), json_string_length(name));
    }
    return VLS_DONE;
}

static struct vls_status read_embargo(const json_t *root, uint64_t *out, struct vls_why *why)
{
    char *text VLS_DEFER(vls_mem_freep) = NULL;
    VLS_TRY(read_word(root, "embargo", &text, why));
    if (text != NULL && !vls_ok(vls_time_read(text, out)))
        return bad(why, "embargo is not a time");
    return VLS_DONE;
}

static struct vls_status read_handling(const json_t *root, struct vls_descriptor *out,
                                       struct vls_why *why)
{
    const json_t *personal = json_object_get(root, "personalData");
    if (personal != NULL && !json_is_boolean(personal))
        return bad(why, "personalData is neither true nor false");
    out->has_personal_data = json_is_true(personal);
    VLS_TRY(read_word(root, "distribution", &out->distribution, why));
    VLS_TRY(read_word(root, "safeguards", &out->safeguards, why));
    VLS_TRY(read_embargo(root, &out->embargo_until_ms, why));
    VLS_TRY(read_names(root, "audience", VLS_MAX_AUDIENCE, &out->audience, why));
    VLS_TRY(read_names(root, "topics", VLS_MAX_TOPICS, &out->topics, why));
    return read_word(root, "answerState", &out->answer_state, why);
}

static struct vls_status read_root(const json_t *root, struct vls_descriptor *out,
                                   struct vls_why *why)
{
    const json_t *version = json_object_get(root, "version");
    if (!json_is_integer(version))
        return bad(why, "version is not a number");
    if (json_integer_value(version) < OLDEST_VERSION ||
        json_integer_value(version) > HANDLING_VERSION)
        return bad(why, "version %lld is not understood, only %d to %d",
                   (long long)json_integer_value(version), OLDEST_VERSION, HANDLING_VERSION);
    if (!take_text(root, "subject", &out->subject))
        return bad(why, "subject is not a text");
    if (!take_text(root, "label", &out->label_text))
        return bad(why, "label is not a text");
    VLS_TRY(read_about(root, 0, out, why));
    VLS_TRY(read_parts(json_object_get(root, "parts"), out, why));
    if (json_integer_value(version) >= HANDLING_VERSION)
        VLS_TRY(read_handling(root, out, why));
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

static void names_fini(struct vls_descriptor_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        vls_mem_free(names->at[i]);
    vls_mem_free(names->at);
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
    vls_mem_free(descriptor->distribution);
    vls_mem_free(descriptor->safeguards);
    vls_mem_free(descriptor->answer_state);
    names_fini(&descriptor->audience);
    names_fini(&descriptor->topics);
    for (size_t i = 0; i < descriptor->abouts.count; i++)
        vls_about_free(&descriptor->abouts.at[i]);
    vls_mem_free(descriptor->abouts.at);
    *descriptor = (struct vls_descriptor){0};
}
