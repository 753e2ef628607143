/*
 * route/receipt - the answer to a batch: our checkpoint, our cosignature of theirs, and a receipt
 * with its proof for each message.
 */
#include "base/arena.h"
#include "base/file.h"
#include "route/receive_internal.h"

struct paper {
    Valise__Receipt receipts[VLS_BATCH_MESSAGES];
    Valise__Receipt *pointers[VLS_BATCH_MESSAGES];
    Valise__InclusionProof proofs[VLS_BATCH_MESSAGES];
};

static struct vls_status add_proof(struct vls_exchange *e, struct vls_arena *arena, uint64_t index,
                                   Valise__InclusionProof *out, struct vls_why *why)
{
    struct vls_proof proof;
    VLS_TRY(vls_tree_inclusion(e->partner->received.tree, index, e->ours.size, &proof, why));
    struct vls_proof *kept = vls_arena_copy(arena, &proof, sizeof proof);
    out->hashes = vls_arena_take(arena, sizeof *out->hashes * (proof.count + 1));
    if (kept == NULL || out->hashes == NULL)
        return (struct vls_status){VLS_SYSTEM_MEMORY};
    vls_proof_fields(kept, out->hashes);
    out->n_hashes = proof.count;
    out->leaf_index = index;
    return VLS_DONE;
}

static struct vls_status add_receipt(struct vls_exchange *e, struct vls_arena *arena, size_t i,
                                     struct paper *paper, struct vls_why *why)
{
    struct vls_exchange_item *item = &e->items[i];
    Valise__Receipt *receipt = &paper->receipts[i];
    valise__receipt__init(receipt);
    valise__inclusion_proof__init(&paper->proofs[i]);
    paper->pointers[i] = receipt;
    receipt->id = vls_data(vls_id_slice(&item->id));
    receipt->refusal = item->refusal;
    if (item->refusal != 0)
        return VLS_DONE;
    receipt->record = vls_data(vls_buf_slice(&item->record));
    receipt->inclusion = &paper->proofs[i];
    return add_proof(e, arena, item->index, &paper->proofs[i], why);
}

static struct vls_status keep_checkpoint(struct vls_exchange *e, struct vls_why *why)
{
    if (e->ours.size == 0)
        return VLS_DONE;
    VLS_TRY(vls_route_begin(e->route, why));
    return vls_log_keep(&e->partner->received, &e->ours, e->note, why);
}

static struct vls_status pack(struct vls_exchange *e, struct vls_arena *arena, struct paper *paper,
                              int *out_fd, struct vls_why *why)
{
    Valise__ExchangeResponse response = VALISE__EXCHANGE_RESPONSE__INIT;
    Valise__ConsistencyProof consistency = VALISE__CONSISTENCY_PROOF__INIT;
    ProtobufCBinaryData hashes[VLS_MAX_PROOF];
    struct vls_proof proof;
    uint64_t from = e->request->known_received_size;
    VLS_TRY(vls_tree_consistency(e->partner->received.tree, from, e->ours.size, &proof, why));
    vls_proof_fields(&proof, hashes);
    consistency.from_size = from;
    consistency.n_hashes = proof.count;
    consistency.hashes = hashes;
    response.version = VLS_EXCHANGE_VERSION;
    response.cosignature = e->cosignature;
    response.checkpoint = e->note;
    response.consistency = &consistency;
    response.n_receipts = e->count;
    response.receipts = paper->pointers;
    size_t size = valise__exchange_response__get_packed_size(&response);
    uint8_t *bytes = size <= VLS_MAX_EXCHANGE ? vls_arena_take(arena, size) : NULL;
    if (bytes == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "an answer of %zu bytes", size);
    valise__exchange_response__pack(&response, bytes);
    return vls_fd_memory_of("valise-receipts", VLS_SLICE(bytes, size), out_fd, why);
}

struct vls_status vls_exchange_answer(struct vls_exchange *e, int *out_fd, struct vls_why *why)
{
    struct vls_arena *arena = vls_arena_new(VLS_MAX_EXCHANGE);
    struct paper *paper = vls_arena_take(arena, sizeof *paper);
    struct vls_status s =
        paper != NULL ? keep_checkpoint(e, why) : (struct vls_status){VLS_SYSTEM_MEMORY};
    for (size_t i = 0; vls_ok(s) && i < e->count; i++)
        s = add_receipt(e, arena, i, paper, why);
    if (vls_ok(s))
        s = pack(e, arena, paper, out_fd, why);
    vls_arena_free(&arena);
    return s;
}
