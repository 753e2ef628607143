/*
 * A process that writes to the store is killed, again and again, and each time the store is opened
 * and held against what the process had acknowledged. Once at moments that nobody chose: the parent
 * kills behind the k-th acknowledgment while the child works on. Once at each point that a commit
 * passes.
 *
 * Each round goes on with the store that the last one left. VALISE_SEED repeats a run.
 */
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/env.h"
#include "base/file.h"
#include "base/text.h"
#include "memory_dir.h"
#include "workload.h"

#define ROUNDS   30u /* killed at a moment by chance      */
#define MAX_WAIT 8u  /* acknowledgments before the kill   */
#define MAX_SPIN                                                                                   \
    8000000u /* turns of an empty loop: about as long as the child needs for a batch               \
              */
#define POINT_COUNT 6u
#define POINT_KILLS 4u /* of each point, at another passage */

struct crash_test {
    char dir[128];
    uint32_t batches; /* in the store */
    uint64_t seed;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static uint64_t choose_seed(void)
{
    const char *given = getenv("VALISE_SEED");
    uint64_t seed;
    if (given != NULL && vls_ok(vls_number_read(given, 0, UINT32_MAX, &seed)))
        return seed;
    uint8_t bytes[4];
    vls_random(vls_env_system(), bytes, sizeof bytes);
    struct vls_reader r = vls_reader_of(VLS_SLICE(bytes, sizeof bytes));
    return vls_reader_u32(&r);
}

static int setup(void **state)
{
    static struct crash_test test;
    test = (struct crash_test){.seed = choose_seed()};
    printf("VALISE_SEED=%llu\n", (unsigned long long)test.seed);
    snprintf(test.dir, sizeof test.dir, "%s/valise-fault-XXXXXX", memory_dir(getenv("TMPDIR")));
    assert_non_null(mkdtemp(test.dir));
    *state = &test;
    return 0;
}

static int teardown(void **state)
{
    struct crash_test *test = *state;
    return nftw(test->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static uint32_t next_random(struct crash_test *test)
{
    test->seed = test->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(test->seed >> 33);
}

static pid_t start_child(const struct crash_test *test, struct workload_crash crash, int *out_pipe)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        _exit(workload_run(test->dir, test->batches, crash, ends[1]));
    }
    close(ends[1]);
    *out_pipe = ends[0];
    return child;
}

/** Read up to `limit` acknowledgments, or all until the child is gone; each follows the one before.
 */
static void read_acknowledgments(int pipe_fd, unsigned limit, uint32_t *next_batch)
{
    struct acknowledgment a;
    while (limit-- != 0 && read(pipe_fd, &a, sizeof a) == (ssize_t)sizeof a) {
        assert_int_equal(a.batch, *next_batch);
        ++*next_batch;
    }
}

static void assert_killed(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* What was in the pipe when the child died had been acknowledged as well. */
static void check(struct crash_test *test, uint32_t acknowledged)
{
    uint32_t batches = 0;
    if (!workload_check(test->dir, acknowledged, &batches))
        fail_msg("the store is not what was acknowledged; see above");
    test->batches = batches;
}

static void kill__at_any_moment__leaves_what_was_acknowledged_and_nothing_by_halves(void **state)
{
    struct crash_test *test = *state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t acknowledged = test->batches;
        int pipe_fd = -1;
        pid_t child = start_child(test, (struct workload_crash){.n = 0}, &pipe_fd);
        read_acknowledgments(pipe_fd, next_random(test) % MAX_WAIT, &acknowledged);
        for (uint32_t spin = next_random(test) % MAX_SPIN; spin != 0; spin--)
            __asm__ volatile("");
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_killed(child);
        read_acknowledgments(pipe_fd, UINT32_MAX, &acknowledged);
        vls_fd_close(&pipe_fd);
        check(test, acknowledged);
    }
    assert_true(test->batches != 0);
}

static void kill__at_each_point_of_a_commit__leaves_the_batch_whole_or_not_at_all(void **state)
{
    struct crash_test *test = *state;
    for (unsigned kill_number = 0; kill_number < POINT_COUNT * POINT_KILLS; kill_number++) {
        uint32_t acknowledged = test->batches;
        struct workload_crash crash = {.point = (enum vls_store_point)(kill_number % POINT_COUNT),
                                       .n = 1 + next_random(test) % 5};
        int pipe_fd = -1;
        pid_t child = start_child(test, crash, &pipe_fd);
        read_acknowledgments(pipe_fd, UINT32_MAX, &acknowledged);
        vls_fd_close(&pipe_fd);
        assert_killed(child);
        check(test, acknowledged);
        /* The one point behind which the batch is there though nobody was told. */
        assert_int_equal(test->batches, acknowledged + (crash.point == VLS_POINT_COMMITTED));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            kill__at_any_moment__leaves_what_was_acknowledged_and_nothing_by_halves, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            kill__at_each_point_of_a_commit__leaves_the_batch_whole_or_not_at_all, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
