#ifndef VALISE_COMMON_KIND_H
#define VALISE_COMMON_KIND_H
/*
 * common/kind - what content is by its first bytes, whatever its name, its request and its header
 * say: one file in six of a document system is not what was asked for.
 *
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plug_kind {
    PLUG_EMPTY = 1u << 0,   /* no bytes at all                                                 */
    PLUG_UNKNOWN = 1u << 1, /* bytes that say nothing                                          */
    PLUG_PDF = 1u << 2,
    PLUG_OLE = 1u << 3,  /* Word, Excel, PowerPoint until 2003                              */
    PLUG_DOCX = 1u << 4, /* as far as the first bytes show; otherwise ZIP                   */
    PLUG_XLSX = 1u << 5,
    PLUG_ZIP = 1u << 6,
    PLUG_RTF = 1u << 7,
    PLUG_WORDPERFECT = 1u << 8,
    PLUG_HTML = 1u << 9, /* a page for people, XHTML too                                    */
    PLUG_XML = 1u << 10,
    PLUG_JSON = 1u << 11,
    PLUG_TEXT = 1u << 12,  /* CSV too                                                         */
    PLUG_IMAGE = 1u << 13, /* PNG, JPEG, GIF                                                  */
    PLUG_GZIP = 1u << 14,  /* compressed, and it does not say so                              */
    PLUG_ZSTD = 1u << 15,
};
#define PLUG_KIND_BYTES 4096u /* so many are enough */

/* What people read, and what a symbol may be published as. */
#define PLUG_DOCUMENTS                                                                             \
    ((unsigned)(PLUG_PDF | PLUG_OLE | PLUG_DOCX | PLUG_XLSX | PLUG_ZIP | PLUG_RTF |                \
                PLUG_WORDPERFECT))

/** What these bytes begin. */
enum plug_kind plug_kind_of(const void *first, size_t len);

/** A document of this kind has the end that such have: one that was cut off on its way into an
 * answer of the right length has not. True of kinds that have no such end. */
bool plug_has_end(int fd, uint64_t bytes, enum plug_kind kind);

/** "application/pdf"; "application/octet-stream" for what is unknown. */
const char *plug_kind_type(enum plug_kind kind);
/** "pdf", for a file's name; "bin" for what is unknown. */
const char *plug_kind_ending(enum plug_kind kind);
/** "PDF", "an HTML page", for a sentence. */
const char *plug_kind_words(enum plug_kind kind);

#endif
