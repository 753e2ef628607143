#include "ledger.h"

#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double ledger_now(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double ledger_cpu(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

/* -- tiles, as core/route/logs.c keeps them ------------------------------------------------------
 */

static struct vls_status read_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                   uint8_t *out, struct vls_why *why)
{
    struct ledger *l = ctx;
    return vls_store_tile_read(l->store, l->origin, level, index, width, out, why);
}

static struct vls_status write_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                    const uint8_t *hashes, struct vls_why *why)
{
    struct ledger *l = ctx;
    return vls_store_tile_write(l->store, l->origin, level, index, width, hashes, why);
}

/* -- keys -------------------------------------------------------------------------------------- */

static struct vls_status sign(void *ctx, struct vls_slice message,
                              uint8_t out[VLS_ED25519_SIGNATURE], struct vls_why *why)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    size_t len = VLS_ED25519_SIGNATURE;
    bool is_done = md != NULL && EVP_DigestSignInit(md, NULL, NULL, NULL, ctx) == 1 &&
                   EVP_DigestSign(md, out, &len, message.at, message.len) == 1;
    EVP_MD_CTX_free(md);
    return is_done ? VLS_DONE : vls_fail(VLS_SYSTEM_CRYPTO, why, "no signature");
}

vls_note_sign_fn ledger_signature(void)
{
    return sign;
}

/* The key's secret is the digest of its name: the same in each run, and of no use to anybody. */
static VLS_STATUS make_signer(const char *name, bool is_witness, struct ledger_signer *out,
                              struct vls_why *why)
{
    struct vls_digest secret = vls_digest_of_slice(vls_slice_text(name));
    size_t len = VLS_ED25519_KEY;
    out->key = (struct vls_note_key){.is_cosigner = is_witness};
    vls_text_copy(out->key.name, sizeof out->key.name, name);
    out->pair =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret.bytes, VLS_DIGEST_BYTES);
    if (out->pair == NULL || EVP_PKEY_get_raw_public_key(out->pair, out->key.key, &len) != 1)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "no key");
    return VLS_DONE;
}

/* -- the log ----------------------------------------------------------------------------------- */

VLS_STATUS ledger_open(struct vls_store *store, const char *origin, const char *witness,
                       struct ledger *out, struct vls_why *why)
{
    uint64_t size = 0;
    *out = (struct ledger){.store = store, .io = {out, read_tile, write_tile}};
    vls_text_copy(out->origin, sizeof out->origin, origin);
    VLS_TRY(make_signer(origin, false, &out->log, why));
    VLS_TRY(make_signer(witness, true, &out->witness, why));
    VLS_TRY(vls_store_log_size(store, origin, &size, why));
    return vls_tree_open(&out->io, size, &out->tree, why);
}

void ledger_close(struct ledger *ledger)
{
    vls_tree_free(&ledger->tree);
    EVP_PKEY_free(ledger->log.pair);
    EVP_PKEY_free(ledger->witness.pair);
}

struct vls_digest ledger_leaf(uint64_t i)
{
    uint8_t record[8];
    vls_put_u64(record, i);
    return vls_leaf_of_record(VLS_LEAF_SENT, VLS_SLICE(record, sizeof record));
}

VLS_STATUS ledger_append_batch(struct ledger *ledger, uint64_t count, struct vls_why *why)
{
    for (uint64_t i = 0; i < count; i++) {
        struct vls_digest leaf = ledger_leaf(vls_tree_size(ledger->tree));
        VLS_TRY(vls_tree_append(ledger->tree, &leaf, why));
    }
    VLS_TRY(vls_tree_save(ledger->tree, why));
    return vls_store_log_set_size(ledger->store, ledger->origin, vls_tree_size(ledger->tree), why);
}

VLS_STATUS ledger_sign(struct ledger *ledger, struct vls_buf *out_note, struct vls_checkpoint *out,
                       struct vls_why *why)
{
    *out = (struct vls_checkpoint){.size = vls_tree_size(ledger->tree)};
    vls_text_copy(out->origin, sizeof out->origin, ledger->origin);
    VLS_TRY(vls_tree_root(ledger->tree, out->size, &out->root, why));
    VLS_TRY(vls_checkpoint_sign(out, &ledger->log.key, sign, ledger->log.pair, out_note, why));
    return vls_store_checkpoint_put(ledger->store, ledger->origin, out->size, &out->root,
                                    vls_buf_text(out_note), why);
}
