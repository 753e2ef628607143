#include "envelope/parcel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "envelope/support.h"

static uint8_t manifest[] = "a manifest", sealed[] = "sealed", content[] = "some content";
static uint8_t receipt[] = "a receipt", decision[] = "a decision", hash_a[32] = {1},
               hash_b[32] = {2};
static char note[] =
    "un/valise/iom/sent\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
    "\xe2\x80\x94 un/valise/iom/sent "
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAA=\n";

#define BYTES(array) ((ProtobufCBinaryData){sizeof(array), (array)})

static ProtobufCBinaryData hashes[] = {{32, hash_a}, {32, hash_b}};

static Valise__InclusionEvidence inclusion(void)
{
    Valise__InclusionEvidence i = VALISE__INCLUSION_EVIDENCE__INIT;
    i.leaf_index = 2;
    i.hashes = hashes;
    i.n_hashes = 2;
    i.checkpoint = note;
    return i;
}

static Valise__Evidence evidence(void)
{
    Valise__Evidence e = VALISE__EVIDENCE__INIT;
    e.manifest = BYTES(manifest);
    e.sealed = BYTES(sealed);
    e.content = BYTES(content);
    e.content_bytes = sizeof content;
    return e;
}

static int parcel_of(const Valise__Evidence *e, int content_fd)
{
    struct vls_why why = {""};
    int fd = file_of_pattern(20000, 1);
    struct vls_status s = vls_parcel_write(fd, e, content_fd, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(s.code, VLS_OK);
    return fd;
}

static void parcel__all_entries__same_again(void **state)
{
    (void)state;
    Valise__Evidence e = evidence(), *back;
    Valise__InclusionEvidence sent = inclusion(), received = inclusion();
    struct vls_why why = {""};
    uint8_t digest[32];
    struct vls_digest expected = vls_digest_of_slice(VLS_SLICE(content, sizeof content));
    received.leaf_index = 0;
    received.n_hashes = 0;
    e.sent = &sent;
    e.receipt = BYTES(receipt);
    e.received = &received;
    e.decision = BYTES(decision);
    int fd = parcel_of(&e, -1), out = file_of_pattern(9999, 1);
    struct vls_status s = vls_parcel_read(fd, out, &back, digest, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(s.code, VLS_OK);
    assert_memory_equal(digest, expected.bytes, 32);
    assert_int_equal(back->manifest.len, sizeof manifest);
    assert_memory_equal(back->manifest.data, manifest, sizeof manifest);
    assert_memory_equal(back->sealed.data, sealed, sizeof sealed);
    assert_int_equal(back->content.len, 0);
    assert_int_equal(back->content_bytes, sizeof content);
    assert_memory_equal(back->receipt.data, receipt, sizeof receipt);
    assert_memory_equal(back->decision.data, decision, sizeof decision);
    assert_int_equal(back->sent->leaf_index, 2);
    assert_int_equal(back->sent->n_hashes, 2);
    assert_memory_equal(back->sent->hashes[1].data, hash_b, 32);
    assert_string_equal(back->sent->checkpoint, note);
    assert_int_equal(back->received->n_hashes, 0);
    struct vls_buf bytes = file_bytes(out);
    assert_true(vls_slice_is_equal(vls_buf_slice(&bytes), VLS_SLICE(content, sizeof content)));
    vls_buf_fini(&bytes);
    valise__evidence__free_unpacked(back, NULL);
    close(fd);
    close(out);
}

static void parcel__content_in_a_file__only_hashed(void **state)
{
    (void)state;
    Valise__Evidence e = evidence(), *back;
    uint8_t digest[32];
    int file = file_of_pattern(300000, 2);
    struct vls_buf bytes = file_bytes(file);
    struct vls_digest expected = vls_digest_of_slice(vls_buf_slice(&bytes));
    e.content = (ProtobufCBinaryData){0, NULL};
    e.content_bytes = 300000;
    int fd = parcel_of(&e, file);
    assert_int_equal(vls_parcel_read(fd, -1, &back, digest, NULL).code, VLS_OK);
    assert_int_equal(back->content_bytes, 300000);
    assert_memory_equal(digest, expected.bytes, 32);
    assert_null(back->sent);
    assert_int_equal(back->receipt.len, 0);
    valise__evidence__free_unpacked(back, NULL);
    e.content_bytes = 300001;
    assert_int_equal(vls_parcel_write(fd, &e, file, NULL).code, VLS_ENVELOPE_SOURCE);
    vls_buf_fini(&bytes);
    close(fd);
    close(file);
}

static void parcel__common_tar__lists_it(void **state)
{
    (void)state;
    Valise__Evidence e = evidence();
    char dir[64], path[128], extracted[128];
    int fd = parcel_of(&e, -1);
    struct vls_buf bytes = file_bytes(fd), found;
    scratch_dir(dir);
    scratch_write(dir, "x.valise", vls_buf_slice(&bytes));
    snprintf(path, sizeof path, "%s/x.valise", dir);
    char *extract[] = {"tar", "-x", "-f", path, "-C", dir, NULL};
    assert_int_equal(run(extract), 0);
    snprintf(extracted, sizeof extracted, "%s/content.bin", dir);
    vls_buf_init(&found, 1000);
    assert_int_equal(vls_file_read(extracted, &found, NULL).code, VLS_OK);
    assert_true(vls_slice_is_equal(vls_buf_slice(&found), VLS_SLICE(content, sizeof content)));
    vls_buf_fini(&found);
    vls_buf_fini(&bytes);
    scratch_remove(dir);
    close(fd);
}

static void parcel__damaged__refused(void **state)
{
    (void)state;
    Valise__Evidence e = evidence(), *back = NULL;
    Valise__InclusionEvidence sent = inclusion();
    uint8_t digest[32];
    e.sent = &sent;
    int fd = parcel_of(&e, -1);
    struct vls_buf whole = file_bytes(fd);
    for (size_t len = 0; len < whole.len; len += 100) {
        int cut = file_of(VLS_SLICE(whole.at, len));
        struct vls_status s = vls_parcel_read(cut, -1, &back, digest, NULL);
        /* a tar without its last zeros is still whole */
        if (vls_ok(s)) {
            assert_true(len >= whole.len - 1024);
            valise__evidence__free_unpacked(back, NULL);
        }
        close(cut);
    }
    whole.at[0] = 'M'; /* the first entry has another name; libarchive's checksum differs as well */
    int bad = file_of(vls_buf_slice(&whole));
    assert_int_equal(vls_parcel_read(bad, -1, &back, digest, NULL).code, VLS_ENVELOPE_MALFORMED);
    close(bad);
    vls_buf_fini(&whole);
    close(fd);
}

static void parcel__bad_evidence__not_written(void **state)
{
    (void)state;
    Valise__Evidence e = evidence();
    Valise__InclusionEvidence sent = inclusion();
    ProtobufCBinaryData shorter = {31, hash_a};
    int fd = file_new();
    e.content_bytes++;
    assert_int_equal(vls_parcel_write(fd, &e, -1, NULL).code, VLS_ENVELOPE_MALFORMED);
    e = evidence();
    e.sent = &sent;
    sent.hashes = &shorter;
    sent.n_hashes = 1;
    assert_int_equal(vls_parcel_write(fd, &e, -1, NULL).code, VLS_LEDGER_PROOF);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parcel__all_entries__same_again),
        cmocka_unit_test(parcel__content_in_a_file__only_hashed),
        cmocka_unit_test(parcel__common_tar__lists_it),
        cmocka_unit_test(parcel__damaged__refused),
        cmocka_unit_test(parcel__bad_evidence__not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
