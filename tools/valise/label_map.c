/* valise label map: one label in another scheme, or why not. */
#include "label/map.h"

#include <string.h>

#include "base/mem.h"
#include "label_commands.h"
#include "label_show.h"
#include "labels.h"
#include "show.h"

/** A scheme by its name or, when there is none, its object identifier. */
static const struct vls_scheme *find_scheme(const struct vls_scheme_set *set, const char *name)
{
    const struct vls_scheme *scheme = vls_scheme_set_by_name(set, name);
    return scheme != NULL ? scheme : vls_scheme_set_by_oid(set, name);
}

/* -- where a category comes from ----------------------------------------------------------------
 */

/** One mapping that was made. */
struct mapped {
    const struct vls_label *from, *to;
    bool is_theirs; /* by the equivalences of the scheme there, as that here has none */
};

/** Does `e` speak of the other scheme, in the direction taken? */
static bool counts(const struct mapped *m, const struct vls_equivalence *e)
{
    const struct vls_scheme *other = m->is_theirs ? m->from->scheme : m->to->scheme;
    unsigned wanted = m->is_theirs ? VLS_APPLIED_DECRYPT : VLS_APPLIED_ENCRYPT;
    return ((unsigned)e->applied & wanted) != 0 &&
           strcmp(e->policy_oid, vls_scheme_oid(other)) == 0;
}

/** As label/map chooses: the scheme here, where it has an equivalent for any classification. */
static bool is_theirs(const struct vls_label *from, const struct vls_label *to)
{
    const struct mapped ours = {from, to, false};
    const struct vls_classification *c = NULL;
    for (size_t i = 0; (c = vls_scheme_at(from->scheme, i)) != NULL; i++)
        for (size_t e = 0; e < c->equivalent_count; e++)
            if (counts(&ours, &c->equivalents[e]))
                return false;
    return true;
}

static const struct vls_tag_set *set_of(const struct vls_scheme *scheme,
                                        const struct vls_category *c)
{
    return vls_scheme_tag_set(scheme, vls_scheme_tag(scheme, c->tag)->tag_set);
}

/** Does `e` name the category `c` of the other scheme? */
static bool is_named(const struct vls_equivalence *e, const struct vls_scheme *other,
                     const struct vls_category *c)
{
    return e->tag_set_oid != NULL && strcmp(e->tag_set_oid, set_of(other, c)->oid) == 0 &&
           e->type == vls_scheme_tag(other, c->tag)->type && e->lacv == c->lacv;
}

/** Is the tag set of `c`, here, said to be that of `there`, and both the same within it? */
static bool is_same_in_sets(const struct mapped *m, const struct vls_category *c,
                            const struct vls_category *there)
{
    const struct vls_tag_set *here_set = set_of(m->from->scheme, c);
    const struct vls_tag_set *there_set = set_of(m->to->scheme, there);
    const struct vls_tag_set *owned = m->is_theirs ? there_set : here_set;
    const struct vls_tag_set *other = m->is_theirs ? here_set : there_set;
    if (c->lacv != there->lacv || vls_scheme_tag(m->from->scheme, c->tag)->type !=
                                      vls_scheme_tag(m->to->scheme, there->tag)->type)
        return false;
    for (size_t i = 0; i < owned->equivalent_count; i++)
        if (counts(m, &owned->equivalents[i]) && owned->equivalents[i].tag_set_oid != NULL &&
            strcmp(owned->equivalents[i].tag_set_oid, other->oid) == 0)
            return true;
    return false;
}

/** Is `there` named as what `c` becomes? */
static bool is_named_so(const struct mapped *m, const struct vls_category *c,
                        const struct vls_category *there)
{
    const struct vls_category *owned = m->is_theirs ? there : c;
    const struct vls_category *other = m->is_theirs ? c : there;
    const struct vls_scheme *scheme = m->is_theirs ? m->from->scheme : m->to->scheme;
    for (size_t i = 0; i < owned->equivalent_count; i++)
        if (counts(m, &owned->equivalents[i]) && !owned->equivalents[i].is_discard &&
            is_named(&owned->equivalents[i], scheme, other))
            return true;
    return false;
}

/** Is any category there named as what `c` becomes? Its tag set does not count then. */
static bool has_own(const struct mapped *m, const struct vls_category *c)
{
    const struct vls_category *there = NULL;
    for (size_t i = 0; (there = vls_scheme_category(m->to->scheme, i)) != NULL; i++)
        if (is_named_so(m, c, there))
            return true;
    return false;
}

/** Did `c`, here, become `there`? */
static bool is_counterpart(const struct mapped *m, const struct vls_category *c,
                           const struct vls_category *there)
{
    if (m->from->scheme == m->to->scheme)
        return c == there;
    return is_named_so(m, c, there) || (!has_own(m, c) && is_same_in_sets(m, c, there));
}

/** The category here that became `there`; NULL: an equivalence requires it in addition. */
static const struct vls_category *origin_of(const struct mapped *m,
                                            const struct vls_category *there)
{
    const struct vls_category *c = NULL;
    for (size_t i = 0; (c = vls_scheme_category(m->from->scheme, i)) != NULL; i++)
        if (vls_label_has(m->from, c) && is_counterpart(m, c, there))
            return c;
    return NULL;
}

static bool is_discarded(const struct mapped *m, const struct vls_category *c)
{
    const struct vls_category *there = NULL;
    for (size_t i = 0; (there = vls_scheme_category(m->to->scheme, i)) != NULL; i++)
        if (vls_label_has(m->to, there) && is_counterpart(m, c, there))
            return false;
    return true;
}

/* -- what is said ------------------------------------------------------------------------------ */

/** Of the label there: all its categories, or those that were added. */
static json_t *names_there(const struct mapped *m, bool is_added_only)
{
    json_t *list = json_array();
    const struct vls_category *c = NULL;
    for (size_t i = 0; (c = vls_scheme_category(m->to->scheme, i)) != NULL; i++)
        if (vls_label_has(m->to, c) && (!is_added_only || origin_of(m, c) == NULL))
            json_array_append_new(list, vls_json_text(c->name));
    return list;
}

static json_t *discarded_names(const struct mapped *m)
{
    json_t *list = json_array();
    const struct vls_category *c = NULL;
    for (size_t i = 0; (c = vls_scheme_category(m->from->scheme, i)) != NULL; i++)
        if (vls_label_has(m->from, c) && is_discarded(m, c))
            json_array_append_new(list, vls_json_text(c->name));
    return list;
}

static void print_categories(struct cli *cli, const struct mapped *m)
{
    char words[2 * VLS_MAX_NAME + 32];
    const struct vls_category *c = NULL;
    for (size_t i = 0; (c = vls_scheme_category(m->to->scheme, i)) != NULL; i++) {
        if (!vls_label_has(m->to, c))
            continue;
        const struct vls_category *origin = origin_of(m, c);
        if (origin != NULL)
            snprintf(words, sizeof words, "%s, from %s", c->name, origin->name);
        else
            snprintf(words, sizeof words, "%s, added", c->name);
        vls_print_field(cli, "category", words);
    }
    for (size_t i = 0; (c = vls_scheme_category(m->from->scheme, i)) != NULL; i++)
        if (vls_label_has(m->from, c) && is_discarded(m, c))
            vls_print_field(cli, "discarded", c->name);
}

static VLS_STATUS report(struct cli *cli, const struct vls_label *from, const struct vls_label *to,
                         struct vls_why *why)
{
    const struct mapped m = {from, to, is_theirs(from, to)};
    char *a = vls_label_show_text(from), *b = vls_label_show_text(to);
    struct vls_status status = VLS_DONE;
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "from", vls_json_text(a));
        json_object_set_new(object, "label", vls_json_text(b));
        json_object_set_new(object, "classification", vls_json_text(to->classification->name));
        json_object_set_new(object, "categories", names_there(&m, false));
        json_object_set_new(object, "added", names_there(&m, true));
        json_object_set_new(object, "discarded", discarded_names(&m));
        status = vls_json_line(cli, object, why);
    } else {
        vls_print_field(cli, "from", a);
        vls_print_field(cli, "label", b);
        vls_print_field(cli, "classification", to->classification->name);
        print_categories(cli, &m);
    }
    vls_mem_free(a);
    vls_mem_free(b);
    return status;
}

/** A refusal, and what can be done about it. */
static VLS_STATUS refuse(struct vls_status status, const struct vls_label *label,
                         const struct vls_scheme *target, struct vls_why *why)
{
    static const struct vls_map_permission ALL = {.may_discard = true};
    struct vls_why reason = *why;
    struct vls_label there;
    if (status.code != VLS_LABEL_UNMAPPED)
        return status;
    if (!vls_ok(vls_label_map(label, target, &ALL, &there, NULL)))
        return vls_fail(status.code, why,
                        "%.300s; let one of the two organizations declare an equivalent in its "
                        "scheme, or give the document another label",
                        reason.text);
    vls_label_fini(&there);
    return vls_fail(status.code, why,
                    "%.300s; --allow-discard shows the label that such a rule would give",
                    reason.text);
}

static VLS_STATUS map(struct cli *cli, const struct cli_args *args,
                      const struct vls_scheme_set *schemes, const struct vls_label *label,
                      struct vls_why *why)
{
    const char *name = NULL;
    struct vls_label there;
    struct vls_map_permission permission = {.may_discard = vls_cli_has(args, "allow-discard")};
    VLS_TRY(vls_cli_need(args, "into", &name, why));
    const struct vls_scheme *target = find_scheme(schemes, name);
    if (target == NULL)
        return vls_fail(VLS_LABEL_SCHEME, why,
                        "--into: no scheme '%.80s' is loaded; give --scheme FILE for each scheme",
                        name);
    struct vls_status status = vls_label_map(label, target, &permission, &there, why);
    if (!vls_ok(status))
        return refuse(status, label, target, why);
    status = report(cli, label, &there, why);
    vls_label_fini(&there);
    return status;
}

struct vls_status vls_label_cmd_map(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct cli_label found;
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_label(cli, args->operands[1], &schemes, true, &found, why));
    struct vls_status status = map(cli, args, &schemes, &found.label, why);
    vls_label_fini(&found.label);
    return status;
}
