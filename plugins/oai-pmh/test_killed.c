/* A harvest whose host is killed again and again, wherever it is just then: in the end the set is
 * the same as that of a harvest that nobody disturbs. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "base/mem.h"
#include "emulators/rig.h"

#define HOST    "repository.test"
#define RECORDS 400u
#define KILLS   50u

static struct rig rig;
static char *expected[RECORDS];

static void start(void)
{
    rig_say(&rig, "set " HOST ":step=3600");
    rig_say(&rig, "set " HOST ":records=%u", RECORDS);
    rig_say(&rig, "set " HOST ":page=60");
    rig_set(&rig, "url", "https://" HOST "/oai/request");
    rig_set(&rig, "label", KIT_LABEL);
    rig_set(&rig, "to", "iom");
    rig_set(&rig, "interval-seconds", "60");
    rig_set(&rig, "backoff-seconds", "1");
    rig_start(&rig);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void take_keys(char *keys[RECORDS])
{
    assert_int_equal(rig.run->memory.count, RECORDS);
    for (unsigned i = 0; i < RECORDS; i++)
        keys[i] = vls_mem_dup(rig.run->memory.messages[i]->origin);
    qsort(keys, RECORDS, sizeof *keys, compare);
}

static unsigned goal;
static uint32_t dice; /* xorshift, so that a seed that was printed can be played again */

static unsigned roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % sides;
}

static bool is_far_enough(struct kit_session *session)
{
    return session->is_over || session->memory->count >= goal;
}

/* Until some documents more are committed, or for some milliseconds, whichever comes first: while
 * it starts, asks, reads, hands over, or hears what became of it. */
static void go_on_for_a_while(void)
{
    goal = rig.run->memory.count + 1 + roll(12);
    (void)kit_session_pump(&rig.run->session, is_far_enough, roll(5) == 0 ? (int)roll(50) : 3000);
}

static void harvest__killed_at_50_random_points__ends_with_the_same_set(void **state)
{
    unsigned kills = 0, within = 0;
    char *keys[RECORDS];
    (void)state;
    start();
    rig_wait(&rig, RECORDS);
    take_keys(expected);
    assert_int_equal(getrandom(&dice, sizeof dice, 0), sizeof dice);
    dice |= 1u;
    printf("seed %u\n", dice);
    start();
    while (kills < KILLS) {
        go_on_for_a_while();
        assert_false(rig.run->session.is_over);
        within += rig.run->memory.count > 0 && rig.run->memory.count < RECORDS;
        assert_int_equal(kill(rig.run->session.pid, SIGKILL), 0);
        kills++;
        rig_restart(&rig);
        if (rig.run->memory.count == RECORDS) /* the next harvest, from nothing */
            start();
    }
    rig_wait(&rig, RECORDS);
    rig_quiet(&rig, 500);
    take_keys(keys);
    for (unsigned i = 0; i < RECORDS; i++) {
        assert_string_equal(keys[i], expected[i]);
        vls_mem_free(keys[i]);
        vls_mem_free(expected[i]);
    }
    printf("killed %u times, %u of them within the list\n", kills, within);
    assert_true(within > KILLS / 5);
}

static int set_up(void **state)
{
    (void)state;
    rig_open(&rig, VALISE_OAI_PMH, HOST);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harvest__killed_at_50_random_points__ends_with_the_same_set),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
