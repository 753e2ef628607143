#ifndef VALISE_LABEL_LABEL_H
#define VALISE_LABEL_LABEL_H
/*
 * label/label - a label: one classification of a scheme, categories, and what it says about itself;
 * its text form and its DER form.
 *
 * Process:   all that look at labels. Pure.
 * Ownership: scheme and classification are borrowed. `details` is owned by the label that was read
 *            or built: vls_label_fini() once. A copy of the struct borrows them; vls_label_copy()
 *            makes one that owns its own. A label without details needs no release.
 * Start at:  vls_label_decode(), vls_label_read(); compare.h, join.h, clearance.h, map.h,
 *            validity.h, marking.h for what is done with labels.
 *
 * Text form, for side-cars, rules and the command line: "SCHEME/CLASSIFICATION", then
 *           ";TAG-SET/CATEGORY" for each category: "un-sgb-2007-6/confidential". It has no word for
 *           a privacy mark or for dates. ";TAG-SET/TYPE=nobody" is an empty list.
 * DER form: ESSSecurityLabel of RFC 2634 section 3.2, strict: definite shortest lengths, SET
 *           members in the order of their tags, no trailing bytes. It is the authoritative copy. It
 *           carries neither dates nor originators. Within tags several encodings are DER of one
 *           label (zero bits at the end, an integer twice): all are read, the shortest is written.
 */
#include "base/limits.h"
#include "label/scheme.h"

#define VLS_LABEL_WORDS (VLS_MAX_CATEGORIES / 64)

/** A category that the scheme does not know. It is kept and stops whatever is asked of the label.
 */
struct vls_label_unknown {
    bool is_der; /* `bytes` is one SecurityCategory; otherwise text as the source writes it */
    char *words; /* what to call it in a message                                           */
    uint8_t *at;
    size_t len;
};

struct vls_label_details {
    char *privacy_mark;     /* UTF-8; or NULL                                                */
    bool is_printable_mark; /* it is a PrintableString in DER, otherwise a UTF8String        */
    uint64_t created_ms, review_ms, succession_ms; /* 0: not given                           */
    struct vls_label *successor; /* what it becomes at succession_ms; owned; or NULL         */
    char **originators;          /* a set: sorted, no two alike                              */
    size_t originator_count;
    struct vls_label_unknown *unknown;
    size_t unknown_count;
};

struct vls_label {
    const struct vls_scheme *scheme;                 /* borrowed; NULL: no label              */
    const struct vls_classification *classification; /* borrowed from the scheme              */
    uint64_t categories[VLS_LABEL_WORDS];            /* set of places in the scheme           */
    uint64_t nobody; /* set of permissive tags whose list is there and empty                 */
    struct vls_label_details *details; /* NULL when there is nothing of that                  */
};

/* -- to build */

/** A label of that classification and nothing else. */
struct vls_label vls_label_of(const struct vls_scheme *scheme, const struct vls_classification *c);
void vls_label_fini(struct vls_label *label);
/** A copy with details of its own. */
VLS_STATUS vls_label_copy(const struct vls_label *label, struct vls_label *out);

bool vls_label_has(const struct vls_label *label, const struct vls_category *category);
/** Add a category. To a permissive list that is empty nothing can be added: nobody stays nobody. */
void vls_label_add(struct vls_label *label, const struct vls_category *category);
/** Make the permissive list of `tag` empty, and with it those of the same type in the same tag set,
 * which the DER form holds as one. */
void vls_label_set_nobody(struct vls_label *label, const struct vls_tag *tag);

/** What a label says about one permissive tag; three different things. */
enum vls_label_list { VLS_LIST_NONE, VLS_LIST_EMPTY, VLS_LIST_SOME };
enum vls_label_list vls_label_list(const struct vls_label *label, const struct vls_tag *tag);

size_t vls_label_unknown_count(const struct vls_label *label);
/** The label's details, made when it has none. */
struct vls_label_details *vls_label_details(struct vls_label *label);
/** In DER a PrintableString when it can be one, otherwise a UTF8String. @return INPUT_LIMIT above
 * VLS_MAX_PRIVACY_TEXT, INPUT_MALFORMED (empty, or with control characters) */
VLS_STATUS vls_label_set_privacy_mark(struct vls_label *label, const char *mark);
/** Into the set, once. @return INPUT_LIMIT above VLS_MAX_ORIGINATORS, INPUT_MALFORMED */
VLS_STATUS vls_label_add_originator(struct vls_label *label, const char *originator);
/** Takes copies. @return INPUT_LIMIT above VLS_MAX_UNKNOWN */
VLS_STATUS vls_label_add_unknown(struct vls_label *label, bool is_der, const char *words,
                                 struct vls_slice bytes);
/** Same classification, categories, privacy mark and unknown categories: what the DER form holds.
 */
bool vls_label_is_same(const struct vls_label *a, const struct vls_label *b);

/* -- text and DER */

/** Read the text form. @return LABEL_MISSING (empty), LABEL_SCHEME, LABEL_VALUE; also when the
 * label is not valid for new use: vls_label_check_new() */
VLS_STATUS vls_label_read(const char *text, const struct vls_scheme_set *schemes,
                          struct vls_label *out, struct vls_why *why);

/** The same without the check: obsolete values and combinations that no rule allows are read. For
 * what shows a label. @return LABEL_MISSING, LABEL_SCHEME, LABEL_VALUE (no such value) */
VLS_STATUS vls_label_read_any(const char *text, const struct vls_scheme_set *schemes,
                              struct vls_label *out, struct vls_why *why);

/** Append the text form. @return LABEL_VALUE when there is an unknown category */
VLS_STATUS vls_label_text(const struct vls_label *label, struct vls_buf *out);

/** Append the DER form. */
VLS_STATUS vls_label_encode(const struct vls_label *label, struct vls_buf *out);

/** Read the DER form, and check it: vls_label_check(). Obsolete values are read.
 *  @return LABEL_MALFORMED with the byte offset, LABEL_SCHEME, LABEL_VALUE */
VLS_STATUS vls_label_decode(struct vls_slice der, const struct vls_scheme_set *schemes,
                            struct vls_label *out, struct vls_why *why);

/** The same without the check: what the label says, valid or not; unknown categories are kept. For
 * what shows a label. */
VLS_STATUS vls_label_decode_any(struct vls_slice der, const struct vls_scheme_set *schemes,
                                struct vls_label *out, struct vls_why *why);

/** Only the form: strict DER of a label of any scheme. For a process that has no schemes. @return
 * LABEL_MALFORMED */
VLS_STATUS vls_label_check_form(struct vls_slice der, struct vls_why *why);

/** As a person reads it at the top of a page, in English: "UNITED NATIONS CONFIDENTIAL". */
VLS_STATUS vls_label_marking(const struct vls_label *label, struct vls_buf *out);

#include "label/compare.h"
#include "label/validity.h"

#endif
