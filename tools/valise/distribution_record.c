/* valise distribution record: that members have the statement, one by one or from a file. */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "distribution.h"

#define AT_ONCE    100u /* in one question */
#define LINE_ROOM  512u
#define FILE_BYTES ((size_t)VLS_MAX_RECEIPTS * LINE_ROOM)
#define COLUMNS    3u

/** Receipts to be recorded; their texts lie in the command line or in the file's bytes. */
struct receipts {
    Valise__MemberReceipt *at;
    size_t count;
};

static VLS_STATUS read_time(const char *text, uint64_t *out_ms)
{
    *out_ms = 0; /* the gateway's now */
    return text == NULL || *text == '\0' ? VLS_DONE : vls_time_read(text, out_ms);
}

static VLS_STATUS take_options(const struct cli_args *args, struct receipts *out,
                               struct vls_why *why)
{
    const char *member = NULL, *reference = NULL, *received = vls_cli_value(args, "received");
    Valise__MemberReceipt *one = &out->at[0];
    VLS_TRY(vls_cli_need(args, "member", &member, why));
    VLS_TRY(vls_cli_need(args, "reference", &reference, why));
    valise__member_receipt__init(one);
    one->member = (char *)(uintptr_t)member;
    one->reference = (char *)(uintptr_t)reference;
    if (!vls_ok(read_time(received, &one->received_ms)))
        return vls_cli_usage(why, "--received",
                             "'%.40s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z",
                             received);
    out->count = 1;
    return VLS_DONE;
}

/* -- a file ------------------------------------------------------------------------------------ */

/** Cut a line at its tabs. @return how many columns there are */
static size_t cut(char *line, char *columns[COLUMNS])
{
    size_t count = 0;
    for (char *at = line; at != NULL;) {
        char *tab = strchr(at, '\t');
        if (tab != NULL)
            *tab++ = '\0';
        if (count < COLUMNS)
            columns[count] = at;
        count++;
        at = tab;
    }
    return count;
}

static VLS_STATUS take_line(const char *path, size_t number, char *line, struct receipts *out,
                            struct vls_why *why)
{
    char *columns[COLUMNS] = {NULL};
    size_t count = cut(line, columns);
    if (count < COLUMNS - 1 || count > COLUMNS)
        return vls_fail(VLS_CLI_USAGE, why,
                        "%.120s:%zu: has %zu columns; it takes member, reference and, if wanted, "
                        "the time, with tabs between",
                        path, number, count);
    if (out->count == VLS_MAX_RECEIPTS)
        return vls_fail(VLS_CLI_USAGE, why, "%.120s:%zu: more than %d receipts of one statement",
                        path, number, VLS_MAX_RECEIPTS);
    Valise__MemberReceipt *one = &out->at[out->count];
    valise__member_receipt__init(one);
    one->member = columns[0];
    one->reference = columns[1];
    if (!vls_ok(read_time(columns[2], &one->received_ms)))
        return vls_fail(VLS_CLI_USAGE, why,
                        "%.120s:%zu: '%.40s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z",
                        path, number, columns[2]);
    out->count++;
    return VLS_DONE;
}

/** Lines end with LF or CR LF; empty ones and those that begin with # are passed over. */
static VLS_STATUS take_file(const char *path, struct vls_buf *bytes, struct receipts *out,
                            struct vls_why *why)
{
    VLS_TRY(vls_file_read(path, bytes, why));
    if (memchr(bytes->at, '\0', bytes->len) != NULL)
        return vls_fail(VLS_CLI_USAGE, why, "%.120s: is no text", path);
    VLS_TRY(vls_buf_add(bytes, "", 1)); /* its end */
    char *line = (char *)bytes->at;
    for (size_t number = 1; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        size_t len = strlen(line);
        if (len > 0 && line[len - 1] == '\r')
            line[--len] = '\0';
        if (len > 0 && line[0] != '#')
            VLS_TRY(take_line(path, number, line, out, why));
        line = end;
    }
    return out->count > 0 ? VLS_DONE
                          : vls_fail(VLS_CLI_USAGE, why, "%.120s: holds no receipt", path);
}

/* -- to the gateway ---------------------------------------------------------------------------- */

/** Each part is recorded whole or not at all; what is recorded already may come again. */
static VLS_STATUS record_part(struct cli *cli, Valise__OperatorDistribution *ask,
                              const struct receipts *receipts, size_t first, struct table *table,
                              struct vls_why *why)
{
    Valise__MemberReceipt *list[AT_ONCE];
    struct client_answer answer;
    struct vls_why reason = {""};
    size_t count = receipts->count - first < AT_ONCE ? receipts->count - first : AT_ONCE;
    for (size_t i = 0; i < count; i++)
        list[i] = &receipts->at[first + i];
    ask->receipts = list;
    ask->n_receipts = count;
    struct vls_status status = vls_distribution_ask(cli, ask, &answer, &reason);
    ask->n_receipts = 0; /* the list ends here */
    ask->receipts = NULL;
    if (!vls_ok(status))
        return vls_fail(status.code, why, "%s%s", reason.text,
                        first > 0 ? "; those before are recorded, it may all come again" : "");
    if (answer.reply->n_distributions == 1)
        status = vls_receipts_take(cli, answer.reply->distributions[0], table, why);
    vls_client_answer_fini(&answer);
    return status;
}

static VLS_STATUS record(struct cli *cli, const struct cli_args *args,
                         const struct receipts *receipts, struct vls_why *why)
{
    uint8_t id[VLS_ID_BYTES];
    struct table table;
    struct vls_status status = VLS_DONE;
    Valise__OperatorDistribution ask = VALISE__OPERATOR_DISTRIBUTION__INIT;
    VLS_TRY(vls_distribution_id(args, id, &ask, why));
    vls_receipts_table(&table);
    for (size_t first = 0; vls_ok(status) && first < receipts->count; first += AT_ONCE)
        status = record_part(cli, &ask, receipts, first, &table, why);
    if (table.cell_count > 0)
        vls_table_print(cli, &table);
    vls_table_fini(&table);
    return status;
}

struct vls_status vls_distribution_cmd_record(struct cli *cli, const struct cli_args *args,
                                              struct vls_why *why)
{
    const char *path = vls_cli_value(args, "file");
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    Valise__MemberReceipt *list VLS_DEFER(vls_mem_freep) =
        vls_mem_new(VLS_MAX_RECEIPTS * sizeof *list);
    struct receipts receipts = {.at = list};
    vls_buf_init(&bytes, FILE_BYTES);
    if (path != NULL && (vls_cli_has(args, "member") || vls_cli_has(args, "reference")))
        return vls_cli_usage(why, "--file", "names the members itself; leave out --member");
    if (path != NULL)
        VLS_TRY(take_file(path, &bytes, &receipts, why));
    else
        VLS_TRY(take_options(args, &receipts, why));
    return record(cli, args, &receipts, why);
}
