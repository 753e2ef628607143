#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/compile.h"

/* So many letters in common make one kind a hint for another. */
#define HINT_PREFIX 3

struct place {
    char text[VLS_COMPILE_PATH];
};

static struct place at(const char *path, const char *key)
{
    struct place p;
    snprintf(p.text, sizeof p.text, "%s.%s", path, key);
    return p;
}

/** The kind that begins most like `word`, or NULL. */
static const struct vls_kind *nearest_kind(const char *word)
{
    const struct vls_kind *best = NULL;
    size_t most = HINT_PREFIX - 1;
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        size_t len = 0;
        while (word[len] != '\0' && word[len] == kind->name[len])
            len++;
        if (len > most) {
            most = len;
            best = kind;
        }
    }
    return best;
}

static struct vls_status add_kind(const struct vls_compile *c, const char *path, const char *name,
                                  struct vls_condition *out)
{
    const struct vls_kind *kind = name != NULL ? vls_kind_by_name(name) : NULL;
    if (kind == NULL) {
        const struct vls_kind *hint = name != NULL ? nearest_kind(name) : NULL;
        return vls_compile_fail(c, path, "'%.60s' is not a kind of message%s%s%s",
                                name != NULL ? name : "", hint != NULL ? "; did you mean '" : "",
                                hint != NULL ? hint->name : "", hint != NULL ? "'?" : "");
    }
    for (size_t i = 0; i < out->kind_count; i++)
        if (out->kinds[i] == kind)
            return vls_compile_fail(c, path, "'%.60s' is given twice", name);
    out->kinds[out->kind_count++] = kind;
    return VLS_DONE;
}

static struct vls_status compile_kinds(const struct vls_compile *c, const struct vls_raw_when *raw,
                                       const char *path, struct vls_condition *out)
{
    if (raw->kind != NULL && raw->kinds_count != 0)
        return vls_compile_fail(c, at(path, "kinds").text, "give kind or kinds, not both");
    if (raw->kind != NULL)
        VLS_TRY(add_kind(c, at(path, "kind").text, raw->kind, out));
    for (unsigned i = 0; i < raw->kinds_count; i++) {
        char key[32];
        snprintf(key, sizeof key, "kinds[%u]", i);
        VLS_TRY(add_kind(c, at(path, key).text, raw->kinds[i], out));
    }
    return VLS_DONE;
}

/** A bound is of a scheme that one of the parties labels by; of any other it could never be
 * compared. */
static struct vls_status compile_bound(const struct vls_compile *c, const char *text,
                                       const char *path, struct vls_label *out)
{
    if (text == NULL)
        return VLS_DONE;
    struct vls_why reason;
    if (!vls_ok(vls_label_read(text, c->schemes, out, &reason)))
        return vls_compile_fail(c, path, "%.160s", reason.text);
    for (size_t i = 0; i < c->out->party_count; i++)
        if (c->out->parties[i].scheme == out->scheme)
            return VLS_DONE;
    return vls_compile_fail(c, path, "no party labels by the scheme %.60s",
                            vls_scheme_name(out->scheme));
}

static struct vls_status compile_label(const struct vls_compile *c, const struct vls_raw_label *raw,
                                       const char *path, struct vls_condition *out)
{
    if (raw == NULL)
        return VLS_DONE;
    if (raw->at_most == NULL && raw->at_least == NULL)
        return vls_compile_fail(c, path, "give at-most, at-least or both");
    VLS_TRY(compile_bound(c, raw->at_most, at(path, "at-most").text, &out->at_most));
    VLS_TRY(compile_bound(c, raw->at_least, at(path, "at-least").text, &out->at_least));
    if (raw->at_most == NULL || raw->at_least == NULL)
        return VLS_DONE;
    enum vls_label_order order = vls_label_compare(&out->at_least, &out->at_most);
    if (order == VLS_LABEL_ABOVE || order == VLS_LABEL_INCOMPARABLE)
        return vls_compile_fail(c, at(path, "at-least").text,
                                "no label lies between at-least and at-most");
    return VLS_DONE;
}

static struct vls_status compile_party(const struct vls_compile *c, const char *id,
                                       const char *path, const struct vls_rule_party **out)
{
    if (id == NULL)
        return VLS_DONE;
    *out = vls_rule_party(c->out, id);
    if (*out == NULL)
        return vls_compile_fail(c, path, "'%.60s' is not the id of a party", id);
    return VLS_DONE;
}

static struct vls_status compile_when(const struct vls_compile *c, const struct vls_raw_when *raw,
                                      const char *path, struct vls_condition *out)
{
    VLS_TRY(compile_kinds(c, raw, path, out));
    VLS_TRY(compile_label(c, raw->label, at(path, "label").text, out));
    VLS_TRY(compile_party(c, raw->from, at(path, "from").text, &out->from));
    VLS_TRY(compile_party(c, raw->to, at(path, "to").text, &out->to));
    if (out->from != NULL && out->from == out->to)
        return vls_compile_fail(c, at(path, "to").text, "is the same party as from");
    if (raw->body != NULL) {
        if (*raw->body == '\0' || !vls_text_is_clean(vls_slice_text(raw->body), false))
            return vls_compile_fail(c, at(path, "body").text, "is empty or not clean text");
        out->body = vls_mem_dup(raw->body);
    }
    if (raw->duplicate != NULL) {
        bool is_yes = strcmp(raw->duplicate, "true") == 0;
        if (!is_yes && strcmp(raw->duplicate, "false") != 0)
            return vls_compile_fail(c, at(path, "duplicate").text,
                                    "'%.40s' is neither true nor false", raw->duplicate);
        out->duplicate = is_yes ? VLS_WISH_YES : VLS_WISH_NO;
    }
    out->has_max_bytes = raw->max_bytes != NULL;
    out->max_bytes = raw->max_bytes != NULL ? *raw->max_bytes : 0;
    return VLS_DONE;
}

static struct vls_status compile_effect(const struct vls_compile *c, const struct vls_raw_rule *raw,
                                        const char *path, struct vls_rule *out)
{
    static const enum vls_outcome EFFECTS[] = {VLS_OUTCOME_RELEASE, VLS_OUTCOME_REFER,
                                               VLS_OUTCOME_WITHHOLD};
    if (raw->effect == NULL)
        return vls_compile_fail(c, path, "has no effect; write release, refer or withhold");
    for (size_t i = 0; i < sizeof EFFECTS / sizeof EFFECTS[0]; i++)
        if (strcmp(vls_outcome_name(EFFECTS[i]), raw->effect) == 0)
            out->effect = EFFECTS[i];
    if (out->effect == 0)
        return vls_compile_fail(c, at(path, "effect").text,
                                "'%.40s' is not release, refer or withhold", raw->effect);
    if (raw->approvals != NULL && out->effect != VLS_OUTCOME_REFER)
        return vls_compile_fail(c, at(path, "approvals").text, "only effect: refer asks for them");
    if (out->effect == VLS_OUTCOME_REFER)
        out->approvals = raw->approvals != NULL ? *raw->approvals : 1;
    if (raw->approvals != NULL && (*raw->approvals == 0 || *raw->approvals > VLS_MAX_APPROVALS))
        return vls_compile_fail(c, at(path, "approvals").text, "%u is not 1 to %d", *raw->approvals,
                                VLS_MAX_APPROVALS);
    return VLS_DONE;
}

static struct vls_status compile_duties(const struct vls_compile *c, const struct vls_raw_rule *raw,
                                        const char *path, struct vls_rule *out)
{
    for (unsigned i = 0; i < raw->duties_count; i++) {
        char key[32];
        snprintf(key, sizeof key, "duties[%u]", i);
        if (raw->duties[i] == NULL || !vls_text_is_name(raw->duties[i], VLS_MAX_NAME))
            return vls_compile_fail(c, at(path, key).text, "is not a name such as seal");
        out->duties[out->duty_count++] = vls_mem_dup(raw->duties[i]);
    }
    return VLS_DONE;
}

struct vls_status vls_compile_rule(const struct vls_compile *c, const struct vls_raw_rule *raw,
                                   const char *path, struct vls_rule *out)
{
    static const struct vls_raw_when NO_CONDITION;
    VLS_TRY(compile_effect(c, raw, path, out));
    if (raw->basis == NULL || *raw->basis == '\0')
        return vls_compile_fail(c, path, "has no basis; name the article, such as \"7(1)\"");
    if (!vls_text_is_clean(vls_slice_text(raw->basis), false))
        return vls_compile_fail(c, at(path, "basis").text, "holds control characters");
    out->basis = vls_mem_dup(raw->basis);
    VLS_TRY(compile_duties(c, raw, path, out));
    VLS_TRY(compile_when(c, raw->when != NULL ? raw->when : &NO_CONDITION, at(path, "when").text,
                         &out->when));
    bool is_bounded = out->when.kind_count != 0 && out->when.at_most.scheme != NULL;
    if (out->effect == VLS_OUTCOME_RELEASE && !is_bounded)
        return vls_compile_fail(c, path,
                                "releases without saying of which kind and at most at which label");
    return VLS_DONE;
}
