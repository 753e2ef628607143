#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <schemas/exchange.pb-c.h>

#include "base/compat.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/manifest.h"
#include "envelope/seal.h"

#define GUARD_S 20

static char pki_dir[128];
extern char **environ;

/* -- the PKI ----------------------------------------------------------------------------------- */

static void make_pki(const char *const *arguments)
{
    const char *argv[12] = {VALISE_SOURCE_DIR "/certs/make-test-pki"};
    int status = -1;
    pid_t pid;

    for (size_t i = 0; arguments[i] != NULL; i++)
        argv[i + 1] = arguments[i];
    assert_int_equal(
        posix_spawn(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int pki_setup(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(pki_dir, sizeof pki_dir, "%s/valise-peer.XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(pki_dir));
    make_pki((const char *const[]){pki_dir, "un", "iom", "other", NULL});
    make_pki((const char *const[]){"--expired", "--as", "old", pki_dir, "iom", NULL});
    make_pki((const char *const[]){"--ca", "foreign", "--as", "stranger", pki_dir, "iom", NULL});
    (void)signal(SIGPIPE, SIG_IGN);
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int flag, struct FTW *at)
{
    (void)info, (void)flag, (void)at;
    return remove(path);
}

int pki_teardown(void **state)
{
    (void)state;
    return nftw(pki_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

char *pki_path(const char *folder, const char *file)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];

    (void)snprintf(path, sizeof paths[0], "%s/%s/%s", pki_dir, folder, file);
    return path;
}

/* -- revocation lists -------------------------------------------------------------------------- */

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "r");
    X509 *certificate = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

    assert_non_null(certificate);
    (void)fclose(file);
    return certificate;
}

static void name_revoked(X509_CRL *list, const char *party)
{
    X509 *certificate = read_certificate(pki_path(party, "tls.pem"));
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);

    assert_int_equal(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate)), 1);
    assert_int_equal(X509_REVOKED_set_revocationDate(entry, now), 1);
    assert_int_equal(X509_CRL_add0_revoked(list, entry), 1);
    ASN1_TIME_free(now);
    X509_free(certificate);
}

const char *pki_crl(const char *ca, const char *revoked, long seconds)
{
    static char path[256]; /* of the last one alone: there is one list at a time */
    X509 *issuer = read_certificate(pki_path(ca, "issuing.pem"));
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *from = X509_gmtime_adj(NULL, -3600), *until = X509_gmtime_adj(NULL, seconds);
    FILE *file = fopen(pki_path(ca, "issuing.key"), "r");
    EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

    assert_non_null(key);
    (void)fclose(file);
    (void)snprintf(path, sizeof path, "%s/%s/list.pem", pki_dir, ca);
    assert_int_equal(X509_CRL_set_version(list, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(list, from), 1);
    if (seconds != 0)
        assert_int_equal(X509_CRL_set1_nextUpdate(list, until), 1);
    if (revoked != NULL)
        name_revoked(list, revoked);
    assert_true(X509_CRL_sign(list, key, EVP_sha256()) > 0);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509_CRL(file, list), 1);
    assert_int_equal(fclose(file), 0);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    EVP_PKEY_free(key);
    X509_CRL_free(list);
    X509_free(issuer);
    return path;
}

/* -- the crypto role --------------------------------------------------------------------------- */

static void serve_signatures(int fd, EVP_PKEY *key)
{
    Valise__Frame *question;
    struct vls_fds fds = {.count = 0};

    while (vls_ok(vls_wire_receive(fd, -1, &question, &fds, NULL))) {
        Valise__Frame answer = VALISE__FRAME__INIT;
        Valise__SignResult result = VALISE__SIGN_RESULT__INIT;
        Valise__Outcome outcome = VALISE__OUTCOME__INIT;
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
        uint8_t signature[128];
        size_t len = sizeof signature;

        if (question->body_case != VALISE__FRAME__BODY_TLS_SIGN ||
            EVP_PKEY_sign_init(context) != 1 ||
            EVP_PKEY_sign(context, signature, &len, question->tls_sign->digest.data,
                          question->tls_sign->digest.len) != 1)
            _exit(3);
        EVP_PKEY_CTX_free(context);
        result.outcome = &outcome;
        result.signature.data = signature;
        result.signature.len = len;
        answer.reply_to = question->serial;
        answer.body_case = VALISE__FRAME__BODY_SIGN_RESULT;
        answer.sign_result = &result;
        if (!vls_ok(vls_wire_send(fd, &answer, NULL, 0, NULL)))
            _exit(4);
        valise__frame__free_unpacked(question, NULL);
    }
    _exit(0);
}

pid_t crypto_fork(const char *folder, int *out_fd)
{
    int pair[2];
    pid_t pid;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        FILE *file = fopen(pki_path(folder, "tls.key"), "r");
        EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

        close(pair[0]);
        if (key == NULL)
            _exit(2);
        serve_signatures(pair[1], key);
    }
    close(pair[1]);
    *out_fd = pair[0];
    return pid;
}

void crypto_end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

/* -- the router -------------------------------------------------------------------------------- */

static void answer_exchange(struct bench *b, struct vls_channel *channel,
                            const Valise__Frame *frame, struct vls_fds *fds)
{
    Valise__Frame answer = VALISE__FRAME__INIT;
    Valise__ExchangeInResult result = VALISE__EXCHANGE_IN_RESULT__INIT;
    int fd = -1;

    b->router.exchanges++;
    assert_string_equal(frame->exchange_in->party, "iom");
    assert_int_equal(fds->count, 1);
    vls_buf_clear(&b->router.last);
    assert_true(vls_ok(vls_fd_read_all(fds->fd[0], &b->router.last, NULL)));
    if (b->router.is_silent)
        return;
    result.http_status = b->router.http_status;
    result.code = b->router.code;
    answer.reply_to = frame->serial;
    answer.body_case = VALISE__FRAME__BODY_EXCHANGE_IN_RESULT;
    answer.exchange_in_result = &result;
    if (result.http_status == 200 || result.http_status == 409)
        assert_true(
            vls_ok(vls_fd_memory_of("answer", vls_buf_slice(&b->router.answer), &fd, NULL)));
    assert_true(vls_ok(vls_channel_send(channel, &answer, &fd, fd >= 0 ? 1 : 0, NULL)));
    vls_fd_close(&fd);
}

static void answer_open(struct bench *b, struct vls_channel *channel, const Valise__Frame *frame)
{
    Valise__Frame answer = VALISE__FRAME__INIT;
    Valise__UploadOpenResult result = VALISE__UPLOAD_OPEN_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    int fd = open(b->router.file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool is_asking = frame->upload_open->bytes == 0;

    b->router.opens++;
    assert_true(fd >= 0);
    outcome.code = b->router.open_code;
    result.outcome = &outcome;
    result.is_complete = b->router.is_complete;
    assert_true(vls_ok(vls_fd_size(fd, &result.offset, NULL)));
    answer.reply_to = frame->serial;
    answer.body_case = VALISE__FRAME__BODY_UPLOAD_OPEN_RESULT;
    answer.upload_open_result = &result;
    assert_true(vls_ok(
        vls_channel_send(channel, &answer, &fd,
                         is_asking || outcome.code != 0 || result.is_complete ? 0 : 1, NULL)));
    vls_fd_close(&fd);
}

static void answer_done(struct bench *b, struct vls_channel *channel, const Valise__Frame *frame)
{
    Valise__Frame answer = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;

    b->router.dones++;
    b->router.is_complete = true;
    done.outcome = &outcome;
    answer.reply_to = frame->serial;
    answer.body_case = VALISE__FRAME__BODY_DONE;
    answer.done = &done;
    assert_true(vls_ok(vls_channel_send(channel, &answer, NULL, 0, NULL)));
}

static void on_question(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                        struct vls_fds *fds)
{
    struct bench *b = ctx;

    if (frame->body_case == VALISE__FRAME__BODY_EXCHANGE_IN)
        answer_exchange(b, channel, frame, fds);
    else if (frame->body_case == VALISE__FRAME__BODY_UPLOAD_OPEN)
        answer_open(b, channel, frame);
    else
        answer_done(b, channel, frame);
}

static void on_unexpected(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                          struct vls_fds *fds)
{
    (void)ctx, (void)channel, (void)frame, (void)fds;
    fail_msg("the edge was sent a frame");
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    (void)ctx, (void)channel, (void)cause;
}

static void open_router(struct bench *b)
{
    static const int questions[] = {VALISE__FRAME__BODY_EXCHANGE_IN,
                                    VALISE__FRAME__BODY_UPLOAD_OPEN,
                                    VALISE__FRAME__BODY_UPLOAD_DONE, 0};
    static const int nothing[] = {0};
    const struct vls_channel_events router = {
        .ctx = b, .on_frame = on_question, .on_gone = on_gone};
    const struct vls_channel_events edge = {
        .ctx = b, .on_frame = on_unexpected, .on_gone = on_gone};
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(vls_ok(
        vls_channel_new(b->base, pair[0], "edge", questions, &router, &b->router_end, NULL)));
    assert_true(
        vls_ok(vls_channel_new(b->base, pair[1], "router", nothing, &edge, &b->edge_end, NULL)));
    vls_server_set_router(b->server, b->edge_end);
}

void bench_router_away(struct bench *b)
{
    vls_server_set_router(b->server, NULL);
    vls_channel_free(&b->edge_end);
    vls_channel_free(&b->router_end);
}

/* -- the bench --------------------------------------------------------------------------------- */

static void on_request(void *ctx, const struct vls_server_record *record)
{
    struct bench *b = ctx;

    b->requests++;
    b->last_bytes_in = record->bytes_in;
    b->last_status = record->http_status;
    assert_string_equal(record->party, "iom");
}

static void on_refused(void *ctx, const char *address, const char *reason)
{
    struct bench *b = ctx;

    assert_string_equal(address, "127.0.0.1");
    b->refusals++;
    vls_text_copy(b->last_refusal, sizeof b->last_refusal, reason);
}

static void on_idle(void *ctx)
{
    ((struct bench *)ctx)->is_idle = true;
}

static int listen_anywhere(char *out_url, size_t room)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(out_url, room, "https://127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

static void configure(struct bench *b, const struct bench_options *o)
{
    const char *server_party = o->server_party_of_client != NULL ? o->server_party_of_client : "un";

    b->un.node.party = vls_mem_dup(o->server_folder != NULL ? o->server_folder : "un");
    b->un.listen.tls_certificate =
        vls_mem_dup(pki_path(o->server_folder != NULL ? o->server_folder : "un", "tls.pem"));
    b->un.listen.max_content_bytes = o->max_content != 0 ? o->max_content : 4ull << 30;
    b->un.listen.idle_timeout_s = 60;
    b->un.listen.min_rate = o->min_rate;
    b->partners_of_un[0].party = vls_mem_dup("iom");
    b->partners_of_un[0].tls_ca = vls_mem_dup(pki_path("ca", "issuing.pem"));
    if (o->crl_of_client != NULL)
        b->partners_of_un[0].crl = vls_mem_dup(o->crl_of_client);
    b->partners_of_un[1].party = vls_mem_dup("who");
    b->partners_of_un[1].tls_ca = vls_mem_dup(pki_path("foreign", "chain.pem"));
    b->un.partners = b->partners_of_un;
    b->un.partners_count = 2;
    b->iom.node.party = vls_mem_dup("iom");
    b->iom.listen.tls_certificate =
        vls_mem_dup(pki_path(o->client_folder != NULL ? o->client_folder : "iom", "tls.pem"));
    b->iom.limits.exchange_timeout_s = 15;
    b->partners_of_iom[0].party = vls_mem_dup(server_party);
    b->partners_of_iom[0].url = b->url;
    b->partners_of_iom[0].tls_name = vls_mem_dup("localhost");
    b->partners_of_iom[0].tls_ca =
        vls_mem_dup(pki_path("ca", o->crl_of_server != NULL ? "chain.pem" : "root.pem"));
    if (o->crl_of_server != NULL)
        b->partners_of_iom[0].crl = vls_mem_dup(o->crl_of_server);
    b->iom.partners = b->partners_of_iom;
    b->iom.partners_count = 1;
}

static void open_side(struct bench *b, unsigned side, const struct vls_config *config,
                      const char *folder)
{
    struct vls_why why = {""};
    int fd;

    b->signers[side] = vls_signer_new();
    b->crypto[side] = crypto_fork(folder, &fd);
    assert_true(vls_ok(vls_signer_attach(b->signers[side], 0, fd, NULL)));
    if (!vls_ok(vls_trust_load(config, b->signers[side], &b->trusts[side], &why)))
        fail_msg("trust: %s", why.text);
}

void bench_open(struct bench *b, const struct bench_options *options)
{
    const struct bench_options none = {0};
    const struct bench_options *o = options != NULL ? options : &none;
    struct vls_server_options server = {.env = vls_env_system()};
    struct vls_why why = {""};

    *b = (struct bench){.base = event_base_new()};
    configure(b, o);
    vls_buf_init(&b->router.answer, VLS_MAX_EXCHANGE);
    vls_buf_init(&b->router.last, VLS_MAX_EXCHANGE);
    b->router.http_status = 200;
    (void)snprintf(b->router.file, sizeof b->router.file, "%s/upload", pki_dir);
    (void)unlink(b->router.file);
    open_side(b, 0, &b->un, o->server_folder != NULL ? o->server_folder : "un");
    open_side(b, 1, &b->iom, o->client_folder != NULL ? o->client_folder : "iom");
    /* Behind the forks: a child with the listening socket would keep it open. */
    server.listener = listen_anywhere(b->url, sizeof b->url);
    server.base = b->base;
    server.config = &b->un;
    server.trust = b->trusts[0];
    server.rate_window_ms = o->rate_window_ms;
    server.events = (struct vls_server_events){b, on_request, on_refused, on_idle};
    if (!vls_ok(vls_server_new(&server, &b->server, &why)) ||
        !vls_ok(vls_client_new(b->base, &b->iom, b->trusts[1], &b->client, &why)))
        fail_msg("%s", why.text);
    if (!o->is_without_router)
        open_router(b);
}

static void free_config(struct vls_config *config)
{
    vls_mem_free(config->node.party);
    vls_mem_free(config->listen.tls_certificate);
    for (unsigned i = 0; i < config->partners_count; i++) {
        vls_mem_free(config->partners[i].party);
        vls_mem_free(config->partners[i].tls_ca);
        vls_mem_free(config->partners[i].tls_name);
        vls_mem_free(config->partners[i].crl);
    }
}

void bench_close(struct bench *b)
{
    vls_client_free(&b->client);
    vls_server_free(&b->server);
    vls_channel_free(&b->edge_end);
    vls_channel_free(&b->router_end);
    for (unsigned i = 0; i < 2; i++) {
        vls_trust_free(&b->trusts[i]);
        vls_signer_free(&b->signers[i]);
        crypto_end(b->crypto[i]);
    }
    free_config(&b->un);
    free_config(&b->iom);
    vls_buf_fini(&b->router.answer);
    vls_buf_fini(&b->router.last);
    event_base_free(b->base);
}

void wait_for(struct bench *b, const bool *flag)
{
    /* what is sanitized is many times slower */
    const unsigned guard_s = vls_is_sanitized() ? 6 * GUARD_S : GUARD_S;
    uint64_t end = vls_steady_ms(vls_env_system()) + guard_s * 1000u;
    struct timeval turn = {.tv_usec = 50000};

    while (!*flag) {
        if (vls_steady_ms(vls_env_system()) > end)
            fail_msg("nothing happened for %u s; last refusal: %s", guard_s, b->last_refusal);
        (void)event_base_loopexit(b->base, &turn);
        (void)event_base_loop(b->base, EVLOOP_ONCE);
    }
}

/* -- calls of the gateway ---------------------------------------------------------------------- */

static void on_carried(void *ctx, struct vls_status status, const struct vls_why *why,
                       uint64_t retry_after_ms, int *body_fd)
{
    struct carried *out = ctx;

    out->is_done = true;
    out->status = status;
    out->why = *why;
    out->retry_after_ms = retry_after_ms;
    assert_int_equal(*body_fd >= 0, vls_ok(status) || status.code == VLS_PEER_STALE);
    if (*body_fd >= 0)
        assert_true(vls_ok(vls_fd_read_all(*body_fd, &out->body, NULL)));
}

void carry_start(struct bench *b, struct vls_slice body, struct carried *out)
{
    int fd;

    *out = (struct carried){0};
    vls_buf_init(&out->body, VLS_MAX_EXCHANGE);
    assert_true(vls_ok(vls_fd_memory_of("request", body, &fd, NULL)));
    if (!vls_ok(vls_client_carry(b->client, b->partners_of_iom[0].party, fd, on_carried, out,
                                 &out->why)))
        fail_msg("carry: %s", out->why.text);
}

void carry(struct bench *b, struct vls_slice body, struct carried *out)
{
    carry_start(b, body, out);
    wait_for(b, &out->is_done);
}

struct pushed {
    bool is_done;
    struct vls_status status;
    struct vls_why why;
};

static void on_pushed(void *ctx, struct vls_status status, const struct vls_why *why)
{
    *(struct pushed *)ctx = (struct pushed){true, status, *why};
}

struct vls_status push(struct bench *b, int fd, const struct vls_digest *digest, uint64_t bytes,
                       struct vls_why *why)
{
    struct pushed pushed = {false, VLS_DONE, {""}};

    assert_true(
        vls_ok(vls_client_push(b->client, "un", digest, bytes, fd, on_pushed, &pushed, why)));
    wait_for(b, &pushed.is_done);
    *why = pushed.why;
    return pushed.status;
}

/* -- messages ---------------------------------------------------------------------------------- */

static void seal_once(size_t content, struct vls_sealed *sealed, struct vls_buf *out)
{
    FILE *file = fopen(pki_path("un", "seal.pem"), "r");
    X509 *recipient = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    const char *json = "{}";
    struct vls_why why = {""};

    assert_non_null(recipient);
    (void)fclose(file);
    vls_buf_init(out, VLS_INLINE_CONTENT * 2);
    struct vls_seal_part part = {.name = "a.txt", .bytes = content};
    uint8_t *bytes = vls_mem_try(content + 1);

    assert_true(vls_ok(vls_fd_memory_of("part", VLS_SLICE(bytes, content), &part.fd, NULL)));
    if (!vls_ok(vls_seal(vls_slice_text(json), VLS_SLICE(NULL, 0), &part, 1, &recipient, 1,
                         1790000000000u, -1, out, sealed, &why)))
        fail_msg("seal: %s", why.text);
    vls_fd_close(&part.fd);
    vls_mem_free(bytes);
    X509_free(recipient);
}

static void make_manifest(struct vls_buf *out, struct vls_id_maker *maker,
                          const struct vls_sealed *sealed)
{
    static uint8_t label[] = {0x31, 0x07, 0x02, 0x01, 0x01, 0x06, 0x02, 0x2a, 0x03};
    static uint8_t nonce[VLS_NONCE_BYTES] = {7}, digest[VLS_DIGEST_BYTES] = {9};
    Valise__Manifest m = VALISE__MANIFEST__INIT;
    struct vls_id id = vls_id_make(maker);
    struct vls_why why = {""};

    m.version = VLS_MANIFEST_VERSION;
    m.id = (ProtobufCBinaryData){sizeof id.bytes, id.bytes};
    m.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    m.kind = (char *)(uintptr_t) "publication";
    m.from = (char *)(uintptr_t) "iom";
    m.to = (char *)(uintptr_t) "un";
    m.created_ms = 1790000000000u;
    m.arrangement = (char *)(uintptr_t) "un-iom/document-exchange";
    m.arrangement_version = 1;
    m.arrangement_digest = (ProtobufCBinaryData){sizeof digest, digest};
    m.label = (ProtobufCBinaryData){sizeof label, label};
    m.sealed_digest =
        (ProtobufCBinaryData){VLS_DIGEST_BYTES, (uint8_t *)(uintptr_t)sealed->cms_digest.bytes};
    m.content_digest =
        (ProtobufCBinaryData){VLS_DIGEST_BYTES, (uint8_t *)(uintptr_t)sealed->content_digest.bytes};
    m.content_bytes = sealed->content_bytes;
    if (!vls_ok(vls_manifest_write(&m, out, &why)))
        fail_msg("manifest: %s", why.text);
}

/* Turn a bit where the manifest names its content: the manifest stays well formed. */
static void alter_digest(struct vls_buf *manifest, const struct vls_digest *digest)
{
    uint8_t *at = memmem(manifest->at, manifest->len, digest->bytes, sizeof digest->bytes);

    assert_non_null(at);
    *at ^= 1;
}

/* `alter`: 0 nothing, 1 a byte of the manifest, 2 a byte of the content. */
static void write_request(struct vls_buf *out, size_t count, size_t content, int alter)
{
    Valise__ExchangeRequest request = VALISE__EXCHANGE_REQUEST__INIT;
    Valise__InclusionProof proof = VALISE__INCLUSION_PROOF__INIT;
    Valise__Carried *carried = vls_mem_new(sizeof *carried * (count + 1));
    Valise__Carried **list = vls_mem_new(sizeof *list * (count + 1));
    struct vls_buf *manifests = vls_mem_new(sizeof *manifests * (count + 1)), bytes;
    struct vls_id_maker maker;
    struct vls_sealed sealed;
    uint8_t *at;

    vls_id_maker_init(&maker, vls_env_system());
    seal_once(content, &sealed, &bytes);
    for (size_t i = 0; i < count; i++) {
        vls_buf_init(&manifests[i], VLS_MAX_MANIFEST);
        make_manifest(&manifests[i], &maker, &sealed);
        if (alter == 1)
            alter_digest(&manifests[i], &sealed.content_digest);
        carried[i] = (Valise__Carried)VALISE__CARRIED__INIT;
        carried[i].manifest = (ProtobufCBinaryData){manifests[i].len, manifests[i].at};
        carried[i].sealed = (ProtobufCBinaryData){sealed.cms.len, sealed.cms.at};
        carried[i].content = (ProtobufCBinaryData){bytes.len, bytes.at};
        carried[i].inclusion = &proof;
        list[i] = &carried[i];
    }
    if (alter == 2)
        bytes.at[bytes.len - 1] ^= 1;
    request.version = 1;
    request.from = (char *)(uintptr_t) "iom";
    request.to = (char *)(uintptr_t) "un";
    request.checkpoint = (char *)(uintptr_t) "iom/sent\n1\nAAAA\n";
    request.messages = list;
    request.n_messages = count;
    vls_buf_init(out, VLS_MAX_EXCHANGE);
    assert_true(
        vls_ok(vls_buf_reserve(out, valise__exchange_request__get_packed_size(&request), &at)));
    vls_buf_took(out, valise__exchange_request__pack(&request, at));
    for (size_t i = 0; i < count; i++)
        vls_buf_fini(&manifests[i]);
    vls_mem_free(manifests);
    vls_mem_free(list);
    vls_mem_free(carried);
    vls_sealed_fini(&sealed);
    vls_buf_fini(&bytes);
}

void make_request(struct vls_buf *out, size_t count, size_t content)
{
    write_request(out, count, content, 0);
}

void make_altered_request(struct vls_buf *out, bool in_content)
{
    write_request(out, 1, 100, in_content ? 2 : 1);
}

void make_response(struct vls_buf *out, size_t count)
{
    static uint8_t nonce[VLS_NONCE_BYTES] = {7}, digest[VLS_DIGEST_BYTES] = {9};
    Valise__ExchangeResponse response = VALISE__EXCHANGE_RESPONSE__INIT;
    Valise__Receipt receipt = VALISE__RECEIPT__INIT, *list[VLS_BATCH_MESSAGES];
    Valise__InclusionProof proof = VALISE__INCLUSION_PROOF__INIT;
    Valise__ReceiptRecord record = VALISE__RECEIPT_RECORD__INIT;
    struct vls_id_maker maker;
    struct vls_buf bytes;
    struct vls_why why = {""};
    struct vls_id id;
    uint8_t *at;

    vls_id_maker_init(&maker, vls_env_system());
    id = vls_id_make(&maker);
    vls_buf_init(&bytes, VLS_MAX_MANIFEST);
    record.version = 1;
    record.id = (ProtobufCBinaryData){sizeof id.bytes, id.bytes};
    record.manifest_digest = (ProtobufCBinaryData){sizeof digest, digest};
    record.from = (char *)(uintptr_t) "iom";
    record.to = (char *)(uintptr_t) "un";
    record.received_ms = 1790000000000u;
    record.nonce = (ProtobufCBinaryData){sizeof nonce, nonce};
    if (!vls_ok(vls_receipt_write(&record, &bytes, &why)))
        fail_msg("receipt: %s", why.text);
    receipt.id = record.id;
    receipt.record = (ProtobufCBinaryData){bytes.len, bytes.at};
    receipt.inclusion = &proof;
    for (size_t i = 0; i < count; i++)
        list[i] = &receipt;
    response.version = 1;
    response.checkpoint = (char *)(uintptr_t) "un/received\n1\nAAAA\n";
    response.receipts = list;
    response.n_receipts = count;
    vls_buf_clear(out);
    assert_true(
        vls_ok(vls_buf_reserve(out, valise__exchange_response__get_packed_size(&response), &at)));
    vls_buf_took(out, valise__exchange_response__pack(&response, at));
    vls_buf_fini(&bytes);
}

/* -- probes ------------------------------------------------------------------------------------ */

struct probe_body {
    const struct probe *p;
    uint64_t sent;
};

static size_t probe_read(char *to, size_t size, size_t count, void *ctx)
{
    struct probe_body *body = ctx;
    uint64_t left = body->p->body_bytes - body->sent;
    size_t len = size * count;

    if (body->p->abort_after != 0 && body->sent >= body->p->abort_after)
        return CURL_READFUNC_ABORT;
    if (body->p->pause_after != 0 && body->sent >= body->p->pause_after)
        return CURL_READFUNC_PAUSE;
    if (len > left)
        len = (size_t)left;
    if (body->p->body_fd > 0) {
        ssize_t got = pread(body->p->body_fd, to, len, (off_t)(body->p->body_at + body->sent));
        len = got > 0 ? (size_t)got : 0;
    } else {
        memset(to, 0, len);
    }
    body->sent += len;
    return len;
}

static size_t probe_write(char *from, size_t size, size_t count, void *ctx)
{
    struct probe_result *out = ctx;
    size_t there = strlen(out->body), len = size * count;

    if (there + len < sizeof out->body)
        vls_copy(out->body + there, from, len);
    return len;
}

static size_t probe_header(char *from, size_t size, size_t count, void *ctx)
{
    struct probe_result *out = ctx;
    char line[128] = "";

    if (size * count < sizeof line) {
        vls_copy(line, from, size * count);
        (void)sscanf(line, "upload-offset: %lld", &out->upload_offset);
    }
    return size * count;
}

static void run_probe(const struct bench *b, const struct probe *p, struct probe_result *out)
{
    struct probe_body body = {p, 0};
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    CURL *easy = curl_easy_init();
    char url[256];

    (void)snprintf(url, sizeof url, "%s%s", b->url, p->path);
    for (size_t i = 0; i < 4 && p->headers[i] != NULL; i++)
        headers = curl_slist_append(headers, p->headers[i]);
    if (p->huge_header != 0) {
        char *huge = vls_mem_new(p->huge_header + 16);

        vls_copy(huge, "x-huge: ", 8);
        memset(huge + 8, 'a', p->huge_header);
        headers = curl_slist_append(headers, huge);
    }
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     p->is_http1 ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_CAINFO, pki_path("ca", "root.pem"));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 15L);
    if (p->folder != NULL) {
        curl_easy_setopt(easy, CURLOPT_SSLCERT, pki_path(p->folder, "tls.pem"));
        curl_easy_setopt(easy, CURLOPT_SSLKEY, pki_path(p->folder, "tls.key"));
    }
    if (p->tls_max != 0)
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, p->tls_max);
    if (p->body_bytes != 0) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)p->body_bytes);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, probe_read);
        curl_easy_setopt(easy, CURLOPT_READDATA, &body);
    } else if (strcmp(p->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, p->method);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, probe_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, probe_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, out);
    out->curl = (int)curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &out->http_status);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
}

static void on_probe_done(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd, (void)what;
    *(bool *)ctx = true;
}

void probe(struct bench *b, const struct probe *p, struct probe_result *out)
{
    struct event *event;
    bool is_done = false;
    int pair[2];
    pid_t pid;

    *out = (struct probe_result){.upload_offset = -1};
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        run_probe(b, p, out);
        _exit(write(pair[1], out, sizeof *out) == sizeof *out ? 0 : 1);
    }
    close(pair[1]);
    event = event_new(b->base, pair[0], EV_READ, on_probe_done, &is_done);
    event_add(event, NULL);
    wait_for(b, &is_done);
    event_free(event);
    assert_int_equal(read(pair[0], out, sizeof *out), sizeof *out);
    close(pair[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* -- files ------------------------------------------------------------------------------------- */

int make_content(uint64_t bytes, struct vls_digest *out_digest)
{
    uint8_t chunk[VLS_IO_CHUNK];
    struct vls_hash *hash = vls_hash_new();
    int fd;

    assert_true(vls_ok(vls_fd_temporary(pki_dir, &fd, NULL)));
    vls_random(vls_env_system(), chunk, sizeof chunk);
    for (uint64_t done = 0; done < bytes;) {
        size_t len = bytes - done < sizeof chunk ? (size_t)(bytes - done) : sizeof chunk;

        vls_put_u64(chunk, done);
        vls_hash_add(hash, VLS_SLICE(chunk, len));
        assert_true(vls_ok(vls_fd_write(fd, VLS_SLICE(chunk, len), NULL)));
        done += len;
    }
    *out_digest = vls_hash_finish(hash);
    vls_hash_free(&hash);
    return fd;
}

struct vls_digest digest_of_file(const char *path)
{
    struct vls_hash *hash = vls_hash_new();
    uint8_t chunk[VLS_IO_CHUNK];
    struct vls_digest digest;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len;

    assert_true(fd >= 0);
    while ((len = read(fd, chunk, sizeof chunk)) > 0)
        vls_hash_add(hash, VLS_SLICE(chunk, (size_t)len));
    close(fd);
    digest = vls_hash_finish(hash);
    vls_hash_free(&hash);
    return digest;
}
