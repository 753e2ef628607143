#ifndef VALISE_LEDGER_NOTE_H
#define VALISE_LEDGER_NOTE_H
/*
 * ledger/note - signed checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint,
 * tlog-cosignature), Ed25519.
 *
 * Process: crypto makes them, router and command line verify them. Pure: a key is 32 bytes, a clock
 * is an argument.
 *
 * Names. The sender's and receiver's logs of a pair have the origins
 * "<own party>/valise/<partner>/sent" and ".../received"; the key name of a log's signature is its
 * origin. A witness's key name is "<party>/valise/witness".
 *
 * Formats: C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0 and tlog-cosignature v1.0.1, the Ed25519
 * types 0x01 and 0x04 only.
 *
 * A checkpoint that Valise writes has exactly three lines (origin, size, root) and no extension
 * lines; on reading, extension lines are refused too, since nobody has agreed on their meaning.
 */
#include "base/digest.h"
#include "base/limits.h"

#define VLS_ED25519_KEY       32
#define VLS_ED25519_SIGNATURE 64
#define VLS_KEY_ID            4
#define VLS_MAX_ORIGIN        (2 * VLS_MAX_PARTY + 32)

struct vls_checkpoint {
    char origin[VLS_MAX_ORIGIN];
    uint64_t size;
    struct vls_digest root;
};

/** Who may sign what: a public key under a name. */
struct vls_note_key {
    char name[VLS_MAX_ORIGIN];
    bool is_cosigner; /* type 0x04 (cosignature/v1) instead of 0x01 */
    uint8_t key[VLS_ED25519_KEY];
};

/** Sign `message` with an Ed25519 key that the function knows. */
typedef struct vls_status (*vls_note_sign_fn)(void *ctx, struct vls_slice message,
                                              uint8_t out_signature[VLS_ED25519_SIGNATURE],
                                              struct vls_why *why);

/** A name that the note format can carry: not empty, UTF-8, no white space, no '+', no control
 * character. */
bool vls_note_is_name(struct vls_slice name);

/** "un/valise/iom/sent". `is_received`: the log of what `owner` received from `partner`. */
void vls_log_origin(const char *owner, const char *partner, bool is_received,
                    char out[VLS_MAX_ORIGIN]);
void vls_witness_name(const char *party, char out[VLS_MAX_ORIGIN]);
/** "un/valise/internal". It has a word less than the logs of a pair, so no partner's name makes it.
 */
void vls_internal_origin(const char *owner, char out[VLS_MAX_ORIGIN]);

/** Append the signed note of a checkpoint. key->name is the origin; key->key is the public half,
 * for the key id. `out` is unchanged after a failure. @return LEDGER_NOTE when the names do not
 * fit, and what `sign` returns */
VLS_STATUS vls_checkpoint_sign(const struct vls_checkpoint *checkpoint,
                               const struct vls_note_key *key, vls_note_sign_fn sign, void *ctx,
                               struct vls_buf *out, struct vls_why *why);

/** Append to a signed note one more signature line of its checkpoint, by another key of the same
 * name: while one key follows another, a note bears both. `out` is unchanged after a failure. */
VLS_STATUS vls_checkpoint_sign_also(const struct vls_checkpoint *checkpoint,
                                    const struct vls_note_key *key, vls_note_sign_fn sign,
                                    void *ctx, struct vls_buf *out, struct vls_why *why);

/** Append one cosignature line ("— name base64\n") over the checkpoint, made at `time_s`, in
 * seconds since 1970. `out` is unchanged after a failure. @return LEDGER_NOTE when the name is no
 * key name, and what `sign` returns */
VLS_STATUS vls_checkpoint_cosign(const struct vls_checkpoint *checkpoint, uint64_t time_s,
                                 const struct vls_note_key *key, vls_note_sign_fn sign, void *ctx,
                                 struct vls_buf *out, struct vls_why *why);

/** Read a signed note and verify the signature by `key`, whose name must be the note's origin.
 * Lines by unknown keys are ignored, as the format asks; a bad signature by a known key is refused.
 * @return LEDGER_NOTE with the line, LEDGER_SIGNATURE */
VLS_STATUS vls_checkpoint_verify(struct vls_slice note, const struct vls_note_key *key,
                                 struct vls_checkpoint *out, struct vls_why *why);

/** Read a signed note without verifying anything, for showing it. */
VLS_STATUS vls_checkpoint_read(struct vls_slice note, struct vls_checkpoint *out,
                               struct vls_why *why);

/** Append the note as its log signed it: the text, the empty line, and the signature lines whose
 * key name is the origin; lines by others, such as cosignatures, are left out. Nothing is verified
 * but the form of all. `out` is unchanged after a failure. @return LEDGER_NOTE, also when no line
 * is the log's */
VLS_STATUS vls_checkpoint_signed(struct vls_slice note, struct vls_buf *out, struct vls_why *why);

/** The same with the lines by this key of the log alone: what somebody else handed us, without what
 * he may have put below it. */
VLS_STATUS vls_checkpoint_signed_by(struct vls_slice note, const struct vls_note_key *key,
                                    struct vls_buf *out, struct vls_why *why);

/** Verify a cosigner's signature over `checkpoint`; `lines` are signature lines, alone or behind a
 * note. Of several by this key all must verify, and the time is the latest.
 * @return LEDGER_NOTE, LEDGER_SIGNATURE also when there is none by this key */
VLS_STATUS vls_cosignature_verify(struct vls_slice lines, const struct vls_checkpoint *checkpoint,
                                  const struct vls_note_key *key, uint64_t *out_time_s,
                                  struct vls_why *why);

/** Is there a signature line by this key, good or not, in `lines`, alone or behind a note? Of what
 * is not well formed nothing is found. */
bool vls_note_bears(struct vls_slice lines, const struct vls_note_key *key);

/** Key id: SHA-256(name || 0x0a || type || key), its first four bytes. */
void vls_note_key_id(const struct vls_note_key *key, uint8_t out[VLS_KEY_ID]);

/** Append the key in the "vkey" text form: name+hexid+base64. */
VLS_STATUS vls_note_key_text(const struct vls_note_key *key, struct vls_buf *out);

/** Read the vkey form; the id in it must be that of the key. @return LEDGER_NOTE */
VLS_STATUS vls_note_key_read(const char *text, struct vls_note_key *out, struct vls_why *why);

/** Verify an Ed25519 signature (RFC 8032). */
bool vls_ed25519_is_valid(const uint8_t key[VLS_ED25519_KEY], struct vls_slice message,
                          const uint8_t signature[VLS_ED25519_SIGNATURE]);

#endif
