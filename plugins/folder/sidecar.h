#ifndef VALISE_FOLDER_SIDECAR_H
#define VALISE_FOLDER_SIDECAR_H
/*
 * folder/sidecar - NAME.meta: what is to be known of a document, as lines of "key: value" (YAML,
 * one flat mapping).
 *
 * Process: host.
 */
#include "base/bytes.h"

#define SIDECAR_BYTES          16384
#define SIDECAR_RECEIVED_BYTES (1u << 20) /* it lists the documents and their labels */

/** What a side-car in the outbox says; what it does not say is NULL. */
struct sidecar {
    char *kind, *to; /* always there, and names */
    char *label, *body, *subject, *conversation, *in_reply_to, *media_type;
    char *distribution, *safeguards, *embargo, *answer_state;
    char *issuer, *symbol, *language, *title, *published; /* what the document is */
    bool personal_data;
    char **audience, **topics;
    unsigned audience_count, topics_count;
    uint64_t embargo_until_ms; /* `embargo`, read; 0: none */
};

/** @return INPUT_MALFORMED with the key and the line. Release with sidecar_free(). */
VLS_STATUS sidecar_read(struct vls_slice yaml, struct sidecar **out, struct vls_why *why);
void sidecar_free(struct sidecar **sidecar);

/** Append the line key: "value"; an empty or missing value gives no line. */
VLS_STATUS sidecar_add(struct vls_buf *out, const char *key, const char *value);

/** The same with a time. */
VLS_STATUS sidecar_add_time(struct vls_buf *out, const char *key, uint64_t ms);

/** The same with a list; an empty one gives no line. */
VLS_STATUS sidecar_add_list(struct vls_buf *out, const char *key, const char *const *values,
                            uint64_t count);

/** One of the lines has this key, at the top. */
bool sidecar_has(struct vls_slice text, const char *key);

/** One of the lines is exactly the one that sidecar_add() makes of these. */
bool sidecar_says(struct vls_slice text, const char *key, const char *value);

#endif
