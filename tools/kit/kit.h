#ifndef VALISE_KIT_KIT_H
#define VALISE_KIT_KIT_H
/*
 * kit - whether a plugin keeps what <valise/plugin.h> asks of it: named checks, one after the
 * other, each with the real host.
 *
 * Process:   valise(1) plugin check.
 * Ownership: a kit owns its directory and its description; released by kit_close().
 * Start at:  kit_open(), kit_run(); the checks stand in checks_*.c, one table a subject. A new role
 *            or service brings a table of its own: KIT_GROUPS in groups.c.
 */
#include "kit/session.h"
#include "plugin/describe.h"

enum kit_verdict { KIT_PASSED, KIT_FAILED, KIT_SKIPPED };

struct kit_options {
    const char *file;                          /* absolute */
    const struct vls_scheme_set *schemes;      /* with that of KIT_LABEL */
    const struct vls_config_setting *settings; /* "@" in a value is the directory of the run */
    size_t settings_count;
    const char *seed; /* directory, copied into each run's; NULL: none */
    const char *only; /* names that begin so; NULL: all */
    /* what a resolver is asked for, besides what nobody has; as `language` has it, NULL: in any */
    const char *const *symbols;
    size_t symbols_count;
    const char *language;
    const char *veto; /* a file that an inspector stops; NULL: none is known */
    const char *http; /* see kit/net.h; NULL: the network is played */
    /* the documents of a message that a sink takes which does not take any: see kit/sample.h */
    const char *const *message;
    size_t message_count;
};

#define KIT_MAX_SYMBOLS 64

#define KIT_VALUE (VLS_MAX_PATH + 256)

struct kit {
    struct kit_options options;
    struct vls_plugin_description described;
    bool is_described;
    struct vls_why undescribed; /* why not */
    char base[64];              /* of all directories of runs */
    unsigned runs;
    /* of the run before the source's checks: what it brings when all goes well */
    bool is_gauged;
    unsigned brought;
    /* of the run before the resolver's: how the questions were answered, by enum vls_result */
    bool is_asked;
    unsigned found[VLS_RESULT_QUEUED + 1];
    struct vls_why unfit;      /* an answer that was none; empty: there was no such */
    struct kit_sample *sample; /* options.message, once it is read */
};

struct kit_check {
    const char *name, *what;
    enum kit_verdict (*run)(struct kit *kit, const struct kit_check *check, struct vls_why *why);
    int64_t number; /* for run() */
    const char *text;
};

struct kit_group {
    const char *name;
    const struct kit_check *checks;
    const size_t *count;
};

/** Ended by a group without name. */
extern const struct kit_group KIT_GROUPS[];

VLS_STATUS kit_open(const struct kit_options *options, struct kit *out, struct vls_why *why);
void kit_close(struct kit *kit);

/** Run every check that was asked for, in order. */
void kit_run(struct kit *kit,
             void (*on_checked)(void *ctx, const struct kit_group *group,
                                const struct kit_check *check, enum kit_verdict verdict,
                                const char *why, uint64_t us),
             void *ctx);

/** Look at a plugin's object in a process to which nothing is granted. */
VLS_STATUS kit_describe(const char *file, struct vls_plugin_description *out, struct vls_why *why);

/* -- for checks -------------------------------------------------------------------------------- */

/** One run: its plan, with values of its own. */
struct kit_run {
    struct kit_plan plan;
    struct kit_memory memory;
    struct kit_session session;
    char directory[VLS_MAX_PATH];
    char values[KIT_MAX_SETTINGS][KIT_VALUE];
    int log;
};

/** A fresh directory with what the seed holds, all grants that the plugin asks for and this release
 * offers, and values for its settings. */
VLS_STATUS kit_run_init(struct kit *kit, struct kit_run *run, struct vls_why *why);
void kit_run_fini(struct kit_run *run);
/** Replaces or adds. */
void kit_run_set(struct kit_run *run, const char *name, const char *value);
/** NULL when the run has none. */
const char *kit_run_value(const struct kit_run *run, const char *name);
void kit_run_take_grant(struct kit_run *run, const char *grant);
/** The same with the session of the plan, served. */
VLS_STATUS kit_run_start(struct kit_run *run, struct vls_why *why);
/** Close this session and start another one on the same directory and memory. */
VLS_STATUS kit_run_again(struct kit_run *run, struct vls_why *why);
/** What the host and the plugin have logged so far; release with vls_mem_free(). */
char *kit_run_log(const struct kit_run *run);

/** The plugin's own words of capabilities: bits to names. NULL behind the last. */
const char *kit_cap_name(unsigned i, uint64_t *out_bit);

bool kit_is_source(const struct kit *kit);
bool kit_is_sink(const struct kit *kit);
bool kit_is_resolver(const struct kit *kit);
bool kit_is_inspector(const struct kit *kit);

/** Gives `verdict`, and puts the words into `why`; they may hold what was in there. */
enum kit_verdict kit_say(enum kit_verdict verdict, struct vls_why *why, const char *fmt, ...)
    VLS_PRINTF(3, 4);

#define KIT_NEED(condition, ...)                                                                   \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return kit_say(KIT_FAILED, why, __VA_ARGS__);                                          \
    } while (0)
#define KIT_SKIP(...) return kit_say(KIT_SKIPPED, why, __VA_ARGS__)
#define KIT_TRY(call)                                                                              \
    do {                                                                                           \
        if (!vls_ok(call))                                                                         \
            return KIT_FAILED;                                                                     \
    } while (0)

#endif
