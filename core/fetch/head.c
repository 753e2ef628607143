#include "fetch/head.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define STATUS_INTERIM 200 /* below it another head follows */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct vls_slice trim(struct vls_slice text)
{
    while (text.len > 0 && is_blank(text.at[0]))
        text = VLS_SLICE(text.at + 1, text.len - 1);
    while (text.len > 0 && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

/* "HTTP/1.1 404 Not Found" */
static bool read_status(struct vls_slice line, unsigned *out)
{
    static const char PREFIX[] = "HTTP/";
    char digits[4] = "";
    uint64_t status;
    if (line.len < sizeof PREFIX - 1 || memcmp(line.at, PREFIX, sizeof PREFIX - 1) != 0)
        return false;
    const uint8_t *blank = memchr(line.at, ' ', line.len);
    size_t left = blank != NULL ? line.len - (size_t)(blank + 1 - line.at) : 0;
    if (left >= sizeof digits - 1)
        vls_copy(digits, blank + 1, sizeof digits - 1);
    *out = vls_ok(vls_number_read(digits, 100, 999, &status)) ? (unsigned)status : 0;
    return true;
}

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
}

static struct vls_status add_field(struct vls_head *head, struct vls_slice line,
                                   struct vls_why *why)
{
    const uint8_t *colon = memchr(line.at, ':', line.len);
    if (colon == NULL || colon == line.at)
        return vls_fail(VLS_FETCH_MALFORMED, why, "the answer's head has a line that is no field");
    struct vls_slice name = VLS_SLICE(line.at, (size_t)(colon - line.at));
    struct vls_slice value = trim(VLS_SLICE(colon + 1, line.len - name.len - 1));
    if (!vls_text_is_clean(name, false) || !vls_text_is_clean(value, false))
        return VLS_DONE; /* nothing that means anything to anyone here */
    if (head->count >= VLS_FETCH_HEADERS)
        return vls_fail(VLS_FETCH_MALFORMED, why, "the answer's head has more than %d fields",
                        VLS_FETCH_HEADERS);
    struct vls_head_field *field = &head->fields[head->count++];
    field->name = vls_mem_text((const char *)name.at, name.len);
    field->value = vls_mem_text((const char *)value.at, value.len);
    lower(field->name);
    return VLS_DONE;
}

struct vls_status vls_head_add(struct vls_head *head, struct vls_slice line, struct vls_why *why)
{
    unsigned status;
    struct vls_slice text = trim(line);
    if (head->is_complete)
        return VLS_DONE;
    head->bytes += line.len;
    if (head->bytes > VLS_FETCH_HEAD_BYTES)
        return vls_fail(VLS_FETCH_MALFORMED, why, "the answer's head has more than %d bytes",
                        VLS_FETCH_HEAD_BYTES);
    if (read_status(text, &status)) {
        size_t bytes = head->bytes; /* of all heads together */
        vls_head_fini(head);
        head->bytes = bytes;
        head->status = status;
        if (status == 0)
            return vls_fail(VLS_FETCH_MALFORMED, why, "the answer has no status");
        return VLS_DONE;
    }
    if (text.len > 0)
        return add_field(head, text, why);
    head->is_complete = head->status >= STATUS_INTERIM;
    return VLS_DONE;
}

const char *vls_head_get(const struct vls_head *head, const char *name, size_t n)
{
    for (size_t i = 0; i < head->count; i++)
        if (strcmp(head->fields[i].name, name) == 0 && n-- == 0)
            return head->fields[i].value;
    return NULL;
}

void vls_head_fini(struct vls_head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        vls_mem_free(head->fields[i].name);
        vls_mem_free(head->fields[i].value);
    }
    *head = (struct vls_head){.status = 0};
}
