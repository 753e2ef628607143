/* un-ods in its real host, opposite the emulator of the Official Document System: every quirk that
 * is known of it, in every era. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/env.h"
#include "base/mem.h"
#include "base/text.h"
#include "emulators/rig.h"

#define HOSTS "documents.un.org, undocs.org, docs.un.org"

static struct rig rig;

/* A fresh run, with settings as the test wants them. */
static void begin(const char *name, const char *value)
{
    struct vls_why why = {""};
    kit_run_fini(rig.run);
    assert_true(vls_ok(kit_run_init(&rig.kit, rig.run, &why)));
    rig_http(&rig, "");
    rig_set(&rig, "label", KIT_LABEL);
    if (name != NULL)
        rig_set(&rig, name, value);
    rig_say(&rig, "clear");
    rig_say(&rig, "forget");
    rig_say(&rig, "era ods=2026-09");
    rig_say(&rig, "set documents.un.org:ranges=on");
    rig_say(&rig, "set documents.un.org:prefix=off");
    rig_say(&rig, "set documents.un.org:slow=");
    rig_start(&rig);
}

static const Valise__ResolveResult *expect(const char *what, const char *language, uint32_t result,
                                           const char *words)
{
    const Valise__ResolveResult *r = rig_resolve(&rig, what, language);
    if (r->finding->result != result)
        fail_msg("%s is %u: %s", what, r->finding->result, r->finding->why);
    if (strstr(r->finding->why, words) == NULL)
        fail_msg("%s: it does not say '%s' but '%s'", what, words, r->finding->why);
    return r;
}

static void part_is(const Valise__ResolveResult *r, size_t i, const char *name, const char *type)
{
    assert_true(i < r->n_parts);
    assert_string_equal(r->parts[i]->part->name, name);
    assert_string_equal(r->parts[i]->part->media_type, type);
}

/* -- what it is for ---------------------------------------------------------------------------- */

static void symbol__in_one_language__comes_whole(void **state)
{
    (void)state;
    begin(NULL, NULL);
    const Valise__ResolveResult *r = expect("A/RES/79/1", "en", VLS_RESULT_DELIVERED, "");
    assert_int_equal(r->n_parts, 1);
    part_is(r, 0, "A_RES_79_1-EN.pdf", "application/pdf");
    assert_int_equal(r->parts[0]->part->bytes, 649956);
    assert_string_equal(r->parts[0]->part->label, KIT_LABEL);
    assert_non_null(strstr(r->finding->url, "/n2427222.pdf"));
}

static void symbol__without_a_language__comes_in_all_six(void **state)
{
    static const char *const NAMES[] = {"A_70_976-EN.pdf", "A_70_976-FR.pdf", "A_70_976-ES.pdf",
                                        "A_70_976-RU.pdf", "A_70_976-AR.pdf", "A_70_976-ZH.pdf"};
    (void)state;
    begin(NULL, NULL);
    const Valise__ResolveResult *r = expect("A/70/976", "", VLS_RESULT_DELIVERED, "");
    assert_int_equal(r->n_parts, 6);
    for (size_t i = 0; i < 6; i++)
        part_is(r, i, NAMES[i], "application/pdf");
}

static void symbol__in_german__is_asked_for_as_other(void **state)
{
    (void)state;
    begin(NULL, NULL);
    part_is(expect("A/RES/79/1", "de", VLS_RESULT_DELIVERED, ""), 0, "A_RES_79_1-DE.pdf",
            "application/pdf");
    assert_int_equal(rig_seen(&rig, "&l=O&"), 1);
    expect("A/70/976", "de", VLS_RESULT_NOT_PUBLISHED, "200 with nothing");
}

static void symbol__in_some_languages__is_partial(void **state)
{
    (void)state;
    begin(NULL, NULL);
    const Valise__ResolveResult *r =
        expect("A/HRC/50/1", "", VLS_RESULT_PARTIAL, "without ru, ar, zh");
    assert_int_equal(r->finding->got, 3);
    assert_int_equal(r->finding->total, 6);
    assert_int_equal(r->n_parts, 3);
}

static void job_number__gives_its_path(void **state)
{
    (void)state;
    begin(NULL, NULL);
    part_is(expect("N2427222", "", VLS_RESULT_DELIVERED, ""), 0, "N2427222.pdf", "application/pdf");
    assert_int_equal(rig_seen(&rig, "GET /doc/undoc/gen/n24/272/22/pdf/n2427222.pdf"), 1);
}

static void document__says__its_symbol_and_languages(void **state)
{
    (void)state;
    begin(NULL, NULL);
    const Valise__ResolveResult *r = expect("A/RES/14(I)", "", VLS_RESULT_PARTIAL, "");
    assert_int_equal(r->n_about, 3); /* the whole, and two parts */
    assert_string_equal(r->about[0]->issuer, "un");
    assert_string_equal(r->about[0]->symbols[0], "A/RES/14(I)");
    assert_string_equal(r->about[1]->language, "en");
    assert_string_equal(r->about[2]->language, "fr");
    assert_string_equal(r->about[2]->symbols[0], "A/RES/14(I)");
    r = expect("N2427222", "", VLS_RESULT_DELIVERED, "");
    assert_string_equal(r->about[0]->symbols[0], "A/RES/79/1"); /* as the file states */
}

static void old_address__host_case_and_openelement__is_fetched_from_the_new_host(void **state)
{
    (void)state;
    begin(NULL, NULL);
    part_is(expect("http://documents-dds-ny.un.org/doc/UNDOC/GEN/G04/306/83/pdf/"
                   "G0430683.pdf?OpenElement",
                   "", VLS_RESULT_DELIVERED, ""),
            0, "G0430683.pdf", "application/pdf");
    assert_int_equal(rig_seen(&rig, "documents-dds-ny"), 0);
}

/* -- quirks ------------------------------------------------------------------------------------ */

static void zero_byte_200__is_not_published(void **state)
{
    (void)state;
    begin(NULL, NULL);
    const Valise__ResolveResult *r =
        expect("A/80/PV.99", "en", VLS_RESULT_NOT_PUBLISHED, "200 with nothing");
    assert_int_equal(r->n_parts, 0);
}

static void missing__404_of_2024__is_not_found(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "era ods=2024");
    expect("A/80/PV.99", "en", VLS_RESULT_NOT_FOUND, "404");
}

static void symbol__with_odd_characters__400_is_not_found(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "era ods=2024");
    expect("A/80/[1]", "en", VLS_RESULT_NOT_FOUND, "400");
}

static void html_viewer__for_pdf__is_never_a_document(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:/api/*=html");
    const Valise__ResolveResult *r = expect("A/70/976", "en", VLS_RESULT_MALFORMED, "an HTML page");
    assert_int_equal(r->n_parts, 0);
    assert_string_equal(r->finding->where, "byte 0");
}

static void type__other_than_asked__is_named_by_its_bytes(void **state)
{
    (void)state;
    begin("type", "doc");
    part_is(expect("A/70/976", "en", VLS_RESULT_DELIVERED, ""), 0, "A_70_976-EN.doc",
            "application/msword");
    part_is(expect("TRADE/CEFACT/2004/32", "en", VLS_RESULT_DELIVERED, "they are wpd"), 0,
            "TRADE_CEFACT_2004_32-EN.wpd", "application/vnd.wordperfect");
    part_is(expect("A/CONF.231/3", "fr", VLS_RESULT_DELIVERED, "they are pdf"), 0,
            "A_CONF.231_3-FR.pdf", "application/pdf");
    part_is(expect("A/HRC/50/1", "fr", VLS_RESULT_DELIVERED, "they are docx"), 0,
            "A_HRC_50_1-FR.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
}

static void wrong_symbol__by_prefix__is_not_delivered(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "set documents.un.org:prefix=on");
    const Valise__ResolveResult *r =
        expect("A/RES/77/1", "en", VLS_RESULT_MALFORMED, "A/RES/77/10, which only begins like");
    assert_int_equal(r->n_parts, 0);
    assert_string_equal(r->finding->where, "symbol");
    expect("A/RES/77/10", "en", VLS_RESULT_DELIVERED, "");
}

static void slashes__are_always_escaped(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "era ods=2026-08"); /* bare ones are 404 there */
    expect("A/70/976", "fr", VLS_RESULT_DELIVERED, "");
    assert_int_equal(rig_seen(&rig, "?s=A%2F70%2F976&l=fr&t=pdf"), 1);
}

static void symbol__with_spaces_and_parentheses__is_escaped_and_found(void **state)
{
    (void)state;
    begin(NULL, NULL);
    part_is(expect("S/RES/2803 (2025)", "es", VLS_RESULT_DELIVERED, ""), 0,
            "S_RES_2803_(2025)-ES.pdf", "application/pdf");
    assert_int_equal(rig_seen(&rig, "?s=S%2FRES%2F2803%20%282025%29&l=es"), 1);
    expect("A/RES/14(I)", "fr", VLS_RESULT_DELIVERED, "");
}

static void official_record__is_tried_when_the_plain_symbol_is_not_there(void **state)
{
    (void)state;
    begin(NULL, NULL);
    part_is(expect("S/PV.2970", "en", VLS_RESULT_DELIVERED, ""), 0, "S_PV.2970-EN.pdf",
            "application/pdf");
    assert_int_equal(rig_seen(&rig, "?s=S%2FPV.2970%28OR%29&"), 1);
    begin("official-records", "false");
    expect("S/PV.2970", "en", VLS_RESULT_NOT_PUBLISHED, "");
}

static void redirect__to_http__is_refused(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "era ods=2020");
    const Valise__ResolveResult *r = expect("A/70/976", "en", VLS_RESULT_MALFORMED, "");
    assert_string_equal(r->finding->where, "redirect");
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:/api/*=foreign-redirect");
    expect("A/70/976", "en", VLS_RESULT_MALFORMED, "");
    assert_int_equal(rig_seen(&rig, "elsewhere.test"), 0);
}

static void transfer__that_breaks_off__goes_on_by_range(void **state)
{
    size_t len = 0;
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:/doc/*=truncate:100000*1");
    const Valise__ResolveResult *r = expect("A/RES/79/1", "en", VLS_RESULT_DELIVERED, "");
    assert_int_equal(r->parts[0]->part->bytes, 649956);
    assert_int_equal(rig_seen(&rig, "Range: bytes=100000-"), 2); /* where it is, and there */
    char *content = rig_part(&rig, 0, &len);
    assert_memory_equal(content, "%PDF-1.4", 8);
    assert_memory_equal(content + len - 6, "%%EOF\n", 6);
    vls_mem_free(content);
}

static void range__that_is_ignored__takes_all_from_the_start(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "set documents.un.org:ranges=off");
    rig_say(&rig, "fault documents.un.org:/doc/*=truncate:100000*2");
    const Valise__ResolveResult *r = expect("A/RES/79/1", "en", VLS_RESULT_DELIVERED, "");
    assert_int_equal(r->parts[0]->part->bytes, 649956);
}

static void transfer__that_always_breaks_off__is_no_half_document(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:/doc/*=truncate:10000");
    const Valise__ResolveResult *r = expect("A/RES/79/1", "en", VLS_RESULT_MALFORMED, "");
    assert_int_equal(r->n_parts, 0);
    assert_int_equal(rig_seen(&rig, "GET /doc/"), 4);
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:/doc/*=wrong-length:500");
    expect("A/RES/79/1", "en", VLS_RESULT_MALFORMED, "");
}

static void pdf__cut_in_an_answer_of_the_right_length__is_no_document(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:/doc/*=cut:5000");
    const Valise__ResolveResult *r = expect("A/RES/79/1", "en", VLS_RESULT_MALFORMED, "breaks off");
    assert_int_equal(r->n_parts, 0);
    assert_string_equal(r->finding->where, "end");
}

/* Each era and each fault gives an answer that is one, and no half document. */
static void every_fault__in_every_era__has_its_answer(void **state)
{
    static const char *const ERAS[] = {"2020", "2024", "2026-08", "2026-09"};
    static const struct {
        const char *fault;
        uint32_t result;
    } FAULTS[] = {
        {"truncate:5000", VLS_RESULT_MALFORMED},
        {"reset:5000", VLS_RESULT_MALFORMED},
        {"wrong-length:99", VLS_RESULT_MALFORMED},
        {"cut:5000", VLS_RESULT_MALFORMED},
        {"drip:1", VLS_RESULT_DELIVERED},
        {"gzip", VLS_RESULT_MALFORMED},
        {"gzip-undeclared", VLS_RESULT_DELIVERED},
        {"zstd-undeclared", VLS_RESULT_MALFORMED},
        {"http-redirect", VLS_RESULT_MALFORMED},
        {"foreign-redirect", VLS_RESULT_MALFORMED},
        {"429", VLS_RESULT_RETRY_AT},
        {"503", VLS_RESULT_RETRY_AT},
        {"status:401", VLS_RESULT_NEEDS_KEY},
        {"status:403", VLS_RESULT_REFUSED},
        {"status:410", VLS_RESULT_NOT_FOUND},
        {"status:500", VLS_RESULT_RETRY_AT},
        {"html", VLS_RESULT_MALFORMED},
        {"empty", VLS_RESULT_NOT_PUBLISHED},
        {"challenge", VLS_RESULT_BLOCKED},
        {"challenge-page", VLS_RESULT_BLOCKED},
        {"entity-bomb", VLS_RESULT_MALFORMED},
        {"deep:10000", VLS_RESULT_MALFORMED},
    };
    (void)state;
    begin("official-records", "false");
    for (size_t e = 0; e < sizeof ERAS / sizeof ERAS[0]; e++)
        for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++) {
            rig_say(&rig, "clear");
            rig_say(&rig, "era ods=%s", ERAS[e]);
            rig_say(&rig, "fault documents.un.org:/doc/*=%s", FAULTS[i].fault);
            /* of 2020, the file is never reached: the way to it is http */
            uint32_t result = e == 0 ? VLS_RESULT_MALFORMED : FAULTS[i].result;
            const Valise__ResolveResult *r = rig_resolve(&rig, "A/RES/79/1", "en");
            if (r->finding->result != result)
                fail_msg("%s, %s: %u, %s", ERAS[e], FAULTS[i].fault, r->finding->result,
                         r->finding->why);
            assert_int_equal(r->n_parts, result == VLS_RESULT_DELIVERED ? 1 : 0);
        }
}

static void answer__that_is_slow__is_waited_for(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "set documents.un.org:slow=6"); /* more than a call may take by itself */
    expect("A/70/976", "en", VLS_RESULT_DELIVERED, "");
}

static void transfer__longer_than_the_operators_limit__is_asked_for_later(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_http(&rig, "timeout-s: 1");
    rig_start(&rig);
    rig_say(&rig, "fault documents.un.org:/doc/*=stall:100");
    const Valise__ResolveResult *r = expect("A/70/976", "en", VLS_RESULT_RETRY_AT, "");
    assert_true(r->finding->retry_at_ms > 0);
}

static void undocs_of_2026__streams_the_file(void **state)
{
    (void)state;
    begin("through", "undocs");
    part_is(expect("A/RES/79/1", "de", VLS_RESULT_DELIVERED, ""), 0, "A_RES_79_1-DE.pdf",
            "application/pdf");
    assert_int_equal(rig_seen(&rig, "undocs.org GET /ot/A%2FRES%2F79%2F1 200"), 1);
    assert_int_equal(rig_seen(&rig, "documents.un.org"), 0);
    expect("A/80/PV.99", "en", VLS_RESULT_NOT_FOUND, "404");
}

static void undocs_of_2024__shows_a_page_and_the_file_is_asked_for_elsewhere(void **state)
{
    (void)state;
    begin("through", "undocs");
    rig_say(&rig, "era ods=2024");
    part_is(expect("A/70/976", "ru", VLS_RESULT_DELIVERED, ""), 0, "A_70_976-RU.pdf",
            "application/pdf");
    assert_int_equal(rig_seen(&rig, "undocs.org GET /ru/"), 1);
}

/* -- what holds for every endpoint ------------------------------------------------------------- */

static void challenge__is_blocked_and_ends_the_question(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:*=challenge");
    expect("A/70/976", "", VLS_RESULT_BLOCKED, "challenge");
    assert_int_equal(rig_say(&rig, "count documents.un.org:*"), 1);
}

static void retry_after__in_both_forms__is_a_time(void **state)
{
    static const char *const FAULTS[] = {"429-seconds:600", "429-date:600", "503-seconds:600",
                                         "503-date:600"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(NULL, NULL);
        rig_say(&rig, "fault documents.un.org:*=%s", FAULTS[i]);
        uint64_t now = vls_wall_ms(vls_env_system());
        const Valise__ResolveResult *r = expect("A/70/976", "", VLS_RESULT_RETRY_AT, "");
        assert_in_range(r->finding->retry_at_ms, now + 590000, now + 610000);
        assert_int_equal(rig_say(&rig, "count documents.un.org:*"), 1);
    }
}

static void connection__reset_or_stalled__is_asked_for_later(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:*=reset");
    expect("A/70/976", "en", VLS_RESULT_RETRY_AT, "");
}

static void gzip__that_nobody_told__is_not_taken_for_a_document(void **state)
{
    (void)state;
    begin(NULL, NULL);
    rig_say(&rig, "fault documents.un.org:/doc/*=gzip-undeclared");
    part_is(expect("A/70/976", "en", VLS_RESULT_DELIVERED, ""), 0, "A_70_976-EN.pdf",
            "application/pdf");
}

static void host__that_the_operator_did_not_list__is_named(void **state)
{
    (void)state;
    begin("through", "undocs");
    vls_text_copy(rig.hosts, sizeof rig.hosts, "documents.un.org");
    rig_start(&rig);
    expect("A/70/976", "en", VLS_RESULT_RETRY_AT, "undocs.org");
    vls_text_copy(rig.hosts, sizeof rig.hosts, HOSTS);
}

static void language__that_the_un_does_not_publish_in__is_told(void **state)
{
    (void)state;
    begin(NULL, NULL);
    expect("A/70/976", "pt", VLS_RESULT_NOT_FOUND, "does not publish in 'pt'");
    expect("https://example.org/A/70/976", "", VLS_RESULT_NOT_FOUND, "no address");
    assert_int_equal(rig_say(&rig, "count *:*"), 0);
}

static void file__above_the_limit__is_refused(void **state)
{
    (void)state;
    begin("max-mib", "1");
    rig_http(&rig, "max-bytes: 100000");
    rig_start(&rig);
    const Valise__ResolveResult *r = expect("A/RES/79/1", "en", VLS_RESULT_MALFORMED, "");
    assert_int_equal(r->n_parts, 0);
}

static int open_rig(void **state)
{
    (void)state;
    rig_open(&rig, VALISE_PLUGIN, HOSTS);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbol__in_one_language__comes_whole),
        cmocka_unit_test(symbol__without_a_language__comes_in_all_six),
        cmocka_unit_test(symbol__in_german__is_asked_for_as_other),
        cmocka_unit_test(symbol__in_some_languages__is_partial),
        cmocka_unit_test(job_number__gives_its_path),
        cmocka_unit_test(document__says__its_symbol_and_languages),
        cmocka_unit_test(old_address__host_case_and_openelement__is_fetched_from_the_new_host),
        cmocka_unit_test(zero_byte_200__is_not_published),
        cmocka_unit_test(missing__404_of_2024__is_not_found),
        cmocka_unit_test(symbol__with_odd_characters__400_is_not_found),
        cmocka_unit_test(html_viewer__for_pdf__is_never_a_document),
        cmocka_unit_test(type__other_than_asked__is_named_by_its_bytes),
        cmocka_unit_test(wrong_symbol__by_prefix__is_not_delivered),
        cmocka_unit_test(slashes__are_always_escaped),
        cmocka_unit_test(symbol__with_spaces_and_parentheses__is_escaped_and_found),
        cmocka_unit_test(official_record__is_tried_when_the_plain_symbol_is_not_there),
        cmocka_unit_test(redirect__to_http__is_refused),
        cmocka_unit_test(transfer__that_breaks_off__goes_on_by_range),
        cmocka_unit_test(range__that_is_ignored__takes_all_from_the_start),
        cmocka_unit_test(transfer__that_always_breaks_off__is_no_half_document),
        cmocka_unit_test(pdf__cut_in_an_answer_of_the_right_length__is_no_document),
        cmocka_unit_test(every_fault__in_every_era__has_its_answer),
        cmocka_unit_test(answer__that_is_slow__is_waited_for),
        cmocka_unit_test(transfer__longer_than_the_operators_limit__is_asked_for_later),
        cmocka_unit_test(undocs_of_2026__streams_the_file),
        cmocka_unit_test(undocs_of_2024__shows_a_page_and_the_file_is_asked_for_elsewhere),
        cmocka_unit_test(challenge__is_blocked_and_ends_the_question),
        cmocka_unit_test(retry_after__in_both_forms__is_a_time),
        cmocka_unit_test(connection__reset_or_stalled__is_asked_for_later),
        cmocka_unit_test(gzip__that_nobody_told__is_not_taken_for_a_document),
        cmocka_unit_test(host__that_the_operator_did_not_list__is_named),
        cmocka_unit_test(language__that_the_un_does_not_publish_in__is_told),
        cmocka_unit_test(file__above_the_limit__is_refused),
    };
    return cmocka_run_group_tests_name("un-ods", tests, open_rig, close_rig);
}
