/* valise log fsck: all tiles of all own logs, from the files of the gateway and what it holds
 * besides. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "config/config.h"
#include "ledger/audit.h"
#include "ledger/note.h"
#include "ledger/tile_path.h"
#include "log_commands.h"
#include "show.h"

/* One log, and where its tiles are. */
struct fsck {
    struct cli *cli;
    const char *data; /* directory */
    const Valise__LogState *log;
    struct table *table;
    uint64_t damaged; /* of all logs */
};

/* -- tiles ------------------------------------------------------------------------------------- */

/* Its name below the folder of the log. */
static void name_tile(const struct fsck *f, unsigned level, uint64_t index, char out[VLS_TILE_PATH])
{
    uint64_t left = (f->log->size >> (8 * level)) - index * VLS_TILE_WIDTH;
    vls_tile_path(level, index, left < VLS_TILE_WIDTH ? (unsigned)left : VLS_TILE_WIDTH, out);
}

/** DATA/logs/ORIGIN/tile/0/x001/234 */
static VLS_STATUS file_path(const struct fsck *f, unsigned level, uint64_t index,
                            char out[VLS_MAX_PATH], struct vls_why *why)
{
    char tile[VLS_TILE_PATH];
    vls_tile_path(level, index, VLS_TILE_WIDTH, tile);
    int n = snprintf(out, VLS_MAX_PATH, "%s/logs/%s/%s", f->data, f->log->origin, tile);
    return n > 0 && n < VLS_MAX_PATH ? VLS_DONE
                                     : vls_fail(VLS_INPUT_LIMIT, why, "the path is too long");
}

static VLS_STATUS read_file(const struct fsck *f, unsigned level, uint64_t index, size_t wanted,
                            uint8_t *out, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    uint64_t bytes = 0;
    VLS_TRY(file_path(f, level, index, path, why));
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vls_fail(errno == ENOENT ? VLS_STORE_MISSING : VLS_SYSTEM_ACCESS, why, "%s",
                        errno == ENOENT ? "its file is not there" : strerror(errno));
    VLS_TRY(vls_fd_size(fd, &bytes, why));
    if (bytes != VLS_TILE_BYTES)
        return vls_fail(VLS_STORE_DAMAGED, why, "its file has %" PRIu64 " bytes, not %u", bytes,
                        VLS_TILE_BYTES);
    return vls_fd_read_at(fd, out, wanted, 0, why);
}

/* vls_tile_io.read */
static struct vls_status read_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                   uint8_t *out, struct vls_why *why)
{
    const struct fsck *f = ctx;
    size_t wanted = (size_t)width * VLS_DIGEST_BYTES;
    uint64_t count = f->log->size >> (8 * level);
    if (index < count / VLS_TILE_WIDTH)
        return read_file(f, level, index, wanted, out, why);
    if (level >= f->log->n_edge || f->log->edge[level].len < wanted)
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "the gateway has %zu hashes behind the last full tile of level %u, not %u",
                        level < f->log->n_edge ? f->log->edge[level].len / VLS_DIGEST_BYTES : 0,
                        level, width);
    vls_copy(out, f->log->edge[level].data, wanted);
    return VLS_DONE;
}

/* -- one log ----------------------------------------------------------------------------------- */

static void print_damage(struct fsck *f, const char *tile, const char *words)
{
    struct vls_why ignored;
    f->damaged++;
    if (!f->cli->is_json) {
        fprintf(f->cli->out, "%s%s%s: %s\n", f->log->origin, tile[0] != '\0' ? "/" : "", tile,
                words);
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "log", vls_json_text(f->log->origin));
    json_object_set_new(object, "tile", vls_json_text(tile));
    json_object_set_new(object, "words", vls_json_text(words));
    VLS_IGNORE(vls_json_line(f->cli, object, &ignored), "the damage is counted in any case");
}

/* vls_audit_fn */
static void found(void *ctx, unsigned level, uint64_t index, const char *words)
{
    char tile[VLS_TILE_PATH];
    name_tile(ctx, level, index, tile);
    print_damage(ctx, tile, words);
}

/* The state that was signed last, against the log as it is. */
static VLS_STATUS check_signed(struct fsck *f, const struct vls_tile_io *io, struct vls_why *why)
{
    struct vls_checkpoint c;
    struct vls_tree *tree VLS_DEFER(vls_tree_free) = NULL;
    struct vls_digest root;
    if (f->log->note[0] == '\0')
        return VLS_DONE;
    VLS_TRY(vls_checkpoint_read(vls_slice_text(f->log->note), &c, why));
    if (c.size > f->log->size)
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "%" PRIu64 " entries were signed, and it has %" PRIu64, c.size,
                        f->log->size);
    VLS_TRY(vls_tree_open(io, f->log->size, &tree, why));
    VLS_TRY(vls_tree_root(tree, c.size, &root, why));
    if (!vls_digest_is_equal(&root, &c.root))
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "its first %" PRIu64 " entries do not lead to the root that was signed",
                        c.size);
    return VLS_DONE;
}

static VLS_STATUS print_log(struct fsck *f, const struct vls_audit *audit, bool is_good,
                            struct vls_why *why)
{
    if (f->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "log", vls_json_text(f->log->origin));
        json_object_set_new(object, "entries", vls_json_number(audit->size));
        json_object_set_new(object, "tiles", vls_json_number(audit->tiles));
        json_object_set_new(object, "result", vls_json_text(is_good ? "ok" : "damaged"));
        return vls_json_line(f->cli, object, why);
    }
    vls_table_add(f->table, f->log->origin);
    vls_table_add_format(f->table, "%" PRIu64, audit->size);
    vls_table_add_format(f->table, "%" PRIu64, audit->tiles);
    vls_table_add_coloured(f->table, is_good ? "ok" : "damaged", is_good ? TABLE_GOOD : TABLE_BAD);
    return VLS_DONE;
}

/* log_state_fn */
static struct vls_status check_log(void *ctx, const Valise__LogState *log, struct vls_why *why)
{
    struct fsck *f = ctx;
    f->log = log;
    const struct vls_tile_io io = {f, read_tile, NULL};
    struct vls_audit audit;
    struct vls_why words = {""};
    uint64_t before = f->damaged;
    struct vls_status s = vls_audit_tiles(&io, f->log->size, found, f, &audit, &words);
    if (vls_ok(s) && !vls_slice_is_equal(vls_digest_slice(&audit.root),
                                         VLS_SLICE(f->log->root.data, f->log->root.len)))
        s = vls_fail(VLS_STORE_DAMAGED, &words,
                     "its tiles lead to another root than the gateway's");
    if (vls_ok(s))
        s = check_signed(f, &io, &words);
    if (!vls_ok(s))
        print_damage(f, "", words.text);
    return print_log(f, &audit, f->damaged == before, why);
}

/** What this user may not read would look like damage. */
static VLS_STATUS check_access(const char *data, struct vls_why *why)
{
    char logs[VLS_MAX_PATH];
    VLS_TRY(vls_path_join(data, "logs", logs, sizeof logs));
    if (access(logs, R_OK | X_OK) == 0 || errno == ENOENT)
        return VLS_DONE;
    return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno,
                          "%.120s: give this command as the user that valised runs as", logs);
}

struct vls_status vls_log_fsck(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const char *const TITLES[] = {"LOG", ">ENTRIES", ">TILES", "RESULT", NULL};
    struct vls_config *config = NULL;
    struct table table;
    (void)args;
    VLS_TRY(vls_config_load(cli->config, &config, why));
    vls_table_init(&table, TITLES);
    struct fsck f = {.cli = cli, .data = config->node.data, .table = &table};
    struct vls_status status = check_access(f.data, why);
    if (vls_ok(status))
        status = vls_log_each_state(cli, check_log, &f, why);
    if (vls_ok(status) && !cli->is_json)
        vls_table_print(cli, &table);
    if (vls_ok(status) && f.damaged != 0)
        status = vls_fail(VLS_CLI_EVIDENCE, why,
                          "%" PRIu64 " place%s damaged; restore the files from a copy, they are "
                          "never written again",
                          f.damaged, f.damaged == 1 ? " is" : "s are");
    vls_table_fini(&table);
    vls_config_free(&config);
    return status;
}
