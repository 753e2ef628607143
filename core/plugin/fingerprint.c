/* The fingerprints of texts that a plugin hands over: made here, where there are neither keys nor
 * the database, and given to the router as advice. */
#include "plugin/fingerprint.h"

#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "plugin/host_internal.h"

/* Of a larger text the begin is looked at: the words that count are in it. */
#define MAX_BYTES (4u << 20)

bool vls_fingerprint_is_text(const char *media_type)
{
    static const char *const TYPES[] = {"text/plain", "text/markdown", "text/csv"};
    size_t len = strcspn(media_type, "; ");
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (len == strlen(TYPES[i]) && strncasecmp(media_type, TYPES[i], len) == 0)
            return true;
    return false;
}

bool vls_fingerprint_of(const char *media_type, int fd, uint64_t bytes,
                        uint8_t out[VLS_MINHASH_BYTES])
{
    if (!vls_fingerprint_is_text(media_type))
        return false;
    uint8_t *chunk VLS_DEFER(vls_mem_freep) = vls_mem_new(VLS_IO_CHUNK);
    struct vls_shingler shingler;
    vls_shingler_init(&shingler);
    for (uint64_t at = 0; at < bytes && at < MAX_BYTES;) {
        size_t len = bytes - at < VLS_IO_CHUNK ? (size_t)(bytes - at) : VLS_IO_CHUNK;
        if (!vls_ok(vls_fd_read_at(fd, chunk, len, at, NULL)))
            return false; /* who takes it notices, too */
        vls_shingler_add(&shingler, VLS_SLICE(chunk, len));
        at += len;
    }
    return vls_shingler_finish(&shingler, out);
}

static void add(Valise__Submission *m, size_t i, const uint8_t *minhash)
{
    Valise__Fingerprint *print = vls_mem_new(sizeof *print);
    valise__fingerprint__init(print);
    print->part = (uint32_t)i + 1;
    print->method = (char *)(uintptr_t)VLS_MINHASH_METHOD;
    print->minhash.data = vls_mem_new(VLS_MINHASH_BYTES);
    print->minhash.len = VLS_MINHASH_BYTES;
    vls_copy(print->minhash.data, minhash, VLS_MINHASH_BYTES);
    m->fingerprints[m->n_fingerprints++] = print;
}

void vls_document_fingerprint(struct document *d)
{
    Valise__Submission *m = &d->message;
    uint8_t minhash[VLS_MINHASH_BYTES];
    for (size_t i = 0; i < m->n_parts; i++) {
        if (!vls_fingerprint_of(m->parts[i]->media_type, d->fds[i], m->parts[i]->bytes, minhash))
            continue;
        if (m->fingerprints == NULL)
            m->fingerprints = vls_mem_new(VLS_MAX_PARTS * sizeof(Valise__Fingerprint *));
        add(m, i, minhash);
    }
}

void vls_document_forget_fingerprints(struct document *d)
{
    Valise__Submission *m = &d->message;
    for (size_t i = 0; i < m->n_fingerprints; i++) {
        vls_mem_free(m->fingerprints[i]->minhash.data);
        vls_mem_free(m->fingerprints[i]);
    }
    vls_mem_free(m->fingerprints);
    m->fingerprints = NULL;
    m->n_fingerprints = 0;
}
