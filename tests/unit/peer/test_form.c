/* The form of exchanges, without a network. */
#include "support.h"

#include <string.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "peer/form.h"
#include "peer/problem.h"

static struct vls_status request_of(const struct vls_buf *body, struct vls_why *why)
{
    return vls_form_request(vls_buf_slice(body), "iom", "un", why);
}

/* `piece` again and again until `bytes`. */
static void repeat(struct vls_buf *out, struct vls_slice piece, size_t bytes)
{
    vls_buf_init(out, VLS_MAX_EXCHANGE);
    while (out->len + piece.len <= bytes)
        assert_true(vls_ok(vls_buf_add_slice(out, piece)));
}

static void request__good__passes(void **state)
{
    struct vls_why why = {""};
    struct vls_buf body;

    (void)state;
    make_request(&body, VLS_BATCH_MESSAGES, 10);
    assert_true(vls_ok(request_of(&body, &why)));
    vls_buf_fini(&body);
}

static void request__one_message_too_many__is_refused(void **state)
{
    struct vls_why why;
    struct vls_buf body;

    (void)state;
    make_request(&body, VLS_BATCH_MESSAGES + 1, 10);
    assert_int_equal(request_of(&body, &why).code, VLS_INPUT_LIMIT);
    vls_buf_fini(&body);
}

static void request__from_another_party_than_the_certificate__is_refused(void **state)
{
    struct vls_why why;
    struct vls_buf body;

    (void)state;
    make_request(&body, 1, 10);
    assert_int_equal(vls_form_request(vls_buf_slice(&body), "who", "un", &why).code,
                     VLS_INPUT_MALFORMED);
    assert_int_equal(vls_form_request(vls_buf_slice(&body), "iom", "who", &why).code,
                     VLS_INPUT_MALFORMED);
    vls_buf_fini(&body);
}

/* Two cuts leave a whole request: behind `to`, and behind the checkpoint, both without messages. */
static void request__cut_anywhere__passes_only_where_nothing_is_missing(void **state)
{
    struct vls_why why;
    struct vls_buf body;
    unsigned passed = 0;

    (void)state;
    make_request(&body, 1, 10);
    for (size_t len = 0; len < body.len; len++)
        passed += vls_ok(vls_form_request(VLS_SLICE(body.at, len), "iom", "un", &why));
    assert_int_equal(passed, 2);
    vls_buf_fini(&body);
}

static void request__every_allocation_failing_in_turn__is_refused_without_harm(void **state)
{
    struct vls_status status;
    struct vls_why why;
    struct vls_buf body;
    uint64_t n = 0;

    (void)state;
    make_request(&body, 2, 10);
    do {
        vls_mem_fail_at(++n);
        status = request_of(&body, &why);
        assert_true(n < 1000);
    } while (!vls_ok(status));
    vls_mem_fail_at(0);
    assert_true(n > 5);
    vls_buf_fini(&body);
}

static void bomb(struct vls_slice piece)
{
    struct rusage before, after;
    struct vls_why why;
    struct vls_buf body;

    repeat(&body, piece, VLS_MAX_EXCHANGE);
    assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
    assert_false(vls_ok(request_of(&body, &why)));
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
    assert_true(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
    vls_buf_fini(&body);
}

static void request__millions_of_empty_messages__take_bounded_memory(void **state)
{
    (void)state;
    bomb(VLS_SLICE("\x32\x00", 2));
}

static void request__millions_of_unknown_fields__take_bounded_memory(void **state)
{
    (void)state;
    bomb(VLS_SLICE("\x50\x00", 2));
}

static void response__good__passes_and_cut_does_not(void **state)
{
    struct vls_why why;
    struct vls_buf body;

    (void)state;
    vls_buf_init(&body, VLS_MAX_EXCHANGE);
    make_response(&body, 3);
    assert_true(vls_ok(vls_form_response(vls_buf_slice(&body), &why)));
    assert_int_equal(vls_form_response(VLS_SLICE(body.at, body.len - 1), &why).code,
                     VLS_PEER_PROTOCOL);
    vls_buf_fini(&body);
}

static void problem__each__reads_back_as_it_was_written(void **state)
{
    char title[VLS_MAX_PROBLEM_TITLE];
    bool is_version;

    (void)state;
    for (enum vls_problem p = VLS_PROBLEM_MALFORMED; p <= VLS_PROBLEM_UNAVAILABLE; p++) {
        struct vls_buf json;

        vls_buf_init(&json, VLS_MAX_PROBLEM);
        assert_true(vls_ok(vls_problem_write(p, &json)));
        vls_problem_read(vls_buf_slice(&json), title, &is_version);
        assert_string_equal(title, vls_problem_title(p));
        assert_int_equal(is_version, p == VLS_PROBLEM_VERSION);
        vls_buf_fini(&json);
    }
}

static void problem__anything_else__has_no_title(void **state)
{
    static const char *const texts[] = {
        "", "{", "[]", "null", "{\"title\":5}", "<html>", "{\"type\":[]}"};
    char title[VLS_MAX_PROBLEM_TITLE];
    bool is_version;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        vls_problem_read(vls_slice_text(texts[i]), title, &is_version);
        assert_string_equal(title, "");
        assert_false(is_version);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request__good__passes),
        cmocka_unit_test(request__one_message_too_many__is_refused),
        cmocka_unit_test(request__from_another_party_than_the_certificate__is_refused),
        cmocka_unit_test(request__cut_anywhere__passes_only_where_nothing_is_missing),
        cmocka_unit_test(request__every_allocation_failing_in_turn__is_refused_without_harm),
        cmocka_unit_test(request__millions_of_empty_messages__take_bounded_memory),
        cmocka_unit_test(request__millions_of_unknown_fields__take_bounded_memory),
        cmocka_unit_test(response__good__passes_and_cut_does_not),
        cmocka_unit_test(problem__each__reads_back_as_it_was_written),
        cmocka_unit_test(problem__anything_else__has_no_title),
    };

    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
