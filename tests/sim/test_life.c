/* The life of an arrangement on two gateways: versions are taken, approved and come into force; and
 * a stricter rule that does so before a message leaves applies to it. Signatures are as control
 * hands them on: it has verified them. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/manifest.h"
#include "policy/arrangement.h"
#include "route/life.h"

#define PUBLIC  "un-sgb-2007-6/unclassified"
#define A_WHILE UINT64_C(60000)
#define YEAR_MS UINT64_C(31622400000)

static const char *const PUBLIC_RULE = "  - id: exchange-publications\n    effect: release\n";
static const char *const REFER_RULE =
    "  - id: exchange-publications\n    effect: refer\n    approvals: 1\n";
static const char *const WITHHOLD_RULE = "  - id: exchange-publications\n    effect: withhold\n";

struct scene {
    struct world w;
    struct vls_route_approval first[2];
    struct vls_config_approver approvers[2];
    struct vls_arrangement *house;
    char *next; /* the file of version 2 */
};

/** Both parties have signed what is installed, a day before the world begins. */
static int open_scene(void **state)
{
    struct scene *s = vls_mem_new(sizeof *s);
    world_open(&s->w, 20160919);
    s->first[0] = (struct vls_route_approval){"un", s->w.now_ms - 86400000, VLS_SLICE("a", 1)};
    s->first[1] = (struct vls_route_approval){"iom", s->w.now_ms - 86400000, VLS_SLICE("b", 1)};
    for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
        s->w.gateways[i].config.approvers = s->approvers;
        s->w.gateways[i].config.approvers_count = 2;
        s->w.gateways[i].approvals = s->first;
        s->w.gateways[i].approval_count = 2;
        world_crash(&s->w.gateways[i]);
    }
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *s = *state;
    world_close(&s->w);
    vls_arrangement_free(&s->house);
    vls_mem_free(s->next);
    vls_mem_free(s);
    return 0;
}

/** The installed arrangement as version 2, with its rule for publications replaced. */
static const char *next_version(struct scene *s, const char *rule)
{
    char digest[2 * VLS_DIGEST_BYTES + 1], head[256];
    const char *text = vls_buf_text(&s->w.arrangement_bytes);
    const char *version = strstr(text, "version: 1\n"), *old = strstr(text, PUBLIC_RULE);
    assert_non_null(version);
    assert_non_null(old);
    vls_hex(vls_digest_slice(vls_arrangement_digest(s->w.arrangement)), digest);
    snprintf(head, sizeof head, "version: 2\nsupersedes: 1\nsupersedes-digest: %s\n", digest);
    size_t room = strlen(text) + sizeof head + strlen(rule) + 1;
    vls_mem_free(s->next);
    s->next = vls_mem_new(room);
    snprintf(s->next, room, "%.*s%s%.*s%s%s", (int)(version - text), text, head,
             (int)(old - version - (ptrdiff_t)strlen("version: 1\n")),
             version + strlen("version: 1\n"), rule, old + strlen(PUBLIC_RULE));
    return s->next;
}

/** The same, and it says until when it is to be signed. */
static const char *next_version_until(struct scene *s, const char *rule, uint64_t approve_by_ms)
{
    char by[VLS_TIME_TEXT];
    const char *text = next_version(s, rule), *expires = strstr(text, "  expires:");
    assert_non_null(expires);
    vls_time_text(approve_by_ms, by);
    size_t room = strlen(text) + sizeof by + 32;
    char *dated = vls_mem_new(room);
    snprintf(dated, room, "%.*s  approve-by: %s\n%s", (int)(expires - text), text, by, expires);
    vls_mem_free(s->next);
    return s->next = dated;
}

/** Hand in signatures over a file, as control would. @return the code of the answer */
static uint32_t arrange(struct scene *s, size_t gateway, const char *yaml,
                        const struct vls_route_approval *approvals, size_t count)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorArrange ask = VALISE__OPERATOR_ARRANGE__INIT;
    Valise__PartySignature parties[2], *list[2];
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text(yaml));
    VLS_DEFER(vls_fd_close) int fd = -1;
    assert_true(vls_ok(vls_fd_memory_of("version", vls_slice_text(yaml), &fd, NULL)));
    for (size_t i = 0; i < count; i++) {
        valise__party_signature__init(&parties[i]);
        parties[i].party = (char *)(uintptr_t)approvals[i].party;
        parties[i].signed_ms = approvals[i].signed_ms;
        parties[i].signature = (ProtobufCBinaryData){1, (uint8_t *)(uintptr_t) "s"};
        list[i] = &parties[i];
    }
    ask.signatures = list;
    ask.n_signatures = count;
    ask.digest = (ProtobufCBinaryData){sizeof digest.bytes, digest.bytes};
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_ARRANGE;
    in.arrange = &ask;
    Valise__OperatorReply *reply = world_ask_with(&s->w.gateways[gateway], &in, fd);
    uint32_t code = reply->outcome->code;
    if (code != VLS_OK)
        vls_text_copy(s->w.last_warning.text, sizeof s->w.last_warning.text, reply->outcome->why);
    valise__operator_reply__free_unpacked(reply, NULL);
    return code;
}

static void approve(struct scene *s, size_t gateway, const char *yaml, const char *party,
                    uint64_t signed_ms)
{
    const struct vls_route_approval one = {.party = party, .signed_ms = signed_ms};
    uint32_t code = arrange(s, gateway, yaml, &one, 1);
    if (code != VLS_OK)
        fail_msg("%s", s->w.last_warning.text);
}

/** Both parties, on one side. */
static void approve_here(struct scene *s, size_t gateway, const char *yaml, uint64_t signed_ms)
{
    static const char *const PARTIES[] = {"un", "iom"};
    approve(s, gateway, yaml, PARTIES[gateway], signed_ms);
    approve(s, gateway, yaml, PARTIES[1 - gateway], signed_ms);
}

static struct submitted send_public(struct scene *s, const char *text)
{
    struct submitted sent;
    world_submit(&s->w.gateways[0], "publication", PUBLIC, "", text, &sent);
    for (int i = 0; i < 100 && !sent.is_answered; i++)
        world_step(&s->w, 1);
    assert_true(sent.is_answered);
    return sent;
}

/** One that was released, and that the partner cannot have: nothing arrives there. */
static struct submitted send_into_the_void(struct scene *s)
{
    struct submitted sent;
    s->w.gateways[1].is_down = true;
    world_submit(&s->w.gateways[0], "publication", PUBLIC, "", "It waits.", &sent);
    while (!sent.is_answered)
        world_step(&s->w, 1);
    assert_string_equal(sent.state, "released");
    return sent;
}

static struct vls_message *message_of(struct gateway *g, const struct vls_id *id)
{
    struct vls_message *m = NULL;
    assert_true(vls_ok(vls_store_get(g->store, id, &m, NULL)));
    return m;
}

static uint32_t accepts(struct scene *s, size_t gateway, const char *kind, const char *yaml)
{
    Valise__Manifest m = VALISE__MANIFEST__INIT;
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text(yaml));
    struct vls_why why = {""};
    m.kind = (char *)(uintptr_t)kind;
    m.arrangement = (char *)(uintptr_t)vls_arrangement_name(s->w.arrangement);
    m.arrangement_version = 2;
    m.arrangement_digest = (ProtobufCBinaryData){sizeof digest.bytes, digest.bytes};
    return vls_route_life_accepts(s->w.gateways[gateway].route, &m, &why).code;
}

/* -- versions ---------------------------------------------------------------------------------- */

static void version__approved_by_both__decides_from_the_later_approval(void **state)
{
    struct scene *s = *state;
    const char *yaml = next_version(s, WITHHOLD_RULE);
    uint64_t now = s->w.now_ms;
    approve(s, 0, yaml, "un", now);
    assert_string_equal(send_public(s, "Before IOM has signed.").state, "released");
    approve(s, 0, yaml, "iom", now + 3600000);
    approve(s, 1, yaml, "iom", now + 3600000);
    approve(s, 1, yaml, "un", now);
    assert_string_equal(send_public(s, "Before the later approval.").state, "released");
    world_run(&s->w, A_WHILE);
    s->w.now_ms = now + 3600000;
    struct submitted after = send_public(s, "Behind it.");
    assert_string_equal(after.state, "withheld");
    struct vls_message *m = message_of(&s->w.gateways[0], &after.id);
    Valise__DecisionRecord *record = NULL;
    assert_true(vls_ok(vls_decision_record_read(m->decision, &record, NULL)));
    assert_int_equal(record->arrangement_version, 2);
    valise__decision_record__free_unpacked(record, NULL);
    vls_message_free(&m);
}

static void version__after_a_crash__is_still_there(void **state)
{
    struct scene *s = *state;
    const char *yaml = next_version(s, WITHHOLD_RULE);
    approve(s, 0, yaml, "un", s->w.now_ms - 1);
    world_crash(&s->w.gateways[0]);
    approve(s, 0, yaml, "iom", s->w.now_ms - 1);
    assert_string_equal(send_public(s, "It is in force.").state, "withheld");
    world_crash(&s->w.gateways[0]);
    assert_string_equal(send_public(s, "And still is.").state, "withheld");
}

static void version__not_signed_by_the_own_party__is_not_looked_into(void **state)
{
    struct scene *s = *state;
    const struct vls_route_approval theirs = {.party = "iom", .signed_ms = s->w.now_ms};
    assert_int_equal(arrange(s, 0, next_version(s, REFER_RULE), &theirs, 1), VLS_POLICY_PARTY);
    assert_int_equal(arrange(s, 0, "not: an: arrangement", &theirs, 1), VLS_POLICY_PARTY);
    assert_string_equal(send_public(s, "As ever.").state, "released");
}

static void version__fork_or_rollback__is_refused(void **state)
{
    struct scene *s = *state;
    const struct vls_route_approval own = {.party = "un", .signed_ms = s->w.now_ms};
    approve_here(s, 0, next_version(s, REFER_RULE), s->w.now_ms - 1);
    assert_int_equal(arrange(s, 0, next_version(s, WITHHOLD_RULE), &own, 1), VLS_POLICY_VERSION);
    assert_string_equal(s->w.last_warning.text, "there is another file of version 2 here already");
    assert_int_equal(arrange(s, 0, vls_buf_text(&s->w.arrangement_bytes), &own, 1), VLS_OK);
    assert_string_equal(send_public(s, "Version 2 decides.").state, "referred");
}

/* The proposer is not kept waiting for ever: behind approve-by it writes another file. */
static void version__not_signed_by_the_other_in_time__lapses_and_another_takes_its_number(
    void **state)
{
    struct scene *s = *state;
    uint64_t by = s->w.now_ms + 3600000;
    const struct vls_route_approval late[] = {{.party = "iom", .signed_ms = by + 1},
                                              {.party = "un", .signed_ms = by - 1}};
    char *brief = vls_mem_dup(next_version_until(s, WITHHOLD_RULE, by));
    approve(s, 0, brief, "un", s->w.now_ms);
    const char *other = next_version(s, REFER_RULE);
    const struct vls_route_approval own = {.party = "un", .signed_ms = by + 2};
    assert_int_equal(arrange(s, 0, other, &own, 1), VLS_POLICY_VERSION);
    s->w.now_ms = by + 2;
    assert_int_equal(arrange(s, 0, brief, late, 1), VLS_POLICY_VERSION);
    assert_int_equal(arrange(s, 1, brief, late, 2), VLS_POLICY_VERSION);
    approve(s, 0, other, "un", by + 2);
    assert_string_equal(send_public(s, "Version 1 decides.").state, "released");
    world_crash(&s->w.gateways[0]); /* read again, it is the same */
    approve(s, 0, other, "iom", by + 2);
    approve_here(s, 1, other, by + 2);
    struct submitted sent = send_public(s, "Under the other version 2.");
    assert_string_equal(sent.state, "referred");
    world_crash(&s->w.gateways[0]);
    assert_string_equal(send_public(s, "And still.").state, "referred");
    vls_mem_free(brief);
}

/* It was signed in time, and came when its proposer had given it up. */
static void version__signed_in_time_and_accepted_late__is_the_one_that_counts(void **state)
{
    struct scene *s = *state;
    uint64_t by = s->w.now_ms + 3600000;
    char *brief = vls_mem_dup(next_version_until(s, WITHHOLD_RULE, by));
    approve(s, 0, brief, "un", s->w.now_ms);
    approve_here(s, 1, brief, by - 1);
    s->w.now_ms = by + 2;
    const char *other = next_version(s, REFER_RULE);
    const struct vls_route_approval theirs = {.party = "iom", .signed_ms = by + 2};
    approve(s, 0, other, "un", by + 2);
    assert_int_equal(arrange(s, 1, other, &theirs, 1), VLS_POLICY_VERSION);
    assert_int_equal(accepts(s, 0, "arrangement-approval", brief), VLS_OK);
    approve(s, 0, brief, "iom", by - 1);
    assert_string_equal(send_public(s, "Under the first file.").state, "withheld");
    assert_int_equal(arrange(s, 0, other, &theirs, 1), VLS_POLICY_VERSION);
    world_crash(&s->w.gateways[0]);
    assert_string_equal(send_public(s, "And still.").state, "withheld");
    vls_mem_free(brief);
}

static void version__signed_again_or_by_a_stranger__changes_nothing(void **state)
{
    struct scene *s = *state;
    const char *yaml = next_version(s, WITHHOLD_RULE);
    const struct vls_route_approval both[] = {{.party = "un", .signed_ms = s->w.now_ms},
                                              {.party = "wfp", .signed_ms = s->w.now_ms}};
    assert_int_equal(arrange(s, 0, yaml, both, 2), VLS_POLICY_PARTY);
    approve(s, 0, yaml, "un", s->w.now_ms - 1);
    approve(s, 0, yaml, "un", s->w.now_ms - 1);
    assert_string_equal(send_public(s, "One party is not both.").state, "released");
}

static void message__of_a_version_not_yet_in_force_there__goes_again(void **state)
{
    struct scene *s = *state;
    const char *yaml = next_version(s, PUBLIC_RULE);
    approve_here(s, 0, yaml, s->w.now_ms - 1);
    struct submitted sent = send_public(s, "Under version 2.");
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_DEFERRED);
    approve_here(s, 1, yaml, s->w.now_ms - 1);
    world_run(&s->w, 40 * A_WHILE);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_RECEIPTED);
}

/* Its sender has both signatures, and decides by the new version already: were it not taken, this
 * side would wait for ever for the one that it brings. */
static void approval__under_the_version_that_it_brings_into_force__is_taken(void **state)
{
    struct scene *s = *state;
    const char *yaml = next_version(s, REFER_RULE);
    assert_int_equal(accepts(s, 0, "arrangement-approval", yaml), VLS_POLICY_AHEAD);
    approve(s, 0, yaml, "un", s->w.now_ms - 1);
    assert_int_equal(accepts(s, 0, "arrangement-approval", yaml), VLS_OK);
    assert_int_equal(accepts(s, 0, "arrangement-proposal", yaml), VLS_POLICY_AHEAD);
    assert_int_equal(accepts(s, 0, "publication", yaml), VLS_POLICY_AHEAD);
}

static void message__of_the_version_before__is_taken_for_a_while(void **state)
{
    struct scene *s = *state;
    const char *yaml = next_version(s, PUBLIC_RULE);
    approve_here(s, 1, yaml, s->w.now_ms - 1);
    struct submitted sent = send_public(s, "Still under version 1.");
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_RECEIPTED);
    s->w.now_ms += UINT64_C(8) * 86400000;
    sent = send_public(s, "A week later.");
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_HELD);
}

/* -- a stricter rule before it leaves ---------------------------------------------------------- */

static void waiting__stricter_version_comes_into_force__is_referred(void **state)
{
    struct scene *s = *state;
    struct submitted sent = send_into_the_void(s);
    approve_here(s, 0, next_version(s, REFER_RULE), s->w.now_ms - 1);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_REFERRED);
    struct vls_message *m = message_of(&s->w.gateways[0], &sent.id);
    assert_non_null(strstr(m->reason, "stopped before it left"));
    vls_message_free(&m);
}

static void waiting__withheld_by_the_new_version__is_held_and_no_operator_lets_it_go(void **state)
{
    struct scene *s = *state;
    struct submitted sent = send_into_the_void(s);
    approve_here(s, 0, next_version(s, WITHHOLD_RULE), s->w.now_ms - 1);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_HELD);
    assert_int_equal(
        world_act(&s->w.gateways[0], &sent.id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
        VLS_POLICY_WITHHELD);
}

static void waiting__milder_version__goes_as_it_was(void **state)
{
    struct scene *s = *state;
    struct submitted sent = send_into_the_void(s);
    approve_here(s, 0, next_version(s, PUBLIC_RULE), s->w.now_ms - 1);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_RELEASED);
    s->w.gateways[1].is_down = false;
    world_run(&s->w, 40 * A_WHILE);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_RECEIPTED);
}

static void waiting__clearance_narrowed_before_a_restart__is_held(void **state)
{
    static const char *const NONE[] = {"un-sgb-2007-6/confidential"};
    struct scene *s = *state;
    struct submitted sent = send_into_the_void(s);
    s->w.gateways[0].partner.clearance = (char **)(uintptr_t)NONE;
    s->w.gateways[0].partner.clearance_count = 1;
    world_crash(&s->w.gateways[0]);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_HELD);
}

static void waiting__tried_in_vain_and_then_not_cleared__is_held(void **state)
{
    static const char *const NONE[] = {"un-sgb-2007-6/confidential"};
    struct scene *s = *state;
    approve_here(s, 0, next_version(s, PUBLIC_RULE), s->w.now_ms - 1);
    struct submitted sent = send_public(s, "Version 2 is not there yet.");
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_DEFERRED);
    s->w.gateways[0].partner.clearance = (char **)(uintptr_t)NONE;
    s->w.gateways[0].partner.clearance_count = 1;
    world_crash(&s->w.gateways[0]);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_HELD);
    assert_int_equal(
        world_act(&s->w.gateways[0], &sent.id, VALISE__OPERATOR_ACT__VERB__WITHHOLD).code, VLS_OK);
}

static void waiting__house_rules_refer_after_a_restart__is_referred(void **state)
{
    struct scene *s = *state;
    struct vls_why why = {""};
    struct submitted sent = send_into_the_void(s);
    if (!vls_ok(vls_house_rules_read(
            vls_slice_text("house-rules: un/new\nparty: un\nversion: 1\nrules:\n"
                           "  - { id: look, effect: refer, basis: '13(1)', "
                           "when: { direction: out, kind: publication } }\n"),
            "house.yaml", &s->w.schemes, s->w.arrangement, &s->house, &why)))
        fail_msg("%s", why.text);
    s->w.gateways[0].house = s->house;
    world_crash(&s->w.gateways[0]);
    assert_int_equal(world_state(&s->w.gateways[0], &sent.id), VLS_STATE_REFERRED);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SCENE(version__approved_by_both__decides_from_the_later_approval),
        IN_A_SCENE(version__after_a_crash__is_still_there),
        IN_A_SCENE(version__not_signed_by_the_own_party__is_not_looked_into),
        IN_A_SCENE(version__fork_or_rollback__is_refused),
        IN_A_SCENE(version__not_signed_by_the_other_in_time__lapses_and_another_takes_its_number),
        IN_A_SCENE(version__signed_in_time_and_accepted_late__is_the_one_that_counts),
        IN_A_SCENE(version__signed_again_or_by_a_stranger__changes_nothing),
        IN_A_SCENE(message__of_a_version_not_yet_in_force_there__goes_again),
        IN_A_SCENE(approval__under_the_version_that_it_brings_into_force__is_taken),
        IN_A_SCENE(message__of_the_version_before__is_taken_for_a_while),
        IN_A_SCENE(waiting__stricter_version_comes_into_force__is_referred),
        IN_A_SCENE(waiting__withheld_by_the_new_version__is_held_and_no_operator_lets_it_go),
        IN_A_SCENE(waiting__milder_version__goes_as_it_was),
        IN_A_SCENE(waiting__clearance_narrowed_before_a_restart__is_held),
        IN_A_SCENE(waiting__tried_in_vain_and_then_not_cleared__is_held),
        IN_A_SCENE(waiting__house_rules_refer_after_a_restart__is_referred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
