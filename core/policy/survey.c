#include "policy/survey.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/arrangement_yaml.h"
#include "policy/survey_internal.h"

const char *vls_severity_name(enum vls_severity severity)
{
    static const char *const NAMES[] = {"notice", "warning", "error"};
    return NAMES[severity];
}

/* -- findings ---------------------------------------------------------------------------------- */

/** Room for one more; what is beyond the bound, or the memory, is only counted. */
static struct vls_finding *make_room(struct vls_surveying *s)
{
    struct vls_survey *out = s->out;
    if (out->count == out->room) {
        size_t room = out->room == 0 ? 32 : 2 * out->room;
        struct vls_finding *more =
            room <= VLS_SURVEY_FINDINGS ? vls_mem_resize(out->at, room * sizeof *more) : NULL;
        if (more == NULL) {
            out->left_out++;
            return &s->spare;
        }
        out->at = more;
        out->room = room;
    }
    return &out->at[out->count++];
}

/** Id of the rule in a path such as "rules[3].when". */
static void copy_rule(const struct vls_survey_file *file, const char *path,
                      char out[VLS_MAX_NAME + 1])
{
    static const char KEY[] = "rules[";
    out[0] = '\0';
    if (strncmp(path, KEY, sizeof KEY - 1) != 0)
        return;
    size_t i = strtoul(path + sizeof KEY - 1, NULL, 10);
    if (i < file->book->rule_count)
        vls_text_copy(out, VLS_MAX_NAME + 1, file->book->rules[i].id);
}

struct vls_finding *vls_survey_add(struct vls_surveying *s, const struct vls_survey_file *file,
                                   enum vls_severity severity, const char *code, const char *path,
                                   const char *fmt, ...)
{
    struct vls_finding *f = make_room(s);
    const struct vls_yaml_place *place = vls_yaml_place(&file->places, path);
    *f = (struct vls_finding){.severity = severity, .code = code, .file = file->name};
    if (place != NULL) {
        f->line = place->line;
        f->column = place->column;
    }
    copy_rule(file, path, f->rule);
    va_list args;
    va_start(args, fmt);
    vsnprintf(f->words, sizeof f->words, fmt, args);
    va_end(args);
    s->out->counts[severity]++;
    return f;
}

void vls_survey_remedy(struct vls_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(finding->remedy, sizeof finding->remedy, fmt, args);
    va_end(args);
}

struct vls_survey_path vls_survey_at(const char *key, size_t i)
{
    struct vls_survey_path path;
    snprintf(path.text, sizeof path.text, "%s[%zu]", key, i);
    return path;
}

struct vls_survey_path vls_survey_at_item(const struct vls_survey_file *file, size_t rule,
                                          const char *one, const char *many, size_t k)
{
    struct vls_survey_path path;
    snprintf(path.text, sizeof path.text, "rules[%zu].when.%s[%zu]", rule, many, k);
    if (vls_yaml_place(&file->places, path.text) == NULL)
        snprintf(path.text, sizeof path.text, "rules[%zu].when.%s", rule, one);
    return path;
}

static int by_place(const void *a, const void *b)
{
    const struct vls_finding *x = a, *y = b;
    if (x->is_house != y->is_house)
        return x->is_house - y->is_house;
    if (x->line != y->line)
        return (x->line > y->line) - (x->line < y->line);
    if (x->column != y->column)
        return (x->column > y->column) - (x->column < y->column);
    return strcmp(x->words, y->words);
}

/* -- the whole --------------------------------------------------------------------------------- */

static VLS_STATUS scan(struct vls_survey_file *file, struct vls_slice yaml, struct vls_why *why)
{
    const struct vls_yaml_source source = {.yaml = yaml,
                                           .file = file->name,
                                           .schema = &VLS_ARRANGEMENT_SCHEMA,
                                           .code = VLS_POLICY_INVALID};
    return vls_yaml_scan(&source, &file->places, why);
}

/** Sets that matter and were not searched in full, where something was not found. Of words one of
 * each rule is enough; of originators, those, the sender and a third party. */
static void say_bounds(struct vls_surveying *s)
{
    const struct vls_space_axis *labels = &s->search.space->axes[VLS_AXIS_LABEL];
    const struct vls_space_axis *originators = &s->search.space->axes[VLS_AXIS_ORIGINATORS];
    const size_t enough = s->house.book != NULL ? 4 : 3;
    if (s->is_doubtful && labels->most < labels->elements)
        vls_survey_add(s, &s->joint, VLS_SEVERITY_NOTICE, "bounded", "rules",
                       "labels with more than %zu of %zu categories at once were not searched",
                       labels->most, labels->elements);
    if (s->is_doubtful && originators->most < originators->elements && originators->most < enough)
        vls_survey_add(s, &s->joint, VLS_SEVERITY_NOTICE, "bounded", "rules",
                       "sets of more than %zu of %zu originators were not searched",
                       originators->most, originators->elements);
}

static VLS_STATUS survey(struct vls_surveying *s)
{
    const struct vls_survey_question *q = s->question;
    const struct vls_books books = {.joint = q->joint, .house = q->house};
    VLS_TRY(scan(&s->joint, q->yaml, s->why));
    if (q->house != NULL)
        VLS_TRY(scan(&s->house, q->house_yaml, s->why));
    VLS_TRY(vls_survey_search_make(&books, q->at_ms, &s->search, s->why));
    vls_survey_same(s);
    VLS_TRY(vls_survey_rules(s));
    VLS_TRY(vls_survey_kinds(s));
    say_bounds(s);
    vls_survey_labels(s);
    vls_survey_dates(s);
    return VLS_DONE;
}

struct vls_status vls_survey_make(const struct vls_survey_question *question,
                                  struct vls_survey *out, struct vls_why *why)
{
    struct vls_survey survey_out = {.at = NULL};
    struct vls_surveying s = {.question = question,
                              .joint = {.book = question->joint, .name = question->file},
                              .house = {.book = question->house, .name = question->house_file},
                              .out = &survey_out,
                              .why = why};
    struct vls_status status = survey(&s);
    vls_yaml_places_fini(&s.joint.places);
    vls_yaml_places_fini(&s.house.places);
    survey_out.steps = s.search.steps;
    vls_survey_search_fini(&s.search);
    if (!vls_ok(status)) {
        vls_survey_fini(&survey_out);
        return status;
    }
    for (size_t i = 0; i < survey_out.count; i++)
        survey_out.at[i].is_house = survey_out.at[i].file == question->house_file;
    if (survey_out.count != 0)
        qsort(survey_out.at, survey_out.count, sizeof survey_out.at[0], by_place);
    *out = survey_out;
    return VLS_DONE;
}

void vls_survey_fini(struct vls_survey *survey)
{
    vls_mem_free(survey->at);
    survey->at = NULL;
    survey->count = 0;
}
