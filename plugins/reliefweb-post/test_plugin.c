/* reliefweb-post opposite the emulator, in its real host: what it takes, what it refuses before
 * anything leaves, and what their replies mean. */
#include "emulators/feed_rig.h"

#include <string.h>

#include "kit/mail.h"
#include "kit/session.h"
#include "kit/shapes.h"

#define SITE "reliefweb.int"
#define PUTS SITE ":/api/v2/reports/*"
#define TEXT                                                                                       \
    "{\"url\":\"https://example.org/r/1\",\"title\":\"Update of the week\",\"source\":[1255],"     \
    "\"country\":[13],\"format\":[10],\"language\":[267],"                                         \
    "\"published\":\"2026-06-06T01:00:00+00:00\",\"body\":\"Some words of it.\","                  \
    "\"file\":[{\"url\":\"https://example.org/f/one.pdf\",\"language\":\"en\"}]}"
#define PDF    "%PDF-1.4\nof the update\n%%EOF\n"
#define UUID   "ff9ed2c0-89d9-5cb0-9a32-43ace3b90f6f" /* of the address in TEXT */
#define PAST   UINT64_C(1000)
#define FUTURE UINT64_C(4102444800000)
#define IN_BYTES(text)                                                                             \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static struct rig rig;
static struct vls_why why;

static const struct kit_part PARTS[] = {{.name = "reliefweb.json", .bytes = IN_BYTES(TEXT)},
                                        {.name = "one.pdf", .bytes = IN_BYTES(PDF)}};

static int open_rig(void **state)
{
    char lines[512], key[160];
    (void)state;
    rig_open(&rig, VALISE_PLUGIN, SITE);
    snprintf(key, sizeof key, "%s", rig_secret(&rig, "key", FEED_KEY "\n"));
    snprintf(lines, sizeof lines,
             "credentials:\n  - { name: key, host: " SITE
             ", header: X-RW-POST-API-KEY, file: %s }\n"
             "  - { name: app, host: " SITE ", query: appname, file: %s }\n",
             key, key);
    rig_http(&rig, lines);
    rig_set(&rig, "labels", " un-sgb-2007-6/restricted | " KIT_LABEL " ");
    rig_set(&rig, "provider", "unit-of-tests");
    rig_set(&rig, "timeout-seconds", "2");
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    rig_say(&rig, "clear");
    rig_say(&rig, "forget");
    rig_say(&rig, "set " SITE ":reply=queued");
    rig_start(&rig);
    why = (struct vls_why){""};
    return 0;
}

static struct kit_mail mail(void)
{
    return kit_mail_of(&rig.kit, PARTS, 2);
}

static uint32_t deliver(const struct kit_mail *what)
{
    static unsigned number = 100;
    struct vls_id id = kit_id(++number);
    return kit_session_deliver(&rig.run->session, what, &id, 1, &why).code;
}

static unsigned submissions(void)
{
    return rig_say(&rig, "count " PUTS);
}

/* Nothing leaves, and it says why. */
static void is_refused(const struct kit_mail *what, const char *words)
{
    assert_int_equal(deliver(what), VLS_PLUGIN_REFUSED);
    if (strstr(why.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.text, words);
    assert_int_equal(submissions(), 0);
}

static void reply_gives(const char *reply, uint32_t code, const char *words)
{
    struct kit_mail good = mail();
    rig_say(&rig, "set " SITE ":reply=%s", reply);
    assert_int_equal(deliver(&good), code);
    if (strstr(why.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.text, words);
    assert_int_equal(submissions(), 1);
}

static void fault_gives(const char *fault, uint32_t code)
{
    struct kit_mail good = mail();
    rig_say(&rig, "fault " PUTS "=%s", fault);
    assert_int_equal(deliver(&good), code);
    assert_true(why.text[0] != '\0');
}

/* -- what goes --------------------------------------------------------------------------------- */

static void message__202_with_their_reply__queued_is_success(void **state)
{
    (void)state;
    reply_gives("queued", VLS_OK, "");
    feed_rig_result(&rig, "queued");
    assert_int_equal(rig_seen(&rig, "X-RW-POST-API-PROVIDER: unit-of-tests"), 1);
    assert_false(rig_logged(&rig, FEED_KEY));
}

static void message__200__delivered(void **state)
{
    (void)state;
    reply_gives("processed", VLS_OK, "");
}

static void message__twice__under_the_same_identifier(void **state)
{
    struct kit_mail good = mail();
    (void)state;
    assert_int_equal(deliver(&good), VLS_OK);
    assert_int_equal(deliver(&good), VLS_OK);
    assert_int_equal(rig_say(&rig, "count " SITE ":/api/v2/reports/" UUID), 2);
}

/* -- what is refused before anything leaves ---------------------------------------------------- */

static void label__not_listed__nothing_leaves(void **state)
{
    struct kit_mail secret = mail();
    (void)state;
    secret.label = "un-sgb-2007-6/strictly-confidential";
    is_refused(&secret, "setting labels does not list");
}

static void label__lower_and_not_listed__nothing_leaves(void **state)
{
    struct kit_mail low = mail();
    (void)state;
    low.label = KIT_PART_LABEL;
    is_refused(&low, "setting labels does not list");
}

static void label__of_one_document_not_listed__nothing_leaves(void **state)
{
    struct kit_part parts[] = {PARTS[0], PARTS[1]};
    struct kit_mail mixed = mail();
    (void)state;
    parts[1].label = KIT_PART_LABEL;
    mixed.parts = parts;
    is_refused(&mixed, "one.pdf has a label");
}

static void handling__personal_data__nothing_leaves(void **state)
{
    struct kit_mail personal = mail();
    (void)state;
    personal.has_personal_data = true;
    is_refused(&personal, "personal data");
}

static void handling__distribution_limited__nothing_leaves(void **state)
{
    struct kit_mail limited = mail();
    (void)state;
    limited.distribution = "limited";
    is_refused(&limited, "its distribution is limited");
}

static void handling__under_embargo__later(void **state)
{
    struct kit_mail embargoed = mail();
    (void)state;
    embargoed.embargo_until_ms = FUTURE;
    assert_int_equal(deliver(&embargoed), VLS_PLUGIN_RETRY);
    assert_non_null(strstr(why.text, "under embargo until 2100-01-01"));
    assert_int_equal(submissions(), 0);
    embargoed.embargo_until_ms = PAST;
    assert_int_equal(deliver(&embargoed), VLS_OK);
}

static void message__without_a_description__refused(void **state)
{
    struct kit_mail bare = mail();
    (void)state;
    bare.parts = &PARTS[1];
    bare.count = 1;
    is_refused(&bare, "no document reliefweb.json");
}

static void document__html_for_pdf__refused(void **state)
{
    struct kit_part parts[] = {PARTS[0],
                               {.name = "one.pdf", .bytes = IN_BYTES("<!DOCTYPE html><html>")}};
    struct kit_mail wrong = mail();
    (void)state;
    wrong.parts = parts;
    is_refused(&wrong, "ReliefWeb takes PDF alone");
}

static void document__above_20_mib__refused(void **state)
{
    static uint8_t piece[1u << 20] = "%PDF-1.4\n";
    struct kit_part parts[] = {PARTS[0],
                               {.name = "one.pdf", .bytes = {piece, sizeof piece}, .times = 21}};
    struct kit_mail large = mail();
    (void)state;
    large.parts = parts;
    is_refused(&large, "at most 10 files of 20 MiB");
}

static void documents__eleven__refused(void **state)
{
    static char names[12][16];
    struct kit_part parts[12] = {PARTS[0]};
    struct kit_mail many = mail();
    (void)state;
    for (size_t i = 1; i < 12; i++) {
        snprintf(names[i], sizeof names[i], "%zu.pdf", i);
        parts[i] = (struct kit_part){.name = names[i], .bytes = IN_BYTES(PDF)};
    }
    many.parts = parts;
    many.count = 12;
    is_refused(&many, "at most 10 files");
}

/* -- their replies ----------------------------------------------------------------------------- */

static void reply__not_enough_time__later(void **state)
{
    (void)state;
    reply_gives("soon", VLS_PLUGIN_RETRY, "Not enough time");
}

static void reply__daily_quota_until_a_date__later(void **state)
{
    (void)state;
    reply_gives("quota", VLS_PLUGIN_RETRY, "Daily quota");
}

static void reply__unprocessable__held_with_their_words(void **state)
{
    (void)state;
    reply_gives("unprocessable", VLS_PLUGIN_REFUSED, "Unprocessable submission.");
}

static void reply__not_allowed__held_with_the_fix(void **state)
{
    (void)state;
    reply_gives("not-allowed", VLS_PLUGIN_REFUSED, "look at setting provider");
}

static void reply__500__later(void **state)
{
    (void)state;
    reply_gives("error", VLS_PLUGIN_RETRY, "Internal server error.");
}

static void reply__202_without_their_reply__a_challenge_and_no_success(void **state)
{
    (void)state;
    reply_gives("challenge", VLS_PLUGIN_RETRY, "a challenge for programs");
    feed_rig_result(&rig, "blocked");
}

static void reply__html_with_200__no_success(void **state)
{
    (void)state;
    fault_gives("html", VLS_PLUGIN_RETRY);
}

static void reply__zero_byte_200__no_success(void **state)
{
    (void)state;
    fault_gives("empty", VLS_PLUGIN_RETRY);
}

static void reply__connection_cut__later(void **state)
{
    (void)state;
    fault_gives("reset", VLS_PLUGIN_RETRY);
}

static void reply__too_late__later(void **state)
{
    (void)state;
    fault_gives("slow:4", VLS_PLUGIN_RETRY);
}

static void reply__led_elsewhere__held_and_no_key_leaks(void **state)
{
    (void)state;
    fault_gives("foreign-redirect", VLS_PLUGIN_REFUSED);
    assert_int_equal(rig_seen(&rig, "elsewhere.test "), 0);
}

static void reply__405__held(void **state)
{
    (void)state;
    fault_gives("status:405", VLS_PLUGIN_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(message__202_with_their_reply__queued_is_success, begin),
        cmocka_unit_test_setup(message__200__delivered, begin),
        cmocka_unit_test_setup(message__twice__under_the_same_identifier, begin),
        cmocka_unit_test_setup(label__not_listed__nothing_leaves, begin),
        cmocka_unit_test_setup(label__lower_and_not_listed__nothing_leaves, begin),
        cmocka_unit_test_setup(label__of_one_document_not_listed__nothing_leaves, begin),
        cmocka_unit_test_setup(handling__personal_data__nothing_leaves, begin),
        cmocka_unit_test_setup(handling__distribution_limited__nothing_leaves, begin),
        cmocka_unit_test_setup(handling__under_embargo__later, begin),
        cmocka_unit_test_setup(message__without_a_description__refused, begin),
        cmocka_unit_test_setup(document__html_for_pdf__refused, begin),
        cmocka_unit_test_setup(document__above_20_mib__refused, begin),
        cmocka_unit_test_setup(documents__eleven__refused, begin),
        cmocka_unit_test_setup(reply__not_enough_time__later, begin),
        cmocka_unit_test_setup(reply__daily_quota_until_a_date__later, begin),
        cmocka_unit_test_setup(reply__unprocessable__held_with_their_words, begin),
        cmocka_unit_test_setup(reply__not_allowed__held_with_the_fix, begin),
        cmocka_unit_test_setup(reply__500__later, begin),
        cmocka_unit_test_setup(reply__202_without_their_reply__a_challenge_and_no_success, begin),
        cmocka_unit_test_setup(reply__html_with_200__no_success, begin),
        cmocka_unit_test_setup(reply__zero_byte_200__no_success, begin),
        cmocka_unit_test_setup(reply__connection_cut__later, begin),
        cmocka_unit_test_setup(reply__too_late__later, begin),
        cmocka_unit_test_setup(reply__led_elsewhere__held_and_no_key_leaks, begin),
        cmocka_unit_test_setup(reply__405__held, begin),
    };
    return cmocka_run_group_tests(tests, open_rig, close_rig);
}
