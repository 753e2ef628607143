#include "ledger/tlogproof.h"

#include <inttypes.h>

#include "base/text.h"
#include "ledger/decimal.h"

#define HEADER "c2sp.org/tlog-proof@v1"
#define EXTRA  "extra "
#define INDEX  "index "

static struct vls_status refuse(struct vls_why *why, unsigned line, const char *what)
{
    return vls_fail(VLS_LEDGER_PROOF, why, "line %u of the proof %s", line, what);
}

/* -- writing ----------------------------------------------------------------------------------- */

static struct vls_status check_limits(const struct vls_tlog_proof *proof, struct vls_why *why)
{
    struct vls_checkpoint checkpoint;
    if (proof->extra.len > VLS_MAX_PROOF_EXTRA)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu bytes of extra data, and a proof holds %d",
                        proof->extra.len, VLS_MAX_PROOF_EXTRA);
    if (proof->path.count > VLS_MAX_PROOF)
        return vls_fail(VLS_INPUT_LIMIT, why, "no log is so large as this proof says");
    VLS_TRY(vls_checkpoint_read(proof->checkpoint, &checkpoint, why));
    if (proof->index >= checkpoint.size)
        return vls_fail(VLS_LEDGER_PROOF, why, "leaf %" PRIu64 " is outside a log of size %" PRIu64,
                        proof->index, checkpoint.size);
    return VLS_DONE;
}

static struct vls_status add_base64_line(struct vls_slice bytes, struct vls_buf *out)
{
    VLS_TRY(vls_base64_add(bytes, out));
    return vls_buf_add_text(out, "\n");
}

struct vls_status vls_tlog_proof_write(const struct vls_tlog_proof *proof, struct vls_buf *out,
                                       struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROOF_FILE);
    VLS_TRY(check_limits(proof, why));
    VLS_TRY(vls_buf_add_text(&text, HEADER "\n"));
    if (proof->extra.len != 0) {
        VLS_TRY(vls_buf_add_text(&text, EXTRA));
        VLS_TRY(add_base64_line(proof->extra, &text));
    }
    VLS_TRY(vls_buf_add_format(&text, INDEX "%" PRIu64 "\n", proof->index));
    for (size_t i = 0; i < proof->path.count; i++)
        VLS_TRY(add_base64_line(vls_digest_slice(&proof->path.hashes[i]), &text));
    VLS_TRY(vls_buf_add_text(&text, "\n"));
    VLS_TRY(vls_buf_add_slice(&text, proof->checkpoint));
    return vls_buf_add_slice(out, vls_buf_slice(&text));
}

/* -- reading ----------------------------------------------------------------------------------- */

/* The lines in front of the checkpoint, one after the other. */
struct lines {
    struct vls_reader rest;
    struct vls_slice now;
    unsigned number;
};

static struct vls_status next_line(struct lines *lines, struct vls_why *why)
{
    lines->number++;
    lines->now = vls_reader_until(&lines->rest, '\n');
    if (lines->rest.failed)
        return refuse(why, lines->number, "is not there, or has no line feed");
    return VLS_DONE;
}

/* Does the line begin with `word`? Then `*out` is what follows. */
static bool begins_with(struct vls_slice line, const char *word, struct vls_slice *out)
{
    struct vls_reader reader = vls_reader_of(line);
    struct vls_slice expected = vls_slice_text(word);
    struct vls_slice start = vls_reader_bytes(&reader, expected.len);
    if (reader.failed || !vls_slice_is_equal(start, expected))
        return false;
    *out = reader.rest;
    return true;
}

static struct vls_status read_extra(struct lines *lines, struct vls_buf *extra, struct vls_why *why)
{
    struct vls_slice base64;
    if (!begins_with(lines->now, EXTRA, &base64))
        return VLS_DONE;
    struct vls_status s = vls_base64_read(base64, extra);
    if (s.code == VLS_SYSTEM_MEMORY || s.code == VLS_INPUT_LIMIT)
        return vls_fail(s.code, why,
                        "the extra data of the proof is above the limit or the memory");
    if (!vls_ok(s) || extra->len == 0)
        return refuse(why, lines->number, "has no extra data in base64");
    if (extra->len > VLS_MAX_PROOF_EXTRA)
        return vls_fail(VLS_INPUT_LIMIT, why, "the extra data of the proof is above %d bytes",
                        VLS_MAX_PROOF_EXTRA);
    return next_line(lines, why);
}

static struct vls_status read_path(struct lines *lines, struct vls_proof *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf hash;
    vls_buf_init(&hash, VLS_DIGEST_BYTES);
    for (out->count = 0;; out->count++) {
        VLS_TRY(next_line(lines, why));
        if (lines->now.len == 0)
            return VLS_DONE;
        if (out->count == VLS_MAX_PROOF)
            return refuse(why, lines->number, "is one hash more than any log needs");
        vls_buf_clear(&hash);
        struct vls_status s = vls_base64_read(lines->now, &hash);
        if (s.code == VLS_SYSTEM_MEMORY)
            return s;
        if (!vls_ok(s) || !vls_ok(vls_digest_from(vls_buf_slice(&hash), &out->hashes[out->count])))
            return refuse(why, lines->number, "is not the base64 of a hash of 32 bytes");
    }
}

struct vls_status vls_tlog_proof_read(struct vls_slice text, struct vls_buf *extra,
                                      struct vls_tlog_proof *out, struct vls_why *why)
{
    struct lines lines = {.rest = vls_reader_of(text)};
    struct vls_tlog_proof proof = {.index = 0};
    struct vls_checkpoint checkpoint;
    struct vls_slice index;
    vls_buf_clear(extra);
    if (text.len > VLS_MAX_PROOF_FILE)
        return vls_fail(VLS_INPUT_LIMIT, why, "a proof of %zu bytes, and the limit is %d", text.len,
                        VLS_MAX_PROOF_FILE);
    VLS_TRY(next_line(&lines, why));
    if (!vls_slice_is_equal(lines.now, vls_slice_text(HEADER)))
        return refuse(why, lines.number, "is not " HEADER);
    VLS_TRY(next_line(&lines, why));
    VLS_TRY(read_extra(&lines, extra, why));
    if (!begins_with(lines.now, INDEX, &index) || !vls_decimal_read(index, &proof.index))
        return refuse(why, lines.number, "is not the index, decimal and without leading zeros");
    VLS_TRY(read_path(&lines, &proof.path, why));
    proof.checkpoint = lines.rest.rest;
    VLS_TRY(vls_checkpoint_read(proof.checkpoint, &checkpoint, why));
    if (proof.index >= checkpoint.size)
        return refuse(why, lines.number, "ends a proof for a leaf that is outside the log");
    proof.extra = vls_buf_slice(extra);
    *out = proof;
    return VLS_DONE;
}

struct vls_status vls_tlog_proof_verify(const struct vls_tlog_proof *proof,
                                        const struct vls_digest *leaf_hash,
                                        const struct vls_note_key *key, struct vls_checkpoint *out,
                                        struct vls_why *why)
{
    struct vls_checkpoint checkpoint;
    VLS_TRY(vls_checkpoint_verify(proof->checkpoint, key, &checkpoint, why));
    VLS_TRY(vls_proof_inclusion(&proof->path, leaf_hash, proof->index, checkpoint.size,
                                &checkpoint.root, why));
    *out = checkpoint;
    return VLS_DONE;
}
