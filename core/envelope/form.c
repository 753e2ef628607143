#include "envelope/form.h"

#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "base/limits.h"
#include "envelope/seal.h"

/* Tags, first octet of each element. */
enum {
    TAG_INTEGER = 0x02,
    TAG_BITS = 0x03,
    TAG_OCTETS = 0x04,
    TAG_NULL = 0x05,
    TAG_OID = 0x06,
    TAG_SEQUENCE = 0x30,
    TAG_SET = 0x31,
    TAG_KEY_AGREE = 0xa1, /* RecipientInfo [1] */
    TAG_KEK = 0xa2,       /* RecipientInfo [2] */
    TAG_0 = 0xa0,
    TAG_1 = 0xa1
};

#define LONG_LENGTH   0x80u
#define GCM_NONCE     12u
#define TAG_BYTES     16u
#define WRAPPED_BYTES 40u /* 32 bytes under AES key wrap (RFC 3394) */
#define POINT_BYTES   65u /* P-256, uncompressed */
#define POINT_FORM    0x04u
#define MAX_KEK_NAME  64u
#define VERSION_CMS   0u
#define VERSION_AGREE 3u
#define VERSION_KEK   4u

struct oid {
    const char *name;
    struct vls_slice der; /* content octets */
};
#define OID(name, ...)                                                                             \
    {                                                                                              \
        (name),                                                                                    \
        {                                                                                          \
            (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                 \
        }                                                                                          \
    }

static const struct oid AUTH_ENVELOPED =
    OID("authEnvelopedData", 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17);
static const struct oid DATA = OID("data", 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
static const struct oid AES_256_GCM =
    OID("AES-256-GCM", 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e);
static const struct oid AES_256_WRAP =
    OID("AES-256 key wrap", 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d);
static const struct oid ECDH_SHA256 =
    OID("ECDH with X9.63 KDF and SHA-256", 0x2b, 0x81, 0x04, 0x01, 0x0b, 0x01);
static const struct oid EC_PUBLIC_KEY =
    OID("id-ecPublicKey", 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);
static const struct oid P256 = OID("P-256", 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);

bool vls_is_p256(const EVP_PKEY *key)
{
    char group[32];
    size_t len = 0;
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, &len) &&
           strcmp(group, SN_X9_62_prime256v1) == 0;
}

static struct vls_status malformed(struct vls_why *why, const char *where)
{
    return vls_fail(VLS_ENVELOPE_MALFORMED, why, "the CMS structure is not the agreed DER: %s",
                    where);
}

static struct vls_status refused(struct vls_why *why, const char *where, const char *wanted)
{
    return vls_fail(VLS_ENVELOPE_ALGORITHM, why, "the CMS structure's %s is not %s", where, wanted);
}

static uint8_t next_tag(const struct vls_reader *r)
{
    return r->rest.len != 0 ? r->rest.at[0] : 0;
}

/* One element with this tag and a definite length in its shortest form. */
static bool take(struct vls_reader *r, uint8_t tag, struct vls_slice *out)
{
    if (vls_reader_u8(r) != tag)
        return false;
    size_t len = vls_reader_u8(r);
    if (len == (LONG_LENGTH | 1u)) {
        len = vls_reader_u8(r);
        if (len < LONG_LENGTH)
            return false;
    } else if (len == (LONG_LENGTH | 2u)) {
        len = vls_reader_u16(r);
        if (len <= UINT8_MAX)
            return false;
    } else if (len >= LONG_LENGTH) {
        return false;
    }
    *out = vls_reader_bytes(r, len);
    return !r->failed;
}

/* The same, and step into it. */
static bool enter(struct vls_reader *r, uint8_t tag, struct vls_reader *out)
{
    struct vls_slice body;
    if (!take(r, tag, &body))
        return false;
    *out = vls_reader_of(body);
    return true;
}

static bool take_version(struct vls_reader *r, uint8_t version)
{
    struct vls_slice number;
    return take(r, TAG_INTEGER, &number) && number.len == 1 && number.at[0] == version;
}

static bool take_octets(struct vls_reader *r, size_t len)
{
    struct vls_slice octets;
    return take(r, TAG_OCTETS, &octets) && octets.len == len;
}

static struct vls_status take_oid(struct vls_reader *r, const struct oid *wanted, const char *where,
                                  struct vls_why *why)
{
    struct vls_slice oid;
    if (!take(r, TAG_OID, &oid))
        return malformed(why, where);
    return vls_slice_is_equal(oid, wanted->der) ? VLS_DONE : refused(why, where, wanted->name);
}

/* Parameters that say nothing: absent, or NULL as some write it. */
static bool has_no_parameters(struct vls_reader *algorithm)
{
    struct vls_slice null;
    if (next_tag(algorithm) == TAG_NULL && (!take(algorithm, TAG_NULL, &null) || null.len != 0))
        return false;
    return vls_reader_is_done(algorithm);
}

static struct vls_status check_wrap(struct vls_reader *r, const char *where, struct vls_why *why)
{
    struct vls_reader algorithm;
    if (!enter(r, TAG_SEQUENCE, &algorithm))
        return malformed(why, where);
    VLS_TRY(take_oid(&algorithm, &AES_256_WRAP, where, why));
    return has_no_parameters(&algorithm) ? VLS_DONE : malformed(why, where);
}

/* [0] { [1] { { id-ecPublicKey, nothing | NULL | P-256 }, BIT STRING point } } */
static struct vls_status check_originator(struct vls_reader *r, struct vls_why *why)
{
    static const char where[] = "originator's key";
    struct vls_reader outer, key, algorithm;
    struct vls_slice bits;
    if (!enter(r, TAG_0, &outer) || next_tag(&outer) != TAG_1)
        return refused(why, where, "an ephemeral key");
    if (!enter(&outer, TAG_1, &key) || !vls_reader_is_done(&outer) ||
        !enter(&key, TAG_SEQUENCE, &algorithm))
        return malformed(why, where);
    VLS_TRY(take_oid(&algorithm, &EC_PUBLIC_KEY, where, why));
    if (next_tag(&algorithm) == TAG_OID)
        VLS_TRY(take_oid(&algorithm, &P256, where, why));
    if (!has_no_parameters(&algorithm) || !take(&key, TAG_BITS, &bits) || !vls_reader_is_done(&key))
        return malformed(why, where);
    if (bits.len != POINT_BYTES + 1 || bits.at[0] != 0 || bits.at[1] != POINT_FORM)
        return refused(why, where, "an uncompressed point of P-256");
    return VLS_DONE;
}

/* { { issuer, serial } | [0] key identifier, OCTET STRING } for each recipient of this agreement.
 */
static struct vls_status check_wrapped_keys(struct vls_reader *r, size_t *count,
                                            struct vls_why *why)
{
    static const char where[] = "recipient's encrypted key";
    struct vls_reader keys, one, id;
    struct vls_slice issuer, serial;
    if (!enter(r, TAG_SEQUENCE, &keys) || vls_reader_is_at_end(&keys))
        return malformed(why, where);
    while (!vls_reader_is_at_end(&keys)) {
        if (!enter(&keys, TAG_SEQUENCE, &one))
            return malformed(why, where);
        bool is_key_id = next_tag(&one) == TAG_0;
        if (!enter(&one, is_key_id ? TAG_0 : TAG_SEQUENCE, &id))
            return malformed(why, where);
        if (is_key_id ? !take(&id, TAG_OCTETS, &issuer)
                      : !take(&id, TAG_SEQUENCE, &issuer) || !take(&id, TAG_INTEGER, &serial))
            return malformed(why, where);
        if (!vls_reader_is_done(&id) || !take_octets(&one, WRAPPED_BYTES) ||
            !vls_reader_is_done(&one))
            return malformed(why, where);
        if (++*count > VLS_MAX_RECIPIENTS)
            return malformed(why, "more recipients than allowed");
    }
    return VLS_DONE;
}

static struct vls_status check_agreement(struct vls_reader *recipient, size_t *count,
                                         struct vls_why *why)
{
    static const char where[] = "key agreement";
    struct vls_reader algorithm;
    if (!take_version(recipient, VERSION_AGREE))
        return malformed(why, where);
    VLS_TRY(check_originator(recipient, why));
    if (next_tag(recipient) == TAG_1)
        return refused(why, where, "without user keying material");
    if (!enter(recipient, TAG_SEQUENCE, &algorithm))
        return malformed(why, where);
    VLS_TRY(take_oid(&algorithm, &ECDH_SHA256, where, why));
    VLS_TRY(check_wrap(&algorithm, "key wrap", why));
    if (!vls_reader_is_done(&algorithm))
        return malformed(why, where);
    VLS_TRY(check_wrapped_keys(recipient, count, why));
    return vls_reader_is_done(recipient) ? VLS_DONE : malformed(why, where);
}

static struct vls_status check_kek(struct vls_reader *recipient, size_t *count, struct vls_why *why)
{
    static const char where[] = "key-encryption key";
    struct vls_reader id;
    struct vls_slice name;
    if (!take_version(recipient, VERSION_KEK) || !enter(recipient, TAG_SEQUENCE, &id) ||
        !take(&id, TAG_OCTETS, &name) || name.len > MAX_KEK_NAME || !vls_reader_is_done(&id))
        return malformed(why, where);
    VLS_TRY(check_wrap(recipient, where, why));
    if (!take_octets(recipient, WRAPPED_BYTES) || !vls_reader_is_done(recipient))
        return malformed(why, where);
    if (++*count > VLS_MAX_RECIPIENTS)
        return malformed(why, "more recipients than allowed");
    return VLS_DONE;
}

static struct vls_status check_recipients(struct vls_reader *r, struct vls_why *why)
{
    struct vls_reader set, recipient;
    size_t count = 0;
    if (!enter(r, TAG_SET, &set) || vls_reader_is_at_end(&set))
        return malformed(why, "recipients");
    while (!vls_reader_is_at_end(&set)) {
        uint8_t tag = next_tag(&set);
        if (tag != TAG_KEY_AGREE && tag != TAG_KEK)
            return refused(why, "recipient", "of a kind that is agreed on (key agreement)");
        if (!enter(&set, tag, &recipient))
            return malformed(why, "recipients");
        VLS_TRY(tag == TAG_KEK ? check_kek(&recipient, &count, why)
                               : check_agreement(&recipient, &count, why));
    }
    return VLS_DONE;
}

/* { id-data, { aes256-GCM, { nonce, 16 } } }: no content follows, it is detached. */
static struct vls_status check_content(struct vls_reader *r, struct vls_why *why)
{
    static const char where[] = "content encryption";
    struct vls_reader info, algorithm, gcm;
    if (!enter(r, TAG_SEQUENCE, &info))
        return malformed(why, where);
    VLS_TRY(take_oid(&info, &DATA, "content type", why));
    if (!enter(&info, TAG_SEQUENCE, &algorithm))
        return malformed(why, where);
    VLS_TRY(take_oid(&algorithm, &AES_256_GCM, where, why));
    if (!enter(&algorithm, TAG_SEQUENCE, &gcm) || !vls_reader_is_done(&algorithm) ||
        !take_octets(&gcm, GCM_NONCE))
        return malformed(why, where);
    if (!take_version(&gcm, TAG_BYTES) || !vls_reader_is_done(&gcm))
        return refused(why, where, "with a tag of 16 bytes");
    return vls_reader_is_done(&info) ? VLS_DONE : malformed(why, "the content is not detached");
}

struct vls_status vls_form_check(struct vls_slice cms, struct vls_why *why)
{
    struct vls_reader all = vls_reader_of(cms), outer, wrapper, data;
    if (cms.len > VLS_MAX_SEALED_DER)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why,
                        "the CMS structure has %zu bytes, and the limit is %d", cms.len,
                        VLS_MAX_SEALED_DER);
    if (!enter(&all, TAG_SEQUENCE, &outer) || !vls_reader_is_done(&all))
        return malformed(why, "outermost sequence");
    VLS_TRY(take_oid(&outer, &AUTH_ENVELOPED, "type", why));
    if (!enter(&outer, TAG_0, &wrapper) || !vls_reader_is_done(&outer) ||
        !enter(&wrapper, TAG_SEQUENCE, &data) || !vls_reader_is_done(&wrapper) ||
        !take_version(&data, VERSION_CMS))
        return malformed(why, "authEnvelopedData");
    VLS_TRY(check_recipients(&data, why));
    VLS_TRY(check_content(&data, why));
    if (!take_octets(&data, TAG_BYTES) || !vls_reader_is_done(&data))
        return malformed(why, "authentication tag, or attributes where none are agreed on");
    return VLS_DONE;
}

struct vls_status vls_sealed_check(struct vls_slice cms, struct vls_why *why)
{
    return vls_form_check(cms, why);
}
