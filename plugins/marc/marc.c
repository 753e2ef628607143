#include "marc.h"

#include <string.h>

#include "base/mem.h"

#define LEADER     "000" /* catalogues write it as a control field, or as <leader> */
#define FIRST_ROOM 64

void marc_init(struct marc_record *r)
{
    memset(r, 0, sizeof *r);
    vls_buf_init(&r->text, MARC_MAX_TEXT);
}

void marc_fini(struct marc_record *r)
{
    vls_buf_fini(&r->text);
    vls_mem_free(r->fields);
    vls_mem_free(r->subs);
    marc_init(r);
}

void marc_clear(struct marc_record *r)
{
    vls_buf_clear(&r->text);
    r->form = MARC_NONE;
    r->field_count = r->sub_count = 0;
}

/* One more of `size` bytes in an array; above `max` there are none. */
static struct vls_status grow(void *array_at, size_t *room, size_t count, size_t size, size_t max)
{
    void **array = array_at;
    if (count < *room)
        return VLS_DONE;
    if (count == max)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "a record with more than %zu fields or subfields",
                        max);
    size_t wanted = *room == 0 ? FIRST_ROOM : *room * 2;
    void *more = vls_mem_resize(*array, wanted * size);
    if (more == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, NULL, "no memory for a record");
    *array = more;
    *room = wanted;
    return VLS_DONE;
}

struct vls_status marc_add_field(struct marc_record *r, const char *name, char ind1, char ind2)
{
    size_t len = strlen(name);
    if (len == 0 || len >= MARC_NAME)
        return vls_fail(VLS_INPUT_MALFORMED, NULL, "a field's name is empty or too long");
    VLS_TRY(grow(&r->fields, &r->field_room, r->field_count, sizeof *r->fields, MARC_MAX_FIELDS));
    struct marc_field *field = &r->fields[r->field_count++];
    *field = (struct marc_field){.ind1 = ind1 == '\\' ? ' ' : ind1,
                                 .ind2 = ind2 == '\\' ? ' ' : ind2,
                                 .first = (uint32_t)r->sub_count};
    memcpy(field->name, name, len + 1);
    return VLS_DONE;
}

static struct vls_slice trimmed(struct vls_slice text)
{
    while (text.len > 0 && strchr(" \t\r\n", text.at[0]) != NULL)
        text = VLS_SLICE(text.at + 1, text.len - 1);
    while (text.len > 0 && strchr(" \t\r\n", text.at[text.len - 1]) != NULL)
        text.len--;
    return text;
}

struct vls_status marc_add_sub(struct marc_record *r, char code, struct vls_slice text)
{
    if (r->field_count == 0)
        return vls_fail(VLS_INPUT_MALFORMED, NULL, "a subfield outside of a field");
    if (code != '\0' || r->form == MARC_DUBLIN_CORE)
        text = trimmed(text);
    VLS_TRY(grow(&r->subs, &r->sub_room, r->sub_count, sizeof *r->subs, MARC_MAX_SUBS));
    size_t at = r->text.len;
    VLS_TRY(vls_buf_add_slice(&r->text, text));
    VLS_TRY(vls_buf_add(&r->text, "", 1));
    r->subs[r->sub_count++] = (struct marc_sub){.code = code, .text = (uint32_t)at};
    r->fields[r->field_count - 1].count++;
    return VLS_DONE;
}

/* -- reading ----------------------------------------------------------------------------------- */

static const char *text_of(const struct marc_record *r, const struct marc_sub *sub)
{
    return (const char *)r->text.at + sub->text;
}

const struct marc_field *marc_next(const struct marc_record *r, const struct marc_field *after,
                                   const char *name)
{
    size_t i = after == NULL ? 0 : (size_t)(after - r->fields) + 1;
    for (; i < r->field_count; i++)
        if (strcmp(r->fields[i].name, name) == 0)
            return &r->fields[i];
    return NULL;
}

const char *marc_sub(const struct marc_record *r, const struct marc_field *field, char code,
                     unsigned n)
{
    for (uint32_t i = 0; i < field->count; i++)
        if (r->subs[field->first + i].code == code && n-- == 0)
            return text_of(r, &r->subs[field->first + i]);
    return NULL;
}

const char *marc_value(const struct marc_record *r, const char *name)
{
    const struct marc_field *field = marc_next(r, NULL, name);
    return field != NULL ? marc_sub(r, field, '\0', 0) : NULL;
}

const char *marc_first(const struct marc_record *r, const char *name, char code)
{
    const char *text = NULL;
    for (const struct marc_field *f = marc_next(r, NULL, name); f != NULL && text == NULL;
         f = marc_next(r, f, name))
        text = marc_sub(r, f, code, 0);
    return text;
}

bool marc_is_deleted(const struct marc_record *r)
{
    for (const struct marc_field *f = marc_next(r, NULL, "980"); f != NULL;
         f = marc_next(r, f, "980"))
        for (uint32_t i = 0; i < f->count; i++) {
            const struct marc_sub *sub = &r->subs[f->first + i];
            if ((sub->code == 'a' || sub->code == 'c') && strcmp(text_of(r, sub), "DELETED") == 0)
                return true;
        }
    return false;
}

/* -- as JSON ----------------------------------------------------------------------------------- */

static bool is_control(const struct marc_record *r, const struct marc_field *field)
{
    return field->count == 1 && r->subs[field->first].code == '\0';
}

static json_t *subfields_json(const struct marc_record *r, const struct marc_field *field)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < field->count; i++) {
        const struct marc_sub *sub = &r->subs[field->first + i];
        const char code[2] = {sub->code, '\0'};
        json_array_append_new(list, json_pack("{s:s}", code, text_of(r, sub)));
    }
    return list;
}

static json_t *field_json(const struct marc_record *r, const struct marc_field *field)
{
    const char ind1[2] = {field->ind1, '\0'}, ind2[2] = {field->ind2, '\0'};
    if (is_control(r, field))
        return json_pack("{s:s}", field->name, text_of(r, &r->subs[field->first]));
    return json_pack("{s:{s:s, s:s, s:o}}", field->name, "ind1", ind1, "ind2", ind2, "subfields",
                     subfields_json(r, field));
}

static json_t *marc21_json(const struct marc_record *r)
{
    json_t *fields = json_array();
    const char *leader = marc_value(r, LEADER);
    for (size_t i = 0; i < r->field_count; i++)
        if (strcmp(r->fields[i].name, LEADER) != 0)
            json_array_append_new(fields, field_json(r, &r->fields[i]));
    return json_pack("{s:s, s:o}", "leader", leader != NULL ? leader : "", "fields", fields);
}

static json_t *dublin_core_json(const struct marc_record *r)
{
    json_t *object = json_object();
    for (size_t i = 0; i < r->field_count; i++) {
        const struct marc_field *f = &r->fields[i];
        json_t *list = json_object_get(object, f->name);
        if (list == NULL) {
            list = json_array();
            json_object_set_new(object, f->name, list);
        }
        json_array_append_new(list, json_string(text_of(r, &r->subs[f->first])));
    }
    return object;
}

json_t *marc_json(const struct marc_record *r)
{
    return r->form == MARC_DUBLIN_CORE ? dublin_core_json(r) : marc21_json(r);
}

/* -- as XML ------------------------------------------------------------------------------------ */

static struct vls_status add_escaped(const char *text, size_t len, struct vls_buf *out)
{
    for (const char *end = text + len; text < end;) {
        size_t plain = 0;
        while (text + plain < end && strchr("&<>\"\r", text[plain]) == NULL)
            plain++;
        VLS_TRY(vls_buf_add(out, text, plain));
        text += plain;
        if (text == end)
            break;
        VLS_TRY(vls_buf_add_text(out, *text == '&'   ? "&amp;"
                                      : *text == '<' ? "&lt;"
                                      : *text == '>' ? "&gt;"
                                      : *text == '"' ? "&quot;"
                                                     : "&#13;"));
        text++;
    }
    return VLS_DONE;
}

static struct vls_status add_text(const char *text, struct vls_buf *out)
{
    return add_escaped(text, strlen(text), out);
}

/* <NAME ATTRIBUTE="VALUE" and what is open stays so */
static struct vls_status add_attribute(const char *name, const char *value, size_t len,
                                       struct vls_buf *out)
{
    VLS_TRY(vls_buf_add_format(out, " %s=\"", name));
    VLS_TRY(add_escaped(value, len, out));
    return vls_buf_add_text(out, "\"");
}

static struct vls_status add_data_field(const struct marc_record *r, const struct marc_field *f,
                                        struct vls_buf *out)
{
    VLS_TRY(vls_buf_add_text(out, "  <datafield"));
    VLS_TRY(add_attribute("tag", f->name, strlen(f->name), out));
    VLS_TRY(add_attribute("ind1", &f->ind1, 1, out));
    VLS_TRY(add_attribute("ind2", &f->ind2, 1, out));
    VLS_TRY(vls_buf_add_text(out, ">\n"));
    for (uint32_t i = 0; i < f->count; i++) {
        const struct marc_sub *sub = &r->subs[f->first + i];
        VLS_TRY(vls_buf_add_text(out, "    <subfield"));
        VLS_TRY(add_attribute("code", &sub->code, 1, out));
        VLS_TRY(vls_buf_add_text(out, ">"));
        VLS_TRY(add_text(text_of(r, sub), out));
        VLS_TRY(vls_buf_add_text(out, "</subfield>\n"));
    }
    return vls_buf_add_text(out, "  </datafield>\n");
}

static struct vls_status add_field(const struct marc_record *r, const struct marc_field *f,
                                   struct vls_buf *out)
{
    bool is_leader = strcmp(f->name, LEADER) == 0;
    if (!is_control(r, f))
        return add_data_field(r, f, out);
    VLS_TRY(vls_buf_add_text(out, is_leader ? "  <leader" : "  <controlfield"));
    if (!is_leader)
        VLS_TRY(add_attribute("tag", f->name, strlen(f->name), out));
    VLS_TRY(vls_buf_add_text(out, ">"));
    VLS_TRY(add_text(text_of(r, &r->subs[f->first]), out));
    return vls_buf_add_text(out, is_leader ? "</leader>\n" : "</controlfield>\n");
}

static struct vls_status add_element(const struct marc_record *r, const struct marc_field *f,
                                     struct vls_buf *out)
{
    VLS_TRY(vls_buf_add_format(out, "  <dc:%s>", f->name));
    VLS_TRY(add_text(text_of(r, &r->subs[f->first]), out));
    return vls_buf_add_format(out, "</dc:%s>\n", f->name);
}

struct vls_status marc_xml(const struct marc_record *r, struct vls_buf *out)
{
    bool is_dc = r->form == MARC_DUBLIN_CORE;
    VLS_TRY(vls_buf_add_text(
        out, is_dc ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" "
                     "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
                   : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<record xmlns=\"http://www.loc.gov/MARC21/slim\">\n"));
    for (size_t i = 0; i < r->field_count; i++)
        VLS_TRY(is_dc ? add_element(r, &r->fields[i], out) : add_field(r, &r->fields[i], out));
    return vls_buf_add_text(out, is_dc ? "</oai_dc:dc>\n" : "</record>\n");
}
