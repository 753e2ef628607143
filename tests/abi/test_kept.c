/* The objects that were built for each release of the interface, in today's host and its sandbox.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compat.h"
#include "base/log.h"
#include "base/mem.h"
#include "kit/about.h"
#include "kit/kit.h"

#define DOCUMENTS 3
#define PATIENCE  10000

static struct vls_scheme_set schemes;

static bool has_all(struct kit_session *session)
{
    return session->is_over || session->memory->count == DOCUMENTS;
}

static bool has_state(struct kit_session *session)
{
    return session->is_over || kit_memory_item(session->memory, "delivered") != NULL;
}

static bool never(struct kit_session *session)
{
    return session->is_over;
}

static void item_is(const struct kit_run *run, const char *key, const char *expected)
{
    const struct kit_item *item = kit_memory_item(&run->memory, key);
    char text[256];
    assert_non_null(item);
    snprintf(text, sizeof text, "%.*s", (int)item->len, (const char *)item->value);
    assert_string_equal(text, expected);
}

static void says_what_it_is(Valise__About *const *abouts)
{
    assert_string_equal(abouts[0]->symbols[0], "S/RES/2803 (2025)");
    assert_string_equal(abouts[0]->bodies[0], "Security Council");
    assert_string_equal(abouts[0]->subjects[0], "MIGRATION");
    assert_string_equal(abouts[0]->published, "2025-11-17");
    assert_string_equal(abouts[0]->url, "https://keeper.example/1");
    assert_string_equal(abouts[0]->record, "1");
    assert_int_equal(abouts[0]->relations[0]->relates, 1);
    assert_string_equal(abouts[0]->relations[0]->symbol, "S/2025/1");
    assert_int_equal(abouts[1]->part, 1);
    assert_string_equal(abouts[1]->language, "fr");
    assert_string_equal(abouts[1]->title, "Un titre");
}

/* As a source: all that its release could say arrives, once, also over a restart. */
static void brings(struct kit_run *run, unsigned minor)
{
    struct vls_why why = {""};
    assert_true(vls_ok(kit_run_start(run, &why)));
    assert_true(kit_session_pump(&run->session, has_all, PATIENCE));
    assert_int_equal(run->memory.count, DOCUMENTS);
    const struct kit_message *m = run->memory.messages[0];
    assert_string_equal(m->origin, "kept-0");
    assert_string_equal(m->subject, "A kept document");
    assert_string_equal(m->label, KIT_LABEL);
    assert_int_equal(m->parts, 1);
    assert_int_equal(m->part[0].bytes, 6);
    assert_string_equal(m->part[0].label, minor >= 1 ? KIT_PART_LABEL : "");
    assert_int_equal(m->about_count, minor >= 4 ? 2 : 0);
    if (minor >= 4)
        says_what_it_is(m->abouts);
    item_is(run, "next", "3");
    assert_true(vls_ok(kit_session_stop(&run->session, &why)));
    assert_true(vls_ok(kit_run_again(run, &why)));
    (void)kit_session_pump(&run->session, never, 200);
    assert_int_equal(run->memory.count, DOCUMENTS);
}

/* As a sink: what its release could be told is told, and no more is written into its structs. */
static void takes(struct kit_run *run, unsigned minor)
{
    static const char *const TOLD[] = {
        "publication from iom: A subject", "publication from iom: A subject, labels there",
        "publication from iom: A subject, labels there, distribution limited",
        "publication from iom: A subject, labels there, distribution limited",
        ("publication from iom: A subject, labels there, distribution limited, about S/RES/2803 "
         "(2025)")};
    const struct kit_part part = {.name = "a.txt", .bytes = {(const uint8_t *)"some words", 10}};
    struct kit_mail mail = {.schemes = &schemes,
                            .label = KIT_LABEL,
                            .subject = "A subject",
                            .parts = &part,
                            .count = 1,
                            .distribution = "limited"};
    mail.abouts = kit_about_full(&mail.about_count);
    struct vls_why why = {""};
    struct vls_id id = kit_id(9);
    struct vls_status s = kit_session_deliver(&run->session, &mail, &id, 1, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    assert_true(kit_session_pump(&run->session, has_state, PATIENCE));
    item_is(run, "part", "a.txt");
    item_is(run, "delivered", "1 10");
    item_is(run, "message", TOLD[minor]);
    assert_true(vls_ok(kit_session_stop(&run->session, &why)));
}

/* As a resolver: the document with its label where there is one, and exactly why not otherwise. */
static void finds(struct kit_run *run, unsigned minor)
{
    const struct kit_question questions[] = {{.symbol = "KEPT/1", .language = "fr"},
                                             {.symbol = "KEPT/1", .language = "en"}};
    struct vls_why why = {""};
    for (unsigned i = 0; i < 2; i++) {
        struct vls_id id = kit_id(20 + i);
        if (!vls_ok(kit_session_resolve(&run->session, &questions[i], &id, &why)))
            fail_msg("%s", why.text);
        const Valise__ResolveResult *r = kit_session_found(&run->session);
        assert_non_null(r);
        assert_int_equal(r->finding->result,
                         i == 0 ? VLS_RESULT_DELIVERED : VLS_RESULT_NOT_PUBLISHED);
        assert_string_equal(r->finding->url, "https://keeper.example/");
        assert_string_equal(r->finding->why, "as it was kept");
        assert_int_equal(r->n_parts, i == 0 ? 1 : 0);
        if (i == 0)
            assert_string_equal(r->parts[0]->part->label, KIT_PART_LABEL);
        assert_int_equal(r->n_about, i == 0 && minor >= 4 ? 2 : 0);
        if (r->n_about != 0)
            says_what_it_is(r->about);
    }
}

/* As an inspector: each verdict, from each of its calls. */
static void looks(struct kit_run *run)
{
    static const struct {
        const char *name, *text;
        bool is_outgoing;
        uint32_t code;
    } ROWS[] = {{"a.txt", "some words", true, VLS_OK},
                {"a.txt", "some words", false, VLS_PLUGIN_RETRY},
                {"a.txt", "keep this", true, VLS_PLUGIN_VETO},
                {"hidden.txt", "some words", true, VLS_PLUGIN_VETO}};
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct kit_part part = {.name = ROWS[i].name, .bytes = vls_slice_text(ROWS[i].text)};
        const struct kit_mail mail = {
            .schemes = &schemes, .label = KIT_LABEL, .parts = &part, .count = 1};
        struct vls_why why = {""};
        struct vls_id id = kit_id(30 + i);
        assert_int_equal(
            kit_session_inspect(&run->session, &mail, &id, ROWS[i].is_outgoing, &why).code,
            ROWS[i].code);
    }
}

static void kept(unsigned minor)
{
    char file[512];
    struct vls_why why = {""};
    struct kit kit;
    struct kit_run *run = vls_mem_new(sizeof *run);
    snprintf(file, sizeof file, "%s/tests/abi/1.%u/keeper.so", VALISE_SOURCE_DIR, minor);
    struct kit_options options = {.file = file, .schemes = &schemes};
    assert_true(vls_ok(kit_open(&options, &kit, &why)));
    if (!kit.is_described)
        fail_msg("%s", kit.undescribed.text);
    assert_int_equal(kit.described.message->abi, VLS_ABI_MAJOR << 16 | minor);
    assert_true(vls_ok(kit_run_init(&kit, run, &why)));
    brings(run, minor);
    if (minor >= 3) {
        finds(run, minor);
        looks(run);
    }
    takes(run, minor);
    kit_run_fini(run);
    kit_close(&kit);
    vls_mem_free(run);
}

static void object_of_1_0__in_this_host__works(void **state)
{
    (void)state;
    kept(0);
}

static void object_of_1_1__in_this_host__works(void **state)
{
    (void)state;
    kept(1);
}

static void object_of_1_2__in_this_host__works(void **state)
{
    (void)state;
    kept(2);
}

static void object_of_1_3__in_this_host__works(void **state)
{
    (void)state;
    kept(3);
}

static void object_of_1_4__in_this_host__works(void **state)
{
    (void)state;
    kept(4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(object_of_1_0__in_this_host__works),
        cmocka_unit_test(object_of_1_1__in_this_host__works),
        cmocka_unit_test(object_of_1_2__in_this_host__works),
        cmocka_unit_test(object_of_1_3__in_this_host__works),
        cmocka_unit_test(object_of_1_4__in_this_host__works),
    };
    struct vls_why why;
    vls_log_open(STDERR_FILENO, "abi", VLS_LOG_ERROR);
    if (!vls_ok(vls_scheme_set_load(&schemes, VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml",
                                    &why)))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vls_scheme_set_free(&schemes);
    return failed;
}
