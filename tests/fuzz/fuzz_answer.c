/* The head of an answer, as any server may write it: line by line, and the values that are read
 * further. */
#include "config/host.h"
#include "fetch/head.h"
#include "fetch/range.h"
#include "fetch/retry.h"

#define NOW UINT64_C(1795431600000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds of a value that was read, whatever it was read from. */
static void read_value(const char *value)
{
    struct vls_content_range range;
    struct vls_host_pattern host;
    uint64_t at = 0;
    struct vls_why why;
    const struct vls_range_asked all = {true, 0, 0};
    if (vls_ok(vls_retry_after_read(value, NOW, &at)) &&
        (at < NOW || at > NOW + VLS_FETCH_RETRY_S * UINT64_C(1000)))
        __builtin_trap();
    if (vls_ok(vls_content_range_read(value, &range, &why)) &&
        (range.last < range.first || (range.total > 0 && range.last >= range.total) ||
         (vls_ok(vls_content_range_check(&range, &all, &why)) && range.first != 0)))
        __builtin_trap();
    /* a name matches itself, and nothing behind a wild one is the name alone */
    if (vls_ok(vls_host_pattern_read(value, &host, &why)) &&
        vls_host_pattern_matches(&host, host.host + host.is_wild, host.port) == host.is_wild)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vls_head head;
    struct vls_reader reader = vls_reader_of(VLS_SLICE(data, size));
    struct vls_why why;
    struct vls_status status = VLS_DONE;
    while (vls_ok(status) && !vls_reader_is_at_end(&reader) && !reader.failed)
        status = vls_head_add(&head, vls_reader_until(&reader, '\n'), &why);
    if (head.count > VLS_FETCH_HEADERS || (vls_ok(status) && head.bytes > VLS_FETCH_HEAD_BYTES) ||
        (head.is_complete && head.status < 200))
        __builtin_trap();
    for (size_t i = 0; i < head.count; i++)
        read_value(head.fields[i].value);
    vls_head_fini(&head);
    return 0;
}
