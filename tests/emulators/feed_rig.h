#ifndef VALISE_EMULATORS_FEED_RIG_H
#define VALISE_EMULATORS_FEED_RIG_H
/*
 * emulators/feed_rig - tests of sources opposite the emulators: what goes wrong with any endpoint,
 * with the outcome that an operator is to see, once for all of them.
 *
 * In a test: FEED_FAULTS(FEED_FAULT_TEST) makes the tests of a `static const struct feed_subject
 * SUBJECT`, and FEED_FAULTS(FEED_FAULT_UNIT) lists them.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FEED_LABEL "un-sgb-2007-6/unclassified"
#define FEED_KEY   "a-key-that-no-log-may-hold"

struct feed_subject {
    const char *plugin;               /* the object */
    const char *hosts;                /* of its section http */
    const char *at;                   /* HOST:GLOB of the request that faults are about */
    const char *credential;           /* "host: ..., header: ..."; NULL: none */
    const char *const (*settings)[2]; /* besides label and to; {NULL, NULL} ends them */
    unsigned documents;               /* that come when all is well */
};

/** Emulator, key and settings; the plugin is not started. */
void feed_rig_open(struct rig *rig, const struct feed_subject *subject);
/** The same, started. */
void feed_rig_start(struct rig *rig, const struct feed_subject *subject);

/** Wait until the log of host and fetch holds it; ends the test after 20 s. */
void feed_rig_log(struct rig *rig, const char *text);
/** Wait until the operator's status of the endpoint is that: "needs-key". */
void feed_rig_result(struct rig *rig, const char *result);

/** With the fault at the subject's place the outcome is `result`, and no document comes. */
void feed_fault(const struct feed_subject *subject, const char *fault, const char *result);
/** With it all is well nevertheless. */
void feed_no_fault(const struct feed_subject *subject, const char *fault);

/** Teardown of the group: both before keep one emulator. */
int feed_rig_end(void **state);

/* test, fault, outcome; "" is none: all documents come. The name is SUBJECT__CONDITION__RESULT. */
#define FEED_FAULTS(X)                                                                             \
    X(endpoint__zero_byte_200__malformed, "empty", "malformed")                                    \
    X(endpoint__html_with_200__malformed, "html", "malformed")                                     \
    X(endpoint__body_cut_short__malformed, "cut:100", "malformed")                                 \
    X(endpoint__connection_cut__malformed, "truncate:100", "malformed")                            \
    X(endpoint__length_too_long__malformed, "wrong-length", "malformed")                           \
    X(endpoint__nested_10000_deep__malformed, "deep", "malformed")                                 \
    X(endpoint__entity_bomb__malformed, "entity-bomb", "malformed")                                \
    X(endpoint__led_to_http__malformed, "http-redirect", "malformed")                              \
    X(endpoint__stalls_beyond_the_deadline__retry_at, "stall:20", "retry-at")                      \
    X(endpoint__answers_too_late__retry_at, "slow:6", "retry-at")                                  \
    X(endpoint__429_with_seconds__retry_at, "429-seconds", "retry-at")                             \
    X(endpoint__429_with_date__retry_at, "429-date", "retry-at")                                   \
    X(endpoint__429_without_a_time__retry_at, "429", "retry-at")                                   \
    X(endpoint__503_with_date__retry_at, "503-date", "retry-at")                                   \
    X(endpoint__500__retry_at, "status:500", "retry-at")                                           \
    X(endpoint__404__not_found, "status:404", "not-found")                                         \
    X(endpoint__403__refused, "status:403", "refused")                                             \
    X(endpoint__401__needs_key, "status:401", "needs-key")                                         \
    X(endpoint__202_challenge__blocked, "challenge", "blocked")                                    \
    X(endpoint__challenge_page__blocked, "challenge-page", "blocked")                              \
    X(endpoint__slow_within_the_deadline__brought, "slow:1", "")                                   \
    X(endpoint__gzip_undeclared__brought, "gzip-undeclared", "")                                   \
    X(endpoint__reset_once__brought_later, "reset*1", "retry-at")

#define FEED_FAULT_TEST(test, fault, result)                                                       \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        if ((result)[0] == '\0')                                                                   \
            feed_no_fault(&SUBJECT, fault);                                                        \
        else                                                                                       \
            feed_fault(&SUBJECT, fault, result);                                                   \
    }
#define FEED_FAULT_UNIT(test, fault, result) cmocka_unit_test(test),

/** For more tests of all sources. */
void feed_key__of_the_credential__is_in_no_log(const struct feed_subject *subject);
void feed_redirect__to_another_host__carries_no_key(const struct feed_subject *subject);
void feed_source__started_again__brings_nothing_twice(const struct feed_subject *subject);
void feed_source__killed_behind_each_document__brings_each_once(const struct feed_subject *subject);
void feed_blocked__in_a_while__is_asked_once(const struct feed_subject *subject);

#endif
