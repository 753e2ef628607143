#include "fetch/range.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define UNIT   "bytes "
#define DIGITS "0123456789"

/* Takes a number and the character behind it from the front. */
static bool take(const char **text, char end, uint64_t *out)
{
    char digits[24];
    size_t len = strspn(*text, DIGITS);
    if (len == 0 || len >= sizeof digits || (*text)[len] != end)
        return false;
    vls_text_copy(digits, len + 1, *text);
    *text += len + (end != '\0');
    return vls_ok(vls_number_read(digits, 0, UINT64_MAX - 1, out));
}

struct vls_status vls_content_range_read(const char *text, struct vls_content_range *out,
                                         struct vls_why *why)
{
    struct vls_content_range range = {0};
    const char *at = text + strlen(UNIT);
    bool is_good = strncasecmp(text, UNIT, strlen(UNIT)) == 0 && take(&at, '-', &range.first) &&
                   take(&at, '/', &range.last) &&
                   (strcmp(at, "*") == 0 || take(&at, '\0', &range.total));
    bool has_total = is_good && at[0] != '*';
    if (!is_good || range.last < range.first || (has_total && range.last >= range.total))
        return vls_fail(VLS_FETCH_MALFORMED, why, "'%.60s' is no Content-Range", text);
    *out = range;
    return VLS_DONE;
}

struct vls_status vls_content_range_check(const struct vls_content_range *given,
                                          const struct vls_range_asked *asked, struct vls_why *why)
{
    if (!asked->is_asked)
        return vls_fail(VLS_FETCH_MALFORMED, why, "a 206 to a request without a range");
    uint64_t last = asked->bytes > 0 && asked->first <= UINT64_MAX - asked->bytes
                        ? asked->first + asked->bytes - 1
                        : UINT64_MAX;
    if (given->total > 0 && last >= given->total)
        last = given->total - 1;
    /* to the end of a resource of unknown size: wherever it ends, it ends there */
    bool is_open = given->total == 0 && asked->bytes == 0;
    bool is_early_end = given->total == 0 && asked->bytes > 0 && given->last < last;
    if (given->first != asked->first || (!is_open && !is_early_end && given->last != last))
        return vls_fail(VLS_FETCH_MALFORMED, why,
                        "the server sent bytes %" PRIu64 "-%" PRIu64 ", not those from %" PRIu64
                        " that were asked for",
                        given->first, given->last, asked->first);
    return VLS_DONE;
}
