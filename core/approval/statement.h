#ifndef VALISE_APPROVAL_STATEMENT_H
#define VALISE_APPROVAL_STATEMENT_H
/*
 * approval/statement - what an officer signs when he releases, withholds or returns a message: a
 * few lines of text, so that he, or the display of his token, can read what the key is put under.
 *
 *     Valise review 1
 *     act: release
 *     message: 019aaf0c-...
 *     ...
 *     note: asked for by the registry
 *
 * Process:   router (writes it and holds what was signed against it), command line (shows it).
 * Ownership: a statement borrows all that it names.
 * Start at:  vls_statement_write(), vls_statement_compare().
 *
 * Nothing reads such a text. Whoever has to know what was signed writes down what it should be, of
 * the message as it is now, and compares bytes.
 */
#include "base/digest.h"
#include "base/id.h"

#define VLS_MAX_STATEMENT 8192u

#define VLS_ACT_RELEASE  "release"
#define VLS_ACT_WITHHOLD "withhold"
#define VLS_ACT_RETURN   "return"

/** Texts are one line each, without control characters. */
struct vls_statement {
    const char *act;
    struct vls_id id;
    const char *kind, *from, *to, *body;
    const char *label; /* before and after: it is lowered by a new message alone */
    struct vls_digest manifest, sealed, content;
    uint64_t sealed_bytes, content_bytes;
    const char *arrangement, *house_rules; /* that decide now; house_rules NULL: none */
    uint32_t arrangement_version, house_rules_version;
    struct vls_digest arrangement_digest, house_rules_digest;
    struct vls_digest decision; /* of the record that referred it */
    const char *officer;
    uint64_t expires_ms;
    const char *note;
};

/** @return INPUT_MALFORMED for a text that is not one clean line, INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_statement_write(const struct vls_statement *statement, struct vls_buf *out);

/** Is `signed_bytes` this statement, whatever note it ends with when `statement->note` is NULL?
 * @return APPROVAL_SIGNATURE with the line that differs */
VLS_STATUS vls_statement_compare(const struct vls_statement *statement,
                                 struct vls_slice signed_bytes, struct vls_why *why);

/** Before it is signed: is it one of this act, message and note, and nothing else but text?
 * @return APPROVAL_FORM */
VLS_STATUS vls_statement_is(struct vls_slice bytes, const char *act, const struct vls_id *id,
                            const char *note, struct vls_why *why);

#endif
