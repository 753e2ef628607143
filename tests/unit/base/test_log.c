#include "base/base_test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

/* A memory file that takes the lines. */
static int set_up(void **state)
{
    static int fd;
    fd = -1;
    if (!vls_ok(vls_fd_memory("log", &fd, NULL)))
        return -1;
    vls_log_open(fd, "tester", VLS_LOG_INFO);
    *state = &fd;
    return 0;
}

static int tear_down(void **state)
{
    vls_fd_close(*state);
    vls_log_open(STDERR_FILENO, "valise", VLS_LOG_INFO);
    return 0;
}

/* What was written after the time, and the time is one. */
static const char *written(void **state)
{
    static char text[8192];
    struct vls_buf buf = {.at = (uint8_t *)text, .room = sizeof text - 1, .max = sizeof text - 1};
    uint64_t ms;
    assert_done(vls_fd_read_all(*(int *)*state, &buf, NULL));
    text[buf.len] = '\0';
    assert_true(buf.len > 25);
    assert_int_equal(text[24], ' ');
    text[24] = '\0';
    assert_done(vls_time_read(text, &ms));
    return text + 25;
}

static void log__of_fields__is_one_line(void **state)
{
    vls_log(VLS_LOG_INFO, "message.recorded", VLS_F("id", "0193-ab"), VLS_FN("bytes", 12),
            VLS_F("none", NULL), VLS_F("to", "a b"));
    assert_string_equal(
        written(state),
        "info tester event=message.recorded id=0193-ab bytes=12 none=\"\" to=\"a b\"\n");
}

static void log__of_a_failure__names_code_and_reason(void **state)
{
    struct vls_why why = {"it is \"locked\""};
    vls_log(VLS_LOG_ERROR, "store.open", VLS_FAILURE(((struct vls_status){VLS_STORE_BUSY}), &why));
    assert_string_equal(
        written(state),
        "error tester event=store.open code=STORE_BUSY why=\"it is \\\"locked\\\"\"\n");
}

static void log__below_its_level__writes_nothing(void **state)
{
    uint64_t size = 1;
    vls_log(VLS_LOG_DEBUG, "quiet", VLS_F("a", "b"));
    assert_done(vls_fd_size(*(int *)*state, &size, NULL));
    assert_int_equal(size, 0);
}

static void log__of_hostile_text__cannot_forge_a_line_or_a_field(void **state)
{
    vls_log(VLS_LOG_WARN, "peer", VLS_F("name", "x\n2026 error\tevent=forged\x1b[0m\\"),
            VLS_F("end", "1"));
    assert_string_equal(
        written(state),
        "warn tester event=peer name=\"x\\x0a2026 error\\x09event=forged\\x1b[0m\\\\\" end=1\n");
}

static void log__of_long_text__cuts_it_and_keeps_the_next_field(void **state)
{
    char plain[2000], wild[2000];
    memset(plain, 'p', sizeof plain - 1);
    memset(wild, '\1', sizeof wild - 1);
    plain[sizeof plain - 1] = wild[sizeof wild - 1] = '\0';
    vls_log(VLS_LOG_INFO, "long", VLS_F("a", plain), VLS_F("b", wild), VLS_F("c", plain),
            VLS_F("d", wild), VLS_F("last", "seen"));
    const char *line = written(state), *b = strstr(line, " b=");
    assert_non_null(b);
    assert_true(b - line < 400);
    assert_non_null(strstr(line, "\\x01...\" c=\"pppp"));
    assert_non_null(strstr(line, " last=seen\n"));
    assert_true(strlen(line) < 1400);
}

static void log__of_too_many_fields__still_ends_the_line(void **state)
{
    char plain[300];
    struct vls_field fields[40];
    memset(plain, 'p', sizeof plain - 1);
    plain[sizeof plain - 1] = '\0';
    for (size_t i = 0; i < 40; i++)
        fields[i] = VLS_F("key", plain);
    vls_log_fields(VLS_LOG_INFO, "wide", fields, 40);
    const char *line = written(state);
    assert_int_equal(strlen(line) + 25, 4096);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(log__of_fields__is_one_line),
        TEST(log__of_a_failure__names_code_and_reason),
        TEST(log__below_its_level__writes_nothing),
        TEST(log__of_hostile_text__cannot_forge_a_line_or_a_field),
        TEST(log__of_long_text__cuts_it_and_keeps_the_next_field),
        TEST(log__of_too_many_fields__still_ends_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
