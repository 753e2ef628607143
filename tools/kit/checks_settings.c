/* Settings: as they are declared, and with values at and beyond their bounds. None of the plugin's
 * code runs: it is the host that judges values, before configure(). */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "kit/checks.h"
#include "plugin/settings.h"

#define MAX_HELP 200

enum declared { NAMES, UNIQUE, TYPES, FLAGS, BOUNDS, FALLBACKS, CHOICES, SECRETS, REQUIRED, HELP };

static const char *wrong_choices(const struct vls_setting *s)
{
    if (s->type != VLS_SETTING_CHOICE)
        return s->choices == NULL ? NULL : "has choices and is no CHOICE";
    if (s->choices == NULL || s->choices[0] == '\0')
        return "is a CHOICE without choices";
    if (s->choices[0] == '|' || strstr(s->choices, "||") != NULL ||
        s->choices[strlen(s->choices) - 1] == '|')
        return "has an empty choice";
    return NULL;
}

static bool is_twice(const struct vls_setting *first, const struct vls_setting *s)
{
    for (; first != s; first++)
        if (strcmp(first->name, s->name) == 0)
            return true;
    return false;
}

/* What is wrong with one declaration; NULL: nothing. */
static const char *wrong(const struct vls_setting *all, const struct vls_setting *s,
                         enum declared what)
{
    bool is_secret = (s->flags & VLS_SETTING_SECRET) != 0;
    bool is_required = (s->flags & VLS_SETTING_REQUIRED) != 0;
    switch (what) {
    case NAMES:
        return vls_text_is_name(s->name, VLS_MAX_NAME) ? NULL : "is no name";
    case UNIQUE:
        return is_twice(all, s) ? "is declared twice" : NULL;
    case TYPES:
        return s->type >= VLS_SETTING_TEXT && s->type <= VLS_SETTING_CHOICE ? NULL
                                                                            : "has an unknown type";
    case FLAGS:
        return (s->flags & ~(VLS_SETTING_REQUIRED | VLS_SETTING_SECRET)) == 0 ? NULL
                                                                              : "has unknown flags";
    case BOUNDS:
        return s->min <= s->max || s->max == 0 ? NULL : "has min above max";
    case FALLBACKS:
        return NULL; /* check_fallbacks() */
    case CHOICES:
        return wrong_choices(s);
    case SECRETS:
        return is_secret && (s->type != VLS_SETTING_TEXT || s->fallback != NULL)
                   ? "is a secret with a default, or no TEXT"
                   : NULL;
    case REQUIRED:
        return is_required && s->fallback != NULL ? "is required and has a default" : NULL;
    case HELP:
        return s->help != NULL && s->help[0] != '\0' && strlen(s->help) <= MAX_HELP
                   ? NULL
                   : "has no help, or one above 200 bytes";
    }
    return NULL;
}

static enum kit_verdict declared(struct kit *kit, const struct kit_check *check,
                                 struct vls_why *why)
{
    KIT_NEED(kit->is_described, "it cannot be described");
    for (const struct vls_setting *s = kit->described.settings; s->name != NULL; s++) {
        const char *words = wrong(kit->described.settings, s, (enum declared)check->number);
        KIT_NEED(words == NULL, "setting %.64s %s", s->name, words);
    }
    return KIT_PASSED;
}

static enum kit_verdict table(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    (void)check;
    KIT_NEED(kit->is_described, "it cannot be described");
    uint64_t bytes = kit->described.message->setting_bytes;
    if (bytes == 0)
        KIT_SKIP("it has no settings");
    KIT_NEED(bytes >= offsetof(struct vls_setting, help) + sizeof(char *),
             "setting_bytes must be sizeof(struct vls_setting), not %llu",
             (unsigned long long)bytes);
    KIT_NEED(kit->described.message->n_settings <= VLS_PLUGIN_MAX_SETTINGS,
             "more than %d settings, or no row without name at the end", VLS_PLUGIN_MAX_SETTINGS);
    return KIT_PASSED;
}

/* -- values ------------------------------------------------------------------------------------ */

static struct vls_status judge(const struct kit *kit, struct kit_run *run, struct vls_why *why)
{
    struct vls_plugin_settings settings;
    char *paths[] = {run->directory};
    struct vls_config_plugin config = {.name = (char *)(uintptr_t) "tested",
                                       .paths = paths,
                                       .paths_count = 1,
                                       .settings = run->plan.settings,
                                       .settings_count = run->plan.settings_count};
    VLS_TRY(vls_plugin_settings_read(&kit->described.plugin, &config, &settings, why));
    vls_plugin_settings_fini(&settings);
    return VLS_DONE;
}

/* check->number: the type; check->text: the value, where "@..." stands for one that is made. Every
 * setting of that type must be refused with its name in the reason. */
static void make_bad(const struct kit_run *run, const struct vls_setting *s, const char *text,
                     char out[KIT_VALUE])
{
    if (strcmp(text, "@below") == 0)
        snprintf(out, KIT_VALUE, "%lld", (long long)s->min - 1);
    else if (strcmp(text, "@above") == 0)
        snprintf(out, KIT_VALUE, "%lld", (long long)s->max + 1);
    else if (strcmp(text, "@long") == 0)
        snprintf(out, KIT_VALUE, "%0*d",
                 s->max > 0 && s->max < VLS_PLUGIN_MAX_SETTING ? (int)s->max + 1
                                                               : VLS_PLUGIN_MAX_SETTING + 1,
                 0);
    else if (strcmp(text, "@dots") == 0)
        snprintf(out, KIT_VALUE, "%.3800s/../up", run->directory);
    else
        snprintf(out, KIT_VALUE, "%s", text);
}

static bool is_beyond_bounds(const struct vls_setting *s, const char *text)
{
    return !((strcmp(text, "@below") == 0 && s->min == INT64_MIN) ||
             (strcmp(text, "@above") == 0 && s->max == INT64_MAX));
}

static enum kit_verdict bad_value(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    unsigned tried = 0;
    KIT_NEED(kit->is_described, "it cannot be described");
    for (const struct vls_setting *s = kit->described.settings; s->name != NULL; s++) {
        VLS_DEFER(kit_run_fini) struct kit_run run;
        char value[KIT_VALUE];
        struct vls_why words = {""};
        bool is_secret = (s->flags & VLS_SETTING_SECRET) != 0;
        if (s->type != check->number || is_secret || !is_beyond_bounds(s, check->text)) {
            run = (struct kit_run){.session = {.commands = -1, .router = -1}, .log = -1};
            continue;
        }
        KIT_TRY(kit_run_init(kit, &run, why));
        make_bad(&run, s, check->text, value);
        kit_run_set(&run, s->name, value);
        tried++;
        KIT_NEED(!vls_ok(judge(kit, &run, &words)), "setting %s takes %.40s", s->name, value);
        KIT_NEED(strstr(words.text, s->name) != NULL, "the reason does not name %s: %s", s->name,
                 words.text);
    }
    if (tried == 0)
        KIT_SKIP("it has no such setting");
    return KIT_PASSED;
}

static enum kit_verdict fallbacks(struct kit *kit, const struct kit_check *check,
                                  struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_NEED(kit->is_described, "it cannot be described");
    for (const struct vls_setting *s = kit->described.settings; s->name != NULL; s++)
        if (s->fallback != NULL && s->type != VLS_SETTING_PATH)
            kit_run_set(&run, s->name, s->fallback);
    KIT_TRY(judge(kit, &run, why));
    return KIT_PASSED;
}

/* check->text: "min" or "max" of every number */
static enum kit_verdict at_bound(struct kit *kit, const struct kit_check *check,
                                 struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    unsigned tried = 0;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_NEED(kit->is_described, "it cannot be described");
    for (const struct vls_setting *s = kit->described.settings; s->name != NULL; s++) {
        char value[32];
        if (s->type != VLS_SETTING_NUMBER || s->min == INT64_MIN)
            continue;
        snprintf(value, sizeof value, "%lld",
                 (long long)(strcmp(check->text, "min") == 0 ? s->min : s->max));
        kit_run_set(&run, s->name, value);
        tried++;
    }
    if (tried == 0)
        KIT_SKIP("it has no number");
    KIT_TRY(judge(kit, &run, why));
    return KIT_PASSED;
}

static enum kit_verdict every_choice(struct kit *kit, const struct kit_check *check,
                                     struct vls_why *why)
{
    unsigned tried = 0;
    (void)check;
    KIT_NEED(kit->is_described, "it cannot be described");
    for (const struct vls_setting *s = kit->described.settings; s->name != NULL; s++) {
        const char *at = s->type == VLS_SETTING_CHOICE ? s->choices : "";
        while (*at != '\0') {
            VLS_DEFER(kit_run_fini) struct kit_run run;
            char value[256];
            KIT_TRY(kit_run_init(kit, &run, why));
            snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "|"), at);
            kit_run_set(&run, s->name, value);
            KIT_TRY(judge(kit, &run, why));
            at += strcspn(at, "|");
            at += *at == '|';
            tried++;
        }
    }
    if (tried == 0)
        KIT_SKIP("it has no choice");
    return KIT_PASSED;
}

static enum kit_verdict unknown(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    struct vls_why words = {""};
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_NEED(kit->is_described, "it cannot be described");
    kit_run_set(&run, check->text, "1");
    KIT_NEED(!vls_ok(judge(kit, &run, &words)), "a setting that it has not is taken");
    KIT_NEED(strstr(words.text, check->text) != NULL, "the reason does not name it: %s",
             words.text);
    return KIT_PASSED;
}

static void take_setting(struct kit_run *run, const char *name)
{
    struct kit_plan *plan = &run->plan;
    for (unsigned i = 0; i < plan->settings_count; i++)
        if (strcmp(plan->settings[i].name, name) == 0) {
            plan->settings[i] = plan->settings[--plan->settings_count];
            return;
        }
}

static enum kit_verdict missing(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    unsigned tried = 0;
    (void)check;
    KIT_NEED(kit->is_described, "it cannot be described");
    for (const struct vls_setting *s = kit->described.settings; s->name != NULL; s++) {
        VLS_DEFER(kit_run_fini) struct kit_run run;
        struct vls_why words = {""};
        KIT_TRY(kit_run_init(kit, &run, why));
        if ((s->flags & VLS_SETTING_REQUIRED) == 0)
            continue;
        take_setting(&run, s->name);
        tried++;
        KIT_NEED(!vls_ok(judge(kit, &run, &words)) && strstr(words.text, s->name) != NULL,
                 "without %s it is not refused with that name: %s", s->name, words.text);
    }
    if (tried == 0)
        KIT_SKIP("it requires no setting");
    return KIT_PASSED;
}

/* check->number: mode of the file; 0: there is none */
static enum kit_verdict secret(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    unsigned tried = 0;
    KIT_NEED(kit->is_described, "it cannot be described");
    for (const struct vls_setting *s = kit->described.settings; s->name != NULL; s++) {
        VLS_DEFER(kit_run_fini) struct kit_run run;
        struct vls_why words = {""};
        char path[KIT_VALUE];
        KIT_TRY(kit_run_init(kit, &run, why));
        if ((s->flags & VLS_SETTING_SECRET) == 0)
            continue;
        snprintf(path, sizeof path, "%s/.bad-secret", run.directory);
        if (check->number != 0) {
            KIT_TRY(vls_file_write(path, vls_slice_text("open to all\n"), 0600, why));
            KIT_NEED(chmod(path, (mode_t)check->number) == 0, "chmod");
        }
        kit_run_set(&run, s->name, path);
        tried++;
        KIT_NEED(!vls_ok(judge(kit, &run, &words)), "secret %s is read from such a file", s->name);
        KIT_NEED(strstr(words.text, "open to all") == NULL, "the reason holds the secret");
    }
    if (tried == 0)
        KIT_SKIP("it has no secret");
    return KIT_PASSED;
}

static enum kit_verdict configures(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    return KIT_PASSED;
}

const struct kit_check KIT_SETTING_CHECKS[] = {
    {"settings.table", "the table has rows of the right size and an end", table, 0, NULL},
    {"settings.names", "names are [a-z0-9-]", declared, NAMES, NULL},
    {"settings.unique", "no name comes twice", declared, UNIQUE, NULL},
    {"settings.types", "types are known", declared, TYPES, NULL},
    {"settings.flags", "flags are known", declared, FLAGS, NULL},
    {"settings.bounds", "bounds are in order", declared, BOUNDS, NULL},
    {"settings.choices", "choices are not empty", declared, CHOICES, NULL},
    {"settings.secrets", "secrets are TEXT without a default", declared, SECRETS, NULL},
    {"settings.required", "what is required has no default", declared, REQUIRED, NULL},
    {"settings.help", "each says what it is for", declared, HELP, NULL},
    {"settings.defaults", "defaults are within their own bounds", fallbacks, 0, NULL},
    {"settings.at-min", "numbers take their least value", at_bound, 0, "min"},
    {"settings.at-max", "numbers take their greatest value", at_bound, 0, "max"},
    {"settings.each-choice", "each choice is taken", every_choice, 0, NULL},
    {"settings.below-min", "a number below its least is refused", bad_value, VLS_SETTING_NUMBER,
     "@below"},
    {"settings.above-max", "a number above its greatest is refused", bad_value, VLS_SETTING_NUMBER,
     "@above"},
    {"settings.no-number", "a number that is none is refused", bad_value, VLS_SETTING_NUMBER,
     "twelve"},
    {"settings.no-boolean", "a boolean that is none is refused", bad_value, VLS_SETTING_BOOLEAN,
     "yes"},
    {"settings.no-choice", "a choice that is none is refused", bad_value, VLS_SETTING_CHOICE,
     "no-such-choice"},
    {"settings.text-long", "a text above its bound is refused", bad_value, VLS_SETTING_TEXT,
     "@long"},
    {"settings.text-lines", "a text of two lines is refused", bad_value, VLS_SETTING_TEXT, "a\nb"},
    {"settings.text-utf8", "a text that is not UTF-8 is refused", bad_value, VLS_SETTING_TEXT,
     "a\xff"},
    {"settings.path-relative", "a relative path is refused", bad_value, VLS_SETTING_PATH, "a/b"},
    {"settings.path-outside", "a path outside what is granted is refused", bad_value,
     VLS_SETTING_PATH, "/etc/passwd"},
    {"settings.path-dots", "a path with .. is refused", bad_value, VLS_SETTING_PATH, "@dots"},
    {"settings.unknown", "a setting that it has not is refused by name", unknown, 0,
     "no-such-setting"},
    {"settings.missing", "a required one that is missing is refused by name", missing, 0, NULL},
    {"settings.secret-open", "a secret that others may read is refused", secret, 0644, NULL},
    {"settings.secret-missing", "a secret without a file is refused", secret, 0, NULL},
    {"settings.configure", "configure() takes good settings", configures, 0, NULL},
};
const size_t KIT_SETTING_COUNT = sizeof KIT_SETTING_CHECKS / sizeof KIT_SETTING_CHECKS[0];
