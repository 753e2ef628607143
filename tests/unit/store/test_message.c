#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store_fixture.h"

/* -- add and get ------------------------------------------------------------------------------- */

static const struct vls_message *add(struct fixture *f, const struct vls_message *m)
{
    fixture_begin(f);
    assert_done(f, vls_store_add(f->store, m, &f->why));
    fixture_commit(f);
    return m;
}

static void assert_slice(struct vls_slice a, struct vls_slice b)
{
    assert_int_equal(a.len, b.len);
    if (a.len != 0)
        assert_memory_equal(a.at, b.at, a.len);
}

static void assert_same(const struct vls_message *a, const struct vls_message *b)
{
    assert_true(vls_id_is_equal(&a->id, &b->id));
    assert_int_equal(a->direction, b->direction);
    assert_int_equal(a->state, b->state);
    assert_string_equal(a->party, b->party);
    assert_string_equal(a->kind, b->kind);
    assert_string_equal(a->body, b->body);
    assert_string_equal(a->label, b->label);
    assert_string_equal(a->subject, b->subject);
    assert_string_equal(a->conversation, b->conversation);
    assert_string_equal(a->origin, b->origin);
    assert_string_equal(a->origin_key, b->origin_key);
    assert_string_equal(a->reason, b->reason);
    assert_int_equal(a->created_ms, b->created_ms);
    assert_int_equal(a->changed_ms, b->changed_ms);
    assert_int_equal(a->due_ms, b->due_ms);
    assert_int_equal(a->attempts, b->attempts);
    assert_slice(a->in_reply_to, b->in_reply_to);
    assert_slice(a->duplicate_of, b->duplicate_of);
    assert_true(vls_digest_is_equal(&a->manifest_digest, &b->manifest_digest));
    assert_true(vls_digest_is_equal(&a->content_digest, &b->content_digest));
    assert_int_equal(a->content_bytes, b->content_bytes);
    assert_int_equal(a->log_index, b->log_index);
    assert_slice(a->manifest, b->manifest);
    assert_slice(a->sealed, b->sealed);
    assert_slice(a->content, b->content);
    assert_slice(a->decision, b->decision);
    assert_slice(a->receipt, b->receipt);
    assert_int_equal(a->their_index, b->their_index);
    assert_slice(a->their_hashes, b->their_hashes);
    assert_int_equal(a->their_size, b->their_size);
    assert_slice(a->part_digests, b->part_digests);
}

static struct vls_message full_message(void)
{
    static uint8_t bytes[VLS_INLINE_CONTENT];
    static struct vls_id other;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    other = make_id(99);
    struct vls_message m = make_message(1);
    m.direction = VLS_IN;
    m.state = VLS_STATE_RECEIVED;
    m.body = "ceb";
    m.label = "UN unclassified";
    m.subject = "Rapport annuel \xe2\x80\x94 deuxi\xc3\xa8me partie";
    m.conversation = "c-1";
    m.origin = "partner";
    m.origin_key = "key-1";
    m.reason = "received";
    m.attempts = 3;
    m.in_reply_to = vls_id_slice(&other);
    m.duplicate_of = vls_id_slice(&other);
    m.manifest_digest = make_digest(0x11);
    m.content_digest = make_digest(0x22);
    m.content = VLS_SLICE(bytes, sizeof bytes);
    m.content_bytes = sizeof bytes;
    m.log_index = 41;
    m.manifest = VLS_SLICE(bytes + 1, VLS_MAX_MANIFEST);
    m.sealed = VLS_SLICE(bytes + 2, VLS_MAX_SEALED_DER);
    m.decision = VLS_SLICE(bytes + 3, VLS_MAX_DECISION);
    m.receipt = VLS_SLICE(bytes + 4, 500);
    m.their_index = 7;
    m.their_hashes = VLS_SLICE(bytes + 5, 32 * VLS_MAX_PROOF);
    m.their_size = 8;
    m.part_digests = VLS_SLICE(bytes + 6, 32 * VLS_MAX_PARTS);
    return m;
}

static void get__all_fields_set__gives_them_back_after_reopening(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = full_message(), *got = NULL;
    add(f, &m);
    fixture_reopen(f);
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_same(got, &m);
    vls_message_free(&got);
    assert_null(got);
    vls_message_free(&got);
}

static void get__nothing_set__gives_empty_text_and_bytes(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = make_message(1), *got = NULL;
    add(f, &m);
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_string_equal(got->subject, "");
    assert_string_equal(got->reason, "");
    assert_int_equal(got->in_reply_to.len, 0);
    assert_int_equal(got->content.len, 0);
    assert_int_equal(got->receipt.len, 0);
    assert_true(got->log_index == VLS_NO_INDEX);
    assert_true(got->their_index == VLS_NO_INDEX);
    vls_message_free(&got);
}

static void get__unknown_id__is_missing_and_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct vls_message *got = NULL;
    struct vls_id id = make_id(5);
    assert_code(f, VLS_STORE_MISSING, vls_store_get(f->store, &id, &got, &f->why));
    assert_null(got);
}

static void get__memory_is_short__says_so(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = make_message(1), *got = NULL;
    add(f, &m);
    vls_mem_fail_at(1);
    assert_code(f, VLS_SYSTEM_MEMORY, vls_store_get(f->store, &m.id, &got, &f->why));
    vls_mem_fail_at(0);
    assert_null(got);
}

static void add__same_id__exists_and_the_batch_goes_on(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = make_message(1), again = make_message(1), next = make_message(2);
    struct vls_message *got = NULL;
    m.subject = "first";
    again.subject = "second";
    add(f, &m);
    fixture_begin(f);
    assert_code(f, VLS_STORE_EXISTS, vls_store_add(f->store, &again, &f->why));
    assert_done(f, vls_store_add(f->store, &next, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_string_equal(got->subject, "first");
    vls_message_free(&got);
    assert_done(f, vls_store_get(f->store, &next.id, &got, &f->why));
    vls_message_free(&got);
}

static void add__same_origin_key__exists_unless_the_key_is_empty(void **state)
{
    struct fixture *f = *state;
    struct vls_message a = make_message(1), b = make_message(2);
    struct vls_id found;
    a.origin = b.origin = "plugin:folder";
    a.origin_key = b.origin_key = "file-1";
    fixture_begin(f);
    assert_done(f, vls_store_add(f->store, &a, &f->why));
    assert_code(f, VLS_STORE_EXISTS, vls_store_add(f->store, &b, &f->why));
    b.origin = "uid:0";
    assert_done(f, vls_store_add(f->store, &b, &f->why));
    for (uint32_t i = 3; i < 5; i++) {
        struct vls_message keyless = make_message(i);
        keyless.origin = "plugin:folder";
        assert_done(f, vls_store_add(f->store, &keyless, &f->why));
    }
    fixture_commit(f);
    assert_done(f, vls_store_by_origin(f->store, "plugin:folder", "file-1", &found, &f->why));
    assert_true(vls_id_is_equal(&found, &a.id));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_by_origin(f->store, "plugin:folder", "", &found, &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_by_origin(f->store, "plugin:other", "file-1", &found, &f->why));
}

static void add__outside_of_a_transaction__is_refused(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = make_message(1), *got = NULL;
    assert_code(f, VLS_SYSTEM_BUG, vls_store_add(f->store, &m, &f->why));
    assert_code(f, VLS_STORE_MISSING, vls_store_get(f->store, &m.id, &got, &f->why));
}

static void add__above_a_limit__changes_nothing_and_leaves_the_batch(void **state)
{
    struct fixture *f = *state;
    static uint8_t big[VLS_STORE_MAX_ROW];
    struct vls_message m = make_message(1), good = make_message(2), *got = NULL;
    fixture_begin(f);
    m.content = VLS_SLICE(big, VLS_INLINE_CONTENT + 1);
    m.content_bytes = m.content.len;
    assert_code(f, VLS_INPUT_LIMIT, vls_store_add(f->store, &m, &f->why));
    m = make_message(1);
    m.manifest = VLS_SLICE(big, sizeof big);
    assert_code(f, VLS_INPUT_LIMIT, vls_store_add(f->store, &m, &f->why));
    m = make_message(1);
    m.party = "a-name-that-is-longer-than-any-party-may-have-because-sixty-four-is-the-limit";
    assert_code(f, VLS_INPUT_LIMIT, vls_store_add(f->store, &m, &f->why));
    m = make_message(1);
    memset(big, 'x', sizeof big - 1);
    m.subject = (const char *)big;
    assert_code(f, VLS_INPUT_LIMIT, vls_store_add(f->store, &m, &f->why));
    assert_done(f, vls_store_add(f->store, &good, &f->why));
    fixture_commit(f);
    assert_code(f, VLS_STORE_MISSING, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_done(f, vls_store_get(f->store, &good.id, &got, &f->why));
    vls_message_free(&got);
}

/* -- finding ----------------------------------------------------------------------------------- */

static void by_prefix__one_several_none__says_which(void **state)
{
    struct fixture *f = *state;
    struct vls_id found = {{0}};
    fixture_begin(f);
    for (uint32_t i = 1; i <= 3; i++) {
        struct vls_message m = make_message(i << 16);
        assert_done(f, vls_store_add(f->store, &m, &f->why));
    }
    fixture_commit(f);
    struct vls_id two = make_id(2 << 16), ten = make_id(10 << 16);
    assert_done(f, vls_store_by_prefix(f->store, VLS_SLICE(two.bytes, 4), &found, &f->why));
    assert_true(vls_id_is_equal(&found, &two));
    assert_done(f, vls_store_by_prefix(f->store, VLS_SLICE(two.bytes, 16), &found, &f->why));
    assert_code(f, VLS_STORE_CONFLICT,
                vls_store_by_prefix(f->store, VLS_SLICE(two.bytes, 3), &found, &f->why));
    assert_code(f, VLS_STORE_CONFLICT,
                vls_store_by_prefix(f->store, VLS_SLICE(NULL, 0), &found, &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_by_prefix(f->store, VLS_SLICE(ten.bytes, 4), &found, &f->why));
    uint8_t long_one[17] = {0};
    assert_code(f, VLS_STORE_MISSING,
                vls_store_by_prefix(f->store, VLS_SLICE(long_one, 17), &found, &f->why));
    assert_true(vls_id_is_equal(&found, &two));
}

static void add_with_documents(struct fixture *f, uint32_t number, enum vls_direction direction,
                               enum vls_state in_state, const char *party, uint8_t first,
                               uint8_t second)
{
    struct vls_digest parts[2] = {make_digest(first), make_digest(second)};
    struct vls_message m = make_message(number);
    m.direction = direction;
    m.state = in_state;
    m.party = party;
    m.part_digests = VLS_SLICE(parts, sizeof parts);
    assert_done(f, vls_store_add(f->store, &m, &f->why));
}

static void by_document__several_hold_it__gives_the_oldest_that_left(void **state)
{
    struct fixture *f = *state;
    struct vls_digest one = make_digest(1), four = make_digest(4), nine = make_digest(9);
    struct vls_id found, wanted = make_id(5);
    fixture_begin(f);
    add_with_documents(f, 1, VLS_IN, VLS_STATE_RECEIVED, "iom", 1, 9);
    add_with_documents(f, 2, VLS_OUT, VLS_STATE_WITHHELD, "iom", 1, 1);
    add_with_documents(f, 3, VLS_OUT, VLS_STATE_QUARANTINED, "iom", 1, 2);
    add_with_documents(f, 0, VLS_OUT, VLS_STATE_RETURNED, "iom", 1, 2);
    add_with_documents(f, 4, VLS_OUT, VLS_STATE_RELEASED, "un", 1, 4);
    add_with_documents(f, 6, VLS_OUT, VLS_STATE_RELEASED, "iom", 3, 1);
    add_with_documents(f, 5, VLS_OUT, VLS_STATE_REFERRED, "iom", 1, 3);
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_by_document(f->store, "iom", &one, &found, &f->why));
    assert_true(vls_id_is_equal(&found, &wanted));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_by_document(f->store, "iom", &four, &found, &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_by_document(f->store, "iom", &nine, &found, &f->why));
    fixture_begin(f);
    move_message(f, &wanted, VLS_STATE_REFERRED, VLS_STATE_WITHHELD, 0);
    fixture_commit(f);
    assert_done(f, vls_store_by_document(f->store, "iom", &one, &found, &f->why));
    wanted = make_id(6);
    assert_true(vls_id_is_equal(&found, &wanted));
}

/* -- changing ---------------------------------------------------------------------------------- */

static void move__right_state__changes_row_and_adds_a_trace(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = make_message(1), *got = NULL;
    add(f, &m);
    fixture_begin(f);
    struct vls_move move = {m.id,   VLS_STATE_RELEASED, VLS_STATE_CARRYING, 1234, 5678, 2, "why",
                            "uid:7"};
    assert_done(f, vls_store_move(f->store, &move, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_int_equal(got->state, VLS_STATE_CARRYING);
    assert_string_equal(got->reason, "why");
    assert_int_equal(got->changed_ms, 1234);
    assert_int_equal(got->due_ms, 5678);
    assert_int_equal(got->attempts, 2);
    assert_int_equal(got->created_ms, 900);
    vls_message_free(&got);
}

static void move__wrong_state_or_id__is_missing_and_leaves_the_batch(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = make_message(1), *got = NULL;
    add(f, &m);
    fixture_begin(f);
    struct vls_move move = {.id = m.id, .from = VLS_STATE_CARRYING, .to = VLS_STATE_RECEIPTED};
    assert_code(f, VLS_STORE_MISSING, vls_store_move(f->store, &move, &f->why));
    move.id = make_id(2);
    move.from = VLS_STATE_RELEASED;
    assert_code(f, VLS_STORE_MISSING, vls_store_move(f->store, &move, &f->why));
    move_message(f, &m.id, VLS_STATE_RELEASED, VLS_STATE_HELD, 0);
    fixture_commit(f);
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_int_equal(got->state, VLS_STATE_HELD);
    vls_message_free(&got);
}

static void move__due_never__stays_never(void **state)
{
    struct fixture *f = *state;
    struct vls_message m = make_message(1), *got = NULL;
    add(f, &m);
    fixture_begin(f);
    move_message(f, &m.id, VLS_STATE_RELEASED, VLS_STATE_HELD, UINT64_MAX);
    fixture_commit(f);
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_true(got->due_ms == UINT64_MAX);
    vls_message_free(&got);
}

static void set__recorded_receipt_decision__are_there_after_reopening(void **state)
{
    struct fixture *f = *state;
    uint8_t hashes[64] = {1, 2, 3};
    struct vls_message m = make_message(1), *got = NULL;
    add(f, &m);
    fixture_begin(f);
    assert_done(f, vls_store_set_recorded(f->store, &m.id, 12, &f->why));
    assert_done(f, vls_store_set_receipt(f->store, &m.id, vls_slice_text("receipt"), 3,
                                         VLS_SLICE(hashes, 64), 9, &f->why));
    assert_done(f, vls_store_set_decision(f->store, &m.id, vls_slice_text("first"), &f->why));
    assert_done(f, vls_store_set_decision(f->store, &m.id, vls_slice_text("decision"), &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_get(f->store, &m.id, &got, &f->why));
    assert_int_equal(got->log_index, 12);
    assert_slice(got->receipt, vls_slice_text("receipt"));
    assert_slice(got->decision, vls_slice_text("decision"));
    assert_slice(got->their_hashes, VLS_SLICE(hashes, 64));
    assert_int_equal(got->their_index, 3);
    assert_int_equal(got->their_size, 9);
    vls_message_free(&got);
}

static void set__unknown_id__is_missing(void **state)
{
    struct fixture *f = *state;
    struct vls_id id = make_id(1);
    struct vls_slice text = vls_slice_text("x");
    fixture_begin(f);
    assert_code(f, VLS_STORE_MISSING, vls_store_set_recorded(f->store, &id, 1, &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_set_receipt(f->store, &id, text, 1, text, 2, &f->why));
    assert_code(f, VLS_STORE_MISSING, vls_store_set_decision(f->store, &id, text, &f->why));
    fixture_commit(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(get__all_fields_set__gives_them_back_after_reopening),
        TEST(get__nothing_set__gives_empty_text_and_bytes),
        TEST(get__unknown_id__is_missing_and_writes_nothing),
        TEST(get__memory_is_short__says_so),
        TEST(add__same_id__exists_and_the_batch_goes_on),
        TEST(add__same_origin_key__exists_unless_the_key_is_empty),
        TEST(add__outside_of_a_transaction__is_refused),
        TEST(add__above_a_limit__changes_nothing_and_leaves_the_batch),
        TEST(by_prefix__one_several_none__says_which),
        TEST(by_document__several_hold_it__gives_the_oldest_that_left),
        TEST(move__right_state__changes_row_and_adds_a_trace),
        TEST(move__wrong_state_or_id__is_missing_and_leaves_the_batch),
        TEST(move__due_never__stays_never),
        TEST(set__recorded_receipt_decision__are_there_after_reopening),
        TEST(set__unknown_id__is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
