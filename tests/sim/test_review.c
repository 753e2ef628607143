/* Officers decide about what rules refer to them: how many, who, about what, and for how long.
 * Control is played: it says who asks and that the signature is his. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "world.h"

#define PUBLIC  "un-sgb-2007-6/unclassified"
#define A_WHILE 60000u
#define VALID_S 3600u

static const char HOUSE[] = "house-rules: un/own\n"
                            "version: %d\n"
                            "party: un\n"
                            "basis: Article 13(1)\n"
                            "rules:\n"
                            "  - id: publications-by-two\n"
                            "    effect: refer\n"
                            "    basis: \"13(1)\"\n"
                            "    when: { kind: publication, direction: out }\n"
                            "    approvals: 2\n";

enum { ANNA, BERNARD, CHLOE, OFFICERS };

struct scene {
    struct world w;
    struct vls_arrangement *house, *arrangement; /* in place of the earlier */
    struct vls_config_officer officers[OFFICERS];
};

static char *text(const char *words)
{
    return (char *)(uintptr_t)words;
}

static void take_house(struct scene *s, int version)
{
    struct vls_why why = {""};
    struct vls_arrangement *house = NULL;
    char yaml[512];
    snprintf(yaml, sizeof yaml, HOUSE, version);
    if (!vls_ok(vls_house_rules_read(vls_slice_text(yaml), "house.yaml", &s->w.schemes,
                                     s->w.arrangement, &house, &why)))
        fail_msg("%s", why.text);
    s->w.gateways[0].house = house;
    world_crash(&s->w.gateways[0]);
    vls_arrangement_free(&s->house);
    s->house = house;
}

static int open_scene(void **state)
{
    static const char *const NAMES[OFFICERS] = {"anna", "bernard", "chloe"};
    struct scene *s = vls_mem_new(sizeof *s);
    world_open(&s->w, 5);
    for (size_t i = 0; i < OFFICERS; i++)
        s->officers[i] = (struct vls_config_officer){text(NAMES[i]), text("/officer.pem")};
    s->w.gateways[0].config.officers = s->officers;
    s->w.gateways[0].config.officers_count = OFFICERS;
    s->w.gateways[0].config.answers.approval_valid_s = VALID_S;
    take_house(s, 1);
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *s = *state;
    s->w.gateways[0].config.officers_count = 0;
    s->w.gateways[0].config.officers = NULL;
    world_close(&s->w);
    vls_arrangement_free(&s->house);
    vls_arrangement_free(&s->arrangement);
    vls_mem_free(s);
    return 0;
}

static struct vls_id refer_one(struct scene *s)
{
    static unsigned number; /* no two are duplicates */
    struct submitted sent;
    char content[64];
    snprintf(content, sizeof content, "For two pairs of eyes, %u.", ++number);
    world_submit(&s->w.gateways[0], "publication", PUBLIC, "", content, &sent);
    world_run(&s->w, A_WHILE);
    assert_string_equal(sent.state, "referred");
    return sent.id;
}

static enum vls_state state_of(struct scene *s, const struct vls_id *id)
{
    return world_state(&s->w.gateways[0], id);
}

/* -- what control and the command line do ------------------------------------------------------ */

static Valise__OperatorReply *ask(struct scene *s, int officer, Valise__OperatorReview *review)
{
    static const char *const USERS[] = {"uid:100", "uid:101", "uid:102", "uid:7"};
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_REVIEW;
    in.review = review;
    s->w.actor = USERS[officer < OFFICERS ? officer : OFFICERS];
    review->officer = text(officer < OFFICERS ? s->officers[officer].user : "");
    Valise__OperatorReply *reply = world_ask(&s->w.gateways[0], &in);
    s->w.actor = NULL;
    return reply;
}

struct signature { /* what an officer has made and not handed in yet */
    int officer;
    struct vls_id id;
    const char *act, *note;
    uint64_t expires_ms, signed_ms;
    struct vls_buf statement;
};

static uint32_t prepare(struct scene *s, int officer, const struct vls_id *id, const char *act,
                        const char *note, uint64_t expires_ms, struct signature *out)
{
    Valise__OperatorReview review = VALISE__OPERATOR_REVIEW__INIT;
    review.id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    review.act = text(act);
    review.note = text(note);
    review.expires_ms = expires_ms;
    Valise__OperatorReply *reply = ask(s, officer, &review);
    uint32_t code = reply->outcome->code;
    *out = (struct signature){officer, *id, act, note, expires_ms, s->w.now_ms, {0}};
    vls_buf_init(&out->statement, 1u << 16);
    if (code == 0) {
        assert_int_equal(reply->n_reviews, 1);
        out->expires_ms = reply->reviews[0]->expires_ms;
        assert_true(vls_ok(vls_buf_add(&out->statement, reply->reviews[0]->statement.data,
                                       reply->reviews[0]->statement.len)));
    }
    valise__operator_reply__free_unpacked(reply, NULL);
    return code;
}

static uint32_t hand_in(struct scene *s, struct signature *from, char why[256])
{
    Valise__OperatorReview review = VALISE__OPERATOR_REVIEW__INIT;
    review.id = (ProtobufCBinaryData){VLS_ID_BYTES, from->id.bytes};
    review.act = text(from->act);
    review.note = text(from->note);
    review.expires_ms = from->expires_ms;
    review.signed_ms = from->signed_ms;
    review.statement = (ProtobufCBinaryData){from->statement.len, from->statement.at};
    review.signature = (ProtobufCBinaryData){6, (uint8_t *)(uintptr_t) "signed"};
    Valise__OperatorReply *reply = ask(s, from->officer, &review);
    uint32_t code = reply->outcome->code;
    if (why != NULL)
        vls_text_copy(why, 256, reply->outcome->why);
    valise__operator_reply__free_unpacked(reply, NULL);
    return code;
}

/** Ask, sign, hand in. */
static uint32_t act(struct scene *s, int officer, const struct vls_id *id, const char *verb)
{
    struct signature signature;
    uint32_t code = prepare(s, officer, id, verb, "seen", 0, &signature);
    if (code == 0)
        code = hand_in(s, &signature, NULL);
    vls_buf_fini(&signature.statement);
    return code;
}

/** How many approvals hold, as an officer is shown. */
static size_t had(struct scene *s, const struct vls_id *id, char reason[256])
{
    Valise__OperatorReview review = VALISE__OPERATOR_REVIEW__INIT;
    size_t count = 0;
    review.id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    Valise__OperatorReply *reply = ask(s, ANNA, &review);
    assert_int_equal(reply->outcome->code, 0);
    assert_int_equal(reply->reviews[0]->needed, 2);
    for (size_t i = 0; i < reply->reviews[0]->n_approvals; i++)
        count += reply->reviews[0]->approvals[i]->lapsed[0] == '\0';
    if (reason != NULL)
        vls_text_copy(reason, 256, reply->reviews[0]->row->reason);
    valise__operator_reply__free_unpacked(reply, NULL);
    return count;
}

/* -- releasing --------------------------------------------------------------------------------- */

static void release__two_officers__leaves_and_is_receipted(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    char reason[256];
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
    assert_int_equal(had(s, &id, reason), 1);
    assert_string_equal(reason, "1 of 2 officers: approved by anna: seen");
    assert_int_equal(act(s, BERNARD, &id, "release"), VLS_OK);
    world_run(&s->w, A_WHILE);
    assert_int_equal(state_of(s, &id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_delivered(&s->w.gateways[1], &id), 1);
    assert_int_equal(act(s, CHLOE, &id, "release"), VLS_ROUTE_STATE);
}

static void release__one_officer_twice__counts_once(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    s->w.now_ms += 1000;
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    assert_int_equal(had(s, &id, NULL), 1);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
}

static void release__submitter__refused_and_others_may(void **state)
{
    struct scene *s = *state;
    struct submitted sent;
    struct signature forged;
    world_submit(&s->w.gateways[0], "publication", PUBLIC, "", "His own.", &sent);
    world_run(&s->w, A_WHILE);
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorReview review = VALISE__OPERATOR_REVIEW__INIT;
    review.id = (ProtobufCBinaryData){VLS_ID_BYTES, sent.id.bytes};
    review.act = text("release");
    review.officer = text("anna");
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_REVIEW;
    in.review = &review;
    struct vls_message *m = NULL;
    assert_true(vls_ok(vls_store_get(s->w.gateways[0].store, &sent.id, &m, NULL)));
    char origin[64];
    vls_text_copy(origin, sizeof origin, m->origin);
    vls_message_free(&m);
    s->w.actor = origin; /* the same user */
    Valise__OperatorReply *reply = world_ask(&s->w.gateways[0], &in);
    assert_int_equal(reply->outcome->code, VLS_APPROVAL_SIGNER);
    valise__operator_reply__free_unpacked(reply, NULL);
    s->w.actor = NULL;
    assert_int_equal(prepare(s, ANNA, &sent.id, "release", "", 0, &forged), VLS_OK);
    vls_buf_fini(&forged.statement);
}

static void release__no_officer__refused(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    assert_int_equal(act(s, OFFICERS, &id, "release"), VLS_CLI_DENIED);
    assert_int_equal(world_act(&s->w.gateways[0], &id, VALISE__OPERATOR_ACT__VERB__RELEASE).code,
                     VLS_POLICY_REVIEW);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
}

/* what one signed is worth nothing in another's name, for another message or another act */
static void release__statement_of_something_else__refused_with_the_line(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s), other = refer_one(s);
    struct signature signature;
    char why[256];
    assert_int_equal(prepare(s, ANNA, &id, "release", "", 0, &signature), VLS_OK);
    struct signature stolen = signature;
    stolen.officer = BERNARD;
    assert_int_equal(hand_in(s, &stolen, why), VLS_APPROVAL_SIGNATURE);
    assert_non_null(strstr(why, "'officer'"));
    stolen = signature;
    stolen.id = other;
    assert_int_equal(hand_in(s, &stolen, why), VLS_APPROVAL_SIGNATURE);
    assert_non_null(strstr(why, "'message'"));
    stolen = signature;
    stolen.act = "withhold";
    assert_int_equal(hand_in(s, &stolen, why), VLS_APPROVAL_SIGNATURE);
    assert_non_null(strstr(why, "'act'"));
    stolen = signature;
    stolen.expires_ms -= 1000;
    assert_int_equal(hand_in(s, &stolen, why), VLS_APPROVAL_SIGNATURE);
    assert_non_null(strstr(why, "'holds until'"));
    stolen = signature;
    stolen.note = "another";
    assert_int_equal(hand_in(s, &stolen, why), VLS_APPROVAL_SIGNATURE);
    assert_non_null(strstr(why, "'note'"));
    assert_int_equal(had(s, &id, NULL), 0);
    assert_int_equal(hand_in(s, &signature, why), VLS_OK);
    vls_buf_fini(&signature.statement);
}

/* -- time -------------------------------------------------------------------------------------- */

static void release__first_approval_expired__waits_for_a_new_one(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    s->w.now_ms += VALID_S * 1000 + 1000;
    assert_int_equal(had(s, &id, NULL), 0);
    assert_int_equal(act(s, BERNARD, &id, "release"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_RELEASED);
}

static void release__approval_for_too_long_or_handed_in_too_late__refused(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    struct signature signature;
    assert_int_equal(
        prepare(s, ANNA, &id, "release", "", s->w.now_ms + VALID_S * 1000 + 5000, &signature),
        VLS_APPROVAL_EXPIRED);
    vls_buf_fini(&signature.statement);
    assert_int_equal(prepare(s, ANNA, &id, "release", "", s->w.now_ms - 1, &signature),
                     VLS_APPROVAL_EXPIRED);
    vls_buf_fini(&signature.statement);
    assert_int_equal(prepare(s, ANNA, &id, "release", "", s->w.now_ms + 60000, &signature), VLS_OK);
    signature.signed_ms -= VALID_S * 1000; /* dated back */
    assert_int_equal(hand_in(s, &signature, NULL), VLS_APPROVAL_EXPIRED);
    signature.signed_ms += VALID_S * 1000;
    s->w.now_ms += 60000;
    assert_int_equal(hand_in(s, &signature, NULL), VLS_APPROVAL_EXPIRED);
    vls_buf_fini(&signature.statement);
}

/* -- what was signed changes ------------------------------------------------------------------- */

static void release__house_rules_changed_between__first_approval_lapses(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    struct signature signature;
    char why[256];
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    assert_int_equal(prepare(s, BERNARD, &id, "release", "", 0, &signature), VLS_OK);
    take_house(s, 2);
    assert_int_equal(hand_in(s, &signature, why), VLS_APPROVAL_SIGNATURE);
    assert_non_null(strstr(why, "'house rules'"));
    vls_buf_fini(&signature.statement);
    assert_int_equal(had(s, &id, NULL), 0);
    assert_int_equal(act(s, BERNARD, &id, "release"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
    assert_int_equal(act(s, CHLOE, &id, "release"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_RELEASED);
}

/* Another file, if only by a comment, is another arrangement: what was sealed under the first names
 * that one, and goes under no other. */
static void release__arrangement_changed_between__withheld_and_sent_again(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    struct vls_why why = {""};
    struct vls_buf yaml;
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    vls_buf_init(&yaml, 1u << 20);
    assert_true(
        vls_ok(vls_file_read(VALISE_SOURCE_DIR "/schemas/arrangements/un-iom.yaml", &yaml, &why)));
    assert_true(vls_ok(vls_buf_add_text(&yaml, "# amended\n")));
    struct vls_arrangement *amended = NULL;
    assert_true(vls_ok(
        vls_arrangement_read(vls_buf_slice(&yaml), "un-iom.yaml", &s->w.schemes, &amended, &why)));
    vls_buf_fini(&yaml);
    s->arrangement = s->w.arrangement;
    s->w.arrangement = amended;
    world_crash(&s->w.gateways[0]);
    assert_int_equal(had(s, &id, NULL), 0);
    assert_int_equal(act(s, BERNARD, &id, "release"), VLS_OK);
    assert_int_equal(act(s, CHLOE, &id, "release"), VLS_POLICY_ARRANGEMENT);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
    assert_int_equal(had(s, &id, NULL), 1); /* nothing was lost by the try */
    assert_int_equal(act(s, CHLOE, &id, "withhold"), VLS_OK);
}

static void release__decision_changed_between__first_approval_lapses(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    struct vls_message *m = NULL;
    uint8_t decision[1024];
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    struct vls_store *store = s->w.gateways[0].store;
    assert_true(vls_ok(vls_store_get(store, &id, &m, NULL)));
    size_t len = m->decision.len;
    assert_true(len + 2 <= sizeof decision);
    memcpy(decision, m->decision.at, len);
    memcpy(decision + len, "\x68\x01", 2); /* decided_ms again: the same record, other bytes */
    vls_message_free(&m);
    assert_true(vls_ok(vls_store_begin(store, NULL)));
    assert_true(vls_ok(vls_store_set_decision(store, &id, VLS_SLICE(decision, len + 2), NULL)));
    assert_true(vls_ok(vls_store_commit(store, NULL)));
    assert_int_equal(had(s, &id, NULL), 0);
}

static void release__officer_taken_out_of_the_configuration__does_not_count(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    assert_int_equal(act(s, CHLOE, &id, "release"), VLS_OK);
    s->w.gateways[0].config.officers_count = CHLOE;
    world_crash(&s->w.gateways[0]);
    assert_int_equal(had(s, &id, NULL), 0);
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
}

static void release__first_officers_certificate_over_or_another_one__does_not_count(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    assert_int_equal(act(s, CHLOE, &id, "release"), VLS_OK);
    s->w.gateways[0].fallen_officer = "chloe";
    assert_int_equal(had(s, &id, NULL), 0);
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_REFERRED);
    assert_int_equal(act(s, BERNARD, &id, "release"), VLS_OK);
    world_run(&s->w, A_WHILE);
    assert_int_equal(state_of(s, &id), VLS_STATE_RECEIPTED);
}

static void release__power_failed_between__nothing_lost(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    world_crash(&s->w.gateways[0]);
    assert_int_equal(had(s, &id, NULL), 1);
    assert_int_equal(act(s, BERNARD, &id, "release"), VLS_OK);
    world_crash(&s->w.gateways[0]);
    world_run(&s->w, A_WHILE);
    assert_int_equal(state_of(s, &id), VLS_STATE_RECEIPTED);
}

/* -- the other ways ---------------------------------------------------------------------------- */

static void withhold__after_one_approval__is_the_end(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    assert_int_equal(act(s, ANNA, &id, "release"), VLS_OK);
    assert_int_equal(act(s, BERNARD, &id, "withhold"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_WITHHELD);
    assert_int_equal(act(s, CHLOE, &id, "release"), VLS_ROUTE_STATE);
}

static void return__with_a_note__ends_with_the_note_as_reason(void **state)
{
    struct scene *s = *state;
    struct vls_id id = refer_one(s);
    struct signature signature;
    char reason[256];
    assert_int_equal(prepare(s, ANNA, &id, "return", "", 0, &signature), VLS_CLI_USAGE);
    vls_buf_fini(&signature.statement);
    assert_int_equal(prepare(s, ANNA, &id, "shred", "", 0, &signature), VLS_CLI_USAGE);
    vls_buf_fini(&signature.statement);
    assert_int_equal(act(s, ANNA, &id, "return"), VLS_OK);
    assert_int_equal(state_of(s, &id), VLS_STATE_RETURNED);
    had(s, &id, reason);
    assert_string_equal(reason, "returned by officer anna: seen");
    world_run(&s->w, A_WHILE);
    assert_int_equal(world_delivered(&s->w.gateways[1], &id), 0);
}

static void list__more_than_a_page__each_once(void **state)
{
    struct scene *s = *state;
    enum { MANY = 60 };
    size_t seen = 0;
    for (size_t i = 0; i < MANY; i++)
        refer_one(s);
    Valise__OperatorReview review = VALISE__OPERATOR_REVIEW__INIT;
    uint8_t last[VLS_ID_BYTES];
    for (bool has_more = true; has_more;) {
        Valise__OperatorReply *reply = ask(s, ANNA, &review);
        assert_int_equal(reply->outcome->code, 0);
        assert_true(reply->n_reviews > 0);
        assert_string_equal(reply->reviews[0]->rules[0],
                            "publications-by-two, Article 13(1) (house rules)");
        seen += reply->n_reviews;
        has_more = reply->has_more;
        memcpy(last, reply->reviews[reply->n_reviews - 1]->row->id.data, sizeof last);
        review.before = (ProtobufCBinaryData){sizeof last, last};
        valise__operator_reply__free_unpacked(reply, NULL);
    }
    assert_int_equal(seen, MANY);
}

/* one answer is one frame, however much there is to say of each */
static void list__messages_of_many_documents__each_once(void **state)
{
    struct scene *s = *state;
    enum { MANY = 40 };
    const char *labels[VLS_MAX_PARTS];
    size_t seen = 0, answers = 0;
    for (size_t i = 0; i < VLS_MAX_PARTS; i++)
        labels[i] = "";
    for (size_t i = 0; i < MANY; i++) {
        struct submitted sent;
        world_submit_parts(&s->w.gateways[0], "publication", PUBLIC, labels, VLS_MAX_PARTS, &sent);
        world_run(&s->w, A_WHILE);
        assert_string_equal(sent.state, "referred");
    }
    Valise__OperatorReview review = VALISE__OPERATOR_REVIEW__INIT;
    uint8_t last[VLS_ID_BYTES];
    for (bool has_more = true; has_more; answers++) {
        Valise__OperatorReply *reply = ask(s, ANNA, &review);
        assert_int_equal(reply->outcome->code, 0);
        assert_true(reply->n_reviews > 0);
        seen += reply->n_reviews;
        has_more = reply->has_more;
        memcpy(last, reply->reviews[reply->n_reviews - 1]->row->id.data, sizeof last);
        review.before = (ProtobufCBinaryData){sizeof last, last};
        valise__operator_reply__free_unpacked(reply, NULL);
    }
    assert_int_equal(seen, MANY);
    assert_true(answers > 1);
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)
    const struct CMUnitTest tests[] = {
        IN_SCENE(release__two_officers__leaves_and_is_receipted),
        IN_SCENE(release__one_officer_twice__counts_once),
        IN_SCENE(release__submitter__refused_and_others_may),
        IN_SCENE(release__no_officer__refused),
        IN_SCENE(release__statement_of_something_else__refused_with_the_line),
        IN_SCENE(release__first_approval_expired__waits_for_a_new_one),
        IN_SCENE(release__approval_for_too_long_or_handed_in_too_late__refused),
        IN_SCENE(release__house_rules_changed_between__first_approval_lapses),
        IN_SCENE(release__arrangement_changed_between__withheld_and_sent_again),
        IN_SCENE(release__decision_changed_between__first_approval_lapses),
        IN_SCENE(release__officer_taken_out_of_the_configuration__does_not_count),
        IN_SCENE(release__first_officers_certificate_over_or_another_one__does_not_count),
        IN_SCENE(release__power_failed_between__nothing_lost),
        IN_SCENE(withhold__after_one_approval__is_the_end),
        IN_SCENE(return__with_a_note__ends_with_the_note_as_reason),
        IN_SCENE(list__more_than_a_page__each_once),
        IN_SCENE(list__messages_of_many_documents__each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
