#ifndef VALISE_CLI_OUTSIDE_H
#define VALISE_CLI_OUTSIDE_H
/*
 * cli/outside - what parties outside say of a log's checkpoint in a proof: witnesses that cosigned
 * it, and a time stamping authority.
 *
 * Process:   valise(1). Pure but for reading the file of issuers.
 * Ownership: a struct evidence_outside is borrowed by the checks; vls_outside_fini() releases what
 *            is in it.
 * Start at:  vls_outside_gather().
 */
#include <schemas/ipc.pb-c.h>

#include "cli.h"
#include "evidence.h"
#include "ledger/stamp.h"

#define OUTSIDE_MAX_WITNESSES 32
#define OUTSIDE_MAX_QUORUMS   16

/** Who is believed, and what is demanded. */
struct evidence_outside {
    struct vls_note_key witnesses[OUTSIDE_MAX_WITNESSES];
    size_t count;
    struct outside_quorum {
        char party[VLS_MAX_PARTY + 1]; /* whose logs; empty: all */
        unsigned witnesses;
    } quorums[OUTSIDE_MAX_QUORUMS];
    size_t quorum_count;
    struct vls_stamp_trust *tsa; /* NULL: time stamps are shown, and not checked */
};

/** From --witness, --quorum and --tsa. @return CLI_USAGE, CONFIG_MISSING, CONFIG_INVALID */
VLS_STATUS vls_outside_gather(const struct cli_args *args, struct evidence_outside *out,
                              struct vls_why *why);
void vls_outside_fini(struct evidence_outside *outside);

/** How many of the witnesses cosigned a checkpoint whose signature is good. `owner` is whose log it
 * is. Absent, without words: there is nothing to say. One whose signature is wrong does not count
 * for a quorum; when none is asked for, it fails the whole.
 * @param out_ms  when all who count had cosigned it; 0: nobody, or not rightly */
void vls_outside_check_witnesses(const struct evidence_outside *outside, const char *owner,
                                 const char *note, const struct vls_checkpoint *checkpoint,
                                 uint64_t latest_ms, struct evidence_line *out, uint64_t *out_ms);

/** What is asked of a log is not granted by leaving it out: failed, with words, when a quorum is
 * asked of it and nothing was said of its witnesses.
 * @param is_there  it is in the file, and not verified; otherwise only who names `owner` asks */
void vls_outside_demand(const struct evidence_outside *outside, const char *owner, bool is_there,
                        struct evidence_line *out);

/** Which quorums name a party that is neither side of the message, a bit each. */
uint32_t vls_outside_strangers(const struct evidence_outside *outside,
                               const struct evidence_report *report);
/** @param strangers  of all messages that were looked at. @return CLI_USAGE when there is one */
VLS_STATUS vls_outside_refuse_strangers(const struct evidence_outside *outside, uint32_t strangers,
                                        struct vls_why *why);

/** The time stamp on the checkpoint, which must be about it in any case.
 * @param latest_ms  a time behind this one is of the future
 * @param out_ms     the latest that it may have been, by the accuracy that a trusted authority
 *                   claims; otherwise 0 */
void vls_outside_check_stamp(const struct evidence_outside *outside,
                             const Valise__InclusionEvidence *inclusion, uint64_t latest_ms,
                             struct evidence_line *out, uint64_t *out_ms);

#endif
