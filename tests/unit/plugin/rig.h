#ifndef VALISE_TESTS_PLUGIN_RIG_H
#define VALISE_TESTS_PLUGIN_RIG_H
/*
 * A plugin in its host, opposite a router that only the test knows, both on one event loop. The
 * router keeps messages by origin key and the plugin's state, as the real one does, and can be told
 * to be mute, to refuse, or to die.
 */
#include <event2/event.h>
#include <schemas/ipc.pb-c.h>

#include "base/digest.h"
#include "base/env.h"
#include "base/id.h"
#include "config/config.h"
#include "plugin/host.h"
#include "wire/channel.h"

#define RIG_MESSAGES 256
#define RIG_STATE    256

struct rig_message {
    struct vls_id id;
    char *origin, *kind, *to, *label, *subject, *part_name, *part_label, *conversation;
    size_t parts;
    uint64_t bytes; /* of the first part */
    struct vls_digest digest;
};

struct rig_item {
    char *key, *value;
};

struct rig {
    struct vls_scheme_set schemes; /* the one of RIG_LABEL */
    bool has_no_labels;            /* what is delivered has no labels.xml */
    struct event_base *base;
    struct event *tick;
    struct vls_env env; /* its steady clock stands still until the test moves it */
    uint64_t steady_ms;

    char directory[64];
    struct vls_config_plugin config;
    struct vls_config_setting settings[8];
    char *paths[1], *grants[6];
    struct vls_plugin_host *host;
    unsigned window, failed, drained;
    uint32_t call_ms;

    struct vls_channel *router;
    struct rig_message messages[RIG_MESSAGES];
    unsigned message_count;
    unsigned asked; /* Submission frames, also for a message that is there */
    struct rig_item items[RIG_STATE];
    unsigned item_count, saves;
    bool is_mute;      /* commits, and does not answer */
    unsigned refusals; /* so many submissions are answered with `refusal` first */
    uint32_t refusal;
    const char *state; /* of messages; default "released" */
    const char *reason;

    unsigned delivered; /* answers to rig_deliver() */
    struct vls_status delivery;
    struct vls_why delivery_why;
    Valise__InspectResult *inspected; /* answer to rig_inspect(); its outcome is in `delivery` */

    Valise__ResolveResult *resolved; /* answer to rig_resolve() */
    struct vls_fds resolved_fds;
    struct vls_status resolution;
    Valise__PluginReport *report; /* the last that came */
    unsigned reports;
};

/** A part of a message to deliver. */
/** Of what is delivered; and of a part that has one of its own. */
#define RIG_LABEL      "un-sgb-2007-6/confidential"
#define RIG_PART_LABEL "un-sgb-2007-6/unclassified"

struct rig_part {
    const char *name, *text;
    const char *label; /* NULL: none of its own */
};

void rig_init(struct rig *rig, const char *plugin_file);
void rig_fini(struct rig *rig);
void rig_set(struct rig *rig, const char *name, const char *value);

/** Load the plugin and connect it; ends the test when it does not load. The loop has not run yet.
 */
void rig_start(struct rig *rig);
/** The host dies without a word to anybody. */
void rig_kill_host(struct rig *rig);
/** The router dies; what it has committed stays. */
void rig_kill_router(struct rig *rig);
void rig_connect(struct rig *rig);

/** Started, and able to take messages. */
bool rig_is_serving(struct rig *rig);

/** Run the loop until the question is answered with yes; ends the test after 20 s. */
void rig_run(struct rig *rig, bool (*is_done)(struct rig *rig));

/** Deliver, and wait for the answer in rig->delivery. */
void rig_deliver(struct rig *rig, const struct vls_id *id, uint32_t attempt,
                 const struct rig_part *parts, size_t count);

/** Show to an inspector, and wait for the answer in rig->delivery and rig->inspected. */
void rig_inspect(struct rig *rig, const struct vls_id *id, bool is_outgoing,
                 const struct rig_part *parts, size_t count);
/** Ask a resolver, and wait for the answer in rig->resolution and rig->resolved. */
void rig_resolve(struct rig *rig, const char *symbol, const char *language);

struct vls_id rig_id(unsigned number);
const char *rig_state(const struct rig *rig, const char *key);

/* -- files below rig->directory ---------------------------------------------------------------- */

void rig_write(struct rig *rig, const char *path, const char *text);
/** Release with vls_mem_free(); NULL when it is not there. */
char *rig_read(struct rig *rig, const char *path);
bool rig_has(struct rig *rig, const char *path);
/** How many names without a leading dot a directory holds. */
unsigned rig_count(struct rig *rig, const char *path);

#endif
