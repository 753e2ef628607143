/* Whether a document has its end. See kind.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kind.h"

#define PDF_TAIL 4096u          /* readers of PDF look for its end in fewer       */
#define ZIP_TAIL (65535u + 22u) /* the last record of an archive, and its comment */

static bool ends_with(int fd, uint64_t bytes, const char *mark, size_t len, size_t tail)
{
    size_t looked_at = bytes < tail ? (size_t)bytes : tail;
    char *piece = malloc(looked_at + 1);
    bool is_there = piece == NULL; /* what cannot be looked at is not accused */
    ssize_t n = is_there ? 0 : pread(fd, piece, looked_at, (off_t)(bytes - looked_at));
    for (ssize_t i = n - (ssize_t)len; i >= 0 && !is_there; i--)
        is_there = memcmp(piece + i, mark, len) == 0;
    free(piece);
    return is_there;
}

bool plug_has_end(int fd, uint64_t bytes, enum plug_kind kind)
{
    switch (kind) {
    case PLUG_PDF:
        return ends_with(fd, bytes, "%%EOF", 5, PDF_TAIL);
    case PLUG_DOCX:
    case PLUG_XLSX:
    case PLUG_ZIP:
        return ends_with(fd, bytes, "PK\x05\x06", 4, ZIP_TAIL);
    case PLUG_RTF:
        return ends_with(fd, bytes, "}", 1, PDF_TAIL);
    case PLUG_EMPTY:
    case PLUG_UNKNOWN:
    case PLUG_OLE:
    case PLUG_WORDPERFECT:
    case PLUG_HTML:
    case PLUG_XML:
    case PLUG_JSON:
    case PLUG_TEXT:
    case PLUG_IMAGE:
    case PLUG_GZIP:
    case PLUG_ZSTD:
        break;
    }
    return true;
}
