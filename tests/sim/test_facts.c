/* The facts of a message besides its label: each decides otherwise, and what the recipient has to
 * know reaches it; and the own house rules, for what goes out and for what comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "envelope/manifest.h"
#include "world.h"

#define PUBLIC  "un-sgb-2007-6/unclassified"
#define A_WHILE 60000u
#define AN_HOUR 3600000u

struct scene {
    struct world w;
    struct vls_arrangement *houses[WORLD_GATEWAYS];
};

static int open_scene(void **state)
{
    struct scene *scene = vls_mem_new(sizeof *scene);
    world_open(&scene->w, 1);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    world_close(&scene->w);
    for (size_t i = 0; i < WORLD_GATEWAYS; i++)
        vls_arrangement_free(&scene->houses[i]);
    vls_mem_free(scene);
    return 0;
}

/* As an administrator does: the file, then a restart. */
static void take_house(struct scene *scene, size_t gateway, struct vls_arrangement *house)
{
    scene->houses[gateway] = house;
    scene->w.gateways[gateway].house = house;
    world_crash(&scene->w.gateways[gateway]);
}

static void read_house(struct scene *scene, size_t gateway, const char *yaml)
{
    struct vls_why why = {""};
    struct vls_arrangement *house = NULL;
    if (!vls_ok(vls_house_rules_read(vls_slice_text(yaml), "house.yaml", &scene->w.schemes,
                                     scene->w.arrangement, &house, &why)))
        fail_msg("%s", why.text);
    take_house(scene, gateway, house);
}

/* The example that is delivered. */
static void load_house_of_un(struct scene *scene)
{
    struct vls_why why = {""};
    struct vls_arrangement *house = NULL;
    if (!vls_ok(vls_house_rules_load(VALISE_SOURCE_DIR "/schemas/arrangements/house-rules/un.yaml",
                                     &scene->w.schemes, scene->w.arrangement, &house, &why)))
        fail_msg("%s", why.text);
    take_house(scene, 0, house);
}

static char *text(const char *words)
{
    return (char *)(uintptr_t)words;
}

static Valise__Submission submission_of(const char *kind)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    in.kind = text(kind);
    in.label = text(PUBLIC);
    return in;
}

static struct submitted send_it(struct scene *scene, Valise__Submission *in)
{
    static unsigned number; /* no two are duplicates */
    char content[32];
    struct submitted s;
    snprintf(content, sizeof content, "Document %u.", ++number);
    world_submit_filled(&scene->w.gateways[0], in, content, &s);
    world_run(&scene->w, A_WHILE);
    assert_true(s.is_answered);
    return s;
}

static void check_state(struct scene *scene, Valise__Submission *in, const char *state,
                        const char *rule)
{
    struct submitted s = send_it(scene, in);
    if (!vls_ok(s.status) || strcmp(s.state, state) != 0 || strstr(s.reason, rule) == NULL)
        fail_msg("not %s by %s but %s: %s", state, rule, s.state, s.reason);
}

static void check_refused(struct scene *scene, Valise__Submission *in, uint32_t code,
                          const char *words)
{
    struct submitted s = send_it(scene, in);
    if (s.status.code != code || strstr(s.reason, words) == NULL)
        fail_msg("not %x with \"%s\" but %x: %s", code, words, s.status.code, s.reason);
}

static const char *descriptor_of(struct gateway *g, const struct vls_id *id)
{
    for (size_t i = 0; i < g->delivered_count; i++)
        if (vls_id_is_equal(&g->delivered[i].id, id))
            return g->delivered[i].descriptor;
    fail_msg("it was not delivered");
    return "";
}

static void check_says(struct scene *scene, const struct vls_id *id, const char *words)
{
    const char *json = descriptor_of(&scene->w.gateways[1], id);
    if (strstr(json, words) == NULL)
        fail_msg("%s does not say %s", json, words);
}

/* -- media types, audience, topics, distribution ----------------------------------------------- */

static void send_typed(struct scene *scene, const char *media_type, const char *state,
                       const char *rule)
{
    Valise__Submission in = submission_of("publication");
    Valise__Part part = VALISE__PART__INIT, *parts[] = {&part};
    part.media_type = text(media_type);
    in.n_parts = 1;
    in.parts = parts;
    check_state(scene, &in, state, rule);
}

static void media_type__that_the_house_forbids__withheld(void **state)
{
    load_house_of_un(*state);
    send_typed(*state, "text/plain", "released", "exchange-publications");
    send_typed(*state, "application/x-sh", "withheld", "house rule no-programs");
    send_typed(*state, "Application/X-SH; charset=utf-8", "withheld", "house rule no-programs");
}

static void media_type__not_stated__is_a_type_like_any_other(void **state)
{
    read_house(*state, 0,
               "house-rules: types\nparty: un\nversion: 1\nrules:\n"
               "  - { id: no-unknown-types, effect: refer, basis: \"13(1)\","
               " when: { media-type: [application/octet-stream] } }\n");
    send_typed(*state, "", "referred", "house rule no-unknown-types");
    send_typed(*state, "text/csv", "released", "exchange-publications");
}

static void audience__that_the_house_keeps__withheld(void **state)
{
    char *staff[] = {text("member-states"), text("staff-only")}, *others[] = {staff[0]};
    Valise__Submission in = submission_of("publication");
    load_house_of_un(*state);
    in.audience = others;
    in.n_audience = 1;
    check_state(*state, &in, "released", "exchange-publications");
    in.audience = staff;
    in.n_audience = 2;
    check_state(*state, &in, "withheld", "house rule for-staff-only");
}

static void topic__that_asks_for_officers__referred(void **state)
{
    char *ethics[] = {text("ethics")}, *migration[] = {text("migration")};
    Valise__Submission in = submission_of("publication");
    load_house_of_un(*state);
    in.n_topics = 1;
    in.topics = migration;
    check_state(*state, &in, "released", "exchange-publications");
    in.topics = ethics;
    check_state(*state, &in, "referred", "house rule oversight-and-ethics-by-officers");
}

static void distribution__restricted__referred(void **state)
{
    Valise__Submission in = submission_of("publication");
    in.distribution = text("general");
    check_state(*state, &in, "released", "exchange-publications");
    in.distribution = text("unstated");
    check_state(*state, &in, "released", "exchange-publications");
    in.distribution = text("restricted");
    check_state(*state, &in, "referred", "restricted-distribution-by-officer");
}

/* -- embargo ----------------------------------------------------------------------------------- */

static void embargo__pending__referred_and_released_once_it_is_over(void **state)
{
    struct scene *scene = *state;
    Valise__Submission in = submission_of("statistical-dataset");
    in.embargo_until_ms = scene->w.now_ms + AN_HOUR;
    check_state(scene, &in, "referred", "statistics-under-embargo");
    world_run(&scene->w, AN_HOUR);
    scene->w.now_ms = in.embargo_until_ms;
    check_state(scene, &in, "released", "exchange-statistics");
}

static void embargo__released_by_an_officer__recipient_is_told(void **state)
{
    struct scene *scene = *state;
    Valise__Submission in = submission_of("statistical-dataset");
    in.embargo_until_ms = 1798761600000u; /* still pending when it arrives */
    struct submitted s = send_it(scene, &in);
    assert_string_equal(s.state, "referred");
    assert_true(
        vls_ok(world_act(&scene->w.gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&scene->w, A_WHILE);
    check_says(scene, &s.id, "\"version\":3");
    check_says(scene, &s.id, "\"embargo\":\"2027-01-01T00:00:00.000Z\"");
}

/* -- personal data ----------------------------------------------------------------------------- */

static void personal_data__without_safeguards__withheld(void **state)
{
    Valise__Submission in = submission_of("publication");
    in.personal_data = true;
    check_state(*state, &in, "withheld", "personal-data-without-safeguards-stays");
    in.safeguards = text("Annex 2");
    check_state(*state, &in, "referred", "personal-data-by-officer");
}

static void travel_document__without_safeguards__withheld(void **state)
{
    Valise__Submission in = submission_of("travel-document");
    check_state(*state, &in, "withheld", "must name what protects the personal data");
}

static void travel_document__with_safeguards__referred_and_they_travel_with_it(void **state)
{
    struct scene *scene = *state;
    Valise__Submission in = submission_of("travel-document");
    in.safeguards = text("Data protection annex, section 3");
    struct submitted s = send_it(scene, &in);
    assert_string_equal(s.state, "referred");
    assert_true(
        vls_ok(world_act(&scene->w.gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&scene->w, A_WHILE);
    check_says(scene, &s.id, "\"personalData\":true");
    check_says(scene, &s.id, "\"safeguards\":\"Data protection annex, section 3\"");
    assert_int_equal(world_state(&scene->w.gateways[0], &s.id), VLS_STATE_RECEIPTED);
}

/* -- what is stated wrongly, and what is stated at all ------------------------------------------
 */

static void answer_state__of_its_kind__reaches_the_asker(void **state)
{
    struct scene *scene = *state;
    struct submitted asked;
    world_submit(&scene->w.gateways[1], "information-request", PUBLIC, "", "How many?", &asked);
    world_run(&scene->w, A_WHILE);
    Valise__Submission in = submission_of("information-response");
    in.in_reply_to = (ProtobufCBinaryData){VLS_ID_BYTES, asked.id.bytes};
    in.answer_state = text("partial");
    struct submitted s = send_it(scene, &in);
    assert_string_equal(s.state, "released");
    check_says(scene, &s.id, "\"answerState\":\"partial\"");
    in.answer_state = text("maybe");
    check_refused(scene, &in, VLS_INPUT_MALFORMED,
                  "say one of full, partial, declined, no-answer-available");
}

static void facts__bad__refused_with_the_place(void **state)
{
    char *many[VLS_MAX_AUDIENCE + 1], *empty[] = {text("")}, *dirty[] = {text("a\nb")};
    for (size_t i = 0; i < VLS_MAX_AUDIENCE + 1; i++)
        many[i] = text("everyone");
    Valise__Submission in = submission_of("publication");
    in.answer_state = text("full");
    check_refused(*state, &in, VLS_INPUT_MALFORMED, "kind publication says no state of itself");
    in = submission_of("publication");
    in.distribution = text("secret");
    check_refused(*state, &in, VLS_INPUT_MALFORMED, "distribution 'secret' is not known");
    in = submission_of("publication");
    in.safeguards = text("Annex 2");
    check_refused(*state, &in, VLS_INPUT_MALFORMED, "not said to hold personal data");
    in = submission_of("publication");
    in.embargo_until_ms = UINT64_MAX;
    check_refused(*state, &in, VLS_INPUT_LIMIT, "the year 9999");
    in = submission_of("publication");
    in.audience = many;
    in.n_audience = VLS_MAX_AUDIENCE + 1;
    check_refused(*state, &in, VLS_INPUT_LIMIT, "audience: 17 names, and 16 is the most");
    in.audience = empty;
    in.n_audience = 1;
    check_refused(*state, &in, VLS_INPUT_MALFORMED, "audience: name 1 is empty");
    in = submission_of("publication");
    in.topics = dirty;
    in.n_topics = 1;
    check_refused(*state, &in, VLS_INPUT_MALFORMED, "the topics is not UTF-8");
}

static void facts__none__descriptor_is_one_that_older_gateways_read(void **state)
{
    Valise__Submission in = submission_of("publication");
    struct submitted s = send_it(*state, &in);
    check_says(*state, &s.id, "\"version\":2");
    in.distribution = text("limited");
    s = send_it(*state, &in);
    check_says(*state, &s.id, "\"version\":3");
    check_says(*state, &s.id, "\"distribution\":\"limited\"");
}

/* -- house rules for what comes in ------------------------------------------------------------- */

#define HOUSE_OF_IOM "house-rules: own\nparty: iom\nversion: 1\nrules:\n"

static const char KEEPS_OUT[] =
    HOUSE_OF_IOM "  - { id: look-first, effect: refer, basis: \"13(1)\","
                 " when: { direction: in, kind: publication } }\n"
                 "  - { id: nothing-more, effect: withhold, basis: \"13(1)\","
                 " when: { direction: in, kind: information-request } }\n"
                 "  - { id: not-what-we-send, effect: withhold, basis: \"13(1)\","
                 " when: { direction: out, kind: publication } }\n";

static void check_held(struct scene *scene, const char *kind, const char *rule, int outcome)
{
    Valise__Submission in = submission_of(kind);
    struct submitted s = send_it(scene, &in);
    struct gateway *iom = &scene->w.gateways[1];
    Valise__DecisionRecord *record;
    struct vls_message *m;
    assert_int_equal(world_state(&scene->w.gateways[0], &s.id), VLS_STATE_RECEIPTED);
    assert_int_equal(world_state(iom, &s.id), VLS_STATE_HELD);
    assert_int_equal(world_delivered(iom, &s.id), 0);
    assert_true(vls_ok(vls_store_get(iom->store, &s.id, &m, NULL)));
    assert_non_null(strstr(m->reason, rule));
    assert_true(vls_ok(vls_decision_record_read(m->decision, &record, NULL)));
    assert_int_equal(record->outcome, outcome);
    assert_int_equal(record->n_rules, 1);
    assert_string_equal(record->rules[0]->id, rule);
    assert_true(record->rules[0]->house);
    assert_string_equal(record->house_rules, "own");
    valise__decision_record__free_unpacked(record, NULL);
    vls_message_free(&m);
    world_crash(iom); /* it stays so */
    world_run(&scene->w, AN_HOUR);
    assert_int_equal(world_delivered(iom, &s.id), 0);
    assert_true(vls_ok(world_act(iom, &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&scene->w, A_WHILE);
    assert_int_equal(world_delivered(iom, &s.id), 1);
    assert_int_equal(scene->w.alarms, 0);
}

static void incoming__house_refers__receipted_and_held_until_released(void **state)
{
    read_house(*state, 1, KEEPS_OUT);
    check_held(*state, "publication", "look-first", VALISE__DECISION_RECORD__OUTCOME__REFER);
}

static void incoming__house_withholds__receipted_and_held_until_released(void **state)
{
    read_house(*state, 1, KEEPS_OUT);
    check_held(*state, "information-request", "nothing-more",
               VALISE__DECISION_RECORD__OUTCOME__WITHHOLD);
}

static void check_delivered(struct scene *scene, const struct submitted *s, bool has_record)
{
    struct gateway *iom = &scene->w.gateways[1];
    struct vls_message *m;
    assert_int_equal(world_delivered(iom, &s->id), 1);
    assert_true(vls_ok(vls_store_get(iom->store, &s->id, &m, NULL)));
    assert_int_equal(m->decision.len != 0, has_record);
    vls_message_free(&m);
}

static void incoming__house_is_silent__delivered_without_a_record(void **state)
{
    struct scene *scene = *state;
    Valise__Submission in = submission_of("collection-notice");
    read_house(scene, 1, KEEPS_OUT);
    struct submitted s = send_it(scene, &in);
    check_delivered(scene, &s, false);
}

static void incoming__house_releases__delivered_with_its_duties_on_record(void **state)
{
    struct scene *scene = *state;
    Valise__Submission in = submission_of("travel-document");
    in.safeguards = text("Annex 2");
    read_house(scene, 1,
               HOUSE_OF_IOM "  - { id: register, effect: release, basis: \"13(2)\","
                            " when: { direction: in, personal-data: yes }, duties: [registry] }\n");
    struct submitted s = send_it(scene, &in);
    assert_true(
        vls_ok(world_act(&scene->w.gateways[0], &s.id, VALISE__OPERATOR_ACT__VERB__RELEASE)));
    world_run(&scene->w, A_WHILE);
    check_delivered(scene, &s, true);
}

static void incoming__answer_to_what_we_asked__is_known_to_the_house(void **state)
{
    struct scene *scene = *state;
    struct submitted asked, answer;
    struct gateway *un = &scene->w.gateways[0];
    read_house(scene, 0,
               "house-rules: own\nparty: un\nversion: 1\nrules:\n"
               "  - { id: answers-first-to-me, effect: refer, basis: \"13(1)\", when: {"
               " direction: in, from: iom, kind: consultation-response, answers: [known] } }\n");
    Valise__Submission ask = submission_of("consultation-request");
    ask.body = text("iom/dg");
    world_submit_filled(un, &ask, "What do you think?", &asked);
    world_run(&scene->w, A_WHILE);
    assert_string_equal(asked.state, "released");
    Valise__Submission in = submission_of("consultation-response");
    in.in_reply_to = (ProtobufCBinaryData){VLS_ID_BYTES, asked.id.bytes};
    world_submit_filled(&scene->w.gateways[1], &in, "Much.", &answer);
    world_run(&scene->w, A_WHILE);
    assert_string_equal(answer.state, "released");
    assert_int_equal(world_state(un, &answer.id), VLS_STATE_HELD);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SCENE(media_type__that_the_house_forbids__withheld),
        IN_A_SCENE(media_type__not_stated__is_a_type_like_any_other),
        IN_A_SCENE(audience__that_the_house_keeps__withheld),
        IN_A_SCENE(topic__that_asks_for_officers__referred),
        IN_A_SCENE(distribution__restricted__referred),
        IN_A_SCENE(embargo__pending__referred_and_released_once_it_is_over),
        IN_A_SCENE(embargo__released_by_an_officer__recipient_is_told),
        IN_A_SCENE(personal_data__without_safeguards__withheld),
        IN_A_SCENE(travel_document__without_safeguards__withheld),
        IN_A_SCENE(travel_document__with_safeguards__referred_and_they_travel_with_it),
        IN_A_SCENE(answer_state__of_its_kind__reaches_the_asker),
        IN_A_SCENE(facts__bad__refused_with_the_place),
        IN_A_SCENE(facts__none__descriptor_is_one_that_older_gateways_read),
        IN_A_SCENE(incoming__house_refers__receipted_and_held_until_released),
        IN_A_SCENE(incoming__house_withholds__receipted_and_held_until_released),
        IN_A_SCENE(incoming__house_is_silent__delivered_without_a_record),
        IN_A_SCENE(incoming__house_releases__delivered_with_its_duties_on_record),
        IN_A_SCENE(incoming__answer_to_what_we_asked__is_known_to_the_house),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
