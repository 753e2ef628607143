#ifndef VALISE_UNSD_SDMX_OBSERVATIONS_H
#define VALISE_UNSD_SDMX_OBSERVATIONS_H
/*
 * unsd-sdmx/observations - an answer in SDMX-CSV, sorted by the confidentiality that each
 * observation states (CONF_STATUS), so that each kind goes under the label that the operator set
 * for it. Article 3(6): statistics are exchanged without what was given in confidence coming out.
 *
 * A code that the settings do not name is not handed over, nor is an observation whose embargo
 * cannot be read: that is told, with how many there are. Nothing is guessed.
 *
 * Pure but for files in memory.
 */
#include "common/common.h"
#include "csv.h"

#define CODES_MOST   16u
#define CODE_ROOM    16u
#define UNSTATED     "-" /* the code of an observation that states none */
#define UNKNOWN_MOST 8u

struct code { /* of the settings */
    char name[CODE_ROOM];
    char label[1025];
    int fd; /* rows of it; -1: none so far */
    uint64_t rows, bytes;
    char *pending; /* bytes that are not written yet */
    size_t pending_len;
};

struct observations {
    struct code codes[CODES_MOST];
    unsigned code_count;
    struct csv csv;
    char header[4096];                             /* the names, as a row */
    size_t columns, status_column, embargo_column; /* of the last two: columns = there is none */
    uint64_t count, handed_over, unreadable_embargo;
    uint64_t embargo_until_ms; /* of those that are handed over, the latest */
    struct unknown_code {
        char name[CODE_ROOM];
        uint64_t rows;
    } unknown[UNKNOWN_MOST]; /* further ones are counted with the last */
    unsigned unknown_count;
    char wrong[PLUG_WHY];
};

/** Read the setting "F=LABEL | C=LABEL | -=LABEL". false with a sentence. */
bool observations_init(struct observations *o, const char *labels, char *why, size_t room);
/** Rows of an answer before are forgotten. */
void observations_begin(struct observations *o);
void observations_fini(struct observations *o);

/** For feed_scan(). */
int observations_take(void *o, const void *bytes, size_t len);
/** That was all: DELIVERED, PARTIAL (some are left out), NOT_PUBLISHED or MALFORMED, with why. */
void observations_end(struct observations *o, struct plug_answer *answer);

#endif
