#ifndef VALISE_POLICY_EXTRACT_H
#define VALISE_POLICY_EXTRACT_H
/*
 * policy/extract - what of a decision record may be shown to one who may not see all of it.
 *
 * Process: router, command line. Pure.
 */
#include "base/bytes.h"
#include "base/status.h"

/** In place of what is left out. */
#define VLS_NOT_SHOWN "(not shown)"

enum vls_extract {
    /** For one who is not cleared for the message: outcome, articles of the arrangement, and no
     * fact beyond what a list of messages shows. */
    VLS_EXTRACT_LISTED,
    /** For others than the own organization: everything but the house rules. */
    VLS_EXTRACT_WITHOUT_HOUSE,
};

/** Append the record without what may not be shown; a record that has nothing of it is appended
 * byte for byte. Of house rules that matched, one stands there without a name. Where house rules
 * were asked, the nearest change and the reason may speak of them: they go, too; and the duties
 * when one matched. @return INPUT_MALFORMED,
 * SYSTEM_MEMORY */
VLS_STATUS vls_decision_extract(struct vls_slice record, enum vls_extract what, struct vls_buf *out,
                                struct vls_why *why);

#endif
