#include "policy/difference.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/difference_internal.h"

/* Branches that even the last of many rules may take. */
#define LEAST_SHARE 256u

struct finder {
    const struct vls_terms *terms;
    const struct vls_books *books; /* before, after */
    struct vls_difference *out;
    size_t room, partly_room;
};

/* -- one example, held against the evaluators -------------------------------------------------- */

static bool gives_duty(const struct vls_books *books, const struct vls_facts *facts,
                       const struct vls_judgement *j, const char *duty)
{
    const struct vls_kind *kind = vls_kind_by_name(facts->kind);
    const struct vls_rule_party *to = vls_rule_party(books->joint, facts->to);
    for (size_t i = 0; i < j->matched_count; i++)
        for (size_t k = 0; k < j->matched[i].rule->duty_count; k++)
            if (strcmp(j->matched[i].rule->duties[k], duty) == 0)
                return true;
    for (size_t i = 0; kind->duties[i] != NULL; i++)
        if (strcmp(kind->duties[i], duty) == 0)
            return true;
    for (size_t i = 0; i < books->joint->equivalence_count; i++) {
        const struct vls_rule_equivalence *e = &books->joint->equivalences[i];
        if (to == NULL || e->from != facts->label.classification || e->to_scheme != to->scheme)
            continue;
        for (size_t k = 0; k < e->add_count; k++)
            if (strcmp(e->adds[k], duty) == 0)
                return true;
    }
    return false;
}

static bool is_as_found(const struct vls_change *c, const struct vls_judgement *before,
                        const struct vls_judgement *after)
{
    if (before->outcome != c->outcome_before || after->outcome != c->outcome_after)
        return false;
    if (c->what == VLS_CHANGE_OUTCOME)
        return before->approvals == c->before && after->approvals == c->after;
    if (c->what == VLS_CHANGE_RETAIN)
        return before->retain_years == c->before && after->retain_years == c->after;
    return before->outcome <= VLS_OUTCOME_REFER;
}

/** The search has its own idea of what rules match: what it finds must hold for those who decide.
 */
static VLS_STATUS check_example(const struct finder *f, const struct vls_change *c,
                                struct vls_why *why)
{
    struct vls_space_facts facts;
    struct vls_judgement before VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    struct vls_judgement after VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    vls_space_facts(f->terms->space, &c->example, &facts);
    VLS_TRY(vls_judge(&f->books[0], &facts.facts, &before, why));
    VLS_TRY(vls_judge(&f->books[1], &facts.facts, &after, why));
    bool is_right = is_as_found(c, &before, &after);
    if (is_right && c->duty != NULL)
        is_right = gives_duty(&f->books[0], &facts.facts, &before, c->duty) ==
                       (c->what == VLS_CHANGE_DUTY_REMOVED) &&
                   gives_duty(&f->books[1], &facts.facts, &after, c->duty) ==
                       (c->what == VLS_CHANGE_DUTY_ADDED);
    return is_right ? VLS_DONE
                    : vls_fail(VLS_SYSTEM_BUG, why,
                               "an example that the search found for %.60s is decided %s and %s by "
                               "the evaluators; this is a fault of the program, please report it",
                               c->rule != NULL ? c->rule->id : "the arrangement",
                               vls_outcome_name(before.outcome), vls_outcome_name(after.outcome));
}

/* -- the list ---------------------------------------------------------------------------------- */

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_change(const struct vls_change *a, const struct vls_change *b)
{
    return a->what == b->what && a->before == b->before && a->after == b->after &&
           (a->what != VLS_CHANGE_OUTCOME ||
            (a->outcome_before == b->outcome_before && a->outcome_after == b->outcome_after)) &&
           is_same_text(a->duty, b->duty) && a->cause == b->cause && a->is_house == b->is_house &&
           is_same_text(a->rule != NULL ? a->rule->id : NULL, b->rule != NULL ? b->rule->id : NULL);
}

static int compare_points(const struct vls_point *a, const struct vls_point *b)
{
    for (size_t i = 0; i < VLS_AXES; i++)
        if (a->at[i] != b->at[i])
            return a->at[i] < b->at[i] ? -1 : 1;
    return 0;
}

static bool is_better(const struct vls_change *a, const struct vls_change *b)
{
    return a->cost != b->cost ? a->cost < b->cost : compare_points(&a->example, &b->example) < 0;
}

/** A rule that is in both versions is responsible in either form: one line. @return false without
 * memory */
static bool keep(struct finder *f, const struct vls_change *change)
{
    struct vls_difference *out = f->out;
    for (size_t i = 0; i < out->count; i++)
        if (is_same_change(&out->changes[i], change)) {
            if (is_better(change, &out->changes[i]))
                out->changes[i] = *change;
            return true;
        }
    if (out->count == f->room) {
        size_t room = f->room == 0 ? 32 : 2 * f->room;
        struct vls_change *more = vls_mem_resize(out->changes, room * sizeof *more);
        if (more == NULL)
            return false;
        out->changes = more;
        f->room = room;
    }
    out->changes[out->count++] = *change;
    return true;
}

static struct vls_change change_of(const struct finder *f, const struct vls_term *term,
                                   const struct vls_found *found)
{
    struct vls_change c = {.what = found->key.what,
                           .outcome_before = found->outcome_before,
                           .outcome_after = found->outcome_after,
                           .before = found->key.a,
                           .after = found->key.b,
                           .rule = term->rule,
                           .cause = term->rule != NULL || term->cause == 0 ? VLS_CAUSE_RULE
                                                                           : term->cause,
                           .is_house = term->payload->book == VLS_TERM_HOUSE,
                           .example = found->example,
                           .cost = found->cost};
    if (c.what == VLS_CHANGE_OUTCOME) {
        c.before &= UINT16_MAX; /* the outcomes stand above */
        c.after &= UINT16_MAX;
    } else if (c.what != VLS_CHANGE_RETAIN) {
        c.duty = f->terms->duties[found->key.a];
        c.before = 0;
    }
    return c;
}

static bool note_partly(struct finder *f, const struct vls_term *term)
{
    struct vls_difference *out = f->out;
    const char *name = term->rule != NULL ? term->rule->id : "(what the arrangement says besides)";
    for (size_t i = 0; i < out->partly_count; i++)
        if (strcmp(out->partly[i], name) == 0)
            return true;
    if (out->partly_count == f->partly_room) {
        size_t room = f->partly_room == 0 ? 16 : 2 * f->partly_room;
        const char **more = vls_mem_resize(out->partly, room * sizeof *more);
        if (more == NULL)
            return false;
        out->partly = more;
        f->partly_room = room;
    }
    out->partly[out->partly_count++] = name;
    return true;
}

static VLS_STATUS search_term(struct finder *f, size_t target, uint64_t share, struct vls_why *why)
{
    const struct vls_term *term = &f->terms->at[target];
    struct vls_found_list found = {.at = NULL};
    VLS_TRY(vls_terms_search(f->terms, target, share, &found, why));
    bool is_kept = !found.is_partial || note_partly(f, term);
    struct vls_status s = VLS_DONE;
    f->out->states += found.states;
    for (size_t i = 0; i < found.count && is_kept && vls_ok(s); i++) {
        const struct vls_change change = change_of(f, term, &found.at[i]);
        s = check_example(f, &change, why);
        is_kept = keep(f, &change);
    }
    vls_mem_free(found.at);
    VLS_TRY(s);
    return is_kept ? VLS_DONE : vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the changes");
}

/* -- order ------------------------------------------------------------------------------------- */

static int sign(uint32_t before, uint32_t after)
{
    return (after > before) - (after < before);
}

int vls_change_direction(const struct vls_change *change)
{
    switch (change->what) {
    case VLS_CHANGE_DUTY_ADDED:
        return 1;
    case VLS_CHANGE_DUTY_REMOVED:
        return -1;
    case VLS_CHANGE_OUTCOME:
        if (change->outcome_before != change->outcome_after)
            return sign(change->outcome_before, change->outcome_after);
        break;
    case VLS_CHANGE_RETAIN:
        break;
    }
    return sign(change->before, change->after);
}

static int in_order(const void *a, const void *b)
{
    const struct vls_change *x = a, *y = b;
    const int64_t keys[][2] = {
        {vls_change_direction(x), vls_change_direction(y)},
        {x->what, y->what},
        {x->outcome_after, y->outcome_after},
        {y->outcome_before, x->outcome_before},
        {x->cost, y->cost},
        {compare_points(&x->example, &y->example), 0},
        {x->before, y->before},
        {x->after, y->after},
        {strcmp(x->rule != NULL ? x->rule->id : "", y->rule != NULL ? y->rule->id : ""), 0},
        {strcmp(x->duty != NULL ? x->duty : "", y->duty != NULL ? y->duty : ""), 0},
        {x->cause, y->cause},
        {x->is_house, y->is_house},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

/* -- the whole --------------------------------------------------------------------------------- */

static VLS_STATUS search_all(struct finder *f, uint64_t max_states, struct vls_why *why)
{
    const struct vls_terms *t = f->terms;
    size_t left = 0;
    for (size_t i = 0; i < t->count; i++)
        left += !t->at[i].is_paired;
    f->out->searched = left;
    for (size_t i = 0; i < t->count; i++) {
        if (t->at[i].is_paired)
            continue;
        uint64_t rest = max_states > f->out->states ? max_states - f->out->states : 0;
        uint64_t share = rest / left--;
        VLS_TRY(search_term(f, i, share > LEAST_SHARE ? share : LEAST_SHARE, why));
    }
    if (f->out->count != 0)
        qsort(f->out->changes, f->out->count, sizeof f->out->changes[0], in_order);
    return VLS_DONE;
}

struct vls_status vls_difference_find(const struct vls_space *space, const struct vls_books *before,
                                      const struct vls_books *after, uint64_t max_states,
                                      struct vls_difference *out, struct vls_why *why)
{
    const struct vls_books books[2] = {*before, *after};
    struct vls_difference difference = {.count = 0};
    struct vls_terms *terms = NULL;
    VLS_TRY(vls_terms_make(space, before, after, &terms, why));
    struct finder f = {.terms = terms, .books = books, .out = &difference};
    struct vls_status s = search_all(&f, max_states, why);
    vls_terms_free(&terms);
    if (vls_ok(s))
        *out = difference;
    else
        vls_difference_fini(&difference);
    return s;
}

void vls_difference_fini(struct vls_difference *difference)
{
    vls_mem_free(difference->changes);
    vls_mem_free(difference->partly);
    *difference = (struct vls_difference){.count = 0};
}
