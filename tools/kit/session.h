#ifndef VALISE_KIT_SESSION_H
#define VALISE_KIT_SESSION_H
/*
 * kit/session - one plugin in its real host, in a process of its own with its real sandbox,
 * opposite a router that does what it is told.
 *
 *     kit (this process)                       host (forked, closed in)
 *       commands  <── Ready, Done, Stop ──>      core/plugin/host.c
 *       router    <── Submission, Deliver ──>    the plugin
 *
 * Process:   valise(1) plugin, and the bench of plugins.
 * Threads:   none, and blocking: every wait has a limit.
 * Ownership: a session owns its process and its directory until kit_session_close().
 * Start at:  kit_session_open(), kit_session_pump().
 */
#include <schemas/ipc.pb-c.h>
#include <sys/types.h>

#include "base/digest.h"
#include "base/id.h"
#include "config/config.h"
#include "kit/mail.h"
#include "wire/channel.h"

#define KIT_MAX_GRANTS   8
#define KIT_MAX_SETTINGS 64
#define KIT_MAX_MESSAGES 512
#define KIT_MAX_ITEMS    1024

/** What a plugin is run with. */
struct kit_plan {
    const char *file;
    const struct vls_scheme_set *schemes;
    const char *grants[KIT_MAX_GRANTS]; /* names; NULL ends */
    struct vls_config_setting settings[KIT_MAX_SETTINGS];
    unsigned settings_count;
    const char *directory; /* granted to it; an existing one, that of the caller */
    uint32_t call_ms;      /* 0 = KIT_CALL_MS */
    uint64_t file_bytes;   /* no file may grow above this; 0 = no limit: a full disk, played */
    int log_fd;            /* where its log goes; -1: nowhere */
    const char *http;      /* the network in earnest: see kit/net.h; NULL: one that is played */
};

#define KIT_CALL_MS  5000u
#define KIT_START_MS 15000u

/** A document that the plugin handed over. */
struct kit_message {
    struct vls_id id;
    char *origin, *kind, *to, *label, *subject;
    uint64_t embargo_until_ms;
    size_t parts, state;
    struct kit_emitted {
        char *name, *media_type, *label;
        uint64_t bytes;
        struct vls_digest digest;
    } part[VLS_MAX_PARTS];
    Valise__About **abouts; /* what it is, as the plugin says */
    size_t about_count;
    unsigned times; /* it came so often */
};

struct kit_item {
    char *key;
    uint8_t *value;
    size_t len;
};

/** The router's memory; it outlives the host, as the real one's does. */
struct kit_memory {
    struct kit_message *messages[KIT_MAX_MESSAGES];
    unsigned count;
    struct kit_item items[KIT_MAX_ITEMS];
    unsigned item_count;
};

struct kit_session {
    struct kit_plan plan;
    struct kit_memory *memory; /* borrowed */
    pid_t pid;
    pid_t web;            /* kit/web or kit/net, when the network is granted; 0: none */
    int commands, router; /* -1: not there */
    /* how the router behaves */
    bool is_mute;      /* commits, and does not answer */
    unsigned refusals; /* so many are answered with `refusal` before any is committed */
    uint32_t refusal;
    const char *state, *reason; /* of what is committed; NULL: "released", "" */
    bool is_duplicate;          /* as if the same bytes had been sent before */
    bool is_forgetful;          /* takes all, reads and keeps nothing: to measure the host alone */
    uint64_t bytes;             /* of the parts that came, then */
    char *const *set_aside;     /* ended by NULL; may be NULL */
    /* what has happened */
    bool is_ready, has_loaded, has_failed, is_over;
    int wait_status;
    struct vls_status failure;
    struct vls_why failure_why;
    unsigned asked, saved, working;
    unsigned asked_shown; /* of the messages: for who prints them */
    char last_origin[VLS_MAX_ORIGIN_KEY + 1];
    struct vls_status delivery;
    struct vls_why delivery_why;
    uint64_t delivery_serial, serial;
    bool is_delivered;
    /* what a resolver found, or an inspector was shown: the whole answer; NULL: none came */
    Valise__Frame *answer;
    struct vls_fds answer_fds;
    /* to release */
    struct vls_config_plugin *config;
};

void kit_memory_fini(struct kit_memory *memory);
/** NULL when there is none. */
const struct kit_item *kit_memory_item(const struct kit_memory *memory, const char *key);

/** Start the process and wait until the plugin is configured, or it is known why not.
 *  @return what vls_plugin_host_open() returned there; PLUGIN_DIED when the process ended */
VLS_STATUS kit_session_open(struct kit_session *session, const struct kit_plan *plan,
                            struct kit_memory *memory, struct vls_why *why);

/** A router comes (back). */
VLS_STATUS kit_session_connect(struct kit_session *session, struct vls_why *why);
/** The router goes; what it has committed stays in the memory. */
void kit_session_disconnect(struct kit_session *session);

/** Answer what comes until the question is answered with yes, or `ms` are over. true: yes. */
bool kit_session_pump(struct kit_session *session, bool (*is_done)(struct kit_session *), int ms);

/** Open, connect, and wait until start() has come back. */
VLS_STATUS kit_session_start(struct kit_session *session, const struct kit_plan *plan,
                             struct kit_memory *memory, struct vls_why *why);

/** Deliver, and wait for the answer. @return what the host answered; PLUGIN_DIED */
VLS_STATUS kit_session_deliver(struct kit_session *session, const struct kit_mail *mail,
                               const struct vls_id *id, uint32_t attempt, struct vls_why *why);
/** Hand it over and do not wait. */
VLS_STATUS kit_session_send(struct kit_session *session, const struct kit_mail *mail,
                            const struct vls_id *id, uint32_t attempt, struct vls_why *why);

/** The same with an archive and a label that are made already, which stay the caller's. */
VLS_STATUS kit_session_hand_over(struct kit_session *session, int archive, struct vls_slice label,
                                 const struct vls_id *id, uint32_t attempt, struct vls_why *why);

/* -- the other roles (session_ask.c) ----------------------------------------------------------- */

/** A resolver is asked for one document. */
struct kit_question {
    const char *symbol, *url, *language; /* NULL: empty */
};

/** Ask, and wait for the finding: session->answer is the ResolveResult then, with a descriptor for
 * each part in session->answer_fds; both live until the next question, delivery or close.
 *  @return what the host answered: DONE when there is a finding, whatever it is; PLUGIN_DIED */
VLS_STATUS kit_session_resolve(struct kit_session *session, const struct kit_question *question,
                               const struct vls_id *id, struct vls_why *why);
/** Hand the question over and do not wait. */
VLS_STATUS kit_session_question(struct kit_session *session, const struct kit_question *question,
                                const struct vls_id *id, struct vls_why *why);
/** The finding of the answer that came last, NULL when that was none. */
const Valise__ResolveResult *kit_session_found(const struct kit_session *session);

/** Show a message to an inspector, and wait. @return DONE: passed; PLUGIN_VETO, PLUGIN_RETRY, or
 *  what the host has against it; PLUGIN_DIED */
VLS_STATUS kit_session_inspect(struct kit_session *session, const struct kit_mail *mail,
                               const struct vls_id *id, bool is_outgoing, struct vls_why *why);
/** Show it and do not wait. */
VLS_STATUS kit_session_show(struct kit_session *session, const struct kit_mail *mail,
                            const struct vls_id *id, bool is_outgoing, struct vls_why *why);

/* -- its end ----------------------------------------------------------------------------------- */

/** Why it is over, or that it says nothing. */
VLS_STATUS kit_session_died(const struct kit_session *session, struct vls_why *why);
void kit_session_forget(struct kit_session *session); /* the answer that was kept */

/** Drain, stop, and wait for the end. @return PLUGIN_DIED unless it ended with status 0 */
VLS_STATUS kit_session_stop(struct kit_session *session, struct vls_why *why);
void kit_session_kill(struct kit_session *session);
/** Ends what is left. Fine after kit_session_stop(), and for one that never began. */
void kit_session_close(struct kit_session *session);

struct vls_id kit_id(unsigned number);

#endif
