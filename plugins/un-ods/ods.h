#ifndef VALISE_UN_ODS_ODS_H
#define VALISE_UN_ODS_ODS_H
/*
 * un-ods/ods - what the files of the plugin share: un_ods.c answers questions, name.c reads what a
 * document is called, file.c fetches it in one language, title.c looks whether it is the one.
 *
 * Process: host. The manual, with the limits, is valise-un-ods(7).
 */
#include "common/common.h"

#define ODS_SYMBOL    200u /* bytes of a symbol                                   */
#define ODS_LANGUAGES 7u   /* six, and German                                     */
#define ODS_RESUMES   3u   /* of one file, where its transfer broke off           */

/* A language of the UN: as questions have it, as the API, undocs.org and file names have it. */
struct ods_language {
    const char *code;   /* "fr"    */
    const char *api;    /* "fr", "O" for German     */
    const char *undocs; /* "fr", "ot" for German    */
    const char *name;   /* "FR", as the UN's own files are named */
    char letter;        /* 'F', of old addresses and catalogues */
};

/** By code, letter, or undocs.org's code; case does not count. NULL: the UN does not publish in it.
 */
const struct ods_language *ods_language(const char *text);

/* -- name.c ------------------------------------------------------------------------------------ */

/* What a document is called. */
struct ods_name {
    bool is_job; /* "N2427222": one file in one language; otherwise a symbol */
    char text[ODS_SYMBOL + 1];
    const struct ods_language *language; /* that the address names; NULL: none */
};

/** A symbol, a job number, or an address of any era: documents.un.org, undocs.org, docs.un.org,
 * documents-dds-ny.un.org with its upper case and ?OpenElement, daccess-ods.un.org. Addresses by
 * http are names, too: nothing is ever fetched by it. false, with `why`: it is none. */
bool ods_name_read(const char *symbol, const char *url, struct ods_name *out, char *why,
                   size_t room);
/** "N2427222" gives "/doc/undoc/gen/n24/272/22/pdf/n2427222.pdf". */
void ods_job_path(const char *job, const char *ending, char *out, size_t room);

/* -- file.c ------------------------------------------------------------------------------------ */

struct ods {
    struct plug plug;
    const char *label;
    const struct ods_language *languages[ODS_LANGUAGES]; /* of a question that names none */
    unsigned language_count;
    const char *type; /* "pdf" or "doc" */
    bool by_undocs, tries_official_record;
    uint64_t max_bytes;
    struct plug_pile pile;
    char stated[ODS_SYMBOL + 1]; /* of a job number: the symbol that its file states, or "" */
};

/** Fetch one document in one language into the pile. Gives answer->result. */
uint32_t ods_fetch(struct ods *ods, const struct ods_name *name,
                   const struct ods_language *language, struct plug_answer *answer);

/* -- title.c ----------------------------------------------------------------------------------- */

/** The index of ODS matches by prefix, so that A/RES/77/1 may give A/RES/77/10. What the answer
 * says about itself, in a file's name or in the title of a PDF, is held against what was asked for:
 * false when it is another symbol, which is then in `out`. True also when it does not say. */
bool ods_is_the_one(const char *symbol, const char *file_name, int fd, uint64_t bytes,
                    enum plug_kind kind, char *out, size_t room);

/** The symbol that the title of a PDF begins with; false: there is none. */
bool ods_stated_symbol(int fd, uint64_t bytes, enum plug_kind kind, char *out, size_t room);

#endif
