#ifndef VALISE_TESTS_PEER_SUPPORT_H
#define VALISE_TESTS_PEER_SUPPORT_H
/*
 * tests/unit/peer/support - two gateways in one process and one loop: "un" serves, "iom" calls,
 * over real TLS on loopback.
 *
 * The TLS keys are held by forked children that play the crypto role; the router of "un" is played
 * by struct bench itself. Callers that no gateway would make (no certificate, huge header fields,
 * half a body) are forked children with a plain libcurl: struct probe. Start at: bench_open(), then
 * carry(), push(), probe().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "base/env.h"
#include "base/file.h"
#include "base/id.h"
#include "peer/client.h"
#include "peer/server.h"

/** One folder for the whole program, with a PKI: un, iom, old (iom, expired), stranger (iom of a
 * foreign CA), other (party "other"), and ca/, foreign/. For cmocka's group setup and teardown. */
int pki_setup(void **state);
int pki_teardown(void **state);
/** DIR/name, in one of a few static buffers. */
char *pki_path(const char *folder, const char *file);
/** A revocation list of an authority, "ca" or "foreign", that names the certificate of a party,
 * NULL: none, and is over in so many seconds, 0: it says not when. @return its path */
const char *pki_crl(const char *ca, const char *revoked, long seconds);

/* What the played router does and saw. */
struct played_router {
    bool is_silent; /* never answers */
    uint32_t http_status, code;
    struct vls_buf answer; /* body for 200 and 409 */
    struct vls_buf last;   /* body of the last ExchangeIn */
    unsigned exchanges, opens, dones;
    uint32_t open_code; /* refuse UploadOpen */
    char file[256];     /* where uploads go */
    bool is_complete;
};

struct bench {
    struct event_base *base;
    struct event *guard;
    struct vls_config un, iom;
    struct vls_config_partner partners_of_un[2], partners_of_iom[1];
    char url[64];
    pid_t crypto[2];
    struct vls_signer *signers[2];
    struct vls_trust *trusts[2];
    struct vls_server *server;
    struct vls_client *client;
    struct vls_channel *edge_end, *router_end;
    struct played_router router;
    char last_refusal[256];
    unsigned requests, refusals;
    uint64_t last_bytes_in;
    unsigned last_status;
    bool is_idle;
};

/* Changes before bench_open() makes the objects. */
struct bench_options {
    const char *client_folder;          /* "iom" */
    const char *server_folder;          /* "un" */
    const char *server_party_of_client; /* party that the client expects; "un" */
    uint32_t rate_window_ms;
    uint64_t min_rate;
    uint64_t max_content;
    bool is_without_router;
    const char *crl_of_client, *crl_of_server; /* file that the other side holds it against */
};

void bench_open(struct bench *b, const struct bench_options *options);
void bench_close(struct bench *b);
void bench_router_away(struct bench *b);
/** Turn the loop until *flag; fails the test after 20 s. */
void wait_for(struct bench *b, const bool *flag);

/** A worker that signs with DIR/folder/tls.key; *out_fd is the edge's end. */
pid_t crypto_fork(const char *folder, int *out_fd);
void crypto_end(pid_t pid);

struct carried {
    bool is_done;
    struct vls_status status;
    struct vls_why why;
    uint64_t retry_after_ms;
    struct vls_buf body;
};
/** Carry a body and wait. Release with vls_buf_fini(&out->body). */
void carry(struct bench *b, struct vls_slice body, struct carried *out);
/** The same without waiting. */
void carry_start(struct bench *b, struct vls_slice body, struct carried *out);

/** Push a file and wait. */
struct vls_status push(struct bench *b, int fd, const struct vls_digest *digest, uint64_t bytes,
                       struct vls_why *why);

/* An ExchangeRequest from iom to un with `count` messages of `content` bytes. */
void make_request(struct vls_buf *out, size_t count, size_t content);
/* As make_request() with one message, and one byte of the manifest (or of the content) turned. */
void make_altered_request(struct vls_buf *out, bool in_content);
/* An ExchangeResponse with `count` receipts. */
void make_response(struct vls_buf *out, size_t count);

/* A caller that is no gateway. */
struct probe {
    const char *folder; /* certificate and key; NULL: none */
    const char *method, *path;
    uint64_t body_bytes; /* zeros; unless body_fd */
    int body_fd;         /* 0 = none */
    uint64_t body_at;
    uint64_t abort_after; /* break off behind that many bytes */
    uint64_t pause_after; /* and send no more, but stay */
    long tls_max;         /* CURL_SSLVERSION_MAX_...; 0 = 1.3 */
    bool is_http1;
    size_t huge_header;
    const char *headers[4];
};
struct probe_result {
    int curl;
    long http_status;
    long long upload_offset;
    char body[512];
};
void probe(struct bench *b, const struct probe *p, struct probe_result *out);

/** A temporary file of random bytes, unlinked; its digest. */
int make_content(uint64_t bytes, struct vls_digest *out_digest);
struct vls_digest digest_of_file(const char *path);

#endif
