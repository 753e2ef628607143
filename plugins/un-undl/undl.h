#ifndef VALISE_UNDL_UNDL_H
#define VALISE_UNDL_UNDL_H
/*
 * un-undl/undl - what source and resolver of the UN Digital Library share: settings, addresses, and
 * what its answers mean.
 *
 * Process: host.
 */
#include "marc/harvest.h"

#define UNDL_SEARCH_ID 2048
#define UNDL_LIMIT_MS  UINT64_C(300000) /* "Max 100 requests per 5 minutes" */

enum undl_interface {
    UNDL_API = 0,   /* API v1, with a key */
    UNDL_SEARCH = 1 /* the anonymous search, where the Library has agreed to it */
};

/** Where the source is: a run of its query. */
struct undl_cursor {
    int64_t since, began;  /* of the date in {since}; of this run, UTC. 0: not begun */
    uint64_t count, first; /* records on pages that were read; number of the first, of a search */
    int64_t total;         /* of the run; -1: not known yet */
    uint64_t first_mark;   /* of the first record on the page before: a search repeats its last */
    char search_id[UNDL_SEARCH_ID];
};

struct undl {
    struct plug plug;
    struct harvest harvest;
    struct harvest_ops ops;
    struct undl_cursor cursor;
    struct deliver deliver; /* the resolver's */
    const char *url;        /* without a slash at its end */
    enum undl_interface interface;
    bool is_source, is_started;
};

/** A search for `query`: the page behind `search_id`, or, of a search, from the record `first` on
 * (from 1). */
void undl_search_url(const struct undl *u, const char *query, const char *search_id, uint64_t first,
                     char *url, size_t room);

/** What an answer means that is no list of records: JSON, HTML, an error. true: it is one, and the
 * verdict says which. */
bool undl_judge(const struct page_facts *facts, unsigned status, uint64_t now_ms,
                struct harvest_verdict *verdict);

/** The source: ops of its harvest. */
void undl_source_init(struct undl *u);

/** The resolver. */
void undl_resolve(void *state, const struct vls_question *question, struct vls_finding *finding,
                  char *why, size_t why_room);

#endif
