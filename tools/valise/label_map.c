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

/** The categories that the label there has: what the equivalences brought. */
static json_t *category_names(const struct vls_label *label)
{
    json_t *list = json_array();
    for (size_t i = 0; i < vls_scheme_category_count(label->scheme); i++) {
        const struct vls_category *c = vls_scheme_category(label->scheme, i);
        if (vls_label_has(label, c))
            json_array_append_new(list, vls_json_text(c->name));
    }
    return list;
}

/** Those here of which the equivalence says that they are discarded, in the direction taken. */
static json_t *discarded_names(const struct vls_label *label, const struct vls_scheme *target)
{
    json_t *list = json_array();
    for (size_t i = 0; i < vls_scheme_category_count(label->scheme); i++) {
        const struct vls_category *c = vls_scheme_category(label->scheme, i);
        for (size_t e = 0; vls_label_has(label, c) && e < c->equivalent_count; e++)
            if (c->equivalents[e].is_discard &&
                strcmp(c->equivalents[e].policy_oid, vls_scheme_oid(target)) == 0 &&
                ((unsigned)c->equivalents[e].applied & VLS_APPLIED_ENCRYPT) != 0)
                json_array_append_new(list, vls_json_text(c->name));
    }
    return list;
}

static void print_names(struct cli *cli, const char *field, const json_t *names)
{
    size_t i = 0;
    const json_t *name = NULL;
    json_array_foreach((json_t *)(uintptr_t)names, i, name)
        vls_print_field(cli, field, json_string_value(name));
}

static VLS_STATUS report(struct cli *cli, const struct vls_label *from, const struct vls_label *to,
                         struct vls_why *why)
{
    json_t *object = json_object();
    char *a = vls_label_show_text(from), *b = vls_label_show_text(to);
    json_object_set_new(object, "from", vls_json_text(a));
    json_object_set_new(object, "label", vls_json_text(b));
    json_object_set_new(object, "classification", vls_json_text(to->classification->name));
    json_object_set_new(object, "categories", category_names(to));
    json_object_set_new(object, "discarded", discarded_names(from, to->scheme));
    vls_mem_free(a);
    vls_mem_free(b);
    if (cli->is_json)
        return vls_json_line(cli, object, why);
    vls_print_field(cli, "from", json_string_value(json_object_get(object, "from")));
    vls_print_field(cli, "label", json_string_value(json_object_get(object, "label")));
    vls_print_field(cli, "classification", to->classification->name);
    print_names(cli, "with category", json_object_get(object, "categories"));
    print_names(cli, "discarded", json_object_get(object, "discarded"));
    json_decref(object);
    return VLS_DONE;
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
    VLS_TRY(vls_label_map(label, target, &permission, &there, why));
    struct vls_status status = report(cli, label, &there, why);
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
