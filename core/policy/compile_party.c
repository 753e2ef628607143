#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/compile.h"

static bool is_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

static char *copy_or_empty(const char *text)
{
    return vls_mem_dup(text != NULL ? text : "");
}

/** A text that may be missing. */
static struct vls_status check_clean(const struct vls_compile *c, const char *path,
                                     const char *text)
{
    if (text == NULL)
        return VLS_DONE;
    return vls_compile_need(c, path, text);
}

/* -- parties ----------------------------------------------------------------------------------- */

static struct vls_status find_scheme(const struct vls_compile *c, const char *path,
                                     const char *name, const struct vls_scheme **out)
{
    VLS_TRY(vls_compile_need(c, path, name));
    *out = vls_scheme_set_by_name(c->schemes, name);
    if (*out != NULL)
        return VLS_DONE;
    if (c->schemes->count == 0)
        return vls_compile_fail(c, path, "no scheme '%.60s' is loaded, nor any other", name);
    return vls_compile_fail(c, path, "no scheme '%.60s' is loaded; there is '%.60s'%s", name,
                            vls_scheme_name(c->schemes->schemes[0]),
                            c->schemes->count > 1 ? " and others" : "");
}

static struct vls_status check_party_id(const struct vls_compile *c, const char *path,
                                        const char *id)
{
    const struct vls_compile_path at = vls_compile_at(path, "id");
    if (is_empty(id))
        return vls_compile_fail(c, path, "has no id");
    if (!vls_text_is_name(id, VLS_MAX_PARTY))
        return vls_compile_fail(c, at.text, "'%.60s' is not a short name such as un", id);
    if (vls_rule_party(c->out, id) != NULL)
        return vls_compile_fail(c, at.text, "'%.60s' is given twice", id);
    return VLS_DONE;
}

static struct vls_status compile_party(const struct vls_compile *c, const struct vls_raw_party *raw,
                                       const char *path)
{
    const struct vls_scheme *scheme = NULL;
    struct vls_arrangement *a = c->out;
    VLS_TRY(check_party_id(c, path, raw->id));
    VLS_TRY(vls_compile_need(c, vls_compile_at(path, "name").text, raw->name));
    VLS_TRY(check_clean(c, vls_compile_at(path, "domain").text, raw->domain));
    VLS_TRY(check_clean(c, vls_compile_at(path, "approver").text, raw->approver));
    VLS_TRY(find_scheme(c, vls_compile_at(path, "scheme").text, raw->scheme, &scheme));
    a->parties[a->party_count++] = (struct vls_rule_party){.id = vls_mem_dup(raw->id),
                                                           .name = vls_mem_dup(raw->name),
                                                           .domain = copy_or_empty(raw->domain),
                                                           .approver = copy_or_empty(raw->approver),
                                                           .scheme = scheme};
    return VLS_DONE;
}

/** House rules have none of their own: they would not be the ones that the partner agreed to. */
static struct vls_status take_joint_parties(const struct vls_compile *c,
                                            const struct vls_raw_arrangement *raw)
{
    struct vls_arrangement *a = c->out;
    if (raw->parties_count != 0)
        return vls_compile_fail(c, "parties", "house rules take them from the arrangement");
    for (size_t i = 0; i < c->joint->party_count; i++) {
        const struct vls_rule_party *party = &c->joint->parties[i];
        a->parties[a->party_count++] =
            (struct vls_rule_party){.id = vls_mem_dup(party->id),
                                    .name = vls_mem_dup(party->name),
                                    .domain = vls_mem_dup(party->domain),
                                    .approver = vls_mem_dup(party->approver),
                                    .scheme = party->scheme};
    }
    VLS_TRY(vls_compile_need(c, "party", raw->party));
    if (vls_rule_party(a, raw->party) == NULL)
        return vls_compile_fail(c, "party", "'%.60s' is not a party of %.60s", raw->party,
                                c->joint->name);
    return VLS_DONE;
}

struct vls_status vls_compile_parties(const struct vls_compile *c,
                                      const struct vls_raw_arrangement *raw)
{
    if (c->joint != NULL)
        return take_joint_parties(c, raw);
    if (raw->parties_count < 2)
        return vls_compile_fail(c, "parties", "an arrangement has at least two");
    for (unsigned i = 0; i < raw->parties_count; i++)
        VLS_TRY(compile_party(c, &raw->parties[i], vls_compile_at_item("", "parties", i).text));
    return VLS_DONE;
}

/* -- bodies ------------------------------------------------------------------------------------ */

static struct vls_status check_body_id(const struct vls_compile *c, const char *path,
                                       const char *id)
{
    const struct vls_compile_path at = vls_compile_at(path, "id");
    if (is_empty(id))
        return vls_compile_fail(c, path, "has no id");
    if (!vls_compile_is_path(id))
        return vls_compile_fail(c, at.text, "'%.60s' is not a name such as un/ga", id);
    if (vls_rule_body(c->out, id) != NULL)
        return vls_compile_fail(c, at.text, "'%.60s' is given twice", id);
    return VLS_DONE;
}

static struct vls_status compile_body(const struct vls_compile *c, const struct vls_raw_body *raw,
                                      const char *path)
{
    struct vls_arrangement *a = c->out;
    VLS_TRY(check_body_id(c, path, raw->id));
    VLS_TRY(vls_compile_need(c, vls_compile_at(path, "name").text, raw->name));
    struct vls_rule_body *body = &a->bodies[a->body_count++];
    body->id = vls_mem_dup(raw->id);
    body->name = vls_mem_dup(raw->name);
    body->through = copy_or_empty(raw->through);
    if (raw->from != NULL)
        VLS_TRY(vls_compile_time(c, vls_compile_at(path, "from").text, raw->from, &body->from_ms));
    if (raw->until != NULL)
        VLS_TRY(
            vls_compile_time(c, vls_compile_at(path, "until").text, raw->until, &body->until_ms));
    if (raw->until != NULL && body->until_ms <= body->from_ms)
        return vls_compile_fail(c, vls_compile_at(path, "until").text, "is not later than from");
    const struct vls_compile_path members = vls_compile_at(path, "members");
    if (raw->members.count == 0 && vls_yaml_place(c->places, members.text) != NULL)
        return vls_compile_fail(c, members.text,
                                "names nobody; leave it out for a body that has none");
    if (raw->members.count == 0)
        return VLS_DONE;
    body->members = vls_mem_try(raw->members.count * sizeof body->members[0]);
    if (body->members == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %u members", raw->members.count);
    return vls_compile_texts(c, path, "members", &raw->members, vls_compile_is_path,
                             "un/member-states", body->members, &body->member_count);
}

/** Each way-point is a body, and the way ends somewhere. */
static struct vls_status check_way(const struct vls_compile *c, const struct vls_rule_body *body,
                                   const char *path)
{
    const struct vls_compile_path at = vls_compile_at(path, "through");
    const struct vls_rule_body *point = body;
    for (size_t steps = 0; point->through[0] != '\0'; steps++) {
        const struct vls_rule_body *next = vls_rule_body(c->out, point->through);
        if (next == NULL)
            return vls_compile_fail(c, at.text, "'%.60s' is not the id of a body", point->through);
        if (steps == c->out->body_count)
            return vls_compile_fail(c, at.text, "the way goes in a circle");
        point = next;
    }
    return VLS_DONE;
}

static struct vls_status make_bodies(const struct vls_compile *c, size_t count)
{
    if (count == 0)
        return VLS_DONE;
    c->out->bodies = vls_mem_try(count * sizeof c->out->bodies[0]);
    if (c->out->bodies == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %zu bodies", count);
    return VLS_DONE;
}

static struct vls_status take_joint_bodies(const struct vls_compile *c,
                                           const struct vls_raw_arrangement *raw)
{
    struct vls_arrangement *a = c->out;
    if (raw->bodies_count != 0)
        return vls_compile_fail(c, "bodies", "house rules take them from the arrangement");
    VLS_TRY(make_bodies(c, c->joint->body_count));
    for (size_t i = 0; i < c->joint->body_count; i++) {
        const struct vls_rule_body *from = &c->joint->bodies[i];
        struct vls_rule_body *body = &a->bodies[a->body_count++];
        *body = (struct vls_rule_body){.id = vls_mem_dup(from->id),
                                       .name = vls_mem_dup(from->name),
                                       .through = vls_mem_dup(from->through),
                                       .from_ms = from->from_ms,
                                       .until_ms = from->until_ms};
        if (from->member_count == 0)
            continue;
        body->members = vls_mem_try(from->member_count * sizeof body->members[0]);
        if (body->members == NULL)
            return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %zu members",
                            from->member_count);
        for (size_t k = 0; k < from->member_count; k++)
            body->members[body->member_count++] = vls_mem_dup(from->members[k]);
    }
    return VLS_DONE;
}

struct vls_status vls_compile_bodies(const struct vls_compile *c,
                                     const struct vls_raw_arrangement *raw)
{
    if (c->joint != NULL)
        return take_joint_bodies(c, raw);
    VLS_TRY(make_bodies(c, raw->bodies_count));
    for (unsigned i = 0; i < raw->bodies_count; i++)
        VLS_TRY(compile_body(c, &raw->bodies[i], vls_compile_at_item("", "bodies", i).text));
    for (unsigned i = 0; i < raw->bodies_count; i++)
        VLS_TRY(check_way(c, &c->out->bodies[i], vls_compile_at_item("", "bodies", i).text));
    return VLS_DONE;
}

/* -- equivalences ------------------------------------------------------------------------------ */

static struct vls_status read_side(const struct vls_compile *c, const char *path, const char *text,
                                   const struct vls_scheme **out_scheme,
                                   const struct vls_classification **out)
{
    struct vls_label label = {.scheme = NULL};
    struct vls_why reason;
    VLS_TRY(vls_compile_need(c, path, text));
    if (strchr(text, ';') != NULL)
        return vls_compile_fail(c, path,
                                "an equivalence is of classifications; the schemes "
                                "themselves say what their categories are");
    if (!vls_ok(vls_label_read(text, c->schemes, &label, &reason)))
        return vls_compile_fail(c, path, "%.160s", reason.text);
    *out_scheme = label.scheme;
    *out = label.classification;
    vls_label_fini(&label);
    return vls_compile_is_used(c, path, *out_scheme);
}

static struct vls_status compile_equivalence(const struct vls_compile *c,
                                             const struct vls_raw_equivalence *raw,
                                             const char *path)
{
    struct vls_arrangement *a = c->out;
    struct vls_rule_equivalence *e = &a->equivalences[a->equivalence_count++];
    const struct vls_compile_path from = vls_compile_at(path, "from"),
                                  to = vls_compile_at(path, "to");
    VLS_TRY(read_side(c, from.text, raw->from, &e->from_scheme, &e->from));
    VLS_TRY(read_side(c, to.text, raw->to, &e->to_scheme, &e->to));
    if (e->from_scheme == e->to_scheme)
        return vls_compile_fail(c, to.text, "is of the same scheme as from");
    for (const struct vls_rule_equivalence *other = a->equivalences; other < e; other++)
        if (other->from == e->from && other->to_scheme == e->to_scheme)
            return vls_compile_fail(c, from.text, "equivalence[%td] says already what '%.60s' is",
                                    other - a->equivalences, raw->from);
    if (raw->adds.count == 0)
        return VLS_DONE;
    e->adds = vls_mem_try(raw->adds.count * sizeof e->adds[0]);
    if (e->adds == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %u duties", raw->adds.count);
    return vls_compile_texts(c, path, "adds", &raw->adds, vls_compile_is_path, "originator-consent",
                             e->adds, &e->add_count);
}

struct vls_status vls_compile_equivalences(const struct vls_compile *c,
                                           const struct vls_raw_arrangement *raw)
{
    if (raw->equivalence_count == 0)
        return VLS_DONE;
    if (c->joint != NULL)
        return vls_compile_fail(c, "equivalence", "both parties agree on it, in the arrangement");
    c->out->equivalences = vls_mem_try(raw->equivalence_count * sizeof c->out->equivalences[0]);
    if (c->out->equivalences == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, c->why, "no memory for %u equivalences",
                        raw->equivalence_count);
    for (unsigned i = 0; i < raw->equivalence_count; i++)
        VLS_TRY(compile_equivalence(c, &raw->equivalence[i],
                                    vls_compile_at_item("", "equivalence", i).text));
    return VLS_DONE;
}
