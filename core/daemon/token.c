/* EC_KEY_METHOD is how OpenSSL 3.0 lets a key be elsewhere; it is deprecated, and ends in this
 * file. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "daemon/token.h"

#include <dlfcn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#ifndef CKM_EDDSA
#define CKM_EDDSA 0x1057UL /* PKCS #11 3.0 */
#endif

#define MAX_SLOTS  64
#define MAX_PIN    256
#define P256_POINT 65 /* 0x04, x, y */
#define P256_BYTES 32

struct vls_token {
    void *module;
    CK_FUNCTION_LIST *p11;
    CK_SESSION_HANDLE session;
    bool is_started, has_session;
    EC_KEY_METHOD *method;
    struct vls_token_secret { /* of the sealing key: what its method finds again */
        struct vls_token *token;
        CK_OBJECT_HANDLE key;
    } seal;
};

static struct vls_status refuse(uint32_t code, struct vls_why *why, const char *what, CK_RV rv)
{
    return vls_fail(code, why, "the token: %s (PKCS #11 error 0x%lx)", what, rv);
}

/* -- names ------------------------------------------------------------------------------------- */

bool vls_token_is_uri(const char *setting)
{
    return setting != NULL && strncmp(setting, VLS_TOKEN_URI, sizeof VLS_TOKEN_URI - 1) == 0;
}

/** The value of one attribute. @return CONFIG_INVALID when it is not there, or longer than a label
 */
static struct vls_status attribute(const char *uri, const char *name, char out[VLS_TOKEN_LABEL + 1],
                                   struct vls_why *why)
{
    size_t len = strlen(name);
    for (const char *at = uri + sizeof VLS_TOKEN_URI - 1; *at != '\0';) {
        size_t part = strcspn(at, ";");
        if (part > len + 1 && strncmp(at, name, len) == 0 && at[len] == '=' &&
            part - len - 1 <= VLS_TOKEN_LABEL) {
            vls_text_copy(out, part - len, at + len + 1);
            return VLS_DONE;
        }
        at += part + (at[part] == ';');
    }
    return vls_fail(VLS_CONFIG_INVALID, why,
                    "'%.80s' names no %s; write pkcs11:token=LABEL;object=LABEL", uri, name);
}

/* -- open and close ---------------------------------------------------------------------------- */

static struct vls_status load_module(struct vls_token *token, const char *path, struct vls_why *why)
{
    CK_C_GetFunctionList get = NULL;
    token->module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (token->module == NULL)
        return vls_fail(VLS_CONFIG_INVALID, why, "keys.token-module: %.150s", dlerror());
    void *symbol = dlsym(token->module, "C_GetFunctionList");
    vls_copy((uint8_t *)&get, (const uint8_t *)&symbol, sizeof get); /* as POSIX has it */
    if (get == NULL || get(&token->p11) != CKR_OK)
        return vls_fail(VLS_CONFIG_INVALID, why, "keys.token-module: %.120s is no PKCS #11 module",
                        path);
    CK_RV rv = token->p11->C_Initialize(NULL);
    token->is_started = rv == CKR_OK;
    return token->is_started ? VLS_DONE
                             : refuse(VLS_CONFIG_INVALID, why, "its module does not start", rv);
}

/* Labels are filled up with blanks. */
static bool has_label(const CK_TOKEN_INFO *info, const char *label)
{
    size_t len = strlen(label);
    for (size_t i = 0; i < VLS_TOKEN_LABEL; i++)
        if (info->label[i] != (i < len ? (unsigned char)label[i] : ' '))
            return false;
    return true;
}

static struct vls_status find_slot(struct vls_token *token, const char *label, CK_SLOT_ID *out,
                                   struct vls_why *why)
{
    CK_SLOT_ID slots[MAX_SLOTS];
    CK_ULONG count = MAX_SLOTS;
    CK_RV rv = token->p11->C_GetSlotList(CK_TRUE, slots, &count);
    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
        CK_TOKEN_INFO info;
        if (token->p11->C_GetTokenInfo(slots[i], &info) == CKR_OK && has_label(&info, label)) {
            *out = slots[i];
            return VLS_DONE;
        }
    }
    return vls_fail(VLS_CONFIG_INVALID, why, "no token is labelled '%s'", label);
}

static struct vls_status log_in(struct vls_token *token, const char *pin_file, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf pin;
    vls_buf_init(&pin, MAX_PIN);
    VLS_TRY(vls_file_read_private(pin_file, &pin, why));
    while (pin.len > 0 && (pin.at[pin.len - 1] == '\n' || pin.at[pin.len - 1] == '\r'))
        pin.len--;
    CK_RV rv = token->p11->C_Login(token->session, CKU_USER, pin.at, pin.len);
    vls_mem_wipe(pin.at, pin.len);
    return rv == CKR_OK ? VLS_DONE : refuse(VLS_CONFIG_INVALID, why, "it refuses the PIN", rv);
}

static struct vls_status open_token(struct vls_token *token, const char *module, const char *uri,
                                    const char *pin_file, struct vls_why *why)
{
    char label[VLS_TOKEN_LABEL + 1];
    CK_SLOT_ID slot;
    VLS_TRY(attribute(uri, "token", label, why));
    VLS_TRY(load_module(token, module, why));
    VLS_TRY(find_slot(token, label, &slot, why));
    CK_RV rv = token->p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &token->session);
    if (rv != CKR_OK)
        return refuse(VLS_CONFIG_INVALID, why, "no session can be opened", rv);
    token->has_session = true;
    return log_in(token, pin_file, why);
}

struct vls_status vls_token_open(const char *module, const char *uri, const char *pin_file,
                                 struct vls_token **out, struct vls_why *why)
{
    struct vls_token *token = vls_mem_new(sizeof *token);
    struct vls_status s = open_token(token, module, uri, pin_file, why);
    if (vls_ok(s))
        *out = token;
    else
        vls_token_free(&token);
    return s;
}

/* The module stays mapped: what it started may outlive its handle. */
void vls_token_free(struct vls_token **token)
{
    struct vls_token *t = *token;
    if (t == NULL)
        return;
    if (t->has_session)
        t->p11->C_CloseSession(t->session);
    if (t->is_started)
        t->p11->C_Finalize(NULL);
    if (t->method != NULL)
        EC_KEY_METHOD_free(t->method);
    vls_mem_free(t);
    *token = NULL;
}

/* -- keys -------------------------------------------------------------------------------------- */

static struct vls_status find_object(struct vls_token *token, CK_OBJECT_CLASS class,
                                     const char *uri, CK_OBJECT_HANDLE *out, struct vls_why *why)
{
    char label[VLS_TOKEN_LABEL + 1];
    CK_ULONG count = 0;
    VLS_TRY(attribute(uri, "object", label, why));
    CK_ATTRIBUTE what[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, strlen(label)}};
    CK_RV rv = token->p11->C_FindObjectsInit(token->session, what, 2);
    if (rv == CKR_OK) {
        rv = token->p11->C_FindObjects(token->session, out, 1, &count);
        token->p11->C_FindObjectsFinal(token->session);
    }
    if (rv != CKR_OK || count != 1)
        return vls_fail(VLS_CONFIG_INVALID, why, "the token holds no %s key labelled '%s'",
                        class == CKO_PRIVATE_KEY ? "private" : "public", label);
    return VLS_DONE;
}

/** The public point, out of the OCTET STRING that it stands in. */
static struct vls_status read_point(struct vls_token *token, const char *uri, uint8_t *out,
                                    size_t len, struct vls_why *why)
{
    uint8_t bytes[2 + P256_POINT + 1];
    CK_OBJECT_HANDLE key;
    VLS_TRY(find_object(token, CKO_PUBLIC_KEY, uri, &key, why));
    CK_ATTRIBUTE point = {CKA_EC_POINT, bytes, sizeof bytes};
    CK_RV rv = token->p11->C_GetAttributeValue(token->session, key, &point, 1);
    if (rv != CKR_OK || point.ulValueLen != len + 2 || bytes[0] != 0x04 || bytes[1] != len)
        return refuse(VLS_CONFIG_INVALID, why, "its public key is not of the kind that is needed",
                      rv);
    vls_copy(out, bytes + 2, len);
    return VLS_DONE;
}

struct vls_status vls_token_log_key(struct vls_token *token, const char *uri,
                                    unsigned long *out_handle, uint8_t out_public[VLS_ED25519_KEY],
                                    struct vls_why *why)
{
    CK_OBJECT_HANDLE key;
    VLS_TRY(find_object(token, CKO_PRIVATE_KEY, uri, &key, why));
    VLS_TRY(read_point(token, uri, out_public, VLS_ED25519_KEY, why));
    *out_handle = key;
    return VLS_DONE;
}

struct vls_status vls_token_sign(struct vls_token *token, unsigned long handle,
                                 struct vls_slice message,
                                 uint8_t out_signature[VLS_ED25519_SIGNATURE], struct vls_why *why)
{
    CK_MECHANISM eddsa = {CKM_EDDSA, NULL, 0};
    CK_ULONG len = VLS_ED25519_SIGNATURE;
    CK_RV rv = token->p11->C_SignInit(token->session, &eddsa, handle);
    if (rv == CKR_OK)
        rv = token->p11->C_Sign(token->session, (CK_BYTE *)(uintptr_t)message.at, message.len,
                                out_signature, &len);
    return rv == CKR_OK && len == VLS_ED25519_SIGNATURE
               ? VLS_DONE
               : refuse(VLS_SYSTEM_CRYPTO, why, "it does not sign", rv);
}

/* -- the sealing key --------------------------------------------------------------------------- */

static int secret_index(void)
{
    static int index = -1;
    if (index < 0)
        index = EC_KEY_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return index;
}

/** The shared secret as a session object, its value read and the object destroyed. */
static bool derive(const struct vls_token_secret *secret, uint8_t *point, uint8_t out[P256_BYTES])
{
    CK_FUNCTION_LIST *p11 = secret->token->p11;
    CK_SESSION_HANDLE session = secret->token->session;
    CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, P256_POINT, point};
    CK_MECHANISM ecdh = {CKM_ECDH1_DERIVE, &params, sizeof params};
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG bytes = P256_BYTES;
    CK_ATTRIBUTE made[] = {
        {CKA_CLASS, &class, sizeof class},   {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_TOKEN, &no, sizeof no},         {CKA_SENSITIVE, &no, sizeof no},
        {CKA_EXTRACTABLE, &yes, sizeof yes}, {CKA_VALUE_LEN, &bytes, sizeof bytes}};
    CK_OBJECT_HANDLE shared;
    if (p11->C_DeriveKey(session, &ecdh, secret->key, made, 6, &shared) != CKR_OK)
        return false;
    CK_ATTRIBUTE value = {CKA_VALUE, out, P256_BYTES};
    bool is_read = p11->C_GetAttributeValue(session, shared, &value, 1) == CKR_OK &&
                   value.ulValueLen == P256_BYTES;
    p11->C_DestroyObject(session, shared);
    return is_read;
}

/* compute_key of EC_KEY_METHOD; OpenSSL releases what it gets */
static int compute(unsigned char **out, size_t *out_len, const EC_POINT *peer, const EC_KEY *key)
{
    uint8_t point[P256_POINT];
    const struct vls_token_secret *secret = EC_KEY_get_ex_data(key, secret_index());
    unsigned char *bytes = OPENSSL_malloc(P256_BYTES);
    if (bytes == NULL || secret == NULL ||
        EC_POINT_point2oct(EC_KEY_get0_group(key), peer, POINT_CONVERSION_UNCOMPRESSED, point,
                           sizeof point, NULL) != sizeof point ||
        !derive(secret, point, bytes)) {
        OPENSSL_free(bytes);
        return 0;
    }
    *out = bytes;
    *out_len = P256_BYTES;
    return 1;
}

static EC_KEY *make_key(struct vls_token *token, const uint8_t point[P256_POINT])
{
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    token->method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    if (key == NULL || token->method == NULL)
        goto out;
    EC_KEY_METHOD_set_compute_key(token->method, compute);
    if (EC_KEY_oct2key(key, point, P256_POINT, NULL) == 1 &&
        EC_KEY_set_method(key, token->method) == 1 &&
        EC_KEY_set_ex_data(key, secret_index(), &token->seal) == 1)
        return key;
out:
    EC_KEY_free(key);
    return NULL;
}

struct vls_status vls_token_seal_key(struct vls_token *token, const char *uri, EVP_PKEY **out,
                                     struct vls_why *why)
{
    uint8_t point[P256_POINT];
    CK_OBJECT_HANDLE handle;
    VLS_TRY(find_object(token, CKO_PRIVATE_KEY, uri, &handle, why));
    VLS_TRY(read_point(token, uri, point, sizeof point, why));
    token->seal = (struct vls_token_secret){token, handle};
    EC_KEY *key = make_key(token, point);
    EVP_PKEY *pkey = EVP_PKEY_new();
    if (key == NULL || pkey == NULL || EVP_PKEY_assign_EC_KEY(pkey, key) != 1) {
        EC_KEY_free(key);
        EVP_PKEY_free(pkey);
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "the key of the token cannot be used");
    }
    *out = pkey;
    return VLS_DONE;
}
