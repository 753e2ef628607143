#ifndef VALISE_MARC_MARC_H
#define VALISE_MARC_MARC_H
/*
 * marc/marc - one bibliographic record: fields of MARC 21, or elements of Dublin Core, as they
 * came.
 *
 * Both are lists of fields with texts in them, so that both are this one struct: a field of Dublin
 * Core has the element's name in `name`, and one subfield without a code.
 *
 * Process:   host.
 * Ownership: a record owns its texts; pointers to them are good until it is changed.
 * Limits:    MARC_MAX_..., far above what catalogues have (the largest of 94 recorded records is
 *            25 KB with 119 fields); what is larger is refused by the call that would add it.
 * Start at:  marc_next() and marc_sub() to read it; page.h fills it.
 */
#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"

#define MARC_MAX_TEXT   (1u << 20) /* all texts of a record, with a NUL each */
#define MARC_MAX_FIELDS 4096u
#define MARC_MAX_SUBS   16384u
#define MARC_NAME       24 /* "245", "description", and a NUL */

enum marc_form { MARC_NONE, MARC_MARC21, MARC_DUBLIN_CORE };

struct marc_sub {
    char code; /* 0: of a control field, or of Dublin Core */
    uint32_t text;
};

struct marc_field {
    char name[MARC_NAME];
    char ind1, ind2; /* a blank that was written '\' is a blank here */
    uint32_t first, count;
};

struct marc_record {
    enum marc_form form;
    struct vls_buf text;
    struct marc_field *fields;
    size_t field_count, field_room;
    struct marc_sub *subs;
    size_t sub_count, sub_room;
};

void marc_init(struct marc_record *r);
void marc_fini(struct marc_record *r);
/** Empty it, keep the memory. */
void marc_clear(struct marc_record *r);

/** Begin a field. @return INPUT_LIMIT, INPUT_MALFORMED for a name that is too long or empty,
 *  SYSTEM_MEMORY */
VLS_STATUS marc_add_field(struct marc_record *r, const char *name, char ind1, char ind2);
/** Add to the field that was begun last. White space around the text goes, as XML that is made to
 * be read has it there; that of control fields and the leader stays. @return as above */
VLS_STATUS marc_add_sub(struct marc_record *r, char code, struct vls_slice text);

/** The first field of that name behind `after` (NULL: from the first); NULL: there is none. */
const struct marc_field *marc_next(const struct marc_record *r, const struct marc_field *after,
                                   const char *name);
/** The text of the n-th subfield with that code, from 0; NULL: there is none. */
const char *marc_sub(const struct marc_record *r, const struct marc_field *field, char code,
                     unsigned n);
/** The text of the first field of that name, which is a control field or of Dublin Core; NULL. */
const char *marc_value(const struct marc_record *r, const char *name);
/** The first subfield of that code in the first field of that name that has one; NULL. */
const char *marc_first(const struct marc_record *r, const char *name, char code);

/** Whether it stands for a record that was taken out: 980 $a or $c DELETED. */
bool marc_is_deleted(const struct marc_record *r);

/** The record as JSON: MARC-in-JSON ({"leader", "fields": [{"001": "..."}, {"245": {"ind1", "ind2",
 * "subfields": [{"a": "..."}]}}]}); or {"title": ["..."], ...} of Dublin Core. NULL without memory.
 */
json_t *marc_json(const struct marc_record *r);
/** The record as XML that stands alone: MARCXML, or oai_dc. Appends to `out`. */
VLS_STATUS marc_xml(const struct marc_record *r, struct vls_buf *out);

#endif
