#ifndef VALISE_LABEL_SPIF_INTERNAL_H
#define VALISE_LABEL_SPIF_INTERNAL_H
/*
 * label/spif_internal - between the two halves of the SPIF reader: spif.c walks the elements and
 * holds them against the format, spif_take.c takes what a scheme is made of.
 *
 * Start at: vls_spif_parse() in spif.c.
 */
#include <libxml/parser.h>

#include "label/scheme_internal.h"

enum spif_element {
    SPIF_NONE, /* outside of the root */
    SPIF_ROOT,
    SPIF_DEFAULT_POLICY,
    SPIF_POLICY,
    SPIF_UPDATE_INFO,
    SPIF_CLASSES,
    SPIF_CLASS,
    SPIF_EQUIVALENT_CLASS,
    SPIF_MARKING,
    SPIF_CODE,
    SPIF_MARKING_QUALIFIER,
    SPIF_QUALIFIER,
    SPIF_REQUIRED_CATEGORY,
    SPIF_CATEGORY_GROUP,
    SPIF_TAG_SETS,
    SPIF_TAG_SET,
    SPIF_EQUIVALENT_TAG_SET,
    SPIF_TAG,
    SPIF_TAG_CATEGORY,
    SPIF_EQUIVALENT_TAG,
    SPIF_EXCLUDED_CLASS,
    SPIF_EXCLUDED_CATEGORY,
    SPIF_PRIVACY_MARKS,
    SPIF_PRIVACY_MARK,
    SPIF_EQUIVALENT_POLICIES,
    SPIF_EQUIVALENT_POLICY,
    SPIF_EXTENSIONS,
    SPIF_NOTICE,    /* ours, within extensions */
    SPIF_EXTENSION, /* anyone's, within extensions: passed over */
    SPIF_ELEMENTS,
};

/** Attributes of an element as libxml2 hands them to a SAX2 handler: five pointers each. */
struct spif_attributes {
    const xmlChar **at;
    int count;
};

struct spif_reader {
    xmlParserCtxtPtr xml;
    struct vls_scheme *scheme;
    const char *file;
    struct vls_why *why;
    struct vls_status status;
    enum spif_element stack[VLS_MAX_SCHEME_DEPTH];
    uint32_t children[VLS_MAX_SCHEME_DEPTH];    /* kinds of elements seen in each      */
    const char *language[VLS_MAX_SCHEME_DEPTH]; /* xml:lang, as each has or inherits it */
    size_t depth;
    const char *element;          /* being read, for messages */
    struct vls_buf text;          /* of the element on top */
    struct vls_markings *marking; /* being read */
    size_t first_qualifier;       /* of the <markingQualifier> being read */
    uint32_t qualifier_codes;
    size_t ref_count;           /* of all rules */
    struct vls_markings unused; /* for those that are not kept */
};

/** The element that encloses the one on top. */
static inline enum spif_element vls_spif_parent(const struct spif_reader *r)
{
    return r->depth > 1 ? r->stack[r->depth - 2] : SPIF_NONE;
}

/** Note the failure with file, line and element; the parser is stopped when the event is over. The
 * first one counts. */
void vls_spif_fail(struct spif_reader *r, const char *fmt, ...) VLS_PRINTF(2, 3);

/** The same for a place that was read before. */
void vls_spif_fail_at(struct spif_reader *r, uint32_t line, const char *element, const char *fmt,
                      ...) VLS_PRINTF(4, 5);

/* -- attributes: spif_attributes.c */

/** Copy an attribute's value, with its one possible reference decoded. @return false when it is not
 * given; when it does not fit or is not clean text, the failure is noted too */
bool vls_spif_get(struct spif_reader *r, struct spif_attributes a, const char *prefix,
                  const char *name, char *out, size_t room);
/** The same into the scheme's memory. NULL when it is not given, or with a failure noted. */
char *vls_spif_get_text(struct spif_reader *r, struct spif_attributes a, const char *name);
/** The same for one that must be there and hold something. */
bool vls_spif_need(struct spif_reader *r, struct spif_attributes a, const char *name, char *out,
                   size_t room);
bool vls_spif_need_number(struct spif_reader *r, struct spif_attributes a, const char *name,
                          uint32_t max, uint32_t *out);
bool vls_spif_get_bool(struct spif_reader *r, struct spif_attributes a, const char *name);
/** One of a list of words that ends with NULL: its index. -1 when it is not given or, with a
 * failure noted, is another. */
int vls_spif_get_word(struct spif_reader *r, struct spif_attributes a, const char *name,
                      const char *const *words);
/** A name or phrase, of at most VLS_MAX_PHRASE_LETTERS characters. */
char *vls_spif_get_phrase(struct spif_reader *r, struct spif_attributes a, const char *name);
/** An object identifier that must be there: its dotted form, and its content in DER into `der` of
 * VLS_MAX_OID bytes unless that is NULL. NULL with a failure noted. */
char *vls_spif_need_oid(struct spif_reader *r, struct spif_attributes a, const char *name,
                        uint8_t *der, size_t *der_len);
/** notBefore and notAfter, in this order. */
void vls_spif_get_validity(struct spif_reader *r, struct spif_attributes a, uint64_t *not_before,
                           uint64_t *not_after);
/** minSelection and maxSelection. */
void vls_spif_get_selection(struct spif_reader *r, struct spif_attributes a, uint32_t *min,
                            uint32_t *max);
/** Refuse attributes that the format does not give to this element. */
bool vls_spif_check_attributes(struct spif_reader *r, enum spif_element element,
                               struct spif_attributes a);
/** "STRICTLY CONFIDENTIAL" to "strictly-confidential"; `handle` has room for VLS_MAX_NAME + 1.
 * @return false when nothing is left */
bool vls_spif_handle(const char *name, char *handle);

/** Room for one more in an array of `count`; returns the array, which may have moved, with the new
 * last one zeroed. NULL with a failure noted. */
void *vls_spif_grow(struct spif_reader *r, void *array, size_t count, size_t size);
/** Copy into the scheme's memory. NULL with a failure noted. */
char *vls_spif_copy(struct spif_reader *r, const char *text);

/* -- parts: spif_category.c, spif_marking.c, spif_check.c */

void vls_spif_take_tag_set(struct spif_reader *r, struct spif_attributes a);
void vls_spif_take_tag(struct spif_reader *r, struct spif_attributes a);
void vls_spif_take_category(struct spif_reader *r, struct spif_attributes a);
void vls_spif_take_excluded(struct spif_reader *r, struct spif_attributes a);
void vls_spif_end_excluded_class(struct spif_reader *r, const char *text);
void vls_spif_take_required(struct spif_reader *r, struct spif_attributes a);
void vls_spif_take_group(struct spif_reader *r, struct spif_attributes a);
void vls_spif_take_equivalent(struct spif_reader *r, struct spif_attributes a);
void vls_spif_take_marking(struct spif_reader *r, struct spif_attributes a);
void vls_spif_end_code(struct spif_reader *r, const char *text);
void vls_spif_take_marking_qualifier(struct spif_reader *r, struct spif_attributes a);
void vls_spif_take_qualifier(struct spif_reader *r, struct spif_attributes a);
/** At the end: find what is named, and refuse what contradicts itself. */
void vls_spif_resolve(struct spif_reader *r);
void vls_spif_check_rules(struct spif_reader *r);

/** An element was opened, and stands on top of the stack. */
void vls_spif_take_start(struct spif_reader *r, struct spif_attributes attributes);
/** It is closed; `r->text` holds its text. */
void vls_spif_take_end(struct spif_reader *r);

#endif
