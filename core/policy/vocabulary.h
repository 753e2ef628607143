#ifndef VALISE_POLICY_VOCABULARY_H
#define VALISE_POLICY_VOCABULARY_H
/*
 * policy/vocabulary - the values that rules mention, fact by fact: outside of them, all values of a
 * fact are decided alike. For the files of core/policy only.
 *
 * Ownership: it borrows from the arrangement that it is made of. Kinds, bodies, levels and
 *            distributions are few; they are taken from where they are.
 */
#include "policy/rules.h"

/** A set of texts in their order (strcmp). Of more, the first ones: what the order of the rules is
 * never shows. */
struct vls_words {
    const char *at[VLS_MAX_WORDS];
    size_t count;
};

struct vls_vocabulary {
    struct vls_words audiences, topics, media_types, originators;
    struct vls_rule_category categories[VLS_MAX_WORDS]; /* by scheme and place */
    size_t category_count;
    uint64_t sizes[VLS_MAX_WORDS]; /* bounds of min-bytes and max-bytes, rising */
    size_t size_count;
    /* facts of which some rule asks anything */
    bool has_parties, has_distribution, has_personal_data, has_embargo, has_duplicate;
};

/** @return SYSTEM_MEMORY */
VLS_STATUS vls_vocabulary_make(const struct vls_arrangement *arrangement,
                               struct vls_vocabulary **out, struct vls_why *why);

#endif
