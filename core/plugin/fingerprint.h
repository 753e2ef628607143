#ifndef VALISE_PLUGIN_FINGERPRINT_H
#define VALISE_PLUGIN_FINGERPRINT_H
/*
 * plugin/fingerprint - the fingerprint of a document's text, made where it is handed over: there
 * are neither keys nor the database.
 *
 * Process:   host; command line.
 * Start at:  vls_fingerprint_of().
 */
#include "document/shingle.h"

/** Text whose words can be counted as they stand. */
bool vls_fingerprint_is_text(const char *media_type);

/** Of a file, read from its start; of a large one the begin counts. @return false when it is no
 * text, cannot be read, or has too few words; `out` is unspecified then */
bool vls_fingerprint_of(const char *media_type, int fd, uint64_t bytes,
                        uint8_t out[VLS_MINHASH_BYTES]);

#endif
