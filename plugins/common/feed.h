#ifndef VALISE_COMMON_FEED_H
#define VALISE_COMMON_FEED_H
/*
 * common/feed - what sources of data endpoints share: their settings, tasks that come due one by
 * one, one document at a time on its way, and what is written down of where it comes from.
 *
 * A task is one thing to look after: a country's data set, a year, a list that grows. poll() takes
 * the one that is due, and says with feed_done() how its endpoint answered; that sets when it is
 * due again. A document that was emitted must be settled by the router before the next task is
 * taken: so a cursor that is saved with a document never passes one that did not arrive.
 *
 * Process:   host.
 * Ownership: a feed owns its tasks; what it borrows is the host's, until stop().
 */
#include "common.h"

#define FEED_NAME    64u                   /* a task's name, which is the key of its state, too */
#define FEED_TASKS   512u                  /* of one plugin                                     */
#define FEED_MESSAGE (UINT64_C(256) << 20) /* bytes of all files of one message */
#define FEED_NOTE    8192u                 /* where a document comes from, in lines             */
#define FEED_HEX     65u                   /* a SHA-256 in hexadecimal, and its NUL             */

/* Settings that all of them have; the address and the numbers differ. */
#define FEED_SETTINGS(address, minutes, seconds)                                                   \
    {.name = "base-url",                                                                           \
     .type = VLS_SETTING_TEXT,                                                                     \
     .min = 9,                                                                                     \
     .max = 1024,                                                                                  \
     .fallback = address,                                                                          \
     .help = "Where the service is: https://HOST[:PORT][/PATH], of the hosts in http.hosts."},     \
        {.name = "label",                                                                          \
         .type = VLS_SETTING_TEXT,                                                                 \
         .flags = VLS_SETTING_REQUIRED,                                                            \
         .min = 1,                                                                                 \
         .max = 1024,                                                                              \
         .help = "Label of what is brought, such as un-sgb-2007-6/unclassified: nobody guesses "   \
                 "one."},                                                                          \
        {.name = "to",                                                                             \
         .type = VLS_SETTING_TEXT,                                                                 \
         .max = 64,                                                                                \
         .help = "Party that it goes to; without it, every party that subscribes to it."},         \
        {.name = "kind",                                                                           \
         .type = VLS_SETTING_TEXT,                                                                 \
         .min = 1,                                                                                 \
         .max = 64,                                                                                \
         .fallback = "publication",                                                                \
         .help = "Kind of the messages."},                                                         \
        {.name = "every-minutes",                                                                  \
         .type = VLS_SETTING_NUMBER,                                                               \
         .min = 1,                                                                                 \
         .max = 10080,                                                                             \
         .fallback = minutes,                                                                      \
         .help = "How often each thing is looked at, in minutes."},                                \
        {.name = "timeout-seconds",                                                                \
         .type = VLS_SETTING_NUMBER,                                                               \
         .min = 1,                                                                                 \
         .max = 900,                                                                               \
         .fallback = seconds,                                                                      \
         .help = "How long one answer may take, in seconds; the operator's http.timeout bounds "   \
                 "it."},                                                                           \
    {                                                                                              \
        .name = "max-mib", .type = VLS_SETTING_NUMBER, .min = 1, .max = 256, .fallback = "64",     \
        .help = "The largest answer that is taken, in MiB."                                        \
    }

struct feed_task {
    char name[FEED_NAME];
    uint64_t due_ms; /* by the steady clock; 0: now */
    unsigned failures;
};

struct feed {
    struct plug plug;
    const struct vls_about_service *about; /* NULL: an older host */
    char base[1025];                       /* without a '/' at its end */
    const char *label, *to, *kind;
    uint64_t every_ms, max_bytes;
    uint32_t timeout_ms;

    struct feed_task *tasks;
    unsigned count;
    uint64_t closed_until_ms; /* the endpoint as a whole */

    /* the document that is on its way */
    bool is_under_way;
    uint64_t token;
    unsigned of; /* its task, by number */
    char state_key[FEED_NAME], state_value[512], key[129];
    unsigned retries; /* in a row */
};

/** Look up services and settings. 0; or -1 with `why`. */
int feed_start(struct feed *feed, const struct vls_host *host, char *why, size_t room);
void feed_stop(struct feed *feed);

/** One more thing to look after; one that is there already is not added. false: too many. */
bool feed_add(struct feed *feed, const char *name);
/** The next that is due; NULL: none now. */
struct feed_task *feed_next(struct feed *feed);
/** For how long poll() may rest. */
uint32_t feed_rest(const struct feed *feed);
/** A task was looked at: when to look again, and word to the operator. Of an answer that closes the
 * endpoint (BLOCKED, RETRY_AT of a 429 ...) no other task is taken either. */
void feed_done(struct feed *feed, struct feed_task *task, const struct plug_answer *answer);
/** The same with PARTIAL: `got` of `total` are here. */
void feed_done_in_part(struct feed *feed, struct feed_task *task, const struct plug_answer *answer,
                       uint64_t got, uint64_t total);
/** There is more of it right away: due at once. */
void feed_go_on(struct feed_task *task);

/** base-url and a path; a url that does not fit comes out empty, and is refused as such. */
void feed_url(const struct feed *feed, char out[PLUG_URL], const char *path);
/** A GET of the setting's limits, to be completed. */
struct plug_ask feed_ask(const struct feed *feed, const char *url, unsigned kinds);

/* -- what is handed over ----------------------------------------------------------------------- */

/** SHA-256 of a file, from its start. false: it cannot be read. */
bool feed_digest(int fd, char hex[FEED_HEX]);
/** Hand a file over in pieces, from its start; 0 goes on. false when something did not. */
bool feed_scan(int fd, int (*take)(void *ctx, const void *bytes, size_t len), void *ctx);

/** Lines of a part "about.txt": where it comes from and what was noticed. */
struct feed_note {
    char text[FEED_NOTE];
};
/** "NAME: ...", in one line without control characters. What does not fit is left out. */
void feed_note(struct feed_note *note, const char *name, const char *fmt, ...) PLUG_PRINTF(3, 4);

/** Fetch a file and add it to the pile under that name, of a kind that is wanted, as far as there
 * is room in the message. Gives answer->result; with another than DELIVERED nothing was added. */
uint32_t feed_attach(struct feed *feed, struct plug_pile *pile, const char *url, const char *name,
                     unsigned kinds, struct plug_answer *answer);

struct feed_paper {
    const char *key;         /* origin key: the same content has the same */
    const char *subject;     /* is cleaned and cut */
    const char *label;       /* NULL: that of the settings, of all parts */
    const char *const *each; /* labels of single parts, by their number in the pile; NULL: none */
    uint64_t embargo_until_ms;
    const struct vls_about *about; /* NULL: none */
    struct plug_pile *pile;        /* emptied */
    const char *state_key;         /* saved in the same commit */
    const char *state_value;
    const struct plug_seen *seen; /* the same; NULL: none */
    const char *seen_key;
    const char *more_key, *more_value; /* the same; NULL: none */
};

/** Hand over as the document of this task. OK: it is on its way, and feed_committed() settles it.
 * Otherwise the task is due again soon, or, with INVALID, as usual. */
enum vls_emit feed_emit(struct feed *feed, struct feed_task *task, const struct feed_paper *paper);
/** For committed(): a document that was not taken comes again soon; one that is refused as it is,
 * as late as a new one would: an operator has to act, and is told. @return the outcome, or -1 when
 * it was not of this feed */
int feed_committed(struct feed *feed, const struct vls_commit *commit);

#endif
