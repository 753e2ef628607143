#include "kit/kit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "kit/sample.h"
#include "proc/roles.h"
#include "proc/throwaway.h"

#define MAX_LOG   (1u << 20)
#define MAX_DEPTH 8 /* of directories in a seed */

static const struct {
    const char *name;
    uint64_t bit;
} CAPS[] = {{"files", VLS_CAP_FILES},    {"state", VLS_CAP_STATE},     {"net", VLS_CAP_NET},
            {"send", VLS_CAP_SEND},      {"receive", VLS_CAP_RECEIVE}, {"resolve", VLS_CAP_RESOLVE},
            {"inspect", VLS_CAP_INSPECT}};

const char *kit_cap_name(unsigned i, uint64_t *out_bit)
{
    if (i >= sizeof CAPS / sizeof CAPS[0])
        return NULL;
    *out_bit = CAPS[i].bit;
    return CAPS[i].name;
}

enum kit_verdict kit_say(enum kit_verdict verdict, struct vls_why *why, const char *fmt, ...)
{
    char words[sizeof why->text];
    va_list list;
    va_start(list, fmt);
    vsnprintf(words, sizeof words, fmt, list);
    va_end(list);
    vls_text_copy(why->text, sizeof why->text, words);
    return verdict;
}

static bool has_role(const struct kit *kit, uint32_t role)
{
    return kit->is_described && (kit->described.plugin.roles & role) != 0;
}

bool kit_is_source(const struct kit *kit)
{
    return has_role(kit, VLS_PLUGIN_SOURCE);
}

bool kit_is_sink(const struct kit *kit)
{
    return has_role(kit, VLS_PLUGIN_SINK);
}

bool kit_is_resolver(const struct kit *kit)
{
    return has_role(kit, VLS_PLUGIN_RESOLVER);
}

bool kit_is_inspector(const struct kit *kit)
{
    return has_role(kit, VLS_PLUGIN_INSPECTOR);
}

/* -- describe ---------------------------------------------------------------------------------- */

static struct vls_status describe(void *ctx, struct vls_buf *out, struct vls_why *why)
{
    return vls_plugin_describe(ctx, out, why);
}

struct vls_status kit_describe(const char *file, struct vls_plugin_description *out,
                               struct vls_why *why)
{
    char what[VLS_MAX_PATH + 32];
    VLS_DEFER(vls_sandbox_fini) struct vls_sandbox sandbox;
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_PLUGIN_DESCRIPTION);
    vls_describe_sandbox(file, &sandbox);
    snprintf(what, sizeof what, "plugin object %s", file);
    struct vls_throwaway options = {.sandbox = &sandbox,
                                    .deadline_ms = VLS_PLUGIN_DESCRIBE_MS,
                                    .what = what,
                                    .work = describe,
                                    .ctx = (void *)(uintptr_t)file};
    VLS_TRY(vls_plugin_check_object(file, why));
    VLS_TRY(vls_throwaway_run(&options, &bytes, why));
    return vls_plugin_description_read(vls_buf_slice(&bytes), out, why);
}

/* -- the kit ----------------------------------------------------------------------------------- */

struct vls_status kit_open(const struct kit_options *options, struct kit *out, struct vls_why *why)
{
    const char *tmp = getenv("TMPDIR");
    *out = (struct kit){.options = *options};
    snprintf(out->base, sizeof out->base, "%s/valise-kit-XXXXXX",
             tmp != NULL && tmp[0] == '/' && strlen(tmp) < 32 ? tmp : "/tmp");
    if (mkdtemp(out->base) == NULL)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%s", out->base);
    out->is_described = vls_ok(kit_describe(options->file, &out->described, &out->undescribed));
    return VLS_DONE;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void kit_close(struct kit *kit)
{
    vls_plugin_description_fini(&kit->described);
    kit_sample_free(&kit->sample);
    if (kit->base[0] != '\0')
        (void)nftw(kit->base, remove_one, MAX_DEPTH, FTW_DEPTH | FTW_PHYS);
    kit->base[0] = '\0';
}

void kit_run(struct kit *kit,
             void (*on_checked)(void *ctx, const struct kit_group *group,
                                const struct kit_check *check, enum kit_verdict verdict,
                                const char *why, uint64_t us),
             void *ctx)
{
    const char *only = kit->options.only != NULL ? kit->options.only : "";
    for (const struct kit_group *group = KIT_GROUPS; group->name != NULL; group++)
        for (size_t i = 0; i < *group->count; i++) {
            const struct kit_check *check = &group->checks[i];
            struct vls_why why = {""};
            if (strncmp(check->name, only, strlen(only)) != 0)
                continue;
            uint64_t began = vls_steady_ms(vls_env_system());
            enum kit_verdict verdict = check->run(kit, check, &why);
            on_checked(ctx, group, check, verdict, verdict == KIT_PASSED ? "" : why.text,
                       vls_steady_ms(vls_env_system()) - began);
        }
}

/* -- directories ------------------------------------------------------------------------------- */

static struct vls_status copy_file(const char *from, const char *to, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_PLUGIN_MAX_STREAMED);
    VLS_TRY(vls_file_read(from, &bytes, why));
    return vls_file_write(to, vls_buf_slice(&bytes), 0600, why);
}

struct level {
    char from[VLS_MAX_PATH], to[VLS_MAX_PATH];
    DIR *list;
};

static struct vls_status open_level(struct level *level, struct vls_why *why)
{
    VLS_TRY(vls_dir_make(level->to, 0700, why));
    level->list = opendir(level->from);
    if (level->list == NULL)
        return vls_fail_errno(VLS_SYSTEM_MISSING, why, errno, "%s", level->from);
    return VLS_DONE;
}

/* One name of a directory: a file is copied, a directory becomes the next level. */
static struct vls_status copy_name(struct level *levels, size_t *depth, const char *name,
                                   struct vls_why *why)
{
    const struct level *at = &levels[*depth];
    struct level *next = &levels[*depth + 1];
    struct stat st;
    VLS_TRY(vls_path_join(at->from, name, next->from, sizeof next->from));
    VLS_TRY(vls_path_join(at->to, name, next->to, sizeof next->to));
    if (lstat(next->from, &st) != 0)
        return vls_fail_errno(VLS_SYSTEM_MISSING, why, errno, "%s", next->from);
    if (S_ISREG(st.st_mode))
        return copy_file(next->from, next->to, why);
    if (!S_ISDIR(st.st_mode) || *depth + 2 > MAX_DEPTH)
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "%s: a seed holds files and directories, at most %d deep", next->from,
                        MAX_DEPTH);
    VLS_TRY(open_level(next, why));
    ++*depth;
    return VLS_DONE;
}

static struct vls_status copy_levels(struct level *levels, struct vls_why *why)
{
    size_t depth = 0;
    VLS_TRY(open_level(&levels[0], why));
    for (;;) {
        const struct dirent *entry = readdir(levels[depth].list);
        if (entry == NULL) {
            closedir(levels[depth].list);
            levels[depth].list = NULL;
            if (depth-- == 0)
                return VLS_DONE;
        } else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            VLS_TRY(copy_name(levels, &depth, entry->d_name, why));
        }
    }
}

static struct vls_status copy_seed(const char *from, const char *to, struct vls_why *why)
{
    struct level *levels = vls_mem_new((MAX_DEPTH + 2) * sizeof *levels);
    vls_text_copy(levels[0].from, sizeof levels[0].from, from);
    vls_text_copy(levels[0].to, sizeof levels[0].to, to);
    struct vls_status s = copy_levels(levels, why);
    for (size_t i = 0; i < MAX_DEPTH + 2; i++)
        if (levels[i].list != NULL)
            closedir(levels[i].list);
    vls_mem_free(levels);
    return s;
}

/* -- runs -------------------------------------------------------------------------------------- */

void kit_run_set(struct kit_run *run, const char *name, const char *value)
{
    struct kit_plan *plan = &run->plan;
    unsigned i = 0;
    while (i < plan->settings_count && strcmp(plan->settings[i].name, name) != 0)
        i++;
    if (i == KIT_MAX_SETTINGS)
        return;
    vls_text_copy(run->values[i], sizeof run->values[i], value);
    plan->settings[i] = (struct vls_config_setting){(char *)(uintptr_t)name, run->values[i]};
    if (i == plan->settings_count)
        plan->settings_count++;
}

const char *kit_run_value(const struct kit_run *run, const char *name)
{
    for (unsigned i = 0; i < run->plan.settings_count; i++)
        if (strcmp(run->plan.settings[i].name, name) == 0)
            return run->plan.settings[i].value;
    return NULL;
}

void kit_run_take_grant(struct kit_run *run, const char *grant)
{
    const char **to = run->plan.grants;
    for (const char *const *from = run->plan.grants; *from != NULL; from++)
        if (strcmp(*from, grant) != 0)
            *to++ = *from;
    *to = NULL;
}

/* "@" is the directory of this run. */
static void fill_value(const struct kit_run *run, const char *from, char out[KIT_VALUE])
{
    size_t used = 0;
    out[0] = '\0';
    for (; *from != '\0' && used + 1 < KIT_VALUE; from++) {
        int n = *from == '@' ? snprintf(out + used, KIT_VALUE - used, "%s", run->directory)
                             : snprintf(out + used, KIT_VALUE - used, "%c", *from);
        used += n > 0 ? (size_t)n : 0;
    }
}

/* A value for a setting that must have one and was given none: the smallest that is allowed. */
static struct vls_status make_value(const struct kit_run *run, const struct vls_setting *s,
                                    char out[KIT_VALUE], struct vls_why *why)
{
    if (s->flags & VLS_SETTING_SECRET) {
        snprintf(out, KIT_VALUE, "%s/.%s", run->directory, s->name);
        return vls_file_write(out, vls_slice_text("secret-of-the-kit\n"), 0600, why);
    }
    switch ((enum vls_setting_type)s->type) {
    case VLS_SETTING_TEXT:
        snprintf(out, KIT_VALUE, "%.*s", (int)(s->min > 1 ? s->min : 1),
                 "kit-kit-kit-kit-kit-kit-kit-kit-kit-kit-kit-kit-kit-kit-kit-kit");
        break;
    case VLS_SETTING_NUMBER:
        snprintf(out, KIT_VALUE, "%lld", (long long)s->min);
        break;
    case VLS_SETTING_BOOLEAN:
        snprintf(out, KIT_VALUE, "true");
        break;
    case VLS_SETTING_PATH:
        snprintf(out, KIT_VALUE, "%s", run->directory);
        break;
    case VLS_SETTING_CHOICE:
        snprintf(out, KIT_VALUE, "%.*s", (int)strcspn(s->choices, "|"), s->choices);
        break;
    }
    return VLS_DONE;
}

static struct vls_status make_settings(const struct kit *kit, struct kit_run *run,
                                       struct vls_why *why)
{
    char value[KIT_VALUE];
    for (size_t i = 0; i < kit->options.settings_count; i++) {
        fill_value(run, kit->options.settings[i].value, value);
        kit_run_set(run, kit->options.settings[i].name, value);
    }
    for (const struct vls_setting *s = kit->described.settings; s != NULL && s->name != NULL; s++) {
        if ((s->flags & VLS_SETTING_REQUIRED) == 0 || kit_run_value(run, s->name) != NULL)
            continue;
        VLS_TRY(make_value(run, s, value, why));
        kit_run_set(run, s->name, value);
    }
    return VLS_DONE;
}

static void make_grants(const struct kit *kit, struct kit_run *run)
{
    uint64_t asked = kit->described.plugin.caps_need | kit->described.plugin.caps_want;
    size_t count = 0;
    for (size_t i = 0; i < sizeof CAPS / sizeof CAPS[0]; i++)
        if (asked & CAPS[i].bit)
            run->plan.grants[count++] = CAPS[i].name;
}

struct vls_status kit_run_init(struct kit *kit, struct kit_run *run, struct vls_why *why)
{
    *run = (struct kit_run){.plan = {.file = kit->options.file,
                                     .schemes = kit->options.schemes,
                                     .log_fd = -1,
                                     .http = kit->options.http},
                            .session = {.commands = -1, .router = -1},
                            .log = -1};
    snprintf(run->directory, sizeof run->directory, "%s/%u", kit->base, ++kit->runs);
    run->plan.directory = run->directory;
    if (kit->options.seed != NULL)
        VLS_TRY(copy_seed(kit->options.seed, run->directory, why));
    VLS_TRY(vls_dir_make(run->directory, 0700, why));
    VLS_TRY(vls_fd_memory("log", &run->log, why));
    run->plan.log_fd = run->log;
    make_grants(kit, run);
    return make_settings(kit, run, why);
}

void kit_run_fini(struct kit_run *run)
{
    kit_session_close(&run->session);
    kit_memory_fini(&run->memory);
    vls_fd_close(&run->log);
    if (run->directory[0] != '\0')
        (void)nftw(run->directory, remove_one, MAX_DEPTH, FTW_DEPTH | FTW_PHYS);
}

struct vls_status kit_run_start(struct kit_run *run, struct vls_why *why)
{
    return kit_session_start(&run->session, &run->plan, &run->memory, why);
}

struct vls_status kit_run_again(struct kit_run *run, struct vls_why *why)
{
    kit_session_close(&run->session);
    return kit_run_start(run, why);
}

char *kit_run_log(const struct kit_run *run)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, MAX_LOG);
    if (!vls_ok(vls_fd_read_all(run->log, &bytes, NULL)))
        return vls_mem_dup("");
    return vls_mem_text((const char *)bytes.at, bytes.len);
}
