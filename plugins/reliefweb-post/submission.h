#ifndef VALISE_RELIEFWEB_POST_SUBMISSION_H
#define VALISE_RELIEFWEB_POST_SUBMISSION_H
/*
 * reliefweb-post/submission - what is PUT to ReliefWeb for one message, made from its part
 * "reliefweb.json" and the digests of its PDFs, and held against ReliefWeb's schema of a report
 * before it leaves: a name that is misspelt is told here, by its name, not by "422".
 *
 * Pure.
 * Ownership: the submission owns its JSON.
 */
#include "common/common.h"
#include "uuid5.h"

#define SUBMISSION_FILES      10u
#define SUBMISSION_FILE_BYTES (20u << 20)
#define SUBMISSION_HEX        65u
#define SUBMISSION_NAME       256u

struct submission_file { /* a PDF of the message */
    char name[SUBMISSION_NAME];
    char sha256[SUBMISSION_HEX];
    bool is_used; /* the description names it */
};

struct submission {
    struct submission_file files[SUBMISSION_FILES];
    unsigned file_count;
    json_t *json;
    char uuid[UUID_ROOM];
};

void submission_fini(struct submission *submission);

/** Read the description, add uuids and checksums, check all. false with a sentence that names the
 * member and the fix. The files are there already. */
bool submission_make(struct submission *submission, const struct plug_bytes *text, char *why,
                     size_t room);

#endif
