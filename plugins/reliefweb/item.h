#ifndef VALISE_RELIEFWEB_ITEM_H
#define VALISE_RELIEFWEB_ITEM_H
/*
 * reliefweb/item - one report of an answer of the API as a document: the item as it came, its text,
 * its files, and where they are from.
 *
 * Pure but for fetching the files.
 */
#include "common/stream.h"

#define ITEM_TEXT  2049u
#define ITEM_NAMES 32u

struct item {
    char id[FEED_NAME], changed[STREAM_TIME];
    char title[ITEM_TEXT], url[PLUG_URL], published[11], language[16];
    const char *sources[16], *themes[ITEM_NAMES]; /* lent from the JSON */
    uint64_t source_count, theme_count;
    unsigned files, fetched;
    struct plug_answer missing; /* of the first file that did not come */
};

/** For struct feed_stream. An id comes as a text, and as a number from somewhere: both are taken.
 */
bool item_name(const json_t *row, char id[FEED_NAME], char at[STREAM_TIME]);

/** What the item says of itself. */
void item_read(const json_t *row, struct item *item);

enum item_files { ITEM_NO_FILES = 0, ITEM_PDF = 1, ITEM_ALL = 2 };

/** Everything of it into the pile. false: a file has to be asked for later, as item->missing says.
 * @param is_final a file that does not come now does not come at all: the note says so */
bool item_gather(struct item *item, const json_t *row, struct feed *feed, enum item_files files,
                 bool is_final, struct plug_pile *pile);

#endif
