#include "label/scheme.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "label/scheme_internal.h"

struct vls_status vls_scheme_read(struct vls_slice spif, const char *file, struct vls_scheme **out,
                                  struct vls_why *why)
{
    if (spif.len > VLS_MAX_SCHEME_FILE)
        return vls_fail(VLS_SCHEME_INVALID, why, "%.100s: %zu bytes, a scheme file has at most %u",
                        file, spif.len, VLS_MAX_SCHEME_FILE);
    struct vls_scheme *scheme = vls_mem_new(sizeof *scheme);
    struct vls_status s = vls_spif_parse(spif, file, scheme, why);
    if (!vls_ok(s)) {
        vls_scheme_free(&scheme);
        return s;
    }
    scheme->digest = vls_digest_of_slice(spif);
    *out = scheme;
    return VLS_DONE;
}

struct vls_status vls_scheme_load(const char *path, struct vls_scheme **out, struct vls_why *why)
{
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    vls_buf_init(&bytes, VLS_MAX_SCHEME_FILE);
    struct vls_status s = vls_file_read(path, &bytes, why);
    if (s.code == VLS_INPUT_LIMIT)
        return vls_fail(VLS_SCHEME_INVALID, why, "%.100s: a scheme file has at most %u bytes", path,
                        VLS_MAX_SCHEME_FILE);
    VLS_TRY(s);
    return vls_scheme_read(vls_buf_slice(&bytes), path, out, why);
}

static void free_text(const char *text)
{
    vls_mem_free((char *)text);
}

void vls_scheme_free(struct vls_scheme **scheme)
{
    struct vls_scheme *s = *scheme;
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++) {
        free_text(s->classes[i].name);
        free_text(s->classes[i].handle);
        free_text(s->classes[i].color);
        free_text(s->classes[i].marking);
    }
    vls_mem_free(s->classes);
    vls_mem_free(s->name);
    vls_mem_free(s->title);
    vls_mem_free(s->oid);
    vls_mem_free(s->notice);
    vls_mem_free(s->phrase);
    vls_mem_free(s->prefix);
    vls_mem_free(s->suffix);
    vls_mem_free(s);
    *scheme = NULL;
}

const char *vls_scheme_name(const struct vls_scheme *scheme)
{
    return scheme->name;
}

const char *vls_scheme_oid(const struct vls_scheme *scheme)
{
    return scheme->oid;
}

const struct vls_digest *vls_scheme_digest(const struct vls_scheme *scheme)
{
    return &scheme->digest;
}

const char *vls_scheme_notice(const struct vls_scheme *scheme)
{
    return scheme->notice;
}

bool vls_scheme_is_valid_at(const struct vls_scheme *scheme, uint64_t at_ms)
{
    return at_ms >= scheme->not_before_ms &&
           (scheme->not_after_ms == 0 || at_ms < scheme->not_after_ms);
}

size_t vls_scheme_count(const struct vls_scheme *scheme)
{
    return scheme->count;
}

const struct vls_classification *vls_scheme_at(const struct vls_scheme *scheme, size_t i)
{
    return i < scheme->count ? &scheme->classes[i] : NULL;
}

const struct vls_classification *vls_scheme_by_handle(const struct vls_scheme *scheme,
                                                      const char *handle)
{
    for (size_t i = 0; i < scheme->count; i++)
        if (strcmp(scheme->classes[i].handle, handle) == 0)
            return &scheme->classes[i];
    return NULL;
}

const struct vls_classification *vls_scheme_by_lacv(const struct vls_scheme *scheme, uint32_t lacv)
{
    for (size_t i = 0; i < scheme->count; i++)
        if (scheme->classes[i].lacv == lacv)
            return &scheme->classes[i];
    return NULL;
}

const struct vls_scheme *vls_scheme_set_by_name(const struct vls_scheme_set *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->schemes[i]->name, name) == 0)
            return set->schemes[i];
    return NULL;
}

const struct vls_scheme *vls_scheme_set_by_oid(const struct vls_scheme_set *set, const char *oid)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->schemes[i]->oid, oid) == 0)
            return set->schemes[i];
    return NULL;
}

void vls_scheme_set_free(struct vls_scheme_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        vls_scheme_free(&set->schemes[i]);
    vls_mem_free(set->schemes);
    *set = (struct vls_scheme_set){0};
}
