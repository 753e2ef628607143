#ifndef VALISE_PLUGIN_SNIFF_H
#define VALISE_PLUGIN_SNIFF_H
/*
 * plugin/sniff - what the first bytes of a document say that it is: a page that asks whether one is
 * a robot comes with status 200 and the name of a PDF.
 *
 * Process: host. Pure.
 */
#include "base/bytes.h"

/** So many bytes are enough. */
#define VLS_SNIFF_BYTES 4096

/** A media type, or "" when the bytes say none. Never NULL. */
const char *vls_sniff(struct vls_slice first);

/** The document is not of the type that is stated, as far as its bytes show. A stated type that is
 * empty contradicts nothing. */
bool vls_sniff_contradicts(const char *stated, const char *sniffed);

#endif
