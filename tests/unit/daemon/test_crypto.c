#include "daemon/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "envelope/support.h"

/** A directory with all keys of party "un", its partner "iom", and the configuration that names
 * them. */
static struct {
    char dir[64];
    struct holder tls, seal, archive, partner;
    EVP_PKEY *log, *witness;
    struct vls_config config;
    struct vls_config_partner partners[1];
} w;

static char *path_of(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", w.dir, name);
    return vls_mem_dup(path);
}

static char *write_key(const char *name, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *at;
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    long len = BIO_get_mem_data(bio, &at);
    scratch_write(w.dir, name, VLS_SLICE(at, (size_t)len));
    BIO_free(bio);
    return path_of(name);
}

static char *write_certificate(const char *name, X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *at;
    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    long len = BIO_get_mem_data(bio, &at);
    scratch_write(w.dir, name, VLS_SLICE(at, (size_t)len));
    BIO_free(bio);
    return path_of(name);
}

static int setup(void **state)
{
    (void)state;
    scratch_dir(w.dir);
    w.tls = holder_new("P-256", "tls");
    w.seal = holder_new("P-256", "seal");
    w.archive = holder_new("P-256", "archive");
    w.partner = holder_new("P-256", "partner");
    w.log = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    w.witness = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    w.config.node.party = vls_mem_dup("un");
    w.config.keys.tls = write_key("tls.key", w.tls.key);
    w.config.keys.seal = write_key("seal.key", w.seal.key);
    w.config.keys.archive = write_key("archive.key", w.archive.key);
    w.config.keys.log = write_key("log.key", w.log);
    w.config.keys.witness = write_key("witness.key", w.witness);
    w.config.keys.former = path_of("former"); /* there are none */
    w.config.listen.tls_certificate = write_certificate("tls.pem", w.tls.certificate);
    w.config.keys.seal_certificate = write_certificate("seal.pem", w.seal.certificate);
    w.config.keys.archive_certificate = write_certificate("archive.pem", w.archive.certificate);
    w.partners[0].party = vls_mem_dup("iom");
    w.partners[0].seal_certificate = write_certificate("iom.pem", w.partner.certificate);
    w.config.partners = w.partners;
    w.config.partners_count = 1;
    return 0;
}

static int teardown(void **state)
{
    char **const texts[] = {&w.config.node.party,
                            &w.config.keys.tls,
                            &w.config.keys.seal,
                            &w.config.keys.archive,
                            &w.config.keys.log,
                            &w.config.keys.witness,
                            &w.config.keys.former,
                            &w.config.listen.tls_certificate,
                            &w.config.keys.seal_certificate,
                            &w.config.keys.archive_certificate,
                            &w.partners[0].party,
                            &w.partners[0].seal_certificate};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        vls_mem_free(*texts[i]);
    holder_free(&w.tls);
    holder_free(&w.seal);
    holder_free(&w.archive);
    holder_free(&w.partner);
    EVP_PKEY_free(w.log);
    EVP_PKEY_free(w.witness);
    scratch_remove(w.dir);
    return 0;
}

static struct vls_crypto worker(void)
{
    struct vls_crypto crypto;
    struct vls_keys *keys = NULL;
    struct vls_why why = {""};
    struct vls_status s = vls_keys_load(&w.config, &keys, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(s.code, VLS_OK);
    vls_crypto_init(&crypto, keys);
    return crypto;
}

/* -- keys -------------------------------------------------------------------------------------- */

static void keys__each_one_wrong__refused_with_file_and_fix(void **state)
{
    (void)state;
    const struct {
        char **setting;
        const char *file, *words;
        uint32_t code;
    } cases[] = {
        {&w.config.keys.tls, "nowhere.key", "nowhere.key", VLS_SYSTEM_MISSING},
        {&w.config.keys.tls, "log.key", "is not a P-256 key", VLS_CONFIG_INVALID},
        {&w.config.keys.tls, "seal.key", "does not belong", VLS_CONFIG_INVALID},
        {&w.config.keys.tls, "tls.pem", "is not an unencrypted PEM private key",
         VLS_CONFIG_INVALID},
        {&w.config.keys.seal, "archive.key", "does not belong", VLS_CONFIG_INVALID},
        {&w.config.keys.archive, "seal.key", "does not belong", VLS_CONFIG_INVALID},
        {&w.config.keys.log, "seal.key", "is not an Ed25519 key", VLS_CONFIG_INVALID},
        {&w.config.keys.witness, "tls.key", "keys.witness", VLS_CONFIG_INVALID},
        {&w.config.keys.seal_certificate, "seal.key", "is not a PEM certificate",
         VLS_CONFIG_INVALID},
        {&w.config.keys.archive_certificate, "nowhere.pem", "nowhere.pem", VLS_SYSTEM_MISSING},
        {&w.partners[0].seal_certificate, "nowhere.pem", "partner iom", VLS_SYSTEM_MISSING},
        {&w.config.keys.tls, "", "keys.tls is not set", VLS_CONFIG_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vls_keys *keys = NULL;
        struct vls_why why = {""};
        char *saved = *cases[i].setting;
        char *other = cases[i].file[0] == '\0' ? vls_mem_dup("") : path_of(cases[i].file);
        *cases[i].setting = other;
        assert_int_equal(vls_keys_load(&w.config, &keys, &why).code, cases[i].code);
        if (strstr(why.text, cases[i].words) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", why.text, cases[i].words);
        assert_null(strstr(why.text, "PRIVATE KEY"));
        assert_null(keys);
        *cases[i].setting = saved;
        vls_mem_free(other);
    }
}

static void keys__open_to_others__refused(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0604, 0660, 0610, 0601};
    char *const paths[] = {w.config.keys.tls, w.config.keys.seal, w.config.keys.archive,
                           w.config.keys.log, w.config.keys.witness};
    for (size_t i = 0; i < 5; i++) {
        struct vls_keys *keys = NULL;
        struct vls_why why = {""};
        assert_int_equal(chmod(paths[i], modes[i]), 0);
        assert_int_equal(vls_keys_load(&w.config, &keys, &why).code, VLS_SYSTEM_ACCESS);
        assert_non_null(strstr(why.text, paths[i]));
        assert_non_null(strstr(why.text, "chmod 0600"));
        assert_int_equal(chmod(paths[i], 0600), 0);
    }
}

/* -- sealing and opening ----------------------------------------------------------------------- */

static uint8_t id[16] = {1, 2, 3, 4, 5, 6, 0x77, 8, 0x89, 10, 11, 12, 13, 14, 15, 16};

/** A question to seal one document, and the descriptors beside it. */
struct ask {
    Valise__Frame frame;
    Valise__SealRequest seal;
    Valise__Part part, *parts[1];
    char *recipients[1];
    struct vls_fds fds;
};

static void ask_init(struct ask *ask, size_t bytes, bool is_inline)
{
    *ask = (struct ask){.recipients = {"iom"}};
    valise__frame__init(&ask->frame);
    valise__seal_request__init(&ask->seal);
    valise__part__init(&ask->part);
    ask->part.name = "a.txt";
    ask->part.bytes = bytes;
    ask->parts[0] = &ask->part;
    ask->seal.id = (ProtobufCBinaryData){sizeof id, id};
    ask->seal.descriptor_json = (ProtobufCBinaryData){2, (uint8_t *)"{}"};
    ask->seal.parts = ask->parts;
    ask->seal.n_parts = 1;
    ask->seal.recipients = ask->recipients;
    ask->seal.n_recipients = 1;
    ask->seal.is_inline = is_inline;
    ask->frame.serial = 77;
    ask->frame.body_case = VALISE__FRAME__BODY_SEAL;
    ask->frame.seal = &ask->seal;
    ask->fds.fd[ask->fds.count++] = file_of_pattern(bytes, 3);
    if (!is_inline)
        ask->fds.fd[ask->fds.count++] = file_new();
}

static void seal_then_open__inline_and_file__by_partner_and_archive(void **state)
{
    (void)state;
    struct vls_crypto crypto = worker();
    for (int is_inline = 0; is_inline <= 1; is_inline++) {
        struct ask ask;
        struct vls_crypto_answer sealed, opened;
        ask_init(&ask, 5000, is_inline);
        assert_int_equal(
            vls_crypto_answer(&crypto, VLS_ROLE_ROUTER, &ask.frame, &ask.fds, &sealed, NULL).code,
            VLS_OK);
        const Valise__SealResult *r = sealed.frame.seal_result;
        assert_string_equal(r->outcome->why, "");
        assert_int_equal(r->outcome->code, VLS_OK);
        assert_int_equal(sealed.frame.reply_to, 77);
        assert_int_equal(r->n_part_digests, 1);
        assert_int_equal(r->content.len, is_inline ? r->content_bytes : 0);

        Valise__OpenRequest request = VALISE__OPEN_REQUEST__INIT;
        Valise__Frame frame = VALISE__FRAME__INIT;
        struct vls_fds fds = {.count = 0};
        request.id = r->id;
        request.sealed = r->sealed;
        request.content = r->content;
        request.content_digest = r->content_digest;
        request.content_bytes = r->content_bytes;
        request.is_archive = true;
        frame.body_case = VALISE__FRAME__BODY_OPEN;
        frame.open = &request;
        if (!is_inline)
            fds.fd[fds.count++] = ask.fds.fd[1];
        int plain = fds.fd[fds.count++] = file_new();
        assert_int_equal(
            vls_crypto_answer(&crypto, VLS_ROLE_ROUTER, &frame, &fds, &opened, NULL).code, VLS_OK);
        assert_int_equal(opened.frame.open_result->outcome->code, VLS_OK);
        assert_int_equal(opened.frame.open_result->plain_bytes, r->content_bytes);
        vls_crypto_answer_fini(&opened);

        request.is_archive = false; /* sealed to the partner, not to our own sealing key */
        assert_int_equal(
            vls_crypto_answer(&crypto, VLS_ROLE_ROUTER, &frame, &fds, &opened, NULL).code, VLS_OK);
        assert_int_equal(opened.frame.open_result->outcome->code, VLS_ENVELOPE_KEY);
        vls_crypto_answer_fini(&opened);
        vls_crypto_answer_fini(&sealed);
        close(plain);
        vls_fds_close(&ask.fds);
    }
    vls_crypto_fini(&crypto);
}

static uint32_t seal_code(struct vls_crypto *crypto, struct ask *ask)
{
    struct vls_crypto_answer answer;
    assert_int_equal(
        vls_crypto_answer(crypto, VLS_ROLE_ROUTER, &ask->frame, &ask->fds, &answer, NULL).code,
        VLS_OK);
    uint32_t code = answer.frame.seal_result->outcome->code;
    assert_int_equal(answer.frame.seal_result->sealed.len, 0);
    vls_crypto_answer_fini(&answer);
    return code;
}

static void seal__bad_questions__answered_with_a_refusal(void **state)
{
    (void)state;
    struct vls_crypto crypto = worker();
    struct ask ask;
    ask_init(&ask, 100, true);
    ask.recipients[0] = "nobody";
    assert_int_equal(seal_code(&crypto, &ask), VLS_ENVELOPE_KEY);
    ask.recipients[0] = "iom";
    char *many[VLS_MAX_RECIPIENTS];
    for (size_t i = 0; i < VLS_MAX_RECIPIENTS; i++)
        many[i] = "iom";
    ask.seal.recipients = many;
    ask.seal.n_recipients = VLS_MAX_RECIPIENTS; /* and the archive would be one more */
    assert_int_equal(seal_code(&crypto, &ask), VLS_INPUT_LIMIT);
    ask.seal.recipients = ask.recipients;
    ask.seal.n_recipients = 1;
    ask.seal.id.len = 15;
    assert_int_equal(seal_code(&crypto, &ask), VLS_INPUT_MALFORMED);
    ask.seal.id.len = 16;
    ask.seal.is_inline = false; /* and no file to write to */
    assert_int_equal(seal_code(&crypto, &ask), VLS_INPUT_MALFORMED);
    ask.seal.is_inline = true;
    ask.part.bytes = 101;
    assert_int_equal(seal_code(&crypto, &ask), VLS_ENVELOPE_SOURCE);
    vls_fds_close(&ask.fds);
    ask_init(&ask, VLS_INLINE_CONTENT, true);
    assert_int_equal(seal_code(&crypto, &ask), VLS_INPUT_LIMIT);
    vls_fds_close(&ask.fds);
    vls_crypto_fini(&crypto);
}

static void seal__no_recipient__only_the_archive_opens_it(void **state)
{
    (void)state;
    struct vls_crypto crypto = worker();
    struct ask ask;
    struct vls_crypto_answer sealed;
    uint64_t bytes;
    ask_init(&ask, 100, true);
    ask.seal.n_recipients = 0;
    assert_int_equal(
        vls_crypto_answer(&crypto, VLS_ROLE_ROUTER, &ask.frame, &ask.fds, &sealed, NULL).code,
        VLS_OK);
    assert_int_equal(sealed.frame.seal_result->outcome->code, VLS_OK);
    struct vls_open_input in = {.cms = vls_buf_slice(&sealed.sealed.cms),
                                .content = vls_buf_slice(&sealed.bytes),
                                .content_fd = -1,
                                .content_bytes = sealed.sealed.content_bytes,
                                .content_digest = sealed.sealed.content_digest};
    int plain = file_new();
    assert_int_equal(vls_open(&in, w.partner.key, w.partner.certificate, plain, &bytes, NULL).code,
                     VLS_ENVELOPE_KEY);
    assert_int_equal(vls_open(&in, w.archive.key, w.archive.certificate, plain, &bytes, NULL).code,
                     VLS_OK);
    vls_crypto_answer_fini(&sealed);
    close(plain);
    vls_fds_close(&ask.fds);
    vls_crypto_fini(&crypto);
}

/* -- signing ----------------------------------------------------------------------------------- */

static uint32_t sign_code(struct vls_crypto *crypto, const char *log, uint64_t size, uint8_t root,
                          bool is_cosignature, struct vls_buf *note)
{
    uint8_t bytes[32] = {root};
    Valise__SignRequest request = VALISE__SIGN_REQUEST__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    struct vls_crypto_answer answer;
    struct vls_fds fds = {.count = 0};
    request.log = (char *)(uintptr_t)log;
    request.size = size;
    request.root = (ProtobufCBinaryData){sizeof bytes, bytes};
    request.is_cosignature = is_cosignature;
    request.time_s = 1764000000;
    frame.body_case = VALISE__FRAME__BODY_SIGN;
    frame.sign = &request;
    assert_int_equal(vls_crypto_answer(crypto, VLS_ROLE_ROUTER, &frame, &fds, &answer, NULL).code,
                     VLS_OK);
    uint32_t code = answer.frame.sign_result->outcome->code;
    vls_buf_clear(note);
    assert_int_equal(vls_buf_add_text(note, answer.frame.sign_result->note).code, VLS_OK);
    assert_true((note->len == 0) == (code != VLS_OK));
    vls_crypto_answer_fini(&answer);
    return code;
}

static void sign__checkpoint_and_cosignature__verify(void **state)
{
    (void)state;
    struct vls_crypto crypto = worker();
    struct vls_note_key log = {.is_cosigner = false}, witness = {.is_cosigner = true};
    struct vls_checkpoint read, theirs = {.size = 9, .root = {{7}}};
    struct vls_buf note;
    uint64_t time_s;
    vls_buf_init(&note, VLS_MAX_NOTE);
    assert_int_equal(sign_code(&crypto, "un/valise/iom/sent", 5, 1, false, &note), VLS_OK);
    vls_log_origin("un", "iom", false, log.name);
    vls_copy(log.key, crypto.keys->log.public_key, 32);
    assert_int_equal(vls_checkpoint_verify(vls_buf_slice(&note), &log, &read, NULL).code, VLS_OK);
    assert_int_equal(read.size, 5);
    assert_int_equal(sign_code(&crypto, "iom/valise/un/sent", 9, 7, true, &note), VLS_OK);
    vls_log_origin("iom", "un", false, theirs.origin);
    vls_witness_name("un", witness.name);
    vls_copy(witness.key, crypto.keys->witness.public_key, 32);
    assert_int_equal(
        vls_cosignature_verify(vls_buf_slice(&note), &theirs, &witness, &time_s, NULL).code,
        VLS_OK);
    assert_int_equal(time_s, 1764000000);
    vls_buf_fini(&note);
    vls_crypto_fini(&crypto);
}

static void sign__a_witness_key_that_follows__cosigns_too(void **state)
{
    (void)state;
    EVP_PKEY *next = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    char *path = write_key("witness.key" VLS_KEY_NEXT, next);
    struct vls_crypto crypto = worker();
    struct vls_note_key witness = {.is_cosigner = true};
    struct vls_checkpoint theirs = {.size = 9, .root = {{7}}};
    const uint8_t *const keys[] = {crypto.keys->witness.public_key,
                                   crypto.keys->witness_next.public_key};
    struct vls_buf note;
    uint64_t time_s;
    vls_buf_init(&note, VLS_MAX_NOTE);
    vls_log_origin("iom", "un", false, theirs.origin);
    vls_witness_name("un", witness.name);
    assert_int_equal(sign_code(&crypto, "iom/valise/un/sent", 9, 7, true, &note), VLS_OK);
    for (size_t i = 0; i < 2; i++) {
        vls_copy(witness.key, keys[i], sizeof witness.key);
        assert_int_equal(
            vls_cosignature_verify(vls_buf_slice(&note), &theirs, &witness, &time_s, NULL).code,
            VLS_OK);
    }
    vls_buf_fini(&note);
    vls_crypto_fini(&crypto);
    EVP_PKEY_free(next);
    assert_int_equal(unlink(path), 0);
    vls_mem_free(path);
}

static void sign__foreign_log_or_fork__refused(void **state)
{
    (void)state;
    struct vls_crypto crypto = worker();
    struct vls_buf note;
    vls_buf_init(&note, VLS_MAX_NOTE);
    static const char *const foreign[] = {"iom/valise/un/sent", "un/valise/", "un",
                                          "unx/valise/iom", ""};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_int_equal(sign_code(&crypto, foreign[i], 1, 1, false, &note), VLS_INPUT_MALFORMED);
    assert_int_equal(sign_code(&crypto, "un/valise/iom/sent", 1, 1, true, &note),
                     VLS_INPUT_MALFORMED);
    assert_int_equal(sign_code(&crypto, "who/valise/un/sent", 1, 1, true, &note),
                     VLS_INPUT_MALFORMED);
    for (int is_cosignature = 0; is_cosignature <= 1; is_cosignature++) {
        const char *log = is_cosignature ? "iom/valise/un/received" : "un/valise/iom/received";
        assert_int_equal(sign_code(&crypto, log, 5, 1, is_cosignature, &note), VLS_OK);
        assert_int_equal(sign_code(&crypto, log, 5, 1, is_cosignature, &note), VLS_OK);
        assert_int_equal(sign_code(&crypto, log, 5, 2, is_cosignature, &note), VLS_LEDGER_FORK);
        assert_int_equal(sign_code(&crypto, log, 4, 1, is_cosignature, &note), VLS_LEDGER_FORK);
        assert_int_equal(sign_code(&crypto, log, 6, 3, is_cosignature, &note), VLS_OK);
        assert_int_equal(sign_code(&crypto, log, 5, 1, is_cosignature, &note), VLS_LEDGER_FORK);
    }
    vls_buf_fini(&note);
    vls_crypto_fini(&crypto);
}

static void tls_sign__digest__verifies_and_other_lengths_refused(void **state)
{
    (void)state;
    struct vls_crypto crypto = worker();
    uint8_t digest[65] = {5};
    static const struct {
        size_t len;
        uint32_t code;
    } cases[] = {{32, VLS_OK},
                 {48, VLS_OK},
                 {64, VLS_OK},
                 {0, VLS_INPUT_MALFORMED},
                 {20, VLS_INPUT_MALFORMED},
                 {65, VLS_INPUT_MALFORMED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Valise__TlsSignRequest request = VALISE__TLS_SIGN_REQUEST__INIT;
        Valise__Frame frame = VALISE__FRAME__INIT;
        struct vls_crypto_answer answer;
        struct vls_fds fds = {.count = 0};
        request.digest = (ProtobufCBinaryData){cases[i].len, digest};
        frame.body_case = VALISE__FRAME__BODY_TLS_SIGN;
        frame.tls_sign = &request;
        assert_int_equal(
            vls_crypto_answer(&crypto, VLS_ROLE_EDGE, &frame, &fds, &answer, NULL).code, VLS_OK);
        const Valise__SignResult *r = answer.frame.sign_result;
        assert_int_equal(r->outcome->code, cases[i].code);
        if (cases[i].code == VLS_OK) {
            EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(X509_get0_pubkey(w.tls.certificate), NULL);
            assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
            assert_int_equal(
                EVP_PKEY_verify(ctx, r->signature.data, r->signature.len, digest, cases[i].len), 1);
            EVP_PKEY_CTX_free(ctx);
        }
        vls_crypto_answer_fini(&answer);
    }
    vls_crypto_fini(&crypto);
}

/* -- who may ask ------------------------------------------------------------------------------- */

static void ask__across_the_table__refused(void **state)
{
    (void)state;
    struct vls_crypto crypto = worker();
    static const int bodies[] = {VALISE__FRAME__BODY_SEAL,    VALISE__FRAME__BODY_OPEN,
                                 VALISE__FRAME__BODY_SIGN,    VALISE__FRAME__BODY_TLS_SIGN,
                                 VALISE__FRAME__BODY_DELIVER, VALISE__FRAME__BODY__NOT_SET};
    static const enum vls_role_kind peers[] = {VLS_ROLE_EDGE, VLS_ROLE_ROUTER, VLS_ROLE_CONTROL,
                                               VLS_ROLE_HOST, VLS_ROLE_SUPERVISOR};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        for (size_t k = 0; k < sizeof peers / sizeof peers[0]; k++) {
            bool is_allowed =
                (i < 3 && peers[k] == VLS_ROLE_ROUTER) || (i == 3 && peers[k] == VLS_ROLE_EDGE);
            Valise__Frame frame = VALISE__FRAME__INIT;
            struct vls_crypto_answer answer;
            struct vls_fds fds = {.count = 0};
            if (is_allowed)
                continue;
            frame.body_case = (Valise__Frame__BodyCase)bodies[i];
            assert_int_equal(vls_crypto_answer(&crypto, peers[k], &frame, &fds, &answer, NULL).code,
                             VLS_WIRE_REFUSED);
            vls_crypto_answer_fini(&answer);
        }
    vls_crypto_fini(&crypto);
}

/** The other end of the role's socket. */
struct router_end {
    struct event_base *base;
    unsigned answers;
};

static void on_answer(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct router_end *end = ctx;
    (void)fds;
    assert_int_equal(status.code, VLS_OK);
    assert_int_equal(frame->seal_result->outcome->code, VLS_OK);
    if (++end->answers == 20)
        event_base_loopbreak(end->base);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    (void)ctx, (void)cause;
    fail_msg("the role went away: %s", vls_channel_cause(channel));
}

static void role__batch_over_a_socket__all_answered(void **state)
{
    (void)state;
    int pair[2];
    const struct vls_role_ops *ops = vls_crypto_ops();
    static const int nothing[] = {0};
    struct vls_role role = {.kind = VLS_ROLE_CRYPTO,
                            .name = "crypto",
                            .config = &w.config,
                            .base = event_base_new(),
                            .env = vls_env_system(),
                            .listener = -1};
    struct router_end end = {.base = role.base};
    struct vls_channel_events events = {.ctx = &end, .on_gone = on_gone};
    struct vls_channel *channel = NULL;
    assert_int_equal(event_base_priority_init(role.base, 2), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(ops->init(&role, NULL).code, VLS_OK);
    assert_int_equal(ops->attach(&role, VLS_ROLE_ROUTER, 0, "router", pair[0], NULL).code, VLS_OK);
    assert_int_equal(
        vls_channel_new(role.base, pair[1], "crypto", nothing, &events, &channel, NULL).code,
        VLS_OK);
    for (int i = 0; i < 20; i++) {
        struct ask ask;
        ask_init(&ask, 1000, true);
        assert_int_equal(vls_channel_ask(channel, &ask.frame, ask.fds.fd, ask.fds.count,
                                         VALISE__FRAME__BODY_SEAL_RESULT, on_answer, &end, NULL)
                             .code,
                         VLS_OK);
        vls_fds_close(&ask.fds);
    }
    assert_int_equal(event_base_dispatch(role.base), 0);
    assert_int_equal(end.answers, 20);
    vls_channel_free(&channel);
    ops->fini(&role);
    event_base_free(role.base);
    libevent_global_shutdown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys__each_one_wrong__refused_with_file_and_fix),
        cmocka_unit_test(keys__open_to_others__refused),
        cmocka_unit_test(seal_then_open__inline_and_file__by_partner_and_archive),
        cmocka_unit_test(seal__bad_questions__answered_with_a_refusal),
        cmocka_unit_test(seal__no_recipient__only_the_archive_opens_it),
        cmocka_unit_test(sign__checkpoint_and_cosignature__verify),
        cmocka_unit_test(sign__a_witness_key_that_follows__cosigns_too),
        cmocka_unit_test(sign__foreign_log_or_fork__refused),
        cmocka_unit_test(tls_sign__digest__verifies_and_other_lengths_refused),
        cmocka_unit_test(ask__across_the_table__refused),
        cmocka_unit_test(role__batch_over_a_socket__all_answered),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
