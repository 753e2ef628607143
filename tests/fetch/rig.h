#ifndef VALISE_TESTS_FETCH_RIG_H
#define VALISE_TESTS_FETCH_RIG_H
/*
 * A fetch role in a process of its own, between plugins that the test plays, through the very
 * service that a plugin gets, and the HTTPS server of tests/fetch/server. No plugin, no router, no
 * sandbox: those are in tests/e2e/http.
 */
#include <sys/types.h>

#include "config/config.h"
#include "plugin/host_internal.h"

/** Plugins of the configuration, in its order. */
enum rig_plugin {
    RIG_WEB,    /* a CA of its own, credentials for two hosts */
    RIG_CLIENT, /* has a client certificate */
    RIG_PIN,    /* pins the key that the server has */
    RIG_MISPIN, /* pins another */
    RIG_SLOW,   /* one request a second, one at once */
    RIG_PROXY,  /* by way of a proxy */
    RIG_SYSTEM, /* trusts the system's CAs, which do not have ours */
    RIG_PLUGINS
};

#define RIG_SECRET       "correct-horse-battery"    /* in X-Api-Key, for one.test.localhost */
#define RIG_SECRET_QUERY "staple & pony=100%/\"x\"" /* as "key", for three.test.localhost */

struct rig {
    char directory[64];
    pid_t server, fetch;
    int server_input;
    unsigned main, expired, stranger, client, old, proxy; /* ports */
    struct vls_config *config;
    struct vls_plugin_host hosts[RIG_PLUGINS];
};

/** PKI, server and fetch; ends the test when they do not start. */
void rig_start(struct rig *rig);
void rig_stop(struct rig *rig);

/** Start fetch (again). */
void rig_start_fetch(struct rig *rig);
void rig_kill_fetch(struct rig *rig);

/** What became of a request. */
struct rig_got {
    enum vls_http_outcome outcome;
    struct vls_http_response response; /* without its texts */
    char why[192], url[512], type[64], etag[64];
    uint64_t bytes;
    char text[4096]; /* the start of the content */
};

/** "https://NAME:PORT/PATH", in a buffer that is used again and again. */
const char *rig_url(const char *name, unsigned port, const char *path);

struct rig_got rig_ask(struct rig *rig, enum rig_plugin plugin,
                       const struct vls_http_request *request);
struct rig_got rig_get(struct rig *rig, enum rig_plugin plugin, const char *url);
/** Read what an open request has, and close it. */
struct rig_got rig_finish(struct rig *rig, enum rig_plugin plugin, struct vls_http *http);

/** Lines of the server's log that hold this text. */
unsigned rig_seen(struct rig *rig, const char *text);
/** All of a file below rig->directory; release with vls_mem_free(). */
char *rig_read(struct rig *rig, const char *name);

/** "VmRSS", "VmHWM" of fetch, in KiB. */
unsigned long rig_memory(struct rig *rig, const char *field);

#endif
