/* valise label compare: which of two labels protects more, and why. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "label_commands.h"
#include "label_show.h"
#include "labels.h"
#include "show.h"

#define WORDS_MAX 512

/** Exit statuses of valise label compare, by enum vls_label_order. */
static const int ORDER_EXIT[] = {
    [VLS_LABEL_EQUAL] = 0,
    [VLS_LABEL_ABOVE] = 20,
    [VLS_LABEL_BELOW] = 21,
    [VLS_LABEL_INCOMPARABLE] = 22,
};

/** One way in which two labels differ. */
struct difference {
    const char *what; /* classification, restrictive, permissive and so on */
    char name[2 * VLS_MAX_NAME];
    char a[WORDS_MAX], b[WORDS_MAX];
    bool has_effect; /* on the comparison */
};

struct comparison {
    const struct vls_label *a, *b;
    struct difference *at;
    size_t count;
};

/** One for each tag, classification, scheme, privacy mark and unknown categories. */
#define DIFFERENCES_MAX (VLS_MAX_TAGS + 8)

static struct difference *add(struct comparison *c, const char *what, bool has_effect)
{
    struct difference *d = &c->at[c->count++];
    *d = (struct difference){.what = what, .has_effect = has_effect};
    return d;
}

static void list_words(const struct vls_label *label, const struct vls_label *without,
                       const struct vls_tag *tag, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    if (vls_tag_type_is_permissive(tag->type) && vls_label_list(label, tag) == VLS_LIST_EMPTY) {
        vls_text_copy(out, room, "nobody");
        return;
    }
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count && used < room; i++) {
        const struct vls_category *c = vls_scheme_category(label->scheme, i);
        if (!vls_label_has(label, c) || (without != NULL && vls_label_has(without, c)))
            continue;
        int n = snprintf(out + used, room - used, "%s%s", used > 0 ? ", " : "", c->name);
        used += n > 0 ? (size_t)n : 0;
    }
}

static bool is_same_tag(const struct comparison *c, const struct vls_tag *tag)
{
    if (vls_tag_type_is_permissive(tag->type) &&
        vls_label_list(c->a, tag) != vls_label_list(c->b, tag))
        return false;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
        const struct vls_category *category = vls_scheme_category(c->a->scheme, i);
        if (vls_label_has(c->a, category) != vls_label_has(c->b, category))
            return false;
    }
    return true;
}

/** Of a list all that is on it, otherwise what one has and the other has not. */
static void compare_tag(struct comparison *c, const struct vls_tag *tag)
{
    bool is_list = vls_tag_type_is_permissive(tag->type);
    if (is_same_tag(c, tag))
        return;
    struct difference *d = add(c, vls_tag_type_name(tag->type), tag->type != VLS_TAG_INFORMATIVE);
    const char *name = tag->name != NULL && *tag->name != '\0'
                           ? tag->name
                           : vls_scheme_tag_set(c->a->scheme, tag->tag_set)->name;
    vls_text_copy(d->name, sizeof d->name, name);
    list_words(c->a, is_list ? NULL : c->b, tag, d->a, sizeof d->a);
    list_words(c->b, is_list ? NULL : c->a, tag, d->b, sizeof d->b);
}

static void class_words(const struct vls_label *label, char *out, size_t room)
{
    char rank[64];
    vls_label_show_rank(label->scheme, label->classification, rank, sizeof rank);
    snprintf(out, room, "%s, %s", label->classification->name, rank);
}

static const char *mark_of(const struct vls_label *label)
{
    return label->details != NULL && label->details->privacy_mark != NULL
               ? label->details->privacy_mark
               : "";
}

static void compare_rest(struct comparison *c)
{
    if (strcmp(mark_of(c->a), mark_of(c->b)) != 0) {
        struct difference *d = add(c, "privacy mark", false);
        vls_text_copy(d->a, sizeof d->a, mark_of(c->a));
        vls_text_copy(d->b, sizeof d->b, mark_of(c->b));
    }
    size_t of_a = vls_label_unknown_count(c->a), of_b = vls_label_unknown_count(c->b);
    if (of_a + of_b > 0) {
        struct difference *d = add(c, "unknown categories", !vls_label_is_same(c->a, c->b));
        vls_text_copy(d->a, sizeof d->a, of_a > 0 ? c->a->details->unknown[0].words : "");
        vls_text_copy(d->b, sizeof d->b, of_b > 0 ? c->b->details->unknown[0].words : "");
    }
}

static void find_differences(struct comparison *c)
{
    if (c->a->scheme != c->b->scheme) {
        struct difference *d = add(c, "scheme", true);
        vls_text_copy(d->a, sizeof d->a, vls_scheme_name(c->a->scheme));
        vls_text_copy(d->b, sizeof d->b, vls_scheme_name(c->b->scheme));
        return;
    }
    if (c->a->classification != c->b->classification) {
        struct difference *d = add(c, "classification", true);
        class_words(c->a, d->a, sizeof d->a);
        class_words(c->b, d->b, sizeof d->b);
    }
    for (size_t t = 0; t < vls_scheme_tag_count(c->a->scheme); t++)
        compare_tag(c, vls_scheme_tag(c->a->scheme, t));
    compare_rest(c);
}

static void print_comparison(struct cli *cli, const struct comparison *c,
                             enum vls_label_order order)
{
    static const char *const TITLES[] = {"WHAT", "FIRST", "SECOND", "EFFECT", NULL};
    struct table table;
    fprintf(cli->out, "%s\n", vls_label_order_name(order));
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < c->count; i++) {
        const struct difference *d = &c->at[i];
        vls_table_add_format(&table, "%s%s%s", d->what, *d->name != '\0' ? " " : "", d->name);
        vls_table_add(&table, *d->a != '\0' ? d->a : "-");
        vls_table_add(&table, *d->b != '\0' ? d->b : "-");
        vls_table_add(&table, d->has_effect ? "yes" : "none");
    }
    if (c->count > 0)
        vls_table_print(cli, &table);
    if (c->count > 0 && strcmp(c->at[0].what, "scheme") == 0)
        fputs("Labels of two schemes are compared after 'valise label map'.\n", cli->out);
    vls_table_fini(&table);
}

static json_t *comparison_json(const struct comparison *c, enum vls_label_order order)
{
    json_t *object = json_object(), *list = json_array();
    char *a = vls_label_show_text(c->a), *b = vls_label_show_text(c->b);
    json_object_set_new(object, "order", vls_json_text(vls_label_order_name(order)));
    json_object_set_new(object, "a", vls_json_text(a));
    json_object_set_new(object, "b", vls_json_text(b));
    vls_mem_free(a);
    vls_mem_free(b);
    for (size_t i = 0; i < c->count; i++) {
        const struct difference *d = &c->at[i];
        json_t *one = json_object();
        json_object_set_new(one, "what", vls_json_text(d->what));
        json_object_set_new(one, "name", vls_json_text(d->name));
        json_object_set_new(one, "a", vls_json_text(d->a));
        json_object_set_new(one, "b", vls_json_text(d->b));
        json_object_set_new(one, "effect", json_boolean(d->has_effect));
        json_array_append_new(list, one);
    }
    json_object_set_new(object, "differences", list);
    return object;
}

static VLS_STATUS report(struct cli *cli, const struct vls_label *a, const struct vls_label *b,
                         struct vls_why *why)
{
    struct comparison c = {a, b, NULL, 0};
    enum vls_label_order order = vls_label_compare(a, b);
    struct vls_status status = VLS_DONE;
    c.at = vls_mem_new(DIFFERENCES_MAX * sizeof *c.at);
    find_differences(&c);
    if (cli->is_json)
        status = vls_json_line(cli, comparison_json(&c, order), why);
    else
        print_comparison(cli, &c, order);
    cli->exit_status = ORDER_EXIT[order];
    vls_mem_free(c.at);
    return status;
}

struct vls_status vls_label_cmd_compare(struct cli *cli, const struct cli_args *args,
                                        struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct cli_label a = {.form = CLI_LABEL_TEXT}, b = {.form = CLI_LABEL_TEXT};
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_label(cli, args->operands[1], &schemes, false, &a, why));
    struct vls_status status = vls_cli_label(cli, args->operands[2], &schemes, false, &b, why);
    if (vls_ok(status))
        status = report(cli, &a.label, &b.label, why);
    vls_label_fini(&a.label);
    vls_label_fini(&b.label);
    return status;
}
