#ifndef VALISE_KIT_SAMPLE_H
#define VALISE_KIT_SAMPLE_H
/*
 * kit/sample - a message that a choosy sink takes, from files that its developer gives (--message).
 *
 * Some sinks take only messages of a kind, such as one that submits to a public place: every shape
 * of the kit's own words is then refused, which is right. So they are held to this instead: each
 * shape is taken, or refused with a sentence, and the message of the files is taken afterwards.
 *
 * Process:   valise(1) plugin check.
 * Ownership: the kit owns what was read.
 */
#include "kit/kit.h"
#include "kit/mail.h"

#define KIT_SAMPLE_PARTS 16
#define KIT_SAMPLE_BYTES (64u << 20) /* of one file */

struct kit_sample; /* opaque */

void kit_sample_free(struct kit_sample **sample);

bool kit_is_choosy(const struct kit *kit);
/** The message that is taken: that of the files, or the kit's own words. */
VLS_STATUS kit_sample_mail(struct kit *kit, struct kit_mail *out, struct vls_why *why);
/** What became of a message of some shape: as it is, or, of a choosy sink, fine also when it was
 * refused or put off with a sentence, and the sample is taken behind it. */
VLS_STATUS kit_sample_bears(struct kit *kit, struct kit_session *session, struct vls_status status,
                            struct vls_why *why);

#endif
