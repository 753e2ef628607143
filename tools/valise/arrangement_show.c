/* valise arrangement show: an arrangement, or house rules, as people read it before they sign. */
#include <inttypes.h>
#include <string.h>

#include "arrangement_books.h"
#include "arrangement_commands.h"
#include "base/text.h"
#include "labels.h"
#include "policy/survey_view.h"
#include "show.h"

#define LIST_TEXT 4096 /* duties or members in one cell */

static void join(const struct vls_view_list *list, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < list->count && used < room; i++) {
        int n = snprintf(out + used, room - used, "%s%s", i > 0 ? ", " : "", list->at[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

static void print_time_field(struct cli *cli, const char *name, uint64_t ms)
{
    char text[VLS_TIME_TEXT];
    vls_time_for_people(ms, text);
    vls_print_field(cli, name, ms == UINT64_MAX ? "never" : text);
}

/* -- for people -------------------------------------------------------------------------------- */

static void print_head(struct cli *cli, const struct vls_arrangement *a)
{
    char hex[2 * VLS_DIGEST_BYTES + 1], text[128];
    bool is_house = *vls_arrangement_house_of(a) != '\0';
    const struct vls_digest *before = vls_arrangement_supersedes(a);
    vls_print_field(cli, is_house ? "house rules" : "arrangement", vls_arrangement_name(a));
    if (is_house)
        vls_print_field(cli, "of", vls_arrangement_house_of(a));
    snprintf(text, sizeof text, "%" PRIu32, vls_arrangement_version(a));
    vls_print_field(cli, "version", text);
    vls_hex(VLS_SLICE(vls_arrangement_digest(a)->bytes, VLS_DIGEST_BYTES), hex);
    vls_print_field(cli, "SHA-256", hex);
    if (before != NULL) {
        vls_hex(VLS_SLICE(before->bytes, VLS_DIGEST_BYTES), hex);
        snprintf(text, sizeof text, "version %" PRIu32 ", %s", vls_view_supersedes(a), hex);
        vls_print_field(cli, "supersedes", text);
    }
    vls_print_field(cli, "basis", vls_arrangement_basis(a));
    vls_print_field(cli, "in force",
                    vls_arrangement_is_by_approval(a) ? "at the later of the parties' approvals"
                                                      : "at a fixed time");
    print_time_field(cli, "not before", vls_arrangement_not_before(a));
    if (vls_arrangement_approve_by(a) != 0)
        print_time_field(cli, "approve by", vls_arrangement_approve_by(a));
    print_time_field(cli, "expires", vls_arrangement_expires(a));
}

static void print_parties(struct cli *cli, const struct vls_arrangement *a)
{
    static const char *const TITLES[] = {"PARTY", "NAME", "DOMAIN", "APPROVER", "SCHEME", NULL};
    struct table table;
    const char *id = NULL;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; (id = vls_arrangement_party_at(a, i)) != NULL; i++) {
        vls_table_add(&table, id);
        vls_table_add(&table, vls_arrangement_party(a, id));
        vls_table_add(&table, vls_arrangement_domain(a, id));
        vls_table_add(&table, vls_arrangement_approver(a, id));
        vls_table_add(&table, vls_scheme_name(vls_arrangement_scheme(a, id)));
    }
    fputc('\n', cli->out);
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static void print_bodies(struct cli *cli, const struct vls_arrangement *a)
{
    static const char *const TITLES[] = {"BODY",    "FROM", "UNTIL", "THROUGH",
                                         "MEMBERS", "NAME", NULL};
    struct table table;
    struct vls_view_body body;
    char text[LIST_TEXT];
    if (!vls_view_body(a, 0, &body))
        return;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; vls_view_body(a, i, &body); i++) {
        vls_table_add(&table, body.id);
        vls_time_for_people(body.from_ms, text);
        vls_table_add_format(&table, "%.10s", text);
        vls_time_for_people(body.until_ms, text);
        vls_table_add_format(&table, "%.10s", text);
        vls_table_add(&table, body.through);
        join(&body.members, text, sizeof text);
        vls_table_add(&table, text);
        vls_table_add(&table, body.name);
    }
    fputc('\n', cli->out);
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static void print_equivalences(struct cli *cli, const struct vls_arrangement *a)
{
    static const char *const TITLES[] = {"LABEL", "BECOMES", "ADDS", NULL};
    struct table table;
    struct vls_view_equivalence e;
    char text[LIST_TEXT];
    if (!vls_view_equivalence(a, 0, &e))
        return;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; vls_view_equivalence(a, i, &e); i++) {
        vls_table_add_format(&table, "%s/%s", e.from_scheme, e.from);
        vls_table_add_format(&table, "%s/%s", e.to_scheme, e.to);
        join(&e.adds, text, sizeof text);
        vls_table_add(&table, text);
    }
    fputc('\n', cli->out);
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static enum table_colour effect_colour(const char *effect)
{
    if (strcmp(effect, "release") == 0)
        return TABLE_GOOD;
    return strcmp(effect, "refer") == 0 ? TABLE_WARN : TABLE_BAD;
}

static void add_number(struct table *table, uint32_t number)
{
    if (number == 0)
        vls_table_add(table, "");
    else
        vls_table_add_format(table, "%" PRIu32, number);
}

static VLS_STATUS print_rules(struct cli *cli, const struct vls_arrangement *a)
{
    static const char *const TITLES[] = {"RULE",   "EFFECT", "BASIS", ">APPROVALS",
                                         ">YEARS", "DUTIES", "WHEN",  NULL};
    struct vls_buf conditions VLS_DEFER(vls_buf_fini);
    struct table table VLS_DEFER(vls_table_fini);
    struct vls_view_rule rule;
    char duties[LIST_TEXT];
    vls_buf_init(&conditions, VLS_MAX_CONDITIONS_TEXT);
    vls_table_init(&table, TITLES);
    for (size_t i = 0; vls_view_rule(a, i, &rule); i++) {
        vls_buf_clear(&conditions);
        VLS_TRY(vls_view_conditions(a, i, &conditions));
        vls_table_add(&table, rule.id);
        vls_table_add_coloured(&table, rule.effect, effect_colour(rule.effect));
        vls_table_add(&table, rule.basis);
        add_number(&table, rule.approvals);
        add_number(&table, rule.retain_years);
        join(&rule.duties, duties, sizeof duties);
        vls_table_add(&table, duties);
        vls_table_add(&table, vls_buf_text(&conditions));
    }
    fputc('\n', cli->out);
    vls_table_print(cli, &table);
    return VLS_DONE;
}

static VLS_STATUS print(struct cli *cli, const struct vls_arrangement *a)
{
    print_head(cli, a);
    if (*vls_arrangement_house_of(a) == '\0') {
        print_parties(cli, a);
        print_bodies(cli, a);
        print_equivalences(cli, a);
    }
    return print_rules(cli, a);
}

/* -- for programs ------------------------------------------------------------------------------ */

static json_t *list_json(const struct vls_view_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, vls_json_text(list->at[i]));
    return array;
}

static json_t *digest_json(const struct vls_digest *digest)
{
    char hex[2 * VLS_DIGEST_BYTES + 1];
    if (digest == NULL)
        return json_null();
    vls_hex(VLS_SLICE(digest->bytes, VLS_DIGEST_BYTES), hex);
    return vls_json_text(hex);
}

static json_t *parties_json(const struct vls_arrangement *a)
{
    json_t *array = json_array();
    const char *id = NULL;
    for (size_t i = 0; (id = vls_arrangement_party_at(a, i)) != NULL; i++) {
        json_t *party = json_object();
        json_object_set_new(party, "id", vls_json_text(id));
        json_object_set_new(party, "name", vls_json_text(vls_arrangement_party(a, id)));
        json_object_set_new(party, "domain", vls_json_text(vls_arrangement_domain(a, id)));
        json_object_set_new(party, "approver", vls_json_text(vls_arrangement_approver(a, id)));
        json_object_set_new(party, "scheme",
                            vls_json_text(vls_scheme_name(vls_arrangement_scheme(a, id))));
        json_array_append_new(array, party);
    }
    return array;
}

static json_t *bodies_json(const struct vls_arrangement *a)
{
    json_t *array = json_array();
    struct vls_view_body body;
    for (size_t i = 0; vls_view_body(a, i, &body); i++) {
        json_t *object = json_object();
        json_object_set_new(object, "id", vls_json_text(body.id));
        json_object_set_new(object, "name", vls_json_text(body.name));
        json_object_set_new(object, "through", vls_json_text(body.through));
        json_object_set_new(object, "members", list_json(&body.members));
        json_object_set_new(object, "from", vls_json_time(body.from_ms));
        json_object_set_new(object, "until", vls_json_time(body.until_ms));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *equivalences_json(const struct vls_arrangement *a)
{
    json_t *array = json_array();
    struct vls_view_equivalence e;
    char text[2 * VLS_MAX_NAME + 2];
    for (size_t i = 0; vls_view_equivalence(a, i, &e); i++) {
        json_t *object = json_object();
        snprintf(text, sizeof text, "%s/%s", e.from_scheme, e.from);
        json_object_set_new(object, "from", vls_json_text(text));
        snprintf(text, sizeof text, "%s/%s", e.to_scheme, e.to);
        json_object_set_new(object, "to", vls_json_text(text));
        json_object_set_new(object, "adds", list_json(&e.adds));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *head_json(const struct vls_arrangement *a)
{
    json_t *object = json_object();
    const char *house_of = vls_arrangement_house_of(a);
    uint64_t expires_ms = vls_arrangement_expires(a);
    bool is_house = *house_of != '\0';
    json_object_set_new(object, "what", vls_json_text(is_house ? "house-rules" : "arrangement"));
    json_object_set_new(object, "name", vls_json_text(vls_arrangement_name(a)));
    json_object_set_new(object, "of", is_house ? vls_json_text(house_of) : json_null());
    json_object_set_new(object, "version", vls_json_number(vls_arrangement_version(a)));
    json_object_set_new(object, "digest", digest_json(vls_arrangement_digest(a)));
    json_object_set_new(object, "supersedes", vls_json_number(vls_view_supersedes(a)));
    json_object_set_new(object, "supersedes_digest", digest_json(vls_arrangement_supersedes(a)));
    json_object_set_new(object, "basis", vls_json_text(vls_arrangement_basis(a)));
    json_object_set_new(object, "by_approval", json_boolean(vls_arrangement_is_by_approval(a)));
    json_object_set_new(object, "not_before", vls_json_time(vls_arrangement_not_before(a)));
    json_object_set_new(object, "approve_by", vls_json_time(vls_arrangement_approve_by(a)));
    json_object_set_new(object, "expires",
                        expires_ms == UINT64_MAX ? json_null() : vls_json_time(expires_ms));
    json_object_set_new(object, "parties", parties_json(a));
    json_object_set_new(object, "bodies", bodies_json(a));
    json_object_set_new(object, "equivalences", equivalences_json(a));
    return object;
}

static VLS_STATUS rules_json(struct cli *cli, const struct vls_arrangement *a, struct vls_why *why)
{
    struct vls_buf conditions VLS_DEFER(vls_buf_fini);
    struct vls_view_rule rule;
    vls_buf_init(&conditions, VLS_MAX_CONDITIONS_TEXT);
    for (size_t i = 0; vls_view_rule(a, i, &rule); i++) {
        vls_buf_clear(&conditions);
        VLS_TRY(vls_view_conditions(a, i, &conditions));
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("rule"));
        json_object_set_new(object, "id", vls_json_text(rule.id));
        json_object_set_new(object, "line", vls_json_number(rule.line));
        json_object_set_new(object, "effect", vls_json_text(rule.effect));
        json_object_set_new(object, "basis", vls_json_text(rule.basis));
        json_object_set_new(object, "when", vls_json_text(vls_buf_text(&conditions)));
        json_object_set_new(object, "approvals", vls_json_number(rule.approvals));
        json_object_set_new(object, "retain_years", vls_json_number(rule.retain_years));
        json_object_set_new(object, "duties", list_json(&rule.duties));
        VLS_TRY(vls_json_line(cli, object, why));
    }
    return VLS_DONE;
}

static VLS_STATUS say(struct cli *cli, const struct vls_arrangement *a, struct vls_why *why)
{
    if (!cli->is_json)
        return print(cli, a);
    VLS_TRY(vls_json_line(cli, head_json(a), why));
    return rules_json(cli, a, why);
}

struct vls_status vls_arrangement_cmd_show(struct cli *cli, const struct cli_args *args,
                                           struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct cli_books books;
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_books_load(args->operands[1], args, &schemes, &books, why));
    struct vls_status status = say(cli, books.joint, why);
    if (vls_ok(status) && books.house != NULL) {
        if (!cli->is_json)
            fputc('\n', cli->out);
        status = say(cli, books.house, why);
    }
    vls_cli_books_fini(&books);
    return status;
}
