#ifndef VALISE_COMMON_TIDY_H
#define VALISE_COMMON_TIDY_H
/*
 * common/tidy - what an endpoint says of a document, made such that a host takes it: a field that
 * it would refuse is left out, and texts are cut. The document itself must not be lost for the odd
 * language tag of its record.
 *
 * Pure.
 */
#include "common.h"

#define TIDY_BODIES   16u
#define TIDY_SUBJECTS 32u

struct tidy { /* what `about` points into */
    struct vls_about about;
    char title[2049], licence[257], record[129];
    const char *bodies[TIDY_BODIES], *subjects[TIDY_SUBJECTS];
};

/** Fill in tidy->about from what is said; names are lent from there. Symbols and relations are
 * taken as they are. */
void tidy_about(struct tidy *tidy, const struct vls_about *said);

#endif
