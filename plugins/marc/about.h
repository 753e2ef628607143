#ifndef VALISE_MARC_ABOUT_H
#define VALISE_MARC_ABOUT_H
/*
 * marc/about - what a record says of its document: symbols, related symbols, title, date, files by
 * language, agenda, votes. As it stands there and no more: nothing is made up, and symbols are
 * verbatim.
 *
 * Fields of MARC as the UN Digital Library uses them:
 *     191 $a $z symbol, $b body      791, 993 $a related symbol     245 $a $b title
 *     269 $a date                    856 $u file, $y language, $s bytes
 *     967 $c $d $e vote              991 $a $b $c $d agenda         996 $a outcome
 *     600 610 611 630 650 651 $a subjects                           041 $a language
 * Of Dublin Core: title, date, language, subject, rights, and addresses in identifier.
 *
 * Process:   host.
 * Ownership: texts are in `text`, which the struct owns, or are the record's: it lives longer.
 * Start at:  about_init(), about_read().
 */
#include "marc.h"

#define ABOUT_SYMBOLS   8 /* as the interface has them */
#define ABOUT_SUBJECTS  32
#define ABOUT_BODIES    16
#define ABOUT_RELATED   32
#define ABOUT_FILES     64
#define ABOUT_SYMBOL    128
#define ABOUT_TITLE     2048
#define ABOUT_TERM      128
#define ABOUT_FILE_NAME 200

struct about_file {
    const char *url;            /* https */
    const char *label;          /* of the language, as it stands there; "" when there is none */
    const char *language;       /* "fr"; NULL: not known */
    int64_t bytes;              /* -1: not said */
    char name[ABOUT_FILE_NAME]; /* last part of the address, unescaped */
};

struct about {
    struct vls_buf text;
    const char *symbols[ABOUT_SYMBOLS], *subjects[ABOUT_SUBJECTS], *bodies[ABOUT_BODIES],
        *related[ABOUT_RELATED];
    unsigned symbol_count, subject_count, body_count, related_count, file_count;
    struct about_file files[ABOUT_FILES];
    const char *title, *published, *language, *rights, *id; /* "" when it does not say */
    unsigned votes[4];                                      /* yes, no, abstained, absent */
    bool was_twice_encoded; /* a title or label had one encoding too many, which was undone */
    bool is_cut;            /* there was more than there is room for; it is in the record still */
};

void about_init(struct about *about);
void about_fini(struct about *about);

/** Replace what it holds. @return SYSTEM_MEMORY */
VLS_STATUS about_read(struct about *about, const struct marc_record *record);

/** Whether the record is of this symbol: whole, in any case, blanks at the ends aside. A search for
 * "A/RES/77/1" finds 77/10 as well. */
bool about_has_symbol(const struct about *about, const char *symbol);

/** The last part of an address, unescaped, as a safe name of a file; "file" when it is none. */
void about_name_of(const char *url, char out[ABOUT_FILE_NAME]);

/** What about and record say, as one object: {"symbols", "title", ..., "files", "agenda", "votes",
 * "record"}. NULL without memory. */
json_t *about_json(const struct about *about, const struct marc_record *record);

#endif
