/* valise scheme show: a scheme as the program understands it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/marking.h"
#include "label_colour.h"
#include "label_show.h"
#include "labels.h"
#include "scheme_commands.h"
#include "show.h"

static int compare_ranks(const void *a, const void *b)
{
    const struct vls_classification *const *x = a, *const *y = b;
    return (*x)->hierarchy < (*y)->hierarchy ? -1 : (*x)->hierarchy > (*y)->hierarchy;
}

/** The levels from the lowest to the highest. */
static size_t by_rank(const struct vls_scheme *scheme,
                      const struct vls_classification *out[VLS_MAX_CLASSIFICATIONS])
{
    size_t count = vls_scheme_count(scheme);
    for (size_t i = 0; i < count; i++)
        out[i] = vls_scheme_at(scheme, i);
    qsort(out, count, sizeof(const struct vls_classification *), compare_ranks);
    return count;
}

static void join_languages(const struct vls_scheme *scheme, char *out, size_t room)
{
    const char *languages[LABEL_LANGUAGES_MAX];
    size_t count = vls_label_languages(scheme, languages), used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < room; i++) {
        int n = snprintf(out + used, room - used, "%s%s", i > 0 ? ", " : "", languages[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

/* -- for people -------------------------------------------------------------------------------- */

static void print_head(struct cli *cli, const struct vls_scheme *scheme)
{
    char words[512], hex[2 * VLS_DIGEST_BYTES + 1], from[VLS_TIME_TEXT], to[VLS_TIME_TEXT];
    vls_print_field(cli, "scheme", vls_scheme_name(scheme));
    vls_print_field(cli, "policy", vls_scheme_title(scheme));
    vls_print_field(cli, "identifier", vls_scheme_oid(scheme));
    snprintf(words, sizeof words, "%" PRIu64 ", in Open XML SPIF %s", vls_scheme_version(scheme),
             vls_scheme_schema_version(scheme));
    vls_print_field(cli, "version", words);
    if (vls_scheme_not_before(scheme) != 0 || vls_scheme_not_after(scheme) != 0) {
        vls_time_for_people(vls_scheme_not_before(scheme), from);
        vls_time_for_people(vls_scheme_not_after(scheme), to);
        snprintf(words, sizeof words, "from %s to %s%s", from, to,
                 vls_scheme_is_valid_at(scheme, vls_wall_ms(cli->env)) ? "" : ", not valid now");
        vls_print_field(cli, "valid", words);
    }
    join_languages(scheme, words, sizeof words);
    if (*words != '\0')
        vls_print_field(cli, "languages", words);
    vls_hex(vls_digest_slice(vls_scheme_digest(scheme)), hex);
    vls_print_field(cli, "digest", hex);
    if (vls_scheme_notice(scheme) != NULL)
        vls_print_field(cli, "notice", vls_scheme_notice(scheme));
}

static void print_levels(struct cli *cli, const struct vls_scheme *scheme)
{
    const struct vls_classification *levels[VLS_MAX_CLASSIFICATIONS];
    size_t count = by_rank(scheme, levels);
    fputs("\nLevels, the lowest first\n", cli->out);
    for (size_t i = 0; i < count; i++) {
        const struct vls_classification *c = levels[i];
        struct vls_label label = vls_label_of(scheme, c);
        char *marking = vls_label_show_marking(&label, VLS_MARK_PAGE_TOP, NULL);
        fprintf(cli->out, "  %3zu  ", i + 1);
        vls_label_print_coloured(cli, c->color, marking);
        fprintf(cli->out, "\n       %s/%s, hierarchy %" PRIu32 ", lacv %" PRIu32 "%s%s%s\n",
                vls_scheme_name(scheme), c->handle, c->hierarchy, c->lacv,
                *c->color != '\0' ? ", " : "", c->color, c->is_obsolete ? ", obsolete" : "");
        vls_mem_free(marking);
    }
}

static void print_tag(struct cli *cli, const struct vls_scheme *scheme, const struct vls_tag *tag)
{
    const struct vls_tag_set *set = vls_scheme_tag_set(scheme, tag->tag_set);
    fprintf(cli->out, "    %s (%s)\n", tag->name, vls_tag_type_name(tag->type));
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
        const struct vls_category *c = vls_scheme_category(scheme, i);
        fprintf(cli->out, "      %s: %s/%s, lacv %" PRIu64 "%s\n", c->name, set->handle, c->handle,
                c->lacv, c->is_obsolete ? ", obsolete" : "");
    }
}

static void print_categories(struct cli *cli, const struct vls_scheme *scheme)
{
    if (vls_scheme_tag_set_count(scheme) > 0)
        fputs("\nCategories\n", cli->out);
    for (size_t s = 0; s < vls_scheme_tag_set_count(scheme); s++) {
        const struct vls_tag_set *set = vls_scheme_tag_set(scheme, s);
        fprintf(cli->out, "  %s, %s\n", set->name, set->oid);
        for (size_t t = set->first; t < (size_t)set->first + set->count; t++)
            print_tag(cli, scheme, vls_scheme_tag(scheme, t));
    }
    for (size_t i = 0; i < vls_scheme_privacy_mark_count(scheme); i++) {
        const struct vls_privacy_mark *mark = vls_scheme_privacy_mark(scheme, i);
        fprintf(cli->out, "  privacy mark %s%s\n", mark->name,
                mark->is_obsolete ? ", obsolete" : "");
    }
}

static const char *applied_words(enum vls_applied applied)
{
    if (applied == VLS_APPLIED_BOTH)
        return "both ways";
    return applied == VLS_APPLIED_ENCRYPT ? "outwards" : "inwards";
}

static void print_equivalence(struct cli *cli, const char *name, const struct vls_equivalence *e)
{
    if (e->is_discard)
        fprintf(cli->out, "  %s: discarded in %s (%s)\n", name, e->policy,
                applied_words(e->applied));
    else
        fprintf(cli->out, "  %s: %s, lacv %" PRIu64 " (%s)\n", name, e->policy, e->lacv,
                applied_words(e->applied));
}

static void print_equivalences(struct cli *cli, const struct vls_scheme *scheme)
{
    if (vls_scheme_equivalent_count(scheme) > 0)
        fputs("\nIn other policies\n", cli->out);
    for (size_t i = 0; i < vls_scheme_equivalent_count(scheme); i++) {
        const struct vls_equivalence *e = vls_scheme_equivalent(scheme, i);
        fprintf(cli->out, "  policy %s, %s\n", e->policy, e->policy_oid);
    }
    for (size_t i = 0; i < vls_scheme_count(scheme); i++) {
        const struct vls_classification *c = vls_scheme_at(scheme, i);
        for (size_t j = 0; j < c->equivalent_count; j++)
            print_equivalence(cli, c->name, &c->equivalents[j]);
    }
    for (size_t i = 0; i < vls_scheme_category_count(scheme); i++) {
        const struct vls_category *c = vls_scheme_category(scheme, i);
        for (size_t j = 0; j < c->equivalent_count; j++)
            print_equivalence(cli, c->name, &c->equivalents[j]);
    }
}

/* -- for programs ------------------------------------------------------------------------------ */

static json_t *levels_json(const struct vls_scheme *scheme)
{
    const struct vls_classification *levels[VLS_MAX_CLASSIFICATIONS];
    size_t count = by_rank(scheme, levels);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "name", vls_json_text(levels[i]->name));
        json_object_set_new(object, "handle", vls_json_text(levels[i]->handle));
        json_object_set_new(object, "hierarchy", vls_json_number(levels[i]->hierarchy));
        json_object_set_new(object, "lacv", vls_json_number(levels[i]->lacv));
        json_object_set_new(object, "color", vls_json_text(levels[i]->color));
        json_object_set_new(object, "obsolete", json_boolean(levels[i]->is_obsolete));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *categories_json(const struct vls_scheme *scheme)
{
    json_t *list = json_array();
    for (size_t i = 0; i < vls_scheme_category_count(scheme); i++) {
        const struct vls_category *c = vls_scheme_category(scheme, i);
        const struct vls_tag *tag = vls_scheme_tag(scheme, c->tag);
        json_t *object = json_object();
        json_object_set_new(object, "tag_set",
                            vls_json_text(vls_scheme_tag_set(scheme, tag->tag_set)->name));
        json_object_set_new(object, "tag", vls_json_text(tag->name));
        json_object_set_new(object, "type", vls_json_text(vls_tag_type_name(tag->type)));
        json_object_set_new(object, "name", vls_json_text(c->name));
        json_object_set_new(object, "handle", vls_json_text(c->handle));
        json_object_set_new(object, "lacv", vls_json_number(c->lacv));
        json_object_set_new(object, "obsolete", json_boolean(c->is_obsolete));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *policies_json(const struct vls_scheme *scheme)
{
    json_t *list = json_array();
    for (size_t i = 0; i < vls_scheme_equivalent_count(scheme); i++)
        json_array_append_new(list, vls_json_text(vls_scheme_equivalent(scheme, i)->policy));
    return list;
}

static json_t *scheme_json(const struct vls_scheme *scheme)
{
    char hex[2 * VLS_DIGEST_BYTES + 1];
    const char *notice = vls_scheme_notice(scheme);
    json_t *object = json_object();
    vls_hex(vls_digest_slice(vls_scheme_digest(scheme)), hex);
    json_object_set_new(object, "scheme", vls_json_text(vls_scheme_name(scheme)));
    json_object_set_new(object, "policy", vls_json_text(vls_scheme_title(scheme)));
    json_object_set_new(object, "policy_oid", vls_json_text(vls_scheme_oid(scheme)));
    json_object_set_new(object, "version", vls_json_number(vls_scheme_version(scheme)));
    json_object_set_new(object, "not_before", vls_json_time(vls_scheme_not_before(scheme)));
    json_object_set_new(object, "not_after", vls_json_time(vls_scheme_not_after(scheme)));
    json_object_set_new(object, "digest", vls_json_text(hex));
    json_object_set_new(object, "notice", notice != NULL ? vls_json_text(notice) : json_null());
    json_object_set_new(object, "levels", levels_json(scheme));
    json_object_set_new(object, "categories", categories_json(scheme));
    json_object_set_new(object, "equivalent_policies", policies_json(scheme));
    return object;
}

/* -- which one --------------------------------------------------------------------------------- */

static VLS_STATUS show_scheme(struct cli *cli, const struct vls_scheme *scheme, struct vls_why *why)
{
    if (cli->is_json)
        return vls_json_line(cli, scheme_json(scheme), why);
    print_head(cli, scheme);
    print_levels(cli, scheme);
    print_categories(cli, scheme);
    print_equivalences(cli, scheme);
    return VLS_DONE;
}

static VLS_STATUS show_file(struct cli *cli, const char *path, struct vls_why *why)
{
    struct vls_scheme *scheme = NULL;
    VLS_TRY(vls_scheme_load(path, &scheme, why));
    struct vls_status status = show_scheme(cli, scheme, why);
    vls_scheme_free(&scheme);
    return status;
}

static VLS_STATUS list_schemes(struct cli *cli, const struct vls_scheme_set *set,
                               struct vls_why *why)
{
    for (size_t i = 0; i < set->count; i++)
        if (cli->is_json)
            VLS_TRY(vls_json_line(cli, scheme_json(set->schemes[i]), why));
        else
            fprintf(cli->out, "%s\n", vls_scheme_name(set->schemes[i]));
    return VLS_DONE;
}

struct vls_status vls_scheme_cmd_show(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    struct vls_scheme_set set VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct stat about;
    const char *what = args->operand_count > 1 ? args->operands[1] : NULL;
    if (what != NULL && stat(what, &about) == 0)
        return show_file(cli, what, why);
    VLS_TRY(vls_cli_schemes(cli, args, &set, why));
    if (what == NULL)
        return list_schemes(cli, &set, why);
    const struct vls_scheme *scheme = vls_scheme_set_by_name(&set, what);
    if (scheme == NULL)
        scheme = vls_scheme_set_by_oid(&set, what);
    if (scheme == NULL)
        return vls_cli_usage(why, what,
                             "is neither a file nor a scheme that is loaded; 'valise scheme show' "
                             "lists them");
    return show_scheme(cli, scheme, why);
}
