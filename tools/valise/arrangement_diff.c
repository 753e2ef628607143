/* valise arrangement diff: what is written otherwise in two versions, and which messages are
 * decided otherwise for it. */
#include <inttypes.h>
#include <string.h>

#include "arrangement_books.h"
#include "arrangement_commands.h"
#include "base/text.h"
#include "labels.h"
#include "policy/difference.h"
#include "show.h"

/** Exit status of arrangements that differ, as diff(1) has it. */
#define EXIT_DIFFERENT 1
#define WORDS_MAX      65536

/** What is searched by itself: what goes out, and what comes in. */
struct pass {
    struct vls_books books[2];
    struct vls_space *space;
    struct vls_difference found;
    bool is_incoming;
};

struct diff {
    struct cli *cli;
    struct cli_books files[2]; /* old, new */
    struct vls_books books[2];
    struct vls_arrangement *open[2]; /* in place of the arrangement, for what comes in */
    struct pass passes[2];
    size_t pass_count, listed;
    struct table table;
    size_t declared;
    struct vls_why *why;
};

/* -- what is written otherwise ----------------------------------------------------------------- */

static struct vls_status tell_declared(void *ctx, const struct vls_declared *declared)
{
    struct diff *d = ctx;
    d->declared++;
    if (!d->cli->is_json) {
        vls_table_add(&d->table, declared->change);
        vls_table_add_format(&d->table, "%s %s", declared->what, declared->name);
        vls_table_add(&d->table, *declared->before != '\0' ? declared->before : "-");
        vls_table_add(&d->table, *declared->after != '\0' ? declared->after : "-");
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "what", vls_json_text("declared"));
    json_object_set_new(object, "of", vls_json_text(declared->what));
    json_object_set_new(object, "name", vls_json_text(declared->name));
    json_object_set_new(object, "change", vls_json_text(declared->change));
    json_object_set_new(object, "old", vls_json_text(declared->before));
    json_object_set_new(object, "new", vls_json_text(declared->after));
    return vls_json_line(d->cli, object, d->why);
}

static VLS_STATUS show_declared(struct diff *d)
{
    static const char *const TITLES[] = {"CHANGE", "OF", "OLD", "NEW", NULL};
    vls_table_init(&d->table, TITLES);
    struct vls_status status =
        vls_difference_declared(&d->books[0], &d->books[1], tell_declared, d, d->why);
    if (vls_ok(status) && d->declared != 0 && !d->cli->is_json) {
        fputs("Written otherwise\n\n", d->cli->out);
        vls_table_print(d->cli, &d->table);
        fputc('\n', d->cli->out);
    }
    vls_table_fini(&d->table);
    return status;
}

/* -- what is decided otherwise ----------------------------------------------------------------- */

static const char *direction_word(const struct vls_change *change)
{
    int direction = vls_change_direction(change);
    return direction < 0 ? "milder" : direction > 0 ? "stricter" : "other";
}

static const char *responsible(const struct vls_change *change)
{
    if (change->rule != NULL)
        return change->rule->id;
    switch (change->cause) {
    case VLS_CAUSE_NOT_IN_FORCE:
        return "(time in force)";
    case VLS_CAUSE_BODY:
        return "(bodies)";
    case VLS_CAUSE_RULE:
        return "(equivalence)";
    default:
        return "(parties and schemes)";
    }
}

static VLS_STATUS example_of(struct diff *d, const struct pass *pass,
                             const struct vls_change *change, struct vls_buf *words,
                             const char **out)
{
    vls_buf_clear(words);
    VLS_TRY(vls_change_words(pass->space, &pass->books[0], &pass->books[1], change, words, d->why));
    *out = vls_buf_text(words);
    return *out != NULL ? VLS_DONE
                        : vls_fail(VLS_SYSTEM_MEMORY, d->why, "no memory for an example");
}

static VLS_STATUS show_as_json(struct diff *d, const struct vls_change *change, const char *example)
{
    char from[VLS_CHANGE_TEXT], to[VLS_CHANGE_TEXT];
    json_t *object = json_object();
    vls_change_from_to(change, from, to);
    json_object_set_new(object, "what", vls_json_text("decided"));
    json_object_set_new(object, "direction", vls_json_text(direction_word(change)));
    json_object_set_new(object, "old", vls_json_text(from));
    json_object_set_new(object, "new", vls_json_text(to));
    json_object_set_new(object, "by", vls_json_text(responsible(change)));
    json_object_set_new(object, "house", json_boolean(change->is_house));
    json_object_set_new(object, "unusual", vls_json_number(change->cost));
    json_object_set_new(object, "example", vls_json_text(example));
    return vls_json_line(d->cli, object, d->why);
}

static void print_table(struct diff *d, const struct pass *pass)
{
    const struct vls_difference *found = &pass->found;
    static const char *const TITLES[] = {">#", "NOW", "OLD", "NEW", "BY", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < found->count; i++) {
        const struct vls_change *change = &found->changes[i];
        char from[VLS_CHANGE_TEXT], to[VLS_CHANGE_TEXT];
        vls_change_from_to(change, from, to);
        vls_table_add_format(&table, "%zu", d->listed + i + 1);
        vls_table_add_coloured(&table, direction_word(change),
                               vls_change_direction(change) < 0 ? TABLE_WARN : TABLE_PLAIN);
        vls_table_add(&table, *from != '\0' ? from : "-");
        vls_table_add(&table, *to != '\0' ? to : "-");
        vls_table_add_format(&table, "%s%s", responsible(change),
                             change->is_house ? " (house)" : "");
    }
    fprintf(d->cli->out, "%sDecided otherwise%s\n\n", d->listed != 0 ? "\n" : "",
            pass->is_incoming ? ", of what comes in" : "");
    vls_table_print(d->cli, &table);
    fputs("\nThe smallest message of each\n\n", d->cli->out);
    vls_table_fini(&table);
}

static VLS_STATUS show_changes(struct diff *d, const struct pass *pass)
{
    struct vls_buf words VLS_DEFER(vls_buf_fini);
    vls_buf_init(&words, WORDS_MAX);
    if (pass->found.count != 0 && !d->cli->is_json)
        print_table(d, pass);
    for (size_t i = 0; i < pass->found.count; i++) {
        const char *example = NULL;
        VLS_TRY(example_of(d, pass, &pass->found.changes[i], &words, &example));
        if (d->cli->is_json)
            VLS_TRY(show_as_json(d, &pass->found.changes[i], example));
        else
            fprintf(d->cli->out, "%3zu  %s\n", d->listed + i + 1, example);
    }
    d->listed += pass->found.count;
    return VLS_DONE;
}

/* -- how far the search went ------------------------------------------------------------------- */

static void say_partly(struct diff *d, const struct vls_difference *found)
{
    enum { NAMED = 10 };
    if (found->partly_count == 0)
        return;
    fprintf(d->cli->err,
            "valise arrangement: for %zu changed rules the search was given up (%" PRIu64
            " branches in all): what is listed is right, but there may be more, and smaller "
            "examples. These are:",
            found->partly_count, found->states);
    for (size_t i = 0; i < found->partly_count && i < NAMED; i++)
        fprintf(d->cli->err, "%s %s", i != 0 ? "," : "", found->partly[i]);
    fputs(found->partly_count > NAMED ? " ...\n" : "\n", d->cli->err);
}

static void say_space(struct diff *d, const struct vls_space *space)
{
    for (unsigned axis = 0; axis < VLS_AXES; axis++) {
        const struct vls_space_axis *a = &space->axes[axis];
        if (a->most < a->elements)
            fprintf(d->cli->err,
                    "valise arrangement: %s: of %zu that rules can tell apart, messages with up to "
                    "%zu at once were searched\n",
                    vls_axis_name((enum vls_axis)axis), a->elements, a->most);
    }
}

struct totals {
    size_t milder, stricter, searched, partly;
    uint64_t branches;
};

static struct totals add_up(const struct diff *d)
{
    struct totals t = {.milder = 0};
    for (size_t p = 0; p < d->pass_count; p++) {
        const struct vls_difference *found = &d->passes[p].found;
        for (size_t i = 0; i < found->count; i++) {
            t.milder += vls_change_direction(&found->changes[i]) < 0;
            t.stricter += vls_change_direction(&found->changes[i]) > 0;
        }
        t.searched += found->searched;
        t.partly += found->partly_count;
        t.branches += found->states;
    }
    return t;
}

static VLS_STATUS show_result(struct diff *d)
{
    const struct totals t = add_up(d);
    for (size_t p = 0; p < d->pass_count; p++) {
        if (d->passes[p].found.searched == 0)
            continue;
        say_space(d, d->passes[p].space);
        say_partly(d, &d->passes[p].found);
    }
    if (d->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("result"));
        json_object_set_new(object, "declared", vls_json_number(d->declared));
        json_object_set_new(object, "milder", vls_json_number(t.milder));
        json_object_set_new(object, "stricter", vls_json_number(t.stricter));
        json_object_set_new(object, "searched", vls_json_number(t.searched));
        json_object_set_new(object, "partly", vls_json_number(t.partly));
        json_object_set_new(object, "branches", vls_json_number(t.branches));
        return vls_json_line(d->cli, object, d->why);
    }
    if (d->listed == 0)
        fputs(t.partly == 0 ? "No message is decided otherwise.\n"
                            : "No message was found that is decided otherwise.\n",
              d->cli->out);
    else
        fprintf(d->cli->out, "\n%zu milder, %zu stricter.\n", t.milder, t.stricter);
    return VLS_DONE;
}

/* -- the whole --------------------------------------------------------------------------------- */

/** Whose house rules they are; NULL when the sides do not agree in it. */
static const char *house_party(const struct vls_books books[2])
{
    const struct vls_arrangement *a = books[0].house, *b = books[1].house;
    if (a == NULL || b == NULL)
        return vls_arrangement_house_of(a != NULL ? a : b);
    bool is_one = vls_text_is_equal(vls_arrangement_house_of(a), vls_arrangement_house_of(b));
    return is_one ? vls_arrangement_house_of(a) : NULL;
}

static VLS_STATUS search(struct diff *d, const struct vls_books *books, bool is_incoming,
                         uint64_t at_ms)
{
    struct pass *pass = &d->passes[d->pass_count++];
    *pass = (struct pass){.books = {books[0], books[1]}, .is_incoming = is_incoming};
    VLS_TRY(vls_space_make(books, 2, at_ms, &pass->space, d->why));
    if (is_incoming)
        vls_space_keep_incoming(pass->space, house_party(books));
    else
        vls_space_keep_outgoing(pass->space);
    VLS_TRY(vls_difference_find(pass->space, &pass->books[0], &pass->books[1],
                                VLS_DIFFERENCE_MAX_STATES, &pass->found, d->why));
    return show_changes(d, pass);
}

/** With the parties and bodies of that side, and a rule that lets everything in. */
static VLS_STATUS make_open(struct diff *d, size_t side, const struct vls_scheme_set *schemes)
{
    static const char FORM[] = "house-rules: none\nparty: %s\nversion: 1\nrules:\n"
                               "  - { id: let-in, effect: release, basis: none }\n";
    const struct vls_arrangement *joint = d->books[side].joint;
    char yaml[sizeof FORM + VLS_MAX_PARTY];
    snprintf(yaml, sizeof yaml, FORM, vls_arrangement_party_at(joint, 0));
    return vls_house_rules_read(vls_slice_text(yaml), "what lets everything in", schemes, joint,
                                &d->open[side], d->why);
}

/** Of what comes in the house rules alone are asked, and where they are silent it is let in:
 * decide.h. */
static VLS_STATUS search_incoming(struct diff *d, const struct vls_scheme_set *schemes,
                                  uint64_t at_ms)
{
    struct vls_books books[2];
    if (d->books[0].house == NULL && d->books[1].house == NULL)
        return VLS_DONE;
    for (size_t side = 0; side < 2; side++) {
        VLS_TRY(make_open(d, side, schemes));
        books[side] = (struct vls_books){.joint = d->open[side], .house = d->books[side].house};
    }
    return search(d, books, true, at_ms);
}

static VLS_STATUS compare(struct diff *d, const struct vls_scheme_set *schemes, uint64_t at_ms)
{
    VLS_TRY(show_declared(d));
    VLS_TRY(search(d, d->books, false, at_ms));
    VLS_TRY(search_incoming(d, schemes, at_ms));
    VLS_TRY(show_result(d));
    if (d->declared != 0 || d->listed != 0)
        d->cli->exit_status = EXIT_DIFFERENT;
    return VLS_DONE;
}

static void diff_fini(struct diff *d)
{
    for (size_t p = 0; p < d->pass_count; p++) {
        vls_difference_fini(&d->passes[p].found);
        vls_space_free(&d->passes[p].space);
    }
    vls_arrangement_free(&d->open[0]);
    vls_arrangement_free(&d->open[1]);
    vls_cli_books_fini(&d->files[0]);
    vls_cli_books_fini(&d->files[1]);
}

/** Each side has house rules of its own: what --house is to the other sub-commands. */
static struct cli_args of_side(const struct cli_args *args, const char *option)
{
    static const struct cli_option HOUSE = {"house", 0, "FILE"};
    struct cli_args side = {.operand_count = 0};
    if (vls_cli_has(args, option))
        side.given[side.given_count++] = (struct cli_given){&HOUSE, vls_cli_value(args, option)};
    return side;
}

static VLS_STATUS load_and_compare(struct diff *d, const struct cli_args *args,
                                   const struct vls_scheme_set *schemes, uint64_t at_ms)
{
    static const char *const HOUSES[] = {"house-a", "house-b"};
    for (size_t side = 0; side < 2; side++) {
        const struct cli_args own = of_side(args, HOUSES[side]);
        VLS_TRY(
            vls_cli_books_load(args->operands[1 + side], &own, schemes, &d->files[side], d->why));
        d->books[side] = (struct vls_books){d->files[side].joint, d->files[side].house};
    }
    return compare(d, schemes, at_ms);
}

struct vls_status vls_arrangement_cmd_diff(struct cli *cli, const struct cli_args *args,
                                           struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct diff d = {.cli = cli, .why = why};
    uint64_t at_ms = 0;
    VLS_TRY(vls_cli_books_time(cli, args, &at_ms, why));
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    struct vls_status status = load_and_compare(&d, args, &schemes, at_ms);
    diff_fini(&d);
    return status;
}
