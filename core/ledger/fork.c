#include "ledger/fork.h"

#include <string.h>

#include "base/text.h"
#include "ledger/tile.h"

#define HEADER  "valise-fork/v1\n"
#define SMALLER "\nsmaller\n"
#define LARGER  "\nlarger\n"
#define PATH    "\npath\n"

_Static_assert(sizeof HEADER - 1 == VLS_FORK_START, "what decides it is the first line");

/* -- paths ------------------------------------------------------------------------------------- */

static bool leads_to(const struct vls_proof *path, uint64_t from, uint64_t size,
                     const struct vls_digest *root)
{
    struct vls_digest older, newer;
    return vls_ok(vls_proof_prefix(path, from, size, &older, &newer, NULL)) &&
           vls_digest_is_equal(&newer, root);
}

bool vls_fork_from_consistency(const struct vls_proof *proof, uint64_t from, uint64_t size,
                               const struct vls_digest *root, struct vls_proof *out)
{
    bool is_complete = (from & (from - 1)) == 0; /* its first hash is left out */
    if (from == 0 || is_complete || !leads_to(proof, from, size, root))
        return false;
    *out = *proof;
    return true;
}

/* All that lies left of leaf number `from` are the siblings on the left of its path. Those on the
 * right before the first of them make, with the leaf, the node that follows it. */
bool vls_fork_from_inclusion(const struct vls_proof *proof, const struct vls_digest *leaf_hash,
                             uint64_t from, uint64_t size, const struct vls_digest *root,
                             struct vls_proof *out)
{
    struct vls_digest hash = *leaf_hash;
    uint64_t at = from, last = size - 1;
    size_t first = 0;
    if (from == 0 || from >= size || proof->count >= VLS_MAX_PROOF)
        return false;
    for (; first < proof->count && (at & 1) == 0 && at != last; first++, at >>= 1, last >>= 1)
        hash = vls_node_hash(&hash, &proof->hashes[first]);
    if (first == proof->count)
        return false;
    out->count = 0;
    out->hashes[out->count++] = proof->hashes[first];
    out->hashes[out->count++] = hash;
    for (size_t i = first + 1; i < proof->count; i++)
        out->hashes[out->count++] = proof->hashes[i];
    return leads_to(out, from, size, root);
}

/* -- the file ---------------------------------------------------------------------------------- */

static struct vls_status add_path(const struct vls_proof *path, struct vls_buf *out)
{
    VLS_TRY(vls_buf_add_text(out, PATH));
    for (size_t i = 0; i < path->count; i++) {
        VLS_TRY(vls_base64_add(vls_digest_slice(&path->hashes[i]), out));
        VLS_TRY(vls_buf_add_text(out, "\n"));
    }
    return VLS_DONE;
}

struct vls_status vls_fork_write(const struct vls_fork *fork, struct vls_buf *out,
                                 struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_FORK_FILE);
    struct vls_status s = vls_buf_add_text(&text, HEADER SMALLER);
    if (vls_ok(s))
        s = vls_buf_add_slice(&text, fork->smaller);
    if (vls_ok(s))
        s = vls_buf_add_text(&text, LARGER);
    if (vls_ok(s))
        s = vls_buf_add_slice(&text, fork->larger);
    if (vls_ok(s) && fork->path.count != 0)
        s = add_path(&fork->path, &text);
    if (vls_ok(s))
        s = vls_buf_add_slice(out, vls_buf_slice(&text));
    return vls_ok(s) ? s : vls_fail(s.code, why, "the two checkpoints do not fit into a file");
}

bool vls_fork_is(struct vls_slice start)
{
    return start.len >= VLS_FORK_START &&
           vls_slice_is_equal(VLS_SLICE(start.at, VLS_FORK_START), vls_slice_text(HEADER));
}

static bool take(struct vls_reader *rest, const char *text)
{
    struct vls_reader ahead = *rest;
    struct vls_slice expected = vls_slice_text(text);
    struct vls_slice found = vls_reader_bytes(&ahead, expected.len);
    if (ahead.failed || !vls_slice_is_equal(found, expected))
        return false;
    *rest = ahead;
    return true;
}

/* A note has one empty line inside; the second one ends it. */
static struct vls_slice take_note(struct vls_reader *rest)
{
    unsigned empty = 0;
    size_t len = 1;
    for (; len < rest->rest.len; len++)
        if (rest->rest.at[len] == '\n' && rest->rest.at[len - 1] == '\n' && ++empty == 2)
            break;
    return vls_reader_bytes(rest, len < rest->rest.len ? len : rest->rest.len);
}

static struct vls_status read_note(struct vls_reader *rest, const char *section,
                                   struct vls_slice *out, struct vls_why *why)
{
    struct vls_checkpoint ignored;
    struct vls_why inner = {""};
    *out = take_note(rest);
    struct vls_status s = vls_checkpoint_read(*out, &ignored, &inner);
    return vls_ok(s) ? s : vls_fail(s.code, why, "section %s: %.160s", section, inner.text);
}

static struct vls_status read_path(struct vls_reader *rest, struct vls_proof *out,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf hash;
    vls_buf_init(&hash, VLS_DIGEST_BYTES);
    while (!vls_reader_is_at_end(rest)) {
        struct vls_slice line = vls_reader_until(rest, '\n');
        vls_buf_clear(&hash);
        if (rest->failed || out->count == VLS_MAX_PROOF || !vls_ok(vls_base64_read(line, &hash)) ||
            !vls_ok(vls_digest_from(vls_buf_slice(&hash), &out->hashes[out->count])))
            return vls_fail(VLS_LEDGER_PROOF, why,
                            "section path: line %zu is not the base64 of a hash, or one too many",
                            out->count + 1);
        out->count++;
    }
    return out->count > 0 ? VLS_DONE
                          : vls_fail(VLS_LEDGER_PROOF, why, "section path: there is no hash in it");
}

struct vls_status vls_fork_read(struct vls_slice text, struct vls_fork *out, struct vls_why *why)
{
    struct vls_reader rest = vls_reader_of(text);
    struct vls_fork fork = {.path = {.count = 0}};
    if (text.len > VLS_MAX_FORK_FILE)
        return vls_fail(VLS_INPUT_LIMIT, why, "a file of %zu bytes, and the limit is %d", text.len,
                        VLS_MAX_FORK_FILE);
    if (!take(&rest, HEADER) || !take(&rest, SMALLER))
        return vls_fail(VLS_LEDGER_PROOF, why,
                        "it does not begin with valise-fork/v1 and the section smaller");
    VLS_TRY(read_note(&rest, "smaller", &fork.smaller, why));
    if (!take(&rest, LARGER))
        return vls_fail(VLS_LEDGER_PROOF, why, "there is no section larger behind the first note");
    VLS_TRY(read_note(&rest, "larger", &fork.larger, why));
    if (take(&rest, PATH))
        VLS_TRY(read_path(&rest, &fork.path, why));
    if (!vls_reader_is_at_end(&rest))
        return vls_fail(VLS_LEDGER_PROOF, why, "something stands behind the second note");
    *out = fork;
    return VLS_DONE;
}

/* -- what it shows ----------------------------------------------------------------------------- */

struct vls_status vls_fork_party(const struct vls_fork *fork, char out[VLS_MAX_PARTY + 1],
                                 struct vls_why *why)
{
    struct vls_checkpoint c;
    VLS_TRY(vls_checkpoint_read(fork->smaller, &c, why));
    size_t len = strcspn(c.origin, "/");
    if (len == 0 || len > VLS_MAX_PARTY || c.origin[len] == '\0')
        return vls_fail(VLS_LEDGER_NOTE, why, "'%.100s' is no log of a party", c.origin);
    vls_text_copy(out, len + 1, c.origin);
    return VLS_DONE;
}

static struct vls_status judge(const struct vls_fork *fork, const struct vls_checkpoint c[2],
                               enum vls_fork_verdict *out, struct vls_why *why)
{
    struct vls_digest older, newer;
    *out = VLS_FORK_NOT_SHOWN;
    if (c[0].size == 0 || c[0].size > c[1].size)
        return vls_fail(VLS_LEDGER_PROOF, why, "the first checkpoint is empty or the larger one");
    if (c[0].size == c[1].size && vls_digest_is_equal(&c[0].root, &c[1].root))
        return vls_fail(VLS_LEDGER_PROOF, why, "both checkpoints say the same");
    if (c[0].size == c[1].size) {
        if (fork->path.count != 0)
            return vls_fail(VLS_LEDGER_PROOF, why, "a path between two states of one size");
        *out = VLS_FORK_PROVEN;
        return VLS_DONE;
    }
    if (fork->path.count == 0)
        return VLS_DONE;
    VLS_TRY(vls_proof_prefix(&fork->path, c[0].size, c[1].size, &older, &newer, why));
    if (!vls_digest_is_equal(&newer, &c[1].root))
        return vls_fail(VLS_LEDGER_PROOF, why, "the path does not lead to the larger state's root");
    if (vls_digest_is_equal(&older, &c[0].root))
        return vls_fail(VLS_LEDGER_PROOF, why,
                        "the larger state continues the smaller one: there is no fork");
    *out = VLS_FORK_PROVEN;
    return VLS_DONE;
}

struct vls_status vls_fork_verify(const struct vls_fork *fork, struct vls_note_key *key,
                                  struct vls_checkpoint out[2], enum vls_fork_verdict *out_verdict,
                                  struct vls_why *why)
{
    struct vls_checkpoint c[2];
    VLS_TRY(vls_checkpoint_read(fork->smaller, &c[0], why));
    vls_text_copy(key->name, sizeof key->name, c[0].origin);
    VLS_TRY(vls_checkpoint_verify(fork->smaller, key, &c[0], why));
    VLS_TRY(vls_checkpoint_verify(fork->larger, key, &c[1], why));
    VLS_TRY(judge(fork, c, out_verdict, why));
    out[0] = c[0];
    out[1] = c[1];
    return VLS_DONE;
}
