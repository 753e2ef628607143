#include "config/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/config_internal.h"

static void free_places(struct vls_yaml_places *places)
{
    vls_yaml_places_fini(places);
}

/** The directory of a path; "." for a bare name. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return vls_mem_dup(".");
    return vls_mem_text(path, slash == path ? 1 : (size_t)(slash - path));
}

struct vls_status vls_config_read(struct vls_slice yaml, const char *path, struct vls_config **out,
                                  struct vls_why *why)
{
    if (yaml.len > VLS_MAX_CONFIG_FILE)
        return vls_fail(VLS_CONFIG_INVALID, why, "%s: larger than %u bytes", path,
                        VLS_MAX_CONFIG_FILE);
    const struct vls_yaml_source source = {
        .yaml = yaml, .file = path, .schema = &VLS_CONFIG_SCHEMA, .code = VLS_CONFIG_INVALID};
    VLS_DEFER(free_places) struct vls_yaml_places places = {0};
    VLS_TRY(vls_yaml_scan(&source, &places, why));
    void *document = NULL;
    VLS_TRY(vls_yaml_load(&source, &document, why));
    struct vls_config *config = document;
    config->file = vls_mem_dup(path);
    VLS_DEFER(vls_mem_freep) char *dir = directory_of(path);
    const struct vls_config_check check = {&source, &places, config, dir, why};
    struct vls_status status = vls_config_check(&check);
    if (!vls_ok(status)) {
        vls_config_free(&config);
        return status;
    }
    config->places = vls_mem_new(sizeof *config->places);
    *config->places = places;
    places = (struct vls_yaml_places){0}; /* the configuration's now */
    *out = config;
    return VLS_DONE;
}

struct vls_status vls_config_load(const char *path, struct vls_config **out, struct vls_why *why)
{
    char *real = realpath(path, NULL);
    if (real == NULL && (errno == ENOENT || errno == ENOTDIR))
        return vls_fail(VLS_CONFIG_MISSING, why, "%s is not there; 'valise init' makes one", path);
    if (real == NULL)
        return vls_fail_errno(VLS_CONFIG_INVALID, why, errno, "%s cannot be read", path);
    /* of the C library, so that it is released as it was made */
    VLS_DEFER(vls_mem_freep) char *absolute = vls_mem_dup(real);
    free(real);
    struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_MAX_CONFIG_FILE);
    struct vls_status status = vls_file_read(absolute, &bytes, why);
    if (vls_ok(status))
        status = vls_config_read(vls_buf_slice(&bytes), absolute, out, why);
    vls_buf_fini(&bytes);
    return status;
}

void vls_config_free(struct vls_config **config)
{
    if (*config == NULL)
        return;
    vls_mem_free((*config)->file);
    if ((*config)->places != NULL)
        vls_yaml_places_fini((*config)->places);
    vls_mem_free((*config)->places);
    vls_yaml_free(&VLS_CONFIG_SCHEMA, *config);
    *config = NULL;
}

struct vls_status vls_config_complain(const struct vls_config *config, const char *path,
                                      struct vls_why *why, const char *fmt, ...)
{
    static const struct vls_yaml_places NOWHERE;
    const struct vls_yaml_source source = {.file = config->file != NULL ? config->file
                                                                        : "the configuration",
                                           .schema = &VLS_CONFIG_SCHEMA,
                                           .code = VLS_CONFIG_INVALID};
    char words[sizeof why->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    return vls_yaml_fail(&source, config->places != NULL ? config->places : &NOWHERE, path, why,
                         "%s", words);
}

bool vls_config_grants(const struct vls_config_plugin *plugin, const char *grant)
{
    for (unsigned i = 0; i < plugin->grants_count; i++)
        if (strcmp(plugin->grants[i], grant) == 0)
            return true;
    return false;
}

bool vls_config_inspects(const struct vls_config_plugin *plugin, const char *way)
{
    if (!vls_config_grants(plugin, VLS_GRANT_INSPECT))
        return false;
    for (unsigned i = 0; i < plugin->inspect_count; i++)
        if (strcmp(plugin->inspect[i], way) == 0)
            return true;
    return false;
}

bool vls_config_answers_from(const struct vls_config *config, const char *from)
{
    for (unsigned i = 0; i < config->answers.from_count; i++)
        if (from == NULL || strcmp(config->answers.from[i], from) == 0)
            return true;
    return false;
}

const struct vls_config_partner *vls_config_partner(const struct vls_config *config,
                                                    const char *party)
{
    for (unsigned i = 0; i < config->partners_count; i++)
        if (strcmp(config->partners[i].party, party) == 0)
            return &config->partners[i];
    return NULL;
}
