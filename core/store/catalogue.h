#ifndef VALISE_STORE_CATALOGUE_H
#define VALISE_STORE_CATALOGUE_H
/*
 * store/catalogue - what is held: the documents of sent and received messages by symbol, title,
 * body, subject and language, how they refer to each other, and the fingerprints of their texts.
 *
 * Process:   router alone.
 * Ownership: what a callback is shown lives for that call; the callback may not change the store.
 * Start at:  vls_catalogue_add(); a message's rows go with vls_catalogue_forget().
 *
 * Rows are written in the transaction that writes or moves their message. Which of them somebody
 * may see is not decided here: each says its label.
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

#define VLS_CATALOGUE_BANDS 16 /* those of document/shingle.h */

/** How one document refers to another, or what its own name is. */
struct vls_catalogue_name {
    const char *printed, *canonical, *base; /* document/symbol.h */
    uint32_t relates;                       /* of a relation */
    uint32_t reissue;                       /* of an own symbol */
};

/** One document of a message. Texts that are NULL are kept empty. */
struct vls_holding {
    struct vls_id id;
    uint32_t part; /* from 1 */
    enum vls_direction direction;
    const char *party, *label; /* label: of this document */
    const char *kind, *name;   /* of the message, and its file name */
    const char *issuer, *language, *title, *published;
    uint64_t held_ms;
    enum vls_state state;    /* of the message; when it is read */
    struct vls_slice about;  /* serialized About of this document */
    struct vls_slice digest; /* empty, or 32 bytes */
    struct vls_slice minhash;
};

/** What goes beside it. */
struct vls_holding_more {
    const struct vls_catalogue_name *symbols, *relations;
    size_t symbol_count, relation_count;
    uint64_t bands[VLS_CATALOGUE_BANDS]; /* of minhash, when there is one */
    /** What is searched, in search form; NULL: none. */
    const char *text_symbols, *text_title, *text_bodies, *text_subjects;
};

/** @return STORE_EXISTS when this part of the message is there already; INPUT_LIMIT */
VLS_STATUS vls_catalogue_add(struct vls_store *store, const struct vls_holding *holding,
                             const struct vls_holding_more *more, struct vls_why *why);

/** Take all documents of a message out: names, words and fingerprints. Fine when there are none. */
VLS_STATUS vls_catalogue_forget(struct vls_store *store, const struct vls_id *id,
                                struct vls_why *why);

/** `name`: by which of its symbols or relations it was found; NULL when it was not by one. Any
 * failure ends the reading; STORE_FULL from the callback means enough, and is success. */
typedef struct vls_status (*vls_holding_fn)(void *ctx, const struct vls_holding *holding,
                                            const struct vls_catalogue_name *name,
                                            struct vls_why *why);

struct vls_catalogue_filter {
    const char *match;    /* for FTS5: search forms in quotation marks; NULL = all */
    const char *issuer;   /* NULL = all, as the following */
    const char *symbol;   /* canonical */
    const char *begins;   /* canonical: symbols that begin so */
    const char *language; /* primary tag */
    const char *party;
    enum vls_direction direction; /* 0 = both */
};
/** With `match` the best first, otherwise the newest first. */
VLS_STATUS vls_catalogue_search(struct vls_store *store, const struct vls_catalogue_filter *filter,
                                vls_holding_fn fn, void *ctx, struct vls_why *why);

/** The documents of one message, in order. */
VLS_STATUS vls_catalogue_of(struct vls_store *store, const struct vls_id *id, vls_holding_fn fn,
                            void *ctx, struct vls_why *why);

/** All that belong to the same document as far as symbols say: with this base. `party` and
 * `direction` as above. Newest first. */
VLS_STATUS vls_catalogue_kin(struct vls_store *store, const char *issuer, const char *base,
                             const char *party, enum vls_direction direction, vls_holding_fn fn,
                             void *ctx, struct vls_why *why);

/** All that say themselves that they refer to a document with this base. */
VLS_STATUS vls_catalogue_referring(struct vls_store *store, const char *issuer, const char *base,
                                   vls_holding_fn fn, void *ctx, struct vls_why *why);

/** Those with a band in common, newest first: candidates for the same text. */
VLS_STATUS vls_catalogue_candidates(struct vls_store *store,
                                    const uint64_t bands[VLS_CATALOGUE_BANDS], const char *party,
                                    enum vls_direction direction, vls_holding_fn fn, void *ctx,
                                    struct vls_why *why);

/** What was sent to `party` and has a symbol in one language that something received from it has,
 * too. The name is that symbol. */
VLS_STATUS vls_catalogue_overlap(struct vls_store *store, const char *party, vls_holding_fn fn,
                                 void *ctx, struct vls_why *why);

/* -- advice ------------------------------------------------------------------------------------ */

/** How a message that is sent stands to earlier ones, as it was found when it was submitted. */
struct vls_likeness {
    uint32_t like;       /* enum vls_like of the plugin interface */
    struct vls_id other; /* the earlier message; only when like is not 0 */
    const char *advice;  /* a sentence */
};
VLS_STATUS vls_catalogue_advise(struct vls_store *store, const struct vls_id *id,
                                const struct vls_likeness *likeness, struct vls_why *why);
/** The advice is copied into `advice`. @return STORE_MISSING when there is none */
VLS_STATUS vls_catalogue_advice(struct vls_store *store, const struct vls_id *id,
                                struct vls_likeness *out, char *advice, size_t room,
                                struct vls_why *why);

#endif
