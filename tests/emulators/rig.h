#ifndef VALISE_EMULATORS_RIG_H
#define VALISE_EMULATORS_RIG_H
/*
 * emulators/rig - a plugin in its real host and sandbox, with the role fetch in earnest, opposite
 * the emulator of its endpoint: for tests of plugins in C. Routers and messages are those of
 * tools/kit.
 *
 *     rig_open(&rig, VALISE_UN_ODS, "documents.un.org, undocs.org");
 *     rig_set(&rig, "label", KIT_LABEL);
 *     rig_start(&rig);
 *     rig_say(&rig, "era ods=2024");
 *     const Valise__ResolveResult *r = rig_resolve(&rig, "A/RES/79/1", "en");
 *     ...
 *     rig_close(&rig);
 *
 * What goes wrong in a call ends the test, with the plugin's log.
 */
#include <stdio.h>

#include "kit/kit.h"

#define RIG_HTTP 4096

struct rig {
    char directory[64];
    pid_t server, broom;
    int input, leash; /* of the server, and of the broom */
    FILE *output;
    unsigned port;
    struct vls_scheme_set schemes;
    char hosts[512], http_file[96], more[RIG_HTTP];
    struct kit_options options;
    struct kit kit;
    struct kit_run *run;
    unsigned asked;
};

/** Start the emulator, and describe the plugin. `hosts`: those of its section http, with ", "
 * between. Its settings are set before rig_start(). */
void rig_open(struct rig *rig, const char *plugin, const char *hosts);
/** Further lines of the section http: "credentials: [...]". A key is written by rig_secret(). */
void rig_http(struct rig *rig, const char *lines);
/** A file of the rig's directory, mode 0600; gives its path. */
const char *rig_secret(struct rig *rig, const char *name, const char *value);
void rig_set(struct rig *rig, const char *name, const char *value);

/** Serve. Messages and state of a run before are gone. */
void rig_start(struct rig *rig);
/** Kill the host where it is, and start it again on what the router has. */
void rig_restart(struct rig *rig);
/** Drain and end; the emulator stays. */
void rig_end(struct rig *rig);
void rig_close(struct rig *rig);

/** A command of the emulator: "fault HOST:GLOB=FAULT". Gives the number that it answers, or 0. */
unsigned rig_say(struct rig *rig, const char *fmt, ...) VLS_PRINTF(2, 3);
/** Requests of the emulator's log that hold this text. */
unsigned rig_seen(const struct rig *rig, const char *text);
/** The log of host and fetch holds it. */
bool rig_logged(const struct rig *rig, const char *text);

/** Ask a resolver; `what` with "://" is an address. `language` "": any. Lent until the next one. */
const Valise__ResolveResult *rig_resolve(struct rig *rig, const char *what, const char *language);
/** Content of a part of the answer; vls_mem_free(). */
char *rig_part(const struct rig *rig, size_t part, size_t *out_len);

/** Wait until a source has handed over so many documents, in all. */
void rig_wait(struct rig *rig, unsigned documents);
/** Nothing more comes within that time. */
void rig_quiet(struct rig *rig, int ms);
/** The document with that origin key, NULL when there is none. */
const struct kit_message *rig_message(const struct rig *rig, const char *origin);

#endif
