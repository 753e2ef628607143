#ifndef VALISE_MARC_DELIVER_H
#define VALISE_MARC_DELIVER_H
/*
 * marc/deliver - a record becomes a message: the record as JSON or XML, with `deliver: documents`
 * the files it links to as well, and what it says of its document by "valise.about/1".
 *
 * Nothing is handed over before all of it is there. The origin key is made of the catalogue, the
 * record's identifier and date, and a digest of what is in it: the same version of a record is one
 * message, however often it is read.
 *
 * Process:   host.
 * Ownership: a deliver borrows plug and settings until deliver_fini().
 * Start at:  DELIVER_SETTINGS in the descriptor, deliver_init() in start(), deliver_record().
 */
#include "about.h"
#include "common/ask.h"
#include "common/pile.h"
#include "page.h"

#define DELIVER_SEEN 8192u /* newest keys, not to be handed over again while the process lives */

/* Settings that every source of records has; a comma behind it. */
#define DELIVER_SETTINGS(issuer_default)                                                           \
    {.name = "kind",                                                                               \
     .type = VLS_SETTING_TEXT,                                                                     \
     .fallback = "publication",                                                                    \
     .help = "Kind of the messages."},                                                             \
        {.name = "to",                                                                             \
         .type = VLS_SETTING_TEXT,                                                                 \
         .fallback = "",                                                                           \
         .help = "Party that gets them; empty: all that subscribe to what a document is about."},  \
        {.name = "label",                                                                          \
         .type = VLS_SETTING_TEXT,                                                                 \
         .fallback = "",                                                                           \
         .help = "Label of what comes, SCHEME/CLASSIFICATION; without one it is quarantined."},    \
        {.name = "deliver",                                                                        \
         .type = VLS_SETTING_CHOICE,                                                               \
         .choices = "records|documents",                                                           \
         .fallback = "records",                                                                    \
         .help = "Records alone, or with the files that they link to."},                           \
        {.name = "form",                                                                           \
         .type = VLS_SETTING_CHOICE,                                                               \
         .choices = "json|xml",                                                                    \
         .fallback = "json",                                                                       \
         .help = "How a record is written."},                                                      \
        {.name = "languages",                                                                      \
         .type = VLS_SETTING_TEXT,                                                                 \
         .max = 128,                                                                               \
         .fallback = "",                                                                           \
         .help = "Of files: \"en, fr\"; empty: all."},                                             \
        {.name = "deleted",                                                                        \
         .type = VLS_SETTING_CHOICE,                                                               \
         .choices = "tell|ignore",                                                                 \
         .fallback = "tell",                                                                       \
         .help = "Whether a record that was taken out is told by a message of its own."},          \
    {                                                                                              \
        .name = "issuer", .type = VLS_SETTING_TEXT, .max = 64, .fallback = issuer_default,         \
        .help = "Whose symbols these are, such as un; empty: symbols stay in the record alone."    \
    }

struct deliver {
    struct plug *plug;
    const struct vls_about_service *says; /* NULL: a host before 1.4 */
    const char *scope;                    /* of origin keys: the catalogue's address */
    const char *kind, *to, *label, *languages, *issuer;
    const char *licence; /* NULL: what the record says */
    bool has_files, is_xml, tells_deleted;
    struct about about;
    uint64_t seen[DELIVER_SEEN]; /* 0: free */
    unsigned next_seen;
};

/** What became of one record. */
enum deliver_outcome {
    DELIVER_DONE,    /* handed over */
    DELIVER_SKIPPED, /* there is nothing to hand over, or it was before */
    DELIVER_REFUSED, /* the host does not take it: the log says why */
    DELIVER_BUSY,    /* too many are under way: again when poll() is called next */
    DELIVER_LATER    /* a file is not to be had now: answer says why and when */
};

void deliver_init(struct deliver *d, struct plug *plug, const char *scope, const char *licence);
void deliver_fini(struct deliver *d);

/** Hand a record over, with the cursor as state item "cursor" (NULL: none) in the same commit.
 * `gives_up`: files that are not to be had now are left out and named, instead of LATER. */
enum deliver_outcome deliver_record(struct deliver *d, const struct page_record *record,
                                    const char *cursor, bool gives_up, uint64_t token,
                                    struct plug_answer *answer);

/** What was handed over may have to be so once more. */
void deliver_forget(struct deliver *d);

/** Whether a file is in one of the languages that are wanted. */
bool deliver_wants(const struct deliver *d, const struct about_file *file);

/** What "valise.about/1" is to be told of a record; lent from `d`, and from `out`. */
struct deliver_says {
    struct vls_about about;
    struct vls_relation relations[ABOUT_RELATED];
};
void deliver_says_of(const struct deliver *d, const char *url, struct deliver_says *out);

#endif
