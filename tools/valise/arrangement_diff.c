/* valise arrangement diff: what is written otherwise in two versions, and which messages are
 * decided otherwise for it. */
#include <inttypes.h>
#include <string.h>

#include "arrangement_books.h"
#include "arrangement_commands.h"
#include "labels.h"
#include "policy/difference.h"
#include "show.h"

/** Exit status of arrangements that differ, as diff(1) has it. */
#define EXIT_DIFFERENT 1
#define WORDS_MAX      65536

struct diff {
    struct cli *cli;
    struct cli_books files[2]; /* old, new */
    struct vls_books books[2];
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

static VLS_STATUS example_of(struct diff *d, const struct vls_space *space,
                             const struct vls_change *change, struct vls_buf *words,
                             const char **out)
{
    vls_buf_clear(words);
    VLS_TRY(vls_change_words(space, &d->books[0], &d->books[1], change, words, d->why));
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

static void print_table(struct diff *d, const struct vls_difference *found)
{
    static const char *const TITLES[] = {">#", "NOW", "OLD", "NEW", "BY", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < found->count; i++) {
        const struct vls_change *change = &found->changes[i];
        char from[VLS_CHANGE_TEXT], to[VLS_CHANGE_TEXT];
        vls_change_from_to(change, from, to);
        vls_table_add_format(&table, "%zu", i + 1);
        vls_table_add_coloured(&table, direction_word(change),
                               vls_change_direction(change) < 0 ? TABLE_WARN : TABLE_PLAIN);
        vls_table_add(&table, *from != '\0' ? from : "-");
        vls_table_add(&table, *to != '\0' ? to : "-");
        vls_table_add_format(&table, "%s%s", responsible(change),
                             change->is_house ? " (house)" : "");
    }
    fputs("Decided otherwise\n\n", d->cli->out);
    vls_table_print(d->cli, &table);
    fputs("\nThe smallest message of each\n\n", d->cli->out);
    vls_table_fini(&table);
}

static VLS_STATUS show_changes(struct diff *d, const struct vls_space *space,
                               const struct vls_difference *found)
{
    struct vls_buf words VLS_DEFER(vls_buf_fini);
    vls_buf_init(&words, WORDS_MAX);
    if (found->count != 0 && !d->cli->is_json)
        print_table(d, found);
    for (size_t i = 0; i < found->count; i++) {
        const char *example = NULL;
        VLS_TRY(example_of(d, space, &found->changes[i], &words, &example));
        if (d->cli->is_json)
            VLS_TRY(show_as_json(d, &found->changes[i], example));
        else
            fprintf(d->cli->out, "%3zu  %s\n", i + 1, example);
    }
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

static VLS_STATUS show_result(struct diff *d, const struct vls_space *space,
                              const struct vls_difference *found)
{
    size_t milder = 0, stricter = 0;
    for (size_t i = 0; i < found->count; i++) {
        milder += vls_change_direction(&found->changes[i]) < 0;
        stricter += vls_change_direction(&found->changes[i]) > 0;
    }
    if (found->searched != 0) {
        say_space(d, space);
        say_partly(d, found);
    }
    if (d->cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "what", vls_json_text("result"));
        json_object_set_new(object, "declared", vls_json_number(d->declared));
        json_object_set_new(object, "milder", vls_json_number(milder));
        json_object_set_new(object, "stricter", vls_json_number(stricter));
        json_object_set_new(object, "searched", vls_json_number(found->searched));
        json_object_set_new(object, "partly", vls_json_number(found->partly_count));
        json_object_set_new(object, "branches", vls_json_number(found->states));
        return vls_json_line(d->cli, object, d->why);
    }
    if (found->count == 0)
        fputs(found->partly_count == 0 ? "No message is decided otherwise.\n"
                                       : "No message was found that is decided otherwise.\n",
              d->cli->out);
    else
        fprintf(d->cli->out, "\n%zu milder, %zu stricter.\n", milder, stricter);
    return VLS_DONE;
}

/* -- the whole --------------------------------------------------------------------------------- */

static VLS_STATUS compare(struct diff *d, uint64_t at_ms)
{
    struct vls_space *space VLS_DEFER(vls_space_free) = NULL;
    struct vls_difference found VLS_DEFER(vls_difference_fini) = {.count = 0};
    VLS_TRY(show_declared(d));
    VLS_TRY(vls_space_make(d->books, 2, at_ms, &space, d->why));
    VLS_TRY(vls_difference_find(space, &d->books[0], &d->books[1], VLS_DIFFERENCE_MAX_STATES,
                                &found, d->why));
    VLS_TRY(show_changes(d, space, &found));
    VLS_TRY(show_result(d, space, &found));
    if (d->declared != 0 || found.count != 0)
        d->cli->exit_status = EXIT_DIFFERENT;
    return VLS_DONE;
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
    return compare(d, at_ms);
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
    vls_cli_books_fini(&d.files[0]);
    vls_cli_books_fini(&d.files[1]);
    return status;
}
