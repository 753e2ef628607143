#ifndef VALISE_TESTS_SIM_WORLD_H
#define VALISE_TESTS_SIM_WORLD_H
/*
 * tests/sim/world - two gateways in one process, and everything around them: crypto, edge, sinks,
 * clock, chance, crashes.
 *
 * The routes, stores, logs and policy are the real ones. Played are the roles that a route asks
 * through its ports: sealing is copying (descriptor and labels.xml with it, which the played host
 * holds against the manifest's label as the real one does), signing is real (the proofs have to
 * verify), the network is a queue of events that a seeded generator delays, loses and repeats.
 */
#include <openssl/types.h>

#include "route/route.h"

#define WORLD_GATEWAYS 2
#define WORLD_SCHEMES  2 /* room for so many; one is loaded */

enum world_fault {
    WORLD_LOSE_REQUEST = 1,    /* a batch never arrives                    */
    WORLD_LOSE_ANSWER = 2,     /* it arrives, its answer does not          */
    WORLD_REPEAT = 4,          /* it arrives twice                         */
    WORLD_CRYPTO_DIES = 8,     /* a question to the crypto role breaks off */
    WORLD_SINK_DIES = 16,      /* a delivery breaks off, done or not       */
    WORLD_INSPECTOR_DIES = 32, /* an inspection breaks off              */
    WORLD_READER_DIES = 64,    /* an archive is not taken apart         */
    WORLD_RESOLVER_DIES = 128, /* a document is not looked for          */
};

struct world;

struct gateway {
    struct world *world;
    const char *party;
    struct vls_config config;
    struct vls_config_partner partner;
    struct vls_config_plugin plugin;
    char *grants[1];
    struct vls_store *store;
    struct vls_route *route;
    const struct vls_arrangement *house; /* house rules from the next start on; NULL: none */
    /* signatures over the arrangement from the next start on, with config.approvers */
    const struct vls_route_approval *approvals;
    size_t approval_count;
    const char *fallen_officer; /* his certificate is over, or another one; NULL: nobody's */
    EVP_PKEY *log_key, *witness_key;
    char dir[64];
    uint64_t
        generation; /* grows with each crash: what was asked before is answered into the void */
    uint64_t tick_at;
    bool is_flush_wanted, is_down;
    uint64_t next_handle;
    struct world_delivered {
        struct vls_id id;
        unsigned times;
        unsigned host;  /* the plugin that was given it last */
        char first[64]; /* of the documents */
        char label[128], marking[128];
        char descriptor[1024]; /* its JSON */
    } * delivered;
    size_t delivered_count;
    uint64_t hosts_away; /* bit 1 << plugin: it is not running */
    uint64_t
        hosts_dead; /* its process dies over this, and all that it has not answered breaks off */
    unsigned inspected; /* how often anything was shown to an inspector */
};

/** What came back for one submission. */
struct submitted {
    bool is_answered;
    struct vls_status status;
    struct vls_id id;
    char state[32];
    char reason[256];
    bool is_duplicate;
};

struct world {
    struct gateway gateways[WORLD_GATEWAYS]; /* 0 = un, 1 = iom */
    struct vls_scheme_set schemes;
    struct vls_arrangement *arrangement;
    struct vls_buf arrangement_bytes; /* its file */
    struct vls_env env;
    uint64_t now_ms;
    uint64_t seed, dice;
    unsigned faults;      /* of enum world_fault: one in eight of these goes wrong */
    bool is_always_wrong; /* every one of them */
    struct world_event *events;
    unsigned answering_host; /* 0: none; otherwise its place and one */
    uint64_t alarms;         /* log lines of level error */
    /** Change a request on its way; may be NULL. Given the unpacked batch. */
    void (*tamper)(void *request);
    /** The same of an answer. */
    void (*tamper_answer)(void *response);
    /** Sees whatever is to be signed; may be NULL. */
    void (*on_sign)(struct gateway *g, const char *log, uint64_t size, const uint8_t *root,
                    bool is_cosignature);
    uint64_t ahead_s; /* by so much is what is cosigned ahead of the clock */
    /** Change what is sealed, as a partner does whose gateway lies inside; may be NULL. */
    void (*tamper_inside)(Valise__SealRequest *request);
    /** Sees every line of the logs; may be NULL. */
    void (*on_log)(struct gateway *g, const char *event, const struct vls_field *fields,
                   size_t count);
    /** What an inspector says: a code of a status, and words; NULL: nothing against anything. */
    uint32_t (*verdict)(struct gateway *g, unsigned host, const Valise__Inspect *in,
                        const char *text, struct vls_why *why);
    bool is_other_shown; /* inspectors say that they saw other bytes */
    /** What a resolver finds: sets the result in `out->finding`. A document "found.txt" with these
     * words goes with one that has documents. NULL: not found. @return the code of a status */
    uint32_t (*find)(struct gateway *g, unsigned host, const Valise__Resolve *in,
                     Valise__Finding *out, const char **words, const char **label);
    struct world_outside *outside; /* who confirms logs: world_outside.h; NULL: nobody */
    struct vls_why last_warning;
    const char *actor; /* who asks as an operator; NULL: "uid:7" */
    char shown[64]; /* beginning of the documents that came with the last answer; "" without one */
};

/** `faults` stays 0. Ends the test when something is missing. */
void world_open(struct world *w, uint64_t seed);
void world_close(struct world *w);

/** Submit a document; the answer is in *out once the world has run. */
void world_submit(struct gateway *g, const char *kind, const char *label, const char *key,
                  const char *text, struct submitted *out);

/** The same with everything but the addressee and the document filled in; a part that is there
 * gives its media type, and its name. */
void world_submit_filled(struct gateway *g, const Valise__Submission *in, const char *text,
                         struct submitted *out);

/** The same of a source, which says itself whom it is for: nobody in particular, say. */
void world_bring(struct gateway *g, const char *origin, const Valise__Submission *in,
                 const char *text, struct submitted *out);

/** The same with several documents, called "1.txt" and so on; a label may be empty. */
void world_submit_parts(struct gateway *g, const char *kind, const char *label,
                        const char *const *part_labels, size_t count, struct submitted *out);

/** What an operator asks; runs until it is answered. Release with
 * valise__operator_reply__free_unpacked(). */
Valise__OperatorReply *world_ask(struct gateway *g, Valise__OperatorRequest *in);
/** The same without waiting: *reply is set once it is answered. */
void world_ask_only(struct gateway *g, Valise__OperatorRequest *in, Valise__OperatorReply **reply);

/** The same with a descriptor that goes with the request. */
Valise__OperatorReply *world_ask_with(struct gateway *g, Valise__OperatorRequest *in, int fd);

/** An operator's act on a message of `g`; runs until it is answered. */
struct vls_status world_act(struct gateway *g, const struct vls_id *id, int verb);

/** Let everything happen until nothing is left to happen, or `limit_ms` of the world's time is
 * over. */
void world_run(struct world *w, uint64_t limit_ms);
/** Let at most `steps` events happen. */
void world_step(struct world *w, unsigned steps);

/** The power fails: nothing of the process is left but its disk. And comes back. */
void world_crash(struct gateway *g);
/** The same, and then it has these plugins: a configuration never changes under a route. */
void world_give_plugins(struct gateway *g, struct vls_config_plugin *plugins, unsigned count);

/** State of a message, VLS_STATE_NONE when the gateway does not know it. */
enum vls_state world_state(struct gateway *g, const struct vls_id *id);
/** How often the sink was given this message. */
unsigned world_delivered(struct gateway *g, const struct vls_id *id);

#endif
