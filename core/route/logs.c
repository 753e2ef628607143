/*
 * route/logs - the four logs of a partner: what we sent to and received from it, and what it says
 * it sent and received.
 *
 * Ours are trees in the store. Of theirs we keep each checkpoint that we verified, and move on only
 * along consistency proofs. A log for each direction, since batches of one direction are ordered:
 * so a checkpoint never overtakes an earlier one.
 */
#include "route/logs.h"

#include "base/text.h"
#include "route/alarms.h"
#include "route/route_internal.h"

#define MAX_THEIR_NOTE (VLS_MAX_NOTE / 2) /* of a partner: cosignatures need room below it */

/* -- ours -------------------------------------------------------------------------------------- */

static struct vls_status read_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                   uint8_t *out, struct vls_why *why)
{
    struct vls_log *log = ctx;
    return vls_store_tile_read(log->route->o.store, log->origin, level, index, width, out, why);
}

static struct vls_status write_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                    const uint8_t *hashes, struct vls_why *why)
{
    struct vls_log *log = ctx;
    return vls_store_tile_write(log->route->o.store, log->origin, level, index, width, hashes, why);
}

/* The size and root of the last checkpoint that is kept; 0: none is. */
static struct vls_status read_kept(struct vls_log *log, uint64_t *out_size,
                                   struct vls_digest *out_root, struct vls_why *why)
{
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    vls_buf_init(&note, VLS_MAX_NOTE);
    *out_size = 0;
    struct vls_status s =
        vls_store_checkpoint(log->route->o.store, log->origin, 0, out_size, out_root, &note, why);
    return s.code == VLS_STORE_MISSING ? VLS_DONE : s;
}

/* What is on disk continues what was signed last: otherwise it is damaged, and the next signature
 * would be one under a second history. */
static struct vls_status check_signed(struct vls_log *log, struct vls_why *why)
{
    struct vls_digest kept, root;
    uint64_t size;
    VLS_TRY(read_kept(log, &size, &kept, why));
    if (size == 0)
        return VLS_DONE;
    if (size > log->committed)
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "log %s has %llu entries, and %llu were signed; restore a newer copy",
                        log->origin, (unsigned long long)log->committed, (unsigned long long)size);
    VLS_TRY(vls_tree_root(log->tree, size, &root, why));
    if (!vls_digest_is_equal(&root, &kept))
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "log %s: its first %llu entries are not those that were signed; restore a "
                        "copy",
                        log->origin, (unsigned long long)size);
    return VLS_DONE;
}

struct vls_status vls_log_open_tree(struct vls_log *log, struct vls_route *route,
                                    const char *origin, struct vls_why *why)
{
    *log = (struct vls_log){.route = route, .io = {log, read_tile, write_tile}};
    vls_text_copy(log->origin, sizeof log->origin, origin);
    VLS_TRY(vls_log_reload(log, why));
    return check_signed(log, why);
}

void vls_log_close_tree(struct vls_log *log)
{
    vls_tree_free(&log->tree);
}

struct vls_status vls_log_reload(struct vls_log *log, struct vls_why *why)
{
    vls_tree_free(&log->tree);
    struct vls_digest root;
    VLS_TRY(vls_store_log_size(log->route->o.store, log->origin, &log->committed, why));
    log->saved = log->committed;
    VLS_TRY(read_kept(log, &log->kept, &root, why));
    return vls_tree_open(&log->io, log->committed, &log->tree, why);
}

uint64_t vls_log_next(const struct vls_log *log)
{
    return vls_tree_size(log->tree);
}

struct vls_status vls_log_append(struct vls_log *log, const struct vls_digest *leaf,
                                 struct vls_why *why)
{
    return vls_tree_append(log->tree, leaf, why);
}

struct vls_status vls_log_save(struct vls_log *log, struct vls_why *why)
{
    uint64_t size = vls_tree_size(log->tree);
    if (size == log->saved)
        return VLS_DONE;
    VLS_TRY(vls_tree_save(log->tree, why));
    VLS_TRY(vls_store_log_set_size(log->route->o.store, log->origin, size, why));
    log->saved = size;
    return VLS_DONE;
}

void vls_log_committed(struct vls_log *log)
{
    log->committed = log->saved;
}

struct vls_status vls_log_checkpoint(const struct vls_log *log, struct vls_checkpoint *out,
                                     struct vls_why *why)
{
    vls_text_copy(out->origin, sizeof out->origin, log->origin);
    out->size = log->committed;
    return vls_tree_root(log->tree, out->size, &out->root, why);
}

struct vls_status vls_checkpoint_ask(struct vls_route *route,
                                     const struct vls_checkpoint *checkpoint, bool is_cosignature,
                                     vls_answer_fn fn, void *ctx, struct vls_why *why)
{
    Valise__SignRequest request = VALISE__SIGN_REQUEST__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    request.log = vls_field_text(checkpoint->origin);
    request.size = checkpoint->size;
    request.root = vls_data(vls_digest_slice(&checkpoint->root));
    request.is_cosignature = is_cosignature;
    request.time_s = vls_route_wall(route) / 1000;
    frame.body_case = VALISE__FRAME__BODY_SIGN;
    frame.sign = &request;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_CRYPTO, 0, &frame, NULL, 0,
                              VALISE__FRAME__BODY_SIGN_RESULT, fn, ctx, why);
}

struct vls_status vls_log_keep(struct vls_log *log, const struct vls_checkpoint *checkpoint,
                               const char *note, struct vls_why *why)
{
    VLS_TRY(vls_store_checkpoint_put(log->route->o.store, log->origin, checkpoint->size,
                                     &checkpoint->root, note, why));
    if (checkpoint->size > log->kept)
        log->kept = checkpoint->size;
    return VLS_DONE;
}

/* -- theirs ------------------------------------------------------------------------------------ */

struct vls_status vls_their_log_reload(struct vls_route *route, struct vls_their_log *log,
                                       struct vls_why *why)
{
    struct vls_buf note;
    struct vls_digest root;
    uint64_t size;
    vls_buf_init(&note, VLS_MAX_NOTE);
    struct vls_status s =
        vls_store_checkpoint(route->o.store, log->origin, 0, &size, &root, &note, why);
    vls_buf_fini(&note);
    if (s.code == VLS_STORE_MISSING) {
        log->size = 0; /* never heard of it */
        return VLS_DONE;
    }
    VLS_TRY(s); /* what cannot be read is not forgotten: a log of size 0 may become any log */
    log->size = size;
    log->root = root;
    return VLS_DONE;
}

/* A state older than the known one: a batch that was held up on its way shows such a one, and its
 * sender goes on from what we know. But not with another root than it had. */
static struct vls_status check_older(struct vls_partner *partner, const struct vls_their_log *log,
                                     const struct vls_checkpoint *seen, const char *note,
                                     struct vls_why *why)
{
    struct vls_buf kept VLS_DEFER(vls_buf_fini);
    struct vls_digest root;
    uint64_t size = 0;
    vls_buf_init(&kept, VLS_MAX_NOTE);
    if (seen->size != 0) {
        struct vls_why ignored;
        struct vls_status s = vls_store_checkpoint(partner->route->o.store, log->origin, seen->size,
                                                   &size, &root, &kept, &ignored);
        if (vls_ok(s) && size == seen->size && !vls_digest_is_equal(&root, &seen->root))
            return vls_alarm_fork(partner, log, size, seen, note, NULL, why);
    }
    return vls_fail(VLS_LEDGER_STALE, why, "log %s: known is size %llu, and this is size %llu",
                    log->origin, (unsigned long long)log->size, (unsigned long long)seen->size);
}

static struct vls_status check_consistency(struct vls_partner *partner, struct vls_their_log *log,
                                           const struct vls_checkpoint *seen, const char *note,
                                           const Valise__ConsistencyProof *proof,
                                           struct vls_why *why)
{
    struct vls_proof hashes;
    uint64_t from = proof != NULL ? proof->from_size : 0;
    if (seen->size < log->size)
        return check_older(partner, log, seen, note, why);
    if (seen->size == log->size)
        return log->size == 0 || vls_digest_is_equal(&seen->root, &log->root)
                   ? VLS_DONE
                   : vls_alarm_fork(partner, log, log->size, seen, note, NULL, why);
    if (from != log->size)
        return vls_fail(VLS_LEDGER_STALE, why,
                        "log %s: known is size %llu, the proof starts at %llu", log->origin,
                        (unsigned long long)log->size, (unsigned long long)from);
    VLS_TRY(vls_proof_read(proof != NULL ? proof->n_hashes : 0,
                           proof != NULL ? proof->hashes : NULL, &hashes, why));
    struct vls_status s =
        vls_proof_consistency(&hashes, log->size, &log->root, seen->size, &seen->root, why);
    return vls_ok(s) || log->size == 0
               ? s
               : vls_alarm_fork(partner, log, log->size, seen, note, &hashes, why);
}

struct vls_status vls_their_log_advance(struct vls_partner *partner, struct vls_their_log *log,
                                        const struct vls_note_key *key, const char *note,
                                        const Valise__ConsistencyProof *proof,
                                        struct vls_checkpoint *out, struct vls_why *why)
{
    struct vls_buf bare VLS_DEFER(vls_buf_fini);
    struct vls_checkpoint seen;
    vls_buf_init(&bare, VLS_MAX_NOTE);
    if (vls_slice_text(note).len > MAX_THEIR_NOTE)
        return vls_fail(VLS_LEDGER_NOTE, why,
                        "log %s: a checkpoint of %zu bytes, and %d is the most", log->origin,
                        vls_slice_text(note).len, MAX_THEIR_NOTE);
    VLS_TRY(vls_checkpoint_verify(vls_slice_text(note), key, &seen, why));
    /* lines that were not verified here would stand in our proofs, where others verify them */
    VLS_TRY(vls_checkpoint_signed_by(vls_slice_text(note), key, &bare, why));
    note = vls_buf_text(&bare);
    VLS_TRY(check_consistency(partner, log, &seen, note, proof, why));
    struct vls_status s = VLS_DONE;
    if (seen.size != 0) /* an empty log says nothing worth keeping */
        s = vls_store_checkpoint_put(partner->route->o.store, log->origin, seen.size, &seen.root,
                                     note, why);
    if (s.code == VLS_LEDGER_FORK)
        return vls_alarm_fork(partner, log, seen.size, &seen, note, NULL, why);
    VLS_TRY(s);
    log->size = seen.size;
    log->root = seen.root;
    *out = seen;
    return VLS_DONE;
}

bool vls_cosignature_is_early(const struct vls_route *route, const char *who, uint64_t time_s)
{
    if (time_s <= (vls_route_wall(route) + VLS_CLOCK_SKEW_MS) / 1000)
        return false;
    vls_route_log(route, VLS_LOG_WARN, "cosignature.from_the_future", VLS_F("by", who),
                  VLS_FN("time_s", time_s));
    return true;
}

/* -- proofs on the wire and in the store ------------------------------------------------------- */

struct vls_status vls_proof_read(size_t count, const ProtobufCBinaryData *hashes,
                                 struct vls_proof *out, struct vls_why *why)
{
    if (count > VLS_MAX_PROOF)
        return vls_fail(VLS_LEDGER_PROOF, why, "a proof of %zu hashes, and %d is the most", count,
                        VLS_MAX_PROOF);
    out->count = count;
    for (size_t i = 0; i < count; i++)
        if (!vls_ok(vls_digest_from(vls_bytes(hashes[i]), &out->hashes[i])))
            return vls_fail(VLS_LEDGER_PROOF, why, "hash %zu of a proof is not 32 bytes", i);
    return VLS_DONE;
}

struct vls_slice vls_proof_pack(const struct vls_proof *proof, uint8_t *out)
{
    for (size_t i = 0; i < proof->count; i++)
        vls_copy(out + i * VLS_DIGEST_BYTES, proof->hashes[i].bytes, VLS_DIGEST_BYTES);
    return VLS_SLICE(out, proof->count * VLS_DIGEST_BYTES);
}

void vls_proof_fields(const struct vls_proof *proof, ProtobufCBinaryData *out)
{
    for (size_t i = 0; i < proof->count; i++)
        out[i] = vls_data(vls_digest_slice(&proof->hashes[i]));
}
