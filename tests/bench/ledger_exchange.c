/* One exchange as far as evidence goes, both sides in one process: what core/route does for each
 * batch, without envelopes, roles and network. */
#include "base/mem.h"
#include "ledger.h"

#define ENOUGH_S  1.0
#define COMMITS_S 0.2
#define TIME_S    1800000000u /* of cosignatures */

/* What one side shows the other. */
struct shown {
    struct vls_buf note;
    struct vls_checkpoint checkpoint;
    struct vls_proof consistency, *inclusions;
    uint64_t from;
};

/* The side that keeps the log: append, sign, prove. */
static VLS_STATUS show(struct ledger *log, uint64_t batch, struct shown *out, struct vls_why *why)
{
    out->from = vls_tree_size(log->tree);
    vls_buf_clear(&out->note);
    VLS_TRY(ledger_append_batch(log, batch, why));
    VLS_TRY(ledger_sign(log, &out->note, &out->checkpoint, why));
    VLS_TRY(
        vls_tree_consistency(log->tree, out->from, out->checkpoint.size, &out->consistency, why));
    for (uint64_t i = 0; i < batch; i++)
        VLS_TRY(vls_tree_inclusion(log->tree, out->from + i, out->checkpoint.size,
                                   &out->inclusions[i], why));
    return VLS_DONE;
}

/* The side that is shown it: verify everything, then cosign. */
static VLS_STATUS take(const struct ledger *log, uint64_t batch, const struct shown *shown,
                       const struct vls_digest *known, struct vls_buf *line, struct vls_why *why)
{
    struct vls_checkpoint checkpoint;
    VLS_TRY(vls_checkpoint_verify(vls_buf_slice(&shown->note), &log->log.key, &checkpoint, why));
    VLS_TRY(vls_proof_consistency(&shown->consistency, shown->from, known, checkpoint.size,
                                  &checkpoint.root, why));
    for (uint64_t i = 0; i < batch; i++) {
        struct vls_digest leaf = ledger_leaf(shown->from + i);
        VLS_TRY(vls_proof_inclusion(&shown->inclusions[i], &leaf, shown->from + i, checkpoint.size,
                                    &checkpoint.root, why));
    }
    vls_buf_clear(line);
    return vls_checkpoint_cosign(&checkpoint, TIME_S, &log->witness.key, ledger_signature(),
                                 log->witness.pair, line, why);
}

/* And the first side again: is the cosignature good? Then keep it. */
static VLS_STATUS keep(struct ledger *log, const struct shown *shown, struct vls_buf *line,
                       struct vls_why *why)
{
    uint64_t time_s = 0;
    VLS_TRY(vls_cosignature_verify(vls_buf_slice(line), &shown->checkpoint, &log->witness.key,
                                   &time_s, why));
    return vls_store_cosignature_put(log->store, log->origin, shown->checkpoint.size,
                                     vls_buf_text(line), why);
}

/* Manifests in the sender's log, then receipts in the receiver's. */
static VLS_STATUS exchange(struct ledger logs[2], uint64_t batch, struct shown *shown,
                           struct vls_digest known[2], struct vls_buf *line, struct vls_why *why)
{
    VLS_TRY(vls_store_begin(logs[0].store, why));
    for (int i = 0; i < 2; i++) {
        VLS_TRY(show(&logs[i], batch, shown, why));
        VLS_TRY(take(&logs[i], batch, shown, &known[i], line, why));
        VLS_TRY(keep(&logs[i], shown, line, why));
        known[i] = shown->checkpoint.root;
    }
    bool is_done;
    VLS_TRY(vls_store_commit(logs[0].store, why));
    return vls_store_tiles_settle(logs[0].store, TILES_A_FLUSH, &is_done, why);
}

static VLS_STATUS measure(struct ledger logs[2], uint64_t batch, struct shown *shown, double *out_s,
                          struct vls_why *why)
{
    struct vls_digest known[2];
    struct vls_buf line VLS_DEFER(vls_buf_fini);
    uint64_t messages = 0;
    vls_buf_init(&line, VLS_MAX_NOTE);
    for (int i = 0; i < 2; i++)
        VLS_TRY(vls_tree_root(logs[i].tree, vls_tree_size(logs[i].tree), &known[i], why));
    double began = ledger_cpu(), took = 0;
    do {
        VLS_TRY(exchange(logs, batch, shown, known, &line, why));
        messages += batch;
        took = ledger_cpu() - began;
    } while (took < ENOUGH_S);
    *out_s = took / (double)messages;
    return VLS_DONE;
}

VLS_STATUS ledger_exchange(struct vls_store *store, uint64_t batch, double *out_s,
                           struct vls_why *why)
{
    struct ledger logs[2];
    struct shown shown = {.from = 0};
    shown.inclusions = vls_mem_try(batch * sizeof *shown.inclusions);
    if (shown.inclusions == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for %llu proofs",
                        (unsigned long long)batch);
    vls_buf_init(&shown.note, VLS_MAX_NOTE);
    struct vls_status s =
        ledger_open(store, "un/valise/iom/sent", "iom/valise/witness", &logs[0], why);
    if (vls_ok(s))
        s = ledger_open(store, "iom/valise/un/received", "un/valise/witness", &logs[1], why);
    if (vls_ok(s))
        s = measure(logs, batch, &shown, out_s, why);
    ledger_close(&logs[0]);
    ledger_close(&logs[1]);
    vls_buf_fini(&shown.note);
    vls_mem_free(shown.inclusions);
    return s;
}

VLS_STATUS ledger_commit(struct vls_store *store, double *out_s, struct vls_why *why)
{
    uint8_t value[8];
    uint64_t count = 0;
    double began = ledger_cpu(), took = 0;
    do {
        vls_put_u64(value, count++);
        VLS_TRY(vls_store_begin(store, why));
        VLS_TRY(vls_store_state_put(store, "bench", "count", VLS_SLICE(value, sizeof value), why));
        VLS_TRY(vls_store_commit(store, why));
        took = ledger_cpu() - began;
    } while (took < COMMITS_S);
    *out_s = took / (double)count;
    return VLS_DONE;
}
