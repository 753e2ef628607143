#include "ledger/proof.h"

#include "ledger/tile.h"

static bool is_odd(uint64_t value)
{
    return (value & 1) != 0;
}

static struct vls_status refuse(struct vls_why *why, const char *what, uint64_t at, uint64_t size)
{
    return vls_fail(VLS_LEDGER_PROOF, why, "%s (%llu in a log of size %llu)", what,
                    (unsigned long long)at, (unsigned long long)size);
}

struct vls_status vls_proof_inclusion(const struct vls_proof *proof,
                                      const struct vls_digest *leaf_hash, uint64_t index,
                                      uint64_t size, const struct vls_digest *root,
                                      struct vls_why *why)
{
    if (index >= size)
        return refuse(why, "the leaf is outside the log", index, size);
    /* `at` and `last` are the node on the way and the last node, at the height that the walk has
     * reached */
    uint64_t at = index, last = size - 1;
    struct vls_digest hash = *leaf_hash;
    if (proof->count > VLS_MAX_PROOF)
        return refuse(why, "the inclusion proof is too long", index, size);
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return refuse(why, "the inclusion proof is too long", index, size);
        if (is_odd(at) || at == last) {
            hash = vls_node_hash(&proof->hashes[i], &hash);
            for (; !is_odd(at) && at != 0; at >>= 1)
                last >>= 1; /* the last node of an uneven row moves up unchanged */
        } else {
            hash = vls_node_hash(&hash, &proof->hashes[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return refuse(why, "the inclusion proof is too short", index, size);
    if (!vls_digest_is_equal(&hash, root))
        return refuse(why, "the inclusion proof leads to another root", index, size);
    return VLS_DONE;
}

/* The proof proper, 0 < from < size: the roots that it leads to. It begins at `hash`, the largest
 * complete subtree that both logs end the older one with. */
static struct vls_status walk(const struct vls_proof *proof, size_t first, struct vls_digest hash,
                              uint64_t from, uint64_t size, struct vls_digest *out_older,
                              struct vls_digest *out_newer, struct vls_why *why)
{
    uint64_t at = from - 1, last = size - 1;
    struct vls_digest older = hash, newer = hash;
    for (; is_odd(at); at >>= 1)
        last >>= 1;
    for (size_t i = first; i < proof->count; i++) {
        const struct vls_digest *next = &proof->hashes[i];
        if (last == 0)
            return refuse(why, "the consistency proof is too long", from, size);
        if (is_odd(at) || at == last) {
            older = vls_node_hash(next, &older);
            newer = vls_node_hash(next, &newer);
            for (; !is_odd(at) && at != 0; at >>= 1)
                last >>= 1;
        } else {
            newer = vls_node_hash(&newer, next);
        }
        at >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return refuse(why, "the consistency proof is too short", from, size);
    *out_older = older;
    *out_newer = newer;
    return VLS_DONE;
}

struct vls_status vls_proof_prefix(const struct vls_proof *path, uint64_t from, uint64_t size,
                                   struct vls_digest *out_older, struct vls_digest *out_newer,
                                   struct vls_why *why)
{
    if (from == 0 || from >= size)
        return refuse(why, "the one log is not the beginning of the other", from, size);
    if (path->count == 0 || path->count > VLS_MAX_PROOF)
        return refuse(why, "the path has no fitting length", from, size);
    return walk(path, 1, path->hashes[0], from, size, out_older, out_newer, why);
}

struct vls_status vls_proof_consistency(const struct vls_proof *proof, uint64_t from,
                                        const struct vls_digest *from_root, uint64_t size,
                                        const struct vls_digest *root, struct vls_why *why)
{
    if (from > size)
        return refuse(why, "the log has become smaller", from, size);
    if (from == size && from != 0 && !vls_digest_is_equal(from_root, root))
        return vls_fail(VLS_LEDGER_FORK, why, "two different roots of size %llu of one log",
                        (unsigned long long)size);
    if (from == 0 || from == size) {
        if (proof->count != 0)
            return refuse(why, "the consistency proof is too long", from, size);
        return VLS_DONE;
    }
    if (proof->count == 0 || proof->count > VLS_MAX_PROOF)
        return refuse(why, "the consistency proof has no fitting length", from, size);
    bool is_complete =
        (from & (from - 1)) == 0; /* then the proof leaves out its first hash: the old root */
    struct vls_digest older, newer;
    VLS_TRY(walk(proof, is_complete ? 0 : 1, is_complete ? *from_root : proof->hashes[0], from,
                 size, &older, &newer, why));
    if (!vls_digest_is_equal(&older, from_root) || !vls_digest_is_equal(&newer, root))
        return refuse(why, "the consistency proof leads to other roots", from, size);
    return VLS_DONE;
}

struct vls_digest vls_leaf_of_record(enum vls_leaf_kind kind, struct vls_slice record)
{
    uint8_t leaf[1 + VLS_DIGEST_BYTES] = {(uint8_t)kind};
    struct vls_digest digest = vls_digest_of_slice(record);
    vls_copy(leaf + 1, digest.bytes, sizeof digest.bytes);
    return vls_leaf_hash(VLS_SLICE(leaf, sizeof leaf));
}
