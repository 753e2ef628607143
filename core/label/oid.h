#ifndef VALISE_LABEL_OID_H
#define VALISE_LABEL_OID_H
/*
 * label/oid - object identifiers between dotted text and the content of a DER OBJECT IDENTIFIER.
 *
 * Process: all that look at labels. Pure. Arcs may be as long as a UUID (ITU-T X.667: the
 * arc 2.25), so they are handled as decimal digits, never as machine integers.
 */
#include "base/bytes.h"
#include "base/limits.h"

/** Content bytes (no tag, no length) of the dotted form. `out` is emptied first.
 *  @return INPUT_MALFORMED, INPUT_LIMIT above VLS_MAX_OID or VLS_MAX_OID_TEXT */
VLS_STATUS vls_oid_encode(const char *dotted, struct vls_buf *out);

/** Strictly shortest content bytes to the dotted form; `out` has room for VLS_MAX_OID_TEXT.
 *  @return INPUT_MALFORMED, INPUT_LIMIT */
VLS_STATUS vls_oid_text(struct vls_slice content, char *out);

#endif
