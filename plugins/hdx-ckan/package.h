#ifndef VALISE_HDX_CKAN_PACKAGE_H
#define VALISE_HDX_CKAN_PACKAGE_H
/*
 * hdx-ckan/package - one data set of a CKAN catalogue ("package") as a document: its record, its
 * files ("resources"), its licence, and where they are from.
 *
 * Whether a data set has changed is told by the bytes of its files: addresses change with each
 * version, and dates of the record with each look at it.
 */
#include "common/stream.h"

#define PACKAGE_FILES 40u /* further ones are named in the note alone */
#define PACKAGE_TEXT  2049u
#define PACKAGE_NAMES 32u

struct package {
    char id[FEED_NAME], name[128], title[PACKAGE_TEXT], url[PLUG_URL], updated[11];
    char licence[257];
    const char *tags[PACKAGE_NAMES], *organization; /* lent from the JSON */
    uint64_t tag_count;
    unsigned files, fetched;
    struct plug_answer missing; /* of the first file that did not come */
    char digest[FEED_HEX];      /* of the files' digests, in their order */
};

/** For struct feed_stream: id and metadata_modified. */
bool package_name(const json_t *row, char id[FEED_NAME], char at[STREAM_TIME]);

/** false: it is not public, or was deleted, and is not brought. */
bool package_is_public(const json_t *row);

/** What it says of itself. `site`: the catalogue, for its page there. */
void package_read(const json_t *row, const char *site, struct package *package);

/** All of it into the pile. false: a file has to be asked for later, as package->missing says.
 * @param is_final a file that does not come now does not come at all: the note says so */
bool package_gather(struct package *package, const json_t *row, struct feed *feed, bool is_final,
                    struct plug_pile *pile);

#endif
