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
    scheme->arena = vls_arena_new(VLS_MAX_SCHEME_MEMORY);
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

void vls_scheme_free(struct vls_scheme **scheme)
{
    struct vls_scheme *s = *scheme;
    if (s == NULL)
        return;
    vls_arena_free(&s->arena);
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
           (scheme->not_after_ms == 0 || at_ms <= scheme->not_after_ms);
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

const char *vls_scheme_title(const struct vls_scheme *scheme)
{
    return scheme->title;
}

const char *vls_scheme_schema_version(const struct vls_scheme *scheme)
{
    return scheme->schema_version;
}

uint64_t vls_scheme_version(const struct vls_scheme *scheme)
{
    return scheme->version;
}

uint64_t vls_scheme_not_before(const struct vls_scheme *scheme)
{
    return scheme->not_before_ms;
}

uint64_t vls_scheme_not_after(const struct vls_scheme *scheme)
{
    return scheme->not_after_ms;
}

bool vls_scheme_is_missi(const struct vls_scheme *scheme)
{
    return scheme->is_missi;
}

const struct vls_markings *vls_scheme_markings(const struct vls_scheme *scheme)
{
    return &scheme->markings;
}

const struct vls_markings *vls_scheme_policy_markings(const struct vls_scheme *scheme)
{
    return &scheme->policy_markings;
}

const struct vls_markings *vls_scheme_class_markings(const struct vls_scheme *scheme)
{
    return &scheme->class_markings;
}

size_t vls_scheme_tag_set_count(const struct vls_scheme *scheme)
{
    return scheme->tag_set_count;
}

size_t vls_scheme_tag_count(const struct vls_scheme *scheme)
{
    return scheme->tag_count;
}

size_t vls_scheme_category_count(const struct vls_scheme *scheme)
{
    return scheme->category_count;
}

size_t vls_scheme_privacy_mark_count(const struct vls_scheme *scheme)
{
    return scheme->privacy_mark_count;
}

size_t vls_scheme_equivalent_count(const struct vls_scheme *scheme)
{
    return scheme->equivalent_count;
}

const struct vls_tag_set *vls_scheme_tag_set(const struct vls_scheme *scheme, size_t i)
{
    return i < scheme->tag_set_count ? &scheme->tag_sets[i] : NULL;
}

const struct vls_tag *vls_scheme_tag(const struct vls_scheme *scheme, size_t place)
{
    return place < scheme->tag_count ? &scheme->tags[place] : NULL;
}

const struct vls_category *vls_scheme_category(const struct vls_scheme *scheme, size_t place)
{
    return place < scheme->category_count ? &scheme->categories[place] : NULL;
}

const struct vls_privacy_mark *vls_scheme_privacy_mark(const struct vls_scheme *scheme, size_t i)
{
    return i < scheme->privacy_mark_count ? &scheme->privacy_marks[i] : NULL;
}

const struct vls_equivalence *vls_scheme_equivalent(const struct vls_scheme *scheme, size_t i)
{
    return i < scheme->equivalent_count ? &scheme->equivalents[i] : NULL;
}

const struct vls_classification *vls_scheme_by_name(const struct vls_scheme *scheme,
                                                    const char *name)
{
    for (size_t i = 0; i < scheme->count; i++)
        if (strcmp(scheme->classes[i].name, name) == 0)
            return &scheme->classes[i];
    return NULL;
}

const struct vls_tag_set *vls_scheme_tag_set_by_name(const struct vls_scheme *scheme,
                                                     const char *name)
{
    for (size_t i = 0; i < scheme->tag_set_count; i++)
        if (strcmp(scheme->tag_sets[i].name, name) == 0)
            return &scheme->tag_sets[i];
    return NULL;
}

const struct vls_tag_set *vls_scheme_tag_set_by_oid(const struct vls_scheme *scheme,
                                                    const char *oid)
{
    for (size_t i = 0; i < scheme->tag_set_count; i++)
        if (strcmp(scheme->tag_sets[i].oid, oid) == 0)
            return &scheme->tag_sets[i];
    return NULL;
}

/** Is `c` of that set and type? */
static bool is_of(const struct vls_scheme *scheme, const struct vls_category *c,
                  const struct vls_tag_set *set, enum vls_tag_type type)
{
    const struct vls_tag *tag = &scheme->tags[c->tag];
    return tag->type == type && &scheme->tag_sets[tag->tag_set] == set;
}

const struct vls_category *vls_scheme_category_by_lacv(const struct vls_scheme *scheme,
                                                       const struct vls_tag_set *set,
                                                       enum vls_tag_type type, uint64_t lacv)
{
    for (size_t t = set->first; t < (size_t)set->first + set->count; t++) {
        const struct vls_tag *tag = &scheme->tags[t];
        for (size_t i = tag->first; tag->type == type && i < (size_t)tag->first + tag->count; i++)
            if (scheme->categories[i].lacv == lacv)
                return &scheme->categories[i];
    }
    return NULL;
}

const struct vls_category *vls_scheme_category_by_name(const struct vls_scheme *scheme,
                                                       const struct vls_tag_set *set,
                                                       enum vls_tag_type type, const char *name)
{
    for (size_t i = 0; i < scheme->category_count; i++)
        if (is_of(scheme, &scheme->categories[i], set, type) &&
            strcmp(scheme->categories[i].name, name) == 0)
            return &scheme->categories[i];
    return NULL;
}

const char *vls_tag_type_name(enum vls_tag_type type)
{
    static const char *const NAMES[] = {
        "restrictive",           "permissive",  "enumerated restrictive",
        "enumerated permissive", "informative", "not applicable"};
    return NAMES[type];
}

static struct vls_status check_distinct(const struct vls_scheme_set *set,
                                        const struct vls_scheme *scheme, const char *path,
                                        struct vls_why *why)
{
    if (vls_scheme_set_by_oid(set, scheme->oid) != NULL)
        return vls_fail(VLS_SCHEME_INVALID, why,
                        "%.120s: another scheme has the object identifier %.80s too", path,
                        scheme->oid);
    if (vls_scheme_set_by_name(set, scheme->name) != NULL)
        return vls_fail(VLS_SCHEME_INVALID, why, "%.120s: another scheme is named '%.80s' too",
                        path, scheme->name);
    return VLS_DONE;
}

struct vls_status vls_scheme_set_load(struct vls_scheme_set *set, const char *path,
                                      struct vls_why *why)
{
    struct vls_scheme *scheme = NULL;
    VLS_TRY(vls_scheme_load(path, &scheme, why));
    struct vls_status s = check_distinct(set, scheme, path, why);
    struct vls_scheme **grown =
        vls_ok(s) ? vls_mem_resize(set->schemes, (set->count + 1) * sizeof(struct vls_scheme *))
                  : NULL;
    if (grown == NULL) {
        vls_scheme_free(&scheme);
        return vls_ok(s) ? vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for schemes") : s;
    }
    grown[set->count++] = scheme;
    set->schemes = grown;
    return VLS_DONE;
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
