/* What a time stamping authority may answer, and tokens from files. */
#include "ledger/stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The issuer of nothing: a self-signed certificate whose key nobody has any more. */
static const char ISSUER[] = "-----BEGIN CERTIFICATE-----\n"
                             "MIIBgzCCASmgAwIBAgIUeoCNcbKBJqgRtfRvajJmNG0bmLQwCgYIKoZIzj0EAwIw\n"
                             "FjEUMBIGA1UEAwwLVGVzdCBpc3N1ZXIwIBcNMjYxMTMwMTgyNzM4WhgPMjEyNjEx\n"
                             "MDYxODI3MzhaMBYxFDASBgNVBAMMC1Rlc3QgaXNzdWVyMFkwEwYHKoZIzj0CAQYI\n"
                             "KoZIzj0DAQcDQgAEkq9o0Bsb8SIFKntKBoA2EO+eT67IAN2yH3ZMcjCyRJsctZvn\n"
                             "UtwAwAjt3c7fy0urEzNoppCD7tlHsD5CK78HFKNTMFEwHQYDVR0OBBYEFIGo0fP/\n"
                             "YO9/Ie/DjC8znJ3L1PzPMB8GA1UdIwQYMBaAFIGo0fP/YO9/Ie/DjC8znJ3L1PzP\n"
                             "MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAI2DfjO4olmovUNV\n"
                             "ig0T/EcPe1QiBzA7UQFm1R0wO6l3AiAE59RpH+ac79H6/d72QZ6J169JwgQv5KH6\n"
                             "krcHwVsfLw==\n"
                             "-----END CERTIFICATE-----\n";

/* What is in `stamp` can be printed, whatever was read. */
static void check_text(const char *text, size_t room)
{
    size_t len = 0;
    while (len < room && text[len] != '\0')
        if ((uint8_t)text[len++] < ' ')
            __builtin_trap();
    if (len == room)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vls_stamp_trust *trust;
    static const uint8_t NONCE[VLS_STAMP_NONCE] = {1};
    struct vls_slice input = VLS_SLICE(data, size);
    struct vls_digest digest = vls_digest_of_slice(VLS_SLICE("note", 4));
    struct vls_stamp stamp;
    struct vls_buf token;
    struct vls_why why;
    if (trust == NULL &&
        !vls_ok(vls_stamp_trust_read(VLS_SLICE(ISSUER, sizeof ISSUER - 1), "issuer", &trust, &why)))
        __builtin_trap();
    vls_buf_init(&token, VLS_MAX_STAMP);
    if (vls_ok(vls_stamp_verify(input, &digest, trust, &stamp, &why)) ||
        vls_ok(vls_stamp_take(input, &digest, NONCE, trust, &token, &stamp, &why)))
        __builtin_trap(); /* nobody has the issuer's key */
    check_text(why.text, sizeof why.text);
    if (vls_ok(vls_stamp_read(input, &digest, &stamp, &why))) {
        check_text(stamp.serial, sizeof stamp.serial);
        check_text(stamp.policy, sizeof stamp.policy);
        check_text(stamp.tsa, sizeof stamp.tsa);
    }
    vls_buf_fini(&token);
    return 0;
}
