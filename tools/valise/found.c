#include "found.h"

#include <inttypes.h>

#include "base/text.h"
#include "show.h"
#include "wire/result.h"

const char *vls_found_word(const Valise__Finding *finding)
{
    const char *name = finding != NULL ? vls_found_name(finding->result) : NULL;
    return name != NULL ? name : "no answer";
}

enum table_colour vls_found_colour(const Valise__Finding *finding)
{
    switch (finding != NULL ? finding->result : 0) {
    case VLS_FOUND_DELIVERED:
    case VLS_FOUND_UNCHANGED:
        return TABLE_GOOD;
    case VLS_FOUND_PARTIAL:
    case VLS_FOUND_NOT_PUBLISHED:
    case VLS_FOUND_NOT_FOUND:
    case VLS_FOUND_RETRY_AT:
    case VLS_FOUND_QUEUED:
        return TABLE_WARN;
    default:
        break;
    }
    return TABLE_BAD;
}

void vls_found_text(const Valise__Finding *finding, char *out)
{
    char what[FOUND_TEXT / 2] = "", time[VLS_TIME_TEXT];
    if (finding == NULL) {
        out[0] = '\0';
        return;
    }
    vls_time_for_people(finding->retry_at_ms, time);
    if (finding->result == VLS_FOUND_PARTIAL)
        snprintf(what, sizeof what, "%" PRIu64 " of %" PRIu64, finding->got, finding->total);
    else if (finding->result == VLS_FOUND_MALFORMED)
        snprintf(what, sizeof what, "in %.300s", finding->where);
    else if (finding->result == VLS_FOUND_QUEUED)
        snprintf(what, sizeof what, "their receipt: %.200s", finding->receipt);
    else if (finding->retry_at_ms != 0)
        snprintf(what, sizeof what, "not before %s", time);
    snprintf(out, FOUND_TEXT, "%s%s%.400s", what,
             what[0] != '\0' && finding->why[0] != '\0' ? ": " : "", finding->why);
}

void vls_found_json(const Valise__Finding *finding, json_t *object)
{
    const char *name = finding != NULL ? vls_found_name(finding->result) : NULL;
    json_object_set_new(object, "outcome", name != NULL ? vls_json_text(name) : json_null());
    if (finding == NULL)
        return;
    json_object_set_new(object, "why", vls_json_text(finding->why));
    json_object_set_new(object, "retry_at", vls_json_time(finding->retry_at_ms));
    if (finding->result == VLS_FOUND_PARTIAL) {
        json_object_set_new(object, "got", vls_json_number(finding->got));
        json_object_set_new(object, "total", vls_json_number(finding->total));
    }
    json_object_set_new(object, "where", vls_json_text(finding->where));
    json_object_set_new(object, "receipt", vls_json_text(finding->receipt));
    json_object_set_new(object, "url", vls_json_text(finding->url));
}
