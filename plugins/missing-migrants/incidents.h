#ifndef VALISE_MISSING_MIGRANTS_INCIDENTS_H
#define VALISE_MISSING_MIGRANTS_INCIDENTS_H
/*
 * missing-migrants/incidents - one year's answer, read as it streams: whether it is one, and what
 * an officer should know of it. Every value is a text, and "" is unknown: which fields have how
 * many of these is counted, whatever they are called, for their names change from year to year.
 *
 * Pure.
 */
#include "common/common.h"

#define INCIDENT_FIELDS 64u
#define INCIDENT_NAME   64u

struct incidents {
    uint64_t count;
    uint64_t without_place; /* coordinates under neither spelling of their name */
    uint64_t no_texts;      /* values that are no texts                         */
    bool is_misspelt;       /* "location_coodinates"                            */
    struct incident_field {
        char name[INCIDENT_NAME];
        uint64_t present, unknown;
    } fields[INCIDENT_FIELDS];
    unsigned field_count, fields_left_out;
    struct plug_json *json;
};

/** false without memory */
bool incidents_init(struct incidents *incidents);
void incidents_fini(struct incidents *incidents);

/** For feed_scan(). */
int incidents_take(void *incidents, const void *bytes, size_t len);

/** That was all: DELIVERED, NOT_PUBLISHED or MALFORMED, with why. */
void incidents_end(struct incidents *incidents, struct plug_answer *answer);

#endif
