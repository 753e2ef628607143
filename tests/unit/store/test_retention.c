/* What is erased of a message: its rows, its file and what the write-ahead log held, and nothing of
 * the evidence. */
#include "store/retention.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store_fixture.h"

#define SEALED  "A-SEALED-STRUCTURE-WITH-A-CONTENT-KEY"
#define CONTENT "THE-ENCRYPTED-CONTENT-OF-THE-MESSAGE"
#define SUBJECT "A subject that names names"
#define KEY     "folder/names-of-people.pdf"
#define BASIS   "an operator's note: asked for by its author"

static struct vls_message secret(uint32_t number, bool is_file, struct fixture *f)
{
    struct vls_message m = make_message(number);
    m.state = VLS_STATE_RECEIPTED;
    m.subject = SUBJECT;
    m.origin = "plugin:folder";
    m.origin_key = KEY;
    m.manifest = vls_slice_text("the manifest");
    m.sealed = vls_slice_text(SEALED);
    m.receipt = vls_slice_text("the receipt");
    m.decision = vls_slice_text("the decision");
    m.content_bytes = strlen(CONTENT);
    m.part_digests = VLS_SLICE("0123456789abcdef0123456789abcdef", VLS_DIGEST_BYTES);
    if (is_file)
        m.content_digest = keep_content(f, vls_slice_text(CONTENT));
    else
        m.content = vls_slice_text(CONTENT);
    return m;
}

static struct vls_id add_secret(struct fixture *f, uint32_t number, bool is_file)
{
    fixture_begin(f);
    struct vls_message m = secret(number, is_file, f);
    char key[64];
    snprintf(key, sizeof key, KEY "%.0u", number > 1 ? number : 0);
    m.origin_key = key;
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    fixture_commit(f);
    return m.id;
}

static struct vls_status erase(struct fixture *f, const struct vls_id *id)
{
    const struct vls_erasure erasure = {.id = *id, .at_ms = 77, .actor = "uid:7", .basis = BASIS};
    return vls_store_erase(f->store, &erasure, &f->why);
}

static void erase_committed(struct fixture *f, const struct vls_id *id)
{
    fixture_begin(f);
    assert_done(f, erase(f, id));
    fixture_commit(f);
}

/* nftw() hands nothing over: what is looked for, and where files are copied from and to. */
static const char *looked_for, *copied_from, *copied_to;
static unsigned found_in;

static void read_whole(const char *path, struct vls_buf *out)
{
    vls_buf_init(out, (size_t)1 << 26);
    assert_true(vls_ok(vls_file_read(path, out, NULL)));
}

static int look_into(const char *path, const struct stat *st, int type, struct FTW *place)
{
    struct vls_buf bytes;
    (void)st, (void)place;
    if (type != FTW_F)
        return 0;
    read_whole(path, &bytes);
    if (bytes.len != 0)
        found_in += memmem(bytes.at, bytes.len, looked_for, strlen(looked_for)) != NULL;
    vls_buf_fini(&bytes);
    return 0;
}

static int copy_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    struct vls_buf bytes;
    char to[512];
    (void)st, (void)place;
    snprintf(to, sizeof to, "%s%s", copied_to, path + strlen(copied_from));
    if (type == FTW_D)
        return vls_ok(vls_dir_make(to, 0700, NULL)) ? 0 : -1;
    read_whole(path, &bytes);
    struct vls_status s = vls_file_write(to, vls_buf_slice(&bytes), 0600, NULL);
    vls_buf_fini(&bytes);
    return vls_ok(s) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st, (void)type, (void)place;
    return remove(path);
}

/* In how many files of the store's directory these bytes are. */
static unsigned count_in_image(const struct fixture *f, const char *bytes)
{
    looked_for = bytes;
    found_in = 0;
    assert_int_equal(nftw(f->dir, look_into, 16, FTW_PHYS), 0);
    return found_in;
}

static void assert_gone(const struct fixture *f)
{
    static const char *const SECRETS[] = {SEALED, CONTENT, SUBJECT, KEY, "0123456789abcdef"};
    for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++)
        assert_int_equal(count_in_image(f, SECRETS[i]), 0);
}

static void assert_evidence(struct fixture *f, const struct vls_id *id)
{
    struct vls_message *m = NULL;
    assert_done(f, vls_store_get(f->store, id, &m, &f->why));
    assert_true(vls_slice_is_equal(m->manifest, vls_slice_text("the manifest")));
    assert_true(vls_slice_is_equal(m->receipt, vls_slice_text("the receipt")));
    assert_true(vls_slice_is_equal(m->decision, vls_slice_text("the decision")));
    assert_int_equal(m->content_bytes, strlen(CONTENT));
    assert_int_equal(m->sealed.len + m->content.len + m->part_digests.len, 0);
    assert_string_equal(m->subject, "");
    assert_string_equal(m->reason, BASIS);
    vls_message_free(&m);
}

static void erase__in_the_row__nothing_of_it_is_left_in_any_file(void **state)
{
    struct fixture *f = *state;
    struct vls_id id = add_secret(f, 1, false);
    assert_true(count_in_image(f, SEALED) > 0);
    erase_committed(f, &id);
    assert_true(count_in_image(f, SEALED) > 0); /* in the write-ahead log */
    assert_done(f, vls_store_erase_finish(f->store, &f->why));
    assert_gone(f);
    assert_evidence(f, &id);
    fixture_reopen(f);
    assert_gone(f);
    assert_evidence(f, &id);
}

static void erase__a_file__is_overwritten_and_removed(void **state)
{
    struct fixture *f = *state;
    struct vls_id id = add_secret(f, 1, true);
    char hex[65], name[256], path[256], bytes[sizeof CONTENT] = "";
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text(CONTENT));
    vls_hex(vls_digest_slice(&digest), hex);
    snprintf(name, sizeof name, "content/%.2s/%s", hex, hex);
    path_in(f, name, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    erase_committed(f, &id);
    assert_done(f, vls_store_erase_finish(f->store, &f->why));
    assert_int_equal(count_files(f, "content"), 0);
    assert_int_equal(pread(fd, bytes, sizeof CONTENT - 1, 0), sizeof CONTENT - 1);
    for (size_t i = 0; i < sizeof CONTENT - 1; i++)
        assert_int_equal(bytes[i], 0); /* where it lay */
    close(fd);
    assert_gone(f);
    assert_evidence(f, &id);
}

static void erase__content_of_another_message__stays(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    struct vls_message one = secret(1, true, f), two = secret(2, true, f);
    two.origin_key = "another";
    assert_done(f, vls_store_add(f->store, &one, &f->why));
    assert_done(f, vls_store_add(f->store, &two, &f->why));
    fixture_commit(f);
    erase_committed(f, &one.id);
    assert_done(f, vls_store_erase_finish(f->store, &f->why));
    assert_int_equal(count_files(f, "content"), 1);
    erase_committed(f, &two.id);
    assert_done(f, vls_store_erase_finish(f->store, &f->why));
    assert_int_equal(count_files(f, "content"), 0);
}

struct crash {
    enum vls_store_point at;
    bool has_come;
    char copy[160], dir[128];
};

/* What is on disk at that point goes to another directory: what a crash there would leave. */
static void copy_at(void *ctx, enum vls_store_point point)
{
    struct crash *crash = ctx;
    if (point != crash->at || crash->has_come)
        return;
    crash->has_come = true;
    copied_from = crash->dir;
    copied_to = crash->copy;
    assert_int_equal(nftw(crash->dir, copy_one, 16, FTW_PHYS), 0);
}

static void erase__crash_at_every_point__is_healed_when_the_store_is_opened(void **state)
{
    struct fixture *f = *state;
    static const enum vls_store_point POINTS[] = {VLS_POINT_COMMITTED, VLS_POINT_OVERWRITTEN,
                                                  VLS_POINT_FORGOTTEN};
    for (unsigned i = 0; i < 3; i++) {
        struct crash crash = {.at = POINTS[i]};
        struct vls_store *copy = NULL;
        struct vls_store_options options = {.dir = crash.copy};
        char dir[128];
        snprintf(crash.dir, sizeof crash.dir, "%s", f->dir);
        snprintf(crash.copy, sizeof crash.copy, "%s.copy", f->dir);
        struct vls_id id = add_secret(f, 10 + i, true);
        f->store->at_point = copy_at;
        f->store->at_point_ctx = &crash;
        erase_committed(f, &id);
        assert_done(f, vls_store_erase_finish(f->store, &f->why));
        f->store->at_point = NULL;
        assert_true(crash.has_come);
        assert_done(f, vls_store_open(&options, &copy, &f->why));
        snprintf(dir, sizeof dir, "%s", f->dir);
        snprintf(f->dir, sizeof f->dir, "%.120s.copy", dir);
        assert_gone(f);
        snprintf(f->dir, sizeof f->dir, "%s", dir);
        vls_store_free(&copy);
        assert_int_equal(nftw(crash.copy, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    }
}

/* vls_erasure_fn */
static struct vls_status see_erasure(void *ctx, const struct vls_erasure *erasure,
                                     struct vls_why *why)
{
    (void)why;
    assert_int_equal(erasure->at_ms, 77);
    assert_string_equal(erasure->actor, "uid:7");
    assert_string_equal(erasure->basis, BASIS);
    *(unsigned *)ctx += 1;
    return VLS_DONE;
}

static void erase__twice_or_missing__refused_and_nothing_is_changed(void **state)
{
    struct fixture *f = *state;
    struct vls_id id = add_secret(f, 1, false), none = make_id(9);
    unsigned seen = 0;
    assert_code(f, VLS_STORE_MISSING,
                vls_store_erasure(f->store, &id, see_erasure, &seen, &f->why));
    erase_committed(f, &id);
    fixture_begin(f);
    assert_code(f, VLS_STORE_EXISTS, erase(f, &id));
    assert_code(f, VLS_STORE_MISSING, erase(f, &none));
    assert_code(f, VLS_SYSTEM_BUG, vls_store_erase_finish(f->store, &f->why));
    fixture_commit(f);
    assert_done(f, vls_store_erasure(f->store, &id, see_erasure, &seen, &f->why));
    assert_int_equal(seen, 1);
}

static void erase__rolled_back__the_message_is_whole(void **state)
{
    struct fixture *f = *state;
    struct vls_id id = add_secret(f, 1, true);
    struct vls_message *m = NULL;
    fixture_begin(f);
    assert_done(f, erase(f, &id));
    vls_store_rollback(f->store);
    assert_done(f, vls_store_erase_finish(f->store, &f->why));
    assert_done(f, vls_store_get(f->store, &id, &m, &f->why));
    assert_string_equal(m->subject, SUBJECT);
    vls_message_free(&m);
    assert_int_equal(count_files(f, "content"), 1);
}

static void erase__submitters_key__still_gives_the_same_message(void **state)
{
    struct fixture *f = *state;
    struct vls_id id = add_secret(f, 1, false), found;
    erase_committed(f, &id);
    assert_done(f, vls_store_by_origin(f->store, "plugin:folder", KEY, &found, &f->why));
    assert_true(vls_id_is_equal(&found, &id));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_by_origin(f->store, "plugin:folder", "another", &found, &f->why));
}

/* -- holds ------------------------------------------------------------------------------------- */

static void add_hold(struct fixture *f, const char *name, struct vls_slice id, const char *party,
                     const char *kind)
{
    const struct vls_hold hold = {.name = name,
                                  .id = id,
                                  .party = party,
                                  .kind = kind,
                                  .since_ms = 5,
                                  .note = "",
                                  .actor = "uid:7"};
    assert_done(f, vls_store_hold_add(f->store, &hold, &f->why));
}

static void assert_held(struct fixture *f, const struct vls_message *m, const char *expected)
{
    char name[VLS_MAX_NAME + 1];
    assert_done(f, vls_store_hold_of(f->store, m, name, &f->why));
    assert_string_equal(name, expected);
}

static void hold__of_one_a_partner_or_a_kind__is_about_what_it_names_alone(void **state)
{
    struct fixture *f = *state;
    struct vls_message one = make_message(1), two = make_message(2);
    two.party = "unhcr";
    two.kind = "report";
    one.kind = "publication";
    fixture_begin(f);
    assert_held(f, &one, "");
    add_hold(f, "c-kind", vls_slice_text(""), "iom", "report");
    assert_held(f, &one, "");
    assert_held(f, &two, "");
    add_hold(f, "b-party", vls_slice_text(""), "unhcr", "");
    assert_held(f, &two, "b-party");
    add_hold(f, "a-one", vls_id_slice(&one.id), "", "");
    assert_held(f, &one, "a-one");
    assert_done(f, vls_store_hold_release(f->store, "a-one", 9, "uid:8", &f->why));
    assert_held(f, &one, "");
    assert_code(f, VLS_STORE_MISSING,
                vls_store_hold_release(f->store, "a-one", 9, "uid:8", &f->why));
    const struct vls_hold again = {.name = "a-one",
                                   .id = vls_slice_text(""),
                                   .party = "",
                                   .kind = "",
                                   .note = "",
                                   .actor = "uid:7"};
    assert_code(f, VLS_STORE_EXISTS, vls_store_hold_add(f->store, &again, &f->why));
    fixture_commit(f);
}

/* -- walking ----------------------------------------------------------------------------------- */

struct walked {
    unsigned count, erased;
    struct vls_id last;
};

/* vls_walk_fn */
static struct vls_status see_message(void *ctx, const struct vls_message *m, uint64_t erased_ms,
                                     struct vls_why *why)
{
    struct walked *walked = ctx;
    (void)why;
    walked->count++;
    walked->erased += erased_ms == 77;
    walked->last = m->id;
    return VLS_DONE;
}

static void walk__pages__show_each_once_and_which_were_erased(void **state)
{
    struct fixture *f = *state;
    struct walked walked = {0};
    for (uint32_t i = 1; i <= 5; i++) {
        struct vls_message m = make_message(i);
        fixture_begin(f);
        assert_done(f, vls_store_add(f->store, &m, &f->why));
        fixture_commit(f);
        if (i == 2)
            erase_committed(f, &m.id);
    }
    assert_done(f, vls_store_walk(f->store, NULL, 3, see_message, &walked, &f->why));
    assert_int_equal(walked.count, 3);
    assert_int_equal(walked.erased, 1);
    struct vls_id after = walked.last;
    assert_done(f, vls_store_walk(f->store, &after, 3, see_message, &walked, &f->why));
    assert_int_equal(walked.count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(erase__in_the_row__nothing_of_it_is_left_in_any_file),
        TEST(erase__a_file__is_overwritten_and_removed),
        TEST(erase__content_of_another_message__stays),
        TEST(erase__crash_at_every_point__is_healed_when_the_store_is_opened),
        TEST(erase__twice_or_missing__refused_and_nothing_is_changed),
        TEST(erase__rolled_back__the_message_is_whole),
        TEST(erase__submitters_key__still_gives_the_same_message),
        TEST(hold__of_one_a_partner_or_a_kind__is_about_what_it_names_alone),
        TEST(walk__pages__show_each_once_and_which_were_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
