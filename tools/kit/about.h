#ifndef VALISE_KIT_ABOUT_H
#define VALISE_KIT_ABOUT_H
/*
 * kit/about - what a plugin says that documents are: held against what a host cannot refuse, and
 * made up for those who are shown it.
 *
 * Process:   valise(1) plugin, and the tests of hosts and plugins.
 * Start at:  kit_about_wrong().
 */
#include <schemas/about.pb-c.h>
#include <stddef.h>

/** NULL, or what is wrong in words: "an address that holds a key". */
const char *kit_about_wrong(Valise__About *const *abouts, size_t count);

/** All that can be said, of the whole and of the first part; lent. */
Valise__About *const *kit_about_full(size_t *out_count);

/** Copies, in memory of their own; released by kit_about_free(). */
Valise__About **kit_about_copy(Valise__About *const *abouts, size_t count);
void kit_about_free(Valise__About **abouts, size_t count);

#endif
