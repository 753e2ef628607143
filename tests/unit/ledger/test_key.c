#include "ledger/ledger_test.h"

/* The example of the documentation of Go's note package, and the key of Go's checksum database. */
#define EXAMPLE_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define SUMDB_KEY   "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

static void key_read__of_published_keys__agrees_on_the_id_and_writes_the_same(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {EXAMPLE_KEY, SUMDB_KEY};
    static const uint8_t IDS[][VLS_KEY_ID] = {{0xc7, 0x4f, 0x20, 0xa3}, {0x03, 0x3d, 0xe0, 0xae}};
    for (size_t i = 0; i < 2; i++) {
        struct vls_note_key key;
        struct vls_buf again;
        uint8_t id[VLS_KEY_ID];
        vls_buf_init(&again, 200);
        assert_done(vls_note_key_read(TEXTS[i], &key, &why_));
        assert_false(key.is_cosigner);
        vls_note_key_id(&key, id);
        assert_memory_equal(id, IDS[i], sizeof id);
        assert_done(vls_note_key_text(&key, &again));
        assert_string_equal(vls_buf_text(&again), TEXTS[i]);
        vls_buf_fini(&again);
    }
}

static void ed25519__of_the_published_note__verifies(void **state)
{
    (void)state;
    struct vls_slice text =
        vls_slice_text("If you think cryptography is the answer to your problem,\n"
                       "then you don't know what your problem is.\n");
    uint8_t bytes[80];
    struct vls_buf signature = {.at = bytes, .room = sizeof bytes, .max = sizeof bytes};
    struct vls_note_key key;
    assert_done(vls_note_key_read(EXAMPLE_KEY, &key, &why_));
    assert_done(vls_base64_read(
        vls_slice_text("x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
                       "otpRZb6KE6RyyBwJnAM="),
        &signature));
    assert_int_equal(signature.len, VLS_KEY_ID + VLS_ED25519_SIGNATURE);
    assert_true(vls_ed25519_is_valid(key.key, text, bytes + VLS_KEY_ID));
    for (size_t i = 0; i < VLS_ED25519_SIGNATURE; i++) {
        bytes[VLS_KEY_ID + i] ^= 1;
        assert_false(vls_ed25519_is_valid(key.key, text, bytes + VLS_KEY_ID));
        bytes[VLS_KEY_ID + i] ^= 1;
    }
    assert_false(
        vls_ed25519_is_valid(key.key, VLS_SLICE(text.at, text.len - 1), bytes + VLS_KEY_ID));
    key.key[5] ^= 1;
    assert_false(vls_ed25519_is_valid(key.key, text, bytes + VLS_KEY_ID));
}

static void ed25519__of_the_first_vector_of_rfc_8032__verifies(void **state)
{
    (void)state;
    uint8_t key[VLS_ED25519_KEY], signature[VLS_ED25519_SIGNATURE];
    assert_done(vls_hex_read("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                             key, sizeof key));
    assert_done(
        vls_hex_read("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590"
                     "a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
                     signature, sizeof signature));
    assert_true(vls_ed25519_is_valid(key, VLS_SLICE(NULL, 0), signature));
    assert_false(vls_ed25519_is_valid(key, vls_slice_text("x"), signature));
}

static void key_read__of_a_damaged_text__is_refused(void **state)
{
    (void)state;
    char text[] = EXAMPLE_KEY;
    struct vls_note_key key = {.name = "as it was"};
    for (size_t i = 0; i < sizeof text - 1; i++) {
        text[i]++;
        assert_code(vls_note_key_read(text, &key, NULL), VLS_LEDGER_NOTE);
        text[i]--;
    }
    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *cut = vls_mem_text(text, len);
        assert_code(vls_note_key_read(cut, &key, NULL), VLS_LEDGER_NOTE);
        assert_code(vls_note_key_read(text + len + 1, &key, NULL), VLS_LEDGER_NOTE);
        vls_mem_free(cut);
    }
    assert_string_equal(key.name, "as it was");
}

static void key_read__of_another_type_length_or_spelling__is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        " PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "",
        "++",
    };
    struct vls_note_key key;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_code(vls_note_key_read(BAD[i], &key, NULL), VLS_LEDGER_NOTE);
}

static void key_text__of_a_cosigner__has_another_id_and_reads_back(void **state)
{
    (void)state;
    struct signer log, witness;
    struct vls_buf text;
    struct vls_note_key key;
    uint8_t a[VLS_KEY_ID], b[VLS_KEY_ID];
    vls_buf_init(&text, 200);
    signer_init(&log, "iom/valise/witness", false, 1);
    signer_init(&witness, "iom/valise/witness", true, 1);
    assert_memory_equal(log.key.key, witness.key.key, VLS_ED25519_KEY);
    vls_note_key_id(&log.key, a);
    vls_note_key_id(&witness.key, b);
    assert_memory_not_equal(a, b, VLS_KEY_ID);
    assert_done(vls_note_key_text(&witness.key, &text));
    assert_done(vls_note_key_read(vls_buf_text(&text), &key, &why_));
    assert_true(key.is_cosigner);
    assert_string_equal(key.name, "iom/valise/witness");
    assert_memory_equal(key.key, witness.key.key, VLS_ED25519_KEY);
    vls_buf_fini(&text);
    signer_fini(&log);
    signer_fini(&witness);
}

static void note_is_name__refuses_what_a_line_cannot_carry(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"a", "un/valise/iom/sent", "example.com/log", "\xc3\xa9tat"};
    static const char *const BAD[] = {
        "",      "a b",          "a+b",           "a\tb",          "a\nb",
        "a\x7f", "\xc2\xa0",     "a\xe2\x80\x83", "\xe3\x80\x80z", "\xe2\x80\xa8",
        "\xc3",  "\xe1\x9a\x80", "a\xe2\x81\x9f", "\xc2\x85",      "\xe2\x80\xaf",
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
        assert_true(vls_note_is_name(vls_slice_text(GOOD[i])));
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(vls_note_is_name(vls_slice_text(BAD[i])));
}

static void names__of_two_parties__are_those_of_the_header(void **state)
{
    (void)state;
    char name[VLS_MAX_ORIGIN], longest[VLS_MAX_PARTY + 1];
    vls_log_origin("un", "iom", false, name);
    assert_string_equal(name, "un/valise/iom/sent");
    vls_log_origin("un", "iom", true, name);
    assert_string_equal(name, "un/valise/iom/received");
    vls_witness_name("iom", name);
    assert_string_equal(name, "iom/valise/witness");
    memset(longest, 'x', VLS_MAX_PARTY);
    longest[VLS_MAX_PARTY] = '\0';
    vls_log_origin(longest, longest, true, name);
    assert_int_equal(strlen(name), 2 * VLS_MAX_PARTY + strlen("/valise//received"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_read__of_published_keys__agrees_on_the_id_and_writes_the_same),
        cmocka_unit_test(ed25519__of_the_published_note__verifies),
        cmocka_unit_test(ed25519__of_the_first_vector_of_rfc_8032__verifies),
        cmocka_unit_test(key_read__of_a_damaged_text__is_refused),
        cmocka_unit_test(key_read__of_another_type_length_or_spelling__is_refused),
        cmocka_unit_test(key_text__of_a_cosigner__has_another_id_and_reads_back),
        cmocka_unit_test(note_is_name__refuses_what_a_line_cannot_carry),
        cmocka_unit_test(names__of_two_parties__are_those_of_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
