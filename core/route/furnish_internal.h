#ifndef VALISE_ROUTE_FURNISH_INTERNAL_H
#define VALISE_ROUTE_FURNISH_INTERNAL_H
/*
 * route/furnish_internal - one search, as furnish.c and furnish_held.c share it.
 *
 * Process: router.
 */
#include "envelope/asked.h"
#include "route/furnish.h"
#include "route/shown.h"

/** A row that is kept longer than a callback's time. */
struct vls_search_kept {
    struct vls_search row; /* its text points into what follows */
    char party[VLS_MAX_PARTY + 1];
    char reason[VLS_FURNISH_REASON];
};

/** A document for the answer. */
struct vls_furnish_part {
    char *name, *media_type, *label; /* owned; the label may be empty */
    uint64_t bytes;
    struct vls_digest digest;
    Valise__About *about; /* owned; NULL: nothing is stated */
    int fd;
};

/** One that was found, as whoever has it says; borrowed but for the descriptor. */
struct vls_furnish_offer {
    const Valise__Part *part;
    const char *media_type, *label; /* where the part's own is empty */
    struct vls_slice digest;
    Valise__About *const *abouts; /* of all documents there */
    size_t about_count;
    uint32_t number; /* of this one among them, from 1 */
    int *fd;
};

struct vls_furnishing {
    struct vls_furnishing *next, *prev;
    struct vls_route *route;
    struct vls_search_kept search;
    struct vls_message *message; /* the request, owned */
    uint64_t due_ms;             /* its service target, or its slot when that is before */
    struct vls_shown shown;      /* the request's label */
    Valise__Asked *asked;        /* owned */
    bool is_there[VLS_ASKED_MAX_LANGUAGES]; /* of the languages: a document is found */
    size_t found;                           /* languages, or 1 when none was named */
    bool is_partial;                        /* of one of them not all was there */
    struct vls_furnish_part parts[VLS_MAX_PARTS];
    size_t part_count;
    /* what is held */
    struct vls_message *held;   /* owned */
    Valise__Submission *stated; /* owned: how that is to be handled */
    uint32_t held_parts[VLS_MAX_PARTS];
    int held_language[VLS_MAX_PARTS]; /* -1: of none that was named */
    size_t held_count;
    int *held_fds; /* one a document of that message */
    size_t held_fd_count;
    /* what resolvers said */
    uint64_t again_ms; /* UINT64_MAX: nobody asked to come back */
    bool is_for_person;
    char said[VLS_FURNISH_REASON];
};

/** Add to what goes into the trace; cut when it is too long. */
void vls_furnish_say(struct vls_furnishing *f, const char *format, ...) VLS_PRINTF(2, 3);
/** Its place among the languages that are asked for; -1: it is none of them. */
int vls_furnish_language(const struct vls_furnishing *f, const char *language);
size_t vls_furnish_wanted(const struct vls_furnishing *f);
/** Add a document in that language; its descriptor is taken when there is room.
 * @return INPUT_LIMIT */
VLS_STATUS vls_furnish_add(struct vls_furnishing *f, const char *language,
                           const struct vls_furnish_offer *offer, struct vls_why *why);
/** What is held was looked at: on to the resolvers. */
void vls_furnish_held_done(struct vls_furnishing *f);

/* -- furnish_held.c ---------------------------------------------------------------------------- */

/** Look among what was sent before; vls_furnish_held_done() is called once, then or later. */
void vls_furnish_held(struct vls_furnishing *f);

/** Ask the reader to take an opened archive apart. `out_fds` are those for documents.
 * @return WIRE_GONE when it is not there */
VLS_STATUS vls_furnish_read(struct vls_furnishing *f, const struct vls_id *id, int archive_fd,
                            const int *out_fds, size_t out_count, vls_answer_fn done,
                            struct vls_why *why);

#endif
