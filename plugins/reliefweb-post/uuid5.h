#ifndef VALISE_RELIEFWEB_POST_UUID5_H
#define VALISE_RELIEFWEB_POST_UUID5_H
/*
 * reliefweb-post/uuid5 - identifiers made of an address (RFC 4122, version 5: SHA-1 within a name
 * space): the same address gives the same one, which is what makes a second submission harmless.
 *
 * Pure.
 */
#include <stdbool.h>

#define UUID_ROOM 37u

/* ReliefWeb's name space of documents; that of a document's files is the document's own uuid. */
#define RELIEFWEB_DOCUMENTS "8e27a998-c362-5d1f-b152-d474e1d36af2"

/** false: the name space is no uuid, or libcrypto makes no digest. */
bool uuid5(const char *name_space, const char *name, char out[UUID_ROOM]);

#endif
