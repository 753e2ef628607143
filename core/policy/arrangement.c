#include "policy/arrangement.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "policy/compile.h"
#include "policy/index.h"
#include "policy/vocabulary.h"

struct reading {
    struct vls_yaml_source source;
    const struct vls_scheme_set *schemes;
    const struct vls_arrangement *joint; /* NULL unless house rules are read */
};

static struct vls_status read_document(const struct reading *r,
                                       const struct vls_yaml_places *places,
                                       struct vls_arrangement *a, struct vls_why *why)
{
    void *document = NULL;
    VLS_TRY(vls_yaml_load(&r->source, &document, why));
    struct vls_compile c = {.source = &r->source,
                            .places = places,
                            .schemes = r->schemes,
                            .joint = r->joint,
                            .out = a,
                            .why = why};
    struct vls_status s = vls_compile_arrangement(&c, document);
    vls_yaml_free(r->source.schema, document);
    return s;
}

static struct vls_status read_rules(const struct reading *r, struct vls_arrangement **out,
                                    struct vls_why *why)
{
    struct vls_slice yaml = r->source.yaml;
    if (yaml.len > VLS_MAX_ARRANGEMENT_FILE)
        return vls_fail(VLS_POLICY_INVALID, why,
                        "%.100s: %zu bytes, a file of rules has at most %u", r->source.file,
                        yaml.len, VLS_MAX_ARRANGEMENT_FILE);
    struct vls_yaml_places places VLS_DEFER(vls_yaml_places_fini) = {0};
    VLS_TRY(vls_yaml_scan(&r->source, &places, why));
    struct vls_arrangement *a = vls_mem_new(sizeof *a);
    struct vls_status s = read_document(r, &places, a, why);
    if (vls_ok(s))
        s = vls_vocabulary_make(a, &a->vocabulary, why);
    if (vls_ok(s))
        s = vls_index_make(a, &a->index, why);
    if (!vls_ok(s)) {
        vls_arrangement_free(&a);
        return s;
    }
    a->digest = vls_digest_of_slice(yaml);
    *out = a;
    return VLS_DONE;
}

static struct reading reading_of(struct vls_slice yaml, const char *file,
                                 const struct vls_scheme_set *schemes)
{
    return (struct reading){.source = {.yaml = yaml,
                                       .file = file,
                                       .schema = &VLS_ARRANGEMENT_SCHEMA,
                                       .code = VLS_POLICY_INVALID,
                                       .manual = "valise-arrangement(7)"},
                            .schemes = schemes};
}

struct vls_status vls_arrangement_read(struct vls_slice yaml, const char *file,
                                       const struct vls_scheme_set *schemes,
                                       struct vls_arrangement **out, struct vls_why *why)
{
    struct vls_why own;
    struct reading r = reading_of(yaml, file, schemes);
    return read_rules(&r, out, why != NULL ? why : &own);
}

struct vls_status vls_house_rules_read(struct vls_slice yaml, const char *file,
                                       const struct vls_scheme_set *schemes,
                                       const struct vls_arrangement *arrangement,
                                       struct vls_arrangement **out, struct vls_why *why)
{
    struct vls_why own;
    struct reading r = reading_of(yaml, file, schemes);
    r.joint = arrangement;
    return read_rules(&r, out, why != NULL ? why : &own);
}

static struct vls_status read_file(const char *path, struct vls_buf *bytes, struct vls_why *why)
{
    struct vls_status s = vls_file_read(path, bytes, why);
    if (s.code == VLS_INPUT_LIMIT)
        return vls_fail(VLS_POLICY_INVALID, why, "%.100s: a file of rules has at most %u bytes",
                        path, VLS_MAX_ARRANGEMENT_FILE);
    if (s.code == VLS_INPUT_MALFORMED) /* no regular file */
        s.code = VLS_POLICY_INVALID;
    return s;
}

struct vls_status vls_arrangement_load(const char *path, const struct vls_scheme_set *schemes,
                                       struct vls_arrangement **out, struct vls_why *why)
{
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    vls_buf_init(&bytes, VLS_MAX_ARRANGEMENT_FILE);
    VLS_TRY(read_file(path, &bytes, why));
    return vls_arrangement_read(vls_buf_slice(&bytes), path, schemes, out, why);
}

struct vls_status vls_house_rules_load(const char *path, const struct vls_scheme_set *schemes,
                                       const struct vls_arrangement *arrangement,
                                       struct vls_arrangement **out, struct vls_why *why)
{
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    vls_buf_init(&bytes, VLS_MAX_ARRANGEMENT_FILE);
    VLS_TRY(read_file(path, &bytes, why));
    return vls_house_rules_read(vls_buf_slice(&bytes), path, schemes, arrangement, out, why);
}

/* -- to release -------------------------------------------------------------------------------- */

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        vls_mem_free(texts[i]);
}

static void free_rule(struct vls_rule *rule)
{
    struct vls_condition *when = &rule->when;
    vls_mem_free(rule->id);
    vls_mem_free(rule->basis);
    free_texts(rule->duties, rule->duty_count);
    free_texts(when->audiences, when->audience_count);
    free_texts(when->topics, when->topic_count);
    free_texts(when->media_types, when->media_type_count);
    free_texts(when->originators, when->originator_count);
    vls_label_fini(&when->at_most);
    vls_label_fini(&when->at_least);
}

static void free_party(struct vls_rule_party *party)
{
    vls_mem_free(party->id);
    vls_mem_free(party->name);
    vls_mem_free(party->domain);
    vls_mem_free(party->approver);
}

static void free_body(struct vls_rule_body *body)
{
    vls_mem_free(body->id);
    vls_mem_free(body->name);
    vls_mem_free(body->through);
    free_texts(body->members, body->member_count);
    vls_mem_free(body->members);
}

void vls_arrangement_free(struct vls_arrangement **arrangement)
{
    struct vls_arrangement *a = *arrangement;
    if (a == NULL)
        return;
    vls_index_free(&a->index);
    vls_mem_free(a->vocabulary);
    for (size_t i = 0; i < a->rule_count; i++)
        free_rule(&a->rules[i]);
    for (size_t i = 0; i < a->party_count; i++)
        free_party(&a->parties[i]);
    for (size_t i = 0; i < a->body_count; i++)
        free_body(&a->bodies[i]);
    for (size_t i = 0; i < a->equivalence_count; i++) {
        free_texts(a->equivalences[i].adds, a->equivalences[i].add_count);
        vls_mem_free(a->equivalences[i].adds);
    }
    vls_mem_free(a->rules);
    vls_mem_free(a->bodies);
    vls_mem_free(a->equivalences);
    vls_mem_free(a->name);
    vls_mem_free(a->basis);
    vls_mem_free(a->house_of);
    vls_mem_free(a);
    *arrangement = NULL;
}

/* -- to ask ------------------------------------------------------------------------------------ */

const struct vls_rule_party *vls_rule_party(const struct vls_arrangement *a, const char *id)
{
    for (size_t i = 0; i < a->party_count; i++)
        if (strcmp(a->parties[i].id, id) == 0)
            return &a->parties[i];
    return NULL;
}

const struct vls_rule_body *vls_rule_body(const struct vls_arrangement *a, const char *id)
{
    for (size_t i = 0; i < a->body_count; i++)
        if (strcmp(a->bodies[i].id, id) == 0)
            return &a->bodies[i];
    return NULL;
}

const char *vls_arrangement_name(const struct vls_arrangement *a)
{
    return a->name;
}

const char *vls_arrangement_basis(const struct vls_arrangement *a)
{
    return a->basis;
}

uint32_t vls_arrangement_version(const struct vls_arrangement *a)
{
    return a->version;
}

const struct vls_digest *vls_arrangement_digest(const struct vls_arrangement *a)
{
    return &a->digest;
}

const struct vls_digest *vls_arrangement_supersedes(const struct vls_arrangement *a)
{
    return a->supersedes != 0 ? &a->supersedes_digest : NULL;
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

const char *vls_arrangement_party_at(const struct vls_arrangement *a, size_t i)
{
    return i < a->party_count ? a->parties[i].id : NULL;
}

const char *vls_arrangement_approver(const struct vls_arrangement *a, const char *party)
{
    const struct vls_rule_party *found = vls_rule_party(a, party);
    return found != NULL ? found->approver : NULL;
}

const char *vls_arrangement_domain(const struct vls_arrangement *a, const char *party)
{
    const struct vls_rule_party *found = vls_rule_party(a, party);
    return found != NULL ? found->domain : NULL;
}

const char *vls_arrangement_house_of(const struct vls_arrangement *a)
{
    return a->house_of;
}

bool vls_arrangement_is_in_force(const struct vls_arrangement *a, uint64_t at_ms)
{
    return at_ms >= a->not_before_ms && at_ms < a->expires_ms;
}

bool vls_arrangement_is_by_approval(const struct vls_arrangement *a)
{
    return a->in_force == VLS_IN_FORCE_LATER_APPROVAL;
}

uint64_t vls_arrangement_not_before(const struct vls_arrangement *a)
{
    return a->not_before_ms;
}

uint64_t vls_arrangement_approve_by(const struct vls_arrangement *a)
{
    return a->approve_by_ms;
}

uint64_t vls_arrangement_expires(const struct vls_arrangement *a)
{
    return a->expires_ms;
}

const char *vls_arrangement_body(const struct vls_arrangement *a, const char *body)
{
    const struct vls_rule_body *found = vls_rule_body(a, body);
    return found != NULL ? found->name : NULL;
}

const char *vls_arrangement_through(const struct vls_arrangement *a, const char *body)
{
    const struct vls_rule_body *found = vls_rule_body(a, body);
    return found != NULL ? found->through : NULL;
}

const char *vls_arrangement_member_at(const struct vls_arrangement *a, const char *body, size_t i)
{
    const struct vls_rule_body *found = vls_rule_body(a, body);
    return found != NULL && i < found->member_count ? found->members[i] : NULL;
}
