#include "envelope/support.h"

/* cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#define DAY_S 86400L

static X509 *certificate_of(EVP_PKEY *key, const char *name)
{
    static long serial = 100;
    X509 *x = X509_new();
    assert_non_null(x);
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(x), DAY_S);
    X509_NAME *subject = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    X509_set_issuer_name(x, subject);
    X509_set_pubkey(x, key);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    return x;
}

struct holder holder_new(const char *kind, const char *name)
{
    struct holder h;
    h.key = strcmp(kind, "RSA") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen(kind);
    assert_non_null(h.key);
    h.certificate = certificate_of(h.key, name);
    return h;
}

void holder_free(struct holder *h)
{
    EVP_PKEY_free(h->key);
    X509_free(h->certificate);
}

int file_new(void)
{
    int fd = -1;
    assert_int_equal(vls_fd_memory("test", &fd, NULL).code, VLS_OK);
    return fd;
}

int file_of(struct vls_slice bytes)
{
    int fd = file_new();
    assert_int_equal(vls_fd_write(fd, bytes, NULL).code, VLS_OK);
    return fd;
}

int file_of_pattern(size_t len, unsigned seed)
{
    uint8_t *at = vls_mem_new(len);
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525u + 1013904223u;
        at[i] = (uint8_t)(state >> 24);
    }
    int fd = file_of(VLS_SLICE(at, len));
    vls_mem_free(at);
    return fd;
}

struct vls_buf file_bytes(int fd)
{
    struct vls_buf bytes;
    vls_buf_init(&bytes, 64u << 20);
    assert_int_equal(vls_fd_read_all(fd, &bytes, NULL).code, VLS_OK);
    return bytes;
}

int run(char *const argv[])
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    assert_int_equal(posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void scratch_dir(char out[64])
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || strlen(base) > 40)
        base = "/tmp";
    snprintf(out, 64, "%s/valise-test-XXXXXX", base);
    assert_non_null(mkdtemp(out));
}

static void remove_files(const char *dir)
{
    char path[512];
    DIR *d = opendir(dir);
    if (d == NULL)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        (void)unlink(path);
    }
    closedir(d);
}

void scratch_remove(const char *dir)
{
    char below[512];
    snprintf(below, sizeof below, "%s/documents", dir);
    remove_files(below);
    (void)rmdir(below);
    remove_files(dir);
    assert_int_equal(rmdir(dir), 0);
}

void scratch_write(const char *dir, const char *name, struct vls_slice bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(vls_file_write(path, bytes, 0600, NULL).code, VLS_OK);
}
