#include "base/base_test.h"

#include "base/digest.h"
#include "base/text.h"

/* FIPS 180-4: the examples of NIST. */
#define ABC       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define A_MILLION "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static void assert_hex(struct vls_digest d, const char *expected)
{
    char hex[2 * VLS_DIGEST_BYTES + 1];
    vls_hex(vls_digest_slice(&d), hex);
    assert_string_equal(hex, expected);
}

static void digest__of_the_examples__is_theirs(void **state)
{
    (void)state;
    const struct vls_slice parts[] = {vls_slice_text("a"), VLS_SLICE(NULL, 0),
                                      vls_slice_text("bc")};
    assert_hex(vls_digest_of_slice(vls_slice_text("abc")), ABC);
    assert_hex(vls_digest_of(parts, 3), ABC);
    assert_hex(vls_digest_of(NULL, 0), EMPTY);
    assert_hex(vls_digest_of_slice(VLS_SLICE(NULL, 0)), EMPTY);
}

static void hash__in_pieces__is_the_digest_and_starts_anew(void **state)
{
    (void)state;
    struct vls_hash *h = vls_hash_new();
    char thousand[1000];
    memset(thousand, 'a', sizeof thousand);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++)
            vls_hash_add(h, VLS_SLICE(thousand, sizeof thousand));
        assert_hex(vls_digest_of_slice(vls_slice_text("abc")),
                   ABC); /* does not disturb the other */
        assert_hex(vls_hash_finish(h), A_MILLION);
    }
    assert_hex(vls_hash_finish(h), EMPTY);
    vls_hash_free(&h);
    assert_null(h);
    vls_hash_free(&h);
}

static void digest_from__of_another_length__is_refused(void **state)
{
    (void)state;
    struct vls_digest d = vls_digest_of(NULL, 0), e = {{0}};
    assert_code(vls_digest_from(VLS_SLICE(d.bytes, 31), &e), VLS_INPUT_MALFORMED);
    assert_int_equal(e.bytes[0], 0);
    assert_done(vls_digest_from(vls_digest_slice(&d), &e));
    assert_true(vls_digest_is_equal(&d, &e));
    e.bytes[31] ^= 1;
    assert_false(vls_digest_is_equal(&d, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest__of_the_examples__is_theirs),
        cmocka_unit_test(hash__in_pieces__is_the_digest_and_starts_anew),
        cmocka_unit_test(digest_from__of_another_length__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
