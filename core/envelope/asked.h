#ifndef VALISE_ENVELOPE_ASKED_H
#define VALISE_ENVELOPE_ASKED_H
/*
 * envelope/asked - request.json: a request for one document that a program understands (Article
 * 7(2) and (3)). It is a document of an information-request like any other, and sealed with it.
 *
 * Process:   command line, which writes it; reader, which reads what a partner wrote; never a
 *            process that holds keys or the store.
 * Ownership: what vls_asked_read() fills is the caller's, to be released with vls_asked_fini().
 * Start at:  vls_asked_write(). valise-exchange(7) describes the form.
 *
 * A request without such a document is in a person's words, and stays with people.
 */
#include "base/bytes.h"

#define VLS_ASKED_FILE          "request.json"
#define VLS_ASKED_MEDIA         "application/json"
#define VLS_ASKED_MAX           4096u /* bytes of the file */
#define VLS_ASKED_MAX_SYMBOL    128u
#define VLS_ASKED_MAX_LANGUAGE  35u /* a tag of BCP 47, as RFC 5646 section 4.4.1 has it */
#define VLS_ASKED_MAX_LANGUAGES 16u

struct vls_asked {
    char *symbol;                             /* as printed: "A/70/976" */
    char *issuer;                             /* whose symbol it is: "un"; or empty */
    char *languages[VLS_ASKED_MAX_LANGUAGES]; /* "fr"; none: whatever there is */
    size_t language_count;
};

/** A tag such as "fr" or "zh-Hans": letters, digits and hyphens, none at an end. */
bool vls_asked_is_language(const char *text);

/** Appends to `out`. @return INPUT_MALFORMED, INPUT_LIMIT with the member */
VLS_STATUS vls_asked_write(const struct vls_asked *asked, struct vls_buf *out, struct vls_why *why);
/** Strict: a member that is not known, or stands there twice, is refused.
 * @return ENVELOPE_DESCRIPTOR with the member */
VLS_STATUS vls_asked_read(struct vls_slice json, struct vls_asked *out, struct vls_why *why);
void vls_asked_fini(struct vls_asked *asked);

#endif
