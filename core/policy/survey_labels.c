/* Labels that do not get from one party's scheme into another's, or come back lower. */
#include <stdio.h>
#include <string.h>

#include "label/map.h"
#include "policy/survey_internal.h"

/* Names of levels or categories in one finding. */
#define NAMED 8

/** From one scheme into another. */
struct way {
    struct vls_surveying *s;
    const struct vls_scheme *from, *to;
    size_t party; /* the first that labels by `from` */
};

/* -- one level --------------------------------------------------------------------------------- */

static const struct vls_rule_equivalence *find_equivalence(const struct vls_arrangement *a,
                                                           const struct vls_classification *level,
                                                           const struct vls_scheme *to)
{
    for (size_t i = 0; i < a->equivalence_count; i++)
        if (a->equivalences[i].from == level && a->equivalences[i].to_scheme == to)
            return &a->equivalences[i];
    return NULL;
}

static const struct vls_classification *by_scheme(const struct vls_scheme *from,
                                                  const struct vls_classification *level,
                                                  const struct vls_scheme *to)
{
    const struct vls_label label = vls_label_of(from, level);
    struct vls_label there;
    if (!vls_ok(vls_label_map(&label, to, NULL, &there, NULL)))
        return NULL;
    const struct vls_classification *found = there.classification;
    vls_label_fini(&there);
    return found;
}

/** What a level is there: as the arrangement says, else as the schemes do; NULL: nothing. */
static const struct vls_classification *step(const struct vls_arrangement *a,
                                             const struct vls_scheme *from,
                                             const struct vls_classification *level,
                                             const struct vls_scheme *to)
{
    const struct vls_rule_equivalence *e = find_equivalence(a, level, to);
    return e != NULL ? e->to : by_scheme(from, level, to);
}

/* -- lists of names ---------------------------------------------------------------------------- */

struct names {
    char text[VLS_FINDING_TEXT / 2];
    size_t used, count;
};

static void add_name(struct names *n, const char *name)
{
    if (n->count++ < NAMED && n->used < sizeof n->text) {
        int added = snprintf(n->text + n->used, sizeof n->text - n->used, "%s%.60s",
                             n->count > 1 ? ", " : "", name);
        n->used += added > 0 ? (size_t)added : 0;
    }
}

static void say_unmapped(const struct way *w, const char *code, const char *what,
                         const struct names *names, const char *remedy)
{
    const struct vls_survey_path path = vls_survey_at("parties", w->party);
    if (names->count == 0)
        return;
    struct vls_finding *f =
        vls_survey_add(w->s, &w->s->joint, VLS_SEVERITY_WARNING, code, path.text,
                       "%zu %s of %.60s without an equivalent in %.60s: %.190s%s", names->count,
                       what, vls_scheme_name(w->from), vls_scheme_name(w->to), names->text,
                       names->count > NAMED ? " and others" : "");
    vls_survey_remedy(f, "%s", remedy);
}

/* -- what is looked at ------------------------------------------------------------------------- */

static void look_at_levels(const struct way *w)
{
    struct names names = {.count = 0};
    const struct vls_classification *level = NULL;
    for (size_t i = 0; (level = vls_scheme_at(w->from, i)) != NULL; i++)
        if (!level->is_obsolete && step(w->s->joint.book, w->from, level, w->to) == NULL)
            add_name(&names, level->handle);
    say_unmapped(w, "unmapped-level", "levels", &names,
                 "say under 'equivalence' what each is there");
}

/** Does a label with that category get across, whatever its level? */
static bool is_mapped(const struct way *w, const struct vls_category *category)
{
    const struct vls_classification *level = NULL;
    for (size_t i = 0; (level = vls_scheme_at(w->from, i)) != NULL; i++) {
        struct vls_label there, label = vls_label_of(w->from, level);
        vls_label_add(&label, category);
        if (!vls_ok(vls_label_check_new(&label, NULL)) ||
            !vls_ok(vls_label_map(&label, w->to, NULL, &there, NULL)))
            continue;
        vls_label_fini(&there);
        return true;
    }
    return false;
}

static void look_at_categories(const struct way *w)
{
    struct names names = {.count = 0};
    const struct vls_category *category = NULL;
    for (size_t i = 0; (category = vls_scheme_category(w->from, i)) != NULL; i++)
        if (!category->is_obsolete && !is_mapped(w, category))
            add_name(&names, category->handle);
    say_unmapped(w, "unmapped-category", "categories", &names,
                 "let one of the two schemes declare what each is there");
}

/** There and back, where the arrangement takes part; of the schemes alone label/map knows. */
static void look_at_return(const struct way *w, const struct vls_classification *level)
{
    const struct vls_arrangement *a = w->s->joint.book;
    const struct vls_classification *there = step(a, w->from, level, w->to);
    const struct vls_classification *back = there != NULL ? step(a, w->to, there, w->from) : NULL;
    const struct vls_rule_equivalence *e = find_equivalence(a, level, w->to);
    if (e == NULL && there != NULL)
        e = find_equivalence(a, there, w->from);
    if (e == NULL || back == NULL || back->hierarchy >= level->hierarchy)
        return;
    struct vls_finding *f = vls_survey_add(
        w->s, &w->s->joint, VLS_SEVERITY_ERROR, "lowering",
        vls_survey_at("equivalence", (size_t)(e - a->equivalences)).text,
        "%.40s/%.60s becomes %.40s/%.60s, and that comes back as %.60s, which is lower",
        vls_scheme_name(w->from), level->handle, vls_scheme_name(w->to), there->handle,
        back->handle);
    vls_survey_remedy(f, "map it higher there, or that back to %.60s or above", level->handle);
}

/** The arrangement may say more than the schemes; less would undo what they say. */
static void look_at_lower(const struct way *w, const struct vls_rule_equivalence *e)
{
    const struct vls_classification *own = by_scheme(w->from, e->from, w->to);
    if (own == NULL || e->to->hierarchy >= own->hierarchy)
        return;
    struct vls_finding *f = vls_survey_add(
        w->s, &w->s->joint, VLS_SEVERITY_WARNING, "below-scheme",
        vls_survey_at("equivalence", (size_t)(e - w->s->joint.book->equivalences)).text,
        "%.60s/%.60s is lower than %.60s, which the schemes themselves make of %.60s",
        vls_scheme_name(w->to), e->to->handle, own->handle, e->from->handle);
    vls_survey_remedy(f, "write %.60s/%.60s or above, or leave it to the schemes",
                      vls_scheme_name(w->to), own->handle);
}

static void look_at_schemes(const struct way *w)
{
    struct vls_why reason = {""};
    if (vls_ok(vls_map_check_round_trip(w->from, w->to, &reason)))
        return;
    struct vls_finding *f = vls_survey_add(w->s, &w->s->joint, VLS_SEVERITY_ERROR, "lowering",
                                           vls_survey_at("parties", w->party).text,
                                           "the schemes alone: %.250s", reason.text);
    vls_survey_remedy(f, "have the scheme corrected; see 'valise scheme check'");
}

static void look_at_way(const struct way *w)
{
    const struct vls_arrangement *a = w->s->joint.book;
    const struct vls_classification *level = NULL;
    look_at_levels(w);
    look_at_categories(w);
    look_at_schemes(w);
    for (size_t i = 0; (level = vls_scheme_at(w->from, i)) != NULL; i++)
        look_at_return(w, level);
    for (size_t i = 0; i < a->equivalence_count; i++)
        if (a->equivalences[i].from_scheme == w->from && a->equivalences[i].to_scheme == w->to)
            look_at_lower(w, &a->equivalences[i]);
}

/** The first party with that scheme speaks for all that have it. */
static bool is_first(const struct vls_arrangement *a, size_t party)
{
    for (size_t i = 0; i < party; i++)
        if (a->parties[i].scheme == a->parties[party].scheme)
            return false;
    return true;
}

void vls_survey_labels(struct vls_surveying *s)
{
    const struct vls_arrangement *a = s->joint.book;
    for (size_t i = 0; i < a->party_count; i++)
        for (size_t k = 0; k < a->party_count; k++) {
            const struct way way = {
                .s = s, .from = a->parties[i].scheme, .to = a->parties[k].scheme, .party = i};
            if (way.from != way.to && is_first(a, i) && is_first(a, k))
                look_at_way(&way);
        }
}
