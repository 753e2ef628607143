/* What the kit says of resolvers and inspectors: nothing against the good ones, and of each bad
 * habit the check that is for it. */
#include <ftw.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compat.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kit/kit.h"

static struct vls_scheme_set schemes;
static char seed[] = "/tmp/kit-roles-XXXXXX";

/* What came of the checks. */
struct result {
    unsigned count[3];
    char failed[64], why[256];
};

static void on_checked(void *ctx, const struct kit_group *group, const struct kit_check *check,
                       enum kit_verdict verdict, const char *why, uint64_t ms)
{
    struct result *r = ctx;
    (void)group;
    (void)ms;
    r->count[verdict]++;
    if (verdict != KIT_FAILED)
        return;
    vls_text_copy(r->failed, sizeof r->failed, check->name);
    vls_text_copy(r->why, sizeof r->why, why);
}

static struct result run(const struct kit_options *options)
{
    struct result r = {.failed = ""};
    struct vls_why why = {""};
    struct kit kit;
    assert_true(vls_ok(kit_open(options, &kit, &why)));
    if (!kit.is_described)
        fail_msg("%s", kit.undescribed.text);
    kit_run(&kit, on_checked, &r);
    kit_close(&kit);
    return r;
}

/* A sanitized host holds back what it has freed: there, growth is no leak. */
#define GROWS (VLS_IS_ASAN ? 1u : 0u)

static bool is_growth(const struct result *r)
{
    return strcmp(r->failed, "inspector.many") == 0 && strstr(r->why, "it has grown") != NULL;
}

static void write_file(const char *name, const char *text, char path[VLS_MAX_PATH])
{
    struct vls_why why;
    assert_true(vls_ok(vls_path_join(seed, name, path, VLS_MAX_PATH)));
    assert_true(vls_ok(vls_file_write(path, vls_slice_text(text), 0600, &why)));
}

/* -- good ones --------------------------------------------------------------------------------- */

static void resolver__good__passes_all_that_can_be_asked(void **state)
{
    static const char *const SYMBOLS[] = {"A/RES/1", "A/RES/2", "A/RES/3"};
    struct vls_config_setting settings[] = {{(char *)"directory", (char *)"@"},
                                            {(char *)"label", (char *)KIT_LABEL}};
    struct kit_options options = {.file = VALISE_SHELF,
                                  .schemes = &schemes,
                                  .settings = settings,
                                  .settings_count = 2,
                                  .seed = seed,
                                  .symbols = SYMBOLS,
                                  .symbols_count = 3,
                                  .language = "fr",
                                  .only = "resolver"};
    char path[VLS_MAX_PATH];
    (void)state;
    write_file("A_RES_1.fr.txt", "some words", path);
    write_file("A_RES_2.fr.blocked", "", path);
    write_file("A_RES_3.fr.retry-at", "", path);
    struct result r = run(&options);
    if (r.count[KIT_FAILED] != 0)
        fail_msg("%s: %s", r.failed, r.why);
    assert_int_equal(r.count[KIT_SKIPPED], 7); /* results that the shelf was not made to give */
}

static void inspector__good__passes_all(void **state)
{
    struct vls_config_setting settings[] = {{(char *)"word", (char *)"secret"}};
    char path[VLS_MAX_PATH];
    struct kit_options options = {.file = VALISE_WORD,
                                  .schemes = &schemes,
                                  .settings = settings,
                                  .settings_count = 1,
                                  .veto = path,
                                  .only = "inspector"};
    (void)state;
    write_file("veto.txt", "this is secret", path);
    struct result r = run(&options);
    if (r.count[KIT_FAILED] > GROWS || (r.count[KIT_FAILED] == 1 && !is_growth(&r)))
        fail_msg("%s: %s", r.failed, r.why);
    assert_int_equal(r.count[KIT_SKIPPED], 0);
}

static void inspector__what_it_is_to_stop_is_not_known__is_skipped(void **state)
{
    struct kit_options options = {
        .file = VALISE_WORD, .schemes = &schemes, .only = "inspector.veto"};
    (void)state;
    struct result r = run(&options);
    assert_int_equal(r.count[KIT_SKIPPED], 6);
    options.only = "resolver";
    r = run(&options);
    assert_int_equal(r.count[KIT_PASSED] + r.count[KIT_FAILED], 0);
}

/* -- bad ones ---------------------------------------------------------------------------------- */

static const struct habit {
    const char *symbol, *veto, *check, *words;
} HABITS[] = {
    {NULL, NULL, "resolver.nobody-has", "no document that can be taken"},
    {"unfit-1", NULL, "resolver.outcome.unknown", "99"},
    {"unfit-3", NULL, "resolver.finds", "without a time"},
    {"result-4", NULL, "resolver.finds", "the last was 'not-found'"},
    {"challenge", NULL, "resolver.types", "not what its media type says"},
    {"bad-name", NULL, "resolver.parts", "no document"},
    {"crash", NULL, "resolver.twice-restarted", "signal KILL"},
    {NULL, "strange", "inspector.veto-restarted", "which is no verdict"},
    {NULL, "crash", "inspector.veto-incoming", "signal KILL"},
    {NULL, "some words", "inspector.veto-second", "it says OK"},
};

static void each_bad_habit__is_named_by_its_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof HABITS / sizeof HABITS[0]; i++) {
        const struct habit *h = &HABITS[i];
        char path[VLS_MAX_PATH];
        struct kit_options options = {.file = VALISE_ZOO_ROLES,
                                      .schemes = &schemes,
                                      .symbols = &h->symbol,
                                      .symbols_count = h->symbol != NULL ? 1 : 0,
                                      .only = h->check};
        if (h->veto != NULL)
            write_file("veto.txt", h->veto, path);
        options.veto = h->veto != NULL ? path : NULL;
        struct result r = run(&options);
        if (r.count[KIT_FAILED] != 1 || strstr(r.why, h->words) == NULL)
            fail_msg("%s: %u failed: %s", h->check, r.count[KIT_FAILED], r.why);
    }
}

static void resolver__results_that_it_gives__are_counted_each(void **state)
{
    static const char *const SYMBOLS[] = {"result-0", "result-1", "result-2", "result-3",
                                          "result-4", "result-5", "result-6", "result-7",
                                          "result-8", "result-9", "result-10"};
    struct kit_options options = {.file = VALISE_ZOO_ROLES,
                                  .schemes = &schemes,
                                  .symbols = SYMBOLS,
                                  .symbols_count = sizeof SYMBOLS / sizeof SYMBOLS[0],
                                  .only = "resolver.outcome"};
    (void)state;
    struct result r = run(&options);
    assert_int_equal(r.count[KIT_PASSED], 11);
    assert_int_equal(r.count[KIT_FAILED], 1); /* of what nobody has it says that it delivers it */
    assert_string_equal(r.failed, "resolver.outcome.unknown");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolver__good__passes_all_that_can_be_asked),
        cmocka_unit_test(inspector__good__passes_all),
        cmocka_unit_test(inspector__what_it_is_to_stop_is_not_known__is_skipped),
        cmocka_unit_test(each_bad_habit__is_named_by_its_check),
        cmocka_unit_test(resolver__results_that_it_gives__are_counted_each),
    };
    struct vls_why why;
    setlocale(LC_CTYPE, "C.UTF-8"); /* names in archives */
    vls_log_open(STDERR_FILENO, "kit", VLS_LOG_ERROR);
    if (mkdtemp(seed) == NULL ||
        !vls_ok(vls_scheme_set_load(&schemes, VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml",
                                    &why)))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)nftw(seed, remove_one, 4, FTW_DEPTH | FTW_PHYS);
    vls_scheme_set_free(&schemes);
    return failed;
}
