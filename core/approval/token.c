/*
 * A key that never leaves its token. OpenSSL reaches PKCS #11 by way of the engine "pkcs11"
 * (package libengine-pkcs11-openssl); engines are deprecated, and their interface ends in this
 * file.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdio.h>

#include <openssl/engine.h>
#include <openssl/err.h>

#include "approval/signature_internal.h"

#define ENGINE_NAME "pkcs11"

/** Of the engine's command LOAD_CERT_CTRL. */
struct load_certificate {
    const char *uri;
    X509 *certificate;
};

static VLS_STATUS refuse(const char *what, struct vls_why *why)
{
    char reason[128] = "";
    ERR_error_string_n(ERR_peek_error(), reason, sizeof reason);
    ERR_clear_error();
    return vls_fail(VLS_CONFIG_INVALID, why, "%s: %s", what, reason);
}

static VLS_STATUS load(ENGINE *engine, const char *uri, const char *pin, EVP_PKEY **out_key,
                       X509 **out_certificate, struct vls_why *why)
{
    if (pin != NULL && ENGINE_ctrl_cmd_string(engine, "PIN", pin, 0) != 1)
        return refuse("the engine takes no PIN", why);
    EVP_PKEY *key = ENGINE_load_private_key(engine, uri, NULL, NULL);
    if (key == NULL)
        return refuse("the token has no such key, or its PIN is another", why);
    if (out_certificate != NULL) {
        struct load_certificate ask = {uri, NULL};
        if (ENGINE_ctrl_cmd(engine, "LOAD_CERT_CTRL", 0, &ask, NULL, 0) != 1 ||
            ask.certificate == NULL) {
            EVP_PKEY_free(key);
            return refuse("the token has no certificate beside that key; name its file", why);
        }
        *out_certificate = ask.certificate;
    }
    *out_key = key;
    return VLS_DONE;
}

struct vls_status vls_token_open(const char *uri, const char *pin, EVP_PKEY **out_key,
                                 X509 **out_certificate, struct vls_why *why)
{
    ENGINE_load_builtin_engines();
    ENGINE *engine = ENGINE_by_id(ENGINE_NAME);
    if (engine == NULL)
        return refuse("OpenSSL has no engine for PKCS #11 (install libengine-pkcs11-openssl)", why);
    if (ENGINE_init(engine) != 1) {
        ENGINE_free(engine);
        return refuse("the engine for PKCS #11 does not start (is PKCS11_MODULE_PATH set?)", why);
    }
    struct vls_status s = load(engine, uri, pin, out_key, out_certificate, why);
    ENGINE_finish(engine); /* the key holds a reference of its own */
    ENGINE_free(engine);
    return s;
}
