#include "fetch/retry.h"

#include <curl/curl.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool is_number(const char *text)
{
    return text[0] != '\0' && text[strspn(text, DIGITS)] == '\0';
}

/* libcurl's reader of dates takes much that is none; each form of an HTTP-date begins with a
 * weekday and has a time of day. */
static bool has_form_of_date(const char *text)
{
    return strspn(text, LETTERS) >= 3 && strchr(text, ':') != NULL;
}

struct vls_status vls_retry_after_read(const char *text, uint64_t now_ms, uint64_t *out_at_ms)
{
    const uint64_t most_ms = now_ms + VLS_FETCH_RETRY_S * UINT64_C(1000);
    uint64_t seconds = VLS_FETCH_RETRY_S, at_ms = 0;
    if (is_number(text)) {
        /* one that does not fit is far ahead, too */
        VLS_IGNORE(vls_number_read(text, 0, VLS_FETCH_RETRY_S, &seconds), "the default stands");
        at_ms = now_ms + seconds * 1000;
    } else {
        time_t date = has_form_of_date(text) ? curl_getdate(text, NULL) : -1;
        if (date < 0)
            return (struct vls_status){VLS_FETCH_MALFORMED};
        at_ms = (uint64_t)date * 1000;
    }
    *out_at_ms = at_ms > most_ms ? most_ms : at_ms < now_ms ? now_ms : at_ms;
    return VLS_DONE;
}
