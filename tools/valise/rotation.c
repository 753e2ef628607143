#include "rotation.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TITLE   "valise-key-rotation/v1"
#define EM_DASH "\xe2\x80\x94 "
#define LINES   6 /* in front of the empty one */

static void key_name(const char *party, struct vls_note_key *out)
{
    *out = (struct vls_note_key){.is_cosigner = false};
    snprintf(out->name, sizeof out->name, "%s/valise/keys", party);
}

/* -- writing ----------------------------------------------------------------------------------- */

static VLS_STATUS add_body(const struct rotation *r, struct vls_buf *out)
{
    char made[VLS_TIME_TEXT];
    vls_time_text(r->made_ms, made);
    VLS_TRY(vls_buf_add_format(out, TITLE "\nparty %s\nkey %s\nold ", r->party, r->what));
    VLS_TRY(vls_base64_add(VLS_SLICE(r->old, sizeof r->old), out));
    VLS_TRY(vls_buf_add_text(out, "\nnew "));
    VLS_TRY(vls_base64_add(vls_buf_slice(&r->new), out));
    return vls_buf_add_format(out, "\nmade %s\n", made);
}

static VLS_STATUS add_signature(const struct rotation *r, EVP_PKEY *key, struct vls_slice body,
                                struct vls_buf *out, struct vls_why *why)
{
    struct vls_note_key name;
    uint8_t bytes[VLS_KEY_ID + VLS_ED25519_SIGNATURE];
    size_t len = VLS_ED25519_SIGNATURE, key_len = sizeof name.key;
    key_name(r->party, &name);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool is_signed = md != NULL && EVP_PKEY_get_raw_public_key(key, name.key, &key_len) == 1 &&
                     EVP_DigestSignInit(md, NULL, NULL, NULL, key) == 1 &&
                     EVP_DigestSign(md, bytes + VLS_KEY_ID, &len, body.at, body.len) == 1;
    EVP_MD_CTX_free(md);
    if (!is_signed)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "the statement cannot be signed with this key");
    vls_note_key_id(&name, bytes);
    VLS_TRY(vls_buf_add_format(out, EM_DASH "%s ", name.name));
    VLS_TRY(vls_base64_add(VLS_SLICE(bytes, sizeof bytes), out));
    return vls_buf_add_text(out, "\n");
}

struct vls_status vls_rotation_sign(const struct rotation *rotation, EVP_PKEY *const *keys,
                                    size_t count, struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf body;
    vls_buf_init(&body, ROTATION_MAX);
    VLS_TRY(add_body(rotation, &body));
    VLS_TRY(vls_buf_add_slice(out, vls_buf_slice(&body)));
    VLS_TRY(vls_buf_add_text(out, "\n"));
    for (size_t i = 0; i < count; i++)
        VLS_TRY(add_signature(rotation, keys[i], vls_buf_slice(&body), out, why));
    return VLS_DONE;
}

/* -- reading ----------------------------------------------------------------------------------- */

static VLS_STATUS malformed(struct vls_why *why, unsigned line, const char *what)
{
    return vls_fail(VLS_INPUT_MALFORMED, why, "line %u of the statement %s", line, what);
}

/** What stands behind "WORD " in the next line, as text. */
static VLS_STATUS take(struct vls_reader *r, unsigned line, const char *word, char *out,
                       size_t room, struct vls_why *why)
{
    struct vls_slice text = vls_reader_until(r, '\n');
    size_t len = strlen(word);
    if (r->failed || text.len <= len || memcmp(text.at, word, len) != 0 || text.len - len >= room)
        return malformed(why, line, "is not what belongs there");
    vls_copy((uint8_t *)out, text.at + len, text.len - len);
    out[text.len - len] = '\0';
    if (strlen(out) != text.len - len || !vls_text_is_clean(vls_slice_text(out), false))
        return malformed(why, line, "holds control characters");
    return VLS_DONE;
}

static VLS_STATUS take_base64(struct vls_reader *r, unsigned line, const char *word,
                              struct vls_buf *out, struct vls_why *why)
{
    char text[ROTATION_MAX / 2];
    VLS_TRY(take(r, line, word, text, sizeof text, why));
    return vls_ok(vls_base64_read(vls_slice_text(text), out))
               ? VLS_DONE
               : malformed(why, line, "is not base64");
}

static VLS_STATUS read_body(struct vls_reader *r, struct rotation *out, struct vls_why *why)
{
    char made[VLS_TIME_TEXT], title[sizeof TITLE + 1];
    VLS_DEFER(vls_buf_fini) struct vls_buf old;
    vls_buf_init(&old, sizeof out->old);
    VLS_TRY(take(r, 1, "", title, sizeof title, why));
    if (strcmp(title, TITLE) != 0)
        return malformed(why, 1, "is not " TITLE);
    VLS_TRY(take(r, 2, "party ", out->party, sizeof out->party, why));
    VLS_TRY(take(r, 3, "key ", out->what, sizeof out->what, why));
    VLS_TRY(take_base64(r, 4, "old ", &old, why));
    VLS_TRY(take_base64(r, 5, "new ", &out->new, why));
    VLS_TRY(take(r, 6, "made ", made, sizeof made, why));
    if (old.len != sizeof out->old || !vls_ok(vls_time_read(made, &out->made_ms)))
        return malformed(why, 4, "or line 6 holds no key or no time");
    vls_copy(out->old, old.at, old.len);
    bool is_signer = vls_rotation_is_signer(out);
    if (!vls_text_is_name(out->party, VLS_MAX_PARTY) ||
        (!is_signer && strcmp(out->what, ROTATION_SEAL) != 0) ||
        (is_signer && out->new.len != VLS_ED25519_KEY))
        return malformed(why, 3, "names no key that can be rotated so");
    return VLS_DONE;
}

/** Is there a line by that key, and does it verify? */
static VLS_STATUS find_signature(struct vls_slice lines, const struct vls_note_key *key,
                                 struct vls_slice body, const char *whose, struct vls_why *why)
{
    struct vls_reader r = vls_reader_of(lines);
    uint8_t id[VLS_KEY_ID];
    char start[VLS_MAX_ORIGIN + 8];
    vls_note_key_id(key, id);
    snprintf(start, sizeof start, EM_DASH "%s ", key->name);
    while (!vls_reader_is_at_end(&r)) {
        VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
        struct vls_slice line = vls_reader_until(&r, '\n');
        size_t len = strlen(start);
        vls_buf_init(&bytes, VLS_KEY_ID + VLS_ED25519_SIGNATURE);
        if (r.failed || line.len <= len || memcmp(line.at, start, len) != 0 ||
            !vls_ok(vls_base64_read(VLS_SLICE(line.at + len, line.len - len), &bytes)) ||
            bytes.len != VLS_KEY_ID + VLS_ED25519_SIGNATURE)
            return vls_fail(VLS_INPUT_MALFORMED, why,
                            "the statement has a line that is no "
                            "signature of its party");
        if (memcmp(bytes.at, id, sizeof id) == 0)
            return vls_ed25519_is_valid(key->key, body, bytes.at + VLS_KEY_ID)
                       ? VLS_DONE
                       : vls_fail(VLS_LEDGER_SIGNATURE, why, "the signature by %s does not verify",
                                  whose);
    }
    return vls_fail(VLS_LEDGER_SIGNATURE, why, "%s did not sign it", whose);
}

static VLS_STATUS verify(struct vls_slice text, struct vls_slice lines,
                         const uint8_t key[VLS_ED25519_KEY], const struct rotation *r,
                         struct vls_why *why)
{
    struct vls_note_key name;
    struct vls_slice body = VLS_SLICE(text.at, (size_t)(lines.at - text.at) - 1);
    key_name(r->party, &name);
    vls_copy(name.key, key, VLS_ED25519_KEY);
    VLS_TRY(find_signature(lines, &name, body, "the log key that is known of the party", why));
    if (!vls_rotation_is_signer(r))
        return VLS_DONE;
    vls_copy(name.key, r->new.at, VLS_ED25519_KEY);
    return find_signature(lines, &name, body, "the new key", why);
}

struct vls_status vls_rotation_read(struct vls_slice text, const uint8_t key[VLS_ED25519_KEY],
                                    struct rotation *out, struct vls_why *why)
{
    struct rotation r = {.what = ""};
    struct vls_reader reader = vls_reader_of(text);
    vls_buf_init(&r.new, ROTATION_MAX);
    struct vls_status s = read_body(&reader, &r, why);
    if (vls_ok(s) && (vls_reader_until(&reader, '\n').len != 0 || reader.failed))
        s = malformed(why, LINES + 1, "is not empty");
    if (vls_ok(s))
        s = verify(text, reader.rest, key, &r, why);
    if (vls_ok(s))
        *out = r;
    else
        vls_rotation_fini(&r);
    return s;
}

struct vls_status vls_rotation_party(struct vls_slice text, char out[VLS_MAX_PARTY + 1],
                                     struct vls_why *why)
{
    struct rotation r = {.what = ""};
    struct vls_reader reader = vls_reader_of(text);
    vls_buf_init(&r.new, ROTATION_MAX);
    struct vls_status s = read_body(&reader, &r, why);
    if (vls_ok(s))
        vls_text_copy(out, VLS_MAX_PARTY + 1, r.party);
    vls_rotation_fini(&r);
    return s;
}

bool vls_rotation_is_signer(const struct rotation *rotation)
{
    return strcmp(rotation->what, ROTATION_LOG) == 0 ||
           strcmp(rotation->what, ROTATION_WITNESS) == 0;
}

void vls_rotation_fini(struct rotation *rotation)
{
    vls_buf_fini(&rotation->new);
}
