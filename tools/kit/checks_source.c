/* A source: what it hands over, each outcome that may come back, and a restart from each place.
 * What it brings comes from the seed: without any, there is nothing to judge. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "kit/about.h"
#include "kit/checks.h"

#define FIRST_MS   3000 /* for the first document to come */
#define QUIET_MS   300  /* nothing more comes */
#define AGAIN_MS   10000
#define SETTLE_MS  150
#define LOOP_TIMES 6 /* a refused document that comes so often within a second is a loop */

static bool never(struct kit_session *session)
{
    return session->is_over;
}

static unsigned wanted; /* of the pump's question: there is one at a time */

static bool has_asked(struct kit_session *session)
{
    return session->is_over || session->asked >= wanted;
}

static bool has_committed(struct kit_session *session)
{
    return session->is_over || session->memory->count >= wanted;
}

static bool pump_asked(struct kit_run *run, unsigned count, int ms)
{
    wanted = count;
    return kit_session_pump(&run->session, has_asked, ms) && !run->session.is_over;
}

static bool pump_committed(struct kit_run *run, unsigned count, int ms)
{
    wanted = count;
    return kit_session_pump(&run->session, has_committed, ms) && !run->session.is_over;
}

/* Until nothing more comes. */
static void gather(struct kit_run *run)
{
    if (!pump_asked(run, 1, FIRST_MS))
        return;
    while (pump_asked(run, run->session.asked + 1, QUIET_MS))
        ;
}

/* How much it brings when all goes well: once for all checks. */
static enum kit_verdict gauge(struct kit *kit, struct vls_why *why)
{
    if (!kit_is_source(kit))
        KIT_SKIP("it is no source");
    if (!kit->is_gauged) {
        VLS_DEFER(kit_run_fini) struct kit_run run;
        KIT_TRY(kit_run_init(kit, &run, why));
        KIT_TRY(kit_run_start(&run, why));
        gather(&run);
        kit->brought = run.memory.count;
        kit->is_gauged = true;
    }
    if (kit->brought == 0)
        KIT_SKIP("it brings nothing here: give it something with --seed and --set");
    return KIT_PASSED;
}

#define BEGIN(run)                                                                                 \
    (void)check;                                                                                   \
    enum kit_verdict gauged = gauge(kit, why);                                                     \
    if (gauged != KIT_PASSED)                                                                      \
        return gauged;                                                                             \
    VLS_DEFER(kit_run_fini) struct kit_run run;                                                    \
    KIT_TRY(kit_run_init(kit, &run, why))

static enum kit_verdict brings(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_run_start(&run, why));
    KIT_NEED(pump_committed(&run, kit->brought, AGAIN_MS), "%u of %u documents come",
             run.memory.count, kit->brought);
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

/* -- what they are like ------------------------------------------------------------------------ */

enum like { KEYS, KINDS, PARTIES, LABELS, PARTS, PART_NAMES, SUBJECTS, ABOUT, TIMES };

static const char *wrong(const struct kit_message *m, enum like what)
{
    switch (what) {
    case KEYS:
        return m->origin[0] != '\0' ? NULL : "no origin key";
    case KINDS:
        return vls_text_is_name(m->kind, VLS_MAX_NAME) ? NULL : "a kind that is no name";
    case PARTIES:
        if (m->to[0] == '\0')
            return m->about_count > 0 ? NULL : "no party, and nothing that it is about";
        return vls_text_is_name(m->to, VLS_MAX_PARTY) ? NULL : "a party that is no name";
    case LABELS:
        for (size_t i = 0; i < m->parts; i++)
            if (m->label[0] == '\0' && m->part[i].label[0] == '\0')
                return "no label: it is quarantined";
        return NULL;
    case PARTS:
        return m->parts > 0 ? NULL : "no part";
    case PART_NAMES:
        for (size_t i = 0; i < m->parts; i++)
            if (!vls_text_is_file_name(m->part[i].name))
                return "a part whose name is no file name";
        return NULL;
    case SUBJECTS:
        return strlen(m->subject) <= VLS_MAX_SUBJECT ? NULL : "a subject that is too long";
    case ABOUT:
        return kit_about_wrong(m->abouts, m->about_count);
    case TIMES:
        return m->times == 1 ? NULL : "come twice without a reason";
    }
    return NULL;
}

static enum kit_verdict like(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_run_start(&run, why));
    (void)pump_committed(&run, kit->brought, AGAIN_MS);
    for (unsigned i = 0; i < run.memory.count; i++) {
        const char *words = wrong(run.memory.messages[i], (enum like)check->number);
        KIT_NEED(words == NULL, "document %.80s has %s", run.memory.messages[i]->origin, words);
    }
    return KIT_PASSED;
}

/* -- outcomes ---------------------------------------------------------------------------------- */

/* check->text: the state that messages come into; after it the plugin goes on, stops, and does not
 * bring them again. */
static enum kit_verdict outcome(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    run.session.state = check->text;
    run.session.reason = "the kit wants it so: ä \"quoted\" <>&";
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(pump_committed(&run, kit->brought, AGAIN_MS), "%u of %u documents come",
             run.memory.count, kit->brought);
    (void)kit_session_pump(&run.session, never, SETTLE_MS);
    KIT_TRY(kit_session_stop(&run.session, why));
    KIT_TRY(kit_run_again(&run, why));
    (void)kit_session_pump(&run.session, never, QUIET_MS);
    KIT_NEED(!run.session.is_over, "it does not start again: %s", run.session.failure_why.text);
    KIT_NEED(run.memory.count == kit->brought, "after a restart they come under other keys: %u",
             run.memory.count);
    return KIT_PASSED;
}

static enum kit_verdict refused(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    run.session.refusals = UINT32_MAX;
    run.session.refusal = (uint32_t)check->number;
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(pump_asked(&run, kit->brought, AGAIN_MS), "%u of %u documents come", run.session.asked,
             kit->brought);
    (void)kit_session_pump(&run.session, never, 1000);
    KIT_NEED(!run.session.is_over, "it ends over a refusal: %s", run.session.failure_why.text);
    KIT_NEED(run.session.asked <= LOOP_TIMES * kit->brought,
             "%u documents were handed over %u times within a second", kit->brought,
             run.session.asked);
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict retried(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    run.session.refusals = kit->brought;
    run.session.refusal = VLS_STORE_BUSY;
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(pump_committed(&run, kit->brought, AGAIN_MS),
             "asked to come again later, %u of %u have not within %d s",
             kit->brought - run.memory.count, kit->brought, AGAIN_MS / 1000);
    (void)kit_session_pump(&run.session, never, QUIET_MS);
    KIT_NEED(run.memory.count == kit->brought, "they come again under other keys");
    return KIT_PASSED;
}

static enum kit_verdict duplicate(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    run.session.is_duplicate = true;
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(pump_committed(&run, kit->brought, AGAIN_MS), "not all come");
    (void)kit_session_pump(&run.session, never, SETTLE_MS);
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

/* -- what goes wrong in between ---------------------------------------------------------------- */

/* The router commits and dies before it answers: what it has is asked of it again under the same
 * keys, and nothing else is. */
static enum kit_verdict router_dies(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    run.session.is_mute = true;
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(pump_asked(&run, 1, AGAIN_MS), "nothing comes");
    kit_session_disconnect(&run.session);
    run.session.is_mute = false;
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(pump_committed(&run, kit->brought, AGAIN_MS), "%u of %u documents come",
             run.memory.count, kit->brought);
    (void)kit_session_pump(&run.session, never, SETTLE_MS);
    KIT_NEED(run.memory.count == kit->brought, "there are %u messages of %u documents",
             run.memory.count, kit->brought);
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

/* The host dies when `check->number` hundredths of all are committed, answered or not: afterwards
 * each document is there, once. */
static enum kit_verdict dies_at(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    BEGIN(run);
    bool is_answered = check->text == NULL;
    unsigned at = (unsigned)((uint64_t)check->number * kit->brought / 100);
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    run.session.is_mute = !is_answered;
    KIT_TRY(kit_session_connect(&run.session, why));
    if (at > 0)
        (void)pump_committed(&run, at, is_answered ? AGAIN_MS : QUIET_MS);
    KIT_TRY(kit_run_again(&run, why));
    KIT_NEED(pump_committed(&run, kit->brought, AGAIN_MS), "%u of %u documents come in the end",
             run.memory.count, kit->brought);
    (void)kit_session_pump(&run.session, never, QUIET_MS);
    KIT_NEED(run.memory.count == kit->brought, "there are %u messages of %u documents",
             run.memory.count, kit->brought);
    return KIT_PASSED;
}

/* A restart behind each document: the cursor of each place is good. */
static enum kit_verdict each_cursor(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    BEGIN(run);
    for (unsigned at = 1; at <= kit->brought; at++) {
        KIT_TRY(kit_run_again(&run, why));
        KIT_NEED(pump_committed(&run, at, AGAIN_MS), "document %u does not come", at);
    }
    KIT_TRY(kit_run_again(&run, why));
    (void)kit_session_pump(&run.session, never, QUIET_MS);
    KIT_NEED(run.memory.count == kit->brought, "there are %u messages of %u documents",
             run.memory.count, kit->brought);
    return KIT_PASSED;
}

static enum kit_verdict drains_mute(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    run.session.is_mute = true;
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(pump_asked(&run, 1, AGAIN_MS), "nothing comes");
    kit_session_disconnect(&run.session); /* no answer can come any more: it may end */
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict state_lost(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    BEGIN(run);
    KIT_TRY(kit_run_start(&run, why));
    KIT_NEED(pump_committed(&run, kit->brought, AGAIN_MS), "not all come");
    kit_session_kill(&run.session);
    for (unsigned i = 0; i < run.memory.item_count; i++)
        run.memory.items[i].len = 0; /* the messages stay */
    KIT_TRY(kit_run_again(&run, why));
    (void)kit_session_pump(&run.session, never, 2 * QUIET_MS);
    KIT_NEED(run.memory.count == kit->brought,
             "without its state it brings documents again under other keys: %u of %u",
             run.memory.count, kit->brought);
    return KIT_PASSED;
}

static enum kit_verdict set_aside(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    BEGIN(run);
    char key[VLS_MAX_ORIGIN_KEY + 1];
    char *const keys[] = {key, NULL};
    KIT_TRY(kit_run_start(&run, why));
    KIT_NEED(pump_committed(&run, 1, AGAIN_MS), "nothing comes");
    vls_text_copy(key, sizeof key, run.memory.messages[0]->origin);
    kit_session_close(&run.session);
    kit_memory_fini(&run.memory);
    VLS_DEFER(kit_run_fini) struct kit_run second;
    KIT_TRY(kit_run_init(kit, &second, why));
    KIT_TRY(kit_session_open(&second.session, &second.plan, &second.memory, why));
    second.session.set_aside = keys;
    KIT_TRY(kit_session_connect(&second.session, why));
    (void)pump_committed(&second, kit->brought - 1, FIRST_MS);
    (void)kit_session_pump(&second.session, never, QUIET_MS);
    KIT_NEED(!second.session.is_over, "it ends over a document that is set aside");
    for (unsigned i = 0; i < second.memory.count; i++)
        KIT_NEED(strcmp(second.memory.messages[i]->origin, key) != 0, "it comes nevertheless");
    return KIT_PASSED;
}

const struct kit_check KIT_SOURCE_CHECKS[] = {
    {"source.brings", "brings what the seed holds", brings, 0, NULL},
    {"source.keys", "each document has a key", like, KEYS, NULL},
    {"source.kinds", "each has a kind that is a name", like, KINDS, NULL},
    {"source.parties", "each is for a party, or says what it is about", like, PARTIES, NULL},
    {"source.labels", "each, or each of its parts, has a label", like, LABELS, NULL},
    {"source.parts", "each has a part", like, PARTS, NULL},
    {"source.part-names", "parts have file names", like, PART_NAMES, NULL},
    {"source.subjects", "subjects are not too long", like, SUBJECTS, NULL},
    {"source.about", "what it says that they are holds together", like, ABOUT, NULL},
    {"source.once", "none comes twice while all goes well", like, TIMES, NULL},
    {"source.outcome.accepted", "goes on after ACCEPTED", outcome, 0, "released"},
    {"source.outcome.further", "and when it is further on its way", outcome, 0, "receipted"},
    {"source.outcome.referred", "goes on after REFERRED", outcome, 0, "referred"},
    {"source.outcome.quarantined", "goes on after QUARANTINED", outcome, 0, "quarantined"},
    {"source.outcome.withheld", "goes on after WITHHELD", outcome, 0, "withheld"},
    {"source.outcome.held", "goes on after HELD", outcome, 0, "held"},
    {"source.outcome.unwanted", "goes on when nobody subscribes to it", outcome, 0, "unwanted"},
    {"source.outcome.unknown", "goes on after a state of a later release", outcome, 0,
     "state-of-2040"},
    {"source.outcome.refused", "does not bring a refused one in a loop", refused,
     VLS_INPUT_MALFORMED, NULL},
    {"source.outcome.denied", "nor one that it may not send", refused, VLS_PLUGIN_CAPABILITY, NULL},
    {"source.outcome.retry", "brings again what was not taken now", retried, 0, NULL},
    {"source.outcome.duplicate", "goes on after a duplicate", duplicate, 0, NULL},
    {"source.router-dies", "a router that dies before it answers gets the same again", router_dies,
     0, NULL},
    {"source.dies-before", "killed before anything is committed", dies_at, 0, NULL},
    {"source.dies-first", "killed behind the first quarter", dies_at, 25, NULL},
    {"source.dies-middle", "killed in the middle", dies_at, 50, NULL},
    {"source.dies-last", "killed behind the last", dies_at, 100, NULL},
    {"source.dies-unanswered", "killed before it is answered", dies_at, 50, "mute"},
    {"source.each-cursor", "started again behind each document", each_cursor, 0, NULL},
    {"source.drains-unanswered", "stops when no answer can come", drains_mute, 0, NULL},
    {"source.state-lost", "brings the same keys without its state", state_lost, 0, NULL},
    {"source.set-aside", "goes on without a document that is set aside", set_aside, 0, NULL},
};
const size_t KIT_SOURCE_COUNT = sizeof KIT_SOURCE_CHECKS / sizeof KIT_SOURCE_CHECKS[0];
