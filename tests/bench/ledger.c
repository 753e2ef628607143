/* bench_ledger - what the logs cost: appending, proving, verifying, starting. tests/bench/ledger
 * runs it. */
#include "ledger.h"

#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define MANY         UINT64_C(10000000)
#define LOAD_BATCH   UINT64_C(8192) /* while a long log is made: that is not measured */
#define ENOUGH_S     2.0
#define PROOFS       20000u
#define LARGE_ORIGIN "un/valise/large/sent"
#define TARGET_S     1.0

static const uint64_t BATCHES[] = {1, 32, 256};
#define BATCH_COUNT (sizeof BATCHES / sizeof BATCHES[0])

static const char USAGE[] = "usage: bench_ledger [--entries N] [--json] DIRECTORY\n";

struct figures {
    uint64_t entries;
    double append_per_s[BATCH_COUNT], append_cpu_us[BATCH_COUNT], evidence_us[BATCH_COUNT];
    double load_per_s, prove_per_s, prove_batch_per_s, verify_path_per_s, verify_all_per_s;
    double bytes_per_entry, start_s, commit_us;
    size_t path;
};

static VLS_STATUS open_store(const char *directory, struct vls_store **out, struct vls_why *why)
{
    const struct vls_store_options options = {.dir = directory};
    return vls_store_open(&options, out, why);
}

/* -- appending --------------------------------------------------------------------------------- */

/* Each batch as an exchange commits it: its leaves, one signed checkpoint, one commit, which is on
 * the disk when it returns. */
static VLS_STATUS append_one(struct ledger *log, uint64_t batch, struct vls_buf *note,
                             struct vls_why *why)
{
    struct vls_checkpoint checkpoint;
    vls_buf_clear(note);
    VLS_TRY(vls_store_begin(log->store, why));
    VLS_TRY(ledger_append_batch(log, batch, why));
    VLS_TRY(ledger_sign(log, note, &checkpoint, why));
    VLS_TRY(vls_store_commit(log->store, why));
    bool is_done;
    return vls_store_tiles_settle(log->store, TILES_A_FLUSH, &is_done, why);
}

/* All that are full, as the gateway does it little by little. */
static VLS_STATUS settle(struct vls_store *store, struct vls_why *why)
{
    bool is_done = false;
    while (!is_done) {
        VLS_TRY(vls_store_tiles_settle(store, UINT_MAX, &is_done, why));
        VLS_TRY(vls_store_begin(store, why));
        VLS_TRY(vls_store_commit(store, why));
    }
    return VLS_DONE;
}

static VLS_STATUS measure_append(struct vls_store *store, size_t which, struct figures *out,
                                 struct vls_why *why)
{
    char origin[VLS_MAX_ORIGIN];
    struct ledger log;
    uint64_t count = 0, batch = BATCHES[which];
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    vls_buf_init(&note, VLS_MAX_NOTE);
    snprintf(origin, sizeof origin, "un/valise/batch-%" PRIu64 "/sent", batch);
    VLS_TRY(ledger_open(store, origin, "iom/valise/witness", &log, why));
    double began = ledger_now(), cpu = ledger_cpu(), took = 0;
    struct vls_status s;
    do {
        s = append_one(&log, batch, &note, why);
        count += batch;
        took = ledger_now() - began;
    } while (vls_ok(s) && took < ENOUGH_S);
    out->append_per_s[which] = (double)count / took;
    out->append_cpu_us[which] = (ledger_cpu() - cpu) * 1e6 / (double)count;
    ledger_close(&log);
    return s;
}

/* -- a long log -------------------------------------------------------------------------------- */

static uint64_t counted; /* nftw() hands nothing on */

static int count_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)path;
    (void)where;
    counted += type == FTW_F ? (uint64_t)st->st_size : 0;
    return 0;
}

/* The database, and the tiles that are files. */
static uint64_t file_bytes(const char *directory)
{
    counted = 0;
    return nftw(directory, count_file, 16, FTW_PHYS) == 0 ? counted : 0;
}

static VLS_STATUS make_long(struct vls_store *store, struct figures *f, struct vls_why *why)
{
    struct ledger log;
    struct vls_checkpoint checkpoint;
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    vls_buf_init(&note, VLS_MAX_NOTE);
    VLS_TRY(ledger_open(store, LARGE_ORIGIN, "iom/valise/witness", &log, why));
    double began = ledger_cpu();
    struct vls_status s = VLS_DONE;
    for (uint64_t size = 0; vls_ok(s) && (size = vls_tree_size(log.tree)) < f->entries;) {
        uint64_t left = f->entries - size;
        s = vls_store_begin(store, why);
        if (vls_ok(s))
            s = ledger_append_batch(&log, left < LOAD_BATCH ? left : LOAD_BATCH, why);
        if (vls_ok(s))
            s = vls_store_commit(store, why);
        if (vls_ok(s))
            s = settle(store, why);
    }
    f->load_per_s = (double)f->entries / (ledger_cpu() - began);
    if (vls_ok(s))
        s = vls_store_begin(store, why);
    if (vls_ok(s))
        s = ledger_sign(&log, &note, &checkpoint, why);
    if (vls_ok(s))
        s = vls_store_commit(store, why);
    ledger_close(&log);
    return s;
}

/* From nothing open to a log that can append and prove, whose root is the one that was signed. */
static VLS_STATUS measure_start(const char *directory, struct figures *f, struct vls_why *why)
{
    struct vls_store *store VLS_DEFER(vls_store_free) = NULL;
    struct ledger log;
    struct vls_digest root, signed_root;
    uint64_t size = 0;
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    vls_buf_init(&note, VLS_MAX_NOTE);
    double began = ledger_now();
    VLS_TRY(open_store(directory, &store, why));
    VLS_TRY(ledger_open(store, LARGE_ORIGIN, "iom/valise/witness", &log, why));
    struct vls_status s =
        vls_store_checkpoint(store, LARGE_ORIGIN, 0, &size, &signed_root, &note, why);
    if (vls_ok(s))
        s = vls_tree_root(log.tree, size, &root, why);
    f->start_s = ledger_now() - began;
    if (vls_ok(s) && (size != f->entries || !vls_digest_is_equal(&root, &signed_root)))
        s = vls_fail(VLS_STORE_DAMAGED, why, "the log of %" PRIu64 " entries is another one now",
                     f->entries);
    ledger_close(&log);
    return s;
}

/* -- proofs of it ------------------------------------------------------------------------------ */

/* Indexes that lie anywhere, the same ones in each run. */
static uint64_t index_at(uint64_t i, uint64_t size)
{
    return (i * UINT64_C(0x9e3779b97f4a7c15)) % size;
}

static VLS_STATUS prove(struct ledger *log, struct vls_proof *proofs, struct figures *f,
                        struct vls_why *why)
{
    double began = ledger_cpu();
    for (uint64_t i = 0; i < PROOFS; i++)
        VLS_TRY(
            vls_tree_inclusion(log->tree, index_at(i, f->entries), f->entries, &proofs[i], why));
    f->prove_per_s = PROOFS / (ledger_cpu() - began);
    struct vls_proof near;
    began = ledger_cpu();
    for (uint64_t i = 0; i < PROOFS; i++) /* those of the last batches */
        VLS_TRY(vls_tree_inclusion(log->tree, f->entries - 1 - i % 128, f->entries, &near, why));
    f->prove_batch_per_s = PROOFS / (ledger_cpu() - began);
    f->path = proofs[0].count;
    return VLS_DONE;
}

static VLS_STATUS verify(struct ledger *log, const struct vls_proof *proofs, struct vls_slice note,
                         struct figures *f, struct vls_why *why)
{
    struct vls_checkpoint checkpoint;
    VLS_TRY(vls_checkpoint_verify(note, &log->log.key, &checkpoint, why));
    double began = ledger_cpu();
    for (uint64_t i = 0; i < PROOFS; i++) {
        struct vls_digest leaf = ledger_leaf(index_at(i, f->entries));
        VLS_TRY(vls_proof_inclusion(&proofs[i], &leaf, index_at(i, f->entries), checkpoint.size,
                                    &checkpoint.root, why));
    }
    f->verify_path_per_s = PROOFS / (ledger_cpu() - began);
    began = ledger_cpu();
    for (uint64_t i = 0; i < PROOFS / 10; i++) { /* a signature each time, as with proof files */
        struct vls_digest leaf = ledger_leaf(index_at(i, f->entries));
        VLS_TRY(vls_checkpoint_verify(note, &log->log.key, &checkpoint, why));
        VLS_TRY(vls_proof_inclusion(&proofs[i], &leaf, index_at(i, f->entries), checkpoint.size,
                                    &checkpoint.root, why));
    }
    f->verify_all_per_s = PROOFS / 10 / (ledger_cpu() - began);
    return VLS_DONE;
}

static VLS_STATUS measure_proofs(struct vls_store *store, struct figures *f, struct vls_why *why)
{
    struct ledger log;
    struct vls_digest root;
    uint64_t size = 0;
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    struct vls_proof *proofs VLS_DEFER(vls_mem_freep) = vls_mem_try(PROOFS * sizeof *proofs);
    vls_buf_init(&note, VLS_MAX_NOTE);
    if (proofs == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the proofs");
    VLS_TRY(ledger_open(store, LARGE_ORIGIN, "iom/valise/witness", &log, why));
    struct vls_status s = vls_store_checkpoint(store, LARGE_ORIGIN, 0, &size, &root, &note, why);
    if (vls_ok(s))
        s = prove(&log, proofs, f, why);
    if (vls_ok(s))
        s = verify(&log, proofs, vls_buf_slice(&note), f, why);
    ledger_close(&log);
    return s;
}

/* -- report ------------------------------------------------------------------------------------ */

static void report_people(const struct figures *f)
{
    printf("%-28s%12s%12s%12s\n", "batch", "1", "32", "256");
    printf("%-28s%12.0f%12.0f%12.0f\n", "appends/s, each batch synced", f->append_per_s[0],
           f->append_per_s[1], f->append_per_s[2]);
    printf("%-28s%12.1f%12.1f%12.1f\n", "  processor us an entry", f->append_cpu_us[0],
           f->append_cpu_us[1], f->append_cpu_us[2]);
    printf("%-28s%12.1f%12.1f%12.1f\n", "evidence us a message*", f->evidence_us[0],
           f->evidence_us[1], f->evidence_us[2]);
    printf("%-28s%12.1f%12.1f%12.1f\n", "  of which a commit alone",
           f->commit_us / (double)BATCHES[0], f->commit_us / (double)BATCHES[1],
           f->commit_us / (double)BATCHES[2]);
    printf("\nof a log of %" PRIu64 " entries, by processor time:\n", f->entries);
    printf("%-36s%12.0f\n", "appends/s, 8192 a commit", f->load_per_s);
    printf("%-36s%12.0f   (%zu hashes each)\n", "proofs/s of entries anywhere", f->prove_per_s,
           f->path);
    printf("%-36s%12.0f\n", "proofs/s of the last 128 entries", f->prove_batch_per_s);
    printf("%-36s%12.0f\n", "proofs verified/s, path alone", f->verify_path_per_s);
    printf("%-36s%12.0f\n", "proofs verified/s, with signature", f->verify_all_per_s);
    printf("%-36s%12.1f\n", "bytes an entry", f->bytes_per_entry);
    printf("%-36s%12.4f   (target: under %.0f)\n", "seconds to start", f->start_s, TARGET_S);
    printf(
        "\n* both sides together: two logs, two signatures and two cosignatures a batch, all "
        "proofs made and verified, tiles and notes kept; processor time. What an exchange commits "
        "in any case is in it.\n");
}

static void report_json(const struct figures *f)
{
    for (size_t i = 0; i < BATCH_COUNT; i++)
        printf("{\"batch\":%" PRIu64 ",\"appends_per_s\":%.0f,\"append_cpu_us\":%.2f,"
               "\"evidence_us\":%.2f,\"commit_us\":%.2f}\n",
               BATCHES[i], f->append_per_s[i], f->append_cpu_us[i], f->evidence_us[i],
               f->commit_us / (double)BATCHES[i]);
    printf("{\"entries\":%" PRIu64 ",\"load_per_s\":%.0f,\"prove_per_s\":%.0f,"
           "\"prove_batch_per_s\":%.0f,\"verify_path_per_s\":%.0f,\"verify_per_s\":%.0f,"
           "\"bytes_per_entry\":%.2f,\"start_s\":%.6f}\n",
           f->entries, f->load_per_s, f->prove_per_s, f->prove_batch_per_s, f->verify_path_per_s,
           f->verify_all_per_s, f->bytes_per_entry, f->start_s);
}

static VLS_STATUS measure_batches(const char *directory, struct figures *f, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct vls_store *store VLS_DEFER(vls_store_free) = NULL;
    VLS_TRY(vls_path_join(directory, "batches", path, sizeof path));
    VLS_TRY(open_store(path, &store, why));
    for (size_t i = 0; i < BATCH_COUNT; i++) {
        VLS_TRY(measure_append(store, i, f, why));
        VLS_TRY(ledger_exchange(store, BATCHES[i], &f->evidence_us[i], why));
        f->evidence_us[i] *= 1e6;
    }
    VLS_TRY(ledger_commit(store, &f->commit_us, why));
    f->commit_us *= 1e6;
    return VLS_DONE;
}

static VLS_STATUS measure_all(const char *directory, struct figures *f, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct vls_store *store VLS_DEFER(vls_store_free) = NULL;
    VLS_TRY(measure_batches(directory, f, why));
    VLS_TRY(vls_path_join(directory, "long", path, sizeof path));
    VLS_TRY(open_store(path, &store, why));
    VLS_TRY(make_long(store, f, why));
    VLS_TRY(measure_proofs(store, f, why));
    vls_store_free(&store);
    f->bytes_per_entry = (double)file_bytes(path) / (double)f->entries;
    return measure_start(path, f, why);
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"entries", required_argument, NULL, 'n'},
                                            {"json", no_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    struct figures f = {.entries = MANY};
    struct vls_why why = {""};
    bool is_json = false;
    for (int letter; (letter = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
        if (letter == 'n')
            f.entries = strtoull(optarg, NULL, 10);
        is_json |= letter == 'j';
    }
    if (optind != argc - 1 || f.entries < 1000) {
        fputs(USAGE, stderr);
        return 2;
    }
    if (!vls_ok(measure_all(argv[optind], &f, &why))) {
        fprintf(stderr, "bench_ledger: %s\n", why.text);
        return 1;
    }
    (is_json ? report_json : report_people)(&f);
    return 0;
}
