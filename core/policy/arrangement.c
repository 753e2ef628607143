#include "policy/arrangement.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "policy/compile.h"

static struct vls_status read_document(const struct vls_yaml_source *source,
                                       const struct vls_yaml_places *places,
                                       const struct vls_scheme_set *schemes,
                                       struct vls_arrangement *a, struct vls_why *why)
{
    void *document = NULL;
    VLS_TRY(vls_yaml_load(source, &document, why));
    struct vls_compile c = {
        .source = source, .places = places, .schemes = schemes, .out = a, .why = why};
    struct vls_status s = vls_compile_arrangement(&c, document);
    vls_yaml_free(source->schema, document);
    return s;
}

struct vls_status vls_arrangement_read(struct vls_slice yaml, const char *file,
                                       const struct vls_scheme_set *schemes,
                                       struct vls_arrangement **out, struct vls_why *why)
{
    struct vls_yaml_source source = {
        .yaml = yaml, .file = file, .schema = &VLS_ARRANGEMENT_SCHEMA, .code = VLS_POLICY_INVALID};
    struct vls_why own;
    if (why == NULL)
        why = &own;
    if (yaml.len > VLS_MAX_ARRANGEMENT_FILE)
        return vls_fail(VLS_POLICY_INVALID, why, "%.100s: %zu bytes, an arrangement has at most %u",
                        file, yaml.len, VLS_MAX_ARRANGEMENT_FILE);
    struct vls_yaml_places places VLS_DEFER(vls_yaml_places_fini) = {0};
    VLS_TRY(vls_yaml_scan(&source, &places, why));
    struct vls_arrangement *a = vls_mem_new(sizeof *a);
    struct vls_status s = read_document(&source, &places, schemes, a, why);
    if (!vls_ok(s)) {
        vls_arrangement_free(&a);
        return s;
    }
    a->digest = vls_digest_of_slice(yaml);
    *out = a;
    return VLS_DONE;
}

struct vls_status vls_arrangement_load(const char *path, const struct vls_scheme_set *schemes,
                                       struct vls_arrangement **out, struct vls_why *why)
{
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    vls_buf_init(&bytes, VLS_MAX_ARRANGEMENT_FILE);
    struct vls_status s = vls_file_read(path, &bytes, why);
    if (s.code == VLS_INPUT_LIMIT)
        return vls_fail(VLS_POLICY_INVALID, why, "%.100s: an arrangement has at most %u bytes",
                        path, VLS_MAX_ARRANGEMENT_FILE);
    VLS_TRY(s);
    return vls_arrangement_read(vls_buf_slice(&bytes), path, schemes, out, why);
}

static void free_rule(struct vls_rule *rule)
{
    vls_mem_free(rule->id);
    vls_mem_free(rule->basis);
    vls_mem_free(rule->when.body);
    for (size_t i = 0; i < rule->duty_count; i++)
        vls_mem_free(rule->duties[i]);
}

void vls_arrangement_free(struct vls_arrangement **arrangement)
{
    struct vls_arrangement *a = *arrangement;
    if (a == NULL)
        return;
    for (size_t i = 0; i < a->rule_count; i++)
        free_rule(&a->rules[i]);
    vls_mem_free(a->rules);
    for (size_t i = 0; i < a->party_count; i++) {
        vls_mem_free(a->parties[i].id);
        vls_mem_free(a->parties[i].name);
    }
    vls_mem_free(a->name);
    vls_mem_free(a->basis);
    vls_mem_free(a);
    *arrangement = NULL;
}

const char *vls_arrangement_name(const struct vls_arrangement *a)
{
    return a->name;
}

uint32_t vls_arrangement_version(const struct vls_arrangement *a)
{
    return a->version;
}

const struct vls_digest *vls_arrangement_digest(const struct vls_arrangement *a)
{
    return &a->digest;
}

const struct vls_rule_party *vls_rule_party(const struct vls_arrangement *a, const char *id)
{
    for (size_t i = 0; i < a->party_count; i++)
        if (strcmp(a->parties[i].id, id) == 0)
            return &a->parties[i];
    return NULL;
}

const char *vls_arrangement_party(const struct vls_arrangement *a, const char *party)
{
    const struct vls_rule_party *found = vls_rule_party(a, party);
    return found != NULL ? found->name : NULL;
}

const struct vls_scheme *vls_arrangement_scheme(const struct vls_arrangement *a, const char *party)
{
    const struct vls_rule_party *p = vls_rule_party(a, party);
    return p != NULL ? p->scheme : NULL;
}

bool vls_arrangement_is_in_force(const struct vls_arrangement *a, uint64_t at_ms)
{
    return at_ms >= a->not_before_ms && at_ms < a->expires_ms;
}
