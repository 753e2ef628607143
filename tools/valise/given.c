#include "given.h"

#include <string.h>

#include "base/text.h"

/* "now + 3 days" is the shell's affair: `date -d`. */
struct vls_status vls_given_deadline(const char *text, const struct cli *cli, uint64_t *out_ms,
                                     struct vls_why *why)
{
    if (text == NULL)
        return VLS_DONE;
    if (!vls_ok(vls_time_read(text, out_ms)))
        return vls_cli_usage(why, "--deadline",
                             "'%.40s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z", text);
    if (*out_ms <= vls_wall_ms(cli->env))
        return vls_cli_usage(why, "--deadline", "%.40s has passed", text);
    return VLS_DONE;
}

struct vls_status vls_given_text(const struct cli_args *args, const char *option, size_t max,
                                 char **out, struct vls_why *why)
{
    const char *value = vls_cli_value(args, option);
    if (value == NULL)
        return VLS_DONE;
    if (strlen(value) > max)
        return vls_fail(VLS_CLI_USAGE, why, "--%s: is longer than %zu bytes; shorten it", option,
                        max);
    if (!vls_text_is_clean(vls_slice_text(value), false))
        return vls_fail(VLS_CLI_USAGE, why, "--%s: holds control characters or is not UTF-8",
                        option);
    *out = (char *)value;
    return VLS_DONE;
}
