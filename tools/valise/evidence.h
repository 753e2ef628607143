#ifndef VALISE_CLI_EVIDENCE_H
#define VALISE_CLI_EVIDENCE_H
/*
 * cli/evidence - check what a parcel or a proof file proves, from the parties' public keys alone:
 * no gateway, no network.
 *
 * Process:   valise(1). Pure but for the words.
 * Start at:  vls_evidence_check().
 */
#include <schemas/ipc.pb-c.h>

#include "base/digest.h"
#include "ledger/note.h"

enum evidence_result { EVIDENCE_OK, EVIDENCE_FAILED, EVIDENCE_ABSENT };

enum evidence_item {
    EVIDENCE_MANIFEST,         /* its form */
    EVIDENCE_SEALED,           /* digest of the CMS structure */
    EVIDENCE_CONTENT,          /* digest and size of the encrypted content */
    EVIDENCE_SENT_LOG,         /* the sender's signature on its log */
    EVIDENCE_SENT,             /* the manifest is in that log */
    EVIDENCE_SENT_WITNESS,     /* the receiver cosigned that log */
    EVIDENCE_RECEIPT,          /* its form, and that it is of this manifest */
    EVIDENCE_RECEIVED_LOG,     /* the receiver's signature on its log */
    EVIDENCE_RECEIVED,         /* the receipt is in that log */
    EVIDENCE_RECEIVED_WITNESS, /* the sender cosigned that log */
    EVIDENCE_DECISION,         /* why it was sent: that nobody but its keeper vouches for */
    /* said of each of the three logs by parties outside; without words there is nothing to say */
    EVIDENCE_SENT_OUTSIDE,
    EVIDENCE_RECEIVED_OUTSIDE,
    EVIDENCE_INTERNAL_OUTSIDE,
    EVIDENCE_SENT_TIME,
    EVIDENCE_RECEIVED_TIME,
    EVIDENCE_INTERNAL_TIME,
    EVIDENCE_COUNT
};

/** Public keys by party. */
struct evidence_key {
    char party[VLS_MAX_PARTY + 1];
    bool is_witness; /* cosigns; otherwise it signs the party's own logs */
    uint8_t key[VLS_ED25519_KEY];
    /* of a key that was in use before; 0: it is in use. What a log key signed counts only with a
     * cosignature or a time stamp made until then. A cosignature's time is its maker's own word, so
     * that of a former witness key is told, and decides nothing */
    uint64_t until_ms;
};

#define EVIDENCE_MAX_KEYS 256

struct evidence_keys {
    struct evidence_key at[EVIDENCE_MAX_KEYS];
    size_t count;
};

struct evidence_outside; /* outside.h */

/** What the checks look at besides the evidence. */
struct evidence_basis {
    const struct evidence_keys *keys;
    const struct vls_digest *content_digest; /* NULL for a proof file */
    uint64_t now_ms; /* times may be ahead of it by VLS_CLOCK_SKEW_MS; 0: they are not compared */
    const struct evidence_outside *outside; /* NULL: nobody outside is believed */
};

struct evidence_report {
    char from[VLS_MAX_PARTY + 1], to[VLS_MAX_PARTY + 1]; /* empty: the manifest does not read */
    struct evidence_line {
        enum evidence_result result;
        struct vls_why words;
    } lines[EVIDENCE_COUNT];
};

/** Read NAME.valise or NAME.proof, whichever it is. Release with valise__evidence__free_unpacked().
 * @param out_has_content  a parcel: out_content_digest is of its content */
VLS_STATUS vls_evidence_read(int fd, Valise__Evidence **out, bool *out_has_content,
                             struct vls_digest *out_content_digest, struct vls_why *why);

/** What an item is called in tables and in JSON. */
const char *vls_evidence_item_name(enum evidence_item item);
/** Is there nothing to say on it? Then no table shows it. */
bool vls_evidence_is_silent(const struct evidence_report *report, enum evidence_item item);
const char *vls_evidence_result_name(enum evidence_result result);

/** Check all items. Proof of origin (the items up to SENT) must be whole; a receipt and
 * cosignatures may be absent, but what is there must be right.
 * What is wrong with a time stamp fails its line, and decides only when issuers are given.
 * Without a content digest sealed structure and content are absent.
 * @return CLI_EVIDENCE with the first item that fails; the report is written in any case */
VLS_STATUS vls_evidence_check(const Valise__Evidence *evidence, const struct evidence_basis *basis,
                              struct evidence_report *out_report, struct vls_why *why);

/** Read a parcel or a proof file for the decision that it encloses, which must be of its own
 * message. Nothing proves a decision: it is as whoever exported it wrote it. Release with
 * valise__evidence__free_unpacked(). @return CLI_EVIDENCE when it is of another message,
 * STORE_MISSING when there is none, and what vls_evidence_read() returns */
VLS_STATUS vls_evidence_decision(int fd, Valise__Evidence **out, struct vls_why *why);

/** Leave out of an export what others may not see of the decision. @param out  owns the bytes that
 * `evidence` then names */
VLS_STATUS vls_evidence_without_house(Valise__Evidence *evidence, struct vls_buf *out,
                                      struct vls_why *why);

#endif
