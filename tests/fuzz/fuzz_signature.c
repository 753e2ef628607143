/* A CMS signature as an operator may hand it in, against a certificate whose key nobody has. */
#include <stdio.h>
#include <unistd.h>

#include "approval/signature.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STATEMENT "exactly these bytes\n"
#define NOW_MS    UINT64_C(1800000000000)

/* of a key that was thrown away */
static const char CERTIFICATE[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBpTCCAUqgAwIBAgIUA7I5cTu3I8GmmPZnRKvFRR2c/KowCgYIKoZIzj0EAwIw\n"
    "ITEQMA4GA1UECgwHRXhhbXBsZTENMAsGA1UEAwwEZnV6ejAeFw0yNjExMjQwMzA2\n"
    "NTNaFw00NjExMTkwMzA2NTNaMCExEDAOBgNVBAoMB0V4YW1wbGUxDTALBgNVBAMM\n"
    "BGZ1enowWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQu+QXPU1S4OLbhqujupbbx\n"
    "+LQAAdYES2qkO6A1dZOMnqRPfaV1iFdwRDejTctY95R1mInWIdSsWoMXtewFFZd+\n"
    "o2AwXjAdBgNVHQ4EFgQUTi11yYoF9IoqY+t+z5IVvPirBOswHwYDVR0jBBgwFoAU\n"
    "Ti11yYoF9IoqY+t+z5IVvPirBOswDwYDVR0TAQH/BAUwAwEB/zALBgNVHQ8EBAMC\n"
    "B4AwCgYIKoZIzj0EAwIDSQAwRgIhAKoRrW3RPJD9g9Ge/t8umtUUOwESlO7fIzKM\n"
    "Z8mhJIbHAiEAz5j56pHZyQoJ9RmhS1EkrPUpVkZQgcWQ0cnCni13yaw=\n"
    "-----END CERTIFICATE-----\n";

static struct vls_anchor *anchor_once(void)
{
    static struct vls_anchor *anchor;
    char path[64];
    int fd = -1;
    if (anchor != NULL)
        return anchor;
    if (!vls_ok(vls_fd_memory_of("anchor", vls_slice_text(CERTIFICATE), &fd, NULL)))
        __builtin_trap();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (!vls_ok(vls_anchor_load(path, &anchor, NULL)))
        __builtin_trap();
    vls_fd_close(&fd);
    return anchor;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_signature who;
    struct vls_why why;
    /* the corpus holds what is signed over this statement: only other bytes can be made of it */
    struct vls_status s =
        vls_signature_verify(vls_slice_text(STATEMENT "forged"), VLS_SLICE(data, size),
                             anchor_once(), NOW_MS, &who, &why);
    if (vls_ok(s))
        __builtin_trap();
    s = vls_signature_verify(vls_slice_text(STATEMENT), VLS_SLICE(data, size), anchor_once(),
                             NOW_MS, &who, &why);
    if (vls_ok(s) && (who.subject[0] == '\0' || !who.is_anchor))
        __builtin_trap();
    return 0;
}
