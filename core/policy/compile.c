#include "policy/compile.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static bool is_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

static struct vls_status need_text(const struct vls_compile *c, const char *path, const char *text)
{
    if (is_empty(text))
        return vls_compile_fail(c, path, "is missing");
    if (!vls_text_is_clean(vls_slice_text(text), false))
        return vls_compile_fail(c, path, "holds control characters");
    return VLS_DONE;
}

/** "un-iom/document-exchange": names joined by '/'. */
static bool is_arrangement_name(const char *text)
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

static struct vls_status compile_head(const struct vls_compile *c,
                                      const struct vls_raw_arrangement *raw)
{
    struct vls_arrangement *a = c->out;
    VLS_TRY(need_text(c, "arrangement", raw->arrangement));
    if (!is_arrangement_name(raw->arrangement))
        return vls_compile_fail(c, "arrangement",
                                "'%.60s' is not a name such as un-iom/document-exchange",
                                raw->arrangement);
    if (raw->version == 0)
        return vls_compile_fail(c, "version", "is missing; the first version is 1");
    VLS_TRY(need_text(c, "basis", raw->basis));
    a->name = vls_mem_dup(raw->arrangement);
    a->basis = vls_mem_dup(raw->basis);
    a->version = raw->version;
    return VLS_DONE;
}

static struct vls_status compile_time(const struct vls_compile *c, const char *path,
                                      const char *text, uint64_t *out)
{
    VLS_TRY(need_text(c, path, text));
    if (!vls_ok(vls_time_read(text, out)))
        return vls_compile_fail(
            c, path, "'%.40s' is not a date such as 2036-09-19 or a time with its zone", text);
    return VLS_DONE;
}

static struct vls_status compile_in_force(const struct vls_compile *c,
                                          const struct vls_raw_in_force *raw)
{
    if (raw == NULL)
        return vls_compile_fail(c, "in-force", "is missing; give not-before and expires");
    VLS_TRY(compile_time(c, "in-force.not-before", raw->not_before, &c->out->not_before_ms));
    VLS_TRY(compile_time(c, "in-force.expires", raw->expires, &c->out->expires_ms));
    if (c->out->expires_ms <= c->out->not_before_ms)
        return vls_compile_fail(c, "in-force.expires", "is not later than not-before");
    return VLS_DONE;
}

static struct vls_status compile_scheme(const struct vls_compile *c, const char *path,
                                        const char *name, const struct vls_scheme **out)
{
    VLS_TRY(need_text(c, path, name));
    *out = vls_scheme_set_by_name(c->schemes, name);
    if (*out != NULL)
        return VLS_DONE;
    if (c->schemes->count == 0)
        return vls_compile_fail(c, path, "no scheme '%.60s' is loaded, nor any other", name);
    return vls_compile_fail(c, path, "no scheme '%.60s' is loaded; there is '%.60s'%s", name,
                            vls_scheme_name(c->schemes->schemes[0]),
                            c->schemes->count > 1 ? " and others" : "");
}

static struct vls_status compile_party(const struct vls_compile *c, const struct vls_raw_party *raw,
                                       unsigned i)
{
    char path[VLS_COMPILE_PATH], at[VLS_COMPILE_PATH + 8];
    struct vls_arrangement *a = c->out;
    snprintf(path, sizeof path, "parties[%u]", i);
    if (is_empty(raw->id))
        return vls_compile_fail(c, path, "has no id");
    snprintf(at, sizeof at, "%s.id", path);
    if (!vls_text_is_name(raw->id, VLS_MAX_PARTY))
        return vls_compile_fail(c, at, "'%.60s' is not a short name such as un", raw->id);
    if (vls_rule_party(a, raw->id) != NULL)
        return vls_compile_fail(c, at, "'%.60s' is given twice", raw->id);
    snprintf(at, sizeof at, "%s.name", path);
    VLS_TRY(need_text(c, at, raw->name));
    const struct vls_scheme *scheme = NULL;
    snprintf(at, sizeof at, "%s.scheme", path);
    VLS_TRY(compile_scheme(c, at, raw->scheme, &scheme));
    a->parties[a->party_count++] = (struct vls_rule_party){
        .id = vls_mem_dup(raw->id), .name = vls_mem_dup(raw->name), .scheme = scheme};
    return VLS_DONE;
}

static struct vls_status check_id(const struct vls_compile *c, const char *id, const char *path)
{
    char at[VLS_COMPILE_PATH + 8];
    if (is_empty(id))
        return vls_compile_fail(c, path, "has no id");
    snprintf(at, sizeof at, "%s.id", path);
    if (!vls_text_is_name(id, VLS_MAX_NAME))
        return vls_compile_fail(c, at, "'%.60s' is not a name; use a-z, 0-9, '.', '-', '_'", id);
    for (size_t i = 0; i < c->out->rule_count; i++)
        if (strcmp(c->out->rules[i].id, id) == 0)
            return vls_compile_fail(c, at, "'%.60s' is the id of rules[%zu] already", id, i);
    return VLS_DONE;
}

static struct vls_status compile_rules(const struct vls_compile *c,
                                       const struct vls_raw_arrangement *raw)
{
    struct vls_arrangement *a = c->out;
    if (raw->rules_count == 0)
        return vls_compile_fail(c, "rules", "there is none; nothing could ever be released");
    a->rules = vls_mem_try(raw->rules_count * sizeof a->rules[0]);
    if (a->rules == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %u rules", raw->rules_count);
    for (unsigned i = 0; i < raw->rules_count; i++) {
        char path[VLS_COMPILE_PATH];
        snprintf(path, sizeof path, "rules[%u]", i);
        VLS_TRY(check_id(c, raw->rules[i].id, path));
        /* counted first: what is half made is released too */
        struct vls_rule *rule = &a->rules[a->rule_count++];
        rule->id = vls_mem_dup(raw->rules[i].id);
        VLS_TRY(vls_compile_rule(c, &raw->rules[i], path, rule));
    }
    return VLS_DONE;
}

struct vls_status vls_compile_arrangement(const struct vls_compile *c,
                                          const struct vls_raw_arrangement *raw)
{
    VLS_TRY(compile_head(c, raw));
    VLS_TRY(compile_in_force(c, raw->in_force));
    if (raw->parties_count < 2)
        return vls_compile_fail(c, "parties", "an arrangement has at least two");
    for (unsigned i = 0; i < raw->parties_count; i++)
        VLS_TRY(compile_party(c, &raw->parties[i], i));
    return compile_rules(c, raw);
}
