#ifndef VALISE_LABEL_XML4774_H
#define VALISE_LABEL_XML4774_H
/*
 * label/xml4774 - confidentiality metadata labels in XML (NATO ADatP-4774, STANAG 4774): read
 * strictly, written valid against the schema.
 *
 * Process:   router, command line. Pure: no network, no entities, no file but what it is given.
 * Ownership: a label in XML owns all it points to; release with vls_xml4774_free().
 * Start at:  vls_xml4774_read(), then vls_xml4774_label() of label/xml4774_label.h, which says what
 *            it means under the schemes that are loaded.
 *
 * This is the form alone: what stands in the file, by its own names. Stricter than the schema, as
 * the schema leaves extension points where a gateway must have a rule:
 *   - the roots are originatorConfidentialityLabel, alternativeConfidentialityLabel and
 *     metadataConfidentialityLabel; ConfidentialityLabel, kept by the schema for old files, is not;
 *   - elements and attributes that the schema does not name are refused wherever it lets them
 *     through, xsi:schemaLocation of the root aside; so are processing instructions, a document
 *     type, and a comment inside of a value;
 *   - the file is UTF-8; every time has a zone and lies in the years from 1970 to 9999; no
 *     succession, no review before the creation, no successor that comes into force before the one
 *     it succeeds;
 *   - a text is one line without control characters, that of PrivacyMark too: it is printed as a
 *     marking, and compared with the one line of the ESS label; a GenericValue, an OriginatorID and
 *     every attribute says something, as an empty name could be held against no scheme;
 *   - a category of one type, name and URI stands once, and each of its values too.
 */
#include "base/bytes.h"
#include "base/limits.h"

#define VLS_XML4774_NAMESPACE "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0"

enum vls_xml4774_root {
    VLS_XML4774_ORIGINATOR,  /* of the data, by who made it                      */
    VLS_XML4774_ALTERNATIVE, /* of the data, under another policy                */
    VLS_XML4774_METADATA,    /* of the label itself, which may be more sensitive */
};

enum vls_xml4774_type {
    VLS_XML4774_RESTRICTIVE, /* all values must be held      */
    VLS_XML4774_PERMISSIVE,  /* one of the values must be held */
    VLS_XML4774_INFORMATIVE, /* no effect on access          */
};

enum vls_xml4774_form { VLS_XML4774_GENERIC, VLS_XML4774_INTEGER, VLS_XML4774_BITS };

struct vls_xml4774_value {
    enum vls_xml4774_form form;
    const char *text;
};

struct vls_xml4774_category {
    enum vls_xml4774_type type;
    const char *tag_name;
    const char *uri; /* NULL: none */
    struct vls_xml4774_value *values;
    size_t count; /* 0: a list that is there and empty, which is not the same as no list */
};

/** One label of the chain of successions. */
struct vls_xml4774_step {
    const char *policy;
    const char *policy_uri; /* NULL: none */
    const char *classification;
    const char *classification_uri; /* NULL: none */
    const char *privacy_mark;       /* NULL: none */
    struct vls_xml4774_category *categories;
    size_t count;
    const char *originator_type; /* "rfc822Name" and so on; NULL: no OriginatorID */
    const char *originator;
    uint64_t created_ms;
    uint64_t from_ms; /* when it is proposed to come into force; 0 for the first */
};

struct vls_xml4774 {
    enum vls_xml4774_root root;
    const char *id;     /* NULL: none */
    uint64_t review_ms; /* 0: none */
    struct vls_xml4774_step steps[1 + VLS_MAX_XML_SUCCESSORS];
    size_t step_count; /* at least 1; a proposal each, nothing takes effect by itself */
    struct vls_arena *arena;
};

/** Read a file. Nothing is forgiven; words name file, line and element.
 *  @return LABEL_XML, INPUT_LIMIT above VLS_MAX_XML_LABEL, SYSTEM_MEMORY */
VLS_STATUS vls_xml4774_read(struct vls_slice xml, const char *file, struct vls_xml4774 **out,
                            struct vls_why *why);

/** An empty one, to be filled by who writes a label: strings are put there with
 * vls_xml4774_text(). */
struct vls_xml4774 *vls_xml4774_new(void);
void vls_xml4774_free(struct vls_xml4774 **label);

/** A copy of a text that lives as long as the label; NULL stays NULL. @return SYSTEM_MEMORY */
VLS_STATUS vls_xml4774_text(struct vls_xml4774 *label, const char *text, const char **out);
/** Append an empty category. @return INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_xml4774_add_category(struct vls_xml4774 *label, struct vls_xml4774_step *step,
                                    enum vls_xml4774_type type, const char *tag_name,
                                    struct vls_xml4774_category **out);
VLS_STATUS vls_xml4774_add_value(struct vls_xml4774 *label, struct vls_xml4774_category *category,
                                 enum vls_xml4774_form form, const char *text);

/** Append the file, with declaration and line feeds. What is written is read again by
 * vls_xml4774_read() as the same label. @return LABEL_XML when a value has no place in the form,
 * INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_xml4774_write(const struct vls_xml4774 *label, struct vls_buf *out,
                             struct vls_why *why);
/** The same, as an element within another file: no declaration. */
VLS_STATUS vls_xml4774_write_element(const struct vls_xml4774 *label, struct vls_buf *out,
                                     struct vls_why *why);

/** "originatorConfidentialityLabel". */
const char *vls_xml4774_root_name(enum vls_xml4774_root root);
/** "RESTRICTIVE". */
const char *vls_xml4774_type_name(enum vls_xml4774_type type);

#endif
