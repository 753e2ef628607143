/* valise scheme diff: which labels a new version of a scheme changes. What labels carry on the wire
 * tells which classification and which category is which; names may change. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "scheme_commands.h"
#include "show.h"

#define WORDS_MAX 512
/** Exit status of schemes that differ, as diff(1) has it. */
#define EXIT_DIFFERENT 1

struct diff {
    struct cli *cli;
    const struct vls_scheme *old, *new_scheme;
    struct table table;
    size_t count;
    struct vls_why *why;
};

static VLS_STATUS add(struct diff *d, const char *what, const char *name, const char *change,
                      const char *old, const char *new_words)
{
    d->count++;
    if (!d->cli->is_json) {
        vls_table_add(&d->table, change);
        vls_table_add_format(&d->table, "%s %s", what, name);
        vls_table_add(&d->table, *old != '\0' ? old : "-");
        vls_table_add(&d->table, *new_words != '\0' ? new_words : "-");
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "what", vls_json_text(what));
    json_object_set_new(object, "name", vls_json_text(name));
    json_object_set_new(object, "change", vls_json_text(change));
    json_object_set_new(object, "old", vls_json_text(old));
    json_object_set_new(object, "new", vls_json_text(new_words));
    return vls_json_line(d->cli, object, d->why);
}

static VLS_STATUS add_if(struct diff *d, const char *what, const char *name, const char *change,
                         const char *old, const char *new_words)
{
    return strcmp(old, new_words) != 0 ? add(d, what, name, change, old, new_words) : VLS_DONE;
}

static const char *obsolete_words(bool is_obsolete)
{
    return is_obsolete ? "obsolete" : "in use";
}

static void number_words(uint64_t number, char out[32])
{
    snprintf(out, 32, "%" PRIu64, number);
}

/* -- markings and equivalences as one text each ------------------------------------------------ */

struct words {
    char text[WORDS_MAX];
    struct vls_hash *hash; /* of all of it: the text may be cut */
    size_t used;
};

static void put(struct words *w, const char *fmt, ...) VLS_PRINTF(2, 3);
static void put(struct words *w, const char *fmt, ...)
{
    char piece[2 * VLS_MAX_PHRASE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(piece, sizeof piece, fmt, args);
    va_end(args);
    vls_hash_add(w->hash, vls_slice_text(piece));
    if (w->used < sizeof w->text) {
        vls_text_copy(w->text + w->used, sizeof w->text - w->used, piece);
        w->used += strlen(w->text + w->used);
    }
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static void put_markings(struct words *w, const struct vls_markings *m)
{
    for (size_t i = 0; i < m->phrase_count; i++) {
        const struct vls_marking_phrase *p = &m->phrases[i];
        put(w, "%s%s%s'%s'/%" PRIx32, i > 0 ? " " : "", p->language,
            *p->language != '\0' ? ":" : "", or_empty(p->phrase), p->codes);
    }
    for (size_t i = 0; i < m->qualifier_count; i++) {
        const struct vls_marking_qualifier *q = &m->qualifiers[i];
        put(w, " %s[%s|%s|%s]/%" PRIx32, q->language, or_empty(q->prefix), or_empty(q->separator),
            or_empty(q->suffix), q->codes);
    }
}

static void put_requirements(struct words *w, const struct vls_requirement *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(w, " needs%d(", (int)rules[i].operation);
        for (size_t j = 0; j < rules[i].ref_count; j++) {
            const struct vls_category_ref *r = &rules[i].refs[j];
            put(w, "%s%s %d/%" PRIu64 "%s", j > 0 ? ", " : "", r->tag_set, (int)r->type, r->lacv,
                r->is_all ? " all" : "");
        }
        put(w, ")");
    }
}

static void put_equivalences(struct words *w, const struct vls_equivalence *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct vls_equivalence *e = &list[i];
        put(w, "%s%s %s%" PRIu64 "%s/%d", i > 0 ? ", " : "", e->policy, or_empty(e->tag_set_oid),
            e->lacv, e->is_discard ? " discarded" : "", (int)e->applied);
        put_requirements(w, e->requirements, e->requirement_count);
    }
}

static void put_exclusions(struct words *w, const struct vls_category *c)
{
    put(w, "class %s", or_empty(c->required_class_name));
    for (size_t i = 0; i < c->excluded_class_count; i++)
        put(w, " not %s", c->excluded_class_names[i]);
    for (size_t i = 0; i < c->excluded_ref_count; i++)
        put(w, " without %s %d/%" PRIu64 "%s", c->excluded_refs[i].tag_set,
            (int)c->excluded_refs[i].type, c->excluded_refs[i].lacv,
            c->excluded_refs[i].is_all ? " all" : "");
    put_requirements(w, c->requirements, c->requirement_count);
}

/** Two texts that were cut alike still differ when their digests do. */
static VLS_STATUS add_words(struct diff *d, const char *what, const char *name, const char *change,
                            struct words *old, struct words *new_words)
{
    struct vls_digest a = vls_hash_finish(old->hash), b = vls_hash_finish(new_words->hash);
    struct vls_status status = VLS_DONE;
    if (!vls_digest_is_equal(&a, &b))
        status = add(d, what, name, change, old->text, new_words->text);
    old->used = new_words->used = 0;
    old->text[0] = new_words->text[0] = '\0';
    return status;
}

/* -- what stands in both ----------------------------------------------------------------------- */

static VLS_STATUS diff_class(struct diff *d, const struct vls_classification *a,
                             const struct vls_classification *b, struct words *x, struct words *y)
{
    char old[32], new_words[32];
    static const char WHAT[] = "classification";
    VLS_TRY(add_if(d, WHAT, a->name, "renamed", a->name, b->name));
    number_words(a->lacv, old);
    number_words(b->lacv, new_words);
    VLS_TRY(add_if(d, WHAT, a->name, "wire value", old, new_words));
    number_words(a->hierarchy, old);
    number_words(b->hierarchy, new_words);
    VLS_TRY(add_if(d, WHAT, a->name, "rank", old, new_words));
    VLS_TRY(add_if(d, WHAT, a->name, "use", obsolete_words(a->is_obsolete),
                   obsolete_words(b->is_obsolete)));
    VLS_TRY(add_if(d, WHAT, a->name, "colour", a->color, b->color));
    put_markings(x, &a->markings);
    put_markings(y, &b->markings);
    VLS_TRY(add_words(d, WHAT, a->name, "marking", x, y));
    put_equivalences(x, a->equivalents, a->equivalent_count);
    put_equivalences(y, b->equivalents, b->equivalent_count);
    VLS_TRY(add_words(d, WHAT, a->name, "equivalence", x, y));
    put_requirements(x, a->requirements, a->requirement_count);
    put_requirements(y, b->requirements, b->requirement_count);
    return add_words(d, WHAT, a->name, "rule", x, y);
}

static VLS_STATUS diff_category(struct diff *d, const struct vls_category *a,
                                const struct vls_category *b, struct words *x, struct words *y)
{
    char old[32], new_words[32];
    static const char WHAT[] = "category";
    VLS_TRY(add_if(d, WHAT, a->name, "renamed", a->name, b->name));
    number_words(a->lacv, old);
    number_words(b->lacv, new_words);
    VLS_TRY(add_if(d, WHAT, a->name, "wire value", old, new_words));
    VLS_TRY(add_if(d, WHAT, a->name, "type",
                   vls_tag_type_name(vls_scheme_tag(d->old, a->tag)->type),
                   vls_tag_type_name(vls_scheme_tag(d->new_scheme, b->tag)->type)));
    VLS_TRY(add_if(d, WHAT, a->name, "use", obsolete_words(a->is_obsolete),
                   obsolete_words(b->is_obsolete)));
    put_markings(x, &a->markings);
    put_markings(y, &b->markings);
    VLS_TRY(add_words(d, WHAT, a->name, "marking", x, y));
    put_equivalences(x, a->equivalents, a->equivalent_count);
    put_equivalences(y, b->equivalents, b->equivalent_count);
    VLS_TRY(add_words(d, WHAT, a->name, "equivalence", x, y));
    put_exclusions(x, a);
    put_exclusions(y, b);
    return add_words(d, WHAT, a->name, "rule", x, y);
}

/* -- which is which ---------------------------------------------------------------------------- */

static const struct vls_classification *class_there(const struct vls_scheme *there,
                                                    const struct vls_classification *c)
{
    const struct vls_classification *by_lacv = vls_scheme_by_lacv(there, c->lacv);
    return by_lacv != NULL ? by_lacv : vls_scheme_by_name(there, c->name);
}

static const struct vls_category *category_there(const struct vls_scheme *here,
                                                 const struct vls_scheme *there,
                                                 const struct vls_category *c)
{
    const struct vls_tag *tag = vls_scheme_tag(here, c->tag);
    const char *oid = vls_scheme_tag_set(here, tag->tag_set)->oid;
    const struct vls_tag_set *set = vls_scheme_tag_set_by_oid(there, oid);
    if (set == NULL)
        return NULL;
    const struct vls_category *found = vls_scheme_category_by_lacv(there, set, tag->type, c->lacv);
    for (size_t t = set->first; found == NULL && t < (size_t)set->first + set->count; t++)
        found = vls_scheme_category_by_name(there, set, vls_scheme_tag(there, t)->type, c->name);
    return found;
}

static VLS_STATUS diff_classes(struct diff *d, struct words *x, struct words *y)
{
    const struct vls_classification *c = NULL;
    for (size_t i = 0; (c = vls_scheme_at(d->old, i)) != NULL; i++) {
        const struct vls_classification *there = class_there(d->new_scheme, c);
        VLS_TRY(there != NULL ? diff_class(d, c, there, x, y)
                              : add(d, "classification", c->name, "removed", c->handle, ""));
    }
    for (size_t i = 0; (c = vls_scheme_at(d->new_scheme, i)) != NULL; i++)
        if (class_there(d->old, c) == NULL)
            VLS_TRY(add(d, "classification", c->name, "added", "", c->handle));
    return VLS_DONE;
}

static VLS_STATUS diff_categories(struct diff *d, struct words *x, struct words *y)
{
    const struct vls_category *c = NULL;
    for (size_t i = 0; (c = vls_scheme_category(d->old, i)) != NULL; i++) {
        const struct vls_category *there = category_there(d->old, d->new_scheme, c);
        VLS_TRY(there != NULL ? diff_category(d, c, there, x, y)
                              : add(d, "category", c->name, "removed", c->handle, ""));
    }
    for (size_t i = 0; (c = vls_scheme_category(d->new_scheme, i)) != NULL; i++)
        if (category_there(d->new_scheme, d->old, c) == NULL)
            VLS_TRY(add(d, "category", c->name, "added", "", c->handle));
    return VLS_DONE;
}

/** Limits of a tag, its qualifiers, and the names of tags and sets, found by identifier and place
 * within the set. */
static VLS_STATUS diff_tags(struct diff *d, struct words *x, struct words *y)
{
    for (size_t i = 0; i < vls_scheme_tag_set_count(d->old); i++) {
        const struct vls_tag_set *a = vls_scheme_tag_set(d->old, i);
        const struct vls_tag_set *b = vls_scheme_tag_set_by_oid(d->new_scheme, a->oid);
        if (b == NULL)
            continue;
        VLS_TRY(add_if(d, "tag set", a->name, "renamed", a->name, b->name));
        for (size_t t = 0; t < a->count && t < b->count; t++) {
            const struct vls_tag *from = vls_scheme_tag(d->old, a->first + t);
            const struct vls_tag *to = vls_scheme_tag(d->new_scheme, b->first + t);
            VLS_TRY(add_if(d, "tag", from->name, "renamed", from->name, to->name));
            put(x, "%" PRIu32 " to %" PRIu32, from->min_selection, from->max_selection);
            put(y, "%" PRIu32 " to %" PRIu32, to->min_selection, to->max_selection);
            VLS_TRY(add_words(d, "tag", from->name, "selection", x, y));
            put_markings(x, &from->markings);
            put_markings(y, &to->markings);
            VLS_TRY(add_words(d, "tag", from->name, "marking", x, y));
        }
    }
    return VLS_DONE;
}

static VLS_STATUS diff_policy(struct diff *d, struct words *x, struct words *y)
{
    char from[VLS_TIME_TEXT], to[VLS_TIME_TEXT], old[32], new_words[32];
    const char *name = vls_scheme_title(d->old);
    number_words(vls_scheme_version(d->old), old);
    number_words(vls_scheme_version(d->new_scheme), new_words);
    VLS_TRY(add_if(d, "policy", name, "version", old, new_words));
    VLS_TRY(add_if(d, "policy", name, "renamed", name, vls_scheme_title(d->new_scheme)));
    VLS_TRY(add_if(d, "policy", name, "identifier", vls_scheme_oid(d->old),
                   vls_scheme_oid(d->new_scheme)));
    vls_time_for_people(vls_scheme_not_before(d->old), from);
    vls_time_for_people(vls_scheme_not_before(d->new_scheme), to);
    VLS_TRY(add_if(d, "policy", name, "valid from", from, to));
    vls_time_for_people(vls_scheme_not_after(d->old), from);
    vls_time_for_people(vls_scheme_not_after(d->new_scheme), to);
    VLS_TRY(add_if(d, "policy", name, "valid until", from, to));
    put_markings(x, vls_scheme_markings(d->old));
    put_markings(x, vls_scheme_policy_markings(d->old));
    put_markings(x, vls_scheme_class_markings(d->old));
    put_markings(y, vls_scheme_markings(d->new_scheme));
    put_markings(y, vls_scheme_policy_markings(d->new_scheme));
    put_markings(y, vls_scheme_class_markings(d->new_scheme));
    VLS_TRY(add_words(d, "policy", name, "marking", x, y));
    for (size_t i = 0; i < vls_scheme_equivalent_count(d->old); i++)
        put_equivalences(x, vls_scheme_equivalent(d->old, i), 1);
    for (size_t i = 0; i < vls_scheme_equivalent_count(d->new_scheme); i++)
        put_equivalences(y, vls_scheme_equivalent(d->new_scheme, i), 1);
    return add_words(d, "policy", name, "equivalence", x, y);
}

static VLS_STATUS find_all(struct diff *d)
{
    struct words x = {.hash = vls_hash_new()}, y = {.hash = vls_hash_new()};
    struct vls_status status = diff_policy(d, &x, &y);
    if (vls_ok(status))
        status = diff_classes(d, &x, &y);
    if (vls_ok(status))
        status = diff_tags(d, &x, &y);
    if (vls_ok(status))
        status = diff_categories(d, &x, &y);
    vls_hash_free(&x.hash);
    vls_hash_free(&y.hash);
    return status;
}

static VLS_STATUS report_example(struct diff *d)
{
    char example[WORDS_MAX];
    vls_scheme_find_example(d->old, d->new_scheme, example, sizeof example);
    if (d->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("example"));
        json_object_set_new(object, "words",
                            *example != '\0' ? vls_json_text(example) : json_null());
        return vls_json_line(d->cli, object, d->why);
    }
    vls_table_print(d->cli, &d->table);
    fprintf(d->cli->out, "\n%s%s\n", *example != '\0' ? "Smallest example: " : "",
            *example != '\0'
                ? example
                : "No label with at most one category is refused or compares otherwise.");
    return VLS_DONE;
}

static VLS_STATUS diff_schemes(struct cli *cli, const struct vls_scheme *old,
                               const struct vls_scheme *new_scheme, struct vls_why *why)
{
    static const char *const TITLES[] = {"CHANGE", "OF", "OLD", "NEW", NULL};
    struct diff d = {.cli = cli, .old = old, .new_scheme = new_scheme, .why = why};
    vls_table_init(&d.table, TITLES);
    struct vls_status status = find_all(&d);
    if (vls_ok(status) && d.count > 0)
        status = report_example(&d);
    if (vls_ok(status) && d.count > 0)
        cli->exit_status = EXIT_DIFFERENT;
    vls_table_fini(&d.table);
    return status;
}

struct vls_status vls_scheme_cmd_diff(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    struct vls_scheme *old = NULL, *new_scheme = NULL;
    VLS_TRY(vls_scheme_load(args->operands[1], &old, why));
    struct vls_status status = vls_scheme_load(args->operands[2], &new_scheme, why);
    if (vls_ok(status))
        status = diff_schemes(cli, old, new_scheme, why);
    vls_scheme_free(&old);
    vls_scheme_free(&new_scheme);
    return status;
}
