#ifndef VALISE_TESTS_ENVELOPE_SUPPORT_H
#define VALISE_TESTS_ENVELOPE_SUPPORT_H
/* Keys, certificates and files that the tests of core/envelope make for themselves. */
#include <openssl/types.h>

#include "base/file.h"
#include "envelope/seal.h"

/** One holder of a sealing key. */
struct holder {
    EVP_PKEY *key;
    X509 *certificate;
};

/** A new key ("P-256", "P-384", "RSA") and a certificate that it signed itself. */
struct holder holder_new(const char *kind, const char *name);
void holder_free(struct holder *h);

/** A memory file with these bytes. */
int file_of(struct vls_slice bytes);
/** A memory file with `len` bytes of a pattern that depends on `seed`. */
int file_of_pattern(size_t len, unsigned seed);
/** An empty memory file. */
int file_new(void);
/** Everything that a file holds, owned by the caller. */
struct vls_buf file_bytes(int fd);

/** Run a program found in PATH, wait, and give its exit status; its output is dropped. */
int run(char *const argv[]);

/** A directory of its own, and its removal with all files (not directories) in it and in
 * "documents" below it. */
void scratch_dir(char out[64]);
void scratch_remove(const char *dir);
void scratch_write(const char *dir, const char *name, struct vls_slice bytes);

#endif
