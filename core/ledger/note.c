#include "ledger/note.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ledger/decimal.h"

#define EM_DASH "\xe2\x80\x94 " /* U+2014 and a space begin a signature line */

/* A cosignature's time is a signed 64-bit number in other implementations. */
#define MAX_TIME_S ((uint64_t)INT64_MAX)
#define TIME_BYTES 8u

/* The number of lines in front of the signature lines: origin, size, root, and the empty one. */
#define BODY_LINES 4u

#define SIGNATURE_BYTES   (VLS_KEY_ID + VLS_ED25519_SIGNATURE)
#define COSIGNATURE_BYTES (VLS_KEY_ID + TIME_BYTES + VLS_ED25519_SIGNATURE)

/* One signature line, taken apart. */
struct line {
    unsigned number;
    struct vls_slice name;
    struct vls_slice bytes; /* key id and what follows it; in the caller's buffer */
};

static struct vls_status refuse(struct vls_why *why, unsigned line, const char *what)
{
    return vls_fail(VLS_LEDGER_NOTE, why, "line %u of the signed note %s", line, what);
}

/* -- writing ----------------------------------------------------------------------------------- */

/* The text that is signed: three lines, each with its line feed. */
static struct vls_status add_body(const struct vls_checkpoint *checkpoint, struct vls_buf *out,
                                  struct vls_why *why)
{
    if (!vls_note_is_name(vls_slice_text(checkpoint->origin)) || checkpoint->size > VLS_MAX_LEAVES)
        return vls_fail(VLS_LEDGER_NOTE, why, "no checkpoint can hold this origin and size");
    VLS_TRY(vls_buf_add_format(out, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size));
    VLS_TRY(vls_base64_add(vls_digest_slice(&checkpoint->root), out));
    return vls_buf_add_text(out, "\n");
}

static struct vls_status add_line(const struct vls_note_key *key, struct vls_slice signature,
                                  struct vls_buf *out)
{
    uint8_t bytes[COSIGNATURE_BYTES];
    vls_note_key_id(key, bytes);
    vls_copy(bytes + VLS_KEY_ID, signature.at, signature.len);
    VLS_TRY(vls_buf_add_format(out, EM_DASH "%s ", key->name));
    VLS_TRY(vls_base64_add(VLS_SLICE(bytes, VLS_KEY_ID + signature.len), out));
    return vls_buf_add_text(out, "\n");
}

/* One signature line over the body, which stands in front of it or not. */
static struct vls_status sign_body(const struct vls_checkpoint *checkpoint,
                                   const struct vls_note_key *key, vls_note_sign_fn sign, void *ctx,
                                   bool with_body, struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf note;
    uint8_t signature[VLS_ED25519_SIGNATURE];
    vls_buf_init(&note, VLS_MAX_NOTE);
    if (key->is_cosigner || strcmp(key->name, checkpoint->origin) != 0)
        return vls_fail(VLS_LEDGER_NOTE, why, "the key %s does not sign for the log %s", key->name,
                        checkpoint->origin);
    VLS_TRY(add_body(checkpoint, &note, why));
    VLS_TRY(sign(ctx, vls_buf_slice(&note), signature, why));
    if (with_body)
        VLS_TRY(vls_buf_add_text(&note, "\n"));
    else
        vls_buf_clear(&note);
    VLS_TRY(add_line(key, VLS_SLICE(signature, sizeof signature), &note));
    return vls_buf_add_slice(out, vls_buf_slice(&note));
}

struct vls_status vls_checkpoint_sign(const struct vls_checkpoint *checkpoint,
                                      const struct vls_note_key *key, vls_note_sign_fn sign,
                                      void *ctx, struct vls_buf *out, struct vls_why *why)
{
    return sign_body(checkpoint, key, sign, ctx, true, out, why);
}

struct vls_status vls_checkpoint_sign_also(const struct vls_checkpoint *checkpoint,
                                           const struct vls_note_key *key, vls_note_sign_fn sign,
                                           void *ctx, struct vls_buf *out, struct vls_why *why)
{
    return sign_body(checkpoint, key, sign, ctx, false, out, why);
}

static struct vls_status add_cosigned(const struct vls_checkpoint *checkpoint, uint64_t time_s,
                                      struct vls_buf *out, struct vls_why *why)
{
    VLS_TRY(vls_buf_add_format(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s));
    return add_body(checkpoint, out, why);
}

struct vls_status vls_checkpoint_cosign(const struct vls_checkpoint *checkpoint, uint64_t time_s,
                                        const struct vls_note_key *key, vls_note_sign_fn sign,
                                        void *ctx, struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    uint8_t timed[TIME_BYTES + VLS_ED25519_SIGNATURE];
    vls_buf_init(&text, VLS_MAX_NOTE);
    if (!key->is_cosigner || !vls_note_is_name(vls_slice_text(key->name)) || time_s > MAX_TIME_S)
        return vls_fail(VLS_LEDGER_NOTE, why, "the key %s cannot cosign at %" PRIu64, key->name,
                        time_s);
    VLS_TRY(add_cosigned(checkpoint, time_s, &text, why));
    vls_put_u64(timed, time_s);
    VLS_TRY(sign(ctx, vls_buf_slice(&text), timed + TIME_BYTES, why));
    vls_buf_clear(&text);
    VLS_TRY(add_line(key, VLS_SLICE(timed, sizeof timed), &text));
    return vls_buf_add_slice(out, vls_buf_slice(&text));
}

/* -- reading ----------------------------------------------------------------------------------- */

static struct vls_status read_root(struct vls_slice text, struct vls_digest *out,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf root;
    vls_buf_init(&root, VLS_DIGEST_BYTES);
    struct vls_status s = vls_base64_read(text, &root);
    if (s.code == VLS_SYSTEM_MEMORY)
        return s;
    if (!vls_ok(s) || !vls_ok(vls_digest_from(vls_buf_slice(&root), out)))
        return refuse(why, 3, "is not the base64 of a root of 32 bytes");
    return VLS_DONE;
}

/* The body and the empty line behind it. */
static struct vls_status take_body(struct vls_reader *note, struct vls_checkpoint *out,
                                   struct vls_why *why)
{
    struct vls_checkpoint checkpoint = {.origin = ""};
    struct vls_slice origin = vls_reader_until(note, '\n');
    if (note->failed || origin.len >= sizeof checkpoint.origin || !vls_note_is_name(origin))
        return refuse(why, 1, "is not the origin of a log");
    vls_copy(checkpoint.origin, origin.at, origin.len);
    struct vls_slice size = vls_reader_until(note, '\n');
    if (note->failed || !vls_decimal_read(size, &checkpoint.size))
        return refuse(why, 2, "is not a size, decimal and without leading zeros");
    struct vls_slice root = vls_reader_until(note, '\n');
    if (note->failed)
        return refuse(why, 3, "is not there");
    VLS_TRY(read_root(root, &checkpoint.root, why));
    struct vls_digest empty = vls_digest_of(NULL, 0);
    if (checkpoint.size == 0 && !vls_digest_is_equal(&checkpoint.root, &empty))
        return refuse(why, 3, "is not the root of an empty log");
    struct vls_slice end = vls_reader_until(note, '\n');
    if (note->failed || end.len != 0)
        return refuse(why, 4, "is not empty: extension lines are not accepted");
    *out = checkpoint;
    return VLS_DONE;
}

/* One signature line; `bytes` is emptied and holds what the line's `bytes` points at. */
static struct vls_status take_line(struct vls_reader *lines, unsigned number, struct vls_buf *bytes,
                                   struct line *out, struct vls_why *why)
{
    struct vls_reader line = vls_reader_of(vls_reader_until(lines, '\n'));
    if (lines->failed)
        return refuse(why, number, "does not end with a line feed");
    struct vls_slice dash = vls_reader_bytes(&line, sizeof EM_DASH - 1);
    if (line.failed || !vls_slice_is_equal(dash, vls_slice_text(EM_DASH)))
        return refuse(why, number, "does not begin like a signature, with a dash and a space");
    struct vls_slice name = vls_reader_until(&line, ' ');
    if (line.failed || !vls_note_is_name(name))
        return refuse(why, number, "has no key name");
    vls_buf_clear(bytes);
    struct vls_status s = vls_base64_read(line.rest, bytes);
    if (s.code == VLS_SYSTEM_MEMORY)
        return s;
    if (!vls_ok(s) || bytes->len <= VLS_KEY_ID)
        return refuse(why, number, "has no signature in base64");
    *out = (struct line){number, name, vls_buf_slice(bytes)};
    return VLS_DONE;
}

static bool is_by(const struct line *line, const struct vls_note_key *key)
{
    uint8_t id[VLS_KEY_ID];
    if (!vls_slice_is_equal(line->name, vls_slice_text(key->name)))
        return false;
    vls_note_key_id(key, id);
    return vls_slice_is_equal(VLS_SLICE(line->bytes.at, VLS_KEY_ID), VLS_SLICE(id, VLS_KEY_ID));
}

/* Verify one line that is by `key`. */
static struct vls_status verify_line(const struct line *line, const struct vls_note_key *key,
                                     const struct vls_checkpoint *checkpoint, uint64_t *time_s,
                                     struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    struct vls_reader reader = vls_reader_of(line->bytes);
    bool fits = line->bytes.len == (key->is_cosigner ? COSIGNATURE_BYTES : SIGNATURE_BYTES);
    uint64_t made_s = 0;
    vls_buf_init(&text, VLS_MAX_NOTE);
    vls_reader_bytes(&reader, VLS_KEY_ID);
    if (key->is_cosigner) {
        made_s = vls_reader_u64(&reader);
        VLS_TRY(add_cosigned(checkpoint, made_s, &text, why));
    } else {
        VLS_TRY(add_body(checkpoint, &text, why));
    }
    if (!fits || made_s > MAX_TIME_S ||
        !vls_ed25519_is_valid(key->key, vls_buf_slice(&text), reader.rest.at))
        return vls_fail(VLS_LEDGER_SIGNATURE, why,
                        "line %u: the signature by %s does not verify under the key known for it",
                        line->number, key->name);
    *time_s = made_s > *time_s ? made_s : *time_s;
    return VLS_DONE;
}

/* All signature lines, to the end. Without a key they need only be well formed. */
static struct vls_status verify_lines(struct vls_reader *lines, unsigned number,
                                      const struct vls_note_key *key,
                                      const struct vls_checkpoint *checkpoint, uint64_t *out_time_s,
                                      struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    unsigned found = 0;
    uint64_t time_s = 0;
    struct line line = {.number = 0};
    vls_buf_init(&bytes, VLS_MAX_NOTE);
    for (; !vls_reader_is_at_end(lines); number++) {
        VLS_TRY(take_line(lines, number, &bytes, &line, why));
        if (key == NULL || !is_by(&line, key))
            continue;
        VLS_TRY(verify_line(&line, key, checkpoint, &time_s, why));
        found++;
    }
    if (key != NULL && found == 0)
        return vls_fail(VLS_LEDGER_SIGNATURE, why, "there is no signature by the known key of %s",
                        key->name);
    *out_time_s = time_s;
    return VLS_DONE;
}

static struct vls_status check_length(struct vls_slice note, struct vls_why *why)
{
    if (note.len <= VLS_MAX_NOTE)
        return VLS_DONE;
    return vls_fail(VLS_LEDGER_NOTE, why, "a signed note of %zu bytes, and the limit is %d",
                    note.len, VLS_MAX_NOTE);
}

/* `key` NULL: the form alone. */
static struct vls_status read_note(struct vls_slice note, const struct vls_note_key *key,
                                   struct vls_checkpoint *out, struct vls_why *why)
{
    struct vls_reader reader = vls_reader_of(note);
    struct vls_checkpoint checkpoint;
    uint64_t time_s;
    VLS_TRY(check_length(note, why));
    VLS_TRY(take_body(&reader, &checkpoint, why));
    if (reader.rest.len == 0)
        return refuse(why, BODY_LINES + 1, "is not there: a note has at least one signature");
    if (key != NULL && (key->is_cosigner || strcmp(key->name, checkpoint.origin) != 0))
        return vls_fail(VLS_LEDGER_SIGNATURE, why, "the note is of the log %s, and the key of %s",
                        checkpoint.origin, key->name);
    VLS_TRY(verify_lines(&reader, BODY_LINES + 1, key, &checkpoint, &time_s, why));
    *out = checkpoint;
    return VLS_DONE;
}

struct vls_status vls_checkpoint_verify(struct vls_slice note, const struct vls_note_key *key,
                                        struct vls_checkpoint *out, struct vls_why *why)
{
    if (key == NULL)
        return vls_fail(VLS_SYSTEM_BUG, why, "a note cannot be verified without a key");
    return read_note(note, key, out, why);
}

struct vls_status vls_checkpoint_read(struct vls_slice note, struct vls_checkpoint *out,
                                      struct vls_why *why)
{
    return read_note(note, NULL, out, why);
}

/* Append the lines of the log itself as they stand, by any key or by this one; how many is said. */
static struct vls_status add_own_lines(struct vls_reader *lines, const char *origin,
                                       const struct vls_note_key *key, struct vls_buf *out,
                                       unsigned *out_count, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    struct line line = {.number = 0};
    vls_buf_init(&bytes, VLS_MAX_NOTE);
    *out_count = 0;
    for (unsigned number = BODY_LINES + 1; !vls_reader_is_at_end(lines); number++) {
        struct vls_slice from = lines->rest;
        VLS_TRY(take_line(lines, number, &bytes, &line, why));
        if (!vls_slice_is_equal(line.name, vls_slice_text(origin)) ||
            (key != NULL && !is_by(&line, key)))
            continue;
        VLS_TRY(vls_buf_add(out, from.at, from.len - lines->rest.len));
        ++*out_count;
    }
    return VLS_DONE;
}

static struct vls_status strip(struct vls_slice note, const struct vls_note_key *key,
                               struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    struct vls_reader reader = vls_reader_of(note);
    struct vls_checkpoint checkpoint;
    unsigned count;
    vls_buf_init(&text, VLS_MAX_NOTE);
    VLS_TRY(check_length(note, why));
    VLS_TRY(take_body(&reader, &checkpoint, why));
    VLS_TRY(vls_buf_add(&text, note.at, note.len - reader.rest.len));
    VLS_TRY(add_own_lines(&reader, checkpoint.origin, key, &text, &count, why));
    if (count == 0)
        return vls_fail(VLS_LEDGER_NOTE, why, "the note bears no signature of its log %s",
                        checkpoint.origin);
    return vls_buf_add_slice(out, vls_buf_slice(&text));
}

struct vls_status vls_checkpoint_signed(struct vls_slice note, struct vls_buf *out,
                                        struct vls_why *why)
{
    return strip(note, NULL, out, why);
}

struct vls_status vls_checkpoint_signed_by(struct vls_slice note, const struct vls_note_key *key,
                                           struct vls_buf *out, struct vls_why *why)
{
    return strip(note, key, out, why);
}

/* What stands in front of signature lines, when they are not alone. */
static struct vls_status pass_body(struct vls_slice lines, struct vls_reader *out_lines,
                                   unsigned *out_number, struct vls_why *why)
{
    struct vls_checkpoint in_front;
    *out_lines = vls_reader_of(lines);
    *out_number = 1;
    VLS_TRY(check_length(lines, why));
    if (lines.len != 0 && lines.at[0] != (uint8_t)EM_DASH[0]) {
        VLS_TRY(take_body(out_lines, &in_front, why));
        *out_number += BODY_LINES;
    }
    return VLS_DONE;
}

bool vls_note_bears(struct vls_slice lines, const struct vls_note_key *key)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    struct vls_reader reader;
    struct line line = {.number = 0};
    unsigned number;
    vls_buf_init(&bytes, VLS_MAX_NOTE);
    if (!vls_ok(pass_body(lines, &reader, &number, NULL)))
        return false;
    for (; !vls_reader_is_at_end(&reader); number++) {
        if (!vls_ok(take_line(&reader, number, &bytes, &line, NULL)))
            return false;
        if (is_by(&line, key))
            return true;
    }
    return false;
}

struct vls_status vls_cosignature_verify(struct vls_slice lines,
                                         const struct vls_checkpoint *checkpoint,
                                         const struct vls_note_key *key, uint64_t *out_time_s,
                                         struct vls_why *why)
{
    struct vls_reader reader;
    unsigned number;
    if (!key->is_cosigner)
        return vls_fail(VLS_LEDGER_SIGNATURE, why, "the key of %s is not a cosigner's", key->name);
    VLS_TRY(pass_body(lines, &reader, &number, why));
    return verify_lines(&reader, number, key, checkpoint, out_time_s, why);
}
