/* Rules that never match, or never decide; kinds that are never let go. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "policy/survey_internal.h"

/* So many of the rules that cover another one together are named. */
#define NAMED_COVERS 3

struct looking {
    struct vls_surveying *s;
    const struct vls_survey_file *file;
    size_t place; /* of the rule */
    const struct vls_rule *rule;
    bool is_house;
};

static VLS_STATUS hunt(const struct looking *l, struct vls_survey_hunt what,
                       struct vls_survey_catch *out)
{
    what.rule = l->rule;
    what.is_house = l->is_house;
    VLS_TRY(vls_survey_hunt(&l->s->search, &what, out, l->s->why));
    l->s->is_doubtful |= !out->is_found;
    return VLS_DONE;
}

static void say_bounded(const struct looking *l)
{
    struct vls_finding *f = vls_survey_add(
        l->s, l->file, VLS_SEVERITY_NOTICE, "undetermined", vls_survey_at("rules", l->place).text,
        "whether it ever decides was not found out within the bound of the search");
    vls_survey_remedy(f, "write a case for it and run 'valise arrangement test'");
}

/* -- never matches ----------------------------------------------------------------------------- */

static void say_axis(const struct vls_survey_catch *c, const struct vls_rule *rule,
                     const struct vls_arrangement *a, char out[VLS_FINDING_TEXT])
{
    const struct vls_rule_party *from = vls_rule_party(a, c->from);
    switch (c->axis) {
    case VLS_AXIS_LABEL:
        snprintf(out, VLS_FINDING_TEXT,
                 "no label that %.64s can give meets it; %.64s labels by %.100s", c->from, c->from,
                 vls_scheme_name(from->scheme));
        break;
    case VLS_AXIS_ANSWERS:
        snprintf(out, VLS_FINDING_TEXT, "kind %.60s always answers something, and it asks for none",
                 c->kind->name);
        break;
    case VLS_AXIS_SAFEGUARDS:
        snprintf(out, VLS_FINDING_TEXT,
                 "kind %.60s without safeguards is withheld before any rule is asked",
                 c->kind->name);
        break;
    case VLS_AXIS_ORIGINATORS:
        snprintf(out, VLS_FINDING_TEXT, "%s",
                 rule->when.third_party == VLS_WISH_NO
                     ? "every originator that it lists is a third party, and it wants none"
                     : "no originators that it asks for can be those of such a message");
        break;
    default:
        snprintf(out, VLS_FINDING_TEXT, "no message has the %s that it asks for",
                 vls_axis_name(c->axis));
        break;
    }
}

static void say_obstacle(const struct looking *l, const struct vls_survey_catch *c,
                         char out[VLS_FINDING_TEXT])
{
    const struct vls_arrangement *a = l->s->joint.book;
    const struct vls_rule_body *body = c->body != NULL ? vls_rule_body(a, c->body) : NULL;
    switch (c->obstacle) {
    case VLS_OBSTACLE_AXIS:
        say_axis(c, l->rule, a, out);
        return;
    case VLS_OBSTACLE_TIME:
        snprintf(out, VLS_FINDING_TEXT,
                 "the scheme that %.64s labels by is at no time valid while the rules are in force",
                 c->from);
        return;
    case VLS_OBSTACLE_BODY:
        if (body != NULL && c->kind->fans_out && body->member_count == 0)
            snprintf(out, VLS_FINDING_TEXT,
                     "kind %.60s goes to all members, and the body %.60s has none", c->kind->name,
                     c->body);
        else
            snprintf(out, VLS_FINDING_TEXT,
                     "the body %.60s does not exist at any time at which the rules are in force",
                     c->body != NULL ? c->body : "");
        return;
    case VLS_OBSTACLE_WHO:
        snprintf(out, VLS_FINDING_TEXT, "kind %.60s is addressed to a body, and no body fits",
                 c->kind->name);
        return;
    case VLS_OBSTACLE_NONE:
        if (!l->is_house && l->rule->when.incoming == VLS_WISH_YES)
            snprintf(out, VLS_FINDING_TEXT,
                     "what comes in is held against house rules alone; its sender has held it "
                     "against these");
        else
            snprintf(out, VLS_FINDING_TEXT, "no message goes the way that it asks for");
        return;
    }
}

static void say_never(const struct looking *l, const char *reason)
{
    struct vls_finding *f =
        vls_survey_add(l->s, l->file, VLS_SEVERITY_ERROR, "unreachable",
                       vls_survey_at("rules", l->place).text, "matches no message: %.300s", reason);
    vls_survey_remedy(f, "change its conditions, or remove it");
}

static void say_unreachable(const struct looking *l, const struct vls_survey_catch *c)
{
    char reason[VLS_FINDING_TEXT];
    say_obstacle(l, c, reason);
    say_never(l, reason);
}

/** What a rule for messages that come in asks of them, and only shows when one is opened: route's
 * incoming.c knows the manifest alone. NULL: nothing of that. */
static const char *asks_inside(const struct vls_condition *when)
{
    const struct {
        bool is_asked;
        const char *name;
    } INSIDE[] = {
        {when->distributions != 0 &&
             (when->distributions & UINT32_C(1) << VLS_DISTRIBUTION_NONE) == 0,
         "distribution"},
        {when->embargo == VLS_WISH_YES, "embargo"},
        {when->audience_count != 0, "audience"},
        {when->topic_count != 0, "topics"},
        {when->media_type_count != 0, "media types"},
        {when->originator_count != 0 || when->third_party == VLS_WISH_YES, "originators"},
        {when->duplicate == VLS_WISH_YES, "duplicates"},
    };
    for (size_t i = 0; i < sizeof INSIDE / sizeof INSIDE[0]; i++)
        if (INSIDE[i].is_asked)
            return INSIDE[i].name;
    return NULL;
}

/** Such a rule of the house would stand there for years, and never hold anything. */
static bool is_blind(const struct looking *l)
{
    char reason[VLS_FINDING_TEXT];
    const char *inside = asks_inside(&l->rule->when);
    if (!l->is_house || l->rule->when.incoming != VLS_WISH_YES || inside == NULL)
        return false;
    snprintf(reason, sizeof reason,
             "of what comes in the %s are inside the seal, and not known when it is decided",
             inside);
    say_never(l, reason);
    return true;
}

/* -- a value of a list that never matches ------------------------------------------------------ */

static VLS_STATUS look_at_value(const struct looking *l, struct vls_survey_hunt what,
                                const char *name, const struct vls_survey_path *path)
{
    struct vls_survey_catch c;
    char reason[VLS_FINDING_TEXT];
    VLS_TRY(hunt(l, what, &c));
    if (c.is_found || c.is_bounded)
        return VLS_DONE;
    say_obstacle(l, &c, reason);
    struct vls_finding *f =
        vls_survey_add(l->s, l->file, VLS_SEVERITY_WARNING, "dead-value", path->text,
                       "%.60s never matches here: %.250s", name, reason);
    vls_survey_remedy(f, "remove it from this rule");
    return VLS_DONE;
}

static VLS_STATUS look_at_values(const struct looking *l)
{
    const struct vls_condition *when = &l->rule->when;
    for (size_t i = 0; i < when->kind_count && when->kind_count > 1; i++) {
        const struct vls_survey_path path =
            vls_survey_at_item(l->file, l->place, "kind", "kinds", i);
        VLS_TRY(look_at_value(l, (struct vls_survey_hunt){.kind = when->kinds[i]},
                              when->kinds[i]->name, &path));
    }
    for (size_t i = 0; i < when->body_count && when->body_count > 1; i++) {
        const struct vls_survey_path path =
            vls_survey_at_item(l->file, l->place, "body", "bodies", i);
        VLS_TRY(look_at_value(l, (struct vls_survey_hunt){.body = when->bodies[i]},
                              when->bodies[i]->id, &path));
    }
    return VLS_DONE;
}

/* -- never decides ----------------------------------------------------------------------------- */

/** Stricter rules that together leave nothing of the rule, and none of which can be spared. */
struct covers {
    bool *among; /* one a rule of the book */
    size_t count;
};

static VLS_STATUS is_covered(const struct looking *l, const bool *among, bool *out)
{
    struct vls_survey_catch c;
    VLS_TRY(hunt(l, (struct vls_survey_hunt){.decides = true, .among = among}, &c));
    *out = !c.is_found && !c.is_bounded;
    return VLS_DONE;
}

/** Those that match some message of the rule. */
static VLS_STATUS gather_covers(const struct looking *l, struct covers *out)
{
    const struct vls_arrangement *a = l->file->book;
    for (size_t i = 0; i < a->rule_count; i++) {
        struct vls_survey_catch c;
        if (a->rules[i].effect <= l->rule->effect ||
            !vls_survey_may_meet(&l->s->search, l->rule, &a->rules[i]))
            continue;
        VLS_TRY(hunt(l, (struct vls_survey_hunt){.other = &a->rules[i]}, &c));
        out->among[i] = c.is_found;
        out->count += c.is_found;
    }
    return VLS_DONE;
}

/** One that does it alone, rather than several. */
static VLS_STATUS find_one_cover(const struct looking *l, struct covers *covers)
{
    const struct vls_arrangement *a = l->file->book;
    bool *one VLS_DEFER(vls_mem_freep) = vls_mem_try(a->rule_count * sizeof *one);
    bool is_enough = false;
    if (one == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, l->s->why, "no memory for %zu rules", a->rule_count);
    for (size_t i = 0; i < a->rule_count && !is_enough; i++) {
        if (!covers->among[i])
            continue;
        one[i] = true;
        VLS_TRY(is_covered(l, one, &is_enough));
        one[i] = is_enough;
    }
    if (is_enough) {
        vls_copy(covers->among, one, a->rule_count * sizeof *one);
        covers->count = 1;
    }
    return VLS_DONE;
}

static VLS_STATUS find_covers(const struct looking *l, struct covers *out)
{
    VLS_TRY(gather_covers(l, out));
    VLS_TRY(find_one_cover(l, out));
    for (size_t i = 0; i < l->file->book->rule_count && out->count > 1; i++) {
        bool is_spared = false;
        if (!out->among[i])
            continue;
        out->among[i] = false;
        VLS_TRY(is_covered(l, out->among, &is_spared));
        out->among[i] = !is_spared;
        out->count -= is_spared;
    }
    return VLS_DONE;
}

static void name_covers(const struct looking *l, const struct covers *covers,
                        char out[VLS_FINDING_TEXT])
{
    const struct vls_arrangement *a = l->file->book;
    size_t used = 0, named = 0;
    out[0] = '\0';
    for (size_t i = 0; i < a->rule_count && named < NAMED_COVERS; i++) {
        if (!covers->among[i])
            continue;
        named++;
        const char *mark = named == 1 ? "" : named == covers->count ? " and " : ", ";
        int n = snprintf(out + used, VLS_FINDING_TEXT - used, "%s%.60s (%s, line %u)", mark,
                         a->rules[i].id, vls_outcome_name(a->rules[i].effect), a->rules[i].line);
        used += n > 0 ? (size_t)n : 0;
    }
    if (covers->count > NAMED_COVERS)
        snprintf(out + used, VLS_FINDING_TEXT - used, " and %zu more", covers->count - named);
}

/** The contradiction is said already. */
static bool is_contradicted(const struct looking *l, const struct covers *covers)
{
    const struct vls_arrangement *a = l->file->book;
    for (size_t i = 0; i < a->rule_count; i++)
        if (covers->among[i] && vls_survey_is_same(&a->rules[i], l->rule))
            return true;
    return false;
}

static VLS_STATUS say_shadowed(const struct looking *l)
{
    size_t rules = l->file->book->rule_count;
    char names[VLS_FINDING_TEXT];
    bool *among VLS_DEFER(vls_mem_freep) = vls_mem_try(rules * sizeof *among);
    struct covers covers = {.among = among};
    if (among == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, l->s->why, "no memory for %zu rules", rules);
    VLS_TRY(find_covers(l, &covers));
    if (is_contradicted(l, &covers))
        return VLS_DONE;
    name_covers(l, &covers, names);
    struct vls_finding *f = vls_survey_add(
        l->s, l->file, VLS_SEVERITY_WARNING, "shadowed", vls_survey_at("rules", l->place).text,
        "never decides: every message that it would %s is covered by %.280s",
        vls_outcome_name(l->rule->effect), names);
    vls_survey_remedy(f, "narrow %s, or remove this one",
                      covers.count == 1 ? "that rule" : "those rules");
    return VLS_DONE;
}

static VLS_STATUS look_at_joint(const struct looking *l)
{
    struct vls_survey_catch c;
    VLS_TRY(hunt(l, (struct vls_survey_hunt){.decides = true}, &c));
    if (c.is_bounded)
        say_bounded(l);
    return c.is_found || c.is_bounded ? VLS_DONE : say_shadowed(l);
}

/** Does it ever make the outcome stricter than it is without it? */
static VLS_STATUS look_at_house(const struct looking *l)
{
    const struct vls_arrangement *joint = l->s->joint.book;
    struct vls_survey_catch c;
    bool is_bounded = false;
    if (l->rule->effect == VLS_OUTCOME_RELEASE) /* adds its duties, and decides nothing */
        return VLS_DONE;
    VLS_TRY(hunt(l, (struct vls_survey_hunt){.decides = true}, &c));
    for (size_t i = 0; i < joint->rule_count && !c.is_found; i++) {
        is_bounded |= c.is_bounded;
        if (joint->rules[i].effect < l->rule->effect)
            VLS_TRY(
                hunt(l, (struct vls_survey_hunt){.decides = true, .other = &joint->rules[i]}, &c));
    }
    if (c.is_found)
        return VLS_DONE;
    if (is_bounded || c.is_bounded) {
        say_bounded(l);
        return VLS_DONE;
    }
    struct vls_finding *f = vls_survey_add(
        l->s, l->file, VLS_SEVERITY_WARNING, "shadowed", vls_survey_at("rules", l->place).text,
        "never decides: what it matches is decided as strictly without it");
    vls_survey_remedy(f, "remove it, or narrow what stands above it");
    return VLS_DONE;
}

/* -- all of them ------------------------------------------------------------------------------- */

static VLS_STATUS look_at_rule(const struct looking *l)
{
    struct vls_survey_catch c;
    if (is_blind(l))
        return VLS_DONE;
    VLS_TRY(hunt(l, (struct vls_survey_hunt){.decides = false}, &c));
    if (c.is_bounded) {
        say_bounded(l);
        return VLS_DONE;
    }
    if (!c.is_found) {
        say_unreachable(l, &c);
        return VLS_DONE;
    }
    VLS_TRY(look_at_values(l));
    if (l->rule->is_broad && !l->is_house)
        vls_survey_add(l->s, l->file, VLS_SEVERITY_NOTICE, "broad",
                       vls_survey_at("rules", l->place).text,
                       "releases whatever the label is; the file acknowledges that");
    return l->is_house ? look_at_house(l) : look_at_joint(l);
}

/** Nothing is said of the rules from that one on. */
static void say_rest(struct vls_surveying *s, const struct vls_survey_file *file, size_t i)
{
    vls_survey_add(s, file, VLS_SEVERITY_NOTICE, "bounded", vls_survey_at("rules", i).text,
                   "from here on %zu rules were not looked at: the bound of the search was met",
                   file->book->rule_count - i);
}

static VLS_STATUS look_at_file(struct vls_surveying *s, const struct vls_survey_file *file)
{
    for (size_t i = 0; file->book != NULL && i < file->book->rule_count; i++) {
        if (s->search.steps >= VLS_SURVEY_ALL_STEPS) {
            say_rest(s, file, i);
            return VLS_DONE;
        }
        const struct looking l = {.s = s,
                                  .file = file,
                                  .place = i,
                                  .rule = &file->book->rules[i],
                                  .is_house = file == &s->house};
        VLS_TRY(look_at_rule(&l));
    }
    return VLS_DONE;
}

struct vls_status vls_survey_rules(struct vls_surveying *s)
{
    VLS_TRY(look_at_file(s, &s->joint));
    return look_at_file(s, &s->house);
}

/* -- kinds ------------------------------------------------------------------------------------- */

static VLS_STATUS is_let_go(struct vls_surveying *s, const struct vls_kind *kind, bool *out)
{
    const struct vls_arrangement *a = s->joint.book;
    for (size_t i = 0; i < a->rule_count && !*out; i++) {
        const struct looking l = {.s = s, .file = &s->joint, .place = i, .rule = &a->rules[i]};
        struct vls_survey_catch c;
        if (a->rules[i].effect == VLS_OUTCOME_WITHHOLD || s->search.steps >= VLS_SURVEY_ALL_STEPS)
            continue;
        VLS_TRY(hunt(&l, (struct vls_survey_hunt){.decides = true, .kind = kind}, &c));
        *out = c.is_found || c.is_bounded;
    }
    return VLS_DONE;
}

struct vls_status vls_survey_kinds(struct vls_surveying *s)
{
    const struct vls_kind *kind = NULL;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        bool is_let = false;
        VLS_TRY(is_let_go(s, kind, &is_let));
        if (is_let || s->search.steps >= VLS_SURVEY_ALL_STEPS)
            continue;
        struct vls_finding *f = vls_survey_add(
            s, &s->joint, VLS_SEVERITY_NOTICE, "kind-withheld", "rules",
            "no rule ever releases or refers kind %.60s: it is always withheld", kind->name);
        vls_survey_remedy(f, "if it is meant to be exchanged, give a rule for it");
    }
    return VLS_DONE;
}
