#include "arrangement_books.h"

#include "base/file.h"
#include "base/text.h"

static VLS_STATUS read_bytes(const char *path, struct vls_buf *out, struct vls_why *why)
{
    vls_buf_init(out, VLS_MAX_ARRANGEMENT_FILE);
    struct vls_status status = vls_file_read(path, out, why);
    if (status.code == VLS_INPUT_LIMIT)
        return vls_fail(VLS_POLICY_INVALID, why, "%.100s: a file of rules has at most %u bytes",
                        path, VLS_MAX_ARRANGEMENT_FILE);
    return status;
}

static VLS_STATUS load(struct cli_books *books, const struct vls_scheme_set *schemes,
                       struct vls_why *why)
{
    VLS_TRY(read_bytes(books->path, &books->bytes, why));
    VLS_TRY(vls_arrangement_read(vls_buf_slice(&books->bytes), books->path, schemes, &books->joint,
                                 why));
    if (books->house_path == NULL)
        return VLS_DONE;
    VLS_TRY(read_bytes(books->house_path, &books->house_bytes, why));
    return vls_house_rules_read(vls_buf_slice(&books->house_bytes), books->house_path, schemes,
                                books->joint, &books->house, why);
}

struct vls_status vls_cli_books_load(const char *path, const struct cli_args *args,
                                     const struct vls_scheme_set *schemes, struct cli_books *out,
                                     struct vls_why *why)
{
    struct cli_books books = {.path = path, .house_path = vls_cli_value(args, "house")};
    struct vls_status status = load(&books, schemes, why);
    if (!vls_ok(status)) {
        vls_cli_books_fini(&books);
        return status;
    }
    *out = books;
    return VLS_DONE;
}

void vls_cli_books_fini(struct cli_books *books)
{
    vls_arrangement_free(&books->house);
    vls_arrangement_free(&books->joint);
    vls_buf_fini(&books->house_bytes);
    vls_buf_fini(&books->bytes);
}

struct vls_status vls_cli_books_time(struct cli *cli, const struct cli_args *args, uint64_t *out_ms,
                                     struct vls_why *why)
{
    const char *at = vls_cli_value(args, "at");
    uint64_t ms = vls_wall_ms(cli->env);
    if (at != NULL && !vls_ok(vls_time_read(at, &ms)))
        return vls_cli_usage(why, "--at",
                             "'%.60s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z", at);
    *out_ms = ms;
    return VLS_DONE;
}
