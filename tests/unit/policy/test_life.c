#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "policy/life.h"
#include "policy/policy_test.h"

#define DAY_MS UINT64_C(86400000)
/* 2020-01-01 and 2030-01-01: what the versions below say */
#define NOT_BEFORE UINT64_C(1577836800000)
#define EXPIRES    UINT64_C(1893456000000)

static struct label_schemes schemes;
static struct vls_arrangement *first, *second, *third, *fork, *gap, *stranger, *renamed;
/* With approve-by; the last two follow the first one of them and the second. */
static struct vls_arrangement *brief, *again, *behind_brief, *behind_again;

/** One of a chain: `previous` NULL is the first. `dates`: more of in-force. */
static struct vls_arrangement *version_until(const char *name, uint32_t number,
                                             const struct vls_arrangement *previous,
                                             const char *rule_id, const char *parties,
                                             const char *dates)
{
    char yaml[1024], digest[2 * VLS_DIGEST_BYTES + 1], chain[256] = "";
    if (number > 1) {
        vls_hex(vls_digest_slice(vls_arrangement_digest(previous)), digest);
        snprintf(chain, sizeof chain, "supersedes: %u\nsupersedes-digest: %s\n", number - 1,
                 digest);
    }
    snprintf(yaml, sizeof yaml,
             "arrangement: %s\nversion: %u\n%sbasis: a test\n"
             "in-force: { rule: later-approval, not-before: 2020-01-01, expires: 2030-01-01%s }\n"
             "parties:\n%s"
             "rules:\n  - { id: %s, effect: release, basis: '7(1)', "
             "when: { label: { at-most: un-sgb-2007-6/unclassified } } }\n",
             name, number, chain, dates, parties, rule_id);
    return read_arrangement(&schemes, yaml);
}

static struct vls_arrangement *version_of(const char *name, uint32_t number,
                                          const struct vls_arrangement *previous,
                                          const char *rule_id, const char *parties)
{
    return version_until(name, number, previous, rule_id, parties, "");
}

#define UN    "  - { id: un, name: United Nations, scheme: un-sgb-2007-6 }\n"
#define IOM   "  - { id: iom, name: Organization, scheme: un-sgb-2007-6 }\n"
#define OTHER "  - { id: wfp, name: Another one, scheme: un-sgb-2007-6 }\n"

static int set_up(void **state)
{
    (void)state;
    schemes = load_schemes();
    first = version_of("test/one", 1, NULL, "a", UN IOM);
    second = version_of("test/one", 2, first, "b", UN IOM);
    third = version_of("test/one", 3, second, "c", UN IOM);
    fork = version_of("test/one", 2, first, "other", UN IOM);
    gap = version_of("test/one", 3, first, "c", UN IOM);
    stranger = version_of("test/one", 2, first, "b", UN OTHER);
    renamed = version_of("test/two", 2, first, "b", UN IOM);
    brief = version_until("test/one", 2, first, "b", UN IOM, ", approve-by: 2021-01-01");
    again = version_until("test/one", 2, first, "again", UN IOM, ", approve-by: 2022-01-01");
    behind_brief = version_of("test/one", 3, brief, "c", UN IOM);
    behind_again = version_of("test/one", 3, again, "c", UN IOM);
    return 0;
}

static int tear_down(void **state)
{
    struct vls_arrangement **all[] = {&first, &second,       &third,       &fork,
                                      &gap,   &stranger,     &renamed,     &brief,
                                      &again, &behind_brief, &behind_again};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        vls_arrangement_free(all[i]);
    vls_scheme_set_free(&schemes.set);
    return 0;
}

static void add(struct vls_life *life, const struct vls_arrangement *a)
{
    struct vls_why why = {""};
    if (!vls_ok(vls_life_add(life, a, false, EXPIRES - 1, &why)))
        fail_msg("%s", why.text);
}

static void approve(struct vls_life *life, const struct vls_arrangement *a, const char *party,
                    uint64_t at_ms)
{
    struct vls_why why = {""};
    if (!vls_ok(vls_life_approve(life, vls_arrangement_digest(a), party, at_ms, &why)))
        fail_msg("%s", why.text);
}

static void expect_refused(struct vls_life *life, const struct vls_arrangement *a,
                           const char *words)
{
    struct vls_why why = {""};
    size_t count = life->count;
    assert_int_equal(vls_life_add(life, a, false, EXPIRES - 1, &why).code, VLS_POLICY_VERSION);
    assert_string_equal(why.text, words);
    assert_int_equal(life->count, count);
}

/* -- the chain --------------------------------------------------------------------------------- */

static void add__what_does_not_follow__is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct vls_life life;
    vls_life_init(&life);
    add(&life, first);
    expect_refused(&life, gap, "it is version 3, and the last one here is 1: what comes between?");
    expect_refused(&life, renamed, "it is of test/two, and here test/one is in force");
    expect_refused(&life, stranger,
                   "wfp is no party of version 1; other parties need an arrangement of their own");
    add(&life, second);
    add(&life, second);
    assert_int_equal(life.count, 2);
    expect_refused(&life, fork, "there is another file of version 2 here already");
    expect_refused(&life, gap, "its supersedes-digest is not that of the version 2 that is here");
    add(&life, third);
    add(&life, first);
    assert_int_equal(life.count, 3);
    vls_life_fini(&life);
}

static void add__older_than_where_it_began__is_refused(void **state)
{
    (void)state;
    struct vls_life life;
    vls_life_init(&life);
    add(&life, second);
    expect_refused(&life, first, "it is version 1, and version 2 came after it");
    vls_life_fini(&life);
}

static void approve__stranger_or_unknown_version__is_refused(void **state)
{
    (void)state;
    struct vls_life life;
    struct vls_why why = {""};
    vls_life_init(&life);
    add(&life, first);
    assert_int_equal(vls_life_approve(&life, vls_arrangement_digest(first), "wfp", 1, &why).code,
                     VLS_POLICY_PARTY);
    assert_int_equal(vls_life_approve(&life, vls_arrangement_digest(second), "un", 1, &why).code,
                     VLS_POLICY_VERSION);
    vls_life_fini(&life);
}

static void approve__one_party_twice__is_not_both(void **state)
{
    (void)state;
    struct vls_life life;
    vls_life_init(&life);
    add(&life, first);
    approve(&life, first, "un", NOT_BEFORE + DAY_MS);
    approve(&life, first, "un", NOT_BEFORE + 2 * DAY_MS);
    assert_int_equal(vls_life_from(&life, 0), UINT64_MAX);
    assert_int_equal(vls_life_state(&life, 0, EXPIRES), VLS_LIFE_PARTLY);
    approve(&life, first, "iom", NOT_BEFORE + DAY_MS);
    assert_int_equal(vls_life_from(&life, 0), NOT_BEFORE + DAY_MS);
    vls_life_fini(&life);
}

/* -- what lapses --------------------------------------------------------------------------------
 */

/* 2021-01-01, the approve-by of `brief` */
#define BY UINT64_C(1609459200000)

/** The first is in force, and `brief` is signed by un alone. */
static void begin_brief(struct vls_life *life)
{
    vls_life_init(life);
    add(life, first);
    approve(life, first, "un", NOT_BEFORE);
    approve(life, first, "iom", NOT_BEFORE);
    add(life, brief);
    approve(life, brief, "un", BY - DAY_MS);
}

static uint32_t add_at(struct vls_life *life, const struct vls_arrangement *a, uint64_t now_ms)
{
    return vls_life_add(life, a, false, now_ms, NULL).code;
}

static void lapsed__another_file_of_its_number__takes_its_place(void **state)
{
    (void)state;
    struct vls_life life;
    begin_brief(&life);
    assert_int_equal(vls_life_state(&life, 1, BY), VLS_LIFE_PARTLY);
    assert_int_equal(vls_life_next_change(&life, BY), BY + 1);
    assert_int_equal(vls_life_state(&life, 1, BY + 1), VLS_LIFE_LAPSED);
    assert_int_equal(add_at(&life, again, BY), VLS_POLICY_VERSION);
    assert_int_equal(add_at(&life, behind_brief, BY), VLS_POLICY_VERSION);
    assert_int_equal(add_at(&life, behind_brief, BY + 1), VLS_POLICY_VERSION);
    assert_int_equal(add_at(&life, again, BY + 1), VLS_OK);
    assert_int_equal(vls_life_current(&life, BY + DAY_MS), 0);
    approve(&life, again, "un", BY + DAY_MS);
    approve(&life, again, "iom", BY + 2 * DAY_MS);
    assert_int_equal(vls_life_current(&life, BY + DAY_MS), 0);
    assert_int_equal(vls_life_until(&life, 0), BY + 2 * DAY_MS);
    assert_int_equal(vls_life_current(&life, BY + 2 * DAY_MS), 2);
    assert_int_equal(vls_life_state(&life, 1, BY + 2 * DAY_MS), VLS_LIFE_LAPSED);
    assert_int_equal(vls_life_state(&life, 2, BY + 2 * DAY_MS), VLS_LIFE_IN_FORCE);
    /* what was signed in time and comes now, comes too late */
    assert_int_equal(vls_life_may_approve(&life, vls_arrangement_digest(brief), BY - 1, NULL).code,
                     VLS_POLICY_VERSION);
    assert_int_equal(
        vls_life_approve(&life, vls_arrangement_digest(brief), "iom", BY - 1, NULL).code,
        VLS_POLICY_VERSION);
    assert_int_equal(add_at(&life, behind_again, BY + 2 * DAY_MS), VLS_OK);
    vls_life_fini(&life);
}

/* The other party had signed in time, and its signature was long under way. */
static void lapsed__signature_in_time_comes_late__counts_and_the_other_file_is_nothing(void **state)
{
    (void)state;
    struct vls_life life;
    begin_brief(&life);
    assert_int_equal(add_at(&life, again, BY + 1), VLS_OK);
    approve(&life, again, "un", BY + 1);
    assert_int_equal(
        vls_life_approve(&life, vls_arrangement_digest(brief), "iom", BY + 1, NULL).code,
        VLS_POLICY_VERSION);
    approve(&life, brief, "iom", BY - 1);
    assert_int_equal(vls_life_current(&life, BY + DAY_MS), 1);
    assert_int_equal(vls_life_state(&life, 1, BY + DAY_MS), VLS_LIFE_IN_FORCE);
    assert_int_equal(vls_life_state(&life, 2, BY + DAY_MS), VLS_LIFE_LAPSED);
    assert_int_equal(vls_life_from(&life, 2), UINT64_MAX);
    assert_int_equal(
        vls_life_approve(&life, vls_arrangement_digest(again), "iom", BY + 2, NULL).code,
        VLS_POLICY_VERSION);
    assert_int_equal(add_at(&life, behind_again, BY + DAY_MS), VLS_POLICY_VERSION);
    assert_int_equal(add_at(&life, behind_brief, BY + DAY_MS), VLS_OK);
    vls_life_fini(&life);
}

static void lapsed__first_version_here__nothing_takes_its_place(void **state)
{
    (void)state;
    struct vls_life life;
    vls_life_init(&life);
    add(&life, brief);
    assert_int_equal(add_at(&life, again, BY + 1), VLS_POLICY_VERSION);
    vls_life_fini(&life);
}

/* -- every order of approvals, at every time -----------------------------------------------------
 */

/* Four signatures of two versions, each at one of these times or never. */
static const uint64_t TIMES[] = {0, NOT_BEFORE - DAY_MS, NOT_BEFORE + DAY_MS,
                                 NOT_BEFORE + 2 * DAY_MS};
#define TIME_COUNT (sizeof TIMES / sizeof TIMES[0])
static const uint64_t MOMENTS[] = {
    NOT_BEFORE - 2 * DAY_MS, NOT_BEFORE - DAY_MS,     NOT_BEFORE,  NOT_BEFORE + DAY_MS - 1,
    NOT_BEFORE + DAY_MS,     NOT_BEFORE + 2 * DAY_MS, EXPIRES - 1, EXPIRES};

/** Said again the slow way: what the two versions' states have to be. */
static enum vls_life_state expected(const uint64_t signed_ms[2][2], size_t i, uint64_t now)
{
    uint64_t from[2] = {NOT_BEFORE, NOT_BEFORE};
    bool is_approved[2];
    for (size_t v = 0; v < 2; v++) {
        is_approved[v] = signed_ms[v][0] != 0 && signed_ms[v][1] != 0;
        for (size_t p = 0; p < 2; p++)
            if (signed_ms[v][p] > from[v])
                from[v] = signed_ms[v][p];
    }
    if (from[0] > from[1])
        from[1] = from[0];
    if (!is_approved[i])
        return signed_ms[i][0] == 0 && signed_ms[i][1] == 0 ? VLS_LIFE_PROPOSED : VLS_LIFE_PARTLY;
    if (now < from[i] || !is_approved[0])
        return VLS_LIFE_APPROVED;
    if (i == 0 && is_approved[1] && now >= from[1])
        return VLS_LIFE_SUPERSEDED;
    return now < EXPIRES ? VLS_LIFE_IN_FORCE : VLS_LIFE_EXPIRED;
}

static void expect_states(const uint64_t signed_ms[2][2])
{
    struct vls_life life;
    const struct vls_arrangement *versions[] = {first, second};
    vls_life_init(&life);
    add(&life, first);
    add(&life, second);
    for (size_t v = 0; v < 2; v++)
        for (size_t p = 0; p < 2; p++)
            if (signed_ms[v][p] != 0)
                approve(&life, versions[v], p == 0 ? "un" : "iom", signed_ms[v][p]);
    for (size_t m = 0; m < sizeof MOMENTS / sizeof MOMENTS[0]; m++) {
        size_t in_force = 0;
        for (size_t i = 0; i < 2; i++) {
            enum vls_life_state state = vls_life_state(&life, i, MOMENTS[m]);
            assert_int_equal(state, expected(signed_ms, i, MOMENTS[m]));
            in_force += state == VLS_LIFE_IN_FORCE;
            if (state == VLS_LIFE_IN_FORCE)
                assert_int_equal(vls_life_current(&life, MOMENTS[m]), i);
        }
        assert_true(in_force <= 1);
    }
    vls_life_fini(&life);
}

static void states__all_orders_of_approvals_and_all_moments__as_written(void **state)
{
    (void)state;
    for (size_t n = 0; n < TIME_COUNT * TIME_COUNT * TIME_COUNT * TIME_COUNT; n++) {
        const uint64_t signed_ms[2][2] = {
            {TIMES[n % TIME_COUNT], TIMES[n / TIME_COUNT % TIME_COUNT]},
            {TIMES[n / TIME_COUNT / TIME_COUNT % TIME_COUNT],
             TIMES[n / TIME_COUNT / TIME_COUNT / TIME_COUNT]}};
        expect_states(signed_ms);
    }
}

/* -- time ---------------------------------------------------------------------------------------
 */

static void year__day_by_day__changes_only_when_it_was_said_to(void **state)
{
    (void)state;
    struct vls_life life;
    vls_life_init(&life);
    add(&life, first);
    add(&life, second);
    approve(&life, first, "un", NOT_BEFORE - DAY_MS);
    approve(&life, first, "iom", NOT_BEFORE - DAY_MS);
    approve(&life, second, "un", NOT_BEFORE + 100 * DAY_MS + 5);
    approve(&life, second, "iom", NOT_BEFORE + 90 * DAY_MS);
    uint64_t next = vls_life_next_change(&life, NOT_BEFORE - DAY_MS);
    assert_int_equal(next, NOT_BEFORE);
    for (uint64_t day = 0; day < 366; day++) {
        uint64_t now = NOT_BEFORE + day * DAY_MS;
        assert_int_equal(vls_life_current(&life, now), day > 100 ? 1 : 0);
        next = vls_life_next_change(&life, now);
        assert_int_equal(next, day > 100 ? EXPIRES : NOT_BEFORE + 100 * DAY_MS + 5);
    }
    assert_int_equal(vls_life_next_change(&life, EXPIRES), UINT64_MAX);
    vls_life_fini(&life);
}

static void installed__without_signatures__is_in_force_by_its_dates(void **state)
{
    (void)state;
    struct vls_life life;
    vls_life_init(&life);
    assert_true(vls_ok(vls_life_add(&life, first, true, 0, NULL)));
    assert_int_equal(vls_life_state(&life, 0, NOT_BEFORE - 1), VLS_LIFE_APPROVED);
    assert_int_equal(vls_life_state(&life, 0, NOT_BEFORE), VLS_LIFE_IN_FORCE);
    assert_int_equal(vls_life_state(&life, 0, EXPIRES), VLS_LIFE_EXPIRED);
    vls_life_fini(&life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add__what_does_not_follow__is_refused_and_changes_nothing),
        cmocka_unit_test(add__older_than_where_it_began__is_refused),
        cmocka_unit_test(approve__stranger_or_unknown_version__is_refused),
        cmocka_unit_test(lapsed__another_file_of_its_number__takes_its_place),
        cmocka_unit_test(
            lapsed__signature_in_time_comes_late__counts_and_the_other_file_is_nothing),
        cmocka_unit_test(lapsed__first_version_here__nothing_takes_its_place),
        cmocka_unit_test(approve__one_party_twice__is_not_both),
        cmocka_unit_test(states__all_orders_of_approvals_and_all_moments__as_written),
        cmocka_unit_test(year__day_by_day__changes_only_when_it_was_said_to),
        cmocka_unit_test(installed__without_signatures__is_in_force_by_its_dates),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
