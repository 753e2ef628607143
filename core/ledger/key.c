/* Names and keys of ledger/note.h. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ledger/note.h"

#define TYPE_ED25519     0x01
#define TYPE_COSIGNATURE 0x04
#define ID_DIGITS        (2 * VLS_KEY_ID)

void vls_log_origin(const char *owner, const char *partner, bool is_received,
                    char out[VLS_MAX_ORIGIN])
{
    snprintf(out, VLS_MAX_ORIGIN, "%s/valise/%s/%s", owner, partner,
             is_received ? "received" : "sent");
}

void vls_witness_name(const char *party, char out[VLS_MAX_ORIGIN])
{
    snprintf(out, VLS_MAX_ORIGIN, "%s/valise/witness", party);
}

void vls_internal_origin(const char *owner, char out[VLS_MAX_ORIGIN])
{
    snprintf(out, VLS_MAX_ORIGIN, "%s/valise/internal", owner);
}

/* A Unicode space (White_Space=yes) at the front of clean UTF-8; those below U+0020 and U+0085 are
 * control characters. */
static bool starts_with_space(struct vls_slice s)
{
    static const char *const SPACES[] = {
        " ",
        "\xc2\xa0",
        "\xe1\x9a\x80",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xe2\x80\xaf",
        "\xe2\x81\x9f",
        "\xe3\x80\x80",
    };
    for (size_t i = 0; i < sizeof SPACES / sizeof SPACES[0]; i++) {
        size_t len = strlen(SPACES[i]);
        if (s.len >= len && memcmp(s.at, SPACES[i], len) == 0)
            return true;
    }
    return s.len >= 3 && s.at[0] == 0xe2 && s.at[1] == 0x80 && s.at[2] >= 0x80 && s.at[2] <= 0x8a;
}

bool vls_note_is_name(struct vls_slice name)
{
    if (name.len == 0 || !vls_text_is_clean(name, false))
        return false;
    for (; name.len != 0; name.at++, name.len--)
        if (name.at[0] == '+' || starts_with_space(name))
            return false;
    return true;
}

static uint8_t type_of(const struct vls_note_key *key)
{
    return key->is_cosigner ? TYPE_COSIGNATURE : TYPE_ED25519;
}

void vls_note_key_id(const struct vls_note_key *key, uint8_t out[VLS_KEY_ID])
{
    const uint8_t middle[] = {'\n', type_of(key)};
    const struct vls_slice parts[] = {
        vls_slice_text(key->name),
        VLS_SLICE(middle, sizeof middle),
        VLS_SLICE(key->key, sizeof key->key),
    };
    struct vls_digest digest = vls_digest_of(parts, 3);
    vls_copy(out, digest.bytes, VLS_KEY_ID);
}

static void key_id_text(const struct vls_note_key *key, char out[ID_DIGITS + 1])
{
    uint8_t id[VLS_KEY_ID];
    vls_note_key_id(key, id);
    vls_hex(VLS_SLICE(id, sizeof id), out);
}

struct vls_status vls_note_key_text(const struct vls_note_key *key, struct vls_buf *out)
{
    uint8_t encoded[1 + VLS_ED25519_KEY] = {type_of(key)};
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    char id[ID_DIGITS + 1];
    vls_buf_init(&text, VLS_MAX_NOTE);
    key_id_text(key, id);
    vls_copy(encoded + 1, key->key, sizeof key->key);
    VLS_TRY(vls_buf_add_format(&text, "%s+%s+", key->name, id));
    VLS_TRY(vls_base64_add(VLS_SLICE(encoded, sizeof encoded), &text));
    return vls_buf_add_slice(out, vls_buf_slice(&text));
}

static struct vls_status refuse_key(struct vls_why *why, const char *what)
{
    return vls_fail(VLS_LEDGER_NOTE, why, "%s; a key is written NAME+ID+BASE64", what);
}

static struct vls_status read_encoded(struct vls_slice base64, struct vls_note_key *key,
                                      struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf encoded;
    vls_buf_init(&encoded, 1 + VLS_ED25519_KEY);
    struct vls_status s = vls_base64_read(base64, &encoded);
    if (s.code == VLS_SYSTEM_MEMORY)
        return s;
    if (!vls_ok(s) || encoded.len != 1 + VLS_ED25519_KEY)
        return refuse_key(why, "the key is not the base64 of 33 bytes");
    if (encoded.at[0] != TYPE_ED25519 && encoded.at[0] != TYPE_COSIGNATURE)
        return refuse_key(why, "the key is neither of type 1 (Ed25519) nor 4 (cosignature)");
    key->is_cosigner = encoded.at[0] == TYPE_COSIGNATURE;
    vls_copy(key->key, encoded.at + 1, sizeof key->key);
    return VLS_DONE;
}

struct vls_status vls_note_key_read(const char *text, struct vls_note_key *out, struct vls_why *why)
{
    struct vls_reader reader = vls_reader_of(vls_slice_text(text));
    struct vls_slice name = vls_reader_until(&reader, '+');
    struct vls_slice id = vls_reader_until(&reader, '+');
    struct vls_note_key key = {.name = ""};
    char expected[ID_DIGITS + 1];
    if (reader.failed || name.len >= sizeof key.name || !vls_note_is_name(name))
        return refuse_key(why, "the key has no name, a long one, or one with a space");
    vls_copy(key.name, name.at, name.len);
    VLS_TRY(read_encoded(reader.rest, &key, why));
    key_id_text(&key, expected);
    if (!vls_slice_is_equal(id, vls_slice_text(expected)))
        return refuse_key(why, "the id is not that of this name and key");
    *out = key;
    return VLS_DONE;
}

bool vls_ed25519_is_valid(const uint8_t key[VLS_ED25519_KEY], struct vls_slice message,
                          const uint8_t signature[VLS_ED25519_SIGNATURE])
{
    ERR_set_mark(); /* a refusal is an answer here, and no error for whoever reads the queue next */
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, VLS_ED25519_KEY);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_valid =
        public != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
        EVP_DigestVerify(ctx, signature, VLS_ED25519_SIGNATURE, message.at, message.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public);
    ERR_pop_to_mark();
    return is_valid;
}
