#ifndef VALISE_POLICY_SURVEY_INTERNAL_H
#define VALISE_POLICY_SURVEY_INTERNAL_H
/* policy/survey_internal - the inside of a survey, for the files survey*.c only. */
#include "config/yaml.h"
#include "policy/space.h"
#include "policy/survey.h"

/* -- the search: survey_search.c --------------------------------------------------------------- */

/** For each rule, the values of each axis that its condition lets by: one bit each. */
struct vls_survey_rows {
    uint64_t *bits; /* rule after rule */
    size_t rule_count;
};

/** What asks for messages, with the space and all rules held against it once. */
struct vls_survey_search {
    struct vls_books books;
    struct vls_space *space;
    size_t first[VLS_AXES + 1];          /* word of each axis in a row */
    struct vls_survey_rows joint, house; /* house empty when there are none */
    uint64_t *third;                     /* per way: originators with a third party among them */
    uint64_t *valid;                     /* per way and time: labels that the sender can give */
    uint64_t steps, steps_left;          /* so far; of this question */
};

/** Why a rule matches nothing: what stood last in the way. */
enum vls_obstacle {
    VLS_OBSTACLE_NONE,
    VLS_OBSTACLE_WHO,  /* no kind, way or body of the rule fits the others */
    VLS_OBSTACLE_BODY, /* the body is not there, or has no members */
    VLS_OBSTACLE_TIME, /* arrangement and scheme are never valid together */
    VLS_OBSTACLE_AXIS, /* no value of one axis is left */
};

/** A message that is sought: it matches `rule`, and `other` when there is one. */
struct vls_survey_hunt {
    const struct vls_rule *rule, *other;
    bool is_house;               /* `rule` is; `other` never is */
    bool decides;                /* nothing stricter than `rule` matches; else it need not */
    const bool *among;           /* decides: look at these rules of its book alone; NULL: all */
    const struct vls_kind *kind; /* NULL: any */
    const struct vls_rule_body *body; /* NULL: any */
};

struct vls_survey_catch {
    bool is_found;
    bool is_bounded; /* not found within the steps */
    struct vls_point point;
    enum vls_obstacle obstacle; /* of what was nearest */
    enum vls_axis axis;         /* of VLS_OBSTACLE_AXIS */
    const struct vls_kind *kind;
    const char *from, *body;
};

/** @return SYSTEM_MEMORY */
VLS_STATUS vls_survey_search_make(const struct vls_books *books, uint64_t at_ms,
                                  struct vls_survey_search *out, struct vls_why *why);
/** Two rules of the arrangement have values in common on each axis: a quick look before a hunt. */
bool vls_survey_may_meet(const struct vls_survey_search *search, const struct vls_rule *a,
                         const struct vls_rule *b);
void vls_survey_search_fini(struct vls_survey_search *search);
VLS_STATUS vls_survey_hunt(struct vls_survey_search *search, const struct vls_survey_hunt *hunt,
                           struct vls_survey_catch *out, struct vls_why *why);

/* -- findings ---------------------------------------------------------------------------------- */

/** One of the two files. */
struct vls_survey_file {
    const struct vls_arrangement *book;
    const char *name;
    struct vls_yaml_places places;
};

struct vls_surveying {
    const struct vls_survey_question *question;
    struct vls_survey_file joint, house;
    struct vls_survey_search search;
    struct vls_survey *out;
    struct vls_why *why;
    struct vls_finding spare; /* for those that are not kept */
    bool is_doubtful;         /* something was not found, which a set that is not whole may hold */
};

/** A finding about the value at `path` ("rules[3]"), with its words; its remedy comes next, if any.
 * Never NULL. */
struct vls_finding *vls_survey_add(struct vls_surveying *s, const struct vls_survey_file *file,
                                   enum vls_severity severity, const char *code, const char *path,
                                   const char *fmt, ...) VLS_PRINTF(6, 7);
void vls_survey_remedy(struct vls_finding *finding, const char *fmt, ...) VLS_PRINTF(2, 3);

#define VLS_SURVEY_PATH 64 /* "rules[16383].when.bodies[31]" */
struct vls_survey_path {
    char text[VLS_SURVEY_PATH];
};
/** "KEY[I]" */
struct vls_survey_path vls_survey_at(const char *key, size_t i);
/** "rules[I].when.MANY[K]", or "rules[I].when.ONE" when the file gives that in place of a list. */
struct vls_survey_path vls_survey_at_item(const struct vls_survey_file *file, size_t rule,
                                          const char *one, const char *many, size_t k);

/* The parts of a survey. */
VLS_STATUS vls_survey_rules(struct vls_surveying *s); /* of both files */
VLS_STATUS vls_survey_kinds(struct vls_surveying *s); /* that are never let go */
void vls_survey_same(struct vls_surveying *s);        /* conditions given twice */
bool vls_survey_is_same(const struct vls_rule *a, const struct vls_rule *b);
void vls_survey_labels(struct vls_surveying *s); /* that do not get across */
void vls_survey_dates(struct vls_surveying *s);  /* of arrangement and bodies */

#endif
