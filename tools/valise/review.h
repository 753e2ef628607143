#ifndef VALISE_CLI_REVIEW_H
#define VALISE_CLI_REVIEW_H
/*
 * cli/review - what the sub-commands of valise review share.
 *
 * Process: valise(1). An officer's key is opened here, by his own command, and nowhere else.
 */
#include "client.h"
#include "show.h"

/** Ask the gateway; the answer is to be released by vls_client_answer_fini(). */
VLS_STATUS vls_review_ask(struct cli *cli, Valise__OperatorReview *review,
                          struct client_answer *out, struct vls_why *why);

/* -- review_show.c ----------------------------------------------------------------------------- */

/** A copy in which everything that is not seen as it stands is written out: control characters,
 * those that turn the direction of text or have no width ("<U+202E>"), and bytes that are no UTF-8.
 * The caller owns it: vls_mem_free(). */
char *vls_review_visible(const char *text);

/** "1 of 2" officers whose approval holds. */
size_t vls_review_had(const Valise__Review *review);
/** When the first approval that holds will lapse; 0 when none holds. */
uint64_t vls_review_expires(const Valise__Review *review);

json_t *vls_review_json(const Valise__Review *review);
void vls_review_print(struct cli *cli, const Valise__Review *review);

/* -- review_sign.c ----------------------------------------------------------------------------- */

struct vls_status vls_review_release(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_review_withhold(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_review_return(struct cli *, const struct cli_args *, struct vls_why *);

#endif
