#ifndef VALISE_CLI_EXPLAIN_SHOW_H
#define VALISE_CLI_EXPLAIN_SHOW_H
/*
 * cli/explain_show - a decision in sentences and tables, and as JSON.
 *
 * Process: valise(1).
 */
#include <schemas/envelope.pb-c.h>

#include "show.h"

/** What is known of a message whose decision is asked for. */
struct explained {
    const Valise__MessageRow *row;        /* NULL: from a file, that knows no state */
    const Valise__DecisionRecord *record; /* NULL: none was made here */
    bool is_reduced;                      /* the reader is not cleared for all of it */
};

void vls_explain_print(struct cli *cli, const struct explained *what);
/** The caller owns it. */
json_t *vls_explain_json(const struct explained *what);

#endif
