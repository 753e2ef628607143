#include "envelope/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "envelope/support.h"

#define CREATED_MS UINT64_C(1764000000000)
#define SMALL      UINT64_C(1024)
#define SEALINGS   1000 /* a length that varies by chance in one of a hundred shows */

static struct holder partner, archive, stranger;

static int setup(void **state)
{
    (void)state;
    partner = holder_new("P-256", "partner");
    archive = holder_new("P-256", "archive");
    stranger = holder_new("P-256", "stranger");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    holder_free(&partner);
    holder_free(&archive);
    holder_free(&stranger);
    return 0;
}

/** One sealed message in memory. */
struct bag {
    struct vls_sealed sealed;
    struct vls_buf content;
    struct vls_buf document;
};

static struct bag bag_of(size_t bytes)
{
    struct bag bag;
    struct vls_why why = {""};
    X509 *recipients[] = {partner.certificate, archive.certificate};
    int fd = file_of_pattern(bytes, 7);
    struct vls_seal_part part = {.fd = fd, .name = "note.txt", .bytes = bytes};
    vls_buf_init(&bag.content, 8u << 20);
    struct vls_status s = vls_seal(vls_slice_text("{\"x\":1}"), VLS_SLICE(NULL, 0), &part, 1,
                                   recipients, 2, CREATED_MS, -1, &bag.content, &bag.sealed, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(s.code, VLS_OK);
    bag.document = file_bytes(fd);
    struct vls_digest digest = vls_digest_of_slice(vls_buf_slice(&bag.document));
    assert_true(vls_digest_is_equal(&digest, &part.digest));
    close(fd);
    return bag;
}

static void bag_free(struct bag *bag)
{
    vls_sealed_fini(&bag->sealed);
    vls_buf_fini(&bag->content);
    vls_buf_fini(&bag->document);
}

static struct vls_open_input input_of(const struct bag *bag)
{
    return (struct vls_open_input){.cms = vls_buf_slice(&bag->sealed.cms),
                                   .content = vls_buf_slice(&bag->content),
                                   .content_fd = -1,
                                   .content_bytes = bag->sealed.content_bytes,
                                   .content_digest = bag->sealed.content_digest};
}

/* Opens with a file that is not empty before; gives the code, and asserts that a failure leaves
 * nothing. */
static uint32_t open_code(const struct vls_open_input *in, const struct holder *holder,
                          struct vls_why *why)
{
    int plain = file_of_pattern(100, 1);
    uint64_t bytes = 0, size = 1;
    struct vls_status s = vls_open(in, holder->key, holder->certificate, plain, &bytes, why);
    assert_int_equal(vls_fd_size(plain, &size, NULL).code, VLS_OK);
    assert_int_equal(size, vls_ok(s) ? bytes : 0);
    close(plain);
    return s.code;
}

static void seal_and_open__sizes__same_bytes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 511, 512, 1024, 65535, 65536, 65537, 5u << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bag bag = bag_of(sizes[i]);
        struct vls_open_input in = input_of(&bag);
        uint64_t bytes;
        int plain = file_new();
        assert_int_equal(vls_open(&in, partner.key, partner.certificate, plain, &bytes, NULL).code,
                         VLS_OK);
        struct vls_buf tar = file_bytes(plain);
        assert_int_equal(tar.len, bag.content.len);
        /* header, descriptor, header, document, two blocks of zeros: nothing else */
        assert_int_equal(tar.len, 512 + 512 + 512 + (sizes[i] + 511) / 512 * 512 + 1024);
        assert_memory_equal(tar.at, "descriptor.json", 16);
        assert_memory_equal(tar.at + 1024, "documents/note.txt", 19);
        if (sizes[i] != 0)
            assert_memory_equal(tar.at + 1536, bag.document.at, sizes[i]);
        assert_int_equal(open_code(&in, &archive, NULL), VLS_OK);
        vls_buf_fini(&tar);
        close(plain);
        bag_free(&bag);
    }
}

static void seal__to_file__same_content_as_digest(void **state)
{
    (void)state;
    X509 *recipients[] = {partner.certificate};
    struct vls_seal_part parts[2] = {
        {.fd = file_of_pattern(200000, 3), .name = "a.bin", .bytes = 200000},
        {.fd = file_of_pattern(0, 4), .name = "empty", .bytes = 0},
    };
    struct vls_sealed sealed;
    int content = file_of_pattern(1u << 20, 9), plain = file_new();
    assert_int_equal(vls_seal(vls_slice_text("{}"), VLS_SLICE(NULL, 0), parts, 2, recipients, 1,
                              CREATED_MS, content, NULL, &sealed, NULL)
                         .code,
                     VLS_OK);
    struct vls_buf bytes = file_bytes(content);
    struct vls_digest digest = vls_digest_of_slice(vls_buf_slice(&bytes));
    assert_int_equal(bytes.len, sealed.content_bytes);
    assert_true(vls_digest_is_equal(&digest, &sealed.content_digest));
    assert_true(sealed.content_bytes <= vls_seal_content_bound(parts, 2, 2, 0));
    struct vls_open_input in = {.cms = vls_buf_slice(&sealed.cms),
                                .content_fd = content,
                                .content_bytes = sealed.content_bytes,
                                .content_digest = sealed.content_digest};
    assert_int_equal(open_code(&in, &partner, NULL), VLS_OK);
    assert_int_equal(open_code(&in, &archive, NULL), VLS_ENVELOPE_KEY);
    vls_buf_fini(&bytes);
    vls_sealed_fini(&sealed);
    close(parts[0].fd);
    close(parts[1].fd);
    close(content);
    close(plain);
}

static void seal__source_shrinks_or_grows__refused_and_nothing_left(void **state)
{
    (void)state;
    X509 *recipients[] = {partner.certificate};
    static const struct {
        size_t real, announced;
    } cases[] = {{1000, 1001},   {1001, 1000},   {0, 1},         {1, 0},
                 {65536, 65535}, {65536, 65537}, {70000, 65536}, {3000, 1u << 30}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = file_of_pattern(cases[i].real, 1), content = file_new();
        struct vls_seal_part part = {.fd = fd, .name = "x", .bytes = cases[i].announced};
        struct vls_sealed sealed;
        struct vls_why why = {""};
        uint64_t size = 1;
        assert_int_equal(vls_seal(vls_slice_text("{}"), VLS_SLICE(NULL, 0), &part, 1, recipients, 1,
                                  CREATED_MS, content, NULL, &sealed, &why)
                             .code,
                         VLS_ENVELOPE_SOURCE);
        assert_non_null(strstr(why.text, "announced"));
        assert_int_equal(vls_fd_size(content, &size, NULL).code, VLS_OK);
        assert_int_equal(size, 0);
        close(fd);
        close(content);
    }
}

static void seal__bad_arguments__refused(void **state)
{
    (void)state;
    struct holder rsa = holder_new("RSA", "rsa"), p384 = holder_new("P-384", "p384");
    struct vls_sealed sealed;
    struct vls_buf content;
    int fd = file_of_pattern(10, 1);
    struct vls_seal_part part = {.fd = fd, .name = "x", .bytes = 10};
    X509 *const lists[] = {rsa.certificate, p384.certificate};
    vls_buf_init(&content, 4096);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(vls_seal(vls_slice_text("{}"), VLS_SLICE(NULL, 0), &part, 1, &lists[i], 1,
                                  CREATED_MS, -1, &content, &sealed, NULL)
                             .code,
                         VLS_SYSTEM_CRYPTO);
    assert_int_equal(vls_seal(vls_slice_text("{}"), VLS_SLICE(NULL, 0), &part, 1, lists, 0,
                              CREATED_MS, -1, &content, &sealed, NULL)
                         .code,
                     VLS_INPUT_LIMIT);
    static const char *const names[] = {"../x", "a/b", "", ".", "..", ".hidden"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        part.name = names[i];
        assert_int_equal(vls_seal(vls_slice_text("{}"), VLS_SLICE(NULL, 0), &part, 1,
                                  &partner.certificate, 1, CREATED_MS, -1, &content, &sealed, NULL)
                             .code,
                         VLS_INPUT_MALFORMED);
    }
    part.name = "x";
    content.max = 2000; /* less than the archive needs */
    assert_int_equal(vls_seal(vls_slice_text("{}"), VLS_SLICE(NULL, 0), &part, 1,
                              &partner.certificate, 1, CREATED_MS, -1, &content, &sealed, NULL)
                         .code,
                     VLS_INPUT_LIMIT);
    assert_int_equal(content.len, 0);
    vls_buf_fini(&content);
    close(fd);
    holder_free(&rsa);
    holder_free(&p384);
}

static void open__wrong_key__refused(void **state)
{
    (void)state;
    struct bag bag = bag_of(SMALL);
    struct vls_open_input in = input_of(&bag);
    struct vls_why why = {""};
    assert_int_equal(open_code(&in, &stranger, &why), VLS_ENVELOPE_KEY);
    assert_non_null(strstr(why.text, "no recipient"));
    struct holder mixed = {stranger.key, partner.certificate};
    assert_int_equal(open_code(&in, &mixed, &why), VLS_ENVELOPE_KEY);
    assert_non_null(strstr(why.text, "does not open"));
    bag_free(&bag);
}

static void open__content_changed__refused(void **state)
{
    (void)state;
    struct bag bag = bag_of(100000), other = bag_of(100000);
    struct vls_open_input in = input_of(&bag);
    bag.content.at[50000] ^= 1; /* announced digest: as it was */
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_DIGEST);
    in.content_digest =
        vls_digest_of_slice(in.content); /* announced digest: of the changed bytes */
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_TAG);
    bag.content.at[50000] ^= 1;

    in = input_of(&bag);
    in.content.len--;
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_DIGEST);
    in.content_bytes--;
    in.content_digest = vls_digest_of_slice(in.content);
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_TAG);
    in.content = (struct vls_slice){NULL, 0};
    in.content_bytes = 0;
    in.content_digest = vls_digest_of_slice(in.content);
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_TAG);

    in = input_of(&bag);
    in.content = vls_buf_slice(&other.content);
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_DIGEST);
    in.content_digest = other.sealed.content_digest;
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_TAG);
    bag_free(&bag);
    bag_free(&other);
}

static void open__any_bit_of_der_flipped__refused(void **state)
{
    (void)state;
    struct bag bag = bag_of(10);
    struct vls_buf der = bag.sealed.cms;
    struct vls_open_input in = input_of(&bag);
    size_t tags = 0, opened = 0;
    for (size_t i = 0; i < der.len * 8; i++) {
        der.at[i / 8] ^= (uint8_t)(1u << (i % 8));
        uint32_t code = open_code(&in, &partner, NULL);
        tags += code == VLS_ENVELOPE_TAG;
        opened += code == VLS_OK;
        assert_true(code == VLS_OK || code == VLS_ENVELOPE_TAG || code == VLS_ENVELOPE_KEY ||
                    code == VLS_ENVELOPE_MALFORMED || code == VLS_ENVELOPE_ALGORITHM);
        der.at[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
    /* only the other recipient's part may change without a trace here: the manifest holds the
     * digest of the whole */
    assert_true(opened <= 8 * 220);
    assert_true(tags >= 8 * (12 + 16)); /* at least each bit of nonce and tag */
    for (size_t len = 0; len < der.len; len++)
        assert_int_equal(vls_sealed_check(VLS_SLICE(der.at, len), NULL).code,
                         VLS_ENVELOPE_MALFORMED);
    bag_free(&bag);
}

static void open__trailing_byte_behind_der__refused(void **state)
{
    (void)state;
    struct bag bag = bag_of(10);
    assert_int_equal(vls_sealed_check(vls_buf_slice(&bag.sealed.cms), NULL).code, VLS_OK);
    assert_int_equal(vls_buf_add(&bag.sealed.cms, "", 1).code, VLS_OK);
    assert_int_equal(vls_sealed_check(vls_buf_slice(&bag.sealed.cms), NULL).code,
                     VLS_ENVELOPE_MALFORMED);
    bag_free(&bag);
}

/* -- what others might send: made with OpenSSL, detached, and refused -------------------------- */

struct foreign {
    bool is_auth;
    const EVP_CIPHER *cipher;
    X509 *certificate;
    const EVP_MD *kdf;
    bool is_attached, is_by_key_id;
};

static struct vls_buf foreign_cms(const struct foreign *f)
{
    CMS_ContentInfo *cms =
        f->is_auth ? CMS_AuthEnvelopedData_create(f->cipher) : CMS_EnvelopedData_create(f->cipher);
    unsigned flags = CMS_KEY_PARAM | (f->is_by_key_id ? CMS_USE_KEYID : 0);
    CMS_RecipientInfo *ri = CMS_add1_recipient_cert(cms, f->certificate, flags);
    assert_non_null(ri);
    if (f->kdf != NULL)
        assert_true(EVP_PKEY_CTX_set_ecdh_kdf_md(CMS_RecipientInfo_get0_pkey_ctx(ri), f->kdf) > 0);
    BIO *data = BIO_new_mem_buf("hello", 5), *out = BIO_new(BIO_s_mem());
    if (f->is_attached) {
        assert_int_equal(CMS_set_detached(cms, 0), 1);
        assert_int_equal(CMS_final(cms, data, NULL, CMS_BINARY), 1);
    } else {
        assert_int_equal(CMS_set_detached(cms, 1), 1);
        BIO *chain = CMS_dataInit(cms, out);
        assert_non_null(chain);
        assert_int_equal(BIO_write(chain, "hello", 5), 5);
        assert_int_equal(BIO_flush(chain), 1);
        assert_int_equal(CMS_dataFinal(cms, chain), 1);
        BIO_pop(chain);
        BIO_free(chain);
    }
    struct vls_buf der;
    uint8_t *at;
    vls_buf_init(&der, 65536);
    int len = i2d_CMS_ContentInfo(cms, NULL);
    assert_true(len > 0);
    assert_int_equal(vls_buf_reserve(&der, (size_t)len, &at).code, VLS_OK);
    i2d_CMS_ContentInfo(cms, &at);
    vls_buf_took(&der, (size_t)len);
    BIO_free(data);
    BIO_free(out);
    CMS_ContentInfo_free(cms);
    return der;
}

static void check__algorithm_downgrades__refused_before_the_key(void **state)
{
    (void)state;
    struct holder rsa = holder_new("RSA", "rsa"), p384 = holder_new("P-384", "p384");
    const struct {
        struct foreign how;
        uint32_t code;
        const char *words;
    } cases[] = {
        {{true, EVP_aes_256_gcm(), partner.certificate, EVP_sha256(), false, false}, VLS_OK, ""},
        {{true, EVP_aes_256_gcm(), partner.certificate, NULL, false, false},
         VLS_ENVELOPE_ALGORITHM,
         "key agreement"}, /* OpenSSL's default is SHA-1 */
        {{true, EVP_aes_256_gcm(), partner.certificate, EVP_sha1(), false, false},
         VLS_ENVELOPE_ALGORITHM,
         "key agreement"},
        {{true, EVP_aes_256_gcm(), partner.certificate, EVP_sha384(), false, false},
         VLS_ENVELOPE_ALGORITHM,
         "key agreement"},
        {{true, EVP_aes_256_gcm(), rsa.certificate, NULL, false, false},
         VLS_ENVELOPE_ALGORITHM,
         "recipient"},
        {{true, EVP_aes_128_gcm(), partner.certificate, EVP_sha256(), false, false},
         VLS_ENVELOPE_ALGORITHM,
         "key wrap"},
        {{false, EVP_aes_256_cbc(), partner.certificate, EVP_sha256(), false, false},
         VLS_ENVELOPE_ALGORITHM,
         "type"},
        {{true, EVP_aes_256_gcm(), p384.certificate, EVP_sha256(), false, false},
         VLS_ENVELOPE_ALGORITHM,
         "P-256"},
        {{true, EVP_aes_256_gcm(), partner.certificate, EVP_sha256(), true, false},
         VLS_ENVELOPE_MALFORMED,
         "detached"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vls_buf der = foreign_cms(&cases[i].how);
        struct vls_why why = {""};
        struct vls_open_input in = {.cms = vls_buf_slice(&der), .content_fd = -1};
        assert_int_equal(vls_sealed_check(vls_buf_slice(&der), &why).code, cases[i].code);
        assert_non_null(strstr(why.text, cases[i].words));
        /* a key that would crash when touched: the form is judged before */
        if (cases[i].code != VLS_OK) {
            struct holder nobody = {NULL, NULL};
            assert_int_equal(open_code(&in, &nobody, NULL), cases[i].code);
        }
        vls_buf_fini(&der);
    }
    holder_free(&rsa);
    holder_free(&p384);
}

static void check__key_encryption_key__has_room_in_the_form(void **state)
{
    (void)state;
    unsigned char key[32] = {1};
    unsigned char *name = OPENSSL_memdup("batch", 5), *kek = OPENSSL_memdup(key, sizeof key);
    CMS_ContentInfo *cms = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());
    assert_non_null(CMS_add0_recipient_key(cms, NID_id_aes256_wrap, kek, sizeof key, name, 5, NULL,
                                           NULL, NULL));
    BIO *out = BIO_new(BIO_s_mem());
    assert_int_equal(CMS_set_detached(cms, 1), 1);
    BIO *chain = CMS_dataInit(cms, out);
    assert_int_equal(BIO_write(chain, "hello", 5), 5);
    assert_int_equal(BIO_flush(chain), 1);
    assert_int_equal(CMS_dataFinal(cms, chain), 1);
    BIO_free_all(chain);
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);
    assert_true(len > 0);
    assert_int_equal(vls_sealed_check(VLS_SLICE(der, (size_t)len), NULL).code, VLS_OK);
    struct vls_open_input in = {.cms = VLS_SLICE(der, (size_t)len), .content_fd = -1};
    assert_int_equal(open_code(&in, &partner, NULL), VLS_ENVELOPE_KEY);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
}

/* -- common tools ------------------------------------------------------------------------------ */

static void write_pem(const char *dir)
{
    BIO *key = BIO_new(BIO_s_mem()), *cert = BIO_new(BIO_s_mem());
    char *at;
    assert_int_equal(PEM_write_bio_PrivateKey(key, partner.key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(PEM_write_bio_X509(cert, partner.certificate), 1);
    long len = BIO_get_mem_data(key, &at);
    scratch_write(dir, "key.pem", VLS_SLICE(at, (size_t)len));
    len = BIO_get_mem_data(cert, &at);
    scratch_write(dir, "cert.pem", VLS_SLICE(at, (size_t)len));
    BIO_free(key);
    BIO_free(cert);
}

static void unpack_with_tools(const char *dir)
{
    char der[96], content[96], cert[96], key[96], tar[96];
    snprintf(der, sizeof der, "%s/sealed.der", dir);
    snprintf(content, sizeof content, "%s/content.bin", dir);
    snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    snprintf(key, sizeof key, "%s/key.pem", dir);
    snprintf(tar, sizeof tar, "%s/plain.tar", dir);
    char *decrypt[] = {"openssl", "cms",      "-decrypt", "-inform", "DER", "-in",
                       der,       "-content", content,    "-recip",  cert,  "-inkey",
                       key,       "-binary",  "-out",     tar,       NULL};
    assert_int_equal(run(decrypt), 0);
    char *extract[] = {"tar", "-x", "-f", tar, "-C", (char *)(uintptr_t)dir, NULL};
    assert_int_equal(run(extract), 0);
}

static void sealed__openssl_and_tar__same_documents(void **state)
{
    (void)state;
    static char long_name[] = "a-name-of-more-than-a-hundred-bytes-so-that-a-plain-tar-header-does-"
                              "not-hold-it-and-a-pax-header-is-needed-\xc3\xa9.pdf";
    const char *const names[] = {"Rapport d\xe2\x80\x99"
                                 "activit\xc3\xa9.pdf",
                                 "x", long_name};
    for (size_t i = 0; i < 3; i++) {
        char dir[64], path[512];
        scratch_dir(dir);
        write_pem(dir);
        struct vls_sealed sealed;
        struct vls_buf content;
        struct vls_seal_part part = {
            .fd = file_of_pattern(100001, 5), .name = names[i], .bytes = 100001};
        vls_buf_init(&content, 1u << 20);
        X509 *recipients[] = {archive.certificate, partner.certificate};
        assert_int_equal(vls_seal(vls_slice_text("{\"a\":2}"), VLS_SLICE(NULL, 0), &part, 1,
                                  recipients, 2, CREATED_MS, -1, &content, &sealed, NULL)
                             .code,
                         VLS_OK);
        assert_true(content.len <= vls_seal_content_bound(&part, 1, 7, 0));
        scratch_write(dir, "sealed.der", vls_buf_slice(&sealed.cms));
        scratch_write(dir, "content.bin", vls_buf_slice(&content));
        unpack_with_tools(dir);
        struct vls_buf expected = file_bytes(part.fd), found;
        vls_buf_init(&found, 1u << 20);
        snprintf(path, sizeof path, "%s/documents/%s", dir, names[i]);
        assert_int_equal(vls_file_read(path, &found, NULL).code, VLS_OK);
        assert_true(vls_slice_is_equal(vls_buf_slice(&expected), vls_buf_slice(&found)));
        vls_buf_clear(&found);
        snprintf(path, sizeof path, "%s/descriptor.json", dir);
        assert_int_equal(vls_file_read(path, &found, NULL).code, VLS_OK);
        assert_string_equal(vls_buf_text(&found), "{\"a\":2}");
        vls_buf_fini(&found);
        vls_buf_fini(&expected);
        vls_buf_fini(&content);
        vls_sealed_fini(&sealed);
        close(part.fd);
        scratch_remove(dir);
    }
}

static void seal__same_input_twice__same_archive_other_ciphertext(void **state)
{
    (void)state;
    struct bag a = bag_of(SMALL), b = bag_of(SMALL);
    struct vls_open_input in_a = input_of(&a), in_b = input_of(&b);
    int plain_a = file_new(), plain_b = file_new();
    uint64_t bytes;
    assert_false(vls_digest_is_equal(&a.sealed.content_digest, &b.sealed.content_digest));
    assert_int_equal(vls_open(&in_a, partner.key, partner.certificate, plain_a, &bytes, NULL).code,
                     VLS_OK);
    assert_int_equal(vls_open(&in_b, archive.key, archive.certificate, plain_b, &bytes, NULL).code,
                     VLS_OK);
    struct vls_buf one = file_bytes(plain_a), two = file_bytes(plain_b);
    assert_true(vls_slice_is_equal(vls_buf_slice(&one), vls_buf_slice(&two)));
    vls_buf_fini(&one);
    vls_buf_fini(&two);
    close(plain_a);
    close(plain_b);
    bag_free(&a);
    bag_free(&b);
}

/* The uniform answer of Article 13(1) rests on it: nothing in the structure is of varying length.
 */
static void seal__same_input_many_times__always_the_same_sizes(void **state)
{
    (void)state;
    struct bag first = bag_of(SMALL);
    for (unsigned i = 0; i < SEALINGS; i++) {
        struct bag next = bag_of(SMALL);
        assert_int_equal(next.sealed.cms.len, first.sealed.cms.len);
        assert_int_equal(next.content.len, first.content.len);
        bag_free(&next);
    }
    bag_free(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seal_and_open__sizes__same_bytes),
        cmocka_unit_test(seal__to_file__same_content_as_digest),
        cmocka_unit_test(seal__source_shrinks_or_grows__refused_and_nothing_left),
        cmocka_unit_test(seal__bad_arguments__refused),
        cmocka_unit_test(open__wrong_key__refused),
        cmocka_unit_test(open__content_changed__refused),
        cmocka_unit_test(open__any_bit_of_der_flipped__refused),
        cmocka_unit_test(open__trailing_byte_behind_der__refused),
        cmocka_unit_test(check__algorithm_downgrades__refused_before_the_key),
        cmocka_unit_test(check__key_encryption_key__has_room_in_the_form),
        cmocka_unit_test(sealed__openssl_and_tar__same_documents),
        cmocka_unit_test(seal__same_input_twice__same_archive_other_ciphertext),
        cmocka_unit_test(seal__same_input_many_times__always_the_same_sizes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
