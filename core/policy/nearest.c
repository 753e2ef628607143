#include "policy/nearest.h"

#include <stdio.h>
#include <string.h>

struct search {
    const struct vls_arrangement *arrangement;
    const struct vls_facts *facts;
    enum vls_outcome wanted;
    char *out;
};

static bool gives_it(const struct search *s, const struct vls_facts *changed)
{
    return vls_evaluate(s->arrangement, changed, NULL).outcome == s->wanted;
}

static bool try_duplicate(const struct search *s)
{
    struct vls_facts changed = *s->facts;
    changed.is_duplicate = !changed.is_duplicate;
    if (!gives_it(s, &changed))
        return false;
    snprintf(s->out, VLS_NEAREST_TEXT, "%s, if it were %s", vls_outcome_name(s->wanted),
             changed.is_duplicate ? "a duplicate" : "no duplicate");
    return true;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

/** Of two labels equally near, the more sensitive one. */
static bool is_nearer(const struct vls_classification *c, const struct vls_classification *best,
                      uint32_t here)
{
    if (best == NULL)
        return true;
    uint32_t to_c = distance(c->hierarchy, here), to_best = distance(best->hierarchy, here);
    return to_c != to_best ? to_c < to_best : c->hierarchy > best->hierarchy;
}

static bool try_label(const struct search *s)
{
    const struct vls_scheme *scheme = s->facts->label.scheme;
    const struct vls_classification *here = s->facts->label.classification;
    const struct vls_classification *best = NULL;
    for (size_t i = 0; i < vls_scheme_count(scheme); i++) {
        const struct vls_classification *c = vls_scheme_at(scheme, i);
        if (c == here || c->is_obsolete || c->requirement_count != 0)
            continue;
        struct vls_facts changed = *s->facts;
        changed.label.classification = c;
        if (is_nearer(c, best, here->hierarchy) && gives_it(s, &changed))
            best = c;
    }
    if (best == NULL)
        return false;
    snprintf(s->out, VLS_NEAREST_TEXT, "%s, if its label were %s/%s", vls_outcome_name(s->wanted),
             vls_scheme_name(scheme), best->handle);
    return true;
}

static bool try_kind(const struct search *s)
{
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        struct vls_facts changed = *s->facts;
        changed.kind = kind->name;
        if (strcmp(kind->name, s->facts->kind) == 0 || !gives_it(s, &changed))
            continue;
        snprintf(s->out, VLS_NEAREST_TEXT, "%s, if it were of kind %s", vls_outcome_name(s->wanted),
                 kind->name);
        return true;
    }
    return false;
}

void vls_nearest_change(const struct vls_arrangement *arrangement, const struct vls_facts *facts,
                        enum vls_outcome outcome, char out[VLS_NEAREST_TEXT])
{
    static const enum vls_outcome MILDER[] = {VLS_OUTCOME_REFER, VLS_OUTCOME_RELEASE};
    out[0] = '\0';
    if (facts->label.scheme == NULL || facts->label.classification == NULL)
        return;
    for (size_t i = 0; i < sizeof MILDER / sizeof MILDER[0]; i++) {
        struct search s = {arrangement, facts, MILDER[i], out};
        if (MILDER[i] < outcome && (try_duplicate(&s) || try_label(&s) || try_kind(&s)))
            return;
    }
}
