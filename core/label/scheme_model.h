#ifndef VALISE_LABEL_SCHEME_MODEL_H
#define VALISE_LABEL_SCHEME_MODEL_H
/*
 * label/scheme_model - what a scheme is made of: classifications, tag sets, tags, categories, their
 * markings, their mutual requirements and their equivalents in other policies.
 *
 * Ownership: everything belongs to the scheme and is never written after it was read.
 * Start at:  struct vls_classification and struct vls_category; scheme.h reaches them.
 *
 * A category is known by its place in the scheme (0 to VLS_MAX_CATEGORIES - 1): a label holds its
 * categories as a set of these places, so that to compare is to look at a few words.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* -- markings */

/** Where a phrase is shown, and what showing it does; the names are those of the format. */
enum vls_marking_code {
    VLS_MARK_PAGE_TOP = 1 << 0,
    VLS_MARK_PAGE_BOTTOM = 1 << 1,
    VLS_MARK_DOCUMENT_START = 1 << 2,
    VLS_MARK_DOCUMENT_END = 1 << 3,
    VLS_MARK_PORTION = 1 << 4,
    VLS_MARK_FIRST_LINE = 1 << 5,
    VLS_MARK_LAST_LINE = 1 << 6,
    VLS_MARK_SUBJECT = 1 << 7,
    VLS_MARK_X_HEADER = 1 << 8,
    VLS_MARK_INPUT_TITLE = 1 << 9,
    VLS_MARK_WATERMARK = 1 << 10,
    VLS_MARK_NO_NAME = 1 << 11,        /* the phrase of its codes stands alone, or nothing does */
    VLS_MARK_NO_MARKING = 1 << 12,     /* nothing of it is shown                           */
    VLS_MARK_SUPPRESS_CLASS = 1 << 13, /* the classification is not shown                  */
    VLS_MARK_REPLACE_POLICY = 1 << 14, /* the phrase takes the place of the policy's name  */
    VLS_MARK_EVERYWHERE = (1 << 11) - 1,
};

struct vls_marking_phrase {
    const char *language; /* "" when the file names none: for every language without its own */
    const char *phrase;   /* NULL when the file gives none                           */
    uint32_t codes;       /* of enum vls_marking_code                                */
};

struct vls_marking_qualifier {
    const char *language;                    /* as above                                 */
    uint32_t codes;                          /* where it counts; VLS_MARK_EVERYWHERE     */
    const char *prefix, *suffix, *separator; /* NULL where not given                    */
};

struct vls_markings {
    struct vls_marking_phrase *phrases;
    size_t phrase_count;
    struct vls_marking_qualifier *qualifiers;
    size_t qualifier_count;
};

/* -- tags and categories */

enum vls_tag_type {
    VLS_TAG_RESTRICTIVE,      /* bits; a reader holds all of them                   */
    VLS_TAG_PERMISSIVE,       /* bits; a reader holds one of them                   */
    VLS_TAG_ENUM_RESTRICTIVE, /* integers; all                                      */
    VLS_TAG_ENUM_PERMISSIVE,  /* integers; one                                      */
    VLS_TAG_INFORMATIVE,      /* tag type 7, bits or integers: no effect on access  */
    VLS_TAG_NOT_APPLICABLE,   /* has no form in an ESS label; kept as restrictive    */
};

/** A reader must hold every category of it that a label has. */
static inline bool vls_tag_type_is_restrictive(enum vls_tag_type t)
{
    return t == VLS_TAG_RESTRICTIVE || t == VLS_TAG_ENUM_RESTRICTIVE || t == VLS_TAG_NOT_APPLICABLE;
}

/** A reader must hold at least one category of it when a label has a list of them. */
static inline bool vls_tag_type_is_permissive(enum vls_tag_type t)
{
    return t == VLS_TAG_PERMISSIVE || t == VLS_TAG_ENUM_PERMISSIVE;
}

/** Names a category in writing, of this scheme or of another. */
struct vls_category_ref {
    const char *tag_set; /* name of the set                              */
    enum vls_tag_type type;
    uint64_t lacv;
    uint32_t line; /* in the file, for messages */
    bool is_all;   /* every category of that set and type instead     */
};

enum vls_operation { VLS_REQUIRE_ONLY_ONE, VLS_REQUIRE_ONE_OR_MORE, VLS_REQUIRE_ALL };

struct vls_requirement {
    enum vls_operation operation;
    struct vls_category_ref *refs; /* as written                                          */
    size_t ref_count;
    uint16_t *places; /* the same found in this scheme; NULL in equivalents    */
    size_t place_count;
};

enum vls_applied { VLS_APPLIED_ENCRYPT = 1, VLS_APPLIED_DECRYPT = 2, VLS_APPLIED_BOTH = 3 };

/** The counterpart of a classification, a category, a tag set or a policy in another policy. */
struct vls_equivalence {
    const char *policy;     /* name, as <equivalentPolicy> declares it             */
    const char *policy_oid; /* dotted                                              */
    enum vls_applied applied;
    uint32_t line;           /* in the file, for messages */
    bool is_discard;         /* the category may be left out: only with permission        */
    uint64_t lacv;           /* of the classification or category there                   */
    const char *tag_set_oid; /* of the category or tag set there, dotted; or NULL  */
    enum vls_tag_type type;  /* of the category there                              */
    struct vls_requirement *requirements; /* added to the label there              */
    size_t requirement_count;
};

struct vls_classification {
    const char *name;   /* as the scheme prints it: "STRICTLY CONFIDENTIAL"            */
    const char *handle; /* as rules and the command line write it: "strictly-confidential" */
    uint32_t lacv;      /* value on the wire                                           */
    uint32_t hierarchy; /* rank; higher is more sensitive                              */
    const char *color;  /* a W3C name or #rrggbb; may be empty                         */
    bool is_obsolete;   /* may be read, may not be used anew                           */
    struct vls_markings markings;
    struct vls_requirement *requirements; /* all of them must hold                     */
    size_t requirement_count;
    struct vls_equivalence *equivalents;
    size_t equivalent_count;
};

struct vls_category {
    const char *name;
    const char *handle; /* unique within its tag set                                     */
    uint64_t lacv;      /* bit or integer; 0 with `text` when the file gives no number    */
    uint32_t line;      /* in the file, for messages */
    const char *text;   /* the value as the file writes it                               */
    uint16_t place;     /* in the scheme                                                 */
    uint16_t tag;       /* place of its tag                                              */
    bool is_obsolete;
    const char *user_input;               /* "string", "integer", "date" or NULL         */
    uint64_t not_before_ms, not_after_ms; /* 0: no bound                                 */
    const struct vls_classification *required_class; /* or NULL                          */
    uint16_t *excluded_classes;                      /* places of classifications        */
    size_t excluded_class_count;
    uint16_t *excluded; /* places of categories                                          */
    size_t excluded_count;
    struct vls_category_ref *excluded_refs; /* as written                                */
    size_t excluded_ref_count;
    const char **excluded_class_names; /* as written                                     */
    const char *required_class_name;
    struct vls_markings markings;
    struct vls_requirement *requirements;
    size_t requirement_count;
    struct vls_equivalence *equivalents;
    size_t equivalent_count;
};

#define VLS_SELECTION_UNBOUNDED UINT32_MAX

struct vls_tag {
    const char *name;
    enum vls_tag_type type;
    bool is_bits;     /* of an informative tag: bits on the wire, not integers          */
    uint16_t place;   /* among all tags of the scheme                                  */
    uint16_t tag_set; /* place of its tag set                                          */
    uint16_t first;   /* its categories: places first to first + count - 1              */
    uint16_t count;
    uint32_t line;                         /* in the file, for messages */
    uint32_t min_selection, max_selection; /* VLS_SELECTION_UNBOUNDED: no maximum         */
    struct vls_markings markings;
};

struct vls_tag_set {
    const char *name;
    const char *handle;
    const char *oid;
    uint8_t oid_der[VLS_MAX_OID];
    size_t oid_der_len;
    uint16_t first, count; /* its tags: places                                             */
    struct vls_equivalence *equivalents;
    size_t equivalent_count;
};

/** One of the privacy marks that a scheme lists. */
struct vls_privacy_mark {
    const char *name;
    bool is_obsolete;
    struct vls_markings markings;
};

#endif
