#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/compile.h"

static const char BROAD[] = "releases-without-label";

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
        return vls_compile_fail(c, vls_compile_at(path, "effect").text,
                                "'%.40s' is not release, refer or withhold", raw->effect);
    return VLS_DONE;
}

static struct vls_status compile_numbers(const struct vls_compile *c,
                                         const struct vls_raw_rule *raw, const char *path,
                                         struct vls_rule *out)
{
    const struct vls_compile_path approvals = vls_compile_at(path, "approvals");
    if (raw->approvals != NULL && out->effect != VLS_OUTCOME_REFER)
        return vls_compile_fail(c, approvals.text, "only effect: refer asks for them");
    if (out->effect == VLS_OUTCOME_REFER)
        out->approvals = raw->approvals != NULL ? *raw->approvals : 1;
    if (raw->approvals != NULL && (*raw->approvals == 0 || *raw->approvals > VLS_MAX_APPROVALS))
        return vls_compile_fail(c, approvals.text, "%u is not 1 to %d", *raw->approvals,
                                VLS_MAX_APPROVALS);
    if (raw->retain_years == NULL)
        return VLS_DONE;
    if (*raw->retain_years == 0 || *raw->retain_years > VLS_MAX_RETAIN_YEARS)
        return vls_compile_fail(c, vls_compile_at(path, "retain-years").text, "%u is not 1 to %d",
                                *raw->retain_years, VLS_MAX_RETAIN_YEARS);
    out->retain_years = *raw->retain_years;
    return VLS_DONE;
}

/** What would release a message of any label is seldom meant; who means it says so, where it
 * stands. House rules release nothing by themselves. */
static struct vls_status check_breadth(const struct vls_compile *c, const struct vls_raw_rule *raw,
                                       const char *path, struct vls_rule *out)
{
    bool is_acknowledged = false;
    for (unsigned i = 0; i < raw->acknowledge.count; i++) {
        const char *word = raw->acknowledge.at[i];
        if (word == NULL || strcmp(word, BROAD) != 0)
            return vls_compile_fail(c, vls_compile_at_item(path, "acknowledge", i).text,
                                    "'%.40s' is not %s, all that there is",
                                    word != NULL ? word : "", BROAD);
        is_acknowledged = true;
    }
    out->is_broad = out->effect == VLS_OUTCOME_RELEASE && out->when.at_most.scheme == NULL;
    if (out->is_broad && !is_acknowledged && !c->out->is_house)
        return vls_compile_fail(c, path,
                                "releases whatever its label is; give label: { at-most: ... }, or "
                                "acknowledge: [%s]",
                                BROAD);
    if (is_acknowledged && !out->is_broad)
        return vls_compile_fail(c, vls_compile_at(path, "acknowledge").text,
                                "there is nothing of that to acknowledge; remove it");
    return VLS_DONE;
}

/** What goes to all members of an organ cannot be let go to a body whose members nobody knows. */
static struct vls_status check_members(const struct vls_compile *c, const char *path,
                                       const struct vls_rule *rule)
{
    const struct vls_kind *kind = NULL;
    for (size_t i = 0; i < rule->when.kind_count; i++)
        if (rule->when.kinds[i]->fans_out)
            kind = rule->when.kinds[i];
    if (kind == NULL || rule->effect == VLS_OUTCOME_WITHHOLD)
        return VLS_DONE;
    for (size_t i = 0; i < rule->when.body_count; i++)
        if (rule->when.bodies[i]->member_count == 0)
            return vls_compile_fail(c, path,
                                    "a %s goes to all members, and the body %.60s has none; give "
                                    "it members",
                                    kind->name, rule->when.bodies[i]->id);
    return VLS_DONE;
}

struct vls_status vls_compile_rule(const struct vls_compile *c, const struct vls_raw_rule *raw,
                                   const char *path, struct vls_rule *out)
{
    static const struct vls_raw_when NO_CONDITION;
    VLS_TRY(compile_effect(c, raw, path, out));
    VLS_TRY(compile_numbers(c, raw, path, out));
    if (raw->basis == NULL || *raw->basis == '\0')
        return vls_compile_fail(c, path, "has no basis; name the article, such as \"7(1)\"");
    if (!vls_text_is_clean(vls_slice_text(raw->basis), false))
        return vls_compile_fail(c, vls_compile_at(path, "basis").text, "holds control characters");
    out->basis = vls_mem_dup(raw->basis);
    VLS_TRY(vls_compile_texts(c, path, "duties", &raw->duties, vls_compile_is_path, "seal",
                              out->duties, &out->duty_count));
    VLS_TRY(vls_compile_when(c, raw->when != NULL ? raw->when : &NO_CONDITION,
                             vls_compile_at(path, "when").text, &out->when));
    VLS_TRY(check_members(c, vls_compile_at(path, "when").text, out));
    return check_breadth(c, raw, path, out);
}
