/* peer/problem - see problem.h. */
#include "peer/problem.h"

#include <jansson.h>

#include "base/text.h"
#include "envelope/manifest.h"
#include "peer/form.h"

#define TYPE_PREFIX "urn:valise:problem:"

static const struct row {
    unsigned status;
    const char *slug, *title;
} rows[] = {[VLS_PROBLEM_NONE] = {500, "internal", "the gateway failed"},
#define VLS_X(name, status, slug, title) [VLS_PROBLEM_##name] = {status, slug, title},
            VLS_PROBLEM_TABLE(VLS_X)
#undef VLS_X
};

unsigned vls_problem_status(enum vls_problem problem)
{
    return rows[problem].status;
}

const char *vls_problem_title(enum vls_problem problem)
{
    return rows[problem].title;
}

/* Codes that tell the partner something about its own evidence. */
static bool is_evidence(uint32_t code)
{
    return code == VLS_LEDGER_PROOF || code == VLS_LEDGER_FORK || code == VLS_LEDGER_NOTE ||
           code == VLS_LEDGER_SIGNATURE;
}

static enum vls_problem of_class(enum vls_class class)
{
    switch (class) {
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
    case VLS_CLASS_UNCERTAIN:
        return VLS_PROBLEM_UNAVAILABLE;
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_CORRUPT:
        return VLS_PROBLEM_MALFORMED;
    case VLS_CLASS_DENIED:
        return VLS_PROBLEM_FORBIDDEN;
    case VLS_CLASS_OK:
    case VLS_CLASS_MISUSE:
        return VLS_PROBLEM_INTERNAL;
    }
    return VLS_PROBLEM_INTERNAL;
}

enum vls_problem vls_problem_of_code(uint32_t code)
{
    if (code == VLS_PEER_VERSION || code == VLS_ENVELOPE_VERSION)
        return VLS_PROBLEM_VERSION;
    if (code == VLS_INPUT_LIMIT)
        return VLS_PROBLEM_TOO_LARGE;
    if (code == VLS_ENVELOPE_DIGEST)
        return VLS_PROBLEM_DIGEST;
    if (is_evidence(code))
        return VLS_PROBLEM_EVIDENCE;
    return of_class((enum vls_class)(code >> 24));
}

enum vls_problem vls_problem_of_http(unsigned http_status, uint32_t code)
{
    enum vls_problem by_code = vls_problem_of_code(code);

    /* the code says more than the status, as long as both put the fault on the same side */
    if (code != VLS_OK && rows[by_code].status / 100 == http_status / 100)
        return by_code;
    for (enum vls_problem i = VLS_PROBLEM_MALFORMED; i <= VLS_PROBLEM_UNAVAILABLE; i++)
        if (rows[i].status == http_status)
            return i;
    return code != VLS_OK ? by_code : VLS_PROBLEM_INTERNAL;
}

struct vls_status vls_problem_write(enum vls_problem problem, struct vls_buf *out)
{
    const struct row *row = &rows[problem];

    VLS_TRY(vls_buf_add_format(out, "{\"type\":\"%s%s\",\"title\":\"%s\",\"status\":%u",
                               TYPE_PREFIX, row->slug, row->title, row->status));
    if (problem == VLS_PROBLEM_VERSION)
        VLS_TRY(vls_buf_add_format(out, ",\"versions\":[%u]", VLS_EXCHANGE_VERSION));
    return vls_buf_add_text(out, "}\n");
}

void vls_problem_read(struct vls_slice json, char *title, bool *out_is_version)
{
    json_t *root = json.len <= VLS_MAX_PROBLEM
                       ? json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    const char *text = json_string_value(json_object_get(root, "title"));
    const char *type = json_string_value(json_object_get(root, "type"));

    vls_text_copy(title, VLS_MAX_PROBLEM_TITLE, text != NULL ? text : "");
    *out_is_version = type != NULL && vls_text_is_equal(type, TYPE_PREFIX "version");
    json_decref(root);
}
