#include "policy/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* -- shared ------------------------------------------------------------------------------------ */

struct vls_compile_path vls_compile_at(const char *path, const char *key)
{
    struct vls_compile_path p;
    snprintf(p.text, sizeof p.text, "%s%s%s", path, *path != '\0' ? "." : "", key);
    return p;
}

struct vls_compile_path vls_compile_at_item(const char *path, const char *key, unsigned i)
{
    struct vls_compile_path p;
    snprintf(p.text, sizeof p.text, "%s%s%s[%u]", path, *path != '\0' ? "." : "", key, i);
    return p;
}

struct vls_status vls_compile_need(const struct vls_compile *c, const char *path, const char *text)
{
    if (text == NULL || *text == '\0')
        return vls_compile_fail(c, path, "is missing");
    if (!vls_text_is_clean(vls_slice_text(text), false))
        return vls_compile_fail(c, path, "holds control characters");
    return VLS_DONE;
}

bool vls_compile_is_path(const char *text)
{
    char part[VLS_MAX_NAME + 1];
    for (;;) {
        size_t len = strcspn(text, "/");
        if (len >= sizeof part)
            return false;
        vls_text_copy(part, len + 1, text);
        if (!vls_text_is_name(part, VLS_MAX_NAME))
            return false;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

static bool is_before_times(const char *text)
{
    return strspn(text, "0123456789") == 4 && strncmp(text, "1970", 4) < 0;
}

struct vls_status vls_compile_time(const struct vls_compile *c, const char *path, const char *text,
                                   uint64_t *out)
{
    VLS_TRY(vls_compile_need(c, path, text));
    if (is_before_times(text))
        return vls_compile_fail(c, path, "%.40s lies before 1970, where times begin here", text);
    if (!vls_ok(vls_time_read(text, out)))
        return vls_compile_fail(
            c, path, "'%.40s' is not a date such as 2036-09-19 or a time with its zone", text);
    return VLS_DONE;
}

struct vls_status vls_compile_is_used(const struct vls_compile *c, const char *path,
                                      const struct vls_scheme *scheme)
{
    for (size_t i = 0; i < c->out->party_count; i++)
        if (c->out->parties[i].scheme == scheme)
            return VLS_DONE;
    return vls_compile_fail(c, path, "no party labels by the scheme %.60s",
                            vls_scheme_name(scheme));
}

struct vls_status vls_compile_texts(const struct vls_compile *c, const char *path, const char *key,
                                    const struct vls_raw_list *raw, vls_compile_check_fn *is_right,
                                    const char *example, char **out, size_t *out_count)
{
    for (unsigned i = 0; i < raw->count; i++) {
        const struct vls_compile_path at = vls_compile_at_item(path, key, i);
        const char *text = raw->at[i] != NULL ? raw->at[i] : "";
        if (!is_right(text))
            return vls_compile_fail(c, at.text, "'%.60s' is not such as %s", text, example);
        for (size_t k = 0; k < *out_count; k++)
            if (strcmp(out[k], text) == 0)
                return vls_compile_fail(c, at.text, "'%.60s' is given twice", text);
        out[(*out_count)++] = vls_mem_dup(text);
    }
    return VLS_DONE;
}

/* -- the head ---------------------------------------------------------------------------------- */

/** That the file is what it was opened as. */
static struct vls_status check_what_it_is(const struct vls_compile *c,
                                          const struct vls_raw_arrangement *raw)
{
    if (raw->house_rules != NULL && raw->arrangement != NULL)
        return vls_compile_fail(c, "house-rules", "give arrangement or house-rules, not both");
    if (c->joint == NULL && raw->house_rules != NULL)
        return vls_compile_fail(c, "house-rules", "these are house rules, and no arrangement");
    if (c->joint != NULL && raw->arrangement != NULL)
        return vls_compile_fail(c, "arrangement", "this is an arrangement, and no house rules");
    if (c->joint == NULL && raw->party != NULL)
        return vls_compile_fail(c, "party", "only house rules are one party's");
    return VLS_DONE;
}

static struct vls_status compile_supersedes(const struct vls_compile *c,
                                            const struct vls_raw_arrangement *raw)
{
    struct vls_arrangement *a = c->out;
    const char *digest = raw->supersedes_digest;
    if (raw->supersedes == NULL && digest != NULL)
        return vls_compile_fail(c, "supersedes-digest", "of which version? give supersedes");
    if (raw->supersedes == NULL && raw->version > 1 && !a->is_house)
        return vls_compile_fail(c, "version",
                                "%u supersedes version %u; give supersedes and supersedes-digest",
                                raw->version, raw->version - 1);
    if (raw->supersedes == NULL)
        return VLS_DONE;
    if (*raw->supersedes == 0 || *raw->supersedes != raw->version - 1)
        return vls_compile_fail(c, "supersedes", "%u is not the version before %u",
                                *raw->supersedes, raw->version);
    VLS_TRY(vls_compile_need(c, "supersedes-digest", digest));
    if (!vls_ok(vls_hex_read(digest, a->supersedes_digest.bytes, sizeof a->supersedes_digest)))
        return vls_compile_fail(c, "supersedes-digest",
                                "is not the SHA-256 of that file: 64 hexadecimal digits");
    a->supersedes = *raw->supersedes;
    return VLS_DONE;
}

static struct vls_status compile_head(const struct vls_compile *c,
                                      const struct vls_raw_arrangement *raw)
{
    struct vls_arrangement *a = c->out;
    VLS_TRY(check_what_it_is(c, raw));
    a->is_house = c->joint != NULL;
    const char *key = a->is_house ? "house-rules" : "arrangement";
    const char *name = a->is_house ? raw->house_rules : raw->arrangement;
    VLS_TRY(vls_compile_need(c, key, name));
    if (!vls_compile_is_path(name))
        return vls_compile_fail(c, key, "'%.60s' is not a name such as un-iom/document-exchange",
                                name);
    if (raw->version == 0)
        return vls_compile_fail(c, "version", "is missing; the first version is 1");
    if (!a->is_house || raw->basis != NULL)
        VLS_TRY(vls_compile_need(c, "basis", raw->basis));
    a->name = vls_mem_dup(name);
    a->basis = vls_mem_dup(raw->basis != NULL ? raw->basis : "");
    a->house_of = vls_mem_dup(a->is_house && raw->party != NULL ? raw->party : "");
    a->version = raw->version;
    return compile_supersedes(c, raw);
}

static struct vls_status compile_in_force(const struct vls_compile *c,
                                          const struct vls_raw_in_force *raw)
{
    struct vls_arrangement *a = c->out;
    a->expires_ms = UINT64_MAX;
    if (raw == NULL && a->is_house)
        return VLS_DONE;
    if (raw == NULL)
        return vls_compile_fail(c, "in-force", "is missing; give not-before and expires");
    if (raw->rule != NULL && strcmp(raw->rule, "later-approval") == 0)
        a->in_force = VLS_IN_FORCE_LATER_APPROVAL;
    else if (raw->rule != NULL && strcmp(raw->rule, "fixed") != 0)
        return vls_compile_fail(c, "in-force.rule", "'%.40s' is neither later-approval nor fixed",
                                raw->rule);
    if (a->is_house && a->in_force == VLS_IN_FORCE_LATER_APPROVAL)
        return vls_compile_fail(c, "in-force.rule", "nobody else approves house rules");
    VLS_TRY(vls_compile_time(c, "in-force.not-before", raw->not_before, &a->not_before_ms));
    VLS_TRY(vls_compile_time(c, "in-force.expires", raw->expires, &a->expires_ms));
    if (a->expires_ms <= a->not_before_ms)
        return vls_compile_fail(c, "in-force.expires", "is not later than not-before");
    if (raw->approve_by == NULL)
        return VLS_DONE;
    if (a->is_house)
        return vls_compile_fail(c, "in-force.approve-by", "nobody else approves house rules");
    VLS_TRY(vls_compile_time(c, "in-force.approve-by", raw->approve_by, &a->approve_by_ms));
    if (a->approve_by_ms >= a->expires_ms)
        return vls_compile_fail(c, "in-force.approve-by", "is not earlier than expires");
    return VLS_DONE;
}

/* -- rules ------------------------------------------------------------------------------------- */

static int by_id_then_place(const void *a, const void *b)
{
    const struct vls_rule *x = *(const struct vls_rule *const *)a;
    const struct vls_rule *y = *(const struct vls_rule *const *)b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x > y) - (x < y);
}

/** Sorted, because a file may hold thousands. */
static struct vls_status check_ids(const struct vls_compile *c)
{
    const struct vls_arrangement *a = c->out;
    const struct vls_rule **sorted VLS_DEFER(vls_mem_freep) =
        vls_mem_try(a->rule_count * sizeof *sorted);
    if (sorted == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %zu rules", a->rule_count);
    for (size_t i = 0; i < a->rule_count; i++)
        sorted[i] = &a->rules[i];
    qsort(sorted, a->rule_count, sizeof *sorted, by_id_then_place);
    for (size_t i = 1; i < a->rule_count; i++) {
        if (strcmp(sorted[i - 1]->id, sorted[i]->id) != 0)
            continue;
        struct vls_compile_path path =
            vls_compile_at_item("", "rules", (unsigned)(sorted[i] - a->rules));
        return vls_compile_fail(c, vls_compile_at(path.text, "id").text,
                                "'%.60s' is the id of rules[%td] already", sorted[i]->id,
                                sorted[i - 1] - a->rules);
    }
    return VLS_DONE;
}

static struct vls_status compile_id(const struct vls_compile *c, const char *id, const char *path,
                                    struct vls_rule *out)
{
    if (id == NULL || *id == '\0')
        return vls_compile_fail(c, path, "has no id");
    if (!vls_text_is_name(id, VLS_MAX_NAME))
        return vls_compile_fail(c, vls_compile_at(path, "id").text,
                                "'%.60s' is not a name; use a-z, 0-9, '.', '-', '_'", id);
    out->id = vls_mem_dup(id);
    return VLS_DONE;
}

/** The rules stand in the order of the file, and so do the places: one way through both. */
static uint32_t find_line(const struct vls_compile *c, const char *path, size_t *from)
{
    for (size_t i = *from; i < c->places->count; i++)
        if (strcmp(c->places->at[i].path, path) == 0) {
            *from = i;
            return c->places->at[i].line;
        }
    return 0;
}

static struct vls_status compile_rules(const struct vls_compile *c,
                                       const struct vls_raw_arrangement *raw)
{
    struct vls_arrangement *a = c->out;
    size_t place = 0;
    if (raw->rules_count == 0)
        return vls_compile_fail(c, "rules", "there is none%s",
                                a->is_house ? "" : "; nothing could ever be released");
    a->rules = vls_mem_try(raw->rules_count * sizeof a->rules[0]);
    if (a->rules == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %u rules", raw->rules_count);
    for (unsigned i = 0; i < raw->rules_count; i++) {
        struct vls_compile_path path = vls_compile_at_item("", "rules", i);
        /* counted first: what is half made is released too */
        struct vls_rule *rule = &a->rules[a->rule_count++];
        rule->line = find_line(c, path.text, &place);
        VLS_TRY(compile_id(c, raw->rules[i].id, path.text, rule));
        VLS_TRY(vls_compile_rule(c, &raw->rules[i], path.text, rule));
    }
    return check_ids(c);
}

struct vls_status vls_compile_arrangement(const struct vls_compile *c,
                                          const struct vls_raw_arrangement *raw)
{
    VLS_TRY(compile_head(c, raw));
    VLS_TRY(compile_in_force(c, raw->in_force));
    VLS_TRY(vls_compile_parties(c, raw));
    VLS_TRY(vls_compile_bodies(c, raw));
    VLS_TRY(vls_compile_equivalences(c, raw));
    return compile_rules(c, raw);
}
