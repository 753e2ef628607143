#include "plugin/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

/* What the checks need to say where a value comes from. */
struct check {
    const struct vls_config_plugin *config;
    const struct vls_setting *setting;
    struct vls_why *why;
};

static const char *configured(const struct vls_config_plugin *config, const char *name)
{
    for (unsigned i = 0; i < config->settings_count; i++)
        if (strcmp(config->settings[i].name, name) == 0)
            return config->settings[i].value;
    return NULL;
}

static struct vls_status check_text(const struct check *c, const char *text)
{
    size_t len = strlen(text);
    uint64_t most = c->setting->max > 0 ? (uint64_t)c->setting->max : VLS_PLUGIN_MAX_SETTING;
    if (!vls_text_is_clean(vls_slice_text(text), false))
        return vls_fail(VLS_PLUGIN_SETTING, c->why,
                        "plugin %s: setting %s is not clean UTF-8 on one line", c->config->name,
                        c->setting->name);
    if ((int64_t)len < c->setting->min || len > most)
        return vls_fail(VLS_PLUGIN_SETTING, c->why,
                        "plugin %s: setting %s has %zu bytes; %" PRId64 " to %" PRIu64
                        " are allowed",
                        c->config->name, c->setting->name, len, c->setting->min, most);
    return VLS_DONE;
}

static struct vls_status read_number(const struct check *c, const char *text, int64_t *out)
{
    bool is_negative = text[0] == '-';
    uint64_t magnitude;
    if (!vls_ok(vls_number_read(text + is_negative, 0, INT64_MAX, &magnitude)))
        return vls_fail(VLS_PLUGIN_SETTING, c->why, "plugin %s: setting %s is not a whole number",
                        c->config->name, c->setting->name);
    int64_t value = is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
    if (value < c->setting->min || value > c->setting->max)
        return vls_fail(VLS_PLUGIN_SETTING, c->why,
                        "plugin %s: setting %s is %" PRId64 "; %" PRId64 " to %" PRId64
                        " are allowed",
                        c->config->name, c->setting->name, value, c->setting->min, c->setting->max);
    *out = value;
    return VLS_DONE;
}

static struct vls_status read_boolean(const struct check *c, const char *text, int64_t *out)
{
    bool is_true = strcmp(text, "true") == 0;
    if (!is_true && strcmp(text, "false") != 0)
        return vls_fail(VLS_PLUGIN_SETTING, c->why, "plugin %s: setting %s must be true or false",
                        c->config->name, c->setting->name);
    *out = is_true;
    return VLS_DONE;
}

static struct vls_status read_choice(const struct check *c, const char *text, int64_t *out)
{
    size_t len = strlen(text);
    int64_t place = 0;
    for (const char *at = c->setting->choices; at != NULL; place++) {
        size_t this_len = strcspn(at, "|");
        if (this_len == len && strncmp(at, text, len) == 0) {
            *out = place;
            return VLS_DONE;
        }
        at = at[this_len] == '|' ? at + this_len + 1 : NULL;
    }
    return vls_fail(VLS_PLUGIN_SETTING, c->why, "plugin %s: setting %s must be one of %s",
                    c->config->name, c->setting->name, c->setting->choices);
}

/* Whole components only: "/srv/in" does not hold "/srv/inner". */
static bool is_below(const char *path, const char *directory)
{
    size_t len = strlen(directory);
    while (len > 1 && directory[len - 1] == '/')
        len--;
    return strncmp(path, directory, len) == 0 &&
           (path[len] == '\0' || path[len] == '/' || directory[len - 1] == '/');
}

static bool is_below_any(const char *path, const struct vls_config_plugin *config)
{
    for (unsigned i = 0; i < config->paths_count; i++)
        if (is_below(path, config->paths[i]))
            return true;
    return false;
}

static bool has_dots(const char *path)
{
    for (const char *at = path; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        size_t len = strcspn(at, "/");
        if ((len == 1 && at[0] == '.') || (len == 2 && at[0] == '.' && at[1] == '.'))
            return true;
    }
    return false;
}

static struct vls_status check_path(const struct check *c, const char *text)
{
    if (text[0] != '/' || has_dots(text) || strlen(text) >= VLS_MAX_PATH ||
        !vls_text_is_clean(vls_slice_text(text), false))
        return vls_fail(VLS_PLUGIN_SETTING, c->why,
                        "plugin %s: setting %s must be an absolute path without . and ..",
                        c->config->name, c->setting->name);
    if (is_below_any(text, c->config))
        return VLS_DONE;
    return vls_fail(VLS_PLUGIN_SETTING, c->why,
                    "plugin %s: setting %s is outside the directories granted; add %s to its paths",
                    c->config->name, c->setting->name, text);
}

/* The value of a secret is the content of the file that the configuration names, without its line
 * feed. */
static struct vls_status read_secret(const struct check *c, const char *path, char **out)
{
    struct stat st;
    VLS_TRY(check_path(c, path));
    int fd VLS_DEFER(vls_fd_close) = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0)
        return vls_fail_errno(VLS_PLUGIN_SETTING, c->why, errno,
                              "plugin %s: the file of the secret %s", c->config->name,
                              c->setting->name);
    if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return vls_fail(VLS_PLUGIN_SETTING, c->why,
                        "plugin %s: the file of the secret %s must be for its owner alone: "
                        "chmod 600",
                        c->config->name, c->setting->name);
    struct vls_buf content VLS_DEFER(vls_buf_fini);
    vls_buf_init(&content, VLS_PLUGIN_MAX_SETTING + 2);
    VLS_TRY(vls_fd_read_all(fd, &content, c->why));
    while (content.len > 0 &&
           (content.at[content.len - 1] == '\n' || content.at[content.len - 1] == '\r'))
        content.len--;
    char *text = vls_mem_text((const char *)content.at, content.len);
    struct vls_status status = check_text(c, text);
    if (!vls_ok(status)) {
        vls_mem_wipe(text, content.len);
        vls_mem_free(text);
        return status;
    }
    *out = text;
    return VLS_DONE;
}

static struct vls_status check_declared(const struct check *c, const char *plugin_id)
{
    const struct vls_setting *s = c->setting;
    if (!vls_text_is_name(s->name, VLS_MAX_NAME))
        return vls_fail(VLS_PLUGIN_INVALID, c->why,
                        "plugin %s declares a setting whose name is not [a-z0-9-]", plugin_id);
    bool has_bad_bounds = s->type == VLS_SETTING_NUMBER && s->min > s->max;
    bool has_bad_choices =
        s->type == VLS_SETTING_CHOICE && (s->choices == NULL || s->choices[0] == '\0');
    bool has_bad_flags =
        (s->flags & ~(VLS_SETTING_REQUIRED | VLS_SETTING_SECRET)) != 0 ||
        ((s->flags & VLS_SETTING_SECRET) && (s->type != VLS_SETTING_TEXT || s->fallback != NULL)) ||
        ((s->flags & VLS_SETTING_REQUIRED) && s->fallback != NULL);
    if (s->type < VLS_SETTING_TEXT || s->type > VLS_SETTING_CHOICE || has_bad_bounds ||
        has_bad_choices || has_bad_flags || s->help == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, c->why,
                        "plugin %s declares setting %s with a type, bounds, choices, flags or "
                        "help that do not fit together",
                        plugin_id, s->name);
    return VLS_DONE;
}

static struct vls_status read_value(const struct check *c, struct vls_plugin_value *out)
{
    const char *text = configured(c->config, c->setting->name);
    if (text == NULL && (c->setting->flags & VLS_SETTING_REQUIRED))
        return vls_fail(VLS_PLUGIN_SETTING, c->why,
                        "plugin %s: setting %s is missing and has no default", c->config->name,
                        c->setting->name);
    if (text == NULL)
        text = c->setting->fallback;
    if (text == NULL)
        return VLS_DONE;
    if (c->setting->flags & VLS_SETTING_SECRET)
        return read_secret(c, text, &out->text);
    switch ((enum vls_setting_type)c->setting->type) {
    case VLS_SETTING_TEXT:
        VLS_TRY(check_text(c, text));
        break;
    case VLS_SETTING_NUMBER:
        VLS_TRY(read_number(c, text, &out->number));
        break;
    case VLS_SETTING_BOOLEAN:
        VLS_TRY(read_boolean(c, text, &out->number));
        break;
    case VLS_SETTING_PATH:
        VLS_TRY(check_path(c, text));
        break;
    case VLS_SETTING_CHOICE:
        VLS_TRY(read_choice(c, text, &out->number));
        break;
    }
    out->text = vls_mem_dup(text);
    return VLS_DONE;
}

/* The i-th row of the plugin's table, whose rows may be longer or shorter than ours; all zero at
 * the end. */
static struct vls_setting row(const struct vls_plugin *plugin, size_t i)
{
    struct vls_setting mine = {0};
    size_t stride = (size_t)plugin->setting_bytes;
    const uint8_t *at = (const uint8_t *)plugin->settings + i * stride;
    vls_copy(&mine, at, stride < sizeof mine ? stride : sizeof mine);
    return mine;
}

static struct vls_status count_rows(const struct vls_plugin *plugin, size_t *out,
                                    struct vls_why *why)
{
    size_t count = 0;
    if (plugin->settings != NULL) {
        if (plugin->setting_bytes < offsetof(struct vls_setting, help) + sizeof(char *))
            return vls_fail(VLS_PLUGIN_INVALID, why,
                            "plugin %s: setting_bytes must be sizeof(struct vls_setting)",
                            plugin->id);
        while (count <= VLS_PLUGIN_MAX_SETTINGS && row(plugin, count).name != NULL)
            count++;
    }
    if (count > VLS_PLUGIN_MAX_SETTINGS)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s declares more than %d settings",
                        plugin->id, VLS_PLUGIN_MAX_SETTINGS);
    *out = count;
    return VLS_DONE;
}

static struct vls_status check_known(const struct vls_config_plugin *config,
                                     const struct vls_plugin_settings *settings,
                                     struct vls_why *why)
{
    for (unsigned i = 0; i < config->settings_count; i++)
        if (vls_plugin_setting(settings, config->settings[i].name) == NULL)
            return vls_fail(VLS_PLUGIN_SETTING, why,
                            "plugin %s has no setting named %s: see its manual page", config->name,
                            config->settings[i].name);
    return VLS_DONE;
}

static struct vls_status read_all(const struct vls_plugin *plugin,
                                  const struct vls_config_plugin *config,
                                  struct vls_plugin_settings *settings, struct vls_why *why)
{
    for (size_t i = 0; i < settings->count; i++) {
        struct vls_setting declared = row(plugin, i);
        struct check check = {.config = config, .setting = &declared, .why = why};
        VLS_TRY(check_declared(&check, plugin->id));
        if (vls_plugin_setting(settings, declared.name) != NULL)
            return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s declares setting %s twice",
                            plugin->id, declared.name);
        settings->values[i].name = declared.name;
        VLS_TRY(read_value(&check, &settings->values[i]));
    }
    return check_known(config, settings, why);
}

struct vls_status vls_plugin_settings_read(const struct vls_plugin *plugin,
                                           const struct vls_config_plugin *config,
                                           struct vls_plugin_settings *out, struct vls_why *why)
{
    struct vls_plugin_settings settings = {0};
    VLS_TRY(count_rows(plugin, &settings.count, why));
    settings.values = vls_mem_new((settings.count + 1) * sizeof *settings.values);
    struct vls_status status = read_all(plugin, config, &settings, why);
    if (!vls_ok(status)) {
        vls_plugin_settings_fini(&settings);
        return status;
    }
    *out = settings;
    return VLS_DONE;
}

void vls_plugin_settings_narrow(const struct vls_setting *table, struct vls_config_plugin *config)
{
    char **kept = vls_mem_new((config->settings_count + 1) * sizeof *kept);
    unsigned count = 0;
    for (const struct vls_setting *s = table; s != NULL && s->name != NULL; s++) {
        const char *file = (s->flags & VLS_SETTING_SECRET) ? configured(config, s->name) : NULL;
        if (file != NULL && !has_dots(file) && is_below_any(file, config) &&
            count < config->settings_count)
            kept[count++] = vls_mem_dup(file);
    }
    for (unsigned i = 0; i < config->paths_count; i++)
        vls_mem_free(config->paths[i]);
    vls_mem_free(config->paths);
    config->paths = kept;
    config->paths_count = count;
}

void vls_plugin_settings_fini(struct vls_plugin_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        char *text = settings->values[i].text;
        if (text != NULL)
            vls_mem_wipe(text, strlen(text));
        vls_mem_free(text);
    }
    vls_mem_free(settings->values);
    *settings = (struct vls_plugin_settings){0};
}

const struct vls_plugin_value *vls_plugin_setting(const struct vls_plugin_settings *settings,
                                                  const char *name)
{
    for (size_t i = 0; i < settings->count; i++)
        if (settings->values[i].name != NULL && strcmp(settings->values[i].name, name) == 0)
            return &settings->values[i];
    return NULL;
}
