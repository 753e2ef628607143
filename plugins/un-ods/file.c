/* One document in one language: where it is asked for, and what the answers mean there. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ods.h"

#define API    "https://documents.un.org/api/symbol/access"
#define FILES  "https://documents.un.org"
#define UNDOCS "https://undocs.org"
#define RECORD "(OR)" /* a symbol of the official records, where the plain one has none */

/* Everything of a symbol is escaped, its slashes too: with bare ones some years answered 404. */
static bool make_url(const struct ods *ods, const struct ods_name *name,
                     const struct ods_language *language, const char *suffix, char *out,
                     size_t room)
{
    char tail[64], path[128], symbol[ODS_SYMBOL + sizeof RECORD];
    if (name->is_job) {
        ods_job_path(name->text, ods->type, path, sizeof path);
        return plug_copy(out, room, FILES) && plug_add(out, room, path);
    }
    snprintf(symbol, sizeof symbol, "%s%s", name->text, suffix);
    snprintf(tail, sizeof tail, "&l=%s&t=%s", language->api, ods->type);
    return plug_copy(out, room, API "?s=") && plug_add_escaped(out, room, symbol) &&
           plug_add(out, room, tail);
}

static bool make_short_url(const struct ods_name *name, const struct ods_language *language,
                           char *out, size_t room)
{
    char escaped[3 * ODS_SYMBOL + 1] = "";
    if (!plug_add_escaped(escaped, sizeof escaped, name->text))
        return false;
    return snprintf(out, room, UNDOCS "/%s/%s", language->undocs, escaped) < (int)room;
}

static uint32_t fetch(struct ods *ods, const char *url, int *out_fd, struct plug_answer *answer)
{
    const struct plug_ask ask = {.url = url,
                                 .kinds = PLUG_DOCUMENTS,
                                 /* how a symbol looks that is not issued yet, since 2026 */
                                 .empty = VLS_RESULT_NOT_PUBLISHED,
                                 .max_bytes = ods->max_bytes,
                                 .resumes = ODS_RESUMES};
    uint32_t result = plug_fetch(&ods->plug, &ask, out_fd, answer);
    if (result == VLS_RESULT_MALFORMED && answer->status == 400) {
        /* what it says to a symbol with characters that it does not know, such as '^' */
        answer->result = VLS_RESULT_NOT_FOUND;
        plug_say(answer->why, sizeof answer->why, "it takes this for no symbol (400)");
    }
    return answer->result;
}

static bool is_missing(uint32_t result)
{
    return result == VLS_RESULT_NOT_FOUND || result == VLS_RESULT_NOT_PUBLISHED;
}

/* Through documents.un.org, and again as an official record when there is nothing. */
static uint32_t by_documents(struct ods *ods, const struct ods_name *name,
                             const struct ods_language *language, int *out_fd,
                             struct plug_answer *answer)
{
    char url[PLUG_URL];
    struct plug_answer second;
    if (!make_url(ods, name, language, "", url, sizeof url))
        return plug_malformed(answer, "symbol", "the symbol is too long for an address");
    uint32_t result = fetch(ods, url, out_fd, answer);
    if (!is_missing(result) || name->is_job || !ods->tries_official_record ||
        strstr(name->text, RECORD) != NULL ||
        !make_url(ods, name, language, RECORD, url, sizeof url))
        return result;
    result = fetch(ods, url, out_fd, &second);
    if (!is_missing(result))
        *answer = second;
    return answer->result;
}

/* undocs.org: the file itself, since the resolver of 2026; a page that shows it in a frame, before.
 */
static uint32_t by_undocs(struct ods *ods, const struct ods_name *name,
                          const struct ods_language *language, int *out_fd,
                          struct plug_answer *answer)
{
    char url[PLUG_URL];
    if (!make_short_url(name, language, url, sizeof url))
        return plug_malformed(answer, "symbol", "the symbol is too long for an address");
    uint32_t result = fetch(ods, url, out_fd, answer);
    if (result == VLS_RESULT_MALFORMED && answer->kind == PLUG_HTML)
        return by_documents(ods, name, language, out_fd, answer);
    return result;
}

/* Named as the UN names its files, "A_RES_79_1-EN.pdf", by what the bytes are. */
static uint32_t add(struct ods *ods, const struct ods_name *name,
                    const struct ods_language *language, int fd, struct plug_answer *answer)
{
    char stem[PLUG_NAME / 2], file[PLUG_NAME];
    const char *ending = plug_kind_ending(answer->kind);
    plug_file_name(stem, sizeof stem, name->text);
    if (name->is_job)
        snprintf(file, sizeof file, "%s.%s", stem, ending);
    else
        snprintf(file, sizeof file, "%s-%s.%s", stem, language->name, ending);
    if (!name->is_job ||
        !ods_stated_symbol(fd, answer->bytes, answer->kind, ods->stated, sizeof ods->stated))
        ods->stated[0] = '\0';
    if (plug_pile_add(&ods->pile, file, NULL, answer->kind, fd, answer->bytes) != 0)
        return plug_malformed(answer, "length", "no room for the document");
    if (!name->is_job)
        plug_pile_says(&ods->pile, language->code, answer->url);
    return answer->result;
}

uint32_t ods_fetch(struct ods *ods, const struct ods_name *name,
                   const struct ods_language *language, struct plug_answer *answer)
{
    char other[ODS_SYMBOL + 1];
    int fd = -1;
    *answer = (struct plug_answer){.kind = PLUG_EMPTY};
    uint32_t result = ods->by_undocs && !name->is_job
                          ? by_undocs(ods, name, language, &fd, answer)
                          : by_documents(ods, name, language, &fd, answer);
    if (result != VLS_RESULT_DELIVERED)
        return result;
    if (!name->is_job && !ods_is_the_one(name->text, answer->name, fd, answer->bytes, answer->kind,
                                         other, sizeof other)) {
        close(fd);
        return plug_malformed(answer, "symbol",
                              "it gave %.80s, which only begins like what was asked for", other);
    }
    return add(ods, name, language, fd, answer);
}
