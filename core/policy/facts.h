#ifndef VALISE_POLICY_FACTS_H
#define VALISE_POLICY_FACTS_H
/*
 * policy/facts - all that a rule may look at, gathered before any rule is asked.
 *
 * Process:   router; command line (cases, replay).
 * Ownership: everything is borrowed.
 *
 * The axes are kept apart and never folded into one number: sensitivity (label), distribution,
 * personal data, embargo, audience. The two evaluators share this struct and no code.
 */
#include "base/id.h"
#include "label/label.h"

/** How far the issuer itself distributes a document ("Distr.: General"): no statement of its
 * sensitivity. */
enum vls_distribution {
    VLS_DISTRIBUTION_NONE, /* not stated */
    VLS_DISTRIBUTION_GENERAL,
    VLS_DISTRIBUTION_LIMITED,
    VLS_DISTRIBUTION_RESTRICTED,
};

/** What a message says that it answers. */
enum vls_answers {
    VLS_ANSWERS_NOTHING,
    VLS_ANSWERS_KNOWN,   /* a message that the other party sent us, of a kind that asks for it */
    VLS_ANSWERS_UNKNOWN, /* something that we do not have, or that does not ask for this */
};

struct vls_texts {
    const char *const *at;
    size_t count;
};

struct vls_facts {
    struct vls_id id;
    const char *kind;
    bool is_incoming;          /* the other party sends it to us */
    const char *from, *to;     /* parties */
    const char *body;          /* empty: the party itself */
    struct vls_label label;    /* label.scheme NULL: the message has none that is understood. Its
                                  details hold the originators */
    const char *label_trouble; /* why there is none, for the record */
    const char *clearance;     /* why the recipient may not hold it; empty: it may */
    enum vls_distribution distribution;
    bool has_personal_data;
    const char *safeguards;       /* reference of what protects the personal data; empty: none */
    uint64_t embargo_until_ms;    /* 0: none */
    struct vls_texts audience;    /* who may know of it: names such as "member-states"; empty: not
                                     stated */
    struct vls_texts topics;      /* of the requesting side's competence */
    struct vls_texts media_types; /* one a document, in lower case, without parameters */
    uint64_t bytes;               /* of all documents */
    enum vls_answers answers;
    bool is_duplicate; /* the same bytes went to this party before */
    uint64_t now_ms;
};

/** The same, with empty texts for names that are NULL. */
struct vls_facts vls_facts_complete(const struct vls_facts *facts);

/** The word of an enum vls_distribution or enum vls_answers, as rules write it: "general", "known";
 * NULL beyond the last. */
const char *vls_distribution_at(unsigned i);
const char *vls_answers_at(unsigned i);

#endif
