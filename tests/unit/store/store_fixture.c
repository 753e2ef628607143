#include "store_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void fixture_open(struct fixture *f)
{
    struct vls_store_options options = {.dir = f->dir, .max_bytes = f->max_bytes};
    assert_done(f, vls_store_open(&options, &f->store, &f->why));
}

int fixture_setup(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    const char *parent = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/valise-store-XXXXXX", parent != NULL ? parent : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    fixture_open(f);
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    vls_store_free(&f->store);
    int result = nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    vls_mem_free(f);
    return result;
}

void fixture_reopen(struct fixture *f)
{
    vls_store_free(&f->store);
    assert_null(f->store);
    fixture_open(f);
}

void fixture_begin(struct fixture *f)
{
    assert_done(f, vls_store_begin(f->store, &f->why));
}

void fixture_commit(struct fixture *f)
{
    assert_done(f, vls_store_commit(f->store, &f->why));
}

struct vls_id make_id(uint32_t number)
{
    struct vls_id id = {{0x01, 0x93}};
    vls_put_u32(id.bytes + 2, number);
    id.bytes[6] = 0x70;
    id.bytes[8] = 0x80;
    return id;
}

struct vls_digest make_digest(uint8_t byte)
{
    struct vls_digest d;
    memset(d.bytes, byte, sizeof d.bytes);
    return d;
}

struct vls_message make_message(uint32_t number)
{
    return (struct vls_message){.id = make_id(number),
                                .direction = VLS_OUT,
                                .state = VLS_STATE_RELEASED,
                                .party = "iom",
                                .kind = "document",
                                .created_ms = 900,
                                .changed_ms = 900,
                                .due_ms = 1000,
                                .log_index = VLS_NO_INDEX,
                                .their_index = VLS_NO_INDEX};
}

struct vls_digest keep_content(struct fixture *f, struct vls_slice bytes)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    struct vls_digest digest = vls_digest_of_slice(bytes);
    assert_done(f, vls_content_new(f->store, &fd, &f->why));
    assert_done(f, vls_fd_write(fd, bytes, &f->why));
    assert_done(f, vls_content_keep(f->store, fd, &digest, &f->why));
    return digest;
}

void move_message(struct fixture *f, const struct vls_id *id, enum vls_state from,
                  enum vls_state to, uint64_t due_ms)
{
    struct vls_move move = {.id = *id,
                            .from = from,
                            .to = to,
                            .at_ms = 1100,
                            .due_ms = due_ms,
                            .add_attempts = 1,
                            .cause = "moved",
                            .actor = "router"};
    assert_done(f, vls_store_move(f->store, &move, &f->why));
}

static unsigned files_seen;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)path;
    (void)st;
    (void)where;
    files_seen += type == FTW_F;
    return 0;
}

unsigned count_files(const struct fixture *f, const char *folder)
{
    char path[256];
    path_in(f, folder, path);
    files_seen = 0;
    assert_int_equal(nftw(path, count_one, 16, FTW_PHYS), 0);
    return files_seen;
}

void path_in(const struct fixture *f, const char *name, char out[256])
{
    snprintf(out, 256, "%s/%s", f->dir, name);
}
