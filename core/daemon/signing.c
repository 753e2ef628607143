#include "daemon/signing.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"

/** The last state signed of one log under one of the keys. */
struct vls_signed_log {
    char name[VLS_MAX_ORIGIN + 1]; /* one character for the key, then the origin */
    uint64_t size;
    struct vls_digest root;
    UT_hash_handle hh;
};

void vls_note_signer_init(struct vls_note_signer *signer, const struct vls_keys *keys)
{
    *signer = (struct vls_note_signer){.keys = keys};
}

void vls_note_signer_fini(struct vls_note_signer *signer)
{
    struct vls_signed_log *log, *next;
    VLS_MAP_EACH (signer->logs, log, next) {
        HASH_DEL(signer->logs, log);
        vls_mem_free(log);
    }
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* A checkpoint: of a log of our own. A cosignature: of the two logs that a partner keeps about us.
 */
static struct vls_status check_origin(const struct vls_keys *keys, const char *origin,
                                      bool is_cosignature, struct vls_why *why)
{
    char expected[VLS_MAX_ORIGIN], start[VLS_MAX_PARTY + sizeof "/valise/"];
    if (strlen(origin) >= VLS_MAX_ORIGIN)
        return vls_fail(VLS_INPUT_LIMIT, why, "the name of the log is too long");
    if (!is_cosignature) {
        vls_text_copy(start, sizeof start, keys->party);
        vls_text_copy(start + strlen(start), sizeof start - strlen(start), "/valise/");
        if (begins_with(origin, start) && origin[strlen(start)] != '\0')
            return VLS_DONE;
        return vls_fail(VLS_INPUT_MALFORMED, why, "%s is not a log of %s: it is not signed", origin,
                        keys->party);
    }
    for (size_t i = 0; i < keys->partner_count; i++)
        for (int is_received = 0; is_received <= 1; is_received++) {
            vls_log_origin(keys->partners[i].party, keys->party, is_received, expected);
            if (strcmp(origin, expected) == 0)
                return VLS_DONE;
        }
    return vls_fail(VLS_INPUT_MALFORMED, why,
                    "%s is not a log that a partner keeps with %s: it is not cosigned", origin,
                    keys->party);
}

static struct vls_status check_growth(const struct vls_signed_log *last,
                                      const struct vls_checkpoint *now, struct vls_why *why)
{
    if (last == NULL || now->size > last->size ||
        (now->size == last->size && vls_digest_is_equal(&now->root, &last->root)))
        return VLS_DONE;
    if (now->size < last->size)
        return vls_fail(VLS_LEDGER_FORK, why,
                        "%s: size %llu was signed before, so size %llu is not signed", now->origin,
                        (unsigned long long)last->size, (unsigned long long)now->size);
    return vls_fail(VLS_LEDGER_FORK, why, "%s: another root of size %llu was signed before",
                    now->origin, (unsigned long long)now->size);
}

static struct vls_status remember(struct vls_note_signer *signer, struct vls_signed_log *last,
                                  const char *name, const struct vls_checkpoint *now,
                                  struct vls_why *why)
{
    if (last == NULL) {
        if (HASH_COUNT(signer->logs) >= VLS_MAX_SIGNED_LOGS)
            return vls_fail(VLS_INPUT_LIMIT, why, "more than %u logs in one process",
                            VLS_MAX_SIGNED_LOGS);
        last = vls_mem_new(sizeof *last);
        vls_text_copy(last->name, sizeof last->name, name);
        HASH_ADD_STR(signer->logs, name, last);
    }
    last->size = now->size;
    last->root = now->root;
    return VLS_DONE;
}

/* vls_note_sign_fn; ctx is a struct vls_log_key */
static struct vls_status sign_message(void *ctx, struct vls_slice message,
                                      uint8_t out_signature[VLS_ED25519_SIGNATURE],
                                      struct vls_why *why)
{
    const struct vls_log_key *key = ctx;
    size_t len = VLS_ED25519_SIGNATURE;
    if (key->token != NULL)
        return vls_token_sign(key->token, key->handle, message, out_signature, why);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool is_signed = md != NULL && EVP_DigestSignInit(md, NULL, NULL, NULL, key->key) == 1 &&
                     EVP_DigestSign(md, out_signature, &len, message.at, message.len) == 1 &&
                     len == VLS_ED25519_SIGNATURE;
    EVP_MD_CTX_free(md);
    ERR_clear_error();
    return is_signed ? VLS_DONE
                     : vls_fail(VLS_SYSTEM_CRYPTO, why, "the checkpoint cannot be signed");
}

static struct vls_status write_checkpoint(const struct vls_keys *keys,
                                          const struct vls_checkpoint *checkpoint,
                                          struct vls_buf *out, struct vls_why *why)
{
    struct vls_note_key key = {.is_cosigner = false};
    vls_copy(key.key, keys->log.public_key, sizeof key.key);
    vls_text_copy(key.name, sizeof key.name, checkpoint->origin);
    VLS_TRY(vls_checkpoint_sign(checkpoint, &key, sign_message, (void *)(uintptr_t)&keys->log, out,
                                why));
    if (keys->log_next.key == NULL)
        return VLS_DONE;
    vls_copy(key.key, keys->log_next.public_key, sizeof key.key);
    return vls_checkpoint_sign_also(checkpoint, &key, sign_message,
                                    (void *)(uintptr_t)&keys->log_next, out, why);
}

static struct vls_status write_cosignatures(const struct vls_keys *keys,
                                            const struct vls_checkpoint *checkpoint,
                                            uint64_t time_s, struct vls_buf *out,
                                            struct vls_why *why)
{
    const struct vls_log_key *const both[] = {&keys->witness, &keys->witness_next};
    struct vls_note_key key = {.is_cosigner = true};
    vls_witness_name(keys->party, key.name);
    for (size_t i = 0; i < 2 && both[i]->key != NULL; i++) {
        vls_copy(key.key, both[i]->public_key, sizeof key.key);
        VLS_TRY(vls_checkpoint_cosign(checkpoint, time_s, &key, sign_message,
                                      (void *)(uintptr_t)both[i], out, why));
    }
    return VLS_DONE;
}

struct vls_status vls_note_signer_sign(struct vls_note_signer *signer,
                                       const Valise__SignRequest *request, struct vls_buf *out,
                                       struct vls_why *why)
{
    struct vls_checkpoint now = {.size = request->size};
    struct vls_signed_log *last = NULL;
    char name[sizeof last->name] = {request->is_cosignature ? 'w' : 'l'};
    VLS_TRY(check_origin(signer->keys, request->log, request->is_cosignature, why));
    if (!vls_ok(vls_digest_from(VLS_SLICE(request->root.data, request->root.len), &now.root)))
        return vls_fail(VLS_INPUT_MALFORMED, why, "the root has not 32 bytes");
    vls_text_copy(now.origin, sizeof now.origin, request->log);
    vls_text_copy(name + 1, sizeof name - 1, request->log);
    HASH_FIND_STR(signer->logs, name, last);
    VLS_TRY(check_growth(last, &now, why));
    /* remembered before the signature leaves: if signing fails, the refusal is on the safe side */
    VLS_TRY(remember(signer, last, name, &now, why));
    if (request->is_cosignature)
        return write_cosignatures(signer->keys, &now, request->time_s, out, why);
    return write_checkpoint(signer->keys, &now, out, why);
}
