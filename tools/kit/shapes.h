#ifndef VALISE_KIT_SHAPES_H
#define VALISE_KIT_SHAPES_H
/*
 * kit/shapes - the messages of every shape that sinks and inspectors are shown, good and broken,
 * and what a process takes while it works on many of them.
 *
 * Process:   valise(1) plugin check.
 * Ownership: a mail borrows its parts and texts.
 */
#include "kit/kit.h"
#include "kit/mail.h"

#define KIT_LARGE_PIECE (1u << 20)
#define KIT_LARGE_TIMES 64u
#define KIT_MANY        100u

/** "some words" in a.txt. */
extern const struct kit_part KIT_PLAIN;

/** A message with a subject, labelled KIT_LABEL. */
struct kit_mail kit_mail_of(const struct kit *kit, const struct kit_part *parts, size_t count);
/** `piece` of KIT_LARGE_PIECE bytes, KIT_LARGE_TIMES times. */
struct kit_part kit_large_part(const uint8_t *piece);
/** So many small parts with names of their own; they live until the next call. */
const struct kit_part *kit_small_parts(size_t count);
/** `len` letters; the caller frees them. */
uint8_t *kit_letters(size_t len);

enum kit_shape {
    KIT_NO_SUBJECT,
    KIT_LONG_SUBJECT,
    KIT_FOREIGN_SUBJECT,
    KIT_HANDLING,
    KIT_ABOUT,
    KIT_EMBARGO,
    KIT_OWN_LABEL,
    KIT_NO_MEDIA_TYPE
};
/** Give a message of one part a shape. */
void kit_shape_it(enum kit_shape shape, struct kit_mail *mail, struct kit_part *part);

enum kit_breach { KIT_CUT, KIT_UNLABELLED, KIT_NAME_UP, KIT_NAME_PATH, KIT_NAME_HIDDEN };
/** Make it one that no plugin is shown to its end. */
void kit_break_it(enum kit_breach breach, struct kit_mail *mail, struct kit_part *part);

/** What a process has taken. */
struct kit_footprint {
    int fds;
    int64_t kib;
};
struct kit_footprint kit_footprint_of(const struct kit_session *session);
/** Since then no descriptor was left behind, and memory has hardly grown. */
enum kit_verdict kit_footprint_held(const struct kit_session *session,
                                    const struct kit_footprint *before, struct vls_why *why);

/** It has begun with what it was given, or is through with it. */
bool kit_session_is_at_work(struct kit_session *session);

#endif
